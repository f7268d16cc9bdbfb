//! Which addresses may be connected to. A name in the configuration can be made to lead anywhere by whoever runs its DNS: to this
//! machine, to a neighbour's administration page, to a cloud's secrets. So an address is looked at after it was resolved, and it is
//! that very address which is connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `address` is one of the public Internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast();
    // "This network", shared between providers and their customers, protocols, measurements, what is reserved.
    let others = a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !special && !others
}

/// Of all of IPv6 only what is given out to be reached, and of that not what holds an address of the older kind.
fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(within) = address.to_ipv4_mapped() {
        return is_public_v4(within);
    }
    let [first, second, ..] = address.segments();
    let given_out = (0x2000..0x4000).contains(&first);
    // Teredo and other protocols, examples, and 6to4.
    let special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) || first == 0x2002;
    let examples = first == 0x3fff && second < 0x1000;
    given_out && !special && !examples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_addresses_are_not_public() {
        for address in [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.5",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.128.0.1",
            "172.32.0.1",
            "192.1.0.1",
            "2001:200::1",
            "2606:4700::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
