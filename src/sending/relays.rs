//! The relays that mail can leave through, and which of them it leaves through now. Which one that is follows from
//! [`crate::delivery::relays`]; here it is known which are away.
//!
//! Whoever sends asks for the [relay in use](Relays::in_use), and says when it [cannot be used](Relays::cannot_be_used). What was
//! begun with a relay is finished with it: what it may have is never offered to another.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::back_off::BackOff;
use crate::config::{RelaySettings, TransportSettings};
use crate::delivery::relays::{RelayCondition, is_trial_due, next_trial, relay_in_use};
use crate::smtp::{ConnectFailure, Envelope, EnvelopeError, Stage, Verdict};
use crate::text::Rate;
use crate::transport::Transport;

/// How many letters at once a folder takes.
const INTO_A_FOLDER: usize = 4;

/// What a person allows the senders.
#[derive(Clone, Debug, PartialEq)]
pub struct RelayAllowance {
    /// How many connections at once, at most.
    pub connections: usize,
    /// How many mails on each, at most.
    pub mails: u32,
    /// How many mails in a time, at most.
    pub rate: Option<Rate>,
    /// The relay's host and port; none where letters go into a folder.
    pub relay: Option<String>,
}

impl RelayAllowance {
    /// What is allowed of the first relay that `settings` name, or of the folder in the place of relays.
    pub fn of(settings: &TransportSettings) -> Self {
        match settings {
            TransportSettings::Smtp(first, _) => Self::of_relay(first),
            TransportSettings::Directory(_) => Self::of_folder(),
        }
    }

    fn of_relay(relay: &RelaySettings) -> Self {
        Self {
            connections: relay.connections,
            mails: relay.messages_per_connection,
            rate: relay.rate,
            relay: Some(relay.name()),
        }
    }

    fn of_folder() -> Self {
        Self { connections: INTO_A_FOLDER, mails: u32::MAX, rate: None, relay: None }
    }
}

/// By what a relay is asked whether it takes mail of a shop, without a letter: an envelope from and to the shop itself.
#[derive(Clone, Debug)]
pub struct RelayTrial {
    /// The domain of the return paths.
    pub return_domain: String,
    /// The address that letters are from.
    pub from: String,
}

impl RelayTrial {
    fn envelope(&self) -> Result<Envelope, EnvelopeError> {
        Envelope::new(&format!("postmaster@{}", self.return_domain), &self.from)
    }
}

/// A relay, or the folder in the place of one.
#[derive(Debug)]
pub struct RelayPost {
    pub(super) transport: Arc<Transport>,
    pub(super) allowed: RelayAllowance,
    /// Whether it is left alone because it could not be used.
    pub(crate) back_off: Arc<BackOff>,
    /// How many connections of the senders of mailings stand there.
    standing: AtomicUsize,
}

impl RelayPost {
    /// Of which this much is `allowed`.
    pub fn new(transport: Transport, allowed: RelayAllowance) -> Self {
        Self { transport: Arc::new(transport), allowed, back_off: Arc::default(), standing: AtomicUsize::new(0) }
    }

    /// Host and port, for people.
    pub fn name(&self) -> &str {
        self.allowed.relay.as_deref().unwrap_or("the outbox")
    }

    /// Opens a connection, offers the envelope of `trial` as that of a letter would be, and leaves before there is any message. Who the letter is
    /// for matters not: only whether the relay takes mail of ours.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub async fn try_it(&self, trial: &RelayTrial, now: Timestamp) -> Result<(), String> {
        let envelope = trial.envelope().map_err(|error| error.to_string())?;
        let mut connection = self.transport.open().await.map_err(|failure| failure.with_cause())?;
        let offered = connection.offer(&envelope, 0, now).await;
        connection.abandon().await;
        connection.close().await;
        match offered.as_ref().err().and_then(Verdict::reason).filter(|reason| reason.stage == Stage::Mail) {
            Some(reason) => Err(reason.to_string()),
            None => Ok(()),
        }
    }

    /// Whether it could not be used when it was tried last, the pause after that is over, and no connection of ours stands there.
    fn is_to_be_tried(&self, now: Timestamp) -> bool {
        self.back_off.failure().is_some()
            && self.back_off.until(now).is_none()
            && self.standing.load(Ordering::Relaxed) == 0
    }
}

/// A connection that stands, for as long as this is kept.
#[derive(Debug)]
pub(super) struct StandingLine(Arc<RelayPost>);

impl StandingLine {
    pub(super) fn to(post: &Arc<RelayPost>) -> Self {
        post.standing.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(post))
    }
}

