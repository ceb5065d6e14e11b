//! What every request meets, whatever it is about (azure-network C.1, C.2,
//! C.4, C.5, C.6, C.7, C.9, E.14 to E.16, E.19, E.20; azure-aml 2.3, 21 rows 1
//! and 30).

use super::*;

#[test]
fn a_request_without_a_version_is_refused() {
    let cloud = Cloud::instant();
    let url = format!("https://management.azure.com{}", rg());
    cloud.raw(Method::GET, &url, &[], Vec::new()).refused(400, "MissingApiVersionParameter");
    let url = format!("https://management.azure.com{}?api-version=yesterday", rg());
    cloud.raw(Method::GET, &url, &[], Vec::new()).refused(400, "InvalidApiVersionParameter");
    let url = format!("https://management.azure.com{}?api-version=2025-02-30", rg());
    cloud.raw(Method::GET, &url, &[], Vec::new()).refused(400, "InvalidApiVersionParameter");
}

#[test]
fn other_peoples_clients_may_name_other_versions() {
    let cloud = Cloud::open(Settings { strict: false, ..Settings::default() });
    let url = format!("https://management.azure.com{}?api-version=2023-07-01", rg());
    let body = json!({ "location": "eastus", "somethingNew": 1 });
    assert_eq!(cloud.raw(Method::PUT, &url, &[], body.to_string().into_bytes()).status, 201);
    assert!(cloud.get(&rg()).body["somethingNew"].is_null(), "what is not known is dropped");
}

#[test]
fn what_is_missing_is_named_from_the_outside_in() {
    let cloud = Cloud::instant();
    let lost = cloud.get(&storage("stml"));
    lost.refused(404, "ResourceGroupNotFound");
    assert_eq!(lost.message(), "Resource group 'rg' could not be found.");
    assert_eq!(lost.header("x-ms-failure-cause"), Some("gateway"));
    cloud.make(&rg(), json!({ "location": "eastus" }));
    let lost = cloud.get(&subnet("s"));
    lost.refused(404, "ResourceNotFound");
    assert!(
        lost.message().contains("'Microsoft.Network/virtualNetworks/vnet' under resource group 'rg'"),
        "{lost:?}"
    );
    cloud
        .put(&subnet("s"), json!({ "properties": { "addressPrefix": "10.0.0.0/24" } }))
        .refused(404, "ParentResourceNotFound");
    let other = rg().replace(SUBSCRIPTION, "00000000-0000-0000-0000-000000000009");
    cloud.get(&other).refused(404, "SubscriptionNotFound");
    cloud.get(&rg().replace(SUBSCRIPTION, "mine")).refused(400, "InvalidSubscriptionId");
    cloud.get(&network("quantumGateways/q")).refused(404, "InvalidResourceType");
    cloud
        .get(&format!("{}/providers/Contoso.Widgets/widgets/w", rg()))
        .refused(404, "InvalidResourceNamespace");
}

#[test]
fn ids_are_one_in_any_casing_and_answered_as_last_written() {
    let cloud = Cloud::instant().with_network();
    let shouted = network("virtualNetworks/VNET")
        .replace("resourceGroups", "resourcegroups")
        .replace("virtualNetworks", "VirtualNetworks");
    let seen = cloud.get(&shouted).ok().body;
    assert_eq!(seen["name"], "vnet");
    assert_eq!(seen["type"], "Microsoft.Network/virtualNetworks");
    let mut body = network_body();
    body["tags"] = json!({ "a": "b" });
    cloud.make(&network("virtualNetworks/VNet"), body);
    assert_eq!(cloud.get(&network("virtualNetworks/vnet")).body["name"], "VNet");
    assert_eq!(cloud.simulator.list().unwrap().len(), 4);
}

#[test]
fn every_answer_can_be_traced_and_tells_what_quota_is_left() {
    let cloud = Cloud::instant();
    let given = "0f0f0f0f-0000-4000-8000-000000000000";
    let reply = cloud.send(Method::GET, &rg(), &[("x-ms-correlation-request-id", given)], &Value::Null);
    assert_eq!(reply.header("x-ms-correlation-request-id"), Some(given));
    assert!(reply.header("x-ms-request-id").is_some());
    assert_eq!(reply.header("x-ms-ratelimit-remaining-subscription-reads"), Some("249"));
    assert_eq!(reply.header("x-ms-ratelimit-remaining-subscription-global-reads"), Some("3749"));
    let write = cloud.put(&rg(), json!({ "location": "eastus" }));
    assert_eq!(write.header("x-ms-ratelimit-remaining-subscription-writes"), Some("199"));
    assert_eq!(write.header("x-ms-ratelimit-remaining-subscription-global-writes"), Some("2999"));
}

