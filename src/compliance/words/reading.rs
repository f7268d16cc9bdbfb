//! What a reader sees in a text, character by character, each with the bytes it was written with.
//!
//! Tags, comments and template code disappear, references and escapes are decoded, attributes that are seen or spoken
//! are read apart, and links are read as links. Nothing is judged here.

use std::ops::Range;

use crate::text::html_reference;

/// A paragraph's end: a block element or an attribute of its own.
pub(super) const BLOCK: char = '\u{2029}';
/// Something that a template fills in later.
pub(super) const FILLED_IN: char = '\u{FFFC}';

/// How a text is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it stands.
    Plain,
    /// As HTML.
    Html,
    /// As an address or a slug.
    Url,
}

/// How the file writes the text down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// As it stands.
    Raw,
    /// A TOML string with escapes.
    TomlString,
    /// A template with `{{ … }}`, `{% … %}` and `{# … #}`.
    Template,
}

/// One character as a reader sees it, and the bytes of the file it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Char {
    pub(super) ch: char,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What characters that are read in one go are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunKind {
    /// Words that are seen or spoken.
    Prose,
    /// An address.
    Url,
    /// A field in which people are asked to write: what it is called, in the page and to the program behind it.
    Field,
}

/// Characters that are read in one go.
#[derive(Clone, Debug)]
pub(super) struct TextRun {
    pub(super) kind: RunKind,
    pub(super) glyphs: Vec<Char>,
}

impl TextRun {
    pub(super) fn is_url(&self) -> bool {
        self.kind == RunKind::Url
    }
}

/// Reads `span` of `text`.
pub(super) fn read(text: &str, span: Range<usize>, form: Form, writing: Writing) -> Vec<TextRun> {
    let mut reader = TextReader {
        text,
        at: span.start,
        end: span.end.min(text.len()),
        form,
        writing,
        glyphs: Vec::new(),
        aside: Vec::new(),
    };
    reader.run();
    let kind = if form == Form::Url { RunKind::Url } else { RunKind::Prose };
    let mut strands = vec![TextRun { kind, glyphs: reader.glyphs }];
    strands.append(&mut reader.aside);
    strands
}

struct TextReader<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    form: Form,
    writing: Writing,
    glyphs: Vec<Char>,
    aside: Vec<TextRun>,
}

