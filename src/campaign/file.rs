//! A campaign as a person wrote it: typed, with the place of every value, and nothing resolved yet.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Expression, Written};
use crate::calendar::{Channel, Market};
use crate::document::Document;
use crate::finding::Place;
use crate::member::{Language, ListName};
use crate::phrase::{Phrase, Spoken};
use crate::text::{Line, Slug, WebAddress, Wording};
use crate::{phrase, spoken_errors};

impl AudienceClass {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Public, Self::OpenMembers, Self::ClosedGroup, Self::Personal];

    /// Whether the sale is only for people who were chosen: it has no place in a public list.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::ClosedGroup | Self::Personal)
    }
}

/// Who can buy at the price. It decides which price rules hold and which words may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AudienceClass {
    /// Anyone.
    Public,
    /// Members of a club that anyone may join.
    OpenMembers,
    /// A group that was fixed beforehand.
    ClosedGroup,
    /// Single persons, each with a price of their own.
    Personal,
}

/// What an operation is called, which decides whether the conditions of the regulated sales hold for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By the name of a sale that the law regulates: soldes, saldi, rebajas.
    Regulated,
    /// By a step of such a sale, such as a second markdown: inside its days it is part of it, and elsewhere another name.
    Step,
    /// By another name.
    Other,
    /// Nothing is known of the words of the market, or of those of the operation.
    Unknown,
}

/// A sale under a name that the law keeps for those who declared it, or have a right to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeclaredSale {
    /// Goods of a shop that closes, changes its trade or is rebuilt.
    Liquidation,
    /// What a maker sells directly.
    FactoryStore,
}

/// What a mailing says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailingKind {
    /// That the sale will open, and when.
    Announcement,
    /// That it is open.
    Opening,
    /// That it will close soon.
    LastHours,
}

/// What limits an offer beside its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfferLimit {
    /// There is no more of it than what lies in stock.
    Stock,
    /// It is about some brands only.
    Brands,
}

/// When prices stand beside the articles of a sale, on its page and in its letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PricesShown {
    /// While the sale is open. Until it opens, prices may still move, and so may what they are compared with.
    #[default]
    WhileOpen,
    /// Before it opens as well.
    Always,
    /// Never.
    Never,
}

/// How often a sale is held again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Every {
    /// With the winter sales.
    Winter,
    /// With the summer sales.
    Summer,
    /// In the same season of each year, whichever it is.
    Year,
}

impl Every {
    /// How often a sale that is anchored to `season` comes again, as closely as can be said.
    pub fn of_season(season: &str) -> Self {
        season.parse().unwrap_or(Self::Year)
    }

    /// Whether a sale that is anchored to `season` comes again so.
    pub fn fits(self, season: &str) -> bool {
        self == Self::Year || self.to_string() == season
    }
}

/// Which of two instants is meant when daylight saving makes a time of day ambiguous or skips it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DstChoice {
    /// The earlier one.
    Earlier,
    /// The later one.
    Later,
}

/// A word that is not one of those expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    /// The word as written.
    pub found: String,
    /// The words that would have been understood.
    pub expected: &'static str,
}

impl Spoken for UnknownWord {
    fn phrase(&self) -> Phrase {
        phrase!("word-unknown", found = self.found.as_str(), expected = self.expected)
    }
}

spoken_errors!(UnknownWord);

/// `Display`, `FromStr` and the list of words of an enum, from one table.
macro_rules! words {
    ($type:ty, $($variant:ident = $word:literal),+; $expected:literal) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$variant => $word),+ })
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { found: text.to_owned(), expected: $expected }),
                }
            }
        }
    };
}

words!(AudienceClass, Public = "public", OpenMembers = "open-members", ClosedGroup = "closed-group",
    Personal = "personal"; "`public`, `open-members`, `closed-group`, `personal`");
words!(DeclaredSale, Liquidation = "liquidation", FactoryStore = "factory-store"; "`liquidation`, `factory-store`");
words!(MailingKind, Announcement = "announcement", Opening = "opening", LastHours = "last-hours";
    "`announcement`, `opening`, `last-hours`");
words!(PricesShown, WhileOpen = "while-open", Always = "always", Never = "never";
    "`while-open`, `always`, `never`");
words!(OfferLimit, Stock = "stock", Brands = "brands"; "`stock`, `brands`");
words!(Every, Winter = "winter", Summer = "summer", Year = "year"; "`winter`, `summer`, `year`");
words!(DstChoice, Earlier = "earlier", Later = "later"; "`earlier`, `later`");

/// The group of a `closed-group` campaign.
#[derive(Clone, Debug)]
pub struct Group {
    /// Who is in it, in a sentence.
    pub who: Written<Line>,
    /// The day on which it was fixed.
    pub fixed_on: Written<Date>,
    /// Whether a person can join while the sale runs.
    pub joinable: Written<bool>,
    /// How many people are in it, when the file says so.
    pub size: Option<Written<u64>>,
    /// The list of its people, who alone are written to.
    pub list: Option<Written<ListName>>,
}

/// `[declaration]`: on what a liquidation or a factory store stands.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Which of the two.
    pub kind: Written<DeclaredSale>,
    /// The number of the receipt that an authority gave.
    pub receipt: Option<Written<Line>>,
    /// The right, in a sentence, where the law asks for no receipt.
    pub ground: Option<Written<Line>>,
}

