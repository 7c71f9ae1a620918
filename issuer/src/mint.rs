//! Access tokens (RFC 9068): from what was granted to a signed JWT.
//!
//! Nothing is decided here. Who may have what, for how long, is the core's verdict; this adds the time,
//! a fresh `jti` and the signature.

use crate::keys::{SignError, Signer};
use crate::log::Secret;
use aws_lc_rs::rand;
use credmint_core::limits::{ACCESS_TOKEN_LIFETIME_MAX, TOKEN_BYTES};
use credmint_core::token_text::check_minted;
use credmint_core::{Mintable, UnixTime, json};
use uuid::Uuid;

/// `typ` of an access token (RFC 9068 section 2.1). Verifiers refuse other kinds of JWT by it.
const TYPE: &str = "at+jwt";

/// What an access token is to say.
#[derive(Clone, Debug)]
struct AccessToken<'a> {
    /// The URL of this issuer, from the configuration.
    issuer: &'a str,
    /// Whom the token is about.
    subject: &'a str,
    /// The client that asked for it.
    client_id: &'a str,
    /// The one resource server that it is for.
    audience: &'a str,
    /// Scope values, separated by single spaces.
    scope: &'a str,
    /// From now to its end, in seconds: 1 to [`ACCESS_TOKEN_LIFETIME_MAX`].
    lifetime: i64,
    /// What the policy maps, beside all of these.
    claims: &'a json::Object,
}

/// A token that was signed, and what the records say of it.
#[derive(Clone, Debug)]
pub struct Minted {
    /// The compact JWS.
    pub token: Secret,
    /// Its identifier, which may be logged.
    pub jti: String,
    /// When it ends.
    pub expires: UnixTime,
}

/// Signs the access token of `granted`, which begins `now`. Its type says that the obligations of the grant
/// have been discharged.
///
/// # Errors
/// When the lifetime is out of range, there is no randomness, or the key cannot be used.
pub fn mint(granted: &Mintable, now: UnixTime, signer: &dyn Signer) -> Result<Minted, MintError> {
    let terms = granted.terms();
    let token = AccessToken {
        issuer: terms.issuer(),
        subject: terms.subject(),
        client_id: terms.client_id(),
        audience: terms.audience(),
        scope: &terms.scope().join(" "),
        lifetime: terms.lifetime(),
        claims: terms.claims(),
    };
    sign(&token, now, signer)
}

fn sign(token: &AccessToken<'_>, now: UnixTime, signer: &dyn Signer) -> Result<Minted, MintError> {
    if !(1..=ACCESS_TOKEN_LIFETIME_MAX).contains(&token.lifetime) {
        return Err(MintError::Lifetime { seconds: token.lifetime });
    }
    let jti = fresh_id()?;
    check_minted(token.subject, token.client_id, &jti, token.scope)
        .map_err(|claim| MintError::Text { claim })?;
    let expires = now.plus(token.lifetime);
    // First, so that whatever they are called, what the token is comes from below.
    let mut claims = token.claims.clone();
    claims.insert("iss", token.issuer);
    claims.insert("sub", token.subject);
    // A text, not a list of one: stock readers know nothing else.
    claims.insert("aud", token.audience);
    claims.insert("client_id", token.client_id);
    claims.insert("scope", token.scope);
    claims.insert("jti", jti.as_str());
    claims.insert("iat", now.seconds());
    claims.insert("exp", expires.seconds());
    let token = signer.sign(TYPE, &claims)?;
    if token.len() > TOKEN_BYTES {
        return Err(MintError::TooLarge { octets: token.len() });
    }
    Ok(Minted { token: Secret::new(token), jti, expires })
}

/// A random UUID (RFC 9562 section 5.4). Without randomness this is an error and not a panic.
fn fresh_id() -> Result<String, MintError> {
    let mut octets = [0; 16];
    rand::fill(&mut octets).map_err(|_| MintError::NoRandomness)?;
    let id: Uuid = uuid::Builder::from_random_bytes(octets).into_uuid();
    Ok(id.to_string())
}

