//! Kubernetes clusters: their ranges, their pools together, and the group that
//! Azure makes for their nodes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::{IpNet, Ipv4Net};
use serde_json::{Value, json};

use super::{accepted, agent_pool, bad, complete_children, embed, missing, remember};
use crate::kinds::{AGENT_POOL, MANAGED_CLUSTER, RESOURCE_GROUP, ResourceId, SUBNET, USER_ASSIGNED_IDENTITY};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::latency::Lag;
use crate::simulator::quirks::{Quirk, make, network::subnet, secret, sibling};
use crate::simulator::store::Resource;
use crate::simulator::write::{self, Draft, Embedded};
use crate::simulator::{Cx, TENANT, body, read, references};

const POOLS: &str = "properties.agentPoolProfiles";
const PRIVATE: &str = "properties.apiServerAccessProfile.enablePrivateCluster";
const ZONE: &str = "properties.apiServerAccessProfile.privateDNSZone";
const SERVICES: &str = "properties.networkProfile.serviceCidr";
const RESOLVER: &str = "properties.networkProfile.dnsServiceIP";

/// The release that is installed where none is asked for.
const VERSION: &str = "1.33";

/// The longest name of a group that Azure makes for nodes.
const GROUP_NAME: usize = 80;

pub(super) struct ManagedCluster;

impl Quirk for ManagedCluster {
    fn normalise(&self, draft: &mut Draft) {
        body::take(&mut draft.written, "properties.status");
        body::take(&mut draft.written, "properties.privateLinkResources");
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        identified(draft)?;
        if draft.is_new() {
            complete(cx, draft)?;
        }
        ranges(draft)?;
        guarded(draft)?;
        addressed(cx, draft)?;
        pools(cx, draft)?;
        stamp(cx, draft)
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        make_nodes(cx, resource)?;
        complete_children(cx, resource, &AGENT_POOL)
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let power = body::take(shown, "power").unwrap_or_else(|| json!("Running"));
        body::set(shown, "properties.powerState", json!({ "code": power }));
        body::set(shown, "eTag", json!(agent_pool::bare(&resource.etag)));
        let mut profiles = Vec::new();
        for pool in cx.store.children(&resource.key(), AGENT_POOL.resource_type)? {
            let mut profile = body::take(&mut read::body(cx, &pool)?, "properties").unwrap_or_default();
            profile["name"] = json!(pool.id.name());
            if power == "Stopped" {
                profile["powerState"] = json!({ "code": "Stopped" });
            }
            profiles.push(profile);
        }
        body::set(shown, POOLS, json!(profiles));
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &[
            "start",
            "stop",
            "listClusterUserCredential",
            "listClusterMonitoringUserCredential",
            "listClusterAdminCredential",
        ]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        let power = match action {
            "listclusterusercredential" => return Ok(Some(credential(resource, "clusterUser"))),
            "listclustermonitoringusercredential" => {
                return Ok(Some(credential(resource, "clusterMonitoringUser")));
            }
            "listclusteradmincredential" => {
                if body::get(&resource.written, "properties.disableLocalAccounts") == Some(&json!(true)) {
                    return Err(bad(
                        "Getting static credential is not allowed because this cluster is set to disable local \
                         accounts.",
                    )
                    .into());
                }
                return Ok(Some(credential(resource, "clusterAdmin")));
            }
            "start" => "Running",
            "stop" => "Stopped",
            _ => return Ok(None),
        };
        remember(cx, resource, "power", json!(power))?;
        accepted(cx, &MANAGED_CLUSTER, resource).map(Some)
    }
}

/// Refuses a cluster that would act as nobody: an identity can become another,
/// and is never given back.
fn identified(draft: &Draft) -> Outcome<()> {
    let kind = draft.text("identity.type");
    let has_principal = body::get(&draft.written, "properties.servicePrincipalProfile").is_some();
    if (kind == Some("None") || kind.is_none() && draft.is_new()) && !has_principal {
        return Err(bad("The cluster needs an identity or a service principal.").into());
    }
    let ids = body::get(&draft.written, "identity.userAssignedIdentities").and_then(Value::as_object);
    if kind == Some("UserAssigned") && ids.is_none_or(serde_json::Map::is_empty) {
        return Err(bad("An identity of the type UserAssigned needs the id of one.").into());
    }
    Ok(())
}

