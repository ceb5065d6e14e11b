//! Identities and role assignments (azure-network B.20, C.3, E.12; azure-aml 13, 18,
//! 21 rows 10, 20 and 21, 26 row 8).

use super::*;

/// Reader.
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
/// Contributor.
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";

fn assignment(scope: &str, last: u8) -> String {
    format!(
        "{scope}/providers/Microsoft.Authorization/roleAssignments/11111111-1111-4111-8111-1111111111{last:02}"
    )
}

fn body(role: &str, principal: &Value) -> Value {
    json!({ "properties": {
        "roleDefinitionId": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        "principalId": principal,
    } })
}

#[test]
fn an_identity_is_someone_the_directory_knows() {
    let cloud = Cloud::instant().with_services();
    let made = cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let principal = made["properties"]["principalId"].clone();
    assert!(made["properties"]["clientId"].is_string());
    let seen = cloud.make(&assignment(&storage("stml"), 1), body(READER, &principal));
    assert_eq!(seen["properties"]["scope"], storage("stml"));
    assert_eq!(seen["properties"]["principalType"], "ServicePrincipal");
}

#[test]
fn an_unknown_principal_needs_its_type_said() {
    let cloud = Cloud::instant().with_services();
    let stranger = json!("99999999-9999-4999-8999-999999999999");
    cloud.put(&assignment(&rg(), 1), body(READER, &stranger)).refused(400, "PrincipalNotFound");
    let mut said = body(READER, &stranger);
    said["properties"]["principalType"] = json!("ServicePrincipal");
    assert_eq!(cloud.put(&assignment(&rg(), 1), said).status, 201);
}

#[test]
fn in_a_slow_azure_a_new_identity_is_unknown_at_first() {
    let cloud = Cloud::real();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    let made = cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let principal = &made["properties"]["principalId"];
    cloud.put(&assignment(&rg(), 1), body(READER, principal)).refused(400, "PrincipalNotFound");
    cloud.pass(60);
    cloud.put(&assignment(&rg(), 1), body(READER, principal)).ok();
}

#[test]
fn a_role_is_given_once_and_not_turned_into_another() {
    let cloud = Cloud::instant().with_services();
    let made = cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let principal = &made["properties"]["principalId"];
    cloud.make(&assignment(&rg(), 1), body(READER, principal));
    cloud.put(&assignment(&rg(), 2), body(READER, principal)).refused(409, "RoleAssignmentExists");
    cloud
        .put(&assignment(&rg(), 1), body(CONTRIBUTOR, principal))
        .refused(400, "RoleAssignmentUpdateNotPermitted");
    cloud.make(&assignment(&rg(), 2), body(CONTRIBUTOR, principal));
    cloud.make(&assignment(&storage("stml"), 1), body(READER, principal));
    assert_eq!(cloud.put(&assignment(&rg(), 1), body(READER, principal)).status, 200);
    let gone = cloud.delete(&assignment(&rg(), 1));
    assert_eq!((gone.status, &gone.body["name"]), (200, &json!("11111111-1111-4111-8111-111111111101")));
    assert_eq!(cloud.delete(&assignment(&rg(), 1)).status, 204);
}

#[test]
fn assignments_go_with_their_scope() {
    let cloud = Cloud::instant().with_services();
    let made = cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let path = assignment(&storage("stml"), 1);
    cloud.make(&path, body(READER, &made["properties"]["principalId"]));
    let url = format!(
        "https://management.azure.com{}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01",
        storage("stml")
    );
    assert_eq!(cloud.raw(Method::GET, &url, &[], Vec::new()).body["value"].as_array().unwrap().len(), 1);
    cloud.unmake(&storage("stml"));
    assert!(cloud.simulator.list().unwrap().iter().all(|held| held.id != path));
}

#[test]
fn a_resource_is_answered_with_the_identities_it_has() {
    let cloud = Cloud::instant().with_services();
    let made = cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let mut body = storage_body();
    body["identity"] = json!({ "type": "UserAssigned", "userAssignedIdentities": { identity("id-ml"): {} } });
    let seen = cloud.make(&storage("stid"), body.clone());
    let known = &seen["identity"]["userAssignedIdentities"][identity("id-ml")];
    assert_eq!(known["principalId"], made["properties"]["principalId"]);
    assert!(seen["identity"].get("principalId").is_none());
    body["identity"]["userAssignedIdentities"] = json!({ identity("none"): {} });
    cloud.put(&storage("stid"), body.clone()).refused(400, "FailedIdentityOperation");
    body["identity"] =
        json!({ "type": "SystemAssigned", "userAssignedIdentities": { identity("id-ml"): {} } });
    cloud.put(&storage("stid"), body).refused(400, "BadRequest");
}
