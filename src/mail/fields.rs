//! Values that the program itself puts into a header, checked once. None of them can hold a line break.

use crate::text::{ListIdError, TextError, WebAddressError, is_domain};

/// Why a value cannot stand in a letter. Shows the rule, never a member's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Not of the form that the value must have.
    #[error("a {what} is not {expected}")]
    Form {
        /// Which value.
        what: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A text that cannot be shown.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A link that leads nowhere.
    #[error("a link is not a web address: {0}")]
    Address(#[from] WebAddressError),
    /// A list that cannot be named so.
    #[error(transparent)]
    List(#[from] ListIdError),
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_feedback_id_names_groups() {
        let id = FeedbackId::new(&["journees-magiques", "opening", "presale"], "exemple").unwrap();
        assert_eq!(id.as_str(), "journees-magiques:opening:presale:exemple");
        assert!(FeedbackId::new(&["a", "b", "c", "d"], "exemple").is_err());
        assert!(FeedbackId::new(&["a:b"], "exemple").is_err());
        assert!(FeedbackId::new(&["a"], "four").is_err());
    }
}
