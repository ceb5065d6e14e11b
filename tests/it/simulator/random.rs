//! Whatever is asked, in whatever order: an answer that is no failure of the
//! service, and a state that hangs together (check 3).

use std::collections::BTreeSet;

use amlsecure::kinds::{Access, Kind, Node, Shape};
use ipnet::IpNet;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::Union;

use super::*;

/// Names that requests draw from: few, so that they meet, and some that are odd.
const NAMES: &[&str] = &[
    "a",
    "b1",
    "stml0001",
    "default",
    "AzureBastionSubnet",
    "%20",
    "..",
    "é",
    "x.y.z",
    "-",
    "@",
    "11111111-1111-1111-1111-111111111111",
];

const METHODS: &[Method] = &[
    Method::GET,
    Method::PUT,
    Method::PUT,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::POST,
    Method::HEAD,
    Method::OPTIONS,
];

/// The id of a resource of a kind, its names drawn from a small pool.
fn id_of(kind: &'static Kind, names: &[&str]) -> String {
    let mut names = names.iter().copied().cycle();
    let mut next = || names.next().unwrap_or("a");
    if kind.resource_type == "Microsoft.Resources/resourceGroups" {
        return format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{}", next());
    }
    let mut types = kind.resource_type.split('/');
    let namespace = types.next().unwrap();
    let mut id = format!("{}/providers/{namespace}", rg());
    for word in types {
        id = format!("{id}/{word}/{}", next());
    }
    id
}

fn names() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(select(NAMES), 3)
}

fn kind() -> impl Strategy<Value = &'static Kind> {
    any::<Index>().prop_map(|at| *at.get(&kinds::ALL))
}

/// A path: of a resource, a list, an action, or of nothing at all.
fn path() -> impl Strategy<Value = String> {
    let resource = (kind(), names()).prop_map(|(kind, names)| id_of(kind, &names)).boxed();
    let list = (kind(), names()).prop_map(|(kind, names)| {
        let id = id_of(kind, &names);
        id.rsplit_once('/').map_or(id.clone(), |(list, _)| list.to_owned())
    });
    let action = (resource.clone(), select(&["listKeys", "start", "diagnose", "é", "x"][..]))
        .prop_map(|(id, action)| format!("{id}/{action}"));
    let odd = "(/[a-zA-Z0-9%._-]{0,12}){0,9}";
    let beside =
        select(
            &[
                "/subscriptions",
                "/providers",
                "/tenants",
                "/",
                "//",
                "/subscriptions/x",
                "/metadata/endpoints",
            ][..],
        )
        .prop_map(str::to_owned);
    prop_oneof![6 => resource, 2 => list, 1 => action, 1 => odd, 1 => beside]
}

/// Any JSON.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        select(&["10.0.0.0/24", "10.0.0.0/33", "::/0", "eastus", "Standard"][..]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-zA-Z]{1,10}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A body as a kind's table describes it, filled by what `dice` decide.
fn body_of(node: &Node, dice: &mut impl FnMut(usize) -> usize, depth: usize) -> Value {
    if let Some(items) = node.items() {
        let count = if depth > 6 { 0 } else { dice(3) };
        return (0..count).map(|_| body_of(items, dice, depth + 1)).collect();
    }
    let fields: Vec<(&str, &Node)> = node.fields().collect();
    if !fields.is_empty() {
        let mut map = serde_json::Map::new();
        for (name, field) in fields {
            let row = field.property();
            let answered = row.is_some_and(|row| row.access == Access::ReadOnly);
            let required = row.is_some_and(|row| row.required);
            if !answered
                && (required || name == "properties" || name == "location" || dice(3) == 0)
                && depth < 8
            {
                map.insert(name.to_owned(), body_of(field, dice, depth + 1));
            }
        }
        return Value::Object(map);
    }
    let pick = |dice: &mut dyn FnMut(usize) -> usize, words: &[&str]| json!(words[dice(words.len())]);
    match node.shape() {
        Some(Shape::Bool) => json!(dice(2) == 0),
        Some(Shape::Int(low, high)) => json!(if dice(2) == 0 { low } else { high }),
        Some(Shape::OneOf(words)) => json!(words[dice(words.len())]),
        Some(Shape::Location) => pick(dice, &["eastus", "West Europe", "global"]),
        Some(Shape::Duration) => pick(dice, &["PT15M", "P1D", "soon"]),
        Some(Shape::Id) => {
            let kind = kinds::ALL[dice(kinds::ALL.len())];
            let (one, two) = (NAMES[dice(3)], NAMES[dice(3)]);
            json!(id_of(kind, &[one, two]))
        }
        Some(Shape::Set | Shape::List | Shape::Keyed(_) | Shape::Shared(_)) => json!([]),
        Some(Shape::Map | Shape::IdMap) => json!({}),
        Some(Shape::Any) if dice(2) == 0 => json!({}),
        _ => pick(dice, &["a", "*", "10.0.0.0/16", "10.0.1.0/24", "10.0.1.4", "443", "x", "", "1.2.3"]),
    }
}

