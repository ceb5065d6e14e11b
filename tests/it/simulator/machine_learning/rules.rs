//! Outbound rules of a managed network (azure-aml 2.1, 3.5, 3.6, A.7).

use super::*;

fn rule(name: &str) -> String {
    in_workspace(&format!("outboundRules/{name}"))
}

fn host_body(host: &str) -> Value {
    json!({ "properties": { "type": "FQDN", "category": "UserDefined", "destination": host } })
}

fn shown_in_workspace(cloud: &Cloud) -> Value {
    cloud.get(&workspace("mlw")).body["properties"]["managedNetwork"]["outboundRules"].clone()
}

#[test]
fn a_rule_is_made_read_listed_changed_and_deleted() {
    let cloud = managed("AllowOnlyApprovedOutbound");
    let reply = cloud.put(&rule("packages"), host_body("packages.example"));
    assert_eq!((reply.status, &reply.body), (202, &Value::Null));
    assert!(reply.header("location").unwrap().contains("/workspaceOperationsStatus/"));
    assert!(reply.header("azure-asyncoperation").is_none());
    cloud.follow(&reply);
    let result = cloud.raw(Method::GET, reply.header("location").unwrap(), &[], Vec::new());
    assert_eq!((result.status, &result.body["name"]), (200, &json!("packages")));
    assert_eq!(cloud.get(&rule("packages")).body["properties"]["status"], "Inactive");
    assert!(names(&cloud, &in_workspace("outboundRules")).contains(&"packages".to_owned()));
    cloud.make(&rule("packages"), host_body("mirror.example"));
    assert_eq!(cloud.get(&rule("packages")).body["properties"]["destination"], "mirror.example");
    let mut other = host_body("x");
    other["properties"]["type"] = json!("ServiceTag");
    cloud.put(&rule("packages"), other).refused(409, "PropertyChangeNotAllowed");
    cloud.unmake(&rule("packages"));
    assert!(shown_in_workspace(&cloud)["packages"].is_null());
}

#[test]
fn the_workspace_and_its_rules_tell_one_truth() {
    let cloud = managed("AllowOnlyApprovedOutbound");
    cloud.make(&rule("packages"), host_body("packages.example"));
    let shown = &shown_in_workspace(&cloud)["packages"];
    assert_eq!(shown, &cloud.get(&rule("packages")).body["properties"]);
    let mut body = managed_body("AllowOnlyApprovedOutbound");
    body["properties"]["managedNetwork"]["outboundRules"] = json!({
        "batch": { "type": "ServiceTag", "destination": {
            "serviceTag": "BatchNodeManagement", "protocol": "TCP", "portRanges": "443" } },
    });
    cloud.make(&workspace("mlw"), body);
    let made = cloud.get(&rule("batch")).ok().body;
    assert_eq!(made["properties"]["destination"]["serviceTag"], "BatchNodeManagement");
    assert_eq!(made["properties"]["category"], "UserDefined");
    assert_eq!(cloud.get(&rule("packages")).status, 200, "a write of the workspace loses no rule");
    let changes = json!({ "properties": { "managedNetwork": { "outboundRules": {
        "batch": { "type": "ServiceTag", "destination": {
            "serviceTag": "BatchNodeManagement", "protocol": "TCP", "portRanges": "444" } } } } } });
    let reply = cloud.patch(&workspace("mlw"), changes);
    cloud.follow(&reply);
    assert_eq!(cloud.get(&rule("batch")).body["properties"]["destination"]["portRanges"], "444");
}

#[test]
fn what_was_read_of_a_managed_workspace_can_be_written_back() {
    let cloud = managed("AllowOnlyApprovedOutbound");
    cloud.make(&rule("packages"), host_body("packages.example"));
    let before = cloud.get(&workspace("mlw")).body["properties"]["managedNetwork"].clone();
    let mut body = managed_body("AllowOnlyApprovedOutbound");
    body["properties"]["managedNetwork"]["outboundRules"] = before["outboundRules"].clone();
    body["properties"]["managedNetwork"]["status"] = json!({ "status": "Inactive", "sparkReady": false });
    cloud.make(&workspace("mlw"), body);
    assert_eq!(cloud.get(&workspace("mlw")).body["properties"]["managedNetwork"], before);
}

