//! The season in signs, for a terminal or a file of text: no colour, no line wider than it may be.

use jiff::Timestamp;

use super::scale::{Scale, Tick};
use super::words::{LawLine, law_lines, market_name, moment, troubles};
use super::wrap::{cut, wrapped};
use super::{EntryKind, Season, SeasonEntry};
use crate::calendar::PeriodKind;
use crate::language::InterfaceLanguage;
use crate::phrase;
use crate::phrase::{Fact, Phrase, in_words};

/// A terminal narrower than this gets lines of this width.
const NARROWEST: usize = 40;

/// A line is no longer than this, however wide the terminal: the eye does not find its way back.
const WIDEST: usize = 160;

/// The signs of what lasts.
mod sign {
    pub(super) const SALES: char = '#';
    pub(super) const BLACKOUT: char = 'x';
    pub(super) const OPEN: char = '=';
    pub(super) const HELD: char = '~';
    pub(super) const SEVERAL: char = '+';
    pub(super) const TODAY: char = '^';
    pub(super) const NOTHING: char = '·';
}

/// What is drawn with.
struct Pen<'a> {
    season: &'a Season,
    language: InterfaceLanguage,
    width: usize,
    /// How wide the names at the left are, with the space behind them.
    names: usize,
    /// How many signs a row has.
    cells: usize,
}

