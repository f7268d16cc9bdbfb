//! The consent ledger's rows. Lines are only ever added: this file has no update and no delete.

use diesel::prelude::*;
use jiff::Timestamp;

use super::column::At;
use super::conn::per_backend;
use super::schema::{consent_events, consent_texts};
use super::{Db, StoreError, StoreResult};
use crate::keys::{KeyId, Sha256Digest};
use crate::member::{Action, BrokenLine, Event, Fingerprint, FingerprintDigits, Head, Method, NewEvent, Pseudonym};

/// Lines that are read at once while the chain is verified.
const PAGE: i64 = 2_000;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = consent_events, treat_none_as_default_value = false)]
struct Row {
    seq: i64,
    prev_hash: Sha256Digest,
    hash: Sha256Digest,
    event_id: String,
    #[diesel(serialize_as = At)]
    occurred_at: Timestamp,
    #[diesel(serialize_as = At)]
    recorded_at: Timestamp,
    subject: Pseudonym,
    fingerprint: FingerprintDigits,
    fingerprint_key: KeyId,
    controller: String,
    purpose: String,
    channel: String,
    action: Action,
    basis: String,
    text_version: Option<Sha256Digest>,
    form_version: Option<String>,
    source: String,
    method: Method,
    mail_ref: Option<String>,
    token_fp: Option<Sha256Digest>,
    reason: Option<String>,
}

impl From<Event> for Row {
    fn from(event: Event) -> Self {
        let Event { seq, prev_hash, hash, event_id, recorded_at, purpose, channel, basis, what } = event;
        let NewEvent { occurred_at, subject, fingerprint, controller, action, text_version, form_version, .. } = what;
        let NewEvent { source, method, mail_ref, token_fp, reason, .. } = what;
        let (fingerprint, fingerprint_key) = (fingerprint.digits(), fingerprint.key());
        Self {
            seq,
            prev_hash,
            hash,
            event_id,
            occurred_at,
            recorded_at,
            subject,
            fingerprint,
            fingerprint_key,
            controller,
            purpose,
            channel,
            action,
            basis,
            text_version,
            form_version,
            source,
            method,
            mail_ref,
            token_fp,
            reason,
        }
    }
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        Self {
            seq: row.seq,
            prev_hash: row.prev_hash,
            hash: row.hash,
            event_id: row.event_id,
            recorded_at: row.recorded_at,
            purpose: row.purpose,
            channel: row.channel,
            basis: row.basis,
            what: NewEvent {
                occurred_at: row.occurred_at,
                subject: row.subject,
                fingerprint: Fingerprint::new(row.fingerprint, row.fingerprint_key),
                controller: row.controller,
                action: row.action,
                text_version: row.text_version,
                form_version: row.form_version,
                source: row.source,
                method: row.method,
                mail_ref: row.mail_ref,
                token_fp: row.token_fp,
                reason: row.reason,
            },
        }
    }
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
pub(super) fn insert(db: &mut Db, events: Vec<Event>) -> StoreResult<()> {
    let rows = events.into_iter().map(Row::from);
    match db {
        // One prepared statement, run for each row: a statement of many rows would be parsed anew each time.
        Db::Sqlite(conn) => {
            for row in rows {
                diesel::insert_into(consent_events::table).values(row).execute(conn)?;
            }
        }
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) if rows.len() == 1 => {
            for row in rows {
                diesel::insert_into(consent_events::table).values(row).execute(conn)?;
            }
        }
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            diesel::copy_from(consent_events::table).from_insertable(rows.collect::<Vec<_>>()).execute(conn)?;
        }
    }
    Ok(())
}

/// The end of the chain.
pub fn head(db: &mut Db) -> StoreResult<Head> {
    let last: Option<(i64, Sha256Digest)> = consent_events::table
        .order(consent_events::seq.desc())
        .select((consent_events::seq, consent_events::hash))
        .first(db)
        .optional()?;
    Ok(last.map_or(Head::EMPTY, |(seq, hash)| Head { seq, hash }))
}

/// The lines about one member, oldest first.
pub fn events_of(db: &mut Db, subject: &Pseudonym) -> StoreResult<Vec<Event>> {
    events_of_many(db, &[*subject])
}

/// The lines about several members, oldest first.
pub(super) fn events_of_many(db: &mut Db, subjects: &[Pseudonym]) -> StoreResult<Vec<Event>> {
    let rows: Vec<Row> = consent_events::table
        .filter(consent_events::subject.eq_any(subjects))
        .order(consent_events::seq)
        .select(Row::as_select())
        .load(db)?;
    Ok(rows.into_iter().map(Event::from).collect())
}

/// The first line of the ledger that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstBad {
    /// Its number.
    pub seq: i64,
    /// What is wrong with it.
    pub broken: BrokenLine,
}

/// Computes the chain again from its first line, a page at a time. Returns its end, or the first line that is not as it
/// was written. Lines cut off at the end are not noticed by this: compare the end
/// with an anchor kept outside the store.
pub fn verify(db: &mut Db) -> StoreResult<Result<Head, FirstBad>> {
    let mut head = Head::EMPTY;
    // From before the first number, so that a line put in front of it is met too.
    let mut after = i64::MIN;
    let mut limit = PAGE;
    loop {
        let following = consent_events::table.filter(consent_events::seq.gt(after)).order(consent_events::seq);
        let page = following.limit(limit).select(Row::as_select()).load(db).map_err(StoreError::from);
        let page: Vec<Row> = match page {
            // From here on line by line, up to the one that cannot be read.
            Err(StoreError::Corrupt { .. }) if limit > 1 => {
                limit = 1;
                continue;
            }
            Err(StoreError::Corrupt { .. }) => {
                let seq = following.select(consent_events::seq).first(db)?;
                return Ok(Err(FirstBad { seq, broken: BrokenLine::Unreadable }));
            }
            page => page?,
        };
        if page.is_empty() {
            return Ok(Ok(head));
        }
        for event in page.into_iter().map(Event::from) {
            if let Err(broken) = event.follows(head) {
                return Ok(Err(FirstBad { seq: event.seq, broken }));
            }
            head = event.head();
            after = head.seq;
        }
    }
}

/// The digest of line `seq`, if there is one.
pub fn hash_at(db: &mut Db, seq: i64) -> StoreResult<Option<Sha256Digest>> {
    Ok(consent_events::table.find(seq).select(consent_events::hash).first(db).optional()?)
}

/// When the line after line `seq` was written down, if there is one.
pub fn recorded_after(db: &mut Db, seq: i64) -> StoreResult<Option<Timestamp>> {
    let after = consent_events::table.filter(consent_events::seq.gt(seq)).order(consent_events::seq);
    Ok(after.select(consent_events::recorded_at).first(db).optional()?)
}

/// Keeps the exact wording that people were shown, once.
pub fn keep_text(db: &mut Db, body: &str) -> StoreResult<Sha256Digest> {
    let hash = Sha256Digest::of(body.as_bytes());
    let row = (consent_texts::hash.eq(hash), consent_texts::body.eq(body));
    per_backend!(db, conn => diesel::insert_into(consent_texts::table)
        .values(row)
        .on_conflict(consent_texts::hash)
        .do_nothing()
        .execute(conn))?;
    Ok(hash)
}

/// The wording that has this digest.
pub fn text(db: &mut Db, hash: &Sha256Digest) -> StoreResult<Option<String>> {
    Ok(consent_texts::table.find(hash).select(consent_texts::body).first(db).optional()?)
}
