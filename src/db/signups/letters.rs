//! The letters that ask for a confirmation: which is due, who sends it, and what became of it.

use diesel::prelude::*;
use jiff::Timestamp;

use super::super::column::At;
use super::super::facts::{SIGNUPS_REFUSED, SIGNUPS_UNWANTED};
use super::super::schema::{signup_letters, signups};
use super::super::{Db, StoreResult, suppressions};
use super::{Row, count};
use crate::keys::{Keyring, Sha256Digest};
use crate::member::sign_up::{may_write, message_id};
use crate::member::{Address, ConfirmToken, Fingerprint, FingerprintDigits, Language};

/// How long a letter that is being sent is its daemon's: longer than a relay may take over all the steps of one message
/// (RFC 5321 4.5.3.2).
const TAKEN_FOR: jiff::SignedDuration = jiff::SignedDuration::from_mins(40);

/// Sign-ups that are looked at for one letter that may be written.
const LOOKS: usize = 100;

/// Who sends letters, and with which names.
#[derive(Clone, Debug)]
pub struct LetterSender {
    /// The daemon's name.
    pub owner: String,
    /// The keys of links and Message-IDs.
    pub keyring: Keyring,
    /// The domain of Message-IDs.
    pub domain: String,
}

/// A letter that asks for a confirmation. Personal data.
#[derive(Clone, Debug)]
pub struct ConfirmationLetter {
    /// The number of the sign-up.
    pub id: i64,
    /// Where it goes.
    pub address: Address,
    /// In which language.
    pub language: Language,
    /// What its link is made of.
    pub token: ConfirmToken,
    /// Its Message-ID.
    pub message_id: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until when the link works.
    pub expires_at: Timestamp,
    /// How often it was tried before.
    pub attempts: u32,
    owner: String,
    fingerprint: FingerprintDigits,
}

/// What there is to send.
#[derive(Clone, Debug)]
pub enum NextLetter {
    /// This, and nobody else sends it meanwhile.
    This(Box<ConfirmationLetter>),
    /// Nothing is due, or another daemon has it in hand.
    None,
}

/// Takes the next letter that is due and may be written.
pub fn take(db: &mut Db, letter_sender: &LetterSender, now: Timestamp) -> StoreResult<NextLetter> {
    for _ in 0..LOOKS {
        let Some(row) = due(db, now)? else { return Ok(NextLetter::None) };
        match letter(db, &row, letter_sender, now)? {
            Some(letter) => return Ok(NextLetter::This(Box::new(letter))),
            // It waits for the links in earlier letters, or for its end.
            None => set_due(db, row.id, None)?,
        }
    }
    Ok(NextLetter::None)
}

/// On PostgreSQL what another daemon has locked is left to it.
fn due(db: &mut Db, now: Timestamp) -> StoreResult<Option<Row>> {
    let due = signups::table
        .filter(signups::letter_due_at.le(At(now)))
        .order((signups::letter_due_at, signups::id))
        .limit(1)
        .select(signups::id);
    let id: Option<i64> = match db {
        Db::Sqlite(conn) => due.first(conn).optional()?,
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => due.for_update().skip_locked().first(conn).optional()?,
    };
    let Some(id) = id else { return Ok(None) };
    Ok(signups::table.find(id).select(Row::as_select()).first(db).optional()?)
}

pub(super) fn next_due(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    // The condition lets the index answer, which holds only those that have a letter to come.
    let due = signups::table.filter(signups::letter_due_at.is_not_null());
    Ok(due.select(diesel::dsl::min(signups::letter_due_at)).first(db)?)
}

fn set_due(db: &mut Db, id: i64, at: Option<Timestamp>) -> StoreResult<()> {
    diesel::update(signups::table.find(id))
        .set((signups::letter_due_at.eq(at), signups::taken_by.eq(None::<String>)))
        .execute(db)?;
    Ok(())
}

