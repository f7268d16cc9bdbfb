//! The consent ledger's rows. Lines are only ever added: this file has no update and no delete.

use diesel::prelude::*;
use jiff::Timestamp;

use super::conn::per_backend;
use super::schema::{consent_events, consent_texts};
use super::{Db, StoreError, StoreResult, instant, members, micros};
use crate::member::{Broken, Event, Fingerprint, Head, Lifetime, NewEvent, Pseudonym, Sha256Digest};

/// Lines that are inserted by one statement: 21 values each, and SQLite takes 32,766.
const BATCH: usize = 500;

/// Lines that are read at once while the chain is verified.
const PAGE: i64 = 2_000;

#[derive(Insertable, Queryable)]
#[diesel(table_name = consent_events, treat_none_as_default_value = false)]
struct Row {
    seq: i64,
    prev_hash: String,
    hash: String,
    event_id: String,
    occurred_at: i64,
    recorded_at: i64,
    subject: String,
    fingerprint: String,
    fingerprint_key: String,
    controller: String,
    purpose: String,
    channel: String,
    action: String,
    basis: String,
    text_version: Option<String>,
    form_version: Option<String>,
    source: String,
    method: String,
    mail_ref: Option<String>,
    token_fp: Option<String>,
    reason: Option<String>,
}

impl Row {
    fn of(event: &Event) -> Self {
        let what = &event.what;
        Self {
            seq: event.seq,
            prev_hash: event.prev_hash.to_string(),
            hash: event.hash.to_string(),
            event_id: event.event_id.clone(),
            occurred_at: micros(what.occurred_at),
            recorded_at: micros(event.recorded_at),
            subject: what.subject.to_string(),
            fingerprint: what.fingerprint.to_string(),
            fingerprint_key: what.fingerprint.key().to_string(),
            controller: what.controller.clone(),
            purpose: event.purpose.clone(),
            channel: event.channel.clone(),
            action: what.action.to_string(),
            basis: event.basis.clone(),
            text_version: what.text_version.map(|digest| digest.to_string()),
            form_version: what.form_version.clone(),
            source: what.source.clone(),
            method: what.method.to_string(),
            mail_ref: what.mail_ref.clone(),
            token_fp: what.token_fp.map(|digest| digest.to_string()),
            reason: what.reason.clone(),
        }
    }

    fn read(self) -> StoreResult<Event> {
        let seq = self.seq;
        self.try_read().ok_or_else(|| StoreError::corrupt("a line of the consent ledger", seq))
    }

    fn try_read(self) -> Option<Event> {
        let digest = |text: Option<String>| text.map(|text| text.parse::<Sha256Digest>()).transpose();
        Some(Event {
            seq: self.seq,
            prev_hash: self.prev_hash.parse().ok()?,
            hash: self.hash.parse().ok()?,
            event_id: self.event_id,
            recorded_at: instant(self.recorded_at).ok()?,
            purpose: self.purpose,
            channel: self.channel,
            basis: self.basis,
            what: NewEvent {
                occurred_at: instant(self.occurred_at).ok()?,
                subject: self.subject.parse().ok()?,
                fingerprint: Fingerprint::from_stored(&self.fingerprint, &self.fingerprint_key)?,
                controller: self.controller,
                action: self.action.parse().ok()?,
                text_version: digest(self.text_version).ok()?,
                form_version: self.form_version,
                source: self.source,
                method: self.method.parse().ok()?,
                mail_ref: self.mail_ref,
                token_fp: digest(self.token_fp).ok()?,
                reason: self.reason,
            },
        })
    }
}

/// Adds a line about a member who is in the store, and brings the member's row and the suppression list up to date, in
/// the caller's transaction. `lifetime` is how long a consent counts.
pub fn append(db: &mut Db, what: NewEvent, lifetime: Lifetime, now: Timestamp) -> StoreResult<Event> {
    let event = Event::after(lock(db)?, what, now);
    insert(db, std::slice::from_ref(&event))?;
    members::replay_one(db, &event.what.subject, lifetime)?;
    Ok(event)
}

