//! What ARM answers whatever the type is, asked of every kind there is: absence,
//! versions, bodies, spellings and empty lists (azure-network B.0.3, C.1, C.2,
//! C.6, C.7, E.1, E.2, E.16, E.19, E.20; azure-aml 2.1 to 2.3, 21 rows 1 and 30,
//! 22 row 1, 26 row 2).

use amlsecure::kinds::{Access, Kind, Node, Shape, Style};

use super::*;

/// Names of many forms; a kind admits at least one.
const NAMES: &[&str] = &[
    "abc00001",
    "default",
    "abc-00001",
    "a.example",
    "11111111-1111-4111-8111-111111111111",
    "add",
    "Cluster",
    "@",
    "AzureBastionSubnet",
];

fn name(kind: &Kind) -> &'static str {
    NAMES.iter().find(|name| kind.name.admits(name)).unwrap_or_else(|| panic!("{}: no name fits", kind.noun))
}

/// Where a resource of the kind would be: in the group, below a parent that is
/// held where one is.
fn place(cloud: &Cloud, kind: &'static Kind) -> String {
    if kind.resource_type == kinds::RESOURCE_GROUP.resource_type {
        return rg().replace("/rg", "/another");
    }
    let (of, word) = kind.resource_type.rsplit_once('/').unwrap();
    match kinds::find(of) {
        None => format!("{}/providers/{of}/{word}/{}", rg(), name(kind)),
        Some(parent) => {
            let held = cloud.simulator.list().unwrap();
            let there = |held: &&amlsecure::simulator::Held| {
                ResourceId::parse(&held.id).unwrap().resource_type().eq_ignore_ascii_case(of)
            };
            let above = held.iter().find(there).map_or_else(|| place(cloud, parent), |held| held.id.clone());
            format!("{above}/{word}/{}", name(kind))
        }
    }
}

/// What a table demands, and a region where it knows one.
fn least(node: &Node) -> Value {
    if node.items().is_some() {
        return json!([]);
    }
    if node.fields().next().is_some() {
        let wanted = |(name, field): &(&str, &Node)| {
            let row = field.property();
            let sent = row.is_none_or(|row| row.access != Access::ReadOnly);
            sent && (*name == "location" || row.is_some_and(|row| row.required))
        };
        let fields = node.fields().filter(wanted);
        return Value::Object(fields.map(|(name, field)| (name.to_owned(), least(field))).collect());
    }
    match node.shape() {
        Some(Shape::Bool) => json!(false),
        Some(Shape::Int(low, _)) => json!(low),
        Some(Shape::OneOf(words)) => json!(words[0]),
        Some(Shape::Location) => json!("eastus"),
        Some(Shape::Duration) => json!("PT15M"),
        Some(Shape::Id) => json!(network("virtualNetworks/vnet")),
        Some(Shape::Map | Shape::IdMap | Shape::Any) => json!({}),
        _ => json!("10.9.0.0/24"),
    }
}

fn query(kind: &Kind) -> String {
    let more: Vec<String> =
        kind.delete.query(None).iter().map(|(name, value)| format!("{name}={value}")).collect();
    if more.is_empty() { String::new() } else { format!("?{}", more.join("&")) }
}

/// The kinds that ARM itself or their service keeps one of, wherever that may be.
fn stands_by_itself(kind: &Kind) -> bool {
    ["Microsoft.Resources/tags", "Microsoft.KeyVault/vaults/accessPolicies"].contains(&kind.resource_type)
}

/// Tells of all kinds that do not answer as they should at once.
#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn every_kind(mut each: impl FnMut(&'static Kind) -> Vec<String>) {
    let wrong: Vec<String> = kinds::ALL.iter().flat_map(|kind| each(kind)).collect();
    none(&wrong);
}

/// `what` of a kind, where it is not as wanted.
fn unless(right: bool, kind: &Kind, what: &str, reply: &Reply) -> Option<String> {
    (!right).then(|| format!("{}: {what}: {} {}", kind.resource_type, reply.status, reply.body))
}

