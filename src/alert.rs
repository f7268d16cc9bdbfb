//! When somebody is told of a problem without having asked: what there is to tell at an instant, by what was told before, and
//! in which words. Pure; `db/alerts.rs` keeps what was told, `sending/alerts.rs` tells it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::problem::{Nature, Problem, ProblemKind, Severity};

/// How long the first of several problems waits for others that begin with it, so that they are told of together.
const GATHERS: SignedDuration = SignedDuration::from_mins(1);

/// How long a problem must be over before somebody is told so. One that begins again in this time was never over: a daemon that is
/// started anew ends what it had met and meets it again.
const SETTLES: SignedDuration = SignedDuration::from_mins(5);

/// A way to tell somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertChannel {
    /// A program of the operator's.
    Command,
    /// A mail to the operator.
    Mail,
    /// A signed call of a program elsewhere.
    Webhook,
}

impl AlertChannel {
    /// The name used in the store and for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Mail => "mail",
            Self::Webhook => "webhook",
        }
    }
}

/// What the operator wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertRules {
    /// Whether warnings are told too.
    pub warnings: bool,
    /// How often a problem is told again that stands and that nobody has acknowledged.
    pub repeat: SignedDuration,
    /// Whether it is an hour at which only what is urgent is told.
    pub quiet: bool,
    /// Whether this channel tells that another one fails. One that fails itself has nobody to tell it to.
    pub tells_unsent: bool,
}

impl AlertRules {
    fn want(&self, kind: ProblemKind) -> bool {
        // Mail leaves all the same, so it is a warning; but when the next relay fails too, it does not.
        let grave = kind.traits().severity == Severity::Critical || self.warnings || kind == ProblemKind::RelayAway;
        grave && (kind != ProblemKind::AlertsUnsent || self.tells_unsent)
    }
}

/// Whether it is told at any hour: something planned does not happen, and that is new.
fn is_urgent(item: &AlertItem) -> bool {
    item.severity == Severity::Critical && item.news == News::Began
}

/// What an alert is about. What a daemon meets is the same for all daemons, also for the next one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlertKey {
    /// Of which kind the problem is.
    pub kind: ProblemKind,
    /// With what; empty for what a daemon meets.
    pub object: String,
}

impl AlertKey {
    /// What an alert about `problem` is about.
    pub fn of(problem: &Problem) -> Self {
        let daemons = problem.kind.traits().nature == Nature::Daemon;
        Self { kind: problem.kind, object: if daemons { String::new() } else { problem.object.clone() } }
    }
}

/// A problem, as it is seen when it is decided whether somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownProblem {
    /// Its number, where it is in the store.
    pub id: Option<i64>,
    /// What it is.
    pub problem: Problem,
    /// Since when.
    pub since: Timestamp,
    /// When it ended. `None` while it stands.
    pub until: Option<Timestamp>,
    /// Whether a person has said that they have seen it.
    pub acknowledged: bool,
}

impl KnownProblem {
    fn item(&self, news: News) -> AlertItem {
        let Self { id, problem, since, until, .. } = self.clone();
        AlertItem { news, id, severity: problem.severity(), title: problem.kind.traits().title, problem, since, until }
    }

    /// Whether a person ended it by saying that they know: nobody needs to be told that.
    fn was_ended_by_a_person(&self) -> bool {
        self.acknowledged && self.problem.kind.traits().nature == Nature::Event
    }
}

/// A problem that was told by a channel, and whose end was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldProblem {
    /// Which.
    pub key: AlertKey,
    /// When it was told last.
    pub told_at: Timestamp,
    /// When it was seen that a person had acknowledged it. When it says something new after that, it is told again.
    pub seen_at: Option<Timestamp>,
}

/// What is new about a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum News {
    /// It has begun.
    Began,
    /// It still stands, and nobody has acknowledged it.
    Stands,
    /// It is over.
    Over,
}

