//! What conditions may read: the shapes from which the presets are put together.
//!
//! Tokens have claims that are not known beforehand, so `jwt.claims` takes any name; where a claim is known, its kind is
//! checked when the policy loads.

use crate::expr::{Shape, ValueForm};
use crate::json::Value;
use alloc::string::String;
use alloc::vec::Vec;

const S: Shape = Shape::String;
const STRINGS: Shape = Shape::List(&Shape::String);
/// An attribute of a name, of which there may be several.
const A: Shape = Shape::OneOrMany;
const DIGEST: Shape = Shape::Text(ValueForm::Sha256);
const BYTES: Shape = Shape::Text(ValueForm::Bytes);

/// A token with the registered claims (RFC 7519 section 4.1) and these; `aud` is a string or a list.
macro_rules! token {
    ($(($name:literal, $shape:expr $(,)?)),* $(,)?) => {
        $crate::expr::Model::jwt($crate::expr::Shape::Closed(&[(
            "claims",
            $crate::expr::Shape::Open(&[
                // What is known of a registered claim beside its kind comes first.
                $(($name, $shape),)*
                ("iss", $crate::expr::Shape::String),
                ("sub", $crate::expr::Shape::String),
                ("jti", $crate::expr::Shape::String),
                ("exp", $crate::expr::Shape::Integer),
                ("nbf", $crate::expr::Shape::Integer),
                ("iat", $crate::expr::Shape::Integer),
            ]),
        )]))
    };
}
pub(super) use token;

/// A text, of a form that is known where one is named.
macro_rules! text {
    () => {
        $crate::expr::Shape::String
    };
    ($form:ident) => {
        $crate::expr::Shape::Text($crate::expr::ValueForm::$form)
    };
}
pub(super) use text;

/// A token whose claims of these names are texts.
macro_rules! texts {
    ($($name:literal $(: $form:ident)?),* $(,)?) => {
        $crate::policy::models::token!($(($name, $crate::policy::models::text!($($form)?))),*)
    };
}
pub(super) use texts;

/// A signed document whose members of these names are texts.
macro_rules! document {
    ($($name:literal $(: $form:ident)?),* $(,)?) => {
        $crate::expr::Model::pkcs7($crate::expr::Shape::Closed(&[
            ("payload", $crate::expr::Shape::Closed(&[
                ("data", $crate::expr::Shape::String),
                (
                    "jsonData",
                    $crate::expr::Shape::Open(&[
                        $(($name, $crate::policy::models::text!($($form)?))),*
                    ]),
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
            ("CN", A), ("SN", A), ("serialNumber", A), ("C", A), ("L", A), ("ST", A),
            ("street", A), ("O", A), ("OU", A), ("title", A), ("GN", A), ("UID", A), ("DC", A),
            ("emailAddress", A),
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
    ("serialNumber", Shape::Text(ValueForm::Serial)),
    ("fingerprint", DIGEST),
    ("keyFingerprint", DIGEST),
    ("issuerKeyFingerprint", DIGEST),
    ("subjectKeyId", BYTES),
    (
        "san",
        Shape::Closed(&[
            ("dns", Shape::List(&Shape::Text(ValueForm::Host))),
            ("uri", STRINGS),
            ("email", STRINGS),
            ("ip", Shape::List(&Shape::Text(ValueForm::Address))),
            ("upn", STRINGS),
        ]),
    ),
    ("policies", STRINGS),
    ("extensions", Shape::Map(&Shape::Closed(&[("hex", BYTES), ("text", S)]))),
]);

/// The facts of a certificate that a person wrote, in the spelling that facts have.
///
/// # Errors
/// The names on the way to a text that cannot be one, and what is wrong with it.
pub(crate) fn spelled_certificate(facts: Value) -> Result<Value, (Vec<String>, String)> {
    CERTIFICATE.spelled(facts)
}

/// Every field of a certificate's facts that conditions cannot read, or that is of another kind than they are
/// told.
#[cfg(test)]
pub(crate) fn unreadable_of_certificate(facts: &Value) -> Vec<String> {
    let mut found = Vec::new();
    tests::strangers(facts, CERTIFICATE, "cert", &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Expression;
    use crate::policy::Preset;
    use alloc::format;

    pub(super) fn strangers(value: &Value, shape: Shape, at: &str, found: &mut Vec<String>) {
        let is_list = matches!((shape, value), (Shape::OneOrMany, Value::Array(_)));
        if !is_list && shape.kind().is_some_and(|kind| kind != value.kind()) {
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
            Some("cert.san has no `url`; it may have: dns, uri, email, ip, upn"),
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
