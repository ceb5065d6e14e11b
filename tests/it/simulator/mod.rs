//! The simulator, asked in plain HTTP as any client would ask it.

#![allow(clippy::needless_pass_by_value, reason = "a body is written where it is sent")]

mod access;
mod beside_networks;
mod busy;
mod clients;
mod computes;
mod containers;
mod dns;
mod endpoints;
mod envelope;
mod every_kind;
mod faults;
mod firewalls;
mod front_door;
mod gateways;
mod groups;
mod guards;
mod kubernetes;
mod locks;
mod machine_learning;
mod machines;
mod monitoring;
mod network;
mod operations;
mod peerings;
mod persistence;
mod random;
mod records;
mod registries;
mod resolvers;
mod rights;
mod services;
mod settings;
mod soft_delete;
mod stack;
mod statuses;
mod storage_parts;
mod tags;
mod validation;
mod vault_contents;

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use amlsecure::kinds::{self, ResourceId};
use amlsecure::simulator::{Behaviour, Latency, SUBSCRIPTION, Settings, Simulator};
use http::{HeaderMap, Method, Request};
use serde_json::{Value, json};

/// 2026-11-22T00:00:00Z.
const EPOCH: u64 = 1_795_305_600;

/// A simulated Azure and the time its clients believe it is.
struct Cloud {
    simulator: Simulator,
    now: Cell<SystemTime>,
}

/// An answer.
#[derive(Debug)]
struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Reply {
    /// The error, which some services put at the top.
    fn error(&self) -> &Value {
        self.body.get("error").unwrap_or(&self.body)
    }

    fn code(&self) -> &str {
        self.error()["code"].as_str().unwrap_or_default()
    }

    fn message(&self) -> &str {
        self.error()["message"].as_str().unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Holds the refusal to its status and code.
    #[track_caller]
    fn refused(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status, self.code()), (status, code), "{self:?}");
        self
    }

    #[track_caller]
    fn ok(self) -> Self {
        assert!(self.status < 300, "{self:?}");
        self
    }
}

impl Cloud {
    fn open(mut settings: Settings) -> Self {
        settings.record = settings.record.or_else(|| recording("simulator.ndjson"));
        Self::silent(settings)
    }

