//! Reading the price history of many articles back, only as far as a window needs it.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::Text;
use jiff::Timestamp;

use super::super::column::At;
use super::super::column::types::{BigInt, Instant, Nullable};
use super::super::schema::{price_corrections, price_imports, price_series};
use super::super::{Db, StoreError, StoreResult};
use super::money;
use crate::calendar::{Channel, Market};
use crate::campaign::AudienceClass;
use crate::price::{Currency, Money, PriceCorrection, PriceHistory, PriceRow, PriceSource, SeriesKey};

/// Articles asked about in one statement.
const BATCH: usize = 500;

/// The histories of articles, by article number.
pub type ArticleHistory = HashMap<String, PriceHistory>;

/// Which part of the histories is asked for.
#[derive(Clone, Copy, Debug)]
pub struct HistorySpan {
    /// The rows in effect at this instant and the later ones; all of them when none.
    pub since: Option<Timestamp>,
    /// Only rows that begin before this instant.
    pub until: Timestamp,
    /// As the store knew them at this instant: corrections that were made later are left out. None: as they are known now.
    pub known_at: Option<Timestamp>,
}

/// The price histories of `skus` in one channel of one market. Articles without any row are left out.
///
/// In a part of a country the prices of the country apply until an article has its first row there.
pub fn histories(
    db: &mut Db,
    skus: &[&str],
    market: Market,
    channel: Channel,
    span: HistorySpan,
) -> StoreResult<ArticleHistory> {
    let HistorySpan { since, until, known_at } = span;
    let mut files = PriceSources::default();
    let mut found = ArticleHistory::new();
    for skus in skus.chunks(BATCH) {
        let series = series(db, skus, market, channel)?;
        let first_offers = first_offers(db, &series)?;
        let mut by_sku: HashMap<&str, Gathered> = HashMap::new();
        for (id, at) in first_offers {
            if let Some(key) = series.get(&id) {
                by_sku.entry(&key.sku).or_default().first_offered.push((key.audience, at));
            }
        }
        let mut corrections = corrections(db, &series, known_at)?;
        for row in applied_there(rows(db, &series, since, until)?, &series, market) {
            let Some(key) = series.get(&row.series_id) else { continue };
            let corrected = corrections.remove(&(row.series_id, row.from_at));
            let mut row = files.row(db, row, key.audience)?;
            if let (Some(corrected), Some(typed)) = (corrected, row.price) {
                row.price = Some(Money::new(corrected.price, typed.currency));
                row.source.corrected = Some(corrected.told(typed.currency));
            }
            by_sku.entry(&key.sku).or_default().rows.push(row);
        }
        for (sku, Gathered { rows, first_offered }) in by_sku {
            let history = match since {
                Some(since) => PriceHistory::since(since, rows, first_offered),
                None => PriceHistory::complete(rows),
            };
            found.insert(sku.to_owned(), history);
        }
    }
    Ok(found)
}

/// What one article's history is made of.
#[derive(Default)]
struct Gathered {
    rows: Vec<PriceRow>,
    first_offered: Vec<(AudienceClass, Timestamp)>,
}

/// The series of `skus`, by id.
fn series(db: &mut Db, skus: &[&str], market: Market, channel: Channel) -> StoreResult<HashMap<i64, SeriesKey>> {
    let found: Vec<(i64, String, Market, AudienceClass)> = price_series::table
        .filter(price_series::sku.eq_any(skus))
        .filter(price_series::market.eq_any([market, market.national()]))
        .filter(price_series::channel.eq(channel))
        .select((price_series::id, price_series::sku, price_series::market, price_series::audience))
        .load(db)?;
    let key = |(id, sku, market, audience)| (id, SeriesKey { sku, market, channel, audience });
    Ok(found.into_iter().map(key).collect())
}

/// The rows that applied in `market`: those of the country only as long as no row of its own had replaced them.
fn applied_there(rows: Vec<StoredRow>, series: &HashMap<i64, SeriesKey>, market: Market) -> Vec<StoredRow> {
    let mut own: HashMap<(&str, AudienceClass), Timestamp> = HashMap::new();
    for row in &rows {
        let Some(key) = series.get(&row.series_id).filter(|key| key.market == market) else { continue };
        let first = own.entry((&key.sku, key.audience)).or_insert(row.from_at);
        *first = row.from_at.min(*first);
    }
    let applied = |row: &StoredRow| {
        let Some(key) = series.get(&row.series_id) else { return false };
        let replaced = own.get(&(key.sku.as_str(), key.audience));
        key.market == market || replaced.is_none_or(|first| row.from_at < *first)
    };
    let keep: Vec<bool> = rows.iter().map(applied).collect();
    rows.into_iter().zip(keep).filter_map(|(row, keep)| keep.then_some(row)).collect()
}

/// The latest correction of each row that has one, by the row.
fn corrections(
    db: &mut Db,
    series: &HashMap<i64, SeriesKey>,
    known_at: Option<Timestamp>,
) -> StoreResult<HashMap<(i64, Timestamp), StoredCorrection>> {
    let ids: Vec<i64> = series.keys().copied().collect();
    let found: Vec<StoredCorrection> = price_corrections::table
        .filter(price_corrections::series_id.eq_any(ids))
        .filter(price_corrections::corrected_at.le(At(known_at.unwrap_or(Timestamp::MAX))))
        .order(price_corrections::corrected_at)
        .select(StoredCorrection::as_select())
        .load(db)?;
    Ok(found.into_iter().map(|correction| ((correction.series_id, correction.from_at), correction)).collect())
}

