//! Reading the configuration anew in a running daemon: settings, templates, calendar overrides, the relay's password and
//! certificate. Everything is read and checked whole before anything is changed; when anything is wrong the old stays.

use std::sync::Arc;

use anyhow::anyhow;

use super::{DaemonParts, RuntimeContext};
use crate::cli::config::unusable_files;
use crate::cli::context::ConfigurationSource;
use crate::cli::outbox;
use crate::config::{Settings, take_up};
use crate::daemon::{Health, Rules, RulesInForce};
use crate::finding::in_lines;
use crate::http::{App, Pages};
use crate::sending::alerts::AlertDesk;
use crate::sending::compose::Composer;
use crate::sending::confirmations::ConfirmationKit;
use crate::sending::equipment::Equipment;
use crate::sending::relays::RelayList;
use crate::sending::rests::Rests;

/// What of a running daemon can be exchanged.
pub(super) struct Reloader {
    source: ConfigurationSource,
    running: Settings,
    context: RuntimeContext,
    pages: Pages,
    equipment: Equipment,
    confirmations: ConfirmationKit,
    desk: AlertDesk,
    rules: RulesInForce,
    health: Health,
}

/// Everything that was read anew, checked.
struct Anew {
    settings: Settings,
    need_restart: Vec<&'static str>,
    app: App,
    relays: RelayList,
    composer: Arc<Composer>,
    rules: Rules,
}

impl Reloader {
    pub(super) fn new(source: ConfigurationSource, running: Settings, parts: &DaemonParts, pages: Pages) -> Self {
        Self {
            source,
            running,
            context: parts.context.clone(),
            pages,
            equipment: parts.dispatcher.equipment(),
            confirmations: parts.confirmations.kit(),
            desk: parts.desk.clone(),
            rules: parts.rules.clone(),
            health: parts.health.clone(),
        }
    }

    /// Reads the configuration anew and takes it up, or says in the log and as a problem why not.
    pub(super) fn reload(&mut self) {
        match self.read() {
            Ok(anew) => self.take_up(anew),
            Err(error) => self.refuse(&format!("{error:#}")),
        }
    }

    /// Keeps what is in force, because of `why`.
    pub(super) fn refuse(&self, why: &str) {
        let lines: Vec<&str> = why.lines().collect();
        self.health.reload_refused(&lines.join("; "));
    }

    fn read(&self) -> anyhow::Result<Anew> {
        let (settings, need_restart) = take_up(self.source.settings()?, &self.running);
        let unusable = unusable_files(&settings)?;
        if !unusable.is_empty() {
            return Err(anyhow!(in_lines(&unusable)));
        }
        let relays = RelayList::of(&settings.mail.transport)?;
        let composer = self.context.composer(&settings);
        let app = self.context.app(&settings)?;
        let rules = self.context.rules(&settings)?;
        Ok(Anew { settings, need_restart, app, relays, composer, rules })
    }

    fn take_up(&mut self, Anew { settings, need_restart, app, relays, composer, rules }: Anew) {
        if let Some(warning) = outbox::warning(settings.mail.transport.outbox()) {
            tracing::warn!("{warning}");
        }
        // Before what wakes the senders.
        self.context.holds.exchange_rests(Rests::of(&settings));
        self.pages.exchange(app);
        self.confirmations.exchange(&settings);
        self.context.wakeup.notify_one();
        self.desk.exchange(&settings);
        self.equipment.exchange(relays, composer);
        self.rules.exchange(rules);
        self.health.reloaded(&need_restart);
        self.running = settings;
        tracing::info!("the configuration was read anew and is in force");
    }
}
