//! Extensions of Kubernetes clusters.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Map, Shape::OneOf, Shape::Text, Shape::Word,
    Style, Tags, Unique, Update, Writer, ro, rw, wo,
};

/// An extension of a cluster: `Microsoft.AzureML.Kubernetes` makes it a place
/// for machine learning. It stands on the cluster as on a scope.
pub static KUBERNETES_EXTENSION: Kind = Kind {
    noun: "Kubernetes extension",
    resource_type: "Microsoft.KubernetesConfiguration/extensions",
    api_version: "2025-03-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$",
        length: (1, 253),
        words: "1 to 253 letters, digits, . and -, beginning and ending with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 180 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 60, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        rw("identity.type", OneOf(&["SystemAssigned"])),
        ro("identity.principalId", Word),
        ro("identity.tenantId", Word),
        rw("managedBy", Text),
        rw("plan.name", Text).required().fixed(),
        rw("plan.publisher", Text).required().fixed(),
        rw("plan.product", Text).required().fixed(),
        rw("plan.promotionCode", Text).fixed(),
        rw("plan.version", Text).fixed(),
        rw("properties.extensionType", Word).fixed(),
        rw("properties.autoUpgradeMinorVersion", Bool),
        rw("properties.autoUpgradeMode", OneOf(&["none", "patch", "compatible"])),
        rw("properties.releaseTrain", Word),
        rw("properties.version", Text),
        rw("properties.scope.cluster.releaseNamespace", Text).fixed(),
        rw("properties.scope.namespace.targetNamespace", Text).fixed(),
        rw("properties.configurationSettings", Map),
        wo("properties.configurationProtectedSettings", Map),
        // Answered, though the definitions let them be sent.
        rw("properties.statuses", Any),
        rw("properties.aksAssignedIdentity", Any),
        rw("properties.managementDetails", Any),
        rw("properties.additionalDetails", Any),
        ro("properties.currentVersion", Text),
        ro("properties.errorInfo", Any),
        ro("properties.customLocationSettings", Any),
        ro("properties.packageUri", Text),
        ro("properties.isSystemExtension", Bool),
        ro("properties.extensionState", Word),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.KubernetesConfiguration 2025-03-01; accepted statuses: go-azure-sdk \
             kubernetesconfiguration; what is fixed: azurerm kubernetes_cluster_extension",
};
