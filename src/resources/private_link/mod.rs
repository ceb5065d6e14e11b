//! `amlsecure_private_link`: a private endpoint of any resource, in any
//! network, with its names.
//!
//! ```text
//! target (given) <- endpoint <- endpoint/dns
//!                            <- role/reader
//! zone (given)   <- link/<zone>/<network>
//! ```

mod recall;

use crate::engine::graph::{Consent, Expr, Handle};
use crate::kinds::zones::{GROUPS, zones};
use crate::kinds::{
    self, Kind, PRIVATE_DNS_ZONE, PRIVATE_ENDPOINT, RESOURCE_GROUP, ResourceId, SUBNET, VIRTUAL_NETWORK,
    VIRTUAL_NETWORK_LINK, WORKSPACE,
};
use crate::resources::expansion::origin;
use crate::resources::private_endpoint::{connections, zone_group};
use crate::resources::roles::{self, Assignment, RequiredRole, builtin};
use crate::resources::{MovedFrom, Outputs, Recalled, Resource, Seen, Stack, checks, private_dns};
use crate::schema::config::{Blocks, Computed, Field, State};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

/// The longest message that goes with a request (type definitions of
/// Microsoft.Network, `requestMessage`).
const MESSAGE_CHARS: usize = 140;

/// How a connection comes by its approval.
const APPROVALS: [&str; 3] = ["awaited", "requested", "managed"];

block! {
    /// A private endpoint of any resource that has private link, in any of your networks: a second way into a
    /// workspace, a storage account that no workspace made, a database. With it come its names in DNS, links
    /// of their zones to networks, and the right of a workspace's identity to see it.
    pub struct PrivateLink {
        /// The name of the endpoint.
        pub name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&PRIVATE_ENDPOINT, v, p, d)),
        /// The resource group that the endpoint lives in.
        pub resource_group_name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&RESOURCE_GROUP, v, p, d)),
        /// The Azure region of the endpoint: that of its network. The target may lie elsewhere.
        pub location: Field<String> = required().replaces().check(checks::location),
        /// The id of the subnet that the endpoint stands in.
        pub subnet_id: Field<String> = required().replaces().check(|v, p, d| checks::id_of(&SUBNET, v, p, d)),
        /// What the endpoint's network interface is called. Without it Azure chooses a name.
        pub custom_network_interface_name: Field<String> = optional().replaces(),
        /// `zones`: the endpoint writes its names into the zones of `private_dns_zone_group`. `policy`: an
        /// Azure Policy or your own DNS has them, and what a policy makes is left alone.
        pub dns: Field<String> = default("zones")
            .check(|v, p, d| checks::one_of(&["zones", "policy"], v, p, d)),
        /// What the endpoint leads to.
        pub private_service_connection: Option<Connection> = required(),
        /// The private DNS zones in which the target is found.
        pub private_dns_zone_group: Option<ZoneGroup> = optional(),
        /// Addresses of the endpoint that you choose. Without the blocks, Azure takes free ones.
        pub ip_configuration: Blocks<IpConfiguration> = optional().replaces(),
        /// The id of a workspace whose identity may read the endpoint. Its studio shows data behind an
        /// endpoint of a storage account only if it may.
        pub machine_learning_workspace_id: Field<String> = optional()
            .check(|v, p, d| checks::id_of(&WORKSPACE, v, p, d)),
        /// The object id of the identity that the workspace acts as, where that is not its system-assigned one.
        pub principal_id: Field<String> = optional(),
        /// `managed`: the provider assigns the role that the workspace's identity needs. `none`: somebody with
        /// the right to assign roles does it, from `required_role_assignments`.
        pub role_assignments: Field<String> = default("managed")
            .check(|v, p, d| checks::one_of(&["managed", "none"], v, p, d)),
        /// The id of the endpoint.
        pub id: Computed<String> = computed(),
        /// How the owner of the target answers, in one element: `Approved`, `Pending`, `Rejected` or
        /// `Disconnected`. Only an approved connection carries traffic. A refresh asks again.
        pub connection_status: Computed<Vec<Field<String>>> = computed(),
        /// The private addresses of the endpoint.
        pub private_ip_addresses: Computed<Vec<Field<String>>> = computed(),
        /// The roles that the workspace's identity needs: scope, role and principal of each.
        pub required_role_assignments: Computed<Vec<Field<RequiredRole>>> = computed(),
    }
}