/// The season in words of `language`, in lines of `width` characters.
pub fn draw(season: &Season, width: usize, language: InterfaceLanguage) -> String {
    let width = width.clamp(NARROWEST, WIDEST);
    let names = season.markets.iter().map(|market| in_words(&market_name(market), language));
    let names = names.chain(season.sales.iter().map(|sale| sale.schedule.slug.to_string()));
    let today = season.is_now().then(|| in_words(&phrase!("timeline-today"), language));
    let longest = names.chain(today).map(|name| name.chars().count()).max().unwrap_or_default();
    let names = longest.min(width / 4).max(8) + 2;
    let pen = Pen { season, language, width, names, cells: width - names };
    let parts = [pen.head(), pen.picture(), pen.signs(), pen.happenings(), pen.law(), pen.troubles()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

impl Pen<'_> {
    fn say(&self, phrase: &Phrase) -> String {
        in_words(phrase, self.language)
    }

    fn head(&self) -> String {
        let zone = self.season.zone.iana_name().unwrap_or("UTC");
        let title = phrase!("timeline-title", first = self.season.first, last = self.season.last);
        wrapped("", &self.say(&phrase!("timeline-title-zone", title = title, zone = zone)), self.width)
    }

    fn row(&self, name: &str, cells: &[char]) -> String {
        let cells: String = cells.iter().collect();
        let (name, width) = (cut(name, self.names - 2), self.names);
        format!("{name:<width$}{cells}").trim_end().to_owned() + "\n"
    }

    fn picture(&self) -> String {
        let mut rows = self.axis();
        for law in &self.season.markets {
            let marks: Vec<(Timestamp, Timestamp, char)> = law
                .periods
                .iter()
                .map(|period| {
                    let mark = if period.kind == PeriodKind::Sale { sign::SALES } else { sign::BLACKOUT };
                    (period.starts_at.timestamp(), period.ends_at.timestamp(), mark)
                })
                .collect();
            rows += &self.row(&self.say(&market_name(law)), &self.line(&marks));
        }
        let entries = self.season.entries();
        for sale in &self.season.sales {
            let mark = if sale.held { sign::HELD } else { sign::OPEN };
            let mut cells = self.line(&[(sale.schedule.opens_at, sale.ends_at(), mark)]);
            for entry in entries.iter().filter(|entry| entry.sale.schedule.slug == sale.schedule.slug) {
                self.put_letter(entry, &mut cells);
            }
            rows += &self.row(sale.schedule.slug.as_str(), &cells);
        }
        if let Some(at) = self.cell(self.season.now) {
            let mut cells = vec![' '; self.cells];
            put(&mut cells, at, sign::TODAY);
            rows += &self.row(&self.say(&phrase!("timeline-today")), &cells);
        }
        rows
    }

    /// The sign of a letter in the cell in which it leaves; where there are several, that there are.
    fn put_letter(&self, entry: &SeasonEntry<'_>, cells: &mut [char]) {
        let (Some(sign), Some(at)) = (entry.sign, self.cell(entry.at)) else { return };
        let taken = cells.get(at).is_some_and(|cell| ![sign::OPEN, sign::HELD, sign::NOTHING].contains(cell));
        put(cells, at, if taken { sign::SEVERAL } else { sign });
    }

    /// The cell in which an instant lies.
    fn cell(&self, at: Timestamp) -> Option<usize> {
        let cells = self.cells;
        let scale = Scale::of(self.season, 1.0);
        let share = scale.point(at)?;
        (0..cells).rfind(|cell| part(*cell, cells) <= share)
    }

    /// A row with a sign in every cell whose middle a stretch covers; and one, where it covers no middle, in the cell in which
    /// it begins.
    fn line(&self, stretches: &[(Timestamp, Timestamp, char)]) -> Vec<char> {
        let scale = Scale::of(self.season, 1.0);
        let mut cells = vec![sign::NOTHING; self.cells];
        for (from, to, mark) in stretches {
            let Some((from, to)) = scale.stretch(*from, *to) else { continue };
            let middle = |cell: usize| f64::midpoint(part(cell, self.cells), part(cell + 1, self.cells));
            let covered: Vec<usize> =
                (0..self.cells).filter(|cell| from <= middle(*cell) && middle(*cell) < to).collect();
            if covered.is_empty() {
                let first = (0..self.cells).rfind(|cell| part(*cell, self.cells) <= from);
                if let Some(cell) = first {
                    put(&mut cells, cell, *mark);
                }
            }
            for cell in covered {
                put(&mut cells, cell, *mark);
            }
        }
        cells
    }

    /// The months, and the days below them.
    fn axis(&self) -> String {
        let scale = Scale::of(self.season, 1.0);
        let first_cell = |tick: &Tick| {
            let share = scale.at(tick.at);
            (0..self.cells).find(|cell| part(*cell + 1, self.cells) > share).unwrap_or_default()
        };
        let months = self.season.months();
        let labels: Vec<(usize, [String; 2])> = months
            .iter()
            .map(|tick| {
                let month = self.say(&phrase!("timeline-month", month = i64::from(tick.day.month())));
                (first_cell(tick), [format!("{month} {}", tick.day.year()), month])
            })
            .collect();
        let mut above = vec![' '; self.cells];
        for (number, (at, [long, short])) in labels.iter().enumerate() {
            let room = labels.get(number + 1).map_or(self.cells, |(next, _)| *next).saturating_sub(*at);
            let fits = [long, short].into_iter().find(|label| label.chars().count() < room);
            if let Some(label) = fits {
                write_at(&mut above, *at, label);
            }
        }
        let mut below = vec![' '; self.cells];
        for tick in self.season.ticks(self.cells_as_length(), 4.0) {
            let (at, label) = (first_cell(&tick), tick.day.day().to_string());
            if at + label.len() <= self.cells {
                write_at(&mut below, at, &label);
            }
        }
        self.row("", &above) + &self.row("", &below)
    }

    fn cells_as_length(&self) -> f64 {
        u32::try_from(self.cells).map_or(f64::from(u32::MAX), f64::from)
    }

    /// What the signs mean, of those that are used.
    fn signs(&self) -> String {
        let season = self.season;
        let has = |kind: PeriodKind| season.markets.iter().any(|law| law.periods.iter().any(|it| it.kind == kind));
        let letters = season.entries().iter().any(|entry| entry.sign.is_some());
        let used = [
            (season.sales.iter().any(|sale| !sale.held && sale.opens()), sign::OPEN, phrase!("timeline-sign-open")),
            (season.sales.iter().any(|sale| sale.held), sign::HELD, phrase!("timeline-sign-held")),
            (has(PeriodKind::Sale), sign::SALES, phrase!("timeline-sign-sales")),
            (has(PeriodKind::Blackout), sign::BLACKOUT, phrase!("timeline-sign-blackout")),
            (letters, '1', phrase!("timeline-sign-letter")),
            (season.is_now(), sign::TODAY, phrase!("timeline-sign-today")),
        ];
        let said = used.into_iter().filter(|(used, ..)| *used);
        let said: Vec<String> = said.map(|(_, sign, words)| format!("{sign}\u{a0}{}", self.say(&words))).collect();
        wrapped("", &said.join("   "), self.width)
    }

    fn happenings(&self) -> String {
        let mut text = self.heading(&phrase!("timeline-happens"));
        for entry in self.season.entries() {
            let sale = entry.sale;
            let at = moment(&entry, self.season);
            let what = phrase!("timeline-line", at = at, slug = Fact::text(&sale.schedule.slug), what = entry.phrase());
            let sign = entry.sign.unwrap_or(match entry.kind {
                EntryKind::Opens if sale.held => sign::HELD,
                EntryKind::Opens => sign::OPEN,
                _ => ' ',
            });
            text += &wrapped(&format!("{sign} "), &self.say(&what), self.width);
        }
        text
    }

    fn law(&self) -> String {
        let mut text = self.heading(&phrase!("timeline-law"));
        for law in &self.season.markets {
            for (kind, words) in law_lines(law) {
                let sign = match kind {
                    LawLine::Of(PeriodKind::Sale) => sign::SALES,
                    LawLine::Of(PeriodKind::Blackout) => sign::BLACKOUT,
                    LawLine::Unpublished => '?',
                    LawLine::Nothing => ' ',
                };
                text += &wrapped(&format!("{sign} "), &self.say(&words), self.width);
            }
        }
        text
    }

    fn troubles(&self) -> String {
        let troubles = troubles(self.season);
        if troubles.is_empty() {
            return String::new();
        }
        let lines = troubles.iter().map(|trouble| wrapped("! ", &self.say(trouble), self.width));
        self.heading(&phrase!("timeline-troubles")) + &lines.collect::<String>()
    }

    fn heading(&self, words: &Phrase) -> String {
        let words = self.say(words).to_uppercase();
        format!("{words}\n")
    }
}

/// How far from the left a cell begins, of one that is all of them.
fn part(cell: usize, cells: usize) -> f64 {
    let share = |count: usize| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    share(cell) / share(cells.max(1))
}

fn put(cells: &mut [char], at: usize, sign: char) {
    if let Some(cell) = cells.get_mut(at) {
        *cell = sign;
    }
}

fn write_at(cells: &mut [char], at: usize, words: &str) {
    words.chars().enumerate().for_each(|(number, letter)| put(cells, at + number, letter));
}
