//! By which key a proof that serves once is remembered (RFC 7523 section 3).
//!
//! There is one space of keys for all forms of assertions: whatever else a request looks like, an issuer has given this
//! `jti` once (RFC 7519 section 4.1.7).

use crate::grant::Obligation;
use crate::hex::digest_of_parts;
use crate::jose::RegisteredClaims;
use crate::limits;
use crate::refusal::{Code, Refusal};

/// The first part of every key: an assertion of an issuer.
const ASSERTION: &str = "assertion";
/// The first part of the keys that version 0.1 made, for certificates of a private CA alone.
const FORMER: &str = "pca";

/// What remembers an assertion of `issuer`, whose `iss` was verified to be it: until it would be refused as expired anyway.
/// One without an `iat` is refused as long as it has more than `longest` seconds to live.
///
/// # Errors
/// [`Code::JtiMissing`].
pub(super) fn consume_once(
    issuer: &str,
    claims: &RegisteredClaims,
    longest: i64,
) -> Result<Obligation, Refusal> {
    let jti = claims.jti.as_deref().ok_or(Code::JtiMissing)?;
    Ok(Obligation::Consume {
        key: digest_of_parts(&[ASSERTION, issuer, jti]),
        former: digest_of_parts(&[FORMER, issuer, jti]),
        since: claims
            .issued
            .unwrap_or_else(|| claims.expires.plus(0_i64.saturating_sub(longest)))
            .plus(0_i64.saturating_sub(limits::SKEW)),
        until: claims.expires.plus(limits::SKEW).plus(1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i06_replay_keys_are_equal_only_for_equal_parts() {
        let keys = [
            digest_of_parts(&["assertion", "app_1", "a"]),
            digest_of_parts(&["assertion", "app_1", "b"]),
            digest_of_parts(&["assertion", "app_1a", ""]),
            digest_of_parts(&["assertion", "app_", "1a"]),
            digest_of_parts(&["assertiona", "pp_1", "a"]),
            digest_of_parts(&["assertion", "", "app_1a"]),
            digest_of_parts(&["pca", "app_1", "a"]),
        ];
        for (index, key) in keys.iter().enumerate() {
            assert_eq!(key.len(), 64);
            assert!(keys.iter().skip(index + 1).all(|other| other != key), "{key}");
        }
        assert_eq!(keys[0], digest_of_parts(&["assertion", "app_1", "a"]));
    }
}
