//! The one way in which deliveries change their state.
//!
//! The core's table says from which states an event can happen and where it leads; here that becomes the `WHERE` and the
//! `SET` of one statement. What follows from the state follows here, once: the end of the lease, the instant of the end,
//! and the numbers that count.
#![expect(clippy::ref_option_ref, reason = "the derive takes the changeset by reference, and its texts are borrowed")]

use std::collections::BTreeMap;

use diesel::prelude::*;
use jiff::Timestamp;

use crate::db::column::At;
use crate::db::kept::{StaysPrepared, padded};
use crate::db::schema::deliveries;
use crate::db::{Db, StoreResult};
use crate::delivery::state::{DeliveryEvent, Fence};
use crate::smtp::{Enhanced, Stage};

/// The most ids in one statement, a power of two: SQLite takes 32,766 values.
const MOST_IDS: usize = 8_192;

/// To which deliveries an event happens, of those in whose state it can.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which<'a> {
    /// These, whoever holds them.
    Ids(&'a [i64]),
    /// Those whose claim is still the one that is named.
    Held(&'a [Fence]),
    /// Those of these mailings.
    OfMailings(&'a [i64]),
    /// Those that others hold under a lease that ends by then.
    LeasedByOthers {
        /// The daemon whose own are left alone.
        than: &'a str,
        /// The end of the lease.
        until: Timestamp,
    },
    /// Those that these daemons hold, however long.
    HeldBy(&'a [String]),
    /// Those that a daemon holds in the store and no longer in fact.
    LeftBy {
        /// The daemon.
        owner: &'a str,
        /// What its senders hold.
        but: &'a [i64],
    },
    /// All.
    All,
}

/// What was said at the end of an attempt, or why there is none. It takes the place of what was said before.
#[derive(AsChangeset, Clone, Copy, Debug, Default)]
#[diesel(table_name = deliveries, treat_none_as_null = true)]
pub(crate) struct Said<'a> {
    /// Where the attempt ended.
    pub(crate) stage: Option<Stage>,
    /// The relay's reply code.
    pub(crate) reply_code: Option<i32>,
    /// The relay's enhanced status.
    pub(crate) enhanced_status: Option<Enhanced>,
    /// The relay's words, or ours.
    pub(crate) reason: Option<&'a str>,
}

/// What an event changes beside the state and what follows from the state. `None` leaves things as they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Change<'a> {
    /// Who has claimed it.
    pub(crate) owner: Option<&'a str>,
    /// When the lease ends, of an event that leaves the delivery to a sender.
    pub(crate) leased_until: Option<Timestamp>,
    /// When it is tried next.
    pub(crate) due_at: Option<Timestamp>,
    /// Whether an attempt is counted.
    pub(crate) tried: bool,
    /// What was said.
    pub(crate) said: Option<Said<'a>>,
}

impl<'a> Change<'a> {
    /// The next attempt is due at `at`, and no more.
    pub(crate) fn due_at(at: Timestamp) -> Self {
        Self { due_at: Some(at), ..Self::default() }
    }

    /// A reason, and no more.
    pub(crate) fn because(reason: &'a str) -> Self {
        Self { said: Some(Said { reason: Some(reason), ..Said::default() }), ..Self::default() }
    }
}

/// Makes `event` happen to `which` deliveries, and says how many it moved. An event that needs a fence moves nothing
/// without one.
pub(crate) fn transition(
    db: &mut Db,
    event: DeliveryEvent,
    which: Which,
    change: Change,
    now: Timestamp,
) -> StoreResult<usize> {
    let mut moved = 0;
    match which {
        Which::Held(fences) => {
            // One statement for each number of claim, of which a batch has one or two.
            let mut claims: BTreeMap<(&str, i64), Vec<i64>> = BTreeMap::new();
            for fence in fences {
                claims.entry((&fence.owner, fence.claim)).or_default().push(fence.delivery);
            }
            for (claim, ids) in claims {
                moved += step(db, event, Which::Ids(&ids), Some(claim), change, now)?;
            }
        }
        _ if event.needs_fence() => {}
        Which::Ids(ids) => {
            for some in ids.chunks(MOST_IDS) {
                moved += step(db, event, Which::Ids(some), None, change, now)?;
            }
        }
        others => moved = step(db, event, others, None, change, now)?,
    }
    Ok(moved)
}

fn step(
    db: &mut Db,
    event: DeliveryEvent,
    which: Which,
    claim: Option<(&str, i64)>,
    change: Change,
    now: Timestamp,
) -> StoreResult<usize> {
    let target = event.target();
    let leased_until = change.leased_until.filter(|_| target.is_held());
    let mut update = diesel::update(deliveries::table)
        .set((
            deliveries::state.eq(target),
            deliveries::lease_until.eq(leased_until),
            deliveries::ended_at.eq(target.has_ended().then_some(now)),
            deliveries::claim.eq(deliveries::claim + i64::from(event.makes_fence())),
            deliveries::granted.eq(deliveries::granted + i32::from(event.may_have_left())),
            deliveries::taken.eq(deliveries::taken + i32::from(event.is_taken())),
            deliveries::attempts.eq(deliveries::attempts + i32::from(change.tried)),
            change.owner.map(|owner| deliveries::lease_owner.eq(owner)),
            change.due_at.map(|at| deliveries::next_attempt_at.eq(At(at))),
            (event == DeliveryEvent::HandOver).then(|| deliveries::handed_over_at.eq(At(now))),
            change.said,
        ))
        .into_boxed()
        .filter(deliveries::state.eq_any(event.sources()));
    if let Some((owner, number)) = claim {
        update = update.filter(deliveries::lease_owner.eq(owner)).filter(deliveries::claim.eq(number));
    }
    update = match which {
        Which::Ids(ids) => update.filter(deliveries::id.eq_any(padded(ids.iter().copied()))),
        Which::OfMailings(ids) => update.filter(deliveries::mailing_id.eq_any(ids)),
        Which::LeasedByOthers { than, until } => update
            .filter(deliveries::lease_until.le(At(until)))
            .filter(deliveries::lease_owner.is_null().or(deliveries::lease_owner.ne(than))),
        Which::HeldBy(owners) => {
            update.filter(deliveries::lease_until.is_not_null()).filter(deliveries::lease_owner.eq_any(owners.to_vec()))
        }
        Which::LeftBy { owner, but } => update
            .filter(deliveries::lease_until.is_not_null())
            .filter(deliveries::lease_owner.eq(owner))
            .filter(deliveries::id.ne_all(but)),
        Which::All | Which::Held(_) => update,
    };
    Ok(match which {
        // Loaded, because diesel does not ask `StaysPrepared` about what is only executed.
        Which::Ids(_) => StaysPrepared(update.returning(deliveries::id)).load::<i64>(db)?.len(),
        _ => update.execute(db)?,
    })
}

/// An acceptance, with what the relay said of it.
#[derive(Debug)]
pub(super) struct Acceptance<'a> {
    pub(super) fence: &'a Fence,
    pub(super) stage: Stage,
    pub(super) said: Said<'a>,
}

