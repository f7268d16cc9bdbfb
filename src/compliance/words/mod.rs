//! The words of a campaign: what the law reserves for a sale, and what only a closed group may be told.
//!
//! Text in, findings out. The engine reads past typography (accents, look-alikes, spacing, markup); which words count,
//! where, and when they are innocent, is data in `config/wording`.

mod announce;
mod claim;
mod concept;
mod date;
mod fold;
mod judge;
mod law;
mod moment;
mod numeral;
mod pattern;
mod press;
mod reading;
mod sentence;
mod short;
mod start;
mod token;
mod word_set;

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use announce::AnnouncedDays;
pub use claim::{Claim, Extent, StatedClaim, StatedFigures, UnreadFigure, stated_claims, stated_figures};
use date::StatedDay;
use judge::Match;
use law::{Announcement, Topic, When, WordLaw};
pub use moment::{StatedEdge, StatedLength, StatedMoment, StatedTime, stated_lengths, stated_moments};
pub(super) use press::{NamedSale, pressing_words, same_name, urgency_law};
use reading::RunKind;
pub use reading::{Form, Writing};
use token::tokens;

use crate::calendar::{Confidence, LegalFact, Market};
use crate::campaign::{AudienceClass, PlannedDeclaration};
use crate::document::{Document, DocumentLines};
use crate::finding::{Finding, Severity};
use crate::phrase;
use crate::phrase::{Fact, Phrase};

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
    /// When the sale that it speaks of opens and when it is over, when it speaks of one.
    pub sale: Option<(Timestamp, Timestamp)>,
    /// The bytes of the file that are the text right below it, when it is a heading: nobody reads one without the other.
    pub below: Option<Range<usize>>,
}

impl<'a> PlacedText<'a> {
    /// A whole document, in no particular language, seen at no particular time.
    pub fn whole(document: &'a Document, kind: TextKind) -> Self {
        Self {
            document,
            span: 0..document.text.len(),
            kind,
            writing: Writing::Raw,
            language: None,
            shown: None,
            sale: None,
            below: None,
        }
    }

    /// Whether people may read it more than so many days before the end of the sale.
    fn is_far_from_end(&self, days: Option<u16>) -> bool {
        let Some((((from, _), (_, closes_at)), days)) = self.shown.zip(self.sale).zip(days) else { return false };
        closes_at.duration_since(from) > SignedDuration::from_hours(24 * i64::from(days))
    }

    /// Whether people may read it before the sale opens.
    fn is_before_opening(&self) -> bool {
        self.shown.zip(self.sale).is_some_and(|((from, _), (opens_at, _))| from < opens_at)
    }
}

/// A lawful sale of a market: from `starts_at` on, before `ends_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LawfulSale {
    /// The first day, in the market's zone.
    pub first_day: Date,
    /// The hour at which it starts on that day.
    pub hour: i8,
    /// The instant at which it starts.
    pub starts_at: Timestamp,
    /// The instant at which it is over.
    pub ends_at: Timestamp,
    /// What is doubtful about its dates, when something is.
    pub doubt: Option<String>,
}

/// Sales of a market that the calendar knows to be coming, but not when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndatedSale {
    /// The first day on which they may lie.
    pub from: Date,
    /// The last such day.
    pub to: Date,
    /// Where their dates are published.
    pub look: String,
}

impl UndatedSale {
    /// Whether a text that is seen at these times may be seen during them.
    fn may_cover(&self, shown: Option<(Timestamp, Timestamp)>) -> bool {
        let day = |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).date();
        shown.is_none_or(|(from, until)| day(from) <= self.to && self.from <= day(until))
    }
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
    /// The sales of which it does not know when they are.
    pub undated: Vec<UndatedSale>,
    /// The liquidation or the factory store that the texts may name.
    pub declared: Option<PlannedDeclaration>,
}

impl MarketSales {
    /// A market as it is asked about words that no season frees.
    pub(crate) fn without_seasons(market: Market) -> Self {
        Self { market: market.to_string(), seasons: Vec::new(), free: false, undated: Vec::new(), declared: None }
    }

    fn country(&self) -> &str {
        self.market.split('-').next().unwrap_or_default()
    }

