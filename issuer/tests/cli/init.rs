//! `credmint init`.

use crate::harness::{Folder, authority, credmint};

#[test]
fn init_gives_a_policy_that_is_good_once_its_files_are_there() {
    const ISSUER: &str = "https://sts.example.com";
    let table: [(&str, &[&str], Option<&str>); 6] = [
        ("github_actions", &["--owner-id", "4242", "--repository-id", "77"], None),
        (
            "kubernetes",
            &[
                "--token-issuer",
                "https://k.example.com",
                "--namespace",
                "shop",
                "--service-account",
                "orders",
            ],
            None,
        ),
        ("oidc", &["--token-issuer", "https://i.example.com", "--subject", "a/b: c"], None),
        ("pca", &["--common-name", "worker-7"], Some("root.pem")),
        ("alibaba_ecs", &["--account", "1234567890123456", "--instance", "i-1"], None),
        (
            "amazon_ec2",
            &["--account", "011122223333", "--instance", "i-1", "--region", "us-west-2"],
            None,
        ),
    ];
    for (environment, flags, file) in table {
        let folder = Folder::new();
        let path = folder.path("credmint.yaml");
        let mut arguments =
            vec!["init", "--environment", environment, "--issuer", ISSUER, "-o", &path];
        arguments.extend(flags);
        let run = credmint(&arguments);
        assert_eq!(run.status, 0, "{environment}: {}", run.stderr);
        if let Some(file) = file {
            assert_eq!(credmint(["check", "--config", &path]).status, 2, "{environment}");
            assert!(std::fs::read_to_string(&path).unwrap().contains(&format!("as {file}")));
            folder.file(file, authority("Root").pem());
        }
        let check = credmint(["check", "--config", &path]);
        assert_ne!(check.status, 2, "{environment}: {}", check.stderr);
        let tested = credmint(["test", "--config", &path]);
        assert_eq!(tested.status, 0, "{environment}: {}", tested.stdout);
        assert!(tested.stdout.ends_with("2 tests, 0 failed\n"), "{}", tested.stdout);
        // Nothing is overwritten.
        assert_eq!(credmint(&arguments).status, 2, "{environment}");
        if environment == "github_actions" {
            insta::assert_snapshot!("init_github_actions", std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn init_asks_for_what_it_must_know() {
    let run = credmint(["init", "--environment", "pca", "--issuer", "https://sts.example.com"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("pca needs --common-name"), "{}", run.stderr);
    let run = credmint(["init", "--environment", "moon"]);
    assert!(run.stderr.contains("`moon` is no environment: github_actions, "), "{}", run.stderr);
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
