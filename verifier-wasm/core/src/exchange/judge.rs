//! From what a proof states to what its bearer may have: conditions, freshness, mapping, scope.
//!
//! The same code judges a proof, a test of the policy and an audit record; only for the first it is followed by a
//! grant.

use super::asked::{Asked, narrow};
use crate::expr::{EvalError, Expression, Facts, is_hidden};
use crate::form::RequestForm;
use crate::grant::Terms;
use crate::json::{Object, Value};
use crate::limits;
use crate::policy::Binding;
use crate::presented::{ScopeDialect, ScopeRequest};
use crate::proof::{self, Statement};
use crate::recorded::Recorded;
use crate::redact::redacted_object;
use crate::refusal::{Code, Refusal, Step};
use crate::time::UnixTime;
use crate::token_text::{SUBJECT_ADVICE, is_subject};
use crate::trace::{Seen, Trace};
use alloc::format;
use alloc::string::{String, ToString};

/// What a token for this statement would say: never more than the credential's scopes, narrowed to what was asked
/// for.
///
/// # Errors
/// The refusal of the first check that fails.
pub(super) fn judge(
    statement: &Statement,
    binding: &Binding<'_>,
    scope: &ScopeRequest,
    now: UnixTime,
    trace: &mut Trace,
) -> Result<Terms, Refusal> {
    let checks = Checks { statement, binding, scope, now };
    let (subject, claims) = checks.all_but_scope(trace)?;
    let asked = checks.scope(trace)?;
    let signing_algorithm = binding.policy.signing_algorithm(&asked.resource);
    Ok(Terms::new(
        binding.policy.issuer().to_string(),
        subject,
        binding.client_id.to_string(),
        asked.audience,
        asked.values,
        binding.policy.token_lifetime(binding.credential, &asked.resource),
    )
    .of_credential(binding.credential_name)
    .with_claims(claims)
    .signed_with(signing_algorithm))
}

/// The subject of a statement as a token of its own would name it, when all but the scope is judged.
///
/// # Errors
/// The refusal of the first check that fails.
pub(super) fn judge_subject(
    statement: &Statement,
    binding: &Binding<'_>,
    scope: &ScopeRequest,
    now: UnixTime,
    trace: &mut Trace,
) -> Result<String, Refusal> {
    let (subject, _) = Checks { statement, binding, scope, now }.all_but_scope(trace)?;
    Ok(subject)
}

/// Whether the conditions of a binding hold for a statement to it.
pub(super) fn conditions_hold(statement: &Statement, binding: &Binding<'_>) -> bool {
    let conditions = binding.provider.trust_condition.iter().chain(&binding.credential.condition);
    let mut held = conditions.map(|condition| condition.condition(statement.facts()));
    held.all(|held| held == Ok(true))
}

/// Notes what the checks up to `last` say that were not come to, over what was stated. It is for a reader: nothing can be
/// decided by it.
pub(super) fn collect(
    (stated, form): (&Recorded, RequestForm),
    binding: &Binding<'_>,
    scope: &ScopeRequest,
    now: UnixTime,
    last: Step,
    trace: &mut Trace,
) {
    let Ok(stating) = proof::state((stated, form), binding.to(), Some(binding.client_id), now)
    else {
        return;
    };
    let statement = stating.bound(binding);
    let checks = Checks { statement: &statement, binding, scope, now };
    let all: [(Step, Check); 5] = [
        (Step::TrustCondition, |checks, trace| drop(checks.trust(trace))),
        (Step::Freshness, |checks, trace| drop(checks.freshness(trace))),
        (Step::VerificationCondition, |checks, trace| drop(checks.verification(trace))),
        (Step::Mapping, |checks, trace| drop(checks.mapping(trace))),
        (Step::Scope, |checks, trace| drop(checks.scope(trace))),
    ];
    for (step, check) in all {
        if step <= last && !trace.has(step) {
            check(&checks, trace);
        }
    }
}

/// One of the checks, for what it notes alone.
type Check = fn(&Checks<'_>, &mut Trace);

/// The checks of what a proof states, each by itself.
struct Checks<'a> {
    statement: &'a Statement,
    binding: &'a Binding<'a>,
    scope: &'a ScopeRequest,
    now: UnixTime,
}

