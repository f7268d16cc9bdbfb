//! The page of choices: what it shows a member, and what a member asks for there. Each wish that changes something is a line
//! of the ledger, in the transaction that fulfils it.

use std::sync::Arc;

use diesel::prelude::*;
use jiff::Timestamp;

use super::column::At;
use super::leaving::{Leaving, owe};
use super::lists::{self, Membership};
use super::members::{self, Member, contents_of};
use super::schema::{campaigns, deliveries, mailings};
use super::{Db, StoreError, StoreResult, clock, consent, deliveries as queue, erasure, ledger};
use crate::delivery::DeliveryState;
use crate::delivery::late_check::PAUSED;
use crate::keys::Keyring;
use crate::member::departure::Parting;
use crate::member::{
    Action, Consent, ConsentState, Departure, Event, Head, Method, NewEvent, Pseudonym, Wish, WordingState, replay,
    resting_on,
};

/// The most mailings that are shown.
const SHOWN: i64 = 50;

/// What is stored about a member, for the member.
#[derive(Clone, Debug)]
pub struct Preferences {
    /// The member's row.
    pub member: Member,
    /// The act that the consent rests on.
    pub given: Option<NewEvent>,
    /// What ended the consent, when something has.
    pub ended: Option<NewEvent>,
    /// The exact words that were agreed to, unless they are not those that the ledger names.
    pub wording: Option<String>,
    /// The lists that the member is on.
    pub lists: Vec<Membership>,
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
    let ended = events.iter().rev().map(|event| &event.what).find(|what| what.action.ends());
    let ended = ended.filter(|_| member.consent != Consent::Confirmed).cloned();
    let lists = lists::of_member(db, member.id)?;
    let received = received(db, member.id, since)?;
    Ok(Some(Preferences { member, given, ended, wording, lists, received }))
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

impl Leaving {
    /// Fulfils what the member `member` asked for on our page, off the async threads: see [`Leaving::grant_blocking`].
    pub async fn grant(&self, member: Pseudonym, wish: Wish, now: Timestamp) -> StoreResult<WishOutcome> {
        let leaving = self.clone();
        let granted = tokio::task::spawn_blocking(move || leaving.grant_blocking(&member, wish, now));
        granted.await.map_err(|_| StoreError::Closed)?
    }

    /// Fulfils what the member `member` asked for on our page: a line in the ledger, the member's row, and for a pause the end of
    /// all that waits to be sent. A pause, and its end, are in the record before the store commits them, as who leaves is, so that a
    /// restored backup can be told; a record that cannot be written keeps nobody from either.
    pub fn grant_blocking(&self, member: &Pseudonym, wish: Wish, now: Timestamp) -> StoreResult<WishOutcome> {
        let parting = Parting::of_wish(wish);
        let (now, departure) = self.store.read_blocking(|db| {
            let now = clock::to_record(db, now, self.leeway)?;
            let Some(parting) = parting else { return Ok((now, None)) };
            let wisher = Wisher::of(db, member)?.ok().filter(|wisher| !wisher.has(wish));
            Ok((now, wisher.map(|wisher| Departure { fingerprint: wisher.member.fingerprint, parting, at: now })))
        })?;
        let entered = self.enter(departure.as_slice());
        self.store.write_blocking(|db| {
            // Locked before it is read, so that two wishes at once do not both add a line.
            let head = ledger::lock(db)?;
            let outcome = match Wisher::of(db, member)? {
                Ok(wisher) if wisher.has(wish) => WishOutcome::Already,
                Ok(wisher) => {
                    wisher.fulfil(db, head, wish, (Method::PagePost, "preferences", now), now)?;
                    WishOutcome::Done
                }
                Err(outcome) => outcome,
            };
            match &entered {
                Some(entered) => entered.note(db)?,
                None if outcome == WishOutcome::Done && parting.is_some() => owe(db, now)?,
                None => {}
            }
            Ok(outcome)
        })
    }
}

/// Puts in a wish that the store has forgotten and the record of departures has not; also one that changes nothing today: an older
/// one that is put in after it must not count. Says whether there is a consent that it is about.
pub(super) fn remember(
    db: &mut Db,
    pseudonym: &Pseudonym,
    wish: Wish,
    asked_at: Timestamp,
    now: Timestamp,
) -> StoreResult<bool> {
    let head = ledger::lock(db)?;
    let Ok(wisher) = Wisher::of(db, pseudonym)? else { return Ok(false) };
    wisher.fulfil(db, head, wish, (Method::Record, "carillon", asked_at), now)?;
    Ok(true)
}

/// A member who may wish for something.
struct Wisher {
    member: Member,
    state: ConsentState,
    controller: Arc<str>,
}

impl Wisher {
    /// The member, or why no wish changes anything.
    fn of(db: &mut Db, pseudonym: &Pseudonym) -> StoreResult<Result<Self, WishOutcome>> {
        let events = ledger::events_of(db, pseudonym)?;
        let (Some(member), Some(state), Some(last)) =
            (members::find(db, pseudonym)?, replay(contents_of(&events)), events.last())
        else {
            return Ok(Err(WishOutcome::Unknown));
        };
        let consents = state.consent == Consent::Confirmed;
        let controller = last.what.controller.clone();
        Ok(if consents { Ok(Self { member, state, controller }) } else { Err(WishOutcome::NoConsent) })
    }

    /// Whether it is so already.
    fn has(&self, wish: Wish) -> bool {
        match wish {
            Wish::Language(language) => self.member.language == language,
            Wish::PauseUntil(until) => self.state.paused_until == Some(until),
            Wish::Resume => self.state.paused_until.is_none(),
        }
    }

    /// Fulfils a wish that reached us in this way, from there, and then. `head` is the end of the ledger, and `now` when the wish is
    /// recorded.
    fn fulfil(
        self,
        db: &mut Db,
        head: Head,
        wish: Wish,
        (method, source, asked_at): (Method, &str, Timestamp),
        now: Timestamp,
    ) -> StoreResult<()> {
        let Self { member, state, controller } = self;
        let whose = (member.pseudonym, member.fingerprint);
        let plain = NewEvent::new((wish.action(), method), whose, controller, source, asked_at);
        let event = Event::after(head, NewEvent { reason: wish.reason(), ..plain }, now);
        let after = state.after(&event.what);
        ledger::insert(db, vec![event])?;
        // No wish is an act that the consent rests on, so that it runs out when it would have.
        consent::keep_state(db, &member, &after, member.expires_at)?;
        if matches!(wish, Wish::PauseUntil(until) if until > now) {
            queue::skip_those_of(db, member.id, PAUSED, now)?;
        }
        Ok(())
    }
}

/// The pauses that were asked for at `since` or later, and their ends, as the ledger tells of them.
pub(super) fn pauses_since(db: &mut Db, since: Timestamp) -> StoreResult<Vec<Departure>> {
    let events = ledger::of_actions_since(db, &[Action::Paused, Action::Resumed], since)?;
    let departure = |event: &Event| {
        let parting = Parting::of_event(&event.what)?;
        Some(Departure { fingerprint: event.what.fingerprint, parting, at: event.what.occurred_at })
    };
    Ok(events.iter().filter_map(departure).collect())
}
