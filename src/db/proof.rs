//! Everything beside the ledger, held against it: wordings, members' rows, the suppression list. Read a page at a time,
//! so the memory that it takes does not grow with the store.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::members::{self, Member, contents_of};
use super::schema::{consent_events, consent_texts, members as member_rows, suppressions as list};
use super::{Db, StoreResult, erasure, ledger, suppressions};
use crate::keys::{Keyring, Sha256Digest};
use crate::member::{
    Event, Lifetime, MemberRecord, Mismatch, NewEvent, Pseudonym, Suppression, WordingState, mismatches,
};

/// Members, wordings or rows of the suppression list that are read at once.
const PAGE: i64 = 500;

/// How many examples of one kind are kept.
const EXAMPLES: usize = 5;

/// What was found, by kind: how often, and the first few. Names only digests and pseudonyms, no addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found(BTreeMap<Mismatch, (u64, Vec<String>)>);

impl Found {
    /// Counts one more.
    pub fn add(&mut self, mismatch: Mismatch, example: impl ToString) {
        let (count, examples) = self.0.entry(mismatch).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.push(example.to_string());
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each kind, how often it was found, and the first few examples.
    pub fn iter(&self) -> impl Iterator<Item = (Mismatch, u64, &[String])> {
        self.0.iter().map(|(mismatch, (count, examples))| (*mismatch, *count, examples.as_slice()))
    }
}

/// Holds all that is beside the ledger against it. To be called in a snapshot ([`super::Store::snapshot_blocking`]), and
/// when the ledger itself is whole. Returns how many people the ledger is about.
pub fn verify(db: &mut Db, keyring: &Keyring, lifetime: Lifetime, found: &mut Found) -> StoreResult<u64> {
    wordings(db, keyring, found)?;
    let known = known_members(db, keyring, lifetime, found)?;
    let gone = members_gone(db, found)?;
    listed_for_nobody(db, found)?;
    Ok(known + gone)
}

/// What does not follow from the ledger about one member.
pub fn of_member(db: &mut Db, member: &Member, keyring: &Keyring, lifetime: Lifetime) -> StoreResult<Vec<Mismatch>> {
    let events = ledger::events_of(db, &member.pseudonym)?;
    let listed = suppressions::find(db, &[member.fingerprint])?;
    Ok(mismatches(&holding(member, listed), &contents_of(&events).collect::<Vec<_>>(), keyring, lifetime))
}

pub(super) fn holding(member: &Member, listed: Option<Suppression>) -> MemberRecord<'_> {
    MemberRecord {
        address: member.address.as_ref(),
        fingerprint: member.fingerprint,
        consent: member.consent,
        since: member.consent_since,
        expires_at: member.expires_at,
        paused_until: member.paused_until,
        language: member.language,
        listed,
    }
}

fn wordings(db: &mut Db, keyring: &Keyring, found: &mut Found) -> StoreResult<()> {
    let mut after = String::new();
    loop {
        let page: Vec<(String, String)> = consent_texts::table
            .filter(consent_texts::hash.gt(&after))
            .order(consent_texts::hash)
            .limit(PAGE)
            .load(db)?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        for (hash, body) in page {
            let state = match hash.parse::<Sha256Digest>() {
                Ok(digest) => erasure::state_of(db, &digest, &body, keyring)?,
                Err(_) => WordingState::Changed,
            };
            if state == WordingState::Changed {
                found.add(Mismatch::WordingChanged, hash);
            }
        }
    }
    wordings_gone(db, found)
}

fn wordings_gone(db: &mut Db, found: &mut Found) -> StoreResult<()> {
    let mut after = String::new();
    loop {
        let kept = consent_texts::table.filter(consent_texts::hash.nullable().eq(consent_events::text_version));
        let page: Vec<Option<String>> = consent_events::table
            .filter(consent_events::text_version.gt(&after).and(not(exists(kept))))
            .select(consent_events::text_version)
            .distinct()
            .order(consent_events::text_version)
            .limit(PAGE)
            .load(db)?;
        let Some(Some(last)) = page.last() else { return Ok(()) };
        after.clone_from(last);
        for hash in page.into_iter().flatten() {
            found.add(Mismatch::WordingGone, hash);
        }
    }
}

