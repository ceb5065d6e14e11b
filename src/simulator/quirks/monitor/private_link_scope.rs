//! Private link scopes of Azure Monitor, and what is linked to them.

use serde_json::{Value, json};

use crate::kinds::{APPLICATION_INSIGHTS, LOG_ANALYTICS, ResourceId, SCOPED_RESOURCE};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::quirks::private_link::show_connections;
use crate::simulator::store::{Resource, stable_guid};
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// How many components and how many workspaces a scope holds.
const MOST: [(&str, usize); 2] =
    [(APPLICATION_INSIGHTS.resource_type, 1000), (LOG_ANALYTICS.resource_type, 300)];

const LINKED: &str = "properties.linkedResourceId";

pub(super) struct PrivateLinkScope;

impl Quirk for PrivateLinkScope {
    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, "customers");
        show_connections(cx, resource, shown)
    }
}

pub(super) struct ScopedResource;

impl Quirk for ScopedResource {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let Some(linked) = draft.id_at(LINKED) else { return Ok(()) };
        let kind = linked.resource_type();
        let Some((_, most)) = MOST.iter().find(|(of, _)| of.eq_ignore_ascii_case(&kind)) else {
            return Err(Refusal::new(
                400,
                "InvalidResourceType",
                format!("A resource of the type '{kind}' cannot be linked to a private link scope."),
            )
            .target(LINKED)
            .into());
        };
        let Some(scope) = draft.id.parent() else { return Ok(()) };
        let others = cx.store.children(&scope.canonical(), SCOPED_RESOURCE.resource_type)?;
        let same = |row: &&Resource| {
            let id = body::text(&row.written, LINKED).and_then(|text| ResourceId::parse(text).ok());
            id.is_some_and(|id| id.resource_type().eq_ignore_ascii_case(&kind))
        };
        if draft.is_new() && others.iter().filter(same).count() >= *most {
            return Err(Refusal::new(
                400,
                "LimitExceeded",
                format!("The private link scope '{}' already holds {most} of '{kind}'.", scope.name()),
            )
            .into());
        }
        Ok(())
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        customers(cx, &resource.id, None)
    }

    fn removed(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        customers(cx, &resource.id, Some(&resource.id))
    }
}

/// Notes on the scope of a link the ids of its workspaces, which are part of
/// their host names.
fn customers(cx: &Cx<'_>, link: &ResourceId, without: Option<&ResourceId>) -> Outcome<()> {
    let Some(parent) = link.parent() else { return Ok(()) };
    let Some(mut scope) = cx.store.resource(&parent.canonical())? else { return Ok(()) };
    let mut ids = Vec::new();
    for row in cx.store.children(&scope.key(), SCOPED_RESOURCE.resource_type)? {
        let linked = body::text(&row.written, LINKED).unwrap_or_default().to_ascii_lowercase();
        if Some(&row.id) != without
            && let Some(workspace) = cx.store.resource(&linked)?
            && let Some(id) = body::text(&workspace.stamped, "properties.customerId")
        {
            ids.push(id.to_owned());
        }
    }
    body::set(&mut scope.stamped, "customers", json!(ids));
    Ok(cx.store.save(&scope)?)
}

/// The scopes that a component or workspace is linked to, as `path` shows them.
pub(super) fn show_scopes(
    cx: &Cx<'_>,
    resource: &Resource,
    shown: &mut Value,
    [path, id, guid]: [&str; 3],
) -> Outcome<()> {
    let links = cx.store.referrers(&resource.key(), SCOPED_RESOURCE.resource_type)?;
    if links.is_empty() {
        return Ok(());
    }
    let mut all = Vec::new();
    for link in links {
        let Some(parent) = link.id.parent() else { continue };
        if let Some(scope) = cx.store.resource(&parent.canonical())? {
            let unique = stable_guid(&format!("{}/{}", scope.key(), scope.created));
            all.push(json!({ id: link.id.as_str(), guid: unique }));
        }
    }
    body::set(shown, path, json!(all));
    Ok(())
}
