//! Bytes with plain line ends, so that the CSV reader's count of lines is right whatever wrote the file.

use std::io::{self, BufRead, Read};

/// Drops the carriage return of each CR LF and adds a line feed at the end.
pub(super) struct PlainLines<R> {
    inner: R,
    /// A carriage return was held back until the byte after it is known.
    held: bool,
    ended: bool,
}

impl<R: BufRead> PlainLines<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, held: false, ended: false }
    }
}

/// Writes one byte, if there is room.
fn one(buffer: &mut [u8], byte: u8) -> usize {
    buffer.first_mut().map_or(0, |first| {
        *first = byte;
        1
    })
}

impl<R: BufRead> Read for PlainLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let available = self.inner.fill_buf()?;
            if self.held {
                self.held = false;
                if available.first() != Some(&b'\n') {
                    return Ok(one(buffer, b'\r'));
                }
            }
            if available.is_empty() {
                let more = !self.ended;
                self.ended = true;
                return Ok(if more { one(buffer, b'\n') } else { 0 });
            }
            let room = available.len().min(buffer.len());
            let length = available.iter().take(room).position(|byte| *byte == b'\r').unwrap_or(room);
            if length == 0 {
                self.inner.consume(1);
                self.held = true;
                continue;
            }
            if let (Some(from), Some(to)) = (available.get(..length), buffer.get_mut(..length)) {
                to.copy_from_slice(from);
            }
            self.inner.consume(length);
            return Ok(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn only_line_ends_change(text in "[a\r\n]{0,40}", capacity in 1..9_usize) {
            let mut read = String::new();
            PlainLines::new(BufReader::with_capacity(capacity, text.as_bytes())).read_to_string(&mut read).unwrap();
            prop_assert_eq!(read, text.replace("\r\n", "\n") + "\n");
        }
    }
}
