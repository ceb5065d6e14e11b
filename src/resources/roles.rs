//! Role assignments: who may do what, where, under a name that follows from
//! all three.

use uuid::Uuid;

use super::Stack;
use crate::body;
use crate::engine::graph::{Expr, Handle};
use crate::kinds::roles::Role;
use crate::kinds::{ROLE_ASSIGNMENT, ResourceId};
use crate::schema::Path;
use crate::schema::Type;
use crate::schema::Value;
use crate::schema::config::{Field, Typed};

/// The namespace of our role assignments' names: chosen once, and for good.
const NAMESPACE: Uuid = Uuid::from_u128(0x3c1d_6b0a_4f52_5d8e_9c57_7a1e_2f64_90b3);

/// Somebody who can be given a role.
pub(super) struct Principal {
    /// The object id, known once Azure has made the identity.
    pub(super) id: Expr,
    /// The ARM resource whose identity it is: it stands for the principal
    /// where a name must be derived before the identity exists.
    pub(super) owner: Option<ResourceId>,
}

/// The identity that a workspace acts as: its own, unless the user names the
/// object id of another.
pub(super) fn of_workspace(workspace: &Handle, principal_id: &Field<String>) -> Principal {
    let id = if principal_id.is_set() {
        Expr::from(principal_id)
    } else {
        workspace.output("identity.principalId")
    };
    Principal { id, owner: workspace.known_id().cloned() }
}

/// A role that a stack needs somebody to have.
pub(super) struct Assignment<'a> {
    /// What `resources` calls it: `role/registry`.
    pub(super) key: String,
    pub(super) role: &'a Role,
    pub(super) scope: &'a Handle,
}

/// Wants a role assignment. It has the same name in every plan: the UUID v5 of
/// scope, role and the identity's owner, or the object id where the user says it.
pub(super) fn assign(
    stack: &mut Stack<'_>,
    principal: &Principal,
    wanted: &Assignment<'_>,
    at: &Path,
) -> Handle {
    let scope = wanted.scope.known_id();
    let stands = match principal.id.bare() {
        Expr::Json(said) => said.as_str().map(str::to_ascii_lowercase),
        Expr::Unknown => None,
        _ => principal.owner.as_ref().map(ResourceId::canonical),
    };
    let name = scope.zip(stands).map(|(scope, stands)| {
        let seed = format!("{}|{}|{}", scope.canonical(), wanted.role.id, stands);
        Uuid::new_v5(&NAMESPACE, seed.as_bytes()).to_string()
    });
    let body = body!({
        "properties": {
            "roleDefinitionId": (wanted.role.definition_id(&stack.azure.subscription)),
            "principalId": (principal.id.clone()),
            "principalType": "ServicePrincipal",
        },
    });
    let handle = stack.add(&wanted.key, &ROLE_ASSIGNMENT, scope, name, body, at);
    // The scope's id is part of this id, which makes no edge by itself.
    stack.after(&handle, [wanted.scope]);
    handle
}

/// The roles that a stack needs somebody to have.
#[derive(Default)]
pub(super) struct Roles {
    /// All of them, for `required_role_assignments`.
    pub(super) listed: Vec<Expr>,
    /// Those that are assigned here.
    pub(super) assigned: Vec<Handle>,
}

impl Roles {
    /// Lists one, and assigns it unless `at` says `none`.
    pub(super) fn want(
        &mut self,
        stack: &mut Stack<'_>,
        principal: &Principal,
        wanted: &Assignment<'_>,
        at: &Field<String>,
    ) {
        self.listed.push(listed(stack, principal, wanted));
        if at.text() != Some("none") {
            self.assigned.push(assign(stack, principal, wanted, &at.path));
        }
    }
}

/// The same as a line of `required_role_assignments`.
pub(super) fn listed(stack: &Stack<'_>, principal: &Principal, wanted: &Assignment<'_>) -> Expr {
    body!({
        "scope": (wanted.scope.id()),
        "role_definition_name": (wanted.role.name),
        "role_definition_id": (wanted.role.definition_id(&stack.azure.subscription)),
        "principal_id": (principal.id.clone()),
    })
}

/// One line of `required_role_assignments`, as Terraform sees it.
#[derive(Debug, Clone, PartialEq)]
#[allow(unreachable_pub, reason = "it stands in a table, and tables are public")]
pub struct RequiredRole;

impl Typed for RequiredRole {
    fn ty() -> Type {
        let names = ["scope", "role_definition_name", "role_definition_id", "principal_id"];
        Type::Object(names.into_iter().map(|name| (name.to_owned(), Type::String)).collect())
    }
    fn read(_: &Value, _: &Path) -> Option<Self> {
        Some(Self)
    }
}

pub(super) use crate::kinds::roles as builtin;
