//! Application Insights components.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Int, Shape::Location,
    Shape::OneOf, Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro, rw,
};

/// An Application Insights component, over a Log Analytics workspace.
pub static APPLICATION_INSIGHTS: Kind = Kind {
    noun: "Application Insights component",
    resource_type: "Microsoft.Insights/components",
    api_version: "2020-02-02",
    name: NameRule {
        pattern: r#"^[^%&\\?/#:<>*"]*[^%&\\?/#:<>*". ]$"#,
        length: (1, 260),
        words: "1 to 260 characters but % & \\ ? / # : < > * \", not ending with a blank or full stop",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 5 },
    // Its PATCH takes tags only.
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 3, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("kind", Word).required(),
        ro("etag", Text),
        rw("properties", Any).required(),
        rw("properties.Application_Type", OneOf(&["web", "other"])).required().fixed(),
        rw("properties.Flow_Type", OneOf(&["Bluefield"])),
        rw("properties.Request_Source", OneOf(&["rest"])),
        rw("properties.HockeyAppId", Text),
        rw("properties.SamplingPercentage", Int(0, 100)),
        rw("properties.RetentionInDays", Int(30, 730)),
        rw("properties.DisableIpMasking", Bool),
        rw("properties.ImmediatePurgeDataOn30Days", Bool),
        // Once set it can be changed, not taken away; without it Azure attaches a workspace of its own.
        rw("properties.WorkspaceResourceId", Id),
        rw(
            "properties.IngestionMode",
            OneOf(&["ApplicationInsights", "ApplicationInsightsWithDiagnosticSettings", "LogAnalytics"]),
        ),
        rw("properties.publicNetworkAccessForIngestion", OneOf(&["Enabled", "Disabled"])),
        rw("properties.publicNetworkAccessForQuery", OneOf(&["Enabled", "Disabled"])),
        rw("properties.DisableLocalAuth", Bool),
        rw("properties.ForceCustomerStorageForProfiler", Bool),
        ro("properties.ApplicationId", Text),
        ro("properties.AppId", Word),
        ro("properties.Name", Text),
        ro("properties.InstrumentationKey", Word),
        ro("properties.ConnectionString", Text),
        ro("properties.CreationDate", Text),
        ro("properties.TenantId", Word),
        ro("properties.HockeyAppToken", Text),
        ro("properties.LaMigrationDate", Text),
        ro("properties.PrivateLinkScopedResources", Any),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Insights 2020-02-02; 200 only on PUT: go-azure-sdk \
             applicationinsights 2020-02-02; azurerm application_insights",
};
