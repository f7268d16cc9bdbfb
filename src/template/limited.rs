//! A writer that refuses past a limit, which ends a template that would never end itself.

use std::io::{self, Write};

/// Takes bytes up to its limit.
pub(super) struct Limited {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl Limited {
    /// A writer that takes `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::with_capacity(16 * 1024), limit, full: false }
    }

    /// Whether it has refused anything.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// What was written.
    pub(super) fn into_text(self) -> String {
        String::from_utf8(self.bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.full = true;
            return Err(io::Error::other("the limit is reached"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
