//! A gate, and what it answers at an instant.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::millis;
use crate::campaign::AudienceClass;
use crate::text::{Slug, WebAddress};

/// The window of one applied campaign, half-open: `[opens_at, closes_at)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Gate {
    /// The campaign's slug.
    pub slug: Slug,
    /// The campaign's title, or what its file says to show instead.
    pub title: String,
    /// The shop's page of the sale, when there is one.
    pub url: Option<WebAddress>,
    /// The IANA name of the zone that people read its times in. It decides nothing: the window is instants.
    pub zone: String,
    /// The first instant at which it is open.
    pub opens_at: Timestamp,
    /// The first instant at which it is open no more, as applied.
    pub closes_at: Timestamp,
    /// When the campaign was cancelled. A cancellation ends the window, or keeps it from ever starting.
    pub cancelled_at: Option<Timestamp>,
    /// Whether its times are to be confirmed: the law has moved since it was applied, and nobody has applied it again.
    /// They hold until somebody does.
    pub held: bool,
    /// Who can buy at the price, for the words of its page. The gate opens for everybody alike.
    pub audience: AudienceClass,
    /// From when on it stands in public lists; `None` of one that never does. To its own name it always answers.
    pub listed_from: Option<Timestamp>,
}

impl Gate {
    /// The zone on whose clocks people read its times; UTC should this machine not know its name.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }

    /// Whether it stands in public lists at `at`.
    pub fn is_listed(&self, at: Timestamp) -> bool {
        self.listed_from.is_some_and(|from| from <= at)
    }

    /// The instants at which a public list says something else because of it, in order: when it comes in, and when it then opens and
    /// closes.
    pub fn changes_of_lists(&self) -> Vec<Timestamp> {
        let Some(from) = self.listed_from else { return Vec::new() };
        let own = changes(self).into_iter().filter(|change| *change > from);
        Some(from).filter(|from| *from > Timestamp::MIN).into_iter().chain(own).collect()
    }
}

/// Whether one can buy: the only thing that a shop has to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GateState {
    /// Not open: not yet, or no more.
    Closed,
    /// Open.
    Open,
}

/// Where in its life a gate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Closed; it will open.
    Before,
    /// Open.
    Open,
    /// Closed for good, or cancelled.
    After,
}

/// Where in its life a sale is, in the word that people read everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Its gate will open.
    Upcoming,
    /// Its gate is open.
    Open,
    /// Its gate has closed for good.
    Over,
    /// A cancellation closed its gate, or keeps it from opening.
    Cancelled,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Upcoming => "upcoming",
            Self::Open => "open",
            Self::Over => "over",
            Self::Cancelled => "cancelled",
        })
    }
}

impl Phase {
    /// Open or closed.
    pub fn state(self) -> GateState {
        match self {
            Self::Open => GateState::Open,
            Self::Before | Self::After => GateState::Closed,
        }
    }
}

impl fmt::Display for GateState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Closed => "closed",
            Self::Open => "open",
        })
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Before => "before",
            Self::Open => "open",
            Self::After => "after",
        })
    }
}

impl Gate {
    /// The instant from which it is closed for good: as applied, or its cancellation when that came first. In a
    /// campaign cancelled before it opened this lies before `opens_at`, and `[opens_at, ends_at)` holds no instant.
    pub fn ends_at(&self) -> Timestamp {
        self.cancelled_at.map_or(self.closes_at, |cancelled_at| self.closes_at.min(millis::floor(cancelled_at)))
    }

    /// Whether people are to be told at `at` that its times are to be confirmed: while there is one to come.
    pub fn is_to_confirm(&self, at: Timestamp) -> bool {
        self.held && phase(self, at) != Phase::After
    }

    /// Whether a cancellation, not the schedule, ends it.
    pub fn is_cut_short(&self) -> bool {
        self.ends_at() < self.closes_at
    }
}

