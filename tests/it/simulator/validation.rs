//! Bodies against the facts of their kind (azure-network C.1, C.6, C.8, E.16 to
//! E.18; azure-aml 22 row 16, 26 row 1).

use super::*;

fn group(body: Value) -> Reply {
    Cloud::instant().put(&rg(), body)
}

#[test]
fn a_body_is_one_json_object_of_bearable_size() {
    let cloud = Cloud::instant();
    let send = |bytes: Vec<u8>| cloud.raw(Method::PUT, &Cloud::url(&rg()), &[], bytes);
    send(Vec::new()).refused(400, "InvalidRequestContent");
    send(b"{\"location\":".to_vec()).refused(400, "InvalidRequestContent");
    send(b"[]".to_vec()).refused(400, "InvalidRequestContent");
    send("[".repeat(100_000).into_bytes()).refused(400, "InvalidRequestContent");
    send(vec![b' '; 5 * 1024 * 1024]).refused(413, "RequestEntityTooLarge");
}

#[test]
fn what_arm_does_not_know_or_decides_itself_is_refused_where_it_is_strict() {
    let cloud = Cloud::instant().with_network();
    let mut unknown = storage_body();
    unknown["properties"]["colour"] = json!("red");
    let refused = cloud.put(&storage("stml"), unknown.clone());
    refused.refused(400, "InvalidRequestContent");
    assert!(
        refused.message().contains("Could not find member 'colour'")
            && refused.message().contains("properties.colour")
    );
    let mut decided = storage_body();
    decided["properties"]["provisioningState"] = json!("Succeeded");
    cloud.put(&storage("stml"), decided.clone()).refused(400, "InvalidRequestContent");
    let lenient = Cloud::open(Settings { strict: false, ..Settings::default() }).with_network();
    lenient.make(&storage("stml"), unknown);
    lenient.make(&storage("stml"), decided);
}

#[test]
fn types_words_and_bounds_are_held() {
    let cloud = Cloud::instant().with_network();
    let with = |path: &str, value: Value| {
        let mut body = storage_body();
        *body.pointer_mut(path).unwrap() = value;
        cloud.put(&storage("stml"), body)
    };
    with("/properties/publicNetworkAccess", json!("Sometimes")).refused(400, "InvalidParameter");
    with("/properties/publicNetworkAccess", json!(1)).refused(400, "InvalidRequestContent");
    with("/properties", json!([])).refused(400, "InvalidRequestContent");
    with("/sku", json!({})).refused(400, "InvalidParameter");
    let mut body = network_body();
    body["properties"]["flowTimeoutInMinutes"] = json!(3);
    cloud.put(&network("virtualNetworks/vnet"), body).refused(400, "InvalidParameter");
    let made = cloud.make(&storage("stml"), {
        let mut body = storage_body();
        body["properties"]["publicNetworkAccess"] = json!("disabled");
        body
    });
    assert_eq!(made["properties"]["publicNetworkAccess"], "Disabled");
}

#[test]
fn an_object_that_rows_describe_is_an_object() {
    let cloud = Cloud::instant().with_services();
    for odd in [json!([null, 1]), json!("x"), json!(1)] {
        let mut body = vault_body();
        body["properties"] = odd.clone();
        cloud.put(&vault("kv-new"), body).refused(400, "InvalidRequestContent");
        cloud.patch(&vault("kv-ml"), json!({ "properties": odd })).refused(400, "InvalidRequestContent");
    }
    let mut body = vault_body();
    body["properties"]["tenantId"] = json!("contoso");
    cloud.put(&vault("kv-new"), body).refused(400, "BadRequest");
    assert_eq!(cloud.get(&vault("kv-ml")).body["properties"]["sku"]["name"], "standard");
}

#[test]
fn what_is_demanded_is_missed() {
    group(json!({})).refused(400, "LocationRequired");
    let cloud = Cloud::instant().with_network();
    for field in ["kind", "sku"] {
        let mut body = storage_body();
        body.as_object_mut().unwrap().remove(field);
        assert_eq!(cloud.put(&storage("stml"), body).status, 400, "{field}");
    }
}

#[test]
fn the_envelope_agrees_with_the_url() {
    group(json!({ "location": "eastus", "name": "other" })).refused(400, "InvalidRequestContent");
    assert_eq!(group(json!({ "location": "eastus", "name": "RG", "id": rg() })).status, 201);
}

#[test]
fn tags_have_limits() {
    let many: Value = (0..51).map(|n| (format!("t{n}"), json!("x"))).collect();
    group(json!({ "location": "eastus", "tags": many })).refused(400, "InvalidTagCount");
    group(json!({ "location": "eastus", "tags": { "a/b": "x" } })).refused(400, "InvalidTagNameCharacters");
    group(json!({ "location": "eastus", "tags": { "a": "x".repeat(257) } }))
        .refused(400, "InvalidTagValueLength");
    group(json!({ "location": "eastus", "tags": { "a": 1 } })).refused(400, "InvalidRequestContent");
    let cloud = Cloud::instant().with_network();
    cloud
        .put(&subnet("s"), json!({ "tags": {}, "properties": { "addressPrefix": "10.1.9.0/24" } }))
        .refused(400, "InvalidRequestContent");
    let sixteen: Value = (0..16).map(|n| (format!("t{n}"), json!("x"))).collect();
    cloud
        .put(&zone("a.example"), json!({ "location": "global", "tags": sixteen }))
        .refused(400, "InvalidTagCount");
}

#[test]
fn names_follow_their_rule() {
    let cloud = Cloud::instant().with_network();
    cloud
        .put(&network("networkSecurityGroups/-nsg"), json!({ "location": "eastus" }))
        .refused(400, "InvalidResourceName");
    cloud.put(&vault("1kv"), vault_body()).refused(400, "VaultNameNotValid");
    let mut body = network_body();
    body["properties"]["subnets"][0]["name"] = json!("a/b");
    cloud.put(&network("virtualNetworks/other"), body.clone()).refused(400, "InvalidRequestFormat");
    body["properties"]["subnets"][0]["name"] = json!("training");
    cloud.put(&network("virtualNetworks/other"), body).refused(400, "InvalidRequestFormat");
}

#[test]
fn an_id_must_name_something() {
    let cloud = Cloud::instant().with_network();
    let mut body = endpoint_body(&storage("stml"), "blob");
    cloud.put(&endpoint("pe"), body.clone()).refused(400, "InvalidResourceReference");
    cloud.make(&storage("stml"), storage_body());
    body["properties"]["subnet"]["id"] = json!(subnet("none"));
    cloud.put(&endpoint("pe"), body.clone()).refused(400, "InvalidResourceReference");
    body["properties"]["subnet"]["id"] = json!("snet");
    cloud.put(&endpoint("pe"), body).refused(400, "LinkedInvalidPropertyId");
}

#[test]
fn a_resource_stays_in_its_region() {
    let cloud = Cloud::instant().with_network();
    let mut body = network_body();
    body["location"] = json!("West US");
    cloud.put(&network("virtualNetworks/vnet"), body.clone()).refused(409, "InvalidResourceLocation");
    body["location"] = json!("EAST us");
    assert_eq!(cloud.put(&network("virtualNetworks/vnet"), body).status, 200);
}
