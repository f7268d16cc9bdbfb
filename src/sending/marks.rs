//! The files of marks beside the configuration: one for each daemon, written by its senders, and read when the daemon is gone. What they
//! say is decided in [`crate::delivery::marks`].

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::db::deliveries::{Leases, witness};
use crate::delivery::marks::{BLOCK, LetterMark, MarkedLetters, block, head, place_of};
use crate::delivery::state::Fence;
use crate::files::{folder_of, open_private};

/// How the names of these files begin; the daemon's follows.
const NAME: &str = "carillon.marks-";

/// Where the files are.
#[derive(Clone, Debug)]
pub struct MarksFolder {
    folder: PathBuf,
}

impl MarksFolder {
    /// The folder that `file` is in.
    pub fn of(file: &Path) -> Self {
        Self { folder: folder_of(file).to_owned() }
    }

    fn path(&self, owner: &str) -> PathBuf {
        let name: String = owner.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).collect();
        self.folder.join(format!("{NAME}{name}"))
    }

    /// Begins the marks of the daemon `owner`, or goes on with them. `None` where nothing tells one start of the machine from
    /// another, so that no mark could be believed.
    pub(super) fn begin(&self, owner: &str) -> io::Result<Option<Marks>> {
        let Some(machine) = witness::kernel() else { return Ok(None) };
        let file = open_private(&self.path(owner), false)?;
        file.write_all_at(&head(owner, &machine), 0)?;
        let blocks = file.metadata()?.len().div_ceil(BLOCK as u64);
        Ok(Some(Marks { file, blocks: Mutex::new(blocks.max(1)) }))
    }

    /// What the marks say of letters that are held under `leases`, whose daemons are gone. A file that cannot be read says
    /// nothing: its letters are in doubt.
    pub fn left_by(&self, leases: &Leases) -> MarkedLetters {
        let Some(machine) = witness::kernel() else { return MarkedLetters::default() };
        let read = |path: PathBuf| match fs::read_to_string(&path) {
            Ok(text) => MarkedLetters::read(&text, &machine),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(file = %path.display(), error, "the marks of a daemon that is gone cannot be read: its letters are in doubt");
                None
            }
        };
        let files = self.files(leases).into_iter().filter_map(read);
        files
            .filter(|(owner, _)| leases.is_of_gone(owner))
            .fold(MarkedLetters::default(), |all, (_, more)| all.and(more))
    }

    /// What the marks of the living daemon `owner` say, of which `held` are still in a sender's hands: of what its senders let go of when
    /// they broke down. Nothing when they cannot be read.
    pub(super) fn left_of(&self, owner: &str, held: &[i64]) -> MarkedLetters {
        let path = self.path(owner);
        let read = fs::read_to_string(&path).map(|text| MarkedLetters::read(&text, &witness::kernel()?));
        let (_, mut letters) = match read {
            Ok(Some(read)) => read,
            Ok(None) => return MarkedLetters::default(),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(file = %path.display(), error, "the marks of a sender that broke down cannot be read: its letters are in doubt");
                return MarkedLetters::default();
            }
        };
        let held: HashSet<i64> = held.iter().copied().collect();
        letters.not_taken.retain(|fence| !held.contains(&fence.delivery));
        letters.taken.retain(|fence| !held.contains(&fence.delivery));
        letters
    }

    /// Removes the files of daemons that are gone, once what they had claimed is taken back.
    pub fn forget(&self, leases: &Leases) {
        for path in self.files(leases) {
            if let Err(error) = fs::remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(file = %path.display(), error, "a file of marks that nobody needs any more cannot be removed");
            }
        }
    }

    fn files(&self, leases: &Leases) -> Vec<PathBuf> {
        match leases {
            Leases::RunOut(_) => Vec::new(),
            Leases::Of(owners) => owners.iter().map(|owner| self.path(owner)).collect(),
            Leases::All(own) => {
                let own = self.path(own);
                let entries = fs::read_dir(&self.folder).into_iter().flatten().filter_map(Result::ok);
                let marks = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(NAME));
                marks.map(|entry| entry.path()).filter(|path| *path != own).collect()
            }
        }
    }
}

/// The file of this daemon.
#[derive(Debug)]
pub(super) struct Marks {
    file: File,
    blocks: Mutex<u64>,
}

