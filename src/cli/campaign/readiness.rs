//! Whether the mails of a campaign would reach anybody, and say what is true: the members, the transport, the shop's name
//! and its links as they are today. Only what a person's own rate
//! rules out stops an apply, for all else may be put right before the hour.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::rests::{self, WarmUpSeen, due_in_quiet_hours, warms_up};
use crate::campaign::{
    Audiences, Campaign, CampaignState, LetterBeside, MailingReach, PlannedMailing, Recipients, Schedule, Step,
    Succession, letters_clash, windows_clash,
};
use crate::compliance::{concerns_everybody, reached, unknown_lists};
use crate::config::{RelaySettings, SAMPLE, Settings, TransportSettings};
use crate::db::{Db, StoreResult, campaigns, mailings, members, pace, reach};
use crate::delivery::feasibility::{self, Load, MailingCourse, Narrows, Takes};
use crate::delivery::providers;
use crate::finding::{Finding, Place};
use crate::member::{Language, ListName};
use crate::phrase;
use crate::phrase::{Fact, Spoken as _};
use crate::sending::foresight::still_to_leave;
use crate::sending::rests::Rests;
use crate::text::Slug;

/// Nobody applies a sale later than this after it opened but by mistake.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Letters that left so long ago are in nobody's way any more.
const LATELY: SignedDuration = SignedDuration::from_hours(2 * 24);

/// What a campaign meets in this place today.
pub(super) struct Surroundings<'a> {
    settings: &'a Settings,
    /// How many members may be written to.
    members: u64,
    /// Which lists there are, and whom the mailings would reach.
    audiences: Audiences,
    /// The mailings that have not begun, or did within the last days: campaign, name, and when it begins or began.
    around: Vec<(Slug, String, Timestamp)>,
    /// The other sales that nobody has cancelled.
    sales: Vec<Schedule>,
    /// What limits each mailing, by name, and how long it would take today.
    takes: BTreeMap<String, Takes>,
    /// The warm-up of a new domain or relay, how far it is, and the other mailings that share it.
    warm_up: Option<WarmUpSeen>,
    now: Timestamp,
}

impl<'a> Surroundings<'a> {
    /// Reads them, for a campaign with `schedule`.
    pub(super) fn read(db: &mut Db, settings: &'a Settings, schedule: &Schedule, now: Timestamp) -> StoreResult<Self> {
        let audiences = reach::audiences(db, schedule, now)?;
        let takes = match &settings.mail.transport {
            TransportSettings::Smtp(relay, _) => takes_today(db, relay, schedule, &audiences, now)?,
            TransportSettings::Directory(_) => BTreeMap::new(),
        };
        let members = members::count_eligible(db, now)?.unsigned_abs();
        let applied = campaigns::list(db)?.into_iter().filter(|campaign| campaign.state != CampaignState::Cancelled);
        let sales = applied.map(|campaign| campaign.schedule).collect();
        let warm_up = match Rests::of(settings).warm_up {
            Some(warm_up) => Some(WarmUpSeen { day: warm_up.day(db, now)?, warm_up, others: still_to_leave(db, now)? }),
            None => None,
        };
        Ok(Self {
            settings,
            members,
            audiences,
            around: mailings::around(db, now.saturating_sub(LATELY).unwrap_or(Timestamp::MIN))?,
            sales,
            takes,
            warm_up,
            now,
        })
    }

    /// How many people each mailing would reach, by its name.
    pub(super) fn people(&self) -> BTreeMap<String, u64> {
        self.audiences.mailings.iter().map(|(mailing, reach)| (mailing.clone(), reach.people())).collect()
    }

    /// The lists of those whom a mailing of another campaign goes to, and of those whom it does not; everybody where nothing else
    /// is known.
    fn lists(&self, campaign: &Slug, mailing: &str) -> (Vec<ListName>, Vec<ListName>) {
        let sale = self.sales.iter().find(|sale| sale.slug == *campaign);
        let mailing = sale.and_then(|sale| sale.mailing(mailing));
        mailing.map(|mailing| (mailing.to.clone(), mailing.not.clone())).unwrap_or_default()
    }
}

