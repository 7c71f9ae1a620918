//! By which key a proof that serves once is remembered (RFC 7523 section 3).
//!
//! There is one space of keys for all forms of assertions: whatever else a request looks like, an issuer has given this
//! `jti` once (RFC 7519 section 4.1.7).

use crate::grant::Obligation;
use crate::hex::Hex;
use crate::jose::RegisteredClaims;
use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::string::{String, ToString};
use sha2::{Digest, Sha256};

/// The first part of every key: an assertion of an issuer.
const ASSERTION: &str = "assertion";
/// The first part of the keys that version 0.1 made, for certificates of a private CA alone.
const FORMER: &str = "pca";

/// What remembers an assertion of `issuer`, whose `iss` was verified to be it: until it would be refused as expired anyway.
///
/// # Errors
/// [`Code::JtiMissing`].
pub(super) fn consume_once(issuer: &str, claims: &RegisteredClaims) -> Result<Obligation, Refusal> {
    let jti = claims.jti.as_deref().ok_or(Code::JtiMissing)?;
    Ok(Obligation::Consume {
        key: replay_key(ASSERTION, issuer, jti),
        former: replay_key(FORMER, issuer, jti),
        until: claims.expires.plus(limits::SKEW).plus(1),
    })
}

/// A digest over parts whose lengths are part of it, so that no two different triples have the same text.
fn replay_key(kind: &str, issuer: &str, jti: &str) -> String {
    let mut hash = Sha256::new();
    for part in [kind, issuer, jti] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    Hex(&hash.finalize()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i06_replay_keys_are_equal_only_for_equal_parts() {
        let keys = [
            replay_key("assertion", "app_1", "a"),
            replay_key("assertion", "app_1", "b"),
            replay_key("assertion", "app_1a", ""),
            replay_key("assertion", "app_", "1a"),
            replay_key("assertiona", "pp_1", "a"),
            replay_key("assertion", "", "app_1a"),
            replay_key("pca", "app_1", "a"),
        ];
        for (index, key) in keys.iter().enumerate() {
            assert_eq!(key.len(), 64);
            assert!(keys.iter().skip(index + 1).all(|other| other != key), "{key}");
        }
        assert_eq!(keys[0], replay_key("assertion", "app_1", "a"));
    }
}
