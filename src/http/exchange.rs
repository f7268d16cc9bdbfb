//! Pages that can be exchanged while they are served, as when the configuration is read anew.

use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::Request;
use tower_service::Service as _;

/// What is served now. Cloning is cheap, and clones are one.
#[derive(Clone, Debug)]
pub struct Pages(Arc<RwLock<Router>>);

impl Pages {
    /// Serves `router` at first.
    pub fn new(router: Router) -> Self {
        Self(Arc::new(RwLock::new(router)))
    }

    /// From the next request on, `router` answers; also on connections that are open.
    pub fn exchange(&self, router: Router) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = router;
    }

    /// A router that asks whichever is the current one.
    pub fn router(&self) -> Router {
        let pages = self.clone();
        Router::new().fallback(move |request: Request| {
            let mut current = pages.0.read().unwrap_or_else(PoisonError::into_inner).clone();
            async move { current.call(request).await }
        })
    }
}
