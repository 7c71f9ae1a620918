//! What is counted and measured: one table of metrics ([`TABLE`]), and a function for whatever is counted.
//!
//! Names follow the customs of Prometheus and OpenTelemetry. Labels take their values from closed sets: the tables of the
//! code, the names of a policy. What a stranger sends is no value of a label, so nobody outside can make further series, and
//! no secret can be in one. Where nobody reads metrics nothing is kept.

mod recorder;
mod table;

pub use recorder::{Exposition, install};
pub use table::{Kind, Row, TABLE};

use credmint_core::{Code, Presented};
use metrics::{Label, SharedString};
use std::time::Duration;
use table::Metric;

impl<const N: usize> Metric<N> {
    fn labels(&self, values: [SharedString; N]) -> Vec<Label> {
        self.labels.into_iter().zip(values).map(|(name, value)| Label::new(name, value)).collect()
    }

    fn add(&self, values: [SharedString; N], count: u64) {
        ::metrics::counter!(self.name, self.labels(values)).increment(count);
    }

    fn set(&self, values: [SharedString; N], value: f64) {
        ::metrics::gauge!(self.name, self.labels(values)).set(value);
    }

    fn change(&self, values: [SharedString; N], by: f64) {
        ::metrics::gauge!(self.name, self.labels(values)).increment(by);
    }

    fn observe(&self, values: [SharedString; N], value: f64) {
        ::metrics::histogram!(self.name, self.labels(values)).record(value);
    }
}

/// A token request was decided, after this time; `Err` has the code of a refusal.
pub fn decided(presented: Option<&Presented>, outcome: Result<(), Code>) {
    let verdict = if outcome.is_ok() { "accept" } else { "refuse" };
    let form = presented.map_or("none", |presented| presented.form.as_str());
    let proof = presented.map_or("none", |presented| presented.assertion.kind());
    table::TOKEN_REQUESTS.add([form.into(), proof.into(), verdict.into()], 1);
    if let Err(code) = outcome {
        let (step, fault) = (code.step().as_str(), code.fault().as_str());
        table::REFUSALS.add([code.as_str().into(), step.into(), fault.into()], 1);
    }
}

/// A decision took this long.
pub fn decision_took(time: Duration, is_granted: bool) {
    let verdict = if is_granted { "accept" } else { "refuse" };
    table::DECISION_SECONDS.observe([verdict.into()], time.as_secs_f64());
}

/// The signature of an access token took this long.
pub fn signing_took(time: Duration) {
    table::SIGN_SECONDS.observe([], time.as_secs_f64());
}

/// A proof whose signature was good was this old, in seconds, when it was decided about.
#[allow(clippy::cast_precision_loss)]
pub fn proof_age(seconds: i64, proof: &'static str) {
    // Exact for every age that a proof can have.
    table::PROOF_AGE.observe([proof.into()], seconds as f64);
}

/// An HTTP request was answered.
pub fn http_request(method: &'static str, route: &str, status: u16, time: Duration) {
    let labels = [method.into(), route.to_owned().into(), status.to_string().into()];
    table::HTTP_SECONDS.observe(labels, time.as_secs_f64());
}

/// That an HTTP request is being answered, until it is dropped.
pub struct ActiveRequest(());

impl ActiveRequest {
    /// A request has come.
    pub fn begin() -> Self {
        table::HTTP_ACTIVE.change([], 1.0);
        Self(())
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        table::HTTP_ACTIVE.change([], -1.0);
    }
}

/// A connection at `listener` is in `state` from here on, until this is dropped.
pub struct Connection {
    listener: &'static str,
    state: &'static str,
}

impl Connection {
    /// A connection has come to this state.
    pub fn enter(listener: &'static str, state: &'static str) -> Self {
        table::CONNECTIONS.change([listener.into(), state.into()], 1.0);
        Self { listener, state }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        table::CONNECTIONS.change([self.listener.into(), self.state.into()], -1.0);
    }
}

