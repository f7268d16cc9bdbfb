//! A table row by row.

use std::io::{self, Read};

use encoding_rs_io::DecodeReaderBytes;

use super::columns::{Column, HeaderFault, REPORT_COLUMNS, delimiter, find, told_delimiter};
use super::encoding::Encoding;
use super::framed::{BROKEN, CELL_END, ROW_END};
use super::raw::{LONGEST, Raw};
use super::split::{RawCells, Split, Splitter};
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Phrase, Spoken};

/// Why a table cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// Its header is not what is expected.
    #[error("{file}:{line}: {fault}")]
    Header {
        /// The file.
        file: String,
        /// The line on which the header is.
        line: usize,
        /// What is wrong with it.
        fault: HeaderFault,
    },
    /// The file stops being readable.
    #[error("cannot read `{file}`")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        #[source]
        why: io::Error,
    },
}

impl SheetError {
    /// The same as a finding by the id `rule`. `remedy` says which columns are wanted.
    pub fn finding(&self, rule: &'static str, remedy: Phrase) -> Finding {
        match self {
            Self::Header { file, line, fault } => {
                let place = Place { line: Some(*line), ..Place::file(file) };
                let finding = Finding::error(rule, place, fault.phrase());
                match fault {
                    HeaderFault::None | HeaderFault::Lacks { .. } => finding.mended_by(remedy),
                    _ => finding,
                }
            }
            Self::Unreadable { file, why } => {
                Finding::error(rule, Place::file(file), phrase!("file-unreadable", why = why.phrase()))
            }
        }
    }
}

/// Why a row's cells cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.phrase())]
pub enum CellError {
    /// It has more cells than the header.
    Count {
        /// Cells in the row.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// It is no text in the encoding of the file.
    Encoding,
    /// A cell that must be filled is empty.
    Empty(&'static str),
    /// A quotation mark is opened and not closed in time.
    OpenQuote,
    /// A quotation mark stands inside of a cell.
    StrayQuote,
    /// The line is longer than anything plausible.
    TooLong,
    /// A cell of a workbook holds no value.
    NoValue {
        /// Its column.
        column: String,
        /// What the sheet shows in its place.
        shown: String,
    },
}

impl Spoken for CellError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Count { found, expected } => phrase!("row-cells", found = *found, expected = *expected),
            Self::Encoding => phrase!("row-damaged"),
            Self::Empty(column) => phrase!("row-empty-cell", column = *column),
            Self::OpenQuote => phrase!("row-open-quote"),
            Self::StrayQuote => phrase!("row-stray-quote"),
            Self::TooLong => phrase!("row-too-long", longest = LONGEST),
            Self::NoValue { column, shown } => {
                phrase!("row-no-value", column = column.as_str(), shown = shown.as_str())
            }
        }
    }
}

/// A row as it was read.
#[derive(Clone, Debug, Default)]
pub struct SheetRow {
    line: u64,
    cells: RawCells,
    fault: Option<CellError>,
}

impl SheetRow {
    /// The line on which it begins, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Its cells as they stand in the file, in UTF-8 unless they were broken there.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.cells.iter()
    }

    /// The same as people see them.
    pub fn shown(&self) -> impl Iterator<Item = &[u8]> {
        self.iter().map(|cell| cell.strip_prefix(&[BROKEN]).unwrap_or(cell))
    }
}

/// A table, its columns found.
pub struct Sheet<R: Read> {
    file: String,
    raw: Raw<DecodeReaderBytes<R, Vec<u8>>>,
    encoding: Encoding,
    delimiter: u8,
    header: SheetRow,
    /// Where each wanted column is.
    at: Vec<Option<usize>>,
    names: Vec<String>,
    wanted: Vec<&'static str>,
}

