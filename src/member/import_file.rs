//! An import file: a table of people, each row with the evidence of one consent.

use std::collections::BTreeMap;
use std::io::Read;
use std::str::FromStr;
use std::sync::Arc;

use super::evidence::{Cells, WordingFiles};
use super::export_form::{ExportForm, ExportProgram, tells_who_left};
use super::{Capture, Evidence, EvidenceRules, Language, Rejection};
use crate::finding::{Finding, Place};
use crate::phrase::{Fact, Phrase, Spoken};
use crate::table::{CellError, Column, Encoding, HeaderFault, Sheet, SheetCells, SheetError, SheetRow};
use crate::{phrase, spoken_errors};

/// The columns that a file may have, in the order of [`Cells`].
const COLUMNS: [Column; 8] = [
    Column::required("address"),
    Column::required("language"),
    Column::required("confirmed_at"),
    Column::required_or("wording", "wording_file"),
    Column::optional("wording_file"),
    Column::required("source"),
    Column::required("method"),
    Column::optional("form_version"),
];

/// Under which name a file has one of the columns: `address=EMAIL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnName {
    column: &'static str,
    name: String,
}

/// A text names no column, or does not say under which name the file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write COLUMN=NAME, such as address=EMAIL; the columns are {}", COLUMNS.map(|column| column.name()).join(", "))]
pub struct NoColumnName;

impl FromStr for ColumnName {
    type Err = NoColumnName;

    fn from_str(text: &str) -> Result<Self, NoColumnName> {
        let (column, name) = text.split_once('=').ok_or(NoColumnName)?;
        let known = COLUMNS.map(|column| column.name());
        let column = known.into_iter().find(|known| *known == column.trim()).ok_or(NoColumnName)?;
        let name = name.trim();
        if name.is_empty() { Err(NoColumnName) } else { Ok(Self { column, name: name.to_owned() }) }
    }
}

/// What stands in a column while somebody has not left: `EMAIL_BLACKLISTED=false`. Anything else means that the person has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaysWhile {
    column: Arc<str>,
    /// In lower case.
    word: String,
}

/// A text names no column with what stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoStaysWhile;

impl Spoken for NoStaysWhile {
    fn phrase(&self) -> Phrase {
        phrase!("import-stays-form")
    }
}

spoken_errors!(NoStaysWhile);

impl FromStr for StaysWhile {
    type Err = NoStaysWhile;

    fn from_str(text: &str) -> Result<Self, NoStaysWhile> {
        let (column, word) = text.split_once('=').ok_or(NoStaysWhile)?;
        let column = column.trim();
        if column.is_empty() {
            return Err(NoStaysWhile);
        }
        Ok(Self { column: column.into(), word: word.trim().to_lowercase() })
    }
}

/// What a person says of the columns of a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct ColumnTerms<'a> {
    /// Under which names it has them, where these are not those of its form.
    pub names: &'a [ColumnName],
    /// By which columns it tells who left.
    pub stays: &'a [StaysWhile],
    /// Whether rows need not name a language.
    pub language: bool,
}

/// A row of an import file.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// Its cells as read.
    pub row: SheetRow,
    /// What it proves, or why it does not.
    pub evidence: Result<Evidence, Rejection>,
    /// Whether it names no language of ours, and is to be written to in the one that stands in for it.
    pub stand_in: bool,
}

/// The rows of an import file, one after the other.
pub struct ImportFile<R: Read> {
    sheet: Sheet<R>,
    /// The latest row.
    row: SheetRow,
    /// The latest wording: most rows of a file have the same, and share it.
    wording: Option<Arc<str>>,
    guards: Vec<Guard>,
    /// What stands in the columns that a person named, in their order.
    held: Vec<WordsHeld>,
}

/// What the column is called here in which a person says who left.
const LEFT: &str = "left";

/// How many different words of a column are told at most. Those of one with more are not words of a program but may be about people.
const WORDS_TOLD: usize = 10;

/// What the rows of a file hold in a column that tells who left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordsHeld {
    stays: StaysWhile,
    /// How many rows were read.
    rows: u64,
    /// How many of them hold the word of those who have not left.
    staying: u64,
    /// How many hold each other word, in lower case; one more than are told at most.
    others: BTreeMap<String, u64>,
}

