//! What the planner did, in the log.

use crate::db::planning::DueMailing;
use crate::sending::journal::tell_stopped;
use crate::sending::planner::PlannerEvent;

/// Says once of each mailing that nobody can get it. It begins at the first tick after a member has come.
pub(super) fn tell_of_waiting(waiting: &[DueMailing], known: &[DueMailing]) {
    for mailing in waiting.iter().filter(|mailing| !known.contains(mailing)) {
        tracing::error!(
            campaign = %mailing.campaign,
            mailing = mailing.name,
            "a mailing's time has come and there is no confirmed member to write to: it waits until its deadline"
        );
    }
}

/// Says what happened.
pub(super) fn tell(event: &PlannerEvent) {
    match event {
        PlannerEvent::Begun(mailing, planned) => {
            tracing::info!(campaign = %mailing.campaign, mailing = mailing.name, planned, "a mailing begins");
        }
        PlannerEvent::Missed(mailing, why) => {
            tracing::error!(
                campaign = %mailing.campaign,
                mailing = mailing.name,
                why = why.words(),
                "a mailing missed its time: nobody was written to"
            );
        }
        PlannerEvent::Expired(mailing, expired) => {
            tracing::error!(campaign = %mailing.campaign, mailing = mailing.name, expired, "deliveries expired unsent");
        }
        PlannerEvent::Finished(mailing, _) => {
            tracing::info!(campaign = %mailing.campaign, mailing = mailing.name, "a mailing has ended");
        }
        PlannerEvent::Stopped(stopped) => tell_stopped(stopped),
        PlannerEvent::Reaped { put_back, in_doubt: 0 } => {
            tracing::info!(put_back, "claims of a stopped sender went back to the queue");
        }
        PlannerEvent::Reaped { put_back, in_doubt } => {
            tracing::error!(
                put_back,
                in_doubt,
                "a sender stopped in the middle: see `carillon mail queue --state in-doubt`"
            );
        }
    }
}
