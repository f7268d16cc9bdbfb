//! `[alerts]`: who is told of problems without asking.

use std::ops::RangeInclusive;
use std::path::Path;

use toml::Spanned;

use super::super::file::AlertsFile;
use super::super::settings::{AlertMail, AlertProgram, AlertSettings, MailSettings};
use super::SettingsReader;
use crate::phrase;

/// The hours after which a problem may be told again, and how many it is unless decided otherwise.
const HOURS: RangeInclusive<u16> = 1..=720;
const USUAL_HOURS: u16 = 24;

/// The table of a relay for alerts alone.
const OWN_RELAY: &str = "alerts.smtp";
const OWN_FALLBACKS: &str = "alerts.smtp.fallback";

impl SettingsReader<'_> {
    pub(super) fn alerts(
        &mut self,
        file: Spanned<AlertsFile>,
        mail: &MailSettings,
        public_name: &str,
    ) -> Option<AlertSettings> {
        let span = file.span();
        let AlertsFile { command, mail_to, warnings, repeat_hours, quiet_hours, smtp, webhook } = file.into_inner();
        if command.is_none() && mail_to.is_none() && webhook.is_none() {
            self.refuse(("mail_to", "alerts"), span, phrase!("config-alerts-nobody"));
            return None;
        }
        let command = match &command {
            None => None,
            Some(words) => Some(self.program(words)?),
        };
        let webhook = match &webhook {
            None => None,
            Some(webhook) => Some(self.webhook("alerts.webhook", webhook)?),
        };
        let relay = match smtp {
            None => None,
            Some(smtp) => Some(self.relays((OWN_RELAY, OWN_FALLBACKS), smtp, public_name)?),
        };
        let mail = match (&mail_to, relay) {
            (None, None) => None,
            (None, Some(_)) => {
                self.refuse(("mail_to", "alerts"), span, phrase!("config-alerts-no-mailbox"));
                return None;
            }
            (Some(to), relay) => Some(AlertMail {
                to: self.mailbox(("mail_to", "alerts"), to)?,
                transport: relay.unwrap_or_else(|| mail.transport.clone()),
            }),
        };
        let repeat_hours = self.repeat_hours(repeat_hours.as_ref());
        let quiet_hours = match &quiet_hours {
            None => None,
            Some(text) => Some(self.daily_hours(("quiet_hours", "alerts"), text)?),
        };
        Some(AlertSettings { command, mail, webhook, warnings, repeat_hours, quiet_hours })
    }

    /// A program that is named with a `/` is a file, as seen from the configuration; another is looked for in `PATH`.
    fn program(&mut self, words: &Spanned<Vec<String>>) -> Option<AlertProgram> {
        match words.get_ref().split_first() {
            Some((program, arguments)) if !program.is_empty() => {
                let is_file = program.contains('/');
                let program = if is_file { self.folder.join(program) } else { Path::new(program).to_owned() };
                Some(AlertProgram { program, arguments: arguments.to_vec() })
            }
            _ => {
                self.refuse(("command", "alerts"), words.span(), phrase!("config-alerts-no-program"));
                None
            }
        }
    }

    fn repeat_hours(&mut self, hours: Option<&Spanned<u16>>) -> u16 {
        let Some(hours) = hours else { return USUAL_HOURS };
        if !HOURS.contains(hours.get_ref()) {
            let why = phrase!("config-alerts-hours", least = *HOURS.start(), most = *HOURS.end());
            self.refuse(("repeat_hours", "alerts"), hours.span(), why);
        }
        *hours.get_ref()
    }
}
