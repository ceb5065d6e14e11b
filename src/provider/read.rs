//! Read: expand the arguments that the state holds, observe, compare, and say
//! how each resource stands.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::common::{self, Operation, set};
use super::private::Private;
use super::state::{self, Entry};
use super::{Configured, import, moves, report, rpc};
use crate::engine::graph::{Expr, Graph, Node, Origin};
use crate::engine::{self, Difference, Observation, Side, Standing, World};
use crate::schema::{Diagnostics, Path, Schema, Step, Type, Value, json};
use crate::{data_sources, resources};

pub(super) async fn resource(
    configured: &Configured,
    request: rpc::ReadResourceRequest,
    cancel: CancellationToken,
) -> rpc::ReadResourceResponse {
    let mut answer = rpc::ReadResourceResponse {
        new_state: request.current_state,
        private: request.private,
        deferred: None,
        diagnostics: Diagnostics::default(),
    };
    let Some(composite) = resources::find(&request.type_name) else {
        answer.diagnostics = rpc::unknown_type(&request.type_name);
        return answer;
    };
    if answer.new_state.is_null() {
        return answer;
    }
    let moved = moves::arriving(&answer.new_state).map(str::to_owned);
    if let Some(id) = &moved {
        match import::find(configured, composite, id, cancel.clone()).await {
            Ok(found) => answer.new_state = found,
            Err(problems) => {
                answer.diagnostics = problems;
                return answer;
            }
        }
    }
    let state = &answer.new_state;
    let recorded = state::read(state);
    let wanted = common::wanted(composite, state, configured);
    let mut graph = wanted.expansion.graph;
    let asked: Vec<String> = graph.managed().map(|node| node.key.to_string()).collect();
    state::with_left_overs(&mut graph, &recorded);
    let call = common::call(configured, state, Operation::Read, cancel);
    let world = configured.engine.observe(&graph, &call).await;
    let mut standings = engine::compare(&graph, &world, &wanted.marks, configured.engine.settings());
    if state.attribute("ready").as_bool() == Some(true)
        && let Some((key, difference)) = engine::unfinished(&graph, &world)
    {
        match standings.get_mut(&key) {
            Some(Standing::Drifted(differences)) => differences.push(difference),
            Some(standing @ Standing::InSync) => *standing = Standing::Drifted(vec![difference]),
            _ => {}
        }
    }

    let unreadable = report::unreadable(&graph, &standings);
    if unreadable.has_errors() {
        answer.diagnostics = unreadable;
        return answer;
    }
    if graph.managed().all(|node| matches!(standings.get(&node.key), Some(Standing::Missing) | None)) {
        answer.new_state = Value::Null;
        return answer;
    }
    answer.diagnostics = report::unproven(&graph, &engine::unproven(&graph, &world));
    let unapproved = configured.engine.unapproved(&graph, &world, &call).await;
    answer.diagnostics.extend(report::unapproved(&graph, &unapproved));
    let schema = composite.schema();
    let mut new = answer.new_state.clone();
    let mut entries = state::Entries::new();
    let mut shown = BTreeSet::new();
    for node in graph.managed() {
        let before = recorded.get(&*node.key);
        let left_over = !asked.contains(&node.key.to_string());
        let status = match standings.get(&node.key) {
            Some(Standing::Missing) | None if left_over => continue,
            Some(Standing::Missing) | None => state::MISSING.to_owned(),
            Some(_) if left_over => state::LEFT_OVER.to_owned(),
            Some(Standing::InSync) => match before {
                Some(entry) if state::is_healthy(&entry.status) => entry.status.clone(),
                _ => state::IN_SYNC.to_owned(),
            },
            Some(Standing::Drifted(differences)) => {
                let mut all = true;
                for difference in differences {
                    all &= show_on_attribute(&mut new, &schema, &graph, node, difference);
                }
                if all {
                    shown.insert(node.key.to_string());
                }
                state::drifted(differences)
            }
            Some(Standing::ForeignOwner(owner)) => format!("drifted: it now belongs to {owner}"),
            Some(Standing::Unreadable(_)) => continue,
        };
        let entry = Entry { id: node.id.clone(), kind: node.kind.resource_type.to_owned(), status };
        entries.insert(node.key.to_string(), entry);
    }
    set(&mut new, "resources", state::value(&entries));
    common::set_outputs(&mut new, &schema, &wanted.expansion.outputs, &graph, &world);
    answer.new_state = new.without_unknown();
    if let Some(id) = moved {
        answer.diagnostics = report::left_behind(&graph, &world, composite.type_name, &id);
    }
    let mut private = Private::read(&answer.private);
    if private.shown != shown {
        private.shown = shown;
        answer.private = private.bytes();
    }
    answer
}

