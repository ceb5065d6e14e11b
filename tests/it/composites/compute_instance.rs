//! A machine for one person's notebooks: what it says to Azure, what it
//! refuses, what it leaves to the studio.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;
use super::import::found_again;

fn id() -> String {
    in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops/computes/notebooks")
}

fn plain() -> Json {
    json!({
        "name": "notebooks",
        "machine_learning_workspace_id": in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops"),
        "subnet_resource_id": in_network("/subnets/training"),
        "virtual_machine_size": "Standard_DS3_v2",
    })
}

/// Everything that one can ask of an instance.
fn rich() -> Json {
    let mut arguments = plain();
    for (name, value) in [
        ("description", json!("for one person")),
        ("idle_time_before_shutdown", json!("PT1H")),
        (
            "assign_to_user",
            json!({
                "object_id": "11111111-1111-1111-1111-111111111111",
                "tenant_id": "22222222-2222-2222-2222-222222222222",
            }),
        ),
        ("ssh", json!({ "public_key": "ssh-rsa AAAAB3NzaC1yc2E= me" })),
        (
            "schedule",
            json!([
                { "action": "Start", "cron": "0 8 * * 1-5", "time_zone": "Tokyo Standard Time" },
                {
                    "action": "Stop", "enabled": false, "start_time": "2026-01-05T00:00:00",
                    "recurrence": {
                        "frequency": "Week", "interval": 2, "hours": [19, 21], "minutes": [0, 30],
                        "week_days": ["Friday", "Monday"], "month_days": [1, 31],
                    },
                },
            ]),
        ),
        ("proxy", json!({ "http_proxy": "http://10.10.2.4:3128" })),
        (
            "setup_scripts",
            json!({
                "creation_script": { "inline": "apt-get install -y jq\n", "timeout": "20m" },
                "startup_script": { "workspace_path": "Users/me/start.sh", "arguments": "--quiet" },
            }),
        ),
        ("identity", json!({ "type": "SystemAssigned" })),
        ("tags", json!({ "team": "research" })),
    ] {
        arguments[name] = value;
    }
    arguments
}

/// A bench on which the workspace and the strangers stand.
async fn bench() -> Bench {
    furnished(Bench::new().await).await
}

async fn furnished(bench: Bench) -> Bench {
    bench.build(&Stack::example()).await;
    strangers(&bench.azure);
    bench
}

/// The body that makes the instance; a second write marks it as ready.
fn sent(bench: &Bench) -> Json {
    bench.azure.writes().remove(0).request
}

#[tokio::test(start_paused = true)]
async fn it_is_closed_where_nobody_says_otherwise() {
    let bench = bench().await;
    let state = bench.converge(INSTANCE, &plain(), None).await;
    let mut body = sent(&bench);
    assert_eq!(body.as_object_mut().unwrap().remove("tags").unwrap().as_object().unwrap().len(), 3);
    assert_eq!(
        body,
        json!({
            "location": "eastasia",
            "properties": {
                "computeType": "ComputeInstance",
                "disableLocalAuth": true,
                "properties": {
                    "vmSize": "Standard_DS3_v2",
                    "subnet": { "id": in_network("/subnets/training") },
                    "enableNodePublicIp": false,
                    "computeInstanceAuthorizationType": "personal",
                    "applicationSharingPolicy": "Personal",
                    "sshSettings": { "sshPublicAccess": "Disabled" },
                },
            },
        })
    );
    assert!(state.value.attribute("ssh_port").is_null());
    bench.destroy(&state).await;
    assert!(bench.azure.get(&id()).is_null());
}

#[tokio::test(start_paused = true)]
async fn schedules_say_what_the_service_asks_for() {
    let bench = bench().await;
    let state = bench.converge(INSTANCE, &rich(), None).await;
    let body = sent(&bench);
    assert_eq!(
        body["properties"]["properties"]["schedules"]["computeStartStop"],
        json!([
            {
                "action": "Start", "status": "Enabled", "triggerType": "Cron",
                "cron": { "expression": "0 8 * * 1-5", "timeZone": "Tokyo Standard Time" },
            },
            {
                "action": "Stop", "status": "Disabled", "triggerType": "Recurrence",
                "recurrence": {
                    "frequency": "Week", "interval": 2, "startTime": "2026-01-05T00:00:00", "timeZone": "UTC",
                    "schedule": {
                        "hours": [19, 21], "minutes": [0, 30],
                        "weekDays": ["Friday", "Monday"], "monthDays": [1, 31],
                    },
                },
            },
        ])
    );
    assert_eq!(state.value.attribute("ssh_username").as_str(), Some("azureuser"));
    assert!(!state.value.attribute("principal_id").is_null());
}

