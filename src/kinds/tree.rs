//! A kind's table, compiled into a tree that a body can be walked along.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

use serde_json::Value as Json;

use super::shape::{equal, equal_as_sets, equal_maps, is_nothing, normal};
use super::{ALL, Access, Change, Kind, Opening, Property, Shape, Tags, ro, rw};

/// What every ARM resource answers besides its kind's own properties
/// (ARM resource provider contract, "resource API reference").
const ENVELOPE: &[Property] =
    &[ro("id", Shape::Id), ro("name", Shape::Word), ro("type", Shape::Word), ro("systemData", Shape::Any)];

/// A kind's table as a tree. The tables of embedded children stand in it where
/// the parent carries them.
#[derive(Debug)]
pub struct Tree {
    root: Node,
}

/// A place in a kind's body: an object, an array, a map or a value.
#[derive(Debug, Default)]
pub struct Node {
    path: String,
    property: Option<Property>,
    default: Option<Json>,
    closed: Option<Json>,
    fields: BTreeMap<&'static str, Node>,
    items: Option<Box<Node>>,
    values: Option<Box<Node>>,
}

impl Kind {
    /// The table as a tree, compiled at the first call and kept for good.
    #[must_use]
    pub fn tree(&'static self) -> &'static Tree {
        // By address: a test may have a kind of its own under a known type.
        static TREES: RwLock<Option<HashMap<usize, &'static Tree>>> = RwLock::new(None);
        let address = std::ptr::from_ref(self).addr();
        let known = TREES.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = known.as_ref().and_then(|known| known.get(&address)) {
            return tree;
        }
        drop(known);
        let mut known = TREES.write().unwrap_or_else(PoisonError::into_inner);
        // There are as many as there are kinds, so nothing that is leaked grows.
        known
            .get_or_insert_default()
            .entry(address)
            .or_insert_with(|| Box::leak(Box::new(Tree { root: compile(self, "") })))
    }
}

impl Tree {
    /// The body itself.
    #[must_use]
    pub const fn root(&self) -> &Node {
        &self.root
    }

    /// The place that `segments` lead to. A segment is a field's name; in an
    /// array any segment leads to its elements (an index as well as `[]`), in a
    /// map any key to its values. Below a [`Shape::Any`] every place is that
    /// one. `None` where the table knows nothing.
    #[must_use]
    pub fn at(&self, segments: &[&str]) -> Option<&Node> {
        segments.iter().try_fold(&self.root, |node, segment| node.step(segment))
    }

    /// The row of a path as the tables write it: `properties.subnets[].name`.
    #[must_use]
    pub fn property(&self, path: &str) -> Option<&Property> {
        self.at(&segments(path)).and_then(Node::property)
    }

    /// Every place, parents before their children.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        let mut open = vec![&self.root];
        std::iter::from_fn(move || {
            let node = open.pop()?;
            open.extend(node.values.as_deref());
            open.extend(node.items.as_deref());
            open.extend(node.fields.values().rev());
            Some(node)
        })
    }
}

impl Node {
    /// Where it stands, as the tables write it. Empty for the body itself.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its row; an object on the way to others has none.
    #[must_use]
    pub const fn property(&self) -> Option<&Property> {
        self.property.as_ref()
    }

