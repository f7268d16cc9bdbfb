use jiff::civil::DateTime;

use super::super::history::PriceSource;
use super::super::money::Currency;
use super::*;
use crate::calendar::{Age, Confidence, GroupRule, Progressive, SelfComparison};

/// A case: a history and a reduction, in words close to those of the people who ask.
struct Case {
    zone: TimeZone,
    rows: Vec<PriceRow>,
    rules: PriorPrice,
    audience: AudienceClass,
    campaign: Option<&'static str>,
    continues: &'static [String],
    ends: Option<&'static str>,
    sale_began: Option<&'static str>,
}

fn euros(amount: &str) -> Money {
    Money::parse(amount, Currency::EUR).unwrap()
}

/// The directive without any option.
pub(super) fn directive() -> LowestBefore {
    LowestBefore {
        lookback_days: 30,
        from: None,
        new_goods: NewGoods::NoRule,
        progressive: Progressive { allowed: false, same_campaign: false, max: None, established: true },
        per_channel: true,
        closed_group: GroupRule::ArguablyExempt,
        open_members: GroupRule::Required,
        launch_price_exempt: false,
        anchored_on_sale_start: false,
        text: None,
        source: None,
        confidence: Confidence::High,
        note: None,
    }
}

/// The directive with progressive reductions, as France and Belgium read it.
pub(super) fn progressive(same_campaign: bool, max: Option<Age>) -> LowestBefore {
    LowestBefore { progressive: Progressive { allowed: true, same_campaign, max, established: true }, ..directive() }
}

fn case(zone: &str, rules: LowestBefore) -> Case {
    Case {
        zone: TimeZone::get(zone).unwrap(),
        rows: Vec::new(),
        rules: PriorPrice::LowestBefore(rules),
        audience: AudienceClass::Public,
        campaign: None,
        continues: &[],
        ends: None,
        sale_began: None,
    }
}

fn paris() -> Case {
    case("Europe/Paris", progressive(true, None))
}

impl Case {
    fn at(&self, when: &str) -> Timestamp {
        let civil: DateTime = if when.contains('T') { when.parse() } else { format!("{when}T00:00").parse() }.unwrap();
        civil.to_zoned_datetime(self.zone.clone()).unwrap().timestamp()
    }

    fn row(mut self, audience: AudienceClass, from: &str, price: &str, campaign: Option<&str>) -> Self {
        let row = PriceRow {
            audience,
            from: self.at(from),
            price: (price != "not-offered").then(|| euros(price)),
            campaign: campaign.map(str::to_owned),
            source: PriceSource {
                file: "prices.csv".into(),
                line: self.rows.len() as u64 + 2,
                note: None,
                corrected: None,
            },
        };
        self.rows.push(row);
        self
    }

    fn price(self, from: &str, price: &str) -> Self {
        self.row(AudienceClass::Public, from, price, None)
    }

    fn cut(self, from: &str, price: &str, campaign: &str) -> Self {
        self.row(AudienceClass::Public, from, price, Some(campaign))
    }

    fn of(self, campaign: &'static str) -> Self {
        Self { campaign: Some(campaign), ..self }
    }

    /// The seller says that `campaigns` are one reduction with this one.
    fn continuing(self, campaigns: &[&str]) -> Self {
        let campaigns: Vec<String> = campaigns.iter().map(|slug| (*slug).to_owned()).collect();
        Self { continues: campaigns.leak(), ..self }
    }

    fn for_audience(self, audience: AudienceClass) -> Self {
        Self { audience, ..self }
    }

