//! Every argument of every composite, changed and changed back: in place, or
//! by a new object where the schema says so. The files `golden/changes-*` say
//! what each change does in Azure.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use amlsecure::provider::schemas;
use amlsecure::schema::{Block, NestedBlock, Value};
use serde_json::{Value as Json, json};

use super::golden::hold;
use super::harness::*;
use super::import::found_again;

/// A change of one argument.
pub(super) struct Case {
    /// Where it stands, as a JSON pointer.
    pointer: &'static str,
    to: Json,
    /// What is otherwise than in the example, before and after.
    given: Vec<(&'static str, Json)>,
    /// What changes along with it, as one is not allowed without the other.
    along: Vec<(&'static str, Json)>,
    /// Whether it is not changed back: Azure never takes it back.
    for_good: bool,
    /// Whether it takes another object though the schema does not say so of
    /// the argument: the name of the primary is the identity of the whole.
    anew: bool,
    /// Whether it is planned and not applied: what it asks for cannot be had
    /// beside the rest of the stack.
    planned: bool,
}

pub(super) fn case(pointer: &'static str, to: impl Into<Json>) -> Case {
    Case {
        pointer,
        to: to.into(),
        given: Vec::new(),
        along: Vec::new(),
        for_good: false,
        anew: false,
        planned: false,
    }
}

impl Case {
    pub(super) fn given(mut self, pointer: &'static str, value: impl Into<Json>) -> Self {
        self.given.push((pointer, value.into()));
        self
    }

    pub(super) fn along(mut self, pointer: &'static str, value: impl Into<Json>) -> Self {
        self.along.push((pointer, value.into()));
        self
    }

    pub(super) fn for_good(self) -> Self {
        Self { for_good: true, ..self }
    }

    /// Under other names, so that what Azure keeps of the deleted ones is not
    /// in the way: it gives them back only as they were.
    fn elsewhere(self) -> Self {
        let vault = self.pointer.starts_with("/key_vault/");
        let named = self.along("/name", "mlw-elsewhere").for_good();
        if vault { named } else { named.along("/key_vault/name", "kv-elsewhere") }
    }

    pub(super) fn only_planned(self) -> Self {
        Self { planned: true, ..self }
    }

    pub(super) fn anew(self) -> Self {
        Self { anew: true, ..self }
    }

    /// `subnet.name` for `/subnet/0/name`.
    fn argument(&self) -> String {
        let steps = self.pointer.split('/').filter(|step| !step.is_empty() && step.parse::<usize>().is_err());
        steps.collect::<Vec<_>>().join(".")
    }

    fn before(&self, arguments: &Json) -> Json {
        self.given.iter().fold(arguments.clone(), |so_far, (at, value)| with(&so_far, at, value.clone()))
    }

    fn after(&self, arguments: &Json) -> Json {
        let changed = with(&self.before(arguments), self.pointer, self.to.clone());
        self.along.iter().fold(changed, |so_far, (at, value)| with(&so_far, at, value.clone()))
    }
}

/// Every argument of a block, and whether another value means another object.
fn arguments(block: &Block, prefix: &str, replaces: bool, found: &mut Vec<(String, bool)>) {
    for attribute in block.attributes.iter().filter(|attribute| attribute.required || attribute.optional) {
        found.push((format!("{prefix}{}", attribute.name), replaces || attribute.replace));
    }
    for NestedBlock { name, block, replace, .. } in &block.blocks {
        arguments(block, &format!("{prefix}{name}."), replaces || *replace, found);
    }
}

/// What every composite has.
fn common() -> Vec<Case> {
    vec![
        case("/tags", json!({ "team": "others", "stage": "test" })),
        case("/adopt", true),
        case("/timeouts", json!({ "create": "1h" })),
        case("/timeouts/create", "2h").given("/timeouts", json!({ "create": "1h" })),
        case("/timeouts/read", "2m").given("/timeouts", json!({ "create": "1h" })),
        case("/timeouts/update", "2h").given("/timeouts", json!({ "create": "1h" })),
        case("/timeouts/delete", "2h").given("/timeouts", json!({ "create": "1h" })),
    ]
}

/// Changes every argument of a composite, forth and back.
pub(super) async fn changed(type_name: &str, own: Vec<Case>) {
    let example = Stack::example();
    let is_of_the_example = example.composites().iter().any(|(name, _)| *name == type_name);
    let mut stack = if is_of_the_example { example } else { Stack::whole() };
    // What is attached stands before it.
    let stands_on = |name: &str| type_name == ATTACHED && name == DATABRICKS;
    stack.beyond.retain(|(name, _)| *name == type_name || stands_on(name));
    let agents = json!({
        "name": "agents", "purpose": "general", "address_prefixes": ["10.10.20.0/24"],
        "service_endpoints": ["Microsoft.KeyVault", "Microsoft.Storage"],
    });
    stack.network["subnet"].as_array_mut().unwrap().push(agents);
    let mut cases = own;
    cases.extend(common());
    let mut schema = Vec::new();
    arguments(&schemas().resources[type_name].block, "", false, &mut schema);
    let tried: BTreeSet<String> = cases.iter().map(Case::argument).collect();
    for (argument, _) in &schema {
        assert!(tried.contains(argument), "nobody changes {argument} of {type_name}: add a case");
    }

    let mut text = String::new();
    let mut standing: Option<(Bench, &Case, State)> = None;
    for case in &cases {
        let (bench, prior) = if let Some((bench, of, state)) = standing.take() {
            (bench, Some((of, state)))
        } else {
            let bench = Bench::new().await;
            strangers(&bench.azure);
            if type_name == ATTACHED {
                machines(&bench.azure);
            }
            bench.ground(&stack, type_name).await;
            (bench, None)
        };
        let (before, after) = (case.before(stack.of(type_name)), case.after(stack.of(type_name)));
        let state = match prior {
            Some((of, state)) if of.given == case.given => state,
            Some((_, state)) => bench.converge(type_name, &before, Some(&state)).await,
            None => bench.converge(type_name, &before, None).await,
        };
        let says_so = |(argument, replaces): &(String, bool)| *replaces && *argument == case.argument();
        let replaces = case.anew || schema.iter().any(says_so);
        if case.planned {
            let plan = bench.plan(type_name, &after, Some(&state)).await;
            assert_eq!(plan.action, expected(replaces), "{type_name} {}", case.pointer);
            standing = Some((bench, case, state));
            continue;
        }
        let state = step(&bench, type_name, case, (&after, &state), replaces, &mut text).await;
        if case.for_good {
            continue;
        }
        let state = if replaces { half_built(state) } else { state };
        let plan = bench.plan(type_name, &before, Some(&state)).await;
        assert_eq!(plan.action, expected(replaces), "{} back", case.pointer);
        let state = bench.converge(type_name, &before, Some(&state)).await;
        standing = Some((bench, case, state));
    }
    let short = type_name.strip_prefix("amlsecure_").unwrap();
    hold(&format!("changes-{short}.txt"), &text);
}

/// What stands, as if its create had failed at last: of that a replacement
/// keeps what it can.
fn half_built(mut state: State) -> State {
    if let Value::Map(members) = &mut state.value {
        members.insert("ready".to_owned(), false.into());
    }
    State { tainted: true, ..state }
}

fn expected(replaces: bool) -> Action {
    if replaces { Action::Replace } else { Action::Update }
}

/// Makes one change and writes down what it did.
async fn step(
    bench: &Bench,
    type_name: &str,
    case: &Case,
    (after, state): (&Json, &State),
    replaces: bool,
    text: &mut String,
) -> State {
    let plan = bench.plan(type_name, after, Some(state)).await;
    assert_eq!(plan.action, expected(replaces), "{type_name} {}: {:?}", case.pointer, plan.requires_replace);
    let announced = moving(&plan);
    bench.azure.writes();
    let state = bench.converge(type_name, after, Some(state)).await;
    let writes = bench.azure.written();
    found_again(bench, type_name, after, &state).await;
    writeln!(text, "{} -> {}", case.argument(), case.to).unwrap();
    if replaces {
        assert!(!writes.is_empty(), "{}", case.pointer);
        text.push_str("  another object\n");
        return state;
    }
    for key in announced {
        let status = statuses(&plan.planned).remove(&key).unwrap_or_else(|| "removed".to_owned());
        writeln!(text, "  {key}: {status}").unwrap();
    }
    for write in writes {
        // What an owner keeps of an endpoint has a name of Azure's.
        let shown = match write.split_once("/privateEndpointConnections/") {
            Some((of, _)) => format!("{of}/privateEndpointConnections/*"),
            None => write,
        };
        writeln!(text, "  > {shown}").unwrap();
    }
    state
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_a_resource_group_can_be_changed() {
    let cases = vec![
        case("/name", "rg-other"),
        case("/location", "japaneast"),
        case("/names", json!({ "resource_group": "rg-named" })).given("/names", json!({})).anew(),
    ];
    changed(GROUP, cases).await;
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_a_network_can_be_changed() {
    let third = json!({ "name": "third", "purpose": "general", "address_prefixes": ["10.10.2.0/24"] });
    let cases = vec![
        case("/name", "vnet-other"),
        case("/resource_group_name", "rg-theirs").along("/name", "vnet-other"),
        case("/location", "japaneast"),
        case("/address_space", json!(["10.10.0.0/16", "10.20.0.0/16"])),
        case("/dns_servers", json!(["10.10.0.4", "10.10.0.5"])),
        case("/compute_access", "public_ip"),
        case("/subnet/3", third),
        case("/subnet/0/name", "endpoints2"),
        case("/subnet/0/address_prefixes", json!(["10.10.4.0/24"])),
        case("/subnet/1/purpose", "general"),
        case("/subnet/1/purpose", "container_instances"),
        case("/subnet/0/default_outbound_access_enabled", true),
        case("/subnet/1/service_endpoints", json!(["Microsoft.KeyVault", "Microsoft.Storage"])),
        case("/subnet/2/scoring_sources", json!(["192.0.2.0/24"])).given("/subnet/2/purpose", "inference"),
        case("/egress", Json::Null),
        case("/egress/type", "none"),
        case("/names", json!({ "nsg/training": "nsg-named", "nat_gateway": "nat-named" }))
            .given("/names", json!({})),
    ];
    changed(NETWORK, cases).await;
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_private_dns_can_be_changed() {
    let cases = vec![
        case("/resource_group_name", "rg-theirs"),
        case("/services", json!(["amlworkspace", "blob"])),
        case("/virtual_network_ids", json!([])),
        case("/virtual_network_ids/1", their_network()),
        case("/names", json!({ "blob/link/vnet-aml": "link-named" })).given("/names", json!({})),
    ];
    changed(DNS, cases).await;
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_a_compute_cluster_can_be_changed() {
    let cases = vec![
        case("/name", "gpu"),
        // Theirs has no private endpoint, without which nodes need addresses.
        case("/machine_learning_workspace_id", their_workspace()).along("/node_public_ip_enabled", true),
        case("/subnet_resource_id", in_network("/subnets/agents")),
        case("/vm_size", "Standard_NC6s_v3"),
        case("/vm_priority", "Dedicated"),
        case("/ssh_public_access_enabled", true),
        case("/node_public_ip_enabled", true),
        case("/local_auth_enabled", true),
        case("/location", "japaneast")
            .given("/location", "eastasia")
            .given("/subnet_resource_id", Json::Null)
            .given("/node_public_ip_enabled", true),
        case("/description", "training"),
        case("/scale_settings/min_node_count", 1),
        case("/scale_settings/max_node_count", 5),
        case("/scale_settings/scale_down_nodes_after_idle_duration", "PT2M"),
        case("/identity", Json::Null),
        case("/identity/type", "UserAssigned").along("/identity/identity_ids", json!([their_identity()])),
        case("/identity/identity_ids", json!([their_identity()])).along("/identity/type", "UserAssigned"),
        case("/names", json!({ "cluster": "named" })).given("/names", json!({})).anew(),
    ];
    changed(CLUSTER, cases).await;
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_a_workspace_can_be_changed() {
    // A network that is not where the workspace is would be refused.
    let alone = |case: Case| case.given("/private_endpoint", Json::Null);
    let cases = vec![
        case("/name", "mlw-other").along("/key_vault/name", "kv-other"),
        case("/resource_group_name", "rg-theirs").elsewhere(),
        alone(case("/location", "japaneast").elsewhere()),
        case("/public_network_access_enabled", true),
        case("/ip_allow_list", json!(["20.1.2.3"])).along("/public_network_access_enabled", true),
        case("/soft_delete_retention_days", 7),
        case("/isolation", "private_endpoint"),
        case("/v1_legacy_mode_enabled", true),
        case("/image_build_compute_name", "gpu"),
        case("/storage_account_access_type", "Identity"),
        case("/high_business_impact", true).elsewhere(),
        case("/friendly_name", "The workspace"),
        case("/description", "What it is for"),
        case("/role_assignments", "none"),
        case("/names", json!({ "storage/blob/endpoint": "pe-named", "log_analytics": "log-named" }))
            .given("/names", json!({})),
        case("/identity", Json::Null),
        case("/identity/type", "SystemAssigned, UserAssigned")
            .along("/identity/identity_ids", json!([their_identity()]))
            .for_good(),
        case("/identity/identity_ids", json!([their_identity()])).along("/identity/type", "UserAssigned"),
    ];
    changed_parts(cases.into_iter().chain(changed_kinds()).chain(changed_connections()).collect()).await;
}

/// What a workspace is. None becomes another.
fn changed_kinds() -> Vec<Case> {
    let store = |case: Case| {
        let settings = json!({ "computer_spark_runtime_version": "3.4" });
        case.given("/kind", "FeatureStore").given("/feature_store", settings)
    };
    let of_the_hub = [
        "/storage_account",
        "/key_vault",
        "/container_registry",
        "/application_insights",
        "/private_endpoint",
        "/image_build_compute_name",
    ];
    let project = of_the_hub
        .iter()
        .fold(case("/ai_services_hub_id", format!("{}2", their_hub_of_projects())), |case, block| {
            case.given(block, Json::Null)
        });
    vec![
        case("/kind", "Hub").elsewhere(),
        project
            .given("/kind", "Project")
            .given("/ai_services_hub_id", their_hub_of_projects())
            .along("/name", "mlw-elsewhere")
            .for_good(),
        store(case("/feature_store/computer_spark_runtime_version", "3.5")),
        store(case("/feature_store/offline_connection_name", "lake")),
        store(case("/feature_store/online_connection_name", "redis")).for_good(),
    ]
}

fn changed_connections() -> Vec<Case> {
    let signed = |pointer: &'static str, credentials: Json| {
        case(pointer, "another")
            .given("/workspace_connection", json!([with(&feed(), "/credentials", credentials)]))
            .along("/workspace_connection/0/credentials/version", 2)
    };
    let named = json!({ "type": "UsernamePassword", "username": "me", "password": "a-password" });
    let keyed = json!({ "type": "AccessKey", "access_key_id": "an-id", "secret_access_key": "a-key" });
    let application = json!({
        "type": "ServicePrincipal", "client_id": "an-id", "client_secret": "a-secret", "tenant_id": "a-tenant",
    });
    let feed = |case: Case| case.given("/workspace_connection", json!([feed()]));
    vec![
        feed(case("/workspace_connection/0/name", "mirror")),
        feed(case("/workspace_connection/0/category", "Git")),
        feed(case("/workspace_connection/0/target", "https://pkgs.example.com/other/pypi/simple/")),
        feed(case("/workspace_connection/0/shared_to_all", false)),
        feed(case("/workspace_connection/0/credentials/type", "AAD"))
            .along("/workspace_connection/0/credentials/personal_access_token", Json::Null),
        feed(case("/workspace_connection/0/credentials/version", 2)),
        feed(case("/workspace_connection/0/credentials/personal_access_token", "another"))
            .along("/workspace_connection/0/credentials/version", 2),
        signed("/workspace_connection/0/credentials/username", named.clone()),
        signed("/workspace_connection/0/credentials/password", named),
        signed("/workspace_connection/0/credentials/access_key_id", keyed.clone()),
        signed("/workspace_connection/0/credentials/secret_access_key", keyed),
        signed("/workspace_connection/0/credentials/client_id", application.clone()),
        signed("/workspace_connection/0/credentials/client_secret", application.clone()),
        signed("/workspace_connection/0/credentials/tenant_id", application),
        signed(
            "/workspace_connection/0/credentials/shared_access_signature",
            json!({ "type": "SAS", "shared_access_signature": "sv=a-signature" }),
        ),
        signed("/workspace_connection/0/credentials/key", json!({ "type": "ApiKey", "key": "a-key" })),
        signed("/workspace_connection/0/credentials/resource_id", json!({ "type": "ManagedIdentity" })),
    ]
}

/// The parts that a workspace stands on, and its endpoints.
async fn changed_parts(mut cases: Vec<Case>) {
    let rules = json!({ "default_action": "Deny" });
    let open = json!({ "default_action": "Deny", "ip_rules": ["20.1.2.3"] });
    let ranges = json!({ "default_action": "Deny", "ip_rule": [{ "ip_range": "20.1.2.3" }] });
    let resources = json!([{ "endpoint_resource_id": their_workspace() }]);
    cases.extend([
        case("/storage_account/name", "stother0001").elsewhere(),
        case("/storage_account/id", their_storage()).along("/storage_account/name", Json::Null).elsewhere(),
        case("/storage_account/account_replication_type", "ZRS"),
        case("/storage_account/public_network_access_enabled", true),
        case("/storage_account/allow_nested_items_to_be_public", true),
        case("/storage_account/shared_access_key_enabled", false)
            .given("/storage_account_access_type", "Identity"),
        case("/storage_account/network_rules", json!({ "default_action": "Allow" })),
        case("/storage_account/network_rules/default_action", "Allow")
            .given("/storage_account/network_rules", rules.clone()),
        case("/storage_account/network_rules/bypass", json!(["Logging", "Metrics"]))
            .given("/storage_account/network_rules", rules.clone()),
        case("/storage_account/network_rules/ip_rules", json!(["20.1.2.3", "20.2.0.0/16"]))
            .given("/storage_account/network_rules", rules.clone()),
        case(
            "/storage_account/network_rules/virtual_network_subnet_ids",
            json!([in_network("/subnets/agents")]),
        )
        .given("/storage_account/network_rules", rules.clone()),
        case(
            "/storage_account/network_rules/private_link_access/0/endpoint_resource_id",
            in_group("Microsoft.Databricks/accessConnectors/dac"),
        )
        .given("/storage_account/network_rules", with(&rules, "/private_link_access", resources.clone())),
        case(
            "/storage_account/network_rules/private_link_access/0/endpoint_tenant_id",
            "00000000-0000-0000-0000-00000000000a",
        )
        .given("/storage_account/network_rules", with(&rules, "/private_link_access", resources)),
        case("/key_vault/network_acls/default_action", "Allow")
            .given("/key_vault/network_acls", open.clone()),
        case("/key_vault/network_acls/bypass", "None").given("/key_vault/network_acls", open.clone()),
        case("/key_vault/network_acls/ip_rules", json!(["20.1.2.3", "20.2.0.0/16"]))
            .given("/key_vault/network_acls", open.clone()),
        case("/key_vault/network_acls/virtual_network_subnet_ids", json!([in_network("/subnets/agents")]))
            .given("/key_vault/network_acls", open),
        case("/container_registry/network_rule_set/default_action", "Allow")
            .given("/container_registry/network_rule_set", ranges.clone()),
        case("/container_registry/network_rule_set/ip_rule/0/ip_range", "20.2.0.0/16")
            .given("/container_registry/network_rule_set", ranges),
        case("/key_vault/name", "kv-other").elsewhere(),
        case("/key_vault/id", their_vault()).along("/key_vault/name", Json::Null).elsewhere(),
        case("/key_vault/sku_name", "premium"),
        case("/key_vault/rbac_authorization_enabled", false),
        case("/key_vault/public_network_access_enabled", true),
        case("/key_vault/soft_delete_retention_days", 30)
            .along("/key_vault/name", "kv-elsewhere")
            .elsewhere(),
        case("/key_vault/purge_protection_enabled", true).for_good(),
        case("/application_insights/name", "appi-other"),
        case("/application_insights/id", their_insights()).along("/application_insights/name", Json::Null),
        case("/application_insights/workspace_id", their_logs()),
        case("/application_insights/retention_in_days", 90),
        case("/container_registry", Json::Null),
        case("/container_registry/name", "crother0001"),
        case("/container_registry/id", their_registry()).along("/container_registry/name", Json::Null),
        case("/container_registry/sku", "Standard")
            .given("/private_endpoint", Json::Null)
            .given("/container_registry/public_network_access_enabled", true),
        case("/container_registry/admin_enabled", true),
        case("/container_registry/public_network_access_enabled", true),
        case("/private_endpoint", Json::Null),
        case("/private_endpoint/subnet_id", in_network("/subnets/training")),
        case("/private_endpoint/private_dns_zone_ids", zone_ids(&their_hub(), &SERVICES)),
        case("/private_endpoint/storage_services", json!(["blob", "file"])),
        case("/private_endpoint/dns", "policy"),
        case("/private_endpoint/targets", json!(["workspace", "storage_account"])),
    ]);
    cases.extend(changed_networks());
    changed(WORKSPACE, cases).await;
}

/// Where the computes of a workspace stand. What is managed stays so.
fn changed_networks() -> Vec<Case> {
    let serverless = |case: Case| {
        case.given("/serverless_compute", json!({ "subnet_id": in_network("/subnets/training") }))
    };
    let managed = |case: Case| {
        case.given(
            "/managed_network",
            json!({ "isolation_mode": "AllowOnlyApprovedOutbound", "outbound_rule": [
                { "name": "monitor", "service_tag": "AzureMonitor", "protocol": "TCP", "port_ranges": "443" },
                { "name": "packages", "destination_fqdn": "pypi.org" },
                { "name": "theirs", "service_resource_id": their_storage(), "sub_resource_target": "blob" },
            ]}),
        )
    };
    let linked = |case: Case| {
        case.given("/shared_private_link", json!([{ "name": "Acr", "subresource_name": "registry" }]))
    };
    let builder = |case: Case| {
        case.given("/image_build_compute_name", Json::Null).given(
            "/image_build_cluster",
            json!({ "name": "builder", "subnet_resource_id": in_network("/subnets/training") }),
        )
    };
    let encrypted = |case: Case| {
        case.given(
            "/identity",
            json!({ "type": "SystemAssigned, UserAssigned", "identity_ids": [their_identity()] }),
        )
        .given("/customer_managed_key", their_customer_managed_key())
    };
    vec![
        serverless(case("/serverless_compute/subnet_id", in_network("/subnets/agents"))),
        serverless(case("/serverless_compute/public_ip_enabled", true)),
        linked(case("/shared_private_link/0/name", "Registry")),
        linked(case("/shared_private_link/0/subresource_name", "blob"))
            .along("/shared_private_link/0/target_resource_id", their_storage()),
        linked(case("/shared_private_link/0/target_resource_id", their_registry())),
        linked(case("/shared_private_link/0/request_message", "Please approve")),
        builder(case("/image_build_cluster/name", "images")),
        builder(case("/image_build_cluster/vm_size", "Standard_D2s_v3")),
        builder(case("/image_build_cluster/vm_priority", "LowPriority")),
        builder(case("/image_build_cluster/subnet_resource_id", in_network("/subnets/agents"))),
        builder(case("/image_build_cluster/max_node_count", 2)),
        encrypted(case("/customer_managed_key/key_id", their_key("2"))),
        encrypted(case("/customer_managed_key/service_side_encryption_enabled", true)).elsewhere(),
        encrypted(case("/customer_managed_key/user_assigned_identity_id", Json::Null)).elsewhere(),
        encrypted(case("/customer_managed_key/key_vault_id", format!("{}2", their_protected_vault())))
            .along("/customer_managed_key/key_id", "https://kv-protected2.vault.azure.net/keys/mlw")
            .elsewhere(),
        case("/managed_network/isolation_mode", "AllowOnlyApprovedOutbound")
            .given("/managed_network", json!({ "isolation_mode": "AllowInternetOutbound" }))
            .for_good(),
        managed(case("/managed_network/provision_on_creation_enabled", true)),
        managed(case("/managed_network/outbound_rule/1/name", "python")),
        managed(case("/managed_network/outbound_rule/1/destination_fqdn", "*.pypi.org")),
        managed(case("/managed_network/outbound_rule/0/service_tag", "AzureBackup")),
        managed(case("/managed_network/outbound_rule/0/protocol", "UDP")),
        managed(case("/managed_network/outbound_rule/0/port_ranges", "80,443,8000-8100")),
        managed(case("/managed_network/outbound_rule/0/address_prefixes", json!(["20.2.0.0/16"]))),
        managed(case("/managed_network/outbound_rule/0/action", "Deny")),
        managed(case("/managed_network/outbound_rule/2/service_resource_id", their_vault()))
            .along("/managed_network/outbound_rule/2/sub_resource_target", "vault"),
        managed(case("/managed_network/outbound_rule/2/sub_resource_target", "file")),
        managed(case("/managed_network/outbound_rule/2/spark_enabled", true)),
        managed(case("/managed_network/firewall_sku", "Basic")).for_good(),
    ]
}
