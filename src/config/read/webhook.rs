//! `[alerts.webhook]` and `[gate.webhook]`: a program elsewhere that is told by a signed POST.

use super::super::file::WebhookFile;
use super::super::settings::WebhookSettings;
use super::SettingsReader;
use crate::files::{SecretFileError, read_secret};
use crate::keys::WebhookSecret;
use crate::phrase;
use crate::phrase::Spoken as _;
use crate::text::WebAddress;
use secrecy::ExposeSecret as _;

impl SettingsReader<'_> {
    /// The webhook that `table` describes.
    pub(super) fn webhook(&mut self, table: &'static str, file: &WebhookFile) -> Option<WebhookSettings> {
        let key = ("url", table);
        let url = WebAddress::parse(file.url.get_ref())
            .map_err(|why| self.refuse(key, file.url.span(), phrase!("config-no-web-address", why = why.phrase())))
            .ok()?;
        // In clear text only to this very machine, and only when inner addresses are meant.
        if !(url.is_https() || url.is_loopback() && file.private_addresses) {
            self.refuse(key, file.url.span(), phrase!("config-webhook-not-encrypted"));
            return None;
        }
        let path = self.folder.join(file.secret_file.get_ref());
        let why = match read_secret(&path) {
            Ok(text) => match WebhookSecret::parse(text.expose_secret()) {
                Ok(secret) => {
                    return Some(WebhookSettings {
                        url,
                        secret,
                        ca_file: file.ca_file.as_ref().map(|file| self.folder.join(file)),
                        private_addresses: file.private_addresses,
                    });
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
}
