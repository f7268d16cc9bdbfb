//! The template set: loaded whole or not at all, then rendered with a limit on what comes out.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::context::{Confirmation, Recipient, RecipientView, Renewal, SaleLetter};
use super::fields::FieldError;
use super::files;
use super::kind::{Kind, Part, SaleKind};
use super::{samples, tidy};
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::member::Language;
use crate::phrase;
use crate::phrase::{Fact, Spoken};
use crate::template::folder::Loaded;
use crate::template::{Context, Engine, RenderFault};
use crate::text::{Subject, TextError, longest};

/// The most that a part may hold, in bytes. Gmail cuts a letter off at about 102 kB, and the way out with it.
pub const LARGEST_PART: usize = 80_000;

/// Why a letter cannot be rendered. Shows places in templates, never what was filled in.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template fails, or does not end where it should.
    #[error(transparent)]
    Template(#[from] RenderFault),
    /// The subject cannot stand in a header.
    #[error("{file}: the subject cannot be sent")]
    Subject {
        /// The template's file.
        file: String,
        /// Why.
        #[source]
        why: TextError,
    },
    /// A sample cannot be made.
    #[error(transparent)]
    Sample(#[from] FieldError),
}

impl From<RenderError> for Finding {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Template(RenderFault::Template(finding)) => *finding,
            RenderError::Template(RenderFault::TooLong { file, longest }) => {
                Self::error("template.too-long", Place::file(file), phrase!("template-too-long", longest = longest))
            }
            RenderError::Subject { file, why } => {
                let message = phrase!("template-subject", why = why.phrase(), limit = longest::SUBJECT);
                Self::error("template.subject", Place::file(file), message)
            }
            RenderError::Sample(why) => {
                Self::error("template.fault", Place::file("samples"), phrase!("template-sample", why = Fact::text(why)))
            }
        }
    }
}

/// A letter, ready to be put into a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject line.
    pub subject: Subject,
    /// The plain text, complete in itself.
    pub text: String,
    /// The HTML.
    pub html: String,
}

/// Every template, checked. Cloning is cheap.
#[derive(Clone)]
pub struct TemplateSet {
    engine: Arc<Engine>,
    own: Arc<BTreeSet<String>>,
    notes: Arc<[Finding]>,
}

/// A mailing's letter in one language, with everything filled in but the person.
#[derive(Clone)]
pub struct Letter {
    set: TemplateSet,
    kind: Kind,
    language: Language,
    subject: Subject,
    context: Context,
}

impl fmt::Debug for TemplateSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateSet").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("kind", &self.kind).field("language", &self.language).finish_non_exhaustive()
    }
}

impl TemplateSet {
    /// The templates that the program brings along.
    ///
    /// # Errors
    /// What keeps them from being read. A test sees to it that nothing is wrong with them, so that not every command has to.
    pub fn built_in() -> Result<Self, Vec<Finding>> {
        Self::unchecked(files::built_in())
    }

    /// The operator's templates over the built-in ones, or these alone.
    ///
    /// # Errors
    /// Everything that is wrong, with file and line. Then nothing of the folder is used.
    pub fn load(folder: Option<&Path>) -> Result<Self, Vec<Finding>> {
        Self::of(folder, files::read(folder)?)
    }

    /// The set of what was read from `folder`: checked when there is one.
    pub(super) fn of(folder: Option<&Path>, loaded: Loaded) -> Result<Self, Vec<Finding>> {
        if folder.is_some() { Self::new(loaded) } else { Self::unchecked(loaded) }
    }

    fn unchecked(Loaded { files, own, notes }: Loaded) -> Result<Self, Vec<Finding>> {
        Ok(Self { engine: Arc::new(Engine::new(files)?), own: Arc::new(own), notes: notes.into() })
    }

    /// The set of these files.
    ///
    /// # Errors
    /// Everything that is wrong, with file and line.
    pub(super) fn new(loaded: Loaded) -> Result<Self, Vec<Finding>> {
        let set = Self::unchecked(loaded)?;
        let findings = set.check();
        if findings.is_empty() { Ok(set) } else { Err(findings) }
    }

    /// The files of the operator's own folder, which stand in for built-in ones.
    pub fn own_documents(&self) -> impl Iterator<Item = &Document> {
        self.own.iter().filter_map(|name| self.document(name))
    }

    /// A note for each file in the operator's folder that is no template and was passed over.
    pub fn notes(&self) -> &[Finding] {
        &self.notes
    }

