//! `carillon price check`.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::Serialize;

use super::super::Context;
use super::super::exit::{Exit, Failure};
use super::super::{table_file, terms};
use crate::calendar::{Calendar, Channel, Market};
use crate::campaign::{AudienceClass, Naming, UnknownWord};
use crate::compliance::{PastReduction, naming};
use crate::db::{Store, StoreResult, campaigns, prices};
use crate::finding::{Finding, Severity, has_error};
use crate::phrase;
use crate::phrase::{Fact, Spoken as _};
use crate::price::{
    Assessment, Money, OfferList, PriceEvidence, PriceVerdict, PricedOffer, PricedSale, Terms, VerdictReason,
    check_offers,
};
use crate::text::{Slug, WrittenMoment};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The offers: a CSV file or a workbook with the columns sku and price, and if you like `purchase_cost`, `on_sale_since` and
    /// `paid_on`. Without a file, the offers of the campaign that `--campaign` names are checked
    #[arg(value_name = "FILE", required_unless_present = "campaign")]
    file: Option<PathBuf>,
    /// Where the customers are: `FR` if you do not say, and all markets of a campaign
    #[arg(long)]
    market: Option<Market>,
    /// How it is sold: `online` (if you do not say) or `store`
    #[arg(long)]
    channel: Option<Channel>,
    /// Who can buy: `public` (if you do not say), `open-members`, `closed-group` or `personal`
    #[arg(long, value_parser = any_case)]
    audience: Option<AudienceClass>,
    /// When the prices begin to apply, in the market's own time; now, if you do not say
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
    /// When the prices end, in the market's own time
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// The campaign that announces the offers: a later step of the same campaign keeps its first prior price. Without a
    /// file, a campaign that has been applied
    #[arg(long, value_name = "SLUG")]
    campaign: Option<Slug>,
    /// A campaign that is one and the same reduction with this one, as you say and can prove; may be given several times.
    /// It counts where the law does not ask for one campaign
    #[arg(long, value_name = "SLUG")]
    continues: Vec<Slug>,
    /// Answer as at that moment, of a day at its midnight: corrections that were made later are left out
    #[arg(long, value_name = "WHEN")]
    known_on: Option<String>,
    /// The sheet of a workbook, by its name or its number; the only one with something in it when left out
    #[arg(long, value_name = "SHEET", requires = "file")]
    sheet: Option<String>,
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
    verdict: PriceVerdict,
    reason: &'a VerdictReason,
    evidence: &'a PriceEvidence,
}

