use std::collections::VecDeque;

use super::*;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + millis).unwrap()
}

/// How a relay counts.
#[derive(Clone, Copy, Debug)]
enum Counts {
    /// So many in each minute.
    EachMinute,
    /// So many in any minute.
    AnyMinute,
    /// A bucket that is full at first.
    Bucket,
    /// One after the other, never two at once.
    Evenly,
}

/// A relay that takes so many a minute and says "too fast" to the others.
struct Strict {
    counts: Counts,
    a_minute: usize,
    taken: VecDeque<i64>,
    bucket: f64,
    filled: i64,
}

impl Strict {
    fn new(counts: Counts, a_minute: usize) -> Self {
        let bucket = if matches!(counts, Counts::Evenly) { 1.0 } else { a_minute as f64 };
        Self { counts, a_minute, taken: VecDeque::new(), bucket, filled: 0 }
    }

    fn takes(&mut self, millis: i64) -> bool {
        let most = if matches!(self.counts, Counts::Evenly) { 1.0 } else { self.a_minute as f64 };
        self.bucket = (self.bucket + (millis - self.filled) as f64 * self.a_minute as f64 / 60_000.0).min(most);
        self.filled = millis;
        let since = match self.counts {
            Counts::EachMinute => millis - millis % 60_000,
            _ => millis - 59_999,
        };
        while self.taken.front().is_some_and(|taken| *taken < since) {
            self.taken.pop_front();
        }
        let takes = match self.counts {
            Counts::EachMinute | Counts::AnyMinute => self.taken.len() < self.a_minute,
            Counts::Bucket | Counts::Evenly => self.bucket >= 1.0,
        };
        if takes {
            self.taken.push_back(millis);
            self.bucket -= 1.0;
        }
        takes
    }
}

#[test]
fn a_relay_that_counts_by_the_second() {
    // Thirty in any second; it is asked for 1,200.
    let mut pace = Pace::new(None, &PaceLearned::default());
    let (mut taken, mut attempts, mut went, mut now) = (VecDeque::<i64>::new(), 0, 0, 0);
    while went < 1_200 {
        if pace.relay_may_go(at(now)) == MayGo::Now && pace.lane_may_go(&one(0), at(now)) == MayGo::Now {
            attempts += 1;
            pace.take(&one(0), at(now));
            while taken.front().is_some_and(|then| *then <= now - 1_000) {
                taken.pop_front();
            }
            if taken.len() < 30 {
                taken.push_back(now);
                went += 1;
                pace.went(&one(0), at(now), at(now));
            } else {
                pace.complained(&one(0), false, at(now), at(now));
            }
        }
        now += 5;
        assert!(now < 300_000, "{went} of 1,200 after {attempts} attempts");
    }
    println!("30 in any second: {attempts} attempts for 1,200, in {:.1} s where 40 would do", now as f64 / 1_000.0);
    assert!(attempts <= 1_400 && now <= 80_000, "{attempts} attempts in {now} ms");
}

/// What came of a mailing.
#[derive(Debug)]
struct Told {
    attempts: usize,
    minutes: f64,
}

/// Sends `count` messages over `lines` connections, each of which takes `trip` for a message. `lane` says whose they are.
fn send(pace: &mut Pace, relay: &mut Strict, count: usize, lane: impl Fn(usize) -> LaneName) -> Told {
    let (lines, trip) = (8, 50);
    let mut waiting: VecDeque<usize> = (0..count).collect();
    let mut flying: Vec<(i64, Timestamp, usize)> = Vec::new();
    let (mut now, mut attempts, mut done) = (0, 0, 0);
    while done < count {
        let (landed, left): (Vec<_>, Vec<_>) = flying.into_iter().partition(|(lands, ..)| *lands <= now);
        flying = left;
        for (_, since, message) in landed {
            attempts += 1;
            if relay.takes(now) {
                done += 1;
                pace.went(&lane(message), since, at(now));
            } else {
                pace.complained(&lane(message), false, since, at(now));
                waiting.push_front(message);
            }
        }
        while flying.len() < lines && pace.relay_may_go(at(now)) == MayGo::Now {
            // Where all are of one lane, the first one tells.
            let few = if lane(0) == lane(1) { 1 } else { waiting.len() };
            let mut ahead = waiting.iter().take(few);
            let next = ahead.position(|message| pace.lane_may_go(&lane(*message), at(now)) == MayGo::Now);
            let Some(message) = next.and_then(|next| waiting.remove(next)) else { break };
            pace.take(&lane(message), at(now));
            flying.push((now + trip, at(now), message));
        }
        now += 5;
        assert!(now < 6_000_000, "{done} of {count} after {attempts} attempts");
    }
    Told { attempts, minutes: now as f64 / 60_000.0 }
}

/// That a relay of its kind is asked for little more than it takes, and is not kept waiting.
#[track_caller]
fn check(counts: Counts, a_minute: usize, count: usize, lane: impl Fn(usize) -> LaneName) -> Told {
    let mut pace = Pace::new(None, &PaceLearned::default());
    let told = send(&mut pace, &mut Strict::new(counts, a_minute), count, lane);
    // A relay that takes a minute's mail at once has taken it before the first minute is over.
    let ahead = if matches!(counts, Counts::Evenly) { 0 } else { a_minute };
    let could = (count - ahead) as f64 / a_minute as f64;
    let (each, share) = (told.attempts as f64 / count as f64, could / told.minutes);
    println!("{counts:?} {a_minute}/min: {each:.3} attempts each, {share:.3} of what it takes");
    assert!(each <= 1.3, "{counts:?} {a_minute}: {each:.2} attempts for each message");
    assert!(share >= 0.9, "{counts:?} {a_minute}: {share:.2} of what the relay takes, {told:?}");
    told
}

