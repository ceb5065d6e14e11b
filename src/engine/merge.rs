//! The bodies of writes: what is wanted, laid over what stands there, so
//! that what others set is carried along unchanged, unless it lets somebody in.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::closing::{closed, lets_in};
use super::diff::{Difference, find_element, member};
use super::facts;
use super::place::set;
use super::resolve::Want;
use super::settings::IgnoreTags;
use crate::kinds::{Access, Kind, Node, Property, ResourceId, Shape};

/// Makes the bodies of writes of one kind.
pub(crate) struct Merger<'a> {
    /// Whose table says what may be sent.
    pub kind: &'static Kind,
    /// Tags whose value in Azure wins over ours.
    pub ignore: &'a IgnoreTags,
}

impl Merger<'_> {
    /// The body that creates the resource: `want` without nulls, without what
    /// only Azure may say and what it takes later, and with its embedded
    /// children, each a name and a body.
    pub(crate) fn create(&self, want: &Want, children: &[(&'static Kind, String, Want)]) -> Json {
        let mut body = self.over_nothing(want);
        for property in self.kind.properties {
            let Some(later) = property.later else { continue };
            take(&mut body, property.path);
            if let Some((path, word)) = later.until_then.filter(|_| is_said(property, want)) {
                set(&mut body, path, word.into());
            }
        }
        for (kind, name, want) in children {
            let Some(path) = kind.embedded else { continue };
            let mut element = Merger { kind, ignore: self.ignore }.over_nothing(want);
            let place = path.split('.').try_fold(self.root(), |here, name| here.step(name));
            if facts::is_map(place) {
                let inside = element.get_mut("properties").map(Json::take).unwrap_or_default();
                insert(&mut body, path, name, inside);
                continue;
            }
            if let Some(members) = element.as_object_mut() {
                members.insert("name".to_owned(), Json::String(name.clone()));
            }
            push(&mut body, path, element);
        }
        body
    }

    /// Whether `want` says something that Azure takes only once the resource
    /// stands.
    pub(crate) fn has_more(&self, want: &Want) -> bool {
        self.kind.properties.iter().any(|property| property.later.is_some() && is_said(property, want))
    }

    fn over_nothing(&self, want: &Want) -> Json {
        self.overlay(Some(self.root()), None, want, None).unwrap_or_else(|| Json::Object(Map::new()))
    }

    /// The body that makes of `observed` what `want` says: everything that
    /// may be written as it stands there, less what `prior` named and `want`
    /// does not, under what `want` says.
    pub(crate) fn put(&self, observed: &Json, want: &Want, prior: Option<&Want>) -> Json {
        let carried = writable(observed, Some(self.root()));
        let want = &closed(self.root(), &Want::from(observed), want);
        self.overlay(Some(self.root()), carried, want, prior).unwrap_or_else(|| Json::Object(Map::new()))
    }

    /// The PATCH that does the same to the properties that `differences`
    /// name. Its grain is a member of the body or of `properties`, sent
    /// whole, with null for what goes: services differ in whether they merge
    /// below that or replace.
    pub(crate) fn patch(
        &self,
        observed: &Json,
        want: &Want,
        prior: Option<&Want>,
        differences: &[Difference],
    ) -> Json {
        let mut whole = self.put(observed, want, prior);
        if let Some(carried) = writable(observed, Some(self.root())) {
            say_what_goes(&mut whole, &carried, Some(self.root()), self.kind.tags_at());
        }
        let mut body = Map::new();
        for difference in differences {
            let mut segments = difference.path.split(['.', '[']);
            let Some(top) = segments.next() else { continue };
            if top != "properties" {
                body.insert(top.to_owned(), whole.get(top).cloned().unwrap_or(Json::Null));
                continue;
            }
            let Some(second) = segments.next() else { continue };
            let value = whole.get(top).and_then(|inner| inner.get(second)).cloned().unwrap_or(Json::Null);
            let inner = body.entry(top.to_owned()).or_insert_with(|| Json::Object(Map::new()));
            if let Some(inner) = inner.as_object_mut() {
                inner.insert(second.to_owned(), value);
            }
        }
        Json::Object(body)
    }

    /// The body that makes `observed` name none of `ids` any more; `None`
    /// where it names none.
    pub(crate) fn release(&self, observed: &Json, ids: &BTreeSet<ResourceId>) -> Option<Json> {
        let carried = writable(observed, Some(self.root()))?;
        let released = let_go(&carried, ids).unwrap_or_else(|| Json::Object(Map::new()));
        (released != carried).then_some(released)
    }

    fn root(&self) -> &'static Node {
        self.kind.tree().root()
    }

    /// `want` over `base`; `None` where nothing should stand.
    fn overlay(
        &self,
        at: Option<&'static Node>,
        base: Option<Json>,
        want: &Want,
        prior: Option<&Want>,
    ) -> Option<Json> {
        if at.is_some_and(|node| matches!(node.access(), Access::ReadOnly | Access::ByAction)) {
            return None;
        }
        match want {
            Want::Value(Json::Null) | Want::Pending(_) => None,
            Want::Value(_) | Want::Secret(_) => Some(want.expose()),
            Want::Array(items) => Some(self.array(at, base, items, prior)),
            Want::Object(members) => {
                let is_map = facts::is_map(at);
                let mut body = match base {
                    Some(Json::Object(body)) => body,
                    _ => Map::new(),
                };
                if let Some(Want::Object(prior)) = prior {
                    for (name, prior) in prior {
                        let stays = members.keys().any(|other| names_equal(other, name, is_map));
                        if !stays {
                            self.forget(at, &mut body, name, prior);
                        }
                    }
                }
                for (name, want) in members {
                    let held = held_name(&body, name, is_map);
                    if held.is_some() && self.is_ignored(at, name) {
                        continue;
                    }
                    let below = held.as_ref().and_then(|held| body.get(held)).cloned();
                    let before = prior.and_then(|prior| member(prior, name, is_map));
                    let value = self.overlay(at.and_then(|node| node.step(name)), below, want, before);
                    let name = held.unwrap_or_else(|| name.clone());
                    match value {
                        Some(value) => body.insert(name, value),
                        None => body.shift_remove(&name),
                    };
                }
                Some(Json::Object(body))
            }
        }
    }

    fn array(
        &self,
        at: Option<&'static Node>,
        base: Option<Json>,
        items: &[Want],
        prior: Option<&Want>,
    ) -> Json {
        let inner = at.and_then(Node::items);
        let shape = at.and_then(Node::shape);
        let (Some(Shape::Keyed(field) | Shape::Shared(field)), Some(base @ Json::Array(_))) = (shape, base)
        else {
            return Json::Array(
                items.iter().filter_map(|item| self.overlay(inner, None, item, None)).collect(),
            );
        };
        let held = Want::from(&base);
        let wanted = Want::Array(items.to_vec());
        let before = prior.cloned().unwrap_or(Want::Array(Vec::new()));
        let mut written: Vec<Json> = items
            .iter()
            .filter_map(|item| {
                let key = item.at(field);
                let base = key.and_then(|key| find_element(at, &held, field, key)).map(Want::expose);
                let prior = key.and_then(|key| find_element(at, &before, field, key));
                self.overlay(inner, base, item, prior)
            })
            .collect();
        if let (Some(Shape::Shared(_)), Want::Array(held)) = (shape, &held) {
            let foreign = held.iter().filter(|held| !at.is_some_and(|at| lets_in(at, held))).filter(|held| {
                held.at(field).is_none_or(|key| {
                    find_element(at, &wanted, field, key).is_none()
                        && find_element(at, &before, field, key).is_none()
                })
            });
            written.extend(foreign.map(Want::expose));
        }
        Json::Array(written)
    }

    /// Takes out of `body`, at `at`, what `prior` named at `name`.
    fn forget(&self, at: Option<&'static Node>, body: &mut Map<String, Json>, name: &str, prior: &Want) {
        let Some(held) = held_name(body, name, facts::is_map(at)) else { return };
        if self.is_ignored(at, name) {
            return;
        }
        let inner = at.and_then(|node| node.step(name));
        let emptied = match (body.get_mut(&held), prior) {
            (Some(Json::Object(members)), Want::Object(prior)) if !facts::is_map(at) => {
                for (name, prior) in prior {
                    self.forget(inner, members, name, prior);
                }
                members.is_empty()
            }
            (Some(Json::Array(items)), Want::Array(_)) => match inner.and_then(Node::shape) {
                Some(Shape::Shared(field) | Shape::Keyed(field)) => {
                    items.retain(|item| {
                        let item = Want::from(item);
                        item.at(field).is_none_or(|key| find_element(inner, prior, field, key).is_none())
                    });
                    // An empty list says that nothing is left; leaving it out may not.
                    false
                }
                _ => true,
            },
            _ => true,
        };
        if emptied {
            body.shift_remove(&held);
        }
    }

    fn is_ignored(&self, at: Option<&Node>, name: &str) -> bool {
        at.is_some_and(|node| self.ignore.leaves(self.kind, node.path(), name))
    }
}

