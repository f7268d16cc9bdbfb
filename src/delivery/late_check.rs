//! The question that is asked again in the step that hands a message over: may this still be sent, to this person, now?

use jiff::Timestamp;

use super::state::DeliveryState;

/// What the store knows about a delivery at the moment of handing over, read in the transaction that records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateFacts {
    /// The delivery's state.
    pub state: DeliveryState,
    /// Whether the lease on it is the asker's.
    pub lease_is_ours: bool,
    /// What the ledger and the suppression list say of the member.
    pub member: MemberStanding,
    /// Whether the mailing is still being sent.
    pub mailing_is_sending: bool,
    /// Whether the circuit breaker has stopped the mailing.
    pub mailing_is_stopped: bool,
    /// Whether the campaign is active: neither paused nor cancelled, nor held.
    pub campaign: CampaignStanding,
    /// The mailing's deadline.
    pub not_after: Timestamp,
}

/// What the ledger and the suppression list say of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberStanding {
    /// The state is `confirmed`, the consent has not run out, and there is an address.
    Consents,
    /// Withdrawn, erased, or never confirmed.
    NoConsent,
    /// Confirmed, and still not to be written to: the consent has run out, or the address is on the suppression list.
    Suppressed,
}

/// What the campaign's state means for its mailings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CampaignStanding {
    /// Mailings go out.
    Active,
    /// Mailings wait: a person paused the campaign, or the law moved.
    Waiting,
    /// Nothing more goes out.
    Cancelled,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateCheck {
    /// Record "handed over" and send.
    Proceed,
    /// Another sender has it, or it has ended: leave it alone.
    Lost,
    /// Give it back to the queue, to wait.
    PutBack,
    /// Its deadline has passed.
    Expire,
    /// It must not be sent, for this reason.
    Skip(&'static str),
}

/// The member withdrew or was erased.
pub const NO_CONSENT: &str = "consent-gone";
/// The consent ran out, or the address is on the suppression list.
pub const SUPPRESSED: &str = "suppressed";
/// The campaign or this mailing of it was cancelled.
pub const CANCELLED: &str = "campaign-cancelled";

/// Decides. The order matters: what must not be sent outweighs what may wait.
pub fn late_check(facts: &LateFacts, now: Timestamp) -> LateCheck {
    if facts.state != DeliveryState::Claimed || !facts.lease_is_ours {
        LateCheck::Lost
    } else if facts.member == MemberStanding::Suppressed {
        LateCheck::Skip(SUPPRESSED)
    } else if facts.member == MemberStanding::NoConsent {
        LateCheck::Skip(NO_CONSENT)
    } else if facts.campaign == CampaignStanding::Cancelled || !facts.mailing_is_sending {
        LateCheck::Skip(CANCELLED)
    } else if now >= facts.not_after {
        LateCheck::Expire
    } else if facts.campaign == CampaignStanding::Waiting || facts.mailing_is_stopped {
        LateCheck::PutBack
    } else {
        LateCheck::Proceed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut LateFacts), expected: LateCheck) {
        let mut facts = LateFacts {
            state: DeliveryState::Claimed,
            lease_is_ours: true,
            member: MemberStanding::Consents,
            mailing_is_sending: true,
            mailing_is_stopped: false,
            campaign: CampaignStanding::Active,
            not_after: at("2027-01-02T08:00:00Z"),
        };
        change(&mut facts);
        assert_eq!(late_check(&facts, at("2027-01-02T07:00:00Z")), expected);
    }

    #[test]
    fn only_confirmed_members_are_mailed() {
        check(|_| {}, LateCheck::Proceed);
        check(|facts| facts.member = MemberStanding::NoConsent, LateCheck::Skip(NO_CONSENT));
        check(|facts| facts.member = MemberStanding::Suppressed, LateCheck::Skip(SUPPRESSED));
    }

    #[test]
    fn withdrawal_wins_over_a_pause() {
        check(
            |facts| {
                facts.member = MemberStanding::NoConsent;
                facts.campaign = CampaignStanding::Waiting;
            },
            LateCheck::Skip(NO_CONSENT),
        );
    }

    #[test]
    fn what_changed_meanwhile_is_seen() {
        check(|facts| facts.lease_is_ours = false, LateCheck::Lost);
        check(|facts| facts.state = DeliveryState::Queued, LateCheck::Lost);
        check(|facts| facts.not_after = at("2027-01-02T07:00:00Z"), LateCheck::Expire);
        check(|facts| facts.campaign = CampaignStanding::Waiting, LateCheck::PutBack);
        check(|facts| facts.campaign = CampaignStanding::Cancelled, LateCheck::Skip(CANCELLED));
        check(|facts| facts.mailing_is_sending = false, LateCheck::Skip(CANCELLED));
        check(|facts| facts.mailing_is_stopped = true, LateCheck::PutBack);
    }
}
