//! What the law says about offers, as findings: prior price, resale below cost, age of the goods in a sales period.
//!
//! Prior prices are judged beforehand, with the history at hand; see [`super::prior_price`].

use super::assessment::{Assessment, PriceVerdict, VerdictReason};
use super::offer::{OfferList, PricedOffer};
use super::terms::Terms;
use crate::calendar::Age;
use crate::campaign::Naming;
use crate::finding::{Finding, Place, Severity};

/// Every finding on the offers of one file. `assessments` are those of the offers, in their order.
pub fn check_offers<'a>(
    list: &OfferList,
    assessments: impl IntoIterator<Item = &'a Assessment>,
    terms: &Terms,
) -> Vec<Finding> {
    let mut findings = list.findings.clone();
    let judged = list.offers.iter().zip(assessments);
    findings.extend(judged.filter_map(|(offer, assessment)| check_prior(list, offer, assessment, terms)));
    findings.extend(check_goods(list, terms));
    findings
}

/// The findings that need no price history: resale below cost, and the age of the goods.
pub fn check_goods(list: &OfferList, terms: &Terms) -> Vec<Finding> {
    let mut findings: Vec<Finding> = list.offers.iter().filter_map(|offer| check_cost(list, offer, terms)).collect();
    findings.extend(check_age(list, terms));
    findings
}

/// The finding that an assessment amounts to, if it does.
fn check_prior(list: &OfferList, offer: &PricedOffer, assessment: &Assessment, terms: &Terms) -> Option<Finding> {
    let place = list.place(offer);
    let mut finding = match (assessment.verdict, &assessment.reason, assessment.prior) {
        (PriceVerdict::Ok | PriceVerdict::NotRequired, ..) => return None,
        (PriceVerdict::Forbidden, VerdictReason::NoReduction, Some(prior)) => Finding::plain_error(
            "price.no-reduction",
            place,
            format!("`{}` at {} is no reduction: the lowest price before it is {prior}", offer.sku, offer.price),
            format!("go below {prior}, or leave the article out of the announcement"),
        ),
        (PriceVerdict::Forbidden, reason, _) => Finding::plain_error(
            "price.no-prior-price",
            place,
            format!("`{}` cannot be announced as reduced: {reason}", offer.sku),
            "import its price history, or leave the article out of the announcement",
        ),
        (PriceVerdict::Review, reason, _) => Finding::plain_warning(
            "price.review",
            place,
            format!("`{}` needs a look: {reason}", offer.sku),
            "decide, and keep a note of why",
        ),
    };
    finding.law.clone_from(&terms.law);
    Some(finding)
}

/// Resale below cost. France forbids it outside the soldes (code de commerce, art. L442-5), Belgium too by a rule whose
/// standing under European law is disputed; Luxembourg gave it up, and no other country's file asks for it.
fn check_cost(list: &OfferList, offer: &PricedOffer, terms: &Terms) -> Option<Finding> {
    let (severity, law) = match terms.sale.market.country() {
        "FR" => (Severity::Error, "code de commerce, art. L442-5"),
        "BE" => (Severity::Warning, "code de droit économique, livre VI"),
        _ => return None,
    };
    let cost = offer.purchase_cost.filter(|cost| offer.price < *cost)?;
    if terms.is_regulated_sale() {
        return None;
    }
    let exempt = match terms.sale.naming {
        Naming::Other if terms.period.is_some() => "the soldes are exempt, and this sale is not called soldes",
        _ => "it lies outside the soldes, which are exempt",
    };
    let message = format!(
        "`{}` is sold at {}, below its cost of {cost} (net invoice price, less the supplier's other advantages, plus \
         taxes and transport); {exempt}",
        offer.sku, offer.price
    );
    let remedy = format!(
        "raise it to {cost} or more, or waive this with the exception that applies: closing down, seasonal goods at \
         the end of their season, goods out of fashion or outdated, cheaper restocking, an aligned price in a small \
         shop, perishables about to spoil"
    );
    Some(Finding {
        severity,
        ..Finding::plain_error("price.below-cost", list.place(offer), message, remedy).under(law)
    })
}

/// The age of goods in a sales period: offered, and where the law says so paid for, long enough before its first day.
fn check_age(list: &OfferList, terms: &Terms) -> Vec<Finding> {
    let (Some(first_day), Some(conditions)) = (terms.first_day(), &terms.conditions) else { return Vec::new() };
    let offered = conditions.offered_before.map(|age| Aging {
        column: "on_sale_since",
        done: "on sale",
        age,
        of: |offer| offer.on_sale_since,
    });
    let paid =
        conditions.paid_before.map(|age| Aging { column: "paid_on", done: "paid for", age, of: |offer| offer.paid_on });
    [offered, paid]
        .into_iter()
        .flatten()
        .flat_map(|aging| aging.check(list, first_day))
        .map(|finding| Finding { law: conditions.text.clone(), ..finding })
        .collect()
}

