//! The verbs of ARM, each carried through to its end.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::SystemTime;

use async_trait::async_trait;
use http::{HeaderValue, Method};
use serde_json::Value as Json;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use super::exchange::{Exchange, Outgoing, Shared};
use super::fresh::Fresh;
use super::operation::{self, Watch};
use super::races::{self, Patience};
use super::throttle::{Limits, Throttle};
use super::{Authorize, Cause, Clock, Error, Listener, News, Transport};
use crate::kinds::{Kind, ResourceId};

/// The most pages of one list. ARM's pages hold hundreds; a list this long is
/// one that never ends.
const PAGES_MOST: usize = 1000;

/// What one composite operation carries through all its requests.
#[derive(Clone)]
pub struct Call {
    /// Ends waits and starts no new request once cancelled (Terraform's Stop).
    pub cancel: CancellationToken,
    /// When to give up (the `timeouts` block).
    pub deadline: Option<SystemTime>,
    /// `x-ms-correlation-request-id`, shared by all requests of the operation.
    pub correlation: Uuid,
    /// Who hears what the call waits for.
    pub listener: Option<Arc<dyn Listener>>,
    /// Whose turn it is to write where the call writes.
    pub turn: Option<Arc<dyn Turn>>,
}

/// The turn of one call among those that may not write at once.
///
/// What a deletion waits for may be the very writers that wait for their turn
/// behind it, so a call that waits out a race lets others go first.
#[async_trait]
pub trait Turn: Send + Sync {
    /// Lets others go first.
    fn give_way(&self);
    /// Waits until it is this call's turn again.
    async fn come_back(&self);
}

impl Call {
    /// A call that nothing ends but itself.
    #[must_use]
    pub fn new(correlation: Uuid) -> Self {
        Self { cancel: CancellationToken::new(), deadline: None, correlation, listener: None, turn: None }
    }
}

/// The body of a write. It may hold secrets, so it cannot be printed.
pub struct Body(pub Json);

/// Under which condition a PUT may write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Whatever stands there.
    Always,
    /// Only if what stands there still has this etag.
    Match(String),
}

/// What a client is made of.
pub struct Settings {
    /// The cloud's resource manager: [`super::Cloud::resource_manager`].
    pub endpoint: Url,
    /// Whose requests they are.
    pub authorize: Arc<dyn Authorize>,
    /// The network, or the simulator.
    pub transport: Arc<dyn Transport>,
    /// What all waits go by.
    pub clock: Arc<dyn Clock>,
    /// `terraform-provider-amlsecure/0.1.0 (...)`.
    pub user_agent: String,
    /// How much is asked of ARM at most.
    pub limits: Limits,
}

/// Speaks to one ARM endpoint as one principal. Cheap to clone; all clones
/// share one budget of requests.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

