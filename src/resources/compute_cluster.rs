//! `amlsecure_compute_cluster`: a training cluster in a subnet, without public
//! addresses.
//!
//! ```text
//! workspace (given) <- cluster
//! ```

use super::expansion::{enabled, origin};
use super::recall::{flag, id, number, text, word};
use super::{Outputs, Recalled, Resource, Seen, Stack, checks};
use crate::engine::graph::{Expr, Handle};
use crate::kinds::{COMPUTE, Kind, ResourceId, SUBNET, USER_ASSIGNED_IDENTITY, WORKSPACE};
use crate::schema::config::{Computed, Field, State};
use crate::schema::{Diagnostics, Value};
use crate::{block, body};

const VM_PRIORITIES: [&str; 2] = ["Dedicated", "LowPriority"];

block! {
    /// A training cluster of a workspace: machines that Azure Machine Learning starts and stops in your
    /// subnet, without public addresses unless you ask for them.
    ///
    /// Its scale, its identity and its tags change in place; all else is fixed by Azure when the cluster is
    /// made.
    pub struct ComputeCluster {
        /// The name of the cluster.
        pub name: Field<String> = required().replaces().check(|v, p, d| checks::name(&COMPUTE, v, p, d)),
        /// The id of the workspace that the cluster belongs to.
        pub machine_learning_workspace_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&WORKSPACE, v, p, d)),
        /// The id of the subnet that its nodes stand in. The subnet must not be delegated.
        pub subnet_resource_id: Field<String> = optional().replaces()
            .check(|v, p, d| checks::id_of(&SUBNET, v, p, d)),
        /// The size of its nodes, such as `Standard_DS3_v2`.
        pub vm_size: Field<String> = required().replaces(),
        /// `Dedicated`, or `LowPriority` for cheaper nodes that Azure may take back.
        pub vm_priority: Field<String> = default("Dedicated").replaces()
            .check(|v, p, d| checks::one_of(&VM_PRIORITIES, v, p, d)),
        /// Whether the SSH port of its nodes is open to the internet.
        pub ssh_public_access_enabled: Field<bool> = default(false).replaces(),
        /// Whether its nodes have public addresses. Without them the workspace needs a private endpoint,
        /// and the subnet a way out.
        pub node_public_ip_enabled: Field<bool> = default(false).replaces(),
        /// Whether users may sign in to its nodes with keys or passwords rather than Entra alone.
        pub local_auth_enabled: Field<bool> = default(false).replaces(),
        /// The Azure region of its nodes, where it is not the workspace's: then the subnet must lie in that
        /// region too.
        pub location: Field<String> = optional().or_computed().replaces().check(checks::location),
        /// What the cluster is for.
        pub description: Field<String> = optional().replaces(),
        /// How many nodes it may have.
        pub scale_settings: Option<ScaleSettings> = required(),
        /// The identity that its nodes carry.
        pub identity: Option<Identity> = optional(),
        /// The id of the cluster.
        pub id: Computed<String> = computed(),
        /// The object id of its system-assigned identity, where it has one.
        pub principal_id: Computed<String> = computed(),
    }
}

block! {
    /// How many nodes it may have.
    pub struct ScaleSettings {
        /// The fewest nodes; 0 costs nothing while no job runs.
        pub min_node_count: Field<i64> = required().check(checks::not_negative),
        /// The most nodes. Each takes one address of the subnet.
        pub max_node_count: Field<i64> = required().check(checks::not_negative),
        /// How long a node waits for work before it goes, such as `PT30S`.
        pub scale_down_nodes_after_idle_duration: Field<String> = required().check(checks::iso_duration),
    }
}

block! {
    /// The identity that its nodes carry: its own, or yours, not both.
    pub struct Identity {
        /// `SystemAssigned` or `UserAssigned`.
        pub r#type: Field<String> = required()
            .check(|v, p, d| checks::one_of(&["SystemAssigned", "UserAssigned"], v, p, d)),
        /// The ids of the user-assigned identities.
        pub identity_ids: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&USER_ASSIGNED_IDENTITY, v, p, d), v, p, d)),
    }
}

impl Identity {
    /// Ids go with `UserAssigned`, and only with it.
    pub(super) fn check(&self, problems: &mut Diagnostics) {
        super::identity::check_identity(&self.r#type, &self.identity_ids, problems);
    }
}

impl Resource for ComputeCluster {
    const TYPE: &'static str = "amlsecure_compute_cluster";
    const MOVED_FROM: super::MovedFrom = &[("azurerm_machine_learning_compute_cluster", &COMPUTE)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&COMPUTE];
    const IMPORT: &'static str = "Its workspace, its subnet and its identities are given, by id. One that others have made becomes this \
         block's own: the next apply writes the provider's marks into its tags.";

