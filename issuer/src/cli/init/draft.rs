//! A configuration as text, with a part for each environment.

use super::Answers;
use std::fmt::Write as _;

/// What an environment writes.
pub(super) struct Draft {
    /// The name of the provider.
    pub(super) provider: &'static str,
    /// The members of the provider, as lines of YAML.
    pub(super) settings: String,
    /// What the credential demands: its `condition` or its `match`, as a line of YAML.
    pub(super) binding: String,
    /// The expression of the subject.
    pub(super) subject: String,
    /// What is left for the author to do, each as a sentence.
    pub(super) left: Vec<String>,
    /// A proof that must be accepted, and the subject of its token behind the client id.
    pub(super) accepted: (Example, String),
    /// A proof that must be refused for the condition of the credential.
    pub(super) refused: Example,
}

/// A proof in a test.
pub(super) struct Example {
    pub(super) name: &'static str,
    /// The members of `given`, as lines of YAML.
    pub(super) given: String,
}

/// A root certificate that the author puts beside the configuration.
pub(super) const ROOT: &str = "{ file: root.pem }";

/// The time of the tests.
pub(super) const AT: &str = "2026-11-24T12:00:00Z";

impl Draft {
    /// The whole text.
    pub(super) fn configuration(&self, environment: &str, answers: &Answers) -> String {
        let answer = |flag| answers.get(flag);
        let (client, audience, scope) = (answer("client"), answer("audience"), answer("scope"));
        let mut text =
            format!("# A starting point for {environment}, written by `credmint init`.\n");
        text.push_str("# What is left to do:\n");
        for left in &self.left {
            let _ = writeln!(text, "# - {left}");
        }
        text.push_str(
            "# - To serve others, set `listen` to an address that they reach, and `tls`.\n\
             # Then: credmint check --config THIS_FILE && credmint test --config THIS_FILE\n",
        );
        let _ = write!(
            text,
            "server:\n  listen: 127.0.0.1:8443\n  state_directory: state\n  audit: audit.jsonl\n\
             policy:\n  version: 1\n  issuer: '{}'\n  providers:\n    {}:\n{}",
            answer("issuer"),
            self.provider,
            indented(&self.settings, 6),
        );
        let _ = write!(
            text,
            "  resources:\n    '{audience}': {{ scopes: ['{scope}'] }}\n\
             \x20 clients:\n    '{client}':\n      scopes: {{ '{audience}': ['{scope}'] }}\n\
             \x20     credentials:\n        main:\n          provider: {}\n\
             \x20         {}\n\
             \x20         attributes: {{ client.activeSubjectUrn: '{}' }}\n",
            self.provider, self.binding, self.subject,
        );
        let (accepted, urn) = &self.accepted;
        text.push_str("  tests:\n");
        let accept = format!("{{ accept: {{ subject: '{client}:{urn}', scope: '{scope}' }} }}");
        test(&mut text, accepted, client, &accept);
        test(&mut text, &self.refused, client, "{ refuse: verification_condition_false }");
        text
    }
}

fn test(text: &mut String, example: &Example, client: &str, expect: &str) {
    let _ = write!(
        text,
        "    - name: {}\n      credential: '{client}/main'\n      at: {AT}\n      given:\n{}\
         \x20     expect: {expect}\n",
        example.name,
        indented(&example.given, 8),
    );
}

fn indented(lines: &str, spaces: usize) -> String {
    lines.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{:spaces$}{line}", "");
        text
    })
}
