//! What is outside of this program: the relay, whoever is told, the listener, the mail that comes back.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Access, access};

use super::{CheckOutcome, CheckReport, DoctorCheck};
use crate::cli::outbox;
use crate::config::{
    AlertProgram, PrivateListen, PutSettings, RelaySettings, Security, Settings, StoreUrl, TransportSettings,
    WebhookSettings,
};
use crate::daemon::reachable;
use crate::db::Store;
use crate::smtp::ConnectFailure;
use crate::transport::Transport;
use crate::webhook::{CallFailure, ObjectPut, WebhookSender};

/// How long a relay may take until it is ready for a message.
const RELAY_PATIENCE: Duration = Duration::from_secs(30);

/// How long the listener may take to answer a connection.
const LISTENER_PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn look(settings: &Settings) -> Vec<CheckReport> {
    let mut checks = relays(DoctorCheck::Relay, &settings.mail.transport);
    checks.extend(dkim(settings));
    checks.extend(alerts(settings));
    checks.push(public_url(settings));
    let runs = runs(settings);
    checks.push(listener(settings, runs));
    checks.extend(private_listener(settings, runs));
    checks.extend(settings.gate.webhook.as_ref().map(|webhook| reached(DoctorCheck::GateWebhook, webhook)));
    checks.extend(settings.gate.put.as_ref().map(put));
    checks.extend(bounces(settings, runs));
    checks
}

/// All relays. While one of them can be used, another that cannot is nothing that keeps mail from leaving. A folder is not made.
fn relays(check: DoctorCheck, transport: &TransportSettings) -> Vec<CheckReport> {
    if let TransportSettings::Directory(folder) = transport {
        let words = outbox::warning(Some(folder)).unwrap_or_else(|| "".into());
        let remedy = "for a rehearsal nothing; to write to people, set `transport = \"smtp\"`";
        return vec![CheckReport::of(check, CheckOutcome::Warning, words, remedy)];
    }
    let mut checks: Vec<CheckReport> = transport.relays().into_iter().map(|settings| relay(check, settings)).collect();
    if checks.iter().any(|it| it.outcome == CheckOutcome::Ok) {
        for other in checks.iter_mut().filter(|it| it.outcome == CheckOutcome::Error) {
            other.outcome = CheckOutcome::Warning;
        }
    }
    checks
}

/// Connects, encrypts and logs in, and goes again.
fn relay(check: DoctorCheck, relay: &RelaySettings) -> CheckReport {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return CheckReport::failed(check, &error),
    };
    let opened = runtime.block_on(async {
        let open = async {
            let connection = Transport::relay(relay)?.open().await?;
            connection.close().await;
            Ok::<(), ConnectFailure>(())
        };
        tokio::time::timeout(RELAY_PATIENCE, open).await
    });
    let name = relay.name();
    match opened {
        Ok(Ok(())) => CheckReport::ok(check, format!("`{name}` is ready for messages, {}", how(relay))),
        // Everything up to the login is well, and the service can tell the rest.
        Ok(Err(withheld @ ConnectFailure::PasswordWithheld { .. })) => {
            let remedy = "nothing, when the service says no more: see the problems below";
            CheckReport::of(check, CheckOutcome::Unknown, withheld.to_string(), remedy)
        }
        Ok(Err(failure)) => {
            let said = CheckReport::failed(check, &failure);
            let remedy = "mend the relay or its settings; a running daemon goes on by itself";
            CheckReport { remedy: Some(remedy.into()), ..said }
        }
        Err(_) => {
            let words = format!("`{name}` is not ready within {} seconds", RELAY_PATIENCE.as_secs());
            CheckReport::of(check, CheckOutcome::Error, words, "see what keeps it")
        }
    }
}

/// With what letters are signed that go into a folder. Where they go out, the DNS is asked.
fn dkim(settings: &Settings) -> Option<CheckReport> {
    let dkim = settings.mail.dkim.as_ref().filter(|_| settings.mail.transport.outbox().is_some())?;
    let keys: Vec<String> =
        dkim.keys.iter().map(|key| format!("`{}` ({})", dkim.name_of(key), key.key.algorithm().name())).collect();
    let words = format!(
        "letters are signed here; `carillon mail dkim-record` prints what the DNS has to say at {}",
        keys.join(", ")
    );
    Some(CheckReport::ok(DoctorCheck::Dkim, words))
}

