//! What comes back: reports of undelivered mail (RFC 3464 and many forms without a standard), complaints (RFC 5965), automatic
//! answers, and mails to the unsubscribe address. Bytes in, a value out; any bytes.
//!
//! What a report says is decided by a table, `config/bounces.toml`. Whom it is about is never taken from its words: only what
//! carries a proof that we made it counts (`traces`). What follows for the person is decided in `verdict`.

mod classify;
mod lmtp;
mod mime;
mod pattern;
mod returned;
mod sns;
mod table;
mod texts;
mod traces;
mod verdict;

pub use classify::BounceEvidence;
pub use lmtp::{LmtpDialogue, LmtpMail, LmtpOutcome, LmtpStep};
pub use returned::{FeedbackKind, Returned, ReturnedKind, Undelivered, read};
pub use table::{BounceClass, BounceEffect, BounceTable, MailStep};
pub use traces::Traces;
pub use verdict::{BounceLine, BounceRules, PersonVerdict, judge_person};

/// The most bytes of a message that are looked at (B-04). What is behind them is the returned message's body.
pub const MOST_BYTES: usize = 1 << 20;
