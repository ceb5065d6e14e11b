//! DELETE, and what goes with it.

use super::answer::{Answer, Outcome, Refusal, Stop, no_resource_group};
use super::operation::{Start, Verb};
use super::route::Request;
use super::store::Resource;
use super::{Cx, busy, consistency, operation, quirks, write};
use crate::kinds::{self, Kind, ResourceId, Style};

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Answers a DELETE.
pub(super) fn delete(
    cx: &Cx<'_>,
    request: &Request<'_>,
    kind: &'static Kind,
    id: &ResourceId,
) -> Outcome<Answer> {
    if let Some(group) = id.resource_group_id()
        && !cx.store.exists(&group.canonical())?
    {
        return Err(no_resource_group(group.name()).into());
    }
    if let Some((name, example)) = kind.delete.query(None)
        && request.query(name).is_none()
    {
        return Err(Refusal::new(
            400,
            "InvalidParameter",
            format!("Required query parameter '{name}' is missing, for example '{name}={example}'."),
        )
        .target(name)
        .into());
    }
    let Some(resource) = cx.store.resource(&id.canonical())? else {
        return purge_deleted(cx, request, kind, id);
    };
    request.preconditions(Some(&resource))?;
    if resource.state == "Deleting"
        && let Some(running) = cx.store.running(&resource.key())?
    {
        return Ok(Answer::empty(202).with(operation::headers(
            cx,
            kind.delete.style,
            Verb::Delete,
            &running,
        )));
    }
    busy::contend_delete(cx, kind, id)?;
    let quirk = quirks::of(id);
    quirk.release(cx, &resource)?;
    quirk.told_to_go(cx, &resource, request)?;
    let verb =
        if kind.delete.kept.is_some() && quirk.purges(request) { Verb::DeleteForGood } else { Verb::Delete };

    let asynchronous = kind.delete.status == 202 && kind.delete.style != Style::Sync;
    if !asynchronous {
        if let Some(failure) = &cx.failing {
            return Err(failure.clone().into());
        }
        let Some(current) = cx.store.resource(&id.canonical())? else { return Ok(Answer::empty(204)) };
        let shown = answers_with_body(kind).then(|| super::read::body(cx, &current)).transpose()?;
        finish(cx, &current, verb)?;
        return Ok(Answer { status: kind.delete.status, headers: Vec::new(), body: shown });
    }
    let location = write::location(cx, &resource)?;
    cx.store.set_state(&resource.key(), "Deleting")?;
    let begun = operation::start(
        cx,
        Start {
            kind,
            resource: id,
            location: &location,
            verb,
            takes: cx.settings.latency.delete(kind),
            failure: cx.failing.clone(),
            holds: busy::holds_of_delete(kind, id),
            answer: None,
        },
    )?;
    Ok(Answer::empty(202).with(operation::headers(cx, kind.delete.style, Verb::Delete, &begun)))
}

/// Role assignments and definitions answer their deletion with what they were
/// (azurerm and the REST definitions agree).
fn answers_with_body(kind: &Kind) -> bool {
    kind.resource_type.starts_with("Microsoft.Authorization/role")
}

/// What a DELETE of an absent resource does: nothing, unless the name is still
/// taken by a deleted one and the request frees it.
fn purge_deleted(
    cx: &Cx<'_>,
    request: &Request<'_>,
    kind: &'static Kind,
    id: &ResourceId,
) -> Outcome<Answer> {
    if kind.delete.kept.is_some()
        && quirks::of(id).purges(request)
        && let Some(deleted) = cx.store.deleted(&id.canonical())?
    {
        if kind.delete.style == Style::Sync {
            cx.store.forget(&id.canonical())?;
            return Ok(Answer::empty(200));
        }
        let location = super::body::text(&deleted.written, "location").unwrap_or_default().to_owned();
        let begun = operation::start(
            cx,
            Start {
                kind,
                resource: id,
                location: &location,
                verb: Verb::Purge,
                takes: cx.settings.latency.delete(kind),
                failure: None,
                holds: Vec::new(),
                answer: None,
            },
        )?;
        return Ok(Answer::empty(202).with(operation::headers(cx, kind.delete.style, Verb::Delete, &begun)));
    }
    Ok(Answer::empty(204))
}

