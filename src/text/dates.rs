//! Days and hours as a reader of the language writes them, with the spaces that must not break.
//!
//! Knows no clock: it is handed instants in a zone.

use jiff::ZonedDateTime;
use jiff::civil::{Date, Weekday};
use serde::Serialize;

use super::Language;

/// The space that keeps a number with its unit.
pub const NO_BREAK: char = '\u{a0}';

/// The minutes of a day.
const DAY: i64 = 24 * 60;

/// An instant, written out for people in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// RFC 3339 with the zone's offset, for machines: `2027-01-06T08:00:00+01:00`.
    pub iso: String,
    /// Day and year: « mercredi 6 janvier 2027 ».
    pub date: String,
    /// The hour: « 8 h 30 », "8:30 am".
    pub time: String,
    /// Day and hour without the year, for a subject line: « mercredi 6 janvier à 8 h ».
    pub short: String,
    /// Day, year and hour: « mercredi 6 janvier 2027 à 8 h ».
    pub full: String,
}

impl Moment {
    /// The instant `at`.
    pub fn at(at: &ZonedDateTime, language: Language) -> Self {
        let time = hour(at.hour(), at.minute(), language);
        let join = |day: String| match language {
            Language::Fr => format!("{day} à {time}"),
            Language::En if is_midnight(at) => format!("midnight at the start of {day}"),
            Language::En => format!("{day} at {time}"),
        };
        Self {
            iso: at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            date: day(at.date(), language),
            short: join(day_without_year(at.date(), language)),
            full: join(day(at.date(), language)),
            time,
        }
    }

    /// The exclusive end `at`. An end at 0 h belongs to the evening before: « mardi 5 janvier 2027 à minuit ».
    pub fn until(at: &ZonedDateTime, language: Language) -> Self {
        let Some(evening) = is_midnight(at).then(|| at.date().yesterday().ok()).flatten() else {
            return Self::at(at, language);
        };
        let join = |day: String| match language {
            Language::Fr => format!("{day} à minuit"),
            Language::En => format!("midnight at the end of {day}"),
        };
        Self {
            date: day(evening, language),
            time: if language == Language::Fr { "minuit" } else { "midnight" }.to_owned(),
            short: join(day_without_year(evening, language)),
            full: join(day(evening, language)),
            ..Self::at(at, language)
        }
    }
}

fn is_midnight(at: &ZonedDateTime) -> bool {
    at.hour() == 0 && at.minute() == 0
}

/// A day with its year: « mercredi 6 janvier 2027 », "Wednesday 6 January 2027".
pub fn day(date: Date, language: Language) -> String {
    format!("{} {}", day_without_year(date, language), date.year())
}

fn day_without_year(date: Date, language: Language) -> String {
    let weekday = weekday(date.weekday(), language);
    let month = month(date.month(), language);
    match (language, date.day()) {
        (Language::Fr, 1) => format!("{weekday} 1er{NO_BREAK}{month}"),
        (_, number) => format!("{weekday} {number}{NO_BREAK}{month}"),
    }
}

fn hour(hour: i8, minute: i8, language: Language) -> String {
    match (language, hour, minute) {
        (Language::Fr, _, 0) => format!("{hour}{NO_BREAK}h"),
        (Language::Fr, ..) => format!("{hour}{NO_BREAK}h{NO_BREAK}{minute:02}"),
        (Language::En, 0, 0) => "midnight".to_owned(),
        (Language::En, 12, 0) => "noon".to_owned(),
        (Language::En, ..) => {
            let half = if hour < 12 { "am" } else { "pm" };
            let number = if hour % 12 == 0 { 12 } else { hour % 12 };
            match minute {
                0 => format!("{number}{NO_BREAK}{half}"),
                _ => format!("{number}:{minute:02}{NO_BREAK}{half}"),
            }
        }
    }
}

/// How long it is from one instant to another: in days as people count them, the last one begun included, or in hours
/// and minutes when it is less than a day.
pub fn duration(from: &ZonedDateTime, to: &ZonedDateTime, language: Language) -> String {
    let minutes = to.timestamp().duration_since(from.timestamp()).as_mins();
    let civil = to.datetime().duration_since(from.datetime()).as_mins();
    if civil < DAY && minutes > 120 && minutes % 60 != 0 {
        let (hours, rest) = (minutes / 60, minutes % 60);
        return match language {
            Language::Fr => format!("{hours}{NO_BREAK}h{NO_BREAK}{rest:02}"),
            Language::En => format!("{hours}{NO_BREAK}h {rest}{NO_BREAK}min"),
        };
    }
    let (count, french, english) = match minutes {
        _ if civil >= DAY => ((civil + DAY - 1) / DAY, ("jour", "jours"), ("day", "days")),
        _ if minutes % 60 == 0 => (minutes / 60, ("heure", "heures"), ("hour", "hours")),
        _ => (minutes, ("minute", "minutes"), ("minute", "minutes")),
    };
    let (one, many) = if language == Language::Fr { french } else { english };
    format!("{count}{NO_BREAK}{}", if count == 1 { one } else { many })
}

