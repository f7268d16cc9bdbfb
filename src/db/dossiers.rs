//! Everything that the store holds about one person, for the person (GDPR 15 and 20) and for whoever must prove a
//! consent (GDPR 7(1)).

use std::collections::BTreeMap;

use diesel::prelude::*;
use jiff::Timestamp;
use serde::Serialize;

use super::members::Member;
use super::schema::{campaigns, deliveries, mailings};
use super::{Db, StoreResult, ledger, optional_instant, suppressions};
use crate::member::{Event, Language, Pseudonym, Sha256Digest};

/// All about one member. Personal data: whoever prints it decides who reads it.
#[derive(Clone, Debug, Serialize)]
pub struct Dossier {
    /// The name in the ledger.
    pub pseudonym: Pseudonym,
    /// The address in full, unless it was erased.
    pub address: Option<String>,
    /// The language of the mails.
    pub language: Language,
    /// The state of the consent.
    pub consent: &'static str,
    /// Since when.
    pub consent_since: Timestamp,
    /// When it stops counting, while it is confirmed.
    pub expires_at: Option<Timestamp>,
    /// Why the address must not be written to.
    pub barred_for: Option<&'static str>,
    /// Since when.
    pub barred_since: Option<Timestamp>,
    /// The lines of the ledger, oldest first.
    pub events: Vec<Event>,
    /// The exact wordings that the lines name, by their digest.
    pub wordings: BTreeMap<Sha256Digest, String>,
    /// The mails, oldest first.
    pub mails: Vec<Mail>,
}

/// A mail that was planned for the member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// The campaign's slug.
    pub campaign: String,
    /// The mailing within the campaign.
    pub mailing: String,
    /// What became of it.
    pub outcome: String,
    /// When it was handed over.
    pub handed_over_at: Option<Timestamp>,
    /// When its outcome was settled.
    pub ended_at: Option<Timestamp>,
}

/// The dossier of `member`.
pub fn of(db: &mut Db, member: &Member) -> StoreResult<Dossier> {
    let events = ledger::events_of(db, &member.pseudonym)?;
    let mut wordings = BTreeMap::new();
    for digest in events.iter().filter_map(|event| event.what.text_version) {
        if let Some(body) = ledger::text(db, &digest)? {
            wordings.insert(digest, body);
        }
    }
    let bar = suppressions::find(db, &[member.fingerprint])?;
    Ok(Dossier {
        pseudonym: member.pseudonym,
        address: member.address.as_ref().map(|address| address.as_str().to_owned()),
        language: member.language,
        consent: member.consent.as_str(),
        consent_since: member.consent_since,
        expires_at: member.expires_at,
        barred_for: bar.map(|bar| bar.cause.as_str()),
        barred_since: bar.map(|bar| bar.since),
        events,
        wordings,
        mails: mails(db, member.id)?,
    })
}

type Row = (String, String, String, Option<i64>, Option<i64>);

fn mails(db: &mut Db, member_id: i64) -> StoreResult<Vec<Mail>> {
    deliveries::table
        .inner_join(mailings::table.inner_join(campaigns::table))
        .filter(deliveries::member_id.eq(member_id))
        .order(deliveries::id)
        .select((campaigns::slug, mailings::name, deliveries::state, deliveries::handed_over_at, deliveries::ended_at))
        .load::<Row>(db)?
        .into_iter()
        .map(|(campaign, mailing, outcome, handed_over_at, ended_at)| {
            Ok(Mail {
                campaign,
                mailing,
                outcome,
                handed_over_at: optional_instant(handed_over_at)?,
                ended_at: optional_instant(ended_at)?,
            })
        })
        .collect()
}
