//! PUT and PATCH of resources.

use http::Method;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal, no_resource, no_resource_group};
use super::operation::{Start, Verb, is_terminal};
use super::route::Request;
use super::store::Resource;
use super::{
    Cx, body, busy, consistency, fixed, identity, operation, policy, preview, provider, quirks, quota, read,
    references, rights, validate,
};
use crate::kinds::{ALL, Kind, ResourceId, SUBNET, Style, Tags, Unique, Update, VIRTUAL_NETWORK};

/// What a write would leave behind, while it is being judged.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) kind: &'static Kind,
    pub(super) id: ResourceId,
    /// What is there already.
    pub(super) old: Option<Resource>,
    /// What will be kept of what was sent, defaults included.
    pub(super) written: Value,
    /// What was sent and is not kept.
    pub(super) sent_only: Value,
    /// What Azure decides; begins as what it decided before.
    pub(super) stamped: Value,
    /// The children that the body carries, where it carries any.
    pub(super) embedded: Vec<Embedded>,
    /// Whether it is itself carried by its parent's body.
    pub(super) inline: bool,
    /// How the operation will fail, once that is known.
    pub(super) failure: Option<Refusal>,
    /// The version that the request names.
    pub(super) api_version: String,
    /// Whether the request asks not to be checked against what it names.
    pub(super) unchecked: bool,
}

/// The children of one kind that a parent's body carries.
#[derive(Debug)]
pub(super) struct Embedded {
    pub(super) kind: &'static Kind,
    pub(super) drafts: Vec<Draft>,
}

impl Draft {
    /// The text at `path` of what will be kept.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        body::text(&self.written, path)
    }

    /// The id at `path` of what will be kept.
    pub(super) fn id_at(&self, path: &str) -> Option<ResourceId> {
        self.text(path).and_then(|text| ResourceId::parse(text).ok())
    }

    /// Whether this makes a new resource.
    pub(super) fn is_new(&self) -> bool {
        self.old.is_none()
    }

    /// Decides something that Azure decides once in a resource's life.
    pub(super) fn stamp_once(
        &mut self,
        path: &str,
        value: impl FnOnce() -> rusqlite::Result<Value>,
    ) -> Outcome<()> {
        if body::get(&self.stamped, path).is_none() {
            body::set(&mut self.stamped, path, value()?);
        }
        Ok(())
    }

    /// Whether this leaves anything behind that was not there.
    pub(super) fn changes(&self) -> bool {
        let Some(old) = &self.old else { return true };
        !body::same(self.kind, &old.written, &self.written)
            || old.state != "Succeeded"
            || self.sent_only.as_object().is_some_and(|map| !map.is_empty())
            || self.embedded.iter().any(|e| e.drafts.iter().any(Self::changes))
    }
}

/// The kinds that a body of `kind` may carry in a list, and where. Those in a
/// map are their quirk's.
pub(super) fn embedded_in(kind: &'static Kind) -> impl Iterator<Item = (&'static Kind, &'static str)> {
    ALL.iter().filter_map(move |child| {
        let (parent, _) = child.resource_type.rsplit_once('/')?;
        let path = child.embedded.filter(|_| parent == kind.resource_type)?;
        let place = path.split('.').try_fold(kind.tree().root(), |here, name| here.step(name));
        place.is_none_or(|place| place.values().is_none()).then_some((*child, path))
    })
}

/// Answers a PUT.
pub(super) fn put(
    cx: &Cx<'_>,
    request: &Request<'_>,
    kind: &'static Kind,
    id: &ResourceId,
) -> Outcome<Answer> {
    let sent = match request.body {
        [] if needs_no_body(kind) => json!({}),
        body => validate::object(body)?,
    };
    standing(cx, id)?;
    let old = cx.store.resource(&id.canonical())?;
    request.preconditions(old.as_ref())?;
    write(cx, request, kind, id, old, sent)
}

