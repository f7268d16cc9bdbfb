//! The rows of a price file: which article, where, for whom, from when, at what price.

use std::collections::HashMap;
use std::io::Read;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::money::{Currency, Money, MoneyError};
use crate::calendar::{Channel, ChannelError, Market, MarketError};
use crate::campaign::{AudienceClass, UnknownWord};
use crate::finding::Finding;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::table::{CellError, Column, Encoding, Sheet, SheetError, SheetRow};
use crate::text::{MomentError, WrittenMoment};
use crate::{phrase, spoken_errors};

/// How many columns a price file may have.
const COLUMN_COUNT: usize = 9;

const COLUMNS: [Column; COLUMN_COUNT] = [
    Column::required("sku"),
    Column::required("channel"),
    Column::required("market"),
    Column::required("audience"),
    Column::required("from"),
    Column::required("price"),
    Column::required("currency"),
    Column::optional("campaign"),
    Column::optional("source"),
];

/// What a person says of a column of a price file: `sku=Référence`, the name that it has there, or `market=FR`, what holds of rows that
/// say nothing in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceColumn {
    /// Where it is in [`COLUMNS`].
    index: usize,
    text: String,
}

/// A text says nothing of a column of a price file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPriceColumn;

impl Spoken for NoPriceColumn {
    fn phrase(&self) -> Phrase {
        phrase!("price-no-column", columns = Fact::texts(COLUMNS.map(|column| format!("`{}`", column.name()))))
    }
}

spoken_errors!(NoPriceColumn);

impl FromStr for PriceColumn {
    type Err = NoPriceColumn;

    fn from_str(text: &str) -> Result<Self, NoPriceColumn> {
        let (column, text) = text.split_once('=').ok_or(NoPriceColumn)?;
        let index = COLUMNS.iter().position(|known| known.name() == column.trim()).ok_or(NoPriceColumn)?;
        let text = text.trim();
        if text.is_empty() { Err(NoPriceColumn) } else { Ok(Self { index, text: text.to_owned() }) }
    }
}

/// What a person says of the columns of a price file.
#[derive(Clone, Copy, Debug, Default)]
pub struct PriceColumns<'a> {
    /// Under which names it has them, where these are not ours.
    pub names: &'a [PriceColumn],
    /// What holds of rows that say nothing.
    pub values: &'a [PriceColumn],
}

/// What is said of a price file whose header is at fault.
pub fn header_finding(error: &SheetError) -> Finding {
    error.finding("price.header", phrase!("price-import-columns"))
}

/// The word that stands in place of a price.
pub const NOT_OFFERED: &str = "not-offered";

/// The longest article number, campaign name or note that is kept, in bytes.
const LONGEST: usize = 200;

/// Which step function a price belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    /// The article.
    pub sku: String,
    /// Where the consumers are.
    pub market: Market,
    /// How it is sold.
    pub channel: Channel,
    /// Who can buy at it.
    pub audience: AudienceClass,
}

/// One price from one instant on, as a file states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRecord {
    /// Whose.
    pub key: SeriesKey,
    /// From when.
    pub from: Timestamp,
    /// The price, or `None` when the article is not for sale from then on.
    pub price: Option<Money>,
    /// The campaign that announces it as a reduction.
    pub campaign: Option<String>,
    /// What the file says about where the price comes from.
    pub note: Option<String>,
    /// The line in the file.
    pub line: u64,
}

