//! Service endpoint policies, their definitions embedded.

use crate::kinds::{
    Delete, Kind, Put, Shape::Any, Shape::Location, Shape::Set, Shape::Shared, Shape::Text, Shape::Word,
    Style, Tags, Update, Writer, ro, rw,
};

use super::ORDINARY_NAME;

/// A service endpoint policy: what a subnet may reach through its service endpoints.
pub static SERVICE_ENDPOINT_POLICY: Kind = Kind {
    noun: "service endpoint policy",
    resource_type: "Microsoft.Network/serviceEndpointPolicies",
    api_version: "2025-01-01",
    name: ORDINARY_NAME,
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        ro("kind", Word),
        rw("properties.serviceEndpointPolicyDefinitions", Shared("name")).default("[]"),
        rw("properties.serviceAlias", Word),
        rw("properties.contextualServiceEndpointPolicies", Set),
        rw("properties.contextualServiceEndpointPolicies[]", Word),
        ro("properties.subnets", Any),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; accepted statuses: go-azure-sdk network 2025-01-01; \
             bodies: microsoft/AzureTRE azureml workspace service",
};
