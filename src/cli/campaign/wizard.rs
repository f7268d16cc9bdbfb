//! `campaign new` in five questions: what, where, when, to whom, which mails. Each answer is looked at as soon as it is given, and
//! the law that bears on it is shown. What was given as an option is not asked; without a terminal nothing is.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::PathBuf;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::NewArgs;
use super::copy::write_new;
use super::draft::{Draft, DraftGroup, slug_of};
use crate::calendar::{Calendar, Channel, Market, Period, PeriodKind};
use crate::campaign::{AudienceClass, Campaign, Expression, MailingKind, Schedule, season_word};
use crate::cli::exit::{Exit, Failure};
use crate::cli::{Context, calendar, terms};
use crate::compliance::{Case, judge};
use crate::document::Document;
use crate::finding::{Finding, Severity};
use crate::language::{InterfaceLanguage, Language};
use crate::member::NoListName;
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::{Line, Slug};

/// The questions, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum WizardStep {
    What,
    Where,
    When,
    ToWhom,
    Mails,
}

/// What stands for a title before there is one.
const NO_TITLE: &str = "…";

/// Asks, and keeps what was said.
struct Wizard<'a> {
    context: &'a mut Context,
    calendar: Calendar,
    asks: bool,
    /// The findings that were shown already.
    shown: BTreeSet<(&'static str, Option<String>, Phrase)>,
}

pub(super) fn run(args: &NewArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let calendar = calendar::load(context)?;
    let asks = io::stdin().is_terminal();
    if !asks && args.title.is_none() {
        return Err(Failure::usage(phrase!("new-needs-title")));
    }
    let mut wizard = Wizard { context, calendar, asks, shown: BTreeSet::new() };
    let draft = wizard.draft(args)?;
    wizard.finish(draft, args)
}

