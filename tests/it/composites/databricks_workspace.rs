//! Databricks in a network of the user's: what it says to Azure, what it
//! refuses, and by which endpoints it is reached.

use serde_json::{Value as Json, json};

use super::harness::*;
use super::import::found_again;

fn stack() -> Stack {
    Stack::whole()
}

fn arguments() -> Json {
    stack().of(DATABRICKS).clone()
}

/// A bench on which everything else stands.
async fn bench() -> Bench {
    Bench::new().await.on_the_ground_in(&stack(), DATABRICKS).await
}

fn id() -> String {
    in_group("Microsoft.Databricks/workspaces/dbw-mlops")
}

#[tokio::test(start_paused = true)]
async fn it_is_closed_and_stands_in_the_users_network() {
    let bench = bench().await;
    let state = bench.converge(DATABRICKS, &arguments(), None).await;
    let writes = bench.azure.writes();
    let body = &writes.iter().find(|write| write.path.ends_with("/dbw-mlops")).unwrap().request;
    let group = id().split("/resourceGroups/").next().unwrap().to_owned() + "/resourceGroups";
    assert_eq!(body["sku"], json!({ "name": "premium" }));
    assert_eq!(
        body["properties"],
        json!({
            "computeMode": "Hybrid",
            "managedResourceGroupId": format!("{group}/databricks-rg-dbw-mlops"),
            "publicNetworkAccess": "Disabled",
            "requiredNsgRules": "NoAzureDatabricksRules",
            "parameters": {
                "customVirtualNetworkId": { "value": in_network("") },
                "customPublicSubnetName": { "value": "spark-public" },
                "customPrivateSubnetName": { "value": "spark-private" },
                "enableNoPublicIp": { "value": true },
                "amlWorkspaceId": {
                    "value": in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops"),
                },
            },
        })
    );
    let keys: Vec<String> = ids(&state.value).into_keys().collect();
    assert_eq!(
        keys,
        [
            "back_end/endpoint",
            "back_end/endpoint/dns",
            "databricks",
            "front_end/browser_authentication/endpoint",
            "front_end/endpoint",
        ]
    );
    let url = state.value.attribute("workspace_url").as_str().unwrap().to_owned();
    assert!(url.ends_with(".azuredatabricks.net"), "{url}");
    let record = url.trim_end_matches(".azuredatabricks.net");
    let zone = in_group("Microsoft.Network/privateDnsZones/privatelink.azuredatabricks.net");
    assert!(!bench.azure.get(&format!("{zone}/A/{record}")).is_null());
    bench.destroy(&state).await;
    assert!(bench.azure.get(&id()).is_null());
    assert!(bench.azure.get(&format!("{group}/databricks-rg-dbw-mlops")).is_null());
}

