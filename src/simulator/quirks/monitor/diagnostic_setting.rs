//! Diagnostic settings: what a resource can tell of, and where it is sent.

use http::Method;
use serde_json::{Value, json};

use crate::kinds::{DIAGNOSTIC_SETTING, ResourceId};
use crate::simulator::answer::{Answer, Outcome, Refusal, Stop};
use crate::simulator::quirks::{Quirk, id_of};
use crate::simulator::route::Request;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, read};

/// How many settings a resource may have.
const MOST: usize = 5;

/// Where a setting can send to: at least one of these.
const SINKS: [&str; 5] = [
    "properties.workspaceId",
    "properties.storageAccountId",
    "properties.eventHubAuthorizationRuleId",
    "properties.serviceBusRuleId",
    "properties.marketplacePartnerId",
];

/// What a resource type can tell of.
struct Categories {
    kind: &'static str,
    logs: &'static [&'static str],
    /// Those of the logs that the group `audit` stands for.
    audit: &'static [&'static str],
    metrics: &'static [&'static str],
}

const STORAGE_LOGS: &[&str] = &["StorageRead", "StorageWrite", "StorageDelete"];
const STORAGE_METRICS: &[&str] = &["Transaction", "Capacity"];
const METRICS: &[&str] = &["AllMetrics"];

const fn of(
    kind: &'static str,
    logs: &'static [&'static str],
    audit: &'static [&'static str],
    metrics: &'static [&'static str],
) -> Categories {
    Categories { kind, logs, audit, metrics }
}

/// The types whose categories are known (learn.microsoft.com, "Supported
/// resource logs" and "Supported metrics").
const KNOWN: &[Categories] = &[
    of("Microsoft.Storage/storageAccounts", &[], &[], STORAGE_METRICS),
    of("Microsoft.Storage/storageAccounts/blobServices", STORAGE_LOGS, STORAGE_LOGS, STORAGE_METRICS),
    of("Microsoft.Storage/storageAccounts/fileServices", STORAGE_LOGS, STORAGE_LOGS, STORAGE_METRICS),
    of("Microsoft.Storage/storageAccounts/queueServices", STORAGE_LOGS, STORAGE_LOGS, STORAGE_METRICS),
    of("Microsoft.Storage/storageAccounts/tableServices", STORAGE_LOGS, STORAGE_LOGS, STORAGE_METRICS),
    of(
        "Microsoft.KeyVault/vaults",
        &["AuditEvent", "AzurePolicyEvaluationDetails"],
        &["AuditEvent"],
        METRICS,
    ),
    of(
        "Microsoft.ContainerRegistry/registries",
        &["ContainerRegistryRepositoryEvents", "ContainerRegistryLoginEvents"],
        &["ContainerRegistryRepositoryEvents", "ContainerRegistryLoginEvents"],
        METRICS,
    ),
    of(
        "Microsoft.MachineLearningServices/workspaces",
        &[
            "AmlComputeClusterEvent",
            "AmlComputeClusterNodeEvent",
            "AmlComputeJobEvent",
            "AmlComputeCpuGpuUtilization",
            "AmlRunStatusChangedEvent",
            "ModelsChangeEvent",
            "ModelsReadEvent",
            "ModelsActionEvent",
            "DeploymentReadEvent",
            "DeploymentEventACI",
            "DeploymentEventAKS",
            "InferencingOperationAKS",
            "InferencingOperationACI",
            "EnvironmentChangeEvent",
            "EnvironmentReadEvent",
            "DataLabelChangeEvent",
            "DataLabelReadEvent",
            "ComputeInstanceEvent",
            "DataStoreChangeEvent",
            "DataStoreReadEvent",
            "DataSetChangeEvent",
            "DataSetReadEvent",
            "PipelineChangeEvent",
            "PipelineReadEvent",
            "RunEvent",
            "RunReadEvent",
        ],
        &[],
        METRICS,
    ),
    of(
        "Microsoft.Insights/components",
        &[
            "AppAvailabilityResults",
            "AppBrowserTimings",
            "AppDependencies",
            "AppEvents",
            "AppExceptions",
            "AppMetrics",
            "AppPageViews",
            "AppPerformanceCounters",
            "AppRequests",
            "AppSystemEvents",
            "AppTraces",
        ],
        &[],
        METRICS,
    ),
    of("Microsoft.OperationalInsights/workspaces", &["Audit", "SummaryLogs"], &["Audit"], METRICS),
    of("Microsoft.Network/virtualNetworks", &["VMProtectionAlerts"], &[], METRICS),
    of(
        "Microsoft.Network/networkSecurityGroups",
        &["NetworkSecurityGroupEvent", "NetworkSecurityGroupRuleCounter"],
        &[],
        &[],
    ),
    of("Microsoft.Network/networkInterfaces", &[], &[], METRICS),
    of("Microsoft.Network/privateEndpoints", &[], &[], METRICS),
    of(
        "Microsoft.Network/publicIPAddresses",
        &["DDoSProtectionNotifications", "DDoSMitigationFlowLogs", "DDoSMitigationReports"],
        &[],
        METRICS,
    ),
    of("Microsoft.Network/bastionHosts", &["BastionAuditLogs"], &["BastionAuditLogs"], METRICS),
    of(
        "Microsoft.Resources/subscriptions",
        &[
            "Administrative",
            "Security",
            "ServiceHealth",
            "Alert",
            "Recommendation",
            "Policy",
            "Autoscale",
            "ResourceHealth",
        ],
        &[],
        &[],
    ),
];

