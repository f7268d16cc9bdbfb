//! The season as one picture: the legal periods and blackouts of every market, the sales with their windows and mailings, what
//! is held, and what is in each other's way. [`Season`] is what is known; it is drawn for a terminal, as a drawing, as a page
//! and as a calendar, and all of them say the same.
//!
//! What it does not do: read the store or a file, or decide anything about a sale.

mod drawing;
mod entry;
mod feed;
mod markup;
mod page;
mod scale;
mod terminal;
mod words;
mod wrap;

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use crate::calendar::{Calendar, Channel, Market, Period, UnpublishedPeriod};
use crate::campaign::{Clash, LetterBeside, Schedule, letters_clash, windows_clash};
use crate::delivery::MailingState;
use crate::phrase::Phrase;

pub use drawing::{DRAWING_STYLE, drawing, drawing_file};
pub use entry::{EntryKind, SeasonEntry};
pub use feed::feed;
pub use page::{PAGE_STYLE, facts, page};
pub use terminal::draw;

/// A sale as it is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeasonSale {
    /// What it resolved to.
    pub schedule: Schedule,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Whether the law has moved since it was applied, so that its dates are to be confirmed and its mailings wait.
    pub held: bool,
    /// Whether a person has its mailings wait.
    pub paused: bool,
    /// Its mailings, by the instant at which they begin.
    pub mailings: Vec<SeasonMailing>,
}

/// A mailing of a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeasonMailing {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: MailingState,
    /// When the first letter leaves; of a mailing that has begun, when it did.
    pub leaves_at: Timestamp,
    /// The first instant at which none may leave any more.
    pub not_after: Timestamp,
    /// How many people it is planned for; known once it has begun.
    pub planned: u64,
    /// How many of them have it: a relay accepted it for them.
    pub accepted: u64,
}

/// The law of one market and channel in these days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketSeason {
    /// The market.
    pub market: Market,
    /// The channel.
    pub channel: Channel,
    /// Its periods and blackouts, in order.
    pub periods: Vec<Period>,
    /// What has no dates yet.
    pub unpublished: Vec<UnpublishedPeriod>,
}

/// Some days, and everything in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Season {
    /// The first day.
    pub first: Date,
    /// The last day, inclusive.
    pub last: Date,
    /// The zone of its days.
    pub zone: TimeZone,
    /// The present.
    pub now: Timestamp,
    /// The law, for each market and channel of the sales.
    pub markets: Vec<MarketSeason>,
    /// The sales, by their opening.
    pub sales: Vec<SeasonSale>,
    /// What is in each other's way.
    pub clashes: Vec<Clash>,
    /// What waits for a person before it is a sale of the season at all, in sentences.
    pub waiting: Vec<Phrase>,
}

/// Around the first and the last thing that happens there are so many days more, so that nothing stands at the edge.
const MARGIN: i64 = 5;

/// For so many days back and ahead the picture is widened, so that today or a whole legal period is in it.
const WIDENED: i64 = 45;

/// It shows at least so many days.
const LEAST: i64 = 13;

/// Sales that are over are shown for so many more days.
const OVER: i64 = 7;

impl SeasonSale {
    /// When its gate closes for good.
    pub fn ends_at(&self) -> Timestamp {
        self.cancelled_at.map_or(self.schedule.closes_at, |at| at.min(self.schedule.closes_at))
    }

    /// Whether a cancellation ended it, or kept it from opening.
    pub fn is_cancelled(&self) -> bool {
        self.ends_at() < self.schedule.closes_at
    }

    /// Whether its gate is, was or will be open at some time.
    pub fn opens(&self) -> bool {
        self.schedule.opens_at < self.ends_at()
    }

    /// Its mailings that leave, or have left.
    pub fn letters(&self) -> impl Iterator<Item = &SeasonMailing> {
        self.mailings.iter().filter(|mailing| mailing.leaves())
    }

    /// The first and the last instant at which something of it happens.
    fn reach(&self) -> (Timestamp, Timestamp) {
        let (opens, ends) = (self.schedule.opens_at, self.ends_at());
        let first = self.letters().map(|mailing| mailing.leaves_at).fold(opens.min(ends), Timestamp::min);
        (first, self.letters().map(|mailing| mailing.leaves_at).fold(ends, Timestamp::max))
    }
}

impl SeasonMailing {
    /// Whether letters of it are still to leave.
    pub fn is_to_leave(&self) -> bool {
        matches!(self.state, MailingState::Planned | MailingState::Sending)
    }

    /// Whether it leaves, or has left, as far as is known.
    pub fn leaves(&self) -> bool {
        matches!(self.state, MailingState::Planned | MailingState::Sending | MailingState::Finished)
    }
}

