//! Text in which some bytes stand as a percent sign and two digits (RFC 3986 2.1).

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What has a meaning in the address of a `mailto:` (RFC 6068).
const IN_MAILTO: &AsciiSet = &NON_ALPHANUMERIC.remove(b'@').remove(b'.').remove(b'-').remove(b'_').remove(b'+');

/// What no web address holds.
const IN_ADDRESS: &AsciiSet = &CONTROLS.add(b' ');

/// `text` with every `%2D` read as the byte it stands for. A sign that no two digits follow stays.
pub(crate) fn percent_decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A mail address as it stands in a `mailto:`.
pub(crate) fn mailto_encoded(address: &str) -> String {
    utf8_percent_encode(address, IN_MAILTO).to_string()
}

/// A web address in ASCII, with nothing done to what it has already encoded.
pub(crate) fn address_encoded(address: &str) -> String {
    utf8_percent_encode(address, IN_ADDRESS).to_string()
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