impl WordsHeld {
    fn of(stays: &StaysWhile) -> Self {
        Self { stays: stays.clone(), rows: 0, staying: 0, others: BTreeMap::new() }
    }

    fn note(&mut self, cell: &str) {
        let word = cell.trim().to_lowercase();
        self.rows += 1;
        if word == self.stays.word {
            self.staying += 1;
        } else if self.others.len() <= WORDS_TOLD || self.others.contains_key(&word) {
            *self.others.entry(word).or_default() += 1;
        }
    }

    /// The words that mean that somebody has left, each with how many rows hold it; `None` where there are so many, or such, that they
    /// may be about people.
    fn told(&self) -> Option<Vec<Fact>> {
        let few = self.others.len() <= WORDS_TOLD && (self.others.len() as u64) < self.rows;
        let plain = |word: &String| !word.contains('@') && word.chars().count() <= 30;
        (few && self.others.keys().all(plain)).then(|| {
            let told = |(word, count): (&String, &u64)| match word.as_str() {
                "" => phrase!("import-empty-cells", count = *count).into(),
                word => phrase!("import-word-rows", word = word, count = *count).into(),
            };
            self.others.iter().map(told).collect()
        })
    }

    /// That by this column everybody in the file has left: then the word is a slip, or the file is no list of members.
    pub fn nobody_stays(&self, file: &str) -> Option<Box<Finding>> {
        if self.rows == 0 || self.staying > 0 {
            return None;
        }
        let (column, word) = (&*self.stays.column, self.word());
        let message = match self.told() {
            Some(words) => phrase!("import-nobody-stays", column = column, word = word, words = words),
            None => phrase!("import-nobody-stays-untold", column = column, word = word),
        };
        let finding = Finding::error("member.nobody-stays", Place::file(file).with_words(column), message);
        Some(Box::new(finding.mended_by(phrase!("import-nobody-stays-remedy", column = column))))
    }

    /// What was taken for the word of somebody who left; `None` where nothing was, or it is not told.
    pub fn left(&self) -> Option<Phrase> {
        let words = self.told().filter(|words| !words.is_empty())?;
        Some(phrase!(
            "import-words-of-left",
            column = &*self.stays.column,
            word = self.word(),
            count = self.staying,
            words = words
        ))
    }

    fn word(&self) -> Phrase {
        match self.stays.word.as_str() {
            "" => phrase!("import-empty-cell"),
            word => phrase!("import-word", word = word),
        }
    }
}