    fn reduction(&self, starts: &str, price: &str) -> Reduction<'static> {
        Reduction {
            price: euros(price),
            starts_at: self.at(starts),
            ends_at: self.ends.map(|ends| self.at(ends)),
            campaign: self.campaign,
            continues: self.continues,
            audience: self.audience,
            announced: true,
            sale_began_at: self.sale_began.map(|began| self.at(began)),
        }
    }

    fn assess(&self, starts: &str, price: &str) -> Assessment {
        let history = PriceHistory::complete(self.rows.clone());
        prior_price(&history, &self.reduction(starts, price), &self.rules, &self.zone).unwrap()
    }

    /// `expected` is `100 -30%`, `forbidden 90`, `review 100 -30%`, `not-required` …
    #[track_caller]
    fn check(self, starts: &str, price: &str, expected: &str) -> Self {
        let assessment = self.assess(starts, price);
        let mut said = Vec::new();
        if assessment.verdict != PriceVerdict::Ok {
            said.push(assessment.verdict.to_string());
        }
        said.extend(assessment.prior.map(|prior| prior.amount().trim_end_matches(".00").to_owned()));
        said.extend(assessment.percent.map(|percent| format!("-{percent}%")));
        assert_eq!(said.join(" "), expected, "{assessment:#?}");
        self
    }
}

#[test]
fn p1_one_price_since_long_ago() {
    paris().price("2026-01-01", "100").check("2026-07-01", "70", "100 -30%");
}

#[test]
fn p2_a_promotion_inside_the_window_counts() {
    paris().price("2026-01-01", "100").price("2026-11-06", "80").price("2026-11-09", "100").check(
        "2026-11-27",
        "70",
        "80 -12%",
    );
}

#[test]
fn p3_the_thirtieth_day_before_is_inside() {
    let history = |back_up: &str| paris().price("2026-01-01", "80").price(back_up, "100");
    history("2026-10-29").check("2026-11-27", "70", "80 -12%");
    history("2026-10-28T00:01").check("2026-11-27T08:00", "70", "80 -12%");
    // The price ended as the window opened: half-open, so it is outside.
    history("2026-10-28").check("2026-11-27", "70", "100 -30%");
}

#[test]
fn p5_the_price_of_october_counts_on_black_friday() {
    case("Europe/Dublin", progressive(true, None))
        .price("2025-06-01", "550")
        .price("2025-10-31", "550")
        .price("2025-11-21", "800")
        .check("2025-11-28", "500", "550 -9%");
}

/// A stock-out is no price: it neither ends a reduction nor lies between two steps of one.
#[test]
fn a_stock_out_does_not_end_a_price() {
    let sold_out = || {
        paris().price("2026-01-02", "100").cut("2026-03-10", "80", "ete").cut("2026-03-14", "not-offered", "ete").cut(
            "2026-03-18",
            "80",
            "ete",
        )
    };
    sold_out().of("ete").check("2026-03-24", "80", "100 -20%");
    sold_out().of("ete").check("2026-03-24", "70", "100 -30%");
    // Of another campaign it stays another reduction.
    sold_out().of("automne").check("2026-03-24", "70", "80 -12%");
}

#[test]
fn p7_one_campaign_without_a_gap_keeps_the_first_reference() {
    let case = paris().price("2026-01-01", "100").cut("2026-06-24", "80", "ete").of("ete").check(
        "2026-07-01",
        "70",
        "100 -30%",
    );
    let evidence = case.assess("2026-07-01", "70").evidence;
    assert_eq!(evidence.chain_start.unwrap().date().to_string(), "2026-06-24");
    assert_eq!(evidence.window_from.unwrap().to_string(), "2026-05-25T00:00:00+02:00[Europe/Paris]");
}

#[test]
fn p8_two_campaigns_or_no_progression_refer_to_the_first_cut() {
    let history = |case: Case| case.price("2026-01-01", "100").cut("2026-06-24", "80", "vente-privee");
    history(paris()).of("soldes").check("2026-07-01", "70", "80 -12%");
    history(case("Europe/Madrid", directive())).of("vente-privee").check("2026-07-01", "70", "80 -12%");
    // Where the law does not ask for one campaign, the seller says whether they are one.
    let berlin = || history(case("Europe/Berlin", progressive(false, None)));
    berlin().of("soldes").check("2026-07-01", "70", "review 80 -12%");
    berlin().of("soldes").continuing(&["vente-privee"]).check("2026-07-01", "70", "100 -30%");
    history(paris()).of("soldes").continuing(&["vente-privee"]).check("2026-07-01", "70", "80 -12%");
}

