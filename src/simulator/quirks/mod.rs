//! What a kind does that its facts cannot say. A kind without a quirk costs no
//! code: [`of`] gives it the plain one.

mod appliances;
mod compute;
mod connection;
mod data;
mod machine_learning;
mod management;
mod monitor;
mod network;
mod private_link;

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal, Stop};
use super::route::Request;
use super::store::{Resource, stable_guid};
use super::write::Draft;
use super::{Cx, body};
use crate::kinds::{KEY_VAULT_ACCESS_POLICIES, Kind, ResourceId, TAGS};

/// The points at which a kind may differ. Each default is what most kinds do.
pub(super) trait Quirk: Sync {
    /// Puts a body right before it is compared with what is there: takes out
    /// what Azure decides though the definitions let it be sent, and fills in
    /// what was not said where the answer is no constant.
    fn normalise(&self, _draft: &mut Draft) {}

    /// Gives a PATCH back what was only sent, so that it need not be sent again.
    fn recall(&self, _old: &Resource, _merged: &mut Value) {}

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

    /// The actions that [`Quirk::act`] is asked for, in Azure's casing.
    fn actions(&self) -> &'static [&'static str] {
        &[]
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

    /// Whether a PATCH may change its tags.
    fn patches_tags(&self) -> bool {
        true
    }

    /// Does what a POST began ([`crate::simulator::operation::act`]) once its
    /// operation is over. The resource is saved afterwards.
    fn acted(&self, _cx: &Cx<'_>, _resource: &mut Resource, _action: &str) -> Outcome<()> {
        Ok(())
    }

    /// Refuses the deletion of what is in use.
    fn release(&self, _cx: &Cx<'_>, _resource: &Resource) -> Outcome<()> {
        Ok(())
    }

    /// Judges what the query of a DELETE says besides.
    fn told_to_go(&self, _cx: &Cx<'_>, _resource: &Resource, _request: &Request<'_>) -> Outcome<()> {
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
    find(&id.resource_type()).unwrap_or(&Plain)
}

/// The quirk of a resource type, where it has one.
fn find(resource_type: &str) -> Option<&'static dyn Quirk> {
    let kind = resource_type.to_ascii_lowercase();
    [management::of, network::of, appliances::of, data::of, monitor::of, machine_learning::of, compute::of]
        .into_iter()
        .find_map(|of| of(&kind))
}

/// Kinds that [`beside`] answers whole: each is a part of what it is about.
const PARTS: [&Kind; 2] = [&TAGS, &KEY_VAULT_ACCESS_POLICIES];

/// Whether there is code for a kind besides its facts.
pub(super) fn has_behaviour(kind: &Kind) -> bool {
    find(kind.resource_type).is_some() || PARTS.iter().any(|part| part.resource_type == kind.resource_type)
}

/// The actions that a kind has.
pub(super) fn actions(kind: &Kind) -> &'static [&'static str] {
    find(kind.resource_type).map_or(&[], Quirk::actions)
}

/// Answers what a family serves beside its resources: names that can be asked
/// for, usages, what is deleted. `lower` holds the segments of the path in
/// lower case; `None` where the path is of no such thing.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    let families = [
        appliances::beside,
        compute::beside,
        data::beside,
        monitor::beside,
        machine_learning::beside,
        network::beside,
        management::beside,
        private_link::beside,
    ];
    for family in families {
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
    let etag = cx.store.etag()?;
    Ok(cx.store.save(&made(cx, id, owner, written, etag))?)
}

/// Makes what comes with `owner`, unless it is there. Its etag is drawn from no
/// sequence: what comes by itself does not change the ids of what is asked for.
fn make_once(
    cx: &Cx<'_>,
    kind: &'static Kind,
    id: ResourceId,
    owner: &str,
    mut written: Value,
) -> Outcome<()> {
    if cx.store.exists(&id.canonical())? {
        return Ok(());
    }
    body::set_defaults(kind, &mut written, false);
    let etag = format!("W/\"{}\"", stable_guid(&format!("{}/{}", id.canonical(), cx.now)));
    Ok(cx.store.save(&made(cx, id, owner, written, etag))?)
}

fn made(cx: &Cx<'_>, id: ResourceId, owner: &str, written: Value, etag: String) -> Resource {
    Resource {
        seq: 0,
        id,
        owner: Some(owner.to_owned()),
        written,
        stamped: json!({}),
        state: "Succeeded".to_owned(),
        etag,
        created: cx.now,
        changed: cx.now,
    }
}

/// The id that segments in lower case are of.
fn id_of(lower: &[&str]) -> Option<ResourceId> {
    ResourceId::parse(&format!("/{}", lower.join("/"))).ok()
}

/// The answer to a DELETE of what cannot be deleted by itself.
fn not_deletable(id: &ResourceId) -> Stop {
    Refusal::new(
        405,
        "HttpMethodNotAllowed",
        format!("The resource '{id}' cannot be deleted: its type has no such operation."),
    )
    .into()
}

/// The id of `/providers/{kind}/{name}` in a scope.
fn sibling(scope: &ResourceId, kind: &str, name: &str) -> Option<ResourceId> {
    ResourceId::parse(&format!("{scope}/providers/{kind}/{name}")).ok()
}

/// A key of a resource: the same while the resource lives and nobody renews it.
fn secret(resource: &Resource, what: &str) -> String {
    let renewed = match resource.stamped[RENEWED][what].as_i64() {
        Some(times) => format!("/{times}"),
        None => String::new(),
    };
    stable_guid(&format!("{}/{what}/{}{renewed}", resource.key(), resource.created))
}

/// Where a resource notes how often each of its keys was renewed. Quirks that
/// renew keys take it out of what is shown.
const RENEWED: &str = "renewed";

/// The resource with another key.
fn renew(cx: &Cx<'_>, resource: &Resource, what: &str) -> Outcome<Resource> {
    let mut resource = resource.clone();
    let times = resource.stamped[RENEWED][what].as_i64().unwrap_or_default();
    body::set(&mut resource.stamped, &format!("{RENEWED}.{what}"), json!(times.saturating_add(1)));
    cx.store.save(&resource)?;
    Ok(resource)
}
