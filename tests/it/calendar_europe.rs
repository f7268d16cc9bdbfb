//! The calendar outside France, against published dates and against dates computed by hand from the same rules.

use carillon::calendar::{
    Ban, Basis, Calendar, Channel, GroupRule, Market, NewGoods, Period, PeriodError, PeriodKind, PriorPrice,
    RegulationState,
};
use jiff::civil::date;

fn market(code: &str) -> Market {
    code.parse().unwrap()
}

fn find(code: &str, kind: PeriodKind, season: &str, year: i16) -> Result<Period, PeriodError> {
    Calendar::built_in().period(&market(code), Channel::Store, kind, season, year)
}

#[track_caller]
fn sale(code: &str, season: &str, year: i16, expected: &str) {
    let period = find(code, PeriodKind::Sale, season, year).unwrap();
    assert_eq!(format!("{} {}", period.first_day, period.last_day), expected, "{code} {season} {year}");
}

#[track_caller]
fn blackout(code: &str, season: &str, year: i16, expected: &str) {
    let period = find(code, PeriodKind::Blackout, season, year).unwrap();
    assert_eq!(format!("{} {}", period.first_day, period.last_day), expected, "{code} {season} {year}");
}

#[test]
fn belgian_soldes_and_waiting_periods() {
    let vectors = [
        ("winter", 2014, "2013-12-06 2014-01-02", "2014-01-03 2014-01-31"),
        ("summer", 2014, "2014-06-01 2014-06-30", "2014-07-01 2014-07-31"),
        ("summer", 2018, "2018-05-31 2018-06-29", "2018-06-30 2018-07-31"),
        ("winter", 2020, "2019-12-03 2020-01-02", "2020-01-03 2020-01-31"),
        ("summer", 2020, "2020-07-01 2020-07-31", "2020-08-01 2020-08-31"),
        ("winter", 2021, "2020-12-02 2021-01-03", "2021-01-04 2021-02-15"),
        ("winter", 2022, "2021-12-03 2022-01-02", "2022-01-03 2022-01-31"),
        ("winter", 2026, "2025-12-03 2026-01-02", "2026-01-03 2026-01-31"),
        ("winter", 2027, "2026-12-02 2027-01-01", "2027-01-02 2027-01-31"),
        ("summer", 2029, "2029-05-31 2029-06-29", "2029-06-30 2029-07-31"),
    ];
    for (season, year, waiting, soldes) in vectors {
        blackout("BE", season, year, waiting);
        sale("BE", season, year, soldes);
    }
    blackout("BE", "winter", 2010, "2009-11-15 2010-01-01");
    blackout("BE", "summer", 2010, "2010-06-06 2010-06-30");
}

/// A federal law holds in every part that has no line of its own, bans, orders and doubts included.
#[test]
fn every_part_of_belgium_follows_federal_law() {
    let periods = |code: &str| {
        let (from, to) = (date(2009, 1, 1), date(2030, 12, 31));
        let periods = Calendar::built_in().periods(&market(code), Channel::Store, from, to);
        periods.into_iter().map(|period| (period.kind, period.first_day, period.last_day, period.confidence))
    };
    let federal: Vec<_> = periods("BE").collect();
    assert!(federal.iter().any(|(kind, first, ..)| *kind == PeriodKind::Blackout && *first == date(2026, 12, 2)));
    for part in ["BE-VLG", "BE-WAL", "BE-BRU", "BE-VAN", "be-wlg"] {
        assert!(periods(part).eq(federal.iter().copied()), "{part}");
    }
}

