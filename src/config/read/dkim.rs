//! `[mail.dkim]`: with which keys letters are signed, and for which domain.

use std::path::PathBuf;

use secrecy::ExposeSecret;
use toml::Spanned;

use super::super::file::{DkimFile, Text};
use super::super::settings::{DkimNamedKey, DkimSettings};
use super::{SettingName, SettingsReader};
use crate::files::{SecretFileError, read_secret};
use crate::keys::dkim::{DkimAlgorithm, DkimKey, DkimKeyError};
use crate::member::Address;
use crate::phrase;
use crate::phrase::Spoken;
use crate::text::is_domain;

const TABLE: &str = "mail.dkim";

impl SettingsReader<'_> {
    pub(super) fn dkim(&mut self, file: &DkimFile, from: Option<&Address>) -> Option<DkimSettings> {
        let domain = self.dkim_domain(&file.domain, from?);
        let rsa = self.dkim_key(("selector", &file.selector), ("key_file", &file.key_file), DkimAlgorithm::Rsa);
        let ed25519 = match (&file.ed25519_selector, &file.ed25519_key_file) {
            (None, None) => Some(None),
            (Some(selector), Some(key_file)) => {
                if selector.get_ref().eq_ignore_ascii_case(file.selector.get_ref()) {
                    self.refuse(("ed25519_selector", TABLE), selector.span(), phrase!("config-dkim-selector-twice"));
                }
                let (selector, key_file) = (("ed25519_selector", selector), ("ed25519_key_file", key_file));
                self.dkim_key(selector, key_file, DkimAlgorithm::Ed25519).map(Some)
            }
            (Some(selector), None) => {
                let why = phrase!("config-dkim-half", other = "ed25519_key_file");
                self.refuse(("ed25519_selector", TABLE), selector.span(), why);
                None
            }
            (None, Some(key_file)) => {
                let why = phrase!("config-dkim-half", other = "ed25519_selector");
                self.refuse(("ed25519_key_file", TABLE), key_file.span(), why);
                None
            }
        };
        Some(DkimSettings { domain: domain?, keys: std::iter::once(rsa?).chain(ed25519?).collect() })
    }

    /// A domain by which the world may judge mail that comes from `from` (DMARC).
    fn dkim_domain(&mut self, text: &Text, from: &Address) -> Option<String> {
        let (domain, theirs) = (text.get_ref().to_ascii_lowercase(), from.domain().to_ascii_lowercase());
        let is_above = theirs.strip_suffix(&domain).is_some_and(|below| below.ends_with('.'));
        if is_domain(&domain) && domain.contains('.') && (domain == theirs || is_above) {
            return Some(domain);
        }
        self.refuse(("domain", TABLE), text.span(), phrase!("config-dkim-domain", domain = theirs));
        None
    }

    fn dkim_key(
        &mut self,
        (selector_key, selector): (&'static str, &Text),
        (file_key, file): (&'static str, &Spanned<PathBuf>),
        algorithm: DkimAlgorithm,
    ) -> Option<DkimNamedKey> {
        let is_selector = is_domain(selector.get_ref());
        if !is_selector {
            self.refuse((selector_key, TABLE), selector.span(), phrase!("config-dkim-selector"));
        }
        let key = self.dkim_secret((file_key, TABLE), file, algorithm)?;
        is_selector.then(|| DkimNamedKey { selector: selector.get_ref().to_ascii_lowercase(), key })
    }

    fn dkim_secret(&mut self, key: SettingName, file: &Spanned<PathBuf>, algorithm: DkimAlgorithm) -> Option<DkimKey> {
        let path = self.folder.join(file.get_ref());
        let name = path.display().to_string();
        let why = match read_secret(&path) {
            Ok(text) => match DkimKey::from_pem(text.expose_secret(), algorithm) {
                Ok(key) => return Some(key),
                Err(DkimKeyError::Form) => phrase!("config-dkim-no-key", path = name),
                Err(DkimKeyError::Kind(DkimAlgorithm::Rsa)) => phrase!("config-dkim-no-rsa", path = name),
                Err(DkimKeyError::Kind(DkimAlgorithm::Ed25519)) => phrase!("config-dkim-no-ed25519", path = name),
            },
            Err(SecretFileError::Unreadable { path, why }) => {
                phrase!("config-password-unreadable", path = path, why = why.phrase())
            }
            Err(exposed @ SecretFileError::Exposed { .. }) => exposed.phrase(),
        };
        let remedy = match algorithm {
            DkimAlgorithm::Rsa => phrase!("config-dkim-make-rsa"),
            DkimAlgorithm::Ed25519 => phrase!("config-dkim-make-ed25519"),
        };
        self.refuse_with(key, file.span(), why, remedy);
        None
    }
}
