//! What applying a file does to the campaign that is applied under its slug, and to the people who were written to.
//!
//! Pure: what is applied, how far its mailings have come, the new schedule and the time in; out come the schedule that
//! would be in force, a step for each mailing, and the concerns. `plan` shows them, `apply` carries them out.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::copy::slug_of_year;
use super::untrue::made_untrue;
use super::{Concern, Letters, MailingKind, PlannedMailing, Readers, Schedule, Shown, ToldWindow, Untrue};
use crate::text::Slug;

/// A sale that moves on by more than this is another sale: legal seasons are half a year apart, and what is postponed
/// because of a strike or an order moves by days.
const SAME_SALE: SignedDuration = SignedDuration::from_hours(45 * 24);

/// How far a stored mailing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It will begin at its time.
    Planned,
    /// It was missed, or taken back, before it began.
    NeverBegan,
    /// Its audience is frozen and its messages are leaving.
    Sending,
    /// Every message of it has ended.
    Finished,
    /// It was taken back after it had begun.
    TakenBack,
    /// It may have been sent before the store was restored from a backup, so it is never sent from this one.
    SetAside,
}

impl Progress {
    /// Whether something of it may still leave.
    pub fn is_coming(self) -> bool {
        matches!(self, Self::Planned | Self::Sending)
    }
}

/// A stored mailing, as far as an apply asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// What it says.
    pub kind: MailingKind,
    /// How far it has come.
    pub progress: Progress,
    /// How many of its messages were handed over at least once. None: nothing of it has left.
    pub left: u64,
    /// How many people have the letter, or may have it. A folder in place of a relay writes to nobody.
    pub told: u64,
    /// How many of its messages may still leave.
    pub waiting: u64,
}

/// A campaign that is applied.
#[derive(Clone, Copy, Debug)]
pub struct Current<'a> {
    /// What it resolved to.
    pub schedule: &'a Schedule,
    /// The file it was last applied from.
    pub source_name: &'a str,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// Its mailings, also those that are not in the schedule any more.
    pub mailings: &'a [Standing],
    /// What people have of it. Asked for the campaign that the file is about alone.
    pub letters: &'a [Letters],
}

/// When a file is applied.
#[derive(Clone, Copy, Debug)]
pub struct Today {
    /// The present.
    pub now: Timestamp,
    /// After a restore: until when the store has forgotten what was sent.
    pub forgotten_until: Option<Timestamp>,
}

/// What is to be applied.
#[derive(Clone, Copy, Debug)]
pub struct Next<'a> {
    /// What the file resolved to.
    pub schedule: &'a Schedule,
    /// The file.
    pub source_name: &'a str,
}

/// What an apply does to one mailing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Keep,
    /// It is new.
    Add,
    /// It follows the file and will begin at its time, also when it was missed before.
    Plan,
    /// It has begun, but nothing has left: it follows the file, and its queue with it.
    Mend,
    /// It is being sent: its deadline follows the file.
    MoveDeadline,
    /// It ends, and what waits is skipped.
    TakeBack,
}

/// What an apply would do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Succession {
    /// What would be in force: the file, but for what cannot follow it because messages have left.
    pub schedule: Schedule,
    /// What happens to each mailing, by name.
    pub steps: Vec<(String, Step)>,
    /// What stands between the file and what is applied.
    pub concerns: Vec<Concern>,
}

/// What applying `next` today does. `current` is the campaign under its slug, `others` every other one.
pub fn succeed(current: Option<Current<'_>>, others: &[Current<'_>], next: Next<'_>, today: Today) -> Succession {
    let now = today.now;
    let mut succession = Succession { schedule: next.schedule.clone(), steps: Vec::new(), concerns: Vec::new() };
    match current.map(|current| Follow { current, next: next.schedule, now }) {
        None => succession.steps.extend(next.schedule.mailings.iter().map(|new| (new.name.clone(), Step::Add))),
        Some(follow) => {
            // A slug that stands for another sale: nothing else about the file matters.
            if let Some(concern) = follow.edition() {
                succession.concerns.push(concern);
                return succession;
            }
            follow.carry_out_on(&mut succession);
            succession.concerns.extend(other_file(follow.current, next, &succession.schedule));
        }
    }
    let kin: Vec<Current<'_>> = others.iter().copied().filter(|other| is_kin(other, next, now)).collect();
    succession.concerns.extend(
        kin.iter()
            .filter(|other| same_file(other, next) && !other.cancelled)
            .map(|other| Concern::OtherSlug { slug: other.schedule.slug.clone() }),
    );
    succession.concerns.extend(second_letters(current, &kin, next.schedule));
    succession.concerns.extend(set_aside(&succession, current, today));
    succession
}

