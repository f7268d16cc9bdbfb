//! Whether a sale is open: a function of its applied schedule and the instant asked about, and of nothing else.
//!
//! No job flips a gate and no visitor opens it. [`answer()`] decides, [`GateFile`] is the same knowledge as a file that a
//! CDN can serve, and [`SigningKey`](crate::keys::SigningKey) makes that file tamper-proof. Pause and hold concern mailings;
//! a gate follows its applied window whatever happens to the mail.

mod answer;
mod millis;
mod schedule;

pub use answer::{Answer, Gate, GateState, Phase, Stage, answer, changes, last_change, next_change, phase, stage};
pub use millis::{floor, text};
pub use schedule::{FORMAT, GateFile, ScheduledGate};

/// What the signing key of the schedule file is for, as a keyring sees it.
pub const SIGNING_PURPOSE: &str = "gate signature";
