//! Whether the program lives, and whether it can do its work. Anybody may ask, so an answer names kinds of problem alone:
//! their constant titles say nothing about the inside.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::time::timeout;

use super::App;
use super::error;
use super::routes::Routes;
use crate::db::gates;
use crate::problem::ProblemKind;

/// How long the store may take to answer. Whoever asks whether all is well does not wait for long, and a store that does not
/// answer is not well.
const PATIENCE: Duration = Duration::from_secs(1);

/// The routes for load balancers and supervisors.
pub(super) fn routes() -> Routes {
    Routes::none().at("/health", get(live)).at("/ready", get(ready))
}

async fn live() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "alive\n")
}

async fn ready(State(app): State<App>) -> impl IntoResponse {
    let (status, body) = match reasons(&app).await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(reasons) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready\n{reasons}")),
    };
    (status, [(CACHE_CONTROL, "no-store")], body)
}

/// Why the daemon cannot do its work, one reason to a line. The store is asked last: it may keep whoever asks waiting.
async fn reasons(app: &App) -> Result<(), String> {
    if let Some(readiness) = &app.readiness {
        (readiness.0)().map_err(|kinds| kinds.into_iter().map(line).collect::<String>())?;
    }
    let (holds, now) = (app.holds.clone(), app.clock.now());
    let asked = app.store.read(move |db| {
        gates::version(db)?;
        holds.map_or(Ok(true), |holds| Ok(holds.ask(db, now)?.is_empty()))
    });
    match timeout(PATIENCE, asked).await.map(|asked| asked.inspect_err(error::report)) {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(line(ProblemKind::SendingHeld)),
        Ok(Err(_)) | Err(_) => Err("the store cannot be read\n".to_owned()),
    }
}

fn line(kind: ProblemKind) -> String {
    format!("{kind}: {}\n", kind.traits().title)
}
