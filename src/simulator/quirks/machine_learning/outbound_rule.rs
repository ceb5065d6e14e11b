//! Outbound rules of a managed network. The rows are the one truth of them:
//! the workspace's body shows them by name, and a write of it writes them.
//!
//! A rule goes only by its own DELETE. Whether Azure drops a rule that the
//! body of a workspace leaves out is not known, so none is lost that way.

use serde_json::{Map, Value, json};

use super::workspace::{UNMANAGED, is_provisioned, isolation};
use crate::kinds::roles::{AZURE_AI_ENTERPRISE_NETWORK_CONNECTION_APPROVER, CONTRIBUTOR, OWNER};
use crate::kinds::{OUTBOUND_RULE, ROLE_ASSIGNMENT, ResourceId};
use crate::simulator::answer::{Outcome, Refusal, Stop};
use crate::simulator::quirks::{Quirk, make, private_link};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, references};

/// Where the rules stand in the body of a workspace.
pub(super) const IN_WORKSPACE: &str = "properties.managedNetwork.outboundRules";

const ONLY_APPROVED: &str = "AllowOnlyApprovedOutbound";

pub(super) struct OutboundRule;

impl Quirk for OutboundRule {
    fn normalise(&self, draft: &mut Draft) {
        as_kept(&mut draft.written);
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if let Some(old) = draft.old.as_ref().filter(|old| old.owner.is_some()) {
            // A rule that Azure requires stays as Azure made it.
            draft.written = old.written.clone();
            return Ok(());
        }
        let workspace = match draft.id.parent() {
            Some(id) => cx.store.resource(&id.canonical())?,
            None => None,
        };
        let mode = workspace.as_ref().map_or(UNMANAGED, |row| isolation(&row.written));
        judge(cx, &draft.id, &draft.written, mode)?;
        match workspace {
            Some(workspace) => may_approve(cx, &workspace.stamped, &draft.written),
            None => Ok(()),
        }
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let workspace = match resource.id.parent() {
            Some(id) => cx.store.resource(&id.canonical())?,
            None => None,
        };
        let active = workspace.is_some_and(|row| is_provisioned(&row));
        let status = match resource.state.as_str() {
            "Succeeded" if active => "Active",
            "Succeeded" => "Inactive",
            "Deleting" => "Deleting",
            "Failed" => "Failed",
            _ => "Provisioning",
        };
        body::set(shown, "properties.status", json!(status));
        if body::get(shown, "properties.destination.sparkEnabled").is_some() {
            body::set(shown, "properties.destination.sparkStatus", json!(status));
        }
        Ok(())
    }

    fn release(&self, _cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        if resource.owner.is_none() {
            return Ok(());
        }
        Err(refusal(format!(
            "The outbound rule '{}' is required by the workspace and cannot be deleted.",
            resource.id.name()
        )))
    }
}

fn refusal(message: String) -> Stop {
    Refusal::new(400, "ValidationError", message).target("outboundRules").into()
}

/// Takes out what Azure decides.
fn as_kept(written: &mut Value) {
    body::take(written, "properties.status");
    body::take(written, "properties.destination.sparkStatus");
}

/// Refuses a rule that the network cannot have.
fn judge(cx: &Cx<'_>, id: &ResourceId, written: &Value, mode: &str) -> Outcome<()> {
    let kind = body::text(written, "properties.type").unwrap_or_default();
    if mode == UNMANAGED {
        return Err(refusal(format!(
            "The outbound rule '{}' needs a workspace with a managed network.",
            id.name()
        )));
    }
    if kind != "PrivateEndpoint" && mode != ONLY_APPROVED {
        return Err(refusal(format!(
            "The outbound rule '{}' of type {kind} needs the isolation mode {ONLY_APPROVED}.",
            id.name()
        )));
    }
    if body::text(written, "properties.category").is_some_and(|category| category != "UserDefined") {
        return Err(refusal(format!(
            "The outbound rule '{}' can only have the category UserDefined.",
            id.name()
        )));
    }
    let destination = body::get(written, "properties.destination");
    let complete = match kind {
        "FQDN" => destination.and_then(Value::as_str).is_some_and(|host| !host.is_empty()),
        "ServiceTag" => destination
            .is_some_and(|to| ["serviceTag", "addressPrefixes"].iter().any(|name| !to[*name].is_null())),
        _ => return judge_target(cx, id, destination),
    };
    if complete {
        return Ok(());
    }
    Err(refusal(format!("The outbound rule '{}' of type {kind} has no valid destination.", id.name())))
}

/// Refuses a private link target that is not there or has no such part.
fn judge_target(cx: &Cx<'_>, id: &ResourceId, destination: Option<&Value>) -> Outcome<()> {
    let text = |name: &str| destination.and_then(|to| to[name].as_str()).unwrap_or_default();
    let Ok(target) = ResourceId::parse(text("serviceResourceId")) else {
        return Err(refusal(format!("The outbound rule '{}' names no private link target.", id.name())));
    };
    let kind = target.resource_type();
    let group = text("subresourceTarget");
    if !private_link::is_target(&kind) {
        return Ok(());
    }
    if !private_link::groups(&kind).iter().any(|known| known.eq_ignore_ascii_case(group)) {
        return Err(refusal(format!(
            "The subresourceTarget '{group}' of the outbound rule '{}' is none of {kind}.",
            id.name()
        )));
    }
    if !cx.store.exists(&target.canonical())? {
        return Err(references::dangling(id, "destination.serviceResourceId", &target).into());
    }
    Ok(())
}

