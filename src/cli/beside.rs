//! What others own beside an example: the resources of its `beside.json`, each
//! with its id and body, in the order in which they can be made. `try` has them
//! stand in the simulated Azure while the example does.

use std::path::Path;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::arm::{Clock as _, SystemClock};
use crate::engine;
use crate::kinds::{self, Kind, ResourceId};
use crate::simulator::Simulator;

#[derive(Debug, Deserialize)]
struct Resource {
    id: String,
    body: Json,
}

/// What others own beside an example.
#[derive(Debug)]
pub(super) struct Beside(Vec<Resource>);

impl Beside {
    /// Nothing where the folder has no such file.
    pub(super) fn of(example: &Path) -> Result<Self, String> {
        let file = example.join("beside.json");
        if !file.exists() {
            return Ok(Self(Vec::new()));
        }
        let text = std::fs::read_to_string(&file).map_err(|error| error.to_string());
        let read = text.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
        read.map(Self).map_err(|reason| format!("{} cannot be read: {reason}", file.display()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes what does not stand yet, and brings back what Azure keeps of an
    /// earlier trial.
    pub(super) fn make(&self, simulator: &Simulator) -> Result<(), String> {
        for Resource { id, body } in &self.0 {
            if ask(simulator, Method::GET, id, &Json::Null)?.0 != StatusCode::NOT_FOUND {
                continue;
            }
            let (mut status, mut said) = ask(simulator, Method::PUT, id, body)?;
            if status == StatusCode::CONFLICT
                && let Some(again) = engine::recovering(kind(id)?, body)
            {
                (status, said) = ask(simulator, Method::PUT, id, &again)?;
            }
            if !status.is_success() {
                return Err(format!("{id} cannot be made beside the example: {status} {said}"));
            }
        }
        Ok(())
    }

    /// Deletes it again: the groups, and all that lies in them.
    pub(super) fn remove(&self, simulator: &Simulator) -> Result<(), String> {
        let is_group = |id: &str| ResourceId::parse(id).is_ok_and(|id| id.is(&kinds::RESOURCE_GROUP));
        for Resource { id, .. } in self.0.iter().rev().filter(|one| is_group(&one.id)) {
            let (deleted, said) = ask(simulator, Method::DELETE, id, &Json::Null)?;
            // Operations end when somebody asks.
            let (left, _) = ask(simulator, Method::GET, id, &Json::Null)?;
            if left != StatusCode::NOT_FOUND {
                return Err(format!("{id} beside the example cannot be deleted: {deleted} {said}"));
            }
        }
        Ok(())
    }
}

fn kind(id: &str) -> Result<&'static Kind, String> {
    let kind = ResourceId::parse(id).ok().and_then(|id| kinds::find(&id.resource_type()));
    kind.ok_or_else(|| format!("{id} is the id of nothing that is simulated."))
}

fn ask(simulator: &Simulator, method: Method, id: &str, body: &Json) -> Result<(StatusCode, String), String> {
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let request = http::Request::builder()
        .method(method)
        .uri(format!("https://management.azure.com{id}?api-version={}", kind(id)?.api_version))
        .body(bytes)
        .map_err(|error| error.to_string())?;
    let (head, bytes) =
        simulator.handle(request, SystemClock.now()).map_err(|error| error.to_string())?.into_parts();
    Ok((head.status, String::from_utf8_lossy(&bytes).into_owned()))
}
