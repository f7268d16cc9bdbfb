//! How long a sale really lasts: one that goes on after people were told that it was about to end, one that comes back at once,
//! and one that is never over. A limit of time that presses people to buy must be one (code de la consommation L121-4 7°;
//! directive 2005/29/EC, annex I, no. 7).
//!
//! Pure: what the store says of the shop's sales and of its prices is handed in. Where it does not reach back, that is said.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::offers::PastReduction;
use super::words::{NamedSale, TextKind, pressing_words, same_name, text_of_law, urgency_law};
use super::{CheckedCampaign, naming};
use crate::calendar::{Confidence, Market};
use crate::campaign::{MailingKind, Naming, PlannedMailing, Progress, Readers, Schedule, Standing, told_by};
use crate::finding::{Finding, Place, Severity};
use crate::phrase;
use crate::phrase::Fact;

/// A sale that opens so soon after another one has closed goes on. No text of law gives a number: this one is ours.
const SOON: SignedDuration = SignedDuration::from_hours(3 * 24);
/// What is looked back over.
const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);
/// More days of a year than this are most of it.
const MOST_OF_THE_YEAR: i64 = 182;
/// On more days of a year than this no sale is always about to end: three times the fortnight that « derniers jours » may be
/// said. Ours, too.
const DAYS_OF_ENDING: i64 = 42;

/// What the store says of the shop's sales.
#[derive(Clone, Debug)]
pub struct SalesRecord {
    /// When it was read.
    pub read_at: Timestamp,
    /// Since when it says anything; none when nothing is recorded yet.
    pub since: Option<Timestamp>,
    /// The sales that were applied, also the one that is checked.
    pub sales: Vec<RecordedSale>,
}

/// A sale that was applied.
#[derive(Clone, Debug)]
pub struct RecordedSale {
    /// What it resolved to.
    pub schedule: Schedule,
    /// When it was applied first, as far as is known: before that nobody could buy under it.
    pub first_applied_at: Option<Timestamp>,
    /// When it was cancelled, if it was.
    pub cancelled_at: Option<Timestamp>,
    /// How far its mailings have come. Read only where it matters: for the sale that is checked, and for those that close
    /// around its window.
    pub mailings: Vec<Standing>,
}

impl RecordedSale {
    /// Since when people could buy.
    fn opens_at(&self) -> Timestamp {
        self.first_applied_at.map_or(self.schedule.opens_at, |applied| applied.max(self.schedule.opens_at))
    }

    /// When nobody could buy any more.
    fn closes_at(&self) -> Timestamp {
        self.cancelled_at.map_or(self.schedule.closes_at, |cancelled| cancelled.min(self.schedule.closes_at))
    }

    /// Whether its mailings bear on what is found of `next`, so that they have to be read.
    pub fn has_letters_that_matter(schedule: &Schedule, next: &Schedule) -> bool {
        schedule.slug == next.slug || next.opens_at.duration_since(schedule.closes_at).abs() <= SOON
    }

    /// From when on a sale bears on what is found of `next`: those that were over before do not.
    pub fn looked_back_to(next: &Schedule) -> Timestamp {
        year_before(next.closes_at)
    }
}

fn year_before(at: Timestamp) -> Timestamp {
    at.checked_sub(YEAR).unwrap_or(Timestamp::MIN)
}

/// The findings on how long the sale lasts.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let Some(record) = subject.record else { return Vec::new() };
    let ask = |market: &Market| {
        let (law, confidence) = urgency_law(market.country())?;
        Some(MarketCase { subject, record, market: *market, law, is_settled: confidence != Confidence::Low })
    };
    let mut findings: Vec<Finding> = Vec::new();
    for asked in subject.schedule.markets.iter().filter_map(ask) {
        findings.extend(asked.prolonged());
        findings.extend(asked.reopened());
        findings.extend(asked.perpetual());
        findings.extend(asked.always_ending());
    }
    findings
}

/// A campaign under the law of one of its markets.
struct MarketCase<'a> {
    subject: &'a CheckedCampaign<'a>,
    record: &'a SalesRecord,
    market: Market,
    /// The text on limits of time.
    law: &'static str,
    /// Whether it is known well enough to refuse a campaign.
    is_settled: bool,
}

