//! Cores: what sizes there are, how many of a family may be used in a region
//! and how many are.
//!
//! Nodes count while a cluster keeps them, an instance counts whether it runs
//! or not. A size that is not listed counts nothing.

use serde_json::{Value, json};

use super::compute;
use crate::kinds::{COMPUTE, ResourceId};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::quirks::compute::is_unavailable;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, SUBSCRIPTION, body};

const NAMESPACE: &str = "Microsoft.MachineLearningServices";

/// Cores of one family that a subscription may use in a region (manage quotas
/// of the documentation: 24 to 300 by offer).
const FAMILY_CORES: u64 = 100;

/// Dedicated cores of all families together, and low-priority ones.
const DEDICATED_CORES: u64 = 300;
const LOW_PRIORITY_CORES: u64 = 100;

/// A size of virtual machines.
struct Size {
    name: &'static str,
    family: &'static str,
    cores: u64,
    gpus: u64,
    memory: f64,
}

const fn size(name: &'static str, family: &'static str, cores: u64, gpus: u64, memory: f64) -> Size {
    Size { name, family, cores, gpus, memory }
}

/// Sizes that clusters and instances may have (sizes of the virtual machines documentation).
const SIZES: &[Size] = &[
    size("Standard_DS1_v2", "standardDSv2Family", 1, 0, 3.5),
    size("Standard_DS2_v2", "standardDSv2Family", 2, 0, 7.0),
    size("Standard_DS3_v2", "standardDSv2Family", 4, 0, 14.0),
    size("Standard_DS4_v2", "standardDSv2Family", 8, 0, 28.0),
    size("Standard_DS5_v2", "standardDSv2Family", 16, 0, 56.0),
    size("Standard_DS11_v2", "standardDSv2Family", 2, 0, 14.0),
    size("Standard_DS12_v2", "standardDSv2Family", 4, 0, 28.0),
    size("Standard_D2_v3", "standardDv3Family", 2, 0, 8.0),
    size("Standard_D4_v3", "standardDv3Family", 4, 0, 16.0),
    size("Standard_D2s_v3", "standardDSv3Family", 2, 0, 8.0),
    size("Standard_D4s_v3", "standardDSv3Family", 4, 0, 16.0),
    size("Standard_D8s_v3", "standardDSv3Family", 8, 0, 32.0),
    size("Standard_D16s_v3", "standardDSv3Family", 16, 0, 64.0),
    size("Standard_E4s_v3", "standardESv3Family", 4, 0, 32.0),
    size("Standard_E8s_v3", "standardESv3Family", 8, 0, 64.0),
    size("Standard_F4s_v2", "standardFSv2Family", 4, 0, 8.0),
    size("Standard_F8s_v2", "standardFSv2Family", 8, 0, 16.0),
    size("Standard_NC6s_v3", "standardNCSv3Family", 6, 1, 112.0),
    size("Standard_NC12s_v3", "standardNCSv3Family", 12, 2, 224.0),
    size("Standard_NC24s_v3", "standardNCSv3Family", 24, 4, 448.0),
    size("Standard_NC4as_T4_v3", "standardNCASv3T4Family", 4, 1, 28.0),
    size("Standard_NC24ads_A100_v4", "standardNCADSA100v4Family", 24, 1, 220.0),
];

fn size_of(written: &Value) -> Option<&'static Size> {
    let name = body::text(written, "properties.properties.vmSize")?;
    SIZES.iter().find(|size| size.name.eq_ignore_ascii_case(name))
}

fn families() -> Vec<&'static str> {
    let mut families: Vec<&str> = SIZES.iter().map(|size| size.family).collect();
    families.dedup();
    families
}

fn is_low_priority(written: &Value) -> bool {
    body::text(written, "properties.properties.vmPriority") == Some("LowPriority")
}

/// The cores in use in a region: of one family, or all dedicated ones (`None`);
/// of one workspace or of all.
fn used(cx: &Cx<'_>, region: &str, family: Option<&str>, workspace: Option<&ResourceId>) -> Outcome<u64> {
    Ok(sum(cx, region, workspace, |row, size| {
        !is_low_priority(&row.written) && family.is_none_or(|family| family == size.family)
    })?)
}

