//! Findings about whose proofs are whose.

use super::{Findings, LintId, pointer};
use crate::expr::{self, Expression, Fields, Pattern, PatternShape, Requirement};
use crate::limits;
use crate::limits::ACCESS_TOKEN_LIFETIME_SHORT;
use crate::policy::provider::{Provider, ProviderKind};
use crate::policy::{Credential, Preset, TrustPolicy};
use alloc::format;
use alloc::vec::Vec;

pub(super) fn look(policy: &TrustPolicy, findings: &mut Findings) {
    if policy.lifetime < ACCESS_TOKEN_LIFETIME_SHORT {
        let message = format!("tokens live for {} s", policy.lifetime);
        findings.add(LintId::LifetimeShort, "/token_lifetime", message);
    }
    for (audience, lifetime) in &policy.resources.lifetimes {
        if *lifetime < ACCESS_TOKEN_LIFETIME_SHORT {
            let at = pointer(&["resources", audience, "token_lifetime"]);
            findings.add(LintId::LifetimeShort, at, format!("tokens live for {lifetime} s"));
        }
    }
    for (id, client) in policy.clients() {
        for (name, credential) in client.credentials() {
            let at = pointer(&["clients", id, "credentials", name]);
            if let Some(provider) = policy.providers.get(&credential.provider) {
                binding(provider, credential, &at, findings);
            }
            if let Some(provider) = policy.providers.get(&credential.provider) {
                let at = format!("{at}/condition");
                patterns(credential.condition.as_ref(), provider, &at, findings);
            }
            let lifetime = credential.token_lifetime;
            if lifetime < ACCESS_TOKEN_LIFETIME_SHORT && lifetime != policy.lifetime {
                let message = format!("its tokens live for {lifetime} s");
                findings.add(LintId::LifetimeShort, format!("{at}/token_lifetime"), message);
            }
        }
    }
}

/// What the trust condition and the condition bind together.
fn binding(provider: &Provider, credential: &Credential, at: &str, findings: &mut Findings) {
    let conditions: Vec<&Expression> =
        provider.trust_condition.iter().chain(&credential.condition).collect();
    let binds =
        |requirement: Requirement| expr::binds(&conditions, &Fields::from(requirement)).is_ok();
    if !credential.is_group
        && let Some(ids) = environments(provider).find_map(|preset| preset.definition().individual)
        && !binds(ids)
    {
        let message = format!("no immutable id identifies the bearer: {ids}");
        findings.add(LintId::NameWithoutId, at, message);
    }
    if expr::alternatives(&conditions).is_some_and(|all| all.is_empty()) {
        findings.add(LintId::NeverHolds, at, "no proof can meet its conditions");
    }
    if !trigger(provider, &conditions, at, findings) {
        branch(provider, &conditions, at, findings);
    }
}

/// What starts the workload; whether there was a finding.
fn trigger(
    provider: &Provider,
    conditions: &[&Expression],
    at: &str,
    findings: &mut Findings,
) -> bool {
    let binds =
        |requirement: Requirement| expr::binds(conditions, &Fields::from(requirement)).is_ok();
    let Some(trigger) = environments(provider).find_map(|preset| preset.guide().trigger.as_ref())
    else {
        return false;
    };
    let event = conditions
        .iter()
        .flat_map(|condition| condition.literals())
        .filter(|(path, _)| path.is(trigger.event))
        .filter_map(|(_, literal)| literal.as_str())
        .find(|event| trigger.untrusted.contains(event));
    if let Some(event) = event {
        let message = format!("`{event}` runs code that others may have written");
        findings.add(LintId::UntrustedTrigger, at, message);
    } else if !binds(trigger.fixed_by) {
        let message = format!("any event may use it: nothing fixes {}", trigger.fixed_by);
        findings.add(LintId::UntrustedTrigger, at, message);
    } else {
        return false;
    }
    true
}

/// A binding that any branch meets: whoever may push one meets it.
fn branch(provider: &Provider, conditions: &[&Expression], at: &str, findings: &mut Findings) {
    let Some(branch) = environments(provider).find_map(|preset| preset.guide().branch.as_ref())
    else {
        return;
    };
    let narrows = |pattern: &Pattern<'_>| {
        let of = pattern.path.zip(branch.narrowed_by);
        of.is_some_and(|(path, branch)| path.is(branch)) && !takes_everything(pattern.shape)
    };
    let is_narrowed = conditions.iter().flat_map(|it| it.patterns()).any(|it| narrows(&it));
    if !is_narrowed && expr::binds(conditions, &Fields::from(branch.fixed_by)).is_err() {
        let message = format!("any branch may use it: nothing fixes {}", branch.fixed_by);
        findings.add(LintId::AnyBranch, at, message);
    }
}

