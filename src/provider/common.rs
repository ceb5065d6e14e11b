//! What plan, read and apply have in common: the expansion of a value, the
//! marks that its resources carry, and the call that its requests share.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Configured;
use super::outputs::{self, Answer};
use super::progress::{Recorder, Subject};
use crate::arm::Call;
use crate::engine::graph::Graph;
use crate::engine::{Engine, Marks, World};
use crate::resources::{Composite, Expansion, checks};
use crate::schema::{self, Schema, Type, Value};

/// A read that takes longer will not end: azurerm's bound.
const READ_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// A closed stack behind one "Still creating..." takes up to 40 minutes, a
/// managed network an hour and a half.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2 * 60 * 60);

/// Which of the `timeouts` an operation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Read,
    Update,
    Delete,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// The call of one operation: its deadline from the `timeouts` of a state or
/// configuration, and a correlation id of its own.
pub(super) fn call(
    configured: &Configured,
    value: &Value,
    operation: Operation,
    cancel: CancellationToken,
) -> Call {
    let stated = value
        .attribute("timeouts")
        .attribute(operation.name())
        .as_str()
        .and_then(checks::parse_go_duration)
        // Longer than can be counted is for ever.
        .map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    let fallback = if operation == Operation::Read { READ_TIMEOUT } else { WRITE_TIMEOUT };
    let deadline = configured.clock.now().checked_add(stated.unwrap_or(fallback));
    Call { cancel, deadline, ..Call::new(uuid::Uuid::new_v4()) }
}

/// The engine for one operation, which tells how it comes along.
pub(super) fn engine(
    configured: &Configured,
    composite: &Composite,
    id: &str,
    operation: Operation,
    call: &Call,
) -> Engine {
    let Some(file) = &configured.progress else { return configured.engine.clone() };
    configured.engine.telling(Arc::new(Recorder {
        file: file.clone(),
        clock: configured.clock.clone(),
        operation: call.correlation,
        subject: Subject {
            type_name: composite.type_name.to_owned(),
            id: id.to_owned(),
            action: operation.name().to_owned(),
        },
    }))
}

/// A composite's expansion, and who owns what it wants.
pub(super) struct Wanted {
    pub(super) expansion: Expansion,
    pub(super) marks: Marks,
    /// The composite's own id, empty while it is not known.
    pub(super) id: String,
}

/// Expands a configuration or a state.
pub(super) fn wanted(composite: &Composite, value: &Value, configured: &Configured) -> Wanted {
    let expansion = composite.expand(value, &configured.azure);
    let id = expansion.outputs.get("id").map(|id| {
        outputs::evaluate(id, &Type::String, &Value::Null, &|key, path| known_id(&expansion.graph, key, path))
    });
    let id = id.as_ref().and_then(Value::as_str).unwrap_or_default();
    let instance = value.attribute("instance").as_str().map(str::to_owned);
    let id = id.to_owned();
    Wanted { marks: Marks { owner: owner(composite.type_name, &id), instance }, id, expansion }
}

/// What a planned state says as arguments. A computed attribute that nobody
/// has set is unknown there because Azure will say it, and as an argument it
/// is what it was, or nothing.
pub(super) fn arguments(planned: &Value, config: &Value, prior: &Value, schema: &Schema) -> Value {
    let mut arguments = schema::with_write_only(&schema.block, planned, config);
    for attribute in &schema.block.attributes {
        let name = &attribute.name;
        if attribute.computed && config.attribute(name).is_null() && planned.attribute(name).is_unknown() {
            set(&mut arguments, name, prior.attribute(name).clone());
        }
    }
    arguments
}

/// The owner mark: anyone who knows a composite's type and id can recompute it.
pub(super) fn owner(type_name: &str, id: &str) -> String {
    /// Chosen once, and for good.
    const NAMESPACE: uuid::Uuid = uuid::Uuid::from_u128(0x7a0e_5f1c_93b4_5c6d_8f21_40d9_6be3_1752);
    let digest = uuid::Uuid::new_v5(&NAMESPACE, id.to_ascii_lowercase().as_bytes());
    format!("{type_name}:{digest}")
}

/// Ids are known before Azure is asked; nothing else is.
pub(super) fn known_id(graph: &Graph, key: &str, path: &str) -> Answer {
    match graph.get(key).and_then(|node| node.id.as_ref()) {
        Some(id) if path == "id" => Answer::Known(id.as_str().into()),
        _ => Answer::Later,
    }
}

/// Sets what computed attributes say, once Azure has answered.
pub(super) fn set_outputs(
    state: &mut Value,
    schema: &Schema,
    outputs: &crate::resources::Outputs,
    graph: &Graph,
    world: &World,
) {
    for (name, expr) in outputs {
        let Some(attribute) = schema.block.attribute(name) else { continue };
        let before = state.attribute(name).clone();
        // Optional attributes that the user has set are theirs.
        if attribute.optional && !before.is_null() && !before.is_unknown() {
            continue;
        }
        let value = outputs::evaluate(expr, &attribute.ty, &before, &|key, path| {
            if path == "id" {
                return known_id(graph, key, path);
            }
            match world.get(key).and_then(crate::engine::Observation::body) {
                Some(body) => Answer::Known(outputs::pick(body, path)),
                None => Answer::Kept,
            }
        });
        set(state, name, value);
    }
}

/// Sets a top-level attribute.
pub(super) fn set(state: &mut Value, name: &str, value: Value) {
    if let Value::Map(members) = state {
        members.insert(name.to_owned(), value);
    }
}
