//! What real clients ask before and beside ARM (clients-on-a-local-arm 2.1 to
//! 2.5), and that only our own tokens open ARM.

use serde_json::json;

use super::*;

#[test]
fn the_cloud_is_described_in_the_shape_of_each_version() {
    let simulator = Standalone::start(&[]);
    let base = simulator.says("address").to_owned();
    let newest = simulator.get("/metadata/endpoints?api-version=2022-09-01", &[]).body;
    for (pointer, value) in [
        ("/resourceManager", format!("{base}/")),
        ("/authentication/loginEndpoint", base.clone()),
        ("/suffixes/storage", "core.windows.net".to_owned()),
        ("/suffixes/keyVaultDns", "vault.azure.net".to_owned()),
    ] {
        assert_eq!(newest.pointer(pointer), Some(&json!(value)), "{pointer}");
    }
    assert!(newest["microsoftGraphResourceId"].is_string() && newest["name"].is_string());
    let list = simulator.get("/metadata/endpoints?api-version=2019-05-01", &[]).body;
    assert_eq!(list[0]["resourceManager"], newest["resourceManager"]);
    let oldest = simulator.get("/metadata/endpoints?api-version=2015-01-01", &[]).body;
    assert_eq!(oldest["authentication"]["loginEndpoint"], json!(base));
    assert!(oldest["suffixes"].is_null());
}

#[test]
fn discovery_leads_to_the_token_endpoint() {
    let simulator = Standalone::start(&[]);
    let tenant = simulator.says("tenant_id");
    let found = simulator.get(&format!("/{tenant}/v2.0/.well-known/openid-configuration"), &[]).body;
    let endpoint = format!("{}/{tenant}/oauth2/v2.0/token", simulator.says("address"));
    assert_eq!(found["token_endpoint"], json!(endpoint));
    assert_eq!(found["issuer"], json!(format!("{}/{tenant}/v2.0", simulator.says("address"))));
    let other = simulator.get("/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration", &[]);
    assert_eq!((other.status, &other.body["error_codes"]), (400, &json!([90002])));
}

#[test]
fn a_token_is_given_for_a_secret_an_assertion_or_to_a_managed_identity() {
    let simulator = Standalone::start(&[]);
    let (tenant, client) = (simulator.says("tenant_id"), simulator.says("client_id"));
    let base = simulator.says("address").to_owned();
    let scope = format!("{base}/.default");
    let workflow = simulator.says("oidc_request_token");
    let asked = simulator.get(
        "/workflow/token?audience=api%3A%2F%2FAzureADTokenExchange",
        &[("authorization", &format!("Bearer {workflow}"))],
    );
    let assertion = asked.body["value"].as_str().unwrap();
    let by_assertion = simulator.form(
        &format!("/{tenant}/oauth2/v2.0/token"),
        &[
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
            ("scope", &scope),
        ],
    );
    let old = simulator.form(
        &format!("/{tenant}/oauth2/token"),
        &[
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_secret", simulator.says("client_secret")),
            ("resource", "https://management.core.windows.net/"),
        ],
    );
    assert_eq!(old.body["expires_in"], "3599", "version 1 writes numbers as texts");
    let machine =
        simulator.get(&format!("/metadata/identity/oauth2/token?resource={base}"), &[("metadata", "true")]);
    let app = simulator.get(
        &format!("/msi/token?resource={base}&api-version=2019-08-01"),
        &[("x-identity-header", simulator.says("identity_header"))],
    );
    for reply in [by_assertion, old, machine, app] {
        let token = reply.body["access_token"].as_str().unwrap_or_else(|| panic!("{reply:?}"));
        let listed = simulator.arm("GET", "/subscriptions?api-version=2022-12-01", token, &Json::Null);
        assert_eq!(listed.body["value"].as_array().unwrap().len(), 1, "{listed:?}");
    }
}

