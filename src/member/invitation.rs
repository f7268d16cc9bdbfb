//! The words under which people sign up: what they read, and the sentence that the button stands for. They are data
//! (`config/consent`), so that a shop can have its own; what was shown is kept word for word with every consent.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::document::Document;
use crate::finding::Finding;
use crate::phrase;
use crate::phrase::Phrase;

/// Bytes of a paragraph that are plausible.
const LONGEST: usize = 2_000;

/// Words of the shortest sentence that somebody can agree to.
const FEWEST_WORDS: usize = 5;

/// What is filled in. Nothing else can be: the words are the same for everybody.
#[derive(Clone, Copy, Debug)]
pub struct InvitationFacts<'a> {
    /// The name that people know.
    pub shop: &'a str,
    /// The legal person that sends.
    pub legal_name: &'a str,
    /// Its postal address.
    pub postal_address: &'a str,
    /// Where a person can write to.
    pub contact: &'a str,
    /// The privacy notice.
    pub privacy_url: &'a str,
    /// How long a consent counts, in months.
    pub lifetime_months: u8,
}

/// The words in one language, with everything filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invitation {
    /// The heading.
    pub title: String,
    /// What stands under it.
    pub lead: String,
    /// The sentence that the button stands for.
    pub statement: String,
    /// What the button says.
    pub button: String,
    /// The information about the processing (GDPR art. 13), by paragraphs.
    pub notice: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordingFile {
    title: Spanned<String>,
    lead: Spanned<String>,
    statement: Spanned<String>,
    button: Spanned<String>,
    notice: Vec<Spanned<String>>,
}

impl Invitation {
    /// Reads `document` and fills in the facts.
    ///
    /// # Errors
    /// Everything that is wrong, each at its own line.
    pub fn parse(document: &Document, facts: &InvitationFacts<'_>) -> Result<Self, Vec<Finding>> {
        let file: WordingFile = document.parse_toml("consent.syntax").map_err(|finding| vec![*finding])?;
        let mut reader = Filler { document, facts, findings: Vec::new() };
        if file.statement.get_ref().split_whitespace().count() < FEWEST_WORDS {
            reader.refuse(file.statement.span(), phrase!("wording-statement-short"));
        }
        for name in ["{legal_name}", "{contact}", "{privacy_url}"] {
            if !file.notice.iter().any(|paragraph| paragraph.get_ref().contains(name)) {
                let why = phrase!("wording-notice-lacks", name = name);
                reader.refuse(file.notice.first().map_or(0..0, Spanned::span), why);
            }
        }
        let invitation = Self {
            title: reader.filled("title", &file.title),
            lead: reader.filled("lead", &file.lead),
            statement: reader.filled("statement", &file.statement),
            button: reader.filled("button", &file.button),
            notice: file.notice.iter().map(|paragraph| reader.filled("notice", paragraph)).collect(),
        };
        if reader.findings.is_empty() { Ok(invitation) } else { Err(reader.findings) }
    }

    /// The exact words that are agreed to, as they are kept: the sentence, what its button says, and the information.
    pub fn text(&self) -> String {
        let button = format!("[{}]", self.button);
        let paragraphs = [&self.statement, &button].into_iter().chain(&self.notice);
        paragraphs.map(String::as_str).collect::<Vec<_>>().join("\n\n")
    }
}

/// The sentence and the information in a text that [`Invitation::text`] made, to show them again.
pub fn shown_again(text: &str) -> (&str, impl Iterator<Item = &str>) {
    let mut paragraphs = text.split("\n\n");
    let statement = paragraphs.next().unwrap_or_default();
    // What the button said is said by the button.
    (statement, paragraphs.skip(1))
}

struct Filler<'a> {
    document: &'a Document,
    facts: &'a InvitationFacts<'a>,
    findings: Vec<Finding>,
}

