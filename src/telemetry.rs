//! Logs, without personal data: no address, token or body is ever a field or part of a message.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::prelude::*;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object to a line, for collectors.
    Json,
}

/// Whether logs are for collectors.
static AS_JSON: AtomicBool = AtomicBool::new(false);

/// Whether what goes to stderr is one JSON object to a line, so that nothing else may come between.
pub fn is_json() -> bool {
    AS_JSON.load(Ordering::Relaxed)
}

/// Sends logs to stderr from now on. `level` is one of `error`, `warn`, `info`, `debug`, `trace`; libraries speak from
/// `warn` on. A second call changes nothing.
pub fn start(level: LevelFilter, format: LogFormat) {
    let filter = Targets::new().with_default(LevelFilter::WARN).with_target("carillon", level);
    let registry = tracing_subscriber::registry().with(filter);
    let writer = if stderr_is_journal() { BoxMakeWriter::new(ToJournal) } else { BoxMakeWriter::new(io::stderr) };
    let to_stderr = fmt::layer().with_writer(writer).with_ansi(io::stderr().is_terminal()).with_target(false);
    let started = match format {
        LogFormat::Text => registry.with(to_stderr).try_init(),
        LogFormat::Json => registry.with(to_stderr.json().flatten_event(true)).try_init(),
    };
    // Only fails when logs already go somewhere.
    if started.is_ok() {
        AS_JSON.store(format == LogFormat::Json, Ordering::Relaxed);
    }
}

/// Whether stderr is a stream of systemd's journal, as systemd.exec(5) says how to tell.
fn stderr_is_journal() -> bool {
    let Some(stream) = std::env::var_os("JOURNAL_STREAM") else { return false };
    rustix::fs::fstat(io::stderr()).is_ok_and(|it| stream.to_str() == Some(&format!("{}:{}", it.st_dev, it.st_ino)))
}

/// Writes to stderr, each event after the priority that the journal takes for its own (sd-daemon(3)).
struct ToJournal;

/// Writes one event.
struct WithPriority(&'static str);

impl<'a> MakeWriter<'a> for ToJournal {
    type Writer = WithPriority;

    fn make_writer(&'a self) -> WithPriority {
        WithPriority(priority(Level::INFO))
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> WithPriority {
        WithPriority(priority(*event.level()))
    }
}

/// What stands before each line of an error that is not logged, because the command ends with it: the priority of an error where stderr
/// goes to the journal, else nothing.
pub fn before_an_error() -> &'static str {
    if stderr_is_journal() { priority(Level::ERROR) } else { "" }
}

fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "<3>",
        Level::WARN => "<4>",
        Level::INFO => "<6>",
        _ => "<7>",
    }
}

impl Write for WithPriority {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        // In one piece, so that no other thread's event comes between.
        io::stderr().write_all(&[self.0.as_bytes(), event].concat())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
