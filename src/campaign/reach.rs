//! Whom a mailing would reach if it began now, as the store counts it: by language and by list, and who is left out and why.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::member::{Language, ListName};
use crate::phrase;
use crate::phrase::Fact;

/// Whom a mailing is for, by their lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recipients<'a> {
    /// Those on one of these; everybody where there is none.
    pub to: &'a [ListName],
    /// But nobody on one of these.
    pub not: &'a [ListName],
}

/// Whom a mailing is not for, of those that the store knows. Whoever has several reasons counts for the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// They have asked for letters, and have not confirmed it.
    pub unconfirmed: u64,
    /// They left, or their mailbox is gone.
    pub left: u64,
    /// Their consent has run out.
    pub run_out: u64,
    /// They asked for a pause that lasts.
    pub paused: u64,
    /// Their address is on the suppression list, or gone.
    pub barred: u64,
    /// They are on a list of those who do not get the mailing.
    pub kept_out: u64,
    /// They may be written to, and are on none of the mailing's lists.
    pub elsewhere: u64,
}

impl LeftOut {
    /// How many for which reason, as parts of a sentence; those of whom there is nobody are left out.
    pub fn parts(&self) -> Vec<Fact> {
        let parts = [
            (self.unconfirmed, phrase!("left-out-unconfirmed", count = self.unconfirmed)),
            (self.left, phrase!("left-out-left", count = self.left)),
            (self.run_out, phrase!("left-out-run-out", count = self.run_out)),
            (self.paused, phrase!("left-out-paused", count = self.paused)),
            (self.barred, phrase!("left-out-barred", count = self.barred)),
            (self.kept_out, phrase!("left-out-kept-out", count = self.kept_out)),
            (self.elsewhere, phrase!("left-out-elsewhere", count = self.elsewhere)),
        ];
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words.into()).collect()
    }
}

/// Why a mailing to `recipients` that leaves out these would reach nobody, and what to do: its lists, those of `not`, or that there is
/// nobody to write to at all.
pub fn why_nobody(recipients: Recipients<'_>, left_out: &LeftOut) -> WhyNobody {
    if left_out.kept_out > 0 {
        WhyNobody::KeptOut
    } else if !recipients.to.is_empty() && left_out.elsewhere > 0 {
        WhyNobody::Lists
    } else {
        WhyNobody::NoMembers
    }
}

/// Why a mailing would reach nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNobody {
    /// There is nobody who may be written to.
    NoMembers,
    /// There is, but not on its lists.
    Lists,
    /// There is on its lists, and all of them are on one that it leaves out.
    KeptOut,
}

impl WhyNobody {
    /// The reason in English, as a problem has it.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoMembers => "there is no confirmed member to write to",
            Self::Lists => "there is nobody to write to on its lists",
            Self::KeptOut => "everybody who could be written to is on a list that it leaves out in `not`",
        }
    }
}

/// What to do where everybody is on a list that is left out, in English.
pub const KEPT_OUT_REMEDY: &str = "`carillon list show` says who is on which list: take the wrong one out of `not` in the file and \
                                   apply it again, or take people off it";

/// The names of lists, as a sentence has them.
pub fn named_lists<'a>(lists: impl IntoIterator<Item = &'a ListName>) -> Fact {
    Fact::texts(lists.into_iter().map(|list| format!("`{list}`")))
}

/// A list, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListCount {
    /// How many people are on it.
    pub people: u64,
    /// How many of them may be written to.
    pub reached: u64,
}

/// Whom a mailing would reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MailingReach {
    /// How many would be written to, by the language that they chose. Whoever is on several of its lists counts once.
    pub languages: BTreeMap<Language, u64>,
    /// Its lists, as far as there are such; none where it goes to everybody.
    pub lists: BTreeMap<ListName, ListCount>,
    /// Who would not be. Of a mailing to lists, the reasons are those of people on them.
    pub left_out: LeftOut,
}

impl MailingReach {
    /// How many would be written to.
    pub fn people(&self) -> u64 {
        self.languages.values().sum()
    }
}

/// Which lists there are, and whom the mailings of a campaign would reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audiences {
    /// The lists of the shop.
    pub lists: Vec<ListName>,
    /// The mailings of the campaign, by name.
    pub mailings: BTreeMap<String, MailingReach>,
}
