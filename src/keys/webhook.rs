//! The secret that a webhook is signed with, and the signature: the form of Standard Webhooks, so that whoever receives it
//! can check it with a library of theirs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

/// What the text of a secret begins with.
const PREFIX: &str = "whsec_";

/// How many bytes a secret may have: fewer can be guessed, and more add nothing.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// The secret of one webhook.
#[derive(Clone, Debug)]
pub struct WebhookSecret(SecretSlice<u8>);

/// A text is no secret for a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoWebhookSecret;

impl WebhookSecret {
    /// Reads `whsec_` and the base64 of the bytes.
    ///
    /// # Errors
    /// When it has another form, or too few or too many bytes.
    pub fn parse(text: &str) -> Result<Self, NoWebhookSecret> {
        let bytes =
            text.trim().strip_prefix(PREFIX).and_then(|rest| STANDARD.decode(rest).ok()).ok_or(NoWebhookSecret)?;
        if LENGTHS.contains(&bytes.len()) { Ok(Self(bytes.into())) } else { Err(NoWebhookSecret) }
    }

    /// The signature of a message that is sent at `at`: the value of `webhook-signature`.
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        // Every length makes a key.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()) else { return String::new() };
        mac.update(format!("{id}.{}.", at.as_second()).as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_what_others_make_of_the_same() {
        let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, br#"{"test": 2432232314}"#);
        // By another program, from the same four.
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_long_enough_and_has_its_form() {
        for text in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_!!!!"] {
            assert_eq!(WebhookSecret::parse(text).unwrap_err(), NoWebhookSecret, "{text}");
        }
        let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert!(!format!("{secret:?}").contains("Mf"), "{secret:?}");
    }
}
