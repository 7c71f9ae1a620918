//! Which file is set aside, and what stands in its place.

use super::*;
use tempfile::TempDir;

const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);

const ORGANISATION: &str = "\
version: 1
issuer: https://sts.example.com
isolate_teams: true
allowed_issuers: [https://git.example.com]
allowed_audiences: [api]
allowed_clients: ['app_*']
providers:
  forge: { type: oidc, issuer: https://git.example.com, audiences: [x], keys: { discovery: true } }
resources:
  api: { scopes: [read] }
";

/// The file of a team with this client, for this subject.
fn team(client: &str, subject: &str) -> String {
    format!(
        "clients:
  {client}:
    scopes: {{ api: [read] }}
    credentials:
      main: {{ provider: forge, match: {{ subject: {subject} }} }}
"
    )
}

/// Clients, and files with whether what they were is kept.
type Found = (Vec<String>, Vec<(String, bool)>);

struct Folder {
    folder: TempDir,
    last: LastGood,
}

impl Folder {
    fn new() -> Self {
        let folder = Self { folder: TempDir::new().unwrap(), last: LastGood::default() };
        std::fs::create_dir(folder.path("policy")).unwrap();
        let server = "server: { state_directory: state }\npolicy: { folder: policy }\n";
        std::fs::write(folder.path("credmint.yaml"), server).unwrap();
        folder.write("organisation", ORGANISATION);
        folder.write("a", &team("app_a", "a"));
        folder.write("b", &team("app_b", "b"));
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, team: &str, text: &str) {
        std::fs::write(self.path(&format!("policy/{team}.yaml")), text).unwrap();
    }

    /// The clients that load, and the files that are set aside: whether what they were is kept.
    fn load(&mut self) -> Result<Found, Vec<ConfigError>> {
        let files = Files::default();
        let loaded = load_isolated(&self.path("credmint.yaml"), &files, &self.last, NOW)?;
        assert_eq!(files.seen().look_again(), files.seen());
        self.last = loaded.good;
        let clients = loaded.policy.clients().map(|(id, _)| id.to_owned()).collect();
        let aside = |aside: SetAside| {
            assert!(!aside.errors.is_empty());
            (aside.file.file_stem().unwrap().to_string_lossy().into_owned(), aside.is_kept)
        };
        Ok((clients, loaded.set_aside.into_iter().map(aside).collect()))
    }

    #[track_caller]
    fn check(&mut self, clients: &[&str], aside: &[(&str, bool)]) {
        let (found, set_aside) = self.load().unwrap();
        let set_aside: Vec<_> =
            set_aside.iter().map(|(file, kept)| (file.as_str(), *kept)).collect();
        assert_eq!(
            (found, set_aside),
            (clients.iter().map(ToString::to_string).collect(), aside.to_vec())
        );
    }
}

#[test]
fn b3_a_bad_file_counts_as_what_it_was_or_as_empty() {
    let mut folder = Folder::new();
    folder.write("b", "clients: [");
    folder.check(&["app_a"], &[("b", false)]);
    folder.write("b", &team("app_b", "b"));
    folder.check(&["app_a", "app_b"], &[]);
    for bad in ["clients: [", "issuer: x", "[]", &team("other", "b"), "clients: { app_c: {} }"] {
        folder.write("b", bad);
        folder.check(&["app_a", "app_b"], &[("b", true)]);
        // It stays so, however often it is looked at.
        folder.check(&["app_a", "app_b"], &[("b", true)]);
    }
    // A file that is gone is no bad file.
    std::fs::remove_file(folder.path("policy/b.yaml")).unwrap();
    folder.check(&["app_a"], &[]);
}

#[test]
fn b3_of_two_that_do_not_go_together_the_changed_one_is_set_aside() {
    let mut folder = Folder::new();
    folder.check(&["app_a", "app_b"], &[]);
    // The first by name is the changed one, though the second is where it is found.
    folder.write("a", &team("app_b", "a"));
    folder.check(&["app_a", "app_b"], &[("a", true)]);
    folder.write("a", &team("app_a", "a"));
    folder.write("b", &team("app_a", "b"));
    folder.check(&["app_a", "app_b"], &[("b", true)]);
    // After a start nobody knows which was first.
    folder.last = LastGood::default();
    folder.check(&[], &[("a", false), ("b", false)]);
}

#[test]
fn b3_what_a_file_was_is_judged_by_what_the_organisation_says_now() {
    let mut folder = Folder::new();
    folder.check(&["app_a", "app_b"], &[]);
    folder.write("b", "clients: [");
    folder.write("organisation", &ORGANISATION.replace("'app_*'", "app_a"));
    folder.check(&["app_a"], &[("b", false)]);
    // A file that has not changed, and is not allowed any more.
    let mut folder = Folder::new();
    folder.check(&["app_a", "app_b"], &[]);
    folder.write("organisation", &ORGANISATION.replace("'app_*'", "app_a"));
    folder.check(&["app_a"], &[("b", false)]);
}

#[test]
fn what_is_wrong_with_the_whole_refuses_the_whole() {
    let mut folder = Folder::new();
    folder.check(&["app_a", "app_b"], &[]);
    for (from, to) in [
        ("isolate_teams: true\n", "isolate_teams: \"yes\"\n"),
        ("isolate_teams: true\n", "isolate_teams: true\nunknown: 1\n"),
        ("version: 1\n", "version: [\n"),
        ("type: oidc", "type: oid"),
    ] {
        folder.write("organisation", &ORGANISATION.replace(from, to));
        assert_ne!(folder.load().map(|_| ()), Ok(()), "{to}");
    }
    folder.write(
        "organisation",
        &ORGANISATION.replace("isolate_teams: true", "isolate_teams: false"),
    );
    folder.check(&["app_a", "app_b"], &[]);
    folder.write("b", "clients: [");
    assert_eq!(folder.load().unwrap_err().len(), 1);
}
