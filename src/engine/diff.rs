//! Where a body that Azure holds is not what a composite wants.
//!
//! Only what the wanted body says is compared, in the way of each property's
//! shape; what an earlier body said and this one does not is to go, and so is
//! what lets somebody in without having been asked for.

use std::fmt;

use serde_json::Value as Json;

use super::closing::{closed, lets_in};
use super::facts;
use super::resolve::Want;
use super::settings::IgnoreTags;
use crate::kinds::{Access, Kind, Node, Shape, equal};

/// Where ARM carries the tags of a resource.
pub(crate) const TAGS: &str = "tags";

/// What an earlier body said of which it did not speak.
static NOTHING: Want = Want::Value(Json::Null);

/// The longest value shown in full; more of a body than that helps nobody to
/// see which property is meant.
const SHOWN_CHARS: usize = 120;

/// One property that is not as wanted.
///
/// Prints as `properties.networkAcls.defaultAction is Allow, want Deny`.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where: dotted, elements by their key (`properties.securityRules[deny-internet].properties.access`).
    pub path: String,
    /// What is there.
    pub have: Side,
    /// What should be there.
    pub want: Side,
    /// Whether Azure can only give it to another resource.
    pub fixed: bool,
}

/// One side of a difference.
#[derive(Debug, Clone, PartialEq)]
pub enum Side {
    /// Nothing.
    Absent,
    /// This.
    Value(Json),
    /// What another resource, or Terraform, has yet to say.
    Pending,
    /// Something that must not be shown.
    Hidden,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.have, &self.want) {
            // Its name in the path says more than all that is in it.
            (Side::Value(Json::Object(_)), Side::Absent) => {
                write!(f, "{} is there, want absent", self.path)
            }
            (Side::Absent, Side::Value(Json::Object(_))) => write!(f, "{} is missing", self.path),
            (have, want) => write!(f, "{} is {have}, want {want}", self.path),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("absent"),
            Self::Pending => f.write_str("(known after apply)"),
            Self::Hidden => f.write_str("(hidden)"),
            Self::Value(Json::String(text)) if !text.is_empty() => write_short(f, text),
            Self::Value(value) => write_short(f, &value.to_string()),
        }
    }
}

/// Cuts a long text at its end; an id at its beginning, as ids differ at theirs.
fn write_short(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if text.starts_with("/subscriptions/") {
        return match text.char_indices().rev().nth(SHOWN_CHARS) {
            Some((start, _)) => write!(f, "...{}", &text[start..]),
            None => f.write_str(text),
        };
    }
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => write!(f, "{}...", &text[..end]),
        None => f.write_str(text),
    }
}

/// Compares bodies of one kind.
pub(crate) struct Differ<'a> {
    /// Whose table says how properties compare.
    pub kind: &'static Kind,
    /// Tags that are none of our business.
    pub ignore: &'a IgnoreTags,
    /// Whether a value that is not known yet counts as another value.
    pub pending_differs: bool,
}

/// A place in a body: in the kind's tree, and as users read it.
#[derive(Clone)]
struct Place {
    node: Option<&'static Node>,
    shown: String,
    fixed: bool,
}

impl Place {
    fn element(&self, name: &str) -> Self {
        self.step(self.node.and_then(Node::items), format!("{}[{name}]", self.shown))
    }

    fn step(&self, node: Option<&'static Node>, shown: String) -> Self {
        Self { node, shown, fixed: self.fixed || node.is_some_and(Node::is_fixed) }
    }

    fn shape(&self) -> Shape {
        self.node.and_then(Node::shape).unwrap_or(Shape::Any)
    }
}

