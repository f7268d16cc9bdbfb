//! What there is to answer: every gate with its JSON, its pages and its entry for calendars, as bytes in memory.
//!
//! Which of the bytes hold follows from the clock at each request ([`Timeline`]). Whether the store still says what they were
//! made from is looked up at most once in [`LOOKED_AT_FOR`], by one request; others that come meanwhile are answered from what
//! was seen [`MEANWHILE`] before at most. So a request that comes alone sees whatever was in the store when it came, and many
//! requests ask the store as often as one would, and do not wait for it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout};

use super::error::{self, StoreUnread};
use super::ready::Ready;
use super::signed::Signed;
use super::timeline::Timeline;
use crate::clock::Clock;
use crate::db::gates::{self, GateRecord, GatesVersion};
use crate::db::{Db, Store, StoreError, Trouble, prices};
use crate::gate::{Gate, changes};
use crate::price::Showcase;
use crate::sending::shop_law::ShopLaw;
use crate::text::{InterfaceLanguage, Slug};

/// How long what was seen in the store is taken for what is in it.
const LOOKED_AT_FOR: Duration = Duration::from_millis(1);

/// How long what was seen is answered to others while one request looks whether it is still so.
const MEANWHILE: Duration = Duration::from_millis(20);

/// How long a request waits for the store before it is answered from what was seen last.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long after it failed the store is not asked again while there is something to answer with.
const BACK_OFF: Duration = Duration::from_secs(2);

/// How long a change of prices may wait while nothing else has changed.
const BETWEEN_PRICES: Duration = Duration::from_secs(1);

/// One of something for each language.
#[derive(Debug)]
pub(super) struct PerLanguage<T> {
    fr: T,
    en: T,
}

impl<T> PerLanguage<T> {
    fn new(make: impl Fn() -> T) -> Self {
        Self { fr: make(), en: make() }
    }

    /// The one for `language`.
    pub(super) fn of(&self, language: InterfaceLanguage) -> &T {
        match language {
            InterfaceLanguage::Fr => &self.fr,
            InterfaceLanguage::En => &self.en,
        }
    }
}

/// A gate and its answers.
#[derive(Debug)]
pub(super) struct KnownGate {
    pub(super) record: GateRecord,
    pub(super) json: Timeline<Ready>,
    pub(super) flag: Timeline<Ready>,
    pub(super) pages: PerLanguage<Timeline<Ready>>,
    /// Its entry for calendars.
    pub(super) entries: PerLanguage<Timeline<Ready>>,
    /// The articles that its page shows.
    pub(super) showcase: Option<Showcase>,
}

impl KnownGate {
    /// The gate of `record`, which shows `showcase`. Listed gates change at `listed`.
    fn new(record: GateRecord, showcase: Option<Showcase>, listed: &[Timestamp]) -> Self {
        let gate = &record.gate;
        // Once it is over its page says which sale is next.
        let of_next = || listed.iter().copied().filter(|change| *change > gate.ends_at());
        let of_prices = || showcase.iter().flat_map(Showcase::changes);
        Self {
            json: Timeline::new(changes(gate)),
            flag: Timeline::new(changes(gate)),
            pages: PerLanguage::new(|| {
                let own = super::sale::changes(gate).into_iter().chain(gate.changes_of_lists());
                Timeline::new(own.chain(of_prices()).chain(of_next()))
            }),
            entries: PerLanguage::new(|| Timeline::new(changes(gate))),
            showcase,
            record,
        }
    }

    /// The gate itself.
    pub(super) fn gate(&self) -> &Gate {
        &self.record.gate
    }
}

/// Every gate, as the store had them when it was last looked at.
#[derive(Debug)]
pub(super) struct Present {
    version: GatesVersion,
    /// How often the price history had changed; nothing where it is to be compared anew.
    prices: Option<u64>,
    gates: Vec<KnownGate>,
    by_slug: HashMap<String, usize>,
    pub(super) all: Timeline<Ready>,
    pub(super) flags: Timeline<Ready>,
    pub(super) lists: PerLanguage<Timeline<Ready>>,
    /// The calendar of those in public lists.
    pub(super) calendars: PerLanguage<Timeline<Ready>>,
    pub(super) signed: Mutex<Option<Arc<Signed>>>,
}

impl Present {
    fn new(seen: SeenInStore) -> Self {
        let SeenInStore { version, prices, records, mut showcases } = seen;
        let listed: Vec<Timestamp> = records.iter().flat_map(|record| record.gate.changes_of_lists()).collect();
        let known = |record: GateRecord| {
            let showcase = showcases.remove(&record.gate.slug);
            KnownGate::new(record, showcase, &listed)
        };
        let gates: Vec<KnownGate> = records.into_iter().map(known).collect();
        let of_listed = || gates.iter().flat_map(|known| known.gate().changes_of_lists());
        let by_slug = gates.iter().enumerate().map(|(at, known)| (known.gate().slug.to_string(), at)).collect();
        Self {
            all: Timeline::new(of_listed()),
            flags: Timeline::new(of_listed()),
            lists: PerLanguage::new(|| Timeline::new(of_listed())),
            calendars: PerLanguage::new(|| Timeline::new(of_listed())),
            signed: Mutex::default(),
            version,
            prices: Some(prices),
            by_slug,
            gates,
        }
    }

