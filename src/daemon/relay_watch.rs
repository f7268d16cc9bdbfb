//! Relays that could not be used: tried now and then, beside the mail that leaves through another meanwhile. What is known of
//! them is a problem that ends with its cause.
//!
//! Which relay mail leaves through is decided where mail leaves; here nothing is sent.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

use super::problems::Problems;
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::clock::Clock;
use crate::problem::ProblemKind;
use crate::sending::relays::{RelayPost, RelayTrial, Relays, RelaysAway};

/// How long a relay may take until it is ready for a message. One that takes longer is no better than what mail leaves through.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether the relay is there that nothing leaves through just now: long enough before a mailing that somebody
/// can mend it.
const LOOKED_AT_EVERY: SignedDuration = SignedDuration::from_mins(15);

fn from_now(clock: &Clock, pause: SignedDuration) -> Timestamp {
    clock.now().saturating_add(pause).unwrap_or(Timestamp::MAX)
}

pub(super) struct RelayWatch {
    relays: Relays,
    trial: Box<dyn Fn() -> RelayTrial + Send + Sync>,
    clock: Clock,
    problems: Problems,
    /// When it is looked whether the relay in use is still there.
    looks_again: Timestamp,
}

impl Work for RelayWatch {
    const LOOP: Loop = Loop::RelayWatch;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        // First, so that it is known before a relay that says nothing has had its time.
        self.tell();
        if let Some(relay) = self.relays.trial(self.clock.now()) {
            match self.try_it(&relay).await {
                Ok(()) => {
                    self.relays.answers(&relay, self.clock.now());
                }
                Err(why) => self.relays.is_still_away(&relay, why, self.clock.now()),
            }
            self.tell();
        }
        if self.looks_again.duration_since(self.clock.now()) <= SignedDuration::ZERO {
            self.looks_again = from_now(&self.clock, LOOKED_AT_EVERY);
            if let Some(relay) = self.relays.unwatched()
                && let Err(why) = self.try_it(&relay.post).await
            {
                self.relays.was_found_away(&relay, &why, self.clock.now());
            }
            self.tell();
        }
        // A clock that was set back does not make it wait.
        self.looks_again = self.looks_again.min(from_now(&self.clock, LOOKED_AT_EVERY));
        let next = self.relays.next_trial(self.clock.now());
        Ok(NextTurn::At(next.map_or(self.looks_again, |next| next.min(self.looks_again))))
    }

    async fn woken(&self) {
        self.relays.news().await;
    }
}

impl RelayWatch {
    /// `trial` says by what relays are tried now.
    pub(super) fn new(
        relays: Relays,
        trial: impl Fn() -> RelayTrial + Send + Sync + 'static,
        clock: Clock,
        problems: Problems,
    ) -> Self {
        let looks_again = from_now(&clock, SignedDuration::from_mins(1));
        Self { relays, trial: Box::new(trial), clock, problems, looks_again }
    }

    async fn try_it(&self, relay: &RelayPost) -> Result<(), String> {
        let late = |_| format!("it is not ready within {} seconds", PATIENCE.as_secs());
        timeout(PATIENCE, relay.try_it(&(self.trial)(), self.clock.now())).await.map_err(late)?
    }

    /// Says which relays cannot be used, and through which mail leaves.
    fn tell(&self) {
        match self.relays.away() {
            None => self.problems.end(ProblemKind::RelayAway),
            Some(away) => self.problems.begin(ProblemKind::RelayAway, words(&away), REMEDY),
        }
    }
}

const REMEDY: &str =
    "mend the relay or its settings; it is tried again every few minutes and used again when it answers";

