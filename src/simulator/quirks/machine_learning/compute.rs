//! Computes: clusters and instances in a workspace's network, and what is attached.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::workspace::is_keyless;
use super::workspace_actions::target;
use super::{compute_actions, quota, workspace};
use crate::kinds::{KUBERNETES_EXTENSION, NEW_COMPUTE, ResourceId, SECURITY_RULE, Unique};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::latency::Lag;
use crate::simulator::quirks::compute::MACHINE_LEARNING;
use crate::simulator::quirks::{Quirk, make, network::subnet, sibling};
use crate::simulator::route::Request;
use crate::simulator::store::{Resource, stable_guid};
use crate::simulator::write::Draft;
use crate::simulator::{Cx, PRINCIPAL, TENANT, body, delete, timestamp};

pub(super) const SUBNET: &str = "properties.properties.subnet.id";
const PUBLIC: &str = "properties.properties.enableNodePublicIp";
const LEAST: &str = "properties.properties.scaleSettings.minNodeCount";
const CONNECTIONS: &str = "Microsoft.MachineLearningServices/workspaces/privateEndpointConnections";

/// Properties that only a cluster has; an instance is answered without their defaults.
const OF_CLUSTERS: [&str; 8] = [
    "osType",
    "vmPriority",
    "virtualMachineImage",
    "isolatedNetwork",
    "scaleSettings",
    "userAccountCredentials",
    "remoteLoginPortPublicAccess",
    "propertyBag",
];

/// Where secrets are kept, which no answer but that of `listKeys` shows.
pub(super) const SECRETS: &str = "secrets";

/// Where it is kept that what is attached goes with the compute.
const TAKES_ALONG: &str = "takesAlong";

/// The subscription of Azure Batch, in which the nodes' interfaces are.
const BATCH: &str = "/subscriptions/00000000-0000-0000-0000-0000000ba7c4/resourceGroups/azurebatch";

/// The first version of the API that takes fewer names for new computes.
const NARROWED: &str = "2025-12-01";

pub(super) struct Compute;