impl Drop for StandingLine {
    fn drop(&mut self) {
        self.0.standing.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The relays of a configuration, in their order.
#[derive(Debug)]
pub struct RelayList {
    first: RelayPost,
    others: Vec<RelayPost>,
}

impl RelayList {
    /// `first`, and `others` for when it cannot be used.
    pub fn new(first: RelayPost, others: Vec<RelayPost>) -> Self {
        Self { first, others }
    }

    /// A folder in the place of relays.
    pub fn folder(transport: Transport) -> Self {
        Self::new(RelayPost::new(transport, RelayAllowance::of_folder()), Vec::new())
    }

    /// Those that `settings` name.
    ///
    /// # Errors
    /// The settings of one of them cannot be used, whatever it would say.
    pub fn of(settings: &TransportSettings) -> Result<Self, ConnectFailure> {
        let post = |relay: &RelaySettings| -> Result<RelayPost, ConnectFailure> {
            Ok(RelayPost::new(Transport::relay(relay)?, RelayAllowance::of_relay(relay)))
        };
        match settings {
            TransportSettings::Smtp(first, others) => {
                Ok(Self::new(post(first)?, others.iter().map(post).collect::<Result<_, _>>()?))
            }
            TransportSettings::Directory(folder) => Ok(Self::folder(Transport::folder(folder))),
        }
    }
}

/// The relays, and which of them is in use. Cloning is cheap, and clones are one.
#[derive(Clone, Debug)]
pub struct Relays(Arc<RelaysShared>);

#[derive(Debug)]
struct RelaysShared {
    known: Mutex<KnownRelays>,
    /// Another relay is in use, or the same one anew: for whoever sends.
    changed: Arc<Notify>,
    /// There is news about one: for whoever tries those that are away.
    news: Notify,
}

#[derive(Debug)]
struct KnownRelays {
    /// In their order; one at least.
    list: Vec<KnownRelay>,
    in_use: RelayInUse,
}

#[derive(Debug)]
struct KnownRelay {
    post: Arc<RelayPost>,
    away: Option<RelayAway>,
    /// How often it was found away since it last carried a mail.
    in_vain: u32,
}

/// What is known of a relay that is away.
#[derive(Clone, Debug)]
struct RelayAway {
    why: String,
    tried_at: Timestamp,
}

/// A relay as long as it is in use.
#[derive(Clone, Debug)]
pub struct RelayInUse {
    pub(crate) post: Arc<RelayPost>,
    /// Another one each time that a relay is taken into use, so that what is said of an earlier time counts no more.
    pub(super) term: u64,
}

impl RelayInUse {
    /// Host and port, for people.
    pub fn name(&self) -> &str {
        self.post.name()
    }
}

/// What is to be said of relays of which one is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelaysAway {
    /// Which are away, with the reason, in their order.
    pub away: Vec<(String, String)>,
    /// Through which mail leaves; none when all are away.
    pub through: Option<String>,
}

impl KnownRelay {
    fn new(post: RelayPost) -> Self {
        Self { post: Arc::new(post), away: None, in_vain: 0 }
    }

    fn condition(&self, now: Timestamp) -> RelayCondition {
        match self.away {
            None => RelayCondition::There,
            Some(_) => RelayCondition::Away(self.post.back_off.until(now).unwrap_or(now)),
        }
    }
}

impl KnownRelays {
    fn of(RelayList { first, others }: RelayList, term: u64) -> Self {
        let first = KnownRelay::new(first);
        let in_use = RelayInUse { post: Arc::clone(&first.post), term };
        Self { list: std::iter::once(first).chain(others.into_iter().map(KnownRelay::new)).collect(), in_use }
    }

    fn of_post(&mut self, post: &Arc<RelayPost>) -> Option<&mut KnownRelay> {
        self.list.iter_mut().find(|known| Arc::ptr_eq(&known.post, post))
    }

    /// Takes the relay into use that is to be, and says whether that is another one.
    fn choose(&mut self, now: Timestamp) -> bool {
        let conditions: Vec<RelayCondition> = self.list.iter().map(|known| known.condition(now)).collect();
        let Some(chosen) = self.list.get(relay_in_use(&conditions)) else { return false };
        if Arc::ptr_eq(&chosen.post, &self.in_use.post) {
            return false;
        }
        self.in_use = RelayInUse { post: Arc::clone(&chosen.post), term: self.in_use.term + 1 };
        true
    }
}

impl Relays {
    /// Begins with the first of `list`.
    pub fn new(list: RelayList) -> Self {
        let (changed, news) = (Arc::default(), Notify::new());
        Self(Arc::new(RelaysShared { known: Mutex::new(KnownRelays::of(list, 0)), changed, news }))
    }

    fn known(&self) -> MutexGuard<'_, KnownRelays> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        self.0.changed.notify_one();
        self.0.news.notify_one();
    }

    /// From now on mail leaves through these. What was known of others is forgotten.
    pub(super) fn exchange(&self, list: RelayList) {
        let mut known = self.known();
        let term = known.in_use.term + 1;
        *known = KnownRelays::of(list, term);
        drop(known);
        self.tell();
    }

