//! What is said of a season's law and of what deserves a look: the same in a terminal, on a page and in a drawing.

use super::{EntryKind, MarketSeason, Season, SeasonEntry, SeasonSale};
use crate::calendar::{Basis, Period, PeriodKind, UnpublishedPeriod};
use crate::phrase;
use crate::phrase::{Fact, Phrase, last_evening, midnight_of};

/// What a line about the law is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LawLine {
    /// A period of a kind.
    Of(PeriodKind),
    /// One that has no dates yet.
    Unpublished,
    /// Nothing.
    Nothing,
}

/// What a market and channel are called.
pub(super) fn market_name(law: &MarketSeason) -> Phrase {
    let channel = phrase!("term-channel", word = Fact::text(law.channel));
    phrase!("timeline-market", market = Fact::text(law.market), channel = channel)
}

/// A period with its days, and how sure they are.
pub(super) fn period_words(period: &Period) -> Phrase {
    let basis =
        phrase!("term-basis", word = Fact::text(period.basis), key = period.basis.to_string().replace(' ', "-"));
    let (label, first, last) = (period.label.as_str(), period.first_day, period.last_day);
    if period.basis == Basis::Published && period.doubt().is_none() {
        phrase!("timeline-period", label = label, first = first, last = last)
    } else if period.doubt().is_some() {
        phrase!("timeline-period-doubtful", label = label, first = first, last = last)
    } else {
        phrase!("timeline-period-computed", label = label, first = first, last = last, basis = basis)
    }
}

/// A period that has no dates.
pub(super) fn unpublished_words(gap: &UnpublishedPeriod) -> Phrase {
    let UnpublishedPeriod { market, season, year, look, .. } = gap;
    let season = phrase!("term-season", word = season.as_str());
    let season = phrase!("season-of-year", season = season, year = Fact::text(year));
    phrase!("period-unknown", season = season, market = Fact::text(market), look = Fact::Data(look.clone()))
}

/// Everything that is said of a market, a line each.
pub(super) fn law_lines(law: &MarketSeason) -> Vec<(LawLine, Phrase)> {
    let of = |what: Phrase| phrase!("timeline-law-line", market = market_name(law), what = what);
    let periods = law.periods.iter().map(|period| (LawLine::Of(period.kind), of(period_words(period))));
    let unpublished = law.unpublished.iter().map(|gap| (LawLine::Unpublished, of(unpublished_words(gap))));
    let mut lines: Vec<(LawLine, Phrase)> = periods.chain(unpublished).collect();
    if lines.is_empty() {
        lines.push((LawLine::Nothing, of(phrase!("timeline-law-none"))));
    }
    lines
}

/// What deserves a look: what waits for a person, what is held, and what is in each other's way.
pub(super) fn troubles(season: &Season) -> Vec<Phrase> {
    let standing = season.waiting.iter().cloned().chain(season.sales.iter().filter_map(standing));
    standing.chain(season.clashes.iter().map(super::super::phrase::Spoken::phrase)).collect()
}

/// What is to be said of `sale` beside its instants: that it is to be confirmed, or that its letters wait.
fn standing(sale: &SeasonSale) -> Option<Phrase> {
    let slug = Fact::text(&sale.schedule.slug);
    match sale {
        SeasonSale { cancelled_at: Some(_), .. } => None,
        SeasonSale { held: true, .. } => Some(phrase!("timeline-held", slug = slug)),
        SeasonSale { paused: true, .. } => Some(phrase!("timeline-paused", slug = slug)),
        _ => None,
    }
}

/// When something happens, on the clocks of its sale; their zone is named where it is not that of the picture.
pub(super) fn moment(entry: &SeasonEntry<'_>, season: &Season) -> Fact {
    let zone = entry.sale.schedule.time_zone();
    let at = entry.at.to_zoned_datetime(zone.clone());
    match (zone == season.zone, entry.kind == EntryKind::Closes, last_evening(&at)) {
        (false, true, _) => Fact::until(entry.at, &zone),
        (false, false, _) => Fact::moment(entry.at, &zone),
        (true, true, Some(evening)) => midnight_of(evening).into(),
        (true, ..) => Fact::Civil(at.datetime()),
    }
}
