//! The answer on one reduction: may it be announced, against which prior price, and how is that proved.

use std::fmt;

use jiff::civil::Date;
use jiff::{Timestamp, ZonedDateTime};
use serde::{Serialize, Serializer};

use super::history::{PriceCorrection, PriceRow};
use super::money::{Currency, Money};
use crate::campaign::AudienceClass;
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};

/// Whether a reduction may be announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PriceVerdict {
    /// Yes, with this prior price and percentage.
    Ok,
    /// No: there is no reduction, or no prior price is known.
    Forbidden,
    /// No prior price is needed.
    NotRequired,
    /// The law or the data leaves it open: a person decides.
    Review,
}

impl fmt::Display for PriceVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Forbidden => "forbidden",
            Self::NotRequired => "not-required",
            Self::Review => "review",
        })
    }
}

/// Why the verdict is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerdictReason {
    /// The price lies below the prior price.
    Reduced,
    /// The price does not lie below the prior price.
    NoReduction,
    /// The article was not offered at any price in the window.
    NoPriceInWindow,
    /// Nothing at all is known about the article in this channel and market.
    NoHistory,
    /// Nobody is told of a reduction.
    NotAnnounced,
    /// A personal reduction.
    Personal,
    /// A reduction for a closed group, in a country that leaves it out.
    ClosedGroup,
    /// A reduction for members, in a country that leaves it out.
    OpenMembers,
    /// The country has no such rule.
    NoRule,
    /// What the country asks is not known.
    LawUnknown,
    /// The rule was not in force yet.
    NotInForce(Date),
    /// The article is new, and new articles are left out.
    NewGoodsExempt,
    /// The article is new, and the period that the prior price covers must be stated.
    NewGoodsSince(Date),
    /// The article is new, and the law says nothing about that.
    NewGoodsNoRule(Date),
    /// The article is new, and may only be compared with the price after the promotion.
    NewGoodsFuturePrice(Date),
    /// The price continues or deepens that of another campaign, and whether both are one reduction is not said.
    OtherCampaign(String),
    /// Prices in another currency lie in the window.
    OtherCurrency(Currency),
    /// The Swiss rule: the comparison may be shown up to this day, exclusive.
    ComparableUntil(Date),
    /// The Swiss rule: the sale lasts longer than the comparison may be shown.
    ComparedTooLong(Date),
}

impl Spoken for VerdictReason {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Reduced => phrase!("verdict-reduced"),
            Self::NoReduction => phrase!("verdict-no-reduction"),
            Self::NoPriceInWindow => phrase!("verdict-no-price-in-window"),
            Self::NoHistory => phrase!("verdict-no-history"),
            Self::NotAnnounced => phrase!("verdict-not-announced"),
            Self::Personal => phrase!("verdict-personal"),
            Self::ClosedGroup => phrase!("verdict-closed-group"),
            Self::OpenMembers => phrase!("verdict-open-members"),
            Self::NoRule => phrase!("verdict-no-rule"),
            Self::LawUnknown => phrase!("verdict-law-unknown"),
            Self::NotInForce(from) => phrase!("verdict-not-in-force", from = *from),
            Self::NewGoodsExempt => phrase!("verdict-new-goods-exempt"),
            Self::NewGoodsSince(since) => phrase!("verdict-new-goods-since", since = *since),
            Self::NewGoodsNoRule(since) => phrase!("verdict-new-goods-no-rule", since = *since),
            Self::NewGoodsFuturePrice(since) => phrase!("verdict-new-goods-future-price", since = *since),
            Self::OtherCampaign(campaign) => phrase!("verdict-other-campaign", campaign = campaign.as_str()),
            Self::OtherCurrency(currency) => phrase!("verdict-other-currency", currency = Fact::text(currency)),
            Self::ComparableUntil(day) => phrase!("verdict-comparable-until", day = *day),
            Self::ComparedTooLong(day) => phrase!("verdict-compared-too-long", day = *day),
        }
    }
}

impl fmt::Display for VerdictReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(f)
    }
}

impl Serialize for VerdictReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What proves a prior price. Half-open: `window_to` is the instant at which the reduction begins to apply.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct PriceEvidence {
    /// When the window opens.
    #[serde(serialize_with = "instant_with_offset")]
    pub window_from: Option<ZonedDateTime>,
    /// When it closes, exclusive.
    #[serde(serialize_with = "instant_with_offset")]
    pub window_to: Option<ZonedDateTime>,
    /// The row whose price is the prior price.
    pub minimum: Option<MinimumRow>,
    /// When the first step of the reduction began, if this is a later step of it or its continuation.
    #[serde(serialize_with = "instant_with_offset")]
    pub chain_start: Option<ZonedDateTime>,
}

/// The row that set the minimum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MinimumRow {
    /// Since when it applied.
    #[serde(serialize_with = "one_instant_with_offset")]
    pub from: ZonedDateTime,
    /// The price.
    pub price: Money,
    /// The currency of the price.
    #[serde(serialize_with = "display")]
    pub currency: Currency,
    /// The campaign that announced it, when one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Who could buy at it.
    pub audience: AudienceClass,
    /// The file it was imported from.
    pub file: String,
    /// The line in that file.
    pub line: u64,
    /// What the file says about the row's own source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What a person has corrected about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<PriceCorrection>,
}

impl MinimumRow {
    pub(super) fn of(row: &PriceRow, price: Money, zone: &jiff::tz::TimeZone) -> Self {
        Self {
            from: row.from.to_zoned_datetime(zone.clone()),
            price,
            currency: price.currency,
            campaign: row.campaign.as_deref().map(str::to_owned),
            audience: row.audience,
            file: row.source.file.to_string(),
            line: row.source.line,
            note: row.source.note.clone(),
            corrected: row.source.corrected.clone(),
        }
    }
}

/// The answer on one reduction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Assessment {
    /// Whether it may be announced.
    pub verdict: PriceVerdict,
    /// Why.
    pub reason: VerdictReason,
    /// The price to show as the prior one; also given with a refusal that it explains.
    pub prior: Option<Money>,
    /// The percentage to show, from the prior price and from nothing else (CJEU C-330/23).
    pub percent: Option<u8>,
    /// What proves it.
    pub evidence: PriceEvidence,
}

impl Assessment {
    pub(super) fn without_prior(verdict: PriceVerdict, reason: VerdictReason) -> Self {
        Self { verdict, reason, prior: None, percent: None, evidence: PriceEvidence::default() }
    }
}

/// The history at hand does not reach back far enough: fetch what applied from `needed_since` on, and ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the price history must reach back to {needed_since}")]
pub struct Incomplete {
    /// How far back.
    pub needed_since: Timestamp,
}

fn rfc3339(at: &ZonedDateTime) -> impl fmt::Display {
    at.strftime("%Y-%m-%dT%H:%M:%S%:z")
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn instant_with_offset<S: Serializer>(at: &Option<ZonedDateTime>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(&rfc3339(at)),
        None => serializer.serialize_none(),
    }
}

fn one_instant_with_offset<S: Serializer>(at: &ZonedDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&rfc3339(at))
}

fn display<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
