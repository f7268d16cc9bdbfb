//! What is told of one sale: what it is called, whether it is open, and when that changes.

use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::App;
use super::join::form_path;
use crate::brand::Picture;
use crate::campaign::AudienceClass;
use crate::db::gates::GateRecord;
use crate::gate::{self, Gate, Phase, Stage};
use crate::price::{Showcase, ShownOffers};
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
    /// What tells it from another sale of the same title beside it.
    apart: Option<String>,
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
    /// Calendars elsewhere that take the sale up from a link.
    calendars: CalendarLinks,
    address: PageAddress,
    /// What the page is about, in one sentence.
    description: String,
    /// The same for programs, as JSON-LD; not of a page that stands in no list.
    data: Option<String>,
    /// What it says now, and from each change to come on. Without a change to come there is one.
    faces: Vec<Face<'a>>,
    /// What the gate says of its window, for the script to notice when that is another one.
    window: SaleWindow,
    opening: Moment,
    /// The end that was planned.
    closing: Moment,
    audience: AudienceClass,
    /// Whether it is held in shops: nobody enters it from the page.
    in_store: bool,
    /// Where the sale is; of one in shops, what tells their address and opening hours.
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
struct Face<'a> {
    stage: Stage,
    since: String,
    when: Moment,
    /// Whether another one follows, to which is counted down.
    counts: bool,
    /// The articles that it shows.
    cards: Option<ShownOffers<&'a Picture>>,
    /// Whether prices belong to them that the page does not bring along: it asks for them when the time has come.
    prices_to_come: bool,
    /// The sale that comes after one that is over.
    next: Option<SaleEntry<'a>>,
}

/// A sale among the others.
#[derive(Clone, Copy)]
pub(super) struct SaleInPlace<'a> {
    /// The sale.
    pub(super) record: &'a GateRecord,
    /// The articles that it shows.
    pub(super) showcase: Option<&'a Showcase>,
    /// Those that stand in public lists, by opening.
    pub(super) others: &'a [&'a GateRecord],
}

/// Where a page is, in full: for those who hand it on, and for search engines.
#[derive(Serialize)]
pub(super) struct PageAddress {
    own: String,
    fr: String,
    en: String,
}

impl PageAddress {
    fn of(app: &App, language: InterfaceLanguage, path: &str) -> Self {
        let of = |language: InterfaceLanguage| format!("{}/{language}{path}", app.public_url.base());
        Self { own: of(language), fr: of(InterfaceLanguage::Fr), en: of(InterfaceLanguage::En) }
    }

    /// That of the list of sales.
    pub(super) fn of_list(app: &App, language: InterfaceLanguage) -> Self {
        Self::of(app, language, "")
    }
}

/// Links by which calendars elsewhere take a sale up. Nothing of them is loaded.
#[derive(Serialize)]
struct CalendarLinks {
    google: String,
    outlook: String,
}

impl CalendarLinks {
    fn of(gate: &Gate, title: &str, page: &str) -> Self {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (title, page) = (encoded(title), encoded(page));
        let brief = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let long = |at: Timestamp| encoded(&at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        Self {
            google: format!(
                "https://calendar.google.com/calendar/render?action=TEMPLATE&text={title}&dates={}%2F{}&details={page}",
                brief(gate.opens_at),
                brief(gate.closes_at)
            ),
            outlook: format!(
                "https://outlook.live.com/calendar/0/action/compose?rru=addevent&path=%2Fcalendar%2Faction%2Fcompose\
                 &subject={title}&startdt={}&enddt={}&body={page}",
                long(gate.opens_at),
                long(gate.closes_at)
            ),
        }
    }
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
            apart: None,
            stage: gate::stage(gate, now),
            held: gate.is_to_confirm(now),
            when: when(gate, now, language),
            zone,
        }
    }
}

