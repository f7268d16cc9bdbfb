//! Logs, without personal data: no address, token or body is ever a field or part of a message.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object to a line, for collectors.
    Json,
}

/// Sends logs to stderr from now on. `level` is one of `error`, `warn`, `info`, `debug`, `trace`; libraries speak from
/// `warn` on. A second call changes nothing.
pub fn start(level: LevelFilter, format: LogFormat) {
    let filter = Targets::new().with_default(LevelFilter::WARN).with_target("carillon", level);
    let registry = tracing_subscriber::registry().with(filter);
    let to_stderr =
        fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal()).with_target(false);
    let started = match format {
        LogFormat::Text => registry.with(to_stderr).try_init(),
        LogFormat::Json => registry.with(to_stderr.json().flatten_event(true)).try_init(),
    };
    // Only fails when logs already go somewhere.
    drop(started);
}
