//! Role definitions, lists of role assignments, permissions and federated
//! credentials (azure-aml 13, 18.1, 18.2; azure-network B.20).

use super::*;

const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const OWN: &str = "33333333-3333-4333-8333-333333333333";
const WHO: &str = "44444444-4444-4444-8444-444444444444";

fn subscription() -> String {
    format!("/subscriptions/{SUBSCRIPTION}")
}

fn definitions(scope: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleDefinitions")
}

fn assignments(scope: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleAssignments")
}

fn own_role(name: &str) -> Value {
    json!({ "properties": {
        "roleName": name, "description": "reads", "assignableScopes": [subscription()],
        "permissions": [{ "actions": ["*/read"], "notActions": [] }],
    } })
}

fn given(role: &str, principal: &str) -> Value {
    json!({ "properties": {
        "roleDefinitionId": format!("{}/{role}", definitions(&subscription())), "principalId": principal,
        "principalType": "ServicePrincipal",
    } })
}

#[test]
fn built_in_roles_are_found_by_name_at_any_scope() {
    let cloud = Cloud::instant().with_services();
    for scope in ["", &subscription(), &rg(), &storage("stml")] {
        let list =
            cloud.get(&format!("{}?$filter=roleName%20eq%20'contributor'", definitions(scope))).ok().body;
        assert_eq!(list["value"].as_array().unwrap().len(), 1, "{scope}");
        assert_eq!(list["value"][0]["name"], CONTRIBUTOR);
        let one = cloud.get(&format!("{}/{CONTRIBUTOR}", definitions(scope))).ok().body;
        assert_eq!(one["id"], format!("{}/{CONTRIBUTOR}", definitions(&subscription())));
        assert_eq!(one["properties"]["type"], "BuiltInRole");
        assert_eq!(one["properties"]["permissions"][0]["actions"], json!(["*"]));
    }
    assert!(cloud.names(&definitions(&rg())).len() > 20);
    cloud
        .get(&format!("{}?$filter=colour%20eq%20'red'", definitions(&rg())))
        .refused(400, "InvalidFilterInQueryString");
    cloud.get(&format!("{}/{OWN}", definitions(&rg()))).refused(404, "RoleDefinitionDoesNotExist");
    cloud.get(&definitions(&storage("none"))).refused(404, "ResourceNotFound");
    let built_in = format!("{}/{CONTRIBUTOR}", definitions(&rg()));
    cloud.put(&built_in, own_role("mine")).refused(403, "CannotUpdateOrDeleteBuiltInRole");
    cloud.delete(&built_in).refused(403, "CannotUpdateOrDeleteBuiltInRole");
}

#[test]
fn a_role_of_ones_own_is_made_used_and_then_deleted() {
    let cloud = Cloud::instant().with_services();
    let path = format!("{}/{OWN}", definitions(&rg()));
    let made = cloud.put(&path, own_role("Looker"));
    assert_eq!(made.status, 201);
    assert_eq!(made.body["id"], format!("{}/{OWN}", definitions(&subscription())));
    assert_eq!(made.body["properties"]["type"], "CustomRole");
    assert_eq!(cloud.put(&path, own_role("Looker at all")).status, 201);
    assert_eq!(cloud.get(&path).body["properties"]["roleName"], "Looker at all");
    let custom = format!("{}?$filter=type%20eq%20'CustomRole'", definitions(&subscription()));
    assert_eq!(cloud.names(&custom), [OWN]);
    let other = path.replace('3', "6");
    cloud.put(&other, own_role("looker AT all")).refused(409, "RoleDefinitionWithSameNameExists");
    cloud.put(&other, own_role("Reader")).refused(409, "RoleDefinitionWithSameNameExists");
    let mut nowhere = own_role("Nowhere");
    nowhere["properties"]["assignableScopes"] = json!([]);
    cloud.put(&other, nowhere).refused(400, "InvalidAssignableScopes");
    let assignment = format!("{}/{OWN}", assignments(&storage("stml")));
    cloud.make(&assignment, given(OWN, WHO));
    cloud.delete(&path).refused(400, "RoleDefinitionHasAssignments");
    cloud.unmake(&assignment);
    let gone = cloud.delete(&path);
    assert_eq!((gone.status, &gone.body["name"]), (200, &json!(OWN)));
    assert_eq!(cloud.delete(&path).status, 204);
}

