//! How many sign-ups are taken, without knowing from where they come: in all, and for the addresses of one domain. A flood
//! of addresses of one domain so keeps the page open to all others.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Domains that are remembered before those that have no bearing any more are forgotten.
const DOMAINS: usize = 1_000;

/// An hour's worth at once, then no faster than the rate. Kept as one instant, up to which the rate is used up (the generic
/// cell rate algorithm of ATM).
#[derive(Clone, Copy, Debug)]
struct Bucket {
    used_until: Timestamp,
}

impl Bucket {
    /// The bucket after one more, or when it has room for one.
    fn after(self, per_hour: u32, now: Timestamp) -> Result<Self, SignedDuration> {
        let ahead = self.used_until.duration_since(now);
        // What is further ahead than an hour was written by a clock that has been set back since.
        let ahead = if ahead > HOUR { SignedDuration::ZERO } else { ahead.max(SignedDuration::ZERO) };
        let ahead = ahead.saturating_add(HOUR / i32::try_from(per_hour.max(1)).unwrap_or(i32::MAX));
        if ahead > HOUR {
            return Err(ahead.saturating_sub(HOUR));
        }
        Ok(Self { used_until: now.saturating_add(ahead).unwrap_or(now) })
    }
}

/// What was taken lately.
#[derive(Debug)]
pub(super) struct Rates {
    per_hour: u32,
    per_domain_hour: u32,
    all: Bucket,
    domains: HashMap<String, Bucket>,
}

impl Rates {
    pub(super) fn new(per_hour: u32, per_domain_hour: u32) -> Self {
        let all = Bucket { used_until: Timestamp::UNIX_EPOCH };
        Self { per_hour, per_domain_hour, all, domains: HashMap::new() }
    }

    /// Takes one more for an address of `domain` at `now`. One that is not taken does not count.
    ///
    /// # Errors
    /// How long it is until one may be.
    pub(super) fn admit(&mut self, domain: &str, now: Timestamp) -> Result<(), SignedDuration> {
        let known = self.domains.get(domain).copied().unwrap_or(Bucket { used_until: now });
        let (all, own) = match (self.all.after(self.per_hour, now), known.after(self.per_domain_hour, now)) {
            (Ok(all), Ok(own)) => (all, own),
            (Err(one), Err(other)) => return Err(one.max(other)),
            (Err(wait), Ok(_)) | (Ok(_), Err(wait)) => return Err(wait),
        };
        if self.domains.len() >= DOMAINS {
            self.domains.retain(|_, bucket| bucket.used_until > now);
        }
        self.all = all;
        self.domains.insert(domain.to_owned(), own);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// How many of 1,000 are taken at `second`.
    fn taken(limits: &mut Rates, domain: &str, second: i64) -> usize {
        (0..1_000).filter(|_| limits.admit(domain, at(second)).is_ok()).count()
    }

    #[test]
    fn an_hours_worth_is_taken_at_once_and_then_no_more_than_the_rate() {
        let mut limits = Rates::new(600, 200);
        assert_eq!(taken(&mut limits, "a.example", 0), 200);
        assert_eq!(taken(&mut limits, "a.example", 180), 10);
        assert_eq!(taken(&mut limits, "b.example", 180), 200);
        assert_eq!(taken(&mut limits, "c.example", 180), 200);
        // 600 less what three minutes gave back.
        assert_eq!(taken(&mut limits, "d.example", 180), 20);
        assert_eq!(taken(&mut limits, "e.example", 180), 0);
        assert_eq!(taken(&mut limits, "a.example", 180 + 3_600), 200);
    }

    #[test]
    fn who_is_turned_away_is_told_when_there_is_room() {
        let mut limits = Rates::new(4, 3);
        assert_eq!(taken(&mut limits, "a.example", 0), 3);
        assert_eq!(limits.admit("a.example", at(0)), Err(SignedDuration::from_mins(20)));
        assert_eq!(taken(&mut limits, "b.example", 60), 1);
        assert_eq!(limits.admit("b.example", at(60)), Err(SignedDuration::from_mins(14)));
        assert_eq!(limits.admit("a.example", at(60)), Err(SignedDuration::from_mins(19)), "the longer of the two");
        assert_eq!(limits.admit("a.example", at(1_199)), Err(SignedDuration::from_secs(1)));
        assert_eq!(limits.admit("a.example", at(1_200)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_shuts_nobody_out() {
        let mut limits = Rates::new(600, 200);
        assert_eq!(taken(&mut limits, "a.example", 86_400), 200);
        assert_eq!(taken(&mut limits, "a.example", 0), 200);
    }

    #[test]
    fn what_has_no_bearing_any_more_is_forgotten() {
        let mut limits = Rates::new(100_000, 200);
        for number in 0..5_000 {
            assert!(limits.admit(&format!("d{number}.example"), at(number * 20)).is_ok());
        }
        assert!(limits.domains.len() <= DOMAINS + 1, "{}", limits.domains.len());
    }
}
