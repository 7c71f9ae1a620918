//! What conditions may read: the shapes from which the presets are put together.
//!
//! Tokens have claims that are not known beforehand, so `jwt.claims` takes any name; where a claim is known, its kind is
//! checked when the policy loads.

use crate::expr::Shape;

const S: Shape = Shape::String;
const STRINGS: Shape = Shape::List(&Shape::String);

/// A token with the registered claims (RFC 7519 section 4.1) and these; `aud` is a string or a list.
macro_rules! token {
    ($(($name:literal, $shape:expr $(,)?)),* $(,)?) => {
        $crate::expr::Model::jwt($crate::expr::Shape::Closed(&[(
            "claims",
            $crate::expr::Shape::Open(&[
                ("iss", $crate::expr::Shape::String),
                ("sub", $crate::expr::Shape::String),
                ("jti", $crate::expr::Shape::String),
                ("exp", $crate::expr::Shape::Integer),
                ("nbf", $crate::expr::Shape::Integer),
                ("iat", $crate::expr::Shape::Integer),
                $(($name, $shape)),*
            ]),
        )]))
    };
}
pub(super) use token;

/// A token whose claims of these names are texts.
macro_rules! texts {
    ($($name:literal),* $(,)?) => {
        $crate::policy::models::token!($(($name, $crate::expr::Shape::String)),*)
    };
}
pub(super) use texts;

/// A signed document whose members of these names are texts.
macro_rules! document {
    ($($name:literal),* $(,)?) => {
        $crate::expr::Model::pkcs7($crate::expr::Shape::Closed(&[
            ("payload", $crate::expr::Shape::Closed(&[
                ("data", $crate::expr::Shape::String),
                (
                    "jsonData",
                    $crate::expr::Shape::Open(&[$(($name, $crate::expr::Shape::String)),*]),
                ),
            ])),
            ("signingTime", $crate::expr::Shape::Integer),
            (
                "certificates",
                $crate::expr::Shape::List(&$crate::policy::models::CERTIFICATE),
            ),
        ]))
    };
}
pub(super) use document;

/// The texts of a distinguished name that certificates give, and these members.
macro_rules! distinguished_name {
    ($(($name:literal, $shape:expr $(,)?)),* $(,)?) => {
        Shape::Closed(&[
            ("CN", S), ("SN", S), ("serialNumber", S), ("C", S), ("L", S), ("ST", S),
            ("street", S), ("O", S), ("OU", S), ("title", S), ("GN", S), ("UID", S), ("DC", S),
            ("emailAddress", S),
            $(($name, $shape)),*
        ])
    };
}

/// The client and the credential of the request.
pub(super) const CLIENT: Shape = Shape::Closed(&[
    ("clientId", S),
    ("applicationFederatedCredentialId", S),
    // It cannot be read; named so that the message about it is its own.
    ("activeSubjectUrn", S),
]);

const SUBJECT: Shape = distinguished_name!();

/// A certificate. It has these fields and no others.
pub(super) const CERTIFICATE: Shape = Shape::Closed(&[
    ("subject", SUBJECT),
    ("issuer", distinguished_name![("subject", SUBJECT)]),
    ("serialNumber", S),
    ("fingerprint", S),
    (
        "san",
        Shape::Closed(&[("dns", STRINGS), ("uri", STRINGS), ("email", STRINGS), ("ip", STRINGS)]),
    ),
]);

