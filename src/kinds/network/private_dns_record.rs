//! Record sets of a private DNS zone, and the SOA that every zone is born with.

use crate::kinds::{
    Delete, Kind, NameRule, Property, Put, Shape::Any, Shape::Bool, Shape::Int, Shape::Keyed, Shape::Map,
    Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro, rw,
};

/// The type of the ttl and of the SOA's times, a signed 32-bit number on the wire.
const SECONDS: crate::kinds::Shape = Int(0, i32::MAX as i64);

/// One table serves all record types, as one definition does in Azure; each
/// type uses its own list of records.
const PROPERTIES: &[Property] = &[
    ro("etag", Text),
    rw("properties.ttl", SECONDS),
    rw("properties.metadata", Map),
    rw("properties.aRecords", Keyed("ipv4Address")),
    rw("properties.aRecords[].ipv4Address", Text),
    rw("properties.aaaaRecords", Keyed("ipv6Address")),
    rw("properties.aaaaRecords[].ipv6Address", Word),
    rw("properties.cnameRecord.cname", Word),
    rw("properties.mxRecords", Any),
    rw("properties.ptrRecords", Any),
    rw("properties.srvRecords", Any),
    rw("properties.txtRecords", Any),
    rw("properties.soaRecord.host", Word),
    rw("properties.soaRecord.email", Word),
    rw("properties.soaRecord.serialNumber", SECONDS),
    rw("properties.soaRecord.refreshTime", SECONDS),
    rw("properties.soaRecord.retryTime", SECONDS),
    rw("properties.soaRecord.expireTime", SECONDS),
    rw("properties.soaRecord.minimumTtl", SECONDS),
    ro("properties.fqdn", Word),
    ro("properties.isAutoRegistered", Bool),
];

/// The facts that all record types share.
const fn record_set(noun: &'static str, resource_type: &'static str) -> Kind {
    Kind {
        noun,
        resource_type,
        api_version: "2024-06-01",
        name: NameRule {
            pattern: r"(?i)^(@|\*|(\*\.)?[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*)$",
            length: (1, 253),
            words: "@, *, or labels of 1 to 63 letters, digits, _ and - parted by full stops",
            unique: Unique::Scope,
        },
        tags: Tags::None,
        put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 2 },
        update: Update::Put,
        delete: Delete { status: 200, style: Style::Sync, seconds: 2, query: &[], kept: None },
        embedded: None,
        writers: &[],
        properties: PROPERTIES,
        source: "type definitions of Microsoft.Network 2024-06-01 (private DNS); accepted statuses: go-azure-sdk \
                 privatedns 2024-06-01; SOA: azurerm private_dns_zone, soa_record",
    }
}

/// An A record set of a private DNS zone.
pub static A_RECORD: Kind = record_set("A record set", "Microsoft.Network/privateDnsZones/A");

/// An AAAA record set of a private DNS zone.
pub static AAAA_RECORD: Kind = record_set("AAAA record set", "Microsoft.Network/privateDnsZones/AAAA");

/// The one CNAME record of a name in a private DNS zone, which has no other then.
pub static CNAME_RECORD: Kind = record_set("CNAME record set", "Microsoft.Network/privateDnsZones/CNAME");

/// An MX record set of a private DNS zone.
pub static MX_RECORD: Kind = record_set("MX record set", "Microsoft.Network/privateDnsZones/MX");

/// A PTR record set of a private DNS zone.
pub static PTR_RECORD: Kind = record_set("PTR record set", "Microsoft.Network/privateDnsZones/PTR");

/// An SRV record set of a private DNS zone.
pub static SRV_RECORD: Kind = record_set("SRV record set", "Microsoft.Network/privateDnsZones/SRV");

/// A TXT record set of a private DNS zone.
pub static TXT_RECORD: Kind = record_set("TXT record set", "Microsoft.Network/privateDnsZones/TXT");

/// The SOA record set of a private DNS zone, named `@`. It lives and dies with its zone.
pub static SOA_RECORD: Kind = Kind {
    name: NameRule { pattern: "^@$", length: (1, 1), words: "@", unique: Unique::Scope },
    ..record_set("SOA record set", "Microsoft.Network/privateDnsZones/SOA")
};
