//! What a country's law says beside its dates: the names of the sales, what a blackout bans, conditions on the goods, the
//! prior price, notices. Facts with sources; judging a campaign by them is not done here, and `facts` says them in words.
//! Which words are reserved for the sales is in `config/wording`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use super::confidence::Confidence;
use super::market::Market;
use super::rule::MonthDay;
use super::toml_value;

/// A country, as one calendar file describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Country {
    /// Its code.
    pub code: Market,
    /// Its name in English.
    pub name: String,
    /// When the facts were last compared with their sources.
    #[serde(deserialize_with = "toml_value::day")]
    pub as_of: Date,
    /// The zone in which its days are counted, unless a part of it says otherwise.
    pub zone: String,
    /// When a sale opens on its first day; midnight unless the law names an hour.
    #[serde(default, deserialize_with = "toml_value::time")]
    pub(super) hour: Time,
    /// Public holidays that matter to its rules.
    #[serde(default)]
    pub(super) holidays: Vec<MonthDay>,
    /// Whether the law sets dates at all.
    pub regulation: Regulation,
    /// What the sales are called, by language.
    #[serde(default)]
    pub names: BTreeMap<String, Vec<String>>,
    /// Whether the rules reach distance selling.
    pub online: Online,
    /// What blackouts ban. A [`super::Period`] of the kind blackout points at one.
    #[serde(default, deserialize_with = "toml_value::shared")]
    pub mechanics: Vec<Arc<Mechanics>>,
    /// Conditions on goods sold in the sales.
    pub item_conditions: Option<ItemConditions>,
    /// The prior price that an announced reduction must show.
    pub prior_price: PriorPrice,
    /// What an advertisement of the sales must state.
    pub advertisement: Option<Advertisement>,
    /// Who must be told before a sale.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// Days that a trader may choose freely within a limit.
    #[serde(default)]
    pub allowances: Vec<Allowance>,
    /// What else a person should know.
    #[serde(default)]
    pub remarks: Vec<Remark>,
}

impl Country {
    /// What the blackouts under the name `id` ban.
    pub fn mechanics(&self, id: &str) -> Option<&Arc<Mechanics>> {
        self.mechanics.iter().find(|mechanics| mechanics.id == id)
    }
}

/// Whether the law sets sales dates. Free is a fact with a source; not knowing is having no file, or a file that says so.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Regulation {
    /// Which kind of regime it is.
    pub state: RegulationState,
    /// Since when, where known.
    #[serde(default, deserialize_with = "toml_value::optional_day", skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// The fact in one sentence.
    pub says: String,
    /// The text of law.
    pub text: Option<String>,
    /// Where it can be read.
    pub source: Option<String>,
    /// How well it is attested.
    pub confidence: Confidence,
    /// What is uncertain about it.
    pub note: Option<String>,
    /// Where new dates are published.
    pub look: Option<String>,
    /// The first day that the calendar speaks of. What was before is unknown to it, not free.
    #[serde(default, deserialize_with = "toml_value::optional_day", skip_serializing_if = "Option::is_none")]
    pub known_since: Option<Date>,
    /// Where the dates before that day can be found.
    pub look_before: Option<String>,
}

/// The kinds of regime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegulationState {
    /// The law sets dates, by rule or by order.
    Dates,
    /// A yearly text sets dates that no rule predicts.
    Published,
    /// Traders choose within limits: see the allowances.
    WithinLimits,
    /// No law sets dates.
    Unregulated,
    /// Whether a law sets dates is not known: the file says why, and `look` whom to ask.
    Unknown,
}

/// Whether the rules reach distance selling.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Online {
    /// Whether they do.
    pub applies: Applies,
    /// Since when online sales follow the national dates wherever the seller and the buyer are.
    #[serde(default, deserialize_with = "toml_value::optional_day", skip_serializing_if = "Option::is_none")]
    pub follows_national_since: Option<Date>,
    /// The text of law.
    pub text: Option<String>,
    /// Where it can be read.
    pub source: Option<String>,
    /// What is uncertain about it.
    pub note: Option<String>,
}

/// An answer that the law may leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applies {
    /// It applies.
    Yes,
    /// It does not.
    No,
    /// Authorities or courts disagree: warn, do not stop.
    Disputed,
    /// No source was found.
    Unclear,
}