impl Differ<'_> {
    /// Where `have` is not what `want` says, and where it still is what
    /// `prior` said and `want` no longer does.
    pub(crate) fn differences(&self, have: &Want, want: &Want, prior: Option<&Want>) -> Vec<Difference> {
        let mut found = Vec::new();
        let table = self.kind.tree().root();
        let want = closed(table, have, want);
        let root = Place { node: Some(table), shown: String::new(), fixed: false };
        self.value(root, Some(have), Some(&want), prior, &mut found);
        found
    }

    fn value(
        &self,
        at: Place,
        have: Option<&Want>,
        want: Option<&Want>,
        prior: Option<&Want>,
        found: &mut Vec<Difference>,
    ) {
        let shape = at.shape();
        match at.node.map(Node::access) {
            Some(Access::ReadOnly) => return,
            Some(Access::ByAction) if want.is_none() => return,
            Some(Access::WriteOnly) => {
                // Azure never answers it: only another sentence of the user's is a change, and of a
                // secret nobody remembers the last.
                if want.zip(prior).is_some_and(|(want, prior)| want.says_otherwise_than(prior)) {
                    found.push(Difference {
                        path: at.shown,
                        have: Side::Hidden,
                        want: Side::Hidden,
                        fixed: at.fixed,
                    });
                }
                return;
            }
            Some(Access::ReadWrite | Access::ByAction) | None => {}
        }
        if shape == Shape::Secret {
            return;
        }
        let default = at.node.and_then(Node::default_answer).map(Want::from);
        let have = have.filter(|have| !matches!(have, Want::Value(Json::Null))).or(default.as_ref());
        match want {
            None if prior.is_some() => self.removed(&at, have, prior, default.as_ref(), shape, found),
            None | Some(Want::Secret(_)) => {}
            Some(Want::Value(Json::Null)) => self.removed(&at, have, None, default.as_ref(), shape, found),
            Some(Want::Pending(expr)) => {
                let same = matches!(have, Some(Want::Pending(other)) if other == expr && !expr.has_unknown());
                if self.pending_differs && !same {
                    found.push(Self::difference(&at, have, want));
                }
            }
            Some(Want::Value(value)) => {
                let same = match have {
                    Some(Want::Value(have)) => equal(shape, have, value),
                    None => equal(shape, &Json::Null, value),
                    Some(_) => false,
                };
                if !same {
                    found.push(Self::difference(&at, have, want));
                }
            }
            Some(Want::Object(members)) => {
                let is_map = facts::is_map(at.node);
                for (name, want) in members {
                    let Some(place) = self.member(&at, name) else { continue };
                    let have = have.and_then(|have| member(have, name, is_map));
                    let is_unseen = place.node.is_some_and(|node| node.access() == Access::WriteOnly);
                    let silence = is_unseen.then_some(&NOTHING);
                    let prior = prior.and_then(|prior| member(prior, name, is_map).or(silence));
                    if is_map && have.is_none() && want.is_empty() && !matches!(want, Want::Value(_)) {
                        // In a map an empty object is an entry: an identity's id.
                        found.push(Self::difference(&place, None, Some(want)));
                    } else {
                        self.value(place, have, Some(want), prior, found);
                    }
                }
                if let Some(Want::Object(prior)) = prior {
                    let wanted = Want::Object(members.clone());
                    let gone = |name: &str| member(&wanted, name, is_map).is_none();
                    for (name, prior) in prior.iter().filter(|(name, _)| gone(name)) {
                        self.member_removed(&at, name, have, prior, is_map, found);
                    }
                }
            }
            Some(Want::Array(wanted)) => self.array(&at, have, wanted, prior, shape, found),
        }
    }

    /// The place of an object's member; `None` where it is an ignored tag.
    fn member(&self, at: &Place, name: &str) -> Option<Place> {
        if self.ignore.leaves(self.kind, &at.shown, name) {
            return None;
        }
        let shown = if at.shown.is_empty() { name.to_owned() } else { format!("{}.{name}", at.shown) };
        Some(at.step(at.node.and_then(|node| node.step(name)), shown))
    }

    /// `prior` said something here and nobody does any more; without a
    /// `prior` the wanted body says outright that nothing should be here.
    fn removed(
        &self,
        at: &Place,
        have: Option<&Want>,
        prior: Option<&Want>,
        default: Option<&Want>,
        shape: Shape,
        found: &mut Vec<Difference>,
    ) {
        let Some(here) = have.filter(|have| !have.is_empty()) else { return };
        match (prior, shape) {
            (Some(Want::Object(members)), _) => {
                let is_map = facts::is_map(at.node);
                for (name, prior) in members {
                    self.member_removed(at, name, have, prior, is_map, found);
                }
            }
            (Some(Want::Array(items)), Shape::Keyed(field) | Shape::Shared(field)) => {
                for item in items {
                    let Some(key) = item.at(field) else { continue };
                    if let Some(element) = find_element(at.node, here, field, key) {
                        found.push(Self::difference(&at.element(&show_key(key)), Some(element), None));
                    }
                }
            }
            _ => {
                let as_default = default.is_some_and(|default| match (here, default) {
                    (Want::Value(here), Want::Value(default)) => equal(shape, here, default),
                    _ => here == default,
                });
                if !as_default {
                    found.push(Self::difference(at, have, None));
                }
            }
        }
    }

    /// `prior` named this member of an object or map and nobody does any more.
    fn member_removed(
        &self,
        at: &Place,
        name: &str,
        have: Option<&Want>,
        prior: &Want,
        is_map: bool,
        found: &mut Vec<Difference>,
    ) {
        let Some(place) = self.member(at, name) else { return };
        let have = have.and_then(|have| member(have, name, is_map));
        if is_map && have.is_some() {
            found.push(Self::difference(&place, have, None));
        } else {
            self.value(place, have, None, Some(prior), found);
        }
    }

    fn array(
        &self,
        at: &Place,
        have: Option<&Want>,
        wanted: &[Want],
        prior: Option<&Want>,
        shape: Shape,
        found: &mut Vec<Difference>,
    ) {
        let want = Want::Array(wanted.to_vec());
        let held: &[Want] = match have {
            Some(Want::Array(items)) => items,
            None => &[],
            Some(_) => {
                found.push(Self::difference(at, have, Some(&want)));
                return;
            }
        };
        match shape {
            Shape::Keyed(field) | Shape::Shared(field) => {
                self.keyed(at, held, &want, prior, field, matches!(shape, Shape::Shared(_)), found);
            }
            Shape::Set => {
                let inner = at.node.and_then(Node::items).and_then(Node::shape).unwrap_or(Shape::Any);
                let covers = |all: &[Want], some: &[Want]| {
                    some.iter().all(|one| all.iter().any(|other| same_element(inner, one, other)))
                };
                let pending = wanted.iter().any(|item| item.pending().is_some());
                if (self.pending_differs || !pending) && !(covers(held, wanted) && covers(wanted, held)) {
                    found.push(Self::difference(at, have, Some(&want)));
                }
            }
            _ if held.len() == wanted.len() => {
                for (position, (have, want)) in held.iter().zip(wanted).enumerate() {
                    let prior = match prior {
                        Some(Want::Array(items)) => items.get(position),
                        _ => None,
                    };
                    self.value(at.element(&position.to_string()), Some(have), Some(want), prior, found);
                }
            }
            _ => found.push(Self::difference(at, have, Some(&want))),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the two sides, what was before, and how they are told apart"
    )]
    fn keyed(
        &self,
        at: &Place,
        held: &[Want],
        want: &Want,
        prior: Option<&Want>,
        field: &str,
        shared: bool,
        found: &mut Vec<Difference>,
    ) {
        let held_array = Want::Array(held.to_vec());
        let Want::Array(wanted) = want else { return };
        let mut anonymous = false;
        for item in wanted {
            let Some(key) = item.at(field).filter(|key| key.pending().is_none()) else {
                anonymous = true;
                continue;
            };
            let place = at.element(&show_key(key));
            match find_element(at.node, &held_array, field, key) {
                Some(have) => {
                    let prior = prior.and_then(|prior| find_element(at.node, prior, field, key));
                    self.value(place, Some(have), Some(item), prior, found);
                }
                None => found.push(Self::difference(&place, None, Some(item))),
            }
        }
        if anonymous {
            // Which element is meant will be known later; until then none is foreign.
            if self.pending_differs && !same_arrays(held, wanted) {
                found.push(Difference {
                    want: Side::Pending,
                    ..Self::difference(at, Some(&held_array), Some(want))
                });
            }
            return;
        }
        for item in held {
            let Some(key) = item.at(field) else { continue };
            let wanted = find_element(at.node, want, field, key).is_some();
            let was_ours = prior.and_then(|prior| find_element(at.node, prior, field, key)).is_some();
            let opens = at.node.is_some_and(|node| lets_in(node, item));
            if !wanted && (!shared || was_ours || opens) {
                found.push(Self::difference(&at.element(&show_key(key)), Some(item), None));
            }
        }
    }

    fn difference(at: &Place, have: Option<&Want>, want: Option<&Want>) -> Difference {
        let secret = at.node.is_some_and(facts::holds_secret);
        Difference {
            path: at.shown.clone(),
            have: side(have, secret),
            want: side(want, secret),
            fixed: at.fixed,
        }
    }
}

