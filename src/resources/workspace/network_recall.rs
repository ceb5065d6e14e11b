//! The networks of a workspace read back from Azure: who passes the firewalls of
//! what it stands on, the managed network, and serverless compute.

use serde_json::Value as Json;

use super::network::{ACTIONS, FIREWALL_SKUS, ISOLATION_MODES, PROTOCOLS};
use super::rules::{BYPASS, DEFAULT_ACTIONS, VAULT_BYPASS};
use crate::kinds::{OUTBOUND_RULE, ResourceId};
use crate::resources::recall::{Found, Recalled, flag, id, items, parsed, text, texts, word};
use crate::schema::Value;

/// The way in which one that we built is isolated, where Azure shows it by more
/// than what every argument says of itself: a part that is open to rules alone
/// is not open to the internet.
pub(super) fn isolation(parts: [Option<&Found>; 2]) -> Value {
    let behind_rules = |part: &Found| {
        let body = &part.body;
        let rules = ["virtualNetworkRules", "ipRules"];
        part.ours
            && flag(body, "/properties/publicNetworkAccess", true).as_bool() == Some(true)
            && word(body, "/properties/networkAcls/defaultAction", &DEFAULT_ACTIONS).as_str() == Some("Deny")
            && rules
                .iter()
                .any(|rules| items(body, &format!("/properties/networkAcls/{rules}")).next().is_some())
    };
    let [storage, _] = parts;
    if storage.is_some() && parts.into_iter().flatten().all(behind_rules) {
        "service_endpoint".into()
    } else {
        Value::Null
    }
}

/// Whether the internet reaches a part: behind rules it does not.
pub(super) fn open(body: &Json, isolation: &Value) -> Value {
    if isolation.is_null() { flag(body, "/properties/publicNetworkAccess", true) } else { Value::Null }
}

/// The firewall of an account, unless it is the one that we give it unasked.
pub(super) fn storage_rules(body: &Json, tenant: &str) -> Value {
    let rules = "/properties/networkAcls";
    let action = word(body, &format!("{rules}/defaultAction"), &DEFAULT_ACTIONS);
    let bypass = body.pointer(&format!("{rules}/bypass")).and_then(Json::as_str).unwrap_or("AzureServices");
    let bypass: Vec<&str> = bypass
        .split(',')
        .map(str::trim)
        .map(|one| BYPASS.iter().find(|word| word.eq_ignore_ascii_case(one)).map_or(one, |word| *word))
        .collect();
    let addresses = addresses(body, &format!("{rules}/ipRules"));
    let subnets = subnets(body, &format!("{rules}/virtualNetworkRules"));
    let resources: Vec<Value> = items(body, &format!("{rules}/resourceAccessRules"))
        .map(|rule| {
            let own = rule.get("tenantId").and_then(Json::as_str) == Some(tenant);
            let tenant = if own { Value::Null } else { text(rule, "/tenantId") };
            Value::object([
                ("endpoint_resource_id", text(rule, "/resourceId")),
                ("endpoint_tenant_id", tenant),
            ])
        })
        .collect();
    if action.as_str() == Some("Deny")
        && bypass == ["AzureServices"]
        && addresses.is_empty()
        && subnets.is_empty()
        && resources.is_empty()
    {
        return Value::Null;
    }
    Value::object([
        ("default_action", action),
        ("bypass", Value::list(bypass)),
        ("ip_rules", or_null(addresses)),
        ("virtual_network_subnet_ids", or_null(subnets)),
        ("private_link_access", Value::List(resources)),
    ])
}

/// The firewall of a vault, unless it is the one that we give it unasked.
pub(super) fn vault_rules(body: &Json) -> Value {
    let rules = "/properties/networkAcls";
    let action = word(body, &format!("{rules}/defaultAction"), &DEFAULT_ACTIONS);
    let bypass = word(body, &format!("{rules}/bypass"), &VAULT_BYPASS);
    let addresses = addresses(body, &format!("{rules}/ipRules"));
    let subnets = subnets(body, &format!("{rules}/virtualNetworkRules"));
    let ours = action.as_str() == Some("Deny") && bypass.as_str() == Some("AzureServices");
    if action.is_null() || ours && addresses.is_empty() && subnets.is_empty() {
        return Value::Null;
    }
    Value::object([
        ("default_action", action),
        ("bypass", bypass),
        ("ip_rules", or_null(addresses)),
        ("virtual_network_subnet_ids", or_null(subnets)),
    ])
}