impl<'a> MarketCase<'a> {
    fn next(&self) -> &'a Schedule {
        self.subject.schedule
    }

    fn place(&self) -> Place {
        self.subject.campaign.window.closes.place.clone()
    }

    fn moment(&self, at: Timestamp) -> Fact {
        Fact::moment(at, &self.next().time_zone())
    }

    fn until(&self, at: Timestamp) -> Fact {
        Fact::until(at, &self.next().time_zone())
    }

    fn graded(&self, severity: Severity) -> Severity {
        if self.is_settled { severity } else { severity.min(Severity::Warning) }
    }

    /// The closing moves to later, after people were told that it was near.
    fn prolonged(&self) -> Vec<Finding> {
        let is_own = |sale: &&RecordedSale| {
            sale.schedule.slug == self.next().slug
                && sale.cancelled_at.is_none()
                && self.next().opens_at < sale.schedule.closes_at
        };
        let Some(sale) = self.record.sales.iter().find(is_own) else { return Vec::new() };
        let mut findings: Vec<Finding> = Vec::new();
        let mut readers: BTreeMap<Timestamp, Vec<Readers>> = BTreeMap::new();
        for standing in sale.mailings.iter().filter(|standing| self.pressed(&sale.schedule, standing)) {
            let Some(told) = told_closing(&sale.schedule, standing).filter(|told| *told < self.next().closes_at) else {
                continue;
            };
            if standing.told > 0 {
                let people = Readers { mailing: standing.name.clone(), people: standing.told };
                readers.entry(told).or_default().push(people);
            } else if standing.progress == Progress::SetAside {
                let message = phrase!(
                    "duration-perhaps-prolonged",
                    mailing = standing.name.as_str(),
                    told = self.moment(told),
                    closes = self.until(self.next().closes_at)
                );
                findings.push(Finding::warning("duration.prolonged", self.place(), message).under(self.law));
            }
        }
        for (told, readers) in readers {
            let message = phrase!(
                "duration-prolonged",
                who = told_by(&readers),
                told = self.moment(told),
                closes = self.until(self.next().closes_at)
            );
            let severity = self.graded(Severity::Error);
            findings.push(Finding::new(severity, "duration.prolonged", self.place(), message).under(self.law));
        }
        if findings.is_empty() {
            findings.extend(self.prolonged_on_the_gate(&sale.schedule));
        }
        findings
    }

    /// The gate has shown that the sale is about to close.
    fn prolonged_on_the_gate(&self, applied: &Schedule) -> Option<Finding> {
        let was_shown = applied.opens_at <= self.record.read_at;
        let words = self.on_the_gate(applied).filter(|_| was_shown && applied.closes_at < self.next().closes_at)?;
        let message = phrase!(
            "duration-prolonged-on-gate",
            words = words,
            told = self.until(applied.closes_at),
            closes = self.until(self.next().closes_at)
        );
        Some(Finding::warning("duration.prolonged", self.place(), message).under(self.law))
    }

    /// Words of the gate that say that the sale is about to close.
    fn on_the_gate(&self, schedule: &Schedule) -> Option<String> {
        let names = [Some(&schedule.title), schedule.label.as_ref()].into_iter().flatten();
        let country = self.market.country();
        let of_names = names.into_iter().find_map(|name| pressing_words(name, TextKind::Label, None, country));
        let mut of_words = schedule.words.iter().flat_map(|(language, words)| {
            let lines =
                [&words.title, &words.button].into_iter().flatten().map(|line| (line.as_str(), TextKind::Label));
            let intro = words.intro.iter().map(|intro| (intro.as_str(), TextKind::TextBody));
            lines.chain(intro).map(move |(text, kind)| (language.to_string(), text, kind))
        });
        of_names.or_else(|| {
            of_words.find_map(|(language, text, kind)| pressing_words(text, kind, Some(&language), country))
        })
    }

    /// Whether a letter says that the sale is about to close.
    fn presses(&self, mailing: &PlannedMailing) -> bool {
        let says = |language: &str, text: &str| {
            pressing_words(text, TextKind::TextBody, Some(language), self.market.country()).is_some()
        };
        mailing.kind == MailingKind::LastHours
            || mailing.texts.iter().any(|(language, texts)| {
                let texts = [&texts.subject, &texts.headline, &texts.intro].into_iter().flatten();
                let language = language.to_string();
                texts.into_iter().any(|text| says(&language, text.as_str()))
            })
    }

    fn pressed(&self, schedule: &Schedule, standing: &Standing) -> bool {
        standing.kind == MailingKind::LastHours
            || schedule.mailing(&standing.name).is_some_and(|mailing| self.presses(mailing))
    }

    /// The sales that are the same to those who buy: here, in the same way, to the same people, under the same name or with
    /// the same offers. The sales that a law dates are not among them: they close and open when it says.
    fn kin(&self) -> Vec<&'a RecordedSale> {
        if self.is_regulated(self.next()) {
            return Vec::new();
        }
        let is_kin = |sale: &&RecordedSale| {
            let (one, other) = (self.next(), &sale.schedule);
            let is_here = other.markets.iter().any(|market| market.national() == self.market.national());
            let is_after = other.slug != one.slug || sale.closes_at() <= one.opens_at;
            is_after
                && is_here
                && (one.channel, one.audience) == (other.channel, other.audience)
                && self.sells_the_same(other)
                && !self.is_regulated(other)
        };
        self.record.sales.iter().filter(is_kin).collect()
    }

    /// Whether it is the same sale by its name or by its offers. Offers that are known to differ make it another one.
    fn sells_the_same(&self, other: &Schedule) -> bool {
        let one = self.next();
        let has_others = !one.offers.is_empty() && !other.offers.is_empty();
        other.slug == one.slug || self.has_offers_of(other) || (!has_others && is_called_alike(one, other))
    }

    fn is_regulated(&self, schedule: &Schedule) -> bool {
        matches!(naming(schedule, self.market), Naming::Regulated | Naming::Step)
    }

    /// Whether the campaign sells what `other` sells: from the same price files, under the same names, or, as far as the
    /// price history tells, at least half of the articles.
    fn has_offers_of(&self, other: &Schedule) -> bool {
        shares_offers(self.next(), other) || self.shares_articles(other)
    }

    fn pasts(&self) -> impl Iterator<Item = &'a PastReduction> {
        let here = self.market;
        let offers = self.subject.offers.iter().filter(move |offers| offers.terms.sale.market == here);
        offers.flat_map(|offers| &offers.past)
    }

    fn shares_articles(&self, other: &Schedule) -> bool {
        let shares = |past: &&PastReduction| past.stretches.iter().any(|it| it.campaign == other.slug.as_str());
        let (all, in_both) = (self.pasts().count(), self.pasts().filter(shares).count());
        in_both > 0 && in_both * 2 >= all
    }

    /// Another sale of the same closes right before this one, or opens right after it.
    fn reopened(&self) -> Vec<Finding> {
        self.kin().into_iter().filter_map(|sale| self.reopened_after(sale)).collect()
    }

    fn reopened_after(&self, sale: &RecordedSale) -> Option<Finding> {
        let (next, other) = (self.next(), &sale.schedule);
        let is_first = other.opens_at <= next.opens_at;
        let ((closes, first), (opens, goes_on)) = if is_first {
            ((sale.closes_at(), other), (next.opens_at, next.closes_at))
        } else {
            ((next.closes_at, next), (other.opens_at, sale.closes_at()))
        };
        let is_soon = opens.duration_since(closes) <= SOON && goes_on > closes && first.opens_at < closes;
        // The sale itself, before it has closed, is moved: nobody has seen it end.
        let is_moved = other.slug == next.slug && sale.closes_at() > self.record.read_at;
        if !is_soon || is_moved {
            return None;
        }
        let told: Vec<Readers> = sale
            .mailings
            .iter()
            .filter(|standing| is_first && standing.told > 0 && self.pressed(other, standing))
            .map(|standing| Readers { mailing: standing.name.clone(), people: standing.told })
            .collect();
        let place = if is_first { &self.subject.campaign.window.opens } else { &self.subject.campaign.window.closes };
        let (slug, days) = (Fact::text(&other.slug), SOON.as_hours() / 24);
        if !told.is_empty() {
            let message = phrase!(
                "duration-reopened-told",
                slug = slug,
                who = told_by(&told),
                closed = self.until(closes),
                opens = self.moment(opens),
                days = days
            );
            // What was told to end is the very same again.
            let same_terms = is_called_alike(next, other) && has_the_same_offers(next, other);
            let severity = self.graded(if same_terms { Severity::Error } else { Severity::Warning });
            return Some(Finding::new(severity, "duration.reopened", place.place.clone(), message).under(self.law));
        }
        let message = if is_first {
            phrase!(
                "duration-reopened",
                slug = slug,
                closed = self.until(closes),
                opens = self.moment(opens),
                days = days
            )
        } else {
            phrase!(
                "duration-goes-on",
                slug = slug,
                closed = self.until(closes),
                opens = self.moment(opens),
                days = days
            )
        };
        Some(Finding::warning("duration.reopened", place.place.clone(), message).under(self.law))
    }

    /// The same offers are open on most days of the year that ends with the sale.
    fn perpetual(&self) -> Option<Finding> {
        let next = self.next();
        if self.is_regulated(next) {
            return None;
        }
        let year = (year_before(next.closes_at), next.closes_at);
        let kin = self.kin();
        let open = kin.iter().map(|sale| (sale.opens_at(), sale.closes_at())).chain([own(next)]);
        let days = covered(open.collect(), year);
        let law = text_of_law("words.reference-price", self.market.country()).unwrap_or(self.law);
        if days > MOST_OF_THE_YEAR {
            let slugs: BTreeSet<&str> =
                kin.iter().map(|sale| sale.schedule.slug.as_str()).chain([next.slug.as_str()]).collect();
            let message = phrase!("duration-perpetual", days = days, sales = Fact::texts(slugs));
            return Some(Finding::warning("duration.perpetual", self.place(), message).under(law));
        }
        let announced = |past: &&PastReduction| {
            let stretches = past.stretches.iter().map(|stretch| (stretch.from, stretch.until));
            covered(stretches.chain([own(next)]).collect(), year) > MOST_OF_THE_YEAR
        };
        let (all, most) = (self.pasts().count(), self.pasts().filter(announced).count());
        if most > 0 && most * 2 >= all {
            let message = phrase!("duration-perpetual-articles", articles = most, all = all, days = MOST_OF_THE_YEAR);
            return Some(Finding::warning("duration.perpetual", self.place(), message).under(law));
        }
        self.not_known(&kin, year.0)
    }

    /// The record begins after the year does, and the campaign is one of which that matters: it presses people, or was held
    /// before.
    fn not_known(&self, kin: &[&RecordedSale], year_begins: Timestamp) -> Option<Finding> {
        let next = self.next();
        let reaches_back = self.record.since.is_some_and(|since| since <= year_begins);
        let presses = self.on_the_gate(next).is_some() || next.mailings.iter().any(|mailing| self.presses(mailing));
        if reaches_back || (kin.is_empty() && !presses) {
            return None;
        }
        let message = match self.record.since {
            Some(since) => phrase!("duration-record-begins", since = self.moment(since)),
            None => phrase!("duration-no-record"),
        };
        Some(Finding::note("duration.record-short", self.place(), message).under(self.law))
    }

    /// Sale after sale of the same is said to be in its last days.
    fn always_ending(&self) -> Option<Finding> {
        let next = self.next();
        let kin = self.kin();
        let year = (year_before(next.closes_at), next.closes_at);
        let earlier: Vec<(Timestamp, Timestamp)> =
            kin.iter().flat_map(|sale| self.ending(&sale.schedule, sale.closes_at())).collect();
        let own = self.ending(next, next.closes_at);
        if earlier.is_empty() || own.is_empty() {
            return None;
        }
        let days = covered([earlier, own].concat(), year);
        (days > DAYS_OF_ENDING).then(|| {
            let message = phrase!("duration-always-ending", days = days, most = DAYS_OF_ENDING);
            Finding::warning("duration.always-ending", self.place(), message).under(self.law)
        })
    }

    /// The times at which people read that a sale is about to close.
    fn ending(&self, schedule: &Schedule, closes_at: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let letters = schedule.mailings.iter().filter(|mailing| self.presses(mailing));
        let letters = letters.map(|mailing| (mailing.not_before, closes_at));
        letters.chain(self.on_the_gate(schedule).map(|_| (schedule.opens_at, closes_at))).collect()
    }
}

