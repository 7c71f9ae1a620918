//! What an operator wants to know at a glance, as JSON.

use super::Operations;
use serde_json::{Value, json};
use std::sync::Arc;

/// How the service is.
pub(super) async fn of(operations: &Arc<Operations>) -> Value {
    let state = &operations.state;
    let live = state.live();
    let (is_ready, readiness) = operations.readiness().await;
    let audit = state.audit.status();
    let certificates: Vec<Value> = state
        .readiness
        .certificates()
        .map(|(listener, expires)| {
            json!({ "listener": listener, "expires": expires.map(|at| at.to_string()) })
        })
        .collect();
    let now = live.decider.now();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "issuer": state.issuer,
        "started": operations.started.to_string(),
        "uptime_seconds": now.since(operations.started),
        "ready": is_ready,
        "not_ready": if is_ready { Value::Null } else { readiness.trim_end().into() },
        "heartbeat_age_seconds": operations.heartbeat.age().as_secs_f64(),
        "policy": {
            "hash": live.policy_hash,
            "version": live.policy_version,
            "loaded": live.loaded_at.to_string(),
        },
        "certificates": certificates,
        "audit": {
            "chain": audit.head.as_ref().map(|head| &head.chain),
            "last": audit.head.as_ref().map(|head| head.seq),
            "hash": audit.head.as_ref().map(|head| &head.hash),
            "waiting": audit.waiting,
            "trouble": audit.trouble,
        },
    })
}
