//! What shops were told of each gate by a webhook, and what is new since. What is news is decided in [`crate::gate`].

use diesel::prelude::*;
use jiff::Timestamp;

use super::alerts::{Teller, give_back_claim, hold_claim, may_claim};
use super::conn::per_backend;
use super::gates::{self, GateRecord};
use super::schema::gates_told;
use super::{Db, StoreResult};
use crate::gate::{GateNews, GateTold, news};

/// Under which name the one who tells is known.
const CLAIM: &str = "gates";

/// A gate of which there is something to tell, or to note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntoldGate {
    /// The gate.
    pub record: GateRecord,
    /// What is new, and since when.
    pub news: Vec<(GateNews, Timestamp)>,
    /// What is told of it with that.
    pub told: GateTold,
}

/// The gates of which there is something to tell at `now`, or to note.
pub fn untold(db: &mut Db, now: Timestamp) -> StoreResult<Vec<UntoldGate>> {
    let known: Vec<(String, GateTold)> = gates_told::table.select((gates_told::slug, gates_told::told)).load(db)?;
    let gate = |record: GateRecord| {
        let known = known.iter().find(|(slug, _)| *slug == *record.gate.slug.as_str());
        let known = known.map(|(_, told)| told);
        let told = GateTold::of(&record.gate, now);
        let news = news(known, &record.gate, record.changed_at, now);
        (known != Some(&told)).then_some(UntoldGate { record, news, told })
    };
    Ok(gates::records(db)?.into_iter().filter_map(gate).collect())
}

/// Takes on what is to be told at `now`, unless another daemon is telling it; notes what need not be told. What is returned must be
/// told, gate by gate, and noted with [`once_told`]; then [`give_back`] lets others tell again.
pub fn claim(db: &mut Db, teller: &Teller, now: Timestamp) -> StoreResult<Vec<UntoldGate>> {
    if !may_claim(db, CLAIM, teller, now)? {
        return Ok(Vec::new());
    }
    let (to_tell, to_note): (Vec<_>, Vec<_>) = untold(db, now)?.into_iter().partition(|gate| !gate.news.is_empty());
    for gate in to_note {
        once_told(db, &gate)?;
    }
    if !to_tell.is_empty() {
        hold_claim(db, CLAIM, teller, now)?;
    }
    Ok(to_tell)
}

/// Notes what was told of a gate.
pub fn once_told(db: &mut Db, gate: &UntoldGate) -> StoreResult<()> {
    let row = (gates_told::slug.eq(gate.record.gate.slug.as_str().to_owned()), gates_told::told.eq(&gate.told));
    let new = gates_told::told.eq(&gate.told);
    per_backend!(db, conn => diesel::insert_into(gates_told::table)
        .values(row)
        .on_conflict(gates_told::slug)
        .do_update()
        .set(new)
        .execute(conn))?;
    Ok(())
}

/// This daemon has told what it could.
pub fn give_back(db: &mut Db, teller: &Teller) -> StoreResult<()> {
    give_back_claim(db, CLAIM, teller)
}
