//! The one way out: how a consent ends because the person leaves. A pause ([`super::preferences`]) goes into the record in the
//! same way.
//!
//! Whoever leaves is on disk in the record of departures before the store commits it, so that a store restored from a
//! backup can be told. The lock on the record is held until the commit: a line that nobody is writing is a line that the
//! store has, or one that [`super::catch_up`] must put in. A record that cannot be written keeps nobody: the store notes
//! that it owes lines to it, and a daemon adds them as soon as it can.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;

use super::audit::{self, AuditAction, AuditEntry};
use super::canary::{CanaryMember, unless};
use super::column::At;
use super::deliveries::witness;
use super::departures::{DeparturesFile, Locked, RecordEnd};
use super::facts::{self, DEPARTURES_OWED};
use super::records::{see, seen};
use super::schema::members;
use super::together::{Queued, Together};
use super::{
    Db, Store, StoreError, StoreResult, Trouble, clock, deliveries, ledger, lists, renewals, signups, suppressions,
};
use crate::config::Settings;
use crate::delivery::late_check::NO_CONSENT;
use crate::member::departure::Parting;
use crate::member::{
    Action, Address, CANARY, Cause, Departure, Event, Fingerprint, Language, Method, NewEvent, Pseudonym, ever_asked,
    replay,
};
use crate::time_trust::Leeway;

/// What became of a request to end a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It ended now.
    Done,
    /// It had ended before; nothing was added.
    Already,
    /// There is no member with this address. It is kept out from now on.
    KeptOut,
    /// The same, and it was kept out before; nothing was added.
    KeptOutBefore,
    /// There is no such member.
    Unknown,
}

impl Ending {
    /// Whether the ledger has a line more.
    fn is_new(self) -> bool {
        matches!(self, Self::Done | Self::KeptOut)
    }
}

/// Who leaves.
#[derive(Clone, Debug)]
pub enum Leaver {
    /// Somebody in the store.
    Member(Pseudonym),
    /// An address that may not be a member's: an opt-out that came by post, or one of the program that the shop used
    /// before. An unknown one becomes a row without an address, so that no later import brings it in.
    Address {
        /// Its fingerprints under all keys, the current one first ([`Fingerprint::all`]).
        fingerprints: Vec<Fingerprint>,
        /// The pseudonym to give it when it is unknown.
        fresh: Pseudonym,
    },
}

impl Leaver {
    fn pseudonym(&self) -> &Pseudonym {
        match self {
            Self::Member(pseudonym) | Self::Address { fresh: pseudonym, .. } => pseudonym,
        }
    }
}

/// Why, in which way and when people leave.
#[derive(Clone, Debug)]
pub struct Leave {
    /// Why.
    pub cause: Cause,
    /// In which way.
    pub method: Method,
    /// When, by the clock. Under a clock that is not believed a leaving is dated to a time that was.
    pub at: Timestamp,
}

/// Where people leave: a store, and the record beside it. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Leaving {
    pub(super) store: Store,
    pub(super) record: DeparturesFile,
    pub(super) controller: Arc<str>,
    pub(super) leeway: Leeway,
    /// Those who wait to be let out.
    waiting: Together<(Pseudonym, Leave), LeavingOutcome>,
}

/// What became of somebody who left with others, who are told the same error.
pub type LeavingOutcome = Result<Ending, Arc<StoreError>>;

/// Somebody who waits to be let out.
type LeaverInLine = Queued<(Pseudonym, Leave), LeavingOutcome>;

impl Leaving {
    /// Where people leave `store`, whose departures are in `record`. `controller` is `[consent] controller`, and `leeway` how far
    /// the clock may be from the newest time at which it was believed.
    pub fn new(store: Store, record: DeparturesFile, controller: &str, leeway: Leeway) -> Self {
        Self { store, record, controller: controller.into(), leeway, waiting: Together::default() }
    }

    /// Where people leave `store`, in a shop with these settings.
    pub fn of(settings: &Settings, store: &Store) -> Self {
        let record = DeparturesFile::new(&settings.departures);
        Self::new(store.clone(), record, &settings.consent.controller, settings.clock)
    }

    /// Ends the consents of all `leavers`: a line in the record, one in the ledger, a row on the suppression list and the
    /// member's state. Holds at once, also for queued messages. Asking again changes nothing. Says what became of each,
    /// in order.
    pub fn leave_blocking(&self, leavers: &[Leaver], leave: &Leave) -> StoreResult<Vec<Ending>> {
        self.end_all(leavers, leave, None)
    }

