//! Import: an object found in Azure by the id of its primary. The composite
//! says where to look and what is asked of Azure there; what carries another
//! owner's mark is not taken over, and names that others chose become `names`.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use super::common::{self, Operation, Wanted, set};
use super::private::Private;
use super::{Configured, report, rpc, state};
use crate::arm::{self, Call};
use crate::engine::graph::Graph;
use crate::engine::{Observation, World, ownership};
use crate::kinds::{self, Kind, ResourceId};
use crate::resources::{self, Composite, Found, Look, Recalled, Seen};
use crate::schema::{self, Diagnostics, Path, Value};

/// Reads under way at once, as when a graph is observed.
const READS_AT_ONCE: usize = 12;

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
            let private = Private { imported: true, ..Private::default() }.bytes();
            let one = rpc::ImportedResource { type_name: request.type_name, state, private };
            (vec![one], Diagnostics::default())
        }
        Err(problems) => (Vec::new(), problems),
    };
    rpc::ImportResourceStateResponse { imported, deferred: None, diagnostics }
}

/// The state of the object that the resource of this id is the primary of.
pub(super) async fn find(
    configured: &Configured,
    composite: &Composite,
    text: &str,
    cancel: CancellationToken,
) -> Result<Value, Diagnostics> {
    let id = id(composite, text)?;
    let call = common::call(configured, &Value::Null, Operation::Read, cancel);
    let import = Import {
        configured,
        composite,
        call,
        owner: common::owner(composite.type_name, &(composite.id_of)(&id)),
    };
    let recalled = import.recall(&id).await?;
    let mut object = composite.schema().block.empty();
    for (argument, value) in &recalled.arguments {
        set(&mut object, argument, value.clone());
    }
    let object = schema::complete(&composite.schema().block, &object);
    import.object(object, &recalled).await
}

/// The id that an import begins from. The id of a collection, as
/// `amlsecure_private_dns` has one, stands for what it lies in.
fn id(composite: &Composite, text: &str) -> Result<ResourceId, Diagnostics> {
    let name = composite.type_name;
    let collection = || ResourceId::parse(&format!("{text}/_")).ok()?.parent();
    let id = ResourceId::parse(text)
        .or_else(|error| collection().ok_or(error))
        .map_err(|error| refused(format!("{text:?} is not the id of a {name}"), format!("{error}.")))?;
    if composite.imported_by.iter().any(|kind| id.is(kind)) {
        return Ok(resources::spelt(&id));
    }
    let nouns: Vec<&str> = composite.imported_by.iter().map(|kind| kind.noun).collect();
    Err(refused(
        format!("This is not the id of a {name}"),
        format!("A {name} is imported by the id of its {}, and {text} is none.", nouns.join(" or ")),
    ))
}

/// What cannot be taken over, and why.
pub(super) fn refused(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostics {
    let mut problems = Diagnostics::default();
    problems.error(Path::root(), summary, detail);
    problems
}

/// One import under way.
struct Import<'a> {
    configured: &'a Configured,
    composite: &'a Composite,
    call: Call,
    owner: String,
}