#[tokio::test(start_paused = true)]
async fn a_proxy_is_set_before_the_users_own_script_goes_on() {
    let bench = bench().await;
    bench.converge(INSTANCE, &rich(), None).await;
    let scripts = sent(&bench)["properties"]["properties"]["setupScripts"]["scripts"].clone();
    let creation = &scripts["creationScript"];
    assert_eq!((&creation["scriptSource"], &creation["timeout"]), (&json!("inline"), &json!("20m")));
    let text = BASE64.decode(creation["scriptData"].as_str().unwrap()).unwrap();
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "#!/bin/bash\n\
         proxy_of_the_network() {\n\
         cat <<'EOF'\n\
         export HTTP_PROXY='http://10.10.2.4:3128'\n\
         export http_proxy='http://10.10.2.4:3128'\n\
         export HTTPS_PROXY='http://10.10.2.4:3128'\n\
         export https_proxy='http://10.10.2.4:3128'\n\
         export NO_PROXY='localhost,127.0.0.1,169.254.169.254,168.63.129.16'\n\
         export no_proxy='localhost,127.0.0.1,169.254.169.254,168.63.129.16'\n\
         EOF\n\
         }\n\
         proxy_of_the_network >> /home/azureuser/.bashrc\n\
         eval \"$(proxy_of_the_network)\"\n\
         apt-get install -y jq\n"
    );
    assert_eq!(
        scripts["startupScript"],
        json!({ "scriptSource": "workspaceStorage", "scriptData": "Users/me/start.sh", "scriptArguments": "--quiet" })
    );
}

