//! Durations, counted by how long they were, by any number of threads at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper ends of the classes: in microseconds, and as they are told, in seconds.
pub(super) const BOUNDS: [(u64, &str); 14] = [
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1.0"),
    (2_500_000, "2.5"),
    (5_000_000, "5.0"),
    (10_000_000, "10.0"),
];

/// Counts durations.
#[derive(Debug, Default)]
pub struct DurationHistogram {
    classes: [AtomicU64; BOUNDS.len()],
    longer: AtomicU64,
    micros: AtomicU64,
}

/// What was counted, at one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DurationsSeen {
    /// How many were in each class alone.
    pub(super) classes: [u64; BOUNDS.len()],
    /// How many were longer.
    pub(super) longer: u64,
    /// How long all took together.
    pub(super) together: Duration,
}

impl DurationHistogram {
    /// Counts one.
    pub fn note(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = BOUNDS.iter().zip(&self.classes).find(|((end, _), _)| micros <= *end).map(|(_, class)| class);
        class.unwrap_or(&self.longer).fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// What was counted.
    pub fn seen(&self) -> DurationsSeen {
        DurationsSeen {
            classes: self.classes.each_ref().map(|class| class.load(Ordering::Relaxed)),
            longer: self.longer.load(Ordering::Relaxed),
            together: Duration::from_micros(self.micros.load(Ordering::Relaxed)),
        }
    }
}

impl DurationsSeen {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.classes.iter().sum::<u64>() + self.longer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_in_one_class() {
        let known = DurationHistogram::default();
        for micros in [0, 500, 501, 10_000_000, 10_000_001] {
            known.note(Duration::from_micros(micros));
        }
        let seen = known.seen();
        assert_eq!((seen.classes[0], seen.classes[1], seen.classes[13], seen.longer), (2, 1, 1, 1));
        assert_eq!((seen.count(), seen.together), (5, Duration::from_micros(20_001_002)));
    }

    #[test]
    fn what_is_told_of_an_end_is_what_is_counted_by() {
        for (micros, told) in BOUNDS {
            assert!(
                (told.parse::<f64>().unwrap() - Duration::from_micros(micros).as_secs_f64()).abs() < 1e-9,
                "{told}"
            );
        }
    }
}
