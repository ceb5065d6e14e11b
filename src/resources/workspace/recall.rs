//! A workspace read back from Azure: what it names, what connects to that, and
//! who may do what there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::kind::KINDS;
use super::network_recall::{
    isolation, open, registry_rules, serverless_compute, storage_rules, vault_rules,
};
use super::parts::{REGISTRY_SKUS, REPLICATION_TYPES, VAULT_SKUS};
use crate::kinds::{ROLE_ASSIGNMENT, ResourceId};
use crate::resources::identity;
use crate::resources::private_endpoint::STORAGE_SERVICES;
use crate::resources::recall::{
    Arguments, Found, Recalled, Seen, flag, id, items, number, parsed, text, texts, word,
};
use crate::resources::roles::builtin;
use crate::schema::Value;

/// The roles that a workspace's identity is assigned.
const ROLES: [&builtin::Role; 7] = [
    &builtin::AZURE_AI_ENTERPRISE_NETWORK_CONNECTION_APPROVER,
    &builtin::CONTRIBUTOR,
    &builtin::KEY_VAULT_ADMINISTRATOR,
    &builtin::READER,
    &builtin::STORAGE_BLOB_DATA_CONTRIBUTOR,
    &builtin::STORAGE_BLOB_DATA_READER,
    &builtin::STORAGE_FILE_DATA_PRIVILEGED_CONTRIBUTOR,
];

/// For how many days Azure keeps a deleted workspace, where nobody says ("workspace soft deletion").
const USUAL_RETENTION: i64 = 14;

/// A workspace, and what it stands on.
struct Ground<'a> {
    workspace: &'a Found,
    storage: Option<&'a Found>,
    vault: Option<&'a Found>,
    insights: Option<&'a Found>,
    registry: Option<&'a Found>,
}

pub(super) fn workspace(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
    let workspace = seen.primary(at)?;
    let body = &workspace.body;
    let kind = word(body, "/kind", &KINDS);
    let kind = if kind.is_null() { "Default".into() } else { kind };
    if kind.as_str() == Some("Project") {
        return Ok(project(workspace, seen));
    }
    let part = |pointer: &str| match seen.named(body, pointer) {
        None if kind.as_str() != Some("Hub") => Err(format!("{at} names no {} that exists.", noun(pointer))),
        found => Ok(found),
    };
    let ground = Ground {
        workspace,
        storage: part("/properties/storageAccount")?,
        vault: part("/properties/keyVault")?,
        insights: part("/properties/applicationInsights")?,
        registry: seen.named(body, "/properties/containerRegistry"),
    };
    let mut recalled = Recalled::default();
    recalled.part("workspace", workspace);
    let endpoint = recalled.endpoints(&ground, seen);
    let isolation = isolation([ground.storage, ground.vault]);
    let tenant = body.pointer("/properties/tenantId").and_then(Json::as_str).unwrap_or_default();
    let network = recalled.managed_network(workspace);
    let cluster = recalled.image_build_cluster(workspace, seen);
    let builder = if cluster.is_null() { text(body, "/properties/imageBuildCompute") } else { Value::Null };
    let assigned = if is_assigned(&ground, seen) { "managed" } else { "none" };
    recalled.arguments = vec![
        (
            "storage_account",
            recalled
                .made_or_given("storage", ground.storage, |body| storage_account(body, &isolation, tenant)),
        ),
        ("key_vault", recalled.made_or_given("key_vault", ground.vault, |body| key_vault(body, &isolation))),
        ("application_insights", recalled.insights(ground.insights, seen)),
        (
            "container_registry",
            recalled.made_or_given("container_registry", ground.registry, |body| {
                container_registry(body, &isolation)
            }),
        ),
        ("private_endpoint", endpoint),
        ("managed_network", network),
        ("serverless_compute", serverless_compute(body)),
        ("feature_store", super::kind::recalled(body)),
        ("public_network_access_enabled", flag(body, "/properties/publicNetworkAccess", true)),
        ("ip_allow_list", texts(body, "/properties/ipAllowlist")),
        ("soft_delete_retention_days", retention(body)),
        ("v1_legacy_mode_enabled", flag(body, "/properties/v1LegacyMode", false)),
        ("image_build_compute_name", builder),
        ("image_build_cluster", cluster),
        (
            "shared_private_link",
            super::shared_link::recalled(body, ground.registry.map(|registry| &registry.id)),
        ),
        ("customer_managed_key", super::encryption::recalled(body)),
        (
            "storage_account_access_type",
            word(body, "/properties/systemDatastoresAuthMode", &["AccessKey", "Identity"]),
        ),
        ("role_assignments", assigned.into()),
        ("isolation", isolation),
    ];
    recalled.own(workspace, kind, seen);
    Ok(recalled)
}

/// The days that somebody chose.
fn retention(body: &Json) -> Value {
    let at = "/properties/softDeleteRetentionInDays";
    if body.pointer(at) == Some(&USUAL_RETENTION.into()) { Value::Null } else { number(body, at) }
}

