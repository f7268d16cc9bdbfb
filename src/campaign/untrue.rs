//! What letters said that is not so any more: the versions of a campaign by which its letters were written, held against what the
//! sale would be now. What the letters said of the opening and the closing is kept with the schedule, see [`super::ToldWindow`].
//!
//! Pure. A mailing counts whether or not the file still has it: its letters stay with those who have them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{AnchorUse, AudienceClass, PlannedArticle, PlannedMailing, PlannedTexts, PricesShown, Schedule};
use crate::calendar::{Calendar, Channel};
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::{WebAddress, Wording};
use crate::{phrase, spoken_errors};

/// The letters of one mailing that people have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters {
    /// The mailing.
    pub mailing: String,
    /// How many people have one, or may have it.
    pub people: u64,
    /// When the first of them left.
    pub first_at: Timestamp,
    /// When the last of them left, or could.
    pub last_at: Timestamp,
    /// What the campaign was while they left, the first version first.
    pub versions: Vec<Schedule>,
}

/// Something that letters said, and what it would be now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untrue {
    /// Who can buy.
    Audience {
        /// When they were written.
        told: AudienceClass,
        /// Now.
        will_be: AudienceClass,
    },
    /// How people buy.
    Channel {
        /// When they were written.
        told: Channel,
        /// Now.
        will_be: Channel,
    },
    /// An article costs more than when they were written.
    Price {
        /// The article as it was.
        told: Box<PlannedArticle>,
        /// As it would be.
        will_be: Box<PlannedArticle>,
        /// How many others cost more as well.
        others: u64,
    },
    /// What a key of the file says.
    Key {
        /// The key, such as `title` or `group.who`.
        key: String,
        /// What it said when they were written; none where it was not there.
        told: Option<String>,
        /// What it would say.
        will_be: Option<String>,
    },
    /// When the legal sales begin that they named.
    Sales {
        /// The sales, as the letters counted on them.
        told: Box<AnchorUse>,
        /// When they begin by the law as it is known now; none when that is not known any more.
        will_be: Option<Timestamp>,
        /// In which zone letters say so.
        zone: TimeZone,
    },
}

impl Untrue {
    /// Whether people may buy, or come, because of it: then a person has to take it on.
    pub fn is_grave(&self) -> bool {
        matches!(self, Self::Audience { .. } | Self::Channel { .. } | Self::Price { .. })
    }

    /// The key of the file that says it now.
    pub fn key(&self) -> &str {
        match self {
            Self::Audience { .. } => "audience",
            Self::Channel { .. } => "channel",
            Self::Price { .. } => "offers",
            Self::Key { key, .. } => key,
            Self::Sales { .. } => "window",
        }
    }
}

impl Spoken for Untrue {
    /// What follows "3 people were told by `announcement`".
    fn phrase(&self) -> Phrase {
        match self {
            Self::Audience { told, will_be } => {
                phrase!("untrue-audience", told = Fact::text(told), will_be = Fact::text(will_be))
            }
            Self::Channel { told, will_be } => {
                phrase!("untrue-channel", told = Fact::text(told), will_be = Fact::text(will_be))
            }
            Self::Price { told, will_be, others: 0 } => phrase!(
                "untrue-price",
                article = told.name.as_str(),
                told = amount_of(told),
                will_be = amount_of(will_be)
            ),
            Self::Price { told, will_be, others } => phrase!(
                "untrue-prices",
                article = told.name.as_str(),
                told = amount_of(told),
                will_be = amount_of(will_be),
                count = *others
            ),
            Self::Key { key, told: Some(told), will_be: Some(will_be) } => {
                phrase!("untrue-key", key = key.as_str(), told = told.as_str(), will_be = will_be.as_str())
            }
            Self::Key { key, told: Some(told), will_be: None } => {
                phrase!("untrue-key-gone", key = key.as_str(), told = told.as_str())
            }
            Self::Key { key, will_be, .. } => {
                phrase!("untrue-key-new", key = key.as_str(), will_be = will_be.as_deref().unwrap_or_default())
            }
            Self::Sales { told, will_be: Some(will_be), zone } => phrase!(
                "untrue-sales",
                season = Fact::text(&told.season),
                year = Fact::text(told.year),
                told = Fact::moment(told.at, zone),
                will_be = Fact::moment(*will_be, zone)
            ),
            Self::Sales { told, will_be: None, zone } => phrase!(
                "untrue-sales-unknown",
                season = Fact::text(&told.season),
                year = Fact::text(told.year),
                told = Fact::moment(told.at, zone)
            ),
        }
    }
}

spoken_errors!(Untrue);

fn amount_of(article: &PlannedArticle) -> Fact {
    match &article.currency {
        Some(currency) => Fact::Amount(article.price.clone(), currency.clone()),
        None => Fact::Number(article.price.clone()),
    }
}

