//! Which daemons run on a store, as it is seen from outside: from the lock where one daemon has a store to itself, from
//! the heartbeats where daemons share one.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::db::{Db, StoreResult, heartbeats};
use crate::phrase;
use crate::phrase::Phrase;
use crate::problem::{Problem, ProblemKind};

/// A daemon that has been silent for this long is taken for dead where there is no lock to see, and for stuck where there
/// is: several heartbeats, and longer than a statement waits for a busy store.
const SILENCE: SignedDuration = SignedDuration::from_secs(90);

/// A daemon's last sign of life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Beat {
    /// The daemon's name.
    pub name: String,
    /// When it last wrote to the store.
    pub at: Timestamp,
}

/// What locks say of daemons.
#[derive(Clone, Debug, Default)]
pub struct Locks {
    /// Whether a daemon has the store to itself, where a store has a lock that can be seen.
    pub store: Option<bool>,
    /// When that lock was taken, where that can be seen.
    pub taken_at: Option<Timestamp>,
    /// A daemon that is gone, by the lock of its folder.
    pub gone: Option<String>,
}

/// What is known of the daemons on a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Presence {
    /// Whether one runs.
    pub running: bool,
    /// The daemons that run and write.
    pub daemons: Vec<Beat>,
    /// The last sign of life of any.
    pub last_beat_at: Option<Timestamp>,
    /// When one last stopped in order.
    pub stopped_at: Option<Timestamp>,
    /// Whether the one that runs has only just begun, and need not have written yet.
    #[serde(skip)]
    begins: bool,
    /// The names of all that have not said goodbye, where one runs.
    #[serde(skip)]
    names: Vec<String>,
    /// The last heartbeats of the others.
    #[serde(skip)]
    gone: Vec<Beat>,
}

impl Presence {
    /// Looks at a store. `locks` are what the locks say that can be seen.
    pub fn of(db: &mut Db, locks: &Locks, now: Timestamp) -> StoreResult<Self> {
        Ok(Self::judge(locks, beats(db)?, heartbeats::stopped_at(db)?, now))
    }

    fn judge(locks: &Locks, beats: Vec<Beat>, stopped_at: Option<Timestamp>, now: Timestamp) -> Self {
        let last_beat_at = beats.iter().map(|beat| beat.at).max();
        let may_be = |beat: &Beat| match locks.store {
            Some(held) => held,
            None => is_fresh(beat.at, now) && locks.gone.as_ref() != Some(&beat.name),
        };
        let (mut daemons, gone): (Vec<Beat>, Vec<Beat>) = beats.into_iter().partition(may_be);
        let names = daemons.iter().map(|beat| beat.name.clone()).collect();
        daemons.retain(|beat| is_fresh(beat.at, now));
        let running = locks.store.unwrap_or(!daemons.is_empty());
        let begins = running && locks.taken_at.is_some_and(|at| is_fresh(at, now));
        Self { running, daemons, last_beat_at, stopped_at, begins, names, gone }
    }

    /// When a daemon that is gone wrote its last heartbeat, if that is known.
    pub fn last_seen(&self, name: &str) -> Option<Timestamp> {
        self.gone.iter().find(|beat| beat.name == name).map(|beat| beat.at)
    }

    /// Whether the daemon `name` may still be there. What one has met that was killed says nothing of today.
    pub fn may_be(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// What is known of the last daemon.
    pub fn last(&self) -> Phrase {
        let at = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        match (self.last_beat_at, self.stopped_at) {
            (beat, Some(stopped)) if beat.is_none_or(|beat| beat <= stopped) => {
                phrase!("daemon-stopped", at = at(stopped))
            }
            (Some(beat), _) => phrase!("daemon-seen", at = at(beat)),
            (None, _) => phrase!("daemon-none-yet"),
        }
    }

    /// What is wrong about it. Nobody misses a daemon while nothing is planned.
    pub fn problem(&self, something_is_planned: bool) -> Option<Problem> {
        let last = self.last();
        if !self.running {
            let words = format!("no daemon is running, and something is planned; {last}");
            let remedy = "start it: `systemctl start carillon`, or `carillon run`; `carillon doctor` tells what keeps it from starting";
            return something_is_planned.then(|| Problem::new(ProblemKind::NoDaemon, "", words, remedy));
        }
        (self.daemons.is_empty() && !self.begins).then(|| {
            Problem::new(
                ProblemKind::DaemonSilent,
                "",
                format!("a daemon is running and does not write to the store; {last}"),
                "see why in its log and at `/ready`: a full disk, a locked store, a daemon that hangs",
            )
        })
    }
}

/// Writes the heartbeat of `owner`, and forgets every other one where `owner` is `alone` on the store. Where it is not, a
/// daemon that is no more is found out by its silence, not by its clock. Returns the heartbeats.
pub(super) fn beat(db: &mut Db, owner: &str, alone: bool, now: Timestamp) -> StoreResult<Vec<Beat>> {
    heartbeats::beat(db, owner, now)?;
    let is_gone = |beat: &Beat| alone && beat.name != owner;
    let (gone, alive): (Vec<Beat>, Vec<Beat>) = beats(db)?.into_iter().partition(is_gone);
    for beat in gone {
        heartbeats::forget(db, &beat.name)?;
    }
    Ok(alive)
}

fn beats(db: &mut Db) -> StoreResult<Vec<Beat>> {
    Ok(heartbeats::list(db)?.into_iter().map(|(name, at)| Beat { name, at }).collect())
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).abs() < SILENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2027-01-02T07:00:00Z";
    const FRESH: &str = "2027-01-02T06:59:30Z";
    const STALE: &str = "2027-01-02T06:50:00Z";

