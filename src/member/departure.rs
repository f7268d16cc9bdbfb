//! The record of departures: one line for each person who left, or asked for a pause or its end, in a file that a restore of
//! the store does not reach.
//!
//! A store restored from a backup has forgotten what people asked since, and would write to them again. The record has not: its
//! lines are put into the ledger of whatever store has not seen them. A line holds no address, only the keyed
//! fingerprint, what happened, and when.
//!
//! All lines have one length, so that the place of each follows from its number. Each ends with a link, a digest of
//! itself and of the link before it, so that two records which parted ways are told apart by a line and its number.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::wish::end_of_pause;
use super::{Action, Cause, Fingerprint, NewEvent, Wish};
use crate::file_id::FileId;
use crate::keys::hex::{from_hex, to_hex};

/// The bytes of a line, with its end.
pub const LINE: usize = 146;

/// Of those, the ones that a link is made of.
const CONTENT: usize = LINE - 34;

/// A digest of a line and of all lines before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Link([u8; 16]);

impl Link {
    fn after(self, content: &str) -> Self {
        let digest: [u8; 32] = Sha256::new().chain_update(self.0).chain_update(content).finalize().into();
        let mut link = [0; 16];
        for (byte, digested) in link.iter_mut().zip(digest) {
            *byte = digested;
        }
        Self(link)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

/// How far a record goes: how many departures, and the link of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Height {
    /// How many.
    pub lines: u64,
    /// The link of the last, or of the heading.
    pub link: Link,
}

/// The text is nothing that belongs into a record of departures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a line of a record of departures")]
pub struct NoLine;

impl fmt::Display for Height {
    /// As the store keeps it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.lines, to_hex(&self.link.0))
    }
}

impl FromStr for Height {
    type Err = NoLine;

    fn from_str(text: &str) -> Result<Self, NoLine> {
        let (lines, link) = text.split_once(' ').ok_or(NoLine)?;
        Ok(Self { lines: lines.parse().map_err(|_| NoLine)?, link: from_hex(link).map(Link).ok_or(NoLine)? })
    }
}

/// The heading of the record named `file`, as a line.
pub fn heading(file: FileId) -> String {
    let content = format!("{:<CONTENT$}", format!("carillon.departures 1 file={file}"));
    line(&content, Link([0; 16]).after(&content))
}

/// The name of the record that begins with this line, and its height before the first departure.
pub fn read_heading(text: &str) -> Result<(FileId, Height), NoLine> {
    let (content, link) = split(text)?;
    let file = content.trim_end().strip_prefix("carillon.departures 1 file=").ok_or(NoLine)?;
    if link == Link([0; 16]).after(content) {
        Ok((file.parse().map_err(|_| NoLine)?, Height { lines: 0, link }))
    } else {
        Err(NoLine)
    }
}

/// The link of a line.
pub fn read_link(text: &str) -> Result<Link, NoLine> {
    split(text).map(|(_, link)| link)
}

fn line(content: &str, link: Link) -> String {
    format!("{content} {}\n", to_hex(&link.0))
}

fn split(text: &str) -> Result<(&str, Link), NoLine> {
    let (content, rest) = text.split_at_checked(CONTENT).ok_or(NoLine)?;
    let link = rest.strip_prefix(' ').and_then(|rest| rest.strip_suffix('\n')).ok_or(NoLine)?;
    Ok((content, from_hex(link).map(Link).ok_or(NoLine)?))
}

/// How somebody departed: for good, or for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parting {
    /// Left, for this cause.
    Left(Cause),
    /// Asked not to be written to before this instant, in whole seconds.
    PausedUntil(Timestamp),
    /// Ended a pause.
    Resumed,
}

/// The seconds since 1970 that have ten digits: from the year 2001 to the year 2286.
const TEN_DIGITS: std::ops::RangeInclusive<i64> = 1_000_000_000..=9_999_999_999;

/// What a line says of the end of a pause that a person ended.
const RESUMED: &str = "resumed";

impl Parting {
    /// What `event` tells of a pause, if it does.
    pub fn of_event(event: &NewEvent) -> Option<Self> {
        match event.action {
            Action::Paused => Some(Self::PausedUntil(end_of_pause(event))),
            Action::Resumed => Some(Self::Resumed),
            _ => None,
        }
    }

