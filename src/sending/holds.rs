//! Why a daemon that runs begins nothing, ends nothing and sends nothing: the one place where that is decided.
//!
//! A held daemon goes on answering at the gate, showing its pages and letting people leave, and it records what its
//! senders still hear; a service manager has no reason to start it again. Everything that moves a mailing or a delivery
//! on its own asks [`Holds`] in the transaction in which it does so: the planner, the dispatcher's claims, the journal.
//! `status` and `/ready` show what they ask. A hold ends when its reason is gone, without a restart.
//!
//! [`Rests`] are no holds: nothing is wrong, and only letters of mailings wait. They are asked in the same places.

use std::fmt;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;

use super::marks::MarksFolder;
use super::rests::Rests;
use super::sent_file::SentFile;
use crate::counted::counted;
use crate::db::catch_up::gap_by;
use crate::db::departures::DeparturesFile;
use crate::db::identity::StoreReport;
use crate::db::{Db, StoreResult, clock, identity, keys_used, records};
use crate::delivery::recovery::{Question, RecordState, StoreState};
use crate::delivery::store_age::{Doubt, StoreAge, doubt};
use crate::keys::{KeyId, KeysMissing};
use crate::member::departure::Gap;
use crate::time_trust::{ClockStanding, Leeway, shown};

/// A reason why nothing is begun, ended or sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The key file lacks keys that the store was used with: nobody would be recognised by what was made with them.
    KeysMissing(KeysMissing),
    /// Nothing tells whether the store knows everybody who left.
    DeparturesLost(Lost),
    /// The store may have forgotten messages that were handed over, and would send them again.
    Store(Doubt),
    /// The store does not know yet of so many departures that are in the record.
    DeparturesAhead(u64),
    /// The clock is too far from the newest time at which it was believed.
    ClockDoubted(ClockStanding),
}

/// A record of departures that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Where it is to be.
    pub record: String,
    /// What is wrong with it.
    pub gap: Gap,
    /// Until when the store is sure to know everybody who left, if that is known.
    pub known_until: Option<Timestamp>,
}

impl Hold {
    /// A name for programs.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Store(doubt) if doubt.is_certain() => "store-older",
            Self::Store(_) => "store-of-unknown-age",
            Self::KeysMissing(_) => "keys-missing",
            Self::DeparturesLost(_) => "departures-lost",
            Self::DeparturesAhead(_) => "departures-unknown",
            Self::ClockDoubted(_) => "clock-doubted",
        }
    }

    /// What is wrong, for the person who can end it.
    pub fn words(&self) -> String {
        let what = match self {
            Self::Store(doubt) => store_words(doubt),
            Self::KeysMissing(missing) => missing.to_string(),
            Self::DeparturesLost(lost) => lost.to_string(),
            Self::DeparturesAhead(by) => {
                format!("the store does not know yet of {} in the record", counted(*by, "departure"))
            }
            Self::ClockDoubted(standing) => standing.to_string(),
        };
        format!("nothing is sent: {what}")
    }

    /// What that person can do, as it is typed, when all reasons together are `held`.
    pub fn remedy(&self, held: &[Self]) -> String {
        match (self, question(held)) {
            (Self::ClockDoubted(standing), _) => standing.remedy().to_owned(),
            (Self::KeysMissing(missing), _) => missing.remedy(),
            // It may be there, and whole: an answer for good would be too much.
            (Self::DeparturesLost(Lost { gap: Gap::Unreadable(_), .. }), _) => {
                "see why it cannot be read: too many open files, a disk that fails, an owner other than the daemon's user. When \
                 it can be read the daemon goes on by itself. Only if it is gone for good, put its latest copy back; \
                 `carillon mail resolve --departures-lost` says what it means to go on without"
                    .to_owned()
            }
            (Self::DeparturesLost(lost), _) => format!(
                "put the latest copy of `{}` back: only that tells who left. If there is none anywhere, \
                 `carillon mail resolve --departures-lost` says what it means to go on without",
                lost.record
            ),
            (Self::Store(_), Question::Departures) => {
                "see to the record of departures first; then this says what to answer about the store".to_owned()
            }
            (_, Question::Restore) => {
                "`carillon mail resolve --restored` sets aside everything that may have been sent; then the daemon goes on by \
                 itself"
                    .to_owned()
            }
            (_, Question::Age) => {
                "if the store was restored from a backup or copied, `carillon mail resolve --restored` sets aside everything \
                 that may have been sent; if you know that it is the latest one, say `carillon mail resolve --latest`. Then \
                 the daemon goes on by itself"
                    .to_owned()
            }
            (_, Question::Nothing | Question::Wait | Question::Departures) => {
                "the daemon puts them in by itself; if this stays, see why in its log".to_owned()
            }
        }
    }

    /// Whether both say the same, though the clock has gone on.
    pub fn is_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::ClockDoubted(one), Self::ClockDoubted(other)) => one.id() == other.id(),
            _ => self == other,
        }
    }
}

