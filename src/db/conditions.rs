//! The problems that follow from what is stored: what was missed, is in doubt, expired, waits for a person, was turned away.
//!
//! Asked anew each time, so none can be forgotten or outlive its cause; [`super::problems::settle`] keeps since when. Reads
//! few columns: a schedule that cannot be read must not keep the planner from its work.

use diesel::dsl::exists;
use diesel::prelude::*;
use jiff::Timestamp;

use super::planning::{self, DueMailing};
use super::schema::{campaigns, deliveries, mailings};
use super::{Db, StoreResult, reach};
use crate::campaign::{CampaignState, KEPT_OUT_REMEDY, WhyNobody};
use crate::counted::counted_as;
use crate::delivery::breaker::{StoppedPart, StoppedParts};
use crate::delivery::{DeliveryState, MailingState};
use crate::problem::{Problem, ProblemKind};
use crate::text::Slug;

struct CampaignCondition {
    slug: Slug,
    state: CampaignState,
    held: Option<String>,
    file: String,
    closes_at: Timestamp,
    /// Whether it has a mailing that has not ended.
    waits: bool,
}

struct MailingCondition {
    id: i64,
    campaign: Slug,
    name: String,
    state: MailingState,
    not_after: Timestamp,
    /// Since when it is stopped, and why.
    stopped: Option<(Timestamp, String)>,
    /// The parts of it that are stopped.
    parts: StoppedParts,
}

/// Every problem that what is stored amounts to at `now`.
pub(super) fn of(db: &mut Db, now: Timestamp) -> StoreResult<Vec<Problem>> {
    let mailings = mailings(db)?;
    let mut found: Vec<Problem> = turned_away(db, now)?.into_iter().collect();
    for campaign in campaigns(db, &mailings)? {
        found.extend(paused(&campaign));
        found.extend(held(&campaign, now));
    }
    for mailing in mailings {
        found.extend(missed(&mailing));
        found.extend(stopped(&mailing));
        found.extend(stopped_parts(&mailing));
        found.extend(put_off(db, &mailing)?);
        for (kind, state, what, remedy) in STRANDED {
            let some = count(db, mailing.id, state)?;
            if some == 0 {
                continue;
            }
            let all_ran_out = kind == ProblemKind::DeliveriesExpired && !may_reach_somebody(db, mailing.id)?;
            found.push(if all_ran_out {
                ran_out(&mailing, some)
            } else {
                stranded(&mailing, kind, some, what, remedy)
            });
        }
        found.extend(doubled(db, &mailing)?);
    }
    for due in planning::due(db, now)? {
        if !planning::has_audience(db, due.id, now)? {
            let kept_out = reach::left_out_of(db, due.id, now)?.kept_out > 0;
            found.push(without_audience(&due, kept_out));
        }
    }
    Ok(found)
}

/// Without a count, so that it is quiet once somebody has seen it.
fn turned_away(db: &mut Db, now: Timestamp) -> StoreResult<Option<Problem>> {
    let turned_away = super::turned_away::look(db)?.filter(|turned_away| turned_away.goes_on(now));
    Ok(turned_away.map(|turned_away| {
        Problem::new(
            ProblemKind::SignUpsTurnedAway,
            "sign-ups",
            format!("sign-ups have been turned away since {}: more come in than are taken", minute(turned_away.since)),
            "`carillon status` counts them. A flood passes by itself; where they are people, raise `per_hour` or \
             `per_domain_hour` in `[join]`",
        )
    }))
}

fn mailings(db: &mut Db) -> StoreResult<Vec<MailingCondition>> {
    type Row = (i64, Slug, String, MailingState, Timestamp, (Option<Timestamp>, Option<String>, StoppedParts));
    let rows: Vec<Row> = mailings::table
        .inner_join(campaigns::table)
        .order((mailings::not_before, mailings::id))
        .select((
            mailings::id,
            campaigns::slug,
            mailings::name,
            mailings::state,
            mailings::not_after,
            (mailings::stopped_at, mailings::stopped_why, mailings::stopped_parts),
        ))
        .load(db)?;
    let mailing = |(id, campaign, name, state, not_after, (stopped_at, why, parts)): Row| {
        let stopped = stopped_at.map(|at| (at, why.unwrap_or_default()));
        MailingCondition { id, campaign, name, state, not_after, stopped, parts }
    };
    Ok(rows.into_iter().map(mailing).collect())
}

