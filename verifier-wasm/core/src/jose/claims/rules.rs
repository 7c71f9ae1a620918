//! What a use of tokens demands of the registered claims.

use crate::jose::jws::is_media_type;
use crate::limits;
use crate::time::UnixTime;
use alloc::string::String;

/// What a token must say about itself to be accepted for one use.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ClaimRules<'a> {
    /// The time of the decision.
    pub now: UnixTime,
    /// Seconds by which clocks may differ, applied once in each comparison. Values outside of 0 to
    /// [`limits::SKEW_MAX`] count as the nearer end.
    pub skew: i64,
    /// The issuer, compared character by character; `None` accepts any and none, where the keys alone say who signed.
    pub issuer: Option<&'a str>,
    /// The one subject that is accepted, compared character by character; `None` accepts any and none.
    pub subject: Option<&'a str>,
    /// For whom the token may be meant.
    pub audiences: Audiences<'a>,
    /// What kind of token it must be.
    pub types: Types<'a>,
    /// The longest lifetime in seconds: `exp - iat`, or `exp - now` for a token without `iat`.
    pub max_lifetime: i64,
}

/// The audiences of a rule.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Audiences<'a> {
    /// The token must name one of these, character by character. An empty list accepts nothing.
    pub accepted: &'a [String],
    /// What else `aud` may name. A token for several audiences can be replayed by each of them at the others.
    pub others: Others<'a>,
}

/// What a token may name beside the audience for which it is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others<'a> {
    /// Nothing: `aud` has one value.
    Nobody,
    /// These, and more of those that are accepted.
    Listed(&'a [String]),
    /// Whatever it likes.
    Anybody,
}

/// The values of `typ` that a use accepts, as media types (RFC 8725 section 3.11).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Types<'a> {
    /// The accepted types; `application/` may be left out on either side.
    pub accepted: &'a [&'a str],
    /// More of them, from configuration.
    pub listed: &'a [String],
    /// Whether a token without `typ` is accepted.
    pub absent: bool,
}

impl<'a> ClaimRules<'a> {
    /// Rules for a use of tokens. Clocks may differ by [`limits::SKEW`], and any subject is accepted.
    #[must_use]
    pub const fn new(
        now: UnixTime,
        issuer: &'a str,
        audiences: Audiences<'a>,
        types: Types<'a>,
        max_lifetime: i64,
    ) -> Self {
        Self {
            now,
            skew: limits::SKEW,
            issuer: Some(issuer),
            subject: None,
            audiences,
            types,
            max_lifetime,
        }
    }

    /// With this as [`ClaimRules::skew`].
    #[must_use]
    pub const fn with_skew(self, seconds: i64) -> Self {
        Self { skew: seconds, ..self }
    }

    /// Without [`ClaimRules::issuer`]: the keys alone say who signed.
    #[must_use]
    pub const fn with_any_issuer(self) -> Self {
        Self { issuer: None, ..self }
    }

    /// With this as [`ClaimRules::subject`].
    #[must_use]
    pub const fn with_subject(self, subject: &'a str) -> Self {
        Self { subject: Some(subject), ..self }
    }
}

impl<'a> Audiences<'a> {
    /// One of these, and no other beside it.
    #[must_use]
    pub const fn one_of(accepted: &'a [String]) -> Self {
        Self { accepted, others: Others::Nobody }
    }

    /// One of these, also with others beside it. A token for several audiences can be replayed by each of them at the
    /// others.
    #[must_use]
    pub const fn among_others(accepted: &'a [String]) -> Self {
        Self { accepted, others: Others::Anybody }
    }

    /// One of these, also with more of them or with some of `others` beside it, and with nothing else.
    #[must_use]
    pub const fn beside(accepted: &'a [String], others: &'a [String]) -> Self {
        Self { accepted, others: Others::Listed(others) }
    }
}

impl<'a> Types<'a> {
    /// One of these; a token without `typ` is refused.
    #[must_use]
    pub const fn one_of(accepted: &'a [&'a str]) -> Self {
        Self { accepted, listed: &[], absent: false }
    }

    /// One of these, or none at all.
    #[must_use]
    pub const fn one_of_or_absent(accepted: &'a [&'a str]) -> Self {
        Self { accepted, listed: &[], absent: true }
    }

    /// One of these from configuration; with `JWT` among them also none at all, as in [`Types::JWT`].
    #[must_use]
    pub fn of_list(listed: &'a [String]) -> Self {
        Self { accepted: &[], listed, absent: listed.iter().any(|it| is_media_type(it, "JWT")) }
    }

    /// Whether a token may have this `typ`.
    #[must_use]
    pub fn accept(&self, typ: &str) -> bool {
        self.all().any(|one| is_media_type(typ, one))
    }

    /// All that are accepted.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a str> {
        self.accepted.iter().copied().chain(self.listed.iter().map(String::as_str))
    }

    /// ID tokens and assertions: `JWT` or nothing. Neither specification demands the member.
    pub const JWT: Types<'static> = Types::one_of_or_absent(&["JWT"]);
    /// Assertions by which clients authenticate themselves: `JWT`, their own type (RFC 7523bis), or nothing, as most libraries
    /// have it.
    pub const CLIENT_AUTHENTICATION: Types<'static> =
        Types::one_of_or_absent(&["JWT", "client-authentication+jwt"]);
    /// JWT-SVIDs: `JWT`, `JOSE` or nothing (JWT-SVID section 2.3).
    pub const SVID: Types<'static> = Types::one_of_or_absent(&["JWT", "JOSE"]);
    /// Access tokens: `at+jwt` (RFC 9068 section 2.1).
    pub const ACCESS_TOKEN: Types<'static> = Types::one_of(&["at+jwt"]);
}