/// All reasons together: what is wrong, and what to do. `None` when nothing is held.
pub fn told_together(held: &[Hold]) -> Option<(String, String)> {
    let words: Vec<String> = held.iter().map(Hold::words).collect();
    let mut remedies: Vec<String> = held.iter().map(|hold| hold.remedy(held)).collect();
    remedies.dedup();
    (!held.is_empty()).then(|| (words.join("; "), remedies.join("; then: ")))
}

/// What is to be asked of a person, when the reasons are `held`.
pub fn question(held: &[Hold]) -> Question {
    let doubt = held.iter().find_map(|hold| if let Hold::Store(doubt) = hold { Some(doubt) } else { None });
    let record = held.iter().find_map(|hold| match hold {
        Hold::DeparturesLost(_) => Some(RecordState::Lost),
        Hold::DeparturesAhead(_) => Some(RecordState::Ahead),
        Hold::KeysMissing(_) | Hold::Store(_) | Hold::ClockDoubted(_) => None,
    });
    Question::first(StoreState::of(doubt), record.unwrap_or(RecordState::Complete))
}

fn store_words(doubt: &Doubt) -> String {
    const FILE: &str = "`carillon.sent`, beside the configuration,";
    match doubt {
        Doubt::Forgot { stored, marked } => {
            format!(
                "the store was restored from a backup: it knows of {} taken up for sending, and {marked} were",
                counted(*stored, "message")
            )
        }
        Doubt::ForgotAnswer => {
            "the store was restored from a backup that is older than the last answer about a restored store".to_owned()
        }
        Doubt::ForgotLatest => {
            "the store was restored from a backup that was made while letters went out: it does not know of one that was \
             handed over"
                .to_owned()
        }
        Doubt::ForgotDepartures(lacked) => format!(
            "the store was restored from a backup: it did not know of {} that the record of them holds, and nothing tells \
             what was sent since",
            counted(*lacked, "departure")
        ),
        Doubt::Told => "the store was restored from a backup, as is noted in it".to_owned(),
        Doubt::Elsewhere => {
            "the store is not where it was last used: it was copied, moved or restored from a backup".to_owned()
        }
        Doubt::NoFile => format!("{FILE} is missing or empty, so nothing tells whether the store was restored"),
        Doubt::Unreadable(why) => {
            format!("{FILE} cannot be read, so nothing tells whether the store was restored: {why}")
        }
        Doubt::OtherStore => format!("{FILE} belongs to another store, so nothing tells whether this one was restored"),
        Doubt::FileOlder { stored, marked } => format!(
            "{FILE} was restored from a backup: it knows of {} taken up for sending, and the store of {stored}",
            counted(*marked, "message")
        ),
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = &self.record;
        match &self.gap {
            Gap::Missing => write!(f, "the record of departures, `{record}`, is missing")?,
            Gap::Unreadable(why) => write!(f, "the record of departures, `{record}`, cannot be read ({why})")?,
            Gap::Unknown => {
                write!(f, "the record of departures, `{record}`, is not one that the store has seen")?;
            }
            Gap::Shorter { by } => write!(
                f,
                "the record of departures, `{record}`, was restored from a backup: it lacks {by} that the store has seen"
            )?,
            Gap::Parted => {
                write!(f, "the record of departures, `{record}`, holds others than the store has seen")?;
            }
            Gap::Ahead { by } => write!(f, "the record of departures, `{record}`, holds {by} more than the store")?,
        }
        match self.known_until {
            Some(until) => {
                write!(f, ", so nothing tells whether the store knows everybody who left after {}", shown(until))
            }
            None => f.write_str(", so nothing tells whether the store knows everybody who left"),
        }
    }
}