/// The first closing that letters of a mailing stated.
fn told_closing(schedule: &Schedule, standing: &Standing) -> Option<Timestamp> {
    let remembered = schedule.told.iter().filter(|told| told.mailing == standing.name).map(|told| told.closes_at);
    remembered.min().or(Some(schedule.closes_at))
}

fn own(schedule: &Schedule) -> (Timestamp, Timestamp) {
    (schedule.opens_at, schedule.closes_at)
}

/// The days of `within` on which one of `windows` is open, a started one counted as a whole.
fn covered(mut windows: Vec<(Timestamp, Timestamp)>, within: (Timestamp, Timestamp)) -> i64 {
    windows.sort_unstable();
    let (mut covered, mut reached) = (SignedDuration::ZERO, within.0);
    for (from, until) in windows {
        let (from, until) = (from.max(reached), until.min(within.1));
        if until > from {
            covered += until.duration_since(from);
            reached = until;
        }
    }
    let day = 24 * 60 * 60;
    (covered.as_secs() + day - 1) / day
}

fn is_called_alike(one: &Schedule, other: &Schedule) -> bool {
    fn names(schedule: &Schedule) -> impl Iterator<Item = NamedSale> + '_ {
        [Some(&schedule.title), schedule.label.as_ref()].into_iter().flatten().map(|name| NamedSale::of(name.as_str()))
    }
    names(one).any(|name| names(other).any(|other| same_name(&name, &other)))
}