impl Quirk for Compute {
    fn actions(&self) -> &'static [&'static str] {
        &[
            "start",
            "stop",
            "restart",
            "resize",
            "listNodes",
            "listKeys",
            "updateIdleShutdownSetting",
            "updateSchedules",
        ]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, sent: &Value) -> Outcome<Option<Answer>> {
        compute_actions::act(cx, resource, action, sent)
    }

    fn acted(&self, cx: &Cx<'_>, resource: &mut Resource, action: &str) -> Outcome<()> {
        compute_actions::acted(cx, resource, action);
        Ok(())
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let Some(workspace) = draft.id.parent() else { return Ok(()) };
        let Some(workspace) = cx.store.resource(&workspace.canonical())? else { return Ok(()) };
        is_named_as_now(draft)?;
        let home = body::text(&workspace.written, "location").unwrap_or_default().to_owned();
        if draft.text("location") != Some(home.as_str()) {
            return Err(bad(format!("The location of a compute must be that of its workspace, '{home}'.")));
        }
        if body::get(&draft.written, "properties.computeLocation").is_none() {
            body::set(&mut draft.written, "properties.computeLocation", json!(home));
        }
        body::take(&mut draft.written, "sku");
        let mut secrets = body::take(&mut draft.stamped, SECRETS).unwrap_or(json!({}));
        if let Some(sent) = body::get(&draft.sent_only, "properties.properties") {
            body::merge(&mut secrets, sent);
        }
        if secrets.as_object().is_some_and(|map| !map.is_empty()) {
            body::set(&mut draft.stamped, SECRETS, secrets);
        }
        stamp(cx, draft)?;
        if !is_managed(&draft.written) {
            return attach(cx, draft, &workspace);
        }
        let cluster = is_cluster(&draft.written);
        if cluster && draft.text("identity.type") == Some("SystemAssigned,UserAssigned") {
            return Err(bad(
                "A cluster has a system-assigned identity or user-assigned ones, not both.".to_owned()
            ));
        }
        if !cluster {
            for name in OF_CLUSTERS {
                body::take(&mut draft.written, &format!("properties.properties.{name}"));
            }
            if draft.text("properties.computeLocation") != Some(home.as_str()) {
                return Err(bad("A compute instance must be in the location of its workspace.".to_owned()));
            }
            compute_actions::judge(&draft.written)?;
        }
        placed(cx, draft, &workspace)?;
        quota::check(cx, draft)?;
        let mut failure = no_public_address(cx, draft, &workspace)?;
        if failure.is_none() && !cluster {
            failure = without_keys(cx, &workspace)?;
        }
        match &failure {
            Some(failure) => body::set(&mut draft.stamped, "failure", failure.error()),
            None => {
                body::take(&mut draft.stamped, "failure");
            }
        }
        draft.failure = failure;
        Ok(())
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        if !is_managed(&resource.written) {
            return Ok(());
        }
        // The first compute has the managed network built.
        if let Some(id) = resource.id.parent()
            && let Some(mut home) = cx.store.resource(&id.canonical())?
            && !workspace::is_provisioned(&home)
        {
            workspace::provision(&mut home, false);
            cx.store.save(&home)?;
        }
        let wanted = nodes(&resource.written);
        let key = resource.key();
        cx.store.release(&key)?;
        let mut got = wanted;
        if let Some(id) = body::text(&resource.written, SUBNET).and_then(|text| ResourceId::parse(text).ok())
        {
            let Some(row) = cx.store.resource(&id.canonical())? else {
                return Err(bad(format!("The specified subnet {id} was not found.")));
            };
            let free = subnet::free(cx, &row, wanted)?;
            got = free.len();
            if got < wanted && !is_cluster(&resource.written) {
                return Err(user_error(format!(
                    "The subnet {id} has no free IP address for the compute instance."
                ))
                .into());
            }
            for address in free {
                let interface = stable_guid(&format!("{key}/{address}"));
                let configuration = format!(
                    "{BATCH}/providers/Microsoft.Network/networkInterfaces/{interface}/ipConfigurations/primary"
                );
                cx.store.take_address(&row.key(), address, &key, &configuration)?;
            }
            make_front(cx, resource, &row, got)?;
        }
        body::set(&mut resource.stamped, "nodes", json!(got));
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let got = body::take(shown, "nodes").and_then(|n| n.as_u64()).unwrap_or(0);
        body::take(shown, SECRETS);
        body::take(shown, TAKES_ALONG);
        if body::get(shown, "tags").is_none() {
            body::set(shown, "tags", Value::Null);
        }
        let power = body::take(shown, compute_actions::POWER);
        if !is_managed(&resource.written) {
            body::set(shown, "properties.provisioningErrors", Value::Null);
            show_attached(shown);
            return Ok(());
        }
        let wanted = nodes(&resource.written);
        let at = |name: &str| format!("properties.properties.{name}");
        if is_cluster(&resource.written) {
            let short = resource.state == "Succeeded" && usize::try_from(got).is_ok_and(|got| got < wanted);
            let errors = if short {
                json!([{ "error": { "code": "SubnetIsFull", "message": format!(
                    "The subnet has not enough free IP addresses: {got} of {wanted} nodes were allocated."
                ) } }])
            } else {
                json!([])
            };
            for (name, value) in [
                ("allocationState", json!("Steady")),
                ("allocationStateTransitionTime", json!(timestamp(resource.changed))),
                ("currentNodeCount", json!(got)),
                ("targetNodeCount", json!(wanted)),
                (
                    "nodeStateCounts",
                    json!({
                        "idleNodeCount": got, "runningNodeCount": 0, "preparingNodeCount": 0, "unusableNodeCount": 0,
                        "leavingNodeCount": 0, "preemptedNodeCount": 0,
                    }),
                ),
                ("errors", errors),
            ] {
                body::set(shown, &at(name), value);
            }
        } else {
            let state = match resource.state.as_str() {
                "Succeeded" => compute_actions::state(cx, resource, power.as_ref())?,
                "Failed" => "CreateFailed",
                "Deleting" => "Deleting",
                _ => "Creating",
            };
            let address = cx
                .store
                .addresses_of(&resource.key())?
                .first()
                .map(|(_, a, _)| Ipv4Addr::from(*a).to_string());
            body::set(shown, &at("state"), json!(state));
            body::set(shown, &at("createdBy"), json!({ "userId": PRINCIPAL, "userOrgId": TENANT }));
            body::set(shown, &at("errors"), json!([]));
            body::set(shown, &at("applications"), json!([]));
            compute_actions::show(resource, shown);
            if let Some(address) = address {
                body::set(shown, &at("connectivityEndpoints"), json!({ "privateIpAddress": address }));
            }
        }
        let failure = body::take(shown, "failure");
        let errors = match failure.filter(|_| resource.state == "Failed") {
            Some(error) => json!([{ "error": error }]),
            None => json!([]),
        };
        body::set(shown, "properties.provisioningErrors", errors);
        Ok(())
    }

    fn told_to_go(&self, cx: &Cx<'_>, resource: &Resource, request: &Request<'_>) -> Outcome<()> {
        let word = request.query("underlyingResourceAction").unwrap_or_default();
        if word.eq_ignore_ascii_case("Detach") {
            return Ok(());
        }
        if !word.eq_ignore_ascii_case("Delete") {
            return Err(bad(format!("The underlyingResourceAction '{word}' is neither Delete nor Detach.")));
        }
        // Recorded of virtual machines; a cluster of one's own stays.
        if kind(&resource.written) == "VirtualMachine" {
            let mut resource = resource.clone();
            body::set(&mut resource.stamped, TAKES_ALONG, json!(true));
            cx.store.save(&resource)?;
        }
        Ok(())
    }

    fn removed(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        if body::get(&resource.stamped, TAKES_ALONG).is_some()
            && let Some(id) = body::text(&resource.written, "properties.resourceId")
                .and_then(|text| ResourceId::parse(text).ok())
            && let Some(machine) = cx.store.resource(&id.canonical())?
        {
            delete::remove(cx, &machine)?;
        }
        let lag = cx.settings.latency.lag(Lag::ComputeInterface);
        if lag > 0 {
            for (subnet, _, configuration) in cx.store.addresses_of(&resource.key())? {
                cx.store.linger(&subnet, &configuration, cx.now.saturating_add(lag))?;
            }
        }
        Ok(())
    }

    fn taken(&self, id: &ResourceId) -> Refusal {
        Refusal::new(
            409,
            "Conflict",
            format!("The compute name '{}' is already used in the region. Choose another name.", id.name()),
        )
    }
}

