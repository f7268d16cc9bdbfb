//! What the forms of the page of choices ask for.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, ZonedDateTime};

use crate::member::Wish;
use crate::text::{MomentError, WrittenMoment};

/// What a form asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Leave,
    Wish(Wish),
    /// A day that no pause can end on, and why: one of the page's words.
    NoSuchDay(&'static str),
    /// Nothing that the page asks.
    Nothing,
}

/// The fields of the page's forms.
#[derive(Debug, Default)]
pub(super) struct ChoiceForm {
    act: String,
    language: String,
    /// The day that was typed.
    pub(super) until: String,
}

impl ChoiceForm {
    pub(super) fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            match &*name {
                "act" => form.act = value.into_owned(),
                "language" => form.language = value.into_owned(),
                "until" => form.until = value.into_owned(),
                _ => {}
            }
        }
        form
    }

    /// What is asked for, in the zone and at the time of `now`.
    pub(super) fn choice(&self, now: &ZonedDateTime) -> Choice {
        match self.act.as_str() {
            "leave" => Choice::Leave,
            "resume" => Choice::Wish(Wish::Resume),
            "language" => self.language.parse().map_or(Choice::Nothing, |it| Choice::Wish(Wish::Language(it))),
            "pause" => match self.end_of_pause(now) {
                Ok(until) => Choice::Wish(Wish::PauseUntil(until)),
                Err(why) => Choice::NoSuchDay(why),
            },
            _ => Choice::Nothing,
        }
    }

    /// The beginning of the day that was chosen.
    fn end_of_pause(&self, now: &ZonedDateTime) -> Result<Timestamp, &'static str> {
        let written = self.until.trim();
        let day = WrittenMoment::parse(written).map_err(|why| not_a_day(&why, written))?.date();
        let (earliest, latest) = pauses(now);
        if day < earliest {
            return Err("past");
        }
        let begins = day.to_zoned_datetime(now.time_zone().clone()).and_then(|day| day.start_of_day());
        begins.ok().filter(|_| day <= latest).map(|begins| begins.timestamp()).ok_or("far")
    }
}

/// What is said of `text`, which cannot be read as a day.
fn not_a_day(why: &MomentError, text: &str) -> &'static str {
    let is_dated = text.chars().all(|letter| letter.is_ascii_digit() || "-/.".contains(letter));
    let mut years = text.split(['-', '/', '.']).filter(|part| part.len() == 4).filter_map(|year| year.parse().ok());
    match why {
        MomentError::Year(_) if years.next().is_some_and(|year: u16| year > 2000) => "far",
        MomentError::Year(_) => "past",
        _ if is_dated && text.len() >= 8 => "no_such_day",
        _ => "missing",
    }
}

/// The first and the last day on which a pause can end: tomorrow, and in a year.
pub(super) fn pauses(now: &ZonedDateTime) -> (Date, Date) {
    let today = now.date();
    (today.tomorrow().unwrap_or(today), today.saturating_add(1.year()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[track_caller]
    fn check(body: &str, expected: Choice) {
        let now: ZonedDateTime = "2026-11-26T23:30[Europe/Paris]".parse().unwrap();
        assert_eq!(ChoiceForm::read(body.as_bytes()).choice(&now), expected, "{body}");
    }

    #[test]
    fn a_form_asks_for_one_thing() {
        check("act=leave", Choice::Leave);
        check("act=resume&until=x", Choice::Wish(Wish::Resume));
        check("act=language&language=en", Choice::Wish(Wish::Language(Language::En)));
        for nothing in ["", "act", "act=language", "act=language&language=pl", "language=en", "act=Leave", "leave=yes"]
        {
            check(nothing, Choice::Nothing);
        }
    }

    #[test]
    fn a_pause_ends_with_the_night_before_a_day_to_come() {
        let until = |at: &str| Choice::Wish(Wish::PauseUntil(at.parse().unwrap()));
        check("act=pause&until=2026-11-27", until("2026-11-26T23:00:00Z"));
        check("act=pause&until=15%2F07%2F2027", until("2027-07-14T22:00:00Z"));
        check("act=pause&until=+2027-11-26+", until("2027-11-25T23:00:00Z"));
        check("act=pause&until=2027-11-27", Choice::NoSuchDay("far"));
        check("act=pause&until=2026-11-26", Choice::NoSuchDay("past"));
        check("act=pause&until=1999-01-01", Choice::NoSuchDay("past"));
        check("act=pause&until=01%2F01%2F2999", Choice::NoSuchDay("far"));
        for none in ["31/02/2027", "2027-13-01", "15/3/27000"] {
            check(&format!("act=pause&until={none}"), Choice::NoSuchDay("no_such_day"));
        }
        for missing in ["act=pause", "act=pause&until=", "act=pause&until=soon"] {
            check(missing, Choice::NoSuchDay("missing"));
        }
    }
}
