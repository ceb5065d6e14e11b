//! Diagnostic settings, at any scope.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::List, Shape::OneOf, Shape::Text, Style, Tags,
    Unique, Update, rw,
};

/// A diagnostic setting: which logs and metrics of a resource go where.
pub static DIAGNOSTIC_SETTING: Kind = Kind {
    noun: "diagnostic setting",
    resource_type: "Microsoft.Insights/diagnosticSettings",
    api_version: "2021-05-01-preview",
    name: NameRule {
        pattern: r"^[^<>*%&:\\?+/]*[^<>*%&:\\?+/ .]$",
        length: (1, 260),
        words: "1 to 260 characters but < > * % & : \\ ? + /, not ending with a blank or full stop",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 3 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 2, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("properties.workspaceId", Id),
        rw("properties.storageAccountId", Id),
        // Event hubs and partners are not simulated: nobody looks whether they are there.
        rw("properties.serviceBusRuleId", Text),
        rw("properties.eventHubAuthorizationRuleId", Text),
        rw("properties.eventHubName", Text),
        rw("properties.marketplacePartnerId", Text),
        rw("properties.logAnalyticsDestinationType", OneOf(&["Dedicated", "AzureDiagnostics"])),
        rw("properties.logs", List).default("[]"),
        rw("properties.logs[]", Any),
        rw("properties.metrics", List).default("[]"),
        rw("properties.metrics[]", Any),
    ],
    source: "type definitions of Microsoft.Insights 2021-05-01-preview; accepted statuses: go-azure-sdk \
             insights 2021-05-01-preview",
};
