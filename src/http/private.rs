//! The listener for those who look after the daemon.

use std::io;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use tokio_util::sync::CancellationToken;

use super::exchange::PrivatePages;
use super::serve::serve_at_most;
use crate::door::PrivateDoor;

/// The most connections at once: a monitoring system or two, and a person.
const CONNECTIONS: usize = 16;

/// Serves `pages` at `door` until `shutdown`, as [`serve`](super::serve()) does.
pub async fn serve_private(door: PrivateDoor, pages: PrivatePages, shutdown: CancellationToken) -> io::Result<()> {
    let door = Arc::new(door);
    let ended = serve_at_most(CONNECTIONS, Arc::clone(&door), pages, shutdown).await;
    door.leave();
    ended
}

/// What is answered to a path that is not here.
pub(super) async fn nothing_here() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, "here are /board, /health, /ready and /metrics\n")
}