    /// The same for one member, off the async threads, in one transaction with others who are leaving.
    pub async fn leave(&self, member: Pseudonym, leave: Leave) -> LeavingOutcome {
        let leaving = self.clone();
        let left = self.waiting.ask((member, leave), move |party| leaving.let_out(party)).await;
        left.unwrap_or_else(|| Err(Arc::new(StoreError::Closed)))
    }

    /// Has those leave together who go for the same reason and in the same way.
    fn let_out(&self, waiting: Vec<LeaverInLine>) {
        let mut parties: HashMap<(Cause, Method), Vec<LeaverInLine>> = HashMap::new();
        for one in waiting {
            let Leave { cause, method, .. } = &one.0.1;
            parties.entry((*cause, method.clone())).or_default().push(one);
        }
        for party in parties.into_values() {
            let Some(leave) = party.first().map(|((_, leave), _)| leave.clone()) else { continue };
            let leavers: Vec<Leaver> = party.iter().map(|((member, _), _)| Leaver::Member(*member)).collect();
            let ended = self.leave_blocking(&leavers, &leave);
            // What is wrong with one of them keeps none of the others.
            let one_by_one = ended.as_ref().is_err_and(|error| error.trouble() == Trouble::Refused);
            let ended = ended.map_err(Arc::new);
            for (place, (leaver, (_, told))) in leavers.iter().zip(party).enumerate() {
                let ending = if one_by_one {
                    self.leave_blocking(std::slice::from_ref(leaver), &leave).map_err(Arc::new)
                } else {
                    ended.clone().map(|endings| endings.get(place).copied().into_iter().collect())
                };
                // Whoever asked may be gone; the leaving stands all the same.
                let _ = told.send(ending.map(|endings| endings.first().copied().unwrap_or(Ending::Unknown)));
            }
        }
    }

    /// Whether departures are in the store and not in the record yet, because it could not be written. A daemon adds them.
    pub fn is_behind(&self) -> StoreResult<bool> {
        Ok(self.store.read_blocking(owed_since)?.is_some())
    }

    /// Destroys a member's address (GDPR 17), with an entry in the audit log. The ledger, the suppression list and the
    /// record keep the keyed fingerprint, as proof and so that no file brings the address back. Call
    /// [`Store::scrub_blocking`] afterwards: until then the bytes are in places that nothing points to.
    pub fn erase_blocking(&self, member: &Pseudonym, leave: &Leave, who: &str) -> StoreResult<Ending> {
        let ended = self.erase_all_blocking(&[Leaver::Member(*member)], leave, who)?;
        Ok(ended.first().copied().unwrap_or(Ending::Unknown))
    }

    /// The same of several, also of those who only signed up: the fingerprint of a sign-up is kept as that of a member is, so that
    /// a store that is restored deletes the sign-up again. Says what became of each, in order.
    pub fn erase_all_blocking(&self, leavers: &[Leaver], leave: &Leave, who: &str) -> StoreResult<Vec<Ending>> {
        let leave = Leave { cause: Cause::Erased, ..leave.clone() };
        self.end_all(leavers, &leave, Some(who))
    }

    /// `erased_by` is who has a member's address destroyed, for the audit log.
    fn end_all(&self, leavers: &[Leaver], leave: &Leave, erased_by: Option<&str>) -> StoreResult<Vec<Ending>> {
        let (leave, departures) = self.store.read_blocking(|db| {
            let leave = Leave { at: clock::to_record(db, leave.at, self.leeway)?, ..leave.clone() };
            let mut departures = Vec::new();
            for leaver in leavers {
                departures.extend(departure(db, leaver, &leave)?);
            }
            Ok((leave, departures))
        })?;
        let entered = self.enter(&departures);
        let endings = self.store.write_first_blocking(|db| {
            let (mut endings, mut left) = (Vec::with_capacity(leavers.len()), 0);
            for leaver in leavers {
                if matches!(leaver, Leaver::Member(CANARY)) {
                    endings.push(self.rehearse(db, &leave)?);
                    continue;
                }
                if let Some(who) = erased_by {
                    audit::record(db, &erased(leaver.pseudonym(), who, leave.at))?;
                }
                let ending = end_leaver(db, leaver, &leave, &self.controller)?;
                left += usize::from(ending.is_new());
                endings.push(ending);
            }
            match &entered {
                Some(entered) => entered.note(db)?,
                None if left > 0 => owe(db, leave.at)?,
                None => {}
            }
            // Who came back between the look and this transaction leaves without a line.
            if left > departures.len() { owe(db, leave.at) } else { Ok(()) }?;
            Ok(endings)
        })?;
        Ok(endings)
    }

