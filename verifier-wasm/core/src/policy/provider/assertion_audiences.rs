//! Whom an assertion that a client makes itself may name as its audience.

use crate::document::{Members, Problems};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The values of `aud`. An assertion has one of them and nothing beside it.
///
/// A client learns the address of a token endpoint from metadata. Whoever can give it false metadata gets assertions for any
/// address that they like, so the address proves less than the issuer, which a client compares (RFC 7523bis section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionAudiences {
    /// The issuer.
    Issuer,
    /// The issuer or the address of the token endpoint.
    IssuerOrTokenEndpoint,
}

impl AssertionAudiences {
    /// Reads the member of a provider; without it the issuer alone is accepted.
    pub(super) fn read(members: &mut Members<'_>, problems: &mut Problems) -> Option<Self> {
        const WORDS: [(&str, AssertionAudiences); 2] = [
            ("issuer", AssertionAudiences::Issuer),
            ("issuer_or_token_endpoint", AssertionAudiences::IssuerOrTokenEndpoint),
        ];
        let read = |node: &crate::document::Node<'_>| node.word(&WORDS, problems);
        members.read_or(MEMBER, Self::Issuer, read)
    }

    /// The texts themselves.
    pub(crate) fn texts(self, issuer: &str, token_endpoint: &str) -> Vec<String> {
        let issuer = issuer.to_string();
        match self {
            Self::Issuer => Vec::from([issuer]),
            Self::IssuerOrTokenEndpoint => Vec::from([token_endpoint.to_string(), issuer]),
        }
    }
}

/// The member of providers.
pub(crate) const MEMBER: &str = "assertion_audiences";
