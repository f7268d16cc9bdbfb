//! `[private]`: where those who look after the daemon ask it.

use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};
use toml::Spanned;

use super::super::file::PrivateFile;
use super::super::settings::PrivateListen;
use super::doors::DoorReach;
use super::{SettingName, SettingsReader};
use crate::files::{SecretFileError, read_secret};
use crate::phrase;
use crate::phrase::{Fact, Spoken as _};

const KEY: SettingName = ("listen", "private");
const TOKEN: SettingName = ("token_file", "private");

/// A token is at least so long: nobody guesses it.
const SHORTEST_TOKEN: usize = 16;

impl SettingsReader<'_> {
    pub(super) fn private(&mut self, file: &PrivateFile) -> Option<PrivateListen> {
        let reach = if file.other_machines { DoorReach::Any } else { DoorReach::ThisMachine };
        self.door(KEY, &file.listen, reach, phrase!("config-private-other-machines"))
    }

    /// What whoever looks at the board must have.
    pub(super) fn board_token(&mut self, file: &PrivateFile) -> Option<SecretString> {
        self.token(TOKEN, file.token_file.as_ref()?)
    }

    /// The token in the file `name`, which stands under `key`.
    pub(super) fn token(&mut self, key: SettingName, name: &Spanned<PathBuf>) -> Option<SecretString> {
        let path = self.folder.join(name.get_ref());
        let why = match read_secret(&path) {
            Ok(text) => {
                let token = text.expose_secret().trim();
                let is_fit = token.len() >= SHORTEST_TOKEN && token.bytes().all(|byte| byte.is_ascii_graphic());
                if is_fit {
                    return Some(token.into());
                }
                phrase!("config-token-unfit", path = Fact::text(path.display()), least = SHORTEST_TOKEN)
            }
            Err(SecretFileError::Unreadable { path, why }) => {
                phrase!("config-token-unreadable", path = path, why = why.phrase())
            }
            Err(exposed @ SecretFileError::Exposed { .. }) => exposed.phrase(),
        };
        self.refuse_with(key, name.span(), why, phrase!("config-check-token-file"));
        None
    }
}