/// The mailings of the file that do not leave because they may have been sent before the store was restored.
fn set_aside(succession: &Succession, current: Option<Current<'_>>, today: Today) -> Vec<Concern> {
    let was = |name: &str| {
        let standing = current.and_then(|current| current.mailings.iter().find(|standing| standing.name == name));
        standing.is_some_and(|standing| standing.progress == Progress::SetAside)
    };
    let forgotten = |mailing: &PlannedMailing| {
        let planned = |step| matches!(step, Step::Add | Step::Plan);
        let comes = succession.steps.iter().any(|(name, step)| *name == mailing.name && planned(*step));
        comes && today.forgotten_until.is_some_and(|until| mailing.not_before <= until)
    };
    let mailings = succession.schedule.mailings.iter();
    let set_aside = mailings.filter(|mailing| was(&mailing.name) || forgotten(mailing));
    set_aside.map(|mailing| Concern::SetAside { mailing: mailing.name.clone() }).collect()
}

/// Whether a campaign under another slug is the same sale for those who are written to: the same file or the same title,
/// and its time is not over.
fn is_kin(other: &Current<'_>, next: Next<'_>, now: Timestamp) -> bool {
    other.schedule.slug != next.schedule.slug
        && other.schedule.closes_at > now
        && (same_file(other, next) || other.schedule.title == next.schedule.title)
}

fn same_file(other: &Current<'_>, next: Next<'_>) -> bool {
    Path::new(other.source_name).file_name() == Path::new(next.source_name).file_name()
}

fn other_file(current: Current<'_>, next: Next<'_>, in_force: &Schedule) -> Option<Concern> {
    let replaces = !same_file(&current, next) && !current.schedule.says_the_same_as(in_force);
    let (slug, applied) = (current.schedule.slug.clone(), current.source_name.to_owned());
    replaces.then_some(Concern::OtherFile { slug, applied })
}

/// The mailings of `next` that are new, or new in their kind, while people have a letter of that kind already: from this
/// campaign or from one that is the same sale to them. A name makes no difference to those who read the letters.
fn second_letters<'a>(current: Option<Current<'a>>, kin: &[Current<'a>], next: &Schedule) -> Vec<Concern> {
    let mut concerns = Vec::new();
    // What is back in the file and does not leave again is no second letter.
    let leaves = |mailing: &&PlannedMailing| {
        let standing = current.and_then(|current| current.mailings.iter().find(|known| known.name == mailing.name));
        standing.is_none_or(|standing| !matches!(standing.progress, Progress::Finished | Progress::TakenBack))
    };
    for new in next.mailings.iter().filter(|mailing| is_news(current, mailing)).filter(leaves) {
        for campaign in current.iter().chain(kin) {
            let theirs = campaign.schedule.slug != next.slug;
            let same = |first: &&Standing| first.kind == new.kind && (theirs || first.name != new.name);
            let firsts = campaign.mailings.iter().filter(same);
            concerns.extend(firsts.filter_map(|first| second_letter(new, first, campaign, next)));
        }
    }
    concerns
}

fn second_letter(new: &PlannedMailing, first: &Standing, campaign: &Current<'_>, next: &Schedule) -> Option<Concern> {
    let (mailing, kind) = (new.name.clone(), new.kind);
    if first.progress == Progress::SetAside {
        return Some(Concern::MaybeSecondLetter { mailing, kind, first: first.name.clone() });
    }
    let readers = Readers { mailing: first.name.clone(), people: first.told };
    let theirs = campaign.schedule.slug != next.slug;
    let open = matches!(first.progress, Progress::Sending | Progress::Finished);
    let renamed = !theirs && open && next.mailing(&first.name).is_none();
    (first.told > 0).then(|| {
        if renamed {
            return Concern::Renamed { was: readers, to: mailing };
        }
        Concern::SecondLetter { mailing, kind, campaign: campaign.schedule.slug.clone(), readers }
    })
}

/// Whether the applied file has no such mailing, or one that says something else.
fn is_news(current: Option<Current<'_>>, mailing: &PlannedMailing) -> bool {
    let applied = current.and_then(|current| current.schedule.mailing(&mailing.name));
    applied.is_none_or(|applied| applied.kind != mailing.kind)
}

/// One end of a window.
type Edge = fn(&ToldWindow) -> Timestamp;

/// An applied campaign that follows a file.
struct Follow<'a> {
    current: Current<'a>,
    next: &'a Schedule,
    now: Timestamp,
}

