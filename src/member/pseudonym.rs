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
    shared: [u8; 4],
    next: u64,
}

impl Pseudonyms {
    /// Pseudonyms that follow from `seed`, which must come from the system's random source.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let [a, b, c, d, ..] = digest(&seed, u64::MAX);
        Self { seed, shared: [a, b, c, d], next: 0 }
    }

    /// The next one.
    pub fn draw(&mut self) -> Pseudonym {
        let own = digest(&self.seed, self.next);
        self.next += 1;
        let mut bytes = [0; 16];
        for (byte, random) in bytes.iter_mut().zip(self.shared.into_iter().chain(own)) {
            *byte = random;
        }
        Pseudonym(bytes)
    }

    /// The next ones, in ascending order: those who come into an index in its order are quickly there, and leave its pages full.
    pub fn draw_ascending(&mut self, count: usize) -> Vec<Pseudonym> {
        let mut drawn: Vec<Pseudonym> = std::iter::repeat_with(|| self.draw()).take(count).collect();
        drawn.sort_unstable();
        drawn
    }
}

fn digest(seed: &[u8; 32], number: u64) -> [u8; 32] {
    Sha256::new().chain_update(seed).chain_update(number.to_be_bytes()).finalize().into()
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
        let mut both = [first, second];
        both.sort_unstable();
        assert_eq!(Pseudonyms::from_seed([7; 32]).draw_ascending(2), both);
    }
}
