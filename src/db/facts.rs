//! Single values of the store: counters, heartbeats, the newest believed instant. Which names there are, and what is kept
//! under each, is said here.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use super::conn::per_backend;
use super::kept::StaysPrepared;
use super::schema::store_facts;
use super::{Db, StoreError, StoreResult};
use crate::delivery::learned::{LearnedLine, LearnedRate};
use crate::delivery::store_age::StoreId;
use crate::delivery::warm_up::WarmUpDay;
use crate::file_id::FileId;
use crate::keys::KeyIds;
use crate::member::anchor::AnchorsEnd;
use crate::member::departure::Height;
use crate::member::sign_up::TurnedAway;
use crate::member::whole_micros;

/// Which store this is, wherever a copy of it stands.
pub(super) static IDENTITY: StoreFact<StoreId> = StoreFact::new("identity", "an identity");
/// Where the store was when a person, or the command that made it, last vouched for it.
pub(super) static PLACE: StoreFact<String> = StoreFact::new("place", "a place");
/// How often a person has vouched for it.
pub(super) static ANSWERS: StoreFact<u64> = StoreFact::new("answers", "a counter");
/// That a daemon has found the store older than what it handed over: how often a person had vouched for the store that it
/// looked at. What it found says nothing of a store that was vouched for since.
pub(super) static OLDER: StoreFact<u64> = StoreFact::new("older", "a counter");
/// How many departures the record held that the store did not know, since it was last known to be the latest one.
pub(super) static DEPARTURES_LACKED: StoreFact<u64> = StoreFact::new("departures-lacked", "a counter");
/// Until when mailings may have been sent that this store has forgotten.
pub(super) static FORGOTTEN_UNTIL: StoreFact<Micros> = StoreFact::new("forgotten-until", "an instant");
/// What tells whether the latest changes by holders of claims are still there.
pub(super) static WITNESS: StoreFact<String> = StoreFact::new("witness", "a witness");
/// When what did not wait for the disk was last brought there by itself.
pub(super) static SYNCED: StoreFact<Micros> = StoreFact::new("synced-at", "an instant");
/// The newest believed instant.
pub(super) static BELIEVED: StoreFact<Timestamp> = StoreFact::new("believed-at", "the newest believed instant");
/// When the store was last copied.
pub(super) static BACKED_UP: StoreFact<Timestamp> = StoreFact::new("backed-up-at", "an instant");
/// When a daemon last stopped in order.
pub(super) static DAEMON_STOPPED: StoreFact<Timestamp> = StoreFact::new("daemon-stopped", "an instant");
/// The keys that the store was used with.
pub(super) static KEYS_USED: StoreFact<KeyIds> = StoreFact::new("keys-used", "the ids of keys");
/// Since when departures are not in the record.
pub(super) static DEPARTURES_OWED: StoreFact<Timestamp> = StoreFact::new("departures-owed", "an instant");
/// How many consents were ended on the latest day on which some were.
pub(super) static CONSENTS_ENDED: StoreFact<OnDay> = StoreFact::new("consents-ended", "the count of ended consents");
/// How many members were chosen to be asked whether to go on, on the latest day on which some were.
pub(super) static RENEWALS_PLANNED: StoreFact<OnDay> = StoreFact::new("renewals-planned", "the count of members asked");
/// How many consents were renewed by an answer.
pub(super) static RENEWED: StoreFact<u64> = StoreFact::new("renewed", "a counter");
/// How many deliveries were removed from the log on the latest day on which some were.
pub(super) static LOG_REMOVED: StoreFact<OnDay> = StoreFact::new("log-removed", "the count of removed deliveries");
/// Of how many people the proof was removed on the latest day on which some was.
pub(super) static PROOF_REMOVED: StoreFact<OnDay> = StoreFact::new("proof-removed", "the count of removed proof");
/// How many sign-ups were confirmed.
pub(super) static SIGNUPS_CONFIRMED: StoreFact<u64> = StoreFact::new("signups-confirmed", "a counter");
/// How many were deleted because nobody confirmed them in time.
pub(super) static SIGNUPS_LAPSED: StoreFact<u64> = StoreFact::new("signups-lapsed", "a counter");
/// How many were deleted because there is no such mailbox.
pub(super) static SIGNUPS_REFUSED: StoreFact<u64> = StoreFact::new("signups-refused", "a counter");
/// How many were deleted because whoever got the letter complained of it.
pub(super) static SIGNUPS_UNWANTED: StoreFact<u64> = StoreFact::new("signups-unwanted", "a counter");

