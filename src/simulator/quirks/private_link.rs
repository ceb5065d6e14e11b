//! What can be reached through a private endpoint: the groups of each target,
//! the members of a group with their own address, and the names that lead to
//! each (private-endpoint-dns and how-to-custom-dns of the documentation).

use http::Method;
use serde_json::{Value, json};

use super::id_of;
use crate::kinds::zones::{GROUPS, zones};
use crate::kinds::{Cloud, ResourceId};
use crate::simulator::answer::{Answer, Outcome, no_resource};
use crate::simulator::route::Request;
use crate::simulator::store::Resource;
use crate::simulator::{Cx, body, read, type_of};

/// One address that an endpoint gets, and what resolves to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Its `requiredMemberName`.
    pub(super) name: String,
    pub(super) names: Vec<Name>,
}

/// A host name, public and private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// `stml.blob.core.windows.net`.
    pub(super) fqdn: String,
    /// The private zone its record belongs to.
    pub(super) zone: &'static str,
    /// The record's name in that zone.
    pub(super) record: String,
}

/// Where a registry notes its regions but its home.
pub(super) const REGIONS: &str = "regions";
/// The zone of every group of a Databricks workspace.
const DATABRICKS: &str = "privatelink.azuredatabricks.net";

/// The longest label of a host name.
const LABEL: usize = 63;

/// Whether resources of this type can be reached privately at all.
pub(super) fn is_target(kind: &str) -> bool {
    GROUPS.iter().any(|(_, of)| of.eq_ignore_ascii_case(kind))
}

/// The group ids of a target type.
pub(super) fn groups(kind: &str) -> Vec<&'static str> {
    GROUPS.iter().filter(|(_, of)| of.eq_ignore_ascii_case(kind)).map(|(group, _)| *group).collect()
}

/// The members of a group of `target`; `None` where the target has no such group.
pub(super) fn members(target: &Resource, group: &str) -> Option<Vec<Member>> {
    let kind = target.id.resource_type();
    let primary = group.strip_suffix("_secondary").unwrap_or(group).to_ascii_lowercase();
    if !groups(&kind).contains(&primary.as_str()) {
        return None;
    }
    let name = target.id.name().to_ascii_lowercase();
    let location = body::text(&target.written, "location").unwrap_or_default();
    let one = |member: &str, fqdn: String, zone: &'static str, record: String| Member {
        name: member.to_owned(),
        names: vec![Name { fqdn, zone, record }],
    };
    let storage = |zone: &'static str| {
        let host = if group.ends_with("_secondary") { format!("{name}-secondary") } else { name.clone() };
        vec![one(group, format!("{host}.{primary}.core.windows.net"), zone, host)]
    };
    Some(match primary.as_str() {
        "blob" => storage("privatelink.blob.core.windows.net"),
        "file" => storage("privatelink.file.core.windows.net"),
        "queue" => storage("privatelink.queue.core.windows.net"),
        "table" => storage("privatelink.table.core.windows.net"),
        "dfs" => storage("privatelink.dfs.core.windows.net"),
        "web" => storage("privatelink.web.core.windows.net"),
        "vault" => {
            vec![one(
                "default",
                format!("{name}.vault.azure.net"),
                "privatelink.vaultcore.azure.net",
                name.clone(),
            )]
        }
        "registry" => {
            const ZONE: &str = "privatelink.azurecr.io";
            let more = body::values(&target.stamped, &format!("{REGIONS}[]"));
            let regions = [location].into_iter().chain(more.into_iter().filter_map(Value::as_str));
            let mut all: Vec<Member> = regions
                .map(|region| {
                    let host = format!("{name}.{region}.data");
                    one(&format!("registry_data_{region}"), format!("{host}.azurecr.io"), ZONE, host)
                })
                .collect();
            all.push(one("registry", format!("{name}.azurecr.io"), ZONE, name.clone()));
            all
        }
        "databricks_ui_api" => {
            let host = body::text(&target.stamped, "properties.workspaceUrl").unwrap_or_default();
            let record = host.trim_end_matches(".azuredatabricks.net").to_owned();
            vec![one(group, host.to_owned(), DATABRICKS, record)]
        }
        "browser_authentication" => {
            let record = format!("{location}.pl-auth");
            vec![one(group, format!("{record}.azuredatabricks.net"), DATABRICKS, record)]
        }
        "amlworkspace" => workspace(target, location),
        "azuremonitor" => monitor(target),
        _ => return None,
    })
}

fn workspace(target: &Resource, location: &str) -> Vec<Member> {
    const API: &str = "privatelink.api.azureml.ms";
    const NOTEBOOKS: &str = "privatelink.notebooks.azure.net";
    let id = body::text(&target.stamped, "properties.workspaceId").unwrap_or_default();
    let api = |record: String| Name { fqdn: format!("{record}.api.azureml.ms"), zone: API, record };
    vec![
        Member {
            name: "default".to_owned(),
            names: vec![
                api(format!("{id}.workspace.{location}")),
                Name {
                    fqdn: format!("{id}.workspace.{location}.cert.api.azureml.ms"),
                    zone: API,
                    record: format!("{id}.workspace.{location}.cert"),
                },
            ],
        },
        Member {
            name: "notebook".to_owned(),
            names: vec![Name {
                fqdn: notebook_host(target),
                zone: NOTEBOOKS,
                record: notebook_host(target).trim_end_matches(".notebooks.azure.net").to_owned(),
            }],
        },
        Member {
            name: "inference".to_owned(),
            names: vec![Name {
                fqdn: format!("*.{id}.inference.{location}.api.azureml.ms"),
                zone: API,
                record: format!("*.{id}.inference.{location}"),
            }],
        },
    ]
}