block! {
    /// What the endpoint leads to.
    pub struct Connection {
        /// The id of the target.
        pub private_connection_resource_id: Field<String> = required().replaces().check(resource_id),
        /// Which service of the target, one of them: `blob`, `file`, `queue`, `table`, `dfs` or `web` of a storage
        /// account, `vault`, `registry`, `amlworkspace`, `sqlServer` of a database server.
        pub subresource_names: Field<Vec<Field<String>>> = required().replaces().check(checks::not_empty),
        /// Whether the target's owner is asked to approve the connection. Without it Azure approves at once if
        /// you have the right to.
        pub is_manual_connection: Field<bool> = default(false).replaces(),
        /// Who approves the connection, and whether an apply waits for it. It is of no use before that.
        /// `awaited`: the apply ends when the connection is approved, and fails when the owner rejects it or
        /// its time (`timeouts`) is over. `requested`, for a manual one: the apply ends with the request and says
        /// which command approves it. `managed`: the provider approves it in the owner's place, for which you need
        /// `privateEndpointConnectionsApproval/action` on the target. Left out, a manual connection is `requested`,
        /// as the owner is a person and a pipeline that waits for one holds its runner and the lock of its state;
        /// any other is `awaited`. A connection that its owner rejects later is drift. An import finds `managed` again,
        /// by the words that it leaves beside the approval, and cannot tell the other two apart.
        pub approval: Field<String> = optional()
            .check(|v, p, d| checks::one_of(&APPROVALS, v, p, d)),
        /// What the owner of the target reads beside the request.
        pub request_message: Field<String> = optional().check(message),
    }
}

block! {
    /// The private DNS zones in which the target is found.
    pub struct ZoneGroup {
        /// The ids of the zones, as `amlsecure_private_dns` gives them. They may lie in another subscription. No
        /// other endpoint of the same target may write into them: the later one takes the name.
        pub private_dns_zone_ids: Field<Vec<Field<String>>> = required()
            .check(checks::not_empty)
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&PRIVATE_DNS_ZONE, v, p, d), v, p, d)),
        /// The ids of networks that are to find the target and that nobody has linked to the zones yet. Networks
        /// that an `amlsecure_private_dns` links need no mention.
        pub virtual_network_ids: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&VIRTUAL_NETWORK, v, p, d), v, p, d)),
    }
}

block! {
    /// An address of the endpoint.
    pub struct IpConfiguration {
        /// The name of the configuration.
        pub name: Field<String> = required(),
        /// The address, a free one of the subnet.
        pub private_ip_address: Field<String> = required().check(checks::ip_address),
        /// The service of the target that it is for, as in `subresource_names`.
        pub subresource_name: Field<String> = optional(),
        /// Which member of the service: a workspace has `default`, `notebook` and `inference`.
        pub member_name: Field<String> = optional(),
    }
}

fn resource_id(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && let Err(error) = ResourceId::parse(text)
    {
        problems.error(path.clone(), "This is not the id of an Azure resource", format!("{error}."));
    }
}

fn message(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && text.chars().count() > MESSAGE_CHARS
    {
        problems.error(
            path.clone(),
            "The message is too long",
            format!("Azure takes up to {MESSAGE_CHARS} characters."),
        );
    }
}

impl Connection {
    pub(super) fn target(&self) -> Option<ResourceId> {
        ResourceId::parse(self.private_connection_resource_id.text()?).ok()
    }

    fn group(&self) -> Option<&str> {
        self.subresource_names.elements().next()?.text()
    }