    /// The files of the set, under the names that people know them by.
    pub(super) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.engine.files().values()
    }

    /// The file that is called `name` in the set.
    pub(super) fn document(&self, name: &str) -> Option<&Document> {
        self.engine.files().get(name)
    }

    /// The letter of a mailing, to be filled in for one person after the other.
    pub fn prepare(&self, kind: SaleKind, letter: &SaleLetter) -> Result<Letter, RenderError> {
        self.fill(Kind::Sale(kind), letter.language, &letter.view())
    }

    /// The letter that asks a person to confirm.
    pub fn confirmation(&self, confirmation: &Confirmation) -> Result<Rendered, RenderError> {
        let letter = self.fill(Kind::Confirmation, confirmation.language, &confirmation.view())?;
        letter.bodies(&letter.context)
    }

    /// The letter that asks a person whether to go on.
    pub fn renewal(&self, renewal: &Renewal, recipient: &Recipient) -> Result<Rendered, RenderError> {
        self.fill(Kind::Renewal, renewal.language, &renewal.view())?.for_recipient(recipient)
    }

    fn fill(&self, kind: Kind, language: Language, view: &impl Serialize) -> Result<Letter, RenderError> {
        let mut context = self.engine.context(view)?;
        let name = name_of(kind, Part::Subject, language);
        let line = self.render(&name, &context)?;
        let subject =
            Subject::parse(&line).map_err(|why| RenderError::Subject { file: self.engine.file(&name), why })?;
        context.insert("subject", subject.as_str());
        Ok(Letter { set: self.clone(), kind, language, subject, context })
    }

    /// What templates use and views lack, and what the samples do not render.
    fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for kind in Kind::ALL {
            for language in Language::ALL {
                findings.extend(self.check_letter(kind, language));
            }
        }
        findings.dedup();
        findings
    }

    fn check_letter(&self, kind: Kind, language: Language) -> Vec<Finding> {
        let contexts = match self.sample_contexts(kind, language) {
            Ok(contexts) => contexts,
            Err(error) => return vec![error.into()],
        };
        let mut findings: Vec<Finding> = Part::ALL
            .into_iter()
            .flat_map(|part| self.unknown_names(&name_of(kind, part, language), part, contexts.first()))
            .collect();
        if !findings.is_empty() {
            return findings;
        }
        for letter in self.sample_letters(kind, language) {
            match letter {
                Ok(_) => {}
                Err(error) => findings.push(error.into()),
            }
        }
        findings.dedup();
        findings
    }

    /// Every sample of a kind, rendered for both sample members.
    pub(super) fn sample_letters(&self, kind: Kind, language: Language) -> Vec<Result<Rendered, RenderError>> {
        let sale_kind = match kind {
            Kind::Sale(sale_kind) => sale_kind,
            Kind::Confirmation => {
                let sample = samples::confirmation(language).map_err(RenderError::from);
                return vec![sample.and_then(|sample| self.confirmation(&sample))];
            }
            Kind::Renewal => {
                let (sample, members) = match (samples::renewal(language), samples::recipients()) {
                    (Ok(sample), Ok(members)) => (sample, members),
                    (Err(why), _) | (_, Err(why)) => return vec![Err(why.into())],
                };
                return members.iter().map(|member| self.renewal(&sample, member)).collect();
            }
        };
        let (letters, members) = match (samples::sale_letters(language), samples::recipients()) {
            (Ok(letters), Ok(members)) => (letters, members),
            (Err(why), _) | (_, Err(why)) => return vec![Err(why.into())],
        };
        letters
            .iter()
            .flat_map(|letter| {
                let prepared = self.prepare(sale_kind, letter);
                match prepared {
                    Ok(prepared) => members.iter().map(|member| prepared.for_recipient(member)).collect(),
                    Err(error) => vec![Err(error)],
                }
            })
            .collect()
    }

    fn unknown_names(&self, name: &str, part: Part, context: Option<&Context>) -> Vec<Finding> {
        let known = |used: &str| {
            (used == "subject" && part != Part::Subject) || context.is_some_and(|context| context.contains_key(used))
        };
        let unknown = self.engine.names_used(name).into_iter().filter(|used| !known(used));
        let finding = |used: String| {
            let place = self.engine.place(name, &used).with_words(&used);
            Finding::error("template.unknown-name", place, phrase!("template-unknown-name", name = used))
        };
        unknown.map(finding).collect()
    }

    fn render(&self, name: &str, context: &Context) -> Result<String, RenderError> {
        Ok(self.engine.render(name, context, LARGEST_PART)?)
    }

    fn sample_contexts(&self, kind: Kind, language: Language) -> Result<Vec<Context>, RenderError> {
        match kind {
            Kind::Confirmation => Ok(vec![self.engine.context(&samples::confirmation(language)?.view())?]),
            Kind::Renewal => Ok(vec![self.engine.context(&samples::renewal(language)?.view())?]),
            Kind::Sale(_) => {
                let letters = samples::sale_letters(language)?;
                letters.iter().map(|letter| Ok(self.engine.context(&letter.view())?)).collect()
            }
        }
    }
}

impl Letter {
    /// The same letter, marked as a test in its subject.
    #[must_use]
    pub(super) fn into_test(self) -> Self {
        Self { subject: self.subject.as_test(), ..self }
    }

    /// The subject, the same for every recipient.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The language that it is in.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// The letter to one person.
    pub fn for_recipient(&self, recipient: &Recipient) -> Result<Rendered, RenderError> {
        Ok(self.laid_out(self.parts(&recipient.view(self.language))?))
    }

    /// The text and the HTML for one person, as the templates leave them.
    pub(super) fn parts(&self, recipient: &RecipientView) -> Result<[String; 2], RenderError> {
        let mut context = self.context.clone();
        context.insert("recipient", recipient);
        self.render_parts(&context)
    }

    /// Every file of the set that it belongs to: templates include and extend each other.
    pub(super) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.set.documents()
    }

    fn bodies(&self, context: &Context) -> Result<Rendered, RenderError> {
        Ok(self.laid_out(self.render_parts(context)?))
    }

    fn laid_out(&self, [text, html]: [String; 2]) -> Rendered {
        Rendered { subject: self.subject.clone(), text: tidy::text(&text), html: tidy::html(&html) }
    }

    fn render_parts(&self, context: &Context) -> Result<[String; 2], RenderError> {
        let render = |part| self.set.render(&name_of(self.kind, part, self.language), context);
        Ok([render(Part::Text)?, render(Part::Html)?])
    }
}

fn name_of(kind: Kind, part: Part, language: Language) -> String {
    format!("{kind}/{}", part.file(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_wrong_with_the_templates_that_the_program_brings_along() {
        assert_eq!(TemplateSet::built_in().unwrap().check(), []);
    }
}
