//! What goes back to the client: answers, refusals in Azure's words, and the
//! headers that every answer of ARM carries.

use http::{HeaderName, HeaderValue, Method, Response, StatusCode, request::Parts};
use serde_json::{Value, json};

use super::Cx;
use super::latency::Latency;
use crate::kinds::ROLE_ASSIGNMENT;

/// An answer before the common headers are put on.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    /// `None` is an empty body.
    pub(super) body: Option<Value>,
}

impl Answer {
    /// An answer without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: None }
    }

    /// An answer that carries `body`.
    pub(super) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    /// The same with `headers` besides.
    pub(super) fn with(mut self, headers: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.headers.extend(headers);
        self
    }
}

/// Why ARM will not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    pub(super) target: Option<String>,
    pub(super) details: Vec<Value>,
    /// `[{"type","info"}]`: what a policy has to say.
    pub(super) additional_info: Vec<Value>,
    /// The header `x-ms-failure-cause: gateway` of what never reached a service.
    by_gateway: bool,
    retry_after: Option<i64>,
    /// Whether the code and the message stand at the top, without `error`.
    bare: bool,
}

impl Refusal {
    /// A refusal with Azure's `code` and `message`.
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            target: None,
            details: Vec::new(),
            additional_info: Vec::new(),
            by_gateway: false,
            retry_after: None,
            bare: false,
        }
    }

    /// Names what the refusal is about.
    pub(super) fn target(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// Adds an inner reason.
    pub(super) fn detail(mut self, code: &str, message: impl Into<String>) -> Self {
        self.details.push(json!({ "code": code, "message": message.into() }));
        self
    }

    /// Marks it as the front door's own.
    pub(super) fn gateway(mut self) -> Self {
        self.by_gateway = true;
        self
    }

    /// Says in how many seconds to come back.
    pub(super) fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The same in the shape that the service asked at `path` has. Private DNS,
    /// like some older services, puts what stands under `error` at the top.
    pub(super) fn shaped(mut self, path: &str) -> Self {
        self.bare =
            !self.by_gateway && path.to_ascii_lowercase().contains("/microsoft.network/privatednszones/");
        self
    }

    /// `{"code","message","target","details"}`, as it stands under `error`.
    pub(super) fn error(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(target) = &self.target {
            error["target"] = json!(target);
        }
        if !self.details.is_empty() {
            error["details"] = json!(self.details);
        }
        if !self.additional_info.is_empty() {
            error["additionalInfo"] = json!(self.additional_info);
        }
        error
    }

    /// The answer that carries it.
    pub(super) fn into_answer(self) -> Answer {
        let body = if self.bare { self.error() } else { json!({ "error": self.error() }) };
        let mut answer = Answer::json(self.status, body);
        if self.by_gateway {
            answer.headers.push(("x-ms-failure-cause", "gateway".to_owned()));
        }
        if let Some(seconds) = self.retry_after {
            answer.headers.push(("retry-after", seconds.to_string()));
        }
        answer
    }
}

/// What ends the work on a request early.
#[derive(Debug)]
pub(super) enum Stop {
    /// ARM refuses.
    Refused(Box<Refusal>),
    /// The store failed: there is no answer.
    Store(rusqlite::Error),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

/// The result of a step of a request.
pub(super) type Outcome<T> = Result<T, Stop>;

/// A token bucket of ARM: how much it holds and gains a second (request limits
/// of Azure Resource Manager, since 2024).
struct Bucket {
    name: &'static str,
    size: f64,
    per_second: f64,
    /// The headers that tell what is left: of the caller, and of the whole
    /// subscription where it is one's.
    headers: (&'static str, Option<&'static str>),
}

const READS: Bucket = Bucket {
    name: "reads",
    size: 250.0,
    per_second: 25.0,
    headers: (
        "x-ms-ratelimit-remaining-subscription-reads",
        Some("x-ms-ratelimit-remaining-subscription-global-reads"),
    ),
};
const WRITES: Bucket = Bucket {
    name: "writes",
    size: 200.0,
    per_second: 10.0,
    headers: (
        "x-ms-ratelimit-remaining-subscription-writes",
        Some("x-ms-ratelimit-remaining-subscription-global-writes"),
    ),
};
const DELETES: Bucket = Bucket {
    name: "deletes",
    size: 200.0,
    per_second: 10.0,
    headers: (
        "x-ms-ratelimit-remaining-subscription-deletes",
        Some("x-ms-ratelimit-remaining-subscription-global-deletes"),
    ),
};
/// What is asked of no subscription counts for the tenant.
const TENANT_READS: Bucket =
    Bucket { name: "tenant reads", headers: ("x-ms-ratelimit-remaining-tenant-reads", None), ..READS };
const TENANT_WRITES: Bucket =
    Bucket { name: "tenant writes", headers: ("x-ms-ratelimit-remaining-tenant-writes", None), ..WRITES };

/// All principals of a subscription together have this many times one's own.
const GLOBAL_FACTOR: f64 = 15.0;

fn bucket(head: &Parts) -> &'static Bucket {
    let mut segments = head.uri.path().split('/').filter(|segment| !segment.is_empty());
    let tenant = !segments.next().is_some_and(|first| first.eq_ignore_ascii_case("subscriptions"))
        || segments.next().is_none();
    match head.method {
        Method::GET | Method::HEAD if tenant => &TENANT_READS,
        _ if tenant => &TENANT_WRITES,
        Method::GET | Method::HEAD => &READS,
        Method::DELETE => &DELETES,
        _ => &WRITES,
    }
}

