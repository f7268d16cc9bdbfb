//! Asking members whether they want to go on, before their consent runs out: whom, with which letter, what became of it, and
//! the answer. The decisions are [`crate::member::renewal`]'s.
//!
//! A letter that was handed over is not sent again, so nobody is asked twice about one consent: that it is handed over is on
//! disk before its body goes out. Until then it is tried again. Whoever calls asks the holds in the same transaction.

use std::sync::Arc;

use diesel::dsl::{exists, min, not};
use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::column::At;
use super::expiry::{day_of, done_on};
use super::facts::{self, OnDay, RENEWALS_PLANNED, RENEWED};
use super::imports::ImportTerms;
use super::members::{Member, contents_of, eligible};
use super::pressed::{AfterPress, Pressed, is_used, used_by};
use super::schema::{members as rows, renewals};
use super::signups::LetterSender;
use super::{Db, StoreResult, consent, identity, ledger, members};
use crate::keys::Sha256Digest;
use crate::member::renewal::{
    ASKED_BEFORE, RenewalState, asked_at, asked_now, daily_portion, deadline, is_to_be_answered, message_id, nonce,
};
use crate::member::retention::rest_of;
use crate::member::{Action, Address, Consent, Language, Method, NewEvent, Pseudonym, RenewToken, replay};

/// How long a letter that is being sent is its daemon's: longer than a relay may take over all the steps of one message
/// (RFC 5321 4.5.3.2).
const TAKEN_FOR: SignedDuration = SignedDuration::from_mins(40);

/// Rows that are looked at for one letter that may be sent.
const LOOKS: usize = 100;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = renewals)]
struct Row {
    member_id: i64,
    act_at: Timestamp,
    ends_at: Timestamp,
    state: RenewalState,
    attempts: i32,
    mail_ref: Option<String>,
}

/// Members whose consent ends in `(after, until]`, who may be written to at `now`, and who were not asked about it.
macro_rules! unasked {
    ($now:expr, $after:expr, $until:expr) => {
        rows::table
            .filter(eligible(At($now)))
            .filter(rows::expires_at.gt(At($after)).and(rows::expires_at.le(At($until))))
            .filter(not(exists(renewals::table.filter(renewals::member_id.eq(rows::id)))))
    };
}

/// The window of [`asked_now`], without the consents whose letters a store that was restored may have forgotten.
fn window(db: &mut Db, now: Timestamp) -> StoreResult<(Timestamp, Timestamp)> {
    let (after, until) = asked_now(now);
    let forgotten = identity::forgotten_until(db)?.and_then(|forgotten| forgotten.checked_add(ASKED_BEFORE).ok());
    Ok((forgotten.map_or(after, |forgotten| forgotten.max(after)), until))
}

/// Chooses whom to ask: up to `limit` members whose consent runs out soon, the first to end first, and as many as the day
/// still allows. Forgets what is about no consent any more. Returns how many were chosen.
pub fn plan(db: &mut Db, now: Timestamp, limit: u64) -> StoreResult<u64> {
    let at_once = i64::try_from(limit).unwrap_or(i64::MAX);
    tidy(db, now, at_once)?;
    let day = day_of(now);
    let planned = done_on(facts::get_locked(db, &RENEWALS_PLANNED)?, day);
    let rest = rest_of(portion(db)?, planned).min(limit);
    let (after, until) = window(db, now)?;
    let chosen: Vec<(i64, Pseudonym, Timestamp)> = unasked!(now, after, until)
        .order((rows::expires_at, rows::id))
        .limit(i64::try_from(rest).unwrap_or(i64::MAX))
        .select((rows::id, rows::pseudonym, rows::expires_at.assume_not_null()))
        .load(db)?;
    let subjects: Vec<Pseudonym> = chosen.iter().map(|(_, pseudonym, _)| *pseudonym).collect();
    let events = ledger::events_of_many(db, &subjects)?;
    let mut more = 0;
    for (member_id, pseudonym, ends_at) in chosen {
        let own = events.iter().map(|event| &event.what).filter(|what| what.subject == pseudonym);
        let Some(act_at) = replay(own).and_then(|state| state.last_act_at) else { continue };
        more += insert(db, member_id, (act_at, ends_at), now)?;
    }
    if more > 0 {
        facts::set(db, &RENEWALS_PLANNED, &OnDay { day, count: planned.saturating_add(more) })?;
    }
    Ok(more)
}

