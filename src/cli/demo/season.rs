//! The season itself: a shop in a folder, a daemon that can be stopped and started, and what people do meanwhile.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::audience::{GREYLISTS, REFUSES, members_file};
use crate::cli::run::DaemonParts;
use crate::cli::spoken::SharedLog;
use crate::cli::story::Story;
use crate::cli::{Context, dispatch_line};
use crate::clock::Clock;
use crate::config::{Overrides, Settings, load_keyring};
use crate::daemon::Simulation;
use crate::db::leaving::{Leave, Leaver, Leaving};
use crate::db::{Store, gates, members, reports};
use crate::delivery::DeliveryState;
use crate::gate::Gate;
use crate::http::{self, Pages};
use crate::member::{Cause, Method, Pseudonym, read_unsubscribe_token};
use crate::phrase;
use crate::phrase::Fact;
use crate::sending::relays::RelayList;
use crate::text::Slug;
use crate::time_trust::Leeway;
use crate::transport::{Directory, Rehearsal, Transport};

/// How many members leave by the link of the announcement, and how many while the last mailing is going out.
const LEAVE_AFTER: usize = 9;
const LEAVE_DURING: usize = 3;

pub(super) struct DemoSeason {
    folder: PathBuf,
    clock: Clock,
    settings: Settings,
    slug: Slug,
    simulation: Option<Simulation>,
}

impl DemoSeason {
    /// Sets the shop up with the commands that a person would type.
    pub(super) fn set_up(
        folder: &Path,
        year: i16,
        members: u32,
        clock: Clock,
        story: &mut Story,
    ) -> anyhow::Result<Self> {
        let now = clock.now();
        let shown = folder.display().to_string();
        type_command(folder, &clock, story, &["init", &shown])?;
        let campaign = fs::read_to_string(folder.join("journees-magiques.toml"))?;
        fs::write(folder.join("journees-magiques.toml"), in_year(&campaign, year))?;
        fs::write(folder.join("members.csv"), members_file(members, now))?;
        let file = |name: &str| folder.join(name).display().to_string();
        type_command(folder, &clock, story, &["campaign", "check", &file("journees-magiques.toml")])?;
        type_command(folder, &clock, story, &["campaign", "apply", &file("journees-magiques.toml")])?;
        type_command(folder, &clock, story, &["member", "import", &file("members.csv")])?;
        let settings = Settings::load(&folder.join("carillon.toml"), &Overrides::default())?;
        // This clock is moved by hand, over days at once.
        let settings = Settings { clock: Leeway::unlimited(), ..settings };
        let gates = Store::open(&settings.store)?.read_blocking(gates::list)?;
        let slug = gates.first().context("the campaign is not applied")?.slug.clone();
        Ok(Self { folder: folder.to_owned(), clock, settings, slug, simulation: None })
    }

    /// Lives from now until after the gate has closed for good.
    pub(super) async fn live(&mut self, story: &mut Story<'_>) -> anyhow::Result<()> {
        let gate = self.gate()?;
        let announced_at = self.mailing_begins("announcement")?;
        let last_at = self.mailing_begins("last-hours")?;
        self.start(announced_at)?;
        story.now(&phrase!("demo-starts"))?;

        self.simulation()?.approach(announced_at, story).await?;
        self.send_some(self.third_of_members()?, story).await?;
        story.now(&phrase!("demo-restarts"))?;
        self.simulation = None;
        self.clock.advance_to(self.clock.now().checked_add(SignedDuration::from_mins(2))?);
        self.start(announced_at)?;
        self.simulation()?.advance(gate.opens_at.checked_sub(SignedDuration::from_hours(1))?, story).await?;

        self.leave_by_link(LEAVE_AFTER, story)?;
        self.pass_gate(&gate, gate.opens_at, story).await?;
        self.simulation()?.approach(last_at, story).await?;
        self.simulation()?.plan(story).await?;
        story.now(&phrase!("demo-leave-waiting", count = LEAVE_DURING))?;
        self.withdraw(LEAVE_DURING)?;
        self.pass_gate(&gate, gate.closes_at, story).await?;
        Ok(self.simulation()?.advance(gate.closes_at.checked_add(SignedDuration::from_hours(1))?, story).await?)
    }

