//! The template engine: files compiled together, and filled in with a limit on what comes out.
//!
//! The only room that knows tera. What the files are and what they see is told by who uses them: letters (`mail`), pages
//! (`http`). Escaping follows the suffix of a file's name, which is why every HTML template's name ends in `.html`.

mod faults;
pub mod folder;
mod limited;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use serde::Serialize;
use tera::{Kwargs, State, Tera, Value};

use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::text::links::{TextPiece, pieces};
use limited::Limited;

pub use tera::Context;

/// Template files by their names in the set, such as `opening/body.en.html`. The documents carry the names for people.
pub type Files = BTreeMap<String, Document>;

/// `text` as an HTML template shows it.
pub fn escape(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    // Writing to memory does not fail, and nothing but ASCII is put between.
    let _ = tera::escape_html(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// The filter `linked`: a text as an HTML template shows it, where what leads somewhere is a link.
fn linked(text: &str, _: Kwargs, _: &State<'_>) -> Value {
    let html = |piece: TextPiece<'_>| match piece {
        TextPiece::Words(words) => escape(words),
        TextPiece::Link(shown, to) => format!("<a href=\"{}\">{}</a>", escape(&to), escape(shown)),
    };
    Value::safe_string(&pieces(text).into_iter().map(html).collect::<String>())
}

/// Those of `files` whose names end in a full stop and `extension`.
pub fn with_extension<'a>(files: &'a Files, extension: &'a str) -> impl Iterator<Item = (&'a String, &'a Document)> {
    files.iter().filter(move |(name, _)| Path::new(name).extension().is_some_and(|own| own == extension))
}

/// Why nothing comes out. Shows places in templates, never what was filled in.
#[derive(Debug, thiserror::Error)]
pub enum RenderFault {
    /// A template fails.
    #[error("{}: {}", .0.place, .0.message)]
    Template(Box<Finding>),
    /// It does not end where it should.
    #[error("{file}: more than {longest} bytes come out")]
    TooLong {
        /// The template's file.
        file: String,
        /// The limit, in bytes.
        longest: usize,
    },
}

/// Template files that were compiled together.
pub struct Engine {
    tera: Tera,
    files: Files,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Compiles `files`.
    ///
    /// # Errors
    /// Everything that is wrong with them, with file and line.
    pub fn new(files: Files) -> Result<Self, Vec<Finding>> {
        let mut tera = Tera::new();
        tera.register_filter("linked", linked);
        let sources = files.iter().map(|(name, document)| (name.as_str(), document.text.as_str()));
        tera.add_raw_templates(sources).map_err(|error| faults::findings(&files, &error.to_string()))?;
        Ok(Self { tera, files })
    }

    /// What `view` holds, for templates to see.
    pub fn context(&self, view: &impl Serialize) -> Result<Context, RenderFault> {
        Context::from_serialize(view).map_err(|error| self.fault(&error))
    }

    /// The template `name`, filled in: `longest` bytes at most.
    pub fn render(&self, name: &str, context: &Context, longest: usize) -> Result<String, RenderFault> {
        let mut out = Limited::new(longest);
        let outcome = self.tera.render_to(name, context, &mut out);
        // The writer's own reason is lost on the way through tera, so it is asked first.
        if out.is_full() {
            return Err(RenderFault::TooLong { file: self.file(name), longest });
        }
        outcome.map_err(|error| self.fault(&error))?;
        Ok(out.into_text())
    }

    /// The names that the template `name` looks up.
    pub fn names_used(&self, name: &str) -> BTreeSet<String> {
        let used = self.tera.get_template_variables(name).unwrap_or_default();
        used.into_iter().map(Into::into).collect()
    }

    /// Every file.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The file of the template `name`, as people know it.
    pub fn file(&self, name: &str) -> String {
        self.files.get(name).map_or_else(|| name.to_owned(), |document| document.name.clone())
    }

    /// The place of `words` in the template `name`.
    pub fn place(&self, name: &str, words: &str) -> Place {
        let Some(document) = self.files.get(name) else { return Place::file(name) };
        let start = document.text.find(words);
        start.map_or_else(|| Place::file(&document.name), |start| document.place(start..start + words.len()))
    }

    fn fault(&self, error: &tera::Error) -> RenderFault {
        RenderFault::Template(Box::new(faults::first(&self.files, &error.to_string())))
    }
}
