//! A shop whose pages are served on a real socket, on a clock that tests move, and a client that sends bytes.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use carillon::clock::Clock;
use carillon::config::PrivateListen;
use carillon::config::StoreUrl;
use carillon::config::{Overrides, Settings};
use carillon::db::Store;
use carillon::door::{PrivateDoor, bind};
use carillon::http::{App, LetterPreviews, Pages, PrivatePages, Readiness, serve, serve_private};
use carillon::keys::Keyring;
use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::backend::{Backend, Fresh};

/// What `carillon.toml` says in these tests.
const CONFIGURATION: &str = r#"
[shop]
name = "Maison Exemple"
legal_name = "Maison Exemple SAS"
postal_address = "1 rue de l’Exemple, 75000 Paris"
contact = "bonjour@shop.example.fr"
url = "https://shop.example.fr"
privacy_url = "https://shop.example.fr/confidentialite"

[public]
url = "https://presale.example.fr/"
listen = "127.0.0.1:0"

[store]
url = "sqlite:carillon.db"

[keys]
file = "keys.toml"

[consent]
controller = "maison-exemple"

[mail]
from = "bonjour@shop.example.fr"
return_domain = "bounces.example.fr"
list_id = "presale.example.fr"
list_name = "Les rendez-vous de Maison Exemple"
transport = "directory"

[join]
sources = ["footer"]
"#;

/// Writes the configuration that [`CONFIGURATION`] is into `folder`.
pub fn configure(folder: &std::path::Path) -> Settings {
    let path = folder.join("carillon.toml");
    std::fs::write(&path, CONFIGURATION).unwrap();
    Settings::load(&path, &Overrides::default()).unwrap()
}

/// The settings of the same shop with the section `brand`.
pub fn configure_with(folder: &Path, brand: &str) -> Settings {
    let path = folder.join("branded.toml");
    std::fs::write(&path, format!("{CONFIGURATION}\n{brand}")).unwrap();
    Settings::load(&path, &Overrides::default()).unwrap()
}

/// The settings of the same shop whose board asks for `token`.
pub fn configure_with_token(folder: &Path, token: &str) -> Settings {
    let file = folder.join("board.token");
    std::fs::write(&file, format!("{token}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    configure_with(folder, "[private]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"board.token\"\n")
}

/// A campaign as it stands in the store.
pub struct Applied<'a> {
    /// Its slug.
    pub slug: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Who can buy.
    pub audience: &'a str,
    /// Its window and its cancellation, RFC 3339.
    pub window: (&'a str, &'a str, Option<&'a str>),
}

impl Applied<'_> {
    /// Puts it into the store at `url`, instead of one with the same slug.
    pub fn put(&self, url: &StoreUrl) {
        let micros = |text: &str| text.parse::<Timestamp>().unwrap().as_microsecond();
        let quote = |text: &str| text.replace('\'', "''");
        let (opens, closes, cancelled) = self.window;
        let schedule = serde_json::json!({
            "slug": self.slug, "title": self.title, "markets": ["FR"], "channel": "online", "audience": self.audience,
            "zone": "Europe/Paris", "opens_at": opens, "closes_at": closes, "offers": [], "mailings": [], "intent": {},
            "anchors": [],
        });
        run_sql(
            url,
            &format!(
                "INSERT INTO campaigns (slug, title, state, revision, source_name, source_text, schedule, opens_at, \
                 closes_at, cancelled_at, applied_at, applied_by, changed_at) VALUES ('{slug}', '{title}', '{state}', 1, \
                 '{slug}.toml', '', '{schedule}', {opens}, {closes}, {cancelled}, {applied}, 'camille', {applied}) \
                 ON CONFLICT (slug) DO UPDATE SET title = excluded.title, state = excluded.state, \
                 schedule = excluded.schedule, opens_at = excluded.opens_at, closes_at = excluded.closes_at, \
                 cancelled_at = excluded.cancelled_at, sequence = campaigns.sequence + 1;",
                schedule = quote(&schedule.to_string()),
                slug = quote(self.slug),
                title = quote(self.title),
                state = if cancelled.is_some() { "cancelled" } else { "active" },
                opens = micros(opens),
                closes = micros(closes),
                cancelled = cancelled.map_or_else(|| "NULL".to_owned(), |at| micros(at).to_string()),
                applied = micros("2026-12-01T10:00:00Z"),
            ),
        );
    }
}

/// A connection past the program, which waits for its turn as every program does: a daemon that has just ended may still
/// be bringing to the disk what it recorded.
pub fn past_the_program(path: &Path) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    conn.batch_execute("PRAGMA busy_timeout = 20000").unwrap();
    conn
}

/// Runs statements past the program, as another process would.
pub fn run_sql(url: &StoreUrl, sql: &str) {
    match url {
        StoreUrl::Sqlite(path) => past_the_program(path).batch_execute(sql).unwrap(),
        #[cfg(feature = "postgres")]
        StoreUrl::Postgres(url) => diesel::PgConnection::establish(url).unwrap().batch_execute(sql).unwrap(),
        #[cfg(not(feature = "postgres"))]
        StoreUrl::Postgres(_) => unreachable!(),
    }
}

