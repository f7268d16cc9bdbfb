//! Handing over to a relay that misbehaves on command, and to a folder.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use carillon::config::{RelayPassword, RelaySettings, Security};
use carillon::smtp::{ConnectFailure, Envelope, Limits, MessageBytes, Next, Relay as Route, Session, Stage, Verdict};
use carillon::transport::{Connection, Directory, Rehearsal, Transport};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::support::relay::{Relay, Script};

const MESSAGE: &[u8] = b"Subject: Les journees magiques\r\n\r\nOuverture demain a 8 h.\r\n";

fn envelope(to: &str) -> Envelope {
    Envelope::new("r.42@bounce.example.fr", &format!("{to}@example.org")).unwrap()
}

/// Limits under which a relay that says nothing at one step is soon given up. The other steps keep their time, so that
/// a busy machine is not taken for a silent relay.
fn impatient_with(to: &str) -> Limits {
    let (usual, soon) = (Limits::default(), Duration::from_secs(1));
    match to {
        "stall-at-rcpt" => Limits { command: soon, ..usual },
        "stall-at-data" => Limits { data: soon, ..usual },
        "stall-after-dot" => Limits { dot: soon, ..usual },
        "no greeting" => Limits { greeting: soon, ..usual },
        _ => usual,
    }
}

async fn connect(settings: RelaySettings, limits: Limits) -> Result<Session, ConnectFailure> {
    Session::connect(&Route::new(settings, limits)?).await
}

async fn session(relay: &Relay) -> Session {
    connect(relay.settings(), Limits::default()).await.unwrap()
}

async fn deliver(session: &mut Session, to: &str) -> Verdict {
    deliver_bytes(session, to, MESSAGE).await
}

async fn deliver_bytes(session: &mut Session, to: &str, bytes: &[u8]) -> Verdict {
    match session.offer(&envelope(to), bytes.len()).await {
        Ok(()) => session.hand_over(bytes).await,
        Err(verdict) => verdict,
    }
}

/// A verdict in one line: its kind, its stage, its code and its enhanced status.
fn in_short(verdict: &Verdict) -> String {
    let kind = match verdict {
        Verdict::Accepted { .. } => return "accepted".to_owned(),
        Verdict::Deferred(_) => "deferred",
        Verdict::Refused(_) => "refused",
        Verdict::InDoubt(_) => "in doubt",
    };
    let reason = verdict.reason().unwrap();
    let code = reason.code.map(|code| format!(" {code}")).unwrap_or_default();
    let status = reason.enhanced.map(|status| format!(" {status}")).unwrap_or_default();
    format!("{kind} at {}{code}{status}", reason.stage)
}

/// The same with all that goes before the body in one go, where the relay takes it so.
async fn deliver_in_groups(session: &mut Session, to: &str) -> Verdict {
    if !session.takes_groups() {
        return deliver(session, to).await;
    }
    match session.offer_and_ask(&envelope(to), MESSAGE).await {
        Ok(()) => session.send_body(MESSAGE).await,
        Err(verdict) => verdict,
    }
}

/// Delivers to `to`, expects the verdict, and that the connection is kept (and of use to the next message) or dropped: by a
/// relay that takes one command after the other, and by one that takes them in groups.
#[track_caller]
fn check(to: &str, expected: &str, kept: bool) {
    check_with(false, to, expected, kept);
    check_with(true, to, expected, kept);
}

#[track_caller]
fn check_with(pipelining: bool, to: &str, expected: &str, kept: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (verdict, usable, after) = runtime.block_on(async {
        let relay = Relay::with(Script { pipelining, ..Script::default() });
        let mut session = connect(relay.settings(), impatient_with(to)).await.unwrap();
        let verdict = deliver_in_groups(&mut session, to).await;
        let usable = session.is_usable();
        let after = deliver_in_groups(&mut session, "after").await;
        assert!(relay.connections() == 1);
        (verdict, usable, after)
    });
    assert_eq!((in_short(&verdict).as_str(), usable), (expected, kept), "{verdict:?}");
    assert_eq!(matches!(after, Verdict::Accepted { .. }), kept, "{after:?}");
    assert!(!format!("{verdict:?}").to_lowercase().contains("example.org"), "{verdict:?}");
}

