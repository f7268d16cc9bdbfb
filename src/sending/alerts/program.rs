//! Starts the operator's program with an event on its standard input, and ends it when it takes too long. Without a shell: no word
//! of the configuration or of an event is read as anything but itself.

use std::io::{self, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::config::AlertProgram;

/// How much of what it says is kept.
const SAID: u64 = 2_000;

/// How long what it said may take to arrive once it has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What of the daemon's environment is not its concern: secrets, and the service manager's ear.
const KEPT_FROM_IT: [&str; 6] = [
    "CARILLON_STORE_URL",
    "CARILLON_SMTP_PASSWORD",
    "CREDENTIALS_DIRECTORY",
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
];

/// Why a program did not tell anybody.
#[derive(Debug, thiserror::Error)]
pub enum ProgramFailure {
    /// It cannot be started.
    #[error("`{program}` cannot be started: {why}")]
    NotStarted {
        /// The program, without its arguments.
        program: String,
        /// Why.
        why: String,
    },
    /// It ended, and said by its exit code that it failed.
    #[error("`{program}` ended with {status}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// It did not end in time and was stopped.
    #[error("`{program}` did not end within {seconds} seconds and was stopped")]
    TooSlow {
        /// The program.
        program: String,
        /// How long it had.
        seconds: u64,
    },
}

impl ProgramFailure {
    /// `command` could not be started, because of `why`.
    pub(super) fn not_started(command: &AlertProgram, why: &io::Error) -> Self {
        Self::NotStarted { program: command.program.display().to_string(), why: why.to_string() }
    }
}

/// Runs `command` in `folder` with `input`. Says how it ended, and the beginning of what it said.
pub(super) fn run(
    command: &AlertProgram,
    folder: &Path,
    input: Vec<u8>,
    limit: Duration,
) -> (Result<String, ProgramFailure>, String) {
    let program = || command.program.display().to_string();
    match Running::start(command, folder, input).and_then(|running| running.end(limit)) {
        Err(why) => (Err(ProgramFailure::not_started(command, &why)), String::new()),
        Ok((None, said)) => (Err(ProgramFailure::TooSlow { program: program(), seconds: limit.as_secs() }), said),
        Ok((Some(status), said)) if status.success() => (Ok(format!("`{}` ended well", program())), said),
        Ok((Some(status), said)) => (Err(ProgramFailure::Failed { program: program(), status }), said),
    }
}

/// A program that runs, in a process group of its own.
struct Running {
    child: Child,
    pid: Pid,
    ended: mpsc::Receiver<()>,
    said: mpsc::Receiver<Vec<u8>>,
}

impl Running {
    fn start(command: &AlertProgram, folder: &Path, input: Vec<u8>) -> io::Result<Self> {
        let (mut heard, speaks) = io::pipe()?;
        // Seen from where this process is, not from where the program is to be.
        let is_file = command.program.components().count() > 1;
        let program = if is_file { std::path::absolute(&command.program)? } else { command.program.clone() };
        let mut starting = Command::new(program);
        starting.args(&command.arguments).process_group(0);
        if !folder.as_os_str().is_empty() {
            starting.current_dir(folder);
        }
        for name in KEPT_FROM_IT {
            starting.env_remove(name);
        }
        starting.stdin(Stdio::piped()).stdout(speaks.try_clone()?).stderr(speaks);
        let mut child = starting.spawn()?;
        // Our own end of its output: without it there is an end to read.
        drop(starting);
        let pid = Pid::from_child(&child);
        let (tell_end, ended) = mpsc::channel();
        let (tell_said, said) = mpsc::channel();
        let stdin = child.stdin.take();
        let running = Self { child, pid, ended, said };
        let started = spawn("alert input", move || {
            if let Some(mut stdin) = stdin {
                // A program need not read what it is told.
                let _ = stdin.write_all(&input);
            }
        })
        .and_then(|()| {
            spawn("alert output", move || {
                let mut kept = Vec::new();
                let read = (&mut heard).take(SAID).read_to_end(&mut kept);
                let _ = tell_said.send(kept);
                // The rest is taken from it, so that it does not wait for a reader.
                let _ = read.and_then(|_| io::copy(&mut heard, &mut io::sink()));
            })
        })
        .and_then(|()| {
            spawn("alert end", move || {
                // It stays to be waited for, so that its number is nobody else's until its group is ended.
                let until = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
                while matches!(waitid(WaitId::Pid(pid), until), Err(Errno::INTR)) {}
                let _ = tell_end.send(());
            })
        });
        match started {
            Ok(()) => Ok(running),
            Err(error) => {
                running.end(Duration::ZERO)?;
                Err(error)
            }
        }
    }

    /// Waits until it has ended, for `limit` at most; then ends it, and whatever it has started. How it ended, when in time, and
    /// what it said.
    fn end(mut self, limit: Duration) -> io::Result<(Option<ExitStatus>, String)> {
        let in_time = self.ended.recv_timeout(limit).is_ok();
        match kill_process_group(self.pid, Signal::KILL) {
            // Nobody of them is left, or only such as run under another account.
            Ok(()) | Err(Errno::SRCH | Errno::PERM) => {}
            Err(error) => return Err(error.into()),
        }
        let status = self.child.wait()?;
        let said = self.said.recv_timeout(LAST_WORDS).unwrap_or_default();
        Ok((in_time.then_some(status), String::from_utf8_lossy(&said).into_owned()))
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> AlertProgram {
        AlertProgram { program: "sh".into(), arguments: vec!["-c".to_owned(), script.to_owned()] }
    }

    fn ran(command: &AlertProgram, input: &[u8], limit: Duration) -> (Result<String, String>, String) {
        let (ended, said) = run(command, Path::new("."), input.to_vec(), limit);
        (ended.map_err(|failure| failure.to_string()), said)
    }

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn a_program_gets_the_event_and_says_by_its_exit_code_whether_it_told_somebody() {
        let well = Ok("`sh` ended well".to_owned());
        assert_eq!(ran(&shell("cat; echo heard >&2"), b"{}\n", LONG), (well.clone(), "{}\nheard\n".to_owned()));
        // It need not read, however much there is to read.
        assert_eq!(ran(&shell("exit 0"), &vec![b'x'; 1 << 20], LONG), (well.clone(), String::new()));
        let failed = Err("`sh` ended with exit status: 3".to_owned());
        assert_eq!(ran(&shell("echo no; exit 3"), b"", LONG), (failed, "no\n".to_owned()));
        let (ended, said) = ran(&shell("yes | head -c 100000"), b"", LONG);
        assert_eq!((ended, said.len()), (well, 2_000));
    }

    #[test]
    fn a_program_that_takes_too_long_is_stopped_with_what_it_started() {
        let slow = Err("`sh` did not end within 0 seconds and was stopped".to_owned());
        let begun = std::time::Instant::now();
        assert_eq!(ran(&shell("sleep 100 & sleep 100"), b"", Duration::ZERO), (slow, String::new()));
        let left = ran(&shell("sleep 100 & echo gone"), b"", LONG);
        assert_eq!(left, (Ok("`sh` ended well".to_owned()), "gone\n".to_owned()));
        assert!(begun.elapsed() < LONG);
    }

    #[test]
    fn a_program_that_is_not_there_is_said_to_be_missing() {
        let absent = AlertProgram { program: "./none".into(), arguments: vec!["a@example.fr".to_owned()] };
        let (ended, _) = ran(&absent, b"", LONG);
        assert_eq!(ended, Err("`./none` cannot be started: No such file or directory (os error 2)".to_owned()));
    }
}
