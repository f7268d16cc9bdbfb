//! Who gets the mails of a campaign: those who agreed and are on one of its lists, or everybody who agreed where it names
//! none. What that comes to is told before it happens.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::calendar::{Channel, Market};
use crate::campaign::{
    AudienceClass, Audiences, Campaign, LetterBeside, ListCount, Mailing, MailingReach, PlannedMailing, Schedule,
    WhyNobody, Written, letters_clash, named_lists, why_nobody,
};
use crate::finding::{Finding, Place};
use crate::member::{Language, ListName};
use crate::phrase;
use crate::phrase::{Fact, Phrase, Spoken as _};

/// Whether a sale concerns every member. Members have no market: they are taken to be in France, where the shop is, and
/// to buy online.
pub fn concerns_everybody(schedule: &Schedule) -> bool {
    // Online sales in a part of France are those of the country.
    let france = |market: &Market| market.country() == "FR";
    schedule.channel == Channel::Online && schedule.markets.iter().any(france)
}

/// What is to be said about each mailing of a sale that does not concern every member.
pub(super) fn whom(campaign: &Campaign, schedule: &Schedule) -> Vec<Finding> {
    let group = campaign.group.as_ref();
    let only = match schedule.audience {
        AudienceClass::ClosedGroup => group.map(|group| Fact::from(group.who.as_str())),
        AudienceClass::Personal => Some(phrase!("those-with-a-price-of-their-own").into()),
        AudienceClass::Public | AudienceClass::OpenMembers => None,
    };
    let circle = group.and_then(|group| group.list.as_ref());
    let mut findings = Vec::new();
    for mailing in &campaign.mailings {
        let (name, place) = (mailing.name.value.as_str(), mailing.place.clone());
        let goes_to_lists = !mailing.to.is_empty();
        match (&only, circle) {
            // The group is its list: nobody else hears of the sale.
            (Some(_), Some(circle)) => {
                let others = mailing.to.iter().filter(|list| list.value != circle.value);
                findings.extend(others.map(|other| {
                    let (other, place) = (Fact::text(&other.value), other.place.clone());
                    let message = phrase!(
                        "mailing-beyond-group",
                        mailing = name,
                        other = other,
                        list = Fact::text(&circle.value)
                    );
                    Finding::error("mailing.beyond-group", place, message)
                }));
            }
            (Some(_), None) if schedule.audience == AudienceClass::Personal && goes_to_lists => {}
            (Some(whom), None) => {
                let message = phrase!("mailing-closed-group", mailing = name, whom = whom.clone());
                let remedy = match schedule.audience {
                    AudienceClass::Personal => phrase!("mailing-name-its-list"),
                    _ => phrase!("group-name-its-list"),
                };
                findings.push(Finding::error("mailing.closed-group", place, message).mended_by(remedy));
            }
            (None, _) if goes_to_lists || concerns_everybody(schedule) => {}
            (None, _) => {
                let message = phrase!("mailing-beyond-market", mailing = name);
                let finding = Finding::warning("mailing.beyond-market", place, message);
                findings.push(finding.mended_by(phrase!("beyond-market-remedy")));
            }
        }
    }
    findings
}

/// Where the file says whom a mailing goes to: its own lists, else that of the group.
fn named<'a>(campaign: &'a Campaign, mailing: &'a Mailing) -> Vec<&'a Written<ListName>> {
    let group = campaign.group.iter().filter_map(|group| group.list.as_ref());
    if mailing.to.is_empty() { group.collect() } else { mailing.to.iter().collect() }
}

/// What stands in the way of mailings to lists: lists that there are not. Each is said where the file names it.
pub fn unknown_lists(campaign: &Campaign, audiences: &Audiences) -> Vec<Finding> {
    let group = campaign.group.iter().filter_map(|group| group.list.as_ref());
    let written = group.chain(campaign.mailings.iter().flat_map(|mailing| mailing.to.iter().chain(&mailing.not)));
    let unknown = written.filter(|list| !audiences.lists.contains(&list.value));
    let finding = |list: &Written<ListName>| {
        let message = unknown_list(&list.value, &audiences.lists);
        let remedy = phrase!("list-unknown-remedy", list = Fact::text(&list.value));
        Finding::error("list.unknown", list.place.clone(), message).mended_by(remedy)
    };
    unknown.map(finding).collect()
}

/// That there is no list of this name, and which there are.
pub fn unknown_list(list: &ListName, known: &[ListName]) -> Phrase {
    let list = Fact::text(list);
    if known.is_empty() {
        return phrase!("list-unknown-none", list = list);
    }
    phrase!("list-unknown", list = list, known = named_lists(known))
}