/// Fills in what the service decides at a cluster's birth, and refuses what it
/// cannot be born without.
fn complete(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
    if body::get(&draft.written, POOLS).is_none() {
        return Err(missing("agentPoolProfiles").into());
    }
    let prefix = draft.text("properties.dnsPrefix").is_some();
    let subdomain = draft.text("properties.fqdnSubdomain").is_some();
    let own_zone = draft.text(ZONE).is_some_and(|zone| zone.starts_with('/'));
    let private = body::get(&draft.written, PRIVATE) == Some(&json!(true));
    match (prefix, subdomain) {
        (false, false) => return Err(missing("dnsPrefix").into()),
        (true, true) => return Err(bad("Only one of dnsPrefix and fqdnSubdomain can be given.").into()),
        (false, true) if !(private && own_zone) => {
            return Err(
                bad("fqdnSubdomain needs a private cluster with a private DNS zone of one's own.").into()
            );
        }
        _ => {}
    }
    if body::get(&draft.written, "properties.kubernetesVersion").is_none() {
        body::set(&mut draft.written, "properties.kubernetesVersion", json!(VERSION));
    }
    if body::get(&draft.written, "properties.nodeResourceGroup").is_none() {
        let group = draft.id.resource_group_name().unwrap_or_default();
        let location = draft.text("location").unwrap_or_default();
        let name = format!("MC_{group}_{}_{location}", draft.id.name());
        let name: String = name.chars().take(GROUP_NAME).collect();
        body::set(&mut draft.written, "properties.nodeResourceGroup", json!(name));
    }
    if let Some(group) = node_group(&draft.id, &draft.written)
        && cx.store.exists(&group.canonical())?
    {
        return Err(Refusal::new(
            409,
            "Conflict",
            format!("The node resource group '{}' exists already.", group.name()),
        )
        .into());
    }
    Ok(())
}

/// The group of the nodes.
fn node_group(id: &ResourceId, written: &Value) -> Option<ResourceId> {
    body::text(written, "properties.nodeResourceGroup").map(|name| id.resource_group(name))
}

/// Refuses ranges of services and pods that are none, and fills in the usual ones.
fn ranges(draft: &mut Draft) -> Outcome<()> {
    let refuse = |target: &str, why: String| {
        Err(Refusal::new(400, "InvalidParameter", why).target(format!("networkProfile.{target}")).into())
    };
    match (draft.text(SERVICES).is_some(), draft.text(RESOLVER).is_some()) {
        (true, false) => return refuse("dnsServiceIP", "serviceCidr needs a dnsServiceIP in it.".to_owned()),
        (false, true) => {
            return refuse("serviceCidr", "dnsServiceIP needs the serviceCidr it is in.".to_owned());
        }
        (false, false) => {
            body::set(&mut draft.written, SERVICES, json!("10.0.0.0/16"));
            body::set(&mut draft.written, RESOLVER, json!("10.0.0.10"));
        }
        (true, true) => {}
    }
    let plugin = draft.text("properties.networkProfile.networkPlugin").unwrap_or("kubenet");
    let overlay = draft.text("properties.networkProfile.networkPluginMode").is_some();
    let pods = "properties.networkProfile.podCidr";
    if (plugin == "kubenet" || overlay) && draft.text(pods).is_none() {
        body::set(&mut draft.written, pods, json!("10.244.0.0/16"));
    }
    let (services, resolver) =
        (draft.text(SERVICES).unwrap_or_default(), draft.text(RESOLVER).unwrap_or_default());
    let Ok(range) = services.parse::<Ipv4Net>() else {
        return refuse("serviceCidr", format!("'{services}' is not a range of IPv4 addresses."));
    };
    let Ok(address) = resolver.parse::<std::net::Ipv4Addr>() else {
        return refuse("dnsServiceIP", format!("'{resolver}' is not an IPv4 address."));
    };
    if !range.contains(&address) {
        return refuse(
            "dnsServiceIP",
            format!("The DNS service IP {address} is not in the service CIDR {range}."),
        );
    }
    if u32::from(address) - u32::from(range.network()) <= 1 {
        return refuse(
            "dnsServiceIP",
            format!(
                "The DNS service IP {address} is the first address of the service CIDR {range}, which is taken."
            ),
        );
    }
    Ok(())
}

