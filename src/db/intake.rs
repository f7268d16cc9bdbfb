//! What follows from a message that came back: whom it is about by what we can prove, what is kept of it, and whether the person is
//! still written to.

use jiff::Timestamp;
use serde::Serialize;

use super::bounces::{self, BounceSource, NewBounce, ReportedLetter, ReportedMail};
use super::leaving::{Ending, Leave, Leaver, Leaving};
use super::signups::SignUpEnd;
use super::{Db, StoreError, StoreResult, expiry, keys_used, members, pressed, renewals, signups};
use crate::bounce::{
    BounceClass, BounceEffect, BounceEvidence, BounceRules, BounceTable, FeedbackKind, PersonVerdict, Returned,
    ReturnedKind, Undelivered, judge_person,
};
use crate::config::Settings;
use crate::delivery::identity;
use crate::keys::{KeyId, Keyring, Sha256Digest};
use crate::member::{
    Address, Cause, ConfirmToken, Consent, Fingerprint, Method, Pseudonym, read_unsubscribe_token, renewal, sign_up,
};

/// Rows that are judged, and refusals that are read, in one transaction.
const AT_ONCE: i64 = 200;

/// Addresses that may be given up in one day however short the list is.
const FEWEST_A_DAY: u64 = 20;

/// What became of a message that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "became")]
pub enum Taken {
    /// Nothing follows from a message of this kind.
    Nothing {
        /// Which.
        kind: ReturnedKind,
    },
    /// It carries no proof that it is about mail of ours.
    NotOurs {
        /// Which kind it is.
        kind: ReturnedKind,
    },
    /// It is about a mail that is too old to be believed about.
    TooOld,
    /// It is kept.
    Kept {
        /// What it says.
        class: BounceClass,
    },
    /// As much was known.
    Known {
        /// What it says.
        class: BounceClass,
    },
    /// It ended a sign-up: nobody is at that address.
    SignUpEnded,
    /// It ended a sign-up: whoever got its letter complains of it, and so did not ask for it.
    SignUpUnwanted,
    /// The person left by it, now or before.
    Left {
        /// How.
        cause: Cause,
    },
}

/// What judging came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GivenUp {
    /// Addresses that were given up.
    pub given_up: u64,
    /// Reports that wait for another day: enough addresses were given up today.
    pub waiting: u64,
}

/// A sign-up whose letter went out.
struct ReportedSignUp {
    id: i64,
    address: Address,
    /// The digest of the token in the letter.
    token: Sha256Digest,
}

/// Takes what comes back into a store. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Intake {
    leaving: Leaving,
    keyring: Keyring,
    rules: BounceRules,
}

impl Intake {
    /// Takes in what comes back to a shop with these settings.
    pub fn of(settings: &Settings, store: &super::Store, keyring: Keyring) -> Self {
        Self::new(Leaving::of(settings, store), keyring)
    }

    /// Takes in what comes back to where people leave by `leaving`.
    pub fn new(leaving: Leaving, keyring: Keyring) -> Self {
        Self { leaving, keyring, rules: BounceRules::default() }
    }

    /// Takes in one message. Taking it in again changes nothing. Who leaves by it has left when this returns; what a report of
    /// undelivered mail comes to is decided by [`Intake::judge_blocking`].
    ///
    /// # Errors
    /// [`StoreError::KeysMissing`] when it proves nothing by the keys at hand and others are missing: it may be about a letter that one
    /// of those made, so whoever brings it is to bring it again.
    pub fn take_blocking(&self, returned: &Returned, now: Timestamp) -> StoreResult<Taken> {
        let taken = self.heed(returned, now)?;
        if matches!(taken, Taken::NotOurs { .. }) {
            let held: Vec<KeyId> = self.keyring.ids().collect();
            if let Some(missing) = self.leaving.store.read_blocking(|db| keys_used::missing(db, &held))? {
                return Err(StoreError::KeysMissing(missing));
            }
        }
        Ok(taken)
    }

