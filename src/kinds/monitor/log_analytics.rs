//! Log Analytics workspaces.

use crate::kinds::{
    Delete, Kept, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::IdMap, Shape::Int,
    Shape::Location, Shape::OneOf, Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro, rw,
};

/// A Log Analytics workspace. Deleted, it can be made again with its data for
/// 14 days; `force=true` in the DELETE's query frees the name at once.
pub static LOG_ANALYTICS: Kind = Kind {
    noun: "Log Analytics workspace",
    resource_type: "Microsoft.OperationalInsights/workspaces",
    api_version: "2026-03-01",
    name: NameRule {
        pattern: "^[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]$",
        length: (4, 63),
        words: "4 to 63 letters, digits and hyphens, beginning and ending with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::ProvisioningState, seconds: 15 },
    update: Update::Put,
    delete: Delete {
        status: 200,
        style: Style::Sync,
        seconds: 5,
        query: &[],
        kept: Some(&Kept { purge: Some(("force", "true")), returns: true, ..Kept::OUT_OF_SIGHT }),
    },
    embedded: None,
    writers: &[],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("identity.type", OneOf(&["SystemAssigned", "UserAssigned", "None"])).required(),
        rw("identity.userAssignedIdentities", IdMap),
        ro("identity.userAssignedIdentities{}.principalId", Word),
        ro("identity.userAssignedIdentities{}.clientId", Word),
        ro("identity.principalId", Word),
        ro("identity.tenantId", Word),
        rw(
            "properties.sku.name",
            OneOf(&[
                "Free",
                "Standard",
                "Premium",
                "PerNode",
                "PerGB2018",
                "Standalone",
                "CapacityReservation",
                "LACluster",
            ]),
        )
        .required()
        .default(r#""PerGB2018""#),
        rw("properties.sku.capacityReservationLevel", Int(0, i32::MAX as i64)),
        ro("properties.sku.lastSkuUpdate", Text),
        // 7 in the free tier, from 30 in the others.
        rw("properties.retentionInDays", Int(7, 730)),
        // -1 is no cap.
        rw("properties.workspaceCapping.dailyQuotaGb", Int(-1, i32::MAX as i64)),
        ro("properties.workspaceCapping.quotaNextResetTime", Text),
        ro("properties.workspaceCapping.dataIngestionStatus", Word),
        rw(
            "properties.publicNetworkAccessForIngestion",
            OneOf(&["Enabled", "Disabled", "SecuredByPerimeter"]),
        ),
        rw("properties.publicNetworkAccessForQuery", OneOf(&["Enabled", "Disabled", "SecuredByPerimeter"])),
        rw("properties.forceCmkForQuery", Bool),
        // true is kept only from the second PUT on (azure-rest-api-specs#21591).
        rw("properties.features.enableLogAccessUsingOnlyResourcePermissions", Bool),
        rw("properties.features.enableDataExport", Bool),
        rw("properties.features.immediatePurgeDataOn30Days", Bool),
        rw("properties.features.clusterResourceId", Id),
        rw("properties.features.disableLocalAuth", Bool),
        rw("properties.features.dataAuthorizationMode", Bool),
        ro("properties.features.unifiedSentinelBillingOnly", Bool),
        ro("properties.features.associations", Any),
        // Azure answers with features that its definitions do not name.
        rw("properties.features{}", Any),
        rw("properties.defaultDataCollectionRuleResourceId", Id),
        rw("properties.replication.location", Location),
        rw("properties.replication.enabled", Bool),
        ro("properties.replication.provisioningState", Word),
        ro("properties.replication.createdDate", Text),
        ro("properties.replication.lastModifiedDate", Text),
        ro("properties.failover.state", Word),
        ro("properties.failover.lastModifiedDate", Text),
        ro("properties.customerId", Word),
        ro("properties.createdDate", Text),
        ro("properties.modifiedDate", Text),
        ro("properties.privateLinkScopedResources", Any),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.OperationalInsights 2026-03-01; accepted statuses: go-azure-sdk \
             operationalinsights 2025-07-01; soft delete: learn.microsoft.com, delete and recover a workspace; \
             azurerm log_analytics_workspace",
};