/// Keeps other writers from adding lines until the transaction ends, and returns the end of the chain. Without it two
/// writers on PostgreSQL could bind two lines to the same one; SQLite has one writer anyway.
pub(super) fn lock(db: &mut Db) -> StoreResult<Head> {
    match db {
        Db::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            diesel::sql_query("LOCK TABLE consent_events IN EXCLUSIVE MODE").execute(conn)?;
        }
    }
    head(db)
}

/// Adds lines that were bound under [`lock`].
pub(super) fn insert(db: &mut Db, events: &[Event]) -> StoreResult<()> {
    for batch in events.chunks(BATCH) {
        let rows: Vec<Row> = batch.iter().map(Row::of).collect();
        per_backend!(db, conn => diesel::insert_into(consent_events::table).values(&rows).execute(conn))?;
    }
    Ok(())
}

/// The end of the chain.
pub fn head(db: &mut Db) -> StoreResult<Head> {
    let last: Option<(i64, String)> = consent_events::table
        .order(consent_events::seq.desc())
        .select((consent_events::seq, consent_events::hash))
        .first(db)
        .optional()?;
    let Some((seq, hash)) = last else { return Ok(Head::EMPTY) };
    let hash = hash.parse().map_err(|_| StoreError::corrupt("the end of the consent ledger", seq))?;
    Ok(Head { seq, hash })
}

/// The lines about one member, oldest first.
pub fn events_of(db: &mut Db, subject: &Pseudonym) -> StoreResult<Vec<Event>> {
    events_of_many(db, &[*subject])
}

/// The lines about several members, oldest first.
pub(super) fn events_of_many(db: &mut Db, subjects: &[Pseudonym]) -> StoreResult<Vec<Event>> {
    let subjects: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    consent_events::table
        .filter(consent_events::subject.eq_any(subjects))
        .order(consent_events::seq)
        .load::<Row>(db)?
        .into_iter()
        .map(Row::read)
        .collect()
}

/// The first line of the ledger that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstBad {
    /// Its number.
    pub seq: i64,
    /// What is wrong with it.
    pub broken: Broken,
}

/// Computes the chain again from its first line, a page at a time. Returns its end, or the first line that is not as it
/// was written. Lines cut off at the end are not noticed by this: compare the end
/// with an anchor kept outside the store.
pub fn verify(db: &mut Db) -> StoreResult<Result<Head, FirstBad>> {
    let mut head = Head::EMPTY;
    // From before the first number, so that a line put in front of it is met too.
    let mut after = i64::MIN;
    loop {
        let rows = consent_events::table
            .filter(consent_events::seq.gt(after))
            .order(consent_events::seq)
            .limit(PAGE)
            .load::<Row>(db)?;
        if rows.is_empty() {
            return Ok(Ok(head));
        }
        for row in rows {
            let seq = row.seq;
            let checked = row.try_read().ok_or(Broken::Unreadable);
            match checked.and_then(|event| event.follows(head).map(|()| event)) {
                Ok(event) => {
                    head = event.head();
                    after = head.seq;
                }
                Err(broken) => return Ok(Err(FirstBad { seq, broken })),
            }
        }
    }
}

/// The digest of line `seq`, if there is one.
pub fn hash_at(db: &mut Db, seq: i64) -> StoreResult<Option<Sha256Digest>> {
    let hash: Option<String> = consent_events::table.find(seq).select(consent_events::hash).first(db).optional()?;
    hash.map(|hash| hash.parse().map_err(|_| StoreError::corrupt("the digest of a consent event", seq))).transpose()
}

/// Keeps the exact wording that people were shown, once.
pub fn keep_text(db: &mut Db, body: &str) -> StoreResult<Sha256Digest> {
    let hash = Sha256Digest::of(body.as_bytes());
    let row = (consent_texts::hash.eq(hash.to_string()), consent_texts::body.eq(body));
    per_backend!(db, conn => diesel::insert_into(consent_texts::table)
        .values(row)
        .on_conflict(consent_texts::hash)
        .do_nothing()
        .execute(conn))?;
    Ok(hash)
}

/// The wording that has this digest.
pub fn text(db: &mut Db, hash: &Sha256Digest) -> StoreResult<Option<String>> {
    Ok(consent_texts::table.find(hash.to_string()).select(consent_texts::body).first(db).optional()?)
}
