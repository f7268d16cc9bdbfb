//! The page of choices: what it shows a member, and what a member asks for there. Each wish that changes something is a line
//! of the ledger, in the transaction that fulfils it.

use diesel::prelude::*;
use jiff::Timestamp;

use super::column::At;
use super::members::{self, Member, contents_of};
use super::schema::{campaigns, deliveries, mailings};
use super::{Db, StoreResult, consent, deliveries as queue, erasure, ledger};
use crate::delivery::DeliveryState;
use crate::delivery::late_check::PAUSED;
use crate::keys::Keyring;
use crate::member::{Consent, Event, Method, NewEvent, Pseudonym, Wish, WordingState, replay, resting_on};

/// The most mailings that are shown.
const SHOWN: i64 = 50;

/// What is stored about a member, for the member.
#[derive(Clone, Debug)]
pub struct Preferences {
    /// The member's row.
    pub member: Member,
    /// The act that the consent rests on.
    pub given: Option<NewEvent>,
    /// The exact words that were agreed to, unless they are not those that the ledger names.
    pub wording: Option<String>,
    /// The mailings that went out to the member, the newest first.
    pub received: Vec<ReceivedMailing>,
}

/// A mailing that went out to a member.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct ReceivedMailing {
    /// The campaign's title.
    pub title: String,
    /// When it was handed over.
    pub at: Timestamp,
}

/// What is stored about `pseudonym`, with the mailings since `since`. `None` when there is no such member, or not any more.
pub fn look(
    db: &mut Db,
    pseudonym: &Pseudonym,
    keyring: &Keyring,
    since: Timestamp,
) -> StoreResult<Option<Preferences>> {
    let member = members::find(db, pseudonym)?.filter(|member| member.consent != Consent::Erased);
    let Some(member) = member else { return Ok(None) };
    let events = ledger::events_of(db, pseudonym)?;
    let given = resting_on(contents_of(&events)).cloned();
    let wording = match given.as_ref().and_then(|given| given.text_version) {
        Some(digest) => match ledger::text(db, &digest)? {
            Some(body) if erasure::state_of(db, &digest, &body, keyring)? != WordingState::Changed => Some(body),
            _ => None,
        },
        None => None,
    };
    let received = received(db, member.id, since)?;
    Ok(Some(Preferences { member, given, wording, received }))
}

fn received(db: &mut Db, member_id: i64, since: Timestamp) -> StoreResult<Vec<ReceivedMailing>> {
    Ok(deliveries::table
        .inner_join(mailings::table.inner_join(campaigns::table))
        .filter(deliveries::member_id.eq(member_id))
        // What is in doubt may have arrived.
        .filter(deliveries::state.eq_any([DeliveryState::Accepted, DeliveryState::InDoubt]))
        .filter(deliveries::handed_over_at.ge(At(since)))
        .order((deliveries::handed_over_at.desc(), deliveries::id.desc()))
        .limit(SHOWN)
        .select((campaigns::title, deliveries::handed_over_at.assume_not_null()))
        .load(db)?)
}

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WishOutcome {
    /// It is so now.
    Done,
    /// It was so before; nothing was added.
    Already,
    /// There is no consent that could be paused.
    NoConsent,
    /// There is no such member.
    Unknown,
}

/// Fulfils what the member `pseudonym` asked for on our page: a line in the ledger, the member's row, and for a pause the
/// end of all that waits to be sent. `now` is the instant to record under ([`super::clock::to_record`]).
pub fn grant(db: &mut Db, pseudonym: &Pseudonym, wish: Wish, now: Timestamp) -> StoreResult<WishOutcome> {
    // Locked before it is read, so that two wishes at once do not both add a line.
    let head = ledger::lock(db)?;
    let events = ledger::events_of(db, pseudonym)?;
    let (Some(member), Some(state), Some(last)) =
        (members::find(db, pseudonym)?, replay(contents_of(&events)), events.last())
    else {
        return Ok(WishOutcome::Unknown);
    };
    if state.consent != Consent::Confirmed {
        return Ok(WishOutcome::NoConsent);
    }
    let already = match wish {
        Wish::Language(language) => member.language == language,
        Wish::PauseUntil(until) => state.paused_until == Some(until),
        Wish::Resume => state.paused_until.is_none(),
    };
    if already {
        return Ok(WishOutcome::Already);
    }
    let (how, whose) = ((wish.action(), Method::PagePost), (*pseudonym, member.fingerprint));
    let plain = NewEvent::new(how, whose, &last.what.controller, "preferences", now);
    let event = Event::after(head, NewEvent { reason: wish.reason(), ..plain }, now);
    let after = state.after(&event.what);
    ledger::insert(db, vec![event])?;
    // No wish is an act that the consent rests on, so that it runs out when it would have.
    consent::keep_state(db, &member, &after, member.expires_at)?;
    if matches!(wish, Wish::PauseUntil(until) if until > now) {
        queue::skip_those_of(db, member.id, PAUSED, now)?;
    }
    Ok(WishOutcome::Done)
}
