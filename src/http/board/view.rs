//! What the board shows: facts of the store in the words of a language. Nothing in it is about a person.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::super::App;
use crate::campaign::Schedule;
use crate::db::approvals::{self, ApprovalDue};
use crate::db::problems::{self, StoredProblem, WhichProblems};
use crate::db::reports::{self, MailingReport};
use crate::db::{Db, StoreResult, gates, season as seasons};
use crate::delivery::{DeliveryState, MailingState};
use crate::gate::{self, Gate, Stage};
use crate::phrase;
use crate::phrase::{Fact, Phrase, in_words};
use crate::problem::{Problem, ProblemKind, Severity};
use crate::season::{self, Season, SeasonSale};
use crate::sending::foresight::{FORESEEN, foreseen};
use crate::sending::holds::Holds;
use crate::text::dates::{self, Moment};
use crate::text::{InterfaceLanguage, Language, Slug};

/// So far ahead it shows what comes next.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So long after a sale is over it stands among the others.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What the store and the daemon know.
pub(super) struct BoardSeen {
    gates: Vec<Gate>,
    sales: Vec<SeasonSale>,
    approvals: Vec<ApprovalDue>,
    mailings: Vec<MailingReport>,
    problems: Vec<StoredProblem>,
    /// What keeps the daemon from sending, in words and what to do.
    held: Vec<Problem>,
    /// What can be told of mailings before their time.
    foreseen: Vec<Problem>,
    now: Timestamp,
}

impl BoardSeen {
    /// Reads it.
    pub(super) fn read(db: &mut Db, holds: Option<&Holds>, now: Timestamp) -> StoreResult<Self> {
        let mailings = reports::mailings_of(db, None)?;
        let rests = holds.map(Holds::rests).unwrap_or_default();
        let held = holds.map(|holds| holds.ask(db, now)).transpose()?.unwrap_or_default();
        let told =
            held.iter().map(|hold| Problem::new(ProblemKind::SendingHeld, hold.id(), hold.words(), hold.remedy(&held)));
        let sales = seasons::sales_with(db, &mailings, rests.quiet.as_ref())?;
        // What is foreseen now is told, whatever a daemon foresaw when it looked last.
        let mut problems = problems::list(db, WhichProblems::Standing)?;
        problems.retain(|stored| !FORESEEN.contains(&stored.problem.kind));
        Ok(Self {
            gates: gates::list(db)?,
            foreseen: foreseen(db, &rests, now)?,
            sales,
            approvals: approvals::due(db, now)?,
            mailings,
            problems,
            held: told.collect(),
            now,
        })
    }

    fn sale(&self, slug: &Slug) -> Option<&SeasonSale> {
        self.sales.iter().find(|sale| sale.schedule.slug == *slug)
    }

    /// What a sale is called.
    fn title(&self, slug: &Slug, language: InterfaceLanguage) -> String {
        self.sale(slug).map_or_else(|| slug.to_string(), |sale| title_of(&sale.schedule, &self.sales, language))
    }
}

/// What a sale is called beside `sales`: with its short name, where another one has the same title.
fn title_of(sale: &Schedule, sales: &[SeasonSale], language: InterfaceLanguage) -> String {
    let name = |schedule: &Schedule| schedule.name_in(language.into()).as_str().to_owned();
    let title = name(sale);
    let is_shared = sales.iter().any(|other| other.schedule.slug != sale.slug && name(&other.schedule) == title);
    if is_shared { format!("{title} ({})", sale.slug) } else { title }
}

/// The words of a page, by the names that its template uses.
pub(super) type Words = BTreeMap<&'static str, String>;

/// A page that only says that there is nothing to show.
#[derive(Serialize)]
pub(super) struct NothingView {
    language: InterfaceLanguage,
    other: OtherLanguage,
    words: Words,
}

