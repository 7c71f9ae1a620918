//! Connections of operators and their programs: few, and each bounded.

use crate::limits::{HEAD_BYTES, HEADER_FIELDS, OPERATIONS_CONNECTIONS, OPERATIONS_HEAD};
use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Serves until it is dropped.
pub(super) async fn serve<L: Listener>(mut listener: L, app: Router) {
    let places = Arc::new(Semaphore::new(OPERATIONS_CONNECTIONS));
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let (stream, _) = listener.accept().await;
        let service = TowerToHyperService::new(app.clone());
        tokio::spawn(async move {
            // How it ended concerns the caller alone. A caller that reads nothing is cut off.
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(OPERATIONS_HEAD)
                .max_headers(HEADER_FIELDS)
                .max_buf_size(HEAD_BYTES)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            let _ = tokio::time::timeout(OPERATIONS_HEAD, served).await;
            drop(place);
        });
    }
}
