//! Pages and probes over a real socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use carillon::http::Heartbeat;

use crate::support::backend::Backend;
use crate::support::shop::Shop;

#[tokio::test]
async fn health_is_the_process_and_ready_is_its_work() {
    let alive = Arc::new(AtomicBool::new(true));
    let heartbeat = Heartbeat::new({
        let alive = Arc::clone(&alive);
        move || alive.load(Ordering::Relaxed)
    });
    let shop = Shop::open_with(Backend::Sqlite, "2027-01-03T10:00:00Z", Some(heartbeat)).await;
    assert_eq!(shop.get("/health", "").await.text(), "alive\n");
    assert_eq!(shop.get("/ready", "").await.text(), "ready\n");
    alive.store(false, Ordering::Relaxed);
    let ready = shop.get("/ready", "").await;
    assert_eq!((ready.status, ready.text()), (503, "not ready\n"));
    assert_eq!(shop.get("/health", "").await.status, 200);
}
