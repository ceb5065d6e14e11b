//! Action groups.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Location, Shape::Text, Style, Tags, Unique,
    Update, rw,
};

/// An action group: whom an alert tells.
pub static ACTION_GROUP: Kind = Kind {
    noun: "action group",
    resource_type: "Microsoft.Insights/actionGroups",
    api_version: "2021-09-01",
    name: NameRule {
        pattern: r"^[^:<>+/&%\\?|]*[^:<>+/&%\\?| .]$",
        length: (1, 260),
        words: "1 to 260 characters but : < > + / & % \\ ? |, not ending with a blank or full stop",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 3 },
    update: Update::Patch,
    delete: Delete { status: 200, style: Style::Sync, seconds: 2, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("properties.groupShortName", Text).required(),
        rw("properties.enabled", Bool).required().default("true"),
        rw("properties.emailReceivers", Any).default("[]"),
        rw("properties.smsReceivers", Any).default("[]"),
        rw("properties.webhookReceivers", Any).default("[]"),
        rw("properties.itsmReceivers", Any).default("[]"),
        rw("properties.azureAppPushReceivers", Any).default("[]"),
        rw("properties.automationRunbookReceivers", Any).default("[]"),
        rw("properties.voiceReceivers", Any).default("[]"),
        rw("properties.logicAppReceivers", Any).default("[]"),
        rw("properties.azureFunctionReceivers", Any).default("[]"),
        rw("properties.armRoleReceivers", Any).default("[]"),
        rw("properties.eventHubReceivers", Any).default("[]"),
    ],
    source: "type definitions of Microsoft.Insights 2021-09-01; accepted statuses: go-azure-sdk insights \
             2023-01-01",
};