/// Where the same page is in the other language.
#[derive(Serialize)]
pub(super) struct OtherLanguage {
    code: InterfaceLanguage,
    name: &'static str,
    path: String,
}

/// The board.
#[derive(Serialize)]
pub(super) struct BoardView {
    language: InterfaceLanguage,
    other: OtherLanguage,
    words: Words,
    now: Moment,
    zone: String,
    sales: Vec<SaleLine>,
    /// What waits until another person approves it.
    approvals: Vec<String>,
    coming: Vec<ComingDay>,
    told: Vec<ToldLine>,
    problems: Vec<ProblemLine>,
    /// The drawing and its facts, as HTML; none when nothing is planned.
    season: Option<String>,
    /// Why the legal dates cannot be shown.
    law_fault: Option<String>,
    letters: Vec<LetterLine>,
    preview: PreviewForm,
}

#[derive(Serialize)]
struct SaleLine {
    title: String,
    slug: String,
    stage: Stage,
    state: String,
    lead: String,
    when: Moment,
    zone: String,
    note: Option<String>,
}

#[derive(Serialize)]
struct ComingDay {
    day: String,
    lines: Vec<ComingLine>,
}

#[derive(Serialize)]
struct ComingLine {
    iso: String,
    time: String,
    title: String,
    what: String,
}

#[derive(Serialize)]
struct ToldLine {
    title: String,
    mailing: String,
    state: String,
    when: Moment,
    planned: String,
    accepted: String,
    waiting: String,
    refused: String,
    /// What is to be said beside the counts.
    note: Option<String>,
}

#[derive(Serialize)]
struct ProblemLine {
    grave: bool,
    severity: String,
    words: String,
    remedy: String,
    since: Option<Moment>,
    seen: Option<String>,
}

#[derive(Serialize)]
struct LetterLine {
    title: String,
    mailing: String,
    when: Moment,
    languages: Vec<LetterLink>,
}

#[derive(Serialize)]
struct LetterLink {
    code: Language,
    name: &'static str,
    label: String,
    href: String,
}

/// The form to look at a page at an instant.
#[derive(Serialize)]
pub(super) struct PreviewForm {
    action: String,
    sales: Vec<PreviewChoice>,
    at: String,
}

#[derive(Serialize)]
struct PreviewChoice {
    slug: String,
    title: String,
    chosen: bool,
}

/// What is shown when the store does not tell.
pub(super) fn nothing(language: InterfaceLanguage) -> NothingView {
    let words = words(language, &[("title", phrase!("board-title")), ("none", phrase!("board-no-store"))]);
    NothingView { language, other: other(language, "board"), words }
}

/// Where `page` is in the other language.
pub(super) fn other(language: InterfaceLanguage, page: &str) -> OtherLanguage {
    let code = language.other();
    OtherLanguage { code, name: Language::from(code).own_name(), path: format!("/{code}/{page}") }
}

