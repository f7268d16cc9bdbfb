//! Who a message is from and for on the wire, and its bytes.

use std::fmt;

use lettre::Address;

/// An address that cannot be written into an envelope. It does not hold the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {side} is not an address that mail can be sent with")]
pub struct EnvelopeError {
    /// `return path` or `recipient`.
    side: &'static str,
}

/// One return path and one recipient: every message goes to one person. Domains are in their ASCII form.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    from: Option<Address>,
    to: Address,
}

impl Envelope {
    /// An envelope from `from` to `to`. An empty `from` is the null return path, for mail that must not bounce.
    pub fn new(from: &str, to: &str) -> Result<Self, EnvelopeError> {
        let from = match from {
            "" => None,
            from => Some(wire_address(from).ok_or(EnvelopeError { side: "return path" })?),
        };
        let to = wire_address(to).ok_or(EnvelopeError { side: "recipient" })?;
        Ok(Self { from, to })
    }

    /// The recipient, as on the wire.
    pub fn to(&self) -> &str {
        self.to.as_ref()
    }

    /// The return path, as on the wire; empty for the null one.
    pub fn from(&self) -> &str {
        self.from.as_ref().map_or("", AsRef::as_ref)
    }

    pub(super) fn sender(&self) -> Option<Address> {
        self.from.clone()
    }

    pub(super) fn recipient(&self) -> Address {
        self.to.clone()
    }

    /// Whether a part before an `@` needs SMTPUTF8 (RFC 6531).
    pub(super) fn needs_utf8(&self) -> bool {
        !(self.to().is_ascii() && self.from().is_ascii())
    }

    /// `text` without either address.
    pub(super) fn redact(&self, text: &str) -> String {
        let text = super::redact(text, self.to());
        if self.from.is_some() { super::redact(&text, self.from()) } else { text }
    }
}

impl fmt::Debug for Envelope {
    /// Addresses stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope").finish_non_exhaustive()
    }
}

fn wire_address(text: &str) -> Option<Address> {
    let (local, domain) = text.rsplit_once('@')?;
    let domain = if domain.is_ascii() { domain.to_owned() } else { idna::domain_to_ascii(domain).ok()? };
    Address::new(local, domain).ok()
}

/// A finished message.
#[derive(Clone, Copy)]
pub struct MessageBytes<'a> {
    /// Its Message-ID, with or without angle brackets.
    pub message_id: &'a str,
    /// The message as RFC 5322 wants it, headers first.
    pub bytes: &'a [u8],
}

impl fmt::Debug for MessageBytes<'_> {
    /// Bodies stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageBytes").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, expected: Result<&str, &str>) {
        let envelope = Envelope::new(from, to);
        let found = envelope.as_ref().map(Envelope::to).map_err(|error| error.side);
        assert_eq!(found, expected);
    }

    #[test]
    fn addresses_on_the_wire() {
        check("b@example.fr", "camille@example.fr", Ok("camille@example.fr"));
        check("", "camille@exämple.fr", Ok("camille@xn--exmple-cua.fr"));
        check("b@example.fr", "hélène@example.fr", Ok("hélène@example.fr"));
        check("b@example.fr", "camille", Err("recipient"));
        check("b@example.fr", "c@example.fr>\r\nRCPT TO:<d@example.fr", Err("recipient"));
        check("b\r\n@example.fr", "camille@example.fr", Err("return path"));
    }

    #[test]
    fn an_envelope_shows_nobody() {
        let envelope = Envelope::new("b@example.fr", "camille@example.fr").unwrap();
        assert_eq!(format!("{envelope:?}"), "Envelope { .. }");
        assert!(!Envelope::new("b@example.fr", "camille at").unwrap_err().to_string().contains("camille"));
    }
}
