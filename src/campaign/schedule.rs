//! A campaign resolved to instants, with the words they came from. This is what is stored, and all that the gate, the
//! planner and the senders read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{AudienceClass, DeclaredSale, DstChoice, Every, MailingKind, PeriodEdge, PricesShown, Recipients};
use crate::calendar::{Basis, Channel, Market, PeriodKind};
use crate::member::{Language, ListName};
use crate::phrase::Fact;
use crate::text::{Line, Slug, WebAddress, Wording};

/// A resolved campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The short name.
    pub slug: Slug,
    /// The name for people.
    pub title: Line,
    /// What the gate shows instead of the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Line>,
    /// Where the consumers are.
    pub markets: Vec<Market>,
    /// How they buy.
    pub channel: Channel,
    /// Who can buy at the price.
    pub audience: AudienceClass,
    /// The group, when the audience is `closed-group`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<PlannedGroup>,
    /// On what a liquidation or a factory store stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<PlannedDeclaration>,
    /// Campaigns that are one and the same reduction with this one, as the seller says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub continues: Vec<Slug>,
    /// Whether the file leaves the sale out of public lists. One for chosen people is in none anyway.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlisted: bool,
    /// What is sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// The page of the shop.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "stored_url")]
    pub url: Option<WebAddress>,
    /// The file of the picture, among the shop's pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Line>,
    /// How often the sale is held again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Every>,
    /// What the sale is called and how it is introduced, by language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<Language, PlannedWords>,
    /// The IANA name of the zone in which the file's times of day are read.
    pub zone: String,
    /// The version of the zone database that was used, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_version: Option<String>,
    /// The choice for times of day that daylight saving skips.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_gap: Option<DstChoice>,
    /// The choice for times of day that come twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_overlap: Option<DstChoice>,
    /// The first instant at which the gate is open.
    pub opens_at: Timestamp,
    /// The first instant at which it is closed again.
    pub closes_at: Timestamp,
    /// From when on the sale stands in public lists; at once when the file does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announce_from: Option<Timestamp>,
    /// What is on sale.
    pub offers: Vec<PlannedOffer>,
    /// When the prices of its articles are shown.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub show_prices: PricesShown,
    /// Who is told, when.
    pub mailings: Vec<PlannedMailing>,
    /// The words typed for each instant: `window.opens`, `mailings.announcement.not_before` …
    pub intent: BTreeMap<String, String>,
    /// Every use of a legal period, once for each market.
    pub anchors: Vec<AnchorUse>,
    /// What letters stated before the window moved: those who have them know no better.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<ToldWindow>,
}

/// A window that letters of a mailing stated, which is not, or not for all of them, the one in force.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ToldWindow {
    /// The mailing.
    pub mailing: String,
    /// When the sale would open, as they said.
    pub opens_at: Timestamp,
    /// When it would close.
    pub closes_at: Timestamp,
}

/// The group of a `closed-group` campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedGroup {
    /// Who is in it.
    pub who: Line,
    /// The day on which it was fixed.
    pub fixed_on: Date,
    /// Whether a person can join while the sale runs.
    pub joinable: bool,
    /// How many people are in it, when the file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The list of its people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListName>,
}

/// On what a liquidation or a factory store stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedDeclaration {
    /// Which of the two.
    pub kind: DeclaredSale,
    /// The number of the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Line>,
    /// The right, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<Line>,
}

/// What a sale is called and how it is introduced in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedWords {
    /// The name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Line>,
    /// A few sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<Wording>,
    /// What stands on the button while the sale is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<Line>,
    /// What the picture shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<Line>,
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedOffer {
    /// The name for people.
    pub name: Line,
    /// The price file, relative to the campaign file.
    pub prices: String,
    /// The sheet of it, where it is a workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<Line>,
    /// The articles of that file that are shown, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub articles: Vec<PlannedArticle>,
    /// How many more the file has a name for.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub further: u64,
}

/// An article that is shown. What it costs when somebody looks follows from the price history; this is what it was offered at
/// when the file was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedArticle {
    /// The article number.
    pub sku: String,
    /// The name for people.
    pub name: Line,
    /// The file of its picture, among the shop's pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Line>,
    /// Its page in the shop.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "stored_url")]
    pub url: Option<WebAddress>,
    /// The price, as an amount without its currency.
    pub price: String,
    /// The currency, where the file names one. Without it the price is in that of each market.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// A mailing, resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedMailing {
    /// Its name, unique in the campaign.
    pub name: String,
    /// What it says.
    pub kind: MailingKind,
    /// The first instant at which a message may leave.
    pub not_before: Timestamp,
    /// The first instant at which none may leave any more.
    pub not_after: Timestamp,
    /// The languages it is written in; the first is the fallback.
    pub languages: Vec<Language>,
    /// The lists of those who get it; everybody where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<ListName>,
    /// The lists of those who do not get it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not: Vec<ListName>,
    /// The merchandiser's own words, by language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<Language, PlannedTexts>,
}

impl PlannedMailing {
    /// Whom it is for, by their lists.
    pub fn recipients(&self) -> Recipients<'_> {
        Recipients { to: &self.to, not: &self.not }
    }
}

