//! Checks on the letter: on the templates, by what their samples become, and on finished messages.
//!
//! What it does not do: judge whether a campaign may run (`compliance`), or read other people's mail. Which words the law
//! reserves is asked of `compliance::words`, as for a campaign; there is no second list here.

mod contrast;
mod html;
mod links;
mod reserved;
pub mod rules;
#[cfg(test)]
mod tests;
mod wire;
mod words;

use std::collections::BTreeSet;

use super::kind::{Kind, Part};
use super::letters::LetterCopy;
use super::received::Received;
use super::template::{Rendered, TemplateSet};
use crate::calendar::{Calendar, Market};
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::member::Language;
use crate::phrase;
use crate::text::WebAddress;

/// A letter as the checks read it.
struct Reading<'a> {
    language: Option<Language>,
    subject: &'a str,
    text: Option<&'a str>,
    html: Option<&'a str>,
    /// The way out, where the letter must have one.
    unsubscribe: Option<&'a str>,
    /// Where the words of the letter may have been written, likeliest first.
    sources: Vec<&'a Document>,
    /// The campaign file, whose words the letter may hold.
    campaign: Option<&'a Document>,
}

/// A letter as it would be sent to two members, to be read with every rule.
pub(super) struct Proof<'a> {
    /// The templates that it was written with.
    pub(super) templates: &'a TemplateSet,
    /// Which letter.
    pub(super) kind: Kind,
    /// In which language.
    pub(super) language: Language,
    /// The campaign file, when it is at hand.
    pub(super) campaign: Option<&'a Document>,
    /// Each member's copy, the member's own way out, and the member's page of choices.
    pub(super) copies: &'a [(LetterCopy, [WebAddress; 2]); 2],
}

impl Reading<'_> {
    /// Where `words` stand in the sources; the first source when they were filled in.
    fn place(&self, words: &str) -> Place {
        self.place_or(words, self.sources.first().copied())
    }

    /// Where the subject stands: in the campaign file, or in the template of its own.
    fn place_of_subject(&self) -> Place {
        let own = self.sources.iter().find(|source| source.name.contains("subject"));
        self.place_or(self.subject, own.or(self.sources.first()).copied())
    }

    fn place_or(&self, words: &str, file: Option<&Document>) -> Place {
        let found = self.campaign.iter().chain(&self.sources).find_map(|source| {
            let start = source.text.find(words)?;
            Some(source.place(start..start + words.len()))
        });
        found.unwrap_or_else(|| {
            let file = file.map_or("", |source| source.name.as_str());
            Place::file(file).with_words(words.chars().take(80).collect::<String>())
        })
    }

    /// The host of our own pages: that of the way out, or of the page that confirms.
    fn own_host(&self) -> Option<String> {
        let confirms = || links::hrefs(self.html?).into_iter().find(|href| href.contains("/confirm/"));
        let address = self.unsubscribe.map(str::to_owned).or_else(confirms)?;
        WebAddress::parse(&address).ok().map(|address| address.host().to_owned())
    }

    /// The letter as a whole.
    fn whole(&self) -> Place {
        Place::file(self.sources.first().map_or("", |source| source.name.as_str()))
    }

    fn check(&self) -> Vec<Finding> {
        let mut findings = html::check(self);
        findings.extend(contrast::check(self));
        findings.extend(links::check(self));
        findings.extend(words::check(self));
        findings
    }
}

/// Checks a kind's templates, or all of them, by rendering every sample. Their reserved words are read as the law of each of
/// `markets` reads them.
pub fn templates(set: &TemplateSet, kind: Option<Kind>, markets: &[Market]) -> Vec<Finding> {
    let kinds = kind.map_or_else(|| Kind::ALL.to_vec(), |kind| vec![kind]);
    let mut findings: Vec<Finding> = set.documents().flat_map(source).collect();
    findings.extend(set.notes().iter().cloned());
    for kind in kinds {
        for language in Language::ALL {
            findings.extend(samples(set, kind, language, markets));
        }
    }
    unique(findings)
}

/// What is wrong with the signatures of a letter as it came to a mailbox; none where it has come through no relay.
pub fn signatures(document: &Document) -> Option<Vec<Finding>> {
    wire::of_a_copy(&Received::read(&document.text), document)
}

