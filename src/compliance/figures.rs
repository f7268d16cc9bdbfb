//! What the texts of a campaign claim of its prices, held against those prices: a percentage that no article reaches, a
//! lowest price at which nothing is sold, an article for nothing that is paid for elsewhere.
//!
//! A reduction is computed from the prior price and from no other (Court of Justice, C-330/23), as `price check` does.

use std::ops::Range;

use super::CheckedCampaign;
use super::label::law_of_prior_prices;
use super::offers::Offers;
use super::texts;
use super::words::{Claim, Extent, PlacedText, StatedClaim, StatedFigures, UnreadFigure, stated_figures};
use crate::calendar::Market;
use crate::finding::{Finding, Severity};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::price::{Assessment, Money, PriceVerdict, VerdictReason};

/// « Jusqu’à » is said of a figure that at least one article in so many reaches. No text of law read gives a number; the
/// advertising regulator of the United Kingdom has taken a tenth as its rule of thumb (asa.org.uk, prices in general).
const ONE_IN: usize = 10;

/// The findings on figures in words.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let own = texts::of_campaign(subject.campaign, subject.schedule);
    let mut findings = Vec::new();
    for text in own.iter().chain(subject.texts) {
        for market in &subject.schedule.markets {
            let StatedFigures { claims, unread } = stated_figures(text, market.country());
            findings.extend(claims.iter().filter_map(|claim| judged(subject, *market, text, claim)));
            findings.extend(unread.iter().filter_map(|figure| not_read(subject, *market, text, figure)));
        }
    }
    findings
}

/// That a figure stands there of which nothing tells what it claims. A price that is asked, or was, needs no telling.
fn not_read(
    subject: &CheckedCampaign<'_>,
    market: Market,
    text: &PlacedText<'_>,
    figure: &UnreadFigure,
) -> Option<Finding> {
    let offers = || subject.offers.iter().filter(|offers| offers.terms.sale.market == market);
    let asked = offers().flat_map(|offers| &offers.list.offers).map(|offer| offer.price);
    let before = offers().flat_map(|offers| offers.assessments.iter().flatten()).filter_map(|it| it.prior);
    if figure.amount.is_some_and(|amount| asked.chain(before).any(|price| price == amount)) {
        return None;
    }
    let said = phrase!("words-figure-not-read", words = in_one_line(text, &figure.span));
    let finding = Finding::note("words.figures-not-held", text.document.place(figure.span.clone()), said);
    match subject.calendar.country(&market).and_then(law_of_prior_prices) {
        Some(law) => Some(finding.under(law)),
        None => Some(finding),
    }
}

/// The words at `span`, in one line.
fn in_one_line(text: &PlacedText<'_>, span: &Range<usize>) -> String {
    let words = text.document.text.get(span.clone()).unwrap_or_default();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is wrong with `claim` in `market`, if anything is.
fn judged(
    subject: &CheckedCampaign<'_>,
    market: Market,
    text: &PlacedText<'_>,
    claim: &StatedClaim,
) -> Option<Finding> {
    let offers: Vec<&Offers> = subject.offers.iter().filter(|offers| offers.terms.sale.market == market).collect();
    let words = in_one_line(text, &claim.span);
    let held = HeldClaim { claim, offers: &offers, market, words };
    let (law, finding) = match claim.claim {
        Claim::Reduction { percent, extent } => {
            let of_prices = subject.calendar.country(&market).and_then(law_of_prior_prices);
            let law = of_prices.into_iter().chain([claim.law().to_owned()]).collect::<Vec<_>>().join("; ");
            (law, held.reduction(percent, extent)?)
        }
        Claim::PriceFrom(claimed) => (claim.law().to_owned(), held.price_from(claimed)?),
        Claim::PriceNamed(claimed) => (claim.law().to_owned(), held.price_named(claimed)?),
        Claim::PriceAtMost(claimed) => (claim.law().to_owned(), held.price_at_most(claimed)?),
        Claim::InsteadOf(claimed) => (claim.law().to_owned(), held.instead_of(claimed)?),
        Claim::OnCondition { percent } => (claim.law().to_owned(), held.on_condition(percent)),
        Claim::LimitedStock | Claim::WhileStockLasts => return None,
    };
    let Wrong { rule, severity, said } = finding;
    let place = text.document.place(claim.span.clone());
    Some(Finding::new(severity, rule, place, said).under(law))
}

/// A rule that a claim breaks, how gravely, and what is said of it.
struct Wrong {
    rule: &'static str,
    severity: Severity,
    said: Phrase,
}

/// A claim, and the prices that it is held against.
struct HeldClaim<'a> {
    claim: &'a StatedClaim,
    /// Those of one market.
    offers: &'a [&'a Offers],
    market: Market,
    words: String,
}