#[test]
fn a_price_announced_anew_by_another_campaign_is_left_to_a_person() {
    let rules = || progressive(false, None);
    let history = || case("Europe/Berlin", rules()).price("2026-01-01", "100").cut("2026-05-01", "70", "c");
    let found = history().of("d").check("2026-07-01", "70", "review 70 -0%").assess("2026-07-01", "70");
    assert_eq!(found.reason, VerdictReason::OtherCampaign("c".to_owned()));
    history().of("d").continuing(&["c"]).check("2026-07-01", "70", "100 -30%");
    history().of("c").check("2026-07-01", "70", "100 -30%");
    // One of three is not said.
    let three = || history().cut("2026-06-01", "60", "d");
    three().of("e").continuing(&["d"]).check("2026-07-01", "50", "review 70 -28%");
    three().of("e").continuing(&["c", "d"]).check("2026-07-01", "50", "100 -50%");
    // What rose in between was no step, and an ordinary price is none.
    history().price("2026-06-20", "90").of("d").check("2026-07-01", "65", "70 -7%");
}

#[test]
fn p10_a_street_fair_counts() {
    case("Europe/Brussels", progressive(true, None))
        .price("2026-01-01", "30")
        .price("2026-12-12", "20")
        .price("2026-12-14", "30")
        .check("2027-01-02", "15", "20 -25%");
}

#[test]
fn p11_a_new_article_since_its_launch() {
    let rules = LowestBefore { new_goods: NewGoods::SinceLaunch, ..directive() };
    case("Europe/Luxembourg", rules).price("2026-06-10", "90").price("2026-06-15", "120").check(
        "2026-07-01",
        "100",
        "forbidden 90",
    );
}

#[test]
fn p13_the_percentage_has_no_other_base() {
    case("Europe/Berlin", directive())
        .price("2026-01-01", "1.69")
        .price("2026-06-14", "1.29")
        .price("2026-06-18", "1.69")
        .check("2026-07-01", "1.29", "forbidden 1.29");
}

#[test]
fn p17_the_netherlands_stop_after_three_calendar_months() {
    let rules = progressive(false, Some(Age::Months(3)));
    let history = || case("Europe/Amsterdam", rules.clone()).price("2026-01-01", "100").cut("2026-03-01", "80", "a");
    history().of("a").check("2026-06-15", "70", "80 -12%");
    history().of("a").check("2026-05-31T23:59", "70", "100 -30%");
    history().of("a").check("2026-06-01", "70", "80 -12%");
    // The cut itself may last: its reference is frozen, however long it runs.
    history().of("a").check("2026-09-01", "80", "100 -20%");
}

#[test]
fn finland_stops_after_sixty_days() {
    let rules = progressive(false, Some(Age::Days(60)));
    let history = || case("Europe/Helsinki", rules.clone()).price("2026-01-01", "100").cut("2026-03-01", "80", "a");
    history().of("a").check("2026-04-29", "70", "100 -30%");
    history().of("a").check("2026-04-30", "70", "80 -12%");
}

#[test]
fn p20_a_sale_price_announced_anew_is_no_reduction() {
    let history = || {
        case("Europe/Brussels", progressive(true, None)).price("2025-06-01", "100").cut("2026-01-03", "60", "soldes")
    };
    history().of("fevrier").check("2026-02-01", "60", "forbidden 60");
    history().of("soldes").check("2026-02-20", "60", "100 -40%");
}

#[test]
fn a_price_that_rose_breaks_the_chain() {
    paris().price("2026-01-01", "100").cut("2026-06-24", "80", "ete").price("2026-06-30", "100").of("ete").check(
        "2026-07-01",
        "70",
        "80 -12%",
    );
    paris().price("2026-01-01", "100").cut("2026-05-01", "60", "ete").cut("2026-06-24", "80", "ete").of("ete").check(
        "2026-07-01",
        "70",
        "forbidden 60",
    );
}

