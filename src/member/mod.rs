//! The people: a pseudonym, an address, a language, and the consent they gave. Nothing else is kept about anyone.
//!
//! Pure values and decisions: what an address is, what a ledger of consent events amounts to, whose token this is. The
//! rows are `db`'s.

mod action;
mod address;
pub mod anchor;
mod consent;
pub mod departure;
mod event;
mod evidence;
mod export_form;
mod fingerprint;
mod form_time;
mod import_file;
mod invitation;
mod lists;
mod people_list;
mod proof;
mod pseudonym;
pub mod removal;
pub mod renewal;
pub mod retention;
pub mod sign_up;
mod token;
mod typed;
mod wish;

pub use crate::language::{InterfaceLanguage, Language, UnknownLanguage};
pub use action::{Action, Capture, Method, NotInLedger};
pub use address::{Address, AddressError};
pub use consent::{
    Cause, Consent, ConsentState, Lifetime, Suppression, before_the_bar, ever_asked, replay, resting_on,
};
pub use departure::Departure;
pub use event::{BrokenLine, CHANNEL, Event, Head, NewEvent, PURPOSE, whole_micros};
pub use evidence::{Candidate, Evidence, EvidenceRules, Rejection, WordingFiles};
pub use export_form::{ExportForm, ExportProgram, LeftColumn};
pub use fingerprint::{Fingerprint, FingerprintDigits, NoFingerprint};
pub use form_time::{FormAge, FormTime};
pub use import_file::{
    ColumnName, ColumnTerms, ImportFile, ImportRow, NoColumnName, NoStaysWhile, StaysWhile, WordsHeld,
};
pub use invitation::{Invitation, InvitationFacts, shown_again};
pub use lists::{ListAct, ListBasis, ListName, ListReason, NoListBasis, NoListName, NoListReason};
pub use people_list::{PeopleList, PersonNamed, Unread, UnreadLine};
pub use proof::{MemberRecord, Mismatch, WordingState, fingerprint_of, mismatches, note_of_redaction, wording_state};
pub use pseudonym::{CANARY, NoPseudonym, Pseudonym, Pseudonyms};
pub use sign_up::SignUp;
pub use token::{
    ConfirmToken, RenewToken, preferences_token, read_preferences_token, read_unsubscribe_token, unsubscribe_token,
};
pub use typed::{Mistyped, typed_address};
pub use wish::{LineDetail, Wish, names_language};
