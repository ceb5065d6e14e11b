//! Failures on demand, and behaviour that is a setting (issue part 4;
//! azure-network C.2, C.3, C.9, C.10, E.8, E.10, E.13 to E.15; azure-aml 21).

use amlsecure::simulator::{Delay, Script};

use super::*;

/// A subscription that follows a script.
fn scripted(script: Value) -> Cloud {
    let script: Script = script.to_string().parse().unwrap();
    Cloud::open(Settings { behaviour: script.settings, faults: script.faults, ..Settings::default() })
}

fn group() -> Value {
    json!({ "location": "eastus" })
}

/// What came instead of an answer.
fn dropped(cloud: &Cloud, method: Method, path: &str, body: &Value) -> amlsecure::simulator::Dropped {
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let request = Request::builder().method(method).uri(Cloud::url(path)).body(bytes).unwrap();
    cloud.simulator.handle(request, cloud.now.get()).unwrap_err()
}

#[test]
fn an_answer_of_the_script_takes_the_place_of_azures() {
    let cloud = scripted(json!({ "faults": [{
        "match": { "method": "PUT", "kind": "microsoft.storage/*", "id": "*/ST*" },
        "times": 2,
        "produce": { "answer": {
            "status": 503, "code": "ServerBusy", "message": "Later.", "headers": { "Retry-After": "7" },
        } },
    }] }));
    cloud.make(&rg(), group());
    for _ in 0..2 {
        let refused = cloud.put(&storage("stml"), storage_body());
        refused.refused(503, "ServerBusy");
        assert_eq!((refused.message(), refused.header("retry-after")), ("Later.", Some("7")));
        assert!(refused.header("x-ms-request-id").is_some());
        assert_eq!(cloud.get(&storage("stml")).status, 404, "it has no effect");
    }
    cloud.make(&storage("stml"), storage_body());
    cloud.make(&storage("stml2"), storage_body());
}

#[test]
fn a_dropped_connection_comes_before_or_after_the_effect() {
    let fault = |id: &str, moment: &str| json!({ "match": { "method": "PUT", "id": format!("*/{id}") }, "times": 1, "produce": { "drop": moment } });
    let cloud =
        scripted(json!({ "faults": [fault("before", "before_effect"), fault("after", "after_effect")] }));
    for (name, there) in [("before", false), ("after", true)] {
        let path = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}");
        let broken = dropped(&cloud, Method::PUT, &path, &group());
        assert!(!broken.ends_process);
        assert_eq!(cloud.get(&path).status == 200, there, "{name}");
        cloud.make(&path, group());
    }
}

#[test]
fn the_end_of_the_process_comes_before_or_after_the_effect() {
    for (moment, there) in [("before_effect", false), ("after_effect", true)] {
        let cloud = scripted(json!({ "faults": [{
            "match": { "method": "PUT" }, "times": 1, "produce": { "end": moment },
        }] }));
        assert!(dropped(&cloud, Method::PUT, &rg(), &group()).ends_process);
        assert_eq!(cloud.get(&rg()).status == 200, there, "{moment}");
        cloud.make(&rg(), group());
    }
}

#[test]
fn a_slow_answer_says_how_long_it_is_held_back() {
    let cloud = scripted(json!({ "faults": [{ "match": { "method": "GET" }, "produce": { "slow": 1.5 } }] }));
    cloud.put(&rg(), group()).ok();
    let request = Request::get(Cloud::url(&rg())).body(Vec::new()).unwrap();
    let response = cloud.simulator.handle(request, cloud.now.get()).unwrap();
    assert_eq!(response.extensions().get(), Some(&Delay(Duration::from_millis(1500))));
    assert_eq!(response.status(), 200);
}

