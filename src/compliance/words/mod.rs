//! The words of a campaign: what the law reserves for a sale, and what only a closed group may be told.
//!
//! Text in, findings out. The engine reads past typography (accents, look-alikes, spacing, markup); which words count,
//! where, and when they are innocent, is data in `config/wording`.

mod claim;
mod date;
mod fold;
mod judge;
mod law;
mod moment;
mod numeral;
mod pattern;
mod reading;
mod sentence;
mod start;
mod token;

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;

pub use claim::{Claim, Extent, StatedClaim, stated_claims};
use date::DateWords;
use judge::Match;
use law::{Announcement, Topic, When, WordLaw};
pub use moment::{StatedEdge, StatedMoment, StatedTime, stated_moments};
use reading::RunKind;
pub use reading::{Form, Writing};

use crate::calendar::{LegalFact, Market};
use crate::campaign::AudienceClass;
use crate::document::Document;
use crate::finding::{Finding, Severity};
use crate::phrase;
use crate::phrase::Phrase;

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// The subject line of a mailing.
    Subject,
    /// The line that inboxes show after the subject.
    Preheader,
    /// The plain part of a mailing.
    TextBody,
    /// The HTML part of a mailing, or a page.
    Html,
    /// What the gate shows.
    Label,
    /// A campaign's or a page's title.
    Title,
    /// An address, a slug or a link.
    Url,
}

impl TextKind {
    /// How the text is to be read.
    pub fn form(self) -> Form {
        match self {
            Self::Html => Form::Html,
            Self::Url => Form::Url,
            _ => Form::Plain,
        }
    }
}

/// A text of a campaign and its place in a person's file.
#[derive(Clone, Debug)]
pub struct PlacedText<'a> {
    /// The file.
    pub document: &'a Document,
    /// The bytes of the file that are the text.
    pub span: Range<usize>,
    /// What it is for.
    pub kind: TextKind,
    /// How the file writes it down.
    pub writing: Writing,
    /// Its language, such as `fr`, when it is known.
    pub language: Option<String>,
    /// From when to when people see it; `None` when that is not known.
    pub shown: Option<(Timestamp, Timestamp)>,
}

impl<'a> PlacedText<'a> {
    /// A whole document, in no particular language, seen at no particular time.
    pub fn whole(document: &'a Document, kind: TextKind) -> Self {
        Self { document, span: 0..document.text.len(), kind, writing: Writing::Raw, language: None, shown: None }
    }
}

/// A lawful sale of a market: from `starts_at` on, before `ends_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LawfulSale {
    /// The first day, in the market's zone.
    pub first_day: Date,
    /// The hour at which it starts on that day.
    pub hour: i8,
    /// The instant at which it starts.
    pub starts_at: Timestamp,
    /// The instant at which it is over.
    pub ends_at: Timestamp,
}

/// A market that the texts are addressed to, and the sales that the calendar knows there.
#[derive(Clone, Debug)]
pub struct MarketSales {
    /// The market's code: `FR`, `FR-57`, `BE`.
    pub market: String,
    /// Its sales, in order. Empty when the calendar knows none.
    pub seasons: Vec<LawfulSale>,
    /// Whether the market sets no periods, so that its sales are free at any time.
    pub free: bool,
    /// Where the dates are published that the calendar does not hold, when it does not hold all of them.
    pub look: Option<String>,
}

impl MarketSales {
    /// A market as it is asked about words that no season frees.
    pub(super) fn without_seasons(market: &Market) -> Self {
        Self { market: market.to_string(), seasons: Vec::new(), free: false, look: None }
    }

    fn country(&self) -> &str {
        self.market.split('-').next().unwrap_or_default()
    }

    /// Whether the text is seen inside one sale only.
    fn covers(&self, shown: Option<(Timestamp, Timestamp)>) -> bool {
        let Some((from, until)) = shown else { return false };
        self.seasons.iter().any(|season| season.starts_at <= from && until <= season.ends_at)
    }

    /// The first sale that is not over when the text is first seen.
    fn next(&self, shown: Option<(Timestamp, Timestamp)>) -> Option<&LawfulSale> {
        self.seasons.iter().find(|season| shown.is_none_or(|(from, _)| season.ends_at > from))
    }
}

/// Every finding about the words of `text`, in the order of their places.
pub fn check(text: &PlacedText<'_>, audience: AudienceClass, markets: &[MarketSales]) -> Vec<Finding> {
    check_topics(text, audience, markets, &[Topic::Names, Topic::Data])
}

/// What `text` asks people for before they may see or buy, and should not.
pub(super) fn check_demands(text: &PlacedText<'_>, audience: AudienceClass, markets: &[MarketSales]) -> Vec<Finding> {
    check_topics(text, audience, markets, &[Topic::Data])
}

