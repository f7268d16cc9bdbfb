//! A campaign once more, for another season. What follows from the law moves by itself; what a person typed for the one sale,
//! and only a person can know for the other, is asked for by a comment.
//!
//! The file is not written anew: some of its bytes are replaced, so that its remarks and its order stay.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Anchor, Campaign, Every, Expression, PeriodAnchor, PeriodEdge, Written};
use crate::calendar::PeriodKind;
use crate::finding::{Finding, Place};
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::Slug;
use crate::{phrase, spoken_errors};

/// With which a comment begins that asks for something, in each language of the command line.
pub const REVIEW_MARKS: [&str; 2] = ["TO REVIEW", "À REVOIR"];

/// A season and a year, as a person names them: `winter.2028`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleEdition {
    /// The season as the law's files call it.
    pub season: String,
    /// The year in which its sales start.
    pub year: i16,
    /// The season as it was typed.
    written: String,
}

/// A text that names no season and year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleEditionError(String);

impl Spoken for SaleEditionError {
    fn phrase(&self) -> Phrase {
        phrase!("copy-season", written = self.0.as_str())
    }
}

spoken_errors!(SaleEditionError);

impl fmt::Display for SaleEdition {
    /// As the law's files call the season, and its year: `winter.2028`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:04}", self.season, self.year)
    }
}

impl FromStr for SaleEdition {
    type Err = SaleEditionError;

    fn from_str(text: &str) -> Result<Self, SaleEditionError> {
        let wrong = || SaleEditionError(text.to_owned());
        let named = if text.matches('.').count() == 1 { format!("sale.{text}") } else { text.to_owned() };
        let Expression { anchor: Anchor::Period(period), shifts, at: None, .. } = named.parse().map_err(|_| wrong())?
        else {
            return Err(wrong());
        };
        let plain = shifts.is_empty() && period.kind == PeriodKind::Sale && period.edge == PeriodEdge::Start;
        let written = named.split('.').nth(1).filter(|_| plain).ok_or_else(wrong)?.to_owned();
        Ok(Self { season: period.season, year: period.year, written })
    }
}

impl SaleEdition {
    /// The same season of another year.
    #[must_use]
    pub fn in_year(&self, year: i16) -> Self {
        Self { year, ..self.clone() }
    }

    fn of(period: &PeriodAnchor) -> Self {
        Self { season: period.season.clone(), year: period.year, written: period.season.clone() }
    }
}

/// Something that a person has to look at, and where it stands in the file that is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewPlace {
    /// The bytes of the value; what is about the whole file stands at its beginning.
    pub span: Range<usize>,
    /// What there is to look at.
    pub says: Phrase,
}

/// Words that follow the law to another season.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedWords {
    /// Their line in the new file.
    pub line: usize,
    /// What stood there.
    pub was: String,
    /// What stands there now.
    pub will_be: String,
}

/// A comment that asks for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewLine {
    /// Its line in the new file. What it is about stands below.
    pub line: usize,
    /// What there is to look at.
    pub says: Phrase,
}

/// The new file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignCopy {
    /// What it holds.
    pub text: String,
    /// What moved, in the order of the file.
    pub moved: Vec<MovedWords>,
    /// What is asked for, in the order of the file.
    pub review: Vec<ReviewLine>,
}

/// From which season to which a file is copied; none of a file in which nothing follows the law.
#[derive(Clone, Copy, Debug)]
pub struct SeasonChange<'a> {
    from: &'a SaleEdition,
    to: &'a SaleEdition,
}

impl<'a> SeasonChange<'a> {
    /// From the one to the other.
    pub fn between(from: &'a SaleEdition, to: &'a SaleEdition) -> Self {
        Self { from, to }
    }

    /// Where an anchor to `period` goes: with the season, or by as many years where the season stays.
    fn of(self, period: &PeriodAnchor) -> Option<SaleEdition> {
        let Self { from, to } = self;
        let same = period.season == from.season && period.year == from.year;
        let years = to.year.checked_sub(from.year)?;
        if same {
            return Some(to.clone());
        }
        let other = (from.season == to.season).then(|| SaleEdition::of(period))?;
        Some(other.in_year(period.year.checked_add(years)?))
    }
}

