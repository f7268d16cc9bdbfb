//! What comes next, in order: gates that open and close, mailings that begin and must have left. A mailing that waits or
//! is overdue is called so, with since when and why.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use super::Standing;
use crate::db::reports::MailingReport;
use crate::delivery::MailingState;
use crate::delivery::quiet::QuietHours;
use crate::gate::{self, Gate, Phase};
use crate::phrase;
use crate::phrase::Phrase;
use crate::problem::{Problem, ProblemKind};
use crate::text::Slug;

/// Whether an event will happen at its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Course {
    /// It will.
    Planned,
    /// Not while its reason stands.
    Waiting,
    /// It should have happened.
    Overdue,
}

/// One event.
#[derive(Debug, Serialize)]
pub(super) struct Upcoming {
    pub(super) at: Timestamp,
    pub(super) campaign: Slug,
    #[serde(serialize_with = "in_english")]
    pub(super) what: Phrase,
    pub(super) course: Course,
    /// Since when it waits or is overdue.
    pub(super) since: Option<Timestamp>,
    /// The problem that keeps it.
    #[serde(serialize_with = "words")]
    pub(super) why: Option<Problem>,
    #[serde(skip)]
    pub(super) zone: TimeZone,
    /// Whether it is the end of a sale, which at 0 h belongs to the day before.
    #[serde(skip)]
    pub(super) closes: bool,
    /// The mailing that begins, whose people are chosen only then.
    #[serde(skip)]
    pub(super) begins: Option<String>,
}

/// Programs read the same words whoever runs the command.
pub(in crate::cli) fn in_english<S: Serializer>(what: &Phrase, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(what)
}

#[expect(clippy::ref_option, reason = "a field is handed over so")]
fn words<S: Serializer>(why: &Option<Problem>, to: S) -> Result<S::Ok, S::Error> {
    why.as_ref().map(|problem| &problem.words).serialize(to)
}

/// Every event to come, and every one that should have come, by its time.
pub(super) fn upcoming(
    gates: &[Gate],
    mailings: &[MailingReport],
    problems: &[Standing],
    (quiet, now): (Option<&QuietHours>, Timestamp),
) -> Vec<Upcoming> {
    let mut next = Vec::new();
    for gate in gates {
        next.extend(of_gate(gate, now));
        let of_campaign = |mailing: &&MailingReport| mailing.campaign == gate.slug;
        let theirs = mailings.iter().filter(of_campaign);
        next.extend(theirs.filter_map(|mailing| of_mailing(gate, mailing, problems, (quiet, now))));
    }
    next.sort_by_key(|event| event.at);
    next
}

fn of_gate(gate: &Gate, now: Timestamp) -> Vec<Upcoming> {
    let closing = |gate: &Gate| Upcoming { closes: true, ..planned(gate, gate.ends_at(), phrase!("event-closes")) };
    match gate::phase(gate, now) {
        Phase::Before => {
            vec![planned(gate, gate.opens_at, phrase!("event-opens")), closing(gate)]
        }
        Phase::Open => vec![closing(gate)],
        Phase::After => Vec::new(),
    }
}

fn planned(gate: &Gate, at: Timestamp, what: Phrase) -> Upcoming {
    let zone = gate.time_zone();
    Upcoming {
        at,
        campaign: gate.slug.clone(),
        what,
        course: Course::Planned,
        since: None,
        why: None,
        zone,
        closes: false,
        begins: None,
    }
}

fn of_mailing(
    gate: &Gate,
    mailing: &MailingReport,
    problems: &[Standing],
    (quiet, now): (Option<&QuietHours>, Timestamp),
) -> Option<Upcoming> {
    let name = mailing.mailing.as_str();
    let due = mailing.not_before <= now;
    // When it begins that is due at the end of quiet hours, or would be, were that not too late.
    let quiet_until = quiet.and_then(|quiet| quiet.until(mailing.not_before.max(now)));
    let too_late = quiet_until.is_some_and(|until| until >= mailing.not_after);
    let reason = problems.iter().find(|standing| keeps_waiting(&standing.problem, mailing, due));
    let (since, why) = (reason.and_then(|known| known.since), reason.map(|known| known.problem.clone()));
    let event = match mailing.state {
        MailingState::Planned if too_late => Upcoming {
            course: Course::Waiting,
            ..planned(gate, mailing.not_after, phrase!("event-all-quiet", mailing = name))
        },
        MailingState::Planned if due && quiet_until.is_none() => Upcoming {
            course: Course::Overdue,
            since: Some(mailing.not_before),
            ..planned(gate, mailing.not_before, phrase!("event-overdue", mailing = name))
        },
        MailingState::Planned if reason.is_some() => Upcoming {
            course: Course::Waiting,
            since,
            ..planned(gate, mailing.not_before, phrase!("event-waits", mailing = name))
        },
        MailingState::Planned => match quiet_until {
            Some(until) => planned(gate, until, phrase!("event-begins-after-quiet", mailing = name)),
            None => planned(gate, mailing.not_before, phrase!("event-begins", mailing = name)),
        },
        MailingState::Sending => Upcoming {
            course: if reason.is_some() { Course::Waiting } else { Course::Planned },
            since,
            ..planned(gate, mailing.not_after, phrase!("event-leaving", mailing = name, waiting = waiting(mailing)))
        },
        _ => return None,
    };
    let begins = (mailing.state == MailingState::Planned).then(|| mailing.mailing.clone());
    Some(Upcoming { why, begins, ..event })
}