/// The sales of `records` at `now` as a list shows them: each of those with one title also by the day on which it opens, or by its name
/// where that is the same as well.
pub(super) fn entries<'a>(
    records: &[&'a GateRecord],
    now: Timestamp,
    language: InterfaceLanguage,
) -> Vec<SaleEntry<'a>> {
    let opening = |record: &GateRecord| moment(&record.gate, record.gate.opens_at, language).date;
    let entry = |record: &&'a GateRecord| {
        let entry = SaleEntry::new(record, now, language);
        let alike = || {
            let others = records.iter().filter(|other| other.gate.slug != record.gate.slug);
            others.filter(|other| title(other, language) == entry.title)
        };
        let same_day = alike().any(|other| opening(other) == opening(record));
        let apart = alike().next().map(|_| if same_day { record.gate.slug.to_string() } else { opening(record) });
        SaleEntry { apart, ..entry }
    };
    records.iter().map(entry).collect()
}

impl SaleEntry<'_> {
    /// How the sale stands, for whoever sees nothing but its title beside it.
    fn in_one_sentence(&self, language: InterfaceLanguage, app: &App) -> String {
        let lead = if self.held && self.stage == Stage::Upcoming {
            app.pages.words_at(language, &["sale", "planned_for"])
        } else {
            app.pages.words_at(language, &["sale", "lead", &self.stage.to_string()])
        };
        format!("{} · {lead} {} ({})", app.shop.name, self.when.full, self.zone)
    }
}

impl<'a> Face<'a> {
    /// From `since` on, at `now` or later. A face to come brings no prices along that are not told before: they may be others then.
    fn new(
        SaleInPlace { record, showcase, others }: SaleInPlace<'a>,
        (since, now): (Timestamp, Timestamp),
        language: InterfaceLanguage,
        app: &'a App,
    ) -> Self {
        let gate = &record.gate;
        let stage = gate::stage(gate, since);
        let counts = gate::next_change(gate, since).is_some();
        let picture = |file: &str| app.shop.brand.photos.get(file);
        let showcase = showcase.filter(|_| counts);
        let is_to_come = since > now;
        let cards = showcase.and_then(|showcase| {
            if is_to_come && !showcase.shows_prices_ahead() {
                showcase.unpriced(language.into(), picture)
            } else {
                showcase.shown(since.max(now), language.into(), picture)
            }
        });
        let is_over = matches!(stage, Stage::Over | Stage::Cancelled);
        let at = since.max(now);
        let is_next = |other: &Gate| other.slug != gate.slug && gate::phase(other, at) != Phase::After;
        let next = others.iter().find(|other| other.gate.is_listed(at) && is_next(&other.gate));
        Self {
            stage,
            since: gate::text(since),
            when: when(gate, since, language),
            counts,
            prices_to_come: showcase.is_some_and(|showcase| !showcase.changes().is_empty()) && stage == Stage::Open,
            cards,
            next: next.filter(|_| is_over).map(|next| SaleEntry::new(next, at, language)),
        }
    }
}

impl<'a> SalePage<'a> {
    /// The sale `place` at `now`, on the pages of `app`.
    pub(super) fn new(place: SaleInPlace<'a>, now: Timestamp, language: InterfaceLanguage, app: &'a App) -> Self {
        let record = place.record;
        let gate = &record.gate;
        let words = record.words.get(&language.into());
        let photo = || app.shop.brand.photos.get(record.picture.as_ref()?.as_str());
        let change = gate::next_change(gate, now);
        let is_soon = change.is_some_and(|change| change.duration_since(now) <= SOON);
        let begun = gate::last_change(gate, now).unwrap_or(Timestamp::UNIX_EPOCH);
        let to_come = gate::changes(gate).into_iter().filter(|change| *change > now);
        let face = |since| Face::new(place, (since, now), language, app);
        let faces: Vec<Face<'_>> = std::iter::once(begun).chain(to_come).map(face).collect();
        let address = PageAddress::of(app, language, &format!("/campaigns/{}", gate.slug));
        let sale = SaleEntry::new(record, now, language);
        // What was to be is promised no more when it is over or cancelled.
        let promises = matches!(sale.stage, Stage::Upcoming | Stage::Open);
        let intro = if promises { intro(record, language, app) } else { Vec::new() };
        let description = intro.first().cloned().unwrap_or_else(|| sale.in_one_sentence(language, app));
        let data = EventData { record, title: sale.title, description: &description, page: &address.own, app };
        let cards = faces.first().and_then(|face| face.cards.as_ref());
        let data = gate.is_listed(now).then(|| data.json(words.and_then(|_| photo()), cards));
        Self {
            calendars: CalendarLinks::of(gate, sale.title, &address.own),
            address,
            description,
            data,
            sale,
            intro,
            picture: words.and_then(|words| Some(SalePhoto { photo: photo()?, alt: words.alt.as_ref()? })),
            button: words.and_then(|words| words.button.as_ref()),
            offers: &record.offers,
            faces,
            window: SaleWindow { opens: gate::text(gate.opens_at), closes: gate::text(gate.ends_at()) },
            opening: moment(gate, gate.opens_at, language),
            closing: until(gate, gate.closes_at, language),
            audience: gate.audience,
            in_store: !record.is_online,
            url: gate.url.as_ref().unwrap_or(&app.shop.url),
            refresh: is_soon.then_some(REFRESH_SECONDS),
            unlisted: !gate.is_listed(now),
            other: format!("{}/{}/campaigns/{}", app.base, language.other(), gate.slug),
            join: form_path(app, language),
        }
    }
}

