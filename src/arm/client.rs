//! The verbs of ARM, each carried through to its end.

use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use super::Error;
use crate::kinds::{Kind, ResourceId};

/// What one composite operation carries through all its requests.
#[derive(Clone)]
pub struct Call {
    /// Ends waits and starts no new request once cancelled (Terraform's Stop).
    pub cancel: CancellationToken,
    /// When to give up (the `timeouts` block).
    pub deadline: Option<SystemTime>,
    /// `x-ms-correlation-request-id`, shared by all requests of the operation.
    pub correlation: uuid::Uuid,
}

/// The body of a write. It may hold secrets, so it cannot be printed.
pub struct Body(pub Json);

/// Under which condition a PUT may write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Whatever stands there.
    Always,
    /// Only if what stands there still has this etag.
    Match(String),
}

/// Speaks to one ARM endpoint as one principal. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    _inner: Arc<()>,
}

impl Client {
    /// Reads a resource; `None` where ARM says that it does not exist.
    pub async fn get(&self, call: &Call, kind: &Kind, id: &ResourceId) -> Result<Option<Json>, Error> {
        let _ = (call, kind, id);
        Err(Error::unimplemented())
    }

    /// All resources of `kind` directly in `scope` (a resource group, or the
    /// parent resource), every page. A scope that does not exist holds none.
    pub async fn list(&self, call: &Call, kind: &Kind, scope: &ResourceId) -> Result<Vec<Json>, Error> {
        let _ = (call, kind, scope);
        Err(Error::unimplemented())
    }

    /// Creates or replaces a resource, waits until it stands, and returns it
    /// as a GET shows it then.
    pub async fn put(
        &self,
        call: &Call,
        kind: &Kind,
        id: &ResourceId,
        body: &Body,
        condition: &Condition,
    ) -> Result<Json, Error> {
        let _ = (call, kind, id, body, condition);
        Err(Error::unimplemented())
    }

    /// Changes some properties of a resource; otherwise as [`Client::put`].
    pub async fn patch(&self, call: &Call, kind: &Kind, id: &ResourceId, body: &Body) -> Result<Json, Error> {
        let _ = (call, kind, id, body);
        Err(Error::unimplemented())
    }

    /// Deletes a resource and returns when a GET no longer finds it. One that
    /// does not exist is deleted.
    pub async fn delete(&self, call: &Call, kind: &Kind, id: &ResourceId) -> Result<(), Error> {
        let _ = (call, kind, id);
        Err(Error::unimplemented())
    }

    /// Posts to a path below the endpoint (`/subscriptions/...`), waits for
    /// the end, and returns the final body, null where it is empty.
    pub async fn post(
        &self,
        call: &Call,
        path: &str,
        api_version: &str,
        body: Option<&Body>,
    ) -> Result<Json, Error> {
        let _ = (call, path, api_version, body);
        Err(Error::unimplemented())
    }
}
