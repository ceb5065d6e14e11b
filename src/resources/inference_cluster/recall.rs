//! An inference cluster read back from Azure: how it is attached, and whose
//! the cluster is.

use serde_json::Value as Json;

use super::kubernetes_cluster;
use super::{BALANCERS, COMPUTE_TYPES, EXTENSION_NAME, EXTENSION_TYPE, PURPOSES};
use crate::kinds::{KUBERNETES_EXTENSION, ROLE_ASSIGNMENT, ResourceId, SUBNET};
use crate::resources::identity;
use crate::resources::recall::{Found, Recalled, Seen, id, parsed, text, texts, word};
use crate::resources::roles::builtin;
use crate::schema::Value;

const OF_COMPUTE: &str = "/properties/properties";
const OF_EXTENSION: &str = "/properties/configurationSettings";

pub(super) fn inference_cluster(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
    let compute = seen.primary(at)?;
    let body = &compute.body;
    let kind = word(body, "/properties/computeType", &COMPUTE_TYPES);
    let by_extension = match kind.as_str() {
        Some("Kubernetes") => true,
        Some("AKS") => false,
        _ => return Err(format!("{at} is no Kubernetes cluster but another compute.")),
    };
    let cluster = seen
        .named(body, "/properties/resourceId")
        .ok_or_else(|| format!("{at} names no Kubernetes cluster that exists."))?;
    let mut parts = vec![("compute".to_owned(), compute.id.clone())];
    let extension = extension(cluster, seen).filter(|_| by_extension);
    // An extension carries no mark. On a cluster of ours it is ours; on any other it is where we have attached it.
    let managed = extension.filter(|found| cluster.ours || compute.ours && found.id.name() == EXTENSION_NAME);
    parts.extend(managed.map(|found| ("extension".to_owned(), found.id.clone())));
    if cluster.ours {
        parts.push(("kubernetes_cluster".to_owned(), cluster.id.clone()));
    }
    let subnet = id(&cluster.body, "/properties/agentPoolProfiles/0/vnetSubnetID");
    let network = subnet.as_ref().and_then(ResourceId::parent);
    let balancer = balancer(body, extension, by_extension);
    let named = text(body, &format!("{OF_COMPUTE}/loadBalancerSubnet"));
    let elsewhere = network.as_ref().zip(named.as_str()).map(|(network, name)| network.child(&SUBNET, name));
    let elsewhere = elsewhere.filter(|found| !cluster.ours || Some(found) != subnet.as_ref());
    let group = network.as_ref().and_then(ResourceId::resource_group_id);
    let role = group.is_some_and(|group| is_assigned(compute, cluster, &group, seen));
    // Of a given cluster only the subnet says that the role is wanted.
    let elsewhere = elsewhere.or_else(|| subnet.filter(|_| role && !cluster.ours));
    let reader = reader(cluster, seen);
    let insecure = is_insecure(body, extension, by_extension);
    let made = cluster.ours;
    let space = network.and_then(|network| seen.at(&network).cloned());
    let arguments = vec![
        ("name", compute.id.name().into()),
        ("machine_learning_workspace_id", compute.id.parent().map(|id| id.to_string()).into()),
        ("compute_type", kind),
        ("kubernetes_cluster_id", if made { Value::Null } else { cluster.id.as_str().into() }),
        ("kubernetes_cluster", if made { kubernetes_cluster::recalled(cluster) } else { Value::Null }),
        ("location", text(&cluster.body, "/location")),
        (
            "virtual_network_address_space",
            space.map_or(Value::Null, |found| texts(&found.body, "/properties/addressSpace/addressPrefixes")),
        ),
        ("cluster_purpose", purpose(body, extension, by_extension)),
        ("load_balancer_type", balancer.into()),
        (
            "load_balancer_subnet_id",
            elsewhere.filter(|_| balancer == BALANCERS[0]).map(|id| id.to_string()).into(),
        ),
        ("ssl", if insecure { Value::Null } else { ssl(body, extension, by_extension) }),
        ("insecure_connections_allowed", insecure.into()),
        ("training_enabled", extension.is_some_and(|found| is_on(found, "enableTraining")).into()),
        ("namespace", text(body, &format!("{OF_COMPUTE}/namespace"))),
        ("extension", if by_extension && managed.is_none() { "none" } else { "managed" }.into()),
        ("workspace_principal_id", reader.clone()),
        ("role_assignments", if role || !reader.is_null() { "managed" } else { "none" }.into()),
        ("description", text(body, "/properties/description")),
        ("identity", identity::recalled(body)),
    ];
    Ok(Recalled { arguments, parts: parts.into_iter().collect(), ..Recalled::default() })
}

