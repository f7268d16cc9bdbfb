//! The name under which the ledger, the queue and the tokens know a member. It is random: nothing of the person or of
//! the address is in it, so it may stay when the address is gone.

use sha2::{Digest, Sha256};

use crate::keys::hex::written_in_hex;

/// 128 random bits, written as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym([u8; 16]);

/// Nobody: the name under which a daemon tries whether people can leave. No store has it, and no name that is drawn at random
/// will be this one.
pub const CANARY: Pseudonym = Pseudonym(*b"carillon.canary!");

impl Pseudonym {
    /// A pseudonym made of random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The text is not 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pseudonym is 32 digits from 0 to 9 and a to f")]
pub struct NoPseudonym;

written_in_hex!(Pseudonym, NoPseudonym);

impl serde::Serialize for Pseudonym {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// As many pseudonyms as an import needs, from one random seed: a transaction that is run again gives the same ones.
///
/// Those of one seed share their first 32 bits, so that an index holds them side by side: a store of a million members
/// would otherwise write another page for each new one. 96 bits of each are its own.
#[derive(Clone)]
pub struct Pseudonyms {
    seed: [u8; 32],
    next: u64,
}

impl Pseudonyms {
    /// Pseudonyms that follow from `seed`, which must come from the system's random source.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed, next: 0 }
    }

    /// The next one.
    pub fn draw(&mut self) -> Pseudonym {
        let [shared, own] = [u64::MAX, self.next].map(|number| -> [u8; 32] {
            Sha256::new().chain_update(self.seed).chain_update(number.to_be_bytes()).finalize().into()
        });
        self.next += 1;
        let mut bytes = [0; 16];
        for (byte, random) in bytes.iter_mut().zip(shared.into_iter().take(4).chain(own)) {
            *byte = random;
        }
        Pseudonym(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_read_as_it_is_written() {
        let mut pseudonyms = Pseudonyms::from_seed([7; 32]);
        let (first, second) = (pseudonyms.draw(), pseudonyms.draw());
        assert_ne!(first, second);
        assert_eq!(first.to_string().parse(), Ok(first));
        assert_eq!(first.to_string().get(..8), second.to_string().get(..8), "side by side in an index");
        assert_eq!(first.to_string().to_uppercase().parse::<Pseudonym>(), Err(NoPseudonym));
        assert_eq!(Pseudonyms::from_seed([7; 32]).draw(), first);
    }
}