    /// Has the member who is nobody leave, by the same steps as everybody and in their transaction, and undoes that: nothing of it
    /// is ever in the store, and no line in the record. What is committed in its place is that everything before is on disk: a
    /// store that cannot do that lets nobody leave.
    fn rehearse(&self, db: &mut Db, leave: &Leave) -> StoreResult<Ending> {
        let leaver = Leaver::Member(CANARY);
        let ending = db.undone(|db| {
            let canary = CanaryMember::arrive(db, &self.controller, leave.at)?;
            unless(departure(db, &leaver, leave)?.is_some(), "the record of departures gets no line")?;
            let ending = end_leaver(db, &leaver, leave, &self.controller)?;
            canary.check_gone(db, leave.at)?;
            Ok(ending)
        })?;
        witness::sync(db, leave.at)?;
        Ok(ending)
    }

    /// Writes lines into the record and keeps it locked. `None` when nobody leaves or the record cannot be written.
    pub(super) fn enter(&self, departures: &[Departure]) -> Option<Entered> {
        if departures.is_empty() {
            return None;
        }
        let written = self.record.lock().and_then(|mut locked| {
            let before = locked.end;
            let after = locked.append(departures)?;
            Ok(Entered { before, after, _locked: locked })
        });
        written.inspect_err(|error| self.report(error)).ok()
    }

    pub(super) fn report(&self, error: &std::io::Error) {
        let record = self.record.path().display().to_string();
        tracing::error!(record, error = error as &dyn std::error::Error, "the record of departures cannot be written");
    }

    pub(super) fn unusable(&self, error: &std::io::Error) -> StoreError {
        StoreError::Beside { path: self.record.path().display().to_string(), why: error.to_string() }
    }
}

/// Lines that were written, in a record that stays locked until this is dropped.
pub(super) struct Entered {
    before: RecordEnd,
    after: RecordEnd,
    _locked: Locked,
}

impl Entered {
    /// Notes that the store has seen the lines, unless it has not seen those before them.
    pub(super) fn note(&self, db: &mut Db) -> StoreResult<()> {
        if seen(db, self.before.file)? == Some(self.before.height) {
            see(db, self.after.file, self.after.height)?;
        }
        Ok(())
    }
}

fn erased(member: &Pseudonym, who: &str, at: Timestamp) -> AuditEntry {
    AuditEntry {
        at,
        who: who.to_owned(),
        action: AuditAction::MemberErased,
        object: member.to_string(),
        detail: serde_json::Value::Null,
    }
}

/// Since when departures are not in any record, if there are such.
pub(super) fn owed_since(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    facts::get(db, &DEPARTURES_OWED)
}

/// Notes that what departed at `at` is in no record.
pub(super) fn owe(db: &mut Db, at: Timestamp) -> StoreResult<()> {
    let since = owed_since(db)?.map_or(at, |since| since.min(at));
    facts::set(db, &DEPARTURES_OWED, &since)
}

/// Everything owed since `since` has been written.
pub(super) fn pay(db: &mut Db, since: Timestamp) -> StoreResult<()> {
    if owed_since(db)? == Some(since) { facts::remove(db, &DEPARTURES_OWED) } else { Ok(()) }
}

/// The line that `leaver` will have in the record; none when nothing would change.
fn departure(db: &mut Db, leaver: &Leaver, leave: &Leave) -> StoreResult<Option<Departure>> {
    let line = |fingerprint| Departure { fingerprint, parting: Parting::Left(leave.cause), at: leave.at };
    let member = match leaver {
        Leaver::Member(pseudonym) => super::members::find(db, pseudonym)?,
        Leaver::Address { fingerprints, .. } => match super::members::find_by_fingerprint(db, fingerprints)? {
            Some(member) => Some(member),
            None => return Ok(fingerprints.first().copied().map(line)),
        },
    };
    let Some(member) = member else { return Ok(None) };
    let act = Act { action: leave.cause.action(), method: &leave.method, at: leave.at };
    let next = Ends::of(db, &member.pseudonym, &act)?;
    // A sign-up that waits goes with whoever left before: a backup of the store has it back.
    let is_new = matches!(next, StepAfter::Ends(_)) || signups::waits_for(db, &member)?;
    Ok(is_new.then(|| line(member.fingerprint)))
}

fn end_leaver(db: &mut Db, leaver: &Leaver, leave: &Leave, controller: &str) -> StoreResult<Ending> {
    let act = Act { action: leave.cause.action(), method: &leave.method, at: leave.at };
    match leaver {
        Leaver::Member(pseudonym) => end(db, pseudonym, &act, leave.at),
        Leaver::Address { fingerprints, fresh } => {
            let head = ledger::lock(db)?;
            if let Some(member) = super::members::find_by_fingerprint(db, fingerprints)? {
                let ending = end(db, &member.pseudonym, &act, leave.at)?;
                return if ending == Ending::Already { had_left(db, &member.pseudonym) } else { Ok(ending) };
            }
            let Some(fingerprint) = fingerprints.first() else { return Ok(Ending::Unknown) };
            let what = act.about(*fresh, *fingerprint, controller);
            welcome_never(db, &Event::after(head, what, leave.at))?;
            Ok(Ending::KeptOut)
        }
    }
}