#[test]
fn a_stretch_not_for_sale_is_looked_past_and_sets_no_price() {
    paris()
        .price("2026-01-01", "100")
        .cut("2026-06-24", "80", "ete")
        .price("2026-06-30", "not-offered")
        .of("ete")
        .check("2026-07-01", "70", "100 -30%");
    paris().price("2026-01-01", "100").price("2026-04-01", "not-offered").check("2026-07-01", "70", "forbidden");
    paris().check("2026-07-01", "70", "forbidden");
}

#[test]
fn new_articles_follow_the_country() {
    let history = |new_goods| {
        case("Europe/Paris", LowestBefore { new_goods, ..directive() })
            .price("2026-06-10", "90")
            .price("2026-06-15", "120")
    };
    history(NewGoods::LastDays(7)).check("2026-07-01", "100", "120 -16%");
    history(NewGoods::Exempt).check("2026-07-01", "100", "not-required");
    history(NewGoods::Disclose).check("2026-07-01", "80", "90 -11%");
    history(NewGoods::NoRule).check("2026-07-01", "80", "review 90 -11%");
    history(NewGoods::FuturePriceOnly).check("2026-07-01", "80", "review 90 -11%");
    history(NewGoods::NoRule).check("2026-07-10", "80", "90 -11%");
    // The first day of the window is the day the article was first offered: it is not new.
    history(NewGoods::Exempt).check("2026-07-10T09:00", "80", "90 -11%");
    case("Europe/Madrid", LowestBefore { new_goods: NewGoods::Exempt, ..directive() }).check(
        "2026-07-01",
        "80",
        "review",
    );
}

#[test]
fn audiences_count_as_the_public_does_or_not() {
    let history = |audience, rules| {
        case("Europe/Warsaw", rules).price("2026-01-01", "100").row(audience, "2026-06-20", "80", None).row(
            audience,
            "2026-06-25",
            "not-offered",
            None,
        )
    };
    history(AudienceClass::OpenMembers, directive()).check("2026-07-01", "70", "80 -12%");
    history(AudienceClass::ClosedGroup, directive()).check("2026-07-01", "70", "100 -30%");
    history(AudienceClass::Personal, directive()).check("2026-07-01", "70", "100 -30%");
    let poland = LowestBefore { closed_group: GroupRule::Required, ..directive() };
    history(AudienceClass::ClosedGroup, poland).check("2026-07-01", "70", "80 -12%");
    let italy = LowestBefore { closed_group: GroupRule::Exempt, ..directive() };
    history(AudienceClass::Public, italy).for_audience(AudienceClass::ClosedGroup).check(
        "2026-07-01",
        "70",
        "not-required",
    );
    history(AudienceClass::Public, directive()).for_audience(AudienceClass::Personal).check(
        "2026-07-01",
        "70",
        "not-required",
    );
}

#[test]
fn the_window_has_full_local_days_when_clocks_change() {
    // Clocks went forward on 29 March 2026: 30 days are 719 hours here, and the window still opens at midnight.
    let case = paris().price("2026-01-01", "80").price("2026-03-16T00:00:01", "100");
    let evidence = case.check("2026-04-15T00:00", "70", "80 -12%").assess("2026-04-15T00:00", "70").evidence;
    assert_eq!(evidence.window_from.unwrap().to_string(), "2026-03-16T00:00:00+01:00[Europe/Paris]");
    assert_eq!(evidence.window_to.unwrap().to_string(), "2026-04-15T00:00:00+02:00[Europe/Paris]");
}

#[test]
fn greece_looks_at_the_days_before_the_sale() {
    let rules = LowestBefore { anchored_on_sale_start: true, ..directive() };
    let history = || case("Europe/Athens", rules.clone()).price("2026-01-01", "100").price("2026-07-14", "60");
    history().check("2026-08-01", "50", "60 -16%");
    let mut in_sale = history();
    in_sale.sale_began = Some("2026-07-13");
    in_sale.check("2026-08-01", "50", "100 -50%");
}

