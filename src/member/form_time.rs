//! When a form was shown: written into the form, authenticated, and given back with it. A program that fills a form in at
//! once, or days later, is told from a person without anything being kept about either.

use jiff::{SignedDuration, Timestamp};

use crate::keys::Keyring;
use crate::keys::hex::{from_hex, to_hex};

const PURPOSE: &str = "form-time";

/// Nobody reads the form and writes an address in less.
const QUICKEST: SignedDuration = SignedDuration::from_secs(2);

/// A form that was shown longer ago may show words that are no longer ours.
const OLDEST: SignedDuration = SignedDuration::from_hours(24);

/// The instant at which a form was shown, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormTime(i64);

/// How old a form is when it is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormAge {
    /// There is no instant in it that we wrote: it is another form than ours.
    Unknown,
    /// It was shown a moment ago.
    TooYoung,
    /// It was shown a while ago.
    Good,
    /// It was shown too long ago.
    TooOld,
}

impl FormTime {
    /// The form is shown at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(now.as_second())
    }

    /// As it stands in the form: the second, a full stop and a MAC.
    pub fn to_text(self, keyring: &Keyring) -> String {
        format!("{}.{}", self.0, to_hex(&keyring.mac(PURPOSE, &[&self.0.to_be_bytes()])))
    }

    /// How old the form with this `text` in it is at `now`.
    pub fn age(keyring: &Keyring, text: &str, now: Timestamp) -> FormAge {
        let Some(Self(second)) = Self::read(keyring, text) else { return FormAge::Unknown };
        let age = SignedDuration::from_secs(now.as_second().saturating_sub(second));
        // A form of the future is one of a clock that has been set back since: it is shown anew as well.
        if age < QUICKEST {
            FormAge::TooYoung
        } else if age > OLDEST {
            FormAge::TooOld
        } else {
            FormAge::Good
        }
    }

    fn read(keyring: &Keyring, text: &str) -> Option<Self> {
        let (second, mac) = text.split_once('.')?;
        let (second, mac) = (second.parse::<i64>().ok()?, from_hex::<16>(mac)?);
        keyring.is_mac(PURPOSE, &[&second.to_be_bytes()], &mac).then_some(Self(second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_back_between_two_seconds_and_a_day() {
        let keyring = Keyring::generate([1; 32]);
        let shown = Timestamp::from_second(1_800_000_000).unwrap();
        let text = FormTime::at(shown).to_text(&keyring);
        for (seconds, age) in [
            (-60, FormAge::TooYoung),
            (0, FormAge::TooYoung),
            (1, FormAge::TooYoung),
            (2, FormAge::Good),
            (86_400, FormAge::Good),
            (86_401, FormAge::TooOld),
        ] {
            let now = shown + SignedDuration::from_secs(seconds);
            assert_eq!(FormTime::age(&keyring, &text, now), age, "{seconds}");
        }
        for text in ["", ".", "1800000000", "1800000000.", &text.replace("18", "17"), &text[..text.len() - 1]] {
            assert_eq!(FormTime::age(&keyring, text, shown), FormAge::Unknown, "{text}");
        }
        assert_eq!(FormTime::age(&Keyring::generate([2; 32]), &text, shown), FormAge::Unknown);
    }
}