    /// The same gates with nothing written yet, for other pages, until the store is looked at again.
    fn anew(&self) -> Self {
        let showcase = |known: &KnownGate| Some((known.gate().slug.clone(), known.showcase.clone()?));
        let seen = SeenInStore {
            version: self.version.clone(),
            prices: 0,
            records: self.gates.iter().map(|known| known.record.clone()).collect(),
            showcases: self.gates.iter().filter_map(showcase).collect(),
        };
        Self { prices: None, ..Self::new(seen) }
    }

    /// The gate of this name.
    pub(super) fn find(&self, slug: &str) -> Option<&KnownGate> {
        self.gates.get(*self.by_slug.get(slug)?)
    }

    /// Every gate, also those that stand in no list.
    pub(super) fn gates(&self) -> &[KnownGate] {
        &self.gates
    }

    /// The gates that stand in public lists at `at`, by opening.
    pub(super) fn listed(&self, at: Timestamp) -> impl Iterator<Item = &Gate> {
        self.listed_records(at).map(|record| &record.gate)
    }

    /// The same, with what their pages say beside them.
    pub(super) fn listed_records(&self, at: Timestamp) -> impl Iterator<Item = &GateRecord> {
        self.gates.iter().map(|known| &known.record).filter(move |record| record.gate.is_listed(at))
    }

    /// The gates that stand in public lists now or later, with what their pages say beside them.
    pub(super) fn ever_listed(&self) -> impl Iterator<Item = &GateRecord> {
        self.gates.iter().map(|known| &known.record).filter(|record| record.gate.listed_from.is_some())
    }

    /// When a person or the law last changed a gate.
    pub(super) fn changed_at(&self) -> Option<Timestamp> {
        self.version.changed_at()
    }
}

/// What a look at the store finds.
#[derive(Default)]
struct SeenInStore {
    version: GatesVersion,
    prices: u64,
    records: Vec<GateRecord>,
    showcases: BTreeMap<Slug, Showcase>,
}

/// What was seen, and how that went.
#[derive(Clone)]
struct PresentSeen {
    present: Arc<Present>,
    /// When the look began that showed it.
    at: Instant,
    /// When the look began that brought it.
    since: Instant,
    /// When a later look failed because the store could not be reached.
    failed_at: Option<Instant>,
}

impl PresentSeen {
    /// Whether it needs no look for a request that came at `asked`, where it may be answered for so long without one.
    fn will_do(&self, asked: Instant, remembered_for: Duration) -> bool {
        let failed_lately = self.failed_at.is_some_and(|failed| asked.duration_since(failed) < BACK_OFF);
        self.at + LOOKED_AT_FOR >= asked || failed_lately && self.is_remembered(asked, remembered_for)
    }

    /// Whether it may still be answered at `now`, though it could not be looked up again.
    fn is_remembered(&self, now: Instant, remembered_for: Duration) -> bool {
        now.duration_since(self.at) < remembered_for
    }
}

/// Keeps what there is to answer.
pub(super) struct PresentCache {
    store: Store,
    law: ShopLaw,
    clock: Clock,
    /// How long what was seen last is answered while the store cannot be reached.
    remembered_for: Duration,
    seen: RwLock<Option<PresentSeen>>,
    /// Held by the one who looks.
    turn: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for PresentCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PresentCache")
    }
}

/// What there is to answer, and whether nobody has had it before.
pub(super) struct PresentFound {
    pub(super) present: Arc<Present>,
    pub(super) is_new: bool,
}

impl PresentFound {
    fn known(present: Arc<Present>) -> Self {
        Self { present, is_new: false }
    }
}

impl PresentCache {
    /// Over `store`, with nothing seen; prices are compared as `law` asks. What was seen last is answered for so long while the
    /// store cannot be reached.
    pub(super) fn new(store: Store, law: ShopLaw, clock: Clock, remembered_for: Duration) -> Self {
        Self { store, law, clock, remembered_for, seen: RwLock::default(), turn: tokio::sync::Mutex::default() }
    }