    /// Whether the text is seen inside one sale only.
    fn covers(&self, shown: Option<(Timestamp, Timestamp)>) -> bool {
        let Some((from, until)) = shown else { return false };
        self.seasons.iter().any(|season| season.starts_at <= from && until <= season.ends_at)
    }

    /// The sale that the text may announce with certainty: one that has not begun when it is first seen, and is not over when
    /// it is last seen.
    fn next(&self, shown: Option<(Timestamp, Timestamp)>) -> Option<&LawfulSale> {
        let is_next = |season: &&LawfulSale| {
            season.doubt.is_none()
                && shown.is_none_or(|(from, until)| season.starts_at >= from && season.ends_at >= until)
        };
        self.seasons.iter().find(is_next)
    }
}

/// Every finding about the words of `text`, in the order of their places: once for markets that have the law in common.
pub fn check(text: &PlacedText<'_>, audience: AudienceClass, markets: &[MarketSales]) -> Vec<Finding> {
    check_topics(text, audience, markets, &[Topic::Names, Topic::Data], SharedLaw::Once)
}

/// The same, with a finding for each market, so that each knows the one that it is about.
pub(super) fn check_each(text: &PlacedText<'_>, audience: AudienceClass, markets: &[MarketSales]) -> Vec<Finding> {
    check_topics(text, audience, markets, &[Topic::Names, Topic::Data], SharedLaw::Each)
}

/// Whether markets that have a law in common are told of it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SharedLaw {
    Once,
    Each,
}

/// What `text` asks people for before they may see or buy, and should not.
pub(super) fn check_demands(text: &PlacedText<'_>, audience: AudienceClass, markets: &[MarketSales]) -> Vec<Finding> {
    check_topics(text, audience, markets, &[Topic::Data], SharedLaw::Once)
}

/// What is wrong with `text` as the description of a closed group.
pub(super) fn check_group(text: &PlacedText<'_>, markets: &[MarketSales]) -> Vec<Finding> {
    check_topics(text, AudienceClass::ClosedGroup, markets, &[Topic::Groups], SharedLaw::Once)
}

fn check_topics(
    text: &PlacedText<'_>,
    audience: AudienceClass,
    markets: &[MarketSales],
    topics: &[Topic],
    shared: SharedLaw,
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
    let below = text.below.clone().map(|span| {
        let strands = reading::read(&text.document.text, span, text.kind.form(), text.writing);
        judge::days_below(&strands, wording)
    });
    let lines = LazyCell::new(|| text.document.lines());
    // By the byte that they begin at: no more are compared than those of one place.
    let mut findings: BTreeMap<usize, Vec<(&str, Finding)>> = BTreeMap::new();
    for strand in &strands {
        if strand.is_url() && wording.is_official(&strand.glyphs.iter().map(|glyph| glyph.ch).collect::<String>()) {
            continue;
        }
        let read = judge::WordsInSentences::of(strand, text.language.as_deref(), wording);
        for market in markets {
            let mut asked: BTreeSet<&str> = BTreeSet::new();
            let language = text.language.as_deref();
            let uses = |topic: &Topic| judge::uses_in(&read, language, market.country(), *topic, wording);
            for mut found in topics.iter().flat_map(uses) {
                if let Some(below) = below.as_ref().filter(|_| !found.days.is_any_named) {
                    found.days = below.clone();
                }
                let judged = found.family.laws.iter().filter(|law| law.binds(market.country()));
                let judged = judged.filter_map(|law| Some((law, verdict(law, &found, text, audience, market)?)));
                for finding in judged.map(|(law, verdict)| finding(law, &found, text, &lines, market, &verdict)) {
                    // Once in each market, and once for markets that have the law in common.
                    let here = findings.entry(found.span.start).or_default();
                    let known = |(there, other): &(&str, Finding)| {
                        let is_shared = shared == SharedLaw::Once && other.law == finding.law;
                        let in_common = *there == market.market || is_shared;
                        other.rule == finding.rule && other.place == finding.place && in_common
                    };
                    // A field has several names, and asks once.
                    let again = strand.kind == RunKind::Field && !asked.insert(finding.rule);
                    if !again && !here.iter().any(known) {
                        here.push((market.market.as_str(), finding));
                    }
                }
            }
        }
    }
    findings.into_values().flatten().map(|(_, finding)| finding).collect()
}

