//! Long-running operations, in every style that ARM's services have.
//!
//! What a service announces decides, not what its kind is said to do:
//! `Azure-AsyncOperation` before `Location` before the resource's own
//! `provisioningState` (resource provider contract, "asynchronous operations",
//! and what Microsoft's own clients follow).

use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use serde_json::Value as Json;
use url::Url;

use super::exchange::{Exchange, Outgoing, header};
use super::fresh::UNSEEN_AT_MOST;
use super::refusal::Refusal;
use super::transport::Response;
use super::{Cause, Error, News};
use crate::kinds::ResourceId;

/// The first pause between two looks at an operation whose service names none;
/// it doubles up to [`PAUSE_MOST`]. Much of what ARM does is done in seconds.
const PAUSE_FIRST: Duration = Duration::from_secs(1);

/// The longest such pause. The contract says a minute where nothing is said,
/// Microsoft's Go client takes ten seconds.
const PAUSE_MOST: Duration = Duration::from_secs(10);

/// How long a resource may still be seen after its deletion ended. Private DNS
/// links and network interfaces have been seen minutes later.
const LINGERS_AT_MOST: Duration = Duration::from_secs(600);

/// Where the end of an operation shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// At an operation, whose status it is; `result` has a POST's outcome.
    Operation { url: Url, result: Option<Url> },
    /// At a url that answers 202 until it has the outcome.
    Location(Url),
    /// At the resource itself.
    Resource,
}

/// How far something has come.
enum State {
    Running,
    Done,
    Failed(Refusal),
}

/// Whether the first answer to a write is its last, or where to look on.
pub(super) fn watch(
    exchange: &Exchange<'_>,
    method: &Method,
    resource: &Url,
    first: &Response,
) -> Result<Option<Watch>, Error> {
    let announced =
        |name: &str| header(first.headers(), name).map(|text| own_url(exchange, resource, text)).transpose();
    let elsewhere = |url: &Url| !url.path().eq_ignore_ascii_case(resource.path());
    let operation = announced("azure-asyncoperation")?;
    // The location of a resource that was made at once is the resource.
    let location = announced("location")?;
    if let Some(url) = operation.filter(elsewhere) {
        let result = location.filter(|url| *method == Method::POST && elsewhere(url));
        return Ok(Some(Watch::Operation { url, result }));
    }
    if let Some(url) = location.filter(elsewhere) {
        return Ok(Some(Watch::Location(url)));
    }
    if *method == Method::POST || *method == Method::DELETE {
        return Ok(None);
    }
    let body = exchange.json(first)?;
    if body.is_null() {
        return Ok(Some(Watch::Resource));
    }
    match provisioning(&body) {
        State::Running => Ok(Some(Watch::Resource)),
        State::Done if first.status() == StatusCode::ACCEPTED => Ok(Some(Watch::Resource)),
        State::Done => Ok(None),
        State::Failed(refusal) => Err(exchange.error(Cause::Refused(refusal))),
    }
}

/// Reads what may not be there: `None` where ARM says so, and not only a
/// replica that has not heard of what this process just wrote.
pub(super) async fn seek(
    exchange: &mut Exchange<'_>,
    id: &ResourceId,
    url: &Url,
) -> Result<Option<Response>, Error> {
    let mut pace = Pace::default();
    loop {
        let seen = exchange.look(url).await?;
        if seen.is_some() || !exchange.shared.fresh.may_be_unseen(id, exchange.now()) {
            return Ok(seen);
        }
        exchange.wait(pace.next(None)).await?;
    }
}

/// A url that an answer names, if it is on the endpoint: no token goes elsewhere.
pub(super) fn own_url(exchange: &Exchange<'_>, base: &Url, text: &str) -> Result<Url, Error> {
    let unreadable = |what: String| exchange.error(Cause::Unreadable(what));
    let url = base.join(text).map_err(|error| unreadable(format!("a url in the answer: {error}")))?;
    if url.origin() != exchange.shared.settings.endpoint.origin() {
        let host = url.host_str().unwrap_or("another host").to_owned();
        return Err(unreadable(format!("it points to {host}, where no token of ours goes")));
    }
    Ok(url)
}