    fn check(&self, problems: &mut Diagnostics) {
        if let Some(scale) = &self.scale_settings
            && let (Some(min), Some(max)) = (scale.min_node_count.known(), scale.max_node_count.known())
            && min > max
        {
            problems.error(
                scale.min_node_count.path.clone(),
                "The cluster's fewest nodes are more than its most",
                format!("min_node_count is {min} and max_node_count is {max}."),
            );
        }
        checks::closed_nodes("cluster", &self.node_public_ip_enabled, &self.subnet_resource_id, problems);
        if let Some(identity) = &self.identity {
            identity.check(problems);
        }
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let workspace = stack.given("workspace", &WORKSPACE, &self.machine_learning_workspace_id);
        check_subscription(stack, &workspace, &self.subnet_resource_id);
        let location = workspace.output("location");
        let node_location = match &self.location.state {
            State::Null => location.clone(),
            State::Unknown | State::Known(_) => Expr::from(&self.location),
        };
        let mut body = body!({
            "location": (location),
            "properties": {
                "computeType": "AmlCompute",
                "computeLocation": (node_location.clone()),
                "description": (&self.description),
                "disableLocalAuth": (negated(&self.local_auth_enabled)),
                "properties": {
                    "osType": "Linux",
                    "vmSize": (&self.vm_size),
                    "vmPriority": (&self.vm_priority),
                    "enableNodePublicIp": (&self.node_public_ip_enabled),
                    "remoteLoginPortPublicAccess": (enabled(&self.ssh_public_access_enabled)),
                    "subnet": (subnet(&self.subnet_resource_id)),
                    "scaleSettings": (self.scale()),
                },
            },
        });
        if let (Expr::Object(members), Some(identity)) = (&mut body, &self.identity) {
            members.insert(
                "identity".to_owned(),
                super::identity::identity(&identity.r#type, &identity.identity_ids),
            );
        }
        let name = self.name.text().map(str::to_owned);
        let parent = workspace.known_id().cloned();
        let cluster = stack.add("cluster", &COMPUTE, parent.as_ref(), name, body, &self.name.path);
        stack.graph.set_primary(&cluster);
        let principal = match &self.identity {
            Some(identity) if identity.r#type.is_unknown() => Expr::Unknown,
            Some(identity) if identity.r#type.text() != Some("UserAssigned") => {
                cluster.output("identity.principalId")
            }
            _ => Expr::Json(serde_json::Value::Null),
        };
        [("id", cluster.id()), ("location", node_location), ("principal_id", principal)].into()
    }

    fn recall(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        let cluster = seen.primary(at)?;
        let body = &cluster.body;
        if word(body, "/properties/computeType", &["AmlCompute"]).as_str() != Some("AmlCompute") {
            return Err(format!("{at} is no training cluster but another compute."));
        }
        let disabled = flag(body, "/properties/disableLocalAuth", false).as_bool() == Some(true);
        let scale = Value::object([
            ("min_node_count", number(body, "/properties/properties/scaleSettings/minNodeCount")),
            ("max_node_count", number(body, "/properties/properties/scaleSettings/maxNodeCount")),
            (
                "scale_down_nodes_after_idle_duration",
                text(body, "/properties/properties/scaleSettings/nodeIdleTimeBeforeScaleDown"),
            ),
        ]);
        let subnet = id(body, "/properties/properties/subnet/id");
        let ssh = flag(body, "/properties/properties/remoteLoginPortPublicAccess", false);
        // Azure gives addresses where nobody says otherwise.
        let public = flag(body, "/properties/properties/enableNodePublicIp", true);
        let arguments = vec![
            ("name", cluster.id.name().into()),
            ("machine_learning_workspace_id", cluster.id.parent().map(|id| id.to_string()).into()),
            ("subnet_resource_id", subnet.map(|id| id.to_string()).into()),
            ("vm_size", text(body, "/properties/properties/vmSize")),
            ("vm_priority", word(body, "/properties/properties/vmPriority", &VM_PRIORITIES)),
            ("ssh_public_access_enabled", ssh),
            ("node_public_ip_enabled", public),
            ("local_auth_enabled", (!disabled).into()),
            ("location", text(body, "/properties/computeLocation")),
            ("description", text(body, "/properties/description")),
            ("scale_settings", scale),
            ("identity", super::identity::recalled(body)),
        ];
        let parts = [("cluster".to_owned(), cluster.id.clone())].into();
        Ok(Recalled { arguments, parts, ..Recalled::default() })
    }
}

impl ComputeCluster {
    fn scale(&self) -> Expr {
        let Some(scale) = &self.scale_settings else { return Expr::Json(serde_json::Value::Null) };
        body!({
            "minNodeCount": (&scale.min_node_count),
            "maxNodeCount": (&scale.max_node_count),
            "nodeIdleTimeBeforeScaleDown": (&scale.scale_down_nodes_after_idle_duration),
        })
    }
}

/// Nodes are started only in networks of the workspace's subscription.
pub(super) fn check_subscription(stack: &mut Stack<'_>, workspace: &Handle, subnet: &Field<String>) {
    let Some(id) = subnet.text().and_then(|text| ResourceId::parse(text).ok()) else { return };
    if let Some(workspace) = workspace.known_id()
        && !workspace.subscription_id().eq_ignore_ascii_case(id.subscription_id())
    {
        stack.problems.error(
            subnet.path.clone(),
            "The subnet lies in another subscription than the workspace",
            "Azure Machine Learning starts nodes only in networks of the workspace's subscription.",
        );
    }
}

/// The subnet of a compute.
pub(super) fn subnet(id: &Field<String>) -> Expr {
    if id.is_null() { Expr::Json(serde_json::Value::Null) } else { body!({ "id": (id) }) }
}

/// A flag that Azure asks the other way round.
pub(super) fn negated(flag: &Field<bool>) -> Expr {
    let inner = match flag.state {
        State::Null => return Expr::Json(serde_json::Value::Null),
        State::Unknown => Expr::Unknown,
        State::Known(value) => (!value).into(),
    };
    Expr::At(origin(&flag.path), Box::new(inner))
}
