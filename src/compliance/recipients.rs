//! Who gets the mails of a campaign: every member who agreed, whatever the sale is, for there are no lists of some of
//! them. What that comes to is told before it happens.

use crate::calendar::{Channel, Market};
use crate::campaign::{AudienceClass, Campaign, LetterBeside, Mailing, Schedule, letters_clash};
use crate::finding::Finding;
use crate::phrase;
use crate::phrase::{Fact, Spoken as _};

/// Whether a sale concerns every member. Members have no market: they are taken to be in France, where the shop is, and
/// to buy online.
pub fn concerns_everybody(schedule: &Schedule) -> bool {
    // Online sales in a part of France are those of the country.
    let france = |market: &Market| market.country() == "FR";
    schedule.channel == Channel::Online && schedule.markets.iter().any(france)
}

/// What is to be said about each mailing of a sale that does not concern every member.
pub(super) fn whom(campaign: &Campaign, schedule: &Schedule) -> Vec<Finding> {
    let only = match schedule.audience {
        AudienceClass::ClosedGroup => campaign.group.as_ref().map(|group| Fact::from(group.who.as_str())),
        AudienceClass::Personal => Some(phrase!("those-with-a-price-of-their-own").into()),
        AudienceClass::Public | AudienceClass::OpenMembers => None,
    };
    let finding = |mailing: &Mailing| {
        let (name, place) = (mailing.name.value.as_str(), mailing.place.clone());
        match &only {
            Some(whom) => {
                let message = phrase!("mailing-closed-group", mailing = name, whom = whom.clone());
                Some(Finding::error("mailing.closed-group", place, message))
            }
            None if concerns_everybody(schedule) => None,
            None => {
                let message = phrase!("mailing-beyond-market", mailing = name);
                Some(
                    Finding::warning("mailing.beyond-market", place, message)
                        .mended_by(phrase!("beyond-market-remedy")),
                )
            }
        }
    };
    campaign.mailings.iter().filter_map(finding).collect()
}

/// The mailings of a file that say the same, or come together.
pub(super) fn neighbours(campaign: &Campaign, schedule: &Schedule) -> Vec<Finding> {
    let zone = schedule.time_zone();
    let mut findings = Vec::new();
    for (at, (written, mailing)) in campaign.mailings.iter().zip(&schedule.mailings).enumerate() {
        for other in schedule.mailings.iter().take(at) {
            let place = || written.place.clone();
            let clash = letters_clash(&LetterBeside::of(schedule, mailing), &LetterBeside::of(schedule, other), &zone);
            findings.extend(clash.map(|clash| Finding::warning("mailing.close-together", place(), clash.phrase())));
            if other.kind == mailing.kind {
                let message = phrase!(
                    "mailing-same-kind",
                    one = other.name.as_str(),
                    other = mailing.name.as_str(),
                    kind = Fact::text(mailing.kind)
                );
                findings.push(Finding::note("mailing.same-kind", place(), message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::sample;

    /// The rules and messages about the recipients of the sample with `edits`.
    #[track_caller]
    fn check(edits: &[(&str, &str)], expected: &[&str]) {
        let campaign = Campaign::parse(&sample::with(edits)).unwrap();
        let schedule = campaign.resolve(&Calendar::built_in()).unwrap();
        let mut findings = whom(&campaign, &schedule);
        findings.extend(neighbours(&campaign, &schedule));
        let found: Vec<String> =
            findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
        assert_eq!(found, expected, "{edits:?}");
    }

    #[test]
    fn a_sale_for_some_people_is_not_announced_to_all() {
        check(&[], &[]);
        check(&[("\"public\"", "\"open-members\"")], &[]);
        let group = "[group]\nwho = \"les clients de Metz\"\nfixed_on = 2026-12-01\njoinable = false\n\n[window]";
        let closed = "mailing.closed-group: `announcement` would be written to every member who agreed to mails, not only to \
                      les clients de Metz: there are no lists of members yet";
        check(&[("\"public\"", "\"closed-group\""), ("[window]", group)], &[closed]);
        let personal = "mailing.closed-group: `announcement` would be written to every member who agreed to mails, not only \
                        to those who have a price of their own: there are no lists of members yet";
        check(&[("\"public\"", "\"personal\"")], &[personal]);
    }

    #[test]
    fn a_sale_elsewhere_concerns_not_everybody() {
        let beyond = "mailing.beyond-market: `announcement` would be written to every member who agreed to mails, also to \
                      those whom this sale does not concern: members have no market";
        check(&[("[\"FR\"]", "[\"FR-57\"]"), ("\"online\"", "\"store\"")], &[beyond]);
        check(&[("\"online\"", "\"store\"")], &[beyond]);
        check(
            &[
                ("[\"FR\"]", "[\"FR\", \"BE\"]"),
                ("soldes.winter.2027 - 4 days at 08:00", "2027-01-02 08:00"),
                ("\"soldes.winter.2027\"", "\"2027-01-03 08:00\""),
            ],
            &[],
        );
        check(&[("[\"FR\"]", "[\"BE\"]")], &[beyond]);
    }

    #[test]
    fn two_mails_at_nearly_the_same_time_are_told() {
        let second = |at: &str, kind: &str| {
            format!(
                "not_after = \"window.opens\"\nlanguages = [\"fr\"]\n\n[[mailings]]\nname = \"b\"\nkind = \"{kind}\"\n\
                     not_before = \"{at}\"\nnot_after = \"window.closes\""
            )
        };
        let with = |at: &str, kind: &str, expected: &[&str]| {
            check(&[("not_after = \"window.opens\"", &second(at, kind))], expected);
        };
        let close = |how: &str, time: &str| {
            format!(
                "mailing.close-together: `b`, at 2027-01-01 {time} UTC), and `announcement` go to the same people {how}"
            )
        };
        with("window.opens - 1 day at 10:00", "opening", &[&close("at the same time", "10:00 Europe/Paris (09:00")]);
        with("window.opens - 1 day at 10:01", "opening", &[&close("within 1 minute", "10:01 Europe/Paris (09:01")]);
        with("window.opens - 1 day at 10:30", "opening", &[]);
        let same = "mailing.same-kind: `announcement` and `b` are both of the kind `announcement`: everybody gets two such \
                    letters";
        with("window.opens", "announcement", &[same]);
    }
}
