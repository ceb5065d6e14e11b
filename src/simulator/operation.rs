//! Long-running operations: rows with a time at which they end, and the four
//! dialects in which services tell of them.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal, Stop};
use super::store::{Operation, Resource};
use super::{Cx, SUBSCRIPTION, body, busy, delete, policy, quirks, read, write};
use crate::kinds::{self, Kind, ResourceId, Style};

/// What an operation does to its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Put,
    /// A PUT that changes nothing, of a service that announces one all the same.
    Nothing,
    Delete,
    /// Deletes without keeping the name.
    DeleteForGood,
    /// Forgets a soft-deleted resource.
    Purge,
    /// What a POST asked for, by its name in lower case.
    Act(&'static str),
}

impl Verb {
    fn as_str(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Nothing => "nothing",
            Self::Delete => "delete",
            Self::DeleteForGood => "delete for good",
            Self::Purge => "purge",
            Self::Act(action) => action,
        }
    }
}

/// Whether a `provisioningState` is final: exactly these three are, and one
/// that is absent counts as `Succeeded` (resource provider contract).
pub(super) fn is_terminal(state: &str) -> bool {
    ["Succeeded", "Failed", "Canceled"].iter().any(|s| s.eq_ignore_ascii_case(state))
}

/// The last path segments but one under which operations are asked for, and
/// whether they answer with the result rather than the status.
const SEGMENTS: &[(&str, bool)] = &[
    ("operations", false),
    ("operationresults", true),
    ("operationstatuses", false),
    ("asyncoperations", true),
    ("workspaceoperationsstatus", false),
    ("computeoperationsstatus", false),
    ("privatednsoperationstatuses", false),
    ("privatednsoperationresults", true),
    ("dnsresolveroperationstatuses", false),
    ("dnsresolveroperationresults", true),
];

/// Whether a path segment leads to operations, and whether to their results.
pub(super) fn segment(text: &str) -> Option<bool> {
    SEGMENTS.iter().find(|(segment, _)| segment.eq_ignore_ascii_case(text)).map(|(_, result)| *result)
}

/// The urls (path and query) of status and result, shaped as the service
/// shapes them (recordings of azure-cli and azure-service-operator).
fn urls(kind: &Kind, location: &str, id: &str) -> (String, String) {
    let version = kind.api_version;
    let namespace = kind.resource_type.split('/').next().unwrap_or_default();
    let at = format!("/subscriptions/{SUBSCRIPTION}/providers/{namespace}/locations/{location}");
    let lower = kind.resource_type.to_ascii_lowercase();
    match namespace {
        "Microsoft.Network" if lower.starts_with("microsoft.network/privatednszones") => {
            // Azure's stand below the resource group, where they look like resources. A poll url is
            // opaque to clients, so these stand with all other operations.
            (
                format!("{at}/privateDnsOperationStatuses/{id}?api-version={version}"),
                format!("{at}/privateDnsOperationResults/{id}?api-version={version}"),
            )
        }
        "Microsoft.Network" if lower.starts_with("microsoft.network/dns") => (
            format!("{at}/dnsResolverOperationStatuses/{id}?api-version={version}"),
            format!("{at}/dnsResolverOperationResults/{id}?api-version={version}"),
        ),
        "Microsoft.Network" => (
            format!("{at}/operations/{id}?api-version={version}"),
            format!("{at}/operationResults/{id}?api-version={version}"),
        ),
        "Microsoft.MachineLearningServices" if lower.ends_with("/computes") => (
            format!("{at}/computeOperationsStatus/{id}?api-version={version}&service=new"),
            format!("{at}/computeOperationsStatus/{id}?api-version={version}&service=new&type=location"),
        ),
        "Microsoft.MachineLearningServices" => (
            format!("{at}/workspaceOperationsStatus/{id}?api-version={version}&type=async"),
            format!("{at}/workspaceOperationsStatus/{id}?api-version={version}&type=location"),
        ),
        "Microsoft.Storage" => {
            let url = format!("{at}/asyncoperations/{id}?monitor=true&api-version={version}");
            (url.clone(), url)
        }
        "Microsoft.Resources" => {
            let url = format!("/subscriptions/{SUBSCRIPTION}/operationresults/{id}?api-version={version}");
            (url.clone(), url)
        }
        _ => (
            format!("{at}/operationStatuses/{id}?api-version={version}"),
            format!("{at}/operationResults/{id}?api-version={version}"),
        ),
    }
}

