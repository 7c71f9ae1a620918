//! Access tokens (RFC 9068): from what was granted to a signed JWT.
//!
//! Nothing is decided here. Who may have what, for how long, is the core's verdict; this adds the time,
//! a fresh `jti` and the signature.

use crate::keys::{NoSigner, SignError, Signer, SigningAlgorithm, SigningKeys};
use crate::log::Secret;
use aws_lc_rs::rand;
use credmint_core::json::Object;
use credmint_core::limits::{ACCESS_TOKEN_LIFETIME_MAX, TOKEN_BYTES};
use credmint_core::token_text::check_minted;
use credmint_core::{Grant, Mintable, Terms, UnixTime};
use uuid::Uuid;

/// `typ` of an access token (RFC 9068 section 2.1). Verifiers refuse other kinds of JWT by it.
const TYPE: &str = "at+jwt";

/// A token that was signed, and what the records say of it.
#[derive(Clone, Debug)]
pub struct Minted {
    /// What it says.
    pub terms: Terms,
    /// The compact JWS.
    pub token: Secret,
    /// Its identifier, which may be logged.
    pub jti: String,
    /// When it ends.
    pub expires: UnixTime,
}

/// A token that was signed, and that nobody may have before the obligations of its grant are discharged. There is no way to
/// it but [`Prepared::release`].
pub struct Prepared {
    minted: Minted,
    decided: UnixTime,
}

/// Signs the access token of `grant`, which begins at the time of the decision, with the key that its resource wants.
///
/// # Errors
/// When the lifetime is out of range, there is no randomness, or no key can be used.
pub async fn prepare(grant: &Grant, keys: &SigningKeys) -> Result<Prepared, MintError> {
    let (terms, decided) = (grant.terms(), grant.decided());
    let algorithm = match terms.signing_algorithm() {
        None => None,
        Some(named) => {
            let algorithm = SigningAlgorithm::from_name(named.as_str());
            Some(algorithm.ok_or(MintError::Algorithm { name: named.as_str() })?)
        }
    };
    let signer = keys.signer(algorithm, decided)?;
    let stamp = Stamp::new(decided, terms.lifetime())?;
    let scope = terms.scope().join(" ");
    check_minted(terms.subject(), terms.client_id(), &stamp.jti, &scope)
        .map_err(|claim| MintError::Text { claim })?;
    let claims = claims(terms.claims().clone(), terms, &stamp);
    let token = if signer.waits() {
        let signed = tokio::task::spawn_blocking(move || sign(&claims, &*signer)).await;
        signed.unwrap_or(Err(MintError::Sign(SignError)))?
    } else {
        sign(&claims, &*signer)?
    };
    let (jti, expires) = (stamp.jti, stamp.expires);
    Ok(Prepared { minted: Minted { terms: terms.clone(), token, jti, expires }, decided })
}

impl Prepared {
    /// The token, once the obligations of its grant have been discharged, which the type of `granted` says.
    ///
    /// # Errors
    /// When `granted` comes of another grant.
    pub fn release(self, granted: Mintable) -> Result<Minted, MintError> {
        if granted.decided() == self.decided && *granted.terms() == self.minted.terms {
            Ok(self.minted)
        } else {
            Err(MintError::OtherGrant)
        }
    }
}

/// What a token has beside its terms.
struct Stamp {
    jti: String,
    issued: UnixTime,
    expires: UnixTime,
}

impl Stamp {
    /// The stamp of a token that lives for `lifetime` seconds: 1 to [`ACCESS_TOKEN_LIFETIME_MAX`].
    fn new(issued: UnixTime, lifetime: i64) -> Result<Self, MintError> {
        if !(1..=ACCESS_TOKEN_LIFETIME_MAX).contains(&lifetime) {
            return Err(MintError::Lifetime { seconds: lifetime });
        }
        Ok(Self { jti: fresh_id()?, issued, expires: issued.plus(lifetime) })
    }
}

/// The claims of a token over those that the policy maps: whatever they are called, what the token is comes last.
fn claims(mapped: Object, terms: &Terms, stamp: &Stamp) -> Object {
    let mut claims = mapped;
    claims.insert("iss", terms.issuer());
    claims.insert("sub", terms.subject());
    // A text, not a list of one: stock readers know nothing else.
    claims.insert("aud", terms.audience());
    claims.insert("client_id", terms.client_id());
    claims.insert("application_federated_credential_name", terms.credential());
    if let Some(actor) = terms.actor() {
        claims.insert("act", Object::from_iter([("sub", actor)]));
    }
    claims.insert("scope", terms.scope().join(" "));
    claims.insert("jti", stamp.jti.as_str());
    claims.insert("iat", stamp.issued.seconds());
    claims.insert("exp", stamp.expires.seconds());
    claims
}

fn sign(claims: &Object, signer: &dyn Signer) -> Result<Secret, MintError> {
    let token = signer.sign(TYPE, claims)?;
    if token.len() > TOKEN_BYTES {
        return Err(MintError::TooLarge { bytes: token.len() });
    }
    Ok(Secret::new(token))
}

