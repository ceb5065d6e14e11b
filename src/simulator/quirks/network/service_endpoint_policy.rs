//! Service endpoint policies: what a definition may name, and who uses the policy.

use serde_json::Value;

use crate::kinds::{RESOURCE_GROUP, ResourceId, STORAGE_ACCOUNT};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, SUBSCRIPTION, body};

/// What the aliases of `Global` begin with.
const ALIASES: &str = "/services/azure";

/// The longest description of a definition (azurerm).
const LONGEST_DESCRIPTION: usize = 140;

/// Resources that a definition may name (limits of service endpoint policies).
const MAX_RESOURCES: usize = 200;

pub(super) struct Policy;

impl Quirk for Policy {
    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        super::show_subnets(cx, resource, shown)
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        if cx.store.referrers(&resource.key(), super::SUBNETS)?.is_empty() {
            return Ok(());
        }
        Err(Refusal::new(
            400,
            "ServiceEndpointPolicyCannotBeDeletedIfReferencedBySubnet",
            format!(
                "Service endpoint policy {} cannot be deleted because it is in use with subnet(s).",
                resource.id
            ),
        )
        .into())
    }
}

pub(super) struct Definition;

impl Quirk for Definition {
    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let name = draft.id.name();
        let fail =
            |why: String| Refusal::new(400, "InvalidServiceEndpointPolicyDefinition", why).target(name);
        let service = draft.text("properties.service").unwrap_or_default();
        let takes: fn(&str) -> bool = match service.to_ascii_lowercase().as_str() {
            "microsoft.storage" => is_storage,
            "global" => is_alias,
            _ => {
                let why = format!(
                    "Service endpoint policy definition {name} names the service '{service}'. The service must be \
                     Microsoft.Storage or Global."
                );
                return Err(fail(why).into());
            }
        };
        let resources = body::values(&draft.written, "properties.serviceResources[]");
        if resources.is_empty() || resources.len() > MAX_RESOURCES {
            let why = format!(
                "Service endpoint policy definition {name} must name 1 to {MAX_RESOURCES} service resources."
            );
            return Err(fail(why).into());
        }
        if let Some(odd) = resources.into_iter().filter_map(Value::as_str).find(|text| !takes(text)) {
            let why = format!(
                "Service endpoint policy definition {name} names '{odd}', which is not of {service}."
            );
            return Err(fail(why).into());
        }
        let long =
            draft.text("properties.description").is_some_and(|t| t.chars().count() > LONGEST_DESCRIPTION);
        if long {
            let why = format!(
                "Service endpoint policy definition {name} has a description of more than {LONGEST_DESCRIPTION} \
                 characters."
            );
            return Err(fail(why).into());
        }
        Ok(())
    }
}

/// An account, or a group or subscription whose accounts are meant.
fn is_storage(text: &str) -> bool {
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let kind = ResourceId::parse(text).map(|id| id.resource_type()).unwrap_or_default();
    text.trim_end_matches('/').eq_ignore_ascii_case(&subscription)
        || [RESOURCE_GROUP.resource_type, STORAGE_ACCOUNT.resource_type]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(&kind))
}

fn is_alias(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.strip_prefix(ALIASES).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
