//! Where programs of this machine come in.

use std::net::SocketAddr;

use super::super::file::Text;
use super::super::settings::{PrivateListen, UNIX};
use super::{SettingName, SettingsReader};
use crate::phrase;
use crate::phrase::Phrase;

/// Who may reach an address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DoorReach {
    /// This machine alone.
    ThisMachine,
    /// Whoever can.
    Any,
}

impl SettingsReader<'_> {
    /// An address, not a name: what a name stands for is known only when it is looked up, and that may be another machine. One that
    /// others reach who may not is refused because of `exposed`.
    pub(super) fn door(
        &mut self,
        key: SettingName,
        listen: &Text,
        reach: DoorReach,
        exposed: Phrase,
    ) -> Option<PrivateListen> {
        let span = listen.span();
        if let Some(path) = listen.get_ref().strip_prefix(UNIX) {
            if path.is_empty() {
                self.refuse(key, span, phrase!("config-private-listen"));
                return None;
            }
            return Some(PrivateListen::Unix(self.folder.join(path)));
        }
        let Ok(address) = listen.get_ref().parse::<SocketAddr>() else {
            self.refuse(key, span, phrase!("config-private-listen"));
            return None;
        };
        if reach == DoorReach::ThisMachine && !address.ip().is_loopback() {
            self.refuse(key, span, exposed);
            return None;
        }
        Some(PrivateListen::Tcp(address))
    }
}
