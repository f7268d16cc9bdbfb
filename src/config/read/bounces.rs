//! `[bounces]`: how what comes back reaches this program.

use super::super::file::BouncesFile;
use super::super::settings::BounceSettings;
use super::SettingsReader;
use super::doors::DoorReach;
use crate::phrase;

impl SettingsReader<'_> {
    pub(super) fn bounces(&mut self, file: BouncesFile) -> BounceSettings {
        let exposed = phrase!("config-lmtp-other-machines");
        let lmtp = file.lmtp.as_ref();
        BounceSettings {
            lmtp: lmtp.and_then(|listen| self.door(("lmtp", "bounces"), listen, DoorReach::ThisMachine, exposed)),
            maildir: file.maildir.map(|maildir| self.folder.join(maildir)),
        }
    }
}