impl HeldClaim<'_> {
    /// The message of the law about a claim that is untrue, with what is known of every claim.
    fn untrue(&self) -> Phrase {
        Phrase::new(self.claim.says()).with("words", self.words.as_str()).with("market", Fact::text(self.market))
    }

    /// The offers that the sentence names.
    fn named(&self) -> Vec<&Offers> {
        self.offers.iter().copied().filter(|offers| self.claim.speaks_of(offers.name.as_str())).collect()
    }

    fn reduction(&self, percent: u8, extent: Extent) -> Option<Wrong> {
        let named = self.named();
        let all = Reductions::of(self.offers);
        let meant = if named.is_empty() { Reductions::of(self.offers) } else { Reductions::of(&named) };
        if meant.known.is_empty() {
            return Some(self.not_held());
        }
        let (reached, articles) = (meant.reaching(percent), meant.known.len());
        let facts = |said: Phrase| {
            said.with("percent", percent).with("articles", count(articles)).with("may", meant.may_be_said())
        };
        let warning = |rule, said| Some(Wrong { rule, severity: Severity::Warning, said });
        if reached == 0 {
            // A figure that was rounded up, articles without a verdict, and a sentence that may be about other offers are
            // for a person to look at.
            let is_sure = all.unknown == 0 && all.most().saturating_add(1) < percent;
            let severity = if is_sure { self.claim.severity() } else { self.claim.severity().min(Severity::Warning) };
            let said = facts(self.untrue()).with("most", meant.most());
            return Some(Wrong { rule: self.claim.rule(), severity, said });
        }
        let (words, market) = (self.words.as_str(), Fact::text(self.market));
        match extent {
            Extent::All if reached < articles => warning(
                "words.reduction-not-everywhere",
                phrase!(
                    "words-reduction-not-everywhere",
                    words = words,
                    market = market,
                    percent = percent,
                    reached = count(reached),
                    articles = count(articles),
                    least = meant.least(),
                    may = meant.may_be_said()
                ),
            ),
            Extent::Some if meant.unknown == 0 && reached < meant.enough() => warning(
                "words.reduction-rarely-reached",
                phrase!(
                    "words-reduction-rarely-reached",
                    words = words,
                    market = market,
                    percent = percent,
                    reached = count(reached),
                    articles = count(articles),
                    may = meant.may_be_said()
                ),
            ),
            Extent::All | Extent::Some => None,
        }
    }

    fn price_from(&self, claimed: Money) -> Option<Wrong> {
        let prices = self.offers.iter().flat_map(|offers| &offers.list.offers).map(|offer| offer.price);
        let Some(lowest) = prices.filter(|price| price.currency == claimed.currency).min() else {
            return self.offers.is_empty().then(|| self.not_held());
        };
        if lowest <= claimed {
            return None;
        }
        let all_read = self.offers.iter().all(|offers| offers.list.findings.is_empty());
        let severity = if all_read { self.claim.severity() } else { self.claim.severity().min(Severity::Warning) };
        let said = self.untrue().with("claimed", claimed).with("lowest", lowest);
        Some(Wrong { rule: self.claim.rule(), severity, said })
    }

    /// A price that may be of anything is held against the offers that are named beside it.
    fn price_named(&self, claimed: Money) -> Option<Wrong> {
        let is_asked = |offers: &&Offers| offers.list.offers.iter().any(|offer| offer.price == claimed);
        if self.offers.iter().copied().any(|offers| is_asked(&offers)) {
            return None;
        }
        if self.offers.is_empty() || !self.named().is_empty() {
            return self.price_from(claimed);
        }
        let said = phrase!("words-figure-not-read", words = self.words.as_str());
        Some(Wrong { rule: "words.figures-not-held", severity: Severity::Note, said })
    }

    fn price_at_most(&self, claimed: Money) -> Option<Wrong> {
        let named = self.named();
        let meant = if named.is_empty() { self.offers } else { &named };
        let offers = meant.iter().flat_map(|offers| &offers.list.offers);
        let prices: Vec<Money> =
            offers.map(|offer| offer.price).filter(|price| price.currency == claimed.currency).collect();
        let dearer = prices.iter().filter(|price| **price > claimed).count();
        let Some(highest) = prices.iter().max().copied().filter(|_| 0 < dearer && dearer < prices.len()) else {
            return self.price_from(claimed);
        };
        let said = phrase!(
            "words-price-not-everywhere",
            words = self.words.as_str(),
            market = Fact::text(self.market),
            claimed = claimed,
            highest = highest,
            dearer = count(dearer),
            articles = count(prices.len())
        );
        Some(Wrong { rule: "words.price-not-offered", severity: Severity::Warning, said })
    }

    /// The price before is that which `price check` finds of an article, and no other.
    fn instead_of(&self, claimed: Money) -> Option<Wrong> {
        let mut priors = self.offers.iter().flat_map(|offers| offers.assessments.iter().flatten());
        if priors.any(|assessment| assessment.prior == Some(claimed)) {
            return None;
        }
        Some(Wrong { rule: self.claim.rule(), severity: self.claim.severity(), said: self.untrue() })
    }

    /// An offer on a condition is no reduction of a price. What is called free is paid for when the prices were raised.
    fn on_condition(&self, percent: Option<u8>) -> Wrong {
        let judged = self.offers.iter().flat_map(|offers| {
            let assessments = offers.assessments.iter().flatten();
            offers.list.offers.iter().zip(assessments).map(|(offer, assessment)| (offer.price, assessment.prior))
        });
        let priors: Vec<(Money, Money)> = judged.filter_map(|(price, prior)| Some((price, prior?))).collect();
        let dearer = priors.iter().filter(|(price, prior)| price > prior).count();
        if dearer > 0 {
            let said = self.untrue().with("dearer", count(dearer)).with("articles", count(priors.len()));
            return Wrong { rule: self.claim.rule(), severity: self.claim.severity(), said };
        }
        let words = self.words.as_str();
        let said = match percent {
            Some(percent) => phrase!("words-conditional-offer-in-figures", words = words, percent = percent),
            None => phrase!("words-conditional-offer", words = words),
        };
        Wrong { rule: "words.conditional-offer", severity: Severity::Note, said }
    }

    /// Nothing is known that the claim can be held against: what to give so that it can.
    fn not_held(&self) -> Wrong {
        let words = self.words.as_str();
        let said = if self.offers.is_empty() {
            phrase!("words-figures-without-offers", words = words)
        } else if self.offers.iter().all(|offers| offers.assessments.is_none()) {
            phrase!("words-figures-without-history", words = words)
        } else {
            phrase!("words-figures-without-verdict", words = words, market = Fact::text(self.market))
        };
        Wrong { rule: "words.figures-not-held", severity: Severity::Note, said }
    }
}

