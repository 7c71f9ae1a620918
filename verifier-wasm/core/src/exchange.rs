//! The exchange: a token request in, a [`Grant`] out.

#[cfg(test)]
mod tests;

use crate::expr::{Expression, is_hidden};
use crate::grant::{Grant, Terms};
use crate::json::{Object, Value};
use crate::keys::KeyRing;
use crate::limits;
use crate::policy::{Binding, Credential, TrustPolicy};
use crate::presented::{Presented, ScopeRequest};
use crate::proof::{Evidence, Form};
use crate::refusal::{Code, Refusal};
use crate::scope::ALL_SCOPES;
use crate::signature::{Session, SignatureProvider};
use crate::time::UnixTime;
use crate::verdict::{Stop, Verdict};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Everything that a decision depends on beside the request.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    /// The trust policy.
    pub policy: &'a TrustPolicy,
    /// The keys of outside issuers that have been fetched so far.
    pub keys: &'a KeyRing,
    /// The signature back ends.
    pub signatures: SignatureProvider<'a>,
    /// The time of the decision.
    pub now: UnixTime,
}

impl Exchange<'_> {
    /// Decides a token request.
    ///
    /// The checks come in the one order of [`crate::Step`]. On [`Verdict::Wanting`] the host brings what is wanted
    /// and asks again with the same request.
    pub fn decide(&self, presented: &Presented) -> Verdict<Grant> {
        let session = Session::new(self.signatures);
        let result = self.decide_in(presented, &session);
        session.finish(result)
    }

    fn decide_in(&self, presented: &Presented, session: &Session<'_>) -> Result<Grant, Stop> {
        let form = Form::read(&presented.assertion)?;
        let binding = self.policy.bind(presented)?;
        let evidence = form.verify(&binding, self.keys, self.now, session)?;
        let identity = Identity::establish(evidence, &binding, self.now)?;
        Ok(identity.grant(&binding, &presented.scope)?)
    }
}

/// A proof whose conditions hold, with its attributes mapped.
struct Identity {
    evidence: Evidence,
    subject: String,
    claims: Object,
}

impl Identity {
    fn establish(
        evidence: Evidence,
        binding: &Binding<'_>,
        now: UnixTime,
    ) -> Result<Self, Refusal> {
        let trust = binding.provider.trust_condition.as_ref();
        hold(trust, &evidence, Code::TrustConditionFalse, Code::TrustConditionError)?;
        evidence.check_freshness(now)?;
        let verification = binding.credential.condition.as_ref();
        hold(
            verification,
            &evidence,
            Code::VerificationConditionFalse,
            Code::VerificationConditionError,
        )?;
        let subject = subject(binding, &evidence)?;
        let claims = claims(binding, &evidence)?;
        Ok(Self { evidence, subject, claims })
    }

    /// What may be minted: never more than the credential's scopes, narrowed to what was asked for.
    fn grant(self, binding: &Binding<'_>, scope: &ScopeRequest) -> Result<Grant, Refusal> {
        let values = granted(binding.credential, scope)?;
        let terms = Terms::new(
            binding.policy.issuer().to_string(),
            self.subject,
            binding.client_id.to_string(),
            scope.audience.clone(),
            values,
            binding.policy.token_lifetime(binding.credential, &scope.audience),
        )
        .with_claims(self.claims);
        Ok(Grant::new(terms, self.evidence.into_obligation().into_iter().collect()))
    }
}

/// Whether a condition holds; an absent one does. (That one of the two says who is a rule of the policy.)
fn hold(
    condition: Option<&Expression>,
    evidence: &Evidence,
    when_false: Code,
    when_error: Code,
) -> Result<(), Refusal> {
    let Some(condition) = condition else { return Ok(()) };
    match condition.condition(evidence.facts()) {
        Ok(true) => Ok(()),
        Ok(false) => {
            let refusal = Refusal::new(when_false);
            Err(match condition.failing_clause(evidence.facts()) {
                Some(clause) => refusal.expected(clause.text).found(clause.found),
                None => refusal.expected(condition.text()),
            })
        }
        Err(error) => Err(Refusal::new(when_error).expected(condition.text()).detail(error)),
    }
}

/// `sub`: the client id, and the mapped attribute behind it.
fn subject(binding: &Binding<'_>, evidence: &Evidence) -> Result<String, Refusal> {
    let mut subject = binding.client_id.to_string();
    let Some(mapping) = &binding.credential.attributes.active_subject_urn else {
        return Ok(subject);
    };
    let failed = || Refusal::new(Code::MappingError).expected(mapping.text());
    match mapping.evaluate(evidence.facts()) {
        Ok(Value::String(urn)) if is_printable(&urn) => {
            subject.push(':');
            subject.push_str(&urn);
            Ok(subject)
        }
        Ok(other) => Err(failed().detail("not a printable text").found(other.kind())),
        Err(error) => Err(failed().detail(error)),
    }
}

/// The claims that the credential maps.
fn claims(binding: &Binding<'_>, evidence: &Evidence) -> Result<Object, Refusal> {
    let mut claims = Object::new();
    for (name, source) in &binding.credential.attributes.claims {
        let failed = || Refusal::new(Code::MappingError).expected(source.text());
        let value = source.evaluate(evidence.facts()).map_err(|error| failed().detail(error))?;
        let fits = match &value {
            Value::String(text) => is_printable(text),
            Value::Integer(_) | Value::Bool(_) => true,
            _ => false,
        };
        if !fits {
            let what = "not a printable text, an integer or a boolean";
            return Err(failed().detail(what).found(value.kind()));
        }
        claims.insert(name.as_str(), value);
    }
    Ok(claims)
}

/// Whether every reader of a `sub` sees it as it is: not empty, of bounded length, nothing invisible in it and
/// nothing that turns the direction of the text.
fn is_printable(text: &str) -> bool {
    (1..=limits::EXPRESSION_STRING_BYTES).contains(&text.len()) && !text.chars().any(is_hidden)
}

/// The scope values granted: those asked for, all of which the credential must have; `.all` stands for every
/// one that it has.
fn granted(credential: &Credential, request: &ScopeRequest) -> Result<Vec<String>, Refusal> {
    let Some(available) = credential.scopes.get(&request.audience) else {
        return Err(Refusal::new(Code::ScopeNotGranted).found(&request.audience));
    };
    let is_granted = |value: &String| value == ALL_SCOPES || available.contains(value);
    match request.values.iter().find(|value| !is_granted(value)) {
        Some(value) => Err(Refusal::new(Code::ScopeNotGranted)
            .expected(available.join(" "))
            .found(alloc::format!("{}|{value}", request.audience))),
        None if request.wants_all() => Ok(available.clone()),
        None => Ok(request.values.clone()),
    }
}