/// Refuses a new compute under a name that only older versions took.
fn is_named_as_now(draft: &Draft) -> Outcome<()> {
    if !draft.is_new() || *draft.api_version < *NARROWED || NEW_COMPUTE.admits(draft.id.name()) {
        return Ok(());
    }
    let name = draft.id.name();
    let message = format!("Resource name {name} is invalid. The name must be {}.", NEW_COMPUTE.words);
    Err(Refusal::new(400, "InvalidResourceName", message).target(name).into())
}

pub(super) fn bad(message: String) -> crate::simulator::answer::Stop {
    Refusal::new(400, "BadRequest", message).into()
}

fn user_error(message: String) -> Refusal {
    Refusal::new(400, "UserError", message)
}

pub(super) fn kind(written: &Value) -> &str {
    body::text(written, "properties.computeType").unwrap_or_default()
}

pub(super) fn is_cluster(written: &Value) -> bool {
    kind(written) == "AmlCompute"
}

pub(super) fn is_instance(written: &Value) -> bool {
    kind(written) == "ComputeInstance"
}

/// Whether its nodes are Azure's own to make, rather than attached.
fn is_managed(written: &Value) -> bool {
    is_cluster(written) || is_instance(written)
}

/// Times as this service writes them: with seven digits and an offset.
fn moment(milliseconds: i64) -> String {
    let text = timestamp(milliseconds);
    let (seconds, fraction) =
        text.trim_end_matches('Z').split_once('.').unwrap_or((text.trim_end_matches('Z'), ""));
    format!("{seconds}.{fraction:0<7}+00:00")
}

fn stamp(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
    let attached = draft.text("properties.resourceId").is_some_and(|id| !id.is_empty());
    draft.stamp_once("properties.createdOn", || Ok(json!(moment(cx.now))))?;
    draft.stamp_once("properties.isAttachedCompute", || Ok(json!(attached)))?;
    body::set(&mut draft.stamped, "properties.modifiedOn", json!(moment(cx.now)));
    Ok(())
}

