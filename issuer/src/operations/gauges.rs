//! What is read when somebody asks for metrics, and not counted as it happens.

use super::Operations;
use crate::keys::{KeyLife, KeyState, SigningAlgorithm};
use crate::metrics;
use credmint_core::UnixTime;
use std::fs;
use std::sync::Arc;

/// Sets the metrics that say how things are now.
pub(super) async fn refresh(operations: &Arc<Operations>) {
    metrics::started(operations.started.seconds());
    metrics::heartbeat(operations.heartbeat.age());
    let live = operations.state.live();
    metrics::build(env!("CARGO_PKG_VERSION"));
    let now = live.decider.now();
    signing_keys(&operations.state.keys.states(now), now);
    for root in live.decider.policy().anchors_expiring(now) {
        metrics::root_expires(&root.pointer, root.not_after.seconds());
    }
    for source in live.decider.sources() {
        let (keys, since) = source.held.unzip();
        let is_failing = source.last.is_some_and(|last| last.error.is_some());
        let age = since.map(|since| now.since(since));
        metrics::source_keys(&source.name, keys.unwrap_or(0), age, is_failing);
    }
    metrics::audit_queue(operations.state.audit.status().waiting);
    for (listener, expires) in operations.state.readiness.certificates() {
        if let Some(at) = expires {
            metrics::certificate_expires(listener, at.seconds());
        }
    }
    let (memory, descriptors) = held();
    metrics::process(memory, descriptors);
    // It sets those of the parts.
    let _ = operations.readiness().await;
}

/// How many keys of each algorithm are where in their life. What is there no more is 0.
fn signing_keys(keys: &[(KeyLife, KeyState)], now: UnixTime) {
    use KeyState::{Made, Published, Retiring, Signing, Withdrawn};
    for algorithm in SigningAlgorithm::ALL {
        let own = || keys.iter().filter(|(key, _)| key.algorithm == algorithm);
        if own().next().is_none() {
            continue;
        }
        for phase in [Made, Published, Signing, Retiring, Withdrawn] {
            let count = own().filter(|(_, state)| *state == phase).count();
            metrics::signing_keys(algorithm.as_str(), phase.as_str(), count);
        }
        if let Some((key, _)) = own().find(|(_, state)| *state == Signing) {
            metrics::signing_key_age(algorithm.as_str(), now.since(key.made));
        }
    }
}

/// The bytes of memory and the number of files that this process holds, as Linux tells.
fn held() -> (u64, u64) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = resident
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .and_then(|number| number.trim().parse::<u64>().ok())
        .unwrap_or_default();
    let descriptors = fs::read_dir("/proc/self/fd").map_or(0, |folder| folder.count() as u64);
    (kilobytes.saturating_mul(1024), descriptors)
}
