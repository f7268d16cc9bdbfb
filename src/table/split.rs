//! The cells of a row, line by line.

use super::framed::{CELL_END, ROW_END};

/// How a row stands after a line of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Split {
    /// The line was its last.
    Whole,
    /// A quotation mark is open: the row goes on.
    Open,
    /// Something stands behind a quotation mark that closed a cell. Where the cell ends is in doubt.
    Stray,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// At the start of a cell.
    Start,
    /// In a cell without quotation marks.
    Plain,
    /// In a cell with them.
    Quoted,
    /// Behind a mark that closes the cell, or is the first of two that stand for one.
    Closed,
}

/// The cells of one row, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct RawCells {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl RawCells {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All cells in one piece.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn get(&self, index: usize) -> Option<&[u8]> {
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(start..*self.ends.get(index)?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// Makes the cells of a row of a workbook's sheet, which comes with its end.
    pub(super) fn split_framed(&mut self, row: &[u8]) {
        self.clear();
        for cell in row.strip_suffix(&[ROW_END]).unwrap_or(row).split(|byte| *byte == CELL_END) {
            self.bytes.extend_from_slice(cell);
            self.end();
        }
    }

    /// Makes the cells of a line in which quotation marks mean nothing.
    pub(super) fn split_plainly(&mut self, line: &[u8], delimiter: u8) {
        self.clear();
        for cell in body(line).split(|byte| *byte == delimiter) {
            self.bytes.extend_from_slice(cell);
            self.end();
        }
    }
}

/// Splits the lines of one row.
pub(super) struct Splitter {
    delimiter: u8,
    state: Within,
}

/// A line without its end.
fn body(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

impl Splitter {
    pub(super) fn new(delimiter: u8) -> Self {
        Self { delimiter, state: Within::Start }
    }

    /// Adds the cells of the next line of the row, which comes with its end.
    pub(super) fn line(&mut self, line: &[u8], cells: &mut RawCells) -> Split {
        let mut rest = body(line);
        let split = |at: usize, rest: &mut &[u8], cells: &mut RawCells| {
            if let Some((before, after)) = rest.split_at_checked(at) {
                cells.bytes.extend_from_slice(before);
                *rest = after.get(1..).unwrap_or_default();
            }
        };
        loop {
            match self.state {
                Within::Start => match rest.strip_prefix(b"\"") {
                    Some(after) => (self.state, rest) = (Within::Quoted, after),
                    None => self.state = Within::Plain,
                },
                Within::Plain => {
                    let end = memchr::memchr(self.delimiter, rest);
                    split(end.unwrap_or(rest.len()), &mut rest, cells);
                    cells.end();
                    self.state = Within::Start;
                    if end.is_none() {
                        return Split::Whole;
                    }
                }
                Within::Quoted => {
                    let Some(end) = memchr::memchr(b'"', rest) else {
                        cells.bytes.extend_from_slice(rest);
                        cells.bytes.extend_from_slice(line.get(body(line).len()..).unwrap_or_default());
                        return Split::Open;
                    };
                    split(end, &mut rest, cells);
                    self.state = Within::Closed;
                }
                Within::Closed => match rest.split_first() {
                    Some((b'"', after)) => {
                        cells.bytes.push(b'"');
                        (self.state, rest) = (Within::Quoted, after);
                    }
                    Some((byte, after)) if *byte == self.delimiter => {
                        cells.end();
                        (self.state, rest) = (Within::Start, after);
                    }
                    Some((b' ', after)) => rest = after,
                    Some(_) => return Split::Stray,
                    None => {
                        cells.end();
                        self.state = Within::Start;
                        return Split::Whole;
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(lines: &[&str]) -> (Split, Vec<String>) {
        let (mut splitter, mut cells, mut last) = (Splitter::new(b','), RawCells::default(), Split::Open);
        for line in lines {
            last = splitter.line(line.as_bytes(), &mut cells);
        }
        (last, cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect())
    }

    #[test]
    fn marks_hold_a_cell_together_and_nothing_else() {
        let whole = |cells: &[&str]| (Split::Whole, cells.iter().map(|cell| (*cell).to_owned()).collect());
        assert_eq!(cells(&["a,\"b,c\",\"d\"\"e\",\r\n"]), whole(&["a", "b,c", "d\"e", ""]));
        assert_eq!(cells(&["\"a\r\n", "\n", "b\" ,c\n"]), whole(&["a\r\n\nb", "c"]));
        assert_eq!(cells(&["5\" wide, \"b\"\n"]), whole(&["5\" wide", " \"b\""]));
        assert_eq!(cells(&["a,\"b\n"]).0, Split::Open);
        assert_eq!(cells(&["\"Maison \"Exemple\"\",b\n"]).0, Split::Stray);
        let mut plain = RawCells::default();
        plain.split_plainly(b"a,\"b,c\r\n", b',');
        assert_eq!(plain.iter().collect::<Vec<_>>(), [&b"a"[..], b"\"b", b"c"]);
    }

    proptest! {
        /// Another writer's rows come back as they were.
        #[test]
        fn what_another_program_writes_is_read(row in prop::collection::vec("[a\",; \n\r]{0,6}", 1..5)) {
            let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
            writer.write_record(&row).unwrap();
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            prop_assert_eq!(cells(&lines), (Split::Whole, row));
        }
    }
}
