//! A web address in the one form that can stand in a link, a header and a page.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::is_domain;

use crate::phrase::{Phrase, Spoken};
use crate::{phrase, spoken_errors};

/// The longest address, in bytes: with the field's name it must fit on a header line of 998 (RFC 5322 2.1.1).
const LONGEST: usize = 900;

/// An absolute web address, normalised: a host in ASCII (`xn--…` where it was not), everything else percent-encoded, no
/// spaces, no quotes, no user name.
///
/// Templates and pages are given their links as this type, so that `javascript:` cannot reach an `href`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebAddress(Url);

/// Why a text is not a web address that can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebAddressError {
    /// It begins otherwise.
    Scheme,
    /// It holds a space, a line break, a backslash or something that nobody sees.
    Space,
    /// There is no host, or one that cannot exist.
    Host,
    /// It names a user, which mail readers take for a fraud.
    User,
    /// It is longer than a line of a header.
    TooLong,
}

impl Spoken for WebAddressError {
    fn phrase(&self) -> Phrase {
        match self {
            Self::Scheme => phrase!("url-scheme"),
            Self::Space => phrase!("url-space"),
            Self::Host => phrase!("url-host"),
            Self::User => phrase!("url-user"),
            Self::TooLong => phrase!("url-too-long", limit = LONGEST),
        }
    }
}

spoken_errors!(WebAddressError);

