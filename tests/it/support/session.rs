//! Commands on a clock that stands still, and what they say, as one text that a snapshot holds.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use carillon::cli::{Context, run_in};
use carillon::clock::Clock;
use carillon::language::InterfaceLanguage;

use super::folder::ShopFolder;

/// A terminal in a shop's folder. Commands run in this process, so that their clock is the test's.
pub struct Session {
    folder: PathBuf,
    clock: Clock,
    language: InterfaceLanguage,
    transcript: String,
    who: &'static str,
    _kept: Option<ShopFolder>,
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
    /// In a shop that is gone with the session, at `now`.
    pub fn new(shop: ShopFolder, now: &str) -> Self {
        let session = Self::at(shop.path(), Clock::manual(now.parse().unwrap()));
        Self { _kept: Some(shop), ..session }
    }

    /// In the folder of a shop that others use too, on their clock.
    pub fn at(folder: &Path, clock: Clock) -> Self {
        // It would win over the configuration, and these commands write.
        assert_eq!(std::env::var_os("CARILLON_STORE_URL"), None, "unset it: tests have a store of their own");
        Self {
            folder: folder.to_owned(),
            clock,
            transcript: String::new(),
            language: InterfaceLanguage::En,
            who: "camille",
            _kept: None,
        }
    }

    /// What is said from now on is said in `language`.
    pub fn speaks(&mut self, language: InterfaceLanguage) -> &mut Self {
        self.language = language;
        self
    }

    /// Whoever types from now on is `who`.
    pub fn is(&mut self, who: &'static str) -> &mut Self {
        self.who = who;
        self
    }

    /// The shop's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Moves the clock on.
    pub fn move_to(&mut self, now: &str) -> &mut Self {
        self.clock.advance_to(now.parse().unwrap());
        self
    }

    /// Writes a file of the shop.
    pub fn write(&mut self, name: &str, text: impl AsRef<[u8]>) -> &mut Self {
        std::fs::write(self.folder.join(name), text).unwrap();
        self
    }

    /// Writes `text` as it is into the transcript.
    pub fn tell(&mut self, text: &str) -> &mut Self {
        self.transcript.push_str(text);
        self
    }

    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap()
    }

    /// Where a file of the shop is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Types a command, without the program's name, and keeps what it says. A word that begins with `@` names a file of
    /// the shop that is not there yet.
    pub fn say(&mut self, line: &str) -> &mut Self {
        let (said, noted, code) = self.run(line);
        let shown = line.replace(" @", " ");
        writeln!(self.transcript, "$ carillon {shown}\n{said}{noted}[exit {code}]\n").unwrap();
        self
    }

    /// Types a command, keeps nothing, and returns what it says.
    pub fn hear(&mut self, line: &str) -> String {
        let (said, noted, _) = self.run(line);
        said + &noted
    }

    /// The same and keeps nothing; it must succeed.
    #[track_caller]
    pub fn quietly(&mut self, line: &str) -> &mut Self {
        let (said, noted, code) = self.run(line);
        assert_eq!(code, 0, "{line}: {said}{noted}");
        self
    }

    fn run(&self, line: &str) -> (String, String, i32) {
        // The process has another folder: names of files in this one are made whole, and cut again in what is said.
        let place = |word: &str| match word.strip_prefix('@') {
            Some(name) => self.path_of(name),
            None if self.folder.join(word).exists() => self.path_of(word),
            None => word.to_owned(),
        };
        let words: Vec<String> = line.split(' ').map(place).collect();
        let (out, err) = (Written::default(), Written::default());
        let configuration = self.folder.join("carillon.toml");
        let mut context = Context {
            clock: self.clock.clone(),
            // A configuration that is named has to be there.
            config_path: if configuration.exists() { configuration } else { "carillon.toml".into() },
            language: self.language,
            who: self.who.to_owned(),
            rehearsed: None,
            out: Box::new(out.clone()),
            err: Box::new(err.clone()),
        };
        let exit = run_in(&words.iter().map(String::as_str).collect::<Vec<_>>(), &mut context);
        (self.cut(&out), self.cut(&err), exit as i32)
    }

    fn path_of(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn cut(&self, written: &Written) -> String {
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let folder = self.folder.display().to_string();
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
#[expect(clippy::print_stdout, reason = "it is shown where the snapshot differs")]
pub fn hold(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots"));
    settings.add_filter(&env!("CARGO_PKG_VERSION").replace('.', r"\."), "VERSION");
    settings.add_filter("[0-9a-f]{32,}", "DIGEST");
    settings.add_filter("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID");
    settings.add_filter(r"\(key [0-9a-f]{8}\)", "(key KEY)");
    // Shown when it fails.
    println!(
        "when these words are meant: `CARILLON_WRITE_DOCS=1 INSTA_UPDATE=always cargo test -- docs_cli snapshots::`"
    );
    settings.bind(|| insta::assert_snapshot!(name, text));
}
