//! `amlsecure_online_endpoint`: a closed door to models, for deployments that
//! pipelines make.
//!
//! ```text
//! workspace (given) <- endpoint
//! storage, container_registry (given) <- role/*
//! ```

use super::expansion::enabled;
use super::recall::{flag, id, text, word};
use super::roles::{self, Assignment, Principal, RequiredRole, builtin};
use super::{Outputs, Recalled, Resource, Seen, Stack, checks};
use crate::engine::graph::{Expr, Handle, Unfit};
use crate::kinds::{
    COMPUTE, CONTAINER_REGISTRY, Kind, ONLINE_ENDPOINT, ROLE_ASSIGNMENT, ResourceId, STORAGE_ACCOUNT,
    USER_ASSIGNED_IDENTITY, WORKSPACE,
};
use crate::schema::config::{Computed, Field};
use crate::schema::{Diagnostics, Value};
use crate::{block, body};

const AUTH_MODES: [&str; 3] = ["AADToken", "AMLToken", "Key"];

/// Role assignment modes of a registry ("ABAC repository permissions").
const BY_REPOSITORY: Unfit = Unfit {
    path: "properties.roleAssignmentMode",
    word: Some("AbacRepositoryPermissions"),
    why: "Its roles are given by repository, so that AcrPull counts for nothing. Assign Container Registry Repository \
          Reader to the endpoint's identity.",
};

block! {
    /// An online endpoint of a workspace, closed to the internet: a host name behind which models answer, on
    /// machines that Azure Machine Learning manages or in your Kubernetes cluster. It is reached through the
    /// private endpoint of its workspace.
    ///
    /// Deployments and their shares of the traffic are left to those who release models: nothing that they do is
    /// drift. They go when the endpoint goes.
    pub struct OnlineEndpoint {
        /// The name of the endpoint, unique in its region: it becomes a host name.
        pub name: Field<String> = required().replaces().check(|v, p, d| checks::name(&ONLINE_ENDPOINT, v, p, d)),
        /// The id of the workspace that the endpoint belongs to.
        pub machine_learning_workspace_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&WORKSPACE, v, p, d)),
        /// The Azure region of the endpoint: that of its workspace, unless you say otherwise.
        pub location: Field<String> = optional().or_computed().replaces().check(checks::location),
        /// How callers prove who they are: `AADToken` with Entra, `AMLToken` with a token of the workspace, `Key`
        /// with a key that never expires. A Kubernetes endpoint takes the latter two.
        pub auth_mode: Field<String> = default("AADToken").replaces()
            .check(|v, p, d| checks::one_of(&AUTH_MODES, v, p, d)),
        /// The id of the Kubernetes compute that the endpoint runs on. Without it Azure Machine Learning manages
        /// the machines.
        pub compute_id: Field<String> = optional().replaces().check(|v, p, d| checks::id_of(&COMPUTE, v, p, d)),
        /// Whether the internet reaches the endpoint.
        pub public_network_access_enabled: Field<bool> = default(false),
        /// What it is for.
        pub description: Field<String> = optional(),
        /// The identity of the endpoint, as which its deployments fetch images and models. Without the block it
        /// has one of its own.
        pub identity: Option<Identity> = optional().replaces(),
        /// The id of the workspace's storage account, which a user-assigned identity of the endpoint is to read.
        /// An identity of its own gets that right from Azure.
        pub storage_account_id: Field<String> = optional()
            .check(|v, p, d| checks::id_of(&STORAGE_ACCOUNT, v, p, d)),
        /// The id of the workspace's registry, from which a user-assigned identity of the endpoint is to pull. An
        /// identity of its own gets that right from Azure.
        pub container_registry_id: Field<String> = optional()
            .check(|v, p, d| checks::id_of(&CONTAINER_REGISTRY, v, p, d)),
        /// `managed`: the provider assigns the roles that a user-assigned identity needs. `none`: somebody with
        /// the right to assign roles does it, from `required_role_assignments`.
        pub role_assignments: Field<String> = default("managed")
            .check(|v, p, d| checks::one_of(&["managed", "none"], v, p, d)),
        /// The id of the endpoint.
        pub id: Computed<String> = computed(),
        /// Where models are asked.
        pub scoring_uri: Computed<String> = computed(),
        /// Where the endpoint describes itself.
        pub swagger_uri: Computed<String> = computed(),
        /// The object id of its system-assigned identity, where it has one.
        pub principal_id: Computed<String> = computed(),
        /// The roles that a user-assigned identity needs: scope, role and principal of each.
        pub required_role_assignments: Computed<Vec<Field<RequiredRole>>> = computed(),
    }
}

