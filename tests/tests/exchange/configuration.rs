//! Configurations that cannot be used: `check` and `serve` say where, what, and what is expected, and exit
//! with 2.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use credmint_tests::environment;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::process::free_address;
use credmint_tests::world::World;
use serde_json::Value;

/// What a person sees after `credmint command` of the configuration in `folder`.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(environment::credmint())
        .args(arguments)
        .args(["--config", "credmint.yaml"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("the command starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with a good configuration, of which tests spoil a part.
struct Folder<'a> {
    world: &'a World,
    good: String,
}

impl<'a> Folder<'a> {
    fn of(world: &'a World) -> Self {
        let good = fs::read_to_string(world.file("credmint.yaml")).expect("a configuration");
        Self { world, good }
    }

    /// Checks that with `from` replaced by `to` both commands name the place, which is that of `marker` in
    /// the changed text, and say `message`.
    #[track_caller]
    fn check(&self, from: &str, to: &str, marker: &str, message: &str) {
        assert!(self.good.contains(from), "`{from}` is not in the configuration");
        let changed = self.good.replacen(from, to, 1);
        let place = place(&changed, marker);
        self.check_at(&changed, &format!("credmint.yaml:{place}: "), message);
    }

    #[track_caller]
    fn check_at(&self, configuration: &str, begin: &str, message: &str) {
        let _ = self.world.write("credmint.yaml", configuration);
        let folder = self.world.file("");
        for command in ["check", "serve"] {
            let output = run(&folder, &[command]);
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{command} ({begin}{message}): {said}");
            let line = said.lines().find(|line| line.starts_with(begin)).unwrap_or_default();
            assert!(line.contains(message), "{command} does not say `{begin}…{message}`:\n{said}");
            assert_eq!(text(&output.stdout), "", "{command}");
        }
        let _ = self.world.write("credmint.yaml", &self.good);
    }
}

/// Line and column of the last `marker` in `text`, each from 1.
fn place(text: &str, marker: &str) -> String {
    let before = &text[..text.rfind(marker).expect("the marker")];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{line}:{column}")
}

#[test]
fn the_good_one() {
    let world = World::start();
    let output = run(&world.file(""), &["check"]);
    let said = text(&output.stdout);
    // What was not looked at is said, and nothing else.
    let left = text(&output.stderr);
    assert!(left.lines().all(|line| line.starts_with("not checked: ")), "{left}");
    assert_eq!(output.status.code(), Some(0));
    let surroundings = run(&world.file(""), &["check", "--server"]);
    assert_eq!(surroundings.status.code(), Some(0), "{}", text(&surroundings.stderr));
    let expect = format!("good; issuer {}, 5 providers, 4 clients", world.issuer_url());
    assert!(said.contains(&expect), "{said}");
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let world = World::start();
    let folder = Folder::of(&world);
    let check = |from, to, marker, message| folder.check(from, to, marker, message);

    // The server's part.
    let address = format!("listen: {}", world.address());
    check(&address, "listen: somewhere", "somewhere", "not an address and a port");
    check("algorithm: ES256", "algorithm: HS256", "HS256", "expected one of ES256, RS256");
    check(
        "state_directory: state",
        "state_dir: state",
        "state_dir:",
        "unknown field `state_dir`, expected one of",
    );
    check("tls-server.pem, key:", "tls-server.pem, kee:", "kee", "unknown field `kee`, expected");
    check("127.0.0.1/32", "127.0.0.1/8", "127.0.0.1/8", "not a network in CIDR form");
    check("level: debug", "level: loud", "loud", "unknown variant `loud`");

    // YAML itself.
    check("version: 1", "version: [1", "[1", "");
    check("version: 1", "version: 1\n  version: 1", "version: 1", "`version` occurs twice");
    check("version: 1", "version: &one 1", "1\n  issuer", "anchors and aliases are not allowed");

    // The policy: required, unknown, of the wrong kind.
    check("version: 1", "version: 2", "2\n  issuer", "expected 1 to 1");
    check("version: 1", "version: one", "one\n  issuer", "expected 1 to 1");
    let issuer = format!("issuer: {}", world.issuer_url());
    check(&issuer, "issuer: http://sts.example.com", "http://sts", "expected https://host[/path]");
    check("3600s", "1 hour", "1 hour", "expected seconds from 60 to 86400");
    check(
        "type: pca",
        "type: x509",
        "x509\n",
        "expected oidc (or generic), ack_rrsa, aws_sts, azure_vm",
    );
    check("      audiences: [https://sts.example.com]\n", "", "forge:", "`audiences` is missing");
    check("discovery: true", "discovery: false", "false }", "expected one of `discovery: true`");
    check(
        "max_age: 1200s",
        "max_aeg: 1200s",
        "1200s\n",
        "`max_aeg` is not known here; is `max_age` meant?, expected one of",
    );
    check("      max_age: 1200s\n", "", "amazon_ec2", "do not expire and can be replayed");
    check("      audience: idaas_test1\n", "", "alibaba_ecs", "must name an audience");
    check(", region: us-west-2", "", "{ certificate", "`region` is missing");
    check("provider: forge", "provider: forgery", "forgery", "expected a provider of this policy");

    // Conditions and scopes.
    let condition = r#"cert.subject.CN == "press-7""#;
    check(condition, "cert.subject.CN ==", "cert.subject.CN ==\n", "expected a condition");
    check(condition, r#"jwt.claims.sub == "press-7""#, "jwt.claims.sub", "expected a condition");
    check(condition, r#"cert.issuer.CN == "Root""#, "machine:", "identifies the bearer");
    check(
        "app_press:\n      scopes: { api.example.com: [\"read:file\", write] }",
        "app_press:\n      scopes: { api.example.com: [admin] }",
        "api.example.com: [admin]",
        "`admin` is not a scope of the resources",
    );
    check("app_press:", "\"app:press\":", "\"app:press\"", "this is not a client id");

    // Files that the policy names.
    check("plant-root.pem", "absent.pem", "absent.pem", "the file cannot be read");
    check("plant-root.pem", "plant-root.txt", "plant-root.txt", "expected a name that ends in");
}

/// What is wrong inside of an included file is found there.
#[test]
fn included_files() {
    let world = World::start();
    let folder = Folder::of(&world);
    let check = |name: &str, content: &str, begin: &str, message: &str| {
        let good = fs::read_to_string(world.file(name)).expect("an included file");
        let _ = world.write(name, content);
        folder.check_at(&folder.good, begin, message);
        let _ = world.write(name, &good);
    };
    let key = TestKey::ec().pkcs8_pem();
    world.guard(&key);
    check("plant-root.pem", "nothing", "plant-root.pem:1:1: ", "expected certificates in PEM");
    check("plant-root.pem", &key, "plant-root.pem:1:1: ", "private key");
    let client = world.plant.client("press-7").certificate_pem();
    check("plant-root.pem", &client, "credmint.yaml:", "expected the certificate of an authority");
    check("cluster-keys.json", "{\"keys\":[]}", "cluster-keys.json:1:1: ", "expected a JWK set");
    check("cluster-keys.json", "{", "credmint.yaml:", "cluster-keys.json");
}

/// All that is wrong is said at once, and programs get it as JSON.
#[test]
fn for_programs() {
    let world = World::start();
    let folder = Folder::of(&world);
    let spoiled = folder
        .good
        .replace("provider: forge", "provider: forgery")
        .replace("type: pca", "type: x509");
    let _ = world.write("credmint.yaml", &spoiled);
    let output = run(&world.file(""), &["check", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answer["valid"], false);
    let errors = answer["errors"].as_array().expect("errors");
    let at = |pointer: &str| {
        let found = errors.iter().find(|error| error["pointer"] == pointer);
        found.unwrap_or_else(|| panic!("nothing at {pointer}: {answer}"))
    };
    let kind = at("/providers/plant/type");
    assert_eq!(kind["file"], "credmint.yaml");
    let place = place(&spoiled, "x509");
    assert_eq!(format!("{}:{}", kind["line"], kind["column"]), place);
    assert_eq!(
        kind["expected"],
        "oidc (or generic), ack_rrsa, aws_sts, azure_vm, bitbucket, buildkite, circleci, fly, forgejo, gce_vm, github_actions, gitlab_ci, hcp_terraform, kubernetes, spiffe, pca, client_key or pkcs7"
    );
    let _ = at("/clients/app_deploy/credentials/main/provider");
}

/// What `check` cannot know is still no panic, and no half-started issuer.
#[test]
fn surroundings_that_do_not_fit() {
    let world = World::start();
    let folder = Folder::of(&world);
    let serve = |configuration: &str, message: &str| {
        let _ = world.write("credmint.yaml", configuration);
        // Where `serve` cannot start, `check --server` says so; the address alone it cannot know.
        let mut commands = vec![&["serve"][..]];
        if !message.starts_with("cannot listen") {
            commands.push(&["check", "--server"]);
        }
        for command in commands {
            let output = run(&world.file(""), command);
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{command:?}: {said}");
            assert!(said.contains(message) && !said.contains("panicked"), "{command:?}: {said}");
        }
        let _ = world.write("credmint.yaml", &folder.good);
    };
    // The world's own issuer listens there.
    serve(&folder.good, "cannot listen at");
    let good = folder.good.replace(&world.address().to_string(), &free_address().to_string());
    serve(&good.replace("tls-server.key.pem", "absent.pem"), "absent.pem cannot be used for TLS");
    let foreign = "key: seed/cluster.key.pem";
    serve(&good.replace("key: tls-server.key.pem", foreign), "cannot be used for TLS");
    serve(&good.replace("ca_files: [tls-ca.pem]", "ca_files: [absent.pem]"), "absent.pem");
    serve(&good.replace("state_directory: state", "state_directory: ecs.pem"), "ecs.pem");
    let _ = world.write("signing.pk8", "");
    fs::create_dir_all(world.file("broken")).expect("a folder");
    let _ = world.write("broken/signing-key-es256.pk8", "no key");
    serve(
        &good.replace("state_directory: state", "state_directory: broken"),
        "signing-key-es256.pk8",
    );

    fs::remove_file(world.file("credmint.yaml")).expect("the configuration");
    let output = run(&world.file(""), &["serve"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("credmint.yaml: the file cannot be read: "));
}
