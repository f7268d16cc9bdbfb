//! What a sender marks of the letters that it was granted together, so that a daemon that dies leaves at most one of them in
//! doubt.
//!
//! Several letters are recorded as handed over in one commit, and leave one after the other. Which of them have begun to leave,
//! and which the relay has answered for, the store learns a moment later; until then a mark tells it. Marks are written without a
//! wait for the disk: they outlive the daemon, and not its machine. So a file of marks names the start of the machine that it was
//! written under, and under another start it says nothing.
//!
//! A mark is believed for what it says and never for what is missing: of a letter that no mark names nobody knows anything.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::state::Fence;

/// The most letters that are granted together.
pub const MOST_TOGETHER: usize = 16;

/// For how long letters are granted together: half as long as the answer of the late check holds.
const AHEAD: Duration = Duration::from_millis(25);

/// How many letters a sender may be granted together that takes so long for each, while `waiting` of them wait for `senders`, on a
/// connection that takes `left` more.
pub fn together(took: Duration, waiting: usize, senders: usize, left: usize) -> usize {
    let in_time = AHEAD.as_micros() / took.as_micros().max(1);
    let in_time = usize::try_from(in_time).unwrap_or(MOST_TOGETHER);
    // Each sender has its part of what waits.
    let part = waiting / senders.max(1) + 1;
    in_time.min(part).min(left).clamp(1, MOST_TOGETHER)
}

/// The octets of a block: the head of a file, or the letters of one grant. No block lies in two pages, so that each is there whole
/// or not at all.
pub const BLOCK: usize = 1024;

/// The octets of a line of a block.
const LINE: usize = 44;

/// Where the mark stands in a line.
const AT: usize = LINE - 2;

/// What is known of a letter that its sender holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LetterMark {
    /// Nothing of its body has left.
    Held,
    /// The relay has said that it does not have it.
    NotTaken,
    /// The relay has said that it has it.
    Taken,
    /// Its body may have left, and nothing was heard.
    Begun,
}

impl LetterMark {
    const ALL: [Self; 4] = [Self::Held, Self::NotTaken, Self::Taken, Self::Begun];

    /// The octet that stands for it.
    pub const fn octet(self) -> u8 {
        match self {
            Self::Held => b'-',
            Self::NotTaken => b'n',
            Self::Taken => b't',
            Self::Begun => b'b',
        }
    }

    fn of(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| letter.as_bytes() == [mark.octet()])
    }
}

/// The octet of a block at which the mark of its letter number `index` stands.
pub const fn place_of(index: usize) -> usize {
    index * LINE + AT
}

/// The first block of a file: whose marks these are, and under which start of the machine they are made.
pub fn head(owner: &str, machine: &str) -> Vec<u8> {
    padded(format!("carillon.marks 1 owner={owner} machine={machine}\n"))
}

/// The block of letters of which nothing has left.
pub fn block<'a>(fences: impl IntoIterator<Item = &'a Fence>) -> Vec<u8> {
    let mut text = String::with_capacity(BLOCK);
    for fence in fences.into_iter().take(MOST_TOGETHER) {
        let held = char::from(LetterMark::Held.octet());
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{:>20} {:>20} {held}", fence.delivery, fence.claim);
    }
    padded(text)
}

fn padded(text: String) -> Vec<u8> {
    let mut block = text.into_bytes();
    block.resize(BLOCK, b' ');
    block
}

/// What the marks of daemons that are gone say of letters that the store knows as handed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkedLetters {
    /// Nothing of these has left, or the relay has said that it does not have them.
    pub not_taken: Vec<Fence>,
    /// The relay has said that it has these.
    pub taken: Vec<Fence>,
}

impl MarkedLetters {
    /// What the file of marks `text` says under this start of the machine. `None` when it says nothing that can be relied on: it
    /// was made under another start, or a line of it cannot be read.
    pub fn read(text: &str, machine: &str) -> Option<(Arc<str>, Self)> {
        let mut blocks = text.as_bytes().chunks(BLOCK).map(|block| std::str::from_utf8(block).ok());
        let head = blocks.next()??.trim_end().strip_prefix("carillon.marks 1 owner=")?;
        let (owner, made_under) = head.split_once(" machine=")?;
        let owner: Arc<str> = owner.into();
        if made_under != machine || machine.is_empty() {
            return None;
        }
        let mut marks: HashMap<(i64, i64), LetterMark> = HashMap::new();
        for block in blocks {
            for line in block?.trim_end().lines() {
                let mut words = line.split_whitespace();
                let (delivery, claim) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
                let mark = LetterMark::of(words.next()?)?;
                let known = marks.entry((delivery, claim)).or_insert(mark);
                // A sender that gave a letter to another one leaves its own mark.
                *known = mark.max(*known);
            }
        }
        let mut letters = Self::default();
        for ((delivery, claim), mark) in marks {
            let fence = Fence { delivery, claim, owner: Arc::clone(&owner) };
            match mark {
                LetterMark::Held | LetterMark::NotTaken => letters.not_taken.push(fence),
                LetterMark::Taken => letters.taken.push(fence),
                LetterMark::Begun => {}
            }
        }
        Some((owner, letters))
    }

