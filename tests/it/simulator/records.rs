//! Record sets of private DNS zones (azure-network A4.5, B.17, B.19).

use super::*;

const ZONE: &str = "internal.example";

fn record(kind: &str, name: &str) -> String {
    format!("{}/{kind}/{name}", zone(ZONE))
}

fn set(list: &str, records: Value) -> Value {
    let mut body = json!({ "properties": { "ttl": 300 } });
    body["properties"][list] = records;
    body
}

fn cloud() -> Cloud {
    let cloud = Cloud::instant();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    cloud.make(&zone(ZONE), json!({ "location": "global" }));
    cloud
}

/// A record set of every type but SOA.
fn sets() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("A", "aRecords", json!([{ "ipv4Address": "10.1.0.9" }])),
        ("AAAA", "aaaaRecords", json!([{ "ipv6Address": "2001:db8::9" }])),
        ("MX", "mxRecords", json!([{ "preference": 10, "exchange": "mail.internal.example" }])),
        ("PTR", "ptrRecords", json!([{ "ptrdname": "host.internal.example" }])),
        (
            "SRV",
            "srvRecords",
            json!([{ "priority": 1, "weight": 5, "port": 8080, "target": "host.internal.example" }]),
        ),
        ("TXT", "txtRecords", json!([{ "value": ["a text", "in parts"] }])),
        ("CNAME", "cnameRecord", json!({ "cname": "host.internal.example" })),
    ]
}

#[test]
fn every_type_of_record_is_written_read_listed_and_deleted_at_once() {
    let cloud = cloud();
    for (at, (kind, list, records)) in sets().into_iter().enumerate() {
        let path = record(kind, &format!("host{at}"));
        assert_eq!(cloud.put(&path, set(list, records.clone())).status, 201, "{kind}");
        let read = cloud.get(&path).ok().body;
        assert_eq!(read["type"], format!("Microsoft.Network/privateDnsZones/{kind}"));
        assert_eq!(read["properties"][list], records);
        assert_eq!(read["properties"]["fqdn"], format!("host{at}.{ZONE}."));
        let mut longer = set(list, records);
        longer["properties"]["ttl"] = json!(600);
        assert_eq!(cloud.put(&path, longer).status, 200);
        assert_eq!(cloud.get(&path).body["properties"]["ttl"], 600);
        let listed = cloud.get(&format!("{}/{kind}", zone(ZONE))).ok().body;
        assert_eq!(listed["value"].as_array().unwrap().len(), 1);
        assert_eq!(cloud.get(&zone(ZONE)).body["properties"]["numberOfRecordSets"], 2);
        assert_eq!(cloud.delete(&path).status, 200);
        assert_eq!(cloud.delete(&path).status, 204);
    }
}