#[test]
fn an_operation_can_fail_in_the_end_and_be_done_again() {
    let cloud = scripted(json!({ "faults": [{
        "match": { "kind": "Microsoft.Network/virtualNetworks", "method": ["PUT", "DELETE"], "occurrence": [1, 3] },
        "produce": { "fail": { "code": "InternalServerError", "message": "An error occurred.", "details": [] } },
    }] }));
    cloud.make(&rg(), group());
    let path = network("virtualNetworks/vnet");
    let begun = cloud.put(&path, network_body()).ok();
    let end = cloud.follow(&begun);
    assert_eq!((&end["status"], &end["error"]["code"]), (&json!("Failed"), &json!("InternalServerError")));
    assert_eq!(cloud.get(&path).body["properties"]["provisioningState"], "Failed");
    cloud.make(&path, network_body());
    let begun = cloud.delete(&path).ok();
    assert_eq!(cloud.follow(&begun)["status"], "Failed");
    assert_eq!(cloud.get(&path).status, 200, "it is still there");
    cloud.unmake(&path);
}

#[test]
fn a_failing_operation_that_is_none_is_a_refusal() {
    let cloud = scripted(json!({ "faults": [{
        "times": 1, "match": { "method": "PUT" }, "produce": { "fail": { "code": "Odd", "message": "So it is." } },
    }] }));
    cloud.put(&rg(), group()).refused(400, "Odd");
    assert_eq!(cloud.get(&rg()).status, 404);
}

#[test]
fn every_race_that_azure_is_known_for_strikes_in_its_words() {
    for (race, status, code) in [
        ("AnotherOperationInProgress", 409, "AnotherOperationInProgress"),
        ("ReferencedResourceNotProvisioned", 400, "ReferencedResourceNotProvisioned"),
        ("PrincipalNotFound", 400, "PrincipalNotFound"),
        ("FailedIdentityOperation", 400, "FailedIdentityOperation"),
        ("ResourceNotFound", 404, "ResourceNotFound"),
        ("TooManyRequests", 429, "TooManyRequests"),
        ("ServiceUnavailable", 503, "ServiceUnavailable"),
        ("GatewayTimeout", 504, "GatewayTimeout"),
    ] {
        let cloud = scripted(json!({ "faults": [{
            "match": { "method": "PUT", "per_id": true }, "times": 2, "produce": { "race": race },
        }] }));
        for _ in 0..2 {
            cloud.put(&rg(), group()).refused(status, code);
        }
        cloud.put(&rg(), group()).ok();
        let other = format!("{}2", rg());
        cloud.put(&other, group()).refused(status, code);
    }
    for race in
        ["RetryableError", "StorageAccountOperationInProgress", "ConflictError", "InternalServerError"]
    {
        let cloud = scripted(json!({ "faults": [{
            "match": { "kind": "*/virtualNetworks" }, "times": 1, "produce": { "race": race },
        }] }));
        cloud.make(&rg(), group());
        let path = network("virtualNetworks/vnet");
        let begun = cloud.put(&path, network_body()).ok();
        assert_eq!(cloud.follow(&begun)["error"]["code"], race);
        cloud.make(&path, network_body());
    }
}

#[test]
fn chance_repeats_itself_with_its_seed() {
    let run = |seed: u64| {
        let script: Script = json!({ "faults": [{
            "match": { "chance": 0.5 }, "produce": { "race": "ServiceUnavailable" },
        }] })
        .to_string()
        .parse()
        .unwrap();
        let cloud = Cloud::open(Settings { faults: script.faults, seed, ..Settings::default() });
        (0..40).map(|_| cloud.get(&rg()).status == 503).collect::<Vec<_>>()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    let struck = run(1).into_iter().filter(|hit| *hit).count();
    assert!((10..=30).contains(&struck), "{struck}");
}

#[test]
fn what_was_counted_is_kept_in_the_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let script: Script = json!({ "faults": [{
            "match": { "method": "PUT", "occurrence": 2 }, "produce": { "race": "GatewayTimeout" },
        }] })
        .to_string()
        .parse()
        .unwrap();
        let state = amlsecure::simulator::State::File(folder.path().join("state.db"));
        Cloud::open(Settings { state, faults: script.faults, ..Settings::default() })
    };
    open().put(&rg(), group()).ok();
    open().put(&rg(), group()).refused(504, "GatewayTimeout");
    open().put(&rg(), group()).ok();
}