#[tokio::test(start_paused = true)]
async fn every_rule_is_told_at_its_argument_before_azure_is_asked() {
    let bench = bench().await;
    let user = |name: &str, value: &str| {
        let mut user = rich()["assign_to_user"].clone();
        user[name] = json!(value);
        user
    };
    let days = json!({ "frequency": "Day", "hours": [8], "minutes": [0] });
    let every = |name: &str, value: Json| {
        let mut recurrence = days.clone();
        recurrence[name] = value;
        json!([{ "action": "Start", "recurrence": recurrence }])
    };
    let stop = json!({ "action": "Stop", "cron": "0 19 * * *" });
    let cron = |name: &str, value: &str| {
        let mut schedule = stop.clone();
        schedule[name] = json!(value);
        json!([schedule])
    };
    let script = |script: Json| json!({ "creation_script": script });
    let proxy = |address: &str| json!({ "http_proxy": address });
    let elsewhere = in_network("/subnets/training").replacen("0000", "9999", 1);
    for (argument, value, told) in [
        ("name", json!("cpu-1"), "name: \"cpu-1\" cannot name a compute"),
        ("name", json!("ci"), "name: \"ci\" cannot name a compute"),
        (
            "name",
            json!("a-name-of-more-characters-"),
            "name: \"a-name-of-more-characters-\" cannot name a compute",
        ),
        (
            "machine_learning_workspace_id",
            json!(in_network("")),
            "machine_learning_workspace_id: This is not the id of a machine learning workspace",
        ),
        ("subnet_resource_id", json!(in_network("")), "subnet_resource_id: This is not the id of a subnet"),
        (
            "subnet_resource_id",
            json!(elsewhere),
            "subnet_resource_id: The subnet lies in another subscription than the workspace",
        ),
        (
            "application_sharing_policy",
            json!("Everyone"),
            "application_sharing_policy: \"Everyone\" is not one of the values that application_sharing_policy takes",
        ),
        (
            "idle_time_before_shutdown",
            json!("PT14M"),
            "idle_time_before_shutdown: \"PT14M\" is not an idle time that Azure takes",
        ),
        (
            "idle_time_before_shutdown",
            json!("P3DT1M"),
            "idle_time_before_shutdown: \"P3DT1M\" is not an idle time that Azure takes",
        ),
        ("assign_to_user", user("object_id", "me"), "assign_to_user.object_id: \"me\" is not a GUID"),
        ("assign_to_user", user("tenant_id", ""), "assign_to_user.tenant_id: \"\" is not a GUID"),
        ("ssh", json!({ "public_key": "-----BEGIN" }), "ssh.public_key: This is not a public SSH key"),
        (
            "schedule",
            json!([stop, stop, stop, stop, stop]),
            "schedule[4]: An instance has at most 4 schedules",
        ),
        ("schedule", json!([{ "action": "Stop" }]), "schedule[0]: A schedule needs cron or recurrence"),
        (
            "schedule",
            json!([stop, { "action": "Stop", "cron": "0 19 * * *", "recurrence": days }]),
            "schedule[1].cron: A schedule needs cron or recurrence, not both",
        ),
        (
            "schedule",
            cron("action", "Restart"),
            "schedule[0].action: \"Restart\" is not one of the values that schedule[0].action takes",
        ),
        (
            "schedule",
            cron("cron", "0 8 * *"),
            "schedule[0].cron: \"0 8 * *\" is not a cron expression of 5 fields",
        ),
        (
            "schedule",
            cron("time_zone", "Asia/Tokyo"),
            "schedule[0].time_zone: \"Asia/Tokyo\" is not a time zone of Windows",
        ),
        (
            "schedule",
            cron("start_time", "2026-01-05"),
            "schedule[0].start_time: \"2026-01-05\" is not a time that Azure takes",
        ),
        (
            "schedule",
            every("frequency", json!("Year")),
            "schedule[0].recurrence.frequency: \"Year\" is not one of the values that schedule[0].recurrence.frequency \
             takes",
        ),
        (
            "schedule",
            every("interval", json!(0)),
            "schedule[0].recurrence.interval: 0 is not a number that schedule[0].recurrence.interval takes",
        ),
        (
            "schedule",
            every("hours", json!([24])),
            "schedule[0].recurrence.hours: 24 is not a number that schedule[0].recurrence.hours takes",
        ),
        (
            "schedule",
            every("minutes", json!([])),
            "schedule[0].recurrence.minutes: schedule[0].recurrence.minutes is empty",
        ),
        (
            "schedule",
            every("week_days", json!(["Sun"])),
            "schedule[0].recurrence.week_days: \"Sun\" is not one of the values that schedule[0].recurrence.week_days takes",
        ),
        (
            "schedule",
            every("month_days", json!([0])),
            "schedule[0].recurrence.month_days: 0 is not a number that schedule[0].recurrence.month_days takes",
        ),
        (
            "setup_scripts",
            script(json!({ "timeout": "5m" })),
            "setup_scripts.creation_script.inline: A script needs inline or workspace_path",
        ),
        (
            "setup_scripts",
            json!({ "startup_script": { "inline": "x", "workspace_path": "y" } }),
            "setup_scripts.startup_script.inline: A script needs inline or workspace_path, not both",
        ),
        (
            "setup_scripts",
            script(json!({ "inline": "x", "timeout": "PT5M" })),
            "setup_scripts.creation_script.timeout: \"PT5M\" is not a time that a script can be given",
        ),
        (
            "setup_scripts",
            script(json!({ "workspace_path": "y" })),
            "setup_scripts.creation_script.workspace_path: A script of the file share cannot go on after the proxy's",
        ),
        (
            "proxy",
            proxy("10.10.2.4:3128"),
            "proxy.http_proxy: \"10.10.2.4:3128\" is not the address of a proxy",
        ),
        (
            "proxy",
            proxy("http://p:1'; id; '"),
            "proxy.http_proxy: \"http://p:1'; id; '\" is not the address of a proxy",
        ),
        (
            "proxy",
            proxy("http://me:hunter2@proxy:3128"),
            "proxy.http_proxy: The address of a proxy must hold no user and no password",
        ),
        (
            "proxy",
            json!({ "http_proxy": "http://p:1", "no_proxy": ["a b"] }),
            "proxy.no_proxy: \"a b\" is neither a name nor an address",
        ),
        (
            "identity",
            json!({ "type": "UserAssigned" }),
            "identity.type: An identity of type \"UserAssigned\" needs identity_ids",
        ),
        (
            "identity",
            json!({ "type": "SystemAssigned", "identity_ids": [their_identity()] }),
            "identity.identity_ids: An identity of type \"SystemAssigned\" takes no identity_ids",
        ),
    ] {
        let mut arguments = rich();
        arguments[argument] = value.clone();
        let refused = bench.refusal(INSTANCE, &arguments, None).await;
        assert_eq!(refused, [told], "{argument} = {value}");
    }
    assert_eq!(bench.azure.written(), [""; 0]);
}

