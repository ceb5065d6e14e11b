//! What management locks forbid, looked at before any service is asked
//! (lock-resources of the documentation).

use http::Method;

use super::Cx;
use super::answer::{Outcome, Refusal};
use super::body;
use crate::kinds::{LOCK, ResourceId};

/// Refuses a request that a lock forbids. A lock holds for all that lies in its
/// scope; one further in also keeps what it lies in from being deleted.
/// `lower` holds the segments of the path in lower case.
pub(super) fn check(cx: &Cx<'_>, method: &Method, lower: &[&str]) -> Outcome<()> {
    let deletes = *method == Method::DELETE;
    if !deletes && ![Method::PUT, Method::PATCH, Method::POST].contains(method) {
        return Ok(());
    }
    let Some(target) = target(lower, *method == Method::POST) else { return Ok(()) };
    if target.is(&LOCK) {
        return Ok(());
    }
    let mut scopes = Vec::new();
    for lock in cx.store.of_type(LOCK.resource_type)? {
        let (Some(scope), Some(level)) = (lock.id.parent(), body::text(&lock.written, "properties.level"))
        else {
            continue;
        };
        let forbids = match level {
            "ReadOnly" => target.within(&scope) || deletes && scope.within(&target),
            "CanNotDelete" => deletes && (target.within(&scope) || scope.within(&target)),
            _ => false,
        };
        if forbids && !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return Ok(());
    }
    let target = cx.store.resource(&target.canonical())?.map_or(target, |row| row.id);
    let scopes: Vec<&str> = scopes.iter().map(ResourceId::as_str).collect();
    Err(Refusal::new(
        409,
        "ScopeLocked",
        format!(
            "The scope '{target}' cannot perform {} operation because following scope(s) are locked: '{}'. Please \
             remove the lock and try again.",
            if deletes { "delete" } else { "write" },
            scopes.join(",")
        ),
    )
    .gateway()
    .into())
}

/// What a request acts on: the resource of its path, or of the path without the
/// action or part that it ends in. A POST to a service acts on nothing.
fn target(lower: &[&str], action: bool) -> Option<ResourceId> {
    let parse = |segments: &[&str]| ResourceId::parse(&format!("/{}", segments.join("/"))).ok();
    let (_, outer) = lower.split_last()?;
    let whole = if action { None } else { parse(lower) };
    whole.or_else(|| parse(outer)).filter(|id| id.parent().is_some())
}