/// One place of the file that does not stay as it is.
enum Edit {
    /// The slug, or words that say when.
    Moved { span: Range<usize>, will_be: String },
    /// A comment above the line.
    Ask { at: usize, says: Phrase },
}

impl Edit {
    fn place(&self) -> (usize, usize) {
        match self {
            Self::Ask { at, .. } => (*at, 0),
            Self::Moved { span, .. } => (span.start, 1),
        }
    }
}

impl Campaign {
    /// The season that the campaign is anchored to: by its opening, else by its closing, else by a mailing.
    pub fn edition(&self) -> Option<SaleEdition> {
        self.expressions().find_map(|written| match &written.anchor {
            Anchor::Period(period) => Some(SaleEdition::of(period)),
            Anchor::Window(_) | Anchor::Civil(_) => None,
        })
    }

    /// All words of the file that say when.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Written<Expression>> {
        let of_mailings = self.mailings.iter().flat_map(|mailing| [&mailing.not_before, &mailing.not_after]);
        let window = [&self.window.opens, &self.window.closes];
        window.into_iter().chain(&self.window.announce_from).chain(of_mailings)
    }

    /// The file for another season, under another name. `more` is what else a person has to look at; `say` gives the words of
    /// the comments, which begin with one of [`REVIEW_MARKS`].
    pub fn copy_for(
        &self,
        season: Option<SeasonChange<'_>>,
        slug: &Slug,
        more: Vec<ReviewPlace>,
        say: &dyn Fn(&Phrase) -> String,
    ) -> CampaignCopy {
        let text = self.document.text.as_str();
        let long = long_values(text);
        let ask = |review: ReviewPlace| Edit::Ask { at: line_above(text, &long, review.span.start), says: review.says };
        let mut edits = vec![Edit::Moved { span: self.slug.span.clone(), will_be: format!("\"{slug}\"") }];
        for written in self.expressions() {
            edits.extend(match self.follow(written, season) {
                Followed::Stays => None,
                Followed::Moves(edit) => Some(edit),
                Followed::Asks(says) => Some(ask(ReviewPlace { span: written.span.clone(), says })),
            });
        }
        edits.extend(season.and_then(|season| self.comes_again(season)));
        edits.extend(self.of_the_one_sale().into_iter().chain(more).chain(self.names_season(season)).map(ask));
        edits.sort_by_key(Edit::place);
        written(text, edits, say)
    }

    fn follow(&self, written: &Written<Expression>, season: Option<SeasonChange<'_>>) -> Followed {
        let period = match &written.anchor {
            Anchor::Window(_) => return Followed::Stays,
            Anchor::Civil(_) => return Followed::Asks(phrase!("copy-fixed-date", words = written.as_str())),
            Anchor::Period(period) => period,
        };
        let moved =
            season.and_then(|season| season.of(period)).and_then(|edition| self.moved(written, period, &edition));
        moved.map_or_else(|| Followed::Asks(phrase!("copy-other-period", words = written.as_str())), Followed::Moves)
    }

    /// The season and the year within the words, which stay otherwise.
    fn moved(&self, written: &Written<Expression>, period: &PeriodAnchor, to: &SaleEdition) -> Option<Edit> {
        let raw = self.document.text.get(written.span.clone())?;
        let year = format!(".{:04}", period.year);
        let year_at = raw.find(&year)?;
        let season_at = raw.get(..year_at)?.rfind('.')? + 1;
        let own = raw.get(season_at..year_at)?;
        let season = if period.season == to.season { own } else { to.written.as_str() };
        let start = written.span.start;
        let span = start + season_at..start + year_at + year.len();
        Some(Edit::Moved { span, will_be: format!("{season}.{:04}", to.year) })
    }

    /// How often it comes again, where the file names a season that the copy is not of.
    fn comes_again(&self, SeasonChange { to, .. }: SeasonChange<'_>) -> Option<Edit> {
        let every = self.every.as_ref().filter(|every| !every.value.fits(&to.season))?;
        let will_be = format!("\"{}\"", Every::of_season(&to.season));
        Some(Edit::Moved { span: every.span.clone(), will_be })
    }

    /// The texts that name the season, where the copy is of another one.
    fn names_season(&self, season: Option<SeasonChange<'_>>) -> Vec<ReviewPlace> {
        let words: &[&str] = match season {
            Some(SeasonChange { from, to }) if from.season != to.season => season_words(&from.season),
            _ => &[],
        };
        let names = [Some(&self.title), self.label.as_ref()].into_iter().flatten();
        let of_sale = self.words.values().flat_map(|own| {
            let lines = [&own.title, &own.button, &own.alt].into_iter().flatten().map(|line| &line.span);
            lines.chain(own.intro.as_ref().map(|intro| &intro.span))
        });
        let letters = self.mailings.iter().flat_map(|mailing| mailing.texts.values());
        let letters = letters.flat_map(|texts| texts.all().map(|(_, text)| &text.span));
        let spans = names.map(|name| &name.span).chain(of_sale).chain(letters);
        let asked = spans.filter_map(|span| {
            let text = self.document.text.get(span.clone())?.to_lowercase();
            let mut all = text.split(|letter: char| !letter.is_alphabetic());
            let word = all.find(|word| words.contains(word))?;
            Some(ReviewPlace {
                span: span.clone(),
                says: phrase!("copy-words", words = Fact::texts([format!("`{word}`")])),
            })
        });
        asked.collect()
    }

    /// What was said of the one sale alone, beside its times and its texts.
    fn of_the_one_sale(&self) -> Vec<ReviewPlace> {
        let review = |span: &Range<usize>, says| ReviewPlace { span: span.clone(), says };
        let mut found: Vec<ReviewPlace> =
            self.continues.iter().map(|slug| review(&slug.span, phrase!("copy-continues"))).collect();
        // One list, one question.
        found.truncate(1);
        found.extend(self.group.iter().map(|group| review(&group.fixed_on.span, phrase!("copy-group"))));
        let receipt = self.declaration.iter().filter_map(|declaration| declaration.receipt.as_ref());
        found.extend(receipt.map(|receipt| review(&receipt.span, phrase!("copy-receipt"))));
        let offers = self.offers.iter().map(|offer| &offer.prices);
        found.extend(offers.map(|prices| review(&prices.span, phrase!("copy-prices", file = prices.as_str()))));
        found
    }
}

