//! `credmint init`.

use crate::harness::{Folder, authority, credmint};
use std::path::Path;

const ISSUER: &str = "https://sts.example.com/oauth2";

/// An environment of `init`.
struct Row {
    environment: &'static str,
    flags: &'static str,
    /// The page that has the command.
    page: &'static str,
    /// A file that the draft leaves to the author.
    file: Option<&'static str>,
}

const fn row(environment: &'static str, page: &'static str, flags: &'static str) -> Row {
    Row { environment, flags, page, file: None }
}

const ROWS: [Row; 19] = [
    row("github_actions", "github_actions", "--owner-id 4242 --repository-id 77"),
    row("gitlab_ci", "gitlab_ci", "--namespace-id 72 --project-id 20"),
    row(
        "kubernetes",
        "kubernetes",
        "--token-issuer https://kubernetes.example.com --namespace shop --service-account orders",
    ),
    row(
        "ack_rrsa",
        "ack_rrsa",
        "--token-issuer https://oidc-ack-cn-hangzhou.oss-cn-hangzhou.aliyuncs.com/c0123456789abcdef \
         --namespace shop --service-account orders",
    ),
    row(
        "spiffe",
        "spiffe",
        "--token-issuer https://oidc.example.org --spiffe-id spiffe://example.org/ns/shop/sa/orders",
    ),
    row("oidc", "generic", "--token-issuer https://idp.example.com --subject batch-7"),
    Row {
        environment: "pca",
        flags: "--common-name worker-7",
        page: "pca",
        file: Some("root.pem"),
    },
    row("client_key", "client_key", "--jwks-uri https://orders.example.com/keys.json"),
    row("alibaba_ecs", "alibaba-ecs", "--account 1234567890123456 --instance i-0123456789abcdef0"),
    row(
        "amazon_ec2",
        "amazon-ec2",
        "--account 111122223333 --instance i-0123456789abcdef0 --region eu-west-1",
    ),
    row(
        "azure_vm",
        "azure_vm",
        "--token-issuer https://sts.windows.net/0f8e2d6c-4b1a-4975-8e1f-5a0b6c7d8e9f/ \
         --token-audience api://credmint --principal-id 3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5",
    ),
    row(
        "gce_vm",
        "gce_vm",
        "--project-number 739419398126 --service-account-id 107517467455664443765",
    ),
    row(
        "buildkite",
        "buildkite",
        "--organization-id 0184990a-4782-42b5-afc1-16715b10b8ff \
         --pipeline-id 0184990a-477b-4fa8-9968-496074483cee",
    ),
    row(
        "circleci",
        "circleci",
        "--organization-id b9291e0d-a11e-41fb-8517-c545388b5953 \
         --project-uuid c5f2e0a1-7b3d-4e6f-8a9b-0c1d2e3f4a5b --origin github.com/example/shop",
    ),
    row(
        "bitbucket",
        "bitbucket",
        "--workspace example --workspace-uuid {0f8e2d6c-4b1a-4975-8e1f-5a0b6c7d8e9f} \
         --repository-uuid {3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5}",
    ),
    row("fly", "fly", "--organization example --org-id 29873298 --app-id 3671581"),
    row(
        "hcp_terraform",
        "hcp_terraform",
        "--organization-id org-GRNbCjYNpBB6NEBH --workspace-id ws-mbsd5E3Ktt5Rg2Xm",
    ),
    row(
        "forgejo",
        "forgejo",
        "--token-issuer https://git.example.com/api/actions --owner-id 42 --repository-id 77",
    ),
    row(
        "aws_sts",
        "aws_sts",
        "--token-issuer https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws \
         --account-id 111122223333 --principal arn:aws:iam::111122223333:role/orders",
    ),
];

impl Row {
    /// The arguments, with some flags more.
    fn arguments<'a>(&self, more: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["init", "--environment", self.environment, "--issuer", ISSUER];
        arguments.extend(self.flags.split(' '));
        arguments.extend(more);
        arguments
    }
}

#[test]
fn init_gives_a_policy_that_is_good_once_its_files_are_there() {
    for row in ROWS {
        let environment = row.environment;
        let folder = Folder::new();
        let path = folder.path("credmint.yaml");
        let arguments = row.arguments(&["-o", &path]);
        let run = credmint(&arguments);
        assert_eq!(run.status, 0, "{environment}: {}", run.stderr);
        let text = std::fs::read_to_string(&path).unwrap();
        if let Some(file) = row.file {
            assert_eq!(credmint(["check", "--config", &path]).status, 2, "{environment}");
            assert!(text.contains(&format!("as {file}")), "{environment}: {text}");
            folder.file(file, authority("Root").pem());
        }
        let check = credmint(["check", "--config", &path]);
        assert_eq!(check.status, 0, "{environment}: {}{}", check.stdout, check.stderr);
        let tested = credmint(["test", "--config", &path]);
        assert_eq!(tested.status, 0, "{environment}: {}", tested.stdout);
        assert!(tested.stdout.ends_with("2 tests, 0 failed\n"), "{}", tested.stdout);
        assert_eq!(text.matches("expect: { accept: ").count(), 1, "{environment}: {text}");
        assert_eq!(text.matches("expect: { refuse: ").count(), 1, "{environment}: {text}");
        // Nothing is overwritten.
        assert_eq!(credmint(&arguments).status, 2, "{environment}");
        if environment == "github_actions" {
            insta::assert_snapshot!("init_github_actions", text);
        }
    }
}

