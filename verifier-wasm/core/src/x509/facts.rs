//! What conditions read of a certificate: the model `cert`.

use super::certificate::Certificate;
use super::extensions::{Extension, is_read};
use super::fields::{Fields, constructed};
use super::general_names::{GeneralName, Kind};
use super::names::{Name, is_visible};
use crate::digest::sha256;
use crate::hex::Hex;
use crate::json::{Object, Value};
use crate::limits;
use crate::refusal::Code;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use der::Tag;

/// subjectAltName.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 17];
/// The user principal name of Microsoft, 1.3.6.1.4.1.311.20.2.3, as an otherName.
const PRINCIPAL_NAME: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 20, 2, 3];

impl Certificate {
    /// The facts of the model `cert`:
    ///
    /// - `subject.CN` and the other attributes of the subject by their short names: a text when the subject has exactly
    ///   one of its type, a list when it has several. One that is not plain text makes the whole type absent.
    /// - `issuer.CN` and `issuer.subject.CN`, the same for the issuer: both spellings are in use.
    /// - `serialNumber`: lower-case hexadecimal, two digits a byte, without zero bytes in front.
    /// - `san.dns` in lower case, `san.uri`, `san.email`, `san.ip`, `san.upn`: lists, empty when there is no such name.
    ///   When one name of a kind is not plain (a wildcard, for instance), the whole kind is absent: no one can hide a
    ///   second name from a condition that counts on one.
    /// - `fingerprint`: SHA-256 of the certificate in lower-case hexadecimal; `keyFingerprint`, that of its
    ///   SubjectPublicKeyInfo; `subjectKeyId`, when there is one.
    /// - `extensions`, when there are some that nothing else reads: by the object identifier `hex`, the bytes, and
    ///   `text`, when these are one string in DER that is plain text.
    /// - `withheld`: of what is left out because it may not be read, the reason, by its path: `san.uri`.
    ///
    /// Nothing of it is proven: the issuer is whom the certificate names. Of a certificate in a path see
    /// [`VerifiedPath::facts`](super::VerifiedPath::facts).
    #[must_use]
    pub fn facts(&self) -> Value {
        self.facts_or(|| self.facts_below(self.issuer(), &[])).clone()
    }

