//! Which store this is, where it stands, and what daemons have counted in it: what the store says when it is asked
//! whether it is the latest one. The decision is `delivery::store_age`'s.

use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::Text;
#[cfg(feature = "postgres")]
use diesel::sql_types::{Array, Nullable};
use jiff::Timestamp;

use super::deliveries::witness;
use super::facts::{
    self, ANSWERS, BELIEVED, DEPARTURES_LACKED, DEPARTURES_SEEN, FORGOTTEN_UNTIL, Facts, HANDED_OVER, IDENTITY,
    KEYS_USED, Micros, OLDER, PLACE, StoreFact,
};
use super::kept::StaysPrepared;
use super::place::file_place;
use super::schema::deliveries;
use super::{Db, StoreError, StoreResult, members};
use crate::delivery::DeliveryState;
use crate::delivery::store_age::{LatestHandOver, SentLine, StoreAge, StoreId};
use crate::file_id::FileId;
use crate::keys::KeyIds;
use crate::member::departure::Height;

/// What a store says of itself and of the files beside it. Asked for in one step: it is asked with every batch of letters, and
/// on PostgreSQL each question is a way to the server and back.
#[derive(Debug)]
pub struct StoreReport {
    here: String,
    facts: Facts,
    sent: Option<FileId>,
    record: Option<FileId>,
}

impl StoreReport {
    /// Asks the store, also for what it says of the count named `sent` and of the record of departures named `record`.
    pub fn of(db: &mut Db, sent: Option<FileId>, record: Option<FileId>) -> StoreResult<Self> {
        let (count, seen) = (sent.map(|file| HANDED_OVER.of(file)), record.map(|file| DEPARTURES_SEEN.of(file)));
        let mut names = vec![
            IDENTITY.name(),
            PLACE.name(),
            ANSWERS.name(),
            OLDER.name(),
            BELIEVED.name(),
            DEPARTURES_LACKED.name(),
            KEYS_USED.name(),
        ];
        names.extend(count.as_ref().map(StoreFact::name));
        names.extend(seen.as_ref().map(StoreFact::name));
        let (here, facts) = here_with(db, &names)?;
        Ok(Self { here, facts, sent, record })
    }

    /// The newest believed instant, if it has one.
    pub(super) fn believed(&self) -> StoreResult<Option<Timestamp>> {
        self.facts.get(&BELIEVED)
    }

    /// The keys that it was used with, where it has noted that.
    pub(super) fn keys_used(&self) -> StoreResult<Option<KeyIds>> {
        self.facts.get(&KEYS_USED)
    }

    /// Whether it was asked about a record of departures.
    pub(super) fn names_record(&self) -> bool {
        self.record.is_some()
    }

    /// How far it has seen that record, if it has.
    pub(super) fn seen(&self) -> StoreResult<Option<Height>> {
        self.record.map_or(Ok(None), |file| self.facts.get(&DEPARTURES_SEEN.of(file)))
    }
}

/// Which store this is, wherever a copy of it stands.
pub fn store_id(db: &mut Db) -> StoreResult<StoreId> {
    facts::get(db, &IDENTITY)?.ok_or_else(|| StoreError::corrupt("an identity", ""))
}

/// What the store says of its age by `report`, and of the `latest` hand-over on the word of the file that counts along.
pub fn age(db: &mut Db, report: &StoreReport, latest: Option<LatestHandOver>) -> StoreResult<StoreAge> {
    let forgot_latest = latest.map_or(Ok(false), |latest| has_forgotten(db, latest))?;
    let StoreReport { here, facts, sent, .. } = report;
    let handed_over = sent.map_or(Ok(None), |file| facts.get(&HANDED_OVER.of(file)))?;
    let answers = facts.get(&ANSWERS)?.unwrap_or_default();
    Ok(StoreAge {
        id: facts.get(&IDENTITY)?.ok_or_else(|| StoreError::corrupt("an identity", ""))?,
        answers,
        place: facts.get(&PLACE)?,
        here: here.clone(),
        told_older: facts.get(&OLDER)? == Some(answers),
        handed_over,
        forgot_latest,
        lacked_departures: facts.get(&DEPARTURES_LACKED)?.unwrap_or_default(),
    })
}

/// Whether the store would send again what was handed over. Where the machine of the store has stopped since, the last of what
/// was recorded may be lost, and whoever was claimed is put in doubt: then nothing goes out again by itself.
fn has_forgotten(db: &mut Db, latest: LatestHandOver) -> StoreResult<bool> {
    let row = deliveries::table.find(latest.delivery).select((deliveries::state, deliveries::claim));
    let row: Option<(DeliveryState, i64)> = StaysPrepared(row).get_result(db).optional()?;
    Ok(row.is_some_and(|(state, claim)| latest.is_forgotten(state, claim)) && !witness::is_lost(db)?)
}

