//! An issuer for tests: one ES256 key a name, and tokens.

use credmint_core::base64::encode_url;
use credmint_core::json::{self, Object, Value};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};

/// The time of the tests: 2026-11-24T12:00:00Z.
pub(crate) const NOW: i64 = 1_795_521_600;

/// A configuration whose keys are fetched, with more members as JSON text (`,"skew":0`).
pub(crate) fn configuration(more: &str) -> Vec<u8> {
    format!(
        r#"{{"issuer":"https://sts.example.com","audience":"api.example.com",
        "keys":{{"cluster":"sts","jwks_uri":"https://sts.example.com/jwks"}}{more}}}"#
    )
    .into_bytes()
}

/// The key of this name; its `kid` is the name.
fn key(name: u8) -> SigningKey {
    SigningKey::from_slice(&[name; 32]).unwrap()
}

/// A key set with the keys of these names.
pub(crate) fn jwks(names: &[u8]) -> Vec<u8> {
    let jwk = |name: &u8| {
        let point = key(*name).verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let (kid, x, y) = (char::from(*name), encode_url(x), encode_url(y));
        format!(r#"{{"kty":"EC","crv":"P-256","kid":"{kid}","alg":"ES256","x":"{x}","y":"{y}"}}"#)
    };
    let keys: Vec<String> = names.iter().map(jwk).collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(",")).into_bytes()
}

/// An access token signed with the key of this name. A member of `more` replaces the good one of its name,
/// and `null` takes it out.
pub(crate) fn token(name: u8, more: &str) -> String {
    let mut claims = object(&format!(
        r#"{{"iss":"https://sts.example.com","aud":"api.example.com","sub":"app_orders:run",
        "client_id":"app_orders","scope":"read:file write","jti":"j","iat":{NOW},"exp":{}}}"#,
        NOW + 3600
    ));
    for (member, value) in object(&format!("{{{more}}}")) {
        match value {
            Value::Null => claims.remove(&member),
            value => claims.insert(member, value),
        };
    }
    let header = format!(r#"{{"alg":"ES256","kid":"{}","typ":"at+jwt"}}"#, char::from(name));
    let signed = [header, Value::from(claims).to_string()].map(|part| encode_url(part.as_bytes()));
    let signed = signed.join(".");
    let signature: Signature = key(name).sign(signed.as_bytes());
    format!("{signed}.{}", encode_url(&signature.to_bytes()))
}

fn object(text: &str) -> Object {
    json::parse_object(text.as_bytes()).unwrap()
}
