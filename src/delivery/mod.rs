//! One mailing for one member, once: what may happen to it, and what follows from what was heard. Nothing of it is lost,
//! sent twice, or sent late. Decisions only; [`crate::sending`] carries them out.

pub mod breaker;
pub mod complaint;
pub mod feasibility;
pub mod identity;
pub mod late_check;
pub mod learned;
pub mod lines;
pub mod mailing_state;
pub mod marks;
pub mod pace;
pub mod providers;
pub mod quiet;
pub mod recovery;
pub mod relay_log;
pub mod relays;
pub mod retry;
pub mod review;
pub mod state;
pub mod store_age;
pub mod warm_up;

pub use mailing_state::MailingState;
pub use state::DeliveryState;