impl Wizard<'_> {
    /// Asks all that was not given.
    fn draft(&mut self, args: &NewArgs) -> anyhow::Result<Draft> {
        if self.asks {
            self.context.remark(&phrase!("new-begin"))?;
        }
        let mut draft = self.start(args)?;
        self.what(&mut draft, args)?;
        self.place(&mut draft, args)?;
        self.when(&mut draft, args)?;
        self.ask_whom(&mut draft, args)?;
        self.mails(&mut draft, args)?;
        Ok(draft)
    }

    /// What is taken until somebody says otherwise: what was given, and the usual.
    fn start(&self, args: &NewArgs) -> anyhow::Result<Draft> {
        let france = || "FR".parse::<Market>().map_err(|error| anyhow::anyhow!("{error}"));
        let markets = if args.market.is_empty() { vec![france()?] } else { args.market.clone() };
        let channel = args.channel.unwrap_or(Channel::Online);
        let (opens, closes) = self.usual_window(&markets, channel)?;
        let own = Language::from(self.context.language);
        let usual = || vec![MailingKind::Announcement, MailingKind::LastHours];
        Ok(Draft {
            slug: args.slug.clone().unwrap_or_else(Slug::sample),
            title: args.title()?,
            zone: self.zone(&markets),
            markets,
            channel,
            opens: args.opens.clone().unwrap_or(opens),
            closes: args.closes.clone().unwrap_or(closes),
            audience: args.audience.unwrap_or(AudienceClass::Public),
            group: args.draft_group(self.today())?,
            mails: if args.mail.is_empty() { usual() } else { args.mail.clone() },
            languages: if args.language.is_empty() { vec![own] } else { args.language.clone() },
        })
    }

    fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.context.clock.now()).date()
    }

    fn zone(&self, markets: &[Market]) -> String {
        let zone = markets.iter().find_map(|market| self.calendar.zone(market));
        zone.and_then(|zone| zone.iana_name().map(str::to_owned)).unwrap_or_else(|| "Europe/Paris".to_owned())
    }

    /// The next sales of a market, and what is banned around them.
    fn periods(&self, market: Market, channel: Channel) -> Vec<Period> {
        let (from, to) = (self.today(), self.today().saturating_add(Span::new().days(400)));
        let periods = self.calendar.periods(&market, channel, from, to);
        let next = periods.iter().find(|period| period.kind == PeriodKind::Sale && period.first_day > from);
        let Some((season, year)) = next.map(|sale| (sale.season.clone(), sale.year)) else { return Vec::new() };
        periods.into_iter().filter(|period| (&period.season, period.year) == (&season, year)).collect()
    }

    /// Four days before the next sales until they begin; where no law has any, four days in a month.
    fn usual_window(&self, markets: &[Market], channel: Channel) -> anyhow::Result<(Expression, Expression)> {
        let sales = markets.iter().filter_map(|market| {
            self.periods(*market, channel).into_iter().find(|period| period.kind == PeriodKind::Sale)
        });
        let sales: Vec<Period> = sales.collect();
        let first = sales.iter().min_by_key(|sale| sale.starts_at.timestamp());
        let (opens, closes) = if let Some(sale) = first.filter(|first| !begin_together(&sales, first)) {
            // No word of the law's means the same day in all of them.
            let begins = sale.starts_at.datetime();
            let before = begins.date().saturating_sub(Span::new().days(4));
            (format!("{before} 08:00"), format!("{} {}", begins.date(), begins.strftime("%H:%M")))
        } else if let Some(sale) = first {
            let anchor = format!("soldes.{}.{}", season_word(&sale.season, self.context.language), sale.year);
            let before = match self.context.language {
                InterfaceLanguage::En => "4 days at 08:00",
                InterfaceLanguage::Fr => "4 jours à 8h00",
            };
            (format!("{anchor} - {before}"), anchor)
        } else {
            let first = self.today().saturating_add(Span::new().days(30));
            let last = first.saturating_add(Span::new().days(4));
            (format!("{first} 08:00"), format!("{last} 20:00"))
        };
        Ok((opens.parse()?, closes.parse()?))
    }

    fn what(&mut self, draft: &mut Draft, args: &NewArgs) -> anyhow::Result<()> {
        if args.title.is_none() {
            self.question(&phrase!("new-what"))?;
        }
        let mut given = args.title.is_some();
        loop {
            if !given {
                let again = (draft.title.as_str() != NO_TITLE).then(|| draft.title.to_string());
                draft.title = self.ask(again.as_deref(), |said| Line::parse(said).map_err(|why| why.phrase()))?;
            }
            if self.passes(draft, WizardStep::What, given)? {
                return Ok(());
            }
            given = false;
        }
    }

    fn place(&mut self, draft: &mut Draft, args: &NewArgs) -> anyhow::Result<()> {
        let mut given = !args.market.is_empty();
        if !given {
            self.question(&phrase!("new-where"))?;
        }
        loop {
            if !given {
                let shown = places(&draft.markets, draft.channel, self.context);
                let calendar = self.calendar.clone();
                let (markets, channel) = self.ask(Some(&shown), |said| read_places(said, &calendar))?;
                (draft.zone, draft.channel) = (self.zone(&markets), args.channel.unwrap_or(channel));
                draft.markets = markets;
                let (opens, closes) = self.usual_window(&draft.markets, draft.channel)?;
                draft.opens = args.opens.clone().unwrap_or(opens);
                draft.closes = args.closes.clone().unwrap_or(closes);
            }
            self.show_law(draft)?;
            if self.passes(draft, WizardStep::Where, given)? {
                return Ok(());
            }
            given = false;
        }
    }

    /// The next sales of each market, as the law has them.
    fn show_law(&mut self, draft: &Draft) -> anyhow::Result<()> {
        for market in &draft.markets {
            let periods = self.periods(*market, draft.channel);
            if periods.is_empty() {
                self.context.remark(&phrase!("new-law-none", market = Fact::text(market)))?;
            }
            for period in periods {
                let facts = (Fact::Moment(Box::new(period.starts_at.clone())), Fact::Day(period.last_day));
                let (from, to) = facts;
                self.context.remark(&match period.kind {
                    PeriodKind::Sale => phrase!(
                        "new-law-sale",
                        market = Fact::text(market),
                        season = terms::season(&period.season),
                        year = Fact::text(period.year),
                        from = from,
                        to = to,
                        basis = terms::basis(period.basis)
                    ),
                    PeriodKind::Blackout => {
                        phrase!("new-law-blackout", market = Fact::text(market), from = from, to = to)
                    }
                })?;
            }
        }
        Ok(())
    }

    fn when(&mut self, draft: &mut Draft, args: &NewArgs) -> anyhow::Result<()> {
        let mut given = args.opens.is_some() && args.closes.is_some();
        if !given {
            self.question(&phrase!("new-when", zone = &draft.zone))?;
        }
        let instant = |said: &str| Expression::from_str(said).map_err(|why| why.phrase());
        loop {
            if !given {
                self.question(&phrase!("new-opens"))?;
                draft.opens = self.ask(Some(&draft.opens.to_string()), instant)?;
                self.question(&phrase!("new-closes"))?;
                draft.closes = self.ask(Some(&draft.closes.to_string()), instant)?;
            }
            if let Some(schedule) = self.schedule(draft) {
                let zone = schedule.time_zone();
                let (opens, closes) = (Fact::moment(schedule.opens_at, &zone), Fact::until(schedule.closes_at, &zone));
                self.context.remark(&phrase!("new-window", opens = opens, closes = closes))?;
            }
            if self.passes(draft, WizardStep::When, given)? {
                return Ok(());
            }
            given = false;
        }
    }

    fn ask_whom(&mut self, draft: &mut Draft, args: &NewArgs) -> anyhow::Result<()> {
        let mut given = args.audience.is_some();
        if !given {
            self.question(&phrase!("new-to-whom"))?;
            for (number, class) in (1..).zip(AudienceClass::ALL) {
                let audience = terms::audience(class);
                self.choice(&phrase!("new-choice", number = Fact::text(number), what = audience))?;
            }
        }
        loop {
            if !given {
                let shown =
                    AudienceClass::ALL.iter().position(|class| *class == draft.audience).unwrap_or_default() + 1;
                draft.audience = self.ask(Some(&shown.to_string()), |said| one_of(said, &AudienceClass::ALL))?;
            }
            if draft.audience == AudienceClass::ClosedGroup && draft.group.is_none() {
                draft.group = Some(self.group()?);
            } else if draft.audience != AudienceClass::ClosedGroup {
                draft.group = None;
            }
            if self.passes(draft, WizardStep::ToWhom, given)? {
                return Ok(());
            }
            given = false;
        }
    }

    fn group(&mut self) -> anyhow::Result<DraftGroup> {
        if !self.asks {
            return Err(Failure::usage(phrase!("new-needs-group")));
        }
        self.question(&phrase!("new-group-who"))?;
        let who = self.ask(None, |said| Line::parse(said).map_err(|why| why.phrase()))?;
        self.question(&phrase!("new-group-fixed-on"))?;
        let today = self.today().to_string();
        let fixed_on =
            self.ask(Some(&today), |said| said.parse::<Date>().map_err(|_| phrase!("group-date", written = said)))?;
        self.question(&phrase!("new-group-list"))?;
        let list = self.ask(Some(""), |said| match said {
            "" => Ok(None),
            name => name.parse().map(Some).map_err(|why: NoListName| why.phrase()),
        })?;
        Ok(DraftGroup { who, fixed_on, joinable: false, list })
    }

    fn mails(&mut self, draft: &mut Draft, args: &NewArgs) -> anyhow::Result<()> {
        const KINDS: [MailingKind; 3] = [MailingKind::Announcement, MailingKind::Opening, MailingKind::LastHours];
        let mut given = !args.mail.is_empty();
        if !given {
            self.question(&phrase!("new-mails"))?;
            for (number, kind) in (1..).zip(KINDS) {
                let what = phrase!("new-mail-kind", kind = Fact::text(kind));
                self.choice(&phrase!("new-choice", number = Fact::text(number), what = what))?;
            }
        }
        loop {
            if !given {
                draft.mails = self.ask(Some("1 3"), |said| several_of(said, &KINDS))?;
                if !draft.mails.is_empty() && args.language.is_empty() {
                    self.question(&phrase!("new-languages"))?;
                    let shown: Vec<&str> = draft.languages.iter().map(|language| language.code()).collect();
                    draft.languages = self.ask(Some(&shown.join(" ")), read_languages)?;
                }
            }
            if self.passes(draft, WizardStep::Mails, given)? {
                return Ok(());
            }
            given = false;
        }
    }

    /// Says a question, where somebody can answer.
    fn question(&mut self, words: &Phrase) -> io::Result<()> {
        if self.asks { self.context.remark(words) } else { Ok(()) }
    }

    /// Says what one may answer.
    fn choice(&mut self, words: &Phrase) -> io::Result<()> {
        if self.asks { self.context.indented_remark(words) } else { Ok(()) }
    }

    /// Asks until the answer can be read. An empty line takes what is `usual`.
    fn ask<T>(&mut self, usual: Option<&str>, read: impl Fn(&str) -> Result<T, Phrase>) -> anyhow::Result<T> {
        loop {
            if !self.asks {
                let Some(usual) = usual else { return Err(Failure::usage(phrase!("new-needs-title"))) };
                return read(usual).map_err(Failure::usage);
            }
            let prompt = match usual.filter(|usual| !usual.is_empty()) {
                Some(usual) => self.context.words(&phrase!("new-prompt-usual", usual = usual)),
                None => self.context.words(&phrase!("new-prompt")),
            };
            self.context.prompt(&prompt)?;
            let mut line = String::new();
            if io::stdin().lock().read_line(&mut line)? == 0 {
                return Err(Failure::refused(phrase!("new-stopped")));
            }
            let said = line.trim();
            let said = if said.is_empty() { usual.unwrap_or_default() } else { said };
            match read(said) {
                Ok(answer) => return Ok(answer),
                Err(why) => self.context.indented_remark(&why)?,
            }
        }
    }

    fn parsed(&self, draft: &Draft) -> (Document, Result<Campaign, Vec<Finding>>) {
        let document = Document::new(format!("{}.toml", draft.slug), draft.text(self.context.language));
        let campaign = Campaign::parse(&document);
        (document, campaign)
    }

    fn schedule(&self, draft: &Draft) -> Option<Schedule> {
        self.parsed(draft).1.ok()?.resolve(&self.calendar).ok()
    }

    /// What the law says of the answers so far.
    fn findings(&self, draft: &Draft, now: Timestamp) -> (Option<Campaign>, Vec<Finding>) {
        let campaign = match self.parsed(draft).1 {
            Ok(campaign) => campaign,
            Err(findings) => return (None, findings),
        };
        let schedule = match campaign.resolve(&self.calendar) {
            Ok(schedule) => schedule,
            Err(findings) => return (Some(campaign), findings),
        };
        let judgement = judge(Case {
            campaign: &campaign,
            schedule: &schedule,
            calendar: &self.calendar,
            templates: &[],
            pages: &[],
            offers: &[],
            members: None,
            audiences: None,
            record: None,
            gathered: Vec::new(),
            waivers: &[],
            now,
        });
        let open = judgement.open;
        (Some(campaign), open)
    }

    /// Shows what is wrong or risky about the answers up to `question`, and says whether it goes on. What is forbidden is asked
    /// again, unless the same is said twice: the file can still be changed, and its check says it again.
    fn passes(&mut self, draft: &Draft, question: WizardStep, given: bool) -> anyhow::Result<bool> {
        let (campaign, findings) = self.findings(draft, self.context.clock.now());
        let concerned = |finding: &Finding| {
            let lines = campaign.as_ref().map(|campaign| lines_of(campaign, question));
            lines.is_none_or(|lines| finding.place.line.is_some_and(|line| lines.contains(&line)))
        };
        let new: Vec<Finding> = findings
            .into_iter()
            .filter(|finding| finding.severity > Severity::Note && concerned(finding))
            .filter(|finding| {
                let words = finding.place.words.clone();
                self.shown.insert((finding.rule, words, finding.message.clone()))
            })
            .collect();
        for finding in &new {
            let message = finding.message.clone();
            self.context.indented_remark(&match finding.severity {
                Severity::Error => phrase!("finding-error", message = message),
                _ => phrase!("finding-warning", message = message),
            })?;
            if let Some(law) = &finding.law {
                self.context.indented_remark(&phrase!("finding-law", law = Fact::Data(law.clone())))?;
            }
            self.context.indented_remark(&phrase!("finding-do", remedy = finding.remedy.clone()))?;
        }
        let forbidden = new.iter().any(|finding| finding.severity == Severity::Error);
        if !forbidden || !self.asks {
            return Ok(true);
        }
        // An answer to an earlier question is put right in the file, where it stands beside this one.
        let own = campaign.as_ref().is_none_or(|campaign| {
            let lines = own_lines(campaign, question);
            new.iter()
                .any(|it| it.severity == Severity::Error && it.place.line.is_some_and(|line| lines.contains(&line)))
        });
        if own {
            self.context.remark(&if given { phrase!("new-again-given") } else { phrase!("new-again") })?;
        }
        Ok(!own)
    }

    fn finish(self, mut draft: Draft, args: &NewArgs) -> anyhow::Result<Exit> {
        let year = match self.schedule(&draft) {
            Some(schedule) => schedule.time_zone().to_datetime(schedule.closes_at).year(),
            None => self.today().year(),
        };
        if args.slug.is_none() {
            draft.slug = slug_of(draft.title.as_str(), year).unwrap_or(draft.slug);
        }
        let (slug, path) = match &args.out {
            Some(path) => (draft.slug.clone(), path.clone()),
            None => free_name(&draft.slug, args.slug.is_some()),
        };
        draft.slug = slug;
        let context = self.context;
        write_new(&path, &draft.text(context.language))?;
        let shown = path.display().to_string();
        context.line(&shown)?;
        context.remark(&phrase!("new-next", file = shown))?;
        Ok(Exit::Done)
    }
}

