//! The question that is asked again in the step that hands a message over: may this still be sent, to this person, now?

use jiff::Timestamp;

use super::state::DeliveryEvent;

/// What the store knows about a delivery at the moment of handing over, read in the transaction that records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateFacts {
    /// Whether the delivery is as its holder left it, under the holder's claim.
    pub is_held: bool,
    /// Whether a relay has said that it has the message.
    pub was_taken: bool,
    /// What the ledger and the suppression list say of the member.
    pub member: MemberStanding,
    /// Whether the mailing is still being sent.
    pub mailing: MailingStanding,
    /// Whether the campaign is active: neither paused nor cancelled, nor held.
    pub campaign: CampaignStanding,
    /// The mailing's deadline.
    pub not_after: Timestamp,
}

/// What the ledger, the suppression list and the lists of a mailing say of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberStanding {
    /// The state is `confirmed`, the consent has not run out, and there is an address.
    Consents,
    /// Withdrawn, erased, or never confirmed.
    NoConsent,
    /// Confirmed, and still not to be written to: the consent has run out, or the address is on the suppression list.
    Suppressed,
    /// Confirmed, and the member asked for a pause that has not ended.
    Paused,
    /// To be written to, and on none of the lists of the mailing.
    Elsewhere,
}

impl MemberStanding {
    /// Of a member who may be written to or not, whose consent stands or not, and who asked for a pause or not. What cannot
    /// be read is neither.
    pub fn of(may_be_written_to: bool, consents: bool, is_paused: bool) -> Self {
        match (may_be_written_to, consents) {
            (true, _) => Self::Consents,
            (false, false) => Self::NoConsent,
            (false, true) if is_paused => Self::Paused,
            // Run out, or on the suppression list.
            (false, true) => Self::Suppressed,
        }
    }

    /// The same beside a mailing, which `is_for` the member or not, by its lists.
    #[must_use]
    pub fn among(self, is_for: bool) -> Self {
        if self == Self::Consents && !is_for { Self::Elsewhere } else { self }
    }

    /// Why nothing is sent to the member, if so.
    pub fn bars(self) -> Option<&'static str> {
        match self {
            Self::Consents => None,
            Self::NoConsent => Some(NO_CONSENT),
            Self::Suppressed => Some(SUPPRESSED),
            Self::Paused => Some(PAUSED),
            Self::Elsewhere => Some(NOT_ON_LIST),
        }
    }
}

/// What the mailing's state means for its deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailingStanding {
    /// They go out.
    Sending,
    /// They wait: the circuit breaker has stopped it.
    Stopped,
    /// None goes out any more.
    Ended,
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

/// The answer, and until when it can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateAnswer {
    /// The answer.
    pub check: LateCheck,
    /// The mailing's deadline.
    pub not_after: Timestamp,
}

impl LateAnswer {
    /// Of what is known of a delivery at `now`.
    pub fn of(facts: &LateFacts, now: Timestamp) -> Self {
        Self { check: late_check(facts, now), not_after: facts.not_after }
    }

    /// Of a delivery of which nothing is known.
    pub const LOST: Self = Self { check: LateCheck::Lost, not_after: Timestamp::MIN };
}

impl LateCheck {
    /// What becomes of a delivery that may not go out now, and for what reason. `None` when it goes out, and when it is
    /// another's.
    pub fn withheld(self) -> Option<(DeliveryEvent, Option<&'static str>)> {
        match self {
            Self::Proceed | Self::Lost => None,
            Self::PutBack => Some((DeliveryEvent::PutBack, None)),
            Self::Expire => Some((DeliveryEvent::LetExpire, None)),
            Self::Skip(reason) => Some((DeliveryEvent::Drop, Some(reason))),
        }
    }
}

/// The member withdrew or was erased.
pub const NO_CONSENT: &str = "consent-gone";
/// The consent ran out, or the address is on the suppression list.
pub const SUPPRESSED: &str = "suppressed";
/// The member asked for a pause.
pub const PAUSED: &str = "paused";
/// The member is on none of the mailing's lists, or not any more.
pub const NOT_ON_LIST: &str = "not-on-the-list";
/// The campaign or this mailing of it was cancelled.
pub const CANCELLED: &str = "campaign-cancelled";
/// A sender that had lost its claim heard that the relay has the message.
pub const TAKEN: &str = "already-taken";
/// What is stored of the member cannot be read.
pub const UNREADABLE: &str = "member-unreadable";

/// Decides. The order matters: what must not be sent outweighs what may wait.
pub fn late_check(facts: &LateFacts, now: Timestamp) -> LateCheck {
    if !facts.is_held {
        LateCheck::Lost
    } else if facts.was_taken {
        LateCheck::Skip(TAKEN)
    } else if let Some(reason) = facts.member.bars() {
        LateCheck::Skip(reason)
    } else if facts.campaign == CampaignStanding::Cancelled || facts.mailing == MailingStanding::Ended {
        LateCheck::Skip(CANCELLED)
    } else if now >= facts.not_after {
        LateCheck::Expire
    } else if facts.campaign == CampaignStanding::Waiting || facts.mailing == MailingStanding::Stopped {
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
            is_held: true,
            was_taken: false,
            member: MemberStanding::Consents,
            mailing: MailingStanding::Sending,
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
        check(|facts| facts.member = MemberStanding::Paused, LateCheck::Skip(PAUSED));
        check(|facts| facts.member = MemberStanding::Elsewhere, LateCheck::Skip(NOT_ON_LIST));
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
        check(|facts| facts.is_held = false, LateCheck::Lost);
        check(|facts| facts.was_taken = true, LateCheck::Skip(TAKEN));
        check(|facts| facts.not_after = at("2027-01-02T07:00:00Z"), LateCheck::Expire);
        check(|facts| facts.campaign = CampaignStanding::Waiting, LateCheck::PutBack);
        check(|facts| facts.campaign = CampaignStanding::Cancelled, LateCheck::Skip(CANCELLED));
        check(|facts| facts.mailing = MailingStanding::Ended, LateCheck::Skip(CANCELLED));
        check(|facts| facts.mailing = MailingStanding::Stopped, LateCheck::PutBack);
    }
}
