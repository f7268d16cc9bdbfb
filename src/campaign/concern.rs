//! What stands between a file and what is applied: what cannot be done, what only a person can take on, and what is worth
//! knowing first. A plan tells them all, and an apply is refused by the same ones.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Campaign, MailingKind, Shown, Untrue};
use crate::finding::{Finding, Place, Severity};
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::Slug;
use crate::{phrase, spoken_errors};

/// What a person takes on by name, with a flag of `campaign apply`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// To change what people were told: an instant, who can buy and how, or a price.
    AlthoughTold,
    /// To write a second letter of a kind to the same people.
    WriteAgain,
    /// To replace what was applied from another file.
    Replace,
}

/// How much a concern weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The file cannot be applied.
    Forbids,
    /// The file can be applied when a person takes it on.
    Asks(Answer),
    /// The file can be applied; this is what it comes to.
    Tells(Severity),
}

/// People who have a letter, or may have it: it was accepted for them, or is in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readers {
    /// The mailing they have it from.
    pub mailing: String,
    /// How many.
    pub people: u64,
}

impl Readers {
    /// How many have it, and from which mailing.
    fn phrase(&self) -> Phrase {
        phrase!("people-by", people = self.people, mailing = self.mailing.as_str())
    }
}

/// One thing between a file and what is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Concern {
    /// The campaign was cancelled, and its members may have been told.
    Cancelled {
        /// The campaign.
        slug: Slug,
        /// A slug for the new sale.
        new_slug: Slug,
    },
    /// The sale is over, so its gate and its report are history.
    Over {
        /// The campaign.
        slug: Slug,
        /// When its gate closed.
        closed: Shown,
        /// A slug for the new sale.
        new_slug: Slug,
    },
    /// People were written to about this sale, and the file is about another one, seasons later.
    NewEdition {
        /// Who.
        readers: Vec<Readers>,
        /// A slug for the new sale.
        new_slug: Slug,
    },
    /// Messages of the mailing have left, so what it says cannot change any more.
    Begun {
        /// The mailing.
        mailing: String,
        /// What the file changes.
        field: &'static str,
    },
    /// The mailing ended without anybody getting it. Under the same name it does not begin again.
    Ended {
        /// The mailing.
        mailing: String,
    },
    /// The mailing was taken back after it had begun. Under the same name nobody could get it again.
    TakenBack {
        /// The mailing.
        mailing: String,
    },
    /// A mailing that people have is gone from the file, and another of the same kind is new in it.
    Renamed {
        /// The mailing that people have.
        was: Readers,
        /// The new one.
        to: String,
    },
    /// An instant moves that people were told.
    Told {
        /// The key in `[window]`: `opens` or `closes`.
        field: &'static str,
        /// What they were told.
        told: Shown,
        /// What it would be.
        will_be: Shown,
        /// Who.
        readers: Vec<Readers>,
    },
    /// Something else that people were told is not so any more.
    Untrue {
        /// What.
        what: Box<Untrue>,
        /// Who.
        readers: Vec<Readers>,
    },
    /// A mailing that people have leaves the file. What it said stays with them.
    LettersStay {
        /// Who.
        readers: Readers,
    },
    /// A mailing is of a kind that people have a letter of already.
    SecondLetter {
        /// The new mailing.
        mailing: String,
        /// Its kind.
        kind: MailingKind,
        /// The campaign they have the first from.
        campaign: Slug,
        /// Who.
        readers: Readers,
    },
    /// A mailing is of the kind of one that was set aside, which people may have.
    MaybeSecondLetter {
        /// The new mailing.
        mailing: String,
        /// Its kind.
        kind: MailingKind,
        /// The one that was set aside.
        first: String,
    },
    /// A mailing does not leave from a store that may have forgotten its sending.
    SetAside {
        /// The mailing.
        mailing: String,
    },
    /// The campaign was last applied from a file of another name.
    OtherFile {
        /// The campaign.
        slug: Slug,
        /// That file.
        applied: String,
    },
    /// The same file was applied under another slug, and that campaign goes on.
    OtherSlug {
        /// That campaign.
        slug: Slug,
    },
    /// A mailing that has begun is taken back.
    TakenAway {
        /// Who has it.
        readers: Readers,
        /// How many messages will not leave.
        waiting: u64,
    },
    /// The file gives other times to a mailing whose messages have left.
    TimesStay {
        /// The mailing.
        mailing: String,
    },
    /// Nothing of a mailing has left although it has begun, so it follows the file.
    Mended {
        /// The mailing.
        mailing: String,
        /// How many messages wait.
        waiting: u64,
    },
}

/// Who was told by which mailing, as the beginning of a sentence.
pub fn told_by(readers: &[Readers]) -> Phrase {
    match readers {
        [] => phrase!("told-nobody"),
        [one] => phrase!("told-by", people = one.people, mailing = one.mailing.as_str()),
        [first, rest @ ..] => {
            let others: Vec<Fact> = rest.iter().map(|readers| readers.phrase().into()).collect();
            phrase!("told-by-several", people = first.people, mailing = first.mailing.as_str(), others = others)
        }
    }
}

