//! Bringing in consents that were given elsewhere, a batch at a time, each with its evidence.
//!
//! An import can confirm, refresh, or change nothing. It never undoes what a person did: whoever withdrew, objected,
//! complained or was erased stays out, whatever the file says and however new it is.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use diesel::prelude::*;
use jiff::Timestamp;

use super::column::At;
use super::inserts::{insert_each, insert_row};
use super::members::{Member, contents_of};
use super::schema::members as rows;
use super::{Db, StoreError, StoreResult, ledger, members, suppressions};
use crate::config::Settings;
use crate::keys::hex::HexDigits;
use crate::keys::{Keyring, Sha256Digest};
use crate::member::{
    Action, Candidate, Consent, ConsentState, Event, Evidence, Fingerprint, FingerprintDigits, Head, Lifetime, Method,
    NewEvent, Pseudonym, Pseudonyms, Suppression, names_language, replay, whole_micros,
};

/// Under whose name and by which keys an import happens.
#[derive(Clone, Debug)]
pub struct ImportTerms {
    /// `[consent] controller`.
    pub controller: Arc<str>,
    /// How long a consent counts.
    pub lifetime: Lifetime,
    /// The keys of the fingerprints.
    pub keyring: Keyring,
    /// Who left by the record of departures, and is not in the store, which should know: [`super::departed::forgotten`].
    pub forgotten: Arc<HashMap<FingerprintDigits, Suppression>>,
}

impl ImportTerms {
    /// The terms of a shop with these settings and keys.
    pub fn of(settings: &Settings, keyring: Keyring) -> Self {
        let lifetime = Lifetime::months(settings.consent.lifetime_months);
        Self::new(&settings.consent.controller, lifetime, keyring)
    }

    /// These terms, of a store that knows everybody who left.
    pub fn new(controller: &str, lifetime: Lifetime, keyring: Keyring) -> Self {
        Self { controller: controller.into(), lifetime, keyring, forgotten: Arc::default() }
    }

    /// The same where those have left of whom the store does not know it.
    #[must_use]
    pub fn barring(self, forgotten: HashMap<FingerprintDigits, Suppression>) -> Self {
        Self { forgotten: forgotten.into(), ..self }
    }

