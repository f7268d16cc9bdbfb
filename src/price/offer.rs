//! The offers of a campaign: what is to be sold at which price, and since when the goods are there.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jiff::civil::Date;

use super::money::{Currency, Money};
use super::record::{RecordError, text};
use crate::campaign::PlannedArticle;
use crate::document::Document;
use crate::finding::{Finding, Place};
use crate::phrase;
use crate::phrase::{Fact, Spoken};
use crate::table::{Column, Encoding, Sheet, SheetCells, SheetRow};
use crate::text::{Line, MomentError, WebAddress, WrittenMoment};

const COLUMNS: [Column; 9] = [
    Column::required("sku"),
    Column::required("price"),
    Column::optional("purchase_cost"),
    Column::optional("on_sale_since"),
    Column::optional("paid_on"),
    Column::optional("currency"),
    Column::optional("name"),
    Column::optional("picture"),
    Column::optional("url"),
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
    /// What it is shown with, if it is to be shown.
    pub card: Option<ArticleCard>,
    /// The line in the file.
    pub line: usize,
}

/// What an article is shown with to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleCard {
    /// The name for people.
    pub name: Line,
    /// Where that stands among the [names](OfferList::names).
    pub span: Range<usize>,
    /// The file of its picture, among the shop's pictures.
    pub picture: Option<Line>,
    /// Its page in the shop.
    pub url: Option<WebAddress>,
    /// The currency of its price, where the row names one.
    pub currency: Option<Currency>,
}

/// An offers file.
#[derive(Clone, Debug)]
pub struct OfferList {
    /// The file as the person named it.
    pub file: String,
    /// Its offers, each article once.
    pub offers: Vec<PricedOffer>,
    /// Rows that could not be read. The offers do not hold them.
    pub findings: Vec<Finding>,
    /// Columns that mean nothing here.
    pub unused: Vec<String>,
    /// The names for people, each on its line of the file: what is said of one of them is said at its place.
    pub names: Document,
}

impl OfferList {
    /// Reads an offers file. Prices are in `currency` unless the file has a column of that name.
    pub fn read(document: &Document, currency: Currency) -> Self {
        Self::read_in(Encoding::Utf8, document, currency)
    }

    /// The same of a file whose text is in `encoding`: that of a sheet of a workbook is framed.
    pub fn read_in(encoding: Encoding, document: &Document, currency: Currency) -> Self {
        let mut list = Self {
            file: document.name.clone(),
            offers: Vec::new(),
            findings: Vec::new(),
            unused: Vec::new(),
            names: Document::new(&document.name, ""),
        };
        let mut sheet = match Sheet::open(&document.name, encoding, document.text.as_bytes(), &COLUMNS) {
            Ok(sheet) => sheet,
            Err(error) => {
                list.findings.push(error.finding("price.header", phrase!("price-header-columns")));
                return list;
            }
        };
        list.unused = sheet.unused();
        let mut seen: HashMap<String, usize> = HashMap::new();
        let (mut row, mut reached) = (SheetRow::default(), 1);
        // A text in memory has no read errors.
        while let Ok(true) = sheet.next(&mut row) {
            let line = usize::try_from(row.line()).unwrap_or(usize::MAX);
            let place = || Place { line: Some(line), ..Place::file(&document.name) };
            match sheet.cells(&row).map_err(RecordError::from).and_then(|cells| read(&cells, currency, line)) {
                Ok(mut offer) => match seen.insert(offer.sku.clone(), line) {
                    None => {
                        if let Some(card) = &mut offer.card {
                            card.span = list.note_name(&card.name, line, &mut reached);
                        }
                        list.offers.push(offer);
                    }
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

    /// Keeps `name` on the line that it has in the file, and says where.
    fn note_name(&mut self, name: &Line, line: usize, reached: &mut usize) -> Range<usize> {
        let text = &mut self.names.text;
        text.extend(std::iter::repeat_n('\n', line.saturating_sub(*reached)));
        *reached = line;
        let start = text.len();
        text.push_str(name.as_str());
        start..text.len()
    }

    /// The articles that are to be shown, in the file's order. Rows that say the same to people, as the sizes of a shoe do, are
    /// one article.
    pub fn shown(&self) -> Vec<PlannedArticle> {
        let mut shown: Vec<PlannedArticle> = Vec::new();
        let mut said = HashSet::new();
        for offer in &self.offers {
            let Some(card) = &offer.card else { continue };
            if said.insert((card.name.as_str(), offer.price)) {
                shown.push(PlannedArticle {
                    sku: offer.sku.clone(),
                    name: card.name.clone(),
                    picture: card.picture.clone(),
                    url: card.url.clone(),
                    price: offer.price.amount(),
                    currency: card.currency.map(|currency| currency.to_string()),
                });
            }
        }
        shown
    }

    /// The place of an offer.
    pub fn place(&self, offer: &PricedOffer) -> Place {
        Place { line: Some(offer.line), ..Place::file(&self.file) }.with_words(&offer.sku)
    }
}

fn read(cells: &SheetCells<'_>, currency: Currency, line: usize) -> Result<PricedOffer, RecordError> {
    let money = |amount: &str, column, currency| {
        Money::parse(amount, currency).map_err(|why| RecordError::Money { column, why })
    };
    let own_currency: Option<Currency> = cells
        .optional(5)?
        .map(|code| code.parse().map_err(|why| RecordError::Money { column: "currency", why }))
        .transpose()?;
    let currency = own_currency.unwrap_or(currency);
    Ok(PricedOffer {
        sku: text(cells.required(0)?, "sku")?,
        price: money(cells.required(1)?, "price", currency)?,
        purchase_cost: cells.optional(2)?.map(|amount| money(amount, "purchase_cost", currency)).transpose()?,
        on_sale_since: day(cells.optional(3)?)?,
        paid_on: day(cells.optional(4)?)?,
        card: card(cells, own_currency)?,
        line,
    })
}

/// What the article is shown with. Without a name it is not shown.
fn card(cells: &SheetCells<'_>, currency: Option<Currency>) -> Result<Option<ArticleCard>, RecordError> {
    let line = |column, text: &str| Line::parse(text).map_err(|why| RecordError::unfit(column, &why));
    let Some(name) = cells.optional(6)? else { return Ok(None) };
    let picture = cells.optional(7)?.map(|file| line("picture", file)).transpose()?;
    if picture.as_ref().is_some_and(|file| file.contains(['/', '\\'])) {
        return Err(RecordError::Unfit { column: "picture", why: Box::new(phrase!("picture-file")) });
    }
    let url = cells.optional(8)?.map(|url| WebAddress::parse(url).map_err(|why| RecordError::unfit("url", &why)));
    Ok(Some(ArticleCard { name: line("name", name)?, span: 0..0, picture, url: url.transpose()?, currency }))
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