impl Checks<'_> {
    fn all_but_scope(&self, trace: &mut Trace) -> Result<(String, Object), Refusal> {
        self.trust(trace)?;
        self.freshness(trace)?;
        self.verification(trace)?;
        self.mapping(trace)
    }

    fn trust(&self, trace: &mut Trace) -> Result<(), Refusal> {
        let (trust, facts) = (self.binding.provider.trust_condition.as_ref(), self.facts());
        let held = hold(trust, facts, Code::TrustConditionFalse, Code::TrustConditionError);
        trace.check(Step::TrustCondition, held, |_| seen(trust, facts))
    }

    fn freshness(&self, trace: &mut Trace) -> Result<(), Refusal> {
        let fresh = self.statement.check_freshness(self.now);
        let found = |_: Option<&()>| Seen::found(self.statement.freshness_in_words(self.now));
        trace.check(Step::Freshness, fresh, found)
    }

    fn verification(&self, trace: &mut Trace) -> Result<(), Refusal> {
        let (verification, facts) = (self.binding.credential.condition.as_ref(), self.facts());
        let (when_false, when_error) =
            (Code::VerificationConditionFalse, Code::VerificationConditionError);
        let held = hold(verification, facts, when_false, when_error);
        trace.check(Step::VerificationCondition, held, |_| seen(verification, facts))
    }

    fn mapping(&self, trace: &mut Trace) -> Result<(String, Object), Refusal> {
        let (binding, facts) = (self.binding, self.facts());
        let mapped = subject(binding, facts)
            .and_then(|subject| claims(binding, facts).map(|claims| (subject, claims)));
        trace.check(Step::Mapping, mapped, |mapped| Seen {
            found: mapped.map(|(subject, claims)| match claims.is_empty() {
                true => subject.clone(),
                false => format!("{subject}, claims {}", redacted_object(claims).0),
            }),
            ..Seen::nothing()
        })
    }

    fn scope(&self, trace: &mut Trace) -> Result<Asked, Refusal> {
        let asked = narrow(self.binding, self.scope);
        trace.check(Step::Scope, asked, |asked| {
            Seen::found(match asked {
                // The audience does not stand in the scope itself.
                Some(asked) if self.scope.dialect == ScopeDialect::Plain => {
                    format!("{} for {}", asked.values.join(" "), asked.audience)
                }
                _ => self.scope.to_string(),
            })
        })
    }

    const fn facts(&self) -> &Facts {
        self.statement.facts()
    }
}

fn seen(condition: Option<&Expression>, facts: &Facts) -> Seen {
    Seen::clause(condition.map(|condition| condition.clauses(facts)))
}

/// Whether a condition holds; an absent one does. (That one of the two identifies the bearer is a rule of the policy.)
fn hold(
    condition: Option<&Expression>,
    facts: &Facts,
    when_false: Code,
    when_error: Code,
) -> Result<(), Refusal> {
    let Some(condition) = condition else { return Ok(()) };
    match condition.condition(facts) {
        Ok(true) => Ok(()),
        Ok(false) => {
            let refusal = Refusal::new(when_false);
            Err(match condition.failing_clause(facts) {
                Some(clause) => refusal.expected(clause.text).found(clause.found),
                None => refusal.expected(condition.text()),
            })
        }
        // What may not be read is a matter of the certificate that was presented.
        Err(error @ EvalError::Withheld { .. }) => {
            Err(Refusal::new(when_false).expected(condition.text()).detail(error))
        }
        Err(error) => Err(Refusal::new(when_error).expected(condition.text()).detail(error)),
    }
}

/// `sub`: the client id, and the mapped attribute behind it.
fn subject(binding: &Binding<'_>, facts: &Facts) -> Result<String, Refusal> {
    let mut subject = binding.client_id.to_string();
    let Some(mapping) = &binding.credential.attributes.active_subject_urn else {
        return Ok(subject);
    };
    let failed = || Refusal::new(Code::MappingError).expected(mapping.text());
    if binding.credential.is_group {
        // That the text has this form was a condition of loading.
        let joined = mapping.joined().ok_or_else(failed)?;
        joined
            .check(facts, &|path| binding.is_integer(path))
            .map_err(|what| failed().detail(what))?;
    }
    let value = mapping.evaluate(facts).map_err(|error| failed().detail(error))?;
    let unfit = |what: &str| Err(failed().detail(what).found(value.kind()));
    let urn = match &value {
        Value::String(urn) if urn.is_empty() => return unfit("an empty text"),
        Value::String(urn) => urn.clone(),
        // In decimal digits, as `Append` writes it.
        Value::Integer(number) => number.to_string(),
        _ => return unfit("neither a text nor an integer"),
    };
    subject.push(':');
    subject.push_str(&urn);
    if !is_subject(&subject) {
        return unfit(SUBJECT_ADVICE);
    }
    Ok(subject)
}

/// The claims that the credential maps.
fn claims(binding: &Binding<'_>, facts: &Facts) -> Result<Object, Refusal> {
    let mut claims = Object::new();
    for (name, source) in &binding.credential.attributes.claims {
        let failed = || Refusal::new(Code::MappingError).expected(source.text());
        let value = source.evaluate(facts).map_err(|error| failed().detail(error))?;
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
    let bytes = claims.to_string().len();
    if bytes > limits::MAPPED_CLAIMS_BYTES {
        return Err(Refusal::new(Code::MappingError)
            .detail("the mapped claims are too large together")
            .expected(format!("at most {} bytes", limits::MAPPED_CLAIMS_BYTES))
            .found(bytes));
    }
    Ok(claims)
}

/// Whether every reader of a claim sees it as it is: not empty, of bounded length, nothing invisible in it and
/// nothing that turns the direction of the text.
fn is_printable(text: &str) -> bool {
    (1..=limits::EXPRESSION_STRING_BYTES).contains(&text.len()) && !text.chars().any(is_hidden)
}
