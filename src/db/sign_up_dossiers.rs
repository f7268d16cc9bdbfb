//! What the store holds about an address that signed up and has not confirmed: for the person, who may ask for it, and for
//! whoever is asked why no letter arrived.

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;

use super::schema::{signup_letters, signups};
use super::{Db, StoreResult, ledger};
use crate::keys::Sha256Digest;
use crate::member::{Address, Fingerprint, FingerprintDigits, Language};

/// A sign-up that waits for its confirmation. Personal data: whoever prints it decides who reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitingSignUp {
    /// The address in full, as it was typed.
    pub address: String,
    /// The language of the form, and of the letters.
    pub language: Language,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was asked for the last time.
    pub asked_at: Timestamp,
    /// Until when it waits, and its link works.
    pub expires_at: Timestamp,
    /// Where the form was.
    pub source: String,
    /// The version of the page that showed it.
    pub form_version: String,
    /// The exact words that were shown, by their digest.
    pub text_version: Sha256Digest,
    /// The words.
    pub wording: Option<String>,
    /// Letters that left.
    pub letters: u64,
    /// When the last of them left.
    pub letter_sent_at: Option<Timestamp>,
    /// The Message-ID of the last letter that was written.
    pub message_id: Option<String>,
    /// When the next letter is due. None when no letter may go to the address now, or none is to.
    pub letter_due_at: Option<Timestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = signups)]
struct SignUpRow {
    address: Address,
    language: Language,
    requested_at: Timestamp,
    asked_at: Timestamp,
    expires_at: Timestamp,
    source: String,
    form_version: String,
    text_version: Sha256Digest,
    letters: i32,
    sent_at: Option<Timestamp>,
    mail_ref: Option<String>,
    letter_due_at: Option<Timestamp>,
}

/// The sign-up that waits of an address, given by its fingerprints under all keys ([`Fingerprint::all`]).
pub(super) fn waiting(db: &mut Db, fingerprints: &[Fingerprint]) -> StoreResult<Option<WaitingSignUp>> {
    let theirs = signups::table.filter(signups::fingerprint.eq_any(digits(fingerprints)));
    let row: Option<SignUpRow> =
        theirs.order(signups::id.desc()).select(SignUpRow::as_select()).first(db).optional()?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(WaitingSignUp {
        wording: ledger::text(db, &row.text_version)?,
        address: row.address.as_str().to_owned(),
        language: row.language,
        requested_at: row.requested_at,
        asked_at: row.asked_at,
        expires_at: row.expires_at,
        source: row.source,
        form_version: row.form_version,
        text_version: row.text_version,
        letters: row.letters.unsigned_abs().into(),
        letter_sent_at: row.sent_at,
        message_id: row.mail_ref,
        letter_due_at: row.letter_due_at,
    }))
}

/// When letters that ask for a confirmation went to an address, as long as that is remembered; oldest first.
pub(super) fn letters(db: &mut Db, fingerprints: &[Fingerprint]) -> StoreResult<Vec<Timestamp>> {
    let theirs = signup_letters::table.filter(signup_letters::fingerprint.eq_any(digits(fingerprints)));
    Ok(theirs.order(signup_letters::sent_at).select(signup_letters::sent_at).load(db)?)
}

fn digits(fingerprints: &[Fingerprint]) -> Vec<FingerprintDigits> {
    fingerprints.iter().map(Fingerprint::digits).collect()
}