/// One problem of an alert. Never about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlertItem {
    /// What is new about it.
    pub news: News,
    /// Its number, where it is in the store.
    pub id: Option<i64>,
    /// How grave it is.
    pub severity: Severity,
    /// What it is, in short.
    pub title: &'static str,
    /// What it is.
    #[serde(flatten)]
    pub problem: Problem,
    /// Since when.
    pub since: Timestamp,
    /// When it ended.
    pub until: Option<Timestamp>,
}

/// What changes in what is kept of what was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToldChange {
    /// This was told.
    Keep(ToldProblem),
    /// It is over, and there is nothing more to tell.
    Forget(AlertKey),
}

/// What there is to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertDecision {
    /// What is to be told now, what has begun before the rest.
    pub items: Vec<AlertItem>,
    /// What changes without anybody being told.
    pub changes: Vec<ToldChange>,
}

impl AlertDecision {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.changes.is_empty()
    }
}

/// What is to be told at `now` of `problems`, by what one channel has `told` before. Of the problems that have ended it is enough
/// to know the latest of each that was told.
pub fn decide(problems: &[KnownProblem], told: &[ToldProblem], rules: &AlertRules, now: Timestamp) -> AlertDecision {
    let (mut begun, mut others, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    let keys: BTreeSet<AlertKey> = problems
        .iter()
        .map(|known| AlertKey::of(&known.problem))
        .chain(told.iter().map(|told| told.key.clone()))
        .collect();
    for key in keys {
        let before = told.iter().find(|told| told.key == key);
        let theirs = || problems.iter().filter(|known| AlertKey::of(&known.problem) == key);
        let standing =
            theirs().filter(|known| known.until.is_none()).min_by_key(|known| (known.acknowledged, known.since));
        let wanted = rules.want(key.kind);
        match (standing, before) {
            (Some(known), None) if wanted && !known.acknowledged => begun.push(known.item(News::Began)),
            (Some(_) | None, None) => {}
            (_, Some(_)) if !wanted => changes.push(ToldChange::Forget(key)),
            (Some(known), Some(before)) if known.acknowledged => {
                if before.seen_at.is_none() {
                    changes.push(ToldChange::Keep(ToldProblem { seen_at: Some(now), ..before.clone() }));
                }
            }
            (Some(known), Some(before)) => {
                if before.seen_at.is_some() || is_past(before.told_at, rules.repeat, now) {
                    others.push(known.item(News::Stands));
                }
            }
            (None, Some(_)) => {
                let ended = theirs().filter_map(|known| known.until.map(|until| (until, known))).max_by_key(|it| it.0);
                match ended.filter(|(_, known)| !known.was_ended_by_a_person()) {
                    None => changes.push(ToldChange::Forget(key)),
                    Some((until, known)) if is_past(until, SETTLES, now) => others.push(known.item(News::Over)),
                    Some(_) => {}
                }
            }
        }
    }
    if rules.quiet {
        // It is not noted that it was told, so it is when the quiet hours end, all together.
        begun.retain(is_urgent);
        others.retain(is_urgent);
    }
    if begun.iter().any(|item| is_past(item.since, GATHERS, now)) {
        others.append(&mut begun);
    }
    // What comes first is the subject of a mail: what has begun before what is known, and the critical first.
    others.sort_by_key(|item| (item.news != News::Began, item.severity != Severity::Critical));
    AlertDecision { items: others, changes }
}

/// Whether `after` has gone by since `at`. The distance, not the order: a clock that was set back makes nobody wait for a time to
/// come a second time.
fn is_past(at: Timestamp, after: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(at).abs() >= after
}

/// What is to be kept once `items` were told at `now`.
pub fn once_told(items: &[AlertItem], now: Timestamp) -> Vec<ToldChange> {
    let change = |item: &AlertItem| {
        let key = AlertKey::of(&item.problem);
        match item.news {
            News::Began | News::Stands => ToldChange::Keep(ToldProblem { key, told_at: now, seen_at: None }),
            News::Over => ToldChange::Forget(key),
        }
    };
    items.iter().map(change).collect()
}

/// What somebody is told.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    /// The shop's name.
    pub shop: String,
    /// When it is told.
    pub at: Timestamp,
    /// Whether it is only a test, and nothing is wrong.
    pub test: bool,
    /// What is told.
    pub problems: Vec<AlertItem>,
}