    /// The parting that a wish is; the choice of a language is none.
    pub fn of_wish(wish: Wish) -> Option<Self> {
        match wish {
            Wish::PauseUntil(until) => Some(Self::PausedUntil(until)),
            Wish::Resume => Some(Self::Resumed),
            Wish::Language(_) => None,
        }
    }

    /// The wish that it was, unless somebody left for good.
    pub fn wish(self) -> Option<Wish> {
        match self {
            Self::Left(_) => None,
            Self::PausedUntil(until) => Some(Wish::PauseUntil(until)),
            Self::Resumed => Some(Wish::Resume),
        }
    }

    /// What the ledger calls it.
    pub fn action(self) -> Action {
        match self {
            Self::Left(cause) => cause.action(),
            Self::PausedUntil(_) => Action::Paused,
            Self::Resumed => Action::Resumed,
        }
    }

    /// The word in a line, of ten letters at most. A pause is the second of its end; one that ends later than a line can say ends
    /// then.
    fn word(self) -> String {
        match self {
            Self::Left(cause) => cause.as_str().to_owned(),
            Self::PausedUntil(until) => until.as_second().clamp(*TEN_DIGITS.start(), *TEN_DIGITS.end()).to_string(),
            Self::Resumed => RESUMED.to_owned(),
        }
    }

    fn read(word: &str) -> Option<Self> {
        if word == RESUMED {
            Some(Self::Resumed)
        } else if word.bytes().all(|byte| byte.is_ascii_digit()) {
            Timestamp::from_second(word.parse().ok()?).ok().map(Self::PausedUntil)
        } else {
            word.parse().ok().map(Self::Left)
        }
    }
}

/// Somebody left, or asked for a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The address, as it is recognised.
    pub fingerprint: Fingerprint,
    /// How.
    pub parting: Parting,
    /// When that happened.
    pub at: Timestamp,
}

impl Departure {
    /// The line after `height`, and the height with it.
    pub fn after(&self, height: Height) -> (String, Height) {
        let at = self.at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ");
        let (word, key) = (self.parting.word(), self.fingerprint.key());
        let content = format!("{at} {word:<10} {key} {}", self.fingerprint);
        let link = height.link.after(&content);
        (line(&content, link), Height { lines: height.lines + 1, link })
    }

    /// Reads the line after `height`. A line that does not follow is refused.
    pub fn read(text: &str, height: Height) -> Result<(Self, Height), NoLine> {
        let (content, link) = split(text)?;
        let mut words = content.split_ascii_whitespace();
        let mut word = || words.next().ok_or(NoLine);
        let (at, parting, key, digits) = (word()?, word()?, word()?, word()?);
        let departure = Self {
            fingerprint: Fingerprint::from_stored(digits, key).ok_or(NoLine)?,
            parting: Parting::read(parting).ok_or(NoLine)?,
            at: at.parse().map_err(|_| NoLine)?,
        };
        if departure.after(height).0 == text {
            Ok((departure, Height { lines: height.lines + 1, link }))
        } else {
            Err(NoLine)
        }
    }

    /// Whether a ledger that says `events` of the person does not know of it. The owner of the mailbox, who came back
    /// after leaving, has the last word; and of pauses and their ends the latest counts.
    pub fn is_new_to<'a>(&self, events: impl IntoIterator<Item = &'a NewEvent>) -> bool {
        events.into_iter().all(|event| {
            let is_same = match self.parting {
                Parting::Left(_) => event.action == self.parting.action(),
                Parting::PausedUntil(_) | Parting::Resumed => Parting::of_event(event).is_some(),
            };
            let known = is_same && event.occurred_at >= self.at;
            let came_back =
                event.action == Action::Confirmed && event.method.is_owners() && event.occurred_at > self.at;
            !known && !came_back
        })
    }
}

/// Why a store cannot be taken to know everybody who left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// There is no record.
    Missing,
    /// The record cannot be read, for this reason.
    Unreadable(String),
    /// The store has never heard of this record.
    Unknown,
    /// The store has not seen the last lines. A daemon puts them in by itself.
    Ahead {
        /// How many.
        by: u64,
    },
    /// Lines are missing that the store has seen.
    Shorter {
        /// How many.
        by: u64,
    },
    /// The record holds other lines than the store has seen.
    Parted,
}