fn sum(
    cx: &Cx<'_>,
    region: &str,
    workspace: Option<&ResourceId>,
    counts: impl Fn(&Resource, &Size) -> bool,
) -> rusqlite::Result<u64> {
    let scope = workspace.map_or_else(|| format!("/subscriptions/{SUBSCRIPTION}"), ResourceId::canonical);
    let rows = cx.store.page(&scope, Some(COMPUTE.resource_type), 0, usize::MAX)?;
    Ok(rows
        .iter()
        .filter(|row| body::text(&row.written, "properties.computeLocation") == Some(region))
        .filter_map(|row| {
            let size = size_of(&row.written)?;
            counts(row, size).then(|| compute::nodes(&row.written) as u64 * size.cores)
        })
        .sum())
}

/// Refuses a cluster or an instance that needs more cores than are left.
pub(super) fn check(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    if let (Some(name), Some(region)) =
        (draft.text("properties.properties.vmSize"), draft.text("properties.computeLocation"))
        && draft.is_new()
        && is_unavailable(cx, name, region)
    {
        // Which code the service has for it is not documented.
        let why = format!("The VM size {name} is not available in the region {region}.");
        return Err(Refusal::new(400, "InvalidVmSize", why).into());
    }
    let (Some(size), Some(region)) = (size_of(&draft.written), draft.text("properties.computeLocation"))
    else {
        return Ok(());
    };
    // At least one node must be possible, also where none is kept.
    let nodes = (compute::nodes(&draft.written) as u64).max(1);
    let own = draft.old.as_ref().map_or(0, |old| compute::nodes(&old.written) as u64 * size.cores);
    let needed = nodes * size.cores;
    let low = is_low_priority(&draft.written);
    let workspace = draft.id.parent();
    let bounds = if low {
        vec![(
            "low-priority".to_owned(),
            LOW_PRIORITY_CORES,
            sum(cx, region, None, |row, _| is_low_priority(&row.written))?,
        )]
    } else {
        let mut bounds = vec![
            (size.family.to_owned(), FAMILY_CORES, used(cx, region, Some(size.family), None)?),
            ("total".to_owned(), DEDICATED_CORES, used(cx, region, None, None)?),
        ];
        if let Some(workspace) = &workspace
            && let Some(limit) = given(cx, region, workspace, size.family)?
        {
            let used = used(cx, region, Some(size.family), Some(workspace))?;
            bounds.push((size.family.to_owned(), limit, used));
        }
        bounds
    };
    for (what, limit, used) in bounds {
        if used.saturating_sub(own) + needed > limit {
            return Err(Refusal::new(
                400,
                "ClusterMinNodesExceedCoreQuota",
                format!(
                    "The specified subscription has a {what} vCPU quota of {limit} and cannot accomodate for at least \
                     {nodes} requested managed compute node(s) which maps to {needed} vCPUs."
                ),
            )
            .into());
        }
    }
    Ok(())
}

fn note(region: &str, workspace: &ResourceId, family: &str) -> String {
    format!("quota/{region}/{}/{}", workspace.canonical(), family.to_ascii_lowercase())
}

/// The limit that a workspace was given for a family.
fn given(cx: &Cx<'_>, region: &str, workspace: &ResourceId, family: &str) -> Outcome<Option<u64>> {
    Ok(cx.store.noted(&note(region, workspace, family))?.and_then(|text| text.parse().ok()))
}

fn item(id: &str, kind: &str, name: &str, value: &str, limit: u64, used: Option<u64>) -> Value {
    let mut item = json!({
        "id": format!("{id}/{name}"), "type": format!("{NAMESPACE}/{kind}"), "unit": "Count", "limit": limit,
        "name": { "value": name, "localizedValue": value },
    });
    if let Some(used) = used {
        item["currentValue"] = json!(used);
    }
    item
}

fn at(region: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/providers/{NAMESPACE}/locations/{region}")
}

/// `locations/{region}/usages`.
pub(super) fn usages(cx: &Cx<'_>, region: &str) -> Outcome<Answer> {
    let id = format!("{}/usages", at(region));
    let low = sum(cx, region, None, |row, _| is_low_priority(&row.written))?;
    let mut items = vec![
        item(
            &id,
            "dedicatedCores/usages",
            "TotalDedicatedCores",
            "Total Cluster Dedicated Regional vCPUs",
            DEDICATED_CORES,
            Some(used(cx, region, None, None)?),
        ),
        item(
            &id,
            "lowPriorityCores/usages",
            "TotalLowPriorityCores",
            "Total Cluster LowPriority Regional vCPUs",
            LOW_PRIORITY_CORES,
            Some(low),
        ),
    ];
    for family in families() {
        let used = used(cx, region, Some(family), None)?;
        let words = format!("{family} Cluster Dedicated vCPUs");
        items.push(item(&id, "vmFamily/dedicatedCores/usages", family, &words, FAMILY_CORES, Some(used)));
    }
    Ok(Answer::json(200, json!({ "value": items })))
}

