//! A folder in place of a relay: each message becomes one `.eml` file. For demonstrations and dry runs.
//!
//! It can rehearse a relay's refusals, so that every outcome can be seen without a network.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::files::{create_private_folder, replace_private};
use crate::member::Address;
use crate::smtp::ConnectFailure;
use crate::smtp::Enhanced;
use crate::smtp::{Envelope, MessageBytes};
use crate::smtp::{Reason, Stage, Verdict};

/// What a rehearsed relay says to whom. Addresses are compared without case.
#[derive(Clone, Debug, Default)]
pub struct Rehearsal {
    refused: BTreeSet<String>,
    refuses_all: bool,
    death: Option<Death>,
    greylisted: BTreeMap<String, Timestamp>,
}

/// A sender that dies with a message on its way.
#[derive(Clone, Debug)]
struct Death {
    /// How many messages go before.
    left: Arc<AtomicU64>,
    /// Is cancelled when it happens.
    told: CancellationToken,
}

impl Death {
    /// Whether one message more goes.
    fn spares(&self) -> bool {
        self.left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1)).is_ok()
    }
}

impl Rehearsal {
    /// Takes `count` messages, and never answers for the next: `told` is cancelled, and whoever sends is to be dropped then.
    #[must_use]
    pub fn die_after(mut self, count: u64, told: CancellationToken) -> Self {
        self.death = Some(Death { left: Arc::new(AtomicU64::new(count)), told });
        self
    }

    /// Answers `550 5.1.1` to `address`, always.
    #[must_use]
    pub fn refuse(mut self, address: &str) -> Self {
        self.refused.insert(address.to_lowercase());
        self
    }

    /// Answers `550 5.7.1` to everybody, as a relay does that has this sender on a list.
    #[must_use]
    pub fn refuse_everybody(mut self) -> Self {
        self.refuses_all = true;
        self
    }

    /// Answers `451 4.7.1` to `address` until `until`.
    #[must_use]
    pub fn greylist(mut self, address: &str, until: Timestamp) -> Self {
        self.greylisted.insert(address.to_lowercase(), until);
        self
    }

    fn answer(&self, envelope: &Envelope, now: Timestamp) -> Result<(), Verdict> {
        let address = envelope.to().to_lowercase();
        let reason = |code, enhanced, text: &str| Reason {
            code: Some(code),
            enhanced: Some(enhanced),
            ..Reason::here(Stage::Recipient, format!("{enhanced} {text}"))
        };
        if self.refuses_all {
            return Err(Verdict::Refused(reason(550, Enhanced::new(5, 7, 1), "not from you (rehearsed)")));
        }
        if self.refused.contains(&address) {
            return Err(Verdict::Refused(reason(550, Enhanced::new(5, 1, 1), "no such mailbox (rehearsed)")));
        }
        if self.greylisted.get(&address).is_some_and(|until| now < *until) {
            return Err(Verdict::Deferred(reason(
                451,
                Enhanced::new(4, 7, 1),
                "greylisted, come back later (rehearsed)",
            )));
        }
        Ok(())
    }
}

/// The folder, and what to rehearse. Clones share the count of repeats.
#[derive(Clone, Debug)]
pub struct Directory {
    folder: PathBuf,
    rehearsal: Arc<Rehearsal>,
    repeats: Arc<AtomicU64>,
    durable: bool,
    /// Whether messages are written at all.
    kept: bool,
    offered: bool,
}

