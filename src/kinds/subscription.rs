//! Subscriptions: read, to learn whose they are.

use super::{Delete, Kind, NameRule, Put, Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro};

/// A subscription. Nothing of ours writes one.
pub static SUBSCRIPTION: Kind = Kind {
    noun: "subscription",
    resource_type: "Microsoft.Resources/subscriptions",
    api_version: "2022-12-01",
    name: NameRule {
        pattern: "^[0-9a-fA-F-]{36}$",
        length: (36, 36),
        words: "a GUID",
        unique: Unique::Global,
    },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 0 },
    update: Update::Never,
    delete: Delete { status: 200, style: Style::Sync, seconds: 0, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        ro("subscriptionId", Word),
        ro("tenantId", Word),
        ro("displayName", Text),
        ro("state", Word),
    ],
    source: "learn.microsoft.com, REST reference of Azure Resource Manager, \"Subscriptions - Get\"",
};
