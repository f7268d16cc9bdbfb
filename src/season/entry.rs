//! What happens in a season, one after the other, with a sign for each letter by which drawings and lists meet.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Season, SeasonMailing, SeasonSale};
use crate::delivery::MailingState;
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::{Phrase, last_evening};
use crate::text::dates::Moment;

/// What happens at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind<'a> {
    /// A gate opens.
    Opens,
    /// It closes as planned.
    Closes,
    /// A person ended the sale.
    Cancelled,
    /// The first letter of a mailing may leave.
    Leaves(&'a SeasonMailing),
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeasonEntry<'a> {
    /// When.
    pub at: Timestamp,
    /// The sale.
    pub sale: &'a SeasonSale,
    /// What.
    pub kind: EntryKind<'a>,
    /// The sign of a letter.
    pub sign: Option<char>,
}

/// The signs of letters, in order; there are no more than that on one drawing, and those after them share the last.
const SIGNS: &str = "123456789abcdefghijklmnopqrstuvwxyz";

/// The sign of those for which there is none of their own.
const SHARED: char = '*';

impl Season {
    /// Everything that happens in these days, in order. Letters have a sign each.
    pub fn entries(&self) -> Vec<SeasonEntry<'_>> {
        let (from, to) = self.bounds();
        let mut entries: Vec<SeasonEntry<'_>> = self.sales.iter().flat_map(of_sale).collect();
        entries.retain(|entry| from <= entry.at && entry.at < to);
        entries.sort_by(|one, other| {
            (one.at, &one.sale.schedule.slug, one.kind.rank()).cmp(&(
                other.at,
                &other.sale.schedule.slug,
                other.kind.rank(),
            ))
        });
        let mut signs = SIGNS.chars();
        for entry in &mut entries {
            if matches!(entry.kind, EntryKind::Leaves(_)) {
                entry.sign = Some(signs.next().unwrap_or(SHARED));
            }
        }
        entries
    }
}

fn of_sale(sale: &SeasonSale) -> Vec<SeasonEntry<'_>> {
    let entry = |at, kind| SeasonEntry { at, sale, kind, sign: None };
    let mut entries = Vec::new();
    if sale.opens() {
        entries.push(entry(sale.schedule.opens_at, EntryKind::Opens));
    }
    let end = if sale.is_cancelled() { EntryKind::Cancelled } else { EntryKind::Closes };
    entries.push(entry(sale.ends_at(), end));
    entries.extend(sale.letters().map(|mailing| entry(mailing.leaves_at, EntryKind::Leaves(mailing))));
    entries
}

impl EntryKind<'_> {
    /// Which of two things at one instant is told first.
    fn rank(self) -> u8 {
        match self {
            Self::Closes => 0,
            Self::Cancelled => 1,
            Self::Opens => 2,
            Self::Leaves(_) => 3,
        }
    }
}

impl SeasonEntry<'_> {
    /// When, on the sale's own clocks. A sale that closes at 0 h closes at midnight of the day before.
    pub fn moment(&self, language: InterfaceLanguage) -> Moment {
        let at = self.at.to_zoned_datetime(self.sale.schedule.time_zone());
        if self.kind == EntryKind::Closes { Moment::until(&at, language) } else { Moment::at(&at, language) }
    }

    /// The day on which people say that it happens, which is that of [`SeasonEntry::moment`].
    pub fn day(&self) -> Date {
        let at = self.at.to_zoned_datetime(self.sale.schedule.time_zone());
        let evening = (self.kind == EntryKind::Closes).then(|| last_evening(&at)).flatten();
        evening.unwrap_or_else(|| at.date())
    }

    /// What happens.
    pub fn phrase(&self) -> Phrase {
        match self.kind {
            EntryKind::Opens => phrase!("event-opens"),
            EntryKind::Closes => phrase!("event-closes"),
            EntryKind::Cancelled => phrase!("timeline-cancelled"),
            EntryKind::Leaves(mailing) => letter(self.sale, mailing),
        }
    }
}

/// What is said of a mailing: that it leaves, leaves now, has left, or waits.
fn letter(sale: &SeasonSale, mailing: &SeasonMailing) -> Phrase {
    let name = mailing.name.as_str();
    match mailing.state {
        MailingState::Finished => phrase!("timeline-sent", mailing = name, people = mailing.accepted),
        _ if sale.paused || sale.held => phrase!("event-waits", mailing = name),
        MailingState::Sending => {
            phrase!("timeline-leaving", mailing = name, people = mailing.accepted, all = mailing.planned)
        }
        _ => phrase!("event-begins", mailing = name),
    }
}
