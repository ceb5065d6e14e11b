//! File shares.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Int, Shape::OneOf, Shape::Text, Shape::Word,
    Style, Tags, Unique, Update, ro, rw,
};

/// A file share, as the management plane sees it.
pub static FILE_SHARE: Kind = Kind {
    noun: "file share",
    resource_type: "Microsoft.Storage/storageAccounts/fileServices/shares",
    api_version: "2026-04-01",
    name: NameRule {
        pattern: "^[a-z0-9](-?[a-z0-9])+$",
        length: (3, 63),
        words: "3 to 63 lower-case letters, digits and single hyphens",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Patch,
    delete: Delete { status: 200, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        ro("etag", Text),
        rw("properties.metadata", Any),
        // In GiB; above 102400 is for provisioned accounts.
        rw("properties.shareQuota", Int(1, 262_144)).default("5120"),
        rw("properties.provisionedIops", Int(0, i32::MAX as i64)),
        rw("properties.provisionedBandwidthMibps", Int(0, i32::MAX as i64)),
        rw("properties.enabledProtocols", OneOf(&["SMB", "NFS"])).fixed().default(r#""SMB""#),
        rw("properties.rootSquash", OneOf(&["NoRootSquash", "RootSquash", "AllSquash"])),
        rw("properties.accessTier", OneOf(&["TransactionOptimized", "Hot", "Cool", "Premium"])),
        rw("properties.signedIdentifiers", Any),
        rw("properties.fileSharePaidBursting", Any),
        ro("properties.includedBurstIops", Int(0, i64::MAX)),
        ro("properties.maxBurstCreditsForIops", Int(0, i64::MAX)),
        ro("properties.nextAllowedQuotaDowngradeTime", Text),
        ro("properties.nextAllowedProvisionedIopsDowngradeTime", Text),
        ro("properties.nextAllowedProvisionedBandwidthDowngradeTime", Text),
        ro("properties.lastModifiedTime", Text),
        ro("properties.version", Text),
        ro("properties.deleted", Bool),
        ro("properties.deletedTime", Text),
        ro("properties.remainingRetentionDays", Int(0, 365)),
        ro("properties.accessTierChangeTime", Text),
        ro("properties.accessTierStatus", Text),
        ro("properties.shareUsageBytes", Int(0, i64::MAX)),
        ro("properties.leaseStatus", Word),
        ro("properties.leaseState", Word),
        ro("properties.leaseDuration", Word),
        ro("properties.snapshotTime", Text),
    ],
    source: "type definitions of Microsoft.Storage 2026-04-01; accepted statuses: go-azure-sdk storage \
             2025-08-01; names: learn.microsoft.com, naming shares",
};
