//! What an erasure looks for beside the member's own row: wordings that quote the address.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use jiff::Timestamp;

use super::facts::{self, REDACTED};
use super::schema::consent_texts;
use super::{Db, StoreResult};
use crate::keys::{Keyring, Sha256Digest};
use crate::member::{Address, WordingState, note_of_redaction, wording_state};

/// What stands in a wording where an address was.
const ERASED: &str = "[adresse effacée – address erased]";

/// Takes `address` out of every wording that quotes it, and says how many those were. The digest by which the ledger
/// names a wording stays that of the text as it was shown, which nothing can be compared with any more; so the store notes,
/// authenticated with our keys, that the text is ours all the same. A text that was a forgery before gets no such note.
pub fn redact_wordings(db: &mut Db, address: &Address, keyring: &Keyring, now: Timestamp) -> StoreResult<usize> {
    let quoted = address.folded();
    // An underscore in the address stands for any character here: what is found is looked at again.
    let found: Vec<(String, String)> = consent_texts::table
        .filter(sql::<Bool>("lower(body) LIKE ").bind::<Text, _>(format!("%{quoted}%")))
        .load(db)?;
    let mut redacted = 0;
    for (hash, body) in found {
        let Some(without) = without(&body, &quoted) else { continue };
        if let Ok(digest) = hash.parse()
            && state_of(db, &digest, &body, keyring)? != WordingState::Changed
        {
            facts::set(db, &REDACTED.of(digest), &note_of_redaction(&digest, &without, now, keyring))?;
        }
        diesel::update(consent_texts::table.find(&hash)).set(consent_texts::body.eq(without)).execute(db)?;
        redacted += 1;
    }
    Ok(redacted)
}

/// What `body` is, kept as the wording `digest`.
pub(super) fn state_of(db: &mut Db, digest: &Sha256Digest, body: &str, keyring: &Keyring) -> StoreResult<WordingState> {
    let note = facts::get(db, &REDACTED.of(digest))?;
    Ok(wording_state(digest, body, note.as_deref(), keyring))
}

/// `body` without `quoted`, which is in lower case; `None` when it does not quote it.
fn without(body: &str, quoted: &str) -> Option<String> {
    let lower = body.to_ascii_lowercase();
    let mut kept = String::new();
    let mut from = 0;
    while let Some(found) = lower.get(from..).and_then(|rest| rest.find(quoted)) {
        kept.push_str(body.get(from..from + found)?);
        kept.push_str(ERASED);
        from += found + quoted.len();
    }
    if from == 0 {
        return None;
    }
    kept.push_str(body.get(from..)?);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_out_wherever_it_is_quoted() {
        let quoted = "anna@example.fr";
        let body = "« Écrivez à Anna@Example.fr » anna@example.fr";
        assert_eq!(without(body, quoted), Some(format!("« Écrivez à {ERASED} » {ERASED}")));
        assert_eq!(without("J’accepte.", quoted), None);
    }
}
