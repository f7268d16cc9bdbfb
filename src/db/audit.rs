//! The audit log: who changed what, when.

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::schema::audit_log;
use super::{Db, StoreError, StoreResult, instant, micros};

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    pub detail: Value,
}

/// Adds a line. Called in the transaction of the change it tells of.
pub fn record(db: &mut Db, entry: &AuditEntry) -> StoreResult<()> {
    diesel::insert_into(audit_log::table)
        .values((
            audit_log::at.eq(micros(entry.at)),
            audit_log::who.eq(&entry.who),
            audit_log::action.eq(&entry.action),
            audit_log::object.eq(&entry.object),
            audit_log::detail.eq(entry.detail.to_string()),
        ))
        .execute(db)?;
    Ok(())
}

/// The lines about `object`, oldest first; with `None`, all of them.
pub fn list(db: &mut Db, object: Option<&str>) -> StoreResult<Vec<AuditEntry>> {
    let mut query = audit_log::table
        .select((audit_log::at, audit_log::who, audit_log::action, audit_log::object, audit_log::detail))
        .order(audit_log::seq)
        .into_boxed();
    if let Some(object) = object {
        query = query.filter(audit_log::object.eq(object.to_owned()));
    }
    query
        .load::<(i64, String, String, String, String)>(db)?
        .into_iter()
        .map(|(at, who, action, object, detail)| {
            let detail =
                serde_json::from_str(&detail).map_err(|_| StoreError::corrupt("an audit entry's detail", &detail))?;
            Ok(AuditEntry { at: instant(at)?, who, action, object, detail })
        })
        .collect()
}