    fn start(&mut self, announced_at: Timestamp) -> anyhow::Result<()> {
        let mut store = Store::open(&self.settings.store)?;
        store.lock_for_daemon()?;
        let greylisted_until = announced_at.checked_add(SignedDuration::from_mins(7))?;
        let rehearsal = Rehearsal::default().refuse(REFUSES).greylist(GREYLISTS, greylisted_until);
        let directory = Directory::new(self.outbox()).without_sync().rehearsing(rehearsal);
        let transport = Transport::Directory(directory);
        let relays = RelayList::folder(transport);
        let parts = DaemonParts::with_relays(&self.settings, store, self.clock.clone(), relays)?;
        self.simulation = Some(Simulation::new(parts.engine, parts.dispatcher));
        Ok(())
    }

    fn outbox(&self) -> PathBuf {
        self.folder.join("outbox")
    }

    fn simulation(&self) -> anyhow::Result<&Simulation> {
        self.simulation.as_ref().context("the daemon is not running")
    }

    fn store(&self) -> anyhow::Result<Store> {
        Ok(Store::open(&self.settings.store)?)
    }

    fn gate(&self) -> anyhow::Result<Gate> {
        self.store()?.read_blocking(|db| gates::find(db, &self.slug))?.context("the campaign is not applied")
    }

    fn mailing_begins(&self, name: &str) -> anyhow::Result<Timestamp> {
        let reports = self.store()?.read_blocking(|db| reports::mailings_of(db, Some(&self.slug)))?;
        let mailing = reports.iter().find(|report| report.mailing == name);
        Ok(mailing.with_context(|| format!("the campaign has no mailing `{name}`"))?.not_before)
    }

    fn third_of_members(&self) -> anyhow::Result<usize> {
        let now = self.clock.now();
        let eligible = self.store()?.read_blocking(|db| members::count_eligible(db, now))?;
        Ok(usize::try_from(eligible / 3)?)
    }

    /// Lives up to an edge of the window and asks the gate on both sides of it.
    async fn pass_gate(&self, gate: &Gate, edge: Timestamp, story: &mut Story<'_>) -> anyhow::Result<()> {
        let just_before = edge.checked_sub(SignedDuration::from_millis(1))?;
        let simulation = self.simulation()?;
        simulation.advance(just_before, story).await?;
        simulation.advance(edge, story).await?;
        Ok(story.edge(gate, edge)?)
    }

    /// Sends what is due now until about `count` mails have been written.
    async fn send_some(&self, count: usize, story: &mut Story<'_>) -> anyhow::Result<()> {
        let stop = CancellationToken::new();
        let watching = tokio::spawn(stop_after(self.outbox(), count, stop.clone()));
        let sent = self.simulation()?.round(self.clock.now(), &stop, story).await;
        watching.abort();
        sent?;
        Ok(())
    }

    /// Members follow the one-click link of the mail that they got: the token comes from the written file.
    fn leave_by_link(&self, count: usize, story: &mut Story) -> anyhow::Result<()> {
        let keyring = load_keyring(&self.settings.keys)?;
        let mut left = 0;
        for path in written(&self.outbox())?.into_iter().take(count) {
            let token = one_click_token(&fs::read_to_string(path)?).context("a mail has no one-click link")?;
            let member = read_unsubscribe_token(&keyring, &token).context("a one-click link is not ours")?;
            self.leave(member, Method::OneClickPost)?;
            left += 1;
        }
        Ok(story.now(&phrase!("demo-leave-by-link", count = left))?)
    }

    fn leave(&self, member: Pseudonym, method: Method) -> anyhow::Result<()> {
        let leave = Leave { cause: Cause::Withdrawn, method, at: self.clock.now() };
        Leaving::of(&self.settings, &self.store()?).leave_blocking(&[Leaver::Member(member)], &leave)?;
        Ok(())
    }

    /// Members whose message waits withdraw.
    fn withdraw(&self, count: usize) -> anyhow::Result<()> {
        let filter = reports::QueueFilter {
            campaign: Some(self.slug.clone()),
            state: Some(DeliveryState::Queued),
            after: 0,
            limit: i64::try_from(count)?,
        };
        let store = self.store()?;
        for row in store.read_blocking(|db| reports::queue(db, &filter))? {
            self.leave(row.member, Method::PagePost)?;
        }
        Ok(())
    }