fn portion(db: &mut Db) -> StoreResult<u64> {
    let members: i64 = rows::table.count().get_result(db)?;
    Ok(daily_portion(members.unsigned_abs()))
}

/// Another daemon may have been quicker.
fn insert(db: &mut Db, member_id: i64, (act_at, ends_at): (Timestamp, Timestamp), now: Timestamp) -> StoreResult<u64> {
    let row = (
        renewals::member_id.eq(member_id),
        renewals::act_at.eq(At(act_at)),
        renewals::ends_at.eq(At(ends_at)),
        renewals::state.eq(RenewalState::Waiting),
        renewals::due_at.eq(At(now)),
        renewals::attempts.eq(0),
    );
    let inserted = super::conn::per_backend!(db, conn => diesel::insert_into(renewals::table)
        .values(row)
        .on_conflict(renewals::member_id)
        .do_nothing()
        .execute(conn))?;
    Ok(u64::try_from(inserted).unwrap_or(u64::MAX))
}

/// Forgets rows whose consent rests on another act by now, and takes over a new end where the lifetime was changed: the same
/// act is not asked about again. A letter that was handed over long ago and of which nothing was heard is in doubt.
fn tidy(db: &mut Db, now: Timestamp, limit: i64) -> StoreResult<()> {
    let stale: Vec<(i64, Pseudonym, Option<Timestamp>, Timestamp)> = renewals::table
        .inner_join(rows::table)
        .filter(rows::expires_at.is_null().or(rows::expires_at.ne(renewals::ends_at.nullable())))
        .order(renewals::member_id)
        .limit(limit)
        .select((renewals::member_id, rows::pseudonym, rows::expires_at, renewals::act_at))
        .load(db)?;
    for (member_id, pseudonym, ends_at, act_at) in stale {
        let events = ledger::events_of(db, &pseudonym)?;
        let rests_on = replay(contents_of(&events)).and_then(|state| state.last_act_at);
        match ends_at.filter(|_| rests_on == Some(act_at)) {
            Some(ends_at) => {
                diesel::update(renewals::table.find(member_id)).set(renewals::ends_at.eq(At(ends_at))).execute(db)?;
            }
            None => forget(db, member_id)?,
        }
    }
    let long_ago = now.checked_sub(TAKEN_FOR).unwrap_or(Timestamp::MIN);
    let lost = renewals::state.eq(RenewalState::HandedOver).and(renewals::handed_over_at.le(At(long_ago)));
    diesel::update(renewals::table.filter(lost)).set(over(RenewalState::InDoubt)).execute(db)?;
    Ok(())
}

type LetterOver = (
    diesel::dsl::Eq<renewals::state, RenewalState>,
    diesel::dsl::Eq<renewals::due_at, Option<Timestamp>>,
    diesel::dsl::Eq<renewals::taken_by, Option<String>>,
);

/// Nothing more is done about a letter.
fn over(state: RenewalState) -> LetterOver {
    (renewals::state.eq(state), renewals::due_at.eq(None::<Timestamp>), renewals::taken_by.eq(None::<String>))
}

/// Forgets that a member was asked, with the consent that it was about.
pub(super) fn forget(db: &mut Db, member_id: i64) -> StoreResult<()> {
    diesel::delete(renewals::table.find(member_id)).execute(db)?;
    Ok(())
}

/// Gives back what a daemon that is no more had taken: a letter that was on its way is in doubt. For a daemon that is alone on
/// its store.
pub fn take_back(db: &mut Db, now: Timestamp) -> StoreResult<usize> {
    let waiting = renewals::taken_by.is_not_null().and(renewals::state.eq(RenewalState::Waiting));
    let back = diesel::update(renewals::table.filter(waiting))
        .set((renewals::due_at.eq(At(now)), renewals::taken_by.eq(None::<String>)))
        .execute(db)?;
    let lost = renewals::table.filter(renewals::state.eq(RenewalState::HandedOver));
    Ok(back + diesel::update(lost).set(over(RenewalState::InDoubt)).execute(db)?)
}

