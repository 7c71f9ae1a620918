//! What conditions read of a certificate: the model `cert`.

use super::certificate::Certificate;
use super::general_names::{GeneralName, Kind};
use super::names::Name;
use crate::hex::Hex;
use crate::json::{Object, Value};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

impl Certificate {
    /// The facts of the model `cert`:
    ///
    /// - `subject.CN` and the other attributes of the subject by their short names. An attribute is present
    ///   only when the subject has exactly one of its type and its value is plain text.
    /// - `issuer.CN` and `issuer.subject.CN`, the same for the issuer: both spellings are in use.
    /// - `serialNumber`: lower-case hexadecimal of the DER content bytes, a leading `00` kept.
    /// - `san.dns`, `san.uri`, `san.email`, `san.ip`: lists, empty when there is no such name. When one name of
    ///   a kind is not plain (a wildcard, for instance), the whole kind is absent: no one can hide a second name
    ///   from a condition that counts on one.
    /// - `fingerprint`: SHA-256 of the certificate in lower-case hexadecimal.
    /// - `withheld`: of what is left out because it may not be read, the reason, by its path: `san.uri`.
    ///
    /// Nothing of it is proven: the issuer is whom the certificate names. Of a certificate in a path see
    /// [`VerifiedPath::facts`](super::VerifiedPath::facts).
    #[must_use]
    pub fn facts(&self) -> Value {
        self.facts_below(self.issuer(), &[])
    }

    /// As [`Certificate::facts`], with the name under which its authority is certified, and without what `withheld`
    /// names, by path and reason.
    pub(super) fn facts_below(&self, authority: &Name, withheld: &[Withheld]) -> Value {
        let mut issuer = attributes(authority);
        issuer.insert("subject", attributes(authority));
        let mut cert = Object::new();
        cert.insert("subject", attributes(self.subject()));
        cert.insert("issuer", issuer);
        cert.insert("serialNumber", Hex(self.serial()).to_string());
        let mut san = alternative_names(&self.extensions().subject_alt_names);
        let svid = self.broken_svid().map(|reason| ("san.uri", reason));
        let mut reasons = Object::new();
        for (path, reason) in withheld.iter().copied().chain(svid) {
            match path.strip_prefix("san.") {
                Some(kind) => drop(san.remove(kind)),
                None => drop(cert.remove(path)),
            }
            reasons.insert(path, reason);
        }
        cert.insert("san", san);
        cert.insert("fingerprint", Hex(&self.fingerprint_sha256()).to_string());
        if !reasons.is_empty() {
            cert.insert("withheld", reasons);
        }
        Value::from(cert)
    }

    /// Why a certificate with a SPIFFE ID is no X.509-SVID of a workload (X509-SVID sections 2 and 4.3); `None` for one
    /// that is, and for one without such an ID. Whoever takes the ID from it would take it from an authority, or one
    /// of two.
    fn broken_svid(&self) -> Option<&'static str> {
        let extensions = self.extensions();
        let uris = || {
            extensions.subject_alt_names.iter().filter_map(|name| match name {
                GeneralName::Uri(text) => Some(text),
                _ => None,
            })
        };
        let is_spiffe = |uri: &String| {
            uri.get(..SPIFFE.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SPIFFE))
        };
        if !uris().any(is_spiffe) {
            return None;
        }
        if uris().count() > 1 {
            return Some("a SPIFFE ID is the only URI of its certificate");
        }
        let usage = extensions.key_usage;
        let is_workload = usage.is_some_and(|usage| {
            usage.digital_signature() && !usage.key_cert_sign() && !usage.crl_sign()
        });
        (!is_workload || self.is_ca()).then_some(
            "the keyUsage of an X.509-SVID has digitalSignature, and neither keyCertSign nor cRLSign",
        )
    }
}

/// The scheme of SPIFFE IDs.
const SPIFFE: &str = "spiffe:";

/// The path of a fact that may not be read, and why.
pub(super) type Withheld = (&'static str, &'static str);

/// The kinds of alternative names that are facts, by path.
pub(super) const ALTERNATIVE_NAMES: [(&str, Kind); 4] = [
    ("san.dns", Kind::Dns),
    ("san.uri", Kind::Uri),
    ("san.email", Kind::Email),
    ("san.ip", Kind::Ip),
];

fn attributes(name: &Name) -> Object {
    let mut object = Object::new();
    for (attribute, text) in name.texts() {
        object.insert(attribute, text.as_ref());
    }
    object
}

