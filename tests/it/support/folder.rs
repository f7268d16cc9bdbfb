//! A shop's folder, in which commands are typed as a person types them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use carillon::config::{StoreUrl, create_keyring};
use carillon::db::Store;
use serde_json::Value;

use super::backend::{Backend, Fresh};
use super::cli::{Said, command};
use super::shop::configure;

/// A folder, gone after the test, and the store that commands in it use.
pub struct ShopFolder {
    pub fresh: Fresh,
    store: Option<Store>,
}

impl ShopFolder {
    /// No configuration and no store.
    pub fn bare() -> Self {
        Self { fresh: Fresh::empty(Backend::Sqlite), store: None }
    }

    /// As `carillon init` sets it up.
    pub fn initiated() -> Self {
        let shop = Self::bare();
        shop.run(&["init"]).exits(0);
        shop
    }

    /// With the configuration of these tests, keys and an empty store.
    pub fn configured() -> Self {
        Self::on(Backend::Sqlite)
    }

    /// The same on `backend`.
    pub fn on(backend: Backend) -> Self {
        let (fresh, store) = Fresh::store(backend);
        create_keyring(&configure(fresh.folder.path()).keys).unwrap();
        Self { fresh, store: Some(store) }
    }

    /// Its store, where the test made one.
    pub fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    pub fn path(&self) -> &Path {
        self.fresh.folder.path()
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.at(name), text).unwrap();
    }

    /// Writes lines as a spreadsheet ends them.
    pub fn write_lines(&self, name: &str, lines: &[String]) {
        self.write(name, lines.join("\r\n"));
    }

    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap()
    }

    /// Writes `to` for `from` in the configuration, where `from` must stand.
    #[track_caller]
    pub fn configure(&self, from: &str, to: &str) {
        let text = self.read("carillon.toml");
        assert!(text.contains(from), "`{from}` is not in\n{text}");
        self.write("carillon.toml", text.replacen(from, to, 1));
    }

    /// `carillon` on this store.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.path(), arguments);
        if let StoreUrl::Postgres(url) = &self.fresh.url {
            command.env("CARILLON_STORE_URL", url);
        }
        command
    }

    /// Runs `carillon` on this store.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().unwrap())
    }

    /// The same with `input` on its standard input.
    #[track_caller]
    pub fn run_with(&self, input: &str, arguments: &[&str]) -> Said {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that does not read its input may be gone before it is written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Said::of(child.wait_with_output().unwrap())
    }

    /// What a command says in JSON, whatever its exit code.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let said = self.run(arguments);
        serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }
}