/// What a season is called in the languages of letters.
fn season_words(season: &str) -> &'static [&'static str] {
    match season {
        "winter" => &["hiver", "winter", "inverno", "invierno", "invernali", "invernales"],
        "summer" => &["été", "summer", "zomer", "sommer", "estate", "estivi", "verano", "verão"],
        _ => &[],
    }
}

/// What becomes of words that say when.
enum Followed {
    Stays,
    Moves(Edit),
    Asks(Phrase),
}

/// The comments of a file that still ask for something: whoever has looked deletes them.
pub fn unreviewed(campaign: &Campaign) -> Vec<Finding> {
    let document = &campaign.document;
    let asks = |line: &str| {
        let comment = line.trim_start().strip_prefix('#').map(str::trim_start);
        comment.is_some_and(|comment| REVIEW_MARKS.iter().any(|mark| comment.starts_with(mark)))
    };
    let long = long_values(&document.text);
    let mut found = Vec::new();
    let mut at = 0;
    for (line, text) in (1..).zip(document.text.split('\n')) {
        let is_within = long.iter().any(|span| span.start < at && at < span.end);
        if asks(text) && !is_within {
            let place = Place { line: Some(line), ..Place::file(&document.name) };
            found.push(Finding::error("file.to-review", place, phrase!("copy-unreviewed", asked = text.trim())));
        }
        at += text.len() + 1;
    }
    found
}

