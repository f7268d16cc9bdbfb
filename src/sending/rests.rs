//! What has letters of mailings wait though nothing is wrong: quiet hours, and the warm-up of a new domain or relay. Asked where holds
//! are; confirmation letters, letters that ask whether to go on, and alerts know nothing of it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::config::{Settings, TransportSettings};
use crate::db::{Db, StoreResult, warm_up};
use crate::delivery::quiet::QuietHours;
use crate::delivery::warm_up::{WarmUp, WarmUpCourse, WarmUpDay, WarmUpMailing, day_after};
use crate::text::Rate;

/// The shop's rests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rests {
    /// The hours in which no letter is begun.
    pub quiet: Option<QuietHours>,
    /// How many letters a day.
    pub warm_up: Option<ShopWarmUp>,
    /// How many in a time a person allows the first relay, where that is limited. Senders go by their own account of it; here it tells
    /// how long mailings take.
    pub rate: Option<Rate>,
}

impl Rests {
    /// Those that `settings` name.
    pub fn of(settings: &Settings) -> Self {
        let quiet = settings.mail.quiet_hours.map(|hours| QuietHours::new(hours, settings.zone()));
        let rate = match &settings.mail.transport {
            TransportSettings::Smtp(relay, _) => relay.rate,
            TransportSettings::Directory(_) => None,
        };
        Self { quiet, warm_up: ShopWarmUp::of(settings), rate }
    }

    /// When the quiet hours end that `now` is in.
    pub fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.quiet.as_ref()?.until(now)
    }

    /// Until when nothing of a mailing leaves; `None` when something may at `now`.
    pub fn until(&self, db: &mut Db, now: Timestamp) -> StoreResult<Option<Timestamp>> {
        if let Some(warm_up) = &self.warm_up {
            let day = warm_up.day(db, now)?;
            if warm_up.plan.left_on(day) == Some(0) {
                let tomorrow = warm_up.day_after(day.day, 1).unwrap_or(Timestamp::MAX);
                return Ok(Some(self.quiet_until(tomorrow).unwrap_or(tomorrow)));
            }
        }
        Ok(self.quiet_until(now))
    }

    /// How many letters may be begun at `now`, as far as this is concerned.
    pub(super) fn room(&self, db: &mut Db, now: Timestamp) -> StoreResult<u64> {
        if self.quiet_until(now).is_some() {
            return Ok(0);
        }
        let Some(warm_up) = &self.warm_up else { return Ok(u64::MAX) };
        let day = warm_up.day(db, now)?;
        Ok(warm_up.plan.left_on(day).unwrap_or(u64::MAX))
    }

    /// The same in the transaction that begins them, with the day on which they are to be counted.
    pub(super) fn room_to_grant(&self, db: &mut Db, now: Timestamp) -> StoreResult<(u64, Option<WarmUpDay>)> {
        if self.quiet_until(now).is_some() {
            return Ok((0, None));
        }
        let Some(warm_up) = &self.warm_up else { return Ok((u64::MAX, None)) };
        let day = warm_up::day_to_count(db, &warm_up.name, warm_up.date(now))?;
        // Nobody counts any more when it is over.
        Ok(warm_up.plan.left_on(day).map_or((u64::MAX, None), |left| (left, Some(day))))
    }

    /// Counts `letters` that were begun on `day`.
    pub(super) fn count(&self, db: &mut Db, day: Option<WarmUpDay>, letters: u64) -> StoreResult<()> {
        let (Some(warm_up), Some(day), true) = (&self.warm_up, day, letters > 0) else { return Ok(()) };
        let counted = WarmUpDay { letters: day.letters.saturating_add(letters), ..day };
        warm_up::keep(db, &warm_up.name, counted)
    }
}

/// The warm-up of the shop's domain over its first relay.
#[derive(Clone, Debug, PartialEq)]
pub struct ShopWarmUp {
    /// How it goes.
    pub plan: WarmUp,
    /// The domain of `from`, and the relay's host and port: with another of either it begins anew.
    name: String,
    zone: TimeZone,
}

impl ShopWarmUp {
    fn of(settings: &Settings) -> Option<Self> {
        let TransportSettings::Smtp(relay, _) = &settings.mail.transport else { return None };
        let asked = settings.mail.warm_up?;
        let name = format!("{} {}", settings.mail.from.domain(), relay.name());
        Some(Self { plan: WarmUp::new(asked.first_day, asked.top), name, zone: settings.zone() })
    }

    /// How far it is at `now`.
    pub fn day(&self, db: &mut Db, now: Timestamp) -> StoreResult<WarmUpDay> {
        warm_up::day(db, &self.name, self.date(now))
    }

    /// The day that calendars show at `now`.
    pub fn date(&self, now: Timestamp) -> Date {
        self.zone.to_datetime(now).date()
    }

    /// When the day begins that is `days` after `day`.
    pub fn day_after(&self, day: Date, days: u32) -> Option<Timestamp> {
        day_after(day, &self.zone, days)
    }

    /// How `mailings` go that share the portions of its days, from `now` on, when it stands at `day`: in their order. Where it is over any
    /// number may leave.
    pub fn courses(
        &self,
        day: WarmUpDay,
        quiet: Option<&QuietHours>,
        now: Timestamp,
        mailings: &[WarmUpMailing],
    ) -> Vec<WarmUpCourse> {
        self.plan.courses(day, (&self.zone, quiet), now, mailings)
    }

    /// The zone whose calendar counts.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }
}
