//! The demonstration's timeline, told as it happens, in Paris time.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::Clock;
use crate::db::planning::DueMailing;
use crate::db::reports::MailingReport;
use crate::delivery::DeliveryState;
use crate::sending::planner::PlannerEvent;

/// Where the story is told.
pub(super) struct Story<'a> {
    out: &'a mut dyn Write,
    clock: Clock,
    zone: TimeZone,
}

impl<'a> Story<'a> {
    pub(super) fn new(out: &'a mut dyn Write, clock: Clock) -> Self {
        let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
        Self { out, clock, zone }
    }

    pub(super) fn title(&mut self, year: i16) -> io::Result<()> {
        writeln!(
            self.out,
            "A season of pre-sales before the winter soldes of {year}, on a simulated clock. Times are Paris time.\n"
        )
    }

    /// A command that a person types, and what it says.
    pub(super) fn command(&mut self, line: &str, said: &str) -> io::Result<()> {
        writeln!(self.out, "$ {line}")?;
        for line in said.lines().filter(|line| !line.trim().is_empty()) {
            writeln!(self.out, "    {line}")?;
        }
        writeln!(self.out)
    }

    /// Something that happens now.
    pub(super) fn now(&mut self, what: impl std::fmt::Display) -> io::Result<()> {
        self.at(self.clock.now(), what)
    }

    /// Something that happens at `at`.
    pub(super) fn at(&mut self, at: Timestamp, what: impl std::fmt::Display) -> io::Result<()> {
        let local = self.zone.to_datetime(at);
        writeln!(self.out, "{}  {what}", local.strftime("%Y-%m-%d %H:%M:%S"))
    }

    pub(super) fn event(&mut self, event: &PlannerEvent) -> io::Result<()> {
        let name = |mailing: &DueMailing| format!("« {} »", mailing.name);
        match event {
            PlannerEvent::Begun(mailing, planned) => {
                self.now(format!("mailing {} begins: {planned} members consent and are not suppressed", name(mailing)))
            }
            PlannerEvent::Missed(mailing, why) => {
                self.now(format!("mailing {} missed its time: {}", name(mailing), why.words()))
            }
            PlannerEvent::Expired(mailing, count) => {
                self.now(format!("mailing {}: {count} expire unsent", name(mailing)))
            }
            PlannerEvent::Finished(mailing, counts) => {
                self.now(format!("mailing {} has ended: {}", name(mailing), count_words(counts)))
            }
            PlannerEvent::Stopped(stopped) => {
                self.now(format!("mailing « {} » is stopped: {}", stopped.mailing, stopped.why))
            }
            PlannerEvent::Reaped { put_back, in_doubt } => {
                self.now(format!("{put_back} claims go back to the queue, {in_doubt} are in doubt"))
            }
        }
    }

    pub(super) fn line(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// The account: one line for each mailing.
    pub(super) fn account(&mut self, reports: &[MailingReport]) -> io::Result<()> {
        writeln!(self.out, "\nThe account of every delivery:")?;
        for report in reports {
            let count = |state| report.counts.get(&state).copied().unwrap_or_default();
            writeln!(
                self.out,
                "    {:<14} planned {} = accepted {} + refused {} + skipped {} + expired {} + in doubt {}",
                report.mailing,
                report.planned,
                count(DeliveryState::Accepted),
                count(DeliveryState::Refused),
                count(DeliveryState::Skipped),
                count(DeliveryState::Expired),
                count(DeliveryState::InDoubt),
            )?;
        }
        Ok(())
    }

    pub(super) fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// `318 accepted, 1 refused`.
pub(super) fn count_words(counts: &BTreeMap<DeliveryState, u64>) -> String {
    let words: Vec<String> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    if words.is_empty() { "nothing was planned".to_owned() } else { words.join(", ") }
}
