//! The cluster that builds a workspace's images, made with it: a closed registry
//! builds none itself.

use serde_json::Value as Json;

use crate::engine::graph::{Expr, Handle};
use crate::kinds::{COMPUTE, SUBNET};
use crate::resources::Stack;
use crate::resources::checks;
use crate::resources::expansion::origin;
use crate::resources::recall::{Found, Recalled, Seen, id, number, text, word};
use crate::schema::config::Field;
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

const VM_PRIORITIES: [&str; 2] = ["Dedicated", "LowPriority"];

/// How long a node waits for an image to build before it goes.
const IDLE: &str = "PT15M";

block! {
    /// A cluster that builds the workspace's images, made with the workspace and named to it. It needs a way out to
    /// where packages come from.
    pub struct ImageBuildCluster {
        /// The name of the cluster.
        pub name: Field<String> = required().check(|v, p, d| checks::name(&COMPUTE, v, p, d)),
        /// The size of its nodes, which have no GPU, such as `Standard_DS3_v2`.
        pub vm_size: Field<String> = default("Standard_DS3_v2").check(without_gpu),
        /// `Dedicated`, or `LowPriority` for cheaper nodes that Azure may take back.
        pub vm_priority: Field<String> = default("Dedicated")
            .check(|v, p, d| checks::one_of(&VM_PRIORITIES, v, p, d)),
        /// The id of the subnet that its nodes stand in, without public addresses. Left out, they stand in the
        /// managed network.
        pub subnet_resource_id: Field<String> = optional().check(|v, p, d| checks::id_of(&SUBNET, v, p, d)),
        /// The most nodes. None stands while nothing is built.
        pub max_node_count: Field<i64> = default(1).check(checks::not_negative),
    }
}

impl ImageBuildCluster {
    pub(super) fn check(
        &self,
        compute_name: &Field<String>,
        managed: bool,
        has_endpoint: bool,
        problems: &mut Diagnostics,
    ) {
        if compute_name.is_set() {
            problems.error(
                compute_name.path.clone(),
                "The image_build_cluster block names the cluster that builds images",
                "Leave image_build_compute_name out, or the block, if the cluster is made elsewhere.",
            );
        }
        let subnet = &self.subnet_resource_id;
        if managed && subnet.is_set() {
            problems.error(
                subnet.path.clone(),
                "A workspace with a managed network has no computes in other subnets",
                "Leave subnet_resource_id out: the cluster stands in the managed network.",
            );
        } else if !managed && subnet.is_null() {
            problems.error(
                self.name.path.clone(),
                "The cluster that builds images needs a subnet",
                "Set subnet_resource_id: its nodes have no public addresses.",
            );
        } else if !managed && !has_endpoint {
            problems.error(
                subnet.path.clone(),
                "Nodes without public addresses reach the workspace by its private endpoint alone",
                "Add a private_endpoint block.",
            );
        }
    }

    /// The cluster: after the endpoints of the workspace and their names,
    /// without which Azure starts no nodes that have no public addresses.
    pub(super) fn expand(
        &self,
        stack: &mut Stack<'_>,
        workspace: &Handle,
        location: &Field<String>,
        earlier: &[Handle],
    ) {
        let subnet = if self.subnet_resource_id.is_null() {
            Expr::Json(Json::Null)
        } else {
            body!({ "id": (&self.subnet_resource_id) })
        };
        let body = body!({
            "location": (location),
            "properties": {
                "computeType": "AmlCompute",
                "computeLocation": (location),
                "disableLocalAuth": true,
                "properties": {
                    "osType": "Linux",
                    "vmSize": (&self.vm_size),
                    "vmPriority": (&self.vm_priority),
                    "enableNodePublicIp": false,
                    "remoteLoginPortPublicAccess": "Disabled",
                    "subnet": (subnet),
                    "scaleSettings": {
                        "minNodeCount": 0,
                        "maxNodeCount": (&self.max_node_count),
                        "nodeIdleTimeBeforeScaleDown": (IDLE),
                    },
                },
            },
        });
        let name = self.name.text().map(str::to_owned);
        let scope = workspace.known_id();
        let cluster = stack.add("image_build_cluster", &COMPUTE, scope, name, body, &self.name.path);
        stack.after(&cluster, earlier);
    }

    /// Its name under which the workspace knows it, which it may before the cluster is there.
    pub(super) fn named(&self, stack: &mut Stack<'_>) -> Expr {
        let name = stack.name("image_build_cluster", self.name.text().map(str::to_owned));
        Expr::At(origin(&self.name.path), Box::new(name.map_or(Expr::Unknown, Expr::from)))
    }
}

impl Recalled {
    /// The block for the cluster that builds images, where it carries our mark.
    pub(super) fn image_build_cluster(&mut self, workspace: &Found, seen: &Seen) -> Value {
        let name = text(&workspace.body, "/properties/imageBuildCompute");
        let Some(cluster) = name.as_str().and_then(|name| seen.at(&workspace.id.child(&COMPUTE, name)))
        else {
            return Value::Null;
        };
        if !cluster.ours {
            return Value::Null;
        }
        self.parts.insert("image_build_cluster".to_owned(), cluster.id.clone());
        let body = &cluster.body;
        let subnet = id(body, "/properties/properties/subnet/id");
        Value::object([
            ("name", cluster.id.name().into()),
            ("vm_size", text(body, "/properties/properties/vmSize")),
            ("vm_priority", word(body, "/properties/properties/vmPriority", &VM_PRIORITIES)),
            ("subnet_resource_id", subnet.map(|id| id.to_string()).into()),
            ("max_node_count", number(body, "/properties/properties/scaleSettings/maxNodeCount")),
        ])
    }
}

/// Sizes that begin with `Standard_N` have graphics cards, on which no image is built.
fn without_gpu(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && text.to_ascii_lowercase().starts_with("standard_n")
    {
        problems.error(
            path.clone(),
            format!("{text} has a GPU"),
            "Images are built on nodes without one, such as \"Standard_DS3_v2\".",
        );
    }
}