/// What is told of a sale to programs.
struct EventData<'a> {
    record: &'a GateRecord,
    title: &'a str,
    description: &'a str,
    page: &'a str,
    app: &'a App,
}

impl EventData<'_> {
    /// As JSON-LD in the words of schema.org, fit to stand in a script element of HTML.
    fn json(&self, photo: Option<&Picture>, cards: Option<&ShownOffers<&Picture>>) -> String {
        let (gate, shop) = (&self.record.gate, &self.app.shop);
        let status = if gate.is_cut_short() { "EventCancelled" } else { "EventScheduled" };
        let url = gate.url.as_ref().unwrap_or(&shop.url);
        let mut data = json!({
            "@context": "https://schema.org",
            "@type": "SaleEvent",
            "name": self.title,
            "description": self.description,
            "url": self.page,
            "startDate": gate::text(gate.opens_at),
            "endDate": gate::text(gate.closes_at),
            "eventStatus": format!("https://schema.org/{status}"),
            "organizer": { "@type": "Organization", "name": shop.name, "url": shop.url },
        });
        let mut further: Vec<(&str, Value)> = Vec::new();
        if self.record.is_online {
            further.push(("eventAttendanceMode", json!("https://schema.org/OnlineEventAttendanceMode")));
            further.push(("location", json!({ "@type": "VirtualLocation", "url": url })));
        }
        further.extend(photo.map(|photo| ("image", json!([photo.url()]))));
        let offers: Vec<Value> = cards
            .into_iter()
            .flat_map(|cards| &cards.groups)
            .flat_map(|group| &group.cards)
            .filter_map(|card| {
                let (amount, currency) = card.amount.as_ref().zip(card.currency.as_ref())?;
                Some(json!({
                    "@type": "Offer",
                    "itemOffered": { "@type": "Product", "name": card.name },
                    "price": amount,
                    "priceCurrency": currency,
                    "url": card.url.as_ref().unwrap_or(url),
                }))
            })
            .collect();
        if !offers.is_empty() {
            further.push(("offers", Value::Array(offers)));
        }
        if let Some(fields) = data.as_object_mut() {
            fields.extend(further.into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        // Nothing in it may end the element that it stands in.
        data.to_string().replace('<', "\\u003c")
    }
}

/// What the sale is called in `language`.
pub(super) fn title(record: &GateRecord, language: InterfaceLanguage) -> &str {
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
        opens: &gate.opens_at.to_zoned_datetime(gate.time_zone()),
        closes: &gate.closes_at.to_zoned_datetime(gate.time_zone()),
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

pub(super) fn moment(gate: &Gate, at: Timestamp, language: InterfaceLanguage) -> Moment {
    Moment::at(&at.to_zoned_datetime(gate.time_zone()), language)
}

/// An end at midnight is told as the evening before.
pub(super) fn until(gate: &Gate, at: Timestamp, language: InterfaceLanguage) -> Moment {
    Moment::until(&at.to_zoned_datetime(gate.time_zone()), language)
}
