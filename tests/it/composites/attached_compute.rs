//! What exists already, attached: who signs in with what, and that nothing of
//! anybody else's is ever deleted.

use amlsecure::schema::Value;
use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

const SECRET: &str = "a-password-of-the-machine";

/// Strangers, and the example's stack up to its cluster.
async fn ground() -> Bench {
    let bench = Bench::new().await.on_the_ground_in(&Stack::whole(), INFERENCE).await;
    machines(&bench.azure);
    bench
}

fn attach(block: &str, arguments: Json) -> Json {
    let plain = with(&with(&attached_compute(), "/databricks", Json::Null), "/name", json!("gpu"));
    with(&plain, &format!("/{block}"), arguments)
}

fn machine() -> Json {
    let account = json!({ "username": "azureuser", "password": SECRET });
    let id = their_machine("gpu");
    attach(
        "virtual_machine",
        json!({ "virtual_machine_id": id, "address": "10.10.7.4", "administrator_account": account }),
    )
}

fn hdinsight() -> Json {
    let account = json!({ "username": "sshuser", "private_key_data": SECRET });
    let (id, address) = (their_hdinsight("gpu"), "gpu-theirs-ssh.azurehdinsight.net");
    attach(
        "hdinsight",
        json!({ "hdinsight_cluster_id": id, "address": address, "administrator_account": account }),
    )
}

fn databricks() -> Json {
    attach("databricks", json!({ "databricks_workspace_id": their_databricks(), "access_token": SECRET }))
}

/// What the deletions since the last look asked Azure to do with what is attached.
fn deletions(bench: &Bench) -> Vec<String> {
    let writes = bench.azure.writes().into_iter().filter(|write| write.method == Method::DELETE);
    let word = |write: Exchange| {
        let query = write.query.split('&').find_map(|pair| pair.strip_prefix("underlyingResourceAction="));
        format!("{} {}", write.path.rsplit('/').next().unwrap(), query.unwrap_or("(nothing)"))
    };
    writes.map(word).collect()
}

