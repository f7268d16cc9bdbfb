//! LMTP (RFC 2033), as a mail server speaks it to hand over what came back: bytes in, replies out. Whoever owns the connection reads,
//! writes and takes messages in; nothing here waits.
//!
//! A message is answered for recipient by recipient, and only what was taken in is answered with "taken": until then the mail server
//! keeps it.

use std::fmt::Write as _;

use super::MOST_BYTES;
use super::traces::BEGIN_RETURN_PATHS;

/// The most octets of a message. What is behind the first [`MOST_BYTES`] is heard and dropped: it is the body of what came back.
const MOST_OCTETS: u64 = 50 << 20;

/// The most recipients of one message. A report has one.
const MOST_RECIPIENTS: usize = 50;

/// The most octets of a command: RFC 5321 4.5.3.1.4 asks for 512, and extensions add to them.
const MOST_LINE: usize = 2_048;

/// The most octets of an address (RFC 5321 4.5.3.1.3), with room for its route.
const MOST_PATH: usize = 512;

/// How many commands that are not understood end a connection.
const MOST_MISTAKES: u32 = 20;

/// A line of a message that is longer is kept piece by piece.
const PIECE: usize = 16_384;

/// What the addresses begin with that unsubscribe.
const BEGINS_UNSUBSCRIBING: &str = "u+";

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LmtpStep {
    /// More must be heard.
    Listen,
    /// This is said.
    Say(String),
    /// A message is taken in, and what came of it is told by [`LmtpDialogue::answered`].
    TakeIn(LmtpMail),
    /// This is said, and the connection ends.
    HangUp(String),
}

/// A message that a mail server hands over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LmtpMail {
    /// The addresses that it came to.
    pub recipients: Vec<String>,
    /// The message, as much of it as is looked at, behind a field with its return path.
    pub bytes: Vec<u8>,
}

/// What became of a message for one of its recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LmtpOutcome {
    /// What it says is in the store, or nothing follows from it.
    Taken,
    /// It could not be taken in: the mail server is to try again.
    Later,
}

/// One connection of a mail server.
#[derive(Debug, Default)]
pub struct LmtpDialogue {
    heard: Vec<u8>,
    is_greeted: bool,
    /// The return path of the message that is being offered.
    sender: Option<String>,
    recipients: Vec<String>,
    body: Option<HeardBody>,
    mistakes: u32,
}

/// A message that is being heard.
#[derive(Debug)]
struct HeardBody {
    kept: Vec<u8>,
    octets: u64,
    /// Whether a line begins, and whether the line before it ended with CR LF: then a full stop alone is the end.
    begins: LineStart,
    /// The last octet of a line that is kept in pieces.
    last: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineStart {
    AfterCrLf,
    AfterLf,
    No,
}

impl LmtpDialogue {
    /// What is said when a connection stands.
    pub fn greeting() -> String {
        reply("220 carillon LMTP")
    }

    /// What is said where there are too many connections.
    pub fn full() -> String {
        reply("421 4.3.2 too many connections, try again later")
    }

    /// What is said to a mail server that says nothing for too long.
    pub fn timed_out() -> String {
        reply("421 4.4.2 nothing was heard for too long")
    }

    /// What is said when the program ends.
    pub fn stopping() -> String {
        reply("421 4.3.2 this program is being stopped, try again later")
    }

    /// Hears more.
    pub fn hear(&mut self, bytes: &[u8]) {
        self.heard.extend_from_slice(bytes);
    }

    /// Whether nothing of a message has been heard that was not answered for.
    pub fn is_between_messages(&self) -> bool {
        self.body.is_none()
    }

    /// What follows from what was heard. Asked again until it is [`LmtpStep::Listen`].
    pub fn step(&mut self) -> LmtpStep {
        if self.body.is_some() {
            return self.hear_body();
        }
        let Some(end) = self.heard.iter().position(|octet| *octet == b'\n') else {
            if self.heard.len() > MOST_LINE {
                return LmtpStep::HangUp(reply("500 5.5.2 the line is too long"));
            }
            return LmtpStep::Listen;
        };
        let line: Vec<u8> = self.heard.drain(..=end).collect();
        if line.len() > MOST_LINE {
            return LmtpStep::HangUp(reply("500 5.5.2 the line is too long"));
        }
        let line = String::from_utf8_lossy(&line);
        self.obey(line.trim_end_matches(['\r', '\n']))
    }

    /// What is said of a message that was taken in: a reply for each recipient, in their order.
    pub fn answered(outcomes: &[LmtpOutcome]) -> String {
        let answer = |outcome: &LmtpOutcome| match outcome {
            LmtpOutcome::Taken => reply("250 2.0.0 taken in"),
            LmtpOutcome::Later => reply("451 4.3.0 it cannot be taken in now, try again later"),
        };
        outcomes.iter().map(answer).collect()
    }

