//! The script for pages of shops, in a browser: on a page of another origin, whose clock is wrong.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use carillon::clock::Clock;
use carillon::http::{App, Pages, serve};
use carillon::keys::Keyring;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::support::backend::{Backend, Fresh};
use crate::support::cli::first_that_runs;
use crate::support::shop::{Applied, WINTER, configure};
use crate::tidy::root;

/// How long a browser may take for anything, on a machine that has much to do.
const PATIENCE: Duration = Duration::from_mins(2);

/// A page of a shop. It tells what it shows whenever that changes. Waits of a poll are shorter on it, and its clock is wrong.
const PAGE: &str = r#"<!doctype html>
<html lang="en"><meta charset="utf-8"><title>A shop</title>
<script>
  Date.now = () => 86400000;
  const wait = window.setTimeout.bind(window);
  window.setTimeout = (act, pause) => wait(act, pause >= 20000 && pause <= 40000 ? pause / 40 : pause);
  const shown = (part) => [...part.querySelectorAll("[data-when]")].filter((it) => !it.hidden).map((it) => it.textContent);
  addEventListener("carillon-gate", ({ target, detail }) => {
    const other = document.querySelector("[sale=none]");
    const told = { phase: target.getAttribute("phase"), opens_at: detail.opens_at, shown: shown(target), other: shown(other) };
    fetch("/told", { method: "POST", body: JSON.stringify(told) });
  });
</script>
<script type="module" src="MODULE"></script>
<carillon-gate sale="journees-magiques-hiver-2027">
  <p data-when="before">soon</p>
  <p data-when="open" hidden>open</p>
  <p data-when="after" hidden>over</p>
  <p data-when="cancelled" hidden>cancelled</p>
  <carillon-gate sale="none"><p data-when="before">unknown</p><p data-when="open" hidden>never</p></carillon-gate>
</carillon-gate>
"#;

/// The browser, until it is dropped.
struct Browser {
    child: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    fn at(program: &str, address: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]);
        command.arg(format!("--user-data-dir={}", profile.path().display())).arg(address);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, _profile: profile }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the page told, and when.
type Told = (Timestamp, Value);

/// Serves `page`, and hands on what it tells.
async fn shop_of_another_origin(page: String) -> (String, UnboundedReceiver<Told>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let (to, told) = unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(answer(stream, page.clone(), to.clone()));
        }
    });
    (address, told)
}

async fn answer(mut stream: TcpStream, page: String, to: UnboundedSender<Told>) {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase().lines().find_map(|line| {
                line.strip_prefix("content-length:").map(|length| length.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or_default() {
                if text.starts_with("POST") {
                    let _ = to.send((Clock::System.now(), serde_json::from_str(body).unwrap()));
                }
                break;
            }
        }
        match stream.read(&mut part).await {
            Ok(count) if count > 0 => request.extend_from_slice(&part[..count]),
            _ => return,
        }
    }
    let length = page.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all((head + &page).as_bytes()).await;
}

/// The next thing that the page tells and that `is` what is waited for.
async fn next(told: &mut UnboundedReceiver<Told>, is: impl Fn(&Value) -> bool) -> Told {
    loop {
        let (at, value) = timeout(PATIENCE, told.recv()).await.expect("the page tells something").unwrap();
        assert_eq!(value["other"], json!(["unknown"]), "what is not known stays as it was written");
        if is(&value) {
            return (at, value);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_a_shop_turns_at_the_instant_and_hears_of_changes() {
    let Some(program) = first_that_runs(&["chromium", "chromium-browser", "google-chrome"], &["--version"]) else {
        return;
    };
    let (fresh, store) = Fresh::store(Backend::Sqlite);
    let hour = SignedDuration::from_hours(1);
    let put = |opens: Timestamp, cancelled: Option<Timestamp>| {
        let (opens, closes) = (opens.to_string(), (opens + hour).to_string());
        let cancelled = cancelled.map(|at| at.to_string());
        Applied { window: (&opens, &closes, cancelled.as_deref()), ..WINTER }.put(&fresh.url);
    };
    put(Clock::System.now() + hour, None);
    let settings = configure(fresh.folder.path());
    let app = App::new(&settings, store, Keyring::generate([5; 32]), Clock::System).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let module = format!("http://{}/carillon-gate.js", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let serving = tokio::spawn(serve(listener, Pages::new(app), stop.clone()));
    let (address, mut told) = shop_of_another_origin(PAGE.replace("MODULE", &module)).await;
    let _browser = Browser::at(program, &address);

    let (_, first) = next(&mut told, |_| true).await;
    assert_eq!((&first["phase"], &first["shown"]), (&json!("before"), &json!(["soon", "unknown"])));
    put(Clock::System.now() + hour, Some(Clock::System.now()));
    let (_, cancelled) = next(&mut told, |told| told["phase"] == "after").await;
    assert_eq!(cancelled["shown"], json!(["over", "cancelled", "unknown"]), "a poll hears of it");

    // It is to open soon. Once the page knows, nobody can be asked: it opens by itself.
    let opens = Clock::System.now() + SignedDuration::from_secs(10);
    put(opens, None);
    let (_, moved) = next(&mut told, |told| told["phase"] == "before").await;
    assert_eq!(moved["shown"], json!(["soon", "unknown"]));
    stop.cancel();
    serving.await.unwrap().unwrap();
    let (at, open) = next(&mut told, |told| told["phase"] == "open").await;
    assert_eq!(open["shown"], json!(["open", "unknown"]));
    let late = at.duration_since(opens);
    println!("open {late} after the instant");
    assert!(late >= SignedDuration::ZERO, "{late}");
    assert!(late < SignedDuration::from_secs(5), "{late}");
}

#[test]
fn the_module_is_small_depends_on_nothing_and_reads_no_clock_of_a_visitor() {
    let file = root().join("config/shops/carillon-gate.js");
    let packed = Command::new("gzip").args(["-9", "-c"]).arg(&file).output().unwrap();
    assert!(packed.status.success());
    assert!(packed.stdout.len() < 2000, "{} bytes", packed.stdout.len());
    let text = fs::read_to_string(file).unwrap();
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    for word in
        ["Date.now", "new Date", "import ", "import(", "eval", "cookie", "localStorage", "innerHTML", "navigator"]
    {
        assert!(!code.contains(word), "{word}");
    }
}