    fn bars(&self, candidate: &Candidate) -> Option<Suppression> {
        if self.forgotten.is_empty() {
            return None;
        }
        let bars = candidate.fingerprints().filter_map(|print| self.forgotten.get(&print.digits()).copied());
        bars.max_by_key(|bar| bar.cause)
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// The member is new, or was not confirmed, and is confirmed now.
    Accepted,
    /// The member's consent had run out, and this evidence counts: the member is confirmed again.
    Returned,
    /// The member was confirmed, and this is a newer act.
    Refreshed,
    /// The ledger holds this act or a later one; nothing was added.
    Known,
    /// The address is on the suppression list; nothing was added.
    Barred(Suppression),
}

/// Lines of the ledger and members that are held before they are written.
const HELD: usize = 500;

/// Fingerprints that are looked up by one statement. SQLite takes 32,766 values; what the ledger says of those who are
/// known is in memory meanwhile.
const LOOKED_UP: usize = 1_000;

/// Imports a batch, in the caller's transaction. No address may occur twice in it. With `dry`, only says what would
/// become of each row.
///
/// # Errors
/// [`super::StoreError::Conflict`] when an address occurs twice.
pub fn import(
    db: &mut Db,
    batch: &[Evidence],
    terms: &ImportTerms,
    pseudonyms: Pseudonyms,
    now: Timestamp,
    dry: bool,
) -> StoreResult<Vec<Imported>> {
    let candidates: Vec<Candidate> =
        batch.iter().map(|evidence| Candidate::of(evidence.clone(), &terms.keyring)).collect();
    import_candidates(db, &candidates.iter().collect::<Vec<_>>(), terms, pseudonyms, now, dry)
}

/// The same of those whose fingerprints are known. A large batch is quickest in the order of its fingerprints.
pub fn import_candidates(
    db: &mut Db,
    batch: &[&Candidate],
    terms: &ImportTerms,
    pseudonyms: Pseudonyms,
    now: Timestamp,
    dry: bool,
) -> StoreResult<Vec<Imported>> {
    let head = if dry { ledger::head(db)? } else { ledger::lock(db)? };
    let known = Known::load(db, batch)?;
    let texts = WordingDigests::of(batch);
    let decision = Decision { known, texts, terms, now };
    if dry {
        return Ok(decision.of_all(batch, head, pseudonyms, |_| Ok::<_, Infallible>(())).unwrap_or_default());
    }
    if batch.len() <= HELD {
        return decision.of_all(batch, head, pseudonyms, |changes| changes.write(db));
    }
    // What is decided and bound into the chain here is written there meanwhile.
    let (send, portions) = sync_channel(1);
    std::thread::scope(|scope| {
        let decision =
            scope.spawn(move || decision.of_all(batch, head, pseudonyms, |changes| send.send(changes).map_err(drop)));
        for changes in portions {
            changes.write(db)?;
        }
        decision.join().ok().and_then(Result::ok).ok_or(StoreError::Closed)
    })
}

/// What a dry run remembers, in place of the store: of each address that an earlier row would bring in, the act that it would
/// rest on then. Sixteen bytes for each, so that a file of a million people is rehearsed in little memory; eight bytes of a
/// keyed digest are one address's among so many.
#[derive(Debug, Default)]
pub struct DryRun(HashMap<[u8; 8], i64>);

impl DryRun {
    /// What would become of a row of which the store as it is says `alone`, behind the rows that were told before it.
    pub fn then(&mut self, candidate: &Candidate, alone: Imported) -> Imported {
        if matches!(alone, Imported::Known | Imported::Barred(_)) {
            return alone;
        }
        let act = whole_micros(candidate.evidence.confirmed_at).as_microsecond();
        let before = self.0.get(&candidate.fingerprint.digits().first_bytes()).copied();
        if before.is_some_and(|before| before >= act) {
            return Imported::Known;
        }
        self.0.insert(candidate.fingerprint.digits().first_bytes(), act);
        if before.is_some() { Imported::Refreshed } else { alone }
    }
}

/// What is decided about a batch by.
struct Decision<'a> {
    known: Known,
    texts: WordingDigests,
    terms: &'a ImportTerms,
    now: Timestamp,
}

impl Decision<'_> {
    /// Says what becomes of each row, and hands what is to be written to `out`, a portion at a time.
    fn of_all<E>(
        &self,
        batch: &[&Candidate],
        head: Head,
        mut pseudonyms: Pseudonyms,
        mut out: impl FnMut(Changes) -> Result<(), E>,
    ) -> Result<Vec<Imported>, E> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut fresh = pseudonyms.draw_ascending(batch.len()).into_iter();
        let (mut changes, mut kept) = (Changes::after(head), HashSet::new());
        for candidate in batch {
            let evidence = &candidate.evidence;
            let text = self.texts.digest(evidence);
            outcomes.push(if let Some(bar) = self.known.bar(candidate) {
                Imported::Barred(bar)
            } else if let Some((member, state)) = self.known.member(candidate) {
                changes.update_member(evidence, text, self.terms, member, *state, self.now)
            } else if let Some(bar) = self.terms.bars(candidate) {
                Imported::Barred(bar)
            } else {
                let subject = fresh.next().unwrap_or_else(|| pseudonyms.draw());
                changes.add_member(evidence, text, self.terms, (subject, candidate.fingerprint), self.now)
            });
            if changes.names == text && text.is_some_and(|text| kept.insert(text)) {
                changes.texts.push(Arc::clone(&evidence.wording));
            }
            if changes.lines.len() >= HELD {
                let next = Changes::after(changes.last);
                out(std::mem::replace(&mut changes, next))?;
            }
        }
        out(changes)?;
        Ok(outcomes)
    }
}

