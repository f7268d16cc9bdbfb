//! What looks like chance and is not: the same seed, the same draws.

/// `SplitMix64` (Steele, Lea and Flood, 2014): one word of state, and good enough to choose among faults.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `from..to`.
    pub fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.word() % (to - from)
    }

    /// Whether what happens in so many of a thousand cases happens now.
    pub fn in_thousand(&mut self, cases: u64) -> bool {
        self.within(0, 1_000) < cases
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.within(0, choices.len() as u64)).unwrap()]
    }
}
