//! What a certificate says, for people: everything that is read of it, and the names of what is not.

use super::algorithm::SignatureAlgorithm;
use super::certificate::Certificate;
use super::extensions::{Extension, Extensions, KeyUsage};
use super::fields::Oid;
use super::general_names::GeneralName;
use super::usages;
use crate::hex::Hex;
use crate::json::{Object, Value};
use crate::signature::{KeyKind, RsaLimit};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// id-ce and id-pe extensions that have a name, by encoded identifier.
const NAMES: &[(&[u8], &str)] = &[
    (&[0x55, 0x1d, 9], "subjectDirectoryAttributes"),
    (&[0x55, 0x1d, 14], "subjectKeyIdentifier"),
    (&[0x55, 0x1d, 15], "keyUsage"),
    (&[0x55, 0x1d, 17], "subjectAltName"),
    (&[0x55, 0x1d, 18], "issuerAltName"),
    (&[0x55, 0x1d, 19], "basicConstraints"),
    (&[0x55, 0x1d, 30], "nameConstraints"),
    (&[0x55, 0x1d, 31], "cRLDistributionPoints"),
    (&[0x55, 0x1d, 32], "certificatePolicies"),
    (&[0x55, 0x1d, 33], "policyMappings"),
    (&[0x55, 0x1d, 35], "authorityKeyIdentifier"),
    (&[0x55, 0x1d, 36], "policyConstraints"),
    (&[0x55, 0x1d, 37], "extKeyUsage"),
    (&[0x55, 0x1d, 46], "freshestCRL"),
    (&[0x55, 0x1d, 54], "inhibitAnyPolicy"),
    (&[0x2b, 6, 1, 5, 5, 7, 1, 1], "authorityInfoAccess"),
    (&[0x2b, 6, 1, 5, 5, 7, 1, 11], "subjectInfoAccess"),
];

impl Certificate {
    /// What it says, as an object; nothing of it is verified:
    ///
    /// - `subject`, `issuer`: RFC 4514 text; `serial`: lower-case hexadecimal of the DER content bytes
    /// - `not_before`, `not_after`: RFC 3339
    /// - `key`: kind and size, or why it is not accepted; `signature_algorithm`: object identifier
    /// - `ca`, `path_length` where there is one
    /// - `key_usage`, `extended_key_usage`: names, or object identifiers
    /// - `san`: kind and text of each alternative name
    /// - `name_constraints`: `permitted` and `excluded`; `policies`: object identifiers
    /// - `subject_key_identifier`, `fingerprint` (SHA-256): hexadecimal
    /// - `extensions`: for each `oid`, `name` or null when it is unknown, `critical`, and `refused` for one that no path may have
    #[must_use]
    pub fn outline(&self) -> Value {
        let extensions = self.extensions();
        let mut all = Object::new();
        all.insert("subject", self.subject().to_string());
        all.insert("issuer", self.issuer().to_string());
        all.insert("serial", Hex(self.serial()).to_string());
        all.insert("not_before", self.not_before().to_string());
        all.insert("not_after", self.not_after().to_string());
        all.insert("key", self.key_text());
        all.insert("signature_algorithm", signature_text(self.signature_algorithm()));
        all.insert("ca", self.is_ca());
        if let Some(length) = extensions.basic_constraints.and_then(|own| own.path_length) {
            all.insert("path_length", i64::from(length));
        }
        insert_usages(&mut all, extensions);
        let san = extensions.subject_alt_names.iter().map(general_name);
        all.insert("san", san.map(Value::from).collect::<Vec<_>>());
        insert_constraints(&mut all, extensions);
        if let Some(identifier) = self.subject_key_identifier() {
            all.insert("subject_key_identifier", Hex(identifier).to_string());
        }
        all.insert("fingerprint", Hex(&self.fingerprint_sha256()).to_string());
        all.insert("extensions", present(self));
        Value::from(all)
    }

    fn key_text(&self) -> String {
        match self.public_key(RsaLimit::Standard) {
            Ok(key) => match key.kind() {
                KeyKind::Rsa { bits } => format!("RSA, {bits} bits"),
                KeyKind::Ec(curve) => format!("EC, {}", curve.name()),
                KeyKind::Ed25519 => "Ed25519".into(),
                KeyKind::Dsa => "DSA".into(),
            },
            Err(refusal) => refusal.to_string(),
        }
    }
}

fn signature_text(algorithm: &SignatureAlgorithm) -> String {
    match algorithm.primitive() {
        Some(_) => algorithm.to_string(),
        None => format!("{algorithm}, which signs no certificate of a path here"),
    }
}

fn insert_usages(all: &mut Object, extensions: &Extensions) {
    if let Some(usage) = extensions.key_usage {
        let names = KeyUsage::NAMES.iter().filter(|(bit, _)| usage.has(*bit));
        all.insert("key_usage", names.map(|(_, name)| Value::from(*name)).collect::<Vec<_>>());
    }
    if let Some(usage) = &extensions.extended_key_usage {
        let names = usage.identifiers().map(|bytes| {
            usages::name(bytes).map_or_else(|| Oid::shown(bytes).to_string(), ToString::to_string)
        });
        all.insert("extended_key_usage", names.map(Value::from).collect::<Vec<_>>());
    }
}

