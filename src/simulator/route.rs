//! What a request asks for, and who answers it.

use std::collections::BTreeSet;

use http::{HeaderMap, Method, request::Parts};
use serde_json::Value;

use super::answer::{Answer, Outcome, Refusal};
use super::read::Listed;
use super::store::Resource;
use super::{
    Cx, SUBSCRIPTION, delete, locks, operation, preview, provider, quirks, read, rights, subscription,
    validate, write,
};
use crate::kinds::{self, Kind, ResourceId};

/// The longest path that is looked at, in bytes.
const MAX_PATH: usize = 4096;

/// A request, taken apart.
pub(super) struct Request<'a> {
    pub(super) method: &'a Method,
    /// The path as it came.
    raw_path: &'a str,
    /// Its segments, decoded.
    pub(super) segments: Vec<String>,
    /// The query, decoded, in order.
    pairs: Vec<(String, String)>,
    headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// The `api-version` of the query; empty until it is checked.
    pub(super) api_version: &'a str,
}

impl Request<'_> {
    /// The first value of a query parameter; names compare without case.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The id that stands before the last `count` segments.
    pub(super) fn id_before(&self, count: usize) -> Outcome<ResourceId> {
        let path = format!("/{}", self.segments[..self.segments.len().saturating_sub(count)].join("/"));
        let id = ResourceId::parse(&path).map_err(|error| malformed(&path, error.reason))?;
        Ok(match kinds::find(&id.resource_type()) {
            Some(kind) => spelled(&id, kind),
            None => id,
        })
    }

    /// The same url with one parameter changed.
    pub(super) fn with_query(&self, base: &str, name: &str, value: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (key, old) in self.pairs.iter().filter(|(key, _)| !key.eq_ignore_ascii_case(name)) {
            query.append_pair(key, old);
        }
        query.append_pair(name, value);
        format!("{base}{}?{}", self.raw_path, query.finish())
    }

    /// Checks `If-Match` and `If-None-Match` of a write against what is there.
    pub(super) fn preconditions(&self, there: Option<&Resource>) -> Outcome<()> {
        let fails = |text: String| Err(Refusal::new(412, "PreconditionFailed", text).into());
        let bare = |etag: &str| etag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
        if let Some(wanted) = self.header("if-match") {
            match there {
                None => {
                    return fails(
                        "The condition 'If-Match' is not met: the resource does not exist.".to_owned(),
                    );
                }
                Some(row) if wanted.trim() != "*" && bare(wanted) != bare(&row.etag) => {
                    return fails(format!(
                        "The condition 'If-Match' is not met: the etag '{wanted}' was provided, the resource has '{}'.",
                        row.etag
                    ));
                }
                Some(_) => {}
            }
        }
        if self.header("if-none-match").is_some_and(|wanted| wanted.trim() == "*") && there.is_some() {
            return fails("The condition 'If-None-Match' is not met: the resource exists.".to_owned());
        }
        Ok(())
    }
}

/// Answers a request.
pub(super) fn answer(cx: &Cx<'_>, head: &Parts, body: &[u8]) -> Outcome<Answer> {
    let raw_path = head.uri.path();
    if raw_path.len() > MAX_PATH {
        return Err(Refusal::new(414, "RequestUriTooLong", "The request url is too long.").into());
    }
    let Some(segments) = decode(raw_path) else {
        return Err(Refusal::new(400, "InvalidRequestUri", "The request url cannot be decoded.").into());
    };
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let version = pairs
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("api-version"))
        .map(|(_, value)| value.clone())
        .unwrap_or_default();
    let request = Request {
        method: &head.method,
        raw_path,
        segments,
        pairs,
        headers: &head.headers,
        body,
        api_version: &version,
    };
    if version.is_empty() {
        return Err(Refusal::new(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
        .gateway()
        .into());
    }
    if !is_version(&version) {
        return Err(bad_version(&version).into());
    }
    Ok(preview::hide(&version, dispatch(cx, &request)?))
}

/// The refusal of an api-version that is none. Every one of the right form
/// passes: clients pin older and newer ones than our facts are of.
fn bad_version(version: &str) -> Refusal {
    let known: BTreeSet<&str> = kinds::ALL.iter().map(|kind| kind.api_version).collect();
    let known: Vec<&str> = known.into_iter().collect();
    Refusal::new(
        400,
        "InvalidApiVersionParameter",
        format!("The api-version '{version}' is invalid. The supported versions are '{}'.", known.join(",")),
    )
    .gateway()
}

/// The segments of a path, decoded; `None` where they are no UTF-8. Doubled
/// slashes count as one: `az resource create` writes them.
fn decode(path: &str) -> Option<Vec<String>> {
    path.split('/').filter(|segment| !segment.is_empty()).map(percent_decoded).collect()
}

fn percent_decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
            bytes.push(digit(rest.next()?)? * 16 + digit(rest.next()?)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('/'))
}

