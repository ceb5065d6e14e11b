//! Online endpoints of a machine learning workspace.

use crate::kinds::{
    Delete, Kind, Put, Shape::Any, Shape::Id, Shape::IdMap, Shape::Int, Shape::Location, Shape::Map,
    Shape::OneOf, Shape::Text, Shape::Word, Style, Tags, Update, ro, rw, wo,
};

/// An online endpoint: a host name that deployments share the traffic of.
pub static ONLINE_ENDPOINT: Kind = Kind {
    noun: "online endpoint",
    resource_type: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
    api_version: "2026-05-01",
    name: super::ENDPOINT_NAME,
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 60 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperationOnly, seconds: 60, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("kind", Word),
        rw("sku.name", Word).required(),
        rw("sku.tier", OneOf(&["Free", "Basic", "Standard", "Premium"])),
        rw("sku.size", Text),
        rw("sku.family", Text),
        rw("sku.capacity", Int(0, i32::MAX as i64)),
        rw(
            "identity.type",
            OneOf(&["None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned"]),
        )
        .required()
        .fixed(),
        rw("identity.userAssignedIdentities", IdMap).fixed(),
        ro("identity.userAssignedIdentities{}.principalId", Word),
        ro("identity.userAssignedIdentities{}.clientId", Word),
        ro("identity.principalId", Word),
        ro("identity.tenantId", Word),
        rw("properties", Any).required(),
        rw("properties.authMode", OneOf(&["AMLToken", "Key", "AADToken"])).required().fixed(),
        wo("properties.keys", Any),
        rw("properties.description", Text),
        rw("properties.properties", Map),
        // Of a Kubernetes endpoint.
        rw("properties.compute", Id).fixed(),
        rw("properties.publicNetworkAccess", OneOf(&["Enabled", "Disabled"])).default(r#""Enabled""#),
        // Shares of a hundred by the name of a deployment.
        rw("properties.traffic", Any),
        rw("properties.mirrorTraffic", Any),
        ro("properties.scoringUri", Text),
        ro("properties.swaggerUri", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.MachineLearningServices 2026-05-01; names: learn.microsoft.com, \
             manage quotas and limits for resources with Azure Machine Learning; the identity is for good: same, access \
             resources from endpoints with managed identities; a PATCH takes tags and identity alone: \
             go-azure-sdk machinelearningservices, PartialMinimalTrackedResourceWithIdentity",
};