/// Follows an operation to its end and returns what it left behind, null where
/// it left nothing.
pub(super) async fn follow(
    exchange: &mut Exchange<'_>,
    watch: &Watch,
    first: &Response,
    deletes: bool,
) -> Result<Json, Error> {
    let (url, result) = match watch {
        Watch::Operation { url, result } => (url, result.as_ref()),
        Watch::Location(url) => (url, None),
        Watch::Resource => return Ok(Json::Null),
    };
    let mut pace = Pace::default();
    let mut pause = pace.next(exchange.asked(first));
    let started = exchange.now();
    loop {
        exchange.wait(pause).await?;
        let answer = exchange.send(&Outgoing::get(url.clone())).await?;
        pause = pace.next(exchange.asked(&answer));
        match answer.status() {
            StatusCode::ACCEPTED => exchange.tell(running(exchange.json(&answer).ok().as_ref())),
            StatusCode::NOT_FOUND => {
                // With what it deletes, an operation may go too. Otherwise a
                // replica has not heard of it, or it has been forgotten, and
                // the resource itself has the last word.
                if deletes || elapsed(exchange, started) >= UNSEEN_AT_MOST {
                    return Ok(Json::Null);
                }
            }
            status if status.is_success() => {
                let body = exchange.json(&answer)?;
                match status_of(&body) {
                    State::Running => exchange.tell(running(Some(&body))),
                    State::Failed(refusal) => return Err(exchange.error(Cause::Refused(refusal))),
                    State::Done => {
                        return match (watch, result) {
                            (Watch::Location(_), _) => Ok(body),
                            (_, Some(url)) => outcome(exchange, url).await,
                            _ => Ok(body.get("properties").cloned().unwrap_or_default()),
                        };
                    }
                }
            }
            _ => return Err(exchange.refused(&answer)),
        }
    }
}

/// What a finished operation answers with, where it says so at a second url.
async fn outcome(exchange: &mut Exchange<'_>, url: &Url) -> Result<Json, Error> {
    let answer = exchange.send(&Outgoing::get(url.clone())).await?;
    match answer.status() {
        StatusCode::NOT_FOUND => Ok(Json::Null),
        status if status.is_success() => exchange.json(&answer),
        _ => Err(exchange.refused(&answer)),
    }
}

/// Reads a resource that was just written until it stands, and returns it. At
/// once where its operation has ended; a while after `first` where there is none.
pub(super) async fn settle(
    exchange: &mut Exchange<'_>,
    resource: &Url,
    first: Option<&Response>,
) -> Result<Json, Error> {
    let mut pace = Pace::default();
    let mut pause = first.map(|first| pace.next(exchange.asked(first)));
    let started = exchange.now();
    loop {
        if let Some(pause) = pause {
            exchange.wait(pause).await?;
        }
        let answer = exchange.send(&Outgoing::get(resource.clone())).await?;
        pause = Some(pace.next(exchange.asked(&answer)));
        if answer.status().is_success() {
            let body = exchange.json(&answer)?;
            match provisioning(&body) {
                State::Running => exchange.tell(running(Some(&body))),
                State::Done => return Ok(body),
                State::Failed(refusal) => return Err(exchange.error(Cause::Refused(refusal))),
            }
        } else if !exchange.absent(&answer)? {
            return Err(exchange.refused(&answer));
        } else if elapsed(exchange, started) >= UNSEEN_AT_MOST {
            return Err(exchange.error(Cause::Unreadable(format!(
                "the resource is not found {} minutes after ARM took it",
                UNSEEN_AT_MOST.as_secs() / 60
            ))));
        }
    }
}