    fn obey(&mut self, line: &str) -> LmtpStep {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "LHLO" => {
                self.is_greeted = true;
                self.forget();
                let mut said = String::new();
                for extension in ["carillon", "PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME"] {
                    said.push_str(&reply(&format!("250-{extension}")));
                }
                LmtpStep::Say(said + &reply(&format!("250 SIZE {MOST_OCTETS}")))
            }
            "MAIL" => self.mail(rest),
            "RCPT" => self.rcpt(rest),
            "DATA" => self.data(),
            "RSET" => {
                self.forget();
                say("250 2.0.0 forgotten")
            }
            "NOOP" => say("250 2.0.0 here"),
            "VRFY" => say("252 2.1.5 say RCPT"),
            "QUIT" => LmtpStep::HangUp(reply("221 2.0.0 goodbye")),
            "EHLO" | "HELO" => self.mistake("500 5.5.1 this is LMTP: say LHLO"),
            _ => self.mistake("500 5.5.2 not understood"),
        }
    }

    fn mail(&mut self, rest: &str) -> LmtpStep {
        if !self.is_greeted || self.sender.is_some() {
            return self.mistake("503 5.5.1 not now");
        }
        let Some((sender, parameters)) = path_after(rest, "FROM:") else {
            return self.mistake("501 5.5.4 expected MAIL FROM:<address>");
        };
        for parameter in parameters.split_whitespace() {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.to_ascii_uppercase().as_str() {
                "SIZE" if value.parse().is_ok_and(|size: u64| size > MOST_OCTETS) => return say(TOO_BIG),
                "SIZE" | "BODY" => {}
                _ => return self.mistake("555 5.5.4 this parameter is not known"),
            }
        }
        self.sender = Some(sender);
        say("250 2.1.0 go on")
    }

    fn rcpt(&mut self, rest: &str) -> LmtpStep {
        if self.sender.is_none() {
            return self.mistake("503 5.5.1 not now");
        }
        let Some((recipient, _)) = path_after(rest, "TO:").filter(|(recipient, _)| !recipient.is_empty()) else {
            return self.mistake("501 5.5.4 expected RCPT TO:<address>");
        };
        if self.recipients.len() >= MOST_RECIPIENTS {
            return say("452 4.5.3 too many recipients, the others later");
        }
        let begin = recipient.get(..2).unwrap_or_default();
        let mut ours = BEGIN_RETURN_PATHS.into_iter().chain([BEGINS_UNSUBSCRIBING]);
        if !ours.any(|ours| begin.eq_ignore_ascii_case(ours)) {
            return say("550 5.1.1 nothing comes back to this address");
        }
        self.recipients.push(recipient);
        say("250 2.1.5 go on")
    }

    fn data(&mut self) -> LmtpStep {
        let Some(sender) = self.sender.as_ref().filter(|_| !self.recipients.is_empty()) else {
            return self.mistake("503 5.5.1 there is nobody to take it");
        };
        // Where mail is delivered at last, the return path becomes a field (RFC 5321 4.4).
        let kept = format!("Return-Path: <{sender}>\r\n").into_bytes();
        self.body = Some(HeardBody { kept, octets: 0, begins: LineStart::AfterCrLf, last: b'\n' });
        say("354 the message, and then a full stop alone")
    }

    fn hear_body(&mut self) -> LmtpStep {
        let Some(body) = &mut self.body else { return LmtpStep::Listen };
        let mut from = 0;
        let is_whole = loop {
            let rest = self.heard.get(from..).unwrap_or_default();
            let line = match rest.iter().position(|octet| *octet == b'\n') {
                Some(end) => rest.get(..=end).unwrap_or_default(),
                None if rest.len() > PIECE => rest,
                None => break false,
            };
            from += line.len();
            if body.ends_with(line) {
                break true;
            }
            body.keep(line);
        };
        self.heard.drain(..from);
        if !is_whole {
            return LmtpStep::Listen;
        }
        let body = self.body.take();
        let recipients = std::mem::take(&mut self.recipients);
        self.forget();
        match body {
            Some(body) if body.octets <= MOST_OCTETS => LmtpStep::TakeIn(LmtpMail { recipients, bytes: body.kept }),
            _ => LmtpStep::Say(recipients.iter().map(|_| reply(TOO_BIG)).collect()),
        }
    }

    fn mistake(&mut self, said: &str) -> LmtpStep {
        self.mistakes += 1;
        if self.mistakes < MOST_MISTAKES { say(said) } else { LmtpStep::HangUp(reply("421 4.7.0 too many mistakes")) }
    }

