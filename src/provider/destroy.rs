//! Destroy: planned by looking for what would stop it, applied by running the
//! graph backwards.
//!
//! Terraform also sends a delete as one half of a replacement. It then brings
//! the private bytes of the create plan, and nothing of the object's own. An
//! object that never became complete is not torn down for that: what the new
//! object wants too stays, and the create half goes on from there.

use std::collections::{BTreeMap, BTreeSet};

use tokio_util::sync::CancellationToken;

use super::apply::answer;
use super::common::{self, Operation, set};
use super::private::{Creation, Private};
use super::state::{self, Entries};
use super::{Configured, foreign, moves, report, rpc};
use crate::arm::Call;
use crate::engine::graph::{Graph, Node};
use crate::engine::{self, Intent, Job, Marks, Observation, Others, Plan, Problem, World};
use crate::kinds::ResourceId;
use crate::resources::Composite;
use crate::schema::{Diagnostics, Value};

/// Plans a real destroy. Azure is asked for what others keep inside what goes,
/// as that must be known before anything is deleted.
pub(super) async fn plan(
    configured: &Configured,
    composite: &Composite,
    prior: &Value,
    cancel: CancellationToken,
) -> rpc::PlanResourceChangeResponse {
    let going = Going::of(composite, prior, configured);
    let call = common::call(configured, prior, Operation::Read, cancel);
    rpc::PlanResourceChangeResponse {
        planned_state: Value::Null,
        requires_replace: Vec::new(),
        planned_private: Private::default().bytes(),
        deferred: None,
        diagnostics: going.look_around(configured, &call).await,
    }
}

/// An object that goes: what it is made of, as its state says.
struct Going {
    /// The id of the whole.
    id: String,
    graph: Graph,
    marks: Marks,
    recorded: Entries,
}

impl Going {
    fn of(composite: &Composite, prior: &Value, configured: &Configured) -> Self {
        let recorded = state::read(prior);
        let wanted = common::wanted(composite, prior, configured);
        let mut graph = wanted.expansion.graph;
        state::with_left_overs(&mut graph, &recorded);
        Self { id: wanted.id, graph, marks: wanted.marks, recorded }
    }

    /// The deletions, but for what is kept.
    fn plan(
        &self,
        world: &World,
        keep: &BTreeSet<ResourceId>,
        configured: &Configured,
    ) -> Result<Plan, Vec<Problem>> {
        engine::plan(&Intent {
            desired: &Graph::default(),
            prior: Some(&self.graph),
            world,
            marks: &self.marks,
            recorded: &state::ids(&self.recorded),
            announced: None,
            keep,
            adopt: false,
            settings: configured.engine.settings(),
        })
    }

    /// Of what is wanted again, what can outlive all that is not: what is bound
    /// to something that goes is of no use to the new object.
    fn outlasting(&self, wanted_again: &BTreeSet<ResourceId>) -> BTreeSet<ResourceId> {
        let goes = |node: &&Node| node.id.as_ref().is_none_or(|id| !wanted_again.contains(id));
        let going = self.graph.managed().filter(goes).map(|node| node.key.clone()).collect();
        let bound = engine::cascade(&self.graph, &going, &BTreeSet::new());
        let stays = self.graph.managed().filter(|node| !bound.contains(&node.key));
        stays.filter_map(|node| node.id.clone()).collect()
    }

    /// What would stop the destroy, seen from its plan. A read that fails
    /// only warns: nothing is deleted yet, and the apply asks again.
    async fn look_around(&self, configured: &Configured, call: &Call) -> Diagnostics {
        if !self.graph.managed().any(|node| foreign::holds_others(node.kind)) {
            return Diagnostics::default();
        }
        let world = configured.engine.observe(&self.graph, call).await;
        let plan = match self.plan(&world, &BTreeSet::new(), configured) {
            Ok(plan) => plan,
            Err(problems) => return report::problems_ahead(&problems),
        };
        // What is marked may be planned to go as well, before this.
        match foreign::within(&configured.engine, (&self.graph, &world), &plan, Others::Unmarked, call).await
        {
            Ok(others) => report::foreign(&others),
            Err(error) => report::unlisted_yet(&error),
        }
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
    let going = Going::of(composite, &prior, configured);
    let create = Private::read(&request.planned_private).create;
    let wanted_again = create.as_ref().map(wanted_again).unwrap_or_default();
    // What never became complete is left to the create half to finish; what
    // was complete is really replaced.
    let complete = prior.attribute("ready").as_bool() == Some(true);
    // Under another name of the primary the new object would meet what is not its own.
    let is_same = create.is_some_and(|create| create.owner.is_none_or(|owner| owner == going.marks.owner));
    let keeps = if complete || !is_same { BTreeSet::new() } else { going.outlasting(&wanted_again) };
    let call = common::call(configured, &prior, Operation::Delete, cancel);
    let world = configured.engine.observe(&going.graph, &call).await;
    let plan = match going.plan(&world, &keeps, configured) {
        Ok(plan) => plan,
        Err(problems) => {
            let problems = report::problems(&problems, composite.type_name, &going.graph);
            return answer(prior, problems);
        }
    };
    match foreign::within(&configured.engine, (&going.graph, &world), &plan, Others::All, &call).await {
        Ok(others) if others.is_empty() => {}
        Ok(others) => return answer(prior, report::foreign(&others)),
        Err(error) => return answer(prior, report::unlisted(&error)),
    }
    let job = Job {
        plan: &plan,
        desired: &Graph::default(),
        prior: Some(&going.graph),
        world: &world,
        marks: &going.marks,
        frees: &wanted_again,
    };
    let engine = common::engine(configured, composite, &going.id, Operation::Delete, &call);
    let outcome = engine.apply(job, &call).await;
    // The create half goes on with what is unfinished, and leaves alone what says that it is whole.
    let outcome = match engine::reopening(&going.graph, &outcome.world, &going.marks) {
        Some(plan) if outcome.is_complete() && !keeps.is_empty() => {
            let job = Job { plan: &plan, desired: &going.graph, prior: None, world: &outcome.world, ..job };
            engine.apply(job, &call).await
        }
        _ => outcome,
    };
    if outcome.is_complete() {
        return answer(Value::Null, Diagnostics::default());
    }
    let mut state = prior;
    let mut left = going.recorded;
    left.retain(|_, entry| {
        entry.id.as_ref().is_none_or(|id| !matches!(outcome.world.of(id), Some(Observation::Absent)))
    });
    let problems = report::failures(&outcome, report::Doing::Deleting { left: left.len() }, &BTreeMap::new());
    set(&mut state, "resources", state::value(&left));
    // What was to be replaced is still to be replaced by the next run.
    if wanted_again.is_empty() {
        set(&mut state, "ready", false.into());
    }
    answer(state, problems)
}

/// The ids that the create half of a replacement will want.
fn wanted_again(create: &Creation) -> BTreeSet<ResourceId> {
    create.keeps.iter().filter_map(|id| ResourceId::parse(id).ok()).collect()
}
