//! What is measured, for whoever watches from outside: the one list of metrics, counters in memory, and the text in which
//! both are told. Values and functions: what a metric is now is asked of the store and of the daemon by `http/measure.rs`.
//!
//! Nothing here can name a person: a metric has the labels that the list gives it, and their values are states, kinds,
//! providers of `config/providers.toml`, parts of this program, and the names of campaigns and mailings.

mod catalogue;
mod durations;
mod exposition;

pub use catalogue::{Metric, MetricKind, MetricTraits};
pub use durations::{DurationHistogram, DurationsSeen};
pub use exposition::{ExpositionFormat, Measured, MetricValue};