/// A text that was given as an option.
fn line(text: &str) -> anyhow::Result<Line> {
    Line::parse(text).map_err(|why| Failure::usage(why.phrase()))
}

impl NewArgs {
    fn title(&self) -> anyhow::Result<Line> {
        line(self.title.as_deref().unwrap_or(NO_TITLE))
    }

    fn draft_group(&self, today: Date) -> anyhow::Result<Option<DraftGroup>> {
        let Some(who) = &self.group else { return Ok(None) };
        let (who, fixed_on) = (line(who)?, self.fixed_on.unwrap_or(today));
        Ok(Some(DraftGroup { who, fixed_on, joinable: self.joinable, list: self.list.clone() }))
    }
}

/// A name under which no file is there yet; the very name where a person chose it.
fn free_name(slug: &Slug, chosen: bool) -> (Slug, PathBuf) {
    let file = |slug: &Slug| PathBuf::from(format!("{slug}.toml"));
    let others = (2..100).filter_map(|number| format!("{slug}-{number}").parse::<Slug>().ok());
    let free = std::iter::once(slug.clone()).chain(others).find(|slug| chosen || !file(slug).exists());
    let slug = free.unwrap_or_else(|| slug.clone());
    let path = file(&slug);
    (slug, path)
}

/// The lines of the file that answer `question`.
fn own_lines(campaign: &Campaign, question: WizardStep) -> BTreeSet<usize> {
    let places = match question {
        WizardStep::What => vec![&campaign.title.place, &campaign.slug.place],
        WizardStep::Where => {
            campaign.markets.iter().map(|market| &market.place).chain([&campaign.channel.place]).collect()
        }
        WizardStep::When => {
            vec![&campaign.window.timezone.place, &campaign.window.opens.place, &campaign.window.closes.place]
        }
        WizardStep::ToWhom => {
            let group = campaign.group.iter().flat_map(|it| [&it.who.place, &it.fixed_on.place, &it.joinable.place]);
            group.chain([&campaign.audience.place]).collect()
        }
        WizardStep::Mails => campaign
            .mailings
            .iter()
            .flat_map(|it| [&it.place, &it.kind.place, &it.not_before.place, &it.not_after.place])
            .collect(),
    };
    places.into_iter().filter_map(|place| place.line).collect()
}