    /// The shape of its row.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        self.property.map(|property| property.shape)
    }

    /// Who may write it. An object on the way may be written.
    #[must_use]
    pub fn access(&self) -> Access {
        self.property.map_or(Access::ReadWrite, |property| property.access)
    }

    /// Whether another value here means another resource.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.property.is_some_and(|property| property.change == Change::Never)
    }

    /// What Azure answers here where nothing was sent.
    #[must_use]
    pub const fn default_answer(&self) -> Option<&Json> {
        self.default.as_ref()
    }

    /// What it says while it lets nobody in, where the table says so.
    #[must_use]
    pub const fn closed(&self) -> Option<&Json> {
        self.closed.as_ref()
    }

    /// What tells which elements of this array let somebody in.
    #[must_use]
    pub fn opening(&self) -> Option<&'static Opening> {
        self.property.and_then(|property| property.opens)
    }

    /// The fields of an object, by name.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &Self)> {
        self.fields.iter().map(|(name, node)| (*name, node))
    }

    /// One field of an object; `None` where the table has none of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Self> {
        self.fields.get(name)
    }

    /// The elements of an array.
    #[must_use]
    pub fn items(&self) -> Option<&Self> {
        self.items.as_deref()
    }

    /// The values of a map, or of those fields of an object that have no row.
    #[must_use]
    pub fn values(&self) -> Option<&Self> {
        self.values.as_deref()
    }

    /// The place that `segment` leads to from here, as in [`Tree::at`].
    #[must_use]
    pub fn step(&self, segment: &str) -> Option<&Self> {
        if let Some(field) = self.fields.get(segment) {
            return Some(field);
        }
        self.items.as_deref().or(self.values.as_deref()).or_else(|| self.is_whole().then_some(self))
    }

    /// Whether the table describes nothing below: all that is there belongs to this place.
    fn is_whole(&self) -> bool {
        matches!(self.shape(), Some(Shape::Any | Shape::Map)) && self.fields.is_empty()
    }

    /// What tells `element` of this array from the others, in its one spelling:
    /// `None` where this is no keyed array or the element has no key.
    #[must_use]
    pub fn element_key(&self, element: &Json) -> Option<String> {
        let Some(Shape::Keyed(field) | Shape::Shared(field)) = self.shape() else { return None };
        let shape = self.items().and_then(|items| items.field(field)).and_then(Self::shape);
        let key = element.get(field)?.as_str()?;
        Some(normal(shape.unwrap_or(Shape::Word), key))
    }

    /// Whether `a` and `b` are one value to Azure at this place, each part
    /// compared by its own shape. What is only answered and what is never
    /// answered are left out of the comparison; a part that is not there
    /// equals its default.
    #[must_use]
    pub fn equal(&self, a: &Json, b: &Json) -> bool {
        if self.access() != Access::ReadWrite {
            return true;
        }
        match (self.shape(), self.items()) {
            (Some(Shape::Set), Some(items)) => {
                nothing_or(a, b, || equal_as_sets(a, b, |a, b| items.equal(a, b)))
            }
            (Some(Shape::Keyed(_) | Shape::Shared(_)), Some(items)) => nothing_or(a, b, || {
                equal_as_sets(a, b, |a, b| self.element_key(a) == self.element_key(b) && items.equal(a, b))
            }),
            (Some(Shape::List), Some(items)) => nothing_or(a, b, || match (a.as_array(), b.as_array()) {
                (Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| items.equal(a, b)),
                _ => a == b,
            }),
            (None | Some(Shape::Any), _) if !self.fields.is_empty() => self.equal_objects(a, b),
            (Some(shape), _) => equal(shape, a, b),
            (None, _) => match self.values() {
                Some(values) => nothing_or(a, b, || equal_maps(a, b, |a, b| values.equal(a, b))),
                None => equal(Shape::Any, a, b),
            },
        }
    }

    fn equal_objects(&self, a: &Json, b: &Json) -> bool {
        if ![a, b].into_iter().all(|side| side.is_object() || is_nothing(side)) {
            return a == b;
        }
        let mut keys = [a, b].into_iter().filter_map(Json::as_object).flat_map(|fields| fields.keys());
        keys.all(|key| {
            let node = self.step(key);
            let absent = node.and_then(Self::default_answer).unwrap_or(&Json::Null);
            let (a, b) = (a.get(key).unwrap_or(absent), b.get(key).unwrap_or(absent));
            node.map_or_else(|| equal(Shape::Any, a, b), |node| node.equal(a, b))
        })
    }

    /// Makes the way to `path` and sets its row.
    fn insert(&mut self, path: &'static str, prefix: &str, property: Property) {
        let mut node = self;
        for segment in segments(path) {
            let (joint, next) = match segment {
                "[]" => ("", &mut **node.items.get_or_insert_default()),
                "{}" => ("", &mut **node.values.get_or_insert_default()),
                name => (if node.path.is_empty() || node.path.ends_with('.') { "" } else { "." }, {
                    node.fields.entry(name).or_default()
                }),
            };
            if next.path.is_empty() {
                let here = if node.path.is_empty() { prefix } else { node.path.as_str() };
                next.path = format!("{here}{joint}{segment}");
            }
            node = next;
        }
        node.default = property.default.and_then(|text| serde_json::from_str(text).ok());
        node.closed = property.closed.and_then(|text| serde_json::from_str(text).ok());
        node.property = Some(property);
    }
}

