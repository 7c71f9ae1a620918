//! Providers of a policy, each type with its own settings.

use super::value::{Acceptance, Duration, OneOrMany};
use credmint_core::policy::{Preset, Takes};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;

/// Where proofs come from: a variant for each `type`.
#[derive(Clone, Copy, Debug)]
pub struct Provider;

impl JsonSchema for Provider {
    fn schema_name() -> Cow<'static, str> {
        "Provider".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut variants = Vec::new();
        for preset in Preset::of_each_type() {
            let about = match preset.takes() {
                Takes::Documents => "Instance documents that a cloud signs.",
                _ => preset.guide().about,
            };
            let name = preset.type_name();
            variants.push(variant(name, about, settings(preset, generator)));
            if let Some(other) = preset.other_type_name() {
                let about = format!("The same as `{name}`.");
                variants.push(variant(other, &about, settings(preset, generator)));
            }
        }
        json_schema!({ "description": "Where proofs come from.", "oneOf": variants })
    }
}

/// The members of providers of the type of `preset`, but for `type`.
fn settings(preset: Preset, generator: &mut SchemaGenerator) -> Schema {
    match preset.takes() {
        Takes::Svids => Spiffe::json_schema(generator),
        Takes::Certificates => Authority::json_schema(generator),
        Takes::Documents => documents(generator),
        Takes::Keys => OwnKey::json_schema(generator),
        _ if preset.default_issuer().is_some() => PublicTokens::json_schema(generator),
        _ if preset.chooses_identity() => AnyTokens::json_schema(generator),
        _ => Tokens::json_schema(generator),
    }
}

/// The members with `type` before them.
fn variant(name: &str, about: &str, mut schema: Schema) -> Schema {
    schema.insert("description".to_owned(), about.into());
    let object = schema.ensure_object();
    let kind = json!({ "const": name, "type": "string" });
    match object.get_mut("properties").and_then(Value::as_object_mut) {
        Some(properties) => drop(properties.insert("type".to_owned(), kind)),
        None => drop(object.insert("properties".to_owned(), json!({ "type": kind }))),
    }
    match object.get_mut("required").and_then(Value::as_array_mut) {
        Some(required) => required.insert(0, "type".into()),
        None => drop(object.insert("required".to_owned(), json!(["type"]))),
    }
    schema
}

/// The members of documents; which clouds have an audience is a matter of the presets.
fn documents(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = Documents::json_schema(generator);
    let with_audience = Preset::ALL.iter().filter(|preset| preset.names_audience());
    let names: Vec<String> = with_audience.map(|preset| format!("`{}`", preset.name())).collect();
    let about =
        format!("What the workload must ask the metadata service for ({}).", names.join(", "));
    if let Some(audience) =
        schema.pointer_mut("/properties/audience").and_then(Value::as_object_mut)
    {
        audience.insert("description".to_owned(), about.into());
    }
    schema
}

