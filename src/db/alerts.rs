//! What was told of problems without anybody asking, by channel, and which daemon tells now. What is to be told is decided in
//! [`crate::alert`].

use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};

use super::column::At;
use super::conn::per_backend;
use super::facts::{self, ALERT_CLAIMS, AlertClaim};
use super::problems::{self, StoredProblem, WhichProblems};
use super::schema::alerts;
use super::{Db, StoreResult};
use crate::alert::{
    AlertChannel, AlertDecision, AlertItem, AlertKey, AlertRules, KnownProblem, ToldChange, ToldProblem, decide,
};
use crate::problem::ProblemKind;

/// How long a daemon may take to tell somebody: longer than any channel is waited for. After that it is taken for dead, and what it
/// was to tell is told again.
const CLAIM: SignedDuration = SignedDuration::from_mins(5);

/// Who wants to tell somebody.
#[derive(Clone, Debug)]
pub struct Teller {
    /// The daemon's name.
    pub owner: String,
    /// Whether no other daemon can be on the store: then what another one has claimed was left by one that is gone.
    pub alone: bool,
}

impl From<StoredProblem> for KnownProblem {
    fn from(stored: StoredProblem) -> Self {
        let StoredProblem { id, problem, since, until, acknowledged_at, .. } = stored;
        Self { id: Some(id), problem, since, until, acknowledged: acknowledged_at.is_some() }
    }
}

/// What `channel` has told whose end it has not.
pub fn told(db: &mut Db, channel: AlertChannel) -> StoreResult<Vec<ToldProblem>> {
    let rows: Vec<(ProblemKind, String, Timestamp, Option<Timestamp>)> = alerts::table
        .filter(alerts::channel.eq(channel.name()))
        .order((alerts::kind, alerts::object))
        .select((alerts::kind, alerts::object, alerts::told_at, alerts::seen_at))
        .load(db)?;
    let told = |(kind, object, told_at, seen_at)| ToldProblem { key: AlertKey { kind, object }, told_at, seen_at };
    Ok(rows.into_iter().map(told).collect())
}

/// What there is to do for `channel` at `now`. `met` is what a daemon has met, whether or not it is in the store.
pub fn look(
    db: &mut Db,
    channel: AlertChannel,
    met: &[KnownProblem],
    rules: &AlertRules,
    now: Timestamp,
) -> StoreResult<(AlertDecision, Vec<ToldProblem>)> {
    let standing = problems::list(db, WhichProblems::Standing)?;
    let mut known: Vec<KnownProblem> = standing.into_iter().map(KnownProblem::from).collect();
    for problem in met {
        if !known.iter().any(|stored| stored.problem.is(problem.problem.kind, &problem.problem.object)) {
            known.push(problem.clone());
        }
    }
    let told = told(db, channel)?;
    for ToldProblem { key, .. } in &told {
        if !known.iter().any(|problem| AlertKey::of(&problem.problem) == *key) {
            let object = Some(key.object.as_str()).filter(|object| !object.is_empty());
            known.extend(problems::latest_ended(db, key.kind, object)?.map(KnownProblem::from));
        }
    }
    Ok((decide(&known, &told, rules, now), told))
}

/// Takes on what is to be told by `channel` at `now`, unless another daemon is telling by it. What is returned must be told, and
/// then noted with [`once_told`] or given back with [`give_back`].
pub fn claim(
    db: &mut Db,
    channel: AlertChannel,
    teller: &Teller,
    (met, rules): (&[KnownProblem], &AlertRules),
    now: Timestamp,
) -> StoreResult<Vec<AlertItem>> {
    if !may_claim(db, channel.name(), teller, now)? {
        return Ok(Vec::new());
    }
    let (AlertDecision { items, changes }, _) = look(db, channel, met, rules, now)?;
    note(db, channel, &changes)?;
    if !items.is_empty() {
        hold_claim(db, channel.name(), teller, now)?;
    }
    Ok(items)
}

/// Whether `teller` may tell by what is called `name`: nobody else does who lives. The row is locked until the transaction ends.
pub(super) fn may_claim(db: &mut Db, name: &str, teller: &Teller, now: Timestamp) -> StoreResult<bool> {
    let held = facts::get_locked(db, &ALERT_CLAIMS.of(name))?;
    let by_another = |claim| match claim {
        AlertClaim::Held { at, owner } => {
            owner != teller.owner && !teller.alone && now.duration_since(at).abs() < CLAIM
        }
        AlertClaim::Free => false,
    };
    Ok(!held.is_some_and(by_another))
}

/// From now on `teller` tells by what is called `name`.
pub(super) fn hold_claim(db: &mut Db, name: &str, teller: &Teller, now: Timestamp) -> StoreResult<()> {
    facts::set(db, &ALERT_CLAIMS.of(name), &AlertClaim::Held { at: now, owner: teller.owner.clone() })
}

/// Notes that what was claimed was told: `changes` follow from that. The channel is free again.
pub fn once_told(db: &mut Db, channel: AlertChannel, teller: &Teller, changes: &[ToldChange]) -> StoreResult<()> {
    note(db, channel, changes)?;
    give_back(db, channel, teller)
}

/// What was claimed could not be told: the channel is free again.
pub fn give_back(db: &mut Db, channel: AlertChannel, teller: &Teller) -> StoreResult<()> {
    give_back_claim(db, channel.name(), teller)
}

/// `teller` tells no more by what is called `name`.
pub(super) fn give_back_claim(db: &mut Db, name: &str, teller: &Teller) -> StoreResult<()> {
    let fact = ALERT_CLAIMS.of(name);
    match facts::get_locked(db, &fact)? {
        Some(AlertClaim::Held { owner, .. }) if owner == teller.owner => facts::set(db, &fact, &AlertClaim::Free),
        // Another daemon took this one for dead.
        _ => Ok(()),
    }
}

fn note(db: &mut Db, channel: AlertChannel, changes: &[ToldChange]) -> StoreResult<()> {
    for change in changes {
        match change {
            ToldChange::Keep(told) => keep(db, channel, told)?,
            ToldChange::Forget(AlertKey { kind, object }) => {
                let row = alerts::table
                    .filter(alerts::channel.eq(channel.name()))
                    .filter(alerts::kind.eq(*kind))
                    .filter(alerts::object.eq(object.clone()));
                diesel::delete(row).execute(db)?;
            }
        }
    }
    Ok(())
}

fn keep(db: &mut Db, channel: AlertChannel, told: &ToldProblem) -> StoreResult<()> {
    let ToldProblem { key: AlertKey { kind, object }, told_at, seen_at } = told;
    let row = (
        alerts::channel.eq(channel.name()),
        alerts::kind.eq(*kind),
        alerts::object.eq(object),
        alerts::told_at.eq(At(*told_at)),
        alerts::seen_at.eq(*seen_at),
    );
    let new = (alerts::told_at.eq(At(*told_at)), alerts::seen_at.eq(*seen_at));
    per_backend!(db, conn => diesel::insert_into(alerts::table)
        .values(row)
        .on_conflict((alerts::channel, alerts::kind, alerts::object))
        .do_update()
        .set(new)
        .execute(conn))?;
    Ok(())
}
