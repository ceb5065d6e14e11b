//! GET and HEAD: one resource as it is answered, and lists.

use serde_json::{Map, Value, json};

use super::answer::{Answer, Outcome, Refusal, no_resource, no_resource_group};
use super::route::Request;
use super::store::Resource;
use super::{Cx, PRINCIPAL, SUBSCRIPTION, body, quirks, timestamp, type_of, write};
use crate::kinds::{self, Kind, ROLE_ASSIGNMENT, ResourceId};

/// How many items a page of a list has unless `$top` says less.
const PAGE: usize = 100;

/// The most that `$top` may ask for.
const LARGEST_PAGE: usize = 1000;

/// What is seen to be updating while a write to another holds it.
const SHARED: [&str; 3] = [
    "Microsoft.Network/virtualNetworks",
    "Microsoft.Network/firewallPolicies",
    "Microsoft.Network/virtualNetworkGateways",
];

/// The kinds that tell who made and changed them.
const SIGNED: [&str; 2] = ["Microsoft.MachineLearningServices/", "Microsoft.Network/dns"];

/// Answers a GET of one resource.
pub(super) fn get(cx: &Cx<'_>, request: &Request<'_>, id: &ResourceId) -> Outcome<Answer> {
    let resource = find(cx, id)?;
    if let Some(known) = request.header("if-none-match")
        && known == resource.etag
    {
        return Ok(Answer::empty(304));
    }
    let body = body(cx, &resource)?;
    Ok(answer(200, &resource, body))
}

/// The resource, or the 404 that says what is missing.
pub(super) fn find(cx: &Cx<'_>, id: &ResourceId) -> Outcome<Resource> {
    if let Some(found) = cx.store.resource(&id.canonical())? {
        return Ok(found);
    }
    if let Some(group) = id.resource_group_id()
        && !cx.store.exists(&group.canonical())?
    {
        return Err(no_resource_group(group.name()).into());
    }
    // A child of what is missing too: the service names the outermost one.
    let mut missing = id.clone();
    while let Some(parent) = missing.parent() {
        if parent.resource_type().split('/').count() < 2
            || parent.resource_group_id().as_ref() == Some(&parent)
            || parent.parent().is_none()
            || cx.store.exists(&parent.canonical())?
        {
            break;
        }
        missing = parent;
    }
    Err(no_resource(&missing).into())
}

/// An answer that carries a resource, with its etag where its kind has one.
pub(super) fn answer(status: u16, resource: &Resource, body: Value) -> Answer {
    let etag = body.get("etag").and_then(Value::as_str).map(|_| ("etag", resource.etag.clone()));
    Answer::json(status, body).with(etag)
}

/// A resource as it is answered: what was written, what Azure decided, what is
/// seen of others at this moment.
pub(super) fn body(cx: &Cx<'_>, resource: &Resource) -> Outcome<Value> {
    let kind = kinds::find(&resource.id.resource_type());
    let mut inner = resource.written.clone();
    body::merge(&mut inner, &resource.stamped);
    if let Some(kind) = kind {
        complete(cx, kind, resource, &mut inner)?;
    }
    quirks::of(&resource.id).show(cx, resource, &mut inner)?;
    let mut outer = Map::new();
    outer.insert("id".to_owned(), json!(resource.id.as_str()));
    outer.insert("name".to_owned(), json!(resource.id.name()));
    outer.insert("type".to_owned(), json!(type_of(&resource.id)));
    if let Value::Object(inner) = inner {
        outer.extend(inner);
    }
    Ok(Value::Object(outer))
}

fn complete(cx: &Cx<'_>, kind: &'static Kind, resource: &Resource, inner: &mut Value) -> Outcome<()> {
    let tree = kind.tree();
    body::set_defaults(kind, inner, true);
    if tree.property("properties.provisioningState").is_some() {
        body::set(inner, "properties.provisioningState", json!(state(cx, resource)?));
    }
    if tree.property("etag").is_some() {
        body::set(inner, "etag", json!(resource.etag));
    }
    if SIGNED.iter().any(|signed| kind.resource_type.starts_with(signed)) {
        body::set(
            inner,
            "systemData",
            json!({
                "createdBy": PRINCIPAL, "createdByType": "Application", "createdAt": timestamp(resource.created),
                "lastModifiedBy": PRINCIPAL, "lastModifiedByType": "Application",
                "lastModifiedAt": timestamp(resource.changed),
            }),
        );
    }
    for (child, path) in write::embedded_in(kind) {
        let children = cx.store.children(&resource.key(), child.resource_type)?;
        let bodies = children.iter().map(|row| body(cx, row)).collect::<Outcome<Vec<_>>>()?;
        body::set(inner, path, Value::Array(bodies));
    }
    Ok(())
}

