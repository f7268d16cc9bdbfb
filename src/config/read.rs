//! From `carillon.toml` as written to the settings: every value is checked, and everything that is wrong is found at
//! once, each at its own line.

mod alerts;
mod bounces;
mod brand;
mod dkim;
mod doors;
mod join;
mod private;
mod put;
mod webhook;

use std::fs;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;
use toml::Spanned;

use super::file::{
    File, GateFile, MailFile, PublicFile, ShopFile, SmtpFile, StoreFile, Text, TransportKind, WarmUpFile,
};
use super::settings::{
    ConsentSettings, GateSettings, MailSettings, Overrides, PublicSettings, RelayPassword, RelaySettings, Security,
    Settings, ShopSettings, TransportSettings, WarmUpSettings, relay_name,
};
use super::store_url::StoreUrl;
use crate::brand::Brand;
use crate::document::Document;
use crate::files::{SecretFileError, exposed_mode, read_secret};
use crate::finding::{Finding, Place};
use crate::member::retention::Periods;
use crate::member::{Address, AddressError, InterfaceLanguage};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::{
    DailyHours, DisplayName, Line, ListId, ListIdError, NoDailyHours, NoRate, Rate, TextError, WebAddress, is_domain,
    is_loopback,
};
use crate::time_trust::Leeway;

/// Where orders are when the configuration names no folder.
const CALENDARS: &str = "calendars";

/// How many hours the signed file of the schedule may be relied on: unless decided otherwise, and what may be decided. A
/// cancellation that somebody withholds goes unseen for as long, and an old key stays public.
const VALID_HOURS: u16 = 72;
const VALID_HOURS_ALLOWED: RangeInclusive<u16> = 2..=744;

/// How many minutes gates are answered from memory while the store cannot be reached: unless decided otherwise, and at most. Whoever
/// wants to change a sale meets the same server; a daemon that alone cannot reach it says so at `/ready`. As long as an upgrade of a
/// server takes, so that no sale opens late for it; and no longer than a day, since what is withheld from this daemon goes unseen.
const MINUTES_WITHOUT_STORE: u16 = 60;
const MOST_MINUTES_WITHOUT_STORE: u16 = 1_440;

/// How many connections a relay is asked for when the configuration does not say, and at most.
const CONNECTIONS: usize = 8;
const MOST_CONNECTIONS: usize = 64;

/// After how many days without a backup somebody should look: unless decided otherwise, and at most.
const BACKUP_DAYS: u16 = 7;
const MOST_BACKUP_DAYS: u16 = 366;

/// The days that `allowed_leap_days` may be: with fewer every night is a leap, with more a wrong year is none.
const LEAP_DAYS: RangeInclusive<u16> = 1..=90;

/// The table of the relay for all mail, and those of the relays that are used while it cannot be.
const RELAY: &str = "mail.smtp";
const FALLBACKS: &str = "mail.smtp.fallback";

/// How many mails go over one connection to a relay, unless decided otherwise.
const MESSAGES_PER_CONNECTION: u32 = 100;

