//! `carillon member import`: from a file to confirmed members, with what was rejected beside it.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use super::Context;
use super::exit::Exit;
use super::member::open;
use super::table_file::{EncodingName, RejectedRows, TableFile};
use super::wordings::Wordings;
use crate::counted::counted;
use crate::db::Store;
use crate::db::audit::{self, AuditAction, AuditEntry};
use crate::db::imports::{ImportTerms, Imported, import};
use crate::finding::Finding;
use crate::member::{ColumnName, Evidence, EvidenceRules, ImportFile, ImportRow, Language, Pseudonyms, Rejection};

/// Rows that are imported in one transaction.
const BATCH: usize = 1_000;

/// Rejected rows that a dry run tells of one by one.
const TOLD: usize = 20;

const FILE_HELP: &str = "A CSV file with the columns address, language, confirmed_at, wording (or wording_file), \
source and method. A row without full evidence of the consent is not imported but written, with the reason, to a file \
FILE.rejected.csv beside it";

/// The arguments of `carillon member import`.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    #[arg(value_name = "FILE.csv", help = FILE_HELP)]
    file: PathBuf,
    /// The zone of instants that are written without an offset, such as Europe/Paris
    #[arg(long, value_name = "ZONE", value_parser = |name: &str| TimeZone::get(name))]
    zone: Option<TimeZone>,
    /// The file has this column under another name, as in address=EMAIL; may be given several times
    #[arg(long = "column", value_name = "COLUMN=NAME")]
    columns: Vec<ColumnName>,
    /// The language to write in to people whose row names none, or one in which there are no letters
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// The encoding, when it is neither UTF-8 nor UTF-16 and cannot be told by the letters
    #[arg(long, value_name = "ENCODING")]
    encoding: Option<EncodingName>,
    /// Say what would happen and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
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
    rejected_file: Option<PathBuf>,
    /// What a dry run would reject, as far as it is told.
    #[serde(skip)]
    told: Vec<String>,
}

pub(super) fn run(args: &ImportArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (settings, store, keyring) = open(context)?;
    let table = match TableFile::open(&args.file, args.encoding)? {
        Ok(table) => table,
        Err(finding) => return refuse(finding, context),
    };
    let TableFile { name, encoding, input, marked } = table;
    let mut file = match ImportFile::open(&name, encoding, input, &args.columns, args.language.is_some()) {
        Ok(file) => file,
        Err(finding) => return refuse(*finding, context),
    };
    let ignored = file.sheet().unused();
    if !ignored.is_empty() {
        context.note(format!("not read, because nothing here needs them: `{}`", ignored.join("`, `")))?;
    }
    let now = context.clock.now();
    let terms = ImportTerms::of(&settings, keyring);
    let rules = EvidenceRules { now, lifetime: terms.lifetime, zone: args.zone.clone(), language: args.language };
    let rejects = (!args.dry_run).then(|| RejectedRows::of(&args.file, marked, file.sheet()));
    let summary = Summary { dry_run: args.dry_run, ..Summary::default() };
    let mut run = Run { store, terms, now, rows: Vec::new(), addresses: HashSet::new(), rejects, summary };
    let mut wordings = Wordings::beside(&args.file);
    while let Some(row) = file.next(&rules, &mut |name| wordings.read(name)) {
        match row {
            Ok(row) => run.take(row)?,
            Err(finding) => {
                run.flush()?;
                run.finish(&context.who, &args.file)?;
                return refuse(*finding, context);
            }
        }
    }
    run.flush()?;
    let summary = run.finish(&context.who, &args.file)?;
    print(&summary, args.json, context)
}

fn refuse(finding: Finding, context: &mut Context) -> anyhow::Result<Exit> {
    Ok(context.findings(&[finding])?)
}