fn words(RelaysAway { away, through }: &RelaysAway) -> String {
    let away: Vec<String> = away.iter().map(|(relay, why)| format!("`{relay}` cannot be used: {why}")).collect();
    let through = match through {
        Some(relay) => format!("mail leaves through `{relay}`"),
        None => "mail waits".to_owned(),
    };
    format!("{}; {through}", away.join("; "))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::config::{RelaySettings, Security};
    use crate::sending::relays::{RelayAllowance, RelayList};
    use crate::transport::Transport;

    fn post(port: u16) -> RelayPost {
        let settings = RelaySettings {
            host: "127.0.0.1".to_owned(),
            port,
            security: Security::None,
            login: None,
            helo: None,
            public_name: "news.example.fr".to_owned(),
            ca_file: None,
            connections: 1,
            messages_per_connection: 1,
            dkim_record: None,
            rate: None,
        };
        let allowed = RelayAllowance { connections: 1, mails: 1, rate: None, relay: Some(settings.name()) };
        RelayPost::new(Transport::relay(&settings).unwrap(), allowed)
    }

    fn trial() -> RelayTrial {
        RelayTrial { return_domain: "news.example.fr".to_owned(), from: "bonjour@example.fr".to_owned() }
    }

    async fn bound() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    /// Greets whoever comes, while it is `willing`, and lets them go.
    async fn greet(listener: TcpListener, willing: Arc<AtomicBool>) {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let (theirs, mut ours) = socket.into_split();
            let mut lines = BufReader::new(theirs).lines();
            if !willing.load(Ordering::Relaxed) {
                ours.write_all(b"554 5.3.2 not now\r\n").await.unwrap();
                continue;
            }
            ours.write_all(b"220 relay.example ESMTP\r\n").await.unwrap();
            while let Ok(Some(_)) = lines.next_line().await {
                if ours.write_all(b"250 relay.example\r\n").await.is_err() {
                    break;
                }
            }
        }
    }

    #[tokio::test]
    async fn a_relay_that_is_away_is_a_problem_until_it_answers_a_trial() {
        let (listener, port) = bound().await;
        let willing = Arc::new(AtomicBool::new(false));
        tokio::spawn(greet(listener, Arc::clone(&willing)));
        let (second, other) = bound().await;
        tokio::spawn(greet(second, Arc::new(AtomicBool::new(true))));
        let clock = Clock::manual("2027-01-02T07:00:00Z".parse().unwrap());
        let relays = Relays::new(RelayList::new(post(port), vec![post(other)]));
        let problems = Problems::new("daemon-1", clock.clone());
        let mut watch = RelayWatch::new(relays.clone(), trial, clock.clone(), problems.clone());
        // A minute after the start it is looked whether the relay is there.
        assert_eq!(watch.turn().await.unwrap(), NextTurn::At(clock.now() + SignedDuration::from_mins(1)));
        let (first, five) = (relays.in_use(), SignedDuration::from_mins(5));
        assert!(!relays.answers(&first.post, clock.now()), "it was never away");
        assert!(relays.cannot_be_used(&first, "refused", clock.now()));
        watch.woken().await;
        assert_eq!(watch.turn().await.unwrap(), NextTurn::At(clock.now() + SignedDuration::from_mins(1)));
        let said = |words: &str| problems.met().first().unwrap().problem.words.contains(words);
        assert!(said(&format!("cannot be used: refused; mail leaves through `127.0.0.1:{other}`")));
        // What is said of the time before is no news.
        assert!(!relays.cannot_be_used(&first, "once more", clock.now()));
        clock.advance_to(clock.now() + five);
        assert_eq!(watch.turn().await.unwrap(), NextTurn::At(clock.now() + five));
        assert!(said("554 5.3.2 not now"), "{:?}", problems.met());
        willing.store(true, Ordering::Relaxed);
        clock.advance_to(clock.now() + five);
        assert!(matches!(watch.turn().await.unwrap(), NextTurn::At(_)));
        assert!(problems.met().is_empty());
        assert_eq!(relays.in_use().name(), first.name());
    }

    #[tokio::test]
    async fn a_relay_that_goes_away_while_nothing_is_sent_is_noticed_before_a_mailing_is_due() {
        let (listener, port) = bound().await;
        let willing = Arc::new(AtomicBool::new(true));
        tokio::spawn(greet(listener, Arc::clone(&willing)));
        let clock = Clock::manual("2027-01-02T07:00:00Z".parse().unwrap());
        let relays = Relays::new(RelayList::new(post(port), Vec::new()));
        let mut watch = RelayWatch::new(relays.clone(), trial, clock.clone(), Problems::new("daemon-1", clock.clone()));
        let only = relays.in_use();
        let begun = clock.now();
        let at = |minutes| {
            clock.advance_to(begun + SignedDuration::from_mins(minutes));
        };
        at(1);
        assert_eq!(watch.turn().await.unwrap(), NextTurn::At(clock.now() + LOOKED_AT_EVERY));
        assert_eq!(only.post.back_off.failure(), None);
        willing.store(false, Ordering::Relaxed);
        at(16);
        assert_eq!(watch.turn().await.unwrap(), NextTurn::At(clock.now() + SignedDuration::from_secs(30)));
        assert!(only.post.back_off.failure().is_some_and(|why| why.contains("554 5.3.2 not now")));
        willing.store(true, Ordering::Relaxed);
        at(17);
        assert!(matches!(watch.turn().await.unwrap(), NextTurn::At(_)));
        assert_eq!(only.post.back_off.failure(), None);
    }

    #[tokio::test]
    async fn the_only_relay_is_tried_again_when_nothing_waits_to_leave() {
        let (listener, port) = bound().await;
        let willing = Arc::new(AtomicBool::new(false));
        tokio::spawn(refuse_senders(listener, Arc::clone(&willing)));
        let clock = Clock::manual("2027-01-02T07:00:00Z".parse().unwrap());
        let relays = Relays::new(RelayList::new(post(port), Vec::new()));
        let mut watch = RelayWatch::new(relays.clone(), trial, clock.clone(), Problems::new("daemon-1", clock.clone()));
        let only = relays.in_use();
        let (failure, seconds) = (|| only.post.back_off.failure(), SignedDuration::from_secs);
        only.post.back_off.begin(clock.now(), "550 5.7.1 no mail of yours");
        assert!(!relays.cannot_be_used(&only, "550 5.7.1 no mail of yours", clock.now()));
        watch.woken().await;
        assert_eq!(watch.turn().await.unwrap(), NextTurn::At(clock.now() + seconds(30)));
        // It greets, but takes nothing of ours: that is no answer.
        clock.advance_to(clock.now() + seconds(30));
        assert!(matches!(watch.turn().await.unwrap(), NextTurn::At(_)));
        assert_eq!(only.post.back_off.until(clock.now()), Some(clock.now() + seconds(60)));
        assert!(failure().is_some_and(|why| why.contains("5.7.1")), "{:?}", failure());
        willing.store(true, Ordering::Relaxed);
        clock.advance_to(clock.now() + seconds(60));
        assert!(matches!(watch.turn().await.unwrap(), NextTurn::At(_)));
        assert_eq!(failure(), None);
        relays.changed().notified().await;
    }

    /// Greets whoever comes, and takes their mail while it is `willing`.
    async fn refuse_senders(listener: TcpListener, willing: Arc<AtomicBool>) {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let (theirs, mut ours) = socket.into_split();
            let mut lines = BufReader::new(theirs).lines();
            ours.write_all(b"220 relay.example ESMTP\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let refused = line.starts_with("MAIL") && !willing.load(Ordering::Relaxed);
                let answer: &[u8] = if refused { b"550 5.7.1 no mail of yours\r\n" } else { b"250 relay.example\r\n" };
                if ours.write_all(answer).await.is_err() {
                    break;
                }
            }
        }
    }

    #[test]
    fn it_is_said_through_which_relay_mail_leaves() {
        let one = ("a.example.net:587".to_owned(), "refused".to_owned());
        let two = ("b.example.net:587".to_owned(), "no answer".to_owned());
        let through = Some("b.example.net:587".to_owned());
        assert_eq!(
            words(&RelaysAway { away: vec![one.clone()], through }),
            "`a.example.net:587` cannot be used: refused; mail leaves through `b.example.net:587`"
        );
        assert_eq!(
            words(&RelaysAway { away: vec![one, two], through: None }),
            "`a.example.net:587` cannot be used: refused; `b.example.net:587` cannot be used: no answer; mail waits"
        );
    }
}
