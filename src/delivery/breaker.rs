//! The circuit breaker of a mailing: stops it when the relay says no to one person after the other, before a fault of
//! ours has used up everybody's delivery.
//!
//! A streak is everything that was settled since the relay last accepted a message of the mailing; a deferral neither
//! adds to it nor ends it. Each person counts once in a streak.
//!
//! | in the streak | counts as | stops the mailing at |
//! |---|---|---|
//! | refused at MAIL, before anybody was named; `5.3.x`, `5.4.x`, `5.7.x`; `5.1.7`, `5.1.8` (the sender's address) | about us | 3 |
//! | the connection was lost after the final dot | lost | 3 |
//! | refused without a telling status: none, `5.0.x`, `5.5.x`, `5.6.x` | unclear | 5, with those about us |
//! | `5.1.x`, `5.2.x`, and `5.6.7` (the address needs SMTPUTF8) | about the mailbox | 20, with all of the above |
//!
//! A streak that stops its mailing takes back the refusals that are not about the mailbox: those deliveries wait again.
//! What is about the mailbox stays refused, and what was lost stays in doubt.

use std::collections::BTreeMap;

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
    /// The connection was lost after the final dot.
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

/// Why a mailing must stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailingStop {
    /// The mailing.
    pub mailing: i64,
    /// Why, in one line, with the relay's last words.
    pub why: String,
    /// The refused deliveries of the streak that are not about a mailbox: they are to wait again.
    pub spared: Vec<i64>,
}

/// The streaks of the mailings that are being sent.
#[derive(Debug, Default)]
pub struct Breaker {
    streaks: BTreeMap<i64, Streak>,
}

/// By delivery, what has come since the last acceptance.
#[derive(Debug, Default)]
struct Streak(BTreeMap<i64, Sign>);

impl Breaker {
    /// Takes note of a settled attempt and says whether its mailing must stop. The streak ends with the stop: when a
    /// person lets the mailing go on, it begins anew.
    pub fn tell(&mut self, settled: &Settled) -> Option<MailingStop> {
        if settled.sign == Sign::Accepted {
            self.streaks.remove(&settled.mailing);
            return None;
        }
        let streak = self.streaks.entry(settled.mailing).or_default();
        streak.0.insert(settled.delivery, settled.sign);
        let why = streak.fault()?.said(&settled.words);
        let streak = self.streaks.remove(&settled.mailing).unwrap_or_default();
        Some(MailingStop { mailing: settled.mailing, why, spared: streak.spared() })
    }
}

/// Whether a mailing must stop of which every delivery has ended and the relay has accepted none: `refused` are its
/// refusals. `None` when all of them are about mailboxes; then nobody is left to write to.
pub fn at_the_end(refused: &[Settled]) -> Option<MailingStop> {
    let last = refused.iter().rfind(|settled| settled.is_spared())?;
    Some(MailingStop {
        mailing: last.mailing,
        why: format!("the relay refused everybody, {} in all: {}", refused.len(), shortened(&last.words)),
        spared: refused.iter().filter(|settled| settled.is_spared()).map(|settled| settled.delivery).collect(),
    })
}

impl Streak {
    fn count(&self, counts: impl Fn(Sign) -> bool) -> usize {
        self.0.values().filter(|sign| counts(**sign)).count()
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
        } else if self.0.len() >= MANY {
            Some(RelayFault::AcceptsNobody(self.0.len()))
        } else {
            None
        }
    }

    fn spared(self) -> Vec<i64> {
        self.0.into_iter().filter(|(_, sign)| sign.is_spared()).map(|(delivery, _)| delivery).collect()
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
    fn said(self, words: &str) -> String {
        let words = shortened(words);
        match self {
            Self::RefusesUs(n) => {
                format!("the relay refused {n} messages in a row for a reason that is not the recipient's: {words}")
            }
            Self::Loses(n) => {
                format!("{n} connections in a row were lost after the message, before the relay's answer: {words}")
            }
            Self::RefusesAnyone(n) => {
                format!(
                    "the relay refused {n} messages in a row and does not say that it is for the recipient: {words}"
                )
            }
            Self::AcceptsNobody(n) => format!("the relay took none of {n} messages in a row: {words}"),
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
        Settled { mailing: 1, delivery, sign, words: "at recipient: 554 5.7.1 Relay access denied".to_owned() }
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
                let stop = breaker.tell(&Settled { mailing, delivery, sign, words: "554 no".to_owned() });
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

        /// A relay that accepts nobody stops every mailing within twenty people.
        #[test]
        fn a_relay_that_says_no_to_everybody_stops_the_mailing(
            signs in prop::collection::vec(any_sign().prop_filter("a no", |sign| *sign != Sign::Accepted), 20..40),
        ) {
            prop_assert!(stopped_at(&signs).is_some_and(|at| at <= 20));
        }
    }
}