impl<'a> Row<'a> {
    fn of(sale: &PricedSale, offer: &'a PricedOffer, assessment: &'a Assessment) -> Self {
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

/// An offers file and the sale that it belongs to, judged.
struct JudgedOffer {
    terms: Terms,
    list: OfferList,
    assessments: Vec<Assessment>,
}

pub(super) fn run(args: &Args, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let calendar = super::super::calendar::load(context)?;
    let mut judged = Vec::new();
    for (offers, terms) in questions(args, context, &store, &calendar)? {
        let table_file::TableText { document, encoding } = table_file::read(&offers.file, offers.sheet.as_deref())?;
        let list = OfferList::read_in(encoding, &document, terms.currency());
        if !list.unused.is_empty() {
            let (file, columns) = (list.file.as_str(), Fact::texts(&list.unused));
            context.remark(&phrase!("columns-unused-of", file = file, columns = columns))?;
        }
        let known_at = args.known_on.as_deref().map(|text| instant("--known-on", text, &terms.zone)).transpose()?;
        let assessments = assess(&store, &terms, &list, known_at)?;
        judged.push(JudgedOffer { terms, list, assessments });
    }
    if args.json {
        context.json(&judged.iter().flat_map(rows).collect::<Vec<_>>())?;
    } else {
        table(context, &judged)?;
    }
    let mut exit = Exit::Done;
    for JudgedOffer { terms, list, assessments } in &judged {
        let findings = check_offers(list, assessments, terms, context.clock.now());
        tell(context, &findings)?;
        if args.campaign.is_none() {
            forgotten_campaign(context, list, assessments)?;
        }
        if has_error(&findings) {
            exit = Exit::Refused;
        }
    }
    Ok(exit)
}

fn rows(judged: &JudgedOffer) -> impl Iterator<Item = Row<'_>> {
    let JudgedOffer { terms, list, assessments } = judged;
    list.offers.iter().zip(assessments).map(|(offer, found)| Row::of(&terms.sale, offer, found))
}

/// The assessments of a list, in its order, with what was known at `known_at` (now, when none).
pub(in crate::cli) fn assess(
    store: &Store,
    terms: &Terms,
    list: &OfferList,
    known_at: Option<Timestamp>,
) -> StoreResult<Vec<Assessment>> {
    let mut assessments = Vec::with_capacity(list.offers.len());
    store.read_blocking(|db| {
        prices::assess(db, terms, known_at, &list.offers, |_, assessment| {
            assessments.push(assessment);
            StoreResult::Ok(())
        })
    })?;
    Ok(assessments)
}

/// When articles of a list were announced as reduced before, as far as the history tells.
pub(in crate::cli) fn past_reductions(
    store: &Store,
    terms: &Terms,
    list: &OfferList,
) -> StoreResult<Vec<PastReduction>> {
    store.read_blocking(|db| prices::past_reductions(db, terms, &list.offers))
}

/// An audience in capitals or not, as price files have it.
pub(super) fn any_case(text: &str) -> Result<AudienceClass, UnknownWord> {
    text.to_ascii_lowercase().parse()
}

/// A file of offers, and its sheet where it is a workbook.
struct NamedOffers {
    file: PathBuf,
    sheet: Option<String>,
}

/// What is asked: one file, or every file of a campaign in each of its markets.
fn questions(
    args: &Args,
    context: &Context,
    store: &Store,
    calendar: &Calendar,
) -> anyhow::Result<Vec<(NamedOffers, Terms)>> {
    if let Some(file) = &args.file {
        let sale = PricedSale {
            market: args.market.map_or_else(|| "FR".parse(), Ok)?,
            channel: Channel::Online,
            audience: AudienceClass::Public,
            campaign: args.campaign.as_ref().map(ToString::to_string),
            continues: Vec::new(),
            starts_at: context.clock.now(),
            ends_at: None,
            naming: Naming::Unknown,
            liquidation: false,
        };
        let offers = NamedOffers { file: file.clone(), sheet: args.sheet.clone() };
        return Ok(vec![(offers, terms(args, sale, calendar)?)]);
    }
    let Some(slug) = &args.campaign else { return Ok(Vec::new()) };
    let Some(campaign) = store.read_blocking(|db| campaigns::find(db, slug))? else {
        return Err(Failure::refused(phrase!("price-campaign-unknown", slug = Fact::text(slug))));
    };
    let schedule = &campaign.schedule;
    let folder = Path::new(&campaign.source_name).parent().unwrap_or(Path::new(""));
    // Of a market that the calendar does not know the campaign was warned; who names it is told.
    let markets = schedule.markets.iter().filter(|market| match args.market {
        Some(wanted) => wanted == **market,
        None => calendar.knows(market),
    });
    let mut questions = Vec::new();
    for market in markets {
        let terms = terms(args, PricedSale::of(schedule, *market, naming(schedule, *market)), calendar)?;
        let offers = schedule.offers.iter().map(|offer| NamedOffers {
            file: folder.join(&offer.prices),
            sheet: offer.sheet.as_ref().map(ToString::to_string),
        });
        questions.extend(offers.map(|offers| (offers, terms.clone())));
    }
    if questions.is_empty() {
        return Err(Failure::refused(phrase!("price-no-offers", slug = Fact::text(slug))));
    }
    Ok(questions)
}

/// The law of `sale`, with what the command line says otherwise.
fn terms(args: &Args, mut sale: PricedSale, calendar: &Calendar) -> anyhow::Result<Terms> {
    calendar.must_know(&sale.market).map_err(|unknown| Failure::usage(unknown.phrase()))?;
    let zone = calendar.zone(&sale.market).unwrap_or(TimeZone::UTC);
    sale.continues.extend(args.continues.iter().map(ToString::to_string));
    if let Some(text) = &args.at {
        sale.starts_at = instant("--at", text, &zone)?;
    }
    if let Some(text) = &args.until {
        sale.ends_at = Some(instant("--until", text, &zone)?);
    }
    sale.channel = args.channel.unwrap_or(sale.channel);
    sale.audience = args.audience.unwrap_or(sale.audience);
    Terms::of(calendar, sale).map_err(|unknown| Failure::usage(unknown.phrase()))
}

/// A civil time in the market's zone, or an instant with an offset.
pub(super) fn instant(option: &str, text: &str, zone: &TimeZone) -> anyhow::Result<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let civil: Option<DateTime> = text.parse().ok().or_else(|| text.parse::<Date>().ok().map(DateTime::from));
    let at = civil.and_then(|civil| zone.to_ambiguous_timestamp(civil).unambiguous().ok());
    // As in the files of prices: 01/09/2026, 01/09/2026 10:30.
    at.or_else(|| WrittenMoment::parse(text).ok()?.at(zone).ok())
        .ok_or_else(|| Failure::usage(phrase!("option-no-moment", option = format!("{option} {text}"))))
}

