//! `carillon price import`.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use csv::ByteRecord;
use serde::Serialize;
use serde_json::json;

use super::super::Context;
use super::super::exit::{Exit, Failure};
use crate::calendar::Calendar;
use crate::counted::counted;
use crate::db::prices::{self, ImportId, SeriesIds};
use crate::db::{Store, audit};
use crate::files::rejected_beside;
use crate::price::{PriceRecord, PriceSheet, SheetError};

/// Rows in one transaction.
const CHUNK: usize = 50_000;

/// Series remembered between transactions, so that memory stays bounded however many articles a file has.
const REMEMBERED: usize = 400_000;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The price file, UTF-8
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
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
    /// Where the refused rows are.
    report: Option<PathBuf>,
}

pub(super) fn run(args: &Args, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let calendar = super::super::calendar::load(context)?;
    let name = args.file.display().to_string();
    let file = File::open(&args.file).with_context(|| format!("cannot open `{name}`"))?;
    let sheet = PriceSheet::open(&name, BufReader::with_capacity(1 << 18, file)).map_err(header_refused)?;
    if !sheet.unused().is_empty() {
        context.note(format!("these columns are not used: {}", sheet.unused().join(", ")))?;
    }
    let mut report = Report::beside(&args.file, sheet.header(), sheet.delimiter());
    let mut import = Import::new(&store, context, &name);
    let outcome = import.all(sheet, &calendar, &mut report);
    let mut counts = import.counts;
    counts.refused = report.rows;
    counts.report = report.close()?;
    if let Err(error) = outcome {
        let stored = counts.added + counts.known;
        return Err(error.context(format!(
            "{} of `{name}` stored; run the same command again for the rest",
            counted(stored as u64, "row")
        )));
    }
    tell(args, context, &name, &counts)
}

fn tell(args: &Args, context: &mut Context, name: &str, counts: &Counts) -> anyhow::Result<Exit> {
    if args.json {
        context.json(counts)?;
    } else {
        context.line(format!(
            "{} added, {} known already, {} refused",
            counted(counts.added as u64, "row"),
            counts.known,
            counts.refused
        ))?;
    }
    let Some(report) = &counts.report else { return Ok(Exit::Done) };
    context.note(format!(
        "the refused rows of `{name}` are in `{}` with the reason; mend them there and import that file",
        report.display()
    ))?;
    Ok(Exit::Refused)
}

fn header_refused(error: SheetError) -> anyhow::Error {
    match error {
        SheetError::Header(_) => Failure::refused(error.to_string()),
        SheetError::Unreadable { .. } => error.into(),
    }
}

/// One file on its way into the store.
struct Import<'a> {
    store: &'a Store,
    name: &'a str,
    at: jiff::Timestamp,
    who: String,
    id: Option<ImportId>,
    series: SeriesIds,
    counts: Counts,
}

/// Rows that go into the store together, with their bytes for the report.
#[derive(Default)]
struct Chunk {
    records: Vec<PriceRecord>,
    raw: Vec<ByteRecord>,
}

impl<'a> Import<'a> {
    fn new(store: &'a Store, context: &Context, name: &'a str) -> Self {
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
        mut sheet: PriceSheet<BufReader<File>>,
        calendar: &Calendar,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let mut chunk = Chunk::default();
        let mut record = ByteRecord::new();
        while let Some(row) =
            sheet.next(&mut record, |market| calendar.zone(&market).filter(|_| calendar.knows(&market)))?
        {
            match row {
                Ok(row) => {
                    chunk.records.push(row);
                    chunk.raw.push(record.clone());
                }
                Err((line, error)) => report.refuse(line, &error.to_string(), &record)?,
            }
            if chunk.records.len() == CHUNK {
                self.store(&mut chunk, report)?;
            }
        }
        self.store(&mut chunk, report)?;
        self.audit()
    }

    fn store(&mut self, chunk: &mut Chunk, report: &mut Report) -> anyhow::Result<()> {
        if chunk.records.is_empty() {
            return Ok(());
        }
        if self.series.len() > REMEMBERED {
            self.series.clear();
        }
        let (id, added) = self.store.write_blocking(|db| {
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
            if let (Some(record), Some(raw)) = (chunk.records.get(*index), chunk.raw.get(*index)) {
                report.refuse(record.line, &contradiction.to_string(), raw)?;
            }
        }
        chunk.records.clear();
        chunk.raw.clear();
        Ok(())
    }

    fn audit(&self) -> anyhow::Result<()> {
        let entry = audit::AuditEntry {
            at: self.at,
            who: self.who.clone(),
            action: audit::AuditAction::PricesImported,
            object: self.name.to_owned(),
            detail: json!({ "added": self.counts.added, "known": self.counts.known }),
        };
        Ok(self.store.write_blocking(|db| audit::record(db, &entry))?)
    }
}

/// `FILE.rejected.csv`: the refused rows as they stood, each with its line and the reason.
struct Report {
    path: PathBuf,
    header: ByteRecord,
    delimiter: u8,
    writer: Option<csv::Writer<BufWriter<File>>>,
    rows: usize,
}

impl Report {
    fn beside(file: &Path, header: &ByteRecord, delimiter: u8) -> Self {
        Self { path: rejected_beside(file), header: header.clone(), delimiter, writer: None, rows: 0 }
    }

    fn refuse(&mut self, line: u64, reason: &str, row: &ByteRecord) -> anyhow::Result<()> {
        let failed = || format!("cannot write `{}`", self.path.display());
        let writer = match &mut self.writer {
            Some(writer) => writer,
            empty => {
                let file = BufWriter::new(File::create(&self.path).with_context(failed)?);
                let mut writer = csv::WriterBuilder::new().delimiter(self.delimiter).flexible(true).from_writer(file);
                let names = [b"line".as_slice(), b"reason"].into_iter().chain(self.header.iter());
                writer.write_record(names).with_context(failed)?;
                empty.insert(writer)
            }
        };
        let line = line.to_string();
        let cells = [line.as_bytes(), reason.as_bytes()].into_iter().chain(row.iter());
        writer.write_record(cells).with_context(failed)?;
        self.rows += 1;
        Ok(())
    }

    /// Finishes the report. One that an earlier run left is stale when this run refused nothing, and goes.
    fn close(self) -> anyhow::Result<Option<PathBuf>> {
        let failed = || format!("cannot write `{}`", self.path.display());
        if let Some(mut writer) = self.writer {
            writer.flush().with_context(failed)?;
            return Ok(Some(self.path));
        }
        if self.path.exists() {
            std::fs::remove_file(&self.path).with_context(failed)?;
        }
        Ok(None)
    }
}