/// A letter that asks whether to go on. Personal data.
#[derive(Clone, Debug)]
pub struct RenewalLetter {
    /// Whose, as a row.
    pub member_id: i64,
    /// Whose.
    pub pseudonym: Pseudonym,
    /// Where it goes.
    pub address: Address,
    /// In which language.
    pub language: Language,
    /// When the person last agreed.
    pub act_at: Timestamp,
    /// When the consent stops counting.
    pub ends_at: Timestamp,
    /// What its link is made of.
    pub token: RenewToken,
    /// Its Message-ID.
    pub message_id: String,
    /// How often it was tried before.
    pub attempts: u32,
    owner: String,
}

/// When the next letter is due.
pub fn next_due(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    Ok(renewals::table.select(min(renewals::due_at)).first(db)?)
}

/// Takes the next letter that is due and may be sent at `now`. A member who may not be written to is let go, and asked when
/// that is over and there is still time.
pub fn take(db: &mut Db, letter_sender: &LetterSender, now: Timestamp) -> StoreResult<Option<RenewalLetter>> {
    for _ in 0..LOOKS {
        let Some(row) = due(db, now)? else { return Ok(None) };
        let Some(member) = asked(db, &row, now)? else {
            forget(db, row.member_id)?;
            continue;
        };
        let Some(address) = member.address else { continue };
        let (keyring, pseudonym) = (&letter_sender.keyring, member.pseudonym);
        let token = RenewToken::of(keyring, &nonce(keyring, &pseudonym, row.act_at));
        let message_id = message_id(keyring, &pseudonym, row.act_at, &letter_sender.domain);
        let until = now.saturating_add(TAKEN_FOR).unwrap_or(Timestamp::MAX);
        diesel::update(renewals::table.find(row.member_id))
            .set((
                renewals::due_at.eq(At(until)),
                renewals::taken_by.eq(&letter_sender.owner),
                renewals::token_fp.eq(token.digest()),
                renewals::mail_ref.eq(&message_id),
            ))
            .execute(db)?;
        return Ok(Some(RenewalLetter {
            member_id: row.member_id,
            pseudonym,
            address,
            language: member.language,
            act_at: row.act_at,
            ends_at: row.ends_at,
            token,
            message_id,
            attempts: row.attempts.unsigned_abs(),
            owner: letter_sender.owner.clone(),
        }));
    }
    Ok(None)
}

/// On PostgreSQL what another daemon has locked is left to it.
fn due(db: &mut Db, now: Timestamp) -> StoreResult<Option<Row>> {
    let due = renewals::table
        .filter(renewals::due_at.le(At(now)))
        .order((renewals::due_at, renewals::member_id))
        .limit(1)
        .select(renewals::member_id);
    let id: Option<i64> = match db {
        Db::Sqlite(conn) => due.first(conn).optional()?,
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => due.for_update().skip_locked().first(conn).optional()?,
    };
    let Some(id) = id else { return Ok(None) };
    Ok(renewals::table.find(id).select(Row::as_select()).first(db).optional()?)
}

/// The member that a row is about, when the letter may go to the member at `now`.
fn asked(db: &mut Db, row: &Row, now: Timestamp) -> StoreResult<Option<Member>> {
    let waits = row.state == RenewalState::Waiting && now < deadline(row.ends_at);
    let member = rows::table
        .find(row.member_id)
        .filter(eligible(At(now)).and(rows::expires_at.eq(At(row.ends_at))))
        .select(Member::as_select())
        .first(db)
        .optional()?;
    Ok(member.filter(|_| waits))
}

