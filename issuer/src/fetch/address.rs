//! Which addresses a fetch may connect to.
//!
//! A name in a configured URL may resolve to anything, today or after the next change of a zone: a
//! metadata service, a database behind the firewall, the issuer itself. So everything that is not
//! globally routable unicast is refused unless the configuration allows it by range.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network in CIDR form, `127.0.0.1/32` or `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    network: IpAddr,
    prefix: u8,
}

impl AddressRange {
    const fn v4(bytes: [u8; 4], prefix: u8) -> Self {
        let [a, b, c, d] = bytes;
        Self { network: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix }
    }

    const fn v6(first: [u16; 3], prefix: u8) -> Self {
        let [a, b, c] = first;
        Self { network: IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)), prefix }
    }

    /// Whether `address` lies in this range. An IPv4 address and its IPv4-mapped IPv6 form are two
    /// different addresses here: neither allowance reaches the other.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    /// Reads `address/prefix`. The prefix is required, and the address has no bits beyond it: a typing
    /// error must not open a larger range than it shows.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (network, prefix) = text.split_once('/').ok_or(AddressRangeError)?;
        let network: IpAddr = network.parse().map_err(|_| AddressRangeError)?;
        let prefix: u8 = prefix.parse().map_err(|_| AddressRangeError)?;
        let bits = if network.is_ipv4() { 32 } else { 128 };
        let range = Self { network, prefix };
        let has_host_bits = match network {
            IpAddr::V4(address) => {
                address.to_bits().checked_shl(u32::from(prefix)).unwrap_or(0) != 0
            }
            IpAddr::V6(address) => {
                address.to_bits().checked_shl(u32::from(prefix)).unwrap_or(0) != 0
            }
        };
        if prefix > bits || has_host_bits { Err(AddressRangeError) } else { Ok(range) }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

/// A text that is not a network in CIDR form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a network in CIDR form, such as 127.0.0.1/32 or fd00::/8")]
pub struct AddressRangeError;

/// The IPv4 networks of the IANA special-purpose registry (RFC 6890) that are not public unicast.
const SPECIAL_V4: &[(AddressRange, &str)] = &[
    (AddressRange::v4([0, 0, 0, 0], 8), "unspecified"),
    (AddressRange::v4([10, 0, 0, 0], 8), "private"),
    (AddressRange::v4([100, 64, 0, 0], 10), "shared by carriers"),
    (AddressRange::v4([127, 0, 0, 0], 8), "loopback"),
    (AddressRange::v4([169, 254, 0, 0], 16), "link-local"),
    (AddressRange::v4([172, 16, 0, 0], 12), "private"),
    (AddressRange::v4([192, 0, 0, 0], 24), "reserved for protocols"),
    (AddressRange::v4([192, 0, 2, 0], 24), "for documentation"),
    (AddressRange::v4([192, 88, 99, 0], 24), "a 6to4 relay"),
    (AddressRange::v4([192, 168, 0, 0], 16), "private"),
    (AddressRange::v4([198, 18, 0, 0], 15), "for benchmarks"),
    (AddressRange::v4([198, 51, 100, 0], 24), "for documentation"),
    (AddressRange::v4([203, 0, 113, 0], 24), "for documentation"),
    (AddressRange::v4([224, 0, 0, 0], 4), "multicast"),
    (AddressRange::v4([240, 0, 0, 0], 4), "reserved"),
];

/// IPv6 networks that carry, translate to or stand beside something else. What is neither here nor in
/// [`GLOBAL_V6`] is refused as well; these rows give the reason.
const SPECIAL_V6: &[(AddressRange, &str)] = &[
    (AddressRange::v6([0, 0, 0], 96), "unspecified, loopback or IPv4-compatible"),
    (
        AddressRange {
            network: IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0)),
            prefix: 96,
        },
        "IPv4-mapped",
    ),
    (AddressRange::v6([0x64, 0xff9b, 0], 96), "a translation to IPv4"),
    (AddressRange::v6([0x64, 0xff9b, 1], 48), "a translation to IPv4"),
    (AddressRange::v6([0x100, 0, 0], 64), "for discarding"),
    (AddressRange::v6([0x2001, 0, 0], 23), "reserved for protocols"),
    (AddressRange::v6([0x2001, 0xdb8, 0], 32), "for documentation"),
    (AddressRange::v6([0x2002, 0, 0], 16), "a 6to4 tunnel"),
    (AddressRange::v6([0x3fff, 0, 0], 20), "for documentation"),
    (AddressRange::v6([0xfc00, 0, 0], 7), "private (unique local)"),
    (AddressRange::v6([0xfe80, 0, 0], 10), "link-local"),
    (AddressRange::v6([0xfec0, 0, 0], 10), "site-local"),
    (AddressRange::v6([0xff00, 0, 0], 8), "multicast"),
];

/// The only IPv6 space that IANA has given out as global unicast.
const GLOBAL_V6: AddressRange = AddressRange::v6([0x2000, 0, 0], 3);

