//! What a body must not say although the composite does not speak of it: the
//! additions that let somebody in.

use std::collections::BTreeMap;

use super::resolve::Want;
use crate::kinds::{Access, Node};

/// `want`, and with it what the kind's table calls closed, wherever `have`
/// opens something of which `want` does not speak.
pub(crate) fn closed(at: &Node, have: &Want, want: &Want) -> Want {
    let (Want::Object(held), Want::Object(wanted)) = (have, want) else { return want.clone() };
    let mut whole = wanted.clone();
    for (name, field) in at.fields() {
        let Some(held) = held.get(name) else { continue };
        let value = match wanted.get(name) {
            Some(want) => Some(closed(field, held, want)),
            None => unspoken(field, held),
        };
        if let Some(value) = value {
            whole.insert(name.to_owned(), value);
        }
    }
    Want::Object(whole)
}

/// What is wanted where nobody says so; `None` where it may be as it is.
fn unspoken(at: &Node, held: &Want) -> Option<Want> {
    if at.access() != Access::ReadWrite {
        return None;
    }
    if let Some(closed) = at.closed() {
        let closed = Want::from(closed);
        return (!held.is_empty() && *held != closed).then_some(closed);
    }
    match held {
        Want::Array(items) => items.iter().any(|item| lets_in(at, item)).then(|| Want::Array(Vec::new())),
        Want::Object(_) => {
            let inner = closed(at, held, &Want::Object(BTreeMap::new()));
            (!inner.is_empty()).then_some(inner)
        }
        _ => None,
    }
}

/// Whether an element of the shared array at `at` lets somebody in.
pub(crate) fn lets_in(at: &Node, element: &Want) -> bool {
    let Some(opening) = at.opening() else { return false };
    let name = element.texts("name").concat().to_ascii_lowercase();
    let azures = opening.azures.iter().any(|prefix| name.starts_with(&prefix.to_ascii_lowercase()));
    let opens = |text: &&str| opening.values.iter().any(|value| value.eq_ignore_ascii_case(text));
    !azures && element.texts(opening.field).iter().any(opens)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::kinds::{CONTAINER_REGISTRY, Kind, NETWORK_SECURITY_GROUP, STORAGE_ACCOUNT};

    fn close(kind: &'static Kind, have: &Json, want: &Json) -> Json {
        closed(kind.tree().root(), &Want::from(have), &Want::from(want)).expose()
    }

    #[test]
    fn an_exception_of_which_nobody_speaks_is_not_wanted() {
        let rule = json!({"tenantId": "t", "resourceId": "/x"});
        let have =
            json!({"properties": {"networkAcls": {"defaultAction": "Deny", "resourceAccessRules": [rule]}}});
        let want = json!({"properties": {"networkAcls": {"defaultAction": "Deny"}}});
        assert_eq!(
            close(&STORAGE_ACCOUNT, &have, &want),
            json!({"properties": {"networkAcls": {"defaultAction": "Deny", "resourceAccessRules": []}}})
        );
        let rules = json!({"properties": {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]}}});
        assert_eq!(
            close(&CONTAINER_REGISTRY, &rules, &json!({"properties": {}})),
            json!({"properties": {"networkRuleSet": {"ipRules": []}}})
        );
    }

    #[test]
    fn what_stands_closed_adds_nothing_to_what_is_wanted() {
        let have = json!({"properties": {
            "isSftpEnabled": false, "networkAcls": {"ipRules": [], "resourceAccessRules": null},
        }});
        assert_eq!(close(&STORAGE_ACCOUNT, &have, &json!({"properties": {}})), json!({"properties": {}}));
    }

    #[test]
    fn what_is_spoken_of_is_as_it_is_spoken_of() {
        let have = json!({"properties": {"networkAcls": {"ipRules": [{"value": "1.2.3.4"}]}}});
        assert_eq!(close(&STORAGE_ACCOUNT, &have, &have), have);
    }

    #[test]
    fn only_a_rule_that_allows_and_is_not_azures_own_lets_in() {
        let at = NETWORK_SECURITY_GROUP.tree().at(&["properties", "securityRules"]).unwrap();
        let rule = |name: &str, access: &str| {
            lets_in(at, &Want::from(&json!({"name": name, "properties": {"access": access}})))
        };
        assert!(rule("ssh", "Allow") && rule("ssh", "allow"));
        assert!(!rule("ssh", "Deny"));
        assert!(!rule("Microsoft.Databricks-workspaces_UseOnly_databricks-worker-to-sql", "Allow"));
    }
}
