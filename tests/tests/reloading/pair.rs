//! Two values of a configuration that change together, and what tokens say of them.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

use credmint_tests::http_client::Answer;
use credmint_tests::world::World;
use credmint_tests::world::request::TokenRequest;

/// The lifetime of the tokens of version 0, in seconds. Each version has one of its own.
const LIFETIME: i64 = 1000;

/// What a configuration of this version has in the place of what the world's has: the lifetime of all tokens, and a part of the
/// subject of one client.
pub(crate) fn changes(version: i64) -> [(&'static str, String); 2] {
    [
        ("  token_lifetime: 3600s\n", format!("  token_lifetime: {}s\n", LIFETIME + version)),
        (
            "          provider: cluster\n",
            format!(
                "          provider: cluster\n          attributes:\n            \
                 client.activeSubjectUrn: Append(\"urn:v{version}:\", jwt.claims.sub)\n"
            ),
        ),
    ]
}

/// The configuration of a world in this version.
pub(crate) fn configuration(world: &str, version: i64) -> String {
    changes(version).iter().fold(world.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "`{from}` is not in the configuration");
        text.replacen(from, to, 1)
    })
}

/// A request that is answered alike under every version, but for the two values.
pub(crate) fn request(world: &World) -> TokenRequest {
    world.kubernetes_request()
}

/// Sends it, and gives the version that its answer is of.
///
/// # Panics
/// When there is no token in the answer, or its two values are of different versions.
pub(crate) fn ask(world: &World, request: &TokenRequest) -> i64 {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    version(&world.post(&form, request.body().as_bytes()))
}

fn version(answer: &Answer) -> i64 {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    let token = answer["access_token"].as_str().expect("a token");
    let claims = token.split('.').nth(1).expect("claims");
    let claims = Base64UrlUnpadded::decode_vec(claims).expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    let lifetime = claims["exp"].as_i64().expect("exp") - claims["iat"].as_i64().expect("iat");
    let subject = claims["sub"].as_str().expect("sub");
    let version = lifetime - LIFETIME;
    assert!(subject.contains(&format!("urn:v{version}:")), "half of a policy: {claims}");
    version
}
