//! Writes the letter of a job: what is the same for a mailing is prepared once, the person is filled in last.
//!
//! Every letter of every open mailing is written and read by all rules before the mailing begins, with the templates as
//! they are now; so what passes a check can be sent, and what does not waits with a problem.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::relays::RelayTrial;
use super::shop_law::ShopLaw;
use crate::campaign::Campaign;
use crate::config::Settings;
use crate::db::deliveries::Job;
use crate::db::planning::{self, MailingSource, OpenMailing};
use crate::db::{Db, Store, StoreResult, prices};
use crate::delivery::identity;
use crate::delivery::review::{LetterFault, Looked, Review};
use crate::document::Document;
use crate::finding::{Finding, Severity};
use crate::keys::Keyring;
use crate::mail::{
    Addressee, FieldError, LetterCheck, LetterError, MailingLetters, MessageId, Sender, ShopWindow, TemplateSet,
    TemplateSource, WayOut,
};
use crate::member::{Address, preferences_token, unsubscribe_token};
use crate::price::Showcase;
use crate::smtp::{Envelope, EnvelopeError};
use crate::text::{WebAddress, WebAddressError};

/// Why a letter cannot be written. Nothing in it tells of the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// Nobody's letter of this mailing can be written.
    #[error(transparent)]
    Mailing(#[from] LetterFault),
    /// The member's address cannot be used.
    #[error("the member's address cannot be used")]
    Address,
}

/// A finished message with its envelope.
pub(super) struct PreparedMessage {
    pub(super) envelope: Envelope,
    pub(super) message_id: String,
    pub(super) bytes: Vec<u8>,
}

/// Writes letters.
pub struct Composer {
    keyring: Keyring,
    sender: Sender,
    public_url: WebAddress,
    return_domain: String,
    /// Whether mail to the addresses that unsubscribe is read.
    reads_returned: bool,
    /// Whether letters name a made-up address instead of the member's.
    disguises: bool,
    law: ShopLaw,
    templates: Mutex<InUse>,
    prepared: Mutex<HashMap<i64, Arc<Prepared>>>,
}

impl fmt::Debug for Composer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composer").finish_non_exhaustive()
    }
}

/// The templates, and how often they have changed.
struct InUse {
    source: TemplateSource,
    changes: u64,
}

/// What letters depend on.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Edition {
    /// The campaign's revision.
    revision: i64,
    /// How often the templates had changed.
    changes: u64,
    /// How often the price history had.
    prices: u64,
}

/// A mailing's letters, but for the person; or why there are none.
#[derive(Clone)]
struct Prepared {
    mailing: OpenMailing,
    edition: Edition,
    /// The articles that the letters show.
    showcase: Option<Showcase>,
    /// The first instant at which the letters are others: prices change at instants that are known.
    until: Option<Timestamp>,
    letters: Result<MailingLetters, LetterFault>,
}

impl Prepared {
    /// Whether it holds for `edition` at `now`.
    fn holds(&self, edition: Edition, now: Timestamp) -> bool {
        self.edition == edition && self.is_in_time(now)
    }