impl<'a> TextReader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    fn run(&mut self) {
        while let Some(ch) = self.rest().chars().next() {
            let taken = match ch {
                '\\' if self.writing == Writing::TomlString => self.escape(),
                '{' if self.writing == Writing::Template => self.template_code(),
                '<' if self.form == Form::Html => self.markup(),
                '&' => self.reference(),
                '%' if self.form == Form::Url => self.percent(),
                _ => None,
            };
            if taken.is_none() {
                let shown = if ch == '+' && self.form == Form::Url { ' ' } else { ch };
                self.push(shown, ch.len_utf8());
            }
        }
    }

    /// Shows `ch`, written with the next `len` bytes.
    fn push(&mut self, ch: char, len: usize) {
        self.glyphs.push(Char { ch, start: self.at, end: self.at + len });
        self.at += len;
    }

    fn escape(&mut self) -> Option<()> {
        let rest = self.rest();
        let (ch, len) = match rest.chars().nth(1)? {
            'n' => ('\n', 2),
            't' | 'r' => (' ', 2),
            '"' => ('"', 2),
            '\\' => ('\\', 2),
            'e' => ('\u{1B}', 2),
            letter @ ('u' | 'U' | 'x') => {
                let digits = match letter {
                    'u' => 4,
                    'U' => 8,
                    _ => 2,
                };
                let number = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
                (char::from_u32(number)?, 2 + digits)
            }
            // A line that continues on the next one.
            _ => {
                let after = rest.get(1..)?;
                self.at += 1 + after.len() - after.trim_start().len();
                return (after.len() != after.trim_start().len()).then_some(());
            }
        };
        self.push(ch, len);
        Some(())
    }

    fn template_code(&mut self) -> Option<()> {
        let rest = self.rest();
        let (close, shown) = match rest.get(..2)? {
            "{{" => ("}}", true),
            "{%" => ("%}", false),
            "{#" => ("#}", false),
            _ => return None,
        };
        let len = rest.find(close)? + 2;
        if shown {
            self.push(FILLED_IN, len);
        } else {
            self.at += len;
        }
        Some(())
    }

    fn reference(&mut self) -> Option<()> {
        let rest = self.rest();
        let (chars, len) = html_reference(rest)?;
        if self.form == Form::Url && !rest.get(..len)?.ends_with(';') {
            return None;
        }
        for ch in chars.chars() {
            self.glyphs.push(Char { ch, start: self.at, end: self.at + len });
        }
        self.at += len;
        Some(())
    }

    /// `%C3%A9`: as many bytes as make one character.
    fn percent(&mut self) -> Option<()> {
        let rest = self.rest();
        let byte = |index: usize| -> Option<u8> {
            let digits = rest.get(index * 3..index * 3 + 3)?.strip_prefix('%')?;
            u8::from_str_radix(digits, 16).ok()
        };
        let mut bytes = Vec::new();
        for index in 0..4 {
            bytes.push(byte(index)?);
            if let Some(ch) = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next()) {
                self.push(ch, bytes.len() * 3);
                return Some(());
            }
        }
        None
    }

    fn markup(&mut self) -> Option<()> {
        let rest = self.rest();
        if rest.starts_with("<!--[if") {
            // Outlook shows what stands in such a comment.
            self.at += rest.find("]>")? + 2;
            return Some(());
        }
        if rest.starts_with("<!--") {
            self.at += rest.find("-->").map_or(rest.len(), |end| end + 3);
            return Some(());
        }
        if !rest.get(1..)?.starts_with(|ch: char| ch.is_ascii_alphabetic() || matches!(ch, '/' | '!' | '?')) {
            return None;
        }
        let tag = rest.get(..tag_len(rest)?)?;
        let name: String = tag
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        self.attributes(tag, 1 + name.len());
        if matches!(name.as_str(), "input" | "select" | "textarea") {
            self.field(tag, 1 + name.len());
        }
        match name.as_str() {
            "script" | "style" if !tag.starts_with("</") => {
                let close = format!("</{name}");
                let body = rest.get(tag.len()..)?;
                let skipped = body.to_ascii_lowercase().find(&close).unwrap_or(body.len());
                self.at += tag.len() + skipped;
            }
            "br" => self.push('\n', tag.len()),
            name if is_block(name) => self.push(BLOCK, tag.len()),
            _ => self.at += tag.len(),
        }
        Some(())
    }

    /// Reads the attributes of `tag` that are seen, spoken or followed.
    fn attributes(&mut self, tag: &str, mut from: usize) {
        while let Some((name, value)) = next_attribute(tag, from) {
            from = value.end + 1;
            let form = match name.as_str() {
                "alt" | "title" | "aria-label" | "placeholder" | "content" | "value" | "label" | "summary" => {
                    Form::Plain
                }
                "href" | "src" | "action" | "background" | "srcset" | "xlink:href" => Form::Url,
                _ => continue,
            };
            let span = self.at + value.start..self.at + value.end;
            self.aside.extend(read(self.text, span, form, self.writing));
        }
    }

    /// Reads what the field `tag` is called. One that nobody sees asks nobody.
    fn field(&mut self, tag: &str, mut from: usize) {
        let mut glyphs = Vec::new();
        while let Some((name, value)) = next_attribute(tag, from) {
            from = value.end + 1;
            if name == "type" && tag.get(value.clone()).is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")) {
                return;
            }
            if !matches!(name.as_str(), "autocomplete" | "name" | "id" | "type" | "placeholder" | "aria-label") {
                continue;
            }
            let span = self.at + value.start..self.at + value.end;
            let called = read(self.text, span.clone(), Form::Plain, self.writing);
            glyphs.extend(called.into_iter().flat_map(|run| run.glyphs));
            glyphs.push(Char { ch: BLOCK, start: span.end, end: span.end });
        }
        self.aside.push(TextRun { kind: RunKind::Field, glyphs });
    }
}

