//! `carillon mail retry`: what a person has tried again, after the relay was mended or before its time.

use crate::campaign::CampaignState;
use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::db::campaigns;
use crate::db::stops::{self, Retried, RetryOnly, RetryOrder};
use crate::text::Slug;

/// Whatever is tried again, the mailings concerned are not stopped any more. What was accepted, is in doubt or has expired
/// is never touched.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The campaign: its stopped mailings go on, and its deferred deliveries are tried now instead of when they are due
    #[arg(value_name = "SLUG")]
    campaign: Slug,
    /// Only this mailing of it
    #[arg(long, value_name = "NAME")]
    mailing: Option<String>,
    /// Only these
    #[arg(long, value_name = "WHAT")]
    only: Option<Only>,
}

/// What is tried again.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Only {
    /// Refused deliveries, also of a mailing that has ended, before its deadline
    Refused,
    /// Deferred deliveries, now instead of later
    Deferred,
    /// Stopped mailings, with what waits in them as it waits
    Stopped,
}

pub(in crate::cli) fn run(args: Args, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let (now, who) = (context.clock.now(), context.who.clone());
    let only = args.only.map(|only| match only {
        Only::Refused => RetryOnly::Refused,
        Only::Deferred => RetryOnly::Deferred,
        Only::Stopped => RetryOnly::Stopped,
    });
    let order = RetryOrder { campaign: args.campaign, mailing: args.mailing, only };
    let retried = store
        .write_blocking(|db| stops::retry(db, &order, &who, now))?
        .map_err(|refusal| Failure::refused(refusal.to_string()))?;
    context.line(said(&retried))?;
    let campaign = store.read_blocking(|db| campaigns::find(db, &order.campaign))?;
    match campaign {
        Some(campaign) if campaign.state == CampaignState::Paused => context.note(format!(
            "`{slug}` is paused, so it waits: `carillon campaign resume {slug}` lets its mailings leave",
            slug = order.campaign
        ))?,
        Some(campaign) if campaign.held.is_some() => context.note(format!(
            "`{slug}` is held, so it waits: `carillon campaign plan {file}` shows why, `carillon campaign apply {file}` \
             ends it",
            slug = order.campaign,
            file = campaign.source_name,
        ))?,
        _ => context.note("a running daemon takes it up within 15 seconds")?,
    }
    Ok(Exit::Done)
}

/// `1 stopped mailing goes on; 3 refused deliveries wait again`.
fn said(retried: &Retried) -> String {
    let parts = [
        (retried.mailings, "stopped mailing goes on", "stopped mailings go on"),
        (retried.deferred, "deferred delivery is due now", "deferred deliveries are due now"),
        (retried.refused, "refused delivery waits again", "refused deliveries wait again"),
    ];
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    said.join("; ")
}