/// How often the price history was changed.
pub(super) static PRICE_CHANGES: StoreFact<u64> = StoreFact::new("price-changes", "a counter");

/// Those that were turned away because more came in than are taken.
pub(super) static SIGNUPS_TURNED_AWAY: StoreFact<TurnedAway> =
    StoreFact::new("signups-turned-away", "the count of sign-ups that were turned away");

/// What was learned of each relay.
pub(super) static RELAY_LEARNED: Family<LearnedLine> = Family::new("relay-learned:", "what was learned of a relay");
/// The pace that was learned, for each relay and provider: `relay.example.net:587 Orange`.
pub(super) static PROVIDER_LEARNED: Family<LearnedRate> = Family::new("provider-learned:", "a pace");

/// How far each warm-up has come, for each domain and relay: `news.example.fr relay.example.net:587`.
pub(super) static WARM_UP: Family<WarmUpDay> = Family::new("warm-up:", "how far a warm-up has come");

/// The file of anchors that belongs to the store of one machine.
pub(super) static ANCHORS_FILE: StoreFact<FileId> = StoreFact::new("anchors-file", "the name of a file of anchors");
/// How far each file of anchors goes.
pub(super) static ANCHORS: Family<AnchorsEnd> = Family::new("anchors:", "the end of a file of anchors");
/// How many lines of each file of anchors have gone out by mail.
pub(super) static ANCHORS_MAILED: Family<u64> = Family::new("anchors-mailed:", "a counter");

/// Which daemon tells somebody of problems, for each channel; and which tells shops of gates.
pub(super) static ALERT_CLAIMS: Family<AlertClaim> = Family::new("alert-claim:", "a claim");

/// What was claimed to be handed over, for each file that counts along.
pub(super) static HANDED_OVER: Family<u64> = Family::new("handed-over:", "a counter");
/// How far the store has seen a record of departures, for each record.
pub(super) static DEPARTURES_SEEN: Family<Height> = Family::new("departures:", "the height of a record");
/// When the store was last seen to hold all of a record of departures, for each record.
pub(super) static DEPARTURES_KNOWN: Family<Timestamp> = Family::new("departures-known:", "an instant");
/// When a person gave a record of departures up, for each such record.
pub(super) static DEPARTURES_GIVEN_UP: Family<Timestamp> = Family::new("departures-given-up:", "an instant");
/// The last sign of life, for each daemon.
pub(super) static HEARTBEATS: Family<Timestamp> = Family::new("heartbeat:", "a heartbeat");
/// The note that a wording was redacted, for each digest.
pub(super) static REDACTED: Family<String> = Family::new("wording-redacted:", "a note");

/// A name, and the type of what is kept under it.
pub(super) struct StoreFact<T> {
    name: Cow<'static, str>,
    what: &'static str,
    value: PhantomData<fn() -> T>,
}

impl<T> StoreFact<T> {
    const fn new(name: &'static str, what: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), what, value: PhantomData }
    }

    /// The name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl<T: FactValue> StoreFact<T> {
    fn read(&self, text: &str) -> StoreResult<T> {
        T::read(text).ok_or_else(|| StoreError::corrupt(self.what, text))
    }
}

/// What is kept under a name.
pub(super) trait FactValue: Sized {
    /// What is kept of it.
    fn written(&self) -> String;

    /// The value of which this is kept.
    fn read(text: &str) -> Option<Self>;
}

