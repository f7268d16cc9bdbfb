//! The circuit breaker of a mailing: stops it when the relay says no to one person after the other, before a fault of
//! ours has used up everybody's delivery. Where one provider alone says no, only its part of the mailing stops, and mail for everybody
//! else goes on.
//!
//! A streak is everything that was settled since the relay last accepted a message of the mailing; a deferral neither
//! adds to it nor ends it. Each person counts once in a streak.
//!
//! | in the streak | counts as | stops the mailing at |
//! |---|---|---|
//! | refused at MAIL, before anybody was named; `5.3.x`, `5.4.x`, `5.7.x`; `5.1.7`, `5.1.8` (the sender's address) | about us | 3 |
//! | a connection that had carried no mail was lost after the final dot | lost | 3 |
//! | refused without a telling status: none, `5.0.x`, `5.5.x`, `5.6.x` | unclear | 5, with those about us |
//! | `5.1.x`, `5.2.x`, and `5.6.7` (the address needs SMTPUTF8) | about the mailbox | 20, with all of the above |
//!
//! A streak that stops its mailing takes back the refusals that are not about the mailbox: those deliveries wait again.
//! What is about the mailbox stays refused, and what was lost stays in doubt.
//!
//! Each provider has a streak of its own besides, which the acceptances of others do not end, and without what came before anybody was
//! named or was lost with its connection: that says nothing of a provider. What stops is
//!
//! | the streak | what stops |
//! |---|---|
//! | a provider's own | its part |
//! | the mailing's, all of it one provider's | that provider's part |
//! | the mailing's otherwise | the mailing |
//! | the next refusal that is not about the mailbox, by another than the provider whose part was stopped, with no acceptance in between | the mailing |
//!
//! A provider is one that `config/providers.toml` names. All other domains together are none: theirs is the mailing's streak alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Refusals about us, and lost connections, that stop a mailing.
const FEW: usize = 3;
/// Refusals without a telling status that stop a mailing.
const SOME: usize = 5;
/// Refusals of any kind that stop a mailing: a list can begin with a few dead mailboxes, not with so many.
const MANY: usize = 20;

/// How much of the relay's words is kept.
const WORDS: usize = 300;

/// Whom or what a refusal is about, as far as the relay says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// The sender, the relay itself or its policy: the next person would be refused as well.
    Us,
    /// The relay does not say.
    Unclear,
    /// The mailbox: there is none, or it takes nothing.
    Mailbox,
}

/// What a refusal is about. `at_mail` says that it came before the recipient was named; `status` is the subject and the
/// detail of the enhanced status (RFC 3463), the `1.1` of `5.1.1`.
pub fn about(at_mail: bool, status: Option<(u16, u16)>) -> About {
    match status {
        Some((6, 7)) => About::Mailbox,
        _ if at_mail => About::Us,
        Some((1, 7 | 8) | (3 | 4 | 7, _)) => About::Us,
        Some((1 | 2, _)) => About::Mailbox,
        _ => About::Unclear,
    }
}

/// What a settled attempt says about the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    /// The relay took the message.
    Accepted,
    /// It does not want it, now or ever.
    Refused(About),
    /// A connection that had carried no mail was lost after the final dot.
    Lost,
}

/// An attempt that was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The mailing.
    pub mailing: i64,
    /// The delivery: one person of the mailing.
    pub delivery: i64,
    /// What it says about the relay.
    pub sign: Sign,
    /// Whose mail it was, where that matters: none where the relay had not heard for whom it was, or was lost, and none for domains of no
    /// provider that is known.
    pub provider: Option<String>,
    /// The relay's words with the step and the code, without an address.
    pub words: String,
}

impl Settled {
    /// Whether it is a refusal that is not about the mailbox: the delivery waits again when its mailing is stopped.
    pub fn is_spared(&self) -> bool {
        self.sign.is_spared()
    }
}

impl Sign {
    fn is_spared(self) -> bool {
        matches!(self, Self::Refused(About::Us | About::Unclear))
    }
}

/// Why a mailing, or a part of it, must stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailingStop {
    /// The mailing.
    pub mailing: i64,
    /// The provider whose part it is; none when the whole mailing must stop.
    pub provider: Option<String>,
    /// Why, in one line, with the relay's last words.
    pub why: String,
    /// The refused deliveries of the streak that are not about a mailbox: they are to wait again.
    pub spared: Vec<i64>,
}