#[tokio::test(start_paused = true)]
async fn what_does_not_go_together_is_an_error_at_its_argument() {
    let bench = Bench::new().await;
    let machine = machine();
    let elsewhere = "/subscriptions/00000000-0000-0000-0000-00000000000e/resourceGroups/rg/providers/\
                     Microsoft.Databricks/workspaces/dbw";
    for (arguments, said) in [
        (with(&machine, "/virtual_machine", Json::Null), "name: Nothing says what is attached"),
        (
            with(&machine, "/hdinsight", hdinsight()["hdinsight"].clone()),
            "hdinsight: virtual_machine and hdinsight exclude each other",
        ),
        (
            with(&hdinsight(), "/databricks", databricks()["databricks"].clone()),
            "databricks: hdinsight and databricks exclude each other",
        ),
        (with(&machine, "/name", json!("gpu-1")), "name: \"gpu-1\" cannot name a compute"),
        (
            with(&machine, "/virtual_machine/virtual_machine_id", json!(their_workspace())),
            "virtual_machine.virtual_machine_id: This is not the id of a virtual machine",
        ),
        (
            with(&hdinsight(), "/hdinsight/hdinsight_cluster_id", json!(their_databricks())),
            "hdinsight.hdinsight_cluster_id: This is not the id of a HDInsight cluster",
        ),
        (
            with(&machine, "/virtual_machine/address", json!("ssh://10.10.7.4:22")),
            "virtual_machine.address: \"ssh://10.10.7.4:22\" is neither an address nor a host name",
        ),
        (
            with(&machine, "/virtual_machine/ssh_port", json!(65536)),
            "virtual_machine.ssh_port: 65536 is not a number that virtual_machine.ssh_port takes",
        ),
        (
            with(&machine, "/virtual_machine/administrator_account/private_key_data", json!("a-key")),
            "virtual_machine.administrator_account.private_key_data: password and private_key_data exclude each other",
        ),
        (
            with(&machine, "/virtual_machine/administrator_account/password", Json::Null),
            "virtual_machine.administrator_account.username: Nothing says with what the account signs in",
        ),
        (
            with(&databricks(), "/databricks/databricks_workspace_id", json!(elsewhere)),
            "machine_learning_workspace_id: The machine learning workspace lies in another subscription",
        ),
    ] {
        let refused = bench.refusal(ATTACHED, &arguments, None).await;
        assert!(refused.iter().any(|line| line == said), "{said}: {refused:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_sent_and_stands_nowhere_and_another_version_sends_it_again() {
    let bench = ground().await;
    for (arguments, at, sent_at, block) in [
        (
            machine(),
            "/virtual_machine/administrator_account/password",
            "administratorAccount/password",
            "/virtual_machine/administrator_account",
        ),
        (
            hdinsight(),
            "/hdinsight/administrator_account/private_key_data",
            "administratorAccount/privateKeyData",
            "/hdinsight/administrator_account",
        ),
        (databricks(), "/databricks/access_token", "databricksAccessToken", "/databricks"),
    ] {
        let plan = bench.plan(ATTACHED, &arguments, None).await;
        assert!(!format!("{:?}", plan.planned).contains(SECRET));
        let sent = || -> Vec<Json> {
            let writes = bench.azure.writes();
            let pointer = format!("/properties/properties/{sent_at}");
            writes.iter().map(|write| write.request.pointer(&pointer).cloned().unwrap_or_default()).collect()
        };
        bench.azure.writes();
        let state = bench.converge(ATTACHED, &arguments, None).await;
        assert!(!format!("{:?}", state.value).contains(SECRET));
        assert!(sent().iter().all(|one| *one == SECRET));

        // Nobody can see that a secret is another one.
        let another = with(&arguments, at, json!("another-secret"));
        assert_eq!(bench.plan(ATTACHED, &another, Some(&state)).await.action, Action::NoOp);
        let second = with(&another, &format!("{block}/version"), json!(2));
        let state = bench.converge(ATTACHED, &second, Some(&state)).await;
        assert_eq!(sent(), ["another-secret"], "{at}");
        assert!(!format!("{:?}", state.value).contains("another-secret"));

        // Every other change sends it as well, as Azure takes the whole.
        let tagged = with(&second, "/tags", json!({ "team": "a" }));
        let state = bench.converge(ATTACHED, &tagged, Some(&state)).await;
        assert_eq!(sent(), ["another-secret"], "{at}");
        bench.destroy(&state).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_attached_is_let_go_of_and_never_deleted() {
    let bench = ground().await;
    let machine_id = their_machine("gpu");
    let before = bench.azure.held();
    let state = bench.converge(ATTACHED, &machine(), None).await;
    assert_eq!(bench.azure.get(&ids(&state.value)["compute"])["properties"]["isAttachedCompute"], true);

    // In place, by another object, drifted, and destroyed.
    let moved = with(&machine(), "/virtual_machine/address", json!("10.10.7.5"));
    bench.azure.writes();
    let state = bench.converge(ATTACHED, &moved, Some(&state)).await;
    assert_eq!(deletions(&bench), ["gpu Detach"]);
    let renamed = with(&moved, "/name", json!("gpus"));
    let state = bench.converge(ATTACHED, &renamed, Some(&state)).await;
    assert_eq!(deletions(&bench), ["gpu Detach"]);
    bench.destroy(&state).await;
    assert_eq!(deletions(&bench), ["gpus Detach"]);
    assert_eq!(bench.azure.held(), before);
    assert!(!bench.azure.get(&machine_id).is_null());
}

/// What only a state records is known by its id and type alone.
#[tokio::test(start_paused = true)]
async fn what_a_state_records_beside_is_deleted_only_where_azure_has_made_it() {
    let bench = ground().await;
    let machine_id = their_machine("gpu");
    let mut state = bench.converge(ATTACHED, &machine(), None).await;
    let own = ids(&state.value)["compute"].clone();
    let body = bench.azure.get(&own);
    let beside = |name: &str| format!("{}/{name}", own.rsplit_once('/').unwrap().0);
    let attached = json!({ "computeType": "VirtualMachine", "resourceId": machine_id });
    let scale = json!({ "maxNodeCount": 1, "minNodeCount": 0, "nodeIdleTimeBeforeScaleDown": "PT2M" });
    let cluster = json!({ "computeType": "AmlCompute", "properties": {
        "vmSize": "Standard_DS3_v2", "scaleSettings": scale,
    }});
    for (name, properties) in [("left", attached), ("nodes", cluster)] {
        let sent = json!({ "location": "eastasia", "tags": body["tags"], "properties": properties });
        bench.azure.put(&beside(name), &sent);
        let Value::Map(members) = &mut state.value else { panic!("an object") };
        let Some(Value::Map(entries)) = members.get_mut("resources") else { panic!("a map") };
        let mut entry = entries["compute"].clone();
        let Value::Map(of) = &mut entry else { panic!("an object") };
        of.insert("id".to_owned(), beside(name).as_str().into());
        of.insert("status".to_owned(), "to be removed".into());
        entries.insert(name.to_owned(), entry);
    }
    bench.azure.writes();
    bench.destroy(&state).await;
    let mut said = deletions(&bench);
    said.sort();
    assert_eq!(said, ["gpu Detach", "left Detach", "nodes Delete"]);
    assert!(!bench.azure.get(&machine_id).is_null());
}

/// Which system a machine runs, Azure shows: nothing is planned upon Windows,
/// and nothing is made upon what became Windows since.
#[tokio::test(start_paused = true)]
async fn a_machine_that_runs_windows_is_refused_at_its_argument() {
    let bench = ground().await;
    super::example::machine(&bench.azure, "windows", "MicrosoftWindowsServer");
    let windows = with(&machine(), "/virtual_machine/virtual_machine_id", json!(their_machine("windows")));
    let line = "virtual_machine.virtual_machine_id: The virtual machine virtual_machine cannot be used";
    assert_eq!(bench.refusal(ATTACHED, &windows, None).await, [line]);

    // One that is attached stays so.
    let state = bench.converge(ATTACHED, &machine(), None).await;
    assert_eq!(bench.refusal(ATTACHED, &windows, Some(&state)).await, [line]);
    bench.destroy(&state).await;

    super::example::machine(&bench.azure, "late", "Canonical");
    let late = with(&machine(), "/virtual_machine/virtual_machine_id", json!(their_machine("late")));
    let plan = bench.plan(ATTACHED, &late, None).await;
    assert!(bench.azure.delete(&their_machine("late")));
    super::example::machine(&bench.azure, "late", "MicrosoftWindowsServer");
    bench.azure.writes();
    let Err(Refusal::Provider(problems)) = bench.core.apply(plan).await else { panic!("not refused") };
    assert_eq!(said(&problems), [line]);
    assert!(problems.0[0].detail.contains("that run Ubuntu"), "{problems:?}");
    assert_eq!(bench.azure.written(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_attached_must_exist() {
    let bench = ground().await;
    for (arguments, at, id) in [
        (machine(), "virtual_machine.virtual_machine_id", their_machine("gone")),
        (hdinsight(), "hdinsight.hdinsight_cluster_id", their_hdinsight("gone")),
        (databricks(), "databricks.databricks_workspace_id", format!("{}gone", their_databricks())),
    ] {
        let arguments = with(&arguments, &format!("/{}", at.replace('.', "/")), json!(id));
        let applied = bench.apply(ATTACHED, &arguments, None).await;
        assert_eq!(applied.diagnostics.0[0].path.to_string(), at);
        assert!(applied.diagnostics.0[0].summary.ends_with("does not exist"), "{applied:?}");
    }
    assert_eq!(bench.azure.written(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_has_outlived_its_machine_is_let_go_of_all_the_same() {
    let bench = ground().await;
    for (arguments, target) in [(machine(), their_machine("gpu")), (databricks(), their_databricks())] {
        let state = bench.converge(ATTACHED, &arguments, None).await;
        assert!(bench.azure.delete(&target));
        let refreshed = bench.refresh(&state).await;
        bench.azure.writes();
        bench.destroy(&refreshed).await;
        assert_eq!(deletions(&bench), ["gpu Detach"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_managed_network_admits_no_machine() {
    let bench = Bench::new().await;
    strangers(&bench.azure);
    machines(&bench.azure);
    bench.azure.change(&their_workspace(), |body| {
        body["properties"]["managedNetwork"] = json!({ "isolationMode": "AllowInternetOutbound" });
    });
    let arguments = with(&machine(), "/machine_learning_workspace_id", json!(their_workspace()));
    let applied = bench.apply(ATTACHED, &arguments, None).await;
    let said = format!("{:?}", applied.diagnostics);
    assert!(said.contains("cannot be attached to a workspace with a managed network"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn each_is_found_again_whoever_attached_it() {
    for arguments in [machine(), hdinsight(), databricks()] {
        let bench = ground().await;
        let state = bench.converge(ATTACHED, &arguments, None).await;
        super::import::found_again(&bench, ATTACHED, &arguments, &state).await;
        let id = ids(&state.value)["compute"].clone();
        let before = bench.azure.get(&id);
        bench.azure.change(&id, |body| body["tags"] = json!({}));
        let imported = bench.core.import(ATTACHED, &id).await.unwrap();
        let state = bench.converge(ATTACHED, &arguments, Some(&imported)).await;
        assert_eq!(deletions(&bench), [""; 0]);
        assert_eq!(
            bench.azure.get(&id)["tags"]["amlsecure-credentials"],
            before["tags"]["amlsecure-credentials"]
        );
        bench.destroy(&state).await;
        assert!(!bench.azure.get(&their_databricks()).is_null());
    }
}

/// The host name of Databricks is Azure's to say.
#[tokio::test(start_paused = true)]
async fn databricks_is_attached_by_its_id_and_told_its_own_host() {
    let bench = ground().await;
    let host = bench.azure.get(&their_databricks())["properties"]["workspaceUrl"].clone();
    let state = bench.converge(ATTACHED, &databricks(), None).await;
    let body = bench.azure.get(&ids(&state.value)["compute"]);
    assert_eq!(body["properties"]["computeType"], "Databricks");
    assert_eq!(body["properties"]["properties"]["workspaceUrl"], host);
}
