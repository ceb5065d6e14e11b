//! Datastores: what lies where, who signs in with what, and where the secrets
//! do not go.

use serde_json::{Value as Json, json};

use super::harness::*;

const SECRET: &str = "a-secret-of-the-lake";

fn lake() -> (Stack, Json) {
    let stack = Stack::whole();
    let arguments = stack.of(DATASTORE).clone();
    (stack, arguments)
}

/// A datastore over a container of the example's closed account.
fn blob() -> Json {
    let (_, lake) = lake();
    let blob = with(&lake, "/type", json!("AzureBlob"));
    with(&blob, "/credentials", Json::Null)
}

#[tokio::test(start_paused = true)]
async fn what_does_not_go_together_is_an_error_at_its_argument() {
    let bench = Bench::new().await;
    let (_, lake) = lake();
    let storage = in_group("Microsoft.Storage/storageAccounts/stmlops0001");
    let key = json!({ "type": "AccountKey", "account_key": "a-key" });
    for (changes, said) in [
        (
            vec![("/type", json!("AzureSqlDatabase"))],
            "type: Azure Resource Manager has no datastores of type \"AzureSqlDatabase\"",
        ),
        (
            vec![("/type", json!("AzurePostgreSql"))],
            "type: Azure Resource Manager has no datastores of type \"AzurePostgreSql\"",
        ),
        (
            vec![("/type", json!("AzureTable"))],
            "type: \"AzureTable\" is not one of the values that type takes",
        ),
        (vec![("/name", json!("my lake"))], "name: \"my lake\" cannot name a datastore"),
        (
            vec![("/storage_container_id", Json::Null)],
            "type: An AzureDataLakeGen2 needs storage_container_id",
        ),
        (
            vec![("/type", json!("AzureFile")), ("/credentials", Json::Null)],
            "type: An AzureFile needs storage_fileshare_id",
        ),
        (
            vec![("/type", json!("AzureDataLakeGen1"))],
            "storage_container_id: An AzureDataLakeGen1 does not lie in this",
        ),
        (
            vec![("/storage_fileshare_id", json!(format!("{storage}/fileServices/default/shares/notes")))],
            "storage_fileshare_id: An AzureDataLakeGen2 does not lie in this",
        ),
        (
            vec![("/data_lake_store_id", json!(storage))],
            "data_lake_store_id: This is not the id of a Data Lake Storage Gen1 account",
        ),
        (
            vec![("/credentials", key)],
            "credentials.type: An AzureDataLakeGen2 takes no credentials of type \"AccountKey\"",
        ),
        (
            vec![("/credentials/client_secret", Json::Null)],
            "credentials.type: Credentials of type \"ServicePrincipal\" need client_secret",
        ),
        (
            vec![("/credentials/tenant_id", Json::Null)],
            "credentials.type: Credentials of type \"ServicePrincipal\" need tenant_id",
        ),
        (
            vec![("/credentials/account_key", json!("a-key"))],
            "credentials.account_key: Credentials of type \"ServicePrincipal\" take no account_key",
        ),
        (
            vec![("/principal_id", Json::Null)],
            "service_data_identity: Which identity of the workspace this is, nobody says",
        ),
        (
            vec![("/service_data_identity", json!("WorkspaceSystemAssignedIdentity"))],
            "principal_id: This identity is never used",
        ),
    ] {
        let changed =
            changes.iter().fold(lake.clone(), |so_far, (at, value)| with(&so_far, at, value.clone()));
        let refused = bench.refusal(DATASTORE, &changed, None).await;
        assert!(refused.iter().any(|line| line == said), "{changes:?}: {refused:#?}");
    }
}