/// The settings that `document`, the file at `path`, describes.
pub(super) fn settings(path: &Path, document: &Document, overrides: &Overrides) -> Result<Settings, Vec<Finding>> {
    let file: File = document.parse_toml("config.syntax").map_err(|finding| vec![*finding])?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut reader = SettingsReader { document, path, folder, overrides, findings: Vec::new() };
    let rehearses = *file.mail.transport.get_ref() == TransportKind::Directory;
    let shop = reader.shop(&file.shop, rehearses);
    let public = reader.public(&file.public, rehearses);
    let brand = reader.brand(&file.brand, public.as_ref().map(|public| &public.url), rehearses);
    let shop = shop.zip(brand).map(|(shop, brand)| ShopSettings { brand, ..shop });
    let store = reader.store(&file.store);
    let backup_days = reader.backup_days(file.store.backup_days.as_ref());
    let usual = Periods::default();
    let lifetime_months = reader.lifetime(file.consent.lifetime_months.as_ref(), usual.lifetime.in_months());
    let delivery_log_months = reader.log_months(file.consent.delivery_log_months.as_ref(), usual.delivery_log_months);
    let anchor_to = file.consent.anchor_to.as_ref().and_then(|to| reader.mailbox(("anchor_to", "consent"), to));
    let private = file.private.as_ref().and_then(|private| reader.private(private));
    let board_token = file.private.as_ref().and_then(|private| reader.board_token(private));
    let bounces = file.bounces.map(|bounces| reader.bounces(bounces));
    let gate = reader.gate(&file.gate);
    let clock = reader.leeway(file.clock.allowed_leap_days.as_ref());
    let calendars = reader.calendars(file.calendar.overrides.as_ref());
    let own = file.join.as_ref().and_then(|join| join.wordings.as_ref()).map(|own| folder.join(own.get_ref()));
    let renewals = shop.as_ref().and_then(|shop| reader.renewals(own.as_deref(), shop, lifetime_months));
    let join = file.join.and_then(|join| reader.join(&join, shop.as_ref()?, lifetime_months, rehearses));
    let public_name = public.as_ref().map_or("", |public| public.url.host());
    let mail = reader.mail(file.mail, public_name);
    let alerts = file.alerts.and_then(|alerts| reader.alerts(alerts, mail.as_ref()?, public_name));
    match (shop, public, store, (mail, renewals), gate) {
        (Some(shop), Some(public), Some(store), (Some(mail), Some(renewals)), Some(gate))
            if reader.findings.is_empty() =>
        {
            Ok(Settings {
                path: path.to_owned(),
                approval: file.shop.approval,
                shop,
                public,
                private,
                board_token,
                gate,
                store,
                backup_days,
                anchors: folder.join(file.consent.anchors.unwrap_or_else(|| "carillon.anchors".into())),
                anchor_to,
                departures: folder.join(file.store.departures.unwrap_or_else(|| "carillon.departures".into())),
                keys: folder.join(file.keys.file),
                consent: ConsentSettings {
                    controller: file.consent.controller,
                    lifetime_months,
                    address_days: file.consent.address_days.unwrap_or(usual.address_days),
                    delivery_log_months,
                },
                join,
                renewals,
                bounces,
                mail,
                calendars,
                clock,
                alerts,
            })
        }
        _ => Err(reader.findings),
    }
}

/// A key and the table that it stands in.
type SettingName = (&'static str, &'static str);

/// What is wrong with the value under a key.
fn about((key, table): SettingName, why: Phrase) -> Phrase {
    phrase!("config-value", key = key, table = table, why = why)
}

fn name_of(file: &SmtpFile) -> String {
    relay_name(file.host.get_ref(), file.port)
}

struct SettingsReader<'a> {
    document: &'a Document,
    path: &'a Path,
    folder: &'a Path,
    overrides: &'a Overrides,
    findings: Vec<Finding>,
}