fn campaigns(db: &mut Db, mailings: &[MailingCondition]) -> StoreResult<Vec<CampaignCondition>> {
    type Row = (Slug, CampaignState, Option<String>, String, Timestamp);
    let rows: Vec<Row> = campaigns::table
        .order((campaigns::opens_at, campaigns::slug))
        .select((campaigns::slug, campaigns::state, campaigns::held, campaigns::source_name, campaigns::closes_at))
        .load(db)?;
    let campaign = |(slug, state, held, file, closes_at): Row| {
        let open = |mailing: &MailingCondition| !mailing.state.has_ended();
        let waits = mailings.iter().any(|mailing| mailing.campaign == slug && open(mailing));
        CampaignCondition { slug, state, held, file, closes_at, waits }
    };
    Ok(rows.into_iter().map(campaign).collect())
}

/// How many deliveries of a mailing are in `state`.
pub(super) fn count(db: &mut Db, mailing_id: i64, state: DeliveryState) -> StoreResult<u64> {
    let some = deliveries::table
        .filter(deliveries::mailing_id.eq(mailing_id))
        .filter(deliveries::state.eq(state))
        .count()
        .get_result::<i64>(db)?;
    Ok(some.unsigned_abs())
}

fn paused(CampaignCondition { slug, state, waits, .. }: &CampaignCondition) -> Option<Problem> {
    (*state == CampaignState::Paused && *waits).then(|| {
        Problem::new(
            ProblemKind::CampaignPaused,
            slug.as_str(),
            format!("`{slug}` is paused: its mailings wait"),
            format!("`carillon campaign resume {slug}` lets them leave"),
        )
    })
}

fn held(campaign: &CampaignCondition, now: Timestamp) -> Option<Problem> {
    let CampaignCondition { slug, state, held, file, closes_at, waits } = campaign;
    let why = held.as_ref().filter(|_| *state != CampaignState::Cancelled && (*waits || now < *closes_at))?;
    Some(Problem::new(
        ProblemKind::CampaignHeld,
        slug.as_str(),
        format!("`{slug}` is held: {why}"),
        format!("look at `carillon campaign plan {file}`, then `carillon campaign apply {file}`"),
    ))
}

/// Names the deadline: a mailing that is planned again and missed again is another problem.
fn missed(mailing: &MailingCondition) -> Option<Problem> {
    let MailingCondition { campaign, name, not_after, .. } = mailing;
    (mailing.state == MailingState::Missed).then(|| {
        Problem::new(
            ProblemKind::MailingMissed,
            format!("{campaign}/{name}"),
            format!("mailing `{name}` of `{campaign}` missed its time, {}: nobody was written to", minute(*not_after)),
            "nothing announces a sale late; next time keep a daemon running, and import members first",
        )
    })
}

/// A mailing whose letters all expired unsent has missed its time as much as one that never had any: nobody was written to.
fn ran_out(MailingCondition { campaign, name, not_after, .. }: &MailingCondition, expired: u64) -> Problem {
    Problem::new(
        ProblemKind::MailingMissed,
        format!("{campaign}/{name}"),
        format!(
            "mailing `{name}` of `{campaign}` missed its time, {}: nobody was written to, and {} expired unsent",
            minute(*not_after),
            counted_as(expired, "delivery", "deliveries")
        ),
        "`carillon mail queue --state expired` says what kept them; nothing announces a sale late; acknowledge it with \
         `carillon problem acknowledge ID`",
    )
}

/// Whether a delivery of the mailing reached somebody, may have, or may still.
fn may_reach_somebody(db: &mut Db, mailing_id: i64) -> StoreResult<bool> {
    let reached = DeliveryState::ALL
        .into_iter()
        .filter(|state| !state.has_ended() || matches!(state, DeliveryState::Accepted | DeliveryState::InDoubt));
    let some = deliveries::table
        .filter(deliveries::mailing_id.eq(mailing_id))
        .filter(deliveries::state.eq_any(reached.collect::<Vec<_>>()));
    Ok(diesel::select(exists(some)).get_result(db)?)
}

fn stopped(MailingCondition { campaign, name, state, stopped, .. }: &MailingCondition) -> Option<Problem> {
    let (at, why) = stopped.as_ref().filter(|_| *state == MailingState::Sending)?;
    Some(Problem::new(
        ProblemKind::MailingStopped,
        format!("{campaign}/{name}"),
        format!("mailing `{name}` of `{campaign}` was stopped at {}: {why}", minute(*at)),
        format!("mend what the relay complains of, then `carillon mail retry {campaign} --mailing {name}`"),
    ))
}

