//! `carillon member import`: from a file to confirmed members, with what was rejected beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use anyhow::Context as _;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use super::Context;
use super::exit::Exit;
use super::import_order::ImportOrder;
use super::member::{lacking, open};
use super::progress::ProgressLine;
use super::table_file::{EncodingName, RejectedRows, TableFile};
use super::wordings::Wordings;
use crate::db::audit::{self, AuditAction, AuditEntry};
use crate::db::bulk::BulkWriter;
use crate::db::departures::DeparturesFile;
use crate::db::imports::{DryRun, ImportTerms, Imported, import_candidates};
use crate::db::lists::{self, ListsBegun};
use crate::db::{Db, StoreError, StoreResult, departed};
use crate::files::{left_beside, rejected_beside};
use crate::finding::Finding;
use crate::keys::{KeyId, Keyring};
use crate::member::{
    Candidate, ColumnName, ColumnTerms, EvidenceRules, ExportProgram, Fingerprint, FingerprintDigits, ImportFile,
    ImportRow, Language, ListAct, ListName, Pseudonyms, Rejection, StaysWhile, WordsHeld,
};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken as _};
use crate::table::SheetRow;

/// Rows that are imported in one transaction, where nobody else has to wait for it. What so many write fits into the room that
/// SQLite has for pages.
const BATCH: usize = 3_000;

/// Rows that wait until the rows beside them in the index of fingerprints are there too. With two batches on their way these are
/// some 17 MB. Of a store of a million members a transaction then writes a seventh of that index.
const WAITING: usize = 17_000;

/// Rejected rows that a dry run tells of one by one.
const TOLD: usize = 20;

const FILE_HELP: &str = "A CSV file or a workbook with the columns address, language, confirmed_at, wording (or wording_file), \
source and method. A row without full evidence of the consent is not imported but written, with the reason, to a file \
FILE.rejected.csv beside it";

/// The arguments of `carillon member import`.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    #[arg(value_name = "FILE", help = FILE_HELP)]
    file: PathBuf,
    /// The zone of instants that are written without an offset, such as Europe/Paris
    #[arg(long, value_name = "ZONE", value_parser = |name: &str| TimeZone::get(name))]
    zone: Option<TimeZone>,
    /// The program that the file is an export of: its columns are known, and who left it does not come in
    #[arg(long, value_name = "PROGRAM", value_parser = program())]
    from: Option<ExportProgram>,
    /// The file has this column under another name, as in address=EMAIL; may be given several times
    #[arg(long = "column", value_name = "COLUMN=NAME")]
    columns: Vec<ColumnName>,
    /// What stands in a column while somebody has not left, as in BLACKLISTED=false: who has anything else there does not come in;
    /// may be given several times
    #[arg(long, value_name = "COLUMN=WORD")]
    stays: Vec<StaysWhile>,
    /// The language to write in to people whose row names none, or one in which there are no letters
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// The encoding, when it is neither UTF-8 nor UTF-16 and cannot be told by the letters
    #[arg(long, value_name = "ENCODING")]
    encoding: Option<EncodingName>,
    /// The sheet of a workbook, by its name or its number; the only one with something in it when left out
    #[arg(long, value_name = "SHEET")]
    sheet: Option<String>,
    /// Put everybody whom the file names and who is a member on this list, also those who were members before; may be given
    /// several times
    #[arg(long = "list", value_name = "LIST")]
    lists: Vec<ListName>,
    /// Say what would happen and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The programs, by their names.
fn program() -> impl TypedValueParser<Value = ExportProgram> {
    let names = ExportProgram::ALL.map(ExportProgram::name);
    PossibleValuesParser::new(names)
        .map(|name| ExportProgram::ALL.into_iter().find(|program| program.name() == name).unwrap_or(ExportProgram::Csv))
}

/// What an import came to.
#[derive(Debug, Default, Serialize)]
struct Summary {
    dry_run: bool,
    accepted: usize,
    /// Of those accepted, how many had been members whose consent had run out.
    returned: usize,
    refreshed: usize,
    known: usize,
    rejected: usize,
    /// Of those not rejected, how many are to be written to in the language that stands in for theirs.
    stand_ins: usize,
    reasons: BTreeMap<&'static str, usize>,
    /// How many were put on each list by this import. Who was on it before is not counted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    listed: BTreeMap<ListName, u64>,
    /// The lists that came into being with it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    new_lists: BTreeSet<ListName>,
    rejected_file: Option<PathBuf>,
    /// The rows of people who left the other program.
    left_file: Option<PathBuf>,
    /// What stands in the columns by which a person said who left.
    #[serde(skip)]
    left_words: Vec<Phrase>,
    /// Whether rows were refused whose instant is of no zone.
    #[serde(skip)]
    zone_wanted: bool,
    /// What a dry run would reject, as far as it is told.
    #[serde(skip)]
    told: Vec<(u64, Phrase)>,
}