#[tokio::test(start_paused = true)]
async fn every_rule_is_told_at_its_argument_before_azure_is_asked() {
    let bench = bench().await;
    let elsewhere = |id: String| json!(id.replacen("5eed0000", "9eed0000", 1));
    let none = Json::Null;
    let ways: &[(&str, Json)] = &[("/front_end", Json::Null), ("/back_end", Json::Null)];
    let open = [("/public_network_access_enabled", json!(true))];
    let cases: Vec<(Vec<(&str, Json)>, &str)> = vec![
        (vec![("/name", json!("db"))], "name: \"db\" cannot name a Databricks workspace"),
        (vec![("/sku", json!("basic"))], "sku: \"basic\" is not one of the values that sku takes"),
        (vec![("/sku", json!("standard"))], "sku: A standard workspace has no private endpoints"),
        (
            vec![("/managed_resource_group_name", json!("RG-mlops"))],
            "managed_resource_group_name: Databricks makes this resource group for itself",
        ),
        (
            vec![("/network_security_group_rules_required", json!("None"))],
            "network_security_group_rules_required: \"None\" is not one of the values that \
             network_security_group_rules_required takes",
        ),
        (
            vec![("/network_security_group_rules_required", json!("AllRules"))],
            "network_security_group_rules_required: A closed workspace cannot have Databricks write all of its rules",
        ),
        (
            ways.to_vec(),
            "public_network_access_enabled: Nobody reaches a closed workspace without a private endpoint",
        ),
        (
            vec![("/back_end", none.clone())],
            "network_security_group_rules_required: Without the rules of Databricks its clusters need a back_end",
        ),
        (
            [ways, &open].concat(),
            "network_security_group_rules_required: Without the rules of Databricks its clusters need a back_end",
        ),
        (
            vec![("/custom_parameters/no_public_ip", json!(false))],
            "custom_parameters.no_public_ip: Clusters with public addresses do not use a back_end",
        ),
        (
            vec![("/custom_parameters/private_subnet_name", json!("Spark-Public"))],
            "custom_parameters.private_subnet_name: The public and the private subnet must be two",
        ),
        (
            vec![("/custom_parameters/virtual_network_id", json!(in_network("/subnets/training")))],
            "custom_parameters.virtual_network_id: This is not the id of a virtual network",
        ),
        (
            vec![("/custom_parameters/virtual_network_id", elsewhere(in_network("")))],
            "custom_parameters.virtual_network_id: The network lies in another subscription than the Databricks \
             workspace",
        ),
        (
            vec![("/custom_parameters/machine_learning_workspace_id", elsewhere(their_workspace()))],
            "custom_parameters.machine_learning_workspace_id: The machine learning workspace lies in another \
             subscription",
        ),
        (
            vec![("/back_end/private_dns_zone_ids", none.clone())],
            "back_end.private_dns_zone_ids: No private DNS zone is given for \"databricks_ui_api\"",
        ),
        (
            vec![
                ("/front_end/dns", none),
                ("/front_end/private_dns_zone_ids", arguments()["back_end"]["private_dns_zone_ids"].clone()),
            ],
            "front_end.private_dns_zone_ids: front_end and back_end cannot write one name into one zone",
        ),
    ];
    for (changes, told) in cases {
        let changed = changes
            .iter()
            .fold(arguments(), |so_far, (pointer, value)| with(&so_far, pointer, value.clone()));
        assert_eq!(bench.refusal(DATABRICKS, &changed, None).await, [told], "{changes:?}");
    }
    assert_eq!(bench.azure.written(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn beside_a_machine_learning_workspace_the_network_needs_a_subnet_named_default() {
    let bench = bench().await;
    bench.azure.delete(&in_network("/subnets/default"));
    let applied = bench.apply(DATABRICKS, &arguments(), None).await;
    let refused = format!("{:?}", applied.diagnostics);
    assert!(refused.contains(&in_network("/subnets/default")), "{refused}");
    assert_eq!(applied.diagnostics.0[0].path.to_string(), "custom_parameters.machine_learning_workspace_id");
    assert_eq!(bench.azure.written(), [""; 0]);
    let alone = with(&arguments(), "/custom_parameters/machine_learning_workspace_id", Json::Null);
    bench.converge(DATABRICKS, &alone, None).await;
}

#[tokio::test(start_paused = true)]
async fn a_subnet_that_is_not_handed_over_is_refused_in_azures_words_at_the_block() {
    let bench = bench().await;
    let wrong = with(&arguments(), "/custom_parameters/public_subnet_name", json!("training"));
    let applied = bench.apply(DATABRICKS, &wrong, None).await;
    let refused = format!("{:?}", applied.diagnostics);
    assert!(refused.contains("is not delegated to Microsoft.Databricks/workspaces"), "{refused}");
    let nowhere = with(&arguments(), "/custom_parameters/public_subnet_name", json!("nowhere"));
    let applied = bench.apply(DATABRICKS, &nowhere, None).await;
    let absent = "custom_parameters.public_subnet_name: The subnet subnet/public does not exist";
    assert_eq!(said(&applied.diagnostics), [absent]);
}

#[tokio::test(start_paused = true)]
async fn what_azure_can_change_is_changed_in_place() {
    let bench = bench().await;
    let state = bench.converge(DATABRICKS, &arguments(), None).await;
    bench.azure.writes();
    let open = with(&arguments(), "/public_network_access_enabled", json!(true));
    let open = with(&open, "/network_security_group_rules_required", json!("AllRules"));
    let state = bench.converge(DATABRICKS, &open, Some(&state)).await;
    assert_eq!(bench.azure.written(), ["PUT dbw-mlops"]);
    for (pointer, value) in [
        ("/managed_resource_group_name", json!("rg-another")),
        ("/custom_parameters/private_subnet_name", json!("training")),
        ("/custom_parameters/machine_learning_workspace_id", Json::Null),
    ] {
        let plan = bench.plan(DATABRICKS, &with(&open, pointer, value), Some(&state)).await;
        assert_eq!(plan.action, Action::Replace, "{pointer}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_found_again_by_whichever_endpoints_it_is_reached() {
    let bench = bench().await;
    let whole = arguments();
    let open = with(&whole, "/public_network_access_enabled", json!(true));
    let open = with(&open, "/network_security_group_rules_required", json!("AllRules"));
    let by_policy = with(&whole, "/back_end/dns", json!("policy"));
    for arguments in [
        whole.clone(),
        with(&whole, "/front_end", Json::Null),
        with(&whole, "/front_end/browser_authentication_enabled", json!(false)),
        with(&by_policy, "/back_end/private_dns_zone_ids", Json::Null),
        with(&open, "/back_end", Json::Null),
        with(&with(&open, "/back_end", Json::Null), "/front_end", Json::Null),
        with(&whole, "/managed_resource_group_name", json!("rg-of-databricks")),
        with(
            &whole,
            "/names",
            json!({ "back_end/endpoint": "pe-named", "back_end/endpoint/connection": "psc-named" }),
        ),
    ] {
        let state = bench.converge(DATABRICKS, &arguments, None).await;
        found_again(&bench, DATABRICKS, &arguments, &state).await;
        bench.destroy(&state).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_in_a_network_of_databricks_own_is_not_imported() {
    let bench = bench().await;
    let managed = id().split("/providers/").next().unwrap().replace("rg-mlops", "rg-managed");
    bench.azure.put(
        &id(),
        &json!({ "location": "eastasia", "sku": { "name": "premium" }, "properties": {
            "computeMode": "Hybrid", "managedResourceGroupId": managed,
        }}),
    );
    let refused = format!("{:?}", bench.core.import(DATABRICKS, &id()).await.unwrap_err());
    assert!(refused.contains("stands in no network of yours"), "{refused}");
}