/// What `price check` finds for some offers.
struct Reductions {
    /// The percentages, of articles without a reduction 0.
    known: Vec<u8>,
    /// How many articles have none, because the law or the data leaves it open, or because their line cannot be read.
    unknown: usize,
}

impl Reductions {
    fn of(offers: &[&Offers]) -> Self {
        let mut reductions = Self { known: Vec::new(), unknown: 0 };
        for offers in offers {
            reductions.unknown += offers.list.findings.len();
            match &offers.assessments {
                Some(assessments) => {
                    let found: Vec<u8> = assessments.iter().filter_map(reduction).collect();
                    reductions.unknown += assessments.len() - found.len();
                    reductions.known.extend(found);
                }
                None => reductions.unknown += offers.list.offers.len(),
            }
        }
        reductions
    }

    fn reaching(&self, percent: u8) -> usize {
        self.known.iter().filter(|known| **known >= percent).count()
    }

    fn most(&self) -> u8 {
        self.known.iter().copied().max().unwrap_or_default()
    }

    fn least(&self) -> u8 {
        self.known.iter().copied().min().unwrap_or_default()
    }

    /// How many articles must reach a figure of which « jusqu’à » is said.
    fn enough(&self) -> usize {
        self.known.len().div_ceil(ONE_IN)
    }

