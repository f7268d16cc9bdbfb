//! The season as a drawing in SVG: one file without a script or anything from elsewhere, by day and by night, or part of a page.
//! Nothing in it is told by colour alone: bans are hatched, sales to be confirmed are dashed, letters have signs.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::markup::{escaped, px};
use super::scale::Scale;
use super::words::{law_lines, market_name, moment, troubles};
use super::{Season, SeasonSale};
use crate::brand::Brand;
use crate::calendar::{Period, PeriodKind};
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::{Fact, Phrase, in_words};

/// How wide the drawing is, and the names at its left.
const WIDTH: f64 = 1000.0;
const NAMES: f64 = 190.0;

/// From the names to the first day, and from the last day to the edge.
const GAP: f64 = 10.0;
const EDGE: f64 = 16.0;

/// How high the days on top are, a row, and what is drawn in it.
const HEAD: f64 = 56.0;
const ROW: f64 = 46.0;
const BAR: f64 = 24.0;

/// What the drawing looks like, where the properties of a brand are set.
pub const DRAWING_STYLE: &str = include_str!("../../config/season/drawing.css");

/// What is drawn with.
struct Easel<'a> {
    season: &'a Season,
    language: InterfaceLanguage,
    scale: Scale,
    svg: String,
}

/// The drawing as part of a page that has [`DRAWING_STYLE`]. Who hears the page has its facts beside it, so the drawing is told as a
/// whole.
pub fn drawing(season: &Season, language: InterfaceLanguage) -> String {
    let title = in_words(&title(season), language);
    let head = format!("<svg class=\"season\" role=\"img\" aria-label=\"{}\" ", escaped(&title));
    Easel::new(season, language).drawn(&head, "")
}

/// The drawing as a file of its own, in the colours of `brand`. What it shows is told in words as well.
pub fn drawing_file(season: &Season, language: InterfaceLanguage, brand: &Brand) -> String {
    let say = |phrase: &Phrase| escaped(&in_words(phrase, language));
    let lines = season.entries().into_iter().map(|entry| {
        let (at, slug) = (moment(&entry, season), Fact::text(&entry.sale.schedule.slug));
        phrase!("timeline-line", at = at, slug = slug, what = entry.phrase())
    });
    let law = season.markets.iter().flat_map(law_lines).map(|(_, words)| words);
    let said: Vec<String> = lines.chain(law).chain(troubles(season)).map(|line| say(&line)).collect();
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"season\" lang=\"{language}\" role=\"img\" aria-labelledby=\"season-title season-desc\" "
    );
    let inner = format!(
        "<title id=\"season-title\">{}</title>\n<desc id=\"season-desc\">{}</desc>\n<style>\n{}{DRAWING_STYLE}</style>\n",
        say(&title(season)),
        said.join("\n"),
        brand.style()
    );
    Easel::new(season, language).drawn(&head, &inner)
}

fn title(season: &Season) -> Phrase {
    phrase!("timeline-title", first = season.first, last = season.last)
}

impl<'a> Easel<'a> {
    fn new(season: &'a Season, language: InterfaceLanguage) -> Self {
        let scale = Scale::of(season, WIDTH - NAMES - GAP - EDGE);
        Self { season, language, scale, svg: String::new() }
    }

    fn say(&self, phrase: &Phrase) -> String {
        escaped(&in_words(phrase, self.language))
    }

    fn drawn(mut self, head: &str, inner: &str) -> String {
        let rows = self.season.markets.len() + self.season.sales.len();
        let height = HEAD + ROW * count(rows) + 16.0;
        let _ = writeln!(
            self.svg,
            "{head}viewBox=\"0 0 {} {}\">\n{inner}<defs><pattern id=\"season-ban\" width=\"7\" height=\"7\" \
             patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect class=\"ban-ground\" width=\"7\" height=\"7\"/>\
             <rect class=\"ban-line\" width=\"2\" height=\"7\"/></pattern></defs>\n<rect class=\"paper\" width=\"{}\" height=\"{}\"/>",
            px(WIDTH),
            px(height),
            px(WIDTH),
            px(height)
        );
        self.days(height);
        let mut top = HEAD;
        for law in &self.season.markets {
            self.name(top, &self.say(&market_name(law)), "");
            law.periods.iter().for_each(|period| self.period(top, period));
            top += ROW;
        }
        for sale in &self.season.sales {
            self.sale(top, sale);
            top += ROW;
        }
        self.today(height);
        self.svg.push_str("</svg>\n");
        self.svg
    }