#[test]
fn refusals_keep_the_connection() {
    check("camille", "accepted", true);
    check("refuse", "refused at recipient 550 5.1.1", true);
    check("defer", "deferred at recipient 450 4.2.0", true);
    check("greylist", "deferred at recipient 451 4.7.1", true);
    check("refuse-data", "refused at data 554 5.7.1", true);
    check("refuse-after-data", "refused at body 554 5.7.1", true);
    check("defer-after-data", "deferred at body 451 4.3.0", true);
}

#[test]
fn odd_replies_are_understood() {
    check("latin1", "refused at recipient 550 5.1.1", true);
    check("bare", "accepted", true);
}

#[test]
fn before_the_body_a_broken_connection_defers() {
    check("drop-at-rcpt", "deferred at recipient", false);
    check("stall-at-rcpt", "deferred at recipient", false);
    check("drop-at-data", "deferred at data", false);
    check("stall-at-data", "deferred at data", false);
    check("no-go", "deferred at data 250 2.0.0", false);
}

// The relay has no recipient and waits for a body all the same: nothing that could be said next would be a command.
#[test]
fn a_relay_that_waits_for_a_body_for_nobody_is_left() {
    check_with(true, "refuse-and-go", "refused at recipient 550 5.1.1", false);
}

#[tokio::test]
async fn a_group_is_three_commands_and_one_after_the_other_is_answered() {
    let relay = Relay::with(Script { pipelining: true, busy_after: Some(2), ..Script::default() });
    let mut session = session(&relay).await;
    let refused = Envelope::new("refuse-sender@bounce.example.fr", "camille@example.org").unwrap();
    let verdict = session.offer_and_ask(&refused, MESSAGE).await.unwrap_err();
    assert_eq!(in_short(&verdict), "refused at mail 550 5.7.1");
    assert_eq!(in_short(&deliver_in_groups(&mut session, "a").await), "accepted");
    session.offer(&envelope("b"), MESSAGE.len()).await.unwrap();
    assert_eq!(in_short(&session.hand_over(MESSAGE).await), "accepted", "also in two steps");
    assert_eq!(in_short(&deliver_in_groups(&mut session, "c").await), "deferred at mail 421 4.7.0");
    assert!(!session.is_usable());
    assert_eq!(relay.recipients(), ["a@example.org", "b@example.org"]);
    let large = vec![b'x'; 10_000_001];
    let too_big = self::session(&relay).await.offer_and_ask(&envelope("d"), &large).await.unwrap_err();
    assert_eq!(in_short(&too_big), "refused at mail 5.3.4");
}

#[test]
fn from_the_body_on_a_broken_connection_is_in_doubt() {
    check("drop-in-data", "in doubt at body", false);
    check("drop-after-dot", "in doubt at body", false);
    check("stall-after-dot", "in doubt at body", false);
}

#[test]
fn a_relay_that_says_421_is_left() {
    check("busy", "deferred at recipient 421 4.7.0", false);
    check("busy-after-data", "deferred at body 421 4.3.2", false);
    check("hang-up", "accepted", false);
}

#[test]
fn a_relay_that_answers_twice_is_left() {
    check("twice", "accepted", false);
}

#[tokio::test]
async fn a_refused_sender_blames_no_recipient() {
    let relay = Relay::start();
    let mut session = session(&relay).await;
    let envelope = Envelope::new("refuse-sender@bounce.example.fr", "camille@example.org").unwrap();
    let verdict = session.offer(&envelope, MESSAGE.len()).await.unwrap_err();
    assert_eq!(in_short(&verdict), "refused at mail 550 5.7.1");
    assert_eq!((verdict.next(), verdict.needs_back_off()), (Next::RetryLater, true));
    assert!(!verdict.reason().unwrap().text.contains("refuse-sender"));
    assert_eq!(in_short(&deliver(&mut session, "camille").await), "accepted");
}