impl Gap {
    /// A name for programs.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unreadable(_) => "unreadable",
            Self::Unknown => "unknown",
            Self::Ahead { .. } => "ahead",
            Self::Shorter { .. } => "shorter",
            Self::Parted => "parted",
        }
    }
}

/// What is between a record of the height `end` and a store that has `seen` it so far; `link` is the record's link at
/// that height, if it goes so far. `None` when the store has seen all of it.
pub fn gap(end: Height, seen: Option<Height>, link: Option<Link>) -> Option<Gap> {
    match seen {
        None => Some(Gap::Unknown),
        Some(seen) if seen.lines > end.lines => Some(Gap::Shorter { by: seen.lines - end.lines }),
        Some(seen) if link != Some(seen.link) => Some(Gap::Parted),
        Some(seen) if seen.lines < end.lines => Some(Gap::Ahead { by: end.lines - seen.lines }),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Method;
    use super::super::event::tests::event;
    use super::*;
    use crate::keys::Keyring;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn departure(cause: Cause, second: i64) -> Departure {
        let fingerprint = Fingerprint::of(&Keyring::generate([3; 32]), &"camille@example.fr".parse().unwrap());
        Departure { fingerprint, parting: Parting::Left(cause), at: at(second) }
    }

    fn begun(name: u8) -> Height {
        read_heading(&heading(FileId::from_random([name; 8]))).unwrap().1
    }

    #[test]
    fn lines_have_one_length_and_are_read_as_they_are_written() {
        let file = FileId::from_random([7; 8]);
        let text = heading(file);
        assert_eq!((text.len(), read_heading(&text).unwrap().0), (LINE, file));
        let mut height = begun(7);
        for (number, cause) in (1..).zip(Cause::ALL) {
            let one = departure(cause, 1_800_000_000 + i64::try_from(number).unwrap());
            let (text, next) = one.after(height);
            assert_eq!((text.len(), next.lines), (LINE, number));
            assert!(!text.contains("example"), "{text}");
            assert_eq!(Departure::read(&text, height), Ok((one, next)));
            assert_eq!(read_link(&text), Ok(next.link));
            assert_eq!(next.to_string().parse(), Ok(next));
            height = next;
        }
        let far = departure(Cause::Complained, 253_000_000_000).after(height).0;
        assert_eq!(far.len(), LINE, "{far}");
    }

    #[test]
    fn a_pause_is_a_line_like_the_others_and_the_latest_word_counts() {
        let paused =
            |second, until| Departure { parting: Parting::PausedUntil(at(until)), ..departure(Cause::Dead, second) };
        let resumed = |second| Departure { parting: Parting::Resumed, ..departure(Cause::Dead, second) };
        for one in [paused(5, *TEN_DIGITS.start()), paused(5, *TEN_DIGITS.end()), paused(5, 1_800_000_000), resumed(6)]
        {
            let (text, next) = one.after(begun(7));
            assert_eq!((text.len(), Departure::read(&text, begun(7))), (LINE, Ok((one, next))), "{text}");
        }
        let never = Departure { parting: Parting::PausedUntil(Timestamp::MAX), ..paused(5, 0) };
        assert_eq!(never.after(begun(7)).0.len(), LINE);
        let line =
            |second, wish: Wish| NewEvent { reason: wish.reason(), ..event(second, wish.action(), Method::PagePost) };
        let given = event(1, Action::Confirmed, Method::DoubleOptinPost);
        let until = Wish::PauseUntil(at(1_800_000_000));
        let is_new = |events: &[NewEvent]| paused(10, 1_800_000_000).is_new_to(events);
        assert!(is_new(std::slice::from_ref(&given)));
        assert!(is_new(&[given.clone(), line(9, until)]), "an older one is not this one");
        assert!(!is_new(&[given.clone(), line(10, until)]));
        assert!(!is_new(&[given.clone(), line(11, Wish::Resume)]), "the pause was ended since");
        assert!(!is_new(&[given.clone(), event(11, Action::Confirmed, Method::DoubleOptinPost)]));
        assert!(resumed(12).is_new_to(&[given, line(10, until)]));
        assert_eq!(Parting::of_event(&line(10, until)), Some(Parting::PausedUntil(at(1_800_000_000))));
        assert_eq!(Parting::of_wish(until).and_then(Parting::wish), Some(until));
    }

    /// As programs wrote it that knew of no pause.
    #[test]
    fn a_record_of_before_is_read_and_added_to() {
        let heading =
            format!("{:<112} 5f382cc9235fc37883ffb83f3998b71a\n", "carillon.departures 1 file=0707070707070707");
        let digits = "5e".repeat(32);
        let left =
            format!("2027-01-02T07:00:00.000000Z withdrawn  a1b2c3d4 {digits} 35bfb662d1ab90e9fbd5ad599f210805\n");
        let (file, begun) = read_heading(&heading).unwrap();
        let (known, height) = Departure::read(&left, begun).unwrap();
        assert_eq!((file.to_string(), known.parting), ("0707070707070707".into(), Parting::Left(Cause::Withdrawn)));
        let paused = Departure { parting: Parting::PausedUntil(at(1_800_000_000)), ..known };
        let (text, next) = paused.after(height);
        assert!(text.starts_with(&format!("2027-01-02T07:00:00.000000Z 1800000000 a1b2c3d4 {digits} ")), "{text}");
        assert_eq!(Departure::read(&text, height), Ok((paused, next)));
    }

    #[test]
    fn a_changed_line_does_not_follow() {
        let (text, _) = departure(Cause::Withdrawn, 5).after(begun(7));
        for other in [text.replace("withdrawn", "objected "), text.replace('\n', ""), String::new(), text.clone() + "x"]
        {
            assert_eq!(Departure::read(&other, begun(7)), Err(NoLine), "{other}");
        }
        assert_eq!(Departure::read(&text, begun(8)), Err(NoLine), "it follows another heading");
        assert_eq!(read_heading(&text), Err(NoLine));
    }

    #[test]
    fn a_record_is_compared_with_what_was_seen_of_it() {
        let zero = begun(7);
        let (_, one) = departure(Cause::Withdrawn, 5).after(zero);
        let (_, two) = departure(Cause::Erased, 6).after(one);
        let (_, other) = departure(Cause::Dead, 6).after(zero);
        assert_eq!(gap(two, Some(two), Some(two.link)), None);
        assert_eq!(gap(two, Some(zero), Some(zero.link)), Some(Gap::Ahead { by: 2 }));
        assert_eq!(gap(two, None, None), Some(Gap::Unknown));
        assert_eq!(gap(one, Some(two), None), Some(Gap::Shorter { by: 1 }));
        assert_eq!(gap(two, Some(other), Some(one.link)), Some(Gap::Parted));
        assert_eq!(gap(one, Some(other), Some(one.link)), Some(Gap::Parted));
    }

    #[test]
    fn a_departure_is_put_in_once_and_the_owner_has_the_last_word() {
        let left = departure(Cause::Withdrawn, 10);
        let is_new = |events: &[(i64, Action, Method)]| {
            let events: Vec<NewEvent> =
                events.iter().map(|(second, action, method)| event(*second, *action, method.clone())).collect();
            left.is_new_to(&events)
        };
        let import = Method::Import(super::super::Capture::WebForm);
        let given = (1, Action::Confirmed, import.clone());
        assert!(is_new(&[]));
        assert!(is_new(std::slice::from_ref(&given)));
        assert!(!is_new(&[given.clone(), (10, Action::Withdrawn, Method::OneClickPost)]));
        assert!(!is_new(&[given.clone(), (12, Action::Withdrawn, Method::PagePost)]));
        // Another departure does not stand for this one, and no file brings the person back.
        assert!(is_new(&[given.clone(), (12, Action::BouncedDead, Method::Dsn)]));
        assert!(is_new(&[given.clone(), (12, Action::Confirmed, import)]));
        assert!(is_new(&[given.clone(), (10, Action::Confirmed, Method::DoubleOptinPost)]));
        assert!(!is_new(&[given, (11, Action::Confirmed, Method::DoubleOptinPost)]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(text in ".{0,200}") {
            let _ = (read_heading(&text), Departure::read(&text, begun(7)), text.parse::<Height>());
        }
    }
}
