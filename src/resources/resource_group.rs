//! `amlsecure_resource_group`: the group that a stack lives in.
//!
//! ```text
//! resource_group
//! ```

use super::recall::text;
use super::{Outputs, Recalled, Resource, Seen, Stack, checks};
use crate::kinds::{Kind, RESOURCE_GROUP, ResourceId};
use crate::schema::Diagnostics;
use crate::schema::config::{Computed, Field};
use crate::{block, body};

block! {
    /// A resource group: the container that a closed stack lives in.
    pub struct ResourceGroup {
        /// The name of the resource group.
        pub name: Field<String> = required().replaces().check(|v, p, d| checks::name(&RESOURCE_GROUP, v, p, d)),
        /// The Azure region of the resource group, such as `eastasia`.
        pub location: Field<String> = required().replaces().check(checks::location),
        /// The id of the resource group.
        pub id: Computed<String> = computed(),
    }
}

impl Resource for ResourceGroup {
    const TYPE: &'static str = "amlsecure_resource_group";
    const MOVED_FROM: super::MovedFrom = &[("azurerm_resource_group", &RESOURCE_GROUP)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&RESOURCE_GROUP];
    const IMPORT: &'static str = "One that others have made becomes this block's own: the next apply writes the provider's marks into its \
         tags.";

    fn check(&self, _: &mut Diagnostics) {}

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let subscription = stack.azure.subscription.clone();
        let name = self.name.text().map(str::to_owned);
        let group = stack.add(
            "resource_group",
            &RESOURCE_GROUP,
            Some(&subscription),
            name,
            body!({ "location": (&self.location) }),
            &self.name.path,
        );
        stack.graph.set_primary(&group);
        [("id", group.id())].into()
    }

    fn recall(id: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        let group = seen.primary(id)?;
        Ok(Recalled {
            arguments: vec![("name", group.id.name().into()), ("location", text(&group.body, "/location"))],
            parts: [("resource_group".to_owned(), group.id.clone())].into(),
            ..Recalled::default()
        })
    }
}
