//! The letters of a rehearsal in files: one of each mailing and language; and, when asked for, all of them, and a line for
//! every delivery.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Serialize;

use super::account::MailingAccount;
use crate::cli::mail::{For, SampleLetters, Writer};
use crate::config::Settings;
use crate::db::reports::{self, QueueFilter};
use crate::db::{Store, campaigns, prices};
use crate::files::{create_private_folder, replace_private};
use crate::mail::{MailingLetters, MessageId, ShopWindow, TemplateSet};
use crate::member::Language;
use crate::phrase;
use crate::phrase::Fact;
use crate::sending::shop_law::ShopLaw;
use crate::text::Slug;

/// The file in which the folder keeps what a rehearsal wrote into it: the next one removes that, and nothing else.
const LIST: &str = ".carillon-rehearsal";

/// The folder of all letters, and the file of all deliveries.
const ALL: &str = "all";
const DELIVERIES: &str = "deliveries.csv";

/// Rows that are read at once.
const PAGE: i64 = 5_000;

/// The folder.
pub(super) struct LettersFolder {
    path: PathBuf,
    written: Vec<String>,
}

/// A letter that was written.
#[derive(Serialize)]
pub(super) struct LetterWritten {
    campaign: Slug,
    mailing: String,
    language: Language,
    subject: String,
    /// The page that a browser shows, the text, and the message as it goes over the wire.
    html: String,
    text: String,
    eml: String,
}

impl LettersFolder {
    /// Makes the folder, and removes what an earlier rehearsal wrote.
    pub(super) fn prepare(path: &Path) -> anyhow::Result<Self> {
        let unusable = || phrase!("cannot-make-folder", path = Fact::text(path.display()));
        create_private_folder(path).with_context(unusable)?;
        match fs::read_to_string(path.join(LIST)) {
            Ok(list) => list.lines().try_for_each(|name| remove(path, name)).with_context(unusable)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(unusable),
        }
        Ok(Self { path: path.to_owned(), written: Vec::new() })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where all letters go.
    pub(super) fn of_all(&mut self) -> anyhow::Result<PathBuf> {
        self.note(ALL)?;
        Ok(self.path.join(ALL))
    }

    /// Notes that the rehearsal writes `name`, before it does.
    fn note(&mut self, name: &str) -> anyhow::Result<()> {
        self.written.push(name.to_owned());
        let path = self.path.join(LIST);
        let text = self.written.join("\n");
        replace_private(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| phrase!("cannot-write", path = Fact::text(path.display())))
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<String> {
        let path = self.path.join(name);
        replace_private(&path)
            .and_then(|mut file| file.write_all(bytes))
            .with_context(|| phrase!("cannot-write", path = Fact::text(path.display())))?;
        Ok(path.display().to_string())
    }

    /// Writes one letter of each mailing of `accounts` in each of its languages. One that cannot be written is left out: the
    /// account says so.
    pub(super) fn samples(
        &mut self,
        (settings, store): (&Settings, &Store),
        accounts: &[MailingAccount],
        from: Timestamp,
    ) -> anyhow::Result<Vec<LetterWritten>> {
        let Ok(templates) = TemplateSet::load(settings.mail.templates.as_deref()) else { return Ok(Vec::new()) };
        let writer = Writer::new(Some(settings), templates.clone())?;
        let to = "camille@example.net".parse()?;
        let domain = writer.sender.from.address.domain().to_owned();
        let law = ShopLaw::new(settings);
        let mut written = Vec::new();
        for account in accounts {
            let found = store.read_blocking(|db| campaigns::find(db, &account.campaign))?;
            let Some(schedule) = found.map(|campaign| campaign.schedule) else { continue };
            let Some(mailing) = schedule.mailing(&account.mailing) else { continue };
            let showcase = store.read_blocking(|db| prices::showcase(db, &schedule, || law.of_prices()))?;
            let window = ShopWindow { showcase: Some(&showcase), at: account.not_before.max(from) };
            let letters = MailingLetters::prepare(&templates, &writer.sender, &schedule, mailing, window);
            let Ok(letters) = letters else { continue };
            let letters = SampleLetters::Sale(Box::new(letters));
            for language in letters.languages() {
                let name = format!("{}.{}.{language}", account.campaign, account.mailing);
                let id = MessageId::parse(&format!("rehearsal.{name}@{domain}"))?;
                let now = account.not_before.max(from);
                let copy = writer.write(&letters, &For { to: &to, language, id: &id, now })?;
                let files = ["html", "txt", "eml"].map(|suffix| format!("{name}.{suffix}"));
                files.iter().try_for_each(|file| self.note(file))?;
                let [html, text, eml] = files;
                written.push(LetterWritten {
                    campaign: account.campaign.clone(),
                    mailing: account.mailing.clone(),
                    language,
                    subject: copy.rendered.subject.as_str().to_owned(),
                    html: self.write(&html, copy.rendered.html.as_bytes())?,
                    text: self.write(&text, copy.rendered.text.as_bytes())?,
                    eml: self.write(&eml, &copy.bytes)?,
                });
            }
        }
        Ok(written)
    }

    /// Writes a line for each delivery of `accounts`. Members stand in it by their pseudonyms.
    pub(super) fn deliveries(&mut self, store: &Store, accounts: &[MailingAccount]) -> anyhow::Result<()> {
        self.note(DELIVERIES)?;
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(["campaign", "mailing", "member", "state", "reason"])?;
        let mut after = 0;
        loop {
            let filter = QueueFilter { after, limit: PAGE, ..QueueFilter::default() };
            let rows = store.read_blocking(|db| reports::queue(db, &filter))?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            for row in rows {
                let of = |account: &MailingAccount| account.campaign == row.campaign && account.mailing == row.mailing;
                if accounts.iter().any(of) {
                    let reason = row.reason.unwrap_or_default();
                    let (member, state) = (row.member.to_string(), row.state.to_string());
                    table.write_record([row.campaign.as_str(), &row.mailing, &member, &state, &reason])?;
                }
            }
        }
        let bytes = table.into_inner().map_err(csv::IntoInnerError::into_error)?;
        self.write(DELIVERIES, &bytes)?;
        Ok(())
    }
}

/// Removes what an earlier rehearsal wrote under `name`, which names something in the folder itself.
fn remove(folder: &Path, name: &str) -> io::Result<()> {
    if name.is_empty() || name.contains('/') || name.starts_with("..") {
        return Ok(());
    }
    let path = folder.join(name);
    let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