/// Words by name.
pub(super) fn words(language: InterfaceLanguage, said: &[(&'static str, Phrase)]) -> Words {
    said.iter().map(|(name, phrase)| (*name, in_words(phrase, language))).collect()
}

/// The board, of what was seen.
pub(super) fn board(app: &App, seen: &BoardSeen, language: InterfaceLanguage) -> BoardView {
    let words = words(
        language,
        &[
            ("title", phrase!("board-title")),
            ("sales", phrase!("board-sales")),
            ("no_sales", phrase!("board-no-sales")),
            ("coming", phrase!("board-coming")),
            ("no_coming", phrase!("board-no-coming")),
            ("told", phrase!("board-told")),
            ("no_told", phrase!("board-no-told")),
            ("wrong", phrase!("board-wrong")),
            ("all_well", phrase!("board-all-well")),
            ("todo", phrase!("board-to-do")),
            ("since", phrase!("board-since")),
            ("season", phrase!("board-season")),
            ("letters", phrase!("board-letters")),
            ("no_letters", phrase!("board-no-letters")),
            ("preview", phrase!("board-preview")),
            ("preview_hint", phrase!("board-preview-hint")),
            ("which", phrase!("board-which")),
            ("at", phrase!("board-at")),
            ("show", phrase!("board-show")),
            ("list", phrase!("board-list")),
            ("sale", phrase!("board-sale")),
            ("mailing", phrase!("board-mailing")),
            ("state", phrase!("board-state")),
            ("when", phrase!("board-when")),
            ("planned", phrase!("column-planned")),
            ("accepted", phrase!("column-accepted")),
            ("waiting", phrase!("board-waiting")),
            ("refused", phrase!("column-refused")),
            ("read_only", phrase!("board-read-only")),
            ("skip", phrase!("board-skip")),
        ],
    );
    let (season, law_fault) = match app.law.read() {
        Ok(calendar) => (Season::of(seen.sales.clone(), &calendar, (None, None), app.zone.clone(), seen.now), None),
        Err(why) => (None, Some(in_words(&phrase!("board-law-unread", why = why), language))),
    };
    let moment = |at: Timestamp| Moment::at(&at.to_zoned_datetime(app.zone.clone()), language);
    BoardView {
        language,
        other: other(language, "board"),
        words,
        now: moment(seen.now),
        zone: dates::zone_name(app.zone.iana_name().unwrap_or("UTC"), language),
        sales: sales(seen, language),
        approvals: seen.approvals.iter().map(|due| in_words(&due.phrase(seen.now), language)).collect(),
        coming: season.as_ref().map(|season| coming(season, seen, language)).unwrap_or_default(),
        told: told(seen, language),
        problems: all_problems(app, seen, language),
        season: season.as_ref().map(|season| season::facts(season, language)),
        law_fault,
        letters: if app.letters.is_some() { letters(seen, language) } else { Vec::new() },
        preview: form(seen.sales.iter().map(|sale| &sale.schedule), "", app, seen.now, language),
    }
}

fn sales(seen: &BoardSeen, language: InterfaceLanguage) -> Vec<SaleLine> {
    let mut shown: Vec<&Gate> =
        seen.gates.iter().filter(|gate| seen.now.duration_since(gate.ends_at()) < SHOWN_FOR).collect();
    let rank = |gate: &Gate| match gate::stage(gate, seen.now) {
        Stage::Open => 0,
        Stage::Upcoming => 1,
        Stage::Over | Stage::Cancelled => 2,
    };
    shown.sort_by_key(|gate| (rank(gate), gate.opens_at));
    let line = |gate: &Gate| {
        let stage = gate::stage(gate, seen.now);
        let zone = gate.time_zone();
        let (lead, when) = match stage {
            Stage::Upcoming => {
                (phrase!("board-opens"), Moment::at(&gate.opens_at.to_zoned_datetime(zone.clone()), language))
            }
            Stage::Open => {
                (phrase!("board-open-until"), Moment::until(&gate.ends_at().to_zoned_datetime(zone.clone()), language))
            }
            Stage::Over | Stage::Cancelled => {
                (phrase!("board-ended"), Moment::until(&gate.ends_at().to_zoned_datetime(zone.clone()), language))
            }
        };
        let note = if gate.is_to_confirm(seen.now) {
            Some(phrase!("timeline-held", slug = Fact::text(&gate.slug)))
        } else if seen.sale(&gate.slug).is_some_and(|sale| sale.paused) && stage != Stage::Over {
            Some(phrase!("timeline-paused", slug = Fact::text(&gate.slug)))
        } else {
            None
        };
        SaleLine {
            title: seen.title(&gate.slug, language),
            slug: gate.slug.to_string(),
            stage,
            state: in_words(&phrase!("term-stage", word = Fact::text(stage)), language),
            lead: in_words(&lead, language),
            when,
            zone: dates::zone_name(&gate.zone, language),
            note: note.map(|note| in_words(&note, language)),
        }
    };
    shown.into_iter().map(line).collect()
}

/// What happens in the next days, by day.
fn coming(season: &Season, seen: &BoardSeen, language: InterfaceLanguage) -> Vec<ComingDay> {
    let until = season.now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
    let mut days: Vec<(Date, ComingDay)> = Vec::new();
    let entries = season.entries();
    for entry in entries.iter().filter(|entry| season.now <= entry.at && entry.at < until) {
        let moment = entry.moment(language);
        let line = ComingLine {
            iso: moment.iso,
            time: moment.time,
            title: title_of(&entry.sale.schedule, &seen.sales, language),
            what: in_words(&entry.phrase(), language),
        };
        match days.iter_mut().find(|(day, _)| *day == entry.day()) {
            Some((_, day)) => day.lines.push(line),
            None => days.push((entry.day(), ComingDay { day: moment.date, lines: vec![line] })),
        }
    }
    // What ends at midnight is of the day before what begins then.
    days.sort_by_key(|(day, _)| *day);
    days.into_iter().map(|(_, day)| day).collect()
}

/// Who was told, by mailing, the newest first.
fn told(seen: &BoardSeen, language: InterfaceLanguage) -> Vec<ToldLine> {
    let count = |number: u64| in_words(&phrase!("a-number", number = number), language);
    let begun = seen
        .mailings
        .iter()
        .rev()
        .filter(|mailing| mailing.begun_at.is_some() || mailing.state == MailingState::Missed);
    let line = |mailing: &MailingReport| {
        let zone = seen.sale(&mailing.campaign).map_or(TimeZone::UTC, |sale| sale.schedule.time_zone());
        let of = |states: &[DeliveryState]| states.iter().filter_map(|state| mailing.counts.get(state)).sum::<u64>();
        let waiting: u64 = mailing.counts.iter().filter(|(state, _)| !state.has_ended()).map(|(_, count)| *count).sum();
        let doubt = of(&[DeliveryState::InDoubt]);
        let note = if mailing.stopped_at.is_some() {
            Some(phrase!("board-stopped"))
        } else if mailing.filed > 0 {
            Some(phrase!("board-filed", count = mailing.filed))
        } else if doubt > 0 {
            Some(phrase!("board-in-doubt", count = doubt))
        } else {
            None
        };
        let begun = mailing.begun_at.unwrap_or(mailing.not_before);
        ToldLine {
            title: seen.title(&mailing.campaign, language),
            mailing: mailing.mailing.clone(),
            state: in_words(&phrase!("term-mailing-state", word = Fact::text(mailing.state)), language),
            when: Moment::at(&begun.to_zoned_datetime(zone), language),
            planned: count(mailing.planned),
            accepted: count(of(&[DeliveryState::Accepted])),
            waiting: count(waiting),
            refused: count(of(&[DeliveryState::Refused])),
            note: note.map(|note| in_words(&note, language)),
        }
    };
    begun.map(line).collect()
}

/// Everything that is wrong: what is kept, what keeps the daemon from sending now, and what it meets itself.
fn all_problems(app: &App, seen: &BoardSeen, language: InterfaceLanguage) -> Vec<ProblemLine> {
    let line = |problem: &Problem, since: Option<Timestamp>, seen_by: Option<&str>| {
        let told = problem.told(language);
        let severity = problem.severity();
        ProblemLine {
            grave: severity == Severity::Critical,
            severity: in_words(&phrase!("board-severity", word = Fact::text(severity)), language),
            words: in_words(&told.words, language),
            remedy: in_words(&told.remedy, language),
            since: since.map(|at| Moment::at(&at.to_zoned_datetime(app.zone.clone()), language)),
            seen: seen_by.map(|who| in_words(&phrase!("board-seen-by", who = who), language)),
        }
    };
    let kept =
        seen.problems.iter().filter(|kept| kept.problem.kind != ProblemKind::SendingHeld || seen.held.is_empty());
    let mut lines: Vec<ProblemLine> =
        kept.map(|kept| line(&kept.problem, Some(kept.since), kept.acknowledged_by.as_deref())).collect();
    lines.extend(seen.held.iter().map(|problem| line(problem, None, None)));
    let met = app.readiness.as_ref().and_then(|readiness| (readiness.0)().err()).unwrap_or_default();
    let known = |kind: &ProblemKind| {
        seen.problems.iter().any(|kept| kept.problem.kind == *kind) || seen.held.iter().any(|held| held.kind == *kind)
    };
    let met = met.into_iter().filter(|kind| !known(kind));
    lines.extend(met.map(|kind| line(&Problem::new(kind, "", kind.traits().title, kind.usual_remedy()), None, None)));
    lines.extend(seen.foreseen.iter().map(|problem| line(problem, None, None)));
    lines.sort_by_key(|line| !line.grave);
    lines.extend(nobody_told(app).into_iter().map(|(words, remedy)| ProblemLine {
        grave: false,
        severity: in_words(&phrase!("board-severity", word = Fact::text(Severity::Warning)), language),
        words: in_words(&words, language),
        remedy: in_words(&remedy, language),
        since: None,
        seen: None,
    }));
    lines
}

/// Why no letter reaches anybody, and what to do.
fn nobody_told(app: &App) -> Option<(Phrase, Phrase)> {
    app.outbox.as_ref().map(|folder| {
        let folder = Fact::text(folder.display());
        (phrase!("board-outbox", folder = folder), phrase!("board-outbox-remedy"))
    })
}

/// The letters that are still to come or are leaving, with where each can be looked at.
fn letters(seen: &BoardSeen, language: InterfaceLanguage) -> Vec<LetterLine> {
    let mut lines = Vec::new();
    for sale in seen.sales.iter().filter(|sale| sale.cancelled_at.is_none() && sale.ends_at() > seen.now) {
        let has_gone = |name: &str| {
            let mailing = sale.mailings.iter().find(|mailing| mailing.name == name);
            mailing.is_some_and(|mailing| !mailing.is_to_leave())
        };
        for mailing in sale.schedule.mailings.iter().filter(|mailing| !has_gone(&mailing.name)) {
            let title = title_of(&sale.schedule, &seen.sales, language);
            let link = |code: &Language| LetterLink {
                code: *code,
                name: code.own_name(),
                label: in_words(
                    &phrase!("board-letter-frame", mailing = mailing.name.as_str(), language = code.own_name()),
                    language,
                ),
                href: address(
                    "/board/letter",
                    &[("sale", sale.schedule.slug.as_str()), ("mailing", &mailing.name), ("language", code.code())],
                ),
            };
            lines.push(LetterLine {
                title,
                mailing: mailing.name.clone(),
                when: Moment::at(&mailing.not_before.to_zoned_datetime(sale.schedule.time_zone()), language),
                languages: mailing.languages.iter().map(link).collect(),
            });
        }
    }
    lines
}

/// A path with what is asked for behind it.
pub(super) fn address(path: &str, asked: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(asked);
    format!("{path}?{}", query.finish())
}

/// The form, with what is chosen in it.
pub(super) fn form<'a>(
    sales: impl Iterator<Item = &'a Schedule>,
    chosen: &str,
    app: &App,
    at: Timestamp,
    language: InterfaceLanguage,
) -> PreviewForm {
    let choice = |sale: &Schedule| PreviewChoice {
        slug: sale.slug.to_string(),
        title: sale.name_in(language.into()).as_str().to_owned(),
        chosen: sale.slug.as_str() == chosen,
    };
    let civil = app.zone.to_datetime(at);
    PreviewForm {
        action: format!("/{language}/board/preview"),
        sales: sales.map(choice).collect(),
        at: civil.strftime("%Y-%m-%dT%H:%M").to_string(),
    }
}