impl Import<'_> {
    /// Looks wherever the composite asks to, until it asks for no more.
    async fn recall(&self, id: &ResourceId) -> Result<Recalled, Diagnostics> {
        let mut seen = Seen::new(self.configured.azure.cloud);
        loop {
            let recalled = (self.composite.recall)(id, &seen);
            // Nobody asks twice for the same, and each answer leads on by one reference at most.
            let next = seen.next();
            if next.is_empty() {
                return recalled.map_err(|why| {
                    refused(format!("This cannot be imported as a {}", self.composite.type_name), why)
                });
            }
            let asked: Vec<_> = next.into_iter().map(|look| self.look(look)).collect();
            let answers: Vec<_> = stream::iter(asked).buffer_unordered(READS_AT_ONCE).collect().await;
            for answer in answers {
                let (look, found) = answer.map_err(|error| report::not_read(&error))?;
                seen.note(look, found);
            }
        }
    }

    async fn look(&self, look: Look) -> Result<(Look, Vec<Found>), arm::Error> {
        let engine = &self.configured.engine;
        let found = match &look {
            Look::At(id) => match kinds::find(&id.resource_type()) {
                Some(kind) => match self.look_at(kind, id).await {
                    Observation::Present(body) => vec![self.found(kind, id, body)],
                    Observation::Absent => Vec::new(),
                    Observation::Unknown(error) => return Err(error),
                },
                None => Vec::new(),
            },
            Look::In(scope, kind) => match kinds::find(kind) {
                Some(kind) => {
                    let all = engine.look_within(&self.call, kind, scope).await?;
                    let found = |body| Some(self.found(kind, &ResourceId::of(&body)?, body));
                    all.into_iter().filter_map(found).collect()
                }
                None => Vec::new(),
            },
        };
        Ok((look, found))
    }

    /// A preview shows more, and is not to be had in every cloud.
    async fn look_at(&self, kind: &Kind, id: &ResourceId) -> Observation {
        let engine = &self.configured.engine;
        if let Some(preview) = kind.in_preview() {
            let seen = engine.look(&self.call, preview, id).await;
            if !matches!(seen, Observation::Unknown(_)) {
                return seen;
            }
        }
        engine.look(&self.call, kind, id).await
    }

    /// Azure's own spelling of an id is the one that a configuration has.
    fn found(&self, kind: &Kind, asked: &ResourceId, body: Json) -> Found {
        let id = ResourceId::of(&body).filter(|said| said == asked).unwrap_or_else(|| asked.clone());
        let owner = ownership::found(kind, &body).owner;
        let ours = owner.as_ref() == Some(&self.owner);
        Found { id: resources::spelt(&id), body, ours, foreign: owner.is_some() && !ours }
    }

    /// The state of an object with these arguments and these parts.
    async fn object(&self, mut object: Value, recalled: &Recalled) -> Result<Value, Diagnostics> {
        let mut names = self.name(&mut object, recalled);
        let mut wanted = common::wanted(self.composite, &object, self.configured);
        Self::check_place(&wanted.expansion.graph, recalled)?;
        let engine = &self.configured.engine;
        let mut world = engine.observe(&wanted.expansion.graph, &self.call).await;
        let assigned = engine.assigned_elsewhere(&wanted.expansion.graph, &world, &self.call).await;
        let assigned = assigned.map_err(|error| report::not_read(&error))?;
        if !assigned.is_empty() {
            names.extend(assigned.iter().map(|(key, id)| (key.to_string(), id.name().to_owned())));
            set(&mut object, "names", texts(names));
            wanted = common::wanted(self.composite, &object, self.configured);
            world = engine.observe(&wanted.expansion.graph, &self.call).await;
        }
        let graph = &wanted.expansion.graph;
        let is_part = |key: &str| recalled.parts.contains_key(key) || assigned.contains_key(key);
        self.check(graph, &world, is_part)?;
        let primary = graph.primary().and_then(|node| Some((node.kind, world.get(&node.key)?.body()?)));
        let marks = primary.map(|(kind, body)| ownership::found(kind, body)).unwrap_or_default();
        let tags = primary.map(|(kind, body)| self.own_tags(kind, body)).unwrap_or_default();
        let default = &self.configured.azure.default_tags;
        let own: BTreeMap<String, String> =
            tags.iter().filter(|(name, value)| default.get(*name) != Some(value)).map(pair).collect();
        set(&mut object, "tags_all", texts(tags));
        set(&mut object, "tags", if own.is_empty() { Value::Null } else { texts(own) });
        set(&mut object, "instance", marks.instance.map_or(Value::Null, Value::from));
        set(&mut object, "ready", Value::from(marks.state == Some(ownership::State::Ready)));
        set(&mut object, "resources", state::value(&state::of_graph(graph, |_| state::IN_SYNC.to_owned())));
        let outputs = &wanted.expansion.outputs;
        common::set_outputs(&mut object, &self.composite.schema(), outputs, graph, &world);
        Ok(object.without_unknown())
    }

    /// Sets `names` so that every part that can have its name here has it.
    fn name(&self, object: &mut Value, recalled: &Recalled) -> BTreeMap<String, String> {
        let mut names = recalled.names.clone();
        loop {
            set(object, "names", texts(names.clone()));
            let wanted = common::wanted(self.composite, object, self.configured);
            let other = others(&wanted, recalled);
            // A part that lies in another is named after it: its id follows from both names.
            let before = names.len();
            names.extend(other);
            if names.len() == before {
                return names;
            }
        }
    }

    /// What is built for a subscription lies in it.
    fn check_place(graph: &Graph, recalled: &Recalled) -> Result<(), Diagnostics> {
        let Some(primary) = graph.primary() else { return Ok(()) };
        match (recalled.parts.get(&*primary.key), &primary.id) {
            (Some(found), Some(derived)) if found != derived => Err(refused(
                format!("The {} cannot be imported here", primary.kind.noun),
                format!(
                    "By this configuration {found} would be {derived}. Import it with a provider that is configured \
                     for its subscription."
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Nothing is taken over that is somebody else's by its mark, or that no
    /// reference of Azure's leads to.
    fn check(&self, graph: &Graph, world: &World, is_part: impl Fn(&str) -> bool) -> Result<(), Diagnostics> {
        let mut problems = Diagnostics::default();
        for node in graph.managed() {
            let (Some(id), Some(seen)) = (&node.id, world.get(&node.key)) else { continue };
            let body = match seen {
                Observation::Absent => continue,
                Observation::Unknown(error) => {
                    problems.extend(report::unread(node, error));
                    continue;
                }
                Observation::Present(body) => body,
            };
            if !ownership::carries_marks(node.kind) {
                continue;
            }
            match ownership::found(node.kind, body).owner {
                Some(owner) if owner == self.owner => {}
                Some(owner) => problems.error(
                    Path::root(),
                    format!("The {} {} belongs to another owner", node.kind.noun, node.key),
                    format!(
                        "{id} bears the mark of {owner}, so it is not taken over. Import that, or take it out of \
                         its configuration there first."
                    ),
                ),
                None if is_part(&node.key) => {}
                None => problems.error(
                    Path::root(),
                    format!("The {} {} exists already and is no part of this", node.kind.noun, node.key),
                    format!(
                        "{id} has the name that {} gives to its own, nothing that is imported here refers to it, \
                         and it carries no mark. Delete or rename it first.",
                        self.composite.type_name
                    ),
                ),
            }
        }
        if problems.has_errors() { Err(problems) } else { Ok(()) }
    }

    /// The tags of a body that are neither marks of ours nor left to others.
    fn own_tags(&self, kind: &Kind, body: &Json) -> BTreeMap<String, String> {
        let ignored = &self.configured.engine.settings().ignore_tags;
        let mut at = kind.tags_at().unwrap_or_default().split('.');
        let tags = at.try_fold(body, |here, name| here.get(name)).and_then(Json::as_object);
        tags.into_iter()
            .flatten()
            .filter(|(name, _)| !resources::checks::is_of_provider(name) && !ignored.matches(name))
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect()
    }
}

/// Names of parts that are not where the graph has them, and can be: they lie
/// where it wants them, under another name.
fn others(wanted: &Wanted, recalled: &Recalled) -> BTreeMap<String, String> {
    let graph = &wanted.expansion.graph;
    recalled
        .parts
        .iter()
        .filter_map(|(key, found)| {
            let derived = graph.get(key)?.id.as_ref()?;
            let other = derived != found && derived.parent() == found.parent();
            other.then(|| (key.clone(), found.name().to_owned()))
        })
        .collect()
}

fn pair((name, value): (&String, &String)) -> (String, String) {
    (name.clone(), value.clone())
}

fn texts(tags: BTreeMap<String, String>) -> Value {
    Value::Map(tags.into_iter().map(|(name, value)| (name, Value::from(value))).collect())
}