impl Spoken for Concern {
    /// What it is; its part `remedy` is what a person does about it.
    fn phrase(&self) -> Phrase {
        match self {
            Self::Cancelled { slug, new_slug } => {
                phrase!("apply-cancelled", slug = Fact::text(slug), new_slug = Fact::text(new_slug))
            }
            Self::Over { slug, closed, new_slug } => {
                phrase!("apply-over", slug = Fact::text(slug), closed = closed.fact(), new_slug = Fact::text(new_slug))
            }
            Self::NewEdition { readers, new_slug } => {
                phrase!("apply-new-edition", told = told_by(readers), new_slug = Fact::text(new_slug))
            }
            Self::Begun { mailing, field } => {
                phrase!("apply-begun", mailing = mailing.as_str(), field = *field)
            }
            Self::Ended { mailing } => phrase!("apply-ended", mailing = mailing.as_str()),
            Self::TakenBack { mailing } => phrase!("apply-taken-back", mailing = mailing.as_str()),
            Self::Renamed { was, to } => {
                phrase!("apply-renamed", was = was.mailing.as_str(), to = to.as_str(), people = was.people)
            }
            Self::Told { field, told, will_be, readers } => phrase!(
                "apply-people-were-told",
                who = told_by(readers),
                field = *field,
                told = told.fact(),
                will_be = will_be.fact()
            ),
            Self::Untrue { what, readers } if what.is_grave() => {
                phrase!("apply-told-gravely", who = told_by(readers), what = what.phrase())
            }
            Self::Untrue { what, readers } => {
                phrase!("apply-told-otherwise", who = told_by(readers), what = what.phrase())
            }
            Self::LettersStay { readers } => {
                phrase!("apply-letters-stay", mailing = readers.mailing.as_str(), people = readers.people)
            }
            Self::SecondLetter { mailing, kind, campaign, readers } => phrase!(
                "apply-second-letter",
                mailing = mailing.as_str(),
                kind = Fact::text(kind),
                campaign = Fact::text(campaign),
                people = readers.people,
                first = readers.mailing.as_str()
            ),
            Self::MaybeSecondLetter { mailing, kind, first } => phrase!(
                "apply-maybe-second-letter",
                mailing = mailing.as_str(),
                kind = Fact::text(kind),
                first = first.as_str()
            ),
            Self::SetAside { mailing } => phrase!("apply-set-aside", mailing = mailing.as_str()),
            Self::OtherFile { slug, applied } => {
                phrase!("apply-other-file", slug = Fact::text(slug), applied = applied.as_str())
            }
            Self::OtherSlug { slug } => phrase!("apply-other-slug", slug = Fact::text(slug)),
            Self::TakenAway { readers, waiting } => phrase!(
                "apply-taken-away",
                mailing = readers.mailing.as_str(),
                people = readers.people,
                waiting = *waiting
            ),
            Self::TimesStay { mailing } => phrase!("apply-times-stay", mailing = mailing.as_str()),
            Self::Mended { mailing, waiting } => {
                phrase!("apply-mended", mailing = mailing.as_str(), waiting = *waiting)
            }
        }
    }
}

spoken_errors!(Concern);

impl Concern {
    /// How much it weighs.
    pub fn weight(&self) -> Weight {
        match self {
            Self::Cancelled { .. }
            | Self::Over { .. }
            | Self::NewEdition { .. }
            | Self::Begun { .. }
            | Self::Ended { .. }
            | Self::TakenBack { .. }
            | Self::Renamed { .. } => Weight::Forbids,
            Self::Told { .. } => Weight::Asks(Answer::AlthoughTold),
            Self::Untrue { what, .. } if what.is_grave() => Weight::Asks(Answer::AlthoughTold),
            Self::SecondLetter { .. } | Self::MaybeSecondLetter { .. } => Weight::Asks(Answer::WriteAgain),
            Self::OtherFile { .. } => Weight::Asks(Answer::Replace),
            Self::Untrue { .. } | Self::OtherSlug { .. } | Self::TakenAway { .. } | Self::SetAside { .. } => {
                Weight::Tells(Severity::Warning)
            }
            Self::TimesStay { .. } | Self::Mended { .. } | Self::LettersStay { .. } => Weight::Tells(Severity::Note),
        }
    }

    /// Whether it stops an apply by a person who gave `answers`.
    pub fn stops(&self, answers: &BTreeSet<Answer>) -> bool {
        match self.weight() {
            Weight::Forbids => true,
            Weight::Asks(answer) => !answers.contains(&answer),
            Weight::Tells(_) => false,
        }
    }

    /// The same as a finding in the file of `campaign`, for a person who gave `answers`.
    pub fn finding(&self, campaign: &Campaign, answers: &BTreeSet<Answer>) -> Finding {
        let severity = match self.weight() {
            Weight::Tells(severity) => severity,
            Weight::Asks(_) if !self.stops(answers) => Severity::Warning,
            Weight::Asks(_) | Weight::Forbids => Severity::Error,
        };
        Finding::new(severity, self.rule(), self.place(campaign), self.phrase())
    }

