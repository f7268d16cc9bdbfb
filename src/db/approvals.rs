//! What waits until another person approves it: files that were to be applied. Nothing of them is public or mailed, since they are
//! in no table that a gate or a mailing is read from. Every function that writes belongs into [`super::Store::write`].

use std::collections::BTreeSet;

use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::audit::{self, AuditAction, AuditEntry};
use super::campaigns::{self, Application};
use super::column::{AsJson, At};
use super::schema::campaign_approvals;
use super::{Db, StoreError, StoreResult};
use crate::campaign::{Answer, CampaignState, Plan, Schedule, approve_before, late_mailings};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
use crate::text::Slug;

/// A file that waits to be approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable)]
#[diesel(table_name = campaign_approvals)]
pub struct WaitingApproval {
    /// The campaign.
    pub slug: Slug,
    /// The file.
    pub source_name: String,
    /// What it holds.
    #[serde(skip)]
    pub source_text: String,
    /// What it resolved to when it was asked for.
    #[serde(skip)]
    pub schedule: Schedule,
    /// What the person who asks takes on, as it is kept.
    #[serde(skip)]
    #[diesel(deserialize_as = AsJson<Value>)]
    answers: Value,
    /// Since when it waits.
    pub asked_at: Timestamp,
    /// Who wants it applied.
    pub asked_by: String,
}

impl WaitingApproval {
    /// What the person who asks takes on.
    ///
    /// # Errors
    /// The store holds something else.
    pub fn answers(&self) -> StoreResult<BTreeSet<Answer>> {
        serde_json::from_value(self.answers.clone())
            .map_err(|_| StoreError::corrupt("what a person takes on", self.answers.to_string()))
    }
}

/// A file that waits, and by when it must be approved for all of it to come true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApprovalDue {
    /// The file.
    #[serde(flatten)]
    pub waiting: WaitingApproval,
    /// Whether it would change a campaign that was applied.
    pub is_change: bool,
    /// By when; none when nothing of it lies ahead.
    pub approve_before: Option<Timestamp>,
    /// The mailings whose time has passed and whose deadline has not: approved now, they begin at once.
    pub at_once: Vec<String>,
    /// Those whose deadline has passed: they do not leave any more.
    pub gone: Vec<String>,
}

/// How long before its time somebody should be told that an approval is missing.
const IN_TIME: SignedDuration = SignedDuration::from_hours(24);

impl ApprovalDue {
    /// Whether it is late at `now`, or will be within a day.
    pub fn is_urgent(&self, now: Timestamp) -> bool {
        self.approve_before.is_some_and(|at| at.duration_since(now) <= IN_TIME)
    }

    /// That it waits, since when and for whom, and by when it must be approved, at `now`.
    pub fn phrase(&self, now: Timestamp) -> Phrase {
        let Self { waiting, is_change, approve_before, at_once, gone } = self;
        let zone = waiting.schedule.time_zone();
        let (slug, who) = (|| Fact::text(&waiting.slug), waiting.asked_by.as_str());
        let since = Fact::moment(waiting.asked_at, &zone);
        let what = if *is_change {
            phrase!("approval-change-waits", slug = slug(), who = who, since = since)
        } else {
            phrase!("approval-waits", slug = slug(), who = who, since = since)
        };
        match approve_before {
            None => phrase!("approval-too-late", what = what),
            Some(at) if *at <= now => {
                let late = phrase!("approval-late", what = what, at = Fact::moment(*at, &zone));
                let named = |mailings: &[String]| Fact::texts(mailings.iter().map(|name| format!("`{name}`")));
                // What could not leave any more is refused with all that stands in its file.
                if !gone.is_empty() {
                    return phrase!("approval-late-gone", late = late, mailings = named(gone), count = gone.len());
                }
                match at_once.as_slice() {
                    [] => phrase!("approval-late-rest", late = late, slug = slug()),
                    at_once => phrase!(
                        "approval-late-at-once",
                        late = late,
                        mailings = named(at_once),
                        count = at_once.len(),
                        slug = slug()
                    ),
                }
            }
            Some(at) => phrase!("approval-by", what = what, at = Fact::moment(*at, &zone), slug = slug()),
        }
    }
}

/// What waits, in the order in which it was asked for.
pub fn list(db: &mut Db) -> StoreResult<Vec<WaitingApproval>> {
    let ordered = campaign_approvals::table.order((campaign_approvals::asked_at, campaign_approvals::slug));
    Ok(ordered.select(WaitingApproval::as_select()).load(db)?)
}

