//! A PostgreSQL server with a standby: the server is killed in the middle of a mailing, and the standby takes over. Two clusters of the
//! test's own, on sockets in its folder.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use carillon::config::StoreUrl;

use crate::crash::tally;
use crate::support::backend::Fresh;
use crate::support::cli::carillon;
use crate::support::house::{House, wait_for};
use crate::support::relay::{Relay, Script};
use tempfile::TempDir;

/// Where the programs of the server are; none where it is not installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.sort();
    found.pop().filter(|programs| programs.join("pg_basebackup").exists())
}

/// A server, in a folder of its own beside its socket.
struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    /// The number of its first process, while it runs.
    server: RefCell<Option<String>>,
}

impl Cluster {
    /// Runs a program of the server: it refuses to be run by root.
    #[track_caller]
    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if rustix::process::getuid().is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let ended = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
        assert!(ended.success(), "{arguments:?}");
    }

    fn data(&self) -> String {
        self.folder.join(format!("data-{}", self.port)).display().to_string()
    }

    fn start(&self) {
        let folder = self.folder.display();
        let (data, log) = (self.data(), format!("{folder}/log-{}", self.port));
        let options = format!("-c listen_addresses= -c unix_socket_directories={folder} -p {}", self.port);
        self.run("pg_ctl", &["-D", &data, "-w", "-s", "-l", &log, "-o", &options, "start"]);
        let file = fs::read_to_string(Path::new(&self.data()).join("postmaster.pid")).unwrap();
        self.server.replace(file.lines().next().map(str::to_owned));
    }

    fn asked(&self, statement: &str) -> String {
        let (folder, port) = (self.folder.display().to_string(), self.port.to_string());
        let asked = Command::new(self.programs.join("psql"))
            .args(["-h", &folder, "-p", &port, "-U", "carillon", "-d", "postgres", "-qAt", "-c", statement])
            .output()
            .unwrap();
        String::from_utf8(asked.stdout).unwrap().trim().to_owned()
    }

    /// `kill -9` of the server and of all that it has started. Says whether it ran.
    fn kill(&self) -> bool {
        let Some(server) = self.server.take() else { return false };
        let of_server = |pid: &String| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            status.lines().any(|line| line.strip_prefix("PPid:").is_some_and(|parent| parent.trim() == server))
        };
        let all = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let theirs: Vec<String> = all.filter(|name| name.parse::<u32>().is_ok()).filter(of_server).collect();
        // One that has just ended by itself is no matter.
        Command::new("kill").arg("-9").arg(&server).args(theirs).stderr(Stdio::null()).status().unwrap();
        true
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A server and its standby, which is sure of every commit before it is told.
fn servers(folder: &TempDir) -> Option<(Cluster, Cluster)> {
    let programs = programs()?;
    let folder = folder.path().join("servers");
    fs::create_dir(&folder).unwrap();
    if rustix::process::getuid().is_root() {
        Command::new("chown").arg("postgres").arg(&folder).status().unwrap();
    }
    let cluster =
        |port| Cluster { programs: programs.clone(), folder: folder.clone(), port, server: RefCell::default() };
    let (first, second) = (cluster(5441), cluster(5442));
    first.run("initdb", &["-D", &first.data(), "-A", "trust", "-U", "carillon", "--locale=C", "--encoding=UTF8", "-N"]);
    first.start();
    let from = format!("host={} port={} user=carillon application_name=standby", folder.display(), first.port);
    second.run("pg_basebackup", &["-D", &second.data(), "-R", "-X", "stream", "-c", "fast", "-N", "-d", &from]);
    second.start();
    first.asked("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
    first.asked("SELECT pg_reload_conf()");
    wait_for(|| first.asked("SELECT sync_state FROM pg_stat_replication") == "sync");
    Some((first, second))
}

/// A folder for servers, which other users' programs can come in to.
fn place() -> TempDir {
    let folder = TempDir::with_prefix("carillon-test-").unwrap();
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn gates_that_nobody_has_asked_for_are_answered_while_the_server_is_away() {
    let folder = place();
    let Some((server, _standby)) = servers(&folder) else {
        assert!(std::env::var_os("CARILLON_TEST_STRICT").is_none(), "no PostgreSQL server is installed");
        return;
    };
    let socket = server.folder.display().to_string();
    let url = format!("postgres:///postgres?host={socket}&port={}&user=carillon", server.port);
    let relay = Relay::start();
    let house = House::on(Fresh { folder, url: StoreUrl::Postgres(url) }, 1, relay.port());
    house.run(&["campaign", "pause", "hiver"]);
    let daemon = house.daemon_with_log();
    house.wait_until_listening();
    house.wait_until_ready();
    assert!(server.kill());
    assert!(house.get("/gates/hiver").starts_with("HTTP/1.1 200"));
    // Nor does it forget them when its settings are read anew meanwhile.
    daemon.signal("-HUP");
    wait_for(|| house.log().contains("the configuration was read anew and is in force"));
    for path in ["/gates/hiver", "/gates", "/campaigns/hiver", "/"] {
        assert!(house.get(path).starts_with("HTTP/1.1 200"), "{path}");
    }
    let log = house.log();
    assert!(!log.contains("the store is busy"), "nobody keeps it locked: {log}");
    drop(daemon);
}

#[test]
fn a_standby_that_takes_over_loses_nothing_and_sends_nothing_twice() {
    let folder = place();
    let Some((first, second)) = servers(&folder) else {
        assert!(std::env::var_os("CARILLON_TEST_STRICT").is_none(), "no PostgreSQL server is installed");
        return;
    };
    let socket = first.folder.display().to_string();
    let url = format!(
        "postgres:///postgres?host={socket},{socket}&port={},{}&user=carillon&target_session_attrs=read-write",
        first.port, second.port
    );
    let members = 900;
    let relay = Relay::with(Script { takes: Duration::from_millis(20), ..Script::default() });
    let house = House::on(Fresh { folder, url: StoreUrl::Postgres(url) }, members, relay.port());
    let daemon = house.daemon_with_log();
    relay.wait_for(200);
    assert!(first.kill());
    // Nobody knows yet that there is another one; nothing is handed over, and the daemon lives.
    wait_for(|| house.get("/ready").contains("store-unwritable"));
    let sent = relay.count();
    second.run("pg_ctl", &["-D", &second.data(), "-w", "-s", "promote"]);
    // Whether the standby had everything nobody can see: a person is asked.
    wait_for(|| house.get("/ready").contains("sending-held"));
    assert_eq!(relay.count(), sent);
    let status = carillon(&house.folder, &["status"]).stdout;
    assert!(status.contains("mail resolve --latest"), "{status}");
    house.run(&["mail", "resolve", "--latest"]);
    house.wait_until_finished();
    assert_eq!(daemon.terminate(), Some(0));
    let tally = tally(relay.recipients());
    let twice: Vec<_> = tally.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "written to twice: {twice:?}\n{}", house.log());
    let (accepted, in_doubt) = (house.count("accepted"), house.count("in-doubt"));
    assert_eq!((house.report()["planned"].as_u64(), accepted + in_doubt), (Some(members as u64), members));
    // What was claimed when the server died, and nothing else: 32 for each of eight connections.
    assert!(in_doubt <= 8 * 32 + 8, "{in_doubt}");
    assert!(tally.len() + in_doubt >= members && accepted <= tally.len(), "{} {in_doubt}", tally.len());
}