/// A connection met a bound.
pub fn connection_refused(listener: &'static str, reason: &'static str) {
    table::CONNECTIONS_REFUSED.add([listener.into(), reason.into()], 1);
}

/// A request was refused because there was too much work.
pub fn shed(reason: &'static str) {
    table::SHED.add([reason.into()], 1);
}

/// A request was over the rate of its `source` or `client`.
pub fn rate_limited(by: &'static str) {
    table::RATE_LIMITED.add([by.into()], 1);
}

/// An operation of the store took this long.
pub fn store_took(operation: &'static str, time: Duration) {
    table::STORE_SECONDS.observe([operation.into()], time.as_secs_f64());
}

/// An operation of the store failed.
pub fn store_failed(operation: &'static str) {
    table::STORE_FAILURES.add([operation.into()], 1);
}

/// So many single-use proofs are remembered.
pub fn consumed_proofs(count: u64) {
    table::CONSUMED.set([], float(count));
}

/// Audit records of this kind were written.
pub fn audit_written(kind: &'static str, count: u64) {
    table::AUDIT_RECORDS.add([kind.into()], count);
}

/// A refusal is counted in a summary.
pub fn audit_summarised(code: Code) {
    table::AUDIT_SUMMARISED.add([code.as_str().into()], 1);
}

/// A decision was refused because its record was not written.
pub fn audit_unavailable(reason: &'static str) {
    table::AUDIT_UNAVAILABLE.add([reason.into()], 1);
}

/// So many audit records wait.
pub fn audit_queue(records: usize) {
    table::AUDIT_QUEUE.set([], float(records as u64));
}

/// One write of audit records.
pub fn audit_write(time: Duration, records: usize, bytes: usize) {
    table::AUDIT_SECONDS.observe([], time.as_secs_f64());
    table::AUDIT_BATCH.observe([], float(records as u64));
    table::AUDIT_BYTES.add([], bytes as u64);
}

/// An audit file was full, and the next was begun.
pub fn audit_rotated() {
    table::AUDIT_ROTATIONS.add([], 1);
}

/// A torn line of an audit file was closed.
pub fn audit_repaired() {
    table::AUDIT_REPAIRS.add([], 1);
}

/// Records of the log were dropped.
pub fn log_dropped(records: u64) {
    table::LOG_DROPPED.add([], records);
}

/// A fetch of a document ended with this outcome.
pub fn fetched(document: &'static str, outcome: &'static str) {
    table::FETCHES.add([document.into(), outcome.into()], 1);
}

/// A fetch of a document took this long.
pub fn fetch_took(document: &'static str, time: Duration) {
    table::FETCH_SECONDS.observe([document.into()], time.as_secs_f64());
}

/// What is held of a source of the policy: how many keys, and their age in seconds where there are any.
pub fn source_keys(source: &str, keys: usize, age: Option<i64>, is_failing: bool) {
    let name = || [SharedString::from(source.to_owned())];
    table::KEYS_HELD.set(name(), float(keys as u64));
    if let Some(age) = age {
        table::KEYS_AGE.set(name(), float(age.unsigned_abs()));
    }
    table::KEYS_FAILED.set(name(), f64::from(is_failing));
}

/// How many signing keys of an algorithm are in a phase of their life.
pub fn signing_keys(algorithm: &'static str, phase: &'static str, keys: usize) {
    table::SIGNING_KEYS.set([algorithm.into(), phase.into()], float(keys as u64));
}

/// The age in seconds of the key of an algorithm that signs.
pub fn signing_key_age(algorithm: &'static str, seconds: i64) {
    table::SIGNING_KEY_AGE.set([algorithm.into()], float(seconds.unsigned_abs()));
}

/// The version of this build.
pub fn build(version: &'static str) {
    table::BUILD.set([version.into()], 1.0);
}

/// When the process started, as Unix time.
pub fn started(at: i64) {
    table::STARTED.set([], float(at.unsigned_abs()));
}

