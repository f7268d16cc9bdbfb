//! A letter to many people, of which all but a few words is rendered and encoded once.
//!
//! The templates are filled in with marks in the place of what is the member's own. Where the marks come out, and nowhere
//! else, the letters differ. What is written then has the same bytes as a full rendering: both go through `tidy` and
//! `encoded` line by line, which is why only the lines with a mark have to be written for each person. A template that
//! does more with a member's own words than show them is found out, and rendered in full for everybody.

use super::context::RecipientView;
use super::message::{Bodies, BuildError, encode};
use super::template::{LARGEST_PART, Letter, RenderError};
use super::tidy::Layout;
use super::{samples, tidy};
use crate::document::Document;
use crate::template::escape;

/// What a template may show of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OwnWord {
    UnsubscribeUrl = 0,
    PreferencesUrl = 1,
    ConfirmedOn = 2,
}

impl OwnWord {
    const ALL: [Self; 3] = [Self::UnsubscribeUrl, Self::PreferencesUrl, Self::ConfirmedOn];

    fn name(self) -> &'static str {
        match self {
            Self::UnsubscribeUrl => "unsubscribe_url",
            Self::PreferencesUrl => "preferences_url",
            Self::ConfirmedOn => "confirmed_on",
        }
    }

    fn of(self, member: &RecipientView) -> Option<&str> {
        match self {
            Self::UnsubscribeUrl => member.unsubscribe_url.as_deref(),
            Self::PreferencesUrl => member.preferences_url.as_deref(),
            Self::ConfirmedOn => member.confirmed_on.as_deref(),
        }
    }

    /// What stands in its place while the templates are filled in: a character that no text of a person can be, a sign
    /// that shows whether it was escaped, a number.
    fn mark(self) -> String {
        format!("{MARK}'{}", self as u8)
    }
}

/// One of the characters that Unicode keeps out of texts that are exchanged.
const MARK: char = '\u{FDD0}';

/// Whether a member's words are escaped for HTML where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escaping {
    Plain,
    Escaped,
}

#[derive(Clone, Debug)]
enum SplicedSpan {
    Words(String),
    OwnWord(OwnWord, Escaping),
}

#[derive(Clone, Debug)]
enum SplicedStretch {
    /// Encoded lines, the same for everybody.
    Same(Vec<u8>),
    /// One line as the template wrote it, before it is broken and encoded.
    Line(Vec<SplicedSpan>),
}

/// The letter of a mailing in one language, ready for one person after the other.
#[derive(Clone, Debug)]
pub(super) struct Spliced {
    text: SplicedPart,
    html: SplicedPart,
}

#[derive(Clone, Debug)]
struct SplicedPart {
    pieces: Vec<SplicedStretch>,
    layout: Layout,
    /// How much of the limit on a part what is the same takes up, in bytes.
    length: usize,
}

impl Spliced {
    /// What can be written once of `letter`. `None` when its templates do more with a member's words than show them.
    pub(super) fn of(letter: &Letter) -> Result<Option<Self>, RenderError> {
        if !letter.documents().all(shows_only) {
            return Ok(None);
        }
        let marks = RecipientView {
            unsubscribe_url: Some(OwnWord::UnsubscribeUrl.mark()),
            preferences_url: Some(OwnWord::PreferencesUrl.mark()),
            confirmed_on: Some(OwnWord::ConfirmedOn.mark()),
        };
        let [text, html] = letter.parts(&marks)?;
        let (text, html) = (SplicedPart::of(&text, Layout::Text), SplicedPart::of(&html, Layout::Html));
        let Some((text, html)) = text.zip(html) else { return Ok(None) };
        let spliced = Self { text, html };
        for member in samples::recipients()? {
            let full = Bodies::of(&letter.for_recipient(&member)?).ok();
            match spliced.bodies(&member.view(letter.language())) {
                // Such a member's letter is rendered in full.
                None => {}
                Some(Ok(written)) if full.as_ref() == Some(&written) => {}
                Some(_) => return Ok(None),
            }
        }
        Ok(Some(spliced))
    }

