//! What shops are told of a gate without asking: what is new since they were told last. Decided from what is and what was told,
//! so that nothing is lost while nobody is there to tell it, and told once it can be.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Gate, Phase, answer, phase};
use super::millis;

/// What is new about a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GateNews {
    /// Its window was moved.
    Moved,
    /// The law has moved, and its times are to be confirmed.
    Held,
    /// They are confirmed, and are as they were.
    Confirmed,
    /// It is open.
    Opened,
    /// It has closed.
    Closed,
    /// Its campaign was cancelled.
    Cancelled,
}

impl GateNews {
    /// Its name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Held => "held",
            Self::Confirmed => "confirmed",
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What was told of a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateTold {
    opens_at: Timestamp,
    closes_at: Timestamp,
    held: bool,
    cancelled: bool,
    phase: Phase,
}

impl GateTold {
    /// That it is as `gate` is at `now`.
    pub fn of(gate: &Gate, now: Timestamp) -> Self {
        Self {
            opens_at: gate.opens_at,
            closes_at: gate.closes_at,
            held: gate.is_to_confirm(now),
            cancelled: gate.cancelled_at.is_some(),
            phase: phase(gate, now),
        }
    }
}

/// What is new about `gate` at `now`, in the order in which it is told, and since when. `changed_at` is when a person or the law
/// changed it last. Of a gate of which nothing was ever told, only that it is open is new.
pub fn news(told: Option<&GateTold>, gate: &Gate, changed_at: Timestamp, now: Timestamp) -> Vec<(GateNews, Timestamp)> {
    let is = GateTold::of(gate, now);
    let Some(told) = told else {
        return if is.phase == Phase::Open { vec![(GateNews::Opened, gate.opens_at)] } else { Vec::new() };
    };
    if let Some(cancelled_at) = gate.cancelled_at {
        return if told.cancelled { Vec::new() } else { vec![(GateNews::Cancelled, cancelled_at)] };
    }
    let mut news = Vec::new();
    // One that was cancelled and is applied again has a window again.
    let moved = (told.opens_at, told.closes_at) != (is.opens_at, is.closes_at) || told.cancelled;
    if moved {
        news.push((GateNews::Moved, changed_at));
    }
    match (told.held, is.held) {
        (false, true) => news.push((GateNews::Held, changed_at)),
        (true, false) if !moved && is.phase != Phase::After => news.push((GateNews::Confirmed, changed_at)),
        _ => {}
    }
    if told.phase != is.phase {
        match is.phase {
            Phase::Before => {}
            Phase::Open => news.push((GateNews::Opened, gate.opens_at)),
            Phase::After => news.push((GateNews::Closed, gate.ends_at())),
        }
    }
    news
}

/// What shops are told of one piece of news: the JSON of a webhook. See `docs/gate.md`.
#[derive(Clone, Debug, Serialize)]
pub struct GateEvent {
    #[serde(rename = "type")]
    kind: String,
    /// Since when it is so.
    #[serde(with = "millis")]
    timestamp: Timestamp,
    data: GateEventData,
}

#[derive(Clone, Debug, Serialize)]
struct GateEventData {
    #[serde(flatten)]
    answer: Answer,
    listed: bool,
    /// Grows with every change of this gate by a person or by the law.
    sequence: i64,
}

impl GateEvent {
    /// That `news` is so of `gate` since `since`; with what the gate answers at `now`.
    pub fn new(news: GateNews, since: Timestamp, gate: &Gate, sequence: i64, now: Timestamp) -> Self {
        Self {
            kind: format!("gate.{}", news.name()),
            timestamp: since,
            data: GateEventData { answer: answer(gate, now), listed: gate.is_listed(now), sequence },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GateNews::{Cancelled, Closed, Confirmed, Held, Moved, Opened};
    use super::*;
    use crate::campaign::AudienceClass;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
    }

    /// Open from hour 10 until hour 20.
    fn gate() -> Gate {
        Gate {
            slug: "hiver".parse().unwrap(),
            title: "Hiver".into(),
            url: None,
            zone: "Europe/Paris".into(),
            opens_at: at(10),
            closes_at: at(20),
            cancelled_at: None,
            held: false,
            listed_from: Some(Timestamp::MIN),
            audience: AudienceClass::Public,
        }
    }

    /// What is new at `now` of a gate that was told of at hour 5.
    #[track_caller]
    fn check(gate: &Gate, now: i64, expected: &[(GateNews, i64)]) {
        let told = GateTold::of(&super::tests::gate(), at(5));
        let expected: Vec<(GateNews, Timestamp)> = expected.iter().map(|(news, hour)| (*news, at(*hour))).collect();
        assert_eq!(news(Some(&told), gate, at(6), at(now)), expected);
    }

    #[test]
    fn what_is_new_follows_from_what_was_told() {
        let gate = gate();
        check(&gate, 9, &[]);
        check(&gate, 10, &[(Opened, 10)]);
        // Nobody was there to tell that it had opened.
        check(&gate, 20, &[(Closed, 20)]);
        let moved = Gate { opens_at: at(12), ..gate.clone() };
        check(&moved, 9, &[(Moved, 6)]);
        check(&moved, 12, &[(Moved, 6), (Opened, 12)]);
        let held = Gate { held: true, ..gate.clone() };
        check(&held, 9, &[(Held, 6)]);
        check(&held, 11, &[(Held, 6), (Opened, 10)]);
        check(&held, 21, &[(Closed, 20)]);
        let cancelled = Gate { cancelled_at: Some(at(7)), ..gate.clone() };
        check(&cancelled, 8, &[(Cancelled, 7)]);
        check(&cancelled, 30, &[(Cancelled, 7)]);
    }

    #[test]
    fn what_was_told_is_not_told_again() {
        for gate in [gate(), Gate { held: true, ..gate() }, Gate { cancelled_at: Some(at(7)), ..gate() }] {
            for hour in [5, 10, 15, 20, 25] {
                let told = GateTold::of(&gate, at(hour));
                assert_eq!(news(Some(&told), &gate, at(6), at(hour)), []);
            }
        }
        let told = GateTold::of(&Gate { held: true, ..gate() }, at(5));
        assert_eq!(news(Some(&told), &gate(), at(8), at(9)), [(Confirmed, at(8))]);
        let told = GateTold::of(&Gate { cancelled_at: Some(at(6)), ..gate() }, at(7));
        assert_eq!(news(Some(&told), &gate(), at(8), at(9)), [(Moved, at(8))]);
        assert_eq!(news(Some(&told), &gate(), at(8), at(11)), [(Moved, at(8)), (Opened, at(10))]);
    }

    #[test]
    fn of_a_gate_that_is_new_only_that_it_is_open_is_news() {
        for (hour, expected) in [(9, vec![]), (10, vec![(Opened, at(10))]), (20, vec![])] {
            assert_eq!(news(None, &gate(), at(6), at(hour)), expected);
        }
    }
}
