//! `carillon law`: what campaigns are held against.

use serde::Serialize;

use super::Context;
use super::exit::{Exit, Failure};
use crate::calendar::Market;
use crate::compliance::{LawRule, RuleLaw, law_rules};
use crate::phrase;
use crate::phrase::Fact;

/// The arguments of `carillon law`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only this rule, with everything that is known of it, such as `words.last-days`; or all that begin so
    #[arg(value_name = "RULE")]
    rule: Option<String>,
    /// Only what binds this market, with its texts of law
    #[arg(long)]
    market: Option<Market>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A rule with its texts. Other programs rely on these keys.
#[derive(Serialize)]
struct ToldRule {
    #[serde(flatten)]
    rule: LawRule,
    texts: Vec<RuleLaw>,
}

pub(super) fn run(args: &Args, context: &mut Context) -> anyhow::Result<Exit> {
    let told = match told(args) {
        Ok(told) => told,
        Err(finding) => return Ok(context.findings(&[*finding])?),
    };
    if told.is_empty() {
        let asked = args.rule.as_deref().unwrap_or("any rule");
        return Err(Failure::refused(format!("no rule of law is `{asked}`; `carillon law` lists them")));
    }
    if args.json {
        context.json(&told)?;
    } else if args.rule.is_some() {
        for rule in &told {
            whole(rule, context)?;
        }
    } else {
        let rows = told.iter().map(|told| {
            let LawRule { id, grade, certain, since, law, .. } = &told.rule;
            let [grade, certain, law] = [grade, certain, law].map(|text| context.written(Fact::english(text)));
            [id.clone(), grade, certain, since.to_string(), law]
        });
        let rows: Vec<_> = rows.collect();
        context.table(
            [
                phrase!("column-rule"),
                phrase!("column-grade"),
                phrase!("column-certain"),
                phrase!("column-since"),
                phrase!("column-law"),
            ],
            rows,
        )?;
    }
    Ok(Exit::Done)
}

/// The rules that were asked for.
fn told(args: &Args) -> Result<Vec<ToldRule>, Box<crate::finding::Finding>> {
    let mut told = Vec::new();
    for rule in law_rules()? {
        let asked = args.rule.as_ref().is_none_or(|asked| rule.id.starts_with(asked.as_str()));
        let mut texts = rule.texts()?;
        // What the calendar keeps market by market is not listed here, and may hold anywhere.
        let anywhere = texts.is_empty();
        if let Some(market) = args.market {
            texts.retain(|law| law.binds(market.country()));
        }
        if asked && (anywhere || !texts.is_empty()) {
            told.push(ToldRule { rule: rule.clone(), texts });
        }
    }
    Ok(told)
}

/// Everything about one rule.
fn whole(told: &ToldRule, context: &mut Context) -> anyhow::Result<()> {
    let LawRule { id, grade, law, remedy, since, certain, unseen, .. } = &told.rule;
    let graded = context.written(Fact::english(grade));
    context.say(&phrase!("law-graded", rule = id, grade = graded))?;
    context.tell(format!("  law: {law}"))?;
    context.tell(format!("  to do: {remedy}"))?;
    context.tell(format!("  held since: {since}; certain: {certain}"))?;
    context.tell(format!("  not seen: {unseen}"))?;
    for RuleLaw { markets, severity, text, source, confidence, note } in &told.texts {
        context.tell(format!("  - {}: {text} ({severity}, confidence {confidence})", markets.join(", ")))?;
        for more in [source, note].into_iter().flatten() {
            context.tell(format!("    {more}"))?;
        }
    }
    Ok(())
}
