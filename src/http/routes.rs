//! The one list of routes: a route is served because it is put in here, and what is in here can be told. So the description
//! for shops (`docs/openapi.json`) is held against what is served.

use axum::Router;
use axum::response::Response;
use axum::routing::MethodRouter;

use super::App;

/// Routes, and their paths as they were put in.
pub(super) struct Routes {
    router: Router<App>,
    paths: Vec<&'static str>,
}

impl Routes {
    /// No route.
    pub(super) fn none() -> Self {
        Self { router: Router::new(), paths: Vec::new() }
    }

    /// One more: `path`, in the manner of axum, answered by `methods`.
    #[must_use]
    pub(super) fn at(mut self, path: &'static str, methods: MethodRouter<App>) -> Self {
        self.paths.push(path);
        Self { router: self.router.route(path, methods), ..self }
    }

    /// These and `others`.
    #[must_use]
    pub(super) fn and(mut self, others: Self) -> Self {
        self.paths.extend(others.paths);
        Self { router: self.router.merge(others.router), ..self }
    }

    /// The same paths, whose router is what `change` makes of it.
    #[must_use]
    pub(super) fn with(self, change: impl FnOnce(Router<App>) -> Router<App>) -> Self {
        Self { router: change(self.router), ..self }
    }

    /// The same routes, each of whose answers goes through `change`.
    #[must_use]
    pub(super) fn answered<F>(self, change: fn(Response) -> F) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        self.with(|router| router.layer(axum::middleware::map_response(change)))
    }

    /// The paths, in the order in which they were put in.
    pub(super) fn paths(&self) -> &[&'static str] {
        &self.paths
    }

    /// What serves them.
    pub(super) fn into_router(self) -> Router<App> {
        self.router
    }
}
