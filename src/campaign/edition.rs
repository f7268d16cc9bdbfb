//! A sale that is held again, as its `[edition]` says: when the next one is proposed, and which that is. What is proposed is a
//! [copy](super::Campaign::copy_for), which nobody applies but a person.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::resolve::edge_of;
use super::{Anchor, Campaign, SaleEdition, SeasonChange, slug_for};
use crate::calendar::Calendar;
use crate::document::Document;
use crate::text::Slug;

/// The next edition of a sale, as it can be proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextEdition {
    /// Its name, as a copy of the sale gets it.
    pub slug: Slug,
    /// Its season and year.
    pub edition: SaleEdition,
    /// When it opens; where only a person can say that, when the law's period is that it is anchored to.
    pub begins_at: Timestamp,
}

/// The next edition of `campaign` that is to be proposed at `now`: that of the first year in which it has not begun yet, once the sale
/// is over at `closes_at` and all its legal dates of that year are known. None while one of `applied`, the names of all campaigns
/// that were applied, comes between: the sale goes on from that one.
pub fn next_edition(
    campaign: &Campaign,
    closes_at: Timestamp,
    applied: &BTreeSet<Slug>,
    calendar: &Calendar,
    now: Timestamp,
) -> Option<NextEdition> {
    campaign.every.as_ref()?;
    let from = campaign.edition().filter(|_| closes_at <= now)?;
    let this_year = campaign.window.timezone.value.to_datetime(now).year();
    for year in from.year.checked_add(1)?..=from.year.max(this_year).checked_add(1)? {
        let edition = from.in_year(year);
        let season = SeasonChange::between(&from, &edition);
        let slug = slug_for(&campaign.slug, Some(season), year);
        if applied.contains(&slug) {
            return None;
        }
        if year < this_year {
            continue;
        }
        // What is not published for this year is not for a later one.
        let begins_at = begins(campaign, season, &slug, calendar)?;
        if begins_at > now {
            return Some(NextEdition { slug, edition, begins_at });
        }
    }
    None
}

/// When the copy for that season begins; none while a legal date of it is not known.
fn begins(campaign: &Campaign, season: SeasonChange<'_>, slug: &Slug, calendar: &Calendar) -> Option<Timestamp> {
    let copy = campaign.copy_for(Some(season), slug, Vec::new(), &ToString::to_string);
    let copy = Campaign::parse(&Document::new(slug.as_str(), copy.text)).ok()?;
    let markets = copy.markets.iter().map(|market| market.value).filter(|market| calendar.knows(market));
    let markets: Vec<_> = markets.collect();
    let mut dates = Vec::new();
    for written in copy.expressions() {
        let Anchor::Period(anchor) = &written.anchor else { continue };
        for market in &markets {
            let period = calendar.period(market, copy.channel.value, anchor.kind, &anchor.season, anchor.year).ok()?;
            dates.push(edge_of(&period, anchor.edge));
        }
    }
    let first = dates.first().copied()?;
    // A date of a person's own has not moved, and what is asked for may keep the rest from being reckoned.
    let window = &copy.window;
    let opens_by_law = match window.opens.anchor {
        Anchor::Period(_) => true,
        Anchor::Window(_) => matches!(window.closes.anchor, Anchor::Period(_)),
        Anchor::Civil(_) => false,
    };
    let resolved = if opens_by_law { copy.resolve(calendar).ok() } else { None };
    Some(resolved.map_or(first, |schedule| schedule.opens_at))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const CLOSES: &str = "2027-01-06T07:00:00Z";

    fn sale(edits: &[(&str, &str)]) -> Campaign {
        let own = ("[window]", "[edition]\nevery = \"winter\"\n\n[window]");
        Campaign::parse(&sample::with(&[&[own], edits].concat())).unwrap()
    }

    #[track_caller]
    fn check(edits: &[(&str, &str)], applied: &[&str], now: &str, expected: Option<(&str, &str, &str)>) {
        let applied = ["hiver-2027"].iter().chain(applied).map(|slug| slug.parse().unwrap()).collect();
        let (closes_at, now) = (CLOSES.parse().unwrap(), now.parse().unwrap());
        let next = next_edition(&sale(edits), closes_at, &applied, &Calendar::built_in(), now);
        let next = next.map(|next| (next.slug.to_string(), next.edition.to_string(), next.begins_at.to_string()));
        let next = next.as_ref().map(|(slug, edition, at)| (slug.as_str(), edition.as_str(), at.as_str()));
        assert_eq!(next, expected);
    }

    #[test]
    fn the_next_edition_is_due_once_the_sale_is_over() {
        let next = Some(("hiver-2028", "winter.2028", "2028-01-08T07:00:00Z"));
        check(&[], &[], "2027-01-06T06:59:59Z", None);
        check(&[], &[], CLOSES, next);
        check(&[], &[], "2028-01-08T06:59:59Z", next);
        // Nobody held it: the one after that.
        let later = Some(("hiver-2029", "winter.2029", "2029-01-06T07:00:00Z"));
        check(&[], &[], "2028-01-08T07:00:00Z", later);
        check(&[("every = \"winter\"", "every = \"year\"")], &[], CLOSES, next);
        check(&[("every = \"winter\"", "every = \"hiver\"")], &[], CLOSES, next);
    }

    #[test]
    fn what_was_applied_goes_on_from_there() {
        check(&[], &["hiver-2028"], CLOSES, None);
        check(&[], &["hiver-2028"], "2030-01-20T07:00:00Z", None);
        check(&[], &["club-2028"], CLOSES, Some(("hiver-2028", "winter.2028", "2028-01-08T07:00:00Z")));
    }

    #[test]
    fn nothing_is_due_while_a_legal_date_is_not_known() {
        let unpublished = ("markets = [\"FR\"]", "markets = [\"IT-BZ\"]");
        check(&[unpublished], &[], CLOSES, None);
        // A date that a person typed is asked for, and does not keep the law's from being known.
        let dated = ("opens = \"soldes.winter.2027 - 4 days at 08:00\"", "opens = \"2027-01-02 08:00\"");
        check(&[dated], &[], CLOSES, Some(("hiver-2028", "winter.2028", "2028-01-12T07:00:00Z")));
    }

    #[test]
    fn a_sale_comes_again_with_its_own_season() {
        for (edit, why) in [
            (
                ("every = \"winter\"", "every = \"summer\""),
                "the sale is anchored to `winter`, and comes again in `summer`",
            ),
            (("every = \"winter\"", "every = \"month\""), "`month` is not one of `winter`, `summer`, `year`"),
        ] {
            let own = ("[window]", "[edition]\nevery = \"winter\"\n\n[window]");
            let findings = Campaign::parse(&sample::with(&[own, edit])).unwrap_err();
            assert_eq!(findings.iter().map(|it| it.rule).collect::<Vec<_>>(), ["edition.every"]);
            let said = findings[0].message.to_string();
            assert!(said.contains(why), "{said}");
        }
    }
}
