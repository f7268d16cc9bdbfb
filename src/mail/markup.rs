//! HTML as a row of tags and texts, enough to check a letter. Not a browser's parser: it builds no tree and mends
//! nothing.

use crate::text::html_resolved;

/// A start or end tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// The element, in lower case.
    pub(super) name: String,
    /// Whether it ends the element.
    pub(super) closing: bool,
    attributes: Vec<(String, String)>,
    /// The tag as written.
    pub(super) source: String,
}

/// One piece of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum MarkupPiece {
    /// A tag.
    Tag(Tag),
    /// Text that a reader sees, with its character references resolved.
    Text(String),
    /// The content of a `style` or `script` element.
    Raw(String),
}

impl Tag {
    /// An attribute's value. A name without a value has an empty one.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The names of its attributes.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|(name, _)| name.as_str())
    }

    /// Whether the element has no content and no end tag.
    pub(super) fn is_void(&self) -> bool {
        matches!(
            self.name.as_str(),
            "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta" | "source" | "wbr"
        )
    }

    /// The value of a property in the `style` attribute, trimmed and in lower case.
    pub(super) fn style(&self, property: &str) -> Option<String> {
        declaration(self.attribute("style")?, property)
    }
}

/// The last value of `property` in a list of declarations.
fn declaration(style: &str, property: &str) -> Option<String> {
    style.split(';').rev().find_map(|pair| {
        let (name, value) = pair.split_once(':')?;
        name.trim().eq_ignore_ascii_case(property).then(|| value.trim().to_ascii_lowercase())
    })
}

/// The pieces of a page, in order.
pub(super) fn pieces(html: &str) -> Vec<MarkupPiece> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (text, tail) = rest.split_at(start);
        push_text(text, &mut pieces);
        if let Some(comment) = tail.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let Some(end) = end_of_tag(tail) else {
            push_text(tail, &mut pieces);
            return pieces;
        };
        let (source, after) = tail.split_at(end);
        rest = after;
        let Some(tag) = read_tag(source) else { continue };
        if !tag.closing && matches!(tag.name.as_str(), "style" | "script") {
            let close = format!("</{}", tag.name);
            let length = after.to_ascii_lowercase().find(&close).unwrap_or(after.len());
            let (raw, after) = after.split_at(length);
            pieces.extend([MarkupPiece::Tag(tag), MarkupPiece::Raw(raw.to_owned())]);
            rest = after;
        } else {
            pieces.push(MarkupPiece::Tag(tag));
        }
    }
    push_text(rest, &mut pieces);
    pieces
}

fn push_text(text: &str, pieces: &mut Vec<MarkupPiece>) {
    if !text.trim_ascii().is_empty() {
        pieces.push(MarkupPiece::Text(html_resolved(text)));
    }
}

/// Just past the `>` that is in no quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '>') => return Some(index + 1),
            _ => {}
        }
    }
    None
}

/// A tag, or `None` for a document type and for a lone `<`.
fn read_tag(source: &str) -> Option<Tag> {
    let inner = source.strip_prefix('<')?.strip_suffix('>')?;
    let (closing, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
    let length = inner.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(inner.len());
    let (name, rest) = inner.split_at(length);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    Some(Tag { name: name.to_ascii_lowercase(), closing, attributes: attributes(rest), source: source.to_owned() })
}

fn attributes(mut rest: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return attributes;
        }
        let length = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
        let (name, after) = rest.split_at(length);
        let (value, after) = match after.trim_ascii_start().strip_prefix('=') {
            Some(after) => value(after.trim_ascii_start()),
            None => ("", after),
        };
        attributes.push((name.to_ascii_lowercase(), html_resolved(value)));
        // An `=` without a name would otherwise be looked at for ever.
        rest = if length == 0 { after.trim_start_matches('=') } else { after };
    }
}

fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_and_texts_are_told_apart() {
        let pieces =
            pieces("<!doctype html><A HREF='https://x.example/?a=1&amp;b=2' download>l’été &lt;3</a><!-- <b> --><br/>");
        let [MarkupPiece::Tag(link), MarkupPiece::Text(text), MarkupPiece::Tag(end), MarkupPiece::Tag(br)] =
            pieces.as_slice()
        else {
            panic!("{pieces:?}");
        };
        assert_eq!((link.name.as_str(), link.attribute("href")), ("a", Some("https://x.example/?a=1&b=2")));
        assert_eq!(link.attribute("download"), Some(""));
        assert_eq!(text, "l’été <3");
        assert!(end.closing && br.is_void());
    }

    #[test]
    fn styles_are_not_text() {
        let pieces = pieces("<style>a > b { color: red }</style>x");
        assert!(matches!(&pieces[1], MarkupPiece::Raw(css) if css.contains("a > b")), "{pieces:?}");
        assert_eq!(pieces.last(), Some(&MarkupPiece::Text("x".to_owned())));
    }

    #[test]
    fn a_style_is_read_by_property() {
        let pieces = pieces(r#"<p style="color:#FFF; background-color : #000;color:#EEE">"#);
        let Some(MarkupPiece::Tag(tag)) = pieces.first() else { panic!("{pieces:?}") };
        assert_eq!((tag.style("color"), tag.style("background-color")), (Some("#eee".into()), Some("#000".into())));
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "[<>a-z/='\" &;#!-]{0,80}|\\PC{0,80}") {
            pieces(&text);
        }
    }
}
