//! The post: one mailing for one member, once. Nothing of it is lost, sent twice, or sent late.
//!
//! [`state`], [`mailing_state`], [`retry`], [`late_check`] and [`breaker`] are pure. The planner freezes audiences, the
//! dispatcher claims and hands over, and the journal makes each step durable before the next one.

mod back_off;
pub mod breaker;
pub mod compose;
pub mod dispatcher;
mod held;
pub mod holds;
pub mod identity;
pub mod journal;
pub mod late_check;
mod look;
pub mod mailing_state;
pub mod planner;
mod queue;
pub mod retry;
pub mod review;
mod sender;
pub mod sent_file;
pub mod state;
pub mod store_age;

pub use mailing_state::MailingState;
pub use state::DeliveryState;