#[tokio::test]
async fn seven_messages_need_two_connections() {
    let relay = Relay::start();
    let limits = Limits { dot: Duration::from_secs(2), ..Limits::default() };
    let transport = Transport::smtp(&relay.settings(), limits).unwrap();
    let mut connection = transport.open().await.unwrap();
    let mut verdicts = Vec::new();
    for to in ["a", "refuse.b", "c", "stall-after-dot.d", "e", "refuse-after-data.f", "g"] {
        if !connection.is_usable() {
            connection.close().await;
            connection = transport.open().await.unwrap();
        }
        verdicts.push(in_short(&hand_over(&mut connection, to, "<m@example.fr>").await));
    }
    connection.close().await;
    assert_eq!(
        verdicts,
        [
            "accepted",
            "refused at recipient 550 5.1.1",
            "accepted",
            "in doubt at body",
            "accepted",
            "refused at body 554 5.7.1",
            "accepted"
        ]
    );
    assert_eq!(relay.connections(), 2);
    assert_eq!(relay.commands().last().unwrap(), "QUIT");
    let unanswered: Vec<_> = relay.accepted().into_iter().filter(|message| !message.answered).collect();
    assert_eq!(unanswered.len(), 1);
}

async fn hand_over(connection: &mut Connection, to: &str, message_id: &str) -> Verdict {
    let now: Timestamp = "2027-01-02T07:00:00Z".parse().unwrap();
    match connection.offer(&envelope(to), MESSAGE.len(), now).await {
        Ok(()) => connection.hand_over(&MessageBytes { message_id, bytes: MESSAGE }).await,
        Err(verdict) => verdict,
    }
}

/// Polls `future` `times` times, then drops it.
async fn poll_some<T>(future: impl Future<Output = T>, times: u32) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test]
async fn a_cancelled_message_lends_its_reply_to_no_other() {
    let relay = Relay::with(Script { late: Duration::from_millis(5), ..Script::default() });
    let mut cancelled = 0;
    for times in 0..40 {
        let mut session = session(&relay).await;
        let finished = poll_some(deliver(&mut session, "late"), times).await;
        if finished.is_some() {
            break;
        }
        cancelled += 1;
        let usable = session.is_usable();
        let next = deliver(&mut session, "refuse-after-data").await;
        assert!(!matches!(next, Verdict::Accepted { .. }), "after {times} polls: {next:?}");
        assert!(usable || matches!(next, Verdict::Deferred(_)), "after {times} polls: {next:?}");
    }
    assert!(cancelled >= 4, "cancelled at {cancelled} places only");
}

#[tokio::test]
async fn a_second_connection_waits_for_nobody() {
    let relay = Relay::with(Script { greylist: 2, ..Script::default() });
    let mut first = session(&relay).await;
    let mut second = session(&relay).await;
    first.offer(&envelope("a"), MESSAGE.len()).await.unwrap();
    assert_eq!(in_short(&deliver(&mut second, "b").await), "accepted");
    assert_eq!(in_short(&first.hand_over(MESSAGE).await), "accepted");
    for expected in ["deferred at recipient 451 4.7.1", "deferred at recipient 451 4.7.1", "accepted"] {
        assert_eq!(in_short(&deliver(&mut first, "greylist").await), expected);
    }
    relay.wait_for(3);
    relay.wait_for_attempts("greylist@example.org", 3);
    assert_eq!(relay.attempts("greylist@example.org"), 3);
    assert_eq!(relay.recipients(), ["a@example.org", "b@example.org", "greylist@example.org"]);
}

#[tokio::test]
async fn what_was_offered_can_be_taken_back() {
    let relay = Relay::start();
    let mut session = session(&relay).await;
    session.offer(&envelope("a"), MESSAGE.len()).await.unwrap();
    session.abandon().await;
    assert_eq!(in_short(&session.hand_over(MESSAGE).await), "deferred at data", "nothing is offered any more");
    session.offer(&envelope("b"), MESSAGE.len()).await.unwrap();
    assert_eq!(in_short(&deliver(&mut session, "c").await), "accepted", "a new offer takes back the old one");
    assert_eq!(relay.recipients(), ["c@example.org"]);
}