#[test]
fn an_unknown_part_is_refused_with_those_that_exist() {
    let refused = |code: &str| Calendar::built_in().must_know(&market(code)).unwrap_err().to_string();
    let belgian = refused("BE-XXX");
    assert!(
        belgian.contains("write `BE` or one of its parts: BE-BRU, BE-VAN") && belgian.contains("BE-WAL"),
        "{belgian}"
    );
    assert!(refused("GB-XXX").contains("ISO 3166-2"));
    assert!(refused("US-CA").contains("`carillon calendar markets`"));
    assert!(refused("PL-XX").contains("write `PL` or one of its parts: PL-02, PL-04"));
    for known in [
        "GB-ENG", "ES-CT", "AT-9", "CH-GE", "RO-B", "IE-D", "FI-18", "PT-30", "MT-60", "LU-LU", "NL-NH", "PL-14",
        "NO-03", "CZ-10", "MC-SPO",
    ] {
        Calendar::built_in().must_know(&market(known)).unwrap();
    }
}

#[test]
fn the_belgian_waiting_period_bans_announcements_in_three_trades() {
    let waiting = find("BE", PeriodKind::Blackout, "winter", 2027).unwrap();
    assert_eq!(waiting.sectors, ["clothing", "leather-goods", "shoes"]);
    let mechanics = waiting.mechanics.as_ref().unwrap();
    assert_eq!(mechanics.kind, Ban::Announcement);
    assert!(mechanics.effective_in_period && !mechanics.invitations_banned);
    assert!(waiting.notes().any(|note| note.contains("3 January 2027 is a Sunday")));
    assert_eq!(waiting.starts_at.to_string(), "2026-12-02T00:00:00+01:00[Europe/Brussels]");
}

/// The common start, and the first day of a ban of 15, 30 and 40 days.
#[test]
fn italian_starts_and_bans() {
    let vectors = [
        ("winter", 2020, "2020-01-04", "2019-12-20", "2019-12-05", "2019-11-25"),
        ("summer", 2022, "2022-07-02", "2022-06-17", "2022-06-02", "2022-05-23"),
        ("summer", 2023, "2023-07-06", "2023-06-21", "2023-06-06", "2023-05-27"),
        ("winter", 2024, "2024-01-05", "2023-12-21", "2023-12-06", "2023-11-26"),
        ("winter", 2025, "2025-01-04", "2024-12-20", "2024-12-05", "2024-11-25"),
        ("summer", 2025, "2025-07-05", "2025-06-20", "2025-06-05", "2025-05-26"),
        ("summer", 2026, "2026-07-04", "2026-06-19", "2026-06-04", "2026-05-25"),
        ("winter", 2027, "2027-01-05", "2026-12-21", "2026-12-06", "2026-11-26"),
        ("winter", 2028, "2028-01-05", "2027-12-21", "2027-12-06", "2027-11-26"),
    ];
    for (season, year, start, fifteen, thirty, forty) in vectors {
        for (code, ban) in [("IT-78", fifteen), ("IT-25", thirty), ("IT-42", forty)] {
            let sale = find(code, PeriodKind::Sale, season, year).unwrap();
            assert_eq!(sale.first_day.to_string(), start, "{code} {season} {year}");
            let before = find(code, PeriodKind::Blackout, season, year).unwrap();
            assert_eq!(before.first_day.to_string(), ban, "{code} {season} {year}");
            assert_eq!(before.last_day, sale.first_day.yesterday().unwrap());
        }
    }
}

#[test]
fn italian_lengths_count_the_first_day() {
    sale("IT-45", "winter", 2025, "2025-01-04 2025-03-04");
    sale("IT-25", "summer", 2025, "2025-07-05 2025-09-02");
    sale("IT-25", "winter", 2026, "2026-01-03 2026-03-03");
    sale("IT-42", "winter", 2025, "2025-01-04 2025-02-17");
    sale("IT-42", "summer", 2025, "2025-07-05 2025-08-18");
    sale("IT-42", "winter", 2026, "2026-01-03 2026-02-16");
    sale("IT-42", "summer", 2023, "2023-07-06 2023-08-19");
    sale("IT-62", "summer", 2023, "2023-07-06 2023-08-16");
    sale("IT-25", "summer", 2022, "2022-07-02 2022-08-30");
    sale("IT-57", "summer", 2026, "2026-07-04 2026-09-01");
    sale("IT-21", "winter", 2026, "2026-01-03 2026-02-27");
    sale("IT-55", "winter", 2026, "2026-01-03 2026-03-04");
    sale("IT-23", "winter", 2025, "2025-01-02 2025-03-31");
    sale("IT-BZ", "winter", 2026, "2026-01-08 2026-02-05");
    sale("IT-BZT", "winter", 2026, "2026-03-07 2026-04-04");
    sale("IT-72", "summer", 2020, "2020-08-01 2020-09-29");
}