/// Only Azure knows whether the workspace has a managed network.
#[tokio::test(start_paused = true)]
async fn without_a_subnet_a_plan_warns_and_azure_has_the_last_word() {
    let bench = bench().await;
    let arguments = with(&plain(), "/subnet_resource_id", Json::Null);
    let plan = bench.plan(INSTANCE, &arguments, None).await;
    let warned = said(&plan.diagnostics);
    let told =
        "node_public_ip_enabled: Azure refuses this instance unless its workspace has a managed network";
    assert_eq!(warned, [told]);
    let applied = bench.core.apply(plan).await.unwrap();
    let refused = format!("{:?}", applied.diagnostics);
    assert!(refused.contains("needs a subnet or a managed network"), "{refused}");

    let public = with(&arguments, "/node_public_ip_enabled", json!(true));
    bench.converge(INSTANCE, &public, None).await;
}

#[tokio::test(start_paused = true)]
async fn what_the_studio_sets_of_what_nobody_asks_for_is_no_drift() {
    let bench = bench().await;
    let state = bench.converge(INSTANCE, &plain(), None).await;
    let schedule = json!({ "computeStartStop": [{
        "action": "Stop", "triggerType": "Cron", "cron": { "expression": "0 19 * * *" },
    }] });
    bench.azure.ask(Method::POST, &format!("{}/updateSchedules", id()), &schedule);
    let idle = json!({ "idleTimeBeforeShutdown": "PT30M" });
    bench.azure.ask(Method::POST, &format!("{}/updateIdleShutdownSetting", id()), &idle);
    assert_eq!(bench.azure.get(&id())["properties"]["properties"]["idleTimeBeforeShutdown"], "PT30M");
    let refreshed = bench.refresh(&state).await;
    assert_eq!(statuses(&refreshed.value)["instance"], "in sync");
    assert_eq!(bench.plan(INSTANCE, &plain(), Some(&refreshed)).await.action, Action::NoOp);
}

/// The API that is spoken here has no action for it.
#[tokio::test(start_paused = true)]
async fn what_the_studio_makes_of_a_schedule_that_was_asked_for_takes_another_instance() {
    let bench = bench().await;
    let state = bench.converge(INSTANCE, &rich(), None).await;
    let none = json!({ "computeStartStop": [] });
    bench.azure.ask(Method::POST, &format!("{}/updateSchedules", id()), &none);
    let refreshed = bench.refresh(&state).await;
    let status = &statuses(&refreshed.value)["instance"];
    assert!(status.starts_with("drifted beyond repair"), "{status}");
    let plan = bench.plan(INSTANCE, &rich(), Some(&refreshed)).await;
    assert_eq!(moving(&plan), ["instance"]);
}

/// The actions that change an instance, posted to its id.
fn posted(bench: &Bench) -> Vec<(String, Json)> {
    let writes = bench.azure.writes().into_iter().filter(|write| write.method == Method::POST);
    writes
        .map(|write| (write.path.rsplit('/').next().unwrap_or_default().to_owned(), write.request))
        .collect()
}

/// The type definitions do not list the actions, so the provider is asked to trust in them.
#[tokio::test(start_paused = true)]
async fn schedules_and_idle_time_change_by_their_actions_where_the_provider_may() {
    let bench = furnished(Bench::with(&json!({ "compute_instance_actions": true })).await).await;
    let state = bench.converge(INSTANCE, &rich(), None).await;
    bench.azure.writes();
    let later = with(&rich(), "/schedule/0/cron", json!("0 9 * * 1-5"));
    let later = with(&later, "/idle_time_before_shutdown", json!("PT2H"));
    let state = bench.converge(INSTANCE, &later, Some(&state)).await;
    let sent = posted(&bench);
    assert_eq!(sent[0].0, "updateSchedules");
    assert_eq!(sent[0].1["computeStartStop"][0]["cron"]["expression"], "0 9 * * 1-5");
    assert_eq!(
        sent[1..],
        [("updateIdleShutdownSetting".to_owned(), json!({ "idleTimeBeforeShutdown": "PT2H" }))]
    );

    // A stranger's change is mended the same way.
    bench.azure.ask(Method::POST, &format!("{}/updateSchedules", id()), &json!({ "computeStartStop": [] }));
    let refreshed = bench.refresh(&state).await;
    let status = &statuses(&refreshed.value)["instance"];
    assert!(status.starts_with("drifted: "), "{status}");
    bench.azure.writes();
    let state = bench.converge(INSTANCE, &later, Some(&refreshed)).await;
    assert_eq!(posted(&bench).len(), 1);

    let none = with(&later, "/schedule", json!([]));
    let state = bench.converge(INSTANCE, &none, Some(&state)).await;
    assert_eq!(posted(&bench), [("updateSchedules".to_owned(), json!({ "computeStartStop": [] }))]);

    // Azure has no word for an instance that stops no more, and none for the rest.
    for (pointer, value) in
        [("/idle_time_before_shutdown", Json::Null), ("/proxy/http_proxy", json!("http://10.10.2.5:3128"))]
    {
        let plan = bench.plan(INSTANCE, &with(&none, pointer, value), Some(&state)).await;
        assert_eq!(plan.action, Action::Replace, "{pointer}");
    }
}

