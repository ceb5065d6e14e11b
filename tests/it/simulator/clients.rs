//! Small things that clients of others rely on: what the Azure CLI, the Python
//! and Go clients and azurerm ask and send (reference/clients-on-a-local-arm 2.1;
//! azure-aml 18.1, 22 row 2; azure-network C.1, C.7).

use super::*;

fn get(cloud: &Cloud, path: &str, version: &str) -> Reply {
    cloud.raw(Method::GET, &format!("https://management.azure.com{path}{version}"), &[], Vec::new())
}

#[test]
fn regions_have_names_for_people_and_say_where_they_are() {
    let cloud = Cloud::instant();
    let list = cloud.get(&format!("/subscriptions/{SUBSCRIPTION}/locations")).ok().body;
    let regions = list["value"].as_array().unwrap();
    let home = regions.iter().find(|region| region["name"] == "eastus").unwrap();
    assert_eq!(home["displayName"], "East US");
    assert_eq!(home["regionalDisplayName"], "(US) East US");
    assert_eq!(home["metadata"]["regionType"], "Physical");
    assert_eq!(home["metadata"]["geographyGroup"], "US");
}

#[test]
fn a_list_of_resources_tells_their_times_where_asked() {
    let cloud = Cloud::instant();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    cloud.make(&storage("stml"), storage_body());
    cloud.pass(60);
    cloud.patch(&storage("stml"), json!({ "tags": { "a": "b" } })).ok();
    let plain = cloud.get(&format!("{}/resources", rg())).ok().body;
    assert!(plain["value"][0]["createdTime"].is_null() && plain["value"][0]["properties"].is_null());
    let expand = "$expand=createdTime,changedTime,provisioningState";
    let told = cloud.get(&format!("{}/resources?{expand}", rg())).ok().body;
    let item = &told["value"][0];
    assert_eq!(item["createdTime"], "2026-11-22T00:00:00Z");
    assert_eq!(item["changedTime"], "2026-11-22T00:01:00Z");
    assert_eq!(item["provisioningState"], "Succeeded");
}

#[test]
fn resources_of_the_subscription_are_filtered_by_their_group() {
    let cloud = Cloud::instant();
    let other = rg().replace("/rg", "/other");
    for group in [rg(), other.clone()] {
        cloud.make(&group, json!({ "location": "eastus" }));
    }
    cloud.make(&storage("stml"), storage_body());
    cloud.make(&format!("{other}/providers/Microsoft.Storage/storageAccounts/stother"), storage_body());
    let within = |group: &str| {
        cloud
            .names(&format!("/subscriptions/{SUBSCRIPTION}/resources?$filter=resourceGroup%20eq%20'{group}'"))
    };
    assert_eq!(within("RG"), ["stml"]);
    assert_eq!(within("other"), ["stother"]);
    assert!(within("none").is_empty());
}

#[test]
fn doubled_slashes_count_as_one() {
    let cloud = Cloud::instant();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    cloud.make(&storage("stml"), storage_body());
    let doubled = storage("stml").replace("/providers/", "//providers//");
    let version = format!("?api-version={}", kinds::STORAGE_ACCOUNT.api_version);
    assert_eq!(get(&cloud, &doubled, &version).ok().body["id"], storage("stml"));
}

#[test]
fn a_missing_role_assignment_is_missed_in_its_service_s_words() {
    let cloud = Cloud::instant();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    let path = format!(
        "{}/providers/Microsoft.Authorization/roleAssignments/11111111-1111-4111-8111-111111111111",
        rg()
    );
    cloud.get(&path).refused(404, "RoleAssignmentNotFound");
}

#[test]
fn what_a_name_alone_makes_needs_no_body() {
    let cloud = Cloud::instant().with_services();
    let container = format!("{}/blobServices/default/containers/data", storage("stml"));
    assert_eq!(cloud.put(&container, Value::Null).status, 201);
    cloud.get(&container).ok();
    cloud.put(&storage("stother"), Value::Null).refused(400, "InvalidRequestContent");
}

#[test]
fn what_a_workspace_must_reach_is_wrapped_in_properties() {
    let cloud = Cloud::instant().with_workspace();
    let version = format!("?api-version={}", kinds::WORKSPACE.api_version);
    let path = format!("{}/outboundNetworkDependenciesEndpoints", workspace("mlw"));
    let list = get(&cloud, &path, &version).ok().body;
    let blocks = list["value"].as_array().unwrap();
    let own =
        blocks.iter().find(|block| block["properties"]["category"] == "Azure Machine Learning").unwrap();
    let hosts = own["properties"]["endpoints"].as_array().unwrap();
    assert!(hosts.iter().any(|host| host["domainName"] == "eastus.api.azureml.ms"), "{hosts:?}");
    assert_eq!(hosts[0]["endpointDetails"][0]["port"], 443);
}

#[test]
fn the_only_configuration_of_an_interface_is_the_primary_one() {
    let cloud = Cloud::instant().with_network();
    let configuration =
        |name: &str| json!({ "name": name, "properties": { "subnet": { "id": subnet("training") } } });
    let alone = json!({ "location": "eastus", "properties": { "ipConfigurations": [configuration("a")] } });
    let made = cloud.make(&network("networkInterfaces/nic"), alone);
    assert_eq!(made["properties"]["ipConfigurations"][0]["properties"]["primary"], true);
}

#[test]
fn the_datastore_for_those_that_name_none_can_be_asked_for() {
    let cloud = Cloud::instant().with_workspace();
    let list = |is: &str| cloud.names(&format!("{}/datastores?isDefault={is}", workspace("mlw")));
    assert_eq!(list("true"), ["workspaceblobstore"]);
    let others = list("false");
    assert!(!others.is_empty() && !others.contains(&"workspaceblobstore".to_owned()), "{others:?}");
}