/// What a gap between the store and the record amounts to.
fn departures(lost: Lost) -> Hold {
    match (RecordState::of(Some(&lost.gap)), &lost.gap) {
        (RecordState::Ahead, Gap::Ahead { by }) => Hold::DeparturesAhead(*by),
        _ => Hold::DeparturesLost(lost),
    }
}

/// How much of the store's age is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AgeCheck {
    /// All of it.
    InFull,
    /// What costs next to nothing: for what is asked with every message, and puts nothing back into the queue.
    OnTheWay,
}

/// What is looked at to find the reasons.
#[derive(Debug)]
pub struct Holds {
    sent: SentFile,
    departures: DeparturesFile,
    leeway: Leeway,
    /// The keys that are at hand; none where nobody is looked for by one.
    keys: Option<Vec<KeyId>>,
    rests: RwLock<Rests>,
}

impl Holds {
    /// Looks at the count of what was handed over in the file `sent`, at the record of departures, and at a clock that has
    /// this `leeway`.
    pub fn new(sent: impl Into<PathBuf>, departures: DeparturesFile, leeway: Leeway) -> Self {
        Self { sent: SentFile::new(sent), departures, leeway, keys: None, rests: RwLock::default() }
    }

    /// The same with these keys at hand: whoever has fewer than the store was used with sends nothing.
    #[must_use]
    pub fn with_keys(self, keys: impl IntoIterator<Item = KeyId>) -> Self {
        Self { keys: Some(keys.into_iter().collect()), ..self }
    }

    /// The same of a shop with these rests.
    #[must_use]
    pub fn with_rests(self, rests: Rests) -> Self {
        Self { rests: RwLock::new(rests), ..self }
    }

    /// Other rests from now on.
    pub fn exchange_rests(&self, rests: Rests) {
        *self.rests.write().unwrap_or_else(PoisonError::into_inner) = rests;
    }

    /// What has letters of mailings wait though nothing is wrong.
    pub fn rests(&self) -> Rests {
        self.rests.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When the quiet hours end that `now` is in: until then no letter of a mailing is begun. `None` when it is in none.
    pub fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.rests.read().unwrap_or_else(PoisonError::into_inner).quiet_until(now)
    }

    /// The same without waiting for the disk: beside a copy of a store that is thrown away.
    #[must_use]
    pub fn without_sync(self) -> Self {
        Self { sent: self.sent.without_sync(), ..self }
    }

    /// Every reason that there is at `now`, which the clock shows. Asked in the transaction of what depends on it, with the
    /// instant by which that is done; empty when all may go on.
    pub fn ask(&self, db: &mut Db, now: Timestamp) -> StoreResult<Vec<Hold>> {
        Ok(self.look(db, now, AgeCheck::InFull)?.0)
    }

    /// The same for what is asked with every message.
    pub(super) fn ask_on_the_way(&self, db: &mut Db, now: Timestamp) -> StoreResult<Vec<Hold>> {
        Ok(self.look(db, now, AgeCheck::OnTheWay)?.0)
    }

