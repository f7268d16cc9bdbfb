//! A finished message, read far enough to check it: its fields, and its text and HTML parts.
//!
//! For messages of the kind that this program writes. Reports from other mailers are `bounce`'s.

use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::GeneralPurposeConfig;

/// Base64 as mail has it: padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

/// How deep parts are looked for in parts.
const DEEPEST: usize = 5;

/// A message.
#[derive(Debug, Default)]
pub(super) struct Received {
    /// The fields in their order, unfolded and decoded.
    pub(super) fields: Vec<(String, String)>,
    /// The text and HTML parts in their order.
    pub(super) parts: Vec<Body>,
}

/// A part that people read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Body {
    /// `plain` or `html`.
    pub(super) subtype: String,
    /// Its text.
    pub(super) text: String,
}

impl Received {
    /// Reads `message`.
    pub(super) fn read(message: &str) -> Self {
        let message = message.replace("\r\n", "\n");
        let (header, body) = message.split_once("\n\n").unwrap_or((&message, ""));
        let fields = fields(header);
        let mut parts = Vec::new();
        collect(&fields, body, &mut parts, 0);
        let decoded = fields.into_iter().map(|(name, value)| (name, decode_words(&value))).collect();
        Self { fields: decoded, parts }
    }

    /// The values of the fields called `name`, whatever their case.
    pub(super) fn values(&self, name: &str) -> Vec<&str> {
        self.fields
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The first part of the subtype.
    pub(super) fn part(&self, subtype: &str) -> Option<&str> {
        self.parts.iter().find(|part| part.subtype == subtype).map(|part| part.text.as_str())
    }
}

fn fields(header: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in header.lines() {
        match (line.starts_with([' ', '\t']), fields.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (false, _, Some((name, value))) => fields.push((name.trim().to_owned(), value.trim().to_owned())),
            _ => {}
        }
    }
    fields
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value.as_str())
}

fn collect(header: &[(String, String)], body: &str, parts: &mut Vec<Body>, depth: usize) {
    let content_type = field(header, "Content-Type");
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind.starts_with("multipart/") && depth < DEEPEST {
        let Some(boundary) = parameter(content_type, "boundary") else { return };
        let delimiter = format!("\n--{boundary}");
        let closed = format!("\n{body}");
        for part in closed.split(delimiter.as_str()).skip(1).take_while(|part| !part.starts_with("--")) {
            let part = part.strip_prefix('\n').unwrap_or(part);
            let (header, body) = part.split_once("\n\n").unwrap_or(("", part));
            collect(&fields(header), body, parts, depth + 1);
        }
    } else if let Some(subtype) = kind.strip_prefix("text/").or_else(|| kind.is_empty().then_some("plain")) {
        let text = decode_body(field(header, "Content-Transfer-Encoding"), body);
        parts.push(Body { subtype: subtype.to_owned(), text });
    }
}

fn parameter(content_type: &str, name: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn decode_body(encoding: &str, body: &str) -> String {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "quoted-printable" => {
            let lines = body.split('\n').map(|line| line.trim_end_matches([' ', '\t', '\r']));
            let joined = lines.collect::<Vec<_>>().join("\n").replace("=\n", "");
            String::from_utf8_lossy(&unquote(&joined, false)).into_owned()
        }
        "base64" => {
            let compact: String = body.split_ascii_whitespace().collect();
            String::from_utf8_lossy(&BASE64.decode(compact).unwrap_or_default()).into_owned()
        }
        _ => body.to_owned(),
    }
}

/// The bytes behind `=XX`, and behind `_` in encoded words.
fn unquote(text: &str, word: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        rest = after;
        match (byte, code.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'=', Some(code)) => {
                out.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'_', _) if word => out.push(b' '),
            _ => out.push(byte),
        }
    }
    out
}

/// Encoded words (RFC 2047) in UTF-8; others stay as they are. Spaces between two of them are not text.
fn decode_words(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let (before, tail) = rest.split_at(start);
        let Some((word, after)) = decode_word(tail) else {
            out.push_str(before);
            out.push_str("=?");
            rest = tail.get(2..).unwrap_or_default();
            after_word = false;
            continue;
        };
        if !(after_word && before.trim().is_empty()) {
            out.push_str(before);
        }
        out.push_str(&word);
        rest = after;
        after_word = true;
    }
    out.push_str(rest);
    out
}

fn decode_word(text: &str) -> Option<(String, &str)> {
    let mut parts = text.strip_prefix("=?")?.splitn(3, '?');
    let (charset, encoding, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let (coded, after) = rest.split_once("?=")?;
    if !matches!(charset.to_ascii_lowercase().as_str(), "utf-8" | "us-ascii") {
        return None;
    }
    let bytes = match encoding {
        "b" | "B" => BASE64.decode(coded).ok()?,
        "q" | "Q" => unquote(coded, true),
        _ => return None,
    };
    Some((String::from_utf8_lossy(&bytes).into_owned(), after))
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn encoded_words_are_joined() {
        assert_eq!(decode_words("=?utf-8?b?w4l0w6k=?= =?UTF-8?Q?_=C3=A0?= Paris <a@b>"), "Été à Paris <a@b>");
        assert_eq!(decode_words("a =?x?= b =?iso-8859-1?q?=E9?="), "a =?x?= b =?iso-8859-1?q?=E9?=");
    }

    #[test]
    fn parts_are_decoded() {
        let message = "Subject: x\r\n y\r\nContent-Type: multipart/alternative;\r\n boundary=\"=_b\"\r\n\r\n\
                       --=_b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
                       =C3=A0 8 h=\r\n 30\r\n--=_b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n\
                       PHA+\r\nPC9wPg==\r\n--=_b--\r\n";
        let read = Received::read(message);
        assert_eq!(read.values("subject"), ["x y"]);
        assert_eq!((read.part("plain"), read.part("html")), (Some("à 8 h 30"), Some("<p></p>")));
    }

    proptest! {
        #[test]
        fn any_text_can_be_read_and_words_as_others_do(text in "\\PC{0,60}|[=?a-zA-Z_/+;: \n-]{0,80}") {
            Received::read(&text);
            let coded = format!("Subject: =?utf-8?b?{}?=\n\nx", BASE64.encode(text.trim()));
            let theirs = MessageParser::default().parse(coded.as_bytes()).unwrap();
            let ours = Received::read(&coded);
            if !text.trim().is_empty() && !text.contains('\n') {
                prop_assert_eq!(ours.values("Subject"), [theirs.subject().unwrap()]);
            }
        }
    }
}