impl Summary {
    /// Rows that are in the store now.
    fn done(&self) -> usize {
        self.accepted + self.refreshed + self.known
    }
}

pub(super) fn run(args: &ImportArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store, keyring) = open(context)?;
    let record = DeparturesFile::new(&settings.departures);
    let held: Vec<KeyId> = keyring.ids().collect();
    let forgotten = match store.read_blocking(|db| departed::forgotten(db, &record, &held)) {
        Err(StoreError::KeysMissing(missing)) => return Err(lacking(&missing)),
        forgotten => forgotten?,
    };
    let table = match TableFile::open(&args.file, args.encoding, args.sheet.as_deref())? {
        Ok(table) => table,
        Err(finding) => return refuse(finding, context),
    };
    let TableFile { name, encoding, input, length, marked } = table;
    let progress = ProgressLine::start(length, Arc::clone(&input.get_ref().read));
    let from = args.from.unwrap_or(ExportProgram::Csv);
    let form = from.form();
    let columns = ColumnTerms { names: &args.columns, stays: &args.stays, language: args.language.is_some() };
    let file = match ImportFile::open(&name, encoding, input, from, columns) {
        Ok(file) => file,
        Err(finding) => return refuse(*finding, context),
    };
    let ignored = file.sheet().unused();
    if !ignored.is_empty() {
        let columns = Fact::texts(ignored.iter().map(|column| format!("`{column}`")));
        context.remark(&phrase!("import-columns-ignored", columns = columns))?;
    }
    let store = BulkWriter::new(store);
    let batch = store.portion(BATCH);
    if !args.dry_run {
        store.expect_much()?;
    }
    let terms = ImportTerms::of(&settings, keyring.clone()).barring(forgotten);
    let rules = EvidenceRules {
        now: context.clock.now(),
        lifetime: terms.lifetime,
        zone: args.zone.clone().or_else(|| form.zone.and_then(|name| TimeZone::get(name).ok())),
        language: args.language,
    };
    let language = context.language;
    let report = |path: PathBuf| (!args.dry_run).then(|| RejectedRows::of(path, marked, file.sheet(), language));
    let rejects = report(rejected_beside(&args.file));
    let left = report(left_beside(&args.file)).filter(|_| !form.left.is_empty() || !args.stays.is_empty());
    let summary = Summary { dry_run: args.dry_run, ..Summary::default() };
    let rehearsed = args.dry_run.then(DryRun::default);
    let lists = ListsOfImport {
        names: args.lists.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect(),
        act: ListAct::import(&file_name(&args.file), &context.who, context.clock.now()),
        begun: None,
    };
    let held = BTreeMap::new();
    let (through, freed) = channel();
    let mut run = Run {
        store,
        batch,
        is_large: false,
        is_void: false,
        terms,
        rejects,
        left,
        rehearsed,
        lists,
        summary,
        held,
        progress,
        through,
    };
    let reader = ReadAhead { file, rules, keyring, batch, beside: &args.file, through: freed };
    let ended = run.all(reader, context);
    let done = run.summary.done();
    let finished = run.finish(context, &args.file);
    match ended {
        Ok(None) => print(&finished?, args.json, context),
        Ok(Some(finding)) => {
            finished?;
            refuse(*finding, context)
        }
        // What ended the import is what has to be mended; what was to be noted about it is not more urgent.
        Err(error) => Err(error.context(phrase!("import-ended", count = done, file = name))),
    }
}

fn refuse(finding: Finding, context: &mut Context) -> anyhow::Result<Exit> {
    Ok(context.findings(&[finding])?)
}

