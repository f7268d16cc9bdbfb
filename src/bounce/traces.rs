//! What in a message could prove that it is about something of ours: return paths, Message-IDs, unsubscribe tokens. Only their form
//! is looked at here; whether we made them is asked of the keys.

use std::collections::BTreeSet;

use super::mime::Dissected;
use crate::smtp::redact;

/// How many of each are kept. A message that is about one delivery has one or two.
const MOST: usize = 20;

/// The characters of a token in a link: its version, then base64url.
const TOKEN: usize = 51;

/// What could prove whom a message is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// What looks like a return path of ours, wherever it stands: `b+42.0123456789abcdef@b.example.fr`, or with `c` or `r`.
    pub return_paths: Vec<String>,
    /// What looks like the left side of a Message-ID of ours, with its domain: `<0123…@news.example.fr>`.
    pub message_ids: Vec<String>,
    /// Tokens in the addresses that the message came to.
    pub asked_by: Vec<String>,
    /// Tokens anywhere.
    pub tokens: Vec<String>,
    /// Tokens of letters that ask for a confirmation, anywhere.
    pub confirm_tokens: Vec<String>,
}

/// Fields that tell which address a message came to.
const RECIPIENT_FIELDS: [&str; 7] =
    ["delivered-to", "x-original-to", "x-envelope-to", "envelope-to", "x-delivered-to", "to", "cc"];

impl Traces {
    /// Looks through the bytes as they came, and through what was decoded of them. `recipient` is the address that the mail
    /// server says it came to.
    pub(super) fn find(bytes: &[u8], mail: &Dissected, recipient: Option<&str>) -> Self {
        let raw = String::from_utf8_lossy(bytes);
        let texts = || std::iter::once(&*raw).chain(mail.parts.iter().map(|part| part.text.as_str())).chain(recipient);
        let addressed: Vec<&str> =
            RECIPIENT_FIELDS.iter().flat_map(|name| mail.fields.all(name)).chain(recipient).collect();
        Self {
            return_paths: gather(texts().flat_map(return_paths)),
            message_ids: gather(texts().flat_map(message_ids)),
            asked_by: gather(addressed.iter().flat_map(|text| tokens(text, "u+v1."))),
            tokens: gather(texts().flat_map(|text| tokens(text, "v1."))),
            confirm_tokens: gather(texts().flat_map(|text| tokens(text, "c1."))),
        }
    }
}

fn gather(found: impl Iterator<Item = String>) -> Vec<String> {
    // Bounded before it is gathered: a message can hold a million of them.
    let found: BTreeSet<String> = found.take(MOST * 50).collect();
    found.into_iter().take(MOST).collect()
}

/// What our return paths begin with: those of deliveries, of letters that ask for a confirmation, of letters that ask whether to
/// go on.
pub(super) const BEGIN_RETURN_PATHS: [&str; 3] = ["b+", "c+", "r+"];

/// One of the beginnings, digits, a full stop, sixteen hexadecimal digits, an `@` and a domain.
fn return_paths(text: &str) -> impl Iterator<Item = String> {
    let begin = |(plus, _): (usize, &str)| {
        let at = plus.checked_sub(1)?;
        BEGIN_RETURN_PATHS.contains(&text.get(at..=plus)?).then_some(at)
    };
    text.match_indices('+').filter_map(begin).filter_map(|at| {
        let rest = text.get(at..)?;
        let digits = rest.get(2..)?.bytes().take(20).take_while(u8::is_ascii_digit).count();
        let after = rest.get(2 + digits..)?.strip_prefix('.')?;
        let mac = after.bytes().take(16).take_while(u8::is_ascii_hexdigit).count();
        let domain = after.get(mac..)?.strip_prefix('@')?;
        let end =
            domain.bytes().take(253).take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte)).count();
        (digits > 0 && mac == 16 && end > 0)
            .then(|| rest.get(..2 + digits + 1 + mac + 1 + end).map(str::to_ascii_lowercase))?
    })
}

/// Thirty-two hexadecimal digits between `<` and `@`, and a domain.
fn message_ids(text: &str) -> impl Iterator<Item = String> {
    text.match_indices('<').filter_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        let mac = rest.bytes().take(33).take_while(u8::is_ascii_hexdigit).count();
        let domain = rest.get(mac..)?.strip_prefix('@')?;
        let end = domain.bytes().take(254).position(|byte| byte == b'>')?;
        let domain = domain.get(..end)?;
        (mac == 32).then(|| rest.get(..mac).map(|mac| format!("<{}@{domain}>", mac.to_ascii_lowercase())))?
    })
}

/// Tokens that stand behind `before`, whose end is the token's own beginning.
fn tokens<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = String> + 'a {
    text.match_indices(before).filter_map(move |(at, _)| {
        let start = at + before.len() - "v1.".len();
        let token = text.get(start..start + TOKEN)?;
        let fits = token.bytes().skip(3).all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        fits.then(|| token.to_owned())
    })
}

/// What a server said, without anybody's address, on one line of at most three hundred characters: fit to be kept.
pub(super) fn without_people(text: &str, addresses: &[String]) -> String {
    let line: String =
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).take(300).collect();
    addresses
        .iter()
        .filter(|address| address.contains('@'))
        .fold(redact(&line, "@"), |line, address| redact(&line, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_ours_is_found_wherever_it_stands() {
        let path = "b+42.0123456789abcdef@b.example.fr";
        let token = format!("v1.{}", "aB-_".repeat(12));
        let mail = format!(
            "To: <u+{token}@b.example.fr>\nX: SRS0=x=y=b.example.fr=B+1.2@x\n\nReturn-Path: <{path}>\nMessage-ID: <{}@news.example.fr>\n\
             <https://news.example.fr/u/{token}> b+.0@x b+1.zz@x <b+42.0123456789abcdef0@x>",
            "0a".repeat(16)
        );
        let traces = Traces::find(mail.as_bytes(), &super::super::mime::dissect(mail.as_bytes()), None);
        assert_eq!(traces.return_paths, [path]);
        assert_eq!(traces.message_ids, [format!("<{}@news.example.fr>", "0a".repeat(16))]);
        assert_eq!(traces.asked_by, std::slice::from_ref(&token));
        assert_eq!(traces.tokens, [token]);
        assert!(traces.confirm_tokens.is_empty());
        let link = format!("\n\n<https://news.example.fr/confirm/c1.{}>", "aB-_".repeat(12));
        let traces = Traces::find(link.as_bytes(), &Dissected::default(), None);
        assert_eq!(traces.confirm_tokens, [format!("c1.{}", "aB-_".repeat(12))]);
        for path in ["c+7.0123456789abcdef@b.example.fr", "r+7.0123456789abcdef@b.example.fr"] {
            let mail = format!("Subject: é+x+7.0123456789abcdef@b.example.fr\n\n<{path}>");
            let traces = Traces::find(mail.as_bytes(), &Dissected::default(), None);
            assert_eq!(traces.return_paths, [path]);
        }
        let given = Traces::find(b"\n\n", &Dissected::default(), Some(path));
        assert_eq!(given.return_paths, [path]);
    }

    #[test]
    fn nobody_is_in_what_is_kept() {
        let said = without_people(
            "550 5.1.1 <camille@example.fr>:\n camille unknown, try dominique@example.org",
            &["camille@example.fr".to_owned()],
        );
        assert_eq!(said, "550 5.1.1 <[…]>: […] unknown, try […]");
    }
}
