//! Everything that the store holds about one person, for the person (GDPR 15 and 20) and for whoever must prove a
//! consent (GDPR 7(1)).

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;

use super::bounces::MailThatCameBack;
use super::lists::Membership;
use super::members::{Member, contents_of};
use super::renewals::RenewalLetterHeld;
use super::schema::{campaigns, deliveries, mailings};
use super::sign_up_dossiers::WaitingSignUp;
use super::{Db, StoreResult, bounces, erasure, ledger, lists, renewals, sign_up_dossiers, suppressions};
use crate::delivery::DeliveryState;
use crate::keys::{Keyring, Sha256Digest};
use crate::member::{
    Action, Cause, Consent, Event, Fingerprint, Language, Mismatch, NewEvent, Pseudonym, WordingState, ever_asked,
};
use crate::text::Slug;

/// Everything that is held about one person: as a member, by a sign-up that waits, or both. Personal data, too.
#[derive(Clone, Debug, Serialize)]
pub struct PersonDossier {
    /// About the member.
    #[serde(flatten)]
    pub member: Option<Dossier>,
    /// About the sign-up that waits.
    pub sign_up: Option<WaitingSignUp>,
    /// When letters that ask for a confirmation went out, as long as that is remembered; oldest first.
    pub confirmation_letters: Vec<Timestamp>,
}

impl PersonDossier {
    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.member.is_none() && self.sign_up.is_none() && self.confirmation_letters.is_empty()
    }
}

/// What is held about the person whom `member` is about, and whose address has these fingerprints under all keys.
pub fn of_person(
    db: &mut Db,
    member: Option<&Member>,
    fingerprints: &[Fingerprint],
    keyring: &Keyring,
) -> StoreResult<PersonDossier> {
    Ok(PersonDossier {
        member: member.map(|member| of(db, member, keyring)).transpose()?,
        sign_up: sign_up_dossiers::waiting(db, fingerprints)?,
        confirmation_letters: sign_up_dossiers::letters(db, fingerprints)?,
    })
}

/// All about one member. Personal data: whoever prints it decides who reads it.
#[derive(Clone, Debug, Serialize)]
pub struct Dossier {
    /// The name in the ledger.
    pub pseudonym: Pseudonym,
    /// The address in full, unless it was erased.
    pub address: Option<String>,
    /// The language of the mails. None of an address that is only kept out: nobody was ever written to at it.
    pub language: Option<Language>,
    /// The state of the consent.
    pub consent: Consent,
    /// Since when.
    pub consent_since: Timestamp,
    /// When it stops counting, while it is confirmed.
    pub expires_at: Option<Timestamp>,
    /// Until when the member asked not to be written to. May be over.
    pub paused_until: Option<Timestamp>,
    /// Why the address must not be written to.
    pub barred_for: Option<Cause>,
    /// Since when.
    pub barred_since: Option<Timestamp>,
    /// The lines of the ledger, oldest first.
    pub events: Vec<Event>,
    /// The exact wordings that the lines name, by their digest. One that is not what its digest says is left out.
    pub wordings: BTreeMap<Sha256Digest, String>,
    /// Since when an address that was erased is left out of a wording, whose digest is that of the text as it was shown.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub wordings_redacted: BTreeMap<Sha256Digest, Timestamp>,
    /// The wordings that the lines name and that are gone or are another text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub wordings_in_doubt: BTreeMap<Sha256Digest, Mismatch>,
    /// The letter that asks whether to go on, while the consent that it is about stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal: Option<RenewalLetterHeld>,
    /// The lists that the person is on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<Membership>,
    /// The mails, oldest first.
    pub mails: Vec<Mail>,
    /// What came back about them, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub came_back: Vec<MailThatCameBack>,
}

impl Dossier {
    /// Whether a line says that the person agreed.
    pub fn names_a_consent(&self) -> bool {
        self.events.iter().any(|event| matches!(event.what.action, Action::Confirmed | Action::Refreshed))
    }
}

/// A mail that was planned for the member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable)]
pub struct Mail {
    /// The campaign's slug.
    pub campaign: Slug,
    /// The mailing within the campaign.
    pub mailing: String,
    /// What became of it.
    pub outcome: DeliveryState,
    /// When it was handed over.
    pub handed_over_at: Option<Timestamp>,
    /// When its outcome was settled.
    pub ended_at: Option<Timestamp>,
}

/// The dossier of `member`. The keys tell an address that this program took out of a wording from a forgery.
pub fn of(db: &mut Db, member: &Member, keyring: &Keyring) -> StoreResult<Dossier> {
    let events = ledger::events_of(db, &member.pseudonym)?;
    let (mut wordings, mut wordings_redacted, mut wordings_in_doubt) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for digest in events.iter().filter_map(|event| event.what.text_version) {
        let Some(body) = ledger::text(db, &digest)? else {
            wordings_in_doubt.insert(digest, Mismatch::WordingGone);
            continue;
        };
        match erasure::state_of(db, &digest, &body, keyring)? {
            WordingState::Changed => _ = wordings_in_doubt.insert(digest, Mismatch::WordingChanged),
            WordingState::Whole => _ = wordings.insert(digest, body),
            WordingState::Redacted(at) => {
                wordings.insert(digest, body);
                wordings_redacted.insert(digest, at);
            }
        }
    }
    let bar = suppressions::find(db, &[member.fingerprint])?;
    Ok(Dossier {
        pseudonym: member.pseudonym,
        address: member.address.as_ref().map(|address| address.as_str().to_owned()),
        language: ever_asked(contents_of(&events)).then_some(member.language),
        consent: member.consent,
        consent_since: member.consent_since,
        expires_at: member.expires_at,
        paused_until: member.paused_until,
        barred_for: bar.map(|bar| bar.cause),
        barred_since: bar.map(|bar| bar.since),
        events,
        wordings,
        wordings_redacted,
        wordings_in_doubt,
        renewal: renewals::held(db, member)?,
        lists: lists::of_member(db, member.id)?,
        mails: mails(db, member.id)?,
        came_back: bounces::about(db, member.id)?,
    })
}

fn mails(db: &mut Db, member_id: i64) -> StoreResult<Vec<Mail>> {
    Ok(deliveries::table
        .inner_join(mailings::table.inner_join(campaigns::table))
        .filter(deliveries::member_id.eq(member_id))
        .order(deliveries::id)
        .select((campaigns::slug, mailings::name, deliveries::state, deliveries::handed_over_at, deliveries::ended_at))
        .load(db)?)
}

/// Which of these members' rows only keep an address out, whose person never asked to be written to.
pub fn strangers(db: &mut Db, members: &[Member]) -> StoreResult<BTreeSet<Pseudonym>> {
    let gone = members.iter().filter(|member| member.address.is_none());
    let mut strangers: BTreeSet<Pseudonym> = gone.map(|member| member.pseudonym).collect();
    let subjects: Vec<Pseudonym> = strangers.iter().copied().collect();
    let mut theirs: BTreeMap<Pseudonym, Vec<NewEvent>> = BTreeMap::new();
    for event in ledger::events_of_many(db, &subjects)? {
        theirs.entry(event.what.subject).or_default().push(event.what);
    }
    strangers.retain(|member| !theirs.get(member).is_some_and(ever_asked));
    Ok(strangers)
}
