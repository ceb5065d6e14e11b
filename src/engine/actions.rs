//! What no PUT can change and a POST does.

use serde_json::{Value as Json, json};

use super::Engine;
use super::diff::Difference;
use super::graph::Node;
use super::place::is_within;
use super::resolve::Want;
use super::write::Write;
use crate::arm::{Body, Call, Error};
use crate::kinds::{Access, Action, Kind};

impl Node {
    /// Whether one of its actions changes what stands at `path` of a [`Difference`].
    #[must_use]
    pub fn acts_on(&self, path: &str) -> bool {
        self.actions.iter().any(|action| is_within(path, action.path))
    }
}

/// Marks what one of `actions` changes as not fixed.
pub(super) fn unfix(actions: &[&'static Action], want: &Want, differences: &mut [Difference]) {
    for difference in differences {
        let place = &difference.path;
        difference.fixed &=
            !actions.iter().any(|action| is_within(place, action.path) && told(action, want).is_some());
    }
}

impl Engine {
    /// Posts each action that one of `differences` asks for. False where none does. What
    /// only an action changes comes last: it may need what the rest brings.
    pub(super) async fn act(
        &self,
        call: &Call,
        write: &Write,
        differences: &[Difference],
    ) -> Result<bool, Error> {
        let mut acted = false;
        let comes_last = differences.iter().all(|difference| is_by_action(write.kind, &difference.path));
        for action in &write.actions {
            let alone = is_by_action(write.kind, action.path);
            if (alone && !comes_last) || !differences.iter().any(|one| is_within(&one.path, action.path)) {
                continue;
            }
            let Some(value) = told(action, &write.want) else { continue };
            let name = action.path.rsplit('.').next().unwrap_or(action.path);
            let path = format!("{}/{}", write.id, action.name);
            let body = Body(if alone { json!({}) } else { json!({ name: value }) });
            self.client.post(call, &path, write.kind.api_version, Some(&body)).await?;
            acted = true;
        }
        Ok(acted)
    }
}

/// Whether only an action changes what stands at `path` of a [`Difference`].
pub(super) fn is_by_action(kind: &'static Kind, path: &str) -> bool {
    kind.tree().property(path).is_some_and(|property| property.access == Access::ByAction)
}

/// What an action is told: what is wanted at its place, or that nothing is.
fn told(action: &Action, want: &Want) -> Option<Json> {
    match want.at(action.path).filter(|value| !value.is_empty()) {
        Some(value) => Some(value.expose()),
        None => action.none.and_then(|none| serde_json::from_str(none).ok()),
    }
}
