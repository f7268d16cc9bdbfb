//! How far a long command is, on a terminal: how much is done, how quickly, how long it still takes.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::Context;
use crate::phrase;
use crate::phrase::Phrase;

/// How often the line changes.
const PACE: Duration = Duration::from_millis(500);

/// A line on the terminal that is written over and over. Where standard error is no terminal there is none.
pub(super) struct ProgressLine {
    begun: Instant,
    shown: Instant,
    /// Bytes of the file, and how many of them were read.
    total: u64,
    read: Arc<AtomicU64>,
    is_on: bool,
}

impl ProgressLine {
    /// Of a file with `total` bytes, of which `read` counts those that were read.
    pub(super) fn start(total: u64, read: Arc<AtomicU64>) -> Self {
        let now = Instant::now();
        Self { begun: now, shown: now, total, read, is_on: std::io::stderr().is_terminal() }
    }

    /// Shows that `rows` are done, when it is time to.
    pub(super) fn show(&mut self, rows: u64, context: &mut Context) -> std::io::Result<()> {
        if !self.is_on || self.shown.elapsed() < PACE {
            return Ok(());
        }
        self.shown = Instant::now();
        let line = context.words(&line(rows, self.begun.elapsed(), self.read.load(Ordering::Relaxed), self.total));
        write!(context.err, "\r{line}\x1b[K")?;
        context.err.flush()
    }

    /// Takes the line away.
    pub(super) fn end(self, context: &mut Context) -> std::io::Result<()> {
        if self.is_on {
            write!(context.err, "\r\x1b[K")?;
        }
        Ok(())
    }
}

/// `120,000 rows, 61,500 a second, 48%, 14 s left`, after `elapsed` and `read` of `total` bytes.
fn line(rows: u64, elapsed: Duration, read: u64, total: u64) -> Phrase {
    let count = |count: u128| u64::try_from(count).unwrap_or(u64::MAX);
    let tenths = elapsed.as_millis().max(1) / 100;
    let rate = count(u128::from(rows) * 10 / tenths.max(1));
    let (read, total) = (u128::from(read), u128::from(total));
    if read == 0 || total < read {
        return phrase!("progress", rows = rows, rate = rate);
    }
    let left = elapsed.as_millis() * (total - read) / read / 1_000;
    let left = if left >= 60 { format!("{} min {} s", left / 60, left % 60) } else { format!("{left} s") };
    phrase!("progress-left", rows = rows, rate = rate, percent = count(read * 100 / total), left = left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_much_how_quickly_and_how_long() {
        let line = |rows, seconds, read, total| line(rows, Duration::from_secs(seconds), read, total).to_string();
        assert_eq!(line(120_000, 2, 48, 100), "120,000 rows, 60,000 a second, 48%, 2 s left");
        assert_eq!(line(1_000_000, 20, 10, 100), "1,000,000 rows, 50,000 a second, 10%, 3 min 0 s left");
        assert_eq!(line(999, 1, 0, 100), "999 rows, 999 a second", "nothing is known of the rest yet");
        assert_eq!(line(0, 0, 5, 0), "0 rows, 0 a second", "a pipe has no length");
    }
}
