//! Every gate in one file, for a CDN: whoever holds it can tell for any instant what is open, without asking us. What is here
//! is the payload of that file, the claims of a JSON Web Token (RFC 7519).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Gate, millis, next_change};
use crate::campaign::AudienceClass;
use crate::text::Slug;

/// The type that the header of the file names (RFC 8725, section 3.11). A reader that does not know it should treat the file
/// as absent.
pub const FILE_TYPE: &str = "carillon-gates+jwt";

/// The schedule of every public gate, and for how long it may be relied on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleClaims {
    /// Whose schedule it is: the address of Carillon's pages.
    pub iss: String,
    /// As of when it is, in whole seconds.
    #[serde(with = "seconds")]
    pub iat: Timestamp,
    /// From when on it may be relied on: the same.
    #[serde(with = "seconds")]
    pub nbf: Timestamp,
    /// Until when it may be relied on, in whole seconds. It bounds how long a withheld cancellation can go unseen.
    #[serde(with = "seconds")]
    pub exp: Timestamp,
    /// The first instant after `iat` at which a gate opens or closes.
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
    /// Whether its times are to be confirmed.
    pub held: bool,
    /// The zone that people read its times in.
    pub time_zone: String,
}

/// A time as the registered claims write it (RFC 7519, section 2): whole seconds since 1970, rounded towards the past.
mod seconds {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(super::whole_second(*instant).as_second())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_second(i64::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// The second that `instant` lies in.
fn whole_second(instant: Timestamp) -> Timestamp {
    let past = instant.as_nanosecond().rem_euclid(1_000_000_000);
    Timestamp::from_nanosecond(instant.as_nanosecond() - past).unwrap_or(instant)
}

impl ScheduleClaims {
    /// What `issuer` says of `gates` as of `now`, good for `valid_for`.
    pub fn new<'a>(
        issuer: &str,
        gates: impl IntoIterator<Item = &'a Gate>,
        now: Timestamp,
        valid_for: SignedDuration,
    ) -> Self {
        let mut gates: Vec<&Gate> = gates.into_iter().collect();
        gates.sort_by(|a, b| a.slug.cmp(&b.slug));
        let (iat, exp) = (whole_second(now), now.checked_add(valid_for).unwrap_or(Timestamp::MAX));
        Self {
            iss: issuer.to_owned(),
            iat,
            nbf: iat,
            exp: whole_second(exp),
            next_change_at: gates.iter().filter_map(|gate| next_change(gate, now)).min(),
            gates: gates
                .into_iter()
                .map(|gate| ScheduledGate {
                    slug: gate.slug.clone(),
                    title: gate.title.clone(),
                    opens_at: gate.opens_at,
                    closes_at: gate.ends_at(),
                    cancelled: gate.is_cut_short(),
                    held: gate.is_to_confirm(now),
                    time_zone: gate.zone.clone(),
                })
                .collect(),
        }
    }

    /// Whether it may be relied on at `at`.
    pub fn is_valid(&self, at: Timestamp) -> bool {
        self.nbf <= at && at < self.exp
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
            held: gate.held,
            // The file tells no more of a sale, and lists only what may be listed.
            audience: AudienceClass::Public,
            listed_from: Some(Timestamp::MIN),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::gate::phase;

    pub(crate) fn gate(slug: &str, opens: &str, closes: &str) -> Gate {
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
            listed_from: Some(Timestamp::MIN),
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
        let claims = ScheduleClaims::new("https://news.example.fr", &gates, now, SignedDuration::from_hours(24));
        assert_eq!(claims.next_change_at, Some("2027-01-02T07:00:00Z".parse().unwrap()));
        let read: ScheduleClaims = serde_json::from_slice(&serde_json::to_vec(&claims).unwrap()).unwrap();
        assert_eq!(read, claims);
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
    fn the_registered_claims_are_whole_seconds() {
        let now = "2027-01-01T12:00:00.999Z".parse().unwrap();
        let held = Gate { held: true, ..gate("hiver", "2027-01-02T07:00:00.250Z", "2027-01-06T07:00:00Z") };
        let claims = ScheduleClaims::new("https://news.example.fr", [&held], now, SignedDuration::from_hours(1));
        assert_eq!(
            serde_json::to_value(claims).unwrap(),
            serde_json::json!({
                "iss": "https://news.example.fr", "iat": 1_798_804_800, "nbf": 1_798_804_800, "exp": 1_798_808_400,
                "next_change_at": "2027-01-02T07:00:00.250Z",
                "gates": [{
                    "slug": "hiver", "title": "Les journées magiques", "opens_at": "2027-01-02T07:00:00.250Z",
                    "closes_at": "2027-01-06T07:00:00.000Z", "cancelled": false, "held": true, "time_zone": "Europe/Paris",
                }],
            })
        );
    }

    #[test]
    fn a_file_is_valid_from_its_writing_until_its_end() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let claims = ScheduleClaims::new("", [], at("2027-01-01T00:00:00Z"), SignedDuration::from_hours(24));
        assert!(!claims.is_valid(at("2026-12-31T23:59:59Z")));
        assert!(claims.is_valid(at("2027-01-01T00:00:00Z")));
        assert!(!claims.is_valid(at("2027-01-02T00:00:00Z")));
    }
}
