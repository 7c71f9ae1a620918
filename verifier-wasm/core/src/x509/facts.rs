//! What conditions read of a certificate: the model `cert`.

use super::certificate::Certificate;
use super::general_names::GeneralName;
use super::names::Name;
use crate::json::{Object, Value};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

impl Certificate {
    /// The facts of the model `cert`:
    ///
    /// - `subject.CN` and the other attributes of the subject by their short names. An attribute is present
    ///   only when the subject has exactly one of its type and its value is plain text.
    /// - `issuer.CN` and `issuer.subject.CN`, the same for the issuer: both spellings are in use.
    /// - `serialNumber`: lower-case hexadecimal of the DER content octets, a leading `00` kept.
    /// - `san.dns`, `san.uri`, `san.email`, `san.ip`: lists, empty when there is no such name. When one name of
    ///   a kind is not plain (a wildcard, for instance), the whole kind is absent: nobody hides a second name
    ///   from a condition that counts on one.
    /// - `fingerprint`: SHA-256 of the certificate in lower-case hexadecimal.
    #[must_use]
    pub fn facts(&self) -> Value {
        let mut issuer = attributes(self.issuer());
        issuer.insert("subject", attributes(self.issuer()));
        let mut cert = Object::new();
        cert.insert("subject", attributes(self.subject()));
        cert.insert("issuer", issuer);
        cert.insert("serialNumber", hexadecimal(self.serial()));
        cert.insert("san", alternative_names(&self.extensions().subject_alt_names));
        cert.insert("fingerprint", hexadecimal(&self.fingerprint_sha256()));
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
            GeneralName::Directory(_) | GeneralName::Other => None,
        });
        let plain: Option<Vec<Value>> =
            of_kind.map(|(plain, text)| plain.then(|| Value::from(text))).collect();
        if let Some(list) = plain {
            kinds.insert(kind, list);
        }
    }
    kinds
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
