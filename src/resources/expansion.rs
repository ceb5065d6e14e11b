//! What an expansion is built with: names, ids, tags and origins, the same way
//! for every composite.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{Common, Expansion, Outputs};
use crate::engine::graph::{Expr, Graph, Handle, Origin};
use crate::kinds::{self, Cloud, Kind, ResourceId};
use crate::schema::config::{Declared as _, Field, SetOf, State, Typed};
use crate::schema::{Diagnostics, Path, Value};

/// Tags by name.
pub type Tags = BTreeMap<String, Field<String>>;

/// What an expansion knows of Azure: where it builds, as whom.
#[derive(Debug, Clone)]
pub struct Azure {
    /// The subscription of everything that is made.
    pub subscription: ResourceId,
    /// The Entra tenant; `None` leaves it to the subscription to say.
    pub tenant_id: Option<String>,
    /// Which Azure.
    pub cloud: Cloud,
    /// Tags of everything, which a composite's own override.
    pub default_tags: BTreeMap<String, String>,
    /// Whether compute instances have actions that change their schedules and idle time.
    pub compute_instance_actions: bool,
}

/// Builds the graph of one composite.
pub struct Stack<'a> {
    /// Where it builds.
    pub azure: &'a Azure,
    /// The graph so far.
    pub graph: Graph,
    /// What is wrong so far.
    pub problems: Diagnostics,
    common: &'a Common,
    unused_names: BTreeSet<String>,
    incomplete: bool,
}

impl<'a> Stack<'a> {
    pub(super) fn new(azure: &'a Azure, common: &'a Common) -> Self {
        let unused_names = common.names.known().into_iter().flat_map(|names| names.keys().cloned()).collect();
        Self {
            azure,
            graph: Graph::default(),
            problems: Diagnostics::default(),
            common,
            unused_names,
            incomplete: false,
        }
    }