impl WebAddress {
    /// Checks and normalises `text`: `https://…`, or `http://…` where a rehearsal has nothing better.
    pub fn parse(text: &str) -> Result<Self, WebAddressError> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let Some(rest) = rest else { return Err(WebAddressError::Scheme) };
        // The parser would drop or turn these without a word.
        if text.chars().any(|c| c.is_whitespace() || c == '\\' || super::line::unseen(c).is_some()) {
            return Err(WebAddressError::Space);
        }
        if rest.starts_with(['/', '?', '#']) || rest.is_empty() {
            return Err(WebAddressError::Host);
        }
        let url = Url::parse(text).map_err(|_| WebAddressError::Host)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WebAddressError::User);
        }
        let url = Url::parse(&plain(url.as_str())).map_err(|_| WebAddressError::Host)?;
        // Browsers allow more signs in a host, quotes among them.
        if let Some(Host::Domain(name)) = url.host()
            && !is_domain(name)
        {
            return Err(WebAddressError::Host);
        }
        if url.as_str().len() > LONGEST { Err(WebAddressError::TooLong) } else { Ok(Self(url)) }
    }

    /// The page `path` below this address: `https://news.example.fr/u/v1.abc` for `u/v1.abc`.
    pub fn below(&self, path: &str) -> Result<Self, WebAddressError> {
        Self::parse(&format!("{}/{path}", self.base()))
    }

    /// The address without a final slash, to which a path can be joined.
    pub fn base(&self) -> &str {
        self.as_str().trim_end_matches('/')
    }

    /// Whether there is more than scheme, host and path.
    pub fn has_query_or_fragment(&self) -> bool {
        self.0.query().is_some() || self.0.fragment().is_some()
    }

    /// The path without a final slash: empty for the front page.
    pub fn path(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }

    /// The host.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port, named or usual.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or_default()
    }

    /// The host, with the port where it is not the usual one: what stands in the header `Host`.
    pub fn authority(&self) -> String {
        self.0.port().map_or_else(|| self.host().to_owned(), |port| format!("{}:{port}", self.host()))
    }

    /// What is asked for there: the path, and what stands behind it.
    pub fn target(&self) -> String {
        let path = self.0.path();
        self.0.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
    }

    /// Whether the address is encrypted, or stays on this machine.
    pub fn is_private(&self) -> bool {
        self.is_https() || self.is_loopback()
    }

    /// Whether the address is encrypted.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether the address leads to this very machine.
    pub fn is_loopback(&self) -> bool {
        self.0.host().is_some_and(|host| is_this_machine(&host))
    }

    /// Whether the host is a name kept for examples (RFC 2606), or `example` under any other ending.
    pub fn is_example(&self) -> bool {
        self.host().rsplit('.').take(2).any(|label| label == "example")
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Whether the host `name`, a domain or an IP address, is this very machine.
pub fn is_loopback(name: &str) -> bool {
    // An IPv6 address has brackets where it stands in a web address, and none elsewhere.
    let host = name.parse().map(Host::Ipv6).or_else(|_| Host::parse(name));
    host.is_ok_and(|host| is_this_machine(&host))
}

fn is_this_machine<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// The address with every sign encoded that a header or an attribute could misread, though a browser would not.
fn plain(address: &str) -> String {
    let mut plain = String::with_capacity(address.len());
    for byte in address.bytes() {
        if byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte) {
            plain.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(plain, "%{byte:02X}");
        }
    }
    plain
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for WebAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for WebAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn this_very_machine_has_several_names() {
        for name in ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "[::1]"] {
            assert!(is_loopback(name), "{name}");
        }
        for name in ["relay.example.fr", "localhost.example.fr", "10.0.0.1", "::2", "", "127.0.0.1.example.fr"] {
            assert!(!is_loopback(name), "{name}");
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let said = WebAddress::parse(text).map_or_else(|error| error.to_string(), |address| address.to_string());
        assert_eq!(said, expected, "{text:?}");
    }

    #[test]
    fn an_address_takes_the_form_that_can_be_sent() {
        check("https://example.fr", "https://example.fr/");
        check("https://news.example.fr/u/v1.abc?x=1#y", "https://news.example.fr/u/v1.abc?x=1#y");
        check("https://shop.example.fr/été", "https://shop.example.fr/%C3%A9t%C3%A9");
        check("https://shop.example.fr/a?q=é'|x", "https://shop.example.fr/a?q=%C3%A9%27%7Cx");
        check("https://été.example.fr/", "https://xn--t-9fab.example.fr/");
        check("https://WWW.Example.FR:443/A", "https://www.example.fr/A");
        check("https://example.fr/\"onclick", "https://example.fr/%22onclick");
        check("http://127.0.0.1:8080/u/x", "http://127.0.0.1:8080/u/x");
        check("http://[::1]:80/", "http://[::1]/");
    }

    #[test]
    fn what_is_no_address_is_refused_with_words() {
        check("javascript:alert(1)", "it does not begin with `https://`");
        check("mailto:a@example.fr", "it does not begin with `https://`");
        check("www.example.fr", "it does not begin with `https://`");
        check("https://", "its host name cannot exist");
        check("https:///x", "its host name cannot exist");
        check("https://exa|mple.fr", "its host name cannot exist");
        check("https://l'atelier.example.fr", "its host name cannot exist");
        check("https://exa mple.fr", "it holds a space, a backslash or an invisible character");
        check("https://a\nb", "it holds a space, a backslash or an invisible character");
        check("https://www.example.fr/\u{200e}", "it holds a space, a backslash or an invisible character");
        check("https://www.example.fr\\vente", "it holds a space, a backslash or an invisible character");
        check("https://user@example.fr/", "it holds a user name before the host");
        check(&format!("https://example.fr/{}", "é".repeat(200)), "it is longer than 900 characters");
    }

    #[test]
    fn an_address_knows_its_parts() {
        let address = WebAddress::parse("https://news.example.fr:8443/vente/").unwrap();
        assert_eq!((address.host(), address.path()), ("news.example.fr", "/vente"));
        assert_eq!(address.below("u/v1.abc").unwrap().as_str(), "https://news.example.fr:8443/vente/u/v1.abc");
        assert_eq!(WebAddress::parse("https://news.example.fr").unwrap().path(), "");
        for (text, private) in [
            ("https://example.fr/", true),
            ("http://example.fr/", false),
            ("http://localhost:8080", true),
            ("http://127.0.0.1/", true),
            ("http://[::1]:80/", true),
            ("http://localhost.example.fr/", false),
        ] {
            assert_eq!(WebAddress::parse(text).unwrap().is_private(), private, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_address_is_read_back_as_it_is(rest in "[a-zé0-9./?#&=%'\"|{}^\\[\\]@:~-]{1,40}|\\PC{1,20}") {
            if let Ok(address) = WebAddress::parse(&format!("https://{rest}")) {
                prop_assert_eq!(WebAddress::parse(address.as_str()), Ok(address.clone()));
                let fits = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte);
                prop_assert!(address.as_str().bytes().all(fits), "{}", address);
            }
        }
    }
}