/// What a query for texts called `word` finds in the store.
pub fn words(url: &StoreUrl, sql: &str) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::Text)]
        word: String,
    }
    let query = diesel::sql_query(sql);
    let found: Vec<Found> = match url {
        StoreUrl::Sqlite(path) => query.load(&mut past_the_program(path)).unwrap(),
        #[cfg(feature = "postgres")]
        StoreUrl::Postgres(url) => query.load(&mut diesel::PgConnection::establish(url).unwrap()).unwrap(),
        #[cfg(not(feature = "postgres"))]
        StoreUrl::Postgres(_) => unreachable!(),
    };
    found.into_iter().map(|found| found.word).collect()
}

/// A shop that is being served.
pub struct Shop {
    /// Its folder, with a configuration and a store.
    pub fresh: Fresh,
    /// Its store.
    pub store: Store,
    /// Its clock.
    pub clock: Clock,
    /// Its keys.
    pub keyring: Keyring,
    pub address: std::net::SocketAddr,
    /// Where those who look after the daemon ask it.
    pub private: std::net::SocketAddr,
    shutdown: CancellationToken,
}

/// One campaign, open from Saturday 2 January 2027 at 8:00 in Paris until Wednesday 6 January at 8:00.
pub const WINTER: Applied = Applied {
    slug: "journees-magiques-hiver-2027",
    title: "Les journées magiques",
    audience: "public",
    window: ("2027-01-02T08:00:00+01:00", "2027-01-06T08:00:00+01:00", None),
};

impl Shop {
    /// The same pages as `settings` say, over the same store, at the address that is returned, until the shop closes.
    pub async fn also(&self, settings: &Settings) -> std::net::SocketAddr {
        let app = App::new(settings, self.store.clone(), self.keyring.clone(), self.clock.clone()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, Pages::new(app), self.shutdown.clone()));
        address
    }

    /// What those who look after the daemon are served as `settings` say, with a letter for every mailing called `opening`, at the
    /// address that is returned, until the shop closes.
    pub async fn board(&self, settings: &Settings) -> std::net::SocketAddr {
        let app = App::new(settings, self.store.clone(), self.keyring.clone(), self.clock.clone()).unwrap();
        let app = app.with_letters(LetterPreviews::new(|_, mailing, language, _| match mailing {
            "opening" => Ok(format!("<!doctype html><html lang=\"{language}\"><p>C’est ouvert</p></html>")),
            _ => Err("it cannot be written".to_owned()),
        }));
        watched(Pages::new(app).private(), self.shutdown.clone()).await
    }

    /// Serves a store with [`WINTER`] in it, at `now`.
    pub async fn open(backend: Backend, now: &str) -> Self {
        Self::open_with(backend, now, None).await
    }

    /// The same with a word on its daemon.
    pub async fn open_with(backend: Backend, now: &str, readiness: Option<Readiness>) -> Self {
        let (fresh, store) = Fresh::store(backend);
        WINTER.put(&fresh.url);
        let settings = configure(fresh.folder.path());
        let clock = Clock::manual(now.parse().unwrap());
        let keyring = Keyring::generate([5; 32]);
        let mut app = App::new(&settings, store.clone(), keyring.clone(), clock.clone()).unwrap();
        if let Some(readiness) = readiness {
            app = app.with_readiness(readiness);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let pages = Pages::new(app);
        let private = watched(pages.private(), shutdown.clone()).await;
        tokio::spawn(serve(listener, pages, shutdown.clone()));
        Self { fresh, store, clock, keyring, address, private, shutdown }
    }

    /// Moves the clock on.
    pub fn at(&self, now: &str) -> &Self {
        self.clock.advance_to(now.parse().unwrap());
        self
    }

    /// Asks for `path` with `headers`, each ended by CR LF.
    pub async fn get(&self, path: &str, headers: &str) -> Reply {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: presale.example.fr\r\n{headers}Connection: close\r\n\r\n"))
            .await
    }

    /// Posts `body` of the type `kind` to `path`.
    pub async fn post(&self, path: &str, kind: &str, body: &str) -> Reply {
        let length = body.len();
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: presale.example.fr\r\n{kind}Content-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        ))
        .await
    }

    /// Sends the bytes of one request and reads the answer.
    pub async fn send(&self, request: &str) -> Reply {
        send(self.address, request).await
    }

    /// Asks for `path` as those who look after the daemon do.
    pub async fn get_private(&self, path: &str, headers: &str) -> Reply {
        self.send_private(&format!("GET {path} HTTP/1.1\r\nHost: a\r\n{headers}Connection: close\r\n\r\n")).await
    }

    /// Sends them the bytes of one request.
    pub async fn send_private(&self, request: &str) -> Reply {
        send(self.private, request).await
    }
}

/// Serves what is for those who look after the daemon, at the address that is returned.
pub async fn watched(pages: PrivatePages, shutdown: CancellationToken) -> std::net::SocketAddr {
    let door = bind(&PrivateListen::Tcp("127.0.0.1:0".parse().unwrap())).await.unwrap();
    let PrivateDoor::Tcp(listener) = &door else { panic!("it was to be an address") };
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_private(door, pages, shutdown));
    address
}

/// What is answered at `address` to a GET of `path`.
pub async fn get(address: std::net::SocketAddr, path: &str) -> Reply {
    send(address, &format!("GET {path} HTTP/1.1\r\nHost: presale.example.fr\r\nConnection: close\r\n\r\n")).await
}

/// What is answered at `address` to the bytes of one request.
pub async fn send(address: std::net::SocketAddr, request: &str) -> Reply {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    Reply::parse(&bytes)
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The header lines, as sent.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head[9..12].parse().unwrap();
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    /// The value of the header `name`.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