    /// The bodies for one member. `None` when something of the member is missing that a template shows, or the letter would
    /// be too long: then it has to be rendered in full.
    pub(super) fn bodies(&self, member: &RecipientView) -> Option<Result<Bodies, BuildError>> {
        let (text, html) = (self.text.write(member)?, self.html.write(member)?);
        Some(text.and_then(|text| Ok(Bodies::of_encoded(text, html?))))
    }
}

impl SplicedPart {
    /// The part in which the marks stand where they came out in `marked`. `None` when one of them did not come out whole.
    fn of(marked: &str, layout: Layout) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut same = String::new();
        for (gap, line) in tidy::lines(marked, layout) {
            same.push_str(gap);
            if line.contains(MARK) {
                if !same.is_empty() {
                    pieces.push(SplicedStretch::Same(encode(&std::mem::take(&mut same)).ok()?));
                }
                pieces.push(SplicedStretch::Line(spans(line)?));
            } else {
                tidy::lay_out(line, layout, &mut same);
            }
        }
        pieces.push(SplicedStretch::Same(encode(&same).ok()?));
        Some(Self { pieces, layout, length: marked.len() })
    }

    fn write(&self, member: &RecipientView) -> Option<Result<Vec<u8>, BuildError>> {
        let mut out = Vec::with_capacity(self.length * 5 / 4);
        let (mut length, mut filled, mut laid_out) = (self.length, String::new(), String::new());
        for piece in &self.pieces {
            let spans = match piece {
                SplicedStretch::Same(bytes) => {
                    out.extend_from_slice(bytes);
                    continue;
                }
                SplicedStretch::Line(spans) => spans,
            };
            filled.clear();
            for span in spans {
                length += span.fill(member, &mut filled)?;
            }
            laid_out.clear();
            tidy::lay_out(tidy::trimmed(&filled, self.layout), self.layout, &mut laid_out);
            match encode(&laid_out) {
                Ok(bytes) => out.extend_from_slice(&bytes),
                Err(why) => return Some(Err(why)),
            }
        }
        (length <= LARGEST_PART).then_some(Ok(out))
    }
}

impl SplicedSpan {
    /// Adds what stands here for a member to `line`, and says how much longer than the same for everybody that makes a part at
    /// most, in bytes. `None` when the member has no such word: an empty one could leave an empty line, which would be another
    /// layout.
    fn fill(&self, member: &RecipientView, line: &mut String) -> Option<usize> {
        let (own, form) = match self {
            Self::Words(words) => {
                line.push_str(words);
                return Some(0);
            }
            Self::OwnWord(own, form) => (own.of(member).filter(|own| !own.is_empty())?, form),
        };
        match form {
            Escaping::Plain => line.push_str(own),
            Escaping::Escaped => line.push_str(&escape(own)),
        }
        // As long as if every sign of it were escaped.
        Some(own.len() * 6)
    }
}

/// The words of a line and the marks between them.
fn spans(line: &str) -> Option<Vec<SplicedSpan>> {
    let mut spans = Vec::new();
    let mut pieces = line.split(MARK);
    let words = |words: &str| if words.is_empty() { None } else { Some(SplicedSpan::Words(words.to_owned())) };
    spans.extend(words(pieces.next()?));
    for piece in pieces {
        let (form, rest) = match (piece.strip_prefix('\''), piece.strip_prefix(escape("'").as_str())) {
            (Some(rest), _) => (Escaping::Plain, rest),
            (None, Some(rest)) => (Escaping::Escaped, rest),
            (None, None) => return None,
        };
        let own = OwnWord::ALL.into_iter().find(|own| rest.starts_with(&(*own as u8).to_string()))?;
        spans.push(SplicedSpan::OwnWord(own, form));
        spans.extend(words(rest.get(1..)?));
    }
    Some(spans)
}

