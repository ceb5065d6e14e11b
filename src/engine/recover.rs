//! Names that Azure keeps of the deleted: ours are recovered when the same
//! stack comes back, and anybody else's are left to Azure to refuse.

use serde_json::Value as Json;

use super::Engine;
use super::ownership::OWNER;
use super::write::Write;
use crate::arm::{Body, Call, Condition, Error};
use crate::kinds::{Kept, ResourceId};

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
        let Some(kept) = write.kind.delete.kept else { return Ok(None) };
        let Some((place, recover)) = place(kept, &write.id, body).zip(kept.recover) else { return Ok(None) };
        let Some(deleted) = self.client.read(call, &place, write.kind.api_version).await? else {
            return Ok(None);
        };
        let Some(owner) = our_owner(kept, &deleted, write) else { return Ok(None) };
        let mut body = body.clone();
        let (path, mode) = recover;
        set(&mut body, path, mode.into());
        self.client.put(call, write.kind, &write.id, &Body(body), &Condition::Always).await?;
        Ok(Some(owner))
    }
}

/// Where ARM would show a deleted resource of this id.
fn place(kept: &Kept, id: &ResourceId, body: &Json) -> Option<String> {
    let location = body.get("location")?.as_str()?.replace(' ', "").to_ascii_lowercase();
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
fn our_owner(kept: &Kept, deleted: &Json, write: &Write) -> Option<String> {
    let id = ResourceId::parse(at(deleted, kept.id_at)?.as_str()?).ok()?;
    let owner = at(deleted, kept.tags_at)?.get(OWNER)?.as_str()?;
    (id == write.id && of_type(owner) == of_type(&write.owner)).then(|| owner.to_owned())
}

/// The composite's type, which an owner begins with.
fn of_type(owner: &str) -> &str {
    owner.split(':').next().unwrap_or(owner)
}

fn at<'j>(body: &'j Json, path: &str) -> Option<&'j Json> {
    path.split('.').try_fold(body, |value, segment| value.get(segment))
}

fn set(body: &mut Json, path: &str, value: Json) {
    let mut here = body;
    for segment in path.split('.') {
        if !here.is_object() {
            return;
        }
        here = &mut here[segment];
    }
    *here = value;
}