/// The state that is shown: something that another's operation holds alone is
/// updating with it.
fn state(cx: &Cx<'_>, resource: &Resource) -> Outcome<String> {
    let kind = resource.id.resource_type();
    let held = resource.state == "Succeeded"
        && SHARED.iter().any(|shared| kind.starts_with(shared))
        && cx.store.holder(&resource.key(), false)?.is_some();
    Ok(if held { "Updating".to_owned() } else { resource.state.clone() })
}

/// What is listed.
pub(super) enum Listed<'a> {
    /// The resources of one type directly in a scope, or anywhere below a
    /// group or subscription.
    Type(&'a str),
    /// The children of a resource that are of one of these types.
    Children(&'a [&'a str]),
    /// Everything with a place of its own: what `/resources` shows.
    All,
}

/// Answers a GET of a list, page by page.
pub(super) fn list(
    cx: &Cx<'_>,
    request: &Request<'_>,
    scope: &ResourceId,
    listed: &Listed<'_>,
) -> Outcome<Answer> {
    if let Some(group) = scope.resource_group_id() {
        if !cx.store.exists(&group.canonical())? {
            return Err(no_resource_group(group.name()).into());
        }
        if group != *scope {
            find(cx, scope)?;
        }
    }
    let size = match request.query("$top") {
        None => PAGE,
        Some(text) => match text.parse::<usize>() {
            Ok(size @ 1..=LARGEST_PAGE) => size,
            _ => {
                return Err(Refusal::new(
                    400,
                    "InvalidTopInQueryString",
                    format!("The $top value '{text}' is invalid."),
                )
                .into());
            }
        },
    };
    let mut after = match request.query("$skipToken") {
        None => 0,
        Some(text) => text.parse::<i64>().map_err(|_| {
            Refusal::new(400, "InvalidSkipToken", format!("The skip token '{text}' is invalid."))
        })?,
    };
    let mut filter = Filter::parse(request.query("$filter").unwrap_or_default())?;
    if let Some(value) = request.query("isDefault") {
        filter.terms.push(("isdefault".to_owned(), value.to_ascii_lowercase()));
    }
    let kind = match listed {
        Listed::Type(kind) => Some(*kind),
        Listed::Children(_) | Listed::All => None,
    };
    // What is given above holds here too.
    let inherited = kind.is_some_and(|kind| kind.eq_ignore_ascii_case(ROLE_ASSIGNMENT.resource_type));
    let scope_key = match scope.resource_group_name() {
        Some(_) if inherited => format!("/subscriptions/{SUBSCRIPTION}"),
        _ => scope.canonical(),
    };
    let mut rows = Vec::new();
    // Ask for one more than fits, to know whether there is a next page.
    while rows.len() <= size {
        let batch = cx.store.page(&scope_key, kind, after, size + 1)?;
        let Some(last) = batch.last() else { break };
        after = last.seq;
        let short = batch.len() <= size;
        for row in batch {
            let hidden = cx.settings.behaviour.unseen_reads > 0 && cx.store.is_hidden(&row.key(), cx.now)?;
            if !hidden && belongs(scope, listed, &filter, &row) && filter.admits(&row) {
                rows.push(row);
            }
        }
        if short {
            break;
        }
    }
    let more = rows.len() > size;
    rows.truncate(size);
    let items = rows
        .iter()
        .map(|row| match listed {
            Listed::Type(_) | Listed::Children(_) => body(cx, row),
            Listed::All => Ok(summary(row, request.query("$expand").unwrap_or_default())),
        })
        .collect::<Outcome<Vec<_>>>()?;
    let mut answer = json!({ "value": items });
    if let Some(last) = rows.last().filter(|_| more) {
        answer["nextLink"] = json!(request.with_query(&cx.base, "$skipToken", &last.seq.to_string()));
    }
    Ok(Answer::json(200, answer))
}

