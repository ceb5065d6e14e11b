//! What Microsoft.Compute serves beside resources: sizes, quotas, and views of machines.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

use super::sizes::{self, SIZES};
use super::{scale_set, virtual_machine};
use crate::kinds::{ResourceId, VIRTUAL_MACHINE};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::route::Request;
use crate::simulator::store::Resource;
use crate::simulator::{Cx, SUBSCRIPTION, body, read};

const NAMESPACE: &str = "microsoft.compute";

/// Cores that a family of sizes may have in a region, until more are asked for.
const QUOTA: u64 = 100;

/// Answers what lies beside the resources of Microsoft.Compute.
pub(in crate::simulator::quirks) fn beside(
    cx: &Cx<'_>,
    request: &Request<'_>,
    lower: &[&str],
) -> Outcome<Option<Answer>> {
    if *request.method != Method::GET {
        return Ok(None);
    }
    let list = |items: Vec<Value>| Ok(Some(Answer::json(200, json!({ "value": items }))));
    match lower {
        ["subscriptions", _, "providers", NAMESPACE, "skus"] => {
            list(skus(cx, request.query("$filter").unwrap_or_default())?)
        }
        ["subscriptions", _, "providers", NAMESPACE, "locations", _, "vmsizes"] => {
            list(SIZES.iter().map(sizes::item).collect())
        }
        ["subscriptions", _, "providers", NAMESPACE, "locations", location, "usages"] => {
            list(usages(cx, location)?)
        }
        ["subscriptions", _, "resourcegroups", _, "providers", NAMESPACE, kind, _, rest @ ..] => {
            let Ok(id) = ResourceId::parse(&format!("/{}", request.segments[..8].join("/"))) else {
                return Ok(None);
            };
            match (*kind, rest) {
                ("virtualmachines" | "virtualmachinescalesets", []) => expanded(cx, request, &id),
                ("virtualmachines", ["instanceview"]) => {
                    let machine = read::find(cx, &id)?;
                    Ok(Some(Answer::json(200, virtual_machine::instance_view(cx, &machine)?)))
                }
                ("virtualmachines", ["vmsizes"]) => {
                    read::find(cx, &id)?;
                    list(SIZES.iter().map(sizes::item).collect())
                }
                ("virtualmachinescalesets", ["virtualmachines"]) => {
                    list(scale_set::machines(&read::find(cx, &id)?))
                }
                _ => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

/// A machine or scale set with what `$expand` asks for besides.
fn expanded(cx: &Cx<'_>, request: &Request<'_>, id: &ResourceId) -> Outcome<Option<Answer>> {
    let Some(expand) = request.query("$expand") else { return Ok(None) };
    let machine: Resource = read::find(cx, id)?;
    let mut shown = read::body(cx, &machine)?;
    let single = id.is(&VIRTUAL_MACHINE);
    let data = if single { "properties.userData" } else { "properties.virtualMachineProfile.userData" };
    for part in expand.split(',').map(str::trim) {
        if single && part.eq_ignore_ascii_case("instanceView") {
            body::set(&mut shown, "properties.instanceView", virtual_machine::instance_view(cx, &machine)?);
        } else if part.eq_ignore_ascii_case("userData") {
            if let Some(text) = body::get(&machine.written, data) {
                body::set(&mut shown, data, text.clone());
            }
        } else {
            return Err(Refusal::new(
                400,
                "InvalidParameter",
                format!("The value '{part}' of the query parameter '$expand' is not valid."),
            )
            .target("$expand")
            .into());
        }
    }
    Ok(Some(Answer::json(200, shown)))
}

/// The sizes, in the region that the filter names.
fn skus(cx: &Cx<'_>, filter: &str) -> Outcome<Vec<Value>> {
    let location = match filter.split_once(" eq ") {
        None if filter.is_empty() => "eastus".to_owned(),
        Some((field, value)) if field.trim().eq_ignore_ascii_case("location") => {
            body::location(value.trim().trim_matches('\''))
        }
        _ => {
            return Err(Refusal::new(
                400,
                "InvalidParameter",
                format!("The filter '{filter}' is not valid: only location can be filtered by."),
            )
            .target("$filter")
            .into());
        }
    };
    Ok(SIZES.iter().map(|size| sizes::sku(cx, size, &location)).collect())
}

/// What the subscription uses of its quotas in a region.
fn usages(cx: &Cx<'_>, location: &str) -> Outcome<Vec<Value>> {
    let scope = format!("/subscriptions/{SUBSCRIPTION}");
    let location = body::location(location);
    let mut families: BTreeMap<&str, u64> = SIZES.iter().map(|size| (size.family, 0)).collect();
    let (mut machines, mut cores) = (0, 0);
    let all = cx.store.page(&scope, Some(VIRTUAL_MACHINE.resource_type), 0, usize::from(u16::MAX))?;
    for machine in all.iter().filter(|row| body::text(&row.written, "location") == Some(location.as_str())) {
        machines += 1;
        let size = body::text(&machine.written, "properties.hardwareProfile.vmSize").and_then(sizes::find);
        if let Some(size) = size {
            cores += u64::from(size.cores);
            *families.entry(size.family).or_default() += u64::from(size.cores);
        }
    }
    let item = |name: &str, words: &str, used: u64, limit: u64| {
        json!({
            "unit": "Count", "currentValue": used, "limit": limit,
            "name": { "value": name, "localizedValue": words },
        })
    };
    let mut items = vec![
        item("cores", "Total Regional vCPUs", cores, QUOTA),
        item("virtualMachines", "Virtual Machines", machines, 25_000),
    ];
    items.extend(families.iter().map(|(family, used)| item(family, family, *used, QUOTA)));
    Ok(items)
}
