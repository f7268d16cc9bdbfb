//! Where a store is. A URL may hold a password, so it shows itself without one, and so must what others say about it.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;

use crate::phrase;
use crate::phrase::{Phrase, Spoken};
use crate::text::percent_decoded;

/// What stands in the place of a secret.
const HIDDEN: &str = "…";

/// A piece of a secret that is shorter than this is not looked for: it would be found in any text.
const SHORTEST_PIECE: usize = 3;

/// The text names no store that this program can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.phrase())]
pub struct NoStoreUrl {
    /// The text, without a password.
    pub url: String,
    /// Whether it names a PostgreSQL server, which this build cannot use.
    pub is_postgres: bool,
}

impl Spoken for NoStoreUrl {
    fn phrase(&self) -> Phrase {
        if self.is_postgres {
            phrase!("store-url-without-postgres", url = &self.url)
        } else {
            phrase!("store-url-unknown", url = &self.url)
        }
    }
}

/// Where the store is: `sqlite:PATH` or `postgres://…`. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server's URL, as libpq reads it.
    Postgres(String),
}

impl FromStr for StoreUrl {
    type Err = NoStoreUrl;

    /// The scheme decides. Anything else is refused: SQLite would take any text for a file name.
    fn from_str(url: &str) -> Result<Self, NoStoreUrl> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            if !path.is_empty() {
                return Ok(Self::Sqlite(PathBuf::from(path)));
            }
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            if cfg!(feature = "postgres") {
                return Ok(Self::Postgres(url.to_owned()));
            }
            return Err(NoStoreUrl { url: without_secrets(url), is_postgres: true });
        }
        Err(NoStoreUrl { url: without_secrets(url), is_postgres: false })
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_secrets(url)),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StoreUrl {
    /// The same store under its real path, the one that symbolic links lead to.
    ///
    /// # Errors
    /// There is no such file.
    pub fn real(&self) -> io::Result<Self> {
        let Self::Sqlite(path) = self else { return Ok(self.clone()) };
        path.canonicalize().map(Self::Sqlite)
    }

    /// Whether the URL holds a secret.
    pub fn has_secret(&self) -> bool {
        matches!(self, Self::Postgres(url) if !secrets(url).is_empty())
    }

    /// What a backend said about this URL, without the secrets in it. libpq repeats the URL when it cannot read it, the
    /// half of a password that holds an `@` as a host, and a token that is not encoded well.
    pub fn scrub(&self, said: &str) -> String {
        let Self::Postgres(url) = self else { return said.to_owned() };
        let mut said = said.replace(url, &without_secrets(url));
        for secret in secrets(url).into_iter().filter_map(|range| url.get(range)) {
            let decoded = percent_decoded(secret);
            let pieces = [secret, &decoded].into_iter().flat_map(|whole| {
                let pieces = whole.split(['@', ':', '/', '?', '&', '=', '#', '%']);
                std::iter::once(whole).chain(pieces.filter(|piece| piece.chars().count() >= SHORTEST_PIECE))
            });
            for piece in pieces.filter(|piece| !piece.is_empty()) {
                said = said.replace(piece, HIDDEN);
            }
        }
        said
    }
}

/// `url`, which need not be one that can be read, without its secrets.
fn without_secrets(url: &str) -> String {
    let (mut shown, mut from) = (String::new(), 0);
    for secret in secrets(url) {
        shown.push_str(url.get(from..secret.start).unwrap_or_default());
        shown.push_str(HIDDEN);
        from = secret.end;
    }
    shown + url.get(from..).unwrap_or_default()
}

/// Where the secrets of `url` are, apart from each other and in order. A text that can be read in two ways gives away
/// less.
fn secrets(url: &str) -> Vec<Range<usize>> {
    let start = url.find("://").map_or(0, |scheme| scheme + 3);
    let in_rest = |letter: char| url.get(start..).and_then(|rest| rest.find(letter)).map(|at| start + at);
    let colon = in_rest(':').map(|colon| colon + 1);
    let login = colon.zip(url.rfind('@')).filter(|(colon, at)| colon < at).map(|(colon, at)| colon..at);
    let mut found: Vec<Range<usize>> =
        login.into_iter().chain(parameters(url)).filter(|range| !range.is_empty()).collect();
    found.sort_by_key(|range| range.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut().filter(|last| range.start <= last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => apart.push(range),
        }
    }
    apart
}

