//! What a letter is told, as typed values; and the views of them that the templates see.
//!
//! A template can name only what a view holds. Every view has samples, and a template set is loaded only when every
//! sample renders.

use jiff::civil::Date;
use jiff::{Timestamp, ZonedDateTime};
use serde::Serialize;

use super::fields::FieldError;
use crate::brand::{Brand, Picture};
use crate::config::ShopSettings;
use crate::member::Language;
use crate::price::{Showcase, ShownOffers};
use crate::text::links::leads_to;
use crate::text::{InterfaceLanguage, Line, Moment, Slug, WebAddress, dates};

/// A sale, as its letters tell of it. The same for every recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The campaign's title.
    pub title: Line,
    /// Where the sale is, the same address for everybody.
    pub url: WebAddress,
    /// Its pages on this daemon.
    pub pages: SalePages,
    /// When it opens, in the campaign's zone.
    pub opens: ZonedDateTime,
    /// When it closes, exclusive, in the campaign's zone.
    pub closes: ZonedDateTime,
    /// Whether anyone can buy at these prices (audience class `public`).
    pub open_to_all: bool,
    /// Whether it is held in shops, and not online.
    pub in_store: bool,
    /// The picture of the sale.
    pub picture: Option<SalePicture>,
    /// What stands on the button while the sale is open, in the merchandiser's words.
    pub button: Option<Line>,
    /// The names of the offers.
    pub offers: Vec<Line>,
    /// The articles that are shown.
    pub cards: Option<ShownOffers<Picture>>,
    /// The legal sales period that follows, when the letter may announce it.
    pub next_period: Option<NextPeriod>,
}

/// The picture of a sale, under the same address for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SalePicture {
    #[serde(flatten)]
    picture: Picture,
    /// What it shows, for those who do not see it.
    alt: Line,
}

/// The articles that the letters of a sale show, and when they are read. Letters of a sale that shows none have none.
#[derive(Clone, Copy, Debug)]
pub struct ShopWindow<'a> {
    /// The articles.
    pub showcase: Option<&'a Showcase>,
    /// At which instant the letters say what they cost.
    pub at: Timestamp,
}

impl ShopWindow<'_> {
    /// As readers of `language` see it, with the pictures of `brand`.
    pub(super) fn shown(self, language: Language, brand: &Brand) -> Option<ShownOffers<Picture>> {
        self.showcase?.shown(self.at, language, |file| brand.photos.get(file).cloned())
    }
}

/// What this daemon shows of a sale, under the same addresses for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SalePages {
    /// The page that counts down.
    pub page: WebAddress,
    /// The entry for a calendar.
    pub calendar: WebAddress,
}

/// A legal sales period that is still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextPeriod {
    /// Its name in the letter's language, with the article: « les soldes d’hiver ».
    pub name: String,
    /// When it begins.
    pub starts: ZonedDateTime,
}

/// What the merchandiser wrote for a mailing in one language. What is absent is said by the template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// The subject line.
    pub subject: Option<String>,
    /// The heading.
    pub headline: Option<String>,
    /// The opening paragraphs, with an empty line between two.
    pub intro: Option<String>,
}

/// A mailing's letter in one language, but for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleLetter {
    /// The language.
    pub language: Language,
    /// Who writes.
    pub shop: ShopSettings,
    /// About what.
    pub sale: Sale,
    /// In which words.
    pub texts: Texts,
}

/// What differs from one member's letter to the next: nothing that the shop's site ever sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The page to unsubscribe at; also the one-click address.
    pub unsubscribe_url: WebAddress,
    /// The page of choices, where there is one.
    pub preferences_url: Option<WebAddress>,
    /// The day on which the person confirmed.
    pub confirmed_on: Date,
}

/// The request that a confirmation letter asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// The language.
    pub language: Language,
    /// Who asks.
    pub shop: ShopSettings,
    /// The single-use page with the button.
    pub confirm_url: WebAddress,
    /// When the request came in, in the shop's zone.
    pub requested: ZonedDateTime,
    /// When an unconfirmed request is deleted, in the shop's zone.
    pub expires: ZonedDateTime,
}

/// A consent that runs out, as the letter that asks about it tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// The language.
    pub language: Language,
    /// Who asks.
    pub shop: ShopSettings,
    /// The page with the button.
    pub renew_url: WebAddress,
    /// When the consent stops counting, in the shop's zone.
    pub ends: ZonedDateTime,
    /// How long it counts from the person's last act, in months.
    pub lifetime_months: u8,
}

/// What a sale's templates see, before `subject` is known.
#[derive(Serialize)]
pub(super) struct SaleView<'a> {
    language: Language,
    shop: ShopView<'a>,
    sale: SaleFacts<'a>,
    texts: TextsView<'a>,
    recipient: RecipientView,
}

/// What the confirmation's templates see, before `subject` is known.
#[derive(Serialize)]
pub(super) struct ConfirmationView<'a> {
    language: Language,
    shop: ShopView<'a>,
    request: RequestView<'a>,
    recipient: RecipientView,
}

/// What the templates see that ask whether to go on, before `subject` is known.
#[derive(Serialize)]
pub(super) struct RenewalView<'a> {
    language: Language,
    shop: ShopView<'a>,
    renewal: RenewalFacts<'a>,
    recipient: RecipientView,
}

#[derive(Serialize)]
struct RenewalFacts<'a> {
    renew_url: &'a WebAddress,
    ends: Moment,
    zone: String,
    lifetime_months: u8,
}