/// How a connection is secured, as set and done.
fn how(relay: &RelaySettings) -> &'static str {
    match (relay.security, relay.login.is_some()) {
        (Security::None, false) => "in clear text and without a login",
        (Security::None, true) => "in clear text and logged in",
        (_, false) => "encrypted and without a login",
        (_, true) => "encrypted and logged in",
    }
}

/// Whoever is told of problems. Nobody is told anything now.
fn alerts(settings: &Settings) -> Vec<CheckReport> {
    let Some(alerts) = &settings.alerts else {
        let words = "nobody is told when something is wrong; only a monitor that asks would know";
        let remedy = "add `[alerts]` to the configuration, see docs/operations.md";
        return vec![CheckReport::of(DoctorCheck::Alerts, CheckOutcome::Warning, words, remedy)];
    };
    let mut examined = Vec::new();
    if let Some(command) = &alerts.command {
        examined.push(program(command));
    }
    if let Some(mail) = &alerts.mail {
        examined.extend(relays(DoctorCheck::Alerts, &mail.transport));
    }
    examined.extend(alerts.webhook.as_ref().map(|webhook| reached(DoctorCheck::Alerts, webhook)));
    examined
}

/// Connects to a webhook, encrypts, and goes again. Nothing is told.
fn reached(check: DoctorCheck, settings: &WebhookSettings) -> CheckReport {
    let name = settings.target.url.host();
    let reached = WebhookSender::new(settings).map(|webhook| async move { webhook.reach().await });
    let remedy = "mend it, or see its `url`; what is to be told is tried again by itself";
    connected(check, reached, (format!("`{name}` can be reached"), remedy))
}

/// The same of where the signed file is put. Nothing is put: whether it is taken is only known when the daemon puts it.
fn put(settings: &PutSettings) -> CheckReport {
    let name = settings.target.url.host();
    let reached = ObjectPut::new(settings).map(|put| async move { put.reach().await });
    let words = format!(
        "`{name}` can be reached; whether it takes the file is seen when the daemon puts it, in `carillon status`"
    );
    let remedy = "mend it, or see its `url`; the newest file is put again by itself";
    connected(DoctorCheck::GatePut, reached, (words, remedy))
}

fn connected(
    check: DoctorCheck,
    reached: Result<impl Future<Output = Result<(), CallFailure>>, CallFailure>,
    (words, remedy): (String, &'static str),
) -> CheckReport {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return CheckReport::failed(check, &error),
    };
    match reached.and_then(|reached| runtime.block_on(reached)) {
        Ok(()) => CheckReport::ok(check, words),
        Err(failure) => CheckReport { remedy: Some(remedy.into()), ..CheckReport::failed(check, &failure) },
    }
}

fn program(command: &AlertProgram) -> CheckReport {
    let found = candidates(&command.program).into_iter().find(|path| can_be_run(path));
    if let Some(path) = found {
        return CheckReport::ok(DoctorCheck::Alerts, format!("`{}` can be started", path.display()));
    }
    let name = command.program.display();
    let words = format!("the program `{name}` of `command` in `[alerts]` is not there or may not be run");
    CheckReport::of(
        DoctorCheck::Alerts,
        CheckOutcome::Error,
        words,
        "put it there, and try it with `carillon alert test`",
    )
}

/// Where a program may be: at its place, or in `PATH`.
fn candidates(program: &Path) -> Vec<PathBuf> {
    if program.components().count() > 1 {
        return vec![program.to_owned()];
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(program)).collect()
}

