//! What sales that stand side by side do to those who are told of them: gates that are open at the same time for the same
//! buyers, and letters that reach the same people soon after one another.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{PlannedMailing, Schedule};
use crate::calendar::Market;
use crate::member::ListName;
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken};
use crate::text::Slug;

/// Two letters of one sale closer together than this are too close: whoever wrote both meant them to follow one another.
const CLOSE_IN_ONE_SALE: SignedDuration = SignedDuration::from_mins(30);

/// Two letters of different sales closer together than this are too close: nobody wants two a day.
const CLOSE_BETWEEN_SALES: SignedDuration = SignedDuration::from_hours(24);

/// A letter to the members, as its neighbours see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterBeside {
    /// The sale it is about.
    pub campaign: Slug,
    /// The mailing.
    pub mailing: String,
    /// When the first of it may leave.
    pub leaves: Timestamp,
    /// The lists of those who get it; everybody where there is none.
    pub to: Vec<ListName>,
    /// The lists of those who do not.
    pub not: Vec<ListName>,
}

impl LetterBeside {
    /// Those of `mailing` of `schedule`.
    pub fn of(schedule: &Schedule, mailing: &PlannedMailing) -> Self {
        Self {
            campaign: schedule.slug.clone(),
            mailing: mailing.name.clone(),
            leaves: mailing.not_before,
            to: mailing.to.clone(),
            not: mailing.not.clone(),
        }
    }

    /// Whether somebody is known to get both. Of two different lists nobody knows that: people may be on either, or on both.
    fn shares_people(&self, other: &Self) -> bool {
        let keeps_out =
            |one: &Self, other: &Self| !one.to.is_empty() && one.to.iter().all(|list| other.not.contains(list));
        if keeps_out(self, other) || keeps_out(other, self) {
            return false;
        }
        self.to.is_empty() || other.to.is_empty() || self.to.iter().any(|list| other.to.contains(list))
    }
}

/// Two things that are in each other's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clash {
    /// Two sales are open at the same time for the same buyers.
    Windows {
        /// The one that opens first.
        one: Slug,
        /// The other.
        other: Slug,
        /// Since when both are open.
        from: Timestamp,
        /// The first instant at which one of them is not any more.
        to: Timestamp,
        /// The zone in which people read these instants.
        zone: TimeZone,
    },
    /// Two letters go to the same people soon after one another.
    Letters {
        /// The one that is looked at.
        one: LetterBeside,
        /// The other.
        other: LetterBeside,
        /// The zone in which people read these instants.
        zone: TimeZone,
    },
}

impl Spoken for Clash {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Windows { one, other, from, to, zone } => phrase!(
                "window-together",
                one = Fact::text(one),
                other = Fact::text(other),
                from = Fact::moment(*from, zone),
                to = Fact::moment(*to, zone)
            ),
            Self::Letters { one, other, zone } => {
                let apart = one.leaves.duration_since(other.leaves).abs();
                let how = if apart.is_zero() { phrase!("at-the-same-time") } else { phrase!("within", apart = apart) };
                let named = |letter: &LetterBeside| {
                    if one.campaign == other.campaign {
                        return Fact::from(letter.mailing.as_str());
                    }
                    let (mailing, campaign) = (letter.mailing.as_str(), Fact::text(&letter.campaign));
                    phrase!("mailing-of", mailing = mailing, campaign = campaign).into()
                };
                let at = Fact::moment(one.leaves, zone);
                phrase!("mailing-close-together", one = named(one), at = at, other = named(other), how = how)
            }
        }
    }
}

/// What is to be said of two letters, in the words of `zone`, when people would get both too soon after one another.
pub fn letters_clash(one: &LetterBeside, other: &LetterBeside, zone: &TimeZone) -> Option<Clash> {
    let close = if one.campaign == other.campaign { CLOSE_IN_ONE_SALE } else { CLOSE_BETWEEN_SALES };
    let apart = one.leaves.duration_since(other.leaves).abs();
    (apart < close && one.shares_people(other)).then(|| Clash::Letters {
        one: one.clone(),
        other: other.clone(),
        zone: zone.clone(),
    })
}

/// What is to be said of two sales, each with the instant at which it ends, when both are open at the same time in a market
/// and channel. Two that are one and the same reduction, as their files say, are not in each other's way.
pub fn windows_clash(one: (&Schedule, Timestamp), other: (&Schedule, Timestamp)) -> Option<Clash> {
    let ((first, first_ends), (second, second_ends)) =
        if (one.0.opens_at, &one.0.slug) <= (other.0.opens_at, &other.0.slug) { (one, other) } else { (other, one) };
    let same_buyers = first.channel == second.channel
        && first.markets.iter().any(|market| second.markets.iter().any(|other| share_buyers(*market, *other)));
    let is_one = first.continues.contains(&second.slug) || second.continues.contains(&first.slug);
    let (from, to) = (first.opens_at.max(second.opens_at), first_ends.min(second_ends));
    (same_buyers && !is_one && from < to).then(|| Clash::Windows {
        one: first.slug.clone(),
        other: second.slug.clone(),
        from,
        to,
        zone: first.time_zone(),
    })
}

