//! Every composite, every resource of it, every way in which somebody may
//! change it: seen by a refresh, mended by writes to that resource alone, and
//! then at rest.
//!
//! What is changed comes from the bodies that the composites send and from the
//! kinds' tables, so a new composite, kind or property is here by itself. A
//! change that Azure itself refuses to a stranger is no drift.

use std::collections::{BTreeMap, BTreeSet};

use amlsecure::kinds::{self, Access, Kind, Node, ResourceId, Shape, zones::GROUPS};
use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

/// A stack that stands, what each composite recorded, and what was sent to
/// make each resource, by its id in lower case.
struct Stood {
    bench: Bench,
    stack: Stack,
    states: BTreeMap<&'static str, State>,
    sent: BTreeMap<String, Json>,
}

impl Stood {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let stack = Stack::whole();
        strangers(&bench.azure);
        let mut states = BTreeMap::new();
        for (type_name, arguments) in stack.composites() {
            states.insert(type_name, bench.converge(type_name, arguments, None).await);
        }
        let nodes: BTreeSet<String> = states
            .values()
            .flat_map(|state| ids(&state.value).into_values())
            .map(|id| id.to_lowercase())
            .collect();
        let mut sent = BTreeMap::new();
        for write in bench.azure.writes().into_iter().filter(|write| write.method == Method::PUT) {
            let Ok(id) = ResourceId::parse(&write.path) else { continue };
            let mut body = write.request;
            for (list, child, inner) in carried(&id, &body) {
                if nodes.contains(&child) {
                    sent.entry(child).or_insert(inner);
                    body["properties"].as_object_mut().unwrap().remove(list);
                }
            }
            sent.entry(write.path.to_lowercase()).or_insert(body);
        }
        Self { bench, stack, states, sent }
    }

    /// Refreshes after something happened to `keys`, finds them drifted and
    /// nothing else, mends them, and finds that only they were written.
    async fn mended(&mut self, type_name: &'static str, keys: &[String], what: &str) {
        let bench = &self.bench;
        let state = &self.states[type_name];
        let refreshed = bench.refresh(state).await;
        let seen = statuses(&refreshed.value);
        for key in keys {
            let status = &seen[key];
            assert!(status.starts_with("drifted"), "{type_name} {key}: {what} was not seen: {status}");
        }
        let plan = bench.plan(type_name, self.stack.of(type_name), Some(&refreshed)).await;
        let moving = moving(&plan);
        if !keys.iter().any(|key| seen[key].starts_with("drifted beyond repair")) {
            assert_eq!(moving, keys, "{type_name}: {what}");
        }
        let all = ids(&refreshed.value);
        let expected: Vec<String> = moving.iter().map(|key| all[key].to_lowercase()).collect();
        bench.azure.writes();
        let state = bench.converge(type_name, self.stack.of(type_name), Some(&refreshed)).await;
        let writes = bench.azure.writes();
        assert!(!writes.is_empty(), "{type_name} {keys:?}: {what} was not mended");
        for write in writes {
            let path = write.path.to_lowercase();
            let own =
                |id: &String| path == *id || path.starts_with(&format!("{id}/privateendpointconnections/"));
            assert!(expected.iter().any(own), "{type_name} {keys:?}: {what}: {}", write.brief());
        }
        self.states.insert(type_name, state);
    }

    /// Lets a stranger write a body; false where Azure refuses it or makes
    /// nothing of it.
    fn write(&self, id: &str, kind: &'static Kind, before: &Json, after: &Json) -> bool {
        let (status, _) = self.bench.azure.ask(Method::PUT, id, &writable(after, kind.tree().root()));
        status < 300 && !kind.tree().root().equal(&self.bench.azure.get(id), before)
    }

    /// Every resource of every composite: its composite, key, kind and id.
    fn all(&self) -> Vec<Resource> {
        let composites = self.stack.composites();
        let resources = composites.iter().flat_map(|(type_name, _)| {
            ids(&self.states[type_name].value).into_iter().map(move |(key, id)| (*type_name, key, id))
        });
        resources
            .map(|(type_name, key, id)| {
                let kind = kinds::find(&ResourceId::parse(&id).unwrap().resource_type()).unwrap();
                Resource { type_name, key, kind, id }
            })
            .collect()
    }

    /// The same, those of one kind in one composite together: what happens to
    /// all of them at once is seen and mended at once.
    fn siblings(&self) -> Vec<Vec<Resource>> {
        let mut found: Vec<Vec<Resource>> = Vec::new();
        for one in self.all() {
            let same = |other: &Resource| {
                (other.type_name, other.kind.resource_type) == (one.type_name, one.kind.resource_type)
            };
            match found.iter_mut().find(|siblings| same(&siblings[0])) {
                Some(siblings) => siblings.push(one),
                None => found.push(vec![one]),
            }
        }
        found
    }

    /// Lets a stranger make each of these changes to each sibling, the first
    /// of a row that Azure takes, and has all of them mended. Returns the rows.
    async fn changed(
        &mut self,
        siblings: &[Resource],
        changes: impl Fn(&Self, &Resource, &Json) -> Vec<(String, Json)>,
    ) -> Vec<BTreeSet<String>> {
        let mut left: Vec<_> = siblings
            .iter()
            .map(|one| {
                let seen = self.bench.azure.get(&one.id);
                let mut changes = changes(self, one, &seen);
                changes.reverse();
                (seen, changes)
            })
            .collect();
        let mut done = vec![BTreeSet::new(); siblings.len()];
        loop {
            let mut keys = Vec::new();
            let mut what = String::new();
            for (at, one) in siblings.iter().enumerate() {
                let (seen, changes) = &mut left[at];
                while let Some((row, body)) = changes.pop() {
                    if !done[at].contains(&row) && self.write(&one.id, one.kind, seen, &body) {
                        keys.push(one.key.clone());
                        what.clone_from(&row);
                        done[at].insert(row);
                        break;
                    }
                }
            }
            if keys.is_empty() {
                return done;
            }
            self.mended(siblings[0].type_name, &keys, &what).await;
        }
    }
}

