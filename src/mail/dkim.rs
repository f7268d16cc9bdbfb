//! Signing by DKIM (RFC 6376): which fields are signed, in which form, and the fields that say so. Both parts of a message are
//! signed in the "relaxed" form, so that a server that folds a line anew breaks nothing.
//!
//! What is signed is a message that this program has just written: it is ASCII, its lines end with CR LF, and each field is there
//! once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::digest::{Context, Digest, SHA256};

use crate::config::{DkimNamedKey, DkimSettings};
use crate::keys::dkim::NotSigned;

/// How often a field is named among those that are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// As often as it is there.
    AsItIs,
    /// Once more when it is there, so that nobody can add a second one.
    OnceMoreWhenThere,
    /// Once more in any case, so that nobody can add one.
    OnceMore,
}

/// The fields that are signed. A second way out would go before the right one, so that nobody can add that either.
const SIGNED: [(&str, Named); 15] = [
    ("From", Named::OnceMore),
    ("To", Named::OnceMore),
    ("Cc", Named::OnceMore),
    ("Subject", Named::OnceMore),
    ("Date", Named::OnceMoreWhenThere),
    ("Reply-To", Named::OnceMore),
    ("Message-ID", Named::OnceMoreWhenThere),
    ("MIME-Version", Named::OnceMoreWhenThere),
    ("Content-Type", Named::OnceMoreWhenThere),
    ("Content-Transfer-Encoding", Named::AsItIs),
    ("List-Id", Named::AsItIs),
    ("List-Unsubscribe", Named::OnceMoreWhenThere),
    ("List-Unsubscribe-Post", Named::OnceMoreWhenThere),
    ("Feedback-ID", Named::AsItIs),
    ("Auto-Submitted", Named::AsItIs),
];

/// How long a line of the field is, at most.
const LINE: usize = 76;

/// Signs messages, once with each key.
#[derive(Clone, Debug)]
pub struct DkimSigner(DkimSettings);

impl DkimSigner {
    /// Signs as `settings` say.
    pub fn new(settings: &DkimSettings) -> Self {
        Self(settings.clone())
    }

    /// The fields that go before `message`, which was written at `at`.
    ///
    /// # Errors
    /// None in practice: every key that was read can sign.
    pub(super) fn fields(&self, message: &[u8], at: Timestamp) -> Result<Vec<u8>, NotSigned> {
        let (head, body) = halves(message);
        let head = std::str::from_utf8(head).map_err(|_| NotSigned)?;
        let fields: Vec<&str> = fields_of(head);
        let (names, mut signed) = (names_of(&fields), String::with_capacity(head.len()));
        for (name, _) in SIGNED {
            for field in fields.iter().filter(|field| is_called(field, name)) {
                relaxed(field, &mut signed);
                signed.push_str("\r\n");
            }
        }
        let body = STANDARD.encode(body_digest(body));
        let mut out = Vec::new();
        for DkimNamedKey { selector, key } in &self.0.keys {
            let unsigned = format!(
                "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={};\r\n s={selector}; t={};\r\n h={};\r\n bh={body};\r\n b=",
                key.algorithm().name(),
                self.0.domain,
                at.as_second(),
                names.join(":\r\n  "),
            );
            let mut bytes = signed.clone();
            relaxed(&unsigned, &mut bytes);
            let signature = key.sign(bytes.as_bytes())?;
            out.extend_from_slice(unsigned.as_bytes());
            fold(&signature, &mut out);
            out.extend_from_slice(b"\r\n");
        }
        Ok(out)
    }
}

/// The fields that a signature should name and does not, of those that are there.
pub(super) fn left_out(signature: &str, is_there: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let tags = signature.split(';').filter_map(|tag| tag.split_once('='));
    let names = tags.filter(|(name, _)| name.trim() == "h").flat_map(|(_, value)| value.split(':')).map(str::trim);
    let names: Vec<&str> = names.collect();
    let is_named = |field: &str| names.iter().any(|name| name.eq_ignore_ascii_case(field));
    SIGNED.into_iter().map(|(field, _)| field).filter(|field| is_there(field) && !is_named(field)).collect()
}

/// The domain that a signature is for, where it says so.
pub(super) fn signed_for(signature: &str) -> Option<String> {
    let mut tags = signature.split(';').filter_map(|tag| tag.split_once('='));
    let (_, domain) = tags.find(|(name, _)| name.trim() == "d")?;
    Some(domain.trim().to_ascii_lowercase()).filter(|domain| !domain.is_empty())
}

/// The header, without the empty line behind it, and the body.
fn halves(message: &[u8]) -> (&[u8], &[u8]) {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    let Some((head, body)) = end.and_then(|end| message.split_at_checked(end + 4)) else { return (message, b"") };
    (head.strip_suffix(b"\r\n").unwrap_or(head), body)
}

/// The fields of a header, each with the lines that it goes on.
fn fields_of(head: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let (mut rest, mut from) = (head, 0);
    while let Some(end) = rest.get(from..).and_then(|text| text.find("\r\n")).map(|end| from + end) {
        let (field, next) = rest.split_at(end);
        let next = next.strip_prefix("\r\n").unwrap_or(next);
        if next.starts_with([' ', '\t']) {
            from = end + 2;
            continue;
        }
        fields.push(field);
        (rest, from) = (next, 0);
    }
    if !rest.is_empty() {
        fields.push(rest);
    }
    fields
}

fn is_called(field: &str, name: &str) -> bool {
    field.split_once(':').is_some_and(|(theirs, _)| theirs.trim_end().eq_ignore_ascii_case(name))
}

