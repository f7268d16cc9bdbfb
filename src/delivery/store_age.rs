//! Whether a store is the latest one, or a copy that has forgotten messages that were handed over. A pure decision.
//!
//! A store restored from a backup would send again what was sent since. Five things tell:
//!
//! - the **identity** of the store, which every copy of it has;
//! - the **place** where it was last used: the file itself, or the server's table. A copy stands in another place;
//! - a **count** of what was claimed to be handed over, kept in the store and in a file beside the configuration. Each such file has a
//!   name of its own, so that daemons that share a store count apart. A store put back in its old place has counted less;
//! - the **latest hand-over** on the file's word, in that file: a copy that was made while what was claimed together was being
//!   sent has counted as much, and knows nothing of that one;
//! - the number of **answers** that people have given about all this. An answer puts the file under a new name.

use std::fmt;
use std::str::FromStr;

use super::state::DeliveryState;
use crate::file_id::FileId;

/// What the daemons on one configuration may have claimed without the file saying so: after a crash between the commit
/// and the file's line, for each of them.
const UNMARKED: u64 = 1024;

/// Which store it is, wherever a copy of it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreId(u128);

/// The text is no name of a store, or no line of a file of counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a name of a store, or not a line of counts")]
pub struct NoId;

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for StoreId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let id = u128::from_str_radix(text, 16).map(Self).map_err(|_| NoId)?;
        if id.to_string() == text { Ok(id) } else { Err(NoId) }
    }
}

/// That a delivery was handed over under one of its claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatestHandOver {
    /// The delivery.
    pub delivery: i64,
    /// The number of the claim.
    pub claim: i64,
}

impl LatestHandOver {
    /// Whether a store in which the delivery is in `state` under the claim `claim` has forgotten it, and would send the message
    /// again. A store that does not know the delivery at all, or knows that it has ended, would not.
    pub fn is_forgotten(self, state: DeliveryState, claim: i64) -> bool {
        let would_be_sent = state == DeliveryState::Claimed || DeliveryState::WAITING.contains(&state);
        would_be_sent && claim < self.claim || state == DeliveryState::Claimed && claim == self.claim
    }
}

/// The one line of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentLine {
    /// The store that it counts for.
    pub store: StoreId,
    /// The file's own name.
    pub file: FileId,
    /// How many answers had been given when it was written.
    pub answers: u64,
    /// How many messages were claimed to be handed over on this file's word.
    pub handed_over: u64,
    /// The latest one of these that was handed over, as far as this machine has not stopped since.
    pub latest: Option<LatestHandOver>,
}

impl fmt::Display for SentLine {
    /// All lines have one length, well within a sector of any disk, so that one replaces another as a whole.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, file, answers, handed_over, latest } = self;
        let (delivery, claim) = latest.map_or((0, 0), |latest| (latest.delivery, latest.claim));
        writeln!(
            f,
            "carillon.sent 2 store={store} file={file} answers={answers:010} handed-over={handed_over:020} \
             latest={delivery:019}/{claim:019}"
        )
    }
}

impl FromStr for SentLine {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let mut words = text.trim_end_matches('\n').split(' ');
        let mut value = |name: &str| words.next().and_then(|word| word.strip_prefix(name)).ok_or(NoId);
        if !value("carillon.sent")?.is_empty() {
            return Err(NoId);
        }
        // The first form knew of no latest one.
        let has_latest = match value("")? {
            "1" => false,
            "2" => true,
            _ => return Err(NoId),
        };
        let mut line = Self {
            store: value("store=")?.parse()?,
            file: value("file=")?.parse().map_err(|_| NoId)?,
            answers: value("answers=")?.parse().map_err(|_| NoId)?,
            handed_over: value("handed-over=")?.parse().map_err(|_| NoId)?,
            latest: None,
        };
        if has_latest {
            let (delivery, claim) = value("latest=")?.split_once('/').ok_or(NoId)?;
            let number =
                |text: &str| text.parse::<u64>().ok().and_then(|number| i64::try_from(number).ok()).ok_or(NoId);
            let latest = LatestHandOver { delivery: number(delivery)?, claim: number(claim)? };
            line.latest = (latest.delivery != 0).then_some(latest);
        }
        if words.next().is_none() { Ok(line) } else { Err(NoId) }
    }
}