#[test]
fn a_policy_denies_before_the_service_is_asked() {
    let cloud = scripted(json!({ "settings": { "policies": [{
        "name": "closed-storage", "kind": "Microsoft.Storage/storageAccounts",
        "path": "properties.publicNetworkAccess", "unless": "Disabled", "reason": "Storage is closed here.",
    }] } }));
    cloud.make(&rg(), group());
    let mut open = storage_body();
    open["properties"]["publicNetworkAccess"] = json!("Enabled");
    let denied = cloud.put(&storage("stml"), open);
    denied.refused(403, "RequestDisallowedByPolicy");
    assert!(
        denied
            .message()
            .contains("Resource 'stml' was disallowed by policy. Reasons: 'Storage is closed here.'")
    );
    let info = &denied.body["error"]["additionalInfo"][0];
    assert_eq!(info["type"], "PolicyViolation");
    assert_eq!(info["info"]["policyAssignmentName"], "closed-storage");
    cloud.make(&storage("stml"), storage_body());
    cloud
        .patch(&storage("stml"), json!({ "properties": { "publicNetworkAccess": "Enabled" } }))
        .refused(403, "RequestDisallowedByPolicy");
}

#[test]
fn a_limit_is_met_and_freed_again() {
    let cloud = scripted(json!({ "settings": { "quotas": { "Microsoft.Network/virtualNetworks": 1 } } }));
    let cloud = cloud.with_network();
    let refused = cloud.put(&network("virtualNetworks/other"), network_body());
    refused.refused(400, "VnetCountLimitReached");
    let mut elsewhere = network_body();
    elsewhere["location"] = json!("westeurope");
    cloud.make(&network("virtualNetworks/elsewhere"), elsewhere);
    cloud.unmake(&network("virtualNetworks/vnet"));
    cloud.make(&network("virtualNetworks/other"), network_body());
}

#[test]
fn replicas_of_arm_learn_late_of_what_is_new_and_what_is_gone() {
    let cloud = scripted(json!({ "settings": { "unseen_reads": 2, "lingering_reads": 1 } }));
    cloud.put(&rg(), group()).ok();
    let groups = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups");
    assert_eq!(cloud.get(&rg()).status, 404);
    assert_eq!(cloud.get(&groups).body["value"], json!([]));
    assert_eq!(cloud.get(&rg()).status, 404);
    assert_eq!(cloud.get(&rg()).status, 200);
    assert_eq!(cloud.get(&groups).body["value"].as_array().unwrap().len(), 1);
    let reply = cloud.delete(&rg()).ok();
    cloud.follow(&reply);
    assert_eq!(cloud.get(&rg()).body["name"], "rg", "one replica still knows it");
    assert_eq!(cloud.get(&rg()).status, 404);

    cloud.put(&rg(), group()).ok();
    cloud.pass(60);
    assert_eq!(cloud.get(&rg()).status, 200, "by now all have heard of it");
}

#[test]
fn a_registration_takes_its_time() {
    let unregistered = vec!["Microsoft.Storage".to_owned()];
    let behaviour = Behaviour { unregistered, ..Behaviour::default() };
    let latency = Latency::Real { scale: 1.0 };
    let cloud = Cloud::open(Settings { behaviour, latency, ..Settings::default() });
    cloud.make(&rg(), group());
    let provider = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage");
    let url = format!("https://management.azure.com{provider}/register?api-version=2022-09-01");
    let asked = cloud.raw(Method::POST, &url, &[], Vec::new()).ok();
    assert_eq!(asked.body["registrationState"], "Registering");
    cloud.put(&storage("stml"), storage_body()).refused(409, "MissingSubscriptionRegistration");
    cloud.pass(30);
    assert_eq!(cloud.get(&provider).body["registrationState"], "Registered");
    cloud.make(&storage("stml"), storage_body());
}

#[test]
fn a_network_written_without_subnets_keeps_them_unless_told_otherwise() {
    let mut body = network_body();
    body["properties"].as_object_mut().unwrap().remove("subnets");
    for (deleted, left) in [(false, 2), (true, 0)] {
        let cloud = scripted(json!({ "settings": { "absent_subnets_deleted": deleted } })).with_network();
        let after = cloud.make(&network("virtualNetworks/vnet"), body.clone());
        assert_eq!(after["properties"]["subnets"].as_array().unwrap().len(), left);
    }
}