    /// A graph that is only read: a data source's.
    pub fn read_only(azure: &'a Azure, expand: impl FnOnce(&mut Stack<'_>) -> Outputs) -> Expansion {
        let common = Common::read(&Value::Null, &Path::root());
        let mut stack = Stack::new(azure, &common);
        let outputs = expand(&mut stack);
        stack.finish(outputs)
    }

    pub(super) fn finish(mut self, outputs: Outputs) -> Expansion {
        if self.incomplete {
            self.unused_names.clear();
        } else {
            for name in &self.unused_names {
                let keys: Vec<&str> = self.graph.managed().map(|node| &*node.key).collect();
                self.problems.error(
                    self.common.names.path.key(name),
                    format!("There is no Azure resource {name:?} in this block"),
                    format!("names takes the keys of resources, which here are: {}.", keys.join(", ")),
                );
            }
        }
        Expansion {
            graph: self.graph,
            outputs,
            incomplete: self.incomplete,
            unused_names: self.unused_names,
            problems: self.problems,
        }
    }

    /// Says that something not yet known decides which resources there are.
    pub fn incomplete(&mut self) {
        self.incomplete = true;
    }

    /// The resource group of this name.
    pub fn resource_group(&self, name: &Field<String>) -> Option<ResourceId> {
        name.text().map(|name| self.azure.subscription.resource_group(name))
    }

    /// The name of a node: the user's from `names`, or else `derived`.
    pub fn name(&mut self, key: &str, derived: Option<String>) -> Option<String> {
        self.unused_names.remove(key);
        match &self.common.names.state {
            State::Unknown => None,
            State::Null => derived,
            State::Known(names) => match names.get(key) {
                None => derived,
                Some(given) => given.text().map(str::to_owned),
            },
        }
    }

    /// Says that names within the body of this node may be the user's too.
    pub fn names_within(&mut self, key: &str) {
        self.unused_names.retain(|name| name.strip_prefix(key).is_none_or(|rest| !rest.starts_with('/')));
    }

    /// Wants a resource of ours in a scope, under the name that `names` or
    /// the composite gives it. A kind that carries tags gets the stack's.
    pub fn add(
        &mut self,
        key: &str,
        kind: &'static Kind,
        scope: Option<&ResourceId>,
        derived: Option<String>,
        body: Expr,
        at: &Path,
    ) -> Handle {
        let name = self.name(key, derived);
        if let Some(name) = &name
            && !kind.name.admits(name)
        {
            let at = if self.is_renamed(key) { self.common.names.path.key(key) } else { at.clone() };
            self.problems.error(
                at,
                format!("{name:?} cannot name a {}", kind.noun),
                format!("Azure takes {}.", kind.name.words),
            );
        }
        let id = scope.zip(name).map(|(scope, name)| scope.child(kind, &name));
        let body = match kind.tags_at() {
            Some(at) => with_tags(body, &at.split('.').collect::<Vec<_>>(), self.tags()),
            None => body,
        };
        self.graph.add(key, kind, id, body, origin(at))
    }

    fn is_renamed(&self, key: &str) -> bool {
        self.common.names.known().is_some_and(|names| names.contains_key(key))
    }

    /// Names a resource that somebody else made, which must exist.
    pub fn given(&mut self, key: &str, kind: &'static Kind, id: &Field<String>) -> Handle {
        let known = id.text().and_then(|text| ResourceId::parse(text).ok());
        self.graph.given(key, kind, known, origin(&id.path))
    }

    /// As [`Stack::given`], for an id that the composite derives itself.
    pub fn given_id(&mut self, key: &str, kind: &'static Kind, id: Option<ResourceId>, at: &Path) -> Handle {
        self.graph.given(key, kind, id, origin(at))
    }

    /// The Entra tenant, asked of the subscription where nobody said it.
    pub fn tenant_id(&mut self) -> Expr {
        if let Some(tenant) = &self.azure.tenant_id {
            return tenant.as_str().into();
        }
        let id = self.azure.subscription.clone();
        self.given_id("subscription", &kinds::SUBSCRIPTION, Some(id), &Path::root()).output("tenantId")
    }

    /// Makes `node` wait for others that its body does not name.
    pub fn after<'h>(&mut self, node: &Handle, earlier: impl IntoIterator<Item = &'h Handle>) {
        for handle in earlier {
            self.graph.after(node, handle);
        }
    }

    /// The tags of every resource: those that a state records, which say what
    /// was written, or else those that the configuration asks for.
    fn tags(&self) -> Expr {
        let all = match &self.common.tags_all.state {
            State::Known(recorded) => Some(recorded.clone()),
            State::Null | State::Unknown => all_tags(&self.common.tags, &self.azure.default_tags),
        };
        let tags = match all {
            Some(tags) => {
                Expr::Object(tags.iter().map(|(name, value)| (name.clone(), value.into())).collect())
            }
            None => return Expr::Unknown,
        };
        Expr::At(origin(&self.common.tags.path), Box::new(tags))
    }
}

/// A composite's own tags over the provider's; `None` while its own are not
/// known.
pub(super) fn all_tags(own: &Field<Tags>, default: &BTreeMap<String, String>) -> Option<Tags> {
    let mut all: Tags = default
        .iter()
        .map(|(name, value)| {
            (name.clone(), Field { path: own.path.clone(), state: State::Known(value.clone()) })
        })
        .collect();
    match &own.state {
        State::Unknown => return None,
        State::Null => {}
        State::Known(own) => {
            for (name, value) in own {
                // Azure compares tag names without regard to case.
                all.retain(|other, _| !other.eq_ignore_ascii_case(name));
                all.insert(name.clone(), value.clone());
            }
        }
    }
    Some(all)
}

/// Where a value stands, for the engine to carry.
pub(super) fn origin(path: &Path) -> Origin {
    Origin(path.to_string().into())
}

