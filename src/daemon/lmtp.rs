//! Where a mail server hands over what came back, by LMTP. What is said is decided in [`crate::bounce::LmtpDialogue`].
//!
//! A message is answered with "taken" once what it says is on disk. While the store cannot be used the mail server hears "later", and
//! keeps what it has.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::bounce::{self, BounceTable, LmtpDialogue, LmtpMail, LmtpOutcome, LmtpStep};
use crate::clock::Clock;
use crate::db::intake::Intake;
use crate::door::{Door as _, PrivateDoor, Talk};

/// The most connections at once. Postfix opens 20 to one place at most; those that come to a full house try again later.
const CONNECTIONS: usize = 16;

/// How long a mail server may say nothing.
const IDLE: Duration = Duration::from_mins(1);

/// How long a message may take, from the first command about it to its last octet.
const MESSAGE: Duration = Duration::from_mins(10);

/// How long what is under way may take to end once the daemon stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Takes in what mail servers hand over at `door`, until `stop`.
///
/// # Errors
/// None that a caller can mend: a refused connection is waited out.
pub async fn serve_lmtp(door: PrivateDoor, intake: Intake, clock: Clock, stop: CancellationToken) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut talks = JoinSet::new();
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            stream = door.next() => stream,
        };
        while talks.try_join_next().is_some() {}
        let place = Arc::clone(&places).try_acquire_owned();
        let (intake, clock, stop) = (intake.clone(), clock.clone(), stop.clone());
        talks.spawn(async move {
            // A mail server that hangs up tries again, and so does one that is sent away.
            let _ = match place {
                Ok(_place) => converse(stream, &intake, &clock, &stop).await,
                Err(_) => send_away(stream).await,
            };
        });
    }
    door.leave();
    drop(door);
    let _ = timeout(SHUTDOWN_GRACE, async { while talks.join_next().await.is_some() {} }).await;
    Ok(())
}

async fn say(stream: &mut Box<dyn Talk>, text: &str) -> io::Result<()> {
    let said = async {
        stream.write_all(text.as_bytes()).await?;
        stream.flush().await
    };
    timeout(IDLE, said).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn send_away(mut stream: Box<dyn Talk>) -> io::Result<()> {
    // A reply so short fits where nobody reads, too.
    say(&mut stream, &LmtpDialogue::full()).await
}

/// Talks to one mail server until it goes, or has to.
async fn converse(
    mut stream: Box<dyn Talk>,
    intake: &Intake,
    clock: &Clock,
    stop: &CancellationToken,
) -> io::Result<()> {
    let (mut dialogue, mut heard) = (LmtpDialogue::default(), vec![0; 16_384]);
    let mut ends = Instant::now() + MESSAGE;
    say(&mut stream, &LmtpDialogue::greeting()).await?;
    loop {
        match dialogue.step() {
            LmtpStep::Say(text) => say(&mut stream, &text).await?,
            LmtpStep::TakeIn(mail) => {
                let outcomes = take(intake, mail, clock).await;
                say(&mut stream, &LmtpDialogue::answered(&outcomes)).await?;
                ends = Instant::now() + MESSAGE;
            }
            LmtpStep::HangUp(text) => return say(&mut stream, &text).await,
            LmtpStep::Listen => {
                let until = ends.min(Instant::now() + IDLE);
                let more = tokio::select! {
                    // Of a message that is being said the rest is heard.
                    () = stop.cancelled(), if dialogue.is_between_messages() => {
                        return say(&mut stream, &LmtpDialogue::stopping()).await;
                    }
                    more = timeout_at(until, stream.read(&mut heard)) => more,
                };
                match more {
                    Err(_) => return say(&mut stream, &LmtpDialogue::timed_out()).await,
                    Ok(Ok(0)) => return Ok(()),
                    Ok(count) => dialogue.hear(heard.get(..count?).unwrap_or_default()),
                }
            }
        }
    }
}

/// Takes a message in, as one to each of its recipients.
async fn take(intake: &Intake, mail: LmtpMail, clock: &Clock) -> Vec<LmtpOutcome> {
    let (intake, now, count) = (intake.clone(), clock.now(), mail.recipients.len());
    let taking = tokio::task::spawn_blocking(move || {
        let take = |recipient: &String| {
            let returned = bounce::read(&mail.bytes, Some(recipient), BounceTable::built_in());
            match intake.take_blocking(&returned, now) {
                Ok(taken) => {
                    tracing::debug!(?taken, "a message that came back is taken in");
                    LmtpOutcome::Taken
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "a message that came back cannot be taken in: the mail server keeps it");
                    LmtpOutcome::Later
                }
            }
        };
        mail.recipients.iter().map(take).collect()
    });
    taking.await.unwrap_or_else(|_| {
        tracing::error!("reading a message that came back ended unexpectedly: the mail server keeps it");
        vec![LmtpOutcome::Later; count]
    })
}
