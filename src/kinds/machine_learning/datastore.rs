//! Datastores of a machine learning workspace.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Map, Shape::OneOf, Shape::Secret,
    Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro, rw, wo,
};

/// A datastore: where the data of a workspace is. `properties.datastoreType`
/// says which of the rows it has.
pub static DATASTORE: Kind = Kind {
    noun: "datastore",
    resource_type: "Microsoft.MachineLearningServices/workspaces/datastores",
    api_version: "2026-05-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]*$",
        length: (1, 255),
        words: "1 to 255 letters, digits, _ and -, beginning with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::InProperties,
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("properties", Any).required(),
        rw(
            "properties.datastoreType",
            OneOf(&["AzureBlob", "AzureDataLakeGen1", "AzureDataLakeGen2", "AzureFile", "OneLake"]),
        )
        .required()
        .fixed(),
        rw("properties.credentials", Any).required(),
        rw(
            "properties.credentials.credentialsType",
            OneOf(&["AccountKey", "Certificate", "None", "Sas", "ServicePrincipal"]),
        )
        .required(),
        wo(
            "properties.credentials.secrets.secretsType",
            OneOf(&["AccountKey", "Certificate", "Sas", "ServicePrincipal"]),
        )
        .required(),
        wo("properties.credentials.secrets.key", Secret),
        wo("properties.credentials.secrets.sasToken", Secret),
        wo("properties.credentials.secrets.clientSecret", Secret),
        wo("properties.credentials.secrets.certificate", Secret),
        rw("properties.credentials.authorityUrl", Text),
        rw("properties.credentials.resourceUrl", Text),
        rw("properties.credentials.clientId", Word),
        rw("properties.credentials.tenantId", Word),
        rw("properties.credentials.thumbprint", Word),
        rw("properties.description", Text),
        rw("properties.properties", Map),
        rw("properties.tags", Map),
        ro("properties.isDefault", Bool),
        // Which of these there are is up to the type.
        rw("properties.resourceGroup", Word),
        rw("properties.subscriptionId", Word),
        rw("properties.accountName", Text),
        rw("properties.containerName", Text),
        rw("properties.fileShareName", Text),
        rw("properties.filesystem", Text),
        rw("properties.storeName", Text),
        rw("properties.oneLakeWorkspaceName", Text),
        rw("properties.artifact", Any),
        rw("properties.endpoint", Text),
        rw("properties.protocol", Word),
        rw(
            "properties.serviceDataAccessAuthIdentity",
            OneOf(&["None", "WorkspaceSystemAssignedIdentity", "WorkspaceUserAssignedIdentity"]),
        ),
    ],
    source: "type definitions of Microsoft.MachineLearningServices 2026-05-01; accepted statuses and names: azurerm \
             machine_learning_datastore and go-azure-sdk machinelearningservices 2025-06-01",
};