/// Takes one token of the caller's bucket, and refuses where the setting says
/// that an empty bucket does.
pub(super) fn quota(cx: &Cx<'_>, head: &Parts) -> Outcome<()> {
    let Bucket { name, size, mut per_second, .. } = *bucket(head);
    if cx.settings.latency == Latency::Instant && !cx.settings.behaviour.throttle {
        // Where everything is over at once, so is the time that fills a bucket. Clients that
        // heed the headers would wait at Azure's pace otherwise.
        per_second = f64::from(u32::MAX);
    }
    let left = cx.store.take_token(name, size, per_second, cx.now)?;
    if cx.settings.behaviour.throttle && left < 0.0 {
        // Seconds until one whole token is there.
        #[allow(clippy::cast_possible_truncation)]
        let wait = ((1.0 - left) / per_second).ceil().max(1.0) as i64;
        let (what, whose) = match name.strip_prefix("tenant ") {
            Some(what) => (what, format!("tenant '{}'", super::TENANT)),
            None => (name, format!("subscription '{}'", super::SUBSCRIPTION)),
        };
        return Err(Refusal::new(
            429,
            "TooManyRequests",
            format!(
                "The number of {what} for {whose} actor '{}' exceeded. Please try again after '{wait}' seconds after \
                 additional tokens are available.",
                super::PRINCIPAL
            ),
        )
        .gateway()
        .retry_after(wait)
        .into());
    }
    Ok(())
}

/// Puts the common headers on and makes the HTTP response.
pub(super) fn finish(cx: &Cx<'_>, head: &Parts, answer: Answer) -> rusqlite::Result<Response<Vec<u8>>> {
    let Bucket { name, size, headers: (own, global), .. } = *bucket(head);
    let left = cx.store.tokens(name, size)?.max(0.0).floor();
    let request_id = cx.store.guid()?;
    let given = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let correlation = given("x-ms-correlation-request-id").unwrap_or_else(|| request_id.clone());

    let mut headers = answer.headers;
    headers.extend([
        ("x-ms-request-id", request_id.clone()),
        ("x-ms-correlation-request-id", correlation),
        ("x-ms-routing-request-id", format!("SIMULATOR:{}:{request_id}", super::timestamp(cx.now))),
        ("cache-control", "no-cache".to_owned()),
        (own, left.to_string()),
    ]);
    headers.extend(global.map(|global| (global, (size * GLOBAL_FACTOR - (size - left)).to_string())));
    if head.uri.path().to_ascii_lowercase().contains("/providers/microsoft.network/") {
        headers.push(("x-ms-arm-service-request-id", request_id));
    }
    if cx.settings.latency == Latency::Instant {
        // HashiCorp's SDK for Go waits ten seconds between polls unless it is told not to.
        headers.push(("x-go-azure-sdk-skip-polling-delay", "true".to_owned()));
    }
    if given("x-ms-return-client-request-id").is_some_and(|v| v.eq_ignore_ascii_case("true"))
        && let Some(id) = given("x-ms-client-request-id")
    {
        headers.push(("x-ms-client-request-id", id));
    }

    let mut bytes = Vec::new();
    if let Some(body) = &answer.body {
        headers.push(("content-type", "application/json; charset=utf-8".to_owned()));
        if head.method != Method::HEAD {
            bytes = body.to_string().into_bytes();
        }
    }
    let mut response = Response::new(bytes);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    for (name, value) in headers {
        // What comes from the client (a host, a correlation id) was a header value before.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    Ok(response)
}

/// `ResourceGroupNotFound`, as the front door says it.
pub(super) fn no_resource_group(name: &str) -> Refusal {
    Refusal::new(404, "ResourceGroupNotFound", format!("Resource group '{name}' could not be found."))
        .gateway()
}

/// `ResourceNotFound`, as the front door says it for a GET.
pub(super) fn no_resource(id: &crate::kinds::ResourceId) -> Refusal {
    if id.resource_type().eq_ignore_ascii_case(ROLE_ASSIGNMENT.resource_type) {
        let message = format!("The role assignment '{}' is not found.", id.name());
        return Refusal::new(404, "RoleAssignmentNotFound", message);
    }
    let text = id.as_str();
    let tail = id.canonical().rfind("/providers/").map_or(text, |at| &text[at + "/providers/".len()..]);
    let place = id
        .resource_group_name()
        .map_or_else(|| "subscription".to_owned(), |name| format!("resource group '{name}'"));
    Refusal::new(
        404,
        "ResourceNotFound",
        format!(
            "The Resource '{tail}' under {place} was not found. For more details please go to \
             https://aka.ms/ARMResourceNotFoundFix"
        ),
    )
    .gateway()
}