/// One resource of a composite.
struct Resource {
    type_name: &'static str,
    key: String,
    kind: &'static Kind,
    id: String,
}

/// The children that a body carries, a network its subnets: the name of the
/// list, and the id and body of each.
fn carried(id: &ResourceId, body: &Json) -> Vec<(&'static str, String, Json)> {
    let mut found = Vec::new();
    for kind in kinds::ALL.iter() {
        let of = kind
            .resource_type
            .rsplit_once('/')
            .is_some_and(|(of, _)| of.eq_ignore_ascii_case(&id.resource_type()));
        let Some(list) = kind.embedded.filter(|_| of).and_then(|path| path.strip_prefix("properties."))
        else {
            continue;
        };
        for item in body["properties"][list].as_array().into_iter().flatten() {
            let mut body = item.clone();
            let name = body.as_object_mut().unwrap().remove("name").unwrap();
            found.push((list, id.child(kind, name.as_str().unwrap()).to_string().to_lowercase(), body));
        }
    }
    found
}

/// Bodies like `seen` in which one property that `sent` sets is another, each
/// with the row of the kind's table that it is about.
fn changes(at: &Node, sent: &Json, seen: &Json) -> Vec<(String, Json)> {
    if at.access() != Access::ReadWrite {
        return Vec::new();
    }
    let inside = |name: &str, at: &Node, sent: &Json| -> Vec<(String, Json)> {
        let inner = seen.get(name).unwrap_or(&Json::Null);
        let changed = changes(at, sent, inner).into_iter();
        changed
            .map(|(row, value)| {
                let mut body = seen.clone();
                body[name] = value;
                (row, body)
            })
            .collect()
    };
    match (at.shape(), sent, seen) {
        (Some(Shape::Keyed(_) | Shape::Shared(_)), Json::Array(wanted), Json::Array(items)) => {
            let mut found = others(at, seen);
            for (position, item) in items.iter().enumerate() {
                let key = at.element_key(item);
                let Some(want) = wanted.iter().find(|want| at.element_key(want) == key) else { continue };
                for (row, value) in at.items().map(|at| changes(at, want, item)).unwrap_or_default() {
                    // Under another key an element of a shared list is one added, which is nobody's drift.
                    if matches!(at.shape(), Some(Shape::Shared(_))) && at.element_key(&value) != key {
                        continue;
                    }
                    let mut all = items.clone();
                    all[position] = value;
                    found.push((row, Json::Array(all)));
                }
            }
            found
        }
        (Some(Shape::Map), Json::Object(tags), Json::Object(_)) => tags
            .keys()
            .flat_map(|name| {
                let mut without = seen.clone();
                without.as_object_mut().unwrap().remove(name);
                let mut other = seen.clone();
                other[name] = json!("somebody");
                // Another's mark means another owner, which is refused and not mended.
                let other =
                    (!name.starts_with("amlsecure-")).then(|| (format!("{}.{name}", at.path()), other));
                [(format!("{} without {name}", at.path()), without)].into_iter().chain(other)
            })
            .collect(),
        (None | Some(Shape::Any), Json::Object(wanted), Json::Object(_)) => wanted
            .iter()
            .filter_map(|(name, want)| Some((name, at.field(name)?, want)))
            .flat_map(|(name, field, want)| inside(name, field, want))
            .collect(),
        _ => others(at, seen),
    }
}

