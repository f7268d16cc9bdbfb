//! The price tag of an article in a sale: what it costs at an instant, and what that may be compared with. Both follow from the
//! price history whenever somebody looks, so a price that has moved since the campaign was applied is shown as it is, and where
//! it may be compared with nothing, there is nothing to compare it with.

use jiff::Timestamp;

use super::assessment::{Assessment, PriceVerdict, VerdictReason};
use super::history::{PriceHistory, PriceStretch};
use super::money::Money;
use super::prior::prior_price;
use super::reduction::Reduction;
use super::terms::{PricedSale, Terms};
use crate::calendar::PriorPrice;
use crate::campaign::AudienceClass;

/// What an article costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceTag {
    /// The price.
    pub price: Money,
    /// What it is compared with, where it may be.
    pub prior: Option<PriorTag>,
}

/// The price that another one is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriorTag {
    /// The price.
    pub price: Money,
    /// By how many whole percent the other lies below it.
    pub percent: u8,
    /// Which price it is.
    pub basis: PriorBasis,
}

/// Which price another one is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PriorBasis {
    /// The lowest of so many days before the reduction.
    LowestOf(u16),
    /// The one that was charged until then.
    Directly,
}

/// A price tag and since when it hangs there; none where there is nothing to say, as while the article is not for sale.
pub type TagStep = (Timestamp, Option<PriceTag>);

/// The tags of an article that `sale` offers at `offered`, from the opening on, one after the other. `law` is what the market asks;
/// none where that is not known, and then nothing is compared.
///
/// What the file offers holds until the history says otherwise: a row that begins with the sale or during it is what was charged.
pub fn price_tags(history: &PriceHistory, sale: &PricedSale, law: Option<&Terms>, offered: Money) -> Vec<TagStep> {
    // Each person has another price.
    if sale.audience == AudienceClass::Personal {
        return Vec::new();
    }
    let during = |from: &Timestamp| *from > sale.starts_at && sale.ends_at.is_none_or(|ends| *from < ends);
    let rows = history.stretches(sale.audience).map(|stretch| stretch.row.from).filter(during);
    let article = TaggedArticle { history, sale, law, offered };
    let mut tags: Vec<TagStep> = Vec::new();
    for since in std::iter::once(sale.starts_at).chain(rows) {
        let tag = article.tag(since);
        if tags.last().is_none_or(|(_, before)| *before != tag) {
            tags.push((since, tag));
        }
    }
    tags
}

/// What several markets say of one article: what they agree on. Nobody who looks says which market is meant, so what differs is
/// left out.
pub fn agreed_tags(markets: &[Vec<TagStep>]) -> Vec<TagStep> {
    let Some((first, others)) = markets.split_first() else { return Vec::new() };
    if others.is_empty() {
        return first.clone();
    }
    let mut steps: Vec<Timestamp> = markets.iter().flatten().map(|(since, _)| *since).collect();
    steps.sort_unstable();
    steps.dedup();
    let agreed = |at: Timestamp| {
        let tag = tag_at(first, at)?;
        let others: Option<Vec<PriceTag>> = others.iter().map(|tags| tag_at(tags, at)).collect();
        let others = others?;
        let same_price = others.iter().all(|other| other.price == tag.price);
        let same_prior = others.iter().all(|other| other.prior == tag.prior);
        same_price.then_some(PriceTag { prior: tag.prior.filter(|_| same_prior), ..tag })
    };
    let mut tags: Vec<TagStep> = steps.into_iter().map(|since| (since, agreed(since))).collect();
    tags.dedup_by(|later, earlier| later.1 == earlier.1);
    tags
}

/// The tag that hangs there at `at`.
pub(super) fn tag_at(tags: &[TagStep], at: Timestamp) -> Option<PriceTag> {
    tags.iter().rev().find(|(since, _)| *since <= at).and_then(|(_, tag)| *tag)
}

/// An article of a sale, with all that is known of its prices.
struct TaggedArticle<'a> {
    history: &'a PriceHistory,
    sale: &'a PricedSale,
    law: Option<&'a Terms>,
    offered: Money,
}

/// A price of the sale, since when it is charged, and by which campaign.
struct ChargedInSale<'a> {
    price: Money,
    since: Timestamp,
    campaign: Option<&'a str>,
}