/// One condition on the age of goods.
struct Aging {
    column: &'static str,
    done: &'static str,
    age: Age,
    of: fn(&PricedOffer) -> Option<jiff::civil::Date>,
}

impl Aging {
    fn check(&self, list: &OfferList, first_day: jiff::civil::Date) -> Vec<Finding> {
        let Some(latest) = self.age.before(first_day) else { return Vec::new() };
        let mut findings = Vec::new();
        let mut undated = list.offers.iter().filter(|offer| (self.of)(offer).is_none());
        if let Some(first) = undated.next() {
            let count = undated.count() + 1;
            let place = Place { line: Some(first.line), ..Place::file(&list.file) }.with_words(self.column);
            findings.push(Finding::plain_warning(
                "price.stock-age-unknown",
                place,
                format!(
                    "{count} of {} offers do not say since when they are {} (`{}`), the first on line {}",
                    list.offers.len(),
                    self.done,
                    self.column,
                    first.line
                ),
                format!("fill in `{}`, and keep the proof at hand: inspectors ask for it", self.column),
            ));
        }
        for offer in &list.offers {
            if let Some(day) = (self.of)(offer).filter(|day| *day > latest) {
                findings.push(Finding::plain_error(
                    "price.stock-age",
                    list.place(offer),
                    format!(
                        "`{}` is {} since {day}, later than {latest}, which is {} before the first day of the sale, \
                         {first_day}",
                        offer.sku, self.done, self.age
                    ),
                    "leave the article out of the sale; it may be sold as an ordinary promotion under another name",
                ));
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, Channel};
    use crate::campaign::AudienceClass;
    use crate::document::Document;
    use crate::price::{Currency, PricedSale};

    fn terms(market: &str, starts: &str, ends: Option<&str>) -> Terms {
        let sale = PricedSale {
            market: market.parse().unwrap(),
            channel: Channel::Online,
            audience: AudienceClass::Public,
            campaign: None,
            starts_at: starts.parse().unwrap(),
            ends_at: ends.map(|ends| ends.parse().unwrap()),
            naming: Naming::Regulated,
        };
        Terms::of(&Calendar::built_in(), sale).unwrap()
    }

    #[track_caller]
    fn check(rows: &str, terms: &Terms, expected: &[&str]) {
        let text = format!("sku,price,purchase_cost,on_sale_since,paid_on\n{rows}");
        let list = OfferList::read(&Document::new("o.csv", text), Currency::EUR);
        assert_eq!(list.findings, []);
        let found: Vec<String> = check_goods(&list, terms)
            .iter()
            .map(|finding| format!("{} {} {}", finding.severity, finding.rule, finding.place))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn below_cost_is_an_error_outside_the_soldes_only() {
        let aged = "A,35,40,2020-01-01,2020-01-01\nB,40,40,2020-01-01,2020-01-01\n";
        let before = terms("FR", "2026-01-03T07:00:00Z", None);
        check(aged, &before, &["error price.below-cost o.csv:2"]);
        // The winter soldes of 2026 began on 7 January.
        check(aged, &terms("FR", "2026-01-08T07:00:00Z", None), &[]);
        let long = terms("FR", "2026-01-08T07:00:00Z", Some("2026-03-01T00:00:00Z"));
        check(aged, &long, &["error price.below-cost o.csv:2"]);
    }

    /// The exception and the conditions of the soldes are those of what is called soldes.
    #[test]
    fn a_promotion_under_another_name_is_no_soldes() {
        let soldes = terms("FR", "2027-01-06T08:00:00Z", Some("2027-01-20T08:00:00Z"));
        let renamed = |naming| Terms::of(&Calendar::built_in(), PricedSale { naming, ..soldes.sale.clone() }).unwrap();
        let young_and_cheap = "A,70,90,2026-12-16,2026-12-16\n";
        let aged = ["error price.stock-age o.csv:2", "error price.stock-age o.csv:2"];
        check(young_and_cheap, &renamed(Naming::Regulated), &aged);
        check(young_and_cheap, &renamed(Naming::Unknown), &aged);
        check(young_and_cheap, &renamed(Naming::Other), &["error price.below-cost o.csv:2"]);
    }

    #[test]
    fn goods_in_the_soldes_are_a_calendar_month_old() {
        // The summer soldes of 2026 began on 24 June.
        let soldes = terms("FR", "2026-06-25T07:00:00Z", None);
        check("A,35,,2026-05-24,2026-05-24\n", &soldes, &[]);
        check("A,35,,2026-05-25,2026-05-24\n", &soldes, &["error price.stock-age o.csv:2"]);
        check("A,35,,2026-05-24,2026-05-25\n", &soldes, &["error price.stock-age o.csv:2"]);
        check(
            "A,35,,2026-05-01,\nB,35,,,\n",
            &soldes,
            &["warning price.stock-age-unknown o.csv:3", "warning price.stock-age-unknown o.csv:2"],
        );
        check("A,35,,2026-06-20,\n", &terms("FR", "2026-06-20T07:00:00Z", None), &[]);
    }
}
