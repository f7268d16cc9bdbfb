//! How many connections a relay takes at once, and how many mails on each: learned from what it says, and from where it
//! breaks off. A *line* is a connection; it *stands* once it is greeted.
//!
//! A line that cannot be added while others stand costs nothing but that line: the number that stands is the most from then
//! on, and one more is tried later. Only when none stands does the relay rest.

use jiff::{SignedDuration, Timestamp};

use super::retry::instant_after;

/// The pause before one more line is tried; it doubles while that fails.
const FIRST_TRY: SignedDuration = SignedDuration::from_mins(5);
const LAST_TRY: SignedDuration = SignedDuration::from_hours(1);

/// A relay may count a line for a moment after it was closed: so long nothing is concluded.
const MOMENT: SignedDuration = SignedDuration::from_secs(1);
const MOMENTS: u32 = 3;

/// When lines go down to nothing within so long, the relay went away: it does not take fewer.
const DECLINE: SignedDuration = SignedDuration::from_secs(60);

/// How often a message may see its line break off at MAIL, where it has not said whom it is for.
const MOST_BREAKS: u32 = 2;
/// The same at a later step.
const MOST_BREAKS_NAMED: u32 = 1;

/// What was learned about the lines of a relay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinesLearned {
    /// How many it takes at once, when it takes fewer than were asked for.
    pub at_once: Option<usize>,
    /// How many mails it takes on each, when it breaks off.
    pub mails: Option<u32>,
}

/// Whether a sender may have a place for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayOpen {
    /// It may.
    Now,
    /// When the clock shows this, or when another sender gives its place up.
    NotBefore(Timestamp),
    /// When another sender gives its place up, or the first line stands.
    Later,
}

/// What follows when a line could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOpened {
    /// Others stand: they go on.
    Fewer,
    /// None stands.
    Rest,
}

/// The lines of one relay. A sender takes a place, opens a line in it, and gives both up.
#[derive(Clone, Debug)]
pub struct Lines {
    /// How many a person allows.
    most: usize,
    /// How many mails a person allows on each.
    most_mails: u32,
    learned: LinesLearned,
    taken: usize,
    standing: usize,
    /// The greatest number that stood since it was last learned.
    stood: usize,
    /// When one more is tried, and after how long that is tried again.
    try_at: Option<Timestamp>,
    pause: SignedDuration,
    /// Until when no further line is opened, and how often that was said in a row.
    moment: Option<Timestamp>,
    moments: u32,
    /// What was known before the present decline began.
    before: Option<(Option<usize>, Timestamp)>,
    /// The number of mails after which a line broke off last.
    broke_at: Option<u32>,
}

impl Lines {
    /// For a relay of which no more than `most` lines with `most_mails` mails each are asked, as far as is known `learned`.
    pub fn new(most: usize, most_mails: u32, learned: LinesLearned) -> Self {
        Self {
            most: most.max(1),
            most_mails: most_mails.max(1),
            learned: LinesLearned { at_once: learned.at_once.filter(|some| *some < most), ..learned },
            taken: 0,
            standing: 0,
            stood: 0,
            try_at: None,
            pause: FIRST_TRY,
            moment: None,
            moments: 0,
            before: None,
            broke_at: None,
        }
    }

    /// What is known.
    pub fn learned(&self) -> LinesLearned {
        self.learned
    }

    /// How many stand.
    pub fn standing(&self) -> usize {
        self.standing
    }

    /// How many mails a line carries before it is closed.
    pub fn mails(&self) -> u32 {
        self.learned.mails.map_or(self.most_mails, |mails| mails.min(self.most_mails))
    }

    /// Whether a sender may take a place now; takes it when it may.
    pub fn take(&mut self, now: Timestamp) -> MayOpen {
        // The first line is opened alone: until it stands nobody knows whether the relay can be used.
        if self.standing == 0 && self.taken > 0 {
            return MayOpen::Later;
        }
        if self.taken >= self.most {
            return MayOpen::Later;
        }
        if self.taken > 0 {
            if let Some(moment) = self.moment.filter(|moment| now < *moment && moment.duration_since(now) <= MOMENT) {
                return MayOpen::NotBefore(moment);
            }
            if let Some(at_once) = self.learned.at_once
                && self.taken >= at_once
            {
                let try_at = *self.try_at.get_or_insert_with(|| instant_after(now, self.pause));
                // A clock that was set back has made the pause longer than any.
                if now < try_at && try_at.duration_since(now) <= LAST_TRY {
                    return MayOpen::NotBefore(try_at);
                }
                if self.taken > at_once {
                    return MayOpen::Later;
                }
                self.try_at = Some(instant_after(now, self.pause));
            }
        }
        self.taken += 1;
        MayOpen::Now
    }

