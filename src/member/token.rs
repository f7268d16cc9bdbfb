//! The tokens in our links: to leave, to choose, to confirm, and to go on.

use std::fmt;

use super::Pseudonym;
use crate::keys::{KeyId, Keyring, Sha256Digest, TokenKind};

/// It names a member by the pseudonym. It can withdraw a consent and nothing else, and it never expires, because a mail
/// can be read years later.
const UNSUBSCRIBE: TokenKind = TokenKind { version: "v1.", purpose: "unsubscribe" };

/// It names a member as well, and opens the page of choices. Not the same as the one before: mail providers see that one.
const PREFERENCES: TokenKind = TokenKind { version: "p1.", purpose: "preferences" };

/// It names a sign-up by its nonce, and can confirm that one while it waits.
const CONFIRM: TokenKind = TokenKind { version: "c1.", purpose: "confirm" };

/// It names a letter that asks whether to go on, and can renew the consent that the letter is about.
const RENEW: TokenKind = TokenKind { version: "r1.", purpose: "renew" };

/// The token of `pseudonym` under the current key. Always the same for the same member and key.
pub fn unsubscribe_token(keyring: &Keyring, pseudonym: &Pseudonym) -> String {
    // The current key is always there.
    UNSUBSCRIBE.token(keyring, keyring.current(), pseudonym.as_bytes()).unwrap_or_default()
}

/// Whose unsubscribe token this is, or `None` when we did not make it.
pub fn read_unsubscribe_token(keyring: &Keyring, text: &str) -> Option<Pseudonym> {
    UNSUBSCRIBE.read(keyring, text).map(|(_, random)| Pseudonym::from_random(random))
}

/// The token of the page of choices of `pseudonym` under the current key. Always the same for the same member and key.
pub fn preferences_token(keyring: &Keyring, pseudonym: &Pseudonym) -> String {
    // The current key is always there.
    PREFERENCES.token(keyring, keyring.current(), pseudonym.as_bytes()).unwrap_or_default()
}

/// Whose page of choices this token opens, or `None` when we did not make it.
pub fn read_preferences_token(keyring: &Keyring, text: &str) -> Option<Pseudonym> {
    PREFERENCES.read(keyring, text).map(|(_, random)| Pseudonym::from_random(random))
}

/// The token in the link of a confirmation letter. It does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfirmToken(String);

impl ConfirmToken {
    /// The token of the sign-up with this `nonce` under the key `key`, if there is that key. Always the same, so that a
    /// letter that is sent again carries the same link; and nobody can make it from a copy of the store alone.
    pub fn of(keyring: &Keyring, key: KeyId, nonce: &[u8; 16]) -> Option<Self> {
        CONFIRM.token(keyring, key, nonce).map(Self)
    }

    /// The token in `text`, or `None` when we did not make it.
    pub fn read(keyring: &Keyring, text: &str) -> Option<Self> {
        CONFIRM.read(keyring, text).map(|(token, _)| Self(token.to_owned()))
    }

    /// The token. Whoever has it can confirm.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How the store and the ledger know it.
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for ConfirmToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmToken(…)")
    }
}

/// The token in the link of a letter that asks whether to go on. It does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct RenewToken(String);

impl RenewToken {
    /// The token of the letter with this `nonce` ([`super::renewal::nonce`]) under the current key. Always the same.
    pub fn of(keyring: &Keyring, nonce: &[u8; 16]) -> Self {
        // The current key is always there.
        Self(RENEW.token(keyring, keyring.current(), nonce).unwrap_or_default())
    }

    /// The token in `text`, or `None` when we did not make it.
    pub fn read(keyring: &Keyring, text: &str) -> Option<Self> {
        RENEW.read(keyring, text).map(|(token, _)| Self(token.to_owned()))
    }

    /// The token. Whoever has it can renew.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How the store and the ledger know it.
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for RenewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RenewToken(…)")
    }
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
        fn a_confirm_token_that_was_cut_or_changed_confirms_nothing(
            nonce: [u8; 16], cut in 0usize..TokenKind::LENGTH, at in 0usize..TokenKind::LENGTH, letter in "[A-Za-z0-9_.-]",
        ) {
            let keyring = Keyring::generate([1; 32]);
            let token = ConfirmToken::of(&keyring, keyring.current(), &nonce).unwrap();
            prop_assert_eq!(ConfirmToken::read(&keyring, &format!("<{}>.", token.as_str())), Some(token.clone()));
            prop_assert_eq!(ConfirmToken::read(&keyring, &token.as_str()[..cut]), None);
            let mut changed = token.as_str().to_owned();
            changed.replace_range(at..=at, &letter);
            prop_assert_eq!(ConfirmToken::read(&keyring, &changed).is_some(), changed == token.as_str());
            // Made for another use, or with another key.
            prop_assert_eq!(read_unsubscribe_token(&keyring, token.as_str()), None);
            prop_assert_eq!(read_unsubscribe_token(&keyring, &token.as_str().replace("c1.", "v1.")), None);
            let member = Pseudonym::from_random(nonce);
            let choices = preferences_token(&keyring, &member);
            prop_assert_eq!(read_preferences_token(&keyring, &format!("{choices}/")), Some(member));
            prop_assert_eq!(read_unsubscribe_token(&keyring, &choices.replace("p1.", "v1.")), None);
            let way_out = unsubscribe_token(&keyring, &member).replace("v1.", "p1.");
            prop_assert_eq!(read_preferences_token(&keyring, &way_out), None);
            let other = unsubscribe_token(&keyring, &Pseudonym::from_random(nonce));
            prop_assert_eq!(ConfirmToken::read(&keyring, &other.replace("v1.", "c1.")), None);
            let renewal = RenewToken::of(&keyring, &nonce);
            prop_assert_eq!(RenewToken::read(&keyring, &format!("{}/", renewal.as_str())), Some(renewal.clone()));
            prop_assert_eq!(RenewToken::read(&keyring, &token.as_str().replace("c1.", "r1.")), None);
            prop_assert_eq!(ConfirmToken::read(&keyring, &renewal.as_str().replace("r1.", "c1.")), None);
            prop_assert_eq!(ConfirmToken::read(&Keyring::generate([2; 32]), token.as_str()), None);
        }
    }
}