impl SettingsReader<'_> {
    /// Notes that the value at `span`, written under `key`, cannot be used. What to do is `why`'s own remedy.
    fn refuse(&mut self, key: SettingName, span: Range<usize>, why: Phrase) {
        let remedy = why.part("remedy");
        self.refuse_with(key, span, why, remedy);
    }

    /// The same with another remedy.
    fn refuse_with(&mut self, key: SettingName, span: Range<usize>, why: Phrase, remedy: Phrase) {
        let place = self.document.place(span);
        self.findings.push(Finding::error("config.value", place, about(key, why)).mended_by(remedy));
    }

    fn line<T>(&mut self, key: SettingName, text: &Text, parse: impl Fn(&str) -> Result<T, TextError>) -> Option<T> {
        parse(text.get_ref()).map_err(|why| self.refuse(key, text.span(), why.phrase())).ok()
    }

    /// An address that people are sent to. It must be encrypted, but for a rehearsal on this very machine.
    fn address(&mut self, key: SettingName, text: &Text, rehearses: bool) -> Option<WebAddress> {
        let address = WebAddress::parse(text.get_ref())
            .map_err(|why| self.refuse(key, text.span(), phrase!("config-no-web-address", why = why.phrase())))
            .ok()?;
        if address.is_https() || (rehearses && address.is_loopback()) {
            return Some(address);
        }
        let why = if address.is_loopback() {
            phrase!("config-address-of-this-machine")
        } else {
            phrase!("config-address-not-encrypted")
        };
        self.refuse(key, text.span(), why);
        None
    }

    fn shop(&mut self, file: &ShopFile, rehearses: bool) -> Option<ShopSettings> {
        let name = self.line(("name", "shop"), &file.name, DisplayName::parse);
        let legal_name = self.line(("legal_name", "shop"), &file.legal_name, Line::parse);
        let postal_address = self.line(("postal_address", "shop"), &file.postal_address, Line::parse);
        let contact = self.line(("contact", "shop"), &file.contact, Line::parse);
        let url = self.address(("url", "shop"), &file.url, rehearses);
        let privacy_url = self.address(("privacy_url", "shop"), &file.privacy_url, rehearses);
        let language = file.language.as_ref().and_then(|text| {
            let known = text.get_ref().parse::<InterfaceLanguage>().ok();
            if known.is_none() {
                self.refuse(("language", "shop"), text.span(), phrase!("config-shop-language"));
            }
            known
        });
        Some(ShopSettings {
            name: name?,
            legal_name: legal_name?,
            postal_address: postal_address?,
            contact: contact?,
            url: url?,
            privacy_url: privacy_url?,
            language,
            brand: Brand::default(),
        })
    }

    fn public(&mut self, file: &PublicFile, rehearses: bool) -> Option<PublicSettings> {
        let key = ("url", "public");
        let url = self.address(key, &file.url, rehearses).filter(|url| {
            let plain = !url.has_query_or_fragment();
            if !plain {
                self.refuse(key, file.url.span(), phrase!("config-url-with-query"));
            }
            plain
        });
        let listen = file.listen.get_ref();
        let listens =
            listen.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        if !listens {
            self.refuse(("listen", "public"), file.listen.span(), phrase!("config-listen"));
        }
        let pages = file.pages.as_ref().map(|pages| self.folder.join(pages));
        Some(PublicSettings { url: url?, listen: listen.clone(), pages })
    }

    fn gate(&mut self, file: &GateFile) -> Option<GateSettings> {
        if let Some(hours) = file.valid_hours.as_ref().filter(|hours| !VALID_HOURS_ALLOWED.contains(hours.get_ref())) {
            let (least, most) = (*VALID_HOURS_ALLOWED.start(), *VALID_HOURS_ALLOWED.end());
            let why = phrase!("config-valid-hours", least = least, most = most, usual = VALID_HOURS);
            self.refuse(("valid_hours", "gate"), hours.span(), why);
        }
        let valid_hours = file.valid_hours.as_ref().map_or(VALID_HOURS, |hours| *hours.get_ref());
        let without_store = self.minutes_without_store(file.minutes_without_store.as_ref());
        let webhook = match &file.webhook {
            None => None,
            Some(webhook) => Some(self.webhook("gate.webhook", webhook)?),
        };
        let put = match &file.put {
            None => None,
            Some(put) => Some(self.put(put)?),
        };
        Some(GateSettings {
            folder: file.folder.as_ref().map(|folder| self.folder.join(folder)),
            webhook,
            put,
            valid_hours,
            without_store,
        })
    }

    fn minutes_without_store(&mut self, minutes: Option<&Spanned<u16>>) -> Duration {
        let given = minutes.map_or(MINUTES_WITHOUT_STORE, |minutes| *minutes.get_ref());
        if let Some(minutes) = minutes.filter(|minutes| *minutes.get_ref() > MOST_MINUTES_WITHOUT_STORE) {
            let why = phrase!(
                "config-minutes-without-store",
                most = MOST_MINUTES_WITHOUT_STORE,
                usual = MINUTES_WITHOUT_STORE
            );
            self.refuse(("minutes_without_store", "gate"), minutes.span(), why);
        }
        Duration::from_mins(given.into())
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
                if given.is_some() {
                    let place = Place::file("the environment variable CARILLON_STORE_URL");
                    self.findings.push(Finding::error("config.value", place, error.phrase()));
                } else {
                    self.refuse_store(file, error.phrase());
                }
                None
            }
        }
    }

    /// How old the latest backup may be; 0 where nobody is to look.
    fn backup_days(&mut self, days: Option<&Spanned<u16>>) -> Option<u16> {
        let Some(days) = days else { return Some(BACKUP_DAYS) };
        if *days.get_ref() > MOST_BACKUP_DAYS {
            let why = phrase!("config-backup-days", most = MOST_BACKUP_DAYS, usual = BACKUP_DAYS);
            self.refuse(("backup_days", "store"), days.span(), why);
        }
        Some(*days.get_ref()).filter(|days| *days > 0)
    }

    /// The store's URL may hold a password, so the words at its place are not shown.
    fn refuse_store(&mut self, file: &StoreFile, why: Phrase) {
        let place = Place { words: None, ..self.document.place(file.url.span()) };
        let remedy = why.part("remedy");
        let message = about(("url", "store"), why);
        self.findings.push(Finding::error("config.value", place, message).mended_by(remedy));
    }

    fn refuse_exposed_password(&mut self, file: &StoreFile) {
        let path = Fact::text(self.path.display());
        match exposed_mode(self.path) {
            Ok(None) => {}
            Ok(Some(mode)) => {
                self.refuse_store(file, phrase!("config-password-exposed", path = path, mode = format!("{mode:o}")));
            }
            Err(why) => {
                self.refuse_store(file, phrase!("config-password-perhaps-exposed", path = path, why = why.phrase()));
            }
        }
    }

    fn lifetime(&mut self, months: Option<&Spanned<u8>>, usual: u8) -> u8 {
        let Some(months) = months else { return usual };
        if !(1..=36).contains(months.get_ref()) {
            self.refuse(("lifetime_months", "consent"), months.span(), phrase!("config-lifetime"));
        }
        *months.get_ref()
    }

    fn log_months(&mut self, months: Option<&Spanned<u8>>, usual: u8) -> u8 {
        let Some(months) = months else { return usual };
        if !(1..=36).contains(months.get_ref()) {
            self.refuse(("delivery_log_months", "consent"), months.span(), phrase!("config-log-months"));
        }
        *months.get_ref()
    }

    fn leeway(&mut self, days: Option<&Spanned<u16>>) -> Leeway {
        let Some(days) = days else { return Leeway::default() };
        if !LEAP_DAYS.contains(days.get_ref()) {
            let why = phrase!("config-leap-days", least = *LEAP_DAYS.start(), most = *LEAP_DAYS.end());
            self.refuse(("allowed_leap_days", "clock"), days.span(), why);
        }
        Leeway::days_ahead(*days.get_ref())
    }

    /// The folder of orders. One that is named must be there: without it none of them would count, and nothing would say so.
    fn calendars(&mut self, named: Option<&Spanned<PathBuf>>) -> PathBuf {
        let folder = self.folder.join(named.map_or(Path::new(CALENDARS), |named| named.get_ref()));
        if let Some(named) = named.filter(|_| !folder.is_dir()) {
            self.refuse(("overrides", "calendar"), named.span(), phrase!("config-no-calendars"));
        }
        folder
    }

    fn mail(&mut self, file: MailFile, public_name: &str) -> Option<MailSettings> {
        let from = self.mailbox(("from", "mail"), &file.from);
        let reply_to = match &file.reply_to {
            Some(text) => self.mailbox(("reply_to", "mail"), text).map(Some),
            None => Some(None),
        };
        let list = self.list(&file.list_name, &file.list_id);
        let return_domain = file.return_domain.get_ref();
        if !is_domain(return_domain) || !return_domain.contains('.') {
            self.refuse(("return_domain", "mail"), file.return_domain.span(), phrase!("config-return-domain"));
        }
        let warm_up = file.warm_up.as_ref().map(|warm_up| self.warm_up(warm_up));
        let quiet_hours = file.quiet_hours.as_ref().and_then(|hours| self.daily_hours(("quiet_hours", "mail"), hours));
        let dkim = match &file.dkim {
            Some(dkim) => self.dkim(dkim, from.as_ref()).map(Some),
            None => Some(None),
        };
        let transport = match (file.transport.get_ref(), file.smtp, file.directory) {
            (TransportKind::Smtp, Some(smtp), _) => self.relays((RELAY, FALLBACKS), smtp, public_name),
            (TransportKind::Smtp, None, _) => {
                self.refuse(("transport", "mail"), file.transport.span(), phrase!("config-no-relay"));
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
            quiet_hours,
            warm_up,
            transport: transport?,
            dkim: dkim?,
        })
    }

    fn warm_up(&mut self, file: &WarmUpFile) -> WarmUpSettings {
        let (first_day, top) = (*file.first_day.get_ref(), *file.top.get_ref());
        if first_day == 0 {
            self.refuse(("first_day", "mail.warm_up"), file.first_day.span(), phrase!("config-warm-up-none"));
        } else if top <= first_day {
            self.refuse(("top", "mail.warm_up"), file.top.span(), phrase!("config-warm-up-top", first_day = first_day));
        }
        WarmUpSettings { first_day, top }
    }

    fn daily_hours(&mut self, key: SettingName, text: &Text) -> Option<DailyHours> {
        let refused = |why: NoDailyHours| self.refuse(key, text.span(), why.phrase());
        text.get_ref().parse().map_err(refused).ok()
    }

    fn mailbox(&mut self, key: SettingName, text: &Text) -> Option<Address> {
        let refused = |why: AddressError| {
            self.refuse_with(key, text.span(), why.phrase(), phrase!("config-write-a-mailbox"));
        };
        text.get_ref().parse().map_err(refused).ok()
    }

    fn list(&mut self, name: &Text, id: &Text) -> Option<ListId> {
        let why = match ListId::parse(name.get_ref(), id.get_ref()) {
            Ok(list) => return Some(list),
            Err(why) => why,
        };
        let (key, span) = match &why {
            ListIdError::Id => ("list_id", id.span()),
            _ => ("list_name", name.span()),
        };
        self.refuse((key, "mail"), span, why.phrase());
        None
    }

    /// The relay that `table` describes, and those that stand in for it.
    fn relays(
        &mut self,
        (table, fallbacks): (&'static str, &'static str),
        mut file: SmtpFile,
        public_name: &str,
    ) -> Option<TransportSettings> {
        let mut names = vec![name_of(&file)];
        let others = std::mem::take(&mut file.fallback);
        let first = self.relay(table, file, public_name);
        let mut usable = Vec::new();
        for other in others {
            let span = other.span();
            let other = other.into_inner();
            let name = name_of(&other);
            if !other.fallback.is_empty() {
                self.refuse(("fallback", fallbacks), span, phrase!("config-fallback-of-fallback"));
                continue;
            }
            if names.contains(&name) {
                self.refuse(("host", fallbacks), other.host.span(), phrase!("config-relay-twice", relay = &name));
                continue;
            }
            names.push(name);
            usable.extend(self.relay(fallbacks, other, public_name));
        }
        Some(TransportSettings::Smtp(first?, usable))
    }

    /// The relay that `table` describes.
    fn relay(&mut self, table: &'static str, file: SmtpFile, public_name: &str) -> Option<RelaySettings> {
        let login = match &file.username {
            None => None,
            Some(username) => Some((username.get_ref().clone(), self.password(table, username, &file)?)),
        };
        if login.is_some() && file.security == Security::None && !is_loopback(file.host.get_ref()) {
            self.refuse(("host", table), file.host.span(), phrase!("config-password-in-clear"));
            return None;
        }
        Some(RelaySettings {
            host: file.host.into_inner(),
            port: file.port,
            security: file.security,
            login,
            helo: file.helo,
            public_name: public_name.to_owned(),
            ca_file: file.ca_file.map(|file| self.folder.join(file)),
            connections: self.connections(table, file.connections.as_ref()),
            rate: file.rate.as_ref().and_then(|rate| self.relay_rate(table, rate)),
            messages_per_connection: self.messages_per_connection(table, file.messages_per_connection.as_ref()),
            dkim_record: file.dkim_record.as_ref().and_then(|name| self.dkim_record(table, name)),
        })
    }

    fn relay_rate(&mut self, table: &'static str, text: &Text) -> Option<Rate> {
        let refused = |why: NoRate| self.refuse(("rate", table), text.span(), why.phrase());
        text.get_ref().parse().map_err(refused).ok()
    }

    /// The name of a key, below `_domainkey` of the domain that signs.
    fn dkim_record(&mut self, table: &'static str, text: &Text) -> Option<String> {
        let name = text.get_ref().trim_end_matches('.').to_ascii_lowercase();
        let parts = name.split_once("._domainkey.");
        if parts.is_some_and(|(selector, domain)| is_domain(selector) && is_domain(domain) && domain.contains('.')) {
            return Some(name);
        }
        self.refuse(("dkim_record", table), text.span(), phrase!("config-dkim-record"));
        None
    }

    fn connections(&mut self, table: &'static str, connections: Option<&Spanned<usize>>) -> usize {
        let Some(connections) = connections else { return CONNECTIONS };
        if !(1..=MOST_CONNECTIONS).contains(connections.get_ref()) {
            let why = phrase!("config-connections", most = MOST_CONNECTIONS, usual = CONNECTIONS);
            self.refuse(("connections", table), connections.span(), why);
        }
        *connections.get_ref()
    }

    fn messages_per_connection(&mut self, table: &'static str, messages: Option<&Spanned<u32>>) -> u32 {
        let Some(messages) = messages else { return MESSAGES_PER_CONNECTION };
        if *messages.get_ref() == 0 {
            self.refuse(("messages_per_connection", table), messages.span(), phrase!("config-no-messages"));
        }
        *messages.get_ref()
    }

    fn password(&mut self, table: &'static str, username: &Text, relay: &SmtpFile) -> Option<RelayPassword> {
        // The environment has one password, that of the relay for all mail.
        let of_environment = self.overrides.smtp_password.as_ref().filter(|_| table == RELAY);
        if let Some(password) = of_environment {
            return Some(RelayPassword::Known(password.clone().into()));
        }
        let file = relay.password_file.as_ref();
        if let Some(name) = &relay.password_credential {
            // Whoever types a command has not what systemd gives to the service, and most commands do not need it.
            match &self.overrides.credentials {
                Some(folder) => return self.credential(table, name, folder),
                None if file.is_none() => return Some(RelayPassword::Withheld(name.get_ref().clone())),
                None => {}
            }
        }
        let Some(file) = file else {
            let why = if table == RELAY { phrase!("config-no-password") } else { phrase!("config-no-password-file") };
            self.refuse(("username", table), username.span(), why);
            return None;
        };
        let path = self.folder.join(file.get_ref());
        let why = match read_secret(&path) {
            Ok(text) => return Some(RelayPassword::Known(text.expose_secret().trim_end_matches(['\r', '\n']).into())),
            Err(SecretFileError::Unreadable { path, why }) => {
                phrase!("config-password-unreadable", path = path, why = why.phrase())
            }
            Err(exposed @ SecretFileError::Exposed { .. }) => exposed.phrase(),
        };
        let remedy = phrase!("config-check-password-file");
        self.refuse_with(("password_file", table), file.span(), why, remedy);
        None
    }

    /// The credential `name` in `folder`, into which nobody but this service can look: who may read the file itself says nothing.
    fn credential(&mut self, table: &'static str, name: &Text, folder: &Path) -> Option<RelayPassword> {
        let path = folder.join(name.get_ref());
        match fs::read_to_string(&path) {
            Ok(text) => Some(RelayPassword::Known(text.trim_end_matches(['\r', '\n']).into())),
            Err(why) => {
                let path = path.display().to_string();
                let why = phrase!("config-password-unreadable", path = path, why = why.phrase());
                let remedy = phrase!("config-check-credential", name = name.get_ref());
                self.refuse_with(("password_credential", table), name.span(), why, remedy);
                None
            }
        }
    }
}