#[tokio::test]
async fn after_the_go_ahead_the_relay_can_still_be_left() {
    let relay = Relay::start();
    let mut session = session(&relay).await;
    session.offer(&envelope("a"), MESSAGE.len()).await.unwrap();
    session.ask_for_data(MESSAGE).await.unwrap();
    assert!(!session.is_usable(), "it waits for a body");
    session.abandon().await;
    assert!(!session.is_usable(), "it cannot be told that there is none");
    assert_eq!(in_short(&session.send_body(MESSAGE).await), "deferred at data");
    assert_eq!(in_short(&deliver(&mut session, "a").await), "deferred at mail");
    session.close().await;
    assert_eq!(in_short(&deliver(&mut self::session(&relay).await, "b").await), "accepted");
    assert_eq!(relay.recipients(), ["b@example.org"]);
}

#[tokio::test]
async fn a_relay_that_hangs_up_after_its_go_ahead_has_nothing() {
    let relay = Relay::start();
    let mut session = session(&relay).await;
    session.offer(&envelope("hang-up-after-go"), MESSAGE.len()).await.unwrap();
    session.ask_for_data(MESSAGE).await.unwrap();
    relay.wait_for_hang_ups(1);
    let verdict = session.send_body(MESSAGE).await;
    assert_eq!(in_short(&verdict), "deferred at data 421 4.4.2", "not in doubt");
}

#[tokio::test]
async fn the_message_arrives_as_it_is() {
    let relay = Relay::start();
    let mut session = session(&relay).await;
    let message = "Subject: x\r\n\r\n.\r\n..\r\n.leading\r\nété\r\n\r\nlast\r\n".as_bytes();
    assert_eq!(in_short(&deliver_bytes(&mut session, "a", message).await), "accepted");
    assert_eq!(relay.accepted()[0].bytes, message);
    assert_eq!(relay.accepted()[0].from, "r.42@bounce.example.fr");
    let smuggling = b"Subject: x\r\n\r\na\n.\nMAIL FROM:<x@example.com>\r\n";
    assert_eq!(in_short(&deliver_bytes(&mut session, "a", smuggling).await), "accepted");
    assert_eq!(relay.accepted()[1].bytes, b"Subject: x\r\n\r\na\r\n.\r\nMAIL FROM:<x@example.com>\r\n");
    let large = vec![b'x'; 1_000_000];
    assert_eq!(in_short(&deliver_bytes(&mut session, "a", &large).await), "accepted");
    assert_eq!(relay.accepted()[2].bytes.len(), large.len() + 2);
    let mail = relay.commands().into_iter().find(|command| command.starts_with("MAIL")).unwrap();
    assert_eq!(mail, format!("MAIL FROM:<r.42@bounce.example.fr> SIZE={} BODY=8BITMIME", message.len()));
}

#[tokio::test]
async fn what_the_relay_cannot_take_is_refused_here() {
    let relay = Relay::with(Script { size: Some(200), eight_bit: false, utf8: false, ..Script::default() });
    let mut session = session(&relay).await;
    let too_big = session.offer(&envelope("a"), 201).await.unwrap_err();
    assert_eq!(in_short(&too_big), "refused at mail 5.3.4");
    assert_eq!(in_short(&deliver_bytes(&mut session, "a", "été".as_bytes()).await), "refused at data 5.6.3");
    let foreign = Envelope::new("r@bounce.example.fr", "hélène@example.org").unwrap();
    let refused = session.offer(&foreign, 10).await.unwrap_err();
    assert_eq!(in_short(&refused), "refused at mail 5.6.7");
    assert_eq!([too_big.next(), refused.next()], [Next::GiveUp, Next::GiveUp]);
    assert_eq!(in_short(&deliver(&mut session, "a").await), "accepted", "the connection is kept");
    assert!(!relay.commands().iter().any(|command| command.contains("BODY=") || command.contains("SMTPUTF8")));
}

