//! `policy:`.

use super::matches::Match;
use super::provider::Provider;
use super::value::{Acceptance, Duration, OneOrMany, SigningAlgorithm};
use schemars::JsonSchema;
use serde_json::Value;
use std::collections::BTreeMap;

/// A trust policy: which proofs are believed, whose they are, and what their bearers may have.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Policy {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    pub version: i64,
    /// The issuer of the access tokens: https://host[:port][/path], without a slash at the end.
    pub issuer: String,
    /// The lifetime of access tokens, 60 to 86400 seconds; 3600s by default.
    pub token_lifetime: Option<Duration>,
    /// Where proofs come from, by name.
    pub providers: BTreeMap<String, Provider>,
    /// Services that take access tokens, by audience.
    pub resources: BTreeMap<String, Resource>,
    /// Who gets access tokens, by client id.
    pub clients: BTreeMap<String, Client>,
    /// Findings of `credmint check` that are known.
    pub accept: Option<Vec<Acceptance>>,
    /// Examples that the policy must decide as they say.
    pub tests: Option<Vec<Test>>,
}

/// `organisation.yaml` in a folder of policies.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Organisation {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    pub version: i64,
    /// The issuer of the access tokens.
    pub issuer: String,
    /// The lifetime of access tokens, 60 to 86400 seconds; 3600s by default.
    pub token_lifetime: Option<Duration>,
    /// The issuers that providers of teams may have.
    pub allowed_issuers: Option<Vec<String>>,
    /// The audiences that teams may define and give scopes on.
    pub allowed_audiences: Option<Vec<String>>,
    /// The scope values of some of these audiences; of the others all.
    pub allowed_scopes: Option<Scopes>,
    /// The claims of access tokens that attributes may set, beside the subject.
    pub allowed_claims: Option<Vec<String>>,
    /// Client ids, as app_orders, app_{team} or, for all that begin so, app_{team}_*.
    pub allowed_clients: Option<Vec<String>>,
    /// true: credentials of teams may be discoverable.
    pub allowed_discoverable: Option<bool>,
    /// The longest lifetime of access tokens; token_lifetime by default.
    pub max_token_lifetime: Option<Duration>,
    /// true: what is wrong with the file of one team keeps no other from loading. What it was when it last loaded is used, or
    /// nothing of it.
    pub isolate_teams: Option<bool>,
    /// Lists for single teams, by the name of their file without its ending.
    pub teams: Option<BTreeMap<String, TeamLimits>>,
    /// Providers for everybody, by name.
    pub providers: Option<BTreeMap<String, Provider>>,
    /// Services that take access tokens, by audience.
    pub resources: Option<BTreeMap<String, Resource>>,
    /// Clients of the organisation itself.
    pub clients: Option<BTreeMap<String, Client>>,
    /// Findings of `credmint check` that are known.
    pub accept: Option<Vec<Acceptance>>,
    /// Examples that the policy must decide as they say.
    pub tests: Option<Vec<Test>>,
}

/// What one team may use, in the place of the lists for all.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TeamLimits {
    /// The issuers that its providers may have.
    pub allowed_issuers: Option<Vec<String>>,
    /// The audiences that it may define and give scopes on.
    pub allowed_audiences: Option<Vec<String>>,
    /// The scope values of some of these audiences; of the others all.
    pub allowed_scopes: Option<Scopes>,
    /// The claims of access tokens that attributes may set, beside the subject.
    pub allowed_claims: Option<Vec<String>>,
    /// Client ids, as app_orders, app_{team} or, for all that begin so, app_{team}_*.
    pub allowed_clients: Option<Vec<String>>,
    /// true: its credentials may be discoverable.
    pub allowed_discoverable: Option<bool>,
    /// The longest lifetime of access tokens; token_lifetime by default.
    pub max_token_lifetime: Option<Duration>,
}

/// The file of a team in a folder of policies.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Team {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    pub version: Option<i64>,
    /// Providers of OIDC issuers that the organisation allows, by name.
    pub providers: Option<BTreeMap<String, Provider>>,
    /// Services that take access tokens, by audience.
    pub resources: Option<BTreeMap<String, Resource>>,
    /// Who gets access tokens, by client id.
    pub clients: Option<BTreeMap<String, Client>>,
    /// Examples that the policy must decide as they say.
    pub tests: Option<Vec<Test>>,
}

/// Scope values by audience.
pub type Scopes = BTreeMap<String, Vec<String>>;

/// A service that takes access tokens.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Resource {
    /// The scope values that it knows.
    #[schemars(length(min = 1))]
    pub scopes: Vec<String>,
    /// What a request may call it beside its name (RFC 8707): absolute URIs without a fragment.
    pub resource: Option<OneOrMany<String>>,
    /// The longest lifetime of access tokens for it.
    pub token_lifetime: Option<Duration>,
    /// What its access tokens are signed with; server.signing.algorithm by default.
    pub signing_algorithm: Option<SigningAlgorithm>,
    /// Reserved: a policy that asks for it does not load.
    pub sender_binding: Option<SenderBinding>,
}

