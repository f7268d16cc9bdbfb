//! `campaign pause`, `resume` and `cancel`: stopping the mails for now, and ending a campaign for good.

use anyhow::anyhow;

use super::CancelArgs;
use crate::campaign::Standing;
use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::db::campaigns::{self, AppliedCampaign, StateChange, StateRefusal};
use crate::db::{Db, Store, StoreResult};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::{Line, Slug};

fn written<T>(store: &Store, change: impl FnMut(&mut Db) -> StoreResult<Result<T, StateRefusal>>) -> anyhow::Result<T> {
    store.write_blocking(change)?.map_err(|refusal| Failure::refused(refusal.phrase()))
}

/// `campaign pause`.
pub(super) fn pause(slug: &Slug, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (who, now) = (context.who.clone(), context.clock.now());
    let said = match written(&store, |db| campaigns::pause(db, slug, &who, now))? {
        StateChange::Done => phrase!("pause-done", slug = Fact::text(slug)),
        StateChange::Already => phrase!("pause-already", slug = Fact::text(slug)),
    };
    context.remark(&said)?;
    Ok(Exit::Done)
}

/// `campaign resume`.
pub(super) fn resume(slug: &Slug, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (who, now) = (context.who.clone(), context.clock.now());
    let said = match written(&store, |db| campaigns::resume(db, slug, &who, now))? {
        StateChange::Done => phrase!("resume-done", slug = Fact::text(slug)),
        StateChange::Already => phrase!("resume-already", slug = Fact::text(slug)),
    };
    context.remark(&said)?;
    let campaign = store.read_blocking(|db| campaigns::find(db, slug))?.ok_or_else(|| anyhow!("it is gone"))?;
    if let Some(reason) = campaign.held {
        context.remark(&phrase!("resume-held", reason = Fact::english(reason)))?;
    }
    Ok(Exit::Done)
}

/// `campaign cancel`. Without `--yes` it says what that would end, and whom it would leave with what they were told.
pub(super) fn cancel(args: &CancelArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (slug, who, now) = (&args.slug, context.who.clone(), context.clock.now());
    let reason = args.reason.as_deref().map(Line::parse).transpose();
    let reason = reason.map_err(|why| Failure::usage(why.phrase()))?.map(|reason| reason.to_string());
    if !args.yes {
        let (campaign, mailings) = written(&store, |db| campaigns::to_cancel(db, slug, now))?;
        for line in ends(&campaign, &mailings) {
            context.say(&line)?;
        }
        context.say(&match &args.reason {
            None => phrase!("cancel-not-done", slug = Fact::text(slug)),
            Some(reason) => phrase!("cancel-not-done-for", slug = Fact::text(slug), reason = reason.as_str()),
        })?;
        return Ok(Exit::Refused);
    }
    let (told, ended) = written(&store, |db| {
        let told = campaigns::standing(db, slug)?;
        Ok(campaigns::cancel(db, slug, reason.as_deref(), &who, now)?.and_then(|ended| Ok((told?.1, ended))))
    })?;
    for line in told.iter().filter_map(told_of) {
        context.remark(&line)?;
    }
    let (mailings, messages) = (ended.mailings, ended.deliveries);
    context.remark(&phrase!("cancel-done", slug = Fact::text(slug), mailings = mailings, messages = messages))?;
    Ok(Exit::Done)
}

/// What cancelling would end.
fn ends(campaign: &AppliedCampaign, mailings: &[Standing]) -> Vec<Phrase> {
    let schedule = &campaign.schedule;
    let zone = schedule.time_zone();
    let (opens, closes) = (Fact::moment(schedule.opens_at, &zone), Fact::until(schedule.closes_at, &zone));
    let mut lines = vec![phrase!("cancel-window", slug = Fact::text(&schedule.slug), opens = opens, closes = closes)];
    for mailing in mailings {
        lines.extend(told_of(mailing));
        if mailing.progress.is_coming() {
            let name = mailing.name.as_str();
            lines.push(match mailing.waiting {
                0 => phrase!("cancel-mailing", mailing = name),
                waiting => phrase!("cancel-mailing-waiting", mailing = name, waiting = waiting),
            });
        }
    }
    lines
}

fn told_of(mailing: &Standing) -> Option<Phrase> {
    let Standing { name, told, .. } = mailing;
    (*told > 0).then(|| phrase!("cancel-told", people = *told, mailing = name.as_str()))
}
