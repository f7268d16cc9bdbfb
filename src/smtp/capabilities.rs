//! What a relay said it can do, in its reply to EHLO.

use lettre::transport::smtp::authentication::Mechanism;

use super::reply::Reply;

/// What is known of the largest message that a relay takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Size {
    /// It does not know SIZE.
    #[default]
    Unknown,
    /// It knows SIZE and names no limit.
    NoLimit,
    /// So many octets.
    Limit(usize),
}

/// The extensions that matter here.
#[expect(clippy::struct_excessive_bools, reason = "a relay offers each of them or does not")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Capabilities {
    /// SIZE (RFC 1870).
    pub(super) size: Size,
    /// 8BITMIME (RFC 6152).
    pub(super) eight_bit: bool,
    /// SMTPUTF8 (RFC 6531).
    pub(super) utf8: bool,
    /// PIPELINING (RFC 2920): it takes commands before it has answered those before.
    pub(super) pipelining: bool,
    /// STARTTLS (RFC 3207).
    pub(super) starttls: bool,
    /// How it lets users log in (RFC 4954), the better first; LOGIN is deprecated, but some relays have no other.
    pub(super) login: Option<Mechanism>,
}

impl Capabilities {
    /// Reads the reply to EHLO; its first line is the relay's name.
    pub(super) fn read(reply: &Reply) -> Self {
        let mut found = Self::default();
        for line in reply.lines.iter().skip(1) {
            // Some old relays write `AUTH=PLAIN`.
            let line = line.to_ascii_uppercase().replace('=', " ");
            let mut words = line.split_whitespace();
            match words.next() {
                Some("SIZE") => {
                    let limit = words.next().and_then(|size| size.parse().ok()).filter(|size| *size > 0);
                    found.size = limit.map_or(Size::NoLimit, Size::Limit);
                }
                Some("8BITMIME") => found.eight_bit = true,
                Some("SMTPUTF8") => found.utf8 = true,
                Some("PIPELINING") => found.pipelining = true,
                Some("STARTTLS") => found.starttls = true,
                Some("AUTH") => found.login = better(found.login.into_iter().chain(words.filter_map(mechanism))),
                _ => {}
            }
        }
        found
    }

    /// The limit that `size` octets are above.
    pub(super) fn limit_below(&self, size: usize) -> Option<usize> {
        match self.size {
            Size::Limit(limit) if size > limit => Some(limit),
            Size::Limit(_) | Size::NoLimit | Size::Unknown => None,
        }
    }
}

fn mechanism(word: &str) -> Option<Mechanism> {
    match word {
        "PLAIN" => Some(Mechanism::Plain),
        "LOGIN" => Some(Mechanism::Login),
        _ => None,
    }
}

fn better(offered: impl Iterator<Item = Mechanism>) -> Option<Mechanism> {
    offered.min_by_key(|mechanism| *mechanism != Mechanism::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], expected: Capabilities) {
        let lines = std::iter::once("relay.example").chain(lines.iter().copied()).map(str::to_owned).collect();
        assert_eq!(Capabilities::read(&Reply { code: 250, lines }), expected);
    }

    #[test]
    fn what_relays_say() {
        let none = Capabilities::default();
        check(&[], none);
        check(&["SIZE 1000", "8BITMIME"], Capabilities { size: Size::Limit(1000), eight_bit: true, ..none });
        check(&["SIZE"], Capabilities { size: Size::NoLimit, ..none });
        check(&["SIZE 0"], Capabilities { size: Size::NoLimit, ..none });
        check(&["starttls", "SmtpUtf8"], Capabilities { starttls: true, utf8: true, ..none });
        check(&["PIPELINING"], Capabilities { pipelining: true, ..none });
        check(&["AUTH LOGIN PLAIN"], Capabilities { login: Some(Mechanism::Plain), ..none });
        check(&["AUTH CRAM-MD5 LOGIN", "AUTH=LOGIN"], Capabilities { login: Some(Mechanism::Login), ..none });
        check(&["AUTH GSSAPI"], none);
    }

    #[test]
    fn the_size_limit() {
        let with = |size| Capabilities { size, ..Capabilities::default() };
        assert_eq!(with(Size::Limit(10)).limit_below(11), Some(10));
        assert_eq!(with(Size::Limit(10)).limit_below(10), None);
        assert_eq!(with(Size::NoLimit).limit_below(11), None);
    }
}
