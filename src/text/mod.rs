//! The texts that people write and other people read: a line, a subject, a name, a web address, a list's name, a
//! campaign's short name. Each is checked once, where it is written, and keeps its type from there to the letter and the
//! page. And what is written the same way in all of these: days and hours in words, character references of HTML,
//! iCalendar.
//!
//! What it does not do: judge what the words say (`compliance`), or lay them out (`mail`, `http`).

mod any_case;
mod daily_hours;
pub mod dates;
mod filling;
mod ics;
mod line;
pub mod links;
mod list_id;
mod moment;
mod percent;
mod placeholder;
mod rate;
mod reference;
mod slug;
mod web_address;
mod wording;

pub use crate::language::{InterfaceLanguage, Language, UnknownLanguage};
pub(crate) use any_case::strip_prefix_in_any_case;
pub use daily_hours::{DailyHours, NoDailyHours};
pub use dates::Moment;
pub use filling::Filling;
pub use ics::{ICS_MEDIA_TYPE, IcsWriter};
pub use line::{DisplayName, Line, Subject, TextError};
pub use list_id::{ListId, ListIdError, is_domain};
pub use moment::{MomentError, WrittenMoment};
pub(crate) use percent::{address_encoded, mailto_encoded, percent_decoded};
pub use placeholder::{MomentForm, Placeholder, PlaceholderError};
pub use rate::{NoRate, Rate};
pub(crate) use reference::{html_reference, html_resolved};
pub use slug::{Slug, SlugError};
pub use web_address::{WebAddress, WebAddressError, is_loopback};
pub use wording::Wording;

/// How long texts may be, in characters.
pub mod longest {
    /// A title, a name of an offer, a line at the foot of a letter.
    pub const LINE: usize = 200;
    /// A subject. Most mail readers show about 60.
    pub const SUBJECT: usize = 150;
    /// The paragraphs of a letter.
    pub const PROSE: usize = 2000;
    /// The name beside an address, and the name of a list.
    pub const NAME: usize = 100;
}