    fn forget(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }
}

impl HeardBody {
    /// Whether `line` is the full stop that ends the message. A bare line feed before it, or in it, makes it a part of the message: what
    /// ends a message for one server and not for the other lets somebody write a second one.
    fn ends_with(&self, line: &[u8]) -> bool {
        self.begins == LineStart::AfterCrLf && line == b".\r\n"
    }

    /// Keeps a line, or a piece of one that is long.
    fn keep(&mut self, line: &[u8]) {
        let said = match line {
            [b'.', rest @ ..] if self.begins != LineStart::No => rest,
            line => line,
        };
        self.octets = self.octets.saturating_add(u64::try_from(said.len()).unwrap_or(u64::MAX));
        let room = MOST_BYTES.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(said.get(..room).unwrap_or(said));
        self.begins = match line {
            [.., b'\r', b'\n'] => LineStart::AfterCrLf,
            [b'\n'] if self.begins == LineStart::No && self.last == b'\r' => LineStart::AfterCrLf,
            [.., b'\n'] => LineStart::AfterLf,
            _ => LineStart::No,
        };
        self.last = line.last().copied().unwrap_or(self.last);
    }
}

const TOO_BIG: &str = "552 5.3.4 the message is too big";

fn reply(text: &str) -> String {
    let mut said = String::with_capacity(text.len() + 2);
    // Writing to a text cannot fail.
    let _ = write!(said, "{text}\r\n");
    said
}

fn say(text: &str) -> LmtpStep {
    LmtpStep::Say(reply(text))
}

