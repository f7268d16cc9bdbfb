//! Reading CSV as spreadsheets write it: comma, semicolon or tab; a header in any order; UTF-8 with or without a mark.
//!
//! Rows are handed out one by one, so a file of any size fits. A sheet knows columns, not what is in them.

use std::io::{self, BufRead};

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::lines::PlainLines;
use crate::finding::{Finding, Place};
use crate::text::{REPORT_COLUMNS, delimiter};

/// A column that a sheet may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) required: bool,
}

impl Column {
    pub(super) const fn required(name: &'static str) -> Self {
        Self { name, required: true }
    }

    pub(super) const fn optional(name: &'static str) -> Self {
        Self { name, required: false }
    }
}

/// Why a sheet cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// Its header is not what is expected.
    #[error("{0}")]
    Header(Box<Finding>),
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

/// A CSV file, its columns found.
pub(super) struct Sheet<R> {
    file: String,
    reader: Reader<PlainLines<R>>,
    delimiter: u8,
    header: ByteRecord,
    /// Where each wanted column is.
    at: Vec<Option<usize>>,
    unused: Vec<String>,
}

impl<R: BufRead> Sheet<R> {
    /// Reads the header. `rule` is the id of the finding when it lacks a column.
    pub(super) fn open(file: &str, mut input: R, wanted: &[Column], rule: &'static str) -> Result<Self, SheetError> {
        let unreadable = |why| SheetError::Unreadable { file: file.to_owned(), why };
        let head = input.fill_buf().map_err(unreadable)?;
        let first_line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let delimiter = delimiter(first_line);
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(PlainLines::new(input));
        let mut header = ByteRecord::new();
        reader.read_byte_record(&mut header).map_err(|error| unreadable(error.into()))?;
        let names: Vec<String> = header
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim_matches('\u{feff}').trim().to_ascii_lowercase())
            .collect();
        let refused = |message: String, remedy: &str| {
            let place = Place { line: Some(1), ..Place::file(file) };
            Err(SheetError::Header(Box::new(Finding::error(rule, place, message, remedy))))
        };
        for column in wanted {
            let found = names.iter().filter(|name| *name == column.name).count();
            if found > 1 {
                return refused(format!("the column `{}` is there {found} times", column.name), "keep one of them");
            }
            if found == 0 && column.required {
                let message = format!("there is no column `{}`; the columns are: {}", column.name, names.join(", "));
                return refused(message, "name the columns in the first line, as `docs/prices.md` lists them");
            }
        }
        let at = wanted.iter().map(|column| names.iter().position(|name| name == column.name)).collect();
        let unused = names
            .into_iter()
            .filter(|name| !REPORT_COLUMNS.contains(&name.as_str()) && wanted.iter().all(|column| column.name != name))
            .collect();
        Ok(Self { file: file.to_owned(), reader, delimiter, header, at, unused })
    }

    /// The header as it stands in the file.
    pub(super) fn header(&self) -> &ByteRecord {
        &self.header
    }

    /// What separates the fields.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Columns that mean nothing here.
    pub(super) fn unused(&self) -> &[String] {
        &self.unused
    }

    /// Reads the next row into `record`; false at the end. Empty lines are passed over.
    pub(super) fn next(&mut self, record: &mut ByteRecord) -> Result<bool, SheetError> {
        self.reader
            .read_byte_record(record)
            .map_err(|error| SheetError::Unreadable { file: self.file.clone(), why: error.into() })
    }

    /// The line on which the row just read into `record` begins, from 1. The reader stands at the line after the row.
    pub(super) fn line(&self, record: &ByteRecord) -> u64 {
        let lines = record.as_slice().split(|byte| *byte == b'\n').count();
        self.reader.position().line().saturating_sub(u64::try_from(lines).unwrap_or_default())
    }

    /// The row's cells.
    pub(super) fn cells<'a>(&'a self, record: &'a ByteRecord) -> Result<SheetCells<'a>, CellError> {
        if record.len() != self.header.len() {
            return Err(CellError::Count { found: record.len(), expected: self.header.len() });
        }
        Ok(SheetCells { record, at: &self.at })
    }
}

/// Why a row's cells cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellError {
    /// It has more or fewer cells than the header.
    #[error("the row has {found} cells and the header {expected}")]
    Count {
        /// Cells in the row.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// It is not UTF-8.
    #[error("the row is not UTF-8; save the file as UTF-8")]
    Encoding,
    /// A cell that must be filled is empty.
    #[error("`{0}` is empty")]
    Empty(&'static str),
}

/// One row.
pub(super) struct SheetCells<'a> {
    record: &'a ByteRecord,
    at: &'a [Option<usize>],
}

impl<'a> SheetCells<'a> {
    /// The cell of the `index`th wanted column without the blanks around it; none when it is empty or absent.
    pub(super) fn optional(&self, index: usize) -> Result<Option<&'a str>, CellError> {
        let Some(bytes) = self.at.get(index).copied().flatten().and_then(|at| self.record.get(at)) else {
            return Ok(None);
        };
        let text = std::str::from_utf8(bytes).map_err(|_| CellError::Encoding)?.trim();
        Ok((!text.is_empty()).then_some(text))
    }

    /// The cell of the `index`th wanted column, which must be filled.
    pub(super) fn required(&self, index: usize, name: &'static str) -> Result<&'a str, CellError> {
        self.optional(index)?.ok_or(CellError::Empty(name))
    }
}
