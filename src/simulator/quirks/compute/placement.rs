//! Where something stands in a network: who may be in a subnet, and the
//! addresses there.

use crate::kinds::ResourceId;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::network::subnet;
use crate::simulator::store::Resource;
use crate::simulator::{Cx, body, references};

/// What takes addresses in one subnet: the name of each configuration and how
/// many addresses it holds.
pub(super) struct Wanted {
    pub(super) subnet: Resource,
    pub(super) configurations: Vec<(String, usize)>,
}

/// The subnet of an id; `None` where there is none, which is refused with the
/// other references.
pub(super) fn find(cx: &Cx<'_>, id: &ResourceId) -> Outcome<Option<Resource>> {
    Ok(cx.store.resource(&id.canonical())?)
}

/// Refuses a subnet in another region.
pub(super) fn in_region(
    cx: &Cx<'_>,
    source: &ResourceId,
    path: &str,
    subnet: &Resource,
    location: Option<&str>,
) -> Outcome<()> {
    let network = match subnet.id.parent() {
        Some(network) => cx.store.resource(&network.canonical())?,
        None => None,
    };
    let region = network.as_ref().and_then(|network| body::text(&network.written, "location"));
    if region == location { Ok(()) } else { Err(references::dangling(source, path, &subnet.id).into()) }
}

/// The services that a subnet is delegated to.
pub(super) fn delegations(subnet: &Resource) -> Vec<&str> {
    body::values(&subnet.written, "properties.delegations[].properties.serviceName")
        .into_iter()
        .filter_map(|value| value.as_str())
        .collect()
}

/// Refuses a subnet that belongs to a service.
pub(super) fn not_delegated(source: &ResourceId, subnet: &Resource) -> Outcome<()> {
    let Some(service) = delegations(subnet).first().map(|service| (*service).to_owned()) else {
        return Ok(());
    };
    Err(Refusal::new(
        400,
        "ResourceNotPermittedOnDelegatedSubnet",
        format!(
            "Resource {source} is not permitted on subnet {}, which is delegated to {service}.",
            subnet.id
        ),
    )
    .into())
}

/// How many addresses of a subnet are free for `owner`: those it holds count.
pub(super) fn room(cx: &Cx<'_>, owner: &str, row: &Resource, most: usize) -> Outcome<usize> {
    let held = cx.store.addresses_of(owner)?.iter().filter(|(at, _, _)| *at == row.key()).count();
    Ok(subnet::free(cx, row, most)?.len() + held)
}

/// Gives `owner` the addresses it wants and no others.
pub(super) fn settle(cx: &Cx<'_>, owner: &str, wanted: &[Wanted]) -> Outcome<()> {
    cx.store.release(owner)?;
    for Wanted { subnet: row, configurations } in wanted {
        let count = configurations.iter().map(|(_, count)| count).sum();
        let free = subnet::free(cx, row, count)?;
        if free.len() < count {
            return Err(subnet::full(row).into());
        }
        let names = configurations.iter().flat_map(|(name, count)| std::iter::repeat_n(name, *count));
        for (address, name) in free.into_iter().zip(names) {
            cx.store.take_address(&row.key(), address, owner, name)?;
        }
    }
    Ok(())
}
