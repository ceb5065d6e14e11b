//! What no PUT can change and a POST does.

use serde_json::{Value as Json, json};

use super::Engine;
use super::diff::Difference;
use super::graph::Node;
use super::place::is_within;
use super::resolve::Want;
use super::write::Write;
use crate::arm::{Body, Call, Error};
use crate::kinds::Action;

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
    /// Posts each action that one of `differences` asks for. False where none does.
    pub(super) async fn act(
        &self,
        call: &Call,
        write: &Write,
        differences: &[Difference],
    ) -> Result<bool, Error> {
        let mut acted = false;
        for action in &write.actions {
            if !differences.iter().any(|difference| is_within(&difference.path, action.path)) {
                continue;
            }
            let Some(value) = told(action, &write.want) else { continue };
            let name = action.path.rsplit('.').next().unwrap_or(action.path);
            let path = format!("{}/{}", write.id, action.name);
            let body = Body(json!({ name: value }));
            self.client.post(call, &path, write.kind.api_version, Some(&body)).await?;
            acted = true;
        }
        Ok(acted)
    }
}

/// What an action is told: what is wanted at its place, or that nothing is.
fn told(action: &Action, want: &Want) -> Option<Json> {
    match want.at(action.path).filter(|value| !value.is_empty()) {
        Some(value) => Some(value.expose()),
        None => action.none.and_then(|none| serde_json::from_str(none).ok()),
    }
}