/// Why `address` is not globally routable unicast; `None` when it is.
#[must_use]
pub(super) fn special(address: IpAddr) -> Option<&'static str> {
    let table = if address.is_ipv4() { SPECIAL_V4 } else { SPECIAL_V6 };
    let found = table.iter().find(|(range, _)| range.contains(address)).map(|(_, what)| *what);
    if found.is_none() && address.is_ipv6() && !GLOBAL_V6.contains(address) {
        return Some("outside the global unicast space");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_have_a_reason_and_public_ones_none() {
        let check = |address: &str, expect: Option<&str>| {
            let found = special(address.parse().unwrap());
            assert_eq!(found, expect, "{address}");
        };
        check("0.0.0.0", Some("unspecified"));
        check("0.1.2.3", Some("unspecified"));
        check("1.1.1.1", None);
        check("9.255.255.255", None);
        check("10.0.0.0", Some("private"));
        check("10.255.255.255", Some("private"));
        check("11.0.0.0", None);
        check("100.63.255.255", None);
        check("100.64.0.0", Some("shared by carriers"));
        check("100.100.100.200", Some("shared by carriers"));
        check("100.128.0.0", None);
        check("126.255.255.255", None);
        check("127.0.0.1", Some("loopback"));
        check("127.255.0.9", Some("loopback"));
        check("128.0.0.0", None);
        check("169.253.255.255", None);
        check("169.254.169.254", Some("link-local"));
        check("172.15.255.255", None);
        check("172.16.0.1", Some("private"));
        check("172.31.255.255", Some("private"));
        check("172.32.0.0", None);
        check("192.0.0.170", Some("reserved for protocols"));
        check("192.0.2.1", Some("for documentation"));
        check("192.88.99.1", Some("a 6to4 relay"));
        check("192.168.1.1", Some("private"));
        check("192.169.0.0", None);
        check("198.17.255.255", None);
        check("198.18.0.1", Some("for benchmarks"));
        check("198.19.255.255", Some("for benchmarks"));
        check("198.51.100.7", Some("for documentation"));
        check("203.0.113.7", Some("for documentation"));
        check("223.255.255.255", None);
        check("224.0.0.1", Some("multicast"));
        check("240.0.0.1", Some("reserved"));
        check("255.255.255.255", Some("reserved"));

        check("::", Some("unspecified, loopback or IPv4-compatible"));
        check("::1", Some("unspecified, loopback or IPv4-compatible"));
        check("::10.0.0.1", Some("unspecified, loopback or IPv4-compatible"));
        check("::ffff:127.0.0.1", Some("IPv4-mapped"));
        check("::ffff:1.1.1.1", Some("IPv4-mapped"));
        check("::ffff:0:127.0.0.1", Some("outside the global unicast space"));
        check("64:ff9b::7f00:1", Some("a translation to IPv4"));
        check("64:ff9b:1::7f00:1", Some("a translation to IPv4"));
        check("100::1", Some("for discarding"));
        check("1fff::1", Some("outside the global unicast space"));
        check("2001::1", Some("reserved for protocols"));
        check("2001:1ff::1", Some("reserved for protocols"));
        check("2001:200::1", None);
        check("2001:db8::1", Some("for documentation"));
        check("2001:db9::1", None);
        check("2002:7f00:1::", Some("a 6to4 tunnel"));
        check("2606:4700:4700::1111", None);
        check("2a00:1450::1", None);
        check("3fff:fff::1", Some("for documentation"));
        check("3fff:1000::1", None);
        check("4000::1", Some("outside the global unicast space"));
        check("fc00::1", Some("private (unique local)"));
        check("fd12:3456::1", Some("private (unique local)"));
        check("fe80::1", Some("link-local"));
        check("fec0::1", Some("site-local"));
        check("ff02::1", Some("multicast"));
    }

    #[test]
    fn ranges_are_read_strictly() {
        let good = |text: &str, inside: &str, outside: &str| {
            let range: AddressRange = text.parse().unwrap();
            assert_eq!(range.to_string(), text);
            assert!(range.contains(inside.parse().unwrap()), "{text} {inside}");
            assert!(!range.contains(outside.parse().unwrap()), "{text} {outside}");
        };
        good("127.0.0.1/32", "127.0.0.1", "127.0.0.2");
        good("10.0.0.0/8", "10.200.3.4", "11.0.0.0");
        good("::1/128", "::1", "::2");
        good("fd00::/8", "fdff::1", "fe00::1");
        good("0.0.0.0/0", "8.8.8.8", "::1");
        good("::/0", "::ffff:8.8.8.8", "8.8.8.8");

        let bad =
            |text: &str| assert_eq!(text.parse::<AddressRange>(), Err(AddressRangeError), "{text}");
        bad("");
        bad("127.0.0.1");
        bad("127.0.0.1/");
        bad("127.0.0.1/33");
        bad("127.0.0.1/8");
        bad("127.1/32");
        bad("::1/129");
        bad("fd00::1/8");
        bad("localhost/32");
    }
}
