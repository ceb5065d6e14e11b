//! The one line by which a plugin tells its host how to reach it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::listener::Address;

/// The major protocol versions served here, highest first.
pub(super) const PROTOCOL_VERSIONS: &[u32] = &[5];

/// The version of go-plugin's handshake itself.
const CORE_VERSION: u32 = 1;

/// The highest version that both sides speak, of the comma-separated ones that
/// the host offers. Where there is none, the host reports the mismatch better
/// than we can, so it gets our lowest.
pub(super) fn negotiate(offered: Option<&str>, served: &[u32]) -> u32 {
    let offered: Vec<u32> =
        offered.unwrap_or_default().split(',').filter_map(|it| it.trim().parse().ok()).collect();
    let common = served.iter().copied().filter(|version| offered.contains(version)).max();
    common.or_else(|| served.iter().copied().min()).unwrap_or(5)
}

/// The handshake line, without its end. The sixth field is the certificate in
/// DER, or empty without TLS; the seventh stands there only for a host that
/// asks, and says that its broker is not multiplexed. Source: go-plugin,
/// server.go `Serve`.
pub(super) fn line(
    version: u32,
    address: &Address,
    certificate: Option<&[u8]>,
    multiplex_asked: bool,
) -> String {
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    let (network, address) = (address.network(), address.to_string());
    let multiplex = if multiplex_asked { "|false" } else { "" };
    format!("{CORE_VERSION}|{version}|{network}|{address}|grpc|{certificate}{multiplex}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_the_host_offers_a_version_that_is_served_comes_back(offered in "[0-9,. x-]{0,40}|.{0,40}") {
            prop_assert!([5, 6].contains(&negotiate(Some(&offered), &[6, 5])));
        }
    }

    #[test]
    fn the_highest_common_version_wins_in_any_order() {
        assert_eq!(negotiate(Some("5,6"), &[5]), 5);
        assert_eq!(negotiate(Some("6,5"), &[6, 5]), 6);
        assert_eq!(negotiate(Some("x, 5 ,7"), &[6, 5]), 5);
    }

    #[test]
    fn without_a_common_version_the_host_gets_our_lowest() {
        assert_eq!(negotiate(Some("4"), &[6, 5]), 5);
        assert_eq!(negotiate(None, &[6, 5]), 5);
    }

    #[test]
    fn the_line_has_six_fields_and_a_seventh_for_who_asks() {
        let address = Address::Unix("/tmp/plugin1".into());
        assert_eq!(line(5, &address, None, false), "1|5|unix|/tmp/plugin1|grpc|");
        assert_eq!(line(5, &address, Some(&[0xff]), false), "1|5|unix|/tmp/plugin1|grpc|/w");
        let tcp = Address::Tcp(([127, 0, 0, 1], 10000).into());
        assert_eq!(line(5, &tcp, None, true), "1|5|tcp|127.0.0.1:10000|grpc||false");
    }
}