    /// The same in a transaction that writes: tells the other daemons on the store what only this one can know. Their own
    /// counts may agree with it.
    pub(super) fn ask_and_tell(&self, db: &mut Db, now: Timestamp) -> StoreResult<Vec<Hold>> {
        let (held, age) = self.look(db, now, AgeCheck::InFull)?;
        if held.iter().any(|hold| matches!(hold, Hold::Store(doubt) if doubt.is_certain())) {
            identity::tell_older(db, &age)?;
        } else if age.lacked_departures > 0 && !held.iter().any(|hold| matches!(hold, Hold::Store(_))) {
            identity::forgive_lacked(db)?;
        }
        Ok(held)
    }

    fn look(&self, db: &mut Db, now: Timestamp, check: AgeCheck) -> StoreResult<(Vec<Hold>, StoreAge)> {
        let line = self.sent.line();
        let counted = line.as_ref().ok().copied().flatten();
        let report = StoreReport::of(db, counted.map(|line| line.file), self.departures.name())?;
        let standing = clock::standing_by(db, &report, now, self.leeway)?;
        let doubted = (!standing.is_believed()).then_some(Hold::ClockDoubted(standing));
        let departures = self.departures_hold(db, &report)?;
        let latest = counted.and_then(|line| line.latest).filter(|_| check == AgeCheck::InFull);
        let age = identity::age(db, &report, latest)?;
        let store = doubt(line, &age).map(Hold::Store);
        let keys = self.keys.as_ref().map(|keys| keys_used::missing_by(db, keys, &report)).transpose()?.flatten();
        let keys = keys.map(Hold::KeysMissing);
        Ok((keys.into_iter().chain(departures).chain(store).chain(doubted).collect(), age))
    }

    fn departures_hold(&self, db: &mut Db, report: &StoreReport) -> StoreResult<Option<Hold>> {
        let Some(gap) = gap_by(db, &self.departures, report)? else { return Ok(None) };
        let known_until = records::known_until(db, self.departures.name())?;
        let lost = Lost { record: self.departures.path().display().to_string(), gap, known_until };
        Ok(Some(departures(lost)))
    }

    /// How far the clock may be from the newest time at which it was believed.
    pub fn leeway(&self) -> Leeway {
        self.leeway
    }

    /// Whether the clock, which shows `now`, is not believed: what is told or signed on the strength of the time waits then.
    pub fn doubt_the_clock(&self, db: &mut Db, now: Timestamp) -> StoreResult<bool> {
        Ok(self.ask(db, now)?.iter().any(|hold| matches!(hold, Hold::ClockDoubted(_))))
    }

    /// Whether what is signed or anchored at `now` waits: with the clock in doubt or keys missing it would not be what it says.
    pub fn doubt_the_signing(&self, db: &mut Db, now: Timestamp) -> StoreResult<bool> {
        Ok(self.ask(db, now)?.iter().any(|hold| matches!(hold, Hold::ClockDoubted(_) | Hold::KeysMissing(_))))
    }

    /// Whether the store is in doubt at `now`, or the keys: whoever waits in it may have left since, or be somebody else. The clock
    /// alone tells nothing of that.
    pub fn doubt_the_store(&self, db: &mut Db, now: Timestamp) -> StoreResult<bool> {
        Ok(self.ask(db, now)?.iter().any(|hold| !matches!(hold, Hold::ClockDoubted(_))))
    }

    /// The count of what was handed over.
    pub fn sent(&self) -> &SentFile {
        &self.sent
    }

    /// The files of marks beside it.
    pub fn marks(&self) -> MarksFolder {
        MarksFolder::of(self.sent.path())
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-26T09:00:00Z".parse().unwrap()
    }