/// What `letters` said that `next` makes untrue, where `applied` did not yet: what was changed before was taken on then. Each with
/// the letters that said it.
pub(super) fn made_untrue<'a>(
    letters: &'a [Letters],
    applied: &Schedule,
    next: &Schedule,
) -> Vec<(Untrue, Vec<&'a Letters>)> {
    let mut found: Vec<(Untrue, Vec<&Letters>)> = Vec::new();
    for of_mailing in letters.iter().filter(|letters| letters.people > 0) {
        for version in &of_mailing.versions {
            for untrue in between(of_mailing, version, applied, next) {
                match found.iter_mut().find(|(known, _)| *known == untrue) {
                    Some((_, readers)) if readers.iter().any(|known| known.mailing == of_mailing.mailing) => {}
                    Some((_, readers)) => readers.push(of_mailing),
                    None => found.push((untrue, vec![of_mailing])),
                }
            }
        }
    }
    found
}

fn between(letters: &Letters, said: &Schedule, applied: &Schedule, next: &Schedule) -> Vec<Untrue> {
    let mut found = Vec::new();
    if said.audience != next.audience && applied.audience != next.audience {
        found.push(Untrue::Audience { told: said.audience, will_be: next.audience });
    }
    if said.channel != next.channel && applied.channel != next.channel {
        found.push(Untrue::Channel { told: said.channel, will_be: next.channel });
    }
    found.extend(dearer(letters, said, applied, next));
    let mailing = said.mailing(&letters.mailing);
    let (was, before, will_be) = (keys(said, mailing), keys(applied, mailing), keys(next, mailing));
    let all: Vec<&String> = was.keys().chain(will_be.keys().filter(|key| !was.contains_key(*key))).collect();
    let moved = all.into_iter().filter(|key| {
        let now = will_be.get(*key);
        was.get(*key) != now && before.get(*key) != now
    });
    // Another audience has another group, and that it is another one is said.
    let is_said = |key: &str| key == "group.who" && said.audience != next.audience;
    found.extend(moved.filter(|key| !is_said(key)).map(|key| Untrue::Key {
        key: key.clone(),
        told: was.get(key).cloned(),
        will_be: will_be.get(key).cloned(),
    }));
    found
}

/// What a letter of `mailing` says of a sale in words and links, by the key of the file.
fn keys(schedule: &Schedule, mailing: Option<&PlannedMailing>) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    let markets: Vec<String> = schedule.markets.iter().map(ToString::to_string).collect();
    keys.insert("markets".to_owned(), markets.join(", "));
    let mut put = |key: String, text: Option<&str>| text.map(|text| keys.insert(key, text.to_owned()));
    put("url".to_owned(), schedule.url.as_ref().map(WebAddress::as_str));
    put("group.who".to_owned(), schedule.group.as_ref().map(|group| group.who.as_str()));
    let Some(mailing) = mailing else { return keys };
    for language in &mailing.languages {
        let own = schedule.words.get(language);
        let is_own = own.is_some_and(|words| words.title.is_some());
        let key = match (is_own, &schedule.label) {
            (true, _) => format!("words.{language}.title"),
            (false, Some(_)) => "label".to_owned(),
            (false, None) => "title".to_owned(),
        };
        put(key, Some(schedule.name_in(*language).as_str()));
        let says_its_own = mailing.texts.get(language).is_some_and(|texts| texts.intro.is_some());
        let intro = own.and_then(|words| words.intro.as_ref()).filter(|_| !says_its_own);
        put(format!("words.{language}.intro"), intro.map(Wording::as_str));
    }
    keys
}

/// The first article that costs more than when the letters were written, where they tell prices or speak of them.
fn dearer(letters: &Letters, said: &Schedule, applied: &Schedule, next: &Schedule) -> Option<Untrue> {
    if !tell_prices(letters, said) {
        return None;
    }
    let articles = |schedule: &Schedule| -> BTreeMap<String, PlannedArticle> {
        let all = schedule.offers.iter().flat_map(|offer| offer.articles.clone());
        all.map(|article| (article.sku.clone(), article)).collect()
    };
    let (before, will_be) = (articles(applied), articles(next));
    let is_dearer = |told: &PlannedArticle| {
        let now = will_be.get(&told.sku)?;
        let moves = before.get(&told.sku).is_none_or(|before| before.price != now.price);
        let dearer = told.currency != now.currency || thousandths(&told.price) < thousandths(&now.price);
        (moves && dearer).then(|| now.clone())
    };
    let said_articles = said.offers.iter().flat_map(|offer| &offer.articles);
    let mut dearer = said_articles.filter_map(|told| Some((told.clone(), is_dearer(told)?)));
    let (told, will_be) = dearer.next()?;
    Some(Untrue::Price { told: Box::new(told), will_be: Box::new(will_be), others: dearer.count() as u64 })
}