/// `[window]`.
#[derive(Clone, Debug)]
pub struct Window {
    /// The zone in which every time of day of the file is read.
    pub timezone: Written<TimeZone>,
    /// When the gate opens.
    pub opens: Written<Expression>,
    /// When it closes.
    pub closes: Written<Expression>,
    /// From when on the sale stands in public lists; at once when the file does not say.
    pub announce_from: Option<Written<Expression>>,
    /// What is meant by a time of day that daylight saving skips; without it, such a time is refused.
    pub in_gap: Option<Written<DstChoice>>,
    /// What is meant by a time of day that comes twice; without it, such a time is refused.
    pub in_overlap: Option<Written<DstChoice>>,
}

/// `[[offers]]`.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The name for people.
    pub name: Written<Line>,
    /// A CSV file or a workbook, relative to the campaign file.
    pub prices: Written<String>,
    /// The sheet of a workbook.
    pub sheet: Option<Written<Line>>,
}

/// `[words.LANGUAGE]`: what the sale is called and how it is introduced, on its page and in its letters.
#[derive(Clone, Debug, Default)]
pub struct SaleWords {
    /// The name for people, in place of the campaign's title.
    pub title: Option<Written<Line>>,
    /// A few sentences.
    pub intro: Option<Written<Wording>>,
    /// What stands on the button that leads to the sale while it is open.
    pub button: Option<Written<Line>>,
    /// What the picture shows, for those who do not see it.
    pub alt: Option<Written<Line>>,
}

/// `[mailings.texts.LANGUAGE]`: what the merchandiser says in the letter.
#[derive(Clone, Debug, Default)]
pub struct MailingTexts {
    /// The subject line.
    pub subject: Option<Written<Wording>>,
    /// The words on top.
    pub headline: Option<Written<Wording>>,
    /// The paragraphs below them.
    pub intro: Option<Written<Wording>>,
}

impl MailingTexts {
    /// The texts that are there, each with its key.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Written<Wording>)> {
        [("subject", &self.subject), ("headline", &self.headline), ("intro", &self.intro)]
            .into_iter()
            .filter_map(|(key, text)| text.as_ref().map(|text| (key, text)))
    }
}

/// `[[mailings]]`.
#[derive(Clone, Debug)]
pub struct Mailing {
    /// What it says.
    pub kind: Written<MailingKind>,
    /// Its name, unique in the campaign; the kind when none is written.
    pub name: Written<String>,
    /// The first instant at which a message may leave.
    pub not_before: Written<Expression>,
    /// The first instant at which none may leave any more.
    pub not_after: Written<Expression>,
    /// The languages it is written in; the first is the fallback.
    pub languages: Vec<Written<Language>>,
    /// The lists of those who get it; where there is none, the list of the campaign's group, else everybody.
    pub to: Vec<Written<ListName>>,
    /// The lists of those who do not get it, whatever else they are on.
    pub not: Vec<Written<ListName>>,
    /// The merchandiser's own words, by language.
    pub texts: BTreeMap<Language, MailingTexts>,
    /// Where the mailing starts in the file.
    pub place: Place,
}

/// A whole campaign file.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The file it was read from.
    pub document: Document,
    /// The short name.
    pub slug: Written<Slug>,
    /// The name for people.
    pub title: Written<Line>,
    /// What the gate shows instead of the title.
    pub label: Option<Written<Line>>,
    /// Where the consumers are; never empty, each once.
    pub markets: Vec<Written<Market>>,
    /// How they buy.
    pub channel: Written<Channel>,
    /// Who can buy at the price.
    pub audience: Written<AudienceClass>,
    /// The group, when the audience is `closed-group`.
    pub group: Option<Group>,
    /// Whether the sale is left out of public lists although others could be in them.
    pub unlisted: Option<Written<bool>>,
    /// What limits the offer beside its window; none when the file does not say.
    pub limited_by: Option<Vec<Written<OfferLimit>>>,
    /// When prices are shown; none when the file does not say.
    pub show_prices: Option<Written<PricesShown>>,
    /// Campaigns that are one and the same reduction with this one, as the seller says.
    pub continues: Vec<Written<Slug>>,
    /// On what a liquidation or a factory store stands.
    pub declaration: Option<Declaration>,
    /// What is sold, such as `shoes`, where the law of a market depends on it.
    pub sector: Option<Written<String>>,
    /// The page of the shop that the mails link to.
    pub url: Option<Written<WebAddress>>,
    /// The file of the picture of the sale, among the shop's pictures.
    pub picture: Option<Written<Line>>,
    /// How often the sale is held again, as `[edition]` says: its next edition is proposed.
    pub every: Option<Written<Every>>,
    /// The words of the sale, by language.
    pub words: BTreeMap<Language, SaleWords>,
    /// When the gate opens and closes.
    pub window: Window,
    /// What is on sale.
    pub offers: Vec<Offer>,
    /// Who is told, when.
    pub mailings: Vec<Mailing>,
}

impl Campaign {
    /// The expression under `field`, named as in [`super::AnchorUse::field`].
    pub fn expression(&self, field: &str) -> Option<&Written<Expression>> {
        match field.split('.').collect::<Vec<_>>().as_slice() {
            ["window", "opens"] => Some(&self.window.opens),
            ["window", "closes"] => Some(&self.window.closes),
            ["window", "announce_from"] => self.window.announce_from.as_ref(),
            ["mailings", name, edge] => {
                let mailing = self.mailings.iter().find(|mailing| mailing.name.value == *name)?;
                Some(if *edge == "not_before" { &mailing.not_before } else { &mailing.not_after })
            }
            _ => None,
        }
    }
}
