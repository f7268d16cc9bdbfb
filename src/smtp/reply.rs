//! One reply of a relay, and the enhanced status in it.
//!
//! The parser is strict where a mistake would put the session one reply behind, and lenient where relays are known to
//! be: a bare code without text, a line that ends in LF alone, and text that is not UTF-8.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// An enhanced status code such as `5.1.1` (RFC 3463).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Enhanced {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u16,
    /// What it is about: 1 the address, 2 the mailbox, 3 the mail system, 4 the network, 5 the protocol, 6 the content,
    /// 7 security or policy.
    pub subject: u16,
    /// The detail within the subject.
    pub detail: u16,
}

impl Enhanced {
    /// `class.subject.detail`.
    pub const fn new(class: u16, subject: u16, detail: u16) -> Self {
        Self { class, subject, detail }
    }

    /// The first status in `text` whose class agrees with the reply `code`, as RFC 2034 §4 asks. Relays write it first;
    /// some write it in brackets at the end.
    pub fn find(code: u16, text: &str) -> Option<Self> {
        let words = text.split(|c: char| !(c.is_ascii_digit() || c == '.')).map(|word| word.trim_matches('.'));
        words.filter_map(|word| word.parse().ok()).find(|status: &Self| status.class == code / 100)
    }
}

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl Serialize for Enhanced {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is no enhanced status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an enhanced status code, such as `5.1.1`")]
pub struct NotEnhanced;

impl FromStr for Enhanced {
    type Err = NotEnhanced;

    fn from_str(text: &str) -> Result<Self, NotEnhanced> {
        let number = |part: Option<&str>| {
            let part = part.filter(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))?;
            part.parse::<u16>().ok()
        };
        let mut parts = text.split('.');
        match (number(parts.next()), number(parts.next()), number(parts.next()), parts.next()) {
            (Some(class @ (2 | 4 | 5)), Some(subject), Some(detail), None) => Ok(Self { class, subject, detail }),
            _ => Err(NotEnhanced),
        }
    }
}

/// What a relay said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// Three digits.
    pub(super) code: u16,
    /// The text of each line, without control characters.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// 4 for "not now", 5 for "no".
    pub(super) fn class(&self) -> u16 {
        self.code / 100
    }

    /// All lines in one.
    pub(super) fn text(&self) -> String {
        self.lines.join(" ")
    }
}

/// One line of a reply: its code, its text, and whether it is the last.
pub struct ReplyLine {
    /// Three digits.
    pub code: u16,
    /// What follows the code, without control characters.
    pub text: String,
    /// Whether the reply ends with it.
    pub last: bool,
}

impl ReplyLine {
    /// Reads one line, with or without its line end; `None` when it is not SMTP.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (code, rest) = bytes.trim_ascii_end().split_at_checked(3)?;
        if !matches!(code, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9']) {
            return None;
        }
        let code = std::str::from_utf8(code).ok()?.parse().ok()?;
        let (last, text) = match rest {
            [] => (true, rest),
            [b' ' | b'\t', text @ ..] => (true, text),
            [b'-', text @ ..] => (false, text),
            _ => return None,
        };
        let text = String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).collect();
        Some(Self { code, text, last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &[u8], expected: Option<(u16, &str, bool)>) {
        let line = ReplyLine::parse(line);
        assert_eq!(line.as_ref().map(|line| (line.code, line.text.as_str(), line.last)), expected);
    }

    #[test]
    fn reply_lines() {
        check(b"250 2.0.0 Ok\r\n", Some((250, "2.0.0 Ok", true)));
        check(b"250-SIZE 100\r\n", Some((250, "SIZE 100", false)));
        check(b"250\r\n", Some((250, "", true)));
        check(b"250 \n", Some((250, "", true)));
        check(b"550 refus\xe9\r\n", Some((550, "refus\u{fffd}", true)));
        check(b"550 a\x07b\r\n", Some((550, "ab", true)));
        check(b"2500 ok\r\n", None);
        check(b"150 ok\r\n", None);
        check(b"HTTP/1.1 400\r\n", None);
        check(b"", None);
    }

    #[track_caller]
    fn finds(code: u16, text: &str, expected: Option<&str>) {
        assert_eq!(Enhanced::find(code, text).map(|status| status.to_string()).as_deref(), expected);
    }

    #[test]
    fn enhanced_statuses() {
        finds(550, "5.1.1 no such user", Some("5.1.1"));
        finds(550, "User unknown (#5.1.10).", Some("5.1.10"));
        finds(550, "4.7.1 comes first, but 5.7.1 agrees", Some("5.7.1"));
        finds(450, "5.1.1 does not agree", None);
        finds(550, "blocked: 5.6.7.8 is listed", None);
        finds(550, "5.1 or 5..1 or 5.1.1000", None);
        finds(550, "", None);
    }
}