/// A type with these members beside those that every provider has.
macro_rules! provider {
    ($(#[$about:meta])* $name:ident { $($(#[$member_about:meta])* $member:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $name {
            /// false: every proof of it is refused.
            pub enabled: Option<bool>,
            /// A condition that every proof must meet, whoever sends it.
            pub trust_condition: Option<String>,
            /// Findings of `credmint check` that are known.
            pub accept: Option<Vec<Acceptance>>,
            $($(#[$member_about])* pub $member: $kind,)*
        }
    };
}

/// Members of a provider of tokens, of which `iss` and what follows the others differ.
macro_rules! tokens {
    ($(#[$about:meta])* $name:ident { $(#[$issuer_about:meta])* issuer: $issuer:ty, $($(#[$member_about:meta])* $member:ident: $kind:ty,)* }) => {
        provider! {
            $(#[$about])*
            $name {
                $(#[$issuer_about])*
                issuer: $issuer,
                /// The values of `aud` of which a token must have one.
                audiences: Vec<String>,
                /// What `aud` may name beside one of `audiences`.
                other_audiences: Option<Vec<String>>,
                /// The values of `typ`; `JWT` or none by default.
                types: Option<Vec<String>>,
                /// By how much clocks may differ, 0 to 120 seconds; 30s by default.
                clock_skew: Option<Duration>,
                /// Where its keys come from.
                keys: Keys,
                /// The algorithms for its keys.
                algorithms: Option<Vec<String>>,
                /// The longest time from `iat` to `exp`; 86700s by default.
                max_lifetime: Option<Duration>,
                /// What becomes of tokens that carry a key of their own choice.
                embedded_keys: Option<EmbeddedKeys>,
                $($(#[$member_about])* $member: $kind,)*
            }
        }
    };
}

tokens! {
    /// Tokens of an OIDC issuer.
    Tokens {
        /// `iss` of the tokens, compared character by character.
        issuer: String,
    }
}

tokens! {
    /// Tokens of an OIDC issuer of which nothing else is known.
    AnyTokens {
        /// `iss` of the tokens, compared character by character.
        issuer: String,
        /// The claims that identify, all together, or lists of such claims, each of which does; `sub` by default.
        identity: Option<Vec<OneOrMany<String>>>,
    }
}

tokens! {
    /// Tokens of an OIDC issuer with a public service.
    PublicTokens {
        /// `iss` of the tokens; that of the public service by default.
        issuer: Option<String>,
    }
}

provider! {
    /// SVIDs of a SPIFFE trust domain.
    Spiffe {
        /// The name of the trust domain, without `spiffe://`.
        trust_domain: String,
        /// X.509-SVIDs: the roots; an element may be a bundle of them.
        roots: Option<Vec<CertificatePlace>>,
        /// X.509-SVIDs: certificates that help to find a path.
        intermediates: Option<Vec<CertificatePlace>>,
        /// X.509-SVIDs: what a certificate must be for.
        extended_key_usages: Option<Vec<String>>,
        /// X.509-SVIDs: revocation lists of the authorities.
        crls: Option<Vec<CrlPlace>>,
        /// X.509-SVIDs: whether a current list must tell about every certificate. True when lists are named.
        require_crls: Option<bool>,
        /// X.509-SVIDs: what is accepted beyond the defaults, by name: `rsa-8192`.
        allow: Option<Vec<String>>,
        /// X.509-SVIDs: whether one that is shown in the handshake of TLS is taken; `refuse` by default.
        tls: Option<AcceptOrRefuse>,
        /// JWT-SVIDs: `iss` of the tokens; without it, the keys alone say who signed.
        issuer: Option<String>,
        /// JWT-SVIDs: the audiences of which a token must have one.
        audiences: Option<Vec<String>>,
        /// JWT-SVIDs: what `aud` may name beside one of `audiences`.
        other_audiences: Option<Vec<String>>,
        /// JWT-SVIDs: the values of `typ`; `JWT`, `JOSE` or none by default.
        types: Option<Vec<String>>,
        /// JWT-SVIDs: by how much clocks may differ, 0 to 120 seconds; 30s by default.
        clock_skew: Option<Duration>,
        /// JWT-SVIDs: where the keys come from.
        keys: Option<Keys>,
        /// JWT-SVIDs: the algorithms for the keys.
        algorithms: Option<Vec<String>>,
        /// JWT-SVIDs: the longest time from `iat` to `exp`.
        max_lifetime: Option<Duration>,
        /// JWT-SVIDs: what becomes of tokens that carry a key of their own choice.
        embedded_keys: Option<EmbeddedKeys>,
        /// X.509-SVIDs: whether an assertion may bring the SVID in its header; `refuse` by default.
        x5c: Option<AcceptOrRefuse>,
        /// What such an assertion, or a JWT-SVID as `jwt-spiffe`, may name as its audience; `issuer` by default.
        assertion_audiences: Option<AssertionAudiences>,
    }
}

provider! {
    /// A private certificate authority.
    Authority {
        /// The roots; an element may be a bundle of them.
        roots: Option<Vec<CertificatePlace>>,
        /// In the place of roots: SHA-256 of each certificate that is registered by itself, in hexadecimal.
        fingerprints: Option<Vec<String>>,
        /// Certificates that help to find a path; not trusted for being here.
        intermediates: Option<Vec<CertificatePlace>>,
        /// What a certificate must be for, any of them: names or object identifiers.
        extended_key_usages: Option<Vec<String>>,
        /// Revocation lists of the authorities.
        crls: Option<Vec<CrlPlace>>,
        /// Whether a current list must tell about every certificate. True when lists are named.
        require_crls: Option<bool>,
        /// What is accepted beyond the defaults, by name: `rsa-8192`, RSA keys of more than 4096 bits.
        allow: Option<Vec<String>>,
        /// Whether a certificate that is shown in the handshake of TLS is taken; `refuse` by default.
        tls: Option<AcceptOrRefuse>,
        /// Whether an assertion may bring its certificates in its header; `refuse` by default.
        x5c: Option<AcceptOrRefuse>,
        /// What such an assertion may name as its audience; `issuer` by default.
        assertion_audiences: Option<AssertionAudiences>,
    }
}

/// The key of one client.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct OwnKey {
    /// false: every proof of it is refused.
    pub enabled: Option<bool>,
    /// Findings of `credmint check` that are known.
    pub accept: Option<Vec<Acceptance>>,
    /// Where its keys come from.
    pub keys: ClientKeys,
    /// The algorithms for its keys.
    pub algorithms: Option<Vec<String>>,
    /// The longest time from `iat` to `exp`, 1 to 3600 seconds; 600s by default.
    pub max_lifetime: Option<Duration>,
    /// What an assertion may name as its audience; `issuer` by default.
    pub assertion_audiences: Option<AssertionAudiences>,
}

provider! {
    /// Instance documents.
    Documents {
        /// Whose documents; a name in `signers` or `anchors` may say it too.
        profile: Option<DocumentProfile>,
        /// The certificates that the cloud publishes, or a name for them.
        signers: Option<Value>,
        /// Roots of signers whose certificates are in the messages, or a name for signers.
        anchors: Option<Value>,
        /// Certificates on the way to a root, not trusted, or a name for those of a cloud.
        intermediates: Option<Value>,
        /// Weak algorithms, by name.
        allow: Option<Vec<String>>,
        /// Accounts whose documents are meant.
        accounts: Option<Vec<String>>,
        /// Instances whose documents are meant.
        instances: Option<Vec<String>>,
        /// What the workload must ask the metadata service for.
        audience: Option<String>,
        /// How age is judged; the other modes are reserved.
        freshness: Option<Freshness>,
        /// How old a document may be.
        max_age: Option<Duration>,
    }
}

/// Whose documents.
#[derive(Clone, Copy, Debug)]
pub struct DocumentProfile;

impl JsonSchema for DocumentProfile {
    fn schema_name() -> Cow<'static, str> {
        "DocumentProfile".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let documents = Preset::ALL.iter().filter(|preset| preset.takes() == Takes::Documents);
        let one = |preset: &Preset| {
            let about = preset.guide().about;
            json!({ "const": preset.name(), "description": about, "type": "string" })
        };
        let all: Vec<Value> = documents.map(one).collect();
        json_schema!({ "description": "Whose documents.", "oneOf": all })
    }
}

/// How the age of a document is judged.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Freshness {
    /// By `max_age`.
    MaxAge,
}

/// What becomes of a token that carries a key of its own choice.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum EmbeddedKeys {
    /// The key is not heeded.
    Ignore,
    /// The token is refused.
    Refuse,
}

/// Where keys come from: exactly one of `discovery`, `jwks_uri`, `jwks` and `pem`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Keys {
    /// true: from the discovery document of the issuer.
    pub discovery: Option<bool>,
    /// From this address.
    pub jwks_uri: Option<String>,
    /// This set, or a file with it.
    pub jwks: Option<Value>,
    /// This one public key, as PEM text.
    pub pem: Option<String>,
    /// A file with the one public key.
    pub file: Option<String>,
    /// Thumbprints of the keys that may be used (RFC 7638), whatever else is in the set.
    pub pins: Option<Vec<String>>,
    /// How long fetched keys serve while their source fails, 600 to 86400 seconds; 600s by default.
    pub serve_for: Option<Duration>,
}

/// Where the keys of a client come from: exactly one of `jwks_uri`, `jwks` and `pem`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClientKeys {
    /// From this address.
    pub jwks_uri: Option<String>,
    /// This set, or a file with it.
    pub jwks: Option<Value>,
    /// This one public key, as PEM text.
    pub pem: Option<String>,
    /// A file with the one public key.
    pub file: Option<String>,
    /// Thumbprints of the keys that may be used (RFC 7638), whatever else is in the set.
    pub pins: Option<Vec<String>>,
    /// How long fetched keys serve while their source fails, 600 to 86400 seconds; 600s by default.
    pub serve_for: Option<Duration>,
}

/// What an assertion that a client makes itself may name as its audience.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum AssertionAudiences {
    /// The issuer alone.
    Issuer,
    /// The issuer or the address of the token endpoint.
    IssuerOrTokenEndpoint,
}

/// Whether a way to present a proof is taken.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum AcceptOrRefuse {
    /// It is.
    Accept,
    /// It is not.
    Refuse,
}

/// A certificate: PEM text, `{ pem: … }` or `{ file: … }`.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum CertificatePlace {
    /// PEM text.
    Text(String),
    /// A file, relative to this one.
    File(CertificateFile),
    /// PEM text in an object.
    Pem(CertificatePem),
}

/// A file with a certificate.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CertificateFile {
    /// Its name.
    pub file: String,
}

/// A certificate as PEM text.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CertificatePem {
    /// The text.
    pub pem: String,
}

/// A revocation list: PEM text, `{ pem: … }`, `{ file: … }` or `{ url: … }`.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum CrlPlace {
    /// PEM text.
    Text(String),
    /// A file, relative to this one, PEM or DER.
    File(CertificateFile),
    /// PEM text in an object.
    Pem(CertificatePem),
    /// Where it is fetched.
    Url(CrlUrl),
}

/// The address of a revocation list.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CrlUrl {
    /// An https or http URL.
    pub url: String,
}
