//! Private DNS (azure-network A5.2, B.15, B.17, B.18, B.19, C.3, C.10, D.2,
//! E.2, E.7, E.10, E.11; azure-aml 26 row 7).

use super::*;

const BLOB: &str = "privatelink.blob.core.windows.net";
const VAULT: &str = "privatelink.vaultcore.azure.net";

fn group(name: &str) -> String {
    format!("{}/privateDnsZoneGroups/default", endpoint(name))
}

#[test]
fn a_zone_is_born_with_its_soa() {
    let cloud = Cloud::instant();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    let reply = cloud.put(&zone(BLOB), json!({ "location": "global" }));
    assert_eq!(reply.status, 202);
    assert!(reply.header("azure-asyncoperation").unwrap().contains("/privateDnsOperationStatuses/"));
    assert!(reply.header("location").unwrap().contains("/privateDnsOperationResults/"));
    cloud.follow(&reply);
    let made = cloud.get(&zone(BLOB)).body;
    assert_eq!(made["properties"]["numberOfRecordSets"], 1);
    assert_eq!(made["properties"]["maxNumberOfRecordSets"], 25000);
    let soa = cloud.get(&format!("{}/SOA/@", zone(BLOB))).ok().body;
    assert_eq!(
        (&soa["properties"]["ttl"], &soa["properties"]["soaRecord"]["minimumTtl"]),
        (&json!(3600), &json!(10))
    );
    cloud.delete(&format!("{}/SOA/@", zone(BLOB))).refused(400, "BadRequest");
    cloud
        .put(&zone(VAULT), json!({ "location": "eastus" }))
        .refused(400, "LocationNotAvailableForResourceType");
}

#[test]
fn a_zone_group_writes_the_records_and_takes_them_away() {
    let cloud = Cloud::instant().with_services();
    cloud.make(&zone(BLOB), json!({ "location": "global" }));
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    let made = cloud.make(&group("pe"), zone_group_body(&[BLOB]));
    let sets = &made["properties"]["privateDnsZoneConfigs"][0]["properties"]["recordSets"];
    assert_eq!(sets[0]["recordSetName"], "stml");
    let record = cloud.get(&format!("{}/A/stml", zone(BLOB))).ok().body;
    assert_eq!(record["properties"]["aRecords"], json!([{ "ipv4Address": "10.1.0.4" }]));
    assert_eq!(record["properties"]["fqdn"], format!("stml.{BLOB}."));
    assert_eq!(cloud.get(&endpoint("pe")).body["properties"]["customDnsConfigs"], json!([]));
    assert_eq!(cloud.get(&zone(BLOB)).body["properties"]["numberOfRecordSets"], 2);
    cloud.unmake(&group("pe"));
    assert_eq!(cloud.get(&format!("{}/A/stml", zone(BLOB))).status, 404);
    assert_ne!(cloud.get(&endpoint("pe")).body["properties"]["customDnsConfigs"], json!([]));
    // The endpoint takes its group along.
    cloud.make(&group("pe"), zone_group_body(&[BLOB]));
    cloud.unmake(&endpoint("pe"));
    assert_eq!(cloud.get(&zone(BLOB)).body["properties"]["numberOfRecordSets"], 1);
}

#[test]
fn a_workspace_writes_into_two_zones() {
    let zones = ["privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"];
    let cloud = Cloud::instant().with_workspace();
    for name in zones {
        cloud.make(&zone(name), json!({ "location": "global" }));
    }
    cloud.make(&endpoint("pe"), endpoint_body(&workspace("mlw"), "amlworkspace"));
    cloud.make(&group("pe"), zone_group_body(&zones));
    let count =
        |name: &str| cloud.get(&zone(name)).body["properties"]["numberOfRecordSets"].as_u64().unwrap();
    assert_eq!((count(zones[0]), count(zones[1])), (1 + 3, 1 + 1));
}

#[test]
fn a_zone_of_another_name_gets_no_records() {
    let cloud = Cloud::instant().with_services();
    cloud.make(&zone(VAULT), json!({ "location": "global" }));
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    cloud.make(&group("pe"), zone_group_body(&[VAULT]));
    assert_eq!(cloud.get(&zone(VAULT)).body["properties"]["numberOfRecordSets"], 1);
}