/// The element of the array `items`, at `node`, that has this key.
pub(crate) fn find_element<'w>(
    node: Option<&Node>,
    items: &'w Want,
    field: &str,
    key: &Want,
) -> Option<&'w Want> {
    let Want::Array(items) = items else { return None };
    // Names within ARM are the same however they are cased.
    let shape = node.and_then(Node::items).and_then(|items| items.field(field)).and_then(Node::shape);
    let shape = shape.filter(|shape| *shape != Shape::Text).unwrap_or(Shape::Word);
    items.iter().find(|item| item.at(field).is_some_and(|other| same_element(shape, other, key)))
}

/// The member of an object, or of a map in any casing.
pub(crate) fn member<'w>(of: &'w Want, name: &str, is_map: bool) -> Option<&'w Want> {
    if is_map { of.member_ignoring_case(name) } else { of.member(name) }
}

fn same_element(shape: Shape, one: &Want, other: &Want) -> bool {
    match (one, other) {
        (Want::Value(one), Want::Value(other)) => equal(shape, one, other),
        _ => one == other,
    }
}

fn same_arrays(one: &[Want], other: &[Want]) -> bool {
    one == other && one.iter().all(|item| item.pending().is_none_or(|expr| !expr.has_unknown()))
}

fn show_key(key: &Want) -> String {
    match key {
        Want::Value(Json::String(text)) => text.clone(),
        Want::Value(value) => value.to_string(),
        _ => "?".to_owned(),
    }
}

