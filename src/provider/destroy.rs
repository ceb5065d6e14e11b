//! Destroy: planned with nothing to say but its private mark, applied by
//! running the graph backwards.
//!
//! Terraform also sends a delete as one half of a replacement. It then brings
//! the private bytes of the create plan, and nothing of the object's own. An
//! object that never became complete is not torn down for that: what the new
//! object wants too stays, and the create half goes on from there.

use std::collections::{BTreeMap, BTreeSet};

use tokio_util::sync::CancellationToken;

use super::apply::answer;
use super::common::{self, Operation, set};
use super::private::Private;
use super::state;
use super::{Configured, foreign, moves, report, rpc};
use crate::engine::graph::Graph;
use crate::engine::{self, Intent, Job, Observation};
use crate::kinds::ResourceId;
use crate::resources::Composite;
use crate::schema::{Diagnostics, Value};

pub(super) fn plan() -> rpc::PlanResourceChangeResponse {
    rpc::PlanResourceChangeResponse {
        planned_state: Value::Null,
        requires_replace: Vec::new(),
        planned_private: Private::default().bytes(),
        deferred: None,
        diagnostics: Diagnostics::default(),
    }
}

pub(super) async fn apply(
    configured: &Configured,
    composite: &Composite,
    request: rpc::ApplyResourceChangeRequest,
    cancel: CancellationToken,
) -> rpc::ApplyResourceChangeResponse {
    let prior = request.prior_state;
    // The delete half of a replacement comes without a plan that was shown the object.
    let arriving = moves::refuse_arriving(&prior);
    if arriving.has_errors() {
        return answer(prior, arriving);
    }
    let recorded = state::read(&prior);
    let wanted = common::wanted(composite, &prior, configured);
    let mut graph = wanted.expansion.graph;
    state::with_left_overs(&mut graph, &recorded);

    let wanted_again = wanted_again(&Private::read(&request.planned_private));
    // What never became complete is left to the create half to finish; what
    // was complete is really replaced.
    let complete = prior.attribute("ready").as_bool() == Some(true);
    let keeps = if complete { BTreeSet::new() } else { wanted_again.clone() };
    let desired = Graph::default();
    let call = common::call(configured, &prior, Operation::Delete, cancel);
    let world = configured.engine.observe(&graph, &call).await;
    match foreign::within(&configured.engine, &graph, &world, &call).await {
        Ok(others) if others.is_empty() => {}
        Ok(others) => return answer(prior, report::foreign(&others)),
        Err(error) => return answer(prior, report::unlisted(&error)),
    }
    let ids = state::ids(&recorded);
    let intent = Intent {
        desired: &desired,
        prior: Some(&graph),
        world: &world,
        marks: &wanted.marks,
        recorded: &ids,
        announced: None,
        keep: &keeps,
        adopt: false,
        settings: configured.engine.settings(),
    };
    let plan = match engine::plan(&intent) {
        Ok(plan) => plan,
        Err(problems) => return answer(prior, report::problems(&problems, composite.type_name, &graph)),
    };
    let job = Job {
        plan: &plan,
        desired: &desired,
        prior: Some(&graph),
        world: &world,
        marks: &wanted.marks,
        frees: &wanted_again,
    };
    let engine = common::engine(configured, composite, &wanted.id, Operation::Delete, &call);
    let outcome = engine.apply(job, &call).await;
    // The create half goes on with what is unfinished, and leaves alone what says that it is whole.
    let outcome = match engine::reopening(&graph, &outcome.world, &wanted.marks) {
        Some(plan) if outcome.is_complete() && !keeps.is_empty() => {
            let job = Job { plan: &plan, desired: &graph, prior: None, world: &outcome.world, ..job };
            engine.apply(job, &call).await
        }
        _ => outcome,
    };
    if outcome.is_complete() {
        return answer(Value::Null, Diagnostics::default());
    }
    let mut state = prior;
    let mut left = recorded;
    left.retain(|_, entry| {
        entry.id.as_ref().is_none_or(|id| !matches!(outcome.world.of(id), Some(Observation::Absent)))
    });
    let problems = report::failures(&outcome, report::Doing::Deleting { left: left.len() }, &BTreeMap::new());
    set(&mut state, "resources", state::value(&left));
    set(&mut state, "ready", false.into());
    answer(state, problems)
}

/// The ids that the create half of a replacement will want. None where this is
/// no half of a replacement.
fn wanted_again(private: &Private) -> BTreeSet<ResourceId> {
    private
        .create
        .iter()
        .flat_map(|creation| &creation.keeps)
        .filter_map(|id| ResourceId::parse(id).ok())
        .collect()
}
