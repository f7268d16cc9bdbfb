//! The HTML part: structure, access, and what must not be in it.

use super::Reading;
use super::rules::{self, Rule};
use crate::brand::is_path_of_picture;
use crate::finding::Finding;
use crate::mail::markup::{self, MarkupPiece, Tag};
use crate::mail::template::LARGEST_PART;
use crate::member::Language;
use crate::phrase;
use crate::phrase::Phrase;
use crate::text::WebAddress;

/// The language that the page declares.
pub(super) fn language(html: &str) -> Option<Language> {
    let pieces = markup::pieces(html);
    tags(&pieces).find(|tag| tag.name == "html")?.attribute("lang")?.parse().ok()
}

fn tags(pieces: &[MarkupPiece]) -> impl Iterator<Item = &Tag> {
    pieces.iter().filter_map(|piece| match piece {
        MarkupPiece::Tag(tag) if !tag.closing => Some(tag),
        _ => None,
    })
}

pub(super) fn check(reading: &Reading<'_>) -> Vec<Finding> {
    let Some(html) = reading.html else { return vec![rules::PART.at(reading.whole(), phrase!("mail-part-no-html"))] };
    let pieces = markup::pieces(html);
    let own = reading.own_host();
    let mut findings = structure(reading, &pieces);
    findings.extend(preheader(reading, &pieces));
    for tag in tags(&pieces) {
        findings.extend(
            element(tag, own.as_deref())
                .into_iter()
                .map(|(rule, message)| rule.at(reading.place(&tag.source), message)),
        );
    }
    for piece in &pieces {
        if let MarkupPiece::Raw(css) = piece {
            findings.extend(style_sheet(reading, css));
        }
    }
    if html.len() > LARGEST_PART {
        findings.push(rules::SIZE.at(reading.whole(), phrase!("mail-size", bytes = html.len())));
    }
    findings
}

fn structure(reading: &Reading<'_>, pieces: &[MarkupPiece]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut miss = |rule: &Rule, message: Phrase| findings.push(rule.at(reading.whole(), message));
    let speaks =
        |tag: &Tag| tag.attribute("lang").is_some_and(|lang| !lang.is_empty()) && tag.attribute("dir").is_some();
    if !tags(pieces).any(|tag| tag.name == "html" && speaks(tag)) {
        miss(&rules::LANG, phrase!("mail-lang"));
    }
    let wrapper = tags(pieces).skip_while(|tag| tag.name != "body").nth(1);
    if !wrapper.is_some_and(speaks) {
        miss(&rules::LANG, phrase!("mail-lang-inside"));
    }
    let titled = pieces.windows(2).any(|pair| {
        matches!(pair, [MarkupPiece::Tag(tag), MarkupPiece::Text(text)] if tag.name == "title" && !tag.closing && !text.trim().is_empty())
    });
    if !titled {
        miss(&rules::TITLE, phrase!("mail-title"));
    }
    let headings = tags(pieces).filter(|tag| tag.name == "h1").count();
    if headings != 1 {
        miss(&rules::HEADING, phrase!("mail-heading", count = headings));
    }
    if !tags(pieces).any(|tag| tag.name == "meta" && tag.attribute("name") == Some("color-scheme")) {
        miss(&rules::COLOR_SCHEME, phrase!("mail-color-scheme"));
    }
    findings
}

/// The words beside the subject in a list of mails: hidden by style, and first in the body.
fn preheader(reading: &Reading<'_>, pieces: &[MarkupPiece]) -> Option<Finding> {
    let mut after = pieces.iter().skip_while(|piece| !is_preheader(piece)).skip(1);
    let Some(MarkupPiece::Text(text)) = after.next() else {
        return Some(rules::PREHEADER.at(reading.whole(), phrase!("mail-preheader")));
    };
    let text = text.trim();
    if text.chars().count() > 100 {
        return Some(rules::PREHEADER.at(reading.place(text), phrase!("mail-preheader-long")));
    }
    let blanks: usize = after
        .map_while(|piece| match piece {
            MarkupPiece::Tag(_) => Some(0),
            MarkupPiece::Text(text) if text.chars().all(is_blank) => {
                Some(text.chars().filter(|c| BLANKS.contains(c)).count())
            }
            MarkupPiece::Text(_) | MarkupPiece::Raw(_) => None,
        })
        .sum();
    let shown = text.chars().count() + blanks;
    if shown < PREVIEW {
        let message = phrase!("mail-preheader-short", shown = shown, room = PREVIEW);
        return Some(rules::PREHEADER.at(reading.place(text), message));
    }
    (text == reading.subject).then(|| rules::PREHEADER.at(reading.place(text), phrase!("mail-preheader-repeats")))
}

