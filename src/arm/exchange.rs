//! One call's requests, each carried to its answer: leave from the throttle,
//! token, retries, stop and deadline.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, IF_MATCH, USER_AGENT};
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value as Json;
use tokio::sync::Semaphore;
use url::Url;
use uuid::Uuid;

use super::client::Settings;
use super::fresh::Fresh;
use super::refusal::Refusal;
use super::retry::{self, Trouble};
use super::throttle::{Class, Throttle};
use super::transport::{Request, Response};
use super::{Call, Cause, Error, News, races, redact};

/// The operation that a request belongs to (resource provider contract).
const CORRELATION: HeaderName = HeaderName::from_static("x-ms-correlation-request-id");
/// The request's own id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
/// Has ARM answer with the request's own id.
const RETURN_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-return-client-request-id");

/// What all clones of a client share.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) throttle: Throttle,
    pub(super) flights: Semaphore,
    pub(super) fresh: Fresh,
    /// Tells the requests of one operation apart.
    pub(super) sequence: AtomicU64,
}

/// What to send.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: Option<Vec<u8>>,
    pub(super) if_match: Option<HeaderValue>,
}

impl Outgoing {
    pub(super) fn get(url: Url) -> Self {
        Self { method: Method::GET, url, body: None, if_match: None }
    }
}

