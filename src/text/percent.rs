//! Text in which some bytes stand as a percent sign and two digits (RFC 3986 2.1).

/// `text` with every `%2D` read as the byte it stands for. A sign that no two digits follow stays.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = if byte == b'%' { after.split_at_checked(2) } else { None };
        let decoded = escaped.and_then(|(digits, after)| {
            let digits =
                std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|d| d.is_ascii_hexdigit()))?;
            Some((u8::from_str_radix(digits, 16).ok()?, after))
        });
        let (byte, after) = decoded.unwrap_or((byte, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_digits_are_a_byte() {
        for (text, expected) in [
            ("One%2DClick", "One-Click"),
            ("%c3%A9", "é"),
            ("%", "%"),
            ("%2", "%2"),
            ("%+1%zz", "%+1%zz"),
            ("%ff", "\u{fffd}"),
        ] {
            assert_eq!(percent_decoded(text), expected);
        }
    }
}
