//! The evidence of a consent that was given elsewhere, as one row of an import file says it.
//!
//! A row counts only when it is whole: which address, in which language, when, in answer to which exact wording, where
//! and how. What is missing is not guessed. A bought list, accepted terms or a purchase cannot be written in this form.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Address, AddressError, Capture, Cause, Fingerprint, Language, Lifetime, Suppression};
use crate::keys::Keyring;
use crate::phrase::{Phrase, Spoken};
use crate::table::CellError;
use crate::text::{MomentError, WrittenMoment};
use crate::{phrase, spoken_errors};

/// Bytes of a wording, a source or a form version that are plausible. More is a quotation mark that was never closed.
const LONGEST_WORDING: usize = 20_000;
const LONGEST_NAME: usize = 200;

/// Words of the shortest wording that a person can have agreed to; `oui` or `1` is an answer, not a wording.
const FEWEST_WORDS: usize = 3;

/// One person's consent and all that proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Who.
    pub address: Address,
    /// The language to write in.
    pub language: Language,
    /// When the person agreed.
    pub confirmed_at: Timestamp,
    /// The exact wording that was shown.
    pub wording: Arc<str>,
    /// Where: the id of the form, the shop, the terminal.
    pub source: String,
    /// How.
    pub capture: Capture,
    /// The version of the form.
    pub form_version: Option<String>,
}

/// Somebody who may come in: the evidence, and by what the store knows the address.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What proves the consent.
    pub evidence: Evidence,
    /// The fingerprint of the address under the current key.
    pub fingerprint: Fingerprint,
    /// Those under older keys.
    older: Vec<Fingerprint>,
}

impl Candidate {
    /// Whoever `evidence` is about.
    pub fn of(evidence: Evidence, keyring: &Keyring) -> Self {
        let mut all = Fingerprint::all(keyring, &evidence.address).into_iter();
        let fingerprint = all.next().unwrap_or_else(|| Fingerprint::of(keyring, &evidence.address));
        let older = all.filter(|other| *other != fingerprint).collect();
        Self { evidence, fingerprint, older }
    }

    /// The fingerprints under every key, the current one first.
    pub fn fingerprints(&self) -> impl Iterator<Item = &Fingerprint> {
        std::iter::once(&self.fingerprint).chain(&self.older)
    }
}

/// Why a row was not imported. Says what to mend, never the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Its cells cannot be read.
    Row(CellError),
    /// A cell that must be filled is empty.
    Empty {
        /// The column.
        column: &'static str,
    },
    /// The address is not one.
    Address(AddressError),
    /// The language is not one that Carillon writes in.
    Language,
    /// The instant cannot be read.
    Instant,
    /// It is a day alone.
    Day,
    /// It has no offset, and no zone is known.
    NoZone,
    /// The civil time does not exist, or exists twice, in the zone: the clocks were changed.
    Ambiguous,
    /// The consent would have been given after now.
    Future,
    /// The consent is too old to count.
    Expired {
        /// When it stopped counting.
        on: Timestamp,
    },
    /// Neither `wording` nor `wording_file` is filled.
    NoWording,
    /// Both are filled.
    TwoWordings,
    /// It is too short to be one.
    ShortWording,
    /// It begins with a quotation mark that nothing closes: a row that was cut where a line breaks.
    HalfWording,
    /// The file is not used.
    WordingFile {
        /// Why.
        why: Phrase,
    },
    /// A cell is longer than anything plausible.
    TooLong {
        /// The column.
        column: &'static str,
    },
    /// A cell that is to hold an id holds an address or a control character.
    NotAnId {
        /// The column.
        column: &'static str,
    },
    /// The way in which the consent was given is none.
    Method,
    /// The program that the row is from says that the person left it.
    Left {
        /// The column that says so.
        column: Arc<str>,
    },
    /// Nothing says that the instant is one at which the person acted.
    NoAct {
        /// The column that says so.
        column: &'static str,
    },
    /// The method is a double opt-in, and nobody pressed the link of a letter.
    NotConfirmed {
        /// The column that says so.
        column: &'static str,
    },
    /// The address is on the suppression list. Only its owner can come back.
    Barred(Suppression),
}

spoken_errors!(Rejection);

impl From<AddressError> for Rejection {
    fn from(error: AddressError) -> Self {
        Self::Address(error)
    }
}