/// How long each mailing would take, by what is allowed and what was learned of the relay, the first of several.
fn takes_today(
    db: &mut Db,
    relay: &RelaySettings,
    schedule: &Schedule,
    audiences: &Audiences,
    now: Timestamp,
) -> StoreResult<BTreeMap<String, Takes>> {
    let learned = pace::learned(db, &relay.name(), now)?.pace;
    // Most campaigns have one audience, and it is counted once.
    let mut by_audience: BTreeMap<Recipients<'_>, Option<Takes>> = BTreeMap::new();
    for mailing in &schedule.mailings {
        if by_audience.contains_key(&mailing.recipients()) {
            continue;
        }
        let letters = audiences.mailings.get(&mailing.name).map_or(0, MailingReach::people);
        let mut load = Load { letters, ..Load::default() };
        for name in learned.providers.keys() {
            let count = reach::count_eligible_at(db, &providers::domains_of(name), mailing.recipients(), now)?;
            load.to_providers.insert(name.clone(), count);
        }
        by_audience.insert(mailing.recipients(), feasibility::takes(&load, relay.rate, &learned));
    }
    let of = |mailing: &PlannedMailing| Some((mailing.name.clone(), by_audience.get(&mailing.recipients())?.clone()?));
    Ok(schedule.mailings.iter().filter_map(of).collect())
}

/// Everything that a person should know before the mails of `succession`, from the file of `campaign`, leave.
pub(super) fn check(surroundings: &Surroundings<'_>, succession: &Succession, campaign: &Campaign) -> Vec<Finding> {
    let (schedule, name) = (&succession.schedule, &campaign.document.name);
    let coming: Vec<&PlannedMailing> = schedule.mailings.iter().filter(|mailing| comes(succession, mailing)).collect();
    let file = || Place::file(name);
    let configuration = || Place::file(surroundings.settings.path.display().to_string());
    let mut findings = unknown_lists(campaign, &surroundings.audiences);
    if !coming.is_empty() {
        findings.extend(too_late(surroundings.now, campaign, schedule, &coming));
        findings.extend(reach(surroundings, campaign, schedule, &coming));
        findings.extend(coming.iter().filter_map(|mailing| {
            let takes = surroundings.takes.get(&mailing.name)?;
            Some(ends(takes, surroundings, schedule, mailing, (&file, &configuration)))
        }));
        findings.extend(due_in_quiet_hours(surroundings.settings, schedule, coming.iter().copied(), name));
        if let Some(seen) = &surroundings.warm_up {
            let people = surroundings.people();
            findings.extend(warms_up(
                surroundings.settings,
                seen,
                (schedule, &coming, &people),
                (name, surroundings.now),
            ));
        }
        findings.extend(transport(surroundings.settings, configuration));
        findings.extend(coming.iter().flat_map(|mailing| neighbours(surroundings, schedule, mailing, file)));
    }
    findings.extend(open_together(surroundings, schedule, file));
    findings.extend(sample_name(surroundings.settings, configuration));
    findings.extend(example_links(surroundings.settings, schedule, configuration));
    findings
}

/// Whether messages of a mailing are still to leave.
fn comes(succession: &Succession, mailing: &PlannedMailing) -> bool {
    let comes = |step| matches!(step, Step::Add | Step::Plan | Step::Mend);
    succession.steps.iter().any(|(name, step)| *name == mailing.name && comes(*step))
}

/// Who would be written to today, by mailing, language and list.
fn reach(
    surroundings: &Surroundings<'_>,
    campaign: &Campaign,
    schedule: &Schedule,
    coming: &[&PlannedMailing],
) -> Vec<Finding> {
    let (all, file) = (surroundings.members, || Place::file(&campaign.document.name));
    if all == 0 {
        let mailings = Fact::texts(coming.iter().map(|mailing| format!("`{}`", mailing.name)));
        return vec![Finding::warning("members.none", file(), phrase!("members-none", mailings = mailings))];
    }
    let mut findings = Vec::new();
    for mailing in coming {
        let Some(reach) = surroundings.audiences.mailings.get(&mailing.name) else { continue };
        findings.extend(reached(campaign, mailing, reach, &file()));
    }
    findings.extend(coming.iter().filter_map(|mailing| {
        let reach = surroundings.audiences.mailings.get(&mailing.name)?;
        in_another_language(&reach.languages, mailing, &file)
    }));
    if !concerns_everybody(schedule) && coming.iter().any(|mailing| mailing.to.is_empty()) {
        let message = phrase!(
            "members-beyond-market",
            people = all,
            markets = Fact::texts(schedule.markets.iter().map(|market| format!("`{market}`"))),
            channel = Fact::text(schedule.channel)
        );
        let finding = Finding::warning("mailing.beyond-market", file(), message);
        findings.push(finding.mended_by(phrase!("beyond-market-remedy")));
    }
    findings
}

