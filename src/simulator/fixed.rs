//! What of a resource can never be another: the fixed rows of its kind.

use serde_json::Value;

use super::answer::{Outcome, Refusal};
use super::body;
use super::store::Resource;
use super::write::Draft;
use crate::kinds::{Change, equal};

/// Refuses another value of a fixed property; one that is left out stays.
pub(super) fn keep(draft: &mut Draft) -> Outcome<()> {
    let Some(old) = &draft.old else { return Ok(()) };
    for row in draft.kind.properties.iter().filter(|row| row.change == Change::Never) {
        let plain = !row.path.contains(['[', '{']);
        let before = body::values(&old.written, row.path);
        let after = body::values(&draft.written, row.path);
        if plain && after.is_empty() {
            if let Some(value) = before.first() {
                let value = (*value).clone();
                body::set(&mut draft.written, row.path, value);
            }
            continue;
        }
        let node = draft.kind.tree().at(&segments(row.path));
        let is_same = before.len() == after.len()
            && before.iter().zip(&after).all(|(a, b)| match node {
                Some(node) => node.equal(a, b),
                None => equal(row.shape, a, b),
            });
        // What had no value had the default.
        let was_default = before.is_empty()
            && row.default.and_then(|d| serde_json::from_str::<Value>(d).ok()).is_some_and(|d| after == [&d]);
        // Nothing stood there in an element that may be new itself.
        let is_first = before.is_empty() && !plain;
        if !(is_same || was_default || is_first) {
            return Err(refusal(draft, old, row.path).into());
        }
    }
    Ok(())
}

fn segments(path: &str) -> Vec<&str> {
    body::steps(path)
        .map(|step| match step {
            body::Step::Field(name) => name,
            body::Step::Items => "[]",
            body::Step::Values => "{}",
        })
        .collect()
}

fn refusal(draft: &Draft, old: &Resource, path: &str) -> Refusal {
    if path == "location" {
        let (before, after) =
            (body::text(&old.written, path).unwrap_or_default(), draft.text(path).unwrap_or_default());
        return match draft.id.resource_group_name() {
            Some(_) if draft.id.resource_type() == "Microsoft.Resources/resourceGroups" => Refusal::new(
                409,
                "InvalidResourceGroupLocation",
                format!(
                    "Invalid resource group location '{after}'. The Resource group already exists in location \
                     '{before}'."
                ),
            ),
            group => Refusal::new(
                409,
                "InvalidResourceLocation",
                format!(
                    "The resource '{}' already exists in location '{before}' in resource group '{}'. A resource with \
                     the same name cannot be created in location '{after}'. Please select a new resource name.",
                    draft.id.name(),
                    group.unwrap_or_default()
                ),
            ),
        };
    }
    if path == "properties.softDeleteRetentionInDays" {
        return Refusal::new(
            400,
            "BadRequest",
            "The property \"softDeleteRetentionInDays\" has been set already and it can't be modified.",
        );
    }
    if draft.kind.resource_type == "Microsoft.Authorization/roleAssignments" {
        return Refusal::new(
            400,
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        );
    }
    Refusal::new(409, "PropertyChangeNotAllowed", format!("Changing property '{path}' is not allowed."))
        .target(path)
}
