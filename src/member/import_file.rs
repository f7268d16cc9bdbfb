//! An import file: CSV with commas, semicolons or tabs, and a header that names the columns.

use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord, StringRecordsIntoIter};

use super::evidence::{Cells, WordingFiles};
use super::{Evidence, EvidenceRules, Language, Rejection, any_text};
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::text::{REPORT_COLUMNS, delimiter};

/// The columns that every file must have, beside `wording` or `wording_file`.
const REQUIRED: [&str; 5] = ["address", "language", "confirmed_at", "source", "method"];

/// The columns that a file may have.
const KNOWN: [&str; 8] =
    ["address", "language", "confirmed_at", "wording", "wording_file", "source", "method", "form_version"];

/// Under which name a file has one of the columns: `address=EMAIL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnName {
    column: &'static str,
    /// In lower case.
    name: String,
}

/// A text names no column, or does not say under which name the file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write COLUMN=NAME, such as address=EMAIL; the columns are {}", KNOWN.join(", "))]
pub struct NoColumnName;

impl FromStr for ColumnName {
    type Err = NoColumnName;

    fn from_str(text: &str) -> Result<Self, NoColumnName> {
        let (column, name) = text.split_once('=').ok_or(NoColumnName)?;
        let column = KNOWN.into_iter().find(|known| *known == column.trim()).ok_or(NoColumnName)?;
        let name = name.trim().to_lowercase();
        if name.is_empty() { Err(NoColumnName) } else { Ok(Self { column, name }) }
    }
}

/// The encoding of an import file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or UTF-16 with its mark.
    Unicode,
    /// What Excel on Windows calls CSV. Not guessed: another old encoding would turn the wording into another text.
    Windows1252,
}

/// The text of an import file named `name`.
///
/// # Errors
/// Where the bytes are not in that encoding, with what to do.
pub fn decode_import(name: &str, bytes: Vec<u8>, encoding: Encoding) -> Result<Document, Box<Finding>> {
    let refused = |message: &str, remedy: &str| {
        Err(Box::new(Finding::error("file.encoding", Place::file(name), message, remedy)))
    };
    match encoding {
        Encoding::Unicode => match any_text::marked_utf_16(&bytes) {
            Some(Ok(text)) => Ok(Document::new(name, text)),
            Some(Err(_)) => refused("the file is damaged UTF-16 text", "save the file again with the encoding UTF-8"),
            None => Document::decode(name, bytes).map_err(|mut finding| {
                let windows = "if Excel on Windows saved it as CSV, say `--encoding windows-1252`";
                finding.remedy = format!("save the file again with the encoding UTF-8; {windows}");
                finding
            }),
        },
        Encoding::Windows1252 if !bytes.is_ascii() && std::str::from_utf8(&bytes).is_ok() => {
            refused("the file is UTF-8, not Windows-1252", "leave `--encoding` away")
        }
        Encoding::Windows1252 => match any_text::from_windows_1252(&bytes) {
            Some(text) => Ok(Document::new(name, text)),
            None => refused("the file is not Windows-1252 text", "save the file again with the encoding UTF-8"),
        },
    }
}