/// Where only the start was printed the end is computed, however well the start is attested.
#[test]
fn an_end_that_nobody_printed_is_computed() {
    let winter = |code, year| {
        let period = find(code, PeriodKind::Sale, "winter", year).unwrap();
        format!("{}, {}", period.basis, period.confidence)
    };
    assert_eq!(winter("IT", 2019), "start published, low");
    assert_eq!(winter("IT-25", 2019), "start published, medium");
    assert_eq!(winter("IT-25", 2026), "published, high");
    assert_eq!(winter("FR", 2013), "start published, high");
    assert_eq!(winter("FR", 2026), "published, high");
    assert_eq!((Basis::StartPublished.of_start(), Basis::StartPublished.of_end()), (Basis::Published, Basis::Computed));
    // A start that moves leaves an end alone that the law fixes.
    sale("IT-82", "winter", 2023, "2023-01-02 2023-03-15");
    let summer = find("FR", PeriodKind::Sale, "summer", 2026).unwrap();
    assert_eq!(summer.confidence.to_string(), "low");
    assert!(summer.notes().any(|note| note.contains("prolonged to 28 July")));
}

#[test]
fn regions_have_the_dates_that_were_printed_for_them() {
    sale("IT-75", "summer", 2024, "2024-07-06 2024-09-15");
    sale("IT-82", "summer", 2024, "2024-07-06 2024-09-15");
    sale("IT-77", "summer", 2024, "2024-07-06 2024-09-06");
    sale("IT-77", "winter", 2023, "2023-01-02 2023-03-02");
    sale("IT-BZ", "winter", 2019, "2019-01-05 2019-02-16");
    sale("IT-BZT", "winter", 2019, "2019-02-16 2019-03-30");
    // The province publishes its dates every year, also before the first ones that we hold.
    for (season, year) in [("winter", 2018), ("summer", 2019), ("winter", 2020), ("summer", 2020), ("winter", 2022)] {
        let none = find("IT-BZ", PeriodKind::Sale, season, year);
        let Err(PeriodError::NotPublished { look, .. }) = none else { panic!("{season} {year}: {none:?}") };
        assert!(look.contains("Chamber of Commerce of Bolzano"), "{look}");
    }
    let ban = |year| find("IT-45", PeriodKind::Blackout, "winter", year);
    assert!(matches!(ban(2016), Err(PeriodError::NoneInYear { .. })) && ban(2017).is_ok());
}

#[test]
fn italian_regions_differ_in_what_they_ban() {
    let ban = |code| find(code, PeriodKind::Blackout, "winter", 2027);
    assert!(ban("IT-62").unwrap().mechanics.unwrap().invitations_banned);
    assert!(!ban("IT-25").unwrap().mechanics.unwrap().invitations_banned);
    assert!(ban("IT-45").unwrap().sectors.contains(&"underwear".to_owned()));
    for free in ["IT-65", "IT-36", "IT-82", "IT-55"] {
        assert!(matches!(ban(free), Err(PeriodError::NoneInYear { .. })), "{free}");
    }
    blackout("IT-67", "winter-after", 2026, "2026-03-04 2026-04-02");
    assert!(matches!(find("IT-25", PeriodKind::Blackout, "winter", 2013), Err(PeriodError::NoneInYear { .. })));
    blackout("IT-25", "summer", 2012, "2012-06-07 2012-06-08");
    blackout("IT-25", "summer", 2013, "2013-06-09 2013-07-05");
    let online = Calendar::built_in().period(&market("IT-25"), Channel::Online, PeriodKind::Blackout, "winter", 2027);
    assert_eq!(online.unwrap().confidence.to_string(), "low");
}

