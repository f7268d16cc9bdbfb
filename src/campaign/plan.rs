//! The difference that applying a schedule would make to the one that is applied. Pure: two schedules in, changes out.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use super::{PlannedArticle, PlannedTexts, PlannedWords, PricesShown, Schedule};
use crate::member::ListName;
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::text::{Line, Slug, WebAddress};

/// What would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Plan {
    /// The campaign.
    pub slug: Slug,
    /// Whether there is nothing applied under this name yet.
    pub new: bool,
    /// The changes, in the order of a campaign file. Empty when applying would change nothing.
    pub changes: Vec<Change>,
}

/// One value that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The key, such as `window.opens` or `mailings.announcement.not_after`.
    pub field: String,
    /// What is applied; nothing for a value that is new.
    pub was: Option<Shown>,
    /// What would be applied; nothing for a value that goes away.
    pub will_be: Option<Shown>,
}

/// A value of a schedule, for people and programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A text.
    Text(String),
    /// An instant, in the zone of its campaign, and the words it came from.
    At {
        /// The instant.
        at: Timestamp,
        /// The zone.
        zone: TimeZone,
        /// The words.
        intent: Option<String>,
    },
}

impl Shown {
    /// The value without the words it came from.
    pub(super) fn fact(&self) -> Fact {
        match self {
            Self::Text(text) => text.into(),
            Self::At { at, zone, .. } => Fact::moment(*at, zone),
        }
    }

    /// The value with the words it came from.
    fn phrase(&self) -> Phrase {
        match self {
            Self::At { intent: Some(intent), .. } => phrase!("plan-from", at = self.fact(), words = intent.as_str()),
            _ => phrase!("plan-value", value = self.fact()),
        }
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::At { at, zone, .. } => {
                let offset = zone.to_offset(*at);
                serializer.collect_str(&at.display_with_offset(offset))
            }
        }
    }
}

impl Plan {
    /// Compares what is applied, if anything, with what would be.
    pub fn between(applied: Option<&Schedule>, next: &Schedule) -> Self {
        let was = applied.map(facts).unwrap_or_default();
        let will_be = facts(next);
        let find = |facts: &[(String, Shown)], field: &str| {
            facts.iter().find(|(known, _)| known == field).map(|(_, shown)| shown.clone())
        };
        let mut changes: Vec<Change> = will_be
            .iter()
            .map(|(field, shown)| Change { field: field.clone(), was: find(&was, field), will_be: Some(shown.clone()) })
            .collect();
        let gone = was.iter().filter(|(field, _)| find(&will_be, field).is_none());
        changes.extend(gone.map(|(field, shown)| Change {
            field: field.clone(),
            was: Some(shown.clone()),
            will_be: None,
        }));
        changes.retain(|change| change.was != change.will_be);
        Self { slug: next.slug.clone(), new: applied.is_none(), changes }
    }

    /// Whether applying would change nothing.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl Plan {
    /// One line for each change, each after what stands before it: `+` new, `-` gone, `~` changed.
    pub fn lines(&self) -> Vec<(&'static str, Phrase)> {
        let slug = Fact::text(&self.slug);
        let head = match (self.new, self.changes.is_empty()) {
            (true, _) => phrase!("plan-new", slug = slug),
            (false, true) => phrase!("plan-unchanged", slug = slug),
            (false, false) => phrase!("plan-changed", slug = slug),
        };
        let mut lines = vec![("", head)];
        for Change { field, was, will_be } in &self.changes {
            let field = field.as_str();
            match (was, will_be) {
                (Some(was), Some(will_be)) => lines.extend([
                    ("  ~ ", phrase!("plan-field", field = field)),
                    ("      ", phrase!("plan-was", value = was.phrase())),
                    ("      ", phrase!("plan-will-be", value = will_be.phrase())),
                ]),
                (None, Some(shown)) => {
                    lines.push(("  + ", phrase!("plan-one-value", field = field, value = shown.phrase())));
                }
                (Some(shown), None) => {
                    lines.push(("  - ", phrase!("plan-one-value", field = field, value = shown.phrase())));
                }
                (None, None) => {}
            }
        }
        lines
    }
}

