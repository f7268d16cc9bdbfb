//! Anchors: the end of the ledger, written down outside the store and authenticated with our keys.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cli::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::member::open;
use crate::db::{Db, StoreResult, ledger};
use crate::files::open_private;
use crate::keys::{Keyring, Sha256Digest, hex};
use crate::member::Head;

/// What anchors are authenticated for, as a keyring sees it.
const PURPOSE: &str = "consent-anchor";

#[derive(Debug, clap::Args)]
pub(super) struct AnchorArgs {
    /// The file of anchors, best kept on another machine; a line is added to it
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// A line of a file of anchors.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LedgerAnchor {
    seq: i64,
    hash: String,
    at: Timestamp,
    mac: String,
}

impl LedgerAnchor {
    fn of(head: Head, at: Timestamp, keyring: &Keyring) -> Self {
        let (hash, mac) = (head.hash.to_string(), String::new());
        let mut anchor = Self { seq: head.seq, hash, at, mac };
        let bytes = keyring.mac(PURPOSE, &anchor.parts().each_ref().map(String::as_bytes));
        anchor.mac = hex::to_hex(&bytes);
        anchor
    }

    fn parts(&self) -> [String; 3] {
        [self.seq.to_string(), self.hash.clone(), self.at.to_string()]
    }

    fn is_ours(&self, keyring: &Keyring) -> bool {
        let parts = self.parts();
        hex::from_hex::<16>(&self.mac)
            .is_some_and(|mac| keyring.is_mac(PURPOSE, &parts.each_ref().map(String::as_bytes), &mac))
    }
}

/// What is wrong with the anchors in `text`, the file at `path`, or with the ledger by them; one line for each.
pub(super) fn hold_against(db: &mut Db, path: &Path, text: &str, keyring: &Keyring) -> StoreResult<Vec<String>> {
    let mut wrong = Vec::new();
    let mut anchors = 0;
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = format!("{}:{}", path.display(), at + 1);
        anchors += 1;
        let anchor = match serde_json::from_str::<LedgerAnchor>(line) {
            Err(_) => {
                wrong.push(format!("{place}: this is no anchor"));
                continue;
            }
            Ok(anchor) if !anchor.is_ours(keyring) => {
                wrong.push(format!("{place}: this anchor was not written with our keys"));
                continue;
            }
            Ok(anchor) => anchor,
        };
        // The anchor of an empty ledger.
        if anchor.seq == 0 {
            continue;
        }
        let said = match (ledger::hash_at(db, anchor.seq)?, anchor.hash.parse::<Sha256Digest>()) {
            (Some(kept), Ok(expected)) if kept == expected => continue,
            (None, _) => "is missing from the ledger",
            (Some(_), _) => "is another one now",
        };
        wrong.push(format!("{place}: line {} of {} {said}", anchor.seq, anchor.at));
    }
    if anchors == 0 {
        wrong.push(format!("{}: there is no anchor in it, so it says nothing about the ledger", path.display()));
    }
    Ok(wrong)
}

/// `consent anchor`.
pub(super) fn run(args: &AnchorArgs, context: &mut Context) -> anyhow::Result<Exit> {
    let (_, store, keyring) = open(context)?;
    let head = match store.snapshot_blocking(ledger::verify)? {
        Ok(head) => head,
        Err(bad) => {
            return Err(Failure::refused(format!(
                "line {} of the ledger: {}; nothing was anchored",
                bad.seq, bad.broken
            )));
        }
    };
    let anchor = LedgerAnchor::of(head, context.clock.now(), &keyring);
    let line = serde_json::to_string(&anchor)?;
    let unwritable = || format!("cannot write `{}`", args.file.display());
    let mut file = open_private(&args.file, true).with_context(unwritable)?;
    file.write_all(format!("{line}\n").as_bytes()).and_then(|()| file.sync_all()).with_context(unwritable)?;
    context.line(format!("{} {}", anchor.seq, anchor.hash))?;
    Ok(Exit::Done)
}