/// What a database needs that no datastore of ARM's carries stands in the error.
#[tokio::test(start_paused = true)]
async fn the_error_of_a_database_says_how_the_identity_becomes_its_user() {
    let bench = Bench::new().await;
    let (_, lake) = lake();
    let sql = config(DATASTORE, &with(&lake, "/type", json!("AzureSqlDatabase")));
    let Err(Refusal::Provider(problems)) = bench.core.plan(DATASTORE, sql, None).await else {
        panic!("not refused")
    };
    let detail = &problems.0[0].detail;
    for words in [
        "register_azure_sql_database",
        "skip_validation=True",
        "CREATE USER [<workspace>] FROM EXTERNAL PROVIDER",
    ] {
        assert!(detail.contains(words), "{detail}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_sent_and_stands_nowhere_and_another_version_sends_it_again() {
    let bench = Bench::new().await;
    let (stack, lake) = lake();
    bench.ground(&stack, DATASTORE).await;
    let plan = bench.plan(DATASTORE, &lake, None).await;
    assert!(!format!("{:?}", plan.planned).contains(SECRET));
    let state = bench.converge(DATASTORE, &lake, None).await;
    assert!(!format!("{:?}", state.value).contains(SECRET));
    let sent = |bench: &Bench| -> Vec<Json> {
        let writes = bench.azure.writes();
        let all = writes.iter().filter(|write| write.path.ends_with("/datastores/lake"));
        all.map(|write| write.request["properties"]["credentials"]["secrets"].clone()).collect()
    };
    let secrets = json!({ "secretsType": "ServicePrincipal", "clientSecret": SECRET });
    let all = sent(&bench);
    assert!(!all.is_empty() && all.iter().all(|one| *one == secrets), "{all:?}");

    // Nobody can see that a secret is another one.
    let another = with(&lake, "/credentials/client_secret", json!("another-secret"));
    assert_eq!(bench.plan(DATASTORE, &another, Some(&state)).await.action, Action::NoOp);
    let second = with(&another, "/credentials/version", json!(2));
    let plan = bench.plan(DATASTORE, &second, Some(&state)).await;
    assert_eq!(statuses(&plan.planned)["datastore"], "changed: properties.tags.amlsecure-credentials 1 -> 2");
    let state = bench.converge(DATASTORE, &second, Some(&state)).await;
    assert_eq!(sent(&bench)[0]["clientSecret"], "another-secret");
    assert!(!format!("{:?}", state.value).contains("another-secret"));
}

/// The service cannot look at a store that is closed to it.
#[tokio::test(start_paused = true)]
async fn a_closed_store_is_not_looked_at_unless_asked_for() {
    let bench = Bench::new().await;
    let (stack, _) = lake();
    bench.ground(&stack, DATASTORE).await;
    let asked = with(&blob(), "/skip_validation", json!(false));
    let applied = bench.apply(DATASTORE, &asked, None).await;
    let detail = format!("{:?}", applied.diagnostics);
    assert!(detail.contains("cannot be reached, as it is closed to the public"), "{detail}");
    let state = applied.state.unwrap();
    assert!(state.tainted);
    bench.converge(DATASTORE, &blob(), Some(&state)).await;
}

#[tokio::test(start_paused = true)]
async fn its_own_tags_carry_the_marks_and_a_strangers_survive() {
    let bench = Bench::new().await;
    let (stack, lake) = lake();
    bench.ground(&stack, DATASTORE).await;
    let state = bench.converge(DATASTORE, &lake, None).await;
    let id = ids(&state.value)["datastore"].clone();
    let tags = bench.azure.get(&id)["properties"]["tags"].clone();
    assert!(tags["amlsecure-owner"].as_str().unwrap().starts_with("amlsecure_datastore:"));
    assert_eq!(tags["amlsecure-state"], "ready");
    bench.azure.change(&id, |body| body["properties"]["tags"]["theirs"] = json!("yes"));
    let refreshed = bench.refresh(&state).await;
    assert_eq!(refreshed, state);
    bench.converge(DATASTORE, &with(&lake, "/description", json!("x")), Some(&refreshed)).await;
    assert_eq!(bench.azure.get(&id)["properties"]["tags"]["theirs"], "yes");
}

/// A lake of the first generation knows access control lists and no roles.
#[tokio::test(start_paused = true)]
async fn a_lake_of_the_first_generation_gets_commands_and_no_roles() {
    let bench = Bench::new().await;
    let (stack, lake) = lake();
    bench.ground(&stack, DATASTORE).await;
    let first = with(&lake, "/type", json!("AzureDataLakeGen1"));
    let first = with(&first, "/storage_container_id", Json::Null);
    let first =
        with(&first, "/data_lake_store_id", json!(in_group("Microsoft.DataLakeStore/accounts/oldlake")));
    let state = bench.converge(DATASTORE, &first, None).await;
    assert_eq!(statuses(&state.value).into_keys().collect::<Vec<_>>(), ["datastore"]);
    let commands = state.value.attribute("data_plane_commands").as_list().unwrap();
    assert_eq!(
        commands[0].as_str().unwrap(),
        format!(
            "az dls fs access set-entry --account oldlake --path / --acl-spec \
             user:{SOMEBODY}:r-x,default:user:{SOMEBODY}:r-x"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn the_roles_that_are_made_are_those_that_the_type_needs() {
    let (stack, lake) = lake();
    let storage = in_group("Microsoft.Storage/storageAccounts/stmlops0001");
    let share = format!("{storage}/fileServices/default/shares/notes");
    let file = with(&with(&blob(), "/type", json!("AzureFile")), "/storage_container_id", Json::Null);
    let file = with(&file, "/storage_fileshare_id", json!(share));
    for (arguments, roles) in [
        (blob(), ["Reader", "Storage Blob Data Reader"].as_slice()),
        (lake.clone(), &["Reader", "Storage Blob Data Reader"]),
        (file, &["Reader", "Storage File Data Privileged Contributor"]),
        (with(&with(&lake, "/service_data_identity", json!("None")), "/principal_id", Json::Null), &[]),
    ] {
        let bench = Bench::new().await;
        bench.ground(&stack, DATASTORE).await;
        let state = bench.converge(DATASTORE, &arguments, None).await;
        let required = state.value.attribute("required_role_assignments").as_list().unwrap();
        let names: Vec<&str> =
            required.iter().map(|line| line.attribute("role_definition_name").as_str().unwrap()).collect();
        assert_eq!(names, roles);
        let made = ids(&state.value).into_iter().filter(|(key, _)| key.starts_with("role/"));
        for (key, id) in made {
            assert!(id.starts_with(&storage), "{key}: {id}");
            assert_eq!(bench.azure.get(&id)["properties"]["principalId"], SOMEBODY);
        }
        assert_eq!(statuses(&state.value).len(), roles.len() + 1);
    }
}