/// An amount without its currency, which the whole table has.
fn amount(context: &Context, money: Money) -> String {
    context.written(Fact::Number(money.amount()))
}

fn table(context: &mut Context, judged: &[JudgedOffer]) -> anyhow::Result<()> {
    let several = judged.len() > 1;
    for JudgedOffer { terms, list, assessments } in judged {
        if several {
            context.say(&phrase!(
                "price-check-file",
                file = list.file.as_str(),
                market = Fact::text(terms.sale.market),
                channel = terms::channel(terms.sale.channel)
            ))?;
        }
        let rows = list.offers.iter().zip(assessments).map(|(offer, found)| {
            [
                offer.sku.clone(),
                amount(context, offer.price),
                found.prior.map_or_else(|| "-".to_owned(), |prior| amount(context, prior)),
                found.percent.map_or_else(
                    || "-".to_owned(),
                    |percent| context.words(&phrase!("a-percentage", percent = u32::from(percent))),
                ),
                context.words(&terms::verdict(found.verdict)),
                context.words(&found.reason.phrase()),
            ]
        });
        let rows = rows.collect();
        let header = [
            phrase!("column-sku"),
            phrase!("column-price"),
            phrase!("column-prior"),
            phrase!("column-off"),
            phrase!("column-verdict"),
            phrase!("column-reason"),
        ];
        context.table(header, rows)?;
    }
    Ok(())
}

/// Says that a prior price is that of an announced reduction, of which the one that is asked about may be a later step.
fn forgotten_campaign(context: &mut Context, list: &OfferList, assessments: &[Assessment]) -> anyhow::Result<()> {
    let mut said: Vec<&str> = Vec::new();
    for (offer, found) in list.offers.iter().zip(assessments) {
        let campaign = found.evidence.minimum.as_ref().and_then(|row| row.campaign.as_deref());
        if let Some(slug) = campaign.filter(|slug| !said.contains(slug)) {
            said.push(slug);
            context.remark(&phrase!("price-campaign-forgotten", sku = offer.sku.as_str(), slug = slug))?;
        }
    }
    Ok(())
}

/// Writes the findings beside the data, the verdicts left out: the table has them.
fn tell(context: &mut Context, findings: &[Finding]) -> anyhow::Result<()> {
    let in_table = ["price.no-reduction", "price.no-prior-price", "price.review"];
    for finding in findings.iter().filter(|finding| !in_table.contains(&finding.rule)) {
        let (place, message) = (Fact::text(&finding.place), finding.message.clone());
        context.remark(&match finding.severity {
            Severity::Error => phrase!("price-finding-error", place = place, message = message),
            Severity::Warning => phrase!("price-finding-warning", place = place, message = message),
            Severity::Note => phrase!("price-finding-note", place = place, message = message),
        })?;
        if let Some(law) = &finding.law {
            context.remark(&phrase!("price-finding-law", law = Fact::Data(law.clone())))?;
        }
        context.remark(&phrase!("price-finding-do", remedy = finding.remedy.clone()))?;
    }
    Ok(())
}
