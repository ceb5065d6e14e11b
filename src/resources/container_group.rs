//! `amlsecure_container_group`: containers in a subnet that is delegated to
//! them, for models that version 1 of Azure Machine Learning serves so.
//!
//! ```text
//! workspace (given), container_group
//! ```

use std::collections::{BTreeMap, BTreeSet};

use bigdecimal::num_bigint::Sign;
use bigdecimal::{BigDecimal, ToPrimitive as _};
use serde_json::Value as Json;

use super::expansion::{origin, spoken};
use super::private_endpoint::connected;
use super::recall::{self, id, items, text, texts, word};
use super::{Outputs, Recalled, Resource, Seen, Stack, checks};
use crate::engine::graph::{Expr, Secret, Unfit};
use crate::kinds::{
    CONTAINER_GROUP, Kind, RESOURCE_GROUP, ResourceId, SUBNET, USER_ASSIGNED_IDENTITY, WORKSPACE,
};
use crate::schema::config::{Blocks, Computed, Field, State, Typed};
use crate::schema::{Diagnostics, Path, Type, Value, number};
use crate::{block, body};

const ADDRESSES: [&str; 3] = ["Private", "Public", "None"];
const SYSTEMS: [&str; 2] = ["Linux", "Windows"];
const RESTARTS: [&str; 3] = ["Always", "OnFailure", "Never"];
const PROTOCOLS: [&str; 2] = ["TCP", "UDP"];

/// "Secure an inferencing environment with virtual networks (v1)": limitations of Azure Container Instances.
const ENDPOINT: Unfit = connected(
    "It has a private endpoint, and Azure Machine Learning brings no models of such a workspace into Container \
     Instances. Serve them on an amlsecure_online_endpoint or an amlsecure_inference_cluster; for containers that are \
     none of Azure Machine Learning's, leave machine_learning_workspace_id out.",
);

block! {
    /// A group of containers of Azure Container Instances in a delegated subnet, with a private address
    /// unless you ask for another.
    ///
    /// What its containers run, are told and listen on changes in place, as do its host name and its identity, and
    /// starts all of them anew. Their sizes, their system and where the group stands are fixed when it is made.
    pub struct ContainerGroup {
        /// The name of the group.
        pub name: Field<String> = required().replaces().check(|v, p, d| checks::name(&CONTAINER_GROUP, v, p, d)),
        /// The resource group that it lives in.
        pub resource_group_name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&RESOURCE_GROUP, v, p, d)),
        /// The Azure region, such as `eastasia`: that of the network.
        pub location: Field<String> = required().replaces().check(checks::location),
        /// The id of the workspace whose models it serves. With it the group is held to what Azure Machine Learning
        /// asks: its network lies in the workspace's resource group, and the workspace has no private endpoint.
        pub machine_learning_workspace_id: Field<String> = optional()
            .check(|v, p, d| checks::id_of(&WORKSPACE, v, p, d)),
        /// Whether the internet reaches the registry of its images, as the registry has it. Container Instances
        /// pull nothing from a closed one.
        pub container_registry_public_network_access_enabled: Field<bool> = optional().check(open_registry),
        /// `Private`, an address of the subnet, `Public`, or `None`.
        pub ip_address_type: Field<String> = default("Private").replaces()
            .check(|v, p, d| checks::one_of(&ADDRESSES, v, p, d)),
        /// The id of the subnet, one of the purpose `container_instances`: Azure takes one.
        pub subnet_ids: Field<Vec<Field<String>>> = optional().replaces()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&SUBNET, v, p, d), v, p, d)),
        /// What the host name of a public address begins with.
        pub dns_name_label: Field<String> = optional(),
        /// `Linux` or `Windows`.
        pub os_type: Field<String> = default("Linux").replaces().check(|v, p, d| checks::one_of(&SYSTEMS, v, p, d)),
        /// When containers that end are started again: `Always`, `OnFailure` or `Never`.
        pub restart_policy: Field<String> = default("Always").replaces()
            .check(|v, p, d| checks::one_of(&RESTARTS, v, p, d)),
        /// The containers.
        pub container: Blocks<Container> = required(),
        /// How images are pulled that not everybody may pull.
        pub image_registry_credential: Blocks<Credential> = optional(),
        /// The identity that its containers carry.
        pub identity: Option<super::compute_cluster::Identity> = optional(),
        /// The id of the group.
        pub id: Computed<String> = computed(),
        /// The address of the group, where it has one. A change of the group may bring another.
        pub ip_address: Computed<String> = computed(),
        /// The host name of a public address with a label.
        pub fqdn: Computed<String> = computed(),
        /// The object id of its system-assigned identity, where it has one.
        pub principal_id: Computed<String> = computed(),
    }
}

