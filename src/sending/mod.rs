//! The engine that delivers: the planner freezes audiences, the dispatcher claims and hands over, and the journal records
//! each step before the next one. What may follow from what is decided in [`crate::delivery`].

pub mod alerts;
pub mod answers;
pub(crate) mod back_off;
pub mod compose;
pub mod confirmations;
pub mod dispatcher;
pub mod equipment;
pub mod foresight;
mod held;
pub mod holds;
pub mod journal;
mod look;
pub mod marks;
mod pacing;
pub mod planner;
pub mod progress;
mod queue;
pub mod relays;
pub mod rests;
mod seats;
mod sender;
pub mod sent_file;
pub mod shop_law;
mod strikes;
pub mod traces;
