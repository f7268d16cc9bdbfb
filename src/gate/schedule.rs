//! Every gate in one file, for a CDN: whoever holds it can tell for any instant what is open, without asking us.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Gate, millis, next_change};
use crate::campaign::AudienceClass;
use crate::text::Slug;

/// What the file calls itself. A reader that does not know this name should treat the file as absent.
pub const FORMAT: &str = "carillon.gates.v1";

/// The schedule of every gate, as one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateFile {
    /// [`FORMAT`].
    pub format: String,
    /// When it was written.
    #[serde(with = "millis")]
    pub generated_at: Timestamp,
    /// Until when it may be relied on. It bounds how long a withheld cancellation can go unseen.
    #[serde(with = "millis")]
    pub valid_until: Timestamp,
    /// The first instant after `generated_at` at which a gate opens or closes.
    #[serde(with = "millis::optional")]
    pub next_change_at: Option<Timestamp>,
    /// The gates, by slug.
    pub gates: Vec<ScheduledGate>,
}

/// One gate of the file. It is open at `t` exactly when `opens_at <= t` and `t < closes_at`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledGate {
    /// The campaign's slug.
    pub slug: Slug,
    /// The campaign's title.
    pub title: String,
    /// The first instant at which it is open.
    #[serde(with = "millis")]
    pub opens_at: Timestamp,
    /// The first instant at which it is open no more; its cancellation, when that came first.
    #[serde(with = "millis")]
    pub closes_at: Timestamp,
    /// Whether a cancellation ended it, or kept it from opening.
    pub cancelled: bool,
    /// The zone that people read its times in.
    pub time_zone: String,
}

impl GateFile {
    /// The file about `gates`, written at `now` and good for `valid_for`.
    pub fn new(gates: &[Gate], now: Timestamp, valid_for: SignedDuration) -> Self {
        let mut gates: Vec<&Gate> = gates.iter().collect();
        gates.sort_by(|a, b| a.slug.cmp(&b.slug));
        Self {
            format: FORMAT.to_owned(),
            generated_at: now,
            valid_until: now.checked_add(valid_for).unwrap_or(Timestamp::MAX),
            next_change_at: gates.iter().filter_map(|gate| next_change(gate, now)).min(),
            gates: gates
                .into_iter()
                .map(|gate| ScheduledGate {
                    slug: gate.slug.clone(),
                    title: gate.title.clone(),
                    opens_at: gate.opens_at,
                    closes_at: gate.ends_at(),
                    cancelled: gate.is_cut_short(),
                    time_zone: gate.zone.clone(),
                })
                .collect(),
        }
    }

    /// The bytes of the file. They are what is signed: sign them and write them as they are.
    ///
    /// # Errors
    /// None in practice; the type is the serialiser's.
    pub fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a file. Check its signature first.
    ///
    /// # Errors
    /// When the bytes are not such a file.
    pub fn from_bytes(bytes: &[u8]) -> serde_json::Result<Self> {
        let schedule: Self = serde_json::from_slice(bytes)?;
        if schedule.format != FORMAT {
            return Err(serde::de::Error::custom(format!("its format is `{}`, not `{FORMAT}`", schedule.format)));
        }
        Ok(schedule)
    }

    /// Whether it may be relied on at `at`: not written later, and not out of date.
    pub fn is_valid(&self, at: Timestamp) -> bool {
        self.generated_at <= at && at < self.valid_until
    }
}

impl From<ScheduledGate> for Gate {
    /// The gate that answers as the file says.
    fn from(gate: ScheduledGate) -> Self {
        Self {
            slug: gate.slug,
            title: gate.title,
            url: None,
            zone: gate.time_zone,
            opens_at: gate.opens_at,
            closes_at: gate.closes_at,
            cancelled_at: None,
            held: false,
            // The file tells no more of a sale, and lists only what may be listed.
            audience: AudienceClass::Public,
            unlisted: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::phase;

    fn gate(slug: &str, opens: &str, closes: &str) -> Gate {
        Gate {
            slug: slug.parse().unwrap(),
            title: "Les journées magiques".into(),
            url: None,
            zone: "Europe/Paris".into(),
            opens_at: opens.parse().unwrap(),
            closes_at: closes.parse().unwrap(),
            cancelled_at: None,
            held: false,
            audience: AudienceClass::Public,
            unlisted: false,
        }
    }

    #[test]
    fn the_file_answers_as_the_gates_do() {
        let gates = [
            gate("hiver", "2027-01-02T07:00:00Z", "2027-01-06T07:00:00Z"),
            Gate {
                cancelled_at: Some("2027-01-01T00:00:00Z".parse().unwrap()),
                ..gate("annulee", "2027-01-03T07:00:00Z", "2027-01-06T07:00:00Z")
            },
        ];
        let now = "2027-01-01T12:00:00.000Z".parse().unwrap();
        let file = GateFile::new(&gates, now, SignedDuration::from_hours(24));
        assert_eq!(file.next_change_at, Some("2027-01-02T07:00:00Z".parse().unwrap()));
        let read = GateFile::from_bytes(&file.to_bytes().unwrap()).unwrap();
        assert_eq!(read, file);
        for (said, gate) in read.gates.into_iter().zip([&gates[1], &gates[0]]) {
            let said = Gate::from(said);
            for instant in
                ["2027-01-01T12:00:00Z", "2027-01-02T07:00:00Z", "2027-01-04T00:00:00Z", "2027-01-06T07:00:00Z"]
            {
                let at = instant.parse().unwrap();
                assert_eq!(phase(&said, at).state(), phase(gate, at).state(), "{} at {instant}", gate.slug);
            }
        }
    }

    #[test]
    fn a_file_of_another_format_is_refused() {
        let file = GateFile::new(&[], Timestamp::UNIX_EPOCH, SignedDuration::from_hours(1));
        let other = GateFile { format: "carillon.gates.v9".into(), ..file };
        let error = GateFile::from_bytes(&other.to_bytes().unwrap()).unwrap_err();
        assert!(error.to_string().contains("`carillon.gates.v9`"), "{error}");
    }

    #[test]
    fn a_file_is_valid_from_its_writing_until_its_end() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let file = GateFile::new(&[], at("2027-01-01T00:00:00Z"), SignedDuration::from_hours(24));
        assert!(!file.is_valid(at("2026-12-31T23:59:59Z")));
        assert!(file.is_valid(at("2027-01-01T00:00:00Z")));
        assert!(!file.is_valid(at("2027-01-02T00:00:00Z")));
    }
}