/// Whom a mailing would reach today, and whom it would not. A list on which nobody may be written to is warned of where the
/// file names it; another `place` is that of the rest.
pub fn reached(campaign: &Campaign, mailing: &PlannedMailing, reach: &MailingReach, place: &Place) -> Vec<Finding> {
    let mut findings = Vec::new();
    let written = campaign.mailings.iter().find(|written| written.name.value == mailing.name);
    for list in written.iter().flat_map(|written| named(campaign, written)) {
        let Some(count) = reach.lists.get(&list.value).filter(|count| count.reached == 0) else { continue };
        let (name, list_name) = (mailing.name.as_str(), Fact::text(&list.value));
        let message = match count.people {
            0 => phrase!("list-empty", list = list_name.clone(), mailing = name),
            people => phrase!("list-reaches-nobody", list = list_name.clone(), mailing = name, people = people),
        };
        let remedy = phrase!("list-empty-remedy", list = list_name);
        findings.push(Finding::warning("list.empty", list.place.clone(), message).mended_by(remedy));
    }
    let people = reach.people();
    let not = written.map(|written| written.not.as_slice()).unwrap_or_default();
    if let (0, WhyNobody::KeptOut, Some(first)) =
        (people, why_nobody(mailing.recipients(), &reach.left_out), not.first())
    {
        let message = phrase!(
            "mailing-kept-out",
            mailing = &mailing.name,
            people = reach.left_out.kept_out,
            lists = named_lists(&mailing.not)
        );
        let remedy = phrase!("mailing-kept-out-remedy", list = Fact::text(&first.value));
        findings.push(Finding::warning("mailing.to-nobody", first.place.clone(), message).mended_by(remedy));
    }
    if people > 0 {
        let letters = letters(mailing, reach);
        let message = if reach.lists.is_empty() {
            phrase!("members-reached", mailing = &mailing.name, people = people, letters = letters)
        } else {
            let of_list = |(list, count): (&ListName, &ListCount)| {
                phrase!("list-count", list = Fact::text(list), reached = count.reached, people = count.people).into()
            };
            let lists: Vec<Fact> = reach.lists.iter().map(of_list).collect();
            phrase!(
                "members-reached-on-lists",
                mailing = &mailing.name,
                people = people,
                letters = letters,
                lists = lists
            )
        };
        findings.push(Finding::note("members.reached", place.clone(), message));
    }
    let parts = reach.left_out.parts();
    if !parts.is_empty() {
        let message = phrase!("members-left-out", mailing = &mailing.name, parts = parts);
        findings.push(Finding::note("members.left-out", place.clone(), message));
    }
    findings
}

/// How many letters in which language: those who chose another get the first.
fn letters(mailing: &PlannedMailing, reach: &MailingReach) -> Vec<Fact> {
    let mut letters: BTreeMap<Language, u64> = BTreeMap::new();
    for (language, count) in &reach.languages {
        let written = mailing.languages.iter().find(|known| *known == language).or(mailing.languages.first());
        *letters.entry(*written.unwrap_or(language)).or_default() += count;
    }
    let in_one = |(language, count)| phrase!("letters-in", count = count, language = Fact::text(language)).into();
    letters.into_iter().map(in_one).collect()
}

/// What a check says of the lists and of whom the mailings to come would reach.
pub(super) fn of_today(
    campaign: &Campaign,
    schedule: &Schedule,
    audiences: &Audiences,
    now: Timestamp,
) -> Vec<Finding> {
    let mut findings = unknown_lists(campaign, audiences);
    for mailing in schedule.mailings.iter().filter(|mailing| mailing.not_after > now) {
        let written = campaign.mailings.iter().find(|written| written.name.value == mailing.name);
        let (Some(written), Some(reach)) = (written, audiences.mailings.get(&mailing.name)) else { continue };
        findings.extend(reached(campaign, mailing, reach, &written.place));
    }
    findings
}

/// Whom two mailings have in common, as far as the file says.
enum Common<'a> {
    Everybody,
    /// Those on these lists.
    On(Vec<&'a ListName>),
    /// Those who are on a list of each, if there are such people.
    OnBoth,
}

fn common<'a>(one: &'a PlannedMailing, other: &'a PlannedMailing) -> Common<'a> {
    match (one.to.as_slice(), other.to.as_slice()) {
        ([], []) => Common::Everybody,
        ([], lists) | (lists, []) => Common::On(lists.iter().collect()),
        (lists, others) => {
            let shared: Vec<&ListName> = lists.iter().filter(|list| others.contains(list)).collect();
            if shared.is_empty() { Common::OnBoth } else { Common::On(shared) }
        }
    }
}