    /// The relay that mail leaves through now.
    pub fn in_use(&self) -> RelayInUse {
        self.known().in_use.clone()
    }

    /// What rings when another is in use, for the one who sends mailings.
    pub(crate) fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.0.changed)
    }

    /// Waits until there is news about a relay that is away.
    pub async fn news(&self) {
        self.0.news.notified().await;
    }

    /// The relay that was `used` cannot be used, for the reason `why`. Says whether there is another that can be tried at once.
    ///
    /// While connections of ours stand there it is not away: it takes no more of them. And what is said of it after it was
    /// taken out of use is no news.
    pub fn cannot_be_used(&self, used: &RelayInUse, why: &str, now: Timestamp) -> bool {
        let mut known = self.known();
        if known.list.len() < 2 {
            drop(known);
            self.tell();
            return false;
        }
        if known.in_use.term != used.term || used.post.standing.load(Ordering::Relaxed) > 0 {
            return false;
        }
        used.post.back_off.begin(now, why);
        if let Some(relay) = known.of_post(&used.post) {
            relay.in_vain += u32::from(relay.away.is_none());
            relay.away = Some(RelayAway { why: why.to_owned(), tried_at: now });
        }
        let moved = known.choose(now);
        let next = Arc::clone(&known.in_use.post);
        drop(known);
        self.tell();
        if moved {
            tracing::warn!(away = used.post.name(), through = next.name(), "mail leaves through another relay");
        }
        moved && next.back_off.until(now).is_none()
    }

    /// A relay is ready to take a message: it is not away, and is used again when it goes before the one that is in use. Says whether
    /// that is news.
    pub fn answers(&self, post: &Arc<RelayPost>, now: Timestamp) -> bool {
        let could_not_be_used = post.back_off.failure().is_some();
        post.back_off.is_over();
        let mut known = self.known();
        let was_away = known.of_post(post).and_then(|relay| relay.away.take()).is_some();
        let moved = was_away && known.choose(now);
        drop(known);
        if !could_not_be_used && !was_away {
            return false;
        }
        self.tell();
        tracing::warn!(relay = post.name(), in_use = moved, "a relay that was away answers again");
        true
    }

    /// A relay has answered for a mail.
    pub(super) fn carries(&self, post: &Arc<RelayPost>) {
        if let Some(relay) = self.known().of_post(post) {
            relay.in_vain = 0;
        }
    }

    /// The relay that mail leaves through, when nothing is known against it and nothing leaves through it now: nobody would notice that it
    /// is gone before a mailing is due.
    pub fn unwatched(&self) -> Option<RelayInUse> {
        let in_use = self.in_use();
        let is_quiet = in_use.post.back_off.failure().is_none() && in_use.post.standing.load(Ordering::Relaxed) == 0;
        is_quiet.then_some(in_use)
    }

    /// The relay that is in use was tried at `now` and cannot be used, for the reason `why`.
    pub fn was_found_away(&self, relay: &RelayInUse, why: &str, now: Timestamp) {
        relay.post.back_off.begin(now, why);
        self.cannot_be_used(relay, why, now);
    }

    /// A relay that is away and is to be tried at `now`; or the only one, which could not be used and through which nothing has left
    /// since its pause is over.
    pub fn trial(&self, now: Timestamp) -> Option<Arc<RelayPost>> {
        let known = self.known();
        let due = |relay: &&KnownRelay| match &relay.away {
            Some(away) => is_trial_due(away.tried_at, relay.in_vain, now),
            None => known.list.len() == 1 && relay.post.is_to_be_tried(now),
        };
        known.list.iter().find(due).map(|relay| Arc::clone(&relay.post))
    }

    /// When one is to be tried next.
    pub fn next_trial(&self, now: Timestamp) -> Option<Timestamp> {
        let trial = |relay: &KnownRelay| match &relay.away {
            Some(away) => Some(next_trial(away.tried_at, relay.in_vain)),
            None => relay.post.back_off.until(now),
        };
        self.known().list.iter().filter_map(trial).min()
    }

    /// A relay was tried at `now` and is still away, for the reason `why`.
    pub fn is_still_away(&self, post: &Arc<RelayPost>, why: String, now: Timestamp) {
        match self.known().of_post(post).and_then(|relay| relay.away.as_mut()) {
            Some(away) => *away = RelayAway { why, tried_at: now },
            None => post.back_off.begin(now, why),
        }
    }

    /// Which are away; none while all are there.
    pub fn away(&self) -> Option<RelaysAway> {
        let known = self.known();
        let away = |relay: &KnownRelay| Some((relay.post.name().to_owned(), relay.away.as_ref()?.why.clone()));
        let away: Vec<(String, String)> = known.list.iter().filter_map(away).collect();
        let all = away.len() == known.list.len();
        let through = (!all).then(|| known.in_use.post.name().to_owned());
        (!away.is_empty()).then_some(RelaysAway { away, through })
    }
}
