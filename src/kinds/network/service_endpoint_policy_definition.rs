//! Definitions of a service endpoint policy.

use crate::kinds::{
    Delete, Kind, Put, Shape::Set, Shape::Text, Shape::Word, Style, Tags, Update, Writer, ro, rw,
};

use super::ORDINARY_NAME;

/// What one service's endpoints may lead to.
pub static SERVICE_ENDPOINT_POLICY_DEFINITION: Kind = Kind {
    noun: "service endpoint policy definition",
    resource_type: "Microsoft.Network/serviceEndpointPolicies/serviceEndpointPolicyDefinitions",
    api_version: "2025-01-01",
    name: ORDINARY_NAME,
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 5, query: &[], kept: None },
    embedded: Some("properties.serviceEndpointPolicyDefinitions"),
    writers: &[Writer::Parent],
    properties: &[
        ro("etag", Text),
        rw("properties.description", Text),
        // `Microsoft.Storage`, or `Global` for aliases.
        rw("properties.service", Word),
        // Accounts, groups or subscriptions; of `Global`, aliases such as `/services/Azure/MachineLearning`.
        rw("properties.serviceResources", Set),
        rw("properties.serviceResources[]", Word),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; accepted statuses: go-azure-sdk network 2025-01-01; \
             services and aliases: azurerm subnet_service_endpoint_storage_policy",
};