    fn heed(&self, returned: &Returned, now: Timestamp) -> StoreResult<Taken> {
        let kind = returned.kind;
        match kind {
            ReturnedKind::Unsubscribe => {
                let tokens = &returned.traces.asked_by;
                let member = tokens.iter().find_map(|token| read_unsubscribe_token(&self.keyring, token));
                self.leave(member, (Cause::Withdrawn, Method::Mailto), kind, now)
            }
            ReturnedKind::Complaint(FeedbackKind::Unwanted) => {
                if let Some(sign_up) = self.sign_up(returned)? {
                    self.end(&sign_up, SignUpEnd::Unwanted)?;
                    return Ok(Taken::SignUpUnwanted);
                }
                let member = self.leaving.store.read_blocking(|db| self.complainant(db, returned))?;
                self.leave(member, (Cause::Complained, Method::Arf), kind, now)
            }
            ReturnedKind::Failure => self.failure(returned, now),
            ReturnedKind::Complaint(_)
            | ReturnedKind::Delay
            | ReturnedKind::Delivered
            | ReturnedKind::AutoReply
            | ReturnedKind::Other => Ok(Taken::Nothing { kind }),
        }
    }

    fn leave(
        &self,
        member: Option<Pseudonym>,
        (cause, method): (Cause, Method),
        kind: ReturnedKind,
        now: Timestamp,
    ) -> StoreResult<Taken> {
        let Some(member) = member else { return Ok(Taken::NotOurs { kind }) };
        let ended = self.leaving.leave_blocking(&[Leaver::Member(member)], &Leave { cause, method, at: now })?;
        Ok(match ended.first() {
            Some(Ending::Unknown) | None => Taken::NotOurs { kind },
            Some(_) => Taken::Left { cause },
        })
    }

    /// Who complains: whoever got the mail that the return path names, whose unsubscribe token is in what was complained about, or who
    /// came in by the link in it.
    fn complainant(&self, db: &mut Db, returned: &Returned) -> StoreResult<Option<Pseudonym>> {
        if let Some(about) = self.by_return_path(db, returned)? {
            return Ok(Some(about.member.pseudonym));
        }
        if let Some(member) = returned.traces.tokens.iter().find_map(|it| read_unsubscribe_token(&self.keyring, it)) {
            return Ok(Some(member));
        }
        for token in self.confirm_tokens(returned) {
            if let Some(member) = pressed::subject_of(db, token)? {
                return Ok(Some(member));
            }
        }
        Ok(None)
    }

    fn by_return_path(&self, db: &mut Db, returned: &Returned) -> StoreResult<Option<ReportedMail>> {
        for path in &returned.traces.return_paths {
            let about = match identity::delivery_of(&self.keyring, path) {
                Some(delivery) => bounces::reported(db, delivery)?,
                None => self.renewal_at(db, path)?,
            };
            if about.is_some() {
                return Ok(about);
            }
        }
        Ok(None)
    }

    /// The letter that asks whether to go on whose return path this is, while it is about the consent of today.
    fn renewal_at(&self, db: &mut Db, path: &str) -> StoreResult<Option<ReportedMail>> {
        let Some(member_id) = renewal::named_by(path) else { return Ok(None) };
        let sent = renewals::sent_to(db, member_id)?;
        Ok(sent.filter(|sent| renewal::is_return_path(&self.keyring, path, sent.act_at)).map(about_renewal))
    }

    /// The mail that a report is about: by our return path, or by a Message-ID of ours that belongs to a recipient it names.
    fn about(&self, db: &mut Db, returned: &Returned, now: Timestamp) -> StoreResult<Option<ReportedMail>> {
        if let Some(about) = self.by_return_path(db, returned)? {
            return Ok(Some(about));
        }
        if returned.traces.message_ids.is_empty() {
            return Ok(None);
        }
        let since = now.saturating_sub(self.rules.believed).unwrap_or(Timestamp::MIN);
        let named = returned.recipients.iter().flat_map(|one| &one.addresses).take(20);
        for address in named.filter_map(|address| address.parse::<Address>().ok()) {
            let Some(member) = members::find_by_fingerprint(db, &Fingerprint::all(&self.keyring, &address))? else {
                continue;
            };
            let quotes = |id: &str| {
                let left = id.trim_end_matches('>');
                returned.traces.message_ids.iter().any(|found| found.starts_with(left))
            };
            for (delivery, campaign, mailing) in bounces::sent_to(db, &member, since)? {
                let id = identity::message_id(&self.keyring, &campaign, &mailing, &member.pseudonym, "");
                if quotes(&id) {
                    return bounces::reported(db, delivery);
                }
            }
            let sent = renewals::sent_to(db, member.id)?;
            if let Some(sent) = sent.filter(|sent| sent.message_id.as_deref().is_some_and(quotes)) {
                return Ok(Some(about_renewal(sent)));
            }
        }
        Ok(None)
    }