/// The lines that answer `question` and those before it.
fn lines_of(campaign: &Campaign, question: WizardStep) -> BTreeSet<usize> {
    let all = [WizardStep::What, WizardStep::Where, WizardStep::When, WizardStep::ToWhom, WizardStep::Mails];
    all.into_iter().filter(|asked| *asked <= question).flat_map(|asked| own_lines(campaign, asked)).collect()
}

/// `FR online`, in the reader's words.
fn places(markets: &[Market], channel: Channel, context: &Context) -> String {
    let markets: Vec<String> = markets.iter().map(ToString::to_string).collect();
    format!("{} {}", markets.join(" "), context.words(&terms::channel(channel)))
}

/// Whether the sales of all markets begin with `first`, under the name that the law has for it.
fn begin_together(sales: &[Period], first: &Period) -> bool {
    sales.iter().all(|sale| {
        sale.starts_at.timestamp() == first.starts_at.timestamp()
            && (&sale.season, sale.year) == (&first.season, first.year)
    })
}

/// Markets and how people buy there: `FR`, `FR BE en ligne`, `FR-57 magasin`.
fn read_places(said: &str, calendar: &Calendar) -> Result<(Vec<Market>, Channel), Phrase> {
    let (mut markets, mut channel) = (Vec::new(), Channel::Online);
    for word in said.split([' ', ',', ';', '\u{a0}', '(', ')']).filter(|word| !word.is_empty()) {
        match word.to_lowercase().as_str() {
            "online" | "ligne" | "web" | "internet" => channel = Channel::Online,
            "store" | "stores" | "shop" | "shops" | "magasin" | "magasins" | "boutique" | "boutiques" => {
                channel = Channel::Store;
            }
            "en" | "in" | "et" | "and" | "the" | "les" => {}
            _ => {
                let market: Market =
                    word.to_uppercase().parse().map_err(|_| phrase!("new-no-place", written = word))?;
                calendar.must_know(&market).map_err(|unknown| unknown.phrase())?;
                if !markets.contains(&market) {
                    markets.push(market);
                }
            }
        }
    }
    if markets.is_empty() { Err(phrase!("new-no-place", written = said)) } else { Ok((markets, channel)) }
}

