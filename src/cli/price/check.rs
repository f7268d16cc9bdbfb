//! `carillon price check`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::Serialize;

use super::super::Context;
use super::super::exit::{Exit, Failure};
use crate::calendar::{Calendar, Channel, Market};
use crate::db::{Store, prices};
use crate::document::Document;
use crate::finding::{Finding, Severity};
use crate::price::{
    Assessment, Audience, Evidence, Money, Offer, OfferList, Reason, Sale, Terms, UnknownMarket, Verdict, check_offers,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The offers: a CSV file with the columns sku and price, and if you like `purchase_cost`,
    /// `on_sale_since` and `paid_on`
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// Where the customers are
    #[arg(long, default_value = "FR")]
    market: Market,
    /// How it is sold: online or store
    #[arg(long, default_value = "online")]
    channel: Channel,
    /// Who can buy: public, open-members, closed-group or personal
    #[arg(long, default_value = "public")]
    audience: Audience,
    /// When the prices begin to apply, in the market's own time; now, if you do not say
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
    /// When the prices end, in the market's own time
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// The campaign that announces the offers: a later step of the same campaign keeps its first prior price
    #[arg(long, value_name = "SLUG")]
    campaign: Option<String>,
    /// Write the verdicts as JSON
    #[arg(long)]
    json: bool,
}

/// One row of `price check --json`. Other programs rely on these keys.
#[derive(Serialize)]
struct Row<'a> {
    sku: &'a str,
    channel: Channel,
    market: Market,
    price: Money,
    prior_price: Option<Money>,
    percent: Option<u8>,
    verdict: Verdict,
    reason: &'a Reason,
    evidence: &'a Evidence,
}

impl<'a> Row<'a> {
    fn of(sale: &Sale, offer: &'a Offer, assessment: &'a Assessment) -> Self {
        Self {
            sku: &offer.sku,
            channel: sale.channel,
            market: sale.market,
            price: offer.price,
            prior_price: assessment.prior,
            percent: assessment.percent,
            verdict: assessment.verdict,
            reason: &assessment.reason,
            evidence: &assessment.evidence,
        }
    }
}

pub(super) fn run(args: &Args, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let calendar = super::super::calendar::load(context)?;
    let terms = terms(args, context, &calendar)?;
    let list = OfferList::read(&document(&args.file)?, terms.currency());
    if !list.unused.is_empty() {
        context.note(format!("these columns are not used: {}", list.unused.join(", ")))?;
    }
    let assessments = assess(&store, &terms, &list)?;
    if args.json {
        let rows: Vec<Row<'_>> =
            list.offers.iter().zip(&assessments).map(|(offer, found)| Row::of(&terms.sale, offer, found)).collect();
        context.json(&rows)?;
    } else {
        table(context, &list, &assessments)?;
    }
    let findings = check_offers(&list, &assessments, &terms);
    tell(context, &findings)?;
    let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if refused { Exit::Refused } else { Exit::Done })
}

/// The assessments of a list, in its order.
fn assess(store: &Store, terms: &Terms, list: &OfferList) -> anyhow::Result<Vec<Assessment>> {
    let mut assessments = Vec::with_capacity(list.offers.len());
    store.read_blocking(|db| {
        prices::assess(db, terms, &list.offers, |_, assessment| {
            assessments.push(assessment);
            Ok::<(), crate::db::StoreError>(())
        })
    })?;
    Ok(assessments)
}

fn terms(args: &Args, context: &Context, calendar: &Calendar) -> anyhow::Result<Terms> {
    let unknown = || Failure::usage(UnknownMarket(args.market).to_string());
    let zone = calendar.zone(&args.market).ok_or_else(unknown)?;
    let sale = Sale {
        market: args.market,
        channel: args.channel,
        audience: args.audience,
        campaign: args.campaign.clone(),
        starts_at: match &args.at {
            Some(text) => instant("--at", text, &zone)?,
            None => context.clock.now(),
        },
        ends_at: args.until.as_deref().map(|text| instant("--until", text, &zone)).transpose()?,
    };
    Terms::of(calendar, sale).map_err(|_| unknown())
}

/// A civil time in the market's zone, or an instant with an offset.
fn instant(option: &str, text: &str, zone: &TimeZone) -> anyhow::Result<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let civil: Option<DateTime> = text.parse().ok().or_else(|| text.parse::<Date>().ok().map(DateTime::from));
    civil.and_then(|civil| zone.to_ambiguous_timestamp(civil).unambiguous().ok()).ok_or_else(|| {
        Failure::usage(format!(
            "`{option} {text}` is no time that the clocks show once; write `2027-01-02T08:00`, or add the offset as in \
             `2027-01-02T08:00+01:00`"
        ))
    })
}

fn document(file: &Path) -> anyhow::Result<Document> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).with_context(|| format!("cannot read `{name}`"))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::refused(format!("`{name}` is not UTF-8; save it as UTF-8 and run the command again")))?;
    Ok(Document::new(name, text))
}

fn table(context: &mut Context, list: &OfferList, assessments: &[Assessment]) -> anyhow::Result<()> {
    let rows = list
        .offers
        .iter()
        .zip(assessments)
        .map(|(offer, found)| {
            [
                offer.sku.clone(),
                offer.price.amount(),
                found.prior.map_or_else(|| "-".to_owned(), |prior| prior.amount()),
                found.percent.map_or_else(|| "-".to_owned(), |percent| format!("{percent} %")),
                found.verdict.to_string(),
                found.reason.to_string(),
            ]
        })
        .collect();
    Ok(context.table(["SKU", "PRICE", "PRIOR", "OFF", "VERDICT", "REASON"], rows)?)
}

/// Writes the findings beside the data, the verdicts left out: the table has them.
fn tell(context: &mut Context, findings: &[Finding]) -> anyhow::Result<()> {
    let in_table = ["price.no-reduction", "price.no-prior-price", "price.review"];
    for finding in findings.iter().filter(|finding| !in_table.contains(&finding.rule)) {
        context.note(format!("{}: {}: {}", finding.place, finding.severity, finding.message))?;
        if let Some(law) = &finding.law {
            context.note(format!("  law: {law}"))?;
        }
        context.note(format!("  do:  {}", finding.remedy))?;
    }
    Ok(())
}