fn print(summary: &Summary, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    if json {
        context.json(summary)?;
    } else {
        if summary.dry_run {
            context.say(&phrase!("import-dry-run"))?;
        }
        context.say(&phrase!("import-accepted", count = summary.accepted))?;
        if summary.returned > 0 {
            context.indented(&phrase!("import-returned", count = summary.returned))?;
        }
        context.say(&phrase!("import-refreshed", count = summary.refreshed))?;
        context.say(&phrase!("import-known", count = summary.known))?;
        context.say(&phrase!("import-rejected", count = summary.rejected))?;
        for (reason, count) in &summary.reasons {
            let key = reason.replace(' ', "-");
            context.indented(&phrase!("import-reason", count = *count, reason = *reason, key = key))?;
        }
        if summary.stand_ins > 0 {
            context.say(&phrase!("import-stand-ins", count = summary.stand_ins))?;
        }
        for (list, count) in &summary.listed {
            let list = Fact::text(list);
            context.say(&if summary.dry_run {
                phrase!("import-would-be-on", count = *count, list = list)
            } else {
                phrase!("import-listed", count = *count, list = list)
            })?;
        }
        for list in &summary.new_lists {
            context.remark(&phrase!("list-new", list = Fact::text(list)))?;
        }
    }
    for words in &summary.left_words {
        context.remark(words)?;
    }
    if summary.zone_wanted {
        context.remark(&phrase!("import-zone-wanted"))?;
    }
    for (line, why) in &summary.told {
        context.remark(&phrase!("import-line", line = Fact::text(line), why = why.clone()))?;
    }
    if summary.rejected > summary.told.len() && summary.dry_run {
        context.remark(&phrase!("import-more", count = summary.rejected - summary.told.len()))?;
    }
    if let Some(path) = &summary.rejected_file {
        context.remark(&phrase!("import-rejected-file", file = Fact::text(path.display())))?;
    }
    if let Some(path) = &summary.left_file {
        context.remark(&phrase!("import-left-file", file = Fact::text(path.display())))?;
    }
    Ok(if summary.rejected == 0 { Exit::Done } else { Exit::Refused })
}

/// The name of the file, as the audit log and the lists keep it.
fn file_name(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The lists that an import is for.
struct ListsOfImport {
    names: Vec<ListName>,
    act: ListAct,
    /// The act in the store, from the first rows on: a file in which nobody agreed makes no list.
    begun: Option<ListsBegun>,
}

impl ListsOfImport {
    /// Puts those of `batch` on the lists who are members now, in the transaction that brings them in: whoever runs an import again
    /// that was killed finds the rest of them missing on both.
    fn put(&self, db: &mut Db, batch: &[&Candidate]) -> StoreResult<Option<(ListsBegun, BTreeMap<ListName, u64>)>> {
        if self.names.is_empty() || batch.is_empty() {
            return Ok(None);
        }
        let listing = match &self.begun {
            Some(listing) => listing.clone(),
            None => lists::begin(db, &self.names, &self.act)?,
        };
        let fingerprints: Vec<FingerprintDigits> =
            batch.iter().flat_map(|candidate| candidate.fingerprints()).map(Fingerprint::digits).collect();
        let listed = lists::put(db, &listing, &fingerprints)?;
        Ok(Some((listing, listed)))
    }
}

/// A row as it was read, with whoever may come in by it.
struct Arrival {
    row: SheetRow,
    stand_in: bool,
    candidate: Candidate,
}

/// What the reader hands over.
struct Portion {
    /// Rows with their numbers in the file. Nobody is in it twice, so that each row meets what the one before it left.
    rows: Vec<(u64, Box<Arrival>)>,
    /// Rows that prove nothing.
    rejected: Vec<(u64, SheetRow, Rejection)>,
    /// The number below which all rows were handed over.
    settled: u64,
}

/// Reads the file ahead of the store, on a thread of its own.
struct ReadAhead<'a, R: std::io::Read> {
    file: ImportFile<R>,
    rules: EvidenceRules,
    keyring: Keyring,
    batch: usize,
    /// The file, beside which the wordings lie.
    beside: &'a Path,
    /// Rows that are through, to be freed here: whoever writes them has no time for it.
    through: Receiver<Vec<(u64, Box<Arrival>)>>,
}

