//! What holds for the whole calendar, whatever its files say.

use std::time::Instant;

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn built_in_laws() -> impl Iterator<Item = CountryLaw> {
    BUILT_IN.iter().map(|built_in| {
        CountryLaw::parse(&built_in.document()).unwrap_or_else(|findings| panic!("{}: {findings:#?}", built_in.code))
    })
}

#[test]
fn law_is_data() {
    for (law, built_in) in built_in_laws().zip(&BUILT_IN) {
        assert!(law.country().code.to_string().eq_ignore_ascii_case(built_in.code));
        for market in law.markets.keys() {
            TimeZone::get(law.zone_name(*market)).unwrap();
        }
        let in_all_years = Calendar::built_in();
        for market in law.markets.keys() {
            for channel in Channel::ALL {
                for period in in_all_years.periods(market, channel, date(2009, 1, 1), date(2030, 12, 31)) {
                    assert!(period.source.starts_with("http"), "{period:?}");
                    assert!(!period.label.is_empty() && !period.grounds.is_empty(), "{period:?}");
                }
            }
        }
    }
}

/// Without the list of published dates, the rules and orders alone give them all.
#[test]
fn rules_and_orders_predict_every_published_date() {
    for law in built_in_laws() {
        let mut file = law.file.clone();
        file.published.clear();
        let by_rule = CountryLaw::index(file);
        for published in law.file.published.iter().map(toml::Spanned::as_ref) {
            for (market, (first, last)) in &published.days {
                // These have no rule; a few others departed from theirs.
                let apart = ["LU", "IT-BZ", "IT-BZT", "NC", "PF"].contains(&market.to_string().as_str());
                let departed = [
                    ("IT-75", 2025),
                    ("IT-55", 2026),
                    ("IT-75", 2024),
                    ("IT-77", 2024),
                    ("IT-77", 2023),
                    ("IT-82", 2023),
                    ("FR-971", 2021),
                ];
                let departed = departed.contains(&(&*market.to_string(), published.year));
                if apart || departed {
                    continue;
                }
                let periods = by_rule.civil_periods(*market, Channel::Store, published.year);
                let mut same = periods.iter().filter(|period| {
                    period.kind == PeriodKind::Sale && *period.season == *published.season && period.first_day == *first
                });
                let period = same.next().unwrap_or_else(|| panic!("{market} {published:?}: {periods:#?}"));
                assert!(last.is_none_or(|last| last == period.last_day), "{market} {published:?}: {period:#?}");
            }
        }
    }
}

/// Periods of one market, channel and kind follow each other, and every instant lies in one of them at most.
#[test]
fn periods_never_overlap() {
    let calendar = Calendar::built_in();
    for listing in calendar.markets() {
        if listing.rules == RuleReach::FollowsCountry {
            continue;
        }
        for channel in Channel::ALL {
            let all = calendar.periods(&listing.market, channel, date(2008, 1, 1), date(2040, 1, 1));
            for kind in [PeriodKind::Sale, PeriodKind::Blackout] {
                let periods: Vec<&Period> = all.iter().filter(|period| period.kind == kind).collect();
                for (earlier, later) in periods.iter().zip(periods.iter().skip(1)) {
                    assert!(earlier.ends_at.timestamp() <= later.starts_at.timestamp(), "{earlier:?}\n{later:?}");
                }
            }
        }
    }
}