/// The letter of a sign-up, taken; `None` when none may be written.
fn letter(
    db: &mut Db,
    row: &Row,
    letter_sender: &LetterSender,
    now: Timestamp,
) -> StoreResult<Option<ConfirmationLetter>> {
    let Some(token) = row.token(&letter_sender.keyring)?.filter(|_| now < row.expires_at) else { return Ok(None) };
    let barred = suppressions::find(db, &Fingerprint::all(&letter_sender.keyring, &row.address))?.is_some();
    let sent: Vec<Timestamp> = signup_letters::table
        .filter(signup_letters::fingerprint.eq(row.fingerprint))
        .select(signup_letters::sent_at)
        .load(db)?;
    if !may_write(barred, &sent, now) {
        return Ok(None);
    }
    let message_id =
        message_id(&letter_sender.keyring, &row.nonce()?, row.letters.unsigned_abs(), &letter_sender.domain);
    let until = now.saturating_add(TAKEN_FOR).unwrap_or(Timestamp::MAX);
    diesel::update(signups::table.find(row.id))
        .set((
            signups::letter_due_at.eq(At(until)),
            signups::taken_by.eq(&letter_sender.owner),
            signups::mail_ref.eq(&message_id),
            signups::begun_at.eq(At(now)),
        ))
        .execute(db)?;
    Ok(Some(ConfirmationLetter {
        id: row.id,
        language: row.language,
        token,
        message_id,
        requested_at: row.requested_at,
        expires_at: row.expires_at,
        attempts: row.attempts.unsigned_abs(),
        owner: letter_sender.owner.clone(),
        fingerprint: row.fingerprint,
        address: row.address.clone(),
    }))
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterOutcome {
    /// It left.
    Sent,
    /// Nobody knows. It goes again, with the same link and the same Message-ID.
    InDoubt(Option<Timestamp>),
    /// It did not leave, and is tried again at this instant, or not any more.
    Later(Option<Timestamp>),
    /// It was not tried, because the relay cannot be used, and is due at this instant.
    PutBack(Timestamp),
    /// There is no such mailbox: the sign-up is deleted.
    Refused,
}

/// Records what became of a letter that was taken. When its sign-up is gone, because its owner was quicker, or is another
/// daemon's now, only the letter counts.
pub fn record(db: &mut Db, letter: &ConfirmationLetter, outcome: LetterOutcome, now: Timestamp) -> StoreResult<()> {
    if matches!(outcome, LetterOutcome::Sent | LetterOutcome::InDoubt(_)) {
        diesel::insert_into(signup_letters::table)
            .values((signup_letters::fingerprint.eq(letter.fingerprint), signup_letters::sent_at.eq(At(now))))
            .execute(db)?;
    }
    let own = signups::table.filter(signups::id.eq(letter.id).and(signups::taken_by.eq(&letter.owner)));
    let free = signups::taken_by.eq(None::<String>);
    match outcome {
        LetterOutcome::Sent => {
            let left = (
                signups::letters.eq(signups::letters + 1),
                signups::sent_at.eq(At(now)),
                signups::letter_due_at.eq(None::<Timestamp>),
                signups::attempts.eq(0),
            );
            diesel::update(own).set((left, free)).execute(db)?;
        }
        LetterOutcome::InDoubt(at) | LetterOutcome::Later(at) => {
            let waits = (signups::attempts.eq(signups::attempts + 1), signups::letter_due_at.eq(at));
            diesel::update(own).set((waits, free)).execute(db)?;
        }
        LetterOutcome::PutBack(at) => {
            diesel::update(own).set((signups::letter_due_at.eq(At(at)), free)).execute(db)?;
        }
        LetterOutcome::Refused => {
            let refused = diesel::delete(own).execute(db)?;
            count(db, &SIGNUPS_REFUSED, refused)?;
        }
    }
    Ok(())
}

/// Where the letter of the sign-up in the row `id` went, and the digest of the token in it.
pub(in super::super) fn sent_to(db: &mut Db, id: i64) -> StoreResult<Option<(Address, Sha256Digest)>> {
    Ok(signups::table.find(id).select((signups::address, signups::token_fp)).first(db).optional()?)
}

/// The sign-up whose letter has the token with this digest, and where the letter went.
pub(in super::super) fn with_token(db: &mut Db, token: Sha256Digest) -> StoreResult<Option<(i64, Address)>> {
    let its = signups::table.filter(signups::token_fp.eq(token));
    Ok(its.select((signups::id, signups::address)).first(db).optional()?)
}

/// Why a sign-up ends by what came back about its letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum SignUpEnd {
    /// There is no such mailbox.
    NoMailbox,
    /// Whoever got the letter complains of it.
    Unwanted,
}

/// Deletes the sign-up in the row `id` whose letter has the token with this digest.
pub(in super::super) fn end(db: &mut Db, id: i64, token_fp: Sha256Digest, why: SignUpEnd) -> StoreResult<()> {
    let its = signups::table.filter(signups::id.eq(id).and(signups::token_fp.eq(token_fp)));
    let ended = diesel::delete(its).execute(db)?;
    let counter = match why {
        SignUpEnd::NoMailbox => &SIGNUPS_REFUSED,
        SignUpEnd::Unwanted => &SIGNUPS_UNWANTED,
    };
    count(db, counter, ended)
}

/// Gives back what a daemon that is no more had taken. For a daemon that is alone on its store.
pub fn take_back(db: &mut Db, now: Timestamp) -> StoreResult<usize> {
    let taken = signups::table.filter(signups::taken_by.is_not_null());
    Ok(diesel::update(taken)
        .set((signups::letter_due_at.eq(At(now)), signups::taken_by.eq(None::<String>)))
        .execute(db)?)
}
