//! Days and hours as a reader of the language writes them, with the spaces that must not break.
//!
//! Knows no clock: it is handed instants in a zone.

use jiff::ZonedDateTime;
use jiff::civil::{Date, Weekday};
use serde::Serialize;

use super::Language;
use crate::phrase::last_evening;

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
    pub fn at(at: &ZonedDateTime, language: impl Into<Language>) -> Self {
        let language = language.into();
        let time = hour(at.hour(), at.minute(), language);
        let join = |day: String| match language {
            Language::Fr => format!("{day} à {time}"),
            Language::En if is_midnight(at) => format!("midnight at the start of {day}"),
            Language::En => format!("{day} at {time}"),
            Language::Nl => format!("{day} om {time}"),
            Language::De => format!("{day}, {time}"),
            Language::It => format!("{day} alle {time}"),
            Language::Es if at.hour() == 1 => format!("{day} a la {time}"),
            Language::Es => format!("{day} a las {time}"),
            Language::Pt if matches!(at.hour(), 0 | 1) => format!("{day}, à {time}"),
            Language::Pt => format!("{day}, às {time}"),
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
    pub fn until(at: &ZonedDateTime, language: impl Into<Language>) -> Self {
        let language = language.into();
        let Some(evening) = last_evening(at) else { return Self::at(at, language) };
        let time = end_of_day(language);
        let join = |day: String| match language {
            Language::Fr => format!("{day} à {time}"),
            Language::En => format!("{time} at the end of {day}"),
            Language::Nl => format!("{day} om {time}"),
            Language::De => format!("{day}, {time}"),
            Language::It => format!("{day} alle {time}"),
            Language::Es => format!("{day} a las {time}"),
            Language::Pt => format!("{day}, às {time}"),
        };
        Self {
            date: day(evening, language),
            short: join(day_without_year(evening, language)),
            full: join(day(evening, language)),
            time,
            ..Self::at(at, language)
        }
    }
}

fn is_midnight(at: &ZonedDateTime) -> bool {
    at.hour() == 0 && at.minute() == 0
}

/// A day with its year: « mercredi 6 janvier 2027 », "Wednesday 6 January 2027".
pub fn day(date: Date, language: impl Into<Language>) -> String {
    let language = language.into();
    let year = date.year();
    match language {
        Language::Es | Language::Pt => format!("{} de {year}", day_without_year(date, language)),
        _ => format!("{} {year}", day_without_year(date, language)),
    }
}

fn day_without_year(date: Date, language: Language) -> String {
    let weekday = weekday(date.weekday(), language);
    let month = month(date.month(), language);
    match (language, date.day()) {
        (Language::Fr, 1) => format!("{weekday} 1er{NO_BREAK}{month}"),
        (Language::It, 1) => format!("{weekday} 1º{NO_BREAK}{month}"),
        (Language::De, number) => format!("{weekday}, {number}.{NO_BREAK}{month}"),
        (Language::Es, number) => format!("{weekday} {number}{NO_BREAK}de{NO_BREAK}{month}"),
        (Language::Pt, number) => format!("{weekday}, {number}{NO_BREAK}de{NO_BREAK}{month}"),
        (Language::Fr | Language::En | Language::Nl | Language::It, number) => {
            format!("{weekday} {number}{NO_BREAK}{month}")
        }
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
        (Language::Nl, _, 0) => format!("{hour}{NO_BREAK}uur"),
        (Language::Nl, ..) => format!("{hour}.{minute:02}{NO_BREAK}uur"),
        (Language::De, _, 0) => format!("{hour}{NO_BREAK}Uhr"),
        (Language::De, ..) => format!("{hour}.{minute:02}{NO_BREAK}Uhr"),
        (Language::It, _, 0) => format!("ore{NO_BREAK}{hour}"),
        (Language::It, ..) => format!("ore{NO_BREAK}{hour}.{minute:02}"),
        (Language::Es, ..) => format!("{hour}:{minute:02}{NO_BREAK}h"),
        (Language::Pt, ..) => format!("{hour}h{minute:02}"),
    }
}

/// The last instant of a day. Where a language has no one word for it that cannot be taken for the night before, the hour
/// is written as 24.
fn end_of_day(language: Language) -> String {
    match language {
        Language::Fr => "minuit".to_owned(),
        Language::En => "midnight".to_owned(),
        _ => hour(24, 0, language),
    }
}

/// A unit of time: one, and several.
type Unit = (&'static str, &'static str);

/// Days, hours and minutes, as they are counted.
fn units(language: Language) -> [Unit; 3] {
    match language {
        Language::Fr => [("jour", "jours"), ("heure", "heures"), ("minute", "minutes")],
        Language::En => [("day", "days"), ("hour", "hours"), ("minute", "minutes")],
        Language::Nl => [("dag", "dagen"), ("uur", "uur"), ("minuut", "minuten")],
        Language::De => [("Tag", "Tage"), ("Stunde", "Stunden"), ("Minute", "Minuten")],
        Language::It => [("giorno", "giorni"), ("ora", "ore"), ("minuto", "minuti")],
        Language::Es => [("día", "días"), ("hora", "horas"), ("minuto", "minutos")],
        Language::Pt => [("dia", "dias"), ("hora", "horas"), ("minuto", "minutos")],
    }
}

/// How long it is from one instant to another: in days as people count them, the last one begun included, or in hours
/// and minutes when it is less than a day.
pub fn duration(from: &ZonedDateTime, to: &ZonedDateTime, language: impl Into<Language>) -> String {
    let language = language.into();
    let minutes = to.timestamp().duration_since(from.timestamp()).as_mins();
    let civil = to.datetime().duration_since(from.datetime()).as_mins();
    if civil < DAY && minutes > 120 && minutes % 60 != 0 {
        let (hours, rest) = (minutes / 60, minutes % 60);
        return match language {
            Language::Fr => format!("{hours}{NO_BREAK}h{NO_BREAK}{rest:02}"),
            Language::Nl => format!("{hours}{NO_BREAK}uur {rest}{NO_BREAK}min."),
            Language::De => format!("{hours}{NO_BREAK}Std. {rest}{NO_BREAK}Min."),
            Language::En | Language::It | Language::Es | Language::Pt => {
                format!("{hours}{NO_BREAK}h {rest}{NO_BREAK}min")
            }
        };
    }
    let [days, hours, few_minutes] = units(language);
    let (count, (one, many)) = match minutes {
        _ if civil >= DAY => ((civil + DAY - 1) / DAY, days),
        _ if minutes % 60 == 0 => (minutes / 60, hours),
        _ => (minutes, few_minutes),
    };
    format!("{count}{NO_BREAK}{}", if count == 1 { one } else { many })
}

/// The days of the week from Monday on, and the months, as they stand in a date.
struct Names {
    weekdays: [&'static str; 7],
    months: [&'static str; 12],
}

const FRENCH: Names = Names {
    weekdays: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
};

const ENGLISH: Names = Names {
    weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};

const DUTCH: Names = Names {
    weekdays: ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
    months: [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
};

const GERMAN: Names = Names {
    weekdays: ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
};

const ITALIAN: Names = Names {
    weekdays: ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"],
    months: [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
};

const SPANISH: Names = Names {
    weekdays: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
};

const PORTUGUESE: Names = Names {
    weekdays: ["segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"],
    months: [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
};

fn names(language: Language) -> &'static Names {
    match language {
        Language::Fr => &FRENCH,
        Language::En => &ENGLISH,
        Language::Nl => &DUTCH,
        Language::De => &GERMAN,
        Language::It => &ITALIAN,
        Language::Es => &SPANISH,
        Language::Pt => &PORTUGUESE,
    }
}

fn weekday(day: Weekday, language: Language) -> &'static str {
    let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = names(language).weekdays;
    match day {
        Weekday::Monday => monday,
        Weekday::Tuesday => tuesday,
        Weekday::Wednesday => wednesday,
        Weekday::Thursday => thursday,
        Weekday::Friday => friday,
        Weekday::Saturday => saturday,
        Weekday::Sunday => sunday,
    }
}

/// The month of this number, as jiff counts them: from 1 to 12.
fn month(number: i8, language: Language) -> &'static str {
    let index = usize::try_from(number).unwrap_or_default().saturating_sub(1);
    names(language).months.get(index).copied().unwrap_or_default()
}

/// What the clocks of the zone `id` are called: « heure de Paris », "Paris time".
pub fn zone_name(id: &str, language: impl Into<Language>) -> String {
    let language = language.into();
    let last = id.rsplit('/').next().unwrap_or(id).replace('_', " ");
    if !id.contains('/') {
        return last;
    }
    let city = || city(id, language).unwrap_or(&last);
    match language {
        Language::Fr => format!("heure {}", of_city(id, &last)),
        Language::En => format!("{} time", city()),
        Language::Nl => format!("plaatselijke tijd in {}", city()),
        Language::De => format!("Ortszeit {}", city()),
        Language::It => format!("ora di {}", city()),
        Language::Es | Language::Pt => format!("hora de {}", city()),
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

/// How the place of the zone `id` is called, where that is not what the zone database calls it. French is in [`of_city`].
fn city(id: &str, language: Language) -> Option<&'static str> {
    use Language::{De, Es, It, Nl, Pt};
    Some(match (id, language) {
        ("Indian/Reunion", _) => "Réunion",
        ("Pacific/Noumea", _) => "Nouméa",
        ("Atlantic/Canary", Es) => "Canarias",
        ("Atlantic/Azores", Pt) => "Açores",
        ("Europe/Amsterdam", Es) => "Ámsterdam",
        ("Europe/Amsterdam", Pt) => "Amesterdão",
        ("Europe/Athens", Nl) => "Athene",
        ("Europe/Athens", De) => "Athen",
        ("Europe/Athens", It) => "Atene",
        ("Europe/Athens", Es | Pt) => "Atenas",
        ("Europe/Berlin", Nl) => "Berlijn",
        ("Europe/Berlin", It) => "Berlino",
        ("Europe/Berlin", Es) => "Berlín",
        ("Europe/Berlin", Pt) => "Berlim",
        ("Europe/Brussels", Nl) => "Brussel",
        ("Europe/Brussels", De) => "Brüssel",
        ("Europe/Brussels", It) => "Bruxelles",
        ("Europe/Brussels", Es) => "Bruselas",
        ("Europe/Brussels", Pt) => "Bruxelas",
        ("Europe/Copenhagen", Nl | De) => "Kopenhagen",
        ("Europe/Copenhagen", It) => "Copenaghen",
        ("Europe/Copenhagen", Es) => "Copenhague",
        ("Europe/Copenhagen", Pt) => "Copenhaga",
        ("Europe/Dublin", It) => "Dublino",
        ("Europe/Dublin", Es) => "Dublín",
        ("Europe/Lisbon", Nl | De) => "Lissabon",
        ("Europe/Lisbon", It) => "Lisbona",
        ("Europe/Lisbon", Es | Pt) => "Lisboa",
        ("Europe/London", Nl) => "Londen",
        ("Europe/London", It) => "Londra",
        ("Europe/London", Es | Pt) => "Londres",
        ("Europe/Luxembourg", Nl | De) => "Luxemburg",
        ("Europe/Luxembourg", It) => "Lussemburgo",
        ("Europe/Luxembourg", Es | Pt) => "Luxemburgo",
        ("Europe/Paris", Nl) => "Parijs",
        ("Europe/Paris", It) => "Parigi",
        ("Europe/Paris", Es) => "París",
        ("Europe/Rome", De) => "Rom",
        ("Europe/Rome", It | Es | Pt) => "Roma",
        ("Europe/Vienna", Nl) => "Wenen",
        ("Europe/Vienna", De) => "Wien",
        ("Europe/Vienna", Es | Pt) => "Viena",
        ("Europe/Warsaw", Nl | De) => "Warschau",
        ("Europe/Warsaw", It) => "Varsavia",
        ("Europe/Warsaw", Es) => "Varsovia",
        ("Europe/Warsaw", Pt) => "Varsóvia",
        ("Europe/Zurich", Nl | De) => "Zürich",
        ("Europe/Zurich", It) => "Zurigo",
        ("Europe/Zurich", Es) => "Zúrich",
        ("Europe/Zurich", Pt) => "Zurique",
        _ => return None,
    })
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

    #[test]
    fn each_language_has_its_own_way_with_days_and_hours() {
        use Language::{De, Es, It, Nl, Pt};
        let at = "2027-01-01T08:00[Europe/Paris]";
        check(at, Nl, "vrijdag 1\u{a0}januari 2027 om 8\u{a0}uur");
        check(at, De, "Freitag, 1.\u{a0}Januar 2027, 8\u{a0}Uhr");
        check(at, It, "venerdì 1º\u{a0}gennaio 2027 alle ore\u{a0}8");
        check(at, Es, "viernes 1\u{a0}de\u{a0}enero de 2027 a las 8:00\u{a0}h");
        check(at, Pt, "sexta-feira, 1\u{a0}de\u{a0}janeiro de 2027, às 8h00");
        let at = "2027-03-06T20:30[Europe/Paris]";
        check(at, Nl, "zaterdag 6\u{a0}maart 2027 om 20.30\u{a0}uur");
        check(at, De, "Samstag, 6.\u{a0}März 2027, 20.30\u{a0}Uhr");
        check(at, It, "sabato 6\u{a0}marzo 2027 alle ore\u{a0}20.30");
        check(at, Es, "sábado 6\u{a0}de\u{a0}marzo de 2027 a las 20:30\u{a0}h");
        check(at, Pt, "sábado, 6\u{a0}de\u{a0}março de 2027, às 20h30");
        let at = "2027-12-05T01:00[Europe/Paris]";
        check(at, Es, "domingo 5\u{a0}de\u{a0}diciembre de 2027 a la 1:00\u{a0}h");
        check(at, Pt, "domingo, 5\u{a0}de\u{a0}dezembro de 2027, à 1h00");
        let at = "2027-01-06T00:00[Europe/Paris]";
        for (language, full, short) in [
            (Nl, "dinsdag 5\u{a0}januari 2027 om 24\u{a0}uur", "dinsdag 5\u{a0}januari om 24\u{a0}uur"),
            (De, "Dienstag, 5.\u{a0}Januar 2027, 24\u{a0}Uhr", "Dienstag, 5.\u{a0}Januar, 24\u{a0}Uhr"),
            (It, "martedì 5\u{a0}gennaio 2027 alle ore\u{a0}24", "martedì 5\u{a0}gennaio alle ore\u{a0}24"),
            (
                Es,
                "martes 5\u{a0}de\u{a0}enero de 2027 a las 24:00\u{a0}h",
                "martes 5\u{a0}de\u{a0}enero a las 24:00\u{a0}h",
            ),
            (
                Pt,
                "terça-feira, 5\u{a0}de\u{a0}janeiro de 2027, às 24h00",
                "terça-feira, 5\u{a0}de\u{a0}janeiro, às 24h00",
            ),
        ] {
            check_until(at, language, full, short);
        }
    }

    #[test]
    fn each_language_has_its_own_words_for_a_duration() {
        use Language::{De, Es, It, Nl, Pt};
        let said = |to: &str, language| {
            let at = |text: &str| format!("{text}[Europe/Paris]").parse().unwrap();
            duration(&at("2027-01-02T08:00"), &at(to), language).replace(NO_BREAK, " ")
        };
        for (language, days, one_day, hours, hour, between, minutes) in [
            (Nl, "4 dagen", "1 dag", "12 uur", "1 uur", "2 uur 50 min.", "90 minuten"),
            (De, "4 Tage", "1 Tag", "12 Stunden", "1 Stunde", "2 Std. 50 Min.", "90 Minuten"),
            (It, "4 giorni", "1 giorno", "12 ore", "1 ora", "2 h 50 min", "90 minuti"),
            (Es, "4 días", "1 día", "12 horas", "1 hora", "2 h 50 min", "90 minutos"),
            (Pt, "4 dias", "1 dia", "12 horas", "1 hora", "2 h 50 min", "90 minutos"),
        ] {
            assert_eq!(said("2027-01-06T08:00", language), days);
            assert_eq!(said("2027-01-03T08:00", language), one_day);
            assert_eq!(said("2027-01-02T20:00", language), hours);
            assert_eq!(said("2027-01-02T09:00", language), hour);
            assert_eq!(said("2027-01-02T10:50", language), between);
            assert_eq!(said("2027-01-02T09:30", language), minutes);
        }
    }

    #[test]
    fn each_language_has_its_own_name_for_a_place() {
        use Language::{De, Es, It, Nl, Pt};
        assert_eq!(zone_name("Europe/Brussels", Nl), "plaatselijke tijd in Brussel");
        assert_eq!(zone_name("Europe/Vienna", De), "Ortszeit Wien");
        assert_eq!(zone_name("Europe/Rome", It), "ora di Roma");
        assert_eq!(zone_name("Europe/Paris", Es), "hora de París");
        assert_eq!(zone_name("Europe/Lisbon", Pt), "hora de Lisboa");
        assert_eq!(zone_name("Europe/Prague", De), "Ortszeit Prague");
    }
}
