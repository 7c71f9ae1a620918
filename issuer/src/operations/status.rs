//! What an operator wants to know at a glance, as JSON.

use super::Operations;
use crate::app::State;
use credmint_core::UnixTime;
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
    let reloads = state.reloads.load_full();
    let sources = live.decider.sources().into_iter().map(|source| {
        let last = source.last.map(
            |last| json!({ "time": last.at.to_string(), "url": last.url, "error": last.error }),
        );
        json!({
            "name": source.name,
            "kind": source.kind,
            "keys": source.held.map(|(keys, _)| keys),
            "age_seconds": source.held.map(|(_, since)| now.since(since)),
            "last_fetch": last,
        })
    });
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
        "reloads": {
            "taken": reloads.taken,
            "refused": reloads.refused,
            "last": reloads.last.map(|at| at.to_string()),
            "errors": reloads.errors,
            "set_aside": reloads.set_aside.iter().map(|(file, is_former_used, errors)| {
                json!({ "file": file, "former_in_use": is_former_used, "errors": errors })
            }).collect::<Vec<_>>(),
        },
        "sources": sources.collect::<Vec<_>>(),
        "signing_keys": signing_keys(state),
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

/// The signing keys: which there are, and what each does now.
fn signing_keys(state: &State) -> Vec<Value> {
    let keys = state.keys.states(state.live().decider.now()).into_iter().map(|(key, does)| {
        let time = |time: Option<UnixTime>| time.map(|time| time.to_string());
        json!({
            "kid": key.kid,
            "algorithm": key.algorithm.as_str(),
            "state": does.as_str(),
            "sign_from": time(key.sign_from),
            "sign_until": time(key.sign_until),
        })
    });
    keys.collect()
}
