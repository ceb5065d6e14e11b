//! Machine learning workspaces.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use super::{data, outbound_rule, workspace_actions};
use crate::kinds::{COMPUTE, OF_ITS_HUB, ONLINE_ENDPOINT, ResourceId, WORKSPACE};
use crate::simulator::answer::{Answer, Outcome, Refusal};
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

/// What became of the managed network: Azure's word, though it may be sent.
const NETWORK_STATUS: &str = "properties.managedNetwork.status";

/// The firewall that comes with rules on hosts.
const FIREWALL: &str = "properties.managedNetwork.firewallSku";

/// On for what shares its storage account with others, unless it is said.
const ISOLATED: &str = "properties.enableDataIsolation";

/// The hub of a project.
const HUB: &str = "properties.hubResourceId";

/// From where the internet reaches a workspace that is open to it: addresses, and how many of them at most.
const ADDRESSES: &str = "properties.ipAllowlist";
const MOST_ADDRESSES: usize = 200;

/// Two flags for one thing.
const PUBLIC: &str = "properties.publicNetworkAccess";
const PUBLIC_BEHIND_NETWORK: &str = "properties.allowPublicAccessWhenBehindVnet";

pub(super) struct Workspace;

impl Quirk for Workspace {
    fn normalise(&self, draft: &mut Draft) {
        body::take(&mut draft.written, NETWORK_STATUS);
        if draft.is_new() && body::get(&draft.written, ISOLATED).is_none() {
            let shared = draft
                .text("kind")
                .is_some_and(|kind| ["Hub", "Project"].iter().any(|known| known.eq_ignore_ascii_case(kind)));
            body::set(&mut draft.written, ISOLATED, json!(shared));
        }
        // With a key of the user's, whatever was sent (azurerm ai_foundry).
        if is(draft, "Hub") && body::get(&draft.written, "properties.encryption").is_some() {
            body::set(&mut draft.written, "properties.hbiWorkspace", json!(true));
        }
    }

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
        if identity.contains("UserAssigned")
            && body::get(&draft.written, "identity.userAssignedIdentities")
                .and_then(Value::as_object)
                .is_none_or(serde_json::Map::is_empty)
        {
            return Err(invalid("An identity of a type with UserAssigned needs userAssignedIdentities."));
        }
        keeps_identities(draft)?;
        only_strengthens(cx, draft)?;
        fit_to_stand_on(cx, draft)?;
        of_its_kind(cx, draft)?;
        one_word_on_access(draft);
        addresses(draft)?;
        if outbound_rule::unpack(cx, draft)? {
            // Work, even where nothing else of the body changes.
            draft.sent_only = json!({ "outboundRules": true });
        }
        if draft.is_new() {
            come_back(cx, draft)?;
        }
        // Whatever is asked for, the service keeps one SKU.
        body::set(&mut draft.written, "sku", json!({ "name": "Basic", "tier": "Basic" }));
        stamp(cx, draft)
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        data::make_defaults(cx, resource)?;
        outbound_rule::require(cx, resource)?;
        let at_once = body::get(&resource.written, "properties.provisionNetworkNow") == Some(&json!(true));
        if at_once && resource.state == "Creating" {
            provision(resource, false);
        }
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &[
            "listKeys",
            "resyncKeys",
            "diagnose",
            "prepareNotebook",
            "provisionManagedNetwork",
            "listNotebookKeys",
            "listNotebookAccessToken",
            "listStorageAccountKeys",
        ]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, sent: &Value) -> Outcome<Option<Answer>> {
        workspace_actions::act(cx, resource, action, sent)
    }

    fn acted(&self, _cx: &Cx<'_>, resource: &mut Resource, action: &str) -> Outcome<()> {
        match action {
            workspace_actions::PROVISION => provision(resource, false),
            workspace_actions::PROVISION_WITH_SPARK => provision(resource, true),
            _ => {}
        }
        Ok(())
    }

    /// A hub does not go while it has projects.
    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let projects = cx.store.referrers(&resource.key(), WORKSPACE.resource_type)?;
        let Some(project) = projects.first() else { return Ok(()) };
        Err(Refusal::new(
            409,
            "CannotDeleteResource",
            format!(
                "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: \
                 '{}'. Please delete all nested resources before deleting this resource.",
                project.id
            ),
        )
        .into())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        show_connections(cx, resource, shown)?;
        show_what_is_the_hubs(cx, resource, shown)?;
        as_read_back(shown);
        let count = body::values(shown, "properties.privateEndpointConnections[]").len();
        body::set(shown, "properties.privateLinkCount", json!(count));
        body::set(shown, "properties.notebookInfo.isPrivateLinkEnabled", json!(count > 0));
        let mode = isolation(&resource.written);
        if mode != UNMANAGED {
            if body::get(shown, NETWORK_STATUS).is_none() {
                body::set(shown, NETWORK_STATUS, json!({ "sparkReady": false, "status": "Inactive" }));
            }
            if mode == MODES[2] && body::get(shown, FIREWALL).is_none() {
                body::set(shown, FIREWALL, json!("Standard"));
            }
            let rules = outbound_rule::packed(cx, resource)?;
            body::set(shown, outbound_rule::IN_WORKSPACE, rules);
        }
        let public = body::text(shown, PUBLIC) == Some("Enabled");
        body::set(shown, PUBLIC_BEHIND_NETWORK, json!(public));
        Ok(())
    }

    fn purges(&self, request: &Request<'_>) -> bool {
        request.query("forceToPurge").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn retention_days(&self, resource: &Resource) -> Option<i64> {
        let said = body::get(&resource.written, "properties.softDeleteRetentionInDays");
        Some(said.and_then(Value::as_i64).unwrap_or(RETENTION_DAYS))
    }
}