/// An instant is kept as the columns keep it, in whole microseconds: who compares the two must not find what happened at one instant
/// at two.
impl FactValue for Timestamp {
    fn written(&self) -> String {
        whole_micros(*self).to_string()
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(whole_micros)
    }
}

/// Values that are kept as they are written and read.
macro_rules! as_written {
    ($($type:ty),+ $(,)?) => {$(
        impl FactValue for $type {
            fn written(&self) -> String {
                self.to_string()
            }

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )+};
}
as_written!(
    AlertClaim,
    AnchorsEnd,
    FileId,
    Height,
    KeyIds,
    LearnedLine,
    LearnedRate,
    Micros,
    OnDay,
    StoreId,
    String,
    TurnedAway,
    WarmUpDay,
    u64
);

/// Names that begin alike, one for each of something.
pub(super) struct Family<T> {
    prefix: &'static str,
    what: &'static str,
    value: PhantomData<fn() -> T>,
}

impl<T> Family<T> {
    const fn new(prefix: &'static str, what: &'static str) -> Self {
        Self { prefix, what, value: PhantomData }
    }

    /// The fact about `one`.
    pub(super) fn of(&self, one: impl fmt::Display) -> StoreFact<T> {
        StoreFact { name: format!("{}{one}", self.prefix).into(), what: self.what, value: PhantomData }
    }
}

/// Facts that were read together.
#[derive(Debug)]
pub(super) struct Facts(HashMap<String, String>);

impl FromIterator<(String, String)> for Facts {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl Facts {
    /// The value of `fact`, if there is one.
    pub(super) fn get<T: FactValue>(&self, fact: &StoreFact<T>) -> StoreResult<Option<T>> {
        self.0.get(fact.name()).map(|text| fact.read(text)).transpose()
    }
}

/// The values under those of `names` that have one.
pub(super) fn together(db: &mut Db, names: &[&str]) -> StoreResult<Facts> {
    let wanted = store_facts::table.filter(store_facts::name.eq_any(names.to_vec()));
    let rows: Vec<(String, String)> = StaysPrepared(wanted).load(db)?;
    Ok(rows.into_iter().collect())
}

/// The value of `fact`, if there is one.
pub(super) fn get<T: FactValue>(db: &mut Db, fact: &StoreFact<T>) -> StoreResult<Option<T>> {
    // Not `first`: SQLite prepares a statement with a limit anew each time.
    let text: Option<String> =
        store_facts::table.find(fact.name()).select(store_facts::value).get_result(db).optional()?;
    text.map(|text| fact.read(&text)).transpose()
}

/// The same of what is of no use when it cannot be read: then there is none.
pub(super) fn get_if_clear<T: FactValue>(db: &mut Db, fact: &StoreFact<T>) -> StoreResult<Option<T>> {
    let text: Option<String> = store_facts::table.find(fact.name()).select(store_facts::value).first(db).optional()?;
    Ok(text.and_then(|text| T::read(&text)))
}

/// The same, for a transaction that changes it: on PostgreSQL the row, if there is one, is locked until the transaction
/// ends, so that daemons change it one after the other.
pub(super) fn get_locked<T: FactValue>(db: &mut Db, fact: &StoreFact<T>) -> StoreResult<Option<T>> {
    match db {
        Db::Sqlite(_) => get(db, fact),
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            let row = store_facts::table.find(fact.name()).select(store_facts::value);
            let text: Option<String> = row.for_update().get_result(conn).optional()?;
            text.map(|text| fact.read(&text)).transpose()
        }
    }
}

/// Sets the value of `fact`.
pub(super) fn set<T: FactValue>(db: &mut Db, fact: &StoreFact<T>, value: &T) -> StoreResult<()> {
    let value = value.written();
    let row = (store_facts::name.eq(fact.name()), store_facts::value.eq(&value));
    per_backend!(db, conn => StaysPrepared(diesel::insert_into(store_facts::table)
        .values(row)
        .on_conflict(store_facts::name)
        .do_update()
        .set(store_facts::value.eq(&value)))
        .execute(conn))?;
    Ok(())
}

/// Sets the value of `fact` where there is none.
pub(super) fn set_if_absent<T: FactValue>(db: &mut Db, fact: &StoreFact<T>, value: &T) -> StoreResult<()> {
    let row = (store_facts::name.eq(fact.name()), store_facts::value.eq(value.written()));
    per_backend!(db, conn => diesel::insert_into(store_facts::table)
        .values(row)
        .on_conflict(store_facts::name)
        .do_nothing()
        .execute(conn))?;
    Ok(())
}

/// Adds to a counter and returns what it comes to. One that has never been added to is 0.
pub(super) fn add(db: &mut Db, counter: &StoreFact<u64>, more: u64) -> StoreResult<u64> {
    let sum = get_locked(db, counter)?.unwrap_or_default().saturating_add(more);
    set(db, counter, &sum)?;
    Ok(sum)
}

/// Forgets the value of `fact`.
pub(super) fn remove<T>(db: &mut Db, fact: &StoreFact<T>) -> StoreResult<()> {
    diesel::delete(store_facts::table.find(fact.name())).execute(db)?;
    Ok(())
}

/// The values of a family, each with what it is about, by name.
pub(super) fn list<T: FactValue>(db: &mut Db, family: &Family<T>) -> StoreResult<Vec<(String, T)>> {
    let rows: Vec<(String, String)> = store_facts::table.order(store_facts::name).load(db)?;
    let theirs = rows.iter().filter_map(|(name, text)| Some((name.strip_prefix(family.prefix)?, text)));
    theirs.map(|(one, text)| Ok((one.to_owned(), family.of(one).read(text)?))).collect()
}

/// The same, without those that cannot be read.
pub(super) fn list_of_the_clear<T: FactValue>(db: &mut Db, family: &Family<T>) -> StoreResult<Vec<(String, T)>> {
    let rows: Vec<(String, String)> = store_facts::table.order(store_facts::name).load(db)?;
    let theirs = rows.iter().filter_map(|(name, text)| Some((name.strip_prefix(family.prefix)?, text)));
    Ok(theirs.filter_map(|(one, text)| Some((one.to_owned(), T::read(text)?))).collect())
}

/// An instant in microseconds since 1970.
pub(super) struct Micros(pub(super) Timestamp);

/// A count on a day: `2027-01-02 17`.
#[derive(Clone, Copy)]
pub(super) struct OnDay {
    pub(super) day: Date,
    pub(super) count: u64,
}

/// Who tells by a channel: `free`, or `1798873200000000 daemon-7-0a1b2c3d`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AlertClaim {
    /// Nobody does.
    Free,
    /// A daemon does, since then.
    Held { at: Timestamp, owner: String },
}