#[test]
fn all_record_sets_of_a_zone_are_one_list() {
    let cloud = cloud();
    for (at, (kind, list, records)) in sets().into_iter().enumerate() {
        cloud.put(&record(kind, &format!("host{at}")), set(list, records)).ok();
    }
    for word in ["ALL", "recordsets"] {
        let listed = cloud.get(&format!("{}/{word}", zone(ZONE))).ok().body;
        let types: Vec<&str> = listed["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|set| set["type"].as_str().unwrap().rsplit('/').next().unwrap())
            .collect();
        assert_eq!(types, ["SOA", "A", "AAAA", "MX", "PTR", "SRV", "TXT", "CNAME"]);
    }
    assert_eq!(cloud.get(&zone(ZONE)).body["properties"]["numberOfRecordSets"], 8);
    let page = cloud.get(&format!("{}/ALL?$top=3", zone(ZONE))).ok().body;
    assert_eq!(page["value"].as_array().unwrap().len(), 3);
    let next = cloud.raw(Method::GET, page["nextLink"].as_str().unwrap(), &[], Vec::new()).ok().body;
    assert_eq!(next["value"][0]["name"], "host2");
    let named = cloud.get(&format!("{}/ALL?$recordsetnamesuffix=t3", zone(ZONE))).ok().body;
    assert_eq!(named["value"].as_array().unwrap().len(), 1);
    cloud.get(&format!("{}/ALL", zone("none.example"))).refused(404, "ResourceNotFound");
}

#[test]
fn a_set_holds_one_to_twenty_records_of_its_type() {
    let cloud = cloud();
    let many =
        |count: u8| (1..=count).map(|n| json!({ "ipv4Address": format!("10.1.0.{n}") })).collect::<Value>();
    cloud.put(&record("A", "x"), set("aRecords", many(20))).ok();
    for (kind, list, records) in [
        ("A", "aRecords", many(21)),
        ("A", "aRecords", json!([])),
        ("AAAA", "aaaaRecords", json!([{ "ipv6Address": "10.1.0.1" }])),
        ("MX", "mxRecords", json!([{ "preference": 70000, "exchange": "mail" }])),
        ("MX", "mxRecords", json!([{ "preference": 1 }])),
        ("PTR", "ptrRecords", json!([{ "ptrdname": "" }])),
        ("SRV", "srvRecords", json!([{ "priority": 1, "weight": 5, "target": "host" }])),
        ("TXT", "txtRecords", json!([{ "value": ["x".repeat(1025)] }])),
        ("CNAME", "cnameRecord", json!({ "cname": "" })),
        ("CNAME", "aRecords", many(1)),
    ] {
        cloud.put(&record(kind, "y"), set(list, records)).refused(400, "BadRequest");
    }
}

#[test]
fn a_cname_stands_alone() {
    let cloud = cloud();
    let alias = set("cnameRecord", json!({ "cname": "host.internal.example" }));
    let address = set("aRecords", json!([{ "ipv4Address": "10.1.0.9" }]));
    cloud.put(&record("A", "x"), address.clone()).ok();
    cloud.put(&record("CNAME", "X"), alias.clone()).refused(400, "BadRequest");
    cloud.put(&record("CNAME", "@"), alias.clone()).refused(400, "BadRequest");
    cloud.put(&record("CNAME", "y"), alias.clone()).ok();
    cloud.put(&record("TXT", "y"), set("txtRecords", json!([{ "value": ["t"] }]))).refused(400, "BadRequest");
    cloud.put(&record("CNAME", "y"), alias.clone()).ok();
    // Two zones know nothing of each other.
    cloud.make(&zone("other.example"), json!({ "location": "global" }));
    cloud.put(&format!("{}/A/y", zone("other.example")), address).ok();
    cloud.delete(&record("A", "x")).ok();
    cloud.put(&record("CNAME", "x"), alias).ok();
}

#[test]
fn records_and_links_can_be_changed_in_part() {
    let cloud = cloud().with_network();
    let path = record("A", "x");
    cloud.put(&path, set("aRecords", json!([{ "ipv4Address": "10.1.0.9" }]))).ok();
    let patched = cloud.patch(&path, json!({ "properties": { "ttl": 60, "metadata": { "team": "ml" } } }));
    assert_eq!(patched.status, 200);
    let properties = &cloud.get(&path).body["properties"];
    assert_eq!(
        (&properties["ttl"], &properties["aRecords"]),
        (&json!(60), &json!([{ "ipv4Address": "10.1.0.9" }]))
    );
    cloud.patch(&path, json!({ "properties": { "aRecords": [] } })).refused(400, "BadRequest");
    let link = format!("{}/virtualNetworkLinks/link", zone(ZONE));
    cloud.make(&link, link_body());
    let patched = cloud.patch(&link, json!({ "properties": { "registrationEnabled": true } })).ok();
    cloud.follow(&patched);
    assert_eq!(cloud.get(&link).body["properties"]["registrationEnabled"], true);
    assert_eq!(cloud.get(&zone(ZONE)).body["properties"]["numberOfVirtualNetworkLinksWithRegistration"], 1);
}
