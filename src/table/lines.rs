//! The lines of a text in whatever encoding the program that wrote it used: UTF-8, UTF-16 or Windows-1252, with or
//! without a byte order mark, with any line ends.
//!
//! For lists where one odd byte must not cost the rest, such as those of people who left.

use std::borrow::Cow;

use super::encoding::{Encoding, Survey};

/// The lines of `bytes`. Each line that is not UTF-8 is read as Windows-1252.
pub fn lines(bytes: &[u8]) -> Vec<String> {
    let text = match Survey::of_start(bytes).encoding(None) {
        Ok(encoding @ (Encoding::Utf16Le | Encoding::Utf16Be)) => Cow::Owned(encoding.lossy(bytes).into_bytes()),
        _ => Cow::Borrowed(bytes),
    };
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let end = if text.contains(&b'\n') { b'\n' } else { b'\r' };
    text.split(|byte| *byte == end).map(|line| line_of(line.strip_suffix(b"\r").unwrap_or(line))).collect()
}

fn line_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(line) => line.to_owned(),
        Err(_) => Encoding::Windows1252.lossy(bytes),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::encoding::tests::{utf_16, windows_1252};
    use super::*;

    #[test]
    fn every_usual_encoding_gives_the_same_lines() {
        let text = "Zoé;zoe@example.fr\r\nŒuvre;a@example.fr\r\n\r\nfin";
        let expected = ["Zoé;zoe@example.fr", "Œuvre;a@example.fr", "", "fin"];
        for (name, bytes) in [
            ("UTF-8", text.as_bytes().to_vec()),
            ("UTF-8 with a mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
            ("Windows-1252", windows_1252(text)),
            ("UTF-16LE", utf_16(text, u16::to_le_bytes)),
            ("UTF-16BE", utf_16(text, u16::to_be_bytes)),
            ("UTF-16LE with a mark", utf_16(&format!("\u{feff}{text}"), u16::to_le_bytes)),
            ("UTF-16BE with a mark", utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes)),
            ("line feeds", text.replace("\r\n", "\n").into_bytes()),
            ("carriage returns", text.replace("\r\n", "\r").into_bytes()),
        ] {
            assert_eq!(lines(&bytes), expected, "{name}");
        }
    }

    #[test]
    fn one_odd_byte_costs_its_line_nothing_and_the_others_nothing() {
        assert_eq!(lines(b"Zo\xe9\nZo\xc3\xa9\n\x80\x81"), ["Zoé", "Zoé", "€\u{81}"]);
        assert_eq!(lines(b""), [""]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(!lines(&bytes).is_empty());
        }
    }
}