/// What the law of `country` says about words, each text with where it can be read.
///
/// # Errors
/// The finding that the wording files of this program are damaged.
pub fn facts(country: &str) -> Result<Vec<LegalFact>, Box<Finding>> {
    let wording = law::built_in().as_ref().map_err(Clone::clone)?;
    Ok(wording.laws.iter().filter(|law| law.binds(country)).map(WordLaw::fact).collect())
}

/// What is to be said of a use of a word.
enum WordVerdict<'a> {
    /// The law forbids it.
    Forbidden,
    /// Whether it does depends on dates that the calendar does not hold.
    Undated {
        /// Where they are published.
        look: &'a str,
    },
    /// It states as certain a day that is doubtful.
    DoubtfulDay {
        /// What is doubtful about it.
        doubt: &'a str,
    },
    /// It says that the sale is about to end, and is read before the sale opens.
    BeforeOpening,
    /// It states as certain a day that the calendar does not hold.
    UnknownDay {
        /// Where it is published.
        look: &'a str,
    },
}

/// What `law` has to say of a use, if anything.
fn verdict<'a>(
    law: &WordLaw,
    found: &Match<'_>,
    text: &PlacedText<'_>,
    audience: AudienceClass,
    market: &'a MarketSales,
) -> Option<WordVerdict<'a>> {
    if is_told(law, found) {
        return None;
    }
    let forbidden = match law.when {
        When::Always => true,
        When::PublicAudience => audience == AudienceClass::Public,
        When::OpenMembers => audience == AudienceClass::OpenMembers,
        When::OpenAudience => !audience.is_closed(),
        // Claims are held against the campaign, and are no words of these topics.
        When::UnlikePrices | When::UnlikeLimits => false,
        When::Undeclared => !law.is_met_by(market.declared.as_ref()),
        When::FarFromEnd if text.is_before_opening() => return Some(WordVerdict::BeforeOpening),
        When::FarFromEnd => text.is_far_from_end(law.within_days),
        When::OutsideSale => return outside_sale(law, found, text, market),
    };
    forbidden.then_some(WordVerdict::Forbidden)
}

fn outside_sale<'a>(
    law: &WordLaw,
    found: &Match<'_>,
    text: &PlacedText<'_>,
    market: &'a MarketSales,
) -> Option<WordVerdict<'a>> {
    if market.free || market.covers(text.shown) {
        return None;
    }
    match announced(law, found, text, market) {
        Announced::No => {
            let undated = market.undated.iter().find(|undated| undated.may_cover(text.shown));
            Some(undated.map_or(WordVerdict::Forbidden, |undated| WordVerdict::Undated { look: &undated.look }))
        }
        Announced::Surely => None,
        Announced::OnDoubtfulDay(doubt) => Some(WordVerdict::DoubtfulDay { doubt }),
        Announced::OnUnknownDay(look) => Some(WordVerdict::UnknownDay { look }),
    }
}

/// Whether the sentence tells readers what the law wants told.
fn is_told(law: &WordLaw, found: &Match<'_>) -> bool {
    let whole = 0..found.sentence.len();
    law.told.fits(&found.sentence, &whole, &whole)
}

/// A text of law behind a rule, and where it binds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleLaw {
    /// The markets; `*` is every one.
    pub markets: Vec<String>,
    /// How grave a finding is there.
    pub severity: Severity,
    /// The text.
    pub text: String,
    /// Where it can be read.
    pub source: Option<String>,
    /// How well it is attested.
    pub confidence: Confidence,
    /// What is uncertain about it.
    pub note: Option<String>,
}

impl RuleLaw {
    /// Whether it is law in `country`.
    pub fn binds(&self, country: &str) -> bool {
        self.markets.iter().any(|market| market == country || market == "*")
    }
}

/// Other rules that rest on the texts of a rule of words.
const RESTING_ON: [(&str, &str); 4] = [
    ("duration.prolonged", "words.last-days"),
    ("duration.reopened", "words.last-days"),
    ("duration.always-ending", "words.last-days"),
    ("duration.perpetual", "words.reference-price"),
];