fn weekday(day: Weekday, language: Language) -> &'static str {
    let (french, english) = match day {
        Weekday::Monday => ("lundi", "Monday"),
        Weekday::Tuesday => ("mardi", "Tuesday"),
        Weekday::Wednesday => ("mercredi", "Wednesday"),
        Weekday::Thursday => ("jeudi", "Thursday"),
        Weekday::Friday => ("vendredi", "Friday"),
        Weekday::Saturday => ("samedi", "Saturday"),
        Weekday::Sunday => ("dimanche", "Sunday"),
    };
    if language == Language::Fr { french } else { english }
}

fn month(number: i8, language: Language) -> &'static str {
    let (french, english) = match number {
        1 => ("janvier", "January"),
        2 => ("février", "February"),
        3 => ("mars", "March"),
        4 => ("avril", "April"),
        5 => ("mai", "May"),
        6 => ("juin", "June"),
        7 => ("juillet", "July"),
        8 => ("août", "August"),
        9 => ("septembre", "September"),
        10 => ("octobre", "October"),
        11 => ("novembre", "November"),
        _ => ("décembre", "December"),
    };
    if language == Language::Fr { french } else { english }
}

/// What the clocks of the zone `id` are called: « heure de Paris », "Paris time".
pub fn zone_name(id: &str, language: Language) -> String {
    let last = id.rsplit('/').next().unwrap_or(id).replace('_', " ");
    if !id.contains('/') {
        return last;
    }
    match language {
        Language::Fr => format!("heure {}", of_city(id, &last)),
        Language::En => format!("{} time", english_city(id, &last)),
    }
}

/// « de Paris », with the preposition that the place takes.
fn of_city(id: &str, city: &str) -> String {
    match id {
        "America/Guadeloupe" => "de la Guadeloupe".to_owned(),
        "America/Martinique" => "de la Martinique".to_owned(),
        "America/Miquelon" => "de Saint-Pierre-et-Miquelon".to_owned(),
        "Europe/Athens" => "d’Athènes".to_owned(),
        "Europe/Brussels" => "de Bruxelles".to_owned(),
        "Europe/Copenhagen" => "de Copenhague".to_owned(),
        "Europe/Lisbon" => "de Lisbonne".to_owned(),
        "Europe/London" => "de Londres".to_owned(),
        "Europe/Rome" => "de Rome".to_owned(),
        "Europe/Vienna" => "de Vienne".to_owned(),
        "Europe/Warsaw" => "de Varsovie".to_owned(),
        "Indian/Mayotte" => "de Mayotte".to_owned(),
        "Indian/Reunion" => "de La\u{a0}Réunion".to_owned(),
        "Pacific/Noumea" => "de Nouméa".to_owned(),
        _ if city.starts_with(['A', 'E', 'I', 'O', 'U']) => format!("d’{city}"),
        _ => format!("de {city}"),
    }
}