    /// As [`Certificate::facts`], with the name under which its authority is certified, and without what `withheld`
    /// names, by path and reason.
    pub(super) fn facts_below(&self, authority: &Name, withheld: &[Withheld]) -> Value {
        let mut issuer = attributes(authority);
        issuer.insert("subject", attributes(authority));
        let mut cert = Object::new();
        cert.insert("subject", attributes(self.subject()));
        cert.insert("issuer", issuer);
        cert.insert("serialNumber", Hex(significant(self.serial())).to_string());
        let mut san = self.alternative_names();
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
        cert.insert("keyFingerprint", Hex(&sha256(self.public_key_spki())).to_string());
        if let Some(identifier) = self.subject_key_identifier() {
            cert.insert("subjectKeyId", Hex(identifier).to_string());
        }
        let others: Vec<_> = self.extension_list().filter(|own| !is_read(own.oid)).collect();
        if !others.is_empty() {
            cert.insert("extensions", Object::from_iter(others.iter().filter_map(extension)));
        }
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

    fn alternative_names(&self) -> Object {
        let mut kinds = alternative_names(&self.extensions().subject_alt_names);
        let names = self.extension_list().find(|own| own.oid.bytes() == SUBJECT_ALT_NAME);
        if let Some(principals) =
            names.map_or_else(|| Some(Vec::new()), |own| principals(own.value))
        {
            kinds.insert("upn", principals);
        }
        kinds
    }
}

/// Adds what only a path tells of its leaf: `issuerKeyFingerprint`, SHA-256 of the SubjectPublicKeyInfo of the authority
/// that signed it, and `policies`, those of the leaf that all authorities of the path allow, anyPolicy when it is every one.
pub(super) fn add_path(cert: &mut Object, issuer: &Certificate, policies: Option<&[String]>) {
    let key = Hex(&sha256(issuer.public_key_spki())).to_string();
    cert.insert("issuerKeyFingerprint", key);
    let policies: Vec<Value> = match policies {
        None => vec![Value::from("2.5.29.32.0")],
        Some(policies) => policies.iter().map(|policy| Value::from(policy.as_str())).collect(),
    };
    cert.insert("policies", policies);
}

/// A number without the zero bytes in front; one byte at least.
fn significant(number: &[u8]) -> &[u8] {
    let mut rest = number;
    while let [0, after @ ..] = rest
        && !after.is_empty()
    {
        rest = after;
    }
    rest
}

/// The scheme of SPIFFE IDs.
const SPIFFE: &str = "spiffe:";

/// The path of a fact that may not be read, and why.
pub(super) type Withheld = (&'static str, &'static str);

/// The kinds of alternative names that are facts, by path.
pub(super) const ALTERNATIVE_NAMES: [(&str, Kind); 5] = [
    ("san.dns", Kind::Dns),
    ("san.uri", Kind::Uri),
    ("san.email", Kind::Email),
    ("san.ip", Kind::Ip),
    // A user principal name is an otherName.
    ("san.upn", Kind::Other),
];

fn attributes(name: &Name) -> Object {
    let mut object = Object::new();
    for (attribute, texts) in name.texts() {
        let value = match texts.as_slice() {
            [only] => Value::from(only.as_ref()),
            several => {
                several.iter().map(|text| Value::from(text.as_ref())).collect::<Vec<_>>().into()
            }
        };
        object.insert(attribute, value);
    }
    object
}

fn alternative_names(names: &[GeneralName]) -> Object {
    let mut kinds = Object::new();
    for kind in ["dns", "uri", "email", "ip"] {
        let of_kind = names.iter().filter_map(|name| match name {
            // Case means nothing in a host name (RFC 5280 section 7.2).
            GeneralName::Dns(text) => {
                (kind == "dns").then(|| (name.is_plain(), text.to_ascii_lowercase()))
            }
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

/// The user principal names among the GeneralNames that `value` is; `None` when one of them is no plain text.
fn principals(value: &[u8]) -> Option<Vec<Value>> {
    let mut names = Fields::of_sequence(value, "subjectAltName", Code::InternalError).ok()?;
    let mut found = Vec::new();
    while !names.is_empty() {
        let name = names.any("subjectAltName").ok()?;
        if name.tag != constructed(0) {
            continue;
        }
        let mut other = names.inside(&name).ok()?;
        if other.oid("otherName").ok()?.bytes() != PRINCIPAL_NAME {
            continue;
        }
        let explicit = other.take(constructed(0), "otherName").ok()?;
        let mut inside = other.inside(&explicit).ok()?;
        other.finish("otherName").ok()?;
        let text = inside.take(Tag::Utf8String, "otherName").ok()?;
        inside.finish("otherName").ok()?;
        found.push(Value::from(plain(text.contents)?));
    }
    Some(found)
}

/// An extension by its object identifier, unless it is too long for a condition.
fn extension(extension: &Extension<'_>) -> Option<(String, Value)> {
    if extension.value.len() > limits::EXTENSION_FACT_BYTES {
        return None;
    }
    let mut value = Object::new();
    value.insert("hex", Hex(extension.value).to_string());
    if let Some(text) = text_of(extension.value) {
        value.insert("text", text);
    }
    Some((extension.oid.to_string(), Value::from(value)))
}

/// The text of a value in DER that is one string, and nothing else.
fn text_of(value: &[u8]) -> Option<&str> {
    let mut fields = Fields::of(value, Code::InternalError).ok()?;
    let field = fields.any("extension").ok()?;
    fields.finish("extension").ok()?;
    match field.tag {
        Tag::Utf8String => plain(field.contents),
        Tag::PrintableString | Tag::Ia5String if field.contents.is_ascii() => plain(field.contents),
        _ => None,
    }
}

/// Bytes that are visible text.
fn plain(bytes: &[u8]) -> Option<&str> {
    let text = core::str::from_utf8(bytes).ok()?;
    (!text.is_empty() && text.chars().all(is_visible)).then_some(text)
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

    /// An otherName with this user principal name.
    fn principal(text: &[u8]) -> Vec<u8> {
        let kind = tlv(0x06, PRINCIPAL_NAME);
        tlv(0xa0, &[kind, tlv(0xa0, &tlv(0x0c, text))].concat())
    }

    /// An extension 1.2.3.`arc` with this value.
    fn private(arc: u8, value: &[u8]) -> Vec<u8> {
        sequence(&[&tlv(0x06, &[0x2a, 3, arc]), &tlv(0x04, value)])
    }

    #[test]
    fn several_attributes_of_a_type_are_a_list_and_one_that_is_no_text_hides_them() {
        let check = |attributes: &[(u8, u8, &[u8])], expect: &str| {
            let facts = facts(&Draft::new(&name_of(attributes), Key(1)));
            assert_eq!(facts.get("subject"), json::parse(expect.as_bytes()).ok().as_ref());
        };
        check(&[(11, 0x0c, b"A")], r#"{"OU":"A"}"#);
        check(
            &[(11, 0x0c, b"A"), (3, 0x0c, b"w"), (11, 0x13, b"B")],
            r#"{"OU":["A","B"],"CN":"w"}"#,
        );
        check(&[(3, 0x13, b"Worker Seven (EMP12345)")], r#"{"CN":"Worker Seven (EMP12345)"}"#);
        check(&[(11, 0x0c, b"A"), (11, 0x0c, b"B\0"), (3, 0x0c, b"w")], r#"{"CN":"w"}"#);
        check(&[(11, 0x0c, b"A"), (11, 0x04, b"B"), (3, 0x0c, b"w")], r#"{"CN":"w"}"#);
    }

    /// Two certificates compare equal in a field only when they say the same there.
    #[test]
    fn serial_numbers_lose_the_zero_in_front_alone() {
        let check = |serial: &[u8], expect: &str| {
            let facts = facts(&Draft::leaf("leaf", Key(1)).with("serial", serial));
            assert_eq!(facts.get("serialNumber").and_then(Value::as_str), Some(expect));
        };
        check(b"\x02\x02\x00\xc4", "c4");
        check(b"\x02\x02\x4c\x00", "4c00");
        check(b"\x02\x01\x04", "04");
        check(b"\x02\x01\x40", "40");
    }

    #[test]
    fn a_principal_name_that_is_no_text_hides_the_others() {
        let check = |names: &[&[u8]], expect: Option<&str>| {
            let draft =
                Draft::leaf("leaf", Key(1)).extension(SUBJECT_ALT_NAME, false, &sequence(names));
            let facts = facts(&draft);
            let found = facts.get("san").and_then(|san| san.get("upn")).map(Value::to_string);
            assert_eq!(found.as_deref(), expect);
        };
        let (good, other) = (principal(b"a@example.com"), principal(b"b@example.com"));
        check(&[&good], Some(r#"["a@example.com"]"#));
        check(&[&good, &other], Some(r#"["a@example.com","b@example.com"]"#));
        check(&[&good, &principal(b"b\0")], None);
        check(&[&good, &principal(b"")], None);
        let ia5 = tlv(0xa0, &[tlv(0x06, PRINCIPAL_NAME), tlv(0xa0, &tlv(0x16, b"b@x"))].concat());
        check(&[&good, &ia5], None);
        let twice = [tlv(0x0c, b"a"), tlv(0x0c, b"b")].concat();
        let twice = tlv(0xa0, &[tlv(0x06, PRINCIPAL_NAME), tlv(0xa0, &twice)].concat());
        check(&[&twice], None);
        let email = tlv(0x81, b"a@example.com");
        check(&[&email], Some("[]"));
    }

    #[test]
    fn extensions_that_are_read_elsewhere_or_long_are_no_facts() {
        let draft = Draft::leaf("leaf", Key(1))
            .raw_extension(&private(1, &[0; limits::EXTENSION_FACT_BYTES + 1]));
        let facts = facts(&draft);
        assert_eq!(facts.get("extensions").map(Value::to_string).as_deref(), Some("{}"));
        assert_eq!(self::facts(&Draft::leaf("leaf", Key(1))).get("extensions"), None);
    }

    #[test]
    fn a_leaf_with_everything() {
        let names = sequence(&[
            &tlv(0x82, b"a.example"),
            &tlv(0x82, b"B.Example"),
            &tlv(0x86, b"spiffe://td/a"),
            &tlv(0x81, b"a@example.com"),
            &tlv(0x87, &[192, 0, 2, 1]),
            &tlv(0x87, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            &principal(b"robot@example.com"),
            &tlv(0xa0, b"\x06\x02\x2a\x03\xa0\x02\x05\x00"),
        ]);
        let draft = Draft::leaf("leaf", Key(1))
            .with("subject", &name_of(&[(10, 0x0c, b"Acme"), (3, 0x0c, b"leaf")]))
            .with("serial", b"\x02\x03\x00\xab\xcd")
            .extension(SUBJECT_ALT_NAME, false, &names);
        let draft = [(1, b"\x0c\x04prod".as_slice()), (2, b"prod"), (3, b"\x0c\x05prod")]
            .into_iter()
            .fold(draft, |draft, (arc, value)| draft.raw_extension(&private(arc, value)));
        let certificate = draft.signed_by("issuer", Key(2));
        let expect = format!(
            r#"{{
                "subject": {{"CN": "leaf", "O": "Acme"}},
                "issuer": {{"CN": "issuer", "subject": {{"CN": "issuer"}}}},
                "serialNumber": "abcd",
                "san": {{"dns": ["a.example", "b.example"], "uri": ["spiffe://td/a"],
                         "email": ["a@example.com"], "ip": ["192.0.2.1", "2001:db8::1"],
                         "upn": ["robot@example.com"]}},
                "fingerprint": "{}",
                "keyFingerprint": "{}",
                "extensions": {{
                    "1.2.3.1": {{"hex": "0c0470726f64", "text": "prod"}},
                    "1.2.3.2": {{"hex": "70726f64"}},
                    "1.2.3.3": {{"hex": "0c0570726f64"}}
                }}
            }}"#,
            Hex(&certificate.fingerprint_sha256()),
            Hex(&sha256(certificate.public_key_spki()))
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
            r#"{"dns":["a.example"],"uri":["spiffe://td/a"],"email":[],"ip":[],"upn":[]}"#,
        );
        check(
            &[&plain, &wildcard, &uri],
            r#"{"uri":["spiffe://td/a"],"email":[],"ip":[],"upn":[]}"#,
        );
        check(
            &[&plain, &tlv(0x86, b"x:\0")],
            r#"{"dns":["a.example"],"email":[],"ip":[],"upn":[]}"#,
        );
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
        let empty = json::parse(br#"{"dns":[],"uri":[],"email":[],"ip":[],"upn":[]}"#).unwrap();
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
