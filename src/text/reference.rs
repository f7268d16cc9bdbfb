//! HTML character references, with the bytes that each takes.

/// What the character reference at the start of `text` stands for, and how many bytes of `text` it takes; `None` when no
/// reference is there. Reads as a browser reads text: a number, or one of the names that HTML lists, the old ones also
/// without their semicolon and with letters behind them.
pub(crate) fn html_reference(text: &str) -> Option<(String, usize)> {
    let body = text.strip_prefix('&')?;
    let len = match body.strip_prefix('#') {
        Some(number) => 2 + digits(number)?,
        None => 1 + name(body)?,
    };
    let len = len + usize::from(text.get(len..)?.starts_with(';'));
    Some((htmlize::unescape(text.get(..len)?).into_owned(), len))
}

/// `text` with every reference resolved that ends in a semicolon, as references in attributes should.
pub(crate) fn html_resolved(text: &str) -> String {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, tail) = rest.split_at(at);
        let ended = |len: usize| tail.get(..len).is_some_and(|reference| reference.ends_with(';'));
        let (character, len) = html_reference(tail).filter(|(_, len)| ended(*len)).unwrap_or(("&".to_owned(), 1));
        resolved.push_str(before);
        resolved.push_str(&character);
        rest = tail.get(len..).unwrap_or_default();
    }
    resolved.push_str(rest);
    resolved
}

/// The bytes of a number after `#`: its mark, if it is hexadecimal, and its digits.
fn digits(number: &str) -> Option<usize> {
    let (radix, digits) = number.strip_prefix(['x', 'X']).map_or((10, number), |digits| (16, digits));
    let mark = number.len() - digits.len();
    let count = digits.chars().take_while(|digit| digit.is_digit(radix)).count();
    (count > 0).then_some(mark + count)
}

/// The bytes of the longest name at the start of `body`: with its semicolon behind it, or one that needs none.
fn name(body: &str) -> Option<usize> {
    let longest = body.bytes().take(htmlize::ENTITY_MAX_LENGTH).take_while(u8::is_ascii_alphanumeric).count();
    let known = |len: &usize| {
        let reference = |end: &str| body.get(..*len).map(|name| format!("&{name}{end}"));
        let listed = |reference: String| htmlize::ENTITIES.contains_key(reference.as_bytes());
        let ended = body.get(*len..).is_some_and(|rest| rest.starts_with(';'));
        ended && reference(";").is_some_and(listed) || reference("").is_some_and(listed)
    };
    (1..=longest).rev().find(known)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, usize)>) {
        let found = html_reference(text);
        assert_eq!(found.as_ref().map(|(character, len)| (character.as_str(), *len)), expected, "{text}");
    }

    #[test]
    fn references_are_read_as_a_browser_reads_them() {
        check("&eacute;s", Some(("é", 8)));
        check("&eacutes", Some(("é", 7)));
        check("&#115;oldes", Some(("s", 6)));
        check("&#x73;oldes", Some(("s", 6)));
        check("&#x73", Some(("s", 5)));
        check("&#146;", Some(("’", 6)));
        check("&shy;", Some(("\u{AD}", 5)));
        check("&epsilon;", Some(("ε", 9)));
        check("&epsilon", None);
        check("&NegativeThinSpace;x", Some(("\u{200b}", 19)));
        check("&#xFFFFFFFF;", Some(("\u{fffd}", 12)));
        for none in ["& co", "&unknown;", "&", "&#;", "&#x;", "eacute;"] {
            check(none, None);
        }
    }

    #[test]
    fn in_an_attribute_only_what_is_ended_is_resolved() {
        assert_eq!(
            html_resolved("?a=1&amp;copy=2&copy=3 l&rsquo;&eacute;t&eacute; & &;"),
            "?a=1&copy=2&copy=3 l’été & &;"
        );
    }

    proptest! {
        #[test]
        fn every_text_is_read_inside_its_bytes(text in "&[#xX]?[a-zA-Z0-9;é]{0,12}|\\PC{0,40}") {
            if let Some((_, len)) = html_reference(&text) {
                prop_assert!(text.is_char_boundary(len));
            }
            html_resolved(&text);
        }
    }
}
