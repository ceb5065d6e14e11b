//! Network interfaces: the addresses of their configurations, and the ones
//! that belong to private endpoints.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::subnet;
use crate::kinds::ResourceId;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

pub(super) struct NetworkInterface;

impl Quirk for NetworkInterface {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if let Some(owner) = draft.old.as_ref().and_then(|old| old.owner.clone()) {
            return Err(attached(&draft.id, &owner).into());
        }
        let key = draft.id.canonical();
        // What it held it keeps, unless the new body says otherwise.
        let held = cx.store.addresses_of(&key)?;
        cx.store.release(&key)?;
        let id = draft.id.clone();
        for configuration in body::items_mut(&mut draft.written, "properties.ipConfigurations") {
            let Some(subnet_id) =
                body::text(configuration, "properties.subnet.id").and_then(|t| ResourceId::parse(t).ok())
            else {
                continue;
            };
            // A subnet that is missing is refused with the other references.
            let Some(row) = cx.store.resource(&subnet_id.canonical())? else { continue };
            let name =
                format!("{id}/ipConfigurations/{}", configuration["name"].as_str().unwrap_or_default());
            let fixed = body::text(configuration, "properties.privateIPAllocationMethod") == Some("Static");
            let before =
                held.iter().find(|(at, _, c)| *at == row.key() && c.eq_ignore_ascii_case(&name)).map(|h| h.1);
            let wished = body::text(configuration, "properties.privateIPAddress").map(str::to_owned);
            let address = match (fixed, wished, before) {
                (true, Some(text), _) => subnet::given(cx, &row, &text)?,
                (_, _, Some(before)) => before,
                _ => *subnet::free(cx, &row, 1)?.first().ok_or_else(|| subnet::full(&row))?,
            };
            cx.store.take_address(&row.key(), address, &key, &name)?;
            body::set(
                configuration,
                "properties.privateIPAddress",
                json!(Ipv4Addr::from(address).to_string()),
            );
            if body::get(configuration, "properties.privateIPAllocationMethod").is_none() {
                body::set(configuration, "properties.privateIPAllocationMethod", json!("Dynamic"));
            }
        }
        Ok(())
    }

    fn show(&self, _cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        // The only one there is, is the primary one.
        let alone = body::values(shown, "properties.ipConfigurations[]").len() == 1;
        for configuration in body::items_mut(shown, "properties.ipConfigurations") {
            if body::get(configuration, "properties.primary").is_none() {
                body::set(configuration, "properties.primary", json!(alone));
            }
            let name = configuration["name"].as_str().unwrap_or_default().to_owned();
            configuration["id"] = json!(format!("{}/ipConfigurations/{name}", resource.id));
            configuration["type"] = json!("Microsoft.Network/networkInterfaces/ipConfigurations");
            configuration["etag"] = json!(resource.etag);
            body::set(configuration, "properties.provisioningState", json!(resource.state));
        }
        Ok(())
    }

    fn release(&self, _cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        match &resource.owner {
            Some(owner) => Err(attached(&resource.id, owner).into()),
            None => Ok(()),
        }
    }
}

fn attached(id: &ResourceId, owner: &str) -> Refusal {
    Refusal::new(
        400,
        "CannotModifyNicAttachedToPrivateEndpoint",
        format!(
            "The network interface {id} is attached to the private endpoint {owner} and cannot be modified or deleted."
        ),
    )
}