/// The firewall of a registry, where it has one.
pub(super) fn registry_rules(body: &Json) -> Value {
    let rules = "/properties/networkRuleSet";
    let action = word(body, &format!("{rules}/defaultAction"), &DEFAULT_ACTIONS);
    let addresses = addresses(body, &format!("{rules}/ipRules"));
    // Azure shows one that lets everybody in where nobody asked for any.
    if action.is_null() || action.as_str() == Some("Allow") && addresses.is_empty() {
        return Value::Null;
    }
    let each = addresses.into_iter().map(|address| Value::object([("ip_range", address)]));
    Value::object([("default_action", action), ("ip_rule", Value::List(each.collect()))])
}

fn addresses(body: &Json, at: &str) -> Vec<Value> {
    items(body, at).map(|rule| text(rule, "/value")).collect()
}

fn subnets(body: &Json, at: &str) -> Vec<Value> {
    items(body, at).filter_map(|rule| Some(id(rule, "/id")?.as_str().into())).collect()
}

fn or_null(list: Vec<Value>) -> Value {
    if list.is_empty() { Value::Null } else { Value::List(list) }
}

impl Recalled {
    /// The managed network, and those of its rules that Azure did not add.
    pub(super) fn managed_network(&mut self, workspace: &Found) -> Value {
        let body = &workspace.body;
        let mode = word(body, "/properties/managedNetwork/isolationMode", &ISOLATION_MODES);
        if mode.is_null() || mode.as_str() == Some("Disabled") {
            return Value::Null;
        }
        let mut rules = Vec::new();
        let all = body.pointer("/properties/managedNetwork/outboundRules").and_then(Json::as_object);
        for (name, rule) in all.into_iter().flatten() {
            if word(rule, "/category", &["UserDefined"]).as_str() != Some("UserDefined") {
                continue;
            }
            self.parts.insert(format!("outbound_rule/{name}"), workspace.id.child(&OUTBOUND_RULE, name));
            rules.push(rule_of(name, rule));
        }
        // Standard is what Azure takes where nobody chooses.
        let sku = word(body, "/properties/managedNetwork/firewallSku", &FIREWALL_SKUS);
        let sku = if sku.as_str() == Some("Standard") { Value::Null } else { sku };
        Value::object([
            ("isolation_mode", mode),
            ("firewall_sku", sku),
            ("provision_on_creation_enabled", flag(body, "/properties/provisionNetworkNow", false)),
            ("outbound_rule", Value::List(rules)),
        ])
    }
}

fn rule_of(name: &str, rule: &Json) -> Value {
    let mut members = vec![("name", Value::from(name))];
    let kind = word(rule, "/type", &["FQDN", "ServiceTag", "PrivateEndpoint"]);
    match kind.as_str() {
        Some("FQDN") => members.push(("destination_fqdn", text(rule, "/destination"))),
        Some("ServiceTag") => {
            let action = word(rule, "/destination/action", &ACTIONS);
            members.extend([
                ("service_tag", text(rule, "/destination/serviceTag")),
                ("protocol", word(rule, "/destination/protocol", &PROTOCOLS)),
                ("port_ranges", text(rule, "/destination/portRanges")),
                ("address_prefixes", texts(rule, "/destination/addressPrefixes")),
                ("action", if action.as_str() == Some("Allow") { Value::Null } else { action }),
            ]);
        }
        _ => {
            let target = rule.pointer("/destination/serviceResourceId").and_then(Json::as_str);
            let id = target.and_then(parsed).as_ref().map(ResourceId::to_string);
            let spark = flag(rule, "/destination/sparkEnabled", false);
            members.extend([
                ("service_resource_id", id.or_else(|| target.map(str::to_owned)).into()),
                ("sub_resource_target", text(rule, "/destination/subresourceTarget")),
                ("spark_enabled", if spark.as_bool() == Some(true) { spark } else { Value::Null }),
            ]);
        }
    }
    Value::object(members)
}

/// Where serverless compute stands, where anybody said so.
pub(super) fn serverless_compute(body: &Json) -> Value {
    let at = "/properties/serverlessComputeSettings";
    if body.pointer(at).is_none_or(Json::is_null) {
        return Value::Null;
    }
    let private = flag(body, &format!("{at}/serverlessComputeNoPublicIP"), false).as_bool() == Some(true);
    let subnet = id(body, &format!("{at}/serverlessComputeCustomSubnet"));
    Value::object([
        ("subnet_id", subnet.map(|id| id.to_string()).into()),
        ("public_ip_enabled", (!private).into()),
    ])
}