/// What a blackout bans.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mechanics {
    /// Its name in the file.
    pub id: String,
    /// What is banned.
    pub kind: Ban,
    /// Whether only reductions that take effect in the period are meant, whenever they are announced.
    #[serde(default)]
    pub effective_in_period: bool,
    /// The trades concerned; empty means all.
    #[serde(default)]
    pub sectors: Vec<String>,
    /// The goods concerned, where the ban goes by goods.
    pub goods: Option<String>,
    /// The audience concerned; `all` includes members with a card.
    pub audience: String,
    /// What is allowed all the same.
    #[serde(default)]
    pub exceptions: Vec<String>,
    /// What is banned too.
    #[serde(default)]
    pub also_banned: Vec<String>,
    /// Whether inviting one's own customers to better conditions is expressly banned.
    #[serde(default)]
    pub invitations_banned: bool,
    /// Whether a pre-sale for members only falls under the ban.
    pub members_presale: Applies,
    /// Days of a street fair that are allowed in each period.
    pub local_fair_max_days: Option<u8>,
    /// Whether the ban reaches distance selling.
    pub online: Applies,
    /// The text of law.
    pub text: Option<String>,
    /// Where it can be read.
    pub source: Option<String>,
    /// What is uncertain or disputed about it.
    pub note: Option<String>,
}

/// The kinds of ban.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ban {
    /// Announcing reductions is banned; lowering a price in silence is not.
    Announcement,
    /// Promotional sales are banned.
    PromotionalSale,
}

/// Conditions on goods sold in the sales. Days count back from the first day of the sale.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is one condition of its own in some country's law")]
pub struct ItemConditions {
    /// Offered for sale at least so long before the sale.
    pub offered_before: Option<Age>,
    /// Paid for at least so long before the sale.
    pub paid_before: Option<Age>,
    /// Received at least so long before the sale.
    pub received_before: Option<Age>,
    /// Still in the trader's hands when the sale starts.
    #[serde(default)]
    pub in_stock_at_start: bool,
    /// No restocking during the sale.
    #[serde(default)]
    pub no_restocking: bool,
    /// Not bought for the purpose of the sale.
    #[serde(default)]
    pub not_bought_for_sale: bool,
    /// Part of the usual range before.
    #[serde(default)]
    pub in_usual_range: bool,
    /// Sold in the premises where they are usually sold.
    #[serde(default)]
    pub in_usual_premises: bool,
    /// The goods concerned; none means all.
    pub goods: Option<String>,
    /// The text of law.
    pub text: Option<String>,
    /// Where it can be read.
    pub source: Option<String>,
    /// What is uncertain about it.
    pub note: Option<String>,
}

/// A length of time as a law counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Age {
    /// Calendar days.
    Days(u16),
    /// Calendar months.
    Months(u8),
}

impl Age {
    /// The latest day that is old enough on `day`.
    pub fn before(self, day: Date) -> Option<Date> {
        use jiff::ToSpan;
        match self {
            Self::Days(days) => day.checked_sub(i64::from(days).days()).ok(),
            Self::Months(months) => day.checked_sub(i64::from(months).months()).ok(),
        }
    }

    /// The first day on which something of `day` is that old.
    pub fn after(self, day: Date) -> Option<Date> {
        use jiff::ToSpan;
        match self {
            Self::Days(days) => day.checked_add(i64::from(days).days()).ok(),
            Self::Months(months) => day.checked_add(i64::from(months).months()).ok(),
        }
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(1) => f.write_str("one day"),
            Self::Days(days) => write!(f, "{days} days"),
            Self::Months(1) => f.write_str("one month"),
            Self::Months(months) => write!(f, "{months} months"),
        }
    }
}

/// How the prior price of an announced reduction is found (Directive 98/6/EC art. 6a and its options).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PriorPrice {
    /// The lowest price of the days before the reduction.
    LowestBefore(LowestBefore),
    /// Switzerland, PBV art. 16: a self-comparison with a price that was really asked.
    SelfComparison(SelfComparison),
    /// No such duty.
    None {
        /// What applies instead.
        says: String,
        /// Where it can be read.
        source: Option<String>,
        /// How well it is attested.
        confidence: Confidence,
    },
    /// What holds is not known: a person decides.
    Unknown {
        /// Why not.
        says: String,
        /// Whom to ask.
        ask: String,
    },
}

/// The options of art. 6a as a country took them.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LowestBefore {
    /// How many days are looked at.
    pub lookback_days: u16,
    /// From when reductions fall under it.
    #[serde(default, deserialize_with = "toml_value::optional_day", skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// What applies to goods that were offered for less than the lookback.
    pub new_goods: NewGoods,
    /// Whether a reduction that is increased step by step keeps its first prior price.
    pub progressive: Progressive,
    /// Whether each channel has a prior price of its own.
    #[serde(default = "yes")]
    pub per_channel: bool,
    /// Whether a price for a closed group needs a prior price.
    pub closed_group: GroupRule,
    /// Whether a price for members whom anyone may join needs a prior price.
    pub open_members: GroupRule,
    /// Whether a launch price followed by an announced increase is outside.
    #[serde(default)]
    pub launch_price_exempt: bool,
    /// Whether the lookback during the sales ends on the first day of the sale.
    #[serde(default)]
    pub anchored_on_sale_start: bool,
    /// The text of law.
    pub text: Option<String>,
    /// Where it can be read.
    pub source: Option<String>,
    /// How well it is attested.
    pub confidence: Confidence,
    /// What is uncertain about it.
    pub note: Option<String>,
}

