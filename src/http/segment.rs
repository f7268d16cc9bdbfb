//! A part of a path that names something.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

/// What stands in a route's only `{…}`. Bytes that are no text, such as `%ff`, name nothing: they are read as the empty
/// name, which nothing has. So a handler never leaves its answer to the framework.
pub(super) struct Segment(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let read = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(read.map_or_else(|_| String::new(), |Path(name)| name)))
    }
}