impl<R: Read> Sheet<R> {
    /// Reads the header of the table in `input`, which is in `encoding`: the first line that is neither empty nor
    /// `sep=;`.
    ///
    /// # Errors
    /// When it lacks one of the `wanted` columns, or cannot be read.
    pub fn open(file: &str, encoding: Encoding, input: R, wanted: &[Column]) -> Result<Self, SheetError> {
        let unreadable = |why| SheetError::Unreadable { file: file.to_owned(), why };
        let raw = match encoding {
            Encoding::Workbook => Raw::ending(encoding.reader(input), ROW_END),
            _ => Raw::new(encoding.reader(input)).map_err(unreadable)?,
        };
        let mut sheet = Self {
            file: file.to_owned(),
            raw,
            encoding,
            delimiter: b',',
            header: SheetRow::default(),
            at: Vec::new(),
            names: Vec::new(),
            wanted: wanted.iter().map(Column::name).collect(),
        };
        let mut header = SheetRow::default();
        let found = sheet.read_header(&mut header).map_err(unreadable)?;
        let refused = |fault| {
            let line = usize::try_from(header.line.max(1)).unwrap_or(usize::MAX);
            SheetError::Header { file: file.to_owned(), line, fault }
        };
        if !found {
            return Err(refused(HeaderFault::None));
        }
        let text = match (&header.fault, std::str::from_utf8(header.cells.bytes())) {
            (Some(_), _) => return Err(refused(HeaderFault::Quotes)),
            (None, Ok(text)) if !encoding.is_damaged(text) => header.iter().map(String::from_utf8_lossy),
            _ => return Err(refused(HeaderFault::Damaged)),
        };
        sheet.names = text.map(|name| name.trim().to_lowercase()).collect();
        sheet.at = find(&sheet.names, wanted).map_err(refused)?;
        sheet.header = header;
        Ok(sheet)
    }

    /// Whether there is a header.
    fn read_header(&mut self, header: &mut SheetRow) -> io::Result<bool> {
        let mut told = None;
        loop {
            let (length, whole) = self.raw.line_after(0)?;
            let line = self.raw.row().get(..length).unwrap_or_default();
            let is_framed = self.encoding == Encoding::Workbook;
            let told_here = std::str::from_utf8(line).ok().filter(|_| !is_framed).and_then(told_delimiter);
            let is_empty = line.iter().all(|byte| byte.is_ascii_whitespace() || [ROW_END, CELL_END].contains(byte));
            if length > 0 && (told_here.is_some() || is_empty) {
                told = told_here.or(told);
                self.raw.advance(length, 1, whole)?;
                continue;
            }
            self.delimiter = told.unwrap_or_else(|| delimiter(line));
            return self.read(header);
        }
    }

    /// The header as it stands in the file.
    pub fn header(&self) -> &SheetRow {
        &self.header
    }

    /// What separates the cells, in a file with rows of this one too.
    pub fn delimiter(&self) -> u8 {
        if self.encoding == Encoding::Workbook { b';' } else { self.delimiter }
    }

    /// In which encoding the file is.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether the table has the `index`th wanted column.
    pub fn has(&self, index: usize) -> bool {
        self.at.get(index).is_some_and(Option::is_some)
    }