/// The text is not what is kept under the name.
pub(super) struct Garbled;

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_microsecond().fmt(f)
    }
}

impl FromStr for Micros {
    type Err = Garbled;

    fn from_str(text: &str) -> Result<Self, Garbled> {
        let micros = text.parse().map_err(|_| Garbled)?;
        Timestamp::from_microsecond(micros).map(Self).map_err(|_| Garbled)
    }
}

impl fmt::Display for AlertClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("free"),
            Self::Held { at, owner } => write!(f, "{} {owner}", Micros(*at)),
        }
    }
}

impl FromStr for AlertClaim {
    type Err = Garbled;

    fn from_str(text: &str) -> Result<Self, Garbled> {
        if text == "free" {
            return Ok(Self::Free);
        }
        let (at, owner) = text.split_once(' ').ok_or(Garbled)?;
        let Micros(at) = at.parse()?;
        Ok(Self::Held { at, owner: owner.to_owned() })
    }
}

impl fmt::Display for OnDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.day, self.count)
    }
}

impl FromStr for OnDay {
    type Err = Garbled;

    fn from_str(text: &str) -> Result<Self, Garbled> {
        let (day, count) = text.split_once(' ').ok_or(Garbled)?;
        Ok(Self { day: day.parse().map_err(|_| Garbled)?, count: count.parse().map_err(|_| Garbled)? })
    }
}
