//! Waivers: who went ahead in spite of which finding, and why. Each one leaves a line in the audit log.

use diesel::prelude::*;
use jiff::Timestamp;
use serde_json::json;

use super::audit::{self, AuditAction, AuditEntry};
use super::column::At;
use super::schema::waivers;
use super::{Db, StoreResult};
use crate::compliance::Waiver;
use crate::text::Slug;

/// Keeps `waiver` and records it in the audit log.
pub fn add(db: &mut Db, waiver: &Waiver) -> StoreResult<()> {
    diesel::insert_into(waivers::table)
        .values((
            waivers::campaign.eq(&waiver.campaign),
            waivers::rule.eq(&waiver.rule),
            waivers::words.eq(&waiver.words),
            waivers::reason.eq(&waiver.reason),
            waivers::who.eq(&waiver.who),
            waivers::at.eq(At(waiver.at)),
        ))
        .execute(db)?;
    let detail = json!({ "rule": waiver.rule, "words": waiver.words, "reason": waiver.reason });
    audit::record(
        db,
        &AuditEntry {
            at: waiver.at,
            who: waiver.who.clone(),
            action: AuditAction::CampaignWaived,
            object: waiver.campaign.to_string(),
            detail,
        },
    )
}

/// Takes back those of a campaign about `rule`: all of them, or those about certain `words`. What was given stays in the audit log.
/// Returns how many there were.
pub fn take_back(
    db: &mut Db,
    campaign: &Slug,
    (rule, words): (&str, Option<&str>),
    who: &str,
    now: Timestamp,
) -> StoreResult<usize> {
    let of_rule = waivers::campaign.eq(campaign.clone()).and(waivers::rule.eq(rule.to_owned()));
    let ended = match words {
        Some(words) => {
            diesel::delete(waivers::table.filter(of_rule.and(waivers::words.eq(words.to_owned())))).execute(db)?
        }
        None => diesel::delete(waivers::table.filter(of_rule)).execute(db)?,
    };
    if ended > 0 {
        let entry = AuditEntry {
            at: now,
            who: who.to_owned(),
            action: AuditAction::CampaignUnwaived,
            object: campaign.to_string(),
            detail: json!({ "rule": rule, "words": words, "waivers": ended }),
        };
        audit::record(db, &entry)?;
    }
    Ok(ended)
}

/// The waivers of a campaign, oldest first.
pub fn of_campaign(db: &mut Db, campaign: &Slug) -> StoreResult<Vec<Waiver>> {
    type Row = (Slug, String, Option<String>, String, String, Timestamp);
    let rows: Vec<Row> = waivers::table
        .select((waivers::campaign, waivers::rule, waivers::words, waivers::reason, waivers::who, waivers::at))
        .filter(waivers::campaign.eq(campaign.clone()))
        .order(waivers::id)
        .load(db)?;
    let waiver = |(campaign, rule, words, reason, who, at): Row| Waiver { campaign, rule, words, reason, who, at };
    Ok(rows.into_iter().map(waiver).collect())
}