/// Every member's row against the lines about that member. Returns how many members the ledger knows.
fn known_members(db: &mut Db, keyring: &Keyring, lifetime: Lifetime, found: &mut Found) -> StoreResult<u64> {
    let (mut known, mut after) = (0, 0);
    loop {
        let page = members::readable(db, after, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(known) };
        after = *last;
        let mut readable = Vec::with_capacity(page.len());
        for (id, member) in page {
            match member {
                Some(member) => readable.push(member),
                None => found.add(Mismatch::MemberUnreadable, format!("row {id}")),
            }
        }
        let subjects: Vec<Pseudonym> = readable.iter().map(|member| member.pseudonym).collect();
        let fingerprints: Vec<_> = readable.iter().map(|member| member.fingerprint).collect();
        let listed = suppressions::find_many(db, &fingerprints)?;
        let events = by_subject(ledger::events_of_many(db, &subjects)?);
        for member in &readable {
            let own: Vec<&NewEvent> =
                events.get(&member.pseudonym).map(|own| contents_of(own).collect()).unwrap_or_default();
            known += u64::from(!own.is_empty());
            let listed = listed.get(&member.fingerprint.digits()).copied();
            for mismatch in mismatches(&holding(member, listed), &own, keyring, lifetime) {
                found.add(mismatch, member.pseudonym);
            }
        }
    }
}

/// The lines of each member, in the order of the ledger.
pub(super) fn by_subject(events: Vec<Event>) -> HashMap<Pseudonym, Vec<Event>> {
    let mut sorted: HashMap<Pseudonym, Vec<Event>> = HashMap::new();
    for event in events {
        sorted.entry(event.what.subject).or_default().push(event);
    }
    sorted
}

/// People of the ledger who have no row. Returns how many.
fn members_gone(db: &mut Db, found: &mut Found) -> StoreResult<u64> {
    let (mut gone, mut after) = (0, String::new());
    loop {
        let page = subjects_without_row(db, &after)?;
        let Some(last) = page.last() else { return Ok(gone) };
        after.clone_from(last);
        gone += u64::try_from(page.len()).unwrap_or(u64::MAX);
        for subject in page {
            found.add(Mismatch::MemberGone, subject);
        }
    }
}

/// Up to a page of pseudonyms above `after` that the ledger knows and no member's row has.
pub(super) fn subjects_without_row(db: &mut Db, after: &str) -> StoreResult<Vec<String>> {
    let row = member_rows::table.filter(member_rows::pseudonym.eq(consent_events::subject));
    Ok(consent_events::table
        .filter(consent_events::subject.gt(after).and(not(exists(row))))
        .select(consent_events::subject)
        .distinct()
        .order(consent_events::subject)
        .limit(PAGE)
        .load(db)?)
}

/// Rows of the suppression list that no line of the ledger is about.
fn listed_for_nobody(db: &mut Db, found: &mut Found) -> StoreResult<()> {
    let mut after = String::new();
    loop {
        let page = listed_without_row(db, &after)?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(last);
        for fingerprint in not_in_ledger(db, page)? {
            found.add(Mismatch::SuppressionAdded, format!("fingerprint {fingerprint:.12}"));
        }
    }
}

/// Up to a page of fingerprints above `after` that are on the suppression list and in no member's row.
pub(super) fn listed_without_row(db: &mut Db, after: &str) -> StoreResult<Vec<String>> {
    let row = member_rows::table.filter(member_rows::fingerprint.eq(list::fingerprint));
    Ok(list::table
        .filter(list::fingerprint.gt(after).and(not(exists(row))))
        .select(list::fingerprint)
        .order(list::fingerprint)
        .limit(PAGE)
        .load(db)?)
}

/// Those of `fingerprints` that no line of the ledger names.
pub(super) fn not_in_ledger(db: &mut Db, fingerprints: Vec<String>) -> StoreResult<Vec<String>> {
    let named: HashSet<String> = consent_events::table
        .filter(consent_events::fingerprint.eq_any(&fingerprints))
        .select(consent_events::fingerprint)
        .distinct()
        .load(db)?
        .into_iter()
        .collect();
    Ok(fingerprints.into_iter().filter(|fingerprint| !named.contains(fingerprint)).collect())
}
