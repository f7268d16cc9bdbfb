//! Where each setting is from: a line of `carillon.toml`, the environment, or nowhere, so that what is usual holds.

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::settings::{ConfigError, Overrides, Settings, TransportSettings};
use crate::files::{TextFileError, read_text};

/// Where a setting is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingOrigin {
    /// This line of the file.
    File {
        /// Its number, from 1 on.
        line: usize,
    },
    /// A variable of the environment, which goes before the file.
    Environment {
        /// Its name.
        variable: &'static str,
    },
    /// It is not set: what is usual holds.
    Usual,
}

/// A setting with its value, and where that is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettingShown {
    /// Its name with that of its table, such as `mail.smtp.port`.
    pub key: String,
    /// The value as it is written, without what is secret.
    pub value: String,
    /// Where it is from.
    pub from: SettingOrigin,
}

/// What stands in the place of a secret.
const SECRET: &str = "***";

/// Every setting of the file that `settings` were read from, in the order of the file, then what is usual where nothing is set. The
/// address of the store is shown without its password.
///
/// # Errors
/// When the file cannot be read any more.
pub fn settings_shown(settings: &Settings, overrides: &Overrides) -> Result<Vec<SettingShown>, ConfigError> {
    let document = read_text(&settings.path).map_err(|error| match error {
        TextFileError::Unreadable { path, why } => ConfigError::Unreadable { path, why },
        TextFileError::Encoding(finding) => ConfigError::Invalid(vec![*finding]),
    })?;
    let text = document.text.as_str();
    let table = DeTable::parse(text).map_err(|_| ConfigError::Invalid(Vec::new()))?;
    let mut written = Vec::new();
    walk(table.get_ref(), "", &mut |key, value| written.push((value.start, key, text.get(value).unwrap_or_default())));
    written.sort();
    let line = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    let mut shown: Vec<SettingShown> = written
        .into_iter()
        .map(|(at, key, value)| {
            let from = SettingOrigin::File { line: line(at) };
            match key.as_str() {
                "store.url" => {
                    let from = match overrides.store_url {
                        Some(_) => SettingOrigin::Environment { variable: "CARILLON_STORE_URL" },
                        None => from,
                    };
                    SettingShown { value: format!("\"{}\"", settings.store), key, from }
                }
                _ => SettingShown { value: value.to_owned(), key, from },
            }
        })
        .collect();
    if overrides.smtp_password.is_some() {
        let from = SettingOrigin::Environment { variable: "CARILLON_SMTP_PASSWORD" };
        shown.push(SettingShown { key: "mail.smtp.password_file".to_owned(), value: SECRET.to_owned(), from });
    }
    for (key, value) in in_force(settings) {
        if !shown.iter().any(|setting| setting.key == key) {
            shown.push(SettingShown { key: key.to_owned(), value, from: SettingOrigin::Usual });
        }
    }
    Ok(shown)
}

/// Visits every value below `table`, with its name and place.
fn walk(table: &DeTable<'_>, above: &str, visit: &mut impl FnMut(String, std::ops::Range<usize>)) {
    for (key, value) in table {
        let name = if above.is_empty() { key.get_ref().to_string() } else { format!("{above}.{}", key.get_ref()) };
        below(value, &name, visit);
    }
}

fn below(value: &Spanned<DeValue<'_>>, name: &str, visit: &mut impl FnMut(String, std::ops::Range<usize>)) {
    match value.get_ref() {
        DeValue::Table(table) => walk(table, name, visit),
        DeValue::Array(values) if values.iter().any(|value| matches!(value.get_ref(), DeValue::Table(_))) => {
            for (at, value) in values.iter().enumerate() {
                below(value, &format!("{name}[{at}]"), visit);
            }
        }
        _ => visit(name.to_owned(), value.span()),
    }
}

/// What holds of the settings that need not be set, by their names. Only of the parts that are in use.
fn in_force(settings: &Settings) -> Vec<(&'static str, String)> {
    let text = |value: &dyn std::fmt::Display| format!("\"{value}\"");
    let consent = &settings.consent;
    let mut held = vec![
        ("calendar.overrides", text(&settings.calendars.display())),
        ("clock.allowed_leap_days", (settings.clock.ahead().as_hours() / 24).to_string()),
        ("consent.lifetime_months", consent.lifetime_months.to_string()),
        ("consent.address_days", consent.address_days.to_string()),
        ("consent.delivery_log_months", consent.delivery_log_months.to_string()),
        ("consent.anchors", text(&settings.anchors.display())),
        ("gate.minutes_without_store", (settings.gate.without_store.as_secs() / 60).to_string()),
        ("gate.valid_hours", settings.gate.valid_hours.to_string()),
        ("store.backup_days", settings.backup_days.unwrap_or(0).to_string()),
        ("store.departures", text(&settings.departures.display())),
    ];
    match &settings.mail.transport {
        TransportSettings::Directory(folder) => held.push(("mail.directory.path", text(&folder.display()))),
        TransportSettings::Smtp(relay, _) => {
            held.push(("mail.smtp.port", relay.port.to_string()));
            held.push(("mail.smtp.security", text(&relay.security.name())));
            held.push(("mail.smtp.connections", relay.connections.to_string()));
            held.push(("mail.smtp.messages_per_connection", relay.messages_per_connection.to_string()));
        }
    }
    if let Some(join) = &settings.join {
        held.push(("join.zone", text(&join.zone.iana_name().unwrap_or("UTC"))));
        held.push(("join.per_hour", join.per_hour.to_string()));
        held.push(("join.per_domain_hour", join.per_domain_hour.to_string()));
    }
    if let Some(alerts) = &settings.alerts {
        held.push(("alerts.warnings", alerts.warnings.to_string()));
        held.push(("alerts.repeat_hours", alerts.repeat_hours.to_string()));
    }
    held
}