fn one(_: usize) -> LaneName {
    LaneName::domain("example.fr")
}

#[test]
fn a_relay_that_takes_thirty_a_minute() {
    for counts in [Counts::EachMinute, Counts::AnyMinute, Counts::Bucket, Counts::Evenly] {
        check(counts, 30, 600, one);
        check(counts, 30, 600, |message| LaneName::domain(&format!("example{}.fr", message % 7)));
        check(counts, 30, 600, |message| LaneName::domain(&format!("example{message}.fr")));
    }
}

#[test]
fn a_relay_that_takes_many() {
    for counts in [Counts::EachMinute, Counts::AnyMinute, Counts::Bucket] {
        check(counts, 300, 6_000, one);
    }
}

#[test]
fn a_slow_provider_holds_nobody_back() {
    // Of three providers one takes thirty a minute; the others take what comes.
    let mut pace = Pace::new(None, &PaceLearned::default());
    let mut slow = Strict::new(Counts::AnyMinute, 30);
    let names = ["Slow", "Quick", "Quicker"].map(LaneName::provider);
    let mut waiting = [300, 3_000, 3_000];
    let (mut now, mut attempts, mut quick_at) = (0, 0, 0);
    while waiting[0] > 0 {
        for (lane, left) in names.iter().zip(&mut waiting) {
            while *left > 0 && pace.relay_may_go(at(now)) == MayGo::Now && pace.lane_may_go(lane, at(now)) == MayGo::Now
            {
                pace.take(lane, at(now));
                if lane.as_provider() == Some("Slow") {
                    attempts += 1;
                    if !slow.takes(now) {
                        pace.complained(lane, false, at(now), at(now));
                        break;
                    }
                }
                pace.went(lane, at(now), at(now));
                *left -= 1;
                now += 5;
            }
        }
        if waiting[1] + waiting[2] == 0 && quick_at == 0 {
            quick_at = now;
        }
        now += 5;
        assert!(now < 2_000_000, "{waiting:?}");
    }
    println!(
        "a slow provider: {attempts} attempts for 300, in {} s; 6,000 others in {} s",
        now / 1_000,
        quick_at / 1_000
    );
    assert!((1..60_000).contains(&quick_at), "the others were done after {quick_at} ms");
    assert!(attempts <= 390 && now <= 660_000, "{attempts} attempts in {now} ms");
    assert_eq!(pace.learned().relay, None);
}

#[test]
fn one_wave_is_one_complaint_and_a_limit_that_is_set_holds() {
    let lane = one(0);
    let mut pace = Pace::new(Some(600.0), &PaceLearned::default());
    let mut went = 0;
    for millis in 0..60_000 {
        if pace.relay_may_go(at(millis)) == MayGo::Now {
            pace.take(&lane, at(millis));
            pace.went(&lane, at(millis), at(millis));
            went += 1;
        }
    }
    assert!((598..=602).contains(&went), "{went} in a minute");
    assert_eq!(pace.learned(), PaceLearned::default());
    for wave in 0..8 {
        pace.complained(&lane, true, at(60_000 - wave), at(60_000 + wave));
    }
    let rate = pace.learned().relay.unwrap();
    assert!((480.0..600.0).contains(&rate), "{rate}");
    assert_eq!(pace.relay_may_go(at(60_010)), MayGo::NotBefore(at(62_000)));
    // One message tries whether the rest was long enough, and only one.
    assert_eq!(pace.relay_may_go(at(62_000)), MayGo::Now);
    pace.take(&lane, at(62_000));
    assert_eq!(pace.relay_may_go(at(63_000)), MayGo::Later);
    pace.let_go(&lane, at(62_000));
    assert_eq!(pace.relay_may_go(at(63_000)), MayGo::Now, "it was not offered: another one may try");
    pace.take(&lane, at(63_000));
    pace.complained(&lane, true, at(63_000), at(63_100));
    assert_eq!(pace.relay_may_go(at(63_200)), MayGo::NotBefore(at(67_100)), "twice as long");
    // A clock that is set back makes nobody wait for a time to come a second time.
    assert_ne!(pace.relay_may_go(at(63_200 - 86_400_000)), MayGo::NotBefore(at(67_100)));
}

#[test]
fn what_was_learned_is_gone_on_with() {
    let learned = PaceLearned { relay: Some(90.0), providers: [("Orange".to_owned(), 30.0)].into() };
    let mut pace = Pace::new(Some(1_800.0), &learned);
    assert_eq!(pace.learned(), learned);
    assert_eq!((pace.of_relay(), pace.of(&LaneName::provider("Orange"))), (Some(90.0), Some(30.0)));
    // A single domain is in nobody's record.
    pace.complained(&LaneName::domain("example.fr"), false, at(0), at(1));
    assert_eq!(pace.learned(), learned);
}
