//! The calendar against what was published: every row of the fixture, and what the rules make of the years.

use carillon::calendar::{Basis, Calendar, Channel, Market, Period, PeriodError, PeriodKind};
use jiff::civil::{Date, date};
fn market(code: &str) -> Market {
    code.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// The sales of a market in a stretch of years.
fn sales(code: &str, channel: Channel, from: Date, to: Date) -> Vec<Period> {
    let mut periods = Calendar::built_in().periods(&market(code), channel, from, to);
    periods.retain(|period| period.kind == PeriodKind::Sale);
    periods
}

#[test]
fn every_published_french_date_is_reproduced() {
    let text = include_str!("../fixtures/calendar/soldes-fr-published.csv");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("season,"))
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!(rows.len(), 209);
    for row in rows {
        let (season, territory, first, last, note) = (row[0], row[2], day(row[3]), row[4], row[5]);
        let code = if territory == "FR" { "FR".to_owned() } else { format!("FR-{territory}") };
        let found = sales(&code, Channel::Store, first, first);
        let [period] = found.as_slice() else { panic!("{row:?}: {found:?}") };
        assert_eq!((period.season.as_str(), period.first_day), (season, first), "{row:?}");
        // Where only the start was printed, the end is computed.
        let basis = if last.is_empty() { Basis::StartPublished } else { Basis::Published };
        assert_eq!(period.basis, basis, "{row:?}");
        let by_rule = note.rsplit_once("rule would give ").map(|(_, day)| day);
        if let Some(last) = Some(last).filter(|last| !last.is_empty()).or(by_rule) {
            assert_eq!(period.last_day, day(last), "{row:?}");
        }
    }
}

#[track_caller]
fn french(year: i16, winter: &str, summer: &str) {
    for (season, expected) in [("winter", winter), ("summer", summer)] {
        for channel in Channel::ALL {
            let period = Calendar::built_in().period(&market("FR"), channel, PeriodKind::Sale, season, year).unwrap();
            assert_eq!(format!("{} {}", period.first_day, period.last_day), expected, "{season} {year}");
        }
    }
}

#[test]
fn french_national_dates_from_2009_to_2027() {
    french(2009, "2009-01-07 2009-02-10", "2009-06-24 2009-07-28");
    french(2010, "2010-01-06 2010-02-09", "2010-06-30 2010-08-03");
    french(2011, "2011-01-12 2011-02-15", "2011-06-22 2011-07-26");
    french(2012, "2012-01-11 2012-02-14", "2012-06-27 2012-07-31");
    french(2013, "2013-01-09 2013-02-12", "2013-06-26 2013-07-30");
    french(2014, "2014-01-08 2014-02-11", "2014-06-25 2014-07-29");
    french(2015, "2015-01-07 2015-02-17", "2015-06-24 2015-08-04");
    french(2016, "2016-01-06 2016-02-16", "2016-06-22 2016-08-02");
    french(2017, "2017-01-11 2017-02-21", "2017-06-28 2017-08-08");
    french(2018, "2018-01-10 2018-02-20", "2018-06-27 2018-08-07");
    french(2019, "2019-01-09 2019-02-19", "2019-06-26 2019-08-06");
    french(2020, "2020-01-08 2020-02-04", "2020-07-15 2020-08-11");
    french(2021, "2021-01-20 2021-03-02", "2021-06-30 2021-07-27");
    french(2022, "2022-01-12 2022-02-08", "2022-06-22 2022-07-19");
    french(2023, "2023-01-11 2023-02-07", "2023-06-28 2023-08-01");
    french(2024, "2024-01-10 2024-02-06", "2024-06-26 2024-07-23");
    french(2025, "2025-01-08 2025-02-04", "2025-06-25 2025-07-22");
    french(2026, "2026-01-07 2026-02-03", "2026-06-24 2026-07-21");
    french(2027, "2027-01-06 2027-02-02", "2027-06-23 2027-07-20");
}

#[test]
fn online_follows_the_national_dates_since_19_may_2011() {
    for code in ["FR-57", "FR-974", "FR-2A", "FR-59"] {
        let there = sales(code, Channel::Online, date(2011, 6, 1), date(2027, 12, 31));
        assert_eq!(there, sales("FR", Channel::Online, date(2011, 6, 1), date(2027, 12, 31)), "{code}");
        assert!(there.iter().all(|period| period.market == market("FR")));
    }
    let before = sales("FR-06", Channel::Online, date(2010, 6, 1), date(2010, 8, 31));
    assert_eq!(before[0].first_day, date(2010, 7, 7));
}

#[test]
fn la_reunion_has_its_summer_in_february() {
    let year = sales("FR-974", Channel::Store, date(2027, 1, 1), date(2027, 12, 31));
    let seasons: Vec<(&str, Date)> = year.iter().map(|period| (period.season.as_str(), period.first_day)).collect();
    assert_eq!(seasons, [("summer", date(2027, 2, 6)), ("winter", date(2027, 9, 4))]);
    let of_2010 =
        Calendar::built_in().period(&market("FR-974"), Channel::Store, PeriodKind::Sale, "winter", 2010).unwrap_err();
    let starts = vec![date(2010, 2, 1), date(2010, 9, 4)];
    assert_eq!(
        of_2010,
        PeriodError::Ambiguous { market: market("FR-974"), season: "winter".into(), year: 2010, starts }
    );
}

#[test]
fn guyane_is_national_since_2022_and_uncertain_before() {
    let winter = |year| {
        Calendar::built_in().period(&market("FR-973"), Channel::Store, PeriodKind::Sale, "winter", year).unwrap()
    };
    assert_eq!(winter(2019).first_day, date(2019, 1, 2));
    assert_eq!(winter(2021).confidence.to_string(), "low");
    assert_eq!(winter(2022).first_day, date(2022, 1, 12));
    assert_eq!(winter(2022).confidence.to_string(), "high");
}

#[test]
fn periods_open_at_eight_in_the_zone_of_the_place() {
    let winter = &sales("FR-975", Channel::Store, date(2026, 1, 1), date(2026, 3, 1))[0];
    assert_eq!(winter.starts_at.to_string(), "2026-01-21T08:00:00-03:00[America/Miquelon]");
    assert_eq!(winter.ends_at.to_string(), "2026-02-18T00:00:00-03:00[America/Miquelon]");
    assert!(winter.contains(winter.starts_at.timestamp()));
    assert!(!winter.contains(winter.ends_at.timestamp()));
}
