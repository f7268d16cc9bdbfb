//! How fast mail goes out: to the relay, and through it to each provider. Unlimited until somebody complains, then as fast
//! as went well, and a little faster for each mail that goes well.
//!
//! A *lane* is the mail for one provider, or for one domain that belongs to none that we know. All mail goes through the
//! relay's own lane as well. Each lane has a bucket of tokens; a message takes one from its lane and one from the relay's.
//!
//! | what happened | what follows for the lane |
//! |---|---|
//! | a first complaint | it gets what went through in the last minute, less a fiftieth; it rests two seconds |
//! | a later one | the same, but a fifth less than it was at most |
//! | one about a message that was on its way by then | nothing: it is the same complaint |
//! | one about the message that tried whether the rest was long enough | it rests twice as long, up to 15 minutes |
//! | that message went through | it goes on |
//! | a message went through | a little faster (`Lane::faster`) |
//! | two lanes complain, and in between nothing went through on a third | the relay is meant, and the two are as before |
//! | a lane complains once while the relay is used to the full of a rate that it is known to have | the relay is meant |

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "shares are told to whoever looks, in few digits")]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::retry::instant_after;

/// The rest after a complaint, and the longest one.
const FIRST_REST: SignedDuration = SignedDuration::from_secs(2);
const LONGEST_REST: SignedDuration = SignedDuration::from_mins(15);

/// How long a complaint of one lane makes another one's suspicious.
const SUSPICION: SignedDuration = SignedDuration::from_mins(1);

/// What is kept of what went through.
const KEPT: f64 = 0.98;
/// Fewer mails in a minute do not tell a rate: it is looked for in large steps.
const TELLING: f64 = 10.0;
/// How much faster it gets for each mail then: in a minute at full pace by twenty times.
const SEARCH: f64 = 3.0;
/// A relay that is used to so much of its rate is meant by a complaint that could be a provider's.
const USED: f64 = 0.8;
/// The least that is kept of the rate itself.
const KEPT_OF_RATE: f64 = 0.8;
/// The same of one that was guessed, or cut so shortly before.
const KEPT_OF_GUESS: f64 = 0.5;
const JUST_NOW: SignedDuration = SignedDuration::from_secs(15);
/// By which part of what it was cut to a lane gets faster in a minute at full pace.
const STEP: f64 = 0.05;
/// After so long without complaint the step doubles.
const CALM: SignedDuration = SignedDuration::from_mins(5);
/// Mails a minute: no lane is slower, and one that is faster than the most is not limited.
const SLOWEST: f64 = 1.0;
const FASTEST: f64 = 1_000_000.0;

/// How much of a second's mail may go out at once.
const AT_ONCE: f64 = 0.25;

/// How many lanes are remembered of which nothing is known.
const MOST_LANES: usize = 4096;

/// The name of a lane: a provider's, or a domain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneName {
    name: Arc<str>,
    of_provider: bool,
}

impl LaneName {
    /// The lane of a provider that we know.
    pub fn provider(name: &str) -> Self {
        Self { name: name.into(), of_provider: true }
    }

    /// The lane of one domain.
    pub fn domain(name: &str) -> Self {
        Self { name: name.to_lowercase().into(), of_provider: false }
    }

    /// The provider's name. A single domain can be a person's, and is kept in memory only.
    pub fn as_provider(&self) -> Option<&str> {
        self.of_provider.then_some(&*self.name)
    }
}

/// Whether a message may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayGo {
    /// It may.
    Now,
    /// When the clock shows this.
    NotBefore(Timestamp),
    /// When it is known what became of another.
    Later,
}

/// The mail of one provider, or all mail through the relay.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// Mails a minute that a person allows.
    limit: Option<f64>,
    /// Mails a minute that were learned.
    rate: Option<f64>,
    /// What it was cut to last, and before.
    base: f64,
    before: Option<f64>,
    cut_at: Option<Timestamp>,
    /// Whether it was cut before its rate could be told, and looks for it in large steps.
    starting: bool,
    /// Whether it was cut for the first time, and nothing has gone through since.
    unsure: bool,
    rest: SignedDuration,
    resumes_at: Option<Timestamp>,
    /// Whether nothing has gone through since it was cut; and since when one message tries whether it does.
    probing: bool,
    probe: Option<Timestamp>,
    tokens: f64,
    filled_at: Option<Timestamp>,
    recent: Recent,
}

