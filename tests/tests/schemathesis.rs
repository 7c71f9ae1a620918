//! schemathesis, unmodified, sends the real issuer what it makes of the document that the issuer serves: requests that the
//! document allows and ones that it does not.

use std::process::Command;
use std::time::{Duration, Instant};

use credmint_tests::environment;
use credmint_tests::process::run;
use credmint_tests::world::World;

/// Requests do not depend on the day.
const SEED: &str = "20260301";

/// Requests of each kind for each operation.
const EXAMPLES: &str = "40";

/// How long it may take.
const BUDGET: Duration = Duration::from_secs(60);

/// What every answer must be: no failure of the server, and a status, a media type, fields and a body that the document has for
/// it. What the document does not allow is refused.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,negative_data_rejection";

#[test]
fn every_answer_is_in_the_document() {
    let world = World::start();
    let begun = Instant::now();
    let python = environment::python();
    let mut command = Command::new(python.with_file_name("schemathesis"));
    command
        .current_dir(world.file(""))
        .arg("run")
        .arg(format!("{}/openapi.json", world.issuer_url()))
        .args(["--checks", CHECKS, "--seed", SEED, "--max-examples", EXAMPLES])
        .args(["--phases", "examples,coverage,fuzzing", "--workers", "1", "--no-color"])
        .arg("--continue-on-failure")
        .arg("--tls-verify")
        .arg(world.file("tls-ca.pem"));
    let said = run("schemathesis", &mut command);
    let took = begun.elapsed();
    assert!(took <= BUDGET, "{took:?}:\n{said}");
    assert_eq!(world.minted(), 0);
    // Requests arrived, many of them, and none was taken for a token request that could be granted.
    let refused = world.log().matches("\"verdict\":\"refuse\"").count();
    assert!(refused > 100, "{refused} refusals:\n{said}");
}
