//! From `carillon.toml` as written to the settings: every value is checked, and everything that is wrong is found at
//! once, each at its own line.

mod join;

use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use toml::Spanned;

use super::file::{File, MailFile, PublicFile, ShopFile, SmtpFile, StoreFile, Text, TransportKind};
use super::settings::{
    ConsentSettings, MailSettings, Overrides, PublicSettings, RelaySettings, Security, Settings, ShopSettings,
    TransportSettings,
};
use super::store_url::StoreUrl;
use crate::document::Document;
use crate::files::{SecretFileError, exposed_mode, read_secret};
use crate::finding::{Finding, Place};
use crate::member::Address;
use crate::text::{DisplayName, Line, ListId, ListIdError, TextError, WebAddress, is_domain, is_loopback};
use crate::time_trust::Leeway;

/// How long a consent is relied on unless decided otherwise, in months.
const LIFETIME_MONTHS: u8 = 24;

/// The days that `allowed_leap_days` may be: with fewer every night is a leap, with more a wrong year is none.
const LEAP_DAYS: RangeInclusive<u16> = 1..=90;

/// The settings that `document`, the file at `path`, describes.
pub(super) fn settings(path: &Path, document: &Document, overrides: &Overrides) -> Result<Settings, Vec<Finding>> {
    let file: File = document.parse_toml("config.syntax").map_err(|finding| vec![*finding])?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut reader = SettingsReader { document, path, folder, overrides, findings: Vec::new() };
    let rehearses = *file.mail.transport.get_ref() == TransportKind::Directory;
    let shop = reader.shop(&file.shop, rehearses);
    let public = reader.public(&file.public, rehearses);
    let store = reader.store(&file.store);
    let lifetime_months = reader.lifetime(file.consent.lifetime_months.as_ref());
    let clock = reader.leeway(file.clock.allowed_leap_days.as_ref());
    let join = file.join.and_then(|join| reader.join(&join, shop.as_ref()?, lifetime_months));
    let mail = reader.mail(file.mail);
    match (shop, public, store, mail) {
        (Some(shop), Some(public), Some(store), Some(mail)) if reader.findings.is_empty() => Ok(Settings {
            path: path.to_owned(),
            shop,
            public,
            store,
            anchors: folder.join(file.consent.anchors.unwrap_or_else(|| "carillon.anchors".into())),
            departures: folder.join(file.store.departures.unwrap_or_else(|| "carillon.departures".into())),
            keys: folder.join(file.keys.file),
            consent: ConsentSettings {
                controller: file.consent.controller,
                lifetime_months,
                address_days: file.consent.address_days,
            },
            join,
            mail,
            calendars: folder.join(file.calendar.overrides),
            clock,
        }),
        _ => Err(reader.findings),
    }
}

struct SettingsReader<'a> {
    document: &'a Document,
    path: &'a Path,
    folder: &'a Path,
    overrides: &'a Overrides,
    findings: Vec<Finding>,
}