    /// Where the file says what it is about.
    fn place(&self, campaign: &Campaign) -> Place {
        let named = |name| campaign.mailings.iter().find(|mailing| mailing.name.value == name);
        match self {
            Self::Told { field: "opens", .. } => campaign.window.opens.place.clone(),
            Self::Told { .. } => campaign.window.closes.place.clone(),
            Self::Untrue { what, .. } => place_of_key(campaign, what.key()),
            Self::TakenAway { .. } | Self::LettersStay { .. } => Place::file(&campaign.document.name),
            _ => match self.mailing().and_then(named) {
                Some(mailing) => mailing.place.clone(),
                None => campaign.slug.place.clone(),
            },
        }
    }

    /// The mailing of the file that it is about, if it is about one.
    fn mailing(&self) -> Option<&str> {
        match self {
            Self::Begun { mailing, .. }
            | Self::Ended { mailing }
            | Self::TakenBack { mailing }
            | Self::Renamed { to: mailing, .. }
            | Self::SecondLetter { mailing, .. }
            | Self::MaybeSecondLetter { mailing, .. }
            | Self::SetAside { mailing }
            | Self::TimesStay { mailing }
            | Self::Mended { mailing, .. } => Some(mailing),
            _ => None,
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Cancelled { .. } => "apply.cancelled",
            Self::Over { .. } => "apply.over",
            Self::NewEdition { .. } => "apply.new-edition",
            Self::Begun { .. } => "apply.begun",
            Self::Ended { .. } => "apply.ended",
            Self::TakenBack { .. } => "apply.taken-back",
            Self::Renamed { .. } => "apply.renamed",
            Self::Told { .. } => "apply.people-were-told",
            Self::Untrue { what, .. } if what.is_grave() => "apply.people-were-told",
            Self::Untrue { .. } => "apply.told-otherwise",
            Self::LettersStay { .. } => "apply.letters-stay",
            Self::SecondLetter { .. } | Self::MaybeSecondLetter { .. } => "apply.second-letter",
            Self::SetAside { .. } => "apply.set-aside",
            Self::OtherFile { .. } => "apply.other-file",
            Self::OtherSlug { .. } => "apply.other-slug",
            Self::TakenAway { .. } => "apply.taken-away",
            Self::TimesStay { .. } => "apply.times-stay",
            Self::Mended { .. } => "apply.mended",
        }
    }
}

/// Where the file of `campaign` has the key named `key`; the whole file where it has it no more.
fn place_of_key(campaign: &Campaign, key: &str) -> Place {
    let found = match key {
        "audience" => Some(&campaign.audience.place),
        "channel" => Some(&campaign.channel.place),
        "title" => Some(&campaign.title.place),
        "label" => campaign.label.as_ref().map(|label| &label.place),
        "url" => campaign.url.as_ref().map(|url| &url.place),
        "group.who" => campaign.group.as_ref().map(|group| &group.who.place),
        "markets" => campaign.markets.first().map(|market| &market.place),
        "offers" => campaign.offers.first().map(|offer| &offer.prices.place),
        "window" => Some(&campaign.window.closes.place),
        words => campaign.words.iter().find_map(|(language, own)| {
            let is_title = words == format!("words.{language}.title");
            let is_intro = words == format!("words.{language}.intro");
            let title = own.title.as_ref().filter(|_| is_title).map(|title| &title.place);
            title.or(own.intro.as_ref().filter(|_| is_intro).map(|intro| &intro.place))
        }),
    };
    found.cloned().unwrap_or_else(|| Place::file(&campaign.document.name))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn what_a_person_takes_on_stops_nobody_who_does() {
        let readers = Readers { mailing: "announcement".into(), people: 1240 };
        let second = Concern::SecondLetter {
            mailing: "again".into(),
            kind: MailingKind::Announcement,
            campaign: "hiver".parse().unwrap(),
            readers: readers.clone(),
        };
        let (nobody, other) = (BTreeSet::new(), BTreeSet::from([Answer::AlthoughTold]));
        let taken_on = BTreeSet::from([Answer::WriteAgain]);
        assert_eq!([&nobody, &other, &taken_on].map(|answers| second.stops(answers)), [true, true, false]);
        let renamed = Concern::Renamed { was: readers, to: "again".into() };
        assert!(renamed.stops(&BTreeSet::from([Answer::AlthoughTold, Answer::WriteAgain, Answer::Replace])));
        let campaign = Campaign::parse(&sample::with(&[("kind = \"ann", "name = \"again\"\nkind = \"ann")])).unwrap();
        let said = second.finding(&campaign, &nobody);
        assert_eq!(said.place.to_string(), "hiver.toml:12:1");
        assert_eq!(
            said.message.to_string(),
            "`again` would be a second announcement to the same people: 1,240 people have `announcement` of `hiver`"
        );
        assert_eq!(said.severity, Severity::Error);
        assert_eq!(second.finding(&campaign, &taken_on).severity, Severity::Warning);
    }
}
