//! `carillon member withdraw`: one person, or a whole list of those who left, of which no line is lost.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

use super::Context;
use super::exit::{Exit, Failure};
use super::member::{Ended, open};
use super::who::{PeopleSource, tell_lines, unread_by_reason};
use crate::db::leaving::{Leave, Leaver, Leaving};
use crate::files::create_private;
use crate::keys::Keyring;
use crate::language::InterfaceLanguage;
use crate::member::{Cause, Fingerprint, Method, PersonNamed, Pseudonyms, UnreadLine};
use crate::phrase;
use crate::phrase::{Fact, Spoken as _, in_words};

/// Opt-outs that are recorded in one transaction.
const BATCH: usize = 200;

/// How many files of unread lines may stand beside a list.
const MOST_FILES: u32 = 1_000;

/// The arguments of `carillon member withdraw`.
#[derive(Debug, clap::Args)]
pub(super) struct WithdrawArgs {
    /// An address, a pseudonym, or `-` to read a list from the standard input
    #[arg(value_name = "ADDRESS|PSEUDONYM|-", required_unless_present = "file")]
    person: Option<String>,
    /// Read a list from a file: one person to a line, by address, pseudonym or unsubscribe link, in any usual encoding,
    /// with whatever another program put around it
    #[arg(long, value_name = "FILE", conflicts_with = "person")]
    file: Option<PathBuf>,
    /// The sheet of a workbook, by its name or its number; the only one with something in it when left out
    #[arg(long, value_name = "SHEET", requires = "file")]
    sheet: Option<String>,
    /// Where to write the lines from which nobody could be taken; a new file beside the list unless given
    #[arg(long, value_name = "FILE")]
    unread: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What a withdrawal came to.
#[derive(Serialize)]
struct Summary {
    #[serde(flatten)]
    ended: Ended,
    /// The numbers of the lines from which nobody was taken.
    unread_lines: Vec<usize>,
    /// The file that holds them.
    unread_file: Option<PathBuf>,
}

pub(super) fn run(args: &WithdrawArgs, context: &mut Context) -> anyhow::Result<Exit> {
    if let Some(path) = args.unread.as_deref().filter(|path| path.exists()) {
        return Err(Failure::usage(phrase!("withdraw-exists", file = Fact::text(path.display()))));
    }
    let (settings, store, keyring) = open(context)?;
    let list = args.source().read(&keyring, |file| phrase!("withdraw-a-file", file = file))?;
    let method = Method::Staff(context.who.clone());
    let leave = Leave { cause: Cause::Withdrawn, method, at: context.clock.now() };
    let leaving = Leaving::of(&settings, &store);
    let ended = withdraw(&list.people, &leave, &keyring, &leaving)?;
    if leaving.is_behind()? {
        context.remark(&phrase!("withdraw-record-behind"))?;
    }
    let mut summary =
        Summary { ended, unread_lines: list.unread.iter().map(|line| line.line).collect(), unread_file: None };
    // Whoever was read has left by now, whatever becomes of this file.
    let kept = if list.unread.is_empty() { Ok(None) } else { args.keep(&list.unread, context.language).map(Some) };
    summary.unread_file = kept.as_ref().ok().cloned().flatten();
    summary.print(args.json, context)?;
    if args.source().is_one() && summary.ended.strangers().is_some() {
        context.remark(&phrase!("withdraw-no-member"))?;
    }
    tell(&list.unread, summary.unread_file.as_deref(), context)?;
    kept.context(phrase!("withdraw-unread-unwritten"))?;
    Ok(if list.unread.is_empty() { summary.ended.exit() } else { Exit::Refused })
}

impl WithdrawArgs {
    fn source(&self) -> PeopleSource<'_> {
        PeopleSource { person: self.person.as_deref(), file: self.file.as_deref(), sheet: self.sheet.as_deref() }
    }

    /// Writes the lines from which nobody was taken, and says where: a CSV file that can be mended and read again.
    fn keep(&self, unread: &[UnreadLine], language: InterfaceLanguage) -> anyhow::Result<PathBuf> {
        let (path, file) = match &self.unread {
            Some(path) => (path.clone(), create_private(path)),
            None => self.beside(),
        };
        let unwritable = || phrase!("cannot-write", path = Fact::text(path.display()));
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(file.with_context(unwritable)?);
        writer.write_record(["line", "reason", "address"]).with_context(unwritable)?;
        for line in unread {
            let (number, why) = (line.line.to_string(), in_words(&line.why.phrase(), language));
            writer.write_record([&number, &why, &line.text]).with_context(unwritable)?;
        }
        writer.flush().with_context(unwritable)?;
        Ok(path)
    }

    /// A new file beside the list. An older one may hold lines that nobody has mended yet, so it is never replaced.
    fn beside(&self) -> (PathBuf, io::Result<File>) {
        let list = self.file.as_deref().unwrap_or(Path::new("withdrawals.txt"));
        let stem = list.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let stem = stem.split(".unread").next().unwrap_or_default();
        let mut number = 1;
        loop {
            let name = if number == 1 { format!("{stem}.unread.csv") } else { format!("{stem}.unread-{number}.csv") };
            let path = list.with_file_name(name);
            match create_private(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < MOST_FILES => number += 1,
                file => return (path, file),
            }
        }
    }
}

/// Ends the consents of `people`, a batch at a time.
fn withdraw(people: &[PersonNamed], leave: &Leave, keyring: &Keyring, leaving: &Leaving) -> anyhow::Result<Ended> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("cannot draw random numbers")?;
    let mut pseudonyms = Pseudonyms::from_seed(seed);
    let mut ended = Ended::default();
    for batch in people.chunks(BATCH) {
        let leavers: Vec<Leaver> = batch
            .iter()
            .map(|named| match named {
                PersonNamed::Pseudonym(pseudonym) => Leaver::Member(*pseudonym),
                PersonNamed::Address(address) => {
                    Leaver::Address { fingerprints: Fingerprint::all(keyring, address), fresh: pseudonyms.draw() }
                }
            })
            .collect();
        for ending in leaving.leave_blocking(&leavers, leave)? {
            ended.count(ending);
        }
    }
    Ok(ended)
}

impl Summary {
    fn print(&self, json: bool, context: &mut Context) -> anyhow::Result<()> {
        if json {
            return context.json(self);
        }
        let ended = self.ended.withdrawn(self.unread_lines.len());
        Ok(context.say(&match self.ended.strangers() {
            Some(strangers) => phrase!("ended-and", ended = ended, strangers = strangers),
            None => ended,
        })?)
    }
}

/// Says which lines were not read and why; what is in them is in the file.
fn tell(unread: &[UnreadLine], file: Option<&Path>, context: &mut Context) -> anyhow::Result<()> {
    tell_lines(unread_by_reason(unread), context)?;
    let Some(path) = file.map(Path::display) else { return Ok(()) };
    Ok(context.remark(&phrase!("unread-file", file = Fact::text(path)))?)
}
