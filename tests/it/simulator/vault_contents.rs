//! Keys, secrets and access policies, as ARM writes them (azure-aml 1, 10.1,
//! 10.2, 22 row 5).

use super::*;

fn part(tail: &str) -> String {
    format!("{}/{tail}", vault("kv-ml"))
}

fn cloud() -> Cloud {
    let cloud = Cloud::instant().with_network();
    cloud.make(&vault("kv-ml"), vault_body());
    cloud
}

#[test]
fn a_key_is_made_once_and_a_second_put_changes_nothing() {
    let cloud = cloud();
    let made = cloud.put(&part("keys/cmk"), json!({ "properties": { "kty": "RSA", "keySize": 3072 } }));
    assert_eq!(made.status, 200);
    let properties = &made.body["properties"];
    assert_eq!(properties["keyUri"], "https://kv-ml.vault.azure.net/keys/cmk");
    assert_eq!(properties["attributes"]["enabled"], true);
    assert_eq!(properties["keyOps"].as_array().unwrap().len(), 6);
    let again = cloud.put(&part("keys/cmk"), json!({ "properties": { "kty": "EC" } }));
    assert_eq!((again.status, &again.body["properties"]), (200, properties));
    let curve = cloud.make(&part("keys/ec"), json!({ "properties": { "kty": "EC" } }));
    assert_eq!(curve["properties"]["curveName"], "P-256");
    assert_eq!(cloud.names(&part("keys")), ["cmk", "ec"]);
    cloud.delete(&part("keys/cmk")).refused(405, "HttpMethodNotAllowed");
    cloud.put(&part("keys/no_underscore"), json!({ "properties": {} })).refused(400, "InvalidResourceName");
}

#[test]
fn a_key_is_read_by_its_version() {
    let cloud = cloud();
    let made = cloud.make(&part("keys/cmk"), json!({ "properties": { "kty": "RSA" } }));
    let uri = made["properties"]["keyUriWithVersion"].as_str().unwrap();
    let version = uri.rsplit('/').next().unwrap();
    assert_eq!(cloud.names(&part("keys/cmk/versions")), [version]);
    let seen = cloud.get(&part(&format!("keys/cmk/versions/{version}"))).ok().body;
    assert_eq!(seen["properties"]["keyUriWithVersion"], uri);
    assert_eq!(seen["type"], "Microsoft.KeyVault/vaults/keys/versions");
    cloud.get(&part("keys/cmk/versions/0123")).refused(404, "ResourceNotFound");
    cloud.get(&part("keys/none/versions")).refused(404, "ResourceNotFound");
}

#[test]
fn the_value_of_a_secret_is_never_answered() {
    let cloud = cloud();
    let body = |value: &str| json!({ "tags": { "a": "b" }, "properties": { "value": value, "contentType": "text" } });
    let made = cloud.put(&part("secrets/password"), body("hunter2"));
    assert_eq!((made.status, &made.body["properties"]["contentType"]), (201, &json!("text")));
    let second = cloud.put(&part("secrets/password"), body("hunter3"));
    assert_eq!(second.status, 200);
    assert_ne!(
        made.body["properties"]["secretUriWithVersion"], second.body["properties"]["secretUriWithVersion"],
        "each value is a version"
    );
    let disabled = cloud
        .patch(&part("secrets/password"), json!({ "properties": { "attributes": { "enabled": false } } }));
    assert_eq!(disabled.body["properties"]["attributes"]["enabled"], false);
    assert_eq!(
        disabled.body["properties"]["secretUriWithVersion"],
        second.body["properties"]["secretUriWithVersion"]
    );
    let list = cloud.get(&part("secrets")).body;
    for answer in
        [&made.body, &second.body, &disabled.body, &list, &cloud.get(&part("secrets/password")).body]
    {
        assert!(!answer.to_string().contains("hunter"), "{answer}");
    }
    cloud.delete(&part("secrets/password")).refused(405, "HttpMethodNotAllowed");
}

#[test]
fn access_policies_are_added_replaced_and_removed_by_principal() {
    let cloud = cloud();
    let of = |who: u8, secrets: Value| {
        json!({
            "tenantId": amlsecure::simulator::TENANT, "objectId": format!("22222222-2222-4222-8222-2222222222{who:02}"),
            "permissions": { "secrets": secrets },
        })
    };
    let change = |how: &str, policies: Value| {
        let reply = cloud.put(
            &part(&format!("accessPolicies/{how}")),
            json!({ "properties": { "accessPolicies": policies } }),
        );
        let seen = cloud.get(&vault("kv-ml")).body["properties"]["accessPolicies"].clone();
        assert_eq!(reply.ok().body["properties"]["accessPolicies"], seen);
        seen
    };
    change("add", json!([of(1, json!(["get"])), of(2, json!(["get"]))]));
    let added = change("add", json!([of(1, json!(["list", "Get"]))]));
    assert_eq!(added, json!([of(1, json!(["get", "list"])), of(2, json!(["get"]))]));
    let replaced = change("replace", json!([of(2, json!(["set"]))]));
    assert_eq!(replaced[1]["permissions"]["secrets"], json!(["set"]));
    let removed = change("remove", json!([of(1, json!(["list"])), of(2, json!(["set"]))]));
    assert_eq!(removed, json!([of(1, json!(["get"]))]));
    cloud.put(&part("accessPolicies/add"), json!({ "properties": {} })).refused(400, "InvalidParameter");
    cloud
        .put(&part("accessPolicies/swap"), json!({ "properties": { "accessPolicies": [] } }))
        .refused(400, "InvalidResourceName");
    let other = format!("{}/accessPolicies/add", vault("kv-none"));
    cloud.put(&other, json!({ "properties": { "accessPolicies": [] } })).refused(404, "ResourceNotFound");
}
