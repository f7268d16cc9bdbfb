//! The letter: template set, typed contexts, the message on the wire, and checks on both.
//!
//! What it does not do: decide who is written to (`delivery`), or hand anything over (`smtp`). `lettre` is known to
//! [`message`] alone.

pub mod anchors;
pub mod check;
pub mod context;
pub mod dkim;
pub mod fields;
mod files;
pub mod kind;
pub mod letters;
pub mod lint;
mod markup;
pub mod message;
mod plain;
mod received;
pub mod samples;
mod schedule;
pub mod sender;
mod source;
mod splice;
pub mod template;
mod tidy;

pub use anchors::AnchorsLetter;
pub use check::LetterCheck;
pub use context::{
    Confirmation, NextPeriod, Recipient, Renewal, Sale, SaleLetter, SalePages, SalePicture, ShopWindow, Texts,
};
pub use dkim::DkimSigner;
pub use fields::{FeedbackId, FieldError, MessageId};
pub use kind::{Kind, Part, SaleKind};
pub use letters::{Addressee, LetterCopy, LetterError, MailingLetters};
pub use message::{Bodies, BuildError, MailingFields, Outgoing, Party, Purpose, WayOut};
pub use plain::plain_letter;
pub use sender::Sender;
pub use source::TemplateSource;
pub use template::{Letter, RenderError, Rendered, TemplateSet};