/// Whether a workspace is of a kind.
fn is(draft: &Draft, kind: &str) -> bool {
    draft.text("kind").is_some_and(|own| own.eq_ignore_ascii_case(kind))
}

fn show_what_is_the_hubs(cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
    let hub = body::text(&resource.written, HUB).and_then(|text| ResourceId::parse(text).ok());
    let Some(hub) = hub else { return Ok(()) };
    if let Some(hub) = cx.store.resource(&hub.canonical())? {
        for path in OF_ITS_HUB {
            if let Some(value) = body::get(&hub.written, path) {
                body::set(shown, path, value.clone());
            }
        }
    }
    Ok(())
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

/// Refuses the way back from both kinds of identity to its own alone ("set up
/// authentication between Azure ML and other services"; the words are not documented).
fn keeps_identities(draft: &Draft) -> Outcome<()> {
    let of = |written: &Value| body::text(written, "identity.type").map(|kind| kind.replace(' ', ""));
    let before = draft.old.as_ref().and_then(|old| of(&old.written));
    if before.as_deref() == Some("SystemAssigned,UserAssigned")
        && of(&draft.written).as_deref() == Some("SystemAssigned")
    {
        return Err(invalid(
            "The identity of a workspace cannot be changed from 'SystemAssigned,UserAssigned' to 'SystemAssigned'.",
        ));
    }
    Ok(())
}

/// Refuses a storage account, a subnet or a vault that a workspace cannot use.
fn fit_to_stand_on(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let row = |path: &str| match draft.id_at(path) {
        Some(id) => cx.store.resource(&id.canonical()),
        None => Ok(None),
    };
    if let Some(account) = row("properties.storageAccount")? {
        let hierarchical = body::get(&account.written, "properties.isHnsEnabled") == Some(&json!(true));
        let premium = body::text(&account.written, "sku.name").is_some_and(|sku| sku.starts_with("Premium"));
        if hierarchical || premium {
            return Err(invalid(
                "The storage account of a workspace can neither be premium nor have a hierarchical namespace.",
            ));
        }
        // How the service says so is not documented.
        let by_keys = draft
            .text("properties.systemDatastoresAuthMode")
            .is_none_or(|mode| mode.eq_ignore_ascii_case("AccessKey"));
        if by_keys && is_keyless(&account) {
            return Err(invalid(
                "The storage account does not permit shared key access: systemDatastoresAuthMode must be Identity.",
            ));
        }
    }
    if let Some(subnet) = row("properties.serverlessComputeSettings.serverlessComputeCustomSubnet")?
        && !body::values(&subnet.written, "properties.delegations[]").is_empty()
    {
        return Err(invalid(&format!(
            "The specified subnet {} is delegated and cannot hold serverless compute.",
            subnet.id
        )));
    }
    if let Some(vault) = row("properties.encryption.keyVaultProperties.keyVaultArmId")?
        && body::get(&vault.written, "properties.enablePurgeProtection") != Some(&json!(true))
    {
        return Err(invalid("The vault of a customer-managed key needs purge protection."));
    }
    Ok(())
}

/// Addresses are named once the workspace stands, in IPv4.
fn addresses(draft: &Draft) -> Outcome<()> {
    let listed = body::values(&draft.written, &format!("{ADDRESSES}[]"));
    let is_range = |text: &str| text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv4Net>().is_ok();
    if draft.is_new() && !listed.is_empty() {
        return Err(invalid("ipAllowlist can only be set on a workspace that exists."));
    }
    if listed.len() > MOST_ADDRESSES {
        return Err(invalid(&format!(
            "ipAllowlist has {} entries, and {MOST_ADDRESSES} is the limit.",
            listed.len()
        )));
    }
    match listed.iter().find(|one| !one.as_str().is_some_and(is_range)) {
        Some(other) => {
            Err(invalid(&format!("The entry {other} of ipAllowlist is not an IPv4 address or range.")))
        }
        None => Ok(()),
    }
}

/// Whether nobody signs in to a storage account with its keys.
pub(super) fn is_keyless(account: &Resource) -> bool {
    body::get(&account.written, "properties.allowSharedKeyAccess") == Some(&json!(false))
}

fn only_strengthens(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let rank = |written: &Value| MODES.iter().position(|known| *known == isolation(written));
    let Some(old) = &draft.old else { return Ok(()) };
    let (before, after) = (rank(&old.written), rank(&draft.written));
    if after < before {
        return Err(invalid(
            "The isolation mode of a managed network cannot be changed to a weaker one once it has been enabled.",
        ));
    }
    if before == Some(0) && after > before {
        for kind in [&COMPUTE, &ONLINE_ENDPOINT] {
            if let Some(inside) = cx.store.children(&old.key(), kind.resource_type)?.first() {
                return Err(invalid(&format!(
                    "A managed network can only be enabled once the {} '{}' is deleted.",
                    kind.noun,
                    inside.id.name()
                )));
            }
        }
    }
    Ok(())
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

/// The isolation mode of a workspace without a managed network.
pub(super) const UNMANAGED: &str = MODES[0];

/// The isolation mode that a workspace was written with.
pub(super) fn isolation(written: &Value) -> &str {
    body::text(written, "properties.managedNetwork.isolationMode").unwrap_or(UNMANAGED)
}

/// Whether the managed network has been built.
pub(super) fn is_provisioned(workspace: &Resource) -> bool {
    body::text(&workspace.stamped, "properties.managedNetwork.status.status") == Some("Active")
}

/// Builds the managed network, where there is one to build.
pub(super) fn provision(workspace: &mut Resource, spark: bool) {
    if isolation(&workspace.written) == UNMANAGED {
        return;
    }
    let had = body::get(&workspace.stamped, "properties.managedNetwork.status.sparkReady");
    let ready = spark || had == Some(&json!(true));
    body::set(&mut workspace.stamped, NETWORK_STATUS, json!({ "sparkReady": ready, "status": "Active" }));
}

/// Holds a workspace to what its kind is for.
fn of_its_kind(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let is = |kind: &str| is(draft, kind);
    let store = body::get(&draft.written, "properties.featureStoreSettings").is_some();
    if is("FeatureStore") != store {
        return Err(invalid(
            "A workspace has featureStoreSettings if and only if it is of the kind FeatureStore.",
        ));
    }
    if is("Hub") && draft.text("properties.storageAccount").is_none_or(str::is_empty) {
        return Err(invalid("Missing dependent resources in workspace json"));
    }
    let sent = |path: &&&str| match **path {
        "properties.managedNetwork" => isolation(&draft.written) != UNMANAGED,
        path => body::get(&draft.written, path).is_some_and(|value| !value.is_null()),
    };
    if let Some(path) = OF_ITS_HUB.iter().filter(|_| is("Project")).find(sent) {
        return Err(invalid(&format!("{path} of a project is its hub's and cannot be set.")));
    }
    let hub = draft.id_at(HUB);
    match (is("Project"), &hub) {
        (true, None) => return Err(invalid("A project needs the hubResourceId of its hub.")),
        (true, Some(hub)) => {
            let found = cx.store.resource(&hub.canonical())?;
            if found.is_some_and(|row| {
                body::text(&row.written, "kind").is_none_or(|kind| !kind.eq_ignore_ascii_case("Hub"))
            }) {
                return Err(invalid("The hubResourceId of a project must name a workspace of the kind Hub."));
            }
        }
        _ => {}
    }
    if body::get(&draft.written, "properties.enableServiceSideCMKEncryption") == Some(&json!(true))
        && body::get(&draft.written, "properties.encryption").is_none()
    {
        return Err(invalid("enableServiceSideCMKEncryption needs encryption."));
    }
    let v2 =
        |written: &Value| body::text(written, "properties.managedNetwork.managedNetworkKind") == Some("V2");
    if draft.old.as_ref().is_some_and(|old| v2(&old.written)) && !v2(&draft.written) {
        return Err(invalid("The kind of a managed network cannot be changed from V2 to V1."));
    }
    Ok(())
}

/// Makes the two flags on public access agree: the one that a change names wins.
fn one_word_on_access(draft: &mut Draft) {
    let older = body::take(&mut draft.written, PUBLIC_BEHIND_NETWORK).and_then(|flag| flag.as_bool());
    let (Some(allowed), Some(old)) = (older, &draft.old) else { return };
    let before = body::text(&old.written, PUBLIC).unwrap_or("Enabled");
    if draft.text(PUBLIC) == Some(before) {
        let word = if allowed { "Enabled" } else { "Disabled" };
        body::set(&mut draft.written, PUBLIC, json!(word));
    }
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
    if isolation(&draft.written) != UNMANAGED {
        draft.stamp_once("properties.managedNetwork.networkId", || Ok(json!(cx.store.guid()?)))?;
    }
    let own_keys = draft.text("properties.encryption.status") == Some("Enabled");
    if own_keys
        && body::get(&draft.written, "properties.enableServiceSideCMKEncryption") != Some(&json!(true))
    {
        // Named after the workspace; the group itself is in the service's hands.
        let group = format!("azureml-rg-{}_{workspace}", draft.id.name());
        draft.stamp_once("properties.serviceProvisionedResourceGroup", || Ok(json!(group)))?;
    }
    Ok(())
}
