//! What the texts of a campaign say about when, held against its schedule: a weekday, a day or an hour written by hand stays
//! as it is when the window moves, and so does a number of days.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan};

use super::words::{
    PlacedText, StatedEdge, StatedLength, StatedMoment, StatedTime, TextKind, stated_lengths, stated_moments,
};
use super::{CheckedCampaign, seasons, texts};
use crate::finding::{Finding, Severity};
use crate::phrase;
use crate::phrase::Fact;

/// A sale that closes at this hour of the morning, or before, is told to last until the evening before.
const EARLY: i8 = 9;

/// The instants that a text may speak of, on the campaign's clocks.
struct KnownMoments {
    opens: DateTime,
    closes: DateTime,
    /// Where the legal sales begin and end.
    periods: Vec<DateTime>,
}

impl KnownMoments {
    fn of(subject: &CheckedCampaign<'_>) -> Self {
        let CheckedCampaign { campaign, schedule, calendar, .. } = subject;
        let civil = |at: Timestamp| campaign.window.timezone.value.to_datetime(at);
        let (opens, closes) = (civil(schedule.opens_at), civil(schedule.closes_at));
        let days = (opens.date(), closes.date());
        let sales =
            schedule.markets.iter().flat_map(|market| seasons(calendar, market, schedule.channel, days).seasons);
        let mut periods: Vec<DateTime> = sales.flat_map(|sale| [civil(sale.starts_at), civil(sale.ends_at)]).collect();
        periods.extend(schedule.anchors.iter().map(|anchor| civil(anchor.at)));
        Self { opens, closes, periods }
    }

    /// Whether a text that states `moment` can be true.
    fn allows(&self, moment: &StatedMoment) -> bool {
        let of_sale = match moment.edge {
            Some(StatedEdge::Opens) => states(moment, self.opens),
            Some(StatedEdge::Closes) => self.closes_at(moment),
            None => states(moment, self.opens) || self.closes_at(moment) || self.is_within(moment),
        };
        let is_meant = |period: &&DateTime| moment.has_day() || self.is_near(**period);
        of_sale || self.periods.iter().filter(is_meant).any(|period| states(moment, *period))
    }

    /// Whether `moment` can be the closing: « jusqu’à mardi » is true of a sale that closes on Wednesday at 8.
    fn closes_at(&self, moment: &StatedMoment) -> bool {
        let is_evening_before = || {
            let before = self.closes.date().yesterday().ok().filter(|_| self.closes.hour() <= EARLY);
            moment.time.is_none() && before.is_some_and(|before| moment.is_on(before))
        };
        states(moment, self.closes) || is_evening_before()
    }

    /// Whether a text that says it lasts so long can be true: days begun or over, or days of the calendar.
    fn lasts(&self, length: &StatedLength, is_brief: bool) -> bool {
        let (Ok(lasting), Ok(days)) = (
            u32::try_from(self.closes.duration_since(self.opens).as_hours()),
            u32::try_from(self.opens.date().series(1.day()).take_while(|day| *day <= self.closes.date()).count()),
        ) else {
            return true;
        };
        let (least, most) = if length.in_hours { (lasting, lasting + 1) } else { (lasting / 24, days) };
        // A letter may speak of less than all of it: « deux jours de cadeaux en boutique ».
        length.number <= most && (!is_brief || length.number >= least)
    }

    /// Whether a weekday or an hour alone can speak of `at`: within a week of the window.
    fn is_near(&self, at: DateTime) -> bool {
        let (from, to) = (self.opens.saturating_sub(7.days()), self.closes.saturating_add(7.days()));
        from <= at && at <= to
    }

    /// Whether a day without an hour is one on which the sale is open.
    fn is_within(&self, moment: &StatedMoment) -> bool {
        let (first, last) = (self.opens.date(), self.closes.date());
        let days = first.series(1.day()).take_while(|day| *day <= last).take(366);
        moment.time.is_none() && days.into_iter().any(|day| moment.is_on(day))
    }
}