fn can_be_run(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

fn public_url(settings: &Settings) -> CheckReport {
    let url = settings.public.url.as_str();
    if settings.public.url.is_https() {
        return CheckReport::ok(DoctorCheck::PublicUrl, format!("links lead to `{url}`, encrypted"));
    }
    let words = format!("links lead to `{url}`, which is not encrypted: for a rehearsal alone");
    CheckReport::of(
        DoctorCheck::PublicUrl,
        CheckOutcome::Warning,
        words,
        "write an https:// address before people get mail",
    )
}

/// Whether the daemon answers, or whether there is room for one.
fn listener(settings: &Settings, runs: Option<bool>) -> CheckReport {
    let listen = &settings.public.listen;
    let address = listen.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    let Some(address) = address else {
        let words = format!("`{listen}` is no address of this machine");
        return CheckReport::of(DoctorCheck::Listener, CheckOutcome::Error, words, "see `listen` in `[public]`");
    };
    judge_listener(DoctorCheck::Listener, (listen, "`listen` in `[public]`"), answers(address), runs)
}

/// The same of the listener for those who look after the daemon, where there is to be one.
fn private_listener(settings: &Settings, runs: Option<bool>) -> Option<CheckReport> {
    let listen = settings.private.as_ref()?;
    let named = (&*listen.to_string(), "`listen` in `[private]`");
    Some(judge_listener(DoctorCheck::PrivateListener, named, answers_at(listen), runs))
}

/// Whether a daemon has the store, where that can be seen.
fn runs(settings: &Settings) -> Option<bool> {
    match &settings.store {
        StoreUrl::Sqlite(_) => Store::open(&settings.store).ok().and_then(|store| store.is_locked_by_daemon()),
        StoreUrl::Postgres(_) => None,
    }
}

fn answers(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&reachable(address), LISTENER_PATIENCE).is_ok()
}

fn answers_at(door: &PrivateListen) -> bool {
    match door {
        PrivateListen::Tcp(address) => answers(*address),
        PrivateListen::Unix(path) => UnixStream::connect(path).is_ok(),
    }
}

/// `setting` is the one in which the address stands, and `runs` says whether a daemon has the store, where that can be seen.
fn judge_listener(
    check: DoctorCheck,
    (listen, setting): (&str, &str),
    answers: bool,
    runs: Option<bool>,
) -> CheckReport {
    match (answers, runs) {
        (true, Some(false)) => {
            let words = format!("another program listens on `{listen}`");
            let remedy = format!("end it, or write another {setting}");
            CheckReport::of(check, CheckOutcome::Error, words, remedy)
        }
        (true, _) => CheckReport::ok(check, format!("`{listen}` answers")),
        (false, Some(true)) => {
            let words = format!("a daemon runs, and nobody answers on `{listen}`");
            let remedy = "see why in the daemon's log, or start it again";
            CheckReport::of(check, CheckOutcome::Error, words, remedy)
        }
        (false, _) => CheckReport::ok(check, format!("`{listen}` is free for a daemon")),
    }
}

/// Where mail comes back: the folder, and the address at which a mail server hands it over.
fn bounces(settings: &Settings, runs: Option<bool>) -> Vec<CheckReport> {
    let Some(bounces) = &settings.bounces else { return Vec::new() };
    let lmtp = bounces.lmtp.as_ref().map(|listen| {
        let named = (&*listen.to_string(), "`lmtp` in `[bounces]`");
        judge_listener(DoctorCheck::Bounces, named, answers_at(listen), runs)
    });
    bounces.maildir.as_deref().map(returned_folder).into_iter().chain(lmtp).collect()
}

fn returned_folder(maildir: &Path) -> CheckReport {
    for part in ["new", "cur"] {
        let folder = maildir.join(part);
        let usable = fs::read_dir(&folder).and_then(|_| access(&folder, Access::WRITE_OK).map_err(io::Error::from));
        if let Err(error) = usable {
            let words = format!("`{}` cannot be read and written: {error}", folder.display());
            let remedy =
                "give the daemon's user the folder that `maildir` in `[bounces]` names, with `new` and `cur` in it";
            return CheckReport::of(DoctorCheck::Bounces, CheckOutcome::Error, words, remedy);
        }
    }
    CheckReport::ok(DoctorCheck::Bounces, format!("`{}` can be read and written", maildir.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_the_daemon_or_to_nobody() {
        for (answers, runs, expected) in [
            (true, Some(true), CheckOutcome::Ok),
            (true, Some(false), CheckOutcome::Error),
            (true, None, CheckOutcome::Ok),
            (false, Some(true), CheckOutcome::Error),
            (false, Some(false), CheckOutcome::Ok),
            (false, None, CheckOutcome::Ok),
        ] {
            let named = ("x", "`listen` in `[public]`");
            let judged = judge_listener(DoctorCheck::Listener, named, answers, runs);
            assert_eq!(judged.outcome, expected, "{answers} {runs:?}");
        }
    }
}