/// The address between `<` and `>` behind `word`, and what follows it.
fn path_after<'a>(rest: &'a str, word: &str) -> Option<(String, &'a str)> {
    let (begin, rest) = rest.trim_start().split_at_checked(word.len())?;
    let rest = rest.trim_start().strip_prefix('<').filter(|_| begin.eq_ignore_ascii_case(word))?;
    let (mut quoted, mut escaped) = (false, false);
    let end = rest.bytes().position(|octet| {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'>' => return !quoted,
            _ => {}
        }
        false
    })?;
    let (path, after) = (rest.get(..end)?, rest.get(end + 1..)?);
    // A route before the address says nothing of whose it is (RFC 5321, appendix C).
    let path = match path.strip_prefix('@') {
        Some(route) => route.split_once(':')?.1,
        None => path,
    };
    let is_plain = path.len() <= MOST_PATH && path.bytes().all(|octet| (b' '..=b'~').contains(&octet));
    is_plain.then(|| (path.to_owned(), after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything that is said to `bytes`, heard in pieces of `piece` octets, and the messages.
    fn talk(bytes: &[u8], piece: usize) -> (String, Vec<LmtpMail>) {
        let (mut dialogue, mut said, mut mails) = (LmtpDialogue::default(), String::new(), Vec::new());
        for some in bytes.chunks(piece) {
            dialogue.hear(some);
            loop {
                match dialogue.step() {
                    LmtpStep::Listen => break,
                    LmtpStep::Say(text) => said.push_str(&text),
                    LmtpStep::TakeIn(mail) => {
                        said.push_str(&LmtpDialogue::answered(&vec![LmtpOutcome::Taken; mail.recipients.len()]));
                        mails.push(mail);
                    }
                    LmtpStep::HangUp(text) => return (said + &text, mails),
                }
            }
        }
        (said, mails)
    }

    fn codes(said: &str) -> Vec<&str> {
        said.lines().filter(|line| line.as_bytes().get(3) == Some(&b' ')).map(|line| &line[..3]).collect()
    }

    const ENVELOPE: &str =
        "LHLO relay\r\nMAIL FROM:<> SIZE=99 BODY=8BITMIME\r\nRCPT TO:<b+1.a@b.example.fr>\r\nDATA\r\n";

    #[test]
    fn a_message_is_answered_for_recipient_by_recipient() {
        let text = "lhlo relay\r\nmail from:<>\r\nrcpt to: <b+1.a@b.example.fr>\r\nRCPT TO:<contact@b.example.fr>\r\n\
                    RCPT TO:<@x.example:U+v1.x@b.example.fr> NOTIFY=NEVER\r\nDATA\r\nSubject: x\r\n\r\n..\r\n.y\r\n.\r\nQUIT\r\n";
        for piece in [1, 2, 3, 7, 1_000] {
            let (said, mails) = talk(text.as_bytes(), piece);
            assert_eq!(codes(&said), ["250", "250", "250", "550", "250", "354", "250", "250", "221"], "{said}");
            let [mail] = mails.try_into().unwrap();
            assert_eq!(mail.recipients, ["b+1.a@b.example.fr", "U+v1.x@b.example.fr"]);
            assert_eq!(mail.bytes, b"Return-Path: <>\r\nSubject: x\r\n\r\n.\r\ny\r\n");
        }
    }

    #[test]
    fn what_comes_in_the_wrong_order_is_refused_and_ends_nothing() {
        let text = "MAIL FROM:<>\r\nLHLO x\r\nRCPT TO:<b+1@b.example>\r\nDATA\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\nDATA\r\n\
                    RCPT TO:<>\r\nRCPT TO:b+1@x\r\nRSET\r\nMAIL FROM:<> SMTPUTF8\r\nMAIL FROM:<> SIZE=99999999999\r\nEHLO x\r\nHELP\r\nNOOP\r\n";
        let (said, mails) = talk(text.as_bytes(), 1_000);
        let expected = "503 250 503 503 250 503 503 501 501 250 555 552 500 500 250";
        assert_eq!(codes(&said).join(" "), expected, "{said}");
        assert_eq!(mails, []);
        let mistakes = "XYZ\r\n".repeat(100);
        assert!(talk(mistakes.as_bytes(), 1_000).0.ends_with("421 4.7.0 too many mistakes\r\n"));
        assert!(talk(&[b'x'; 5_000], 1_000).0.starts_with("500 5.5.2"));
    }

    /// A full stop ends a message behind CR LF alone: nobody gets a second message into the first.
    #[test]
    fn only_one_full_stop_ends_a_message() {
        for inside in ["x\n.\r\ny\r\n", "x\n.\ny\r\n", "x\r\n.\ny\r\n", "x\r.\r\ny\r\n", "x\r.\ry\r\n"] {
            let text = format!("{ENVELOPE}{inside}.\r\n");
            for piece in [1, 1_000] {
                let (said, mails) = talk(text.as_bytes(), piece);
                assert_eq!(codes(&said), ["250", "250", "250", "354", "250"], "{inside:?}");
                assert!(mails[0].bytes.ends_with(b"y\r\n"), "{inside:?}");
            }
        }
    }

    #[test]
    fn of_a_big_message_the_beginning_is_kept_and_one_that_is_too_big_is_refused() {
        let long = vec![b'x'; 3 << 20];
        let text = [ENVELOPE.as_bytes(), &long, b"\r\n.\r\nNOOP\r\n"].concat();
        let (said, mails) = talk(&text, 10_000);
        assert_eq!(codes(&said), ["250", "250", "250", "354", "250", "250"]);
        assert_eq!(mails[0].bytes.len(), MOST_BYTES);
        let text = [ENVELOPE.as_bytes(), &vec![b'x'; 51 << 20], b"\r\n.\r\nNOOP\r\n"].concat();
        let (said, mails) = talk(&text, 100_000);
        assert_eq!(codes(&said), ["250", "250", "250", "354", "552", "250"]);
        assert_eq!(mails, []);
    }

    #[test]
    fn one_message_has_so_many_recipients() {
        let many = "RCPT TO:<b+1@b.example>\r\n".repeat(60);
        let (said, mails) = talk(format!("LHLO x\r\nMAIL FROM:<>\r\n{many}DATA\r\nx\r\n.\r\n").as_bytes(), 1_000);
        assert_eq!(mails[0].recipients.len(), MOST_RECIPIENTS);
        assert_eq!(said.lines().filter(|line| line.starts_with("452")).count(), 10);
        assert_eq!(said.lines().filter(|line| line.starts_with("250 2.0.0")).count(), MOST_RECIPIENTS);
    }

    proptest! {
        /// Whatever is heard, in whatever pieces: the same is said, and no more is kept than is looked at.
        #[test]
        fn pieces_make_no_difference(
            words in prop::collection::vec(prop::sample::select(vec![
                "LHLO x\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<b+1@x>\r\n", "DATA\r\n", "\r\n.\r\n", ".\r\n", "RSET\r\n",
                "x\n", "\r", "\n", "..x\r\n", "MAIL FROM:<\"a>b\"@x> SIZE=3\r\n", "é\r\n", "RCPT TO:<", ">\r\n",
            ]), 0..40),
            piece in 1_usize..30,
        ) {
            let text = words.concat();
            let (whole, pieces) = (talk(text.as_bytes(), usize::MAX), talk(text.as_bytes(), piece));
            prop_assert_eq!(&whole, &pieces);
            for mail in whole.1 {
                prop_assert!(mail.bytes.len() <= MOST_BYTES && (1..=MOST_RECIPIENTS).contains(&mail.recipients.len()));
            }
        }
    }
}
