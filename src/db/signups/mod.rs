//! People who asked to be written to and have not confirmed: their requests, the letters that ask them for a confirmation,
//! and the confirmation itself, which alone brings them into the ledger.
//!
//! Whoever calls passes the instant to record under ([`super::clock::to_record`]): under a clock that is far ahead nothing
//! grows old, so no sign-up is deleted and no link ends too early.

mod confirm;
mod letters;

use std::sync::Arc;

use diesel::dsl::exists;
use diesel::prelude::*;
use jiff::Timestamp;

pub use confirm::{LinkTarget, confirm, look};
pub use letters::{ConfirmationLetter, LetterOutcome, LetterSender, NextLetter, record, take, take_back};
pub(super) use letters::{SignUpEnd, end, sent_to, with_token};

use super::column::{At, lower};
use super::conn::per_backend;
use super::facts::{self, SIGNUPS_CONFIRMED, SIGNUPS_LAPSED, SIGNUPS_REFUSED, SIGNUPS_UNWANTED, StoreFact};
use super::imports::ImportTerms;
use super::schema::{signup_letters, signups};
use super::{Db, StoreError, StoreResult, clock, keys_used, ledger, members};
use crate::config::Settings;
use crate::keys::hex::{from_hex, to_hex};
use crate::keys::{KeyId, Keyring, Sha256Digest};
use crate::member::sign_up::{LETTERS_COUNT_FOR, REPEAT, WAITS};
use crate::member::{Address, ConfirmToken, Fingerprint, FingerprintDigits, Language, Pseudonym, SignUp};
use crate::time_trust::Leeway;

/// Under whose name, by which keys and for how long people sign up, and how far the clock is believed.
#[derive(Clone, Debug)]
pub struct SignUpTerms {
    /// The terms of the consents.
    pub consents: ImportTerms,
    leeway: Leeway,
}

impl SignUpTerms {
    /// The terms of the shop of `settings`, with its keys.
    pub fn of(settings: &Settings, keyring: &Keyring) -> Self {
        Self { consents: ImportTerms::of(settings, keyring.clone()), leeway: settings.clock }
    }

    /// The instant to record under, when the clock shows `now`.
    pub fn instant(&self, db: &mut Db, now: Timestamp) -> StoreResult<Timestamp> {
        clock::to_record(db, now, self.leeway)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = signups)]
struct Row {
    id: i64,
    fingerprint: FingerprintDigits,
    fingerprint_key: KeyId,
    address: Address,
    language: Language,
    text_version: Sha256Digest,
    form_version: String,
    source: String,
    nonce: String,
    requested_at: Timestamp,
    expires_at: Timestamp,
    attempts: i32,
    letters: i32,
    mail_ref: Option<String>,
    begun_at: Option<Timestamp>,
    sent_at: Option<Timestamp>,
}

impl Row {
    fn nonce(&self) -> StoreResult<[u8; 16]> {
        from_hex(&self.nonce).ok_or_else(|| StoreError::corrupt("the nonce of a sign-up", self.id))
    }

    /// The token, unless its key is gone.
    fn token(&self, keyring: &Keyring) -> StoreResult<Option<ConfirmToken>> {
        Ok(ConfirmToken::of(keyring, self.fingerprint_key, &self.nonce()?))
    }
}

/// Puts a batch of requests in, in the caller's transaction. Never looks at what is known of an address. A request that is
/// repeated asks for another letter with the same link, unless it is repeated at once.
///
/// # Errors
/// [`StoreError::KeysMissing`] when the keyring lacks keys: the person would not be recognised.
pub fn put(db: &mut Db, batch: &[SignUp], keyring: &Keyring, now: Timestamp) -> StoreResult<()> {
    keys_used::require(db, keyring)?;
    let mut kept: Option<(&Arc<str>, Sha256Digest)> = None;
    for sign_up in batch {
        // Nearly always all saw the same wording, which they share in memory.
        let text_version = match kept.filter(|(text, _)| Arc::ptr_eq(text, &sign_up.text)) {
            Some((_, digest)) => digest,
            None => ledger::keep_text(db, &sign_up.text)?,
        };
        kept = Some((&sign_up.text, text_version));
        put_one(db, &NewSignUp::of(sign_up, text_version, keyring)?, now)?;
    }
    Ok(())
}

/// A request, with what is kept of it.
struct NewSignUp<'a> {
    asked: &'a SignUp,
    text_version: Sha256Digest,
    fingerprint: Fingerprint,
    token_fp: Sha256Digest,
}

