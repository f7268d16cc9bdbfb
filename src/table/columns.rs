//! The header of a table: which columns it has, and what separates them.

use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};

/// The columns that a report of refused rows has in front. They are allowed in any file, so that a report can be mended
/// and imported again.
pub const REPORT_COLUMNS: [&str; 4] = ["line", "reason", "ligne", "raison"];

/// A column that a table may have.
#[derive(Clone, Debug)]
pub struct Column {
    name: &'static str,
    required: bool,
    instead: Option<&'static str>,
    /// In lower case.
    under: Option<String>,
    /// Names that stand for it where the table has no column of its own name.
    also: &'static [&'static str],
}

impl Column {
    /// One that the table must have.
    pub const fn required(name: &'static str) -> Self {
        Self { name, required: true, instead: None, under: None, also: &[] }
    }

    /// One that it may have.
    pub const fn optional(name: &'static str) -> Self {
        Self { name, required: false, instead: None, under: None, also: &[] }
    }

    /// One that it must have unless it has the column `instead`.
    pub const fn required_or(name: &'static str, instead: &'static str) -> Self {
        Self { name, required: true, instead: Some(instead), under: None, also: &[] }
    }

    /// The same column, which the table has under another name.
    #[must_use]
    pub fn under(self, name: Option<&str>) -> Self {
        Self { under: name.map(str::to_lowercase), ..self }
    }

    /// The same column, which the table may also have under one of these names, in lower case.
    #[must_use]
    pub fn or_under(self, names: &'static [&'static str]) -> Self {
        Self { also: names, ..self }
    }

    /// Its name here.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its name in a table of `names`.
    fn written(&self, names: &[String]) -> &str {
        let is_there = |name: &str| names.iter().any(|known| known == name);
        match &self.under {
            Some(under) => under,
            None if is_there(self.name) => self.name,
            None => self.also.iter().copied().find(|name| is_there(name)).unwrap_or(self.name),
        }
    }
}

/// What is wrong with a header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.phrase())]
pub enum HeaderFault {
    /// There is no line that could be one.
    None,
    /// Its quotation marks are not closed.
    Quotes,
    /// It is no text in the encoding of the file.
    Damaged,
    /// It lacks columns.
    Lacks {
        /// These.
        lacking: Vec<String>,
        /// What it has.
        columns: Vec<String>,
    },
    /// It lacks the column that a person named.
    Unnamed {
        /// The column that is wanted.
        column: &'static str,
        /// Under which name.
        name: String,
        /// What it has.
        columns: Vec<String>,
    },
    /// It is a row: an address stands in it, which is not repeated.
    Row,
    /// It names a column twice.
    Twice(String),
}

impl Spoken for HeaderFault {
    fn phrase(&self) -> Phrase {
        match self {
            Self::None => phrase!("header-none"),
            Self::Quotes => phrase!("header-quotes"),
            Self::Damaged => phrase!("header-damaged"),
            Self::Lacks { lacking, columns } => {
                phrase!("header-lacks", lacking = listed(lacking), columns = listed(columns))
            }
            Self::Unnamed { column, name, columns } => {
                phrase!("header-unnamed", column = *column, name = name, columns = listed(columns))
            }
            Self::Row => phrase!("header-row"),
            Self::Twice(column) => phrase!("header-twice", column = column),
        }
    }
}

fn listed(columns: &[String]) -> Fact {
    Fact::texts(columns.iter().map(|column| format!("`{column}`")))
}

