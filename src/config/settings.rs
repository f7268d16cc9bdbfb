//! `carillon.toml` as written, and the settings that follow from it. Paths in the file are relative to the file.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use crate::db::StoreUrl;
use crate::document::Document;
use crate::finding::{Finding, Place};

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration `{path}`; `carillon init` writes one, `--config` names another")]
    Unreadable {
        /// The file that was looked for.
        path: String,
        /// Why.
        #[source]
        why: std::io::Error,
    },
    /// The file says something that is not understood.
    #[error("{}: {} ({})", .0.place, .0.message, .0.remedy)]
    Invalid(Box<Finding>),
}

/// What the environment may override: secrets, and the store that a test uses.
#[derive(Debug, Default)]
pub struct Overrides {
    /// `CARILLON_STORE_URL`.
    pub store_url: Option<String>,
    /// `CARILLON_SMTP_PASSWORD`.
    pub smtp_password: Option<String>,
}

/// Who the shop is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopSettings {
    /// The name that people know, shown in From and on pages.
    pub name: String,
    /// The legal person that sends, shown at the foot of every mail.
    pub legal_name: String,
    /// A postal address, on one line.
    pub postal_address: String,
    /// Where a person can write to.
    pub contact: String,
    /// The shop's front page; every link of a mail to the shop starts here.
    pub url: String,
    /// The privacy notice.
    pub privacy_url: String,
}

/// Where this daemon is seen from outside.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicSettings {
    /// The base of the links to this daemon's pages, HTTPS in production, without a final slash.
    pub url: String,
    /// The address and port to listen on, usually behind a proxy that does TLS.
    pub listen: String,
}

/// Whose consent counts, and for how long.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentSettings {
    /// The controller's id in the ledger.
    pub controller: String,
    /// Months from the person's last act until the consent expires: 24 unless decided otherwise, 36 at most.
    #[serde(default = "default_lifetime_months")]
    pub lifetime_months: u8,
}

fn default_lifetime_months() -> u8 {
    24
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
    pub login: Option<(String, SecretString)>,
    /// The name to greet with; the machine's own when absent.
    pub helo: Option<String>,
    /// A PEM file with authorities to trust beside the machine's, for a relay whose certificate is private.
    pub ca_file: Option<PathBuf>,
    /// How many connections are open at once, at most.
    pub connections: usize,
}

/// How mails leave.
#[derive(Clone, Debug)]
pub enum TransportSettings {
    /// Over SMTP to a relay.
    Smtp(RelaySettings),
    /// As `.eml` files into a folder, for rehearsals.
    Directory(PathBuf),
}

/// How mails look and where they come from.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The address in From.
    pub from: String,
    /// Where answers go, when not to `from`.
    pub reply_to: Option<String>,
    /// The domain of the signed return paths.
    pub return_domain: String,
    /// The List-Id, such as `presale.example.fr`.
    pub list_id: String,
    /// The list's name for people.
    pub list_name: String,
    /// A folder whose templates replace the built-in ones, kind by kind.
    pub templates: Option<PathBuf>,
    /// How mails leave.
    pub transport: TransportSettings,
}

/// Everything the operator decided.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file that these settings come from.
    pub path: PathBuf,
    /// Who the shop is.
    pub shop: ShopSettings,
    /// Where this daemon is seen from outside.
    pub public: PublicSettings,
    /// The store.
    pub store: StoreUrl,
    /// The file with the keys of fingerprints, tokens and signatures. Outside the store, readable by its owner only.
    pub keys: PathBuf,
    /// Whose consent counts.
    pub consent: ConsentSettings,
    /// How mails look and leave.
    pub mail: MailSettings,
    /// The folder of calendar overrides.
    pub calendars: PathBuf,
}

impl Settings {
    /// Reads and resolves `path`.
    ///
    /// # Errors
    /// [`ConfigError`], with file, line and key where there is one.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self, ConfigError> {
        let unreadable = |why| ConfigError::Unreadable { path: path.display().to_string(), why };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::resolve(path, &Document::new(path.display().to_string(), text), overrides)
    }

    fn resolve(path: &Path, document: &Document, overrides: &Overrides) -> Result<Self, ConfigError> {
        let file: File = document.parse_toml("config.syntax").map_err(ConfigError::Invalid)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let reader = Reader { document, folder };
        let store_text = overrides.store_url.as_ref().unwrap_or(&file.store.url);
        let store = match store_text.parse().map_err(|error| reader.invalid("url", &error, "see `[store]`"))? {
            StoreUrl::Sqlite(file) => StoreUrl::Sqlite(folder.join(file)),
            server @ StoreUrl::Postgres(_) => server,
        };
        if !(1..=36).contains(&file.consent.lifetime_months) {
            let remedy = "write a number of months from 1 to 36";
            return Err(reader.invalid("lifetime_months", &"a consent may be relied on for at most 36 months", remedy));
        }
        for (key, url) in [("url", &file.shop.url), ("privacy_url", &file.shop.privacy_url), ("url", &file.public.url)]
        {
            if !(url.starts_with("https://") || url.starts_with("http://")) {
                let message = format!("`{url}` is not a web address");
                return Err(reader.invalid(key, &message, "write one that starts with https://"));
            }
        }
        let listens = file
            .public
            .listen
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        if !listens {
            let message = format!("`{}` is not an address and a port", file.public.listen);
            return Err(reader.invalid("listen", &message, "write one such as \"127.0.0.1:8080\""));
        }
        let mail = reader.mail(file.mail, overrides)?;
        Ok(Self {
            path: path.to_owned(),
            shop: file.shop,
            public: PublicSettings { url: file.public.url.trim_end_matches('/').to_owned(), ..file.public },
            store,
            keys: folder.join(file.keys.file),
            consent: file.consent,
            mail,
            calendars: folder.join(file.calendar.overrides),
        })
    }
}