block! {
    /// A container.
    pub struct Container {
        /// The name of the container.
        pub name: Field<String> = required().replaces().check(container_name),
        /// The image that it runs.
        pub image: Field<String> = required(),
        /// How many vCPUs it has, such as `0.5`.
        pub cpu: Field<Amount> = required().replaces().check(positive),
        /// How many GB of memory it has, such as `1.5`.
        pub memory: Field<Amount> = required().replaces().check(positive),
        /// The ports that it listens on.
        pub ports: Blocks<Port> = optional(),
        /// Environment variables.
        pub environment_variables: Field<BTreeMap<String, Field<String>>> = optional(),
        /// What it runs in place of the image's own command.
        pub commands: Field<Vec<Field<String>>> = optional(),
    }
}

block! {
    /// A port that it listens on.
    pub struct Port {
        /// The number of the port.
        pub port: Field<i64> = required().check(port),
        /// `TCP` or `UDP`.
        pub protocol: Field<String> = default("TCP").check(|v, p, d| checks::one_of(&PROTOCOLS, v, p, d)),
    }
}

block! {
    /// How images of a registry are pulled: by an identity, or by a name and a password.
    pub struct Credential {
        /// The host name of the registry.
        pub server: Field<String> = required(),
        /// The id of a user-assigned identity that may pull.
        pub user_assigned_identity_id: Field<String> = optional()
            .check(|v, p, d| checks::id_of(&USER_ASSIGNED_IDENTITY, v, p, d)),
        /// The name that signs in.
        pub username: Field<String> = optional(),
        /// The password that signs in. It is sent and never kept: a new one takes effect with another change.
        pub password: Field<String> = optional().sensitive().write_only(),
    }
}

/// A number that need not be whole.
#[derive(Debug, Clone, PartialEq)]
#[allow(unreachable_pub, reason = "it stands in a table, and tables are public")]
pub struct Amount(BigDecimal);

impl Typed for Amount {
    fn ty() -> Type {
        Type::Number
    }
    fn read(value: &Value, _: &Path) -> Option<Self> {
        match value {
            Value::Number(number) => Some(Self(number.clone())),
            _ => None,
        }
    }
}

impl super::expansion::ToExpr for Amount {
    fn to_expr(&self) -> Expr {
        Expr::Json(serde_json::from_str(&number::text(&self.0)).unwrap_or_default())
    }
}

impl Resource for ContainerGroup {
    const TYPE: &'static str = "amlsecure_container_group";
    const MOVED_FROM: super::MovedFrom = &[("azurerm_container_group", &CONTAINER_GROUP)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&CONTAINER_GROUP];
    const IMPORT: &'static str = "Its subnet and its identities are given, by id. One that others have made becomes this block's own: the \
         next apply writes the provider's marks into its tags. Passwords are never read back.";