/// The texts of law behind `rule`, each once.
///
/// # Errors
/// The finding that the wording files of this program are damaged.
pub(super) fn laws_of_rule(rule: &str) -> Result<Vec<RuleLaw>, Box<Finding>> {
    let wording = law::built_in().as_ref().map_err(Clone::clone)?;
    let named = RESTING_ON.iter().find(|(own, _)| *own == rule).map_or(rule, |(_, other)| other);
    let mut laws: Vec<RuleLaw> = Vec::new();
    for law in wording.laws.iter().filter(|law| law.rule == named) {
        let law = RuleLaw {
            markets: law.countries.clone(),
            severity: law.severity.into(),
            text: law.text.clone(),
            source: law.source.clone(),
            confidence: law.confidence,
            note: law.note.clone(),
        };
        if !laws.contains(&law) {
            laws.push(law);
        }
    }
    Ok(laws)
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
        if !found.together.is_empty() {
            return false;
        }
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
            let looks_ahead = law.announcement == Announcement::Free && found.looks_ahead;
            let is_dated = law.announcement != Announcement::Never && !found.days.starts.is_empty();
            found.family.announced && !found.is_under_way && (looks_ahead || is_dated)
        };
        let in_a_name = kind != TextKind::TextBody;
        let laws = found.family.laws.iter().filter(|law| law.names_sale && law.binds(country));
        laws.into_iter().any(|law| in_a_name || !announces(law))
    }))
}

/// Whether `text` states `day` as one on which something starts.
pub(super) fn states_start(text: &str, day: Date) -> bool {
    let Ok(wording) = law::built_in() else { return false };
    let strands = reading::read(text, 0..text.len(), Form::Plain, Writing::Raw);
    strands.iter().any(|strand| {
        let tokens = tokens(strand, &wording.vocabulary);
        let days = wording.dates.placed_days(&tokens, 0..tokens.len());
        days.iter().any(|(_, stated)| !stated.is_end && stated.names(day))
    })
}

/// How many months the declared sale `declaration` may last in `country`, with the text of law that says so.
pub(super) fn longest(declaration: &PlannedDeclaration, country: &str) -> Option<(u8, &'static str)> {
    let wording = law::built_in().as_ref().ok()?;
    let mut laws = wording.laws.iter().filter(|law| law.declared == Some(declaration.kind) && law.binds(country));
    laws.find_map(|law| Some((law.longest_months?, law.text.as_str())))
}

/// Whether `text` speaks of a step of a sale: « deuxième démarque ».
pub(super) fn names_step(text: &str, kind: TextKind) -> bool {
    let Ok(wording) = law::built_in() else { return false };
    let strands = reading::read(text, 0..text.len(), kind.form(), Writing::Raw);
    strands.iter().any(|strand| {
        let tokens = tokens(strand, &wording.vocabulary);
        let whole = 0..tokens.len();
        wording.steps.is_in(&tokens, &whole)
    })
}

/// Whether a sentence announces the lawful sale that is coming, as the law allows.
enum Announced<'a> {
    No,
    Surely,
    OnDoubtfulDay(&'a str),
    OnUnknownDay(&'a str),
}

fn announced<'a>(law: &WordLaw, found: &Match<'_>, text: &PlacedText<'_>, market: &'a MarketSales) -> Announced<'a> {
    if !found.family.announced || found.is_under_way || law.announcement == Announcement::Never {
        return Announced::No;
    }
    if law.announcement == Announcement::Free && found.looks_ahead {
        return Announced::Surely;
    }
    let AnnouncedDays { starts, bound, .. } = &found.days;
    if market.seasons.is_empty() && market.undated.is_empty() {
        return if starts.is_empty() { Announced::No } else { Announced::Surely };
    }
    let coming = || {
        let is_coming = |season: &&LawfulSale| text.shown.is_none_or(|(_, until)| season.ends_at >= until);
        market.seasons.iter().filter(is_coming)
    };
    let named = |day: &StatedDay| coming().find(|season| day.names(season.first_day));
    let unknown = |day: &StatedDay| market.undated.iter().find(|undated| day.may_lie_in(undated.from, undated.to));
    if bound.iter().any(|day| named(day).is_none() && unknown(day).is_none()) {
        return Announced::No;
    }
    let seasons: Vec<&LawfulSale> = starts.iter().filter_map(named).collect();
    if seasons.iter().any(|season| season.doubt.is_none()) {
        return Announced::Surely;
    }
    if let Some(doubt) = seasons.iter().find_map(|season| season.doubt.as_deref()) {
        return Announced::OnDoubtfulDay(doubt);
    }
    let undated = starts.iter().find_map(unknown);
    undated.map_or(Announced::No, |undated| Announced::OnUnknownDay(&undated.look))
}