/// Whether a name alone makes such a resource: clients then send nothing else.
fn needs_no_body(kind: &Kind) -> bool {
    kind.tags == Tags::None && kind.properties.iter().all(|row| !row.required)
}

/// Answers a PATCH: a merge into what is there, tags replaced as a whole.
pub(super) fn patch(
    cx: &Cx<'_>,
    request: &Request<'_>,
    kind: &'static Kind,
    id: &ResourceId,
) -> Outcome<Answer> {
    let mut changes = validate::object(request.body)?;
    standing(cx, id)?;
    let Some(old) = cx.store.resource(&id.canonical())? else {
        return Err(missing(id).into());
    };
    request.preconditions(Some(&old))?;
    let mut merged = old.written.clone();
    let tags = body::take(&mut changes, "tags");
    let more = changes
        .as_object()
        .is_some_and(|map| map.keys().any(|k| !["id", "name", "type"].contains(&k.as_str())));
    if (tags.is_some() && (!matches!(kind.tags, Tags::AtMost(_)) || !quirks::of(id).patches_tags()))
        || (more && kind.update != Update::Patch && !patches_itself(kind))
    {
        return Err(Refusal::new(
            400,
            "PatchNotSupported",
            format!("The resource type '{}' does not support this PATCH request.", kind.resource_type),
        )
        .into());
    }
    quirks::of(id).recall(&old, &mut merged);
    body::patch(&mut merged, &changes);
    if let Some(tags) = tags
        && let Some(map) = merged.as_object_mut()
    {
        map.insert("tags".to_owned(), tags);
    }
    write(cx, request, kind, id, Some(old), merged)
}

/// Kinds whose PATCH takes some properties, though not all that may change.
fn patches_itself(kind: &Kind) -> bool {
    ["Microsoft.MachineLearningServices/workspaces", "Microsoft.Network/privateDnsZones"]
        .iter()
        .any(|known| kind.resource_type.starts_with(known))
}

fn missing(id: &ResourceId) -> Refusal {
    match (id.resource_group_name(), id.parent().and_then(|parent| parent.parent())) {
        (Some(name), None) => no_resource_group(name),
        _ => no_resource(id),
    }
}

/// Checks what the resource would stand on: registration, group, parent.
fn standing(cx: &Cx<'_>, id: &ResourceId) -> Outcome<()> {
    provider::registered(cx, id)?;
    let Some(parent) = id.parent() else { return Ok(()) };
    if let Some(group) = id.resource_group_id()
        && group != *id
    {
        let name = group.name();
        match cx.store.resource(&group.canonical())? {
            None => return Err(no_resource_group(name).into()),
            Some(row) if row.state == "Deleting" => {
                return Err(Refusal::new(
                    409,
                    "ResourceGroupBeingDeleted",
                    format!(
                        "The resource group '{name}' is in deprovisioning state and cannot perform this operation."
                    ),
                )
                .gateway()
                .into());
            }
            Some(_) => {}
        }
    }
    if parent.parent().is_some() && !cx.store.exists(&parent.canonical())? {
        return Err(Refusal::new(
            404,
            "ParentResourceNotFound",
            format!(
                "Can not perform requested operation on nested resource. Parent resource '{}' not found.",
                parent.name()
            ),
        )
        .gateway()
        .into());
    }
    Ok(())
}