/// How many deliveries of a mailing have not ended.
pub(super) fn waiting(mailing: &MailingReport) -> u64 {
    mailing.counts.iter().filter(|(state, _)| !state.has_ended()).map(|(_, count)| count).sum()
}

/// Whether `problem` keeps `mailing` from leaving. What a daemon meets concerns a mailing that is `due`; what a person
/// decided, and the law, concern one before its time, too.
fn keeps_waiting(problem: &Problem, mailing: &MailingReport, due: bool) -> bool {
    match problem.kind {
        ProblemKind::CampaignPaused | ProblemKind::CampaignHeld => problem.object == mailing.campaign.as_str(),
        ProblemKind::MailingStopped
        | ProblemKind::MailingPutOff
        | ProblemKind::MailingWithoutAudience
        | ProblemKind::LetterUnwritable => {
            problem.object.split_once('/') == Some((mailing.campaign.as_str(), &mailing.mailing))
        }
        ProblemKind::SendingHeld
        | ProblemKind::MailUnusable
        | ProblemKind::SendingFailed
        | ProblemKind::StoreUnwritable
        | ProblemKind::DeparturesUnwritten
        | ProblemKind::StoreLocked
        | ProblemKind::DaemonHangs
        | ProblemKind::NoDaemon
        | ProblemKind::DaemonSilent => due,
        ProblemKind::LeavePathBroken => due && mailing.state == MailingState::Planned,
        ProblemKind::CalendarUnusable
        | ProblemKind::RelayAway
        | ProblemKind::ConfirmationsUnsent
        | ProblemKind::SignUpsTurnedAway
        | ProblemKind::LedgerUnanchored
        | ProblemKind::AnchorsUnmailed
        | ProblemKind::ScheduleUnpublished
        | ProblemKind::ScheduleNotPut
        | ProblemKind::GatesUntold
        | ProblemKind::ReportsUnread
        | ProblemKind::TickerStopped
        | ProblemKind::UpkeepFailed
        | ProblemKind::ReloadRefused
        | ProblemKind::RestartNeeded
        | ProblemKind::AlertsUnsent
        | ProblemKind::MailingMissed
        | ProblemKind::MailingToNobody
        | ProblemKind::MailingTooLate
        | ProblemKind::DeliveriesInDoubt
        | ProblemKind::DeliveriesExpired
        | ProblemKind::ClaimsLeft
        | ProblemKind::DeliveriesDoubled
        | ProblemKind::KeysUnusable => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::campaign::AudienceClass;
    use crate::delivery::DeliveryState;
    use crate::delivery::breaker::StoppedParts;

    const BEFORE: &str = "2027-01-01T08:00:00Z";
    const DUE: &str = "2027-01-01T09:05:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn mailing(state: MailingState) -> MailingReport {
        MailingReport {
            campaign: "hiver".parse().unwrap(),
            mailing: "announcement".into(),
            state,
            not_before: at("2027-01-01T09:00:00Z"),
            not_after: at("2027-01-02T07:00:00Z"),
            begun_at: None,
            ended_at: None,
            stopped_at: None,
            stopped_why: None,
            stopped_parts: StoppedParts::default(),
            planned: 3,
            counts: BTreeMap::from([(DeliveryState::Accepted, 2), (DeliveryState::Deferred, 1)]),
            taken: 0,
            doubled: 0,
            filed: 0,
            removed: 0,
        }
    }

    fn standing(kind: ProblemKind, object: &str) -> Standing {
        let since = Some(at("2026-12-31T09:00:00Z"));
        Standing { since, ..Standing::seen(Problem::new(kind, object, "because", "mend it")) }
    }

    #[track_caller]
    fn check(state: MailingState, now: &str, problem: Option<Standing>, expected: (&str, Course, Option<&str>)) {
        let why = problem.is_some() && expected.1 != Course::Planned;
        let event = seen(state, now, problem, None);
        assert_eq!(
            (event.what.to_string().as_str(), event.course, event.since),
            (expected.0, expected.1, expected.2.map(at))
        );
        assert_eq!(event.why.is_some(), why);
    }

    fn seen(state: MailingState, now: &str, problem: Option<Standing>, quiet: Option<&QuietHours>) -> Upcoming {
        let gate = Gate {
            slug: "hiver".parse().unwrap(),
            title: "Hiver".into(),
            url: None,
            zone: "Europe/Paris".into(),
            opens_at: at("2027-01-02T07:00:00Z"),
            closes_at: at("2027-01-06T07:00:00Z"),
            cancelled_at: None,
            held: false,
            audience: AudienceClass::Public,
            listed_from: Some(Timestamp::MIN),
        };
        let problems: Vec<Standing> = problem.into_iter().collect();
        of_mailing(&gate, &mailing(state), &problems, (quiet, at(now))).unwrap()
    }

    #[test]
    fn what_is_due_in_quiet_hours_begins_at_their_end() {
        #[track_caller]
        fn check(hours: &str, now: &str, expected: (&str, &str, Course)) {
            let quiet = QuietHours::new(hours.parse().unwrap(), TimeZone::get("Europe/Paris").unwrap());
            let event = seen(MailingState::Planned, now, None, Some(&quiet));
            assert_eq!(
                (event.at, event.what.to_string().as_str(), event.course),
                (at(expected.0), expected.1, expected.2)
            );
        }
        let after = ("2027-01-01T12:00:00Z", "mailing `announcement` begins after the quiet hours", Course::Planned);
        check("07:00-13:00", BEFORE, after);
        check("07:00-13:00", DUE, after);
        let begins = ("2027-01-01T09:00:00Z", "mailing `announcement` begins", Course::Planned);
        check("21:00-08:00", BEFORE, begins);
        let overdue = ("2027-01-01T09:00:00Z", "mailing `announcement` is overdue", Course::Overdue);
        check("21:00-08:00", DUE, overdue);
        let never = "mailing `announcement` must have left, and the quiet hours last until then";
        check("09:00-08:30", DUE, ("2027-01-02T07:00:00Z", never, Course::Waiting));
    }

    #[test]
    fn what_waits_says_since_when_and_why() {
        let held = || Some(standing(ProblemKind::CampaignHeld, "hiver"));
        check(MailingState::Planned, BEFORE, None, ("mailing `announcement` begins", Course::Planned, None));
        let since = Some("2026-12-31T09:00:00Z");
        check(MailingState::Planned, BEFORE, held(), ("mailing `announcement` waits", Course::Waiting, since));
        let overdue = ("mailing `announcement` is overdue", Course::Overdue, Some("2027-01-01T09:00:00Z"));
        check(MailingState::Planned, DUE, None, overdue);
        check(MailingState::Planned, DUE, held(), overdue);
        let leaving = "mailing `announcement` must have left; 1 delivery waits";
        check(MailingState::Sending, DUE, None, (leaving, Course::Planned, None));
        check(MailingState::Sending, DUE, held(), (leaving, Course::Waiting, since));
        let no_way_out = Some(standing(ProblemKind::LeavePathBroken, "daemon-1"));
        check(MailingState::Sending, DUE, no_way_out, (leaving, Course::Planned, None));
    }

    #[test]
    fn a_problem_keeps_only_what_it_concerns() {
        for (kind, object, due, expected) in [
            (ProblemKind::CampaignPaused, "hiver", false, true),
            (ProblemKind::CampaignPaused, "printemps", true, false),
            (ProblemKind::MailingStopped, "hiver/announcement", true, true),
            (ProblemKind::MailingStopped, "hiver/opening", true, false),
            (ProblemKind::NoDaemon, "", false, false),
            (ProblemKind::NoDaemon, "", true, true),
            (ProblemKind::LeavePathBroken, "daemon-1", true, true),
            (ProblemKind::MailingMissed, "hiver/announcement", true, false),
        ] {
            let problem = Problem::new(kind, object, "because", "mend it");
            assert_eq!(
                keeps_waiting(&problem, &mailing(MailingState::Planned), due),
                expected,
                "{kind} {object} {due}"
            );
        }
    }
}