/// Who would get a mailing in another language than the one they chose.
fn in_another_language(
    members: &BTreeMap<Language, u64>,
    mailing: &PlannedMailing,
    file: &impl Fn() -> Place,
) -> Option<Finding> {
    let fallback = mailing.languages.first()?;
    let others = || members.iter().filter(|(language, count)| !mailing.languages.contains(language) && **count > 0);
    let people: u64 = others().map(|(_, count)| count).sum();
    if people == 0 {
        return None;
    }
    let languages: Vec<Fact> = others()
        .map(|(language, count)| phrase!("letters-in", count = *count, language = Fact::text(language)).into())
        .collect();
    let message = phrase!(
        "members-language",
        mailing = &mailing.name,
        people = people,
        languages = languages,
        fallback = Fact::text(fallback)
    );
    Some(Finding::note("members.language", file(), message))
}

/// Whether the last letter can leave before the deadline. What a person allows is certain; what was learned may change.
fn ends(
    takes: &Takes,
    surroundings: &Surroundings<'_>,
    schedule: &Schedule,
    mailing: &PlannedMailing,
    (file, configuration): (&impl Fn() -> Place, &impl Fn() -> Place),
) -> Finding {
    let quiet = Rests::of(surroundings.settings).quiet;
    let course =
        feasibility::course(mailing.not_before.max(surroundings.now), mailing.not_after, takes.time, quiet.as_ref());
    let zone = schedule.time_zone();
    let (name, at) = (mailing.name.as_str(), |instant| Fact::moment(instant, &zone));
    let narrows = match &takes.narrows {
        Narrows::Allowed(rate) => phrase!("narrows-allowed", rate = Fact::text(rate)),
        Narrows::Relay(rate) => phrase!("narrows-relay", rate = Fact::text(rate)),
        Narrows::Provider(name, rate) => phrase!("narrows-provider", provider = name, rate = Fact::text(rate)),
    };
    let narrows = match (&course, &quiet) {
        (MailingCourse::Ends { rests: true, .. } | MailingCourse::TooLate { rests: true }, Some(quiet)) => {
            phrase!("narrows-and-quiet", narrows = narrows, hours = rests::in_words(quiet))
        }
        _ => narrows,
    };
    let rests = match course {
        MailingCourse::Ends { at: ends, .. } => {
            let message =
                phrase!("mailing-takes", mailing = name, takes = takes.time, ends = at(ends), narrows = narrows);
            return Finding::note("mailing.takes", file(), message);
        }
        MailingCourse::TooLate { rests } => rests,
    };
    let deadline = at(mailing.not_after);
    let message =
        phrase!("mailing-cannot-end", mailing = name, takes = takes.time, deadline = deadline, narrows = narrows);
    match takes.narrows {
        Narrows::Allowed(_) if rests => {
            Finding::error("mailing.cannot-end", rests::setting(surroundings.settings), message)
        }
        Narrows::Allowed(_) => Finding::error("mailing.cannot-end", configuration().with_words("rate"), message),
        Narrows::Relay(_) | Narrows::Provider(..) => Finding::warning("mailing.cannot-end", file(), message),
    }
}

fn transport(settings: &Settings, place: impl Fn() -> Place) -> Option<Finding> {
    let TransportSettings::Directory(folder) = &settings.mail.transport else { return None };
    let message = phrase!("mail-directory", folder = Fact::text(folder.display()));
    Some(Finding::warning("mail.directory", place().with_words("transport"), message))
}

