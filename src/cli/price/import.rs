//! `carillon price import`.

use std::io::Read;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use super::super::Context;
use super::super::exit::Exit;
use super::super::table_file::{EncodingName, RejectedRows, TableFile};
use crate::calendar::Calendar;
use crate::db::audit;
use crate::db::bulk::BulkWriter;
use crate::db::prices::{self, ImportId, SeriesIds};
use crate::files::rejected_beside;
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken as _};
use crate::price::{PriceColumn, PriceColumns, PriceRecord, PriceSheet, header_finding};
use crate::table::SheetRow;

/// Rows in one transaction.
const CHUNK: usize = 50_000;

/// Series remembered between transactions, so that memory stays bounded however many articles a file has.
const REMEMBERED: usize = 400_000;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The price file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The encoding, when it is neither UTF-8 nor UTF-16 and cannot be told by the letters
    #[arg(long, value_name = "ENCODING")]
    encoding: Option<EncodingName>,
    /// The sheet of a workbook, by its name or its number; the only one with something in it when left out
    #[arg(long, value_name = "SHEET")]
    sheet: Option<String>,
    /// The file has this column under another name, as in sku=Reference; may be given several times
    #[arg(long = "column", value_name = "COLUMN=NAME")]
    columns: Vec<PriceColumn>,
    /// What holds of rows that say nothing in this column, as in market=FR; may be given several times
    #[arg(long = "value", value_name = "COLUMN=VALUE")]
    values: Vec<PriceColumn>,
    /// Write the counts as JSON
    #[arg(long)]
    json: bool,
}

/// What an import came to.
#[derive(Debug, Default, Serialize)]
struct Counts {
    /// Rows that are new.
    added: usize,
    /// Rows that were there already.
    known: usize,
    /// Rows that were refused.
    refused: usize,
    /// Rows that could be read, of prices that begin to apply later than now.
    planned: usize,
    /// The latest instant from which one of them applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_until: Option<jiff::Timestamp>,
    /// Where the refused rows are.
    report: Option<PathBuf>,
}

pub(super) fn run(args: &Args, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store) = context.open_store()?;
    let calendar = super::super::calendar::load(context)?;
    let TableFile { name, encoding, input, marked, .. } =
        match TableFile::open(&args.file, args.encoding, args.sheet.as_deref())? {
            Ok(table) => table,
            Err(finding) => return Ok(context.findings(&[finding])?),
        };
    let said = PriceColumns { names: &args.columns, values: &args.values };
    let sheet = match PriceSheet::open(&name, encoding, input, said) {
        Ok(sheet) => sheet,
        Err(error) => return Ok(context.findings(&[header_finding(&error)])?),
    };
    let unused = sheet.sheet().unused();
    if !unused.is_empty() {
        context.remark(&phrase!("columns-unused", columns = Fact::texts(unused)))?;
    }
    let mut report = RejectedRows::of(rejected_beside(&args.file), marked, sheet.sheet(), context.language);
    let store = BulkWriter::new(store);
    store.expect_much()?;
    let mut import = Import::new(store, context, &name);
    let outcome = import.all(sheet, &calendar, &mut report);
    let mut counts = import.counts;
    counts.report = report.finish()?;
    if let Err(error) = outcome {
        let stored = counts.added + counts.known;
        return Err(error.context(phrase!("price-import-ended", count = stored, file = name)));
    }
    tell(args, context, (&name, &settings.zone()), &counts)
}

fn tell(args: &Args, context: &mut Context, (name, zone): (&str, &TimeZone), counts: &Counts) -> anyhow::Result<Exit> {
    if args.json {
        context.json(counts)?;
    } else {
        let Counts { added, known, refused, .. } = counts;
        context.say(&phrase!("price-import-done", added = *added, known = *known, refused = *refused))?;
    }
    if let Some(last) = counts.planned_until {
        let last = Fact::Day(zone.to_datetime(last).date());
        context.remark(&phrase!("price-import-planned", count = counts.planned, last = last))?;
    }
    let Some(report) = &counts.report else { return Ok(Exit::Done) };
    context.remark(&phrase!("price-import-refused", file = name, report = Fact::text(report.display())))?;
    Ok(Exit::Refused)
}

/// One file on its way into the store.
struct Import<'a> {
    store: BulkWriter,
    name: &'a str,
    at: jiff::Timestamp,
    who: String,
    id: Option<ImportId>,
    series: SeriesIds,
    counts: Counts,
}

/// Rows that go into the store together, with what the report needs of them.
#[derive(Default)]
struct Chunk {
    records: Vec<PriceRecord>,
    rows: Vec<SheetRow>,
}

impl<'a> Import<'a> {
    fn new(store: BulkWriter, context: &Context, name: &'a str) -> Self {
        Self {
            store,
            name,
            at: context.clock.now(),
            who: context.who.clone(),
            id: None,
            series: SeriesIds::new(),
            counts: Counts::default(),
        }
    }

    fn all(
        &mut self,
        mut sheet: PriceSheet<impl Read>,
        calendar: &Calendar,
        report: &mut RejectedRows,
    ) -> anyhow::Result<()> {
        let mut chunk = Chunk::default();
        let mut row = SheetRow::default();
        while let Some(read) =
            sheet.next(&mut row, |market| calendar.zone(&market).filter(|_| calendar.knows(&market)))?
        {
            match read {
                Ok(record) => {
                    if record.from > self.at && record.price.is_some() {
                        self.counts.planned += 1;
                        self.counts.planned_until = self.counts.planned_until.max(Some(record.from));
                    }
                    chunk.records.push(record);
                    chunk.rows.push(row.clone());
                }
                Err(error) => self.refuse(report, &row, &error.phrase())?,
            }
            if chunk.records.len() >= self.store.portion(CHUNK) {
                self.store(&mut chunk, report)?;
            }
        }
        self.store(&mut chunk, report)?;
        self.audit()
    }

    fn store(&mut self, chunk: &mut Chunk, report: &mut RejectedRows) -> anyhow::Result<()> {
        if chunk.records.is_empty() {
            return Ok(());
        }
        if self.series.len() > REMEMBERED {
            self.series.clear();
        }
        let (id, added) = self.store.write(|db| {
            let id = match self.id {
                Some(id) => id,
                None => prices::open_import(db, self.name, self.at, &self.who)?,
            };
            Ok((id, prices::add(db, id, &chunk.records, &self.series)?))
        })?;
        self.id = Some(id);
        self.series.extend(added.series);
        self.counts.added += added.new;
        self.counts.known += added.known;
        for (index, contradiction) in &added.refused {
            if let Some(row) = chunk.rows.get(*index) {
                self.refuse(report, row, &contradiction.phrase())?;
            }
        }
        chunk.records.clear();
        chunk.rows.clear();
        Ok(())
    }

    fn refuse(&mut self, report: &mut RejectedRows, row: &SheetRow, reason: &Phrase) -> anyhow::Result<()> {
        self.counts.refused += 1;
        report.write(row, reason)
    }

    fn audit(&self) -> anyhow::Result<()> {
        let entry = audit::AuditEntry {
            at: self.at,
            who: self.who.clone(),
            action: audit::AuditAction::PricesImported,
            object: self.name.to_owned(),
            detail: json!({ "added": self.counts.added, "known": self.counts.known }),
        };
        self.store.write(|db| audit::record(db, &entry))?;
        Ok(self.store.settle()?)
    }
}