/// What [`accept`] sets, and of which deliveries, of those that are `told`.
const ACCEPTED: &str = "lease_until = NULL, taken = taken + 1, attempts = attempts + 1, \
     stage = told.stage, reply_code = told.reply_code, enhanced_status = told.enhanced_status, reason = told.reason";
const THEIRS: &str = "deliveries.id = told.id AND lease_owner = told.owner AND deliveries.claim = told.claim";

#[derive(QueryableByName)]
struct MovedRow {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
}

/// [`DeliveryEvent::Accept`] for many at once, which `step` can do only where the relay said the same to all. Returns the
/// deliveries that moved. What it sets is what `step` sets: a test holds one against the other.
pub(super) fn accept(db: &mut Db, heard: &[Acceptance], now: Timestamp) -> StoreResult<Vec<i64>> {
    let moved = match db {
        Db::Sqlite(conn) => accept_on_sqlite(conn, heard, now)?,
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => accept_on_postgres(conn, heard, now)?,
    };
    Ok(moved.into_iter().map(|MovedRow { id }| id).collect())
}

fn accept_on_sqlite(
    conn: &mut diesel::SqliteConnection,
    heard: &[Acceptance],
    now: Timestamp,
) -> StoreResult<Vec<MovedRow>> {
    use std::sync::LazyLock;

    use diesel::sql_types::Text;

    use crate::db::column::types::Instant;

    static STATEMENT: LazyLock<String> = LazyLock::new(|| {
        let sources: Vec<String> = DeliveryEvent::Accept.sources().iter().map(|state| format!("'{state}'")).collect();
        format!(
            "UPDATE deliveries SET state = ?, ended_at = ?, {ACCEPTED} FROM (SELECT value ->> 0 AS id, value ->> 1 AS owner, \
             value ->> 2 AS claim, value ->> 3 AS stage, value ->> 4 AS reply_code, value ->> 5 AS enhanced_status, \
             value ->> 6 AS reason FROM json_each(?)) AS told WHERE {THEIRS} AND state IN ({}) RETURNING deliveries.id",
            sources.join(", ")
        )
    });
    let told = |Acceptance { fence, stage, said }: &Acceptance| {
        let status = said.enhanced_status.map(|status| status.to_string());
        serde_json::json!([
            fence.delivery,
            &*fence.owner,
            fence.claim,
            stage.as_str(),
            said.reply_code,
            status,
            said.reason
        ])
    };
    let told: serde_json::Value = heard.iter().map(told).collect();
    let statement = diesel::sql_query(STATEMENT.as_str())
        .bind::<Text, _>(DeliveryEvent::Accept.target())
        .bind::<Instant, _>(now)
        .bind::<Text, _>(told.to_string());
    Ok(StaysPrepared(statement).load(conn)?)
}

#[cfg(feature = "postgres")]
fn accept_on_postgres(
    conn: &mut diesel::PgConnection,
    heard: &[Acceptance],
    now: Timestamp,
) -> StoreResult<Vec<MovedRow>> {
    use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text};

    use crate::db::column::types::Instant;

    let event = DeliveryEvent::Accept;
    let column = |of: fn(&Said) -> Option<String>| heard.iter().map(|one| of(&one.said)).collect::<Vec<_>>();
    let statement = diesel::sql_query(format!(
        "UPDATE deliveries SET state = $1, ended_at = $2, {ACCEPTED} \
         FROM unnest($3, $4, $5, $6, $7, $8, $9) AS told (id, owner, claim, stage, reply_code, enhanced_status, reason) \
         WHERE {THEIRS} AND state = ANY ($10) RETURNING deliveries.id"
    ))
    .bind::<Text, _>(event.target())
    .bind::<Instant, _>(now)
    .bind::<Array<BigInt>, _>(heard.iter().map(|one| one.fence.delivery).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(heard.iter().map(|one| one.fence.owner.to_string()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(heard.iter().map(|one| one.fence.claim).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(heard.iter().map(|one| one.stage.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Integer>>, _>(heard.iter().map(|one| one.said.reply_code).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(column(|said| said.enhanced_status.map(|status| status.to_string())))
    .bind::<Array<Nullable<Text>>, _>(column(|said| said.reason.map(str::to_owned)))
    .bind::<Array<Text>, _>(event.sources().iter().map(|state| state.name()).collect::<Vec<_>>());
    Ok(StaysPrepared(statement).load(conn)?)
}
