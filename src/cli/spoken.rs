//! What a command says, kept for whoever tells of it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// What a command wrote. Clones are one.
#[derive(Clone, Default)]
pub(super) struct SharedLog(Arc<Mutex<Vec<u8>>>);

impl SharedLog {
    /// All of it.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// All that was written since this was asked last.
    pub(super) fn take(&self) -> String {
        let written = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&written).into_owned()
    }
}

impl io::Write for SharedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