/// What the store says of itself, read in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreAge {
    /// Which store it is.
    pub id: StoreId,
    /// How many answers it remembers.
    pub answers: u64,
    /// The place where it was last used.
    pub place: Option<String>,
    /// The place where it is.
    pub here: String,
    /// Whether another daemon has told that it is older than what that daemon handed over.
    pub told_older: bool,
    /// What it has counted on the file's word; `None` when it has never heard of that file.
    pub handed_over: Option<u64>,
    /// Whether it would send again what was handed over last on the file's word.
    pub forgot_latest: bool,
    /// How many departures it lacked, by the record of them, since it was last known to be the latest one.
    pub lacked_departures: u64,
}

/// Why a store cannot be taken for the latest one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It has counted fewer messages than the file: it is older than what was handed over.
    Forgot {
        /// What the store has counted.
        stored: u64,
        /// What the file has counted.
        marked: u64,
    },
    /// It does not remember an answer that the file knows of: it is older than that answer.
    ForgotAnswer,
    /// It does not know that a message was handed over: it is a copy from before that.
    ForgotLatest,
    /// It did not know of so many departures that are in the record, and there is a doubt besides: it is a copy from before them.
    /// Whether anything was sent since, that does not tell.
    ForgotDepartures(u64),
    /// A daemon has found that it is older, by that daemon's own count.
    Told,
    /// It is not where it was: it was copied, moved or restored.
    Elsewhere,
    /// There is no file, or an empty one.
    NoFile,
    /// The file cannot be read, for this reason.
    Unreadable(String),
    /// The file belongs to another store.
    OtherStore,
    /// The file is older than the store, so it says nothing of what the store may have forgotten.
    FileOlder {
        /// What the store has counted.
        stored: u64,
        /// What the file has counted.
        marked: u64,
    },
}

impl Doubt {
    /// Whether it is certain that the store has forgotten something.
    pub fn is_certain(&self) -> bool {
        matches!(self, Self::Forgot { .. } | Self::ForgotAnswer | Self::ForgotLatest | Self::Told)
    }
}

/// Why `store` cannot be taken for the latest one, if there is a reason. `file` is the line of the file, `None` when
/// there is none, and an error when it cannot be read. What the counts leave open, the record of departures may answer.
pub fn doubt(file: Result<Option<SentLine>, String>, store: &StoreAge) -> Option<Doubt> {
    let open = by_count(file, store)?;
    Some(match store.lacked_departures {
        lacked if lacked > 0 && !open.is_certain() => Doubt::ForgotDepartures(lacked),
        _ => open,
    })
}

