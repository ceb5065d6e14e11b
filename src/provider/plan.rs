//! Plan: what an apply would bring, from configuration and prior state alone.
//! Azure is asked only while planning a create, and only to warn, and while
//! planning a destroy, for what would stop it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use super::common::{self, Operation, Wanted, set};
use super::outputs::{self, Answer, Answered};
use super::private::{Creation, Private};
use super::state::{self, Entries};
use super::{Configured, destroy, moves, report, rpc};
use crate::engine::graph::{Expr, Graph, Key, Node, Role};
use crate::engine::{self, Change, Observation};
use crate::kinds::ResourceId;
use crate::resources::{self, Composite};
use crate::schema::{self, Block, Diagnostics, Schema, Value};

/// The answer to a plan that cannot be made.
pub(super) fn refused(
    request: rpc::PlanResourceChangeRequest,
    diagnostics: Diagnostics,
) -> rpc::PlanResourceChangeResponse {
    rpc::PlanResourceChangeResponse {
        planned_state: request.proposed_new_state,
        requires_replace: Vec::new(),
        planned_private: request.prior_private,
        deferred: None,
        diagnostics,
    }
}

pub(super) async fn resource(
    configured: &Configured,
    request: rpc::PlanResourceChangeRequest,
    cancel: CancellationToken,
) -> rpc::PlanResourceChangeResponse {
    let Some(composite) = resources::find(&request.type_name) else {
        let unknown = rpc::unknown_type(&request.type_name);
        return refused(request, unknown);
    };
    let arriving = moves::refuse_arriving(&request.prior_state);
    if arriving.has_errors() {
        return refused(request, arriving);
    }
    if request.proposed_new_state.is_null() {
        return destroy::plan(configured, composite, &request.prior_state, cancel).await;
    }
    let schema = composite.schema();
    let drafted =
        schema::proposed(&schema.block, &request.prior_state, &request.proposed_new_state, &request.config);
    let mut problems = composite.check(&schema::with_write_only(&schema.block, &drafted, &request.config));
    if !request.prior_state.is_null() {
        problems.extend(composite.check_change(&drafted, &request.prior_state));
    }
    if problems.has_errors() {
        return refused(request, problems);
    }
    if request.prior_state.is_null() {
        create(configured, composite, &schema, drafted, &request, problems, cancel).await
    } else {
        let draft = Draft { composite, schema: &schema, planned: drafted };
        let (planned_state, requires_replace) = draft.update(configured, &request, &mut problems);
        rpc::PlanResourceChangeResponse {
            planned_state,
            requires_replace,
            planned_private: Private { update: true, ..Private::default() }.bytes(),
            deferred: None,
            diagnostics: problems,
        }
    }
}

async fn create(
    configured: &Configured,
    composite: &Composite,
    schema: &Schema,
    mut planned: Value,
    request: &rpc::PlanResourceChangeRequest,
    mut problems: Diagnostics,
    cancel: CancellationToken,
) -> rpc::PlanResourceChangeResponse {
    keep_names(&mut planned, &request.config, &Value::Null);
    let tags = composite.tags_all(&planned, &configured.azure);
    set(&mut planned, "tags_all", tags);
    let arguments = common::arguments(&planned, &request.config, &Value::Null, schema);
    let wanted = common::wanted(composite, &arguments, configured);
    problems.extend(wanted.expansion.problems.clone());
    problems.extend(new_names(&wanted.expansion.graph, &BTreeSet::new(), &planned));
    set_planned_outputs(&mut planned, schema, &wanted, &Value::Null, &|_, _| None);
    set(&mut planned, "ready", true.into());
    let entries = state::of_graph(&wanted.expansion.graph, |_| state::IN_SYNC.to_owned());
    let known = !wanted.expansion.incomplete;
    set(&mut planned, "resources", if known { state::value(&entries) } else { Value::Unknown });
    if !problems.has_errors() {
        let call = common::call(configured, &planned, Operation::Read, cancel);
        let met = Met {
            adopts: planned.attribute("adopt").as_bool() == Some(true),
            replaces: Private::read(&request.prior_private).update,
        };
        problems.extend(look_around(configured, composite, &wanted, &met, &call).await);
    }
    let keeps = state::ids(&entries).iter().map(ToString::to_string).collect();
    let creation = Creation { owner: (!wanted.id.is_empty()).then_some(wanted.marks.owner), keeps };
    rpc::PlanResourceChangeResponse {
        planned_state: planned,
        requires_replace: Vec::new(),
        planned_private: Private { create: Some(creation), ..Private::default() }.bytes(),
        deferred: None,
        diagnostics: problems,
    }
}

