//! The lines of a text in whatever encoding the program that wrote it used: UTF-8, UTF-16 or Windows-1252, with or
//! without a byte order mark, with any line ends.
//!
//! For lists where one odd byte must not cost the rest. Text that becomes proof or law is read strictly instead
//! (`document`).

use std::borrow::Cow;

/// Windows-1252 in 0x80 to 0x9f, where it differs from Latin-1.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}', '\u{fffd}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

/// The lines of `bytes`. Each line that is not UTF-8 is read as Windows-1252.
pub(super) fn lines(bytes: &[u8]) -> Vec<String> {
    let text = without_utf_16(bytes);
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let end = if text.contains(&b'\n') { b'\n' } else { b'\r' };
    text.split(|byte| *byte == end).map(|line| line_of(line.strip_suffix(b"\r").unwrap_or(line))).collect()
}

fn line_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(line) => line.to_owned(),
        Err(_) => bytes.iter().map(|byte| windows_1252(*byte)).collect(),
    }
}

fn windows_1252(byte: u8) -> char {
    let special = byte.checked_sub(0x80).and_then(|at| WINDOWS_1252.get(usize::from(at)));
    special.copied().unwrap_or(char::from(byte))
}

/// The same text in UTF-8 when it is UTF-16. Without a mark that is told by its zero bytes: every second byte of most
/// of its letters is one, and no other text holds any.
fn without_utf_16(bytes: &[u8]) -> Cow<'_, [u8]> {
    let (little, body) = match bytes {
        [0xff, 0xfe, body @ ..] => (true, body),
        [0xfe, 0xff, body @ ..] => (false, body),
        _ => {
            let zeros = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
            let (even, odd) = (zeros(0), zeros(1));
            if even.max(odd) * 4 < bytes.len().max(1) {
                return Cow::Borrowed(bytes);
            }
            (odd > even, bytes)
        }
    };
    let units = body.chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok());
    let units = units.map(|pair| if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) });
    let text: String = char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Cow::Owned(text.into_bytes())
}

/// The text that `bytes` are in Windows-1252; `None` where that knows no letter.
pub(super) fn from_windows_1252(bytes: &[u8]) -> Option<String> {
    let text: String = bytes.iter().map(|byte| windows_1252(*byte)).collect();
    (!text.contains(char::REPLACEMENT_CHARACTER)).then_some(text)
}

/// Bytes with the mark of UTF-16 are not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damaged;

/// The text that `bytes` are when they begin with the mark of UTF-16, and `None` when they do not.
pub(super) fn marked_utf_16(bytes: &[u8]) -> Option<Result<String, Damaged>> {
    if !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff") {
        return None;
    }
    let text = String::from_utf8(without_utf_16(bytes).into_owned()).map_err(|_| Damaged);
    let whole = |text: String| {
        let damaged = bytes.len() % 2 == 1 || text.contains(char::REPLACEMENT_CHARACTER);
        if damaged { Err(Damaged) } else { Ok(text) }
    };
    Some(text.and_then(whole))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn every_usual_encoding_gives_the_same_lines() {
        let text = "Zoé;zoe@example.fr\r\nŒuvre;a@example.fr\r\n\r\nfin";
        let expected = ["Zoé;zoe@example.fr", "Œuvre;a@example.fr", "", "fin"];
        let windows = text.replace('Œ', "\u{8c}");
        let windows: Vec<u8> = windows.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        for (name, bytes) in [
            ("UTF-8", text.as_bytes().to_vec()),
            ("UTF-8 with a mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
            ("Windows-1252", windows),
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
        assert_eq!(lines(b"Zo\xe9\nZo\xc3\xa9\n\x80\x81"), ["Zoé", "Zoé", "€\u{fffd}"]);
        assert_eq!(lines(b""), [""]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(!lines(&bytes).is_empty());
        }
    }
}