/// A correction as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = price_corrections)]
struct StoredCorrection {
    series_id: i64,
    from_at: Timestamp,
    corrected_at: Timestamp,
    was: i64,
    price: i64,
    reason: String,
    corrected_by: String,
}

impl StoredCorrection {
    fn told(self, currency: Currency) -> PriceCorrection {
        let Self { corrected_at, was, reason, corrected_by, .. } = self;
        PriceCorrection { was: Money::new(was, currency), at: corrected_at, by: corrected_by, reason }
    }
}

/// Numbers for a list in a statement.
fn list(ids: &HashMap<i64, SeriesKey>) -> String {
    let mut ids: Vec<i64> = ids.keys().copied().collect();
    ids.sort_unstable();
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

#[derive(QueryableByName)]
struct FirstOffer {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Nullable<Instant>)]
    at: Option<Timestamp>,
}

/// When each series first had a price.
fn first_offers(db: &mut Db, series: &HashMap<i64, SeriesKey>) -> StoreResult<Vec<(i64, Timestamp)>> {
    if series.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT s.id, (SELECT p.from_at FROM prices p WHERE p.series_id = s.id AND p.price IS NOT NULL \
         ORDER BY p.from_at LIMIT 1) AS at FROM price_series s WHERE s.id IN ({})",
        list(series)
    );
    let found: Vec<FirstOffer> = diesel::sql_query(sql).load(db)?;
    Ok(found.into_iter().filter_map(|first| Some((first.id, first.at?))).collect())
}

#[derive(QueryableByName)]
struct StoredRow {
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
    #[diesel(sql_type = Nullable<Text>)]
    note: Option<String>,
    #[diesel(sql_type = BigInt)]
    import_id: i64,
    #[diesel(sql_type = BigInt)]
    line: i64,
}

/// The statement that reads a window. For each series it seeks the row in effect at `since`, then walks forward: what
/// is older is never touched. The starts are settled first, because PostgreSQL would otherwise look for each again at
/// every row. All that is written into it are numbers.
fn window_sql(ids: &str, since: Option<Timestamp>, until: Timestamp) -> String {
    let (since, until) = (since.map_or(i64::MIN + 1, Timestamp::as_microsecond), until.as_microsecond());
    format!(
        "WITH starts AS MATERIALIZED (SELECT s.id, coalesce((SELECT q.from_at FROM prices q \
         WHERE q.series_id = s.id AND q.from_at <= {since} ORDER BY q.from_at DESC LIMIT 1), {since}) AS at \
         FROM price_series s WHERE s.id IN ({ids})) \
         SELECT p.series_id, p.from_at, p.price, p.currency, p.campaign, p.note, p.import_id, p.line \
         FROM starts JOIN prices p ON p.series_id = starts.id AND p.from_at >= starts.at AND p.from_at < {until}"
    )
}

fn rows(
    db: &mut Db,
    series: &HashMap<i64, SeriesKey>,
    since: Option<Timestamp>,
    until: Timestamp,
) -> StoreResult<Vec<StoredRow>> {
    if series.is_empty() {
        return Ok(Vec::new());
    }
    Ok(diesel::sql_query(window_sql(&list(series), since, until)).load(db)?)
}

/// The names of the imported files, looked up once each.
#[derive(Default)]
struct PriceSources {
    names: HashMap<i64, Arc<str>>,
}

impl PriceSources {
    fn name(&mut self, db: &mut Db, import_id: i64) -> StoreResult<Arc<str>> {
        if let Some(name) = self.names.get(&import_id) {
            return Ok(Arc::clone(name));
        }
        let name: String = price_imports::table.find(import_id).select(price_imports::file).get_result(db)?;
        let name: Arc<str> = name.into();
        self.names.insert(import_id, Arc::clone(&name));
        Ok(name)
    }

    fn row(&mut self, db: &mut Db, row: StoredRow, audience: AudienceClass) -> StoreResult<PriceRow> {
        Ok(PriceRow {
            audience,
            from: row.from_at,
            price: money(row.price, row.currency)?,
            campaign: row.campaign,
            source: PriceSource {
                file: self.name(db, row.import_id)?,
                line: u64::try_from(row.line).map_err(|_| StoreError::corrupt("a line number", row.line))?,
                note: row.note,
                corrected: None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::StoreUrl;
    use crate::db::Store;

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    /// SQLite's plan for `sql`, one step to a line.
    fn plan(sql: &str) -> String {
        let folder = tempfile::TempDir::new().unwrap();
        let (store, _) = Store::migrate(&StoreUrl::Sqlite(folder.path().join("carillon.db"))).unwrap();
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let steps: Vec<Step> = store.read_blocking(|db| Ok(diesel::sql_query(explain).load(db)?)).unwrap();
        steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_window_is_sought_and_never_scanned() {
        let plan = plan(&window_sql("1, 2, 3", Some(Timestamp::UNIX_EPOCH), Timestamp::MAX));
        assert!(plan.contains("SEARCH p USING PRIMARY KEY (series_id=? AND from_at>? AND from_at<?)"), "{plan}");
        assert!(plan.contains("SEARCH q USING PRIMARY KEY (series_id=? AND from_at<?)"), "{plan}");
        assert!(!plan.contains("SCAN p") && !plan.contains("SCAN q"), "{plan}");
    }
}
