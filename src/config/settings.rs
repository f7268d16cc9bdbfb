//! The settings that follow from `carillon.toml`. Paths in the file are relative to the file.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hyper::header::{HeaderName, HeaderValue};
use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::read;
use super::store_url::StoreUrl;
use crate::brand::Brand;
use crate::files::{TextFileError, read_text};
use crate::finding::{Finding, in_lines};
use crate::keys::WebhookSecret;
use crate::keys::dkim::DkimKey;
use crate::member::retention::Periods;
use crate::member::{Address, InterfaceLanguage, Invitation, Lifetime};
use crate::phrase;
use crate::phrase::Phrase;
use crate::text::{DailyHours, DisplayName, Line, ListId, Rate, WebAddress};
use crate::time_trust::Leeway;

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}", phrase!("configuration-unreadable", path = path))]
    Unreadable {
        /// The file that was looked for.
        path: String,
        /// Why.
        #[source]
        why: io::Error,
    },
    /// The file says something that cannot be used.
    #[error("{}", in_lines(.0))]
    Invalid(Vec<Finding>),
}

impl ConfigError {
    /// What is said of it, where it is one thing.
    pub fn phrase(&self) -> Option<Phrase> {
        match self {
            Self::Unreadable { path, .. } => Some(phrase!("configuration-unreadable", path = path)),
            Self::Invalid(_) => None,
        }
    }

    /// Whether there is no such file at all.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Unreadable { why, .. } if why.kind() == io::ErrorKind::NotFound)
    }
}

/// What the environment may override: secrets, and the store that a test uses.
#[derive(Debug, Default)]
pub struct Overrides {
    /// `CARILLON_STORE_URL`.
    pub store_url: Option<String>,
    /// `CARILLON_SMTP_PASSWORD`.
    pub smtp_password: Option<String>,
    /// `CREDENTIALS_DIRECTORY`: where systemd has put what it gives to this service alone.
    pub credentials: Option<PathBuf>,
}

/// The zone of the hours that people read, unless decided otherwise.
pub(super) const PEOPLES_ZONE: &str = "Europe/Paris";

/// The sample configuration, with every line explained: what `carillon init` writes.
pub const SAMPLE: &str = include_str!("../../config/carillon.example.toml");

/// The same with explanations in `language`.
pub fn sample(language: InterfaceLanguage) -> &'static str {
    match language {
        InterfaceLanguage::En => SAMPLE,
        InterfaceLanguage::Fr => include_str!("../../config/carillon.example.fr.toml"),
    }
}

/// Who the shop is. Every letter shows it (LCEN art. 20, CPCE art. L34-5), and so does every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShopSettings {
    /// The name that people know, shown in From and on pages.
    pub name: DisplayName,
    /// The legal person that sends, shown at the foot of every mail.
    pub legal_name: Line,
    /// A postal address, on one line.
    pub postal_address: Line,
    /// Where a person can write to: an address, a page, a telephone number.
    pub contact: Line,
    /// The shop's front page; every link of a mail to the shop starts here.
    pub url: WebAddress,
    /// The privacy notice.
    pub privacy_url: WebAddress,
    /// The language of what the people who run it are told, where neither they nor their terminal ask for another.
    pub language: Option<InterfaceLanguage>,
    /// How it looks.
    pub brand: Brand,
}

/// Where this daemon is seen from outside.
#[derive(Clone, Debug)]
pub struct PublicSettings {
    /// The base of the links to this daemon's pages: HTTPS, or this very machine where mails only go to a folder.
    pub url: WebAddress,
    /// The address and port to listen on, usually behind a proxy that does TLS.
    pub listen: String,
    /// A folder whose files replace those of the pages, file by file.
    pub pages: Option<PathBuf>,
}

/// Where programs of this machine come in: those who look after the daemon, a mail server with what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivateListen {
    /// At an address of this machine, unless others are allowed.
    Tcp(SocketAddr),
    /// At a socket in the file system, for the daemon's user and its group.
    Unix(PathBuf),
}

impl fmt::Display for PrivateListen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

