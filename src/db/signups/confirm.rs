//! The link of a letter: where it leads, and the press of the button behind it.

use diesel::prelude::*;
use jiff::Timestamp;

use super::super::column::At;
use super::super::facts::SIGNUPS_CONFIRMED;
use super::super::imports::ImportTerms;
use super::super::members::{self, Member, contents_of};
use super::super::pressed::{AfterPress, Pressed, is_used, used_by};
use super::super::schema::{members as member_rows, signups};
use super::super::{Db, StoreError, StoreResult, consent, keys_used, ledger};
use super::{Row, count, forget};
use crate::member::sign_up::SignUpStory;
use crate::member::{Address, ConfirmToken, Consent, Fingerprint, Language, Pseudonym, replay};

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// A sign-up that waits.
    Waits {
        /// The language of the person.
        language: Language,
        /// The address that is to be confirmed.
        address: Address,
        /// The exact words that were shown.
        text: String,
    },
    /// A confirmation that was given, and what is true of the person now.
    Used(AfterPress),
    /// Nothing: it has ended, or there never was such a sign-up.
    Unknown,
}

/// Looks where a link leads, and changes nothing.
pub fn look(db: &mut Db, token: &ConfirmToken, now: Timestamp) -> StoreResult<LinkTarget> {
    let Some(row) = waiting_row(db, token, now)? else {
        return Ok(used_by(db, token.digest(), now)?.map_or(LinkTarget::Unknown, LinkTarget::Used));
    };
    let text = ledger::text(db, &row.text_version)?;
    let text = text.ok_or_else(|| StoreError::corrupt("a sign-up without its wording", row.id))?;
    Ok(LinkTarget::Waits { language: row.language, address: row.address, text })
}

fn waiting_row(db: &mut Db, token: &ConfirmToken, now: Timestamp) -> StoreResult<Option<Row>> {
    let waits = signups::token_fp.eq(token.digest()).and(signups::expires_at.gt(At(now)));
    Ok(signups::table.filter(waits).select(Row::as_select()).first(db).optional()?)
}

/// The owner of the mailbox presses the button: the ledger gets the whole story, the member a row, and the sign-up goes.
/// `fresh` names a member who is new.
///
/// # Errors
/// [`StoreError::KeysMissing`] when the keyring lacks keys: somebody who is a member would come in twice.
pub fn confirm(
    db: &mut Db,
    token: &ConfirmToken,
    terms: &ImportTerms,
    fresh: Pseudonym,
    now: Timestamp,
) -> StoreResult<Pressed> {
    keys_used::require(db, &terms.keyring)?;
    // Locked before it is read, so that two presses at once do not both add lines.
    ledger::lock(db)?;
    let Some(row) = waiting_row(db, token, now)? else {
        return Ok(if is_used(db, token.digest())? { Pressed::Already } else { Pressed::Unknown });
    };
    let (Some(mail_ref), Some(begun_at)) = (&row.mail_ref, row.begun_at) else { return Ok(Pressed::Unknown) };
    let member = members::find_by_fingerprint(db, &Fingerprint::all(&terms.keyring, &row.address))?;
    let before = match &member {
        Some(member) => ledger::events_of(db, &member.pseudonym)?,
        None => Vec::new(),
    };
    let (subject, fingerprint) = member
        .as_ref()
        .map_or_else(|| (fresh, Fingerprint::of(&terms.keyring, &row.address)), |it| (it.pseudonym, it.fingerprint));
    let story = SignUpStory {
        subject,
        fingerprint,
        controller: &terms.controller,
        language: row.language,
        text_version: row.text_version,
        form_version: &row.form_version,
        source: &row.source,
        requested_at: row.requested_at,
        letter: (row.sent_at.unwrap_or(begun_at), mail_ref),
        token,
        confirmed_at: now,
    }
    .lines();
    let state = replay(contents_of(&before).chain(&story));
    if !state.is_some_and(|state| state.consent == Consent::Confirmed && state.last_act_at == Some(now)) {
        return Ok(Pressed::TooEarly);
    }
    keep_member(db, member.as_ref(), (subject, fingerprint), &row)?;
    for event in story {
        consent::append(db, event, terms.lifetime, now)?;
    }
    forget(db, &[fingerprint], Some(&row.address))?;
    count(db, &SIGNUPS_CONFIRMED, 1)?;
    Ok(Pressed::Done)
}

/// The member's row, with the address and the language of the sign-up. What it says of the consent follows from the ledger.
fn keep_member(
    db: &mut Db,
    member: Option<&Member>,
    (subject, fingerprint): (Pseudonym, Fingerprint),
    row: &Row,
) -> StoreResult<()> {
    let reached = (member_rows::address.eq(&row.address), member_rows::language.eq(row.language));
    if let Some(member) = member {
        diesel::update(member_rows::table.find(member.id)).set(reached).execute(db)?;
        return Ok(());
    }
    diesel::insert_into(member_rows::table)
        .values((
            member_rows::pseudonym.eq(subject),
            member_rows::fingerprint.eq(fingerprint.digits()),
            member_rows::fingerprint_key.eq(fingerprint.key()),
            member_rows::consent.eq(Consent::Requested),
            member_rows::consent_since.eq(At(row.requested_at)),
            reached,
        ))
        .execute(db)?;
    Ok(())
}
