//! One resource brought to one body.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::Engine;
use super::actions::{is_by_action, unfix};
use super::diff::{Differ, Difference};
use super::graph::Consent;
use super::merge::Merger;
use super::outcome::Trouble;
use super::ownership;
use super::resolve::Want;
use super::standing::{PROVISIONING_STATE, unprovisioned};
use crate::arm::{Body, Call, Cause, Condition, Error};
use crate::kinds::{Action, Kind, ResourceId, Update};

/// How often a body is read and merged again because something was written in
/// between. It may be our own write, of which a race or a lost answer told us
/// nothing, and a replica that is behind may show the etag before it; so a few
/// times in a row prove nothing. More is a quarrel that a person must settle.
const MERGES: u32 = 12;

/// `412`: what stands there is no longer what was read (resource provider
/// contract, conditional requests).
const PRECONDITION_FAILED: u16 = 412;

/// A write, with all that it needs to know.
pub(super) struct Write {
    pub kind: &'static Kind,
    pub id: ResourceId,
    /// What the query of a PUT says besides the api-version.
    pub query: Vec<(&'static str, &'static str)>,
    /// What changes by a POST, and by no PUT.
    pub actions: Vec<&'static Action>,
    /// The whole wanted body, marks and all; nothing in it is pending.
    pub want: Want,
    /// What the earlier graph said of it.
    pub prior: Option<Want>,
    /// The children that its creation carries: kind, name, body.
    pub children: Vec<(&'static Kind, String, Want)>,
    /// The owner that it must have, or none, to be changed.
    pub owner: String,
    /// The endpoint connections of others that have to go.
    pub evicts: Vec<(&'static Kind, ResourceId)>,
    /// How it comes by the approval that its kind needs; `None` where that is
    /// no matter of this write.
    pub consent: Option<Consent>,
}

impl Engine {
    /// Makes the resource, in one PUT with its children and a second for what
    /// Azure takes only of what stands; or brings it back, where Azure still
    /// keeps what we deleted under its name.
    pub(super) async fn create(&self, call: &Call, write: &Write) -> Result<Json, Trouble> {
        let made = self.make(call, write).await?;
        self.approved(call, write, made).await
    }

    async fn make(&self, call: &Call, write: &Write) -> Result<Json, Trouble> {
        let merger = self.merger(write);
        let body = merger.create(&write.want, &write.children);
        if let Some(former_owner) = self.recover(call, write, &body).await.map_err(azure)? {
            return self.update_of(call, write, &former_owner).await;
        }
        let body = Body(body);
        let at = (write.kind, &write.id, write.query.as_slice());
        let made = self.client.put_asking(call, at, &body, &Condition::Always).await;
        if made.is_ok() && merger.has_more(&write.want) {
            return self.update_of(call, write, &write.owner).await;
        }
        made.map_err(azure)
    }

    /// Changes the resource where it is not as wanted. It is read again
    /// first, as the observation may be as old as the slowest step before
    /// this one, and a child's write may have changed what this one carries.
    pub(super) async fn update(&self, call: &Call, write: &Write) -> Result<Json, Trouble> {
        let changed = self.update_of(call, write, &write.owner).await?;
        self.approved(call, write, changed).await
    }

    /// As [`Engine::update`], of a resource that may still bear the mark of
    /// another owner: the one that it had before it was recovered.
    async fn update_of(&self, call: &Call, write: &Write, former_owner: &str) -> Result<Json, Trouble> {
        for (kind, connection) in &write.evicts {
            self.client.delete(call, kind, connection, &[]).await.map_err(azure)?;
        }
        for _ in 0..MERGES {
            let read = self.client.get(call, write.kind, &write.id).await.map_err(azure)?;
            let observed = read.ok_or(Trouble::Vanished)?;
            if let Some(owner) = ownership::found(write.kind, &observed)
                .owner
                .filter(|owner| *owner != write.owner && *owner != former_owner)
            {
                return Err(Trouble::Foreign(owner));
            }
            let differences = self.outstanding(write, &observed);
            if differences.is_empty() {
                return Ok(observed);
            }
            if let Some(fixed) = differences.iter().find(|difference| difference.fixed) {
                return Err(Trouble::Moved(fixed.to_string()));
            }
            if self.act(call, write, &differences).await.map_err(azure)? {
                continue;
            }
            match self.send_update(call, write, &observed, &differences).await {
                Err(error) if is_precondition_failed(&error) => {}
                Ok(_) if differences.iter().any(|one| is_by_action(write.kind, &one.path)) => {}
                result => return result.map_err(azure),
            }
        }
        Err(Trouble::Contended(MERGES))
    }

    /// Takes out of a resource what names one of `ids`, so that they can go.
    pub(super) async fn release(
        &self,
        call: &Call,
        kind: &'static Kind,
        id: &ResourceId,
        ids: &BTreeSet<ResourceId>,
    ) -> Result<Json, Trouble> {
        let merger = Merger { kind, ignore: &self.settings.ignore_tags };
        for _ in 0..MERGES {
            let read = self.client.get(call, kind, id).await.map_err(azure)?;
            let observed = read.ok_or(Trouble::Vanished)?;
            let Some(body) = merger.release(&observed, ids) else { return Ok(observed) };
            match self.client.put(call, kind, id, &Body(body), &unchanged(&observed)).await {
                Err(error) if is_precondition_failed(&error) => {}
                result => return result.map_err(azure),
            }
        }
        Err(Trouble::Contended(MERGES))
    }

    fn outstanding(&self, write: &Write, observed: &Json) -> Vec<Difference> {
        let differ = Differ { kind: write.kind, ignore: &self.settings.ignore_tags, pending_differs: false };
        let mut found = differ.differences(&Want::from(observed), &write.want, write.prior.as_ref());
        unfix(&write.actions, &write.want, &mut found);
        found.extend(unprovisioned(observed));
        found
    }

    async fn send_update(
        &self,
        call: &Call,
        write: &Write,
        observed: &Json,
        differences: &[Difference],
    ) -> Result<Json, Error> {
        let merger = self.merger(write);
        let prior = write.prior.as_ref();
        // Only a write of the whole makes a service try again what it failed to provision.
        let failed = differences.iter().any(|difference| difference.path == PROVISIONING_STATE);
        if write.kind.update == Update::Patch && !failed {
            let body = Body(merger.patch(observed, &write.want, prior, differences));
            return self.client.patch(call, write.kind, &write.id, &body).await;
        }
        let body = Body(merger.put(observed, &write.want, prior));
        let at = (write.kind, &write.id, write.query.as_slice());
        self.client.put_asking(call, at, &body, &unchanged(observed)).await
    }

    fn merger<'a>(&'a self, write: &'a Write) -> Merger<'a> {
        Merger { kind: write.kind, ignore: &self.settings.ignore_tags }
    }
}

/// Only if nobody wrote since `observed` was read, where the service tells.
fn unchanged(observed: &Json) -> Condition {
    match observed.get("etag").and_then(Json::as_str) {
        Some(etag) if !etag.is_empty() => Condition::Match(etag.to_owned()),
        _ => Condition::Always,
    }
}

fn azure(error: Error) -> Trouble {
    Trouble::Azure(Box::new(error))
}

fn is_precondition_failed(error: &Error) -> bool {
    matches!(&error.cause, Cause::Refused(refusal) if refusal.status == PRECONDITION_FAILED)
}
