//! The clients, what each is expected to get, and how a refusal comes out of it.

/// A way to present a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `grant_type` is jwt-bearer (RFC 7523 section 2.1).
    JwtBearer,
    /// `grant_type` is token-exchange (RFC 8693).
    TokenExchange,
    /// The assertion of a client (RFC 7523 section 2.2).
    ClientAssertion,
    /// The same with a JWT-SVID.
    Spiffe,
}

impl Form {
    /// As the table of the pages calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::JwtBearer => "A, jwt-bearer grant",
            Self::TokenExchange => "B, token exchange",
            Self::ClientAssertion => "C, client assertion",
            Self::Spiffe => "D, jwt-spiffe",
        }
    }

    /// The `error` for a proof that is not trusted.
    pub(crate) fn error(self) -> &'static str {
        match self {
            Self::JwtBearer => "invalid_grant",
            Self::TokenExchange => "invalid_request",
            Self::ClientAssertion | Self::Spiffe => "invalid_client",
        }
    }
}

/// What a client proves itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A token of the platform, in a file.
    Platform,
    /// A JWT-SVID, in a file.
    Svid,
    /// A token that the job asks its runner for.
    Job,
    /// An assertion that it signs as a client.
    ClientKey,
    /// A grant that it signs itself.
    GrantKey,
}

/// For which resource the token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// The request names none: the name of the default resource.
    Default,
    /// The request says `https://api.example.com/v1`.
    Named,
    /// The MCP server's.
    Server,
}

/// One client: a file of `examples/clients`.
pub(crate) struct Client {
    /// Its path, without the ending.
    pub(crate) script: &'static str,
    /// The package, as the list of pinned versions has it.
    pub(crate) package: &'static str,
    pub(crate) form: Form,
    pub(crate) proof: Proof,
    pub(crate) audience: Audience,
    /// The type of its error; empty where it is none.
    pub(crate) error: &'static str,
    /// What members of that error hold, with `{error}` and `{description}` of the answer in it.
    pub(crate) shows: &'static [(&'static str, &'static str)],
}

/// The member `error` and its description are told apart by name.
const BY_NAME: &[(&str, &str)] = &[("error", "{error}"), ("description", "{description}")];
const BY_LONG_NAME: &[(&str, &str)] =
    &[("error", "{error}"), ("error_description", "{description}")];