/// The environments whose proofs a provider takes: that of its issuer, whatever its type, then that of its type.
fn environments(provider: &Provider) -> impl Iterator<Item = Preset> {
    let of_issuer = match &provider.kind {
        ProviderKind::Oidc(oidc) => Preset::of_issuer(&oidc.issuer),
        _ => None,
    };
    of_issuer.into_iter().chain([provider.preset])
}

/// Patterns that take more than they seem to, and texts that look like patterns.
pub(super) fn patterns(
    condition: Option<&Expression>,
    provider: &Provider,
    at: &str,
    findings: &mut Findings,
) {
    let Some(condition) = condition else { return };
    never(condition, provider, at, findings);
    // The rule of the environment is one of the patterns of its providers.
    let is_ruled = provider.preset.definition().rule.is_some() && at.starts_with("/providers/");
    for pattern in condition.patterns() {
        let is_subject = pattern.path.is_some_and(|path| path.is(&["jwt", "claims", "sub"]));
        if is_subject && !is_ruled {
            findings.add(LintId::PatternOnSubject, at, "the whole `sub` is matched by a pattern");
        } else if takes_everything(pattern.shape) {
            let message = format!("{} takes every value", in_words(pattern.shape));
            findings.add(LintId::PatternEverything, at, message);
        } else if is_open(pattern.shape) {
            let message = format!("{} may take more than is meant", in_words(pattern.shape));
            findings.add(LintId::PatternOpen, at, message);
        }
    }
    for (path, literal) in condition.literals() {
        if literal.as_str().is_some_and(|text| text.contains('*')) {
            let message = format!("{path} is compared literally with {literal}");
            findings.add(LintId::StarLiteral, at, message);
        }
    }
    for list in condition.lists_that_may_be_empty() {
        let message = format!("`all` holds when {list} is empty");
        findings.add(LintId::AllOfNothing, at, message);
    }
}

/// Whether a pattern has nothing in it that tells one value from another: no letter and no digit, but for the folder in which
/// all refs are.
fn takes_everything(shape: PatternShape<'_>) -> bool {
    let (PatternShape::StartsWith(text)
    | PatternShape::EndsWith(text)
    | PatternShape::Contains(text)
    | PatternShape::Glob(text)) = shape;
    let rest = text.trim_start_matches('*').trim_start_matches("refs/");
    !rest.chars().any(char::is_alphanumeric)
}

/// Texts that the fields of this provider's proofs never are.
fn never(condition: &Expression, provider: &Provider, at: &str, findings: &mut Findings) {
    for (path, text, expected) in condition.strangers(&provider.preset.models()) {
        let message = format!("{path} is compared with {text:?}; it is {expected}");
        findings.add(LintId::NeverMatches, at, message);
    }
    let ProviderKind::Oidc(oidc) = &provider.kind else { return };
    for (path, literal) in condition.literals() {
        let Some(text) = literal.as_str() else { continue };
        let other_issuer =
            oidc.names_issuer && path.is(&["jwt", "claims", "iss"]) && text != oidc.issuer;
        let mut audiences = oidc.audiences.iter().chain(&oidc.other_audiences);
        let other_audience =
            path.is(&["jwt", "claims", "aud"]) && !audiences.any(|audience| audience == text);
        if other_issuer || other_audience {
            let message = format!("{path} is compared with {text:?}, which this provider refuses");
            findings.add(LintId::NeverMatches, at, message);
        }
    }
}

/// Whether the fixed part of a pattern ends where a name may go on.
fn is_open(shape: PatternShape<'_>) -> bool {
    let is_name = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match shape {
        PatternShape::StartsWith(text) => is_name(text.chars().next_back()),
        PatternShape::EndsWith(text) => is_name(text.chars().next()),
        PatternShape::Contains(_) => true,
        PatternShape::Glob(pattern) => {
            let stars = pattern.trim_matches('*');
            let begins = pattern.starts_with('*') && is_name(stars.chars().next());
            let ends = pattern.ends_with('*') && is_name(stars.chars().next_back());
            begins || ends
        }
    }
}

fn in_words(shape: PatternShape<'_>) -> alloc::string::String {
    match shape {
        PatternShape::StartsWith(text) => format!("startsWith({text:?})"),
        PatternShape::EndsWith(text) => format!("endsWith({text:?})"),
        PatternShape::Contains(text) => format!("contains({text:?})"),
        PatternShape::Glob(pattern) => format!("glob(…, {pattern:?})"),
    }
}

/// The lifetime that policies have unless they say otherwise is not short.
const _: () = assert!(limits::ACCESS_TOKEN_LIFETIME >= ACCESS_TOKEN_LIFETIME_SHORT);
