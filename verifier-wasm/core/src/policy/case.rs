//! `tests:` the author's examples of what the policy must accept and what it must refuse.

use super::client::{Client, Credential};
use super::models::spelled_certificate;
use super::provider::Provider;
use crate::document::{Members, Node, Problems};
use crate::form::RequestForm;
use crate::json::{Object, Value};
use crate::presented::{ScopeDialect, ScopeRequest};
use crate::recorded::{Recorded, Stated, read_given, read_time};
use crate::refusal::Code;
use crate::rehearsal::Rehearsal;
use crate::scope::ALL_SCOPES;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// One example: a request whose proof is taken for signed, and what must come of it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// Where it is: a JSON Pointer (RFC 6901) into the policy.
    pub(crate) pointer: String,
    pub(crate) rehearsal: Rehearsal,
    pub(crate) expect: Expectation,
}

/// What must come of it.
#[derive(Clone, Debug)]
pub(crate) enum Expectation {
    /// A token that says this; what is not there may be anything.
    Accept {
        /// `CLIENT/CREDENTIAL`.
        credential: Option<String>,
        subject: Option<String>,
        audience: Option<String>,
        scope: Option<BTreeSet<String>>,
        lifetime: Option<i64>,
        claims: Option<Object>,
    },
    Refuse(Code),
}

/// The providers and clients of the policy.
pub(super) type Around<'p> = (&'p BTreeMap<String, Provider>, &'p BTreeMap<String, Client>);

pub(super) fn read_all(
    node: &Node<'_>,
    around: Around<'_>,
    problems: &mut Problems,
) -> Option<Vec<Case>> {
    let mut names = BTreeSet::new();
    let mut cases = Vec::new();
    for element in node.elements(problems)? {
        let Some(case) = read(&element, around, problems) else { continue };
        if !names.insert(case.name.clone()) {
            problems.report(&element, "another test has this name", "a name for each test");
        }
        cases.push(case);
    }
    Some(cases)
}

fn read(node: &Node<'_>, around: Around<'_>, problems: &mut Problems) -> Option<Case> {
    let (providers, clients) = around;
    let mut members = node.members(problems)?;
    let name = members.required("name", problems);
    let credential = members.optional("credential");
    let client = members.optional("client");
    let form = members.optional("form");
    let at = members.required("at", problems);
    let given = members.required("given", problems);
    let scope = members.optional("scope");
    let resource = members.optional("resource");
    let expect = members.required("expect", problems);
    members.close(problems);

    let name = name.and_then(|node| Some(node.name(problems)?.to_string()));
    let at = at.and_then(|node| read_time(&node, problems));
    let given = given.and_then(|node| {
        let given = read_given(&node, problems)?;
        check_spelling(&given, &node, problems);
        Some(given)
    });
    let expect = expect.and_then(|node| read_expectation(&node, problems));
    let whose = Whose::read(node, credential, client, clients, problems)?;
    let scope = match (scope, resource, whose.credential) {
        (None, None, Some(credential)) => everything(credential, node, problems),
        (scope, resource, _) => read_scope(scope, resource, problems),
    };
    let given = given?;
    let form = match form {
        Some(form) => read_form(&form, &given, &whose, problems),
        None => Some(usual_form(&given, &whose, providers)),
    };
    let (form, Whose { client_id, name: credential, .. }) = (form?, whose);
    let rehearsal = Rehearsal { form, client_id, credential, given, scope: scope?, at: at? };
    Some(Case { name: name?, pointer: node.pointer().to_string(), rehearsal, expect: expect? })
}

/// The forms that a test may have: those whose proof says by itself what a token may be had for.
const FORMS: [(&str, RequestForm); 6] = [
    (RequestForm::Idaas.as_str(), RequestForm::Idaas),
    (RequestForm::JwtBearer.as_str(), RequestForm::JwtBearer),
    (RequestForm::TokenExchange.as_str(), RequestForm::TokenExchange),
    (RequestForm::ClientAssertion.as_str(), RequestForm::ClientAssertion),
    (RequestForm::SpiffeAssertion.as_str(), RequestForm::SpiffeAssertion),
    (RequestForm::TlsClient.as_str(), RequestForm::TlsClient),
];

/// The form of the request, which must be able to carry the proof and to leave out what the test leaves out.
fn read_form(
    node: &Node<'_>,
    given: &Recorded,
    whose: &Whose<'_>,
    problems: &mut Problems,
) -> Option<RequestForm> {
    let form = node.word(&FORMS, problems)?;
    let (message, expected) = match form {
        RequestForm::Idaas if whose.name.is_none() => {
            ("a request of this form names a credential", "`credential` beside it, or another form")
        }
        RequestForm::TlsClient if whose.client_id.is_none() => (
            "a request of this form names its client",
            "`client` or `credential` beside it, or another form",
        ),
        _ if given.means(form).is_none() => {
            ("no request of this form has such a proof", "a form that carries what is `given`")
        }
        _ => return Some(form),
    };
    problems.report(node, message, expected);
    None
}