/// Why a row is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.phrase())]
pub enum RecordError {
    /// The cells cannot be read.
    #[error(transparent)]
    Cell(#[from] CellError),
    /// No market.
    #[error(transparent)]
    Market(#[from] MarketError),
    /// A market whose zone is not known, so its days cannot be counted.
    UnknownMarket(String),
    /// No channel.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// No audience.
    #[error(transparent)]
    Audience(#[from] UnknownWord),
    /// No instant.
    #[error(transparent)]
    Moment(#[from] MomentError),
    /// No price.
    Money {
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        why: MoneyError,
    },
    /// A text that is too long or holds control characters.
    Text(&'static str),
    /// What cannot be shown to people.
    Unfit {
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        why: Box<Phrase>,
    },
}

impl RecordError {
    pub(super) fn unfit(column: &'static str, why: &impl Spoken) -> Self {
        Self::Unfit { column, why: Box::new(why.phrase()) }
    }
}

impl Spoken for RecordError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Cell(error) => error.phrase(),
            Self::Market(error) => error.phrase(),
            Self::UnknownMarket(market) => phrase!("row-market-unknown", market = market),
            Self::Channel(error) => error.phrase(),
            Self::Audience(error) => error.phrase(),
            Self::Moment(error) => error.phrase(),
            Self::Money { column, why } => phrase!("row-money", column = *column, why = why.phrase()),
            Self::Unfit { column, why } => phrase!("row-unfit", column = *column, why = (**why).clone()),
            Self::Text(column) => phrase!("row-text", column = *column, longest = LONGEST),
        }
    }
}

/// Reads a price file row by row.
pub struct PriceSheet<R: Read> {
    sheet: Sheet<R>,
    /// What holds of rows that say nothing, by column.
    values: [Option<String>; COLUMN_COUNT],
    zones: HashMap<Market, TimeZone>,
}

/// One row: read, or refused. Either way it is still in the [`SheetRow`] that was handed in.
pub type ReadRow = Result<PriceRecord, RecordError>;

impl<R: Read> PriceSheet<R> {
    /// Reads the header of a file of whose columns a person says `said`.
    pub fn open(file: &str, encoding: Encoding, input: R, said: PriceColumns<'_>) -> Result<Self, SheetError> {
        let of = |said: &[PriceColumn], index| said.iter().rfind(|it| it.index == index).map(|it| it.text.clone());
        let values = std::array::from_fn(|index| of(said.values, index));
        let columns = COLUMNS.into_iter().zip(&values).enumerate().map(|(index, (column, value))| {
            let column = if value.is_some() { Column::optional(column.name()) } else { column };
            column.under(of(said.names, index).as_deref())
        });
        let columns: Vec<Column> = columns.collect();
        Ok(Self { sheet: Sheet::open(file, encoding, input, &columns)?, values, zones: HashMap::new() })
    }

    /// The table.
    pub fn sheet(&self) -> &Sheet<R> {
        &self.sheet
    }

    /// Reads the next row through `row`; none at the end. `zone_of` knows the zone of every market.
    pub fn next(
        &mut self,
        row: &mut SheetRow,
        zone_of: impl Fn(Market) -> Option<TimeZone>,
    ) -> Result<Option<ReadRow>, SheetError> {
        Ok(if self.sheet.next(row)? { Some(self.read(row, zone_of)) } else { None })
    }

    fn read(&mut self, row: &SheetRow, zone_of: impl Fn(Market) -> Option<TimeZone>) -> ReadRow {
        let cells = self.sheet.cells(row)?;
        let values = &self.values;
        let value = |index: usize| values.get(index).and_then(Option::as_deref);
        let optional = |index: usize| Ok::<_, CellError>(cells.optional(index)?.or_else(|| value(index)));
        let required = |index: usize| optional(index)?.map_or_else(|| cells.required(index), Ok);
        let sku = text(required(0)?, "sku")?;
        let channel: Channel = required(1)?.to_ascii_lowercase().parse()?;
        let market: Market = required(2)?.parse()?;
        let audience: AudienceClass = required(3)?.to_ascii_lowercase().parse()?;
        let zone = if let Some(zone) = self.zones.get(&market) {
            zone
        } else {
            let zone = zone_of(market).ok_or_else(|| RecordError::UnknownMarket(market.to_string()))?;
            self.zones.entry(market).or_insert(zone)
        };
        let from = WrittenMoment::parse(required(4)?)?.at(zone)?;
        let price = match required(5)? {
            word if word.eq_ignore_ascii_case(NOT_OFFERED) => None,
            amount => {
                let currency: Currency =
                    required(6)?.parse().map_err(|why| RecordError::Money { column: "currency", why })?;
                Some(Money::parse(amount, currency).map_err(|why| RecordError::Money { column: "price", why })?)
            }
        };
        let campaign = optional(7)?.map(|name| text(name, "campaign")).transpose()?;
        let note = optional(8)?.map(|note| text(note, "source")).transpose()?;
        Ok(PriceRecord {
            key: SeriesKey { sku, market, channel, audience },
            from,
            price,
            campaign,
            note,
            line: row.line(),
        })
    }
}

pub(super) fn text(text: &str, column: &'static str) -> Result<String, RecordError> {
    if text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err(RecordError::Text(column));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone_of(market: Market) -> Option<TimeZone> {
        (market.country() == "FR").then(|| TimeZone::get("Europe/Paris").unwrap())
    }

    /// The rows, and the lines of those that are refused.
    fn rows(text: &str) -> Vec<Result<PriceRecord, (u64, RecordError)>> {
        let mut sheet = open(text.as_bytes()).unwrap();
        let mut row = SheetRow::default();
        let next = || sheet.next(&mut row, zone_of).unwrap().map(|read| read.map_err(|error| (row.line(), error)));
        std::iter::from_fn(next).collect()
    }

    fn open(bytes: &[u8]) -> Result<PriceSheet<&[u8]>, SheetError> {
        PriceSheet::open("p.csv", Encoding::Utf8, bytes, PriceColumns::default())
    }

    #[track_caller]
    fn refused(row: &str, expected: &str) {
        let text = format!("sku,channel,market,audience,from,price,currency\n{row}\n");
        let (line, error) = rows(&text).remove(0).unwrap_err();
        assert!(line == 2 && error.to_string().contains(expected), "line {line}: {error}");
    }

    #[test]
    fn a_french_spreadsheet_is_read() {
        let read = rows(
            "\u{feff}SKU;Market;Channel;Audience;From;Price;Currency;Campaign\r\nA-1;fr;online;public;06/11/2026;\"1 079,90\";EUR;hiver\r\n\r\nA-1;FR;online;public;07/11/2026;not-offered;;\r\n",
        );
        let first = read[0].as_ref().unwrap();
        assert_eq!(first.price, Some(Money::new(107_990, Currency::EUR)));
        assert_eq!((first.from.to_string().as_str(), first.line), ("2026-11-05T23:00:00Z", 2));
        assert_eq!(first.campaign.as_deref(), Some("hiver"));
        let second = read[1].as_ref().unwrap();
        assert_eq!((second.price, second.line), (None, 4));
    }

    #[test]
    fn a_person_says_what_the_columns_of_a_shop_are() {
        let text = "Référence;Prix TTC;Depuis le;Canal\nA-1;129,00 €;01/10/2026 10:30;\nA-2;89,90;02/10/2026;store\n";
        let parsed = |said: &[&str]| said.iter().map(|it| it.parse().unwrap()).collect::<Vec<PriceColumn>>();
        let names = parsed(&["sku=Référence", "price=Prix TTC", "from=Depuis le", "channel=Canal"]);
        let values = parsed(&["channel=online", "market=FR", "audience=public", "currency=EUR"]);
        let open =
            |names, values| PriceSheet::open("p.csv", Encoding::Utf8, text.as_bytes(), PriceColumns { names, values });
        let (mut sheet, mut row) = (open(&names, &values).unwrap(), SheetRow::default());
        let mut next = || sheet.next(&mut row, zone_of).unwrap().unwrap().unwrap();
        let (first, second) = (next(), next());
        assert_eq!((first.key.sku.as_str(), first.key.channel), ("A-1", Channel::Online));
        assert_eq!(
            (first.price, first.key.market.to_string().as_str()),
            (Some(Money::new(12_900, Currency::EUR)), "FR")
        );
        assert_eq!(second.key.channel, Channel::Store, "what a row says itself holds");
        assert!(open(&names, &[]).is_err(), "nobody says the market");
        for wrong in ["Référence", "article=Référence", "sku="] {
            assert_eq!(wrong.parse::<PriceColumn>(), Err(NoPriceColumn), "{wrong}");
        }
    }

    #[test]
    fn lines_are_counted_through_quotes_and_blanks() {
        let header = "sku,channel,market,audience,from,price,currency,source";
        for end in ["\n", "\r\n"] {
            let good = "A-1,online,FR,public,2026-11-06,70,EUR,\"a\"";
            let text = format!("{header}{end}{end}A,\"x{end}y\",1,1,1,1,1,1{end}{good}{end}{end}{good}");
            let lines: Vec<u64> =
                rows(&text).into_iter().map(|row| row.map_or_else(|(line, _)| line, |row| row.line)).collect();
            assert_eq!(lines, [3, 5, 7], "{end:?}");
        }
    }

    #[test]
    fn a_refused_row_says_why() {
        refused("A-1,online,FR,public,2026-11-06,abc,EUR", "`price`: this is not an amount");
        refused("A-1,online,FR,public,2026-11-06,0,EUR", "not-offered");
        refused("A-1,online,FR,public,2026-11-06,70,€", "`currency`");
        refused("A-1,web,FR,public,2026-11-06,70,EUR", "`web`");
        refused("A-1,online,France,public,2026-11-06,70,EUR", "`France`");
        refused("A-1,online,XX,public,2026-11-06,70,EUR", "`XX`");
        refused("A-1,online,FR,everyone,2026-11-06,70,EUR", "`everyone`");
        refused("A-1,online,FR,public,soon,70,EUR", "`soon`");
        refused(",online,FR,public,2026-11-06,70,EUR", "`sku` is empty");
        refused("A-1,online,FR,public,2026-11-06,79,90,EUR", "the row has 8 cells and the header 7");
    }

    #[test]
    fn a_header_without_a_column_is_refused() {
        let error = open(b"sku;prix\n").err().unwrap();
        assert!(
            error.to_string().contains("p.csv:1: the header lacks `channel`, `market`, `audience`, `from`, `price`, `currency`; its columns are `sku`, `prix`"),
            "{error}"
        );
        let error = open(b"").err().unwrap();
        assert!(error.to_string().contains("the file is empty"), "{error}");
    }

    #[test]
    fn a_row_may_lack_its_last_cells_when_they_need_not_be_there() {
        let header = "sku,channel,market,audience,from,price,currency,campaign,source";
        let read = rows(&format!("{header}\nA-1,online,FR,public,2026-11-06,70,EUR\n"));
        assert_eq!(read[0].as_ref().unwrap().campaign, None);
        refused("A-1,online,FR,public,2026-11-06,70", "`currency` is empty");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(.|\n|;|,|\"){0,200}", header in proptest::bool::ANY) {
            let text =
                if header { format!("sku,channel,market,audience,from,price,currency\n{text}") } else { text };
            let Ok(mut sheet) = open(text.as_bytes()) else { return Ok(()) };
            let mut row = SheetRow::default();
            while let Ok(Some(_)) = sheet.next(&mut row, zone_of) {}
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut text = b"sku,channel,market,audience,from,price,currency\n".to_vec();
            text.extend(bytes);
            let mut sheet = open(&text).unwrap();
            let mut row = SheetRow::default();
            while let Ok(Some(_)) = sheet.next(&mut row, zone_of) {}
        }
    }
}