impl fmt::Display for Plan {
    /// Its lines, in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().iter().try_for_each(|(before, line)| writeln!(f, "{before}{line}"))
    }
}

/// Every value of a schedule under the key that a person knows, in the order of a campaign file.
fn facts(schedule: &Schedule) -> Vec<(String, Shown)> {
    let mut facts = PlanRows { schedule, zone: schedule.time_zone(), list: Vec::new() };
    let markets: Vec<String> = schedule.markets.iter().map(ToString::to_string).collect();
    facts.text("title", Some(&schedule.title));
    facts.text("label", schedule.label.as_ref());
    facts.text("markets", Some(&markets.join(", ")));
    facts.text("channel", Some(&schedule.channel));
    facts.text("audience", Some(&schedule.audience));
    if let Some(group) = &schedule.group {
        facts.text("group.who", Some(&group.who));
        facts.text("group.fixed_on", Some(&group.fixed_on));
        facts.text("group.joinable", Some(&group.joinable));
        facts.text("group.size", group.size.as_ref());
        facts.text("group.list", group.list.as_ref());
    }
    if let Some(declaration) = &schedule.declaration {
        facts.text("declaration.kind", Some(&declaration.kind));
        facts.text("declaration.receipt", declaration.receipt.as_ref());
        facts.text("declaration.ground", declaration.ground.as_ref());
    }
    let continued: Vec<&str> = schedule.continues.iter().map(Slug::as_str).collect();
    facts.text("continues", Some(&continued.join(", ")).filter(|slugs| !slugs.is_empty()));
    facts.text("unlisted", schedule.unlisted.then_some(&true));
    facts.text("sector", schedule.sector.as_ref());
    facts.text("show_prices", Some(&schedule.show_prices).filter(|shown| **shown != PricesShown::default()));
    facts.text("url", schedule.url.as_ref());
    facts.text("picture", schedule.picture.as_ref());
    facts.text("edition.every", schedule.every.as_ref());
    for (language, PlannedWords { title, intro, button, alt }) in &schedule.words {
        for (key, text) in [("title", title), ("button", button), ("alt", alt)] {
            facts.text(&format!("words.{language}.{key}"), text.as_ref());
        }
        facts.text(&format!("words.{language}.intro"), intro.as_ref());
    }
    facts.text("window.timezone", Some(&schedule.zone));
    facts.text("window.in_gap", schedule.in_gap.as_ref());
    facts.text("window.in_overlap", schedule.in_overlap.as_ref());
    facts.instant("window.opens".to_owned(), schedule.opens_at);
    facts.instant("window.closes".to_owned(), schedule.closes_at);
    if let Some(from) = schedule.announce_from {
        facts.instant("window.announce_from".to_owned(), from);
    }
    for offer in &schedule.offers {
        facts.text(&format!("offers.{}", offer.name), Some(&offer.prices));
        facts.text(&format!("offers.{}.sheet", offer.name), offer.sheet.as_ref());
        for article in &offer.articles {
            let PlannedArticle { sku, name, picture, url, price, currency } = article;
            let parts = [Some(name.as_str()), Some(price), currency.as_deref()];
            let parts =
                parts.into_iter().chain([picture.as_ref().map(Line::as_str), url.as_ref().map(WebAddress::as_str)]);
            let shown: Vec<&str> = parts.flatten().collect();
            facts.text(&format!("offers.{}.{sku}", offer.name), Some(&shown.join(", ")));
        }
    }
    for mailing in &schedule.mailings {
        let name = &mailing.name;
        let languages: Vec<String> = mailing.languages.iter().map(ToString::to_string).collect();
        facts.text(&format!("mailings.{name}.kind"), Some(&mailing.kind));
        facts.instant(format!("mailings.{name}.not_before"), mailing.not_before);
        facts.instant(format!("mailings.{name}.not_after"), mailing.not_after);
        facts.text(&format!("mailings.{name}.languages"), Some(&languages.join(", ")));
        let to: Vec<&str> = mailing.to.iter().map(ListName::as_str).collect();
        facts.text(&format!("mailings.{name}.to"), Some(&to.join(", ")).filter(|lists| !lists.is_empty()));
        let not: Vec<&str> = mailing.not.iter().map(ListName::as_str).collect();
        facts.text(&format!("mailings.{name}.not"), Some(&not.join(", ")).filter(|lists| !lists.is_empty()));
        for (language, texts) in &mailing.texts {
            let PlannedTexts { subject, headline, intro } = texts;
            for (key, text) in [("subject", subject), ("headline", headline), ("intro", intro)] {
                facts.text(&format!("mailings.{name}.texts.{language}.{key}"), text.as_ref());
            }
        }
    }
    facts.list
}

