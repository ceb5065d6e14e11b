//! Names that Azure keeps of the deleted: ours are recovered when the same
//! stack comes back, and anybody else's are left to Azure to refuse.

use serde_json::Value as Json;

use super::Engine;
use super::graph::{Graph, Key};
use super::ownership::{Marks, OWNER};
use super::place::{at, set};
use super::resolve::by_ids;
use super::world::{Observation, World};
use super::write::Write;
use crate::arm::{Body, Call, Condition, Error};
use crate::kinds::{Kept, Kind, ResourceId};

/// A name that Azure keeps of something deleted, and that a create wants.
#[derive(Debug, Clone)]
pub struct KeptName {
    /// The node that wants it.
    pub key: Key,
    /// What the deleted one was called.
    pub former: String,
    /// Whether the create brings it back: it is one of ours, and the settings
    /// say so.
    pub returns: bool,
    /// Whether nobody can free the name before `until`.
    pub protected: bool,
    /// When Azure frees the name by itself.
    pub until: String,
}

impl Engine {
    /// Brings back what we deleted under the name that `write` wants to make,
    /// and says whose it was. `None` where there is nothing of ours to bring
    /// back. What comes back has its old content, marks included: it still has
    /// to be brought to the wanted body.
    pub(super) async fn recover(
        &self,
        call: &Call,
        write: &Write,
        body: &Json,
    ) -> Result<Option<String>, Error> {
        let Some(kept) = write.kind.delete.kept.filter(|_| self.settings.soft_delete.recovers(write.kind))
        else {
            return Ok(None);
        };
        let Some(location) = location(body) else { return Ok(None) };
        let Some((place, body)) = place(kept, &write.id, location).zip(recovering(write.kind, body)) else {
            return Ok(None);
        };
        let Some(deleted) = self.client.read(call, &place, write.kind.api_version).await? else {
            return Ok(None);
        };
        let Some(owner) = our_owner(kept, &deleted, &write.id, &write.owner) else { return Ok(None) };
        self.client.put(call, write.kind, &write.id, &Body(body), &Condition::Always).await?;
        Ok(Some(owner))
    }

    /// The names that a create of `graph` wants and that Azure is seen to keep
    /// of something deleted. Not every kind is shown, nor to everybody: what
    /// cannot be read is left to the create.
    pub async fn kept_names(
        &self,
        graph: &Graph,
        world: &World,
        marks: &Marks,
        call: &Call,
    ) -> Vec<KeptName> {
        let mut found = Vec::new();
        for node in graph.managed() {
            let (Some(kept), Some(id)) = (node.kind.delete.kept, &node.id) else { continue };
            if !matches!(world.of(id), Some(Observation::Absent)) {
                continue;
            }
            let body = by_ids(graph, &node.body).expose();
            let Some(place) = location(&body).and_then(|location| place(kept, id, location)) else {
                continue;
            };
            let Ok(Some(deleted)) = self.client.read(call, &place, node.kind.api_version).await else {
                continue;
            };
            let text = |path: &str| at(&deleted, path).and_then(Json::as_str).unwrap_or_default().to_owned();
            found.push(KeptName {
                key: node.key.clone(),
                former: text(kept.id_at),
                returns: self.settings.soft_delete.recovers(node.kind)
                    && our_owner(kept, &deleted, id, &marks.owner).is_some(),
                protected: is_protected(&deleted),
                until: text("properties.scheduledPurgeDate"),
            });
        }
        found
    }

    /// Deletes a resource: for good where the settings say so, or where its
    /// name is wanted again and would stand in the way of its successor.
    pub(super) async fn remove(
        &self,
        call: &Call,
        kind: &Kind,
        id: &ResourceId,
        seen: Option<&Json>,
        wanted_again: bool,
    ) -> Result<(), Error> {
        let purges = self.settings.soft_delete.purges(kind);
        let for_good = |kept: &&Kept| if wanted_again { !kept.returns } else { purges };
        let kept = kind.delete.kept.filter(for_good);
        let purge = kept.and_then(|kept| kept.purge);
        let query: Vec<_> = kind.delete.query(seen).into_iter().chain(purge).collect();
        self.client.delete(call, kind, id, &query).await?;
        // A successor recovers what has to be asked for separately.
        let Some(kept) = kept.filter(|_| !wanted_again && purge.is_none()) else { return Ok(()) };
        let location = seen.and_then(location).unwrap_or_default();
        let Some(place) = place(kept, id, location) else { return Ok(()) };
        match self.client.read(call, &place, kind.api_version).await? {
            Some(deleted) if !is_protected(&deleted) => {
                let purge = format!("{place}/purge");
                self.client.post(call, &purge, kind.api_version, None).await.map(|_| ())
            }
            _ => Ok(()),
        }
    }
}

/// The body whose PUT brings back what is kept of a deleted resource; `None`
/// where a plain PUT does, or none.
#[must_use]
pub fn recovering(kind: &Kind, body: &Json) -> Option<Json> {
    let (path, mode) = kind.delete.kept?.recover?;
    let mut body = body.clone();
    set(&mut body, path, mode.into());
    Some(body)
}

/// The region that a body names.
pub(super) fn location(body: &Json) -> Option<&str> {
    body.get("location")?.as_str()
}

/// Whether Azure lets nobody purge a deleted resource.
fn is_protected(deleted: &Json) -> bool {
    at(deleted, "properties.purgeProtectionEnabled").and_then(Json::as_bool) == Some(true)
}

/// Where ARM would show a deleted resource of this id.
fn place(kept: &Kept, id: &ResourceId, location: &str) -> Option<String> {
    let location = location.replace(' ', "").to_ascii_lowercase();
    Some(
        kept.shown_at?
            .replace("{subscription}", id.subscription_id())
            .replace("{location}", &location)
            .replace("{name}", id.name()),
    )
}

/// The owner of the deleted one, where it had our id and was made by a
/// composite of our type. That owner itself may have had another name: what it
/// left is nobody's now.
fn our_owner(kept: &Kept, deleted: &Json, id: &ResourceId, ours: &str) -> Option<String> {
    let former = ResourceId::parse(at(deleted, kept.id_at)?.as_str()?).ok()?;
    let owner = at(deleted, kept.tags_at)?.get(OWNER)?.as_str()?;
    (former == *id && of_type(owner) == of_type(ours)).then(|| owner.to_owned())
}

/// The composite's type, which an owner begins with.
fn of_type(owner: &str) -> &str {
    owner.split(':').next().unwrap_or(owner)
}