/// Whom a proof is of is found, and the service has a URI; every other line is as without the flag.
#[test]
fn init_starts_for_clients_of_plain_oauth() {
    for row in ROWS {
        let environment = row.environment;
        let folder = Folder::new();
        let path = folder.path("credmint.yaml");
        let run = credmint(row.arguments(&["--standard", "-o", &path]));
        assert_eq!(run.status, 0, "{environment}: {}", run.stderr);
        if let Some(file) = row.file {
            folder.file(file, authority("Root").pem());
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let check = credmint(["check", "--config", &path]);
        assert_eq!(check.status, 0, "{environment}: {}{}", check.stdout, check.stderr);
        let tested = credmint(["test", "--config", &path]);
        assert!(tested.stdout.ends_with("3 tests, 0 failed\n"), "{environment}: {}", tested.stdout);
        assert!(text.contains("resource: 'https://api.example.com'"), "{environment}: {text}");
        // A client's own key says whose it is.
        let is_found = text.contains("          discoverable: true\n");
        assert_eq!(is_found, environment != "client_key", "{environment}: {text}");
        if environment == "github_actions" {
            insta::assert_snapshot!("init_standard", text);
        }
    }
    // The service by another URI, and by an audience that is one.
    let text =
        |more: &[&str]| credmint(ROWS[0].arguments(&[&["--standard"], more].concat())).stdout;
    assert!(
        text(&["--resource", "https://api.example.org/v2"])
            .contains("resource: 'https://api.example.org/v2'")
    );
    let own = text(&["--audience", "https://api.example.com/v1"]);
    assert!(own.contains("'https://api.example.com/v1': { scopes: ['read'] }"), "{own}");
    let refused = |more: &[&str], expect: &str| {
        let run = credmint(ROWS[0].arguments(more));
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{more:?}");
        assert!(run.stderr.contains(expect), "{}", run.stderr);
    };
    refused(&["--resource", "https://api.example.com"], "--standard");
    refused(&["--standard", "--resource", "https://api.example.com/#x"], "(--resource)");
    refused(&["--standard", "--resource", ISSUER], "an address of the issuer");
}

#[test]
fn a_second_repository_is_added_to_the_file_that_is_there() {
    let folder = Folder::new();
    let path = folder.path("credmint.yaml");
    assert_eq!(credmint(ROWS[0].arguments(&["-o", &path])).status, 0);
    let read = || std::fs::read_to_string(&path).unwrap();
    let before = read();
    let add = |environment: &str, flags: &[&str]| {
        let start = ["init", "--add", &path, "--environment", environment];
        credmint([&start[..], flags].concat())
    };
    let good = |environment: &str, flags: &[&str], tests: usize| {
        let run = add(environment, flags);
        assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
        let tested = credmint(["test", "--config", &path]);
        assert!(
            tested.stdout.ends_with(&format!("{tests} tests, 0 failed\n")),
            "{}",
            tested.stdout
        );
        assert_eq!(credmint(["check", "--config", &path]).status, 0);
    };
    let second = ["--owner-id", "4242", "--repository-id", "78"];
    good("github_actions", &second, 4);
    let after = read();
    assert!(before.lines().all(|line| after.contains(line)), "{after}");
    assert!(after.contains("'app_2':") && after.contains("repository_id == \"78\""), "{after}");
    assert_eq!(after.matches("type: github_actions").count(), 1, "{after}");
    // Another environment brings its provider.
    good("kubernetes", &ROWS[2].flags.split(' ').collect::<Vec<_>>(), 6);

    // The key of a client is one client's: each has a provider.
    let keys = |client: &str| format!("https://{client}.example.com/keys.json");
    good("client_key", &["--jwks-uri", &keys("orders")], 8);
    good("client_key", &["--jwks-uri", &keys("billing"), "--client", "app_billing"], 10);
    good("client_key", &["--jwks-uri", &keys("stock"), "--client", "app_stock"], 12);
    let after = read();
    assert_eq!(after.matches("type: client_key").count(), 3, "{after}");
    for part in ["    own:\n", "    own_2:\n", "    own_3:\n", "provider: own_2\n"] {
        assert!(after.contains(part), "{after}");
    }

    let kept = read();
    let wrong = |flags: &[&str], expect: &str| {
        let run = add("github_actions", flags);
        assert_eq!(run.status, 2, "{flags:?}");
        assert!(run.stderr.contains(expect), "{}", run.stderr);
        assert_eq!(read(), kept);
    };
    // Another owner does not pass the rule of the provider that is there.
    wrong(&["--owner-id", "1", "--repository-id", "9"], "nothing is written");
    wrong(&[&second[..], &["--client", "app_1"]].concat(), "there is a client `app_1` already");
    wrong(&[&second[..], &["--issuer", ISSUER]].concat(), "--issuer");
}

/// The table has every environment, and every page of one has its command.
#[test]
fn pages_tell_how_to_start() {
    let run = credmint(["init", "--environment", "moon"]);
    let names = run.stderr.trim().rsplit_once(": ").unwrap().1;
    let rows: Vec<&str> = ROWS.iter().map(|row| row.environment).collect();
    assert_eq!(names.split(", ").collect::<Vec<_>>(), rows);

    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let commands = std::fs::read_to_string(docs.join("commands/init.md")).unwrap();
    for row in ROWS {
        assert!(commands.contains(&format!("`{}`", row.environment)), "{}", row.environment);
        let name = row.page;
        let page = std::fs::read_to_string(docs.join(format!("environments/{name}.md"))).unwrap();
        let command = format!("\ncredmint {} -o credmint.yaml\n", row.arguments(&[]).join(" "));
        assert!(page.contains(&command), "{name} has not{command}");
    }
}

#[test]
fn init_tells_what_would_not_load_and_writes_nothing() {
    let row = |name: &str| ROWS.into_iter().find(|row| row.environment == name).unwrap();
    let table: [(&str, &[&str], &[&str]); 15] = [
        ("github_actions", &["--issuer", "http://sts.example.com"], &[": /issuer: ", "(--issuer)"]),
        ("pca", &["--issuer", "https://sts.example.com/"], &[": /issuer: ", "(--issuer)"]),
        ("oidc", &["--client", "app:1"], &["not a client id", "'app:1':  (--client)"]),
        ("pca", &["--client", "app 1"], &["not a client id", "(--client)"]),
        ("gce_vm", &["--scope", "read all"], &["/scopes", "(--scope)"]),
        ("spiffe", &["--audience", ""], &["--audience: "]),
        ("kubernetes", &["--token-issuer", "k.example.com"], &[": /providers/cluster/"]),
        ("oidc", &["--token-issuer", ISSUER], &["our own tokens", "(--token-issuer)"]),
        ("azure_vm", &["--token-issuer", "https://sts.windows.net/"], &["every tenant"]),
        ("amazon_ec2", &["--region", "moon-1"], &["/providers/ec2/signers/0", "(--region)"]),
        ("gitlab_ci", &["--project-id", "example/shop"], &["--project-id: \"example/shop\" is no"]),
        ("gce_vm", &["--project-number", "1 }"], &["--project-number: \"1 }\" is not a number"]),
        (
            "gce_vm",
            &["--project-number", "012"],
            &["/match/project_number: ", "(--project-number)"],
        ),
        ("spiffe", &["--spiffe-id", "spiffe://example.org"], &["--spiffe-id: an id is"]),
        ("spiffe", &["--spiffe-id", "spiffe://Example.org/a"], &["not a trust domain"]),
    ];
    for (name, bad, expect) in table {
        let folder = Folder::new();
        let path = folder.path("credmint.yaml");
        let mut arguments = row(name).arguments(&["-o", &path]);
        match arguments.iter().position(|argument| *argument == bad[0]) {
            Some(at) => arguments[at + 1] = bad[1],
            None => arguments.extend(bad),
        }
        let run = credmint(&arguments);
        assert_eq!(run.status, 2, "{name} {bad:?}: {}", run.stdout);
        for part in expect {
            assert!(run.stderr.contains(part), "{name} {bad:?}: {part} is not in {}", run.stderr);
        }
        assert!(!run.stderr.contains("/tests/"), "{name} {bad:?}: {}", run.stderr);
        assert!(!Path::new(&path).exists(), "{name} {bad:?}");
        arguments.retain(|argument| ![path.as_str(), "-o"].contains(argument));
        let run = credmint(&arguments);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{name} {bad:?}");
    }
}

#[test]
fn answers_may_have_what_yaml_means_something_by() {
    let arguments = ["init", "--environment", "oidc", "--issuer", ISSUER];
    let more = ["--token-issuer", "https://idp.example.com", "--subject", "a/b: c # {d}"];
    let run = credmint(arguments.into_iter().chain(more));
    assert_eq!(run.status, 0, "{}", run.stderr);
    let run = credmint(["test", "--policy", &Folder::new().file("credmint.yaml", run.stdout)]);
    assert_eq!(run.status, 0, "{}", run.stdout);
}

#[test]
fn init_asks_for_what_it_must_know() {
    let run = credmint(["init", "--environment", "pca", "--issuer", "https://sts.example.com"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("pca needs --common-name"), "{}", run.stderr);
    let run = credmint(["init", "--environment", "moon"]);
    assert!(
        run.stderr.contains("`moon` is not an environment: github_actions, "),
        "{}",
        run.stderr
    );
    let first = |_| {
        let arguments = [
            "init",
            "--environment",
            "alibaba_ecs",
            "--issuer",
            "https://a.example.com",
            "--account",
            "1",
            "--instance",
            "i-1",
        ];
        let text = credmint(arguments).stdout;
        let line = text.lines().find(|line| line.trim_start().starts_with("audience: idaas_"));
        line.unwrap_or_else(|| panic!("{text}")).to_owned()
    };
    assert_ne!(first(1), first(2));
}