impl SettingsReader<'_> {
    /// Notes that the value at `span`, written under `key` such as `[shop] url`, cannot be used.
    fn refuse(&mut self, key: &str, span: Range<usize>, why: impl Display, remedy: &str) {
        let message = format!("{key}: {why}");
        self.findings.push(Finding::plain_error("config.value", self.document.place(span), message, remedy));
    }

    fn line<T>(&mut self, key: &str, text: &Text, parse: impl Fn(&str) -> Result<T, TextError>) -> Option<T> {
        parse(text.get_ref()).map_err(|why| self.refuse(key, text.span(), &why, &why.remedy().to_string())).ok()
    }

    /// An address that people are sent to. It must be encrypted, but for a rehearsal on this very machine.
    fn address(&mut self, key: &str, text: &Text, rehearses: bool) -> Option<WebAddress> {
        let remedy = "write one that begins with https://, such as \"https://www.example.fr\"";
        let address = WebAddress::parse(text.get_ref())
            .map_err(|why| self.refuse(key, text.span(), format!("this is no web address: {why}"), remedy))
            .ok()?;
        if address.is_https() || (rehearses && address.is_loopback()) {
            return Some(address);
        }
        let why = if address.is_loopback() {
            "this address is not encrypted, and mails are sent for real"
        } else {
            "this address is not encrypted, and letters and pages lead people there"
        };
        self.refuse(key, text.span(), why, "write https:// and have the server or the proxy before it answer there");
        None
    }

    fn shop(&mut self, file: &ShopFile, rehearses: bool) -> Option<ShopSettings> {
        let name = self.line("`name` in `[shop]`", &file.name, DisplayName::parse);
        let legal_name = self.line("`legal_name` in `[shop]`", &file.legal_name, Line::parse);
        let postal_address = self.line("`postal_address` in `[shop]`", &file.postal_address, Line::parse);
        let contact = self.line("`contact` in `[shop]`", &file.contact, Line::parse);
        let url = self.address("`url` in `[shop]`", &file.url, rehearses);
        let privacy_url = self.address("`privacy_url` in `[shop]`", &file.privacy_url, rehearses);
        Some(ShopSettings {
            name: name?,
            legal_name: legal_name?,
            postal_address: postal_address?,
            contact: contact?,
            url: url?,
            privacy_url: privacy_url?,
        })
    }

    fn public(&mut self, file: &PublicFile, rehearses: bool) -> Option<PublicSettings> {
        let key = "`url` in `[public]`";
        let url = self.address(key, &file.url, rehearses).filter(|url| {
            let plain = !url.has_query_or_fragment();
            if !plain {
                let remedy = "write the address that the pages begin with, such as \"https://news.example.fr\"";
                self.refuse(key, file.url.span(), "links begin with it, so it cannot hold `?` or `#`", remedy);
            }
            plain
        });
        let listen = file.listen.get_ref();
        let listens =
            listen.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        if !listens {
            let remedy = "write one such as \"127.0.0.1:8080\"";
            self.refuse("`listen` in `[public]`", file.listen.span(), "this is not an address and a port", remedy);
        }
        let pages = file.pages.as_ref().map(|pages| self.folder.join(pages));
        Some(PublicSettings { url: url?, listen: listen.clone(), pages })
    }

    fn store(&mut self, file: &StoreFile) -> Option<StoreUrl> {
        let given = self.overrides.store_url.as_ref();
        match given.unwrap_or(file.url.get_ref()).parse() {
            Ok(StoreUrl::Sqlite(file)) => Some(StoreUrl::Sqlite(self.folder.join(file))),
            Ok(server @ StoreUrl::Postgres(_)) => {
                if given.is_none() && server.has_secret() {
                    self.refuse_exposed_password(file);
                }
                Some(server)
            }
            Err(error) => {
                let remedy = "write a file, \"sqlite:carillon.db\", or a server, \"postgres://…\"";
                if given.is_some() {
                    let place = Place::file("the environment variable CARILLON_STORE_URL");
                    self.findings.push(Finding::plain_error("config.value", place, error.to_string(), remedy));
                } else {
                    self.refuse_store(file, error, remedy);
                }
                None
            }
        }
    }

    /// The store's URL may hold a password, so the words at its place are not shown.
    fn refuse_store(&mut self, file: &StoreFile, why: impl Display, remedy: &str) {
        let place = Place { words: None, ..self.document.place(file.url.span()) };
        self.findings.push(Finding::plain_error("config.value", place, format!("`url` in `[store]`: {why}"), remedy));
    }

    fn refuse_exposed_password(&mut self, file: &StoreFile) {
        let path = self.path.display();
        match exposed_mode(self.path) {
            Ok(None) => {}
            Ok(Some(mode)) => {
                let why = format!("there is a password in it, and `{path}` is open to others (mode {mode:o})");
                let remedy = format!("run `chmod 600 {path}`, or set CARILLON_STORE_URL instead");
                self.refuse_store(file, why, &remedy);
            }
            Err(why) => {
                let why = format!("there is a password in it, and who may read `{path}` cannot be seen: {why}");
                self.refuse_store(file, why, "set CARILLON_STORE_URL instead");
            }
        }
    }

    fn lifetime(&mut self, months: Option<&Spanned<u8>>) -> u8 {
        let Some(months) = months else { return LIFETIME_MONTHS };
        if !(1..=36).contains(months.get_ref()) {
            let (why, remedy) =
                ("a consent may be relied on for at most 36 months", "write a number of months from 1 to 36");
            self.refuse("`lifetime_months` in `[consent]`", months.span(), why, remedy);
        }
        *months.get_ref()
    }

    fn leeway(&mut self, days: Option<&Spanned<u16>>) -> Leeway {
        let Some(days) = days else { return Leeway::default() };
        if !LEAP_DAYS.contains(days.get_ref()) {
            let why = format!("a leap of the clock is allowed for {} to {} days", LEAP_DAYS.start(), LEAP_DAYS.end());
            let remedy =
                "write for how many days the daemon may be stopped before a person must confirm the time; 7 is usual";
            self.refuse("`allowed_leap_days` in `[clock]`", days.span(), why, remedy);
        }
        Leeway::days_ahead(*days.get_ref())
    }

    fn mail(&mut self, file: MailFile) -> Option<MailSettings> {
        let from = self.mailbox("`from` in `[mail]`", &file.from);
        let reply_to = match &file.reply_to {
            Some(text) => self.mailbox("`reply_to` in `[mail]`", text).map(Some),
            None => Some(None),
        };
        let list = self.list(&file.list_name, &file.list_id);
        let return_domain = file.return_domain.get_ref();
        if !is_domain(return_domain) || !return_domain.contains('.') {
            let remedy = "write a domain whose mail comes to this shop, such as \"b.example.fr\"";
            self.refuse("`return_domain` in `[mail]`", file.return_domain.span(), "this is not a domain", remedy);
        }
        let transport = match (file.transport.get_ref(), file.smtp, file.directory) {
            (TransportKind::Smtp, Some(smtp), _) => self.relay(smtp).map(TransportSettings::Smtp),
            (TransportKind::Smtp, None, _) => {
                let (why, remedy) =
                    ("there is no `[mail.smtp]` to send with", "add `[mail.smtp]` with the relay's host and port");
                self.refuse("`transport` in `[mail]`", file.transport.span(), why, remedy);
                None
            }
            (TransportKind::Directory, _, directory) => {
                let folder = directory.map_or_else(|| PathBuf::from("outbox"), |directory| directory.path);
                Some(TransportSettings::Directory(self.folder.join(folder)))
            }
        };
        Some(MailSettings {
            from: from?,
            reply_to: reply_to?,
            return_domain: return_domain.clone(),
            list: list?,
            templates: file.templates.map(|templates| self.folder.join(templates)),
            transport: transport?,
        })
    }

    fn mailbox(&mut self, key: &str, text: &Text) -> Option<Address> {
        let remedy = "write an address such as \"avant-premieres@news.example.fr\"";
        text.get_ref().parse().map_err(|why| self.refuse(key, text.span(), why, remedy)).ok()
    }

    fn list(&mut self, name: &Text, id: &Text) -> Option<ListId> {
        let why = match ListId::parse(name.get_ref(), id.get_ref()) {
            Ok(list) => return Some(list),
            Err(why) => why,
        };
        let (key, span, remedy) = match &why {
            ListIdError::Id => ("`list_id` in `[mail]`", id.span(), "write one such as \"presale.example.fr\""),
            _ => ("`list_name` in `[mail]`", name.span(), "write a short name such as \"Avant-premières Exemple\""),
        };
        self.refuse(key, span, why, remedy);
        None
    }

    fn relay(&mut self, file: SmtpFile) -> Option<RelaySettings> {
        let login = match &file.username {
            None => None,
            Some(username) => Some((username.get_ref().clone(), self.password(username, file.password_file.as_ref())?)),
        };
        if login.is_some() && file.security == Security::None && !is_loopback(file.host.get_ref()) {
            let (why, remedy) =
                ("a password would cross the network in clear text", "write `security = \"starttls\"` or \"tls\"");
            self.refuse("`host` in `[mail.smtp]`", file.host.span(), why, remedy);
            return None;
        }
        Some(RelaySettings {
            host: file.host.into_inner(),
            port: file.port,
            security: file.security,
            login,
            helo: file.helo,
            ca_file: file.ca_file.map(|file| self.folder.join(file)),
            connections: file.connections.clamp(1, 64),
        })
    }

    fn password(&mut self, username: &Text, file: Option<&Spanned<PathBuf>>) -> Option<SecretString> {
        if let Some(password) = &self.overrides.smtp_password {
            return Some(password.clone().into());
        }
        let Some(file) = file else {
            let remedy = "name a `password_file`, or set CARILLON_SMTP_PASSWORD";
            self.refuse("`username` in `[mail.smtp]`", username.span(), "there is no password for it", remedy);
            return None;
        };
        let path = self.folder.join(file.get_ref());
        let why = match read_secret(&path) {
            Ok(text) => return Some(text.expose_secret().trim_end_matches(['\r', '\n']).into()),
            Err(SecretFileError::Unreadable { path, why }) => format!("`{path}` cannot be read: {why}"),
            Err(exposed @ SecretFileError::Exposed { .. }) => exposed.to_string(),
        };
        let remedy = "check the path and who may read the file, or set CARILLON_SMTP_PASSWORD";
        self.refuse("`password_file` in `[mail.smtp]`", file.span(), why, remedy);
        None
    }
}
