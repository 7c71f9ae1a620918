//! Files of certificates: PEM and DER as [`pem`] reads them, and the certificates in PKCS #7 messages (`.p7b`, RFC 5652
//! section 5: SignedData without signers).

use super::malformed;
use super::signed_data::{certificates as carried, normalised, signed_data};
use crate::pem::{self, Encoded};
use crate::refusal::{Code, Refusal};
use crate::x509::Certificate;
use crate::x509::fields::constructed;
use alloc::vec::Vec;
use der::Tag;

/// Reads at most `most` certificates, in their order. Of a message nothing but its certificates counts: lists and
/// signers in it are not looked at, and nothing is verified.
///
/// # Errors
/// As [`pem::bundle`], and those of [`Certificate::from_der`]; for a message those of [`ber::to_der`](crate::ber::to_der),
/// [`Code::CmsTooLarge`], [`Code::CmsContentType`] and [`Code::CmsMalformed`].
pub fn certificates(text: &str, most: usize) -> Result<Vec<Certificate>, Refusal> {
    let mut all = Vec::new();
    for encoded in pem::bundle(text, most)? {
        match encoded {
            Encoded::Certificate(der) => all.push(der),
            Encoded::Message(message) => all.extend(of_message(&message)?),
        }
        if all.len() > most {
            return Err(Refusal::new(Code::CertificatesTooMany)
                .expected(format_args!("at most {most}"))
                .found(all.len()));
        }
    }
    all.iter().map(|der| Certificate::from_der(der)).collect()
}

/// The certificates that a message carries, unparsed.
fn of_message(message: &[u8]) -> Result<Vec<Vec<u8>>, Refusal> {
    let der = normalised(message)?;
    let mut fields = signed_data(&der)?;
    fields.take(Tag::Integer, "version")?;
    fields.take(Tag::Set, "digestAlgorithms")?;
    fields.take(Tag::Sequence, "encapContentInfo")?;
    let certificates = carried(&mut fields)?;
    fields.take_if(constructed(1), "crls")?;
    fields.take(Tag::Set, "signerInfos")?;
    fields.finish("SignedData")?;
    match certificates.is_empty() {
        true => Err(malformed("certificates").expected("one at least")),
        false => Ok(certificates),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64;
    use crate::ber::writer::{NULL, indefinite, integer, octet_string, oid, sequence, set, value};
    use crate::x509::tests::forge::{any_leaf, any_root};
    use alloc::format;
    use alloc::string::String;

    const SIGNED: &str = "1.2.840.113549.1.7.2";

    /// SignedData of this type with these certificates and what stands behind them.
    fn message(kind: &str, certificates: &[&[u8]], behind: &[&[u8]]) -> Vec<u8> {
        let data = sequence(&[&oid("1.2.840.113549.1.7.1")]);
        let mut parts = [integer(1), set(&[]), data, value(0xa0, certificates)].concat();
        behind.iter().for_each(|part| parts.extend_from_slice(part));
        sequence(&[&oid(kind), &value(0xa0, &[&sequence(&[&parts])])])
    }

    fn armoured(label: &str, der: &[u8]) -> String {
        let body = base64::encode_standard(der);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    }

    fn check(text: &str, expect: Result<&[&[u8]], Code>) {
        let read = certificates(text, 3);
        let read = read.as_ref().map(|all| all.iter().map(Certificate::raw).collect::<Vec<_>>());
        assert_eq!(read.as_deref().map_err(|refusal| refusal.code()), expect, "{text}");
    }

    #[test]
    fn certificates_are_taken_out_of_messages() {
        let (leaf, root) = (any_leaf(), any_root());
        let both: &[&[u8]] = &[&leaf, &root];
        let bundle = message(SIGNED, both, &[&set(&[])]);
        check(&armoured("PKCS7", &bundle), Ok(both));
        check(&armoured("PKCS #7 SIGNED DATA", &bundle), Ok(both));
        check(&base64::encode_standard(&bundle), Ok(both));
        check(&format!("# the chain\n{}", armoured("CMS", &bundle)), Ok(both));
        check(
            &format!("{}{}", armoured("CERTIFICATE", &root), armoured("PKCS7", &bundle)),
            Ok(&[&root, &leaf, &root]),
        );
        // Lists and signers in a message do not count, whatever they are.
        let list = value(0xa1, &[&sequence(&[NULL])]);
        let signer = set(&[&sequence(&[&integer(9)])]);
        check(&armoured("PKCS7", &message(SIGNED, both, &[&list, &signer])), Ok(both));
        // BER, as some authorities write it.
        let data =
            sequence(&[&oid("1.2.840.113549.1.7.1"), &indefinite(0xa0, &[&octet_string(b"x")])]);
        let parts = [integer(1), set(&[]), data, indefinite(0xa0, both), set(&[])].concat();
        let loose =
            indefinite(0x30, &[&oid(SIGNED), &indefinite(0xa0, &[&indefinite(0x30, &[&parts])])]);
        check(&base64::encode_standard(&loose), Ok(both));
    }

    #[test]
    fn nothing_else_is_a_bundle() {
        let (leaf, root) = (any_leaf(), any_root());
        let good = |certificates: &[&[u8]]| message(SIGNED, certificates, &[&set(&[])]);
        let refused = |der: &[u8], code: Code| check(&armoured("PKCS7", der), Err(code));
        refused(&good(&[]), Code::CmsMalformed);
        refused(&good(&[&leaf, &root, &leaf, &root]), Code::CertificatesTooMany);
        refused(&good(&[&sequence(&[NULL])]), Code::CertificateMalformed);
        // An attribute certificate.
        refused(&good(&[&value(0xa2, &[NULL])]), Code::CmsMalformed);
        refused(&message("1.2.840.113549.1.7.3", &[&root], &[&set(&[])]), Code::CmsContentType);
        refused(&message(SIGNED, &[&root], &[]), Code::CmsMalformed);
        refused(&message(SIGNED, &[&root], &[&set(&[]), &set(&[])]), Code::CmsMalformed);
        refused(&[good(&[&root]).as_slice(), &[0]].concat(), Code::BerMalformed);
        // A label says what is inside, and is held to it.
        refused(&root, Code::CmsMalformed);
        check(&armoured("CERTIFICATE", &good(&[&root])), Err(Code::CertificateMalformed));
        check("", Err(Code::PemCount));
    }
}