/// The part of an observed body that may be written. What the table does not
/// know is left out: the table holds everything that can be written.
pub(super) fn writable(observed: &Json, at: Option<&'static Node>) -> Option<Json> {
    let node = at.filter(|node| node.access() == Access::ReadWrite)?;
    let whole = node.property().is_some() && node.fields().next().is_none();
    match observed {
        Json::Null => None,
        Json::Object(members) => {
            let kept = |(name, value): (&String, &Json)| {
                let inner = node.step(name)?;
                // A map's texts and the inside of any JSON have no place of their own.
                let value =
                    if std::ptr::eq(inner, node) { value.clone() } else { writable(value, Some(inner))? };
                Some((name.clone(), value))
            };
            Some(Json::Object(members.iter().filter_map(kept).collect()))
        }
        Json::Array(items) => match node.items() {
            Some(inner) => {
                Some(Json::Array(items.iter().filter_map(|item| writable(item, Some(inner))).collect()))
            }
            None => whole.then(|| observed.clone()),
        },
        _ => whole.then(|| observed.clone()),
    }
}

/// `value` without what names one of `ids`: members that hold nothing else
/// go with it, and elements of arrays go whole.
fn let_go(value: &Json, ids: &BTreeSet<ResourceId>) -> Option<Json> {
    match value {
        Json::String(text) => {
            let named = ResourceId::parse(text).is_ok_and(|id| ids.contains(&id));
            (!named).then(|| value.clone())
        }
        Json::Object(members) => {
            let kept: Map<String, Json> = members
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), let_go(value, ids)?)))
                .collect();
            (!kept.is_empty() || members.is_empty()).then_some(Json::Object(kept))
        }
        Json::Array(items) => {
            let kept = items.iter().filter(|item| let_go(item, ids).as_ref() == Some(item));
            Some(Json::Array(kept.cloned().collect()))
        }
        scalar => Some(scalar.clone()),
    }
}