impl Lane {
    fn limited_to(limit: Option<f64>, rate: Option<f64>) -> Self {
        let base = rate.unwrap_or_default();
        Self { limit, rate, base, tokens: 1.0, rest: FIRST_REST, ..Self::default() }
    }

    /// How many mails a minute go at most, when that is limited.
    pub fn pace(&self) -> Option<f64> {
        [self.limit, self.rate].into_iter().flatten().reduce(f64::min)
    }

    fn may_go(&mut self, now: Timestamp) -> MayGo {
        let Some(pace) = self.pace() else { return MayGo::Now };
        if let Some(resumes_at) = self.resumes_at {
            // One that lies further ahead than any was reckoned by a clock that has been set back since.
            if now < resumes_at && resumes_at.duration_since(now) <= LONGEST_REST {
                return MayGo::NotBefore(resumes_at);
            }
            self.resumes_at = None;
            self.filled_at = Some(now);
        }
        if self.probing && self.probe.is_some_and(|probe| now.duration_since(probe) <= LONGEST_REST) {
            return MayGo::Later;
        }
        let a_second = pace / 60.0;
        let passed = self.filled_at.map_or(0.0, |filled| now.duration_since(filled).as_secs_f64()).max(0.0);
        self.tokens = (self.tokens + passed * a_second).min((a_second * AT_ONCE).max(1.0));
        self.filled_at = Some(now);
        if self.tokens >= 1.0 - 1e-6 {
            return MayGo::Now;
        }
        MayGo::NotBefore(instant_after(now, SignedDuration::from_secs_f64((1.0 - self.tokens) / a_second)))
    }

    fn take(&mut self, now: Timestamp) {
        if self.pace().is_some() {
            self.tokens = (self.tokens - 1.0).max(0.0);
            self.probe = self.probing.then_some(now);
        }
    }

    /// A message that took its token at `since` was not offered, or nobody knows what became of it.
    fn let_go(&mut self, since: Timestamp) {
        if self.probe == Some(since) {
            self.probe = None;
            self.tokens = 1.0;
        }
    }

    /// A message that took its token at `since` went through.
    fn went(&mut self, since: Timestamp, now: Timestamp) {
        let last = self.recent.add(now);
        if self.probing {
            if self.cut_at.is_some_and(|cut_at| since <= cut_at) {
                return;
            }
            (self.probing, self.probe) = (false, None);
            if std::mem::replace(&mut self.rest, FIRST_REST) == FIRST_REST && self.unsure {
                // The first rest was enough, so it does not count by the minute: what went through in this little time tells.
                self.rate = self.rate.map(|rate| rate.max(KEPT * self.recent.a_minute_so_far(now)));
                self.starting = true;
            }
            self.unsure = false;
            // Whatever it was cut to: one mail in this time went well.
            if let (Some(rate), Some(last)) = (self.rate, last) {
                let gap = now.duration_since(last).as_secs_f64().max(0.1);
                self.rate = Some(rate.max(60.0 / gap));
            }
        } else if let Some(rate) = self.rate {
            self.rate = Some(rate + self.faster(rate, now)).filter(|rate| *rate < FASTEST);
        }
    }

    /// By how much a lane gets faster for one mail that went through: so that a minute at full pace makes it twenty times
    /// what it was where its rate could not be told, and else adds a twentieth of what it was cut to, twice as much for each five minutes without complaint.
    fn faster(&self, rate: f64, now: Timestamp) -> f64 {
        if self.starting {
            return SEARCH;
        }
        let calm = self.cut_at.map_or(0.0, |cut_at| now.duration_since(cut_at).as_secs_f64()).max(0.0);
        let doublings = (calm / CALM.as_secs_f64()).floor().min(8.0);
        (STEP * self.base * doublings.exp2() / rate).min(1.0)
    }