    /// What the marks of several daemons say.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.not_taken.extend(more.not_taken);
        self.taken.extend(more.taken);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fence(delivery: i64, claim: i64) -> Fence {
        Fence { delivery, claim, owner: "shop-1-0a".into() }
    }

    fn file(blocks: &[Vec<u8>]) -> String {
        let head = head("shop-1-0a", "boot");
        String::from_utf8([&head].into_iter().chain(blocks).flatten().copied().collect()).unwrap()
    }

    fn marked(block: &mut [u8], index: usize, mark: LetterMark) {
        block[place_of(index)] = mark.octet();
    }

    #[test]
    fn as_many_are_granted_together_as_leave_while_the_answer_holds() {
        let of = |micros, waiting, left| together(Duration::from_micros(micros), waiting, 8, left);
        assert_eq!([of(0, 1_000, 100), of(1_000, 1_000, 100), of(5_000, 1_000, 100)], [16, 16, 5]);
        assert_eq!(
            [of(25_000, 1_000, 100), of(26_000, 1_000, 100), of(1_000_000, 1_000, 100)],
            [1, 1, 1],
            "a slow relay"
        );
        assert_eq!([of(1_000, 0, 100), of(1_000, 24, 100), of(1_000, 1_000, 3)], [1, 4, 3]);
        assert_eq!(of(1_000, 1_000, 0), 1);
    }

    #[test]
    fn a_letter_is_as_it_was_marked_last() {
        let mut letters = block(&[fence(1, 1), fence(2, 1), fence(i64::MAX, i64::MAX), fence(4, 7)]);
        marked(&mut letters, 0, LetterMark::Taken);
        marked(&mut letters, 1, LetterMark::Begun);
        marked(&mut letters, 3, LetterMark::NotTaken);
        let (owner, mut known) = MarkedLetters::read(&file(&[letters]), "boot").unwrap();
        known.not_taken.sort_by_key(|fence| fence.delivery);
        assert_eq!(&*owner, "shop-1-0a");
        assert_eq!(known.taken, [fence(1, 1)]);
        assert_eq!(known.not_taken, [fence(4, 7), fence(i64::MAX, i64::MAX)], "of the second nobody knows");
    }

    #[test]
    fn a_full_block_fits_and_what_two_senders_held_is_what_was_done_to_it_last() {
        let many: Vec<Fence> = (0..40).map(|number| fence(i64::MAX - number, i64::MAX)).collect();
        let full = block(&many);
        assert_eq!(full.len(), BLOCK);
        let (_, known) = MarkedLetters::read(&file(&[full]), "boot").unwrap();
        assert_eq!(known.not_taken.len(), MOST_TOGETHER);
        for (mark, others) in [(LetterMark::Begun, (0, 0)), (LetterMark::Taken, (0, 1)), (LetterMark::NotTaken, (1, 0))]
        {
            let (first, mut second) = (block(&[fence(1, 1)]), block(&[fence(1, 1)]));
            marked(&mut second, 0, mark);
            for blocks in [[first.clone(), second.clone()], [second, first]] {
                let (_, known) = MarkedLetters::read(&file(&blocks), "boot").unwrap();
                assert_eq!((known.not_taken.len(), known.taken.len()), others, "{mark:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_relied_on_says_nothing() {
        let whole = file(&[block(&[fence(1, 1)]), block(&[])]);
        assert!(MarkedLetters::read(&whole, "boot").is_some());
        assert_eq!(MarkedLetters::read(&whole, "another start"), None);
        assert_eq!(MarkedLetters::read(&file(&[]).replace("boot", "").replace("machine= ", "machine="), ""), None);
        for broken in
            [whole.replace(" -\n", " ?\n"), whole.replace(" -\n", "\n"), whole.replace(" 1 -", " x -"), String::new()]
        {
            assert_eq!(MarkedLetters::read(&broken, "boot"), None);
        }
        // What is cut off is one block less, and its letters are in doubt.
        let (_, known) = MarkedLetters::read(&whole[..BLOCK], "boot").unwrap();
        assert_eq!(known, MarkedLetters::default());
    }
}
