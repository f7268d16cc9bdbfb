//! How the options that a country took of art. 6a of directive 98/6/EC are counted with, where its text leaves them open: the
//! stricter reading. The options themselves are the calendar's.

use crate::calendar::{Age, GroupRule, LowestBefore};
use crate::campaign::AudienceClass;

/// How prices for part of the public are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// As public prices: they need a prior price, and they count in the history of everyone's.
    Public,
    /// They need a prior price, and do not count in the history of everyone's.
    Apart,
    /// They need none, and do not count.
    Outside,
}

impl LowestBefore {
    /// How prices for `audience` are seen. Members whom anyone may join are the public unless they are outside for certain,
    /// and so does a closed group need a prior price; a personal price never does.
    pub fn reach(&self, audience: AudienceClass) -> Reach {
        match audience {
            AudienceClass::Public => Reach::Public,
            AudienceClass::OpenMembers => match self.open_members {
                GroupRule::Exempt => Reach::Outside,
                GroupRule::Required | GroupRule::ArguablyExempt | GroupRule::ArguablyRequired => Reach::Public,
            },
            AudienceClass::ClosedGroup => match self.closed_group {
                GroupRule::Required => Reach::Public,
                GroupRule::Exempt => Reach::Outside,
                GroupRule::ArguablyExempt | GroupRule::ArguablyRequired => Reach::Apart,
            },
            AudienceClass::Personal => Reach::Outside,
        }
    }
}

/// A length of time as a span of the calendar.
pub(super) fn span(age: Age) -> jiff::Span {
    match age {
        Age::Months(months) => jiff::Span::new().try_months(months),
        Age::Days(days) => jiff::Span::new().try_days(days),
    }
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, PriorPrice, Progressive, SelfComparison};

    fn rules(market: &str) -> PriorPrice {
        Calendar::built_in().country(&market.parse().unwrap()).unwrap().prior_price.clone()
    }

    /// `new goods, progressive, members, closed group`.
    #[track_caller]
    fn check(market: &str, expected: &str) {
        let PriorPrice::LowestBefore(rule) = rules(market) else { panic!("{market} has no such rule") };
        assert_eq!(rule.lookback_days, 30, "{market}");
        let Progressive { allowed, same_campaign, max, established: _ } = rule.progressive;
        let steps = match (allowed, same_campaign) {
            (false, _) => "no steps",
            (true, true) => "steps of a campaign",
            (true, false) => "steps",
        };
        let steps = max.map_or_else(|| steps.to_owned(), |longest| format!("{steps} for {longest}"));
        let (members, group) = (rule.reach(AudienceClass::OpenMembers), rule.reach(AudienceClass::ClosedGroup));
        assert_eq!(format!("{:?}, {steps}, {members:?}, {group:?}", rule.new_goods), expected, "{market}");
    }

    #[test]
    fn each_country_has_its_options() {
        check("FR", "NoRule, steps of a campaign, Public, Outside");
        check("FR-57", "NoRule, steps of a campaign, Public, Outside");
        check("BE", "LastDays(7), steps of a campaign, Public, Apart");
        check("LU", "SinceLaunch, steps, Public, Apart");
        check("IT-62", "Disclose, steps of a campaign, Public, Outside");
        check("ES", "Exempt, no steps, Public, Apart");
        check("PT", "FuturePriceOnly, steps of a campaign, Public, Apart");
        check("DE", "NoRule, steps, Public, Apart");
        check("NL", "Exempt, steps for 3 months, Public, Apart");
        check("FI", "Unknown, steps of a campaign for 60 days, Public, Apart");
        check("IE", "Unknown, steps of a campaign, Public, Apart");
        check("PL", "SinceLaunch, no steps, Public, Public");
        check("CZ", "SinceLaunch, steps, Public, Apart");
        check("SE", "NoRule, steps for 30 days, Public, Apart");
        check("DK", "NoRule, steps of a campaign, Public, Apart");
        check("HU", "LastDays(15), steps, Public, Apart");
        check("BG", "LastDays(7), steps, Public, Apart");
        check("SK", "SinceLaunch, steps, Public, Outside");
        check("SI", "SinceLaunch, steps, Public, Apart");
        check("EE", "LastDays(7), steps, Public, Apart");
        check("LV", "Unknown, no steps, Public, Apart");
        check("LT", "SinceLaunch, steps, Public, Apart");
        check("CY", "Unknown, no steps, Public, Apart");
        check("NO", "Unknown, steps, Public, Public");
        check("IS", "Unknown, steps for 42 days, Public, Apart");
        check("LI", "Unknown, no steps, Public, Apart");
        let greek = rules("GR");
        assert!(
            matches!(greek, PriorPrice::LowestBefore(LowestBefore { anchored_on_sale_start: true, .. })),
            "{greek:?}"
        );
        let swiss = rules("CH");
        assert!(
            matches!(swiss, PriorPrice::SelfComparison(SelfComparison { min_days_high_price: 30, .. })),
            "{swiss:?}"
        );
        assert!(matches!(rules("UK"), PriorPrice::None { .. }));
        for elsewhere in ["MC", "NC", "PF"] {
            assert!(matches!(rules(elsewhere), PriorPrice::Unknown { .. }), "{elsewhere}");
        }
    }
}
