//! What whoever watches is told of the store: counts and instants. No row of a person's is read, but for the domain of the
//! addresses that wait to be written to, of which nothing but the provider leaves the statement.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use jiff::{SignedDuration, Timestamp};

use super::campaigns::sendable;
use super::column::At;
use super::problems::{self, WhichProblems};
use super::schema::{campaigns, mailings};
use super::{Db, StoreResult, conditions, deliveries, planning};
use crate::delivery::providers::{OTHER, by_domain, counted_under};
use crate::delivery::{DeliveryState, MailingState};
use crate::problem::ProblemKind;
use crate::text::Slug;

/// For how long after its time a mailing that has begun is told of.
const TOLD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How many mailings are told of one by one, at most: the latest.
const MOST_MAILINGS: i64 = 50;

/// What can be said of the store at one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// Since when the delivery has been due that waits longest.
    pub oldest_due: Option<Timestamp>,
    /// How many deliveries are in doubt.
    pub in_doubt: u64,
    /// How many mailings are in each state that some are in.
    pub mailings: Vec<(MailingState, u64)>,
    /// How late letters began to leave.
    pub first_letters: Vec<FirstLetter>,
    /// When a mailing next begins or must have left.
    pub next_mailing: Option<Timestamp>,
    /// How many problems of each kind stand, and of how many nobody has said that they know.
    pub problems: BTreeMap<ProblemKind, (u64, u64)>,
}

/// When a mailing's first letter left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstLetter {
    /// The campaign.
    pub campaign: Slug,
    /// The mailing's name within it.
    pub mailing: String,
    /// When it could leave.
    pub due: Timestamp,
    /// When it did. None has while this is absent.
    pub left: Option<Timestamp>,
}

/// Asks the store at `now`. Reads indexes and tables that stay small, whatever waits.
pub fn look(db: &mut Db, now: Timestamp) -> StoreResult<StoreFigures> {
    let oldest_due = deliveries::next_due(db, &BTreeSet::new(), now)?.filter(|due| *due <= now);
    let states: Vec<(i64, MailingState)> = mailings::table.select((mailings::id, mailings::state)).load(db)?;
    let (mut in_doubt, mut counts) = (0, Vec::new());
    for (mailing, state) in states {
        in_doubt += conditions::count(db, mailing, DeliveryState::InDoubt)?;
        match counts.iter_mut().find(|(known, _)| *known == state) {
            Some((_, count)) => *count += 1,
            None => counts.push((state, 1)),
        }
    }
    Ok(StoreFigures {
        oldest_due,
        in_doubt,
        mailings: counts,
        first_letters: first_letters(db, now)?,
        next_mailing: planning::next_change(db, now)?,
        problems: standing(db)?,
    })
}

/// Of the mailings whose time has come: those of a week whose first letter has left, and those of which none has and that
/// nobody keeps from leaving. One that is paused, held or stopped is not late: it waits, and is a problem of its own.
fn first_letters(db: &mut Db, now: Timestamp) -> StoreResult<Vec<FirstLetter>> {
    let lately = now.saturating_sub(TOLD_FOR).unwrap_or(Timestamp::MIN);
    let left_lately = mailings::first_letter_at.is_not_null().and(mailings::not_before.gt(At(lately)));
    let is_open = mailings::state.eq_any(MailingState::OPEN);
    let is_open = is_open.and(mailings::first_letter_at.is_null()).and(mailings::stopped_at.is_null());
    let rows: Vec<(Slug, String, Timestamp, Option<Timestamp>)> = mailings::table
        .inner_join(campaigns::table)
        .filter(mailings::not_before.le(At(now)))
        .filter(left_lately.or(is_open.and(sendable())))
        .order((mailings::not_before.desc(), mailings::id.desc()))
        .limit(MOST_MAILINGS)
        .select((campaigns::slug, mailings::name, mailings::not_before, mailings::first_letter_at))
        .load(db)?;
    let letter = |(campaign, mailing, due, left)| FirstLetter { campaign, mailing, due, left };
    Ok(rows.into_iter().map(letter).collect())
}

fn standing(db: &mut Db) -> StoreResult<BTreeMap<ProblemKind, (u64, u64)>> {
    let mut counts: BTreeMap<ProblemKind, (u64, u64)> = BTreeMap::new();
    for stored in problems::list(db, WhichProblems::Standing)? {
        let (all, unseen) = counts.entry(stored.problem.kind).or_default();
        *all += 1;
        *unseen += u64::from(stored.acknowledged_at.is_none());
    }
    Ok(counts)
}

