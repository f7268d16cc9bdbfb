//! Reads a TOML document table by table, key by key, and gathers everything that is wrong instead of stopping at the
//! first. Knows nothing of campaigns.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Written;
use crate::document::{Document, kind, nearest};
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};

/// A document being read and what was found wrong so far.
pub(super) struct Reader<'d> {
    document: &'d Document,
    findings: RefCell<Vec<Finding>>,
}

/// One table of the document. Keys are taken from it; what is left at [`Table::finish`] is unknown.
pub(super) struct Table<'r, 'd> {
    reader: &'r Reader<'d>,
    entries: &'r DeTable<'d>,
    span: Range<usize>,
    name: Phrase,
    known: BTreeSet<&'static str>,
}

impl<'d> Reader<'d> {
    /// A reader of `document` that has found nothing yet.
    pub(super) fn new(document: &'d Document) -> Self {
        Self { document, findings: RefCell::default() }
    }

    /// The document as a tree, as far as it can be read. Findings tell of the rest.
    pub(super) fn tree(&self) -> Spanned<DeTable<'d>> {
        let (tree, errors) = DeTable::parse_recoverable(&self.document.text);
        for error in errors {
            let place = error.span().map_or_else(|| Place::file(&self.document.name), |span| self.document.place(span));
            self.report(Finding::error(
                "file.syntax",
                place,
                phrase!("file-syntax", why = Fact::Data(error.message().trim().to_owned())),
            ));
        }
        tree
    }

    /// The whole document as a table.
    pub(super) fn top<'r>(&'r self, tree: &'r Spanned<DeTable<'d>>) -> Table<'r, 'd> {
        self.table(tree.get_ref(), 0..0, phrase!("table-top"))
    }

    fn table<'r>(&'r self, entries: &'r DeTable<'d>, span: Range<usize>, name: Phrase) -> Table<'r, 'd> {
        Table { reader: self, entries, span, name, known: BTreeSet::new() }
    }

    /// The document being read.
    pub(super) fn document(&self) -> &'d Document {
        self.document
    }

    /// Remembers a finding.
    pub(super) fn report(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// Whether nothing was found so far.
    pub(super) fn is_content(&self) -> bool {
        self.findings.borrow().is_empty()
    }

    /// Everything found, in the order of the file.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.findings.into_inner();
        findings.sort_by_key(|one| (one.place.line, one.place.column));
        findings
    }

    /// Parses a written text, reporting under `rule` what the parser says, with `remedy`.
    pub(super) fn parsed<T, E: Spoken>(
        &self,
        written: Written<String>,
        rule: &'static str,
        remedy: Phrase,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Written<T>> {
        match parse(&written.value) {
            Ok(value) => Some(written.with(value)),
            Err(error) => {
                self.report(Finding::error(rule, written.place, error.phrase()).mended_by(remedy));
                None
            }
        }
    }

    fn written<T>(&self, value: T, words: &str, span: Range<usize>) -> Written<T> {
        let place = Place::at(&self.document.name, &self.document.text, span.start);
        let short = !words.is_empty() && words.len() <= 80 && !words.contains('\n');
        Written { value, place: if short { place.with_words(words) } else { place }, span }
    }
}

impl<'r, 'd> Table<'r, 'd> {
    /// The place of the table's head.
    pub(super) fn place(&self) -> Place {
        Place::at(&self.reader.document.name, &self.reader.document.text, self.span.start)
    }

    /// Whether the table holds `key`.
    pub(super) fn has(&mut self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// The place of the value under `key`, or of the table when there is none.
    pub(super) fn place_of(&self, key: &str) -> Place {
        self.entries.get(key).map_or_else(|| self.place(), |value| self.reader.document.place(value.span()))
    }

    /// Reports a key that must be there and is not.
    pub(super) fn missing(&self, key: &str, example: &str) {
        let place = self.place().with_words(key);
        let message = phrase!("file-missing-key", key = key, table = self.name.clone(), example = example);
        self.reader.report(Finding::error("file.missing-key", place, message));
    }

    fn value(&mut self, key: &'static str) -> Option<&'r Spanned<DeValue<'d>>> {
        self.known.insert(key);
        self.entries.get(key)
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: Phrase) {
        let place = self.reader.document.place(value.span());
        let message = phrase!("file-wrong-type", key = key, kind = kind(value.get_ref()), wanted = wanted);
        self.reader.report(Finding::error("file.wrong-type", place, message));
    }

    /// The text under `key`, if there is one.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Written<String>> {
        let value = self.value(key)?;
        if let DeValue::String(text) = value.get_ref() {
            Some(self.reader.written(text.to_string(), text, value.span()))
        } else {
            self.wrong_type(key, value, phrase!("wanted-text"));
            None
        }
    }