/// The offers by what tells them apart: the file of their prices, and their name.
fn offers(schedule: &Schedule) -> BTreeSet<(&str, &str)> {
    schedule.offers.iter().map(|offer| (offer.prices.as_str(), offer.name.as_str())).collect()
}

fn shares_offers(one: &Schedule, other: &Schedule) -> bool {
    let known = offers(other);
    offers(one).iter().any(|(prices, name)| known.iter().any(|(file, known)| file == prices || known == name))
}

fn has_the_same_offers(one: &Schedule, other: &Schedule) -> bool {
    offers(one) == offers(other)
}

#[cfg(test)]
mod tests {
    use super::super::offers::PastStretch;
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::{Campaign, ToldWindow, sample};
    use crate::text::Line;

    const CLOSES: &str = "closes = \"soldes.winter.2027\"";
    const OPENS: &str = "opens = \"soldes.winter.2027 - 4 days at 08:00\"";
    const TITLE: &str = "Les journées magiques";
    const MARKETS: &str = "[\"FR\"]";
    const LETTER: &str = "kind = \"announcement\"";
    const OFFER: (&str, &str) =
        ("\n[[mailings]]", "\n[[offers]]\nname = \"Bottines\"\nprices = \"bottines.csv\"\n\n[[mailings]]");

