//! What a domain publishes of the mail that comes from it: who may send it (SPF, RFC 7208), what becomes of what does not prove its
//! origin (DMARC, RFC 7489), with which keys it is signed (DKIM, RFC 6376). Read as far as a sender must know that others can read it.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::message::DnsRecord;

/// What is said of everybody who is not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpfAll {
    /// `+all`: everybody may send.
    Pass,
    /// `?all`: nothing is said of them.
    Neutral,
    /// `~all`: they should not.
    SoftFail,
    /// `-all`: they may not.
    Fail,
}

/// Why what is published cannot be used by whoever asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyFault {
    /// There is none.
    Absent,
    /// There are so many where one may be.
    Several(usize),
    /// This word of it is not understood.
    Word(String),
    /// It asks for more than ten lookups, which is the most (RFC 7208, section 4.6.4).
    TooManyLookups(usize),
    /// It lacks this tag.
    Lacks(&'static str),
    /// The key was taken back: it is empty (RFC 6376, section 3.6.1).
    Revoked,
}

/// Who may send for a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpfPolicy {
    /// What is said of everybody else; `None` without a word, which is as `?all`.
    pub all: Option<SpfAll>,
    /// The domain whose policy goes on where this one ends.
    pub redirect: Option<String>,
}

const SPF: &str = "v=spf1";

/// How many terms of a policy may need the DNS.
const LOOKUPS: usize = 10;

fn texts(records: &[DnsRecord]) -> impl Iterator<Item = &str> {
    records.iter().filter_map(|record| if let DnsRecord::Text(text) = record { Some(text.as_str()) } else { None })
}

/// The one of `found` that there must be.
fn one(mut found: Vec<&str>) -> Result<&str, PolicyFault> {
    match (found.pop(), found.len()) {
        (None, _) => Err(PolicyFault::Absent),
        (Some(one), 0) => Ok(one),
        (Some(_), others) => Err(PolicyFault::Several(others + 1)),
    }
}

impl SpfPolicy {
    /// The policy among the texts of a domain.
    ///
    /// # Errors
    /// [`PolicyFault`] when there is not just one that others can read.
    pub fn among(records: &[DnsRecord]) -> Result<Self, PolicyFault> {
        let is_one = |text: &&str| {
            let (begins, rest) = (text.get(..SPF.len()), text.get(SPF.len()..).unwrap_or_default());
            begins.is_some_and(|begins| begins.eq_ignore_ascii_case(SPF)) && (rest.is_empty() || rest.starts_with(' '))
        };
        let text = one(texts(records).filter(is_one).collect())?;
        Self::read(text.get(SPF.len()..).unwrap_or_default())
    }

    fn read(terms: &str) -> Result<Self, PolicyFault> {
        let (mut policy, mut lookups) = (Self { all: None, redirect: None }, 0);
        for term in terms.split(' ').filter(|term| !term.is_empty()) {
            let fault = || PolicyFault::Word(term.to_owned());
            if let Some((name, value)) = modifier(term) {
                if name.eq_ignore_ascii_case("redirect") {
                    if value.is_empty() || policy.redirect.is_some() {
                        return Err(fault());
                    }
                    lookups += 1;
                    policy.redirect = Some(value.to_owned());
                }
                continue;
            }
            let (said, mechanism) = qualified(term);
            match mechanism.to_ascii_lowercase().as_str() {
                // What comes after it is never asked; the first counts.
                "all" => policy.all = policy.all.or(Some(said)),
                other if is_mechanism(other) => lookups += usize::from(needs_lookup(other)),
                _ => return Err(fault()),
            }
        }
        // Where all are spoken of, a redirection is not looked at (RFC 7208, section 6.1).
        if policy.all.is_some() && policy.redirect.take().is_some() {
            lookups -= 1;
        }
        if lookups > LOOKUPS { Err(PolicyFault::TooManyLookups(lookups)) } else { Ok(policy) }
    }
}