block! {
    /// The identity of the endpoint: its own, or yours, not both. Azure never changes it.
    pub struct Identity {
        /// `SystemAssigned` or `UserAssigned`.
        pub r#type: Field<String> = required()
            .check(|v, p, d| checks::one_of(&["SystemAssigned", "UserAssigned"], v, p, d)),
        /// The ids of the user-assigned identities. The first gets the roles.
        pub identity_ids: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&USER_ASSIGNED_IDENTITY, v, p, d), v, p, d)),
    }
}

impl Resource for OnlineEndpoint {
    const TYPE: &'static str = "amlsecure_online_endpoint";
    const MOVED_FROM: super::MovedFrom = &[("", &ONLINE_ENDPOINT)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&ONLINE_ENDPOINT];
    const IMPORT: &'static str = "Its workspace, its compute and its identities are given, by id. Its deployments stay their makers'. Role \
         assignments become this block's own where they carry the provider's mark; they are looked for on the \
         storage account and the registry of its workspace.";

    fn check(&self, problems: &mut Diagnostics) {
        if let Some(identity) = &self.identity {
            super::identity::check_identity(&identity.r#type, &identity.identity_ids, problems);
        }
        if self.compute_id.is_set() && self.auth_mode.text() == Some("AADToken") {
            problems.error(
                self.auth_mode.path.clone(),
                "A Kubernetes endpoint takes no Entra tokens",
                "Set auth_mode = \"AMLToken\", or \"Key\" for keys that never expire.",
            );
        }
        let parsed = |field: &Field<String>| ResourceId::parse(field.text()?).ok();
        if let (Some(compute), Some(workspace)) =
            (parsed(&self.compute_id), parsed(&self.machine_learning_workspace_id))
            && compute.parent().as_ref() != Some(&workspace)
        {
            problems.error(
                self.compute_id.path.clone(),
                "The compute belongs to another workspace",
                format!("Attach the cluster to {workspace}, and name that compute."),
            );
        }
        if !self.may_be_user_assigned() {
            for field in [&self.storage_account_id, &self.container_registry_id] {
                if field.is_set() {
                    problems.error(
                        field.path.clone(),
                        "The endpoint's own identity has its roles from Azure",
                        "Leave this out, or give the endpoint an identity of type \"UserAssigned\".",
                    );
                }
            }
        }
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let workspace = stack.given("workspace", &WORKSPACE, &self.machine_learning_workspace_id);
        let location =
            if self.location.is_null() { workspace.output("location") } else { Expr::from(&self.location) };
        let null = || Expr::Json(serde_json::Value::Null);
        let mut properties = vec![
            ("authMode", Expr::from(&self.auth_mode)),
            ("description", Expr::from(&self.description)),
            ("publicNetworkAccess", enabled(&self.public_network_access_enabled)),
        ];
        if self.compute_id.is_set() {
            let compute = stack.given("compute", &COMPUTE, &self.compute_id);
            properties.push(("compute", compute.id()));
        }
        let identity =
            self.identity.as_ref().map_or_else(super::identity::Identity::of_its_own, |identity| {
                super::identity::identity(&identity.r#type, &identity.identity_ids)
            });
        let body = body!({
            "location": (location.clone()),
            "identity": (identity),
            "properties": (Expr::object(properties)),
        });
        let name = self.name.text().map(str::to_owned);
        let parent = workspace.known_id().cloned();
        let endpoint = stack.add("endpoint", &ONLINE_ENDPOINT, parent.as_ref(), name, body, &self.name.path);
        stack.graph.set_primary(&endpoint);
        let required = self.roles(stack);
        let principal = match &self.identity {
            Some(identity) if identity.r#type.is_unknown() => Expr::Unknown,
            Some(identity) if identity.r#type.text() == Some("UserAssigned") => null(),
            _ => endpoint.output("identity.principalId"),
        };
        [
            ("id", endpoint.id()),
            ("location", location),
            ("scoring_uri", endpoint.output("properties.scoringUri")),
            ("swagger_uri", endpoint.output("properties.swaggerUri")),
            ("principal_id", principal),
            ("required_role_assignments", required),
        ]
        .into()
    }

    fn recall(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        let endpoint = seen.primary(at)?;
        let body = &endpoint.body;
        let mut recalled = Recalled::default();
        recalled.parts.insert("endpoint".to_owned(), endpoint.id.clone());
        let workspace = endpoint.id.parent();
        let ground = workspace.as_ref().and_then(|id| seen.at(id));
        let compute = id(body, "/properties/compute").map(|id| id.to_string());
        recalled.arguments = vec![
            ("name", endpoint.id.name().into()),
            ("machine_learning_workspace_id", workspace.as_ref().map(ToString::to_string).into()),
            ("location", text(body, "/location")),
            ("auth_mode", word(body, "/properties/authMode", &AUTH_MODES)),
            ("compute_id", compute.into()),
            ("public_network_access_enabled", flag(body, "/properties/publicNetworkAccess", true)),
            ("description", text(body, "/properties/description")),
            ("identity", recalled_identity(body)),
        ];
        for (argument, key, pointer) in [
            ("storage_account_id", "role/storage", "/properties/storageAccount"),
            ("container_registry_id", "role/container_registry", "/properties/containerRegistry"),
        ] {
            let Some(scope) = ground.and_then(|workspace| id(&workspace.body, pointer)) else { continue };
            let assigned = seen.within(&scope, &ROLE_ASSIGNMENT).iter().find(|assignment| assignment.ours);
            if let Some(assigned) = assigned {
                recalled.parts.insert(key.to_owned(), assigned.id.clone());
                recalled.arguments.push((argument, scope.as_str().into()));
            }
        }
        Ok(recalled)
    }
}

/// An identity of its own needs no block.
fn recalled_identity(body: &serde_json::Value) -> Value {
    match super::identity::recalled(body) {
        block if block.attribute("type").as_str() == Some("SystemAssigned") => Value::Null,
        block => block,
    }
}

impl OnlineEndpoint {
    fn may_be_user_assigned(&self) -> bool {
        self.identity.as_ref().is_some_and(|identity| identity.r#type.text() != Some("SystemAssigned"))
    }

    /// What Azure gives an identity of the endpoint's own by itself ("access
    /// resources from endpoints with managed identities").
    fn roles(&self, stack: &mut Stack<'_>) -> Expr {
        let Some(identity) = self.identity.as_ref().filter(|_| self.may_be_user_assigned()) else {
            return Expr::array([]);
        };
        let wanted: Vec<_> = [
            ("storage", &STORAGE_ACCOUNT, &self.storage_account_id, &builtin::STORAGE_BLOB_DATA_READER),
            ("container_registry", &CONTAINER_REGISTRY, &self.container_registry_id, &builtin::ACR_PULL),
        ]
        .into_iter()
        .filter(|(_, _, id, _)| id.is_set())
        .collect();
        if wanted.is_empty() {
            return Expr::array([]);
        }
        if identity.r#type.is_unknown()
            || !identity.identity_ids.is_whole()
            || self.role_assignments.is_unknown()
        {
            stack.incomplete();
        }
        let Some(first) = identity.identity_ids.elements().next().filter(|_| !identity.r#type.is_unknown())
        else {
            return Expr::Unknown;
        };
        let acts: Handle = stack.given("identity", &USER_ASSIGNED_IDENTITY, first);
        let principal =
            Principal { id: acts.output("properties.principalId"), owner: acts.known_id().cloned() };
        let mut required = Vec::new();
        for (name, kind, id, role) in wanted {
            let scope = stack.given(name, kind, id);
            if name == "container_registry" {
                stack.graph.doubt(&scope, BY_REPOSITORY);
            }
            let assignment = Assignment { key: format!("role/{name}"), role, scope: &scope };
            required.push(roles::listed(stack, &principal, &assignment));
            if self.role_assignments.text() != Some("none") {
                roles::assign(stack, &principal, &assignment, &self.role_assignments.path);
            }
        }
        Expr::Array(required)
    }
}
