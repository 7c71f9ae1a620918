//! What conditions may read, by environment: the names and kinds that its proofs are known to have.
//!
//! Tokens have claims that nobody foresaw, so `jwt.claims` takes any name; where a claim is known, its kind is
//! checked when the policy loads. Certificates have these fields and no others.

use super::preset::Preset;
use crate::expr::{Model, Shape};

const I: Shape = Shape::Integer;
const S: Shape = Shape::String;
const STRINGS: Shape = Shape::List(&Shape::String);

/// A token with the registered claims (RFC 7519 section 4.1) and these; `aud` is a string or a list.
macro_rules! token {
    ($(($name:literal, $shape:expr $(,)?)),* $(,)?) => {
        Shape::Closed(&[(
            "claims",
            Shape::Open(&[
                ("iss", S), ("sub", S), ("jti", S), ("exp", I), ("nbf", I), ("iat", I),
                $(($name, $shape)),*
            ]),
        )])
    };
}

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

/// A signed document with these members.
macro_rules! document {
    ($(($name:literal, $shape:expr $(,)?)),* $(,)?) => {
        Shape::Closed(&[
            ("payload", Shape::Closed(&[
                ("data", S),
                ("jsonData", Shape::Open(&[$(($name, $shape)),*])),
            ])),
            ("signingTime", I),
            ("certificates", Shape::List(&CERTIFICATE)),
        ])
    };
}

/// Claims that are texts.
macro_rules! texts {
    ($($name:literal),* $(,)?) => { token!($(($name, S)),*) };
}

const CLIENT: Shape = Shape::Closed(&[
    ("clientId", S),
    ("applicationFederatedCredentialId", S),
    // It cannot be read; named so that the message about it is its own.
    ("activeSubjectUrn", S),
]);

const GENERIC: Shape = token!();

/// Numbers are texts in GitHub's tokens, and so are yes and no.
const GITHUB: Shape = texts![
    "actor",
    "actor_id",
    "base_ref",
    "enterprise",
    "enterprise_id",
    "environment",
    "event_name",
    "head_ref",
    "job_workflow_ref",
    "job_workflow_sha",
    "ref",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "run_attempt",
    "run_id",
    "run_number",
    "runner_environment",
    "sha",
    "workflow",
    "workflow_ref",
    "workflow_sha",
];

/// The same holds for GitLab's.
const GITLAB: Shape = texts![
    "environment",
    "environment_protected",
    "job_id",
    "namespace_id",
    "namespace_path",
    "pipeline_id",
    "pipeline_source",
    "project_id",
    "project_path",
    "ref",
    "ref_path",
    "ref_protected",
    "ref_type",
    "sha",
    "user_id",
    "user_login",
];

const AZURE: Shape = texts!["appid", "idp", "oid", "tid", "ver", "xms_mirid"];

const GOOGLE: Shape = token![
    ("azp", S),
    ("email", S),
    ("email_verified", Shape::Boolean),
    (
        "google",
        Shape::Open(&[(
            "compute_engine",
            Shape::Open(&[
                ("instance_creation_timestamp", I),
                ("instance_id", S),
                ("instance_name", S),
                ("license_id", STRINGS),
                ("project_id", S),
                ("project_number", I),
                ("zone", S),
            ]),
        )]),
    ),
];

const NAMED: Shape = Shape::Open(&[("name", S), ("uid", S)]);

const KUBERNETES: Shape = token![(
    "kubernetes.io",
    Shape::Open(&[
        ("namespace", S),
        ("node", NAMED),
        ("pod", NAMED),
        ("secret", NAMED),
        ("serviceaccount", NAMED),
        ("warnafter", I),
    ]),
)];

const SUBJECT: Shape = distinguished_name!();

const CERTIFICATE: Shape = Shape::Closed(&[
    ("subject", SUBJECT),
    ("issuer", distinguished_name![("subject", SUBJECT)]),
    ("serialNumber", S),
    ("fingerprint", S),
    (
        "san",
        Shape::Closed(&[("dns", STRINGS), ("uri", STRINGS), ("email", STRINGS), ("ip", STRINGS)]),
    ),
]);

/// `audience` is a string or an object; what the cloud adds to its documents is anybody's guess.
const ALIBABA: Shape = document![
    ("image-id", S),
    ("instance-id", S),
    ("instance-type", S),
    ("mac", S),
    ("owner-account-id", S),
    ("private-ipv4", S),
    ("region-id", S),
    ("serial-number", S),
    ("zone-id", S),
];

const AMAZON: Shape = document![
    ("accountId", S),
    ("architecture", S),
    ("availabilityZone", S),
    ("imageId", S),
    ("instanceId", S),
    ("instanceType", S),
    ("pendingTime", S),
    ("privateIp", S),
    ("region", S),
    ("version", S),
];

const AZURE_ATTESTED: Shape =
    document![("licenseType", S), ("nonce", S), ("sku", S), ("subscriptionId", S), ("vmId", S),];

/// The models that conditions on proofs of `preset` read.
pub(super) const fn of(preset: Preset) -> [Model; 2] {
    let proof = match preset {
        Preset::Generic | Preset::SpiffeJwt => Model::jwt(GENERIC),
        Preset::Kubernetes | Preset::AckRrsa => Model::jwt(KUBERNETES),
        Preset::GithubActions => Model::jwt(GITHUB),
        Preset::GitlabCi => Model::jwt(GITLAB),
        Preset::AzureVm => Model::jwt(AZURE),
        Preset::GceVm => Model::jwt(GOOGLE),
        Preset::Pca | Preset::SpiffeX509 => Model::cert(CERTIFICATE),
        Preset::AlibabaEcs => Model::pkcs7(ALIBABA),
        Preset::AmazonEc2 => Model::pkcs7(AMAZON),
        Preset::AzureAttested => Model::pkcs7(AZURE_ATTESTED),
    };
    [Model::client(CLIENT), proof]
}

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
            let checked = Expression::parse(text).unwrap().check_condition(&of(preset));
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
            let checked = Expression::parse(text).unwrap().check_mapping(&of(preset));
            assert!(checked.is_ok(), "{text}: {checked:?}");
        };
        let condition = |preset: Preset, text: &str| {
            let checked = Expression::parse(text).unwrap().check_condition(&of(preset));
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
        assert_ne!(placeholder.check_condition(&of(Preset::Generic)), Ok(()));
    }
}