#[tokio::test]
async fn an_address_beyond_ascii_asks_for_smtputf8() {
    let relay = Relay::start();
    let mut session = session(&relay).await;
    let envelope = Envelope::new("r@bounce.example.fr", "hélène@exämple.org").unwrap();
    session.offer(&envelope, MESSAGE.len()).await.unwrap();
    assert_eq!(in_short(&session.hand_over(MESSAGE).await), "accepted");
    assert_eq!(relay.recipients(), ["hélène@xn--exmple-cua.org"]);
    assert!(relay.commands().iter().any(|command| command.ends_with(" SMTPUTF8")));
}

#[tokio::test]
async fn a_connection_has_its_share_and_its_rest() {
    let relay = Relay::start();
    let limits = Limits { messages: 2, ..Limits::default() };
    let mut session = connect(relay.settings(), limits).await.unwrap();
    for usable in [true, false] {
        assert_eq!(in_short(&deliver(&mut session, "a").await), "accepted");
        assert_eq!(session.is_usable(), usable);
    }
    assert_eq!(session.messages(), 2);
    let limits = Limits { idle: Duration::ZERO, ..Limits::default() };
    assert!(!connect(relay.settings(), limits).await.unwrap().is_usable());
}

#[tokio::test]
async fn a_relay_may_have_enough_of_a_connection() {
    let relay = Relay::with(Script { busy_after: Some(3), ..Script::default() });
    let mut session = session(&relay).await;
    for _ in 0..3 {
        assert_eq!(in_short(&deliver(&mut session, "a").await), "accepted");
    }
    let verdict = deliver(&mut session, "a").await;
    assert_eq!(in_short(&verdict), "deferred at mail 421 4.7.0");
    assert!(verdict.needs_back_off() && !session.is_usable());
}

#[tokio::test]
async fn tls_and_login_in_every_form() {
    for security in [Security::None, Security::Starttls, Security::Tls] {
        for mechanisms in ["PLAIN LOGIN", "LOGIN", "CRAM-MD5 PLAIN"] {
            let login = Some(("carillon", "s3cret"));
            let relay = Relay::with(Script { security, login, mechanisms, ..Script::default() });
            let mut session = session(&relay).await;
            assert_eq!(in_short(&deliver(&mut session, "a").await), "accepted", "{security:?} {mechanisms}");
            session.close().await;
        }
    }
}

/// Expects that no session comes about, and that no mail was offered.
async fn failure(relay: &Relay, settings: RelaySettings) -> ConnectFailure {
    failure_within(relay, settings, Limits::default()).await
}

async fn failure_within(relay: &Relay, settings: RelaySettings, limits: Limits) -> ConnectFailure {
    let failure = connect(settings, limits).await.unwrap_err();
    assert!(!relay.commands().iter().any(|command| command.starts_with("MAIL")));
    failure
}

#[tokio::test]
async fn starttls_is_required_where_configured() {
    let relay = Relay::with(Script { security: Security::Starttls, offers_starttls: false, ..Script::default() });
    let failure = failure(&relay, relay.settings()).await;
    assert!(matches!(failure, ConnectFailure::NoStarttls { .. }) && failure.needs_a_person());
    let port = relay.port();
    assert_eq!(
        failure.to_string(),
        format!(
            "the relay `localhost:{port}` does not offer STARTTLS, and mail must not travel in clear text; \
             use another port, or `security = \"tls\"`"
        )
    );
}

#[tokio::test]
async fn words_in_clear_text_do_not_count_as_encrypted() {
    let relay = Relay::with(Script { security: Security::Starttls, injects: true, ..Script::default() });
    let failure = failure(&relay, relay.settings()).await;
    assert!(matches!(failure, ConnectFailure::Broken { step: "STARTTLS" | "TLS", .. }), "{failure:?}");
    assert_eq!(relay.commands().iter().filter(|command| command.starts_with("EHLO")).count(), 1);
}

