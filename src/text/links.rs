//! Where a text that people wrote leads: web addresses and mailboxes in it, as a reader recognises them.

use super::web_address::WebAddress;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPiece<'a> {
    /// Words.
    Words(&'a str),
    /// Something that leads somewhere, as it is written, and where.
    Link(&'a str, String),
}

/// What stands around an address in a sentence and is no part of it.
const AROUND: &[char] =
    &['(', ')', '[', ']', '<', '>', '«', '»', '“', '”', '"', '\'', ',', ';', ':', '!', '?', '.', '…'];

/// The pieces of `text`, in its order: put together they are the text.
pub fn pieces(text: &str) -> Vec<TextPiece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    for word in text.split(char::is_whitespace) {
        let shown = word.trim_matches(AROUND);
        let Some(to) = leads_to(shown) else { continue };
        let Some((before, after)) = rest.split_once(shown) else { continue };
        pieces.extend((!before.is_empty()).then_some(TextPiece::Words(before)));
        pieces.push(TextPiece::Link(shown, to));
        rest = after;
    }
    pieces.extend((!rest.is_empty()).then_some(TextPiece::Words(rest)));
    pieces
}

/// Where `word` leads: a page, a mailbox, or nowhere.
pub fn leads_to(word: &str) -> Option<String> {
    let page = if word.starts_with("www.") { format!("https://{word}") } else { word.to_owned() };
    if let Ok(page) = WebAddress::parse(&page) {
        return Some(page.to_string());
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@._+-".contains(&byte);
    let mailbox = word.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    (mailbox && word.bytes().all(plain)).then(|| format!("mailto:{word}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let pieces = pieces(text);
        let links: Vec<(&str, &str)> = pieces
            .iter()
            .filter_map(|piece| match piece {
                TextPiece::Link(shown, to) => Some((*shown, to.as_str())),
                TextPiece::Words(_) => None,
            })
            .collect();
        assert_eq!(links, expected, "{text}");
    }

    fn whole(text: &str) -> String {
        let shown = |piece: TextPiece<'_>| match piece {
            TextPiece::Words(text) | TextPiece::Link(text, _) => text.to_owned(),
        };
        pieces(text).into_iter().map(shown).collect()
    }

    #[test]
    fn a_reader_finds_what_leads_somewhere() {
        check(
            "plaindre à la CNIL (www.cnil.fr). Plus\u{a0}: https://www.example.fr/vie-privee.",
            &[
                ("www.cnil.fr", "https://www.cnil.fr/"),
                ("https://www.example.fr/vie-privee", "https://www.example.fr/vie-privee"),
            ],
        );
        check("contact@example.fr", &[("contact@example.fr", "mailto:contact@example.fr")]);
        check(
            "écrivez à a.b+c@example.fr, ou à « d@example.fr »",
            &[("a.b+c@example.fr", "mailto:a.b+c@example.fr"), ("d@example.fr", "mailto:d@example.fr")],
        );
        for nothing in
            ["", "01 23 45 67 89", "javascript:alert(1)", "@camille", "a@b", "www.", "http://", "x@example.fr?a=\"b"]
        {
            check(nothing, &[]);
        }
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_lost(text in "([a-z@.:/ ()é]|www\\.|https://|@example\\.fr){0,40}") {
            prop_assert_eq!(whole(&text), text);
        }
    }
}