/// A project: what it stands on is its hub's.
fn project(workspace: &Found, seen: &Seen) -> Recalled {
    let mut recalled = Recalled::default();
    recalled.part("workspace", workspace);
    let hub = id(&workspace.body, "/properties/hubResourceId");
    recalled.arguments.push(("ai_services_hub_id", hub.map(|id| id.to_string()).into()));
    recalled.own(workspace, "Project".into(), seen);
    recalled
}

fn noun(pointer: &str) -> &str {
    match pointer.rsplit('/').next() {
        Some("storageAccount") => "storage account",
        Some("keyVault") => "key vault",
        _ => "Application Insights component",
    }
}

impl Recalled {
    fn part(&mut self, key: &str, found: &Found) {
        self.parts.insert(key.to_owned(), found.id.clone());
    }

    /// What a workspace of any kind has of its own.
    fn own(&mut self, workspace: &Found, kind: Value, seen: &Seen) {
        let body = &workspace.body;
        let connections = self.connections(workspace, seen);
        self.arguments.extend([
            ("name", workspace.id.name().into()),
            ("resource_group_name", workspace.id.resource_group_name().into()),
            ("location", text(body, "/location")),
            ("kind", kind),
            ("workspace_connection", connections),
            ("identity", identity::recalled(body)),
            ("high_business_impact", flag(body, "/properties/hbiWorkspace", false)),
            ("friendly_name", text(body, "/properties/friendlyName")),
            ("description", text(body, "/properties/description")),
        ]);
    }

    /// A part that we made, under its name; any other by its id; null where there is none.
    fn made_or_given(
        &mut self,
        key: &str,
        found: Option<&Found>,
        arguments: impl FnOnce(&Json) -> Arguments,
    ) -> Value {
        let Some(found) = found else { return Value::Null };
        if !found.ours {
            return Value::object([("id", Value::from(found.id.as_str()))]);
        }
        self.part(key, found);
        let mut all = vec![("name", Value::from(found.id.name()))];
        all.extend(arguments(&found.body));
        Value::object(all)
    }

    fn insights(&mut self, insights: Option<&Found>, seen: &Seen) -> Value {
        let Some(insights) = insights else { return Value::Null };
        let logs = seen.named(&insights.body, "/properties/WorkspaceResourceId");
        let mut block = self.made_or_given("application_insights", Some(insights), |_| Vec::new());
        let (true, Some(logs), Value::Map(members)) = (insights.ours, logs, &mut block) else { return block };
        if logs.ours {
            self.part("log_analytics", logs);
            members.insert("retention_in_days".to_owned(), number(&logs.body, "/properties/retentionInDays"));
        } else {
            members.insert("workspace_id".to_owned(), logs.id.as_str().into());
        }
        block
    }

    /// The endpoints of the workspace and of what it stands on that lie
    /// together in one subnet and in its own group. Endpoints elsewhere are
    /// other networks' ways in.
    fn endpoints(&mut self, ground: &Ground<'_>, seen: &Seen) -> Value {
        let workspace = ground.workspace;
        let own = endpoint_of(workspace, "amlworkspace", workspace, None, seen);
        let Some(subnet) = own.and_then(|own| id(&own.body, "/properties/subnet/id")) else {
            return Value::Null;
        };
        let mut targets = vec![("workspace".to_owned(), workspace, "amlworkspace")];
        targets.extend(ground.vault.map(|found| ("key_vault".to_owned(), found, "vault")));
        targets.extend(ground.registry.map(|found| ("container_registry".to_owned(), found, "registry")));
        if let Some(storage) = ground.storage {
            targets.extend(STORAGE_SERVICES.map(|service| (format!("storage/{service}"), storage, service)));
        }
        let parts = [ground.storage, ground.vault, ground.registry];
        let there = 1 + parts.into_iter().flatten().count();
        let mut reached = BTreeSet::new();
        let mut zone_ids = BTreeMap::new();
        let mut of_storage = BTreeSet::from(["blob", "file"]);
        let mut written_by_policy = true;
        for (key, target, service) in targets {
            let Some(endpoint) = endpoint_of(target, service, workspace, Some(&subnet), seen) else {
                continue;
            };
            reached.insert(match key.split('/').next() {
                Some("storage") => "storage_account",
                Some("key_vault") => "key_vault",
                Some("container_registry") => "container_registry",
                _ => "workspace",
            });
            let key = format!("{key}/endpoint");
            if STORAGE_SERVICES.contains(&service) {
                of_storage.insert(service);
            }
            let of = format!("{}-{service}", workspace.id.name());
            let Some(ids) = self.endpoint(&key, &of, service, endpoint, seen) else { continue };
            written_by_policy = false;
            zone_ids.insert(service.to_owned(), Value::list(ids.iter().map(ResourceId::as_str)));
        }
        Value::object([
            ("subnet_id", Value::from(subnet.as_str())),
            ("private_dns_zone_ids", if zone_ids.is_empty() { Value::Null } else { Value::Map(zone_ids) }),
            ("storage_services", Value::list(of_storage)),
            ("targets", if reached.len() == there { Value::Null } else { Value::list(reached) }),
            ("dns", if written_by_policy { "policy" } else { "zones" }.into()),
        ])
    }
}

