//! Connections of a workspace: what environments and jobs reach other services
//! with, such as a private feed of Python packages.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::engine::graph::{Expr, Handle, Secret};
use crate::kinds::WORKSPACE_CONNECTION;
use crate::resources::expansion::origin;
use crate::resources::recall::{Found, Recalled, Seen, flag, text, word};
use crate::resources::{Stack, checks};
use crate::schema::config::{Blocks, Field, State};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

/// The metadata in which a connection carries the version of its credentials:
/// Azure never shows one, so this says which of them it was given, and that it
/// is one of ours.
const CREDENTIALS: &str = "amlsecure-credentials";

/// What is known of how a connection signs in, by the name of Azure; what it
/// needs, and what it takes besides.
const TYPES: [(&str, &[&str], &[&str]); 9] = [
    ("AAD", &[], &[]),
    ("AccessKey", &["access_key_id", "secret_access_key"], &[]),
    ("AccountKey", &["key"], &[]),
    ("ApiKey", &["key"], &[]),
    ("ManagedIdentity", &[], &["client_id", "resource_id"]),
    ("PAT", &["personal_access_token"], &[]),
    ("SAS", &["shared_access_signature"], &[]),
    ("ServicePrincipal", &["client_id", "client_secret", "tenant_id"], &[]),
    ("UsernamePassword", &["username", "password"], &[]),
];

const NO_CREDENTIALS: &str = "None";

block! {
    /// What environments, jobs and images reach another service with, such as a private feed of Python packages.
    pub struct Connection {
        /// The name of the connection.
        pub name: Field<String> = required().check(|v, p, d| checks::name(&WORKSPACE_CONNECTION, v, p, d)),
        /// What it leads to: `PythonFeed`, `ContainerRegistry`, `Git`, or another of the categories of
        /// Azure Machine Learning.
        pub category: Field<String> = required().check(not_blank),
        /// Where that is, such as `https://pkgs.dev.azure.com/<organisation>/_packaging/<feed>/pypi/simple/`, or an
        /// id.
        pub target: Field<String> = required().check(not_blank),
        /// Whether it is for everybody in the workspace, and of a hub for its projects, rather than for who made it.
        pub shared_to_all: Field<bool> = default(true),
        /// With what it signs in. Without the block, it does not.
        pub credentials: Option<ConnectionCredentials> = optional(),
    }
}

block! {
    /// With what a connection signs in. All of it but the type is sent, and never stored or shown.
    pub struct ConnectionCredentials {
        /// How it signs in: `PAT`, `UsernamePassword`, `SAS`, `ApiKey`, `AccountKey`, `AccessKey`, `ServicePrincipal`,
        /// `ManagedIdentity`, or `AAD` for whoever uses it.
        pub r#type: Field<String> = required().check(kind_of_credentials),
        /// Which credentials these are. Nobody can see that they are others, so they are sent when this number is
        /// another, and with every other change.
        pub version: Field<i64> = default(1).check(checks::not_negative),
        /// The token, for `PAT`.
        pub personal_access_token: Field<String> = optional().sensitive().write_only(),
        /// The name, for `UsernamePassword`.
        pub username: Field<String> = optional().sensitive().write_only(),
        /// The password, for `UsernamePassword`.
        pub password: Field<String> = optional().sensitive().write_only(),
        /// The signature, for `SAS`.
        pub shared_access_signature: Field<String> = optional().sensitive().write_only(),
        /// The key, for `ApiKey` and `AccountKey`.
        pub key: Field<String> = optional().sensitive().write_only(),
        /// The id of the key, for `AccessKey`.
        pub access_key_id: Field<String> = optional().sensitive().write_only(),
        /// The key, for `AccessKey`.
        pub secret_access_key: Field<String> = optional().sensitive().write_only(),
        /// The application, for `ServicePrincipal`, or the identity, for `ManagedIdentity`.
        pub client_id: Field<String> = optional().sensitive().write_only(),
        /// The secret of the application, for `ServicePrincipal`.
        pub client_secret: Field<String> = optional().sensitive().write_only(),
        /// The tenant of the application, for `ServicePrincipal`.
        pub tenant_id: Field<String> = optional().sensitive().write_only(),
        /// The id of the identity, for `ManagedIdentity`.
        pub resource_id: Field<String> = optional().sensitive().write_only(),
    }
}

impl ConnectionCredentials {
    /// Each member: its argument, what Azure calls it, and what it says.
    fn members(&self) -> [(&'static str, &'static str, &Field<String>); 11] {
        [
            ("personal_access_token", "pat", &self.personal_access_token),
            ("username", "username", &self.username),
            ("password", "password", &self.password),
            ("shared_access_signature", "sas", &self.shared_access_signature),
            ("key", "key", &self.key),
            ("access_key_id", "accessKeyId", &self.access_key_id),
            ("secret_access_key", "secretAccessKey", &self.secret_access_key),
            ("client_id", "clientId", &self.client_id),
            ("client_secret", "clientSecret", &self.client_secret),
            ("tenant_id", "tenantId", &self.tenant_id),
            ("resource_id", "resourceId", &self.resource_id),
        ]
    }