/// A body with tags at a path, beside those that it has there already.
fn with_tags(body: Expr, at: &[&str], tags: Expr) -> Expr {
    let (Expr::Object(mut members), Some((name, rest))) = (body.clone(), at.split_first()) else {
        return body;
    };
    let below = members.remove(*name);
    let value = match rest {
        [] => beside(below, tags),
        _ => with_tags(below.unwrap_or_else(|| Expr::Object(BTreeMap::new())), rest, tags),
    };
    members.insert((*name).to_owned(), value);
    Expr::Object(members)
}

fn beside(own: Option<Expr>, tags: Expr) -> Expr {
    match (own, tags) {
        (Some(Expr::Object(own)), Expr::At(origin, more)) => {
            Expr::At(origin, Box::new(beside(Some(Expr::Object(own)), *more)))
        }
        (Some(Expr::Object(mut own)), Expr::Object(more)) => {
            own.extend(more);
            Expr::Object(own)
        }
        (_, tags) => tags,
    }
}

/// A value of the configuration as part of a body: null where it is not set.
impl<T: Typed + ToExpr> From<&Field<T>> for Expr {
    fn from(field: &Field<T>) -> Self {
        let inner = match &field.state {
            State::Null => return Self::Json(Json::Null),
            State::Unknown => Self::Unknown,
            State::Known(value) => value.to_expr(),
        };
        Self::At(origin(&field.path), Box::new(inner))
    }
}

/// A known value of the configuration as JSON.
pub trait ToExpr {
    /// The value as part of a body.
    fn to_expr(&self) -> Expr;
}

impl ToExpr for String {
    fn to_expr(&self) -> Expr {
        self.as_str().into()
    }
}
impl ToExpr for bool {
    fn to_expr(&self) -> Expr {
        (*self).into()
    }
}
impl ToExpr for i64 {
    fn to_expr(&self) -> Expr {
        (*self).into()
    }
}
impl<T: Typed + ToExpr> ToExpr for Vec<Field<T>> {
    fn to_expr(&self) -> Expr {
        Expr::array(self.iter().map(Expr::from))
    }
}
impl ToExpr for SetOf {
    fn to_expr(&self) -> Expr {
        Expr::array(self.0.iter().map(Expr::from))
    }
}

/// `Enabled` or `Disabled`, as most of Azure writes a flag.
pub(super) fn enabled(flag: &Field<bool>) -> Expr {
    let inner = match flag.state {
        State::Null => return Expr::Json(Json::Null),
        State::Unknown => Expr::Unknown,
        State::Known(true) => "Enabled".into(),
        State::Known(false) => "Disabled".into(),
    };
    Expr::At(origin(&flag.path), Box::new(inner))
}

/// A body without the members that nobody has set, as Azure has values of its
/// own for them, and a null would ask it to take them back.
pub(super) fn spoken(body: Expr) -> Expr {
    match body {
        Expr::Object(members) => Expr::Object(
            members
                .into_iter()
                .filter(|(_, value)| *value.bare() != Expr::Json(Json::Null))
                .map(|(name, value)| (name, spoken(value)))
                .collect(),
        ),
        Expr::Array(items) => Expr::Array(items.into_iter().map(spoken).collect()),
        other => other,
    }
}

/// Writes a body as JSON: braces and brackets are JSON's, and what stands in
/// parentheses is an expression.
#[macro_export]
macro_rules! body {
    ({ $($key:literal : $value:tt),* $(,)? }) => {
        $crate::engine::graph::Expr::object([ $(($key, $crate::body!($value))),* ] as [(&str, $crate::engine::graph::Expr); _])
    };
    ([ $($value:tt),* $(,)? ]) => {
        $crate::engine::graph::Expr::array([ $($crate::body!($value)),* ] as [$crate::engine::graph::Expr; _])
    };
    (null) => { $crate::engine::graph::Expr::Json(::serde_json::Value::Null) };
    (($value:expr)) => { $crate::engine::graph::Expr::from($value) };
    ($value:literal) => { $crate::engine::graph::Expr::from($value) };
}
