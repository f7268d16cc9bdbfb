//! Writes the letter of a job: what is the same for a mailing is prepared once, the person is filled in last.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::identity;
use crate::campaign::Schedule;
use crate::config::Settings;
use crate::db::deliveries::Job;
use crate::db::planning::{self, MailingSource};
use crate::db::{Store, StoreResult};
use crate::mail::message::{self, BuildError};
use crate::mail::{
    FieldError, Letter, MessageId, Outgoing, Recipient, RenderError, SaleKind, SaleLetter, Sender, TemplateSet,
};
use crate::member::{Keyring, Language, unsubscribe_token};
use crate::smtp::{Envelope, EnvelopeError};
use crate::text::{WebAddress, WebAddressError};

/// Why a letter cannot be written. Nothing in it tells of the person.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ComposeError {
    /// A setting cannot stand in a message.
    #[error("`[mail]` or `[shop]` in the configuration cannot be used in a message: {0}")]
    Setting(String),
    /// What is stored about the campaign cannot be read.
    #[error("the campaign's stored schedule cannot be read")]
    Schedule,
    /// A template fails.
    #[error("a template fails: {0}")]
    Template(String),
    /// The message cannot be built.
    #[error("the message cannot be built: {0}")]
    Message(String),
    /// The member's address cannot be used.
    #[error("the member's address cannot be used")]
    Address,
}

macro_rules! composed_from {
    ($($error:ty => $variant:ident),*) => {
        $(impl From<$error> for ComposeError {
            fn from(error: $error) -> Self {
                Self::$variant(error.to_string())
            }
        })*
    };
}
composed_from!(FieldError => Setting, WebAddressError => Setting, RenderError => Template, BuildError => Message);

impl From<EnvelopeError> for ComposeError {
    fn from(_: EnvelopeError) -> Self {
        Self::Address
    }
}

/// A finished message with its envelope.
pub(super) struct Post {
    pub(super) envelope: Envelope,
    pub(super) message_id: String,
    pub(super) bytes: Vec<u8>,
}

/// Writes letters.
pub struct Composer {
    keyring: Keyring,
    templates: TemplateSet,
    sender: Sender,
    public_url: WebAddress,
    return_domain: String,
    prepared: Mutex<HashMap<i64, Arc<Prepared>>>,
}

impl fmt::Debug for Composer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composer").finish_non_exhaustive()
    }
}

/// A mailing's letters, but for the person; or why there are none.
struct Prepared {
    revision: i64,
    letters: Result<Letters, ComposeError>,
}

struct Letters {
    campaign: String,
    mailing: String,
    kind: SaleKind,
    zone: TimeZone,
    fallback: Language,
    by_language: BTreeMap<Language, Letter>,
}

impl Composer {
    /// A composer for the shop of `settings`.
    pub fn new(settings: &Settings, keyring: Keyring, templates: TemplateSet) -> Result<Self, ComposeError> {
        Ok(Self {
            keyring,
            templates,
            sender: Sender::new(&settings.shop, &settings.mail),
            public_url: settings.public.url.clone(),
            return_domain: settings.mail.return_domain.clone(),
            prepared: Mutex::default(),
        })
    }

    /// Prepares those of `mailings` that are not prepared yet, or whose campaign has been applied again since. A mailing
    /// whose letters cannot be written keeps the reason, and each of its jobs is told.
    pub(super) async fn prepare(&self, store: &Store, mailings: BTreeSet<i64>) -> StoreResult<()> {
        for id in mailings {
            let Some(source) = store.read(move |db| planning::source(db, id)).await? else { continue };
            let current = self.cached(id).is_some_and(|prepared| prepared.revision == source.revision);
            if !current {
                let prepared = Prepared { revision: source.revision, letters: self.letters(&source) };
                self.prepared.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::new(prepared));
            }
        }
        Ok(())
    }

    fn cached(&self, mailing_id: i64) -> Option<Arc<Prepared>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(&mailing_id).cloned()
    }

    fn letters(&self, source: &MailingSource) -> Result<Letters, ComposeError> {
        let schedule: Schedule = serde_json::from_str(&source.schedule).map_err(|_| ComposeError::Schedule)?;
        let mailing = schedule.mailing(&source.name).ok_or(ComposeError::Schedule)?;
        let kind = SaleKind::from(mailing.kind);
        let mut by_language = BTreeMap::new();
        for &language in &mailing.languages {
            let letter = SaleLetter::of_schedule(&schedule, Some(mailing), language, &self.sender.shop);
            by_language.insert(language, self.templates.prepare(kind, &letter)?);
        }
        Ok(Letters {
            campaign: schedule.slug.clone(),
            mailing: source.name.clone(),
            kind,
            zone: schedule.time_zone(),
            fallback: mailing.languages.first().copied().ok_or(ComposeError::Schedule)?,
            by_language,
        })
    }

    /// The letter of a job that was prepared, dated `now`.
    pub(super) fn letter(&self, job: &Job, now: Timestamp) -> Result<Post, ComposeError> {
        let prepared = self.cached(job.mailing_id).ok_or(ComposeError::Schedule)?;
        let letters = prepared.letters.as_ref().map_err(Clone::clone)?;
        let letter = letters
            .by_language
            .get(&job.language)
            .or_else(|| letters.by_language.get(&letters.fallback))
            .ok_or(ComposeError::Schedule)?;
        let (to, pseudonym) = (&job.address, &job.pseudonym);
        let unsubscribe = self.public_url.below(&format!("u/{}", unsubscribe_token(&self.keyring, pseudonym)))?;
        let rendered = letter.for_recipient(&Recipient {
            unsubscribe_url: unsubscribe.clone(),
            preferences_url: None,
            confirmed_on: letters.zone.to_datetime(job.consent_since).date(),
        })?;
        let domain = self.sender.from.address.domain();
        let id = identity::message_id(&self.keyring, &letters.campaign, &letters.mailing, pseudonym, domain);
        let id = MessageId::parse(&id)?;
        let bytes = message::build(&Outgoing {
            from: &self.sender.from,
            reply_to: self.sender.reply_to.as_ref(),
            to,
            letter: &rendered,
            date: now,
            id: &id,
            purpose: &self.sender.mailing(unsubscribe, &[&letters.campaign, letters.kind.name()]),
        })?;
        let return_path = identity::return_path(&self.keyring, job.id(), &self.return_domain);
        let envelope = Envelope::new(&return_path, to.as_str())?;
        Ok(Post { envelope, message_id: id.as_str().to_owned(), bytes })
    }
}