/// A part of a mailing that is stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedPart {
    /// Since when.
    pub at: Timestamp,
    /// Why, with the relay's words.
    pub why: String,
}

/// The parts of a mailing that are stopped, by their provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoppedParts(pub BTreeMap<String, StoppedPart>);

impl StoppedParts {
    /// Whether the part of the provider that receives this mail is stopped.
    pub fn holds(&self, provider: Option<&str>) -> bool {
        provider.is_some_and(|provider| self.0.contains_key(provider))
    }
}

/// The streaks of the mailings that are being sent.
#[derive(Debug, Default)]
pub struct Breaker {
    streaks: BTreeMap<i64, Streak>,
    /// Those of each provider in each mailing.
    of_providers: BTreeMap<(i64, String), Streak>,
    /// The providers whose part of a mailing was stopped since its last acceptance.
    suspects: BTreeMap<i64, BTreeSet<String>>,
}

/// What has come since the last acceptance.
#[derive(Debug, Default)]
struct Streak {
    /// By delivery.
    signs: BTreeMap<i64, Sign>,
    /// Whose mail it was.
    of: BTreeSet<Option<String>>,
}

impl Breaker {
    /// Takes note of a settled attempt and says whether its mailing, or a part of it, must stop. The streak ends with the stop: when a
    /// person lets the mailing go on, it begins anew.
    pub fn tell(&mut self, settled: &Settled) -> Option<MailingStop> {
        let Settled { mailing, delivery, sign, provider, .. } = settled;
        if *sign == Sign::Accepted {
            self.streaks.remove(mailing);
            self.suspects.remove(mailing);
            if let Some(provider) = provider {
                self.of_providers.remove(&(*mailing, provider.clone()));
            }
            return None;
        }
        let streak = self.streaks.entry(*mailing).or_default();
        streak.add(*delivery, *sign, provider.as_ref());
        let suspects = self.suspects.get(mailing);
        let by_another = sign.is_spared()
            && suspects.is_some_and(|suspects| provider.as_ref().is_none_or(|provider| !suspects.contains(provider)));
        let fault = if by_another { Some(RelayFault::RefusesAnyone(streak.signs.len())) } else { streak.fault() };
        if let Some(fault) = fault {
            let whose = if by_another { None } else { streak.only_provider() };
            let spared = self.streaks.remove(mailing).unwrap_or_default().spared();
            return Some(self.stop(settled, whose, fault, spared));
        }
        let provider = provider.as_ref()?;
        let part = self.of_providers.entry((*mailing, provider.clone())).or_default();
        part.add(*delivery, *sign, Some(provider));
        let fault = part.fault()?;
        let told: BTreeSet<i64> = part.signs.keys().copied().collect();
        let spared = self.of_providers.remove(&(*mailing, provider.clone())).unwrap_or_default().spared();
        if let Some(streak) = self.streaks.get_mut(mailing) {
            streak.signs.retain(|delivery, _| !told.contains(delivery));
        }
        Some(self.stop(settled, Some(provider.clone()), fault, spared))
    }

    /// The stop of a whole mailing, or of `whose` part of it.
    fn stop(&mut self, last: &Settled, whose: Option<String>, fault: RelayFault, spared: Vec<i64>) -> MailingStop {
        let mailing = last.mailing;
        let why = fault.said(whose.as_deref().unwrap_or("the relay"), &last.words);
        if let Some(provider) = &whose {
            self.of_providers.remove(&(mailing, provider.clone()));
            self.suspects.entry(mailing).or_default().insert(provider.clone());
        } else {
            self.of_providers.retain(|(of, _), _| *of != mailing);
            self.suspects.remove(&mailing);
        }
        MailingStop { mailing, provider: whose, why, spared }
    }
}

/// Whether a mailing must stop of which every delivery has ended and the relay has accepted none: `refused` are its
/// refusals. `None` when all of them are about mailboxes; then nobody is left to write to.
pub fn at_the_end(refused: &[Settled]) -> Option<MailingStop> {
    let last = refused.iter().rfind(|settled| settled.is_spared())?;
    Some(MailingStop {
        mailing: last.mailing,
        provider: None,
        why: format!("the relay refused everybody, {} in all: {}", refused.len(), shortened(&last.words)),
        spared: refused.iter().filter(|settled| settled.is_spared()).map(|settled| settled.delivery).collect(),
    })
}

impl Streak {
    fn add(&mut self, delivery: i64, sign: Sign, provider: Option<&String>) {
        self.signs.insert(delivery, sign);
        self.of.insert(provider.cloned());
    }