/// One of `known`, by its number or by the word that files have for it.
fn one_of<T: Copy + std::fmt::Display>(said: &str, known: &[T]) -> Result<T, Phrase> {
    let by_number = said.parse::<usize>().ok().and_then(|number| known.get(number.checked_sub(1)?));
    let found = by_number.or_else(|| known.iter().find(|it| it.to_string() == said.to_lowercase()));
    found.copied().ok_or_else(|| phrase!("new-no-choice", written = said, most = known.len()))
}

/// Several of them; `0` for none.
fn several_of<T: Copy + PartialEq + std::fmt::Display>(said: &str, known: &[T]) -> Result<Vec<T>, Phrase> {
    if matches!(said.to_lowercase().as_str(), "0" | "none" | "aucun" | "rien") {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for word in said.split([' ', ',', ';', '+']).filter(|word| !word.is_empty()) {
        let one = one_of(word, known)?;
        if !found.contains(&one) {
            found.push(one);
        }
    }
    Ok(found)
}

fn read_languages(said: &str) -> Result<Vec<Language>, Phrase> {
    let mut found = Vec::new();
    for word in said.split([' ', ',', ';']).filter(|word| !word.is_empty()) {
        let language: Language = word.parse().map_err(|_| phrase!("new-no-language", written = word))?;
        if !found.contains(&language) {
            found.push(language);
        }
    }
    if found.is_empty() { Err(phrase!("new-no-language", written = said)) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_people_say_them() {
        let calendar = Calendar::built_in();
        let read = |said: &str| {
            let (markets, channel) = read_places(said, &calendar).map_err(|why| why.to_string())?;
            Ok::<_, String>(format!("{markets:?} {channel}").replace("Market", ""))
        };
        assert!(read("fr, be en ligne").unwrap().ends_with("online"));
        assert!(read("FR-57 en magasin").unwrap().ends_with("store"));
        assert!(read("").is_err());
        assert!(read("France-Sud").unwrap_err().contains("France-Sud"));
        assert!(read("XX").is_err());
    }

    #[test]
    fn choices_are_numbers_or_words() {
        let kinds = [MailingKind::Announcement, MailingKind::Opening, MailingKind::LastHours];
        assert_eq!(several_of("1 3", &kinds), Ok(vec![kinds[0], kinds[2]]));
        assert_eq!(several_of("last-hours, 1, 1", &kinds), Ok(vec![kinds[2], kinds[0]]));
        assert_eq!(several_of("aucun", &kinds), Ok(Vec::new()));
        assert!(several_of("4", &kinds).is_err() && several_of("0 1", &kinds).is_err());
        assert_eq!(read_languages("fr,nl"), Ok(vec![Language::Fr, Language::Nl]));
        assert!(read_languages("pl").is_err());
    }
}