fn write(
    cx: &Cx<'_>,
    request: &Request<'_>,
    kind: &'static Kind,
    id: &ResourceId,
    old: Option<Resource>,
    sent: Value,
) -> Outcome<Answer> {
    let mut draft = prepare(cx, request.api_version, kind, id, old, sent, false)?;
    draft.unchecked = request.query("skipValidation").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if *request.method == Method::PUT {
        replace_children(cx, &mut draft);
    }
    if request.query("syncRemoteAddressSpace").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        body::set(&mut draft.sent_only, "syncRemoteAddressSpace", json!(true));
    }
    permitted(cx, &draft)?;
    for_children(&mut draft, |child| permitted(cx, child))?;
    quirks::of(id).accept(cx, &mut draft)?;
    for_children(&mut draft, |child| quirks::of(&child.id.clone()).accept(cx, child))?;
    references::check(cx, &draft)?;
    // One that stays as it is may name what is gone: a network that it was peered with.
    for_children(&mut draft, |child| if child.changes() { references::check(cx, child) } else { Ok(()) })?;

    let existed = draft.old.is_some();
    let status = if existed { kind.put.updated } else { kind.put.created };
    let style = if *request.method == Method::PATCH { patch_style(kind) } else { kind.put.style };
    let asynchronous = match style {
        Style::Sync => false,
        Style::Location | Style::AsyncOperationOnly => status == 202,
        Style::AsyncOperation | Style::ProvisioningState => true,
    };
    let removed = dropped_children(cx, &draft)?;
    if !asynchronous && let Some(failure) = &cx.failing {
        return Err(failure.clone().into());
    }
    if !draft.changes() && removed.is_empty() && draft.failure.is_none() && cx.failing.is_none() {
        // The same again is no work, except for a service that always announces some.
        let old = draft.old.as_ref().ok_or_else(|| missing(id))?;
        if style != Style::AsyncOperationOnly {
            return Ok(read::answer(200, old, read::body(cx, old)?));
        }
        let location = location(cx, old)?;
        let start = Start {
            kind,
            resource: id,
            location: &location,
            verb: Verb::Nothing,
            takes: 0,
            failure: None,
            holds: Vec::new(),
            answer: None,
        };
        let begun = operation::start(cx, start)?;
        return Ok(Answer::empty(status).with(operation::headers(cx, style, Verb::Put, &begun)));
    }
    let failure = match busy::contend(cx, &draft)? {
        Some(failure) => Some(failure),
        None => draft.failure.take().or_else(|| cx.failing.clone()),
    };
    for child in removed {
        quirks::of(&child.id).release(cx, &child)?;
        super::delete::remove(cx, &child)?;
    }

    if draft.is_new() {
        consistency::made(cx, &draft.id.canonical())?;
    }
    let holds = busy::holds(&draft);
    let state = if asynchronous { running_state(kind, existed) } else { "Succeeded" };
    let mut resource = save(cx, draft, state)?;
    if !asynchronous {
        operation::succeed(cx, &mut resource)?;
        policy::remedy(cx, &resource)?;
        return Ok(read::answer(status, &resource, read::body(cx, &resource)?));
    }
    let location = location(cx, &resource)?;
    let takes = cx.settings.latency.put(kind);
    let begun = operation::start(
        cx,
        Start {
            kind,
            resource: id,
            location: &location,
            verb: Verb::Put,
            takes,
            failure,
            holds,
            answer: None,
        },
    )?;
    let headers = operation::headers(cx, style, Verb::Put, &begun);
    let answer = match style {
        Style::Location | Style::AsyncOperationOnly => Answer::empty(status),
        _ => read::answer(status, &resource, read::body(cx, &resource)?),
    };
    Ok(answer.with(headers))
}

/// Asks what stands before every service: rights, policies and limits.
fn permitted(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    rights::linked(cx, draft)?;
    policy::check(cx, draft)?;
    quota::check(cx, draft)
}

/// What Microsoft.Network takes its time to change even tags of.
const PATCHED_SLOWLY: &[&str] = &[
    "Microsoft.Network/azureFirewalls",
    "Microsoft.Network/bastionHosts",
    "Microsoft.Network/connections",
    "Microsoft.Network/virtualNetworkGateways",
];

/// How ARM answers a PATCH: as a PUT, except that Microsoft.Network changes
/// tags at once where it can (accepted statuses of go-azure-sdk).
fn patch_style(kind: &Kind) -> Style {
    let at_once = kind.resource_type.starts_with("Microsoft.Network/")
        && kind.update != Update::Patch
        && !PATCHED_SLOWLY.contains(&kind.resource_type);
    match kind.put.style {
        Style::AsyncOperation if at_once => Style::Sync,
        style => style,
    }
}