/// `properties.subnets[].name` as `properties`, `subnets`, `[]`, `name`.
fn segments(path: &str) -> Vec<&str> {
    path.split('.')
        .flat_map(|part| {
            let name = part.find(['[', '{']).map_or(part, |at| &part[..at]);
            let mut found = vec![name];
            let mut rest = &part[name.len()..];
            while let Some((suffix, left)) = rest.split_at_checked(2) {
                found.push(suffix);
                rest = left;
            }
            found
        })
        .filter(|segment| !segment.is_empty())
        .collect()
}

/// The tree of `kind`, its paths beginning with `prefix`.
fn compile(kind: &Kind, prefix: &str) -> Node {
    let mut root = Node { path: prefix.to_owned(), ..Node::default() };
    for property in ENVELOPE {
        root.insert(property.path, prefix, *property);
    }
    if let Tags::AtMost(_) = kind.tags {
        root.insert("tags", prefix, rw("tags", Shape::Map));
    }
    for property in kind.properties {
        root.insert(property.path, prefix, *property);
    }
    for child in ALL.iter() {
        let Some(path) = child.embedded else { continue };
        if !is_child(child, kind) {
            continue;
        }
        let elements = segments(path).into_iter().try_fold(&mut root, |node, name| node.fields.get_mut(name));
        // Of a map of children the parent's own rows say what is in it.
        if let Some(array) = elements.filter(|node| node.values.is_none()) {
            let mut item = compile(child, &format!("{}[]", array.path));
            // Inside its parent a child is told by its name, which is therefore sent.
            let name = rw("name", Shape::Word).required();
            item.insert(name.path, prefix, name);
            array.items = Some(Box::new(item));
        }
    }
    root
}

fn is_child(child: &Kind, parent: &Kind) -> bool {
    child.resource_type.rsplit_once('/').is_some_and(|(of, _)| of.eq_ignore_ascii_case(parent.resource_type))
}

