//! What Carillon has to say, without the words: the name of a message in the catalogues, and the facts that go into it.
//!
//! The core says what it found in phrases; [`in_words`] makes a sentence of one in the language of whoever reads it. The
//! catalogues are `config/messages/{en,fr}/*.ftl`, compiled in.

mod catalogue;
mod fact;
mod sentences;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use serde::{Serialize, Serializer};

use crate::language::UnknownLanguage;

pub use catalogue::{in_words, is_known, midnight_of};
pub use fact::{Fact, last_evening};

/// Something to be said. Its `Display` is English; [`in_words`] says it in any language.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phrase {
    name: Cow<'static, str>,
    facts: BTreeMap<&'static str, Fact>,
}

impl Phrase {
    /// The message `name` of the catalogues, such as `window-empty`. Use [`phrase!`](crate::phrase!), which a test reads.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), facts: BTreeMap::new() }
    }

    /// Words that are not ours, such as a text of law: they stand as they are in every language.
    pub fn quoted(words: impl Into<String>) -> Self {
        Self::new("quoted").with("words", words.into())
    }

    /// The same phrase, with one more fact.
    #[must_use]
    pub fn with(mut self, name: &'static str, fact: impl Into<Fact>) -> Self {
        self.facts.insert(name, fact.into());
        self
    }

    /// What the catalogues keep beside the message under `part`, such as `remedy`, with the same facts.
    #[must_use]
    pub fn part(&self, part: &str) -> Self {
        Self { name: Cow::Owned(format!("{}.{part}", self.name)), facts: self.facts.clone() }
    }

    /// The name of the message.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The facts, by name.
    pub fn facts(&self) -> &BTreeMap<&'static str, Fact> {
        &self.facts
    }
}

/// Words in English that are not in the catalogues. A language that has them beside the catalogues says them its way.
impl From<String> for Phrase {
    fn from(words: String) -> Self {
        Self::new("quoted").with("words", Fact::Data(words))
    }
}

impl From<&str> for Phrase {
    fn from(words: &str) -> Self {
        Self::from(words.to_owned())
    }
}

impl Serialize for Phrase {
    /// The name as `says`, and the facts beside it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Whole<'a> {
            says: &'a str,
            #[serde(flatten)]
            facts: &'a BTreeMap<&'static str, Fact>,
        }
        Whole { says: &self.name, facts: &self.facts }.serialize(serializer)
    }
}

/// What is said of a thing that cannot be done or read. The errors of the core are phrases: they end in findings.
pub trait Spoken {
    /// What is said.
    fn phrase(&self) -> Phrase;
}

impl Spoken for Phrase {
    fn phrase(&self) -> Phrase {
        self.clone()
    }
}

impl Spoken for UnknownLanguage {
    fn phrase(&self) -> Phrase {
        Phrase::new("language-unknown")
    }
}

/// Makes errors of types that are [`Spoken`]: their words, in English, are their phrase's.
#[macro_export]
macro_rules! spoken_errors {
    ($($type:ty),+ $(,)?) => {
        $(
            impl std::fmt::Display for $type {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.pad(&$crate::phrase::Spoken::phrase(self).to_string())
                }
            }

            impl std::error::Error for $type {}
        )+
    };
}

impl Spoken for io::Error {
    /// The system's own words; other languages have those that people meet.
    fn phrase(&self) -> Phrase {
        let words = Fact::english(self);
        match self.kind() {
            io::ErrorKind::NotFound => crate::phrase!("io-not-found", words = words),
            io::ErrorKind::PermissionDenied => crate::phrase!("io-permission", words = words),
            io::ErrorKind::IsADirectory => crate::phrase!("io-is-a-folder", words = words),
            _ => Phrase::new("quoted").with("words", words),
        }
    }
}

/// A phrase: the name of its message in the catalogues, and its facts.
///
/// `phrase!("window-empty", opens = opens_at)` says the message `window-empty`, whose text uses `{ $opens }`. A test holds
/// every use against the catalogues.
#[macro_export]
macro_rules! phrase {
    ($name:literal $(, $fact:ident = $value:expr)* $(,)?) => {
        $crate::phrase::Phrase::new($name)$(.with(stringify!($fact), $value))*
    };
}