/// The values that go over several lines: no comment can stand inside of a text.
fn long_values(text: &str) -> Vec<Range<usize>> {
    fn walk(value: &Spanned<DeValue<'_>>, text: &str, found: &mut Vec<Range<usize>>) {
        match value.get_ref() {
            DeValue::Table(entries) => entries.values().for_each(|entry| walk(entry, text, found)),
            DeValue::Array(items) if items.iter().any(|item| item.get_ref().is_table()) => {
                items.iter().for_each(|item| walk(item, text, found));
            }
            _ if text.get(value.span()).is_some_and(|raw| raw.contains('\n')) => found.push(value.span()),
            _ => {}
        }
    }
    let (tree, _) = DeTable::parse_recoverable(text);
    let mut found = Vec::new();
    tree.get_ref().values().for_each(|value| walk(value, text, &mut found));
    found
}

/// Where the line begins on which the value at `offset` stands; before a value that began on an earlier line, if one ends there.
fn line_above(text: &str, long: &[Range<usize>], offset: usize) -> usize {
    let start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    match long.iter().find(|span| span.start < start && start < span.end) {
        Some(span) => line_above(text, long, span.start),
        None => start,
    }
}

/// Carries the edits out, which are in the order of the file.
fn written(text: &str, edits: Vec<Edit>, say: &dyn Fn(&Phrase) -> String) -> CampaignCopy {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut copy =
        CampaignCopy { text: String::with_capacity(text.len() + 1024), moved: Vec::new(), review: Vec::new() };
    let (mut done, mut line, mut counted) = (0, 1, 0);
    for edit in edits {
        let (from, to) = match &edit {
            Edit::Ask { at, .. } => (*at, *at),
            Edit::Moved { span, .. } => (span.start, span.end),
        };
        copy.text.push_str(text.get(done..from).unwrap_or_default());
        done = to;
        line += copy.text.get(counted..).unwrap_or_default().matches('\n').count();
        match edit {
            Edit::Ask { says, .. } => {
                // A second question about the same line is another comment, and the same question no second one.
                if copy.review.last().is_some_and(|last| last.says == says && last.line + 1 == line) {
                    counted = copy.text.len();
                    continue;
                }
                let words = say(&says).replace(['\n', '\r'], " ");
                copy.review.push(ReviewLine { line, says });
                copy.text.extend(["# ", words.as_str(), end]);
                line += 1;
            }
            Edit::Moved { span, will_be } => {
                let was = text.get(span).unwrap_or_default().to_owned();
                copy.moved.push(MovedWords { line, was, will_be: will_be.clone() });
                copy.text.push_str(&will_be);
            }
        }
        counted = copy.text.len();
    }
    copy.text.push_str(text.get(done..).unwrap_or_default());
    copy
}

/// The name of a sale that is held again: with the year of the new one in place of the year in it, or added. `from` and `to`
/// name their seasons.
pub fn slug_for(own: &Slug, season: Option<SeasonChange<'_>>, year: i16) -> Slug {
    let renamed = |part: &str| {
        let SeasonChange { from, to } = season?;
        SEASON_NAMES.iter().find_map(|(winter, summer)| match (from.season.as_str(), to.season.as_str()) {
            ("winter", "summer") if part == *winter => Some(*summer),
            ("summer", "winter") if part == *summer => Some(*winter),
            _ => None,
        })
    };
    let parts: Vec<&str> = own.as_str().split('-').map(|part| renamed(part).unwrap_or(part)).collect();
    let seasoned = parts.join("-").parse().unwrap_or_else(|_| own.clone());
    slug_of_year(&seasoned, year)
}

/// Winter and summer as slugs have them.
const SEASON_NAMES: [(&str, &str); 2] = [("winter", "summer"), ("hiver", "ete")];