    /// One whose traffic nobody looks at.
    fn silent(settings: Settings) -> Self {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH);
        Self { simulator: Simulator::open(settings).unwrap(), now: Cell::new(now) }
    }

    /// An empty subscription in which everything is over at once.
    fn instant() -> Self {
        Self::open(Settings::default())
    }

    /// One that behaves otherwise than most do.
    fn behaving(behaviour: Behaviour) -> Self {
        Self::open(Settings { behaviour, ..Settings::default() })
    }

    /// One in which things take as long as they do in Azure.
    fn real() -> Self {
        Self::open(Settings { latency: Latency::Real { scale: 1.0 }, ..Settings::default() })
    }

    fn pass(&self, seconds: u64) {
        self.now.set(self.now.get() + Duration::from_secs(seconds));
    }

    fn raw(&self, method: Method, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.simulator.handle(request.body(body).unwrap(), self.now.get()).unwrap();
        let (head, bytes) = response.into_parts();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Reply { status: head.status.as_u16(), headers: head.headers, body }
    }

    /// The url of a path, with the version that its kind has.
    fn url(path: &str) -> String {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let kind = ResourceId::parse(bare).ok().and_then(|id| kinds::find(&id.resource_type()));
        let version = kind.map_or("2025-04-01", |kind| kind.api_version);
        let more = if query.is_empty() { String::new() } else { format!("&{query}") };
        format!("https://management.azure.com{bare}?api-version={version}{more}")
    }

    fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.raw(method, &Self::url(path), headers, bytes)
    }

    fn put(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, &[], &body)
    }

    fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, &[], &body)
    }

    fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], &Value::Null)
    }

    fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, &[], &Value::Null)
    }

    fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, &[], &body)
    }

    /// The names of what is listed at a path.
    #[track_caller]
    fn names(&self, path: &str) -> Vec<String> {
        let reply = self.get(path);
        let items = reply.body["value"].as_array().unwrap_or_else(|| panic!("{path}: {reply:?}"));
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Follows what a reply announces to its end; the last status document.
    fn follow(&self, reply: &Reply) -> Value {
        let Some(url) = reply.header("azure-asyncoperation").or(reply.header("location")) else {
            return json!({ "status": "Succeeded" });
        };
        for _ in 0..1000 {
            let poll = self.raw(Method::GET, url, &[], Vec::new());
            match poll.body["status"].as_str() {
                Some("InProgress") => {}
                Some(_) => return poll.body,
                None if poll.status == 202 => {}
                None if poll.status < 300 => return json!({ "status": "Succeeded" }),
                None => return json!({ "status": "Failed", "error": poll.body["error"] }),
            }
            self.pass(1);
        }
        panic!("the operation of {reply:?} does not end");
    }

    /// Puts a resource and waits until it stands; the GET that follows.
    #[track_caller]
    fn make(&self, path: &str, body: Value) -> Value {
        let reply = self.put(path, body);
        assert!(reply.status < 300, "{path}: {reply:?}");
        let end = self.follow(&reply);
        assert_eq!(end["status"], "Succeeded", "{path}: {end}");
        let mut seen = self.get(path);
        for _ in 0..1000 {
            let state = seen.body["properties"]["provisioningState"].as_str().unwrap_or("Succeeded");
            if state == "Succeeded" {
                break;
            }
            self.pass(1);
            seen = self.get(path);
        }
        assert_eq!(seen.status, 200, "{path}: {seen:?}");
        seen.body
    }

    /// Deletes a resource and waits until it is gone.
    #[track_caller]
    fn unmake(&self, path: &str) {
        let reply = self.delete(path);
        assert!(reply.status < 300, "{path}: {reply:?}");
        let end = self.follow(&reply);
        assert_eq!(end["status"], "Succeeded", "{path}: {end}");
        let (bare, _) = path.split_once('?').unwrap_or((path, ""));
        assert_eq!(self.get(bare).status, 404, "{path}");
    }

    /// A group `rg` with a network `vnet` of two subnets, `endpoints` and `training`.
    fn with_network(self) -> Self {
        self.make(&rg(), json!({ "location": "eastus" }));
        self.make(&network("virtualNetworks/vnet"), network_body());
        self
    }

    /// Besides, a storage account `stml`, a vault `kv-ml`, a registry `crml`
    /// and Application Insights `appi`.
    fn with_services(self) -> Self {
        let cloud = self.with_network();
        cloud.make(&storage("stml"), storage_body());
        cloud.make(&vault("kv-ml"), vault_body());
        cloud.make(&registry("crml0001"), registry_body());
        cloud.make(&insights("appi"), insights_body());
        cloud
    }

    /// Besides, a workspace `mlw`.
    fn with_workspace(self) -> Self {
        let cloud = self.with_services();
        cloud.make(&workspace("mlw"), workspace_body());
        cloud
    }
}

/// Where `.ci/run` wants to find what was said, for the contract checker.
pub fn recording(file: &str) -> Option<std::path::PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "a test's process starts here")]
    let folder = std::env::var_os("AMLSECURE_TRAFFIC").filter(|folder| !folder.is_empty())?;
    let folder = std::path::PathBuf::from(folder).join("raw");
    std::fs::create_dir_all(&folder).unwrap();
    Some(folder.join(file))
}

/// A file of faults that ends the process at its nth write; 0 for none.
pub fn end_at(nth: usize, moment: &str) -> String {
    let fault = json!({
        "match": { "method": ["PUT", "PATCH", "POST", "DELETE"], "occurrence": nth },
        "produce": { "end": moment },
    });
    let faults = if nth == 0 { json!([]) } else { json!([fault]) };
    json!({ "faults": faults }).to_string()
}

fn rg() -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg")
}

fn network(tail: &str) -> String {
    format!("{}/providers/Microsoft.Network/{tail}", rg())
}

fn storage(name: &str) -> String {
    format!("{}/providers/Microsoft.Storage/storageAccounts/{name}", rg())
}