/// Other values for a place, with its row.
fn others(at: &Node, seen: &Json) -> Vec<(String, Json)> {
    let row = || at.path().to_owned();
    let texts = |texts: &[&str]| texts.iter().map(|text| json!(text)).collect();
    let values: Vec<Json> = match (at.shape(), seen) {
        (Some(Shape::Bool), seen) => vec![json!(!seen.as_bool().unwrap_or(false))],
        (Some(Shape::Int(low, high)), seen) => {
            let now = seen.as_i64().unwrap_or(low);
            [now + 1, now - 1, high]
                .into_iter()
                .filter(|n| (low..=high).contains(n))
                .map(Json::from)
                .collect()
        }
        (Some(Shape::OneOf(words)), seen) => {
            let now = seen.as_str().unwrap_or_default();
            words.iter().filter(|word| !word.eq_ignore_ascii_case(now)).map(|word| json!(word)).collect()
        }
        (Some(Shape::Duration), _) => texts(&["PT47S", "PT47M"]),
        (Some(Shape::Words), _) => texts(&["Logging", "Metrics", "None"]),
        (Some(Shape::Text | Shape::Word), _) => {
            texts(&["somebody", "*", "10.99.0.0/24", "203.0.113.7", "443"])
        }
        (Some(Shape::Id), _) => vec![Json::Null],
        (Some(Shape::Set), Json::Array(items)) => {
            let more = ["10.99.0.0/24", "443", "203.0.113.7"].map(|text| json!(text));
            let more = more.into_iter().filter(|one| !items.contains(one));
            let grown = more.map(|one| items.iter().cloned().chain([one]).collect());
            grown.chain(items.iter().skip(1).map(|one| json!([one]))).collect()
        }
        (Some(Shape::Keyed(field)), Json::Array(items)) => {
            let grown =
                items.first().map(|first| items.iter().cloned().chain([twin(at, field, first)]).collect());
            let fewer = (!items.is_empty()).then(|| items[1..].iter().cloned().collect());
            grown.into_iter().chain(fewer).collect()
        }
        // Of a shared list only what is gone is drift; what is added is looked at on its own.
        (Some(Shape::Shared(_)), Json::Array(items)) if !items.is_empty() => {
            vec![items[1..].iter().cloned().collect()]
        }
        _ => Vec::new(),
    };
    values.into_iter().map(|value| (row(), value)).collect()
}