fn nothing_or(a: &Json, b: &Json, compare: impl FnOnce() -> bool) -> bool {
    if is_nothing(a) || is_nothing(b) { is_nothing(a) && is_nothing(b) } else { compare() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{
        LOG_ANALYTICS, NETWORK_SECURITY_GROUP, PRIVATE_ENDPOINT, STORAGE_ACCOUNT, SUBNET, VIRTUAL_NETWORK,
        WORKSPACE,
    };
    use super::*;

    #[test]
    fn a_path_leads_to_its_row() {
        let tree = NETWORK_SECURITY_GROUP.tree();
        let row = tree.property("properties.securityRules[].properties.priority").unwrap();
        assert_eq!(row.shape, Shape::Int(100, 4096));
        assert!(row.required);
        let walked = tree.at(&["properties", "securityRules", "7", "properties", "priority"]).unwrap();
        assert_eq!(walked.path(), "properties.securityRules[].properties.priority");
        assert!(tree.property("properties.nonsense").is_none());
        assert!(tree.property("properties").is_none(), "an object on the way has no row");
        assert!(PRIVATE_ENDPOINT.tree().property("properties").unwrap().required, "unless ARM demands it");
        assert!(PRIVATE_ENDPOINT.tree().at(&["properties", "nonsense"]).is_none());
    }

    #[test]
    fn below_any_everything_is_known() {
        let node = STORAGE_ACCOUNT.tree().at(&["properties", "customDomain", "name", "x"]).unwrap();
        assert_eq!(node.path(), "properties.customDomain");
    }

    #[test]
    fn a_network_knows_its_subnets_by_their_own_table() {
        let tree = VIRTUAL_NETWORK.tree();
        let embedded = tree.at(&["properties", "subnets", "0", "properties", "natGateway", "id"]).unwrap();
        assert_eq!(embedded.path(), "properties.subnets[].properties.natGateway.id");
        assert_eq!(embedded.shape(), Some(Shape::Id));
        let name = tree.property("properties.subnets[].name").unwrap();
        assert_eq!(name.access, Access::ReadWrite);
        assert_eq!(SUBNET.tree().property("name").unwrap().access, Access::ReadOnly);
    }

    #[test]
    fn every_kind_has_the_envelope_and_tags_where_it_is_taggable() {
        assert_eq!(WORKSPACE.tree().property("tags").unwrap().shape, Shape::Map);
        assert!(SUBNET.tree().property("tags").is_none());
        assert_eq!(SUBNET.tree().property("id").unwrap().access, Access::ReadOnly);
    }

    #[test]
    fn a_map_s_values_are_reached_by_any_key() {
        let node =
            WORKSPACE.tree().at(&["identity", "userAssignedIdentities", "/x/y", "principalId"]).unwrap();
        assert_eq!(node.access(), Access::ReadOnly);
        let rule =
            WORKSPACE.tree().at(&["properties", "managedNetwork", "outboundRules", "pypi", "type"]).unwrap();
        assert!(rule.property().unwrap().required);
    }

    #[test]
    fn an_object_may_have_named_fields_and_others() {
        let features = LOG_ANALYTICS.tree().at(&["properties", "features"]).unwrap();
        assert_eq!(features.step("disableLocalAuth").unwrap().shape(), Some(Shape::Bool));
        assert_eq!(features.step("legacy").unwrap().shape(), Some(Shape::Any));
    }

    #[test]
    fn iteration_meets_parents_first_and_every_row_once() {
        let nodes: Vec<&Node> = PRIVATE_ENDPOINT.tree().nodes().collect();
        let at = |path: &str| nodes.iter().position(|node| node.path() == path).unwrap();
        assert!(at("properties") < at("properties.subnet.id"));
        assert!(at("properties.ipConfigurations") < at("properties.ipConfigurations[].name"));
        let rows = nodes.iter().filter(|node| node.property().is_some()).count();
        assert_eq!(rows, PRIVATE_ENDPOINT.properties.len() + ENVELOPE.len() + 1);
    }

    #[test]
    fn keys_have_one_spelling() {
        let rules = STORAGE_ACCOUNT.tree().at(&["properties", "networkAcls", "virtualNetworkRules"]).unwrap();
        assert_eq!(rules.element_key(&json!({"id": "/A/B"})), Some("/a/b".to_owned()));
        assert_eq!(rules.element_key(&json!({})), None);
    }

    #[test]
    fn bodies_compare_part_by_part() {
        let root = VIRTUAL_NETWORK.tree().root();
        let ours = json!({"location": "East US", "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16", "10.1.0.0/16"]},
            "subnets": [{"name": "a", "properties": {"networkSecurityGroup": {"id": "/X"}}}, {"name": "b"}]}});
        let theirs = json!({"location": "eastus", "etag": "W/1", "properties": {
            "provisioningState": "Succeeded", "enableDdosProtection": false,
            "addressSpace": {"addressPrefixes": ["10.1.0.0/16", "10.0.0.0/16"]},
            "subnets": [{"name": "B", "id": "/b"},
                        {"name": "a", "properties": {"networkSecurityGroup": {"id": "/x"}, "delegations": []}}]}});
        assert!(root.equal(&ours, &theirs) && root.equal(&theirs, &ours));
        let mut changed = theirs.clone();
        changed["properties"]["subnets"][1]["properties"]["networkSecurityGroup"]["id"] = json!("/y");
        assert!(!root.equal(&ours, &changed));
    }
}