impl Directory {
    /// Messages go into `folder`, which is made when the transport is opened.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            rehearsal: Arc::default(),
            repeats: Arc::default(),
            durable: true,
            kept: true,
            offered: false,
        }
    }

    /// The same without waiting for the disk, which takes most of the time: for a demonstration in a scratch folder.
    /// Files are still whole or absent, unless the machine itself stops.
    #[must_use]
    pub fn without_sync(self) -> Self {
        Self { durable: false, ..self }
    }

    /// The same where messages are taken and not kept: for a rehearsal that counts them.
    #[must_use]
    pub fn keeping_nothing(self) -> Self {
        Self { kept: false, ..self }
    }

    /// The same with replies to rehearse.
    #[must_use]
    pub fn rehearsing(self, rehearsal: Rehearsal) -> Self {
        Self { rehearsal: Arc::new(rehearsal), ..self }
    }

    /// How many messages were handed over whose file was there already. In a sound run this stays 0.
    pub fn repeats(&self) -> u64 {
        self.repeats.load(Ordering::Relaxed)
    }

    /// Removes every message, and every draft of one, to one of `addresses`. Says how many those were.
    pub fn remove_letters_to(&self, addresses: &[Address]) -> io::Result<usize> {
        let addresses: Vec<String> = addresses.iter().map(|address| address.as_str().to_lowercase()).collect();
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let mut removed = 0;
        for entry in entries {
            let path = entry?.path();
            let ours = path.extension().is_some_and(|extension| extension == "eml" || extension == "draft");
            if ours && recipients(&fs::read(&path)?).any(|recipient| addresses.contains(&recipient)) {
                fs::remove_file(&path)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Where the message with this Message-ID is, or would be.
    pub fn path_of(&self, message_id: &str) -> PathBuf {
        self.folder.join(format!("{}.eml", stem(message_id)))
    }

    pub(super) fn open(&self) -> Result<Self, ConnectFailure> {
        if !self.kept {
            return Ok(Self { offered: false, ..self.clone() });
        }
        create_private_folder(&self.folder).map_err(|why| ConnectFailure::Outbox { path: self.folder.clone(), why })?;
        Ok(Self { offered: false, ..self.clone() })
    }

    pub(super) fn offer(&mut self, envelope: &Envelope, now: Timestamp) -> Result<(), Verdict> {
        self.offered = false;
        self.rehearsal.answer(envelope, now)?;
        self.offered = true;
        Ok(())
    }

    pub(super) fn abandon(&mut self) {
        self.offered = false;
    }

    pub(super) async fn hand_over(&mut self, message: &MessageBytes<'_>) -> Verdict {
        if !std::mem::take(&mut self.offered) {
            return Verdict::Deferred(Reason::here(Stage::Data, "nothing was offered"));
        }
        if let Some(death) = self.rehearsal.death.as_ref().filter(|death| !death.spares()) {
            death.told.cancel();
            std::future::pending::<()>().await;
        }
        if !self.kept {
            return Verdict::Accepted { code: None, text: "taken and not kept (rehearsed)".to_owned() };
        }
        let path = self.path_of(message.message_id);
        let bytes = message.bytes.to_vec();
        let durable = self.durable;
        let written =
            tokio::task::spawn_blocking(move || write_once(&path, &bytes, durable).map(|new| (new, path))).await;
        match written {
            Ok(Ok((true, path))) => Verdict::Accepted { code: None, text: format!("written to {}", file_name(&path)) },
            Ok(Ok((false, path))) => {
                self.repeats.fetch_add(1, Ordering::Relaxed);
                Verdict::Accepted { code: None, text: format!("was already written to {}", file_name(&path)) }
            }
            Ok(Err(why)) => Verdict::Deferred(Reason::here(Stage::Body, format!("cannot write the file: {why}"))),
            Err(_) => Verdict::InDoubt(Reason::here(Stage::Body, "the writing was interrupted")),
        }
    }
}

/// The words of the To field of a message, in lower case, without what can stand around an address.
fn recipients(message: &[u8]) -> impl Iterator<Item = String> {
    let text = String::from_utf8_lossy(message).to_lowercase();
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
    let to: Vec<String> = head
        .lines()
        .filter_map(|line| line.strip_prefix("to:"))
        .flat_map(|value| value.split([' ', '<', '>', ',', ';', '\t']))
        .map(str::to_owned)
        .collect();
    to.into_iter()
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Writes `bytes` to `path`, whole or not at all, and waits for the disk when it is to be `durable`. `false` when the file was there, which is then left as
/// it is.
fn write_once(path: &Path, bytes: &[u8], durable: bool) -> io::Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let draft = draft_beside(folder, path);
    let written = write(&draft, bytes, durable).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // The draft is of no use; the error that is reported is the first one.
        let _ = fs::remove_file(&draft);
    }
    written?;
    if durable {
        File::open(folder)?.sync_all()?;
    }
    Ok(true)
}

fn write(path: &Path, bytes: &[u8], durable: bool) -> io::Result<()> {
    let mut file = replace_private(path)?;
    file.write_all(bytes)?;
    if durable { file.sync_all() } else { Ok(()) }
}

/// A name in `folder` that no other writer of this or another process uses.
fn draft_beside(folder: &Path, path: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    folder.join(format!(".{}.{}.{number}.draft", file_name(path), std::process::id()))
}

/// A file name from a Message-ID: its own characters where they are harmless; otherwise a digest keeps it unique.
fn stem(message_id: &str) -> String {
    let id = message_id.trim().trim_start_matches('<').trim_end_matches('>');
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+' | '=');
    if !id.is_empty() && id.len() <= 150 && id.chars().all(harmless) && !id.starts_with('.') {
        return id.to_owned();
    }
    let kept: String = id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let digest = Sha256::digest(id.as_bytes());
    let digest = URL_SAFE_NO_PAD.encode(digest.get(..12).unwrap_or(&digest));
    format!("{kept}-{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems() {
        assert_eq!(stem("<d.42.7@bounce.example.fr>"), "d.42.7@bounce.example.fr");
        assert_eq!(stem("d.42.7@bounce.example.fr"), "d.42.7@bounce.example.fr");
        for hostile in ["", ".", "..", "../../etc/passwd", "a/b", "a\0b", &"x".repeat(300)] {
            let stem = stem(hostile);
            assert!(!stem.starts_with('.') && !stem.contains(['/', '\0']) && stem.len() < 160, "{hostile:?} -> {stem}");
        }
        assert_ne!(stem("a/b"), stem("a:b"));
    }
}