/// What is wrong with `text` as the description of a closed group.
pub(super) fn check_group(text: &PlacedText<'_>, markets: &[MarketSales]) -> Vec<Finding> {
    check_topics(text, AudienceClass::ClosedGroup, markets, &[Topic::Groups])
}

fn check_topics(
    text: &PlacedText<'_>,
    audience: AudienceClass,
    markets: &[MarketSales],
    topics: &[Topic],
) -> Vec<Finding> {
    let wording = match law::built_in() {
        Ok(wording) => wording,
        Err(finding) => return vec![finding.as_ref().clone()],
    };
    if text.kind == TextKind::Url && wording.is_official(text.document.text.get(text.span.clone()).unwrap_or_default())
    {
        return Vec::new();
    }
    let strands = reading::read(&text.document.text, text.span.clone(), text.kind.form(), text.writing);
    let mut findings: Vec<(usize, &str, Finding)> = Vec::new();
    for strand in &strands {
        if strand.is_url() && wording.is_official(&strand.glyphs.iter().map(|glyph| glyph.ch).collect::<String>()) {
            continue;
        }
        for market in markets {
            let mut asked: BTreeSet<&str> = BTreeSet::new();
            let uses = |topic: &Topic| judge::uses(strand, text.language.as_deref(), market.country(), *topic, wording);
            for found in topics.iter().flat_map(uses) {
                let laws =
                    found.family.laws.iter().filter(|law| applies(law, &found, text, audience, market, &wording.dates));
                for finding in laws.map(|law| finding(law, &found, text, market)) {
                    // Once in each market, and once for markets that have the law in common.
                    let known = |(_, there, other): &(usize, &str, Finding)| {
                        let in_common = *there == market.market || other.law == finding.law;
                        other.rule == finding.rule && other.place == finding.place && in_common
                    };
                    // A field has several names, and asks once.
                    let again = strand.kind == RunKind::Field && !asked.insert(finding.rule);
                    if !again && !findings.iter().any(known) {
                        findings.push((found.span.start, market.market.as_str(), finding));
                    }
                }
            }
        }
    }
    findings.sort_by_key(|(at, ..)| *at);
    findings.into_iter().map(|(.., finding)| finding).collect()
}

/// What the law of `country` says about words, each text with where it can be read.
///
/// # Errors
/// The finding that the wording files of this program are damaged.
pub fn facts(country: &str) -> Result<Vec<LegalFact>, Box<Finding>> {
    let wording = law::built_in().as_ref().map_err(Clone::clone)?;
    Ok(wording.laws.iter().filter(|law| law.binds(country)).map(WordLaw::fact).collect())
}

fn applies(
    law: &WordLaw,
    found: &Match<'_>,
    text: &PlacedText<'_>,
    audience: AudienceClass,
    market: &MarketSales,
    dates: &DateWords,
) -> bool {
    if !law.binds(market.country()) || is_told(law, found) {
        return false;
    }
    match law.when {
        When::Always => true,
        When::PublicAudience => audience == AudienceClass::Public,
        When::OpenMembers => audience == AudienceClass::OpenMembers,
        When::OpenAudience => !audience.is_closed(),
        // Claims are held against the campaign, and are no words of these topics.
        When::UnlikePrices | When::UnlikeLimits => false,
        When::OutsideSale => {
            !market.free && !market.covers(text.shown) && !is_announced(law, found, text, market, dates)
        }
    }
}

/// Whether the sentence tells readers what the law wants told.
fn is_told(law: &WordLaw, found: &Match<'_>) -> bool {
    let whole = 0..found.sentence.len();
    law.told.iter().any(|told| told.fits(&found.sentence, &whole, &whole))
}

/// The text of law behind the findings of `rule` in `country`, when there is one.
pub(super) fn text_of_law(rule: &str, country: &str) -> Option<&'static str> {
    let wording = law::built_in().as_ref().ok()?;
    let law = wording.laws.iter().find(|law| law.rule == rule && law.binds(country))?;
    Some(&law.text)
}

/// The first words of `text` that promise a closed circle, as the law of `country` reads them.
pub(super) fn promises_circle(text: &PlacedText<'_>, country: &str) -> Option<Range<usize>> {
    let wording = law::built_in().as_ref().ok()?;
    let strands = reading::read(&text.document.text, text.span.clone(), text.kind.form(), text.writing);
    let uses =
        strands.iter().flat_map(|strand| judge::uses(strand, text.language.as_deref(), country, Topic::Names, wording));
    let promises = |found: &Match<'_>| {
        let of_circles = |law: &&WordLaw| matches!(law.when, When::PublicAudience | When::OpenMembers);
        found.family.laws.iter().filter(|law| law.binds(country)).any(|law| of_circles(&law))
    };
    uses.filter(promises).map(|found| found.span).min_by_key(|span| span.start)
}

