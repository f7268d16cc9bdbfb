//! What the law says about offers, as findings: prior price, resale below cost, age of the goods in a sales period.
//!
//! Prior prices are judged beforehand, with the history at hand; see [`super::prior_price`].

use jiff::Timestamp;

use super::assessment::{Assessment, PriceVerdict, VerdictReason};
use super::offer::{OfferList, PricedOffer};
use super::terms::Terms;
use crate::calendar::Age;
use crate::campaign::Naming;
use crate::finding::{Finding, Place, Severity};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};

/// Every finding on the offers of one file. `assessments` are those of the offers, in their order; `now` tells what has been asked from
/// what is planned.
pub fn check_offers<'a>(
    list: &OfferList,
    assessments: impl IntoIterator<Item = &'a Assessment>,
    terms: &Terms,
    now: Timestamp,
) -> Vec<Finding> {
    let mut findings = list.findings.clone();
    let assessments: Vec<&Assessment> = assessments.into_iter().collect();
    let judged = list.offers.iter().zip(assessments.iter().copied());
    findings.extend(judged.clone().filter_map(|(offer, assessment)| check_prior(list, offer, assessment, terms)));
    findings.extend(judged.filter_map(|(offer, assessment)| corrected(list, offer, assessment)));
    findings.extend(planned(list, &assessments, now));
    findings.extend(check_goods(list, terms));
    findings
}

/// That prior prices rest on prices that nobody has been asked yet at `now`: they are a plan, and history only once they apply.
fn planned(list: &OfferList, assessments: &[&Assessment], now: Timestamp) -> Option<Finding> {
    let judged = list.offers.iter().zip(assessments);
    let to_come = judged.filter_map(|(offer, assessment)| {
        let minimum = assessment.evidence.minimum.as_ref().filter(|minimum| minimum.from.timestamp() > now)?;
        Some((offer, minimum))
    });
    let to_come: Vec<_> = to_come.collect();
    let (first, minimum) = to_come.first()?;
    let latest = to_come.iter().map(|(_, minimum)| minimum.from.date()).max()?;
    let message = phrase!(
        "price-planned",
        count = to_come.len(),
        sku = first.sku.as_str(),
        prior = minimum.price,
        from = minimum.from.date()
    );
    let finding = Finding::warning("price.planned", list.place(first), message);
    Some(finding.mended_by(phrase!("price-planned-remedy", last = latest)))
}

/// The findings that need no price history: resale below cost, and the age of the goods.
pub fn check_goods(list: &OfferList, terms: &Terms) -> Vec<Finding> {
    let mut findings: Vec<Finding> = list.offers.iter().filter_map(|offer| check_cost(list, offer, terms)).collect();
    findings.extend(check_age(list, terms));
    findings
}

/// The finding that an assessment amounts to, if it does.
fn check_prior(list: &OfferList, offer: &PricedOffer, assessment: &Assessment, terms: &Terms) -> Option<Finding> {
    let (place, sku) = (list.place(offer), offer.sku.as_str());
    let mut finding = match (assessment.verdict, &assessment.reason, assessment.prior) {
        (PriceVerdict::Ok | PriceVerdict::NotRequired, ..) => return None,
        (PriceVerdict::Forbidden, VerdictReason::NoReduction, Some(prior)) => {
            let message = phrase!("price-no-reduction", sku = sku, price = offer.price, prior = prior);
            Finding::error("price.no-reduction", place, message)
        }
        (PriceVerdict::Forbidden, reason, _) => {
            let message = phrase!("price-no-prior-price", sku = sku, reason = reason.phrase());
            Finding::error("price.no-prior-price", place, message)
        }
        (PriceVerdict::Review, reason, _) => {
            let message = phrase!("price-review", sku = sku, reason = reason.phrase());
            Finding::warning("price.review", place, message)
        }
    };
    finding.law.clone_from(&terms.law);
    Some(finding)
}

/// That the answer rests on a price that somebody corrected: it was another one before.
fn corrected(list: &OfferList, offer: &PricedOffer, assessment: &Assessment) -> Option<Finding> {
    let minimum = assessment.evidence.minimum.as_ref()?;
    let correction = minimum.corrected.as_ref()?;
    let message = phrase!(
        "price-corrected",
        sku = offer.sku.as_str(),
        was = correction.was,
        price = minimum.price,
        on = correction.at.to_zoned_datetime(minimum.from.time_zone().clone()).date(),
        who = correction.by.as_str(),
        reason = correction.reason.as_str()
    );
    Some(Finding::note("price.corrected", list.place(offer), message))
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
    // A closing-down sale is exempt as the soldes are (code de commerce, art. L442-5 II).
    if terms.is_regulated_sale() || terms.sale.liquidation {
        return None;
    }
    let (sku, price) = (offer.sku.as_str(), offer.price);
    let message = match terms.sale.naming {
        Naming::Other if terms.period.is_some() => {
            phrase!("price-below-cost-other-name", sku = sku, price = price, cost = cost)
        }
        _ => phrase!("price-below-cost", sku = sku, price = price, cost = cost),
    };
    Some(Finding::new(severity, "price.below-cost", list.place(offer), message).under(law))
}

