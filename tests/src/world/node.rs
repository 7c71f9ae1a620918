//! A service in Node that verifies access tokens with the npm package.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::{Place, World};
use crate::environment;
use crate::process::run;

/// What Node says of each of `tokens`, in their order: `{"ok": true, "subject", …}` or
/// `{"ok": false, "publicCode", …}`. It fetches the issuer's keys by itself.
///
/// # Panics
///
/// When Node cannot be started or fails.
#[must_use]
pub fn verify(world: &World, place: Place<'_>, tokens: &[&str]) -> Vec<Value> {
    let request = json!({
        "issuer": world.issuer_url(),
        "audience": "api.example.com",
        "scope": ["read:file"],
        "tokens": tokens,
    });
    let file = world.write("node-request.json", &request.to_string());
    let mut command: Command = place(&environment::node());
    command.arg(driver()).arg(environment::js()).arg(file);
    command.env("NODE_EXTRA_CA_CERTS", world.file("tls-ca.pem"));
    let line = run("node verify.mjs", &mut command);
    let answers: Vec<Value> =
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    assert_eq!(answers.len(), tokens.len(), "one answer a token");
    answers
}

fn driver() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("js/verify.mjs")
}