#[test]
fn rules_of_hosts_and_tags_need_the_strictest_mode() {
    let cloud = managed("AllowInternetOutbound");
    cloud.put(&rule("packages"), host_body("packages.example")).refused(400, "ValidationError");
    let tag = json!({ "properties": { "type": "ServiceTag", "destination": {
        "serviceTag": "AzureMonitor", "protocol": "TCP", "portRanges": "443" } } });
    cloud.put(&rule("monitor"), tag.clone()).refused(400, "ValidationError");
    let mut body = managed_body("AllowInternetOutbound");
    body["properties"]["managedNetwork"]["outboundRules"] = json!({ "monitor": tag["properties"] });
    cloud.put(&workspace("mlw"), body).refused(400, "ValidationError");
    let target = json!({ "properties": { "type": "PrivateEndpoint", "destination": {
        "serviceResourceId": storage("stml"), "subresourceTarget": "table", "sparkEnabled": false } } });
    cloud.make(&rule("table"), target);
    assert_eq!(cloud.get(&rule("table")).body["properties"]["destination"]["sparkStatus"], "Inactive");
}

#[test]
fn a_rule_needs_a_managed_network_and_a_target_that_is_there() {
    let cloud = Cloud::instant().with_workspace();
    cloud.put(&rule("packages"), host_body("packages.example")).refused(400, "ValidationError");
    let cloud = managed("AllowInternetOutbound");
    let target = |id: &str, group: &str| {
        json!({ "properties": { "type": "PrivateEndpoint", "destination": {
            "serviceResourceId": id, "subresourceTarget": group } } })
    };
    cloud.put(&rule("none"), target(&storage("stnone"), "blob")).refused(400, "ValidationError");
    cloud.put(&rule("vault"), target(&storage("stml"), "vault")).refused(400, "ValidationError");
    let mut required = target(&storage("stml"), "queue");
    required["properties"]["category"] = json!("Required");
    cloud.put(&rule("mine"), required).refused(400, "ValidationError");
}

#[test]
fn azure_adds_the_rules_that_it_requires() {
    let cloud = managed("AllowOnlyApprovedOutbound");
    assert_eq!(
        names(&cloud, &in_workspace("outboundRules")),
        ["required-blob", "required-file", "required-vault", "required-registry"],
    );
    let seen = cloud.get(&rule("required-blob")).body;
    assert_eq!(seen["properties"]["category"], "Required");
    cloud.delete(&rule("required-blob")).refused(400, "ValidationError");
    // With the internet open, only what is closed to the public needs one: not the vault.
    let cloud = managed("AllowInternetOutbound");
    assert_eq!(
        names(&cloud, &in_workspace("outboundRules")),
        ["required-blob", "required-file", "required-registry"],
    );
}

#[test]
fn writes_of_rules_meet_on_the_workspace() {
    let cloud = Cloud::real().with_services();
    cloud.make(&workspace("mlw"), managed_body("AllowOnlyApprovedOutbound"));
    let first = cloud.put(&rule("one"), host_body("one.example"));
    assert_eq!(first.status, 202);
    assert_eq!(cloud.get(&rule("one")).body["properties"]["status"], "Provisioning");
    cloud.put(&rule("two"), host_body("two.example")).refused(409, "Conflict");
    cloud
        .put(&workspace("mlw"), managed_body("AllowOnlyApprovedOutbound").with_tag())
        .refused(409, "Conflict");
    cloud.follow(&first);
    cloud.make(&rule("two"), host_body("two.example"));
    assert_eq!(cloud.get(&rule("one")).status, 200, "neither of two rules is lost");
}

trait WithTag {
    fn with_tag(self) -> Self;
}

impl WithTag for Value {
    fn with_tag(mut self) -> Self {
        self["tags"] = json!({ "a": "b" });
        self
    }
}

#[test]
fn a_managed_network_is_built_by_request_or_by_the_first_compute() {
    let cloud = managed("AllowOnlyApprovedOutbound");
    let status =
        |cloud: &Cloud| cloud.get(&workspace("mlw")).body["properties"]["managedNetwork"]["status"].clone();
    cloud.make(&rule("packages"), host_body("packages.example"));
    assert_eq!(status(&cloud), json!({ "sparkReady": false, "status": "Inactive" }));
    let done = result(&cloud, &in_workspace("provisionManagedNetwork"), json!({ "includeSpark": true }));
    assert_eq!(done.body, json!({ "sparkReady": true, "status": "Active" }));
    assert_eq!(status(&cloud), json!({ "sparkReady": true, "status": "Active" }));
    assert_eq!(cloud.get(&rule("packages")).body["properties"]["status"], "Active");

    let cloud = managed("AllowInternetOutbound");
    cloud.make(&compute("cpu"), open_cluster_body("Standard_DS3_v2", 0));
    assert_eq!(status(&cloud)["status"], "Active");

    let cloud = Cloud::instant().with_services();
    let mut body = managed_body("AllowInternetOutbound");
    body["properties"]["provisionNetworkNow"] = json!(true);
    cloud.make(&workspace("mlw"), body.clone());
    assert_eq!(status(&cloud)["status"], "Active");

    let cloud = Cloud::instant().with_workspace();
    cloud.make(&workspace("mlw"), body);
    assert_eq!(status(&cloud)["status"], "Inactive", "it stood already");

    let cloud = Cloud::instant().with_workspace();
    post(&cloud, &in_workspace("provisionManagedNetwork"), Value::Null).refused(400, "ValidationError");
}