/// The merchandiser's own words in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedTexts {
    /// The subject line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Wording>,
    /// The words on top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<Wording>,
    /// A paragraph below them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<Wording>,
}

/// One use of a legal period in a campaign, for one market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorUse {
    /// The key that uses it, such as `window.opens`.
    pub field: String,
    /// The words typed.
    pub expression: String,
    /// The market whose law was asked.
    pub market: Market,
    /// Sale or blackout.
    pub kind: PeriodKind,
    /// The season.
    pub season: String,
    /// The year in which the sale starts.
    pub year: i16,
    /// Which end of the period.
    pub edge: PeriodEdge,
    /// The instant that the calendar gave.
    pub at: Timestamp,
    /// Whether the date was published or computed from the rule.
    pub basis: Basis,
    /// Whether it is too doubtful for a letter to state it as certain.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
}

impl Schedule {
    /// The zone in which the campaign's times are shown; UTC should this machine not know it.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }

    /// What the sale is called in `language`: in the words of the language, else by the label, else by the title.
    pub fn name_in(&self, language: Language) -> &Line {
        let own = self.words.get(&language).and_then(|words| words.title.as_ref());
        own.or(self.label.as_ref()).unwrap_or(&self.title)
    }

    /// The mailing named `name`.
    pub fn mailing(&self, name: &str) -> Option<&PlannedMailing> {
        self.mailings.iter().find(|mailing| mailing.name == name)
    }

    /// The French soldes that the sale leads up to, which its letters may announce because they say when these begin. None while
    /// that is doubtful.
    pub fn announced_sales(&self) -> Option<&AnchorUse> {
        self.anchors.iter().find(|anchor| {
            anchor.kind == PeriodKind::Sale
                && anchor.edge == PeriodEdge::Start
                && anchor.market.country() == "FR"
                && anchor.at >= self.closes_at
                && !anchor.doubtful
        })
    }

    /// Whether applying `other` in place of this schedule would change nothing. Another version of the zone database
    /// that leads to the same instants is no change.
    #[must_use]
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        let other = Self { zone_version: self.zone_version.clone(), ..other.clone() };
        *self == other
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
fn is_usual(shown: &PricesShown) -> bool {
    *shown == PricesShown::default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
fn is_nought(count: &u64) -> bool {
    *count == 0
}

/// The address of a stored schedule. Versions before [`WebAddress`] took addresses that no letter can carry, and sent
/// nothing then; without one, letters lead to the shop's front page.
fn stored_url<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<WebAddress>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| WebAddress::parse(&text).ok()))
}

/// An instant for people: `2027-01-02 08:00 Europe/Paris (07:00 UTC)`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    Fact::moment(at, zone).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(at: &str, zone: &str, expected: &str) {
        assert_eq!(moment(at.parse().unwrap(), &TimeZone::get(zone).unwrap()), expected);
    }

    /// What an earlier version stored, with texts that it let pass, and an address in one of two forms.
    fn stored(url: &str) -> String {
        format!(
            r#"{{"slug":"hiver-2027","title":"Les journées\u200e magiques","markets":["FR"],"channel":"online",
            "audience":"public","url":"{url}","zone":"Europe/Paris","opens_at":"2027-01-02T07:00:00Z",
            "closes_at":"2027-01-06T07:00:00Z","offers":[],"mailings":[{{"name":"opening","kind":"opening",
            "not_before":"2027-01-02T07:00:00Z","not_after":"2027-01-06T07:00:00Z","languages":["fr"],
            "texts":{{"fr":{{"subject":"{}","intro":"Un.\n\nDeux."}}}}}}],"intent":{{}},"anchors":[]}}"#,
            "é".repeat(180)
        )
    }

    #[test]
    fn what_was_stored_before_is_still_read() {
        let schedule: Schedule = serde_json::from_str(&stored("https://shop.example.fr/été")).unwrap();
        assert_eq!(schedule.title.as_str(), "Les journées magiques");
        assert_eq!(schedule.url.unwrap().as_str(), "https://shop.example.fr/%C3%A9t%C3%A9");
        let texts = &schedule.mailings[0].texts[&Language::Fr];
        assert_eq!(texts.subject.as_ref().unwrap().chars().count(), 180);
        assert_eq!(texts.intro.as_ref().unwrap().as_str(), "Un.\n\nDeux.");
        let unfit: Schedule = serde_json::from_str(&stored("https://a@shop.example.fr/")).unwrap();
        assert_eq!(unfit.url, None);
    }

    #[test]
    fn instants_are_shown_with_their_zone() {
        check("2027-01-02T07:00:00Z", "Europe/Paris", "2027-01-02 08:00 Europe/Paris (07:00 UTC)");
        check("2027-02-02T23:00:00Z", "Europe/Paris", "2027-02-03 00:00 Europe/Paris (2027-02-02 23:00 UTC)");
        check("2027-01-02T07:00:09Z", "Europe/Paris", "2027-01-02 08:00:09 Europe/Paris (07:00:09 UTC)");
        check("2027-01-02T07:00:00Z", "UTC", "2027-01-02 07:00 UTC");
    }
}