impl Spoken for Rejection {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Row(error) => error.phrase(),
            Self::Empty { column } => phrase!("row-empty-cell", column = *column),
            Self::Address(error) => error.phrase(),
            Self::Language => phrase!("evidence-language"),
            Self::Instant => phrase!("evidence-instant"),
            Self::Day => phrase!("evidence-day"),
            Self::NoZone => phrase!("evidence-no-zone"),
            Self::Ambiguous => phrase!("evidence-ambiguous"),
            Self::Future => phrase!("evidence-future"),
            Self::Expired { on } => phrase!("evidence-expired", on = day(*on)),
            Self::NoWording => phrase!("evidence-no-wording"),
            Self::TwoWordings => phrase!("evidence-two-wordings"),
            Self::ShortWording => phrase!("evidence-short-wording"),
            Self::HalfWording => phrase!("evidence-half-wording"),
            Self::WordingFile { why } => phrase!("evidence-wording-file", why = why.clone()),
            Self::TooLong { column } => phrase!("evidence-too-long", column = *column),
            Self::NotAnId { column } => phrase!("evidence-not-an-id", column = *column),
            Self::Method => phrase!("evidence-method"),
            Self::Left { column } => phrase!("evidence-left", column = &**column),
            Self::NoAct { column } => phrase!("evidence-no-act", column = *column),
            Self::NotConfirmed { column } => phrase!("evidence-not-confirmed", column = *column),
            Self::Barred(Suppression { cause, since, .. }) => {
                let on = day(*since);
                match cause {
                    Cause::Dead => phrase!("evidence-dead", on = on),
                    Cause::Erased => phrase!("evidence-erased", on = on),
                    Cause::Withdrawn => phrase!("evidence-withdrawn", on = on),
                    Cause::Objected => phrase!("evidence-objected", on = on),
                    Cause::Complained => phrase!("evidence-complained", on = on),
                }
            }
        }
    }
}

fn day(instant: Timestamp) -> jiff::civil::Date {
    instant.to_zoned_datetime(TimeZone::UTC).date()
}

impl Rejection {
    /// The kind of reason, for counting.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Row(_) => "a row cannot be read",
            Self::Empty { .. } => "a cell is empty",
            Self::Address(_) => "not an address",
            Self::Language => "unknown language",
            Self::Instant | Self::Day | Self::NoZone | Self::Ambiguous | Self::Future => "no usable instant of consent",
            Self::Expired { .. } => "consent expired",
            Self::NoWording | Self::TwoWordings | Self::ShortWording | Self::HalfWording | Self::WordingFile { .. } => {
                "no usable wording"
            }
            Self::TooLong { .. } | Self::NotAnId { .. } => "a cell is not plausible",
            Self::Method => "not a way to consent",
            Self::Left { .. } => "left the other program",
            Self::NoAct { .. } => "no act of the person",
            Self::NotConfirmed { .. } => "not a double opt-in",
            Self::Barred(Suppression { cause, .. }) => match cause {
                Cause::Dead => "mailbox dead",
                Cause::Erased => "erased",
                Cause::Withdrawn => "withdrew",
                Cause::Objected => "objected",
                Cause::Complained => "complained",
            },
        }
    }
}

/// The cells of one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cells<'a> {
    pub(super) address: &'a str,
    pub(super) language: &'a str,
    pub(super) confirmed_at: &'a str,
    pub(super) wording: &'a str,
    pub(super) wording_file: &'a str,
    pub(super) source: &'a str,
    pub(super) method: &'a str,
    pub(super) form_version: &'a str,
}

impl Cells<'_> {
    /// How the consent was given.
    pub(super) fn capture(&self) -> Result<Capture, Rejection> {
        let method = filled(self.method, "method")?.to_ascii_lowercase().replace('-', "_");
        method.parse().map_err(|_| Rejection::Method)
    }
}

/// What rows are held against.
#[derive(Clone, Debug)]
pub struct EvidenceRules {
    /// The present.
    pub now: Timestamp,
    /// How long a consent counts.
    pub lifetime: Lifetime,
    /// The zone of instants that are written without an offset.
    pub zone: Option<TimeZone>,
    /// The language of rows that name none, or one in which there are no letters.
    pub language: Option<Language>,
}

/// Gives the text of a wording file, or says why it cannot.
pub type WordingFiles<'a> = dyn FnMut(&str) -> Result<Arc<str>, Phrase> + 'a;

impl EvidenceRules {
    pub(super) fn read(&self, cells: &Cells<'_>, files: &mut WordingFiles<'_>) -> Result<Evidence, Rejection> {
        if cells.address.trim().is_empty() {
            return Err(Rejection::Empty { column: "address" });
        }
        let address = cells.address.parse()?;
        let language = self.language(cells.language)?;
        let confirmed_at = self.instant(filled(cells.confirmed_at, "confirmed_at")?)?;
        let capture = cells.capture()?;
        let form_version = match cells.form_version.trim() {
            "" => None,
            _ => Some(id(cells.form_version, "form_version")?),
        };
        Ok(Evidence {
            address,
            language,
            confirmed_at,
            wording: wording(cells, files)?,
            source: id(cells.source, "source")?,
            capture,
            form_version,
        })
    }