/// Whether prices stand in the letters, or their words have a price or a percentage.
fn tell_prices(letters: &Letters, said: &Schedule) -> bool {
    let shows = match said.show_prices {
        PricesShown::Always => true,
        PricesShown::WhileOpen => letters.last_at >= said.opens_at,
        PricesShown::Never => false,
    };
    let speaks = |text: &str| text.contains(['%', '€']) || text.contains("EUR");
    let own = said.mailing(&letters.mailing).into_iter().flat_map(|mailing| mailing.texts.values());
    let own = own.flat_map(|PlannedTexts { subject, headline, intro }| [subject, headline, intro]).flatten();
    let of_sale = said.words.values().filter_map(|words| words.intro.as_ref());
    let mut texts = own.chain(of_sale).map(Wording::as_str);
    shows || speaks(&said.title) || texts.any(speaks)
}

/// A price in thousandths, so that `80` and `79.90` can be compared. None is below every price.
fn thousandths(amount: &str) -> Option<u64> {
    let (whole, decimals) = amount.split_once('.').unwrap_or((amount, ""));
    let decimals: String = decimals.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(decimals.parse().ok()?)
}

/// The letters that name a beginning of the legal sales which is not that of `calendar`, and that no later letter of the sale has put
/// right for as many people. What has begun by `now` either way is history.
pub fn moved_sales<'a>(letters: &'a [Letters], calendar: &Calendar, now: Timestamp) -> Vec<(Untrue, Vec<&'a Letters>)> {
    let last = |letters: &'a Letters| letters.versions.last().and_then(Schedule::announced_sales);
    let mut found: Vec<(Untrue, Vec<&Letters>)> = Vec::new();
    for of_mailing in letters.iter().filter(|letters| letters.people > 0) {
        let Some((version, told)) =
            of_mailing.versions.iter().find_map(|version| Some((version, version.announced_sales()?)))
        else {
            continue;
        };
        let moved = version.moved_anchors(calendar).into_iter().find(|moved| moved.applied == *told);
        let Some(will_be) = moved.map(|moved| moved.now) else { continue };
        let put_right = letters.iter().any(|later| {
            let names = last(later).map(|anchor| anchor.at);
            later.first_at > of_mailing.first_at
                && later.people >= of_mailing.people
                && will_be.is_some()
                && names == will_be
        });
        let to_come = told.at > now || will_be.is_some_and(|at| at > now);
        if put_right || !to_come {
            continue;
        }
        let untrue = Untrue::Sales { told: Box::new(told.clone()), will_be, zone: version.time_zone() };
        match found.iter_mut().find(|(known, _)| *known == untrue) {
            Some((_, readers)) => readers.push(of_mailing),
            None => found.push((untrue, vec![of_mailing])),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{Campaign, sample};
    use super::*;
    use crate::text::Line;

    const CHANNEL: (&str, &str) = ("channel = \"online\"", "channel = \"store\"");
    const MEMBERS: (&str, &str) = ("audience = \"public\"", "audience = \"open-members\"");
    const ALWAYS: (&str, &str) = ("audience", "show_prices = \"always\"\naudience");

    #[track_caller]
    fn schedule(edits: &[(&str, &str)]) -> Schedule {
        Campaign::parse(&sample::with(edits)).unwrap().resolve(&Calendar::built_in()).unwrap()
    }

    /// The sample with `edits` and an offer of one article at `price`.
    fn priced(edits: &[(&str, &str)], price: &str) -> Schedule {
        let mut schedule = schedule(
            &[edits, &[("[[mailings]]", "[[offers]]\nname = \"Bottines\"\nprices = \"off.csv\"\n\n[[mailings]]")]]
                .concat(),
        );
        schedule.offers[0].articles.push(PlannedArticle {
            sku: "BOT-1".into(),
            name: Line::parse("Bottines Camille").unwrap(),
            picture: None,
            url: None,
            price: price.into(),
            currency: Some("EUR".into()),
        });
        schedule
    }

    fn letters(said: &Schedule) -> Letters {
        Letters {
            mailing: "announcement".into(),
            people: 4,
            first_at: "2027-01-01T09:00:00Z".parse().unwrap(),
            last_at: "2027-01-01T09:05:00Z".parse().unwrap(),
            versions: vec![said.clone()],
        }
    }

    /// What `next` makes untrue of letters that were written by `said`, which is what is applied still.
    #[track_caller]
    fn check(said: &Schedule, next: &Schedule, expected: &[&str]) {
        let letters = [letters(said)];
        let found: Vec<String> = made_untrue(&letters, said, next).iter().map(|(what, _)| what.to_string()).collect();
        assert_eq!(found, expected);
        assert_eq!(made_untrue(&letters, next, next), [], "it was taken on with the change");
    }

    #[test]
    fn what_letters_said_of_the_sale_is_held_against_it() {
        let said = schedule(&[]);
        check(&said, &said, &[]);
        let members = "the sale was open to everybody; it would be for the members of a club that anyone may join";
        check(&said, &schedule(&[MEMBERS]), &[members]);
        check(&said, &schedule(&[CHANNEL]), &["the sale was online; it would be in shops"]);
        let title = ("Les journées magiques", "Les jours fermes");
        let titled = "`title` said “Les journées magiques”; it would say “Les jours fermes”";
        check(&said, &schedule(&[title]), &[titled]);
        let url = ("audience", "url = \"https://shop.example.fr/\"\naudience");
        check(&said, &schedule(&[url]), &["`url` said nothing; it would say “https://shop.example.fr/”"]);
        check(&schedule(&[url]), &said, &["`url` said “https://shop.example.fr/”; it would say nothing"]);
        let markets = ("markets = [\"FR\"]", "markets = [\"FR-57\"]");
        check(&said, &schedule(&[markets]), &["`markets` said “FR”; it would say “FR-57”"]);
        // What no letter says may change.
        check(&said, &schedule(&[("audience", "sector = \"shoes\"\naudience")]), &[]);
    }

    #[test]
    fn a_mailing_that_left_the_file_has_still_said_it() {
        let said = schedule(&[]);
        let mut without = schedule(&[MEMBERS]);
        without.mailings.clear();
        assert_eq!(made_untrue(&[letters(&said)], &said, &without).len(), 1);
        let nobody = Letters { people: 0, ..letters(&said) };
        assert_eq!(made_untrue(&[nobody], &said, &without), []);
    }

    #[test]
    fn a_price_that_letters_told_does_not_rise_in_silence() {
        let dearer = "`Bottines Camille` cost 999.90 EUR; it would cost 1199.90 EUR";
        check(&priced(&[ALWAYS], "999.90"), &priced(&[ALWAYS], "1199.90"), &[dearer]);
        check(&priced(&[ALWAYS], "999.90"), &priced(&[ALWAYS], "899"), &[]);
        // A letter before the opening shows no price, unless its own words speak of prices.
        check(&priced(&[], "999.90"), &priced(&[], "1199.90"), &[]);
        let speaks = (
            "languages = [\"fr\", \"en\"]\n",
            "languages = [\"fr\", \"en\"]\n[mailings.texts.fr]\nsubject = \"Jusqu’à −22 %\"\n",
        );
        check(&priced(&[speaks], "999.90"), &priced(&[speaks], "1199.90"), &[dearer]);
        let never = ("audience", "show_prices = \"never\"\naudience");
        check(&priced(&[never], "999.90"), &priced(&[never], "1199.90"), &[]);
    }

    #[test]
    fn what_is_put_back_as_it_was_is_as_it_was_said() {
        let (said, applied) = (schedule(&[]), schedule(&[MEMBERS]));
        assert_eq!(made_untrue(&[letters(&said)], &applied, &said), []);
        // Letters that left before and after a change have said both.
        let both = Letters { versions: vec![said.clone(), applied.clone()], ..letters(&said) };
        let personal = Schedule { audience: AudienceClass::Personal, ..said };
        assert_eq!(made_untrue(&[both], &applied, &personal).len(), 2);
    }

    #[test]
    fn a_beginning_of_the_soldes_that_has_moved_is_told() {
        let mut said = schedule(&[]);
        let calendar = Calendar::built_in();
        let now = "2027-01-01T12:00:00Z".parse().unwrap();
        assert_eq!(moved_sales(&[letters(&said)], &calendar, now), []);
        let later = |at: &str| at.parse::<Timestamp>().unwrap();
        for anchor in &mut said.anchors {
            anchor.at = later("2027-01-13T07:00:00Z");
        }
        let first = letters(&said);
        let found: Vec<String> = moved_sales(std::slice::from_ref(&first), &calendar, now)
            .iter()
            .map(|(what, _)| what.to_string())
            .collect();
        let moved = "the winter sales of 2027 were to begin at 2027-01-13 08:00 Europe/Paris (07:00 UTC); they begin at \
                     2027-01-06 08:00 Europe/Paris (07:00 UTC)";
        assert_eq!(found, [moved]);
        let right = Letters { mailing: "b".into(), first_at: later("2027-01-01T10:00:00Z"), ..letters(&schedule(&[])) };
        assert_eq!(moved_sales(&[first.clone(), right.clone()], &calendar, now), [], "they were told again");
        let fewer = Letters { people: 3, ..right };
        assert_eq!(moved_sales(&[first.clone(), fewer], &calendar, now).len(), 1);
        assert_eq!(moved_sales(&[first], &calendar, later("2027-01-14T07:00:00Z")), []);
    }
}