/// Judges what is attached: it stays its owner's, and has nothing of a
/// compute whose nodes Azure makes.
fn attach(cx: &Cx<'_>, draft: &mut Draft, workspace: &Resource) -> Outcome<()> {
    body::take(&mut draft.written, PUBLIC);
    let inner = body::get(&draft.written, "properties.properties").and_then(Value::as_object);
    if inner.is_some_and(serde_json::Map::is_empty) {
        body::take(&mut draft.written, "properties.properties");
    }
    let kind = kind(&draft.written).to_owned();
    let named = draft.text("properties.resourceId").is_some_and(|id| !id.is_empty());
    // A cluster of AKS may be made on the way; a virtual machine may be told of by its address.
    let by_address = draft.text("properties.properties.address").is_some();
    if !(named || kind == "AKS" || by_address) {
        return Err(bad(format!("A compute of type {kind} needs the resourceId of what is to be attached.")));
    }
    if kind == "VirtualMachine"
        && let Some(id) = draft.id_at("properties.resourceId")
        && let Some(machine) = cx.store.resource(&id.canonical())?
        && body::text(&machine.written, "properties.storageProfile.osDisk.osType") == Some("Windows")
    {
        return Err(Refusal::new(
            400,
            "BadRequest",
            format!("The virtual machine '{}' runs Windows. Only Ubuntu is supported.", id.name()),
        )
        .target("properties.resourceId")
        .into());
    }
    let managed = workspace::isolation(&workspace.written) != workspace::UNMANAGED;
    if ["Kubernetes", "AKS", "VirtualMachine"].contains(&kind.as_str()) && managed {
        return Err(bad(format!(
            "A compute of type {kind} cannot be attached to a workspace with a managed network."
        )));
    }
    if kind == "Kubernetes"
        && let Some(id) = draft.id_at("properties.resourceId")
        && let Some(cluster) = cx.store.resource(&id.canonical())?
    {
        can_be_signed_in_to(&cluster)?;
        if draft.is_new() {
            has_the_extension(cx, &cluster)?;
        }
    }
    if draft.is_new() && draft.text("properties.properties.loadBalancerType") == Some("InternalLoadBalancer")
    {
        return Err(bad(
            "An internal load balancer can only be asked for once the cluster is attached.".to_owned()
        ));
    }
    Ok(())
}

/// Refuses a cluster that the service cannot sign in to, or that acts as a
/// service principal (AML-Kubernetes, prerequisites of an attached cluster).
fn can_be_signed_in_to(cluster: &Resource) -> Outcome<()> {
    if body::get(&cluster.written, "properties.disableLocalAccounts") == Some(&json!(true)) {
        return Err(bad(format!(
            "The local accounts of the cluster {} are disabled: enable them.",
            cluster.id
        )));
    }
    if body::get(&cluster.written, "properties.servicePrincipalProfile").is_some()
        && body::text(&cluster.written, "identity.type").is_none_or(|kind| kind == "None")
    {
        return Err(bad(format!(
            "The cluster {} uses a service principal: update it to use a managed identity.",
            cluster.id
        )));
    }
    Ok(())
}

/// Refuses a cluster on which the extension does not stand yet (AML-Kubernetes,
/// "attach the cluster"; the words are not documented).
fn has_the_extension(cx: &Cx<'_>, cluster: &Resource) -> Outcome<()> {
    let extensions = cx.store.children(&cluster.key(), KUBERNETES_EXTENSION.resource_type)?;
    let stands = extensions.iter().any(|extension| {
        extension.state == "Succeeded"
            && body::text(&extension.written, "properties.extensionType")
                .is_some_and(|kind| kind.eq_ignore_ascii_case(MACHINE_LEARNING))
    });
    if stands {
        return Ok(());
    }
    Err(bad(format!("The extension {MACHINE_LEARNING} is not installed on the cluster {}.", cluster.id)))
}

/// The service answers sizes of virtual machines in capitals.
fn show_attached(shown: &mut Value) {
    const SIZE: &str = "properties.properties.virtualMachineSize";
    if let Some(size) = body::text(shown, SIZE).map(str::to_ascii_uppercase) {
        body::set(shown, SIZE, json!(size));
    }
}

/// How many nodes it wants now: the least of a cluster, one of an instance.
pub(super) fn nodes(written: &Value) -> usize {
    if !is_cluster(written) {
        return usize::from(is_instance(written));
    }
    body::get(written, LEAST).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
}

/// Refuses a subnet where it cannot be: delegated, in another region than the
/// nodes, or beside a managed network.
fn placed(cx: &Cx<'_>, draft: &Draft, workspace: &Resource) -> Outcome<()> {
    let cluster = is_cluster(&draft.written);
    let managed = workspace::isolation(&workspace.written) != workspace::UNMANAGED;
    let home = body::text(&workspace.written, "location");
    if managed && draft.text("properties.computeLocation") != home {
        return Err(bad(
            "A compute of a workspace with a managed network must be in the location of the workspace."
                .to_owned(),
        ));
    }
    let Some(id) = draft.id_at(SUBNET) else {
        let closed = body::get(&draft.written, PUBLIC) == Some(&json!(false));
        if closed && !managed {
            return Err(bad(
                "A compute without a public IP address needs a subnet or a managed network.".to_owned()
            ));
        }
        return Ok(());
    };
    if managed {
        return Err(bad(
            "A compute of a workspace with a managed network cannot have a custom subnet.".to_owned()
        ));
    }
    let Some(row) = cx.store.resource(&id.canonical())? else { return Ok(()) };
    if !body::values(&row.written, "properties.delegations[]").is_empty() {
        return Err(bad(format!("The specified subnet {id} is delegated and cannot hold a compute.")));
    }
    let network = match id.parent() {
        Some(network) => cx.store.resource(&network.canonical())?,
        None => None,
    };
    let region = network.as_ref().and_then(|n| body::text(&n.written, "location"));
    if region != draft.text("properties.computeLocation") {
        let what = if cluster { "computeLocation" } else { "location" };
        return Err(bad(format!(
            "The virtual network of the subnet {id} is not in the {what} of the compute."
        )));
    }
    Ok(())
}

