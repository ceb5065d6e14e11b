//! Container groups: their address, their subnet, and whether they run.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::placement::{self, Wanted};
use super::{accepted, missing, remember};
use crate::kinds::CONTAINER_GROUP;
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::{Resource, stable_guid};
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, timestamp};

const SERVICE: &str = "Microsoft.ContainerInstance/containerGroups";
const SUBNETS: &str = "properties.subnetIds[].id";
const ADDRESS: &str = "properties.ipAddress";

/// The host name of a public address, which follows from its label.
const HOST: &str = "properties.ipAddress.fqdn";

pub(super) struct ContainerGroup;

impl Quirk for ContainerGroup {
    fn normalise(&self, draft: &mut Draft) {
        // The service gives it, in a subnet too.
        body::take(&mut draft.written, "properties.ipAddress.ip");
        if draft.is_new() && draft.text("properties.osType").is_none() {
            body::set(&mut draft.written, "properties.osType", json!("Linux"));
        }
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if body::values(&draft.written, "properties.containers[]").is_empty() {
            return Err(missing("containers").into());
        }
        for container in body::values(&draft.written, "properties.containers[]") {
            for path in ["properties.image", "properties.resources.requests"] {
                if body::get(container, path).is_none() {
                    let name = container["name"].as_str().unwrap_or_default();
                    return Err(missing(&format!("containers.{name}.{path}")).into());
                }
            }
        }
        placed(cx, draft)?;
        if draft.text("properties.ipAddress.type") == Some("Public") {
            let address = public_address(draft.id.canonical().as_str());
            draft.stamp_once("properties.ipAddress.ip", || Ok(json!(address)))?;
            body::take(&mut draft.stamped, HOST);
            if let Some(label) = draft.text("properties.ipAddress.dnsNameLabel") {
                let host =
                    format!("{label}.{}.azurecontainer.io", draft.text("location").unwrap_or_default());
                body::set(&mut draft.stamped, HOST, json!(host));
            }
        }
        draft.stamp_once("power", || Ok(json!("Running")))
    }

    fn show(&self, _cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let power = body::take(shown, "power").unwrap_or_else(|| json!("Running"));
        body::set(shown, "properties.instanceView", json!({ "events": [], "state": power }));
        body::set(shown, "properties.isCreatedFromStandbyPool", json!(false));
        let (state, since) =
            if power == "Running" { ("Running", resource.changed) } else { ("Terminated", resource.changed) };
        for container in body::items_mut(shown, "properties.containers") {
            body::set(
                container,
                "properties.instanceView",
                json!({
                    "restartCount": 0, "events": [],
                    "currentState": { "state": state, "startTime": timestamp(since), "detailStatus": "" },
                }),
            );
        }
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &["start", "stop", "restart"]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        match action {
            "stop" => {
                remember(cx, resource, "power", json!("Stopped"))?;
                Ok(Some(Answer::empty(204)))
            }
            "start" | "restart" => {
                remember(cx, resource, "power", json!("Running"))?;
                accepted(cx, &CONTAINER_GROUP, resource).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// A public address that a name always gives, of a range that Azure has.
fn public_address(key: &str) -> String {
    let bytes = stable_guid(key).replace('-', "");
    let part = |at: usize| u8::from_str_radix(&bytes[at..at + 2], 16).unwrap_or(1);
    format!("20.{}.{}.{}", part(0), part(2), part(4).max(1))
}

/// Refuses a subnet that is not for containers, and takes an address in it.
fn placed(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
    let private = draft.text("properties.ipAddress.type") == Some("Private");
    let ids: Vec<_> = body::values(&draft.written, SUBNETS)
        .into_iter()
        .filter_map(|value| crate::kinds::ResourceId::parse(value.as_str()?).ok())
        .collect();
    let has_address = body::get(&draft.written, ADDRESS).is_some();
    if private && ids.is_empty() {
        return Err(missing("subnetIds").into());
    }
    if !private && has_address && !ids.is_empty() {
        return Err(Refusal::new(
            400,
            "InvalidParameter",
            format!("The IP address of container group '{}' in a subnet must be private.", draft.id.name()),
        )
        .target("ipAddress.type")
        .into());
    }
    let key = draft.id.canonical();
    if !cx.store.addresses_of(&key)?.is_empty() {
        // Neither the subnet nor the address changes.
        return Ok(());
    }
    let mut wanted = Vec::new();
    for id in ids {
        let Some(row) = placement::find(cx, &id)? else { continue };
        placement::in_region(cx, &draft.id, "properties.subnetIds", &row, draft.text("location"))?;
        if !placement::delegations(&row).iter().any(|service| service.eq_ignore_ascii_case(SERVICE)) {
            return Err(Refusal::new(
                400,
                "SubnetMissingRequiredDelegation",
                format!(
                    "Subnet missing required delegation 'Microsoft.ContainerInstance' for container group '{}'.",
                    draft.id.name()
                ),
            )
            .into());
        }
        let name = format!("{}/ipConfigurations/{}", draft.id, id.name());
        wanted.push(Wanted { subnet: row, configurations: vec![(name, 1)] });
    }
    placement::settle(cx, &key, &wanted)?;
    if private && let Some((_, address, _)) = cx.store.addresses_of(&key)?.first() {
        let address = Ipv4Addr::from(*address).to_string();
        draft.stamp_once("properties.ipAddress.ip", || Ok(json!(address)))?;
    }
    Ok(())
}
