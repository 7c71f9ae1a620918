//! Blocks of JavaScript: Node imports them as modules, with the built package beside them.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use credmint_tests::environment;
use credmint_tests::process::run;
use credmint_tests::world::World;
use serde_json::{Value, json};

use crate::all;
use crate::kinds::Kind;

/// Asks the function that every example exports: with a token of the issuer, with an altered one, with none.
const DRIVER: &str = "\
import { answer } from './example.mjs'
const ask = async (headers) => {
  const response = await answer(new Request('https://api.example.com/', { headers }))
  const challenge = response.headers.get('www-authenticate')
  return { status: response.status, challenge, body: await response.text() }
}
const token = process.env.TOKEN
const asked = [{ authorization: `Bearer ${token}` }, { authorization: `Bearer ${token}x` }, {}]
console.log(JSON.stringify(await Promise.all(asked.map(ask))))
";

#[test]
fn javascript_verifies_a_token_of_a_real_issuer() {
    let blocks = all(|kind| matches!(kind, Kind::JavaScript).then_some(()));
    assert!(!blocks.is_empty());
    let world = World::start();
    let answer = world.exchange(&world.github_request());
    let token = answer.json()["access_token"].as_str().expect("a token").to_owned();
    for (block, ()) in blocks {
        let folder = tempfile::tempdir().expect("a folder");
        let modules = folder.path().join("node_modules");
        fs::create_dir(&modules).expect("a writable folder");
        symlink(environment::js(), modules.join("credmint")).expect("a link");
        let issuer = "https://sts.example.com/oauth2";
        assert!(block.text.contains(issuer), "{}: {issuer}", block.place());
        let example =
            block.text.replace(issuer, &world.issuer_url()).replace("'read'", "'read:file'");
        fs::write(folder.path().join("example.mjs"), example).expect("a writable folder");
        let driver = folder.path().join("driver.mjs");
        fs::write(&driver, DRIVER).expect("a writable folder");

        let mut node = Command::new(environment::node());
        node.arg("--preserve-symlinks").arg(driver).current_dir(&folder);
        node.env("NODE_EXTRA_CA_CERTS", world.file("tls-ca.pem")).env("TOKEN", &token);
        let answers: Value = serde_json::from_str(&run("node", &mut node)).expect("JSON");
        let said: Value =
            serde_json::from_str(answers[0]["body"].as_str().expect("text")).expect("JSON");
        assert_eq!((&answers[0]["status"], &said["clientId"]), (&json!(200), &json!("app_deploy")));
        assert_eq!(answers[1]["status"], 401, "{answers}");
        assert_eq!(
            (&answers[2]["status"], &answers[2]["challenge"]),
            (&json!(401), &json!("Bearer"))
        );
    }
}