#[test]
fn what_is_not_there_is_not_found_and_not_deleted() {
    let cloud = Cloud::instant();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    every_kind(|kind| {
        if stands_by_itself(kind) {
            return Vec::new();
        }
        let path = place(&cloud, kind);
        let mut wrong = Vec::new();
        let seen = cloud.get(&path);
        let named = seen.status == 404 && !seen.code().is_empty() && !seen.message().is_empty();
        wrong.extend(unless(named, kind, "GET", &seen));
        let seen = cloud.send(Method::HEAD, &path, &[], &Value::Null);
        wrong.extend(unless(seen.status == 404 && seen.body.is_null(), kind, "HEAD", &seen));
        let seen = cloud.patch(&path, json!({ "properties": {} }));
        wrong.extend(unless(seen.status == 404 && !seen.code().is_empty(), kind, "PATCH", &seen));
        let seen = cloud.delete(&format!("{path}{}", query(kind)));
        let gone = match kind.resource_type {
            // Clients accept no 204 of a group.
            "Microsoft.Resources/resourceGroups" => seen.code() == "ResourceGroupNotFound",
            _ => seen.status == 204 && seen.body.is_null(),
        };
        wrong.extend(unless(gone, kind, "DELETE", &seen));
        wrong
    });
}

#[test]
fn nothing_is_made_where_there_is_no_group() {
    let cloud = Cloud::instant();
    every_kind(|kind| {
        if kind.resource_type == kinds::RESOURCE_GROUP.resource_type {
            return Vec::new();
        }
        let path = place(&cloud, kind);
        let body = least(kind.tree().root());
        let seen =
            [cloud.put(&path, body), cloud.get(&path), cloud.delete(&format!("{path}{}", query(kind)))];
        let lost = |reply: &&Reply| (reply.status, reply.code()) != (404, "ResourceGroupNotFound");
        seen.iter().filter(lost).filter_map(|reply| unless(false, kind, "without a group", reply)).collect()
    });
}

#[test]
fn versions_and_bodies_are_read_before_anything_else() {
    let cloud = Cloud::instant().with_services();
    every_kind(|kind| {
        let path = place(&cloud, kind);
        let put = |version: &str, body: &str| {
            let url = format!("https://management.azure.com{path}{version}");
            cloud.raw(Method::PUT, &url, &[], body.as_bytes().to_vec())
        };
        let good = format!("?api-version={}", kind.api_version);
        let cases = [
            ("", "{}", "MissingApiVersionParameter"),
            ("?api-version=1.0", "{}", "InvalidApiVersionParameter"),
            ("?api-version=2024-13-01", "{}", "InvalidApiVersionParameter"),
            (good.as_str(), "{", "InvalidRequestContent"),
            (good.as_str(), "[]", "InvalidRequestContent"),
        ];
        cases
            .into_iter()
            .filter_map(|(version, body, code)| {
                let seen = put(version, body);
                unless((seen.status, seen.code()) == (400, code), kind, code, &seen)
            })
            .collect()
    });
}

#[test]
fn what_no_table_has_is_refused_where_strict_and_else_of_no_account() {
    let clouds = [true, false].map(|strict| {
        let cloud = Cloud::open(Settings { strict, ..Settings::default() });
        cloud.with_workspace()
    });
    let [strict, lenient] = &clouds;
    let mut judged = 0;
    every_kind(|kind| {
        if stands_by_itself(kind) {
            return Vec::new();
        }
        let path = place(strict, kind);
        let above = ResourceId::parse(&path).unwrap().parent().unwrap();
        if above.parent().is_some() && strict.get(above.as_str()).status != 200 {
            return Vec::new();
        }
        judged += 1;
        let plain = least(kind.tree().root());
        let mut body = plain.clone();
        body["notOfThisType"] = json!(1);
        let seen = strict.put(&path, body.clone());
        let refused = seen.status == 400 && seen.message().contains("notOfThisType");
        let mut wrong: Vec<String> = unless(refused, kind, "strict", &seen).into_iter().collect();
        let (with, without) = (lenient.put(&path, body), lenient.put(&path, plain));
        // The second finds what the first made.
        let alike = with.code() == without.code() && with.body["notOfThisType"].is_null();
        wrong.extend(unless(alike, kind, "lenient", &with));
        wrong
    });
    assert!(judged > 40, "{judged}");
}