    fn instant(&self, text: &str) -> Result<Timestamp, Rejection> {
        let at = match text.parse::<Timestamp>() {
            Ok(at) => at,
            Err(_) => self.written(text)?,
        };
        let end = self.lifetime.end(at);
        if at > self.now {
            Err(Rejection::Future)
        } else if end <= self.now {
            Err(Rejection::Expired { on: end })
        } else {
            Ok(at)
        }
    }
}

impl EvidenceRules {
    /// An instant as people write it. A day alone proves less than the row claims.
    fn written(&self, text: &str) -> Result<Timestamp, Rejection> {
        let moment = WrittenMoment::parse(text).map_err(|_| Rejection::Instant)?;
        if !moment.has_time() {
            return Err(Rejection::Day);
        }
        let utc = TimeZone::UTC;
        let zone = self.zone.as_ref().or(moment.has_offset().then_some(&utc)).ok_or(Rejection::NoZone)?;
        moment.at(zone).map_err(|why| match why {
            MomentError::Gap(_) | MomentError::Fold(_) => Rejection::Ambiguous,
            MomentError::Unreadable(_) | MomentError::Year(_) => Rejection::Instant,
        })
    }

    fn language(&self, cell: &str) -> Result<Language, Rejection> {
        match (cell.trim(), self.language) {
            ("", None) => Err(Rejection::Empty { column: "language" }),
            ("", Some(language)) => Ok(language),
            (text, instead) => match (text.parse(), instead) {
                (Ok(language), _) => Ok(language),
                (Err(_), Some(instead)) if is_language_code(text) => Ok(instead),
                (Err(_), _) => Err(Rejection::Language),
            },
        }
    }
}

