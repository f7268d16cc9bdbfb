//! The audit log: who changed what, when.

use std::fmt;
use std::str::FromStr;

use diesel::prelude::*;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::column::{AsJson, At};
use super::schema::audit_log;
use super::{Db, StoreResult};

/// The actions and their words, from one table.
macro_rules! actions {
    ($($action:ident = $word:literal),+ $(,)?) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AuditAction {
            $(#[doc = concat!("`", $word, "`")] $action,)+
        }

        impl AuditAction {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$action),+];

            /// Its word in the log.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $word,)+
                }
            }
        }
    };
}
actions! {
    CampaignApplied = "campaign.applied",
    CampaignApproved = "campaign.approved",
    CampaignCancelled = "campaign.cancelled",
    CampaignDismissed = "campaign.dismissed",
    CampaignHeld = "campaign.held",
    CampaignPaused = "campaign.paused",
    CampaignProposed = "campaign.proposed",
    CampaignRefused = "campaign.refused",
    CampaignReleased = "campaign.released",
    CampaignResumed = "campaign.resumed",
    CampaignSubmitted = "campaign.submitted",
    CampaignUnwaived = "campaign.unwaived",
    CampaignWaived = "campaign.waived",
    ClockConfirmed = "clock.confirmed",
    DeliveryResolved = "delivery.resolved",
    DeparturesEntered = "departures.entered",
    DeparturesLost = "departures.lost",
    DeparturesReplayed = "departures.replayed",
    ListDeleted = "list.deleted",
    ListExtended = "list.extended",
    ListReduced = "list.reduced",
    MailingBegun = "mailing.begun",
    MailingExpired = "mailing.expired",
    MailingFinished = "mailing.finished",
    MailingMissed = "mailing.missed",
    MailingRetried = "mailing.retried",
    MailingStopped = "mailing.stopped",
    MemberErased = "member.erased",
    MemberExported = "member.exported",
    MemberImported = "member.imported",
    PriceCorrected = "price.corrected",
    PricesImported = "prices.imported",
    ProblemAcknowledged = "problem.acknowledged",
    RetentionRan = "retention.ran",
    StorePutBack = "store.put-back",
    StoreRestored = "store.restored",
    StoreVouched = "store.vouched"
}

impl fmt::Display for AuditAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text names nothing that is kept in the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an action of the audit log")]
pub struct UnknownAction;

impl FromStr for AuditAction {
    type Err = UnknownAction;

    fn from_str(name: &str) -> Result<Self, UnknownAction> {
        Self::ALL.iter().copied().find(|action| action.name() == name).ok_or(UnknownAction)
    }
}

impl Serialize for AuditAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Queryable, Selectable)]
#[diesel(table_name = audit_log)]
pub struct AuditEntry {
    /// When it happened.
    pub at: Timestamp,
    /// The person, or `daemon`.
    pub who: String,
    /// What was done.
    pub action: AuditAction,
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

/// When the oldest line was written; none when there is none.
pub fn first_at(db: &mut Db) -> StoreResult<Option<Timestamp>> {
    Ok(audit_log::table.order(audit_log::seq).select(audit_log::at).first(db).optional()?)
}

/// The lines about `object`, oldest first; with `None`, all of them.
pub fn list(db: &mut Db, object: Option<&str>) -> StoreResult<Vec<AuditEntry>> {
    let mut query = audit_log::table.select(AuditEntry::as_select()).order(audit_log::seq).into_boxed();
    if let Some(object) = object {
        query = query.filter(audit_log::object.eq(object.to_owned()));
    }
    Ok(query.load(db)?)
}
