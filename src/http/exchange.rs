//! Pages that can be exchanged while they are served, as when the configuration is read anew.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use tower_service::Service;

use super::measure::Meters;
use super::meters::SiteArea;
use super::{App, ahead, private_router, router};

/// What is served now. Cloning is cheap, and clones are one.
#[derive(Clone, Debug)]
pub struct Pages(Arc<RwLock<PagesInForce>>);

#[derive(Debug)]
struct PagesInForce {
    app: App,
    router: Router,
    private: Router,
}

impl PagesInForce {
    fn new(app: App) -> Self {
        Self { router: router(app.clone()), private: private_router(app.clone()), app }
    }
}

impl Pages {
    /// Serves `app` at first. Called inside a runtime.
    pub fn new(app: App) -> Self {
        Self(Arc::new(RwLock::new(PagesInForce::new(app))))
    }

    /// From the next request on, `app` answers; also on connections that are open. Called inside a runtime.
    pub fn exchange(&self, app: App) {
        let mut pages = self.0.write().unwrap_or_else(PoisonError::into_inner);
        app.present.remember(&pages.app.present);
        *pages = PagesInForce::new(app.counting_with(&pages.app));
    }

    /// What answers now.
    pub(super) fn app(&self) -> App {
        self.in_force().app.clone()
    }

    /// What those who look after the daemon are served.
    pub fn private(&self) -> PrivatePages {
        PrivatePages(self.clone())
    }

    fn in_force(&self) -> RwLockReadGuard<'_, PagesInForce> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
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
        let pages = self.in_force();
        match ahead::answer(&pages.app, &request) {
            Some(response) => {
                pages.app.meters.requests.note(SiteArea::Gates, response.status());
                Answering(WayToAnswer::Done(Some(response)))
            }
            None => Answering(WayToAnswer::Routed {
                area: SiteArea::of(request.uri().path()),
                meters: Arc::clone(&pages.app.meters),
                route: Box::pin(pages.router.clone().call(request)),
            }),
        }
    }
}

/// An answer, or the way to it.
pub struct Answering(WayToAnswer);

enum WayToAnswer {
    /// It was there.
    Done(Option<Response>),
    /// A route makes it; then it is counted.
    Routed { area: SiteArea, meters: Arc<Meters>, route: Pin<Box<RouteFuture<Infallible>>> },
}

impl std::fmt::Debug for Answering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answering")
    }
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.get_mut().0 {
            // One that was handed over is not asked for again.
            WayToAnswer::Done(response) => response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            WayToAnswer::Routed { area, meters, route } => {
                let Ok(response) = ready!(route.as_mut().poll(context));
                meters.requests.note(*area, response.status());
                Poll::Ready(Ok(response))
            }
        }
    }
}

/// The pages for those who look after the daemon: of the same shop, exchanged with the others, and not counted.
#[derive(Clone, Debug)]
pub struct PrivatePages(Pages);

impl Service<Request> for PrivatePages {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let mut router = self.0.in_force().private.clone();
        router.call(request)
    }
}