fn english_city<'a>(id: &str, city: &'a str) -> &'a str {
    match id {
        "Indian/Reunion" => "Réunion",
        "Pacific/Noumea" => "Nouméa",
        _ => city,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(at: &str, language: Language, expected: &str) {
        assert_eq!(Moment::at(&at.parse().unwrap(), language).full, expected);
    }

    #[track_caller]
    fn check_until(at: &str, language: Language, full: &str, short: &str) {
        let moment = Moment::until(&at.parse().unwrap(), language);
        assert_eq!((moment.full.as_str(), moment.short.as_str()), (full, short));
    }

    #[test]
    fn a_day_and_hour_are_written_as_the_reader_would() {
        use Language::{En, Fr};
        check("2027-01-06T08:00[Europe/Paris]", Fr, "mercredi 6\u{a0}janvier 2027 à 8\u{a0}h");
        check("2027-01-06T08:30[Europe/Paris]", Fr, "mercredi 6\u{a0}janvier 2027 à 8\u{a0}h\u{a0}30");
        check("2027-01-01T00:05[Europe/Paris]", Fr, "vendredi 1er\u{a0}janvier 2027 à 0\u{a0}h\u{a0}05");
        check("2027-08-01T00:00[Europe/Paris]", Fr, "dimanche 1er\u{a0}août 2027 à 0\u{a0}h");
        check("2027-01-06T08:00[Europe/Paris]", En, "Wednesday 6\u{a0}January 2027 at 8\u{a0}am");
        check("2027-01-06T20:30[Europe/Paris]", En, "Wednesday 6\u{a0}January 2027 at 8:30\u{a0}pm");
        check("2027-01-06T12:00[Europe/Paris]", En, "Wednesday 6\u{a0}January 2027 at noon");
        check("2027-01-06T00:30[Europe/Paris]", En, "Wednesday 6\u{a0}January 2027 at 12:30\u{a0}am");
        check("2027-01-06T00:00[Europe/Paris]", En, "midnight at the start of Wednesday 6\u{a0}January 2027");
    }

    #[test]
    fn an_end_at_midnight_belongs_to_the_evening_before() {
        let at = "2027-01-06T00:00[Europe/Paris]";
        let (full, short) = ("mardi 5\u{a0}janvier 2027 à minuit", "mardi 5\u{a0}janvier à minuit");
        check_until(at, Language::Fr, full, short);
        let full = "midnight at the end of Tuesday 5\u{a0}January 2027";
        check_until(at, Language::En, full, "midnight at the end of Tuesday 5\u{a0}January");
        let (full, short) = ("mercredi 6\u{a0}janvier 2027 à 8\u{a0}h", "mercredi 6\u{a0}janvier à 8\u{a0}h");
        check_until("2027-01-06T08:00[Europe/Paris]", Language::Fr, full, short);
    }

    #[track_caller]
    fn check_duration(from: &str, to: &str, french: &str, english: &str) {
        let at = |text: &str| format!("{text}[Europe/Paris]").parse().unwrap();
        assert_eq!(duration(&at(from), &at(to), Language::Fr).replace(NO_BREAK, " "), french);
        assert_eq!(duration(&at(from), &at(to), Language::En).replace(NO_BREAK, " "), english);
    }

    #[test]
    fn a_duration_is_counted_as_people_count() {
        check_duration("2027-01-02T08:00", "2027-01-06T08:00", "4 jours", "4 days");
        check_duration("2027-01-02T08:00", "2027-01-06T00:00", "4 jours", "4 days");
        check_duration("2027-01-02T08:00", "2027-01-06T08:01", "5 jours", "5 days");
        check_duration("2027-01-02T08:00", "2027-01-03T08:00", "1 jour", "1 day");
        check_duration("2027-01-02T08:00", "2027-01-02T20:00", "12 heures", "12 hours");
        check_duration("2027-01-02T08:00", "2027-01-02T09:00", "1 heure", "1 hour");
        check_duration("2027-01-02T08:00", "2027-01-02T09:30", "90 minutes", "90 minutes");
        check_duration("2027-01-02T08:00", "2027-01-02T10:50", "2 h 50", "2 h 50 min");
        check_duration("2027-01-02T08:00", "2027-01-02T10:05", "2 h 05", "2 h 5 min");
        // The clocks go forward in between: a day of 23 hours is a day.
        check_duration("2027-03-27T08:00", "2027-03-29T08:00", "2 jours", "2 days");
        check_duration("2027-03-27T08:00", "2027-03-28T08:00", "1 jour", "1 day");
    }

    #[test]
    fn machines_get_the_offset() {
        let moment = Moment::until(&"2027-01-06T00:00[Europe/Paris]".parse().unwrap(), Language::Fr);
        assert_eq!(moment.iso, "2027-01-06T00:00:00+01:00");
    }

    #[test]
    fn a_zone_is_named_by_its_place() {
        for (id, french, english) in [
            ("Europe/Paris", "heure de Paris", "Paris time"),
            ("Europe/Brussels", "heure de Bruxelles", "Brussels time"),
            ("Europe/Amsterdam", "heure d’Amsterdam", "Amsterdam time"),
            ("Indian/Reunion", "heure de La\u{a0}Réunion", "Réunion time"),
            ("America/Port_of_Spain", "heure de Port of Spain", "Port of Spain time"),
            ("UTC", "UTC", "UTC"),
        ] {
            assert_eq!(zone_name(id, Language::Fr), french);
            assert_eq!(zone_name(id, Language::En), english);
        }
    }
}