/// Refuses a private link target that the workspace's own identities have no
/// right to. A system-assigned identity gets it from the service.
fn may_approve(cx: &Cx<'_>, stamped: &Value, written: &Value) -> Outcome<()> {
    let identities = body::values(stamped, "identity.userAssignedIdentities{}.principalId");
    let given = body::text(written, "properties.destination.serviceResourceId");
    let Some(target) = given.and_then(|text| ResourceId::parse(text).ok()) else { return Ok(()) };
    if identities.is_empty() || body::get(stamped, "identity.principalId").is_some() {
        return Ok(());
    }
    let approves = [&AZURE_AI_ENTERPRISE_NETWORK_CONNECTION_APPROVER, &CONTRIBUTOR, &OWNER];
    let granted = cx.store.of_type(ROLE_ASSIGNMENT.resource_type)?.iter().any(|row| {
        let role = body::text(&row.written, "properties.roleDefinitionId").unwrap_or_default();
        let who = body::text(&row.written, "properties.principalId").unwrap_or_default();
        row.id.parent().is_some_and(|scope| target.within(&scope))
            && approves.iter().any(|known| role.to_ascii_lowercase().ends_with(known.id))
            && identities.iter().any(|id| id.as_str().is_some_and(|id| id.eq_ignore_ascii_case(who)))
    });
    if granted {
        return Ok(());
    }
    Err(refusal(format!(
        "Workspace managed identity don't have required permissions to read and approve private endpoint connections \
         on {target}."
    )))
}

/// Writes the rules that the body of a workspace carries, and takes them out
/// of it. Whether there was anything to write.
pub(super) fn unpack(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<bool> {
    let Some(Value::Object(rules)) = body::take(&mut draft.written, IN_WORKSPACE) else { return Ok(false) };
    let mode = isolation(&draft.written).to_owned();
    let mut changed = false;
    for (name, properties) in rules {
        let id = draft.id.child(&OUTBOUND_RULE, &name);
        crate::simulator::validate::name(&OUTBOUND_RULE, &id)?;
        let old = cx.store.resource(&id.canonical())?;
        if old.as_ref().is_some_and(|old| old.owner.is_some()) {
            continue;
        }
        let mut written = json!({ "properties": properties });
        as_kept(&mut written);
        body::set_defaults(&OUTBOUND_RULE, &mut written, false);
        if old.as_ref().is_some_and(|old| old.written == written) {
            continue;
        }
        judge(cx, &id, &written, &mode)?;
        may_approve(cx, &draft.stamped, &written)?;
        changed = true;
        cx.store.save(&Resource {
            seq: 0,
            id,
            owner: None,
            written,
            stamped: json!({}),
            state: "Succeeded".to_owned(),
            etag: cx.store.etag()?,
            created: old.as_ref().map_or(cx.now, |old| old.created),
            changed: cx.now,
        })?;
    }
    Ok(changed)
}

/// The rules of a workspace as its body shows them.
pub(super) fn packed(cx: &Cx<'_>, workspace: &Resource) -> Outcome<Value> {
    let mut rules = Map::new();
    for row in cx.store.children(&workspace.key(), OUTBOUND_RULE.resource_type)? {
        let mut shown = crate::simulator::read::body(cx, &row)?;
        rules.insert(row.id.name().to_owned(), shown["properties"].take());
    }
    Ok(Value::Object(rules))
}

/// Makes the rules that the workspace cannot work without: endpoints of what
/// it stands on, of all where only approved targets are reached, else of what
/// is closed to the public.
pub(super) fn require(cx: &Cx<'_>, workspace: &Resource) -> Outcome<()> {
    let mode = isolation(&workspace.written);
    if mode == UNMANAGED {
        return Ok(());
    }
    for (path, groups) in [
        ("properties.storageAccount", &["blob", "file"][..]),
        ("properties.keyVault", &["vault"]),
        ("properties.containerRegistry", &["registry"]),
    ] {
        let Some(target) = body::text(&workspace.written, path).and_then(|text| ResourceId::parse(text).ok())
        else {
            continue;
        };
        let closed = cx.store.resource(&target.canonical())?.is_some_and(|row| {
            body::text(&row.written, "properties.publicNetworkAccess")
                .is_some_and(|word| word.eq_ignore_ascii_case("Disabled"))
        });
        if mode != ONLY_APPROVED && !closed {
            continue;
        }
        for group in groups {
            let id = workspace.id.child(&OUTBOUND_RULE, &format!("required-{group}"));
            if cx.store.exists(&id.canonical())? {
                continue;
            }
            let written = json!({ "properties": {
                "type": "PrivateEndpoint", "category": "Required",
                "destination": {
                    "serviceResourceId": target.as_str(), "subresourceTarget": group, "sparkEnabled": true,
                },
            } });
            make(cx, id, &workspace.key(), written)?;
        }
    }
    Ok(())
}
