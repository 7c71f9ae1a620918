//! What is common to the verify commands: batches, exit status, wrong use.

use crate::harness::{EC, Folder, batch, credmint, run};
use serde_json::{Value, json};

const COMMANDS: [&str; 5] = ["jws", "signature", "x509", "cms", "proof"];

#[test]
fn no_requests_are_no_error() {
    for command in COMMANDS {
        let run = run([command, "verify", "--batch"], b"\n \n");
        assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{command}: {}", run.stderr);
    }
}

#[test]
fn a_line_that_is_no_request_is_answered_as_an_error() {
    let lines = [
        ("", None, "the line is not a JSON object"),
        ("[]", None, "the line is not a JSON object"),
        ("{} {}", None, "the line is not a JSON object"),
        ("{\"id\": \"a\"", None, "the line is not a JSON object"),
        ("\"\u{fffd}\"", None, "the line is not a JSON object"),
        ("{}", None, "the request has no id"),
        ("{\"id\": true}", None, "id: neither a string nor a number"),
        ("{\"id\": 1, \"id\": 1}", None, "id: the member occurs twice"),
        ("{\"id\": 1}", Some(json!(1)), "missing field"),
        ("{\"id\": -1.5, \"id2\": 1}", Some(json!(-1.5)), "unknown field `id2`"),
        ("{\"id\": \"\u{fc}\", \"a\": 1, \"a\": 2}", None, "a: the member occurs twice"),
    ];
    for command in COMMANDS {
        // The first one would be blank, and blank lines are no lines.
        let input: String = lines.iter().skip(1).map(|(line, ..)| format!("{line}\n")).collect();
        let run = run([command, "verify", "--batch"], input.as_bytes());
        assert_eq!(run.status, 2, "{command}");
        assert_eq!(run.stdout.lines().count(), lines.len() - 1, "{command}");
        for (answer, (line, id, detail)) in run.stdout.lines().zip(lines.iter().skip(1)) {
            let answer: Value = serde_json::from_str(answer).unwrap();
            assert_eq!(answer["verdict"], "error", "{command} {line}");
            assert_eq!(answer.get("id"), id.as_ref(), "{command} {line}");
            assert!(answer["detail"].as_str().unwrap().contains(detail), "{line}: {answer}");
        }
    }
}

#[test]
fn a_batch_goes_on_after_refusals_and_errors() {
    let good = json!({ "jws": EC.token(json!({}), b"{}"), "key": EC.jwk() });
    let requests = [
        good.clone(),
        json!({ "jws": "x", "key": EC.jwk() }),
        json!({ "id": "named", "jws": 5, "key": EC.jwk() }),
        good.clone(),
    ];
    let (answers, status) = batch("jws", &requests);
    let verdicts: Vec<&str> =
        answers.iter().map(|answer| answer["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["accept", "refuse", "error", "accept"]);
    assert_eq!(status, 2);
    let (_, status) = batch("jws", &requests[..2]);
    assert_eq!(status, 0, "refusals do not change the status");
}

#[test]
fn wrong_use_of_the_flags_is_2() {
    let check = |arguments: &[&str], says: &str| {
        let run = credmint(arguments);
        assert_eq!(run.status, 2, "{arguments:?}");
        assert!(run.stderr.contains(says), "{arguments:?}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    };
    check(&[], "Usage: credmint");
    check(&["fly"], "unrecognized subcommand");
    for command in COMMANDS {
        check(&[command, "verify"], "required arguments were not provided");
        check(&[command, "verify", "--fly"], "unexpected argument");
    }
    check(&["jws", "verify", "--batch", "a.b.c"], "cannot be used with");
    check(&["cms", "verify", "--batch", "--profile", "generic"], "cannot be used with");
    check(&["jws", "verify", "a.b.c"], "--jwks <FILE>");
    check(&["jws", "verify", "a.b.c", "--key", "no-such-file"], "no-such-file: No such file");
    check(&["cms", "verify", "m", "--signer", "s", "--profile", "azure"], "invalid value");
    check(&["x509", "verify", "l", "--anchor", "a", "--time", "noon"], "is not a time");
    check(&["serve"], "--config <FILE>");
}

#[test]
fn help_and_version_are_no_wrong_use() {
    for arguments in [&["--help"][..], &["--version"], &["jws", "verify", "--help"]] {
        assert_eq!(credmint(arguments).status, 0, "{arguments:?}");
    }
}

#[test]
fn one_verification_tells_people_and_machines() {
    let folder = Folder::new();
    let key = folder.file("key.pem", EC.pem());
    let token = EC.token(json!({ "kid": "k\u{1b}" }), br#"{"sub":"me"}"#);

    let run = credmint(["jws", "verify", &token, "--key", &key]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(
        run.stdout,
        "accepted\n  alg            ES256\n  claims         {\"sub\":\"me\"}\n  claims_checked false\n  kid            k\\u{1b}\n"
    );
    let run = credmint(["--format", "json", "jws", "verify", &token, "--key", &key]);
    assert_eq!(run.status, 0);
    assert_eq!(run.json()["verdict"], "accept");
    assert_eq!(run.json()["claims"], json!({ "sub": "me" }));

    let altered = format!("{}A", &token[..token.len() - 1]);
    let altered =
        if altered == token { format!("{}Q", &token[..token.len() - 1]) } else { altered };
    let run = credmint(["jws", "verify", &altered, "--key", &key]);
    assert_eq!(run.status, 1);
    assert!(run.stdout.starts_with("refused at "), "{}", run.stdout);

    let run = credmint(["jws", "verify", "eyJhbGciOiJub25lIn0.e30.", "--key", &key]);
    assert_eq!(run.status, 1);
    assert_eq!(
        run.stdout,
        "refused at form: jws_malformed
  The token is not three parts of unpadded base64url joined by dots, with a header and a signature.
  detail    signature: empty
  rule      RFC 7515 section 7.1
  at fault  credential
  fix       Send the compact serialisation as its issuer made it.
"
    );
    let run = credmint([
        "jws",
        "verify",
        "eyJhbGciOiJub25lIn0.e30.AA",
        "--key",
        &key,
        "--format",
        "json",
    ]);
    assert_eq!(run.status, 1);
    assert_eq!(run.json()["code"], "unsupported_algorithm");
    assert_eq!(run.json()["found"], "\"none\"");

    let run = credmint(["--format", "json", "jws", "verify", &token, "--key", "no-such-file"]);
    assert_eq!(run.status, 2);
    assert_eq!(run.json()["verdict"], "error");
}