/// A PUT that says nothing of the children that its body may carry leaves none,
/// except in a virtual network, which keeps them (announced for 2023-09).
fn replace_children(cx: &Cx<'_>, draft: &mut Draft) {
    let network = draft.kind.resource_type == VIRTUAL_NETWORK.resource_type;
    for (kind, _) in embedded_in(draft.kind) {
        let as_before =
            kind.resource_type == SUBNET.resource_type && cx.settings.behaviour.absent_subnets_deleted;
        let given = draft.embedded.iter().any(|embedded| embedded.kind.resource_type == kind.resource_type);
        if !given && (!network || as_before) {
            draft.embedded.push(Embedded { kind, drafts: Vec::new() });
        }
    }
}

/// The `provisioningState` while a PUT runs.
fn running_state(kind: &Kind, existed: bool) -> &'static str {
    match kind.resource_type {
        // Recorded: also a creation reads Updating.
        network if network.starts_with("Microsoft.Network/") => "Updating",
        "Microsoft.KeyVault/vaults" => "RegisteringDns",
        "Microsoft.Insights/privateLinkScopes/scopedResources" => "Provisioning",
        "Microsoft.OperationalInsights/workspaces/linkedServices" if !existed => "ProvisioningAccount",
        "Microsoft.HDInsight/clusters" => "InProgress",
        _ if existed => "Updating",
        _ => "Creating",
    }
}

/// The region of a resource, or of what it lies in.
pub(super) fn location(cx: &Cx<'_>, resource: &Resource) -> rusqlite::Result<String> {
    if let Some(own) = body::text(&resource.written, "location") {
        return Ok(own.to_owned());
    }
    let parent = match resource.id.parent() {
        Some(parent) => cx.store.resource(&parent.canonical())?,
        None => None,
    };
    Ok(parent.and_then(|p| body::text(&p.written, "location").map(str::to_owned)).unwrap_or_default())
}

/// Turns what was sent into a draft: checked against the rows, completed with
/// defaults, compared with what may not change.
pub(super) fn prepare(
    cx: &Cx<'_>,
    api_version: &str,
    kind: &'static Kind,
    id: &ResourceId,
    old: Option<Resource>,
    mut sent: Value,
    inline: bool,
) -> Outcome<Draft> {
    if old.is_none() {
        validate::name(kind, id)?;
    }
    policy::change(cx, kind, &mut sent);
    let mut embedded = Vec::new();
    for (child, path) in embedded_in(kind) {
        match body::take(&mut sent, path) {
            None | Some(Value::Null) => {}
            Some(Value::Array(items)) => {
                let mut drafts = Vec::with_capacity(items.len());
                for item in items {
                    let draft = embedded_draft(cx, api_version, id, child, item)?;
                    if drafts.iter().any(|known: &Draft| known.id == draft.id) {
                        return Err(Refusal::new(
                            400,
                            "InvalidRequestFormat",
                            format!(
                                "Cannot parse the request. The name '{}' is used more than once.",
                                draft.id.name()
                            ),
                        )
                        .target(path)
                        .into());
                    }
                    drafts.push(draft);
                }
                embedded.push(Embedded { kind: child, drafts });
            }
            Some(_) => {
                return Err(Refusal::new(400, "InvalidRequestFormat", "Cannot parse the request.")
                    .target(path)
                    .into());
            }
        }
    }
    let stored = old.as_ref().map(|old| &old.written);
    preview::take_unknown(kind, api_version, &mut sent, stored, cx.settings.strict)?;
    let mut cleaned = validate::clean(kind, id, sent, cx.settings.strict)?;
    preview::keep_unknown(kind, api_version, &mut cleaned.written, stored);
    let stamped = old.as_ref().map_or_else(|| json!({}), |old| old.stamped.clone());
    let mut draft = Draft {
        kind,
        id: id.clone(),
        old,
        written: cleaned.written,
        sent_only: cleaned.sent_only,
        stamped,
        embedded,
        inline,
        failure: None,
        api_version: api_version.to_owned(),
        unchecked: false,
    };
    quirks::of(id).normalise(&mut draft);
    fixed::keep(&mut draft)?;
    unique(cx, &draft)?;
    body::set_defaults(kind, &mut draft.written, false);
    for (_, path) in embedded_in(kind) {
        // They are stored once, as children.
        body::take(&mut draft.written, path);
    }
    if kind.tree().property("properties.resourceGuid").is_some() {
        draft.stamp_once("properties.resourceGuid", || Ok(json!(cx.store.guid()?)))?;
    }
    if kind.tree().at(&["identity"]).is_some() {
        identity::stamp(cx, &mut draft)?;
    }
    Ok(draft)
}