#[test]
fn free_and_unknown_are_different_answers() {
    let not_regulated =
        |code| matches!(find(code, PeriodKind::Sale, "winter", 2027), Err(PeriodError::NotRegulated { .. }));
    for code in ["DE", "NL", "GB", "CH", "AT", "IE", "FI", "MT", "ES", "PT", "IT-TN", "IT-32", "DE-BY"] {
        assert!(not_regulated(code), "{code}");
    }
    for code in ["PL", "CZ", "SE", "DK", "HU", "BG", "SK", "SI", "EE", "LV", "LT", "CY", "NO", "IS", "SE-AB"] {
        assert!(not_regulated(code), "{code}");
    }
    for code in ["US", "JP", "IT-99", "NO-21", "BE-XXX", "DE-XX"] {
        assert!(matches!(find(code, PeriodKind::Sale, "winter", 2027), Err(PeriodError::UnknownMarket(_))), "{code}");
    }
    let unknown = find("LI", PeriodKind::Sale, "winter", 2027);
    assert!(matches!(unknown, Err(PeriodError::NotPublished { .. })), "{unknown:?}");
    let no_blackout = find("GR", PeriodKind::Blackout, "winter", 2027);
    assert!(matches!(no_blackout, Err(PeriodError::NotRegulated { .. })), "{no_blackout:?}");
    assert!(matches!(find("FR", PeriodKind::Sale, "spring", 2027), Err(PeriodError::NoSuchSeason { .. })));
}

/// Free is a fact of a time: before it the calendar does not know, and does not say free.
#[test]
fn what_was_before_our_memory_is_not_free() {
    for (code, before, after) in [
        ("DE", date(2000, 1, 31), date(2005, 1, 31)),
        ("ES", date(2010, 1, 7), date(2012, 7, 15)),
        ("PT", date(2010, 1, 7), date(2020, 1, 7)),
        ("DE-BY", date(2004, 7, 1), date(2004, 8, 1)),
    ] {
        let gaps = |day| Calendar::built_in().gaps(&market(code), Channel::Store, day, day).len();
        assert_eq!((gaps(before), gaps(after)), (1, 0), "{code}");
        let none = find(code, PeriodKind::Sale, "winter", before.year());
        assert!(matches!(none, Err(PeriodError::NotPublished { .. })), "{code}: {none:?}");
    }
}

#[test]
fn what_is_published_yearly_is_never_computed() {
    sale("LU", "winter", 2017, "2017-12-29 2018-01-27");
    sale("LU", "winter", 2025, "2025-01-02 2025-01-25");
    sale("LU", "summer", 2025, "2025-06-27 2025-07-26");
    for (code, season, year) in [
        ("LU", "winter", 2026),
        ("LU", "winter", 2027),
        ("LU", "summer", 2022),
        ("IT-BZ", "winter", 2027),
        ("IT-25", "winter", 2021),
        ("IT-23", "winter", 2021),
        ("FR", "winter", 2008),
        ("FR-57", "summer", 2008),
        ("IT", "winter", 2011),
    ] {
        let none = find(code, PeriodKind::Sale, season, year);
        assert!(matches!(none, Err(PeriodError::NotPublished { .. })), "{code} {season} {year}: {none:?}");
    }
}

#[test]
fn a_ban_that_nobody_looked_up_is_not_absent() {
    let none = find("IT-BZ", PeriodKind::Blackout, "winter", 2026);
    assert!(matches!(none, Err(PeriodError::NotPublished { .. })), "{none:?}");
}