impl Season {
    /// The picture of `sales` under the law of `calendar`, in the days that were asked for; without them, of what is not over,
    /// with some days around it. None when nothing happens then.
    pub fn of(
        sales: Vec<SeasonSale>,
        calendar: &Calendar,
        (from, to): (Option<Date>, Option<Date>),
        zone: TimeZone,
        now: Timestamp,
    ) -> Option<Self> {
        let day = |at: Timestamp| zone.to_datetime(at).date();
        let today = day(now);
        let reach = |sale: &SeasonSale| {
            let (first, last) = sale.reach();
            (day(first), day(last))
        };
        let in_days = |sale: &SeasonSale| {
            let (first, last) = reach(sale);
            from.is_none_or(|from| last >= from) && to.is_none_or(|to| first <= to)
        };
        let mut shown: Vec<SeasonSale> = sales.into_iter().filter(in_days).collect();
        let fresh = moved(today, (-OVER).days());
        if from.is_none() && shown.iter().any(|sale| reach(sale).1 >= fresh) {
            shown.retain(|sale| reach(sale).1 >= fresh);
        }
        shown.sort_by(|one, other| {
            (one.schedule.opens_at, &one.schedule.slug).cmp(&(other.schedule.opens_at, &other.schedule.slug))
        });
        let happens_first = shown.iter().map(|sale| reach(sale).0).min()?;
        let happens_last = shown.iter().map(|sale| reach(sale).1).max()?;
        let mut first = from.unwrap_or_else(|| moved(happens_first, (-MARGIN).days()));
        let mut last = to.unwrap_or_else(|| moved(happens_last, MARGIN.days()));
        if from.is_none() && today < first && today >= moved(first, (-WIDENED).days()) {
            first = today;
        }
        if to.is_none() && today > last && today <= moved(last, WIDENED.days()) {
            last = today;
        }
        let laws: BTreeSet<(Market, Channel)> = shown
            .iter()
            .flat_map(|sale| sale.schedule.markets.iter().map(|market| (*market, sale.schedule.channel)))
            .collect();
        let touching = |first, last| {
            laws.iter().flat_map(move |(market, channel)| calendar.periods(market, *channel, first, last))
        };
        let (earliest, latest) = (moved(first, (-WIDENED).days()), moved(last, WIDENED.days()));
        if from.is_none() {
            first = touching(first, last).map(|period| period.first_day).fold(first, Date::min).max(earliest);
        }
        if to.is_none() {
            last = touching(first, last).map(|period| period.last_day).fold(last, Date::max).min(latest);
            last = last.max(moved(first, LEAST.days()));
        }
        let last = last.max(first);
        let markets = laws.iter().map(|(market, channel)| MarketSeason {
            market: *market,
            channel: *channel,
            periods: calendar.periods(market, *channel, first, last),
            unpublished: calendar.gaps(market, *channel, first, last),
        });
        let markets = markets.collect();
        let clashes = clashes(&shown);
        Some(Self { first, last, zone, now, markets, sales: shown, clashes, waiting: Vec::new() })
    }

    /// The first instant of its days, and the first after them.
    pub fn bounds(&self) -> (Timestamp, Timestamp) {
        let start = |day: Date| day.to_zoned_datetime(self.zone.clone()).map_or(self.now, |day| day.timestamp());
        (start(self.first), start(moved(self.last, 1.day())))
    }

    /// Whether the present is in these days.
    pub fn is_now(&self) -> bool {
        let (from, to) = self.bounds();
        from <= self.now && self.now < to
    }
}

/// A day moved by `span`; one that there is not is the last one that there is.
fn moved(day: Date, span: Span) -> Date {
    day.saturating_add(span)
}

/// Everything among `sales` that is in each other's way. One that was cancelled is in nobody's.
fn clashes(sales: &[SeasonSale]) -> Vec<Clash> {
    let sales: Vec<&SeasonSale> = sales.iter().filter(|sale| sale.cancelled_at.is_none()).collect();
    let mut found = Vec::new();
    for (at, &sale) in sales.iter().enumerate() {
        let letters = |sale: &SeasonSale| -> Vec<LetterBeside> {
            let beside = |mailing: &SeasonMailing| LetterBeside {
                campaign: sale.schedule.slug.clone(),
                mailing: mailing.name.clone(),
                leaves: mailing.leaves_at,
                to: sale.schedule.mailing(&mailing.name).map(|planned| planned.to.clone()).unwrap_or_default(),
                not: sale.schedule.mailing(&mailing.name).map(|planned| planned.not.clone()).unwrap_or_default(),
            };
            sale.letters().map(beside).collect()
        };
        let (own, zone) = (letters(sale), sale.schedule.time_zone());
        for (number, letter) in own.iter().enumerate() {
            found.extend(own.iter().take(number).filter_map(|other| letters_clash(letter, other, &zone)));
        }
        for other in sales.iter().take(at) {
            found.extend(windows_clash((&other.schedule, other.ends_at()), (&sale.schedule, sale.ends_at())));
            let theirs = letters(other);
            let pairs = own.iter().flat_map(|letter| theirs.iter().map(move |their| (letter, their)));
            found.extend(pairs.filter_map(|(letter, their)| letters_clash(letter, their, &zone)));
        }
    }
    found
}
