//! What the caller may not do, as the settings say: asked before anything else
//! is, in the words of Azure's own roles.

use http::Method;

use super::answer::{Outcome, Refusal};
use super::behaviour::Denied;
use super::faults::matches_glob;
use super::route::Request;
use super::write::Draft;
use super::{CLIENT, Cx, PRINCIPAL, references, type_of};
use crate::kinds::{ResourceId, USER_ASSIGNED_IDENTITY, VIRTUAL_NETWORK};

/// Refuses a request for what the caller may not do. `lower` holds the
/// segments of the path in lower case.
pub(super) fn check(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<()> {
    if cx.settings.behaviour.denied.is_empty() {
        return Ok(());
    }
    let Some((action, scope)) = asked(request, lower) else { return Ok(()) };
    require(cx, &action, &scope)
}

/// Refuses what the caller may not do at a scope.
pub(super) fn require(cx: &Cx<'_>, action: &str, scope: &str) -> Outcome<()> {
    if !denies(cx, action, scope) {
        return Ok(());
    }
    Err(Refusal::new(
        403,
        "AuthorizationFailed",
        format!(
            "The client '{CLIENT}' with object id '{PRINCIPAL}' does not have authorization to perform action \
             '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh \
             your credentials."
        ),
    )
    .gateway()
    .into())
}

/// Refuses a body that names what the caller may not use.
pub(super) fn linked(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    if cx.settings.behaviour.denied.is_empty() {
        return Ok(());
    }
    for (path, text) in references::texts(draft.kind, &draft.written) {
        let Ok(target) = ResourceId::parse(text) else { continue };
        let Some(action) = use_of(path, &target) else { continue };
        if denies(cx, &action, target.as_str()) {
            return Err(Refusal::new(
                403,
                "LinkedAuthorizationFailed",
                format!(
                    "The client '{CLIENT}' with object id '{PRINCIPAL}' has permission to perform action '{}/write' on \
                     scope '{}'; however, it does not have permission to perform action(s) '{action}' on the linked \
                     scope(s) '{target}' (respectively) or the linked scope(s) are invalid.",
                    draft.kind.resource_type, draft.id
                ),
            )
            .gateway()
            .into());
        }
    }
    Ok(())
}

/// The actions that are denied at a scope.
pub(super) fn denied<'c>(cx: &'c Cx<'_>, scope: &str) -> Vec<&'c str> {
    let all = cx.settings.behaviour.denied.iter();
    all.filter(|denied| denied.covers(scope)).map(|denied| denied.action.as_str()).collect()
}

/// Whether the caller may not do something at a scope.
pub(super) fn denies(cx: &Cx<'_>, action: &str, scope: &str) -> bool {
    let action = action.to_ascii_lowercase();
    denied(cx, scope).iter().any(|pattern| matches_glob(&pattern.to_ascii_lowercase(), &action))
}

impl Denied {
    /// Whether it holds at a scope: at its own, and at all that lies in it.
    fn covers(&self, scope: &str) -> bool {
        let Some(own) = &self.scope else { return true };
        let (own, scope) = (own.trim_end_matches('/').to_ascii_lowercase(), scope.to_ascii_lowercase());
        scope.strip_prefix(&own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// The action that a request is, and the scope that it is asked at.
fn asked(request: &Request<'_>, lower: &[&str]) -> Option<(String, String)> {
    let segments = &request.segments;
    let providers = lower.iter().rposition(|segment| *segment == "providers");
    let (namespace, rest) = match providers {
        Some(at) => (segments.get(at + 1)?.as_str(), &segments[at + 2..]),
        None => ("Microsoft.Resources", segments.as_slice()),
    };
    if rest.is_empty() {
        return None;
    }
    let act = !rest.len().is_multiple_of(2) && *request.method == Method::POST;
    let kinds: Vec<&str> =
        rest[..rest.len() - usize::from(act)].iter().step_by(2).map(String::as_str).collect();
    let kind = std::iter::once(namespace).chain(kinds).collect::<Vec<_>>().join("/");
    let kind = crate::kinds::find(&kind).map_or(kind, |known| known.resource_type.to_owned());
    // A list is asked for at what it lies in, an action at what it is done to.
    let partial = usize::from(!rest.len().is_multiple_of(2));
    let beneath = if partial == 1 && rest.len() == 1 && providers.is_some() { 3 } else { partial };
    let scope = format!("/{}", segments[..segments.len() - beneath].join("/"));
    let verb = match *request.method {
        Method::GET | Method::HEAD => "read".to_owned(),
        Method::DELETE => "delete".to_owned(),
        Method::POST if act => format!("{}/action", rest.last()?),
        Method::POST => "action".to_owned(),
        _ => "write".to_owned(),
    };
    Some((format!("{kind}/{verb}"), scope))
}

/// The action that a body with a reference to `target` is, where it is one.
fn use_of(path: &str, target: &ResourceId) -> Option<String> {
    let kind = type_of(target);
    if target.is(&USER_ASSIGNED_IDENTITY) {
        return Some(format!("{kind}/assign/action"));
    }
    if target.is(&VIRTUAL_NETWORK) && path.contains("remoteVirtualNetwork") {
        return Some(format!("{kind}/peer/action"));
    }
    kind.starts_with("Microsoft.Network/").then(|| format!("{kind}/join/action"))
}
