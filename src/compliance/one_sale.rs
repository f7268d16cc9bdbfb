//! What the texts of a campaign say that holds for its one sale: a moment, a year, a figure. Where the campaign is held again
//! each of them is a question to a person; what is filled in from the schedule is none.

use std::ops::Range;

use super::texts;
use super::words::{Claim, PlacedText, StatedClaim, StatedFigures, TextKind, stated_figures, stated_moments};
use crate::campaign::{Campaign, ReviewPlace, Schedule};
use crate::phrase;
use crate::phrase::Fact;

/// The texts with such words, each once.
pub fn words_of_one_sale(campaign: &Campaign, schedule: &Schedule) -> Vec<ReviewPlace> {
    let group = campaign.group.iter().map(|group| texts::of_group(campaign, group, schedule));
    let texts = texts::of_campaign(campaign, schedule).into_iter().chain(group);
    // The slug has the season in it, and is made anew.
    let others = texts.filter(|text| text.span != campaign.slug.span);
    others.filter_map(|text| review(&text, schedule)).collect()
}

fn review(text: &PlacedText<'_>, schedule: &Schedule) -> Option<ReviewPlace> {
    let mut spans = years(text);
    if text.kind != TextKind::Url {
        spans.extend(stated_moments(text).into_iter().map(|moment| moment.span));
        for market in &schedule.markets {
            let StatedFigures { claims, unread } = stated_figures(text, market.country());
            let is_figure = |claim: &StatedClaim| !matches!(claim.claim, Claim::LimitedStock | Claim::WhileStockLasts);
            spans.extend(claims.into_iter().filter(is_figure).map(|claim| claim.span));
            spans.extend(unread.into_iter().map(|figure| figure.span));
        }
    }
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut whole: Vec<Range<usize>> = Vec::new();
    for span in spans {
        // A year within a date is said with it.
        if whole.last().is_none_or(|last| last.end < span.end) {
            whole.push(span);
        }
    }
    let words = whole.into_iter().filter_map(|span| text.document.text.get(span)).map(in_one_line);
    let words: Vec<String> = words.map(|words| format!("`{words}`")).collect();
    let says = || phrase!("copy-words", words = Fact::texts(&words));
    (!words.is_empty()).then(|| ReviewPlace { span: text.span.clone(), says: says() })
}

fn in_one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The numbers that can be years of our time.
fn years(text: &PlacedText<'_>) -> Vec<Range<usize>> {
    let raw = text.document.text.get(text.span.clone()).unwrap_or_default().as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    for run in raw.chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit()) {
        if run.len() == 4 && (run.starts_with(b"20") || run.starts_with(b"19")) && run.iter().all(u8::is_ascii_digit) {
            let start = text.span.start + at;
            found.push(start..start + run.len());
        }
        at += run.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::sample;

    #[track_caller]
    fn check(subject: &str, expected: &[&str]) {
        let texts = format!("languages = [\"fr\", \"en\"]\n[mailings.texts.fr]\nsubject = \"{subject}\"\n");
        let document = sample::with(&[("languages = [\"fr\", \"en\"]\n", &texts)]);
        let campaign = Campaign::parse(&document).unwrap();
        let schedule = campaign.resolve(&Calendar::built_in()).unwrap();
        let found: Vec<String> =
            words_of_one_sale(&campaign, &schedule).iter().map(|review| review.says.to_string()).collect();
        let expected: Vec<String> = expected
            .iter()
            .map(|words| format!("{words} was true of the other sale: look whether it is of the new one"))
            .collect();
        assert_eq!(found, expected, "{subject}");
    }

    #[test]
    fn words_that_hold_for_one_sale_are_found() {
        check("Les journées magiques ouvrent {opens}, {duration}", &[]);
        check("Ouverture samedi 2 janvier à 8 h", &["`samedi 2 janvier à 8 h`"]);
        check("L’hiver 2027 commence", &["`2027`"]);
        check("Rendez-vous le 2 janvier 2027", &["`2 janvier 2027`"]);
        check("Jusqu’à −50 % sur les bottines", &["`Jusqu’à −50 %`"]);
        check("Dès 8 h, les bottines", &["`8 h`"]);
        check("Référence 120278", &[]);
    }
}
