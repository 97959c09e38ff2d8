//! Which servers `NO_PROXY` names: by host, by address, by network.
//!
//! There is no standard for the variable, only habits; this follows those that curl and Go share. A host stands for what is below it, too;
//! a network (`10.0.0.0/8`, `fd00::/8`) for every address in it. Names are never resolved to be looked up in a network: the question would
//! go out past the proxy.

use std::net::IpAddr;

use crate::cloud::dial::split_address;

/// Whether a list names the server at `address` (`host:port`).
pub(super) fn names(list: &str, address: &str) -> bool {
    let Some((host, port)) = split_address(address) else { return false };
    let server = Server { host: host.to_ascii_lowercase(), ip: host.parse().ok().map(canonical), port };
    list.split(|c: char| c == ',' || c.is_whitespace())
        .any(|entry| server.is_named(&entry.to_ascii_lowercase()))
}

struct Server {
    host: String,
    /// If it is no name.
    ip: Option<IpAddr>,
    port: u16,
}

impl Server {
    fn is_named(&self, entry: &str) -> bool {
        if entry == "*" {
            return true;
        }
        if let Some((network, bits)) = entry.split_once('/') {
            return self.ip.is_some_and(|ip| is_within(ip, network, bits));
        }
        let (name, port) =
            split_address(entry).map_or((bare(entry), None), |(name, port)| (name, Some(port)));
        port.is_none_or(|port| port == self.port) && self.is_called(name)
    }

    fn is_called(&self, name: &str) -> bool {
        if let Some(ip) = self.ip {
            return name.parse().is_ok_and(|named| canonical(named) == ip);
        }
        let name = name.strip_prefix('*').unwrap_or(name).trim_start_matches('.');
        let below = || self.host.strip_suffix(name).is_some_and(|head| head.ends_with('.'));
        !name.is_empty() && (self.host == name || below())
    }
}

/// Whether an address lies in `network`, of which the first `bits` count. What is none holds nothing.
fn is_within(ip: IpAddr, network: &str, bits: &str) -> bool {
    let Ok(bits) = bits.parse::<u32>() else { return false };
    match (ip, network.parse()) {
        (IpAddr::V4(ip), Ok(IpAddr::V4(network))) => {
            let differ = ip.to_bits() ^ network.to_bits();
            bits <= 32 && differ.checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(ip), Ok(IpAddr::V6(network))) => {
            let differ = ip.to_bits() ^ network.to_bits();
            bits <= 128 && differ.checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// Without the brackets that an address of the new kind may have.
fn bare(entry: &str) -> &str {
    entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry)
}

/// An address of the old kind that is written as one of the new is the old one.
fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAR: &str = "149.154.167.51:443";

    #[test]
    fn hosts_stand_for_what_is_below_them() {
        for list in [
            "*",
            "tg.example",
            "x.y, .example ,z",
            "*.example",
            "EXAMPLE",
            "tg.example:443",
            "a b\ttg.example",
        ] {
            assert!(names(list, "tg.example:443"), "{list}");
        }
        for list in ["", ",", ".", "*.", "g.example", "a.tg.example", "tg.example:80", "ample"] {
            assert!(!names(list, "tg.example:443"), "{list}");
        }
    }

    #[test]
    fn addresses_are_compared_as_such() {
        assert!(names("149.154.167.51", FAR) && names("149.154.167.51:443", FAR));
        assert!(names("[2001:db8::1]:5", "[2001:db8::1]:5") && names("2001:db8:0::1", "[2001:db8::1]:5"));
        assert!(names("149.154.167.51", "[::ffff:149.154.167.51]:443"));
        assert!(names("[2001:db8::1]", "[2001:db8::1]:5"));
        for list in ["167.51", ".51", "149.154.167.51:80", "149.154.167"] {
            assert!(!names(list, FAR), "{list}");
        }
    }

    #[test]
    fn networks_hold_their_addresses() {
        for (list, address) in [
            ("10.0.0.0/8", "10.200.3.4:443"),
            ("x, 10.9.9.9/8", "10.0.0.0:1"),
            ("149.154.160.0/20", FAR),
            ("149.154.167.51/32", FAR),
            ("0.0.0.0/0", FAR),
            ("10.0.0.0/8", "[::ffff:10.1.2.3]:80"),
            ("fd00::/8", "[fdab:1::2]:443"),
            ("FD00::/8", "[FDAB:1::2]:443"),
            ("2001:db8::1/128", "[2001:db8::1]:443"),
            ("::/0", "[2001:db8::1]:443"),
        ] {
            assert!(names(list, address), "{list} {address}");
        }
        for (list, address) in [
            ("10.0.0.0/8", "11.0.0.1:443"),
            ("149.154.160.0/21", "149.154.168.1:443"),
            ("149.154.167.50/32", FAR),
            ("10.0.0.0/33", "10.0.0.1:1"),
            ("10.0.0.0/-1", "10.0.0.1:1"),
            ("10.0.0.0/", "10.0.0.1:1"),
            ("10/8", "10.0.0.1:1"),
            ("/8", "10.0.0.1:1"),
            ("::/0", FAR),
            ("0.0.0.0/0", "[2001:db8::1]:443"),
            ("fd00::/8", "[fe00::1]:443"),
            ("fd00::/129", "[fd00::1]:443"),
            ("10.0.0.0/8", "ten.example:443"),
        ] {
            assert!(!names(list, address), "{list} {address}");
        }
    }
}
