//! The signed schedule is put where others take it: the newest, until it is there, and nowhere but to the one address that is set.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use carillon::config::{CallTarget, Overrides, PutSettings, Settings};
use carillon::problem::ProblemKind;
use carillon::text::WebAddress;
use carillon::webhook::{CallFailure, ObjectPut};
use serde_json::Value;

use crate::support::backend::{Backend, Fresh, both};
use crate::support::cli::{carillon, first_that_runs};
use crate::support::house::{Daemon, House, wait_for};
use crate::support::receiver::Receiver;
use crate::support::relay::Relay;

const TOKEN: &str = "f0c9d1a7b3e54812";

fn settings(port: u16) -> PutSettings {
    let url = WebAddress::parse(&format!("http://127.0.0.1:{port}/shop/gates.jwt")).unwrap();
    PutSettings {
        target: CallTarget { url, ca_file: None, private_addresses: true },
        token: Some(TOKEN.into()),
        headers: Vec::new(),
    }
}

async fn put(port: u16) -> Result<u16, CallFailure> {
    let put = ObjectPut::new(&settings(port)).unwrap();
    put.put("a.b.c".to_owned(), "application/jwt", "public").await.map(|status| status.as_u16())
}

#[tokio::test]
async fn only_success_is_success_and_no_redirect_is_followed() {
    let receiver = Receiver::start(None);
    for status in ["200 OK", "201 Created", "204 No Content"] {
        receiver.answers(status);
        assert_eq!(put(receiver.port).await.unwrap(), status[..3].parse::<u16>().unwrap());
    }
    for status in ["301 Moved Permanently", "307 Temporary Redirect", "403 Forbidden", "500 Internal Server Error"] {
        receiver.answers(status);
        let failure = put(receiver.port).await.unwrap_err().to_string();
        assert_eq!(failure, format!("`127.0.0.1` answers with {status}"));
    }
    let calls = receiver.calls();
    assert_eq!(calls.len(), 7, "nothing is asked elsewhere");
    assert!(calls[0].head.starts_with("PUT /shop/gates.jwt HTTP/1.1\r\n"), "{}", calls[0].head);
    assert_eq!(calls[0].header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(calls[0].header("content-type"), "application/jwt");
    assert_eq!((calls[0].header("cache-control"), calls[0].body.as_str()), ("public", "a.b.c"));
    // Nobody there.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    let failure = put(port).await.unwrap_err();
    assert!(matches!(failure, CallFailure::Unreachable { .. }) && !failure.to_string().contains("shop"), "{failure}");
    // An inner address that nobody meant.
    let mut inwards = settings(receiver.port);
    inwards.target.private_addresses = false;
    let refused = ObjectPut::new(&inwards).unwrap().put("x".to_owned(), "a/b", "public").await.unwrap_err();
    assert!(matches!(refused, CallFailure::Inner { .. }), "{refused}");
    assert_eq!(receiver.calls().len(), 7);
}

fn secret(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
    fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
}

/// Writes `[gate.put]` behind the configuration in `folder`, and the files that it names.
fn with_put(folder: &Path, url: &str) {
    let path = folder.join("carillon.toml");
    let text = fs::read_to_string(&path).unwrap();
    let table = format!(
        "[gate.put]\nurl = \"{url}\"\ntoken_file = \"put.token\"\nheaders_file = \"put.headers\"\nprivate_addresses = true\n"
    );
    fs::write(&path, format!("{text}\n{table}")).unwrap();
    secret(folder, "put.token", &format!("{TOKEN}\n"));
    secret(folder, "put.headers", "# for an object store of another kind\nx-api-key: 0123\n");
}

#[test]
fn a_put_that_cannot_be_used_is_found_at_its_line() {
    let fresh = Fresh::empty(Backend::Sqlite);
    let folder = fresh.folder.path();
    crate::support::shop::configure(folder);
    let path = folder.join("carillon.toml");
    let text = fs::read_to_string(&path).unwrap();
    let load = || Settings::load(&path, &Overrides::default());
    let fails = |said: &str| {
        let error = load().unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
        assert!(!error.contains(TOKEN) && !error.contains("hidden"), "{error}");
    };
    with_put(folder, "http://files.example.net/gates.jwt");
    fails("would not be encrypted");
    fs::write(&path, &text).unwrap();
    with_put(folder, "https://files.example.net/gates.jwt");
    load().unwrap();
    secret(folder, "put.token", "short");
    fails("`token_file` in `[gate.put]`");
    secret(folder, "put.token", TOKEN);
    secret(folder, "put.headers", "x-hidden: hidden\nAuthorization: Basic hidden\n");
    fails("line 2 of");
    secret(folder, "put.headers", "x-hidden: hidden\n");
    fs::set_permissions(folder.join("put.headers"), fs::Permissions::from_mode(0o644)).unwrap();
    fails("chmod 600");
    fs::remove_file(folder.join("put.headers")).unwrap();
    fails("cannot be read");
}

/// The part of a signed file that says which gates there are.
fn cancelled(file: &str) -> Value {
    use base64::Engine as _;
    let payload = file.trim().split('.').nth(1).unwrap();
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice::<Value>(&payload).unwrap()["gates"][0]["cancelled"].clone()
}

both!(the_newest_schedule_is_put_until_it_is_there, |backend| {
    let (relay, receiver) = (Relay::start(), Receiver::start(None));
    let shop = House::new(backend, 1, relay.port());
    with_put(&shop.folder, &format!("http://127.0.0.1:{}/gates.jwt", receiver.port));
    receiver.answers("500 Internal Server Error");
    let daemon = shop.daemon_with_log();
    let title = ProblemKind::ScheduleNotPut.traits().title;
    let stands = || shop.run(&["problem", "list"]).contains(title);
    wait_for(stands);
    wait_for(|| receiver.calls().len() == 2 && !stands());
    let calls = receiver.calls();
    assert_eq!(calls[0].header("x-api-key"), "0123");
    assert_eq!(calls[0].header("content-type"), "application/jwt");
    let served = shop.get("/gates.jwt");
    let control = served.lines().find_map(|line| line.strip_prefix("cache-control: ")).unwrap();
    assert_eq!(calls[1].header("cache-control"), control, "caches keep it for as long as the one that is served");
    assert_eq!(cancelled(&calls[1].body), false);
    // As it was refused nobody needs it any more: what comes next is the cancelled one.
    receiver.answers("403 Forbidden");
    shop.run(&["campaign", "cancel", "hiver", "--yes"]);
    wait_for(|| receiver.calls().iter().filter(|call| cancelled(&call.body) == true).count() == 2);
    wait_for(|| !stands());
    // When an hour begins it is another file, a moment later.
    wait_for(|| shop.get("/gates.jwt").rsplit("\r\n\r\n").next() == receiver.calls().last().map(|call| &*call.body));
    assert_eq!(daemon.terminate(), Some(0));
    assert!(!shop.log().contains(TOKEN), "{}", shop.log());
});

#[test]
fn doctor_tries_to_reach_it_and_puts_nothing() {
    let receiver = Receiver::start(None);
    let fresh = Fresh::empty(Backend::Sqlite);
    let folder = fresh.folder.path();
    crate::support::shop::configure(folder);
    with_put(folder, &format!("http://127.0.0.1:{}/gates.jwt", receiver.port));
    let report: Value = serde_json::from_str(&carillon(folder, &["doctor", "--json"]).stdout).unwrap();
    let found = |report: &Value| {
        let checks = report["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["check"] == "gate-put").unwrap()
    };
    assert_eq!(found(&report)["outcome"], "ok", "{report}");
    assert_eq!(receiver.calls().len(), 0);
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let path = folder.join("carillon.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(&format!(":{}/gates.jwt", receiver.port), &format!(":{gone}/gates.jwt"))).unwrap();
    let report: Value = serde_json::from_str(&carillon(folder, &["doctor", "--json"]).stdout).unwrap();
    assert_eq!(found(&report)["outcome"], "error", "{report}");
}

/// nginx as the guide has it, in `folder`.
fn nginx(folder: &Path, port: u16) -> String {
    let place = folder.display();
    let documented = fs::read_to_string(crate::tidy::root().join("docs/gate.md")).unwrap();
    let block = documented.split("```nginx\n").nth(1).unwrap().split("```").next().unwrap();
    let location = block.replace("/srv/carillon", &place.to_string()).replace("THE-TOKEN", TOKEN);
    format!(
        "daemon off; master_process off; pid {place}/pid; error_log {place}/error.log;\nevents {{}}\nhttp {{ access_log off;\n\
         client_body_temp_path {place}/tmp; proxy_temp_path {place}/p; fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u; \
         scgi_temp_path {place}/s;\nserver {{ listen 127.0.0.1:{port};\n{location}\n}} }}\n"
    )
}

#[test]
fn nginx_takes_it_as_the_guide_says() {
    let Some(program) = first_that_runs(&["nginx", "/usr/sbin/nginx"], &["-v"]) else { return };
    let relay = Relay::start();
    let shop = House::new(Backend::Sqlite, 1, relay.port());
    let web = shop.folder.parent().unwrap().join("web");
    fs::create_dir(&web).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    fs::write(web.join("nginx.conf"), nginx(&web, port)).unwrap();
    let mut server = Command::new(program);
    server.args(["-e", "stderr", "-p"]).arg(&web).arg("-c").arg(web.join("nginx.conf")).stderr(Stdio::null());
    let server = Daemon::start(server);
    with_put(&shop.folder, &format!("http://127.0.0.1:{port}/carillon/gates.jwt"));
    let daemon = shop.daemon_with_log();
    shop.wait_until_listening();
    let put = web.join("carillon/gates.jwt");
    wait_for(|| shop.get("/gates.jwt").rsplit("\r\n\r\n").next() == fs::read_to_string(&put).ok().as_deref());
    // Another token is refused.
    secret(&shop.folder, "put.token", "another-token-than-that");
    daemon.signal("-HUP");
    wait_for(|| shop.run(&["problem", "list"]).contains("answers with 403 Forbidden"));
    assert_eq!(daemon.terminate(), Some(0));
    drop(server);
}