impl Marks {
    /// A sender's own place in the file.
    pub(super) fn place(self: &Arc<Self>) -> io::Result<MarksPlace> {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let first = *blocks;
        // No hole is left in the file: what is read there would be no block.
        for blank in [first, first + 1] {
            self.file.write_all_at(&block([]), blank * BLOCK as u64)?;
        }
        *blocks = first + 2;
        drop(blocks);
        Ok(MarksPlace { marks: Arc::clone(self), blocks: [first, first + 1], is_granted: false, held: Vec::new() })
    }
}

/// Where one sender marks the letters that it was granted together.
///
/// It has two blocks and takes them in turns: what became of the letters of a grant is in the store once the next grant is, and
/// until then it is in the block that the next grant leaves alone.
#[derive(Debug)]
pub(super) struct MarksPlace {
    marks: Arc<Marks>,
    /// The one in use, and the other.
    blocks: [u64; 2],
    /// Whether the letters of the block in use were granted.
    is_granted: bool,
    held: Vec<i64>,
}

impl MarksPlace {
    /// Notes letters of which nothing has left, before they are granted.
    pub(super) fn hold<'a>(&mut self, fences: impl Iterator<Item = &'a Fence> + Clone) -> io::Result<()> {
        if self.is_granted {
            self.blocks.reverse();
            self.is_granted = false;
        }
        self.held = fences.clone().map(|fence| fence.delivery).collect();
        let [used, _] = self.blocks;
        self.marks.file.write_all_at(&block(fences), used * BLOCK as u64)
    }

    /// The letters that are held were granted, so that all that was recorded before is in the store.
    pub(super) fn granted(&mut self) {
        self.is_granted = true;
    }

    /// Marks a letter that is held.
    pub(super) fn mark(&self, delivery: i64, mark: LetterMark) -> io::Result<()> {
        let index = self.held.iter().position(|held| *held == delivery);
        let index = index.ok_or_else(|| io::Error::other("a letter that is not held cannot be marked"))?;
        let [used, _] = self.blocks;
        self.marks.file.write_all_at(&[mark.octet()], used * BLOCK as u64 + place_of(index) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fence(delivery: i64) -> Fence {
        Fence { delivery, claim: 1, owner: "shop-1-0a".into() }
    }

    #[test]
    fn what_a_daemon_marked_is_read_when_it_is_gone_and_then_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let files = MarksFolder::of(&folder.path().join("carillon.sent"));
        let all = Leases::All("shop-2-0b".to_owned());
        assert_eq!(files.left_by(&all), MarkedLetters::default());
        let marks = Arc::new(files.begin("shop-1-0a").unwrap().unwrap());
        let (mut one, mut another) = (marks.place().unwrap(), marks.place().unwrap());
        let [a, b, c, d] = [1, 2, 3, 4].map(fence);
        one.hold([&a, &b].into_iter()).unwrap();
        one.granted();
        one.mark(1, LetterMark::Begun).unwrap();
        one.mark(1, LetterMark::Taken).unwrap();
        one.mark(2, LetterMark::Begun).unwrap();
        another.hold([&c].into_iter()).unwrap();
        assert!(one.mark(3, LetterMark::Begun).is_err(), "held by another");
        // What is asked for next leaves what was granted alone, however often it is asked.
        one.hold([&d].into_iter()).unwrap();
        one.hold([&d].into_iter()).unwrap();
        let mut known = files.left_by(&all);
        known.not_taken.sort_by_key(|fence| fence.delivery);
        assert_eq!((known.not_taken, known.taken), (vec![c.clone(), d.clone()], vec![a.clone()]));
        assert_eq!(files.left_by(&Leases::All("shop-1-0a".to_owned())), MarkedLetters::default(), "one's own");
        assert_eq!(files.left_by(&Leases::Of(vec!["shop-3".to_owned()])), MarkedLetters::default());
        assert_eq!(files.left_by(&Leases::RunOut("shop-2-0b".to_owned())), MarkedLetters::default(), "it may live");
        // A sender that broke down tells as much of what is in nobody's hands.
        let known = files.left_of("shop-1-0a", &[3, 4]);
        assert_eq!((known.not_taken, known.taken), (vec![], vec![a.clone()]));
        assert_eq!(files.left_of("shop-1-0a", &[1, 2, 4]).not_taken, std::slice::from_ref(&c));
        assert_eq!(files.left_of("shop-3", &[]), MarkedLetters::default());
        one.granted();
        one.hold([&a].into_iter()).unwrap();
        let of = Leases::Of(vec!["shop-1-0a".to_owned()]);
        assert_eq!(files.left_by(&of).taken, [], "it is in the store by now");
        files.forget(&of);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
