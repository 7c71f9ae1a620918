//! What is written down of each request: the audit record, then the log.

use super::answer::Refused;
use super::state::State;
use crate::audit::{Decision, Kept};
use crate::metrics;
use crate::serve::Arrival;
use credmint_core::{Fault, Refusal, Terms};

impl State {
    /// Writes a decision down. Nobody gets a token, or a reason, of which there is no record.
    ///
    /// # Errors
    /// The answer in the place of the decision, when it cannot be recorded.
    pub(super) async fn record(&self, decision: &Decision<'_>) -> Result<(), Refused> {
        let recorded = self.audit.record(decision).await;
        let outcome = match (&recorded, decision.outcome) {
            (Err(lost), _) => Err(lost),
            (Ok(_), outcome) => outcome,
        };
        match outcome {
            Ok((terms, jti)) => log_token(decision, terms, jti),
            // What is counted in the audit would flood the log as well.
            Err(_) if recorded == Ok(Kept::Counted) => {}
            Err(refusal) => log_refusal(decision, refusal),
        }
        metrics::decided(decision.presented, outcome.map(drop).map_err(Refusal::code));
        if let Some(facts) = decision.facts
            && let Some(issued) = facts.issued_at()
        {
            metrics::proof_age(decision.time.since(issued), facts.kind());
        }
        let form = decision.presented.map(|presented| presented.form);
        recorded.map(drop).map_err(|lost| Refused::new(&lost, form, decision.request_id))
    }

    /// Writes down that a request is refused which was not read, and answers it.
    pub(super) async fn refuse(&self, refusal: Refusal, arrival: &Arrival) -> Refused {
        let live = self.live();
        let decision = Decision {
            time: live.decider.now(),
            request_id: arrival.id(),
            source: arrival.source(),
            policy_hash: &live.policy_hash,
            presented: None,
            facts: None,
            bound: None,
            exchanged: None,
            outcome: Err(&refusal),
        };
        match self.record(&decision).await {
            Ok(()) => Refused::new(&refusal, None, decision.request_id),
            Err(lost) => lost,
        }
    }
}

/// The operator's record of a token.
fn log_token(decision: &Decision<'_>, terms: &Terms, jti: &str) {
    let presented = decision.presented;
    tracing::info!(
        request_id = %decision.request_id,
        source = decision.source.map(tracing::field::display),
        verdict = "accept",
        form = presented.map(|presented| presented.form.as_str()),
        client = decision.client(),
        credential = decision.credential(),
        proof = presented.map(|presented| presented.assertion.kind()),
        subject = terms.subject(),
        audience = terms.audience(),
        scope = terms.scope().join(" "),
        jti,
        "token issued"
    );
}

/// The operator's record of a refusal: the whole reason, nothing of the proof. What its sender can correct is
/// `info`; what must be corrected here is a warning.
fn log_refusal(decision: &Decision<'_>, refusal: &Refusal) {
    let (presented, code) = (decision.presented, refusal.code());
    macro_rules! record {
        ($level:ident) => {
            tracing::$level!(
                request_id = %decision.request_id,
                source = decision.source.map(tracing::field::display),
                verdict = "refuse",
                code = code.as_str(),
                step = code.step().as_str(),
                fault = code.fault().as_str(),
                public = code.public().as_str(),
                form = presented.map(|presented| presented.form.as_str()),
                client = decision.client(),
                credential = decision.credential(),
                proof = presented.map(|presented| presented.assertion.kind()),
                detail = refusal.detail_text(),
                expected = refusal.expected_text(),
                found = refusal.found_text(),
                "{}",
                code.sentence()
            )
        };
    }
    match code.fault() {
        Fault::Credential => record!(info),
        _ => record!(warn),
    }
}
