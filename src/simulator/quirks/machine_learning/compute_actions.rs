//! What can be asked of a compute by POST.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::compute::{self, SECRETS, bad};
use crate::kinds::Shape;
use crate::simulator::answer::{Answer, Outcome};
use crate::simulator::operation::{self, Action};
use crate::simulator::quirks::secret;
use crate::simulator::store::{Resource, stable_guid};
use crate::simulator::{Cx, body, timestamp};

/// Where it is kept whether an instance is off: the state to show.
pub(super) const POWER: &str = "power";

const LAST: &str = "properties.properties.lastOperation";
const SIZE: &str = "properties.properties.vmSize";
const IDLE: &str = "properties.properties.idleTimeBeforeShutdown";
const SCHEDULES: &str = "properties.properties.schedules";

/// Minutes that an instance may be idle before it is shut down: from a quarter
/// of an hour to three days.
const IDLE_MINUTES: (i64, i64) = (15, 3 * 24 * 60);

/// The most schedules that an instance may have.
const MOST_SCHEDULES: usize = 4;

/// The port that nodes are signed in to by.
const SSH_PORT: u16 = 50000;

/// What instances are told to do, the word for it while it lasts, and seconds
/// that it takes (a few minutes; our estimate).
const POWERS: [(&str, &str, f64); 4] = [
    ("start", "Starting", 120.0),
    ("stop", "Stopping", 60.0),
    ("restart", "Restarting", 120.0),
    ("resize", "Resizing", 180.0),
];

/// Answers a POST to a compute.
pub(super) fn act(cx: &Cx<'_>, resource: &Resource, action: &str, sent: &Value) -> Outcome<Option<Answer>> {
    let instance = compute::is_instance(&resource.written);
    let only_instances = || {
        bad(format!(
            "The action '{action}' is only for compute instances; '{}' is of type {}.",
            resource.id.name(),
            compute::kind(&resource.written)
        ))
    };
    if let Some((name, _, seconds)) = POWERS.iter().find(|(name, _, _)| *name == action) {
        if !instance {
            return Err(only_instances());
        }
        if *name == "resize" {
            resize(cx, resource, sent)?;
        }
        let begun = Action { name, seconds: *seconds, alone: true, answer: None };
        return operation::act(cx, resource, begun).map(Some);
    }
    match action {
        "listnodes" => Ok(Some(Answer::json(200, json!({ "nodes": nodes(cx, resource)? })))),
        "listkeys" => keys(resource).map(Some),
        "updateidleshutdownsetting" if instance => {
            let wanted = &sent["idleTimeBeforeShutdown"];
            judge_idle(wanted)?;
            write(cx, resource, IDLE, wanted.clone()).map(Some)
        }
        "updateschedules" if instance => {
            let wanted = &sent["computeStartStop"];
            judge_schedules(wanted)?;
            write(cx, resource, SCHEDULES, json!({ "computeStartStop": wanted })).map(Some)
        }
        "updateidleshutdownsetting" | "updateschedules" => Err(only_instances()),
        _ => Ok(None),
    }
}

/// Judges what the actions change, where a PUT says it.
pub(super) fn judge(written: &Value) -> Outcome<()> {
    if let Some(wanted) = body::get(written, IDLE).filter(|wanted| !wanted.is_null()) {
        judge_idle(wanted)?;
    }
    match body::get(written, SCHEDULES).and_then(|schedules| schedules.get("computeStartStop")) {
        Some(wanted) if !wanted.is_null() => judge_schedules(wanted),
        _ => Ok(()),
    }
}

fn judge_idle(wanted: &Value) -> Outcome<()> {
    if idle_is_fit(wanted) {
        return Ok(());
    }
    Err(bad(format!("The idleTimeBeforeShutdown {wanted} is not valid: it must be between PT15M and P3D.")))
}

fn judge_schedules(wanted: &Value) -> Outcome<()> {
    if wanted.as_array().is_some_and(|list| list.len() <= MOST_SCHEDULES) {
        return Ok(());
    }
    Err(bad(format!("An instance has at most {MOST_SCHEDULES} schedules.")))
}