/// Where the values of parameters are that are secret by their names, in a URL or in a list of `name=value`.
fn parameters(url: &str) -> impl Iterator<Item = Range<usize>> {
    let end = if url.contains("://") { '&' } else { ' ' };
    let mut from = 0;
    let pieces = url.split_inclusive(['?', '&', ' ']).map(move |piece| {
        from += piece.len();
        (from, piece)
    });
    pieces.filter_map(move |(after, piece)| {
        let (name, value) = piece.split_once('=')?;
        let name = percent_decoded(name).to_ascii_lowercase();
        let secret = ["pass", "pwd", "secret", "token"].iter().any(|word| name.contains(word)) && name != "passfile";
        let start = after - value.len();
        let rest = url.get(start..)?;
        // A value in quotation marks may hold spaces, and hides what comes after it too.
        let length = if rest.starts_with('\'') { None } else { rest.find(end) };
        secret.then(|| start..start + length.unwrap_or(rest.len()))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mistyped_scheme_is_refused() {
        for url in ["carillon.db", "postgress://host/db", "mysql://host/db", "sqlite:", ""] {
            assert!(matches!(url.parse::<StoreUrl>(), Err(NoStoreUrl { .. })), "{url}");
        }
        assert_eq!("sqlite:a/b.db".parse::<StoreUrl>().unwrap(), StoreUrl::Sqlite("a/b.db".into()));
    }

    #[test]
    fn a_password_is_not_shown_wherever_it_stands() {
        for (url, shown) in [
            ("postgres://db.example.org/x", "postgres://db.example.org/x"),
            ("postgres://shop@db.example.org:5433/x", "postgres://shop@db.example.org:5433/x"),
            ("postgres://shop:geheim@db.example.org:5433/x", "postgres://shop:…@db.example.org:5433/x"),
            ("postgres://shop:geh@eim@db.example.org/x", "postgres://shop:…@db.example.org/x"),
            ("postgres://shop:geh?eim@db.example.org/x", "postgres://shop:…@db.example.org/x"),
            ("postgres://shop:geh/eim@db.example.org/x", "postgres://shop:…@db.example.org/x"),
            ("postgres://:geheim@db.example.org/x", "postgres://:…@db.example.org/x"),
            ("postgres:///x?host=/run&user=shop&password=geheim", "postgres:///x?host=/run&user=shop&password=…"),
            ("postgres://h/x?password=geh@eim&user=shop", "postgres://h/x?password=…&user=shop"),
            ("postgres://h/x?sslpassword=geheim&sslmode=require", "postgres://h/x?sslpassword=…&sslmode=require"),
            ("postgres://h/x?pass%77ord=geheim", "postgres://h/x?pass%77ord=…"),
            ("postgres://a:geheim@h/x?PASSWORD=geheim", "postgres://a:…@h/x?PASSWORD=…"),
            ("mysql://shop:geheim@h/x", "mysql://shop:…@h/x"),
            ("postgres:/shop:geheim@h/x", "postgres:…@h/x"),
            ("host=h user=shop password=geheim dbname=x", "host=h user=shop password=… dbname=x"),
            ("host=h password='geh eim' dbname=x", "host=h password=…"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }

    #[test]
    fn what_a_backend_says_is_shown_without_it() {
        let url = StoreUrl::Postgres("postgres://shop:geh@e%69m%zz@h:5/x?sslpassword=k%C3%BCche".to_owned());
        for (said, shown) in [
            (
                "unexpected `postgres://shop:geh@e%69m%zz@h:5/x?sslpassword=k%C3%BCche`",
                "unexpected `postgres://shop:…@h:5/x?sslpassword=…`",
            ),
            ("could not translate host name \"e%69m%zz@h\"", "could not translate host name \"e%…%zz@h\""),
            ("bad token \"geh@e%69m%zz\", \"geh@eim%zz\"", "bad token \"…\", \"…@…%zz\""),
            ("küche", "…"),
            ("server closed the connection", "server closed the connection"),
        ] {
            assert_eq!(url.scrub(said), shown);
        }
    }

    proptest! {
        #[test]
        fn no_password_is_shown(password in "[a-z@:/?&=#%]{0,8}GEHEIM[a-z@:/?=#%]{0,8}", port in prop::option::of(1_u16..)) {
            let port = port.map_or_else(String::new, |port| format!(":{port}"));
            for url in [format!("postgres://shop:{password}@h{port}/x?sslmode=require"), format!("postgres://shop@h{port}/x?password={}", password.replace('&', ""))] {
                prop_assert!(!without_secrets(&url).contains("GEHEIM"), "{}", without_secrets(&url));
            }
        }
    }
}
