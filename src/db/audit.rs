//! The audit log: who changed what, when.

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::column::{AsJson, At};
use super::schema::audit_log;
use super::{Db, StoreResult};

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Queryable, Selectable)]
#[diesel(table_name = audit_log)]
pub struct AuditEntry {
    /// When it happened.
    pub at: Timestamp,
    /// The person, or `daemon`.
    pub who: String,
    /// What was done, such as `campaign.applied`.
    pub action: String,
    /// To what: a campaign's slug, a member's pseudonym.
    pub object: String,
    /// What else is worth keeping. Never an address.
    #[diesel(deserialize_as = AsJson<Value>)]
    pub detail: Value,
}

/// Adds a line. Called in the transaction of the change it tells of.
pub fn record(db: &mut Db, entry: &AuditEntry) -> StoreResult<()> {
    let AuditEntry { at, who, action, object, detail } = entry;
    diesel::insert_into(audit_log::table)
        .values((
            audit_log::at.eq(At(*at)),
            audit_log::who.eq(who),
            audit_log::action.eq(action),
            audit_log::object.eq(object),
            audit_log::detail.eq(AsJson(detail.clone())),
        ))
        .execute(db)?;
    Ok(())
}

/// The lines about `object`, oldest first; with `None`, all of them.
pub fn list(db: &mut Db, object: Option<&str>) -> StoreResult<Vec<AuditEntry>> {
    let mut query = audit_log::table.select(AuditEntry::as_select()).order(audit_log::seq).into_boxed();
    if let Some(object) = object {
        query = query.filter(audit_log::object.eq(object.to_owned()));
    }
    Ok(query.load(db)?)
}
