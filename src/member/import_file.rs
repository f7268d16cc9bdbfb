//! An import file: CSV in UTF-8, with commas or semicolons, and a header that names the columns.

use csv::{ReaderBuilder, StringRecord, StringRecordsIntoIter};

use super::evidence::{Cells, WordingFiles};
use super::{Evidence, EvidenceRules, Rejection};
use crate::document::Document;
use crate::finding::{Finding, Place};

/// The columns that every file must have, beside `wording` or `wording_file`.
const REQUIRED: [&str; 5] = ["address", "language", "confirmed_at", "source", "method"];

/// The columns that a file of rejected rows has in front.
pub const REJECTED_COLUMNS: [&str; 2] = ["line", "reason"];

/// A row of an import file.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// The line on which it starts.
    pub line: u64,
    /// Its cells as read.
    pub cells: StringRecord,
    /// What it proves, or why it does not.
    pub evidence: Result<Evidence, Rejection>,
}

/// The rows of an import file, one after the other.
pub struct ImportFile<'a> {
    header: StringRecord,
    delimiter: u8,
    columns: Columns,
    records: StringRecordsIntoIter<&'a [u8]>,
    name: &'a str,
    lines: Lines<'a>,
}

impl<'a> ImportFile<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// A finding when a column is missing or is there twice.
    pub fn open(document: &'a Document) -> Result<Self, Box<Finding>> {
        let first_line = document.text.lines().next().unwrap_or_default();
        let count = |delimiter: char| first_line.matches(delimiter).count();
        let delimiter = if count(';') > count(',') { b';' } else { b',' };
        let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(document.text.as_bytes());
        let unreadable =
            |_| finding(&document.name, Some(1), "the header cannot be read", "save the file as CSV UTF-8");
        let header = reader.headers().map_err(unreadable)?.clone();
        let columns =
            Columns::of(&header).map_err(|(message, remedy)| finding(&document.name, Some(1), message, remedy))?;
        Ok(Self {
            header,
            delimiter,
            columns,
            records: reader.into_records(),
            name: &document.name,
            lines: Lines::of(&document.text),
        })
    }

    /// The header's cells.
    pub fn header(&self) -> &StringRecord {
        &self.header
    }

    /// The delimiter between cells.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The columns that mean nothing here and are not read.
    pub fn ignored(&self) -> Vec<&str> {
        let known = |name: &str| {
            REQUIRED.contains(&name)
                || REJECTED_COLUMNS.contains(&name)
                || ["wording", "wording_file", "form_version", ""].contains(&name)
        };
        self.header.iter().map(str::trim).filter(|name| !known(&name.to_lowercase())).collect()
    }

    /// The next row. `None` at the end.
    ///
    /// # Errors
    /// A finding when the file cannot be read on.
    pub fn next(
        &mut self,
        rules: &EvidenceRules,
        files: &mut WordingFiles<'_>,
    ) -> Option<Result<ImportRow, Box<Finding>>> {
        let cells = match self.records.next()? {
            Ok(cells) => cells,
            Err(error) => {
                let line = error.position().and_then(|place| usize::try_from(place.line()).ok());
                return Some(Err(finding(
                    self.name,
                    line,
                    "the file cannot be read on",
                    "mend this line and import it again",
                )));
            }
        };
        let line = self.lines.line_at(cells.position().map_or(0, csv::Position::byte));
        let evidence = rules.read(&self.columns.cells(&cells), files);
        Some(Ok(ImportRow { line, cells, evidence }))
    }
}

/// Counts lines on the way through a text. The reader's own count lags behind where lines end in CR LF.
struct Lines<'a> {
    rest: &'a [u8],
    at: u64,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { rest: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line of the row that starts at `byte`, or at the end of the line break or of the empty lines there.
    fn line_at(&mut self, byte: u64) -> u64 {
        while let Some((first, rest)) = self.rest.split_first() {
            if self.at >= byte && !matches!(first, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(*first == b'\n');
            self.at += 1;
            self.rest = rest;
        }
        self.line
    }
}

/// Where each column is.
struct Columns {
    required: [usize; 5],
    wording: Option<usize>,
    wording_file: Option<usize>,
    form_version: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, (String, String)> {
        let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
        let find = |column: &str| names.iter().position(|name| name == column);
        for (at, name) in names.iter().enumerate() {
            if !name.is_empty() && find(name) != Some(at) {
                let remedy = "keep one of the two".to_owned();
                return Err((format!("the header names the column `{name}` twice"), remedy));
            }
        }
        let mut missing: Vec<&str> = REQUIRED.into_iter().filter(|column| find(column).is_none()).collect();
        let (wording, wording_file) = (find("wording"), find("wording_file"));
        if wording.is_none() && wording_file.is_none() {
            missing.push("wording");
        }
        let required = REQUIRED.map(|column| find(column).unwrap_or(usize::MAX));
        if missing.is_empty() {
            return Ok(Self { required, wording, wording_file, form_version: find("form_version") });
        }
        let all = "address, language, confirmed_at, wording (or wording_file), source, method";
        Err((
            format!("the header lacks `{}`", missing.join("`, `")),
            format!("write a first line with the columns {all}; without this evidence nobody may be mailed"),
        ))
    }

    fn cells<'a>(&self, record: &'a StringRecord) -> Cells<'a> {
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        let [address, language, confirmed_at, source, method] = self.required.map(|at| cell(Some(at)));
        Cells {
            address,
            language,
            confirmed_at,
            wording: cell(self.wording),
            wording_file: cell(self.wording_file),
            source,
            method,
            form_version: cell(self.form_version),
        }
    }
}