impl Follow<'_> {
    fn carry_out_on(&self, succession: &mut Succession) {
        for standing in self.current.mailings {
            let (step, concern) = self.step(standing);
            let applied = self.as_it_was(&standing.name);
            if let Some((was, applied)) = applied.filter(|_| matches!(step, Step::Keep | Step::MoveDeadline)) {
                keep_times(&mut succession.schedule, was, applied, step);
            }
            succession.steps.push((standing.name.clone(), step));
            succession.concerns.extend(concern);
        }
        let known = |name: &str| self.current.mailings.iter().any(|standing| standing.name == name);
        let new = self.next.mailings.iter().filter(|mailing| !known(&mailing.name));
        succession.steps.extend(new.map(|mailing| (mailing.name.clone(), Step::Add)));
        succession.concerns.extend(self.told());
        succession.concerns.extend(untrue(made_untrue(self.current.letters, self.current.schedule, self.next)));
        succession.schedule.told = self.remembered();
    }

    /// The mailing as it is applied; one that the applied file has no more, as its letters were written.
    fn as_it_was(&self, name: &str) -> Option<(&Schedule, &PlannedMailing)> {
        let in_force = self.current.schedule.mailing(name).map(|mailing| (self.current.schedule, mailing));
        in_force.or_else(|| {
            let letters = self.current.letters.iter().find(|letters| letters.mailing == name)?;
            let mut versions = letters.versions.iter().rev();
            versions.find_map(|version| Some((version, version.mailing(name)?)))
        })
    }

    /// Whether this is still the sale that the slug stands for.
    fn edition(&self) -> Option<Concern> {
        let (was, slug) = (self.current.schedule, &self.current.schedule.slug);
        let new_slug = new_slug(self.next);
        if self.current.cancelled {
            return Some(Concern::Cancelled { slug: slug.clone(), new_slug });
        }
        if was.closes_at <= self.now {
            let closed = Shown::At { at: was.closes_at, zone: was.time_zone(), intent: None };
            return (instants(was) != instants(self.next)).then(|| Concern::Over {
                slug: slug.clone(),
                closed,
                new_slug,
            });
        }
        let told = self.current.mailings.iter().filter(|standing| standing.told > 0);
        let readers: Vec<Readers> =
            told.map(|standing| Readers { mailing: standing.name.clone(), people: standing.told }).collect();
        let apart =
            self.next.opens_at.duration_since(was.closes_at).max(was.opens_at.duration_since(self.next.closes_at));
        (apart > SAME_SALE && !readers.is_empty()).then_some(Concern::NewEdition { readers, new_slug })
    }

    fn step(&self, standing: &Standing) -> (Step, Option<Concern>) {
        let mailing = standing.name.clone();
        let Some(next) = self.next.mailing(&standing.name) else {
            let is_news = self.current.schedule.mailing(&standing.name).is_some();
            return taken_away(standing, is_news);
        };
        let applied = self.as_it_was(&standing.name).map(|(_, mailing)| mailing);
        let same = applied.is_some_and(|applied| applied == next);
        let comes = next.not_after > self.now;
        match standing.progress {
            Progress::Planned => (Step::Plan, None),
            Progress::NeverBegan => (if comes { Step::Plan } else { Step::Keep }, None),
            Progress::TakenBack => (Step::Keep, Some(Concern::TakenBack { mailing })),
            Progress::SetAside => (Step::Keep, None),
            Progress::Sending | Progress::Finished if same => (Step::Keep, None),
            Progress::Sending if standing.left == 0 => {
                (Step::Mend, Some(Concern::Mended { mailing, waiting: standing.waiting }))
            }
            Progress::Finished if standing.left == 0 => (Step::Keep, comes.then_some(Concern::Ended { mailing })),
            Progress::Sending | Progress::Finished => {
                let sending = standing.progress == Progress::Sending;
                let step = if sending { Step::MoveDeadline } else { Step::Keep };
                (step, applied.and_then(|applied| self.changed(applied, next, sending)))
            }
        }
    }

    /// What the file changes in a mailing whose messages have left. What they said stays; times that follow from a moved
    /// window stay without a word, and those that a person typed with one.
    fn changed(&self, applied: &PlannedMailing, next: &PlannedMailing, sending: bool) -> Option<Concern> {
        let fields = [
            (applied.kind != next.kind, "kind"),
            (applied.languages != next.languages, "languages"),
            (applied.recipients() != next.recipients(), "to"),
            (applied.texts != next.texts, "texts"),
        ];
        let mailing = next.name.clone();
        if let Some((_, field)) = fields.into_iter().find(|(changed, _)| *changed) {
            return Some(Concern::Begun { mailing, field });
        }
        let typed = |field: &str| {
            let key = format!("mailings.{mailing}.{field}");
            self.current.schedule.intent.get(&key) != self.next.intent.get(&key)
        };
        (typed("not_before") || (!sending && typed("not_after"))).then_some(Concern::TimesStay { mailing })
    }

    /// Who was told an instant of the window that the file moves: one concern for each instant they were told.
    fn told(&self) -> Vec<Concern> {
        let (was, next) = (window_of(self.current.schedule, ""), window_of(self.next, ""));
        let edges: [(&'static str, Edge); 2] = [("opens", |told| told.opens_at), ("closes", |told| told.closes_at)];
        let mut concerns = Vec::new();
        for (field, edge) in edges.into_iter().filter(|(_, edge)| edge(&was) != edge(&next)) {
            let will_be = edge(&next);
            let mut by_instant: BTreeMap<Timestamp, Vec<Readers>> = BTreeMap::new();
            for standing in self.current.mailings.iter().filter(|standing| standing.told > 0) {
                let mut instants: Vec<Timestamp> = self.windows_told(standing).iter().map(edge).collect();
                instants.sort_unstable();
                instants.dedup();
                for at in instants.into_iter().filter(|at| *at != will_be) {
                    let readers = Readers { mailing: standing.name.clone(), people: standing.told };
                    by_instant.entry(at).or_default().push(readers);
                }
            }
            // The zone of the file that is applied: that is what the letters were written in.
            let zone = self.current.schedule.time_zone();
            let shown = |at| Shown::At { at, zone: zone.clone(), intent: None };
            concerns.extend(by_instant.into_iter().map(|(at, readers)| Concern::Told {
                field,
                told: shown(at),
                will_be: shown(will_be),
                readers,
            }));
        }
        concerns
    }

    /// The windows that letters of a mailing have stated: those remembered, otherwise the one in force.
    fn windows_told(&self, standing: &Standing) -> Vec<ToldWindow> {
        let remembered = self.current.schedule.told.iter().filter(|told| told.mailing == standing.name);
        let remembered: Vec<ToldWindow> = remembered.cloned().collect();
        if remembered.is_empty() { vec![window_of(self.current.schedule, &standing.name)] } else { remembered }
    }

    /// What has to be remembered of the letters once the window has moved: what they stated, and for a mailing that is
    /// still being sent also what its further letters will.
    fn remembered(&self) -> Vec<ToldWindow> {
        let was = self.current.schedule;
        let mut told = was.told.clone();
        if (was.opens_at, was.closes_at) == (self.next.opens_at, self.next.closes_at) {
            return told;
        }
        for standing in self.current.mailings.iter().filter(|standing| standing.told > 0) {
            let mut stated = self.windows_told(standing);
            if standing.progress == Progress::Sending {
                stated.push(window_of(self.next, &standing.name));
            }
            told.extend(stated);
        }
        told.sort();
        told.dedup();
        told
    }
}

/// The same as concerns.
pub fn untrue(found: Vec<(Untrue, Vec<&Letters>)>) -> Vec<Concern> {
    let readers = |letters: &Letters| Readers { mailing: letters.mailing.clone(), people: letters.people };
    let concern = |(what, letters): (Untrue, Vec<&Letters>)| Concern::Untrue {
        what: Box::new(what),
        readers: letters.into_iter().map(readers).collect(),
    };
    found.into_iter().map(concern).collect()
}

/// What becomes of a mailing that is in the file no more; `is_news` when the applied file still has it.
fn taken_away(standing: &Standing, is_news: bool) -> (Step, Option<Concern>) {
    let readers = || Readers { mailing: standing.name.clone(), people: standing.told };
    match standing.progress {
        Progress::Planned => (Step::TakeBack, None),
        Progress::Sending => {
            (Step::TakeBack, Some(Concern::TakenAway { readers: readers(), waiting: standing.waiting }))
        }
        Progress::Finished if is_news && standing.told > 0 => {
            (Step::Keep, Some(Concern::LettersStay { readers: readers() }))
        }
        Progress::NeverBegan | Progress::Finished | Progress::TakenBack | Progress::SetAside => (Step::Keep, None),
    }
}

/// Puts back into `schedule` the times of a mailing that does not follow the file, with the words they came from.
fn keep_times(schedule: &mut Schedule, was: &Schedule, applied: &PlannedMailing, step: Step) {
    let Some(mailing) = schedule.mailings.iter_mut().find(|mailing| mailing.name == applied.name) else { return };
    mailing.not_before = applied.not_before;
    let mut fields = vec!["not_before"];
    if step == Step::Keep {
        mailing.not_after = applied.not_after;
        fields.push("not_after");
    }
    for field in fields {
        let key = format!("mailings.{}.{field}", applied.name);
        match was.intent.get(&key) {
            Some(words) => schedule.intent.insert(key, words.clone()),
            None => schedule.intent.remove(&key),
        };
    }
}

fn window_of(schedule: &Schedule, mailing: &str) -> ToldWindow {
    ToldWindow { mailing: mailing.to_owned(), opens_at: schedule.opens_at, closes_at: schedule.closes_at }
}

/// Every instant of a schedule, with what happens at it.
fn instants(schedule: &Schedule) -> BTreeMap<String, Timestamp> {
    let window = [("window.opens", schedule.opens_at), ("window.closes", schedule.closes_at)];
    let mailings = schedule.mailings.iter().flat_map(|mailing| {
        let PlannedMailing { name, not_before, not_after, .. } = mailing;
        [(format!("{name}.not_before"), *not_before), (format!("{name}.not_after"), *not_after)]
    });
    let announced = schedule.announce_from.map(|from| ("window.announce_from", from));
    window.into_iter().chain(announced).map(|(key, at)| (key.to_owned(), at)).chain(mailings).collect()
}

/// A slug for the sale of `next` when its own is taken.
fn new_slug(next: &Schedule) -> Slug {
    slug_of_year(&next.slug, next.time_zone().to_datetime(next.closes_at).year())
}

#[cfg(test)]
mod tests {
    use super::super::{Campaign, sample};
    use super::*;
    use crate::calendar::Calendar;

    const NOW: &str = "2027-01-01T12:00:00Z";
    const LAST_HOURS: &str = "\n[[mailings]]\nkind = \"last-hours\"\nnot_before = \"window.closes - 1 day\"\n\
                              not_after = \"window.closes\"\nlanguages = [\"fr\"]\n";
    const LANGUAGES: &str = "languages = [\"fr\", \"en\"]\n";
    const KIND: &str = "kind = \"announcement\"";
    const OPENS: &str = "soldes.winter.2027 - 4 days at 08:00";

    fn today(now: &str) -> Today {
        Today { now: now.parse().unwrap(), forgotten_until: None }
    }

    #[track_caller]
    fn schedule(edits: &[(&str, &str)]) -> Schedule {
        Campaign::parse(&sample::with(edits)).unwrap().resolve(&Calendar::built_in()).unwrap()
    }

    fn standing(name: &str, progress: Progress, told: u64) -> Standing {
        let kind = name.parse().unwrap_or(MailingKind::Announcement);
        let begun = matches!(progress, Progress::Sending | Progress::Finished | Progress::TakenBack);
        let waiting = if progress == Progress::Sending { 7 } else { 0 };
        Standing { name: name.to_owned(), kind, progress, left: if begun { told } else { 0 }, told, waiting }
    }

    fn current<'a>(schedule: &'a Schedule, mailings: &'a [Standing]) -> Current<'a> {
        Current { schedule, source_name: "shop/hiver.toml", cancelled: false, mailings, letters: &[] }
    }

    fn proposed(schedule: &Schedule) -> Next<'_> {
        Next { schedule, source_name: "hiver.toml" }
    }

    /// What the sample with `edits` does to the sample, whose mailing stands as `progress` and `told` say: its steps and
    /// its concerns, the latter by rule and message.
    #[track_caller]
    fn check(progress: Progress, told: u64, edits: &[(&str, &str)], steps: &[(&str, Step)], concerns: &[&str]) {
        let (applied, next) = (schedule(&[]), schedule(edits));
        let standings = [standing("announcement", progress, told)];
        let found = succeed(Some(current(&applied, &standings)), &[], proposed(&next), today(NOW));
        let found_steps: Vec<(&str, Step)> = found.steps.iter().map(|(name, step)| (name.as_str(), *step)).collect();
        assert_eq!(said(&found), concerns, "{edits:?}");
        if !found.concerns.iter().any(|concern| concern.weight() == super::super::Weight::Forbids) {
            assert_eq!(found_steps, steps, "{edits:?}");
        }
    }

    fn said(succession: &Succession) -> Vec<String> {
        succession.concerns.iter().map(ToString::to_string).collect()
    }

    use Progress::{Finished, NeverBegan, Planned, Sending, TakenBack};

    const TOLD_OPENS: &str = "1,240 people were told by `announcement` that the sale opens at 2027-01-02 08:00 \
                              Europe/Paris (07:00 UTC); it would be 2027-01-03 08:00 Europe/Paris (07:00 UTC)";

    #[test]
    fn the_same_file_raises_no_concern() {
        for progress in [Sending, Finished] {
            check(progress, 1240, &[], &[("announcement", Step::Keep)], &[]);
        }
        for progress in [Planned, NeverBegan] {
            check(progress, 0, &[], &[("announcement", Step::Plan)], &[]);
        }
    }

    #[test]
    fn what_has_left_does_not_change() {
        let begun = |field: &str| format!("messages of `announcement` have left, so its {field} cannot change");
        for progress in [Sending, Finished] {
            let kind = [
                (KIND, "kind = \"opening\"\nname = \"announcement\""),
                ("opens - 1 day at 10:00", "opens"),
                ("window.opens\"\nl", "window.closes\"\nl"),
            ];
            check(progress, 3, &kind, &[], &[&begun("kind")]);
            check(progress, 3, &[("[\"fr\", \"en\"]", "[\"fr\"]")], &[], &[&begun("languages")]);
            let text = [(LANGUAGES, "languages = [\"fr\", \"en\"]\n[mailings.texts.fr]\nsubject = \"Demain\"\n")];
            check(progress, 3, &text, &[], &[&begun("texts")]);
            let to = [("languages = [\"fr\", \"en\"]", "languages = [\"fr\", \"en\"]\nto = [\"club\"]")];
            check(progress, 3, &to, &[], &[&begun("lists")]);
        }
        let deadline = [("not_after = \"window.opens\"", "not_after = \"window.opens - 2 hours\"")];
        check(Sending, 3, &deadline, &[("announcement", Step::MoveDeadline)], &[]);
        let stay = "messages of `announcement` have left: the times that it had stay";
        check(Finished, 3, &deadline, &[("announcement", Step::Keep)], &[stay]);
        check(Sending, 3, &[("at 10:00", "at 13:00")], &[("announcement", Step::MoveDeadline)], &[stay]);
    }

    /// As when no letter could be written: the mailing has begun, and everything may still be put right.
    #[test]
    fn a_mailing_of_which_nothing_has_left_follows_the_file() {
        let mended = "`announcement` has begun, but nothing of it has left: its 7 messages would follow the file";
        for edit in [
            ("[\"fr\", \"en\"]", "[\"fr\"]"),
            ("at 10:00", "at 13:00"),
            (LANGUAGES, "languages = [\"fr\"]\n[mailings.texts.fr]\nsubject = \"Demain\"\n"),
        ] {
            check(Sending, 0, &[edit], &[("announcement", Step::Mend)], &[mended]);
        }
        let ended = "`announcement` has ended and reached nobody; under this name it does not begin again";
        check(Finished, 0, &[("[\"fr\", \"en\"]", "[\"fr\"]")], &[], &[ended]);
        let past = [(
            "not_before = \"window.opens - 1 day at 10:00\"\nnot_after = \"window.opens\"",
            "not_before = \"2026-12-30 08:00\"\nnot_after = \"2026-12-31 08:00\"",
        )];
        check(Finished, 0, &past, &[("announcement", Step::Keep)], &[]);
    }

    #[test]
    fn an_instant_that_people_were_told_is_not_moved_in_silence() {
        let later = [(OPENS, "soldes.winter.2027 - 3 days at 08:00")];
        check(Finished, 1240, &later, &[("announcement", Step::Keep)], &[TOLD_OPENS]);
        check(Sending, 1240, &later, &[("announcement", Step::MoveDeadline)], &[TOLD_OPENS]);
        check(
            TakenBack,
            1240,
            &[later[0], (KIND, "kind = \"announcement\"\nname = \"b\"")],
            &[("announcement", Step::Keep), ("b", Step::Add)],
            &[
                TOLD_OPENS,
                "`b` would be a second announcement to the same people: 1,240 people have `announcement` of `hiver-2027`",
            ],
        );
        check(Planned, 0, &later, &[("announcement", Step::Plan)], &[]);
        check(
            Finished,
            0,
            &later,
            &[("announcement", Step::Keep)],
            &["`announcement` has ended and reached nobody; under this name it does not begin again"],
        );
        let closes = [("closes = \"soldes.winter.2027\"", "closes = \"soldes.winter.2027 - 1 day\"")];
        let told = "1 person was told by `announcement` that the sale closes at 2027-01-06 08:00 Europe/Paris (07:00 UTC); it \
                    would be 2027-01-05 08:00 Europe/Paris (07:00 UTC)";
        check(Finished, 1, &closes, &[("announcement", Step::Keep)], &[told]);
    }

    /// The times of what has left stay in the schedule, so that nothing promises a second sending; the window moves.
    #[test]
    fn a_plan_invents_no_new_sending_time() {
        let (applied, next) = (schedule(&[]), schedule(&[(OPENS, "soldes.winter.2027 - 3 days at 08:00")]));
        let standings = [standing("announcement", Finished, 1240)];
        let found = succeed(Some(current(&applied, &standings)), &[], proposed(&next), today(NOW));
        assert_eq!(found.schedule.mailings, applied.mailings);
        assert_eq!(found.schedule.opens_at, next.opens_at);
        // The same file again changes nothing, and asks for nothing.
        let again = succeed(Some(current(&found.schedule, &standings)), &[], proposed(&next), today(NOW));
        assert!(again.schedule.says_the_same_as(&found.schedule));
        assert_eq!(again.concerns, []);
    }

    /// What they were told is what the letters said, however often the window has moved since.
    #[test]
    fn a_window_put_back_to_what_people_were_told_is_no_concern() {
        let day = |days: i64| schedule(&[(OPENS, &format!("soldes.winter.2027 - {days} days at 08:00"))]);
        let now = today(NOW);
        let step = |from: &Schedule, progress, to: &Schedule| {
            let standings = [standing("announcement", progress, 1240)];
            let found = succeed(Some(current(from, &standings)), &[], proposed(to), now);
            (found.concerns.len(), found.schedule)
        };
        let (asked, moved) = step(&day(4), Finished, &day(3));
        assert_eq!(asked, 1);
        let (asked, further) = step(&moved, Finished, &day(2));
        assert_eq!(asked, 1, "they were told one instant, once");
        assert_eq!(step(&further, Finished, &day(4)).0, 0, "this is what they were told");
        // While letters leave, some state the old opening and some the new one.
        let (_, moved) = step(&day(4), Sending, &day(3));
        assert_eq!(step(&moved, Finished, &day(2)).0, 2);
        assert_eq!(step(&moved, Finished, &day(4)).0, 1);
    }

    #[test]
    fn a_name_is_not_the_identity_of_a_mailing() {
        let renamed = [(KIND, "kind = \"announcement\"\nname = \"b\"")];
        let question = "`announcement` has begun and was renamed to `b`? 1,240 people would get the same letter again";
        let taken = "`announcement` is taken back: 1,240 people have it, 7 would not get it";
        check(Sending, 1240, &renamed, &[], &[taken, question]);
        let stays = "`announcement` leaves the file, and 1,240 people keep its letter: what it said is still held against the sale";
        check(Finished, 1240, &renamed, &[], &[stays, question]);
        // Nobody has it: any name will do.
        check(
            Sending,
            0,
            &renamed,
            &[("announcement", Step::TakeBack), ("b", Step::Add)],
            &["`announcement` is taken back: 0 people have it, 7 would not get it"],
        );
        check(Planned, 0, &renamed, &[("announcement", Step::TakeBack), ("b", Step::Add)], &[]);
        check(NeverBegan, 0, &renamed, &[("announcement", Step::Keep), ("b", Step::Add)], &[]);
        let back = "`announcement` was taken back after it had begun; under this name it does not begin again";
        check(TakenBack, 1240, &[], &[], &[back]);
    }

    #[test]
    fn a_second_letter_of_a_kind_needs_a_persons_word() {
        let beside = format!(
            "{LANGUAGES}\n[[mailings]]\nname = \"b\"\n{KIND}\nnot_before = \"window.opens - 2 hours\"\n\
                              not_after = \"window.opens\"\nlanguages = [\"fr\"]\n"
        );
        let second =
            "`b` would be a second announcement to the same people: 1,240 people have `announcement` of `hiver-2027`";
        let steps = [("announcement", Step::Keep), ("b", Step::Add)];
        check(Finished, 1240, &[(LANGUAGES, &beside)], &steps, &[second]);
        let steps = [("announcement", Step::Plan), ("b", Step::Add)];
        check(Planned, 0, &[(LANGUAGES, &beside)], &steps, &[]);
        // Another kind is another letter; a planned one that turns into the same kind is not.
        let last_hours = format!("{LANGUAGES}{LAST_HOURS}");
        check(
            Finished,
            1240,
            &[(LANGUAGES, &last_hours)],
            &[("announcement", Step::Keep), ("last-hours", Step::Add)],
            &[],
        );
        let (applied, next) = (schedule(&[(LANGUAGES, &last_hours)]), {
            let turned = last_hours.replace("kind = \"last-hours\"", "kind = \"announcement\"\nname = \"last-hours\"");
            schedule(&[(LANGUAGES, &turned)])
        });
        let standings = [standing("announcement", Finished, 1240), standing("last-hours", Planned, 0)];
        let found = succeed(Some(current(&applied, &standings)), &[], proposed(&next), today(NOW));
        assert_eq!(said(&found).len(), 1, "{:?}", found.concerns);
    }

    /// Another slug is another campaign to Carillon, and the same sale to those who are written to.
    #[test]
    fn another_slug_does_not_make_it_another_letter() {
        let check = |edits: &[(&str, &str)], cancelled: bool, now: &str, expected: &[&str]| {
            let (applied, next) = (schedule(&[]), schedule(edits));
            let standings = [standing("announcement", Finished, 1240)];
            let other = Current { cancelled, ..current(&applied, &standings) };
            let found = succeed(None, &[other], proposed(&next), today(now));
            assert_eq!(said(&found), expected, "{edits:?}");
        };
        let goes_on = "this file was applied as `hiver-2027` too, and that campaign goes on beside this one: its mailings go \
                       to the same people";
        let second = "`announcement` would be a second announcement to the same people: 1,240 people have `announcement` of \
                      `hiver-2027`";
        check(&[("hiver-2027", "hiver-27")], false, NOW, &[goes_on, second]);
        check(&[("hiver-2027", "hiver-27")], true, NOW, &[second]);
        check(
            &[("hiver-2027", "hiver-2028"), ("2027 - 4", "2028 - 4"), ("soldes.winter.2027\"", "soldes.winter.2028\"")],
            false,
            "2027-06-01T00:00:00Z",
            &[],
        );
    }

    #[test]
    fn a_sale_that_is_over_is_not_used_for_another() {
        let next_winter = [("2027 - 4", "2028 - 4"), ("soldes.winter.2027\"", "soldes.winter.2028\"")];
        let (applied, standings) = (schedule(&[]), [standing("announcement", Finished, 1240)]);
        let check = |edits: &[(&str, &str)], now: &str, expected: &[&str]| {
            let next = schedule(edits);
            let found = succeed(Some(current(&applied, &standings)), &[], proposed(&next), today(now));
            assert_eq!(said(&found), expected, "{edits:?}");
            let campaign = Campaign::parse(&sample::with(edits)).unwrap();
            found.concerns.first().map(|concern| concern.finding(&campaign, &[].into()).remedy.to_string())
        };
        let over = "the sale of `hiver-2027` closed at 2027-01-06 08:00 Europe/Paris (07:00 UTC): its gate and its report are \
                    history";
        let remedy = check(&next_winter, "2027-11-26T00:00:00Z", &[over]);
        assert_eq!(remedy.as_deref(), Some("write `slug = \"hiver-2028\"`: a new sale has a name of its own"));
        check(&[("- 4 days", "- 3 days")], "2027-01-06T07:00:00Z", &[over]);
        check(&[("magiques", "douces")], "2027-11-26T00:00:00Z", &[]);
        let edition = "1,240 people were told by `announcement` about this sale, and the file is about another one, long after \
                       it";
        check(&next_winter, NOW, &[edition]);
        let nobody = [standing("announcement", Planned, 0)];
        let found = succeed(Some(current(&applied, &nobody)), &[], proposed(&schedule(&next_winter)), today(NOW));
        assert_eq!(found.concerns, [], "nobody knows of it yet");
    }

    #[test]
    fn another_file_does_not_replace_a_campaign_in_silence() {
        let (applied, next) = (schedule(&[]), schedule(&[("magiques", "douces")]));
        let standings = [standing("announcement", Planned, 0)];
        let from = |source_name, schedule| {
            let next = Next { schedule, source_name };
            said(&succeed(Some(current(&applied, &standings)), &[], next, today(NOW)))
        };
        assert_eq!(from("elsewhere/hiver.toml", &next), [""; 0]);
        let replaced = "`hiver-2027` was applied from `shop/hiver.toml`, and this file would replace it";
        assert_eq!(from("autre.toml", &next), [replaced]);
        assert_eq!(from("autre.toml", &applied), [""; 0], "it says the same");
    }

    /// After a restore nobody knows who has what: such a mailing does not leave, and another of its kind only when a person
    /// wants it.
    #[test]
    fn what_may_have_been_sent_before_a_restore_is_set_aside() {
        let stays = "`announcement` stays set aside: it may have been sent before the store was restored from a backup";
        check(Progress::SetAside, 0, &[], &[("announcement", Step::Keep)], &[stays]);
        let again = "`b` would be another announcement: people may have `announcement`, which was set aside when the store was \
                     restored";
        let renamed = [(KIND, "kind = \"announcement\"\nname = \"b\"")];
        check(Progress::SetAside, 0, &renamed, &[("announcement", Step::Keep), ("b", Step::Add)], &[again]);
        let next = schedule(&[]);
        let forgetful = Today { forgotten_until: Some("2027-01-01T09:00:00Z".parse().unwrap()), ..today(NOW) };
        assert_eq!(said(&succeed(None, &[], proposed(&next), forgetful)), [stays]);
        let forgetful = Today { forgotten_until: Some("2027-01-01T08:59:59Z".parse().unwrap()), ..forgetful };
        assert_eq!(said(&succeed(None, &[], proposed(&next), forgetful)), [""; 0]);
    }
}
