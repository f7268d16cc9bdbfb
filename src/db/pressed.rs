//! What came of the button on a page that a letter's link leads to, and what is true of whoever has pressed it.

use diesel::dsl::exists;
use diesel::prelude::*;
use jiff::Timestamp;

use super::schema::consent_events;
use super::{Db, StoreResult, members};
use crate::keys::Sha256Digest;
use crate::member::{Consent, Language, Pseudonym};

/// What became of a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// What it asks for is in the ledger now.
    Done,
    /// The button had been pressed before.
    Already,
    /// The link leads to nothing.
    Unknown,
    /// The clock is behind what the ledger holds about the person, so that the press would count for nothing. Nothing was
    /// written.
    TooEarly,
}

/// What is true of a person whose link was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AfterPress {
    /// The language of the person.
    pub language: Language,
    /// Whether the person's consent counts: who has left since is not told that all is well.
    pub counts: bool,
}

/// Whether the link whose token has this digest was used.
pub(super) fn is_used(db: &mut Db, token: Sha256Digest) -> StoreResult<bool> {
    let used = consent_events::table.filter(consent_events::token_fp.eq(token));
    Ok(diesel::select(exists(used)).get_result(db)?)
}

/// The person who used the link whose token has this digest. None when nobody did.
pub(super) fn subject_of(db: &mut Db, token: Sha256Digest) -> StoreResult<Option<Pseudonym>> {
    let used = consent_events::table.filter(consent_events::token_fp.eq(token));
    Ok(used.order(consent_events::seq.desc()).select(consent_events::subject).first(db).optional()?)
}

/// What is true at `now` of the person who used the link whose token has this digest. None when nobody did.
pub fn used_by(db: &mut Db, token: Sha256Digest, now: Timestamp) -> StoreResult<Option<AfterPress>> {
    let subject = subject_of(db, token)?;
    let member = subject.map(|subject| members::find(db, &subject)).transpose()?.flatten();
    Ok(member.map(|member| AfterPress {
        language: member.language,
        counts: member.consent == Consent::Confirmed && member.expires_at.is_none_or(|end| end > now),
    }))
}