    fn failure(&self, returned: &Returned, now: Timestamp) -> StoreResult<Taken> {
        let kind = returned.kind;
        if let Some(taken) = self.sign_up_failure(returned)? {
            return Ok(taken);
        }
        let Some(about) = self.leaving.store.read_blocking(|db| self.about(db, returned, now))? else {
            return Ok(Taken::NotOurs { kind });
        };
        if now.duration_since(about.sent_at) > self.rules.believed {
            return Ok(Taken::TooOld);
        }
        let Some(bounce) = self.said_of(&about.member.fingerprint, &returned.recipients) else {
            return Ok(Taken::Nothing { kind });
        };
        let class = bounce.class;
        let added = self.leaving.store.write_blocking(|db| bounces::add(db, &about, &bounce, now))?;
        Ok(if added { Taken::Kept { class } } else { Taken::Known { class } })
    }

    /// What follows for a sign-up whose letter could not be delivered; `None` when the report is about none. Where nobody is, it
    /// ends, as when the relay says so at once. Nothing else that is said counts: it ends by itself in three days. Whoever is a
    /// member under the same address is not touched: a report about the member's own letters will say as much.
    fn sign_up_failure(&self, returned: &Returned) -> StoreResult<Option<Taken>> {
        let Some(sign_up) = self.sign_up(returned)? else { return Ok(None) };
        let said = self.said_of(&Fingerprint::of(&self.keyring, &sign_up.address), &returned.recipients);
        let effect = said.map(|said| BounceTable::built_in().effect(said.class));
        if effect != Some(BounceEffect::Dead) {
            return Ok(Some(Taken::Nothing { kind: returned.kind }));
        }
        self.end(&sign_up, SignUpEnd::NoMailbox)?;
        Ok(Some(Taken::SignUpEnded))
    }

    /// The sign-up whose letter's return path, or whose letter's link, a message carries.
    fn sign_up(&self, returned: &Returned) -> StoreResult<Option<ReportedSignUp>> {
        for path in &returned.traces.return_paths {
            let Some(id) = sign_up::named_by(path) else { continue };
            let sent = self.leaving.store.read_blocking(|db| signups::sent_to(db, id))?;
            let ours = sent.filter(|(_, token)| sign_up::is_return_path(&self.keyring, path, *token));
            if let Some((address, token)) = ours {
                return Ok(Some(ReportedSignUp { id, address, token }));
            }
        }
        for token in self.confirm_tokens(returned) {
            if let Some((id, address)) = self.leaving.store.read_blocking(|db| signups::with_token(db, token))? {
                return Ok(Some(ReportedSignUp { id, address, token }));
            }
        }
        Ok(None)
    }

    /// The digests of the tokens of ours in links of letters that asked for a confirmation.
    fn confirm_tokens(&self, returned: &Returned) -> impl Iterator<Item = Sha256Digest> {
        let tokens = returned.traces.confirm_tokens.iter();
        tokens.filter_map(|token| Some(ConfirmToken::read(&self.keyring, token)?.digest()))
    }

    fn end(&self, sign_up: &ReportedSignUp, why: SignUpEnd) -> StoreResult<()> {
        self.leaving.store.write_blocking(|db| signups::end(db, sign_up.id, sign_up.token, why))
    }

    /// What a report says of the person. One that names other people alone, as when a mailbox hands its mail on to one that is gone, may not
    /// be this person's end.
    fn said_of(&self, person: &Fingerprint, recipients: &[Undelivered]) -> Option<NewBounce> {
        let names = |one: &&Undelivered| {
            let addresses = one.addresses.iter().filter_map(|address| address.parse::<Address>().ok());
            addresses.flat_map(|address| Fingerprint::all(&self.keyring, &address)).any(|print| print == *person)
        };
        let (one, known) = match recipients.iter().find(names) {
            Some(one) => (one, true),
            None => recipients.first().map(|one| (one, one.addresses.is_empty() && recipients.len() == 1))?,
        };
        let class = if !known && one.class.is_dead() { BounceClass::Unknown } else { one.class };
        let (status, code, said) = (one.status, one.code, one.said.clone());
        Some(NewBounce { source: BounceSource::Report, class, status, code, said })
    }

