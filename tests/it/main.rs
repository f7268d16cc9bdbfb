//! The integration tests, in one binary: one link step.
//!
//! Store tests run on SQLite always, and on PostgreSQL when `CARILLON_TEST_POSTGRES` holds a server's URL (then the
//! crate is built with the feature `postgres`).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets the unexpected should stop there"
)]
#![expect(unreachable_pub, reason = "`pub` in the support modules says what tests may use")]

mod alerts;
mod anchor;
mod anchor_mail;
mod apply;
mod approval;
mod board;
mod bodies;
mod bounces;
mod brand;
mod caches;
mod calendar;
mod calendar_cli;
mod calendar_europe;
mod campaign;
mod canary;
mod cards;
mod cli;
mod clock;
mod clock_daemon;
mod compliance;
mod config;
mod consent;
mod crash;
mod crash_points;
mod delivery;
mod departures;
mod dkim;
mod dns;
mod docs_cli;
mod docs_law;
mod doctor;
mod duration;
mod erasure;
mod faults;
mod files;
mod first_sight;
mod flood;
mod french;
mod french_commands;
mod french_guide;
mod fuzz;
mod gate;
mod gate_file;
mod gate_put;
mod http;
mod import;
mod import_from;
mod join;
mod join_daemon;
mod join_json;
mod keys_missing;
mod late;
mod law;
mod letters;
mod lists;
mod lmtp;
mod mail;
mod member;
mod messages;
mod metrics;
mod module;
mod monitoring;
mod offers;
mod ofrep;
mod openapi;
mod pace;
mod package;
mod preferences;
mod price;
mod problem;
mod proof;
mod races;
mod readme;
mod rehearse;
mod relays;
mod remedies;
mod removed_proof;
mod renewals;
mod repeat;
mod restore;
mod rests;
mod retention;
mod rules;
mod season;
mod shops;
mod smtp;
mod snapshots;
#[cfg(feature = "postgres")]
mod standby;
mod statements;
mod stops;
mod store;
mod support;
mod tidy;
mod tokens;
mod transition;
mod trial;
mod unattended;
mod unwritable;
mod upgrade;
mod versions;
mod webhooks;
mod wizard;
mod workbooks;