/// What a create does with what it meets.
struct Met {
    adopts: bool,
    /// What a replacement replaces is there, as it should be.
    replaces: bool,
}

/// Looks at Azure for what a create will meet. Of what it will make it can only
/// warn: from here, a tainted object of our own looks like somebody else's.
async fn look_around(
    configured: &Configured,
    composite: &Composite,
    wanted: &Wanted,
    met: &Met,
    call: &crate::arm::Call,
) -> Diagnostics {
    let graph = &wanted.expansion.graph;
    let mut problems = Diagnostics::default();
    let is_trusted = |node: &Node| node.unfit.is_empty() && node.doubtful.is_empty();
    let nothing_to_see = met.replaces && graph.nodes().all(is_trusted);
    if nothing_to_see || graph.managed().any(|node| node.id.is_none()) {
        return problems;
    }
    let world = configured.engine.observe(graph, call).await;
    problems.extend(report::problems(&engine::unfit(graph, &world), composite.type_name, graph));
    problems.extend(report::doubts(&engine::doubtful(graph, &world)));
    if met.replaces {
        return problems;
    }
    let found: Vec<&str> = graph
        .managed()
        .filter(|node| matches!(world.get(&node.key), Some(Observation::Present(_))))
        .map(|node| &*node.key)
        .collect();
    if !found.is_empty() {
        let name = composite.type_name;
        problems.extend(report::existing(graph, &world, &wanted.marks, name, found.len(), met.adopts));
    }
    let kept = configured.engine.kept_names(graph, &world, &wanted.marks, call).await;
    problems.extend(report::kept_names(graph, &kept));
    problems
}

/// An update in the making.
struct Draft<'a> {
    composite: &'a Composite,
    schema: &'a Schema,
    planned: Value,
}