    /// Mail comes too fast, says the reply to a message that took its token at `since`. Says whether that is news.
    fn complained(&mut self, since: Timestamp, now: Timestamp) -> bool {
        if self.cut_at.is_some_and(|cut_at| since <= cut_at && cut_at <= now) {
            return false;
        }
        if self.probing {
            self.rest = self.rest.saturating_mul(2).min(LONGEST_REST);
        } else {
            let went = KEPT * self.recent.in_a_minute(now);
            let kept = match self.pace() {
                None => went,
                Some(pace) if self.starting || self.was_cut_just_now(now) => {
                    went.max(KEPT_OF_GUESS * pace).min(KEPT * pace)
                }
                Some(pace) => went.max(KEPT_OF_RATE * pace).min(KEPT * pace),
            };
            self.unsure = self.rate.is_none();
            self.starting = self.unsure && went < TELLING;
            self.before = self.rate.replace(kept.max(SLOWEST));
            self.base = kept.max(SLOWEST);
            self.rest = FIRST_REST;
        }
        self.cut_at = Some(now);
        self.resumes_at = Some(instant_after(now, self.rest));
        (self.probing, self.probe, self.tokens) = (true, None, 1.0);
        true
    }

    /// Whether the last cut was not enough by far.
    fn was_cut_just_now(&self, now: Timestamp) -> bool {
        self.cut_at.is_some_and(|cut_at| now.duration_since(cut_at) <= JUST_NOW)
    }

    /// How many a minute went through since it was cut, as far as that is remembered.
    fn used(&mut self, now: Timestamp) -> f64 {
        let since_cut = self.cut_at.map_or(60.0, |cut_at| now.duration_since(cut_at).as_secs_f64());
        let from = self.cut_at.map_or(i64::MIN, Timestamp::as_second);
        self.recent.forget(now);
        let went: u32 = self.recent.seconds.range(from..).map(|(_, went)| *went).sum();
        f64::from(went) * 60.0 / since_cut.clamp(1.0, 60.0)
    }

    /// It was not meant.
    fn pardon(&mut self) {
        self.rate = self.before.take();
        self.base = self.rate.unwrap_or_default();
        (self.probing, self.probe, self.resumes_at, self.starting) = (false, None, None, false);
        self.tokens = 1.0;
    }
}

/// The paces of one relay.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    relay: Lane,
    lanes: BTreeMap<LaneName, Lane>,
    /// The lane that complained last, and when, as long as nothing went through elsewhere since.
    suspect: Option<(LaneName, Timestamp)>,
    /// The lane whose complaint was taken for the relay's last, and whether others went through since.
    blamed: Option<(LaneName, Timestamp, bool)>,
}

/// The paces that were learned, in mails a minute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaceLearned {
    /// The relay's.
    pub relay: Option<f64>,
    /// Those of providers that we know, by name.
    pub providers: BTreeMap<String, f64>,
}

impl Pace {
    /// For a relay that a person allows `limit` mails a minute, as far as is known `learned`.
    pub fn new(limit: Option<f64>, learned: &PaceLearned) -> Self {
        let lane = |(name, rate): (&String, &f64)| (LaneName::provider(name), Lane::limited_to(None, Some(*rate)));
        Self {
            relay: Lane::limited_to(limit, learned.relay),
            lanes: learned.providers.iter().map(lane).collect(),
            suspect: None,
            blamed: None,
        }
    }

    /// What was learned.
    pub fn learned(&self) -> PaceLearned {
        let of_provider = |(name, lane): (&LaneName, &Lane)| Some((name.as_provider()?.to_owned(), lane.rate?));
        PaceLearned { relay: self.relay.rate, providers: self.lanes.iter().filter_map(of_provider).collect() }
    }

    /// How many mails a minute go to the relay at most, when that is limited.
    pub fn of_relay(&self) -> Option<f64> {
        self.relay.pace()
    }

    /// The same of a lane.
    pub fn of(&self, name: &LaneName) -> Option<f64> {
        self.lanes.get(name).and_then(Lane::pace)
    }

    fn lane(&mut self, name: &LaneName) -> &mut Lane {
        if self.lanes.len() >= MOST_LANES && !self.lanes.contains_key(name) {
            self.lanes.retain(|_, lane| lane.rate.is_some());
        }
        self.lanes.entry(name.clone()).or_insert_with(|| Lane::limited_to(None, None))
    }

    /// Whether any message may go, whatever its lane.
    pub fn relay_may_go(&mut self, now: Timestamp) -> MayGo {
        self.relay.may_go(now)
    }

    /// Whether a message of a lane may go, as far as the lane is concerned.
    pub fn lane_may_go(&mut self, name: &LaneName, now: Timestamp) -> MayGo {
        self.lanes.get_mut(name).map_or(MayGo::Now, |lane| lane.may_go(now))
    }

