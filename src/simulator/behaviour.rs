//! What is uncertain of Azure, or differs from subscription to subscription:
//! settings, each with the value that fits most.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The settings. `docs/simulator.md` lists them.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are switches")]
pub struct Behaviour {
    /// Whether a PUT over a soft-deleted machine learning workspace with the
    /// same dependencies brings it back. The recover request of the service is
    /// in no public description, so this is our working assumption; off, such
    /// a PUT is refused as the service refuses a plain create.
    pub workspace_recover: bool,
    /// Whether an empty token bucket answers 429. The buckets are kept, and
    /// their headers sent, either way.
    pub throttle: bool,
    /// Resource provider namespaces that a new subscription is not registered for.
    pub unregistered: Vec<String>,
    /// Seconds that a registration takes, at Azure's pace.
    pub registration_seconds: f64,
    /// How many reads of a new resource still find nothing: ARM's replicas
    /// learn of it one after the other, and all within a minute.
    pub unseen_reads: u32,
    /// How many reads of a deleted resource still find it.
    pub lingering_reads: u32,
    /// Whether a PUT of a virtual network without `subnets` deletes them, as
    /// it did before 2023; Microsoft announced that they are kept since.
    pub absent_subnets_deleted: bool,
    /// Whether a connection that asks for automatic approval gets it: whoever
    /// makes the endpoint has the right on its target.
    pub auto_approval: bool,
    /// Whether a role assignment is refused that names a role which is neither
    /// of one's own nor among the built-in ones known here. Azure refuses such
    /// a role; it has hundreds of built-in ones, and only some are known here.
    pub unknown_roles_refused: bool,
    /// Whether the name of a deleted Log Analytics workspace is taken in other
    /// regions than its own. That it is brought back in its own is documented;
    /// of other regions only the code of a name that is taken is known.
    pub deleted_log_names_taken: bool,
    /// Whether a compute instance fails where the storage account of its
    /// workspace permits no shared keys: documented, and denied by stacks that
    /// run without.
    pub keyless_instances_fail: bool,
    /// Limits in place of the documented ones, by resource type.
    pub quotas: BTreeMap<String, u32>,
    /// Sizes of machines that a region has none of, by region.
    pub unavailable_sizes: BTreeMap<String, Vec<String>>,
    /// What an Azure Policy denies, changes or adds.
    pub policies: Vec<Policy>,
    /// What the caller may not do.
    pub denied: Vec<Denied>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            workspace_recover: true,
            throttle: false,
            unregistered: Vec::new(),
            registration_seconds: 20.0,
            unseen_reads: 0,
            lingering_reads: 0,
            absent_subnets_deleted: false,
            auto_approval: true,
            unknown_roles_refused: false,
            deleted_log_names_taken: false,
            keyless_instances_fail: false,
            quotas: BTreeMap::new(),
            unavailable_sizes: BTreeMap::new(),
            policies: Vec::new(),
            denied: Vec::new(),
        }
    }
}

/// A policy assignment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// What the assignment is called.
    pub name: String,
    /// What it does where it applies.
    #[serde(default)]
    pub effect: Effect,
    /// The resource types it is about; `*` stands for any text.
    pub kind: String,
    /// Where the value stands that it looks at; without it, it always applies.
    pub path: Option<String>,
    /// Applies to every value but this one (none there is another one).
    pub unless: Option<Value>,
    /// Applies to this value.
    pub when: Option<Value>,
    /// The reason that a refusal gives.
    #[serde(default)]
    pub reason: String,
    /// What `modify` and `append` put into the body, by path.
    #[serde(default)]
    pub set: BTreeMap<String, Value>,
    /// What `deployIfNotExists` deploys.
    pub deploy: Option<Remedy>,
}

/// What a policy does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// Refuses the write.
    #[default]
    Deny,
    /// Notes it where no client sees it.
    Audit,
    /// Puts values into the body, in place of those that are there.
    Modify,
    /// Puts values into the body where there are none, and into lists.
    Append,
    /// Makes another resource once this one stands, where there is none of its type.
    DeployIfNotExists,
}

/// What `deployIfNotExists` deploys: a child of the resource, or an extension of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// The resource type.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The body.
    pub body: Value,
}

/// An action that the caller may not do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denied {
    /// As roles name it: `Microsoft.Network/virtualNetworks/subnets/join/action`;
    /// `*` stands for any text.
    pub action: String,
    /// The id of where it is denied, with all that lies in there; without it, everywhere.
    pub scope: Option<String>,
}
