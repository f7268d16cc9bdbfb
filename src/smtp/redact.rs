//! Taking an address out of what a relay said, before anyone stores or logs it.

use crate::text::strip_prefix_in_any_case;

/// Replaces `address` in `text`: written whole, in any case and with either form of its domain, and its part before the
/// `@` where that stands alone. Relays like to repeat who they refused. Any other address goes too: a relay may name the
/// one that the person has moved to.
///
/// What stands in its place is `[…]`, which says that something was there.
pub fn redact(text: &str, address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let mut text = text.to_owned();
    let has_address = text.contains('@');
    if has_address && !domain.is_empty() {
        text = replace(&text, address, |_, _| true);
        for form in [idna::domain_to_ascii(domain).ok(), Some(idna::domain_to_unicode(domain).0)].into_iter().flatten()
        {
            text = replace(&text, &format!("{local}@{form}"), |_, _| true);
        }
    }
    if has_address {
        text = without_addresses(&text);
    }
    let stands_alone = |before: Option<char>, after: Option<char>| {
        let joined = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '+'));
        !joined(before) && !joined(after)
    };
    replace(&text, local, stands_alone)
}

/// Replaces every word with an `@` inside.
fn without_addresses(text: &str) -> String {
    let around = |c: char| c.is_whitespace() || "<>()[]\"',;:".contains(c);
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(around) {
        let word = piece.trim_end_matches(around);
        let is_address = word.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
        out.push_str(if is_address { "[…]" } else { word });
        out.push_str(piece.strip_prefix(word).unwrap_or_default());
    }
    out
}

/// Replaces `needle` in any case wherever `fits` likes the characters before and after it.
fn replace(text: &str, needle: &str, fits: impl Fn(Option<char>, Option<char>) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        match strip_prefix_in_any_case(rest, needle) {
            Some(after) if fits(out.chars().next_back(), after.chars().next()) => {
                out.push_str("[…]");
                rest = after;
            }
            _ => {
                out.push(next);
                rest = rest.get(next.len_utf8()..).unwrap_or_default();
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, address: &str, expected: &str) {
        assert_eq!(redact(text, address), expected);
    }

    #[test]
    fn an_address_is_taken_out() {
        let camille = "Camille.Durand@example.fr";
        check("5.1.1 <camille.durand@EXAMPLE.FR>: unknown", camille, "5.1.1 <[…]>: unknown");
        check("user <CAMILLE.DURAND> unknown", camille, "user <[…]> unknown");
        check("no mailbox camille.durand here", camille, "no mailbox […] here");
        check("551 moved to <cd@other.example>; SRS=x=c@y.example", camille, "551 moved to <[…]>; […]");
        check("contact postmaster@relay.example.", camille, "contact […]");
        check("@example.fr does not know camille.durand@", camille, "@example.fr does not know […]@");
        check("jean-camille.durand is another", camille, "jean-camille.durand is another");
        check("é@exämple.fr and é@xn--exmple-cua.fr", "é@exämple.fr", "[…] and […]");
        check("nothing to hide", camille, "nothing to hide");
        check("", camille, "");
        check("anything", "", "anything");
    }

    proptest! {
        #[test]
        fn no_address_survives(before in ".{0,20}", after in ".{0,20}", local in "[a-z]{1,8}(\\.[a-z]{1,8})?", upper: bool) {
            let address = format!("{local}@example.fr");
            let said = if upper { address.to_uppercase() } else { address.clone() };
            let text = redact(&format!("{before}{said}{after}"), &address);
            prop_assert!(!text.to_lowercase().contains(&address), "{text}");
        }
    }
}