/// How the operation of a compute without a public address fails where its
/// surroundings do not allow one.
fn no_public_address(cx: &Cx<'_>, draft: &Draft, workspace: &Resource) -> Outcome<Option<Refusal>> {
    Ok(if body::get(&draft.written, PUBLIC) != Some(&json!(false)) {
        None
    } else if let Some(id) = draft.id_at(SUBNET) {
        let approved = cx.store.children(&workspace.key(), CONNECTIONS)?.iter().any(|row| {
            body::text(&row.written, "properties.privateLinkServiceConnectionState.status")
                == Some("Approved")
        });
        let policies = match cx.store.resource(&id.canonical())? {
            Some(row) => ["privateEndpointNetworkPolicies", "privateLinkServiceNetworkPolicies"]
                .iter()
                .all(|name| body::text(&row.written, &format!("properties.{name}")) == Some("Disabled")),
            None => true,
        };
        if !approved {
            Some(user_error(
                "Provided EnableNodePublicIp 'False' requires workspace private endpoint.".to_owned(),
            ))
        } else if !policies {
            Some(user_error(format!(
                "The specified subnet {id} has PrivateLinkServiceNetworkPolicies or PrivateEndpointNetworkPolicies \
                 enabled. Please disable them. See https://aka.ms/AMLPLNetPolicies."
            )))
        } else {
            None
        }
    } else {
        None
    })
}

/// How an instance fails whose workspace's storage account permits no shared
/// keys, where the settings say that it does ("manage a compute instance"; the
/// words are not documented).
fn without_keys(cx: &Cx<'_>, workspace: &Resource) -> Outcome<Option<Refusal>> {
    if !cx.settings.behaviour.keyless_instances_fail {
        return Ok(None);
    }
    let account = target(cx, workspace, "storageAccount")?;
    Ok(account.filter(is_keyless).map(|account| {
        user_error(format!(
            "The storage account {} of the workspace does not permit shared key access.",
            account.id
        ))
    }))
}

/// With public addresses the service keeps a security group, an address and a
/// load balancer in the network's group while there are nodes.
fn make_front(cx: &Cx<'_>, resource: &Resource, subnet: &Resource, nodes: usize) -> Outcome<()> {
    let key = resource.key();
    let public = body::get(&resource.written, PUBLIC) != Some(&json!(false));
    if !public || nodes == 0 {
        for made in cx.store.owned(&key)? {
            delete::remove(cx, &made)?;
        }
        return Ok(());
    }
    let Some(group) = subnet.id.resource_group_id() else { return Ok(()) };
    let location = resource.written["properties"]["computeLocation"].clone();
    let stem = stable_guid(&key);
    let front = [
        ("networkSecurityGroups", "azurebatch-cloudservicenetworksecuritygroup", json!({})),
        (
            "publicIPAddresses",
            "azurebatch-cloudservicepublicip",
            json!({ "publicIPAllocationMethod": "Static" }),
        ),
        ("loadBalancers", "azurebatch-cloudserviceloadbalancer", json!({})),
    ];
    for (kind, suffix, properties) in front {
        let Some(id) = sibling(&group, &format!("Microsoft.Network/{kind}"), &format!("{stem}-{suffix}"))
        else {
            continue;
        };
        if !cx.store.exists(&id.canonical())? {
            let made = id.clone();
            make(cx, id, &key, json!({ "location": location, "properties": properties }))?;
            if kind == "networkSecurityGroups" {
                let rule = made.child(&SECURITY_RULE, "AzureMachineLearningInbound");
                make(cx, rule, &made.canonical(), json!({ "properties": way_in() }))?;
            }
        }
    }
    Ok(())
}

/// What lets the service reach nodes with public addresses (azure-machine-learning
/// documentation, inbound traffic of computes).
fn way_in() -> Value {
    json!({
        "protocol": "Tcp", "access": "Allow", "direction": "Inbound", "priority": 200,
        "sourceAddressPrefix": "AzureMachineLearning", "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": "44224",
    })
}

/// The names of computes are unique in a region, which is one registry here.
const _: () = assert!(matches!(crate::kinds::COMPUTE.name.unique, Unique::Global));