/// Whether a row is one of what is listed at the scope.
fn belongs(scope: &ResourceId, listed: &Listed<'_>, filter: &Filter, row: &Resource) -> bool {
    match listed {
        Listed::Type(kind) => {
            let kind = kind.to_ascii_lowercase();
            let own = row.id.parent();
            let here = own.as_ref() == Some(scope);
            match kind.as_str() {
                "microsoft.authorization/roleassignments" => {
                    own.is_some_and(|own| scope.within(&own)) || !filter.at_scope && row.id.within(scope)
                }
                "microsoft.authorization/locks" => here || !filter.at_scope,
                "microsoft.insights/diagnosticsettings" => here,
                _ => here || kind.split('/').count() <= 2,
            }
        }
        Listed::Children(kinds) => {
            let kind = row.id.resource_type();
            row.id.parent().as_ref() == Some(scope) && kinds.iter().any(|one| one.eq_ignore_ascii_case(&kind))
        }
        // What has a place of its own stands in a group, and extends nothing.
        Listed::All => {
            let kind = row.id.resource_type().to_ascii_lowercase();
            row.id.parent() == row.id.resource_group_id()
                && row.id.parent().is_some()
                && !kind.starts_with("microsoft.authorization/")
                && !kind.starts_with("microsoft.kubernetesconfiguration/")
                && !kind.starts_with("microsoft.resources/")
                && kind != "microsoft.insights/diagnosticsettings"
        }
    }
}

/// An item of `/resources`: the envelope without the properties, and what
/// `$expand` asks for besides.
fn summary(row: &Resource, expand: &str) -> Value {
    let mut item = json!({ "id": row.id.as_str(), "name": row.id.name(), "type": type_of(&row.id) });
    for field in ["kind", "location", "tags", "sku", "identity"] {
        if let Some(value) = row.written.get(field) {
            item[field] = value.clone();
        }
    }
    for wanted in expand.split(',').map(str::trim) {
        match wanted {
            "createdTime" => item[wanted] = json!(timestamp(row.created)),
            "changedTime" => item[wanted] = json!(timestamp(row.changed)),
            "provisioningState" => item[wanted] = json!(row.state),
            _ => {}
        }
    }
    item
}

/// The filters of lists that are understood: `field eq 'value'`, joined by `and`.
struct Filter {
    terms: Vec<(String, String)>,
    /// Whether what lies below the scope is left out.
    at_scope: bool,
}

impl Filter {
    /// Fields that a list may be filtered by.
    const FIELDS: [&'static str; 7] =
        ["resourcetype", "resourcegroup", "name", "location", "tagname", "tagvalue", "principalid"];

    fn parse(text: &str) -> Outcome<Self> {
        let mut terms = Vec::new();
        let mut at_scope = false;
        for term in text.split(" and ").map(str::trim).filter(|term| !term.is_empty()) {
            let parsed = term.split_once(" eq ").and_then(|(field, value)| {
                let field = field.trim().to_ascii_lowercase();
                let value = value.trim().strip_prefix('\'')?.strip_suffix('\'')?;
                Self::FIELDS.contains(&field.as_str()).then(|| (field, value.to_owned()))
            });
            match parsed.or_else(|| assigned_to(term)) {
                Some(parsed) => terms.push(parsed),
                None if term.eq_ignore_ascii_case("atScope()") => at_scope = true,
                None => {
                    return Err(Refusal::new(
                        400,
                        "InvalidFilterInQueryString",
                        format!("Invalid $filter '{text}' specified in the query string."),
                    )
                    .into());
                }
            }
        }
        Ok(Self { terms, at_scope })
    }

    fn admits(&self, row: &Resource) -> bool {
        let tags = row.written.get("tags").and_then(Value::as_object);
        let tag_name = self.terms.iter().find(|(field, _)| field == "tagname").map(|(_, name)| name);
        self.terms.iter().all(|(field, value)| match field.as_str() {
            "resourcetype" => row.id.resource_type().eq_ignore_ascii_case(value),
            "resourcegroup" => {
                row.id.resource_group_name().is_some_and(|group| group.eq_ignore_ascii_case(value))
            }
            "name" => row.id.name().eq_ignore_ascii_case(value),
            "location" => body::text(&row.written, "location") == Some(body::location(value).as_str()),
            "tagname" => tags.is_some_and(|tags| tags.keys().any(|key| key.eq_ignore_ascii_case(value))),
            "tagvalue" => tags.is_some_and(|tags| {
                tags.iter().any(|(key, tag)| {
                    tag_name.is_none_or(|name| key.eq_ignore_ascii_case(name)) && tag.as_str() == Some(value)
                })
            }),
            // Of a datastore, whether it is the one of those that name none.
            "isdefault" => body::get(&row.stamped, "properties.isDefault") == Some(&json!(value == "true")),
            _ => body::text(&row.written, "properties.principalId")
                .is_some_and(|p| p.eq_ignore_ascii_case(value)),
        })
    }
}

/// `assignedTo('{guid}')`: no principal here is member of a group.
fn assigned_to(term: &str) -> Option<(String, String)> {
    let (function, rest) = term.split_once('(')?;
    let guid = rest.strip_suffix(')')?.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    function.eq_ignore_ascii_case("assignedTo").then(|| ("principalid".to_owned(), guid.to_owned()))
}
