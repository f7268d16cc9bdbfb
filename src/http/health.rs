//! Whether the program lives, and whether it can do its work. Constant bodies: they say nothing about the inside.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::routing::get;

use super::App;
use super::error;
use crate::db::gates;

/// The routes for load balancers and supervisors.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/health", get(live)).route("/ready", get(ready))
}

async fn live() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "alive\n")
}

async fn ready(State(app): State<App>) -> impl IntoResponse {
    let (holds, now) = (app.holds.clone(), app.clock.now());
    let asked = app.store.read(move |db| {
        gates::changed_at(db)?;
        holds.map_or(Ok(true), |holds| Ok(holds.ask(db, now)?.is_empty()))
    });
    let store = asked.await.inspect_err(error::report).unwrap_or_default();
    let daemon = app.heartbeat.as_ref().is_none_or(|heartbeat| (heartbeat.0)());
    let (status, body) =
        if store && daemon { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") };
    (status, [(CACHE_CONTROL, "no-store")], body)
}