    fn seen(&self) -> Option<PresentSeen> {
        self.seen.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What will do for a request that came at `asked`, without a look at the store.
    fn at_hand(&self, asked: Instant) -> Option<Arc<Present>> {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        seen.as_ref().filter(|seen| seen.will_do(asked, self.remembered_for)).map(|seen| Arc::clone(&seen.present))
    }

    /// The same, or what was seen a moment ago while another request looks.
    pub(super) fn at_hand_meanwhile(&self, asked: Instant) -> Option<Arc<Present>> {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.as_ref()?;
        let will_do = seen.will_do(asked, self.remembered_for)
            || asked.duration_since(seen.at) < MEANWHILE && self.turn.try_lock().is_err();
        will_do.then(|| Arc::clone(&seen.present))
    }

    /// What there is to answer now.
    pub(super) async fn look(&self) -> Result<PresentFound, StoreUnread> {
        let asked = Instant::now();
        if let Some(present) = self.at_hand_meanwhile(asked) {
            return Ok(PresentFound::known(present));
        }
        let looking = async {
            let _turn = self.turn.lock().await;
            match self.at_hand(asked) {
                Some(present) => Ok(PresentFound::known(present)),
                None => self.ask_store().await,
            }
        };
        match timeout(PATIENCE, looking).await {
            Ok(Ok(looked)) => Ok(looked),
            Ok(Err(error)) => self.remembered(&error),
            Err(_) => self.remembered(&self.store.kept_waiting()),
        }
    }

    /// Looks though nobody asks, so that there is something to remember when the store cannot be reached. Says what is new; that the
    /// store cannot be reached is told by whoever needs it.
    pub(super) async fn look_ahead(&self) -> Option<Arc<Present>> {
        let looking = async {
            let _turn = self.turn.lock().await;
            self.ask_store().await.ok()
        };
        let found = timeout(PATIENCE, looking).await.ok().flatten()?;
        found.is_new.then_some(found.present)
    }

    async fn ask_store(&self) -> Result<PresentFound, StoreError> {
        let (at, before) = (Instant::now(), self.seen());
        let since = before.as_ref().map(|seen| seen.since);
        let known = before.map(|seen| seen.present);
        let versions = known.as_ref().map(|present| (present.version.clone(), present.prices));
        // An import changes prices many times a second, and every page with prices is written anew for it.
        let is_recent = since.is_some_and(|since| at.duration_since(since) < BETWEEN_PRICES);
        let (law, now) = (self.law.clone(), self.clock.now());
        let read = move |db: &mut Db| {
            // In this order: what changes between the two is seen by the next look.
            let (version, prices) = (gates::version(db)?, prices::version(db)?);
            let is_known = |(known, of_prices): &(GatesVersion, Option<u64>)| {
                *known == version && of_prices.is_some_and(|of_prices| of_prices == prices || is_recent)
            };
            if versions.as_ref().is_some_and(is_known) {
                return Ok(None);
            }
            let (records, showcases) = (gates::records(db)?, prices::showcases(db, || law.of_prices(), now)?);
            Ok(Some(SeenInStore { version, prices, records, showcases }))
        };
        let looked = match (self.store.read(read).await?, known) {
            (Some(seen), _) => PresentFound { present: Arc::new(Present::new(seen)), is_new: true },
            (None, Some(present)) => PresentFound::known(present),
            // Only what is known can be found unchanged.
            (None, None) => return Err(StoreError::Closed),
        };
        let since = since.filter(|_| !looked.is_new).unwrap_or(at);
        let seen = PresentSeen { present: Arc::clone(&looked.present), at, since, failed_at: None };
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(looked)
    }

    /// Remembers what `other` has seen, unless something was seen here: for pages that take the place of others while the store may be
    /// out of reach.
    pub(super) fn remember(&self, other: &Self) {
        let Some(theirs) = other.seen() else { return };
        let present = Arc::new(theirs.present.anew());
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        // At the next request the store is asked.
        seen.get_or_insert(PresentSeen { present, failed_at: None, ..theirs });
    }

    /// What was seen last, when the store is only out of reach for now.
    fn remembered(&self, error: &StoreError) -> Result<PresentFound, StoreUnread> {
        error::report(error);
        let passes = matches!(error.trouble(), Trouble::Locked | Trouble::Unwritable);
        let now = Instant::now();
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        match seen.as_mut().filter(|seen| passes && seen.is_remembered(now, self.remembered_for)) {
            Some(seen) => {
                seen.failed_at = Some(now);
                Ok(PresentFound::known(Arc::clone(&seen.present)))
            }
            None => Err(StoreUnread),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_believed_for_a_moment_and_remembered_for_a_while() {
        const WHILE: Duration = Duration::from_mins(1);
        let at = Instant::now();
        let present = Arc::new(Present::new(SeenInStore::default()));
        let fresh = PresentSeen { present, at, since: at, failed_at: None };
        let after = |millis| at + Duration::from_millis(millis);
        assert!(fresh.will_do(at, WHILE) && fresh.will_do(after(1), WHILE) && !fresh.will_do(after(2), WHILE));
        let failed = PresentSeen { failed_at: Some(after(100)), ..fresh.clone() };
        assert!(failed.will_do(after(101), WHILE) && failed.will_do(after(2099), WHILE));
        assert!(!failed.will_do(after(2100), WHILE), "then the store is asked again");
        let failed = PresentSeen { failed_at: Some(after(59_900)), ..fresh };
        assert!(
            failed.will_do(after(59_999), WHILE) && !failed.will_do(after(60_000), WHILE),
            "unknown is not unchanged"
        );
    }
}
