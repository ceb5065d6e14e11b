//! What kinds of workspaces there are, and what each has of its own.
//!
//! ```text
//! hub (given) <- project          all that a project stands on is its hub's
//! ```

use serde_json::Value as Json;

use super::Workspace;
use crate::engine::graph::Expr;
use crate::kinds::{Kind, PROJECT, WORKSPACE};
use crate::resources::recall::text;
use crate::schema::config::Field;
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

/// Every kind under its name in HCL and in Azure.
pub(super) const KINDS: [&str; 4] = ["Default", "FeatureStore", "Hub", "Project"];

block! {
    /// What a feature store computes and keeps its features with.
    pub struct FeatureStore {
        /// The version of Spark that computes features, such as `3.4`.
        pub computer_spark_runtime_version: Field<String> = optional(),
        /// The name of the connection to where features are kept for training.
        pub offline_connection_name: Field<String> = optional(),
        /// The name of the connection to where features are kept for scoring.
        pub online_connection_name: Field<String> = optional(),
    }
}

impl FeatureStore {
    pub(super) fn expr(&self) -> Expr {
        body!({
            "computeRuntime": { "sparkRuntimeVersion": (&self.computer_spark_runtime_version) },
            "offlineStoreConnectionName": (&self.offline_connection_name),
            "onlineStoreConnectionName": (&self.online_connection_name),
        })
    }

    fn is_empty(&self) -> bool {
        [&self.computer_spark_runtime_version, &self.offline_connection_name, &self.online_connection_name]
            .iter()
            .all(|field| field.is_null())
    }
}

/// The block that asks for the settings of a body; null where it has none.
pub(super) fn recalled(body: &Json) -> Value {
    let at = "/properties/featureStoreSettings";
    if body.pointer(at).is_none_or(Json::is_null) {
        return Value::Null;
    }
    Value::object([
        ("computer_spark_runtime_version", text(body, &format!("{at}/computeRuntime/sparkRuntimeVersion"))),
        ("offline_connection_name", text(body, &format!("{at}/offlineStoreConnectionName"))),
        ("online_connection_name", text(body, &format!("{at}/onlineStoreConnectionName"))),
    ])
}

impl Workspace {
    pub(super) fn is_project(&self) -> bool {
        self.kind.text() == Some("Project")
    }

    /// The facts of what is written: of a project, less than of any other.
    pub(super) fn facts(&self) -> &'static Kind {
        if self.is_project() { &PROJECT } else { &WORKSPACE }
    }

    /// What each kind needs, and what it has not.
    pub(super) fn check_kind(&self, problems: &mut Diagnostics) {
        let Some(kind) = self.kind.text() else { return };
        let needed: &[&str] = match kind {
            "Project" => &[],
            "Hub" => &["storage_account"],
            _ => &["storage_account", "key_vault", "application_insights"],
        };
        for (name, is_there) in [
            ("storage_account", self.storage_account.is_some()),
            ("key_vault", self.key_vault.is_some()),
            ("application_insights", self.application_insights.is_some()),
        ] {
            if needed.contains(&name) && !is_there {
                problems.error(
                    Path::root().attribute(name),
                    format!("A workspace of the kind {kind:?} needs a block {name}"),
                    "In it, a name makes a new one, and an id takes one that exists.",
                );
            }
        }
        match kind {
            "Project" => self.check_project(problems),
            "Hub" => self.check_hub(problems),
            _ => {}
        }
        if kind != "Project" && self.ai_services_hub_id.is_set() {
            problems.error(
                self.ai_services_hub_id.path.clone(),
                format!("A workspace of the kind {kind:?} has no hub"),
                "Set kind = \"Project\", or leave ai_services_hub_id out.",
            );
        }
        let store = Path::root().attribute("feature_store");
        match &self.feature_store {
            Some(_) if kind != "FeatureStore" => problems.error(
                store,
                format!("A workspace of the kind {kind:?} is no feature store"),
                "Set kind = \"FeatureStore\", or leave the block out.",
            ),
            Some(settings) if settings.is_empty() => problems.error(
                store,
                "A feature store says what it works with",
                "Set computer_spark_runtime_version, or one of the connections.",
            ),
            None if kind == "FeatureStore" => problems.error(
                store,
                "A feature store needs a block feature_store",
                "It says what the store works with, such as computer_spark_runtime_version = \"3.4\".",
            ),
            _ => {}
        }
    }

    /// Storage, keys, networks and computes of a project are its hub's.
    fn check_project(&self, problems: &mut Diagnostics) {
        if self.ai_services_hub_id.is_null() {
            problems.error(
                self.ai_services_hub_id.path.clone(),
                "A project needs its hub",
                "Set ai_services_hub_id to the id of a workspace of the kind \"Hub\".",
            );
        }
        for (name, is_set) in [
            ("storage_account", self.storage_account.is_some()),
            ("key_vault", self.key_vault.is_some()),
            ("application_insights", self.application_insights.is_some()),
            ("container_registry", self.container_registry.is_some()),
            ("private_endpoint", self.private_endpoint.is_some()),
            ("managed_network", self.managed_network.is_some()),
            ("serverless_compute", self.serverless_compute.is_some()),
            ("shared_private_link", !self.shared_private_link.items.is_empty()),
            ("image_build_cluster", self.image_build_cluster.is_some()),
            ("customer_managed_key", self.customer_managed_key.is_some()),
            ("isolation", self.isolation.is_set()),
            ("image_build_compute_name", self.image_build_compute_name.is_set()),
            ("ip_allow_list", !self.ip_allow_list.is_null()),
            ("soft_delete_retention_days", !self.soft_delete_retention_days.is_null()),
            ("public_network_access_enabled", self.public_network_access_enabled.is_true()),
            ("v1_legacy_mode_enabled", self.v1_legacy_mode_enabled.is_true()),
            ("storage_account_access_type", self.storage_account_access_type.text() == Some("Identity")),
        ] {
            if is_set {
                problems.error(
                    Path::root().attribute(name),
                    "A project has this of its hub",
                    format!("Leave {name} out here, and set it on the hub."),
                );
            }
        }
    }

    /// What the service makes of a hub by itself, and what it has not for one
    /// ("what is a hub workspace").
    fn check_hub(&self, problems: &mut Diagnostics) {
        if self.customer_managed_key.is_some() && self.high_business_impact.known() == Some(&false) {
            problems.error(
                self.high_business_impact.path.clone(),
                "A hub with a key of yours holds data of high business impact",
                "Azure says so whatever is asked for. Set high_business_impact = true.",
            );
        }
        let instead = "The computes of a hub stand in a managed network, or are serverless outside of any.";
        if let Some(serverless) = self.serverless_compute.as_ref().filter(|block| block.subnet_id.is_set()) {
            problems.error(
                serverless.subnet_id.path.clone(),
                "A hub has no computes in subnets of yours",
                instead,
            );
        }
        if self.image_build_cluster.is_some() {
            let at = Path::root().attribute("image_build_cluster");
            problems.error(at, "A hub has no clusters of nodes", instead);
        }
    }
}