fn dispatch(cx: &Cx<'_>, request: &Request<'_>) -> Outcome<Answer> {
    let lower: Vec<String> = request.segments.iter().map(|s| s.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let get = *request.method == Method::GET || *request.method == Method::HEAD;
    let post = *request.method == Method::POST;

    match lower.as_slice() {
        ["subscriptions"] if get => return Ok(subscription::list(cx)?),
        ["tenants"] if get => return Ok(subscription::tenants()),
        ["subscriptions", id, ..] => subscription_exists(id)?,
        ["providers", "microsoft.authorization", ..] if get => {
            return quirks::beside(cx, request, &lower)?.ok_or_else(|| no_such_path(request));
        }
        ["providers", ..] if get => {
            return provider::answer(cx, request.segments.get(1).map(String::as_str));
        }
        _ => return Err(no_such_path(request)),
    }
    let root = format!("/subscriptions/{SUBSCRIPTION}");
    let scope = ResourceId::parse(&root).map_err(|_| no_such_path(request))?;
    rights::check(cx, request, &lower)?;
    match &lower[2..] {
        [] if get => return Ok(Answer::json(200, subscription::body(cx)?)),
        ["locations"] if get => return Ok(subscription::locations()),
        ["resources"] if get => return read::list(cx, request, &scope, &Listed::All),
        ["resourcegroups"] if get => {
            return read::list(cx, request, &scope, &Listed::Type(kinds::RESOURCE_GROUP.resource_type));
        }
        ["resourcegroups", _, "resources"] if get => {
            let group = scope.resource_group(&request.segments[3]);
            return read::list(cx, request, &group, &Listed::All);
        }
        ["providers"] if get => return provider::answer(cx, None),
        ["providers", _] if get => return provider::answer(cx, request.segments.get(3).map(String::as_str)),
        ["providers", namespace, verb @ ("register" | "unregister")] if post => {
            return provider::register(cx, namespace, *verb == "register");
        }
        _ => {}
    }
    if let [.., segment, id] = lower.as_slice()
        && get
        && let Some(result) = operation::segment(segment)
    {
        return operation_answer(cx, request, id, result);
    }
    locks::check(cx, request.method, &lower)?;
    if let Some(answer) = quirks::beside(cx, request, &lower)? {
        return Ok(answer);
    }
    resource(cx, request)
}

fn subscription_exists(id: &str) -> Outcome<()> {
    if uuid::Uuid::parse_str(id).is_err() {
        return Err(Refusal::new(
            400,
            "InvalidSubscriptionId",
            format!("The provided subscription identifier '{id}' is malformed or invalid."),
        )
        .gateway()
        .into());
    }
    if id != SUBSCRIPTION {
        return Err(Refusal::new(
            404,
            "SubscriptionNotFound",
            format!("The subscription '{id}' could not be found."),
        )
        .gateway()
        .into());
    }
    Ok(())
}

fn operation_answer(cx: &Cx<'_>, request: &Request<'_>, id: &str, result: bool) -> Outcome<Answer> {
    let Some(operation) = cx.store.operation(id)? else {
        return Err(
            Refusal::new(404, "OperationNotFound", format!("The operation '{id}' was not found.")).into()
        );
    };
    let result = result || request.query("type").is_some_and(|kind| kind.eq_ignore_ascii_case("location"));
    if result { operation::result(cx, &operation) } else { Ok(operation::status(cx, &operation)) }
}

/// Requests to resources: `…/{type}/{name}`, `…/{type}` and `…/{name}/{action}`.
fn resource(cx: &Cx<'_>, request: &Request<'_>) -> Outcome<Answer> {
    let segments = &request.segments;
    let path = format!("/{}", segments.join("/"));
    let tail = segments
        .iter()
        .rposition(|s| s.eq_ignore_ascii_case("providers"))
        .map_or(0, |at| segments.len() - at);
    // providers, namespace, then type and name in turn: an even count is a resource.
    if tail == 0 || tail.is_multiple_of(2) && tail >= 4 {
        let id = ResourceId::parse(&path).map_err(|error| malformed(&path, error.reason))?;
        if tail == 0 && id.resource_group_name().is_none() {
            return Err(no_such_path(request));
        }
        return on_resource(cx, request, &id);
    }
    let Some((last, parents)) = segments.split_last() else { return Err(no_such_path(request)) };
    if tail == 3 {
        let scope_path = format!("/{}", segments[..segments.len() - tail].join("/"));
        let scope = ResourceId::parse(&scope_path).map_err(|error| malformed(&path, error.reason))?;
        let name = format!("{}/{last}", segments[segments.len() - 2]);
        return collection(cx, request, &scope, &name);
    }
    if tail < 3 {
        return Err(no_such_path(request));
    }
    let parent_path = format!("/{}", parents.join("/"));
    let parent = ResourceId::parse(&parent_path).map_err(|error| malformed(&path, error.reason))?;
    if *request.method == Method::POST {
        let kind = known(&parent.resource_type())?;
        return act(cx, request, &spelled(&parent, kind), last);
    }
    collection(cx, request, &parent, &format!("{}/{last}", parent.resource_type()))
}

fn collection(cx: &Cx<'_>, request: &Request<'_>, scope: &ResourceId, name: &str) -> Outcome<Answer> {
    if *request.method != Method::GET && *request.method != Method::HEAD {
        return Err(not_allowed(request));
    }
    let kind = match kinds::find(name) {
        Some(kind) => kind.resource_type,
        // What Azure makes by itself can be of a type that has no facts here.
        None if name.to_ascii_lowercase().ends_with("/privateendpointconnections") => name,
        None => return Err(unknown_type(name).into()),
    };
    read::list(cx, request, scope, &Listed::Type(kind))
}

fn on_resource(cx: &Cx<'_>, request: &Request<'_>, id: &ResourceId) -> Outcome<Answer> {
    let Some(kind) = kinds::find(&id.resource_type()) else {
        if *request.method == Method::GET && cx.store.exists(&id.canonical())? {
            return read::get(cx, request, id);
        }
        return Err(unknown_type(&id.resource_type()).into());
    };
    let id = &spelled(id, kind);
    match *request.method {
        Method::GET => read::get(cx, request, id),
        Method::HEAD if cx.store.exists(&id.canonical())? => Ok(Answer::empty(204)),
        Method::HEAD => Ok(Answer::empty(404)),
        Method::PUT => write::put(cx, request, kind, id),
        Method::PATCH => write::patch(cx, request, kind, id),
        Method::DELETE => delete::delete(cx, request, kind, id),
        _ => Err(not_allowed(request)),
    }
}

/// A POST to a resource.
fn act(cx: &Cx<'_>, request: &Request<'_>, id: &ResourceId, action: &str) -> Outcome<Answer> {
    let resource = read::find(cx, id)?;
    let sent = if request.body.is_empty() { Value::Null } else { validate::object(request.body)? };
    let quirk = quirks::of(id);
    let known = quirk.actions().iter().any(|known| known.eq_ignore_ascii_case(action));
    let answer = if known { quirk.act(cx, &resource, &action.to_ascii_lowercase(), &sent)? } else { None };
    answer.ok_or_else(|| {
        Refusal::new(
            404,
            "InvalidResourceType",
            format!("The action '{action}' is not known for the resource type '{}'.", id.resource_type()),
        )
        .gateway()
        .into()
    })
}

/// The id with its fixed words in Azure's casing and its names as they came.
fn spelled(id: &ResourceId, kind: &Kind) -> ResourceId {
    let mut parts: Vec<&str> = id.as_str().split('/').collect();
    for part in &mut parts {
        for word in ["subscriptions", "resourceGroups", "providers"] {
            if part.eq_ignore_ascii_case(word) {
                *part = word;
            }
        }
    }
    if let Some(at) = parts.iter().rposition(|part| *part == "providers") {
        let mut types = kind.resource_type.split('/');
        parts[at + 1] = types.next().unwrap_or(parts[at + 1]);
        for (slot, word) in parts[at + 2..].iter_mut().step_by(2).zip(types) {
            *slot = word;
        }
    }
    ResourceId::parse(&parts.join("/")).unwrap_or_else(|_| id.clone())
}

/// `2025-01-01` or `2025-01-01-preview`: a day of the calendar, and a word.
fn is_version(text: &str) -> bool {
    let (date, tag) = text.split_at_checked(10).unwrap_or((text, ""));
    let day = time::Date::parse(date, time::macros::format_description!("[year]-[month]-[day]"));
    let word = tag.strip_prefix('-').is_some_and(|word| {
        !word.is_empty()
            && word.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(letter))
    });
    day.is_ok() && (tag.is_empty() || word)
}