    /// A place is given up; its line, if there was one, was [`closed`](Self::closed) before.
    pub fn give_up(&mut self) {
        self.taken = self.taken.saturating_sub(1);
    }

    /// A line stands.
    pub fn opened(&mut self) {
        self.standing += 1;
        self.stood = self.stood.max(self.standing);
    }

    /// A line that stands has carried its first mail: the relay means it.
    pub fn carried(&mut self, now: Timestamp) {
        (self.moment, self.moments) = (None, 0);
        if self.learned.at_once.is_some_and(|at_once| self.standing > at_once) {
            self.learned.at_once = Some(self.standing).filter(|standing| *standing < self.most);
            self.pause = FIRST_TRY;
            self.try_at = Some(instant_after(now, self.pause));
        }
    }

    /// A line that stood is closed or broken.
    pub fn closed(&mut self) {
        self.standing = self.standing.saturating_sub(1);
    }

    /// A line could not be opened, or was of no use: the relay greeted it and then did not take a first mail.
    pub fn not_opened(&mut self, now: Timestamp) -> NotOpened {
        if self.standing == 0 {
            if let Some((before, since)) = self.before.take()
                && now.duration_since(since) <= DECLINE
            {
                self.learned.at_once = before;
            }
            (self.moment, self.moments, self.stood) = (None, 0, 0);
            return NotOpened::Rest;
        }
        if self.standing < self.stood && self.moments < MOMENTS {
            self.moments += 1;
            self.moment = Some(instant_after(now, MOMENT));
            return NotOpened::Fewer;
        }
        if self.learned.at_once.is_some_and(|at_once| at_once <= self.standing) {
            self.pause = self.pause.saturating_mul(2).min(LAST_TRY);
        }
        if self.before.is_none_or(|(_, since)| now.duration_since(since) > DECLINE) {
            self.before = Some((self.learned.at_once, now));
        }
        self.learned.at_once = Some(self.standing);
        (self.moments, self.stood) = (0, self.standing);
        self.try_at = Some(instant_after(now, self.pause));
        NotOpened::Fewer
    }

    /// A line ended after it had carried `mails`; `said` when the relay said that this was the reason. Says whether that
    /// taught something.
    pub fn broke_off(&mut self, mails: u32, said: bool) -> bool {
        let again = self.broke_at.replace(mails) == Some(mails);
        if mails == 0 || !(said || again) || self.learned.mails == Some(mails) {
            return false;
        }
        self.learned.mails = Some(mails);
        true
    }
}

/// A line that broke off before the final dot, under a message of which the relay has nothing.
#[derive(Clone, Copy, Debug)]
pub struct BrokenOff {
    /// Whether it was at MAIL, before a recipient was named.
    pub at_mail: bool,
    /// Whether the line had carried no mail.
    pub fresh: bool,
    /// How often that has happened to the message, this time included.
    pub times: u32,
}

/// What follows for the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterBreak {
    /// It is offered again at once, on a new line.
    NewLine,
    /// The relay takes no line more, and perhaps none at all: as when one cannot be opened.
    NoLine,
    /// It counts as an attempt: it may be the message that ends lines.
    Attempt,
}