/// `name=value`, where the name is a word: a mechanism has `:` or `/` before any `=`.
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let is_word = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    is_word.then_some((name, value))
}

fn qualified(term: &str) -> (SpfAll, &str) {
    let of = |mark: char, said: SpfAll| term.strip_prefix(mark).map(|rest| (said, rest));
    of('+', SpfAll::Pass)
        .or_else(|| of('?', SpfAll::Neutral))
        .or_else(|| of('~', SpfAll::SoftFail))
        .or_else(|| of('-', SpfAll::Fail))
        .unwrap_or((SpfAll::Pass, term))
}

/// Whether it is a mechanism other than `all`, with what it needs.
fn is_mechanism(text: &str) -> bool {
    let (name, rest) = text.split_at(text.find([':', '/']).unwrap_or(text.len()));
    match (name, rest.strip_prefix(':')) {
        ("include" | "exists" | "ptr", Some(domain)) => is_domain_spec(domain),
        ("ptr", None) => rest.is_empty(),
        ("a" | "mx", Some(domain)) => {
            let (domain, lengths) = domain.split_at(domain.find('/').unwrap_or(domain.len()));
            is_domain_spec(domain) && are_lengths(lengths)
        }
        ("a" | "mx", None) => are_lengths(rest),
        ("ip4", Some(network)) => is_network(network, 32, |address| address.parse::<Ipv4Addr>().is_ok()),
        ("ip6", Some(network)) => is_network(network, 128, |address| address.parse::<Ipv6Addr>().is_ok()),
        _ => false,
    }
}

fn needs_lookup(mechanism: &str) -> bool {
    !mechanism.starts_with("ip4") && !mechanism.starts_with("ip6")
}

/// A domain, or one with macros in it, which only a receiver can fill in.
fn is_domain_spec(text: &str) -> bool {
    !text.is_empty()
        && !text.contains('/')
        && text.chars().all(|letter| letter.is_ascii_graphic())
        && text.contains(['.', '%'])
}

/// Nothing, `/24`, `//64`, or `/24//64`.
fn are_lengths(text: &str) -> bool {
    let (four, six) = match text.split_once("//") {
        Some((four, six)) => (four, Some(six)),
        None => (text, None),
    };
    let four = four.is_empty() || four.strip_prefix('/').is_some_and(|bits| is_length(bits, 32));
    four && six.is_none_or(|bits| is_length(bits, 128))
}

