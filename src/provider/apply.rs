//! Apply: observe, plan the steps, take them, and say what was reached.

use std::collections::{BTreeMap, BTreeSet};

use tokio_util::sync::CancellationToken;

use super::common::{self, Operation, Wanted, set};
use super::private::Private;
use super::state::{self, Entries};
use super::{Configured, destroy, report, rpc};
use crate::arm::{Call, Cause};
use crate::engine::graph::Key;
use crate::engine::{self, Change, Intent, Job, Observation, Outcome, Trouble};
use crate::kinds::ResourceId;
use crate::resources::{self, Composite};
use crate::schema::{self, Diagnostics, Value};

/// The answer to an apply that cannot begin: nothing has changed.
pub(super) fn refused(
    request: rpc::ApplyResourceChangeRequest,
    diagnostics: Diagnostics,
) -> rpc::ApplyResourceChangeResponse {
    rpc::ApplyResourceChangeResponse {
        new_state: request.prior_state,
        private: request.planned_private,
        diagnostics,
    }
}

pub(super) async fn resource(
    configured: &Configured,
    request: rpc::ApplyResourceChangeRequest,
    cancel: CancellationToken,
) -> rpc::ApplyResourceChangeResponse {
    let Some(composite) = resources::find(&request.type_name) else {
        let unknown = rpc::unknown_type(&request.type_name);
        return refused(request, unknown);
    };
    if request.planned_state.is_null() {
        return destroy::apply(configured, composite, request, cancel).await;
    }
    Applying::new(configured, composite, request).run(cancel).await
}

/// A create or an update under way.
struct Applying<'a> {
    configured: &'a Configured,
    composite: &'a Composite,
    prior: Value,
    planned: Value,
    /// The configuration, for what is sent and not kept.
    config: Value,
    recorded: Entries,
}

impl<'a> Applying<'a> {
    fn new(
        configured: &'a Configured,
        composite: &'a Composite,
        request: rpc::ApplyResourceChangeRequest,
    ) -> Self {
        let recorded = state::read(&request.prior_state);
        let mut planned = request.planned_state;
        if planned.attribute("instance").is_unknown() || planned.attribute("instance").is_null() {
            // The only randomness there is: which Terraform object built this.
            set(&mut planned, "instance", uuid::Uuid::new_v4().to_string().into());
        }
        Self { configured, composite, prior: request.prior_state, planned, config: request.config, recorded }
    }

    async fn run(self, cancel: CancellationToken) -> rpc::ApplyResourceChangeResponse {
        let creating = self.prior.is_null();
        let operation = if creating { Operation::Create } else { Operation::Update };
        let call = common::call(self.configured, &self.planned, operation, cancel);
        // What is unknown now is what Azure will say.
        let arguments = self.planned.clone().without_unknown();
        let block = self.composite.schema().block;
        let arguments = schema::with_write_only(&block, &arguments, &self.config);
        let mut wanted = common::wanted(self.composite, &arguments, self.configured);
        if wanted.expansion.problems.has_errors() {
            return answer(self.prior.clone(), wanted.expansion.problems);
        }
        let before = (!creating).then(|| {
            let mut before = common::wanted(self.composite, &self.prior, self.configured);
            state::with_left_overs(&mut before.expansion.graph, &self.recorded);
            before.expansion.graph
        });
        if let Some(before) = &before {
            wanted.expansion.graph.keep_previews(before);
        }
        let graph = &wanted.expansion.graph;
        let world = self.configured.engine.observe_both(graph, before.as_ref(), &call).await;
        let ids = state::ids(&self.recorded);
        let announced = self.announced(before.as_ref(), &wanted);
        let intent = Intent {
            desired: graph,
            prior: before.as_ref(),
            world: &world,
            marks: &wanted.marks,
            recorded: &ids,
            announced: Some(&announced),
            keep: &BTreeSet::new(),
            adopt: self.planned.attribute("adopt").as_bool() == Some(true),
            settings: self.configured.engine.settings(),
        };
        let plan = match engine::plan(&intent) {
            Ok(plan) => plan,
            Err(problems) => {
                let problems = report::problems(&problems, self.composite.type_name, graph);
                return answer(self.prior.clone(), problems);
            }
        };
        let job = Job {
            plan: &plan,
            desired: graph,
            prior: before.as_ref(),
            world: &world,
            marks: &wanted.marks,
            frees: &BTreeSet::new(),
        };
        let engine = common::engine(self.configured, self.composite, &wanted.id, operation, &call);
        let outcome = engine.apply(job, &call).await;
        let doubts = report::doubts(&engine::doubtful(graph, &outcome.world));
        let mut reached = if outcome.is_complete() {
            let state = self.reached(&wanted, &outcome);
            let unapproved = self.configured.engine.unapproved(graph, &outcome.world, &call).await;
            answer(state, report::unapproved(graph, &unapproved))
        } else {
            let assigned = self.assigned(&wanted, &outcome, &call).await;
            self.fallen_short(&wanted, &outcome, &assigned)
        };
        reached.diagnostics.extend(doubts);
        reached
    }