    fn is_in_time(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What is read for the letters of a mailing.
struct LetterSource {
    source: MailingSource,
    showcase: Option<Showcase>,
    prices: u64,
}

impl Composer {
    /// By what a relay is asked whether it takes the letters.
    pub fn relay_trial(&self) -> RelayTrial {
        RelayTrial { return_domain: self.return_domain.clone(), from: self.sender.from.address.as_str().to_owned() }
    }

    /// A composer for the shop of `settings`, with its templates as they are now.
    pub fn new(settings: &Settings, keyring: Keyring) -> Self {
        let source = TemplateSource::open(settings.mail.templates.clone());
        log_notes(&source);
        Self {
            keyring,
            sender: Sender::new(settings),
            public_url: settings.public.url.clone(),
            return_domain: settings.mail.return_domain.clone(),
            reads_returned: settings.bounces.is_some(),
            disguises: false,
            law: ShopLaw::new(settings),
            templates: Mutex::new(InUse { source, changes: 0 }),
            prepared: Mutex::default(),
        }
    }

    /// The same for a rehearsal: what it writes is kept in files that anybody may look at, so no letter names a member's
    /// address. Give it keys that are not the shop's, and no link in them works.
    #[must_use]
    pub fn disguised(self) -> Self {
        Self { disguises: true, ..self }
    }

    /// Looks at the templates again, and writes and checks every letter of each open mailing whose campaign or templates
    /// or prices have changed since.
    pub async fn review(&self, store: &Store, now: Timestamp) -> StoreResult<Review> {
        {
            let mut templates = self.templates();
            if templates.source.look_again() {
                templates.changes += 1;
                log_notes(&templates.source);
            }
        }
        let (open, prices) = store.read(|db| Ok((planning::open(db)?, prices::version(db)?))).await?;
        self.prepared().retain(|id, _| open.iter().any(|mailing| mailing.id == *id));
        let revisions = open.iter().map(|mailing| (mailing.id, mailing.revision)).collect();
        self.refresh(store, revisions, prices, now).await?;
        let looked = |prepared: &Prepared| Looked {
            campaign: prepared.mailing.campaign.clone(),
            mailing: prepared.mailing.name.clone(),
            revision: prepared.edition.revision,
            fault: prepared.letters.as_ref().err().cloned(),
        };
        Ok(self.prepared().iter().map(|(id, prepared)| (*id, looked(prepared))).collect())
    }

    /// Prepares those of `mailings` that are not prepared yet, whose campaign has been applied again since, or whose prices have
    /// changed. A mailing whose letters cannot be written keeps the reason, and each of its jobs is told.
    ///
    /// This is asked for each batch that is claimed, so no letter tells of prices that are older than its batch.
    pub(super) async fn prepare(&self, store: &Store, mailings: BTreeSet<i64>, now: Timestamp) -> StoreResult<()> {
        let (revisions, prices) = store
            .read(move |db| {
                let revisions =
                    mailings.iter().map(|id| Ok(planning::revision(db, *id)?.map(|revision| (*id, revision))));
                let revisions = revisions.collect::<StoreResult<Vec<_>>>()?.into_iter().flatten().collect();
                Ok((revisions, prices::version(db)?))
            })
            .await?;
        self.refresh(store, revisions, prices, now).await
    }

    /// The mailings of which no letter can be written.
    pub(super) fn unwritable(&self) -> BTreeSet<i64> {
        self.prepared().iter().filter(|(_, prepared)| prepared.letters.is_err()).map(|(id, _)| *id).collect()
    }

    /// Writes and checks the letters of those of `mailings` that were prepared for another edition, or not at all.
    async fn refresh(&self, store: &Store, mailings: Vec<(i64, i64)>, prices: u64, now: Timestamp) -> StoreResult<()> {
        let (changes, templates) = {
            let templates = self.templates();
            let set = templates.source.set().cloned().map_err(|findings| findings.first().cloned());
            (templates.changes, set)
        };
        for (id, revision) in mailings {
            let current = Edition { revision, changes, prices };
            let known = self.cached(id);
            if known.as_ref().is_some_and(|prepared| prepared.holds(current, now)) {
                continue;
            }
            let law = self.law.clone();
            let Some(found) = store.read(move |db| letter_source(db, id, &law)).await? else { continue };
            let LetterSource { source, showcase, prices } = found;
            let edition = Edition { revision: source.mailing.revision, changes, prices };
            // Most changes of prices are none of these articles.
            let same = known.filter(|known| {
                let before = Edition { prices, ..known.edition };
                before == edition && known.is_in_time(now) && known.showcase == showcase
            });
            if let Some(same) = same {
                self.keep(Prepared { edition, ..Prepared::clone(&same) });
                continue;
            }
            let (letters, until) = self.letters(&source, showcase.as_ref(), &templates, now);
            self.keep(Prepared { mailing: source.mailing, edition, showcase, until, letters });
        }
        Ok(())
    }

    /// The letters of a mailing as they are at `now`, or at its beginning; and the first instant at which they are others.
    fn letters(
        &self,
        source: &MailingSource,
        showcase: Option<&Showcase>,
        templates: &Result<TemplateSet, Option<Finding>>,
        now: Timestamp,
    ) -> (Result<MailingLetters, LetterFault>, Option<Timestamp>) {
        let begins = source.schedule.as_ref().and_then(|schedule| schedule.mailing(&source.mailing.name));
        let at = begins.map_or(now, |mailing| now.max(mailing.not_before));
        let changes = showcase.map(Showcase::changes).unwrap_or_default();
        let until = changes.into_iter().find(|change| *change > at);
        (self.letters_at(source, showcase, templates, at), until)
    }

    /// The letters of a mailing, unless one of them cannot be written or breaks a rule that no letter may break.
    fn letters_at(
        &self,
        source: &MailingSource,
        showcase: Option<&Showcase>,
        templates: &Result<TemplateSet, Option<Finding>>,
        at: Timestamp,
    ) -> Result<MailingLetters, LetterFault> {
        let templates = templates.as_ref().map_err(|finding| match finding {
            Some(finding) => fault_of(source, finding),
            None => LetterFault { why: "the templates cannot be used".to_owned(), remedy: MEND.to_owned() },
        })?;
        let unreadable = || LetterFault {
            why: "what is stored about the campaign cannot be read".to_owned(),
            remedy: format!("`carillon campaign apply {}` writes it anew", source.file),
        };
        let schedule = source.schedule.as_ref().ok_or_else(unreadable)?;
        let mailing = schedule.mailing(&source.mailing.name).ok_or_else(unreadable)?;
        let file = Campaign::parse(&Document::new(&source.file, &source.text)).ok();
        let window = ShopWindow { showcase, at };
        let check = LetterCheck { templates, sender: &self.sender, public_url: &self.public_url, window };
        let findings = check.mailing(schedule, mailing, file.as_ref());
        if let Some(finding) = findings.iter().find(|finding| finding.severity == Severity::Error) {
            return Err(fault_of(source, finding));
        }
        MailingLetters::prepare(templates, &self.sender, schedule, mailing, window).map_err(fault)
    }

    /// The letter of a job that was prepared, dated `now`. What makes it impossible is kept: until the templates or the
    /// campaign change, nobody's letter of the mailing is tried again.
    pub(super) fn letter(&self, job: &Job, now: Timestamp) -> Result<PreparedMessage, ComposeError> {
        let Some(prepared) = self.cached(job.mailing_id) else { return Err(fault("it is not prepared").into()) };
        let letters = prepared.letters.as_ref().map_err(Clone::clone)?;
        let (bytes, id) = self.bytes(letters, job, now).inspect_err(|fault| {
            self.keep(Prepared { letters: Err(fault.clone()), ..Prepared::clone(&prepared) });
        })?;
        let return_path = identity::return_path(&self.keyring, job.id(), &self.return_domain);
        let envelope = Envelope::new(&return_path, job.address.as_str()).map_err(address)?;
        Ok(PreparedMessage { envelope, message_id: id.as_str().to_owned(), bytes })
    }

    fn bytes(&self, letters: &MailingLetters, job: &Job, now: Timestamp) -> Result<(Vec<u8>, MessageId), LetterFault> {
        let (domain, pseudonym) = (self.sender.from.address.domain(), &job.pseudonym);
        let disguise = || format!("{SOMEBODY}{}@example.net", job.id()).parse::<Address>();
        let somebody = self.disguises.then(disguise).transpose().map_err(fault)?;
        let to = somebody.as_ref().unwrap_or(&job.address);
        let id = identity::message_id(&self.keyring, letters.campaign(), letters.mailing(), pseudonym, domain);
        let id = MessageId::parse(&id).map_err(|error: FieldError| fault(error))?;
        let below = |path: &str, token: String| {
            let link = self.public_url.below(&format!("{path}/{token}"));
            link.map_err(|error: WebAddressError| fault(error))
        };
        let unsubscribe = unsubscribe_token(&self.keyring, pseudonym);
        let mailbox =
            self.reads_returned.then(|| format!("u+{unsubscribe}@{}", self.return_domain).parse().ok()).flatten();
        let addressee = Addressee {
            way_out: WayOut { unsubscribe: below("u", unsubscribe)?, mailbox },
            to,
            language: job.language,
            preferences: below("p", preferences_token(&self.keyring, pseudonym))?,
            confirmed_at: job.consent_since,
            id: &id,
        };
        let bytes = letters.bytes(&addressee, now).map_err(|error: LetterError| fault(error))?;
        Ok((bytes, id))
    }

    fn keep(&self, prepared: Prepared) {
        self.prepared().insert(prepared.mailing.id, Arc::new(prepared));
    }

    fn cached(&self, mailing_id: i64) -> Option<Arc<Prepared>> {
        self.prepared().get(&mailing_id).cloned()
    }

    fn prepared(&self) -> MutexGuard<'_, HashMap<i64, Arc<Prepared>>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn templates(&self) -> MutexGuard<'_, InUse> {
        self.templates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the letters of a mailing are made from, and what their articles cost.
fn letter_source(db: &mut Db, mailing_id: i64, law: &ShopLaw) -> StoreResult<Option<LetterSource>> {
    // In this order: what changes between the two is seen by the next look.
    let prices = prices::version(db)?;
    let Some(source) = planning::source(db, mailing_id)? else { return Ok(None) };
    let showcase = source.schedule.as_ref().map(|schedule| prices::showcase(db, schedule, || law.of_prices()));
    Ok(Some(LetterSource { source, showcase: showcase.transpose()?, prices }))
}

/// What made-up addresses begin with.
const SOMEBODY: &str = "letter-";

const MEND: &str = "mend what the sentence names; it goes on by itself";

fn address(_: EnvelopeError) -> ComposeError {
    ComposeError::Address
}

/// A fault without a place of its own.
fn fault(why: impl fmt::Display) -> LetterFault {
    LetterFault { why: why.to_string(), remedy: MEND.to_owned() }
}

/// The fault that a finding is, in words for somebody who did not ask for it.
fn fault_of(source: &MailingSource, Finding { place, message, remedy, .. }: &Finding) -> LetterFault {
    let then = if place.file == source.file {
        format!("then `carillon campaign apply {}`", source.file)
    } else {
        "then it goes on by itself".to_owned()
    };
    LetterFault { why: format!("{place}: {message}"), remedy: format!("{remedy}; {then}") }
}

/// Says which files of the operator's folder were passed over.
fn log_notes(source: &TemplateSource) {
    for note in source.set().map(TemplateSet::notes).unwrap_or_default() {
        tracing::info!(place = %note.place, "{}", note.message);
    }
}