/// Refuses a private zone that is not there.
fn addressed(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let Some(zone) = draft.text(ZONE).filter(|zone| zone.starts_with('/')) else { return Ok(()) };
    let id =
        ResourceId::parse(zone).map_err(|_| bad(format!("'{zone}' is not the id of a private DNS zone.")))?;
    if cx.store.exists(&id.canonical())? {
        Ok(())
    } else {
        Err(references::dangling(&draft.id, ZONE, &id).into())
    }
}

/// Refuses authorized ranges of a private API ("use API server authorized IP
/// address ranges"; the code is not documented).
fn guarded(draft: &Draft) -> Outcome<()> {
    const RANGES: &str = "properties.apiServerAccessProfile.authorizedIPRanges[]";
    if body::get(&draft.written, PRIVATE) == Some(&json!(true))
        && !body::values(&draft.written, RANGES).is_empty()
    {
        return Err(bad("Authorized IP ranges cannot be set on a private cluster.").into());
    }
    Ok(())
}

/// Makes drafts of the pools that the body carries, and judges all there will be.
fn pools(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
    if body::get(&draft.written, POOLS).is_none() {
        return Ok(());
    }
    embed(cx, draft, POOLS, &AGENT_POOL, |item| json!({ "properties": item }))?;
    let cluster = draft.written.clone();
    let mut embedded = std::mem::take(&mut draft.embedded);
    for Embedded { drafts, .. } in &mut embedded {
        // Pools that are not named stay.
        for row in cx.store.children(&draft.id.canonical(), AGENT_POOL.resource_type)? {
            if !drafts.iter().any(|known| known.id == row.id) {
                let (id, body) = (row.id.clone(), row.written.clone());
                drafts.push(write::prepare(cx, &draft.api_version, &AGENT_POOL, &id, Some(row), body, true)?);
            }
        }
        for pool in drafts.iter_mut() {
            agent_pool::judge(cx, pool, &cluster)?;
            surroundings(cx, &cluster, pool)?;
        }
        if !drafts.iter().any(|pool| agent_pool::is_system(&pool.written)) {
            return Err(Refusal::new(400, "InvalidParameter", "Must define at least one system pool.")
                .target("agentPoolProfiles")
                .into());
        }
    }
    draft.embedded = embedded;
    Ok(())
}

/// Refuses a pool whose network does not go with the cluster's.
fn surroundings(cx: &Cx<'_>, cluster: &Value, pool: &Draft) -> Outcome<()> {
    let Some(id) = pool.id_at("properties.vnetSubnetID") else { return Ok(()) };
    let (Some(row), Some(network)) = (cx.store.resource(&id.canonical())?, id.parent()) else {
        return Ok(());
    };
    let services: Option<IpNet> = body::text(cluster, SERVICES).and_then(|text| text.parse().ok());
    for other in cx.store.children(&network.canonical(), SUBNET.resource_type)? {
        let crossing = subnet::ranges(&other.written, &other.id)?
            .into_iter()
            .find(|range| services.is_some_and(|all| all.contains(range) || range.contains(&all)));
        if let Some(range) = crossing {
            return Err(Refusal::new(
                400,
                "ServiceCidrOverlapExistingSubnetsCidr",
                format!(
                    "The specified service CIDR {} is conflicted with an existing subnet CIDR {range}.",
                    services.map(|all| all.to_string()).unwrap_or_default()
                ),
            )
            .target("networkProfile.serviceCIDR")
            .into());
        }
    }
    let routed = body::text(cluster, "properties.networkProfile.outboundType") == Some("userDefinedRouting");
    if routed && body::text(&row.written, "properties.routeTable.id").is_none() {
        return Err(Refusal::new(
            400,
            "ExistingRouteTableNotAssociatedWithSubnet",
            format!(
                "An existing route table has not been associated with subnet {}. Please update the route table \
                 association.",
                row.id
            ),
        )
        .into());
    }
    Ok(())
}

