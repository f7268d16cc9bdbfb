//! The terms under which offers are judged: where, how, to whom and when, and what the law of that place asks.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::money::{Currency, Money};
use super::prior::days_before;
use super::reduction::Reduction;
use crate::calendar::{Calendar, Channel, ItemConditions, Market, Period, PeriodKind, PriorPrice, UnknownMarket};
use crate::campaign::{AudienceClass, DeclaredSale, Naming, Schedule};

/// What is known of a sale beside its offers.
#[derive(Clone, Debug)]
pub struct PricedSale {
    /// Where the consumers are.
    pub market: Market,
    /// How it sells.
    pub channel: Channel,
    /// Who can buy.
    pub audience: AudienceClass,
    /// The campaign's slug.
    pub campaign: Option<String>,
    /// Campaigns that are one and the same reduction with it, as the seller says.
    pub continues: Vec<String>,
    /// When its prices begin to apply.
    pub starts_at: Timestamp,
    /// When they end, if that is known.
    pub ends_at: Option<Timestamp>,
    /// What the operation calls itself.
    pub naming: Naming,
    /// Whether it is a liquidation that was declared.
    pub liquidation: bool,
}

impl PricedSale {
    /// What a campaign is in one of its markets, where it is called as `naming` says.
    pub fn of(schedule: &Schedule, market: Market, naming: Naming) -> Self {
        Self {
            market,
            channel: schedule.channel,
            audience: schedule.audience,
            campaign: Some(schedule.slug.to_string()),
            continues: schedule.continues.iter().map(ToString::to_string).collect(),
            starts_at: schedule.opens_at,
            ends_at: Some(schedule.closes_at),
            naming,
            liquidation: schedule.declaration.as_ref().is_some_and(|it| it.kind == DeclaredSale::Liquidation),
        }
    }
}

/// A sale and the law that it falls under.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The sale.
    pub sale: PricedSale,
    /// The zone in which days are counted.
    pub zone: TimeZone,
    /// The prior-price rule.
    pub rules: PriorPrice,
    /// The text of law behind it.
    pub law: Option<String>,
    /// The sales period in which the sale starts, if it starts in one.
    pub period: Option<Period>,
    /// The conditions on goods in that period.
    pub conditions: Option<ItemConditions>,
}

impl Terms {
    /// The law of `sale`, as `calendar` knows it.
    ///
    /// # Errors
    /// The calendar knows nothing about the market.
    pub fn of(calendar: &Calendar, sale: PricedSale) -> Result<Self, UnknownMarket> {
        calendar.must_know(&sale.market)?;
        let unknown = || UnknownMarket { market: sale.market, parts: Vec::new() };
        let zone = calendar.zone(&sale.market).ok_or_else(unknown)?;
        let country = calendar.country(&sale.market).ok_or_else(unknown)?;
        let day = sale.starts_at.to_zoned_datetime(zone.clone()).date();
        let period = calendar.periods(&sale.market, sale.channel, day, day).into_iter().find(|period| {
            period.kind == PeriodKind::Sale
                && (period.starts_at.timestamp()..period.ends_at.timestamp()).contains(&sale.starts_at)
        });
        Ok(Self {
            zone,
            rules: country.prior_price.clone(),
            law: match &country.prior_price {
                PriorPrice::LowestBefore(rule) => rule.text.clone(),
                PriorPrice::SelfComparison(rule) => rule.text.clone(),
                PriorPrice::None { .. } | PriorPrice::Unknown { .. } => None,
            },
            conditions: country.item_conditions.clone().filter(|_| period.is_some() && sale.naming != Naming::Other),
            period,
            sale,
        })
    }

    /// The reduction that an offer at `price` is.
    pub fn reduction(&self, price: Money) -> Reduction<'_> {
        Reduction {
            price,
            starts_at: self.sale.starts_at,
            ends_at: self.sale.ends_at,
            campaign: self.sale.campaign.as_deref(),
            continues: &self.sale.continues,
            audience: self.sale.audience,
            announced: true,
            sale_began_at: self.period.as_ref().map(|period| period.starts_at.timestamp()),
        }
    }

    /// The currency in which the offers are written where they name none.
    pub fn currency(&self) -> Currency {
        Currency::used_in(self.sale.market.country())
    }

    /// From when on price history is needed in most cases; none when all of it is.
    pub fn looks_back_to(&self) -> Option<Timestamp> {
        match &self.rules {
            PriorPrice::None { .. } | PriorPrice::Unknown { .. } => Some(self.sale.starts_at),
            PriorPrice::LowestBefore(rule) => {
                let began = self.period.as_ref().filter(|_| rule.anchored_on_sale_start);
                let anchor = began.map_or(self.sale.starts_at, |period| period.starts_at.timestamp());
                Some(days_before(anchor, rule.lookback_days, &self.zone))
            }
            PriorPrice::SelfComparison(_) => None,
        }
    }

    /// The first day of the sales period in which the sale starts.
    pub(super) fn first_day(&self) -> Option<Date> {
        self.period.as_ref().map(|period| period.first_day)
    }

    /// Whether the whole sale is one that the law regulates: it lies inside a period of theirs, and bears no other name.
    pub(super) fn is_regulated_sale(&self) -> bool {
        let period = self.period.as_ref().filter(|_| self.sale.naming != Naming::Other);
        period.is_some_and(|period| self.sale.ends_at.is_none_or(|ends| ends <= period.ends_at.timestamp()))
    }
}
