//! Which addresses belong to the public internet: the heart of the guard against SSRF.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `ip` is a public unicast address, by the IANA special-purpose registries (RFC 6890).
///
/// Addresses that carry an IPv4 address inside are the usual way around such a check: NAT64 and
/// 6to4 are judged by what they carry; mapped, compatible, Teredo and ISATAP are refused.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

#[expect(
    clippy::unnested_or_patterns,
    reason = "a range of its own beside each RFC"
)]
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !matches!(
        (a, b, c),
        // "This network" (RFC 791 §3.2), where Linux takes 0.0.0.0 for itself; private use (RFC
        // 1918); loopback (RFC 1122 §3.2.1.3).
        (0 | 10 | 127, _, _) | (172, 16..=31, _) | (192, 168, _)
        // Carrier-grade NAT (RFC 6598), which some clouds use for their metadata.
        | (100, 64..=127, _)
        // Link-local (RFC 3927): 169.254.169.254 hands out the machine's credentials.
        | (169, 254, _)
        // IETF protocol assignments (RFC 6890), documentation (RFC 5737), the 6to4 relay that was
        // withdrawn (RFC 7526), AS112 (RFC 7534, RFC 7535), AMT (RFC 7450).
        | (192, 0, 0 | 2) | (192, 88, 99) | (192, 31, 196) | (192, 175, 48) | (192, 52, 193)
        // Benchmarking (RFC 2544), documentation (RFC 5737).
        | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113)
        // Multicast (RFC 5771), reserved and broadcast (RFC 1112 §4).
        | (224..=255, _, _)
    )
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let v4 = |high: u16, low: u16| {
        is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
    };
    // NAT64 (RFC 6052 §2.1) reaches the IPv4 address in its last 32 bits, and that may be ours.
    if let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = s {
        return v4(high, low);
    }
    // Only 2000::/3 is assigned to hosts. Outside are unspecified, loopback, mapped and compatible
    // IPv4, unique local (RFC 4193), link- and site-local, multicast (RFC 4291 §2.4).
    if s[0] & 0xe000 != 0x2000 {
        return false;
    }
    match s {
        // 6to4 (RFC 3056 §2) reaches the IPv4 address after its first 16 bits.
        [0x2002, high, low, ..] => v4(high, low),
        // IETF protocol assignments (RFC 2928): Teredo, benchmarking, ORCHID, none of them a host
        // that publishes keys. Documentation (RFC 3849, RFC 9637). AS112 (RFC 7535). ISATAP, which
        // carries an IPv4 address in the interface identifier (RFC 5214 §6.1).
        [0x2001, 0..=0x1ff | 0xdb8, ..]
        | [0x3fff, 0..=0x0fff, ..]
        | [0x2620, 0x4f, 0x8000, ..]
        | [.., 0 | 0x200, 0x5efe, _, _] => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn every_special_range_is_refused_at_both_ends() {
        for text in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.0.0",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "192.175.48.1",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:0:8.8.8.8",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::8.8.8.8",
            "100::1",
            "2001::1",
            "2001:0:4136:e378::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a00:1::1",
            "2002:c0a8:101::1",
            "2620:4f:8000::1",
            "3fff::1",
            "3fff:fff::1",
            "5f00::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ffff::1",
            "4000::1",
            "2a00::5efe:10.0.0.1",
            "2a00::200:5efe:127.0.0.1",
            "fe80::5efe:8.8.8.8",
            "2a00::5efe:8.8.8.8",
            "2001:db8::5efe:8.8.8.8",
        ] {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn the_neighbours_of_special_ranges_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.0.3.1",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.112.1",
            "203.0.114.1",
            "223.255.255.255",
            "64:ff9b::8.8.8.8",
            "2001:200::1",
            "2001:db7::1",
            "2001:db9::1",
            "2001:4860:4860::8888",
            "2002:808:808::1",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "3ffe::1",
            "3fff:1000::1",
        ] {
            assert!(public(text), "{text}");
        }
    }
}