/// What a socket in the file system is named with, as a store in a file is with `sqlite:`.
pub(super) const UNIX: &str = "unix:";

/// The signed file of the schedule.
#[derive(Clone, Debug)]
pub struct GateSettings {
    /// The folder that the daemon writes it to, with the keys that it is checked with.
    pub folder: Option<PathBuf>,
    /// Who is told when a gate opens, closes, or is changed.
    pub webhook: Option<WebhookSettings>,
    /// Where the file is put besides.
    pub put: Option<PutSettings>,
    /// How many hours it may be relied on: 72 unless decided otherwise, so that a weekend without a daemon closes nothing.
    pub valid_hours: u16,
    /// How long gates and pages are answered from memory while the store cannot be reached: an hour unless decided otherwise.
    pub without_store: Duration,
}

/// Whose consent counts, and for how long.
#[derive(Clone, Debug)]
pub struct ConsentSettings {
    /// The controller's id in the ledger.
    pub controller: String,
    /// Months from the person's last act until the consent expires: 24 unless decided otherwise, 36 at most.
    pub lifetime_months: u8,
    /// Days after which the address of somebody who left is destroyed. Nothing needs it: 0 unless decided otherwise.
    pub address_days: u16,
    /// Months after a mailing until only the counts of its deliveries are kept: 12 unless decided otherwise.
    pub delivery_log_months: u8,
}

impl ConsentSettings {
    /// How long what is about people is kept.
    pub fn periods(&self) -> Periods {
        Periods {
            lifetime: Lifetime::months(self.lifetime_months),
            address_days: self.address_days,
            delivery_log_months: self.delivery_log_months,
        }
    }
}

/// How people sign up on pages of this daemon.
#[derive(Clone, Debug)]
pub struct JoinSettings {
    /// The zone of the hours in confirmation letters.
    pub zone: TimeZone,
    /// How many sign-ups are taken in an hour, at most.
    pub per_hour: u32,
    /// How many of these for addresses of one domain.
    pub per_domain_hour: u32,
    /// The names by which the shop's own forms say where they are. Another name is not kept.
    pub sources: Vec<String>,
    /// The origins of the shop's pages that may call `/join.json` from a browser, as browsers write them.
    pub origins: Vec<String>,
    /// The words under which people sign up, in every language.
    pub invitations: BTreeMap<InterfaceLanguage, Invitation>,
}

/// How what comes back reaches this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BounceSettings {
    /// The Maildir that the daemon reads; none when the mail server hands each message over.
    pub maildir: Option<PathBuf>,
    /// Where a mail server hands messages over by LMTP; none when it starts `carillon bounce ingest -` for each.
    pub lmtp: Option<PrivateListen>,
}

/// How connections to the relay are secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Plain text: for a relay on this machine.
    None,
    /// STARTTLS, required.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
}

impl Security {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Starttls => "starttls",
            Self::Tls => "tls",
        }
    }
}

/// The password of a relay.
#[derive(Clone, Debug)]
pub enum RelayPassword {
    /// It is known.
    Known(SecretString),
    /// It is this credential, which systemd gives to the service alone, and this process is not the service.
    Withheld(String),
}

/// The relay that mails are handed to.
#[derive(Clone, Debug)]
pub struct RelaySettings {
    /// The relay's host name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How connections are secured.
    pub security: Security,
    /// The user name and password, when the relay asks for them.
    pub login: Option<(String, RelayPassword)>,
    /// The name to greet with; the machine's own when absent, if that is a full one.
    pub helo: Option<String>,
    /// The name by which the world knows this daemon, to greet with where the machine's own is not a full one.
    pub public_name: String,
    /// A PEM file with authorities to trust beside the machine's, for a relay whose certificate is private.
    pub ca_file: Option<PathBuf>,
    /// How many connections are open at once, at most.
    pub connections: usize,
    /// How many mails go over each, at most.
    pub messages_per_connection: u32,
    /// How many mails in a time, at most; learned when absent.
    pub rate: Option<Rate>,
    /// Where the DNS has the key that this relay signs with, such as `mail._domainkey.news.example.fr`; not known when absent.
    pub dkim_record: Option<String>,
}

