//! Databricks workspaces: the network they are put in and the group that Azure
//! makes for them.

use serde_json::{Value, json};

use super::{bad, missing};
use crate::kinds::{DATABRICKS_WORKSPACE, RESOURCE_GROUP, ResourceId, SUBNET};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::private_link::show_connections;
use crate::simulator::quirks::{Quirk, make};
use crate::simulator::store::{Resource, stable_guid};
use crate::simulator::write::Draft;
use crate::simulator::{Cx, PRINCIPAL, body, references, timestamp};

const SERVICE: &str = "Microsoft.Databricks/workspaces";
const GROUP: &str = "properties.managedResourceGroupId";
const NETWORK: &str = "properties.parameters.customVirtualNetworkId.value";
const SUBNETS: [&str; 2] = ["customPublicSubnetName", "customPrivateSubnetName"];
const NO_PUBLIC_ADDRESS: &str = "properties.parameters.enableNoPublicIp";

pub(super) struct Workspace;

impl Quirk for Workspace {
    fn normalise(&self, draft: &mut Draft) {
        for name in ["createdBy", "updatedBy", "storageAccountIdentity", "managedDiskIdentity"] {
            body::take(&mut draft.written, &format!("properties.{name}"));
        }
        let hybrid = is_hybrid(&draft.written);
        if hybrid && body::get(&draft.written, NO_PUBLIC_ADDRESS).is_none() {
            body::set(&mut draft.written, NO_PUBLIC_ADDRESS, json!({ "type": "Bool", "value": true }));
        }
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        closed(draft)?;
        if is_hybrid(&draft.written) {
            let group = managed_group(&draft.written).ok_or_else(|| missing("managedResourceGroupId"))?;
            if !group.is(&RESOURCE_GROUP) || draft.id.resource_group_id().as_ref() == Some(&group) {
                return Err(bad(
                    "managedResourceGroupId must name another resource group of the subscription.",
                )
                .into());
            }
            if draft.is_new() && cx.store.exists(&group.canonical())? {
                return Err(Refusal::new(
                    409,
                    "ManagedResourceGroupAlreadyExists",
                    format!("The managed resource group '{}' exists already.", group.name()),
                )
                .into());
            }
            injected(cx, draft)?;
        }
        stamp(cx, draft)
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        let Some(group) = managed_group(&resource.written) else { return Ok(()) };
        if cx.store.exists(&group.canonical())? {
            return Ok(());
        }
        let location = resource.written["location"].clone();
        make(cx, group, &resource.key(), json!({ "location": location, "managedBy": resource.id.as_str() }))
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        show_connections(cx, resource, shown)
    }
}

fn is_hybrid(written: &Value) -> bool {
    body::text(written, "properties.computeMode") == Some("Hybrid")
}

/// The group that Azure makes for the workspace.
fn managed_group(written: &Value) -> Option<ResourceId> {
    body::text(written, GROUP).and_then(|text| ResourceId::parse(text).ok())
}

/// The name of a subnet among the parameters.
fn subnet_name<'v>(written: &'v Value, which: &str) -> Option<&'v str> {
    body::text(written, &format!("properties.parameters.{which}.value"))
}

/// Refuses rules that a closed workspace could not work with.
fn closed(draft: &Draft) -> Outcome<()> {
    if draft.text("properties.publicNetworkAccess") != Some("Disabled") {
        return Ok(());
    }
    if draft.text("properties.requiredNsgRules").unwrap_or("AllRules") == "AllRules" {
        return Err(bad(
            "requiredNsgRules cannot be AllRules where publicNetworkAccess is Disabled: use NoAzureDatabricksRules.",
        )
        .into());
    }
    Ok(())
}

/// Refuses a network that the workspace cannot be put in.
fn injected(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let names = SUBNETS.map(|which| subnet_name(&draft.written, which));
    let Some(network) = draft.id_at(NETWORK) else {
        return match names.iter().flatten().next() {
            Some(_) => Err(missing("customVirtualNetworkId").into()),
            None => Ok(()),
        };
    };
    // A network that is missing is refused with the other references.
    let Some(row) = cx.store.resource(&network.canonical())? else { return Ok(()) };
    if body::text(&row.written, "location") != draft.text("location") {
        return Err(references::dangling(&draft.id, NETWORK, &network).into());
    }
    if names[0].is_some() && names[0] == names[1] {
        return Err(bad("The public and the private subnet of a workspace must be two.").into());
    }
    for (which, name) in SUBNETS.iter().zip(names) {
        let name = name.ok_or_else(|| missing(which))?;
        let subnet = cx.store.resource(&network.child(&SUBNET, name).canonical())?.ok_or_else(|| {
            Refusal::new(
                400,
                "SubnetIsNotWithinVnetError",
                format!(
                    "The subnet '{name}' of '{which}' is not within the virtual network '{}'.",
                    network.name()
                ),
            )
            .target(*which)
        })?;
        let services = super::placement::delegations(&subnet);
        if !services.iter().any(|service| service.eq_ignore_ascii_case(SERVICE)) {
            return Err(bad(format!("The subnet {} is not delegated to {SERVICE}.", subnet.id))
                .target(*which)
                .into());
        }
        if body::text(&subnet.written, "properties.networkSecurityGroup.id").is_none() {
            return Err(bad(format!("The subnet {} has no network security group.", subnet.id))
                .target(*which)
                .into());
        }
        if draft.is_new()
            && let Some(other) = tenant(cx, &subnet)?
        {
            return Err(bad(format!("The subnet {} is used by the workspace {other}.", subnet.id))
                .target(*which)
                .into());
        }
    }
    Ok(())
}

fn stamp(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
    let serial = stable_guid(&draft.id.canonical()).replace('-', "");
    let number = u64::from_str_radix(&serial[..12], 16).unwrap_or(1);
    let host = format!("adb-{number}.{}.azuredatabricks.net", number % 20);
    let by = json!({ "oid": PRINCIPAL, "applicationId": PRINCIPAL });
    draft.stamp_once("properties.workspaceId", || Ok(json!(number.to_string())))?;
    draft.stamp_once("properties.workspaceUrl", || Ok(json!(host)))?;
    draft.stamp_once("properties.createdDateTime", || Ok(json!(timestamp(cx.now))))?;
    draft.stamp_once("properties.createdBy", || Ok(by.clone()))?;
    draft.stamp_once("properties.isUcEnabled", || Ok(json!(true)))?;
    body::set(&mut draft.stamped, "properties.updatedBy", by);
    Ok(())
}

/// The workspace that has been put in a subnet.
pub(in crate::simulator::quirks) fn tenant(cx: &Cx<'_>, subnet: &Resource) -> Outcome<Option<ResourceId>> {
    let Some(network) = subnet.id.parent() else { return Ok(None) };
    let all = cx.store.referrers(&network.canonical(), DATABRICKS_WORKSPACE.resource_type)?;
    Ok(all
        .into_iter()
        .find(|row| {
            SUBNETS.iter().any(|which| {
                subnet_name(&row.written, which)
                    .is_some_and(|name| name.eq_ignore_ascii_case(subnet.id.name()))
            })
        })
        .map(|row| row.id))
}