#[test]
fn an_endpoint_has_one_group_and_its_zones_stay() {
    let cloud = Cloud::instant().with_services();
    for name in [BLOB, VAULT] {
        cloud.make(&zone(name), json!({ "location": "global" }));
    }
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    cloud.make(&group("pe"), zone_group_body(&[BLOB]));
    let second = format!("{}/privateDnsZoneGroups/second", endpoint("pe"));
    let refused = cloud.put(&second, zone_group_body(&[BLOB]));
    assert_eq!(refused.status, 400);
    assert!(refused.message().starts_with("Cannot create more than one private dns zone groups"));
    cloud.put(&group("pe"), zone_group_body(&[VAULT])).refused(409, "PropertyChangeNotAllowed");
    cloud.unmake(&group("pe"));
    cloud
        .put(&group("pe"), zone_group_body(&["privatelink.none.example"]))
        .refused(400, "InvalidResourceReference");
}

#[test]
fn a_network_sees_one_zone_of_a_name() {
    let cloud = Cloud::instant().with_network();
    let other = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/other");
    cloud.make(&other, json!({ "location": "eastus" }));
    let twin = format!("{other}/providers/Microsoft.Network/privateDnsZones/{BLOB}");
    for path in [zone(BLOB), twin.clone()] {
        cloud.make(&path, json!({ "location": "global" }));
    }
    let made = cloud.make(&format!("{}/virtualNetworkLinks/link", zone(BLOB)), link_body());
    assert_eq!(made["properties"]["virtualNetworkLinkState"], "Completed");
    let refused = cloud.put(&format!("{twin}/virtualNetworkLinks/link"), link_body());
    refused.refused(400, "BadRequest");
    assert!(refused.message().contains("overlapping namespaces"));
    cloud.put(&format!("{}/virtualNetworkLinks/again", zone(BLOB)), link_body()).refused(409, "Conflict");
    assert_eq!(cloud.get(&zone(BLOB)).body["properties"]["numberOfVirtualNetworkLinks"], 1);
}

#[test]
fn a_linked_zone_stays() {
    let cloud = Cloud::real().with_network();
    cloud.make(&zone(BLOB), json!({ "location": "global" }));
    let link = format!("{}/virtualNetworkLinks/link", zone(BLOB));
    cloud.make(&link, link_body());
    let refused = cloud.delete(&zone(BLOB));
    refused.refused(409, "CannotDeleteResource");
    assert!(refused.message().contains(&format!("'{link}'")));
    let reply = cloud.delete(&link);
    cloud.follow(&reply);
    cloud.delete(&zone(BLOB)).refused(409, "CannotDeleteResource");
    cloud.pass(30);
    cloud.unmake(&zone(BLOB));
}

#[test]
fn records_are_written_at_once() {
    let cloud = Cloud::instant();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    cloud.make(&zone(BLOB), json!({ "location": "global" }));
    let record = format!("{}/A/*", zone(BLOB));
    let body = json!({ "properties": { "ttl": 300, "aRecords": [{ "ipv4Address": "10.1.0.9" }] } });
    assert_eq!(cloud.put(&record, body.clone()).status, 201);
    cloud.send(Method::PUT, &record, &[("if-none-match", "*")], &body).refused(412, "PreconditionFailed");
    cloud
        .put(
            &format!("{}/A/x", zone(BLOB)),
            json!({ "properties": { "ttl": 300, "aRecords": [{ "ipv4Address": "ten" }] } }),
        )
        .refused(400, "BadRequest");
    assert_eq!(cloud.delete(&record).status, 200);
    assert_eq!(cloud.delete(&record).status, 204);
}

/// azure-network C.10: a network of an old name is another network, and the
/// links of the old one stay.
#[test]
fn a_network_made_again_is_another_one_and_its_links_stay() {
    let cloud = Cloud::instant().with_network();
    let path = network("virtualNetworks/vnet");
    let link = format!("{}/virtualNetworkLinks/l", zone("a.example"));
    cloud.make(&zone("a.example"), json!({ "location": "global" }));
    cloud.make(&link, link_body());
    let before = cloud.get(&path).body["properties"]["resourceGuid"].clone();
    cloud.unmake(&path);
    cloud.get(&link).ok();
    let after = cloud.make(&path, network_body())["properties"]["resourceGuid"].clone();
    assert!(after.is_string() && after != before);
    let refused = cloud.delete(&zone("a.example"));
    assert_eq!((refused.status, refused.code()), (409, "CannotDeleteResource"));
    cloud.unmake(&link);
    cloud.unmake(&zone("a.example"));
}
