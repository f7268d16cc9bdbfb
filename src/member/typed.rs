//! An address as a person types it into a field, or copies it from somewhere: what programs put around an address is taken
//! off, and nothing is guessed. Of what is no address it says which sign does not belong there, where one sign is to blame.

use super::people_list::is_invisible;
use super::{Address, AddressError};
use crate::text::strip_prefix_in_any_case;

/// What is in front of an address and behind it when it was copied with its quotation marks.
const AROUND: [(char, char); 4] = [('"', '"'), ('\'', '\''), ('«', '»'), ('“', '”')];

/// Why what was typed is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistyped {
    /// What is wrong.
    pub why: AddressError,
    /// The first sign that cannot stand where it stands; a space for all that is blank.
    pub sign: Option<char>,
}

/// The address that somebody typed.
pub fn typed_address(text: &str) -> Result<Address, Mistyped> {
    let seen: String = text.chars().filter(|letter| !is_invisible(*letter)).collect();
    let bare = bare(&seen);
    bare.parse().map_err(|why| Mistyped { why, sign: odd_sign(bare) })
}

/// `text` without a name in front of angle brackets, `mailto:` and what follows its question mark, quotation marks around it,
/// and the end of a sentence.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let inside =
        text.strip_suffix('>').and_then(|text| text.rsplit_once('<')).map_or(text, |(_, inside)| inside.trim());
    let address = match strip_prefix_in_any_case(inside, "mailto:") {
        Some(link) => link.split('?').next().unwrap_or(link),
        None => inside,
    };
    let unquoted =
        AROUND.iter().find_map(|(open, close)| address.strip_prefix(*open)?.strip_suffix(*close)).unwrap_or(address);
    unquoted.trim().trim_end_matches(['.', ',', ';'])
}

fn odd_sign(text: &str) -> Option<char> {
    let (local, domain) = text.rsplit_once('@')?;
    let in_local = |letter: &char| letter.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(*letter);
    let in_domain = |letter: &char| letter.is_alphanumeric() || ".-".contains(*letter);
    let odd =
        local.chars().find(|letter| !in_local(letter)).or_else(|| domain.chars().find(|letter| !in_domain(letter)));
    odd.filter(|sign| !sign.is_control()).map(|sign| if sign.is_whitespace() { ' ' } else { sign })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_copied_along_is_taken_off() {
        for typed in [
            " camille@Example.fr ",
            "Camille Durand <camille@example.fr>",
            "<camille@example.fr>",
            "mailto:camille@example.fr",
            "MAILTO:camille@example.fr?subject=a",
            "camille@example.fr.",
            "\"camille@example.fr\"",
            "« camille@example.fr »",
            "\u{200b}camille@example.fr\u{feff}",
            "cam\u{ad}ille@example.fr;",
        ] {
            let address = typed_address(typed);
            assert_eq!(address.as_ref().map(Address::as_str), Ok("camille@example.fr"), "{typed:?}");
        }
    }

    #[test]
    fn nothing_is_guessed_and_the_sign_is_named() {
        use AddressError::{Domain, Empty, Local, NoAt, NotAscii, Quoted};
        for (typed, why, sign) in [
            ("", Empty, None),
            ("camille.example.fr", NoAt, None),
            ("chloé@example.fr", NotAscii, Some('é')),
            ("camille durand@example.fr", Local, Some(' ')),
            ("camille\u{a0}@example.fr", NotAscii, Some(' ')),
            ("a@b@example.fr", Local, Some('@')),
            ("a,b@example.fr", Local, Some(',')),
            ("\"camille\"@example.fr", Quoted, Some('"')),
            ("a..b@example.fr", Local, None),
            ("camille@example,fr", Domain, Some(',')),
            ("camille@exam_ple.fr", Domain, Some('_')),
            ("camille@example", Domain, None),
            ("a@example.fr, b@example.fr", Local, Some('@')),
        ] {
            assert_eq!(typed_address(typed), Err(Mistyped { why, sign }), "{typed:?}");
        }
    }
}
