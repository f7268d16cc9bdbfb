//! `carillon.toml` as it is written: every key, with the place of each value that is checked further.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::settings::Security;

/// A text with its place.
pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) shop: ShopFile,
    #[serde(default)]
    pub(super) brand: BrandFile,
    pub(super) public: PublicFile,
    pub(super) store: StoreFile,
    pub(super) keys: KeysFile,
    pub(super) consent: ConsentFile,
    pub(super) mail: MailFile,
    pub(super) join: Option<JoinFile>,
    pub(super) bounces: Option<BouncesFile>,
    pub(super) private: Option<PrivateFile>,
    #[serde(default)]
    pub(super) gate: GateFile,
    #[serde(default)]
    pub(super) calendar: CalendarFile,
    #[serde(default)]
    pub(super) clock: ClockFile,
    pub(super) alerts: Option<Spanned<AlertsFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShopFile {
    pub(super) name: Text,
    pub(super) legal_name: Text,
    pub(super) postal_address: Text,
    pub(super) contact: Text,
    pub(super) url: Text,
    pub(super) privacy_url: Text,
    pub(super) language: Option<Text>,
    #[serde(default)]
    pub(super) approval: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BrandFile {
    pub(super) colour: Option<Text>,
    pub(super) typeface: Option<Text>,
    pub(super) corners: Option<Text>,
    pub(super) logo: Option<Spanned<PathBuf>>,
    pub(super) logo_dark: Option<Spanned<PathBuf>>,
    pub(super) letter_logo: Option<Spanned<PathBuf>>,
    pub(super) letter_logo_dark: Option<Spanned<PathBuf>>,
    pub(super) pictures: Option<Spanned<PathBuf>>,
    pub(super) legal_url: Option<Text>,
    pub(super) terms_url: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PublicFile {
    pub(super) url: Text,
    pub(super) listen: Text,
    pub(super) pages: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrivateFile {
    pub(super) listen: Text,
    #[serde(default)]
    pub(super) other_machines: bool,
    pub(super) token_file: Option<Spanned<PathBuf>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoreFile {
    pub(super) url: Text,
    pub(super) departures: Option<PathBuf>,
    pub(super) backup_days: Option<Spanned<u16>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeysFile {
    pub(super) file: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsentFile {
    pub(super) controller: String,
    pub(super) lifetime_months: Option<Spanned<u8>>,
    pub(super) address_days: Option<u16>,
    pub(super) delivery_log_months: Option<Spanned<u8>>,
    pub(super) anchors: Option<PathBuf>,
    pub(super) anchor_to: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinFile {
    pub(super) zone: Option<Text>,
    pub(super) per_hour: Option<Spanned<u32>>,
    pub(super) per_domain_hour: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) sources: Vec<Text>,
    #[serde(default)]
    pub(super) origins: Vec<Text>,
    pub(super) wordings: Option<Spanned<PathBuf>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BouncesFile {
    pub(super) maildir: Option<PathBuf>,
    pub(super) lmtp: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GateFile {
    pub(super) folder: Option<PathBuf>,
    pub(super) valid_hours: Option<Spanned<u16>>,
    pub(super) minutes_without_store: Option<Spanned<u16>>,
    pub(super) webhook: Option<WebhookFile>,
    pub(super) put: Option<PutFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PutFile {
    pub(super) url: Text,
    pub(super) token_file: Option<Spanned<PathBuf>>,
    pub(super) headers_file: Option<Spanned<PathBuf>>,
    pub(super) ca_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) private_addresses: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarFile {
    pub(super) overrides: Option<Spanned<PathBuf>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClockFile {
    pub(super) allowed_leap_days: Option<Spanned<u16>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertsFile {
    pub(super) command: Option<Spanned<Vec<String>>>,
    pub(super) mail_to: Option<Text>,
    #[serde(default)]
    pub(super) warnings: bool,
    pub(super) repeat_hours: Option<Spanned<u16>>,
    pub(super) quiet_hours: Option<Text>,
    pub(super) smtp: Option<SmtpFile>,
    pub(super) webhook: Option<WebhookFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookFile {
    pub(super) url: Text,
    pub(super) secret_file: Spanned<PathBuf>,
    pub(super) ca_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) private_addresses: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TransportKind {
    Smtp,
    Directory,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailFile {
    pub(super) from: Text,
    pub(super) reply_to: Option<Text>,
    pub(super) return_domain: Text,
    pub(super) list_id: Text,
    pub(super) list_name: Text,
    pub(super) templates: Option<PathBuf>,
    pub(super) quiet_hours: Option<Text>,
    pub(super) transport: Spanned<TransportKind>,
    pub(super) smtp: Option<SmtpFile>,
    pub(super) directory: Option<DirectoryFile>,
    pub(super) dkim: Option<DkimFile>,
    pub(super) warm_up: Option<WarmUpFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WarmUpFile {
    pub(super) first_day: Spanned<u32>,
    pub(super) top: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DkimFile {
    pub(super) domain: Text,
    pub(super) selector: Text,
    pub(super) key_file: Spanned<PathBuf>,
    pub(super) ed25519_selector: Option<Text>,
    pub(super) ed25519_key_file: Option<Spanned<PathBuf>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SmtpFile {
    pub(super) host: Text,
    #[serde(default = "default_port")]
    pub(super) port: u16,
    #[serde(default)]
    pub(super) security: Security,
    pub(super) username: Option<Text>,
    pub(super) password_file: Option<Spanned<PathBuf>>,
    pub(super) password_credential: Option<Text>,
    pub(super) helo: Option<String>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) connections: Option<Spanned<usize>>,
    pub(super) messages_per_connection: Option<Spanned<u32>>,
    pub(super) rate: Option<Text>,
    pub(super) dkim_record: Option<Text>,
    /// What is used while this one cannot be.
    #[serde(default)]
    pub(super) fallback: Vec<Spanned<SmtpFile>>,
}

fn default_port() -> u16 {
    587
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DirectoryFile {
    pub(super) path: PathBuf,
}
