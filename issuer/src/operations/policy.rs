//! The policy that is in use and the limits that hold, to be looked at and not changed.

use super::{Asked, Operations};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use credmint_core::policy::TrustPolicy;
use serde_json::{Value, json};
use std::sync::Arc;

/// The names of everything in the policy.
pub(super) async fn overview(axum::extract::State(operations): Asked) -> Json<Value> {
    let live = operations.state.live();
    let policy = live.decider.policy();
    let providers = policy.providers().map(|(name, provider)| {
        json!({ "name": name, "type": provider.preset().type_name(), "enabled": provider.is_enabled() })
    });
    let resources =
        policy.resources().map(|(name, scopes)| json!({ "name": name, "scopes": scopes }));
    let clients: Vec<&str> = policy.clients().map(|(id, _)| id).collect();
    Json(json!({
        "issuer": policy.issuer(),
        "hash": live.policy_hash,
        "version": live.policy_version,
        "providers": providers.collect::<Vec<_>>(),
        "resources": resources.collect::<Vec<_>>(),
        "clients": clients,
    }))
}

/// One client, with its credentials.
pub(super) async fn client(
    axum::extract::State(operations): Asked,
    Path(id): Path<String>,
) -> Response {
    match shown(operations.state.live().decider.policy(), &id) {
        Some(client) => Json(client).into_response(),
        None => (StatusCode::NOT_FOUND, "the policy has no such client\n").into_response(),
    }
}

fn shown(policy: &TrustPolicy, id: &str) -> Option<Value> {
    let client = policy.client(id)?;
    let credentials = client.credentials().map(|(name, credential)| {
        json!({
            "name": name,
            "provider": credential.provider(),
            "enabled": credential.is_enabled(),
            "discoverable": credential.is_discoverable(),
            "condition": credential.condition().map(|condition| condition.text()),
            "audiences": credential.audiences().collect::<Vec<_>>(),
            "token_lifetime": credential.token_lifetime(),
        })
    });
    Some(json!({
        "id": id,
        "enabled": client.is_enabled(),
        "credentials": credentials.collect::<Vec<_>>(),
    }))
}

/// What bounds the work of this process.
pub(super) async fn limits(axum::extract::State(operations): Asked) -> Json<Value> {
    Json(of_process(&operations))
}

fn of_process(operations: &Arc<Operations>) -> Value {
    use crate::limits as own;
    let audit = &operations.server.audit;
    json!({
        "request_seconds": own::REQUEST_TIME.as_secs(),
        "request_bytes": credmint_core::limits::REQUEST_BYTES,
        "audit_wait_seconds": own::AUDIT_WAIT.as_secs(),
        "audit_queue_records": own::AUDIT_QUEUE_RECORDS,
        "audit_refusals_per_code_and_source": audit.refusals.per_code_and_source,
        "audit_refusals_period_seconds": audit.refusals.period.as_secs(),
        "log_queue_records": own::LOG_QUEUE_RECORDS,
    })
}
