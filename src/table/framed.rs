//! The cells of a workbook's sheet as one text that the reader of tables takes like any other: rows and cells end in the signs that
//! ASCII has for that, which no cell of a workbook can hold. The number of a row in the text is its number in the sheet.

/// Ends a row.
pub(super) const ROW_END: u8 = 0x1e;

/// Stands between two cells.
pub(super) const CELL_END: u8 = 0x1f;

/// Begins a cell that holds no value, such as `#REF!`.
pub(super) const BROKEN: u8 = 0x1d;

/// Why the cells of a sheet are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramedError {
    /// They are more than a table of ours can be.
    TooMuch,
    /// They do not come row by row, from left to right.
    Order,
}

/// A sheet on its way into a text.
#[derive(Debug, Default)]
pub struct FramedSheet {
    text: Vec<u8>,
    /// Where the next cell would stand, from 0.
    row: u32,
    column: u32,
}

impl FramedSheet {
    /// Bytes of the largest text.
    pub const MOST: usize = 128 << 20;

    /// Adds a cell at `row` and `column`, from 0. What is broken is no value, but what the sheet shows in its place.
    ///
    /// # Errors
    /// [`FramedError`].
    pub fn push(&mut self, (row, column): (u32, u32), value: Result<&str, &str>) -> Result<(), FramedError> {
        if (row, column) < (self.row, self.column) {
            return Err(FramedError::Order);
        }
        let (ends, gaps) = (row - self.row, if row > self.row { column } else { column - self.column });
        let words = value.unwrap_or_else(|shown| shown);
        let more = u64::from(ends) + u64::from(gaps) + words.len() as u64 + 2;
        if self.text.len() as u64 + more > Self::MOST as u64 {
            return Err(FramedError::TooMuch);
        }
        self.text.extend(std::iter::repeat_n(ROW_END, ends as usize));
        self.text.extend(std::iter::repeat_n(CELL_END, gaps as usize));
        let has_signs = words.bytes().any(|byte| (BROKEN..=CELL_END).contains(&byte));
        if value.is_err() || has_signs {
            self.text.push(BROKEN);
        }
        self.text.extend(words.bytes().filter(|byte| !(BROKEN..=CELL_END).contains(byte)));
        (self.row, self.column) = (row, column);
        Ok(())
    }

    /// The text.
    pub fn into_text(mut self) -> Vec<u8> {
        if !self.text.is_empty() {
            self.text.push(ROW_END);
        }
        self.text
    }
}

/// A framed text as plain lines, one for each row, for lists of people: of a cell of several lines it makes one.
pub fn plain_lines(framed: &[u8]) -> Vec<u8> {
    framed
        .iter()
        .filter(|byte| **byte != BROKEN)
        .map(|byte| match *byte {
            ROW_END => b'\n',
            CELL_END => b';',
            b'\n' | b'\r' => b' ',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_numbers() {
        let mut sheet = FramedSheet::default();
        for (at, cell) in [((1, 0), Ok("a")), ((1, 2), Ok("b\nc")), ((4, 1), Err("#REF!")), ((5, 0), Ok("\u{1f}d"))] {
            sheet.push(at, cell).unwrap();
        }
        assert_eq!(sheet.push((5, 0), Ok("x")), Ok(()), "the reader of a sheet may give a cell twice");
        assert_eq!(sheet.push((4, 9), Ok("x")), Err(FramedError::Order));
        let text = sheet.into_text();
        assert_eq!(plain_lines(&text), b"\na;;b c\n\n\n;#REF!\ndx\n");
        assert_eq!(FramedSheet::default().into_text(), b"");
    }

    #[test]
    fn a_cell_far_out_does_not_make_a_text_of_gaps() {
        let mut sheet = FramedSheet::default();
        let wide = (0..).try_for_each(|row| sheet.push((row, 16_383), Ok("x")));
        assert_eq!(wide, Err(FramedError::TooMuch));
        assert!(sheet.into_text().len() <= FramedSheet::MOST + 1);
        assert_eq!(FramedSheet::default().push((u32::MAX, u32::MAX), Ok("x")), Err(FramedError::TooMuch));
    }
}