/// Host and port of a relay, for people.
pub(super) fn relay_name(host: &str, port: u16) -> String {
    format!("{host}:{port}")
}

impl RelaySettings {
    /// Host and port, for people.
    pub fn name(&self) -> String {
        relay_name(&self.host, self.port)
    }
}

/// How mails leave.
#[derive(Clone, Debug)]
pub enum TransportSettings {
    /// Over SMTP to a relay, or while it cannot be used to the next of the others, in their order.
    Smtp(RelaySettings, Vec<RelaySettings>),
    /// As `.eml` files into a folder, for rehearsals.
    Directory(PathBuf),
}

impl TransportSettings {
    /// The folder into which letters go instead of to people.
    pub fn outbox(&self) -> Option<&Path> {
        match self {
            Self::Directory(folder) => Some(folder),
            Self::Smtp(..) => None,
        }
    }

    /// The relays, in their order; none where letters go into a folder.
    pub fn relays(&self) -> Vec<&RelaySettings> {
        match self {
            Self::Directory(_) => Vec::new(),
            Self::Smtp(first, others) => std::iter::once(first).chain(others).collect(),
        }
    }
}

/// How letters are signed here, where the relay does not do it.
#[derive(Clone, Debug)]
pub struct DkimSettings {
    /// The domain that signs: that of `from`, or one above it.
    pub domain: String,
    /// The keys; each makes a signature.
    pub keys: Vec<DkimNamedKey>,
}

/// A key, and the name under which the world finds its public half.
#[derive(Clone, Debug)]
pub struct DkimNamedKey {
    /// The name, below `_domainkey` of the domain.
    pub selector: String,
    /// The key.
    pub key: DkimKey,
}

impl DkimSettings {
    /// Where the DNS has to say what of a key.
    pub fn name_of(&self, key: &DkimNamedKey) -> String {
        format!("{}._domainkey.{}", key.selector, self.domain)
    }
}

/// How a new domain, or a new relay, is warmed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmUpSettings {
    /// How many letters on the first day; on each day after one on which some left, twice as many.
    pub first_day: u32,
    /// It is over on the first day that would have so many.
    pub top: u32,
}

/// How mails look and where they come from.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The address in From.
    pub from: Address,
    /// Where answers go, when not to `from`.
    pub reply_to: Option<Address>,
    /// The domain of the signed return paths.
    pub return_domain: String,
    /// The list that all mailings belong to: its name for people, and its id, such as `presale.example.fr`.
    pub list: ListId,
    /// A folder whose templates replace the built-in ones, kind by kind.
    pub templates: Option<PathBuf>,
    /// The hours of the day, by the clocks of [`Settings::zone`], in which no letter of a mailing is begun; none when absent.
    pub quiet_hours: Option<DailyHours>,
    /// How many letters of mailings leave on a day, while nobody knows the domain or the relay; as many as there are when absent.
    pub warm_up: Option<WarmUpSettings>,
    /// How mails leave.
    pub transport: TransportSettings,
    /// How they are signed; not here when this is absent.
    pub dkim: Option<DkimSettings>,
}

/// Who is told of problems without asking.
#[derive(Clone, Debug)]
pub struct AlertSettings {
    /// A program that is started for it.
    pub command: Option<AlertProgram>,
    /// A mailbox that is written to.
    pub mail: Option<AlertMail>,
    /// A program elsewhere that is called.
    pub webhook: Option<WebhookSettings>,
    /// Whether warnings are told too.
    pub warnings: bool,
    /// After how many hours a problem is told again that stands and that nobody has acknowledged: 24 unless decided otherwise.
    pub repeat_hours: u16,
    /// The hours at which only what is urgent is told by the program and by mail; none unless they are set.
    pub quiet_hours: Option<DailyHours>,
}

/// A program elsewhere that is told by a signed POST.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Where it is. It is told there and nowhere else.
    pub target: CallTarget,
    /// What the call is signed with.
    pub secret: WebhookSecret,
}

