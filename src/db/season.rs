//! The sales and their mailings as a picture of the season shows them.

use super::campaigns::{self, AppliedCampaign};
use super::reports::{self, MailingReport};
use super::{Db, StoreResult};
use crate::campaign::CampaignState;
use crate::delivery::DeliveryState;
use crate::delivery::quiet::{QuietHours, leaves_at};
use crate::season::{SeasonMailing, SeasonSale};

/// Every sale that was ever applied. What is due in the `quiet` hours begins at their end.
pub fn sales(db: &mut Db, quiet: Option<&QuietHours>) -> StoreResult<Vec<SeasonSale>> {
    let mailings = reports::mailings_of(db, None)?;
    sales_with(db, &mailings, quiet)
}

/// The same, for whoever has the account of all `mailings` already.
pub fn sales_with(db: &mut Db, mailings: &[MailingReport], quiet: Option<&QuietHours>) -> StoreResult<Vec<SeasonSale>> {
    let sale = |campaign: AppliedCampaign| {
        let own = mailings.iter().filter(|mailing| mailing.campaign == campaign.schedule.slug);
        SeasonSale {
            cancelled_at: campaign.cancelled_at,
            held: campaign.held.is_some(),
            paused: campaign.state == CampaignState::Paused,
            mailings: own.map(|report| mailing(report, quiet)).collect(),
            schedule: campaign.schedule,
        }
    };
    Ok(campaigns::list(db)?.into_iter().map(sale).collect())
}

fn mailing(report: &MailingReport, quiet: Option<&QuietHours>) -> SeasonMailing {
    let accepted = report.counts.get(&DeliveryState::Accepted).copied().unwrap_or_default();
    SeasonMailing {
        name: report.mailing.clone(),
        state: report.state,
        leaves_at: leaves_at(quiet, report.state, (report.not_before, report.not_after), report.begun_at),
        not_after: report.not_after,
        planned: report.planned,
        // Files in a folder are no letters that somebody has.
        accepted: accepted.saturating_sub(report.filed),
    }
}