impl Draft<'_> {
    fn update(
        mut self,
        configured: &Configured,
        request: &rpc::PlanResourceChangeRequest,
        problems: &mut Diagnostics,
    ) -> (Value, Vec<schema::Path>) {
        let prior = &request.prior_state;
        keep_names(&mut self.planned, &request.config, prior);
        let tags = self.composite.tags_all(&self.planned, &configured.azure);
        set(&mut self.planned, "tags_all", tags);
        set(&mut self.planned, "ready", prior.attribute("ready").clone());
        // What an import found without the mark gets it with the next apply.
        let instance = prior.attribute("instance");
        set(
            &mut self.planned,
            "instance",
            if instance.is_null() { Value::Unknown } else { instance.clone() },
        );
        let mut arguments = common::arguments(&self.planned, &request.config, prior, self.schema);
        let mut new = common::wanted(self.composite, &arguments, configured);
        // What an import found a name for, and the configuration no longer has.
        if request.config.attribute("names").is_null() && !new.expansion.unused_names.is_empty() {
            let names = without(self.planned.attribute("names"), &new.expansion.unused_names);
            set(&mut self.planned, "names", names.clone());
            set(&mut arguments, "names", names);
            new = common::wanted(self.composite, &arguments, configured);
        }
        problems.extend(new.expansion.problems.clone());
        let mut old = common::wanted(self.composite, prior, configured);
        let recorded = state::read(prior);
        state::with_left_overs(&mut old.expansion.graph, &recorded);

        let changes = engine::changes(&old.expansion.graph, &new.expansion.graph);
        let rests = is_at_rest(prior, &recorded) && changes.values().all(|change| *change == Change::Same);
        if Private::read(&request.prior_private).imported
            && rests
            && schema::sets_the_same(&self.schema.block, prior, &self.planned)
        {
            return (prior.clone(), Vec::new());
        }
        set(&mut self.planned, "ready", true.into());
        // A left-over is known by its id alone, so nothing can be said to change.
        let by_id_alone = |key: &str| {
            old.expansion.graph.get(key).is_some_and(|node| node.body.bare() == &Expr::Json(Json::Null))
        };
        let mut entries = planned_entries(&new, &recorded, |key| match changes.get(key) {
            Some(change) if !by_id_alone(key) => change.clone(),
            _ => Change::Same,
        });
        for key in Private::read(&request.prior_private).shown {
            let same = matches!(changes.get(&*key), None | Some(Change::Same));
            if let (true, Some(entry), Some(before)) = (same, entries.get_mut(&key), recorded.get(&key)) {
                entry.status.clone_from(&before.status);
            }
        }
        let replaced = state::replaced_for_drift(&new.expansion.graph, &recorded);
        for (key, why) in &replaced {
            if let Some(entry) = entries.get_mut(&**key) {
                (*why).clone_into(&mut entry.status);
            }
        }
        let is_made_again =
            |key: &str| replaced.contains_key(key) || matches!(changes.get(key), Some(Change::Replaced(_)));
        let stays = recorded.iter().filter(|(key, _)| !is_made_again(key));
        let stays = stays.filter_map(|(_, entry)| entry.id.clone()).collect();
        problems.extend(new_names(&new.expansion.graph, &stays, &self.planned));
        let mut resources = state::value(&entries);
        for key in undecided(&new.expansion.graph, &changes) {
            if let Value::Map(members) = &mut resources
                && let Some(entry) = members.get_mut(&*key)
            {
                set(entry, "status", Value::Unknown);
            }
        }
        let known = !new.expansion.incomplete;
        set(&mut self.planned, "resources", if known { resources } else { Value::Unknown });
        // What a resource answers stays as long as the resource does.
        let settled = |key: &str| {
            matches!(changes.get(key), None | Some(Change::Same | Change::Changed(_)))
                && !replaced.contains_key(key)
                && recorded
                    .get(key)
                    .is_none_or(|entry| entry.status != state::MISSING && entry.status != state::PENDING)
        };
        let mut answered = Answered::new();
        for (name, expr) in &old.expansion.outputs {
            outputs::gather(expr, prior.attribute(name), &mut answered);
        }
        // An approval may come at any moment, so no plan promises that it has not; and an address may move.
        let idle = rests && asks_the_same(&self.schema.block, prior, &self.planned);
        let others = |key: &str, path: &str| {
            let node = new.expansion.graph.get(key);
            node.is_some_and(|node| engine::is_unsettled(node.kind, path))
        };
        let stays = |key: &str, path: &str| {
            let place = (key.into(), path.into());
            (settled(key) && (idle || !others(key, path))).then(|| answered.get(&place).cloned()).flatten()
        };
        set_planned_outputs(&mut self.planned, self.schema, &new, prior, &stays);
        let mut replace = schema::requires_replace(&self.schema.block, prior, &self.planned);
        if !self.means_another(&replace, prior, &old, configured) {
            replace.clear();
        }
        replace.retain(|path| self.means_another(std::slice::from_ref(path), prior, &old, configured));
        // Under another name of the primary it is another composite, with marks of its own.
        if replace.is_empty() && old.marks.owner != new.marks.owner {
            replace.push(schema::Path::root().attribute("names"));
        }
        (self.planned, replace)
    }
}

impl Draft<'_> {
    /// Whether arguments that cannot change really change: another spelling of
    /// a region or of an id asks for the same resources, and so does a name in
    /// place of the id that it is the name of. What Azure has an action for
    /// takes no replacement either.
    fn means_another(
        &self,
        paths: &[schema::Path],
        prior: &Value,
        old: &Wanted,
        configured: &Configured,
    ) -> bool {
        let mut respelt = prior.clone();
        for path in paths {
            let mut path = path.clone();
            // A block that comes or goes is one of the arguments around it.
            while respelt.get(&path).is_none() || self.planned.get(&path).is_none() {
                if path.0.pop().is_none() {
                    return true;
                }
            }
            let (Some(place), Some(value)) = (respelt.get_mut(&path), self.planned.get(&path)) else {
                return true;
            };
            *place = value.clone();
        }
        let new = common::wanted(self.composite, &respelt, configured);
        let changes = engine::changes(&old.expansion.graph, &new.expansion.graph);
        let given = |key: &str| {
            let before = old.expansion.graph.get(key).filter(|node| node.role == Role::Given);
            before.and_then(|node| node.id.as_ref())
        };
        new.marks.owner != old.marks.owner
            || changes.iter().any(|(key, change)| {
                // What the old graph has besides are left-overs.
                new.expansion.graph.get(key).is_some_and(|node| {
                    let stands = match change {
                        Change::Changed(differences) => differences.iter().all(|one| node.acts_on(&one.path)),
                        change => *change == Change::Same,
                    };
                    !stands && (node.id.is_none() || node.id.as_ref() != given(key))
                })
            })
    }
}