#[derive(Debug, Clone)]
enum Body {
    Nothing,
    Bytes(Vec<u8>),
    Json(Value),
    /// What the table of the path's kind allows, by these dice.
    Fitting(Vec<u8>),
}

#[derive(Debug, Clone)]
struct Asked {
    method: Method,
    path: String,
    query: String,
    header: Option<(&'static str, String)>,
    body: Body,
    /// Milliseconds that pass before.
    later: u64,
}

fn asked() -> impl Strategy<Value = Asked> {
    let query = prop_oneof![
        8 => Just("api-version=2025-01-01".to_owned()),
        1 => Just(String::new()),
        1 => "[a-zA-Z$=&%0-9-]{0,30}",
        1 => "(1|0|-1|9999999999999999999|x)".prop_map(|top| format!("api-version=2025-01-01&$top={top}&$skipToken={top}")),
        1 => ".{0,20}".prop_map(|text| {
            let filter: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            format!("api-version=2025-01-01&$filter={filter}")
        }),
    ];
    let header = prop::option::weighted(
        0.2,
        (select(&["if-match", "if-none-match", "x-ms-client-request-id", "content-type"][..]), "[ -~]{0,20}"),
    );
    let body = Union::new_weighted(vec![
        (1, Just(Body::Nothing).boxed()),
        (1, prop::collection::vec(any::<u8>(), 0..64).prop_map(Body::Bytes).boxed()),
        (2, json().prop_map(Body::Json).boxed()),
        (6, prop::collection::vec(any::<u8>(), 64).prop_map(Body::Fitting).boxed()),
    ]);
    (select(METHODS), path(), query, header, body, select(&[0, 0, 0, 500, 60_000][..])).prop_map(
        |(method, path, query, header, body, later)| Asked { method, path, query, header, body, later },
    )
}

impl Asked {
    fn bytes(&self) -> Vec<u8> {
        match &self.body {
            Body::Nothing => Vec::new(),
            Body::Bytes(bytes) => bytes.clone(),
            Body::Json(value) => value.to_string().into_bytes(),
            Body::Fitting(bytes) => {
                let kind = ResourceId::parse(&self.path).ok().and_then(|id| kinds::find(&id.resource_type()));
                let mut at = 0;
                let mut dice = |sides: usize| {
                    at += 1;
                    usize::from(bytes[at % bytes.len()]).wrapping_add(at / bytes.len()) % sides.max(1)
                };
                kind.map_or(json!({}), |kind| body_of(kind.tree().root(), &mut dice, 0))
                    .to_string()
                    .into_bytes()
            }
        }
    }