/// Why no token was made. None of these is the caller's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// The lifetime is not one that a policy may give.
    #[error("a lifetime of {seconds} seconds is outside 1 to {ACCESS_TOKEN_LIFETIME_MAX}")]
    Lifetime {
        /// What was asked for.
        seconds: i64,
    },
    /// A claim holds characters that no token of ours may have. The policy gives none.
    #[error("`{claim}` holds characters that no access token may have")]
    Text {
        /// Which one.
        claim: &'static str,
    },
    /// No guard of ours takes a token of this size.
    #[error("a token of {octets} octets is over {TOKEN_BYTES}")]
    TooLarge {
        /// How large it would be.
        octets: usize,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// The key could not be used.
    #[error(transparent)]
    Sign(#[from] SignError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{PublicJwk, SigningAlgorithm, SigningKeys};
    use credmint_core::base64;
    use tempfile::TempDir;

    const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);

    fn keys() -> (TempDir, SigningKeys) {
        let directory = TempDir::new().unwrap();
        let keys = SigningKeys::open(directory.path(), SigningAlgorithm::Es256).unwrap();
        (directory, keys)
    }

    const TOKEN: AccessToken<'_> = AccessToken {
        issuer: "https://sts.example.com/oauth2",
        subject: "app_orders:urn:gh:run:7",
        client_id: "app_orders",
        audience: "api.example.com",
        scope: "read:file write",
        lifetime: 3600,
        claims: &json::Object::new(),
    };

    fn part(token: &Secret, index: usize) -> json::Object {
        let part = token.reveal().split('.').nth(index).unwrap();
        json::parse_object(&base64::decode_url(part.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn the_token_says_what_was_granted() {
        let (_directory, keys) = keys();
        let minted = sign(&TOKEN, NOW, keys.current()).unwrap();
        let header = part(&minted.token, 0);
        assert_eq!(header.get("typ").and_then(json::Value::as_str), Some("at+jwt"));
        assert_eq!(header.len(), 3);
        let expect = format!(
            concat!(
                r#"{{"aud":"api.example.com","client_id":"app_orders","exp":1795525200,"#,
                r#""iat":1795521600,"iss":"https://sts.example.com/oauth2","jti":"{}","#,
                r#""scope":"read:file write","sub":"app_orders:urn:gh:run:7"}}"#
            ),
            minted.jti
        );
        assert_eq!(part(&minted.token, 1).to_string(), expect);
        assert_eq!(minted.expires, NOW.plus(3600));
        assert!(!format!("{minted:?}").contains(minted.token.reveal()));
    }

    #[test]
    fn mapped_claims_stand_beside_the_others_and_never_in_their_place() {
        let (_directory, keys) = keys();
        let claims = json::Object::from_iter([("tenant", "t1"), ("sub", "root"), ("exp", "never")]);
        let token = AccessToken { claims: &claims, ..TOKEN };
        let minted = sign(&token, NOW, keys.current()).unwrap();
        let payload = part(&minted.token, 1);
        let text = |name: &str| payload.get(name).and_then(json::Value::as_str);
        assert_eq!(text("tenant"), Some("t1"));
        assert_eq!(text("sub"), Some(TOKEN.subject));
        assert_eq!(payload.get("exp"), Some(&json::Value::Integer(1_795_525_200)));
        assert_eq!(payload.len(), 9);
    }

    #[test]
    fn every_token_has_an_identifier_of_its_own() {
        let (_directory, keys) = keys();
        let id = || sign(&TOKEN, NOW, keys.current()).unwrap().jti;
        let (first, second) = (id(), id());
        assert_ne!(first, second);
        let id: Uuid = first.parse().unwrap();
        assert_eq!(id.get_version(), Some(uuid::Version::Random));
    }

    #[test]
    fn lifetimes_are_bounded() {
        let (_directory, keys) = keys();
        let check = |lifetime: i64, accepted: bool| {
            let token = AccessToken { lifetime, ..TOKEN };
            assert_eq!(sign(&token, NOW, keys.current()).is_ok(), accepted, "{lifetime}");
        };
        check(i64::MIN, false);
        check(-1, false);
        check(0, false);
        check(1, true);
        check(ACCESS_TOKEN_LIFETIME_MAX, true);
        check(ACCESS_TOKEN_LIFETIME_MAX + 1, false);
        check(i64::MAX, false);
    }

    #[test]
    fn j33_texts_that_do_not_fit_are_not_signed() {
        let (_directory, keys) = keys();
        let check = |token: AccessToken<'_>, claim: Option<&'static str>| {
            let refused = sign(&token, NOW, keys.current()).err();
            assert_eq!(refused, claim.map(|claim| MintError::Text { claim }), "{token:?}");
        };
        check(AccessToken { subject: "app_orders:Production East", ..TOKEN }, None);
        check(AccessToken { subject: "app_orders:équipe", ..TOKEN }, Some("sub"));
        check(AccessToken { subject: "app_orders:a\u{202e}", ..TOKEN }, Some("sub"));
        check(AccessToken { client_id: "app orders", ..TOKEN }, Some("client_id"));
        check(AccessToken { scope: "read  write", ..TOKEN }, Some("scope"));
    }

    #[test]
    fn tokens_are_no_larger_than_guards_take() {
        let (_directory, keys) = keys();
        let check = |octets: usize, accepted: bool| {
            let claims = json::Object::from_iter([("a", "x".repeat(octets).as_str())]);
            let token = AccessToken { claims: &claims, ..TOKEN };
            assert_eq!(sign(&token, NOW, keys.current()).is_ok(), accepted, "{octets}");
        };
        check(11_000, true);
        check(12_288, false);
    }

    #[test]
    fn a_key_that_fails_mints_nothing() {
        struct Broken(PublicJwk);

        impl Signer for Broken {
            fn public(&self) -> &PublicJwk {
                &self.0
            }

            fn signature(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
                Err(SignError)
            }
        }

        let (_directory, keys) = keys();
        let broken = Broken(keys.current().public().clone());
        let refused = sign(&TOKEN, NOW, &broken).unwrap_err();
        assert_eq!(refused, MintError::Sign(SignError));
    }
}