/// What an operation is begun with.
pub(super) struct Start<'a> {
    pub(super) kind: &'static Kind,
    pub(super) resource: &'a ResourceId,
    /// The region in its urls.
    pub(super) location: &'a str,
    pub(super) verb: Verb,
    /// Milliseconds.
    pub(super) takes: i64,
    pub(super) failure: Option<Refusal>,
    pub(super) holds: Vec<(String, bool)>,
    /// What the result url answers with where that is not the resource.
    pub(super) answer: Option<Value>,
}

/// Begins an operation that ends after the time it takes.
pub(super) fn start(cx: &Cx<'_>, start: Start<'_>) -> rusqlite::Result<Operation> {
    let id = cx.store.guid()?;
    let location = if start.location.is_empty() { "global" } else { start.location };
    let (status_url, result_url) = urls(start.kind, location, &id);
    let operation = Operation {
        id,
        resource: start.resource.clone(),
        verb: start.verb.as_str().to_owned(),
        started: cx.now,
        ends: cx.now.saturating_add(start.takes),
        settled: false,
        failure: start.failure.map(|failure| failure.error()),
        answer: start.answer,
        status_url,
        result_url,
    };
    cx.store.add_operation(&operation, &start.holds)?;
    Ok(operation)
}

/// What a POST begins.
pub(super) struct Action {
    /// Its name in lower case, by which [`quirks::Quirk::acted`] knows it.
    pub(super) name: &'static str,
    pub(super) seconds: f64,
    /// Whether nobody else may write the resource meanwhile.
    pub(super) alone: bool,
    /// What the result url answers with.
    pub(super) answer: Option<Value>,
}

/// Begins what a POST to `resource` asked for: 202 and the headers to follow.
pub(super) fn act(cx: &Cx<'_>, resource: &Resource, action: Action) -> Outcome<Answer> {
    let Some(kind) = kinds::find(&resource.id.resource_type()) else { return Ok(Answer::empty(200)) };
    let mut holds = Vec::new();
    if action.alone {
        busy::contend_delete(cx, kind, &resource.id)?;
        holds = busy::holds_of_delete(kind, &resource.id);
    }
    let location = write::location(cx, resource)?;
    let verb = Verb::Act(action.name);
    let begun = start(
        cx,
        Start {
            kind,
            resource: &resource.id,
            location: &location,
            verb,
            takes: cx.settings.latency.action(action.seconds),
            failure: None,
            holds,
            answer: action.answer,
        },
    )?;
    Ok(Answer::empty(202).with(headers(cx, Style::AsyncOperationOnly, verb, &begun)))
}

/// The headers that announce an operation in the service's dialect.
pub(super) fn headers(
    cx: &Cx<'_>,
    style: Style,
    verb: Verb,
    operation: &Operation,
) -> Vec<(&'static str, String)> {
    let status = || ("azure-asyncoperation", format!("{}{}", cx.base, operation.status_url));
    let result = || ("location", format!("{}{}", cx.base, operation.result_url));
    let mut headers = match style {
        Style::Sync | Style::ProvisioningState => return Vec::new(),
        Style::AsyncOperation if verb == Verb::Put => vec![status()],
        Style::AsyncOperation | Style::AsyncOperationOnly => vec![status(), result()],
        Style::Location => vec![result()],
    };
    if operation.resource.resource_type().starts_with("Microsoft.Network/") {
        headers.push(("azure-asyncnotification", "Enabled".to_owned()));
    }
    headers.extend(cx.settings.latency.retry_after());
    headers
}

/// Ends every operation whose time has come.
pub(super) fn settle(cx: &Cx<'_>) -> rusqlite::Result<()> {
    cx.store.forget_expired(cx.now)?;
    for operation in cx.store.due(cx.now)? {
        let failure = match &operation.failure {
            Some(failure) => {
                fail(cx, &operation)?;
                Some(failure.clone())
            }
            None => match cx.store.attempt(|| finish(cx, &operation)) {
                Ok(None) => None,
                Ok(Some(later)) => {
                    cx.store.postpone(&operation.id, later)?;
                    continue;
                }
                Err(Stop::Refused(refusal)) => {
                    fail(cx, &operation)?;
                    Some(refusal.error())
                }
                Err(Stop::Store(error)) => return Err(error),
            },
        };
        cx.store.settle(&operation.id, failure.as_ref())?;
        if failure.is_none()
            && operation.verb == Verb::Put.as_str()
            && let Some(resource) = cx.store.resource(&operation.resource.canonical())?
        {
            policy::remedy(cx, &resource)?;
        }
    }
    Ok(())
}