/// What waits at `now`, with by when it must be approved. A change of a campaign that was cancelled since waits for nobody any more.
pub fn due(db: &mut Db, now: Timestamp) -> StoreResult<Vec<ApprovalDue>> {
    let mut found = Vec::new();
    for waiting in list(db)? {
        let applied = campaigns::find(db, &waiting.slug)?;
        if applied.is_none_or(|campaign| campaign.state != CampaignState::Cancelled) {
            found.push(of(db, waiting, now)?);
        }
    }
    Ok(found)
}

/// The same of one that waits.
pub fn of(db: &mut Db, waiting: WaitingApproval, now: Timestamp) -> StoreResult<ApprovalDue> {
    let applied = campaigns::find(db, &waiting.slug)?.map(|campaign| campaign.schedule);
    let approve_before = approve_before(applied.as_ref(), &waiting.schedule, now);
    let (at_once, gone) = late_mailings(applied.as_ref(), &waiting.schedule, now);
    Ok(ApprovalDue { is_change: applied.is_some(), waiting, approve_before, at_once, gone })
}

/// What waits of the campaign `slug`.
pub fn find(db: &mut Db, slug: &Slug) -> StoreResult<Option<WaitingApproval>> {
    let own = campaign_approvals::table.filter(campaign_approvals::slug.eq(slug));
    Ok(own.select(WaitingApproval::as_select()).first(db).optional()?)
}

/// Keeps a file until it is approved, in place of another of the same campaign. Returns whether it did not wait already, word for word.
pub fn ask(db: &mut Db, application: &Application, now: Timestamp) -> StoreResult<bool> {
    let slug = &application.schedule.slug;
    let before = find(db, slug)?;
    let schedule: &Schedule = &application.schedule;
    if let Some(before) = &before
        && before.source_text == application.source_text
        && before.schedule.says_the_same_as(schedule)
        && before.answers()? == application.answers
    {
        return Ok(false);
    }
    settle(db, slug)?;
    diesel::insert_into(campaign_approvals::table)
        .values((
            campaign_approvals::slug.eq(slug),
            campaign_approvals::source_name.eq(&application.source_name),
            campaign_approvals::source_text.eq(&application.source_text),
            campaign_approvals::schedule.eq(schedule),
            campaign_approvals::answers.eq(AsJson(json!(application.answers))),
            campaign_approvals::asked_at.eq(At(now)),
            campaign_approvals::asked_by.eq(&application.who),
        ))
        .execute(db)?;
    let applied = campaigns::find(db, slug)?.map(|campaign| campaign.schedule);
    let detail = json!({
        "file": application.source_name,
        "changes": Plan::between(applied.as_ref(), schedule).changes,
        "instead_of": before.map(|before| before.asked_by),
    });
    note(db, AuditAction::CampaignSubmitted, slug, &application.who, detail, now)?;
    Ok(true)
}

/// What waits of the campaign waits no longer: it was applied, or something else was.
pub(super) fn settle(db: &mut Db, slug: &Slug) -> StoreResult<()> {
    diesel::delete(campaign_approvals::table.filter(campaign_approvals::slug.eq(slug))).execute(db)?;
    Ok(())
}

/// Ends the waiting without applying anything. Returns whether something waited.
pub fn refuse(db: &mut Db, slug: &Slug, reason: Option<&str>, who: &str, now: Timestamp) -> StoreResult<bool> {
    let Some(waiting) = find(db, slug)? else { return Ok(false) };
    settle(db, slug)?;
    let detail = match reason {
        Some(reason) => json!({ "asked_by": waiting.asked_by, "reason": reason }),
        None => json!({ "asked_by": waiting.asked_by }),
    };
    note(db, AuditAction::CampaignRefused, slug, who, detail, now)?;
    Ok(true)
}

/// Notes who approved what, in the transaction that applies it.
pub(super) fn note_approved(db: &mut Db, slug: &Slug, asked_by: &str, who: &str, now: Timestamp) -> StoreResult<()> {
    note(db, AuditAction::CampaignApproved, slug, who, json!({ "asked_by": asked_by }), now)
}

fn note(db: &mut Db, action: AuditAction, slug: &Slug, who: &str, detail: Value, now: Timestamp) -> StoreResult<()> {
    audit::record(db, &AuditEntry { at: now, who: who.to_owned(), action, object: slug.to_string(), detail })
}
