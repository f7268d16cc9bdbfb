//! Putting a file to an address of its own, as `WebDAV` and object stores take one.

use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use secrecy::ExposeSecret as _;

use super::client::{AddressCaller, CallFailure};
use crate::config::PutSettings;

/// Puts one file.
#[derive(Clone, Debug)]
pub struct ObjectPut {
    caller: AddressCaller,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ObjectPut {
    /// As `settings` say. Connects to nothing.
    ///
    /// # Errors
    /// When the authorities to trust cannot be read, or the host is none that a certificate could be checked against.
    pub fn new(settings: &PutSettings) -> Result<Self, CallFailure> {
        let caller = AddressCaller::new(&settings.target)?;
        let mut headers = settings.headers.clone();
        if let Some(token) = &settings.token {
            let bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()));
            let mut bearer =
                bearer.map_err(|why| CallFailure::Broken { host: caller.host().to_owned(), why: why.to_string() })?;
            bearer.set_sensitive(true);
            headers.push((AUTHORIZATION, bearer));
        }
        Ok(Self { caller, headers })
    }

    /// Where it goes.
    pub fn host(&self) -> &str {
        self.caller.host()
    }

    /// Puts `file` there, to be given out as `media_type` and kept by caches as `cache_control` says. It is there when the answer has a
    /// status of success.
    ///
    /// # Errors
    /// When it is not, or when nobody knows.
    pub async fn put(
        &self,
        file: String,
        media_type: &'static str,
        cache_control: &'static str,
    ) -> Result<StatusCode, CallFailure> {
        let mut headers = vec![
            (CONTENT_TYPE, HeaderValue::from_static(media_type)),
            (CACHE_CONTROL, HeaderValue::from_static(cache_control)),
        ];
        headers.extend(self.headers.iter().cloned());
        self.caller.call(Method::PUT, &headers, file).await
    }

    /// Connects, and goes again.
    ///
    /// # Errors
    /// When there is no connection.
    pub async fn reach(&self) -> Result<(), CallFailure> {
        self.caller.reach().await
    }
}
