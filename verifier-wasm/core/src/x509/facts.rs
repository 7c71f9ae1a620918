//! What conditions read of a certificate: the model `cert`.

use super::certificate::Certificate;
use super::general_names::GeneralName;
use super::names::Name;
use crate::hex::Hex;
use crate::json::{Object, Value};
use alloc::string::ToString;
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
    #[must_use]
    pub fn facts(&self) -> Value {
        let mut issuer = attributes(self.issuer());
        issuer.insert("subject", attributes(self.issuer()));
        let mut cert = Object::new();
        cert.insert("subject", attributes(self.subject()));
        cert.insert("issuer", issuer);
        cert.insert("serialNumber", Hex(self.serial()).to_string());
        cert.insert("san", alternative_names(&self.extensions().subject_alt_names));
        cert.insert("fingerprint", Hex(&self.fingerprint_sha256()).to_string());
        Value::from(cert)
    }
}

fn attributes(name: &Name) -> Object {
    let mut object = Object::new();
    for (attribute, text) in name.texts() {
        object.insert(attribute, text);
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
    use crate::x509::tests::forge::{Draft, Key, SUBJECT_ALT_NAME, name_of, sequence, tlv};
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
        let draft = Draft::new(&name_of(&[(10, 0x0c, b"Acme"), (3, 0x0c, b"leaf")]), Key(1))
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
        let draft =
            Draft::new(&name_of(&attributes), Key(1)).extension(SUBJECT_ALT_NAME, false, &names);
        assert!(crate::policy::unreadable_of_certificate(&facts(&draft)).is_empty());
    }
}
