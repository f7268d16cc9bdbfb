//! The templates of a shop as they lie in its folder: read again when asked, and checked again when they have changed.

use std::path::PathBuf;

use super::files;
use super::template::TemplateSet;
use crate::finding::Finding;
use crate::template::folder::Loaded;

/// Where a shop's templates come from, and what they were when they were last looked at.
#[derive(Debug)]
pub struct TemplateSource {
    folder: Option<PathBuf>,
    read: Result<Loaded, Vec<Finding>>,
    set: Result<TemplateSet, Vec<Finding>>,
}

impl TemplateSource {
    /// The templates of `folder` over the built-in ones, or these alone.
    pub fn open(folder: Option<PathBuf>) -> Self {
        let read = files::read(folder.as_deref());
        let set = read.clone().and_then(|loaded| TemplateSet::of(folder.as_deref(), loaded));
        Self { folder, read, set }
    }

    /// Reads the folder again. Says whether anything in it has changed.
    pub fn look_again(&mut self) -> bool {
        let read = files::read(self.folder.as_deref());
        let changed = read != self.read;
        if changed {
            self.set = read.clone().and_then(|loaded| TemplateSet::of(self.folder.as_deref(), loaded));
            self.read = read;
        }
        changed
    }

    /// The set; or everything that is wrong, and then nothing of the folder is used.
    pub fn set(&self) -> Result<&TemplateSet, &[Finding]> {
        self.set.as_ref().map_err(Vec::as_slice)
    }
}
