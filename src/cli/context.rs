//! What every command is handed: the clock, the settings when it asks for them, and where to write.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use comfy_table::{ContentArrangement, Table};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::UNKNOWN;
use super::exit::{Exit, Failure};
use crate::campaign::Plan;
use crate::clock::Clock;
use crate::compliance::Waiver;
use crate::config::{ConfigError, Overrides, Settings};
use crate::db::Store;
use crate::finding::{Finding, Severity};
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::{Fact, Phrase, in_words};

/// Where the configuration is looked for unless another file is named.
pub(super) const CONFIG_PATH: &str = "carillon.toml";

/// Where the settings come from: `carillon.toml` and the environment. Kept by a daemon, which reads it again when it is
/// told to.
pub(super) struct ConfigurationSource(PathBuf);

impl ConfigurationSource {
    /// The configuration in the file at `path`.
    pub(super) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// The settings as they are now.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub(super) fn settings(&self) -> anyhow::Result<Settings> {
        Ok(Settings::load(&self.0, &self.overrides())?)
    }

    /// What the environment says in the place of the file.
    #[expect(clippy::unused_self, reason = "the environment is a part of where the settings come from")]
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            store_url: std::env::var("CARILLON_STORE_URL").ok(),
            smtp_password: std::env::var("CARILLON_SMTP_PASSWORD").ok(),
            credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
        }
    }
}

/// The surroundings of a command.
pub struct Context {
    /// The time.
    pub clock: Clock,
    /// Where `carillon.toml` is looked for.
    pub config_path: PathBuf,
    /// Who runs the command, for the audit log.
    pub who: String,
    /// The language of what people read.
    pub language: InterfaceLanguage,
    /// The settings of a rehearsal, which hold instead of those of the configuration file.
    pub rehearsed: Option<Settings>,
    /// Data for people and programs.
    pub out: Box<dyn Write>,
    /// Everything else.
    pub err: Box<dyn Write>,
}

