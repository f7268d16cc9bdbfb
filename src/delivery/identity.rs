//! The names that a delivery goes by outside: its Message-ID and its return path. Both follow from the store and the
//! keys, are the same on every attempt, and cannot be traced to an address without the keys. They outlive a change of
//! keys: a Message-ID follows from the first key that there ever was, so that an attempt after the change carries the same
//! one; a return path from the current key, and one that was made with an older key is still known as ours.

use crate::keys::hex::to_hex;
use crate::keys::{Keyring, ReturnPathKind};
use crate::member::Pseudonym;
use crate::text::Slug;

/// The left side of the Message-ID of a mailing for a member. Letters and digits only: Gmail refuses ids with more.
pub fn message_id(keyring: &Keyring, campaign: &Slug, mailing: &str, pseudonym: &Pseudonym, domain: &str) -> String {
    let mac =
        keyring.lasting_mac("message-id", &[campaign.as_str().as_bytes(), mailing.as_bytes(), pseudonym.as_bytes()]);
    format!("<{}@{domain}>", to_hex(&mac))
}

/// The return paths of deliveries.
const RETURN_PATH: ReturnPathKind = ReturnPathKind { begins: "b+", purpose: "return-path" };

/// The return path of a delivery (VERP): a report that comes back names the delivery, and cannot be forged without the
/// keys.
pub fn return_path(keyring: &Keyring, delivery: i64, domain: &str) -> String {
    RETURN_PATH.address(keyring, delivery, &[], domain)
}

/// The delivery that `address`, a return path, names; `None` when we did not make it, under any of our keys.
pub fn delivery_of(keyring: &Keyring, address: &str) -> Option<i64> {
    RETURN_PATH.number(address).filter(|_| RETURN_PATH.is_ours(keyring, address, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_outlive_a_change_of_keys() {
        use secrecy::ExposeSecret;
        let old = Keyring::generate([7; 32]);
        let text = format!("{}{}", Keyring::generate([8; 32]).to_text().expose_secret(), old.to_text().expose_secret());
        let both = Keyring::parse(&text).unwrap();
        let (hiver, anna) = ("hiver".parse().unwrap(), Pseudonym::from_random([1; 16]));
        let id = |keyring: &Keyring| message_id(keyring, &hiver, "opening", &anna, "news.example.fr");
        assert_eq!(id(&both), id(&old));
        let path = return_path(&old, 42, "b.example.fr");
        assert_eq!(delivery_of(&both, &path), Some(42));
        let new = return_path(&both, 42, "b.example.fr");
        assert_ne!(new, path);
        assert_eq!(delivery_of(&both, &new), Some(42));
        assert_eq!(delivery_of(&old, &new), None);
        for forged in ["", "b+42.@b.example.fr", &path.replace("42", "43"), &path.replace("b+", "c+"), "b+x.y@z"] {
            assert_eq!(delivery_of(&both, forged), None, "{forged}");
        }
    }

    #[test]
    fn names_are_stable_and_differ() {
        let keyring = Keyring::generate([7; 32]);
        let (anna, bela) = (Pseudonym::from_random([1; 16]), Pseudonym::from_random([2; 16]));
        let id = |mailing, member| message_id(&keyring, &"hiver".parse().unwrap(), mailing, member, "news.example.fr");
        assert_eq!(id("opening", &anna), id("opening", &anna));
        assert_ne!(id("opening", &anna), id("opening", &bela));
        assert_ne!(id("opening", &anna), id("last-hours", &anna));
        assert!(id("opening", &anna).ends_with("@news.example.fr>"));
        let path = return_path(&keyring, 42, "b.example.fr");
        assert!(path.starts_with("b+42.") && path.ends_with("@b.example.fr"), "{path}");
        assert_eq!(path.len(), "b+42.".len() + 16 + "@b.example.fr".len());
        assert_ne!(path.get(5..21), return_path(&keyring, 43, "b.example.fr").get(5..21));
    }
}