    /// Columns that mean nothing here, as they stand in the header.
    pub fn unused(&self) -> Vec<String> {
        let cells = self.header.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned());
        let used = |index: usize| self.at.contains(&Some(index));
        let columns = cells
            .zip(&self.names)
            .enumerate()
            .filter(|(index, (_, name))| !used(*index) && !name.is_empty() && !REPORT_COLUMNS.contains(&name.as_str()));
        columns.map(|(_, (cell, _))| cell).collect()
    }

    /// Reads the next row that is not empty into `row`; false at the end.
    ///
    /// # Errors
    /// When the file stops being readable.
    pub fn next(&mut self, row: &mut SheetRow) -> Result<bool, SheetError> {
        self.read(row).map_err(|why| SheetError::Unreadable { file: self.file.clone(), why })
    }

    fn read(&mut self, row: &mut SheetRow) -> io::Result<bool> {
        loop {
            let (length, whole) = self.raw.line_after(0)?;
            if length == 0 {
                return Ok(false);
            }
            self.read_row(row, length, whole)?;
            // Spreadsheets put rows of nothing but delimiters at the end.
            if row.fault.is_some() || row.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                return Ok(true);
            }
        }
    }

    /// Reads the row whose first line has the given length. A quotation mark that is not closed costs that line alone:
    /// the next row begins on the line after it.
    fn read_row(&mut self, row: &mut SheetRow, first: usize, whole: bool) -> io::Result<()> {
        row.line = self.raw.at();
        row.fault = None;
        row.cells.clear();
        if self.encoding == Encoding::Workbook {
            row.cells.split_framed(self.raw.row().get(..first).unwrap_or_default());
            row.fault = if first > LONGEST { Some(CellError::TooLong) } else { self.without_value(row) };
            return self.raw.advance(first, 1, whole);
        }
        let mut splitter = Splitter::new(self.delimiter);
        let (mut start, mut end, mut ended, mut lines) = (0, first, whole, 1);
        let fault = loop {
            if end > LONGEST {
                break if lines == 1 { CellError::TooLong } else { CellError::OpenQuote };
            }
            let line = self.raw.row().get(start..end).unwrap_or_default();
            match splitter.line(line, &mut row.cells) {
                Split::Whole => return self.raw.advance(end, lines, ended),
                Split::Stray if lines == 1 => break CellError::StrayQuote,
                Split::Stray => break CellError::OpenQuote,
                Split::Open => {
                    start = end;
                    (end, ended) = self.raw.line_after(end)?;
                    if start == end {
                        break CellError::OpenQuote;
                    }
                    lines += 1;
                }
            }
        };
        row.cells.split_plainly(self.raw.row().get(..first).unwrap_or_default(), self.delimiter);
        row.fault = Some(fault);
        self.raw.advance(first, 1, whole)
    }

    /// The first cell that holds no value, in a column that has a name.
    fn without_value(&self, row: &SheetRow) -> Option<CellError> {
        row.iter().zip(&self.names).find_map(|(cell, column)| {
            let shown = String::from_utf8_lossy(cell.strip_prefix(&[BROKEN])?).into_owned();
            Some(CellError::NoValue { column: column.clone(), shown })
        })
    }

    /// The row's cells.
    ///
    /// # Errors
    /// When it is not clear what they are.
    pub fn cells<'a>(&'a self, row: &'a SheetRow) -> Result<SheetCells<'a>, CellError> {
        if let Some(fault) = &row.fault {
            return Err(fault.clone());
        }
        let filled = |index: &usize| row.cells.get(*index).is_some_and(|cell| !cell.trim_ascii().is_empty());
        let (expected, all) = (self.header.cells.len(), row.cells.len());
        if let Some(last) = (expected..all).rev().find(filled) {
            return Err(CellError::Count { found: last + 1, expected });
        }
        match std::str::from_utf8(row.cells.bytes()) {
            Ok(text) if !self.encoding.is_damaged(text) => Ok(SheetCells { row, at: &self.at, wanted: &self.wanted }),
            _ => Err(CellError::Encoding),
        }
    }
}

/// The cells of one row, by the wanted columns.
#[derive(Clone, Copy)]
pub struct SheetCells<'a> {
    row: &'a SheetRow,
    at: &'a [Option<usize>],
    wanted: &'a [&'static str],
}

