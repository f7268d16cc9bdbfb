//! A message taken apart, as far as reports need it: its fields, and the texts of its parts.
//!
//! Where parts begin and end is found here, with bounds on depth and number (B-04): `mail-parser` follows messages inside messages as
//! deep as they go, and what is nested a thousand times is dropped as deep. It decodes single parts, which cannot nest.

use mail_parser::{MessageParser, PartType};

/// How deep parts are looked for in parts.
const DEEPEST: usize = 10;

/// How many parts are looked at.
const MOST_PARTS: usize = 100;

/// A message.
#[derive(Debug, Default)]
pub(super) struct Dissected {
    /// The fields of its header, unfolded.
    pub(super) fields: Fields,
    /// Who wrote, with the name, decoded.
    pub(super) from: String,
    /// The subject, decoded.
    pub(super) subject: String,
    /// Its parts, in order; those that hold parts are not among them.
    pub(super) parts: Vec<TextPart>,
}

/// A part.
#[derive(Debug)]
pub(super) struct TextPart {
    /// `text/plain`, in lower case.
    pub(super) kind: String,
    /// Its text, decoded.
    pub(super) text: String,
}

/// Fields of a header, or of a block of a report.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads lines; what is no field is passed over.
    pub(super) fn read(text: &str) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':')
                && !name.is_empty()
                && name.trim_end().bytes().all(|byte| byte.is_ascii_graphic())
            {
                fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self(fields)
    }

    /// The first value under `name`, which is in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values under `name`, which is in lower case.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Takes `bytes` apart. Line ends of any kind are taken.
pub(super) fn dissect(bytes: &[u8]) -> Dissected {
    let bytes = with_line_feeds(bytes);
    let (header, body) = split_header(&bytes);
    let fields = Fields::read(&String::from_utf8_lossy(header));
    let parsed = MessageParser::default().parse_headers(header);
    let subject = parsed.as_ref().and_then(|message| message.subject()).unwrap_or_default().to_owned();
    let from = parsed
        .as_ref()
        .and_then(|message| message.from())
        .map(|from| {
            let words = from.iter().flat_map(|one| [one.name(), one.address()].into_iter().flatten());
            words.collect::<Vec<_>>().join(" ")
        })
        .filter(|words| !words.is_empty());
    let from = from.or_else(|| fields.get("from").map(str::to_owned)).unwrap_or_default();
    let mut parts = Vec::new();
    collect(&fields, body, 0, &mut parts);
    Dissected { fields, from, subject, parts }
}

/// Ends every line with a line feed alone: reports are kept with CR and LF, and some with CR alone.
fn with_line_feeds(bytes: &[u8]) -> Vec<u8> {
    let alone = !bytes.contains(&b'\n');
    let mut out = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\r' if alone => out.push(b'\n'),
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => {}
            byte => out.push(*byte),
        }
    }
    out
}

fn split_header(bytes: &[u8]) -> (&[u8], &[u8]) {
    if let Some(body) = bytes.strip_prefix(b"\n") {
        return (b"", body);
    }
    match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (bytes.get(..=at).unwrap_or_default(), bytes.get(at + 2..).unwrap_or_default()),
        None => (bytes, b""),
    }
}

fn collect(fields: &Fields, body: &[u8], depth: usize, parts: &mut Vec<TextPart>) {
    let content_type = fields.get("content-type").unwrap_or_default();
    let kind: String =
        content_type.split(';').next().unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
    let kind = kind.to_ascii_lowercase();
    if kind.starts_with("multipart/")
        && let Some(boundary) = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty())
        && depth < DEEPEST
    {
        let before = parts.len();
        for piece in pieces(body, boundary.as_bytes()) {
            if parts.len() >= MOST_PARTS {
                return;
            }
            let (header, body) = split_header(piece);
            let own = Fields::read(&String::from_utf8_lossy(header));
            collect(&own, body, depth + 1, parts);
        }
        if parts.len() > before {
            return;
        }
    }
    if parts.len() < MOST_PARTS {
        let encoding = fields.get("content-transfer-encoding").unwrap_or_default();
        let text = decode(&kind, parameter(content_type, "charset").as_deref(), encoding, body);
        parts.push(TextPart { kind: if kind.is_empty() { "text/plain".to_owned() } else { kind }, text });
    }
}