fn known(scope: &ResourceId) -> Option<&'static Categories> {
    let kind = scope.resource_type();
    KNOWN.iter().find(|of| of.kind.eq_ignore_ascii_case(&kind))
}

pub(super) struct DiagnosticSetting;

impl Quirk for DiagnosticSetting {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let Some(scope) = draft.id.parent() else { return Ok(()) };
        if scope.resource_group_id().as_ref() == Some(&scope) {
            return Err(bad(format!("The resource type '{}' is not supported.", scope.resource_type())));
        }
        let sinks = |body: &Value| -> Vec<String> {
            let texts = SINKS.iter().filter_map(|path| body::text(body, path));
            texts.filter(|text| !text.is_empty()).map(str::to_ascii_lowercase).collect()
        };
        let own = sinks(&draft.written);
        if own.is_empty() {
            return Err(bad("At least one data sink needs to be specified."));
        }
        let wanted = categories(&scope, &draft.written)?;
        let others: Vec<_> = cx
            .store
            .children(&scope.canonical(), DIAGNOSTIC_SETTING.resource_type)?
            .into_iter()
            .filter(|other| other.id != draft.id)
            .collect();
        if draft.is_new() && others.len() >= MOST {
            return Err(bad(format!("The limit of {MOST} diagnostic settings was reached for '{scope}'.")));
        }
        for other in others {
            let theirs = categories(&scope, &other.written)?;
            let sink = sinks(&other.written).into_iter().find(|sink| own.contains(sink));
            let category = theirs.iter().find(|category| wanted.contains(category));
            if let (Some(sink), Some(category)) = (sink, category) {
                return Err(Refusal::new(
                    409,
                    "Conflict",
                    format!(
                        "Data sink '{sink}' is already used in diagnostic setting '{}' for category '{category}'. Data \
                         sinks can't be reused in different settings on the same category for the same resource.",
                        other.id.name()
                    ),
                )
                .into());
            }
        }
        Ok(())
    }
}