impl Alert {
    /// It in one line.
    pub fn subject(&self) -> String {
        let shop = &self.shop;
        let Some(first) = self.problems.first() else {
            return format!("{shop}: a test of the alerts, nothing is wrong");
        };
        let begins = match first.news {
            News::Began => "",
            News::Stands => "still: ",
            News::Over => "over: ",
        };
        let more = match self.problems.len() {
            0 | 1 => String::new(),
            n => format!(", and {} more", n - 1),
        };
        format!("{shop}: {begins}{}{more}", first.title)
    }

    /// It in full, in plain text, with the hours of `zone`.
    pub fn text(&self, zone: &TimeZone) -> String {
        if self.problems.is_empty() {
            return format!(
                "This is a test: somebody tried with `carillon alert test` whether you are reached.\nNothing is wrong at {}.\n",
                self.shop
            );
        }
        let mut text = String::new();
        for AlertItem { news, id, severity, problem, since, until, .. } in &self.problems {
            let begins = match news {
                News::Began => format!("{severity}: "),
                News::Stands => format!("{severity}, still: "),
                News::Over => "over: ".to_owned(),
            };
            // Writing to memory does not fail.
            let _ = writeln!(text, "{begins}{}", problem.words);
            let _ = writeln!(text, "  since: {}", shown(*since, zone));
            if let Some(until) = until {
                let _ = writeln!(text, "  until: {}", shown(*until, zone));
            } else {
                let _ = writeln!(text, "  do: {}", problem.remedy);
                if let Some(id) = id {
                    let _ = writeln!(text, "  not to be told of it again: `carillon problem acknowledge {id}`");
                }
            }
            text.push('\n');
        }
        let _ = writeln!(text, "`carillon status` shows everything that is wrong at {}.", self.shop);
        text
    }
}

