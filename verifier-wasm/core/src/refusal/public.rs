//! The table of what a caller may see of a refusal.

/// Declares the public codes, with the OAuth answer that carries each.
macro_rules! public_codes {
    ($($name:ident $code:literal $status:literal $oauth:literal $bearer_status:literal $bearer:literal $sentence:literal;)*) => {
        /// What a caller may see. Unknown client, unknown credential, untrusted proof and failed condition
        /// share one, so that an answer does not reveal which clients exist.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum PublicCode {
            $(#[doc = $sentence] $name,)*
        }

        impl PublicCode {
            /// Every public code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable text form.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status of a token endpoint (RFC 6749 section 5.2).
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The `error` of a token endpoint (RFC 6749 section 5.2).
            #[must_use]
            pub const fn oauth_error(self) -> &'static str {
                match self { $(Self::$name => $oauth,)* }
            }

            /// The HTTP status of a protected resource (RFC 6750 section 3.1).
            #[must_use]
            pub const fn bearer_status(self) -> u16 {
                match self { $(Self::$name => $bearer_status,)* }
            }

            /// The `error` of a protected resource (RFC 6750 section 3.1).
            #[must_use]
            pub const fn bearer_error(self) -> &'static str {
                match self { $(Self::$name => $bearer,)* }
            }

            /// The sentence for the caller. It holds nothing of the request.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

// public name, text, status and error at a token endpoint, status and error at a resource, sentence
public_codes! {
    ClientSecret "client_secret" 401 "invalid_client" 401 "invalid_token" "Client secrets are not taken here: send a proof that the platform gave, and no secret.";
    Expired "expired" 401 "invalid_client" 401 "invalid_token" "The proof or token has expired.";
    InsufficientScope "insufficient_scope" 403 "invalid_scope" 403 "insufficient_scope" "The token does not carry the scope that this resource needs.";
    InvalidRequest "invalid_request" 400 "invalid_request" 400 "invalid_request" "The request is malformed.";
    InvalidScope "invalid_scope" 400 "invalid_scope" 403 "insufficient_scope" "The scope asked for is malformed or not granted to this client.";
    InvalidTarget "invalid_target" 400 "invalid_target" 400 "invalid_request" "The resource asked for is malformed, unknown or not granted to this client, or it must be named.";
    MalformedProof "malformed_proof" 401 "invalid_client" 401 "invalid_token" "The proof or token is malformed or of a form that is not accepted.";
    NotTrusted "not_trusted" 401 "invalid_client" 401 "invalid_token" "The client, its credential or the proof is not trusted here.";
    NotYetValid "not_yet_valid" 401 "invalid_client" 401 "invalid_token" "The proof or token is not valid yet; check the clock of its maker.";
    Overloaded "overloaded" 503 "temporarily_unavailable" 503 "temporarily_unavailable" "The server has too much to do; try again shortly.";
    RateLimited "rate_limited" 429 "temporarily_unavailable" 429 "temporarily_unavailable" "There are too many requests; try again later.";
    Replayed "replayed" 401 "invalid_client" 401 "invalid_token" "The proof has been used before; make a new one for each request.";
    RequestTooLarge "request_too_large" 413 "invalid_request" 413 "invalid_request" "The request is too large.";
    RequestTooSlow "request_too_slow" 408 "invalid_request" 408 "invalid_request" "The request arrived too slowly.";
    ServerError "server_error" 500 "server_error" 500 "server_error" "The server failed; the request id helps its operator.";
    Stale "stale" 401 "invalid_client" 401 "invalid_token" "The document is too old or carries no time.";
    TemporarilyUnavailable "temporarily_unavailable" 503 "temporarily_unavailable" 503 "temporarily_unavailable" "Something needed for the decision is not available; try again shortly.";
    TokenMissing "token_missing" 401 "invalid_client" 401 "" "No token was presented.";
    UnauthorizedClient "unauthorized_client" 400 "unauthorized_client" 403 "insufficient_scope" "The client may not use this grant.";
    UnsupportedAssertionType "unsupported_assertion_type" 401 "invalid_client" 400 "invalid_request" "This client_assertion_type is not offered.";
    UnsupportedGrantType "unsupported_grant_type" 400 "unsupported_grant_type" 400 "invalid_request" "This grant_type is not offered.";
    WrongAudience "wrong_audience" 401 "invalid_client" 401 "invalid_token" "The proof or token is meant for another audience.";
    WrongType "wrong_type" 401 "invalid_client" 401 "invalid_token" "The token is of another kind than the one needed here.";
}
