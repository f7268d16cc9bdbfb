//! What people and programs are told in a report that is text: where it ends and the returned message begins, the fields of a
//! status that stand in it, and the addresses that it names.

use super::mime::Fields;
use super::table::BounceTable;

/// Fields at which a returned message begins, when nothing announces it.
const FIRST_FIELDS: [&str; 5] = ["received:", "return-path:", "x-envelope-from:", "delivered-to:", "mime-version:"];

/// How many bytes of a text are read.
const MOST: usize = 65_536;

/// The addresses of one report that are looked at.
const MOST_ADDRESSES: usize = 20;

/// `text` in two: what the report says, and what comes back with it.
pub(super) fn split_returned<'a>(text: &'a str, table: &BounceTable) -> (&'a str, &'a str) {
    // ASCII letters alone, so that the places stay where they are.
    let low = text.to_ascii_lowercase();
    let announced = table.markers().iter().filter_map(|marker| low.find(marker.as_str())).min();
    let mut at = 0;
    let begun = low.split_inclusive('\n').find_map(|line| {
        let start = at;
        at += line.len();
        FIRST_FIELDS.iter().any(|field| line.starts_with(field)).then_some(start)
    });
    let cut = announced.into_iter().chain(begun).min().unwrap_or(text.len());
    let (told, returned) = text.split_at_checked(cut).unwrap_or((text, ""));
    (up_to(told, MOST), returned)
}

fn up_to(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The blocks of a status report (RFC 3464 2.1) in `text` that are about a recipient.
pub(super) fn recipient_blocks(text: &str) -> Vec<Fields> {
    let names = ["final-recipient", "original-recipient", "action", "status", "diagnostic-code", "remote-mta"];
    let text = text.replace("\r\n", "\n");
    let blocks = text.split("\n\n").map(Fields::read);
    blocks.filter(|block| names.iter().filter(|name| block.get(name).is_some()).count() >= 2).take(100).collect()
}

/// The addresses in `text`, in lower case, each once.
pub(super) fn addresses_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || "<>()[]\"',;:".contains(c)) {
        let word = word.trim_end_matches('.');
        let is_address = word.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
        let word = word.to_ascii_lowercase();
        if is_address && !found.contains(&word) {
            found.push(word);
            if found.len() >= MOST_ADDRESSES {
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_returned_message_is_not_what_the_report_says() {
        let table = BounceTable::built_in();
        let split = |text: &'static str| split_returned(text, table);
        assert_eq!(split("Désolé.\n--- Below this line is a copy of the message.\nx").0, "Désolé.\n");
        assert_eq!(split("no user\n\nReceived: from x\nSubject: spam").0, "no user\n\n");
        assert_eq!(split("all of it").0, "all of it");
    }

    #[test]
    fn blocks_and_addresses() {
        let blocks = recipient_blocks(
            "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@example.fr\nAction: failed\nStatus: 5.1.1\n\nx: y\n",
        );
        assert_eq!(blocks.len(), 1);
        assert_eq!(addresses_in("<A@example.fr>: no (a@example.fr) b@c"), ["a@example.fr"]);
    }
}