    /// Tells the account, where everything lies, and whether it adds up.
    pub(super) fn account(&self, story: &mut Story) -> anyhow::Result<bool> {
        let reports = self.store()?.read_blocking(|db| reports::mailings_of(db, None))?;
        story.account(&reports)?;
        let accepted: u64 = reports.iter().filter_map(|report| report.counts.get(&DeliveryState::Accepted)).sum();
        let ended = reports.iter().all(|report| report.counts.keys().all(|state| state.has_ended()));
        let files = written(&self.outbox())?.len();
        let adds_up = ended && usize::try_from(accepted)? == files;
        story.line(&if adds_up {
            phrase!("demo-adds-up", files = files, accepted = accepted)
        } else {
            phrase!("demo-does-not-add-up", files = files, accepted = accepted)
        })?;
        let gate_folder = self.folder.join("gate");
        let shown = gate_folder.display().to_string();
        type_command(&self.folder, &self.clock, story, &["gate", "export", "--out", &shown])?;
        story.line(&phrase!("demo-mails", folder = Fact::text(self.outbox().display())))?;
        story.line(&phrase!("demo-gate-file", folder = Fact::text(gate_folder.display())))?;
        story.line(&phrase!("demo-shop", folder = Fact::text(self.folder.display())))?;
        Ok(adds_up)
    }

    /// Keeps pages and gate up on the real clock until the program is interrupted.
    pub(super) async fn serve(&self, listen: &str, context: &mut Context) -> anyhow::Result<()> {
        let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on `{listen}`"))?;
        let keyring = load_keyring(&self.settings.keys)?;
        let app = http::App::new(&self.settings, self.store()?, keyring, Clock::System)?;
        context.remark(&phrase!("demo-page", url = format!("http://{listen}/campaigns/{}", self.slug)))?;
        context.remark(&phrase!("demo-gate-url", url = format!("http://{listen}/gates/{}", self.slug)))?;
        context.remark(&phrase!("demo-ctrl-c"))?;
        let stop = CancellationToken::new();
        let serving = tokio::spawn(http::serve(listener, Pages::new(app), stop.clone()));
        tokio::signal::ctrl_c().await?;
        stop.cancel();
        Ok(serving.await??)
    }
}

/// Cancels `token` once `count` mails have been written.
async fn stop_after(outbox: PathBuf, count: usize, token: CancellationToken) {
    let mut looks = tokio::time::interval(Duration::from_millis(1));
    loop {
        looks.tick().await;
        if written(&outbox).is_ok_and(|files| files.len() >= count) {
            token.cancel();
            return;
        }
    }
}

/// The mails in a folder, by name.
fn written(outbox: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    match fs::read_dir(outbox) {
        Ok(entries) => {
            for entry in entries {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == "eml") {
                    files.push(path);
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    files.sort();
    Ok(files)
}

/// The token of the `List-Unsubscribe` header.
fn one_click_token(message: &str) -> Option<String> {
    let header = message.split("List-Unsubscribe: <").nth(1)?;
    let link = header.split('>').next()?;
    link.rsplit('/').next().map(str::to_owned)
}

/// The example campaign, moved to the winter of `year`.
fn in_year(campaign: &str, year: i16) -> String {
    let mut moved = campaign.to_owned();
    for written in 2026..=2030 {
        for season in ["winter", "hiver"] {
            moved = moved.replace(&format!("{season}.{written}"), &format!("{season}.{year}"));
        }
    }
    moved
}

/// Runs a command line as a person would, at the simulated time, and tells what it said.
fn type_command(folder: &Path, clock: &Clock, story: &mut Story, words: &[&str]) -> anyhow::Result<()> {
    let said = SharedLog::default();
    let mut context = Context {
        clock: clock.clone(),
        config_path: folder.join("carillon.toml"),
        language: story.language(),
        who: "camille".to_owned(),
        rehearsed: None,
        out: Box::new(said.clone()),
        err: Box::new(said.clone()),
    };
    let shown = words.join(" ").replace(&format!("{}/", folder.display()), "");
    story.typed(&format!("carillon {shown}"))?;
    dispatch_line(words, &mut context)?;
    Ok(story.answered(&said.text())?)
}
