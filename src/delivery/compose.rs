//! Writes the letter of a job: what is the same for a mailing is prepared once, the person is filled in last.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::identity;
use crate::campaign::Schedule;
use crate::config::Settings;
use crate::db::deliveries::Job;
use crate::db::planning::{self, MailingSource};
use crate::db::{Store, StoreResult};
use crate::finding::{Finding, Severity};
use crate::mail::{Addressee, FieldError, LetterCheck, LetterError, MailingLetters, MessageId, Sender, TemplateSet};
use crate::member::{Keyring, unsubscribe_token};
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
    /// The letter cannot be written, or breaks a rule that no letter may break.
    #[error("{0}")]
    Letter(String),
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
composed_from!(FieldError => Setting, WebAddressError => Setting, LetterError => Letter);

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
    letters: Result<MailingLetters, ComposeError>,
}

impl Composer {
    /// A composer for the shop of `settings`.
    pub fn new(settings: &Settings, keyring: Keyring, templates: TemplateSet) -> Self {
        Self {
            keyring,
            templates,
            sender: Sender::new(&settings.shop, &settings.mail),
            public_url: settings.public.url.clone(),
            return_domain: settings.mail.return_domain.clone(),
            prepared: Mutex::default(),
        }
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

    /// The letters of a mailing, unless one of them breaks a rule that no letter may break.
    fn letters(&self, source: &MailingSource) -> Result<MailingLetters, ComposeError> {
        let schedule: Schedule = serde_json::from_str(&source.schedule).map_err(|_| ComposeError::Schedule)?;
        let mailing = schedule.mailing(&source.name).ok_or(ComposeError::Schedule)?;
        let check = LetterCheck { templates: &self.templates, sender: &self.sender, public_url: &self.public_url };
        let errors = check.mailing(&schedule, mailing).into_iter().find(|it| it.severity == Severity::Error);
        if let Some(Finding { place, message, .. }) = errors {
            return Err(ComposeError::Letter(format!("{place}: {message}")));
        }
        Ok(MailingLetters::prepare(&self.templates, &self.sender, &schedule, mailing)?)
    }

    /// The letter of a job that was prepared, dated `now`.
    pub(super) fn letter(&self, job: &Job, now: Timestamp) -> Result<Post, ComposeError> {
        let prepared = self.cached(job.mailing_id).ok_or(ComposeError::Schedule)?;
        let letters = prepared.letters.as_ref().map_err(Clone::clone)?;
        let (to, pseudonym) = (&job.address, &job.pseudonym);
        let domain = self.sender.from.address.domain();
        let id = identity::message_id(&self.keyring, letters.campaign(), letters.mailing(), pseudonym, domain);
        let id = MessageId::parse(&id)?;
        let addressee = Addressee {
            to,
            language: job.language,
            unsubscribe: self.public_url.below(&format!("u/{}", unsubscribe_token(&self.keyring, pseudonym)))?,
            confirmed_at: job.consent_since,
            id: &id,
        };
        let copy = letters.write(&self.sender, &addressee, now)?;
        let return_path = identity::return_path(&self.keyring, job.id(), &self.return_domain);
        let envelope = Envelope::new(&return_path, to.as_str())?;
        Ok(Post { envelope, message_id: id.as_str().to_owned(), bytes: copy.bytes })
    }
}