/// The extension that makes the cluster a place for machine learning.
fn extension<'s>(cluster: &Found, seen: &'s Seen) -> Option<&'s Found> {
    let mut all = seen.within(&cluster.id, &KUBERNETES_EXTENSION).iter();
    all.find(|found| {
        text(&found.body, "/properties/extensionType")
            .as_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case(EXTENSION_TYPE))
    })
}

fn is_on(extension: &Found, setting: &str) -> bool {
    let word = text(&extension.body, &format!("{OF_EXTENSION}/{setting}"));
    word.as_str().is_some_and(|word| word.eq_ignore_ascii_case("true"))
}

fn balancer(body: &Json, extension: Option<&Found>, by_extension: bool) -> &'static str {
    let internal = if by_extension {
        extension.is_none_or(|found| {
            !text(&found.body, &format!("{OF_EXTENSION}/internalLoadBalancerProvider")).is_null()
        })
    } else {
        word(body, &format!("{OF_COMPUTE}/loadBalancerType"), &BALANCERS).as_str() == Some(BALANCERS[0])
    };
    if internal { BALANCERS[0] } else { BALANCERS[1] }
}

fn is_insecure(body: &Json, extension: Option<&Found>, by_extension: bool) -> bool {
    if by_extension {
        return extension.is_none_or(|found| is_on(found, "allowInsecureConnections"));
    }
    let status = text(body, &format!("{OF_COMPUTE}/sslConfiguration/status"));
    status.as_str().is_none_or(|status| status.eq_ignore_ascii_case("Disabled"))
}

fn purpose(body: &Json, extension: Option<&Found>, by_extension: bool) -> Value {
    let found = if by_extension {
        extension.map_or(Value::Null, |found| {
            word(&found.body, &format!("{OF_EXTENSION}/clusterPurpose"), &PURPOSES)
        })
    } else {
        word(body, &format!("{OF_COMPUTE}/clusterPurpose"), &PURPOSES)
    };
    if found.is_null() { PURPOSES[0].into() } else { found }
}

/// As far as Azure tells: never the certificate and never its key.
fn ssl(body: &Json, extension: Option<&Found>, by_extension: bool) -> Value {
    let of = |name: &str| text(body, &format!("{OF_COMPUTE}/sslConfiguration/{name}"));
    let cname = match extension.filter(|_| by_extension) {
        Some(found) => text(&found.body, &format!("{OF_EXTENSION}/sslCname")),
        None => of("cname"),
    };
    let overwrite = body.pointer(&format!("{OF_COMPUTE}/sslConfiguration/overwriteExistingDomain"));
    Value::object([
        ("cname", cname),
        ("leaf_domain_label", of("leafDomainLabel")),
        ("overwrite_existing_domain", overwrite.and_then(Json::as_bool).map_or(Value::Null, Value::from)),
    ])
}

/// Who is a Reader of the cluster by us: the workspace's identity.
fn reader(cluster: &Found, seen: &Seen) -> Value {
    let mut ours = seen.within(&cluster.id, &ROLE_ASSIGNMENT).iter().filter(|assignment| assignment.ours);
    let role = |assignment: &&Found| {
        let role = text(&assignment.body, "/properties/roleDefinitionId");
        role.as_str().is_some_and(|role| role.to_ascii_lowercase().ends_with(builtin::READER.id))
    };
    ours.find(role).map_or(Value::Null, |found| text(&found.body, "/properties/principalId"))
}

/// Whether the cluster's identity has its role in the group of the network by
/// us, or where we have built nothing, by anybody.
fn is_assigned(compute: &Found, cluster: &Found, group: &ResourceId, seen: &Seen) -> bool {
    let own = text(&cluster.body, "/identity/principalId");
    let users = cluster.body.pointer("/identity/userAssignedIdentities").and_then(Json::as_object);
    let users = users.into_iter().flatten().filter_map(|(identity, shown)| {
        let there = text(shown, "/principalId");
        if !there.is_null() {
            return Some(there);
        }
        let identity = parsed(identity).and_then(|id| seen.at(&id))?;
        Some(text(&identity.body, "/properties/principalId"))
    });
    let principals: Vec<Value> = std::iter::once(own).chain(users).filter(|one| !one.is_null()).collect();
    seen.within(group, &ROLE_ASSIGNMENT).iter().any(|assignment| {
        let role = text(&assignment.body, "/properties/roleDefinitionId");
        let role = role.as_str().and_then(|role| role.rsplit('/').next()).unwrap_or_default();
        principals.contains(&text(&assignment.body, "/properties/principalId"))
            && role.eq_ignore_ascii_case(builtin::NETWORK_CONTRIBUTOR.id)
            && (assignment.ours || !compute.ours)
    })
}
