//! `carillon price correct`.

use jiff::tz::TimeZone;

use super::super::Context;
use super::super::exit::{Exit, Failure};
use super::check::{any_case, instant};
use crate::calendar::{Channel, Market};
use crate::campaign::AudienceClass;
use crate::db::prices::{self, Corrected, CorrectionOrder, CorrectionRefusal};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::price::{Currency, Money, SeriesKey};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The article number
    #[arg(value_name = "SKU")]
    sku: String,
    /// Since when the row on record says that its price applies, in the market's own time
    #[arg(long, value_name = "WHEN")]
    from: String,
    /// What was charged in fact, in the currency of the row
    #[arg(long, value_name = "PRICE")]
    price: String,
    /// Why, in a sentence that someone else can judge, with where the proof is
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Where the customers are
    #[arg(long, default_value = "FR")]
    market: Market,
    /// How it is sold: `online` or `store`
    #[arg(long, default_value = "online")]
    channel: Channel,
    /// Who could buy: `public`, `open-members`, `closed-group` or `personal`
    #[arg(long, value_parser = any_case, default_value = "public")]
    audience: AudienceClass,
    /// The currency, if it is not the market's
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Write what came of it as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store) = context.open_store()?;
    let calendar = super::super::calendar::load(context)?;
    calendar.must_know(&args.market).map_err(|unknown| Failure::usage(unknown.to_string()))?;
    let zone = calendar.zone(&args.market).unwrap_or(TimeZone::UTC);
    let currency = match &args.currency {
        Some(code) => {
            code.parse::<Currency>().map_err(|error| Failure::usage(format!("`--currency {code}`: {error}")))?
        }
        None => Currency::used_in(args.market.country()),
    };
    let price = Money::parse(&args.price, currency).map_err(|error| {
        Failure::usage(phrase!("option-wrong", option = format!("--price {}", args.price), why = error.phrase()))
    })?;
    let reason = args.reason.trim();
    if reason.split_whitespace().count() < 2 {
        return Err(Failure::refused(phrase!("correct-no-reason")));
    }
    let order = CorrectionOrder {
        key: SeriesKey { sku: args.sku.clone(), market: args.market, channel: args.channel, audience: args.audience },
        from: instant("--from", &args.from, &zone)?,
        price,
        reason: reason.to_owned(),
        who: context.answering(phrase!("who-corrects"))?.to_owned(),
    };
    let now = context.clock.now();
    let corrected = store.write_blocking(|db| prices::correct(db, &order, now))?;
    let corrected = match corrected {
        Ok(corrected) => corrected,
        Err(refusal) => {
            let said = phrase!("correct-refused", sku = order.key.sku.as_str(), why = why(&refusal, &zone));
            return Err(Failure::refused(said));
        }
    };
    if args.json {
        let Corrected { was, campaigns } = &corrected;
        context.json(&serde_json::json!({ "was": was, "price": order.price, "campaigns": campaigns }))?;
        return Ok(Exit::Done);
    }
    context.say(&told(&order, &corrected, &zone))?;
    if !corrected.campaigns.is_empty() {
        let campaigns = Fact::texts(&corrected.campaigns);
        context.remark(&phrase!("correct-campaigns", campaigns = campaigns))?;
    }
    Ok(Exit::Done)
}

/// Why it was not done.
fn why(refusal: &CorrectionRefusal, zone: &TimeZone) -> Phrase {
    match refusal {
        CorrectionRefusal::NoSuchRow(starts) if starts.is_empty() => phrase!("correct-no-row"),
        CorrectionRefusal::NoSuchRow(starts) => {
            let starts: Vec<Fact> = starts.iter().map(|at| Fact::moment(*at, zone)).collect();
            phrase!("correct-other-rows", starts = starts)
        }
        CorrectionRefusal::NotOffered => phrase!("correct-not-offered"),
        CorrectionRefusal::OtherCurrency(currency) => {
            phrase!("correct-other-currency", currency = Fact::text(currency))
        }
        CorrectionRefusal::Same => phrase!("correct-same"),
    }
}

/// What was done.
fn told(order: &CorrectionOrder, corrected: &Corrected, zone: &TimeZone) -> Phrase {
    phrase!(
        "correct-done",
        sku = order.key.sku.as_str(),
        from = Fact::moment(order.from, zone),
        was = corrected.was,
        price = order.price
    )
}