/// How many characters a list of mails shows beside a subject, at most.
const PREVIEW: usize = 150;

/// Blanks that take up room and are not run together.
const BLANKS: [char; 2] = ['\u{a0}', '\u{2007}'];

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{34f}' | '\u{200c}' | '\u{feff}')
}

fn is_preheader(piece: &MarkupPiece) -> bool {
    matches!(piece, MarkupPiece::Tag(tag) if !tag.closing && tag.attribute("class").is_some_and(|class| class.contains("preheader")))
}

/// What one element breaks, where `own` is the host of our own pages.
fn element(tag: &Tag, own: Option<&str>) -> Vec<(&'static Rule, Phrase)> {
    let mut broken: Vec<(&'static Rule, Phrase)> = Vec::new();
    match tag.name.as_str() {
        "table" if tag.attribute("role").is_none() => {
            broken.push((&rules::TABLE_ROLE, phrase!("mail-table-role")));
        }
        "img" => broken.extend(image(tag, own)),
        "script" | "iframe" | "object" | "embed" | "applet" | "base" => {
            broken.push((&rules::SCRIPT, phrase!("mail-script", element = &tag.name)));
        }
        "form" | "input" | "button" | "select" | "textarea" => {
            broken.push((&rules::FORM, phrase!("mail-form", element = &tag.name)));
        }
        "link" | "video" | "audio" | "source" => {
            broken.push((&rules::REMOTE, phrase!("mail-remote", what = &tag.name)));
        }
        _ => {}
    }
    if let Some(name) = tag.names().find(|name| name.starts_with("on")) {
        broken.push((&rules::SCRIPT, phrase!("mail-script-attribute", attribute = name)));
    }
    if let Some(style) = tag.attribute("style").map(str::to_ascii_lowercase) {
        if style.contains("url(") {
            broken.push((&rules::REMOTE, phrase!("mail-remote-style")));
        }
        if tag.style("position").is_some() {
            broken.push((&rules::POSITION, phrase!("mail-position")));
        }
    }
    if tag.attribute("background").is_some() {
        broken.push((&rules::REMOTE, phrase!("mail-remote-background")));
    }
    broken
}

/// A picture of the brand may be fetched: its address is a hash of what is in it, the same for everybody, on our own pages.
fn is_of_the_brand(source: &str, own: Option<&str>) -> bool {
    WebAddress::parse(source).is_ok_and(|address| {
        let is_ours = own == Some(address.host()) && address.is_private() && !address.has_query_or_fragment();
        is_ours && is_path_of_picture(address.path())
    })
}

fn image(tag: &Tag, own: Option<&str>) -> Vec<(&'static Rule, Phrase)> {
    let mut broken: Vec<(&'static Rule, Phrase)> = Vec::new();
    if tag.attribute("alt").is_none() {
        broken.push((&rules::ALT, phrase!("mail-alt")));
    }
    let source = tag.attribute("src").unwrap_or_default();
    if !(source.starts_with("cid:") || source.starts_with("data:") || is_of_the_brand(source, own)) {
        broken.push((&rules::REMOTE, phrase!("mail-remote-image")));
    }
    let size = |name: &str| {
        let style = tag.style(name);
        let text = style.as_deref().or_else(|| tag.attribute(name))?;
        text.trim_end_matches("px").trim().parse::<f32>().ok()
    };
    if [size("width"), size("height")].into_iter().flatten().any(|side| side <= 1.0) {
        broken.push((&rules::PIXEL, phrase!("mail-pixel")));
    }
    broken
}

fn style_sheet(reading: &Reading<'_>, css: &str) -> Vec<Finding> {
    let low = css.to_ascii_lowercase();
    ["url(", "@import", "@font-face"]
        .into_iter()
        .filter(|fetches| low.contains(fetches))
        .map(|fetches| rules::REMOTE.at(reading.place(fetches), phrase!("mail-remote-style-sheet", what = fetches)))
        .collect()
}
