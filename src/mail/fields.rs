//! Values that may stand in a header or a link, checked once. None of them can hold a line break.

use std::fmt;
use std::net::IpAddr;

use serde::Serialize;

/// Why a text cannot stand in a letter. Shows the rule, never an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// A control character, or one that turns the direction of writing.
    #[error("a {0} holds a control character")]
    Control(&'static str),
    /// Nothing is left.
    #[error("a {0} is empty")]
    Empty(&'static str),
    /// More than fits.
    #[error("a {what} is longer than {limit} characters")]
    TooLong {
        /// Which value.
        what: &'static str,
        /// How long it may be, in characters.
        limit: usize,
    },
    /// Not of the form that the value must have.
    #[error("a {what} is not {expected}")]
    Form {
        /// Which value.
        what: &'static str,
        /// What it should be.
        expected: &'static str,
    },
}

/// Whether `c` changes the direction of writing, which can make a name or subject read as another one.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One line of visible text, at most `limit` characters long. Runs of spaces become one: encoded words keep no more.
fn one_line(what: &'static str, text: &str, limit: usize) -> Result<String, FieldError> {
    let text = text.trim().split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(FieldError::Empty(what));
    }
    // U+2028 and U+2029 break lines, too, and some readers act on them.
    if text.chars().any(|c| c.is_control() || turns_direction(c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')) {
        return Err(FieldError::Control(what));
    }
    if text.chars().count() > limit {
        return Err(FieldError::TooLong { what, limit });
    }
    Ok(text)
}

/// The name beside an address. A name with a control character does not exist: lettre would panic on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Checks `text`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        one_line("display name", text, 100).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A subject line, at most 150 characters. Most readers show about 60.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(String);

impl Subject {
    /// Checks `text`, without the spaces around it.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        one_line("subject", text, 150).map(Self)
    }

    /// The subject.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same subject, marked so that nobody takes the letter for a real one.
    #[must_use]
    pub fn as_test(&self) -> Self {
        Self(format!("[TEST] {}", self.0))
    }
}

/// A message id with its angle brackets. Gmail refuses others than `<[A-Za-z0-9._-]+@domain>`, a colon is enough.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// Checks `text`, given with or without angle brackets.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let form = FieldError::Form { what: "Message-ID", expected: "`<letters, digits, dots or hyphens@a domain>`" };
        let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
        let Some((left, domain)) = inner.split_once('@') else { return Err(form) };
        let left_fits = !left.is_empty() && left.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if left_fits && is_domain(domain) && inner.len() <= 200 { Ok(Self(format!("<{inner}>"))) } else { Err(form) }
    }

    /// The id with its angle brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

/// The list that a mailing belongs to (RFC 2919), the same for all campaigns: `Avant-premières <presale.example.fr>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListId {
    name: String,
    id: String,
}

impl ListId {
    /// Checks the list's name for people, and its id in the form of a domain.
    pub fn parse(name: &str, id: &str) -> Result<Self, FieldError> {
        let name = one_line("list name", name, 100)?;
        if name.contains(['<', '>', '@', ',', ';', ':', '\\', '"', '(', ')', '[', ']']) {
            return Err(FieldError::Form { what: "list name", expected: "free of brackets, quotes and commas" });
        }
        if !is_domain(id) || !id.contains('.') || id.len() > 200 {
            return Err(FieldError::Form { what: "list id", expected: "of the form `presale.example.fr`" });
        }
        Ok(Self { name, id: id.to_owned() })
    }

    /// The list's id, in the form of a domain.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The list's name for people.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.id)
    }
}

/// Names of groups, never of persons, by which Gmail sums up complaints: `campaign:kind:list:sender`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedbackId(String);

