//! The season as a page: the drawing, and the same facts in words and tables, for whoever hears a page, prints it, or sends it to
//! a director. One file, without a script or anything from elsewhere.

use std::fmt::Write as _;

use super::drawing::{DRAWING_STYLE, drawing};
use super::markup::escaped;
use super::words::{law_lines, troubles};
use super::{Season, SeasonEntry};
use crate::brand::Brand;
use crate::calendar::PeriodKind;
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::{Phrase, in_words};
use crate::text::dates;
use crate::text::dates::Moment;

/// What the facts look like, on a page that has the properties of a brand.
pub const PAGE_STYLE: &str = include_str!("../../config/season/facts.css");

/// What the page around them looks like.
const SHEET: &str = include_str!("../../config/season/page.css");

/// The season in words of `language`, as a page of the shop named `shop`, which looks like `brand`.
pub fn page(season: &Season, language: InterfaceLanguage, shop: &str, brand: &Brand) -> String {
    let say = |phrase: &Phrase| escaped(&in_words(phrase, language));
    let title = say(&phrase!("timeline-title", first = season.first, last = season.last));
    let zone = season.zone.iana_name().unwrap_or("UTC");
    let made = Moment::at(&season.now.to_zoned_datetime(season.zone.clone()), language).full;
    let hours = dates::zone_name(zone, language);
    let made = phrase!("timeline-made", at = made, hours = hours);
    let (light, dark) = (brand.palette.light.paper, brand.palette.dark.paper);
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n<meta \
         http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<meta name=\"theme-color\" \
         media=\"(prefers-color-scheme: light)\" content=\"{light}\">\n<meta name=\"theme-color\" media=\"(prefers-color-scheme: \
         dark)\" content=\"{dark}\">\n<title>{title} | {shop}</title>\n<style>\n{}{SHEET}{DRAWING_STYLE}{PAGE_STYLE}</style>\n\
         </head>\n<body>\n<header>\n<p class=\"shop\">{shop}</p>\n<h1>{title}</h1>\n</header>\n<main>\n{}</main>\n<footer>\n\
         <p>{}</p>\n</footer>\n</body>\n</html>\n",
        brand.style(),
        facts(season, language),
        say(&made),
        shop = escaped(shop),
    )
}

/// The drawing and the facts as part of a page.
pub fn facts(season: &Season, language: InterfaceLanguage) -> String {
    let say = |phrase: &Phrase| escaped(&in_words(phrase, language));
    let scroll = say(&phrase!("timeline-drawing"));
    let mut html = format!(
        "<div class=\"sheet\" role=\"region\" aria-label=\"{scroll}\" tabindex=\"0\">\n{}</div>\n{}",
        drawing(season, language),
        legend(season, language)
    );
    let troubles = troubles(season);
    if !troubles.is_empty() {
        let items = joined(troubles.iter().map(|trouble| format!("<li>{}</li>\n", marked(&say(trouble)))));
        let _ = write!(
            html,
            "<section class=\"troubles\">\n<h2>{}</h2>\n<ul>\n{items}</ul>\n</section>\n",
            say(&phrase!("timeline-troubles"))
        );
    }
    let rows: String = season.entries().iter().map(|entry| row(entry, season, language)).collect();
    let heads = [phrase!("timeline-sign"), phrase!("column-when"), phrase!("column-campaign"), phrase!("column-what")];
    let heads = joined(heads.iter().map(|head| format!("<th scope=\"col\">{}</th>", say(head))));
    let zone = dates::zone_name(season.zone.iana_name().unwrap_or("UTC"), language);
    let _ = write!(
        html,
        "<section>\n<h2>{}</h2>\n<p class=\"hours\">{}</p>\n<table class=\"happens\">\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</section>\n",
        say(&phrase!("timeline-happens")),
        say(&phrase!("timeline-zone", hours = zone)),
    );
    let lines =
        joined(season.markets.iter().flat_map(law_lines).map(|(_, words)| format!("<li>{}</li>\n", say(&words))));
    let law = say(&phrase!("timeline-law"));
    let _ = write!(html, "<section>\n<h2>{law}</h2>\n<ul class=\"law\">\n{lines}</ul>\n</section>\n");
    html
}

/// What happens at an instant, as a row of the table.
fn row(entry: &SeasonEntry<'_>, season: &Season, language: InterfaceLanguage) -> String {
    let schedule = &entry.sale.schedule;
    let zone = schedule.time_zone();
    let moment = entry.moment(language);
    let there = if zone == season.zone {
        String::new()
    } else {
        format!(" <span class=\"there\">({})</span>", escaped(&dates::zone_name(&schedule.zone, language)))
    };
    let sign = entry.sign.map(|sign| format!("<span class=\"sign\">{sign}</span>")).unwrap_or_default();
    format!(
        "<tr><td>{sign}</td><td><time datetime=\"{}\">{}</time>{there}</td><td>{}</td><td>{}</td></tr>\n",
        moment.iso,
        escaped(&moment.full),
        escaped(schedule.name_in(language.into()).as_str()),
        marked(&escaped(&in_words(&entry.phrase(), language))),
    )
}

/// Names between backticks in letters of their own, where there are no backticks.
fn marked(html: &str) -> String {
    let pieces = html.split('`').enumerate();
    pieces.map(|(at, piece)| if at % 2 == 1 { format!("<code>{piece}</code>") } else { piece.to_owned() }).collect()
}

/// What the shapes of the drawing mean, of those that are used.
fn legend(season: &Season, language: InterfaceLanguage) -> String {
    let has = |kind: PeriodKind| season.markets.iter().any(|law| law.periods.iter().any(|it| it.kind == kind));
    let bar = |class: &str| format!("<rect class=\"{class}\" x=\"1\" y=\"3\" width=\"34\" height=\"14\" rx=\"2\"/>");
    let letter =
        "<g class=\"letter\"><circle cx=\"18\" cy=\"10\" r=\"9\"/><text x=\"18\" y=\"14.5\">1</text></g>".to_owned();
    let today = "<line class=\"today\" x1=\"18\" x2=\"18\" y1=\"0\" y2=\"20\"/>".to_owned();
    let shapes = [
        (season.sales.iter().any(|sale| !sale.held && sale.opens()), bar("window"), phrase!("timeline-sign-open")),
        (season.sales.iter().any(|sale| sale.held), bar("held"), phrase!("timeline-sign-held")),
        (season.entries().iter().any(|entry| entry.sign.is_some()), letter, phrase!("timeline-sign-letter")),
        (has(PeriodKind::Sale), bar("sales"), phrase!("timeline-sign-sales")),
        (has(PeriodKind::Blackout), bar("ban"), phrase!("timeline-sign-blackout")),
        (season.is_now(), today, phrase!("timeline-today")),
    ];
    let items = joined(shapes.into_iter().filter(|(used, ..)| *used).map(|(_, shape, words)| {
        let words = escaped(&in_words(&words, language));
        format!(
            "<li><svg class=\"season shape\" viewBox=\"0 0 36 20\" aria-hidden=\"true\">{shape}</svg>{words}</li>\n"
        )
    }));
    let name = escaped(&in_words(&phrase!("timeline-legend"), language));
    format!("<ul class=\"legend\" aria-label=\"{name}\">\n{items}</ul>\n")
}

/// One after the other.
fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.fold(String::new(), |whole, part| whole + &part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_styles_load_nothing() {
        for style in [SHEET, PAGE_STYLE, DRAWING_STYLE] {
            assert!(!style.contains("@import") && !style.contains("http") && style.matches("url(").count() <= 1);
        }
    }
}