/// Whether `moment` can be the instant `at`. Midnight belongs to the evening before as well.
fn states(moment: &StatedMoment, at: DateTime) -> bool {
    let is_midnight = (at.hour(), at.minute()) == (0, 0);
    let evening: Option<Date> = at.date().yesterday().ok().filter(|_| is_midnight);
    let day = moment.is_on(at.date());
    match moment.time {
        Some(StatedTime::At(hour, minute)) => {
            day && u32::try_from(at.hour()) == Ok(hour) && u32::try_from(at.minute()) == Ok(minute)
        }
        Some(StatedTime::Midnight) if !is_midnight => false,
        Some(StatedTime::Midnight) | None => day || evening.is_some_and(|evening| moment.is_on(evening)),
    }
}

/// The findings on moments.
pub(super) fn check(subject: &CheckedCampaign<'_>) -> Vec<Finding> {
    let known = KnownMoments::of(subject);
    let texts = texts::of_campaign(subject.campaign, subject.schedule);
    let texts = texts.iter().filter(|text| text.kind != TextKind::Url);
    let mut findings = Vec::new();
    for text in texts {
        let moments = stated_moments(text).into_iter().filter(|moment| !known.allows(moment));
        findings.extend(moments.map(|moment| finding(subject, text, &moment)));
        let is_brief = matches!(text.kind, TextKind::Subject | TextKind::Title | TextKind::Label);
        let lengths = stated_lengths(text).into_iter().filter(|length| !known.lasts(length, is_brief));
        findings.extend(lengths.map(|length| of_length(subject, text, &length)));
    }
    findings
}

fn of_length(subject: &CheckedCampaign<'_>, text: &PlacedText<'_>, stated: &StatedLength) -> Finding {
    let zone = &subject.campaign.window.timezone.value;
    let (opens, closes) =
        (Fact::moment(subject.schedule.opens_at, zone), Fact::until(subject.schedule.closes_at, zone));
    let words = text.document.text.get(stated.span.clone()).unwrap_or_default();
    let message = phrase!("text-contradicts-length", words = words, opens = opens, closes = closes);
    let finding = Finding::warning("text.contradicts-schedule", text.document.place(stated.span.clone()), message);
    if text.language.is_some() { finding } else { finding.mended_by(phrase!("text-leave-time-out")) }
}