#[test]
fn greece_croatia_and_romania() {
    sale("GR", "winter", 2016, "2016-01-11 2016-02-29");
    sale("GR", "winter", 2019, "2019-01-14 2019-02-28");
    sale("GR", "winter", 2026, "2026-01-12 2026-02-28");
    sale("GR", "winter", 2027, "2027-01-11 2027-02-28");
    sale("GR", "summer", 2016, "2016-07-11 2016-08-31");
    sale("GR", "summer", 2020, "2020-07-13 2020-08-31");
    sale("GR", "summer", 2022, "2022-07-11 2022-08-31");
    sale("GR", "summer", 2026, "2026-07-13 2026-08-31");
    sale("GR", "summer", 2027, "2027-07-12 2027-08-31");
    sale("HR", "winter", 2019, "2019-12-27 2020-02-24");
    sale("HR", "summer", 2026, "2026-07-01 2026-08-29");
    sale("HR", "winter", 2026, "2026-12-27 2027-02-24");
    sale("RO", "winter", 2027, "2027-01-15 2027-04-15");
    assert_eq!(find("RO", PeriodKind::Sale, "summer", 2027).unwrap().max_days, Some(45));
}

/// Monaco sets its own days, and shops of sports goods have a winter of theirs.
#[test]
fn monaco_is_not_france() {
    sale("MC", "winter", 2027, "2027-01-02 2027-02-15");
    sale("MC-SPO", "winter", 2027, "2027-02-15 2027-03-31");
    for code in ["MC", "MC-SPO"] {
        sale(code, "summer", 2022, "2022-07-01 2022-08-15");
        sale(code, "summer", 2027, "2027-06-28 2027-08-12");
    }
}

/// What was printed is kept, and no other year is made up.
#[test]
fn the_south_seas_are_published_year_by_year() {
    sale("PF", "first", 2026, "2026-01-14 2026-02-08");
    sale("PF", "second", 2026, "2026-09-23 2026-10-11");
    sale("NC", "second", 2025, "2025-08-30 2025-09-28");
    for (code, season) in [("NC", "first"), ("NC", "second"), ("PF", "first"), ("PF", "second")] {
        let none = find(code, PeriodKind::Sale, season, 2027);
        assert!(matches!(none, Err(PeriodError::NotPublished { .. })), "{code} {season}: {none:?}");
        assert!(matches!(find(code, PeriodKind::Sale, "winter", 2027), Err(PeriodError::NoSuchSeason { .. })));
    }
}

#[test]
fn countries_carry_their_facts() {
    let calendar = Calendar::built_in();
    let country = |code| calendar.country(&market(code)).unwrap();
    let lowest = |code| match &country(code).prior_price {
        PriorPrice::LowestBefore(lowest) => lowest.clone(),
        other => panic!("{code}: {other:?}"),
    };
    assert_eq!(lowest("BE").new_goods, NewGoods::LastDays(7));
    assert_eq!(lowest("NL").progressive.max.unwrap().to_string(), "3 months");
    assert!(!lowest("ES").progressive.established);
    assert!(lowest("IT").launch_price_exempt && lowest("IT").progressive.same_campaign);
    assert!(matches!(country("CH").prior_price, PriorPrice::SelfComparison(_)));
    assert!(matches!(country("GB").prior_price, PriorPrice::None { .. }));
    assert_eq!(country("PT").allowances[0].max_days_per_year, Some(124));
    assert_eq!(country("PT").regulation.state, RegulationState::WithinLimits);
    assert_eq!(country("FR-57").item_conditions.as_ref().unwrap().paid_before.unwrap().to_string(), "one month");
    assert_eq!(country("BE").names["nl"], ["solden", "opruiming"]);
    assert_eq!(lowest("PL").closed_group, GroupRule::Required);
    assert_eq!(lowest("HU").new_goods, NewGoods::LastDays(15));
    assert_eq!(country("IS").allowances[0].max_days_each, Some(42));
    assert_eq!(country("LI").regulation.state, RegulationState::Unknown);
    assert!(matches!(country("MC").prior_price, PriorPrice::Unknown { .. }));
    assert!(calendar.country(&market("US")).is_none());
}