/// A row of an import file.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// The line on which it starts.
    pub line: u64,
    /// Its cells as read.
    pub cells: StringRecord,
    /// What it proves, or why it does not.
    pub evidence: Result<Evidence, Rejection>,
    /// Whether it names no language of ours, and is to be written to in the one that stands in for it.
    pub stand_in: bool,
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
    /// Reads the header. `names` says under which names the file has columns, where these are not our own; `language`,
    /// that rows need not name one.
    ///
    /// # Errors
    /// A finding when a column is missing or is there twice.
    pub fn open(document: &'a Document, names: &[ColumnName], language: bool) -> Result<Self, Box<Finding>> {
        let delimiter = delimiter(document.text.lines().next().unwrap_or_default().as_bytes());
        let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(document.text.as_bytes());
        let unreadable =
            |_| finding(&document.name, Some(1), "the header cannot be read", "save the file as CSV UTF-8");
        let header = reader.headers().map_err(unreadable)?.clone();
        let columns = Columns::of(&header, names, language)
            .map_err(|(message, remedy)| finding(&document.name, Some(1), message, remedy))?;
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
        let of_report = |name: &str| name.is_empty() || REPORT_COLUMNS.contains(&name.to_lowercase().as_str());
        let columns = self.header.iter().map(str::trim).enumerate();
        columns.filter(|(at, name)| !self.columns.reads(*at) && !of_report(name)).map(|(_, name)| name).collect()
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
        let read = self.columns.cells(&cells);
        let stand_in = read.language.parse::<Language>().is_err();
        let evidence = rules.read(&read, files);
        Some(Ok(ImportRow { line, cells, evidence, stand_in }))
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

/// Where each of the known columns is.
struct Columns([Option<usize>; KNOWN.len()]);

impl Columns {
    fn of(header: &StringRecord, names: &[ColumnName], language: bool) -> Result<Self, (String, String)> {
        let cells: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
        let find = |name: &str| cells.iter().position(|cell| cell == name);
        for (at, name) in cells.iter().enumerate() {
            if !name.is_empty() && find(name) != Some(at) {
                return Err((format!("the header names the column `{name}` twice"), "keep one of the two".to_owned()));
            }
        }
        if let Some(unknown) = names.iter().find(|named| find(&named.name).is_none()) {
            let all = cells.join("`, `");
            let message = format!("the header has no column `{}`; its columns are `{all}`", unknown.name);
            return Err((message, format!("name one of them in `--column {}=NAME`", unknown.column)));
        }
        let under = |column: &str| names.iter().find(|named| named.column == column).map(|named| named.name.as_str());
        let columns = Self(KNOWN.map(|column| find(under(column).unwrap_or(column))));
        let lacks = |column: &&str| columns.at(column).is_none() && !(*column == "language" && language);
        let mut missing: Vec<&str> = REQUIRED.into_iter().filter(lacks).collect();
        if columns.at("wording").is_none() && columns.at("wording_file").is_none() {
            missing.push("wording");
        }
        if missing.is_empty() {
            return Ok(columns);
        }
        let all = "address, language, confirmed_at, wording (or wording_file), source, method";
        Err((
            format!("the header lacks `{}`", missing.join("`, `")),
            format!(
                "write a first line with the columns {all}, or say which column is meant, as in `--column address=EMAIL`; \
                 without this evidence nobody may be mailed"
            ),
        ))
    }

    fn at(&self, column: &str) -> Option<usize> {
        let index = KNOWN.iter().position(|known| *known == column);
        index.and_then(|index| self.0.get(index).copied().flatten())
    }

    /// Whether the file's column `at` is one of ours.
    fn reads(&self, at: usize) -> bool {
        self.0.contains(&Some(at))
    }

    fn cells<'a>(&self, record: &'a StringRecord) -> Cells<'a> {
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        let [address, language, confirmed_at, wording, wording_file, source, method, form_version] = self.0.map(cell);
        Cells { address, language, confirmed_at, wording, wording_file, source, method, form_version }
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
        EvidenceRules {
            now: "2026-11-23T12:00:00Z".parse().unwrap(),
            lifetime: Lifetime::months(24),
            zone: None,
            language: None,
        }
    }

    /// Reads the whole of `bytes` and returns for each row its line and its reason, or the finding that stops it.
    fn read(bytes: &[u8]) -> Result<Vec<(u64, String)>, String> {
        let said = |finding: Box<Finding>| format!("{}: {}", finding.place, finding.message);
        let document = Document::decode("m.csv", bytes.to_vec()).map_err(said)?;
        let mut file = ImportFile::open(&document, &[], false).map_err(said)?;
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
    fn an_export_of_another_program_is_read_by_its_own_names() {
        let text = "EMAIL\tDATE_OPTIN\tFORM\tTEXTE\tWAY\tNom\na@example.fr\t14/09/2026 18:02\tpied\tje le veux bien\tweb_form\tA\n";
        let names = ["address=EMAIL", "confirmed_at= date_optin ", "source=Form", "wording=TEXTE", "method=WAY"];
        let names: Vec<ColumnName> = names.iter().map(|name| name.parse().unwrap()).collect();
        let document = Document::new("m.csv", text);
        let mut file = ImportFile::open(&document, &names, true).unwrap();
        assert_eq!(file.ignored(), ["Nom"]);
        let zone = jiff::tz::TimeZone::get("Europe/Paris").ok();
        let rules = EvidenceRules { zone, language: Some(Language::Fr), ..rules() };
        let row = file.next(&rules, &mut |_| Err(String::new())).unwrap().unwrap();
        assert!(row.stand_in);
        assert_eq!(row.evidence.unwrap().confirmed_at.to_string(), "2026-09-14T16:02:00Z");
        let refused = |names: &[ColumnName], language| match ImportFile::open(&document, names, language) {
            Ok(_) => String::new(),
            Err(finding) => finding.message.clone(),
        };
        assert_eq!(refused(&names, false), "the header lacks `language`");
        assert_eq!(refused(&names[..2], true), "the header lacks `source`, `method`, `wording`", "no proof is made up");
        let wrong = refused(&["address=courriel".parse().unwrap()], true);
        assert!(
            wrong.starts_with("the header has no column `courriel`; its columns are `email`, `date_optin`"),
            "{wrong}"
        );
        for wrong in ["address", "email=EMAIL", "address=", "=EMAIL"] {
            assert_eq!(wrong.parse::<ColumnName>(), Err(NoColumnName), "{wrong}");
        }
    }

    #[test]
    fn an_encoding_is_said_or_unmistakable() {
        let text = format!("{HEADER}a@example.fr,fr,2026-03-01T10:00:00Z,J’écris « œuf » à 5 €,form,web_form\n");
        let windows: Vec<u8> = text
            .chars()
            .map(|letter| match letter {
                '’' => 0x92,
                'œ' => 0x9c,
                '€' => 0x80,
                letter => u8::try_from(u32::from(letter)).unwrap(),
            })
            .collect();
        let utf_16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let read = |bytes: &[u8], encoding| {
            let read = decode_import("m.csv", bytes.to_vec(), encoding);
            read.map(|document| document.text).map_err(|finding| finding.remedy.clone())
        };
        assert_eq!(read(text.as_bytes(), Encoding::Unicode).as_ref(), Ok(&text));
        assert_eq!(read(&utf_16, Encoding::Unicode).as_ref(), Ok(&text));
        assert_eq!(read(&windows, Encoding::Windows1252).as_ref(), Ok(&text));
        assert!(read(&windows, Encoding::Unicode).unwrap_err().contains("--encoding windows-1252"));
        assert_eq!(read(text.as_bytes(), Encoding::Windows1252), Err("leave `--encoding` away".to_owned()));
        assert!(read(b"\xe9\x81", Encoding::Windows1252).unwrap_err().contains("UTF-8"));
        assert!(read(b"\xff\xfea\0b", Encoding::Unicode).unwrap_err().contains("UTF-8"));
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
        assert_eq!(ImportFile::open(&document, &[], false).unwrap().ignored(), ["Prénom"]);
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
        let row = ImportFile::open(&document, &[], false)
            .unwrap()
            .next(&early, &mut |_| Err(String::new()))
            .unwrap()
            .unwrap();
        assert_eq!(row.evidence, Err(Rejection::Future));
    }
}