fn known(name: &str) -> Outcome<&'static Kind> {
    kinds::find(name).ok_or_else(|| unknown_type(name).into())
}

fn unknown_type(name: &str) -> Refusal {
    let (namespace, kind) = name.split_once('/').unwrap_or((name, ""));
    if provider::is_known(namespace) {
        Refusal::new(
            404,
            "InvalidResourceType",
            format!("The resource type '{kind}' could not be found in the namespace '{namespace}'."),
        )
        .gateway()
    } else {
        Refusal::new(
            404,
            "InvalidResourceNamespace",
            format!("The resource namespace '{namespace}' is invalid."),
        )
        .gateway()
    }
}

fn malformed(path: &str, reason: &str) -> super::answer::Stop {
    Refusal::new(400, "InvalidResourceId", format!("The resource id '{path}' is malformed: {reason}."))
        .gateway()
        .into()
}

fn no_such_path(request: &Request<'_>) -> super::answer::Stop {
    Refusal::new(
        404,
        "InvalidResourceType",
        format!(
            "The path '{}' does not name anything that can be asked for with {}.",
            request.raw_path, request.method
        ),
    )
    .gateway()
    .into()
}

fn not_allowed(request: &Request<'_>) -> super::answer::Stop {
    Refusal::new(
        405,
        "HttpMethodNotAllowed",
        format!("The HTTP method '{}' is not supported at scope '{}'.", request.method, request.raw_path),
    )
    .gateway()
    .into()
}
