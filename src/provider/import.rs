//! Import: an object that a composite of ours has built, found again by its id.
//! Azure says whose it is, and what was asked of it.
//!
//! It is refused, in words, where one resource does not tell all arguments: an
//! object whose arguments are half known would plan to be replaced.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use super::common::{self, Operation, set};
use super::{Configured, report, rpc, state};
use crate::engine::graph::{Graph, Origin};
use crate::engine::{Observation, ownership};
use crate::kinds::{self, ResourceId};
use crate::resources::{self, Composite};
use crate::schema::{Diagnostics, Path, Value};

pub(super) async fn resource(
    configured: &Configured,
    request: rpc::ImportResourceStateRequest,
    cancel: CancellationToken,
) -> rpc::ImportResourceStateResponse {
    let found = match resources::find(&request.type_name) {
        Some(composite) => find(configured, composite, &request.id, cancel).await,
        None => Err(rpc::unknown_type(&request.type_name)),
    };
    let (imported, diagnostics) = match found {
        Ok(state) => {
            let one = rpc::ImportedResource { type_name: request.type_name, state, private: Vec::new() };
            (vec![one], Diagnostics::default())
        }
        Err(problems) => (Vec::new(), problems),
    };
    rpc::ImportResourceStateResponse { imported, deferred: None, diagnostics }
}

pub(super) async fn find(
    configured: &Configured,
    composite: &Composite,
    text: &str,
    cancel: CancellationToken,
) -> Result<Value, Diagnostics> {
    let refuse = |summary: String, detail: &str| {
        let mut problems = Diagnostics::default();
        problems.error(Path::root(), summary, detail);
        problems
    };
    let name = composite.type_name;
    let id = ResourceId::parse(text)
        .map_err(|error| refuse(format!("{text:?} is not the id of a {name}"), &format!("{error}.")))?;
    let Some(kind) =
        kinds::find(&id.resource_type()).filter(|_| (composite.recall)(&id, &Json::Null).is_some())
    else {
        return Err(refuse(
            format!("This cannot be imported as a {name}"),
            "Only an amlsecure_resource_group and an amlsecure_compute_cluster that this provider has built are read \
             back from Azure by this version, each by the id of its Azure resource. Give other parts that exist by \
             their ids where a block takes them, or choose other names.",
        ));
    };
    let mut graph = Graph::default();
    graph.given("imported", kind, Some(id.clone()), Origin("".into()));
    let call = common::call(configured, &Value::Null, Operation::Read, cancel);
    let world = configured.engine.observe(&graph, &call).await;
    let body = match (world.of(&id), graph.get("imported")) {
        (Some(Observation::Present(body)), _) => body,
        (Some(Observation::Unknown(error)), Some(node)) => return Err(report::unread(node, error)),
        _ => {
            return Err(refuse(
                format!("There is no such {}", kind.noun),
                &format!("Azure does not know {id}."),
            ));
        }
    };
    let mut object = composite.schema().block.empty();
    for (argument, value) in (composite.recall)(&id, body).unwrap_or_default() {
        set(&mut object, argument, value);
    }
    let marks = ownership::found(kind, body);
    let wanted = common::wanted(composite, &object, configured);
    if marks.owner.as_deref() != Some(&*wanted.marks.owner) {
        return Err(refuse(
            format!("The {} was not built by a {name}", kind.noun),
            &format!(
                "{id} does not carry that owner's mark, so it is not taken over. Choose another name, or delete it \
                 first."
            ),
        ));
    }
    let tags = own_tags(body, configured);
    set(&mut object, "tags_all", texts(tags.clone()));
    let own: BTreeMap<_, _> = tags
        .into_iter()
        .filter(|(name, value)| configured.azure.default_tags.get(name) != Some(value))
        .collect();
    set(&mut object, "tags", if own.is_empty() { Value::Null } else { texts(own) });
    set(&mut object, "names", Value::Map(BTreeMap::new()));
    set(&mut object, "instance", marks.instance.map_or(Value::Null, Value::from));
    set(&mut object, "ready", Value::from(marks.state == Some(ownership::State::Ready)));
    let entries = state::of_graph(&wanted.expansion.graph, |_| state::IN_SYNC.to_owned());
    set(&mut object, "resources", state::value(&entries));
    Ok(object.without_unknown())
}

/// The tags of a body that are neither marks of ours nor left to others.
fn own_tags(body: &Json, configured: &Configured) -> BTreeMap<String, String> {
    let ignored = &configured.engine.settings().ignore_tags;
    let tags = body.get("tags").and_then(Json::as_object);
    tags.into_iter()
        .flatten()
        .filter(|(name, _)| !ownership::is_mark(name) && !ignored.matches(name))
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn texts(tags: BTreeMap<String, String>) -> Value {
    Value::Map(tags.into_iter().map(|(name, value)| (name, Value::from(value))).collect())
}