/// An element like another under a key of its own, and with numbers of its own.
fn twin(at: &Node, field: &str, element: &Json) -> Json {
    let mut twin = element.clone();
    twin[field] = json!("theirs");
    let Some(items) = at.items() else { return twin };
    let mut numbers = Vec::new();
    numbered(items, &mut Vec::new(), &mut numbers);
    for (path, high) in numbers {
        let pointer = format!("/{}", path.join("/"));
        if let Some(place) = twin.pointer_mut(&pointer) {
            *place = json!(high);
        }
    }
    twin
}

/// Every whole number below a place, with its greatest.
fn numbered(at: &Node, path: &mut Vec<&'static str>, found: &mut Vec<(Vec<&'static str>, i64)>) {
    for (name, field) in at.fields() {
        path.push(name);
        if let Some(Shape::Int(_, high)) = field.shape() {
            // Not the greatest, which a last rule has.
            found.push((path.clone(), high - 7));
        }
        numbered(field, path, found);
        path.pop();
    }
}

/// Bodies like `seen` with an addition that lets somebody in, each with its row.
fn openings(at: &Node, seen: &Json) -> Vec<(String, Json)> {
    let one = |item: Json| seen.as_array().into_iter().flatten().cloned().chain([item]).collect::<Json>();
    match (at.shape(), at.closed(), at.opening()) {
        (Some(Shape::Bool), Some(closed), _) => {
            return vec![(at.path().to_owned(), json!(closed != &json!(true)))];
        }
        (Some(Shape::Keyed(field)), Some(_), _) => {
            let keys =
                [json!("203.0.113.7"), json!("2001:db8::7"), json!(their_subnet()), json!(their_workspace())];
            let items = keys.into_iter().map(|key| {
                let mut item = json!({ field: key });
                if at.items().is_some_and(|items| items.field("tenantId").is_some()) {
                    item["tenantId"] = json!(amlsecure::simulator::TENANT);
                }
                item
            });
            return items.map(|item| (at.path().to_owned(), one(item))).collect();
        }
        (Some(Shape::Shared(field)), _, Some(opening)) => {
            let Some(first) = seen.as_array().and_then(|items| items.first()) else { return Vec::new() };
            let mut item = twin(at, field, first);
            let pointer = format!("/{}", opening.field.replace('.', "/"));
            *item.pointer_mut(&pointer).unwrap() = json!(opening.values[0]);
            return vec![(at.path().to_owned(), one(item))];
        }
        _ => {}
    }
    let fields = at.fields().filter(|(_, field)| field.access() == Access::ReadWrite);
    fields
        .flat_map(|(name, field)| {
            let inner = openings(field, seen.get(name).unwrap_or(&Json::Null)).into_iter();
            inner.map(move |(row, value)| {
                let mut body = if seen.is_null() { required(at) } else { seen.clone() };
                body[name] = value;
                (row, body)
            })
        })
        .collect()
}

/// What an object that was not there must have.
fn required(at: &Node) -> Json {
    let rows = at.fields().filter(|(_, field)| field.property().is_some_and(|row| row.required));
    rows.filter_map(|(name, field)| match field.shape() {
        Some(Shape::OneOf(words)) => Some((name.to_owned(), json!(words[0]))),
        _ => None,
    })
    .collect::<serde_json::Map<_, _>>()
    .into()
}

/// A change of each row that a resource was sent: the first that Azure takes.
#[tokio::test(start_paused = true)]
async fn a_resource_changed_in_any_property_is_seen_and_mended_alone() {
    let mut stood = Stood::new().await;
    for siblings in stood.siblings() {
        let rows = stood
            .changed(&siblings, |stood, one, seen| {
                changes(one.kind.tree().root(), &stood.sent[&one.id.to_lowercase()], seen)
            })
            .await;
        for (one, rows) in siblings.iter().zip(rows) {
            let writable = one.kind.update != kinds::Update::Never;
            assert!(!rows.is_empty() || !writable, "{}: Azure takes no change of it", one.key);
        }
    }
}