/// Every field of a certificate's facts that conditions cannot read, or that is of another kind than they are
/// told.
#[cfg(test)]
pub(crate) fn unreadable_of_certificate(
    facts: &crate::json::Value,
) -> alloc::vec::Vec<alloc::string::String> {
    let mut found = alloc::vec::Vec::new();
    tests::strangers(facts, CERTIFICATE, "cert", &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Expression;
    use crate::json::Value;
    use crate::policy::Preset;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    pub(super) fn strangers(value: &Value, shape: Shape, at: &str, found: &mut Vec<String>) {
        if shape.kind().is_some_and(|kind| kind != value.kind()) {
            found.push(format!("{at} is {}", value.kind()));
        }
        let Value::Object(members) = value else { return };
        for (name, value) in members.iter() {
            let at = format!("{at}.{name}");
            match shape {
                Shape::Closed(known) => match known.iter().find(|(known, _)| *known == name) {
                    Some((_, shape)) => strangers(value, *shape, &at, found),
                    None => found.push(at),
                },
                _ => continue,
            }
        }
    }

    #[test]
    fn misspelt_fields_and_wrong_kinds_do_not_load() {
        let check = |preset: Preset, text: &str, expect: Option<&str>| {
            let checked = Expression::parse(text).unwrap().check_condition(&preset.models());
            assert_eq!(checked.err().map(|error| String::from(error.message())).as_deref(), expect);
        };
        check(Preset::GithubActions, "jwt.claims.run_id == '7'", None);
        check(
            Preset::GithubActions,
            "jwt.claims.run_id == 7",
            Some("string does not compare with integer"),
        );
        check(Preset::Generic, "jwt.claims.run_id == 7", None);
        check(Preset::GceVm, "jwt.claims.google.compute_engine.project_number == 7", None);
        check(
            Preset::Kubernetes,
            "jwt.claims.'kubernetes.io'.namespace.name == 'x'",
            Some(
                "jwt.claims[\"kubernetes.io\"].namespace is of kind string and has no \
                 jwt.claims[\"kubernetes.io\"].namespace.name",
            ),
        );
        check(Preset::Pca, "cert.subject.CN == 'x'", None);
        check(Preset::Pca, "cert.san.uri.exists(u, u == 'x')", None);
        check(
            Preset::Pca,
            "cert.san.url == 'x'",
            Some("cert.san has no `url`; it may have: dns, uri, email, ip"),
        );
        check(
            Preset::AmazonEc2,
            "pkcs7.payload.accountId == 'x'",
            Some("pkcs7.payload has no `accountId`; it may have: data, jsonData"),
        );
        check(Preset::Generic, "jwt.sub == 'x'", Some("jwt has no `sub`; it may have: claims"));
    }

    /// The examples of the compatible service, as its documentation and its interface have them.
    #[test]
    fn idaas_examples_pass_the_type_check() {
        let mapping = |preset: Preset, text: &str| {
            let checked = Expression::parse(text).unwrap().check_mapping(&preset.models());
            assert!(checked.is_ok(), "{text}: {checked:?}");
        };
        let condition = |preset: Preset, text: &str| {
            let checked = Expression::parse(text).unwrap().check_condition(&preset.models());
            assert!(checked.is_ok(), "{text}: {checked:?}");
        };
        mapping(
            Preset::Pca,
            "Append(client.applicationFederatedCredentialId, \":\", cert.subject.CN, \":\", cert.serialNumber)",
        );
        mapping(Preset::Pca, "client.clientId");
        mapping(Preset::AlibabaEcs, "pkcs7.payload.jsonData.audience.signingTime");
        mapping(Preset::AmazonEc2, "pkcs7.signingTime");
        mapping(Preset::AlibabaEcs, "pkcs7.payload.jsonData.'instance-id'");
        mapping(Preset::AlibabaEcs, "pkcs7.payload.data");
        mapping(Preset::Kubernetes, "jwt.claims.'kubernetes.io'.namespace");
        mapping(Preset::Generic, "jwt.claims.'kubernetes.io'.namespace");
        condition(Preset::Pca, "cert.subject.CN == \"press-7\"");
        condition(
            Preset::Pca,
            "cert.issuer.CN == \"Plant CA\" && cert.issuer.subject.CN == \"Plant CA\"",
        );
        condition(Preset::AmazonEc2, "pkcs7.certificates[0].subject.CN == \"Amazon\"");
        condition(Preset::AmazonEc2, "pkcs7.certificates.exists(c, c.subject.CN == \"Amazon\")");
        condition(Preset::AlibabaEcs, "!IsNullOrEmpty(pkcs7.payload.jsonData.'owner-account-id')");
        // A placeholder of the interface: a text that is the same for every proof.
        let placeholder = Expression::parse("IsNullOrEmpty(\"jwt.issuer\")").unwrap();
        assert_ne!(placeholder.check_condition(&Preset::Generic.models()), Ok(()));
    }
}