/// Whether a cell may name some language: two or three letters, with or without a region.
fn is_language_code(text: &str) -> bool {
    let primary = text.split(['-', '_']).next().unwrap_or_default();
    (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn wording(cells: &Cells<'_>, files: &mut WordingFiles<'_>) -> Result<Arc<str>, Rejection> {
    let text: Arc<str> = match (cells.wording.trim(), cells.wording_file.trim()) {
        ("", "") => return Err(Rejection::NoWording),
        ("", file) => files(file).map_err(|why| Rejection::WordingFile { why })?,
        (_, "") => cells.wording.into(),
        _ => return Err(Rejection::TwoWordings),
    };
    if text.len() > LONGEST_WORDING {
        Err(Rejection::TooLong { column: "wording" })
    } else if cells.wording.trim_start().starts_with('"') && cells.wording.matches('"').count() % 2 == 1 {
        // The rest of the text stood on lines that were lost, and half a text is no proof.
        Err(Rejection::HalfWording)
    } else if text.split_whitespace().count() < FEWEST_WORDS {
        Err(Rejection::ShortWording)
    } else if text.contains('\0') {
        // PostgreSQL keeps no NUL in a text.
        Err(Rejection::NotAnId { column: "wording" })
    } else {
        Ok(text)
    }
}

fn filled<'a>(cell: &'a str, column: &'static str) -> Result<&'a str, Rejection> {
    match cell.trim() {
        "" => Err(Rejection::Empty { column }),
        text => Ok(text),
    }
}

fn id(cell: &str, column: &'static str) -> Result<String, Rejection> {
    let text = filled(cell, column)?;
    if text.len() > LONGEST_NAME {
        Err(Rejection::TooLong { column })
    } else if text.contains('@') || text.chars().any(char::is_control) {
        Err(Rejection::NotAnId { column })
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Cells<'_> = Cells {
        address: "camille@example.fr",
        language: "fr",
        confirmed_at: "2026-03-01T10:15:00+01:00",
        wording: "Je souhaite recevoir les avant-premières.",
        wording_file: "",
        source: "form-7",
        method: "double_optin",
        form_version: "",
    };

    fn rules(zone: Option<&str>) -> EvidenceRules {
        EvidenceRules {
            now: "2026-11-23T12:00:00Z".parse().unwrap(),
            lifetime: Lifetime::months(24),
            zone: zone.map(|name| TimeZone::get(name).unwrap()),
            language: None,
        }
    }

    fn read(cells: Cells<'_>, zone: Option<&str>) -> Result<Evidence, Rejection> {
        rules(zone).read(&cells, &mut |name| match name {
            "w.txt" => Ok("Le texte entier du formulaire.".into()),
            _ => Err("there is no such file".into()),
        })
    }

    #[track_caller]
    fn refused(cells: Cells<'_>, expected: &str) {
        assert_eq!(read(cells, None).unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_whole_row_is_evidence() {
        let evidence = read(WHOLE, None).unwrap();
        assert_eq!(evidence.confirmed_at.to_string(), "2026-03-01T09:15:00Z");
        assert_eq!(&*evidence.wording, WHOLE.wording);
        let from_file =
            read(Cells { wording: " ", wording_file: "w.txt", method: "Paper-Form", ..WHOLE }, None).unwrap();
        assert_eq!(&*from_file.wording, "Le texte entier du formulaire.");
        assert_eq!(from_file.capture, Capture::PaperForm);
    }

    #[test]
    fn what_is_missing_is_not_guessed() {
        refused(Cells { address: " ", ..WHOLE }, "`address` is empty");
        refused(Cells { address: "camille", ..WHOLE }, "the address has no `@`");
        refused(Cells { language: "pl", ..WHOLE }, &Rejection::Language.to_string());
        refused(Cells { language: " ", ..WHOLE }, "`language` is empty");
        refused(Cells { wording: "", ..WHOLE }, &Rejection::NoWording.to_string());
        refused(Cells { wording: "oui", ..WHOLE }, &Rejection::ShortWording.to_string());
        refused(Cells { wording_file: "w.txt", ..WHOLE }, &Rejection::TwoWordings.to_string());
        refused(
            Cells { wording: "", wording_file: "x", ..WHOLE },
            "the wording file cannot be used: there is no such file",
        );
        refused(Cells { source: "a@example.fr", ..WHOLE }, &Rejection::NotAnId { column: "source" }.to_string());
        refused(Cells { method: "terms", ..WHOLE }, &Rejection::Method.to_string());
    }

    #[test]
    fn an_instant_needs_an_offset_or_a_zone() {
        let at = |confirmed_at, zone| read(Cells { confirmed_at, ..WHOLE }, zone).map(|e| e.confirmed_at.to_string());
        let paris = Some("Europe/Paris");
        assert_eq!(at("2026-03-01 10:15", None), Err(Rejection::NoZone));
        assert_eq!(at("14/09/2026 18:02", None), Err(Rejection::NoZone));
        assert_eq!(at("14/09/2026 18:02", paris), Ok("2026-09-14T16:02:00Z".to_owned()));
        assert_eq!(at("2026-09-14 18:02:11 +0200", None), Ok("2026-09-14T16:02:11Z".to_owned()));
        assert_eq!(at("2026-09-14 18:02:11 +0200", Some("Asia/Tokyo")), Ok("2026-09-14T16:02:11Z".to_owned()));
        assert_eq!(at("2026-03-01 10:15", paris), Ok("2026-03-01T09:15:00Z".to_owned()));
        assert_eq!(at("2026-03-29T02:30:00", paris), Err(Rejection::Ambiguous));
        assert_eq!(at("2025-10-26T02:30:00", paris), Err(Rejection::Ambiguous));
        for day in ["01/03/2026", "2026-03-01"] {
            assert_eq!(at(day, paris), Err(Rejection::Day), "{day}");
        }
        for no_instant in ["09/14/2026 18:02", "14/09/26 18:02", "hier", ""] {
            assert!(matches!(at(no_instant, paris), Err(Rejection::Instant | Rejection::Empty { .. })), "{no_instant}");
        }
        assert_eq!(at("2026-11-23T12:00:01Z", None), Err(Rejection::Future));
        assert_eq!(
            at("2024-11-23T12:00:00Z", None).unwrap_err().to_string(),
            "the consent expired on 2026-11-23; only a newer act of the person counts"
        );
        assert!(at("2024-11-23T12:00:01Z", None).is_ok());
    }

    #[test]
    fn a_language_without_letters_is_refused_or_written_to_in_the_one_that_is_named() {
        let language = |cell: &'static str, instead| {
            let rules = EvidenceRules { language: instead, ..rules(None) };
            rules.read(&Cells { language: cell, ..WHOLE }, &mut |_| Err(Phrase::quoted(""))).map(|row| row.language)
        };
        for cell in ["pl", "sv-FI", "ro", "fil"] {
            assert_eq!(language(cell, None), Err(Rejection::Language), "{cell}");
            assert_eq!(language(cell, Some(Language::En)), Ok(Language::En), "{cell}");
        }
        assert_eq!(language("", Some(Language::Fr)), Ok(Language::Fr));
        assert_eq!(language("en-GB", Some(Language::Fr)), Ok(Language::En));
        assert_eq!(language("nl-BE", Some(Language::Fr)), Ok(Language::Nl));
        assert_eq!(language("de_AT", None), Ok(Language::De));
        for cell in ["camille@example.fr", "2026-03-01", "oui, je veux"] {
            assert_eq!(language(cell, Some(Language::Fr)), Err(Rejection::Language), "the columns are shifted: {cell}");
        }
    }
}
