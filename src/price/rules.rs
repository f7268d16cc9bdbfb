//! What a country asks of an announced price reduction: art. 6a of directive 98/6/EC with each state's options, the
//! Swiss rule, or nothing. The values come from the calendar's data.

use jiff::civil::Date;

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
    pub longest: Option<Longest>,
}

/// A length of time in the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Longest {
    /// Calendar months.
    Months(i32),
    /// Days.
    Days(i32),
}

impl Longest {
    /// The length as a span of the calendar.
    pub fn span(self) -> jiff::Span {
        match self {
            Self::Months(months) => jiff::Span::new().try_months(months),
            Self::Days(days) => jiff::Span::new().try_days(days),
        }
        .unwrap_or_default()
    }
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
    pub half_time_at_most: Longest,
}

impl PriorPriceRules {
    /// The rule where a country's options are not known: the directive alone, which is the strictest reading.
    pub fn directive() -> Self {
        Self::Lowest(LowestPrice::default())
    }
}
