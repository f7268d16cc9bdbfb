//! Who a command is about: members named by address or pseudonym, at the command line or one to a line on the standard
//! input, which keeps addresses out of the shell's history.

use std::io::Read;

use anyhow::Context as _;

use super::exit::Failure;
use crate::db::dossiers::{self, PersonDossier};
use crate::db::members::{self, Member};
use crate::db::{Store, StoreError, ledger, signups};
use crate::keys::Keyring;
use crate::member::{Address, Fingerprint, PeopleList, PersonNamed};
use crate::phrase;
use crate::phrase::{Fact, Spoken as _};

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

/// Somebody about whom the store holds something: as a member, by a sign-up that waits, or both.
pub(super) struct PersonKnown {
    pub(super) member: Option<Member>,
    pub(super) dossier: PersonDossier,
}

impl PersonKnown {
    /// What is held, with addresses that can be recognised and not written to.
    pub(super) fn masked(self) -> PersonDossier {
        let mut dossier = self.dossier;
        if let Some(member) = &mut dossier.member {
            member.address = self.member.and_then(|member| member.address).map(|address| address.to_string());
        }
        if let Some(sign_up) = &mut dossier.sign_up {
            sign_up.address = sign_up.address.parse::<Address>().map_or_else(|_| String::new(), |it| it.to_string());
        }
        dossier
    }
}

impl WhoArgs {
    /// The people named, about all of whom something must be held.
    pub(super) fn people(&self, store: &Store, keyring: &Keyring) -> anyhow::Result<Vec<PersonKnown>> {
        self.named(keyring)?.iter().map(|named| person(named, store, keyring)).collect()
    }

    /// The members named, and the addresses by which they were named. An address that only has a sign-up is no member's, and is known
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
            return Err(Failure::usage(phrase!("who-line", line = Fact::text(fault.line), why = fault.why.phrase())));
        }
        if list.people.is_empty() {
            // One word alone is taken for the header of a list; what was typed is not repeated, for it may be about somebody.
            let why = if self.person == "-" { "nobody is named" } else { NOT_A_PERSON };
            return Err(Failure::usage(why));
        }
        Ok(list.people)
    }
}

/// What is said of something that names nobody.
pub(super) const NOT_A_PERSON: &str =
    "this is neither an address, such as camille@example.fr, nor a pseudonym, which has 32 digits";

fn person(named: &PersonNamed, store: &Store, keyring: &Keyring) -> anyhow::Result<PersonKnown> {
    let member = find(named, store, keyring)?;
    let fingerprints = match (named, &member) {
        (PersonNamed::Address(address), _) | (_, Some(Member { address: Some(address), .. })) => {
            Fingerprint::all(keyring, address)
        }
        (PersonNamed::Pseudonym(_), Some(member)) => vec![member.fingerprint],
        (PersonNamed::Pseudonym(_), None) => Vec::new(),
    };
    let dossier = store.snapshot_blocking(|db| dossiers::of_person(db, member.as_ref(), &fingerprints, keyring))?;
    if !dossier.is_empty() {
        return Ok(PersonKnown { member, dossier });
    }
    // Whoever deletes a row must not have it look as if there had never been anybody.
    let named_in_ledger = store.read_blocking(|db| match named {
        PersonNamed::Address(_) => ledger::knows(db, &fingerprints),
        PersonNamed::Pseudonym(pseudonym) => Ok(!ledger::events_of(db, pseudonym)?.is_empty()),
    })?;
    Err(if named_in_ledger { without_row() } else { nobody() })
}

fn known(named: &PersonNamed, store: &Store, keyring: &Keyring) -> anyhow::Result<Member> {
    find(named, store, keyring)?.ok_or_else(nobody)
}

fn without_row() -> anyhow::Error {
    Failure::refused(
        "NO PROOF: the ledger knows this person, and there is no row among the members: the store was changed by another program. \
         `carillon consent verify` names everything that does not fit",
    )
}

fn nobody() -> anyhow::Error {
    Failure::refused(
        "there is no such member, and no sign-up that waits; an address is found in any spelling, a pseudonym has 32 digits",
    )
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