/// Checks a finished message. Its reserved words are held against the sales of `markets` that `calendar` knows around its date.
pub fn message(document: &Document, calendar: &Calendar, markets: &[Market]) -> Vec<Finding> {
    let received = Received::read(&document.text);
    let unsubscribe = wire::unsubscribe(&received);
    let reading = Reading {
        language: received.part("html").and_then(html::language),
        subject: received.values("Subject").first().copied().unwrap_or_default(),
        text: received.part("plain"),
        html: received.part("html"),
        unsubscribe: unsubscribe.as_deref(),
        sources: vec![document],
        campaign: None,
    };
    let mut findings = wire::check(&received, document);
    findings.extend(reading.check());
    findings.extend(reserved::in_message(&reading, &received, calendar, markets));
    findings.extend(links::personal(&reading, &received));
    unique(findings)
}

/// Checks a letter as it would be sent, header included, and the templates that it was written with. Its reserved words
/// are asked about with the campaign, where a person may waive an answer.
pub(super) fn proof(proof: &Proof<'_>) -> Vec<Finding> {
    let [(one, own), (other, others_own)] = proof.copies;
    let [exit, _] = own;
    let sources = sources(proof.templates, proof.kind, proof.language);
    let reading = Reading {
        language: Some(proof.language),
        subject: one.rendered.subject.as_str(),
        text: Some(&one.rendered.text),
        html: Some(&one.rendered.html),
        unsubscribe: Some(exit.as_str()),
        sources,
        campaign: proof.campaign,
    };
    let mut findings: Vec<Finding> = reading.sources.iter().flat_map(|document| source(document)).collect();
    findings.extend(reading.check());
    findings.extend(links::differences(
        &reading,
        &one.rendered,
        &other.rendered,
        &own.iter().chain(others_own).collect::<Vec<_>>(),
    ));
    let name = reading.sources.first().map_or("", |source| source.name.as_str());
    let message = Document::new(name, String::from_utf8_lossy(&one.bytes));
    // A line of the message is no line of the template that made it.
    let whole = |finding: Finding| Finding { place: Place { line: None, ..finding.place }, ..finding };
    findings.extend(wire::check(&Received::read(&message.text), &message).into_iter().map(whole));
    findings
}

/// The files that a letter is made of, the HTML first.
fn sources(set: &TemplateSet, kind: Kind, language: Language) -> Vec<&Document> {
    let parts = Part::ALL.into_iter().rev();
    let own = parts.filter_map(|part| set.document(&format!("{kind}/{}", part.file(language))));
    own.chain(["base.html", "base.txt"].into_iter().filter_map(|base| set.document(base))).collect()
}

/// What can be seen in a template without rendering it.
fn source(document: &Document) -> Vec<Finding> {
    let filter = document.text.match_indices('|').filter_map(|(start, _)| {
        let after = document.text.get(start + 1..)?;
        let name = after.trim_start();
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let end = start + 1 + (after.len() - name.len()) + "safe".len();
        name.strip_prefix("safe").is_some_and(ends).then_some(start..end)
    });
    filter.map(|span| rules::SAFE.at(document.place(span), phrase!("mail-safe"))).collect()
}

fn samples(set: &TemplateSet, kind: Kind, language: Language, markets: &[Market]) -> Vec<Finding> {
    let mut letters: Vec<Rendered> = Vec::new();
    for letter in set.sample_letters(kind, language) {
        match letter {
            Ok(letter) => letters.push(letter),
            Err(error) => return vec![error.into()],
        }
    }
    let Ok(members) = super::samples::recipients() else { return Vec::new() };
    let [first, second] = members.each_ref().map(|member| &member.unsubscribe_url);
    let own: Vec<&WebAddress> = members
        .iter()
        .flat_map(|member| [Some(&member.unsubscribe_url), member.preferences_url.as_ref()])
        .flatten()
        .collect();
    let sources = sources(set, kind, language);
    let has_exits = kind != Kind::Confirmation;
    let mut findings = Vec::new();
    for (index, letter) in letters.iter().enumerate() {
        let exit = if index % 2 == 0 { first } else { second };
        let reading = Reading {
            language: Some(language),
            subject: letter.subject.as_str(),
            text: Some(&letter.text),
            html: Some(&letter.html),
            unsubscribe: has_exits.then_some(exit.as_str()),
            sources: sources.clone(),
            campaign: None,
        };
        findings.extend(reading.check());
        findings.extend(reserved::in_template(&reading, markets));
        if let (true, Some(other)) = (has_exits && index % 2 == 0, letters.get(index + 1)) {
            findings.extend(links::differences(&reading, letter, other, &own));
        }
    }
    findings
}

/// The findings without repetitions, in their order.
pub(super) fn unique(findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    findings
        .into_iter()
        .filter(|finding| seen.insert((finding.rule, finding.place.clone(), finding.message.clone())))
        .collect()
}