fn side(value: Option<&Want>, secret: bool) -> Side {
    match value {
        None | Some(Want::Value(Json::Null)) => Side::Absent,
        Some(value) if secret || value.has_secret() => Side::Hidden,
        Some(value) if value.pending().is_some() => Side::Pending,
        Some(value) => Side::Value(value.expose()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::graph::{Expr, Secret};
    use crate::kinds::{
        KEY_VAULT, NETWORK_SECURITY_GROUP, PRIVATE_ENDPOINT, STORAGE_ACCOUNT, VIRTUAL_NETWORK, WORKSPACE,
    };

    fn against(kind: &'static Kind, have: &Json, want: &Want, prior: Option<&Json>) -> Vec<String> {
        let ignore = IgnoreTags { keys: vec!["cost-centre".into()], prefixes: vec!["policy-".into()] };
        let differ = Differ { kind, ignore: &ignore, pending_differs: true };
        let prior = prior.map(Want::from);
        differ.differences(&Want::from(have), want, prior.as_ref()).iter().map(ToString::to_string).collect()
    }

    fn between(kind: &'static Kind, have: &Json, want: &Json) -> Vec<String> {
        against(kind, have, &Want::from(want), None)
    }

    #[test]
    fn only_what_is_wanted_is_compared() {
        let have =
            json!({"location": "eastasia", "properties": {"accessTier": "Hot", "primaryEndpoints": {}}});
        assert!(between(&STORAGE_ACCOUNT, &have, &json!({"location": "East Asia"})).is_empty());
    }

    #[test]
    fn a_difference_reads_as_a_sentence() {
        let have = json!({"properties": {"networkAcls": {"defaultAction": "Allow"}}});
        let want = json!({"properties": {"networkAcls": {"defaultAction": "Deny"}}});
        assert_eq!(
            between(&STORAGE_ACCOUNT, &have, &want),
            ["properties.networkAcls.defaultAction is Allow, want Deny"]
        );
    }

    #[test]
    fn spellings_that_azure_mixes_are_no_difference() {
        let have = json!({"properties": {"networkAcls": {"bypass": "Metrics,AzureServices"}, "publicNetworkAccess": "disabled"}});
        let want = json!({"properties": {"networkAcls": {"bypass": "AzureServices, Metrics"}, "publicNetworkAccess": "Disabled"}});
        assert!(between(&STORAGE_ACCOUNT, &have, &want).is_empty());
    }

    #[test]
    fn what_is_absent_equals_its_default() {
        let want = json!({"properties": {"enableDdosProtection": false, "dhcpOptions": {"dnsServers": []}}});
        assert!(between(&VIRTUAL_NETWORK, &json!({"properties": {}}), &want).is_empty());
        let want = json!({"properties": {"enableDdosProtection": true}});
        assert_eq!(
            between(&VIRTUAL_NETWORK, &json!({"properties": {}}), &want),
            ["properties.enableDdosProtection is false, want true"]
        );
    }

    #[test]
    fn a_null_wants_nothing_there() {
        let want = json!({"properties": {"flowTimeoutInMinutes": null}});
        assert!(between(&VIRTUAL_NETWORK, &json!({"properties": {}}), &want).is_empty());
        assert_eq!(
            between(&VIRTUAL_NETWORK, &json!({"properties": {"flowTimeoutInMinutes": 4}}), &want),
            ["properties.flowTimeoutInMinutes is 4, want absent"]
        );
    }

    #[test]
    fn a_foreign_tag_is_no_drift_and_one_of_ours_is_when_it_goes() {
        let have = json!({"tags": {"env": "prod", "team": "ml", "CostCode": "7"}});
        let want = Want::from(&json!({"tags": {"Env": "prod"}}));
        assert!(against(&WORKSPACE, &have, &want, None).is_empty());
        let prior = json!({"tags": {"env": "prod", "team": "ml"}});
        assert_eq!(against(&WORKSPACE, &have, &want, Some(&prior)), ["tags.team is ml, want absent"]);
    }

    #[test]
    fn ignored_tags_are_left_alone_and_our_marks_never_are() {
        let have = json!({"tags": {"cost-centre": "1", "Policy-x": "2"}});
        let want = json!({"tags": {"cost-centre": "9", "policy-x": "9", "amlsecure-owner": "me"}});
        assert_eq!(between(&WORKSPACE, &have, &want), ["tags.amlsecure-owner is absent, want me"]);
    }

    #[test]
    fn shared_lists_admit_strangers_and_keyed_lists_do_not() {
        let prior = json!({"properties": {"subnets": [{"name": "a"}, {"name": "b"}]}});
        let have = json!({"properties": {"subnets": [{"name": "a"}, {"name": "b"}, {"name": "z"}]}});
        let want = Want::from(&json!({"properties": {"subnets": [{"name": "A"}]}}));
        assert_eq!(against(&VIRTUAL_NETWORK, &have, &want, None), Vec::<String>::new());
        let found = against(&VIRTUAL_NETWORK, &have, &want, Some(&prior));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("properties.subnets[b] is "), "{found:?}");

        let connection = |name: &str| json!({"name": name, "properties": {"groupIds": ["blob"]}});
        let have =
            json!({"properties": {"privateLinkServiceConnections": [connection("a"), connection("b")]}});
        let want = json!({"properties": {"privateLinkServiceConnections": [connection("a")]}});
        let found = between(&PRIVATE_ENDPOINT, &have, &want);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("properties.privateLinkServiceConnections[b]"), "{found:?}");
    }

    #[test]
    fn elements_are_named_by_their_key() {
        let rule = |access: &str| json!({"properties": {"securityRules": [{"name": "in", "properties": {"access": access}}]}});
        assert_eq!(
            between(&NETWORK_SECURITY_GROUP, &rule("Allow"), &rule("Deny")),
            ["properties.securityRules[in].properties.access is Allow, want Deny"]
        );
    }

    #[test]
    fn sets_have_no_order() {
        let prefixes = |list: &[&str]| json!({"properties": {"addressSpace": {"addressPrefixes": list}}});
        let one = prefixes(&["10.0.0.0/16", "10.1.0.0/16"]);
        assert!(between(&VIRTUAL_NETWORK, &one, &prefixes(&["10.1.0.0/16", "10.0.0.0/16"])).is_empty());
        assert_eq!(between(&VIRTUAL_NETWORK, &one, &prefixes(&["10.0.0.0/16"])).len(), 1);
    }

    #[test]
    fn an_identity_is_an_entry_of_its_map() {
        let id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u";
        let want = json!({"identity": {"userAssignedIdentities": {id: {}}}});
        let have = json!({"identity": {"userAssignedIdentities": {id.to_uppercase(): {"principalId": "x"}}}});
        assert!(between(&WORKSPACE, &have, &want).is_empty());
        assert_eq!(between(&WORKSPACE, &json!({"identity": {}}), &want).len(), 1);
    }

    #[test]
    fn what_cannot_change_says_so() {
        let ignore = IgnoreTags::default();
        let differ = Differ { kind: &KEY_VAULT, ignore: &ignore, pending_differs: true };
        let found = differ.differences(
            &Want::from(&json!({"location": "eastasia"})),
            &Want::from(&json!({"location": "westeurope"})),
            None,
        );
        assert!(found.iter().all(|difference| difference.fixed) && found.len() == 1, "{found:?}");
    }

    #[test]
    fn a_value_that_is_not_known_counts_only_where_it_should() {
        let mut want = Want::from(&json!({"properties": {}}));
        want.set(&["properties", "imageBuildCompute"], Want::Pending(Expr::Unknown));
        let have = Want::from(&json!({"properties": {"imageBuildCompute": "cpu"}}));
        let ignore = IgnoreTags::default();
        let count = |pending_differs| {
            Differ { kind: &WORKSPACE, ignore: &ignore, pending_differs }
                .differences(&have, &want, None)
                .len()
        };
        assert_eq!((count(true), count(false)), (1, 0));
    }

    #[test]
    fn a_secret_is_neither_compared_nor_shown() {
        let mut want = Want::from(&json!({"properties": {}}));
        want.set(&["properties", "friendlyName"], Want::Secret(Secret::new("hunter2".into())));
        let have = json!({"properties": {"friendlyName": "other"}});
        assert!(against(&WORKSPACE, &have, &want, None).is_empty());
        assert_eq!(side(Some(&want), false), Side::Hidden);
    }
}