/// The categories that a setting turns on, groups spelled out; refuses those
/// that the resource does not have.
fn categories(scope: &ResourceId, written: &Value) -> Outcome<Vec<String>> {
    let mut on = Vec::new();
    for (list, is_log) in [("properties.logs[]", true), ("properties.metrics[]", false)] {
        for item in body::values(written, list) {
            let Some(enabled) = item["enabled"].as_bool() else {
                return Err(bad(format!("Required property 'enabled' not found in '{list}'.")));
            };
            let found = match (item["category"].as_str(), item["categoryGroup"].as_str()) {
                (Some(category), None) => one(scope, category, is_log)?,
                (None, Some(group)) if is_log => grouped(scope, group)?,
                _ => return Err(bad("Either a category or a category group has to be specified.")),
            };
            if enabled {
                on.extend(found);
            }
        }
    }
    Ok(on)
}

fn one(scope: &ResourceId, category: &str, is_log: bool) -> Outcome<Vec<String>> {
    let Some(known) = known(scope) else { return Ok(vec![category.to_owned()]) };
    let all = if is_log { known.logs } else { known.metrics };
    // All metrics at once go by one name everywhere.
    let every = !is_log && category.eq_ignore_ascii_case(METRICS[0]) && !all.is_empty();
    match all.iter().find(|name| name.eq_ignore_ascii_case(category)) {
        Some(name) => Ok(vec![(*name).to_owned()]),
        None if every => Ok(all.iter().map(|name| (*name).to_owned()).collect()),
        None => Err(bad(format!("Category '{category}' is not supported."))),
    }
}

fn grouped(scope: &ResourceId, group: &str) -> Outcome<Vec<String>> {
    let Some(known) = known(scope) else { return Ok(vec![group.to_owned()]) };
    let names = match group.to_ascii_lowercase().as_str() {
        "alllogs" => known.logs,
        "audit" => known.audit,
        _ => &[],
    };
    if names.is_empty() {
        return Err(bad(format!("Category group '{group}' is not supported.")));
    }
    Ok(names.iter().map(|name| (*name).to_owned()).collect())
}

fn bad(text: impl Into<String>) -> Stop {
    Refusal::new(400, "BadRequest", text).into()
}

/// Answers what a resource can tell of.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    let (scope, name) = match lower {
        [scope @ .., "providers", "microsoft.insights", "diagnosticsettingscategories"] => (scope, None),
        [scope @ .., "providers", "microsoft.insights", "diagnosticsettingscategories", name] => {
            (scope, Some(*name))
        }
        _ => return Ok(None),
    };
    let Some(scope) = id_of(scope).filter(|_| *request.method == Method::GET) else { return Ok(None) };
    let spelled = if scope.parent().is_some() { read::find(cx, &scope)?.id } else { scope };
    let Some(known) = known(&spelled) else {
        return Err(bad(format!("The resource type '{}' is not supported.", spelled.resource_type())));
    };
    let logs = known.logs.iter().map(|name| (*name, "Logs"));
    let all = logs.chain(known.metrics.iter().map(|name| (*name, "Metrics")));
    let items: Vec<Value> = all
        .filter(|(of, _)| name.is_none_or(|name| of.eq_ignore_ascii_case(name)))
        .map(|(name, kind)| {
            let mut groups = Vec::new();
            if kind == "Logs" {
                groups.extend(known.audit.contains(&name).then_some("audit"));
                groups.push("allLogs");
            }
            json!({
                "id": format!("{spelled}/providers/microsoft.insights/diagnosticSettingsCategories/{name}"),
                "name": name, "type": "microsoft.insights/diagnosticSettingsCategories",
                "properties": { "categoryType": kind, "categoryGroups": groups },
            })
        })
        .collect();
    Ok(Some(match (name, items.first()) {
        (None, _) => Answer::json(200, json!({ "value": items })),
        (Some(_), Some(item)) => Answer::json(200, item.clone()),
        (Some(name), None) => {
            return Err(Refusal::new(
                404,
                "ResourceNotFound",
                format!("The category '{name}' was not found for '{spelled}'."),
            )
            .into());
        }
    }))
}