#[derive(Serialize)]
struct ShopView<'a> {
    #[serde(flatten)]
    shop: &'a ShopSettings,
    contact_url: Option<String>,
}

#[derive(Serialize)]
struct SaleFacts<'a> {
    title: &'a str,
    url: &'a WebAddress,
    page_url: &'a WebAddress,
    calendar_url: &'a WebAddress,
    opens: Moment,
    closes: Moment,
    zone: String,
    open_to_all: bool,
    in_store: bool,
    picture: Option<&'a SalePicture>,
    button: Option<&'a Line>,
    offers: &'a [Line],
    cards: Option<&'a ShownOffers<Picture>>,
    next_period: Option<NextPeriodView<'a>>,
}

#[derive(Serialize)]
struct NextPeriodView<'a> {
    name: &'a str,
    starts: Moment,
}

#[derive(Serialize)]
struct TextsView<'a> {
    subject: Option<&'a str>,
    headline: Option<&'a str>,
    intro: Vec<&'a str>,
}

#[derive(Serialize)]
struct RequestView<'a> {
    confirm_url: &'a WebAddress,
    requested: Moment,
    expires: Moment,
    zone: String,
}

/// The part of a view that is replaced for each person.
#[derive(Default, Serialize)]
pub(super) struct RecipientView {
    pub(super) unsubscribe_url: Option<String>,
    pub(super) preferences_url: Option<String>,
    pub(super) confirmed_on: Option<String>,
}

impl SalePicture {
    /// The picture in the file `name` among those of `brand`, if it is there, which shows `alt`.
    pub fn of(name: &str, alt: &Line, brand: &Brand) -> Option<Self> {
        Some(Self { picture: brand.photos.get(name)?.clone(), alt: alt.clone() })
    }
}

impl SalePages {
    /// Of the sale `slug`, for readers of `language`, below `site`.
    pub fn of(slug: &Slug, language: Language, site: &WebAddress) -> Result<Self, FieldError> {
        let page = match language.interface() {
            InterfaceLanguage::Fr => format!("campaigns/{slug}"),
            InterfaceLanguage::En => format!("en/campaigns/{slug}"),
        };
        Ok(Self { page: site.below(&page)?, calendar: site.below(&format!("campaigns/{slug}.ics"))? })
    }
}

impl ShopView<'_> {
    fn new(shop: &ShopSettings) -> ShopView<'_> {
        ShopView { shop, contact_url: leads_to(&shop.contact) }
    }
}

impl SaleLetter {
    pub(super) fn view(&self) -> SaleView<'_> {
        let (sale, language) = (&self.sale, self.language);
        let blank = |text: &&str| !text.trim().is_empty();
        let intro = self.texts.intro.as_deref().unwrap_or_default();
        SaleView {
            language,
            shop: ShopView::new(&self.shop),
            sale: SaleFacts {
                title: &sale.title,
                url: &sale.url,
                page_url: &sale.pages.page,
                calendar_url: &sale.pages.calendar,
                opens: Moment::at(&sale.opens, language),
                closes: Moment::until(&sale.closes, language),
                zone: zone(&sale.opens, language),
                open_to_all: sale.open_to_all,
                in_store: sale.in_store,
                picture: sale.picture.as_ref(),
                button: sale.button.as_ref(),
                offers: &sale.offers,
                cards: sale.cards.as_ref(),
                next_period: sale
                    .next_period
                    .as_ref()
                    .map(|next| NextPeriodView { name: &next.name, starts: Moment::at(&next.starts, language) }),
            },
            texts: TextsView {
                subject: self.texts.subject.as_deref().filter(blank),
                headline: self.texts.headline.as_deref().filter(blank),
                intro: intro.split("\n\n").map(str::trim).filter(blank).collect(),
            },
            recipient: RecipientView::default(),
        }
    }
}

impl Confirmation {
    pub(super) fn view(&self) -> ConfirmationView<'_> {
        ConfirmationView {
            language: self.language,
            shop: ShopView::new(&self.shop),
            request: RequestView {
                confirm_url: &self.confirm_url,
                requested: Moment::at(&self.requested, self.language),
                expires: Moment::at(&self.expires, self.language),
                zone: zone(&self.requested, self.language),
            },
            recipient: RecipientView::default(),
        }
    }
}

impl Renewal {
    pub(super) fn view(&self) -> RenewalView<'_> {
        RenewalView {
            language: self.language,
            shop: ShopView::new(&self.shop),
            renewal: RenewalFacts {
                renew_url: &self.renew_url,
                ends: Moment::at(&self.ends, self.language),
                zone: zone(&self.ends, self.language),
                lifetime_months: self.lifetime_months,
            },
            recipient: RecipientView::default(),
        }
    }
}

impl Recipient {
    pub(super) fn view(&self, language: Language) -> RecipientView {
        RecipientView {
            unsubscribe_url: Some(self.unsubscribe_url.to_string()),
            preferences_url: self.preferences_url.as_ref().map(ToString::to_string),
            confirmed_on: Some(dates::day(self.confirmed_on, language)),
        }
    }
}

/// What the clocks of the instant's zone are called, or its offset when the zone has no name.
fn zone(at: &ZonedDateTime, language: Language) -> String {
    at.time_zone().iana_name().map_or_else(|| format!("UTC{}", at.offset()), |id| dates::zone_name(id, language))
}