/// A slug for a sale of `year` when its own is taken: with the year in place of the one in it, or added.
pub(super) fn slug_of_year(own: &Slug, year: i16) -> Slug {
    let year = year.to_string();
    let is_year =
        |part: &str| part.len() == 4 && part.starts_with("20") && part.bytes().all(|byte| byte.is_ascii_digit());
    let name = own.as_str();
    let with = |end: &str| {
        let kept = name.get(..name.len().min(Slug::LONGEST - end.len())).unwrap_or(name);
        format!("{}{end}", kept.trim_end_matches('-'))
    };
    let parts: Vec<&str> = name.split('-').collect();
    let new = if parts.contains(&year.as_str()) {
        with("-2")
    } else if !parts.iter().any(|part| is_year(part)) {
        with(&format!("-{year}"))
    } else {
        parts.into_iter().map(|part| if is_year(part) { &year } else { part }).collect::<Vec<_>>().join("-")
    };
    // Made of a slug and a number, so it is one.
    new.parse().unwrap_or_else(|_| own.clone())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample;
    use super::*;
    use crate::document::Document;

    fn edition(text: &str) -> SaleEdition {
        text.parse().unwrap()
    }

    /// The lines of the copy that are not those of the file.
    #[track_caller]
    fn check(edits: &[(&str, &str)], to: &str, expected: &[&str]) -> CampaignCopy {
        let document = sample::with(edits);
        let campaign = Campaign::parse(&document).unwrap();
        let (from, to) = (campaign.edition(), edition(to));
        let season = from.as_ref().map(|from| SeasonChange::between(from, &to));
        let slug = slug_for(&campaign.slug, season, to.year);
        let copy = campaign.copy_for(season, &slug, Vec::new(), &|says| format!("TO REVIEW: {says}"));
        let lines: Vec<&str> = copy.text.lines().collect();
        let new: Vec<String> = (1..)
            .zip(&lines)
            .filter(|(_, line)| !document.text.lines().any(|old| old == **line))
            .map(|(at, line)| format!("{at} {line}"))
            .collect();
        assert_eq!(new, expected);
        for review in &copy.review {
            assert!(lines[review.line - 1].starts_with("# TO REVIEW"), "{review:?}");
        }
        for moved in &copy.moved {
            assert!(lines[moved.line - 1].contains(&moved.will_be), "{moved:?}");
        }
        let again = Campaign::parse(&Document::new("copy.toml", copy.text.clone())).unwrap();
        assert_eq!(unreviewed(&again).len(), copy.review.len());
        copy
    }

    #[test]
    fn what_follows_the_law_moves_and_the_rest_stays_as_it_was_written() {
        check(
            &[],
            "winter.2028",
            &[
                "1 slug = \"hiver-2028\"",
                "9 opens = \"soldes.winter.2028 - 4 days at 08:00\"",
                "10 closes = \"soldes.winter.2028\"",
            ],
        );
        check(
            &[("soldes.winter.2027 - 4 days at 08:00", "soldes.hiver.2027 − 4 jours à 8h00")],
            "soldes.été.2028",
            &[
                "1 slug = \"ete-2028\"",
                "9 opens = \"soldes.été.2028 − 4 jours à 8h00\"",
                "10 closes = \"soldes.été.2028\"",
            ],
        );
        // Until the next sales, which are a year later too.
        check(
            &[("closes = \"soldes.winter.2027\"", "closes = \"soldes.summer.2027\"")],
            "winter.2029",
            &[
                "1 slug = \"hiver-2029\"",
                "9 opens = \"soldes.winter.2029 - 4 days at 08:00\"",
                "10 closes = \"soldes.summer.2029\"",
            ],
        );
    }

    #[test]
    fn what_only_a_person_knows_is_asked_for_at_its_line() {
        let own = "continues = [\n  \"a\",\n  \"b\",\n]\n\n[declaration]\nkind = \"liquidation\"\nreceipt = \"57-2027-012\"\n\n\
                   [[offers]]\nname = \"Bottines\"\nprices = \"bottines.csv\"\n\n[window]";
        let copy = check(
            &[("[window]", own), ("closes = \"soldes.winter.2027\"", "closes = 2027-01-06T08:00:00")],
            "winter.2028",
            &[
                "1 slug = \"hiver-2028\"",
                "7 # TO REVIEW: the campaigns that this one continues were those of the other sale: name those of the new one, or \
                 take the line out",
                "15 # TO REVIEW: this receipt was given for the other sale: write the number of the new one",
                "20 # TO REVIEW: `bottines.csv` holds the prices of the other sale: write the new ones, and check them with \
                 `carillon price check FILE`",
                "25 opens = \"soldes.winter.2028 - 4 days at 08:00\"",
                "26 # TO REVIEW: `2027-01-06T08:00:00` is a date of yours and did not move: write the new one",
            ],
        );
        assert_eq!(copy.review.len(), 4);
    }

    #[test]
    fn another_season_does_not_take_along_what_belongs_to_a_third() {
        check(
            &[("closes = \"soldes.winter.2027\"", "closes = \"blackout.summer.2027\"")],
            "summer.2028",
            &[
                "1 slug = \"ete-2028\"",
                "9 opens = \"soldes.summer.2028 - 4 days at 08:00\"",
                "10 # TO REVIEW: `blackout.summer.2027` belongs to another season and did not move: write what it is to be",
            ],
        );
    }

    #[test]
    fn a_copy_for_another_season_comes_again_with_that_one() {
        let every = ("[window]", "[edition]\nevery = \"winter\"\n\n[window]");
        let titled = ("Les journées magiques", "Le week-end d’hiver");
        check(
            &[every, titled],
            "été.2028",
            &[
                "1 slug = \"ete-2028\"",
                "2 # TO REVIEW: `hiver` was true of the other sale: look whether it is of the new one",
                "9 every = \"summer\"",
                "13 opens = \"soldes.été.2028 - 4 days at 08:00\"",
                "14 closes = \"soldes.été.2028\"",
            ],
        );
        let yearly = ("[window]", "[edition]\nevery = \"year\"\n\n[window]");
        let stays = [
            "1 slug = \"hiver-2028\"",
            "12 opens = \"soldes.winter.2028 - 4 days at 08:00\"",
            "13 closes = \"soldes.winter.2028\"",
        ];
        check(&[every, titled], "winter.2028", &stays);
        check(&[yearly, titled], "winter.2028", &stays);
    }

    #[test]
    fn seasons_are_named_as_in_a_file() {
        assert_eq!(edition("hiver.2028").season, "winter");
        assert_eq!(edition("soldes.summer.2028").year, 2028);
        for wrong in
            ["winter", "2028", "winter.28", "winter.2028.end", "blackout.winter.2028", "winter.2028 - 4 days", ""]
        {
            assert!(wrong.parse::<SaleEdition>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_new_sale_gets_a_name_of_its_own() {
        let check =
            |slug: &str, expected: &str| assert_eq!(slug_of_year(&slug.parse().unwrap(), 2027).as_str(), expected);
        check("hiver-2026", "hiver-2027");
        check("hiver", "hiver-2027");
        check("hiver-2027", "hiver-2027-2");
        check("fete-2026-1999", "fete-2027-1999");
        check(&"a".repeat(64), &format!("{}-2027", "a".repeat(59)));
    }

    proptest! {
        /// Whatever a person asks about, the copy is a campaign with the texts of the first, and each question stands in it.
        #[test]
        fn questions_break_no_file(at in prop::collection::vec(0_usize..700, 0..6), crlf in any::<bool>()) {
            let own = "[words.fr]\nintro = \"\"\"\nUn.\n\n# À REVOIR : deux.\n\"\"\"\nalt = '''\na b'''\n\n[window]";
            let mut document = sample::with(&[("[window]", own)]);
            if crlf {
                document.text = document.text.replace('\n', "\r\n");
            }
            let campaign = Campaign::parse(&document).unwrap();
            let from = campaign.edition().unwrap();
            let to = from.in_year(2031);
            let at: Vec<usize> = at.into_iter().filter(|at| document.text.is_char_boundary(*at)).collect();
            let more = at.iter().map(|at| ReviewPlace { span: *at..*at, says: Phrase::quoted(format!("look at {at}")) });
            let slug = "hiver-2031".parse().unwrap();
            let season = Some(SeasonChange::between(&from, &to));
            let copy = campaign.copy_for(season, &slug, more.collect(), &|says| format!("À REVOIR : {says}"));
            let again = Campaign::parse(&Document::new("copy.toml", copy.text.clone())).unwrap();
            prop_assert_eq!(again.words.values().map(|words| words.intro.clone().unwrap().value).collect::<Vec<_>>(),
                campaign.words.values().map(|words| words.intro.clone().unwrap().value).collect::<Vec<_>>());
            prop_assert_eq!(again.slug.as_str(), "hiver-2031");
            prop_assert_eq!(unreviewed(&again).len(), copy.review.len());
        }
    }
}