#[test]
fn nobody_else_gets_a_token() {
    let simulator = Standalone::start(&[]);
    let (tenant, client) = (simulator.says("tenant_id").to_owned(), simulator.says("client_id").to_owned());
    let scope = format!("{}/.default", simulator.says("address"));
    let ask = |tenant: &str, client: &str, more: &[(&str, &str)]| {
        let mut fields =
            vec![("grant_type", "client_credentials"), ("client_id", client), ("scope", scope.as_str())];
        fields.extend(more);
        let reply = simulator.form(&format!("/{tenant}/oauth2/v2.0/token"), &fields);
        assert!(reply.body["access_token"].is_null(), "{reply:?}");
        reply.body["error_codes"][0].as_u64().unwrap_or_default()
    };
    let secret = ("client_secret", simulator.says("client_secret"));
    assert_eq!(ask(&tenant, &client, &[("client_secret", "guessed")]), 7_000_215);
    assert_eq!(ask(&tenant, "11111111-1111-1111-1111-111111111111", &[secret]), 700_016);
    assert_eq!(ask("11111111-1111-1111-1111-111111111111", &client, &[secret]), 90_002);
    assert_eq!(ask(&tenant, &client, &[]), 7_000_216);
    let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    // An access token is no assertion, and neither is what somebody else signed.
    let access = simulator.token();
    for assertion in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", &access] {
        assert_eq!(ask(&tenant, &client, &[kind, ("client_assertion", assertion)]), 700_213, "{assertion}");
    }
    assert_eq!(simulator.get("/metadata/identity/oauth2/token?resource=x", &[]).status, 400);
    assert_eq!(simulator.get("/msi/token?resource=x", &[("x-identity-header", "guessed")]).status, 401);
    assert_eq!(simulator.get("/workflow/token", &[("authorization", "Bearer guessed")]).status, 401);
}

#[test]
fn arm_opens_only_to_a_token_that_this_authority_signed_for_it() {
    let simulator = Standalone::start(&[]);
    let list = "/subscriptions?api-version=2022-12-01";
    let refused = |headers: &[(&str, &str)], code: &str| {
        let reply = simulator.get(list, headers);
        assert_eq!((reply.status, reply.body["error"]["code"].as_str()), (401, Some(code)), "{reply:?}");
        let challenge = reply.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Bearer authorization_uri=\"https://localhost:"), "{challenge}");
    };
    refused(&[], "AuthenticationFailed");
    refused(&[("authorization", "Basic eDp5")], "AuthenticationFailed");
    refused(&[("authorization", "Bearer x")], "InvalidAuthenticationToken");
    let token = simulator.token();
    let (message, _) = token.rsplit_once('.').unwrap();
    refused(&[("authorization", &format!("Bearer {message}."))], "InvalidAuthenticationToken");
    let of_another = Standalone::start(&[]).token();
    refused(&[("authorization", &format!("Bearer {of_another}"))], "InvalidAuthenticationToken");
    refused(
        &[("authorization", &format!("Bearer {}", simulator.says("oidc_token")))],
        "InvalidAuthenticationTokenAudience",
    );
    assert_eq!(simulator.arm("GET", list, &token, &Json::Null).status, 200);
}

#[test]
fn the_hosts_of_services_answer_as_open_or_closed_ones_do() {
    let simulator = Standalone::start(&[]);
    let token = simulator.token();
    simulator.arm("PUT", &group("rg"), &token, &json!({ "location": "eastus" }));
    let accounts = format!(
        "/subscriptions/{}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts",
        simulator.says("subscription_id")
    );
    for (name, access) in [("stopen", "Enabled"), ("stclosed", "Disabled")] {
        let body = json!({
            "location": "eastus", "kind": "StorageV2", "sku": { "name": "Standard_LRS" },
            "properties": { "publicNetworkAccess": access },
        });
        let made = simulator.arm("PUT", &format!("{accounts}/{name}?api-version=2025-08-01"), &token, &body);
        assert!(made.status < 300, "{made:?}");
    }
    let probe = |host: &str| {
        let request =
            http::Request::get(format!("{}/?restype=service&comp=properties", simulator.says("address")))
                .header("host", host)
                .header("authorization", "SharedKey stopen:x");
        simulator.send(request.body(Vec::new()).unwrap())
    };
    let open = probe("stopen.blob.core.windows.net");
    assert_eq!(open.status, 200);
    assert!(open.text.contains("<StorageServiceProperties>"), "{open:?}");
    let closed = probe("stclosed.queue.core.windows.net");
    assert_eq!(closed.status, 403);
    assert!(closed.text.contains("<Code>AuthorizationFailure</Code>"), "{closed:?}");
    assert_eq!(probe("stnone.blob.core.windows.net").status, 404);
}

#[test]
fn a_proxy_leads_to_the_hosts_of_services_and_nowhere_else() {
    let simulator = Standalone::start(&[]);
    let connect = |host: &str| {
        let said = simulator.bytes(format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
        said.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(connect("stml.blob.core.windows.net:443"), "HTTP/1.1 200 OK");
    assert_eq!(connect(&format!("localhost:{}", simulator.port())), "HTTP/1.1 200 OK");
    for elsewhere in
        ["example.com:443", "localhost:22", "169.254.169.254:80", "a.b.blob.core.windows.net:443"]
    {
        assert_eq!(connect(elsewhere), "HTTP/1.1 403 Forbidden", "{elsewhere}");
    }
}
