//! Resources in a map, behind the transport. It refuses what ARM refuses when
//! the order is wrong, and notes what went over the wire.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use amlsecure::arm::{
    Anonymous, Call, Client, Clock, Limits, Request, Response, Settings, Transport, TransportError,
};
use amlsecure::kinds::{self, Access, Node, ResourceId};
use async_trait::async_trait;
use http::Method;
use serde_json::{Value as Json, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::weather::{Strike, Weather};

/// The cloud and what it saw. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Cloud {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    /// By canonical id; subnets stand for themselves, not in their network.
    resources: BTreeMap<String, Json>,
    log: Vec<(Method, String)>,
    bodies: Vec<(String, Json)>,
    revision: u64,
    refused: Vec<Refused>,
    /// Reads that fail: part of an id.
    unreadable: Option<String>,
    /// What lists show instead of what is there.
    lists: Option<BTreeMap<String, Json>>,
    /// A write that comes in between, at the next PUT under a condition.
    interloper: Option<(String, Json)>,
    writing: BTreeSet<String>,
    shared: BTreeMap<String, usize>,
    collisions: Vec<String>,
    weather: Weather,
    /// Resources that no write of ours may touch.
    foreign: BTreeSet<String>,
    /// Whose last read failed: nothing is known of them.
    unread: BTreeSet<String>,
    /// Whom a PUT made, and no deletion has taken away since.
    made: BTreeSet<String>,
    broken: Vec<String>,
}

struct Refused {
    method: Method,
    id: String,
    /// Whether something stands there afterwards all the same, unfinished.
    leaves: bool,
}

struct PausedClock(Instant);

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) + self.0.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "tokio's time is the virtual one here")]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

