//! `carillon mail retry`: what a person has tried again, after the relay was mended or before its time.

use crate::campaign::CampaignState;
use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::db::campaigns;
use crate::db::stops::{self, Retried, RetryOnly, RetryOrder};
use crate::phrase;
use crate::phrase::{Fact, Phrase};
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
    /// Only the part for this mailbox provider, which was stopped: `Orange`
    #[arg(long, value_name = "NAME", conflicts_with = "only")]
    provider: Option<String>,
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
    /// Stopped mailings and stopped parts of mailings, with what waits in them as it waits
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
    let order = RetryOrder { campaign: args.campaign, mailing: args.mailing, provider: args.provider, only };
    let retried = store
        .write_blocking(|db| stops::retry(db, &order, &who, now))?
        .map_err(|refusal| Failure::refused(refusal.to_string()))?;
    context.say(&said(&retried))?;
    let campaign = store.read_blocking(|db| campaigns::find(db, &order.campaign))?;
    match campaign {
        Some(campaign) if campaign.state == CampaignState::Paused => {
            context.remark(&phrase!("retry-paused", slug = Fact::text(&order.campaign)))?;
        }
        Some(campaign) if campaign.held.is_some() => {
            let (slug, file) = (Fact::text(&order.campaign), campaign.source_name);
            context.remark(&phrase!("retry-held", slug = slug, file = file))?;
        }
        _ => context.remark(&phrase!("retry-soon"))?,
    }
    Ok(Exit::Done)
}

/// `1 stopped mailing goes on; 3 refused deliveries wait again`.
fn said(retried: &Retried) -> Phrase {
    let parts = [
        (retried.mailings > 0).then(|| phrase!("retry-mailings", count = retried.mailings)),
        (retried.parts > 0).then(|| phrase!("retry-parts", count = retried.parts)),
        (retried.deferred > 0).then(|| phrase!("retry-deferred", count = retried.deferred)),
        (retried.refused > 0).then(|| phrase!("retry-refused", count = retried.refused)),
    ];
    let mut said = parts.into_iter().flatten();
    let first = said.next().unwrap_or_else(|| Phrase::quoted(""));
    said.fold(first, |before, next| phrase!("retry-and", before = before, next = next))
}
