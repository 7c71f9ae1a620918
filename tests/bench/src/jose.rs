//! Verifying a signed token of 900 bytes and its claims.

use crate::measure::compare;
use credmint_aws_lc::AwsLc;
use credmint_core::jose::{
    Algorithm, Audiences, ClaimRules, JwkSet, RegisteredClaims, Types, UnverifiedJws, check_claims,
};
use credmint_core::json::Object;
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme, SignatureProvider};
use credmint_core::{UnixTime, base64};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use jsonwebtoken::{DecodingKey, TokenData, Validation};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What a token of a CI platform has about.
const TOKEN_BYTES: usize = 900;

/// 2100-01-01, so that the peer's clock and ours see the same token.
const EXPIRES: i64 = 4_102_444_800;
const ISSUER: &str = "https://token.actions.githubusercontent.com";
const AUDIENCE: &str = "https://sts.example.com/oauth2";

/// Runs all of it.
pub(crate) fn run() {
    println!("a token of {TOKEN_BYTES} bytes: signature and claims");
    for (key, algorithm) in [(TestKey::rsa(), Algorithm::Rs256), (TestKey::ec(), Algorithm::Es256)]
    {
        let token = token(&key);
        let set = json!({ "keys": [key.jwk("key-1")] });
        let keys = JwkSet::parse(set.to_string().as_bytes(), &[algorithm]).expect("a key set");
        let peer = Peer::new(&set, algorithm);
        let name = algorithm.as_str();
        let verify = |backend: &dyn Backend| verify(&token, &keys, &[backend]);
        compare(
            format!("{name}, AWS-LC, claims as JSON"),
            || verify(&AwsLc),
            ("jsonwebtoken, as JSON", || peer.verify::<Value>(&token)),
            Some(0.9),
        );
        compare(
            format!("{name}, AWS-LC, claims as JSON"),
            || verify(&AwsLc),
            ("jsonwebtoken, as a struct", || peer.verify::<Registered>(&token)),
            None,
        );
        compare(
            format!("{name}, everything but the signature"),
            || self::verify(&token, &keys, &[&Unasked]),
            ("AWS-LC, that alone", bare(&token, keys.keys()[0].key(), algorithm)),
            None,
        );
        compare(
            format!("{name}, pure Rust, claims as JSON"),
            || verify(&RustCrypto),
            ("jsonwebtoken, as JSON", || peer.verify::<Value>(&token)),
            None,
        );
    }
}

/// Registered claims and what CI platforms add, filled up to the size that is measured.
fn token(key: &TestKey) -> String {
    let claims = |filler: usize| {
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "repo:example/orders:ref:refs/heads/main",
            "iat": EXPIRES - 3600, "exp": EXPIRES, "jti": "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0",
            "repository": "example/orders", "repository_id": "77", "repository_owner_id": "4242",
            "ref": "refs/heads/main", "event_name": "push", "run_id": "1234567890",
            "filler": "x".repeat(filler),
        })
    };
    let header = json!({ "alg": key.algorithm(), "typ": "JWT", "kid": "key-1" });
    // Three bytes make four characters.
    let empty = jwt::sign(key, &header, &claims(0)).len();
    let token = jwt::sign(key, &header, &claims(TOKEN_BYTES.saturating_sub(empty) * 3 / 4));
    assert!(token.len().abs_diff(TOKEN_BYTES) < 4, "{}", token.len());
    token
}

/// What a server does with a token: form, key, signature, registered claims; all claims stay readable.
fn verify(token: &str, keys: &JwkSet, backends: &[&dyn Backend]) -> (RegisteredClaims, Object) {
    let jws = UnverifiedJws::parse(token).expect("a token");
    let verified = jws.verify(keys, SignatureProvider { backends }).expect("a good signature");
    let audiences = [AUDIENCE.to_owned()];
    let rules = ClaimRules::new(
        UnixTime::from_seconds(EXPIRES - 1800),
        ISSUER,
        Audiences::one_of(&audiences),
        Types::JWT,
        86_400,
    );
    let claims = verified.claims().expect("JSON claims");
    (check_claims(&claims, verified.typ(), &rules).expect("good claims"), claims)
}

/// Says yes to everything: what is left is the cost of everything else.
struct Unasked;

impl Backend for Unasked {
    fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], _: &[u8]) -> Answer {
        Answer::Good
    }
}

/// The signature alone, which neither side can do without.
fn bare<'a>(token: &'a str, key: &'a PublicKey, algorithm: Algorithm) -> impl Fn() -> Answer + 'a {
    let (signed, signature) = token.rsplit_once('.').expect("a token of three parts");
    let signature = base64::decode_url(signature.as_bytes()).expect("base64url");
    move || AwsLc.verify(algorithm.scheme(), key, signed.as_bytes(), &signature)
}

/// The registered claims as a user of the peer would ask for them.
#[derive(Clone, Deserialize)]
struct Registered {
    #[expect(dead_code, reason = "it is read so that the peer has to")]
    sub: String,
}

/// The peer with all that it can prepare.
struct Peer {
    key: DecodingKey,
    validation: Validation,
}

impl Peer {
    fn new(set: &Value, algorithm: Algorithm) -> Self {
        let set: jsonwebtoken::jwk::JwkSet =
            serde_json::from_value(set.clone()).expect("the peer reads the key set");
        let algorithm = algorithm.as_str().parse().expect("the peer knows the algorithm");
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.validate_nbf = true;
        let key = DecodingKey::from_jwk(&set.keys[0]).expect("the peer reads the key");
        Self { key, validation }
    }

    fn verify<T: DeserializeOwned + Clone>(&self, token: &str) -> TokenData<T> {
        jsonwebtoken::decode(token, &self.key, &self.validation).expect("the peer accepts it")
    }
}