#[test]
fn assignments_are_listed_with_those_above_and_below() {
    let cloud = Cloud::instant().with_services();
    let id = |n: u8| format!("55555555-5555-4555-8555-5555555555{n:02}");
    for (n, scope) in [(1, subscription()), (2, rg()), (3, storage("stml")), (4, vault("kv-ml"))] {
        cloud.make(&format!("{}/{}", assignments(&scope), id(n)), given(CONTRIBUTOR, WHO));
    }
    let reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
    let other = "66666666-6666-4666-8666-666666666666";
    cloud.make(&format!("{}/{}", assignments(&storage("stml")), id(5)), given(reader, other));
    let list = |scope: &str, filter: &str| {
        let mut names = cloud.names(&format!("{}{filter}", assignments(scope)));
        names.sort();
        names
    };
    let all = |of: &[u8]| -> Vec<String> { of.iter().map(|n| id(*n)).collect() };
    assert_eq!(list(&subscription(), ""), all(&[1, 2, 3, 4, 5]));
    assert_eq!(list(&subscription(), "?$filter=atScope()"), all(&[1]));
    assert_eq!(list(&rg(), ""), all(&[1, 2, 3, 4, 5]));
    assert_eq!(list(&rg(), "?$filter=atScope()"), all(&[1, 2]));
    assert_eq!(list(&storage("stml"), ""), all(&[1, 2, 3, 5]));
    assert_eq!(list(&storage("stml"), &format!("?$filter=principalId%20eq%20'{other}'")), all(&[5]));
    assert_eq!(list(&rg(), &format!("?$filter=assignedTo('{other}')")), all(&[5]));
    assert_eq!(list(&rg(), &format!("?$filter=atScope()%20and%20assignedTo('{WHO}')")), all(&[1, 2]));
    let page = cloud.get(&format!("{}?$top=2", assignments(&storage("stml")))).ok().body;
    assert_eq!(page["value"].as_array().unwrap().len(), 2);
    let next = cloud.raw(Method::GET, page["nextLink"].as_str().unwrap(), &[], Vec::new()).ok().body;
    assert_eq!(next["value"].as_array().unwrap().len(), 2);
    assert!(next.get("nextLink").is_none());
    cloud.get(&assignments(&storage("none"))).refused(404, "ResourceNotFound");
}

#[test]
fn whoever_asks_may_do_everything() {
    let cloud = Cloud::instant().with_services();
    for scope in [subscription(), rg(), storage("stml")] {
        let seen = cloud.get(&format!("{scope}/providers/Microsoft.Authorization/permissions")).ok().body;
        assert_eq!(seen["value"][0]["actions"], json!(["*"]));
    }
}

#[test]
fn an_identity_takes_the_tokens_of_others_for_its_own() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let path = |name: &str| format!("{}/federatedIdentityCredentials/{name}", identity("id-ml"));
    let body = |subject: &str| {
        json!({ "properties": {
            "issuer": "https://token.example", "subject": subject, "audiences": ["api://AzureADTokenExchange"],
        } })
    };
    assert_eq!(cloud.put(&path("main"), body("repo:a")).status, 201);
    assert_eq!(cloud.put(&path("main"), body("repo:b")).status, 200);
    cloud.put(&path("second"), body("repo:b")).refused(409, "Conflict");
    let mut two = body("repo:c");
    two["properties"]["audiences"] = json!(["a", "b"]);
    cloud.put(&path("second"), two).refused(400, "BadRequest");
    cloud.put(&path("second"), json!({ "properties": {} })).refused(400, "InvalidParameter");
    for n in 1..20 {
        cloud.make(&path(&format!("more{n}")), body(&format!("repo:{n}")));
    }
    cloud.put(&path("second"), body("repo:c")).refused(400, "BadRequest");
    assert_eq!(cloud.names(&format!("{}/federatedIdentityCredentials", identity("id-ml"))).len(), 20);
    cloud.unmake(&path("main"));
}

/// azure-network C.3: Azure refuses a role that is nobody's. As it has more
/// built-in ones than are known here, a setting says whether one is.
#[test]
fn a_role_that_is_nobody_s_is_refused_where_the_settings_say_so() {
    let path = format!("{}/{OWN}", assignments(&rg()));
    let relaxed = Cloud::instant().with_network();
    relaxed.make(&path, given(OWN, WHO));
    let behaviour = Behaviour { unknown_roles_refused: true, ..Behaviour::default() };
    let exact = Cloud::behaving(behaviour).with_network();
    exact.put(&path, given(OWN, WHO)).refused(400, "RoleDefinitionDoesNotExist");
    exact.make(&path, given(CONTRIBUTOR, WHO));
    exact.put(&format!("{}/{OWN}", definitions(&rg())), own_role("Looker")).ok();
    exact.make(&path.replace('3', "5"), given(OWN, WHO));
}