/// The mailings of a file that say the same, or come together.
pub(super) fn neighbours(campaign: &Campaign, schedule: &Schedule) -> Vec<Finding> {
    let zone = schedule.time_zone();
    let mut findings = Vec::new();
    for (at, (written, mailing)) in campaign.mailings.iter().zip(&schedule.mailings).enumerate() {
        for other in schedule.mailings.iter().take(at) {
            let (place, common) = (|| written.place.clone(), common(mailing, other));
            let clash = letters_clash(&LetterBeside::of(schedule, mailing), &LetterBeside::of(schedule, other), &zone);
            findings.extend(clash.map(|clash| Finding::warning("mailing.close-together", place(), clash.phrase())));
            if other.kind == mailing.kind {
                let (one, second, kind) = (other.name.as_str(), mailing.name.as_str(), Fact::text(mailing.kind));
                let message = match common {
                    Common::Everybody => phrase!("mailing-same-kind", one = one, other = second, kind = kind),
                    Common::On(lists) => {
                        let lists = named_lists(lists);
                        phrase!("mailing-same-kind-on", one = one, other = second, kind = kind, lists = lists)
                    }
                    Common::OnBoth => phrase!("mailing-same-kind-on-both", one = one, other = second, kind = kind),
                };
                findings.push(Finding::note("mailing.same-kind", place(), message));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::campaign::sample;

    /// The rules and messages about the recipients of the sample with `edits`.
    #[track_caller]
    fn check(edits: &[(&str, &str)], expected: &[&str]) {
        let campaign = Campaign::parse(&sample::with(edits)).unwrap();
        let schedule = campaign.resolve(&Calendar::built_in()).unwrap();
        let mut findings = whom(&campaign, &schedule);
        findings.extend(neighbours(&campaign, &schedule));
        let found: Vec<String> =
            findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
        assert_eq!(found, expected, "{edits:?}");
    }

    #[test]
    fn a_sale_for_some_people_is_not_announced_to_all() {
        check(&[], &[]);
        check(&[("\"public\"", "\"open-members\"")], &[]);
        let group = "[group]\nwho = \"les clients de Metz\"\nfixed_on = 2026-12-01\njoinable = false\n\n[window]";
        let closed = "mailing.closed-group: `announcement` would be written to every member who agreed to mails, not only to \
                      les clients de Metz";
        check(&[("\"public\"", "\"closed-group\""), ("[window]", group)], &[closed]);
        let personal = "mailing.closed-group: `announcement` would be written to every member who agreed to mails, not only \
                        to those who have a price of their own";
        check(&[("\"public\"", "\"personal\"")], &[personal]);
        let to = ("not_after = \"window.opens\"", "not_after = \"window.opens\"\nto = \"vip\"");
        check(&[("\"public\"", "\"personal\""), to], &[]);
    }

    #[test]
    fn a_closed_group_is_its_list() {
        let group = "[group]\nwho = \"les clients de Metz\"\nfixed_on = 2026-12-01\njoinable = false\nlist = \"metz\"\n\n[window]";
        let closed = [("\"public\"", "\"closed-group\""), ("[window]", group)];
        check(&closed, &[]);
        let mailing = |to: &str| format!("not_after = \"window.opens\"\nto = {to}");
        let beyond = "mailing.beyond-group: `announcement` would be written to those on `all`, and the sale is for the group on \
                      `metz` alone";
        let own = mailing("[\"metz\"]");
        check(&[closed[0], closed[1], ("not_after = \"window.opens\"", &own)], &[]);
        let others = mailing("[\"metz\", \"all\"]");
        check(&[closed[0], closed[1], ("not_after = \"window.opens\"", &others)], &[beyond]);
        let campaign = Campaign::parse(&sample::with(&closed)).unwrap();
        let schedule = campaign.resolve(&Calendar::built_in()).unwrap();
        assert_eq!(schedule.mailings[0].to, ["metz".parse().unwrap()], "without `to`, it goes to the group");
    }

    #[test]
    fn whom_a_list_reaches_is_told_and_a_list_that_is_not_there_is_an_error() {
        let to = ("not_after = \"window.opens\"", "not_after = \"window.opens\"\nto = [\"club\", \"metz\"]");
        let campaign = Campaign::parse(&sample::with(&[to])).unwrap();
        let schedule = campaign.resolve(&Calendar::built_in()).unwrap();
        let lists: Vec<ListName> = ["club", "metz"].map(|name| name.parse().unwrap()).to_vec();
        let counts = [ListCount { people: 3, reached: 2 }, ListCount { people: 4, reached: 0 }];
        let reach = MailingReach {
            languages: [(Language::Fr, 1), (Language::Nl, 1)].into(),
            lists: lists.iter().cloned().zip(counts).collect(),
            left_out: crate::campaign::LeftOut { left: 4, elsewhere: 10, ..Default::default() },
        };
        let audiences = |known: &[ListName]| Audiences {
            lists: known.to_vec(),
            mailings: [("announcement".to_owned(), reach.clone())].into(),
        };
        let said = |audiences: &Audiences, now: &str| -> Vec<String> {
            let found = of_today(&campaign, &schedule, audiences, now.parse().unwrap());
            found.iter().map(|it| format!("{} {}: {}", it.place, it.rule, it.message)).collect()
        };
        let reached = "hiver.toml:12:1 members.reached: `announcement` would be written to 2 people today: 2 in `fr`; 2 of 3 on \
                       `club`, 0 of 4 on `metz`";
        let empty = "hiver.toml:17:15 list.empty: 4 people are on the list `metz`, and none of them may be written to today: \
                     `announcement` would reach nobody by it";
        let out =
            "hiver.toml:12:1 members.left-out: `announcement` is not for 4 who left, 10 who are on none of its lists";
        assert_eq!(said(&audiences(&lists), "2026-12-01T00:00:00Z"), [empty, reached, out]);
        let unknown = "hiver.toml:17:15 list.unknown: there is no list `metz`; there are `club`";
        assert_eq!(said(&audiences(&lists[..1]), "2027-02-01T00:00:00Z"), [unknown], "what is over reaches nobody");
    }

    #[test]
    fn a_sale_elsewhere_concerns_not_everybody() {
        let beyond = "mailing.beyond-market: `announcement` would be written to every member who agreed to mails, also to \
                      those whom this sale does not concern: members have no market";
        check(&[("[\"FR\"]", "[\"FR-57\"]"), ("\"online\"", "\"store\"")], &[beyond]);
        check(&[("\"online\"", "\"store\"")], &[beyond]);
        check(
            &[
                ("[\"FR\"]", "[\"FR\", \"BE\"]"),
                ("soldes.winter.2027 - 4 days at 08:00", "2027-01-02 08:00"),
                ("\"soldes.winter.2027\"", "\"2027-01-03 08:00\""),
            ],
            &[],
        );
        check(&[("[\"FR\"]", "[\"BE\"]")], &[beyond]);
    }

    #[test]
    fn two_mails_at_nearly_the_same_time_are_told() {
        let second = |at: &str, kind: &str| {
            format!(
                "not_after = \"window.opens\"\nlanguages = [\"fr\"]\n\n[[mailings]]\nname = \"b\"\nkind = \"{kind}\"\n\
                     not_before = \"{at}\"\nnot_after = \"window.closes\""
            )
        };
        let with = |at: &str, kind: &str, expected: &[&str]| {
            check(&[("not_after = \"window.opens\"", &second(at, kind))], expected);
        };
        let close = |how: &str, time: &str| {
            format!(
                "mailing.close-together: `b`, at 2027-01-01 {time} UTC), and `announcement` go to the same people {how}"
            )
        };
        with("window.opens - 1 day at 10:00", "opening", &[&close("at the same time", "10:00 Europe/Paris (09:00")]);
        with("window.opens - 1 day at 10:01", "opening", &[&close("within 1 minute", "10:01 Europe/Paris (09:01")]);
        with("window.opens - 1 day at 10:30", "opening", &[]);
        let same = "mailing.same-kind: `announcement` and `b` are both of the kind `announcement`: everybody gets two such \
                    letters";
        with("window.opens", "announcement", &[same]);
        let to = |one: &str, other: &str, expected: &[&str]| {
            let second = second("window.opens - 1 day at 10:00", "announcement").replacen(
                "languages = [\"fr\"]",
                &format!("languages = [\"fr\"]\nto = {one}"),
                1,
            );
            let second = format!("{second}\nto = {other}");
            check(&[("not_after = \"window.opens\"", &second)], expected);
        };
        let both = "mailing.same-kind: `announcement` and `b` are both of the kind `announcement`: whoever is on a list of each \
                    gets two such letters";
        to("\"club\"", "\"metz\"", &[both]);
        let on = "mailing.same-kind: `announcement` and `b` are both of the kind `announcement`: those on `club` get two such \
                  letters";
        to("\"club\"", "[\"club\", \"metz\"]", &[&close("at the same time", "10:00 Europe/Paris (09:00"), on]);
    }
}
