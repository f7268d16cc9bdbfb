//! Sentences that reach people in English and are in no catalogue: what a store keeps of a problem, what an error of a room
//! below says, what the system says. `config/translations/fr` has each beside its French, with the same holes in it, and here
//! what was filled into the holes is found again.

/// Sentences and their translations, of which the surest comes first.
pub(super) struct Sentences(Vec<KnownSentence>);

struct KnownSentence {
    english: Vec<SentencePart>,
    translated: Vec<SentencePart>,
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
enum SentencePart {
    /// These words.
    Words(String),
    /// Whatever is filled in here, under a name.
    Hole(String),
}

impl Sentences {
    /// Pairs of sentences. `{name}` is a hole; `{}` are holes that are numbered in their order.
    pub(super) fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let sentence = |(english, translated): (String, String)| KnownSentence {
            english: pieces(&english),
            translated: pieces(&translated),
        };
        let mut sentences: Vec<KnownSentence> = pairs.into_iter().map(sentence).collect();
        // One that begins with its own words is surer than one that begins with anything.
        sentences.sort_by_key(|sentence| {
            let is_sure = matches!(sentence.english.first(), Some(SentencePart::Words(_)));
            std::cmp::Reverse((is_sure, letters(&sentence.english)))
        });
        Self(sentences)
    }

    /// `text` in the other language, when it is one of the sentences. `filled` translates what was filled in; what stands in
    /// backticks is typed, and stays.
    pub(super) fn translate(&self, text: &str, filled: &dyn Fn(&str) -> String) -> Option<String> {
        self.0.iter().find_map(|sentence| {
            let mut found = Vec::new();
            matches(&sentence.english, text, &mut found).then(|| sentence.say(&found, filled))
        })
    }
}

impl KnownSentence {
    fn say(&self, found: &[(&str, &str)], filled: &dyn Fn(&str) -> String) -> String {
        let mut said = String::new();
        for piece in &self.translated {
            match piece {
                SentencePart::Words(words) => said.push_str(words),
                SentencePart::Hole(name) => {
                    let value = found.iter().find(|(known, _)| known == name).map_or("", |(_, value)| *value);
                    if said.matches('`').count() % 2 == 1 {
                        said.push_str(value);
                    } else {
                        said.push_str(&filled(value));
                    }
                }
            }
        }
        said
    }
}

/// How much a sentence says itself.
fn letters(pieces: &[SentencePart]) -> usize {
    pieces.iter().map(|piece| if let SentencePart::Words(words) = piece { words.len() } else { 0 }).sum()
}

fn pieces(text: &str) -> Vec<SentencePart> {
    let (mut found, mut words, mut rest, mut nameless) = (Vec::new(), String::new(), text, 0);
    while let Some((before, after)) = rest.split_once('{') {
        words.push_str(before);
        match after.split_once('}') {
            Some((name, after)) if name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == ':') => {
                if !words.is_empty() {
                    found.push(SentencePart::Words(std::mem::take(&mut words)));
                }
                // How it is formatted is no part of its name.
                let name = name.split(':').next().unwrap_or_default();
                if name.is_empty() {
                    nameless += 1;
                    found.push(SentencePart::Hole(format!("#{nameless}")));
                } else {
                    found.push(SentencePart::Hole(name.to_owned()));
                }
                rest = after;
            }
            _ => {
                words.push('{');
                rest = after;
            }
        }
    }
    words.push_str(rest);
    if !words.is_empty() {
        found.push(SentencePart::Words(words));
    }
    found
}

/// Whether `text` is made of `pieces`; then `found` has what fills the holes, none of which is empty.
fn matches<'a>(pieces: &'a [SentencePart], text: &'a str, found: &mut Vec<(&'a str, &'a str)>) -> bool {
    match pieces {
        [] => text.is_empty(),
        [SentencePart::Words(words), rest @ ..] => {
            text.strip_prefix(words.as_str()).is_some_and(|text| matches(rest, text, found))
        }
        [SentencePart::Hole(name)] => {
            found.push((name.as_str(), text));
            !text.is_empty()
        }
        [SentencePart::Hole(name), rest @ ..] => {
            let Some(SentencePart::Words(next)) = rest.first() else { return false };
            let kept = found.len();
            text.match_indices(next.as_str()).any(|(at, _)| {
                found.truncate(kept);
                let (value, after) = text.split_at(at);
                found.push((name.as_str(), value));
                !value.is_empty() && matches(rest, after, found)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(pairs: &[(&str, &str)]) -> Sentences {
        Sentences::new(pairs.iter().map(|(english, french)| ((*english).to_owned(), (*french).to_owned())))
    }

    #[track_caller]
    fn check(known: &Sentences, text: &str, expected: Option<&str>) {
        let said = known
            .translate(text, &|filled| known.translate(filled, &str::to_owned).unwrap_or_else(|| filled.to_owned()));
        assert_eq!(said.as_deref(), expected, "{text}");
    }

    #[test]
    fn what_was_filled_in_is_found_again() {
        let known = sentences(&[
            ("nothing is sent: {what}", "rien ne part : {what}"),
            ("the store knows {} of {}", "la base connaît {} sur {}"),
            ("`{file}` of {date} is older than {other}", "{other} est plus récent que `{file}` du {date}"),
            ("it is so", "il en est ainsi"),
            ("it is {what}", "c’est {what}"),
        ]);
        check(&known, "nothing is sent: it is so", Some("rien ne part : il en est ainsi"));
        check(&known, "the store knows 3 of 5", Some("la base connaît 3 sur 5"));
        check(
            &known,
            "`it is so` of 1 is older than it is so",
            Some("il en est ainsi est plus récent que `it is so` du 1"),
        );
        check(&known, "it is otherwise", Some("c’est otherwise"));
        check(&known, "it is so.", Some("c’est so."));
        check(&known, "it is ", None);
        check(&known, "nobody knows", None);
    }

    #[test]
    fn a_brace_that_is_no_hole_is_a_word() {
        let known = sentences(&[("write {a b} or { for {name}", "écrivez {a b} ou { pour {name}")]);
        check(&known, "write {a b} or { for x", Some("écrivez {a b} ou { pour x"));
    }
}
