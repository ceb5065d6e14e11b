//! Quotas, usages and sizes (azure-aml 4.10, 8; 21 row 12).

use super::*;

const FAMILY: &str = "standardDSv2Family";

fn at(what: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations/eastus/{what}"
    )
}

fn used(cloud: &Cloud, name: &str) -> (i64, i64) {
    let body = cloud.get(&at("usages")).ok().body;
    let item =
        body["value"].as_array().unwrap().iter().find(|item| item["name"]["value"] == name).unwrap().clone();
    (item["currentValue"].as_i64().unwrap(), item["limit"].as_i64().unwrap())
}

#[test]
fn cores_are_counted_by_family_and_region() {
    let cloud = Cloud::instant().with_workspace();
    assert_eq!(used(&cloud, FAMILY), (0, 100));
    cloud.make(&compute("cpu"), open_cluster_body("STANDARD_DS3_V2", 3));
    cloud.make(&compute("desk"), instance_body());
    assert_eq!(used(&cloud, FAMILY), (16, 100));
    assert_eq!(used(&cloud, "TotalDedicatedCores"), (16, 300));
    let mut cheap = open_cluster_body("Standard_DS3_v2", 1);
    cheap["properties"]["properties"]["vmPriority"] = json!("LowPriority");
    cloud.make(&compute("cheap"), cheap);
    assert_eq!(used(&cloud, "TotalLowPriorityCores").0, 4);
    assert_eq!(used(&cloud, FAMILY).0, 16, "low priority has a quota of its own");
    let stop = post(&cloud, &format!("{}/stop", compute("desk")), Value::Null);
    cloud.follow(&stop);
    assert_eq!(used(&cloud, FAMILY).0, 16, "a stopped instance keeps its cores");
    cloud.unmake(&format!("{}?underlyingResourceAction=Delete", compute("cpu")));
    assert_eq!(used(&cloud, FAMILY).0, 4);
}

#[test]
fn what_no_quota_allows_is_refused() {
    let cloud = Cloud::instant().with_workspace();
    let refused = cloud.put(&compute("big"), open_cluster_body("Standard_DS5_v2", 7));
    refused.refused(400, "ClusterMinNodesExceedCoreQuota");
    assert_eq!(
        refused.message(),
        "The specified subscription has a standardDSv2Family vCPU quota of 100 and cannot accomodate for at least 7 \
         requested managed compute node(s) which maps to 112 vCPUs."
    );
    cloud.make(&compute("big"), open_cluster_body("Standard_DS5_v2", 6));
    cloud
        .put(&compute("more"), open_cluster_body("Standard_DS4_v2", 0))
        .refused(400, "ClusterMinNodesExceedCoreQuota");
    cloud.make(&compute("gpu"), open_cluster_body("Standard_NC6s_v3", 1));
    // What a cluster has already counts once when it changes.
    let patch = json!({ "properties": { "properties": { "scaleSettings": { "minNodeCount": 5, "maxNodeCount": 6 } } } });
    let reply = cloud.patch(&compute("big"), patch).ok();
    cloud.follow(&reply);
    assert_eq!(used(&cloud, FAMILY).0, 80);
}

#[test]
fn a_workspace_may_be_given_less_than_the_subscription_has() {
    let cloud = Cloud::instant().with_workspace();
    let give = |family: &str, limit: i64| {
        let id = format!("{}/quotas/{family}", workspace("mlw"));
        let kind = "Microsoft.MachineLearningServices/workspaces/dedicatedCores/quotas";
        let body = json!({ "value": [{ "id": id, "type": kind, "limit": limit, "unit": "Count" }] });
        post(&cloud, &at("updateQuotas"), body).ok().body["value"][0]["status"].clone()
    };
    assert_eq!(give(FAMILY, 8), "Success");
    assert_eq!(give(FAMILY, 500), "InvalidQuotaExceedsSubscriptionLimit");
    assert_eq!(give("standardAbacusFamily", 8), "InvalidVMFamilyName");
    let listed = cloud.get(&at("quotas")).ok().body;
    let of_workspace = listed["value"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&of_workspace["limit"], &of_workspace["name"]["value"]), (&json!(8), &json!(FAMILY)));
    cloud
        .put(&compute("cpu"), open_cluster_body("Standard_DS3_v2", 3))
        .refused(400, "ClusterMinNodesExceedCoreQuota");
    cloud.make(&compute("cpu"), open_cluster_body("Standard_DS3_v2", 2));
    assert_eq!(give(FAMILY, 4), "InvalidQuotaBelowClusterMinimum");
    let own = cloud.get(&in_workspace("usages")).ok().body;
    let item =
        own["value"].as_array().unwrap().iter().find(|item| item["name"]["value"] == FAMILY).unwrap().clone();
    assert_eq!((&item["currentValue"], &item["limit"]), (&json!(8), &json!(8)));
}

#[test]
fn sizes_tell_their_family_and_cores() {
    let cloud = Cloud::instant();
    let sizes = cloud.get(&at("vmSizes")).ok().body;
    let size =
        sizes["value"].as_array().unwrap().iter().find(|size| size["name"] == "Standard_NC6s_v3").unwrap();
    assert_eq!(
        (&size["vCPUs"], &size["gpus"], &size["family"]),
        (&json!(6), &json!(1), &json!("standardNCSv3Family"))
    );
}