impl Client {
    /// A client that has not sent anything yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            shared: Arc::new(Shared {
                throttle: Throttle::new(settings.limits),
                fresh: Fresh::default(),
                flights: Semaphore::new(settings.limits.in_flight.clamp(1, Semaphore::MAX_PERMITS)),
                sequence: AtomicU64::new(0),
                settings,
            }),
        }
    }

    /// Reads a resource; `None` where ARM says that it does not exist. A 404
    /// about the subscription or the type, or one that ARM did not write, is an
    /// error: it says nothing about the resource.
    pub async fn get(&self, call: &Call, kind: &Kind, id: &ResourceId) -> Result<Option<Json>, Error> {
        let mut exchange = self.exchange(call, Method::GET, id.as_str());
        let url = self.url(&exchange, id.as_str(), kind.api_version, &[])?;
        match operation::seek(&mut exchange, id, &url).await? {
            None => Ok(None),
            Some(answer) => match exchange.json(&answer)? {
                body @ Json::Object(_) => Ok(Some(body)),
                _ => Err(exchange.error(Cause::Unreadable("a resource without a body".to_owned()))),
            },
        }
    }

    /// All resources of `kind` directly in `scope` (a resource group, or the
    /// parent resource), every page. A scope that does not exist holds none.
    /// Lists lag behind writes by seconds.
    pub async fn list(&self, call: &Call, kind: &Kind, scope: &ResourceId) -> Result<Vec<Json>, Error> {
        let member = scope.child(kind, "_");
        let path = member.as_str().strip_suffix("/_").unwrap_or(member.as_str());
        let mut exchange = self.exchange(call, Method::GET, path);
        let url = self.url(&exchange, path, kind.api_version, &[])?;
        let mut items = pages(&mut exchange, url).await?;
        // Some lists, of role assignments for one, hold what is above and below too.
        items.retain(|item| {
            ResourceId::of(item).is_none_or(|id| id.parent().is_none_or(|parent| parent == *scope))
        });
        Ok(items)
    }

    /// Creates or replaces a resource, waits until it stands, and returns it
    /// as a GET shows it then.
    pub async fn put(
        &self,
        call: &Call,
        kind: &Kind,
        id: &ResourceId,
        body: &Body,
        condition: &Condition,
    ) -> Result<Json, Error> {
        self.put_asking(call, (kind, id, &[]), body, condition).await
    }

    /// As [`Client::put`], with a query besides the api-version.
    pub async fn put_asking(
        &self,
        call: &Call,
        at: (&Kind, &ResourceId, &[(&str, &str)]),
        body: &Body,
        condition: &Condition,
    ) -> Result<Json, Error> {
        self.write(call, Method::PUT, at, body, condition).await
    }

    /// Changes some properties of a resource; otherwise as [`Client::put`].
    pub async fn patch(&self, call: &Call, kind: &Kind, id: &ResourceId, body: &Body) -> Result<Json, Error> {
        self.write(call, Method::PATCH, (kind, id, &[]), body, &Condition::Always).await
    }

    async fn write(
        &self,
        call: &Call,
        method: Method,
        (kind, id, query): (&Kind, &ResourceId, &[(&str, &str)]),
        body: &Body,
        condition: &Condition,
    ) -> Result<Json, Error> {
        let mut exchange = self.exchange(call, method.clone(), id.as_str());
        let if_match = match condition {
            Condition::Always => None,
            Condition::Match(etag) => Some(HeaderValue::from_str(etag).map_err(|_| {
                exchange.error(Cause::Unreadable("an etag that no header can carry".to_owned()))
            })?),
        };
        let outgoing = Outgoing {
            method,
            url: self.url(&exchange, id.as_str(), kind.api_version, query)?,
            body: Some(body.0.to_string().into_bytes()),
            if_match,
        };
        let mut patience = Patience::default();
        loop {
            let failure = match write_once(&mut exchange, &outgoing).await {
                Ok(resource) => {
                    self.shared.fresh.written(id, exchange.now());
                    return Ok(resource);
                }
                Err(failure) => failure,
            };
            let url = &outgoing.url;
            repeat(&mut exchange, &outgoing.method, url, &mut patience, failure).await?;
        }
    }

    /// Deletes a resource and returns when a GET no longer finds it. One that
    /// does not exist is deleted.
    pub async fn delete(
        &self,
        call: &Call,
        kind: &Kind,
        id: &ResourceId,
        query: &[(&str, &str)],
    ) -> Result<(), Error> {
        let mut exchange = self.exchange(call, Method::DELETE, id.as_str());
        let url = self.url(&exchange, id.as_str(), kind.api_version, query)?;
        let resource = self.url(&exchange, id.as_str(), kind.api_version, &[])?;
        let outgoing = Outgoing { method: Method::DELETE, url, body: None, if_match: None };
        let mut patience = Patience::default();
        loop {
            match delete_once(&mut exchange, &outgoing, &resource).await {
                Ok(()) => {
                    self.shared.fresh.deleted(id);
                    return Ok(());
                }
                Err(failure) => {
                    repeat(&mut exchange, &outgoing.method, &resource, &mut patience, failure).await?;
                }
            }
        }
    }

    /// Posts to a path below the endpoint (`/subscriptions/...`, with a query or
    /// not), waits for the end, and returns the final body, null where it is
    /// empty.
    pub async fn post(
        &self,
        call: &Call,
        path: &str,
        api_version: &str,
        body: Option<&Body>,
    ) -> Result<Json, Error> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut exchange = self.exchange(call, Method::POST, path);
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let query: Vec<_> = query.iter().map(|(name, value)| (&**name, &**value)).collect();
        let outgoing = Outgoing {
            method: Method::POST,
            url: self.url(&exchange, path, api_version, &query)?,
            body: body.map(|body| body.0.to_string().into_bytes()),
            if_match: None,
        };
        let mut patience = Patience::default();
        loop {
            match post_once(&mut exchange, &outgoing).await {
                Ok(outcome) => return Ok(outcome),
                Err(failure) => {
                    let url = &outgoing.url;
                    repeat(&mut exchange, &outgoing.method, url, &mut patience, failure).await?;
                }
            }
        }
    }

    /// Reads a path below the endpoint that is of no kind of ours (a soft-deleted
    /// vault, the service tags of a region); otherwise as [`Client::get`].
    pub async fn read(&self, call: &Call, path: &str, api_version: &str) -> Result<Option<Json>, Error> {
        let mut exchange = self.exchange(call, Method::GET, path);
        let url = self.url(&exchange, path, api_version, &[])?;
        match exchange.look(&url).await? {
            None => Ok(None),
            Some(answer) => exchange.json(&answer).map(Some),
        }
    }

    /// Reads a list below the endpoint that is of no kind of ours, every page
    /// and every item; none where it does not exist.
    pub async fn read_all(&self, call: &Call, path: &str, api_version: &str) -> Result<Vec<Json>, Error> {
        let mut exchange = self.exchange(call, Method::GET, path);
        let url = self.url(&exchange, path, api_version, &[])?;
        pages(&mut exchange, url).await
    }

    /// Waits by the client's clock within the bounds of `call`.
    pub async fn wait(&self, call: &Call, path: &str, pause: std::time::Duration) -> Result<(), Error> {
        self.exchange(call, Method::GET, path).wait(pause).await
    }

    fn exchange<'a>(&'a self, call: &'a Call, method: Method, path: &str) -> Exchange<'a> {
        Exchange::new(&self.shared, call, method, path)
    }

    /// The url of a path below the endpoint. Names are escaped as needed; a
    /// path that would leave its place (`..`) is refused.
    fn url(
        &self,
        exchange: &Exchange<'_>,
        path: &str,
        api_version: &str,
        query: &[(&str, &str)],
    ) -> Result<Url, Error> {
        if !path.starts_with('/') || path.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(exchange.error(Cause::Unreachable("this is no path of a resource".to_owned())));
        }
        let mut url = self.shared.settings.endpoint.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        url.set_query(None);
        url.query_pairs_mut().append_pair("api-version", api_version).extend_pairs(query);
        Ok(url)
    }
}