#[tokio::test(start_paused = true)]
async fn tags_and_identity_change_in_place_and_nothing_else_does() {
    let bench = bench().await;
    let state = bench.converge(INSTANCE, &rich(), None).await;
    bench.azure.writes();
    let other = with(&rich(), "/tags", json!({ "team": "others" }));
    let other =
        with(&other, "/identity", json!({ "type": "UserAssigned", "identity_ids": [their_identity()] }));
    let state = bench.converge(INSTANCE, &other, Some(&state)).await;
    assert_eq!(bench.azure.written(), ["PUT mlw-mlops/computes/notebooks"]);
    for (pointer, value) in [
        ("/schedule/0/cron", json!("0 9 * * 1-5")),
        ("/idle_time_before_shutdown", json!("PT2H")),
        ("/setup_scripts/creation_script/inline", json!("true\n")),
        ("/proxy/http_proxy", json!("http://10.10.2.5:3128")),
    ] {
        let plan = bench.plan(INSTANCE, &with(&other, pointer, value), Some(&state)).await;
        assert_eq!(plan.action, Action::Replace, "{pointer}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_found_again_with_all_that_was_asked_of_it() {
    let bench = bench().await;
    let rich = rich();
    let ids = json!([their_identity()]);
    let inline = json!({ "startup_script": { "inline": "date" } });
    let both =
        json!({ "http_proxy": "http://p:1", "https_proxy": "https://q:2", "no_proxy": [".azurecr.io"] });
    for arguments in [
        plain(),
        rich.clone(),
        with(&rich, "/proxy", Json::Null),
        with(&with(&rich, "/setup_scripts", Json::Null), "/proxy", both),
        with(&with(&rich, "/setup_scripts", inline), "/application_sharing_policy", json!("Shared")),
        with(&rich, "/identity", json!({ "type": "SystemAssigned, UserAssigned", "identity_ids": ids })),
        with(&with(&plain(), "/node_public_ip_enabled", json!(true)), "/local_auth_enabled", json!(true)),
    ] {
        let state = bench.converge(INSTANCE, &arguments, None).await;
        found_again(&bench, INSTANCE, &arguments, &state).await;
        bench.destroy(&state).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_compute_is_not_imported_as_another() {
    let bench = bench().await;
    bench.converge(INSTANCE, &plain(), None).await;
    let refused = format!("{:?}", bench.core.import(CLUSTER, &id()).await.unwrap_err());
    assert!(refused.contains("is no training cluster but another compute"), "{refused}");
    let cluster = id().replace("/notebooks", "/cpu");
    let refused = format!("{:?}", bench.core.import(INSTANCE, &cluster).await.unwrap_err());
    assert!(refused.contains("is no compute instance but another compute"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_stops_it_is_listed_with_its_role_and_given_none() {
    let bench = bench().await;
    let identity = json!({ "type": "SystemAssigned, UserAssigned", "identity_ids": [their_identity()] });
    let arguments = with(&with(&plain(), "/identity", identity), "/idle_time_before_shutdown", json!("PT1H"));
    let state = bench.converge(INSTANCE, &arguments, None).await;
    let listed = state.value.attribute("required_role_assignments").as_list().unwrap();
    assert_eq!(listed.len(), 2);
    let workspace = in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops");
    for one in listed {
        assert_eq!(one.attribute("role_definition_name").as_str(), Some("Contributor"));
        assert_eq!(one.attribute("scope").as_str(), Some(&*workspace));
    }
    assert_eq!(listed[0].attribute("principal_id"), state.value.attribute("principal_id"));
    let instance = "PUT mlw-mlops/computes/notebooks";
    assert_eq!(bench.azure.written(), [instance, instance]);
    let idle = with(&arguments, "/idle_time_before_shutdown", Json::Null);
    let plan = bench.plan(INSTANCE, &idle, None).await;
    assert_eq!(plan.planned.attribute("required_role_assignments").as_list().map(<[_]>::len), Some(0));
}