/// A random UUID (RFC 9562 section 5.4). Without randomness this is an error and not a panic.
fn fresh_id() -> Result<String, MintError> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| MintError::NoRandomness)?;
    let id: Uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
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
    #[error("a token of {bytes} bytes is over {TOKEN_BYTES}")]
    TooLarge {
        /// How large it would be.
        bytes: usize,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// The policy wants an algorithm that nothing is signed with here.
    #[error("nothing is signed with {name}")]
    Algorithm {
        /// Its name.
        name: &'static str,
    },
    /// No key signs with the algorithm.
    #[error(transparent)]
    NoSigner(#[from] NoSigner),
    /// The key could not be used.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// What was discharged is another grant than the one that the token was signed for.
    #[error("the token was signed for another grant")]
    OtherGrant,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::PublicJwk;
    use credmint_core::exchange::Rehearsal;
    use credmint_core::policy::TrustPolicy;
    use credmint_core::{Recorded, RequestForm, ScopeRequest, base64, json};

    const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);
    const POLICY: &str = r#"{
        "version": 1,
        "issuer": "https://sts.example.com/oauth2",
        "providers": { "idp": { "type": "oidc", "issuer": "https://idp.example.com", "audiences": ["x"],
            "keys": { "discovery": true } } },
        "resources": { "api.example.com": { "scopes": ["read:file", "write"] } },
        "clients": { "app_orders": { "scopes": { "api.example.com": ["read:file", "write"] },
            "credentials": { "main": { "provider": "idp", "condition": "jwt.claims.sub == 's'",
                "attributes": {
                    "client.activeSubjectUrn": "Append(\"urn:gh:run:\", jwt.claims.run)",
                    "tenant": "jwt.claims.tenant" } } } } }
    }"#;
    const CLAIMS: &str = r#"{"claims":{"iss":"https://idp.example.com","aud":"x","sub":"s","exp":1795521900,
        "run":"7","tenant":"t1"}}"#;

    /// What the policy grants, to look at.
    fn terms() -> Terms {
        let policy = json::parse_with(POLICY.as_bytes(), json::Limits::DOCUMENT).unwrap();
        let rehearsal = Rehearsal {
            form: RequestForm::Idaas,
            client_id: Some("app_orders".to_owned()),
            credential: Some("main".to_owned()),
            given: Recorded::from_json(&json::parse(CLAIMS.as_bytes()).unwrap()).unwrap(),
            scope: ScopeRequest::parse("api.example.com|.all").unwrap(),
            at: NOW,
        };
        rehearsal.judge(&TrustPolicy::from_document(&policy).unwrap()).0.unwrap()
    }

    fn part(token: &Secret, index: usize) -> Object {
        let part = token.reveal().split('.').nth(index).unwrap();
        json::parse_object(&base64::decode_url(part.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn the_token_says_what_was_granted() {
        let keys = SigningKeys::fresh(SigningAlgorithm::Es256);
        let (terms, stamp) = (terms(), Stamp::new(NOW, 3600).unwrap());
        let token =
            sign(&claims(terms.claims().clone(), &terms, &stamp), &*keys.current()).unwrap();
        let header = part(&token, 0);
        assert_eq!(header.get("typ").and_then(json::Value::as_str), Some("at+jwt"));
        assert_eq!(header.len(), 3);
        let expect = format!(
            concat!(
                r#"{{"application_federated_credential_name":"main","aud":"api.example.com","client_id":"app_orders","exp":1795525200,"#,
                r#""iat":1795521600,"iss":"https://sts.example.com/oauth2","jti":"{}","#,
                r#""scope":"read:file write","sub":"app_orders:urn:gh:run:7","tenant":"t1"}}"#
            ),
            stamp.jti
        );
        assert_eq!(part(&token, 1).to_string(), expect);
        assert!(!format!("{token:?}").contains(token.reveal()));
    }

    #[test]
    fn mapped_claims_stand_beside_the_others_and_never_in_their_place() {
        let terms = terms();
        let mapped = Object::from_iter([("tenant", "t2"), ("sub", "root"), ("exp", "never")]);
        let claims = claims(mapped, &terms, &Stamp::new(NOW, 3600).unwrap());
        let text = |name: &str| claims.get(name).and_then(json::Value::as_str);
        assert_eq!(text("tenant"), Some("t2"));
        assert_eq!(text("sub"), Some(terms.subject()));
        assert_eq!(claims.get("exp"), Some(&json::Value::Integer(1_795_525_200)));
        assert_eq!(claims.len(), 10);
    }

    #[test]
    fn every_token_has_an_identifier_of_its_own() {
        let id = || Stamp::new(NOW, 3600).unwrap().jti;
        let (first, second) = (id(), id());
        assert_ne!(first, second);
        let id: Uuid = first.parse().unwrap();
        assert_eq!(id.get_version(), Some(uuid::Version::Random));
    }

    #[test]
    fn lifetimes_are_bounded() {
        let check = |lifetime: i64, expect: Result<UnixTime, MintError>| {
            assert_eq!(Stamp::new(NOW, lifetime).map(|stamp| stamp.expires), expect, "{lifetime}");
        };
        for seconds in [i64::MIN, -1, 0, ACCESS_TOKEN_LIFETIME_MAX + 1, i64::MAX] {
            check(seconds, Err(MintError::Lifetime { seconds }));
        }
        for seconds in [1, 3600, ACCESS_TOKEN_LIFETIME_MAX] {
            check(seconds, Ok(NOW.plus(seconds)));
        }
    }

    #[test]
    fn tokens_are_no_larger_than_guards_take() {
        let keys = SigningKeys::fresh(SigningAlgorithm::Es256);
        let check = |bytes: usize, accepted: bool| {
            let claims = Object::from_iter([("a", "x".repeat(bytes).as_str())]);
            let signed = sign(&claims, &*keys.current()).map(|token| token.reveal().len());
            assert_eq!(signed.is_ok_and(|length| length <= TOKEN_BYTES), accepted, "{bytes}");
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

        let keys = SigningKeys::fresh(SigningAlgorithm::Es256);
        let broken = Broken(keys.current().public().clone());
        let refused = sign(&Object::new(), &broken).unwrap_err();
        assert_eq!(refused, MintError::Sign(SignError));
    }
}