fn is_length(bits: &str, most: u8) -> bool {
    bits.bytes().all(|digit| digit.is_ascii_digit()) && bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

fn is_network(text: &str, most: u8, is_address: impl Fn(&str) -> bool) -> bool {
    match text.split_once('/') {
        Some((address, bits)) => is_address(address) && is_length(bits, most),
        None => is_address(text),
    }
}

/// A list of `tag=value`, as DKIM and DMARC write it.
struct TagList(Vec<(String, String)>);

impl TagList {
    fn read(text: &str) -> Result<Self, PolicyFault> {
        let mut tags: Vec<(String, String)> = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| PolicyFault::Word(part.to_owned()))?;
            let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
            if name.is_empty() || tags.iter().any(|(known, _)| *known == name) {
                return Err(PolicyFault::Word(part.to_owned()));
            }
            tags.push((name, value));
        }
        Ok(Self(tags))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What is asked of receivers with mail that does not prove where it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DmarcPolicy {
    /// Nothing: they tell of it.
    None,
    /// It is looked at askance.
    Quarantine,
    /// It is refused.
    Reject,
}

impl DmarcPolicy {
    /// The policy among the texts at `_dmarc` of a domain, for mail from that domain, or from one below it.
    ///
    /// # Errors
    /// [`PolicyFault`] when there is not just one that others can read.
    pub fn among(records: &[DnsRecord], from_below: bool) -> Result<Self, PolicyFault> {
        let is_one = |text: &&str| {
            let first = text.split(';').next().unwrap_or_default();
            first.split_once('=').is_some_and(|(tag, value)| tag.trim() == "v" && value.trim() == "DMARC1")
        };
        let tags = TagList::read(one(texts(records).filter(is_one).collect())?)?;
        let said = tags.get("p").ok_or(PolicyFault::Lacks("p"))?;
        let said = if from_below { tags.get("sp").unwrap_or(said) } else { said };
        match said.to_ascii_lowercase().as_str() {
            "none" => Ok(Self::None),
            "quarantine" => Ok(Self::Quarantine),
            "reject" => Ok(Self::Reject),
            other => Err(PolicyFault::Word(format!("p={other}"))),
        }
    }

    /// As it is written.
    pub fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

/// A public key, as a domain publishes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimPublished {
    /// What kind of key: `rsa`, unless it says otherwise.
    pub kind: String,
    /// The key in base64, without spaces.
    pub key: String,
    /// Whether it says that it is being tried, so that receivers take a signature for none.
    pub is_tried: bool,
}

impl DkimPublished {
    /// The key among the texts at a selector.
    ///
    /// # Errors
    /// [`PolicyFault`] when there is not just one that others can read.
    pub fn among(records: &[DnsRecord]) -> Result<Self, PolicyFault> {
        let tags = TagList::read(one(texts(records).collect())?)?;
        if let Some(version) = tags.get("v").filter(|version| *version != "DKIM1") {
            return Err(PolicyFault::Word(format!("v={version}")));
        }
        let says = |tag: &str, wanted: &[&str]| match tags.get(tag) {
            Some(values) if !values.split(':').any(|value| wanted.contains(&value.trim())) => {
                Err(PolicyFault::Word(format!("{tag}={values}")))
            }
            _ => Ok(()),
        };
        says("h", &["sha256"])?;
        says("s", &["*", "email"])?;
        let key: String = tags.get("p").ok_or(PolicyFault::Lacks("p"))?.split_whitespace().collect();
        if key.is_empty() {
            return Err(PolicyFault::Revoked);
        }
        let is_tried = tags.get("t").is_some_and(|flags| flags.split(':').any(|flag| flag.trim() == "y"));
        Ok(Self { kind: tags.get("k").unwrap_or("rsa").to_ascii_lowercase(), key, is_tried })
    }

    /// Whether it is the key that `record` publishes.
    pub fn is_that_of(&self, record: &str) -> bool {
        let Ok(ours) = Self::among(&[DnsRecord::Text(record.to_owned())]) else { return false };
        ours.kind == self.kind && ours.key == self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(texts: &[&str]) -> Vec<DnsRecord> {
        texts.iter().map(|text| DnsRecord::Text((*text).to_owned())).collect()
    }

    fn spf(text: &str) -> Result<SpfPolicy, PolicyFault> {
        SpfPolicy::among(&said(&["google-site-verification=x", text]))
    }

    #[test]
    fn who_may_send_is_read_as_receivers_read_it() {
        for (text, all, redirect) in [
            ("v=spf1 -all", Some(SpfAll::Fail), None),
            ("V=SPF1 mx a:relay.example.net/28//64 ~ALL", Some(SpfAll::SoftFail), None),
            ("v=spf1  ip4:192.0.2.0/24 ip6:2001:db8::/32 ?all exp=why.example.fr", Some(SpfAll::Neutral), None),
            ("v=spf1 all -all", Some(SpfAll::Pass), None),
            ("v=spf1 include:_spf.example.net", None, None),
            (
                "v=spf1 mx/24 a//64 ptr exists:%{i}.list.example.fr x-own=1 redirect=_spf.example.net",
                None,
                Some("_spf.example.net"),
            ),
            ("v=spf1 redirect=_spf.example.net -all", Some(SpfAll::Fail), None),
            ("v=spf1", None, None),
        ] {
            let expected = SpfPolicy { all, redirect: redirect.map(ToOwned::to_owned) };
            assert_eq!(spf(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_receivers_cannot_use_is_named() {
        let word = |word: &str| Err(PolicyFault::Word(word.to_owned()));
        for (text, expected) in [
            ("v=spf10 -all", Err(PolicyFault::Absent)),
            ("v=spf1 ipv4:192.0.2.1 -all", word("ipv4:192.0.2.1")),
            ("v=spf1 ip4:192.0.2.0/33 -all", word("ip4:192.0.2.0/33")),
            ("v=spf1 ip4:192.0.2 -all", word("ip4:192.0.2")),
            ("v=spf1 include: -all", word("include:")),
            ("v=spf1 a/24/64 -all", word("a/24/64")),
            ("v=spf1 mx; -all", word("mx;")),
            ("v=spf1 -all.", word("-all.")),
            ("v=spf1 redirect=a.example redirect=b.example", word("redirect=b.example")),
            (&format!("v=spf1{} -all", " include:a.example".repeat(11)), Err(PolicyFault::TooManyLookups(11))),
        ] {
            assert_eq!(spf(text), expected, "{text}");
        }
        assert_eq!(SpfPolicy::among(&said(&["v=spf1 -all", "v=spf1 mx -all"])), Err(PolicyFault::Several(2)));
        assert_eq!(SpfPolicy::among(&[]), Err(PolicyFault::Absent));
    }

    #[test]
    fn what_is_asked_of_receivers_is_read() {
        let dmarc = |text: &str, below| DmarcPolicy::among(&said(&["other", text]), below);
        assert_eq!(dmarc("v=DMARC1; p=reject; sp=none; rua=mailto:a@example.fr", false), Ok(DmarcPolicy::Reject));
        assert_eq!(dmarc("v=DMARC1; p=reject; sp=none", true), Ok(DmarcPolicy::None));
        assert_eq!(dmarc("v = DMARC1 ;p=Quarantine;", true), Ok(DmarcPolicy::Quarantine));
        assert_eq!(dmarc("v=DMARC1; rua=mailto:a@example.fr", false), Err(PolicyFault::Lacks("p")));
        assert_eq!(dmarc("v=DMARC1; p=refuse", false), Err(PolicyFault::Word("p=refuse".to_owned())));
        assert_eq!(dmarc("p=none; v=DMARC1", false), Err(PolicyFault::Absent), "the version comes first");
        let twice = said(&["v=DMARC1; p=none", "v=DMARC1; p=reject"]);
        assert_eq!(DmarcPolicy::among(&twice, false), Err(PolicyFault::Several(2)));
    }

    #[test]
    fn a_key_is_read_as_it_is_published() {
        let key = |text: &str| DkimPublished::among(&said(&[text]));
        let read = key("v=DKIM1; k=rsa; t=y:s; p=MIIB Ij AN").unwrap();
        assert_eq!((read.kind.as_str(), read.key.as_str(), read.is_tried), ("rsa", "MIIBIjAN", true));
        assert!(read.is_that_of("v=DKIM1; k=rsa; p=MIIBIjAN"));
        assert!(!read.is_that_of("v=DKIM1; k=ed25519; p=MIIBIjAN"));
        assert!(!read.is_that_of("v=DKIM1; k=rsa; p=MIIBIjAO"));
        assert_eq!(key("p=").unwrap_err(), PolicyFault::Revoked);
        assert_eq!(key("k=rsa").unwrap_err(), PolicyFault::Lacks("p"));
        assert_eq!(key("v=DKIM2; p=x").unwrap_err(), PolicyFault::Word("v=DKIM2".to_owned()));
        assert_eq!(key("h=sha1; p=x").unwrap_err(), PolicyFault::Word("h=sha1".to_owned()));
        assert_eq!(key("v=spf1 -all").unwrap_err(), PolicyFault::Word("v=spf1 -all".to_owned()));
        assert_eq!(DkimPublished::among(&said(&["p=x", "p=y"])).unwrap_err(), PolicyFault::Several(2));
    }
}
