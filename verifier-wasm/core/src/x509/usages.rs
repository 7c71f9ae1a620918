//! The names of extended key usages (RFC 5280 section 4.2.1.12).

use const_oid::ObjectIdentifier;

/// clientAuth.
pub(crate) const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

const NAMES: &[(&str, ObjectIdentifier)] = &[
    ("serverAuth", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1")),
    ("clientAuth", CLIENT_AUTH),
    ("codeSigning", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3")),
    ("emailProtection", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4")),
    ("timeStamping", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8")),
    ("OCSPSigning", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9")),
];

/// The usage that `text` names: as RFC 5280 does, `clientAuth` for instance, or as numbers and dots.
#[must_use]
pub fn extended_key_usage(text: &str) -> Option<ObjectIdentifier> {
    let named = NAMES.iter().find(|(name, _)| *name == text).map(|(_, usage)| *usage);
    named.or_else(|| ObjectIdentifier::new(text).ok())
}

/// The name of a usage, by encoded identifier.
pub(super) fn name(bytes: &[u8]) -> Option<&'static str> {
    if *bytes == [0x55, 0x1d, 37, 0] {
        return Some("anyExtendedKeyUsage");
    }
    NAMES.iter().find(|(_, usage)| usage.as_bytes() == bytes).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn usages_have_names_and_numbers() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(extended_key_usage(text).map(|usage| usage.to_string()).as_deref(), expect);
        };
        check("clientAuth", Some("1.3.6.1.5.5.7.3.2"));
        check("1.3.6.1.5.5.7.3.2", Some("1.3.6.1.5.5.7.3.2"));
        check("1.3.6.1.4.1.311.20.2.2", Some("1.3.6.1.4.1.311.20.2.2"));
        check("clientauth", None);
        check("any", None);
        check("1.3.6.", None);
        check("", None);
    }
}
