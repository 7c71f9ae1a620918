//! `tests:` the author's examples of what the policy must accept and what it must refuse.

use super::TrustPolicy;
use super::client::{Client, Credential};
use crate::document::{Members, Node, Problems};
use crate::exchange::{Explanation, Rehearsal};
use crate::grant::Terms;
use crate::json::{Object, Value};
use crate::presented::ScopeRequest;
use crate::recorded::{read_given, read_time};
use crate::refusal::{Code, Refusal};
use crate::scope::ALL_SCOPES;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// One example: a request whose proof is taken for signed, and what must come of it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    name: String,
    pointer: String,
    rehearsal: Rehearsal,
    expect: Expectation,
}

#[derive(Clone, Debug)]
enum Expectation {
    /// A token that says this; what is not there may be anything.
    Accept {
        subject: Option<String>,
        audience: Option<String>,
        scope: Option<BTreeSet<String>>,
        lifetime: Option<i64>,
        claims: Option<Object>,
    },
    Refuse(Code),
}

/// What came of an example.
#[derive(Clone, Debug)]
pub struct CaseResult<'p> {
    /// The name that the author gave it.
    pub name: &'p str,
    /// Where it stands: a JSON Pointer (RFC 6901) into the policy.
    pub pointer: &'p str,
    /// What the author expects, in words.
    pub expected: String,
    /// What the policy says, in words.
    pub got: String,
    /// Whether the two agree.
    pub passed: bool,
    /// How the policy came to it.
    pub explanation: Explanation,
}

impl TrustPolicy {
    /// Runs the examples that stand in the policy, in their order.
    pub fn run_tests(&self) -> impl Iterator<Item = CaseResult<'_>> {
        self.tests.iter().map(|case| case.run(self))
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
            (Self::Accept { subject, audience, scope, lifetime, claims }, Ok(terms)) => {
                let values = || terms.scope().iter().cloned().collect();
                subject.as_ref().is_none_or(|subject| subject == terms.subject())
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
            Self::Accept { subject, audience, scope, lifetime, claims } => {
                let scope = scope
                    .as_ref()
                    .map(|scope| scope.iter().map(String::as_str).collect::<Vec<_>>().join(" "));
                let lifetime = lifetime.map(|seconds| seconds.to_string());
                let claims = claims.as_ref().map(ToString::to_string);
                accepted(&[
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
            accepted(&[
                ("subject", Some(terms.subject())),
                ("audience", Some(terms.audience())),
                ("scope", Some(&scope)),
                ("lifetime", Some(&lifetime)),
                ("claims", claims.as_deref()),
            ])
        }
    }
}

fn accepted(members: &[(&str, Option<&str>)]) -> String {
    let said: Vec<String> = members
        .iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name} {value}")))
        .collect();
    if said.is_empty() { "accept".to_string() } else { format!("accept: {}", said.join(", ")) }
}

pub(super) fn read_all(
    node: &Node<'_>,
    clients: &BTreeMap<String, Client>,
    problems: &mut Problems,
) -> Option<Vec<Case>> {
    let mut names = BTreeSet::new();
    let mut cases = Vec::new();
    for element in node.elements(problems)? {
        let Some(case) = read(&element, clients, problems) else { continue };
        if !names.insert(case.name.clone()) {
            problems.report(&element, "another test has this name", "a name for each test");
        }
        cases.push(case);
    }
    Some(cases)
}

fn read(
    node: &Node<'_>,
    clients: &BTreeMap<String, Client>,
    problems: &mut Problems,
) -> Option<Case> {
    let mut members = node.members(problems)?;
    let name = members.required("name", problems);
    let credential = members.required("credential", problems);
    let at = members.required("at", problems);
    let given = members.required("given", problems);
    let scope = members.optional("scope");
    let expect = members.required("expect", problems);
    members.close(problems);

    let name = name.and_then(|node| Some(node.name(problems)?.to_string()));
    let at = at.and_then(|node| read_time(&node, problems));
    let given = given.and_then(|node| read_given(&node, problems));
    let expect = expect.and_then(|node| read_expectation(&node, problems));
    let (client_id, credential_name, credential) = find(&credential?, clients, problems)?;
    let scope = match scope {
        Some(node) => read_scope(&node, problems),
        None => everything(credential, node, problems),
    };
    let rehearsal =
        Rehearsal { client_id, credential: credential_name, given: given?, scope: scope?, at: at? };
    Some(Case { name: name?, pointer: node.pointer().to_string(), rehearsal, expect: expect? })
}

/// The credential that `CLIENT/CREDENTIAL` names. Client ids may hold a slash, names of credentials hold none.
fn find<'c>(
    node: &Node<'_>,
    clients: &'c BTreeMap<String, Client>,
    problems: &mut Problems,
) -> Option<(String, String, &'c Credential)> {
    let text = node.text(problems)?;
    let found = text.rsplit_once('/').and_then(|(client_id, name)| {
        let credential = clients.get(client_id)?.credentials.get(name)?;
        Some((client_id.to_string(), name.to_string(), credential))
    });
    if found.is_none() {
        problems.report(
            node,
            format!("there is no usable credential `{text}`"),
            "CLIENT/CREDENTIAL of this policy",
        );
    }
    found
}

