//! Tags: their limits, and tags as a thing of their own (azure-network C.8;
//! azure-aml 22).

use super::*;

fn tags(scope: &str) -> String {
    format!("{scope}/providers/Microsoft.Resources/tags/default")
}

fn of(tags: Value) -> Value {
    json!({ "properties": { "tags": tags } })
}

fn patch(operation: &str, tags: Value) -> Value {
    json!({ "operation": operation, "properties": { "tags": tags } })
}

#[test]
fn the_tags_of_a_resource_are_its_own_and_the_other_way_round() {
    let cloud = Cloud::instant().with_services();
    for scope in [rg(), storage("stml"), network("virtualNetworks/vnet")] {
        assert_eq!(cloud.get(&tags(&scope)).ok().body["properties"]["tags"], json!({}));
        let before = cloud.get(&scope).body["properties"].clone();
        let put = cloud.put(&tags(&scope), of(json!({ "a": "1", "Cost": "x" })));
        assert_eq!((put.status, &put.body["id"]), (200, &json!(tags(&scope))));
        let seen = cloud.get(&scope).ok().body;
        assert_eq!((&seen["tags"], &seen["properties"]), (&json!({ "a": "1", "Cost": "x" }), &before));
        cloud.patch(&scope, json!({ "tags": { "b": "2" } })).ok();
        assert_eq!(cloud.get(&tags(&scope)).body["properties"]["tags"], json!({ "b": "2" }));
        assert_eq!(cloud.delete(&tags(&scope)).status, 200);
        assert_eq!(cloud.get(&scope).body["tags"], json!({}));
    }
    cloud.get(&tags(&storage("none"))).refused(404, "ResourceNotFound");
    cloud
        .put(&tags(&subnet("training")), of(json!({ "a": "1" })))
        .refused(400, "TagsNotSupportedForResource");
    cloud.put(&tags(&rg()), json!({ "properties": {} })).refused(400, "InvalidRequestContent");
}

#[test]
fn the_subscription_has_tags_too() {
    let cloud = Cloud::instant();
    let scope = format!("/subscriptions/{SUBSCRIPTION}");
    assert_eq!(cloud.get(&tags(&scope)).ok().body["properties"]["tags"], json!({}));
    cloud.put(&tags(&scope), of(json!({ "a": "1" }))).ok();
    cloud.patch(&tags(&scope), patch("Merge", json!({ "b": "2" }))).ok();
    let seen = cloud.get(&tags(&scope)).ok().body;
    assert_eq!(
        (&seen["id"], &seen["properties"]["tags"]),
        (&json!(tags(&scope)), &json!({ "a": "1", "b": "2" }))
    );
    assert_eq!(cloud.get(&scope).ok().body["tags"], json!({ "a": "1", "b": "2" }));
    assert_eq!(cloud.delete(&tags(&scope)).status, 200);
    assert_eq!(cloud.get(&tags(&scope)).body["properties"]["tags"], json!({}));
}

#[test]
fn a_patch_of_tags_merges_replaces_or_deletes_whatever_the_case_of_their_names() {
    let cloud = Cloud::instant().with_network();
    let send = |operation: &str, tags_: Value| cloud.patch(&tags(&rg()), patch(operation, tags_));
    let seen = || cloud.get(&rg()).body["tags"].clone();
    send("Merge", json!({ "Env": "dev", "Team": "ml" })).ok();
    send("Merge", json!({ "ENV": "prod", "Cost": "1" })).ok();
    assert_eq!(seen(), json!({ "Env": "prod", "Team": "ml", "Cost": "1" }));
    send("Delete", json!({ "team": "ml", "cost": "2" })).ok();
    assert_eq!(seen(), json!({ "Env": "prod", "Cost": "1" }), "another value is another tag");
    send("Replace", json!({ "only": "this" })).ok();
    assert_eq!(seen(), json!({ "only": "this" }));
    send("Swap", json!({})).refused(400, "InvalidTagPatchOperation");
}

#[test]
fn names_of_tags_are_compared_without_case() {
    let cloud = Cloud::instant().with_network();
    let twice = json!({ "Env": "a", "env": "b" });
    cloud.put(&rg(), json!({ "location": "eastus", "tags": twice })).refused(400, "DuplicateTagNames");
    cloud.put(&tags(&rg()), of(twice)).refused(400, "DuplicateTagNames");
    cloud.patch(&rg(), json!({ "tags": { "Env": "a" } })).ok();
    assert_eq!(cloud.get(&rg()).body["tags"], json!({ "Env": "a" }), "their spelling is kept");
}

#[test]
fn a_storage_account_has_shorter_names_of_tags() {
    let cloud = Cloud::instant().with_services();
    let named = |length: usize| json!({ "tags": { "x".repeat(length): "1" } });
    cloud.patch(&storage("stml"), named(128)).ok();
    cloud.patch(&storage("stml"), named(129)).refused(400, "InvalidTagNameLength");
    let own = of(json!({ "x".repeat(129): "1" }));
    cloud.put(&tags(&storage("stml")), own).refused(400, "InvalidTagNameLength");
    cloud.patch(&vault("kv-ml"), named(512)).ok();
    cloud.patch(&vault("kv-ml"), named(513)).refused(400, "InvalidTagNameLength");
}

#[test]
fn private_dns_has_fewer_and_plainer_tags() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&zone("a.example"), json!({ "location": "global" }));
    let many = |count: usize| -> Value { (0..count).map(|n| (format!("t{n}"), json!("x"))).collect() };
    assert_eq!(cloud.put(&tags(&zone("a.example")), of(many(15))).status, 200);
    cloud.put(&tags(&zone("a.example")), of(many(16))).refused(400, "InvalidTagCount");
    let mut link = link_body();
    link["tags"] = many(16);
    let path = zone("a.example/virtualNetworkLinks/vnet");
    cloud.put(&path, link.clone()).refused(400, "InvalidTagCount");
    for name in ["1st", "two words"] {
        link["tags"] = json!({ name: "x" });
        cloud.put(&path, link.clone()).refused(400, "InvalidTagNameCharacters");
        cloud.patch(&rg(), json!({ "tags": { name: "x" } })).ok();
    }
    cloud.put(&tags(&rg()), of(many(50))).ok();
    cloud.put(&tags(&rg()), of(many(51))).refused(400, "InvalidTagCount");
}
