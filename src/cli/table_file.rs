//! The tables that people hand in, opened in their encoding or out of their workbook, and the rows of them that were refused.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Cursor, Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use csv::{Writer, WriterBuilder};

use super::workbook::{self, WorkbookSheet};
use crate::document::Document;
use crate::files::{TextFileError, replace_private};
use crate::finding::{Finding, Place};
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::{Fact, Phrase, in_words};
use crate::table::{Encoding, REPORT_COLUMNS, Sheet, SheetRow, Survey, decode, plain_lines};

/// An encoding that may have to be said, because it cannot always be told from others.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum EncodingName {
    /// What Excel on Windows writes when it is told CSV
    #[value(name = "windows-1252")]
    Windows1252,
}

impl From<EncodingName> for Encoding {
    fn from(name: EncodingName) -> Self {
        match name {
            EncodingName::Windows1252 => Self::Windows1252,
        }
    }
}

/// Where a table is read from.
enum Input {
    File(File),
    /// A sheet of a workbook, which is held whole.
    Sheet(Cursor<Vec<u8>>),
}

/// A table that counts what is read of it.
pub(super) struct Counted {
    input: Input,
    /// Bytes.
    pub(super) read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.input {
            Input::File(file) => file.read(buffer),
            Input::Sheet(sheet) => sheet.read(buffer),
        }?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// A file with a table, to be read from its start.
pub(super) struct TableFile {
    /// Its name as the person wrote it, and behind it the name of the sheet of a workbook.
    pub(super) name: String,
    pub(super) encoding: Encoding,
    pub(super) input: BufReader<Counted>,
    /// Its bytes, where it has a length.
    pub(super) length: u64,
    /// Whether a report for the same people needs a mark, so that their spreadsheet reads it.
    pub(super) marked: bool,
}

impl TableFile {
    /// Opens `path`, of whose encoding a person said `declared`; of a workbook, the sheet that they named. A file is read once for
    /// that, so that a letter in its last row cannot be misread; what can be read once only is known by its start.
    ///
    /// # Errors
    /// When it cannot be read. When its encoding or the sheet is not known, a finding is in the result.
    pub(super) fn open(
        path: &Path,
        declared: Option<EncodingName>,
        sheet: Option<&str>,
    ) -> anyhow::Result<Result<Self, Finding>> {
        let name = path.display().to_string();
        let unreadable = || phrase!("cannot-read", path = &name);
        let mut file = File::open(path).with_context(unreadable)?;
        let metadata = file.metadata().with_context(unreadable)?;
        match sheet_in(&mut file, &name, sheet).with_context(unreadable)? {
            Ok(None) => {}
            Ok(Some(sheet)) => return Ok(Ok(Self::of_sheet(sheet))),
            Err(finding) => return Ok(Err(*finding)),
        }
        let survey = if metadata.is_file() {
            let survey = Survey::of(&mut BufReader::with_capacity(1 << 16, &file)).with_context(unreadable)?;
            file.rewind().with_context(unreadable)?;
            Some(survey)
        } else {
            None
        };
        let counted = Counted { input: Input::File(file), read: Arc::default() };
        let mut input = BufReader::with_capacity(1 << 16, counted);
        let survey = if let Some(survey) = survey {
            survey
        } else {
            Survey::of_start(input.fill_buf().with_context(unreadable)?)
        };
        Ok(match survey.encoding(declared.map(Encoding::from)) {
            Ok(encoding) => {
                let marked = survey.is_marked() || encoding != Encoding::Utf8;
                Ok(Self { name, encoding, input, length: metadata.len(), marked })
            }
            Err(error) => Err(error.finding(&name)),
        })
    }
}

impl TableFile {
    fn of_sheet(WorkbookSheet { name, text }: WorkbookSheet) -> Self {
        let length = text.len() as u64;
        let counted = Counted { input: Input::Sheet(Cursor::new(text)), read: Arc::default() };
        let input = BufReader::with_capacity(1 << 16, counted);
        Self { name, encoding: Encoding::Workbook, input, length, marked: true }
    }
}

/// The sheet that is named of a workbook; none of a file that is no workbook, which stands at its start then, and is not asked for a
/// sheet.
fn sheet_in(
    file: &mut File,
    name: &str,
    sheet: Option<&str>,
) -> io::Result<Result<Option<WorkbookSheet>, Box<Finding>>> {
    // What can be read once only is none: a workbook is read from its end.
    let is_workbook = file.metadata()?.is_file() && begins_as_workbook(file)?;
    if !is_workbook {
        let none = || Box::new(Finding::error("file.workbook", Place::file(name), phrase!("workbook-is-none")));
        return Ok(if sheet.is_some() { Err(none()) } else { Ok(None) });
    }
    // Of one that is too large, enough to see that it is.
    let mut bytes = Vec::new();
    Read::by_ref(file).take(workbook::MOST_PACKED + 1).read_to_end(&mut bytes)?;
    Ok(workbook::read(name, bytes, sheet).map(Some))
}

/// It stands at its start again.
fn begins_as_workbook(file: &mut File) -> io::Result<bool> {
    let mut start = Vec::new();
    Read::by_ref(file).take(8).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(workbook::is_workbook(&start))
}

/// A small table, held whole, and how its rows and cells are told apart.
pub(super) struct TableText {
    pub(super) document: Document,
    pub(super) encoding: Encoding,
}

/// Reads a small table whole; of a workbook, the sheet that is named.
pub(super) fn read(path: &Path, sheet: Option<&str>) -> Result<TableText, TextFileError> {
    let name = path.display().to_string();
    let unreadable = |why| TextFileError::Unreadable { path: path.display().to_string(), why };
    let mut file = File::open(path).map_err(unreadable)?;
    let found = sheet_in(&mut file, &name, sheet).map_err(unreadable)?.map_err(TextFileError::Encoding)?;
    if let Some(WorkbookSheet { name, text }) = found {
        let document = Document::decode(name, text).map_err(TextFileError::Encoding)?;
        return Ok(TableText { document, encoding: Encoding::Workbook });
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    let document = decode(&name, bytes).map_err(TextFileError::Encoding)?;
    Ok(TableText { document, encoding: Encoding::Utf8 })
}

/// A list of people: what is in the file, or the rows of a sheet as lines.
pub(super) fn read_list(path: &Path, sheet: Option<&str>) -> anyhow::Result<Result<Vec<u8>, Finding>> {
    let name = path.display().to_string();
    let unreadable = || phrase!("cannot-read", path = &name);
    let mut file = File::open(path).with_context(unreadable)?;
    match sheet_in(&mut file, &name, sheet).with_context(unreadable)? {
        Ok(None) => {}
        Ok(Some(sheet)) => return Ok(Ok(plain_lines(&sheet.text))),
        Err(finding) => return Ok(Err(*finding)),
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).with_context(unreadable)?;
    Ok(Ok(bytes))
}

/// `FILE.rejected.csv`: the refused rows as they stood, each behind its line and the reason, in UTF-8. Made when the first
/// row is refused, and readable by its owner only. One that an earlier run left stays as it is: somebody may be mending it.
pub(super) struct RejectedRows {
    path: PathBuf,
    delimiter: u8,
    marked: bool,
    header: SheetRow,
    /// Which columns of the file go on: not those that an earlier rejection put in front.
    kept: Vec<bool>,
    language: InterfaceLanguage,
    writer: Option<Writer<File>>,
}

impl RejectedRows {
    /// Of the table `sheet`, to be written to `path` for a reader of `language`. `marked` as [`TableFile::marked`].
    pub(super) fn of<R: Read>(path: PathBuf, marked: bool, sheet: &Sheet<R>, language: InterfaceLanguage) -> Self {
        let header = sheet.header().clone();
        let is_kept = |name: &[u8]| {
            let name = String::from_utf8_lossy(name).trim().to_lowercase();
            !REPORT_COLUMNS.contains(&name.as_str())
        };
        let kept = header.iter().map(is_kept).collect();
        Self { path, delimiter: sheet.delimiter(), marked, header, kept, language, writer: None }
    }

    pub(super) fn write(&mut self, row: &SheetRow, reason: &Phrase) -> anyhow::Result<()> {
        let unwritable = || phrase!("cannot-write", path = Fact::text(self.path.display()));
        let kept = self.kept.iter().copied().chain(std::iter::repeat(true));
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let mut file = replace_private(&self.path).with_context(unwritable)?;
                if self.marked {
                    file.write_all("\u{feff}".as_bytes()).with_context(unwritable)?;
                }
                let mut writer = WriterBuilder::new().delimiter(self.delimiter).flexible(true).from_writer(file);
                let names = self.header.iter().zip(kept.clone()).filter(|(_, kept)| *kept).map(|(name, _)| name);
                let front = report_columns(self.language);
                let front = front.iter().map(String::as_bytes);
                writer.write_record(front.chain(names)).with_context(unwritable)?;
                none.insert(writer)
            }
        };
        let line = row.line().to_string();
        let cells = row.shown().zip(kept).filter(|(_, kept)| *kept).map(|(cell, _)| cell);
        let reason = in_words(reason, self.language);
        let front = [line.as_bytes(), reason.as_bytes()].into_iter();
        writer.write_record(front.chain(cells)).with_context(unwritable)
    }

    /// Takes back what was written: nobody is to go by it.
    pub(super) fn discard(self) -> anyhow::Result<()> {
        if let Some(path) = self.finish()? {
            std::fs::remove_file(&path).with_context(|| phrase!("cannot-write", path = Fact::text(path.display())))?;
        }
        Ok(())
    }

    /// Where the rows are, if any were refused.
    pub(super) fn finish(self) -> anyhow::Result<Option<PathBuf>> {
        let unwritable = || phrase!("cannot-write", path = Fact::text(self.path.display()));
        if let Some(mut writer) = self.writer {
            writer.flush().with_context(unwritable)?;
            return Ok(Some(self.path));
        }
        Ok(None)
    }
}

/// What stands before the columns of the file: the line of a row, and why it was refused.
fn report_columns(language: InterfaceLanguage) -> [String; 2] {
    [phrase!("report-line"), phrase!("report-reason")].map(|name| in_words(&name, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report is handed in again, and these columns of it are not data.
    #[test]
    fn the_columns_of_a_report_are_known_in_every_language() {
        let names: Vec<String> =
            [InterfaceLanguage::En, InterfaceLanguage::Fr].into_iter().flat_map(report_columns).collect();
        assert_eq!(names, REPORT_COLUMNS);
    }
}