/// The hosts of Azure Monitor that all share, and those of each workspace that
/// is linked to the scope.
fn monitor(target: &Resource) -> Vec<Member> {
    const MONITOR: &str = "privatelink.monitor.azure.com";
    const SHARED: [&str; 7] = [
        "api",
        "global.in.ai",
        "profiler",
        "live",
        "diagservices-query",
        "snapshot",
        "global.handler.control",
    ];
    const OF_WORKSPACES: [(&str, &str, &str); 3] = [
        ("oms", "oms.opinsights.azure.com", "privatelink.oms.opinsights.azure.com"),
        ("ods", "ods.opinsights.azure.com", "privatelink.ods.opinsights.azure.com"),
        ("agentsvc", "agentsvc.azure-automation.net", "privatelink.agentsvc.azure-automation.net"),
    ];
    let member = |name: &str, names: Vec<Name>| Member { name: name.to_owned(), names };
    let name = |record: &str, suffix: &str, zone: &'static str| Name {
        fqdn: format!("{record}.{suffix}"),
        zone,
        record: record.to_owned(),
    };
    let customers: Vec<&str> =
        body::values(&target.stamped, "customers[]").into_iter().filter_map(Value::as_str).collect();
    let mut all: Vec<Member> =
        SHARED.iter().map(|host| member(host, vec![name(host, "monitor.azure.com", MONITOR)])).collect();
    all.extend(OF_WORKSPACES.iter().map(|(service, suffix, zone)| {
        member(service, customers.iter().map(|id| name(id, suffix, zone)).collect())
    }));
    let blob = name("scadvisorcontentpl", "blob.core.windows.net", "privatelink.blob.core.windows.net");
    all.push(member("scadvisorcontentpl", vec![blob]));
    all
}

/// `ml-{name}-{region}-{guid}.{region}.notebooks.azure.net`, the name cut so
/// that the first label is one.
pub(super) fn notebook_host(workspace: &Resource) -> String {
    let id = body::text(&workspace.stamped, "properties.workspaceId").unwrap_or_default();
    let location = body::text(&workspace.written, "location").unwrap_or_default();
    notebook_name(workspace.id.name(), location, id)
}

/// The same before there is a row.
pub(super) fn notebook_name(name: &str, location: &str, id: &str) -> String {
    let around = "ml---".len() + location.len() + id.len();
    let name: String = name.to_ascii_lowercase().chars().take(LABEL.saturating_sub(around)).collect();
    format!("ml-{name}-{location}-{id}.{location}.notebooks.azure.net")
}

/// Answers the groups of a target: `privateLinkResources` below it, each with
/// its members and zones.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    let (target, name) = match lower {
        [target @ .., "privatelinkresources"] => (target, None),
        [target @ .., "privatelinkresources", name] => (target, Some(*name)),
        _ => return Ok(None),
    };
    let target = id_of(target).filter(|id| *request.method == Method::GET && is_target(&id.resource_type()));
    let Some(target) = target else { return Ok(None) };
    let row = read::find(cx, &target)?;
    let kind = type_of(&row.id);
    let items: Vec<Value> = groups(&kind)
        .into_iter()
        .filter(|group| name.is_none_or(|name| group.eq_ignore_ascii_case(name)))
        .map(|group| {
            let members: Vec<String> =
                members(&row, group).unwrap_or_default().into_iter().map(|member| member.name).collect();
            json!({
                "id": format!("{}/privateLinkResources/{group}", row.id),
                "name": group, "type": format!("{kind}/privateLinkResources"),
                "properties": {
                    "groupId": group, "requiredMembers": members,
                    "requiredZoneNames": zones(Cloud::Public, group),
                },
            })
        })
        .collect();
    Ok(Some(match (name, items.first()) {
        (None, _) => Answer::json(200, json!({ "value": items })),
        (Some(_), Some(item)) => Answer::json(200, item.clone()),
        (Some(name), None) => {
            let missing = ResourceId::parse(&format!("{}/privateLinkResources/{name}", row.id));
            return Err(no_resource(&missing.unwrap_or(target)).into());
        }
    }))
}

/// The type of the connections that a target lists.
pub(super) fn connection_type(target_type: &str) -> String {
    format!("{target_type}/privateEndpointConnections")
}

/// The action that approves connections of `target` (private link rbac).
pub(super) fn approval(target: &ResourceId) -> String {
    format!("{}Approval/action", connection_type(&type_of(target)))
}

/// `properties.privateEndpointConnections` of a target: what its rows say.
pub(super) fn connections(rows: &[Resource]) -> Value {
    rows.iter()
        .map(|row| {
            let mut item = serde_json::json!({
                "id": row.id.as_str(), "name": row.id.name(), "type": row.id.resource_type(),
            });
            body::merge(&mut item, &row.written);
            item
        })
        .collect()
}

/// `properties.privateEndpointConnections` of any target.
pub(super) fn show_connections(cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
    let kind = connection_type(&resource.id.resource_type());
    let rows = cx.store.children(&resource.key(), &kind)?;
    body::set(shown, "properties.privateEndpointConnections", connections(&rows));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notebook_label_is_never_too_long() {
        let id = "0d7d3dcb-95c4-5cbd-8b2c-1b5d5a0ef8a5";
        let host = notebook_name("a-workspace-with-a-long-name", "southeastasia", id);
        assert_eq!(host.split('.').next().map(str::len), Some(LABEL));
        assert_eq!(
            notebook_name("MlW", "eastus", id),
            format!("ml-mlw-eastus-{id}.eastus.notebooks.azure.net"),
        );
    }
}