#[test]
fn an_endpoint_waits_for_approval_where_its_maker_may_not_give_it() {
    let cloud = scripted(json!({ "settings": { "auto_approval": false } })).with_services();
    let seen = cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    let state = &seen["properties"]["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"];
    assert_eq!(state["status"], "Pending");
}

/// What others cause comes when a script says so (azure-network C.2, C.3).
#[test]
fn what_never_happens_here_by_itself_can_be_told_to_happen() {
    for (status, code) in
        [(429, "RetryableErrorDueToAnotherOperation"), (429, "SubscriptionRequestsThrottled")]
    {
        let answer = json!({ "status": status, "code": code, "message": "Not now." });
        let cloud = scripted(json!({ "faults": [{
            "match": { "kind": "*/virtualNetworks" }, "times": 1, "produce": { "answer": answer },
        }] }));
        cloud.make(&rg(), group());
        cloud.put(&network("virtualNetworks/vnet"), network_body()).refused(status, code);
        cloud.make(&network("virtualNetworks/vnet"), network_body());
    }
    // A virtual machine preempts by itself; that networks do is only known by their codes.
    for code in ["CanceledAndSupersededDueToAnotherOperation", "OperationPreempted"] {
        let cloud = scripted(json!({ "faults": [{
            "match": { "kind": "*/virtualNetworks" }, "times": 1,
            "produce": { "fail": { "code": code, "message": "Not now." } },
        }] }));
        cloud.make(&rg(), group());
        let begun = cloud.put(&network("virtualNetworks/vnet"), network_body()).ok();
        assert_eq!(cloud.follow(&begun)["error"]["code"], code);
        cloud.make(&network("virtualNetworks/vnet"), network_body());
    }
}

#[test]
fn a_region_has_ten_public_addresses_unless_told_otherwise() {
    let address = |cloud: &Cloud, at: u32| {
        cloud.put(
            &network(&format!("publicIPAddresses/pip{at}")),
            json!({ "location": "eastus", "sku": { "name": "Standard" },
                "properties": { "publicIPAllocationMethod": "Static" } }),
        )
    };
    let cloud = Cloud::instant();
    cloud.make(&rg(), group());
    for at in 0..10 {
        address(&cloud, at).ok();
    }
    address(&cloud, 10).refused(400, "StandardSkuPublicIPCountLimitReached");
    let cloud = scripted(json!({ "settings": { "quotas": { "Microsoft.Network/publicIPAddresses": 1 } } }));
    cloud.make(&rg(), group());
    address(&cloud, 0).ok();
    address(&cloud, 1).refused(400, "StandardSkuPublicIPCountLimitReached");
    let other = json!({ "location": "eastus", "sku": { "name": "StandardV2" },
        "properties": { "publicIPAllocationMethod": "Static" } });
    cloud.put(&network("publicIPAddresses/pip1"), other).refused(400, "PublicIPCountLimitReached");
}

/// azure-network C.2, the variants of the error body: what no service here
/// says by itself can be replayed to the letter.
#[test]
fn an_error_of_any_shape_can_be_told_to_come() {
    let legacy =
        json!({ "odata.error": { "code": "Busy", "message": { "lang": "en-us", "value": "Later." } } });
    // As machine learning hands on what Batch said.
    let inner = json!({ "error": { "code": "OutOfCapacity", "message": "No capacity." } });
    let wrapped = json!({ "error": { "code": "BadRequest", "message": inner.to_string() } });
    for body in [legacy, wrapped] {
        let cloud = scripted(json!({ "faults": [{
            "match": { "kind": "*/resourceGroups" }, "times": 1,
            "produce": { "answer": { "status": 400, "body": body } },
        }] }));
        let refused = cloud.put(&rg(), group());
        assert_eq!((refused.status, &refused.body), (400, &body));
        cloud.make(&rg(), group());
    }
}
