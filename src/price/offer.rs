//! The offers of a campaign: what is to be sold at which price, and since when the goods are there.

use std::collections::HashMap;

use jiff::civil::Date;

use super::money::{Currency, Money};
use super::record::{RecordError, header_finding, text};
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Fact, Spoken};
use crate::table::{Column, Encoding, Sheet, SheetCells, SheetRow};
use crate::text::{MomentError, WrittenMoment};

const COLUMNS: [Column; 6] = [
    Column::required("sku"),
    Column::required("price"),
    Column::optional("purchase_cost"),
    Column::optional("on_sale_since"),
    Column::optional("paid_on"),
    Column::optional("currency"),
];

/// One article at its reduced price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedOffer {
    /// The article.
    pub sku: String,
    /// The reduced price.
    pub price: Money,
    /// The threshold of resale at a loss for one piece: net invoice price, less the supplier's other advantages, plus
    /// taxes on turnover, specific taxes and transport.
    pub purchase_cost: Option<Money>,
    /// Since when it has been for sale.
    pub on_sale_since: Option<Date>,
    /// When it was paid for.
    pub paid_on: Option<Date>,
    /// The line in the file.
    pub line: usize,
}

/// An offers file.
#[derive(Clone, Debug, Default)]
pub struct OfferList {
    /// The file as the person named it.
    pub file: String,
    /// Its offers, each article once.
    pub offers: Vec<PricedOffer>,
    /// Rows that could not be read. The offers do not hold them.
    pub findings: Vec<Finding>,
    /// Columns that mean nothing here.
    pub unused: Vec<String>,
}

impl OfferList {
    /// Reads an offers file. Prices are in `currency` unless the file has a column of that name.
    pub fn read(document: &Document, currency: Currency) -> Self {
        Self::read_in(Encoding::Utf8, document, currency)
    }

    /// The same of a file whose text is in `encoding`: that of a sheet of a workbook is framed.
    pub fn read_in(encoding: Encoding, document: &Document, currency: Currency) -> Self {
        let mut list = Self { file: document.name.clone(), ..Self::default() };
        let mut sheet = match Sheet::open(&document.name, encoding, document.text.as_bytes(), &COLUMNS) {
            Ok(sheet) => sheet,
            Err(error) => {
                list.findings.push(header_finding(&error));
                return list;
            }
        };
        list.unused = sheet.unused();
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut row = SheetRow::default();
        // A text in memory has no read errors.
        while let Ok(true) = sheet.next(&mut row) {
            let line = usize::try_from(row.line()).unwrap_or(usize::MAX);
            let place = || Place { line: Some(line), ..Place::file(&document.name) };
            match sheet.cells(&row).map_err(RecordError::from).and_then(|cells| read(&cells, currency, line)) {
                Ok(offer) => match seen.insert(offer.sku.clone(), line) {
                    None => list.offers.push(offer),
                    Some(first) => list.findings.push(Finding::error(
                        "price.offer-twice",
                        place().with_words(&offer.sku),
                        phrase!("price-offer-twice", sku = offer.sku, line = Fact::text(first)),
                    )),
                },
                Err(error) => list.findings.push(
                    Finding::error("price.offer-unreadable", place(), error.phrase())
                        .mended_by(phrase!("price-mend-the-line")),
                ),
            }
        }
        list
    }

    /// The place of an offer.
    pub(super) fn place(&self, offer: &PricedOffer) -> Place {
        Place { line: Some(offer.line), ..Place::file(&self.file) }.with_words(&offer.sku)
    }
}

fn read(cells: &SheetCells<'_>, currency: Currency, line: usize) -> Result<PricedOffer, RecordError> {
    let money = |amount: &str, column, currency| {
        Money::parse(amount, currency).map_err(|why| RecordError::Money { column, why })
    };
    let currency = match cells.optional(5)? {
        Some(code) => code.parse().map_err(|why| RecordError::Money { column: "currency", why })?,
        None => currency,
    };
    Ok(PricedOffer {
        sku: text(cells.required(0)?, "sku")?,
        price: money(cells.required(1)?, "price", currency)?,
        purchase_cost: cells.optional(2)?.map(|amount| money(amount, "purchase_cost", currency)).transpose()?,
        on_sale_since: day(cells.optional(3)?)?,
        paid_on: day(cells.optional(4)?)?,
        line,
    })
}

fn day(cell: Option<&str>) -> Result<Option<Date>, MomentError> {
    cell.map(|text| WrittenMoment::parse(text).map(|moment| moment.date())).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> OfferList {
        OfferList::read(&Document::new("offers.csv", text), Currency::EUR)
    }

    #[test]
    fn offers_are_read_with_what_they_state() {
        let list = list("SKU;Price;Purchase_cost;On_sale_since;Paid_on\r\nA;79,90;30;22/05/2026;\r\nB;10;;;\r\n");
        assert_eq!(list.findings, []);
        let first = &list.offers[0];
        assert_eq!(first.purchase_cost, Some(Money::new(3000, Currency::EUR)));
        assert_eq!((first.on_sale_since, first.paid_on), (Some(jiff::civil::date(2026, 5, 22)), None));
        assert_eq!(list.offers[1].line, 3);
    }

    #[test]
    fn what_cannot_be_read_is_a_finding_with_its_line() {
        let list = list("sku,price\nA,79.90\nA,69.90\nB,cheap\n,5\n");
        let said: Vec<String> = list.findings.iter().map(|f| format!("{} {}", f.place, f.message)).collect();
        assert_eq!(list.offers.len(), 1);
        assert_eq!(said[0], "offers.csv:3 `A` is offered on line 2 already");
        assert!(said[1].starts_with("offers.csv:4 `price`: this is not an amount"), "{}", said[1]);
        assert_eq!(said[2], "offers.csv:5 `sku` is empty");
        assert_eq!(self::list("article;prix\n").findings[0].rule, "price.header");
    }
}
