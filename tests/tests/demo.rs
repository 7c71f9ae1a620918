//! The demo ends well when all is well, says so when it is not, and leaves nothing behind in any case.

use std::fs;
use std::path::Path;
use std::process::Command;

use credmint_tests::process::Process;
use tempfile::TempDir;

/// A demo whose scratch files are in a folder of the test's own, by which its children are known.
fn demo(folder: &TempDir, change: impl FnOnce(&mut Command)) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.env("TMPDIR", folder.path());
    change(&mut command);
    Process::start("demo", &mut command)
}

/// Checks that no scratch file and no process of the demo is left.
fn nothing_is_left(folder: &TempDir) {
    let files: Vec<_> = fs::read_dir(folder.path()).expect("the folder").collect();
    assert!(files.is_empty(), "{files:?}");
    let name = folder.path().to_str().expect("a path in UTF-8");
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(&words).replace('\0', " ");
        assert!(!words.contains(name), "still running: {words}");
    }
}

#[test]
fn it_shows_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut demo = demo(&folder, |_| ());
    let status = demo.wait();
    let shown = demo.log();
    assert!(status.success(), "{status}:\n{shown}");
    let count = |text: &str| shown.matches(text).count();
    assert_eq!((count("granted │"), count("good │ 200"), count("✗")), (5, 5, 0), "{shown}");
    for code in ["path_signature_invalid", "verification_condition_false", "cms_digest_mismatch"] {
        assert_eq!(count(&format!("operator   {code}, at the step")), 1, "{code}:\n{shown}");
    }
    assert!(shown.contains("All came out as it should in "), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
    assert!(!shown.contains('\u{1b}'), "colours where no terminal is:\n{shown}");
    nothing_is_left(&folder);
}

#[test]
fn it_leaves_nothing_running_when_it_is_interrupted() {
    // While Envoy starts, and while Node works.
    for (line, signal) in
        [("credmint serve", "-INT"), ("Envoy with", "-INT"), ("credmint serve", "-TERM")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let mut demo = demo(&folder, |_| ());
        let _ = demo.wait_for_line(line);
        let sent = Command::new("kill").args([signal, &demo.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        let status = demo.wait();
        assert_eq!(status.code(), Some(130), "{}", demo.log());
        assert!(demo.log().contains("Interrupted."), "{}", demo.log());
        nothing_is_left(&folder);
    }
}

/// A host that is not there is said, not passed over.
#[test]
fn it_fails_without_its_hosts() {
    let absent = Path::new("/nowhere/at/all");
    for variable in
        ["CREDMINT_BIN", "CREDMINT_ENVOY", "CREDMINT_FILTER_WASM", "CREDMINT_JS", "CREDMINT_NODE"]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let mut demo = demo(&folder, |command| _ = command.env(variable, absent));
        let status = demo.wait();
        assert!(!status.success(), "{variable}: {}", demo.log());
        assert!(!demo.log().contains("All came out"), "{variable}: {}", demo.log());
        nothing_is_left(&folder);
    }
}