/// The requests of one verb on one resource.
pub(super) struct Exchange<'a> {
    pub(super) shared: &'a Shared,
    call: &'a Call,
    method: Method,
    path: String,
    started: SystemTime,
    tries: u32,
    /// How often the last look was sent that followed the verb itself.
    polled: u32,
    correlation_id: Option<String>,
    /// What the last request was authorized with, so that no error repeats it.
    sent: Option<HeaderValue>,
    /// What was told last.
    told: Option<News>,
    /// What the last answer said, where it is tried again.
    pub(super) trouble: Option<String>,
    /// How long the last answer asks to wait, if it was one of a race.
    pub(super) race_pause: Option<Duration>,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(shared: &'a Shared, call: &'a Call, method: Method, path: &str) -> Self {
        let started = shared.settings.clock.now();
        Self {
            shared,
            call,
            method,
            path: path.to_owned(),
            started,
            tries: 0,
            polled: 0,
            correlation_id: None,
            sent: None,
            told: None,
            trouble: None,
            race_pause: None,
        }
    }

    pub(super) fn now(&self) -> SystemTime {
        self.shared.settings.clock.now()
    }

    /// Tells whoever listens; how an operation stands, where that has changed.
    pub(super) fn tell(&mut self, news: News) {
        let Some(listener) = &self.call.listener else { return };
        let known = matches!(news, News::Running { .. }) && self.told.as_ref() == Some(&news);
        if !known {
            listener.hear(news.clone());
            self.told = Some(news);
        }
    }

    /// An error that tells of all that was done so far, and no secret.
    pub(super) fn error(&self, cause: Cause) -> Error {
        Error {
            cause: redact::cause(cause, self.sent.as_ref()),
            request: format!("{} {}", self.method, self.path),
            correlation_id: self.correlation_id.clone().or_else(|| Some(self.call.correlation.to_string())),
            tries: self.tries.max(self.polled),
            elapsed: self.now().duration_since(self.started).unwrap_or_default(),
        }
    }

    fn timed_out(&self) -> Error {
        self.error(Cause::TimedOut(self.trouble.clone()))
    }

    /// Ends with an error once Terraform stops us or the deadline has passed.
    fn go_on(&self) -> Result<(), Error> {
        if self.call.cancel.is_cancelled() {
            return Err(self.error(Cause::Stopped));
        }
        if self.call.deadline.is_some_and(|deadline| self.now() >= deadline) {
            return Err(self.timed_out());
        }
        Ok(())
    }

    /// Does something that may be given up on at any moment.
    async fn unless_stopped<T>(&self, act: impl Future<Output = T>) -> Result<T, Error> {
        self.go_on()?;
        let deadline = async {
            match self.call.deadline {
                Some(deadline) => {
                    let left = deadline.duration_since(self.now()).unwrap_or_default();
                    self.shared.settings.clock.sleep(left).await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.call.cancel.cancelled() => Err(self.error(Cause::Stopped)),
            done = act => Ok(done),
            () = deadline => Err(self.timed_out()),
        }
    }

    /// Waits. A server that asks for no wait at all still lets others go first.
    pub(super) async fn wait(&self, pause: Duration) -> Result<(), Error> {
        if pause.is_zero() {
            tokio::task::yield_now().await;
            return self.go_on();
        }
        self.unless_stopped(self.shared.settings.clock.sleep(pause)).await
    }

    /// Lets others write where this call writes.
    pub(super) fn give_way(&self) {
        if let Some(turn) = &self.call.turn {
            turn.give_way();
        }
    }

    /// Waits until nobody else writes there.
    pub(super) async fn come_back(&self) -> Result<(), Error> {
        match &self.call.turn {
            Some(turn) => self.unless_stopped(turn.come_back()).await,
            None => Ok(()),
        }
    }

    /// How long the server asks to wait before the next request, where it says.
    pub(super) fn asked(&self, response: &Response) -> Option<Duration> {
        retry::asked(response.headers(), self.now())
    }

    /// Sends until an answer comes that is worth no further try, whatever it is.
    pub(super) async fn send(&mut self, outgoing: &Outgoing) -> Result<Response, Error> {
        let class = Class::of(&outgoing.method);
        let subscription = subscription(&outgoing.url);
        let throttle = &self.shared.throttle;
        // Another trouble than the last is news, and counted anew.
        let (mut tries, mut in_a_row, mut met) = (0, 0, None);
        loop {
            while let Err(pause) = throttle.take(subscription, class, self.now()) {
                self.wait(pause).await?;
            }
            let id = self.request_id(outgoing);
            let request = self.request(outgoing, id).await?;
            self.sent = request.headers().get(AUTHORIZATION).cloned();
            tries += 1;
            if outgoing.method == self.method {
                self.tries += 1;
            } else {
                self.polled = tries;
            }
            let (trouble, outcome) = match self.once(outgoing, request).await? {
                Ok(response) => {
                    throttle.learn(subscription, class, self.now(), response.headers());
                    self.correlation_id = header(response.headers(), CORRELATION.as_str())
                        .map(str::to_owned)
                        .or(self.correlation_id.take());
                    (Trouble::Answered(response.status()), Ok(response))
                }
                Err(error) => {
                    let trouble = if error.unsent { Trouble::Unsent } else { Trouble::Lost };
                    (trouble, Err(self.error(Cause::Unreachable(error.message))))
                }
            };
            in_a_row = if met == Some(trouble) { in_a_row + 1 } else { 1 };
            met = Some(trouble);
            // A neighbour's write in the way is no trouble of the wire: see `races`.
            let race = outcome.as_ref().is_ok_and(|response| {
                !response.status().is_success() && races::find(&outgoing.method, &refusal(response)).is_some()
            });
            let asked = outcome.as_ref().ok().and_then(|response| self.asked(response));
            self.race_pause = asked.filter(|_| race);
            if race || !retry::again(&outgoing.method, trouble, in_a_row, tries) {
                self.trouble = None;
                return outcome;
            }
            let pause = asked.unwrap_or_else(|| retry::pause(tries, id));
            if trouble == Trouble::Answered(StatusCode::TOO_MANY_REQUESTS) {
                throttle.pause(subscription, class, self.now(), pause);
            }
            let failure = outcome.as_ref().map_or_else(Error::clone, |response| self.refused(response));
            let code = failure.code().unwrap_or("no answer").to_owned();
            self.trouble = Some(failure.to_string());
            self.tell(News::Retrying { code, pause });
            self.wait(pause).await?;
        }
    }

    /// As [`Exchange::send`]; a refusal is an error.
    pub(super) async fn ask(&mut self, outgoing: &Outgoing) -> Result<Response, Error> {
        let response = self.send(outgoing).await?;
        if response.status().is_success() { Ok(response) } else { Err(self.refused(&response)) }
    }

    /// Reads what may not be there: `None` where ARM says so.
    pub(super) async fn look(&mut self, url: &Url) -> Result<Option<Response>, Error> {
        let response = self.send(&Outgoing::get(url.clone())).await?;
        if response.status().is_success() {
            Ok(Some(response))
        } else if self.absent(&response)? {
            Ok(None)
        } else {
            Err(self.refused(&response))
        }
    }

    /// Whether an answer says that the resource does not exist.
    ///
    /// A 404 that is about the subscription or the type says nothing about the
    /// resource, and one that is not JSON comes from something in between: to
    /// take either for an absence would make us create or forget things.
    pub(super) fn absent(&self, response: &Response) -> Result<bool, Error> {
        if response.status() != StatusCode::NOT_FOUND {
            return Ok(false);
        }
        let blank = response.body().iter().all(u8::is_ascii_whitespace);
        if !blank && serde_json::from_slice::<serde::de::IgnoredAny>(response.body()).is_err() {
            let text = refusal(response).message;
            return Err(self.error(Cause::Unreadable(format!("404 without ARM's error body: {text}"))));
        }
        let code = refusal(response).code;
        Ok(!ABSENT_SOMETHING_ELSE.iter().any(|other| code.eq_ignore_ascii_case(other)))
    }

    pub(super) fn refused(&self, response: &Response) -> Error {
        if response.status().is_redirection() {
            let cause = Cause::Unreadable(format!("{}: ARM redirects nobody", response.status()));
            return self.error(cause);
        }
        self.error(Cause::Refused(refusal(response)))
    }

    /// The body as JSON, null where it is empty.
    pub(super) fn json(&self, response: &Response) -> Result<Json, Error> {
        let body = response.body();
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Json::Null);
        }
        serde_json::from_slice(body).map_err(|error| {
            let status = response.status().as_u16();
            self.error(Cause::Unreadable(format!("{status} with a body that is not JSON: {error}")))
        })
    }

    /// Unique, and without randomness: a name in the space of the operation's id.
    fn request_id(&self, outgoing: &Outgoing) -> Uuid {
        let number = self.shared.sequence.fetch_add(1, Ordering::Relaxed);
        let name = format!("{number} {} {}", outgoing.method, outgoing.url.path());
        Uuid::new_v5(&self.call.correlation, name.as_bytes())
    }

    async fn request(&self, outgoing: &Outgoing, id: Uuid) -> Result<Request, Error> {
        let malformed = |error: &dyn std::fmt::Display| {
            self.error(Cause::Unreachable(format!("the request could not be made: {error}")))
        };
        let mut request = http::Request::builder()
            .method(outgoing.method.clone())
            .uri(outgoing.url.as_str())
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, self.shared.settings.user_agent.as_str())
            .header(CORRELATION, self.call.correlation.to_string())
            .header(REQUEST_ID, id.to_string())
            .header(RETURN_REQUEST_ID, "true")
            .body(outgoing.body.clone().unwrap_or_default())
            .map_err(|error| malformed(&error))?;
        if outgoing.body.is_some() {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(etag) = &outgoing.if_match {
            request.headers_mut().insert(IF_MATCH, etag.clone());
        }
        let signed_in = self.unless_stopped(self.shared.settings.authorize.authorize(&mut request)).await?;
        signed_in.map_err(|message| self.error(Cause::SignIn(message)))?;
        Ok(request)
    }

    /// One try. A read may be abandoned at any moment; a write that is under way
    /// is waited for, as only its answer says what became of it.
    async fn once(
        &self,
        outgoing: &Outgoing,
        request: Request,
    ) -> Result<Result<Response, super::TransportError>, Error> {
        // The semaphore is never closed, so that its error cannot happen.
        let permit = self.unless_stopped(self.shared.flights.acquire()).await?;
        self.go_on()?;
        let sent = self.now();
        let settings = &self.shared.settings;
        let outcome = if outgoing.method == Method::GET {
            self.unless_stopped(settings.transport.send(request)).await?
        } else {
            settings.transport.send(request).await
        };
        drop(permit);
        let millis = self.now().duration_since(sent).unwrap_or_default().as_millis();
        let status = outcome.as_ref().map(|response| response.status().as_u16()).unwrap_or_default();
        // The path only: queries of operations carry signatures.
        tracing::trace!(method = %outgoing.method, path = outgoing.url.path(), status, millis, "request");
        Ok(outcome)
    }
}

/// Codes of a 404 that is not about the resource itself.
const ABSENT_SOMETHING_ELSE: &[&str] = &[
    "SubscriptionNotFound",
    "InvalidSubscriptionId",
    "SubscriptionNotRegistered",
    "InvalidResourceType",
    "InvalidResourceNamespace",
    "NoRegisteredProviderFound",
    "TenantNotFound",
];

fn refusal(response: &Response) -> Refusal {
    Refusal::of_answer(response.status(), response.headers(), response.body())
}

pub(super) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The subscription that a request counts against.
fn subscription(url: &Url) -> &str {
    let mut segments = url.path().trim_start_matches('/').split('/');
    match segments.next() {
        Some(first) if first.eq_ignore_ascii_case("subscriptions") => segments.next().unwrap_or_default(),
        _ => "",
    }
}