/// Where the signed file of the schedule is put, for others to take it from.
#[derive(Clone, Debug)]
pub struct PutSettings {
    /// The address of the file itself.
    pub target: CallTarget,
    /// What is shown as `Authorization: Bearer`; nothing is when this is absent.
    pub token: Option<SecretString>,
    /// Headers besides, each of them secret.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// An address elsewhere that is called.
#[derive(Clone, Debug)]
pub struct CallTarget {
    /// The address: HTTPS, or this very machine where inner addresses are allowed.
    pub url: WebAddress,
    /// A PEM file with authorities to trust beside the machine's.
    pub ca_file: Option<PathBuf>,
    /// Whether its host may lead to this machine or its network.
    pub private_addresses: bool,
}

/// A program and its arguments, run without a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertProgram {
    /// The program: a file, or a name that is looked for in `PATH`.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// Where alerts are mailed to, and through what.
#[derive(Clone, Debug)]
pub struct AlertMail {
    /// The mailbox.
    pub to: Address,
    /// What the mail leaves through: a relay of its own where one is set, else what all mail leaves through.
    pub transport: TransportSettings,
}

/// Everything the operator decided.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file that these settings come from.
    pub path: PathBuf,
    /// Who the shop is.
    pub shop: ShopSettings,
    /// Whether what one person applies waits until another has approved it.
    pub approval: bool,
    /// Where this daemon is seen from outside.
    pub public: PublicSettings,
    /// Where those who look after the daemon ask it; nowhere but where everybody does when this is absent.
    pub private: Option<PrivateListen>,
    /// What whoever looks at the board there must have; without it only this machine does.
    pub board_token: Option<SecretString>,
    /// The signed file of the schedule.
    pub gate: GateSettings,
    /// The store.
    pub store: StoreUrl,
    /// After how many days without a backup somebody should look: 7 unless decided otherwise; never when this is absent.
    pub backup_days: Option<u16>,
    /// The record of departures: who left, by fingerprint, outside the store so that restoring it forgets nobody.
    pub departures: PathBuf,
    /// The file of anchors: the end of the ledger, signed each day, outside the store.
    pub anchors: PathBuf,
    /// A mailbox that gets each new line of that file.
    pub anchor_to: Option<Address>,
    /// The file with the keys of fingerprints, tokens and signatures. Outside the store, readable by its owner only.
    pub keys: PathBuf,
    /// Whose consent counts.
    pub consent: ConsentSettings,
    /// How people sign up; none do when this is absent.
    pub join: Option<JoinSettings>,
    /// The words under which people go on when a consent runs out, in every language.
    pub renewals: BTreeMap<InterfaceLanguage, Invitation>,
    /// How what comes back is taken in. When this is absent letters offer no address to unsubscribe at by mail.
    pub bounces: Option<BounceSettings>,
    /// How mails look and leave.
    pub mail: MailSettings,
    /// The folder of calendar overrides.
    pub calendars: PathBuf,
    /// How far the clock may be from what the store has recorded.
    pub clock: Leeway,
    /// Who is told of problems without asking; nobody when this is absent.
    pub alerts: Option<AlertSettings>,
}

impl Settings {
    /// The zone of the days and hours that people read where no campaign names one.
    pub fn zone(&self) -> TimeZone {
        let usual = || TimeZone::get(PEOPLES_ZONE).unwrap_or(TimeZone::UTC);
        self.join.as_ref().map_or_else(usual, |join| join.zone.clone())
    }

    /// Reads and resolves `path`.
    ///
    /// # Errors
    /// [`ConfigError`], with file, line and key where there is one.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self, ConfigError> {
        let document = read_text(path).map_err(|error| match error {
            TextFileError::Unreadable { path, why } => ConfigError::Unreadable { path, why },
            TextFileError::Encoding(finding) => ConfigError::Invalid(vec![*finding]),
        })?;
        read::settings(path, &document, overrides).map_err(ConfigError::Invalid)
    }
}