/// A column beside the evidence that a row must pass, in the order of the columns behind [`COLUMNS`].
#[derive(Clone, Debug)]
enum Guard {
    /// It must be filled for the instant to be an act of the person.
    Act(&'static str),
    /// The same; and it is not the instant of a double opt-in, which was confirmed later.
    Asked(&'static str),
    /// It must hold one of these while the person has not left.
    Stays(&'static str, &'static [&'static str]),
    /// The same, as a person said.
    Typed(StaysWhile),
}

impl Guard {
    /// Those of a form. `dated` says that a person named the column of the instants: then it is no longer the form's.
    fn of(form: &ExportForm, stays: &[StaysWhile], dated: bool) -> Vec<Self> {
        let left = form.left.iter().map(|left| Self::Stays(left.name, left.stays));
        let act = form.act.iter().copied().map(Self::Act).chain(form.asked.map(Self::Asked)).filter(|_| !dated);
        // Who left is to be kept out, whether or not anything proves that the person had agreed.
        left.chain(stays.iter().cloned().map(Self::Typed)).chain(act).collect()
    }

    fn column(&self, form: &ExportForm) -> Column {
        match *self {
            Self::Act(name) | Self::Asked(name) => Column::required(name),
            Self::Stays(name, _) if form.left.iter().any(|left| left.name == name && left.required) => {
                Column::required(name)
            }
            Self::Stays(name, _) => Column::optional(name),
            Self::Typed(ref typed) => Column::required(LEFT).under(Some(&typed.column)),
        }
    }

    /// Whether it is about people who left.
    fn is_of_left(&self) -> bool {
        matches!(self, Self::Stays(..) | Self::Typed(_))
    }

    /// What is wrong with a row whose column holds `cell`; `None` is a table without that column.
    fn check(&self, cell: Option<&str>, row: &Cells<'_>) -> Result<(), Rejection> {
        let cell = cell.map(|cell| cell.trim().to_lowercase());
        match (self, cell) {
            (Self::Act(column) | Self::Asked(column), Some(cell)) if cell.is_empty() => {
                Err(Rejection::NoAct { column })
            }
            (Self::Asked(column), Some(cell))
                if cell == row.confirmed_at.trim().to_lowercase() && row.capture() == Ok(Capture::DoubleOptin) =>
            {
                Err(Rejection::NotConfirmed { column })
            }
            (Self::Stays(column, stays), Some(cell)) if !stays.contains(&cell.as_str()) => {
                Err(Rejection::Left { column: Arc::from(*column) })
            }
            (Self::Typed(typed), Some(cell)) if cell != typed.word => {
                Err(Rejection::Left { column: Arc::clone(&typed.column) })
            }
            _ => Ok(()),
        }
    }
}

impl<R: Read> ImportFile<R> {
    /// Reads the header of the file `name`, an export of the program `from`, of whose columns a person says `terms`.
    ///
    /// # Errors
    /// A finding when a column is missing or is there twice, when by its name nobody in the file agreed to anything, or when a column
    /// may tell who left and nobody says how.
    pub fn open(
        name: &str,
        encoding: Encoding,
        input: R,
        from: ExportProgram,
        terms: ColumnTerms<'_>,
    ) -> Result<Self, Box<Finding>> {
        let ColumnTerms { names, stays, language } = terms;
        let form = from.form();
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_lowercase();
        if form.nobody_agreed.iter().any(|begins| file.starts_with(begins)) {
            let message = phrase!("member-import-nobody-agreed", from = from.name());
            let finding = Finding::error("member.import-file", Place::file(name), message);
            return Err(Box::new(finding.mended_by(phrase!("member-import-subscribed"))));
        }
        let under = |column: &Column| names.iter().find(|named| named.column == column.name());
        let columns = COLUMNS.map(|column| {
            let name = under(&column).map(|named| named.name.as_str());
            let column = if language && column.name() == "language" { Column::optional("language") } else { column };
            let also = form.columns.iter().find(|(own, _)| *own == column.name()).map_or(&[][..], |(_, names)| names);
            column.under(name).or_under(also)
        });
        let guards = Guard::of(form, stays, names.iter().any(|named| named.column == "confirmed_at"));
        let columns: Vec<Column> = columns.into_iter().chain(guards.iter().map(|guard| guard.column(form))).collect();
        let sheet = Sheet::open(name, encoding, input, &columns).map_err(|error| finding(&error))?;
        let tells = |(at, guard): (usize, &Guard)| guard.is_of_left() && sheet.has(COLUMNS.len() + at);
        if !guards.iter().enumerate().any(tells) {
            let unread = sheet.unused().into_iter().find(|heading| tells_who_left(&heading.to_lowercase()));
            if let Some(column) = unread {
                return Err(Box::new(Finding::error(
                    "member.left-unread",
                    Place::file(name).with_words(&column),
                    phrase!("import-left-unread", column = &column),
                )));
            }
        }
        let held = stays.iter().map(WordsHeld::of).collect();
        Ok(Self { sheet, row: SheetRow::default(), wording: None, guards, held })
    }

    /// The table.
    pub fn sheet(&self) -> &Sheet<R> {
        &self.sheet
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
        match self.sheet.next(&mut self.row) {
            Ok(false) => None,
            Err(error) => Some(Err(finding(&error))),
            Ok(true) => {
                self.note_words();
                let read = self.sheet.cells(&self.row).and_then(|cells| of_row(&cells));
                let stand_in = read.as_ref().is_ok_and(|cells| cells.language.parse::<Language>().is_err());
                let mut evidence = match read {
                    // Who left is not looked at any further: no other fault of the row is to be mended.
                    Ok(cells) => self.guarded().and_then(|()| rules.read(&cells, files)),
                    Err(error) => Err(Rejection::Row(error)),
                };
                if let Ok(evidence) = &mut evidence {
                    match &self.wording {
                        Some(wording) if *wording == evidence.wording => evidence.wording = Arc::clone(wording),
                        _ => self.wording = Some(Arc::clone(&evidence.wording)),
                    }
                }
                Some(Ok(ImportRow { row: self.row.clone(), evidence, stand_in }))
            }
        }
    }
}

impl<R: Read> ImportFile<R> {
    /// What the rows that were read hold in the columns that a person named.
    pub fn words_held(&self) -> &[WordsHeld] {
        &self.held
    }

    /// Notes what the latest row holds in them.
    fn note_words(&mut self) {
        let Ok(cells) = self.sheet.cells(&self.row) else { return };
        let typed = self.guards.iter().enumerate().filter(|(_, guard)| matches!(guard, Guard::Typed(_)));
        for ((at, _), held) in typed.zip(&mut self.held) {
            if let Ok(cell) = cells.whole(COLUMNS.len() + at) {
                held.note(cell);
            }
        }
    }

    /// Whether the latest row passes the columns beside the evidence.
    fn guarded(&self) -> Result<(), Rejection> {
        if self.guards.is_empty() {
            return Ok(());
        }
        let cells = self.sheet.cells(&self.row).map_err(Rejection::Row)?;
        let row = of_row(&cells).map_err(Rejection::Row)?;
        self.guards.iter().enumerate().try_for_each(|(at, guard)| {
            let index = COLUMNS.len() + at;
            if !self.sheet.has(index) {
                return guard.check(None, &row);
            }
            guard.check(Some(cells.whole(index).map_err(Rejection::Row)?), &row)
        })
    }
}

fn of_row<'a>(cells: &SheetCells<'a>) -> Result<Cells<'a>, CellError> {
    let cell = |index| cells.whole(index);
    Ok(Cells {
        address: cell(0)?,
        language: cell(1)?,
        confirmed_at: cell(2)?,
        wording: cell(3)?,
        wording_file: cell(4)?,
        source: cell(5)?,
        method: cell(6)?,
        form_version: cell(7)?,
    })
}

fn finding(error: &SheetError) -> Box<Finding> {
    let finding = error.finding("member.import-file", phrase!("member-import-columns"));
    Box::new(match error {
        SheetError::Header { fault: HeaderFault::Unnamed { column: LEFT, .. }, .. } => {
            finding.mended_by(phrase!("import-stays-column"))
        }
        _ => finding,
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

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
        let mut file = ImportFile::open("m.csv", Encoding::Utf8, bytes, ExportProgram::Csv, ColumnTerms::default())
            .map_err(said)?;
        let mut rows = Vec::new();
        while let Some(row) = file.next(&rules(), &mut |_| Err("no files here".into())) {
            let row = row.map_err(said)?;
            rows.push((row.row.line(), row.evidence.map_or_else(|why| why.to_string(), |_| String::new())));
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
    fn a_file_without_the_evidence_is_refused_whole() {
        let said = read(b"email,language\n").unwrap_err();
        let lacks = "the header lacks `address`, `confirmed_at`, `wording`, `source`, `method`";
        assert_eq!(said, format!("m.csv:1: {lacks}; its columns are `email`, `language`"));
        assert!(read(b"").is_err());
        assert_eq!(read(b"address,Address\n").unwrap_err(), "m.csv:1: the header names the column `address` twice");
    }

    #[test]
    fn an_export_of_another_program_is_read_by_its_own_names() {
        let text = "EMAIL\tDATE_OPTIN\tFORM\tTEXTE\tWAY\tNom\na@example.fr\t14/09/2026 18:02\tpied\tje le veux bien\tweb_form\tA\n";
        let names = ["address=EMAIL", "confirmed_at= date_optin ", "source=Form", "wording=TEXTE", "method=WAY"];
        let names: Vec<ColumnName> = names.iter().map(|name| name.parse().unwrap()).collect();
        let open = |names: &[ColumnName], language| {
            ImportFile::open(
                "m.csv",
                Encoding::Utf8,
                text.as_bytes(),
                ExportProgram::Csv,
                ColumnTerms { names, stays: &[], language },
            )
        };
        let mut file = open(&names, true).unwrap();
        assert_eq!(file.sheet().unused(), ["Nom"]);
        let zone = jiff::tz::TimeZone::get("Europe/Paris").ok();
        let rules = EvidenceRules { zone, language: Some(Language::Fr), ..rules() };
        let row = file.next(&rules, &mut |_| Err(Phrase::quoted(""))).unwrap().unwrap();
        assert!(row.stand_in);
        assert_eq!(row.evidence.unwrap().confirmed_at.to_string(), "2026-09-14T16:02:00Z");
        let refused = |names: &[ColumnName], language| match open(names, language) {
            Ok(_) => String::new(),
            Err(finding) => finding.message.to_string(),
        };
        assert!(refused(&names, false).starts_with("the header lacks `language`;"));
        let unproved = refused(&names[..2], true);
        assert!(
            unproved.starts_with("the header lacks `wording`, `source`, `method`;"),
            "no proof is made up: {unproved}"
        );
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
    fn a_short_row_and_an_open_quote_are_rejected() {
        assert_eq!(
            read(format!("{HEADER}a@example.fr,fr\n").as_bytes()).unwrap(),
            [(2, "`confirmed_at` is empty".into())]
        );
        let filler = "b@example.fr,fr,2026-03-01T10:00:00Z,je le veux bien,form,web_form\n".repeat(400);
        let open = format!("{HEADER}a@example.fr,fr,2026-03-01T10:00:00Z,\"je le veux,form,web_form\n{filler}");
        let rows = read(open.as_bytes()).unwrap();
        assert!(rows[0].1.contains("not closed"), "{rows:?}");
        assert_eq!(rows[1..].iter().filter(|(_, why)| why.is_empty()).count(), 400, "it costs no other row");
    }

    /// What a refused row becomes when a spreadsheet has made it well formed: half a text, which would be a false proof.
    #[test]
    fn half_a_wording_is_no_proof() {
        let why = |wording: &str| {
            let text = format!("{HEADER}a@example.fr,fr,2026-03-01T10:00:00Z,{wording},form,web_form\n");
            read(text.as_bytes()).unwrap()[0].1.clone()
        };
        assert!(why("\"\"\"Je souhaite recevoir vos\"").contains("does not end with one"));
        assert_eq!(why("\"\"\"Je souhaite\"\" recevoir vos lettres\""), "");
    }

    #[test]
    fn the_future_is_measured_from_the_present_given() {
        let early = EvidenceRules { now: Timestamp::UNIX_EPOCH, ..rules() };
        let text = format!("{HEADER}a@example.fr,fr,2026-03-01T10:00:00Z,a b c,form,web_form\n");
        let mut file =
            ImportFile::open("m.csv", Encoding::Utf8, text.as_bytes(), ExportProgram::Csv, ColumnTerms::default())
                .unwrap();
        let row = file.next(&early, &mut |_| Err(Phrase::quoted(""))).unwrap().unwrap();
        assert_eq!(row.evidence, Err(Rejection::Future));
    }

    #[test]
    fn a_column_that_may_tell_who_left_is_not_passed_over() {
        let row = "camille@example.fr,fr,2026-03-01T10:15:00+01:00,J’accepte de recevoir vos courriels.,site,web_form";
        let open = |heading: &str, cell: &str, stays: &[StaysWhile]| {
            let text = format!("{},{heading}\n{row},{cell}\n", HEADER.trim_end());
            let terms = ColumnTerms { stays, ..ColumnTerms::default() };
            let file = ImportFile::open("m.csv", Encoding::Utf8, text.as_bytes(), ExportProgram::Brevo, terms);
            file.map(|mut file| {
                file.next(&rules(), &mut |_| Err(Phrase::quoted(""))).unwrap().unwrap().evidence.map(drop)
            })
        };
        for heading in ["EMAIL_BLACKLISTED", "Unsubscribed", "Statut de l'abonnement", "Désinscrit le", "STATUS"] {
            let finding = open(heading, "true", &[]).unwrap_err();
            assert_eq!((finding.rule, finding.place.words.as_deref()), ("member.left-unread", Some(heading)));
        }
        assert_eq!(open("Prénom", "Camille", &[]).unwrap(), Ok(()));
        let stays = ["email_blacklisted=false".parse().unwrap()];
        let left = Rejection::Left { column: "email_blacklisted".into() };
        assert_eq!(open("EMAIL_BLACKLISTED", "true", &stays).unwrap(), Err(left));
        assert_eq!(open("EMAIL_BLACKLISTED", "False", &stays).unwrap(), Ok(()));
        assert!("=false".parse::<StaysWhile>().is_err() && "status".parse::<StaysWhile>().is_err());
    }
}