impl<'a> TaggedArticle<'a> {
    fn tag(&self, at: Timestamp) -> Option<PriceTag> {
        let own = self.sale.campaign.as_deref();
        let latest = self.history.stretches(self.sale.audience).rev().find(|stretch| stretch.row.from <= at);
        let Some(stretch) = latest.filter(|stretch| stretch.row.from >= self.sale.starts_at) else {
            let charged = ChargedInSale { price: self.offered, since: self.sale.starts_at, campaign: own };
            return Some(PriceTag { price: self.offered, prior: self.prior(&charged) });
        };
        let price = stretch.row.price?;
        // A row that names no campaign is the sale's when it says what the sale offers, and an ordinary price when it does not.
        let campaign = match stretch.row.campaign.as_deref() {
            None if price == self.offered => own,
            named => named,
        };
        let is_ours = campaign.is_some_and(|slug| own == Some(slug) || self.sale.continues.iter().any(|it| it == slug));
        let charged = ChargedInSale { price, since: self.since(&stretch, price), campaign };
        Some(PriceTag { price, prior: if is_ours { self.prior(&charged) } else { None } })
    }

    /// Since when `price` is charged without a break within the sale: rows may repeat it.
    fn since(&self, stretch: &PriceStretch<'a>, price: Money) -> Timestamp {
        let earlier = self.history.stretches(self.sale.audience).rev().filter(|earlier| {
            let from = earlier.row.from;
            from < stretch.row.from && from >= self.sale.starts_at && earlier.until.is_none_or(|until| from < until)
        });
        let same = earlier.take_while(|earlier| earlier.row.price == Some(price));
        same.map(|earlier| earlier.row.from).min().unwrap_or(stretch.row.from)
    }

    /// What the law has it compared with.
    fn prior(&self, charged: &ChargedInSale<'_>) -> Option<PriorTag> {
        let law = self.law?;
        let reduction =
            Reduction { starts_at: charged.since, campaign: charged.campaign, ..law.reduction(charged.price) };
        let assessment = prior_price(self.history, &reduction, &law.rules, &law.zone).ok()?;
        let is_settled = assessment.verdict == PriceVerdict::Ok && assessment.reason == VerdictReason::Reduced;
        let (price, percent) =
            assessment.prior.zip(assessment.percent).filter(|(_, percent)| is_settled && *percent > 0)?;
        let basis = match &law.rules {
            PriorPrice::SelfComparison(_) => PriorBasis::Directly,
            _ => PriorBasis::LowestOf(days(&assessment)?),
        };
        Some(PriorTag { price, percent, basis })
    }
}