/// Adds `claimed` to the count that `line`'s file keeps too, and returns that file's next line.
pub fn count(db: &mut Db, line: SentLine, claimed: u64) -> StoreResult<SentLine> {
    let answers = facts::get(db, &ANSWERS)?.unwrap_or_default();
    let handed_over = facts::add(db, &HANDED_OVER.of(line.file), claimed)?;
    Ok(SentLine { answers, handed_over, ..line })
}

/// Vouches for the store as it is, where it is, on a person's word: the file to be named `file` begins to count anew.
/// Returns its line.
pub fn vouch(db: &mut Db, file: FileId) -> StoreResult<SentLine> {
    facts::add(db, &ANSWERS, 1)?;
    facts::remove(db, &OLDER)?;
    forgive_lacked(db)?;
    begin(db, file)
}

/// The same for a store that has just been made and holds nothing yet. `None` when it holds something: then only a
/// person can tell.
pub fn vouch_if_new(db: &mut Db, file: FileId) -> StoreResult<Option<SentLine>> {
    let used = facts::get(db, &PLACE)?.is_some() || !members::list(db, None, 0, 1)?.is_empty();
    if used { Ok(None) } else { begin(db, file).map(Some) }
}

fn begin(db: &mut Db, file: FileId) -> StoreResult<SentLine> {
    let report = StoreReport::of(db, Some(file), None)?;
    let age = age(db, &report, None)?;
    facts::set(db, &PLACE, &age.here)?;
    facts::set(db, &HANDED_OVER.of(file), &0)?;
    Ok(SentLine { store: age.id, file, answers: age.answers, handed_over: 0, latest: None })
}

/// Nothing follows any more from what the record of departures held and the store did not: it is the latest one. A program that
/// dies while somebody leaves has the two differ for a moment.
pub fn forgive_lacked(db: &mut Db) -> StoreResult<()> {
    facts::remove(db, &DEPARTURES_LACKED)
}

/// Lets the other daemons know that the store, as it was at `seen`, is older than what one of them handed over. Stands
/// until a person answers, also when the answer came between the look and this: on PostgreSQL both are under way at once.
pub fn tell_older(db: &mut Db, seen: &StoreAge) -> StoreResult<()> {
    facts::set(db, &OLDER, &seen.answers)
}

/// Notes that the store was put back from a backup: whatever the counts say, nothing is sent until a person answers.
pub fn note_put_back(db: &mut Db) -> StoreResult<()> {
    let answers = facts::get(db, &ANSWERS)?.unwrap_or_default();
    facts::set(db, &OLDER, &answers)
}

/// Notes that mailings which began before `now` may have been sent without this store's knowing.
pub fn forget_until(db: &mut Db, now: Timestamp) -> StoreResult<()> {
    facts::set(db, &FORGOTTEN_UNTIL, &Micros(now))
}

/// Until when mailings may have been sent that this store has forgotten, if it was ever restored.
pub fn forgotten_until(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    Ok(facts::get(db, &FORGOTTEN_UNTIL)?.map(|Micros(until)| until))
}

#[derive(QueryableByName)]
struct PlaceRow {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The place, which has no name, or a fact.
#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct PlaceOrFact {
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Text)]
    value: String,
}

/// The place where the store stands, and the facts under those of `names` that have a value. SQLite: the file itself, by its
/// number and its birth, which no copy has. PostgreSQL: the server, the database and the table, which no dump restores, and
/// the timeline, which begins anew when a server is put back to an earlier instant or a replica takes over.
fn here_with(db: &mut Db, names: &[&str]) -> StoreResult<(String, Facts)> {
    match db {
        Db::Sqlite(conn) => {
            let file = "SELECT file AS line FROM pragma_database_list WHERE name = 'main'";
            let path = StaysPrepared(diesel::sql_query(file)).get_result::<PlaceRow>(conn)?.line;
            Ok((file_place(Path::new(&path)), facts::together(db, names)?))
        }
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            let both = "SELECT NULL AS name, 'postgres system=' || (SELECT system_identifier FROM pg_control_system()) \
                 || ' database=' || (SELECT oid FROM pg_database WHERE datname = current_database()) \
                 || ' table=' || 'store_facts'::regclass::oid || ' timeline=' \
                 || CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END \
                 AS value UNION ALL SELECT name, value FROM store_facts WHERE name = ANY ($1)";
            let asked = diesel::sql_query(both).bind::<Array<Text>, _>(names);
            let rows = StaysPrepared(asked).load::<PlaceOrFact>(conn)?;
            let (place, facts): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.name.is_none());
            let here = place.into_iter().map(|row| row.value).next().unwrap_or_default();
            Ok((here, facts.into_iter().filter_map(|row| Some((row.name?, row.value))).collect()))
        }
    }
}