/// The length of a tag, quotes respected.
fn tag_len(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, ch) in text.char_indices() {
        match (quote, ch) {
            (None, '>') => return Some(index + 1),
            (None, '"' | '\'') => quote = Some(ch),
            (Some(open), ch) if open == ch => quote = None,
            _ => {}
        }
    }
    // A quote that never closes: the browser's own end of the tag is anyone's guess, so take the first.
    text.find('>').map(|index| index + 1)
}

/// The next `name=value` of a tag from byte `from` on, with the span of its value.
fn next_attribute(tag: &str, from: usize) -> Option<(String, Range<usize>)> {
    let equals = from + tag.get(from..)?.find('=')?;
    let name = tag
        .get(from..equals)?
        .trim_end()
        .rsplit(|ch: char| ch.is_whitespace() || matches!(ch, '"' | '\'' | '/'))
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let after = tag.get(equals + 1..)?;
    let start = equals + 1 + after.len() - after.trim_start().len();
    let value = tag.get(start..)?;
    let first = value.chars().next()?;
    let span = if matches!(first, '"' | '\'') {
        let len = value.get(1..)?.find(first)?;
        start + 1..start + 1 + len
    } else {
        let len = value.find(|ch: char| ch.is_whitespace() || ch == '>').unwrap_or(value.len());
        start..start + len
    };
    Some((name, span))
}

fn is_block(name: &str) -> bool {
    const BLOCKS: [&str; 38] = [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "button",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "section",
        "table",
        "td",
        "th",
        "title",
        "tr",
        "ul",
    ];
    BLOCKS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, form: Form, writing: Writing, expected: &[&str]) {
        let strands = read(text, 0..text.len(), form, writing);
        let shown: Vec<String> =
            strands.iter().map(|strand| strand.glyphs.iter().map(|glyph| glyph.ch).collect()).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_reader_sees_no_markup() {
        check("so<b>ld</b>es<!-- x -->!", Form::Html, Writing::Raw, &["soldes!"]);
        check("<p>a</p>b", Form::Html, Writing::Raw, &["\u{2029}a\u{2029}b"]);
        check("<style>p{}</style>a<script>if(a<b){}</script>b", Form::Html, Writing::Raw, &["ab"]);
        check("2 < 3 &amp; 4", Form::Html, Writing::Raw, &["2 < 3 & 4"]);
        check("<!--[if mso]>Soldes<![endif]-->", Form::Html, Writing::Raw, &["Soldes"]);
    }

    #[test]
    fn what_is_spoken_or_followed_is_read_apart() {
        check(
            "<a title='Voir' href=\"/pre%2Dsoldes?a=1&amp;b=2\"><img class=soldes alt=Bottes></a>",
            Form::Html,
            Writing::Raw,
            &["", "Voir", "/pre-soldes?a=1&b=2", "Bottes"],
        );
        check(
            "<input type=tel name='phone_number'><input type=hidden name=dob>",
            Form::Html,
            Writing::Raw,
            &["", "tel\u{2029}phone_number\u{2029}"],
        );
        check("/%C3%A9t%C3%A9/100%25+x/%zz", Form::Url, Writing::Raw, &["/été/100% x/%zz"]);
    }

    #[test]
    fn escapes_and_template_code_are_not_words() {
        check("sold\\u00e9s\\n\\\"a\\\"", Form::Plain, Writing::TomlString, &["soldés\n\"a\""]);
        check(
            "sol{# non #}des {{ title }}{% if a %}!{% endif %}",
            Form::Plain,
            Writing::Template,
            &["soldes \u{FFFC}!"],
        );
        check("{{ unfinished", Form::Plain, Writing::Template, &["{{ unfinished"]);
    }
}
