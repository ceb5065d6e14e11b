//! HDInsight clusters: their host names and the addresses of their nodes.

use serde_json::{Value, json};

use super::missing;
use super::placement::{self, Wanted};
use crate::kinds::ResourceId;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::quirks::private_link::show_connections;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, timestamp};

const ROLES: &str = "properties.computeProfile.roles[]";
const SUBNET: &str = "properties.computeProfile.roles[].virtualNetworkProfile.subnet";

pub(super) struct Cluster;

impl Quirk for Cluster {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if draft.is_new() {
            for name in ["clusterVersion", "clusterDefinition", "computeProfile"] {
                if body::get(&draft.written, &format!("properties.{name}")).is_none() {
                    return Err(missing(name).into());
                }
            }
            if body::get(&draft.sent_only, "properties.storageProfile").is_none() {
                return Err(missing("storageProfile").into());
            }
        }
        if draft.text("properties.networkProperties.privateLink") == Some("Enabled")
            && draft.text("properties.networkProperties.resourceProviderConnection") != Some("Outbound")
        {
            return Err(Refusal::new(
                400,
                "InvalidParameter",
                "privateLink can be Enabled only where resourceProviderConnection is Outbound.",
            )
            .target("networkProperties.privateLink")
            .into());
        }
        placed(cx, draft)?;
        let name = draft.id.name().to_ascii_lowercase();
        let end = |what: &str, host: &str, port: u16| json!({ "name": what, "protocol": "TCP", "location": format!("{host}.azurehdinsight.net"), "port": port });
        let ends = json!([end("SSH", &format!("{name}-ssh"), 22), end("HTTPS", &name, 443)]);
        let version = draft.text("properties.clusterVersion").unwrap_or_default().to_owned();
        let cores = cores(&draft.written);
        draft.stamp_once("properties.connectivityEndpoints", || Ok(ends))?;
        draft.stamp_once("properties.clusterId", || Ok(json!(cx.store.guid()?.replace('-', ""))))?;
        draft.stamp_once("properties.clusterHdpVersion", || Ok(json!(format!("{version}.0"))))?;
        draft.stamp_once("properties.createdDate", || Ok(json!(timestamp(cx.now))))?;
        body::set(&mut draft.stamped, "properties.quotaInfo", json!({ "coresUsed": cores }));
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let state = match resource.state.as_str() {
            "Succeeded" => "Running",
            "Failed" => "Error",
            "Deleting" => "Deleting",
            _ => "Accepted",
        };
        body::set(shown, "properties.clusterState", json!(state));
        body::set(shown, "properties.errors", json!([]));
        show_connections(cx, resource, shown)
    }

    fn taken(&self, id: &ResourceId) -> Refusal {
        Refusal::new(
            409,
            "DnsNameAlreadyExists",
            format!("The DNS name '{}.azurehdinsight.net' of the cluster is already taken.", id.name()),
        )
    }
}

/// How many nodes a role has.
fn count(role: &Value) -> u64 {
    body::get(role, "targetInstanceCount").and_then(Value::as_u64).unwrap_or(1)
}

/// The cores of all nodes whose size is known.
fn cores(written: &Value) -> u64 {
    body::values(written, ROLES)
        .into_iter()
        .map(|role| {
            let size = body::text(role, "hardwareProfile.vmSize").and_then(super::sizes::find);
            count(role).saturating_mul(size.map_or(0, |size| u64::from(size.cores)))
        })
        .sum()
}

/// Refuses a subnet where the nodes cannot be, and takes their addresses.
fn placed(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for role in body::values(&draft.written, ROLES) {
        let network =
            body::text(role, "virtualNetworkProfile.id").and_then(|text| ResourceId::parse(text).ok());
        let Some(id) =
            body::text(role, "virtualNetworkProfile.subnet").and_then(|text| ResourceId::parse(text).ok())
        else {
            if network.is_some() {
                return Err(missing("virtualNetworkProfile.subnet").into());
            }
            continue;
        };
        if id.parent() != network {
            return Err(Refusal::new(
                400,
                "InvalidParameter",
                format!("The subnet {id} does not lie in the virtual network of virtualNetworkProfile."),
            )
            .target("virtualNetworkProfile.subnet")
            .into());
        }
        let Some(row) = placement::find(cx, &id)? else { continue };
        placement::in_region(cx, &draft.id, SUBNET, &row, draft.text("location"))?;
        placement::not_delegated(&draft.id, &row)?;
        let name = role["name"].as_str().unwrap_or_default();
        let configurations = (0..count(role))
            .map(|at| {
                let interface = format!("{}/roles/{name}/networkInterfaces/{at}", draft.id);
                (format!("{interface}/ipConfigurations/primary"), 1)
            })
            .collect();
        wanted.push(Wanted { subnet: row, configurations });
    }
    placement::settle(cx, &draft.id.canonical(), &wanted)
}