impl<'a> NewSignUp<'a> {
    fn of(asked: &'a SignUp, text_version: Sha256Digest, keyring: &Keyring) -> StoreResult<Self> {
        let fingerprint = Fingerprint::of(keyring, &asked.address);
        let token = ConfirmToken::of(keyring, fingerprint.key(), &asked.nonce);
        let token = token.ok_or_else(|| StoreError::corrupt("the name of a key", fingerprint.key()))?;
        Ok(Self { asked, text_version, fingerprint, token_fp: token.digest() })
    }

    /// Puts it in, unless there is one of this address. Says whether it was put in.
    fn insert(&self, db: &mut Db, now: Timestamp) -> StoreResult<bool> {
        let expires_at = now.saturating_add(WAITS).unwrap_or(Timestamp::MAX);
        let row = (
            (
                signups::fingerprint.eq(self.fingerprint.digits()),
                signups::fingerprint_key.eq(self.fingerprint.key()),
                signups::address.eq(&self.asked.address),
                signups::language.eq(self.asked.language),
                signups::text_version.eq(self.text_version),
                signups::form_version.eq(&*self.asked.form_version),
                signups::source.eq(&self.asked.source),
                signups::nonce.eq(to_hex(&self.asked.nonce)),
                signups::token_fp.eq(self.token_fp),
            ),
            (
                signups::requested_at.eq(At(now)),
                signups::expires_at.eq(At(expires_at)),
                signups::asked_at.eq(At(now)),
                signups::letter_due_at.eq(At(now)),
                signups::attempts.eq(0),
                signups::letters.eq(0),
            ),
        );
        let new = per_backend!(db, conn => diesel::insert_into(signups::table)
            .values(row)
            .on_conflict(signups::fingerprint)
            .do_nothing()
            .execute(conn))?;
        Ok(new > 0)
    }
}

fn put_one(db: &mut Db, new: &NewSignUp<'_>, now: Timestamp) -> StoreResult<()> {
    if new.insert(db, now)? {
        return Ok(());
    }
    let digits = new.fingerprint.digits();
    let lapsed = signups::fingerprint.eq(digits).and(signups::expires_at.le(At(now)));
    let lapsed = diesel::delete(signups::table.filter(lapsed)).execute(db)?;
    count(db, &SIGNUPS_LAPSED, lapsed)?;
    if lapsed > 0 && new.insert(db, now)? { Ok(()) } else { ask_again(db, digits, now) }
}

fn ask_again(db: &mut Db, fingerprint: FingerprintDigits, now: Timestamp) -> StoreResult<()> {
    let before = now.saturating_sub(REPEAT).unwrap_or(Timestamp::MIN);
    // A request of the future was made by a clock that has been set back since.
    let long_ago = signups::asked_at.le(At(before)).or(signups::asked_at.gt(At(now)));
    let again = diesel::update(signups::table.filter(signups::fingerprint.eq(fingerprint).and(long_ago)))
        .set(signups::asked_at.eq(At(now)))
        .execute(db)?;
    if again > 0 {
        let idle = signups::fingerprint.eq(fingerprint).and(signups::letter_due_at.is_null());
        diesel::update(signups::table.filter(idle)).set(signups::letter_due_at.eq(At(now))).execute(db)?;
    }
    Ok(())
}

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Whether something has to be deleted.
    pub lapsed: bool,
    /// When the next letter is due.
    pub letter_due_at: Option<Timestamp>,
}

/// What there is to do at `now`. Looks only.
pub fn outlook(db: &mut Db, now: Timestamp) -> StoreResult<Outlook> {
    let over = signups::table.filter(signups::expires_at.le(At(now)));
    let old = signup_letters::table.filter(signup_letters::sent_at.le(At(forgotten_before(now))));
    Ok(Outlook {
        lapsed: diesel::select(exists(over)).get_result(db)? || diesel::select(exists(old)).get_result(db)?,
        letter_due_at: letters::next_due(db)?,
    })
}

fn forgotten_before(now: Timestamp) -> Timestamp {
    now.saturating_sub(LETTERS_COUNT_FOR).unwrap_or(Timestamp::MIN)
}

/// Deletes up to `limit` sign-ups that nobody confirmed in time, and what is remembered of old letters. Returns how many
/// sign-ups those were.
pub fn clean(db: &mut Db, now: Timestamp, limit: i64) -> StoreResult<usize> {
    let ids: Vec<i64> = signups::table
        .filter(signups::expires_at.le(At(now)))
        .order(signups::id)
        .limit(limit)
        .select(signups::id)
        .load(db)?;
    let lapsed = diesel::delete(signups::table.filter(signups::id.eq_any(ids))).execute(db)?;
    count(db, &SIGNUPS_LAPSED, lapsed)?;
    let old = signup_letters::sent_at.le(At(forgotten_before(now)));
    diesel::delete(signup_letters::table.filter(old)).execute(db)?;
    Ok(lapsed)
}

