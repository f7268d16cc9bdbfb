//! What the calendar says of some days: the periods that it holds, and what it does not know. That there is none is said only
//! where it is known.

use jiff::civil::Date;

use super::Calendar;
use super::market::{Channel, Market};
use super::period::{Period, UnpublishedPeriod};

/// What is not known of some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenQuestion {
    /// Sales of the time whose dates the calendar does not hold.
    Unpublished(UnpublishedPeriod),
    /// The market has no dates of its own and follows nobody: why.
    Outside(String),
    /// Nobody looked up what is banned around its sales: whom to ask.
    Bans {
        /// Whom to ask.
        look: String,
    },
    /// What was banned before a day is not held.
    BansBefore {
        /// The day.
        since: Date,
        /// Whom to ask.
        look: String,
    },
}

/// What the calendar says of some days.
#[derive(Clone, Debug, Default)]
pub struct DaysAnswer {
    /// The periods that lie there, in order.
    pub periods: Vec<Period>,
    /// Those that may lie there, because their first or last day is in doubt, in order.
    pub doubtful: Vec<Period>,
    /// What is not known.
    pub open: Vec<OpenQuestion>,
}

/// The proof that no period lies on the days that were asked about. Only [`DaysAnswer::known_none`] gives it, and what says so to
/// people asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownNone(());

impl DaysAnswer {
    /// Whether it is known that there is no period.
    pub fn known_none(&self) -> Option<KnownNone> {
        (self.periods.is_empty() && self.doubtful.is_empty() && self.open.is_empty()).then_some(KnownNone(()))
    }
}

impl Calendar {
    /// What is known of the days from `from` to `to`, inclusive. Of a market that no file speaks of nothing is: ask
    /// [`Calendar::must_know`] first.
    pub fn answer(&self, market: &Market, channel: Channel, from: Date, to: Date) -> DaysAnswer {
        let possible = self.possible_periods(market, channel, from, to);
        let (periods, doubtful) = possible.into_iter().partition(|period| period.touches(from, to));
        let mut open: Vec<OpenQuestion> = self.open_seasons(*market, channel, from, to);
        open.extend(self.outside(market).map(|why| OpenQuestion::Outside(why.to_owned())));
        open.extend(self.unknown_bans(market).map(|look| OpenQuestion::Bans { look }));
        open.extend(self.bans_known_since(market).filter(|since| from < *since).map(|since| {
            let look = self.whom_to_ask(market).unwrap_or_default();
            OpenQuestion::BansBefore { since, look }
        }));
        DaysAnswer { periods, doubtful, open }
    }

    /// The seasons that the calendar has no dates for: those that may lie on these days, else those of their years, which are only
    /// expected elsewhere.
    fn open_seasons(&self, market: Market, channel: Channel, from: Date, to: Date) -> Vec<OpenQuestion> {
        let mut gaps = self.gaps(&market, channel, from, to);
        if gaps.is_empty() {
            gaps = self.gaps(&market, channel, from.first_of_year(), to.last_of_year());
            gaps.retain(|gap| (from.year()..=to.year()).contains(&gap.year));
        }
        gaps.into_iter().map(OpenQuestion::Unpublished).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[track_caller]
    fn answer(market: &str, from: Date, to: Date) -> DaysAnswer {
        Calendar::built_in().answer(&market.parse().unwrap(), Channel::Store, from, to)
    }

    #[test]
    fn that_there_is_none_is_known_or_not_said() {
        let none = |market, day| answer(market, day, day).known_none().is_some();
        assert!(none("FR", date(2026, 11, 28)) && none("DE", date(2027, 1, 31)) && none("IT-TN", date(2026, 12, 20)));
        for (market, day) in [
            ("LU", date(2027, 1, 10)),
            ("LU", date(2027, 5, 5)),
            ("IT-BZ", date(2027, 5, 5)),
            ("IT-32", date(2027, 1, 10)),
            ("LI", date(2027, 1, 10)),
            ("NC", date(2027, 1, 10)),
            ("FR", date(2026, 7, 25)),
            ("FR-57", date(2027, 1, 31)),
            ("IT-75", date(2026, 12, 10)),
            ("IT-62", date(2018, 3, 20)),
        ] {
            assert!(!none(market, day), "{market} {day}");
        }
    }

    #[test]
    fn a_day_in_doubt_is_in_no_period_and_in_no_gap() {
        let day = date(2026, 12, 10);
        let DaysAnswer { periods, doubtful, open } = answer("IT-75", day, day);
        assert!(periods.is_empty() && open.is_empty());
        let [ban] = doubtful.try_into().unwrap();
        assert_eq!((ban.may_begin, ban.first_day), (date(2026, 12, 6), date(2026, 12, 21)));
        assert_eq!(ban.doubtful_stretches().collect::<Vec<_>>(), [(date(2026, 12, 6), date(2026, 12, 20))]);
        let [june] = answer("IT-75", date(2027, 6, 10), date(2027, 6, 10)).doubtful.try_into().unwrap();
        assert_eq!(june.may_begin, date(2027, 6, 3));
        let [moselle] = answer("FR-57", date(2027, 1, 31), date(2027, 1, 31)).doubtful.try_into().unwrap();
        assert_eq!(moselle.may_end, date(2027, 1, 31));
    }
}