#[tokio::test]
async fn a_certificate_must_prove_the_relay() {
    for security in [Security::Starttls, Security::Tls] {
        let relay = Relay::with(Script { security, ..Script::default() });
        let unknown = failure(&relay, RelaySettings { ca_file: None, ..relay.settings() }).await;
        assert!(matches!(unknown, ConnectFailure::Certificate { .. }) && unknown.needs_a_person(), "{unknown:?}");
        assert!(unknown.to_string().contains("`ca_file`"), "{unknown}");
        let elsewhere = failure(&relay, RelaySettings { host: "127.0.0.1".to_owned(), ..relay.settings() }).await;
        assert!(matches!(elsewhere, ConnectFailure::Certificate { .. }), "{elsewhere:?}");
    }
}

#[test]
fn an_authority_that_cannot_be_read_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, "not a certificate").unwrap();
    let relay = Relay::with(Script { security: Security::Tls, ..Script::default() });
    let settings = RelaySettings { ca_file: Some(file.clone()), ..relay.settings() };
    let failure = Route::new(settings, Limits::default()).unwrap_err();
    assert!(matches!(&failure, ConnectFailure::Authorities { path, .. } if *path == file), "{failure:?}");
    let settings = RelaySettings { host: "not a host".to_owned(), ..relay.settings() };
    assert!(matches!(Route::new(settings, Limits::default()), Err(ConnectFailure::HostName { .. })));
}

#[tokio::test]
async fn a_wrong_password_blames_no_recipient() {
    for mechanisms in ["PLAIN", "LOGIN"] {
        let login = Some(("shop@example.fr", "s3cret"));
        let relay = Relay::with(Script { login, mechanisms, ..Script::default() });
        let wrong = Some(("shop@example.fr".to_owned(), RelayPassword::Known("wrong".to_owned().into())));
        let failure = failure(&relay, RelaySettings { login: wrong, ..relay.settings() }).await;
        assert!(matches!(failure, ConnectFailure::LoginRefused { code: 535, .. }) && failure.needs_a_person());
        let text = format!("{failure} {failure:?}");
        assert!(!text.contains("shop@example.fr") && !text.contains("wrong"), "{text}");
    }
    let relay = Relay::with(Script { login: Some(("a", "b")), ..Script::default() });
    let withheld = Some(("a".to_owned(), RelayPassword::Withheld("carillon.smtp".to_owned())));
    let failure_of_ours = failure(&relay, RelaySettings { login: withheld, ..relay.settings() }).await;
    assert!(matches!(&failure_of_ours, ConnectFailure::PasswordWithheld { .. }) && failure_of_ours.needs_a_person());
    let relay = Relay::with(Script { login: Some(("a", "b")), mechanisms: "GSSAPI", ..Script::default() });
    assert!(matches!(failure(&relay, relay.settings()).await, ConnectFailure::NoLogin { .. }));
}

#[tokio::test]
async fn a_relay_that_does_not_greet_is_not_reached() {
    for (greeting, expected) in [
        ("554 5.7.1 not for you", "said no at the greeting: 554 5.7.1 not for you"),
        ("421 4.3.2 busy", "said no at the greeting: 421 4.3.2 busy"),
        ("HTTP/1.1 400 Bad Request", "did not go on at the greeting: the relay's answer is not SMTP"),
        ("", "did not go on at the greeting: no answer within 1 s"),
    ] {
        let relay = Relay::with(Script { greeting, ..Script::default() });
        let limits = impatient_with(if greeting.is_empty() { "no greeting" } else { "a greeting" });
        let failure = failure_within(&relay, relay.settings(), limits).await;
        assert!(failure.to_string().ends_with(expected), "{failure}");
        assert_eq!(failure.needs_a_person(), greeting.starts_with('5'), "{failure}");
    }
    let settings = Relay::start().settings();
    let failure = connect(settings, Limits::default()).await.unwrap_err();
    assert!(matches!(failure, ConnectFailure::Unreachable { .. }) && !failure.needs_a_person(), "{failure:?}");
}