async fn write_once(exchange: &mut Exchange<'_>, outgoing: &Outgoing) -> Result<Json, Error> {
    let first = exchange.ask(outgoing).await?;
    match operation::watch(exchange, &outgoing.method, &outgoing.url, &first)? {
        None => exchange.json(&first),
        Some(Watch::Resource) => operation::settle(exchange, &outgoing.url, Some(&first)).await,
        Some(watch) => {
            operation::follow(exchange, &watch, &first, false).await?;
            operation::settle(exchange, &outgoing.url, None).await
        }
    }
}

async fn delete_once(exchange: &mut Exchange<'_>, outgoing: &Outgoing, resource: &Url) -> Result<(), Error> {
    let first = exchange.send(outgoing).await?;
    if exchange.absent(&first)? {
        return Ok(());
    }
    if !first.status().is_success() {
        return Err(exchange.refused(&first));
    }
    if let Some(watch) = operation::watch(exchange, &outgoing.method, resource, &first)? {
        operation::follow(exchange, &watch, &first, true).await?;
    }
    operation::vanish(exchange, resource).await
}

async fn post_once(exchange: &mut Exchange<'_>, outgoing: &Outgoing) -> Result<Json, Error> {
    let first = exchange.ask(outgoing).await?;
    match operation::watch(exchange, &outgoing.method, &outgoing.url, &first)? {
        None => exchange.json(&first),
        Some(watch) => operation::follow(exchange, &watch, &first, false).await,
    }
}

/// Waits until a refused call is worth repeating, or returns its error.
async fn repeat(
    exchange: &mut Exchange<'_>,
    method: &Method,
    base: &Url,
    patience: &mut Patience,
    failure: Error,
) -> Result<(), Error> {
    let Some(refusal) = failure.refusal() else { return Err(failure) };
    let Some(race) = races::find(method, refusal) else { return Err(failure) };
    let Some(pause) = patience.pause(race, exchange.now()) else { return Err(failure) };
    tracing::debug!(request = failure.request, code = race.code, why = race.why, "repeating");
    let pause = exchange.race_pause.unwrap_or(pause);
    exchange.tell(News::Retrying { code: race.code.to_owned(), pause });
    exchange.trouble = Some(failure.to_string());
    exchange.give_way();
    exchange.wait(pause).await?;
    if let Some(url) = races::blocker(refusal).and_then(|url| operation::own_url(exchange, base, url).ok()) {
        operation::outlast(exchange, &url, race.within).await?;
    }
    exchange.come_back().await
}

/// All items of a list, following `nextLink`. A list that is not there is empty.
async fn pages(exchange: &mut Exchange<'_>, first: Url) -> Result<Vec<Json>, Error> {
    let mut items = Vec::new();
    let mut url = first;
    for _ in 0..PAGES_MOST {
        let Some(answer) = exchange.look(&url).await? else { return Ok(items) };
        let mut page = exchange.json(&answer)?;
        match page.get_mut("value").map(Json::take) {
            Some(Json::Array(more)) => items.extend(more),
            Some(Json::Null) => {}
            _ => {
                return Err(exchange.error(Cause::Unreadable("a page of a list without value".to_owned())));
            }
        }
        // An empty page may have a next one; only the link says (ARM's paging).
        match page.get("nextLink").and_then(Json::as_str).filter(|link| !link.is_empty()) {
            None => return Ok(items),
            Some(link) => url = operation::own_url(exchange, &url, link)?,
        }
    }
    Err(exchange.error(Cause::Unreadable(format!("a list of more than {PAGES_MOST} pages"))))
}
