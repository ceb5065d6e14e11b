//! ARM's replicas: a new resource that some have not heard of, a deleted one
//! that some still know. Counted in reads, as the settings say.

use http::{Method, request::Parts};
use serde_json::Value;

use super::answer::{Answer, no_resource};
use super::store::Resource;
use super::{Cx, read};
use crate::kinds::ResourceId;

/// By when every replica has heard of a new resource, however few reads it had.
const UNSEEN_MILLISECONDS: i64 = 60_000;

/// The answer of a replica that is behind, where this read meets one. What is
/// counted here stays counted, whatever becomes of the request.
pub(super) fn stale(cx: &Cx<'_>, head: &Parts) -> rusqlite::Result<Option<Answer>> {
    let settings = &cx.settings.behaviour;
    if head.method != Method::GET || settings.unseen_reads == 0 && settings.lingering_reads == 0 {
        return Ok(None);
    }
    let Ok(id) = ResourceId::parse(head.uri.path().trim_end_matches('/')) else { return Ok(None) };
    let key = id.canonical();
    if cx.store.unseen(&key, cx.now)? {
        return Ok(Some(no_resource(&id).into_answer()));
    }
    Ok(cx.store.ghost(&key)?.map(|body| Answer::json(200, body)))
}

/// Remembers that a resource is new, or is there again.
pub(super) fn made(cx: &Cx<'_>, key: &str) -> rusqlite::Result<()> {
    let settings = &cx.settings.behaviour;
    if settings.lingering_reads > 0 {
        cx.store.forget_ghost(key)?;
    }
    if settings.unseen_reads > 0 {
        cx.store.hide(key, settings.unseen_reads, cx.now + UNSEEN_MILLISECONDS)
    } else {
        Ok(())
    }
}

/// Remembers what a deleted resource looked like.
pub(super) fn gone(cx: &Cx<'_>, resource: &Resource) -> rusqlite::Result<()> {
    let settings = &cx.settings.behaviour;
    if settings.unseen_reads > 0 {
        cx.store.hide(&resource.key(), 0, 0)?;
    }
    let reads = settings.lingering_reads;
    if reads == 0 {
        return Ok(());
    }
    let body = read::body(cx, resource).unwrap_or(Value::Null);
    if body.is_object() { cx.store.haunt(&resource.key(), reads, &body) } else { Ok(()) }
}