fn finding(
    law: &'static WordLaw,
    found: &Match<'_>,
    text: &PlacedText<'_>,
    lines: &DocumentLines<'_>,
    market: &MarketSales,
    verdict: &WordVerdict<'_>,
) -> Finding {
    let mut place = lines.place(found.span.clone());
    let said = |span: &Range<usize>| {
        let words = text.document.text.get(span.clone()).unwrap_or_default();
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    if !found.together.is_empty() {
        place = place.with_words(found.together.iter().map(said).collect::<Vec<_>>().join(" … "));
    } else if place.words.is_none() {
        place = place.with_words(said(&found.span).chars().take(80).collect::<String>());
    }
    let (words, code) = (place.words.as_deref().unwrap_or_default(), market.market.as_str());
    let severity = Severity::from(law.severity);
    let is_read_together = !found.together.is_empty();
    // Words that say so only together may mean something else: a person looks.
    let severity = if is_read_together { severity.min(Severity::Warning) } else { severity };
    let (severity, rule, said) = match verdict {
        WordVerdict::Forbidden => {
            let said = Phrase::new(law.says.as_str()).with("words", words).with("market", code);
            let dated = law.date_language.as_deref().zip(market.next(text.shown));
            let remedy = match dated {
                Some((language, sale)) => {
                    said.clone().with("start", start::in_words(sale, language)).part("remedy-dated")
                }
                None => said.part("remedy"),
            };
            let said = if is_read_together { phrase!("words-read-together", said = said) } else { said };
            let found = Finding::new(severity, &law.rule, place.clone(), said);
            return found.mended_by(remedy).under(law.text.as_str());
        }
        WordVerdict::Undated { look } => {
            let said = phrase!(
                "words-sale-dates-unknown",
                words = words,
                market = code,
                look = Fact::Data((*look).to_owned())
            );
            (severity, "words.sale-dates-unknown", said)
        }
        WordVerdict::BeforeOpening => {
            (severity, law.rule.as_str(), phrase!("words-last-days-before-opening", words = words, market = code))
        }
        WordVerdict::DoubtfulDay { doubt } => {
            let doubt: Fact = match *doubt {
                "" => phrase!("season-doubt-unexplained").into(),
                said => Fact::Data(said.to_owned()),
            };
            let said = phrase!("words-sale-day-doubtful", words = words, market = code, doubt = doubt);
            (severity, "words.sale-day-doubtful", said)
        }
        WordVerdict::UnknownDay { look } => {
            let said =
                phrase!("words-sale-day-unknown", words = words, market = code, look = Fact::Data((*look).to_owned()));
            (severity, "words.sale-day-doubtful", said)
        }
    };
    Finding::new(severity, rule, place.clone(), said).under(law.text.as_str())
}

#[cfg(test)]
mod tests {

    use super::*;

    fn france() -> Vec<MarketSales> {
        vec![MarketSales { market: "FR".into(), seasons: Vec::new(), free: false, undated: Vec::new(), declared: None }]
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
            .map(|code| MarketSales {
                market: code.into(),
                seasons: Vec::new(),
                free: false,
                undated: Vec::new(),
                declared: None,
            })
            .collect();
        let laws: Vec<String> =
            check(&text, AudienceClass::Public, &markets).into_iter().filter_map(|finding| finding.law).collect();
        assert_eq!(laws.len(), 2, "{laws:?}");
        assert!(laws[0].starts_with("Code de la consommation") && laws[1].starts_with("Directive"), "{laws:?}");
    }
}