/// Drift in a value that has an attribute of its own shows there too: where
/// the value was written, what Azure has now. Says whether it does.
fn show_on_attribute(
    state: &mut Value,
    schema: &Schema,
    graph: &Graph,
    node: &Node,
    difference: &Difference,
) -> bool {
    let Some(origin) = written_at(&node.body, &difference.path) else { return false };
    // An argument of several resources stands for all of them, and the others have not changed.
    let sharing = graph.managed().filter(|other| written_at(&other.body, &difference.path) == Some(origin));
    if sharing.count() > 1 {
        return false;
    }
    let Ok(path) = Path::parse(&origin.0) else { return false };
    let Some(ty) = type_at(&schema.block.implied_type(), &path) else { return false };
    let (Side::Value(have), Side::Value(want)) = (&difference.have, &difference.want) else { return false };
    let (Some(have), Some(want)) = (as_written(have, &ty), as_written(want, &ty)) else { return false };
    let mut shown = false;
    for path in [path.clone(), in_tags(&path)] {
        // What was sent in another form than it was written cannot be read back as it is.
        if let Some(place) = state.get_mut(&path).filter(|place| want.same(place, &ty)) {
            place.clone_from(&have);
            shown = true;
        }
    }
    shown
}

/// Where the user wrote a tag that stands in `tags_all`.
fn in_tags(path: &Path) -> Path {
    match path.0.split_first() {
        Some((Step::Attribute(all), name)) if all == "tags_all" => {
            Path([&[Step::Attribute("tags".to_owned())], name].concat())
        }
        _ => path.clone(),
    }
}

/// What Azure says as a value of an argument. Azure writes most flags as words.
fn as_written(said: &serde_json::Value, ty: &Type) -> Option<Value> {
    match (said.as_str(), ty) {
        (Some("Enabled"), Type::Bool) => Some(true.into()),
        (Some("Disabled"), Type::Bool) => Some(false.into()),
        _ => json::decode(ty, said).ok(),
    }
}

/// The origin of exactly the value at a dotted path: not of something around it.
fn written_at<'e>(body: &'e Expr, path: &str) -> Option<&'e Origin> {
    let mut here = body;
    for segment in path.split('.') {
        here = match here.bare() {
            Expr::Object(members) => members.get(segment)?,
            _ => return None,
        };
    }
    match here {
        Expr::At(origin, inner) if is_plain(inner) => Some(origin),
        _ => None,
    }
}

/// Whether a value stands in a body as the user wrote it: a scalar, or a list
/// of scalars.
fn is_plain(expr: &Expr) -> bool {
    match expr {
        Expr::Json(_) => true,
        Expr::Array(items) => items.iter().all(|item| matches!(item.bare(), Expr::Json(_))),
        _ => false,
    }
}

fn type_at(ty: &Type, path: &Path) -> Option<Type> {
    path.0.iter().try_fold(ty.clone(), |ty, step| match (step, ty) {
        (Step::Attribute(name), Type::Object(mut members)) => members.remove(name),
        (Step::Key(_), Type::Map(element)) | (Step::Index(_), Type::List(element)) => Some(*element),
        _ => None,
    })
}

pub(super) async fn data_source(
    configured: &Configured,
    request: rpc::ReadDataSourceRequest,
    cancel: CancellationToken,
) -> rpc::ReadDataSourceResponse {
    let mut answer = rpc::ReadDataSourceResponse {
        state: Value::Null,
        deferred: None,
        diagnostics: Diagnostics::default(),
    };
    let Some(source) = data_sources::find(&request.type_name) else {
        answer.diagnostics = rpc::unknown_type(&request.type_name);
        return answer;
    };
    let expansion = (source.expand)(&request.config, &configured.azure);
    if expansion.problems.has_errors() {
        answer.diagnostics = expansion.problems;
        return answer;
    }
    let graph = &expansion.graph;
    let call = common::call(configured, &request.config, Operation::Read, cancel);
    let world: World = configured.engine.observe(graph, &call).await;
    for node in graph.nodes() {
        match world.get(&node.key) {
            Some(Observation::Present(_)) => {}
            Some(Observation::Unknown(error)) => answer.diagnostics.extend(report::unread(node, error)),
            _ => answer.diagnostics.extend(report::not_found(node)),
        }
    }
    if !answer.diagnostics.has_errors() {
        let mut state = request.config;
        common::set_outputs(&mut state, &source.schema(), &expansion.outputs, graph, &world);
        answer.state = state.without_unknown();
    }
    answer
}