/// How tokens are bound to the key of their sender. Nothing enforces it yet.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum SenderBinding {
    /// RFC 9449.
    Dpop,
    /// RFC 8705.
    Mtls,
}

/// Who gets access tokens.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Client {
    /// false: the client is refused.
    pub enabled: Option<bool>,
    /// By audience, a part of what the resources know.
    pub scopes: Scopes,
    /// The lifetime of its access tokens; that of the policy by default.
    pub token_lifetime: Option<Duration>,
    /// Federated credentials by name.
    pub credentials: BTreeMap<String, Credential>,
    /// The resources, by name, for which it may exchange access tokens of others.
    pub may_exchange: Option<Vec<String>>,
    /// Reserved: a policy that asks for it does not load.
    pub sender_binding: Option<SenderBinding>,
}

/// Which proofs of a provider are this client's.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Credential {
    /// false: the credential is refused.
    pub enabled: Option<bool>,
    /// The name of the provider whose proofs it takes.
    pub provider: String,
    /// A part of the client's scopes; required when the client has more than one credential.
    pub scopes: Option<Scopes>,
    /// The part of its scopes that a request gets which asks for none; everything by default.
    pub default_scopes: Option<Scopes>,
    /// Values that the fields of a proof must have.
    #[schemars(rename = "match")]
    pub matches: Option<Match>,
    /// A condition that a proof must meet.
    pub condition: Option<String>,
    /// Accounts whose documents are meant (`pkcs7`).
    pub accounts: Option<Vec<String>>,
    /// Instances whose documents are meant (`pkcs7`).
    pub instances: Option<Vec<String>>,
    /// Expressions by the claim that they give; `client.activeSubjectUrn` follows the client id in `sub`.
    pub attributes: Option<BTreeMap<String, String>>,
    /// The lifetime of its access tokens; that of the client by default.
    pub token_lifetime: Option<Duration>,
    /// For whom it is.
    pub binds: Option<Binds>,
    /// true: requests need not name it, or its client; false by default.
    pub discoverable: Option<bool>,
    /// Findings of `credmint check` that are known.
    pub accept: Option<Vec<Acceptance>>,
    /// Reserved: a policy that asks for it does not load.
    pub sender_binding: Option<SenderBinding>,
}

/// For whom a credential is.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Binds {
    /// One workload: the conditions say which.
    Individual,
    /// Many: the conditions fix their owner, and `client.activeSubjectUrn` says who.
    Group,
}

/// An example that the policy must decide as it says.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Test {
    /// What it shows.
    pub name: String,
    /// CLIENT/CREDENTIAL that the request names; without it, what the proof states says whose it is.
    pub credential: Option<String>,
    /// The client that the request names, when it names no credential.
    pub client: Option<String>,
    /// The form of the request; `idaas` by default when it names a credential, else `client_assertion`.
    pub form: Option<Form>,
    /// When, RFC 3339 or Unix seconds.
    pub at: Value,
    /// What the proof states: one of `claims`, `certificate` and `document`.
    pub given: Given,
    /// What the request asks for; everything that the credential it names has by default.
    pub scope: Option<Value>,
    /// What the request asks for it on: the name of a resource or one of its URIs.
    pub resource: Option<String>,
    /// What must come of it.
    pub expect: Expectation,
}

/// The form of the request of a test.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Form {
    /// `client_credentials` with an assertion type of Alibaba Cloud IDaaS.
    Idaas,
    /// The grant `jwt-bearer`.
    JwtBearer,
    /// The grant `token-exchange`.
    TokenExchange,
    /// `client_credentials` with a client assertion.
    ClientAssertion,
    /// `client_credentials` with a JWT-SVID as client assertion.
    JwtSpiffe,
    /// `client_credentials` over mutual TLS.
    TlsClientAuth,
}

/// What a proof states.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Given {
    /// The claims of a token.
    pub claims: Option<Value>,
    /// The `typ` of the token.
    pub typ: Option<String>,
    /// A certificate in PEM, or what conditions read of one.
    pub certificate: Option<Value>,
    /// A document, as an object or as text.
    pub document: Option<Value>,
    /// What conditions read of the certificates of the document's signer.
    pub certificates: Option<Vec<Value>>,
    /// When the document was signed.
    pub signing_time: Option<Value>,
    /// Whether parts of it were taken away, as in audit records.
    pub incomplete: Option<bool>,
}

/// What must come of a test: one of the two.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Expectation {
    /// A token that says this.
    pub accept: Option<Accepted>,
    /// The code of a refusal.
    pub refuse: Option<String>,
}

/// What a token must say; what is left out may be anything.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Accepted {
    /// CLIENT/CREDENTIAL that it is found to be of.
    pub credential: Option<String>,
    /// Its `sub`.
    pub subject: Option<String>,
    /// Its `aud`.
    pub audience: Option<String>,
    /// Its scope values, as a list or as one text.
    pub scope: Option<OneOrMany<String>>,
    /// Its lifetime.
    pub lifetime: Option<Duration>,
    /// The claims that the policy maps into it, all of them.
    pub claims: Option<BTreeMap<String, Value>>,
}
