//! The store: SQLite (embedded, the default) or PostgreSQL (feature `postgres`), with one schema and one set of queries.
//!
//! The only user of diesel. One file per noun; a noun's functions take `&mut Db` and plain values and return values of
//! the core. [`Store`] owns the connections: [`Store::read`] lends one, [`Store::write`] is the only way into a
//! transaction. SQL never asks the database for the time.

pub mod alerts;
pub mod anchors;
mod at_work;
pub mod audit;
pub mod backups;
pub mod bounces;
pub mod bulk;
pub mod campaigns;
mod canary;
pub mod catch_up;
pub mod clock;
mod column;
mod conditions;
mod conn;
pub mod consent;
pub mod copy;
pub mod deliveries;
mod delivery_log;
pub mod departed;
pub mod departures;
pub mod dossiers;
mod ends;
pub mod erasure;
mod error;
pub mod expiry;
mod facts;
pub mod figures;
pub mod gates;
pub mod gates_told;
pub mod heartbeats;
pub mod identity;
pub mod imports;
pub mod intake;
mod kept;
pub mod leaving;
pub mod ledger;
pub mod lists;
mod lock;
pub mod mailings;
pub mod members;
pub mod owner_file;
pub mod pace;
mod place;
pub mod planning;
mod precedence;
pub mod preferences;
pub mod pressed;
pub mod prices;
pub mod problems;
pub mod proof;
pub mod reach;
pub mod records;
pub mod removal;
pub mod renewals;
pub mod reports;
pub mod retention;
mod schema;
pub mod season;
pub mod sign_up_dossiers;
pub mod signups;
pub mod stops;
mod store;
mod store_times;
mod stubs;
pub mod suppressions;
mod together;
pub mod turned_away;
pub mod waivers;

pub use conn::Db;
pub use error::{SchemaMismatch, StoreError, StoreResult, Trouble};
pub use store::Store;
pub use store_times::{StoreTimes, StoreWork};