    type Edits<'a> = [(&'a str, &'a str)];

    fn resolved(edits: &Edits<'_>) -> (Campaign, Schedule) {
        let campaign = Campaign::parse(&sample::with(edits)).unwrap();
        let schedule = campaign.resolve(&Calendar::built_in()).unwrap();
        (campaign, schedule)
    }

    fn standing(kind: MailingKind, progress: Progress, told: u64) -> Standing {
        Standing { name: kind.to_string(), kind, progress, left: told, told, waiting: 0 }
    }

    /// The sample with `edits`, applied, of which the last letter reached `told` people.
    fn sale(edits: &Edits<'_>, told: u64) -> RecordedSale {
        let last = [&[(LETTER, "kind = \"last-hours\"")], edits].concat();
        let progress = if told > 0 { Progress::Finished } else { Progress::Planned };
        let mailings = vec![standing(MailingKind::LastHours, progress, told)];
        RecordedSale { schedule: resolved(&last).1, first_applied_at: None, cancelled_at: None, mailings }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// What is found of the sample with `edits`, each with its grade and what it says.
    fn found(edits: &Edits<'_>, sales: Vec<RecordedSale>, since: Option<&str>) -> Vec<Finding> {
        let (campaign, schedule) = resolved(edits);
        let record = SalesRecord { read_at: at("2027-01-04T08:00:00Z"), since: since.map(at), sales };
        super::check(&CheckedCampaign {
            campaign: &campaign,
            schedule: &schedule,
            calendar: &Calendar::built_in(),
            texts: &[],
            offers: &[],
            members: None,
            record: Some(&record),
        })
    }

    #[track_caller]
    fn check(edits: &Edits<'_>, sales: Vec<RecordedSale>, expected: &[&str]) -> Vec<Finding> {
        let found = found(edits, sales, Some("2020-01-01T00:00:00Z"));
        let rules: Vec<String> = found.iter().map(|it| format!("{} {}", it.severity, it.rule)).collect();
        assert_eq!(rules, expected, "{edits:?}: {found:#?}");
        found
    }

    const LATER: (&str, &str) = (CLOSES, "closes = \"2027-01-08 20:00\"");

    #[test]
    fn a_sale_is_not_prolonged_after_its_last_hours_were_told() {
        let [finding] = check(&[LATER], vec![sale(&[], 1240)], &["error duration.prolonged"]).try_into().unwrap();
        assert_eq!(
            finding.message.to_string(),
            "1,240 people were told by `last-hours` that the sale closes at 2027-01-06 08:00 Europe/Paris (07:00 UTC), and \
             that this is near; it would stay open until 2027-01-08 20:00 Europe/Paris (19:00 UTC)"
        );
        assert!(finding.law.unwrap().contains("L121-4 7°"));
        assert!(super::super::is_waivable(finding.rule));
        // What is lawful: nobody was told, it closes as told or earlier, or it closed when it was cancelled.
        check(&[LATER], vec![sale(&[], 0)], &[]);
        check(&[], vec![sale(&[], 1240)], &[]);
        check(&[(CLOSES, "closes = \"2027-01-05 20:00\"")], vec![sale(&[], 1240)], &[]);
        check(&[LATER], Vec::new(), &[]);
        let cancelled = RecordedSale { cancelled_at: Some(at("2027-01-03T08:00:00Z")), ..sale(&[], 1240) };
        check(&[LATER], vec![cancelled], &[]);
    }

    /// The remedies: closing as they were told raises nothing.
    #[test]
    fn closing_as_people_were_told_is_a_remedy() {
        let mut moved = sale(&[LATER], 1240);
        let schedule = &mut moved.schedule;
        let opens_at = schedule.opens_at;
        let told = ToldWindow { mailing: "last-hours".into(), opens_at, closes_at: at("2027-01-06T07:00:00Z") };
        schedule.told.push(told);
        check(&[LATER], vec![moved.clone()], &["error duration.prolonged"]);
        check(&[], vec![moved], &[]);
    }

    #[test]
    fn each_market_has_its_own_law_and_doubt_its_own_grade() {
        for (market, grade, law) in [
            ("[\"DE\"]", "error", "UWG"),
            ("[\"IT\"]", "error", "Codice del consumo"),
            ("[\"NL\"]", "error", "Burgerlijk Wetboek"),
            ("[\"BE\"]", "error", "VI.100"),
            ("[\"ES\"]", "error", "Directive 2005/29/EC, annex I, 7"),
            ("[\"GB\"]", "error", "Digital Markets"),
            ("[\"CH\"]", "warning", "UWG (SR 241)"),
        ] {
            let there: Vec<(&str, &str)> = vec![
                (MARKETS, market),
                (OPENS, "opens = \"2027-03-02 08:00\""),
                (CLOSES, "closes = \"2027-03-06 08:00\""),
            ];
            let later = [there[0], there[1], (CLOSES, "closes = \"2027-03-09 08:00\"")];
            let expected = format!("{grade} duration.prolonged");
            let [finding] = check(&later, vec![sale(&there, 7)], &[&expected]).try_into().unwrap();
            assert!(finding.law.as_deref().unwrap().contains(law), "{market}: {:?}", finding.law);
        }
    }

    #[test]
    fn other_letters_and_the_gate_can_press_too() {
        let said = |text: &str| {
            let own = format!("languages = [\"fr\"]\n[mailings.texts.fr]\nsubject = \"{text}\"\n");
            let edits = [("languages = [\"fr\", \"en\"]", own.as_str())];
            let mailings = vec![standing(MailingKind::Announcement, Progress::Finished, 12)];
            RecordedSale { schedule: resolved(&edits).1, first_applied_at: None, cancelled_at: None, mailings }
        };
        check(&[LATER], vec![said("Derniers jours !")], &["error duration.prolonged"]);
        check(&[LATER], vec![said("C’est demain")], &[]);
        let shown = RecordedSale { mailings: Vec::new(), ..sale(&[(TITLE, "Derniers jours magiques")], 0) };
        check(&[LATER], vec![shown], &["warning duration.prolonged"]);
        let set_aside =
            RecordedSale { mailings: vec![standing(MailingKind::LastHours, Progress::SetAside, 0)], ..sale(&[], 0) };
        check(&[LATER], vec![set_aside], &["warning duration.prolonged"]);
    }

    const AGAIN: [(&str, &str); 3] = [
        ("hiver-2027", "hiver-bis"),
        (OPENS, "opens = \"2027-01-08 08:00\""),
        (CLOSES, "closes = \"2027-01-12 08:00\""),
    ];

    #[test]
    fn a_twin_that_opens_at_once_is_the_same_sale() {
        let again = |edits: &Edits<'static>| [&AGAIN[..], edits].concat();
        // The very same after its last hours were told; with other offers or another name it may be another.
        check(&AGAIN, vec![sale(&[], 12)], &["error duration.reopened"]);
        check(&again(&[OFFER]), vec![sale(&[OFFER], 12)], &["error duration.reopened"]);
        check(&again(&[OFFER]), vec![sale(&[], 12)], &["warning duration.reopened"]);
        check(&again(&[OFFER, (TITLE, "Les jours doux")]), vec![sale(&[OFFER], 12)], &["warning duration.reopened"]);
        check(&AGAIN, vec![sale(&[], 0)], &["warning duration.reopened"]);
        let bags = (OFFER.0, "\n[[offers]]\nname = \"Sacs\"\nprices = \"sacs.csv\"\n\n[[mailings]]");
        check(&again(&[bags]), vec![sale(&[OFFER], 12)], &[]);
        // Lawful look-alikes: another sale, other people, another way of selling, another market, more days between.
        check(&again(&[(TITLE, "Les jours doux")]), vec![sale(&[], 12)], &[]);
        check(&again(&[("\"public\"", "\"open-members\"")]), vec![sale(&[], 12)], &[]);
        check(&again(&[("\"online\"", "\"store\"")]), vec![sale(&[], 12)], &[]);
        check(&again(&[(MARKETS, "[\"DE\"]")]), vec![sale(&[], 12)], &[]);
        let weekly = [AGAIN[0], (OPENS, "opens = \"2027-01-10 08:00\""), AGAIN[2]];
        check(&weekly, vec![sale(&[], 12)], &[]);
    }

    #[test]
    fn a_twin_that_is_applied_already_is_seen_from_the_first() {
        check(&[], vec![sale(&AGAIN, 0)], &["warning duration.reopened"]);
        check(&[], vec![sale(&[&AGAIN[..], &[(TITLE, "Les jours doux")]].concat(), 0)], &[]);
    }

    /// The soldes open when the law says, also right after a sale of the same goods.
    #[test]
    fn the_sales_that_a_law_dates_are_no_twins() {
        let soldes = [
            ("hiver-2027", "soldes-2027"),
            (TITLE, "Les soldes magiques"),
            (OPENS, "opens = \"soldes.winter.2027\""),
            (CLOSES, "closes = \"soldes.winter.2027.end\""),
            OFFER,
        ];
        check(&soldes, vec![sale(&[OFFER], 12)], &[]);
    }

    fn monthly(months: std::ops::RangeInclusive<u8>, days: u8) -> Vec<RecordedSale> {
        let sale_of = |month: u8| {
            let slug = format!("mois-{month}");
            let (opens, closes) = (
                format!("opens = \"2027-{month:02}-01 08:00\""),
                format!("closes = \"2027-{month:02}-{days:02} 08:00\""),
            );
            let edits = [("hiver-2027", slug.as_str()), (OPENS, &opens), (CLOSES, &closes)];
            let campaign = sample::with(&[&edits[..], &[("window.opens - 1 day at 10:00", "window.opens")]].concat());
            let text = campaign.text.replace("not_after = \"window.opens\"", "not_after = \"window.closes\"");
            let campaign = Campaign::parse(&crate::document::Document::new("mois.toml", text)).unwrap();
            let schedule = campaign.resolve(&Calendar::built_in()).unwrap();
            RecordedSale { schedule, first_applied_at: None, cancelled_at: None, mailings: Vec::new() }
        };
        months.map(sale_of).collect()
    }

    const DECEMBER: [(&str, &str); 3] =
        [("hiver-2027", "mois-12"), (OPENS, "opens = \"2027-12-01 08:00\""), (CLOSES, "closes = \"2027-12-22 08:00\"")];

    #[test]
    fn what_is_on_sale_for_most_of_a_year_is_not_reduced() {
        let [finding] = check(&DECEMBER, monthly(1..=11, 22), &["warning duration.perpetual"]).try_into().unwrap();
        assert!(finding.message.to_string().contains("on 252 of the 365 days"), "{}", finding.message);
        assert!(finding.law.unwrap().contains("L112-1-1"));
        check(&DECEMBER, monthly(1..=11, 15), &[]);
        check(&DECEMBER, monthly(1..=6, 22), &[]);
        let other = [&DECEMBER[..], &[(TITLE, "Les jours doux")]].concat();
        check(&other, monthly(1..=11, 22), &[]);
        // One window is enough.
        check(&[(CLOSES, "closes = \"2027-10-06 08:00\"")], Vec::new(), &["warning duration.perpetual"]);
    }

    #[test]
    fn what_the_record_does_not_reach_is_said() {
        let note = |sales, since| -> Vec<String> {
            found(&DECEMBER, sales, since).iter().map(|it| format!("{} {}", it.severity, it.rule)).collect()
        };
        assert_eq!(note(monthly(10..=11, 15), Some("2027-09-01T00:00:00Z")), ["note duration.record-short"]);
        assert_eq!(note(monthly(10..=11, 15), Some("2026-09-01T00:00:00Z")), [""; 0]);
        assert_eq!(note(Vec::new(), Some("2027-09-01T00:00:00Z")), [""; 0]);
        let pressing = [(LETTER, "kind = \"last-hours\"")];
        let found = found(&pressing, Vec::new(), None);
        assert_eq!(found.iter().map(|it| it.rule).collect::<Vec<_>>(), ["duration.record-short"]);
    }

    #[test]
    fn sales_are_not_always_about_to_end() {
        let ending = |sales: Vec<RecordedSale>| -> Vec<RecordedSale> {
            let label = || Some(Line::parse("Derniers jours").unwrap());
            let sales = sales.into_iter();
            sales.map(|it| RecordedSale { schedule: Schedule { label: label(), ..it.schedule }, ..it }).collect()
        };
        let own = [&DECEMBER[..], &[(TITLE, "Les journées magiques : derniers jours")]].concat();
        check(&own, ending(monthly(8..=11, 10)), &["warning duration.always-ending"]);
        check(&own, ending(monthly(10..=11, 8)), &[]);
        check(&DECEMBER, ending(monthly(8..=11, 10)), &[]);
        check(&own, monthly(8..=11, 10), &[]);
    }

    #[test]
    fn days_are_counted_once() {
        let check = |windows: &[(&str, &str)], expected: i64| {
            let window = |(from, until): &(&str, &str)| (at(from), at(until));
            let within = (at("2027-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"));
            assert_eq!(covered(windows.iter().map(window).collect(), within), expected, "{windows:?}");
        };
        check(&[], 0);
        check(&[("2027-02-01T00:00:00Z", "2027-02-03T00:00:00Z"), ("2027-02-02T00:00:00Z", "2027-02-04T00:00:00Z")], 3);
        check(&[("2026-12-01T00:00:00Z", "2027-01-02T00:00:00Z"), ("2027-12-31T00:00:00Z", "2028-02-02T00:00:00Z")], 2);
        check(&[("2027-02-01T00:00:00Z", "2027-02-01T01:00:00Z")], 1);
        check(&[("2027-02-03T00:00:00Z", "2027-02-01T00:00:00Z")], 0);
    }

    #[test]
    fn a_reduction_of_the_past_ends_with_the_next_price() {
        let stretch =
            |from: &str, until: &str| PastStretch { from: at(from), until: at(until), campaign: "c".to_owned() };
        let past = PastReduction { stretches: vec![stretch("2027-01-01T00:00:00Z", "2027-01-04T00:00:00Z")] };
        let windows = past.stretches.iter().map(|it| (it.from, it.until)).collect();
        assert_eq!(covered(windows, (at("2027-01-02T00:00:00Z"), at("2027-02-01T00:00:00Z"))), 2);
    }
}