/// The form of a request where the test does not say: the one that names all, where all is named.
fn usual_form(
    given: &Recorded,
    whose: &Whose<'_>,
    providers: &BTreeMap<String, Provider>,
) -> RequestForm {
    let provider = whose.credential.and_then(|credential| providers.get(&credential.provider));
    match provider {
        // What a client signs itself is sent in one form alone.
        Some(provider) if !provider.is_own_key() => RequestForm::Idaas,
        _ if given.means(RequestForm::ClientAssertion).is_some() => RequestForm::ClientAssertion,
        _ => RequestForm::TokenExchange,
    }
}

/// What the request of a test names.
struct Whose<'c> {
    client_id: Option<String>,
    name: Option<String>,
    credential: Option<&'c Credential>,
}

impl<'c> Whose<'c> {
    /// `credential`, or `client` for a request that leaves the credential out, or neither.
    fn read(
        node: &Node<'_>,
        credential: Option<Node<'_>>,
        client: Option<Node<'_>>,
        clients: &'c BTreeMap<String, Client>,
        problems: &mut Problems,
    ) -> Option<Self> {
        match (credential, client) {
            (None, None) => Some(Self { client_id: None, name: None, credential: None }),
            (None, Some(client)) => {
                let id = client.text(problems)?;
                if !clients.contains_key(id) {
                    problems.report(
                        &client,
                        format!("there is no usable client `{id}`"),
                        "a client of this policy",
                    );
                    return None;
                }
                Some(Self { client_id: Some(id.to_string()), name: None, credential: None })
            }
            (Some(credential), None) => {
                let (client_id, name, credential) = find(&credential, clients, problems)?;
                let (client_id, name) = (Some(client_id), Some(name));
                Some(Self { client_id, name, credential: Some(credential) })
            }
            (Some(_), Some(_)) => {
                problems.report(
                    node,
                    "`credential` names the client too",
                    "one of `credential` and `client`, or neither",
                );
                None
            }
        }
    }
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

/// A field of a certificate that no certificate can have would make the example one of nothing.
fn check_spelling(given: &Recorded, node: &Node<'_>, problems: &mut Problems) {
    let certificates = match &given.stated {
        Stated::Certificate(facts) => core::slice::from_ref(facts),
        Stated::Document { certificates, .. } => certificates.as_slice(),
        Stated::Claims { .. } => &[],
    };
    for facts in certificates {
        if let Err((way, message)) = spelled_certificate(facts.clone()) {
            let expected = "the field as a certificate has it, in any common spelling";
            problems.report(node, format!("{}: {message}", way.join(".")), expected);
        }
    }
}

fn read_scope(
    scope: Option<Node<'_>>,
    resource: Option<Node<'_>>,
    problems: &mut Problems,
) -> Option<ScopeRequest> {
    let text = match &scope {
        None => None,
        Some(node) => Some(node.text(problems)?),
    };
    // The name of a resource or its identifier, whichever parameter it is sent in.
    let targets = match &resource {
        None => Vec::new(),
        Some(node) => Vec::from([node.text(problems)?.to_string()]),
    };
    match ScopeRequest::read(text, &[], &targets) {
        Ok(scope) => Some(scope),
        Err(refusal) => {
            if let Some(node) = scope.or(resource) {
                problems.report(&node, refusal.to_string(), "the `scope` of a token request");
            }
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
            targets: Vec::from([audience.clone()]),
            values: Vec::from([ALL_SCOPES.to_string()]),
            dialect: ScopeDialect::Qualified,
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
    let credential = members.optional("credential");
    let subject = members.optional("subject");
    let audience = members.optional("audience");
    let scope = members.optional("scope");
    let lifetime = members.optional("lifetime");
    let claims = members.optional("claims");
    let text = |node: Option<Node<'_>>, problems: &mut Problems| match node {
        None => Some(None),
        Some(node) => node.text(problems).map(|text| Some(text.to_string())),
    };
    let credential = text(credential, problems);
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
        credential: credential?,
        subject: subject?,
        audience: audience?,
        scope: scope?,
        lifetime: lifetime?,
    })
}

/// Scope values: a list, or one text as in a token.
fn read_values(node: &Node<'_>, problems: &mut Problems) -> Option<BTreeSet<String>> {
    let mut values = BTreeSet::new();
    match node.value {
        Value::String(text) => values.extend(text.split(' ').map(ToString::to_string)),
        _ => values.extend(node.names(problems)?),
    }
    Some(values)
}

fn read_code(node: &Node<'_>, problems: &mut Problems) -> Option<Code> {
    let text = node.text(problems)?;
    let code = Code::ALL.iter().find(|code| code.as_str() == text).copied();
    if code.is_none() {
        let near = crate::nearest::nearest(text, Code::ALL.iter().map(|code| code.as_str()));
        problems.report(
            node,
            format!("`{text}` is not a refusal code"),
            near.unwrap_or("a code of the table of refusals, as verification_condition_false"),
        );
    }
    code
}

#[cfg(test)]
mod tests;