/// Where in its life `gate` is at `at`. Exactly one phase holds at every instant.
pub fn phase(gate: &Gate, at: Timestamp) -> Phase {
    if at >= gate.ends_at() {
        Phase::After
    } else if at >= gate.opens_at {
        Phase::Open
    } else {
        Phase::Before
    }
}

/// Where in its life the sale behind `gate` is at `at`.
pub fn stage(gate: &Gate, at: Timestamp) -> Stage {
    match phase(gate, at) {
        Phase::Before => Stage::Upcoming,
        Phase::Open => Stage::Open,
        Phase::After if gate.is_cut_short() => Stage::Cancelled,
        Phase::After => Stage::Over,
    }
}

/// The first instant after `at` at which the phase is another one, or `None` when it stays as it is for good.
pub fn next_change(gate: &Gate, at: Timestamp) -> Option<Timestamp> {
    match phase(gate, at) {
        Phase::Before => Some(gate.opens_at.min(gate.ends_at())),
        Phase::Open => Some(gate.ends_at()),
        Phase::After => None,
    }
}

/// The instants at which its phase becomes another one, in order.
pub fn changes(gate: &Gate) -> Vec<Timestamp> {
    std::iter::successors(next_change(gate, Timestamp::MIN), |change| next_change(gate, *change)).collect()
}

/// The last instant, `at` or before, at which the phase became another one, or `None` when it was always as it is.
pub fn last_change(gate: &Gate, at: Timestamp) -> Option<Timestamp> {
    match phase(gate, at) {
        Phase::Before => None,
        Phase::Open => Some(gate.opens_at),
        Phase::After => Some(gate.ends_at()),
    }
}

/// What a gate answers. This is the JSON that shops read: see `docs/gate.md`. It is the same from one change to the next, so
/// it says nothing of the time at which it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct Answer {
    /// The campaign's slug.
    pub slug: Slug,
    /// The campaign's title.
    pub title: String,
    /// `open` or `closed`.
    pub state: GateState,
    /// The same as a boolean.
    pub open: bool,
    /// `before`, `open` or `after`.
    pub phase: Phase,
    /// Whether a cancellation ended it, or kept it from opening.
    pub cancelled: bool,
    /// Whether its times are to be confirmed.
    pub held: bool,
    /// The first instant at which it is open.
    #[serde(with = "millis")]
    pub opens_at: Timestamp,
    /// The first instant at which it is open no more; its cancellation, when that came first.
    #[serde(with = "millis")]
    pub closes_at: Timestamp,
    /// The first instant at which this answer will be another one.
    #[serde(with = "millis::optional")]
    pub next_change_at: Option<Timestamp>,
    /// The zone that people read its times in.
    pub time_zone: String,
}