/// Whether a template does nothing with what is a member's own but show it, pass it on to be shown, or ask whether it is
/// there. A text that only looks like such a use costs time, no more.
fn shows_only(document: &Document) -> bool {
    let text = &document.text;
    // The whole context by another name.
    if text.contains("__tera_context") {
        return false;
    }
    text.match_indices("recipient").all(|(start, word)| {
        let before = text.get(..start).unwrap_or_default().trim_end();
        let after = text.get(start + word.len()..).unwrap_or_default();
        let named = OwnWord::ALL.into_iter().find_map(|own| after.strip_prefix('.')?.strip_prefix(own.name()));
        let Some(after) = named.map(str::trim_start) else { return false };
        let shown = ["{{", "{{-"].iter().any(|open| before.ends_with(open)) && after.starts_with(['}', '-']);
        let asked = ["{% if", "{%- if"].iter().any(|open| before.ends_with(open)) && after.starts_with(['%', '-']);
        let passed_on = before.ends_with("={") && after.starts_with('}');
        shown || asked || passed_on
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;
    use proptest::prelude::*;

    use super::*;
    use crate::mail::{Recipient, SaleKind, TemplateSet};
    use crate::member::Language;
    use crate::text::WebAddress;

    fn recipient(token: &str, base: &str, (month, day): (i8, i8)) -> Recipient {
        let link = |path: &str| WebAddress::parse(&format!("{base}/{path}/v1.{token}")).unwrap();
        Recipient {
            unsubscribe_url: link("u"),
            preferences_url: Some(link("p")),
            confirmed_on: Date::new(2026, month, day).unwrap(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_spliced_letter_has_the_bytes_of_a_full_rendering(
            token in "[A-Za-z0-9_-]{1,200}",
            base in "https://[a-z]{1,40}\\.example\\.(fr|com)(/[a-z&=]{1,30})?",
            day in (1i8..=12, 1i8..=28),
        ) {
            let templates = TemplateSet::built_in().unwrap();
            for (kind, language) in SaleKind::ALL.into_iter().flat_map(|kind| Language::ALL.map(|one| (kind, one))) {
                for sample in samples::sale_letters(language).unwrap() {
                    let letter = templates.prepare(kind, &sample).unwrap();
                    let spliced = Spliced::of(&letter).unwrap().expect("the built-in templates only show what is a member's own");
                    let member = recipient(&token, &base, day);
                    let written = spliced.bodies(&member.view(language)).unwrap().unwrap();
                    prop_assert_eq!(written, Bodies::of(&letter.for_recipient(&member).unwrap()).unwrap());
                }
            }
        }
    }

    #[test]
    fn only_a_template_that_shows_and_no_more_is_spliced() {
        let shows = |text: &str| shows_only(&Document::new("body.txt", text));
        for text in [
            "Le {{ recipient.confirmed_on }}",
            "{{- recipient.confirmed_on -}}",
            "{% if recipient.preferences_url %}x{% endif %}",
            "{{ <link href={recipient.unsubscribe_url} label=\"x\" /> }}",
            "nobody",
        ] {
            assert!(shows(text), "{text}");
        }
        for text in [
            "{{ recipient }}",
            "{{ recipient.confirmed_on | upper }}",
            "{{ recipient.confirmed_on ~ x }}",
            "{% if recipient.confirmed_on == \"12 octobre 2026\" %}x{% endif %}",
            "{% if not recipient.preferences_url %}x{% endif %}",
            "{% set day = recipient.confirmed_on %}",
            "{% for c in recipient.confirmed_on %}",
            "{{ __tera_context }}",
            "{{ recipient[\"confirmed_on\"] }}",
        ] {
            assert!(!shows(text), "{text}");
        }
    }

    #[test]
    fn a_mark_that_does_not_come_out_whole_is_noticed() {
        assert!(SplicedPart::of(&format!("a {} b\n", OwnWord::ConfirmedOn.mark()), Layout::Text).is_some());
        assert!(SplicedPart::of(&format!("a {MARK} b\n"), Layout::Text).is_none());
        assert!(SplicedPart::of(&format!("a {MARK}'7 b\n"), Layout::Text).is_none());
    }
}
