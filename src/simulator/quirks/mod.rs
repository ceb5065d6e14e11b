//! What a kind does that its facts cannot say. A kind without a quirk costs no
//! code: [`of`] gives it the plain one.

mod compute;
mod data;
mod machine_learning;
mod management;
mod monitor;
mod network;
mod private_link;

use serde_json::{Value, json};

use super::Cx;
use super::answer::{Answer, Outcome, Refusal};
use super::route::Request;
use super::store::{Resource, stable_guid};
use super::write::Draft;
use crate::kinds::ResourceId;

/// The points at which a kind may differ. Each default is what most kinds do.
pub(super) trait Quirk: Sync {
    /// Puts a body right before it is compared with what is there: takes out
    /// what Azure decides though the definitions let it be sent, and fills in
    /// what was not said where the answer is no constant.
    fn normalise(&self, _draft: &mut Draft) {}

    /// Judges a write after its body has been checked: refuses it, completes
    /// it, decides what Azure decides, or says how its operation will fail.
    fn accept(&self, _cx: &Cx<'_>, _draft: &mut Draft) -> Outcome<()> {
        Ok(())
    }

    /// Does what a write brings about once its operation is over. A refusal
    /// here is the operation's failure.
    fn complete(&self, _cx: &Cx<'_>, _resource: &mut Resource) -> Outcome<()> {
        Ok(())
    }

    /// Adds what an answer shows of others at this moment.
    fn show(&self, _cx: &Cx<'_>, _resource: &Resource, _body: &mut Value) -> Outcome<()> {
        Ok(())
    }

    /// Answers a POST to the resource; `None` where it has no such action.
    /// `action` is in lower case, `sent` null where there is no body.
    fn act(
        &self,
        _cx: &Cx<'_>,
        _resource: &Resource,
        _action: &str,
        _sent: &Value,
    ) -> Outcome<Option<Answer>> {
        Ok(None)
    }

    /// Refuses the deletion of what is in use.
    fn release(&self, _cx: &Cx<'_>, _resource: &Resource) -> Outcome<()> {
        Ok(())
    }

    /// Undoes what the resource brought about; its row still stands.
    fn removed(&self, _cx: &Cx<'_>, _resource: &Resource) -> Outcome<()> {
        Ok(())
    }

    /// The refusal of a name that is another's in all of Azure.
    fn taken(&self, id: &ResourceId) -> Refusal {
        Refusal::new(409, "AlreadyInUse", format!("The name '{}' is already in use.", id.name()))
    }

    /// Whether a DELETE asks for the name to be freed at once.
    fn purges(&self, _request: &Request<'_>) -> bool {
        false
    }

    /// For how many days a deleted resource keeps its name.
    fn retention_days(&self, _resource: &Resource) -> Option<i64> {
        None
    }
}

struct Plain;
impl Quirk for Plain {}

/// The quirk of a resource's kind.
pub(super) fn of(id: &ResourceId) -> &'static dyn Quirk {
    let kind = id.resource_type().to_ascii_lowercase();
    [management::of, network::of, data::of, monitor::of, machine_learning::of, compute::of]
        .into_iter()
        .find_map(|of| of(&kind))
        .unwrap_or(&Plain)
}

/// Answers what a family serves beside its resources: names that can be asked
/// for, usages, what is deleted. `lower` holds the segments of the path in
/// lower case; `None` where the path is of no such thing.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    for family in [data::beside, compute::beside] {
        if let Some(answer) = family(cx, request, lower)? {
            return Ok(Some(answer));
        }
    }
    Ok(None)
}

/// `[{"id"}]` of the resources of one type that refer to `target`.
fn referrers(cx: &Cx<'_>, target: &Resource, kind: &str) -> Outcome<Value> {
    let found = cx.store.referrers(&target.key(), kind)?;
    Ok(found.iter().map(|row| json!({ "id": row.id.as_str() })).collect())
}

/// Makes a resource that belongs to `owner` and goes with it.
fn make(cx: &Cx<'_>, id: ResourceId, owner: &str, written: Value) -> Outcome<()> {
    let resource = Resource {
        seq: 0,
        id,
        owner: Some(owner.to_owned()),
        written,
        stamped: json!({}),
        state: "Succeeded".to_owned(),
        etag: cx.store.etag()?,
        created: cx.now,
        changed: cx.now,
    };
    Ok(cx.store.save(&resource)?)
}

/// The id of `/providers/{kind}/{name}` in a scope.
fn sibling(scope: &ResourceId, kind: &str, name: &str) -> Option<ResourceId> {
    ResourceId::parse(&format!("{scope}/providers/{kind}/{name}")).ok()
}

/// A key of a resource: the same while the resource lives.
fn secret(resource: &Resource, what: &str) -> String {
    stable_guid(&format!("{}/{what}/{}", resource.key(), resource.created))
}
