//! Four eyes: who may approve what another person wants applied, and by when.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Schedule;

/// Whether the person named `who` may approve what `asked_by` asks for: it must be somebody else, however the name is written.
pub fn may_approve(asked_by: &str, who: &str) -> bool {
    let plain = |name: &str| name.trim().to_lowercase();
    plain(asked_by) != plain(who)
}

/// By when `next` must be approved for all of it to come true, `applied` being what goes on until then. It may have passed. None when nothing
/// of it lies ahead of `now`.
pub fn approve_before(applied: Option<&Schedule>, next: &Schedule, now: Timestamp) -> Option<Timestamp> {
    if next.closes_at <= now {
        return None;
    }
    let will_be = moments(next);
    let Some(applied) = applied else { return will_be.into_values().min() };
    let was = moments(applied);
    let keys = was.keys().chain(will_be.keys());
    let moved = keys.filter(|key| was.get(*key) != will_be.get(*key));
    let moved = moved.flat_map(|key| [was.get(key), will_be.get(key)]).flatten().copied();
    // What moves from a time that has passed cannot be late for that one.
    let coming = |at: &Timestamp| *at > now;
    moved.filter(coming).min().or_else(|| will_be.into_values().filter(coming).min())
}

/// The mailings of `next` whose time has passed at `now` and that `applied` did not have by then: those that begin as soon as it is
/// approved, and those whose deadline has passed too.
pub fn late_mailings(applied: Option<&Schedule>, next: &Schedule, now: Timestamp) -> (Vec<String>, Vec<String>) {
    let had = |name: &str| applied.and_then(|applied| applied.mailing(name)).is_some_and(|was| was.not_before <= now);
    let late = next.mailings.iter().filter(|mailing| mailing.not_before <= now && !had(&mailing.name));
    let (at_once, gone): (Vec<_>, Vec<_>) = late.partition(|mailing| now < mailing.not_after);
    let names = |mailings: Vec<&super::PlannedMailing>| mailings.into_iter().map(|it| it.name.clone()).collect();
    (names(at_once), names(gone))
}

/// The instants at which something begins or ends for the public.
fn moments(schedule: &Schedule) -> BTreeMap<String, Timestamp> {
    let mailings = schedule.mailings.iter().map(|mailing| (format!("mailings.{}", mailing.name), mailing.not_before));
    let window = [("opens".to_owned(), schedule.opens_at), ("closes".to_owned(), schedule.closes_at)];
    window.into_iter().chain(mailings).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Campaign, sample};
    use super::*;
    use crate::calendar::Calendar;

    const EARLY: &str = "2026-12-01T09:00:00Z";

    fn schedule(edits: &[(&str, &str)]) -> Schedule {
        Campaign::parse(&sample::with(edits)).unwrap().resolve(&Calendar::built_in()).unwrap()
    }

    #[track_caller]
    fn check(applied: Option<&[(&str, &str)]>, next: &[(&str, &str)], now: &str, expected: Option<&str>) {
        let by = approve_before(applied.map(schedule).as_ref(), &schedule(next), now.parse().unwrap());
        assert_eq!(by.map(|at| at.to_string()).as_deref(), expected);
    }

    #[test]
    fn another_person_approves_however_the_name_is_written() {
        for (who, expected) in [("noor", true), ("camille", false), ("Camille ", false), ("camille b", true)] {
            assert_eq!(may_approve("camille", who), expected, "{who}");
        }
    }

    #[test]
    fn a_new_sale_must_be_approved_before_its_first_letter_leaves() {
        check(None, &[], EARLY, Some("2027-01-01T09:00:00Z"));
        check(None, &[], "2027-01-01T12:00:00Z", Some("2027-01-01T09:00:00Z"));
        check(None, &[], "2027-01-06T07:00:00Z", None);
    }

    #[test]
    fn what_is_late_begins_at_once_or_not_at_all() {
        let (next, at) = (schedule(&[]), |text: &str| text.parse::<Timestamp>().unwrap());
        let late = |applied: Option<&Schedule>, now: &str| late_mailings(applied, &next, at(now));
        let announcement = next.mailings[0].name.clone();
        assert_eq!(late(None, EARLY), (vec![], vec![]));
        assert_eq!(late(None, "2027-01-01T12:00:00Z"), (vec![announcement.clone()], vec![]));
        let closed = next.mailings[0].not_after.to_string();
        assert!(late(None, &closed).1.contains(&announcement));
        assert_eq!(late(Some(&next), "2027-01-01T12:00:00Z"), (vec![], vec![]), "it has begun");
    }

    #[test]
    fn a_change_must_be_approved_before_what_it_moves() {
        let later = ("closes = \"soldes.winter.2027\"", "closes = \"soldes.winter.2027 + 1 day\"");
        check(Some(&[]), &[later], EARLY, Some("2027-01-06T07:00:00Z"));
        let earlier =
            ("not_before = \"window.opens - 1 day at 10:00\"", "not_before = \"window.opens - 2 days at 10:00\"");
        check(Some(&[]), &[earlier], EARLY, Some("2026-12-31T09:00:00Z"));
        check(Some(&[]), &[earlier], "2026-12-31T09:00:00Z", Some("2027-01-01T09:00:00Z"));
        // Other words: before the next that says them.
        let words = ("Les journées magiques", "Les jours magiques");
        check(Some(&[]), &[words], EARLY, Some("2027-01-01T09:00:00Z"));
        check(Some(&[]), &[words], "2027-01-01T12:00:00Z", Some("2027-01-02T07:00:00Z"));
    }
}
