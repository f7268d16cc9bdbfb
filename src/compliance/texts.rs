//! The texts of a campaign file that customers read, and those of the shop's own pages, each with its place and the time at
//! which it is read.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::offers::Offers;
use super::words::{PlacedText, TextKind, Writing};
use crate::campaign::{Campaign, Group, SaleWords, Schedule, Written};
use crate::document::Document;
use crate::price::ArticleCard;

/// Every text of `campaign` that customers read.
///
/// The gate shows title, label and page beside the instant at which the window opens, so they are judged as read while
/// it is open; a mail is judged as read while it may leave.
pub(super) fn of_campaign<'a>(campaign: &'a Campaign, schedule: &Schedule) -> Vec<PlacedText<'a>> {
    let texts = written_texts(campaign, schedule).into_iter();
    texts.map(|text| PlacedText { sale: Some((schedule.opens_at, schedule.closes_at)), ..text }).collect()
}

fn written_texts<'a>(campaign: &'a Campaign, schedule: &Schedule) -> Vec<PlacedText<'a>> {
    let open = (schedule.opens_at, schedule.closes_at);
    let mut texts = vec![
        text(campaign, campaign.slug.span.clone(), TextKind::Url, open),
        written(campaign, &campaign.title, TextKind::Title, open),
    ];
    texts.extend(campaign.label.iter().map(|label| written(campaign, label, TextKind::Label, open)));
    texts.extend(campaign.url.iter().map(|url| written(campaign, url, TextKind::Url, open)));
    texts.extend(campaign.offers.iter().map(|offer| written(campaign, &offer.name, TextKind::Label, open)));
    for (language, SaleWords { title, intro, button, alt }) in &campaign.words {
        let of_title = title.iter().map(|title| written(campaign, title, TextKind::Title, open));
        let of_lines = button.iter().chain(alt).map(|line| written(campaign, line, TextKind::Label, open));
        let of_intro = intro.iter().map(|intro| written(campaign, intro, TextKind::TextBody, open));
        let own = of_title.chain(of_lines).chain(of_intro);
        texts.extend(own.map(|text| PlacedText { language: Some(language.to_string()), ..text }));
    }
    for mailing in &campaign.mailings {
        let planned = schedule.mailings.iter().find(|planned| planned.name == mailing.name.value);
        let sent = planned.map_or(open, |planned| (planned.not_before, planned.not_after));
        for (language, own) in &mailing.texts {
            for (key, words) in own.all() {
                let kind = match key {
                    "subject" => TextKind::Subject,
                    "headline" => TextKind::Title,
                    _ => TextKind::TextBody,
                };
                let text = written(campaign, words, kind, sent);
                let below = own.intro.as_ref().filter(|_| key == "headline").map(|intro| intro.span.clone());
                texts.push(PlacedText { language: Some(language.to_string()), below, ..text });
            }
        }
    }
    texts
}

/// The names of the articles that are shown, in the file that names them.
pub(super) fn of_articles<'a>(offers: &'a Offers, schedule: &Schedule) -> Vec<PlacedText<'a>> {
    let shown: BTreeSet<&str> =
        schedule.offers.iter().flat_map(|offer| &offer.articles).map(|article| article.sku.as_str()).collect();
    let listed = offers.list.offers.iter().filter(|offer| shown.contains(offer.sku.as_str()));
    let window = Some((schedule.opens_at, schedule.closes_at));
    let text = |card: &ArticleCard| PlacedText {
        span: card.span.clone(),
        shown: window,
        sale: window,
        ..PlacedText::whole(&offers.list.names, TextKind::Label)
    };
    listed.filter_map(|offer| offer.card.as_ref()).map(text).collect()
}

/// The description of a campaign's closed group.
pub(super) fn of_group<'a>(campaign: &'a Campaign, group: &Group, schedule: &Schedule) -> PlacedText<'a> {
    written(campaign, &group.who, TextKind::TextBody, (schedule.opens_at, schedule.closes_at))
}

/// What people read in a file of the shop's own pages while the window is open: a page, or the words of one language in a
/// TOML file.
pub(super) fn of_page<'a>(document: &'a Document, schedule: &Schedule) -> Vec<PlacedText<'a>> {
    let shown = Some((schedule.opens_at, schedule.closes_at));
    let Some(stem) = document.name.strip_suffix(".toml") else {
        let page = PlacedText::whole(document, TextKind::Html);
        return vec![PlacedText { writing: Writing::Template, shown, ..page }];
    };
    let language = stem.rsplit(['/', '\\']).next().map(str::to_owned);
    let (words, _) = DeTable::parse_recoverable(&document.text);
    let mut spans = Vec::new();
    words.get_ref().values().for_each(|value| strings(value, &mut spans));
    let text = |span: Range<usize>| {
        let raw = document.text.get(span.clone()).unwrap_or_default();
        let writing = if raw.starts_with('\'') { Writing::Raw } else { Writing::TomlString };
        let language = language.clone();
        PlacedText { document, span, kind: TextKind::TextBody, writing, language, shown, sale: None, below: None }
    };
    spans.into_iter().map(text).collect()
}

/// Where the texts of a TOML value stand.
fn strings(value: &Spanned<DeValue<'_>>, found: &mut Vec<Range<usize>>) {
    match value.get_ref() {
        DeValue::String(_) => found.push(value.span()),
        DeValue::Array(items) => items.iter().for_each(|item| strings(item, found)),
        DeValue::Table(entries) => entries.values().for_each(|entry| strings(entry, found)),
        _ => {}
    }
}

fn written<'a, T>(
    campaign: &'a Campaign,
    written: &Written<T>,
    kind: TextKind,
    shown: (Timestamp, Timestamp),
) -> PlacedText<'a> {
    text(campaign, written.span.clone(), kind, shown)
}

fn text(campaign: &Campaign, span: Range<usize>, kind: TextKind, shown: (Timestamp, Timestamp)) -> PlacedText<'_> {
    let raw = campaign.document.text.get(span.clone()).unwrap_or_default();
    let writing = if raw.starts_with('\'') { Writing::Raw } else { Writing::TomlString };
    let (document, shown) = (&campaign.document, Some(shown));
    PlacedText { document, span, kind, writing, language: None, shown, sale: None, below: None }
}
