//! `campaign copy`: last season's campaign as a file for the next one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Serialize;

use super::CopyArgs;
use crate::calendar::{Calendar, PeriodError, PeriodKind};
use crate::campaign::{Campaign, CampaignCopy, ReviewPlace, SaleEdition, Schedule, SeasonChange, slug_for};
use crate::cli::exit::{Exit, Failure};
use crate::cli::{Context, calendar};
use crate::compliance::{Waiver, words_of_one_sale};
use crate::db::{Store, campaigns, waivers};
use crate::document::Document;
use crate::files::read_text;
use crate::finding::Finding;
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken as _, in_words};
use crate::text::Slug;

/// How many years ahead the next season of a kind is looked for.
const FURTHEST: i16 = 10;

/// What was written, for programs.
#[derive(Serialize)]
struct Report<'a> {
    file: &'a Path,
    slug: &'a Slug,
    opens_at: Option<Timestamp>,
    closes_at: Option<Timestamp>,
    moved: Vec<MovedLine<'a>>,
    review: Vec<AskedLine<'a>>,
}

#[derive(Serialize)]
struct MovedLine<'a> {
    line: usize,
    was: &'a str,
    will_be: &'a str,
}

#[derive(Serialize)]
struct AskedLine<'a> {
    line: usize,
    message: String,
    #[serde(flatten)]
    says: &'a Phrase,
}

/// What is copied.
pub(super) struct Original {
    campaign: Campaign,
    schedule: Schedule,
    /// What people answered for, which is not copied.
    waivers: Vec<Waiver>,
}

pub(super) fn run(args: &CopyArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let calendar = calendar::load(context)?;
    let store = context.settings_if_any()?.map(|settings| Store::open(&settings.store)).transpose()?;
    let document = match source(&args.campaign, store.as_ref())? {
        Ok(document) => document,
        Err(finding) => return Ok(context.findings(&[finding])?),
    };
    let original = match Original::read(&document, &calendar, store.as_ref())? {
        Ok(original) => original,
        Err(findings) => return Ok(context.findings(&findings)?),
    };
    let (slug, copy, resolved) = original.next(args, &calendar, context)?;
    if let Some(store) = &store
        && store.read_blocking(|db| campaigns::find(db, &slug))?.is_some()
    {
        return Err(Failure::refused(phrase!("copy-slug-taken", slug = Fact::text(&slug))));
    }
    let path = args.out.clone().unwrap_or_else(|| Path::new(&document.name).with_file_name(format!("{slug}.toml")));
    write_new(&path, &copy.text)?;
    tell(&path, &slug, &copy, resolved.as_ref(), args.json, context)
}

/// Writes a file that is not there yet.
pub(super) fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    let shown = || Fact::text(path.display());
    let mut file = match File::create_new(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Failure::refused(phrase!("new-exists", file = shown())));
        }
        Err(error) => return Err(error).with_context(|| phrase!("cannot-write", path = shown())),
    };
    file.write_all(text.as_bytes()).with_context(|| phrase!("cannot-write", path = shown()))
}

/// The file of that name, else what the campaign of that name was last applied from, as it was then.
fn source(named: &str, store: Option<&Store>) -> anyhow::Result<Result<Document, Finding>> {
    let file = Path::new(named);
    if file.is_file() {
        return Ok(read_text(file).map_err(crate::files::TextFileError::into_finding));
    }
    let unknown = || Failure::refused(phrase!("copy-no-source", named = named));
    let slug: Slug = named.parse().map_err(|_| unknown())?;
    let store = store.ok_or_else(unknown)?;
    let applied = store.read_blocking(|db| campaigns::find(db, &slug))?.ok_or_else(unknown)?;
    Ok(Ok(Document::new(applied.source_name, applied.source_text)))
}

impl Original {
    /// What is in the file, and the waivers that its campaign has.
    pub(super) fn read(
        document: &Document,
        calendar: &Calendar,
        store: Option<&Store>,
    ) -> anyhow::Result<Result<Self, Vec<Finding>>> {
        let read = Campaign::parse(document).and_then(|campaign| {
            let schedule = campaign.resolve(calendar)?;
            Ok((campaign, schedule))
        });
        let (campaign, schedule) = match read {
            Ok(read) => read,
            Err(findings) => return Ok(Err(findings)),
        };
        let of_campaign = |store: &Store| store.read_blocking(|db| waivers::of_campaign(db, &schedule.slug));
        let waivers = store.map(of_campaign).transpose()?.unwrap_or_default();
        Ok(Ok(Self { campaign, schedule, waivers }))
    }