/// What follows when a line has broken off.
pub fn after_break(broken: BrokenOff) -> AfterBreak {
    let most = if broken.at_mail { MOST_BREAKS } else { MOST_BREAKS_NAMED };
    if broken.times > most {
        return AfterBreak::Attempt;
    }
    if broken.at_mail && broken.fresh { AfterBreak::NoLine } else { AfterBreak::NewLine }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn lines() -> Lines {
        Lines::new(8, 100, LinesLearned::default())
    }

    /// Tries for as many lines as may be had of a relay that takes `most`, and says how many it was asked for.
    fn fill(lines: &mut Lines, most: usize, now: Timestamp) -> usize {
        let mut tried = 0;
        while lines.take(now) == MayOpen::Now {
            tried += 1;
            if lines.standing() < most {
                lines.opened();
                lines.carried(now);
            } else {
                lines.give_up();
                lines.not_opened(now);
            }
        }
        tried
    }

    #[test]
    fn a_relay_that_takes_three_is_asked_for_a_fourth_less_and_less_often() {
        let mut lines = lines();
        assert_eq!((fill(&mut lines, 3, at(0)), lines.standing()), (4, 3));
        assert_eq!(lines.learned().at_once, Some(3));
        let tried: Vec<i64> = (1..4 * 60).filter(|minute| fill(&mut lines, 3, at(minute * 60)) > 0).collect();
        assert_eq!(tried, [5, 15, 35, 75, 135, 195]);
        // It takes more: one line, then another every five minutes.
        let more: Vec<i64> = (240..300).filter(|minute| fill(&mut lines, 8, at(minute * 60)) > 0).collect();
        assert_eq!(more, [255, 260, 265, 270, 275]);
        assert_eq!((lines.standing(), lines.learned().at_once), (8, None));
    }

    #[test]
    fn the_first_line_is_opened_alone() {
        let mut lines = lines();
        assert_eq!((lines.take(at(0)), lines.take(at(0))), (MayOpen::Now, MayOpen::Later));
        lines.opened();
        assert_eq!(lines.take(at(0)), MayOpen::Now);
    }

    #[test]
    fn a_line_that_is_closed_may_be_counted_for_a_moment() {
        let mut lines = lines();
        assert_eq!(fill(&mut lines, 3, at(0)), 4);
        lines.closed();
        lines.give_up();
        for second in 1..=3 {
            assert_eq!(lines.take(at(second)), MayOpen::Now, "{second}");
            lines.give_up();
            assert_eq!(lines.not_opened(at(second)), NotOpened::Fewer);
            assert_eq!(lines.learned().at_once, Some(3));
            assert_eq!(lines.take(at(second)), MayOpen::NotBefore(at(second + 1)));
        }
        assert_eq!(lines.take(at(5)), MayOpen::Now);
        lines.give_up();
        assert_eq!(lines.not_opened(at(5)), NotOpened::Fewer);
        assert_eq!(lines.learned().at_once, Some(2), "it takes two now");
    }

    #[test]
    fn a_relay_that_goes_away_takes_no_fewer() {
        let mut lines = lines();
        assert_eq!(fill(&mut lines, 6, at(0)), 7);
        for second in 0..6 {
            lines.closed();
            lines.give_up();
            while lines.take(at(100 + 3 * second)) == MayOpen::Now {
                lines.give_up();
                if lines.not_opened(at(100 + second)) == NotOpened::Rest {
                    break;
                }
            }
        }
        assert_eq!((lines.standing(), lines.learned().at_once), (0, Some(6)));
    }

    #[test]
    fn the_mails_of_a_line_are_learned_from_words_or_from_two_breaks_alike() {
        let mut lines = lines();
        assert_eq!(lines.mails(), 100);
        assert!(!lines.broke_off(20, false));
        assert!(!lines.broke_off(21, false));
        assert!(lines.broke_off(21, false));
        assert_eq!(lines.mails(), 21);
        assert!(lines.broke_off(10, true) && !lines.broke_off(10, true));
        assert!(!lines.broke_off(0, true));
        assert_eq!(lines.mails(), 10);
    }

    #[test]
    fn what_follows_when_a_line_breaks_off() {
        let check = |at_mail, fresh, times, expected| {
            let broken = BrokenOff { at_mail, fresh, times };
            assert_eq!(after_break(broken), expected, "{broken:?}");
        };
        check(true, false, 1, AfterBreak::NewLine);
        check(true, true, 2, AfterBreak::NoLine);
        check(true, true, 3, AfterBreak::Attempt);
        check(false, false, 1, AfterBreak::NewLine);
        check(false, true, 1, AfterBreak::NewLine);
        check(false, true, 2, AfterBreak::Attempt);
    }

    proptest! {
        /// Whatever happens: never more places than are allowed, and somebody can always begin when nobody has a place.
        #[test]
        fn places_are_neither_lost_nor_made(moves in prop::collection::vec((0u8..5, 0i64..400), 0..200)) {
            let (mut lines, mut now, mut taken, mut open) = (lines(), 0, 0usize, 0usize);
            for (what, pause) in moves {
                now += pause;
                match what {
                    0 | 1 => taken += usize::from(lines.take(at(now)) == MayOpen::Now),
                    2 if open < taken => {
                        open += 1;
                        lines.opened();
                        lines.carried(at(now));
                    }
                    3 if open < taken => {
                        taken -= 1;
                        lines.give_up();
                        lines.not_opened(at(now));
                    }
                    4 if open > 0 => {
                        (open, taken) = (open - 1, taken - 1);
                        lines.closed();
                        lines.give_up();
                    }
                    _ => {}
                }
                prop_assert!(taken <= 8 && lines.standing() == open);
                prop_assert!(lines.learned().at_once.is_none_or(|at_once| (1..8).contains(&at_once)));
                if taken == 0 {
                    prop_assert_eq!(lines.clone().take(at(now)), MayOpen::Now);
                }
            }
        }
    }
}