impl<R: std::io::Read> ReadAhead<'_, R> {
    /// Reads to the end, or until nobody listens any more.
    /// Returns what the columns hold by which a person says who left.
    fn run(mut self, out: &SyncSender<Result<Portion, Box<Finding>>>) -> Vec<WordsHeld> {
        let mut wordings = Wordings::beside(self.beside);
        let mut order = ImportOrder::new(self.batch, WAITING);
        let mut rejected = Vec::new();
        let mut ended = None;
        while let Some(row) = self.file.next(&self.rules, &mut |name| wordings.read(name)) {
            let ImportRow { row, evidence, stand_in } = match row {
                Ok(row) => row,
                Err(finding) => {
                    ended = Some(finding);
                    break;
                }
            };
            match evidence {
                Ok(evidence) => {
                    let candidate = Candidate::of(evidence, &self.keyring);
                    order.add(candidate.fingerprint.digits(), Box::new(Arrival { row, stand_in, candidate }));
                }
                Err(rejection) => rejected.push((order.pass(), row, rejection)),
            }
            // Rejected rows are told in the order of the file, and kept until those before them are through.
            if order.is_full() || rejected.len() >= self.batch {
                self.through.try_iter().for_each(drop);
                let rows = order.take();
                let portion = Portion { rows, rejected: std::mem::take(&mut rejected), settled: order.settled() };
                if out.send(Ok(portion)).is_err() {
                    return Vec::new();
                }
            }
        }
        loop {
            let rows = order.take_last();
            if rows.is_empty() && rejected.is_empty() {
                break;
            }
            let portion = Portion { rows, rejected: std::mem::take(&mut rejected), settled: order.settled() };
            if out.send(Ok(portion)).is_err() {
                return Vec::new();
            }
        }
        if let Some(finding) = ended {
            // Whoever does not listen has an error of the store to tell of.
            let _ = out.send(Err(finding));
        }
        self.file.words_held().to_vec()
    }
}

/// An import on its way.
struct Run {
    store: BulkWriter,
    batch: usize,
    /// Whether the file has a whole batch of people.
    is_large: bool,
    /// Whether the file is refused whole, after it was read.
    is_void: bool,
    terms: ImportTerms,
    /// Where rejected rows go; a dry run writes nothing.
    rejects: Option<RejectedRows>,
    /// Where those of people go who left the other program: nothing in them is to be mended.
    left: Option<RejectedRows>,
    /// What earlier rows of a dry run would have left.
    rehearsed: Option<DryRun>,
    lists: ListsOfImport,
    summary: Summary,
    /// Rejected rows that are told when all rows before them are through.
    held: BTreeMap<u64, (SheetRow, Rejection)>,
    progress: ProgressLine,
    /// Takes rows that are through back to where they are freed.
    through: Sender<Vec<(u64, Box<Arrival>)>>,
}

impl Run {
    /// Takes in what `reader` reads. Returns why it could not read on, when it could not.
    fn all<R: std::io::Read + Send>(
        &mut self,
        reader: ReadAhead<'_, R>,
        context: &mut Context,
    ) -> anyhow::Result<Option<Box<Finding>>> {
        let (send, portions) = sync_channel(0);
        let file = reader.beside.display().to_string();
        let held = std::thread::scope(|scope| {
            let reading = scope.spawn(move || reader.run(&send));
            for portion in portions {
                match portion {
                    Ok(portion) => self.take(portion, context.clock.now())?,
                    Err(finding) => return Ok(Err(finding)),
                }
                self.progress.show((self.summary.done() + self.summary.rejected) as u64, context)?;
            }
            reading.join().map(Ok).map_err(|_| anyhow::anyhow!("the file could not be read to its end"))
        })?;
        let held = match held {
            Ok(held) => held,
            Err(finding) => return Ok(Some(finding)),
        };
        if let Some(finding) = held.iter().find_map(|words| words.nobody_stays(&file)) {
            // Nobody came in. The file of those who left would bar everybody for good.
            self.left.take().map(RejectedRows::discard).transpose()?;
            self.is_void = true;
            return Ok(Some(finding));
        }
        self.summary.left_words = held.iter().filter_map(WordsHeld::left).collect();
        Ok(None)
    }