    /// The one provider whose mail it all was.
    fn only_provider(&self) -> Option<String> {
        if self.of.len() == 1 { self.of.first().cloned().flatten() } else { None }
    }

    fn count(&self, counts: impl Fn(Sign) -> bool) -> usize {
        self.signs.values().filter(|sign| counts(**sign)).count()
    }

    /// The table above.
    fn fault(&self) -> Option<RelayFault> {
        let us = self.count(|sign| sign == Sign::Refused(About::Us));
        let unclear = self.count(|sign| sign == Sign::Refused(About::Unclear));
        let lost = self.count(|sign| sign == Sign::Lost);
        if us >= FEW {
            Some(RelayFault::RefusesUs(us))
        } else if lost >= FEW {
            Some(RelayFault::Loses(lost))
        } else if us + unclear >= SOME {
            Some(RelayFault::RefusesAnyone(us + unclear))
        } else if self.signs.len() >= MANY {
            Some(RelayFault::AcceptsNobody(self.signs.len()))
        } else {
            None
        }
    }

    fn spared(self) -> Vec<i64> {
        self.signs.into_iter().filter(|(_, sign)| sign.is_spared()).map(|(delivery, _)| delivery).collect()
    }
}

/// What is wrong with the relay, and how many people show it.
#[derive(Clone, Copy)]
enum RelayFault {
    RefusesUs(usize),
    Loses(usize),
    RefusesAnyone(usize),
    AcceptsNobody(usize),
}

impl RelayFault {
    fn said(self, who: &str, words: &str) -> String {
        let words = shortened(words);
        match self {
            Self::RefusesUs(n) => {
                format!("{who} refused {n} messages in a row for a reason that is not the recipient's: {words}")
            }
            Self::Loses(n) => {
                format!("{n} connections in a row were lost after the message, before the relay's answer: {words}")
            }
            Self::RefusesAnyone(n) => {
                format!("{who} refused {n} messages in a row and does not say that it is for the recipient: {words}")
            }
            Self::AcceptsNobody(n) => format!("{who} took none of {n} messages in a row: {words}"),
        }
    }
}