    /// Asks, and holds the answer to what every answer must be.
    fn ask(&self, cloud: &Cloud) -> Result<(), TestCaseError> {
        cloud.now.set(cloud.now.get() + Duration::from_millis(self.later));
        let url = format!("https://management.azure.com{}?{}", self.path, self.query);
        let mut request = Request::builder().method(self.method.clone()).uri(&url);
        if let Some((name, value)) = &self.header {
            request = request.header(*name, value);
        }
        // Some of what is drawn is no url.
        let Ok(request) = request.body(self.bytes()) else { return Ok(()) };
        let response = cloud
            .simulator
            .handle(request, cloud.now.get())
            .map_err(|dropped| TestCaseError::fail(format!("{dropped}: {self:?}")))?;
        prop_assert!(response.status().as_u16() < 500, "{:?}: {:?}", response, self);
        if response.status().is_client_error() && self.method != Method::HEAD {
            let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
            let error = body.get("error").unwrap_or(&body);
            prop_assert!(error["code"].is_string(), "{:?}: {:?}", response, self);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_request_makes_the_service_fail(requests in prop::collection::vec(asked(), 1..24), strict: bool) {
        // Bodies that only a table allows are no sentences of anyone: they are not recorded.
        let cloud = Cloud::silent(Settings { strict, ..Settings::default() }).with_network();
        for request in requests {
            request.ask(&cloud)?;
        }
    }

    #[test]
    fn no_request_makes_a_busy_service_fail(requests in prop::collection::vec(asked(), 1..24)) {
        let latency = Latency::Real { scale: 1.0 };
        let cloud = Cloud::silent(Settings { latency, ..Settings::default() }).with_network();
        for request in requests {
            request.ask(&cloud)?;
        }
    }
}

/// A path of what stands before ARM.
fn front() -> impl Strategy<Value = String> {
    let word = select(
        &[
            "metadata",
            "endpoints",
            "identity",
            "oauth2",
            "token",
            "v2.0",
            "common",
            "discovery",
            "keys",
            "msi",
            "workflow",
            ".well-known",
            "openid-configuration",
            amlsecure::simulator::TENANT,
            "instance",
            "é%zz",
            "",
        ][..],
    );
    prop::collection::vec(word, 0..6).prop_map(|words| format!("/{}", words.join("/")))
}

/// A form or a query with the fields that a front looks at.
fn fields() -> impl Strategy<Value = String> {
    let name = select(
        &[
            "grant_type",
            "client_id",
            "client_secret",
            "client_assertion",
            "client_assertion_type",
            "scope",
            "resource",
            "api-version",
            "restype",
            "comp",
        ][..],
    );
    let value = prop_oneof![
        select(
            &[
                "client_credentials",
                amlsecure::simulator::CLIENT,
                "https://x/.default",
                "service",
                "properties",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "a.b.c",
                "2022-09-01"
            ][..]
        )
        .prop_map(str::to_owned),
        ".{0,16}",
    ];
    prop::collection::vec((name, value), 0..8)
        .prop_map(|fields| url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_request_makes_the_front_fail(
        method in select(METHODS),
        path in prop_oneof![4 => front(), 1 => path()],
        query in fields(),
        form in fields(),
        host in select(&["localhost:1", "st.blob.core.windows.net", "kv.vault.azure.net", "x.azurecr.io", "..", "[::1]"][..]),
        authorization in "(Bearer |bearer|Basic )?[a-zA-Z0-9._-]{0,40}",
    ) {
        let simulator = std::sync::Arc::new(Simulator::open(Settings::default()).unwrap());
        let door = amlsecure::simulator::Door::new(simulator, None).unwrap();
        let request = Request::builder()
            .method(method)
            .uri(format!("{path}?{query}"))
            .header("host", host)
            .header("authorization", authorization)
            .header("metadata", "true")
            .body(form.into_bytes());
        let Ok(request) = request else { return Ok(()) };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH);
        let response = door.handle(request, now).map_err(|dropped| TestCaseError::fail(dropped.to_string()))?;
        prop_assert!(response.status().as_u16() < 500, "{response:?}");
        let body = String::from_utf8_lossy(response.body()).into_owned();
        prop_assert!(
            !body.contains("access_token") || path.contains("identity") || path.contains("Identity"),
            "a token for nothing: {body}"
        );
    }
}

/// What one of two clients does next.
#[derive(Debug, Clone)]
enum Step {
    Subnet(&'static str, &'static str),
    DropSubnet(&'static str),
    Network(bool),
    DropNetwork,
    Endpoint(&'static str, &'static str),
    DropEndpoint(&'static str),
    Group(&'static str),
    DropGroup(&'static str),
    Zone,
    DropZone,
    Link,
    DropLink,
    Storage,
    DropStorage,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let subnet = || select(&["endpoints", "s1", "s2"][..]);
    let range = select(&["10.1.0.0/26", "10.1.0.0/24", "10.1.2.0/29", "10.1.2.4/30", "10.2.0.0/24"][..]);
    let endpoint = || select(&["pe1", "pe2"][..]);
    prop_oneof![
        3 => (subnet(), range).prop_map(|(name, range)| Step::Subnet(name, range)),
        2 => subnet().prop_map(Step::DropSubnet),
        1 => any::<bool>().prop_map(Step::Network),
        1 => Just(Step::DropNetwork),
        4 => (endpoint(), subnet()).prop_map(|(name, subnet)| Step::Endpoint(name, subnet)),
        2 => endpoint().prop_map(Step::DropEndpoint),
        3 => endpoint().prop_map(Step::Group),
        1 => endpoint().prop_map(Step::DropGroup),
        2 => Just(Step::Zone),
        1 => Just(Step::DropZone),
        1 => Just(Step::Link),
        1 => Just(Step::DropLink),
        2 => Just(Step::Storage),
        1 => Just(Step::DropStorage),
        3 => (1..40_u64).prop_map(Step::Wait),
    ]
}

const ZONE: &str = "privatelink.blob.core.windows.net";

impl Step {
    fn run(&self, cloud: &Cloud) {
        let group = |name: &str| format!("{}/privateDnsZoneGroups/default", endpoint(name));
        let link = format!("{}/virtualNetworkLinks/link", zone(ZONE));
        match self {
            Self::Subnet(name, range) => {
                cloud.put(&subnet(name), json!({ "properties": { "addressPrefix": range } }));
            }
            Self::DropSubnet(name) => {
                cloud.delete(&subnet(name));
            }
            Self::Network(with_subnets) => {
                let mut body = network_body();
                if !with_subnets {
                    body["properties"]["subnets"] = json!([]);
                }
                cloud.put(&network("virtualNetworks/vnet"), body);
            }
            Self::DropNetwork => {
                cloud.delete(&network("virtualNetworks/vnet"));
            }
            Self::Endpoint(name, at) => {
                let mut body = endpoint_body(&storage("stml"), "blob");
                body["properties"]["subnet"]["id"] = json!(subnet(at));
                cloud.put(&endpoint(name), body);
            }
            Self::DropEndpoint(name) => {
                cloud.delete(&endpoint(name));
            }
            Self::Group(name) => {
                cloud.put(&group(name), zone_group_body(&[ZONE]));
            }
            Self::DropGroup(name) => {
                cloud.delete(&group(name));
            }
            Self::Zone => {
                cloud.put(&zone(ZONE), json!({ "location": "global" }));
            }
            Self::DropZone => {
                cloud.delete(&zone(ZONE));
            }
            Self::Link => {
                cloud.put(&link, link_body());
            }
            Self::DropLink => {
                cloud.delete(&link);
            }
            Self::Storage => {
                cloud.put(&storage("stml"), storage_body());
            }
            Self::DropStorage => {
                cloud.delete(&storage("stml"));
            }
            Self::Wait(seconds) => cloud.pass(*seconds),
        }
    }
}

/// Every resource that is there, as it is answered.
fn everything(cloud: &Cloud) -> Vec<Value> {
    // A request settles what is due; the list alone does not.
    cloud.get(&rg());
    cloud.simulator.list().unwrap().iter().map(|held| cloud.get(&held.id).ok().body).collect()
}

/// What must be true of every state.
fn assert_whole(cloud: &Cloud) -> Result<(), TestCaseError> {
    let all = everything(cloud);
    let ids: BTreeSet<String> =
        all.iter().map(|body| body["id"].as_str().unwrap().to_ascii_lowercase()).collect();
    let is_there = |id: &Value| id.as_str().is_none_or(|id| ids.contains(&id.to_ascii_lowercase()));
    for body in &all {
        let properties = &body["properties"];
        match body["type"].as_str().unwrap() {
            "Microsoft.Network/privateEndpoints" => {
                prop_assert!(is_there(&properties["subnet"]["id"]), "{body}");
                for interface in properties["networkInterfaces"].as_array().into_iter().flatten() {
                    prop_assert!(is_there(&interface["id"]), "{body}");
                }
            }
            "Microsoft.Network/networkInterfaces" => {
                prop_assert!(is_there(&properties["privateEndpoint"]["id"]), "{body}");
                for configuration in properties["ipConfigurations"].as_array().into_iter().flatten() {
                    prop_assert!(is_there(&configuration["properties"]["subnet"]["id"]), "{body}");
                }
            }
            "Microsoft.Network/virtualNetworks" => {
                let ranges: Vec<IpNet> = properties["subnets"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|subnet| {
                        let properties = &subnet["properties"];
                        let range = properties["addressPrefix"].as_str();
                        range.or(properties["addressPrefixes"][0].as_str())?.parse().ok()
                    })
                    .collect();
                for (at, one) in ranges.iter().enumerate() {
                    for other in &ranges[..at] {
                        prop_assert!(
                            !one.contains(other) && !other.contains(one),
                            "{one} and {other}: {body}"
                        );
                    }
                }
                for subnet in properties["subnets"].as_array().into_iter().flatten() {
                    for endpoint in subnet["properties"]["privateEndpoints"].as_array().into_iter().flatten()
                    {
                        prop_assert!(is_there(&endpoint["id"]), "{body}");
                    }
                }
            }
            "Microsoft.Network/privateDnsZones/A" => {
                // Only zone groups write records here, so each belongs to an endpoint of the account.
                let name = body["name"].as_str().unwrap();
                let of_group = all
                    .iter()
                    .any(|other| other["type"] == "Microsoft.Network/privateEndpoints/privateDnsZoneGroups");
                prop_assert!(name == "stml" && of_group, "a record without its endpoint: {body}");
            }
            "Microsoft.Storage/storageAccounts" => {
                for connection in properties["privateEndpointConnections"].as_array().into_iter().flatten() {
                    prop_assert!(is_there(&connection["properties"]["privateEndpoint"]["id"]), "{body}");
                }
            }
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    /// Steps of two clients in any order, some while the other's work is under way.
    #[test]
    fn two_clients_in_any_order_leave_a_whole_state(steps in prop::collection::vec(step(), 1..60)) {
        let cloud = Cloud::real().with_network();
        cloud.make(&storage("stml"), storage_body());
        for step in &steps {
            step.run(&cloud);
            assert_whole(&cloud)?;
        }
        cloud.pass(3600);
        assert_whole(&cloud)?;
    }
}