    fn check(&self, problems: &mut Diagnostics) {
        self.check_address(problems);
        self.check_containers(problems);
        self.check_place(problems);
        for credential in &self.image_registry_credential.items {
            credential.check(problems);
        }
        if let Some(identity) = &self.identity {
            identity.check(problems);
        }
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        if self.machine_learning_workspace_id.is_set() {
            let workspace = stack.given("workspace", &WORKSPACE, &self.machine_learning_workspace_id);
            stack.graph.refuse(&workspace, ENDPOINT);
        }
        let group = stack.resource_group(&self.resource_group_name);
        let each = |blocks: &Blocks<Container>| {
            if blocks.unknown { Expr::Unknown } else { Expr::array(blocks.items.iter().map(Container::body)) }
        };
        let credentials = &self.image_registry_credential;
        let credentials = if credentials.unknown {
            Expr::Unknown
        } else {
            Expr::array(credentials.items.iter().map(Credential::body))
        };
        let subnets = if self.subnet_ids.is_unknown() {
            Expr::Unknown
        } else {
            Expr::array(self.subnet_ids.elements().map(|id| body!({ "id": (id) })))
        };
        let identity = self.identity.as_ref();
        let identity = identity.map(|own| super::identity::identity(&own.r#type, &own.identity_ids));
        let body = spoken(body!({
            "location": (&self.location),
            "identity": (identity.unwrap_or_else(null)),
            "properties": {
                "osType": (&self.os_type),
                "restartPolicy": (&self.restart_policy),
                "ipAddress": (self.address()),
                "subnetIds": (subnets),
                "containers": (each(&self.container)),
                "imageRegistryCredentials": (credentials),
            },
        }));
        let name = self.name.text().map(str::to_owned);
        let made =
            stack.add("container_group", &CONTAINER_GROUP, group.as_ref(), name, body, &self.name.path);
        stack.graph.set_primary(&made);
        let kind = self.ip_address_type.text();
        let address = match kind {
            Some("None") => null(),
            Some(_) => made.output("properties.ipAddress.ip"),
            None => Expr::Unknown,
        };
        let host = match kind {
            Some("Public") if self.dns_name_label.is_set() => made.output("properties.ipAddress.fqdn"),
            Some(_) => null(),
            None => Expr::Unknown,
        };
        let principal = match &self.identity {
            Some(identity) if identity.r#type.is_unknown() => Expr::Unknown,
            Some(identity) if identity.r#type.text() != Some("UserAssigned") => {
                made.output("identity.principalId")
            }
            _ => null(),
        };
        [("id", made.id()), ("ip_address", address), ("fqdn", host), ("principal_id", principal)].into()
    }

    fn recall(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        let group = seen.primary(at)?;
        let body = &group.body;
        let address = "/properties/ipAddress";
        let kind = word(body, &format!("{address}/type"), &ADDRESSES);
        let subnets: Vec<Value> = items(body, "/properties/subnetIds")
            .filter_map(|subnet| Some(id(subnet, "/id")?.as_str().into()))
            .collect();
        let blocks =
            |pointer: &str, one: fn(&Json) -> Value| Value::List(items(body, pointer).map(one).collect());
        let arguments = vec![
            ("name", group.id.name().into()),
            ("resource_group_name", group.id.resource_group_name().into()),
            ("location", text(body, "/location")),
            ("ip_address_type", if kind.is_null() { "None".into() } else { kind }),
            ("subnet_ids", if subnets.is_empty() { Value::Null } else { Value::List(subnets) }),
            ("dns_name_label", text(body, &format!("{address}/dnsNameLabel"))),
            ("os_type", word(body, "/properties/osType", &SYSTEMS)),
            ("restart_policy", word(body, "/properties/restartPolicy", &RESTARTS)),
            ("container", blocks("/properties/containers", Container::recalled)),
            (
                "image_registry_credential",
                blocks("/properties/imageRegistryCredentials", Credential::recalled),
            ),
            ("identity", super::identity::recalled(body)),
        ];
        let parts = [("container_group".to_owned(), group.id.clone())].into();
        Ok(Recalled { arguments, parts, ..Recalled::default() })
    }
}

impl ContainerGroup {
    fn check_address(&self, problems: &mut Diagnostics) {
        let kind = self.ip_address_type.text();
        let subnets = self.subnet_ids.known().map_or(0, Vec::len);
        match kind {
            Some("Private") if !self.subnet_ids.is_unknown() && subnets == 0 => problems.error(
                self.subnet_ids.path.clone(),
                "A private address is one of a subnet",
                "Give the id of a subnet of the purpose \"container_instances\".",
            ),
            Some("Public") if subnets > 0 => problems.error(
                self.ip_address_type.path.clone(),
                "A group in a subnet has no public address",
                "Leave subnet_ids out, or set ip_address_type = \"Private\".",
            ),
            _ => {}
        }
        if let Some(second) = self.subnet_ids.elements().nth(1) {
            problems.error(
                second.path.clone(),
                "A container group stands in one subnet",
                "Leave the others out.",
            );
        }
        if self.dns_name_label.is_set() && kind.is_some_and(|kind| kind != "Public") {
            problems.error(
                self.dns_name_label.path.clone(),
                "Only a public address has a name of Azure's",
                "Leave dns_name_label out: names in the network are a private zone's.",
            );
        }
    }

