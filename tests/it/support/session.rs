//! Commands on a clock that stands still, and what they say, as one text that a snapshot holds.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use carillon::cli::{Context, run_in};
use carillon::clock::Clock;

use super::folder::ShopFolder;

/// A terminal in a shop's folder. Commands run in this process, so that their clock is the test's.
pub struct Session {
    pub shop: ShopFolder,
    pub clock: Clock,
    transcript: String,
}

/// What is written, kept for a look.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Session {
    pub fn new(shop: ShopFolder, now: &str) -> Self {
        // It would win over the configuration, and these commands write.
        assert_eq!(std::env::var_os("CARILLON_STORE_URL"), None, "unset it: tests have a store of their own");
        Self { shop, clock: Clock::manual(now.parse().unwrap()), transcript: String::new() }
    }

    /// Types a command, without the program's name, and keeps what it says.
    pub fn say(&mut self, line: &str) -> &mut Self {
        let (said, noted, code) = self.run(line);
        writeln!(self.transcript, "$ carillon {line}\n{said}{noted}[exit {code}]\n").unwrap();
        self
    }

    fn run(&self, line: &str) -> (String, String, i32) {
        // The process has another folder: names of files in this one are made whole, and cut again in what is said.
        let place = |word: &str| if self.shop.at(word).exists() { self.path_of(word) } else { word.to_owned() };
        let words: Vec<String> = line.split(' ').map(place).collect();
        let (out, err) = (Written::default(), Written::default());
        let configuration = self.shop.at("carillon.toml");
        let mut context = Context {
            clock: self.clock.clone(),
            // A configuration that is named has to be there.
            config_path: if configuration.exists() { configuration } else { "carillon.toml".into() },
            who: "camille".to_owned(),
            out: Box::new(out.clone()),
            err: Box::new(err.clone()),
        };
        let exit = run_in(&words.iter().map(String::as_str).collect::<Vec<_>>(), &mut context);
        (self.cut(&out), self.cut(&err), exit as i32)
    }

    fn path_of(&self, name: &str) -> String {
        self.shop.at(name).display().to_string()
    }

    fn cut(&self, written: &Written) -> String {
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let folder = self.shop.path().display().to_string();
        text.replace(&format!("{folder}/"), "").replace(&folder, "FOLDER")
    }

    /// Holds all that was said since the last time against the snapshot `name`.
    #[track_caller]
    pub fn matches(&mut self, name: &str) {
        hold(name, &std::mem::take(&mut self.transcript));
    }
}

/// Holds `text` against the file `tests/it/snapshots/NAME.snap`. What follows from chance is blotted out.
#[track_caller]
pub fn hold(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots"));
    settings.add_filter(&env!("CARGO_PKG_VERSION").replace('.', r"\."), "VERSION");
    settings.add_filter("[0-9a-f]{32,}", "DIGEST");
    settings.add_filter("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID");
    settings.bind(|| insta::assert_snapshot!(name, text));
}