/// Asks, in the last moment, whether a letter that was taken may go out at `now`, and records that it is handed over when it
/// may. The caller puts that on disk before the body goes out.
pub fn grant(db: &mut Db, letter: &RenewalLetter, now: Timestamp) -> StoreResult<bool> {
    let own = renewals::table.find(letter.member_id).filter(renewals::taken_by.eq(&letter.owner));
    let Some(row) = own.select(Row::as_select()).first(db).optional()? else { return Ok(false) };
    if row.act_at != letter.act_at || asked(db, &row, now)?.is_none() {
        return Ok(false);
    }
    let own = renewals::member_id
        .eq(letter.member_id)
        .and(renewals::taken_by.eq(&letter.owner))
        .and(renewals::state.eq(RenewalState::Waiting));
    let granted = diesel::update(renewals::table.filter(own))
        .set((renewals::state.eq(RenewalState::HandedOver), renewals::handed_over_at.eq(At(now))))
        .execute(db)?;
    Ok(granted == 1)
}

/// What became of a letter that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewalOutcome {
    /// It left.
    Sent,
    /// It was handed over, and nobody knows whether it left.
    InDoubt,
    /// It did not leave, and is tried again at this instant, or not any more.
    Later(Option<Timestamp>),
    /// It was not tried, and is due at this instant.
    PutBack(Timestamp),
    /// There is no such mailbox.
    Refused,
}

/// Records what became of a letter that was taken. When the member was quicker, there is nothing to record.
pub fn record(db: &mut Db, letter: &RenewalLetter, outcome: RenewalOutcome) -> StoreResult<()> {
    let own = renewals::member_id.eq(letter.member_id).and(renewals::taken_by.eq(&letter.owner));
    let own = renewals::table.filter(own);
    let free = renewals::taken_by.eq(None::<String>);
    let again = (renewals::state.eq(RenewalState::Waiting), renewals::handed_over_at.eq(None::<Timestamp>));
    match outcome {
        RenewalOutcome::Sent => diesel::update(own).set(over(RenewalState::Sent)).execute(db)?,
        RenewalOutcome::InDoubt => diesel::update(own).set(over(RenewalState::InDoubt)).execute(db)?,
        RenewalOutcome::Refused => diesel::update(own).set(over(RenewalState::Refused)).execute(db)?,
        RenewalOutcome::Later(at) => diesel::update(own)
            .set((again, renewals::due_at.eq(at), renewals::attempts.eq(renewals::attempts + 1), free))
            .execute(db)?,
        RenewalOutcome::PutBack(at) => {
            diesel::update(own).set((again, renewals::due_at.eq(At(at)), free)).execute(db)?
        }
    };
    Ok(())
}

/// A letter that left, or may have.
pub(super) struct SentRenewal {
    pub(super) member: Member,
    pub(super) act_at: Timestamp,
    pub(super) sent_at: Timestamp,
    pub(super) message_id: Option<String>,
}

/// The letter about the present consent of the member in the row `member_id`, if one has left.
pub(super) fn sent_to(db: &mut Db, member_id: i64) -> StoreResult<Option<SentRenewal>> {
    let found: Option<(Member, Timestamp, Option<Timestamp>, Option<String>)> = renewals::table
        .inner_join(rows::table)
        .filter(renewals::member_id.eq(member_id).and(renewals::state.eq_any(RenewalState::ASKED)))
        .select((Member::as_select(), renewals::act_at, renewals::handed_over_at, renewals::mail_ref))
        .first(db)
        .optional()?;
    Ok(found.and_then(|(member, act_at, handed_over_at, message_id)| {
        Some(SentRenewal { member, act_at, sent_at: handed_over_at?, message_id })
    }))
}

/// What a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewalTarget {
    /// A consent that can be renewed.
    Waits {
        /// Whose.
        member: Pseudonym,
        /// The language of the person.
        language: Language,
        /// When it stops counting.
        ends_at: Timestamp,
    },
    /// One that was, and what is true of the person now.
    Used(AfterPress),
    /// Nothing: the consent has ended, or rests on another act, or there never was such a letter.
    Unknown,
}