    fn check_containers(&self, problems: &mut Diagnostics) {
        let mut seen = BTreeSet::new();
        for container in &self.container.items {
            if let Some(name) = container.name.text()
                && !seen.insert(name.to_ascii_lowercase())
            {
                problems.error(
                    container.name.path.clone(),
                    format!("There are two containers named {name:?}"),
                    "Azure tells them apart by name.",
                );
            }
        }
        let has_port =
            self.container.items.iter().any(|one| one.ports.unknown || !one.ports.items.is_empty());
        let has_address = self.ip_address_type.text().is_some_and(|kind| kind != "None");
        if has_address && !has_port && !self.container.unknown {
            problems.error(
                self.ip_address_type.path.clone(),
                "A group with an address listens on some port",
                "Add a ports block to a container, or set ip_address_type = \"None\".",
            );
        }
        let mut taken = BTreeSet::new();
        for port in self.container.items.iter().flat_map(|container| &container.ports.items) {
            if let (Some(number), Some(protocol)) = (port.port.known(), port.protocol.text())
                && !taken.insert((*number, protocol))
            {
                problems.error(
                    port.port.path.clone(),
                    format!("Two containers listen on {protocol} port {number}"),
                    "The containers of a group share one address.",
                );
            }
        }
    }

    /// Azure Machine Learning finds the network of its containers only beside
    /// the workspace.
    fn check_place(&self, problems: &mut Diagnostics) {
        let workspace =
            self.machine_learning_workspace_id.text().and_then(|text| ResourceId::parse(text).ok());
        let Some(home) = workspace.and_then(|id| id.resource_group_id()) else { return };
        for field in self.subnet_ids.elements() {
            let subnet = field.text().and_then(|text| ResourceId::parse(text).ok());
            if let Some(place) = subnet.and_then(|id| id.resource_group_id()).filter(|place| *place != home) {
                problems.error(
                    field.path.clone(),
                    "The network lies in another resource group than the workspace",
                    format!(
                        "Azure Machine Learning makes container instances only in networks of the workspace's resource \
                         group, {}; this one is of {}.",
                        home.name(),
                        place.name()
                    ),
                );
            }
        }
    }

    fn address(&self) -> Expr {
        if self.ip_address_type.text() == Some("None") {
            return null();
        }
        if self.container.unknown || self.container.items.iter().any(|container| container.ports.unknown) {
            return Expr::Unknown;
        }
        let ports = self.container.items.iter().flat_map(|container| &container.ports.items).map(Port::body);
        body!({
            "type": (&self.ip_address_type),
            "ports": (Expr::array(ports)),
            "dnsNameLabel": (&self.dns_name_label),
        })
    }
}

impl Container {
    fn body(&self) -> Expr {
        let ports = if self.ports.unknown {
            Expr::Unknown
        } else {
            Expr::array(self.ports.items.iter().map(Port::body))
        };
        body!({
            "name": (&self.name),
            "properties": {
                "image": (&self.image),
                "resources": { "requests": { "cpu": (&self.cpu), "memoryInGB": (&self.memory) } },
                "ports": (ports),
                "command": (&self.commands),
                "environmentVariables": (self.variables()),
            },
        })
    }

    fn variables(&self) -> Expr {
        let variables = &self.environment_variables;
        if variables.is_unknown() {
            return Expr::Unknown;
        }
        let each = variables.known().into_iter().flatten();
        let all: Vec<Expr> =
            each.map(|(name, value)| body!({ "name": (name.as_str()), "value": (value) })).collect();
        if all.is_empty() { null() } else { Expr::Array(all) }
    }