fn by_count(file: Result<Option<SentLine>, String>, store: &StoreAge) -> Option<Doubt> {
    let line = match file {
        Err(why) => return Some(Doubt::Unreadable(why)),
        Ok(None) => return Some(Doubt::NoFile),
        Ok(Some(line)) => line,
    };
    let (stored, marked) = (store.handed_over.unwrap_or_default(), line.handed_over);
    if line.store != store.id {
        Some(Doubt::OtherStore)
    } else if line.answers > store.answers {
        Some(Doubt::ForgotAnswer)
    } else if line.answers == store.answers && stored < marked {
        Some(Doubt::Forgot { stored, marked })
    } else if line.answers == store.answers && store.forgot_latest {
        Some(Doubt::ForgotLatest)
    } else if store.told_older {
        Some(Doubt::Told)
    } else if store.place.as_ref() != Some(&store.here) {
        Some(Doubt::Elsewhere)
    } else if line.answers == store.answers && stored.saturating_sub(marked) > UNMARKED {
        Some(Doubt::FileOlder { stored, marked })
    } else {
        // A file of fewer answers is that of a daemon on another machine than the one where the answer was given. The
        // answer was about the store in this very place, so it holds for that daemon too, whose file follows.
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: SentLine = SentLine {
        store: StoreId(7),
        file: FileId::from_random([9; 8]),
        answers: 2,
        handed_over: 5000,
        latest: Some(LatestHandOver { delivery: 41, claim: 3 }),
    };

    fn store() -> StoreAge {
        let place = "sqlite inode=12".to_owned();
        let (id, here, handed_over) = (StoreId(7), place.clone(), Some(5000));
        StoreAge {
            id,
            answers: 2,
            place: Some(place),
            here,
            told_older: false,
            handed_over,
            forgot_latest: false,
            lacked_departures: 0,
        }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut SentLine, &mut StoreAge), expected: Option<Doubt>) {
        let (mut line, mut store) = (LINE, store());
        change(&mut line, &mut store);
        assert_eq!(doubt(Ok(Some(line)), &store), expected);
    }

    #[test]
    fn a_store_is_believed_when_all_agrees() {
        check(|_, _| {}, None);
        assert_eq!(doubt(Ok(None), &store()), Some(Doubt::NoFile));
        assert_eq!(doubt(Err("no".to_owned()), &store()), Some(Doubt::Unreadable("no".to_owned())));
        check(|line, _| line.store = StoreId(8), Some(Doubt::OtherStore));
        check(|_, store| store.place = None, Some(Doubt::Elsewhere));
        check(|_, store| store.here.push('3'), Some(Doubt::Elsewhere));
    }

    #[test]
    fn what_the_counts_leave_open_the_record_of_departures_answers() {
        let lacking = StoreAge { lacked_departures: 12, ..store() };
        assert_eq!(doubt(Ok(Some(LINE)), &lacking), None, "a program may die while somebody leaves");
        assert_eq!(doubt(Ok(None), &lacking), Some(Doubt::ForgotDepartures(12)));
        let elsewhere = StoreAge { here: "sqlite inode=13".to_owned(), ..lacking.clone() };
        assert_eq!(doubt(Ok(Some(LINE)), &elsewhere), Some(Doubt::ForgotDepartures(12)));
        let told = StoreAge { told_older: true, ..lacking };
        assert_eq!(doubt(Ok(Some(LINE)), &told), Some(Doubt::Told));
    }

    #[test]
    fn the_greater_count_is_believed() {
        check(|line, _| line.handed_over += 1, Some(Doubt::Forgot { stored: 5000, marked: 5001 }));
        check(|_, store| store.told_older = true, Some(Doubt::Told));
        check(|_, store| store.forgot_latest = true, Some(Doubt::ForgotLatest));
        check(|_, store| store.handed_over = None, Some(Doubt::Forgot { stored: 0, marked: 5000 }));
        check(|_, store| store.handed_over = Some(5000 + UNMARKED), None);
        let (stored, marked) = (5001 + UNMARKED, 5000);
        check(|_, store| store.handed_over = Some(stored), Some(Doubt::FileOlder { stored, marked }));
    }

    #[test]
    fn a_copy_from_before_a_hand_over_would_send_again() {
        let latest = LatestHandOver { delivery: 41, claim: 3 };
        for (state, claim, forgotten) in [
            (DeliveryState::Queued, 2, true),
            (DeliveryState::Deferred, 2, true),
            (DeliveryState::Claimed, 2, true),
            (DeliveryState::Claimed, 3, true),
            // Handed over, and then put off by the relay, and claimed again.
            (DeliveryState::HandedOver, 3, false),
            (DeliveryState::Deferred, 3, false),
            (DeliveryState::Claimed, 4, false),
            // It has ended, or a person decides.
            (DeliveryState::Accepted, 3, false),
            (DeliveryState::InDoubt, 3, false),
            (DeliveryState::InDoubt, 2, false),
            (DeliveryState::Expired, 2, false),
        ] {
            assert_eq!(latest.is_forgotten(state, claim), forgotten, "{state:?} {claim}");
        }
    }

    #[test]
    fn an_answer_holds_for_the_place_that_it_was_given_for() {
        check(|line, _| line.answers = 3, Some(Doubt::ForgotAnswer));
        // Given on another machine: this file's count is about a store that was given up.
        check(|_, store| (store.answers, store.handed_over) = (3, Some(40)), None);
        check(|_, store| (store.answers, store.here) = (3, "elsewhere".to_owned()), Some(Doubt::Elsewhere));
    }

    #[test]
    fn a_line_is_read_as_it_is_written() {
        let text = LINE.to_string();
        assert_eq!(text.parse(), Ok(LINE));
        assert!(text.len() < 512 && text.ends_with('\n'), "{text}");
        let longest = SentLine { answers: 9_999_999_999, handed_over: u64::MAX, ..LINE };
        assert_eq!(longest.to_string().len(), text.len());
        let none = SentLine { latest: None, ..LINE };
        assert_eq!((none.to_string().len(), none.to_string().parse()), (text.len(), Ok(none)));
        let first_form =
            text.replace("sent 2", "sent 1").replace(" latest=0000000000000000041/0000000000000000003", "");
        assert_eq!(first_form.parse(), Ok(none));
        for other in [
            "",
            "5000",
            &text.replace("sent 2", "sent 1"),
            &first_form.replace("sent 1", "sent 2"),
            &text.replace("sent 2", "sent 3"),
            &format!("{text} x"),
            &text.replace("=0", "=-"),
            &text.replace("/0", "/-"),
        ] {
            assert_eq!(other.parse::<SentLine>(), Err(NoId), "{other}");
        }
    }
}
