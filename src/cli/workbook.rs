//! Workbooks, `.xlsx`: one sheet of one, as the reader of tables takes it. A workbook is a packed folder, so a small file can unpack to
//! anything: it is unpacked once with the bytes counted, before anything in it is read.

use std::fmt::Write as _;
use std::io::{Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader as _, Sheet, SheetType, SheetVisible, Xlsx};
use zip::ZipArchive;

use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::table::{FramedError, FramedSheet};

/// Bytes of the largest file.
pub(super) const MOST_PACKED: u64 = 64 << 20;

/// Bytes of all that is in it.
const MOST_UNPACKED: u64 = 512 << 20;

/// Files in the largest workbook.
const MOST_PARTS: usize = 10_000;

/// The rule about workbooks that cannot be read.
const RULE: &str = "file.workbook";

/// A sheet.
pub(super) struct WorkbookSheet {
    /// Its file and its name, as they are shown: `prices.xlsx [Sheet1]`.
    pub(super) name: String,
    /// Its cells, framed.
    pub(super) text: Vec<u8>,
}

/// Whether a file that begins so is a workbook, in this form or an older one.
pub(super) fn is_workbook(start: &[u8]) -> bool {
    start.starts_with(PACKED) || start.starts_with(OLD)
}

/// What a packed folder begins with.
const PACKED: &[u8] = b"PK\x03\x04";

/// What the workbooks of Excel before 2007 begin with, and those that a password protects.
const OLD: &[u8] = b"\xd0\xcf\x11\xe0";

/// Reads one sheet of the workbook `name`: the one that `wanted` names or numbers, else the only one with something in it.
///
/// # Errors
/// What is wrong with it, and what to do.
pub(super) fn read(name: &str, bytes: Vec<u8>, wanted: Option<&str>) -> Result<WorkbookSheet, Box<Finding>> {
    let refused = |said: Phrase| Box::new(Finding::error(RULE, Place::file(name), said));
    if bytes.starts_with(OLD) {
        return Err(refused(phrase!("workbook-old")));
    }
    if bytes.len() as u64 > MOST_PACKED {
        return Err(refused(too_large()));
    }
    unpacks(&bytes, MOST_UNPACKED).map_err(&refused)?;
    let damaged = |why: &calamine::XlsxError| phrase!("workbook-damaged", why = Fact::Data(why.to_string()));
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|why| refused(damaged(&why)))?;
    let sheet = choose(&mut workbook, wanted).map_err(&refused)?;
    let shown = format!("{name} [{sheet}]");
    let text = cells(&mut workbook, &sheet).map_err(|fault| {
        let place = Place::file(&shown);
        Box::new(Finding::error(RULE, place, fault))
    })?;
    Ok(WorkbookSheet { name: shown, text })
}

fn too_large() -> Phrase {
    let mib = |bytes: u64| Fact::text(bytes >> 20);
    phrase!("workbook-too-large", packed = mib(MOST_PACKED), unpacked = mib(MOST_UNPACKED))
}

/// Unpacks everything once and keeps nothing. There may be `most` bytes of it, whatever the file says of itself.
fn unpacks(bytes: &[u8], most: u64) -> Result<(), Phrase> {
    let damaged = |why: &dyn std::fmt::Display| phrase!("workbook-damaged", why = Fact::Data(why.to_string()));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|why| damaged(&why))?;
    if archive.len() > MOST_PARTS {
        return Err(too_large());
    }
    let mut left = most;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|why| damaged(&why))?;
        if part.name() == "mimetype" {
            return Err(phrase!("workbook-open-document"));
        }
        let is_strings = part.name().to_ascii_lowercase().ends_with("sharedstrings.xml");
        let mut start = Vec::new();
        let mut part = part.take(left + 1);
        part.by_ref().take(START).read_to_end(&mut start).map_err(|why| damaged(&why))?;
        let rest = std::io::copy(&mut part, &mut std::io::sink()).map_err(|why| damaged(&why))?;
        let size = start.len() as u64 + rest;
        left = left.checked_sub(size).ok_or_else(too_large)?;
        // The library makes room for as many as the part claims to hold.
        if is_strings && claimed(&start).is_some_and(|claimed| claimed > size) {
            return Err(phrase!("workbook-damaged", why = "uniqueCount"));
        }
    }
    Ok(())
}