/// Mailings of other campaigns that begin within a day: everybody would get both.
fn neighbours(
    surroundings: &Surroundings<'_>,
    schedule: &Schedule,
    mailing: &PlannedMailing,
    file: impl Fn() -> Place,
) -> Vec<Finding> {
    let (zone, due) = (schedule.time_zone(), LetterBeside::of(schedule, mailing));
    // What is overdue leaves at once.
    let ours = LetterBeside { leaves: due.leaves.max(surroundings.now), ..due };
    let theirs = |(campaign, mailing, leaves): &(Slug, String, Timestamp)| {
        let (to, not) = surroundings.lists(campaign, mailing);
        LetterBeside { campaign: campaign.clone(), mailing: mailing.clone(), leaves: *leaves, to, not }
    };
    let planned = surroundings.around.iter().map(theirs).filter(|other| other.campaign != schedule.slug);
    let clashes = planned.filter_map(|other| letters_clash(&ours, &other, &zone));
    clashes.map(|clash| Finding::warning("mailing.close-together", file(), clash.phrase())).collect()
}

/// Letters that could not leave any more when the campaign is applied.
fn too_late(now: Timestamp, campaign: &Campaign, schedule: &Schedule, coming: &[&PlannedMailing]) -> Vec<Finding> {
    let zone = schedule.time_zone();
    let pairs = campaign.mailings.iter().zip(&schedule.mailings);
    let late = pairs.filter(|(_, planned)| planned.not_after <= now && coming.iter().any(|it| it.name == planned.name));
    late.map(|(written, planned)| {
        let (name, until) = (planned.name.as_str(), Fact::moment(planned.not_after, &zone));
        let message = phrase!("mailing-in-the-past", mailing = name, to = until);
        let finding = Finding::error("mailing.in-the-past", written.not_after.place.clone(), message);
        finding.mended_by(phrase!("mailing-too-late-remedy"))
    })
    .collect()
}

/// That a sale that nobody has applied yet opened long ago, as with the year of another season: as soon as it is applied it is open.
pub(super) fn opened_long_ago(campaign: &Campaign, schedule: &Schedule, now: Timestamp) -> Option<Finding> {
    let opened = Fact::moment(schedule.opens_at, &schedule.time_zone());
    let is_open = schedule.opens_at <= now && now < schedule.closes_at;
    (is_open && now.duration_since(schedule.opens_at) > LONG_AGO).then(|| {
        let message = phrase!("window-opened-long-ago", opens = opened);
        Finding::error("window.opened-long-ago", campaign.window.opens.place.clone(), message)
    })
}

/// Other sales that are open at the same time for the same buyers, and are not over.
fn open_together(surroundings: &Surroundings<'_>, schedule: &Schedule, file: impl Fn() -> Place) -> Vec<Finding> {
    let others = surroundings.sales.iter().filter(|other| other.slug != schedule.slug);
    let to_come = others.filter(|other| other.closes_at > surroundings.now && schedule.closes_at > surroundings.now);
    let clashes = to_come.filter_map(|other| windows_clash((schedule, schedule.closes_at), (other, other.closes_at)));
    clashes.map(|clash| Finding::note("window.together", file(), clash.phrase())).collect()
}

fn sample_name(settings: &Settings, place: impl Fn() -> Place) -> Option<Finding> {
    let sample: toml::Table = SAMPLE.parse().ok()?;
    let name = sample.get("shop")?.get("name")?.as_str()?;
    let finding =
        || Finding::warning("shop.sample", place().with_words("name"), phrase!("shop-sample-name", name = name));
    (settings.shop.name.as_str() == name).then(finding)
}

/// Links to hosts that are kept for examples and are no shop's.
fn example_links(settings: &Settings, schedule: &Schedule, place: impl Fn() -> Place) -> Option<Finding> {
    let links =
        [Some(&settings.public.url), Some(&settings.shop.url), Some(&settings.shop.privacy_url), schedule.url.as_ref()];
    let hosts: BTreeSet<String> =
        links.into_iter().flatten().filter(|link| link.is_example()).map(|link| format!("`{}`", link.host())).collect();
    let message = || phrase!("shop-example-links", hosts = Fact::texts(&hosts));
    (!hosts.is_empty()).then(|| Finding::warning("links.example", place(), message()))
}
