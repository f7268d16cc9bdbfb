//! Words of the table, looked for in what a mailer wrote.

use serde::Deserialize;

/// How many characters a `*` stands for, at most.
const GAP: usize = 80;

/// Words that stand alone, in lower case; a `*` between them stands for a few characters, and one at an end says that the word
/// may go on there. A `$` at the end says that nothing follows.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub(super) struct Phrasing {
    pieces: Vec<String>,
    open_start: bool,
    open_end: bool,
    at_end: bool,
}

impl From<String> for Phrasing {
    fn from(text: String) -> Self {
        let (text, at_end) = text.strip_suffix('$').map_or((text.as_str(), false), |text| (text, true));
        Self {
            at_end,
            open_start: text.starts_with('*'),
            open_end: text.ends_with('*'),
            pieces: text
                .split('*')
                .filter(|piece| !piece.trim().is_empty())
                .map(|piece| piece.trim().to_owned())
                .collect(),
        }
    }
}

impl Phrasing {
    /// Whether it occurs in `text`, which [`folded`] made.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else { return false };
        let mut from = 0;
        while let Some(found) = text.get(from..).and_then(|tail| tail.find(first.as_str())) {
            let (start, end) = (from + found, from + found + first.len());
            let begins =
                self.open_start || !joins(first, text.get(..start).and_then(|before| before.chars().next_back()), true);
            if begins && self.goes_on(text, end, first, rest) {
                return true;
            }
            from = start + first.chars().next().map_or(1, char::len_utf8);
        }
        false
    }

    /// Whether the pieces `rest` follow `last`, which ends at `end`.
    fn goes_on(&self, text: &str, end: usize, last: &str, rest: &[String]) -> bool {
        let Some(tail) = text.get(end..) else { return false };
        let Some((next, further)) = rest.split_first() else {
            return if self.at_end {
                tail.is_empty()
            } else {
                self.open_end || !joins(last, tail.chars().next(), false)
            };
        };
        let within = tail.char_indices().nth(GAP + next.chars().count()).map_or(tail.len(), |(at, _)| at);
        let Some(found) = tail.get(..within).and_then(|near| near.find(next.as_str())) else { return false };
        self.goes_on(text, end + found + next.len(), next, further)
    }
}

/// Whether the letter beside a word belongs to it. Only letters of Latin scripts join: others write without spaces.
fn joins(word: &str, beside: Option<char>, before: bool) -> bool {
    let edge = if before { word.chars().next() } else { word.chars().next_back() };
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    letter(edge) && letter(beside)
}

/// `text` as the words of the table are compared with it: in lower case, one space between words, no address, no reply code and
/// no status, and one kind of apostrophe.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if is_code(word) {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        if word.contains('@') && !word.contains("://") {
            out.push('@');
            out.push_str(
                word.rsplit_once('@').map_or("", |(_, after)| after.trim_start_matches(|c: char| !":;,)".contains(c))),
            );
        } else {
            out.extend(word.replace(['’', '‘', '`', '´'], "'").chars().flat_map(char::to_lowercase));
        }
    }
    out
}

/// Whether a word is a reply code or a status, which stand between the words of replies of several lines.
fn is_code(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_ascii_digit());
    let digits = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number in brackets of its own is a name of an error, not a code: `(#5.1.1)` is, `[#102]` is not.
    let status = |text: &str| text.split('.').count() == 3 && text.split('.').all(digits);
    match bare.split_once(['-', ' ']) {
        Some((code, rest)) => code.len() == 3 && digits(code) && (rest.is_empty() || status(rest)),
        None => status(bare) || (bare.len() == 3 && digits(bare) && bare.starts_with(['4', '5']) && word.len() <= 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(
            Phrasing::from(pattern.to_owned()).is_in(&folded(text)),
            expected,
            "{pattern:?} in {:?}",
            folded(text)
        );
    }

    #[test]
    fn words_stand_alone() {
        check("spam", "It is SPAM.", true);
        check("spam", "antispam.example.org", false);
        check("blacklist*", "you are blacklisted", true);
        check("user * unknown", "User <camille@example.fr> is unknown here", true);
        check("user * unknown", &format!("user {} unknown", "x".repeat(200)), false);
        check("address rejected$", "550 Address rejected", true);
        check("address rejected$", "550 Address rejected: greylisted", false);
        check("не существует", "ящик не существует!", true);
        check("n'existe pas", "L’adresse n’existe pas", true);
    }

    #[test]
    fn codes_do_not_stand_between_words() {
        let reply =
            "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking";
        assert_eq!(
            folded(reply),
            "the email account that you tried to reach does not exist. please try double-checking"
        );
        assert_eq!(folded("552 sorry, full (#5.1.1) [#102]"), "sorry, full [#102]");
        assert_eq!(folded("550 <userunknown@example.fr>: no"), "@: no");
    }
}