/// How much of a part is looked at.
const START: u64 = 1 << 16;

/// The largest number of texts that the head of a part claims.
fn claimed(start: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(start);
    let numbers = text.split("uniqueCount").skip(1).map(|rest| {
        let digits: String =
            rest.chars().skip_while(|it| !it.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(u64::MAX)
    });
    numbers.max()
}

type Workbook = Xlsx<Cursor<Vec<u8>>>;

/// The name of the sheet that is meant.
fn choose(workbook: &mut Workbook, wanted: Option<&str>) -> Result<String, Phrase> {
    let all: Vec<Sheet> =
        workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).cloned().collect();
    let names = |sheets: &[Sheet]| Fact::texts(sheets.iter().map(|sheet| format!("`{}`", sheet.name)));
    if let Some(wanted) = wanted {
        let same = |sheet: &&Sheet| sheet.name == wanted;
        let alike = |sheet: &&Sheet| sheet.name.to_lowercase() == wanted.to_lowercase();
        let numbered = || all.get(wanted.parse::<usize>().ok()?.checked_sub(1)?);
        let found = all.iter().find(same).or_else(|| all.iter().find(alike)).or_else(numbered);
        return match found {
            Some(sheet) => Ok(sheet.name.clone()),
            None => Err(phrase!("workbook-no-such-sheet", sheet = wanted, sheets = names(&all))),
        };
    }
    let visible: Vec<Sheet> = all.into_iter().filter(|sheet| sheet.visible == SheetVisible::Visible).collect();
    if let [only] = visible.as_slice() {
        return Ok(only.name.clone());
    }
    let mut filled = Vec::new();
    for sheet in &visible {
        if has_cells(workbook, &sheet.name)? {
            filled.push(sheet.clone());
        }
    }
    match filled.as_slice() {
        [only] => Ok(only.name.clone()),
        [] => Err(phrase!("workbook-empty")),
        _ => Err(phrase!("workbook-which-sheet", sheets = names(&filled))),
    }
}