/// The body of the answer is in the text.
const BODY: &[(&str, &str)] =
    &[("text", r#""error":"{error}","error_description":"{description}""#)];
const ENTRA: &[(&str, &str)] = &[("text", "{error}: Error(s): "), ("text", "{description}")];

/// Every client that gets a token.
pub(crate) const CLIENTS: &[Client] = &[
    Client {
        script: "python/anthropic_messages",
        package: "anthropic",
        form: Form::JwtBearer,
        proof: Proof::Platform,
        audience: Audience::Default,
        error: "WorkloadIdentityError",
        shows: &[("text", "{'error': '{error}', 'error_description': '{description}'}")],
    },
    Client {
        script: "javascript/anthropic_messages",
        package: "@anthropic-ai/sdk",
        form: Form::JwtBearer,
        proof: Proof::Platform,
        audience: Audience::Default,
        error: "WorkloadIdentityError",
        shows: BODY,
    },
    Client {
        script: "python/openai_workload_identity",
        package: "openai",
        form: Form::TokenExchange,
        proof: Proof::Platform,
        audience: Audience::Default,
        error: "OAuthError",
        shows: &[("error", "{error}"), ("message", "{description}")],
    },
    Client {
        script: "javascript/openai_workload_identity",
        package: "openai",
        form: Form::TokenExchange,
        proof: Proof::Platform,
        audience: Audience::Default,
        error: "OAuthError",
        shows: &[("error_code", "{error}"), ("text", r#""error_description":"{description}""#)],
    },
    Client {
        script: "python/google_external_account",
        package: "google-auth",
        form: Form::TokenExchange,
        proof: Proof::Platform,
        audience: Audience::Named,
        error: "OAuthError",
        shows: &[("text", "Error code {error}: {description}")],
    },
    Client {
        script: "javascript/google_external_account",
        package: "google-auth-library",
        form: Form::TokenExchange,
        proof: Proof::Platform,
        audience: Audience::Named,
        error: "Error",
        shows: &[("text", "Error code {error}: {description}")],
    },
    Client {
        script: "python/mcp_private_key_jwt",
        package: "mcp",
        form: Form::ClientAssertion,
        proof: Proof::Platform,
        audience: Audience::Server,
        error: "OAuthTokenError",
        shows: BODY,
    },
    Client {
        script: "javascript/mcp_static_assertion",
        package: "@modelcontextprotocol/client",
        form: Form::ClientAssertion,
        proof: Proof::Platform,
        audience: Audience::Server,
        error: "OAuthError",
        shows: &[("code", "{error}"), ("text", "{description}")],
    },
    Client {
        script: "javascript/mcp_sdk1_static_assertion",
        package: "@modelcontextprotocol/sdk",
        form: Form::ClientAssertion,
        proof: Proof::Platform,
        audience: Audience::Server,
        error: "InvalidClientError",
        shows: &[("text", "{description}")],
    },
    Client {
        script: "javascript/mcp_wif_provider",
        package: "@modelcontextprotocol/client",
        form: Form::JwtBearer,
        proof: Proof::Platform,
        audience: Audience::Server,
        error: "OAuthError",
        shows: &[("code", "{error}"), ("text", "{description}")],
    },
    Client {
        script: "javascript/mcp_cross_app",
        package: "@modelcontextprotocol/client",
        form: Form::JwtBearer,
        proof: Proof::Platform,
        audience: Audience::Server,
        error: "OAuthError",
        shows: &[("code", "{error}"), ("text", "{description}")],
    },
    Client {
        script: "python/authlib_jwt_bearer",
        package: "authlib",
        form: Form::JwtBearer,
        proof: Proof::Platform,
        audience: Audience::Named,
        error: "OAuthError",
        shows: BY_NAME,
    },
    Client {
        script: "python/authlib_token_exchange",
        package: "authlib",
        form: Form::TokenExchange,
        proof: Proof::Platform,
        audience: Audience::Named,
        error: "OAuthError",
        shows: BY_NAME,
    },
    Client {
        script: "python/authlib_client_assertion",
        package: "authlib",
        form: Form::ClientAssertion,
        proof: Proof::Platform,
        audience: Audience::Default,
        error: "OAuthError",
        shows: BY_NAME,
    },
    Client {
        script: "python/authlib_private_key_jwt",
        package: "authlib",
        form: Form::ClientAssertion,
        proof: Proof::ClientKey,
        audience: Audience::Default,
        error: "OAuthError",
        shows: BY_NAME,
    },
    Client {
        script: "python/authlib_assertion_session",
        package: "authlib",
        form: Form::JwtBearer,
        proof: Proof::GrantKey,
        audience: Audience::Default,
        error: "OAuth2Error",
        shows: BY_NAME,
    },
    Client {
        script: "python/requests_oauthlib_client_assertion",
        package: "requests-oauthlib",
        form: Form::ClientAssertion,
        proof: Proof::Platform,
        audience: Audience::Default,
        error: "InvalidClientError",
        shows: BY_NAME,
    },
    Client {
        script: "python/oauthlib_service",
        package: "requests-oauthlib",
        form: Form::JwtBearer,
        proof: Proof::GrantKey,
        audience: Audience::Default,
        error: "InvalidGrantError",
        shows: BY_NAME,
    },
    Client {
        script: "javascript/oauth4webapi_jwt_bearer",
        package: "oauth4webapi",
        form: Form::JwtBearer,
        proof: Proof::Platform,
        audience: Audience::Named,
        error: "ResponseBodyError",
        shows: BY_LONG_NAME,
    },
    Client {
        script: "javascript/oauth4webapi_token_exchange",
        package: "oauth4webapi",
        form: Form::TokenExchange,
        proof: Proof::Platform,
        audience: Audience::Named,
        error: "ResponseBodyError",
        shows: BY_LONG_NAME,
    },
    Client {
        script: "javascript/oauth4webapi_private_key_jwt",
        package: "oauth4webapi",
        form: Form::ClientAssertion,
        proof: Proof::ClientKey,
        audience: Audience::Named,
        error: "ResponseBodyError",
        shows: BY_LONG_NAME,
    },
    Client {
        script: "javascript/oauth4webapi_spiffe",
        package: "oauth4webapi",
        form: Form::Spiffe,
        proof: Proof::Svid,
        audience: Audience::Default,
        error: "ResponseBodyError",
        shows: BY_LONG_NAME,
    },
    Client {
        script: "javascript/openid_client_jwt_bearer",
        package: "openid-client",
        form: Form::JwtBearer,
        proof: Proof::Platform,
        audience: Audience::Named,
        error: "ResponseBodyError",
        shows: BY_LONG_NAME,
    },
    Client {
        script: "javascript/openid_client_private_key_jwt",
        package: "openid-client",
        form: Form::ClientAssertion,
        proof: Proof::ClientKey,
        audience: Audience::Named,
        error: "ResponseBodyError",
        shows: BY_LONG_NAME,
    },
    Client {
        script: "javascript/actions_core",
        package: "@actions/core",
        form: Form::JwtBearer,
        proof: Proof::Job,
        audience: Audience::Default,
        error: "Error",
        shows: &[("text", "{error}: {description}")],
    },
    Client {
        script: "python/msal_client_assertion",
        package: "msal",
        form: Form::ClientAssertion,
        proof: Proof::Platform,
        audience: Audience::Default,
        error: "",
        shows: BY_LONG_NAME,
    },
    Client {
        script: "javascript/msal_client_assertion",
        package: "@azure/msal-node",
        form: Form::ClientAssertion,
        proof: Proof::Platform,
        audience: Audience::Default,
        error: "ServerError",
        shows: ENTRA,
    },
    Client {
        script: "python/azure_workload_identity",
        package: "azure-identity",
        form: Form::ClientAssertion,
        proof: Proof::Platform,
        audience: Audience::Default,
        error: "ClientAuthenticationError",
        shows: &[("text", "({error}) {description}")],
    },
    Client {
        script: "javascript/azure_workload_identity",
        package: "@azure/identity",
        form: Form::ClientAssertion,
        proof: Proof::Platform,
        audience: Audience::Default,
        error: "AuthenticationRequiredError",
        shows: ENTRA,
    },
    Client {
        script: "rust/oauth2_client_assertion",
        package: "oauth2",
        form: Form::ClientAssertion,
        proof: Proof::Platform,
        audience: Audience::Default,
        error: "ServerResponse",
        shows: BY_NAME,
    },
];

impl Client {
    /// Whether it asks a protected resource for something, and keeps the token to itself.
    pub(crate) fn answers(&self) -> bool {
        self.audience == Audience::Server || self.script.ends_with("anthropic_messages")
    }
}

/// The client of this name.
pub(crate) fn named(script: &str) -> &'static Client {
    let found = CLIENTS.iter().find(|client| client.script == script);
    found.unwrap_or_else(|| panic!("{script} is not in the table"))
}
