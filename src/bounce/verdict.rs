//! What reports come to for one person: whether the address is still written to.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::table::{BounceClass, BounceEffect, BounceTable};

/// How many reports of which kind end it (B-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BounceRules {
    /// How much soft reports must come to, each campaign counted once, and a letter about the consent like one.
    pub campaigns: u32,
    /// How far apart the first and the last of these mails must be.
    pub over: SignedDuration,
    /// How far apart two reports of a missing domain must be.
    pub domain_again: SignedDuration,
    /// How old a delivery may be that a report is believed about (B-02).
    pub believed: SignedDuration,
}

impl Default for BounceRules {
    fn default() -> Self {
        Self {
            campaigns: 3,
            over: SignedDuration::from_hours(14 * 24),
            domain_again: SignedDuration::from_hours(72),
            believed: SignedDuration::from_hours(21 * 24),
        }
    }
}

/// One report about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BounceLine {
    /// What it said.
    pub class: BounceClass,
    /// The campaign whose mail came back; none for a letter about the consent itself.
    pub campaign: Option<i64>,
    /// When that mail was sent.
    pub sent_at: Timestamp,
    /// When the report came.
    pub at: Timestamp,
}

/// What follows for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonVerdict {
    /// Goes on being written to.
    Alive,
    /// Is not written to any more, for what reports of this class said.
    Dead(BounceClass),
}

/// Judges what came back from one person since the consent began. `arrived` is when mails were sent that arrived, as far as is known.
pub fn judge_person(
    lines: &[BounceLine],
    arrived: &[Timestamp],
    rules: &BounceRules,
    table: &BounceTable,
) -> PersonVerdict {
    let with = |effect: BounceEffect| lines.iter().filter(move |line| table.effect(line.class) == effect);
    if let Some(line) = with(BounceEffect::Dead).next() {
        return PersonVerdict::Dead(line.class);
    }
    let last_arrived = arrived.iter().max().copied();
    let since = |line: &&BounceLine| last_arrived.is_none_or(|arrived| line.sent_at > arrived);
    let twice: Vec<&BounceLine> = with(BounceEffect::DeadIfTwice).filter(since).collect();
    if let Some(line) = twice.first()
        && spread(twice.iter().map(|line| line.at)) >= rules.domain_again
    {
        return PersonVerdict::Dead(line.class);
    }
    // A missing domain that may be a fault of name service counts at least as much as a full mailbox.
    let mut campaigns: BTreeMap<Option<i64>, u32> = BTreeMap::new();
    let mut counted: Vec<&BounceLine> = Vec::new();
    for line in lines.iter().filter(since) {
        let weight = match table.effect(line.class) {
            BounceEffect::Soft | BounceEffect::DeadIfTwice => 1,
            BounceEffect::SoftDouble => 2,
            BounceEffect::Dead | BounceEffect::Ours => continue,
        };
        let kept = campaigns.entry(line.campaign).or_default();
        *kept = weight.max(*kept);
        counted.push(line);
    }
    let enough = campaigns.values().sum::<u32>() >= rules.campaigns;
    match counted.last() {
        Some(line) if enough && spread(counted.iter().map(|line| line.sent_at)) >= rules.over => {
            PersonVerdict::Dead(line.class)
        }
        _ => PersonVerdict::Alive,
    }
}

fn spread(instants: impl Iterator<Item = Timestamp> + Clone) -> SignedDuration {
    match (instants.clone().min(), instants.max()) {
        (Some(first), Some(last)) => last.duration_since(first),
        _ => SignedDuration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
    }

    fn line(class: BounceClass, campaign: i64, sent: i64) -> BounceLine {
        BounceLine { class, campaign: Some(campaign), sent_at: day(sent), at: day(sent) }
    }

    #[track_caller]
    fn check(lines: &[(BounceClass, i64, i64)], arrived: &[i64], dead: bool) {
        let lines: Vec<_> = lines.iter().map(|(class, campaign, sent)| line(*class, *campaign, *sent)).collect();
        let arrived: Vec<_> = arrived.iter().map(|at| day(*at)).collect();
        let verdict = judge_person(&lines, &arrived, &BounceRules::default(), BounceTable::built_in());
        assert_eq!(verdict != PersonVerdict::Alive, dead, "{verdict:?}");
    }

    #[test]
    fn when_an_address_is_given_up() {
        use BounceClass as C;
        check(&[], &[], false);
        check(&[(C::AddressDead, 1, 0)], &[], true);
        check(&[(C::DomainDead, 1, 0)], &[], false);
        check(&[(C::DomainDead, 1, 0), (C::DomainDead, 1, 2)], &[], false);
        check(&[(C::DomainDead, 1, 0), (C::DomainDead, 1, 3)], &[], true);
        check(&[(C::DomainDead, 1, 0), (C::DomainDead, 2, 30)], &[10], false);
        let full =
            |days: [i64; 3]| [(C::MailboxFull, 1, days[0]), (C::MailboxFull, 2, days[1]), (C::Unknown, 3, days[2])];
        check(&full([0, 7, 14]), &[], true);
        check(&full([0, 7, 13]), &[], false);
        check(&full([0, 7, 14]), &[8], false);
        check(&full([1, 7, 15]), &[0], true);
        check(&[(C::MailboxFull, 1, 0), (C::MailboxFull, 1, 7), (C::MailboxFull, 1, 14)], &[], false);
        check(&[(C::MailboxDisabled, 1, 0), (C::MailboxDisabled, 2, 14)], &[], true);
        check(&[(C::MailboxDisabled, 1, 0), (C::MailboxDisabled, 1, 14)], &[], false);
    }

    proptest! {
        /// What is about us never ends anybody's consent, however often it is said.
        #[test]
        fn what_is_about_us_counts_against_nobody(sent in prop::collection::vec((0_usize..3, 0_i64..50, 0_i64..400), 0..40)) {
            let classes = [BounceClass::PolicySender, BounceClass::PolicyContent, BounceClass::TooBig];
            let lines: Vec<_> = sent.iter().map(|(class, campaign, at)| line(classes[*class], *campaign, *at)).collect();
            let verdict = judge_person(&lines, &[], &BounceRules::default(), BounceTable::built_in());
            prop_assert_eq!(verdict, PersonVerdict::Alive);
        }
    }
}
