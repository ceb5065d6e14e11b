//! `amlsecure_batch_endpoint`: where batches of work for models are handed in.
//!
//! ```text
//! workspace (given) <- endpoint
//! ```

use super::recall::text;
use super::{Outputs, Recalled, Resource, Seen, Stack, checks};
use crate::engine::graph::Expr;
use crate::kinds::{BATCH_ENDPOINT, Kind, ResourceId, WORKSPACE};
use crate::schema::Diagnostics;
use crate::schema::config::{Computed, Field};
use crate::{block, body};

block! {
    /// A batch endpoint of a workspace: where work for models is handed in that may take long. It is as closed as
    /// its workspace, has no network setting of its own, and takes Entra tokens alone.
    ///
    /// Its jobs run on a compute cluster, as that cluster's identity, and are scheduled through queues and tables:
    /// the workspace's `private_endpoint` needs `queue` and `table` among its `storage_services`. Deployments, and
    /// which of them is the default, are left to those who release models: nothing that they do is drift. They go
    /// when the endpoint goes.
    pub struct BatchEndpoint {
        /// The name of the endpoint, unique in its region.
        pub name: Field<String> = required().replaces().check(|v, p, d| checks::name(&BATCH_ENDPOINT, v, p, d)),
        /// The id of the workspace that the endpoint belongs to.
        pub machine_learning_workspace_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&WORKSPACE, v, p, d)),
        /// The Azure region of the endpoint: that of its workspace, unless you say otherwise.
        pub location: Field<String> = optional().or_computed().replaces().check(checks::location),
        /// What it is for.
        pub description: Field<String> = optional(),
        /// The id of the endpoint.
        pub id: Computed<String> = computed(),
        /// Where work is handed in.
        pub scoring_uri: Computed<String> = computed(),
    }
}

impl Resource for BatchEndpoint {
    const TYPE: &'static str = "amlsecure_batch_endpoint";
    const MOVED_FROM: super::MovedFrom = &[("", &BATCH_ENDPOINT)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&BATCH_ENDPOINT];
    const IMPORT: &'static str = "Its workspace is given, by id. Its deployments stay their makers'.";

    fn check(&self, _: &mut Diagnostics) {}

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let workspace = stack.given("workspace", &WORKSPACE, &self.machine_learning_workspace_id);
        let location =
            if self.location.is_null() { workspace.output("location") } else { Expr::from(&self.location) };
        let body = body!({
            "location": (location.clone()),
            "properties": { "authMode": "AADToken", "description": (&self.description) },
        });
        let name = self.name.text().map(str::to_owned);
        let parent = workspace.known_id().cloned();
        let endpoint = stack.add("endpoint", &BATCH_ENDPOINT, parent.as_ref(), name, body, &self.name.path);
        stack.graph.set_primary(&endpoint);
        [
            ("id", endpoint.id()),
            ("location", location),
            ("scoring_uri", endpoint.output("properties.scoringUri")),
        ]
        .into()
    }

    fn recall(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        let endpoint = seen.primary(at)?;
        Ok(Recalled {
            arguments: vec![
                ("name", endpoint.id.name().into()),
                (
                    "machine_learning_workspace_id",
                    endpoint.id.parent().map(|workspace| workspace.to_string()).into(),
                ),
                ("location", text(&endpoint.body, "/location")),
                ("description", text(&endpoint.body, "/properties/description")),
            ],
            parts: [("endpoint".to_owned(), endpoint.id.clone())].into(),
            ..Recalled::default()
        })
    }
}