fn finding(subject: &CheckedCampaign<'_>, text: &PlacedText<'_>, stated: &StatedMoment) -> Finding {
    let zone = &subject.campaign.window.timezone.value;
    let (opens, closes) =
        (Fact::moment(subject.schedule.opens_at, zone), Fact::until(subject.schedule.closes_at, zone));
    let words = text.document.text.get(stated.span.clone()).unwrap_or_default();
    let message = match stated.edge {
        Some(StatedEdge::Opens) => phrase!("text-contradicts-opening", words = words, opens = opens),
        Some(StatedEdge::Closes) => phrase!("text-contradicts-closing", words = words, closes = closes),
        None => phrase!("text-contradicts-window", words = words, opens = opens, closes = closes),
    };
    // A day in a sentence about neither the sale nor its prices is mostly that of something else.
    let severity = if stated.edge.is_some() || stated.is_of_sale { Severity::Warning } else { Severity::Note };
    let place = text.document.place(stated.span.clone());
    let finding = Finding::new(severity, "text.contradicts-schedule", place, message);
    // Only what goes into letters is filled in.
    if text.language.is_some() { finding } else { finding.mended_by(phrase!("text-leave-time-out")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::{Campaign, sample};

    const OPENS: &str = "opens = \"soldes.winter.2027 - 4 days at 08:00\"";

    /// The words that are found in a headline, with the sample opening at `opens` and closing at `closes`.
    #[track_caller]
    fn found(opens: &str, closes: &str, headline: &str) -> Vec<String> {
        let texts = format!("languages = [\"fr\", \"en\"]\n[mailings.texts.fr]\nheadline = \"{headline}\"\n");
        let campaign = Campaign::parse(&sample::with(&[
            (OPENS, &format!("opens = \"{opens}\"")),
            ("closes = \"soldes.winter.2027\"", &format!("closes = \"{closes}\"")),
            ("languages = [\"fr\", \"en\"]\n", &texts),
        ]));
        let (campaign, calendar) = (campaign.unwrap(), Calendar::built_in());
        let schedule = campaign.resolve(&calendar).unwrap();
        let subject = CheckedCampaign {
            campaign: &campaign,
            schedule: &schedule,
            calendar: &calendar,
            texts: &[],
            offers: &[],
            members: None,
            record: None,
        };
        let words = |finding: Finding| format!("{}: {}", finding.place.line.unwrap(), finding.place.words.unwrap());
        check(&subject).into_iter().map(words).collect()
    }

    /// The sample, which opens on Saturday 2 January 2027 at 8 and closes on Wednesday the 6th at 8, when the soldes begin.
    #[track_caller]
    fn check_sample(headline: &str, is_found: bool) {
        let found = found("soldes.winter.2027 - 4 days at 08:00", "soldes.winter.2027", headline);
        assert_eq!(!found.is_empty(), is_found, "{headline}: {found:?}");
    }

    #[test]
    fn what_the_schedule_says_may_be_written() {
        for headline in [
            "Les journées magiques ouvrent samedi à 8 h",
            "Ouverture le 2 janvier 2027 à 8h00",
            "Du samedi 2 au mercredi 6 janvier",
            "Jusqu’à mercredi 8 h",
            // It closes in the morning of Wednesday.
            "Jusqu’à mardi",
            "Jusqu’au mardi 5 janvier, puis les soldes mercredi 6 janvier à 8 h",
            "4 jours de magie",
            "Quatre jours de magie, cinq même, si l’on compte bien",
            "Les soldes commencent le mercredi 6 janvier 2027",
            "Dimanche, un chocolat vous attend",
            "Nos boutiques vous accueillent de 10 h à 19 h",
            "Livraison en 24 h",
            "Our magic days open on Saturday at 8 a.m.",
            "{opens}, {closes.time}",
        ] {
            check_sample(headline, false);
        }
    }

    #[test]
    fn what_contradicts_the_schedule_is_found() {
        for headline in [
            "Les journées magiques ouvrent vendredi",
            "Ouverture samedi à 9 h",
            "Ouverture le 3 janvier",
            "Jusqu’à lundi",
            "Jusqu’au mercredi 6 janvier à midi",
            "3 jours de magie",
            "Dix jours de magie",
            "Pendant 48 heures",
            "Rendez-vous le 14 février",
            "Rendez-vous à 9 h",
            "Our magic days open on Friday at 8 a.m.",
            "Ouverture le 2 janvier 2028",
        ] {
            check_sample(headline, true);
        }
    }

    #[test]
    fn a_window_that_moved_leaves_its_texts_behind() {
        let moved = |headline: &str| found("soldes.winter.2027 - 5 days at 09:00", "soldes.winter.2027", headline);
        assert_eq!(moved("Les journées magiques ouvrent samedi à 8 h"), ["19: samedi à 8 h"]);
        assert_eq!(moved("Our magic days open on Saturday at 8 a.m."), ["19: Saturday at 8 a.m"]);
        assert_eq!(moved("Les journées magiques ouvrent {opens}"), Vec::<String>::new());
        // The evening before is the same end.
        let closed = |headline: &str| found("2027-01-02 08:00", "2027-01-06 00:00", headline);
        assert_eq!(closed("Jusqu’au mardi 5 janvier à minuit"), Vec::<String>::new());
        assert_eq!(closed("Jusqu’au mardi 5 janvier"), Vec::<String>::new());
        assert_eq!(closed("Jusqu’au lundi 4 janvier à minuit"), ["19: lundi 4 janvier à minuit"]);
    }

    #[test]
    fn the_finding_says_what_to_write() {
        let texts = "languages = [\"fr\"]\n[mailings.texts.fr]\nsubject = \"Ouverture vendredi\"\n";
        let campaign = Campaign::parse(&sample::with(&[("languages = [\"fr\", \"en\"]\n", texts)])).unwrap();
        let calendar = Calendar::built_in();
        let schedule = campaign.resolve(&calendar).unwrap();
        let subject = CheckedCampaign {
            campaign: &campaign,
            schedule: &schedule,
            calendar: &calendar,
            texts: &[],
            offers: &[],
            members: None,
            record: None,
        };
        let [finding] = check(&subject).try_into().unwrap();
        assert_eq!(
            finding.message.to_string(),
            "the text says “vendredi”, but the sale opens at 2027-01-02 08:00 Europe/Paris (07:00 UTC)"
        );
        assert!(finding.remedy.to_string().starts_with("write `{opens}`, which is filled in"), "{}", finding.remedy);
    }
}
