//! Where a letter leads: the same places in both parts and for everybody, and always a way out.

use std::collections::BTreeSet;

use super::Reading;
use super::rules;
use crate::finding::Finding;
use crate::mail::markup::{self, MarkupPiece};
use crate::mail::received::Received;
use crate::mail::template::Rendered;
use crate::phrase;
use crate::text::WebAddress;

/// Names of query parameters that tell people apart, or count them.
const PERSONAL_PARAMETERS: [&str; 12] =
    ["email", "mail", "user", "uid", "userid", "subscriber", "recipient", "rcpt", "mid", "contact", "customer", "eid"];

pub(super) fn check(reading: &Reading<'_>) -> Vec<Finding> {
    let (Some(html), Some(text)) = (reading.html, reading.text) else {
        let missing = reading.text.is_none().then(|| rules::PART.at(reading.whole(), phrase!("mail-part-no-text")));
        return missing.into_iter().collect();
    };
    let hrefs = hrefs(html);
    let mut findings: Vec<Finding> = hrefs.iter().filter_map(|href| scheme(reading, href)).collect();
    findings.extend(
        hrefs
            .iter()
            .filter(|href| redirects(href))
            .map(|href| rules::REDIRECTOR.at(reading.place(href), phrase!("mail-redirector"))),
    );
    let in_html: BTreeSet<&str> = hrefs.iter().map(String::as_str).filter(|href| is_web(href)).collect();
    let in_text: BTreeSet<&str> = addresses(text).collect();
    for (missing, part) in [(in_html.difference(&in_text), "text"), (in_text.difference(&in_html), "html")] {
        findings.extend(
            missing.map(|url| rules::URLS_DIFFER.at(reading.place(url), phrase!("mail-urls-differ", part = part))),
        );
    }
    if let Some(exit) = reading.unsubscribe {
        if !in_html.contains(exit) || !in_text.contains(exit) {
            findings.push(rules::UNSUBSCRIBE.at(reading.whole(), phrase!("mail-unsubscribe")));
        } else if !before_heading(html, exit) {
            findings.push(rules::UNSUBSCRIBE_LATE.at(reading.whole(), phrase!("mail-unsubscribe-late")));
        }
    }
    findings
}

fn is_web(href: &str) -> bool {
    href.starts_with("https://") || href.starts_with("http://")
}

fn scheme(reading: &Reading<'_>, href: &str) -> Option<Finding> {
    let message = match href.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()).as_deref() {
        Some("https" | "mailto" | "tel") => return None,
        Some("http") if WebAddress::parse(href).is_ok_and(|address| address.is_loopback()) => return None,
        Some("http") => phrase!("mail-link-not-encrypted"),
        Some("javascript" | "data" | "vbscript") => phrase!("mail-link-script"),
        _ => phrase!("mail-link"),
    };
    Some(rules::LINK.at(reading.place(href), message))
}

/// Whether a link carries the address of another site, to send people on to.
fn redirects(href: &str) -> bool {
    let plain = href.to_ascii_lowercase().replace("%3a", ":").replace("%2f", "/");
    let Some((_, rest)) = plain.split_once("://") else { return false };
    let carried = rest.find("https://").or_else(|| rest.find("http://")).and_then(|start| rest.get(start..));
    let host = |address: &str| {
        let (_, rest) = address.split_once("://")?;
        rest.split(['/', '?', '#', '&', ' ']).next().map(str::to_owned)
    };
    carried.is_some_and(|carried| host(carried) != host(&plain))
}

fn before_heading(html: &str, exit: &str) -> bool {
    for piece in markup::pieces(html) {
        match piece {
            MarkupPiece::Tag(tag) if tag.name == "h1" => return false,
            MarkupPiece::Tag(tag) if tag.attribute("href") == Some(exit) => return true,
            _ => {}
        }
    }
    false
}

/// What the page links to, in order.
pub(super) fn hrefs(html: &str) -> Vec<String> {
    let href = |piece| match piece {
        MarkupPiece::Tag(tag) if !tag.closing => tag.attribute("href").map(|href| href.trim().to_owned()),
        _ => None,
    };
    markup::pieces(html).into_iter().filter_map(href).collect()
}

/// The pictures that the page shows.
fn pictures(html: &str) -> Vec<String> {
    let source = |piece| match piece {
        MarkupPiece::Tag(tag) if !tag.closing => tag.attribute("src").map(|source| source.trim().to_owned()),
        _ => None,
    };
    markup::pieces(html).into_iter().filter_map(source).collect()
}

/// The web addresses in a text.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "<>\"«»".contains(c)).filter_map(|word| {
        let start = word.find("https://").or_else(|| word.find("http://"))?;
        Some(word.get(start..)?.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']))
    })
}

/// Links and pictures that differ between two members' letters, but for those that must.
///
/// `own` are the members' pages of choice and exit; every other link is the shop's, and the same for everybody.
pub(super) fn differences(
    reading: &Reading<'_>,
    one: &Rendered,
    other: &Rendered,
    own: &[&WebAddress],
) -> Vec<Finding> {
    let links = |letter: &Rendered| {
        let in_text = addresses(&letter.text).map(str::to_owned);
        hrefs(&letter.html).into_iter().chain(pictures(&letter.html)).chain(in_text).collect::<BTreeSet<String>>()
    };
    let (one, other) = (links(one), links(other));
    let allowed = |href: &&String| own.iter().any(|own| own.as_str() == href.as_str());
    one.symmetric_difference(&other)
        .filter(|href| !allowed(href))
        .map(|href| rules::RECIPIENT_LINK.at(reading.place(href), phrase!("mail-recipient-link")))
        .collect()
}

/// Links of a finished message that seem to tell who it went to.
pub(super) fn personal(reading: &Reading<'_>, received: &Received) -> Vec<Finding> {
    let to = received
        .values("To")
        .first()
        .map(|to| to.trim_matches(['<', '>', ' ']).to_ascii_lowercase())
        .unwrap_or_default();
    let to = to.rsplit('<').next().unwrap_or_default();
    let tells = |href: &str| {
        let plain = href.to_ascii_lowercase().replace("%40", "@");
        let query = plain.split_once('?').map_or("", |(_, query)| query);
        let mut names = query.split(['&', '#']).filter_map(|pair| pair.split_once('=')).map(|(name, _)| name);
        (!to.is_empty() && plain.contains(to)) || names.any(|name| PERSONAL_PARAMETERS.contains(&name))
    };
    hrefs(reading.html.unwrap_or_default())
        .iter()
        .filter(|href| is_web(href) && reading.unsubscribe != Some(href.as_str()) && tells(href))
        .map(|href| {
            let path = href.split('?').next().unwrap_or_default();
            rules::RECIPIENT_LINK.at(reading.place(path), phrase!("mail-recipient-link-tells"))
        })
        .collect()
}
