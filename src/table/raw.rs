//! The lines of a table out of a stream, with the row that is being read kept until its end is known.

use std::io::{self, Read};

/// Bytes of the longest row. More is a quotation mark that was never closed.
pub(super) const LONGEST: usize = 1 << 16;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;

/// A stream of lines, of which those since the start of the row can be taken back.
pub(super) struct Raw<R> {
    input: R,
    buffer: Vec<u8>,
    /// Where the row begins in `buffer`.
    start: usize,
    ended: bool,
    /// The line on which the row begins, from 1.
    line: u64,
    /// What ends a line: a line feed, or where there is none a carriage return.
    end: u8,
}

impl<R: Read> Raw<R> {
    /// Looks at the first lines of `input` for what ends them.
    pub(super) fn new(input: R) -> io::Result<Self> {
        let mut raw = Self { input, buffer: Vec::new(), start: 0, ended: false, line: 1, end: b'\n' };
        while !raw.ended && raw.buffer.len() <= LONGEST && memchr::memchr(b'\n', &raw.buffer).is_none() {
            raw.fill()?;
        }
        if !raw.buffer.contains(&b'\n') && raw.buffer.contains(&b'\r') {
            raw.end = b'\r';
        }
        Ok(raw)
    }

    /// A stream of rows that end in the byte `end`.
    pub(super) fn ending(input: R, end: u8) -> Self {
        Self { input, buffer: Vec::new(), start: 0, ended: false, line: 1, end }
    }

    /// The line on which the row begins.
    pub(super) fn at(&self) -> u64 {
        self.line
    }

    /// How many bytes the row has up to the end of the line that follows its first `known`, and whether that line ends:
    /// the last one of a stream need not, and one that is too long is not read on.
    pub(super) fn line_after(&mut self, known: usize) -> io::Result<(usize, bool)> {
        let mut looked = known;
        loop {
            let row = self.row();
            let rest = row.get(looked..).unwrap_or_default();
            if let Some(end) = memchr::memchr(self.end, rest) {
                return Ok((looked + end + 1, true));
            }
            looked = row.len();
            if self.ended || looked > LONGEST {
                return Ok((looked, false));
            }
            self.fill()?;
        }
    }

    /// What has been read of the row and behind it.
    pub(super) fn row(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// The row has these `bytes`, and the next one begins behind them. `whole` when their last line ended.
    pub(super) fn advance(&mut self, bytes: usize, lines: u64, whole: bool) -> io::Result<()> {
        self.start += bytes;
        self.line += lines;
        // The rest of a line that was too long is nobody's.
        while !whole && !self.ended {
            self.start = self.buffer.len();
            self.fill()?;
            if let Some(end) = memchr::memchr(self.end, &self.buffer) {
                self.start = end + 1;
                break;
            }
        }
        Ok(())
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let held = self.buffer.len();
        self.buffer.resize(held + CHUNK, 0);
        let read = loop {
            match self.input.read(self.buffer.get_mut(held..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.buffer.truncate(held + read);
        self.ended = read == 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let mut raw = Raw::new(text).unwrap();
        let mut lines = Vec::new();
        loop {
            let (length, whole) = raw.line_after(0).unwrap();
            if length == 0 {
                return lines;
            }
            lines.push((raw.at(), raw.row()[..length].to_vec()));
            raw.advance(length, 1, whole).unwrap();
        }
    }

    #[test]
    fn lines_end_as_the_program_that_wrote_them_ends_them() {
        let expected =
            |lines: &[&str]| (1..).zip(lines.iter().map(|line| line.as_bytes().to_vec())).collect::<Vec<_>>();
        assert_eq!(lines(b"a\r\n\nb"), expected(&["a\r\n", "\n", "b"]));
        assert_eq!(lines(b"a\rb\r"), expected(&["a\r", "b\r"]));
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn a_line_without_an_end_takes_no_more_room() {
        let text = ["a".repeat(5 * LONGEST).as_str(), "\nb\n"].concat();
        let lines = lines(text.as_bytes());
        assert_eq!(lines.len(), 2);
        assert!(lines[0].1.len() < 3 * LONGEST);
        assert_eq!(lines[1], (2, b"b\n".to_vec()));
    }
}