    /// The text under `key`, which must be there.
    pub(super) fn required_text(&mut self, key: &'static str, example: &str) -> Option<Written<String>> {
        if self.value(key).is_none() {
            self.missing(key, example);
        }
        self.text(key)
    }

    /// A text or a date or time of TOML's own, which is read as if it had stood in quotes.
    pub(super) fn moment(&mut self, key: &'static str, example: &str) -> Option<Written<String>> {
        match self.value(key) {
            Some(value) if value.get_ref().is_datetime() => {
                let text = value.get_ref().as_datetime().map(ToString::to_string).unwrap_or_default();
                Some(self.reader.written(text.clone(), &text, value.span()))
            }
            _ => self.required_text(key, example),
        }
    }

    /// The `true` or `false` under `key`, if there is one.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<Written<bool>> {
        let value = self.value(key)?;
        if let DeValue::Boolean(flag) = value.get_ref() {
            Some(self.reader.written(*flag, &flag.to_string(), value.span()))
        } else {
            self.wrong_type(key, value, phrase!("kind-flag"));
            None
        }
    }

    /// The whole number under `key`, if there is one.
    pub(super) fn count(&mut self, key: &'static str) -> Option<Written<u64>> {
        let value = self.value(key)?;
        let number = value.get_ref().as_integer().and_then(|digits| {
            let plain: String = digits.as_str().chars().filter(|digit| *digit != '_').collect();
            u64::from_str_radix(&plain, digits.radix()).ok()
        });
        if let Some(number) = number {
            Some(self.reader.written(number, &number.to_string(), value.span()))
        } else {
            self.wrong_type(key, value, phrase!("wanted-count"));
            None
        }
    }

    /// The texts in the list under `key`; one text alone counts as a list of one.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<Written<String>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let wanted = || phrase!("wanted-texts");
        let items = match value.get_ref() {
            DeValue::String(_) => std::slice::from_ref(value),
            DeValue::Array(items) => items.get(..).unwrap_or_default(),
            _ => {
                self.wrong_type(key, value, wanted());
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(text) => texts.push(self.reader.written(text.to_string(), text, item.span())),
                _ => self.wrong_type(key, item, wanted()),
            }
        }
        texts
    }

    /// The table under `key`, if there is one.
    pub(super) fn table(&mut self, key: &'static str) -> Option<Table<'r, 'd>> {
        let value = self.value(key)?;
        if let DeValue::Table(entries) = value.get_ref() {
            Some(self.reader.table(entries, value.span(), phrase!("table-named", table = format!("[{key}]"))))
        } else {
            self.wrong_type(key, value, phrase!("wanted-table", table = format!("[{key}]")));
            None
        }
    }

    /// The tables under `key`, written `[[key]]`.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<Table<'r, 'd>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let wanted = || phrase!("wanted-tables", table = format!("[[{key}]]"));
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(key, value, wanted());
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::Table(entries) => {
                    tables.push(self.reader.table(
                        entries,
                        item.span(),
                        phrase!("table-one-of", table = format!("[[{key}]]")),
                    ));
                }
                _ => self.wrong_type(key, item, wanted()),
            }
        }
        tables
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self) {
        for key in self.entries.keys() {
            let name = key.get_ref().as_ref();
            if self.known.contains(name) {
                continue;
            }
            let table = self.name.clone();
            let message = if let Some(meant) = nearest(name, self.known.iter().copied()) {
                phrase!("file-unknown-key-slip", key = name, table = table, meant = meant)
            } else {
                let known = Fact::texts(self.known.iter().map(|key| format!("`{key}`")));
                phrase!("file-unknown-key", key = name, table = table, known = known)
            };
            let place = self.reader.document.place(key.span());
            self.reader.report(Finding::error("file.unknown-key", place, message));
        }
    }
}
