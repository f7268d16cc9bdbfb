use jiff::SignedDuration;
use proptest::prelude::*;

use super::super::history::PriceSource;
use super::super::money::Currency;
use super::tests::progressive;
use super::*;

const HOURS: i64 = 24 * 80;

fn start() -> Timestamp {
    "2026-03-01T07:00:00Z".parse().unwrap()
}

fn at(hours_before: i64) -> Timestamp {
    start() - SignedDuration::from_hours(hours_before)
}

fn row(hours_before: i64, price: Option<i64>, audience: AudienceClass, campaign: Option<&str>) -> PriceRow {
    PriceRow {
        audience,
        from: at(hours_before),
        price: price.map(|minor| Money::new(minor, Currency::EUR)),
        campaign: campaign.map(str::to_owned),
        source: PriceSource {
            file: "p.csv".into(),
            line: u64::try_from(hours_before).unwrap(),
            note: None,
            corrected: None,
        },
    }
}

prop_compose! {
    fn any_row()(
        hours in 1..HOURS,
        price in proptest::option::weighted(0.8, 1..200_i64),
        audience in 0..4_usize,
        campaign in proptest::option::weighted(0.4, 0..2_usize),
    ) -> PriceRow {
        row(hours, price, AudienceClass::ALL[audience], campaign.map(|index| ["a", "b"][index]))
    }
}

fn ask(rows: Vec<PriceRow>, price: i64) -> Assessment {
    let reduction = Reduction {
        price: Money::new(price, Currency::EUR),
        starts_at: start(),
        ends_at: None,
        campaign: Some("a"),
        continues: &[],
        audience: AudienceClass::Public,
        announced: true,
        sale_began_at: None,
    };
    let rules = PriorPrice::LowestBefore(LowestBefore { new_goods: NewGoods::SinceLaunch, ..progressive(true, None) });
    let zone = TimeZone::get("Europe/Paris").unwrap();
    prior_price(&PriceHistory::complete(rows), &reduction, &rules, &zone).unwrap()
}

proptest! {
    #[test]
    fn a_lower_price_in_the_window_never_raises_the_prior_price(
        rows in proptest::collection::vec(any_row(), 1..20),
        hours in 1..HOURS,
        cut in 0..200_i64,
        price in 1..200_i64,
    ) {
        let before = ask(rows.clone(), price);
        let Some(prior) = before.prior else { return Ok(()) };
        let window = before.evidence.window_from.unwrap().timestamp()..before.evidence.window_to.unwrap().timestamp();
        let taken = rows.iter().any(|row| row.from == at(hours) && row.audience == AudienceClass::Public);
        if !window.contains(&at(hours)) || taken || prior.minor < 2 {
            return Ok(());
        }
        let cut = 1 + cut % (prior.minor - 1);
        let mut rows = rows;
        rows.push(row(hours, Some(cut), AudienceClass::Public, None));
        let after = ask(rows, price);
        prop_assert_eq!(after.prior.map(|prior| prior.minor), Some(cut));
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        rows in proptest::collection::vec(any_row(), 0..20).prop_shuffle(),
        price in 1..200_i64,
    ) {
        let mut shuffled = rows.clone();
        shuffled.reverse();
        prop_assert_eq!(ask(rows, price), ask(shuffled, price));
    }

    #[test]
    fn windows_are_half_open(low in 1..99_i64, hours in 1..(24 * 29_i64)) {
        // Whatever begins to apply with the reduction, or later, is no prior price.
        let base = row(HOURS, Some(100), AudienceClass::Public, None);
        let own = row(0, Some(low), AudienceClass::OpenMembers, None);
        let inside = row(hours, Some(low), AudienceClass::OpenMembers, None);
        let prior = |rows| ask(rows, 1).prior.map(|prior: Money| prior.minor);
        prop_assert_eq!(prior(vec![base.clone(), own]), Some(100));
        prop_assert_eq!(prior(vec![base, inside]), Some(low));
    }

    #[test]
    fn a_window_that_leaves_out_old_rows_gives_the_same_answer(
        rows in proptest::collection::vec(any_row(), 1..30),
        known in 0..HOURS,
        price in 1..200_i64,
    ) {
        let whole = ask(rows.clone(), price);
        let history = PriceHistory::complete(rows.clone());
        let first = AudienceClass::ALL
            .into_iter()
            .filter_map(|audience| Some((audience, history.first_offered(&[audience])?)))
            .collect();
        let kept = AudienceClass::ALL
            .into_iter()
            .flat_map(|audience| history.stretches(audience).collect::<Vec<_>>())
            .filter(|stretch| stretch.until.is_none_or(|until| until > at(known)))
            .map(|stretch| stretch.row.clone())
            .collect();
        let partial = PriceHistory::since(at(known), kept, first);
        let reduction = Reduction {
            price: Money::new(price, Currency::EUR),
            starts_at: start(),
            ends_at: None,
            campaign: Some("a"),
        continues: &[],
            audience: AudienceClass::Public,
            announced: true,
            sale_began_at: None,
        };
        let rules = PriorPrice::LowestBefore(LowestBefore { new_goods: NewGoods::SinceLaunch, ..progressive(true, None) });
        let zone = TimeZone::get("Europe/Paris").unwrap();
        match prior_price(&partial, &reduction, &rules, &zone) {
            Ok(assessment) => prop_assert_eq!(assessment, whole),
            Err(incomplete) => prop_assert!(incomplete.needed_since < at(known)),
        }
    }
}
