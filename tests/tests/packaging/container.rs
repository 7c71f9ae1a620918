//! The Containerfile. No engine runs here, so nothing is built: hadolint reads it, and what the images promise stands in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use credmint_tests::environment;

fn containerfile() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/container/Containerfile")
}

/// What hadolint finds, one finding a line.
fn findings(file: &Path) -> String {
    let hadolint = environment::python().with_file_name("hadolint");
    let output = Command::new(hadolint).arg("--no-color").arg(file).output().expect("hadolint");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn hadolint_finds_nothing() {
    assert_eq!(findings(&containerfile()), "");
}

#[test]
fn hadolint_would_find_something() {
    let folder = tempfile::tempdir().expect("a folder");
    let spoiled = folder.path().join("Containerfile");
    let text = fs::read_to_string(containerfile()).expect("the Containerfile");
    let (before, last) = text.rsplit_once("FROM scratch").expect("an image from nothing");
    let text = format!("{before}FROM debian:latest{last}RUN apt-get install curl\n");
    fs::write(&spoiled, text).expect("a writable folder");
    let found = findings(&spoiled);
    for rule in ["DL3007", "DL3008"] {
        assert!(found.contains(rule), "{rule} is not in\n{found}");
    }
}

/// The instructions of one stage, without comments and with continued lines joined.
fn stage(name: &str) -> Vec<String> {
    let text = fs::read_to_string(containerfile()).expect("the Containerfile");
    let text = text.replace("\\\n", " ");
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let end = format!(" AS {name}");
    lines
        .skip_while(|line| !(line.starts_with("FROM ") && line.ends_with(&end)))
        .enumerate()
        .take_while(|(at, line)| *at == 0 || !line.starts_with("FROM "))
        .map(|(_, line)| line.to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn images_run_as_nobody_and_hold_no_shell() {
    for (name, base) in [("static", "FROM scratch AS static"), ("dynamic", "FROM ${RUNTIME}")] {
        let stage = stage(name);
        assert!(stage.first().is_some_and(|line| line.starts_with(base)), "{stage:?}");
        let has = |line: &str| assert!(stage.iter().any(|one| one == line), "{line}: {stage:?}");
        has("USER 65532:65532");
        // In the exec form: there is no shell that could read another.
        has("ENTRYPOINT [\"/usr/bin/credmint\"]");
        has("CMD [\"serve\", \"--config\", \"/etc/credmint/credmint.yaml\"]");
        assert!(!stage.iter().any(|line| line.starts_with("RUN ")), "{stage:?}");
        // The only thing that can be written lies in a folder of its own, which may be a volume.
        let copied = stage.iter().filter(|line| line.starts_with("COPY ")).count();
        assert_eq!(copied, 2, "{stage:?}");
        has(&format!("COPY --from=build-{name} --chmod=0555 /out/credmint /usr/bin/credmint"));
    }
    // Without `--target`, the last one is built.
    let text = fs::read_to_string(containerfile()).expect("the Containerfile");
    let last = text.lines().rfind(|line| line.starts_with("FROM "));
    assert_eq!(last, Some("FROM scratch AS static"));
}