    fn recalled(container: &Json) -> Value {
        let at = |name: &str| format!("/properties/{name}");
        let ports = items(container, &at("ports")).map(Port::recalled).collect();
        // What has no value is a secret, of which only the name is told.
        let variables: BTreeMap<String, Value> = items(container, &at("environmentVariables"))
            .filter_map(|variable| {
                let name = variable.get("name")?.as_str()?;
                Some((name.to_owned(), variable.get("value")?.as_str()?.into()))
            })
            .collect();
        Value::object([
            ("name", text(container, "/name")),
            ("image", text(container, &at("image"))),
            ("cpu", amount(container, &at("resources/requests/cpu"))),
            ("memory", amount(container, &at("resources/requests/memoryInGB"))),
            ("ports", Value::List(ports)),
            ("environment_variables", if variables.is_empty() { Value::Null } else { Value::Map(variables) }),
            ("commands", texts(container, &at("command"))),
        ])
    }
}

impl Port {
    fn body(&self) -> Expr {
        body!({ "port": (&self.port), "protocol": (&self.protocol) })
    }

    fn recalled(port: &Json) -> Value {
        let protocol = word(port, "/protocol", &PROTOCOLS);
        let protocol = if protocol.is_null() { "TCP".into() } else { protocol };
        Value::object([("port", recall::number(port, "/port")), ("protocol", protocol)])
    }
}

impl Credential {
    fn check(&self, problems: &mut Diagnostics) {
        let by_identity = self.user_assigned_identity_id.is_set();
        if by_identity && self.username.is_set() {
            problems.error(
                self.username.path.clone(),
                "Images are pulled by an identity or by a name, not both",
                "Leave username and password out, or user_assigned_identity_id.",
            );
        }
        if !by_identity && self.username.is_null() {
            problems.error(
                self.server.path.clone(),
                "Nothing says who pulls the images",
                "Set user_assigned_identity_id, or username and password.",
            );
        }
        if self.username.is_set() && self.password.is_null() {
            problems.error(
                self.password.path.clone(),
                "The name that pulls has no password",
                "Set password as well.",
            );
        }
    }

    fn body(&self) -> Expr {
        body!({
            "server": (&self.server),
            "identity": (&self.user_assigned_identity_id),
            "username": (&self.username),
            "password": (secret(&self.password)),
        })
    }

    fn recalled(credential: &Json) -> Value {
        Value::object([
            ("server", text(credential, "/server")),
            ("user_assigned_identity_id", id(credential, "/identity").map(|id| id.to_string()).into()),
            ("username", text(credential, "/username")),
        ])
    }
}

fn null() -> Expr {
    Expr::Json(Json::Null)
}

fn secret(field: &Field<String>) -> Expr {
    let inner = match &field.state {
        State::Null => return null(),
        State::Unknown => Expr::Unknown,
        State::Known(text) => Expr::Secret(Secret::new(text.clone())),
    };
    Expr::At(origin(&field.path), Box::new(inner))
}

fn amount(body: &Json, pointer: &str) -> Value {
    let text = body.pointer(pointer).and_then(Json::as_number).map(ToString::to_string);
    text.and_then(|text| number::parse(&text)).map_or(Value::Null, Value::Number)
}

fn open_registry(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if value.as_bool() == Some(false) {
        problems.error(
            path.clone(),
            "Container Instances pull no image from a closed registry",
            "A registry behind the network is out of their reach. Open it, or serve on an amlsecure_inference_cluster.",
        );
    }
}

fn positive(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::Number(number) = value
        && number.sign() != Sign::Plus
    {
        problems.error(path.clone(), format!("{number} of it runs nothing"), "Give more than 0.");
    }
}

fn port(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::Number(number) = value
        && !(number.is_integer() && number.to_u16().is_some_and(|port| port > 0))
    {
        problems.error(path.clone(), format!("{number} is not a port"), "Ports are 1 to 65535.");
    }
}

fn container_name(value: &Value, path: &Path, problems: &mut Diagnostics) {
    /// The rule of a container is that of its group.
    const RULE: &Kind = &CONTAINER_GROUP;
    if let Value::String(text) = value
        && !RULE.name.admits(text)
    {
        problems.error(
            path.clone(),
            format!("{text:?} cannot name a container"),
            format!("Azure takes {}.", RULE.name.words),
        );
    }
}