#[test]
fn an_id_names_the_same_in_every_casing() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    for kind in kinds::ALL.iter() {
        // Whatever can be made of what its table demands alone.
        let reply = cloud.put(&place(&cloud, kind), least(kind.tree().root()));
        cloud.follow(&reply);
    }
    let held = cloud.simulator.list().unwrap();
    assert!(held.len() > 30, "{}", held.len());
    let mut wrong = Vec::new();
    for held in held {
        let kind = kinds::find(&ResourceId::parse(&held.id).unwrap().resource_type());
        let plain = cloud.get(&held.id);
        for path in [held.id.to_ascii_uppercase(), held.id.to_ascii_lowercase()] {
            let seen = cloud.get(&path);
            if seen.status != 200 || seen.body != plain.body {
                wrong.push(format!("{path}: {} {}", seen.status, seen.body));
            }
        }
        let spelled = plain.body["type"].as_str().unwrap_or_default();
        if kind.is_some_and(|kind| kind.resource_type != spelled) {
            wrong.push(format!("{}: {spelled}", held.id));
        }
    }
    none(&wrong);
}

#[test]
fn a_list_of_nothing_is_a_list() {
    let cloud = Cloud::instant();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    // Built-in roles are at every scope; what stands by itself has no list.
    let other = [kinds::RESOURCE_GROUP.resource_type, kinds::ROLE_DEFINITION.resource_type];
    let scopes = [rg(), format!("/subscriptions/{SUBSCRIPTION}")];
    every_kind(|kind| {
        let (of, _) = kind.resource_type.rsplit_once('/').unwrap();
        if other.contains(&kind.resource_type) || stands_by_itself(kind) || of.contains('/') {
            return Vec::new();
        }
        let list = |scope: &String| {
            let url = format!(
                "https://management.azure.com{scope}/providers/{}?api-version={}",
                kind.resource_type, kind.api_version
            );
            cloud.raw(Method::GET, &url, &[], Vec::new())
        };
        let empty = |reply: &Reply| reply.status == 200 && reply.body == json!({ "value": [] });
        scopes.iter().map(list).filter_map(|reply| unless(empty(&reply), kind, "list", &reply)).collect()
    });
}

/// Whether a reply announces its end in the style of its kind.
fn announced(reply: &Reply, style: Style, deletes: bool) -> bool {
    let (status, location) = (reply.header("azure-asyncoperation"), reply.header("location"));
    match style {
        Style::Sync | Style::ProvisioningState => status.is_none() && location.is_none(),
        Style::AsyncOperation if !deletes => status.is_some() && location.is_none() && reply.body.is_object(),
        Style::AsyncOperation | Style::AsyncOperationOnly => {
            status.is_some() && location.is_some() && reply.body.is_null()
        }
        Style::Location => status.is_none() && location.is_some() && reply.body.is_null(),
    }
}

#[test]
fn what_its_table_demands_makes_it_and_it_lives_and_ends_in_its_style() {
    let cloud = Cloud::instant().with_workspace();
    let mut lived = 0;
    every_kind(|kind| {
        let path = place(&cloud, kind);
        let body = least(kind.tree().root());
        if stands_by_itself(kind) || cloud.get(&path).status == 200 {
            return Vec::new();
        }
        let made = cloud.put(&path, body.clone());
        if made.status >= 300 || cloud.follow(&made)["status"] != "Succeeded" {
            // It takes more than that.
            return Vec::new();
        }
        lived += 1;
        let mut wrong = Vec::new();
        let right = made.status == kind.put.created && announced(&made, kind.put.style, false);
        wrong.extend(unless(right, kind, "PUT", &made));
        let seen = cloud.get(&path);
        wrong.extend(unless(seen.status == 200 && seen.body["id"] == path, kind, "GET", &seen));
        let head = cloud.send(Method::HEAD, &path, &[], &Value::Null);
        wrong.extend(unless(head.status == 204 && head.body.is_null(), kind, "HEAD", &head));
        let again = cloud.put(&path, body);
        cloud.follow(&again);
        let same = match kind.put.style {
            Style::AsyncOperationOnly => again.status == 202,
            _ => [200, kind.put.updated].contains(&again.status) && again.header("location").is_none(),
        };
        wrong.extend(unless(same, kind, "PUT again", &again));
        let gone = cloud.delete(&format!("{path}{}", query(kind)));
        cloud.follow(&gone);
        if gone.code() == "HttpMethodNotAllowed" {
            // ARM can make keys and secrets of a vault, and not delete them.
            return wrong;
        }
        let right = gone.status == kind.delete.status
            && (kind.delete.style == Style::Sync || announced(&gone, kind.delete.style, true));
        wrong.extend(unless(right, kind, "DELETE", &gone));
        let seen = cloud.get(&path);
        wrong.extend(unless(seen.status == 404, kind, "GET after DELETE", &seen));
        wrong
    });
    assert!(lived > 25, "{lived}");
}