    /// The copy under its name, with what it resolves to where that is known. Without a season it is the next of the same kind
    /// in which the sale has not opened yet.
    fn next(
        &self,
        args: &CopyArgs,
        calendar: &Calendar,
        context: &Context,
    ) -> anyhow::Result<(Slug, CampaignCopy, Option<Schedule>)> {
        let now = context.clock.now();
        let from = self.campaign.edition();
        let copy = |to: &SaleEdition| self.edition(to, args.slug.as_ref(), calendar, context);
        if let Some(to) = &args.season {
            self.must_have(to, calendar)?;
        }
        let this_year = self.schedule.time_zone().to_datetime(now).year();
        let last = self.schedule.time_zone().to_datetime(self.schedule.opens_at).year();
        let to = match (&args.season, &from) {
            (Some(to), _) => to.clone(),
            // Nothing follows the law, so nothing moves; the year is for the name alone.
            (None, None) => {
                return Ok(self.copy(None, (last + 1).max(this_year), args.slug.as_ref(), calendar, context));
            }
            (None, Some(from)) => {
                let years = from.year + 1..=from.year.max(this_year) + FURTHEST;
                let coming = |year: &i16| copy(&from.in_year(*year)).2.is_some_and(|schedule| schedule.opens_at > now);
                from.in_year(years.into_iter().find(coming).unwrap_or(from.year + 1))
            }
        };
        if from.as_ref().is_some_and(|from| (&from.season, from.year) == (&to.season, to.year)) {
            let season =
                args.season.as_ref().map_or_else(String::new, |season| format!("{}.{}", season.season, season.year));
            return Err(Failure::refused(phrase!("copy-same-season", season = season)));
        }
        Ok(copy(&to))
    }

    /// Makes sure that every market of the sale has a season of that name. A year whose dates are not known yet is no slip.
    fn must_have(&self, to: &SaleEdition, calendar: &Calendar) -> anyhow::Result<()> {
        for market in &self.schedule.markets {
            let found = calendar.period(market, self.schedule.channel, PeriodKind::Sale, &to.season, to.year);
            if let Err(error @ PeriodError::NoSuchSeason { .. }) = found {
                return Err(Failure::refused(error.phrase()));
            }
        }
        Ok(())
    }

    /// The copy for that edition, under `slug` or the name that it gets by itself.
    pub(super) fn edition(
        &self,
        to: &SaleEdition,
        slug: Option<&Slug>,
        calendar: &Calendar,
        context: &Context,
    ) -> (Slug, CampaignCopy, Option<Schedule>) {
        let from = self.campaign.edition();
        let season = from.as_ref().map(|from| SeasonChange::between(from, to));
        self.copy(season, to.year, slug, calendar, context)
    }

    fn copy(
        &self,
        season: Option<SeasonChange<'_>>,
        year: i16,
        slug: Option<&Slug>,
        calendar: &Calendar,
        context: &Context,
    ) -> (Slug, CampaignCopy, Option<Schedule>) {
        let slug = slug.cloned().unwrap_or_else(|| slug_for(&self.schedule.slug, season, year));
        let mut more = words_of_one_sale(&self.campaign, &self.schedule);
        more.extend(self.waivers.iter().map(|waiver| ReviewPlace { span: 0..0, says: of_waiver(waiver) }));
        let mark = |says: &Phrase| in_words(&phrase!("copy-mark", says = says.clone()), context.language);
        let copy = self.campaign.copy_for(season, &slug, more, &mark);
        let document = Document::new(slug.as_str(), copy.text.as_str());
        let resolved = Campaign::parse(&document).and_then(|campaign| campaign.resolve(calendar)).ok();
        (slug, copy, resolved)
    }
}

fn of_waiver(waiver: &Waiver) -> Phrase {
    let (rule, reason) = (waiver.rule.as_str(), waiver.reason.as_str());
    match &waiver.words {
        Some(words) => phrase!("copy-waiver-about", rule = rule, words = words, reason = reason),
        None => phrase!("copy-waiver", rule = rule, reason = reason),
    }
}

/// Says what was written, and what is asked for in it.
pub(super) fn tell(
    path: &PathBuf,
    slug: &Slug,
    copy: &CampaignCopy,
    resolved: Option<&Schedule>,
    json: bool,
    context: &mut Context,
) -> anyhow::Result<Exit> {
    let moved = copy.moved.iter().map(|it| MovedLine { line: it.line, was: &it.was, will_be: &it.will_be });
    let review = copy.review.iter().map(|it| AskedLine { line: it.line, message: it.says.to_string(), says: &it.says });
    if json {
        context.json(&Report {
            file: path,
            slug,
            opens_at: resolved.map(|schedule| schedule.opens_at),
            closes_at: resolved.map(|schedule| schedule.closes_at),
            moved: moved.collect(),
            review: review.collect(),
        })?;
        return Ok(Exit::Done);
    }
    let shown = path.display().to_string();
    context.line(&shown)?;
    for MovedLine { line, was, will_be } in moved {
        let line = Fact::text(line);
        context.indented(&phrase!("copy-moved", line = line, was = was, will_be = will_be))?;
    }
    match resolved {
        Some(schedule) => {
            let zone = schedule.time_zone();
            let (opens, closes) = (Fact::moment(schedule.opens_at, &zone), Fact::until(schedule.closes_at, &zone));
            context.say(&phrase!("check-window", file = &shown, opens = opens, closes = closes))?;
        }
        None => context.say(&phrase!("copy-unresolved", file = &shown))?,
    }
    if !copy.review.is_empty() {
        context.say(&phrase!("copy-review", count = copy.review.len()))?;
        for review in &copy.review {
            let line = Fact::text(review.line);
            context.indented(&phrase!("copy-asked", line = line, says = review.says.clone()))?;
        }
    }
    context.remark(&match copy.review.len() {
        0 => phrase!("copy-next", file = &shown),
        _ => phrase!("copy-next-review", file = &shown),
    })?;
    Ok(Exit::Done)
}