/// What is said of a row that nothing was added about: it may be that of an address which never was a member's.
fn had_left(db: &mut Db, pseudonym: &Pseudonym) -> StoreResult<Ending> {
    let events = ledger::events_of(db, pseudonym)?;
    let member = ever_asked(super::members::contents_of(&events));
    Ok(if member { Ending::Already } else { Ending::KeptOutBefore })
}

/// Keeps the fingerprint of somebody who is no member and is not to become one by an import.
pub(super) fn welcome_never(db: &mut Db, event: &Event) -> StoreResult<()> {
    let Some(state) = replay([&event.what]) else { return Ok(()) };
    let fingerprint = event.what.fingerprint;
    signups::forget(db, &[fingerprint], None)?;
    diesel::insert_into(members::table)
        .values((
            members::pseudonym.eq(event.what.subject),
            members::fingerprint.eq(fingerprint.digits()),
            members::fingerprint_key.eq(fingerprint.key()),
            members::language.eq(Language::Fr),
            members::consent.eq(state.consent),
            members::consent_since.eq(At(state.since)),
        ))
        .execute(db)?;
    ledger::insert(db, vec![event.clone()])?;
    suppressions::keep(db, &fingerprint, state.bar)
}

/// What ends a consent.
pub(super) struct Act<'a> {
    pub(super) action: Action,
    pub(super) method: &'a Method,
    pub(super) at: Timestamp,
}

impl Act<'_> {
    pub(super) fn about(&self, subject: Pseudonym, fingerprint: Fingerprint, controller: &str) -> NewEvent {
        let how = (self.action, self.method.clone());
        NewEvent::new(how, (subject, fingerprint), controller, "carillon", self.at)
    }
}

/// What an act would do to a member's consent.
enum StepAfter {
    Unknown,
    Already,
    Ends(Box<Ends>),
}

struct Ends {
    member: super::members::Member,
    what: NewEvent,
    state: crate::member::ConsentState,
}

impl Ends {
    fn of(db: &mut Db, pseudonym: &Pseudonym, act: &Act) -> StoreResult<StepAfter> {
        let events = ledger::events_of(db, pseudonym)?;
        let now = replay(super::members::contents_of(&events));
        let (Some(member), Some(last), Some(now)) = (super::members::find(db, pseudonym)?, events.last(), now) else {
            return Ok(StepAfter::Unknown);
        };
        let what = act.about(*pseudonym, member.fingerprint, &last.what.controller);
        let state = now.after(&what);
        let same = (state.consent, state.bar.map(|bar| bar.cause)) == (now.consent, now.bar.map(|bar| bar.cause));
        Ok(if same { StepAfter::Already } else { StepAfter::Ends(Box::new(Self { member, what, state })) })
    }
}

/// Ends a consent, in the caller's transaction, and with it whatever waits to be sent to the member.
pub(super) fn end(db: &mut Db, pseudonym: &Pseudonym, act: &Act, now: Timestamp) -> StoreResult<Ending> {
    // Locked before it is read, so that two withdrawals at once do not both add a line.
    let head = ledger::lock(db)?;
    if act.action != Action::Expired {
        signups::forget_those_of(db, pseudonym)?;
    }
    let ending = match Ends::of(db, pseudonym, act)? {
        StepAfter::Unknown => return Ok(Ending::Unknown),
        StepAfter::Already => Ending::Already,
        StepAfter::Ends(ends) => {
            ledger::insert(db, vec![Event::after(head, ends.what, now)])?;
            // What has ended has no expiry, so no lifetime is needed.
            super::consent::keep_state(db, &ends.member, &ends.state, None)?;
            deliveries::skip_those_of(db, ends.member.id, NO_CONSENT, now)?;
            renewals::forget(db, ends.member.id)?;
            Ending::Done
        }
    };
    if act.action == Action::Erased {
        forget_address(db, pseudonym)?;
    }
    Ok(ending)
}

/// Destroys the address of a member.
pub(super) fn forget_address(db: &mut Db, pseudonym: &Pseudonym) -> StoreResult<()> {
    diesel::update(members::table.filter(members::pseudonym.eq(pseudonym)))
        .set(members::address.eq(None::<Address>))
        .execute(db)?;
    let ids: Vec<i64> = members::table.filter(members::pseudonym.eq(pseudonym)).select(members::id).load(db)?;
    lists::forget(db, &ids)
}
