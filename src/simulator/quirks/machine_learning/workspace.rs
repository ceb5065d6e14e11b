//! Machine learning workspaces.

use serde_json::{Value, json};

use crate::kinds::{COMPUTE, ResourceId};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::private_link::show_connections;
use crate::simulator::quirks::{Quirk, private_link};
use crate::simulator::route::Request;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, TENANT, body};

/// Days that a deleted workspace keeps its name.
const RETENTION_DAYS: i64 = 14;

/// Kinds of workspaces that cannot be without these resources.
const NEEDS_DEPENDENCIES: &[&str] = &["Default", "FeatureStore"];

const DEPENDENCIES: [&str; 3] =
    ["properties.storageAccount", "properties.keyVault", "properties.applicationInsights"];

/// Isolation modes from the weakest on: a workspace goes only forward.
const MODES: [&str; 3] = ["Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound"];

pub(super) struct Workspace;

impl Quirk for Workspace {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let identity = draft.text("identity.type").unwrap_or("None");
        if identity == "None" {
            return Err(Refusal::new(
                400,
                "BadRequest",
                "Make sure to create your workspace using a client which support MSI",
            )
            .into());
        }
        if identity == "UserAssigned"
            && draft.text("properties.primaryUserAssignedIdentity").is_none_or(str::is_empty)
        {
            return Err(invalid(
                "A workspace with only user-assigned identities needs primaryUserAssignedIdentity.",
            ));
        }
        let kind = draft.text("kind").unwrap_or("Default");
        if NEEDS_DEPENDENCIES.iter().any(|needs| needs.eq_ignore_ascii_case(kind))
            && DEPENDENCIES.iter().any(|path| draft.text(path).is_none_or(str::is_empty))
        {
            return Err(Refusal::new(
                400,
                "ValidationError",
                "Missing dependent resources in workspace json",
            )
            .target("workspace")
            .detail("Invalid", "Missing dependent resources in workspace json")
            .into());
        }
        only_strengthens(draft)?;
        if draft.is_new() {
            come_back(cx, draft)?;
        }
        // Whatever is asked for, the service keeps one SKU.
        body::set(&mut draft.written, "sku", json!({ "name": "Basic", "tier": "Basic" }));
        stamp(cx, draft)
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        show_connections(cx, resource, shown)?;
        as_read_back(shown);
        let count = body::values(shown, "properties.privateEndpointConnections[]").len();
        let computes = cx.store.count_children(&resource.key(), COMPUTE.resource_type)?;
        body::set(shown, "properties.privateLinkCount", json!(count));
        body::set(shown, "properties.notebookInfo.isPrivateLinkEnabled", json!(count > 0));
        let mode = body::text(shown, "properties.managedNetwork.isolationMode").unwrap_or("Disabled");
        if mode != "Disabled" && body::get(shown, "properties.managedNetwork.status").is_none() {
            // The first compute has the network built.
            let status = if computes > 0 { "Active" } else { "Inactive" };
            body::set(
                shown,
                "properties.managedNetwork.status",
                json!({ "sparkReady": false, "status": status }),
            );
        }
        Ok(())
    }

    fn purges(&self, request: &Request<'_>) -> bool {
        request.query("forceToPurge").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn retention_days(&self, _resource: &Resource) -> Option<i64> {
        Some(RETENTION_DAYS)
    }
}

/// What the service makes of what was sent (recorded answers): one namespace in
/// another casing, empty texts and nulls for what is not there.
fn as_read_back(shown: &mut Value) {
    if let Some(vault) = body::text(shown, "properties.keyVault") {
        let recased = vault.replace("/Microsoft.KeyVault/", "/Microsoft.Keyvault/");
        body::set(shown, "properties.keyVault", json!(recased));
    }
    for (path, nothing) in [
        ("properties.containerRegistry", json!("")),
        ("properties.applicationInsights", Value::Null),
        ("properties.imageBuildCompute", Value::Null),
        ("tags", json!({})),
    ] {
        if body::get(shown, path).is_none() {
            body::set(shown, path, nothing);
        }
    }
}

fn invalid(text: &str) -> crate::simulator::answer::Stop {
    Refusal::new(400, "ValidationError", text).target("workspace").into()
}

fn only_strengthens(draft: &Draft) -> Outcome<()> {
    let rank = |written: &Value| {
        let mode = body::text(written, "properties.managedNetwork.isolationMode").unwrap_or("Disabled");
        MODES.iter().position(|known| *known == mode)
    };
    match &draft.old {
        Some(old) if rank(&draft.written) < rank(&old.written) => Err(invalid(
            "The isolation mode of a managed network cannot be changed to a weaker one once it has been enabled.",
        )),
        _ => Ok(()),
    }
}

/// Judges a creation over the name of a deleted workspace: with the same
/// dependencies it brings the old one back, where the settings say so.
fn come_back(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
    let Some(deleted) = cx.store.deleted(&draft.id.canonical())? else { return Ok(()) };
    let same = DEPENDENCIES.iter().all(|path| {
        let id = |written: &Value| body::text(written, path).and_then(|text| ResourceId::parse(text).ok());
        id(&deleted.written) == id(&draft.written)
    });
    if !(cx.settings.behaviour.workspace_recover && same) {
        return Err(Refusal::new(
            400,
            "BadRequest",
            "Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete",
        )
        .into());
    }
    draft.stamped["properties"] = deleted.stamped["properties"].clone();
    Ok(cx.store.forget(&draft.id.canonical())?)
}

fn stamp(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
    draft.stamp_once("properties.workspaceId", || Ok(json!(cx.store.guid()?)))?;
    draft.stamp_once("properties.tenantId", || Ok(json!(TENANT)))?;
    let workspace = body::text(&draft.stamped, "properties.workspaceId").unwrap_or_default().to_owned();
    let location = draft.text("location").unwrap_or_default().to_owned();
    let id = draft.id.to_string();
    let host = private_link::notebook_name(draft.id.name(), &location, &workspace);
    for (path, value) in [
        ("discoveryUrl", json!(format!("https://{location}.api.azureml.ms/discovery"))),
        ("mlFlowTrackingUri", json!(format!("azureml://{location}.api.azureml.ms/mlflow/v1.0{id}"))),
        ("notebookInfo", json!({ "resourceId": workspace, "fqdn": host })),
        ("storageHnsEnabled", json!(false)),
    ] {
        draft.stamp_once(&format!("properties.{path}"), || Ok(value))?;
    }
    Ok(())
}
