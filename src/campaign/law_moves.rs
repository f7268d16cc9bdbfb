//! When the law moves: which instants of an applied schedule the calendar would give differently today.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::resolve::edge_of;
use super::{AnchorUse, Schedule};
use crate::calendar::{Calendar, PeriodError};
use crate::phrase;
use crate::phrase::{Fact, Phrase};

/// A legal date that is not any more what it was when the campaign was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MovedAnchor {
    /// The use in the applied schedule, with the instant of that time.
    pub applied: AnchorUse,
    /// What the calendar gives now; nothing when it does not know the period any more.
    pub now: Option<Timestamp>,
}

impl MovedAnchor {
    /// The old date and the new one, for people, in `zone`.
    pub fn phrase(&self, zone: &TimeZone) -> Phrase {
        let Self { applied: AnchorUse { kind, season, year, market, at, .. }, now } = self;
        let period = phrase!(
            "law-moved-period",
            kind = Fact::text(kind),
            season = season,
            year = Fact::text(year),
            market = Fact::text(market)
        );
        let was = Fact::moment(*at, zone);
        match now {
            Some(now) => phrase!("law-moved", period = period, was = was, now = Fact::moment(*now, zone)),
            None => phrase!("law-gone", period = period, was = was),
        }
    }

    /// The same in English, as the store keeps why a campaign waits.
    pub fn said(&self, zone: &TimeZone) -> String {
        self.phrase(zone).to_string()
    }
}

impl Schedule {
    /// The legal dates of this schedule that have moved since. While there is one, the campaign's mailings wait.
    pub fn moved_anchors(&self, calendar: &Calendar) -> Vec<MovedAnchor> {
        let today = |anchor: &AnchorUse| -> Result<Timestamp, PeriodError> {
            let period = calendar.period(&anchor.market, self.channel, anchor.kind, &anchor.season, anchor.year)?;
            Ok(edge_of(&period, anchor.edge))
        };
        self.anchors
            .iter()
            .map(|anchor| MovedAnchor { applied: anchor.clone(), now: today(anchor).ok() })
            .filter(|moved| moved.now != Some(moved.applied.at))
            .collect()
    }
}
