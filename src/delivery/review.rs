//! What a look at the letters of the open mailings gave: which can be sent as they are, and why others cannot. A mailing
//! begins, and its deliveries are claimed, only when its letters can be written.

use std::collections::BTreeMap;
use std::fmt;

use crate::problem::{Problem, ProblemKind};
use crate::text::Slug;

/// Why the letters of a mailing cannot be written. Names places in files, never a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct LetterFault {
    /// What is wrong, with file and line.
    pub why: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for LetterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// A mailing whose letters were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Its campaign's slug.
    pub campaign: Slug,
    /// Its name within the campaign.
    pub mailing: String,
    /// The campaign's revision; another one has other letters.
    pub revision: i64,
    /// Why its letters cannot be written, if so.
    pub fault: Option<LetterFault>,
}

impl Looked {
    /// The name under which its problem is kept.
    pub fn object(&self) -> String {
        format!("{}/{}", self.campaign, self.mailing)
    }

    /// The problem that it is, if its letters cannot be written.
    pub fn problem(&self) -> Option<Problem> {
        let LetterFault { why, remedy } = self.fault.as_ref()?;
        let words =
            format!("mailing `{}` of `{}` waits: its letters cannot be written: {why}", self.mailing, self.campaign);
        Some(Problem::new(ProblemKind::LetterUnwritable, self.object(), words, remedy))
    }
}

/// Every open mailing as it was looked at, by its id in the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review(BTreeMap<i64, Looked>);

/// What a review says of a mailing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterState<'a> {
    /// They can be written.
    Ready,
    /// They cannot.
    Faulty(&'a LetterFault),
    /// They were not looked at, or were others then.
    Unseen,
}

impl Review {
    /// What it says of the letters that a mailing has in this revision of its campaign.
    pub fn letters(&self, mailing_id: i64, revision: i64) -> LetterState<'_> {
        match self.0.get(&mailing_id) {
            Some(looked) if looked.revision == revision => {
                looked.fault.as_ref().map_or(LetterState::Ready, LetterState::Faulty)
            }
            Some(_) | None => LetterState::Unseen,
        }
    }

    /// Every mailing that was looked at.
    pub fn mailings(&self) -> impl Iterator<Item = &Looked> {
        self.0.values()
    }
}

impl FromIterator<(i64, Looked)> for Review {
    fn from_iter<I: IntoIterator<Item = (i64, Looked)>>(looked: I) -> Self {
        Self(looked.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailing_that_was_applied_again_was_not_looked_at() {
        let fault = LetterFault { why: "hiver.toml:3: too long".to_owned(), remedy: "shorten it".to_owned() };
        let looked =
            |fault| Looked { campaign: "hiver".parse().unwrap(), mailing: "opening".into(), revision: 2, fault };
        let review: Review = [(1, looked(None)), (2, looked(Some(fault.clone())))].into_iter().collect();
        for (id, revision, expected) in [
            (1, 2, LetterState::Ready),
            (2, 2, LetterState::Faulty(&fault)),
            (1, 3, LetterState::Unseen),
            (2, 1, LetterState::Unseen),
            (3, 2, LetterState::Unseen),
        ] {
            assert_eq!(review.letters(id, revision), expected, "{id} {revision}");
        }
        assert_eq!(looked(None).problem(), None);
        let problem = looked(Some(fault)).problem().unwrap();
        assert_eq!((problem.object.as_str(), problem.remedy.as_str()), ("hiver/opening", "shorten it"));
    }
}