/// What `gate` answers at `at`.
pub fn answer(gate: &Gate, at: Timestamp) -> Answer {
    let phase = phase(gate, at);
    Answer {
        slug: gate.slug.clone(),
        title: gate.title.clone(),
        state: phase.state(),
        open: phase == Phase::Open,
        phase,
        cancelled: gate.is_cut_short(),
        held: gate.is_to_confirm(at),
        opens_at: gate.opens_at,
        closes_at: gate.ends_at(),
        next_change_at: next_change(gate, at),
        time_zone: gate.zone.clone(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;

    use super::*;

    const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn gate(opens_at: Timestamp, closes_at: Timestamp) -> Gate {
        Gate {
            slug: "hiver".parse().unwrap(),
            title: "Les journées magiques".into(),
            url: None,
            zone: "Europe/Paris".into(),
            opens_at,
            closes_at,
            cancelled_at: None,
            held: false,
            audience: AudienceClass::Public,
            listed_from: Some(Timestamp::MIN),
        }
    }

    #[track_caller]
    fn check(gate: &Gate, instant: Timestamp, phase: Phase, next: Option<Timestamp>) {
        let answer = answer(gate, instant);
        assert_eq!((answer.phase, answer.next_change_at), (phase, next), "at {instant}");
        assert_eq!(answer.open, answer.state == GateState::Open);
        assert_eq!(answer.open, phase == Phase::Open);
    }

    #[test]
    fn a_sale_has_one_word_at_any_time() {
        let mut sale = gate(at("2027-01-02T07:00:00Z"), at("2027-01-06T07:00:00Z"));
        let word = |sale: &Gate, instant: &str| stage(sale, at(instant)).to_string();
        let days = ["2027-01-01T00:00:00Z", "2027-01-03T00:00:00Z", "2027-01-07T00:00:00Z"];
        assert_eq!(days.map(|day| word(&sale, day)), ["upcoming", "open", "over"]);
        sale.cancelled_at = Some(at("2027-01-04T00:00:00Z"));
        assert_eq!(days.map(|day| word(&sale, day)), ["upcoming", "open", "cancelled"]);
        sale.cancelled_at = Some(at("2027-01-07T00:00:00Z"));
        assert_eq!(word(&sale, "2027-01-08T00:00:00Z"), "over", "it was over when it was cancelled");
    }

    fn check_edges(opens: &str, closes: &str) {
        let (opens, closes) = (at(opens), at(closes));
        let gate = gate(opens, closes);
        check(&gate, opens - MILLISECOND, Phase::Before, Some(opens));
        check(&gate, opens, Phase::Open, Some(closes));
        check(&gate, closes - MILLISECOND, Phase::Open, Some(closes));
        check(&gate, closes, Phase::After, None);
        check(&gate, Timestamp::MIN, Phase::Before, Some(opens));
        check(&gate, Timestamp::MAX, Phase::After, None);
    }

    #[test]
    fn gate_is_a_function_of_time() {
        check_edges("2027-01-02T08:00:00+01:00", "2027-01-06T08:00:00+01:00");
        // Both nights on which Paris changes its clocks: the window is instants, so the hour lost or gained is in it.
        check_edges("2027-03-28T01:59:59+01:00", "2027-03-28T03:00:00+02:00");
        check_edges("2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00");
        let gate = gate(at("2027-01-02T07:00:00Z"), at("2027-01-06T07:00:00Z"));
        let asked_first = answer(&gate, at("2027-01-03T00:00:00Z"));
        let _ = answer(&gate, at("2027-01-09T00:00:00Z"));
        assert_eq!(answer(&gate, at("2027-01-03T00:00:00Z")), asked_first, "asking changes nothing");
    }

    #[test]
    fn a_cancellation_ends_the_window() {
        let (opens, closes) = (at("2027-01-02T07:00:00Z"), at("2027-01-06T07:00:00Z"));
        let cancelled = at("2027-01-03T10:00:00.250Z");
        let during = Gate { cancelled_at: Some(cancelled), ..gate(opens, closes) };
        check(&during, cancelled - MILLISECOND, Phase::Open, Some(cancelled));
        check(&during, cancelled, Phase::After, None);
        assert!(answer(&during, cancelled).cancelled);
        let earlier = at("2026-12-24T10:00:00Z");
        let before = Gate { cancelled_at: Some(earlier), ..gate(opens, closes) };
        check(&before, earlier - MILLISECOND, Phase::Before, Some(earlier));
        for instant in [earlier, opens, closes] {
            check(&before, instant, Phase::After, None);
        }
        let late = Gate { cancelled_at: Some(at("2027-02-01T00:00:00Z")), ..gate(opens, closes) };
        assert_eq!(answer(&late, opens), answer(&gate(opens, closes), opens), "a sale that is over stays as it was");
    }

    #[test]
    fn the_answer_is_json_that_a_shop_can_read() {
        let gate = gate(at("2027-01-02T07:00:00Z"), at("2027-01-06T07:00:00Z"));
        let written = serde_json::to_value(answer(&gate, at("2027-01-02T06:59:59.999Z"))).unwrap();
        assert_eq!(
            written,
            serde_json::json!({
                "slug": "hiver", "title": "Les journées magiques",
                "state": "closed", "open": false, "phase": "before", "cancelled": false, "held": false,
                "opens_at": "2027-01-02T07:00:00.000Z", "closes_at": "2027-01-06T07:00:00.000Z",
                "next_change_at": "2027-01-02T07:00:00.000Z", "time_zone": "Europe/Paris",
            })
        );
    }

    #[test]
    fn the_answer_says_nothing_of_the_time_at_which_it_is_asked() {
        let gate = gate(at("2027-01-02T07:00:00Z"), at("2027-01-06T07:00:00Z"));
        let early = answer(&gate, at("2026-12-01T07:00:00Z"));
        assert_eq!(answer(&gate, at("2027-01-02T06:59:59.999Z")), early);
    }

    #[test]
    fn times_are_to_be_confirmed_until_they_are_over() {
        let held = Gate { held: true, ..gate(at("2027-01-02T07:00:00Z"), at("2027-01-06T07:00:00Z")) };
        let said = |instant: &str| answer(&held, at(instant)).held;
        assert!(said("2027-01-01T07:00:00Z") && said("2027-01-03T07:00:00Z") && !said("2027-01-06T07:00:00Z"));
        assert!(!answer(&Gate { held: false, ..held.clone() }, at("2027-01-01T07:00:00Z")).held);
    }

    fn instants() -> impl Strategy<Value = Timestamp> {
        (1_700_000_000_000_i64..1_900_000_000_000).prop_map(|millis| Timestamp::from_millisecond(millis).unwrap())
    }

    fn gates() -> impl Strategy<Value = Gate> {
        (instants(), 1_i64..4_000_000_000, prop::option::of(instants())).prop_map(|(opens_at, lasts, cancelled_at)| {
            let closes_at = opens_at + SignedDuration::from_millis(lasts);
            Gate { cancelled_at, ..gate(opens_at, closes_at) }
        })
    }

    proptest! {
        /// One phase at an instant, phases in order, and a consumer that compares the two instants agrees.
        #[test]
        fn phases_never_go_back(gate in gates(), a in instants(), b in instants()) {
            let (earlier, later) = (a.min(b), a.max(b));
            prop_assert!(phase(&gate, earlier) <= phase(&gate, later));
            let answer = answer(&gate, a);
            prop_assert_eq!(answer.open, answer.opens_at <= a && a < answer.closes_at);
        }

        /// The changes are those that one meets by going from each to the next.
        #[test]
        fn the_changes_are_all_and_in_order(gate in gates(), at in instants()) {
            let changes = changes(&gate);
            prop_assert!(changes.windows(2).all(|two| two[0] < two[1]));
            prop_assert_eq!(changes.iter().find(|change| **change > at).copied(), next_change(&gate, at));
            prop_assert_eq!(changes.iter().rfind(|change| **change <= at).copied(), last_change(&gate, at));
        }

        /// Until the next change the phase is the same; at it, it is another one.
        #[test]
        fn the_next_change_is_the_first(gate in gates(), at in instants(), share in 0.0_f64..1.0) {
            let now = phase(&gate, at);
            let Some(next) = next_change(&gate, at) else {
                prop_assert_eq!(phase(&gate, Timestamp::MAX), now);
                return Ok(());
            };
            if let Some(last) = last_change(&gate, at) {
                prop_assert!(last <= at && phase(&gate, last) == now && phase(&gate, last - MILLISECOND) != now);
            }
            prop_assert!(next > at);
            prop_assert_ne!(phase(&gate, next), now);
            prop_assert_eq!(phase(&gate, next - MILLISECOND), now);
            let between = at + next.duration_since(at).mul_f64(share);
            prop_assert_eq!(phase(&gate, between.min(next - MILLISECOND)), now);
        }
    }
}