/// Decides what the cluster answers of itself.
fn stamp(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
    let location = draft.text("location").unwrap_or_default().to_owned();
    let serial = cx.store.guid()?;
    let prefix = draft.text("properties.dnsPrefix").map(str::to_owned);
    let host = match (&prefix, draft.text("properties.fqdnSubdomain")) {
        (Some(prefix), _) => format!("{prefix}-{}", &serial[..8]),
        (None, subdomain) => subdomain.unwrap_or_default().to_owned(),
    };
    let private = body::get(&draft.written, PRIVATE) == Some(&json!(true));
    let open = body::get(&draft.written, "properties.apiServerAccessProfile.enablePrivateClusterPublicFQDN")
        != Some(&json!(false));
    if private {
        let zone = match draft.text(ZONE) {
            Some(zone) if zone.starts_with('/') => zone.rsplit('/').next().unwrap_or_default().to_owned(),
            _ => format!("{serial}.privatelink.{location}.azmk8s.io"),
        };
        draft.stamp_once("properties.privateFQDN", || Ok(json!(format!("{host}.{zone}"))))?;
    }
    if !private || open {
        draft.stamp_once("properties.fqdn", || Ok(json!(format!("{host}.hcp.{location}.azmk8s.io"))))?;
    }
    draft.stamp_once("properties.azurePortalFQDN", || {
        Ok(json!(format!("{host}.portal.hcp.{location}.azmk8s.io")))
    })?;
    let uid: String = serial.chars().filter(|letter| *letter != '-').take(24).collect();
    draft.stamp_once("properties.resourceUID", || Ok(json!(uid)))?;
    draft.stamp_once("properties.maxAgentPools", || Ok(json!(100)))?;
    draft.stamp_once("power", || Ok(json!("Running")))?;
    if body::get(&draft.written, "properties.oidcIssuerProfile.enabled") == Some(&json!(true)) {
        let issuer = format!("https://{location}.oic.prod-aks.azure.com/{TENANT}/{serial}/");
        draft.stamp_once("properties.oidcIssuerProfile.issuerURL", || Ok(json!(issuer)))?;
    }
    let version = draft.text("properties.kubernetesVersion").map(agent_pool::patched);
    body::set(&mut draft.stamped, "properties.currentKubernetesVersion", json!(version));
    Ok(())
}

/// Makes the group of the nodes, and in it the identity that their agents use.
fn make_nodes(cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
    let Some(group) = node_group(&resource.id, &resource.written) else { return Ok(()) };
    if cx.store.exists(&group.canonical())? {
        return Ok(());
    }
    let key = resource.key();
    let location = resource.written["location"].clone();
    debug_assert!(group.is(&RESOURCE_GROUP));
    make(cx, group.clone(), &key, json!({ "location": location, "managedBy": resource.id.as_str() }))?;
    if body::get(&resource.written, "properties.identityProfile.kubeletidentity").is_some() {
        return Ok(());
    }
    let name = format!("{}-agentpool", resource.id.name());
    let Some(identity) = sibling(&group, USER_ASSIGNED_IDENTITY.resource_type, &name) else { return Ok(()) };
    let (client, principal) = (cx.store.guid()?, cx.store.guid()?);
    make(
        cx,
        identity.clone(),
        &key,
        json!({
            "location": location,
            "properties": { "tenantId": TENANT, "clientId": client, "principalId": principal },
        }),
    )?;
    let seen = cx.now.saturating_add(cx.settings.latency.lag(Lag::Principal));
    cx.store.add_principal(&principal, &identity.canonical(), seen)?;
    body::set(
        &mut resource.stamped,
        "properties.identityProfile.kubeletidentity",
        json!({ "resourceId": identity.as_str(), "clientId": client, "objectId": principal }),
    );
    Ok(())
}

/// A configuration of kubectl that leads nowhere.
fn credential(resource: &Resource, name: &str) -> Answer {
    let host = body::text(&resource.stamped, "properties.fqdn")
        .or_else(|| body::text(&resource.stamped, "properties.privateFQDN"))
        .unwrap_or_default();
    let cluster = resource.id.name();
    let group = resource.id.resource_group_name().unwrap_or_default();
    let user = format!("{name}_{group}_{cluster}");
    let token = secret(resource, name);
    let authority = STANDARD.encode("a simulated cluster has no certificate");
    let text = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: {cluster}\n  cluster:\n    \
         certificate-authority-data: {authority}\n    server: https://{host}:443\ncontexts:\n- name: {cluster}\n  \
         context:\n    cluster: {cluster}\n    user: {user}\ncurrent-context: {cluster}\nusers:\n- name: {user}\n  \
         user:\n    token: {token}\n"
    );
    Answer::json(200, json!({ "kubeconfigs": [{ "name": name, "value": STANDARD.encode(text) }] }))
}