    fn take(&mut self, portion: Portion, now: Timestamp) -> anyhow::Result<()> {
        let Portion { rows, rejected, settled } = portion;
        for (number, row, rejection) in rejected {
            self.reject(number, row, rejection);
        }
        if !rows.is_empty() {
            let outcomes = self.store(&rows, now)?;
            for ((number, arrival), outcome) in rows.iter().zip(outcomes) {
                let Arrival { row, stand_in, candidate } = &**arrival;
                let outcome = self.rehearsed.as_mut().map_or(outcome, |rehearsed| rehearsed.then(candidate, outcome));
                self.summary.stand_ins += usize::from(*stand_in && !matches!(outcome, Imported::Barred(_)));
                match outcome {
                    Imported::Accepted => self.summary.accepted += 1,
                    Imported::Returned => {
                        self.summary.accepted += 1;
                        self.summary.returned += 1;
                    }
                    Imported::Refreshed => self.summary.refreshed += 1,
                    Imported::Known => self.summary.known += 1,
                    Imported::Barred(bar) => self.reject(*number, row.clone(), Rejection::Barred(bar)),
                }
            }
            // When nobody listens any more, the file is read to its end.
            let _ = self.through.send(rows);
        }
        self.tell(settled)
    }

    /// Stores `rows`, or asks what would become of them, and returns it of each.
    fn store(&mut self, rows: &[(u64, Box<Arrival>)], now: Timestamp) -> anyhow::Result<Vec<Imported>> {
        let batch: Vec<&Candidate> = rows.iter().map(|(_, arrival)| &arrival.candidate).collect();
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).context("cannot draw random numbers")?;
        let pseudonyms = Pseudonyms::from_seed(seed);
        let terms = &self.terms;
        if self.summary.dry_run {
            let asked = |db: &mut Db| import_candidates(db, &batch, terms, pseudonyms, now, true);
            return Ok(self.store.store().read_blocking(asked)?);
        }
        if batch.len() >= self.batch && !self.is_large {
            self.is_large = true;
            self.store.begin_members()?;
        }
        let lists = &self.lists;
        let (outcomes, listed) = self.store.write_one_of_many(|db| {
            let outcomes = import_candidates(db, &batch, terms, pseudonyms.clone(), now, false)?;
            Ok((outcomes, lists.put(db, &batch)?))
        })?;
        if let Some((listing, listed)) = listed {
            self.summary.new_lists.extend(listing.new.iter().cloned());
            self.lists.begun = Some(listing);
            for (list, count) in listed {
                *self.summary.listed.entry(list).or_default() += count;
            }
        }
        Ok(outcomes)
    }

    fn reject(&mut self, number: u64, row: SheetRow, rejection: Rejection) {
        self.summary.rejected += 1;
        *self.summary.reasons.entry(rejection.kind()).or_default() += 1;
        self.summary.zone_wanted |= rejection == Rejection::NoZone;
        self.held.insert(number, (row, rejection));
    }

    /// Tells of the rejected rows below this number.
    fn tell(&mut self, below: u64) -> anyhow::Result<()> {
        while let Some(first) = self.held.first_entry().filter(|first| *first.key() < below) {
            let (row, rejection) = first.remove();
            let report = if matches!(rejection, Rejection::Left { .. }) { &mut self.left } else { &mut self.rejects };
            match report {
                Some(rejects) => rejects.write(&row, &rejection.phrase())?,
                None if self.summary.told.len() < TOLD => {
                    self.summary.told.push((row.line(), rejection.phrase()));
                }
                None => {}
            }
        }
        Ok(())
    }

    fn finish(mut self, context: &mut Context, file: &Path) -> anyhow::Result<Summary> {
        // Those of an import that ended early may wait for rows before them.
        self.tell(u64::MAX)?;
        let Self { store, rejects, left, lists, mut summary, progress, is_void, .. } = self;
        progress.end(context)?;
        if summary.dry_run {
            let all = summary.done() as u64;
            summary.listed.extend(lists.names.into_iter().map(|list| (list, all)));
        }
        summary.left_file = left.map(RejectedRows::finish).transpose()?.flatten();
        summary.rejected_file = rejects.map(RejectedRows::finish).transpose()?.flatten();
        if !summary.dry_run && !is_void {
            let entry = AuditEntry {
                at: context.clock.now(),
                who: context.who.clone(),
                action: AuditAction::MemberImported,
                object: file_name(file),
                detail: json!({
                    "accepted": summary.accepted,
                    "returned": summary.returned,
                    "refreshed": summary.refreshed,
                    "known": summary.known,
                    "rejected": summary.rejected,
                    "stand_ins": summary.stand_ins,
                    "listed": summary.listed,
                }),
            };
            store.write(|db| audit::record(db, &entry))?;
            store.settle()?;
        }
        Ok(summary)
    }
}