fn shortened(words: &str) -> String {
    match words.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
        None => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const US: Sign = Sign::Refused(About::Us);
    const UNCLEAR: Sign = Sign::Refused(About::Unclear);
    const MAILBOX: Sign = Sign::Refused(About::Mailbox);

    fn settled(delivery: i64, sign: Sign) -> Settled {
        Settled {
            mailing: 1,
            delivery,
            sign,
            provider: None,
            words: "at recipient: 554 5.7.1 Relay access denied".to_owned(),
        }
    }

    /// Tells `signs`, each of another person, and says at which of them the mailing stopped.
    fn stopped_at(signs: &[Sign]) -> Option<usize> {
        let mut breaker = Breaker::default();
        signs.iter().zip(1..).find_map(|(sign, delivery)| {
            breaker.tell(&settled(delivery, *sign)).map(|_| usize::try_from(delivery).unwrap())
        })
    }

    #[test]
    fn what_a_refusal_is_about() {
        #[track_caller]
        fn check(at_mail: bool, status: Option<(u16, u16)>, expected: About) {
            assert_eq!(about(at_mail, status), expected);
        }
        check(false, Some((7, 1)), About::Us);
        check(false, Some((7, 515)), About::Us);
        check(false, Some((3, 4)), About::Us);
        check(false, Some((4, 1)), About::Us);
        check(false, Some((1, 7)), About::Us);
        check(false, Some((1, 8)), About::Us);
        check(true, None, About::Us);
        check(true, Some((1, 1)), About::Us);
        check(false, None, About::Unclear);
        check(false, Some((0, 0)), About::Unclear);
        check(false, Some((5, 0)), About::Unclear);
        check(false, Some((6, 3)), About::Unclear);
        check(false, Some((1, 1)), About::Mailbox);
        check(false, Some((1, 10)), About::Mailbox);
        check(false, Some((2, 1)), About::Mailbox);
        check(true, Some((6, 7)), About::Mailbox);
    }

    #[test]
    fn how_many_stop_a_mailing() {
        #[track_caller]
        fn check(signs: &[Sign], expected: Option<usize>) {
            assert_eq!(stopped_at(signs), expected, "{signs:?}");
        }
        check(&[US; 5], Some(3));
        check(&[Sign::Lost; 5], Some(3));
        check(&[UNCLEAR; 9], Some(5));
        check(&[MAILBOX; 30], Some(20));
        // Those about us count with those that do not say.
        check(&[UNCLEAR, US, UNCLEAR, US, UNCLEAR, UNCLEAR], Some(5));
        check(&[US, MAILBOX, US, MAILBOX, US], Some(5));
        check(&[Sign::Lost, US, Sign::Lost, US, UNCLEAR, UNCLEAR], None);
        let almost = [[MAILBOX; 8].as_slice(), &[Sign::Lost; 2], &[MAILBOX; 6], &[UNCLEAR; 4]].concat();
        check(&almost, Some(20));
        // One acceptance, and it begins anew.
        check(&[US, US, Sign::Accepted, US, US], None);
        check(&[US, US, Sign::Accepted, US, US, US], Some(6));
        check(&[[MAILBOX; 19].as_slice(), &[Sign::Accepted], &[MAILBOX; 19]].concat(), None);
    }

    #[test]
    fn a_person_counts_once() {
        let mut breaker = Breaker::default();
        for _ in 0..10 {
            assert_eq!(breaker.tell(&settled(1, US)), None);
            assert_eq!(breaker.tell(&settled(2, US)), None);
        }
        assert!(breaker.tell(&settled(3, US)).is_some());
    }

    #[test]
    fn a_mailing_that_was_refused_to_everybody_does_not_end() {
        assert_eq!(at_the_end(&[]), None);
        assert_eq!(at_the_end(&[settled(1, MAILBOX), settled(2, MAILBOX)]), None);
        let stop = at_the_end(&[settled(1, MAILBOX), settled(2, US)]).unwrap();
        assert_eq!((stop.mailing, stop.spared), (1, vec![2]));
        assert_eq!(stop.why, "the relay refused everybody, 2 in all: at recipient: 554 5.7.1 Relay access denied");
    }

    #[test]
    fn the_reason_is_in_the_relays_words() {
        let mut breaker = Breaker::default();
        let stop = (1..=3).find_map(|delivery| breaker.tell(&settled(delivery, US))).unwrap();
        assert_eq!(
            stop.why,
            "the relay refused 3 messages in a row for a reason that is not the recipient's: \
             at recipient: 554 5.7.1 Relay access denied"
        );
        assert_eq!(stop.spared, [1, 2, 3]);
        let long = "é".repeat(1000);
        let stop = (1..=3)
            .find_map(|delivery| breaker.tell(&Settled { words: long.clone(), ..settled(delivery, US) }))
            .unwrap();
        assert!(stop.why.ends_with("éé…") && stop.why.chars().count() < 400);
    }

    /// Tells what each provider says, each time of another person, and says what stops at which of them.
    fn stops(told: &[(&str, Sign)]) -> Vec<(usize, Option<String>, Vec<i64>)> {
        let mut breaker = Breaker::default();
        let tell = |((provider, sign), number): (&(&str, Sign), i64)| {
            let provider = (!provider.is_empty()).then(|| (*provider).to_owned());
            let stop = breaker.tell(&Settled { provider, ..settled(number, *sign) })?;
            Some((usize::try_from(number).unwrap(), stop.provider, stop.spared))
        };
        told.iter().zip(1..).filter_map(tell).collect()
    }

    #[test]
    fn one_provider_that_says_no_stops_its_own_part() {
        #[track_caller]
        fn check(told: &[(&str, Sign)], expected: &[(usize, &str, &[i64])]) {
            let expected: Vec<_> = expected
                .iter()
                .map(|(at, whose, spared)| (*at, (!whose.is_empty()).then(|| (*whose).to_owned()), spared.to_vec()))
                .collect();
            assert_eq!(stops(told), expected, "{told:?}");
        }
        const YES: Sign = Sign::Accepted;
        let (a, b, other) = ("Orange", "Gmail", "");
        // Others take their mail in between.
        check(&[(a, US), (b, YES), (a, US), (other, YES), (a, US), (b, YES)], &[(5, a, &[1, 3, 5])]);
        check(&[(a, US), (a, YES), (a, US), (b, YES), (a, US)], &[]);
        // Nobody has said anything else yet: it may be the provider.
        check(&[(a, US), (a, US), (a, US), (b, YES), (b, US), (b, YES)], &[(3, a, &[1, 2, 3])]);
        // It was not.
        check(&[(a, US), (a, US), (a, US), (b, US)], &[(3, a, &[1, 2, 3]), (4, "", &[4])]);
        check(&[(a, US), (a, US), (a, US), (other, UNCLEAR)], &[(3, a, &[1, 2, 3]), (4, "", &[4])]);
        check(&[(a, US), (a, US), (a, US), (b, MAILBOX), (b, YES), (b, US)], &[(3, a, &[1, 2, 3])]);
        check(&[(a, US), (b, US), (a, US)], &[(3, "", &[1, 2, 3])]);
        // What was on its way when the part stopped.
        check(&[(a, US), (a, US), (a, US), (a, US), (b, YES)], &[(3, a, &[1, 2, 3])]);
        // What comes before anybody is named is about the whole.
        check(&[(other, US), (other, US), (other, US)], &[(3, "", &[1, 2, 3])]);
        check(&[(a, US), (a, US), (other, US)], &[(3, "", &[1, 2, 3])]);
        let of_orange = |sign| vec![(a, sign); 20];
        assert_eq!(stops(&of_orange(MAILBOX)), [(20, Some(a.to_owned()), vec![])]);
        assert_eq!(stops(&of_orange(UNCLEAR)[..5]), [(5, Some(a.to_owned()), vec![1, 2, 3, 4, 5])]);
    }

    fn any_sign() -> impl Strategy<Value = Sign> {
        prop_oneof![Just(Sign::Accepted), Just(US), Just(UNCLEAR), Just(MAILBOX), Just(Sign::Lost)]
    }

    proptest! {
        /// Whatever is told in whatever order: what stops a mailing has come since its last acceptance, in the numbers of
        /// the table, and exactly the refusals that are not about a mailbox are spared.
        #[test]
        fn a_stop_has_its_reason(told in prop::collection::vec((0i64..3, 0i64..40, any_sign()), 0..400)) {
            let mut breaker = Breaker::default();
            let mut since: BTreeMap<i64, BTreeMap<i64, Sign>> = BTreeMap::new();
            for (mailing, delivery, sign) in told {
                let stop = breaker.tell(&Settled { mailing, delivery, sign, provider: None, words: "554 no".to_owned() });
                let streak = since.entry(mailing).or_default();
                if sign == Sign::Accepted {
                    streak.clear();
                } else {
                    streak.insert(delivery, sign);
                }
                let count = |wanted: &[Sign]| streak.values().filter(|sign| wanted.contains(sign)).count();
                let must = count(&[US]) >= 3
                    || count(&[Sign::Lost]) >= 3
                    || count(&[US, UNCLEAR]) >= 5
                    || streak.len() >= 20;
                prop_assert_eq!(stop.is_some(), must);
                if let Some(stop) = stop {
                    prop_assert_eq!(stop.mailing, mailing);
                    let spared: BTreeSet<i64> = stop.spared.iter().copied().collect();
                    let expected: BTreeSet<i64> = streak
                        .iter()
                        .filter(|(_, sign)| matches!(sign, Sign::Refused(About::Us | About::Unclear)))
                        .map(|(delivery, _)| *delivery)
                        .collect();
                    prop_assert_eq!(spared.len(), stop.spared.len());
                    prop_assert_eq!(spared, expected);
                    streak.clear();
                }
            }
        }

        /// A provider that accepts nobody is stopped within twenty of its people, whatever others say; one that accepts everybody never is.
        #[test]
        fn who_says_no_to_everybody_is_stopped_and_who_says_yes_is_not(
            told in prop::collection::vec((any::<bool>(), prop_oneof![Just(US), Just(UNCLEAR), Just(MAILBOX)]), 60..90),
        ) {
            let says = |(refuses, sign): &(bool, Sign)| if *refuses { ("Orange", *sign) } else { ("Gmail", Sign::Accepted) };
            let told: Vec<_> = told.iter().map(says).collect();
            let refused = told.iter().filter(|(provider, _)| *provider == "Orange").count();
            let stopped = stops(&told);
            prop_assert!(stopped.iter().all(|(_, provider, _)| provider.as_deref() == Some("Orange")));
            prop_assert!(refused < 20 || !stopped.is_empty());
        }

        /// A relay that accepts nobody stops every mailing within twenty people.
        #[test]
        fn a_relay_that_says_no_to_everybody_stops_the_mailing(
            signs in prop::collection::vec(any_sign().prop_filter("a no", |sign| *sign != Sign::Accepted), 20..40),
        ) {
            prop_assert!(stopped_at(&signs).is_some_and(|at| at <= 20));
        }
    }
}
