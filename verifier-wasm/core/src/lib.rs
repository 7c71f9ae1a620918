#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

extern crate alloc;

pub mod base64;
pub mod ber;
pub mod cms;
pub mod deferred;
pub mod document;
pub mod exchange;
pub mod expr;
pub mod guard;
pub mod jose;
pub mod json;
pub mod keys;
pub mod limits;
pub mod pem;
pub mod policy;
pub mod refusal;
pub mod secrets;
pub mod signature;
pub mod time;
pub mod token_text;
pub mod verdict;
pub mod x509;

mod access_token;
mod digest;
mod form;
mod grant;
mod hex;
mod names;
mod nearest;
mod presented;
mod proof;
mod recorded;
mod redact;
mod rehearsal;
mod scope;
mod trace;

pub use digest::{Hash, sha256};
pub use form::RequestForm;
pub use grant::{
    FirstUse, Fulfilling, Grant, Instance, Mintable, Obligation, ReplayStore, Terms, Unfulfilled,
};
pub use presented::{
    ACCESS_TOKEN_TYPE, Assertion, CLIENT_CREDENTIALS_GRANT, ClientCertificate, ClientNonce,
    ID_TOKEN_BEARER, ID_TOKEN_TYPE, JWT_BEARER_ASSERTION, JWT_BEARER_GRANT, JWT_SPIFFE_ASSERTION,
    JWT_TYPE, PKCS7_BEARER, PKCS7_TYPE, Presented, ScopeDialect, ScopeRequest, SubjectToken,
    TOKEN_EXCHANGE_GRANT, X509_JWT_BEARER, parameters_from_json,
};
pub use recorded::Recorded;
pub use refusal::{Code, Fault, OauthAnswer, PublicCode, Refusal, Step};
pub use time::UnixTime;

pub use verdict::{Source, Stop, Verdict};
