//! What can be asked of a workspace by POST, and what is read beside it.

use serde_json::{Value, json};

use super::{compute, workspace};
use crate::kinds::{COMPUTE, ResourceId, WORKSPACE};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::operation::{self, Action};
use crate::simulator::quirks::data::storage_account;
use crate::simulator::quirks::{private_link, secret};
use crate::simulator::store::Resource;
use crate::simulator::{Cx, body};

/// The provisioning of a managed network, without and with Spark.
pub(super) const PROVISION: &str = "provisionmanagednetwork";
pub(super) const PROVISION_WITH_SPARK: &str = "provisionmanagednetwork with spark";

/// Seconds that an action takes; half an hour for a managed network is the
/// documentation's, the others are short.
const SHORTLY: f64 = 10.0;
const DIAGNOSIS: f64 = 30.0;
const NETWORK: f64 = 1800.0;

/// Seconds that a notebook token is good for.
const TOKEN: i64 = 3600;

/// Answers a POST to a workspace.
pub(super) fn act(cx: &Cx<'_>, resource: &Resource, action: &str, sent: &Value) -> Outcome<Option<Answer>> {
    let begin = |name, seconds, alone, answer| {
        operation::act(cx, resource, Action { name, seconds, alone, answer }).map(Some)
    };
    let now = |body: Value| Ok(Some(Answer::json(200, body)));
    match action {
        "diagnose" => begin("diagnose", DIAGNOSIS, false, Some(diagnosis(cx, resource)?)),
        "resynckeys" => begin("resynckeys", SHORTLY, true, None),
        "preparenotebook" => begin("preparenotebook", SHORTLY, false, Some(notebook(resource))),
        "provisionmanagednetwork" => {
            if workspace::isolation(&resource.written) == workspace::UNMANAGED {
                return Err(Refusal::new(
                    400,
                    "ValidationError",
                    format!("The workspace '{}' has no managed network to provision.", resource.id.name()),
                )
                .target("workspace")
                .into());
            }
            let had = body::get(&resource.stamped, "properties.managedNetwork.status.sparkReady");
            let spark = sent["includeSpark"] == json!(true);
            let ready = spark || had == Some(&json!(true));
            let name = if spark { PROVISION_WITH_SPARK } else { PROVISION };
            begin(name, NETWORK, true, Some(json!({ "sparkReady": ready, "status": "Active" })))
        }
        "listkeys" => now(keys(cx, resource)?),
        "liststorageaccountkeys" => now(match target(cx, resource, "storageAccount")? {
            Some(account) => json!({ "userStorageKey": storage_account::key(&account, "key1") }),
            None => json!({}),
        }),
        "listnotebookkeys" => now(notebook_keys(resource)),
        "listnotebookaccesstoken" => {
            let notebook = notebook(resource);
            now(json!({
                "accessToken": secret(resource, "notebook token"), "refreshToken": secret(resource, "notebook refresh"),
                "tokenType": "Bearer", "expiresIn": TOKEN, "scope": "aznb_identity", "hostName": notebook["fqdn"],
                "publicDns": notebook["fqdn"], "notebookResourceId": notebook["resourceId"],
            }))
        }
        _ => Ok(None),
    }
}

/// What a workspace names as one of the resources that it stands on.
pub(super) fn target(cx: &Cx<'_>, workspace: &Resource, name: &str) -> Outcome<Option<Resource>> {
    let id = body::text(&workspace.written, &format!("properties.{name}"));
    Ok(match id.and_then(|text| ResourceId::parse(text).ok()) {
        Some(id) => cx.store.resource(&id.canonical())?,
        None => None,
    })
}

fn notebook(workspace: &Resource) -> Value {
    workspace.stamped["properties"]["notebookInfo"].clone()
}

fn notebook_keys(workspace: &Resource) -> Value {
    json!({
        "primaryAccessKey": secret(workspace, "notebook primary"),
        "secondaryAccessKey": secret(workspace, "notebook secondary"),
    })
}

fn keys(cx: &Cx<'_>, workspace: &Resource) -> Outcome<Value> {
    let mut keys = json!({ "notebookAccessKeys": notebook_keys(workspace) });
    if let Some(account) = target(cx, workspace, "storageAccount")? {
        keys["userStorageArmId"] = json!(account.id.as_str());
        keys["userStorageKey"] = json!(storage_account::key(&account, "key1"));
    }
    if let Some(component) = target(cx, workspace, "applicationInsights")?
        && let Some(key) = body::get(&component.stamped, "properties.InstrumentationKey")
    {
        keys["appInsightsInstrumentationKey"] = key.clone();
    }
    if let Some(registry) = target(cx, workspace, "containerRegistry")?
        && body::get(&registry.written, "properties.adminUserEnabled") == Some(&json!(true))
    {
        let passwords =
            ["password", "password2"].map(|name| json!({ "name": name, "value": secret(&registry, name) }));
        keys["containerRegistryCredentials"] = json!({
            "location": registry.written["location"], "username": registry.id.name(), "passwords": passwords,
        });
    }
    Ok(keys)
}

