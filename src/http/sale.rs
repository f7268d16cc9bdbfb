//! What is told of one sale: what it is called, whether it is open, and when that changes.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::App;
use super::join::form_path;
use crate::campaign::AudienceClass;
use crate::gate::{self, Gate, Phase, Stage};
use crate::text::{Language, Moment, WebAddress, dates};

/// How soon a change must be for a browser without scripts to be told to load the page again at it.
const REFRESH_SECONDS: i64 = 3600;

/// A sale at an instant, in the words of a language.
#[derive(Serialize)]
pub(super) struct SaleEntry<'a> {
    slug: &'a str,
    title: &'a str,
    stage: Stage,
    /// The instant that matters: when it opens, until when it is open, since when it is over.
    when: Moment,
    zone: String,
}

/// The page of a sale.
#[derive(Serialize)]
pub(super) struct SalePage<'a> {
    sale: SaleEntry<'a>,
    opening: Moment,
    /// The end that was planned.
    closing: Moment,
    audience: AudienceClass,
    /// Where the sale is.
    url: &'a WebAddress,
    change: Option<NextChange>,
    /// Seconds after which a browser without scripts loads the page again, just after a change that is near.
    refresh: Option<i64>,
    /// A page that stands in no list of ours is not to be in one of a search engine.
    unlisted: bool,
    other: String,
    /// Where people sign up to be told, when they can.
    join: Option<String>,
}

/// What the script counts down to.
#[derive(Serialize)]
struct NextChange {
    phase: Phase,
    at: String,
    now: String,
}

impl<'a> SaleEntry<'a> {
    /// `gate` at `now`.
    pub(super) fn new(gate: &'a Gate, now: Timestamp, language: Language) -> Self {
        let stage = gate::stage(gate, now);
        let when = match stage {
            Stage::Upcoming => moment(gate, gate.opens_at, language),
            Stage::Open | Stage::Over => until(gate, gate.ends_at(), language),
            Stage::Cancelled => moment(gate, gate.ends_at(), language),
        };
        let zone = dates::zone_name(&gate.zone, language);
        Self { slug: gate.slug.as_str(), title: &gate.title, stage, when, zone }
    }
}

impl<'a> SalePage<'a> {
    /// `gate` at `now`, on the pages of `app`.
    pub(super) fn new(gate: &'a Gate, now: Timestamp, language: Language, app: &'a App) -> Self {
        let change = gate::next_change(gate, now);
        let seconds = change.map(|change| (change.as_millisecond() - now.as_millisecond()).div_euclid(1000) + 1);
        Self {
            sale: SaleEntry::new(gate, now, language),
            opening: moment(gate, gate.opens_at, language),
            closing: until(gate, gate.closes_at, language),
            audience: gate.audience,
            url: gate.url.as_ref().unwrap_or(&app.shop.url),
            change: change.map(|change| NextChange {
                phase: gate::phase(gate, now),
                at: gate::text(change),
                now: gate::text(now),
            }),
            refresh: seconds.filter(|seconds| *seconds <= REFRESH_SECONDS),
            unlisted: gate.unlisted,
            other: format!("{}/{}/campaigns/{}", app.base, language.other(), gate.slug),
            join: form_path(app, language),
        }
    }
}

fn moment(gate: &Gate, at: Timestamp, language: Language) -> Moment {
    Moment::at(&at.to_zoned_datetime(zone(gate)), language)
}

/// An end at midnight is told as the evening before.
fn until(gate: &Gate, at: Timestamp, language: Language) -> Moment {
    Moment::until(&at.to_zoned_datetime(zone(gate)), language)
}

fn zone(gate: &Gate) -> TimeZone {
    TimeZone::get(&gate.zone).unwrap_or(TimeZone::UTC)
}