    fn check(&self, problems: &mut Diagnostics) {
        if let Some(second) = self.subresource_names.elements().nth(1) {
            problems.error(
                second.path.clone(),
                "A private endpoint leads to one service of its target",
                "Write one amlsecure_private_link for each service.",
            );
        }
        if let (Some(target), Some(group)) = (self.target(), self.group()) {
            let kind = target.resource_type();
            let groups: Vec<&str> = GROUPS
                .iter()
                .filter(|(_, of)| of.eq_ignore_ascii_case(&kind))
                .map(|(group, _)| *group)
                .collect();
            let primary = group.strip_suffix("_secondary").unwrap_or(group);
            if !groups.is_empty() && !groups.contains(&primary) {
                problems.error(
                    self.subresource_names.path.clone(),
                    format!("A {kind} has no service {group:?}"),
                    format!("It has {}.", checks::listed(&groups)),
                );
            }
        }
        if self.is_manual_connection.known() == Some(&false) && self.request_message.is_set() {
            problems.error(
                self.request_message.path.clone(),
                "Nobody would read this message",
                "Only a connection that has to be approved carries one: set is_manual_connection = true.",
            );
        }
        self.check_approval(problems);
    }

    fn check_approval(&self, problems: &mut Diagnostics) {
        match self.approval.text() {
            Some("requested") if self.is_manual_connection.known() == Some(&false) => problems.error(
                self.approval.path.clone(),
                "Nobody is asked to approve this connection",
                "An automatic one is approved by Azure, or of no use. Set is_manual_connection = true to ask its owner, \
                 or leave approval out.",
            ),
            Some("managed") => {
                let Some(kind) = self.target().map(|target| target.resource_type()) else { return };
                if kinds::find(&format!("{kind}/privateEndpointConnections")).is_none() {
                    problems.error(
                        self.approval.path.clone(),
                        format!("Connections of {kind} cannot be approved from here"),
                        "The provider does not know how this service keeps them. Set approval = \"awaited\", and have \
                         the owner approve it with az network private-endpoint-connection approve.",
                    );
                }
            }
            _ => {}
        }
    }

    fn consent(&self) -> Consent {
        match (self.approval.text(), self.is_manual_connection.known()) {
            (Some("managed"), _) => Consent::Given,
            (Some("requested"), _) => Consent::Requested,
            (None, Some(true)) if self.approval.is_null() => Consent::Requested,
            _ => Consent::Awaited,
        }
    }

    /// A target whose owner is asked may be one that we cannot read.
    fn given(&self, stack: &mut Stack<'_>) -> Expr {
        let kind = self.target().and_then(|target| kinds::find(&target.resource_type()));
        match kind {
            Some(kind) if self.is_manual_connection.known() == Some(&false) => {
                let target = stack.given("target", kind, &self.private_connection_resource_id);
                Expr::At(origin(&self.private_connection_resource_id.path), Box::new(target.id()))
            }
            _ => Expr::from(&self.private_connection_resource_id),
        }
    }
}

impl Resource for PrivateLink {
    const TYPE: &'static str = "amlsecure_private_link";
    const MOVED_FROM: MovedFrom = &[("azurerm_private_endpoint", &PRIVATE_ENDPOINT)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&PRIVATE_ENDPOINT];
    const IMPORT: &'static str = "Its target, its subnet and its zones are given, by id. Its zone group becomes this block's own. Links and \
         role assignments do where they carry the provider's mark; those of others stay theirs. The workspace is \
         looked for in the resource groups of the endpoint and of its target.";