/// Adds what the service says of schedules and of the way in by SSH.
pub(super) fn show(resource: &Resource, shown: &mut Value) {
    let at = format!("/{}/computeStartStop", SCHEDULES.replace('.', "/"));
    for (number, schedule) in
        shown.pointer_mut(&at).and_then(Value::as_array_mut).into_iter().flatten().enumerate()
    {
        schedule["id"] = json!(stable_guid(&format!("{}/schedules/{number}", resource.key())));
        schedule["provisioningStatus"] = json!("Completed");
    }
    let settings = "properties.properties.sshSettings";
    if body::text(&resource.written, &format!("{settings}.sshPublicAccess")) == Some("Enabled") {
        body::set(shown, &format!("{settings}.adminUserName"), json!("azureuser"));
        body::set(shown, &format!("{settings}.sshPort"), json!(SSH_PORT));
    }
}

/// Keeps another value of what a PUT cannot change.
fn write(cx: &Cx<'_>, resource: &Resource, path: &str, value: Value) -> Outcome<Answer> {
    let mut resource = resource.clone();
    body::set(&mut resource.written, path, value);
    cx.store.save(&resource)?;
    Ok(Answer::empty(200))
}

fn resize(cx: &Cx<'_>, resource: &Resource, sent: &Value) -> Outcome<()> {
    let Some(size) = sent["targetVMSize"].as_str().filter(|size| !size.is_empty()) else {
        return Err(bad("A resize names its targetVMSize.".to_owned()));
    };
    write(cx, resource, SIZE, json!(size)).map(|_| ())
}

fn idle_is_fit(wanted: &Value) -> bool {
    Shape::Duration.admits(wanted)
        && wanted
            .as_str()
            .and_then(minutes)
            .is_some_and(|minutes| (IDLE_MINUTES.0..=IDLE_MINUTES.1).contains(&minutes))
}

/// Whole minutes of a duration of days, hours and minutes.
fn minutes(text: &str) -> Option<i64> {
    let mut total = 0_i64;
    let mut number = 0_i64;
    for letter in text.strip_prefix('P')?.chars() {
        let unit = match letter {
            'T' => continue,
            'D' => 24 * 60,
            'H' => 60,
            'M' => 1,
            digit => {
                number = number.checked_mul(10)?.checked_add(i64::from(digit.to_digit(10)?))?;
                continue;
            }
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        number = 0;
    }
    Some(total)
}

/// Does what a POST began.
pub(super) fn acted(cx: &Cx<'_>, resource: &mut Resource, action: &str) {
    let (word, power) = match action {
        "start" => ("Start", "Running"),
        "stop" => ("Stop", "Stopped"),
        "restart" => ("Restart", "Running"),
        "resize" => ("Resize", "Running"),
        _ => return,
    };
    body::set(&mut resource.stamped, POWER, json!(power));
    body::set(
        &mut resource.stamped,
        LAST,
        json!({
            "operationName": word, "operationStatus": "Succeeded", "operationTrigger": "User",
            "operationTime": timestamp(cx.now),
        }),
    );
}

/// The state of an instance that stands.
pub(super) fn state(cx: &Cx<'_>, resource: &Resource, power: Option<&Value>) -> Outcome<&'static str> {
    if let Some(running) = cx.store.running(&resource.key())?
        && let Some((_, meanwhile, _)) = POWERS.iter().find(|(name, _, _)| *name == running.verb)
    {
        return Ok(meanwhile);
    }
    Ok(if power == Some(&json!("Stopped")) { "Stopped" } else { "Running" })
}

fn nodes(cx: &Cx<'_>, resource: &Resource) -> Outcome<Value> {
    let addresses = cx.store.addresses_of(&resource.key())?;
    Ok(addresses
        .into_iter()
        .zip(SSH_PORT..)
        .map(|((_, address, configuration), port)| {
            json!({
                "nodeId": format!("tvmps_{}", stable_guid(&configuration)), "nodeState": "idle", "port": port,
                "privateIpAddress": Ipv4Addr::from(address).to_string(),
            })
        })
        .collect())
}

fn keys(resource: &Resource) -> Outcome<Answer> {
    let kind = compute::kind(&resource.written);
    let kept = body::get(&resource.stamped, SECRETS).cloned().unwrap_or_default();
    let mut keys = match kind {
        "AKS" => json!({
            "userKubeConfig": secret(resource, "user"), "adminKubeConfig": secret(resource, "admin"),
            "imagePullSecretName": "azureml-pull-secret",
        }),
        "Databricks" => json!({ "databricksAccessToken": kept["databricksAccessToken"] }),
        "VirtualMachine" => json!({ "administratorAccount": kept["administratorAccount"] }),
        _ => return Err(bad(format!("A compute of type {kind} has no keys."))),
    };
    keys["computeType"] = json!(kind);
    Ok(Answer::json(200, keys))
}
