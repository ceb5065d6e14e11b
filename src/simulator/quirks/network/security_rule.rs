//! Security rules: what one may say, and which exclude each other.

use serde_json::Value;

use super::network_security_group::DEFAULT_RULES;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// The longest description of a rule (security group limits of azurerm).
const LONGEST_DESCRIPTION: usize = 140;

pub(super) struct SecurityRule;

impl Quirk for SecurityRule {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        well_formed(draft.id.name(), &draft.written)?;
        // The group judges its rules together.
        let Some(group) = draft.id.parent().filter(|_| !draft.inline) else { return Ok(()) };
        for other in cx.store.children(&group.canonical(), draft.kind.resource_type)? {
            if other.id != draft.id {
                let (rule, other) = ((draft.id.name(), &draft.written), (other.id.name(), &other.written));
                apart(rule, other)?;
            }
        }
        Ok(())
    }
}

/// Refuses two rules of one priority and direction.
pub(super) fn apart(rule: (&str, &Value), other: (&str, &Value)) -> Outcome<()> {
    let slot =
        |rule: &Value| (rule["properties"]["direction"].clone(), rule["properties"]["priority"].clone());
    if slot(rule.1) != slot(other.1) {
        return Ok(());
    }
    Err(Refusal::new(
        400,
        "SecurityRuleConflict",
        format!(
            "Security rule {} conflicts with rule {}. Rules cannot have the same Priority and Direction. To learn \
             more, see aka.ms/nsgrules.",
            rule.0, other.0
        ),
    )
    .into())
}

/// Refuses a rule that says the same thing in two forms, or in none, or what cannot be.
fn well_formed(name: &str, rule: &Value) -> Outcome<()> {
    if DEFAULT_RULES.iter().any(|(default, ..)| default.eq_ignore_ascii_case(name)) {
        return Err(Refusal::new(
            400,
            "SecurityRuleConflict",
            format!("Security rule {name} conflicts with rule {name}. The name is that of a default rule."),
        )
        .into());
    }
    if body::text(rule, "properties.description").is_some_and(|t| t.chars().count() > LONGEST_DESCRIPTION) {
        return Err(Refusal::new(
            400,
            "SecurityRuleInvalidParameter",
            format!("Security rule {name} has a description of more than {LONGEST_DESCRIPTION} characters."),
        )
        .into());
    }
    let properties = &rule["properties"];
    for (single, plural) in [
        ("sourcePortRange", "sourcePortRanges"),
        ("destinationPortRange", "destinationPortRanges"),
        ("sourceAddressPrefix", "sourceAddressPrefixes"),
        ("destinationAddressPrefix", "destinationAddressPrefixes"),
    ] {
        let one = properties[single].as_str().is_some_and(|text| !text.is_empty());
        let many = properties[plural].as_array().is_some_and(|list| !list.is_empty());
        let group = single.ends_with("AddressPrefix")
            && properties[single.replace("AddressPrefix", "ApplicationSecurityGroups")]
                .as_array()
                .is_some_and(|list| !list.is_empty());
        if [one, many, group].into_iter().filter(|given| *given).count() > 1 {
            return Err(Refusal::new(
                400,
                "SecurityRuleParameterContainsUnsupportedValue",
                format!(
                    "Security rule {name} specifies more than one of {single}, {plural} and application security \
                     groups. Only one of them can be specified."
                ),
            )
            .into());
        }
        if !one && !many && !group {
            return Err(Refusal::new(
                400,
                "SecurityRuleInvalidParameter",
                format!("Security rule {name} must specify {single} or {plural}."),
            )
            .into());
        }
        let ports = single.ends_with("PortRange");
        let texts = properties[single].as_str().filter(|text| !text.is_empty()).into_iter();
        let more = body::values(properties, &format!("{plural}[]")).into_iter().filter_map(Value::as_str);
        for text in texts.chain(more) {
            let code = match ports {
                true if !is_port_range(text) => "SecurityRuleInvalidPortRange",
                false if !is_address_prefix(text) => "SecurityRuleInvalidAddressPrefix",
                _ => continue,
            };
            return Err(Refusal::new(
                400,
                code,
                format!("Security rule {name} has an invalid value in {single}. Value provided: {text}."),
            )
            .into());
        }
    }
    Ok(())
}

/// `*`, a port, or two with a hyphen between.
fn is_port_range(text: &str) -> bool {
    match text.split_once('-') {
        _ if text == "*" => true,
        None => text.parse::<u16>().is_ok(),
        Some((from, to)) => match (from.trim().parse::<u16>(), to.trim().parse::<u16>()) {
            (Ok(from), Ok(to)) => from <= to,
            _ => false,
        },
    }
}

/// `*`, a range, an address or a service tag.
pub(super) fn is_address_prefix(text: &str) -> bool {
    let tag = text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '.');
    text == "*" || tag || text.parse::<ipnet::IpNet>().is_ok() || text.parse::<std::net::IpAddr>().is_ok()
}