/// What is made now under a name that Azure takes no more, though what has it
/// keeps it.
fn new_names(graph: &Graph, stays: &BTreeSet<ResourceId>, planned: &Value) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for node in graph.managed() {
        let Some(id) = node.id.as_ref().filter(|id| !stays.contains(id)) else { continue };
        let (name, rule) = (id.name(), node.kind.name_of_new());
        if rule.admits(name) || !node.kind.name.admits(name) {
            continue;
        }
        let names = planned.attribute("names");
        let is_renamed = names.as_map().is_some_and(|names| names.contains_key(&*node.key));
        problems.error(
            if is_renamed {
                schema::Path::root().attribute("names").key(&node.key)
            } else {
                report::path(&node.origin)
            },
            format!("{name:?} cannot name a {}", node.kind.noun),
            format!("What is new has {}.", rule.words),
        );
    }
    problems
}

/// A map without some of its keys.
fn without(map: &Value, keys: &BTreeSet<String>) -> Value {
    let members = map.as_map().into_iter().flatten().filter(|(key, _)| !keys.contains(*key));
    Value::Map(members.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Whether two values of a block say the same in all that is not computed.
fn asks_the_same(block: &Block, one: &Value, other: &Value) -> bool {
    let same = |name: &str| one.attribute(name) == other.attribute(name);
    block.attributes.iter().filter(|attribute| !attribute.computed).all(|attribute| same(&attribute.name))
        && block.blocks.iter().all(|nested| same(&nested.name))
}

/// Whether an object stands whole and as it should.
fn is_at_rest(state: &Value, recorded: &Entries) -> bool {
    state.attribute("ready").as_bool() == Some(true)
        && !state.attribute("instance").is_null()
        && recorded.values().all(|entry| state::is_healthy(&entry.status))
}

fn planned_entries(new: &Wanted, recorded: &Entries, change: impl Fn(&str) -> Change) -> Entries {
    state::of_graph(&new.expansion.graph, |key| state::planned(&change(key), recorded.get(key)))
}

/// The nodes of which nobody can say yet whether they change: something of
/// them is unknown, or of one that they name or lie in.
fn undecided(graph: &Graph, changes: &BTreeMap<Key, Change>) -> BTreeSet<Key> {
    let mut found: BTreeSet<Key> = BTreeSet::new();
    for node in graph.managed() {
        let mut named = BTreeSet::new();
        node.body.references(&mut named);
        named.extend(graph.parent(node).map(|parent| parent.key.clone()));
        let unknown = node.id.is_none() || node.body.has_unknown() || !named.is_disjoint(&found);
        if unknown && !matches!(changes.get(&node.key), None | Some(Change::Same)) {
            found.insert(node.key.clone());
        }
    }
    found
}

/// `names` is what the user says, else what an import found, else nothing.
fn keep_names(planned: &mut Value, config: &Value, prior: &Value) {
    if config.attribute("names").is_null() {
        let before = prior.attribute("names");
        let names =
            if before.is_null() { Value::Map(std::collections::BTreeMap::new()) } else { before.clone() };
        set(planned, "names", names);
    }
}

/// What computed attributes will say: ids at once, answers of resources that
/// stay as they were, and the rest after the apply.
fn set_planned_outputs(
    planned: &mut Value,
    schema: &Schema,
    wanted: &Wanted,
    prior: &Value,
    stays: &dyn Fn(&str, &str) -> Option<Value>,
) {
    let graph = &wanted.expansion.graph;
    for (name, expr) in &wanted.expansion.outputs {
        let Some(attribute) = schema.block.attribute(name) else { continue };
        // The user's own value stands.
        if attribute.optional && !planned.attribute(name).is_unknown() {
            continue;
        }
        let value =
            outputs::evaluate(
                expr,
                &attribute.ty,
                prior.attribute(name),
                &|key, path| match common::known_id(graph, key, path) {
                    Answer::Later => stays(key, path).map_or(Answer::Later, Answer::Stays),
                    answer => answer,
                },
            );
        set(planned, name, value);
    }
}