/// Whether `text` calls an operation by the name of a sale that the law of `country` regulates. In running text a sentence
/// that announces such a sale does not count, in a name every use does. `None` when no such name is known there.
pub(super) fn names_sale(text: &str, kind: TextKind, language: Option<&str>, country: &str) -> Option<bool> {
    let wording = law::built_in().as_ref().ok()?;
    wording.laws.iter().find(|law| law.names_sale && law.binds(country))?;
    let strands = reading::read(text, 0..text.len(), kind.form(), Writing::Raw);
    Some(strands.iter().flat_map(|strand| judge::uses(strand, language, country, Topic::Names, wording)).any(|found| {
        let announces = |law: &WordLaw| {
            let days = wording.dates.stated_days(&found.sentence, 0..found.sentence.len());
            let looks_ahead = law.announcement == Announcement::Free && wording.dates.looks_ahead(&found.sentence);
            let is_dated = law.announcement != Announcement::Never && days.iter().any(|day| !day.is_end);
            found.family.announced && !found.is_under_way && (looks_ahead || is_dated)
        };
        let in_a_name = kind != TextKind::TextBody;
        let laws = found.family.laws.iter().filter(|law| law.names_sale && law.binds(country));
        laws.into_iter().any(|law| in_a_name || !announces(law))
    }))
}

/// Whether the sentence announces the lawful sale that is coming, as the law allows.
fn is_announced(
    law: &WordLaw,
    found: &Match<'_>,
    text: &PlacedText<'_>,
    market: &MarketSales,
    dates: &DateWords,
) -> bool {
    if !found.family.announced || found.is_under_way || law.announcement == Announcement::Never {
        return false;
    }
    let days = dates.stated_days(&found.sentence, 0..found.sentence.len());
    if law.announcement == Announcement::Free && dates.looks_ahead(&found.sentence) {
        return true;
    }
    let mut starts = days.iter().filter(|day| !day.is_end);
    if market.seasons.is_empty() {
        return starts.next().is_some();
    }
    let coming = |season: &&LawfulSale| text.shown.is_none_or(|(_, until)| season.ends_at >= until);
    starts.any(|day| market.seasons.iter().filter(coming).any(|season| day.names(season.first_day)))
}

fn finding(law: &'static WordLaw, found: &Match<'_>, text: &PlacedText<'_>, market: &MarketSales) -> Finding {
    let mut place = text.document.place(found.span.clone());
    let words = text.document.text.get(found.span.clone()).unwrap_or_default();
    if place.words.is_none() {
        place = place
            .with_words(words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect::<String>());
    }
    let said = Phrase::new(law.says.as_str())
        .with("words", place.words.as_deref().unwrap_or_default())
        .with("market", market.market.as_str());
    let dated = law.date_language.as_deref().zip(market.next(text.shown));
    let remedy = match dated {
        Some((language, sale)) => said.clone().with("start", start::in_words(sale, language)).part("remedy-dated"),
        None => said.part("remedy"),
    };
    let message = match &market.look {
        Some(look) if law.when == When::OutsideSale => {
            let market = market.market.as_str();
            phrase!("words-calendar-incomplete", statement = said, market = market, look = look)
        }
        _ => said,
    };
    Finding::new(Severity::from(law.severity), &law.rule, place, message).mended_by(remedy).under(law.text.as_str())
}

#[cfg(test)]
mod tests {

    use super::*;

    fn france() -> Vec<MarketSales> {
        vec![MarketSales { market: "FR".into(), seasons: Vec::new(), free: false, look: None }]
    }

    #[test]
    fn a_finding_says_where_and_what_to_do() {
        let text = "title = \"x\"\nlabel = \"Les pré-soldes !\"\n";
        let document = Document::new("campaign.toml", text);
        let start = text.find("Les").unwrap();
        let span = start..text.rfind('"').unwrap();
        let text = PlacedText { span, ..PlacedText::whole(&document, TextKind::Label) };
        let findings = check(&text, AudienceClass::Public, &france());
        let finding = findings.first().unwrap();
        assert_eq!(findings.len(), 1);
        assert_eq!(finding.rule, "words.soldes-derivative");
        assert_eq!(finding.place.to_string(), "campaign.toml:2:14");
        assert_eq!(finding.place.words.as_deref(), Some("pré-soldes"));
    }

    #[test]
    fn each_country_is_told_its_own_law() {
        let document = Document::new("campaign.toml", "Vente privée de Noël");
        let text = PlacedText::whole(&document, TextKind::Label);
        let markets: Vec<MarketSales> = ["FR", "BE", "LU"]
            .into_iter()
            .map(|code| MarketSales { market: code.into(), seasons: Vec::new(), free: false, look: None })
            .collect();
        let laws: Vec<String> =
            check(&text, AudienceClass::Public, &markets).into_iter().filter_map(|finding| finding.law).collect();
        assert_eq!(laws.len(), 2, "{laws:?}");
        assert!(laws[0].starts_with("Code de la consommation") && laws[1].starts_with("Directive"), "{laws:?}");
    }
}
