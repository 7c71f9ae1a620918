//! The token request that would carry a proof.

use crate::cli::input;
use crate::cli::process::lines;
use crate::config;
use clap::{Args, ValueEnum};
use credmint_core::policy::{ProviderKind, TrustPolicy};
use credmint_core::{
    CLIENT_CREDENTIALS_GRANT, ID_TOKEN_BEARER, JWT_BEARER_ASSERTION, JWT_BEARER_GRANT,
    JWT_SPIFFE_ASSERTION, JWT_TYPE, PKCS7_BEARER, PKCS7_TYPE, RequestForm, TOKEN_EXCHANGE_GRANT,
};
use credmint_verify::Misuse;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use std::path::Path;

/// What stands beside a token in its request.
#[derive(Args)]
pub(super) struct Beside {
    /// With --token: the form of the request; left out, idaas where client and credential are named, else
    /// client_assertion for a token and token_exchange for a document
    #[arg(long, value_name = "FORM", conflicts_with = "form")]
    form_of: Option<FormOf>,
    /// With --token: the client's id; left out, what the proof states says whose it is
    #[arg(long, value_name = "ID", conflicts_with = "form")]
    client: Option<String>,
    /// With --token: the name of the client's federated credential
    #[arg(long, value_name = "NAME", conflicts_with = "form", requires = "client")]
    credential: Option<String>,
    /// With --token: what is asked for; left out, everything on the named credential's only audience, or what the
    /// credential that is found gives unasked
    #[arg(long, value_name = "SCOPE", conflicts_with = "form")]
    scope: Option<String>,
    /// With --token: what it is asked for on, by the name of the resource or one of its URIs
    #[arg(long, value_name = "NAME", conflicts_with = "form")]
    resource: Option<String>,
}

/// The forms that carry a token or a document.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum FormOf {
    /// client_credentials with an assertion type of the compatible service.
    Idaas,
    /// The grant jwt-bearer.
    JwtBearer,
    /// The grant token-exchange.
    TokenExchange,
    /// client_credentials with a client assertion jwt-bearer.
    ClientAssertion,
    /// client_credentials with a client assertion jwt-spiffe.
    JwtSpiffe,
}

impl FormOf {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Idaas => RequestForm::Idaas.as_str(),
            Self::JwtBearer => RequestForm::JwtBearer.as_str(),
            Self::TokenExchange => RequestForm::TokenExchange.as_str(),
            Self::ClientAssertion => RequestForm::ClientAssertion.as_str(),
            Self::JwtSpiffe => RequestForm::SpiffeAssertion.as_str(),
        }
    }
}

impl Beside {
    /// The request with the token of this file, and its form where that was chosen for one that names no credential.
    pub(super) fn request(
        &self,
        token: &Path,
        policy: &Path,
    ) -> Result<(Box<RawValue>, Option<&'static str>), Misuse> {
        let proof = input::read_text(token).map_err(|misuse| {
            Misuse::new(format_args!(
                "{misuse}; --token names a file with the token, or - for standard input"
            ))
        })?;
        let policy = config::open_policy(policy).map_err(|errors| Misuse::new(lines(&errors)))?;
        // What is neither is told what is wrong with it as a proof of the kind that the credential takes.
        let is_jws = proof.trim().split('.').count() == 3 || self.takes_tokens(&policy);
        let form = self.form_of.unwrap_or(match (self.names(), &self.resource, is_jws) {
            (Some(_), None, _) => FormOf::Idaas,
            (_, _, true) => FormOf::ClientAssertion,
            (_, _, false) => FormOf::TokenExchange,
        });
        let chosen = self.form_of.is_none() && form != FormOf::Idaas;
        let mut members = carrying(form, is_jws, &proof);
        members.extend([
            ("client_id", self.client.as_deref()),
            ("application_federated_credential_name", self.credential.as_deref()),
            ("audience", self.resource.as_deref()),
        ]);
        let everything;
        let scope = match (&self.scope, self.names(), &self.resource) {
            (None, Some((client, credential)), None) => {
                everything = everything_of(&policy, client, credential)?;
                Some(everything.as_str())
            }
            (scope, ..) => scope.as_deref(),
        };
        members.push(("scope", scope));
        let given = members.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let request: Map<String, Value> =
            given.map(|(name, value)| (name.to_owned(), value.into())).collect();
        let request = to_raw_value(&request).map_err(Misuse::new)?;
        Ok((request, chosen.then_some(form.as_str())))
    }

    /// Client and credential, where both are named.
    fn names(&self) -> Option<(&str, &str)> {
        Some((self.client.as_deref()?, self.credential.as_deref()?))
    }

    fn takes_tokens(&self, policy: &TrustPolicy) -> bool {
        let found = self
            .names()
            .and_then(|(client, credential)| policy.client(client)?.credential(credential));
        let provider = found.and_then(|found| {
            let mut providers = policy.providers();
            providers.find(|(name, _)| *name == found.provider()).map(|(_, provider)| provider)
        });
        provider.is_some_and(|provider| matches!(provider.kind(), ProviderKind::Oidc(_)))
    }
}

type Members<'a> = Vec<(&'static str, Option<&'a str>)>;

/// The parameters of a form that carry the proof.
fn carrying(form: FormOf, is_jws: bool, proof: &str) -> Members<'_> {
    let assertion = |kind: &'static str| {
        vec![
            ("grant_type", Some(CLIENT_CREDENTIALS_GRANT)),
            ("client_assertion_type", Some(kind)),
            ("client_assertion", Some(proof)),
        ]
    };
    match form {
        FormOf::Idaas => assertion(if is_jws { ID_TOKEN_BEARER } else { PKCS7_BEARER }),
        FormOf::ClientAssertion => assertion(JWT_BEARER_ASSERTION),
        FormOf::JwtSpiffe => assertion(JWT_SPIFFE_ASSERTION),
        FormOf::JwtBearer => {
            vec![("grant_type", Some(JWT_BEARER_GRANT)), ("assertion", Some(proof))]
        }
        FormOf::TokenExchange => vec![
            ("grant_type", Some(TOKEN_EXCHANGE_GRANT)),
            ("subject_token", Some(proof)),
            ("subject_token_type", Some(if is_jws { JWT_TYPE } else { PKCS7_TYPE })),
        ],
    }
}

/// `AUDIENCE|.all` of the credential's only audience. A client or credential that is not there is for the judge to
/// tell, so any scope does.
fn everything_of(policy: &TrustPolicy, client: &str, credential: &str) -> Result<String, Misuse> {
    let found = policy.client(client).and_then(|client| client.credential(credential));
    let Some(found) = found else { return Ok("any|.all".to_owned()) };
    let mut audiences = found.audiences();
    match (audiences.next(), audiences.next()) {
        (Some(only), None) => Ok(format!("{only}|.all")),
        _ => Err(Misuse::new("the credential does not have exactly one audience: give --scope")),
    }
}