fn yes() -> bool {
    true
}

/// What applies to goods that were offered for less than the lookback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NewGoods {
    /// The lowest price since they were first offered.
    SinceLaunch,
    /// The lowest price of the last so many days.
    LastDays(u16),
    /// No prior price is due.
    Exempt,
    /// The lowest price since launch, and the announcement states since when.
    Disclose,
    /// Never sold before: only a promotion against the future price is possible.
    FuturePriceOnly,
    /// The country took no special rule: an announcement may be unlawful, a person decides.
    NoRule,
    /// Not established: a person decides.
    Unknown,
}

/// Whether a reduction that is increased step by step keeps its first prior price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Progressive {
    /// Whether it does; where not established, the cautious answer, with `established = false`.
    pub allowed: bool,
    /// Whether the steps must belong to one campaign.
    #[serde(default)]
    pub same_campaign: bool,
    /// For how long after the first step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Age>,
    /// Whether a source was found.
    #[serde(default = "yes")]
    pub established: bool,
}

/// Whether a price for part of the public needs a prior price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupRule {
    /// It needs one, and it enters the public price history.
    Required,
    /// It is outside.
    Exempt,
    /// Sources lean towards outside, none settles it.
    ArguablyExempt,
    /// Sources lean towards inside, none settles it.
    ArguablyRequired,
}

/// Swiss self-comparison, PBV art. 16.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SelfComparison {
    /// A price asked for so many days on end may be compared with for good.
    pub min_days_high_price: u16,
    /// Otherwise the comparison may be used for half the time the price was asked, and no longer than this.
    pub or_half_time_max: Age,
    /// From when.
    #[serde(deserialize_with = "toml_value::day")]
    pub from: Date,
    /// The text of law.
    pub text: Option<String>,
    /// Where it can be read.
    pub source: Option<String>,
    /// How well it is attested.
    pub confidence: Confidence,
}

/// What an advertisement of the sales must state.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Advertisement {
    /// The day on which they start.
    #[serde(default)]
    pub start: bool,
    /// Which goods, when not all of the shop's are in them.
    #[serde(default)]
    pub goods: bool,
    /// The text of law.
    pub text: Option<String>,
    /// Where it can be read.
    pub source: Option<String>,
}

/// Who must be told before a sale.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Which sales are meant.
    pub applies_to: String,
    /// Who must be told.
    pub authority: String,
    /// How long before.
    pub before: NoticeTime,
    /// The text of law.
    pub text: Option<String>,
    /// Where it can be read.
    pub source: Option<String>,
}

/// How long before a sale a notice is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeTime {
    /// Calendar days.
    Days(u16),
    /// Working days.
    WorkingDays(u16),
    /// Calendar months.
    Months(u8),
}

/// Days that a trader may choose within a limit: floating soldes, Portuguese saldos, Romanian windows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Its name in the file.
    pub id: String,
    /// The name that people know.
    pub label: String,
    /// The parts of the country that it concerns; empty means all.
    #[serde(default)]
    pub markets: Vec<Market>,
    /// From when it is in force.
    #[serde(default, deserialize_with = "toml_value::optional_day", skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Its last day in force.
    #[serde(default, deserialize_with = "toml_value::optional_day", skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// All days of a trader in one calendar year, at most.
    pub max_days_per_year: Option<u16>,
    /// How many periods in one calendar year, at most.
    pub max_periods_per_year: Option<u8>,
    /// Days of one period, at most.
    pub max_days_each: Option<u16>,
    /// It must have ended so long before a fixed period starts.
    pub ends_before_fixed: Option<Age>,
    /// The fact in one sentence.
    pub says: String,
    /// The text of law.
    pub text: Option<String>,
    /// Where it can be read.
    pub source: Option<String>,
    /// How well it is attested.
    pub confidence: Confidence,
    /// What is uncertain about it.
    pub note: Option<String>,
}

impl Allowance {
    /// Whether it is law on `day` in `market`.
    pub fn holds(&self, market: Market, day: Date) -> bool {
        let in_force = self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to);
        in_force && (self.markets.is_empty() || self.markets.contains(&market))
    }
}

/// A fact that no rule of this program uses and a person should know.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// The fact.
    pub says: String,
    /// Where it can be read.
    pub source: Option<String>,
    /// How well it is attested.
    pub confidence: Confidence,
}