/// Where each of the `wanted` columns is in a header of `names`, in lower case.
pub(super) fn find(names: &[String], wanted: &[Column]) -> Result<Vec<Option<usize>>, HeaderFault> {
    let at = |name: &str| names.iter().position(|known| known == name);
    let columns = || names.iter().filter(|name| !name.is_empty()).cloned().collect::<Vec<_>>();
    // A file without a header begins with somebody, and what stands there is quoted nowhere.
    if names.iter().any(|name| name.contains('@')) {
        return Err(HeaderFault::Row);
    }
    for column in wanted {
        if let Some(name) = column.under.as_deref().filter(|name| at(name).is_none()) {
            return Err(HeaderFault::Unnamed { column: column.name, name: name.to_owned(), columns: columns() });
        }
        if names.iter().filter(|name| *name == column.written(names)).count() > 1 {
            return Err(HeaderFault::Twice(column.written(names).to_owned()));
        }
    }
    let found: Vec<Option<usize>> = wanted.iter().map(|column| at(column.written(names))).collect();
    let has = |name: &str| {
        let index = wanted.iter().position(|column| column.name == name);
        index.and_then(|index| found.get(index)).is_some_and(Option::is_some)
    };
    let lacking: Vec<String> = wanted
        .iter()
        .filter(|column| column.required && !has(column.name) && !column.instead.is_some_and(has))
        .map(|column| column.name.to_owned())
        .collect();
    if lacking.is_empty() { Ok(found) } else { Err(HeaderFault::Lacks { lacking, columns: columns() }) }
}

/// What separates the columns, as the header line shows outside quotation marks: a tab, a semicolon or a comma.
pub(super) fn delimiter(first_line: &[u8]) -> u8 {
    let mut quoted = false;
    let outside: Vec<u8> = first_line
        .iter()
        .copied()
        .filter(|byte| {
            quoted ^= *byte == b'"';
            !quoted
        })
        .collect();
    let count = |wanted: u8| memchr::memchr_iter(wanted, &outside).count();
    // Of equal counts the later one wins: a single column has none of them.
    [b'\t', b';', b','].into_iter().max_by_key(|candidate| count(*candidate)).unwrap_or(b',')
}

/// The delimiter that a first line such as `sep=;` tells a spreadsheet; the line is no row.
pub(super) fn told_delimiter(line: &str) -> Option<u8> {
    let line = line.trim_matches(['\r', '\n', '"', '\u{feff}']).to_ascii_lowercase();
    match line.strip_prefix("sep=")?.as_bytes() {
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_shows_what_separates_the_columns() {
        for (header, expected) in [
            ("address,language", b','),
            ("address;language,spoken;source", b';'),
            ("address\tlanguage\tsource", b'\t'),
            ("\"a,b,c,d\";\"address\"", b';'),
            ("address", b','),
            ("", b','),
        ] {
            assert_eq!(delimiter(header.as_bytes()), expected, "{header}");
        }
        for (line, told) in [
            ("sep=;\r\n", Some(b';')),
            ("\"SEP=,\"", Some(b',')),
            ("sep=\t\n", Some(b'\t')),
            ("sep;a", None),
            ("sep=", None),
        ] {
            assert_eq!(told_delimiter(line), told, "{line:?}");
        }
    }

    #[test]
    fn a_column_is_found_by_its_name_or_the_one_that_is_given() {
        let names = |text: &str| text.split(',').map(ToOwned::to_owned).collect::<Vec<_>>();
        let wanted = [Column::required("address").under(Some("EMAIL")), Column::required_or("wording", "file")];
        let all = [&wanted[..], &[Column::optional("file")]].concat();
        assert_eq!(find(&names("file,email"), &all), Ok(vec![Some(1), None, Some(0)]));
        let said = |text: &str| find(&names(text), &all).unwrap_err().to_string();
        assert_eq!(said("address,wording"), "the header has no column `email`; its columns are `address`, `wording`");
        assert_eq!(said("email,,nom"), "the header lacks `wording`; its columns are `email`, `nom`");
        let row = "the first line is no header: an address stands in it";
        for first in ["camille@example.fr,fr", "email,wording,camille@example.fr", "camille;email@example.fr"] {
            assert_eq!(said(first), row, "{first}");
        }
        assert_eq!(said("email,email,wording"), "the header names the column `email` twice");
        assert!(find(&names("email,nom,nom,wording"), &all).is_ok(), "what is not read may stand there twice");
    }
}
