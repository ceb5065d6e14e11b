//! Machine learning workspaces and what lies in them (azure-aml 2 to 8, 20 to 22, 26).

mod acceptance;
mod attached;
mod computes;
mod cores;
mod data;
mod endpoints;
mod preview;
mod rules;
mod workspaces;

use super::*;

fn post(cloud: &Cloud, path: &str, body: Value) -> Reply {
    cloud.send(Method::POST, path, &[], &body)
}

/// Posts, follows, and asks the result url.
#[track_caller]
fn result(cloud: &Cloud, path: &str, body: Value) -> Reply {
    let reply = post(cloud, path, body);
    assert_eq!((reply.status, &reply.body), (202, &Value::Null), "{reply:?}");
    assert_eq!(cloud.follow(&reply)["status"], "Succeeded");
    cloud.raw(Method::GET, reply.header("location").unwrap(), &[], Vec::new())
}

/// The names of what a path lists.
fn names(cloud: &Cloud, path: &str) -> Vec<String> {
    let body = cloud.get(path).ok().body;
    body["value"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

fn in_workspace(tail: &str) -> String {
    format!("{}/{tail}", workspace("mlw"))
}

fn compute(name: &str) -> String {
    in_workspace(&format!("computes/{name}"))
}

/// A workspace body with a managed network.
fn managed_body(mode: &str) -> Value {
    let mut body = workspace_body();
    body["properties"]["managedNetwork"] = json!({ "isolationMode": mode });
    body
}

/// A subscription with a workspace `mlw` that has a managed network.
fn managed(mode: &str) -> Cloud {
    let cloud = Cloud::instant().with_services();
    cloud.make(&workspace("mlw"), managed_body(mode));
    cloud
}

fn instance_body() -> Value {
    json!({
        "location": "eastus",
        "properties": { "computeType": "ComputeInstance", "properties": { "vmSize": "Standard_DS3_v2" } },
    })
}

/// A cluster with public addresses and no subnet.
fn open_cluster_body(size: &str, nodes: u32) -> Value {
    json!({
        "location": "eastus",
        "properties": { "computeType": "AmlCompute", "properties": {
            "vmSize": size, "scaleSettings": { "minNodeCount": nodes, "maxNodeCount": nodes.max(1) },
        } },
    })
}