/// How many days were looked at.
fn days(assessment: &Assessment) -> Option<u16> {
    let (from, to) = assessment.evidence.window_from.as_ref().zip(assessment.evidence.window_to.as_ref())?;
    u16::try_from(from.date().until(to.date()).ok()?.get_days()).ok().filter(|days| *days > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, Channel};
    use crate::campaign::Naming;
    use crate::price::{Currency, PriceRow, PriceSource};

    const OPENS: &str = "2027-01-02T07:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn euros(whole: i64) -> Money {
        Money::new(whole * 100, Currency::EUR)
    }

    fn sale(market: &str, audience: AudienceClass) -> PricedSale {
        PricedSale {
            market: market.parse().unwrap(),
            channel: Channel::Online,
            audience,
            campaign: Some("hiver".to_owned()),
            continues: Vec::new(),
            starts_at: at(OPENS),
            ends_at: Some(at("2027-01-06T07:00:00Z")),
            naming: Naming::Other,
            liquidation: false,
        }
    }

    /// A history of `(since, euros or not for sale, campaign)`.
    fn history(rows: &[(&str, Option<i64>, Option<&str>)]) -> PriceHistory {
        let row = |(from, price, campaign): &(&str, Option<i64>, Option<&str>)| PriceRow {
            audience: AudienceClass::Public,
            from: at(from),
            price: price.map(euros),
            campaign: campaign.map(str::to_owned),
            source: PriceSource { file: "p.csv".into(), line: 1, note: None, corrected: None },
        };
        PriceHistory::complete(rows.iter().map(row).collect())
    }

    fn tags_in(market: &str, rows: &[(&str, Option<i64>, Option<&str>)]) -> Vec<TagStep> {
        let sale = sale(market, AudienceClass::Public);
        let law = Terms::of(&Calendar::built_in(), sale.clone()).unwrap();
        price_tags(&history(rows), &sale, Some(&law), euros(70))
    }

    /// `70`, `70 for 100, −30 %`, or `-`: what each tag says, with its day and hour.
    #[track_caller]
    fn check(rows: &[(&str, Option<i64>, Option<&str>)], expected: &[(&str, &str)]) {
        let said = |tag: &Option<PriceTag>| match tag {
            None => "-".to_owned(),
            Some(PriceTag { price, prior: None }) => price.amount(),
            Some(PriceTag { price, prior: Some(prior) }) => {
                assert_eq!(prior.basis, PriorBasis::LowestOf(30));
                format!("{} for {}, {} %", price.amount(), prior.price.amount(), prior.percent)
            }
        };
        let found: Vec<(String, String)> =
            tags_in("FR", rows).iter().map(|(since, tag)| (since.to_string(), said(tag))).collect();
        let expected: Vec<(String, String)> =
            expected.iter().map(|(since, said)| ((*since).to_owned(), (*said).to_owned())).collect();
        assert_eq!(found, expected);
    }

    const BEFORE: (&str, Option<i64>, Option<&str>) = ("2026-01-02T00:00:00Z", Some(100), None);

    #[test]
    fn what_the_file_offers_is_compared_with_the_lowest_price_before_it() {
        check(&[BEFORE], &[(OPENS, "70.00 for 100.00, 30 %")]);
        // Lower for a day, two weeks before.
        let lower = [BEFORE, ("2026-12-20T08:00:00Z", Some(80), None), ("2026-12-21T08:00:00Z", Some(100), None)];
        check(&lower, &[(OPENS, "70.00 for 80.00, 12 %")]);
        // It had been at the offered price lately: that is no reduction, and the price stands alone.
        let same = [BEFORE, ("2026-12-20T08:00:00Z", Some(70), None), ("2026-12-21T08:00:00Z", Some(100), None)];
        check(&same, &[(OPENS, "70.00")]);
        check(&[], &[(OPENS, "70.00")]);
    }

    #[test]
    fn a_price_that_moved_is_shown_as_it_is() {
        let own = (OPENS, Some(70), Some("hiver"));
        let deeper = ("2027-01-04T07:00:00Z", Some(60), Some("hiver"));
        check(
            &[BEFORE, own, deeper],
            &[(OPENS, "70.00 for 100.00, 30 %"), ("2027-01-04T07:00:00Z", "60.00 for 100.00, 40 %")],
        );
        // Up again, and down again: that is another reduction, from the lowest price of the days before it.
        let (up, down) = (("2027-01-03T07:00:00Z", Some(100), None), ("2027-01-04T07:00:00Z", Some(70), Some("hiver")));
        check(
            &[BEFORE, own, up, down],
            &[(OPENS, "70.00 for 100.00, 30 %"), ("2027-01-03T07:00:00Z", "100.00"), ("2027-01-04T07:00:00Z", "70.00")],
        );
        // Sold out.
        check(
            &[BEFORE, own, ("2027-01-03T07:00:00Z", None, None)],
            &[(OPENS, "70.00 for 100.00, 30 %"), ("2027-01-03T07:00:00Z", "-")],
        );
        // Another price from the start, which no campaign announced: it is told, and compared with nothing.
        check(&[BEFORE, (OPENS, Some(90), None)], &[(OPENS, "90.00")]);
        // What comes after the end is not of the sale.
        check(&[BEFORE, ("2027-01-06T07:00:00Z", Some(50), None)], &[(OPENS, "70.00 for 100.00, 30 %")]);
    }

    #[test]
    fn rows_that_repeat_the_price_are_no_new_reduction() {
        let again = ("2027-01-03T07:00:00Z", Some(70), None);
        check(&[BEFORE, (OPENS, Some(70), None), again], &[(OPENS, "70.00 for 100.00, 30 %")]);
    }

    #[test]
    fn where_the_law_is_not_known_nothing_is_compared() {
        let sale = sale("FR", AudienceClass::Public);
        let tags = price_tags(&history(&[BEFORE]), &sale, None, euros(70));
        assert_eq!(tags, [(at(OPENS), Some(PriceTag { price: euros(70), prior: None }))]);
        let personal = self::sale("FR", AudienceClass::Personal);
        assert_eq!(price_tags(&history(&[BEFORE]), &personal, None, euros(70)), []);
    }

    #[test]
    fn markets_tell_what_they_agree_on() {
        let prior = |price| PriorTag { price: euros(price), percent: 30, basis: PriorBasis::LowestOf(30) };
        let tag = |price, prior| Some(PriceTag { price: euros(price), prior });
        let (opens, later) = (at(OPENS), at("2027-01-03T07:00:00Z"));
        let france = vec![(opens, tag(70, Some(prior(100)))), (later, tag(60, None))];
        assert_eq!(agreed_tags(std::slice::from_ref(&france)), france);
        assert_eq!(agreed_tags(&[france.clone(), france.clone()]), france);
        let belgium = vec![(opens, tag(70, Some(prior(90)))), (later, tag(65, None))];
        assert_eq!(agreed_tags(&[france.clone(), belgium]), [(opens, tag(70, None)), (later, None)]);
        assert_eq!(agreed_tags(&[france, Vec::new()]), [(opens, None)]);
        assert_eq!(agreed_tags(&[]), []);
    }
}