/// The age of goods in a sales period: offered, and where the law says so paid for, long enough before its first day.
fn check_age(list: &OfferList, terms: &Terms) -> Vec<Finding> {
    let (Some(first_day), Some(conditions)) = (terms.first_day(), &terms.conditions) else { return Vec::new() };
    let offered =
        conditions.offered_before.map(|age| Aging { column: "on_sale_since", age, of: |offer| offer.on_sale_since });
    let paid = conditions.paid_before.map(|age| Aging { column: "paid_on", age, of: |offer| offer.paid_on });
    [offered, paid]
        .into_iter()
        .flatten()
        .flat_map(|aging| aging.check(list, first_day))
        .map(|finding| Finding { law: conditions.text.clone(), ..finding })
        .collect()
}

/// One condition on the age of goods.
struct Aging {
    /// Where the file keeps it; the catalogues choose their words by it.
    column: &'static str,
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
            let message = phrase!(
                "price-stock-age-unknown",
                count = count,
                offers = list.offers.len(),
                column = self.column,
                line = Fact::text(first.line)
            );
            findings.push(Finding::warning("price.stock-age-unknown", place, message));
        }
        for offer in &list.offers {
            if let Some(day) = (self.of)(offer).filter(|day| *day > latest) {
                let message = phrase!(
                    "price-stock-age",
                    sku = offer.sku.as_str(),
                    column = self.column,
                    day = day,
                    latest = latest,
                    age = in_words(self.age),
                    first_day = first_day
                );
                findings.push(Finding::error("price.stock-age", list.place(offer), message));
            }
        }
        findings
    }
}

fn in_words(age: Age) -> Phrase {
    match age {
        Age::Days(days) => phrase!("age-in-days", count = days),
        Age::Months(months) => phrase!("age-in-months", count = months),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, Channel};
    use crate::campaign::AudienceClass;
    use crate::document::Document;
    use crate::language::InterfaceLanguage;
    use crate::price::{Currency, PricedSale};

    fn terms(market: &str, starts: &str, ends: Option<&str>) -> Terms {
        let sale = PricedSale {
            market: market.parse().unwrap(),
            channel: Channel::Online,
            audience: AudienceClass::Public,
            campaign: None,
            continues: Vec::new(),
            starts_at: starts.parse().unwrap(),
            ends_at: ends.map(|ends| ends.parse().unwrap()),
            naming: Naming::Regulated,
            liquidation: false,
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
        let declared = PricedSale { liquidation: true, ..before.sale.clone() };
        check(aged, &Terms::of(&Calendar::built_in(), declared).unwrap(), &[]);
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
        check(young_and_cheap, &renamed(Naming::Step), &aged);
        check(young_and_cheap, &renamed(Naming::Other), &["error price.below-cost o.csv:2"]);
    }

    #[test]
    fn findings_are_said_in_french() {
        let said = |rows: &str, terms: &Terms| -> Vec<String> {
            let text = format!("sku,price,purchase_cost,on_sale_since,paid_on\n{rows}");
            let list = OfferList::read(&Document::new("o.csv", text), Currency::EUR);
            let found = check_goods(&list, terms);
            found.iter().map(|finding| crate::phrase::in_words(&finding.message, InterfaceLanguage::Fr)).collect()
        };
        let soldes = terms("FR", "2026-06-25T07:00:00Z", None);
        assert_eq!(
            said("A,35,,2026-05-25,\nB,35,,2026-05-01,\n", &soldes),
            [
                "`A` est en vente depuis le 25 mai 2026, c’est-à-dire après le 24 mai 2026, limite fixée un mois avant \
                 le premier jour de la vente, le 24 juin 2026",
                "2 offres sur 2 ne disent pas depuis quand l’article est payé (`paid_on`), à commencer par la ligne 2",
            ]
        );
        let before = terms("FR", "2026-01-03T07:00:00Z", None);
        let [below] = said("A,1035,1040.5,2020-01-01,2020-01-01\n", &before).try_into().unwrap();
        let expected = "`A` est vendu à 1\u{202f}035,00\u{a0}€, au-dessous de son seuil de revente à perte de \
                        1\u{202f}040,50\u{a0}€ (prix net";
        assert!(below.starts_with(expected), "{below}");
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
