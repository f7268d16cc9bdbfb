//! Adding rows to the price history. A row that is there already is known; one that says otherwise is refused. Either
//! way, importing a file twice changes nothing.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use jiff::Timestamp;

use super::super::column::At;
use super::super::column::types::{BigInt, Instant, Nullable, Text};
use super::super::conn::per_backend;
use super::super::schema::{price_corrections, price_imports, price_series, prices};
use super::super::{Db, StoreError, StoreResult};
use super::money;
use super::showcase::note_change;
use crate::calendar::{Channel, Market};
use crate::campaign::AudienceClass;
use crate::member::whole_micros;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::price::{Currency, Money, NOT_OFFERED, PriceRecord, SeriesKey};
use crate::{phrase, spoken_errors};

/// Rows in one INSERT: eight values each, below SQLite's limit of 32,766 values in a statement.
const BATCH: usize = 1000;

/// The id of a file's import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportId(i64);

/// The ids of the series met so far.
pub type SeriesIds = HashMap<SeriesKey, i64>;

/// What became of the rows handed to [`add`].
#[derive(Debug, Default)]
pub struct Added {
    /// Rows that are new.
    pub new: usize,
    /// Rows that were there already, word for word.
    pub known: usize,
    /// Rows that contradict the history: their index, and what it says.
    pub refused: Vec<(usize, Contradiction)>,
    /// Series that the caller did not name. They are worth keeping only once the transaction has ended well.
    pub series: Vec<(SeriesKey, i64)>,
}

/// What the history says where a row says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The price on record, none where the article is not for sale.
    pub price: Option<Money>,
    /// The campaign on record.
    pub campaign: Option<String>,
    /// The line it was imported from.
    pub line: u64,
    /// The file it was imported from.
    pub file: String,
}

spoken_errors!(Contradiction);

impl Spoken for Contradiction {
    fn phrase(&self) -> Phrase {
        let price = self.price.map_or_else(|| Fact::text(NOT_OFFERED), Fact::from);
        let (file, line) = (self.file.as_str(), Fact::text(self.line));
        match &self.campaign {
            Some(campaign) => {
                phrase!("price-contradicts-campaign", price = price, campaign = campaign, file = file, line = line)
            }
            None => phrase!("price-contradicts", price = price, file = file, line = line),
        }
    }
}

/// Notes that a file is being imported.
pub fn open_import(db: &mut Db, file: &str, at: Timestamp, who: &str) -> StoreResult<ImportId> {
    let id = diesel::insert_into(price_imports::table)
        .values((
            price_imports::file.eq(file),
            price_imports::imported_at.eq(At(at)),
            price_imports::imported_by.eq(who),
        ))
        .returning(price_imports::id)
        .get_result(db)?;
    Ok(ImportId(id))
}

struct Row<'a> {
    series_id: i64,
    from_at: Timestamp,
    price: Option<i64>,
    currency: Option<Currency>,
    campaign: Option<&'a str>,
    note: Option<&'a str>,
    import_id: i64,
    line: i64,
}

/// A row with its place among those handed in.
struct Placed<'a> {
    index: usize,
    row: Row<'a>,
}

impl Placed<'_> {
    fn key(&self) -> (i64, Timestamp) {
        (self.row.series_id, self.row.from_at)
    }

    fn says(&self) -> Said<'_> {
        (self.row.price, self.row.currency, self.row.campaign)
    }
}

/// What two rows must agree on to be the same.
type Said<'a> = (Option<i64>, Option<Currency>, Option<&'a str>);

/// Adds `records` under `import`. `known` holds ids of series from earlier calls.
pub fn add(db: &mut Db, import: ImportId, records: &[PriceRecord], known: &SeriesIds) -> StoreResult<Added> {
    let mut added = Added::default();
    let fresh = missing_series(db, records, known)?;
    let mut placed = Vec::with_capacity(records.len());
    for (index, record) in records.iter().enumerate() {
        let series_id = known.get(&record.key).or_else(|| fresh.get(&record.key)).copied();
        let series_id = series_id.ok_or_else(|| StoreError::corrupt("a price series", &record.key.sku))?;
        placed.push(Placed { index, row: row(record, series_id, import)? });
    }
    // In the order of the table, so that neighbours share a page.
    placed.sort_by_key(|placed| (placed.key(), placed.index));
    let mut batch: Vec<Placed<'_>> = Vec::with_capacity(BATCH);
    for placed in placed {
        match batch.last() {
            // The same key twice in one statement is one conflict to SQLite and another to PostgreSQL: keep them apart.
            Some(last) if last.key() == placed.key() => {
                insert(db, import, &mut batch, &mut added)?;
            }
            Some(_) if batch.len() == BATCH => insert(db, import, &mut batch, &mut added)?,
            _ => {}
        }
        batch.push(placed);
    }
    insert(db, import, &mut batch, &mut added)?;
    added.series = fresh.into_iter().collect();
    if added.new > 0 {
        note_change(db)?;
    }
    Ok(added)
}

fn row(record: &PriceRecord, series_id: i64, import: ImportId) -> StoreResult<Row<'_>> {
    Ok(Row {
        series_id,
        // As the store keeps it, so that it is found again.
        from_at: whole_micros(record.from),
        price: record.price.map(|price| price.minor),
        currency: record.price.map(|price| price.currency),
        campaign: record.campaign.as_deref(),
        note: record.note.as_deref(),
        import_id: import.0,
        line: i64::try_from(record.line).map_err(|_| StoreError::corrupt("a line number", record.line))?,
    })
}

