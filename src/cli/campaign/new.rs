//! `campaign new`: a file to edit, for the next French sales after today.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::copy::write_new;
use crate::calendar::{Calendar, Channel, PeriodKind};
use crate::campaign::season_word;
use crate::cli::exit::Exit;
use crate::cli::{Context, calendar};
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::text::Slug;

/// The file that `campaign new` starts from, with remarks in the reader's language.
pub(in crate::cli) fn template(language: InterfaceLanguage) -> &'static str {
    match language {
        InterfaceLanguage::En => include_str!("../../../config/campaigns/journees-magiques.toml"),
        InterfaceLanguage::Fr => include_str!("../../../config/campaigns/journees-magiques.fr.toml"),
    }
}

pub(super) fn run(slug: &Slug, out: Option<&Path>, context: &mut Context) -> anyhow::Result<Exit> {
    let path = out.map_or_else(|| PathBuf::from(format!("{slug}.toml")), Path::to_owned);
    let text = text(slug, &calendar::load(context)?, context.clock.now(), context.language);
    let shown = path.display().to_string();
    write_new(&path, &text)?;
    context.line(&shown)?;
    context.remark(&phrase!("new-next", file = shown))?;
    Ok(Exit::Done)
}

/// The template under the name `slug`, anchored to the next sales in France that begin at least a week from `now`.
pub(in crate::cli) fn text(slug: &Slug, calendar: &Calendar, now: Timestamp, language: InterfaceLanguage) -> String {
    let mut text = template(language).replacen("journees-magiques-hiver-2027", slug.as_str(), 1);
    let today = TimeZone::UTC.to_datetime(now).date();
    let (from, to) = (today.saturating_add(Span::new().days(7)), today.saturating_add(Span::new().days(400)));
    let next = "FR".parse().ok().and_then(|france| {
        let periods = calendar.periods(&france, Channel::Online, from, to);
        periods.into_iter().find(|period| period.kind == PeriodKind::Sale && period.first_day >= from)
    });
    if let Some(sale) = next {
        let anchor = |season: &str, year: i16| format!("soldes.{}.{year}", season_word(season, language));
        text = text.replace(&anchor("winter", 2027), &anchor(&sale.season, sale.year));
    }
    text
}
