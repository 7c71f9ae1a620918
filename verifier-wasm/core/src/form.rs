//! The forms of a token request: which grant it is, and what carries the proof.

/// How a token request carries its proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RequestForm {
    /// `client_credentials` with an assertion type of the compatible service: client and credential are named.
    Idaas,
    /// Token exchange with such an assertion: the client, known by its proof, exchanges an access token of ours.
    IdaasExchange,
    /// The grant `jwt-bearer`: the assertion is the grant (RFC 7523 section 2.1).
    JwtBearer,
    /// The grant `token-exchange`: the proof is the subject token (RFC 8693 section 2.1).
    TokenExchange,
    /// `client_credentials` with a client assertion `jwt-bearer` (RFC 7523 section 2.2).
    ClientAssertion,
    /// `client_credentials` with a client assertion `jwt-spiffe` (draft-ietf-oauth-spiffe-client-auth).
    SpiffeAssertion,
    /// `client_credentials` over mutual TLS (RFC 8705 section 2.1).
    TlsClient,
}

impl RequestForm {
    /// Every form.
    pub const ALL: &'static [Self] = &[
        Self::Idaas,
        Self::IdaasExchange,
        Self::JwtBearer,
        Self::TokenExchange,
        Self::ClientAssertion,
        Self::SpiffeAssertion,
        Self::TlsClient,
    ];

    /// The stable text form, for records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idaas => "idaas",
            Self::IdaasExchange => "idaas_exchange",
            Self::JwtBearer => "jwt_bearer",
            Self::TokenExchange => "token_exchange",
            Self::ClientAssertion => "client_assertion",
            Self::SpiffeAssertion => "jwt_spiffe",
            Self::TlsClient => "tls_client_auth",
        }
    }

    /// The form of this text.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|form| form.as_str() == name)
    }
}

/// What a proof is sent as, whatever it says. Which providers may be asked about it depends on this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// A token of an issuer.
    Token,
    /// A JWT of a client, which may have signed it itself.
    OfClient { has_certificates: bool },
    /// An SVID by which a client authenticates itself.
    Svid,
    /// An assertion with its certificate beside it.
    Certified,
    /// The certificate of a TLS client.
    Tls,
    /// A PKCS#7 document.
    Document,
}

impl Means {
    /// The word for the kind of proof, that of the providers.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Token | Self::OfClient { .. } | Self::Svid => "oidc",
            Self::Certified | Self::Tls => "pca",
            Self::Document => "pkcs7",
        }
    }
}
