//! Carillon schedules a retailer's pre-sales against the legal sales dates, opens and closes them by time alone, and
//! mails only members who opted in. This crate is the whole of it; `main.rs` only starts [`cli`].
//!
//! Arrows point down: [`cli`] uses everything; `daemon` and `http` meet in the database; `sending` hands mail over
//! through `transport` and `smtp`; [`db`] is the only user of diesel; and the core (`calendar`, `compliance`, `price`,
//! `campaign`, `gate`, `member`, `keys`, `delivery`, `text`) is values and functions that are told what time it is.
//! `docs/architecture.md` is the map.

pub mod alert;
pub mod bounce;
pub mod brand;
pub mod calendar;
pub mod campaign;
pub mod cli;
pub mod clock;
pub mod compliance;
pub mod config;
pub mod counted;
pub mod daemon;
pub mod db;
pub mod delivery;
pub mod dns;
pub mod document;
pub mod door;
pub mod file_id;
pub mod files;
pub mod finding;
pub mod gate;
pub mod http;
pub mod keys;
pub mod language;
pub mod mail;
pub mod member;
pub mod metrics;
pub mod phrase;
pub mod price;
pub mod problem;
pub mod season;
pub mod sending;
pub mod smtp;
pub mod table;
pub mod telemetry;
pub mod template;
pub mod text;
pub mod time_trust;
pub mod tls;
pub mod transport;
pub mod webhook;