/// `cargo test --release a_century -- --ignored --nocapture`
#[test]
#[ignore = "measures, and means something only in an optimised build on a quiet machine"]
fn a_century_of_every_market_is_quick() {
    let calendar = Calendar::built_in();
    let markets = calendar.markets();
    let started = Instant::now();
    let mut periods = 0;
    for listing in &markets {
        for channel in Channel::ALL {
            periods += calendar.periods(&listing.market, channel, date(2009, 1, 1), date(2108, 12, 31)).len();
        }
    }
    let took = started.elapsed();
    println!("{periods} periods of {} markets in {took:?}", markets.len());
    assert!(took.as_millis() < 100, "{took:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_instant_has_one_answer(
        which in 0_usize..200,
        seconds in 1_230_000_000_i64..2_600_000_000,
        online in any::<bool>(),
    ) {
        let calendar = Calendar::built_in();
        let markets = calendar.markets();
        let market = markets[which % markets.len()].market;
        let channel = if online { Channel::Online } else { Channel::Store };
        let instant = jiff::Timestamp::from_second(seconds).unwrap();
        let day = instant.to_zoned_datetime(calendar.zone(&market).unwrap()).date();
        let (from, to) = (day.saturating_sub(2.days()), day.saturating_add(2.days()));
        let near = calendar.periods(&market, channel, from, to);
        for kind in [PeriodKind::Sale, PeriodKind::Blackout] {
            let covering = near.iter().filter(|period| period.kind == kind && period.contains(instant));
            prop_assert!(covering.count() <= 1);
        }
        for period in &near {
            prop_assert!(period.contains(period.starts_at.timestamp()));
            prop_assert!(!period.contains(period.ends_at.timestamp()));
            prop_assert!(period.first_day <= to && from <= period.last_day);
            let again = calendar.period(&market, channel, period.kind, &period.season, period.year);
            let same = again.as_ref() == Ok(period) || matches!(again, Err(PeriodError::Ambiguous { .. }));
            prop_assert!(same, "{again:?}");
        }
    }

    #[test]
    fn any_text_is_a_calendar_or_findings(text in "\\PC*") {
        let document = Document::new("x.toml", text);
        let _ = CountryLaw::parse(&document);
        let _ = Calendar::built_in().with_overrides(&[document]);
    }

    #[test]
    fn any_order_fits_or_is_refused(
        market in prop::sample::select(vec!["FR", "FR-57", "FR-974", "FR-99", "DE", "fr"]),
        season in prop::sample::select(vec!["winter", "summer", "spring", ""]),
        year in prop::sample::select(vec![-9999_i16, 0, 2026, 2027, 9998, 9999]),
        days in ("[0-9]{4}-[01][0-9]-[0-3][0-9]", "20(26|27)-[01][0-9]-[0-3][0-9]"),
        kind in prop::sample::select(vec!["sale", "blackout", "feast"]),
    ) {
        let (first, last) = days;
        let text = format!(
            "schema = 1\namends = \"FR\"\n[[order]]\nid = \"x\"\nmarkets = [\"{market}\"]\nkind = \"{kind}\"\n\
             season = \"{season}\"\nyear = {year}\nfirst_day = {first}\nlast_day = {last}\nsays = \"x\"\nsource = \"x\"\n"
        );
        if let Err(findings) = Calendar::built_in().with_overrides(&[Document::new("x.toml", text)]) {
            prop_assert!(findings.iter().all(|finding| finding.place.file == "x.toml"));
        }
    }

    #[test]
    fn a_new_order_reads_back_as_written(source in "https://[ -~é\"\\\\]{0,40}", who in "\\PC{0,20}") {
        let order = NewOrder {
            market: "FR".parse().unwrap(),
            channel: None,
            kind: PeriodKind::Sale,
            season: "summer".to_owned(),
            year: 2027,
            first_day: date(2027, 6, 30),
            last_day: date(2027, 7, 27),
            hour: None,
            source: source.clone(),
            who,
            added_on: date(2027, 6, 1),
        };
        let document = order.document("x.toml");
        let calendar = Calendar::built_in().with_overrides(&[document]).unwrap();
        let market = "FR".parse().unwrap();
        let period = calendar.period(&market, Channel::Online, PeriodKind::Sale, "summer", 2027).unwrap();
        prop_assert_eq!(period.first_day, date(2027, 6, 30));
        prop_assert_eq!(period.source, source);
    }
}

/// The texts, numbers and days below a value, with the key of each.
fn leaves<'a>(key: &'a str, value: &'a toml::Value, found: &mut Vec<(&'a str, String)>) {
    match value {
        toml::Value::Table(table) => table.iter().for_each(|(key, value)| leaves(key, value, found)),
        toml::Value::Array(values) => values.iter().for_each(|value| leaves(key, value, found)),
        toml::Value::String(text) => found.push((key, text.clone())),
        toml::Value::Integer(number) => found.push((key, number.to_string())),
        toml::Value::Datetime(day) => found.push((key, day.to_string())),
        toml::Value::Float(_) | toml::Value::Boolean(_) => {}
    }
}

/// What a file says under `[country]`, `calendar explain --law` says too.
#[test]
fn every_fact_of_the_law_is_said() {
    // What dates are computed from shows in the dates; the others are words that stand for sentences.
    let computed_with = ["code", "name", "zone", "hour", "holidays"];
    let chosen = ["state", "kind", "applies", "online", "members_presale", "new_goods", "closed_group", "open_members"];
    for (law, built_in) in built_in_laws().zip(&BUILT_IN) {
        let mut said = String::new();
        for LegalFact { topic: _, says, text, source, confidence, note } in law.country().facts() {
            let confidence = confidence.map(|confidence| confidence.to_string());
            for words in [Some(says), text, source, confidence, note].into_iter().flatten() {
                said.push_str(&words);
                said.push('\n');
            }
        }
        let file: toml::Table = built_in.text.parse().unwrap();
        let mut found = Vec::new();
        for (key, value) in file["country"].as_table().unwrap() {
            if !computed_with.contains(&key.as_str()) {
                leaves(key, value, &mut found);
            }
        }
        assert!(found.len() > 5, "{}", built_in.code);
        for (key, words) in found {
            let number_in_words = words == "1" && said.contains("one month");
            let is_said = said.contains(&words) || number_in_words || chosen.contains(&key);
            assert!(is_said, "{}: `{key}` is not said: {words}", built_in.code);
        }
    }
}
