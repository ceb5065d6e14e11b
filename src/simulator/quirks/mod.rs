//! What a kind does that its facts cannot say. A kind without a quirk costs no
//! code: [`of`] gives it the plain one.

mod application_insights;
mod compute;
mod connection;
mod container_registry;
mod key_vault;
mod log_analytics;
mod network_interface;
mod network_security_group;
mod private_dns_zone;
mod private_dns_zone_group;
mod private_endpoint;
mod private_link;
mod public_address;
mod resource_group;
mod role_assignment;
mod storage_account;
mod subnet;
mod user_assigned_identity;
mod virtual_network;
mod virtual_network_link;
mod workspace;

use serde_json::{Value, json};

use super::Cx;
use super::answer::{Outcome, Refusal};
use super::route::Request;
use super::store::Resource;
use super::write::Draft;
use crate::kinds::ResourceId;

/// The points at which a kind may differ. Each default is what most kinds do.
pub(super) trait Quirk: Sync {
    /// Puts a body right before it is compared with what is there: takes out
    /// what Azure decides though the definitions let it be sent, and fills in
    /// what was not said where the answer is no constant.
    fn normalise(&self, _draft: &mut Draft) {}

    /// Judges a write after its body has been checked: refuses it, completes
    /// it, decides what Azure decides, or says how its operation will fail.
    fn accept(&self, _cx: &Cx<'_>, _draft: &mut Draft) -> Outcome<()> {
        Ok(())
    }

    /// Does what a write brings about once its operation is over. A refusal
    /// here is the operation's failure.
    fn complete(&self, _cx: &Cx<'_>, _resource: &mut Resource) -> Outcome<()> {
        Ok(())
    }

    /// Adds what an answer shows of others at this moment.
    fn show(&self, _cx: &Cx<'_>, _resource: &Resource, _body: &mut Value) -> Outcome<()> {
        Ok(())
    }

    /// Refuses the deletion of what is in use.
    fn release(&self, _cx: &Cx<'_>, _resource: &Resource) -> Outcome<()> {
        Ok(())
    }

    /// Undoes what the resource brought about; its row still stands.
    fn removed(&self, _cx: &Cx<'_>, _resource: &Resource) -> Outcome<()> {
        Ok(())
    }

    /// The refusal of a name that is another's in all of Azure.
    fn taken(&self, id: &ResourceId) -> Refusal {
        Refusal::new(409, "AlreadyInUse", format!("The name '{}' is already in use.", id.name()))
    }

    /// Whether a DELETE asks for the name to be freed at once.
    fn purges(&self, _request: &Request<'_>) -> bool {
        false
    }

    /// For how many days a deleted resource keeps its name.
    fn retention_days(&self, _resource: &Resource) -> Option<i64> {
        None
    }
}

struct Plain;
impl Quirk for Plain {}

/// The quirk of a resource's kind.
pub(super) fn of(id: &ResourceId) -> &'static dyn Quirk {
    match id.resource_type().to_ascii_lowercase().as_str() {
        "microsoft.resources/resourcegroups" => &resource_group::ResourceGroup,
        "microsoft.network/virtualnetworks" => &virtual_network::VirtualNetwork,
        "microsoft.network/virtualnetworks/subnets" => &subnet::Subnet,
        "microsoft.network/networksecuritygroups" => &network_security_group::NetworkSecurityGroup,
        "microsoft.network/publicipaddresses" => &public_address::PublicIpAddress,
        "microsoft.network/natgateways" => &public_address::NatGateway,
        "microsoft.network/networkinterfaces" => &network_interface::NetworkInterface,
        "microsoft.network/privateendpoints" => &private_endpoint::PrivateEndpoint,
        "microsoft.network/privateendpoints/privatednszonegroups" => &private_dns_zone_group::ZoneGroup,
        "microsoft.network/privatednszones" => &private_dns_zone::Zone,
        "microsoft.network/privatednszones/virtualnetworklinks" => &virtual_network_link::Link,
        "microsoft.network/privatednszones/a" | "microsoft.network/privatednszones/soa" => {
            &private_dns_zone::RecordSet
        }
        "microsoft.storage/storageaccounts" => &storage_account::StorageAccount,
        "microsoft.keyvault/vaults" => &key_vault::Vault,
        "microsoft.containerregistry/registries" => &container_registry::Registry,
        "microsoft.insights/components" => &application_insights::Component,
        "microsoft.operationalinsights/workspaces" => &log_analytics::LogWorkspace,
        "microsoft.managedidentity/userassignedidentities" => &user_assigned_identity::UserAssignedIdentity,
        "microsoft.authorization/roleassignments" => &role_assignment::RoleAssignment,
        "microsoft.machinelearningservices/workspaces/privateendpointconnections" => &connection::Connection,
        "microsoft.machinelearningservices/workspaces" => &workspace::Workspace,
        "microsoft.machinelearningservices/workspaces/computes" => &compute::Compute,
        _ => &Plain,
    }
}

/// `[{"id"}]` of the resources of one type that refer to `target`.
fn referrers(cx: &Cx<'_>, target: &Resource, kind: &str) -> Outcome<Value> {
    let found = cx.store.referrers(&target.key(), kind)?;
    Ok(found.iter().map(|row| json!({ "id": row.id.as_str() })).collect())
}

/// Makes a resource that belongs to `owner` and goes with it.
fn make(cx: &Cx<'_>, id: ResourceId, owner: &str, written: Value) -> Outcome<()> {
    let resource = Resource {
        seq: 0,
        id,
        owner: Some(owner.to_owned()),
        written,
        stamped: json!({}),
        state: "Succeeded".to_owned(),
        etag: cx.store.etag()?,
        created: cx.now,
        changed: cx.now,
    };
    Ok(cx.store.save(&resource)?)
}

/// The id of `/providers/{kind}/{name}` in a scope.
fn sibling(scope: &ResourceId, kind: &str, name: &str) -> Option<ResourceId> {
    ResourceId::parse(&format!("{scope}/providers/{kind}/{name}")).ok()
}