/// What nobody asked for and lets somebody in.
#[tokio::test(start_paused = true)]
async fn a_resource_opened_by_an_addition_is_seen_and_closed_alone() {
    let mut stood = Stood::new().await;
    let endpoints = ["Microsoft.Storage", "Microsoft.KeyVault"].map(|service| json!({ "service": service }));
    let subnet = json!({ "addressPrefixes": ["10.99.0.0/24"], "serviceEndpoints": endpoints });
    stood.bench.azure.put(&their_subnet(), &json!({ "properties": subnet }));
    let mut opened = BTreeSet::new();
    for siblings in stood.siblings() {
        let rows = stood.changed(&siblings, |_, one, seen| openings(one.kind.tree().root(), seen)).await;
        opened.extend(rows.into_iter().flatten().map(|row| (siblings[0].kind.resource_type, row)));
    }
    // Every row that the tables call an opening, of the kinds that stand here.
    let kinds: BTreeSet<&str> = stood.all().iter().map(|one| one.kind.resource_type).collect();
    let rows = kinds.iter().flat_map(|of| {
        let rows = kinds::find(of).unwrap().properties.iter();
        rows.filter(|row| row.closed.is_some() || row.opens.is_some()).map(|row| (*of, row.path.to_owned()))
    });
    let never: Vec<_> = rows.filter(|row| !opened.contains(row)).collect();
    assert!(never.is_empty(), "Azure takes no such addition: {never:?}");
}

/// Whoever can delete a resource leaves what Azure forces along with it.
#[tokio::test(start_paused = true)]
async fn a_deleted_resource_is_made_again_with_nothing_but_what_is_bound_to_it() {
    let mut stood = Stood::new().await;
    for Resource { type_name, key, id, .. } in stood.all().into_iter().filter(|one| one.type_name != GROUP) {
        if !stood.bench.azure.delete(&id) {
            continue;
        }
        let arguments = stood.stack.of(type_name).clone();
        let bench = &stood.bench;
        let Some(refreshed) = bench.core.refresh(&stood.states[type_name]).await.unwrap() else {
            stood.states.insert(type_name, stood.bench.converge(type_name, &arguments, None).await);
            continue;
        };
        assert_eq!(statuses(&refreshed.value)[&key], "missing", "{type_name}");
        let plan = bench.plan(type_name, &arguments, Some(&refreshed)).await;
        let all = ids(&refreshed.value);
        let expected: BTreeSet<String> = moving(&plan).iter().map(|key| all[key].to_lowercase()).collect();
        bench.azure.writes();
        let state = bench.converge(type_name, &arguments, Some(&refreshed)).await;
        for write in bench.azure.writes() {
            assert!(expected.contains(&write.path.to_lowercase()), "{type_name} {key}: {}", write.brief());
        }
        stood.states.insert(type_name, state);
    }
}

fn their_subnet() -> String {
    format!("{}/subnets/default", their_network())
}

/// A private endpoint of somebody's in their own network.
fn their_endpoint(target: &str, group: &str) -> Json {
    json!({ "location": "eastasia", "properties": {
        "subnet": { "id": their_subnet() },
        "privateLinkServiceConnections": [{ "name": "theirs", "properties": {
            "privateLinkServiceId": target, "groupIds": [group],
        }}],
    }})
}