#[test]
fn an_empty_bucket_refuses_only_where_the_settings_say_so() {
    let patient = Cloud::instant();
    let strict = Cloud::behaving(Behaviour { throttle: true, ..Behaviour::default() });
    for _ in 0..250 {
        patient.get(&rg());
        strict.get(&rg());
    }
    patient.get(&rg()).refused(404, "ResourceGroupNotFound");
    let refused = strict.get(&rg());
    refused.refused(429, "TooManyRequests");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    strict.pass(wait);
    strict.get(&rg()).refused(404, "ResourceGroupNotFound");
}

#[test]
fn conditions_are_honoured() {
    let cloud = Cloud::instant().with_network();
    let path = network("virtualNetworks/vnet");
    let etag = cloud.get(&path).header("etag").unwrap().to_owned();
    let mut body = network_body();
    body["tags"] = json!({ "a": "b" });
    cloud.send(Method::PUT, &path, &[("if-match", "W/\"other\"")], &body).refused(412, "PreconditionFailed");
    cloud.send(Method::PUT, &path, &[("if-none-match", "*")], &body).refused(412, "PreconditionFailed");
    cloud
        .send(Method::DELETE, &path, &[("if-match", "W/\"other\"")], &Value::Null)
        .refused(412, "PreconditionFailed");
    cloud
        .send(Method::PUT, &network("virtualNetworks/new"), &[("if-match", "*")], &body)
        .refused(412, "PreconditionFailed");
    assert_eq!(cloud.send(Method::GET, &path, &[("if-none-match", &etag)], &Value::Null).status, 304);
    let reply = cloud.send(Method::PUT, &path, &[("if-match", &etag)], &body).ok();
    assert_ne!(reply.header("etag"), Some(etag.as_str()));
    let during = reply.header("etag").unwrap().to_owned();
    cloud.follow(&reply);
    assert_ne!(cloud.get(&path).header("etag"), Some(during.as_str()), "it changes again on completion");
}

#[test]
fn the_same_put_again_is_no_work() {
    let cloud = Cloud::instant().with_services();
    for (path, body) in [
        (network("virtualNetworks/vnet"), network_body()),
        (storage("stml"), storage_body()),
        (vault("kv-ml"), vault_body()),
        (registry("crml0001"), registry_body()),
        (insights("appi"), insights_body()),
    ] {
        let before = cloud.get(&path);
        let again = cloud.put(&path, body);
        assert_eq!(again.status, 200, "{path}");
        assert!(
            again.header("azure-asyncoperation").is_none() && again.header("location").is_none(),
            "{path}"
        );
        assert_eq!(again.body, before.body, "{path}");
        assert_eq!(again.header("etag"), before.header("etag"), "{path}");
    }
}

/// A client reads, changes and writes back; what it may not send are the
/// read-only rows alone (azure-network C.6).
#[test]
fn what_was_read_can_be_written_back() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    cloud.make(
        &network("publicIPAddresses/pip"),
        json!({ "location": "eastus", "sku": { "name": "Standard" }, "properties": { "publicIPAllocationMethod": "Static" } }),
    );
    cloud.make(
        &network("natGateways/nat"),
        json!({ "location": "eastus", "sku": { "name": "Standard" }, "properties": {
            "publicIpAddresses": [{ "id": network("publicIPAddresses/pip") }] } }),
    );
    cloud.make(&zone("a.example"), json!({ "location": "global" }));
    cloud.make(&format!("{}/virtualNetworkLinks/l", zone("a.example")), link_body());
    cloud.make(
        &logs("logs"),
        json!({ "location": "eastus", "properties": { "sku": { "name": "PerGB2018" } } }),
    );
    cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    for path in [
        rg(),
        network("virtualNetworks/vnet"),
        subnet("endpoints"),
        endpoint("pe"),
        storage("stml"),
        vault("kv-ml"),
        registry("crml0001"),
        insights("appi"),
        workspace("mlw"),
        network("publicIPAddresses/pip"),
        network("natGateways/nat"),
        zone("a.example"),
        format!("{}/virtualNetworkLinks/l", zone("a.example")),
        logs("logs"),
        identity("id-ml"),
    ] {
        written_back(&cloud, &path);
    }
}

