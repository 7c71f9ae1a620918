//! The tests that stand in a policy, run by the checks of live requests.

use crate::grant::Terms;
use crate::policy::{Case, Expectation, TrustPolicy};
use crate::refusal::Refusal;
use crate::trace::Explanation;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What came of an example.
#[derive(Clone, Debug)]
pub struct CaseResult<'p> {
    /// The name that the author gave it.
    pub name: &'p str,
    /// Where it is: a JSON Pointer (RFC 6901) into the policy.
    pub pointer: &'p str,
    /// What the author expects, in words.
    pub expected: String,
    /// What the policy says, in words.
    pub got: String,
    /// Whether the two agree.
    pub passed: bool,
    /// How the policy decided it.
    pub explanation: Explanation,
}

impl TrustPolicy {
    /// Runs the tests of the policy, in their order.
    pub fn run_tests(&self) -> impl Iterator<Item = CaseResult<'_>> {
        self.cases().map(|case| case.run(self))
    }
}

impl Case {
    fn run<'p>(&'p self, policy: &TrustPolicy) -> CaseResult<'p> {
        let (got, explanation) = self.rehearsal.judge(policy);
        CaseResult {
            name: &self.name,
            pointer: &self.pointer,
            expected: self.expect.in_words(),
            passed: self.expect.is_met_by(&got),
            got: in_words(&got),
            explanation,
        }
    }
}

impl Expectation {
    fn is_met_by(&self, got: &Result<Terms, Refusal>) -> bool {
        match (self, got) {
            (Self::Refuse(code), Err(refusal)) => refusal.code() == *code,
            (
                Self::Accept { credential, subject, audience, scope, lifetime, claims },
                Ok(terms),
            ) => {
                let values = || terms.scope().iter().cloned().collect();
                credential.as_ref().is_none_or(|name| *name == credential_of(terms))
                    && subject.as_ref().is_none_or(|subject| subject == terms.subject())
                    && audience.as_ref().is_none_or(|audience| audience == terms.audience())
                    && scope.as_ref().is_none_or(|scope| *scope == values())
                    && lifetime.is_none_or(|lifetime| lifetime == terms.lifetime())
                    && claims.as_ref().is_none_or(|claims| claims == terms.claims())
            }
            _ => false,
        }
    }

    fn in_words(&self) -> String {
        match self {
            Self::Refuse(code) => format!("refuse: {}", code.as_str()),
            Self::Accept { credential, subject, audience, scope, lifetime, claims } => {
                let scope = scope
                    .as_ref()
                    .map(|scope| scope.iter().map(String::as_str).collect::<Vec<_>>().join(" "));
                let lifetime = lifetime.map(|seconds| seconds.to_string());
                let claims = claims.as_ref().map(ToString::to_string);
                accepted(&[
                    ("credential", credential.as_deref()),
                    ("subject", subject.as_deref()),
                    ("audience", audience.as_deref()),
                    ("scope", scope.as_deref()),
                    ("lifetime", lifetime.as_deref()),
                    ("claims", claims.as_deref()),
                ])
            }
        }
    }
}

fn in_words(got: &Result<Terms, Refusal>) -> String {
    match got {
        Err(refusal) => format!("refuse: {}", refusal.code().as_str()),
        Ok(terms) => {
            let (scope, lifetime) = (terms.scope().join(" "), terms.lifetime().to_string());
            let claims = (!terms.claims().is_empty()).then(|| terms.claims().to_string());
            let credential = credential_of(terms);
            accepted(&[
                ("credential", Some(&credential)),
                ("subject", Some(terms.subject())),
                ("audience", Some(terms.audience())),
                ("scope", Some(&scope)),
                ("lifetime", Some(&lifetime)),
                ("claims", claims.as_deref()),
            ])
        }
    }
}

/// As the `credential` of a test has it.
fn credential_of(terms: &Terms) -> String {
    format!("{}/{}", terms.client_id(), terms.credential())
}

fn accepted(members: &[(&str, Option<&str>)]) -> String {
    let said: Vec<String> = members
        .iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name} {value}")))
        .collect();
    if said.is_empty() { "accept".to_string() } else { format!("accept: {}", said.join(", ")) }
}