    /// Reads what the relay refused while it was asked, like reports, of mailings that have ended without being stopped. Returns
    /// how many.
    pub fn read_refusals_blocking(&self, now: Timestamp) -> StoreResult<u64> {
        let since = now.saturating_sub(self.rules.believed).unwrap_or(Timestamp::MIN);
        let table = BounceTable::built_in();
        let mut read = 0;
        loop {
            let refused = self.leaving.store.read_blocking(|db| bounces::unread_refusals(db, since, AT_ONCE))?;
            if refused.is_empty() {
                return Ok(read);
            }
            let added = self.leaving.store.write_blocking(|db| {
                let mut added = 0;
                for one in &refused {
                    let Some(about) = bounces::reported(db, one.delivery)? else { continue };
                    let code = one.code.and_then(|code| u16::try_from(code).ok());
                    let said = one.reason.clone().unwrap_or_default();
                    let class = BounceEvidence::of_reply(code, one.status, &said).class(table);
                    let bounce = NewBounce { source: BounceSource::Relay, class, status: one.status, code, said };
                    added += u64::from(bounces::add(db, &about, &bounce, now)?);
                }
                Ok(added)
            })?;
            if added == 0 {
                return Ok(read);
            }
            read += added;
        }
    }

    /// Decides what follows from everything that was kept and not judged, and does it: as many addresses are given up as the day
    /// still allows.
    pub fn judge_blocking(&self, now: Timestamp) -> StoreResult<GivenUp> {
        let (mut judged, mut after) = (GivenUp::default(), 0);
        loop {
            let page = self.leaving.store.read_blocking(|db| bounces::unjudged(db, after, AT_ONCE))?;
            let Some((last, _)) = page.last() else { return Ok(judged) };
            after = *last;
            let (dead, mut room) = self.leaving.store.read_blocking(|db| {
                let mut dead = Vec::new();
                for (id, pseudonym) in &page {
                    if self.is_dead(db, pseudonym)? {
                        dead.push((*id, *pseudonym));
                    }
                }
                let room = if dead.is_empty() { 0 } else { room_today(db, now)? };
                Ok((dead, room))
            })?;
            let (mut done, mut leavers) = (Vec::new(), Vec::new());
            for (id, pseudonym) in &page {
                let ends = dead.iter().any(|(dead, _)| dead == id);
                let ending = leavers.iter().any(|leaver| matches!(leaver, Leaver::Member(known) if known == pseudonym));
                match (ends, ending || room > 0) {
                    (true, false) => judged.waiting += 1,
                    (true, true) => {
                        if !ending {
                            leavers.push(Leaver::Member(*pseudonym));
                            room -= 1;
                        }
                        done.push(*id);
                    }
                    (false, _) => done.push(*id),
                }
            }
            if !leavers.is_empty() {
                let leave = Leave { cause: Cause::Dead, method: Method::Dsn, at: now };
                let ended = self.leaving.leave_blocking(&leavers, &leave)?;
                judged.given_up += ended.iter().map(|ending| u64::from(*ending == Ending::Done)).sum::<u64>();
            }
            if !done.is_empty() {
                self.leaving.store.write_blocking(|db| bounces::judged(db, &done, now))?;
            }
        }
    }

    fn is_dead(&self, db: &mut Db, pseudonym: &Pseudonym) -> StoreResult<bool> {
        let Some(member) = members::find(db, pseudonym)? else {
            return Err(StoreError::corrupt("a report about no member", pseudonym));
        };
        if member.consent != Consent::Confirmed {
            return Ok(false);
        }
        let (lines, arrived) = bounces::of_member(db, &member)?;
        let verdict = judge_person(&lines, &arrived, &self.rules, BounceTable::built_in());
        Ok(verdict != PersonVerdict::Alive)
    }
}

fn about_renewal(sent: renewals::SentRenewal) -> ReportedMail {
    let letter = ReportedLetter::Renewal { act_at: sent.act_at };
    ReportedMail { letter, member: sent.member, sent_at: sent.sent_at }
}

/// How many more addresses may be given up on this day (UTC): a hundredth of the list. What a wrong day takes can be noticed.
fn room_today(db: &mut Db, now: Timestamp) -> StoreResult<u64> {
    let day = expiry::start_of_day(now);
    let counts = members::count_by_consent(db)?;
    let confirmed =
        counts.iter().filter(|(consent, _)| *consent == Consent::Confirmed).map(|(_, count)| count.unsigned_abs());
    let gone = bounces::given_up_since(db, day)?;
    let portion = (confirmed.sum::<u64>().saturating_add(gone) / 100).max(FEWEST_A_DAY);
    Ok(portion.saturating_sub(gone))
}
