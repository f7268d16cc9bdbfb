//! Whether a sale is open: a function of its applied schedule and the instant asked about, and of nothing else.
//!
//! No job flips a gate and no visitor opens it. [`answer()`] decides, [`ScheduleClaims`] is the same knowledge as a file that
//! a CDN can serve, and [`ScheduleSigner`] makes that file tamper-proof. Pause and hold concern mailings;
//! a gate follows its applied window whatever happens to the mail.

mod answer;
mod event;
mod millis;
mod schedule;
mod signed;

pub use answer::{Answer, Gate, GateState, Phase, Stage, answer, changes, last_change, next_change, phase, stage};
pub use event::{GateEvent, GateNews, GateTold, news};
pub use millis::{floor, text};
pub use schedule::{FILE_TYPE, ScheduleClaims, ScheduledGate};
pub use signed::{
    CACHE_CONTROL, FILE_NAME, KEYS_NAME, ListedGates, MEDIA_TYPE, ScheduleFileError, SchedulePolicy, ScheduleSigner,
    SignedSchedule, read_schedule,
};