/// Inserts one batch and empties it. Its keys are distinct and in order.
fn insert(db: &mut Db, import: ImportId, batch: &mut Vec<Placed<'_>>, added: &mut Added) -> StoreResult<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = batch
        .iter()
        .map(|Placed { row, .. }| {
            (
                prices::series_id.eq(row.series_id),
                prices::from_at.eq(At(row.from_at)),
                prices::price.eq(row.price),
                prices::currency.eq(row.currency),
                prices::campaign.eq(row.campaign),
                prices::note.eq(row.note),
                prices::import_id.eq(row.import_id),
                prices::line.eq(row.line),
            )
        })
        .collect();
    let inserted = per_backend!(db, conn => {
        diesel::insert_into(prices::table).values(rows).on_conflict_do_nothing().execute(conn)
    })?;
    added.new += inserted;
    if inserted < batch.len() {
        let (held, corrected) = (held(db, batch)?, corrected(db, batch)?);
        for placed in batch.iter() {
            let Some(held) = held.get(&placed.key()) else { continue };
            if held.import_id == import.0 && held.line == placed.row.line {
                continue;
            }
            let mended =
                corrected.get(&placed.key()).map(|price| (Some(*price), held.currency, held.campaign.as_deref()));
            if held.says() == placed.says() || mended == Some(placed.says()) {
                added.known += 1;
            } else {
                added.refused.push((placed.index, contradiction(db, held)?));
            }
        }
    }
    batch.clear();
    Ok(())
}

#[derive(QueryableByName)]
struct HeldPrices {
    #[diesel(sql_type = BigInt)]
    series_id: i64,
    #[diesel(sql_type = Instant)]
    from_at: Timestamp,
    #[diesel(sql_type = Nullable<BigInt>)]
    price: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    currency: Option<Currency>,
    #[diesel(sql_type = Nullable<Text>)]
    campaign: Option<String>,
    #[diesel(sql_type = BigInt)]
    import_id: i64,
    #[diesel(sql_type = BigInt)]
    line: i64,
}

impl HeldPrices {
    fn says(&self) -> Said<'_> {
        (self.price, self.currency, self.campaign.as_deref())
    }
}

/// The rows on record under the keys of `batch`. The keys are numbers, so they are written into the statement.
fn held(db: &mut Db, batch: &[Placed<'_>]) -> StoreResult<HashMap<(i64, Timestamp), HeldPrices>> {
    let keys: Vec<String> = batch
        .iter()
        .map(|placed| format!("({}, {})", placed.row.series_id, placed.row.from_at.as_microsecond()))
        .collect();
    let sql = format!(
        "WITH wanted (series_id, from_at) AS (VALUES {}) \
         SELECT p.series_id, p.from_at, p.price, p.currency, p.campaign, p.import_id, p.line \
         FROM wanted w JOIN prices p ON p.series_id = w.series_id AND p.from_at = w.from_at",
        keys.join(", ")
    );
    let rows: Vec<HeldPrices> = diesel::sql_query(sql).load(db)?;
    Ok(rows.into_iter().map(|held| ((held.series_id, held.from_at), held)).collect())
}

/// What persons have corrected the rows under the keys of `batch` to: a file that was mended says the same.
fn corrected(db: &mut Db, batch: &[Placed<'_>]) -> StoreResult<HashMap<(i64, Timestamp), i64>> {
    let series: BTreeSet<i64> = batch.iter().map(|placed| placed.row.series_id).collect();
    let rows: Vec<(i64, Timestamp, i64)> = price_corrections::table
        .filter(price_corrections::series_id.eq_any(series))
        .order(price_corrections::corrected_at)
        .select((price_corrections::series_id, price_corrections::from_at, price_corrections::price))
        .load(db)?;
    Ok(rows.into_iter().map(|(series_id, from_at, price)| ((series_id, from_at), price)).collect())
}

fn contradiction(db: &mut Db, held: &HeldPrices) -> StoreResult<Contradiction> {
    let file = price_imports::table.find(held.import_id).select(price_imports::file).get_result(db)?;
    Ok(Contradiction {
        price: money(held.price, held.currency)?,
        campaign: held.campaign.clone(),
        line: u64::try_from(held.line).map_err(|_| StoreError::corrupt("a line number", held.line))?,
        file,
    })
}

/// The ids of the series of `records` that `known` lacks. Series that no row ever had are made.
fn missing_series(db: &mut Db, records: &[PriceRecord], known: &SeriesIds) -> StoreResult<SeriesIds> {
    let wanted: BTreeSet<&SeriesKey> =
        records.iter().map(|record| &record.key).filter(|key| !known.contains_key(*key)).collect();
    let wanted: Vec<&SeriesKey> = wanted.into_iter().collect();
    let mut found = SeriesIds::with_capacity(wanted.len());
    for keys in wanted.chunks(BATCH) {
        let rows: Vec<_> = keys
            .iter()
            .map(|key| {
                (
                    price_series::sku.eq(&key.sku),
                    price_series::market.eq(key.market),
                    price_series::channel.eq(key.channel),
                    price_series::audience.eq(key.audience),
                )
            })
            .collect();
        per_backend!(db, conn => {
            diesel::insert_into(price_series::table).values(rows).on_conflict_do_nothing().execute(conn)
        })?;
        let skus: Vec<&str> = keys.iter().map(|key| key.sku.as_str()).collect();
        let ids: Vec<(i64, String, Market, Channel, AudienceClass)> = price_series::table
            .filter(price_series::sku.eq_any(skus))
            .select((
                price_series::id,
                price_series::sku,
                price_series::market,
                price_series::channel,
                price_series::audience,
            ))
            .load(db)?;
        for (id, sku, market, channel, audience) in ids {
            found.insert(SeriesKey { sku, market, channel, audience }, id);
        }
    }
    found.retain(|key, _| !known.contains_key(key));
    Ok(found)
}