fn embedded_draft(
    cx: &Cx<'_>,
    api_version: &str,
    parent: &ResourceId,
    kind: &'static Kind,
    item: Value,
) -> Outcome<Draft> {
    let name = item.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let id = parent.child(kind, &name);
    // A name with a slash would be another resource's.
    if name.is_empty() || ResourceId::parse(id.as_str()).is_err() || id.name() != name {
        return Err(Refusal::new(
            400,
            "InvalidRequestFormat",
            format!("Cannot parse the request. The {} has no valid name.", kind.noun),
        )
        .into());
    }
    let old = cx.store.resource(&id.canonical())?;
    prepare(cx, api_version, kind, &id, old, item, true)
}

fn for_children(draft: &mut Draft, mut each: impl FnMut(&mut Draft) -> Outcome<()>) -> Outcome<()> {
    draft.embedded.iter_mut().flat_map(|embedded| &mut embedded.drafts).try_for_each(&mut each)
}

/// The children that the body, carrying children, no longer carries.
fn dropped_children(cx: &Cx<'_>, draft: &Draft) -> Outcome<Vec<Resource>> {
    let mut dropped = Vec::new();
    for embedded in &draft.embedded {
        for child in cx.store.children(&draft.id.canonical(), embedded.kind.resource_type)? {
            if !embedded.drafts.iter().any(|kept| kept.id == child.id) {
                dropped.push(child);
            }
        }
    }
    Ok(dropped)
}

/// Refuses a name that is a host name of another resource already.
fn unique(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    if draft.kind.name.unique == Unique::Global && draft.is_new() {
        let others = cx.store.named(draft.kind.resource_type, draft.id.name())?;
        if others.iter().any(|other| other.id != draft.id) {
            return Err(quirks::of(&draft.id).taken(&draft.id).into());
        }
    }
    Ok(())
}

/// Stores a draft and the children it carries.
fn save(cx: &Cx<'_>, draft: Draft, state: &str) -> Outcome<Resource> {
    let key = draft.id.canonical();
    let mut resource = Resource {
        seq: draft.old.as_ref().map_or(0, |old| old.seq),
        id: draft.id,
        owner: draft.old.as_ref().and_then(|old| old.owner.clone()),
        written: draft.written,
        stamped: draft.stamped,
        state: state.to_owned(),
        etag: cx.store.etag()?,
        created: draft.old.as_ref().map_or(cx.now, |old| old.created),
        changed: cx.now,
    };
    cx.store.save(&resource)?;
    cx.store.refer(&key, &references::rows(draft.kind, &resource.written))?;
    for embedded in draft.embedded {
        for child in embedded.drafts {
            if child.changes() {
                save(cx, child, if is_terminal(state) { "Succeeded" } else { "Updating" })?;
            }
        }
    }
    if !draft.inline
        && draft.kind.embedded.is_some()
        && let Some(parent) = resource.id.parent()
    {
        // A child that shows in its parent changes the parent.
        cx.store.touch(&parent.canonical())?;
    }
    if resource.seq == 0
        && let Some(saved) = cx.store.resource(&key)?
    {
        resource.seq = saved.seq;
    }
    Ok(resource)
}
