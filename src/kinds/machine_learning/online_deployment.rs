//! Deployments of an online endpoint.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::IdMap, Shape::Int, Shape::Location,
    Shape::Map, Shape::OneOf, Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A deployment of an online endpoint: a model and what it runs on.
pub static ONLINE_DEPLOYMENT: Kind = Kind {
    noun: "online deployment",
    resource_type: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
    api_version: "2026-05-01",
    name: NameRule { unique: Unique::Scope, ..super::ENDPOINT_NAME },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 300 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::AsyncOperationOnly, seconds: 120, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Parent],
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
        .required(),
        rw("identity.userAssignedIdentities", IdMap),
        ro("identity.userAssignedIdentities{}.principalId", Word),
        ro("identity.userAssignedIdentities{}.clientId", Word),
        ro("identity.principalId", Word),
        ro("identity.tenantId", Word),
        rw("properties", Any).required(),
        rw("properties.endpointComputeType", OneOf(&["Kubernetes", "Managed"])).required().fixed(),
        rw("properties.model", Text),
        rw("properties.modelMountPath", Text),
        rw("properties.instanceType", Word),
        rw("properties.codeConfiguration", Any),
        rw("properties.description", Text),
        rw("properties.environmentId", Text),
        rw("properties.environmentVariables", Map),
        rw("properties.properties", Map),
        rw("properties.appInsightsEnabled", Bool),
        rw("properties.egressPublicNetworkAccess", OneOf(&["Enabled", "Disabled"])).fixed(),
        rw("properties.containerResourceRequirements", Any),
        rw("properties.dataCollector", Any),
        rw("properties.requestSettings", Any),
        rw("properties.scaleSettings", Any),
        rw("properties.livenessProbe", Any),
        rw("properties.readinessProbe", Any),
        rw("properties.startupProbe", Any),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.MachineLearningServices 2026-05-01; what is fixed: learn.microsoft.com, \
             network isolation of managed online endpoints",
};
