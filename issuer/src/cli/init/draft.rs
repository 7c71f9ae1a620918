//! A configuration as text, with what the environment says in its places.

use super::answers::Answers;
use super::standard::Standard;
use super::text::{AT, indented};
use credmint_core::policy::guide::Init;
use std::fmt::Write as _;

/// A root certificate that the author puts beside the configuration.
pub(super) const ROOT: &str = "{ file: root.pem }";

/// The whole text.
pub(super) fn configuration(
    environment: &str,
    init: &Init,
    answers: &Answers,
    standard: Option<&Standard>,
) -> String {
    let mut text = format!("# A starting point for {environment}, written by `credmint init`.\n");
    text.push_str("# What is left to do:\n");
    for left in init.left {
        let _ = writeln!(text, "# - {}", answers.filled(left));
    }
    if let Some(standard) = standard {
        let _ = writeln!(text, "# - {}", standard.left(answers));
    }
    text.push_str(
        "# - To serve others, set `listen` to an address that they reach, and `tls`.\n\
         # Then: credmint check --config THIS_FILE && credmint test --config THIS_FILE\n",
    );
    let parts = Parts::of(init, init.provider, answers, standard, "");
    let _ = write!(
        text,
        "server:\n  listen: 127.0.0.1:8443\n  state_directory: state\n  audit: audit.jsonl\n\
         policy:\n  version: 1\n  issuer: '{}'\n  providers:\n{}  resources:\n{}  clients:\n{}  tests:\n{}",
        answers.get("issuer"),
        parts.provider,
        parts.resource,
        parts.client,
        parts.tests,
    );
    text
}

/// Whether the key alone says who a client is, so that each client has a provider of its own.
pub(super) const fn serves_one_client(init: &Init) -> bool {
    init.binding.is_empty()
}

/// What stands below the members of a policy, each as lines.
pub(super) struct Parts {
    pub(super) provider: String,
    pub(super) resource: String,
    pub(super) client: String,
    pub(super) tests: String,
}

impl Parts {
    /// `provider` is the name of the provider. `of_whom` stands behind the names of the tests, which are unique in a policy.
    pub(super) fn of(
        init: &Init,
        provider: &str,
        answers: &Answers,
        standard: Option<&Standard>,
        of_whom: &str,
    ) -> Self {
        let answer = |flag| answers.get(flag);
        let (client, audience, scope) = (answer("client"), answer("audience"), answer("scope"));
        let mut tests = String::new();
        let (name, urn) = init.accepted;
        let urn = answers.filled(urn);
        let accept = format!("{{ accept: {{ subject: '{client}:{urn}', scope: '{scope}' }} }}");
        test(&mut tests, &format!("{name}{of_whom}"), &answers.filled(init.given), client, &accept);
        let other = answers.with_more(init.changed).filled(init.given);
        let has_own_key = serves_one_client(init);
        // The other is one who has another key.
        let refuse = match has_own_key {
            true => "{ refuse: issuer_wrong }",
            false => "{ refuse: verification_condition_false }",
        };
        let binding = match has_own_key {
            true => String::new(),
            false => format!("          {}\n", answers.filled(init.binding)),
        };
        test(&mut tests, &format!("{}{of_whom}", init.refused), &other, client, refuse);
        let settings = answers.filled(init.settings);
        if let Some(standard) = standard {
            let given = standard.given(&answers.filled(init.given), &settings);
            let subject = format!("{client}:{urn}");
            tests += &standard.test(init, answers, &given, &subject, of_whom);
        }
        let (settings, resource, discoverable) = match standard {
            None => (settings, String::new(), ""),
            Some(standard) => (
                standard.settings(&settings, answers),
                standard.resource(),
                // A client's own key says whose it is.
                if has_own_key { "" } else { "          discoverable: true\n" },
            ),
        };
        Self {
            provider: format!("    {provider}:\n{}", indented(&settings, 6)),
            resource: format!("    '{audience}': {{ {resource}scopes: ['{scope}'] }}\n"),
            client: format!(
                "    '{client}':\n      scopes: {{ '{audience}': ['{scope}'] }}\n\
                 \x20     credentials:\n        main:\n          provider: {provider}\n{discoverable}{binding}\
                 \x20         attributes: {{ client.activeSubjectUrn: '{}' }}\n",
                answers.filled(init.subject),
            ),
            tests,
        }
    }
}

fn test(text: &mut String, name: &str, given: &str, client: &str, expect: &str) {
    let _ = write!(
        text,
        "    - name: {name}\n      credential: '{client}/main'\n      at: {AT}\n      given:\n{}\
         \x20     expect: {expect}\n",
        indented(given, 8),
    );
}