fn alternative_names(names: &[GeneralName]) -> Object {
    let mut kinds = Object::new();
    for kind in ["dns", "uri", "email", "ip"] {
        let of_kind = names.iter().filter_map(|name| match name {
            GeneralName::Dns(text) => (kind == "dns").then(|| (name.is_plain(), text.clone())),
            GeneralName::Uri(text) => (kind == "uri").then(|| (name.is_plain(), text.clone())),
            GeneralName::Email(text) => (kind == "email").then(|| (name.is_plain(), text.clone())),
            GeneralName::Ip(address) => (kind == "ip").then(|| (true, address.to_string())),
            GeneralName::Directory(_) | GeneralName::Other(_) => None,
        });
        let plain: Option<Vec<Value>> =
            of_kind.map(|(plain, text)| plain.then(|| Value::from(text))).collect();
        if let Some(list) = plain {
            kinds.insert(kind, list);
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::x509::tests::forge::{
        BASIC_CONSTRAINTS, Draft, KEY_USAGE, Key, SUBJECT_ALT_NAME, name_of, sequence, tlv,
    };
    use alloc::format;

    fn facts(draft: &Draft) -> Value {
        draft.signed_by("issuer", Key(2)).facts()
    }

    #[test]
    fn a_leaf_with_everything() {
        let names = sequence(&[
            &tlv(0x82, b"a.example"),
            &tlv(0x82, b"b.example"),
            &tlv(0x86, b"spiffe://td/a"),
            &tlv(0x81, b"a@example.com"),
            &tlv(0x87, &[192, 0, 2, 1]),
            &tlv(0x87, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            &tlv(0xa0, b""),
        ]);
        let draft = Draft::leaf("leaf", Key(1))
            .with("subject", &name_of(&[(10, 0x0c, b"Acme"), (3, 0x0c, b"leaf")]))
            .with("serial", b"\x02\x03\x00\xab\xcd")
            .extension(SUBJECT_ALT_NAME, false, &names);
        let certificate = draft.signed_by("issuer", Key(2));
        let expect = format!(
            r#"{{
                "subject": {{"CN": "leaf", "O": "Acme"}},
                "issuer": {{"CN": "issuer", "subject": {{"CN": "issuer"}}}},
                "serialNumber": "00abcd",
                "san": {{"dns": ["a.example", "b.example"], "uri": ["spiffe://td/a"],
                         "email": ["a@example.com"], "ip": ["192.0.2.1", "2001:db8::1"]}},
                "fingerprint": "{}"
            }}"#,
            Hex(&certificate.fingerprint_sha256())
        );
        assert_eq!(certificate.facts(), json::parse(expect.as_bytes()).unwrap());
    }

    #[test]
    fn a_kind_with_a_name_that_is_not_plain_is_absent() {
        let check = |names: &[&[u8]], expect: &str| {
            let draft =
                Draft::leaf("leaf", Key(1)).extension(SUBJECT_ALT_NAME, false, &sequence(names));
            assert_eq!(facts(&draft).get("san"), json::parse(expect.as_bytes()).ok().as_ref());
        };
        let (plain, wildcard) = (tlv(0x82, b"a.example"), tlv(0x82, b"*.example"));
        let uri = tlv(0x86, b"spiffe://td/a");
        check(
            &[&plain, &uri],
            r#"{"dns":["a.example"],"uri":["spiffe://td/a"],"email":[],"ip":[]}"#,
        );
        check(&[&plain, &wildcard, &uri], r#"{"uri":["spiffe://td/a"],"email":[],"ip":[]}"#);
        check(&[&plain, &tlv(0x86, b"x:\0")], r#"{"dns":["a.example"],"email":[],"ip":[]}"#);
    }

    /// X509-SVID sections 2 and 4.3.
    #[test]
    fn x13_a_spiffe_id_is_read_from_the_certificate_of_a_workload_alone() {
        let only = "a SPIFFE ID is the only URI of its certificate";
        let usage = "the keyUsage of an X.509-SVID has digitalSignature, and neither keyCertSign \
                     nor cRLSign";
        let check = |draft: &Draft, uris: &[&[u8]], expect: Option<&str>| {
            let names: Vec<_> = uris.iter().map(|uri| tlv(0x86, uri)).collect();
            let draft =
                draft.clone().extension(SUBJECT_ALT_NAME, false, &sequence(&[&names.concat()]));
            let facts = facts(&draft);
            let withheld = facts.get("withheld").and_then(|all| all.get("san.uri"));
            assert_eq!(withheld.and_then(Value::as_str), expect, "{uris:02x?}");
            assert_eq!(facts.get("san").unwrap().get("uri").is_none(), expect.is_some());
        };
        let leaf = Draft::leaf("leaf", Key(1));
        let with_usage = |bits: &[u8]| leaf.clone().extension(KEY_USAGE, true, bits);
        let id: &[&[u8]] = &[b"spiffe://td/a"];
        check(&leaf, id, None);
        check(&with_usage(b"\x03\x02\x05\xa0"), id, None);
        check(&leaf.clone().extension(BASIC_CONSTRAINTS, true, b"\x30\x00"), id, None);

        check(&leaf.clone().without_extension(KEY_USAGE), id, Some(usage));
        check(&with_usage(b"\x03\x02\x05\x20"), id, Some(usage));
        check(&with_usage(b"\x03\x02\x02\x84"), id, Some(usage));
        check(&with_usage(b"\x03\x02\x01\x82"), id, Some(usage));
        check(&Draft::authority("a", Key(1)), id, Some(usage));
        check(&leaf, &[b"spiffe://td/a", b"spiffe://td/b"], Some(only));
        check(&leaf, &[b"https://td/a", b"SPIFFE://td/a"], Some(only));
        // No SPIFFE ID, no SVID.
        check(&with_usage(b"\x03\x02\x01\x82"), &[b"https://td/a", b"urn:a"], None);
    }

    #[test]
    fn a_certificate_without_alternative_names_has_empty_lists() {
        let facts = facts(&Draft::leaf("leaf", Key(1)));
        let empty = json::parse(br#"{"dns":[],"uri":[],"email":[],"ip":[]}"#).unwrap();
        assert_eq!(facts.get("san"), Some(&empty));
        assert_eq!(facts.get("serialNumber").and_then(Value::as_str), Some("01"));
    }

    #[test]
    fn conditions_can_read_every_field() {
        let attributes: Vec<(u8, u8, &[u8])> =
            (3..=42).map(|kind| (kind, 0x0c, b"x".as_slice())).collect();
        let names = sequence(&[&tlv(0x82, b"a.example"), &tlv(0x86, b"spiffe://td/a")]);
        let draft = Draft::leaf("leaf", Key(1)).with("subject", &name_of(&attributes)).extension(
            SUBJECT_ALT_NAME,
            false,
            &names,
        );
        assert!(crate::policy::unreadable_of_certificate(&facts(&draft)).is_empty());
    }
}
