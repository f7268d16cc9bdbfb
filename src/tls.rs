//! TLS to whoever we connect to: whose certificates are believed. One place for relays and webhooks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// The authorities to trust cannot be read.
    #[error("cannot read the authorities to trust from `{path}`: {why}")]
    Authorities {
        /// The file named by `ca_file`.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The library does not do it.
    #[error("TLS: {why}")]
    Broken {
        /// Why.
        why: String,
    },
}

/// Trusts the machine's authorities and those in `ca_file`.
///
/// # Errors
/// When `ca_file` cannot be read, or holds none.
pub fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, TlsFault> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let unreadable = |why: &dyn ToString| TlsFault::Authorities { path: path.to_owned(), why: why.to_string() };
        let mut found = false;
        for certificate in CertificateDer::pem_file_iter(path).map_err(|why| unreadable(&why))? {
            roots.add(certificate.map_err(|why| unreadable(&why))?).map_err(|why| unreadable(&why))?;
            found = true;
        }
        if !found {
            return Err(unreadable(&"no certificate in PEM form in it"));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|why| TlsFault::Broken { why: why.to_string() })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
