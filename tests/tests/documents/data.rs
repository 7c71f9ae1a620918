//! Blocks of YAML and JSON: what they are for reads them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use credmint_tests::environment;
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::kubernetes;
use credmint_tests::fixtures::private_ca::PrivateCa;
use credmint_tests::world::World;
use serde_json::Value;
use tempfile::TempDir;

use crate::blocks::{Block, Page};
use crate::kinds::{Kind, kind};
use crate::{all, report};

/// The certificates and keys that a configuration includes by file, under the names that it uses.
pub(crate) fn write_included(folder: &Path, text: &str) {
    for (_, rest) in text.match_indices("file: ").map(|(at, part)| text.split_at(at + part.len())) {
        let name = rest.split([' ', '}', ',', ']', '\n']).next().unwrap_or_default();
        let content = match Path::new(name).extension().and_then(|end| end.to_str()) {
            Some("json") => kubernetes::key_set(&TestKey::ec()).to_string(),
            Some("pem") if name.contains("region") => {
                CloudSigner::ec2("xx-new-1").certificate_pem()
            }
            Some("pem") => PrivateCa::new("Root").root_pem(),
            _ => continue,
        };
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
        fs::write(path, content).expect("a writable folder");
    }
}

/// What `credmint check` says against a file or a folder of this folder; nothing when it is good.
fn complaint(folder: &TempDir, flag: &str, name: &str) -> Option<String> {
    let mut check = Command::new(environment::credmint());
    let output = check.args(["check", flag, name]).current_dir(folder).output().expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    (!output.status.success()).then(|| String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn configurations_and_policies_load() {
    let mut findings = Vec::new();
    let yaml = |kind| match kind {
        Kind::Configuration => Some(("--config", None)),
        Kind::Policy => Some(("--policy", None)),
        Kind::Fragment(frame) => Some(("--config", Some(frame))),
        _ => None,
    };
    let mut count = 0;
    for (block, (flag, frame)) in all(yaml) {
        let folder = tempfile::tempdir().expect("a folder");
        let text = frame.map_or_else(|| block.text.clone(), |frame| frame.around(&block.text));
        write_included(folder.path(), &text);
        fs::write(folder.path().join("credmint.yaml"), text).expect("a writable folder");
        let complaint = complaint(&folder, flag, "credmint.yaml");
        findings.extend(complaint.map(|complaint| format!("{}: {complaint}", block.place())));
        count += 1;
    }
    report(&findings);
    assert!(count > 10, "{count} blocks");
}

#[test]
fn policy_folders_load() {
    let mut pages: BTreeMap<String, Vec<(Block, String)>> = BTreeMap::new();
    for (block, name) in all(|kind| if let Kind::File(name) = kind { Some(name) } else { None }) {
        pages.entry(block.page.clone()).or_default().push((block, name));
    }
    assert!(!pages.is_empty());
    for (page, files) in pages {
        let folder = tempfile::tempdir().expect("a folder");
        for (block, name) in &files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
            write_included(path.parent().expect("a folder"), &block.text);
            fs::write(path, &block.text).expect("a writable folder");
        }
        let (_, first) = &files[0];
        let parent = first.split_once('/').expect("a file in a folder").0;
        assert_eq!(complaint(&folder, "--policy", parent), None, "{page}");
    }
}

#[test]
fn json_is_json() {
    let mut findings = Vec::new();
    for (block, ()) in all(|kind| matches!(kind, Kind::Json).then_some(())) {
        if let Err(error) = serde_json::from_str::<Value>(&block.text) {
            findings.push(format!("{}: {error}", block.place()));
        }
    }
    report(&findings);
}

/// The two answers on the page of the token endpoint are those of a real issuer, member by member.
#[test]
fn answers_of_the_token_endpoint_are_as_written() {
    let blocks = Page::at("docs/token-endpoint.md").blocks();
    let shown: Vec<Value> = blocks
        .iter()
        .filter(|block| kind(&block.info) == Ok(Kind::Json))
        .map(|block| serde_json::from_str(&block.text).expect("JSON"))
        .collect();
    let [granted, refused] = &shown[..] else { panic!("{} answers", shown.len()) };
    let members = |answer: &Value| -> Vec<String> {
        answer.as_object().expect("an object").keys().cloned().collect()
    };
    let world = World::start();
    let good = world.exchange(&world.github_request());
    assert_eq!((good.status, members(&good.json())), (200, members(granted)));
    assert_eq!(good.json()["token_type"], granted["token_type"]);
    let unknown = world.exchange(&world.github_request().with("client_id", "nobody"));
    assert_eq!((unknown.status, members(&unknown.json())), (401, members(refused)));
    for member in ["error", "error_description"] {
        assert_eq!(unknown.json()[member], refused[member], "{member}");
    }
}