#[test]
fn before_the_rule_was_in_force_nothing_is_asked() {
    let rules = LowestBefore { from: Some(jiff::civil::date(2022, 5, 28)), ..directive() };
    let history = || case("Europe/Paris", rules.clone()).price("2022-01-01", "100");
    history().check("2022-05-27T23:59", "70", "not-required");
    history().check("2022-05-28", "70", "100 -30%");
}

#[test]
fn another_currency_is_left_to_a_person() {
    let mut case = paris().price("2026-01-01", "100");
    case.rows[0].price = Some(Money::new(19_558, "BGN".parse().unwrap()));
    case.check("2026-01-15", "70", "review");
}

#[test]
fn switzerland_compares_with_the_price_directly_before() {
    let swiss = || Case {
        rules: PriorPrice::SelfComparison(SelfComparison {
            min_days_high_price: 30,
            or_half_time_max: Age::Months(2),
            from: jiff::civil::date(2025, 1, 1),
            text: None,
            source: None,
            confidence: Confidence::High,
        }),
        ..case("Europe/Zurich", directive())
    };
    swiss().price("2026-01-01", "100").check("2026-07-01", "70", "100 -30%");
    // Charged for thirty days once, it serves the second cut as well.
    swiss().price("2026-01-01", "100").cut("2026-06-01", "80", "a").check("2026-06-10", "70", "100 -30%");
    // Charged for twenty days, it may be shown for ten.
    let short = || swiss().price("2026-06-01", "90").price("2026-06-11", "100");
    short().check("2026-07-01", "70", "review 100 -30%");
    Case { ends: Some("2026-07-11"), ..short() }.check("2026-07-01", "70", "100 -30%");
    Case { ends: Some("2026-07-12"), ..short() }.check("2026-07-01", "70", "review 100 -30%");
    short().check("2026-07-01", "100", "forbidden 100");
    swiss().check("2026-07-01", "70", "forbidden");
}

fn no_rule() -> PriorPrice {
    PriorPrice::None { says: String::new(), source: None, confidence: Confidence::High }
}

#[test]
fn a_market_without_the_rule_asks_for_nothing() {
    let case = Case { rules: no_rule(), ..case("Europe/London", directive()) };
    case.check("2026-07-01", "70", "not-required");
}

#[test]
fn a_market_whose_rule_is_not_known_is_left_to_a_person() {
    let rules = PriorPrice::Unknown { says: String::new(), ask: String::new() };
    let case = Case { rules, ..case("Europe/Monaco", directive()) };
    case.price("2026-01-01", "100").check("2026-07-01", "70", "review");
}

#[test]
fn a_history_that_is_too_short_says_how_far_back_to_look() {
    let case = paris().price("2026-01-01", "100").cut("2026-06-24", "80", "ete").of("ete");
    let reduction = case.reduction("2026-07-01", "70");
    let ask = |known: &str| {
        let since = case.at(known);
        let history =
            PriceHistory::since(since, case.rows.clone(), vec![(AudienceClass::Public, case.at("2026-01-01"))]);
        prior_price(&history, &reduction, &case.rules, &case.zone)
    };
    assert_eq!(ask("2026-06-01").unwrap_err().needed_since, case.at("2026-05-25"));
    assert_eq!(ask("2026-05-25").unwrap().prior, Some(euros("100")));
}

#[test]
fn evidence_names_the_row() {
    let minimum = paris()
        .price("2026-01-01", "100")
        .price("2026-11-06", "80")
        .price("2026-11-09", "100")
        .assess("2026-11-27", "70")
        .evidence
        .minimum
        .unwrap();
    assert_eq!((minimum.line, minimum.price, minimum.from.date().to_string().as_str()), (3, euros("80"), "2026-11-06"));
}