fn has_cells(workbook: &mut Workbook, sheet: &str) -> Result<bool, Phrase> {
    let damaged = |why: calamine::XlsxError| phrase!("workbook-damaged", why = Fact::Data(why.to_string()));
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(damaged)?;
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        if *cell.get_value() != DataRef::Empty {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The cells of a sheet, framed.
fn cells(workbook: &mut Workbook, sheet: &str) -> Result<Vec<u8>, Phrase> {
    let damaged = |why: calamine::XlsxError| phrase!("workbook-damaged", why = Fact::Data(why.to_string()));
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(damaged)?;
    let (mut framed, mut words) = (FramedSheet::default(), String::new());
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(damaged)? {
        words.clear();
        let value = match &cell.value {
            DataRef::Empty if cell.formula.is_none() => continue,
            // A program wrote the formula and left its result to the spreadsheet: that there is none is not known.
            DataRef::Empty => Err("="),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Ok(text.as_str()),
            DataRef::SharedString(text) => Ok(*text),
            DataRef::Bool(true) => Ok("true"),
            DataRef::Bool(false) => Ok("false"),
            DataRef::Int(number) => Ok(written(&mut words, format_args!("{number}"))),
            DataRef::Float(number) => number_as_shown(*number, &mut words),
            DataRef::DateTime(moment) => moment_as_shown(*moment, &mut words),
            DataRef::Error(error) => {
                let _ = write!(words, "{error}");
                Err(words.as_str())
            }
        };
        framed.push(cell.pos, value).map_err(|error| match error {
            FramedError::TooMuch => too_large(),
            FramedError::Order => phrase!("workbook-damaged", why = Fact::text(name_of(cell.pos))),
        })?;
    }
    Ok(framed.into_text())
}

fn written<'w>(words: &'w mut String, what: std::fmt::Arguments<'_>) -> &'w str {
    // Writing into a text cannot fail.
    let _ = words.write_fmt(what);
    words
}

/// The fifteen digits that a spreadsheet keeps of a number: what it computes as 0.30000000000000004 is 0.3 to those who look at it.
fn number_as_shown(number: f64, words: &mut String) -> Result<&str, &str> {
    if !number.is_finite() {
        return Err("#NUM!");
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    Ok(written(words, format_args!("{rounded}")))
}

/// A day, with its time where it has one; a time of day alone; a length of time.
fn moment_as_shown(moment: ExcelDateTime, words: &mut String) -> Result<&str, &str> {
    let serial = moment.as_f64();
    if moment.is_duration() || (0.0..1.0).contains(&serial) {
        let (.., hour, minute, second, _) = moment.to_ymd_hms_milli();
        let days = if moment.is_duration() { serial.floor() * 24.0 } else { 0.0 };
        let hours = days + f64::from(hour);
        return Ok(written(words, format_args!("{hours:02}:{minute:02}:{second:02}")));
    }
    if !(1.0..2_958_466.0).contains(&serial) {
        return Err("####");
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format_args!("{year:04}-{month:02}-{day:02}").to_string();
    match (hour, minute, second) {
        (0, 0, 0) => Ok(written(words, format_args!("{date}"))),
        _ => Ok(written(words, format_args!("{date} {hour:02}:{minute:02}:{second:02}"))),
    }
}

/// What a spreadsheet calls the cell at a row and a column from 0: `C12`.
fn name_of((row, column): (u32, u32)) -> String {
    let (mut letters, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    format!("{}{}", letters.iter().rev().collect::<String>(), row + 1)
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};

    use super::*;

    #[test]
    fn numbers_are_what_a_person_sees() {
        for (number, expected) in [
            (129.9, "129.9"),
            (0.1 + 0.2, "0.3"),
            (1_249.0, "1249"),
            (3_700_000_000_001.0, "3700000000001"),
            (79.992, "79.992"),
        ] {
            assert_eq!(number_as_shown(number, &mut String::new()), Ok(expected));
        }
        assert!(number_as_shown(f64::NAN, &mut String::new()).is_err());
    }

    #[test]
    fn serials_are_days_and_hours() {
        for (serial, kind, epoch, expected) in [
            (46_296.0, DateTime, false, "2026-10-01"),
            (46_296.437_5, DateTime, false, "2026-10-01 10:30:00"),
            (44_834.0, DateTime, true, "2026-10-01"),
            (0.437_5, DateTime, false, "10:30:00"),
            (1.5, TimeDelta, false, "36:00:00"),
        ] {
            let moment = ExcelDateTime::new(serial, kind, epoch);
            assert_eq!(moment_as_shown(moment, &mut String::new()), Ok(expected));
        }
        assert!(moment_as_shown(ExcelDateTime::new(-3.0, DateTime, false), &mut String::new()).is_err());
    }

    fn packed(name: &str, text: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
        packed.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        packed.write_all(text).unwrap();
        packed.finish().unwrap().into_inner()
    }

    #[test]
    fn what_unpacks_to_more_than_a_workbook_is_not_read() {
        let zeros = packed("xl/worksheets/sheet1.xml", &vec![0; 1 << 20]);
        assert!(zeros.len() < 4_000, "a small file");
        assert_eq!(unpacks(&zeros, 1 << 20), Ok(()));
        assert_eq!(unpacks(&zeros, (1 << 20) - 1), Err(too_large()));
        // What a file says of its own size is not believed: here it says one byte.
        let mut lying = zeros.clone();
        let size = (1_u32 << 20).to_le_bytes();
        for at in (0..lying.len() - 4).filter(|at| zeros[*at..*at + 4] == size) {
            lying[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
        }
        assert!(unpacks(&lying, (1 << 20) - 1).is_err());
        let many = format!("<sst uniqueCount=\"{}\"><si><t>a</t></si></sst>", u64::MAX);
        assert!(unpacks(&packed("xl/sharedStrings.xml", many.as_bytes()), 1 << 20).is_err());
        let few = "<sst uniqueCount=\"1\"><si><t>a</t></si></sst>";
        assert_eq!(unpacks(&packed("xl/sharedStrings.xml", few.as_bytes()), 1 << 20), Ok(()));
        let open = packed("mimetype", b"application/vnd.oasis.opendocument.spreadsheet");
        assert_eq!(unpacks(&open, 1 << 20), Err(phrase!("workbook-open-document")));
    }

    #[test]
    fn cells_have_the_names_that_people_know() {
        assert_eq!([(0, 0), (11, 2), (0, 26), (9, 701), (0, 702)].map(name_of), ["A1", "C12", "AA1", "ZZ10", "AAA1"]);
    }
}