fn count(db: &mut Db, counter: &StoreFact<u64>, more: usize) -> StoreResult<()> {
    if more > 0 {
        facts::add(db, counter, u64::try_from(more).unwrap_or(u64::MAX))?;
    }
    Ok(())
}

/// Deletes the sign-ups of an address, given by fingerprints, and by itself where it is known: a sign-up may have been made
/// under another key. Returns how many those were.
pub fn forget(db: &mut Db, fingerprints: &[Fingerprint], address: Option<&Address>) -> StoreResult<usize> {
    let mut gone = diesel::delete(signups::table.filter(signups::fingerprint.eq_any(all(fingerprints)))).execute(db)?;
    if let Some(address) = address {
        gone += diesel::delete(signups::table.filter(lower(signups::address).eq(address.folded()))).execute(db)?;
    }
    Ok(gone)
}

/// Whether there is a sign-up of an address.
pub fn waits(db: &mut Db, fingerprints: &[Fingerprint], address: &Address) -> StoreResult<bool> {
    let theirs = signups::table
        .filter(signups::fingerprint.eq_any(all(fingerprints)).or(lower(signups::address).eq(address.folded())));
    Ok(diesel::select(exists(theirs)).get_result(db)?)
}

/// Whether there is a sign-up of a member, made under any key.
pub(super) fn waits_for(db: &mut Db, member: &members::Member) -> StoreResult<bool> {
    let by_fingerprint = signups::fingerprint.eq(member.fingerprint.digits());
    let Some(address) = &member.address else {
        return Ok(diesel::select(exists(signups::table.filter(by_fingerprint))).get_result(db)?);
    };
    let theirs = signups::table.filter(by_fingerprint.or(lower(signups::address).eq(address.folded())));
    Ok(diesel::select(exists(theirs)).get_result(db)?)
}

/// The fingerprints of the sign-ups of an address, each under the key that it was made with.
pub fn fingerprints_of(db: &mut Db, fingerprints: &[Fingerprint], address: &Address) -> StoreResult<Vec<Fingerprint>> {
    let theirs = signups::table
        .filter(signups::fingerprint.eq_any(all(fingerprints)).or(lower(signups::address).eq(address.folded())));
    Ok(theirs.order(signups::id).select((signups::fingerprint, signups::fingerprint_key)).load(db)?)
}

fn all(fingerprints: &[Fingerprint]) -> Vec<FingerprintDigits> {
    fingerprints.iter().map(Fingerprint::digits).collect()
}

/// Deletes the sign-ups of a member who leaves: what was asked for before is not what the person wants now.
pub(super) fn forget_those_of(db: &mut Db, member: &Pseudonym) -> StoreResult<()> {
    if let Some(member) = members::find(db, member)? {
        forget(db, &[member.fingerprint], member.address.as_ref())?;
    }
    Ok(())
}

/// Sign-ups as they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SignUpCounts {
    /// Those that wait for their confirmation.
    pub waiting: u64,
    /// Letters that are to be sent.
    pub letters: u64,
    /// Since when the first of these waits.
    pub letters_since: Option<Timestamp>,
    /// Those that were confirmed, since the store was made.
    pub confirmed: u64,
    /// Those that were deleted because nobody confirmed them in time.
    pub lapsed: u64,
    /// Those that were deleted because there is no such mailbox.
    pub refused: u64,
    /// Those that were deleted because whoever got the letter complained of it.
    pub unwanted: u64,
}

/// How sign-ups stand at `now`.
pub fn standing(db: &mut Db, now: Timestamp) -> StoreResult<SignUpCounts> {
    let waits = || signups::expires_at.gt(At(now));
    let waiting: i64 = signups::table.filter(waits()).count().get_result(db)?;
    let unsent = || waits().and(signups::letter_due_at.is_not_null());
    let letters: i64 = signups::table.filter(unsent()).count().get_result(db)?;
    let since = signups::table.filter(unsent()).select(diesel::dsl::min(signups::asked_at)).first(db)?;
    Ok(SignUpCounts {
        waiting: waiting.unsigned_abs(),
        letters: letters.unsigned_abs(),
        letters_since: since,
        confirmed: facts::get(db, &SIGNUPS_CONFIRMED)?.unwrap_or_default(),
        lapsed: facts::get(db, &SIGNUPS_LAPSED)?.unwrap_or_default(),
        refused: facts::get(db, &SIGNUPS_REFUSED)?.unwrap_or_default(),
        unwanted: facts::get(db, &SIGNUPS_UNWANTED)?.unwrap_or_default(),
    })
}