/// The names for `h=`, in some lines.
fn names_of(fields: &[&str]) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (name, how) in SIGNED {
        let there = fields.iter().filter(|field| is_called(field, name)).count();
        let more = match how {
            Named::AsItIs => 0,
            Named::OnceMoreWhenThere => usize::from(there > 0),
            Named::OnceMore => 1,
        };
        for _ in 0..there + more {
            match lines.last_mut() {
                Some(line) if line.is_empty() => line.push_str(name),
                Some(line) if line.len() + name.len() + 5 < LINE => {
                    line.push(':');
                    line.push_str(name);
                }
                _ => lines.push(name.to_owned()),
            }
        }
    }
    lines
}

/// A field in the relaxed form (section 3.4.2): the name in lower case, on one line, white space made one space.
fn relaxed(field: &str, out: &mut String) {
    let (name, value) = field.split_once(':').unwrap_or((field, ""));
    out.extend(name.trim_end().chars().map(|c| c.to_ascii_lowercase()));
    out.push(':');
    let words = value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    for (number, word) in words.enumerate() {
        if number > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
}

/// The digest of a body in the relaxed form (section 3.4.4): white space in a line is one space, at its end nothing, and there are
/// no empty lines at the end.
fn body_digest(body: &[u8]) -> Digest {
    let (mut digest, mut empty) = (Context::new(&SHA256), 0_usize);
    let mut line_out = Vec::with_capacity(128);
    let lines = body.strip_suffix(b"\r\n").unwrap_or(body).split(|byte| *byte == b'\n');
    for line in lines {
        let line = without_space_at_end(line.strip_suffix(b"\r").unwrap_or(line));
        if line.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            digest.update(b"\r\n");
        }
        // Nearly every line is in that form already.
        if line.contains(&b'\t') || line.windows(2).any(|two| two == b"  ") {
            line_out.clear();
            for byte in line.iter().map(|byte| if *byte == b'\t' { b' ' } else { *byte }) {
                if byte != b' ' || line_out.last() != Some(&b' ') {
                    line_out.push(byte);
                }
            }
            digest.update(&line_out);
        } else {
            digest.update(line);
        }
        digest.update(b"\r\n");
    }
    digest.finish()
}

fn without_space_at_end(mut line: &[u8]) -> &[u8] {
    while let [before @ .., b' ' | b'\t'] = line {
        line = before;
    }
    line
}

/// Adds `text` in lines that are short enough. The first goes on a line of the field that holds little.
fn fold(text: &str, out: &mut Vec<u8>) {
    for (number, line) in text.as_bytes().chunks(LINE - 4).enumerate() {
        if number > 0 {
            out.extend_from_slice(b"\r\n  ");
        }
        out.extend_from_slice(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_body(body: &str, canonical: &str) {
        let expected = ring::digest::digest(&SHA256, canonical.as_bytes());
        assert_eq!(body_digest(body.as_bytes()).as_ref(), expected.as_ref(), "{body:?}");
    }

    #[test]
    fn a_body_is_relaxed_as_the_rules_say() {
        // The example of RFC 6376, section 3.4.5.
        check_body(" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n");
        for (body, canonical) in [
            ("", ""),
            ("\r\n\r\n", ""),
            ("a", "a\r\n"),
            ("a\r\n", "a\r\n"),
            ("a\r\n\r\n\r\nb  c\t\r\n", "a\r\n\r\n\r\nb c\r\n"),
            ("a=20\r\n  =\r\n", "a=20\r\n =\r\n"),
            ("\r\na\r\n", "\r\na\r\n"),
            (" \r\n\t\r\n", ""),
        ] {
            check_body(body, canonical);
        }
    }

    #[test]
    fn a_header_is_relaxed_as_the_rules_say() {
        let head = "A: X\r\nB : Y\t\r\n\tZ  \r\n";
        let mut out = String::new();
        for field in fields_of(head) {
            relaxed(field, &mut out);
            out.push_str("\r\n");
        }
        assert_eq!(out, "a:X\r\nb:Y Z\r\n");
        assert_eq!(fields_of("A: X\r\n folded\r\n more\r\nB: Y"), ["A: X\r\n folded\r\n more", "B: Y"]);
        assert_eq!(halves(b"A: X\r\nB: Y\r\n\r\nbody\r\n"), (&b"A: X\r\nB: Y\r\n"[..], &b"body\r\n"[..]));
    }

    #[test]
    fn a_signature_that_leaves_a_field_out_is_noticed() {
        let there = |name: &str| ["From", "Subject", "List-Unsubscribe"].contains(&name);
        let left = |signature: &str| left_out(signature, there);
        assert_eq!(left("v=1; h=from : SUBJECT:List-Unsubscribe; b=h"), Vec::<&str>::new());
        assert_eq!(left("v=1; h=from:subject; bh=list-unsubscribe; b="), ["List-Unsubscribe"]);
        assert_eq!(left("v=1"), ["From", "Subject", "List-Unsubscribe"]);
    }

    #[test]
    fn what_could_be_added_is_named_once_more() {
        let head = "From: a\r\nSubject: b\r\nDate: c\r\nList-Unsubscribe: d\r\nContent-Type: e\r\n";
        let names = names_of(&fields_of(head)).join(":");
        let expected = "From:From:To:Cc:Subject:Subject:Date:Date:Reply-To:Content-Type:Content-Type:List-Unsubscribe:List-Unsubscribe";
        assert_eq!(names, expected);
    }
}