/// `{workspace}/usages`.
pub(super) fn of_workspace(cx: &Cx<'_>, workspace: &Resource) -> Outcome<Value> {
    let region = body::text(&workspace.written, "location").unwrap_or_default();
    let id = format!("{}/usages", workspace.id);
    let mut items = Vec::new();
    for family in families() {
        let limit = given(cx, region, &workspace.id, family)?.unwrap_or(FAMILY_CORES);
        let used = used(cx, region, Some(family), Some(&workspace.id))?;
        let words = format!("{family} Cluster Dedicated vCPUs");
        items.push(item(&id, "workspaces/dedicatedCores/usages", family, &words, limit, Some(used)));
    }
    Ok(json!(items))
}

/// `locations/{region}/quotas`: what workspaces were given.
pub(super) fn quotas(cx: &Cx<'_>, region: &str) -> Outcome<Answer> {
    let scope = format!("/subscriptions/{SUBSCRIPTION}");
    let mut items = Vec::new();
    for family in families() {
        let id = format!("{}/quotas", at(region));
        let words = format!("{family} Cluster Dedicated vCPUs");
        items.push(item(&id, "dedicatedCores/quotas", family, &words, FAMILY_CORES, None));
    }
    for workspace in cx.store.page(&scope, Some(crate::kinds::WORKSPACE.resource_type), 0, usize::MAX)? {
        for family in families() {
            if let Some(limit) = given(cx, region, &workspace.id, family)? {
                let id = format!("{}/quotas", workspace.id);
                let words = format!("{family} Cluster Dedicated vCPUs");
                items.push(item(&id, "workspaces/dedicatedCores/quotas", family, &words, limit, None));
            }
        }
    }
    Ok(Answer::json(200, json!({ "value": items })))
}

/// `locations/{region}/updateQuotas`: gives workspaces cores of a family, each
/// item with a word on how it went.
pub(super) fn update(cx: &Cx<'_>, region: &str, sent: &Value) -> Outcome<Answer> {
    let mut items = Vec::new();
    for wanted in body::values(sent, "value[]") {
        let id = wanted["id"].as_str().unwrap_or_default();
        let limit = wanted["limit"].as_i64().and_then(|limit| u64::try_from(limit).ok());
        let status = give(cx, region, id, limit)?;
        items.push(json!({
            "id": id, "type": wanted["type"], "limit": wanted["limit"], "unit": "Count", "status": status,
        }));
    }
    Ok(Answer::json(200, json!({ "value": items })))
}

fn give(cx: &Cx<'_>, region: &str, id: &str, limit: Option<u64>) -> Outcome<&'static str> {
    let Some((workspace, family)) = id.rsplit_once("/quotas/") else { return Ok("Failure") };
    let Ok(workspace) = ResourceId::parse(workspace) else { return Ok("Failure") };
    let Some(family) = families().into_iter().find(|known| known.eq_ignore_ascii_case(family)) else {
        return Ok("InvalidVMFamilyName");
    };
    let (Some(limit), true) = (limit, cx.store.exists(&workspace.canonical())?) else { return Ok("Failure") };
    if limit > FAMILY_CORES {
        return Ok("InvalidQuotaExceedsSubscriptionLimit");
    }
    if limit < used(cx, region, Some(family), Some(&workspace))? {
        return Ok("InvalidQuotaBelowClusterMinimum");
    }
    cx.store.note(&note(region, &workspace, family), &limit.to_string())?;
    Ok("Success")
}

/// `locations/{region}/vmSizes`.
pub(super) fn sizes() -> Answer {
    let items: Vec<Value> = SIZES
        .iter()
        .map(|size| {
            json!({
                "name": size.name, "family": size.family, "vCPUs": size.cores, "gpus": size.gpus,
                "memoryGB": size.memory, "lowPriorityCapable": true, "premiumIO": true,
                "supportedComputeTypes": ["AmlCompute", "ComputeInstance"],
            })
        })
        .collect();
    Answer::json(200, json!({ "value": items }))
}
