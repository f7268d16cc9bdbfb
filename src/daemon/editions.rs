//! Sales that are held again: the next edition is proposed, and nothing is applied.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::calendar::Calendar;
use crate::campaign::{Campaign, CampaignState, next_edition};
use crate::db::{Db, StoreResult, campaigns, drafts};
use crate::document::Document;

/// Proposes the next edition of each sale of which it is due at `now`. What was proposed before, by whichever daemon, is not again.
pub fn propose_editions(db: &mut Db, calendar: &Calendar, now: Timestamp) -> StoreResult<()> {
    let applied = campaigns::list(db)?;
    let names: BTreeSet<_> = applied.iter().map(|campaign| campaign.schedule.slug.clone()).collect();
    let over = applied.iter().filter(|it| it.schedule.every.is_some() && it.state != CampaignState::Cancelled);
    for sale in over {
        // It could be read when it was applied. Where a later version cannot, a person is told so by `campaign check`.
        let document = Document::new(sale.source_name.as_str(), sale.source_text.as_str());
        let Ok(campaign) = Campaign::parse(&document) else { continue };
        let Some(next) = next_edition(&campaign, sale.schedule.closes_at, &names, calendar, now) else { continue };
        if drafts::propose(db, &sale.schedule.slug, &next, now)? {
            tracing::info!(campaign = %sale.schedule.slug, draft = %next.slug, "a draft of the next edition waits");
        }
    }
    Ok(())
}
