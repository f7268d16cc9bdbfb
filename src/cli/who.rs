//! Who a command is about: members named by address or pseudonym, at the command line or one to a line on the standard
//! input, which keeps addresses out of the shell's history.

use std::io::Read;

use anyhow::Context as _;

use super::exit::Failure;
use crate::db::members::{self, Member};
use crate::db::{Store, StoreError};
use crate::member::{Address, AddressError, Fingerprint, Keyring, Pseudonym};

/// Who is meant.
#[derive(Debug, clap::Args)]
pub(super) struct WhoArgs {
    /// An address, a pseudonym, or `-` to read them from the standard input, one to a line, which keeps addresses out
    /// of the shell's history
    // Not `who`: that is the name of the global option for who runs the command, and clap would take one for the other.
    #[arg(value_name = "ADDRESS|PSEUDONYM|-")]
    person: String,
    /// Write JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// A person as named at the command line.
pub(super) enum Who {
    /// By the name in the ledger.
    Pseudonym(Pseudonym),
    /// By address.
    Address(Address),
}

impl WhoArgs {
    /// The people named, at least one, all of whose lines can be read.
    pub(super) fn people(&self) -> anyhow::Result<Vec<Who>> {
        let (people, faults) = self.readable_people()?;
        match faults.into_iter().next() {
            Some(fault) => Err(Failure::usage(fault)),
            None => Ok(people),
        }
    }

    /// The people named, at least one, and what is wrong with the lines that cannot be read: for what must not wait for
    /// one bad line, such as a list of people who want no more mail.
    pub(super) fn readable_people(&self) -> anyhow::Result<(Vec<Who>, Vec<String>)> {
        let mut text = self.person.clone();
        if text == "-" {
            text.clear();
            std::io::stdin().read_to_string(&mut text).context("cannot read the standard input")?;
        }
        let (mut people, mut faults) = (Vec::new(), Vec::new());
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            match Who::read(line) {
                Ok(who) => people.push(who),
                Err(why) => faults.push(format!("line {}: {why}", at + 1)),
            }
        }
        if people.is_empty() {
            return Err(Failure::usage(faults.into_iter().next().unwrap_or_else(|| "nobody is named".to_owned())));
        }
        Ok((people, faults))
    }

    /// The members named, all of whom must be known.
    pub(super) fn members(&self, store: &Store, keyring: &Keyring) -> anyhow::Result<Vec<Member>> {
        let people = self.people()?;
        people
            .iter()
            .map(|who| {
                who.find(store, keyring)?.ok_or_else(|| {
                    Failure::refused(
                        "there is no such member; an address is found in any spelling, a pseudonym has 32 digits",
                    )
                })
            })
            .collect()
    }
}

impl Who {
    fn read(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_start_matches('\u{feff}');
        match text.parse() {
            Ok(pseudonym) => Ok(Self::Pseudonym(pseudonym)),
            Err(_) => text.parse().map(Self::Address).map_err(|error: AddressError| error.to_string()),
        }
    }

    fn find(&self, store: &Store, keyring: &Keyring) -> Result<Option<Member>, StoreError> {
        store.read_blocking(|db| match self {
            Self::Pseudonym(pseudonym) => members::find(db, pseudonym),
            Self::Address(address) => members::find_by_fingerprint(db, &Fingerprint::all(keyring, address)),
        })
    }
}