struct PlanRows<'a> {
    schedule: &'a Schedule,
    zone: TimeZone,
    list: Vec<(String, Shown)>,
}

impl PlanRows<'_> {
    fn text(&mut self, field: &str, value: Option<&impl ToString>) {
        if let Some(value) = value {
            self.list.push((field.to_owned(), Shown::Text(value.to_string())));
        }
    }

    fn instant(&mut self, field: String, at: Timestamp) {
        let intent: &BTreeMap<String, String> = &self.schedule.intent;
        let shown = Shown::At { at, zone: self.zone.clone(), intent: intent.get(&field).cloned() };
        self.list.push((field, shown));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Campaign, sample};
    use super::*;
    use crate::calendar::Calendar;

    #[track_caller]
    fn schedule(edits: &[(&str, &str)]) -> Schedule {
        Campaign::parse(&sample::with(edits)).unwrap().resolve(&Calendar::built_in()).unwrap()
    }

    #[test]
    fn a_plan_tells_old_and_new_with_both_zones() {
        let edits =
            [("- 4 days at 08:00", "- 5 days at 09:00"), ("title = \"Les", "label = \"Bientôt\"\ntitle = \"Les")];
        let plan = Plan::between(Some(&schedule(&edits)), &schedule(&[]));
        let expected = "\
hiver-2027: what would change
  ~ window.opens
      was      2027-01-01 09:00 Europe/Paris (08:00 UTC), from `soldes.winter.2027 - 5 days at 09:00`
      will be  2027-01-02 08:00 Europe/Paris (07:00 UTC), from `soldes.winter.2027 - 4 days at 08:00`
  ~ mailings.announcement.not_before
      was      2026-12-31 10:00 Europe/Paris (09:00 UTC), from `window.opens - 1 day at 10:00`
      will be  2027-01-01 10:00 Europe/Paris (09:00 UTC), from `window.opens - 1 day at 10:00`
  ~ mailings.announcement.not_after
      was      2027-01-01 09:00 Europe/Paris (08:00 UTC), from `window.opens`
      will be  2027-01-02 08:00 Europe/Paris (07:00 UTC), from `window.opens`
  - label: Bientôt
";
        assert_eq!(plan.to_string(), expected);
        let json = serde_json::to_value(&plan).unwrap();
        assert_eq!(json["changes"][0]["was"], "2027-01-01T09:00:00+01:00");
        assert_eq!(json["changes"][3]["will_be"], serde_json::Value::Null);
    }

    #[test]
    fn the_same_schedule_is_no_change() {
        let mut other = schedule(&[]);
        other.zone_version = Some("2026c".to_owned());
        let plan = Plan::between(Some(&schedule(&[])), &other);
        assert!(plan.is_empty());
        assert_eq!(plan.to_string(), "hiver-2027: nothing would change\n");
        assert!(other.says_the_same_as(&schedule(&[])));
    }
}
