//! What a reply of a relay complains of, where it is not the message: how many connections there are, how much one of them
//! carries, how fast mail comes, or that it comes from a stranger.
//!
//! The statuses are those of RFC 3463; which of them relays use for what, and with which words, is in `docs/mail.md` with
//! the sources. Where both a status and words are there, the words decide: statuses of policy mean many things.

/// A negative reply, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// The reply code.
    pub code: u16,
    /// Subject and detail of the enhanced status, the `7.1` of `4.7.1`.
    pub status: Option<(u16, u16)>,
    /// The words.
    pub words: &'a str,
    /// Whether a recipient had been named.
    pub named: bool,
}

/// What a reply complains of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Complaint {
    /// There are too many connections.
    Lines,
    /// The connection has carried its share.
    Share,
    /// Mail comes too fast.
    Pace,
    /// The relay does not know who writes to whom yet, and wants the same message again later.
    Stranger,
}

const LINES: [&str; 7] = [
    "too many connections",
    "too many concurrent",
    "many simultaneous",
    "connection limit",
    "connections from",
    "max connections",
    "concurrent connection",
];

const SHARE: [&str; 9] = [
    "for this connection",
    "per connection",
    "on this connection",
    "in this session",
    "per session",
    "for this session",
    "too many messages in one",
    "messages in a single",
    "number of messages",
];

const PACE: [&str; 18] = [
    "rate",
    "too many",
    "too much mail",
    "too fast",
    "too quickly",
    "throttl",
    "slow down",
    "unusual volume",
    "limit exceeded",
    "exceeded the limit",
    "limit reached",
    "high volume",
    "temporarily deferred due to",
    "retry your request later",
    "trop de",
    "trop rapide",
    "limitation",
    "quota of messages",
];

const STRANGER: [&str; 4] = ["greylist", "graylist", "grey list", "gray list"];

/// Words by which a reply is about one mailbox, whatever else it says.
const MAILBOX: [&str; 6] = ["the user", "this user", "mailbox", "inbox", "over quota", "the account"];

/// What `heard` complains of; `None` when it is about the message, or says "no" for good.
pub fn complaint(heard: Heard<'_>) -> Option<Complaint> {
    if heard.code / 100 != 4 {
        return None;
    }
    let words = heard.words.to_lowercase();
    let says = |those: &[&str]| those.iter().any(|one| words.contains(one));
    if says(&STRANGER) {
        return heard.named.then_some(Complaint::Stranger);
    }
    if says(&SHARE) {
        return Some(Complaint::Share);
    }
    if says(&LINES) {
        return Some(Complaint::Lines);
    }
    if heard.named && (matches!(heard.status, Some((2, _))) || heard.code == 452) && says(&MAILBOX) {
        return None;
    }
    // "rate" begins and ends a word: "separate" and "operated" say nothing about pace.
    let rate = words.split(|letter: char| !letter.is_alphanumeric()).any(|word| {
        word == "rate" || word == "rates" || word.starts_with("ratelimit") || word == "débit" || word == "debit"
    });
    if rate || says(&PACE[1..]) {
        return Some(Complaint::Pace);
    }
    match heard.status {
        // Congestion (RFC 3463 §3.5), a system that takes no mail now (§3.4), and a rate (as Gmail has it).
        // 4.7.0 is the relay's own business, and 4.7.1 before anybody was named is too.
        Some((4, 5) | (3, 2) | (7, 28 | 0)) => Some(Complaint::Pace),
        Some((7, 1)) if !heard.named => Some(Complaint::Pace),
        // Greylisting is a policy without a status of its own: most say 4.7.1 (RFC 6647 §5).
        Some((7, 1)) => Some(Complaint::Stranger),
        _ => None,
    }
}

/// Whether a greeting, or a reply to EHLO, says that there are too many connections, though it says "no" for good.
pub fn is_full(words: &str) -> bool {
    let words = words.to_lowercase();
    LINES.iter().any(|one| words.contains(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(named: bool, code: u16, text: &str, expected: Option<Complaint>) {
        let status = text.split(' ').next().and_then(|status| {
            let mut parts = status.split('.').skip(1).map(str::parse);
            Some((parts.next()?.ok()?, parts.next()?.ok()?))
        });
        assert_eq!(complaint(Heard { code, status, words: text, named }), expected, "{code} {text}");
    }

    #[test]
    fn what_relays_say() {
        use Complaint::{Lines, Pace, Share, Stranger};
        check(false, 421, "Too many concurrent SMTP connections", Some(Lines));
        check(false, 421, "4.7.0 mx.example.net Error: too many connections from 192.0.2.1", Some(Lines));
        check(false, 421, "4.7.0 Too many messages for this connection", Some(Share));
        check(false, 421, "4.5.0 Max number of messages per connection reached", Some(Share));
        check(true, 450, "4.7.1 Error: too many recipient attempts", Some(Pace));
        check(true, 450, "4.7.1 Error: too much mail from 192.0.2.1", Some(Pace));
        check(true, 421, "4.7.28 unusual amount of mail", Some(Pace));
        check(true, 451, "4.7.500 Server busy: rate exceeded", Some(Pace));
        check(true, 421, "4.7.0 [TSS04] Messages temporarily deferred due to unexpected volume", Some(Pace));
        check(true, 450, "4.3.2 not now", Some(Pace));
        check(true, 452, "4.4.5 busy", Some(Pace));
        check(true, 451, "4.7.1 Greylisted, please come back in 5 minutes", Some(Stranger));
        check(true, 450, "4.2.0 Recipient address rejected: Greylisted", Some(Stranger));
        check(true, 451, "4.7.1 Try again later", Some(Stranger));
        check(true, 450, "4.2.1 The user you are trying to contact is receiving mail too quickly", None);
        check(true, 452, "4.2.2 mailbox full, too many messages", None);
        check(true, 450, "4.2.0 mailbox busy", None);
        check(true, 451, "4.3.0 operated separately: local error", None);
        check(true, 451, "4.4.1 no answer from host", None);
        check(true, 550, "5.7.1 rate exceeded", None);
        check(false, 451, "no status, no words", None);
    }

    #[test]
    fn a_full_relay_may_say_so_for_good() {
        assert!(is_full("Too many connections, try again later"));
        assert!(!is_full("No SMTP service here"));
    }
}
