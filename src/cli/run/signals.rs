//! The signals that a daemon listens to. Without a handler each would end it at once, with messages begun.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Signalled {
    /// To stop: SIGTERM, SIGINT, SIGQUIT.
    Stop,
    /// To read the configuration anew: SIGHUP.
    Reload,
}

/// The signals.
pub(in crate::cli) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    hang_up: Signal,
    user_1: Signal,
    user_2: Signal,
    /// A file has met a limit of its size: whoever wrote to it is told of it as of a full disk.
    file_size: Signal,
}

impl Signals {
    pub(in crate::cli) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hang_up: signal(SignalKind::hangup())?,
            user_1: signal(SignalKind::user_defined1())?,
            user_2: signal(SignalKind::user_defined2())?,
            file_size: signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?,
        })
    }

    /// Waits for a signal that asks for something.
    pub(in crate::cli) async fn next(&mut self) -> Signalled {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Signalled::Stop,
                _ = self.interrupt.recv() => return Signalled::Stop,
                _ = self.quit.recv() => return Signalled::Stop,
                _ = self.hang_up.recv() => return Signalled::Reload,
                _ = self.user_1.recv() => {}
                _ = self.user_2.recv() => {}
                _ = self.file_size.recv() => {}
            }
        }
    }

    /// Waits for one that asks to stop.
    pub(in crate::cli) async fn stop(&mut self) {
        while self.next().await != Signalled::Stop {}
    }
}
