//! The checks on a campaign: its words, its dates, its label and its prices, each against a text of law.
//!
//! Pure: documents, a calendar and values in, findings out. It reads no file and no store, and it decides nothing about
//! waivers beyond matching them to findings.

pub mod words;