/// An approved connection lets somebody's whole network in.
#[tokio::test(start_paused = true)]
async fn an_endpoint_of_a_strangers_is_seen_and_its_connection_deleted() {
    let mut stood = Stood::new().await;
    stood.bench.azure.put(&their_subnet(), &json!({ "properties": { "addressPrefixes": ["10.99.0.0/24"] } }));
    let endpoint = theirs("Microsoft.Network/privateEndpoints/pe-theirs");
    let mut connected = 0;
    for Resource { type_name, key, kind, id } in stood.all() {
        let groups = GROUPS.iter().filter(|(_, of)| of.eq_ignore_ascii_case(kind.resource_type));
        let Some((group, _)) = groups.into_iter().next() else { continue };
        // Marked, it is another composite's, and welcome.
        let mut marked = their_endpoint(&id, group);
        marked["tags"] = json!({ "amlsecure-owner": "amlsecure_private_link:somebody" });
        stood.bench.azure.put(&endpoint, &marked);
        assert_eq!(stood.bench.refresh(&stood.states[type_name]).await, stood.states[type_name], "{key}");
        assert!(stood.bench.azure.delete(&endpoint));

        stood.bench.azure.put(&endpoint, &their_endpoint(&id, group));
        let refreshed = stood.bench.refresh(&stood.states[type_name]).await;
        assert!(
            statuses(&refreshed.value)[&key].contains("/privateEndpoints/pe-theirs, want absent"),
            "{:?}",
            statuses(&refreshed.value)[&key]
        );
        stood.mended(type_name, &[key], "an endpoint of a stranger's").await;
        assert!(stood.bench.azure.delete(&endpoint));
        connected += 1;
    }
    assert!(connected >= 4, "workspace, storage, vault and registry: {connected}");
}

/// Of an endpoint that cannot be read nobody knows whose it is.
#[tokio::test(start_paused = true)]
async fn a_connection_whose_endpoint_cannot_be_read_is_told_and_left_alone() {
    let stood = Stood::new().await;
    stood.bench.azure.put(&their_subnet(), &json!({ "properties": { "addressPrefixes": ["10.99.0.0/24"] } }));
    let endpoint = theirs("Microsoft.Network/privateEndpoints/pe-theirs");
    let vault = ids(&stood.states[WORKSPACE].value)["key_vault"].clone();
    stood.bench.azure.put(&endpoint, &their_endpoint(&vault, "vault"));
    stood.bench.azure.refuse(Method::GET, "/pe-theirs", usize::MAX);
    let (refreshed, said) = stood.bench.core.refresh_and_tell(&stood.states[WORKSPACE]).await.unwrap();
    assert_eq!(refreshed.as_ref(), Some(&stood.states[WORKSPACE]));
    let said: Vec<&str> = said.0.iter().map(|one| one.summary.as_str()).collect();
    assert_eq!(said, ["An unknown private endpoint is connected to the key vault \"key_vault\""]);
}

/// Ids in another casing, whoever wrote them, are the same ids.
#[tokio::test(start_paused = true)]
async fn ids_that_somebody_wrote_in_another_casing_are_no_drift() {
    let stood = Stood::new().await;
    for Resource { type_name, key, kind, id } in stood.all() {
        let mut body = stood.bench.azure.get(&id);
        recase(kind.tree().root(), &mut body);
        let (status, answer) = stood.bench.azure.ask(Method::PUT, &id, &writable(&body, kind.tree().root()));
        if status >= 300 {
            assert!(
                kind.update == kinds::Update::Never || status == 409,
                "{type_name} {key}: {status} {answer}"
            );
            continue;
        }
        assert_eq!(stood.bench.refresh(&stood.states[type_name]).await, stood.states[type_name], "{key}");
    }
}

fn recase(at: &Node, value: &mut Json) {
    match value {
        Json::Object(members) => {
            for (name, value) in members {
                if let Some(field) = at.step(name) {
                    recase(field, value);
                }
            }
        }
        Json::Array(items) => {
            for item in items {
                if let Some(at) = at.items() {
                    recase(at, item);
                }
            }
        }
        Json::String(text) if at.shape() == Some(Shape::Id) => {
            *text = text.replace("/resourceGroups/", "/resourcegroups/").replace("Microsoft.", "microsoft.");
        }
        _ => {}
    }
}
