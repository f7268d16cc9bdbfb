//! The token in an unsubscribe link: who, and a proof that we made it. It can withdraw a consent and nothing else, and
//! it never expires, because a mail can be read years later.
//!
//! `v1.` and 48 characters of base64url: 16 bytes of pseudonym, 4 of key id, 16 of MAC.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::{KeyId, Keyring, Pseudonym};

const VERSION: &str = "v1.";
const PURPOSE: &str = "unsubscribe";

/// The token of `pseudonym` under the current key. Always the same for the same member and key.
pub fn unsubscribe_token(keyring: &Keyring, pseudonym: &Pseudonym) -> String {
    let mut bytes = [0; 36];
    let key = keyring.current();
    let fields = pseudonym.as_bytes().iter().chain(key.as_bytes()).copied();
    for (byte, field) in bytes.iter_mut().zip(fields.chain(keyring.mac(PURPOSE, &[pseudonym.as_bytes()]))) {
        *byte = field;
    }
    format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Characters of a token.
const LENGTH: usize = VERSION.len() + 48;

/// Whose token this is, or `None` when we did not make it. Mail programs make links of more than the link: what stands
/// before and behind the token (a bracket, a slash, a full stop) is not part of it.
pub fn read_unsubscribe_token(keyring: &Keyring, text: &str) -> Option<Pseudonym> {
    let token = text.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric()).get(..LENGTH)?;
    let bytes: [u8; 36] = URL_SAFE_NO_PAD.decode(token.strip_prefix(VERSION)?).ok()?.try_into().ok()?;
    let (pseudonym, rest) = bytes.split_first_chunk::<16>()?;
    let (key, mac) = rest.split_first_chunk::<4>()?;
    let expected = keyring.mac_under(KeyId::from_bytes(*key), PURPOSE, &[pseudonym])?;
    bool::from(expected.ct_eq(mac)).then(|| Pseudonym::from_random(*pseudonym))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_token_withdraws_for_its_member_under_any_of_our_keys() {
        let old = Keyring::generate([1; 32]);
        let member = Pseudonym::from_random([9; 16]);
        let token = unsubscribe_token(&old, &member);
        assert_eq!(token.len(), 51);
        assert_eq!(read_unsubscribe_token(&old, &token), Some(member));
        let new = Keyring::generate([2; 32]);
        assert_eq!(read_unsubscribe_token(&new, &token), None);
        let text = format!("{}{}", new.to_text().expose_secret(), old.to_text().expose_secret());
        assert_eq!(read_unsubscribe_token(&Keyring::parse(&text).unwrap(), &token), Some(member));
    }

    #[test]
    fn a_changed_token_is_nobodys() {
        let keyring = Keyring::generate([1; 32]);
        let token = unsubscribe_token(&keyring, &Pseudonym::from_random([9; 16]));
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(read_unsubscribe_token(&keyring, &String::from_utf8(changed).unwrap()), None, "{at}");
        }
        for text in ["", "v1.", "v2.", &token[3..], &token[..50], &format!("x{token}"), &token.to_lowercase()] {
            assert_eq!(read_unsubscribe_token(&keyring, text), None, "{text}");
        }
    }

    #[test]
    fn what_a_mail_program_put_around_a_token_is_no_part_of_it() {
        let (keyring, member) = (Keyring::generate([1; 32]), Pseudonym::from_random([9; 16]));
        let token = unsubscribe_token(&keyring, &member);
        for (before, after) in [
            ("", "/"),
            ("", "."),
            ("", "..."),
            ("", ">"),
            ("<", "&gt;"),
            ("(", "),"),
            (" ", "\r\n"),
            ("", "="),
            ("", "é"),
        ] {
            let text = format!("{before}{token}{after}");
            assert_eq!(read_unsubscribe_token(&keyring, &text), Some(member), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_taken_for_a_token(text in "\\PC{0,60}|v1\\.[A-Za-z0-9_-]{48}") {
            prop_assert_eq!(read_unsubscribe_token(&Keyring::generate([1; 32]), &text), None);
        }
    }
}