/// Reads a resource until it is gone.
pub(super) async fn vanish(exchange: &mut Exchange<'_>, resource: &Url) -> Result<(), Error> {
    let mut pace = Pace::default();
    let mut lingers: Option<SystemTime> = None;
    loop {
        let Some(answer) = exchange.look(resource).await? else { return Ok(()) };
        // While it is being deleted the deadline alone is the bound.
        let body = exchange.json(&answer)?;
        if let State::Running = provisioning(&body) {
            exchange.tell(running(Some(&body)));
            lingers = None;
        } else {
            let since = *lingers.get_or_insert(exchange.now());
            if elapsed(exchange, since) >= LINGERS_AT_MOST {
                return Err(exchange.error(Cause::Unreadable(format!(
                    "the resource is still there {} minutes after ARM said that it is deleted",
                    LINGERS_AT_MOST.as_secs() / 60
                ))));
            }
        }
        let pause = pace.next(exchange.asked(&answer));
        exchange.wait(pause).await?;
    }
}

/// Waits until another's operation, which is in our way, has ended somehow.
pub(super) async fn outlast(exchange: &mut Exchange<'_>, url: &Url, within: Duration) -> Result<(), Error> {
    let mut pace = Pace::default();
    let started = exchange.now();
    while elapsed(exchange, started) < within {
        let answer = exchange.send(&Outgoing::get(url.clone())).await?;
        let running = answer.status() == StatusCode::ACCEPTED
            || (answer.status().is_success()
                && matches!(status_of(&exchange.json(&answer)?), State::Running));
        if !running {
            break;
        }
        let pause = pace.next(exchange.asked(&answer));
        exchange.wait(pause).await?;
    }
    Ok(())
}

fn elapsed(exchange: &Exchange<'_>, since: SystemTime) -> Duration {
    exchange.now().duration_since(since).unwrap_or_default()
}

/// How far an operation, or a resource, says that it is.
fn running(body: Option<&Json>) -> News {
    let at = |pointer: &str| body.and_then(|body| body.pointer(pointer));
    let status = at("/status").or_else(|| at("/properties/provisioningState")).and_then(Json::as_str);
    let percent = at("/percentComplete").or_else(|| at("/properties/percentComplete")).and_then(Json::as_f64);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 100")]
    let percent = percent.map(|percent| percent.clamp(0.0, 100.0) as u8);
    News::Running { status: status.unwrap_or("Accepted").to_owned(), percent }
}

/// How an operation's body says that it stands: `status`, or else as a resource.
fn status_of(body: &Json) -> State {
    match body.get("status").and_then(Json::as_str) {
        Some(status) => state(status, body),
        None => provisioning(body),
    }
}

/// How a resource's body says that it stands. None is the same as succeeded.
fn provisioning(body: &Json) -> State {
    match body.pointer("/properties/provisioningState").and_then(Json::as_str) {
        Some(status) => state(status, body),
        None => State::Done,
    }
}

/// Exactly three words are an end; every other is on the way (resource provider
/// contract). Both spellings of the third occur.
fn state(word: &str, body: &Json) -> State {
    match word.to_ascii_lowercase().as_str() {
        "succeeded" => State::Done,
        "failed" | "canceled" | "cancelled" => State::Failed(failure(word, body)),
        _ => State::Running,
    }
}

/// Why something failed: ARM's error, wherever the body has it.
fn failure(word: &str, body: &Json) -> Refusal {
    let at = |pointer: &str| body.pointer(pointer).and_then(|json| Refusal::of_body(200, json));
    Refusal::of_body(200, body)
        .or_else(|| at("/properties"))
        .or_else(|| at("/properties/provisioningErrors/0"))
        .or_else(|| at("/properties/errors/0"))
        .or_else(|| at("/properties/provisioningError"))
        .unwrap_or_else(|| Refusal {
            status: 200,
            code: word.to_owned(),
            message: "ARM gives no reason; the resource's activity log may".to_owned(),
            target: None,
            details: Vec::new(),
        })
}

/// The pauses between looks.
#[derive(Default)]
struct Pace(u32);

impl Pace {
    fn next(&mut self, asked: Option<Duration>) -> Duration {
        let own = PAUSE_FIRST.saturating_mul(1 << self.0.min(16)).min(PAUSE_MOST);
        self.0 += 1;
        asked.unwrap_or(own)
    }
}