    fn store(locked: Option<bool>) -> Locks {
        Locks { store: locked, ..Locks::default() }
    }

    /// Whether a daemon runs, how many write, and what is wrong while something is planned.
    #[track_caller]
    fn check(locked: Option<bool>, beats: &[&str], expected: (bool, usize, Option<ProblemKind>)) {
        let beat = |at: &&str| Beat { name: "daemon-1".into(), at: at.parse().unwrap() };
        let presence = Presence::judge(&store(locked), beats.iter().map(beat).collect(), None, NOW.parse().unwrap());
        let problem = presence.problem(true).map(|problem| problem.kind);
        assert_eq!((presence.running, presence.daemons.len(), problem), expected, "{locked:?} {beats:?}");
    }

    #[test]
    fn the_lock_says_whether_one_runs_and_the_heartbeat_whether_it_works() {
        use ProblemKind::{DaemonSilent, NoDaemon};
        check(Some(true), &[FRESH], (true, 1, None));
        check(Some(true), &[STALE], (true, 0, Some(DaemonSilent)));
        check(Some(true), &[], (true, 0, Some(DaemonSilent)));
        // Right after a kill.
        check(Some(false), &[FRESH], (false, 0, Some(NoDaemon)));
        check(Some(false), &[], (false, 0, Some(NoDaemon)));
    }

    #[test]
    fn one_that_has_only_just_begun_need_not_have_written() {
        for (taken_at, expected) in [(FRESH, None), (STALE, Some(ProblemKind::DaemonSilent))] {
            let locks = Locks { taken_at: Some(taken_at.parse().unwrap()), ..store(Some(true)) };
            let presence = Presence::judge(&locks, Vec::new(), None, NOW.parse().unwrap());
            assert_eq!(presence.problem(true).map(|problem| problem.kind), expected, "{taken_at}");
        }
        // Right after a kill it is no daemon.
        let locks = Locks { taken_at: Some(FRESH.parse().unwrap()), ..store(Some(false)) };
        let presence = Presence::judge(&locks, Vec::new(), None, NOW.parse().unwrap());
        assert_eq!(presence.problem(true).map(|problem| problem.kind), Some(ProblemKind::NoDaemon));
    }

    #[test]
    fn where_there_is_no_lock_the_heartbeats_say_it() {
        check(None, &[FRESH, FRESH, STALE], (true, 2, None));
        check(None, &[STALE], (false, 0, Some(ProblemKind::NoDaemon)));
    }

    #[test]
    fn the_lock_of_its_folder_says_that_one_is_gone_whose_heartbeat_is_fresh() {
        let beats = |names: &[&str]| {
            names.iter().map(|name| Beat { name: (*name).into(), at: FRESH.parse().unwrap() }).collect::<Vec<_>>()
        };
        let locks = Locks { gone: Some("daemon-1".into()), ..Locks::default() };
        let look = |names: &[&str]| Presence::judge(&locks, beats(names), None, NOW.parse().unwrap());
        let alone = look(&["daemon-1"]);
        assert!(!alone.running && !alone.may_be("daemon-1"));
        assert_eq!(alone.last_seen("daemon-1"), Some(FRESH.parse().unwrap()));
        assert_eq!(alone.last().to_string(), "the last one was last seen at 2027-01-02 06:59:30 UTC");
        let beside = look(&["daemon-1", "daemon-2"]);
        assert!(beside.running && beside.may_be("daemon-2") && !beside.may_be("daemon-1"));
        assert_eq!(beside.last_seen("daemon-2"), None);
    }

    #[test]
    fn a_clean_stop_is_told_from_a_death() {
        let last = |beats: &[&str], stopped: Option<&str>| {
            let beat = |at: &&str| Beat { name: "daemon-1".into(), at: at.parse().unwrap() };
            let stopped = stopped.map(|at| at.parse().unwrap());
            let presence =
                Presence::judge(&store(Some(false)), beats.iter().map(beat).collect(), stopped, NOW.parse().unwrap());
            presence.last().to_string()
        };
        assert_eq!(last(&[], None), "none has run on this store yet");
        assert_eq!(last(&[], Some(STALE)), "the last one was stopped at 2027-01-02 06:50:00 UTC (cleanly)");
        assert_eq!(last(&[FRESH], Some(STALE)), "the last one was last seen at 2027-01-02 06:59:30 UTC");
        assert_eq!(last(&[STALE], Some(FRESH)), "the last one was stopped at 2027-01-02 06:59:30 UTC (cleanly)");
    }

    #[test]
    fn what_a_dead_daemon_met_is_not_of_today() {
        let beats = |at: &str| vec![Beat { name: "daemon-1".into(), at: at.parse().unwrap() }];
        for (locked, at, expected) in [
            (Some(true), FRESH, true),
            (Some(true), STALE, true),
            (Some(false), FRESH, false),
            (None, FRESH, true),
            (None, STALE, false),
        ] {
            let presence = Presence::judge(&store(locked), beats(at), None, NOW.parse().unwrap());
            assert_eq!(presence.may_be("daemon-1"), expected, "{locked:?} {at}");
            assert!(!presence.may_be("daemon-2"));
        }
    }

    #[test]
    fn nobody_misses_a_daemon_that_has_nothing_to_do() {
        assert_eq!(Presence::judge(&store(Some(false)), Vec::new(), None, NOW.parse().unwrap()).problem(false), None);
    }
}