    fn check(&self, problems: &mut Diagnostics) {
        if let Some(connection) = &self.private_service_connection {
            connection.check(problems);
        }
        match &self.private_dns_zone_group {
            None if self.dns.text() == Some("zones") => problems.error(
                self.dns.path.clone(),
                "No private DNS zone is given",
                "The endpoint would have no name, and clients would go on to the public address. Add a \
                 private_dns_zone_group block, or set dns = \"policy\" if an Azure Policy or your own DNS has the names.",
            ),
            Some(zones) if self.dns.text() == Some("policy") => problems.error(
                zones.private_dns_zone_ids.path.clone(),
                "Two would write the names of the endpoint",
                "An endpoint has one zone group. Take out the private_dns_zone_group block, or set dns = \"zones\".",
            ),
            _ => {}
        }
        if self.principal_id.is_set() && self.machine_learning_workspace_id.is_null() {
            problems.error(
                self.principal_id.path.clone(),
                "An identity needs the workspace that it acts for",
                "Set machine_learning_workspace_id as well.",
            );
        }
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let Some(connection) = &self.private_service_connection else {
            // The schema requires the block; without it there is nothing to expand.
            stack.incomplete();
            return Outputs::new();
        };
        let endpoint = self.endpoint(stack, connection);
        stack.graph.set_primary(&endpoint);
        let addresses = match &self.private_dns_zone_group {
            Some(group) => {
                group.check_zones(stack, connection);
                let zone_group = group.expand(stack, &endpoint);
                group.links(stack, &self.name);
                // It empties the endpoint's own list and keeps one of its own.
                zone_group.output("properties.privateDnsZoneConfigs.*.properties.recordSets.*.ipAddresses.*")
            }
            None => endpoint.output("properties.customDnsConfigs.*.ipAddresses.*"),
        };
        let required = self.roles(stack, &endpoint);
        let list = match connection.is_manual_connection.state {
            State::Known(true) => "manualPrivateLinkServiceConnections",
            _ => "privateLinkServiceConnections",
        };
        let status = if connection.is_manual_connection.is_unknown() {
            Expr::Unknown
        } else {
            endpoint
                .output(&format!("properties.{list}.*.properties.privateLinkServiceConnectionState.status"))
        };
        [
            ("id", endpoint.id()),
            ("connection_status", status),
            ("private_ip_addresses", addresses),
            ("required_role_assignments", required),
        ]
        .into()
    }

    fn recall(id: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        recall::private_link(id, seen)
    }
}

impl PrivateLink {
    fn endpoint(&self, stack: &mut Stack<'_>, connection: &Connection) -> Handle {
        let target = connection.given(stack);
        let asked = body!({
            "privateLinkServiceId": (target),
            "groupIds": (&connection.subresource_names),
            "requestMessage": (&connection.request_message),
        });
        let asked = connections(stack, "endpoint", self.name.text(), asked);
        let mut properties = vec![("subnet", body!({ "id": (&self.subnet_id) }))];
        properties.push(match connection.is_manual_connection.state {
            State::Known(true) => ("manualPrivateLinkServiceConnections", asked),
            State::Unknown => ("privateLinkServiceConnections", Expr::Unknown),
            State::Known(false) | State::Null => ("privateLinkServiceConnections", asked),
        });
        if self.custom_network_interface_name.is_set() {
            let name = Expr::from(&self.custom_network_interface_name);
            properties.push(("customNetworkInterfaceName", name));
        }
        if self.ip_configuration.unknown {
            properties.push(("ipConfigurations", Expr::Unknown));
        } else if !self.ip_configuration.items.is_empty() {
            let each = self.ip_configuration.items.iter().map(|one| one.expr(connection));
            properties.push(("ipConfigurations", Expr::array(each)));
        }
        let body = body!({ "location": (&self.location), "properties": (Expr::object(properties)) });
        let group = stack.resource_group(&self.resource_group_name);
        let name = self.name.text().map(str::to_owned);
        let endpoint = stack.add("endpoint", &PRIVATE_ENDPOINT, group.as_ref(), name, body, &self.name.path);
        stack.graph.consent(&endpoint, connection.consent());
        endpoint
    }

    /// The studio of a workspace asks whether data lies behind an endpoint
    /// ("studio in a virtual network").
    fn roles(&self, stack: &mut Stack<'_>, endpoint: &Handle) -> Expr {
        let workspace = &self.machine_learning_workspace_id;
        if workspace.is_null() {
            return Expr::array([]);
        }
        if self.role_assignments.is_unknown() {
            stack.incomplete();
        }
        let workspace = stack.given("workspace", &WORKSPACE, workspace);
        let principal = roles::of_workspace(&workspace, &self.principal_id);
        let reader = Assignment { key: "role/reader".to_owned(), role: &builtin::READER, scope: endpoint };
        if self.role_assignments.text() != Some("none") {
            roles::assign(stack, &principal, &reader, &self.role_assignments.path);
        }
        Expr::Array(vec![roles::listed(stack, &principal, &reader)])
    }
}

