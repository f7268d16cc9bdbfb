//! `campaign new`: a file to edit, for the next French sales after today.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::calendar::{Calendar, Channel, PeriodKind};
use crate::cli::exit::{Exit, Failure};
use crate::cli::{Context, calendar};
use crate::text::Slug;

/// The file that `campaign new` starts from.
const TEMPLATE: &str = include_str!("../../../config/campaigns/journees-magiques.toml");

pub(super) fn run(slug: &Slug, out: Option<PathBuf>, context: &mut Context) -> anyhow::Result<Exit> {
    let path = out.unwrap_or_else(|| PathBuf::from(format!("{slug}.toml")));
    let text = text(slug, &calendar::load(context)?, context.clock.now());
    let shown = path.display().to_string();
    let mut file = match File::create_new(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Failure::refused(format!("`{shown}` exists already and was left as it is")));
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write `{shown}`")),
    };
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write `{shown}`"))?;
    context.line(&shown)?;
    context.note(format!("edit it, then `carillon campaign check {shown}` says what is wrong or risky in it"))?;
    Ok(Exit::Done)
}

/// The template under the name `slug`, anchored to the next sales in France that begin at least a week from `now`.
pub(in crate::cli) fn text(slug: &Slug, calendar: &Calendar, now: Timestamp) -> String {
    let mut text = TEMPLATE.replacen("journees-magiques-hiver-2027", slug.as_str(), 1);
    let today = TimeZone::UTC.to_datetime(now).date();
    let (from, to) = (today.saturating_add(Span::new().days(7)), today.saturating_add(Span::new().days(400)));
    let next = "FR".parse().ok().and_then(|france| {
        let periods = calendar.periods(&france, Channel::Online, from, to);
        periods.into_iter().find(|period| period.kind == PeriodKind::Sale && period.first_day >= from)
    });
    if let Some(sale) = next {
        text = text.replace("soldes.winter.2027", &format!("soldes.{}.{}", sale.season, sale.year));
    }
    text
}
