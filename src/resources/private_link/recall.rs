//! A private link read back from Azure.

use serde_json::Value as Json;

use crate::engine::graph::IN_THE_OWNERS_PLACE;
use crate::kinds::{ROLE_ASSIGNMENT, ResourceId, VIRTUAL_NETWORK_LINK, WORKSPACE};
use crate::resources::private_endpoint::connection_name;
use crate::resources::recall::{Found, Recalled, Seen, id, items, parsed, text, texts};
use crate::resources::{private_dns, recall};
use crate::schema::Value;

/// Where an endpoint lists what it leads to, and whether that is asked for.
const LISTS: [(&str, bool); 2] = [
    ("/properties/privateLinkServiceConnections", false),
    ("/properties/manualPrivateLinkServiceConnections", true),
];

pub(super) fn private_link(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
    let endpoint = seen.primary(at)?;
    let body = &endpoint.body;
    let all: Vec<(&Json, bool)> = LISTS
        .iter()
        .flat_map(|(list, manual)| items(body, list).map(|connection| (connection, *manual)))
        .collect();
    let [(connection, manual)] = all[..] else {
        return Err(format!("{at} has {} connections, and this block has one.", all.len()));
    };
    let mut recalled = Recalled::default();
    recalled.parts.insert("endpoint".to_owned(), endpoint.id.clone());
    recalled.rename("endpoint/connection", &text(connection, "/name"), &connection_name(endpoint.id.name()));
    let target = id(connection, "/properties/privateLinkServiceId");
    let service = Value::object([
        ("private_connection_resource_id", target.as_ref().map(ToString::to_string).into()),
        ("subresource_names", texts(connection, "/properties/groupIds")),
        ("is_manual_connection", manual.into()),
        ("approval", if approved_here(connection) { "managed".into() } else { Value::Null }),
        ("request_message", text(connection, "/properties/requestMessage")),
    ]);
    let service_name = texts(connection, "/properties/groupIds");
    let service_name = service_name.as_list().and_then(<[Value]>::first).and_then(Value::as_str);
    let zones = recalled.zone_group("endpoint", endpoint, service_name.unwrap_or_default(), seen);
    let other_service = |one: &Json| match text(one, "/properties/groupId") {
        Value::String(group) if service_name.is_none_or(|name| !name.eq_ignore_ascii_case(&group)) => {
            Value::String(group)
        }
        _ => Value::Null,
    };
    let configurations = items(body, "/properties/ipConfigurations").map(|one| {
        Value::object([
            ("name", text(one, "/name")),
            ("private_ip_address", text(one, "/properties/privateIPAddress")),
            ("subresource_name", other_service(one)),
            ("member_name", text(one, "/properties/memberName")),
        ])
    });
    let names = zones.as_ref().map_or(Value::Null, |zones| recalled.zone_group_block(zones, seen));
    let identity = recalled.reader(endpoint, target.as_ref(), seen);
    recalled.arguments = vec![
        ("name", endpoint.id.name().into()),
        ("resource_group_name", endpoint.id.resource_group_name().into()),
        ("location", text(body, "/location")),
        ("subnet_id", id(body, "/properties/subnet/id").map(|id| id.to_string()).into()),
        ("custom_network_interface_name", text(body, "/properties/customNetworkInterfaceName")),
        ("dns", if zones.is_some() { "zones" } else { "policy" }.into()),
        ("private_service_connection", service),
        ("private_dns_zone_group", names),
        ("ip_configuration", Value::List(configurations.collect())),
    ];
    recalled.arguments.extend(identity);
    Ok(recalled)
}

/// Whether the words beside an approval are the provider's own. Whether
/// somebody waited for it leaves no trace.
fn approved_here(connection: &Json) -> bool {
    let said = text(connection, "/properties/privateLinkServiceConnectionState/description");
    said.as_str() == Some(IN_THE_OWNERS_PLACE)
}

impl Recalled {
    fn zone_group_block(&mut self, zones: &[ResourceId], seen: &Seen) -> Value {
        let mut links = Vec::new();
        let mut networks: Vec<ResourceId> = Vec::new();
        for zone in zones {
            for link in seen.within(zone, &VIRTUAL_NETWORK_LINK).iter().filter(|link| link.ours) {
                let Some(network) = id(&link.body, "/properties/virtualNetwork/id") else { continue };
                links.push((zone.name().to_owned(), network.clone(), link));
                if !networks.contains(&network) {
                    networks.push(network);
                }
            }
        }
        networks.sort();
        let names = private_dns::told_apart(&networks);
        for (zone, network, link) in links {
            let name = networks.iter().position(|one| *one == network).map(|at| &names[at]);
            self.parts.extend(name.map(|name| (format!("link/{zone}/{name}"), link.id.clone())));
        }
        let ids = |all: &[ResourceId]| Value::list(all.iter().map(ResourceId::as_str));
        let networks = if networks.is_empty() { Value::Null } else { ids(&networks) };
        Value::object([("private_dns_zone_ids", ids(zones)), ("virtual_network_ids", networks)])
    }

    /// Whose identity was made a reader of the endpoint. Its assignment names
    /// the identity, and not whose that is: a workspace near by.
    fn reader(
        &mut self,
        endpoint: &Found,
        target: Option<&ResourceId>,
        seen: &Seen,
    ) -> Vec<(&'static str, Value)> {
        let assignments = seen.within(&endpoint.id, &ROLE_ASSIGNMENT);
        let Some(reader) = assignments.iter().find(|assignment| assignment.ours) else { return Vec::new() };
        let principal = text(&reader.body, "/properties/principalId");
        let Some(principal) = principal.as_str() else { return Vec::new() };
        let groups = [endpoint.id.resource_group_id(), target.and_then(ResourceId::resource_group_id)];
        let mut workspaces: Vec<&Found> = Vec::new();
        for group in groups.into_iter().flatten() {
            for workspace in seen.within(&recall::spelt(&group), &WORKSPACE) {
                if workspaces.iter().all(|other| other.id != workspace.id) {
                    workspaces.push(workspace);
                }
            }
        }
        let acting =
            workspaces.iter().find_map(|workspace| Some((*workspace, acts_as(workspace, principal, seen)?)));
        // Where none acts as this identity, it is the only one's.
        let only = if let [only] = workspaces[..] { Some((only, false)) } else { None };
        let Some((workspace, own)) = acting.or(only) else { return Vec::new() };
        self.parts.insert("role/reader".to_owned(), reader.id.clone());
        let other = if own { Value::Null } else { principal.into() };
        vec![("machine_learning_workspace_id", workspace.id.as_str().into()), ("principal_id", other)]
    }
}

/// Whether a workspace acts as this principal, and whether that is its own
/// identity.
pub(super) fn acts_as(workspace: &Found, principal: &str, seen: &Seen) -> Option<bool> {
    let is = |body: &Json, pointer: &str| {
        body.pointer(pointer).and_then(Json::as_str).is_some_and(|one| one.eq_ignore_ascii_case(principal))
    };
    if is(&workspace.body, "/identity/principalId") {
        return Some(true);
    }
    let others = workspace.body.pointer("/identity/userAssignedIdentities").and_then(Json::as_object);
    let other = others.into_iter().flatten().any(|(identity, shown)| {
        is(shown, "/principalId")
            || parsed(identity)
                .and_then(|id| seen.at(&id))
                .is_some_and(|identity| is(&identity.body, "/properties/principalId"))
    });
    other.then_some(false)
}
