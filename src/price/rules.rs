//! What a country asks of an announced price reduction: art. 6a of directive 98/6/EC with each state's options, the
//! Swiss rule, or nothing. The values come from the calendar's data.

use jiff::civil::Date;

use crate::calendar::{self, Age, GroupRule, LowestBefore, PriorPrice};

/// The rule of one country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriorPriceRules {
    /// It has none of this kind: reductions are judged by fairness alone (United Kingdom).
    NoRule,
    /// The lowest price before the reduction (EU and EEA).
    Lowest(LowestPrice),
    /// The price charged directly before, for a limited time, or one that was charged long enough (Switzerland, PBV
    /// art. 16).
    Directly(DirectlyBefore),
}

/// The options that directive 98/6/EC art. 6a leaves to the states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LowestPrice {
    /// The first day on which the rule applied.
    pub in_force_from: Option<Date>,
    /// How many full local days before the day of the reduction are looked at: 30, never fewer.
    pub lookback_days: u16,
    /// What holds for an article that has been offered for less than that.
    pub new_goods: NewGoods,
    /// Whether later steps of a deepening reduction keep the price before the first step.
    pub progressive: Option<Progressive>,
    /// How a programme that anyone may join is seen.
    pub open_members: Reach,
    /// How a group that was closed beforehand is seen (Poland: codes for groups are public).
    pub closed_group: Reach,
    /// Whether a reduction during a sale looks at the days before the sale began (Greece).
    pub anchored_at_sale: bool,
}

impl Default for LowestPrice {
    /// The directive without any option.
    fn default() -> Self {
        Self {
            in_force_from: None,
            lookback_days: 30,
            new_goods: NewGoods::NoRule,
            progressive: None,
            open_members: Reach::Public,
            closed_group: Reach::Apart,
            anchored_at_sale: false,
        }
    }
}

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

/// What holds for an article first offered after the window opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewGoods {
    /// The lowest price since the article was first offered.
    SinceLaunch,
    /// The lowest price of this many days.
    LastDays(u16),
    /// No prior price is needed.
    Exempt,
    /// The lowest price since the first offer, together with the day since when it was offered.
    Disclose,
    /// Only the price that will apply after the promotion may be compared with (Portugal).
    FuturePrice,
    /// The text says nothing: a person decides.
    NoRule,
}

/// A reduction that deepens by steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Progressive {
    /// Whether all steps must belong to one announced campaign.
    pub same_campaign: bool,
    /// Until how long after the first step a later one may still refer to the price before it.
    pub longest: Option<Age>,
}

/// The Swiss rule: the comparison price must have been charged directly before, and may be shown for half as long as it
/// was charged and two months at most; or it was charged for 30 days running, and may be shown for all later cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectlyBefore {
    /// How many days running a price must have been charged to serve all later cuts.
    pub long_days: u16,
    /// Since when that is so.
    pub long_from: Option<Date>,
    /// The longest time that a price charged for less may be compared with.
    pub half_time_at_most: Age,
}

impl From<&PriorPrice> for PriorPriceRules {
    /// What the calendar knows, as this room counts with it.
    fn from(known: &PriorPrice) -> Self {
        match known {
            PriorPrice::None { .. } => Self::NoRule,
            PriorPrice::LowestBefore(options) => Self::Lowest(options.into()),
            PriorPrice::SelfComparison(rule) => Self::Directly(DirectlyBefore {
                long_days: rule.min_days_high_price,
                long_from: Some(rule.from),
                half_time_at_most: rule.or_half_time_max,
            }),
        }
    }
}

impl From<&LowestBefore> for LowestPrice {
    /// Where the law is open, the stricter reading: members whom anyone may join are the public, and a closed group
    /// needs a prior price unless it is outside for certain.
    fn from(options: &LowestBefore) -> Self {
        Self {
            in_force_from: options.from,
            lookback_days: options.lookback_days,
            new_goods: match options.new_goods {
                calendar::NewGoods::SinceLaunch => NewGoods::SinceLaunch,
                calendar::NewGoods::LastDays(days) => NewGoods::LastDays(days),
                calendar::NewGoods::Exempt => NewGoods::Exempt,
                calendar::NewGoods::Disclose => NewGoods::Disclose,
                calendar::NewGoods::FuturePriceOnly => NewGoods::FuturePrice,
                calendar::NewGoods::NoRule | calendar::NewGoods::Unknown => NewGoods::NoRule,
            },
            progressive: options.progressive.allowed.then_some(Progressive {
                same_campaign: options.progressive.same_campaign,
                longest: options.progressive.max,
            }),
            open_members: match options.open_members {
                GroupRule::Exempt => Reach::Outside,
                GroupRule::Required | GroupRule::ArguablyExempt | GroupRule::ArguablyRequired => Reach::Public,
            },
            closed_group: match options.closed_group {
                GroupRule::Required => Reach::Public,
                GroupRule::Exempt => Reach::Outside,
                GroupRule::ArguablyExempt | GroupRule::ArguablyRequired => Reach::Apart,
            },
            anchored_at_sale: options.anchored_on_sale_start,
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
    use crate::calendar::Calendar;

    fn rules(market: &str) -> PriorPriceRules {
        let market = market.parse().unwrap();
        PriorPriceRules::from(&Calendar::built_in().country(&market).unwrap().prior_price)
    }

    /// `new goods, progressive, members, closed group`.
    #[track_caller]
    fn check(market: &str, expected: &str) {
        let PriorPriceRules::Lowest(rule) = rules(market) else { panic!("{market} has no such rule") };
        assert_eq!(rule.lookback_days, 30, "{market}");
        let progressive = match rule.progressive {
            None => "no steps".to_owned(),
            Some(Progressive { same_campaign, longest }) => {
                let steps = if same_campaign { "steps of a campaign" } else { "steps" };
                longest.map_or_else(|| steps.to_owned(), |longest| format!("{steps} for {longest}"))
            }
        };
        let said = format!("{:?}, {progressive}, {:?}, {:?}", rule.new_goods, rule.open_members, rule.closed_group);
        assert_eq!(said, expected, "{market}");
    }

    #[test]
    fn each_country_has_its_options() {
        check("FR", "NoRule, steps of a campaign, Public, Outside");
        check("FR-57", "NoRule, steps of a campaign, Public, Outside");
        check("BE", "LastDays(7), steps of a campaign, Public, Apart");
        check("LU", "SinceLaunch, steps, Public, Apart");
        check("IT-62", "Disclose, steps of a campaign, Public, Outside");
        check("ES", "Exempt, no steps, Public, Apart");
        check("PT", "FuturePrice, steps of a campaign, Public, Apart");
        check("DE", "NoRule, steps, Public, Apart");
        check("NL", "Exempt, steps for 3 months, Public, Apart");
        check("FI", "NoRule, steps of a campaign for 60 days, Public, Apart");
        check("IE", "NoRule, steps of a campaign, Public, Apart");
        assert!(matches!(rules("GR"), PriorPriceRules::Lowest(LowestPrice { anchored_at_sale: true, .. })));
        assert!(matches!(rules("CH"), PriorPriceRules::Directly(DirectlyBefore { long_days: 30, .. })));
        assert_eq!(rules("UK"), PriorPriceRules::NoRule);
    }
}