#[tokio::test]
async fn one_connection_carries_many_messages_a_second() {
    let relay = Relay::with(Script { keep: false, ..Script::default() });
    let limits = Limits { messages: u32::MAX, ..Limits::default() };
    let mut session = connect(relay.settings(), limits).await.unwrap();
    let message = b"An ordinary line of a message, a little under eighty columns wide.....\r\n".repeat(257);
    let start = Instant::now();
    for _ in 0..500 {
        assert_eq!(in_short(&deliver_bytes(&mut session, "a", &message).await), "accepted");
    }
    let took = start.elapsed();
    assert_eq!(relay.count(), 500);
    println!("{} octets, {:.0} messages/s", message.len(), 500.0 / took.as_secs_f64());
    assert!(took < Duration::from_secs(10), "500 messages took {took:?}; without TCP_NODELAY they take 20 s");
}

#[tokio::test]
async fn a_folder_takes_mail_like_a_relay() {
    let folder = TempDir::new().unwrap();
    let outbox = folder.path().join("outbox");
    let transport = Transport::folder(&outbox);
    let Transport::Directory(directory) = &transport else { unreachable!() };
    let mut connection = transport.open().await.unwrap();
    assert_eq!(in_short(&hand_over(&mut connection, "a", "<d.1@example.fr>").await), "accepted");
    assert_eq!(std::fs::read(outbox.join("d.1@example.fr.eml")).unwrap(), MESSAGE);
    assert_eq!(directory.repeats(), 0);
    let again = hand_over(&mut connection, "a", "<d.1@example.fr>").await;
    assert_eq!(again, Verdict::Accepted { code: None, text: "was already written to d.1@example.fr.eml".to_owned() });
    assert_eq!(directory.repeats(), 1);
    assert_eq!(std::fs::read_dir(&outbox).unwrap().count(), 1, "no draft is left, and one message is one file");
    let unoffered = connection.hand_over(&MessageBytes { message_id: "x", bytes: MESSAGE }).await;
    assert_eq!(in_short(&unoffered), "deferred at data");
    connection.abandon().await;
    assert!(connection.is_usable());
}

#[tokio::test]
async fn a_folder_rehearses_refusals() {
    let folder = TempDir::new().unwrap();
    let until: Timestamp = "2027-01-02T07:10:00Z".parse().unwrap();
    let rehearsal = Rehearsal::default().refuse("Gone@example.org").greylist("shy@example.org", until);
    let transport = Transport::Directory(Directory::new(folder.path()).without_sync().rehearsing(rehearsal));
    let mut connection = transport.open().await.unwrap();
    assert_eq!(in_short(&hand_over(&mut connection, "gone", "<1@example.fr>").await), "refused at recipient 550 5.1.1");
    assert_eq!(in_short(&hand_over(&mut connection, "shy", "<2@example.fr>").await), "deferred at recipient 451 4.7.1");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(connection.offer(&envelope("shy"), 1, until).await.is_ok(), "the wait is over");
    let verdict = connection.hand_over(&MessageBytes { message_id: "<2@example.fr>", bytes: MESSAGE }).await;
    assert_eq!(in_short(&verdict), "accepted");
    assert_eq!(std::fs::read(folder.path().join("2@example.fr.eml")).unwrap(), MESSAGE);
}

#[tokio::test]
async fn an_outbox_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("outbox");
    std::fs::write(&file, "a file").unwrap();
    let failure = Transport::Directory(Directory::new(&file)).open().await.unwrap_err();
    assert!(matches!(&failure, ConnectFailure::Outbox { path, .. } if *path == file), "{failure:?}");
}

#[test]
fn stages_have_names() {
    let names = [Stage::Mail, Stage::Recipient, Stage::Data, Stage::Body].map(Stage::as_str);
    assert_eq!(names, ["mail", "recipient", "data", "body"]);
}

#[tokio::test]
async fn a_relay_that_knows_no_ehlo_is_greeted_the_old_way() {
    let relay = Relay::with(Script { knows_ehlo: false, ..Script::default() });
    let mut session = session(&relay).await;
    assert_eq!(in_short(&deliver(&mut session, "camille").await), "accepted");
    let commands = relay.commands();
    assert_eq!(commands[..2], ["EHLO client.example", "HELO client.example"]);
    assert!(commands[2].starts_with("MAIL FROM:<") && commands[2].ends_with('>'), "{}", commands[2]);
}
