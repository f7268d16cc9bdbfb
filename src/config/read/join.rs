//! `[join]`: how people sign up on pages of this daemon.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::tz::TimeZone;
use toml::Spanned;

use super::super::file::JoinFile;
use super::super::settings::{JoinSettings, PEOPLES_ZONE, ShopSettings};
use super::{SettingName, SettingsReader, Text};
use crate::document::Document;
use crate::files::read_text;
use crate::member::{InterfaceLanguage, Invitation, InvitationFacts};
use crate::phrase;
use crate::phrase::Fact;

/// Sign-ups in an hour, and those for addresses of one domain: far above what a shop's page brings, and low enough that a
/// flood is no harm to the relay's name.
const PER_HOUR: u32 = 600;
const PER_DOMAIN_HOUR: u32 = 200;
const MOST: u32 = 100_000;

/// Bytes of the name of a form.
const LONGEST_SOURCE: usize = 40;

impl SettingsReader<'_> {
    pub(super) fn join(
        &mut self,
        file: &JoinFile,
        shop: &ShopSettings,
        lifetime_months: u8,
        rehearses: bool,
    ) -> Option<JoinSettings> {
        let zone = self.zone(file.zone.as_ref());
        let per_hour = self.rate(("per_hour", "join"), file.per_hour.as_ref(), PER_HOUR);
        let per_domain_hour = self.rate(("per_domain_hour", "join"), file.per_domain_hour.as_ref(), PER_DOMAIN_HOUR);
        let sources = file.sources.iter().filter_map(|source| self.source(source)).collect();
        let origins = file.origins.iter().filter_map(|origin| self.origin(origin, rehearses)).collect();
        let facts = facts(shop, lifetime_months);
        let folder = file.wordings.as_ref().map(|folder| self.folder.join(folder.get_ref()));
        if let (Some(folder), Some(written)) = (&folder, &file.wordings)
            && !InterfaceLanguage::ALL
                .iter()
                .any(|language| file_of(folder, WordingsFor::SigningUp, *language).exists())
        {
            let why = phrase!("config-no-wordings", folder = Fact::text(folder.display()));
            self.refuse(("wordings", "join"), written.span(), why);
        }
        let mut invitations = BTreeMap::new();
        for language in InterfaceLanguage::ALL {
            let words = self.invitation(folder.as_deref(), WordingsFor::SigningUp, language, &facts)?;
            invitations.insert(language, words);
        }
        Some(JoinSettings { zone: zone?, per_hour, per_domain_hour, sources, origins, invitations })
    }

    /// The words under which people go on, in every language: those of the folder `own` of the shop's own wordings where it
    /// has them.
    pub(super) fn renewals(
        &mut self,
        own: Option<&Path>,
        shop: &ShopSettings,
        lifetime_months: u8,
    ) -> Option<BTreeMap<InterfaceLanguage, Invitation>> {
        let facts = facts(shop, lifetime_months);
        let mut renewals = BTreeMap::new();
        for language in InterfaceLanguage::ALL {
            renewals.insert(language, self.invitation(own, WordingsFor::GoingOn, language, &facts)?);
        }
        Some(renewals)
    }

    fn zone(&mut self, written: Option<&Text>) -> Option<TimeZone> {
        let name = written.map_or(PEOPLES_ZONE, |name| name.get_ref());
        match (TimeZone::get(name), written) {
            (Ok(zone), _) => Some(zone),
            (Err(_), written) => {
                let span = written.map_or(0..0, Spanned::span);
                self.refuse(("zone", "join"), span, phrase!("config-zone"));
                None
            }
        }
    }

    fn rate(&mut self, key: SettingName, written: Option<&Spanned<u32>>, usual: u32) -> u32 {
        let Some(rate) = written else { return usual };
        if !(1..=MOST).contains(rate.get_ref()) {
            self.refuse(key, rate.span(), phrase!("config-rate", most = Fact::text(MOST)));
        }
        *rate.get_ref()
    }

    fn source(&mut self, source: &Text) -> Option<String> {
        let name = source.get_ref();
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.:".contains(&b);
        if (1..=LONGEST_SOURCE).contains(&name.len()) && name.bytes().all(plain) {
            return Some(name.clone());
        }
        self.refuse(("sources", "join"), source.span(), phrase!("config-source", longest = LONGEST_SOURCE));
        None
    }

    /// The origin of pages: scheme, host and port, without a final slash, as browsers send it.
    fn origin(&mut self, origin: &Text, rehearses: bool) -> Option<String> {
        let key = ("origins", "join");
        let address = self.address(key, origin, rehearses)?;
        if address.path().is_empty() && !address.has_query_or_fragment() {
            return Some(address.base().to_owned());
        }
        self.refuse(key, origin.span(), phrase!("config-origin"));
        None
    }

    /// The words in one language: those of the folder where it has a file for it, or those that come along.
    fn invitation(
        &mut self,
        folder: Option<&Path>,
        what_for: WordingsFor,
        language: InterfaceLanguage,
        facts: &InvitationFacts<'_>,
    ) -> Option<Invitation> {
        let own = folder.map(|folder| file_of(folder, what_for, language)).filter(|path| path.exists());
        let document = match own.map(|path| read_text(&path)) {
            None => built_in(what_for, language),
            Some(Ok(document)) => document,
            Some(Err(error)) => {
                self.findings.push(error.into_finding());
                return None;
            }
        };
        Invitation::parse(&document, facts).map_err(|findings| self.findings.extend(findings)).ok()
    }
}

/// What people agree to by words.
#[derive(Clone, Copy, Debug)]
enum WordingsFor {
    SigningUp,
    GoingOn,
}

fn facts(shop: &ShopSettings, lifetime_months: u8) -> InvitationFacts<'_> {
    InvitationFacts {
        shop: &shop.name,
        legal_name: &shop.legal_name,
        postal_address: &shop.postal_address,
        contact: &shop.contact,
        privacy_url: shop.privacy_url.as_str(),
        lifetime_months,
    }
}

fn file_of(folder: &Path, what_for: WordingsFor, language: InterfaceLanguage) -> std::path::PathBuf {
    folder.join(match what_for {
        WordingsFor::SigningUp => format!("{language}.toml"),
        WordingsFor::GoingOn => format!("renewal.{language}.toml"),
    })
}

macro_rules! built_in {
    ($name:literal) => {
        Document::new(concat!("config/consent/", $name), include_str!(concat!("../../../config/consent/", $name)))
    };
}

fn built_in(what_for: WordingsFor, language: InterfaceLanguage) -> Document {
    match (what_for, language) {
        (WordingsFor::SigningUp, InterfaceLanguage::Fr) => built_in!("fr.toml"),
        (WordingsFor::SigningUp, InterfaceLanguage::En) => built_in!("en.toml"),
        (WordingsFor::GoingOn, InterfaceLanguage::Fr) => built_in!("renewal.fr.toml"),
        (WordingsFor::GoingOn, InterfaceLanguage::En) => built_in!("renewal.en.toml"),
    }
}