/// The endpoint of a target for a service, beside the workspace, in this subnet
/// where one is said; ours before any other.
fn endpoint_of<'s>(
    target: &Found,
    service: &str,
    workspace: &Found,
    subnet: Option<&ResourceId>,
    seen: &'s Seen,
) -> Option<&'s Found> {
    let mut found: Vec<&Found> = items(&target.body, "/properties/privateEndpointConnections")
        .filter_map(|connection| seen.named(connection, "/properties/privateEndpoint/id"))
        .filter(|endpoint| {
            endpoint.belongs_to(workspace)
                && endpoint.id.parent() == workspace.id.parent()
                && subnet
                    .is_none_or(|subnet| id(&endpoint.body, "/properties/subnet/id").as_ref() == Some(subnet))
                && connects(endpoint, target, service)
        })
        .collect();
    found.sort_by(|a, b| (!a.ours, &a.id).cmp(&(!b.ours, &b.id)));
    found.first().copied()
}

/// Whether an endpoint is for this service of the target, and for nothing else.
fn connects(endpoint: &Found, target: &Found, service: &str) -> bool {
    let mut connections = items(&endpoint.body, "/properties/privateLinkServiceConnections");
    let (Some(only), None) = (connections.next(), connections.next()) else { return false };
    let groups: Vec<&Json> = items(only, "/properties/groupIds").collect();
    let is_service = |group: &Json| group.as_str().is_some_and(|group| group.eq_ignore_ascii_case(service));
    id(only, "/properties/privateLinkServiceId").as_ref() == Some(&target.id)
        && matches!(groups[..], [one] if is_service(one))
}

/// Whether the roles of the workspace's identity are this composite's to
/// assign. In one that we built, those with our mark are; in any other, those
/// that we would assign.
fn is_assigned(ground: &Ground<'_>, seen: &Seen) -> bool {
    let workspace = ground.workspace;
    let mut principals: Vec<String> = Vec::new();
    let mut principal = |body: &Json, pointer: &str| {
        principals.extend(body.pointer(pointer).and_then(Json::as_str).map(str::to_ascii_lowercase));
    };
    principal(&workspace.body, "/identity/principalId");
    let identities = workspace.body.pointer("/identity/userAssignedIdentities").and_then(Json::as_object);
    for (identity, shown) in identities.into_iter().flatten() {
        principal(shown, "/principalId");
        if let Some(identity) = parsed(identity).and_then(|id| seen.at(&id)) {
            principal(&identity.body, "/properties/principalId");
        }
    }
    let scopes = [ground.storage, ground.vault, ground.insights, ground.registry];
    scopes.into_iter().flatten().any(|scope| {
        seen.within(&scope.id, &ROLE_ASSIGNMENT).iter().any(|assignment| {
            let said = |name: &str| {
                let text = assignment.body.pointer(name).and_then(Json::as_str).unwrap_or_default();
                text.rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
            };
            let role = said("/properties/roleDefinitionId");
            principals.contains(&said("/properties/principalId"))
                && (assignment.ours || !workspace.ours && ROLES.iter().any(|known| known.id == role))
        })
    })
}

fn storage_account(body: &Json, isolation: &Value, tenant: &str) -> Arguments {
    let sku = body.pointer("/sku/name").and_then(Json::as_str).unwrap_or_default();
    let copies = sku.rsplit('_').next().unwrap_or_default();
    let copies = REPLICATION_TYPES.iter().find(|kind| kind.eq_ignore_ascii_case(copies));
    vec![
        ("account_replication_type", copies.map_or_else(|| sku.into(), |kind| Value::from(*kind))),
        ("public_network_access_enabled", open(body, isolation)),
        ("allow_nested_items_to_be_public", flag(body, "/properties/allowBlobPublicAccess", false)),
        ("shared_access_key_enabled", flag(body, "/properties/allowSharedKeyAccess", true)),
        ("network_rules", storage_rules(body, tenant)),
    ]
}

fn key_vault(body: &Json, isolation: &Value) -> Arguments {
    vec![
        ("sku_name", word(body, "/properties/sku/name", &VAULT_SKUS)),
        ("rbac_authorization_enabled", flag(body, "/properties/enableRbacAuthorization", true)),
        ("purge_protection_enabled", flag(body, "/properties/enablePurgeProtection", false)),
        ("soft_delete_retention_days", number(body, "/properties/softDeleteRetentionInDays")),
        ("public_network_access_enabled", open(body, isolation)),
        ("network_acls", vault_rules(body)),
    ]
}

fn container_registry(body: &Json, isolation: &Value) -> Arguments {
    vec![
        ("sku", word(body, "/sku/name", &REGISTRY_SKUS)),
        ("admin_enabled", flag(body, "/properties/adminUserEnabled", false)),
        (
            "public_network_access_enabled",
            open(body, if registry_rules(body).is_null() { &Value::Null } else { isolation }),
        ),
        ("network_rule_set", registry_rules(body)),
    ]
}