    /// What a type of credentials needs, and nothing else.
    fn check(&self, problems: &mut Diagnostics) {
        let known = TYPES.iter().find(|(name, ..)| Some(*name) == self.r#type.text());
        let Some((kind, needed, more)) = known else { return };
        for (name, _, field) in self.members() {
            if needed.contains(&name) && field.is_null() {
                problems.error(
                    self.r#type.path.clone(),
                    format!("Credentials of type {kind:?} need {name}"),
                    format!("Set {name}, or choose another type."),
                );
            } else if !needed.contains(&name) && !more.contains(&name) && field.is_set() {
                problems.error(
                    field.path.clone(),
                    format!("Credentials of type {kind:?} take no {name}"),
                    match [*needed, *more].concat()[..] {
                        [] => "They take nothing.".to_owned(),
                        ref all => format!("They take {}.", checks::listed(all)),
                    },
                );
            }
        }
    }

    fn expr(&self) -> Expr {
        let secrets = self.members().into_iter().filter_map(|(_, name, field)| {
            // A plan and a state hold none.
            let secret = Expr::Secret(Secret::new(field.text()?.to_owned()));
            Some((name.to_owned(), Expr::At(origin(&field.path), Box::new(secret))))
        });
        Expr::Object(secrets.collect::<BTreeMap<_, _>>())
    }

    fn version(&self) -> Expr {
        let inner = match &self.version.state {
            State::Known(version) => version.to_string().into(),
            State::Unknown => Expr::Unknown,
            State::Null => "1".into(),
        };
        Expr::At(origin(&self.version.path), Box::new(inner))
    }
}

pub(super) fn check(connections: &Blocks<Connection>, problems: &mut Diagnostics) {
    let mut names = BTreeSet::new();
    for connection in &connections.items {
        if let Some(credentials) = &connection.credentials {
            credentials.check(problems);
        }
        if let Some(name) = connection.name.text()
            && !names.insert(name.to_ascii_lowercase())
        {
            problems.error(
                connection.name.path.clone(),
                format!("There are two connections named {name:?}"),
                "Azure tells them apart by name, without regard to case.",
            );
        }
    }
}

/// Whether it is known which connections there are.
pub(super) fn is_decided(connections: &Blocks<Connection>) -> bool {
    !connections.unknown && connections.items.iter().all(|connection| !connection.name.is_unknown())
}

pub(super) fn expand(connections: &Blocks<Connection>, stack: &mut Stack<'_>, workspace: &Handle) {
    for connection in &connections.items {
        connection.expand(stack, workspace);
    }
}

impl Connection {
    fn expand(&self, stack: &mut Stack<'_>, workspace: &Handle) {
        let Some(name) = self.name.text() else { return };
        let mut members = BTreeMap::from([
            ("category".to_owned(), Expr::from(&self.category)),
            ("target".to_owned(), Expr::from(&self.target)),
            ("isSharedToAll".to_owned(), Expr::from(&self.shared_to_all)),
            ("authType".to_owned(), NO_CREDENTIALS.into()),
        ]);
        let mut version = "0".into();
        if let Some(credentials) = &self.credentials {
            members.insert("authType".to_owned(), Expr::from(&credentials.r#type));
            members.insert("credentials".to_owned(), credentials.expr());
            version = credentials.version();
        }
        members.insert("metadata".to_owned(), Expr::object([(CREDENTIALS, version)]));
        stack.add(
            &format!("connection/{name}"),
            &WORKSPACE_CONNECTION,
            workspace.known_id(),
            Some(name.to_owned()),
            body!({ "properties": (Expr::Object(members)) }),
            &self.name.path,
        );
    }
}

impl Recalled {
    /// The blocks for the connections that carry our mark. Azure makes others,
    /// and so do those who work there.
    pub(super) fn connections(&mut self, workspace: &Found, seen: &Seen) -> Value {
        let mut blocks = Vec::new();
        for found in seen.within(&workspace.id, &WORKSPACE_CONNECTION) {
            let body = &found.body;
            let version = text(body, &format!("/properties/metadata/{CREDENTIALS}"));
            let Some(version) = version.as_str().and_then(|text| text.parse::<i64>().ok()) else { continue };
            self.parts.insert(format!("connection/{}", found.id.name()), found.id.clone());
            blocks.push(Value::object([
                ("name", found.id.name().into()),
                ("category", text(body, "/properties/category")),
                ("target", text(body, "/properties/target")),
                ("shared_to_all", flag(body, "/properties/isSharedToAll", false)),
                ("credentials", credentials(body, version)),
            ]));
        }
        Value::List(blocks)
    }
}

fn credentials(body: &Json, version: i64) -> Value {
    let kind = word(body, "/properties/authType", &TYPES.map(|(name, ..)| name));
    if kind.as_str().is_none_or(|kind| kind == NO_CREDENTIALS) {
        return Value::Null;
    }
    Value::object([("type", kind), ("version", version.into())])
}

fn kind_of_credentials(value: &Value, path: &Path, problems: &mut Diagnostics) {
    checks::one_of(&TYPES.map(|(name, ..)| name), value, path, problems);
}

fn not_blank(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && text.trim().is_empty()
    {
        problems.error(path.clone(), "This is empty", "Azure takes no connection without it.");
    }
}
