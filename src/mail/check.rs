//! Writes every letter of a mailing for two made-up members, as the senders will, and reads the copies with every rule.
//!
//! `campaign check` asks about a file, the daemon about what is applied. What the law says of the words is asked in
//! `compliance`, of the file and of the templates, because a person may waive an answer there.

use jiff::Timestamp;

use super::context::ShopWindow;
use super::fields::MessageId;
use super::kind::{Kind, SaleKind};
use super::letters::{Addressee, LetterCopy, LetterError, MailingLetters};
use super::lint::{self, rules};
use super::message::{BuildError, WayOut};
use super::sender::Sender;
use super::template::{RenderError, TemplateSet};
use crate::campaign::{Campaign, Mailing, PlannedMailing, Schedule};
use crate::finding::{Finding, Place};
use crate::member::Language;
use crate::phrase;
use crate::phrase::{Fact, Spoken};
use crate::text::{TextError, WebAddress};

/// Tokens of the length that real ones have.
const TOKENS: [&str; 2] =
    ["v1.k1.6GhTq2vXn8RzWmB4sD7yJ.pL0aYt3nRq8eWx5bUc2v", "v1.k1.3NbVc9mKl1PoIuY7tReW2.hG4fD8sAq6zXw1eRt5yU"];

/// Checks letters as one shop would send them.
#[derive(Clone, Copy, Debug)]
pub struct LetterCheck<'a> {
    /// The templates in use.
    pub templates: &'a TemplateSet,
    /// Who signs.
    pub sender: &'a Sender,
    /// Where the links to unsubscribe begin.
    pub public_url: &'a WebAddress,
    /// The articles that the letters show, as they are then, or at the beginning of a mailing that has not begun.
    pub window: ShopWindow<'a>,
}

/// A letter to be checked: of which mailing, in which language, and the file that it was written in, if that is known.
#[derive(Clone, Copy)]
struct Subject<'a> {
    schedule: &'a Schedule,
    planned: &'a PlannedMailing,
    language: Language,
    written: Option<(&'a Campaign, &'a Mailing)>,
}

impl Subject<'_> {
    /// Where the merchandiser's own subject stands, which is read in another form than it is written in.
    fn place_of_own_subject(&self) -> Option<Place> {
        let (_, mailing) = self.written?;
        Some(mailing.texts.get(&self.language)?.subject.as_ref()?.place.clone())
    }
}

impl LetterCheck<'_> {
    /// What is wrong with the letters of `campaign`, which resolved to `schedule`.
    pub fn campaign(&self, campaign: &Campaign, schedule: &Schedule) -> Vec<Finding> {
        let pairs = campaign.mailings.iter().zip(&schedule.mailings);
        let subjects = pairs.flat_map(|(mailing, planned)| {
            let written = Some((campaign, mailing));
            planned.languages.iter().map(move |&language| Subject { schedule, planned, language, written })
        });
        lint::unique(subjects.flat_map(|subject| self.letter(subject)).collect())
    }

    /// What is wrong with the letters of an applied mailing, at its place in the file that it was applied from, when that
    /// is at hand.
    pub fn mailing(&self, schedule: &Schedule, planned: &PlannedMailing, file: Option<&Campaign>) -> Vec<Finding> {
        let written = file.and_then(|campaign| {
            let mailing = campaign.mailings.iter().find(|mailing| mailing.name.value == planned.name)?;
            Some((campaign, mailing))
        });
        let languages = planned.languages.iter();
        let subjects = languages.map(|&language| Subject { schedule, planned, language, written });
        lint::unique(subjects.flat_map(|subject| self.letter(subject)).collect())
    }

    fn letter(&self, subject: Subject<'_>) -> Vec<Finding> {
        let copies = match self.copies(subject) {
            Ok(copies) => copies,
            Err(error) => return vec![unwritten(subject, error)],
        };
        let proof = lint::Proof {
            templates: self.templates,
            kind: Kind::Sale(SaleKind::from(subject.planned.kind)),
            language: subject.language,
            campaign: subject.written.map(|(campaign, _)| &campaign.document),
            copies: &copies,
        };
        let mut findings = lint::proof(&proof);
        if let Some(place) = subject.place_of_own_subject() {
            for finding in findings.iter_mut().filter(|finding| finding.rule == rules::SUBJECT_LENGTH.id) {
                finding.place = place.clone();
            }
        }
        findings
    }

    /// The letter as two members would receive it, each with the member's own way out and page of choices.
    fn copies(&self, subject: Subject<'_>) -> Result<[(LetterCopy, [WebAddress; 2]); 2], LetterError> {
        let Subject { schedule, planned, language, .. } = subject;
        let alone = PlannedMailing { languages: vec![language], ..planned.clone() };
        let window = ShopWindow { at: self.window.at.max(planned.not_before), ..self.window };
        let letters = MailingLetters::prepare(self.templates, self.sender, schedule, &alone, window)?;
        let copy = |token: &str, day: i64| -> Result<_, LetterError> {
            let to = "camille@example.net".parse().map_err(BuildError::refused)?;
            let id = format!("<{}@{}>", "0".repeat(64), self.sender.from.address.domain());
            let id = MessageId::parse(&id).map_err(BuildError::refused)?;
            let below = |path: &str| self.public_url.below(&format!("{path}/{token}")).map_err(BuildError::refused);
            let (exit, choices) = (below("u")?, below("p")?);
            let confirmed_at = planned.not_before.saturating_sub(jiff::SignedDuration::from_hours(24 * day));
            let addressee = Addressee {
                to: &to,
                language,
                way_out: WayOut { unsubscribe: exit.clone(), mailbox: None },
                preferences: choices.clone(),
                confirmed_at: confirmed_at.unwrap_or(Timestamp::UNIX_EPOCH),
                id: &id,
            };
            Ok((letters.write(&addressee, planned.not_before)?, [exit, choices]))
        };
        let [one, other] = TOKENS;
        Ok([copy(one, 30)?, copy(other, 90)?])
    }
}

/// Why a letter cannot be written, at the place where a person can mend it.
fn unwritten(subject: Subject<'_>, error: LetterError) -> Finding {
    let name = &subject.planned.name;
    match error {
        LetterError::Template { why: RenderError::Subject { file, why }, .. } => subject_line(subject, &file, &why),
        LetterError::Template { why, .. } => why.into(),
        other => {
            let message = phrase!("mailing-unwritten", mailing = name, why = other.phrase());
            let place = subject.written.map_or_else(|| Place::file(name), |(_, mailing)| mailing.place.clone());
            Finding::error("mailing.unwritten", place, message)
        }
    }
}

/// A subject that no header can hold: the merchandiser's own words, or the title in the template's.
fn subject_line(subject: Subject<'_>, file: &str, why: &TextError) -> Finding {
    let Subject { language, planned, written, .. } = subject;
    let own = planned.texts.get(&language).is_some_and(|texts| texts.subject.is_some());
    let place = written.map(|(campaign, _)| {
        let title = campaign.label.as_ref().unwrap_or(&campaign.title);
        subject.place_of_own_subject().unwrap_or_else(|| title.place.clone())
    });
    let (language, mailing, why) = (Fact::text(language), &planned.name, why.phrase());
    let message = if own {
        phrase!("mailing-subject", language = language, mailing = mailing, why = why)
    } else {
        phrase!("mailing-subject-of-template", language = language, mailing = mailing, why = why, file = file)
    };
    Finding::error("mailing.subject", place.unwrap_or_else(|| Place::file(file)), message)
}
