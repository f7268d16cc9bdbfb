//! Relays that could not be used: tried now and then, beside the mail that leaves through another meanwhile. What is known of
//! them is a problem that ends with its cause.
//!
//! Which relay mail leaves through is decided where mail leaves; here nothing is sent.

use std::time::Duration;

use tokio::time::timeout;

use super::problems::Problems;
use super::steps::{Loop, NextTurn, TurnError, Work};
use crate::clock::Clock;
use crate::problem::ProblemKind;
use crate::sending::relays::{Relays, RelaysAway};

/// How long a relay may take until it is ready for a message. One that takes longer is no better than what mail leaves through.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct RelayWatch {
    relays: Relays,
    clock: Clock,
    problems: Problems,
}

impl Work for RelayWatch {
    const LOOP: Loop = Loop::RelayWatch;

    async fn turn(&mut self) -> Result<NextTurn, TurnError> {
        // First, so that it is known before a relay that says nothing has had its time.
        self.tell();
        if let Some(relay) = self.relays.trial(self.clock.now()) {
            match timeout(PATIENCE, relay.try_it()).await {
                Ok(Ok(())) => self.relays.answers(&relay, self.clock.now()),
                Ok(Err(failure)) => self.relays.is_still_away(&relay, failure.with_cause(), self.clock.now()),
                Err(_) => {
                    let why = format!("it is not ready within {} seconds", PATIENCE.as_secs());
                    self.relays.is_still_away(&relay, why, self.clock.now());
                }
            }
            self.tell();
        }
        Ok(self.relays.next_trial().map_or(NextTurn::Woken, NextTurn::At))
    }

    async fn woken(&self) {
        self.relays.news().await;
    }
}

impl RelayWatch {
    pub(super) fn new(relays: Relays, clock: Clock, problems: Problems) -> Self {
        Self { relays, clock, problems }
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

    use jiff::SignedDuration;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::config::{RelaySettings, Security};
    use crate::sending::relays::{RelayAllowance, RelayList, RelayPost};
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
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, willing) = (listener.local_addr().unwrap().port(), Arc::new(AtomicBool::new(false)));
        tokio::spawn(greet(listener, Arc::clone(&willing)));
        let clock = Clock::manual("2027-01-02T07:00:00Z".parse().unwrap());
        let relays = Relays::new(RelayList::new(post(port), vec![post(9)]));
        let problems = Problems::new("daemon-1", clock.clone());
        let mut watch = RelayWatch::new(relays.clone(), clock.clone(), problems.clone());
        assert_eq!(watch.turn().await.unwrap(), NextTurn::Woken);
        let (first, five) = (relays.in_use(), SignedDuration::from_mins(5));
        assert!(relays.cannot_be_used(&first, "refused", clock.now()));
        watch.woken().await;
        assert_eq!(watch.turn().await.unwrap(), NextTurn::At(clock.now() + five));
        let said = |words: &str| problems.met().first().unwrap().problem.words.contains(words);
        assert!(said("cannot be used: refused; mail leaves through `127.0.0.1:9`"));
        // What is said of the time before is no news.
        assert!(!relays.cannot_be_used(&first, "once more", clock.now()));
        clock.advance_to(clock.now() + five);
        assert_eq!(watch.turn().await.unwrap(), NextTurn::At(clock.now() + five));
        assert!(said("554 5.3.2 not now"), "{:?}", problems.met());
        willing.store(true, Ordering::Relaxed);
        clock.advance_to(clock.now() + five);
        assert_eq!(watch.turn().await.unwrap(), NextTurn::Woken);
        assert!(problems.met().is_empty());
        assert_eq!(relays.in_use().name(), first.name());
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
