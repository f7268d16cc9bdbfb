//! The demonstration's timeline, told as it happens, in Paris time.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::tz::TimeZone;

use crate::cli::terms;
use crate::clock::Clock;
use crate::db::planning::DueMailing;
use crate::db::reports::MailingReport;
use crate::delivery::DeliveryState;
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::{Fact, Phrase, in_words};
use crate::sending::planner::PlannerEvent;

/// Where the story is told.
pub(super) struct Story<'a> {
    out: &'a mut dyn Write,
    clock: Clock,
    zone: TimeZone,
    language: InterfaceLanguage,
}

impl<'a> Story<'a> {
    pub(super) fn new(out: &'a mut dyn Write, clock: Clock, language: InterfaceLanguage) -> Self {
        let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
        Self { out, clock, zone, language }
    }

    /// In which language it is told.
    pub(super) fn language(&self) -> InterfaceLanguage {
        self.language
    }

    pub(super) fn title(&mut self, year: i16) -> io::Result<()> {
        self.line(&phrase!("demo-title", year = Fact::text(year)))?;
        self.plain("")
    }

    /// A command that a person types: told before it runs, because it may take its time.
    pub(super) fn typed(&mut self, line: &str) -> io::Result<()> {
        self.plain(&format!("$ {line}"))
    }

    /// What it said.
    pub(super) fn answered(&mut self, said: &str) -> io::Result<()> {
        for line in said.lines().filter(|line| !line.trim().is_empty()) {
            writeln!(self.out, "    {line}")?;
        }
        self.plain("")
    }

    /// Something that happens now.
    pub(super) fn now(&mut self, what: &Phrase) -> io::Result<()> {
        let local = self.zone.to_datetime(self.clock.now()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let what = in_words(what, self.language);
        self.plain(&format!("{local}  {what}"))
    }

    pub(super) fn event(&mut self, event: &PlannerEvent) -> io::Result<()> {
        let name = |mailing: &DueMailing| Fact::text(&mailing.name);
        self.now(&match event {
            PlannerEvent::Begun(mailing, planned) => {
                phrase!("demo-begun", mailing = name(mailing), planned = *planned)
            }
            PlannerEvent::Missed(mailing, why) => {
                phrase!("demo-missed", mailing = name(mailing), why = why.phrase())
            }
            PlannerEvent::Expired(mailing, count) => {
                phrase!("demo-expired", mailing = name(mailing), count = *count)
            }
            PlannerEvent::Finished(mailing, counts) => {
                phrase!("demo-finished", mailing = name(mailing), counts = count_words(counts))
            }
            PlannerEvent::Stopped(stopped) => {
                phrase!("demo-stopped", mailing = &stopped.mailing, why = Fact::text(&stopped.why))
            }
            PlannerEvent::Reaped { put_back, in_doubt } => {
                phrase!("demo-reaped", back = *put_back, doubt = *in_doubt)
            }
        })
    }

    pub(super) fn line(&mut self, what: &Phrase) -> io::Result<()> {
        let words = in_words(what, self.language);
        self.plain(&words)
    }

    /// A line as it is, told at once: whoever watches sees how far the season is.
    fn plain(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// The account: one line for each mailing.
    pub(super) fn account(&mut self, reports: &[MailingReport]) -> io::Result<()> {
        self.plain("")?;
        self.line(&phrase!("demo-account"))?;
        for report in reports {
            let count = |state| report.counts.get(&state).copied().unwrap_or_default();
            let sum = phrase!(
                "demo-account-line",
                planned = report.planned,
                accepted = count(DeliveryState::Accepted),
                refused = count(DeliveryState::Refused),
                skipped = count(DeliveryState::Skipped),
                expired = count(DeliveryState::Expired),
                doubt = count(DeliveryState::InDoubt)
            );
            let sum = in_words(&sum, self.language);
            self.plain(&format!("    {:<14} {sum}", report.mailing))?;
        }
        Ok(())
    }
}

/// `318 accepted, 1 refused`.
pub(super) fn count_words(counts: &BTreeMap<DeliveryState, u64>) -> Fact {
    let words: Vec<Fact> = counts.iter().map(|(state, count)| terms::deliveries(*count, *state).into()).collect();
    if words.is_empty() { phrase!("demo-nothing-planned").into() } else { words.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::season::SharedLog;

    #[test]
    fn what_happens_is_told_at_once() {
        let seen = SharedLog::default();
        let mut out = io::BufWriter::new(seen.clone());
        let mut story =
            Story::new(&mut out, Clock::manual("2026-12-25T07:00:00Z".parse().unwrap()), InterfaceLanguage::En);
        story.typed("carillon init shop").unwrap();
        assert_eq!(seen.text(), "$ carillon init shop\n");
        story.answered("done").unwrap();
        story.now(&phrase!("demo-starts")).unwrap();
        assert!(
            seen.text().ends_with("    done\n\n2026-12-25 08:00:00  the daemon starts; nothing is due yet\n"),
            "{}",
            seen.text()
        );
    }
}
