//! In which order the rows of a list are stored. Fingerprints are random, so rows in the order of the file would write pages all
//! over their index, again and again. Rows therefore wait until many are there, and are taken a portion at a time as a sweep
//! through the index comes by: each portion is a stretch of it, and each page is written once in a sweep.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};

/// Rows that wait for their neighbours, each under the key of whom it is about and its number in the file.
#[derive(Debug)]
pub(super) struct ImportOrder<K, T> {
    portion: usize,
    room: usize,
    waiting: BTreeMap<(K, u64), T>,
    /// Of the row `first` and those behind it, whether they wait.
    waits: VecDeque<bool>,
    first: u64,
    /// How far the sweep has come.
    reached: Option<(K, u64)>,
    /// How many rows were taken.
    taken: usize,
}

impl<K: Copy + Ord + std::hash::Hash, T> ImportOrder<K, T> {
    /// For portions of so many rows, with room for so many more to wait.
    pub(super) fn new(portion: usize, room: usize) -> Self {
        let (waiting, waits) = (BTreeMap::new(), VecDeque::new());
        Self { portion, room, waiting, waits, first: 0, reached: None, taken: 0 }
    }

    /// The next row of the file, which is about `key`.
    pub(super) fn add(&mut self, key: K, row: T) {
        self.waiting.insert((key, self.next()), row);
        self.waits.push_back(true);
    }

    /// The next row of the file is about nobody and waits for nobody. Returns its number.
    pub(super) fn pass(&mut self) -> u64 {
        let number = self.next();
        self.waits.push_back(false);
        self.forget();
        number
    }

    fn next(&self) -> u64 {
        self.first + self.waits.len() as u64
    }

    /// Whether a portion is to be taken before another row is added. While little was taken the index is small, and few need
    /// to wait.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= self.portion + self.room.min(self.taken)
    }

    /// The next portion, with the numbers of its rows; nothing when none waits. Nobody is in it twice: a later row about
    /// somebody is in a later portion, and so meets what the earlier one left.
    pub(super) fn take(&mut self) -> Vec<(u64, T)> {
        let (ahead, behind) = match self.reached {
            Some(reached) => (self.waiting.range((Excluded(reached), Unbounded)), Some(self.waiting.range(..=reached))),
            None => (self.waiting.range(..), None),
        };
        let mut taken: Vec<(K, u64)> = Vec::with_capacity(self.portion.min(self.waiting.len()));
        for (place, _) in ahead.chain(behind.into_iter().flatten()) {
            if taken.len() >= self.portion {
                break;
            }
            if taken.last().is_none_or(|(key, _)| *key != place.0) {
                taken.push(*place);
            }
        }
        self.reached = taken.last().copied().or(self.reached);
        self.remove(&taken)
    }

    /// The next portion when no more rows come. A file of one portion is taken in its own order, up to a row about somebody
    /// who is in the portion already.
    pub(super) fn take_last(&mut self) -> Vec<(u64, T)> {
        if self.waiting.len() > self.portion || self.reached.is_some() {
            return self.take();
        }
        let mut places: Vec<(K, u64)> = self.waiting.keys().copied().collect();
        places.sort_unstable_by_key(|(_, number)| *number);
        let mut known = HashSet::new();
        let alone = places.iter().take_while(|(key, _)| known.insert(*key)).count();
        places.truncate(alone);
        self.remove(&places)
    }

    fn remove(&mut self, places: &[(K, u64)]) -> Vec<(u64, T)> {
        self.taken += places.len();
        let mut rows = Vec::with_capacity(places.len());
        for place in places {
            let at = usize::try_from(place.1 - self.first).ok().and_then(|at| self.waits.get_mut(at));
            if let Some(waits) = at {
                *waits = false;
            }
            rows.extend(self.waiting.remove(place).map(|row| (place.1, row)));
        }
        self.forget();
        rows
    }

    fn forget(&mut self) {
        while self.waits.front() == Some(&false) {
            self.waits.pop_front();
            self.first += 1;
        }
    }

    /// The number below which no row waits.
    pub(super) fn settled(&self) -> u64 {
        self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(rows: &[(u64, ())]) -> Vec<u64> {
        rows.iter().map(|(number, ())| *number).collect()
    }

    #[test]
    fn portions_are_stretches_of_the_index_in_a_sweep() {
        let mut order = ImportOrder::new(2, 4);
        for key in [5, 1] {
            assert!(!order.is_full());
            order.add(key, ());
        }
        assert!(order.is_full(), "while little was taken, few wait");
        assert_eq!((numbers(&order.take()), order.settled()), (vec![1, 0], 2));
        for key in [2, 9, 7, 3] {
            assert!(!order.is_full());
            order.add(key, ());
        }
        assert!(order.is_full());
        assert_eq!((numbers(&order.take()), order.settled()), (vec![4, 3], 2), "behind the last, not from the start");
        assert_eq!((numbers(&order.take_last()), order.settled()), (vec![2, 5], 6), "and from the start again");
        assert_eq!(order.take_last(), []);
    }

    #[test]
    fn a_later_row_about_somebody_is_in_a_later_portion() {
        let mut order = ImportOrder::new(3, 10);
        for key in [4, 4, 2, 4] {
            order.add(key, ());
        }
        assert_eq!((numbers(&order.take()), order.settled()), (vec![2, 0], 1));
        order.add(4, ());
        assert_eq!((numbers(&order.take()), order.settled()), (vec![1], 3));
        assert_eq!(numbers(&order.take()), [3]);
        assert_eq!((numbers(&order.take()), order.settled()), (vec![4], 5));
    }

    #[test]
    fn a_small_file_is_taken_in_its_own_order() {
        let mut order = ImportOrder::new(5, 10);
        for key in [9, 1] {
            order.add(key, ());
        }
        assert_eq!(order.pass(), 2);
        for key in [3, 1] {
            order.add(key, ());
        }
        assert_eq!((numbers(&order.take_last()), order.settled()), (vec![0, 1, 3], 4));
        assert_eq!((numbers(&order.take_last()), order.settled()), (vec![4], 5));
    }

    #[test]
    fn what_is_about_nobody_waits_for_those_before_it() {
        let mut order: ImportOrder<u8, ()> = ImportOrder::new(5, 10);
        assert_eq!((order.pass(), order.settled()), (0, 1));
        order.add(1, ());
        assert_eq!((order.pass(), order.settled()), (2, 1));
        assert_eq!((numbers(&order.take()), order.settled()), (vec![1], 3));
    }
}