fn insert_constraints(all: &mut Object, extensions: &Extensions) {
    if let Some(constraints) = &extensions.name_constraints {
        let (permitted, excluded) = constraints.texts();
        let list = |texts: Vec<String>| texts.into_iter().map(Value::from).collect::<Vec<_>>();
        let mut object = Object::new();
        object.insert("permitted", list(permitted));
        object.insert("excluded", list(excluded));
        all.insert("name_constraints", object);
    }
    if let Some(policies) = &extensions.policies {
        let any = policies.any.then(|| Value::from("anyPolicy"));
        let named = policies.policies.iter().map(|oid| Value::from(Oid::shown(oid).to_string()));
        all.insert("policies", named.chain(any).collect::<Vec<_>>());
    }
}

fn general_name(name: &GeneralName) -> Object {
    let text = match name {
        GeneralName::Email(text) | GeneralName::Dns(text) | GeneralName::Uri(text) => {
            Some(text.clone())
        }
        GeneralName::Ip(address) => Some(address.to_string()),
        GeneralName::Directory(name) => Some(name.to_string()),
        GeneralName::Other(_) => None,
    };
    let mut object = Object::new();
    object.insert("kind", name.kind().to_string());
    object.insert("text", text.map_or(Value::Null, Value::from));
    object
}

/// The extensions in their order.
fn present(certificate: &Certificate) -> Vec<Value> {
    let one = |Extension { oid, critical, .. }: Extension<'_>| {
        let shown = oid.to_string();
        let name = NAMES.iter().find(|(known, _)| *known == oid.bytes()).map(|(_, name)| *name);
        let left = certificate.extensions().not_processed.as_deref() == Some(&*shown);
        let mut object = Object::new();
        object.insert("oid", shown);
        object.insert("name", name.map_or(Value::Null, Value::from));
        object.insert("critical", critical);
        if left {
            object.insert("refused", true);
        }
        Value::from(object)
    };
    certificate.extension_list().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::x509::tests::forge::{
        CLIENT_AUTH, Draft, Key, NAME_CONSTRAINTS, POLICIES, SUBJECT_ALT_NAME, sequence, tlv,
    };

    #[test]
    fn everything_that_is_read_is_shown() {
        let names = sequence(&[&tlv(0x86, b"spiffe://td/a"), &tlv(0x88, b"\x2a\x03")]);
        let base = |tag: u8, bytes: &[u8]| sequence(&[&tlv(tag, bytes)]);
        let network = base(0x87, &[10, 0, 0, 0, 255, 0, 0, 0]);
        let permitted = tlv(0xa0, &[base(0x82, b"example.com"), network].concat());
        let hosts = [base(0x86, b".Example.org"), base(0x81, b"host"), base(0x81, b"A@Host")];
        let constraints = sequence(&[&permitted, &tlv(0xa1, &hosts.concat())]);
        let certificate = Draft::authority("issuing", Key(1))
            .path_length(1)
            .usages(&[CLIENT_AUTH, b"\x06\x02\x2a\x03"])
            .extension(SUBJECT_ALT_NAME, false, &names)
            .extension(NAME_CONSTRAINTS, true, &constraints)
            .extension(POLICIES, false, &sequence(&[&sequence(&[b"\x06\x02\x2a\x03"])]))
            .extension(99, true, b"")
            .signed_by("root", Key(2));
        let expect = format!(
            r#"{{
                "subject": "CN=issuing", "issuer": "CN=root", "serial": "01",
                "not_before": "2020-01-01T00:00:00Z", "not_after": "2030-01-01T00:00:00Z",
                "key": "EC, P-256", "signature_algorithm": "1.2.840.10045.4.3.2",
                "ca": true, "path_length": 1,
                "key_usage": ["keyCertSign", "cRLSign"],
                "extended_key_usage": ["clientAuth", "1.2.3"],
                "san": [{{"kind": "uniformResourceIdentifier", "text": "spiffe://td/a"}},
                        {{"kind": "registeredID", "text": null}}],
                "name_constraints": {{"permitted": ["dNSName example.com",
                                                    "iPAddress 10.0.0.0 mask 255.0.0.0"],
                                      "excluded": ["uniformResourceIdentifier .example.org",
                                                   "rfc822Name host", "rfc822Name A@host"]}},
                "policies": ["1.2.3"],
                "fingerprint": "{}",
                "extensions": [
                    {{"oid": "2.5.29.15", "name": "keyUsage", "critical": true}},
                    {{"oid": "2.5.29.19", "name": "basicConstraints", "critical": true}},
                    {{"oid": "2.5.29.37", "name": "extKeyUsage", "critical": false}},
                    {{"oid": "2.5.29.17", "name": "subjectAltName", "critical": false}},
                    {{"oid": "2.5.29.30", "name": "nameConstraints", "critical": true}},
                    {{"oid": "2.5.29.32", "name": "certificatePolicies", "critical": false}},
                    {{"oid": "2.5.29.99", "name": null, "critical": true, "refused": true}}
                ]
            }}"#,
            Hex(&certificate.fingerprint_sha256())
        );
        assert_eq!(certificate.outline(), json::parse(expect.as_bytes()).unwrap());
    }
}