fn shown(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M %Q").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2027-01-02T03:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn ago(minutes: i64) -> Timestamp {
        now() - SignedDuration::from_mins(minutes)
    }

    fn rules() -> AlertRules {
        AlertRules { warnings: false, repeat: SignedDuration::from_hours(24), quiet: false, tells_unsent: true }
    }

    fn standing(kind: ProblemKind, object: &str, minutes: i64) -> KnownProblem {
        let problem = Problem::new(kind, object, "it is so", "mend it");
        KnownProblem { id: Some(7), problem, since: ago(minutes), until: None, acknowledged: false }
    }

    fn told(kind: ProblemKind, object: &str, minutes: i64) -> ToldProblem {
        let key = AlertKey::of(&Problem::new(kind, object, "", ""));
        ToldProblem { key, told_at: ago(minutes), seen_at: None }
    }

    /// What is told, and what is kept or forgotten besides.
    #[track_caller]
    fn check(
        problems: &[KnownProblem],
        told: &[ToldProblem],
        rules: &AlertRules,
        items: &[(News, ProblemKind)],
        changes: &[ToldChange],
    ) {
        let decision = decide(problems, told, rules, now());
        let found: Vec<_> = decision.items.iter().map(|item| (item.news, item.problem.kind)).collect();
        assert_eq!((&*found, &*decision.changes), (items, changes));
    }

    use ProblemKind::{AlertsUnsent, CampaignHeld, CampaignPaused, MailUnusable, MailingMissed, StoreUnwritable};

    #[test]
    fn what_begins_is_told_once_and_with_what_begins_in_the_same_minute() {
        let relay = |minutes| standing(MailUnusable, "daemon-1", minutes);
        check(&[], &[], &rules(), &[], &[]);
        check(&[relay(0)], &[], &rules(), &[], &[]);
        check(&[relay(1)], &[], &rules(), &[(News::Began, MailUnusable)], &[]);
        let both = [(News::Began, MailUnusable), (News::Began, CampaignHeld)];
        check(&[relay(1), standing(CampaignHeld, "hiver", 0)], &[], &rules(), &both, &[]);
        check(&[relay(60)], &[told(MailUnusable, "daemon-1", 59)], &rules(), &[], &[]);
        check(&[relay(60)], &[told(MailUnusable, "another daemon", 59)], &rules(), &[], &[]);
        // Another campaign is another problem; another daemon is not.
        let held = [standing(CampaignHeld, "hiver", 60), standing(CampaignHeld, "printemps", 60)];
        check(&held, &[told(CampaignHeld, "hiver", 59)], &rules(), &[(News::Began, CampaignHeld)], &[]);
        check(&[relay(60), standing(MailUnusable, "daemon-2", 5)], &[], &rules(), &[(News::Began, MailUnusable)], &[]);
        // A clock that was set back.
        check(&[relay(-600)], &[], &rules(), &[(News::Began, MailUnusable)], &[]);
    }

    #[test]
    fn warnings_are_told_where_they_are_wanted() {
        let paused = [standing(CampaignPaused, "hiver", 5)];
        check(&paused, &[], &rules(), &[], &[]);
        let all = AlertRules { warnings: true, ..rules() };
        check(&paused, &[], &all, &[(News::Began, CampaignPaused)], &[]);
        // What comes first is the subject of a mail.
        let both = [standing(ProblemKind::ReloadRefused, "daemon-1", 5), standing(CampaignHeld, "hiver", 5)];
        let graver = [(News::Began, CampaignHeld), (News::Began, ProblemKind::ReloadRefused)];
        check(&both, &[], &all, &graver, &[]);
        let known = told(CampaignPaused, "hiver", 5);
        let forget = [ToldChange::Forget(known.key.clone())];
        check(&paused, &[known], &rules(), &[], &forget);
        // That nothing stands in for the relay any more is told to everybody.
        let away = standing(ProblemKind::RelayAway, "daemon-1", 5);
        check(&[away], &[], &rules(), &[(News::Began, ProblemKind::RelayAway)], &[]);
    }

    #[test]
    fn in_quiet_hours_only_what_is_urgent_is_told_and_the_rest_together_at_their_end() {
        let quiet = AlertRules { quiet: true, warnings: true, ..rules() };
        let problems = [
            standing(MailUnusable, "daemon-1", 5),
            standing(CampaignPaused, "hiver", 300),
            standing(CampaignHeld, "hiver", 3_000),
            KnownProblem { until: Some(ago(60)), ..standing(MailingMissed, "hiver/rappel", 600) },
        ];
        let before = [told(CampaignHeld, "hiver", 24 * 60), told(MailingMissed, "hiver/rappel", 599)];
        check(&problems, &before, &quiet, &[(News::Began, MailUnusable)], &[]);
        check(&problems[1..], &before, &quiet, &[], &[]);
        let rest = [(News::Began, CampaignPaused), (News::Over, MailingMissed), (News::Stands, CampaignHeld)];
        check(&problems[1..], &before, &AlertRules { quiet: false, ..quiet }, &rest, &[]);
    }

    #[test]
    fn what_stands_is_told_again_until_somebody_has_seen_it() {
        let held = standing(CampaignHeld, "hiver", 3_000);
        let day = told(CampaignHeld, "hiver", 24 * 60);
        check(std::slice::from_ref(&held), std::slice::from_ref(&day), &rules(), &[(News::Stands, CampaignHeld)], &[]);
        check(std::slice::from_ref(&held), &[told(CampaignHeld, "hiver", 24 * 60 - 1)], &rules(), &[], &[]);
        let seen = KnownProblem { acknowledged: true, ..held.clone() };
        let noted = ToldProblem { seen_at: Some(now()), ..day.clone() };
        check(std::slice::from_ref(&seen), &[day], &rules(), &[], &[ToldChange::Keep(noted.clone())]);
        check(std::slice::from_ref(&seen), std::slice::from_ref(&noted), &rules(), &[], &[]);
        check(&[seen], &[], &rules(), &[], &[]);
        // It says something new, and the acknowledgement is gone.
        let noted = ToldProblem { told_at: ago(1), ..noted };
        check(&[held], &[noted], &rules(), &[(News::Stands, CampaignHeld)], &[]);
    }

    #[test]
    fn an_end_is_told_when_it_has_lasted() {
        let ended = |minutes| KnownProblem { until: Some(ago(minutes)), ..standing(MailUnusable, "daemon-1", 60) };
        let known = || [told(MailUnusable, "daemon-1", 59)];
        check(&[ended(4)], &known(), &rules(), &[], &[]);
        check(&[ended(5)], &known(), &rules(), &[(News::Over, MailUnusable)], &[]);
        check(&[ended(5)], &[], &rules(), &[], &[]);
        // The next daemon has met it, too.
        check(&[ended(5), standing(MailUnusable, "daemon-2", 4)], &known(), &rules(), &[], &[]);
        // A person has said that they know, and it is over with that.
        let missed =
            KnownProblem { until: Some(ago(9)), acknowledged: true, ..standing(MailingMissed, "hiver/opening", 60) };
        let known = told(MailingMissed, "hiver/opening", 59);
        let forget = [ToldChange::Forget(known.key.clone())];
        check(&[missed], std::slice::from_ref(&known), &rules(), &[], &forget);
        check(&[], &[known], &rules(), &[], &forget);
        // One that was acknowledged and ends by itself is told.
        let held = KnownProblem { until: Some(ago(5)), acknowledged: true, ..standing(CampaignHeld, "hiver", 60) };
        check(&[held], &[told(CampaignHeld, "hiver", 59)], &rules(), &[(News::Over, CampaignHeld)], &[]);
    }

    #[test]
    fn a_channel_that_fails_does_not_tell_of_itself() {
        let unsent = [standing(AlertsUnsent, "daemon-1", 5)];
        check(&unsent, &[], &rules(), &[(News::Began, AlertsUnsent)], &[]);
        check(&unsent, &[], &AlertRules { tells_unsent: false, ..rules() }, &[], &[]);
    }

    #[test]
    fn what_was_told_is_not_told_again() {
        let problems = [standing(MailUnusable, "daemon-1", 5), standing(StoreUnwritable, "daemon-1", 5)];
        let decision = decide(&problems, &[], &rules(), now());
        let mut known = Vec::new();
        for change in once_told(&decision.items, now()) {
            let ToldChange::Keep(told) = change else { panic!("{change:?}") };
            known.push(told);
        }
        assert!(decide(&problems, &known, &rules(), now()).is_empty());
        let over = decide(&[], &known, &rules(), now());
        assert_eq!((over.items.len(), over.changes.len()), (0, 2), "what nobody knows any more is forgotten");
    }

    #[test]
    fn it_says_what_is_wrong_since_when_and_what_to_do() {
        let mut alert = Alert { shop: "Boutique Exemple".to_owned(), at: now(), test: true, problems: Vec::new() };
        assert_eq!(alert.subject(), "Boutique Exemple: a test of the alerts, nothing is wrong");
        alert.problems = vec![
            standing(MailUnusable, "daemon-1", 5).item(News::Began),
            KnownProblem { until: Some(now()), ..standing(CampaignHeld, "hiver", 60) }.item(News::Over),
        ];
        assert_eq!(alert.subject(), "Boutique Exemple: the relay or the outbox cannot be used, and 1 more");
        let said = "critical: it is so
  since: 2027-01-02 03:55 Europe/Paris
  do: mend it
  not to be told of it again: `carillon problem acknowledge 7`

over: it is so
  since: 2027-01-02 03:00 Europe/Paris
  until: 2027-01-02 04:00 Europe/Paris

`carillon status` shows everything that is wrong at Boutique Exemple.
";
        assert_eq!(alert.text(&TimeZone::get("Europe/Paris").unwrap()), said);
    }
}
