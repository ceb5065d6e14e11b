//! What a resource group holds that no composite has marked.

use serde_json::Value as Json;

use super::Engine;
use super::ownership::is_mark;
use crate::arm::{Call, Error};
use crate::kinds::{RESOURCE_GROUP, ResourceId};

impl Engine {
    /// The resources of a group that carry no mark of any composite. Children
    /// are not listed by ARM; they go with their parents.
    pub async fn unmarked_in_group(&self, group: &ResourceId, call: &Call) -> Result<Vec<ResourceId>, Error> {
        let listed =
            self.client.read_all(call, &format!("{group}/resources"), RESOURCE_GROUP.api_version).await?;
        Ok(listed
            .iter()
            .filter(|item| !is_marked(item))
            .filter_map(|item| ResourceId::parse(item.get("id")?.as_str()?).ok())
            .filter(|id| id.resource_type().matches('/').count() == 1)
            .collect())
    }
}

fn is_marked(item: &Json) -> bool {
    item.get("tags").and_then(Json::as_object).is_some_and(|tags| tags.keys().any(|name| is_mark(name)))
}
