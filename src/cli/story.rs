//! What happens on a simulated clock, told as it happens: by a demonstration, and by a rehearsal.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::terms;
use crate::clock::Clock;
use crate::daemon::Onlooker;
use crate::db::planning::DueMailing;
use crate::db::reports::MailingReport;
use crate::delivery::DeliveryState;
use crate::gate::{self, Gate};
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
    /// Whether mailings are named with their campaigns.
    names_campaigns: bool,
}

impl<'a> Story<'a> {
    /// A story of one campaign, in the times of `zone`.
    pub(super) fn new(out: &'a mut dyn Write, clock: Clock, zone: TimeZone, language: InterfaceLanguage) -> Self {
        Self { out, clock, zone, language, names_campaigns: false }
    }

    /// The same of several campaigns.
    pub(super) fn of_campaigns(self) -> Self {
        Self { names_campaigns: true, ..self }
    }

    /// In whose times it is told.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// In which language it is told.
    pub(super) fn language(&self) -> InterfaceLanguage {
        self.language
    }

    /// What it is about.
    pub(super) fn title(&mut self, title: &Phrase) -> io::Result<()> {
        self.line(title)?;
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

    /// An edge of a window: what the gate answers then, and a millisecond before.
    pub(super) fn edge(&mut self, gate: &Gate, edge: Timestamp) -> io::Result<()> {
        let just_before = edge.saturating_sub(SignedDuration::from_millis(1)).unwrap_or(edge);
        let word = |at| phrase!("term-gate-state", word = Fact::text(gate::phase(gate, at).state()));
        let (was, is) = (word(just_before), word(edge));
        self.now(&if self.names_campaigns {
            phrase!("rehearse-gate", campaign = Fact::text(&gate.slug), is = is, was = was)
        } else if edge == gate.closes_at {
            phrase!("demo-gate-soldes", is = is, was = was)
        } else {
            phrase!("demo-gate", is = is, was = was)
        })
    }

    /// Something that the planner did.
    pub(super) fn event(&mut self, event: &PlannerEvent) -> io::Result<()> {
        let names_campaigns = self.names_campaigns;
        let name =
            |mailing: &DueMailing| Fact::text(if names_campaigns { mailing.object() } else { mailing.name.clone() });
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
                phrase!("demo-stopped", mailing = &stopped.mailing, why = Fact::english(&stopped.why))
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

impl Onlooker for Story<'_> {
    fn happened(&mut self, event: &PlannerEvent) -> io::Result<()> {
        // That a dead daemon's claims go back is told where one dies.
        if matches!(event, PlannerEvent::Reaped { .. }) { Ok(()) } else { self.event(event) }
    }

    fn moved(&mut self, more: &BTreeMap<DeliveryState, u64>) -> io::Result<()> {
        self.now(&phrase!("quoted", words = count_words(more)))
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
    use crate::cli::spoken::SharedLog;

    #[test]
    fn what_happens_is_told_at_once() {
        let seen = SharedLog::default();
        let mut out = io::BufWriter::new(seen.clone());
        let clock = Clock::manual("2026-12-25T07:00:00Z".parse().unwrap());
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let mut story = Story::new(&mut out, clock, paris, InterfaceLanguage::En);
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