/// Looks where a link leads, and changes nothing.
pub fn look(db: &mut Db, token: &RenewToken, now: Timestamp) -> StoreResult<RenewalTarget> {
    Ok(match waiting(db, token, now)? {
        Some((row, member)) => {
            RenewalTarget::Waits { member: member.pseudonym, language: member.language, ends_at: row.ends_at }
        }
        None => used_by(db, token.digest(), now)?.map_or(RenewalTarget::Unknown, RenewalTarget::Used),
    })
}

fn waiting(db: &mut Db, token: &RenewToken, now: Timestamp) -> StoreResult<Option<(Row, Member)>> {
    let asked = renewals::token_fp.eq(token.digest()).and(renewals::state.eq_any(RenewalState::ASKED));
    let counts = rows::consent.eq(Consent::Confirmed).and(rows::expires_at.gt(At(now)));
    Ok(renewals::table
        .inner_join(rows::table)
        .filter(asked)
        .filter(counts)
        .select((Row::as_select(), Member::as_select()))
        .first(db)
        .optional()?)
}

/// The words that stood on the page, and its version.
#[derive(Clone, Copy, Debug)]
pub struct ShownWords<'a> {
    /// The exact words.
    pub text: &'a str,
    /// The version of the page.
    pub version: &'a str,
}

/// The person presses the button behind a letter: a line in the ledger with the words that were shown, and the consent counts
/// from `now`, the instant to record under ([`super::clock::to_record`]).
pub fn renew(
    db: &mut Db,
    token: &RenewToken,
    shown: ShownWords<'_>,
    terms: &ImportTerms,
    now: Timestamp,
) -> StoreResult<Pressed> {
    // Locked before it is read, so that two presses at once do not both add a line.
    ledger::lock(db)?;
    let Some((row, member)) = waiting(db, token, now)? else {
        return Ok(if is_used(db, token.digest())? { Pressed::Already } else { Pressed::Unknown });
    };
    let act = refreshed(&member, (BY_LETTER, shown), terms, now);
    let act = NewEvent { mail_ref: row.mail_ref, token_fp: Some(token.digest()), ..act };
    keep(db, &member, act, shown, terms, now)
}

/// The same button on the page of choices, which is there while a consent is to be answered about, with a letter or without.
/// `Already` when the consent does not end soon: it was pressed before.
pub fn renew_by_choice(
    db: &mut Db,
    pseudonym: &Pseudonym,
    shown: ShownWords<'_>,
    terms: &ImportTerms,
    now: Timestamp,
) -> StoreResult<Pressed> {
    ledger::lock(db)?;
    let member = members::find(db, pseudonym)?.filter(|member| member.consent == Consent::Confirmed);
    let Some((member, ends_at)) = member.and_then(|member| member.expires_at.map(|ends_at| (member, ends_at))) else {
        return Ok(Pressed::Unknown);
    };
    if !is_to_be_answered(ends_at, now) {
        return Ok(if ends_at <= now { Pressed::Unknown } else { Pressed::Already });
    }
    let act = refreshed(&member, (BY_CHOICE, shown), terms, now);
    keep(db, &member, act, shown, terms, now)
}

/// The act of going on, under the words that were shown.
fn refreshed(
    member: &Member,
    (source, shown): (&str, ShownWords<'_>),
    terms: &ImportTerms,
    now: Timestamp,
) -> NewEvent {
    let how = (Action::Refreshed, Method::PagePost);
    NewEvent {
        text_version: Some(Sha256Digest::of(shown.text.as_bytes())),
        form_version: Some(shown.version.to_owned()),
        ..NewEvent::new(how, (member.pseudonym, member.fingerprint), Arc::clone(&terms.controller), source, now)
    }
}

/// Keeps the act and its words, when it counts.
fn keep(
    db: &mut Db,
    member: &Member,
    act: NewEvent,
    shown: ShownWords<'_>,
    terms: &ImportTerms,
    now: Timestamp,
) -> StoreResult<Pressed> {
    let events = ledger::events_of(db, &member.pseudonym)?;
    let after = replay(contents_of(&events).chain([&act]));
    if !after.is_some_and(|state| state.consent == Consent::Confirmed && state.last_act_at == Some(now)) {
        return Ok(Pressed::TooEarly);
    }
    ledger::keep_text(db, shown.text)?;
    consent::append(db, act, terms.lifetime, now)?;
    forget(db, member.id)?;
    facts::add(db, &RENEWED, 1)?;
    Ok(Pressed::Done)
}

/// Where people renew, as the ledger names it.
const BY_LETTER: &str = "renewal-letter";
const BY_CHOICE: &str = "preferences";

/// How the asking stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RenewalCounts {
    /// Members who are to be asked now and have no letter yet.
    pub unasked: u64,
    /// Members who were asked and have not answered.
    pub asked: u64,
    /// Of those, the ones of whose letter nobody knows whether it arrived.
    pub in_doubt: u64,
    /// Consents that were renewed by an answer, since the store was made.
    pub renewed: u64,
}

