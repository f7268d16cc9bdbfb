//! Colours and type sizes written inline: whether people can read what is there.

use super::Reading;
use super::rules;
use crate::brand::Colour;
use crate::finding::Finding;
use crate::mail::markup::{self, MarkupPiece, Tag};
use crate::phrase;
use crate::phrase::Fact;

/// How text looks inside an element.
#[derive(Clone, Copy)]
struct Look {
    colour: Option<Colour>,
    background: Option<Colour>,
    size: f64,
    hidden: bool,
}

/// What a mail reader shows where nothing is said.
const START: Look = Look { colour: None, background: None, size: 16.0, hidden: false };

pub(super) fn check(reading: &Reading<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut open: Vec<(String, Look, String)> = Vec::new();
    for piece in markup::pieces(reading.html.unwrap_or_default()) {
        match piece {
            MarkupPiece::Tag(tag) if tag.closing => close(&mut open, &tag.name),
            MarkupPiece::Tag(tag) if !tag.is_void() => {
                let look = inside(&tag, open.last().map_or(START, |(_, look, _)| *look));
                open.push((tag.name, look, tag.source));
            }
            MarkupPiece::Text(text) => {
                if let Some((_, look, source)) = open.last() {
                    findings.extend(text_in(reading, &text, *look, source));
                }
            }
            _ => {}
        }
    }
    findings
}

/// Closes the innermost element of the name, and whatever was left open in it.
fn close(open: &mut Vec<(String, Look, String)>, name: &str) {
    if let Some(index) = open.iter().rposition(|(known, ..)| known == name) {
        open.truncate(index);
    }
}

fn inside(tag: &Tag, outer: Look) -> Look {
    let background = tag
        .style("background-color")
        .or_else(|| tag.style("background"))
        .or_else(|| tag.attribute("bgcolor").map(str::to_ascii_lowercase));
    let hidden = tag.style("display").as_deref() == Some("none") || matches!(tag.name.as_str(), "head" | "title");
    Look {
        colour: tag.style("color").as_deref().and_then(colour).or(outer.colour),
        background: background.as_deref().and_then(colour).or(outer.background),
        size: tag.style("font-size").as_deref().and_then(pixels).unwrap_or(outer.size),
        hidden: outer.hidden || hidden,
    }
}

fn text_in(reading: &Reading<'_>, text: &str, look: Look, source: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if look.hidden || !text.chars().any(char::is_alphanumeric) {
        return findings;
    }
    if let (Some(front), Some(back)) = (look.colour, look.background) {
        let ratio = front.contrast(back);
        if ratio < if look.size >= 24.0 { 3.0 } else { 4.5 } {
            let message = phrase!("mail-contrast", whole = tenths(ratio) / 10, tenth = tenths(ratio) % 10);
            findings.push(rules::CONTRAST.at(reading.place(source), message));
        }
    }
    if look.size < 14.0 {
        findings.push(
            rules::SMALL_TYPE.at(reading.place(source), phrase!("mail-small-type", size = Fact::text(look.size))),
        );
    }
    findings
}

/// A contrast ratio, which is 21 at most, in tenths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 10 and 210")]
fn tenths(ratio: f64) -> u8 {
    (ratio * 10.0).round() as u8
}

fn pixels(text: &str) -> Option<f64> {
    text.strip_suffix("px")?.trim().parse().ok()
}

fn colour(text: &str) -> Option<Colour> {
    Colour::parse(text.split_whitespace().next()?).ok()
}