impl FeedbackId {
    /// Joins up to three group names and the constant sender id of 5 to 15 characters.
    pub fn new(groups: &[&str], sender: &str) -> Result<Self, FieldError> {
        let fits = |text: &str| {
            !text.is_empty()
                && text.len() <= 64
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        };
        if groups.len() > 3 || !groups.iter().all(|group| fits(group)) {
            let expected = "up to three names of letters, digits, dots and hyphens";
            return Err(FieldError::Form { what: "Feedback-ID", expected });
        }
        if !fits(sender) || !(5..=15).contains(&sender.len()) {
            let expected = "closed by a sender id of 5 to 15 letters and digits";
            return Err(FieldError::Form { what: "Feedback-ID", expected });
        }
        let fields: Vec<&str> = groups.iter().copied().chain([sender]).collect();
        Ok(Self(fields.join(":")))
    }

    /// The field's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An absolute web address that can stand in a link and in a header: ASCII, no spaces, no quotes, at most 900 bytes.
///
/// Templates are given their links as this type, so that `javascript:` cannot reach an `href`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct WebAddress(String);

impl WebAddress {
    /// Checks `text`: `https://…`, or `http://…` where a deployment or a rehearsal has nothing better.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let form = FieldError::Form { what: "link", expected: "a web address that starts with `https://`" };
        let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
            return Err(form);
        };
        let visible = text.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&b));
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if !visible || host.is_empty() || host.contains('@') || text.len() > 900 {
            Err(form)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// Whether the address is encrypted, or stays on this machine.
    pub fn is_private(&self) -> bool {
        self.0.starts_with("https://") || self.is_loopback()
    }

    fn is_loopback(&self) -> bool {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = match authority.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_control_character_does_not_exist() {
        for text in ["Exemple\r\nBcc: x@example.net", "a\0b", "a\tb", "ab\u{202e}c", "a\u{2028}b", "", "  "] {
            assert!(DisplayName::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(DisplayName::parse(" L’Atelier, Élise & fils ").unwrap().as_str(), "L’Atelier, Élise & fils");
    }

    #[test]
    fn a_message_id_has_the_shape_that_gmail_takes() {
        assert_eq!(MessageId::parse("m1.a-b_c@news.example.fr").unwrap().as_str(), "<m1.a-b_c@news.example.fr>");
        for text in [
            "",
            "<a:b@example.fr>",
            "<ab>",
            "<a@b@c>",
            "<é@example.fr>",
            "<a@>",
            "<a@-b>",
            "<a b@example.fr>",
            "a@b\r\n",
        ] {
            assert!(MessageId::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_link_is_a_web_address() {
        for text in ["https://example.fr", "https://news.example.fr/u/v1.abc?x=1#y", "http://127.0.0.1:8080/u/x"] {
            assert!(WebAddress::parse(text).is_ok(), "{text}");
        }
        for text in [
            "javascript:alert(1)",
            "mailto:a@example.fr",
            "https://",
            "https:///x",
            "https://exa mple.fr",
            "https://a\nb",
            "https://é.fr",
            "https://example.fr/\"onclick",
            "https://user@example.fr/",
        ] {
            assert!(WebAddress::parse(text).is_err(), "{text:?}");
        }
        assert!(WebAddress::parse("http://[::1]:80/").unwrap().is_private());
        assert!(!WebAddress::parse("http://example.fr/").unwrap().is_private());
    }

    #[test]
    fn a_feedback_id_names_groups() {
        let id = FeedbackId::new(&["journees-magiques", "opening", "presale"], "exemple").unwrap();
        assert_eq!(id.as_str(), "journees-magiques:opening:presale:exemple");
        assert!(FeedbackId::new(&["a", "b", "c", "d"], "exemple").is_err());
        assert!(FeedbackId::new(&["a:b"], "exemple").is_err());
        assert!(FeedbackId::new(&["a"], "four").is_err());
    }

    #[test]
    fn a_list_has_a_name_and_a_domain() {
        let list = ListId::parse("Avant-premières", "presale.example.fr").unwrap();
        assert_eq!(list.to_string(), "Avant-premières <presale.example.fr>");
        assert!(ListId::parse("a <b>", "presale.example.fr").is_err());
        assert!(ListId::parse("a", "presale example").is_err());
    }
}
