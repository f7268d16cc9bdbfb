//! The removal of proof that has served its time: whose is due, what goes of each person, and the wordings that nothing names
//! any more. What goes is decided in [`crate::member::removal`], by the lines of the ledger alone: who can write to a member's
//! row has nothing removed by it.

use diesel::dsl::{exists, min, not};
use diesel::prelude::*;
use jiff::Timestamp;

use super::column::At;
use super::facts::{self, REDACTED};
use super::members::{self, Member, contents_of};
use super::proof::{by_subject, holding};
use super::schema::{consent_events, consent_texts, deliveries, members as rows, signups};
use super::{Db, StoreResult, ledger, renewals, stubs, suppressions};
use crate::keys::{Keyring, Sha256Digest};
use crate::member::removal::{MAY_STAY, Removal, Stub, due};
use crate::member::retention::RetentionClock;
use crate::member::{Consent, Lifetime, Pseudonym, mismatches};

/// Wordings that are forgotten at once.
const WORDINGS: i64 = 500;

/// Members whose consent ended at an instant or before and of whom something is there to remove: all of somebody whose consent
/// ran out, once the log of deliveries does not name the row; what bars nobody, of somebody who left.
macro_rules! ended {
    ($before:expr) => {
        rows::table.filter(rows::consent_since.le(At($before))).filter(
            rows::consent
                .eq(Consent::Expired)
                .and(not(exists(deliveries::table.filter(deliveries::member_id.eq(rows::id)))))
                .or(rows::consent.eq_any(Consent::LEFT).and(exists(
                    consent_events::table
                        .filter(consent_events::subject.eq(rows::pseudonym))
                        .filter(consent_events::action.ne_all(MAY_STAY)),
                ))),
        )
    };
}

/// How many people there are whose consent ended at `before` or earlier, and of whom something is to be removed.
pub(super) fn count(db: &mut Db, before: Timestamp) -> StoreResult<u64> {
    Ok(ended!(before).count().get_result::<i64>(db)?.unsigned_abs())
}

/// When the next consent ended after `before` of which something is to be removed.
pub(super) fn next_ended(db: &mut Db, before: Timestamp) -> StoreResult<Option<Timestamp>> {
    let later = ended!(Timestamp::MAX).filter(rows::consent_since.gt(At(before)));
    Ok(later.select(min(rows::consent_since)).get_result(db)?)
}

/// The rows of up to `limit` of these people, above `after`.
pub(super) fn rows_of(db: &mut Db, before: Timestamp, after: i64, limit: u64) -> StoreResult<Vec<i64>> {
    Ok(ended!(before)
        .filter(rows::id.gt(after))
        .order(rows::id)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(rows::id)
        .load(db)?)
}

/// Whose proof goes of those with rows among `ids`, and what of it. Of whoever the store says anything that does not follow from
/// the ledger nothing goes, until a person has seen to it.
pub(super) fn look(
    db: &mut Db,
    (keyring, lifetime): (&Keyring, Lifetime),
    before: Timestamp,
    ids: &[i64],
) -> StoreResult<Vec<(Member, Removal)>> {
    let page: Vec<Member> =
        ended!(before).filter(rows::id.eq_any(ids)).order(rows::id).select(Member::as_select()).load(db)?;
    let subjects: Vec<Pseudonym> = page.iter().map(|member| member.pseudonym).collect();
    let fingerprints: Vec<_> = page.iter().map(|member| member.fingerprint).collect();
    let listed = suppressions::find_many(db, &fingerprints)?;
    let mut events = by_subject(ledger::events_of_many(db, &subjects)?);
    let decide = |member: Member| {
        let own = events.remove(&member.pseudonym)?;
        let record = holding(&member, listed.get(&member.fingerprint.digits()).copied());
        let amiss = mismatches(&record, &contents_of(&own).collect::<Vec<_>>(), keyring, lifetime);
        let removal = due(own, before).filter(|_| amiss.is_empty())?;
        Some((member, removal))
    };
    Ok(page.into_iter().filter_map(decide).collect())
}

/// Takes the lines out and leaves their stubs, with the rows of those of whom nothing stays. The caller has locked the ledger
/// before looking. Returns how many lines those were.
pub(super) fn take_out(db: &mut Db, due: &[(Member, Removal)], keyring: &Keyring, now: Timestamp) -> StoreResult<u64> {
    let lines = due.iter().flat_map(|(_, removal)| &removal.lines);
    let left: Vec<Stub> = lines.map(|line| Stub::of(line, RetentionClock::Proof, now, keyring)).collect();
    let count = left.len();
    stubs::put(db, left)?;
    for (member, _) in due.iter().filter(|(_, removal)| removal.whole) {
        renewals::forget(db, member.id)?;
        members::remove(db, member.id)?;
    }
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Wordings that neither a line of the ledger nor a sign-up names.
macro_rules! named_by_nothing {
    () => {
        consent_texts::table
            .filter(
                consent_texts::hash.ne_all(
                    consent_events::table
                        .filter(consent_events::text_version.is_not_null())
                        .select(consent_events::text_version.assume_not_null())
                        .distinct(),
                ),
            )
            .filter(consent_texts::hash.ne_all(signups::table.select(signups::text_version).distinct()))
    };
}

/// Whether there is a wording that nothing names any more. Looks only: most days there is none, and nobody is kept waiting.
pub(super) fn has_unnamed_wordings(db: &mut Db) -> StoreResult<bool> {
    let first: Option<String> = named_by_nothing!().select(consent_texts::hash).first(db).optional()?;
    Ok(first.is_some())
}

/// Forgets wordings that nothing names, with the notes of their redactions. Returns how many.
pub(super) fn forget_unnamed_wordings(db: &mut Db) -> StoreResult<u64> {
    lock_wordings(db)?;
    let unnamed: Vec<String> = named_by_nothing!().limit(WORDINGS).select(consent_texts::hash).load(db)?;
    for hash in &unnamed {
        if let Ok(digest) = hash.parse::<Sha256Digest>() {
            facts::remove(db, &REDACTED.of(digest))?;
        }
    }
    let gone = diesel::delete(consent_texts::table.filter(consent_texts::hash.eq_any(&unnamed))).execute(db)?;
    Ok(u64::try_from(gone).unwrap_or(u64::MAX))
}

/// Waits for those who have kept a wording and not yet committed what names it, and keeps others from doing so.
#[cfg_attr(not(feature = "postgres"), expect(clippy::unnecessary_wraps, reason = "PostgreSQL is asked for it"))]
fn lock_wordings(db: &mut Db) -> StoreResult<()> {
    match db {
        Db::Sqlite(_) => Ok(()),
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => {
            diesel::sql_query("LOCK TABLE consent_texts IN EXCLUSIVE MODE").execute(conn)?;
            Ok(())
        }
    }
}
