//! What a merchandiser may leave to be filled in from the schedule, so that a text cannot contradict its sale:
//! `{opens}`, `{closes.time}`, `{duration}`. A brace of one's own is written twice.

use crate::phrase::{Fact, Phrase, Spoken};
use crate::{phrase, spoken_errors};

/// How an instant is written out. The names are those of a moment's fields in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MomentForm {
    /// Day and hour without the year: « samedi 2 janvier à 8 h ».
    Short,
    /// Day, year and hour: « samedi 2 janvier 2027 à 8 h ».
    Full,
    /// Day and year: « samedi 2 janvier 2027 ».
    Date,
    /// The hour: « 8 h ».
    Time,
}

/// Something that is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// When the sale opens.
    Opens(MomentForm),
    /// When it closes.
    Closes(MomentForm),
    /// How long it is open: « 4 jours ».
    Duration,
    /// The name of the shop.
    Shop,
    /// The title of the sale, as customers see it.
    Title,
}

impl Placeholder {
    /// Every placeholder under its name.
    pub const ALL: [(&'static str, Self); 11] = [
        ("opens", Self::Opens(MomentForm::Short)),
        ("opens.full", Self::Opens(MomentForm::Full)),
        ("opens.date", Self::Opens(MomentForm::Date)),
        ("opens.time", Self::Opens(MomentForm::Time)),
        ("closes", Self::Closes(MomentForm::Short)),
        ("closes.full", Self::Closes(MomentForm::Full)),
        ("closes.date", Self::Closes(MomentForm::Date)),
        ("closes.time", Self::Closes(MomentForm::Time)),
        ("duration", Self::Duration),
        ("shop", Self::Shop),
        ("title", Self::Title),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, placeholder)| placeholder)
    }
}

/// A part of a text with placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Words that stand as they are.
    Words(&'a str),
    /// Something to fill in.
    Placeholder(Placeholder),
}

/// Why braces in a text are not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceholderError {
    /// Nothing has this name. Holds the braces with what stands in them.
    Unknown(String),
    /// A brace that opens or closes nothing. Holds it with the words around it.
    Alone(String),
}

impl PlaceholderError {
    /// The words in the text that it is about.
    pub fn words(&self) -> &str {
        match self {
            Self::Unknown(words) | Self::Alone(words) => words,
        }
    }
}

impl Spoken for PlaceholderError {
    /// What is wrong; its part `remedy` is what a person does about it.
    fn phrase(&self) -> Phrase {
        let known = Fact::texts(Placeholder::ALL.iter().map(|(name, _)| format!("`{{{name}}}`")));
        match self {
            Self::Unknown(words) => phrase!("placeholder-unknown", words = words.as_str(), known = known),
            Self::Alone(words) => phrase!("placeholder-alone", words = words.as_str(), known = known),
        }
    }
}

spoken_errors!(PlaceholderError);

/// The pieces of `text`, in order.
///
/// # Errors
/// The first braces that are neither a placeholder nor written twice.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, PlaceholderError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (words, tail) = rest.split_at(at);
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        if tail.starts_with("{{") || tail.starts_with("}}") {
            let (brace, after) = tail.split_at(1);
            pieces.push(Piece::Words(brace));
            rest = after.strip_prefix(brace).unwrap_or(after);
            continue;
        }
        let alone = || PlaceholderError::Alone(tail.chars().take(20).collect());
        let (inner, after) = tail.strip_prefix('{').and_then(|tail| tail.split_once('}')).ok_or_else(alone)?;
        if inner.contains(['{', '\n']) {
            return Err(alone());
        }
        let placeholder = Placeholder::named(inner).ok_or_else(|| PlaceholderError::Unknown(format!("{{{inner}}}")))?;
        pieces.push(Piece::Placeholder(placeholder));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The text with each placeholder as `[name]`, or what is wrong with it.
    fn read(text: &str) -> String {
        let name = |sought| Placeholder::ALL.into_iter().find(|(_, known)| *known == sought).unwrap().0;
        match pieces(text) {
            Ok(pieces) => pieces
                .into_iter()
                .map(|piece| match piece {
                    Piece::Words(words) => words.to_owned(),
                    Piece::Placeholder(placeholder) => format!("[{}]", name(placeholder)),
                })
                .collect(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn placeholders_are_told_from_braces() {
        for (text, expected) in [
            ("", ""),
            ("Quatre jours", "Quatre jours"),
            ("Ouverture {opens}, fin à {closes.time}.", "Ouverture [opens], fin à [closes.time]."),
            ("{shop}{title}", "[shop][title]"),
            ("{{opens}}", "{opens}"),
            ("}}{{", "}{"),
            ("{opns}", "nothing is called `{opns}`"),
            ("{Opens}", "nothing is called `{Opens}`"),
            ("{}", "nothing is called `{}`"),
            ("a } b", "the brace at `} b` belongs to no placeholder"),
            ("a {opens", "the brace at `{opens` belongs to no placeholder"),
            ("a {b {opens}", "the brace at `{b {opens}` belongs to no placeholder"),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_that_are_known() {
        let remedy = PlaceholderError::Unknown("{opns}".to_owned()).phrase().part("remedy").to_string();
        assert!(remedy.starts_with("write one of `{opens}`, `{opens.full}`"), "{remedy}");
        assert!(remedy.ends_with("`{title}`; a brace of your own is written twice, `{{`"), "{remedy}");
    }

    proptest! {
        #[test]
        fn any_text_can_be_written(text in "[a-z{} é]{0,40}") {
            let doubled = text.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(read(&doubled), text);
        }
    }
}