/// What the process holds of the system.
pub fn process(resident_bytes: u64, descriptors: u64) {
    table::MEMORY.set([], float(resident_bytes));
    table::DESCRIPTORS.set([], float(descriptors));
}

/// Whether a part is ready.
pub fn ready(part: &'static str, is_ready: bool) {
    table::READY.set([part.into()], f64::from(is_ready));
}

/// When the threads that serve last answered.
pub fn heartbeat(age: Duration) {
    table::HEARTBEAT.set([], age.as_secs_f64());
}

/// A configuration was loaded, at this Unix time, when the process started.
pub fn loaded(at: i64) {
    table::RELOADED.set([], float(at.unsigned_abs()));
    table::RELOAD_FAILING.set([], 0.0);
}

/// The configuration was loaded again, at this Unix time.
pub fn reloaded(at: i64) {
    loaded(at);
    table::RELOADS.add(["taken".into()], 1);
}

/// A changed configuration was refused.
pub fn reload_refused() {
    table::RELOAD_FAILING.set([], 1.0);
    table::RELOADS.add(["refused".into()], 1);
}

/// So many files of teams are not used as they are.
pub fn set_aside(files: usize) {
    table::SET_ASIDE.set([], float(files as u64));
}

/// When the certificate of a listener expires, as Unix time.
pub fn certificate_expires(listener: &'static str, at: i64) {
    table::CERTIFICATE_EXPIRY.set([listener.into()], float(at.unsigned_abs()));
}

/// When the root at this place of the policy expires, as Unix time.
pub fn root_expires(root: &str, at: i64) {
    table::ROOT_EXPIRY.set([root.to_owned().into()], float(at.unsigned_abs()));
}

/// A count as the exposition has it: exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
const fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_follow_the_customs() {
        let mut seen = BTreeSet::new();
        for row in TABLE {
            let Row { name, kind, labels, help } = row;
            assert!(seen.insert(name), "{name} stands twice");
            let plain =
                |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            assert!(plain(name) && labels.iter().all(|label| plain(label)), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert!(help.ends_with('.') && !help.contains('\n'), "{name}: {help}");
        }
    }

    /// What is counted is shown under the name, kind and labels of the table.
    #[test]
    fn what_is_counted_is_exposed() {
        let (recorder, exposition) = recorder::build().unwrap();
        ::metrics::with_local_recorder(&recorder, || {
            decided(None, Err(Code::RequestMethod));
            decided(None, Err(Code::RequestMethod));
            decided(None, Ok(()));
            decision_took(Duration::from_micros(300), true);
            proof_age(-7, "oidc");
            audit_queue(3);
            let connection = Connection::enter("main", "open");
            drop(Connection::enter("main", "open"));
            std::mem::forget(connection);
            reload_refused();
        });
        let text = exposition.text();
        for line in [
            r#"credmint_token_requests_total{form="none",proof="none",verdict="refuse"} 2"#,
            r#"credmint_token_requests_total{form="none",proof="none",verdict="accept"} 1"#,
            r#"credmint_refusals_total{code="request_method",step="form",fault="credential"} 2"#,
            r#"credmint_decision_duration_seconds_bucket{verdict="accept",le="0.00025"} 0"#,
            r#"credmint_decision_duration_seconds_bucket{verdict="accept",le="0.0005"} 1"#,
            r#"credmint_decision_duration_seconds_count{verdict="accept"} 1"#,
            r#"credmint_proof_age_seconds_bucket{proof="oidc",le="-10"} 0"#,
            r#"credmint_proof_age_seconds_bucket{proof="oidc",le="-5"} 1"#,
            "credmint_audit_queue_records 3",
            r#"credmint_http_connections{listener="main",state="open"} 1"#,
            "credmint_reload_failing 1",
            "# TYPE credmint_refusals_total counter",
            "# HELP credmint_reload_failing 1 when the last reload was refused and the one before it is in use.",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line} is not in:\n{text}");
        }
    }
}
