//! `[private]`: where those who look after the daemon ask it.

use super::super::file::PrivateFile;
use super::super::settings::PrivateListen;
use super::doors::Reach;
use super::{SettingName, SettingsReader};
use crate::phrase;

const KEY: SettingName = ("listen", "private");

impl SettingsReader<'_> {
    pub(super) fn private(&mut self, file: &PrivateFile) -> Option<PrivateListen> {
        let reach = if file.other_machines { Reach::Any } else { Reach::ThisMachine };
        self.door(KEY, &file.listen, reach, phrase!("config-private-other-machines"))
    }
}