/// What the service finds wrong. Of its codes only these two are in public
/// documents.
fn diagnosis(cx: &Cx<'_>, workspace: &Resource) -> Outcome<Value> {
    let mut found = json!({
        "userDefinedRouteResults": [], "networkSecurityRuleResults": [], "resourceLockResults": [],
        "dnsResolutionResults": [], "storageAccountResults": [], "keyVaultResults": [],
        "containerRegistryResults": [], "applicationInsightsResults": [], "otherResults": [],
    });
    for network in networks(cx, workspace)? {
        if !body::values(&network.written, "properties.dhcpOptions.dnsServers[]").is_empty() {
            found["dnsResolutionResults"] = json!([{
                "code": "CustomDnsInUse", "level": "Warning",
                "message": format!(
                    "The virtual network {} uses custom DNS servers. They must resolve the names of the workspace.",
                    network.id
                ),
            }]);
        }
    }
    let builder = body::text(&workspace.written, "properties.imageBuildCompute").unwrap_or_default();
    if !builder.is_empty() {
        let id = workspace.id.child(&COMPUTE, builder);
        let cluster =
            cx.store.resource(&id.canonical())?.is_some_and(|row| compute::is_cluster(&row.written));
        if !cluster {
            found["containerRegistryResults"] = json!([{
                "code": "ImageBuildComputeNotValid", "level": "Error",
                "message": format!("The compute '{builder}' that is to build images is no cluster of the workspace."),
            }]);
        }
    }
    Ok(json!({ "value": found }))
}

/// The networks of the private endpoints that lead to the workspace, and of its computes.
fn networks(cx: &Cx<'_>, workspace: &Resource) -> Outcome<Vec<Resource>> {
    let mut subnets = Vec::new();
    for connection in
        cx.store.children(&workspace.key(), &private_link::connection_type(WORKSPACE.resource_type))?
    {
        let endpoint = body::text(&connection.written, "properties.privateEndpoint.id")
            .and_then(|text| ResourceId::parse(text).ok());
        if let Some(id) = endpoint
            && let Some(endpoint) = cx.store.resource(&id.canonical())?
        {
            subnets.extend(body::text(&endpoint.written, "properties.subnet.id").map(str::to_owned));
        }
    }
    for compute in cx.store.children(&workspace.key(), COMPUTE.resource_type)? {
        subnets.extend(body::text(&compute.written, compute::SUBNET).map(str::to_owned));
    }
    let mut found: Vec<Resource> = Vec::new();
    for id in subnets.iter().filter_map(|text| ResourceId::parse(text).ok()?.parent()) {
        if !found.iter().any(|known| known.id == id) {
            found.extend(cx.store.resource(&id.canonical())?);
        }
    }
    Ok(found)
}

/// What is read beside a workspace: `GET {workspace}/{what}`, in lower case.
pub(super) const BESIDE: [&str; 4] =
    ["usages", "privatelinkresources", "features", "outboundnetworkdependenciesendpoints"];

/// Answers one of [`BESIDE`].
pub(super) fn read(cx: &Cx<'_>, workspace: &Resource, what: &str) -> Outcome<Option<Answer>> {
    let list = |items: Value| Ok(Some(Answer::json(200, json!({ "value": items }))));
    match what {
        "usages" => list(super::quota::of_workspace(cx, workspace)?),
        "privatelinkresources" => list(link_resources(workspace)),
        "features" => list(json!([])),
        "outboundnetworkdependenciesendpoints" => list(dependencies(workspace)),
        _ => Ok(None),
    }
}

fn link_resources(workspace: &Resource) -> Value {
    let groups = private_link::groups(WORKSPACE.resource_type).into_iter().map(|group| {
        let members = private_link::members(workspace, group).unwrap_or_default();
        let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        let mut zones: Vec<&str> =
            members.iter().flat_map(|member| member.names.iter().map(|name| name.zone)).collect();
        zones.sort_unstable();
        zones.dedup();
        json!({
            "id": format!("{}/privateLinkResources/{group}", workspace.id), "name": group,
            "type": format!("{}/privateLinkResources", WORKSPACE.resource_type),
            "location": workspace.written["location"],
            "properties": { "groupId": group, "requiredMembers": names, "requiredZoneNames": zones },
        })
    });
    groups.collect()
}

/// Hosts that computes of the workspace must reach (azure-machine-learning
/// documentation, required outbound traffic).
fn dependencies(workspace: &Resource) -> Value {
    let region = body::text(&workspace.written, "location").unwrap_or_default();
    let endpoint = |host: String, ports: &[u16]| {
        let details: Vec<Value> = ports.iter().map(|port| json!({ "port": port })).collect();
        json!({ "domainName": host, "endpointDetails": details })
    };
    let blocks = [
        ("Azure Active Directory", vec![endpoint("login.microsoftonline.com".to_owned(), &[80, 443])]),
        ("Azure portal", vec![endpoint("management.azure.com".to_owned(), &[443])]),
        (
            "Azure Machine Learning",
            vec![
                endpoint(format!("{region}.api.azureml.ms"), &[443]),
                endpoint(format!("{region}.tundra.azureml.ms"), &[5831]),
                endpoint("*.instances.azureml.ms".to_owned(), &[443, 8787, 18881]),
            ],
        ),
        (
            "Azure Batch",
            vec![
                endpoint(format!("*.{region}.batch.azure.com"), &[443]),
                endpoint(format!("*.{region}.service.batch.azure.com"), &[443]),
            ],
        ),
        (
            "Azure Storage",
            vec![
                endpoint("*.blob.core.windows.net".to_owned(), &[443]),
                endpoint("*.queue.core.windows.net".to_owned(), &[443]),
                endpoint("*.table.core.windows.net".to_owned(), &[443]),
            ],
        ),
        ("Microsoft Container Registry", vec![endpoint("mcr.microsoft.com".to_owned(), &[443])]),
    ];
    blocks
        .into_iter()
        .map(
            |(category, endpoints)| json!({ "properties": { "category": category, "endpoints": endpoints } }),
        )
        .collect()
}