/// Ends a deletion: the resource goes with all that lies in it. Returns when
/// to come back where something is not over yet.
pub(super) fn finish(cx: &Cx<'_>, resource: &Resource, verb: Verb) -> Outcome<Option<i64>> {
    if resource.id.resource_group_id().as_ref() == Some(&resource.id)
        && let Some(later) = empty_group(cx, resource)?
    {
        return Ok(Some(later));
    }
    if resource.id.resource_type() == "Microsoft.Network/virtualNetworks" {
        // Something may have moved in since the deletion was accepted.
        quirks::of(&resource.id).release(cx, resource)?;
    }
    remove(cx, resource)?;
    if verb == Verb::DeleteForGood {
        cx.store.forget(&resource.key())?;
    }
    Ok(None)
}

/// Removes a resource, what lies in it and what Azure made for it.
pub(super) fn remove(cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
    for child in cx.store.beneath(&resource.key())? {
        // The deletion of an earlier one may have taken it along.
        if cx.store.exists(&child.key())? {
            remove_one(cx, &child)?;
        }
    }
    remove_one(cx, resource)
}

fn remove_one(cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
    let key = resource.key();
    let quirk = quirks::of(&resource.id);
    consistency::gone(cx, resource)?;
    quirk.removed(cx, resource)?;
    for made in cx.store.owned(&key)? {
        remove(cx, &made)?;
    }
    let kind = kinds::find(&resource.id.resource_type());
    if let Some(days) =
        kind.filter(|kind| kind.delete.kept.is_some()).and_then(|_| quirk.retention_days(resource))
    {
        cx.store.bury(resource, cx.now, cx.now.saturating_add(days.saturating_mul(DAY)))?;
    }
    cx.store.remove(&key)?;
    if let Some(running) = cx.store.running(&key)?
        && !running.verb.starts_with("delete")
    {
        // What was being made, or told to do something, is gone with what it lay in.
        cx.store.settle(
            &running.id,
            Some(&serde_json::json!({ "code": "Canceled", "message": "The operation was canceled." })),
        )?;
    }
    if kind.is_some_and(|kind| kind.embedded.is_some())
        && let Some(parent) = resource.id.parent()
    {
        cx.store.touch(&parent.canonical())?;
    }
    Ok(())
}

/// Deletes what a group holds, coming back to what others still use, as ARM
/// does it: in no order of its own (resource provider contract). Returns when
/// to come back to what is kept only by things that are seen for a while yet.
fn empty_group(cx: &Cx<'_>, group: &Resource) -> Outcome<Option<i64>> {
    let mut refused: Vec<(ResourceId, Refusal)>;
    loop {
        let mut progress = false;
        refused = Vec::new();
        let inside = cx.store.beneath(&group.key())?;
        // ARM asks for the deletion of whatever has a region, nested or not.
        let tops = inside.iter().filter(|row| {
            row.id.parent().as_ref() == Some(&group.id)
                || row.owner.is_none() && super::body::text(&row.written, "location").is_some()
        });
        for resource in tops {
            if !cx.store.exists(&resource.key())? {
                continue;
            }
            match quirks::of(&resource.id).release(cx, resource) {
                Ok(()) => {
                    remove(cx, resource)?;
                    progress = true;
                }
                Err(Stop::Refused(refusal)) => refused.push((resource.id.clone(), *refusal)),
                Err(stop) => return Err(stop),
            }
        }
        if refused.is_empty() || !progress {
            break;
        }
    }
    if refused.is_empty() {
        return Ok(None);
    }
    if let Some(later) = cx.store.lingers_until(&group.key(), cx.now)? {
        return Ok(Some(later));
    }
    let ids: Vec<String> = refused.iter().map(|(id, _)| format!("'{id}'")).collect();
    let mut blocked = Refusal::new(
        409,
        "ResourceGroupDeletionBlocked",
        format!(
            "Deletion of resource group '{}' failed as resources with identifiers {} could not be deleted. The \
             provisioning state of the resource group will be rolled back. The tracking Id is '{}'. Please check \
             audit logs for more details.",
            group.id.name(),
            ids.join(","),
            cx.store.guid()?
        ),
    );
    for (id, refusal) in refused {
        let inner = serde_json::json!({ "error": refusal.error() }).to_string();
        blocked.details.push(serde_json::json!({
            "code": serde_json::Value::Null, "target": id.as_str(), "message": inner,
        }));
    }
    Err(blocked.into())
}
