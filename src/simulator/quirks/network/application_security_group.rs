//! Application security groups: who bears them.

use crate::simulator::Cx;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;

/// What can name a group, and what messages call it.
const USERS: [(&str, &str); 3] = [
    ("Microsoft.Network/networkInterfaces", "IpConfiguration(s)"),
    ("Microsoft.Network/privateEndpoints", "PrivateEndpoint(s)"),
    ("Microsoft.Network/networkSecurityGroups/securityRules", "SecurityRule(s)"),
];

pub(super) struct ApplicationSecurityGroup;

impl Quirk for ApplicationSecurityGroup {
    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        for (kind, called) in USERS {
            let users = cx.store.referrers(&resource.key(), kind)?;
            if users.is_empty() {
                continue;
            }
            let list: Vec<&str> = users.iter().map(|row| row.id.as_str()).collect();
            // The sentence is on record, its code is not.
            return Err(Refusal::new(
                400,
                "InUseApplicationSecurityGroupCannotBeDeleted",
                format!(
                    "Application Security Group {} cannot be deleted because it is referenced by {called} {}.",
                    resource.id.name(),
                    list.join(", ")
                ),
            )
            .into());
        }
        Ok(())
    }
}