/// What the store knows about the addresses of a batch.
struct Known {
    bars: HashMap<FingerprintDigits, Suppression>,
    members: HashMap<FingerprintDigits, (Member, Option<ConsentState>)>,
}

impl Known {
    fn load(db: &mut Db, batch: &[&Candidate]) -> StoreResult<Self> {
        let fingerprints: Vec<Fingerprint> =
            batch.iter().flat_map(|candidate| candidate.fingerprints()).copied().collect();
        let mut known = Self { bars: HashMap::new(), members: HashMap::new() };
        let nobody_left = suppressions::is_empty(db)?;
        for fingerprints in fingerprints.chunks(LOOKED_UP) {
            if !nobody_left {
                known.bars.extend(suppressions::find_many(db, fingerprints)?);
            }
            known.load_members(db, fingerprints)?;
        }
        Ok(known)
    }

    fn load_members(&mut self, db: &mut Db, fingerprints: &[Fingerprint]) -> StoreResult<()> {
        let found = members::find_many(db, fingerprints)?;
        let subjects: Vec<Pseudonym> = found.iter().map(|member| member.pseudonym).collect();
        let mut events: HashMap<Pseudonym, Vec<Event>> = HashMap::new();
        for event in ledger::events_of_many(db, &subjects)? {
            events.entry(event.what.subject).or_default().push(event);
        }
        self.members.extend(found.into_iter().map(|member| {
            let state = events.get(&member.pseudonym).and_then(|own| replay(contents_of(own)));
            (member.fingerprint.digits(), (member, state))
        }));
        Ok(())
    }

    fn member(&self, candidate: &Candidate) -> Option<&(Member, Option<ConsentState>)> {
        candidate.fingerprints().find_map(|fingerprint| self.members.get(&fingerprint.digits()))
    }

    /// What bars the address, by the list or by the ledger.
    fn bar(&self, candidate: &Candidate) -> Option<Suppression> {
        let listed = candidate.fingerprints().filter_map(|fingerprint| self.bars.get(&fingerprint.digits()).copied());
        let in_ledger = self.member(candidate).and_then(|(_, state)| state.and_then(|state| state.bar));
        listed.chain(in_ledger).max_by_key(|bar| bar.cause)
    }
}

/// The wordings of a batch, each once.
struct WordingDigests(HashMap<Arc<str>, Sha256Digest>);

impl WordingDigests {
    fn of(batch: &[&Candidate]) -> Self {
        let mut texts = HashMap::new();
        for Candidate { evidence, .. } in batch {
            if !texts.contains_key(&evidence.wording) {
                texts.insert(Arc::clone(&evidence.wording), Sha256Digest::of(evidence.wording.as_bytes()));
            }
        }
        Self(texts)
    }

    fn digest(&self, evidence: &Evidence) -> Option<Sha256Digest> {
        self.0.get(&evidence.wording).copied()
    }
}

/// A member's row as it is written: its values are texts already, as those of [`ledger::NewLine`] are.
#[cfg_attr(feature = "postgres", derive(Insertable))]
#[cfg_attr(feature = "postgres", diesel(table_name = rows, treat_none_as_default_value = false))]
struct NewMember {
    pseudonym: HexDigits,
    address: Option<String>,
    fingerprint: HexDigits,
    fingerprint_key: HexDigits,
    language: &'static str,
    consent: &'static str,
    consent_since: At,
    expires_at: Option<Timestamp>,
}

insert_row!(NewMember in members {
    pseudonym, address, fingerprint, fingerprint_key, language, consent, consent_since, expires_at,
});

/// What a batch adds to the store.
struct Changes {
    last: Head,
    /// Wordings that a line names and that are to be kept; no others are.
    texts: Vec<Arc<str>>,
    lines: Vec<ledger::NewLine>,
    /// The wording that the last line names.
    names: Option<Sha256Digest>,
    new: Vec<NewMember>,
    old: Vec<(i64, NewMember)>,
}

impl Changes {
    /// Nothing yet, behind this end of the ledger.
    fn after(last: Head) -> Self {
        Self { last, texts: Vec::new(), lines: Vec::new(), names: None, new: Vec::new(), old: Vec::new() }
    }

