//! What an erasure looks for beside the member's own row: wordings that quote the address.

use std::collections::{BTreeSet, HashMap};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use jiff::Timestamp;

use super::facts::{self, REDACTED};
use super::schema::consent_texts;
use super::{Db, StoreResult};
use crate::keys::{Keyring, Sha256Digest};
use crate::member::{Address, WordingState, note_of_redaction, wording_state};
use crate::text::strip_prefix_in_any_case;

/// Wordings that are read at once.
const PAGE: i64 = 500;

/// What stands in a wording where an address was.
const ERASED: &str = "[adresse effacée – address erased]";

/// Takes `addresses` out of every wording that quotes one, and says how many those were. The digest by which the ledger
/// names a wording stays that of the text as it was shown, which nothing can be compared with any more; so the store notes,
/// authenticated with our keys, that the text is ours all the same. A text that was a forgery before gets no such note.
pub fn redact_wordings(db: &mut Db, addresses: &[Address], keyring: &Keyring, now: Timestamp) -> StoreResult<usize> {
    // The stores fold ASCII alone, so the part before the `@` narrows the search. An underscore in it stands for any character
    // here: what is found is looked at again. Of many addresses each wording is looked at once.
    let pattern = match addresses {
        [] => return Ok(0),
        [address] => format!("%{}@%", address.local().to_ascii_lowercase()),
        _ => "%@%".to_owned(),
    };
    let mut by_name: HashMap<String, Vec<&Address>> = HashMap::new();
    for address in addresses {
        by_name.entry(address.local().to_ascii_lowercase()).or_default().push(address);
    }
    let (mut redacted, mut after) = (0, String::new());
    loop {
        let page: Vec<(String, String)> = consent_texts::table
            .filter(sql::<Bool>("lower(body) LIKE ").bind::<Text, _>(&pattern))
            .filter(consent_texts::hash.gt(&after))
            .order(consent_texts::hash)
            .limit(PAGE)
            .load(db)?;
        let Some((last, _)) = page.last() else { return Ok(redacted) };
        after.clone_from(last);
        for (hash, body) in page {
            let quoted = names_quoted(&body).into_iter().filter_map(|name| by_name.get(&name)).flatten();
            let mut left = None;
            for address in quoted {
                left = without(left.as_deref().unwrap_or(&body), address).or(left);
            }
            let Some(left) = left else { continue };
            if let Ok(digest) = hash.parse()
                && state_of(db, &digest, &body, keyring)? != WordingState::Changed
            {
                facts::set(db, &REDACTED.of(digest), &note_of_redaction(&digest, &left, now, keyring))?;
            }
            diesel::update(consent_texts::table.find(&hash)).set(consent_texts::body.eq(left)).execute(db)?;
            redacted += 1;
        }
    }
}

/// What may stand before an `@` in `body`, in lower case: each name as far back as one can go, and what follows a character in
/// percent signs.
fn names_quoted(body: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in body.match_indices('@') {
        let before = body.get(..at).unwrap_or_default();
        let start = before.rfind(|char| !goes_on(char)).map_or(0, |index| {
            index + before.get(index..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
        });
        let name = before.get(start..).unwrap_or_default().to_ascii_lowercase();
        for (percent, _) in name.match_indices('%') {
            names.extend(name.get(percent + 3..).map(str::to_owned));
        }
        names.insert(name);
    }
    names
}

/// What `body` is, kept as the wording `digest`.
pub(super) fn state_of(db: &mut Db, digest: &Sha256Digest, body: &str, keyring: &Keyring) -> StoreResult<WordingState> {
    let note = facts::get(db, &REDACTED.of(digest))?;
    Ok(wording_state(digest, body, note.as_deref(), keyring))
}

/// `body` without `address`, however its letters are cased and its domain is written; `None` when it does not quote it.
fn without(body: &str, address: &Address) -> Option<String> {
    let domains = [address.domain().to_owned(), address.domain_in_letters()];
    let (mut kept, mut rest, mut before) = (String::new(), body, "");
    let mut found = false;
    while let Some(first) = rest.chars().next() {
        let quoted = if ends_a_name(before) { None } else { quoted(rest, address.local(), &domains) };
        let length = if let Some(length) = quoted {
            kept.push_str(ERASED);
            found = true;
            length
        } else {
            kept.push(first);
            first.len_utf8()
        };
        before = body.get(..body.len() - rest.len() + length).unwrap_or_default();
        rest = rest.get(length..).unwrap_or_default();
    }
    found.then_some(kept)
}

/// Whether a name before an `@` goes on after `text`: `book@…` does not quote `ok@…`. A character that a link has in
/// percent signs ends, as it may be a bracket.
fn ends_a_name(text: &str) -> bool {
    let is_encoded = text
        .len()
        .checked_sub(3)
        .and_then(|at| text.get(at..))
        .is_some_and(|last| last.starts_with('%') && last.chars().skip(1).all(|char| char.is_ascii_hexdigit()));
    !is_encoded && text.chars().next_back().is_some_and(goes_on)
}

/// Whether a name before an `@` may hold `char`.
fn goes_on(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!#$%*+-/=?^_`{|}~.".contains(char)
}

/// The bytes at the start of `text` that are `local@` and one of `domains`.
fn quoted(text: &str, local: &str, domains: &[String]) -> Option<usize> {
    let after = strip_prefix_in_any_case(text, local)?.strip_prefix('@')?;
    let rest =
        domains.iter().filter_map(|domain| strip_prefix_in_any_case(after, domain)).min_by_key(|rest| rest.len())?;
    let goes_on = rest.chars().next().is_some_and(|char| char.is_alphanumeric() || char == '-');
    (!goes_on).then_some(text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, body: &str, expected: Option<&str>) {
        let expected = expected.map(|text| text.replace('_', ERASED));
        let address: &Address = &address.parse().unwrap();
        let is_looked_for = names_quoted(body).contains(&address.local().to_ascii_lowercase());
        assert!(is_looked_for || expected.is_none(), "{body}");
        assert_eq!(without(body, address), expected, "{body}");
    }

    #[test]
    fn an_address_is_taken_out_wherever_it_is_quoted() {
        let anna = "anna@example.fr";
        check(anna, "« Écrivez à Anna@Example.fr » anna@example.fr.", Some("« Écrivez à _ » _."));
        check(anna, "J’accepte.", None);
        check(anna, "<a href=\"mailto:%3Canna@example.fr\">", Some("<a href=\"mailto:%3C_\">"));
        let koeln = "jo@köln.example";
        check(koeln, "jo@köln.example, JO@KÖLN.EXAMPLE ou jo@xn--kln-sna.example", Some("_, _ ou _"));
    }

    #[test]
    fn the_address_of_somebody_else_stays() {
        for body in ["book@example.net", "o.ok@example.net", "ok@example.network", "ok@example.net-a-porter.fr"] {
            check("ok@example.net", body, None);
        }
    }
}
