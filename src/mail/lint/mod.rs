//! Checks on the letter: on the templates, by what their samples become, and on finished messages.
//!
//! What it does not do: judge whether a campaign may run (`compliance`), or read other people's mail.

mod contrast;
mod html;
mod links;
pub mod rules;
#[cfg(test)]
mod tests;
mod wire;
mod words;

use std::collections::BTreeSet;

use super::kind::{Kind, Part};
use super::received::Received;
use super::template::{Rendered, TemplateSet};
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::member::Language;

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
}

impl Reading<'_> {
    /// Where `words` stand in the sources; the first source when they were filled in.
    fn place(&self, words: &str) -> Place {
        let found = self.sources.iter().find_map(|source| {
            let start = source.text.find(words)?;
            Some(source.place(start..start + words.len()))
        });
        found.unwrap_or_else(|| {
            let file = self.sources.first().map_or("", |source| source.name.as_str());
            Place::file(file).with_words(words.chars().take(80).collect::<String>())
        })
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

/// Checks a kind's templates, or all of them, by rendering every sample.
pub fn templates(set: &TemplateSet, kind: Option<Kind>) -> Vec<Finding> {
    let kinds = kind.map_or_else(|| Kind::ALL.to_vec(), |kind| vec![kind]);
    let mut findings: Vec<Finding> = set.documents().flat_map(source).collect();
    for kind in kinds {
        for language in Language::ALL {
            findings.extend(samples(set, kind, language));
        }
    }
    unique(findings)
}

/// Checks a finished message.
pub fn message(document: &Document) -> Vec<Finding> {
    let received = Received::read(&document.text);
    let unsubscribe = wire::unsubscribe(&received);
    let reading = Reading {
        language: received.part("html").and_then(html::language),
        subject: received.values("Subject").first().copied().unwrap_or_default(),
        text: received.part("plain"),
        html: received.part("html"),
        unsubscribe: unsubscribe.as_deref(),
        sources: vec![document],
    };
    let mut findings = wire::check(&received, document);
    findings.extend(reading.check());
    findings.extend(links::personal(&reading, &received));
    unique(findings)
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
    filter.map(|span| rules::SAFE.at(document.place(span), "`safe` switches escaping off")).collect()
}

fn samples(set: &TemplateSet, kind: Kind, language: Language) -> Vec<Finding> {
    let mut letters: Vec<Rendered> = Vec::new();
    for letter in set.sample_letters(kind, language) {
        match letter {
            Ok(letter) => letters.push(letter),
            Err(error) => return vec![error.into()],
        }
    }
    let exits = super::samples::recipients().map(|members| members.map(|member| member.unsubscribe_url));
    let Ok([first, second]) = exits else { return Vec::new() };
    let sources: Vec<&Document> = Part::ALL
        .into_iter()
        .rev()
        .filter_map(|part| set.document(&format!("{kind}/{}", part.file(language))))
        .chain(["base.html", "base.txt"].into_iter().filter_map(|base| set.document(base)))
        .collect();
    let sale = matches!(kind, Kind::Sale(_));
    let mut findings = Vec::new();
    for (index, letter) in letters.iter().enumerate() {
        let exit = if index % 2 == 0 { &first } else { &second };
        let reading = Reading {
            language: Some(language),
            subject: letter.subject.as_str(),
            text: Some(&letter.text),
            html: Some(&letter.html),
            unsubscribe: sale.then_some(exit.as_str()),
            sources: sources.clone(),
        };
        findings.extend(reading.check());
        if let (true, Some(other)) = (sale && index % 2 == 0, letters.get(index + 1)) {
            findings.extend(links::differences(&reading, letter, other));
        }
    }
    findings
}

/// The findings without repetitions, in their order.
fn unique(findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    findings
        .into_iter()
        .filter(|finding| seen.insert((finding.rule, finding.place.clone(), finding.message.clone())))
        .collect()
}