    fn days(&mut self, height: f64) {
        let months = self.season.months();
        for (number, month) in months.iter().enumerate() {
            let at = self.scale.at(month.at);
            let next = months.get(number + 1).map_or(WIDTH - NAMES - GAP, |next| self.scale.at(next.at));
            let name = self.say(&phrase!("timeline-month", month = i64::from(month.day.month())));
            let long = format!("{name} {}", month.day.year());
            if let Some(name) = [&long, &name].into_iter().find(|name| width_of(name, 14.0) < next - at) {
                let _ = writeln!(self.svg, "<text class=\"month\" x=\"{}\" y=\"18\">{name}</text>", px(across(at)));
            }
            let x = px(across(at));
            let _ = writeln!(
                self.svg,
                "<line class=\"month-line\" x1=\"{x}\" x2=\"{x}\" y1=\"26\" y2=\"{}\"/>",
                px(height - 8.0)
            );
        }
        for tick in self.season.ticks(WIDTH - NAMES - GAP - EDGE, 30.0) {
            let x = px(across(self.scale.at(tick.at)));
            let _ = writeln!(
                self.svg,
                "<line class=\"day-line\" x1=\"{x}\" x2=\"{x}\" y1=\"46\" y2=\"{}\"/><text class=\"day\" x=\"{x}\" y=\"40\">{}</text>",
                px(height - 8.0),
                tick.day.day()
            );
        }
    }

    fn name(&mut self, top: f64, name: &str, note: &str) {
        let name = shortened(name, 15.0, NAMES - 8.0);
        let y = if note.is_empty() { 28.0 } else { 20.0 };
        let _ = writeln!(
            self.svg,
            "<line class=\"row-line\" x1=\"0\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/><text class=\"name\" x=\"4\" y=\"{}\">{name}</text>",
            px(WIDTH),
            px(top),
            px(top),
            px(top + y)
        );
        if !note.is_empty() {
            let note = shortened(note, 12.0, NAMES - 8.0);
            let _ = writeln!(self.svg, "<text class=\"sub\" x=\"4\" y=\"{}\">{note}</text>", px(top + 37.0));
        }
    }

    /// A bar over a stretch of days, as wide as can be seen; where it lies.
    fn bar(&mut self, class: &str, top: f64, (from, to): (Timestamp, Timestamp), said: &str) -> Option<(f64, f64)> {
        let (from, to) = self.scale.stretch(from, to)?;
        let (x, width) = (across(from), (to - from).max(3.0));
        let _ = writeln!(
            self.svg,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"><title>{said}</title></rect>",
            px(x),
            px(top + (ROW - BAR) / 2.0),
            px(width),
            px(BAR)
        );
        Some((x, width))
    }

