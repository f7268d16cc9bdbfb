//! Colours and type sizes written inline: whether people can read what is there.

use super::Reading;
use super::rules;
use crate::finding::Finding;
use crate::mail::markup::{self, MarkupPiece, Tag};
use crate::phrase;
use crate::phrase::Fact;

/// Three channels from 0 to 255.
type Colour = [u8; 3];

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
        let ratio = contrast(front, back);
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
    let text = text.split_whitespace().next()?;
    match text {
        "white" => return Some([255; 3]),
        "black" => return Some([0; 3]),
        _ => {}
    }
    let digits: Vec<u8> = text
        .strip_prefix('#')?
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    match *digits.as_slice() {
        [r, g, b] => Some([r * 17, g * 17, b * 17]),
        [r1, r2, g1, g2, b1, b2] => Some([r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2]),
        _ => None,
    }
}

/// The contrast ratio of WCAG 2.1, from 1 to 21.
fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Colour) -> f64 {
    let linear = |channel: u8| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    let [red, green, blue] = colour.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_measured_as_wcag_does() {
        let ratio = |one, other| (contrast(colour(one).unwrap(), colour(other).unwrap()) * 100.0).round() / 100.0;
        assert!((ratio("#000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((ratio("#777777", "white") - 4.48).abs() < 1e-9);
        assert!((ratio("#767676", "#fff") - 4.54).abs() < 1e-9);
        assert_eq!(colour("rebeccapurple"), None);
    }
}
