//! Which of the other daemons on a shared store are presumed dead: a failure detector.
//!
//! A heartbeat is held against its own earlier value, on the steady clock of whoever looks: neither daemon's wall clock
//! counts. While the store can be written by nobody, nobody looks either; so one look adds little, however long the last one
//! is past. What is presumed can be wrong, for a machine that sleeps or lost its network. That costs time and no message: what
//! is taken back has another claim from then on, and the daemon that wakes can neither hand it over nor record it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// How long a heartbeat stays the same before its daemon is presumed dead: six times the pause between two, and longer than
/// the pauses after which a daemon tries a failed one again.
pub(super) const DEAD_AFTER: Duration = Duration::from_secs(30);

/// The most that one look adds: two pauses between heartbeats.
const MOST_A_LOOK: Duration = Duration::from_secs(10);

/// A daemon's last heartbeat, as it stands in the store; none of one that has claimed something before its first.
pub(super) type LastBeat = Option<Timestamp>;

/// What was seen of the others so far.
#[derive(Debug, Default)]
pub(super) struct FailureDetector {
    looked_at: Option<Instant>,
    watched: BTreeMap<String, Watched>,
}

/// A heartbeat, and for how long it has been the same.
#[derive(Clone, Copy, Debug)]
struct Watched {
    beat: LastBeat,
    silent_for: Duration,
}

impl FailureDetector {
    /// Takes in what the store says at `now` of all others. Returns those that are presumed dead, with their last heartbeats.
    pub(super) fn look(&mut self, others: BTreeMap<String, LastBeat>, now: Instant) -> Vec<(String, LastBeat)> {
        let passed = self.looked_at.map_or(Duration::ZERO, |at| now.duration_since(at)).min(MOST_A_LOOK);
        self.looked_at = Some(now);
        let before = std::mem::take(&mut self.watched);
        let watched = |(name, beat): (String, LastBeat)| {
            let same = before.get(&name).filter(|known| known.beat == beat);
            let silent_for = same.map_or(Duration::ZERO, |known| known.silent_for + passed);
            (name, Watched { beat, silent_for })
        };
        self.watched = others.into_iter().map(watched).collect();
        let dead = self.watched.iter().filter(|(_, watched)| watched.silent_for >= DEAD_AFTER);
        dead.map(|(name, watched)| (name.clone(), watched.beat)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks every so many seconds at a daemon whose heartbeats are these; says after how many looks it is presumed dead.
    fn dead_at(pause: u64, beats: &[LastBeat]) -> Option<usize> {
        let (mut detector, begun) = (FailureDetector::default(), Instant::now());
        beats.iter().enumerate().position(|(look, beat)| {
            let others = BTreeMap::from([("other".to_owned(), *beat)]);
            let dead = detector.look(others, begun + Duration::from_secs(pause) * u32::try_from(look).unwrap());
            !dead.is_empty()
        })
    }

    fn beat(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn one_whose_heartbeat_stays_the_same_is_presumed_dead() {
        assert_eq!(dead_at(5, &[Some(beat(1)); 20]), Some(6));
        // Also one that never wrote one.
        assert_eq!(dead_at(5, &[None; 20]), Some(6));
    }

    #[test]
    fn any_other_heartbeat_is_a_sign_of_life() {
        let beats: Vec<LastBeat> = (0..200).map(|look| Some(beat(look / 5))).collect();
        assert_eq!(dead_at(5, &beats), None);
        // Its clock may stand anywhere, and be set back.
        let beats: Vec<LastBeat> = (0..200).map(|look| Some(beat(-1_000 * (look / 5)))).collect();
        assert_eq!(dead_at(5, &beats), None);
        // One that was removed by others is written again.
        let beats: Vec<LastBeat> = (0..200).map(|look| (look % 2 == 0).then(|| beat(look))).collect();
        assert_eq!(dead_at(5, &beats), None);
    }

    #[test]
    fn while_nobody_could_look_nobody_has_died() {
        // The store was away for an hour: both come back to it.
        assert_eq!(dead_at(3_600, &[1, 1, 1, 2].map(|second| Some(beat(second)))), None);
        assert_eq!(dead_at(3_600, &[Some(beat(1)); 4]), Some(3));
    }

    #[test]
    fn one_that_comes_back_is_watched_anew() {
        let (mut detector, begun) = (FailureDetector::default(), Instant::now());
        let mut look = |second: u64, beats: &[(&str, Timestamp)]| {
            let others = beats.iter().map(|(name, beat)| ((*name).to_owned(), Some(*beat))).collect();
            let dead = detector.look(others, begun + Duration::from_secs(second));
            dead.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        for second in [0, 10, 20] {
            assert_eq!(look(second, &[("a", beat(1)), ("b", beat(second.try_into().unwrap()))]), Vec::<String>::new());
        }
        assert_eq!(look(30, &[("a", beat(1)), ("b", beat(30))]), ["a"]);
        // As long as something of it is left.
        assert_eq!(look(40, &[("a", beat(1)), ("b", beat(40))]), ["a"]);
        assert_eq!(look(50, &[("a", beat(50)), ("b", beat(50))]), Vec::<String>::new());
        assert_eq!(look(60, &[("b", beat(60))]), Vec::<String>::new());
        assert_eq!(look(70, &[("a", beat(50)), ("b", beat(70))]), Vec::<String>::new());
    }
}