/// How the asking stands at `now`.
pub fn standing(db: &mut Db, now: Timestamp) -> StoreResult<RenewalCounts> {
    let of = |states: &[RenewalState]| renewals::table.filter(renewals::state.eq_any(states.to_vec())).count();
    let asked: i64 = of(&RenewalState::ASKED).get_result(db)?;
    let in_doubt: i64 = of(&[RenewalState::InDoubt]).get_result(db)?;
    Ok(RenewalCounts {
        unasked: unasked_by(db, now, None)?,
        asked: asked.unsigned_abs(),
        in_doubt: in_doubt.unsigned_abs(),
        renewed: facts::get(db, &RENEWED)?.unwrap_or_default(),
    })
}

/// Members who are to be asked and have no letter yet: at `now`, or by a later instant.
pub(super) fn unasked_by(db: &mut Db, now: Timestamp, by: Option<Timestamp>) -> StoreResult<u64> {
    let (after, until) = window(db, now)?;
    let until = by.map_or(until, |by| asked_now(by).1);
    let new: i64 = unasked!(now, after, until).count().get_result(db)?;
    Ok(new.unsigned_abs() + chosen(db)?)
}

/// How many are chosen whose letter has not left.
fn chosen(db: &mut Db) -> StoreResult<u64> {
    let waiting = renewals::state.eq(RenewalState::Waiting).and(renewals::due_at.is_not_null());
    Ok(renewals::table.filter(waiting).count().get_result::<i64>(db)?.unsigned_abs())
}

/// When the next member is to be asked who is not yet at `now`.
pub(super) fn next_asked(db: &mut Db, now: Timestamp) -> StoreResult<Option<Timestamp>> {
    let (_, until) = window(db, now)?;
    let first: Option<Timestamp> = unasked!(now, until, Timestamp::MAX).select(min(rows::expires_at)).get_result(db)?;
    Ok(first.map(asked_at))
}

/// How many more may be chosen on this day (UTC), and those that are chosen already.
pub(super) fn rest_of_day(db: &mut Db, now: Timestamp) -> StoreResult<u64> {
    let planned = done_on(facts::get(db, &RENEWALS_PLANNED)?, day_of(now));
    Ok(rest_of(portion(db)?, planned) + chosen(db)?)
}

/// What is held of the letter to a member, for the person's own copy of everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable)]
pub struct RenewalLetterHeld {
    /// When the consent was given that it is about.
    pub act_at: Timestamp,
    /// When that ends.
    pub ends_at: Timestamp,
    /// What became of it.
    pub state: RenewalState,
    /// When it is due, while it waits.
    pub due_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: i32,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// When it was handed over.
    pub handed_over_at: Option<Timestamp>,
}

/// The letter to `member`, if there is one.
pub(super) fn held(db: &mut Db, member: &Member) -> StoreResult<Option<RenewalLetterHeld>> {
    let columns = (
        renewals::act_at,
        renewals::ends_at,
        renewals::state,
        renewals::due_at,
        renewals::attempts,
        renewals::mail_ref,
        renewals::handed_over_at,
    );
    Ok(renewals::table.find(member.id).select(columns).first(db).optional()?)
}