    /// A message of a lane goes at `now`, which is its `since` from here on.
    pub fn take(&mut self, name: &LaneName, now: Timestamp) {
        self.relay.take(now);
        self.lane(name).take(now);
    }

    /// It was not offered, or nobody knows what became of it.
    pub fn let_go(&mut self, name: &LaneName, since: Timestamp) {
        self.relay.let_go(since);
        self.lane(name).let_go(since);
    }

    /// It went through: whatever became of it, its pace was right.
    pub fn went(&mut self, name: &LaneName, since: Timestamp, now: Timestamp) {
        self.relay.went(since, now);
        self.lane(name).went(since, now);
        if self.suspect.as_ref().is_some_and(|(suspect, at)| suspect != name && *at < since) {
            self.suspect = None;
        }
        if let Some((blamed, at, others_went)) = &mut self.blamed {
            *others_went |= blamed != name && *at < since;
        }
    }

    /// Mail comes too fast, says the reply to it; `to_relay` when it came before a recipient was named.
    pub fn complained(&mut self, name: &LaneName, to_relay: bool, since: Timestamp, now: Timestamp) {
        if to_relay {
            self.relay.complained(since, now);
            self.lane(name).let_go(since);
            return;
        }
        let other = self.suspect.take().filter(|(suspect, at)| suspect != name && now.duration_since(*at) <= SUSPICION);
        if let Some((suspect, _)) = other {
            self.lane(&suspect).pardon();
            self.lane(name).let_go(since);
            self.relay.complained(since, now);
            return;
        }
        self.relay.let_go(since);
        // The relay rests already, and this message was on its way by then.
        if self.relay.probing && self.relay.cut_at.is_some_and(|cut_at| since <= cut_at) {
            self.lane(name).let_go(since);
            return;
        }
        // Nothing goes through on another lane either while the relay's own rest is tried out.
        if self.relay.probing {
            self.lane(name).let_go(since);
            self.relay.complained(since, now);
            return;
        }
        if self.relay_is_meant(name, now) {
            self.lane(name).let_go(since);
            self.relay.complained(since, now);
            self.blamed = Some((name.clone(), now, false));
            return;
        }
        if self.lane(name).complained(since, now) {
            self.suspect = Some((name.clone(), now));
        }
    }

    /// Whether a complaint is rather the relay's: it is known to have a rate, and was cut just now or is used to the full; unless the same lane
    /// has complained before while others went through.
    fn relay_is_meant(&mut self, name: &LaneName, now: Timestamp) -> bool {
        let again = self.blamed.as_ref().is_some_and(|(blamed, at, others_went)| {
            blamed == name && *others_went && now.duration_since(*at) <= SUSPICION.saturating_mul(2)
        });
        let unsettled = self.relay.was_cut_just_now(now);
        !again && self.relay.rate.is_some_and(|rate| unsettled || self.relay.used(now) >= USED * rate)
    }
}

/// How many went through in each of the last sixty seconds.
#[derive(Clone, Debug, Default)]
struct Recent {
    seconds: BTreeMap<i64, u32>,
    last: Option<Timestamp>,
}

impl Recent {
    /// One more; says when the last one went through.
    fn add(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.forget(now);
        *self.seconds.entry(now.as_second()).or_default() += 1;
        self.last.replace(now)
    }

    /// The rate of what went through since the first of these, over a second at least.
    fn a_minute_so_far(&mut self, now: Timestamp) -> f64 {
        let went = self.in_a_minute(now);
        let first = self.seconds.first_key_value().map_or(now.as_second(), |(second, _)| *second);
        #[expect(clippy::cast_precision_loss, reason = "no more than a minute")]
        let seconds = (now.as_second() - first).clamp(1, 60) as f64;
        went * 60.0 / seconds
    }

    fn in_a_minute(&mut self, now: Timestamp) -> f64 {
        self.forget(now);
        f64::from(self.seconds.values().sum::<u32>())
    }

    fn forget(&mut self, now: Timestamp) {
        // What lies ahead was counted by a clock that has been set back since.
        self.seconds = self.seconds.split_off(&(now.as_second() - 59));
        self.seconds.split_off(&(now.as_second() + 1));
    }
}
