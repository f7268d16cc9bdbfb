//! `[alerts.webhook]` and `[gate.webhook]`: a program elsewhere that is told by a signed POST.

use super::super::file::WebhookFile;
use super::super::settings::{CallTarget, WebhookSettings};
use super::{SettingsReader, Text};
use crate::files::{SecretFileError, read_secret};
use crate::keys::WebhookSecret;
use crate::phrase;
use crate::phrase::Spoken as _;
use crate::text::WebAddress;
use secrecy::ExposeSecret as _;
use std::path::Path;

impl SettingsReader<'_> {
    /// The webhook that `table` describes.
    pub(super) fn webhook(&mut self, table: &'static str, file: &WebhookFile) -> Option<WebhookSettings> {
        let target = self.call_target(table, &file.url, (file.ca_file.as_deref(), file.private_addresses))?;
        let path = self.folder.join(file.secret_file.get_ref());
        let why = match read_secret(&path) {
            Ok(text) => match WebhookSecret::parse(text.expose_secret()) {
                Ok(secret) => {
                    return Some(WebhookSettings { target, secret });
                }
                Err(_) => phrase!("config-webhook-no-secret"),
            },
            Err(SecretFileError::Unreadable { path, why }) => {
                phrase!("config-webhook-secret-unreadable", path = path, why = why.phrase())
            }
            Err(exposed @ SecretFileError::Exposed { .. }) => exposed.phrase(),
        };
        let remedy = phrase!("config-write-a-webhook-secret");
        self.refuse_with(("secret_file", table), file.secret_file.span(), why, remedy);
        None
    }

    /// The address `url` of `table`, with the authorities to trust and whether it may be an inner one.
    pub(super) fn call_target(
        &mut self,
        table: &'static str,
        url: &Text,
        (ca_file, private_addresses): (Option<&Path>, bool),
    ) -> Option<CallTarget> {
        let (key, text) = (("url", table), url);
        let url = WebAddress::parse(text.get_ref())
            .map_err(|why| self.refuse(key, text.span(), phrase!("config-no-web-address", why = why.phrase())))
            .ok()?;
        // In clear text only to this very machine, and only when inner addresses are meant.
        if !(url.is_https() || url.is_loopback() && private_addresses) {
            self.refuse(key, text.span(), phrase!("config-webhook-not-encrypted"));
            return None;
        }
        Some(CallTarget { url, ca_file: ca_file.map(|file| self.folder.join(file)), private_addresses })
    }
}
