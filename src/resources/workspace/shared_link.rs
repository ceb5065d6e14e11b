//! Private links that Azure Machine Learning itself, in its own subscription, has
//! to what a workspace stands on.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::engine::graph::{Expr, Handle};
use crate::kinds::ResourceId;
use crate::resources::expansion::origin;
use crate::resources::recall::{items, parsed, text};
use crate::schema::config::{Blocks, Field};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

/// What stands between the id of a resource and the part of it that a link leads to.
const PART: &str = "/privateLinkResources/";

block! {
    /// A private link that Azure Machine Learning itself has to a resource. Its owner has to approve it there.
    pub struct SharedPrivateLink {
        /// The name of the link.
        pub name: Field<String> = required(),
        /// Which part of the resource it leads to: `registry`, `blob`, and so on.
        pub subresource_name: Field<String> = required(),
        /// The id of the resource. Left out, it is the registry of this block.
        pub target_resource_id: Field<String> = optional().check(resource_id),
        /// What its owner reads before approving it.
        pub request_message: Field<String> = optional(),
    }
}

pub(super) fn check(links: &Blocks<SharedPrivateLink>, with_registry: bool, problems: &mut Diagnostics) {
    let mut names = BTreeSet::new();
    for link in &links.items {
        if link.target_resource_id.is_null() && !with_registry {
            problems.error(
                link.name.path.clone(),
                "There is no registry that this link could lead to",
                "Set target_resource_id, or add a container_registry block.",
            );
        }
        if let Some(name) = link.name.text()
            && !names.insert(name.to_ascii_lowercase())
        {
            problems.error(
                link.name.path.clone(),
                format!("There are two shared private links named {name:?}"),
                "Azure tells them apart by name, without regard to case.",
            );
        }
    }
}

/// The links as ARM takes them; `None` where there are none, of which nothing is
/// said: Azure does not take the same list twice.
pub(super) fn expr(links: &Blocks<SharedPrivateLink>, registry: Option<&Handle>) -> Option<Expr> {
    if links.unknown {
        return Some(Expr::Unknown);
    }
    let each = links.items.iter().map(|link| {
        let target = match registry {
            Some(registry) if link.target_resource_id.is_null() => registry.id(),
            _ => Expr::from(&link.target_resource_id),
        };
        let part = match (link.subresource_name.text(), link.target_resource_id.is_unknown()) {
            (Some(part), false) => {
                let target = match target.bare() {
                    // An id of the user's is known here.
                    Expr::Json(Json::String(id)) => Expr::from(format!("{id}{PART}{part}")),
                    _ => Expr::Concat(vec![target, Expr::from(format!("{PART}{part}"))]),
                };
                Expr::At(origin(&link.target_resource_id.path), Box::new(target))
            }
            _ => Expr::Unknown,
        };
        body!({
            "name": (&link.name),
            "properties": {
                "groupId": (&link.subresource_name),
                "privateLinkResourceId": (part),
                "requestMessage": (&link.request_message),
            },
        })
    });
    (!links.items.is_empty()).then(|| Expr::array(each))
}

/// The blocks that ask for the links of a body.
pub(super) fn recalled(body: &Json, registry: Option<&ResourceId>) -> Value {
    let each = items(body, "/properties/sharedPrivateLinkResources").map(|link| {
        let at = link.pointer("/properties/privateLinkResourceId").and_then(Json::as_str).unwrap_or_default();
        let id = at.split_once(PART).map_or(at, |(id, _)| id);
        let target = parsed(id).filter(|id| Some(id) != registry).map(|id| id.to_string());
        Value::object([
            ("name", text(link, "/name")),
            ("subresource_name", text(link, "/properties/groupId")),
            ("target_resource_id", target.into()),
            ("request_message", text(link, "/properties/requestMessage")),
        ])
    });
    Value::List(each.collect())
}

fn resource_id(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && let Err(error) = ResourceId::parse(text)
    {
        problems.error(path.clone(), "This is not the id of an Azure resource", format!("{error}."));
    }
}