/// Holds a resource to being the same after what was read was written.
#[track_caller]
pub(super) fn written_back(cloud: &Cloud, path: &str) {
    let kind = kinds::find(&ResourceId::parse(path).unwrap().resource_type()).unwrap();
    let bare = |body: &Value| {
        let mut body = body.clone();
        strip(kind.tree().root(), &mut body);
        body
    };
    let before = cloud.get(path).body;
    let after = cloud.make(path, bare(&before));
    assert_eq!(bare(&after), bare(&before), "{path}");
}

/// Takes out what clients cannot write.
fn strip(node: &kinds::Node, value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|name, _| {
                node.step(name).is_none_or(|inner| inner.access() == kinds::Access::ReadWrite)
            });
            for (name, inner) in map {
                if let Some(node) = node.step(name) {
                    strip(node, inner);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                if let Some(node) = node.items() {
                    strip(node, item);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn lists_come_in_pages() {
    let cloud = Cloud::instant();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    for name in ["stb", "sta", "std", "stc", "ste"].map(|n| format!("{n}0001")) {
        cloud.make(&storage(&name), storage_body());
    }
    let list = format!("{}/providers/Microsoft.Storage/storageAccounts", rg());
    let version = kinds::STORAGE_ACCOUNT.api_version;
    let mut url = format!("https://management.azure.com{list}?api-version={version}&$top=2");
    let mut names = Vec::new();
    let mut pages = 0;
    loop {
        let page = cloud.raw(Method::GET, &url, &[], Vec::new()).ok().body;
        names.extend(
            page["value"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        match page["nextLink"].as_str() {
            Some(next) => url = next.to_owned(),
            None => break,
        }
    }
    assert_eq!((pages, names.len()), (3, 5));
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 5);
}

#[test]
fn resources_are_listed_by_scope_type_and_tag() {
    let cloud = Cloud::instant().with_services();
    cloud.patch(&storage("stml"), json!({ "tags": { "amlsecure-owner": "me" } })).ok();
    let ids = |path: &str| -> Vec<String> {
        let body = cloud.get(path).ok().body;
        body["value"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&format!("{}/resources", rg())), ["vnet", "stml", "kv-ml", "crml0001", "appi"]);
    let tagged = format!(
        "/subscriptions/{SUBSCRIPTION}/resources?$filter=tagName%20eq%20'amlsecure-owner'%20and%20tagValue%20eq%20'me'"
    );
    assert_eq!(ids(&tagged), ["stml"]);
    let typed = format!("{}/resources?$filter=resourceType%20eq%20'Microsoft.KeyVault/vaults'", rg());
    assert_eq!(ids(&typed), ["kv-ml"]);
    cloud
        .get(&format!("{}/resources?$filter=colour%20eq%20'red'", rg()))
        .refused(400, "InvalidFilterInQueryString");
    let url = format!(
        "https://management.azure.com{}?api-version={}",
        network("virtualNetworks/vnet/subnets"),
        kinds::SUBNET.api_version
    );
    let subnets = cloud.raw(Method::GET, &url, &[], Vec::new()).ok().body;
    assert_eq!(subnets["value"].as_array().unwrap().len(), 2);
}

#[test]
fn a_namespace_must_be_registered_before_it_is_used() {
    let cloud = Cloud::behaving(Behaviour {
        unregistered: vec!["Microsoft.Storage".to_owned()],
        ..Behaviour::default()
    });
    cloud.make(&rg(), json!({ "location": "eastus" }));
    let refused = cloud.put(&storage("stml"), storage_body());
    refused.refused(409, "MissingSubscriptionRegistration");
    assert_eq!(refused.body["error"]["details"][0]["target"], "Microsoft.Storage");
    let provider = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage");
    assert_eq!(cloud.get(&provider).body["registrationState"], "NotRegistered");
    let url = format!("https://management.azure.com{provider}/register?api-version=2022-09-01");
    cloud.raw(Method::POST, &url, &[], Vec::new()).ok();
    assert_eq!(cloud.get(&provider).body["registrationState"], "Registered");
    cloud.make(&storage("stml"), storage_body());
}

#[test]
fn a_client_s_own_id_comes_back_only_where_it_asks_for_that() {
    let cloud = Cloud::instant().with_network();
    let own = ("x-ms-client-request-id", "mine");
    let ask = |path: &str, headers: &[(&str, &str)]| cloud.send(Method::GET, path, headers, &Value::Null);
    assert_eq!(ask(&rg(), &[own]).header("x-ms-client-request-id"), None);
    let told = ask(&rg(), &[own, ("x-ms-return-client-request-id", "true")]);
    assert_eq!(told.header("x-ms-client-request-id"), Some("mine"));
    let routed = told.header("x-ms-routing-request-id").unwrap();
    assert!(routed.ends_with(told.header("x-ms-request-id").unwrap()) && routed.contains(":2026-11-22T"));
    assert!(told.header("x-ms-arm-service-request-id").is_none(), "that is a header of networks");
    assert!(ask(&subnet("training"), &[]).header("x-ms-arm-service-request-id").is_some());
}

/// azure-network C.4: reads, writes and deletes have a bucket each, and each
/// fills at its own pace.
#[test]
fn writes_and_deletes_have_buckets_of_their_own() {
    let cloud = Cloud::behaving(Behaviour { throttle: true, ..Behaviour::default() });
    cloud.make(&rg(), json!({ "location": "eastus" }));
    let delete = || cloud.delete(&storage("stml"));
    assert_eq!(delete().header("x-ms-ratelimit-remaining-subscription-deletes"), Some("199"));
    assert_eq!(delete().header("x-ms-ratelimit-remaining-subscription-global-deletes"), Some("2998"));
    for _ in 0..198 {
        assert_eq!(delete().status, 204);
    }
    let wait: u64 = delete().refused(429, "TooManyRequests").header("retry-after").unwrap().parse().unwrap();
    assert!(wait >= 1);
    cloud.put(&rg(), json!({ "location": "eastus" })).ok();
    delete().refused(429, "TooManyRequests");
    cloud.pass(wait);
    assert_eq!(delete().status, 204);
    for _ in 0..250 {
        cloud.put(&rg(), json!({ "location": "eastus" }));
    }
    cloud.put(&rg(), json!({ "location": "eastus" })).refused(429, "TooManyRequests");
    cloud.get(&rg()).ok();
}

/// azure-network C.2, the variant at the top level: private DNS itself answers
/// so, and the front door before it as everywhere.
#[test]
fn private_dns_has_no_envelope_around_its_errors() {
    let cloud = Cloud::instant().with_network();
    let zone = zone("privatelink.blob.core.windows.net");
    cloud.make(&zone, json!({ "location": "global" }));
    let link = format!("{zone}/virtualNetworkLinks/vnet");
    cloud.make(&link, link_body());
    for (reply, status, code) in [
        (cloud.delete(&zone), 409, "CannotDeleteResource"),
        (cloud.put(&format!("{zone}/A/a"), json!({ "properties": { "ttl": -1 } })), 400, "InvalidParameter"),
        (
            cloud.send(Method::PUT, &zone, &[("if-none-match", "*")], &json!({ "location": "global" })),
            412,
            "PreconditionFailed",
        ),
    ] {
        assert_eq!((reply.status, &reply.body["code"]), (status, &json!(code)), "{reply:?}");
        assert!(reply.body["message"].is_string() && reply.body.get("error").is_none(), "{reply:?}");
    }
    let missing = cloud.get(&format!("{zone}/A/none"));
    assert_eq!(missing.body["error"]["code"], "ResourceNotFound");
}

/// azure-network C.4: what is asked of no subscription counts for the tenant.
#[test]
fn the_tenant_has_buckets_of_its_own() {
    let cloud = Cloud::behaving(Behaviour { throttle: true, ..Behaviour::default() });
    for (path, left) in [("/tenants", "249"), ("/subscriptions", "248"), ("/providers", "247")] {
        let reply = cloud.get(path).ok();
        assert_eq!(reply.header("x-ms-ratelimit-remaining-tenant-reads"), Some(left), "{path}");
        assert_eq!(reply.header("x-ms-ratelimit-remaining-subscription-reads"), None);
    }
    let written = cloud.post("/providers/none", json!({}));
    assert_eq!(written.header("x-ms-ratelimit-remaining-tenant-writes"), Some("199"));
    for _ in 0..247 {
        cloud.get("/tenants").ok();
    }
    let refused = cloud.get("/tenants");
    refused.refused(429, "TooManyRequests");
    assert!(refused.message().contains("tenant"), "{refused:?}");
    let subscription = cloud.get(&format!("/subscriptions/{SUBSCRIPTION}")).ok();
    assert_eq!(subscription.header("x-ms-ratelimit-remaining-subscription-reads"), Some("249"));
}