fn read_scope(node: &Node<'_>, problems: &mut Problems) -> Option<ScopeRequest> {
    match ScopeRequest::parse(node.text(problems)?) {
        Ok(scope) => Some(scope),
        Err(refusal) => {
            problems.report(node, refusal.to_string(), "the `scope` of a token request");
            None
        }
    }
}

/// What a test asks for when it does not say: everything, as long as that is clear.
fn everything(
    credential: &Credential,
    node: &Node<'_>,
    problems: &mut Problems,
) -> Option<ScopeRequest> {
    let mut audiences = credential.scopes.keys();
    match (audiences.next(), audiences.next()) {
        (Some(audience), None) => Some(ScopeRequest {
            audience: audience.clone(),
            values: Vec::from([ALL_SCOPES.to_string()]),
        }),
        _ => {
            problems.report(
                node,
                "`scope` is missing, and the credential does not have exactly one audience",
                "what the request asks for, as AUDIENCE|VALUE",
            );
            None
        }
    }
}

fn read_expectation(node: &Node<'_>, problems: &mut Problems) -> Option<Expectation> {
    let mut members = node.members(problems)?;
    let accept = members.optional("accept");
    let refuse = members.optional("refuse");
    members.close(problems);
    match (accept, refuse) {
        (Some(node), None) => {
            let mut members = node.members(problems)?;
            let expectation = read_acceptance(&mut members, problems);
            members.close(problems);
            expectation
        }
        (None, Some(node)) => read_code(&node, problems).map(Expectation::Refuse),
        _ => {
            problems.report(
                node,
                "there must be exactly one of `accept` and `refuse`",
                "`accept: { subject: … }` or `refuse: CODE`",
            );
            None
        }
    }
}

fn read_acceptance(members: &mut Members<'_>, problems: &mut Problems) -> Option<Expectation> {
    let subject = members.optional("subject");
    let audience = members.optional("audience");
    let scope = members.optional("scope");
    let lifetime = members.optional("lifetime");
    let claims = members.optional("claims");
    let text = |node: Option<Node<'_>>, problems: &mut Problems| match node {
        None => Some(None),
        Some(node) => node.text(problems).map(|text| Some(text.to_string())),
    };
    let subject = text(subject, problems);
    let audience = text(audience, problems);
    let scope = match scope {
        None => Some(None),
        Some(node) => read_values(&node, problems).map(Some),
    };
    let lifetime = match lifetime {
        None => Some(None),
        Some(node) => super::access_token::read_lifetime(&node, problems).map(Some),
    };
    let claims = match claims {
        None => Some(None),
        Some(node) => match node.value.as_object() {
            Some(claims) => Some(Some(claims.clone())),
            None => {
                problems.report(&node, "claims are an object", "the claims that the policy maps");
                None
            }
        },
    };
    Some(Expectation::Accept {
        claims: claims?,
        subject: subject?,
        audience: audience?,
        scope: scope?,
        lifetime: lifetime?,
    })
}

/// Scope values: a list, or one text as it stands in a token.
fn read_values(node: &Node<'_>, problems: &mut Problems) -> Option<BTreeSet<String>> {
    match node.value {
        Value::String(text) => Some(text.split(' ').map(ToString::to_string).collect()),
        _ => Some(node.names(problems)?.into_iter().collect()),
    }
}

fn read_code(node: &Node<'_>, problems: &mut Problems) -> Option<Code> {
    let text = node.text(problems)?;
    let code = Code::ALL.iter().find(|code| code.as_str() == text).copied();
    if code.is_none() {
        let near = crate::nearest::nearest(text, Code::ALL.iter().map(|code| code.as_str()));
        problems.report(
            node,
            format!("`{text}` is no code of a refusal"),
            near.unwrap_or("a code of the table of refusals, as verification_condition_false"),
        );
    }
    code
}

#[cfg(test)]
mod tests;