    /// The role assignments that Azure has under another name and so refused.
    async fn assigned(&self, wanted: &Wanted, outcome: &Outcome, call: &Call) -> BTreeMap<Key, ResourceId> {
        let refused = |trouble: &Trouble| match trouble {
            Trouble::Azure(error) => error.code() == Some("RoleAssignmentExists"),
            _ => false,
        };
        if !outcome.failures.iter().any(|failure| refused(&failure.error)) {
            return BTreeMap::new();
        }
        let engine = &self.configured.engine;
        // Where it cannot be looked for, Azure's own words have to do.
        engine.assigned_elsewhere(&wanted.expansion.graph, &outcome.world, call).await.unwrap_or_default()
    }

    /// The keys of resources that the plan said would be replaced or removed:
    /// nothing else may be.
    fn announced(&self, before: Option<&engine::graph::Graph>, wanted: &Wanted) -> BTreeSet<Key> {
        let Some(before) = before else { return BTreeSet::new() };
        engine::changes(before, &wanted.expansion.graph)
            .into_iter()
            .filter(|(_, change)| matches!(change, Change::Replaced(_) | Change::Removed))
            .map(|(key, _)| key)
            // A refresh that found a resource beyond repair has said so in its status.
            .chain(state::replaced_for_drift(&wanted.expansion.graph, &self.recorded).into_keys())
            .collect()
    }

    fn reached(&self, wanted: &Wanted, outcome: &Outcome) -> Value {
        let mut state = self.planned.clone();
        let schema = self.composite.schema();
        let expansion = &wanted.expansion;
        let planned = state::read(&state);
        let entries = state::of_graph(&expansion.graph, |key| {
            planned.get(key).map_or_else(|| state::IN_SYNC.to_owned(), |entry| entry.status.clone())
        });
        set(&mut state, "resources", state::value(&entries));
        set(&mut state, "ready", true.into());
        common::set_outputs(&mut state, &schema, &expansion.outputs, &expansion.graph, &outcome.world);
        state.without_unknown()
    }

    /// Nothing is lost: the state holds what stands, so that the next apply
    /// goes on and a destroy finds everything.
    fn fallen_short(
        &self,
        wanted: &Wanted,
        outcome: &Outcome,
        assigned: &BTreeMap<Key, ResourceId>,
    ) -> rpc::ApplyResourceChangeResponse {
        let graph = &wanted.expansion.graph;
        let mut entries = state::of_graph(graph, |key| match outcome.world.get(key) {
            Some(Observation::Present(_)) if outcome.done.contains_key(key) => state::IN_SYNC.to_owned(),
            _ => state::PENDING.to_owned(),
        });
        let built = graph
            .managed()
            .filter(|node| matches!(outcome.world.get(&node.key), Some(Observation::Present(_))))
            .count();
        if built == 0 && self.prior.is_null() && !may_have_begun(outcome) {
            return answer(Value::Null, report::failures(outcome, report::Doing::Nothing, assigned));
        }
        let total = graph.managed().count();
        let tainted = self.prior.is_null().then_some(self.composite.type_name);
        let problems = report::failures(outcome, report::Doing::Building { built, total, tainted }, assigned);
        for (key, entry) in &self.recorded {
            let gone = entry.id.as_ref().is_none_or(|id| {
                matches!(outcome.world.of(id), Some(Observation::Absent))
                    || entries.values().any(|other| other.id.as_ref() == Some(id))
            });
            if !gone && !entries.contains_key(key) {
                let left = state::Entry { status: state::LEFT_OVER.to_owned(), ..entry.clone() };
                entries.insert(key.clone(), left);
            }
        }
        // An update that fell short keeps the arguments it had: they come up
        // again in the next plan.
        let mut state = if self.prior.is_null() { self.planned.clone() } else { self.prior.clone() };
        set(&mut state, "instance", self.planned.attribute("instance").clone());
        let was_ready = self.prior.attribute("ready").as_bool() == Some(true);
        set(&mut state, "ready", was_ready.into());
        if self.prior.is_null() {
            let schema = self.composite.schema();
            let expansion = &wanted.expansion;
            common::set_outputs(&mut state, &schema, &expansion.outputs, graph, &outcome.world);
        }
        set(&mut state, "resources", state::value(&entries));
        answer(state.without_unknown(), problems)
    }
}

/// What an apply of any kind answers: what is reached, and what went wrong.
pub(super) fn answer(new_state: Value, diagnostics: Diagnostics) -> rpc::ApplyResourceChangeResponse {
    rpc::ApplyResourceChangeResponse { new_state, private: Private::default().bytes(), diagnostics }
}

/// Whether Azure may be making something although nobody has seen it: a write
/// whose end was not heard out. Only the state can lead back to it.
fn may_have_begun(outcome: &Outcome) -> bool {
    outcome.failures.iter().any(|failure| match &failure.error {
        Trouble::Azure(error) => !matches!(error.cause, Cause::Refused(_) | Cause::SignIn(_)),
        // It stands, and no time was left to read it once more.
        Trouble::Unapproved(_) => true,
        _ => false,
    })
}