fn vault(name: &str) -> String {
    format!("{}/providers/Microsoft.KeyVault/vaults/{name}", rg())
}

fn registry(name: &str) -> String {
    format!("{}/providers/Microsoft.ContainerRegistry/registries/{name}", rg())
}

fn insights(name: &str) -> String {
    format!("{}/providers/Microsoft.Insights/components/{name}", rg())
}

fn logs(name: &str) -> String {
    format!("{}/providers/Microsoft.OperationalInsights/workspaces/{name}", rg())
}

fn identity(name: &str) -> String {
    format!("{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}", rg())
}

fn workspace(name: &str) -> String {
    format!("{}/providers/Microsoft.MachineLearningServices/workspaces/{name}", rg())
}

fn subnet(name: &str) -> String {
    network(&format!("virtualNetworks/vnet/subnets/{name}"))
}

fn network_body() -> Value {
    let closed = |range: &str| {
        json!({
            "addressPrefixes": [range], "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Disabled", "defaultOutboundAccess": false,
        })
    };
    json!({
        "location": "eastus",
        "properties": {
            "addressSpace": { "addressPrefixes": ["10.1.0.0/16"] },
            "subnets": [
                { "name": "endpoints", "properties": closed("10.1.0.0/26") },
                { "name": "training", "properties": closed("10.1.1.0/24") },
            ],
        },
    })
}

fn storage_body() -> Value {
    json!({
        "location": "eastus", "kind": "StorageV2", "sku": { "name": "Standard_LRS" },
        "properties": { "publicNetworkAccess": "Disabled" },
    })
}

fn vault_body() -> Value {
    json!({
        "location": "eastus",
        "properties": {
            "tenantId": amlsecure::simulator::TENANT, "sku": { "family": "A", "name": "standard" },
            "enableRbacAuthorization": true, "softDeleteRetentionInDays": 7,
        },
    })
}

fn registry_body() -> Value {
    json!({
        "location": "eastus", "sku": { "name": "Premium" }, "properties": { "publicNetworkAccess": "Disabled" },
    })
}

fn insights_body() -> Value {
    json!({ "location": "eastus", "kind": "web", "properties": { "Application_Type": "web" } })
}

fn workspace_body() -> Value {
    json!({
        "location": "eastus", "identity": { "type": "SystemAssigned" },
        "properties": {
            "storageAccount": storage("stml"), "keyVault": vault("kv-ml"), "applicationInsights": insights("appi"),
            "containerRegistry": registry("crml0001"), "publicNetworkAccess": "Disabled",
        },
    })
}

fn endpoint(name: &str) -> String {
    network(&format!("privateEndpoints/{name}"))
}

fn endpoint_body(target: &str, group: &str) -> Value {
    json!({
        "location": "eastus",
        "properties": {
            "subnet": { "id": subnet("endpoints") },
            "privateLinkServiceConnections": [{
                "name": "connection",
                "properties": { "privateLinkServiceId": target, "groupIds": [group] },
            }],
        },
    })
}

fn zone(name: &str) -> String {
    network(&format!("privateDnsZones/{name}"))
}

fn link_body() -> Value {
    json!({
        "location": "global",
        "properties": { "virtualNetwork": { "id": network("virtualNetworks/vnet") }, "registrationEnabled": false },
    })
}

fn zone_group_body(zones: &[&str]) -> Value {
    let configs: Vec<Value> = zones
        .iter()
        .enumerate()
        .map(|(at, name)| json!({ "name": format!("zone{at}"), "properties": { "privateDnsZoneId": zone(name) } }))
        .collect();
    json!({ "properties": { "privateDnsZoneConfigs": configs } })
}

fn cluster_body() -> Value {
    json!({
        "location": "eastus", "identity": { "type": "SystemAssigned" },
        "properties": {
            "computeType": "AmlCompute",
            "properties": {
                "vmSize": "Standard_DS3_v2", "vmPriority": "Dedicated", "subnet": { "id": subnet("training") },
                "enableNodePublicIp": false,
                "scaleSettings": { "minNodeCount": 0, "maxNodeCount": 3, "nodeIdleTimeBeforeScaleDown": "PT15M" },
            },
        },
    })
}
