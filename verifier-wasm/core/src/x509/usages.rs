//! Extended key usages by name (RFC 5280 section 4.2.1.12).

use const_oid::ObjectIdentifier;

/// clientAuth.
pub(crate) const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

const NAMED: &[(&str, ObjectIdentifier)] = &[
    ("clientAuth", CLIENT_AUTH),
    ("serverAuth", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1")),
    ("codeSigning", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3")),
    ("emailProtection", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4")),
    ("timeStamping", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8")),
    ("OCSPSigning", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9")),
];

/// The usage of a name, `clientAuth` for instance, or of an object identifier in dotted form.
#[must_use]
pub fn extended_key_usage(text: &str) -> Option<ObjectIdentifier> {
    let named = NAMED.iter().find(|(name, _)| *name == text).map(|(_, usage)| *usage);
    named.or_else(|| ObjectIdentifier::new(text).ok())
}