fn print(summary: &Summary, json: bool, context: &mut Context) -> anyhow::Result<Exit> {
    if json {
        context.json(summary)?;
    } else {
        if summary.dry_run {
            context.line("nothing was changed; an import would come to:")?;
        }
        context.line(format!("accepted   {}", summary.accepted))?;
        if summary.returned > 0 {
            context
                .line(format!("  {} whose consent had run out, and comes back with this evidence", summary.returned))?;
        }
        context.line(format!("refreshed  {}", summary.refreshed))?;
        context.line(format!("known      {}", summary.known))?;
        context.line(format!("rejected   {}", summary.rejected))?;
        for (reason, count) in &summary.reasons {
            context.line(format!("  {count} {reason}"))?;
        }
        if summary.stand_ins > 0 {
            let members = counted(summary.stand_ins as u64, "member");
            context.line(format!("{members} to be written to in the language that `--language` names"))?;
        }
    }
    for told in &summary.told {
        context.note(told)?;
    }
    if summary.rejected > summary.told.len() && summary.dry_run {
        let more = summary.rejected - summary.told.len();
        context.note(format!("and {} more", counted(more as u64, "row")))?;
    }
    if let Some(path) = &summary.rejected_file {
        context.note(format!(
            "the rejected rows are in `{}` with their reasons; that file holds personal data: mend it, import it with the \
             same options (it is UTF-8), then delete it",
            path.display()
        ))?;
    }
    Ok(if summary.rejected == 0 { Exit::Done } else { Exit::Refused })
}

/// An import on its way.
struct Run {
    store: Store,
    terms: ImportTerms,
    now: Timestamp,
    rows: Vec<ImportRow>,
    /// The addresses in `rows`, in lower case.
    addresses: HashSet<String>,
    /// Where rejected rows go; a dry run writes nothing.
    rejects: Option<RejectedRows>,
    summary: Summary,
}

impl Run {
    fn take(&mut self, row: ImportRow) -> anyhow::Result<()> {
        if let Ok(evidence) = &row.evidence {
            let folded = evidence.address.folded();
            // A batch holds an address once, so that each row meets what the one before it left.
            if self.addresses.contains(&folded) {
                self.flush()?;
            }
            self.addresses.insert(folded);
        }
        self.rows.push(row);
        if self.rows.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        self.addresses.clear();
        let batch: Vec<Evidence> = rows.iter().filter_map(|row| row.evidence.as_ref().ok().cloned()).collect();
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).context("cannot draw random numbers")?;
        let pseudonyms = Pseudonyms::from_seed(seed);
        let (terms, now) = (&self.terms, self.now);
        let outcomes = if self.summary.dry_run {
            self.store.read_blocking(|db| import(db, &batch, terms, pseudonyms, now, true))?
        } else {
            self.store.write_blocking(|db| import(db, &batch, terms, pseudonyms.clone(), now, false))?
        };
        let mut outcomes = outcomes.into_iter();
        for row in rows {
            let outcome = match row.evidence {
                Ok(_) => Ok(outcomes.next().context("the store said nothing about a row")?),
                Err(ref rejection) => Err(rejection.clone()),
            };
            self.summary.stand_ins += usize::from(row.stand_in && !matches!(outcome, Ok(Imported::Barred(_)) | Err(_)));
            match outcome {
                Ok(Imported::Accepted) => self.summary.accepted += 1,
                Ok(Imported::Returned) => {
                    self.summary.accepted += 1;
                    self.summary.returned += 1;
                }
                Ok(Imported::Refreshed) => self.summary.refreshed += 1,
                Ok(Imported::Known) => self.summary.known += 1,
                Ok(Imported::Barred(bar)) => self.reject(&row, &Rejection::Barred(bar))?,
                Err(rejection) => self.reject(&row, &rejection)?,
            }
        }
        Ok(())
    }

    fn reject(&mut self, row: &ImportRow, rejection: &Rejection) -> anyhow::Result<()> {
        self.summary.rejected += 1;
        *self.summary.reasons.entry(rejection.kind()).or_default() += 1;
        match &mut self.rejects {
            Some(rejects) => rejects.write(&row.row, &rejection.to_string())?,
            None if self.summary.told.len() < TOLD => {
                self.summary.told.push(format!("line {}: {rejection}", row.row.line()))
            }
            None => {}
        }
        Ok(())
    }

    fn finish(self, who: &str, file: &Path) -> anyhow::Result<Summary> {
        let Self { store, now, rejects, mut summary, .. } = self;
        summary.rejected_file = rejects.map(RejectedRows::finish).transpose()?.flatten();
        if !summary.dry_run {
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                action: AuditAction::MemberImported,
                object: file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
                detail: json!({
                    "accepted": summary.accepted,
                    "returned": summary.returned,
                    "refreshed": summary.refreshed,
                    "known": summary.known,
                    "rejected": summary.rejected,
                    "stand_ins": summary.stand_ins,
                }),
            };
            store.write_blocking(|db| audit::record(db, &entry))?;
        }
        Ok(summary)
    }
}