/// Names in `body` what `carried` had and `body` has no more: by its default,
/// which every service understands, or else by null. Tags need no naming, as
/// they are always replaced whole.
fn say_what_goes(body: &mut Json, carried: &Json, at: Option<&'static Node>, tags: Option<&str>) {
    let (Some(body), Some(carried)) = (body.as_object_mut(), carried.as_object()) else { return };
    if at.is_some_and(|node| Some(node.path()) == tags) {
        return;
    }
    for (name, before) in carried {
        let inner = at.and_then(|node| node.step(name));
        if let Some(value) = body.get_mut(name) {
            say_what_goes(value, before, inner, tags);
        } else {
            let default = inner.and_then(Node::default_answer).cloned();
            body.insert(name.clone(), default.unwrap_or(Json::Null));
        }
    }
}

fn held_name(body: &Map<String, Json>, name: &str, is_map: bool) -> Option<String> {
    body.keys().find(|other| names_equal(other, name, is_map)).cloned()
}

fn names_equal(one: &str, other: &str, is_map: bool) -> bool {
    if is_map { one.eq_ignore_ascii_case(other) } else { one == other }
}

/// Adds an entry to the map at a dotted path of `body`.
fn insert(body: &mut Json, path: &str, name: &str, entry: Json) {
    let mut here = body;
    for step in path.split('.') {
        let Some(members) = here.as_object_mut() else { return };
        here = members.entry(step.to_owned()).or_insert_with(|| Json::Object(Map::new()));
    }
    if let Some(members) = here.as_object_mut() {
        members.insert(name.to_owned(), entry);
    }
}

/// Whether `want` has something to say of a property.
fn is_said(property: &Property, want: &Want) -> bool {
    want.at(property.path).is_some_and(|value| !value.is_empty())
}

