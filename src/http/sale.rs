//! What is told of one sale: what it is called, whether it is open, and when that changes.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::App;
use super::join::form_path;
use crate::brand::Picture;
use crate::campaign::AudienceClass;
use crate::db::gates::GateRecord;
use crate::gate::{self, Gate, Stage};
use crate::text::{Filling, InterfaceLanguage, Line, Moment, WebAddress, dates};

/// How soon a change must be for a browser without scripts to be told to load the page again now and then.
const SOON: SignedDuration = SignedDuration::from_hours(1);

/// After how many seconds it does so.
const REFRESH_SECONDS: i64 = 60;

/// When the page of `gate` becomes another one.
pub(super) fn changes(gate: &Gate) -> Vec<Timestamp> {
    gate::changes(gate).into_iter().flat_map(|change| [change.checked_sub(SOON).unwrap_or(change), change]).collect()
}

/// A sale at an instant, in the words of a language.
#[derive(Serialize)]
pub(super) struct SaleEntry<'a> {
    slug: &'a str,
    title: &'a str,
    stage: Stage,
    /// Whether its times are to be confirmed.
    held: bool,
    /// The instant that matters: when it opens, until when it is open, since when it is over.
    when: Moment,
    zone: String,
}

/// The page of a sale.
#[derive(Serialize)]
pub(super) struct SalePage<'a> {
    sale: SaleEntry<'a>,
    /// A few sentences, a paragraph each.
    intro: Vec<String>,
    picture: Option<SalePhoto<'a>>,
    /// What stands on the button to the sale while it is open, if the words of the page do not do.
    button: Option<&'a Line>,
    /// The names of what is on sale.
    offers: &'a [Line],
    /// What it says now, and from each change to come on. Without a change to come there is one.
    faces: Vec<Face>,
    /// What the gate says of its window, for the script to notice when that is another one.
    window: SaleWindow,
    opening: Moment,
    /// The end that was planned.
    closing: Moment,
    audience: AudienceClass,
    /// Where the sale is.
    url: &'a WebAddress,
    /// After how many seconds a browser without scripts loads the page again, when a change is near.
    refresh: Option<i64>,
    /// A page that stands in no list of ours is not to be in one of a search engine.
    unlisted: bool,
    other: String,
    /// Where people sign up to be told, when they can.
    join: Option<String>,
}

/// The picture of a sale.
#[derive(Serialize)]
struct SalePhoto<'a> {
    #[serde(flatten)]
    photo: &'a Picture,
    /// What it shows.
    alt: &'a Line,
}

/// What the page of a sale says from an instant on.
#[derive(Serialize)]
struct Face {
    stage: Stage,
    since: String,
    when: Moment,
    /// Whether another one follows, to which is counted down.
    counts: bool,
}

/// A window as a gate answers it.
#[derive(Serialize)]
struct SaleWindow {
    opens: String,
    closes: String,
}

impl<'a> SaleEntry<'a> {
    /// The sale of `record` at `now`.
    pub(super) fn new(record: &'a GateRecord, now: Timestamp, language: InterfaceLanguage) -> Self {
        let gate = &record.gate;
        let zone = dates::zone_name(&gate.zone, language);
        Self {
            slug: gate.slug.as_str(),
            title: title(record, language),
            stage: gate::stage(gate, now),
            held: gate.is_to_confirm(now),
            when: when(gate, now, language),
            zone,
        }
    }
}

impl Face {
    fn new(gate: &Gate, since: Timestamp, language: InterfaceLanguage) -> Self {
        Self {
            stage: gate::stage(gate, since),
            since: gate::text(since),
            when: when(gate, since, language),
            counts: gate::next_change(gate, since).is_some(),
        }
    }
}

impl<'a> SalePage<'a> {
    /// The sale of `record` at `now`, on the pages of `app`.
    pub(super) fn new(record: &'a GateRecord, now: Timestamp, language: InterfaceLanguage, app: &'a App) -> Self {
        let gate = &record.gate;
        let words = record.words.get(&language.into());
        let photo = || app.shop.brand.photos.get(record.picture.as_ref()?.as_str());
        let change = gate::next_change(gate, now);
        let is_soon = change.is_some_and(|change| change.duration_since(now) <= SOON);
        let begun = gate::last_change(gate, now).unwrap_or(Timestamp::UNIX_EPOCH);
        let to_come = gate::changes(gate).into_iter().filter(|change| *change > now);
        let faces = std::iter::once(begun).chain(to_come).map(|since| Face::new(gate, since, language)).collect();
        Self {
            sale: SaleEntry::new(record, now, language),
            intro: intro(record, language, app),
            picture: words.and_then(|words| Some(SalePhoto { photo: photo()?, alt: words.alt.as_ref()? })),
            button: words.and_then(|words| words.button.as_ref()),
            offers: &record.offers,
            faces,
            window: SaleWindow { opens: gate::text(gate.opens_at), closes: gate::text(gate.ends_at()) },
            opening: moment(gate, gate.opens_at, language),
            closing: until(gate, gate.closes_at, language),
            audience: gate.audience,
            url: gate.url.as_ref().unwrap_or(&app.shop.url),
            refresh: is_soon.then_some(REFRESH_SECONDS),
            unlisted: gate.unlisted,
            other: format!("{}/{}/campaigns/{}", app.base, language.other(), gate.slug),
            join: form_path(app, language),
        }
    }
}

/// What the sale is called in `language`.
fn title(record: &GateRecord, language: InterfaceLanguage) -> &str {
    let own = record.words.get(&language.into()).and_then(|words| words.title.as_ref());
    own.map_or(record.gate.title.as_str(), |title| title.as_str())
}

/// How the sale is introduced in `language`, paragraph by paragraph.
fn intro(record: &GateRecord, language: InterfaceLanguage, app: &App) -> Vec<String> {
    let gate = &record.gate;
    let Some(intro) = record.words.get(&language.into()).and_then(|words| words.intro.as_ref()) else {
        return Vec::new();
    };
    let filling = Filling {
        language: language.into(),
        opens: &gate.opens_at.to_zoned_datetime(zone(gate)),
        closes: &gate.closes_at.to_zoned_datetime(zone(gate)),
        shop: app.shop.name.as_str(),
        title: title(record, language),
    };
    let paragraphs = filling.of(intro);
    paragraphs.split("\n\n").map(|paragraph| paragraph.trim().to_owned()).collect()
}

/// The instant that matters at `now`.
fn when(gate: &Gate, now: Timestamp, language: InterfaceLanguage) -> Moment {
    match gate::stage(gate, now) {
        Stage::Upcoming => moment(gate, gate.opens_at, language),
        Stage::Open | Stage::Over => until(gate, gate.ends_at(), language),
        Stage::Cancelled => moment(gate, gate.ends_at(), language),
    }
}

fn moment(gate: &Gate, at: Timestamp, language: InterfaceLanguage) -> Moment {
    Moment::at(&at.to_zoned_datetime(zone(gate)), language)
}

/// An end at midnight is told as the evening before.
fn until(gate: &Gate, at: Timestamp, language: InterfaceLanguage) -> Moment {
    Moment::until(&at.to_zoned_datetime(zone(gate)), language)
}

fn zone(gate: &Gate) -> TimeZone {
    TimeZone::get(&gate.zone).unwrap_or(TimeZone::UTC)
}
