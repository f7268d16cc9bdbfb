//! What a line of the ledger does to the rows beside it: the member's row and the suppression list are copies of what the
//! ledger amounts to, written in the transaction of the line, and can be made again.

use diesel::prelude::*;
use jiff::Timestamp;

use super::column::At;
use super::members::{self, Member, contents_of};
use super::schema::members as rows;
use super::{Db, StoreError, StoreResult, ledger, proof, suppressions};
use crate::member::{ConsentState, Event, Lifetime, NewEvent, Pseudonym, fingerprint_of, replay};

/// Adds a line about a member who is in the store, and brings the member's row and the suppression list up to date, in
/// the caller's transaction. `lifetime` is how long a consent counts.
pub fn append(db: &mut Db, what: NewEvent, lifetime: Lifetime, now: Timestamp) -> StoreResult<Event> {
    let event = Event::after(ledger::lock(db)?, what, now);
    ledger::insert(db, vec![event.clone()])?;
    replay_one(db, &event.what.subject, lifetime)?;
    Ok(event)
}

/// Replays one member's events into the member's row and the suppression list.
fn replay_one(db: &mut Db, pseudonym: &Pseudonym, lifetime: Lifetime) -> StoreResult<()> {
    let events = ledger::events_of(db, pseudonym)?;
    let (Some(member), Some(state)) = (members::find(db, pseudonym)?, replay(contents_of(&events))) else {
        return Err(StoreError::corrupt("a consent event of no member", pseudonym));
    };
    keep_state(db, &member, &state, state.expires_at(lifetime))
}

/// Makes every member's state and the suppression list again from the ledger. Returns how many members' rows said
/// something else. Makes no rows and no addresses. A program calls [`super::leaving::Leaving::rebuild_blocking`], which also
/// asks the record of departures.
pub fn rebuild(db: &mut Db, lifetime: Lifetime) -> StoreResult<usize> {
    let (mut changed, mut after) = (0, 0);
    loop {
        let page = members::list(db, None, after, 500)?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let subjects: Vec<Pseudonym> = page.iter().map(|member| member.pseudonym).collect();
        let events = ledger::events_of_many(db, &subjects)?;
        for member in &page {
            let own = events.iter().map(|event| &event.what).filter(|what| what.subject == member.pseudonym);
            let Some(state) = replay(own.clone()) else { continue };
            if fingerprint_of(own.clone()) != Some(member.fingerprint) {
                // Whose row it is, is in doubt: it stays as it is, and whom the ledger bars stays barred.
                for fingerprint in own.map(|what| what.fingerprint) {
                    if let Some(bar) = state.bar {
                        suppressions::keep(db, &fingerprint, Some(bar))?;
                    }
                }
                continue;
            }
            let expires_at = state.expires_at(lifetime);
            let kept = (member.consent, member.consent_since, member.expires_at, member.paused_until, member.language);
            let language = state.language.unwrap_or(member.language);
            changed += usize::from(kept != (state.consent, state.since, expires_at, state.paused_until, language));
            keep_state(db, member, &state, expires_at)?;
        }
    }
    bar_those_without_row(db)?;
    take_off_those_unknown(db)?;
    Ok(changed)
}

/// Whoever the ledger bars stays barred, also when the row is gone: no import may bring the address in.
fn bar_those_without_row(db: &mut Db) -> StoreResult<()> {
    let mut after = String::new();
    loop {
        let page = proof::subjects_without_row(db, &after)?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(last);
        for subject in page {
            let subject = subject.parse().map_err(|_| StoreError::corrupt("a pseudonym", &subject))?;
            let events = ledger::events_of(db, &subject)?;
            let bar = replay(contents_of(&events)).and_then(|state| state.bar);
            if let (Some(bar), Some(last)) = (bar, events.last()) {
                suppressions::keep(db, &last.what.fingerprint, Some(bar))?;
            }
        }
    }
}

/// What is on the suppression list and in no line of the ledger was not put there by this program.
fn take_off_those_unknown(db: &mut Db) -> StoreResult<()> {
    let mut after = String::new();
    loop {
        let page = proof::listed_without_row(db, &after)?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(last);
        for fingerprint in proof::not_in_ledger(db, page)? {
            suppressions::remove(db, &fingerprint)?;
        }
    }
}

pub(super) fn keep_state(
    db: &mut Db,
    member: &Member,
    state: &ConsentState,
    expires_at: Option<Timestamp>,
) -> StoreResult<()> {
    diesel::update(rows::table.find(member.id))
        .set((
            rows::consent.eq(state.consent),
            rows::consent_since.eq(At(state.since)),
            rows::expires_at.eq(expires_at),
            rows::paused_until.eq(state.paused_until),
            rows::language.eq(state.language.unwrap_or(member.language)),
        ))
        .execute(db)?;
    suppressions::keep(db, &member.fingerprint, state.bar)
}
