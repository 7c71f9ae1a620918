//! Files that must be there, and what lock files must not hold.

use crate::tree::{self, File};

const REQUIRED: &[&str] = &[
    ".ci/run",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "deny.toml",
    "package-lock.json",
    "tests/python/requirements.txt",
];

fn findings(files: &[File], required: &[&str]) -> Vec<String> {
    let is_there = |path: &str| files.iter().any(|file| file.path == path);
    let mut findings: Vec<String> = required
        .iter()
        .filter(|path| !is_there(path))
        .map(|path| format!("{path}: is missing"))
        .collect();
    let shared = files.iter().find(|file| file.path == "package-lock.json");
    for file in files {
        if let Some(folder) = file.path.strip_suffix("package.json")
            && file.text.contains("ependencies\"")
            && !is_there(&format!("{folder}package-lock.json"))
            && !shared.is_some_and(|lock| locks(&lock.text, folder.trim_end_matches('/')))
        {
            findings.push(format!("{}: in no package-lock.json", file.path));
        }
        if file.path.ends_with("package-lock.json") && file.text.contains("\"resolved\": \"http") {
            findings.push(format!(
                "{}: names the address of a registry; set omit-lockfile-registry-resolved in .npmrc",
                file.path
            ));
        }
        if file.path.ends_with("requirements.txt") && has_unpinned_line(&file.text) {
            findings.push(format!("{}: a line without version and hash", file.path));
        }
    }
    findings
}

/// Whether the lock file of the npm workspace is that of `folder`, too.
fn locks(lock: &str, folder: &str) -> bool {
    lock.lines().any(|line| line.trim() == format!("\"{folder}\": {{"))
}

/// A requirement is `name==version`, then its hashes, each on a continued line.
fn has_unpinned_line(text: &str) -> bool {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut lines = lines.peekable();
    while let Some(line) = lines.next() {
        if is_hash(line) {
            continue;
        }
        let is_hashed = line.ends_with('\\') && lines.peek().is_some_and(|next| is_hash(next));
        if !line.contains("==") || !is_hashed {
            return true;
        }
    }
    false
}

fn is_hash(line: &str) -> bool {
    line.trim_start().starts_with("--hash=sha256:")
}

#[test]
fn files_are_there_and_pinned() {
    tree::report(&findings(&tree::files(), REQUIRED));
}

#[test]
fn finds_missing_and_unpinned() {
    let check = |path: &str, text: &str, expected: usize| {
        let file = File { path: path.into(), text: text.into() };
        assert_eq!(findings(&[file], &[]).len(), expected, "{path}: {text}");
    };
    assert_eq!(findings(&[], &["README.md"]).len(), 1);
    check("js/package.json", r#"{"devDependencies": {}}"#, 1);
    let lock = File { path: "package-lock.json".into(), text: "  \"js\": {\n".into() };
    let member = |path: &str| File { path: path.into(), text: r#"{"devDependencies": {}}"#.into() };
    assert_eq!(
        findings(&[lock, member("js/package.json"), member("b/package.json")], &[]).len(),
        1
    );
    check("examples/a/package.json", r#"{"type": "module"}"#, 0);
    check("js/package-lock.json", r#"{"resolved": "https://somewhere/a.tgz"}"#, 1);
    check("js/package-lock.json", r#"{"integrity": "sha512-"}"#, 0);
    check("a/requirements.txt", "# why\na==1.0 \\\n    --hash=sha256:00\n", 0);
    check("a/requirements.txt", "a==1.0\n", 1);
    check("a/requirements.txt", "a>=1.0 \\\n    --hash=sha256:00\n", 1);
}
