//! Agent pools: the addresses of their nodes, and the one that holds the system.

use serde_json::{Value, json};

use super::missing;
use super::placement::{self, Wanted};
use crate::kinds::{AGENT_POOL, ResourceId};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::quirks::network::subnet;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const SUBNET: &str = "properties.vnetSubnetID";

/// The size that the service picks where none is asked for.
const SIZE: &str = "Standard_D4s_v5";

pub(super) struct AgentPool;

impl Quirk for AgentPool {
    fn normalise(&self, draft: &mut Draft) {
        body::take(&mut draft.written, "properties.status");
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if draft.inline {
            // The cluster judges its pools together.
            return Ok(());
        }
        let Some(cluster) = draft.id.parent() else { return Ok(()) };
        let Some(cluster) = cx.store.resource(&cluster.canonical())? else { return Ok(()) };
        judge(cx, draft, &cluster.written)?;
        if !is_system(&draft.written) && !draft.is_new() {
            another_system(cx, &draft.id)?;
        }
        Ok(())
    }

    fn show(&self, _cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::set(shown, "properties.eTag", json!(bare(&resource.etag)));
        let version = body::text(shown, "properties.orchestratorVersion").map(str::to_owned);
        if let Some(version) = version {
            body::set(shown, "properties.currentOrchestratorVersion", json!(patched(&version)));
        }
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        if is_system(&resource.written) { another_system(cx, &resource.id) } else { Ok(()) }
    }
}

/// An etag as this service writes it.
pub(super) fn bare(etag: &str) -> &str {
    etag.trim_start_matches("W/").trim_matches('"')
}

/// `1.33` as the release that is installed.
pub(super) fn patched(version: &str) -> String {
    if version.split('.').count() > 2 { version.to_owned() } else { format!("{version}.2") }
}

pub(super) fn is_system(written: &Value) -> bool {
    body::text(written, "properties.mode") == Some("System")
}

/// Refuses to do without the last pool that holds the system.
fn another_system(cx: &Cx<'_>, id: &ResourceId) -> Outcome<()> {
    let Some(cluster) = id.parent() else { return Ok(()) };
    let pools = cx.store.children(&cluster.canonical(), AGENT_POOL.resource_type)?;
    if pools.iter().any(|pool| pool.id != *id && is_system(&pool.written)) {
        return Ok(());
    }
    Err(Refusal::new(400, "OperationNotAllowed", "There has to be at least one system agent pool.").into())
}

/// Completes a pool as its cluster has it, refuses what cannot be, and takes
/// the addresses of its nodes.
pub(super) fn judge(cx: &Cx<'_>, draft: &mut Draft, cluster: &Value) -> Outcome<()> {
    let overlay = body::text(cluster, "properties.networkProfile.networkPluginMode") == Some("overlay");
    let plugin = body::text(cluster, "properties.networkProfile.networkPlugin").unwrap_or("kubenet");
    let pods = match plugin {
        "azure" if overlay => 250,
        "azure" => 30,
        _ => 110,
    };
    let version = body::get(cluster, "properties.kubernetesVersion").cloned().unwrap_or(Value::Null);
    let image = if draft.text("properties.osType") == Some("Windows") { "Windows2022" } else { "Ubuntu" };
    for (name, value) in [
        ("mode", json!("User")),
        ("vmSize", json!(SIZE)),
        ("maxPods", json!(pods)),
        ("osSKU", json!(image)),
        ("osDiskType", json!("Managed")),
        ("osDiskSizeGB", json!(128)),
        ("scaleDownMode", json!("Delete")),
        ("enableAutoScaling", json!(false)),
        ("orchestratorVersion", version),
    ] {
        let path = format!("properties.{name}");
        if body::get(&draft.written, &path).is_some() {
            continue;
        }
        let before = draft.old.as_ref().and_then(|old| body::get(&old.written, &path)).cloned();
        let value = before.unwrap_or(value);
        if !value.is_null() {
            body::set(&mut draft.written, &path, value);
        }
    }
    let number = |draft: &Draft, name: &str| {
        body::get(&draft.written, &format!("properties.{name}")).and_then(Value::as_u64)
    };
    if body::get(&draft.written, "properties.enableAutoScaling") == Some(&json!(true)) {
        match (number(draft, "minCount"), number(draft, "maxCount")) {
            (Some(least), Some(most)) if least <= most => {}
            (Some(_), Some(_)) => {
                return Err(invalid("agentPoolProfile.minCount", "minCount is greater than maxCount.").into());
            }
            (None, _) => return Err(missing("agentPoolProfile.minCount").into()),
            (_, None) => return Err(missing("agentPoolProfile.maxCount").into()),
        }
    }
    let count = number(draft, "count").unwrap_or(1);
    if is_system(&draft.written) && (count == 0 || draft.text("properties.osType") == Some("Windows")) {
        return Err(invalid("agentPoolProfile.mode", "A system pool needs at least one Linux node.").into());
    }
    // Pods have addresses of the nodes' subnet only where the plugin gives them such.
    let own = plugin == "azure" && !overlay && draft.text("properties.podSubnetID").is_none();
    let each = if own { number(draft, "maxPods").unwrap_or(pods).saturating_add(1) } else { 1 };
    nodes(cx, draft, body::text(cluster, "location"), count, each)
}

fn invalid(target: &str, message: &str) -> Refusal {
    Refusal::new(400, "InvalidParameter", message).target(target)
}

fn nodes(cx: &Cx<'_>, draft: &Draft, location: Option<&str>, count: u64, each: u64) -> Outcome<()> {
    let key = draft.id.canonical();
    let row = match draft.id_at(SUBNET) {
        Some(id) => placement::find(cx, &id)?,
        None => None,
    };
    let Some(row) = row else { return Ok(cx.store.release(&key)?) };
    placement::in_region(cx, &draft.id, SUBNET, &row, location)?;
    if !placement::delegations(&row).is_empty() {
        return Err(Refusal::new(
            400,
            "SubnetIsDelegated",
            format!(
                "AgentPoolProfile.VnetSubnetID {} cannot be used as it's a delegated subnet. Please check \
                 https://aka.ms/adv-network-prerequest for more details.",
                row.id
            ),
        )
        .target("agentPoolProfile.vnetSubnetID")
        .into());
    }
    let each = usize::try_from(each).unwrap_or(usize::MAX);
    let wanted = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(each);
    let room = placement::room(cx, &key, &row, wanted)?;
    if room < wanted {
        let range = subnet::ranges(&row.written, &row.id)?.first().map(ToString::to_string);
        return Err(Refusal::new(
            400,
            "InsufficientSubnetSize",
            format!(
                "Pre-allocated IPs {wanted} exceeds IPs available {room} in Subnet Cidr {}, Subnet Name {}. \
                 http://aka.ms/aks/insufficientsubnetsize",
                range.unwrap_or_default(),
                row.id.name()
            ),
        )
        .target("agentPoolProfile.count")
        .into());
    }
    let pool = draft.id.name();
    let configurations = (0..count)
        .map(|at| {
            let machine = format!("{}/virtualMachines/{at}", draft.id);
            (format!("{machine}/networkInterfaces/aks-{pool}/ipConfigurations/ipconfig1"), each)
        })
        .collect();
    placement::settle(cx, &key, &[Wanted { subnet: row, configurations }])
}