#[test]
fn a_managed_network_is_enabled_before_there_are_computes() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&compute("cpu"), open_cluster_body("Standard_DS3_v2", 0));
    cloud.put(&workspace("mlw"), managed_body("AllowInternetOutbound")).refused(400, "ValidationError");
    cloud.unmake(&format!("{}?underlyingResourceAction=Delete", compute("cpu")));
    cloud.make(&workspace("mlw"), managed_body("AllowInternetOutbound"));
    let after = cloud.make(&workspace("mlw"), managed_body("AllowOnlyApprovedOutbound"));
    assert_eq!(after["properties"]["managedNetwork"]["firewallSku"], "Standard");
}

#[test]
fn computes_of_a_managed_network_have_no_subnet() {
    let cloud = managed("AllowInternetOutbound");
    let mut body = cluster_body();
    cloud.put(&compute("cpu"), body.clone()).refused(400, "BadRequest");
    body["properties"]["properties"].as_object_mut().unwrap().remove("subnet");
    cloud.make(&compute("cpu"), body);
}

#[test]
fn a_managed_network_takes_half_an_hour() {
    let cloud = Cloud::real().with_services();
    cloud.make(&workspace("mlw"), managed_body("AllowInternetOutbound"));
    let reply = post(&cloud, &in_workspace("provisionManagedNetwork"), Value::Null);
    let url = reply.header("azure-asyncoperation").unwrap().to_owned();
    let ask = |url: &str| cloud.raw(Method::GET, url, &[], Vec::new());
    cloud.pass(1700);
    assert_eq!(ask(&url).body, json!({ "status": "InProgress" }));
    assert_eq!(ask(reply.header("location").unwrap()).status, 202);
    cloud.pass(200);
    let done = ask(&url).body;
    assert_eq!((&done["status"], &done["properties"]["status"]), (&json!("Succeeded"), &json!("Active")));
}

/// azure-aml 21 row 11: an identity of one's own needs a role on the target,
/// one of the service's does not.
#[test]
fn an_identity_that_may_not_approve_reaches_nothing_privately() {
    let cloud = managed("AllowOnlyApprovedOutbound");
    let target = json!({ "properties": { "type": "PrivateEndpoint", "category": "UserDefined", "destination": {
        "serviceResourceId": storage("stml"), "subresourceTarget": "table" } } });
    cloud.make(&rule("system"), target.clone());
    let mut queue = target.clone();
    queue["properties"]["destination"]["subresourceTarget"] = json!("queue");
    let own = cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let mut body = managed_body("AllowOnlyApprovedOutbound");
    let mut assigned = json!({});
    assigned[identity("id-ml")] = json!({});
    body["identity"] = json!({ "type": "UserAssigned", "userAssignedIdentities": assigned });
    body["properties"]["primaryUserAssignedIdentity"] = json!(identity("id-ml"));
    cloud.make(&workspace("mlw"), body.clone());
    let refused = cloud.put(&rule("own"), queue.clone());
    refused.refused(400, "ValidationError");
    assert_eq!(
        refused.message(),
        format!(
            "Workspace managed identity don't have required permissions to read and approve private endpoint \
             connections on {}.",
            storage("stml")
        )
    );
    body["properties"]["managedNetwork"]["outboundRules"] = json!({ "own": queue["properties"] });
    cloud.put(&workspace("mlw"), body).refused(400, "ValidationError");
    let approver = "b556d68e-0be0-4f35-a333-ad7ee1ce17ea";
    let grant = format!(
        "{}/providers/Microsoft.Authorization/roleAssignments/33333333-3333-4333-8333-333333333333",
        rg()
    );
    cloud.make(
        &grant,
        json!({ "properties": {
            "roleDefinitionId":
                format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{approver}"),
            "principalId": own["properties"]["principalId"], "principalType": "ServicePrincipal" } }),
    );
    cloud.make(&rule("own"), queue);
}
