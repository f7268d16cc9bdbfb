//! Who a command is about: members named by address or pseudonym, at the command line or one to a line on the standard
//! input, which keeps addresses out of the shell's history.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use anyhow::Context as _;

use super::Context;
use super::exit::Failure;
use super::table_file::read_list;
use crate::db::dossiers::{self, PersonDossier};
use crate::db::members::{self, Member};
use crate::db::{Store, StoreError, ledger, signups};
use crate::keys::Keyring;
use crate::member::{Address, Fingerprint, PeopleList, PersonNamed, UnreadLine};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken as _};

/// Line numbers that are shown for one reason.
const SHOWN: usize = 20;

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

/// Where a command that is about one person or about many finds them.
#[derive(Clone, Copy, Debug)]
pub(super) struct PeopleSource<'a> {
    /// One of them, or `-` for the standard input.
    pub(super) person: Option<&'a str>,
    /// A file of them, and its sheet where it is a workbook.
    pub(super) file: Option<&'a Path>,
    pub(super) sheet: Option<&'a str>,
}

impl PeopleSource<'_> {
    /// Who is meant. One person at the command line must be readable; `a_file` is what is said where that is a file.
    pub(super) fn read(&self, keyring: &Keyring, a_file: impl FnOnce(&str) -> Phrase) -> anyhow::Result<PeopleList> {
        let person = self.person.unwrap_or_default();
        let list = if let Some(file) = self.file {
            let bytes = read_list(file, self.sheet)?.map_err(|finding| Failure::refused(finding.line()))?;
            PeopleList::read(&bytes, keyring)
        } else if person == "-" {
            PeopleList::read(&standard_input()?, keyring)
        } else {
            let list = PeopleList::read(person.as_bytes(), keyring);
            match list.unread.first() {
                Some(_) if Path::new(person).is_file() => return Err(Failure::usage(a_file(person))),
                Some(fault) => return Err(Failure::usage(fault.why.phrase())),
                None if list.people.is_empty() => return Err(Failure::usage(NOT_A_PERSON)),
                None => list,
            }
        };
        if list.people.is_empty() && list.unread.is_empty() {
            return Err(Failure::usage(phrase!("withdraw-nobody")));
        }
        Ok(list)
    }

    /// Whether one person stands at the command line.
    pub(super) fn is_one(&self) -> bool {
        self.person.is_some_and(|person| person != "-")
    }
}

/// Lines that came to nothing, by why.
pub(super) type LinesByReason = BTreeMap<Phrase, Vec<usize>>;

/// The lines that were not read, by why.
pub(super) fn unread_by_reason(unread: &[UnreadLine]) -> LinesByReason {
    let mut reasons = LinesByReason::new();
    for line in unread {
        reasons.entry(line.why.phrase()).or_default().push(line.line);
    }
    reasons
}

/// Says which lines came to nothing, and why. Who stands in them is not repeated.
pub(super) fn tell_lines(reasons: LinesByReason, context: &mut Context) -> anyhow::Result<()> {
    for (why, lines) in reasons {
        let (count, shown) = (lines.len(), Fact::texts(lines.iter().take(SHOWN)));
        let message = match count.saturating_sub(SHOWN) {
            0 => phrase!("unread-lines", count = count, lines = shown, why = why),
            more => phrase!("unread-lines-more", lines = shown, more = more, why = why),
        };
        context.remark(&phrase!("finding-error", message = message))?;
    }
    Ok(())
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
    // Whoever deletes a row must not have it look as if there had never been anybody.
    if member.is_some() || dossier.sign_up.is_some() {
        return Ok(PersonKnown { member, dossier });
    }
    let named_in_ledger = store.read_blocking(|db| match named {
        PersonNamed::Address(_) => ledger::knows(db, &fingerprints),
        PersonNamed::Pseudonym(pseudonym) => Ok(!ledger::events_of(db, pseudonym)?.is_empty()),
    })?;
    if named_in_ledger {
        return Err(without_row());
    }
    // A letter may have gone there, and nobody has confirmed it.
    if dossier.is_empty() { Err(nobody()) } else { Ok(PersonKnown { member, dossier }) }
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
