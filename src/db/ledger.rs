//! The consent ledger's rows. Lines are only ever added: this file has no update and no delete. A line whose proof has served
//! its time makes room for a stub (`db::stubs`); the chain goes through both, in the order of their numbers.

use std::borrow::Cow;
use std::collections::VecDeque;

use diesel::dsl::exists;
use diesel::prelude::*;
use jiff::Timestamp;

use super::column::{At, SharedText};
use super::conn::per_backend;
use super::inserts::{insert_each, insert_row};
use super::schema::{consent_events, consent_texts};
pub use super::stubs::RemovedLines;
use super::{Db, StoreError, StoreResult, stubs};
use crate::keys::hex::HexDigits;
use crate::keys::{KeyId, Keyring, Sha256Digest};
use crate::member::removal::Stub;
use crate::member::{Action, BrokenLine, Event, Fingerprint, FingerprintDigits, Head, Method, NewEvent, Pseudonym};

/// Lines that are read at once while the chain is verified.
const PAGE: i64 = 2_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = consent_events)]
struct Row {
    seq: i64,
    prev_hash: Sha256Digest,
    hash: Sha256Digest,
    event_id: String,
    occurred_at: Timestamp,
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

/// A line as it is written. Its values are texts already, so that it can be made ready on another thread than the one that
/// writes, which is the busiest of an import.
#[cfg_attr(feature = "postgres", derive(Insertable))]
#[cfg_attr(feature = "postgres", diesel(table_name = consent_events, treat_none_as_default_value = false))]
pub(super) struct NewLine {
    seq: i64,
    prev_hash: HexDigits,
    hash: HexDigits,
    event_id: String,
    occurred_at: At,
    recorded_at: At,
    subject: HexDigits,
    fingerprint: HexDigits,
    fingerprint_key: HexDigits,
    controller: SharedText,
    purpose: Cow<'static, str>,
    channel: Cow<'static, str>,
    action: &'static str,
    basis: Cow<'static, str>,
    text_version: Option<HexDigits>,
    form_version: Option<String>,
    source: String,
    method: Cow<'static, str>,
    mail_ref: Option<String>,
    token_fp: Option<HexDigits>,
    reason: Option<String>,
}

insert_row!(NewLine in consent_events {
    seq, prev_hash, hash, event_id, occurred_at, recorded_at, subject, fingerprint, fingerprint_key, controller, purpose, channel,
    action, basis, text_version, form_version, source, method, mail_ref, token_fp, reason,
});

impl From<Event> for NewLine {
    fn from(event: Event) -> Self {
        let Event { seq, prev_hash, hash, event_id, recorded_at, purpose, channel, basis, what } = event;
        let NewEvent { occurred_at, subject, fingerprint, controller, action, text_version, form_version, .. } = what;
        let NewEvent { source, method, mail_ref, token_fp, reason, .. } = what;
        Self {
            seq,
            prev_hash: prev_hash.into(),
            hash: hash.into(),
            event_id,
            occurred_at: At(occurred_at),
            recorded_at: At(recorded_at),
            subject: subject.into(),
            fingerprint: fingerprint.digits().into(),
            fingerprint_key: fingerprint.key().into(),
            controller: SharedText(controller),
            purpose,
            channel,
            action: action.as_str(),
            basis,
            text_version: text_version.map(HexDigits::from),
            form_version,
            source,
            method: method.word(),
            mail_ref,
            token_fp: token_fp.map(HexDigits::from),
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
            purpose: row.purpose.into(),
            channel: row.channel.into(),
            basis: row.basis.into(),
            what: NewEvent {
                occurred_at: row.occurred_at,
                subject: row.subject,
                fingerprint: Fingerprint::new(row.fingerprint, row.fingerprint_key),
                controller: row.controller.into(),
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
    insert_lines(db, events.into_iter().map(NewLine::from).collect())
}

/// The same of lines that are ready to be written.
pub(super) fn insert_lines(db: &mut Db, lines: Vec<NewLine>) -> StoreResult<()> {
    match db {
        Db::Sqlite(conn) => insert_each(conn, &lines)?,
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) if lines.len() == 1 => {
            for line in lines {
                diesel::insert_into(consent_events::table).values(line).execute(conn)?;
            }
        }
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            diesel::copy_from(consent_events::table).from_insertable(lines).execute(conn)?;
        }
    }
    Ok(())
}

/// The end of the chain: a stub when the last line was removed.
pub fn head(db: &mut Db) -> StoreResult<Head> {
    let last: Option<(i64, Sha256Digest)> = consent_events::table
        .order(consent_events::seq.desc())
        .select((consent_events::seq, consent_events::hash))
        .first(db)
        .optional()?;
    let line = last.map(|(seq, hash)| Head { seq, hash });
    Ok(line.into_iter().chain(stubs::last(db)?).max_by_key(|last| last.seq).unwrap_or(Head::EMPTY))
}

/// Whether a line is about somebody with one of these fingerprints. Reads the whole ledger: for somebody of whom nothing else is
/// known.
pub fn knows(db: &mut Db, fingerprints: &[Fingerprint]) -> StoreResult<bool> {
    let digits: Vec<FingerprintDigits> = fingerprints.iter().map(Fingerprint::digits).collect();
    Ok(diesel::select(exists(consent_events::table.filter(consent_events::fingerprint.eq_any(digits))))
        .get_result(db)?)
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

/// The lines of these kinds that happened at `since` or later, oldest first. Reads the whole ledger.
pub(super) fn of_actions_since(db: &mut Db, actions: &[Action], since: Timestamp) -> StoreResult<Vec<Event>> {
    let rows: Vec<Row> = consent_events::table
        .filter(consent_events::action.eq_any(actions).and(consent_events::occurred_at.ge(At(since))))
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

/// What carries a number of the ledger: a line, or the stub of one.
trait Numbered: Sized {
    fn seq(&self) -> i64;

    /// Up to `limit` with a number above `after`, in the order of their numbers.
    fn page(db: &mut Db, after: i64, limit: i64) -> StoreResult<Vec<Self>>;

    /// The number of the next one, which need not be readable.
    fn number_after(db: &mut Db, after: i64) -> StoreResult<i64>;
}

impl Numbered for Event {
    fn seq(&self) -> i64 {
        self.seq
    }

    fn page(db: &mut Db, after: i64, limit: i64) -> StoreResult<Vec<Self>> {
        let following = consent_events::table.filter(consent_events::seq.gt(after)).order(consent_events::seq);
        let rows: Vec<Row> = following.limit(limit).select(Row::as_select()).load(db)?;
        Ok(rows.into_iter().map(Self::from).collect())
    }

    fn number_after(db: &mut Db, after: i64) -> StoreResult<i64> {
        let following = consent_events::table.filter(consent_events::seq.gt(after)).order(consent_events::seq);
        Ok(following.select(consent_events::seq).first(db)?)
    }
}

impl Numbered for Stub {
    fn seq(&self) -> i64 {
        self.seq
    }

    fn page(db: &mut Db, after: i64, limit: i64) -> StoreResult<Vec<Self>> {
        stubs::page(db, after, limit)
    }

    fn number_after(db: &mut Db, after: i64) -> StoreResult<i64> {
        stubs::number_after(db, after)
    }
}

/// One of the two tables, read a page at a time.
struct InOrder<T> {
    read: VecDeque<T>,
    /// The number of one that cannot be read, behind those that were.
    unreadable: Option<i64>,
    after: i64,
    limit: i64,
    ended: bool,
}

impl<T: Numbered> InOrder<T> {
    fn new() -> Self {
        // From before the first number, so that a line put in front of it is met too.
        Self { read: VecDeque::new(), unreadable: None, after: i64::MIN, limit: PAGE, ended: false }
    }

    /// The number of the next one; `None` at the end.
    fn number(&mut self, db: &mut Db) -> StoreResult<Option<i64>> {
        while self.read.is_empty() && self.unreadable.is_none() && !self.ended {
            match T::page(db, self.after, self.limit) {
                // From here on one by one, up to the one that cannot be read.
                Err(StoreError::Corrupt { .. }) if self.limit > 1 => self.limit = 1,
                Err(StoreError::Corrupt { .. }) => self.unreadable = Some(T::number_after(db, self.after)?),
                page => {
                    self.read = page?.into();
                    self.after = self.read.back().map_or(self.after, T::seq);
                    self.ended = self.read.is_empty();
                }
            }
        }
        Ok(self.read.front().map(T::seq).or(self.unreadable))
    }

    /// The next one, whose number was asked for; `None` when it cannot be read.
    fn next(&mut self) -> Option<T> {
        self.read.pop_front()
    }
}

/// Computes the chain again from its first line, a page at a time. Of a line that was removed it is held against the keys that
/// we have removed it. Returns the end of the chain, or the first line that is not as it
/// was written. Lines cut off at the end are not noticed by this: compare the end
/// with an anchor kept outside the store.
pub fn verify(db: &mut Db, keyring: &Keyring) -> StoreResult<Result<Head, FirstBad>> {
    let (mut lines, mut removed) = (InOrder::<Event>::new(), InOrder::<Stub>::new());
    let mut head = Head::EMPTY;
    loop {
        let (seq, next) = match (lines.number(db)?, removed.number(db)?) {
            (None, None) => return Ok(Ok(head)),
            (Some(line), Some(stub)) if line == stub => (line, Err(BrokenLine::Twice)),
            (Some(line), stub) if stub.is_none_or(|stub| line < stub) => {
                let event = lines.next().ok_or(BrokenLine::Unreadable);
                (line, event.and_then(|event| event.follows(head).map(|()| event.head())))
            }
            (_, Some(seq)) => {
                let stub = removed.next().ok_or(BrokenLine::Unreadable);
                (seq, stub.and_then(|stub| stub.follows(head, keyring).map(|()| stub.head())))
            }
            (Some(line), None) => (line, Err(BrokenLine::Unreadable)),
        };
        match next {
            Ok(next) => head = next,
            Err(broken) => return Ok(Err(FirstBad { seq, broken })),
        }
    }
}

/// How many lines were removed, and when. `None` when none was.
pub fn removed(db: &mut Db) -> StoreResult<Option<RemovedLines>> {
    stubs::all(db)
}

/// The digest of line `seq`, if there is one, or was until it was removed.
pub fn hash_at(db: &mut Db, seq: i64) -> StoreResult<Option<Sha256Digest>> {
    let kept = consent_events::table.find(seq).select(consent_events::hash).first(db).optional()?;
    if kept.is_some() { Ok(kept) } else { stubs::hash_at(db, seq) }
}

/// The first line after line `seq` that is there, and when it was written down.
pub fn recorded_after(db: &mut Db, seq: i64) -> StoreResult<Option<(i64, Timestamp)>> {
    let after = consent_events::table.filter(consent_events::seq.gt(seq)).order(consent_events::seq);
    Ok(after.select((consent_events::seq, consent_events::recorded_at)).first(db).optional()?)
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