impl Cloud {
    pub(super) fn client(&self) -> Client {
        Client::new(Settings {
            endpoint: "https://management.azure.com".parse().unwrap(),
            authorize: Arc::new(Anonymous),
            transport: Arc::new(self.clone()),
            clock: Arc::new(PausedClock(Instant::now())),
            user_agent: "tests".to_owned(),
            limits: Limits::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Puts a resource there behind everybody's back.
    pub(super) fn place(&self, id: &ResourceId, body: Json) {
        let mut inner = self.lock();
        let body = inner.stamp(id, body);
        inner.resources.insert(id.canonical(), body);
    }

    /// Takes a resource away behind everybody's back.
    pub(super) fn lose(&self, id: &ResourceId) {
        self.lock().resources.remove(&id.canonical());
    }

    /// Changes a resource behind everybody's back.
    pub(super) fn touch(&self, id: &ResourceId, change: impl FnOnce(&mut Json)) {
        let mut inner = self.lock();
        let mut body = inner.resources[&id.canonical()].clone();
        change(&mut body);
        let body = inner.stamp(id, body);
        inner.resources.insert(id.canonical(), body);
    }

    pub(super) fn body(&self, id: &ResourceId) -> Option<Json> {
        self.lock().show(&id.canonical())
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.lock().resources.keys().cloned().collect()
    }

    /// Refuses every such write from now on.
    pub(super) fn refuse(&self, method: Method, id: &ResourceId, leaves: bool) {
        self.lock().refused.push(Refused { method, id: id.canonical(), leaves });
    }

    pub(super) fn relent(&self) {
        let mut inner = self.lock();
        inner.refused.clear();
        inner.unreadable = None;
    }

    pub(super) fn hide(&self, part_of_id: &str) {
        self.lock().unreadable = Some(part_of_id.to_ascii_lowercase());
    }

    /// From now on lists show what is there at this moment.
    pub(super) fn freeze_lists(&self) {
        let mut inner = self.lock();
        inner.lists = Some(inner.resources.clone());
    }

    pub(super) fn interlope(&self, id: &ResourceId, body: Json) {
        self.lock().interloper = Some((id.canonical(), body));
    }

    /// What was asked since the last call, by method.
    pub(super) fn requests(&self) -> Vec<(Method, String)> {
        std::mem::take(&mut self.lock().log)
    }

    /// What was written since the last call, in order.
    pub(super) fn writes(&self) -> Vec<String> {
        let written = |(method, id): (Method, String)| {
            (method != Method::GET).then(|| format!("{method} {}", id.rsplit('/').next().unwrap()))
        };
        self.requests().into_iter().filter_map(written).collect()
    }

    pub(super) fn sent(&self) -> Vec<(String, Json)> {
        self.lock().bodies.clone()
    }

    pub(super) fn weather(&self, weather: Weather) {
        self.lock().weather = weather;
    }

    /// Puts a stranger's resource there, which nobody may write.
    pub(super) fn place_foreign(&self, id: &ResourceId, body: Json) {
        self.place(id, body);
        self.lock().foreign.insert(id.canonical());
    }

    /// Deletes a resource behind everybody's back, where Azure lets one.
    pub(super) fn try_lose(&self, id: &str) {
        let id = ResourceId::parse(id).unwrap();
        let mut inner = self.lock();
        if inner.delete(&id).is_ok() {
            inner.foreign.remove(&id.canonical());
        }
    }

    /// The ids of all but strangers' resources.
    pub(super) fn ours(&self) -> Vec<String> {
        let inner = self.lock();
        inner.resources.keys().filter(|id| !inner.foreign.contains(*id)).cloned().collect()
    }

    /// Rules that no write may break, and which writes broke.
    pub(super) fn broken(&self) -> Vec<String> {
        let inner = self.lock();
        inner.broken.iter().chain(&inner.collisions).cloned().collect()
    }

    /// Writers that met where there may be only one.
    pub(super) fn collisions(&self) -> Vec<String> {
        self.lock().collisions.clone()
    }
}

pub(super) fn call() -> Call {
    Call::new(Uuid::nil())
}

impl Inner {
    fn stamp(&mut self, id: &ResourceId, mut body: Json) -> Json {
        self.revision += 1;
        let members = body.as_object_mut().unwrap();
        members.insert("id".into(), id.as_str().into());
        members.insert("name".into(), id.name().into());
        if id.resource_type().starts_with("Microsoft.Network/") {
            members.insert("etag".into(), format!("W/\"{}\"", self.revision).into());
        }
        let properties = members.entry("properties").or_insert_with(|| json!({}));
        let properties = properties.as_object_mut().unwrap();
        properties.entry("provisioningState").or_insert_with(|| "Succeeded".into());
        if let Some(identity) = members.get_mut("identity").and_then(Json::as_object_mut) {
            identity.insert("principalId".into(), format!("principal-of-{}", id.name()).into());
        }
        body
    }

    /// A resource as a GET shows it: a network with its subnets.
    fn show(&self, canonical: &str) -> Option<Json> {
        let mut body = self.resources.get(canonical)?.clone();
        if canonical.contains("/virtualnetworks/") && !canonical.contains("/subnets/") {
            let prefix = format!("{canonical}/subnets/");
            let subnets: Vec<Json> = self
                .resources
                .iter()
                .filter(|(key, _)| key.starts_with(&prefix))
                .map(|(_, body)| body.clone())
                .collect();
            body["properties"]["subnets"] = subnets.into();
        }
        Some(body)
    }

    fn put(&mut self, id: &ResourceId, mut body: Json) -> Result<Json, (u16, &'static str)> {
        if let Some(parent) = id.parent()
            && parent.resource_type().contains("Microsoft.")
            && !parent.resource_type().starts_with("Microsoft.Resources")
            && !self.resources.contains_key(&parent.canonical())
        {
            return Err((400, "NoParent"));
        }
        for reference in references(&body) {
            if reference != *id && !self.resources.contains_key(&reference.canonical()) {
                return Err((400, "InvalidResourceReference"));
            }
        }
        if body.pointer("/properties/provisioningState").is_some() {
            return Err((400, "ReadOnlyPropertySent"));
        }
        if id.resource_type().ends_with("/virtualNetworks") {
            let subnets = body["properties"].as_object_mut().and_then(|p| p.remove("subnets"));
            let subnets: Vec<Json> = subnets.and_then(|list| list.as_array().cloned()).unwrap_or_default();
            let prefix = format!("{}/subnets/", id.canonical());
            let names: Vec<String> =
                subnets.iter().map(|s| s["name"].as_str().unwrap().to_ascii_lowercase()).collect();
            // Not from `made`: nobody asked for their deletion.
            self.resources.retain(|key, _| {
                key.strip_prefix(&prefix).is_none_or(|name| names.iter().any(|other| other == name))
            });
            for mut subnet in subnets {
                let name = subnet["name"].as_str().unwrap().to_owned();
                let child = ResourceId::parse(&format!("{id}/subnets/{name}")).unwrap();
                subnet.as_object_mut().unwrap().remove("name");
                let subnet = self.stamp(&child, subnet);
                self.note_made(&child.canonical());
                self.resources.insert(child.canonical(), subnet);
            }
        }
        let body = self.stamp(id, body);
        self.note_made(&id.canonical());
        self.resources.insert(id.canonical(), body);
        if let Some(network) = id.parent().filter(|_| id.resource_type().ends_with("/subnets")) {
            let parent = self.resources[&network.canonical()].clone();
            let parent = self.stamp(&network, parent);
            self.resources.insert(network.canonical(), parent);
        }
        Ok(self.show(&id.canonical()).unwrap())
    }

    /// Notes that a PUT is about to leave something at an id.
    fn note_made(&mut self, canonical: &str) {
        if !self.resources.contains_key(canonical) && !self.made.insert(canonical.to_owned()) {
            self.broken.push(format!("{canonical} is made twice"));
        }
    }

    /// Notes what a read has told, or that it has told nothing.
    fn note_read(&mut self, canonical: &str, told: bool) {
        if told {
            // Subnets are shown with their network, and in what is not there lies nothing.
            let all = !self.resources.contains_key(canonical);
            let shown = if all { format!("{canonical}/") } else { format!("{canonical}/subnets/") };
            self.unread.retain(|id| id != canonical && !id.starts_with(&shown));
        } else {
            self.unread.insert(canonical.to_owned());
        }
    }

    /// Holds a write against what nobody may do.
    fn check_write(&mut self, method: &Method, id: &str) {
        if self.foreign.contains(id) {
            self.broken.push(format!("{method} {id}, which is a stranger's"));
        }
        let makes = method == Method::PUT && !self.resources.contains_key(id);
        if self.unread.contains(id) && (makes || method == Method::DELETE) {
            self.broken.push(format!("{method} {id}, whose last read failed"));
        }
    }

    fn delete(&mut self, id: &ResourceId) -> Result<(), (u16, &'static str)> {
        let canonical = id.canonical();
        let inside = |key: &str| key == canonical || key.starts_with(&format!("{canonical}/"));
        let in_use = self.resources.iter().any(|(key, body)| {
            !inside(key) && references(body).iter().any(|reference| inside(&reference.canonical()))
        });
        if in_use {
            return Err((400, "InUse"));
        }
        if canonical.contains("/privatednszones/")
            && !canonical.contains("/virtualnetworklinks/")
            && self.resources.keys().any(|key| key.starts_with(&format!("{canonical}/virtualnetworklinks/")))
        {
            return Err((400, "HasLinks"));
        }
        self.resources.retain(|key, _| !inside(key));
        self.made.retain(|key| !inside(key));
        self.unread.retain(|key| !inside(key));
        Ok(())
    }

    /// What must have one writer: a network, alone for itself and its
    /// subnets and in company for endpoints; an endpoint's target, alone.
    fn holds(id: &ResourceId, body: &Json) -> Vec<(String, bool)> {
        let kind = id.resource_type();
        let mut holds = vec![(id.canonical(), true)];
        if kind.ends_with("/subnets") {
            holds.push((id.parent().unwrap().canonical(), true));
        }
        if kind.ends_with("/privateEndpoints") {
            let subnet = body.pointer("/properties/subnet/id").and_then(Json::as_str);
            let network = subnet.and_then(|text| ResourceId::parse(text).ok()?.parent());
            holds.extend(network.map(|network| (network.canonical(), false)));
            let target = body
                .pointer("/properties/privateLinkServiceConnections/0/properties/privateLinkServiceId")
                .and_then(Json::as_str);
            holds.extend(target.map(|target| (target.to_ascii_lowercase(), true)));
        }
        holds
    }

    fn begin(&mut self, holds: &[(String, bool)]) {
        for (id, alone) in holds {
            let taken = self.writing.contains(id) || (*alone && self.shared.get(id).is_some_and(|n| *n > 0));
            if taken {
                self.collisions.push(id.clone());
            }
            if *alone {
                self.writing.insert(id.clone());
            } else {
                *self.shared.entry(id.clone()).or_default() += 1;
            }
        }
    }

    fn end(&mut self, holds: &[(String, bool)]) {
        for (id, alone) in holds {
            if *alone {
                self.writing.remove(id);
            } else {
                *self.shared.entry(id.clone()).or_default() -= 1;
            }
        }
    }

    fn check_sent(id: &ResourceId, body: &Json) -> Option<String> {
        let kind = kinds::find(&id.resource_type())?;
        unsendable(body, kind.tree().root(), "")
    }
}

/// The first place in a body that the tables do not know or that only ARM may write.
fn unsendable(body: &Json, at: &Node, path: &str) -> Option<String> {
    if at.access() == Access::ReadOnly {
        return Some(format!("{path} is read-only"));
    }
    match body {
        Json::Object(members) => members.iter().find_map(|(name, value)| {
            let path = format!("{path}.{name}");
            match at.step(name) {
                None => Some(format!("{path} is unknown")),
                Some(inner) if std::ptr::eq(inner, at) => None,
                Some(inner) => unsendable(value, inner, &path),
            }
        }),
        Json::Array(items) => {
            let inner = at.items()?;
            items.iter().find_map(|item| unsendable(item, inner, &format!("{path}[]")))
        }
        _ => None,
    }
}

/// Every id that a body names, but its own and what lies in it.
fn references(body: &Json) -> Vec<ResourceId> {
    let own = body.get("id").and_then(Json::as_str).and_then(|text| ResourceId::parse(text).ok());
    let mut found = Vec::new();
    let mut open = vec![body];
    while let Some(value) = open.pop() {
        match value {
            Json::String(text) => found.extend(ResourceId::parse(text).ok()),
            Json::Array(items) => open.extend(items),
            Json::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    found.retain(|id| {
        id.resource_type().split('/').count() > 1 && own.as_ref().is_none_or(|own| !id.within(own))
    });
    found.retain(|id| !id.resource_type().starts_with("Microsoft.Authorization/roleDefinitions"));
    found
}

fn answer(status: u16, body: &Json) -> Response {
    http::Response::builder().status(status).body(body.to_string().into_bytes()).unwrap()
}

fn refusal(status: u16, code: &str) -> Response {
    answer(status, &json!({"error": {"code": code, "message": format!("{code} says the cloud.")}}))
}

#[async_trait]
impl Transport for Cloud {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let path = request.uri().path().to_owned();
        let method = request.method().clone();
        let body: Json = serde_json::from_slice(request.body()).unwrap_or(Json::Null);
        let strike = self.lock().weather.strike(&method);
        let lost = || Err(TransportError { message: "the wire is cut".to_owned(), unsent: false });
        let instead = match strike {
            Some(Strike::LostBefore) => Some(lost()),
            Some(Strike::Later(status)) => Some(Ok(refusal(status, "Later"))),
            Some(Strike::Refused { .. }) if method == Method::GET => Some(Ok(refusal(403, "Refused"))),
            Some(Strike::Busy) => Some(Ok(refusal(409, "AnotherOperationInProgress"))),
            _ => None,
        };
        let Ok(id) = ResourceId::parse(&path) else {
            return instead.unwrap_or_else(|| Ok(self.list(&path)));
        };
        if let Some(instead) = instead {
            if method == Method::GET {
                self.lock().note_read(&id.canonical(), false);
            }
            return instead;
        }
        if method == Method::GET {
            return Ok(self.get(&id, &method));
        }
        let holds = {
            let mut inner = self.lock();
            inner.check_write(&method, &id.canonical());
            inner.log.push((method.clone(), id.canonical()));
            if method != Method::DELETE {
                assert_eq!(Inner::check_sent(&id, &body), None, "{method} {id}: {body}");
                inner.bodies.push((id.name().to_owned(), body.clone()));
            }
            let shown = inner.show(&id.canonical()).unwrap_or(Json::Null);
            let holds = Inner::holds(&id, if method == Method::PUT { &body } else { &shown });
            inner.begin(&holds);
            holds
        };
        self.work(&id).await;
        let condition = request.headers().get("if-match").map(|value| value.to_str().unwrap().to_owned());
        let response = match strike {
            Some(Strike::Refused { leaves }) => self.refuse_write(&method, &id, body, leaves),
            _ => self.write(&method, &id, body, condition.as_deref()),
        };
        self.lock().end(&holds);
        if strike == Some(Strike::LostAfter) { lost() } else { Ok(response) }
    }
}

impl Cloud {
    #[expect(clippy::disallowed_methods, reason = "tokio's time is the virtual one here")]
    async fn work(&self, id: &ResourceId) {
        let seconds = kinds::find(&id.resource_type()).map_or(1, |kind| kind.put.seconds);
        tokio::time::sleep(Duration::from_secs(seconds.into())).await;
    }

    fn get(&self, id: &ResourceId, method: &Method) -> Response {
        let mut inner = self.lock();
        inner.log.push((method.clone(), id.canonical()));
        if inner.unreadable.as_ref().is_some_and(|part| id.canonical().contains(part.as_str())) {
            inner.note_read(&id.canonical(), false);
            return refusal(403, "AuthorizationFailed");
        }
        inner.note_read(&id.canonical(), true);
        match inner.show(&id.canonical()) {
            Some(body) => answer(200, &body),
            None => refusal(404, "ResourceNotFound"),
        }
    }

    /// Refuses a write for good; where it `leaves` something, that is unfinished.
    fn refuse_write(&self, method: &Method, id: &ResourceId, body: Json, leaves: bool) -> Response {
        let mut inner = self.lock();
        if leaves && method == Method::PUT && inner.put(id, body).is_ok() {
            let state = &mut inner.resources.get_mut(&id.canonical()).unwrap()["properties"];
            state["provisioningState"] = "Failed".into();
        }
        refusal(400, "Refused")
    }

    fn list(&self, path: &str) -> Response {
        let mut inner = self.lock();
        inner.log.push((Method::GET, path.to_owned()));
        let prefix = format!("{}/", path.to_ascii_lowercase());
        let shown = inner.lists.as_ref().unwrap_or(&inner.resources);
        let listed =
            shown.iter().filter(|(key, _)| key.strip_prefix(&prefix).is_some_and(|rest| !rest.contains('/')));
        let (ids, items): (Vec<String>, Vec<Json>) =
            listed.map(|(key, body)| (key.clone(), body.clone())).unzip();
        inner.unread.retain(|id| !ids.contains(id));
        answer(200, &json!({"value": items}))
    }

    fn write(&self, method: &Method, id: &ResourceId, body: Json, condition: Option<&str>) -> Response {
        let mut inner = self.lock();
        let refused =
            inner.refused.iter().find(|r| r.method == *method && r.id == id.canonical()).map(|r| r.leaves);
        if let Some(leaves) = refused {
            drop(inner);
            return self.refuse_write(method, id, body, leaves);
        }
        if condition.is_some()
            && inner.interloper.as_ref().is_some_and(|(other, _)| *other == id.canonical())
            && let Some((_, theirs)) = inner.interloper.take()
        {
            let theirs = inner.stamp(id, theirs);
            inner.resources.insert(id.canonical(), theirs);
        }
        let etag = inner.resources.get(&id.canonical()).and_then(|body| body.get("etag")).cloned();
        if condition.is_some() && condition != etag.as_ref().and_then(Json::as_str) {
            return refusal(412, "PreconditionFailed");
        }
        let done = match method.as_str() {
            "PUT" => inner.put(id, body),
            "PATCH" => match inner.resources.get(&id.canonical()).cloned() {
                Some(mut whole) => {
                    merge(&mut whole, &body);
                    let state = whole["properties"].as_object_mut().unwrap();
                    state.remove("provisioningState");
                    inner.put(id, whole)
                }
                None => Err((404, "ResourceNotFound")),
            },
            _ => inner.delete(id).map(|()| json!({})),
        };
        match done {
            Ok(body) => answer(200, &body),
            Err((status, code)) => refusal(status, code),
        }
    }
}

/// JSON merge, tags replaced whole.
fn merge(whole: &mut Json, patch: &Json) {
    let (Some(whole), Some(patch)) = (whole.as_object_mut(), patch.as_object()) else { return };
    for (name, value) in patch {
        match (whole.get_mut(name), value) {
            (_, Json::Null) => {
                whole.remove(name);
            }
            (Some(inner @ Json::Object(_)), Json::Object(_)) if name != "tags" => merge(inner, value),
            _ => {
                whole.insert(name.clone(), value.clone());
            }
        }
    }
}
