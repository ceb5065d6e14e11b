//! Identities that a resource carries: its own, or the user's.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::checks;
use super::expansion::origin;
use crate::engine::graph::Expr;
use crate::kinds::{ResourceId, USER_ASSIGNED_IDENTITY};
use crate::schema::config::Field;
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

const BOTH: &str = "SystemAssigned, UserAssigned";

block! {
    /// The identity of a workspace.
    pub struct Identity {
        /// `SystemAssigned`, `UserAssigned`, or `SystemAssigned, UserAssigned`, from which there is no way back to
        /// the first.
        pub r#type: Field<String> = required()
            .check(|v, p, d| checks::one_of(&["SystemAssigned", "UserAssigned", BOTH], v, p, d)),
        /// The ids of the user-assigned identities. The first acts for the workspace where it has none of its
        /// own.
        pub identity_ids: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&USER_ASSIGNED_IDENTITY, v, p, d), v, p, d)),
    }
}

impl Identity {
    pub(super) fn check(&self, problems: &mut Diagnostics) {
        check_identity(&self.r#type, &self.identity_ids, problems);
    }

    /// Both kinds of identity are a step that Azure does not take back ("set up authentication between Azure ML
    /// and other services").
    pub(super) fn check_change(before: Option<&Self>, now: Option<&Self>, problems: &mut Diagnostics) {
        let had_both = before.and_then(|before| before.r#type.text()) == Some(BOTH);
        let at = match now {
            None => Path::root().attribute("identity"),
            Some(now) if now.r#type.text() == Some("SystemAssigned") => now.r#type.path.clone(),
            Some(_) => return,
        };
        if had_both {
            problems.error(
                at,
                "A workspace does not give up its user-assigned identities",
                format!(
                    "Its type is {BOTH:?}, and Azure does not take it back to \"SystemAssigned\". Leave it so, or build \
                     another workspace: terraform taint marks this one to be replaced by the next apply."
                ),
            );
        }
    }

    /// Whether it is known who acts for the workspace.
    pub(super) fn is_decided(&self) -> bool {
        !self.r#type.is_unknown() && (self.has_system_assigned() || self.identity_ids.is_whole())
    }

    pub(super) fn has_system_assigned(&self) -> bool {
        self.r#type.text() != Some("UserAssigned")
    }

    pub(super) fn of_its_own() -> Expr {
        body!({ "type": "SystemAssigned" })
    }

    pub(super) fn expr(&self) -> Expr {
        identity(&self.r#type, &self.identity_ids)
    }
}

/// An `identity` block as ARM takes it. Machine Learning writes the two words
/// of the mixed type without a blank between.
pub(super) fn identity(kind: &Field<String>, ids: &Field<Vec<Field<String>>>) -> Expr {
    let name = match kind.text() {
        Some(text) => text.replace(' ', "").into(),
        None => Expr::Unknown,
    };
    let mut members = BTreeMap::from([("type".to_owned(), Expr::At(origin(&kind.path), Box::new(name)))]);
    if ids.is_set() {
        let each = ids.elements().filter_map(|id| Some((id.text()?.to_owned(), body!({}))));
        let map = if ids.is_whole() { Expr::object(each) } else { Expr::Unknown };
        members.insert("userAssignedIdentities".to_owned(), Expr::At(origin(&ids.path), Box::new(map)));
    }
    Expr::Object(members)
}

/// Ids go with a type that takes them, and such a type needs them.
pub(super) fn check_identity(
    kind: &Field<String>,
    ids: &Field<Vec<Field<String>>>,
    problems: &mut Diagnostics,
) {
    let Some(text) = kind.text() else { return };
    if ids.is_unknown() {
        return;
    }
    let has_ids = ids.elements().next().is_some();
    let wants_ids = text.contains("UserAssigned");
    if has_ids && !wants_ids {
        problems.error(
            ids.path.clone(),
            format!("An identity of type {text:?} takes no identity_ids"),
            "Set type = \"UserAssigned\" to use them.",
        );
    }
    if wants_ids && !has_ids {
        problems.error(
            kind.path.clone(),
            format!("An identity of type {text:?} needs identity_ids"),
            "List the ids of the user-assigned identities.",
        );
    }
}

/// The `identity` block that asks for the identity of a body; null where it
/// has none.
pub(super) fn recalled(body: &Json) -> Value {
    let kind = body.pointer("/identity/type").and_then(Json::as_str).unwrap_or("None");
    let has = |word: &str| kind.split(',').any(|one| one.trim().eq_ignore_ascii_case(word));
    let words: Vec<&str> = ["SystemAssigned", "UserAssigned"].into_iter().filter(|word| has(word)).collect();
    if words.is_empty() {
        return Value::Null;
    }
    let ids = body.pointer("/identity/userAssignedIdentities").and_then(Json::as_object);
    let mut ids: Vec<ResourceId> =
        ids.into_iter().flatten().filter_map(|(id, _)| super::recall::parsed(id)).collect();
    // The first acts for a workspace without an identity of its own.
    let acts = super::recall::id(body, "/properties/primaryUserAssignedIdentity");
    ids.sort_by_key(|id| Some(id) != acts.as_ref());
    let ids = if ids.is_empty() { Value::Null } else { Value::list(ids.iter().map(ResourceId::as_str)) };
    Value::object([("type", words.join(", ").into()), ("identity_ids", ids)])
}
