//! The names that a delivery goes by outside: its Message-ID and its return path. Both follow from the store and the
//! keys, are the same on every attempt, and cannot be traced to an address without the keys.

use crate::keys::Keyring;
use crate::keys::hex::to_hex;
use crate::member::Pseudonym;
use crate::text::Slug;

/// The left side of the Message-ID of a mailing for a member. Letters and digits only: Gmail refuses ids with more.
pub fn message_id(keyring: &Keyring, campaign: &Slug, mailing: &str, pseudonym: &Pseudonym, domain: &str) -> String {
    let mac = keyring.mac("message-id", &[campaign.as_str().as_bytes(), mailing.as_bytes(), pseudonym.as_bytes()]);
    format!("<{}@{domain}>", to_hex(&mac))
}

/// The return path of a delivery (VERP): a report that comes back names the delivery, and cannot be forged without the
/// keys.
pub fn return_path(keyring: &Keyring, delivery: i64, domain: &str) -> String {
    let mac = keyring.mac("return-path", &[&delivery.to_be_bytes()]);
    format!("b+{delivery}.{}@{domain}", to_hex(mac.get(..8).unwrap_or(&mac)))
}

#[cfg(test)]
mod tests {
    use super::*;

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
