//! Who a command is about: members named by address or pseudonym, at the command line or one to a line on the standard
//! input, which keeps addresses out of the shell's history.

use std::io::Read;

use anyhow::Context as _;

use super::exit::Failure;
use crate::db::members::{self, Member};
use crate::db::{Store, StoreError, signups};
use crate::keys::Keyring;
use crate::member::{Address, Fingerprint, PeopleList, PersonNamed};

/// Who is meant.
#[derive(Debug, clap::Args)]
pub(super) struct WhoArgs {
    /// An address, a pseudonym, or `-` to read them from the standard input, one to a line, which keeps addresses out
    /// of the shell's history
    // Not `who`: that is the name of the global option for who runs the command, and clap would take one for the other.
    #[arg(value_name = "ADDRESS|PSEUDONYM|-")]
    person: String,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl WhoArgs {
    /// The members named, all of whom must be known.
    pub(super) fn members(&self, store: &Store, keyring: &Keyring) -> anyhow::Result<Vec<Member>> {
        self.named(keyring)?.iter().map(|named| known(named, store, keyring)).collect()
    }

    /// The same, and the addresses by which they were named. An address that only has a sign-up is no member's, and is known
    /// all the same.
    pub(super) fn members_and_addresses(
        &self,
        store: &Store,
        keyring: &Keyring,
    ) -> anyhow::Result<(Vec<Member>, Vec<Address>)> {
        let named = self.named(keyring)?;
        let mut members = Vec::new();
        for person in &named {
            match find(person, store, keyring)? {
                Some(member) => members.push(member),
                None if has_signed_up(person, store, keyring)? => {}
                None => members.push(known(person, store, keyring)?),
            }
        }
        let address = |named: PersonNamed| match named {
            PersonNamed::Address(address) => Some(address),
            PersonNamed::Pseudonym(_) => None,
        };
        Ok((members, named.into_iter().filter_map(address).collect()))
    }

    /// Who is named: at least one person, all of whom can be read.
    fn named(&self, keyring: &Keyring) -> anyhow::Result<Vec<PersonNamed>> {
        let bytes = if self.person == "-" { standard_input()? } else { self.person.clone().into_bytes() };
        let list = PeopleList::read(&bytes, keyring);
        if let Some(fault) = list.unread.first() {
            return Err(Failure::usage(format!("line {}: {}", fault.line, fault.why)));
        }
        if list.people.is_empty() {
            return Err(Failure::usage("nobody is named"));
        }
        Ok(list.people)
    }
}

fn known(named: &PersonNamed, store: &Store, keyring: &Keyring) -> anyhow::Result<Member> {
    find(named, store, keyring)?.ok_or_else(|| {
        Failure::refused("there is no such member; an address is found in any spelling, a pseudonym has 32 digits")
    })
}

fn has_signed_up(named: &PersonNamed, store: &Store, keyring: &Keyring) -> Result<bool, StoreError> {
    let PersonNamed::Address(address) = named else { return Ok(false) };
    store.read_blocking(|db| signups::waits(db, &Fingerprint::all(keyring, address), address))
}

/// Everything on the standard input.
pub(super) fn standard_input() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).context("cannot read the standard input")?;
    Ok(bytes)
}

fn find(named: &PersonNamed, store: &Store, keyring: &Keyring) -> Result<Option<Member>, StoreError> {
    store.read_blocking(|db| match named {
        PersonNamed::Pseudonym(pseudonym) => members::find(db, pseudonym),
        PersonNamed::Address(address) => members::find_by_fingerprint(db, &Fingerprint::all(keyring, address)),
    })
}
