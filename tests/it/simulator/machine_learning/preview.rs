//! What only a preview knows of a workspace (azure-aml 1, 3.4).

use super::*;

const PREVIEW: &str = "2026-05-15-preview";

fn url(version: &str) -> String {
    format!("https://management.azure.com{}?api-version={version}", workspace("mlw"))
}

fn ask(cloud: &Cloud, method: Method, version: &str, body: &Value) -> Reply {
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let reply = cloud.raw(method, &url(version), &[], bytes);
    cloud.follow(&reply);
    reply
}

/// What is answered in a version.
fn shown(cloud: &Cloud, version: &str) -> Value {
    ask(cloud, Method::GET, version, &Value::Null).ok().body["properties"].clone()
}

fn open_to(addresses: &Value) -> Value {
    let mut body = workspace_body();
    body["properties"]["publicNetworkAccess"] = json!("Enabled");
    body["properties"]["ipAllowlist"] = addresses.clone();
    body
}

#[test]
fn a_stable_version_neither_shows_nor_takes_nor_changes_what_the_preview_has() {
    let cloud = Cloud::instant().with_workspace();
    ask(&cloud, Method::PUT, PREVIEW, &open_to(&json!(["20.1.2.3"]))).ok();
    assert_eq!(shown(&cloud, PREVIEW)["ipAllowlist"], json!(["20.1.2.3"]));
    assert_eq!(shown(&cloud, PREVIEW)["softDeleteRetentionInDays"], 14);
    for hidden in ["ipAllowlist", "softDeleteRetentionInDays"] {
        assert_eq!(shown(&cloud, "2026-05-01").get(hidden), None);
    }
    let listed = cloud.get(workspace("mlw").trim_end_matches("/mlw"));
    assert_eq!(listed.body["value"][0]["properties"].get("ipAllowlist"), None, "{listed:?}");
    cloud.make(&workspace("mlw"), workspace_body());
    assert_eq!(shown(&cloud, PREVIEW)["ipAllowlist"], json!(["20.1.2.3"]), "nobody said otherwise");
    let patch = json!({ "properties": { "friendlyName": "ours" } });
    ask(&cloud, Method::PATCH, "2026-05-01", &patch).ok();
    assert_eq!(shown(&cloud, PREVIEW)["ipAllowlist"], json!(["20.1.2.3"]));
    let refused = ask(&cloud, Method::PUT, "2026-05-01", &open_to(&json!(["20.9.9.9"])));
    refused.refused(400, "InvalidRequestContent");
    ask(&cloud, Method::PUT, PREVIEW, &workspace_body()).ok();
    assert_eq!(shown(&cloud, PREVIEW).get("ipAllowlist"), None, "a PUT is the whole of it");
}

#[test]
fn addresses_are_200_at_most_in_ipv4_and_of_a_workspace_that_stands() {
    let cloud = Cloud::instant().with_services();
    let refused = ask(&cloud, Method::PUT, PREVIEW, &open_to(&json!(["20.1.2.3"])));
    assert!(refused.refused(400, "ValidationError").message().contains("exists"), "{refused:?}");
    cloud.make(&workspace("mlw"), workspace_body());
    let many: Vec<String> = (0..201).map(|nth| format!("20.1.{nth}.0/24")).collect();
    let refused = ask(&cloud, Method::PUT, PREVIEW, &open_to(&json!(many)));
    assert!(refused.refused(400, "ValidationError").message().contains("200"), "{refused:?}");
    let refused = ask(&cloud, Method::PUT, PREVIEW, &open_to(&json!(["fd00::1"])));
    assert!(refused.refused(400, "ValidationError").message().contains("fd00::1"), "{refused:?}");
}

#[test]
fn a_deleted_workspace_keeps_its_name_for_as_many_days_as_it_says() {
    let cloud = Cloud::instant().with_workspace();
    let mut body = workspace_body();
    body["properties"]["softDeleteRetentionInDays"] = json!(3);
    ask(&cloud, Method::PUT, PREVIEW, &body).ok();
    cloud.unmake(&workspace("mlw"));
    let mut another = workspace_body();
    another["properties"]["applicationInsights"] = json!(null);
    another["kind"] = json!("Hub");
    cloud.pass(3 * 86_400 - 60);
    cloud.put(&workspace("mlw"), another.clone()).refused(400, "BadRequest");
    cloud.pass(120);
    cloud.make(&workspace("mlw"), another);
}