    /// The largest figure of which « jusqu’à » may be said; 0 when too few articles are reduced at all.
    fn may_be_said(&self) -> u8 {
        let mut sorted = self.known.clone();
        sorted.sort_unstable_by(|one, other| other.cmp(one));
        let last = self.enough().saturating_sub(1);
        sorted.get(last).copied().unwrap_or_default()
    }
}

/// The percentage of one article. `None` when it is not settled.
fn reduction(assessment: &Assessment) -> Option<u8> {
    match (assessment.verdict, &assessment.reason) {
        (PriceVerdict::Ok, _) => assessment.percent,
        (PriceVerdict::Forbidden, VerdictReason::NoReduction) => Some(0),
        _ => None,
    }
}

fn count(number: usize) -> Fact {
    Fact::Count(i64::try_from(number).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::{Campaign, Naming, sample};
    use crate::document::Document;
    use crate::finding::each_once;
    use crate::language::InterfaceLanguage;
    use crate::phrase::in_words;
    use crate::price::{Currency, OfferList, PriceEvidence, PricedSale, Terms};
    use crate::text::Line;

    /// What is known of one article: the price before, when `price check` has one.
    #[derive(Clone, Copy)]
    enum Prior {
        Of(i64),
        Open,
    }

    fn assessment(price: i64, prior: Prior) -> Assessment {
        let money = |whole: i64| Money::new(whole * 100, Currency::EUR);
        let (verdict, reason, prior, percent) = match prior {
            Prior::Open => (PriceVerdict::Review, VerdictReason::NoHistory, None, None),
            Prior::Of(prior) if prior <= price => {
                (PriceVerdict::Forbidden, VerdictReason::NoReduction, Some(money(prior)), None)
            }
            Prior::Of(prior) => {
                let percent = money(price).percent_below(money(prior));
                (PriceVerdict::Ok, VerdictReason::Reduced, Some(money(prior)), percent)
            }
        };
        Assessment { verdict, reason, prior, percent, evidence: PriceEvidence::default() }
    }

    /// A price file called `name` with articles at a price each, and what was asked for them before.
    fn offers(market: &str, name: &str, articles: &[(i64, Prior)], with_history: bool) -> Offers {
        let mut rows = "sku,price\n".to_owned();
        for (at, (price, _)) in articles.iter().enumerate() {
            rows.extend(["A", &at.to_string(), ",", &price.to_string(), "\n"]);
        }
        let list = OfferList::read(&Document::new("o.csv", rows), Currency::EUR);
        let campaign = Campaign::parse(&sample::with(&[])).unwrap();
        let schedule = campaign.resolve(&Calendar::built_in()).unwrap();
        let sale = PricedSale::of(&schedule, market.parse().unwrap(), Naming::Other);
        let assessments = articles.iter().map(|(price, prior)| assessment(*price, *prior)).collect();
        Offers {
            past: Vec::new(),
            name: Line::parse(name).unwrap(),
            list,
            terms: Terms::of(&Calendar::built_in(), sale).unwrap(),
            assessments: with_history.then_some(assessments),
        }
    }

    /// What is found in a campaign that is called `title`.
    fn found(title: &str, offers: &[Offers]) -> Vec<Finding> {
        let campaign = Campaign::parse(&sample::with(&[("Les journées magiques", title)])).unwrap();
        let calendar = Calendar::built_in();
        let schedule = campaign.resolve(&calendar).unwrap();
        let subject = CheckedCampaign {
            campaign: &campaign,
            schedule: &schedule,
            calendar: &calendar,
            texts: &[],
            offers,
            members: None,
            record: None,
        };
        check(&subject)
    }

    #[track_caller]
    fn check_title(title: &str, articles: &[(i64, Prior)], expected: &[&str]) {
        let found = found(title, &[offers("FR", "Bottines", articles, true)]);
        let said: Vec<String> = found.iter().map(|finding| format!("{} {}", finding.severity, finding.rule)).collect();
        assert_eq!(said, expected, "{title}: {found:?}");
    }

    const THIRTY: (i64, Prior) = (70, Prior::Of(100));
    const FIFTY: (i64, Prior) = (50, Prior::Of(100));
    const NOTHING: (i64, Prior) = (100, Prior::Of(100));
    const OPEN: (i64, Prior) = (50, Prior::Open);

    #[test]
    fn a_percentage_is_that_of_the_prices() {
        let not_reached = ["error words.reduction-not-reached"];
        check_title("−50 % sur toutes les bottines", &[THIRTY, THIRTY], &not_reached);
        check_title("Tout à moitié prix", &[THIRTY], &not_reached);
        check_title("Jusqu’à −50 %", &[THIRTY], &not_reached);
        check_title("Up to 50 % off", &[THIRTY], &not_reached);
        check_title("−50 %", &[NOTHING], &not_reached);
        check_title("−30 % sur toutes les bottines", &[THIRTY, FIFTY], &[]);
        check_title("−50 %", &[FIFTY], &[]);
        check_title("Tout à moitié prix", &[FIFTY], &[]);
        check_title("Bottines 100 % cuir", &[THIRTY], &[]);
    }

    #[test]
    fn the_share_of_articles_decides_what_a_person_must_look_at() {
        let not_everywhere = ["warning words.reduction-not-everywhere"];
        check_title("−50 %", &[THIRTY, FIFTY], &not_everywhere);
        check_title("Dès −30 %", &[THIRTY, NOTHING], &not_everywhere);
        check_title("−50 % sur une sélection", &[THIRTY, FIFTY], &[]);
        check_title("De −30 % à −50 %", &[THIRTY, FIFTY], &[]);
        let one_in = |articles: usize| [vec![THIRTY; articles - 1], vec![FIFTY]].concat();
        check_title("Jusqu’à −50 %", &one_in(10), &[]);
        check_title("Jusqu’à −50 %", &one_in(11), &["warning words.reduction-rarely-reached"]);
    }

    /// What a machine cannot be sure of is no error.
    #[test]
    fn doubt_makes_a_warning_of_an_error() {
        let warning = ["warning words.reduction-not-reached"];
        check_title("−50 %", &[THIRTY, OPEN], &warning);
        // 49.5 % was rounded up.
        check_title("−50 %", &[(101, Prior::Of(200))], &warning);
        check_title("−50 %", &[OPEN], &["note words.figures-not-held"]);
        let others = [offers("FR", "Bottines", &[THIRTY], true), offers("FR", "Sacs", &[FIFTY], true)];
        let said = |title| found(title, &others).iter().map(|found| found.severity).collect::<Vec<_>>();
        assert_eq!(said("−50 % sur les bottines"), [Severity::Warning]);
        assert_eq!(said("−60 % sur les bottines"), [Severity::Error]);
        assert_eq!(said("−50 % sur les sacs"), []);
        assert_eq!(said("−50 % sur les sacs et −30 % sur les bottines"), []);
    }

    #[test]
    fn a_claim_without_prices_says_what_to_give() {
        let said = |found: Vec<Finding>| {
            let [finding] = found.try_into().unwrap();
            assert_eq!((finding.rule, finding.severity), ("words.figures-not-held", Severity::Note));
            finding.remedy.to_string()
        };
        assert!(said(found("−50 %", &[])).contains("`[[offers]]`"));
        assert!(said(found("Dès 29 €", &[])).contains("`[[offers]]`"));
        let without = [offers("FR", "Bottines", &[THIRTY], false)];
        assert!(said(found("−50 %", &without)).contains("carillon price import"));
        assert_eq!(found("Dès 70 €", &without), []);
    }

    #[test]
    fn a_lowest_price_is_that_of_an_offer() {
        check_title("Bottines dès 69 €", &[THIRTY, NOTHING], &["error words.price-not-offered"]);
        check_title("Bottines dès 69,99 €", &[THIRTY], &["error words.price-not-offered"]);
        check_title("Bottines dès 70 €", &[THIRTY, NOTHING], &[]);
        check_title("Livraison offerte dès 60 €", &[THIRTY], &[]);
        check_title("Dès 60 CHF", &[THIRTY], &[]);
    }

    #[test]
    fn what_is_called_free_is_not_paid_for_elsewhere() {
        check_title("2 achetés, 1 offert", &[NOTHING], &["note words.conditional-offer"]);
        check_title("2 achetés, 1 offert", &[(120, Prior::Of(100))], &["warning words.free-article-paid"]);
        let [finding] = found("2 achetées, 1 offerte", &[]).try_into().unwrap();
        assert!(finding.message.to_string().contains("33 %"), "{}", finding.message);
    }

    /// Each market has its own prices and its own law.
    #[test]
    fn every_market_is_told_its_own_law() {
        let markets = [
            ("[\"FR\"]", "[\"FR\", \"DE\"]"),
            ("soldes.winter.2027 - 4 days at 08:00", "2027-01-02 08:00"),
            ("\"soldes.winter.2027\"", "\"2027-01-03 08:00\""),
            ("Les journées magiques", "−50 %"),
        ];
        let campaign = Campaign::parse(&sample::with(&markets)).unwrap();
        let calendar = Calendar::built_in();
        let schedule = campaign.resolve(&calendar).unwrap();
        let both = [offers("FR", "Bottines", &[THIRTY], true), offers("DE", "Bottines", &[(60, Prior::Of(100))], true)];
        let judged = |offers: &[Offers]| {
            let (campaign, schedule, calendar) = (&campaign, &schedule, &calendar);
            each_once(check(&CheckedCampaign {
                campaign,
                schedule,
                calendar,
                texts: &[],
                offers,
                members: None,
                record: None,
            }))
        };
        let [france, germany] = judged(&both[..]).try_into().unwrap();
        let law = |finding: &Finding| finding.law.clone().unwrap();
        assert!(law(&france).contains("L112-1-1") && law(&france).contains("L121-2"), "{france:?}");
        assert!(law(&germany).contains("PAngV") && !law(&germany).contains("L121-2"), "{germany:?}");
        assert!(germany.message.to_string().contains("40 %"), "{}", germany.message);
        // Without prices there is one note, under the law of both.
        let [note] = judged(&[]).try_into().unwrap();
        assert!(law(&note).contains("L112-1-1") && law(&note).contains("PAngV"), "{note:?}");
    }

    /// What a remedy says to write passes.
    #[test]
    fn what_may_be_said_instead_is_true() {
        let files = [vec![THIRTY; 4], vec![THIRTY, FIFTY, NOTHING], vec![(95, Prior::Of(100)); 12], vec![FIFTY]];
        let mut quoted = 0;
        for articles in &files {
            for title in ["−70 %", "Jusqu’à −50 %", "−40 % sur tout", "Bottines dès 19 €"] {
                let known = [offers("FR", "Bottines", articles, true)];
                for finding in found(title, &known) {
                    for language in [InterfaceLanguage::Fr, InterfaceLanguage::En] {
                        let remedy = in_words(&finding.remedy, language);
                        for words in remedy.split('«').skip(1).filter_map(|rest| rest.split('»').next()) {
                            let words = words.trim_matches(|ch: char| ch.is_whitespace());
                            assert_eq!(found(words, &known), [], "{title}: {remedy}");
                            quoted += 1;
                        }
                    }
                }
            }
        }
        assert!(quoted > 20, "{quoted}");
    }
}
