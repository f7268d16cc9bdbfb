//! Pages that can be exchanged while they are served, as when the configuration is read anew.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use tower_service::Service;

use super::{App, ahead, router};

/// What is served now. Cloning is cheap, and clones are one.
#[derive(Clone, Debug)]
pub struct Pages(Arc<RwLock<PagesInForce>>);

#[derive(Debug)]
struct PagesInForce {
    app: App,
    router: Router,
}

impl PagesInForce {
    fn new(app: App) -> Self {
        Self { router: router(app.clone()), app }
    }
}

impl Pages {
    /// Serves `app` at first. Called inside a runtime.
    pub fn new(app: App) -> Self {
        Self(Arc::new(RwLock::new(PagesInForce::new(app))))
    }

    /// From the next request on, `app` answers; also on connections that are open. Called inside a runtime.
    pub fn exchange(&self, app: App) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = PagesInForce::new(app);
    }
}

impl Service<Request> for Pages {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answering {
        let pages = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match ahead::answer(&pages.app, &request) {
            Some(response) => Answering::Done(Some(response)),
            None => Answering::Routed(Box::pin(pages.router.clone().call(request))),
        }
    }
}

/// An answer, or the way to it.
pub enum Answering {
    /// It was there.
    Done(Option<Response>),
    /// A route makes it.
    Routed(Pin<Box<RouteFuture<Infallible>>>),
}

impl std::fmt::Debug for Answering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answering")
    }
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            // One that was handed over is not asked for again.
            Self::Done(response) => response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            Self::Routed(route) => route.as_mut().poll(context),
        }
    }
}
