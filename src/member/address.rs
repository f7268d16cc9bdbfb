//! An e-mail address that mail can be sent to. It does not print itself: a log line, an error or a debug output shows
//! its first letter and its domain, and only [`Address::as_str`] gives it away.

use std::fmt;
use std::str::FromStr;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use crate::phrase;
use crate::phrase::{Phrase, Spoken};

/// Octets of a local part (RFC 5321 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// Octets of an address: a path of 256 (RFC 5321 4.5.3.1.3) without its angle brackets.
const LONGEST: usize = 254;

/// Why a text is not an address. Never says the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.phrase())]
pub enum AddressError {
    /// There is nothing.
    Empty,
    /// There is a line break, a tab or another control character.
    ControlCharacter,
    /// There is no `@`.
    NoAt,
    /// The part before the `@` is in quotation marks. RFC 5321 allows it and advises against it (4.1.2); behind such
    /// an address there is a mistake or an attack far more often than a person.
    Quoted,
    /// The part before the `@` has accents or other letters that only SMTPUTF8 can carry.
    NotAscii,
    /// The part before the `@` is not one that RFC 5321 allows.
    Local,
    /// The part after the `@` is no domain name of at least two labels.
    Domain,
    /// The whole is longer than SMTP carries.
    TooLong,
}

impl Spoken for AddressError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Empty => phrase!("address-empty"),
            Self::ControlCharacter => phrase!("address-control-character"),
            Self::NoAt => phrase!("address-no-at"),
            Self::Quoted => phrase!("address-quoted"),
            Self::NotAscii => phrase!("address-not-ascii"),
            Self::Local => phrase!("address-local"),
            Self::Domain => phrase!("address-domain"),
            Self::TooLong => phrase!("address-too-long"),
        }
    }
}

/// An address: its local part as typed, its domain as lower-case A-labels.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    text: String,
    at: usize,
}

impl Address {
    /// The whole address. Whoever calls this takes care where it goes.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part before the `@`, as typed.
    pub fn local(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// The domain, in lower-case A-labels.
    pub fn domain(&self) -> &str {
        self.text.get(self.at + 1..).unwrap_or_default()
    }

    /// The domain as people write it: in U-labels, where it is internationalised.
    pub fn domain_in_letters(&self) -> String {
        Uts46::new().to_unicode(self.domain().as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast).0.into_owned()
    }

    /// The form that fingerprints are made of: all in lower case. It may join what a server keeps apart, which on a
    /// list of people not to write to is the safe side.
    pub fn folded(&self) -> String {
        self.text.to_ascii_lowercase()
    }
}

impl FromStr for Address {
    type Err = AddressError;

    /// Reads a mailbox of RFC 5321. Spaces around it are dropped; an internationalised domain becomes A-labels.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(AddressError::ControlCharacter);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        check_local(local)?;
        let domain = a_labels(domain).ok_or(AddressError::Domain)?;
        let text = format!("{local}@{domain}");
        if text.len() > LONGEST {
            return Err(AddressError::TooLong);
        }
        Ok(Self { at: local.len(), text })
    }
}

/// A dot-string of RFC 5321 4.1.2.
fn check_local(local: &str) -> Result<(), AddressError> {
    if local.starts_with('"') {
        return Err(AddressError::Quoted);
    }
    if !local.is_ascii() {
        return Err(AddressError::NotAscii);
    }
    if local.len() > LONGEST_LOCAL {
        return Err(AddressError::TooLong);
    }
    let is_atom = |atom: &str| {
        !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    if local.split('.').all(is_atom) { Ok(()) } else { Err(AddressError::Local) }
}

/// The domain in lower-case A-labels (UTS 46, which normalises to NFC first), or `None` when it is not a name of at
/// least two labels, or is an IPv4 address.
fn a_labels(domain: &str) -> Option<String> {
    let ascii = Uts46::new()
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .ok()?
        .into_owned();
    let (_, top) = ascii.rsplit_once('.')?;
    (!top.bytes().all(|b| b.is_ascii_digit())).then_some(ascii)
}

impl fmt::Display for Address {
    /// `c…@example.fr`: enough to recognise, too little to write to.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = if self.at > 1 { self.text.get(..1).unwrap_or_default() } else { "" };
        f.pad(&format!("{first}…@{}", self.domain()))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, AddressError>) {
        let read = text.parse::<Address>();
        assert_eq!(read.as_ref().map(Address::as_str), expected.as_ref().copied(), "{text:?}");
    }

    #[test]
    fn a_mailbox_is_read_as_typed() {
        check("camille@example.fr", Ok("camille@example.fr"));
        check("  Camille.Durand+soldes@Example.FR\u{a0}", Ok("Camille.Durand+soldes@example.fr"));
        check("o'hara_{x}@mail.example.org", Ok("o'hara_{x}@mail.example.org"));
        check("a@chaussée.example", Ok("a@xn--chausse-gya.example"));
        check("a@chausse\u{301}e.example", Ok("a@xn--chausse-gya.example"));
        check("a@XN--chausse-GYA.example", Ok("a@xn--chausse-gya.example"));
    }

    #[test]
    fn what_is_no_mailbox_is_refused_with_a_reason() {
        check("  ", Err(AddressError::Empty));
        check("camille.example.fr", Err(AddressError::NoAt));
        check("a\r\nBcc: b@example.fr", Err(AddressError::ControlCharacter));
        check("a\0@example.fr", Err(AddressError::ControlCharacter));
        check("\"a b\"@example.fr", Err(AddressError::Quoted));
        check("zoé@example.fr", Err(AddressError::NotAscii));
        for local in ["", ".a", "a.", "a..b", "a b", "a,b", "a@b", "a(b)", "<a"] {
            check(&format!("{local}@example.fr"), Err(AddressError::Local));
        }
        for domain in [
            "",
            "localhost",
            "a..fr",
            "-a.fr",
            "a-.fr",
            "a_b.fr",
            "example.fr.",
            "127.0.0.1",
            "[127.0.0.1]",
            "a b.fr",
            "a.fr>",
        ] {
            check(&format!("a@{domain}"), Err(AddressError::Domain));
        }
        check(&format!("{}@example.fr", "a".repeat(65)), Err(AddressError::TooLong));
        let long = ["b".repeat(60), "c".repeat(60), "d".repeat(60)].join(".");
        check(&format!("{}@{long}.example", "a".repeat(64)), Err(AddressError::TooLong));
    }

    #[test]
    fn an_address_does_not_print_itself() {
        let address: Address = "camille@example.fr".parse().unwrap();
        assert_eq!(format!("{address} {address:?}"), "c…@example.fr c…@example.fr");
        assert_eq!(format!("[{address:>15}]"), "[  c…@example.fr]");
        let short: Address = "c@example.fr".parse().unwrap();
        assert_eq!(short.to_string(), "…@example.fr");
    }

    proptest! {
        #[test]
        fn reading_what_was_read_changes_nothing(text in "\\PC{0,40}|[a-zA-Z.é]{1,10}@[a-zA-Z.éßñ-]{1,20}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.as_str().parse::<Address>(), Ok(address.clone()));
                prop_assert!(address.as_str().is_ascii());
                prop_assert_eq!(format!("{}@{}", address.local(), address.domain()), address.as_str());
            }
        }
    }
}