    /// A member whom the store does not know.
    fn add_member(
        &mut self,
        evidence: &Evidence,
        text: Option<Sha256Digest>,
        terms: &ImportTerms,
        (subject, fingerprint): (Pseudonym, Fingerprint),
        now: Timestamp,
    ) -> Imported {
        let what = event_of(evidence, text, terms, subject, fingerprint, Action::Confirmed);
        if let Some(state) = replay([&what]) {
            self.new.push(row(evidence, &what, &state, terms.lifetime));
        }
        self.add(what, now);
        Imported::Accepted
    }

    /// A member whom the store knows, and who is not barred.
    fn update_member(
        &mut self,
        evidence: &Evidence,
        text: Option<Sha256Digest>,
        terms: &ImportTerms,
        member: &Member,
        state: Option<ConsentState>,
        now: Timestamp,
    ) -> Imported {
        let before = state.map(|state| state.consent);
        let confirmed = before == Some(Consent::Confirmed);
        let action = if confirmed { Action::Refreshed } else { Action::Confirmed };
        let what = event_of(evidence, text, terms, member.pseudonym, member.fingerprint, action);
        let next = state.map_or_else(|| replay([&what]), |state| Some(state.after(&what)));
        let Some(next) = next.filter(|next| Some(*next) != state) else { return Imported::Known };
        self.old.push((member.id, row(evidence, &what, &next, terms.lifetime)));
        self.add(what, now);
        match before {
            Some(Consent::Confirmed) => Imported::Refreshed,
            Some(Consent::Expired) => Imported::Returned,
            _ => Imported::Accepted,
        }
    }

    fn add(&mut self, what: NewEvent, now: Timestamp) {
        let event = Event::after(self.last, what, now);
        self.last = event.head();
        self.names = event.what.text_version;
        self.lines.push(event.into());
    }

    fn write(self, db: &mut Db) -> StoreResult<()> {
        for text in &self.texts {
            ledger::keep_text(db, text)?;
        }
        ledger::insert_lines(db, self.lines)?;
        match db {
            Db::Sqlite(conn) => insert_each(conn, &self.new)?,
            #[cfg(feature = "postgres")]
            Db::Postgres(conn) => {
                diesel::copy_from(rows::table).from_insertable(self.new).execute(conn)?;
            }
        }
        for (id, row) in self.old {
            diesel::update(rows::table.find(id))
                .set((
                    rows::address.eq(row.address),
                    rows::language.eq(row.language),
                    rows::consent.eq(row.consent),
                    rows::consent_since.eq(row.consent_since),
                    rows::expires_at.eq(row.expires_at),
                ))
                .execute(db)?;
        }
        Ok(())
    }
}

fn event_of(
    evidence: &Evidence,
    text_version: Option<Sha256Digest>,
    terms: &ImportTerms,
    subject: Pseudonym,
    fingerprint: Fingerprint,
    action: Action,
) -> NewEvent {
    let how = (action, Method::Import(evidence.capture));
    // As the ledger keeps it, so that the same act is recognised when the file is imported again.
    let occurred_at = whole_micros(evidence.confirmed_at);
    NewEvent {
        text_version,
        form_version: evidence.form_version.clone(),
        reason: Some(names_language(evidence.language)),
        ..NewEvent::new(how, (subject, fingerprint), Arc::clone(&terms.controller), &evidence.source, occurred_at)
    }
}

fn row(evidence: &Evidence, what: &NewEvent, state: &ConsentState, lifetime: Lifetime) -> NewMember {
    NewMember {
        pseudonym: what.subject.into(),
        address: Some(evidence.address.as_str().to_owned()),
        fingerprint: what.fingerprint.digits().into(),
        fingerprint_key: what.fingerprint.key().into(),
        language: state.language.unwrap_or(evidence.language).code(),
        consent: state.consent.as_str(),
        consent_since: At(state.since),
        expires_at: state.expires_at(lifetime),
    }
}