struct Reader<'a> {
    document: &'a Document,
    folder: &'a Path,
}

impl Reader<'_> {
    fn invalid(&self, key: &str, message: &dyn std::fmt::Display, remedy: &str) -> ConfigError {
        let line_of =
            |line: &&str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        let place = match self.document.text.lines().position(|line| line_of(&line)) {
            Some(line) => Place { line: Some(line + 1), ..Place::file(&self.document.name) },
            None => Place::file(&self.document.name),
        };
        ConfigError::Invalid(Box::new(Finding::error(
            "config.value",
            place.with_words(key),
            message.to_string(),
            remedy,
        )))
    }

    fn mail(&self, file: MailFile, overrides: &Overrides) -> Result<MailSettings, ConfigError> {
        let transport = match (file.transport, file.smtp, file.directory) {
            (TransportKind::Smtp, Some(smtp), _) => TransportSettings::Smtp(self.relay(smtp, overrides)?),
            (TransportKind::Smtp, None, _) => {
                let message = "the transport is `smtp`, but there is no `[mail.smtp]`";
                return Err(self.invalid("transport", &message, "add `[mail.smtp]` with the relay's host and port"));
            }
            (TransportKind::Directory, _, directory) => TransportSettings::Directory(
                self.folder.join(directory.map_or_else(|| PathBuf::from("outbox"), |directory| directory.path)),
            ),
        };
        Ok(MailSettings {
            from: file.from,
            reply_to: file.reply_to,
            return_domain: file.return_domain,
            list_id: file.list_id,
            list_name: file.list_name,
            templates: file.templates.map(|templates| self.folder.join(templates)),
            transport,
        })
    }

    fn relay(&self, file: SmtpFile, overrides: &Overrides) -> Result<RelaySettings, ConfigError> {
        let login = match file.username {
            None => None,
            Some(username) => Some((username, self.password(file.password_file.as_deref(), overrides)?)),
        };
        if login.is_some() && file.security == Security::None && !is_loopback(&file.host) {
            let message = "a password would cross the network in clear text";
            return Err(self.invalid("security", &message, "write \"starttls\" or \"tls\""));
        }
        Ok(RelaySettings {
            host: file.host,
            port: file.port,
            security: file.security,
            login,
            helo: file.helo,
            ca_file: file.ca_file.map(|file| self.folder.join(file)),
            connections: file.connections.clamp(1, 64),
        })
    }

    fn password(&self, file: Option<&Path>, overrides: &Overrides) -> Result<SecretString, ConfigError> {
        if let Some(password) = &overrides.smtp_password {
            return Ok(password.clone().into());
        }
        let Some(file) = file else {
            let message = "a user name is given, but no password";
            return Err(self.invalid("username", &message, "name a `password_file`, or set CARILLON_SMTP_PASSWORD"));
        };
        let path = self.folder.join(file);
        let text = std::fs::read_to_string(&path)
            .map_err(|why| ConfigError::Unreadable { path: path.display().to_string(), why })?;
        Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    shop: ShopSettings,
    public: PublicSettings,
    store: StoreFile,
    keys: KeysFile,
    consent: ConsentSettings,
    mail: MailFile,
    #[serde(default)]
    calendar: CalendarFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreFile {
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysFile {
    file: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    overrides: PathBuf,
}

impl Default for CalendarFile {
    fn default() -> Self {
        Self { overrides: PathBuf::from("calendars") }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum TransportKind {
    Smtp,
    Directory,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailFile {
    from: String,
    reply_to: Option<String>,
    return_domain: String,
    list_id: String,
    list_name: String,
    templates: Option<PathBuf>,
    transport: TransportKind,
    smtp: Option<SmtpFile>,
    directory: Option<DirectoryFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmtpFile {
    host: String,
    #[serde(default = "default_port")]
    port: u16,
    #[serde(default)]
    security: Security,
    username: Option<String>,
    password_file: Option<PathBuf>,
    helo: Option<String>,
    ca_file: Option<PathBuf>,
    #[serde(default = "default_connections")]
    connections: usize,
}

fn default_port() -> u16 {
    587
}

fn default_connections() -> usize {
    8
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DirectoryFile {
    path: PathBuf,
}
