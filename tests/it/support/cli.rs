//! Runs the real binary and holds what it said.

use std::path::Path;
use std::process::{Command, Output};

/// What a finished command said.
#[derive(Debug)]
pub struct Said {
    /// Data.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
    /// The exit code.
    pub code: i32,
}

/// Runs `carillon` with `arguments` in `folder`, with nothing of the caller's environment that it reads.
#[track_caller]
pub fn carillon(folder: &Path, arguments: &[&str]) -> Said {
    Said::of(command(folder, arguments).output().unwrap())
}

/// The command that [`carillon`] runs, for tests that feed or kill it.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carillon"));
    command.args(arguments).current_dir(folder);
    for name in ["CARILLON_CONFIG", "CARILLON_STORE_URL", "CARILLON_SMTP_PASSWORD", "CARILLON_LANG"] {
        command.env_remove(name);
    }
    command.env("CARILLON_USER", "camille").env("LC_ALL", "C.UTF-8");
    command
}

impl Said {
    /// What a finished process said.
    pub fn of(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// Asserts the exit code, showing everything when it differs.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// The first of these programs that can do what the probe needs. A strict run asks for one.
pub fn first_that_runs(programs: &[&'static str], probe: &[&str]) -> Option<&'static str> {
    let can = |program: &&&str| Command::new(program).args(probe).output().is_ok_and(|output| output.status.success());
    let found = programs.iter().find(can).copied();
    assert!(
        found.is_some() || std::env::var_os("CARILLON_TEST_STRICT").is_none(),
        "none of {programs:?} runs {probe:?}"
    );
    found
}
