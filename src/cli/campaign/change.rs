//! `campaign pause`, `resume` and `cancel`: stopping the mails for now, and ending a campaign for good.

use anyhow::anyhow;

use super::CancelArgs;
use crate::campaign::{Standing, moment, people, thousands};
use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::counted::{counted, counted_as};
use crate::db::campaigns::{self, AppliedCampaign, StateChange, StateRefusal};
use crate::db::{Db, Store, StoreResult};
use crate::text::Slug;

fn written<T>(store: &Store, change: impl FnMut(&mut Db) -> StoreResult<Result<T, StateRefusal>>) -> anyhow::Result<T> {
    store.write_blocking(change)?.map_err(|refusal| Failure::refused(refusal.to_string()))
}

/// `campaign pause`.
pub(super) fn pause(slug: &Slug, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (who, now) = (context.who.clone(), context.clock.now());
    let said = match written(&store, |db| campaigns::pause(db, slug, &who, now))? {
        StateChange::Done => "is paused: its mailings wait, and its gate goes on",
        StateChange::Already => "was paused already",
    };
    context.note(format!("`{slug}` {said}"))?;
    Ok(Exit::Done)
}

/// `campaign resume`.
pub(super) fn resume(slug: &Slug, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (who, now) = (context.who.clone(), context.clock.now());
    let said = match written(&store, |db| campaigns::resume(db, slug, &who, now))? {
        StateChange::Done => "goes on: mailings whose deadline has not passed leave",
        StateChange::Already => "was not paused",
    };
    context.note(format!("`{slug}` {said}"))?;
    let campaign = store.read_blocking(|db| campaigns::find(db, slug))?.ok_or_else(|| anyhow!("it is gone"))?;
    if let Some(reason) = campaign.held {
        context.note(format!("its mailings still wait, because it is held: {reason}"))?;
    }
    Ok(Exit::Done)
}

/// `campaign cancel`. Without `--yes` it says what that would end, and whom it would leave with what they were told.
pub(super) fn cancel(args: &CancelArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (slug, who, now) = (&args.slug, context.who.clone(), context.clock.now());
    if !args.yes {
        let (campaign, mailings) = written(&store, |db| campaigns::standing(db, slug))?;
        for line in ends(&campaign, &mailings) {
            context.line(line)?;
        }
        context.line(format!("nothing was changed: `carillon campaign cancel {slug} --yes` ends it for good"))?;
        return Ok(Exit::Refused);
    }
    let (told, ended) = written(&store, |db| {
        let told = campaigns::standing(db, slug)?;
        Ok(campaigns::cancel(db, slug, &who, now)?.and_then(|ended| Ok((told?.1, ended))))
    })?;
    for line in told.iter().filter_map(told_of) {
        context.note(line)?;
    }
    context.note(format!(
        "`{slug}` is cancelled: its gate is closed, {} will not leave, {} taken off the queue",
        counted(ended.mailings as u64, "mailing"),
        counted_as(ended.deliveries as u64, "message was", "messages were"),
    ))?;
    Ok(Exit::Done)
}

/// What cancelling would end.
fn ends(campaign: &AppliedCampaign, mailings: &[Standing]) -> Vec<String> {
    let schedule = &campaign.schedule;
    let zone = schedule.time_zone();
    let mut lines = vec![format!(
        "`{}` opens {} and closes {}; once cancelled, its gate is closed for good",
        schedule.slug,
        moment(schedule.opens_at, &zone),
        moment(schedule.closes_at, &zone)
    )];
    for mailing in mailings {
        lines.extend(told_of(mailing));
        if mailing.progress.is_coming() {
            let waiting =
                if mailing.waiting > 0 { format!(", and {} wait", thousands(mailing.waiting)) } else { String::new() };
            lines.push(format!("`{}` would not leave any more{waiting}", mailing.name));
        }
    }
    lines
}

fn told_of(mailing: &Standing) -> Option<String> {
    let Standing { name, told, .. } = mailing;
    let verb = if *told == 1 { "was" } else { "were" };
    let told = (*told > 0).then(|| people(*told))?;
    Some(format!("{told} {verb} told of it by `{name}`, and Carillon does not write to them that it is cancelled"))
}