impl Filler<'_> {
    fn refuse(&mut self, span: Range<usize>, why: Phrase) {
        let finding = Finding::error("consent.wording", self.document.place(span), why);
        self.findings.push(finding.mended_by(phrase!("wording-look-at-ours")));
    }

    /// A paragraph with the facts in it.
    fn filled(&mut self, key: &str, text: &Spanned<String>) -> String {
        let (text, span) = (text.get_ref(), text.span());
        if text.trim().is_empty() || text.len() > LONGEST {
            self.refuse(span.clone(), phrase!("wording-length", key = key, longest = LONGEST));
        }
        if text.chars().any(char::is_control) {
            self.refuse(span.clone(), phrase!("wording-control-character", key = key));
        }
        let (mut filled, mut rest) = (String::new(), text.as_str());
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            filled.push_str(before);
            match self.fact(name) {
                Some(fact) => filled.push_str(&fact),
                None => self.refuse(span.clone(), phrase!("wording-nothing-to-fill-in", name = format!("{{{name}}}"))),
            }
            rest = behind;
        }
        filled.push_str(rest);
        filled
    }

    fn fact(&self, name: &str) -> Option<String> {
        let facts = self.facts;
        Some(match name {
            "shop" => facts.shop.to_owned(),
            "legal_name" => facts.legal_name.to_owned(),
            "postal_address" => facts.postal_address.to_owned(),
            "contact" => facts.contact.to_owned(),
            "privacy_url" => facts.privacy_url.to_owned(),
            "lifetime_months" => facts.lifetime_months.to_string(),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRENCH: &str = include_str!("../../config/consent/fr.toml");
    const ENGLISH: &str = include_str!("../../config/consent/en.toml");

    const FACTS: InvitationFacts<'_> = InvitationFacts {
        shop: "Maison Exemple",
        legal_name: "Exemple SAS",
        postal_address: "1 rue de l’Exemple",
        contact: "contact@example.fr",
        privacy_url: "https://www.example.fr/confidentialite",
        lifetime_months: 24,
    };

    fn read(text: &str) -> Result<Invitation, Vec<String>> {
        let read = Invitation::parse(&Document::new("fr.toml", text), &FACTS);
        read.map_err(|findings| findings.iter().map(|it| format!("{}: {}", it.place, it.message)).collect())
    }

    #[test]
    fn what_comes_along_says_who_why_how_long_and_how_to_leave() {
        for (text, age, authority) in [(FRENCH, "15\u{a0}ans ou plus", "CNIL"), (ENGLISH, "15 or over", "CNIL")] {
            let invitation = read(text).unwrap();
            let said = invitation.text();
            assert!(invitation.statement.contains("Maison Exemple") && invitation.statement.contains(age), "{said}");
            for words in ["Exemple SAS", "contact@example.fr", "72", "24", authority, "/confidentialite"] {
                assert!(said.contains(words), "{words}: {said}");
            }
            assert!(!said.contains(['{', '}']), "{said}");
            let (statement, notice) = shown_again(&said);
            assert_eq!(
                (statement, notice.collect::<Vec<_>>()),
                (&*invitation.statement, invitation.notice.iter().map(String::as_str).collect())
            );
        }
    }

    #[test]
    fn french_keeps_its_signs_with_their_words() {
        let invitation = read(FRENCH).unwrap();
        for text in [invitation.text(), invitation.title, invitation.lead] {
            for sign in [" :", " ;", " ?", " !", " »", "« ", "'", "...", "15 ans", "art. 6"] {
                assert!(!text.contains(sign), "`{sign}` in: {text}");
            }
        }
    }

    #[track_caller]
    fn refused(from: &str, to: &str, expected: &str) {
        assert!(FRENCH.contains(from), "{from}");
        let found = read(&FRENCH.replace(from, to)).unwrap_err();
        assert!(found.iter().any(|it| it.contains(expected)), "{found:?}");
    }

    #[test]
    fn a_wording_that_says_too_little_is_refused_at_its_line() {
        refused("{legal_name}, ", "", "`notice` must name `{legal_name}`");
        refused("{shop}", "{boutique}", "fr.toml:11");
        refused("{shop}", "{boutique", "there is nothing to fill in");
        refused("M’inscrire", " ", "`button` is empty");
        refused("M’inscrire", "M’in\\nscrire", "control character");
        refused("button    =", "knob =", "`knob` is not a key");
        let short = read(&FRENCH.replace("En appuyant sur ce bouton, je demande à {shop} de m’annoncer par e\\u2011mail ses avant-premières. J’ai 15\\u00a0ans ou plus.", "J’accepte."));
        assert!(short.unwrap_err()[0].contains("too short"));
    }
}