/// The states of deliveries that are in the queue.
fn in_queue() -> impl Iterator<Item = DeliveryState> {
    DeliveryState::ALL.into_iter().filter(|state| !state.has_ended())
}

#[derive(QueryableByName)]
struct QueueCount {
    #[diesel(sql_type = Text)]
    state: DeliveryState,
    #[diesel(sql_type = Text)]
    provider: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many deliveries of mailings being sent are in each state that is not their last, by provider; zero where there are
/// none. It looks at each of them and at their members: of a million that takes a second or two.
pub fn queue(db: &mut Db) -> StoreResult<BTreeMap<(DeliveryState, String), u64>> {
    let mut counts = BTreeMap::new();
    for state in in_queue() {
        for provider in counted_under() {
            counts.insert((state, provider.to_owned()), 0);
        }
    }
    for QueueCount { state, provider, count } in count_queue(db)? {
        *counts.entry((state, provider)).or_default() += count.unsigned_abs();
    }
    Ok(counts)
}

/// The states of [`in_queue`] in a statement.
fn states_in_queue() -> String {
    in_queue().map(|state| format!("'{state}'")).collect::<Vec<_>>().join(", ")
}

#[derive(QueryableByName)]
struct WaitingDelivery {
    #[diesel(sql_type = Text)]
    state: DeliveryState,
    #[diesel(sql_type = Nullable<Text>)]
    domain: Option<String>,
}

/// SQLite would sort what it groups, and looks a domain up by going through all that are known: it only reads, in the order in which
/// what waits is found by its mailing and each member by the delivery, and the rows are counted here as they come.
fn count_on_sqlite(conn: &mut SqliteConnection) -> StoreResult<Vec<QueueCount>> {
    let asked = diesel::sql_query(format!(
        "SELECT deliveries.state AS state, substr(members.address, instr(members.address, '@') + 1) AS domain \
         FROM mailings CROSS JOIN deliveries ON deliveries.mailing_id = mailings.id AND deliveries.state IN ({}) \
         CROSS JOIN members ON members.id = deliveries.member_id WHERE mailings.state = '{}'",
        states_in_queue(),
        MailingState::Sending
    ));
    let known: HashMap<&str, &str> = by_domain().collect();
    let mut counts: BTreeMap<(DeliveryState, &str), i64> = BTreeMap::new();
    for row in asked.load_iter::<WaitingDelivery, DefaultLoadingMode>(conn)? {
        let WaitingDelivery { state, domain } = row?;
        let provider = domain.and_then(|domain| known.get(domain.as_str()).copied()).unwrap_or(OTHER);
        *counts.entry((state, provider)).or_default() += 1;
    }
    let count = |((state, provider), count): ((DeliveryState, &str), i64)| QueueCount {
        state,
        provider: provider.to_owned(),
        count,
    };
    Ok(counts.into_iter().map(count).collect())
}

#[cfg(feature = "postgres")]
fn count_on_postgres(conn: &mut diesel::PgConnection) -> StoreResult<Vec<QueueCount>> {
    use diesel::sql_types::Array;

    let asked = diesel::sql_query(format!(
        "SELECT deliveries.state AS state, coalesce(known.provider, '{OTHER}') AS provider, count(*) AS count \
         FROM mailings JOIN deliveries ON deliveries.mailing_id = mailings.id AND deliveries.state IN ({}) \
         JOIN members ON members.id = deliveries.member_id \
         LEFT JOIN unnest($1::text[], $2::text[]) AS known (domain, provider) \
         ON known.domain = split_part(members.address, '@', 2) WHERE mailings.state = '{}' GROUP BY 1, 2",
        states_in_queue(),
        MailingState::Sending
    ));
    let (domains, providers): (Vec<&str>, Vec<&str>) = by_domain().unzip();
    Ok(asked.bind::<Array<Text>, _>(domains).bind::<Array<Text>, _>(providers).load(conn)?)
}

fn count_queue(db: &mut Db) -> StoreResult<Vec<QueueCount>> {
    match db {
        Db::Sqlite(conn) => count_on_sqlite(conn),
        #[cfg(feature = "postgres")]
        Db::Postgres(conn) => count_on_postgres(conn),
    }
}