/// The parts that are stopped of a mailing of which the rest goes on: each is a problem of its own.
fn stopped_parts(mailing: &MailingCondition) -> Vec<Problem> {
    let MailingCondition { campaign, name, state, stopped, parts, .. } = mailing;
    if *state != MailingState::Sending || stopped.is_some() {
        return Vec::new();
    }
    let problem = |(provider, part): (&String, &StoppedPart)| {
        Problem::new(
            ProblemKind::MailingStopped,
            format!("{campaign}/{name}/{provider}"),
            format!(
                "mailing `{name}` of `{campaign}` was stopped for {provider} at {}, and goes on for others: {}",
                minute(part.at),
                part.why
            ),
            format!(
                "mend what {provider} complains of, then `carillon mail retry {campaign} --mailing {name} --provider \"{provider}\"`"
            ),
        )
    };
    parts.0.iter().map(problem).collect()
}

/// A relay that says "later" to everybody is no reason to stop a mailing, since one that greylists takes the second attempt. Names no
/// count, so that it is quiet once somebody has seen it.
fn put_off(db: &mut Db, mailing: &MailingCondition) -> StoreResult<Option<Problem>> {
    let MailingCondition { id, campaign, name, state, not_after, stopped, .. } = mailing;
    if *state != MailingState::Sending || stopped.is_some() {
        return Ok(None);
    }
    let again = deliveries::table
        .filter(deliveries::mailing_id.eq(id))
        .filter(deliveries::state.eq(DeliveryState::Deferred))
        .filter(deliveries::attempts.ge(2))
        .order(deliveries::id)
        .select((deliveries::reply_code, deliveries::reason))
        .first::<(Option<i32>, Option<String>)>(db)
        .optional()?;
    let Some((code, reason)) = again else { return Ok(None) };
    if count(db, *id, DeliveryState::Accepted)? > 0 {
        return Ok(None);
    }
    let said: Vec<String> = code.map(|code| code.to_string()).into_iter().chain(reason).collect();
    Ok(Some(Problem::new(
        ProblemKind::MailingPutOff,
        format!("{campaign}/{name}"),
        format!(
            "the relay has put off messages of mailing `{name}` of `{campaign}` more than once and taken none: {}",
            said.join(" ")
        ),
        format!("mend what it complains of; they are tried again by themselves until {}", minute(*not_after)),
    )))
}

fn without_audience(
    DueMailing { campaign, name, not_after, lists, .. }: &DueMailing,
    everybody_is_kept_out: bool,
) -> Problem {
    let (who, remedy) = match lists {
        _ if everybody_is_kept_out => (WhyNobody::KeptOut.words(), KEPT_OUT_REMEDY),
        0 => ("there is no confirmed member to write to", "`carillon member import FILE`"),
        _ => (
            "there is nobody to write to on its lists",
            "`carillon list show` says who is on which, `carillon list add LIST ADDRESS --reason WHY` puts members on one",
        ),
    };
    Problem::new(
        ProblemKind::MailingWithoutAudience,
        format!("{campaign}/{name}"),
        format!("mailing `{name}` of `{campaign}` waits: {who}"),
        format!("{remedy}; it begins by itself if that is before {}", minute(*not_after)),
    )
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Members of whose message a relay has said more than once that it has it.
fn doubled(
    db: &mut Db,
    MailingCondition { id, campaign, name, .. }: &MailingCondition,
) -> StoreResult<Option<Problem>> {
    let twice = super::reports::doubled(db, *id)?;
    Ok((twice > 0).then(|| {
        let members = counted_as(twice, "member", "members");
        Problem::new(
            ProblemKind::DeliveriesDoubled,
            format!("{campaign}/{name}"),
            format!("mailing `{name}` of `{campaign}` reached {members} twice"),
            "see the daemon's log for `claim had been lost`; what was sent cannot be taken back",
        )
    }))
}

/// The states in which deliveries are a problem.
const STRANDED: [(ProblemKind, DeliveryState, &str, &str); 2] = [
    (
        ProblemKind::DeliveriesInDoubt,
        DeliveryState::InDoubt,
        "in doubt",
        "`carillon mail queue --state in-doubt` lists them: look them up in the relay's log, then `carillon mail resolve ID --as OUTCOME`",
    ),
    (
        ProblemKind::DeliveriesExpired,
        DeliveryState::Expired,
        "that expired unsent",
        "see why with `carillon mail queue --state expired`",
    ),
];

fn stranded(mailing: &MailingCondition, kind: ProblemKind, some: u64, what: &str, remedy: &str) -> Problem {
    let MailingCondition { campaign, name, .. } = mailing;
    let some = counted_as(some, "delivery", "deliveries");
    let words = format!("mailing `{name}` of `{campaign}` has {some} {what}");
    Problem::new(kind, format!("{campaign}/{name}"), words, remedy)
}