/// Whether the same people may buy in both: in one market, or in a country and a part of it.
fn share_buyers(one: Market, other: Market) -> bool {
    one == other || (one.national() == other.national() && (one.is_national() || other.is_national()))
}

#[cfg(test)]
mod tests {
    use super::super::{Campaign, sample};
    use super::*;
    use crate::calendar::Calendar;

    fn sale(edits: &[(&str, &str)]) -> Schedule {
        Campaign::parse(&sample::with(edits)).unwrap().resolve(&Calendar::built_in()).unwrap()
    }

    const SECOND: (&str, &str) = ("slug = \"hiver-2027\"", "slug = \"club\"");

    #[track_caller]
    fn check(edits: &[(&str, &str)], expected: Option<&str>) {
        let (one, other) = (sale(&[]), sale(&[&[SECOND], edits].concat()));
        let clash = windows_clash((&other, other.closes_at), (&one, one.closes_at));
        assert_eq!(clash, windows_clash((&one, one.closes_at), (&other, other.closes_at)), "it is the same both ways");
        assert_eq!(clash.map(|clash| clash.phrase().to_string()).as_deref(), expected);
    }

    #[test]
    fn sales_that_are_open_together_are_named() {
        let both = "`club` and `hiver-2027` are open at the same time, from 2027-01-02 08:00 Europe/Paris (07:00 UTC) to \
                    2027-01-06 08:00 Europe/Paris (07:00 UTC)";
        check(&[], Some(both));
        let dated = ("opens = \"soldes.winter.2027 - 4 days at 08:00\"", "opens = \"2027-01-02 08:00\"");
        let ends = ("closes = \"soldes.winter.2027\"", "closes = \"2027-01-06 08:00\"");
        check(&[("markets = [\"FR\"]", "markets = [\"BE\", \"FR-57\"]"), dated, ends], Some(both));
        check(&[("markets = [\"FR\"]", "markets = [\"BE\"]"), dated, ends], None);
        check(&[("channel = \"online\"", "channel = \"store\"")], None);
        check(&[("audience", "continues = [\"hiver-2027\"]\naudience")], None);
        // One that closes at the instant at which the other opens is not open with it.
        let after = [
            ("opens = \"soldes.winter.2027 - 4 days at 08:00\"", "opens = \"soldes.winter.2027\""),
            ("closes = \"soldes.winter.2027\"", "closes = \"soldes.winter.2027 + 2 days\""),
        ];
        check(&after, None);
    }

    #[test]
    fn letters_of_two_sales_keep_a_day_apart() {
        let letter = |campaign: &str, mailing: &str, leaves: &str| LetterBeside {
            campaign: campaign.parse().unwrap(),
            mailing: mailing.into(),
            leaves: leaves.parse().unwrap(),
            to: Vec::new(),
            not: Vec::new(),
        };
        let one = letter("hiver", "opening", "2027-01-02T07:00:00Z");
        for (campaign, leaves, close) in [
            ("club", "2027-01-03T06:59:59Z", true),
            ("club", "2027-01-03T07:00:00Z", false),
            ("club", "2027-01-01T07:00:01Z", true),
            ("hiver", "2027-01-02T07:29:59Z", true),
            ("hiver", "2027-01-02T07:30:00Z", false),
        ] {
            let clash = letters_clash(&one, &letter(campaign, "news", leaves), &TimeZone::UTC);
            assert_eq!(clash.is_some(), close, "{campaign} {leaves}");
        }
        let on = |list: &str, letter: &LetterBeside| LetterBeside { to: vec![list.parse().unwrap()], ..letter.clone() };
        let other = letter("club", "news", "2027-01-02T12:00:00Z");
        assert!(letters_clash(&on("metz", &one), &on("nancy", &other), &TimeZone::UTC).is_none());
        assert!(letters_clash(&on("metz", &one), &on("metz", &other), &TimeZone::UTC).is_some());
        assert!(letters_clash(&on("metz", &one), &other, &TimeZone::UTC).is_some());
        let without = LetterBeside { not: vec!["metz".parse().unwrap()], ..other.clone() };
        assert!(letters_clash(&on("metz", &one), &without, &TimeZone::UTC).is_none());
        assert!(letters_clash(&on("nancy", &one), &without, &TimeZone::UTC).is_some());
        let clash = letters_clash(&one, &other, &TimeZone::UTC).unwrap();
        assert_eq!(
            clash.phrase().to_string(),
            "`opening` of `hiver`, at 2027-01-02 07:00 UTC, and `news` of `club` go to the same people within 5 hours"
        );
    }
}