    /// Words on a bar, where there is room.
    fn label(&mut self, class: &str, top: f64, (x, width): (f64, f64), words: &str) {
        if width_of(words, 13.0) + 12.0 <= width {
            let (x, y) = (px(x + 6.0), px(top + ROW / 2.0 + 4.5));
            let _ = writeln!(self.svg, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{words}</text>");
        }
    }

    fn period(&mut self, top: f64, period: &Period) {
        let class = if period.kind == PeriodKind::Sale { "sales" } else { "ban" };
        let span = (period.starts_at.timestamp(), period.ends_at.timestamp());
        let said = self.say(&super::words::period_words(period));
        let Some(place) = self.bar(class, top, span, &said) else { return };
        let label = escaped(&period.label);
        if period.kind == PeriodKind::Blackout && width_of(&label, 13.0) + 12.0 <= place.1 {
            // Words on stripes need a ground of their own.
            let (x, y) = (px(place.0 + 3.0), px(top + ROW / 2.0 - 8.5));
            let width = px(width_of(&label, 13.0) + 6.0);
            let _ = writeln!(self.svg, "<rect class=\"paper\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"17\"/>");
        }
        self.label(&format!("{class}-words"), top, place, &label);
    }

    fn sale(&mut self, top: f64, sale: &SeasonSale) {
        let schedule = &sale.schedule;
        let name = escaped(schedule.name_in(self.language.into()).as_str());
        let state = if sale.is_cancelled() {
            Some(phrase!("timeline-cancelled"))
        } else if sale.held {
            Some(phrase!("timeline-sign-held"))
        } else if sale.paused {
            Some(phrase!("timeline-waiting"))
        } else {
            None
        };
        let state = state.map(|state| self.say(&state)).unwrap_or_default();
        self.name(top, &name, &state);
        let class = if sale.held { "window held" } else { "window" };
        if sale.opens() {
            let place = self.bar(class, top, (schedule.opens_at, sale.ends_at()), &name);
            let words = self.say(&phrase!("timeline-sign-open"));
            // A letter that leaves with the opening stands on the bar's left end.
            if let Some((x, width)) = place {
                self.label(
                    if sale.held { "held-words" } else { "window-words" },
                    top,
                    (x + 14.0, width - 14.0),
                    &words,
                );
            }
        }
        let entries = self.season.entries();
        let letters = entries.iter().filter(|entry| entry.sale.schedule.slug == schedule.slug);
        let mut last = f64::MIN;
        for (sign, entry) in letters.filter_map(|entry| Some((entry.sign?, entry))) {
            let Some(point) = self.scale.point(entry.at) else { continue };
            // Those that would stand on one another stand beside one another.
            let x = across(point).max(last + 21.0);
            last = x;
            let _ = writeln!(
                self.svg,
                "<g class=\"letter\"><title>{}</title><circle cx=\"{}\" cy=\"{}\" r=\"10\"/><text x=\"{}\" y=\"{}\">{sign}</text></g>",
                self.say(&entry.phrase()),
                px(x),
                px(top + ROW / 2.0),
                px(x),
                px(top + ROW / 2.0 + 4.5)
            );
        }
    }

    fn today(&mut self, height: f64) {
        let Some(at) = self.scale.point(self.season.now) else { return };
        let (x, words) = (across(at), self.say(&phrase!("timeline-today")));
        let anchor = if at > WIDTH / 2.0 { ("end", -5.0) } else { ("start", 5.0) };
        let _ = writeln!(
            self.svg,
            "<line class=\"today\" x1=\"{0}\" x2=\"{0}\" y1=\"46\" y2=\"{1}\"/><text class=\"today-words\" text-anchor=\"{2}\" x=\"{3}\" \
             y=\"{4}\">{words}</text>",
            px(x),
            px(height - 4.0),
            anchor.0,
            px(x + anchor.1),
            px(height - 5.0)
        );
    }
}

/// How far from the left edge lies what is so far from the first day.
fn across(length: f64) -> f64 {
    NAMES + GAP + length
}

/// About how wide `words` are in letters of `size`.
fn width_of(words: &str, size: f64) -> f64 {
    count(words.chars().count()) * size * 0.56
}

/// `words`, cut where they are wider than `width`.
fn shortened(words: &str, size: f64, width: f64) -> String {
    if width_of(words, size) <= width {
        return words.to_owned();
    }
    let mut cut = String::new();
    for letter in words.chars() {
        if width_of(&cut, size) + size > width {
            break;
        }
        cut.push(letter);
    }
    // What stands for one sign is not cut in two.
    if let Some(at) = cut.rfind('&').filter(|at| !cut.get(*at..).unwrap_or_default().contains(';')) {
        cut.truncate(at);
    }
    cut.trim_end().to_owned() + "…"
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}