/// What stands between the lines that are the boundary. One that is never closed ends with the text.
fn pieces<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let bare = line.trim_ascii_end();
        let delimiter = bare.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary));
        if let Some(rest) = delimiter.filter(|rest| rest.is_empty() || *rest == b"--") {
            if let Some(start) = start.take() {
                pieces.push(body.get(start..at).unwrap_or_default());
            }
            if rest == b"--" || pieces.len() >= MOST_PARTS {
                return pieces;
            }
            start = Some(at + line.len());
        }
        at += line.len();
    }
    if let Some(start) = start {
        pieces.push(body.get(start..).unwrap_or_default());
    }
    pieces
}

fn parameter(content_type: &str, name: &str) -> Option<String> {
    // A boundary may hold a semicolon only between quotation marks; those that reports use do not.
    content_type.split(';').skip(1).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let value = value.trim();
        let value = match value.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().unwrap_or_default(),
            None => value.split_ascii_whitespace().next().unwrap_or_default(),
        };
        key.trim().eq_ignore_ascii_case(name).then(|| value.to_owned())
    })
}

/// The text of one part. Its header is written anew, so that what it says of itself cannot make it hold others.
fn decode(kind: &str, charset: Option<&str>, encoding: &str, body: &[u8]) -> String {
    let subtype = if kind == "text/html" { "html" } else { "plain" };
    let token =
        |text: &str| -> String { text.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c)).collect() };
    let charset = charset.map(token).filter(|charset| !charset.is_empty()).unwrap_or_else(|| "utf-8".to_owned());
    // ISO-2022-JP needs no more than 7 bits, and old mailers do not name it.
    let charset = if body.windows(3).any(|escape| escape == b"\x1b$B") { "iso-2022-jp".to_owned() } else { charset };
    let encoding = token(encoding.split_ascii_whitespace().next().unwrap_or_default());
    let mut bytes =
        format!("Content-Type: text/{subtype}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n")
            .into_bytes();
    bytes.extend_from_slice(body);
    let parsed = MessageParser::default().parse(&bytes);
    let text = parsed.as_ref().and_then(|message| message.parts.first()).and_then(|part| match &part.body {
        PartType::Html(html) => Some(mail_parser::decoders::html::html_to_text(html)),
        PartType::Text(text) => Some(text.to_string()),
        _ => None,
    });
    let text = text.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_decoded() {
        let mail = "From: =?utf-8?q?Facteur_de_l=27=C3=A9t=C3=A9?= <MAILER-DAEMON@example.net>\r\nSubject: =?utf-8?b?w6k=?=\r\n\
                    Content-Type: multipart/report;\r\n boundary=\"b1\"\r\n\r\nbefore\r\n--b1\r\n\r\nplain\r\n--b1\r\n\
                    Content-Type: message/delivery-status\r\n\r\nA: b\r\n\r\nC: d\r\n--b1\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\
                    Content-Transfer-Encoding: quoted-printable\r\n\r\n=E9t=\r\n=E9\r\n--b1--\r\nafter\r\n";
        for mail in [mail.to_owned(), mail.replace("\r\n", "\n"), mail.replace("\r\n", "\r")] {
            let read = dissect(mail.as_bytes());
            assert_eq!(
                (read.from.as_str(), read.subject.as_str()),
                ("Facteur de l'été MAILER-DAEMON@example.net", "é")
            );
            let kinds: Vec<_> = read.parts.iter().map(|part| (part.kind.as_str(), part.text.trim())).collect();
            assert_eq!(
                kinds,
                [("text/plain", "plain"), ("message/delivery-status", "A: b\n\nC: d"), ("text/plain", "été")]
            );
        }
    }

    #[test]
    fn nesting_has_an_end() {
        let deep: String = (0..5_000)
            .flat_map(|n| ["Content-Type: multipart/mixed; boundary=b".to_owned(), format!("{n}\n\n--b{n}\n")])
            .collect();
        assert!(dissect(deep.as_bytes()).parts.len() <= MOST_PARTS);
        let messages = "Content-Type: message/rfc822\n\n".repeat(30_000);
        assert_eq!(dissect(messages.as_bytes()).parts.len(), 1);
        let wide = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(5_000));
        assert!(dissect(wide.as_bytes()).parts.len() <= MOST_PARTS);
    }
}
