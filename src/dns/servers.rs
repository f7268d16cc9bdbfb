//! `/etc/resolv.conf`: whom this machine asks, and for how long it waits.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Where servers of the DNS listen.
const PORT: u16 = 53;

/// What resolv.conf(5) says of what is not there: the machine itself, five seconds, twice; and what is the most.
const THIS_MACHINE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), PORT);
const PATIENCE: Duration = Duration::from_secs(5);
const MOST_PATIENCE: u64 = 30;
const TRIES: u32 = 2;
const MOST_TRIES: u32 = 5;
const MOST_SERVERS: usize = 3;

/// Whom a machine asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverFile {
    /// The servers, in the order in which they are asked.
    pub servers: Vec<SocketAddr>,
    /// How long one may take.
    pub patience: Duration,
    /// How often each is asked.
    pub tries: u32,
}

impl Default for ResolverFile {
    fn default() -> Self {
        Self { servers: vec![THIS_MACHINE], patience: PATIENCE, tries: TRIES }
    }
}

impl ResolverFile {
    /// What the text of the file says. What it says of nothing that is used here is passed over, as the system does.
    pub fn read(text: &str) -> Self {
        let (mut servers, mut patience, mut tries) = (Vec::new(), PATIENCE, TRIES);
        for line in text.lines().filter(|line| !line.starts_with(['#', ';'])) {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") if servers.len() < MOST_SERVERS => {
                    let address = words.next().and_then(|word| word.parse::<IpAddr>().ok());
                    servers.extend(address.map(|address| SocketAddr::new(address, PORT)));
                }
                Some("options") => {
                    for (name, value) in words.filter_map(|word| word.split_once(':')) {
                        match (name, value.parse::<u32>()) {
                            ("timeout", Ok(seconds)) => {
                                patience = Duration::from_secs(u64::from(seconds).clamp(1, MOST_PATIENCE));
                            }
                            ("attempts", Ok(times)) => tries = times.clamp(1, MOST_TRIES),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        if servers.is_empty() {
            servers.push(THIS_MACHINE);
        }
        Self { servers, patience, tries }
    }
}

/// The server that a person names: an address, with a port where it is another than usual.
pub fn server_named(text: &str) -> Option<SocketAddr> {
    let usual = || text.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, PORT));
    text.parse().ok().or_else(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_a_machine_asks_is_read_as_the_system_reads_it() {
        let file = ResolverFile::read(
            "# made by hand\nnameserver 192.0.2.1\n; nameserver 192.0.2.9\nsearch example.fr\nnameserver 2001:db8::1\n\
             nameserver nobody\noptions rotate timeout:2 attempts:99 edns0\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
        );
        let expected = ["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.3:53"].map(|server| server.parse().unwrap());
        assert_eq!(file, ResolverFile { servers: expected.into(), patience: Duration::from_secs(2), tries: 5 });
        assert_eq!(ResolverFile::read("search example.fr\n"), ResolverFile::default());
        assert_eq!(ResolverFile::read("options timeout:0").patience, Duration::from_secs(1));
    }

    #[test]
    fn a_server_is_named_with_a_port_or_without() {
        for (text, expected) in [
            ("192.0.2.1", Some("192.0.2.1:53")),
            ("192.0.2.1:5353", Some("192.0.2.1:5353")),
            ("2001:db8::1", Some("[2001:db8::1]:53")),
            ("resolver.example.net", None),
        ] {
            assert_eq!(server_named(text), expected.map(|server| server.parse().unwrap()), "{text}");
        }
    }
}