    /// What is offered, of the answers to `carillon mail resolve`, for each reason in turn.
    fn offered(doubt: Option<&Doubt>, gap: Option<&Gap>) -> Vec<(&'static str, Vec<&'static str>)> {
        let lost = |gap: &Gap| Lost {
            record: "carillon.departures".to_owned(),
            gap: gap.clone(),
            known_until: Some(now() - SignedDuration::from_hours(30)),
        };
        let gap = gap.map(|gap| departures(lost(gap)));
        let held: Vec<Hold> = gap.into_iter().chain(doubt.cloned().map(Hold::Store)).collect();
        let answers = |hold: &Hold| {
            let remedy = hold.remedy(&held);
            let named = |answer: &&str| remedy.contains(&format!("resolve {answer}`"));
            (hold.id(), ["--restored", "--latest", "--departures-lost"].into_iter().filter(named).collect())
        };
        held.iter().map(answers).collect()
    }

    /// Every combination of the two witnesses. The answers that begin the mail are not offered while nothing tells who
    /// left, and `--latest` is not offered where it is known to be untrue.
    #[test]
    fn each_reason_offers_the_answer_that_is_right_for_all_of_them() {
        let forgot = Doubt::Forgot { stored: 1, marked: 2 };
        let file_older = Doubt::FileOlder { stored: 5000, marked: 2 };
        let doubts = [
            (None, None, &[] as &[&str]),
            (Some(forgot), Some("store-older"), &["--restored"]),
            (Some(Doubt::ForgotAnswer), Some("store-older"), &["--restored"]),
            (Some(Doubt::ForgotLatest), Some("store-older"), &["--restored"]),
            (Some(Doubt::Told), Some("store-older"), &["--restored"]),
            (Some(Doubt::ForgotDepartures(12)), Some("store-of-unknown-age"), &["--restored", "--latest"]),
            (Some(Doubt::Elsewhere), Some("store-of-unknown-age"), &["--restored", "--latest"]),
            (Some(Doubt::NoFile), Some("store-of-unknown-age"), &["--restored", "--latest"]),
            (Some(Doubt::Unreadable("no".into())), Some("store-of-unknown-age"), &["--restored", "--latest"]),
            (Some(Doubt::OtherStore), Some("store-of-unknown-age"), &["--restored", "--latest"]),
            (Some(file_older), Some("store-of-unknown-age"), &["--restored", "--latest"]),
        ];
        let gaps = [
            (None, None),
            (Some(Gap::Ahead { by: 2 }), Some("departures-unknown")),
            (Some(Gap::Missing), Some("departures-lost")),
            (Some(Gap::Unreadable("no".into())), Some("departures-lost")),
            (Some(Gap::Unknown), Some("departures-lost")),
            (Some(Gap::Shorter { by: 1 }), Some("departures-lost")),
            (Some(Gap::Parted), Some("departures-lost")),
        ];
        for (doubt, store, answers) in &doubts {
            for (gap, record) in &gaps {
                let lost = *record == Some("departures-lost");
                let of_record = if lost { vec!["--departures-lost"] } else { answers.to_vec() };
                let of_store = if lost { Vec::new() } else { answers.to_vec() };
                let expected: Vec<_> =
                    record.map(|id| (id, of_record)).into_iter().chain(store.map(|id| (id, of_store))).collect();
                assert_eq!(offered(doubt.as_ref(), gap.as_ref()), expected, "{doubt:?} {gap:?}");
            }
        }
    }

    #[test]
    fn a_lost_record_is_told_with_since_when_it_is_missed() {
        let lost = Lost { record: "d".into(), gap: Gap::Missing, known_until: Some(now()) };
        assert_eq!(
            Hold::DeparturesLost(lost.clone()).words(),
            "nothing is sent: the record of departures, `d`, is missing, so nothing tells whether the store knows everybody \
             who left after Thu 2026-11-26 09:00 UTC"
        );
        let unknown = Hold::DeparturesLost(Lost { known_until: None, ..lost });
        assert!(unknown.words().ends_with("whether the store knows everybody who left"), "{}", unknown.words());
    }
}