impl Context {
    /// The settings.
    ///
    /// # Errors
    /// [`crate::config::ConfigError`], which ends the command with exit code 2.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        match &self.rehearsed {
            Some(settings) => Ok(settings.clone()),
            None => self.configuration_source().settings(),
        }
    }

    /// Where the settings come from.
    pub(super) fn configuration_source(&self) -> ConfigurationSource {
        ConfigurationSource::at(self.config_path.clone())
    }

    /// The settings, or none where no shop has been set up yet. A configuration that was named must be there.
    ///
    /// # Errors
    /// [`crate::config::ConfigError`], when there is a configuration that cannot be used.
    pub fn settings_if_any(&self) -> anyhow::Result<Option<Settings>> {
        match self.settings() {
            Ok(settings) => Ok(Some(settings)),
            Err(error) => {
                let absent = error.downcast_ref::<ConfigError>().is_some_and(ConfigError::is_absent);
                if absent && self.config_path == Path::new(CONFIG_PATH) { Ok(None) } else { Err(error) }
            }
        }
    }

    /// The zone in which people of the shop are told hours; UTC where no settings can be read.
    pub(super) fn shop_zone(&self) -> TimeZone {
        self.settings_if_any().ok().flatten().map_or(TimeZone::UTC, |settings| settings.zone())
    }

    /// The settings and the store they name.
    pub fn open_store(&self) -> anyhow::Result<(Settings, Store)> {
        let settings = self.settings()?;
        let store = Store::open(&settings.store)?;
        Ok((settings, store))
    }

    /// Who answers for `what`, which is not done without a name.
    ///
    /// # Errors
    /// Nobody is named, which ends the command with exit code 2.
    pub fn answering(&self, what: Phrase) -> anyhow::Result<&str> {
        if self.who == UNKNOWN {
            return Err(Failure::usage(phrase!("who-answers", what = what)));
        }
        Ok(&self.who)
    }

    /// `phrase` in the reader's words.
    pub fn words(&self, phrase: &Phrase) -> String {
        in_words(phrase, self.language)
    }

    /// A fact as the reader's language writes it.
    pub fn written(&self, fact: impl Into<Fact>) -> String {
        self.words(&phrase!("quoted", words = fact))
    }

    /// An instant as clocks of `zone` show it, and as the reader's language writes it.
    pub(super) fn moment(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.written(Fact::moment(at, zone))
    }

    /// The minute of an instant by clocks of `zone`, for a column whose head names the zone.
    pub(super) fn minute(&self, at: Timestamp, zone: &TimeZone) -> String {
        let at = zone.to_datetime(at);
        self.written(Fact::Civil(at.date().at(at.hour(), at.minute(), 0, 0)))
    }

    /// The same as [`Context::moment`] of an exclusive end.
    pub(super) fn until(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.written(Fact::until(at, zone))
    }

    /// Writes one line of data in the reader's words.
    pub fn say(&mut self, phrase: &Phrase) -> io::Result<()> {
        let words = self.words(phrase);
        self.line(words)
    }

    /// Writes one line that belongs to the one before it.
    pub(super) fn indented(&mut self, phrase: &Phrase) -> io::Result<()> {
        let words = self.words(phrase);
        self.line(format_args!("  {words}"))
    }

    /// Writes one line that is not data in the reader's words.
    pub fn remark(&mut self, phrase: &Phrase) -> io::Result<()> {
        let words = self.words(phrase);
        self.note(words)
    }

    /// Writes one such line that belongs to the one before it.
    pub(super) fn indented_remark(&mut self, phrase: &Phrase) -> io::Result<()> {
        let words = self.words(phrase);
        self.note(format_args!("  {words}"))
    }

    /// Writes what an answer is typed behind.
    pub(super) fn prompt(&mut self, words: &str) -> io::Result<()> {
        self.out.flush()?;
        write!(self.err, "{words} ")?;
        self.err.flush()
    }

    /// Writes one line of data that stands here in English. Its French stands beside the same words in
    /// `config/translations/fr/sentences.toml`, which a test asks for.
    pub(super) fn tell(&mut self, english: impl std::fmt::Display) -> io::Result<()> {
        let words = self.written(Fact::english(english));
        self.line(words)
    }

    /// Writes one line that is not data and stands here in English, as [`Self::tell`] does.
    pub(super) fn hint(&mut self, english: impl std::fmt::Display) -> io::Result<()> {
        let words = self.written(Fact::english(english));
        self.note(words)
    }

    /// Writes one line of data.
    pub fn line(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Writes one line that is not data: progress, advice. What was said before it is on the terminal before it.
    pub fn note(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        self.out.flush()?;
        writeln!(self.err, "{text}")
    }

    /// Writes `value` as indented JSON.
    pub fn json(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        Ok(self.line("")?)
    }

    /// Writes a table with a header in capitals, two spaces between the columns, and nothing else drawn.
    pub fn table<const N: usize>(&mut self, header: [Phrase; N], rows: Vec<[String; N]>) -> io::Result<()> {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(header.map(|name| self.words(&name).to_uppercase()));
        table.add_rows(rows);
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        for line in table.to_string().lines() {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Writes what applying a file would change.
    pub(super) fn plan(&mut self, plan: &Plan) -> io::Result<()> {
        for (before, line) in plan.lines() {
            let words = self.words(&line);
            self.line(format_args!("{before}{words}"))?;
        }
        Ok(())
    }

    /// Writes a finding that does not count, because somebody answered for it.
    pub(super) fn waived(&mut self, finding: &Finding, answer: &Waiver) -> io::Result<()> {
        self.say(&phrase!("finding-waived", message = finding.message.clone()))?;
        self.indented(&phrase!("finding-at", place = Fact::text(&finding.place)))?;
        let (who, reason) = (answer.who.as_str(), answer.reason.as_str());
        self.indented(&phrase!(
            "finding-waived-by",
            who = who,
            at = Fact::moment(answer.at, &self.shop_zone()),
            reason = reason
        ))?;
        self.indented(&phrase!("finding-rule", rule = finding.rule))?;
        self.line("")
    }

    /// Writes findings for people, the gravest first, and says with which exit code a check ends: 1 when one is an
    /// error.
    pub fn findings(&mut self, findings: &[Finding]) -> io::Result<Exit> {
        let mut sorted: Vec<&Finding> = findings.iter().collect();
        sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in sorted {
            let message = finding.message.clone();
            self.say(&match finding.severity {
                Severity::Error => phrase!("finding-error", message = message),
                Severity::Warning => phrase!("finding-warning", message = message),
                Severity::Note => phrase!("finding-note", message = message),
            })?;
            self.indented(&phrase!("finding-at", place = Fact::text(&finding.place)))?;
            if let Some(words) = &finding.place.words {
                writeln!(self.out, "        `{words}`")?;
            }
            if let Some(law) = &finding.law {
                self.indented(&phrase!("finding-law", law = Fact::Data(law.clone())))?;
            }
            self.indented(&phrase!("finding-do", remedy = finding.remedy.clone()))?;
            self.indented(&phrase!("finding-rule", rule = finding.rule))?;
            writeln!(self.out)?;
        }
        let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
        Ok(if errors { Exit::Refused } else { Exit::Done })
    }
}
