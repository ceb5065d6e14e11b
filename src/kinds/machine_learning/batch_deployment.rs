//! Deployments of a batch endpoint.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::IdMap, Shape::Int, Shape::Location, Shape::Map,
    Shape::OneOf, Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A deployment of a batch endpoint: a model or a pipeline and where it runs.
pub static BATCH_DEPLOYMENT: Kind = Kind {
    noun: "batch deployment",
    resource_type: "Microsoft.MachineLearningServices/workspaces/batchEndpoints/deployments",
    api_version: "2026-05-01",
    name: NameRule { unique: Unique::Scope, ..super::ENDPOINT_NAME },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 60 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::AsyncOperationOnly, seconds: 60, query: &[], kept: None },
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
        // An id or the name of a compute.
        rw("properties.compute", Text),
        rw("properties.model", Any),
        rw("properties.deploymentConfiguration", Any),
        rw("properties.codeConfiguration", Any),
        rw("properties.description", Text),
        rw("properties.environmentId", Text),
        rw("properties.environmentVariables", Map),
        rw("properties.properties", Map),
        rw("properties.resources", Any),
        rw("properties.retrySettings", Any),
        rw("properties.errorThreshold", Int(-1, i32::MAX as i64)),
        rw("properties.maxConcurrencyPerInstance", Int(0, i32::MAX as i64)),
        rw("properties.miniBatchSize", Int(0, i64::MAX)),
        rw("properties.loggingLevel", OneOf(&["Info", "Warning", "Debug"])),
        rw("properties.outputAction", OneOf(&["SummaryOnly", "AppendRow"])),
        rw("properties.outputFileName", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.MachineLearningServices 2026-05-01",
};