/// Takes what stands at a dotted path out of `body`.
fn take(body: &mut Json, path: &str) {
    let (inner, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut names = inner.split('.').filter(|name| !name.is_empty());
    let holder = names.try_fold(body, |here, name| here.get_mut(name));
    if let Some(members) = holder.and_then(Json::as_object_mut) {
        members.shift_remove(name);
    }
}

/// Adds an element to the list at a dotted path of `body`.
fn push(body: &mut Json, path: &str, element: Json) {
    let mut here = body;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        let Some(members) = here.as_object_mut() else { return };
        let empty = if names.peek().is_some() { Json::Object(Map::new()) } else { Json::Array(Vec::new()) };
        here = members.entry(name.to_owned()).or_insert(empty);
    }
    if let Some(items) = here.as_array_mut() {
        items.push(element);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::diff::Differ;
    use super::*;
    use crate::kinds::{
        KUBERNETES_EXTENSION, NETWORK_SECURITY_GROUP, STORAGE_ACCOUNT, SUBNET, VIRTUAL_NETWORK, WORKSPACE,
    };

    const IGNORE: IgnoreTags = IgnoreTags { keys: Vec::new(), prefixes: Vec::new() };

    fn put(kind: &'static Kind, observed: &Json, want: &Json, prior: Option<&Json>) -> Json {
        let prior = prior.map(Want::from);
        Merger { kind, ignore: &IGNORE }.put(observed, &Want::from(want), prior.as_ref())
    }

    fn patch(kind: &'static Kind, observed: &Json, want: &Json, prior: Option<&Json>) -> Json {
        let (want, prior) = (Want::from(want), prior.map(Want::from));
        let differ = Differ { kind, ignore: &IGNORE, pending_differs: false };
        let differences = differ.differences(&Want::from(observed), &want, prior.as_ref());
        Merger { kind, ignore: &IGNORE }.patch(observed, &want, prior.as_ref(), &differences)
    }

    #[test]
    fn a_network_is_made_with_its_subnets_in_one_body() {
        let merger = Merger { kind: &VIRTUAL_NETWORK, ignore: &IGNORE };
        let want = Want::from(&json!({"location": "eastasia", "properties": {"flowTimeoutInMinutes": null}}));
        let subnet =
            Want::from(&json!({"properties": {"addressPrefix": "10.0.0.0/24", "provisioningState": "x"}}));
        assert_eq!(
            merger.create(&want, &[(&SUBNET, "a".to_owned(), subnet)]),
            json!({"location": "eastasia", "properties": {
                "subnets": [{"properties": {"addressPrefix": "10.0.0.0/24"}, "name": "a"}]
            }})
        );
    }

    #[test]
    fn a_setting_that_goes_is_named_in_a_patch() {
        let observed =
            json!({"properties": {"configurationSettings": {"inference": "True", "internal": "azure"}}});
        let want = json!({"properties": {"configurationSettings": {"inference": "True"}}});
        assert_eq!(
            patch(&KUBERNETES_EXTENSION, &observed, &want, Some(&observed)),
            json!({"properties": {"configurationSettings": {"inference": "True", "internal": null}}})
        );
    }

    #[test]
    fn what_only_azure_says_is_never_sent_back() {
        let observed = json!({
            "id": "/x", "name": "v", "type": "t", "etag": "e", "location": "eastasia",
            "properties": {
                "provisioningState": "Succeeded", "resourceGuid": "g",
                "subnets": [{
                    "id": "/x/s", "name": "s", "etag": "e", "type": "t",
                    "properties": {
                        "addressPrefix": "10.0.0.0/24", "provisioningState": "Succeeded",
                        "ipConfigurations": [{"id": "/nic"}],
                        "networkSecurityGroup": {"id": "/nsg", "location": "eastasia"},
                    },
                }],
                "somethingNew": true,
            },
        });
        assert_eq!(
            put(&VIRTUAL_NETWORK, &observed, &json!({"properties": {"flowTimeoutInMinutes": 9}}), None),
            json!({
                "location": "eastasia",
                "properties": {
                    "subnets": [{
                        "name": "s",
                        "properties": {"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {"id": "/nsg"}},
                    }],
                    "flowTimeoutInMinutes": 9,
                },
            })
        );
    }

    #[test]
    fn what_the_earlier_graph_named_and_this_one_does_not_goes() {
        let observed = json!({
            "tags": {"a": "1", "b": "2", "theirs": "3"},
            "properties": {"description": "d", "friendlyName": "f"},
        });
        let prior = json!({"tags": {"a": "1", "B": "2"}, "properties": {"description": "d"}});
        let want = json!({"tags": {"a": "1"}, "properties": {}});
        assert_eq!(
            put(&WORKSPACE, &observed, &want, Some(&prior)),
            json!({"tags": {"a": "1", "theirs": "3"}, "properties": {"friendlyName": "f"}})
        );
    }

    #[test]
    fn a_rule_that_others_added_stays_and_one_that_we_dropped_goes() {
        let rule = |name: &str| json!({"name": name, "properties": {"priority": 100}});
        let rules = |names: &[&str]| json!({"properties": {"securityRules": names.iter().map(|name| rule(name)).collect::<Vec<_>>()}});
        let written = put(
            &NETWORK_SECURITY_GROUP,
            &rules(&["ours", "dropped", "theirs"]),
            &rules(&["ours"]),
            Some(&rules(&["ours", "dropped"])),
        );
        assert_eq!(written, rules(&["ours", "theirs"]));
    }

    #[test]
    fn a_patch_has_only_the_members_that_differ_and_all_tags() {
        let observed = json!({
            "location": "eastasia",
            "tags": {"theirs": "1"},
            "properties": {
                "networkAcls": {"bypass": "None", "defaultAction": "Allow"},
                "allowSharedKeyAccess": true,
                "minimumTlsVersion": "TLS1_2",
            },
        });
        let want = json!({
            "location": "eastasia",
            "tags": {"ours": "2"},
            "properties": {"networkAcls": {"defaultAction": "Deny"}, "minimumTlsVersion": "TLS1_2"},
        });
        assert_eq!(
            patch(&STORAGE_ACCOUNT, &observed, &want, None),
            json!({
                "tags": {"theirs": "1", "ours": "2"},
                "properties": {"networkAcls": {"bypass": "None", "defaultAction": "Deny"}},
            })
        );
    }

    #[test]
    fn a_patch_names_what_goes() {
        let one = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a";
        let two = one.replace("/a", "/b");
        let observed = json!({"identity": {"type": "UserAssigned", "userAssignedIdentities": {
            one: {"principalId": "p"}, &two: {"principalId": "q"},
        }}});
        let prior =
            json!({"identity": {"type": "UserAssigned", "userAssignedIdentities": {one: {}, &two: {}}}});
        let want = json!({"identity": {"type": "UserAssigned", "userAssignedIdentities": {one: {}}}});
        assert_eq!(
            patch(&STORAGE_ACCOUNT, &observed, &want, Some(&prior)),
            json!({"identity": {"type": "UserAssigned", "userAssignedIdentities": {one: {}, &two: null}}})
        );
    }

    fn bodies() -> impl Strategy<Value = Json> {
        let names = prop::sample::subsequence(vec!["a", "b", "c", "D"], 0..4);
        let tags = prop::sample::subsequence(vec!["env", "Team", "cost"], 0..3);
        let some = (any::<bool>(), any::<bool>());
        (names, tags, 100..103_i64, some).prop_map(|(names, tags, priority, (flush, none))| {
            let rule = |name: &&str| json!({"name": name, "properties": {"priority": priority}});
            let tags: Map<String, Json> =
                tags.iter().map(|tag| ((*tag).to_owned(), priority.to_string().into())).collect();
            let mut properties = json!({"securityRules": names.iter().map(rule).collect::<Vec<_>>()});
            if flush {
                properties["flushConnection"] = if none { Json::Null } else { true.into() };
            }
            json!({"location": "eastasia", "tags": tags, "properties": properties})
        })
    }

    proptest! {
        #[test]
        fn what_was_written_has_no_difference_left(observed in bodies(), want in bodies(), prior in bodies()) {
            let (wanted, before) = (Want::from(&want), Want::from(&prior));
            let written = put(&NETWORK_SECURITY_GROUP, &observed, &want, Some(&prior));
            let differ = Differ { kind: &NETWORK_SECURITY_GROUP, ignore: &IGNORE, pending_differs: true };
            let left = differ.differences(&Want::from(&written), &wanted, Some(&before));
            prop_assert!(left.is_empty(), "{:?} in {}", left, written);
        }

        #[test]
        fn writing_what_stands_there_changes_nothing(observed in bodies()) {
            let want = Want::Object(std::collections::BTreeMap::new());
            let written = Merger { kind: &NETWORK_SECURITY_GROUP, ignore: &IGNORE }.put(&observed, &want, None);
            let differ = Differ { kind: &NETWORK_SECURITY_GROUP, ignore: &IGNORE, pending_differs: true };
            prop_assert!(differ.differences(&Want::from(&written), &Want::from(&observed), None).is_empty());
        }
    }
}