impl IpConfiguration {
    fn expr(&self, connection: &Connection) -> Expr {
        let group = match (&self.subresource_name.state, connection.subresource_names.elements().next()) {
            (State::Null, Some(only)) => Expr::from(only),
            (State::Null, None) => Expr::Unknown,
            _ => Expr::from(&self.subresource_name),
        };
        body!({
            "name": (&self.name),
            "properties": {
                "groupId": (group),
                "memberName": (&self.member_name),
                "privateIPAddress": (&self.private_ip_address),
            },
        })
    }
}

impl ZoneGroup {
    /// Azure writes the names of a service into zones of certain names alone,
    /// and a name that no zone has fails in silence.
    fn check_zones(&self, stack: &mut Stack<'_>, connection: &Connection) {
        let Some(group) = connection.group() else { return };
        let wanted = zones(stack.azure.cloud, group);
        if wanted.is_empty() {
            return;
        }
        let mut found = Vec::new();
        for element in self.private_dns_zone_ids.elements() {
            let Some(zone) = element.text().and_then(|text| ResourceId::parse(text).ok()) else { continue };
            if wanted.iter().any(|name| name.eq_ignore_ascii_case(zone.name())) {
                found.push(zone.name().to_ascii_lowercase());
            } else {
                stack.problems.error(
                    element.path.clone(),
                    format!("The zone {:?} holds no names of {group:?}", zone.name()),
                    format!("Azure writes them into {}.", checks::listed(wanted)),
                );
            }
        }
        let missing = wanted.iter().find(|name| !found.iter().any(|found| found == *name));
        if let Some(missing) = missing
            && self.private_dns_zone_ids.is_whole()
            && found.len() == self.private_dns_zone_ids.elements().count()
        {
            stack.problems.error(
                self.private_dns_zone_ids.path.clone(),
                format!("The zone {missing:?} is not given"),
                format!("Without it some names of {group:?} would lead to the public address."),
            );
        }
    }

    fn expand(&self, stack: &mut Stack<'_>, endpoint: &Handle) -> Handle {
        let ids = &self.private_dns_zone_ids;
        zone_group(stack, "endpoint/dns", endpoint, &ids.state, &ids.path)
    }

    /// Under names of this endpoint's, beside the links of those who own the zones.
    fn links(&self, stack: &mut Stack<'_>, endpoint: &Field<String>) {
        if self.virtual_network_ids.is_null() {
            return;
        }
        if !self.private_dns_zone_ids.is_whole() || !self.virtual_network_ids.is_whole() {
            stack.incomplete();
        }
        let parsed = |field: &Field<String>| ResourceId::parse(field.text()?).ok();
        let (ids, fields): (Vec<ResourceId>, Vec<&Field<String>>) =
            self.virtual_network_ids.elements().filter_map(|field| Some((parsed(field)?, field))).unzip();
        let names = private_dns::told_apart(&ids);
        for zone in self.private_dns_zone_ids.elements().filter(|zone| zone.text().is_some()) {
            let Some(zone_name) = parsed(zone).map(|id| id.name().to_owned()) else { continue };
            let zone = stack.given(&format!("zone/{zone_name}"), &PRIVATE_DNS_ZONE, zone);
            for (name, network) in names.iter().zip(&fields) {
                let body = body!({
                    "location": "global",
                    "properties": {
                        "registrationEnabled": false,
                        "virtualNetwork": { "id": (*network) },
                    },
                });
                let key = format!("link/{zone_name}/{name}");
                let link = stack.add(
                    &key,
                    &VIRTUAL_NETWORK_LINK,
                    zone.known_id(),
                    endpoint.text().map(|endpoint| format!("{endpoint}-{name}")),
                    body,
                    &network.path,
                );
                // The zone's id is part of this id, which makes no edge by itself.
                stack.after(&link, [&zone]);
            }
        }
    }
}
