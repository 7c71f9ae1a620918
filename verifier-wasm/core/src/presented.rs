//! What came in: a token request whose parameters have been read and of which nothing is proven.

mod client_certificate;
mod client_nonce;
mod json;
mod parameters;
mod read;
mod scope;
mod told;

pub use client_certificate::ClientCertificate;
pub use client_nonce::ClientNonce;
pub use json::parameters_from_json;
pub use scope::{ScopeDialect, ScopeRequest};

use crate::form::RequestForm;
use crate::jose::claimed;
use alloc::string::String;
use core::fmt;

/// A token request (RFC 6749 section 4.4.2, RFC 7521 section 4, RFC 8693 section 2.1). Nothing in it is proven.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented {
    /// Which grant it is, and what carries the proof.
    pub form: RequestForm,
    /// `client_id`: the client that the sender says it is, where it says so.
    pub client_id: Option<String>,
    /// `application_federated_credential_name`: which of the client's credentials is meant, where that is said.
    pub credential: Option<String>,
    /// The proof.
    pub assertion: Assertion,
    /// `subject_token`, where the client exchanges an access token of ours and proves itself beside it.
    pub subject: Option<SubjectToken>,
    /// `scope`, `resource` and `audience`: what is asked for.
    pub scope: ScopeRequest,
    /// `client_nonce`: by what an instance is known again, beside a document.
    pub nonce: Option<ClientNonce>,
}

/// A proof, as it came in.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Assertion {
    /// A JWT signed by the key of a certificate of a private CA.
    Pca {
        /// The JWT.
        jwt: String,
        /// `client_x509`: the certificate.
        certificate: String,
        /// `client_x509_chain`: its intermediates, in any order; may be empty.
        chain: String,
    },
    /// An OIDC token.
    Oidc {
        /// The token.
        token: String,
    },
    /// A PKCS#7 document.
    Pkcs7 {
        /// Base64 or PEM.
        document: String,
    },
    /// A JWT that is a token of an issuer or signed by the client itself: its `iss` says which, and is believed in
    /// nothing else.
    Jwt {
        /// The JWT.
        token: String,
        /// `client_x509`, where it is beside a JWT that brings its certificates in its header.
        certificate: Option<String>,
    },
    /// A JWT-SVID.
    Svid {
        /// The JWT.
        token: String,
    },
    /// The certificate of a TLS client (RFC 8705 section 2.1). A transport makes it, and no parameter.
    TlsCertificate(ClientCertificate),
}

impl Presented {
    /// The access token of `issuer` that is to be exchanged: the subject token of a client that proves itself beside it, or
    /// one that stands alone and says that it is of that issuer.
    #[must_use]
    pub fn exchanged_of(&self, issuer: &str) -> Option<&str> {
        if let Some(SubjectToken(token)) = &self.subject {
            return Some(token);
        }
        match (&self.assertion, self.form) {
            (Assertion::Oidc { token }, RequestForm::TokenExchange) => {
                claimed(token, "iss").is_some_and(|named| named == issuer).then_some(token)
            }
            _ => None,
        }
    }
}

/// An access token of ours that is to be exchanged.
#[derive(Clone, PartialEq, Eq)]
pub struct SubjectToken(pub String);

impl Assertion {
    /// The word for its kind, that of the providers: a JWT that may be of two kinds is first looked for as a token of an
    /// issuer.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Pca { .. } | Self::TlsCertificate(_) => "pca",
            Self::Oidc { .. } | Self::Jwt { .. } | Self::Svid { .. } => "oidc",
            Self::Pkcs7 { .. } => "pkcs7",
        }
    }
}

/// Proofs are secrets while they live: only their kind is shown.
impl fmt::Debug for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

/// As of a proof.
impl fmt::Debug for SubjectToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("access token")
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("form", &self.form)
            .field("client_id", &self.client_id)
            .field("credential", &self.credential)
            .field("assertion", &self.assertion)
            .field("subject", &self.subject)
            .field("scope", &self.scope)
            .finish()
    }
}

/// The assertion type of a PCA proof.
pub const X509_JWT_BEARER: &str =
    "urn:cloud:idaas:params:oauth:client-assertion-type:x509-jwt-bearer";
/// The assertion type of an OIDC proof.
pub const ID_TOKEN_BEARER: &str =
    "urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer";
/// The assertion type of a PKCS#7 proof.
pub const PKCS7_BEARER: &str = "urn:cloud:idaas:params:oauth:client-assertion-type:pkcs7-bearer";
/// The assertion type of a JWT (RFC 7523 section 2.2).
pub const JWT_BEARER_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The assertion type of a JWT-SVID (draft-ietf-oauth-spiffe-client-auth).
pub const JWT_SPIFFE_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe";
/// The grant of client credentials (RFC 6749 section 4.4).
pub const CLIENT_CREDENTIALS_GRANT: &str = "client_credentials";
/// The grant whose assertion is a JWT (RFC 7523 section 2.1).
pub const JWT_BEARER_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The grant of token exchange (RFC 8693 section 2.1).
pub const TOKEN_EXCHANGE_GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// The token type of an access token (RFC 8693 section 3).
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";
/// The token type of a JWT (RFC 8693 section 3).
pub const JWT_TYPE: &str = "urn:ietf:params:oauth:token-type:jwt";
/// The token type of an ID token (RFC 8693 section 3).
pub const ID_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:id_token";
/// The token type of a PKCS#7 document, which has no registered name.
pub const PKCS7_TYPE: &str = "https://credmint.dev/oauth/token-type/pkcs7";

#[cfg(test)]
mod tests;
