//! Bytes as lower-case hexadecimal digits, and back. Only the canonical form is read.

/// Writes and reads a type around bytes as its digits: `Display`, a `Debug` that is the same, and `FromStr`.
macro_rules! written_in_hex {
    ($type:ident, $error:ident) => {
        impl std::str::FromStr for $type {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                $crate::keys::hex::from_hex(text).map(Self).ok_or($error)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad($crate::keys::hex::in_room(&self.0, &mut [0; 64]))
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    };
}

pub(crate) use written_in_hex;

/// The digits of `bytes`.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let mut text = vec![0; 2 * bytes.len()];
    write_digits(bytes, &mut text);
    // All of them are ASCII.
    String::from_utf8(text).unwrap_or_default()
}

/// The digits of `bytes`, of which there are at most 32, written into `room`: millions of them are written one after the other.
pub(crate) fn in_room<'a>(bytes: &[u8], room: &'a mut [u8; 64]) -> &'a str {
    write_digits(bytes, room);
    // All of them are ASCII.
    room.get(..2 * bytes.len()).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default()
}

fn write_digits(bytes: &[u8], text: &mut [u8]) {
    let digit = |half: u8| if half < 10 { b'0' + half } else { b'a' + half - 10 };
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0x0f)]);
    }
}

/// The `N` bytes that `text` spells, or `None` when it is anything but `2 N` lower-case digits.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *byte = value(high)? << 4 | value(low)?;
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_is_read() {
        assert_eq!(to_hex(&[0, 0x9f, 0xff]), "009fff");
        assert_eq!(from_hex("009fff"), Some([0, 0x9f, 0xff]));
        for text in ["", "009f", "009fff00", "009FFF", "00 9ff", "é9fff"] {
            assert_eq!(from_hex::<3>(text), None, "{text}");
        }
    }
}
