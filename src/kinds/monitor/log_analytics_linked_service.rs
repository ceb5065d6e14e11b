//! What is linked to a Log Analytics workspace.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Word, Style, Tags, Unique, Update, ro, rw,
};

/// A linked service of a Log Analytics workspace: its cluster or its automation
/// account, of which neither is simulated.
pub static LOG_ANALYTICS_LINKED_SERVICE: Kind = Kind {
    noun: "linked service",
    resource_type: "Microsoft.OperationalInsights/workspaces/linkedServices",
    api_version: "2026-03-01",
    name: NameRule {
        pattern: "^(?i)(cluster|automation)$",
        length: (7, 10),
        words: "Cluster or Automation",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::ProvisioningState, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("properties", Any).required(),
        rw("properties.resourceId", Word),
        rw("properties.writeAccessResourceId", Word),
        // The definitions let it be sent; Azure decides it.
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.OperationalInsights 2026-03-01; accepted statuses: go-azure-sdk \
             operationalinsights 2020-08-01",
};
