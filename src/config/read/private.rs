//! `[private]`: where those who look after the daemon ask it.

use std::net::SocketAddr;

use super::super::file::PrivateFile;
use super::super::settings::{PrivateListen, UNIX};
use super::{SettingName, SettingsReader};
use crate::phrase;

const KEY: SettingName = ("listen", "private");

impl SettingsReader<'_> {
    /// An address, not a name: what a name stands for is known only when it is looked up, and that may be another machine.
    pub(super) fn private(&mut self, file: &PrivateFile) -> Option<PrivateListen> {
        let listen = file.listen.get_ref();
        if let Some(path) = listen.strip_prefix(UNIX) {
            if path.is_empty() {
                self.refuse(KEY, file.listen.span(), phrase!("config-private-listen"));
                return None;
            }
            return Some(PrivateListen::Unix(self.folder.join(path)));
        }
        let Ok(address) = listen.parse::<SocketAddr>() else {
            self.refuse(KEY, file.listen.span(), phrase!("config-private-listen"));
            return None;
        };
        if !address.ip().is_loopback() && !file.other_machines {
            self.refuse(KEY, file.listen.span(), phrase!("config-private-other-machines"));
            return None;
        }
        Some(PrivateListen::Tcp(address))
    }
}