fn finding(name: &str, line: Option<usize>, message: impl Into<String>, remedy: impl Into<String>) -> Box<Finding> {
    Box::new(Finding::error("member.import-file", Place { line, ..Place::file(name) }, message, remedy))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::super::Lifetime;
    use super::*;

    const HEADER: &str = "address,language,confirmed_at,wording,source,method\n";

    fn rules() -> EvidenceRules {
        EvidenceRules { now: "2026-11-23T12:00:00Z".parse().unwrap(), lifetime: Lifetime::months(24), zone: None }
    }

    /// Reads the whole of `bytes` and returns for each row its line and its reason, or the finding that stops it.
    fn read(bytes: &[u8]) -> Result<Vec<(u64, String)>, String> {
        let said = |finding: Box<Finding>| format!("{}: {}", finding.place, finding.message);
        let document = Document::decode("m.csv", bytes.to_vec()).map_err(said)?;
        let mut file = ImportFile::open(&document).map_err(said)?;
        let mut rows = Vec::new();
        while let Some(row) = file.next(&rules(), &mut |_| Err("no files here".into())) {
            let row = row.map_err(said)?;
            rows.push((row.line, row.evidence.map_or_else(|why| why.to_string(), |_| String::new())));
        }
        Ok(rows)
    }

    #[test]
    fn commas_semicolons_quotes_and_marks_are_read() {
        let row = "a@example.fr,fr,2026-03-01T10:00:00Z,\"Oui, je veux\nles offres\",form,web_form\n";
        assert_eq!(read(format!("{HEADER}{row}{row}").as_bytes()).unwrap(), [(2, String::new()), (4, String::new())]);
        let french = "\u{feff}Address ;LANGUAGE;confirmed_at;wording;source;method\r\n\
                      a@example.fr;fr;2026-03-01T10:00:00Z;Oui, je le veux, bien;form;web_form\r\n";
        assert_eq!(read(french.as_bytes()).unwrap(), [(2, String::new())]);
        let spaced = french.replace("\r\n", "\r\n\r\n") + "a;fr\r\n";
        assert_eq!(read(spaced.as_bytes()).unwrap(), [(3, String::new()), (5, "the address has no `@`".to_owned())]);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_with_its_line() {
        let mut latin = format!("{HEADER}a@example.fr,fr,2026-03-01T10:00:00Z,").into_bytes();
        latin.extend(b"avant-premi\xe8res");
        assert_eq!(
            read(&latin),
            Err("m.csv:2:49: the text is not UTF-8 from here on: it was saved in another encoding".to_owned())
        );
        assert_eq!(read(b"\xff\xfea\0"), Err("m.csv:1: the file is UTF-16 text, not UTF-8".to_owned()));
        let said = read(b"email,language\n").unwrap_err();
        assert_eq!(said, "m.csv:1: the header lacks `address`, `confirmed_at`, `source`, `method`, `wording`");
        assert!(read(b"").is_err());
        assert_eq!(read(b"address,Address\n").unwrap_err(), "m.csv:1: the header names the column `address` twice");
    }

    #[test]
    fn a_short_row_and_an_open_quote_are_rejected() {
        assert_eq!(
            read(format!("{HEADER}a@example.fr,fr\n").as_bytes()).unwrap(),
            [(2, "`confirmed_at` is empty".into())]
        );
        let filler = "b@example.fr,fr,2026-03-01T10:00:00Z,je le veux bien,form,web_form\n".repeat(400);
        let open = format!("{HEADER}a@example.fr,fr,2026-03-01T10:00:00Z,\"je le veux,form,web_form\n{filler}");
        let rows = read(open.as_bytes()).unwrap();
        assert_eq!(rows.len(), 1);
        assert!(rows[0].1.contains("is empty") || rows[0].1.contains("not closed"), "{rows:?}");
    }

    #[test]
    fn only_columns_without_a_use_are_ignored() {
        let document =
            Document::new("m.csv", "line,reason,address,language,confirmed_at,wording_file,source,method,Prénom\n");
        assert_eq!(ImportFile::open(&document).unwrap().ignored(), ["Prénom"]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), headed in any::<bool>()) {
            let head = if headed { HEADER.as_bytes() } else { b"" };
            let _ = read(&[head, &bytes].concat());
        }

        #[test]
        fn no_text_makes_it_panic(text in "[a-z@.,;\"\n\r\u{e9}0-9T:Z+-]{0,200}") {
            let _ = read(format!("{HEADER}{text}").as_bytes());
        }
    }

    #[test]
    fn the_future_is_measured_from_the_present_given() {
        let early = EvidenceRules { now: Timestamp::UNIX_EPOCH, ..rules() };
        let document =
            Document::new("m.csv", format!("{HEADER}a@example.fr,fr,2026-03-01T10:00:00Z,a b c,form,web_form\n"));
        let row = ImportFile::open(&document).unwrap().next(&early, &mut |_| Err(String::new())).unwrap().unwrap();
        assert_eq!(row.evidence, Err(Rejection::Future));
    }
}
