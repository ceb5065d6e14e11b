//! What Azure holds a closed stack to is said at the argument: in the plan
//! where the configuration tells, with Azure's own words where only Azure can.

use serde_json::{Value as Json, json};

use super::harness::*;

/// The errors of each case are the one that it expects, and nothing was asked
/// of Azure.
async fn refused(type_name: &str, arguments: &Json, cases: Vec<(&str, Json, &str)>) {
    let bench = Bench::new().await;
    for (pointer, value, told) in cases {
        let broken = with(arguments, pointer, value.clone());
        let said = bench.refusal(type_name, &broken, None).await;
        assert_eq!(said, [told], "{pointer} = {value}");
    }
    assert_eq!(bench.azure.written(), [""; 0]);
}

fn of_length(length: usize) -> Json {
    json!("a".repeat(length))
}

#[tokio::test(start_paused = true)]
async fn names_are_those_that_azure_takes() {
    let long = |length: usize| "a".repeat(length);
    let said = |at: &str, name: &str, noun: &str| format!("{at}: {name:?} cannot name a {noun}");
    let workspace = Stack::example().workspace;
    for (argument, noun, names) in [
        (
            "name",
            "machine learning workspace",
            vec!["-ml".to_owned(), "ml".to_owned(), "ml.1".to_owned(), long(34)],
        ),
        (
            "storage_account.name",
            "storage account",
            vec!["st".to_owned(), "stMlops".to_owned(), "st-ml".to_owned(), long(25)],
        ),
        (
            "key_vault.name",
            "key vault",
            vec!["1kv".to_owned(), "kv--ml".to_owned(), "kv-".to_owned(), long(25)],
        ),
        (
            "container_registry.name",
            "container registry",
            vec!["cr-ml".to_owned(), "crml".to_owned(), long(51)],
        ),
        ("application_insights.name", "Application Insights component", vec![String::new(), long(261)]),
    ] {
        let pointer = format!("/{}", argument.replace('.', "/"));
        let told: Vec<String> = names.iter().map(|name| said(argument, name, noun)).collect();
        let cases =
            names.iter().zip(&told).map(|(name, told)| (pointer.as_str(), json!(name), told.as_str()));
        refused(WORKSPACE, &workspace, cases.collect()).await;
    }
    refused(
        CLUSTER,
        &Stack::example().cluster,
        vec![
            ("/name", json!("cpu-1"), "name: \"cpu-1\" cannot name a compute"),
            ("/name", json!("1cpu"), "name: \"1cpu\" cannot name a compute"),
            ("/name", json!("ab"), "name: \"ab\" cannot name a compute"),
            ("/name", of_length(25), &said("name", &long(25), "compute")),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_workspace_stands_on_parts_that_it_can_use() {
    let keys = "storage_account.shared_access_key_enabled: The default datastores sign in with the storage account's keys";
    let both = json!({ "name": "stmlops0001", "id": their_storage() });
    refused(
        WORKSPACE,
        &Stack::example().workspace,
        vec![
            ("/storage_account/shared_access_key_enabled", json!(false), keys),
            ("/storage_account", json!({}), "storage_account: storage_account needs a name or an id"),
            ("/storage_account", both, "storage_account.id: storage_account needs a name or an id, not both"),
            ("/key_vault", json!({}), "key_vault: key_vault needs a name or an id"),
            (
                "/application_insights",
                json!({}),
                "application_insights: application_insights needs a name or an id",
            ),
            ("/container_registry", json!({}), "container_registry: container_registry needs a name or an id"),
            ("/container_registry/sku", json!("Standard"), "container_registry.sku: A Standard registry cannot be private"),
            (
                "/key_vault/soft_delete_retention_days",
                json!(6),
                "key_vault.soft_delete_retention_days: 6 is not a number of days that Azure takes",
            ),
            (
                "/key_vault/soft_delete_retention_days",
                json!(91),
                "key_vault.soft_delete_retention_days: 91 is not a number of days that Azure takes",
            ),
            (
                "/application_insights/retention_in_days",
                json!(29),
                "application_insights.retention_in_days: 29 is not a number of days that Azure takes",
            ),
            (
                "/application_insights/retention_in_days",
                json!(731),
                "application_insights.retention_in_days: 731 is not a number of days that Azure takes",
            ),
            (
                "/storage_account_access_type",
                json!("Password"),
                "storage_account_access_type: \"Password\" is not one of the values that storage_account_access_type takes",
            ),
        ],
    )
    .await;
    let by_identity = with(&Stack::example().workspace, "/storage_account_access_type", json!("Identity"));
    let by_identity = with(&by_identity, "/storage_account/shared_access_key_enabled", json!(false));
    let plan = Bench::new().await.plan(WORKSPACE, &by_identity, None).await;
    let warning =
        "storage_account.shared_access_key_enabled: Compute instances may need the storage account's keys";
    assert_eq!(said(&plan.diagnostics), [warning]);
}

/// Of an account that is given only Azure can tell.
#[tokio::test(start_paused = true)]
async fn an_account_of_somebody_elses_has_keys_where_something_signs_in_with_them() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let given = with(&Stack::example().workspace, "/storage_account", json!({ "id": their_storage() }));
    let early = bench.plan(WORKSPACE, &given, None).await;
    assert_eq!(said(&early.diagnostics), [""; 0]);
    bench.azure.change(&their_storage(), |body| body["properties"]["allowSharedKeyAccess"] = json!(false));
    let refused = "storage_account.id: The storage account storage cannot be used";
    assert_eq!(bench.refusal(WORKSPACE, &given, None).await, [refused]);
    bench.azure.writes();
    let Err(Refusal::Provider(problems)) = bench.core.apply(early).await else { panic!("not refused") };
    assert!(problems.0[0].detail.contains("the default datastores would sign in with them"), "{problems:?}");
    assert_eq!(bench.azure.written(), [""; 0]);

    let by_identity = with(&given, "/storage_account_access_type", json!("Identity"));
    let plan = bench.plan(WORKSPACE, &by_identity, None).await;
    let warned = "storage_account.id: The storage account storage may not do as it stands";
    assert_eq!(said(&plan.diagnostics), [warned]);
    assert!(plan.diagnostics.0[0].detail.contains("Try an instance"), "{:?}", plan.diagnostics);
    bench.converge(WORKSPACE, &by_identity, None).await;
}

/// A step that Azure does not take, and no replacement takes unasked.
#[tokio::test(start_paused = true)]
async fn a_workspace_keeps_its_user_assigned_identities() {
    let stack = Stack::example();
    let bench = Bench::new().await.on_the_ground_in(&stack, WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &stack.workspace, None).await;
    let both = json!({ "type": "SystemAssigned, UserAssigned", "identity_ids": [their_identity()] });
    let both = with(&stack.workspace, "/identity", both);
    let state = bench.converge(WORKSPACE, &both, Some(&state)).await;
    let gives_up = "A workspace does not give up its user-assigned identities";
    let of_its_own = json!({ "type": "SystemAssigned" });
    for (identity, at) in [(of_its_own, "identity.type"), (Json::Null, "identity")] {
        let back = with(&both, "/identity", identity);
        assert_eq!(bench.refusal(WORKSPACE, &back, Some(&state)).await, [format!("{at}: {gives_up}")]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_is_what_its_type_says() {
    let ids = json!([their_identity()]);
    let cases = || {
        vec![
            (
                "/identity",
                json!({ "type": "UserAssigned" }),
                "identity.type: An identity of type \"UserAssigned\" needs identity_ids",
            ),
            (
                "/identity",
                json!({ "type": "SystemAssigned", "identity_ids": ids.clone() }),
                "identity.identity_ids: An identity of type \"SystemAssigned\" takes no identity_ids",
            ),
            (
                "/identity",
                json!({ "type": "None" }),
                "identity.type: \"None\" is not one of the values that identity.type takes",
            ),
        ]
    };
    refused(WORKSPACE, &Stack::example().workspace, cases()).await;
    let mut of_a_cluster = cases();
    of_a_cluster.push((
        "/identity",
        json!({ "type": "SystemAssigned, UserAssigned", "identity_ids": ids.clone() }),
        "identity.type: \"SystemAssigned, UserAssigned\" is not one of the values that identity.type takes",
    ));
    refused(CLUSTER, &Stack::example().cluster, of_a_cluster).await;
}

/// Only Azure knows whether the workspace has a managed network, in which a cluster needs no subnet.
#[tokio::test(start_paused = true)]
async fn a_closed_cluster_without_a_subnet_is_warned_of() {
    let bench = Bench::new().await;
    let arguments = with(&Stack::example().cluster, "/subnet_resource_id", Json::Null);
    let plan = bench.plan(CLUSTER, &arguments, None).await;
    let told =
        "node_public_ip_enabled: Azure refuses this cluster unless its workspace has a managed network";
    assert_eq!(said(&plan.diagnostics), [told]);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_stands_where_nodes_can() {
    let elsewhere = in_network("/subnets/training").replacen("0000", "9999", 1);
    refused(
        CLUSTER,
        &Stack::example().cluster,
        vec![
            (
                "/subnet_resource_id",
                json!(elsewhere),
                "subnet_resource_id: The subnet lies in another subscription than the workspace",
            ),
            (
                "/vm_priority",
                json!("Spot"),
                "vm_priority: \"Spot\" is not one of the values that vm_priority takes",
            ),
            (
                "/scale_settings/min_node_count",
                json!(4),
                "scale_settings.min_node_count: The cluster's fewest nodes are more than its most",
            ),
            (
                "/scale_settings/min_node_count",
                json!(-1),
                "scale_settings.min_node_count: -1 is not a whole number from 0",
            ),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_network_over_dockers_own_range_is_told_so() {
    let wide = with(&Stack::example().network, "/address_space", json!(["10.10.0.0/16", "172.16.0.0/12"]));
    let plan = Bench::new().await.plan(NETWORK, &wide, None).await;
    assert_eq!(
        said(&plan.diagnostics),
        ["address_space[1]: This range holds 172.17.0.0/16, which Docker uses on every node"]
    );
}

/// What only Azure knows is told in its words, at the argument that asked.
pub(super) async fn told_by_azure(stack: &Stack, type_name: &str, arguments: &Json, at: &str, words: &str) {
    let bench = Bench::new().await;
    bench.ground(stack, type_name).await;
    strangers(&bench.azure);
    let applied = bench.apply(type_name, arguments, None).await;
    let told = &applied.diagnostics.0;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].path.to_string().as_str(), told[0].detail.contains(words)), (at, true), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn nodes_without_public_addresses_need_the_workspaces_endpoint() {
    let open = with(&Stack::example().workspace, "/private_endpoint", Json::Null);
    let stack = Stack { workspace: open, ..Stack::example() };
    let words = "Provided EnableNodePublicIp 'False' requires workspace private endpoint.";
    told_by_azure(&stack, CLUSTER, &stack.cluster, "name", words).await;
}

#[tokio::test(start_paused = true)]
async fn nodes_without_public_addresses_need_a_subnet_without_endpoint_policies() {
    let stack = Stack::example();
    let among_endpoints =
        with(&stack.cluster, "/subnet_resource_id", json!(in_network("/subnets/endpoints")));
    told_by_azure(&stack, CLUSTER, &among_endpoints, "name", "PrivateEndpointNetworkPolicies enabled").await;
}

#[tokio::test(start_paused = true)]
async fn nodes_need_a_subnet_that_is_handed_to_nobody() {
    let stack = Stack::whole();
    let delegated = with(&stack.cluster, "/subnet_resource_id", json!(in_network("/subnets/instances")));
    told_by_azure(&stack, CLUSTER, &delegated, "name", "is delegated and cannot hold a compute").await;
}

#[tokio::test(start_paused = true)]
async fn nodes_beyond_the_quota_are_refused_with_the_familys_name() {
    let stack = Stack::example();
    let mut many = with(&stack.cluster, "/vm_size", json!("Standard_DS5_v2"));
    many["vm_priority"] = json!("Dedicated");
    many["scale_settings"]["min_node_count"] = json!(7);
    many["scale_settings"]["max_node_count"] = json!(7);
    let words =
        "400 ClusterMinNodesExceedCoreQuota: The specified subscription has a standardDSv2Family vCPU quota";
    told_by_azure(&stack, CLUSTER, &many, "name", words).await;
}

/// What Azure would refuse of an account of somebody else's, which it shows before.
#[tokio::test(start_paused = true)]
async fn a_workspace_does_not_stand_on_a_lake_or_on_a_premium_account() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    for (name, sku, more, words) in [
        ("stlake0001", "Standard_LRS", json!({ "isHnsEnabled": true }), "has a hierarchical namespace"),
        ("stfast0001", "Premium_ZRS", json!({}), "is a premium account"),
    ] {
        let id = theirs(&format!("Microsoft.Storage/storageAccounts/{name}"));
        let body = json!({ "location": "eastasia", "kind": "StorageV2", "sku": { "name": sku } });
        bench.azure.put(&id, &with(&body, "/properties", more));
        let arguments = with(&Stack::example().workspace, "/storage_account", json!({ "id": id }));
        let refused = bench.core.plan(WORKSPACE, config(WORKSPACE, &arguments), None).await;
        let Err(Refusal::Provider(problems)) = refused else { panic!("not refused") };
        assert_eq!(said(&problems), ["storage_account.id: The storage account storage cannot be used"]);
        assert!(problems.0[0].detail.contains(words), "{problems:?}");
    }
}

/// Its names are where no privatelink zone answers for them.
#[tokio::test(start_paused = true)]
async fn an_account_with_a_zone_of_its_own_is_warned_of() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let id = theirs("Microsoft.Storage/storageAccounts/stzone0001");
    let zoned = json!({ "location": "eastasia", "kind": "StorageV2", "sku": { "name": "Standard_LRS" },
        "properties": { "dnsEndpointType": "AzureDnsZone" } });
    bench.azure.put(&id, &zoned);
    let arguments = with(&Stack::example().workspace, "/storage_account", json!({ "id": id }));
    let plan = bench.plan(WORKSPACE, &arguments, None).await;
    assert_eq!(
        said(&plan.diagnostics),
        ["storage_account.id: The storage account storage may not do as it stands"]
    );
    assert!(plan.diagnostics.0[0].detail.contains("a zone of Azure's choice"));
}

/// Names that all of Azure shares, which somebody else has.
#[tokio::test(start_paused = true)]
async fn a_name_that_somebody_has_is_told_at_its_part() {
    let part = |properties: Json| json!({ "location": "eastasia", "properties": properties });
    let mut account = part(json!({}));
    account["kind"] = json!("StorageV2");
    account["sku"] = json!({ "name": "Standard_LRS" });
    let sku = json!({ "family": "A", "name": "standard" });
    let vault = part(
        json!({ "tenantId": amlsecure::simulator::TENANT, "sku": sku, "enableRbacAuthorization": true }),
    );
    let mut registry = part(json!({}));
    registry["sku"] = json!({ "name": "Basic" });
    for (id, body, at, code) in [
        (
            "Microsoft.Storage/storageAccounts/stmlops0001",
            account,
            "storage_account",
            "StorageAccountAlreadyTaken",
        ),
        ("Microsoft.KeyVault/vaults/kv-mlops-0001", vault, "key_vault", "VaultAlreadyExists"),
        (
            "Microsoft.ContainerRegistry/registries/crmlops0001",
            registry,
            "container_registry",
            "AlreadyInUse",
        ),
    ] {
        let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
        bench.azure.put(&theirs(id), &body);
        let applied = bench.apply(WORKSPACE, &Stack::example().workspace, None).await;
        let told = &applied.diagnostics.0;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].path.to_string(), format!("{at}.name"));
        assert!(told[0].detail.contains(&format!("409 {code}")), "{told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_azure_makes_no_registry_in_is_warned_of() {
    let group = "rg-\u{6a5f}\u{68b0}\u{5b66}\u{7fd2}";
    let there = with(&Stack::example().workspace, "/resource_group_name", json!(group));
    let bench = Bench::new().await;
    assert_eq!(said(&bench.plan(WORKSPACE, &there, None).await.diagnostics), [""; 0]);
    let plan = bench.plan(WORKSPACE, &with(&there, "/container_registry", Json::Null), None).await;
    let warned = "resource_group_name: Azure makes no registry in a resource group of this name";
    assert_eq!(said(&plan.diagnostics), [warned]);
}