/// Does what an operation promised. Returns when to come back where that is
/// not all done yet.
fn finish(cx: &Cx<'_>, operation: &Operation) -> Outcome<Option<i64>> {
    let key = operation.resource.canonical();
    match operation.verb.as_str() {
        "put" => {
            let Some(mut resource) = cx.store.resource(&key)? else { return Ok(None) };
            succeed(cx, &mut resource)?;
        }
        "nothing" => {}
        "purge" => cx.store.forget(&key)?,
        verb => {
            let Some(mut resource) = cx.store.resource(&key)? else { return Ok(None) };
            match verb {
                "delete" => return delete::finish(cx, &resource, Verb::Delete),
                "delete for good" => return delete::finish(cx, &resource, Verb::DeleteForGood),
                action => {
                    quirks::of(&resource.id).acted(cx, &mut resource, action)?;
                    cx.store.save(&resource)?;
                }
            }
        }
    }
    Ok(None)
}

/// Completes a PUT: what it makes besides is made, the state and the etag change.
pub(super) fn succeed(cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
    quirks::of(&resource.id).complete(cx, resource)?;
    "Succeeded".clone_into(&mut resource.state);
    resource.etag = cx.store.etag()?;
    cx.store.save(resource)?;
    let Some(kind) = kinds::find(&resource.id.resource_type()) else { return Ok(()) };
    for (child, _) in write::embedded_in(kind) {
        for mut row in cx.store.children(&resource.key(), child.resource_type)? {
            if !is_terminal(&row.state) && cx.store.running(&row.key())?.is_none() {
                "Succeeded".clone_into(&mut row.state);
                row.etag = cx.store.etag()?;
                cx.store.save(&row)?;
            }
        }
    }
    Ok(())
}

/// Leaves a resource as a failed operation leaves it: there, and `Failed`.
fn fail(cx: &Cx<'_>, operation: &Operation) -> rusqlite::Result<()> {
    if !["put", "delete", "delete for good"].contains(&operation.verb.as_str()) {
        return Ok(());
    }
    let key = operation.resource.canonical();
    let state = if operation.resource.parent().is_some_and(|p| p.parent().is_none()) {
        // The provisioning state of a group is rolled back.
        "Succeeded"
    } else {
        "Failed"
    };
    cx.store.set_state(&key, state)
}

/// `{"status"}`: the answer of the status url, always 200.
pub(super) fn status(cx: &Cx<'_>, operation: &Operation) -> Answer {
    if !operation.settled {
        return Answer::json(200, json!({ "status": "InProgress" })).with(cx.settings.latency.retry_after());
    }
    let mut body = json!({
        "name": operation.id,
        "status": if operation.failure.is_some() { "Failed" } else { "Succeeded" },
        "startTime": super::timestamp(operation.started),
        "endTime": super::timestamp(operation.ends),
        "percentComplete": 100.0,
    });
    if let Some(failure) = &operation.failure {
        body["error"] = failure.clone();
    } else if let Some(answer) = &operation.answer {
        body["properties"] = answer.clone();
    }
    Answer::json(200, body)
}

/// The answer of the result url: 202 until done, then what the call would have
/// answered had it been synchronous.
pub(super) fn result(cx: &Cx<'_>, operation: &Operation) -> Outcome<Answer> {
    if !operation.settled {
        return Ok(Answer::empty(202)
            .with([("location", format!("{}{}", cx.base, operation.result_url))])
            .with(cx.settings.latency.retry_after()));
    }
    if let Some(failure) = &operation.failure {
        return Ok(Answer::json(failed_status(failure), json!({ "error": failure })));
    }
    if let Some(answer) = &operation.answer {
        return Ok(Answer::json(200, answer.clone()));
    }
    if operation.verb == Verb::Put.as_str()
        && let Some(resource) = cx.store.resource(&operation.resource.canonical())?
    {
        return Ok(Answer::json(200, read::body(cx, &resource)?));
    }
    Ok(Answer::empty(200))
}

fn failed_status(failure: &Value) -> u16 {
    match body::text(failure, "code") {
        Some("ResourceGroupDeletionBlocked" | "Conflict" | "ConflictError") => 409,
        _ => 400,
    }
}