impl<'a> SheetCells<'a> {
    /// The cell of the `index`th wanted column as it stands there; empty when it is absent.
    pub fn whole(&self, index: usize) -> Result<&'a str, CellError> {
        let cell = self.at.get(index).copied().flatten().and_then(|at| self.row.cells.get(at));
        std::str::from_utf8(cell.unwrap_or_default()).map_err(|_| CellError::Encoding)
    }

    /// The same without the blanks around it; none when nothing is left.
    pub fn optional(&self, index: usize) -> Result<Option<&'a str>, CellError> {
        Ok(Some(self.whole(index)?.trim()).filter(|text| !text.is_empty()))
    }

    /// The cell of the `index`th wanted column, which must be filled.
    pub fn required(&self, index: usize) -> Result<&'a str, CellError> {
        let name = self.wanted.get(index).copied().unwrap_or_default();
        self.optional(index)?.ok_or(CellError::Empty(name))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::encoding::tests::{utf_16, windows_1252};
    use super::*;

    const WANTED: [Column; 2] = [Column::required("name"), Column::optional("note")];

    /// The line of a row with its name and note, or why it is refused.
    type Read = (u64, Result<(String, String), CellError>);

    fn read_in(encoding: Encoding, bytes: &[u8]) -> Result<Vec<Read>, SheetError> {
        let mut sheet = Sheet::open("t.csv", encoding, bytes, &WANTED)?;
        let (mut row, mut rows) = (SheetRow::default(), Vec::new());
        while sheet.next(&mut row)? {
            let cells =
                sheet.cells(&row).and_then(|cells| Ok((cells.required(0)?.to_owned(), cells.whole(1)?.to_owned())));
            rows.push((row.line(), cells));
        }
        Ok(rows)
    }

    fn read(text: &str) -> Vec<Read> {
        read_in(Encoding::Utf8, text.as_bytes()).unwrap()
    }

    fn good(line: u64, name: &str, note: &str) -> Read {
        (line, Ok((name.to_owned(), note.to_owned())))
    }

    #[test]
    fn what_spreadsheets_put_around_a_table_is_no_part_of_it() {
        assert_eq!(
            read("\u{feff}sep=;\r\n\r\nNote;Name ;;\r\n ;a;;\r\n\r\n\"n\";\"b\"\r\n;;;\r\n"),
            [good(4, "a", " "), good(6, "b", "n")]
        );
        assert_eq!(read("name\tnote\na\tn\t\t\n\t\n"), [good(2, "a", "n")]);
        assert_eq!(read("name,note\rb,n\ra"), [good(2, "b", "n"), good(3, "a", "")]);
        assert_eq!(read("sep=|\nname|note\na|x,y;z"), [good(3, "a", "x,y;z")]);
    }

    #[test]
    fn a_cell_of_several_lines_is_one_cell() {
        for end in ["\n", "\r\n"] {
            let text = format!("name,note{end}a,\"x{end}{end}y\"{end}b,\"n\"{end}");
            assert_eq!(read(&text), [good(2, "a", &format!("x{end}{end}y")), good(5, "b", "n")], "{end:?}");
        }
    }

    #[test]
    fn a_mark_that_is_not_closed_costs_its_line_alone() {
        let filler = "f,n\n".repeat(LONGEST / 2);
        for rest in ["", "c,\"n\"\nd,\"n\"\n", &filler] {
            let rows = read(&format!("name,note\na,n\nb,\"open\n{rest}"));
            assert_eq!(rows[..2], [good(2, "a", "n"), (3, Err(CellError::OpenQuote))]);
            assert_eq!(rows.len(), 2 + rest.lines().count());
            assert!(rows[2..].iter().all(|(_, row)| row.is_ok()));
        }
        assert_eq!(read("name,note\n\"a\"b,\nc,\n"), [(2, Err(CellError::StrayQuote)), good(3, "c", "")]);
        let long = format!("name,note\n{},\nc,\n", "a".repeat(3 * LONGEST));
        assert_eq!(read(&long), [(2, Err(CellError::TooLong)), good(3, "c", "")]);
    }

    #[test]
    fn a_row_may_lack_what_is_empty_and_not_have_more_than_the_header() {
        assert_eq!(
            read("name,note\na\nb,n,,\n,n\nc,79,90\n"),
            [
                good(2, "a", ""),
                good(3, "b", "n"),
                (4, Err(CellError::Empty("name"))),
                (5, Err(CellError::Count { found: 3, expected: 2 })),
            ]
        );
    }

    #[test]
    fn every_encoding_gives_the_same_rows_and_a_broken_row_costs_no_other() {
        let text = "name;note\r\nœuf;à 5 €\r\nété;n\r\n";
        let expected = [good(2, "œuf", "à 5 €"), good(3, "été", "n")];
        for (encoding, bytes) in [
            (Encoding::Utf8, text.as_bytes().to_vec()),
            (Encoding::Windows1252, windows_1252(text)),
            (Encoding::Utf16Le, utf_16(text, u16::to_le_bytes)),
            (Encoding::Utf16Be, utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes)),
        ] {
            assert_eq!(read_in(encoding, &bytes).unwrap(), expected, "{encoding:?}");
        }
        for (encoding, bytes) in [
            (Encoding::Utf8, &b"name,note\n\xe9,n\nb,n\n"[..]),
            (Encoding::Windows1252, b"name,note\n\xe9\x81,n\nb,n\n"),
        ] {
            let rows = read_in(encoding, bytes).unwrap();
            assert_eq!(rows, [(2, Err(CellError::Encoding)), good(3, "b", "n")], "{encoding:?}");
        }
    }

    #[test]
    fn a_header_that_is_none_is_named_with_its_line() {
        for (text, said) in [
            ("", "t.csv:1: the file is empty: it has no header"),
            ("\n\nnom,note\n", "t.csv:3: the header lacks `name`; its columns are `nom`, `note`"),
            ("name,\"note\n", "t.csv:1: the header cannot be read: a quotation mark is not closed"),
        ] {
            assert_eq!(read_in(Encoding::Utf8, text.as_bytes()).unwrap_err().to_string(), said);
        }
    }

    #[test]
    fn columns_without_a_use_are_named_and_those_of_reports_are_not() {
        let sheet = Sheet::open("t.csv", Encoding::Utf8, &b"line,reason,NAME,Prenom,,\n"[..], &WANTED).unwrap();
        assert_eq!(sheet.unused(), ["Prenom"]);
    }

    #[test]
    fn a_sheet_of_a_workbook_is_read_by_the_numbers_of_its_rows() {
        let mut framed = super::super::FramedSheet::default();
        for (at, cell) in [
            ((2, 0), Ok("Note")),
            ((2, 1), Ok("Name")),
            ((3, 0), Ok("x;\"y\"\nz")),
            ((3, 1), Ok("a")),
            ((6, 1), Err("#REF!")),
            ((7, 1), Ok("sep=;")),
            ((8, 0), Ok(" ")),
            ((9, 3), Ok("too far")),
            ((9, 1), Ok("b")),
        ] {
            let _ = framed.push(at, cell);
        }
        let broken = CellError::NoValue { column: "name".to_owned(), shown: "#REF!".to_owned() };
        assert_eq!(
            read_in(Encoding::Workbook, &framed.into_text()).unwrap(),
            [
                good(4, "a", "x;\"y\"\nz"),
                (7, Err(broken)),
                good(8, "sep=;", ""),
                (10, Err(CellError::Count { found: 4, expected: 2 })),
            ]
        );
    }

    proptest! {
        /// Rows are counted as lines of the file whatever stands in them, and no byte makes it panic or run on.
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), headed in any::<bool>()) {
            let head: &[u8] = if headed { b"name;note\n" } else { b"" };
            let bytes = [head, &bytes].concat();
            for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Windows1252, Encoding::Workbook] {
                let rows = read_in(encoding, &bytes).unwrap_or_default();
                prop_assert!(rows.windows(2).all(|pair| pair[0].0 < pair[1].0), "{rows:?}");
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[a,;\"\n\r]{0,60}") {
            let _ = read_in(Encoding::Utf8, format!("name;note\n{text}").as_bytes());
        }
    }
}
