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
                f.pad($crate::keys::hex::HexDigits::of(&self.0).as_str())
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl From<$type> for $crate::keys::hex::HexDigits {
            fn from(value: $type) -> Self {
                Self::of(&value.0)
            }
        }
    };
}

pub(crate) use written_in_hex;

/// The digits of at most 32 bytes, without room of their own on the heap: an import writes six of these a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HexDigits {
    room: [u8; 64],
    length: u8,
}

impl HexDigits {
    /// Those of `bytes`, of which there are at most 32.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut room = [0; 64];
        write_digits(bytes, &mut room);
        Self { room, length: u8::try_from(2 * bytes.len()).unwrap_or_default() }
    }

    /// The digits.
    pub(crate) fn as_str(&self) -> &str {
        // All of them are ASCII.
        self.room.get(..self.length.into()).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default()
    }
}

/// The digits of `bytes`.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let mut text = vec![0; 2 * bytes.len()];
    write_digits(bytes, &mut text);
    // All of them are ASCII.
    String::from_utf8(text).unwrap_or_default()
}

fn write_digits(bytes: &[u8], text: &mut [u8]) {
    let digit = |half: u8| half + if half < 10 { b'0' } else { b'a' - 10 };
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 0x0f)];
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
        assert_eq!(HexDigits::of(&[0, 0x9f, 0xff]).as_str(), "009fff");
        assert_eq!(from_hex("009fff"), Some([0, 0x9f, 0xff]));
        for text in ["", "009f", "009fff00", "009FFF", "00 9ff", "é9fff"] {
            assert_eq!(from_hex::<3>(text), None, "{text}");
        }
    }
}
