//! What must be true of every table, whatever Azure says.

use std::collections::BTreeSet;

use amlsecure::kinds::{self, ALL, Access, Change, Kind, Property, Shape, Style, Tags, Writer};

fn rows() -> impl Iterator<Item = (&'static Kind, &'static Property)> {
    ALL.iter().flat_map(|kind| kind.properties.iter().map(move |property| (*kind, property)))
}

/// `properties.rules[]` of `properties.rules[].name`, and so on upwards.
fn parents(path: &str) -> Vec<String> {
    let cuts = path.char_indices().filter(|(_, letter)| matches!(letter, '.' | '[' | '{')).map(|(at, _)| at);
    cuts.filter(|at| *at > 0).map(|at| path[..at].to_owned()).collect()
}

#[test]
fn a_kind_is_found_by_its_type_in_any_case() {
    for kind in ALL.iter() {
        assert!(std::ptr::eq(kinds::find(&kind.resource_type.to_uppercase()).unwrap(), *kind));
    }
    assert!(kinds::find("Microsoft.Compute/galleries").is_none());
}

#[test]
fn types_and_nouns_are_unique() {
    let types: BTreeSet<String> = ALL.iter().map(|kind| kind.resource_type.to_lowercase()).collect();
    let nouns: BTreeSet<&str> = ALL.iter().map(|kind| kind.noun).collect();
    assert_eq!((types.len(), nouns.len()), (ALL.len(), ALL.len()));
}

#[test]
fn parents_stand_before_their_children() {
    for (at, kind) in ALL.iter().enumerate() {
        let (of, _) = kind.resource_type.rsplit_once('/').unwrap();
        if of.contains('/') {
            assert!(ALL[..at].iter().any(|parent| parent.resource_type == of), "{}", kind.resource_type);
        }
    }
}

#[test]
fn every_kind_names_its_source_and_version() {
    for kind in ALL.iter() {
        assert!(
            kind.source.contains(kind.api_version),
            "{}: the source names no {}",
            kind.noun,
            kind.api_version
        );
        assert!(kind.put.seconds > 0 && kind.delete.seconds > 0, "{}", kind.noun);
    }
}

#[test]
fn every_path_is_listed_once_and_well_formed() {
    let path = regex::Regex::new(r"^[A-Za-z0-9_]+(\[\]|\{\})?(\.[A-Za-z0-9_]+(\[\]|\{\})?)*$").unwrap();
    let mut seen = BTreeSet::new();
    for (kind, property) in rows() {
        assert!(path.is_match(property.path), "{}: {}", kind.noun, property.path);
        assert!(seen.insert((kind.resource_type, property.path)), "{}: {} twice", kind.noun, property.path);
    }
}

#[test]
fn nothing_is_listed_below_what_is_described_whole() {
    for (kind, property) in rows() {
        for parent in parents(property.path) {
            let Some(above) = kind.properties.iter().find(|row| row.path == parent) else { continue };
            let holds = match above.shape {
                Shape::Set | Shape::List | Shape::Keyed(_) | Shape::Shared(_) => {
                    property.path[parent.len()..].starts_with("[]")
                }
                Shape::IdMap => property.path[parent.len()..].starts_with("{}"),
                // A row that only says that the object must be there.
                Shape::Any => above.required && property.path[parent.len()..].starts_with('.'),
                _ => false,
            };
            assert!(holds, "{}: {} lies below {parent}, a {:?}", kind.noun, property.path, above.shape);
            assert!(
                above.access != Access::ReadOnly,
                "{}: {} lies below an answer",
                kind.noun,
                property.path
            );
        }
    }
}

#[test]
fn arrays_describe_their_elements() {
    for (kind, property) in rows() {
        let node = kind.tree().at(&steps(property.path)).unwrap();
        match property.shape {
            Shape::Set | Shape::List => {
                let items =
                    node.items().unwrap_or_else(|| panic!("{}: {} has no []", kind.noun, property.path));
                assert!(items.property().is_some(), "{}: {}[] has no row", kind.noun, property.path);
            }
            Shape::Keyed(field) | Shape::Shared(field) => {
                let items =
                    node.items().unwrap_or_else(|| panic!("{}: {} has no []", kind.noun, property.path));
                let whole = items.shape() == Some(Shape::Any);
                assert!(whole || items.field(field).is_some(), "{}: {}[].{field}", kind.noun, property.path);
            }
            _ => {}
        }
    }
}

#[test]
fn the_tree_holds_every_row_at_its_path() {
    for (kind, property) in rows() {
        let node = kind.tree().at(&steps(property.path)).unwrap();
        assert_eq!(node.path(), property.path);
        assert_eq!(node.property().unwrap().path, property.path);
        assert_eq!(node.shape(), Some(property.shape));
    }
}

#[test]
fn defaults_are_json_of_their_shape() {
    for (kind, property) in rows() {
        let Some(text) = property.default else { continue };
        let value: serde_json::Value = serde_json::from_str(text)
            .unwrap_or_else(|error| panic!("{}: {}: {error}", kind.noun, property.path));
        assert!(property.shape.admits(&value), "{}: {} = {text}", kind.noun, property.path);
        assert_eq!(property.access, Access::ReadWrite, "{}: {}", kind.noun, property.path);
    }
}

#[test]
fn only_what_can_be_written_is_required_or_fixed() {
    for (kind, property) in rows() {
        let answered = property.access == Access::ReadOnly;
        assert!(
            !(answered && (property.required || property.change == Change::Never)),
            "{}: {}",
            kind.noun,
            property.path
        );
    }
}

#[test]
fn secrets_are_never_answered() {
    for (kind, property) in rows().filter(|(_, property)| property.shape == Shape::Secret) {
        assert_eq!(property.access, Access::WriteOnly, "{}: {}", kind.noun, property.path);
    }
}

#[test]
fn name_rules_are_regular_expressions_over_the_whole_name() {
    for kind in ALL.iter() {
        let pattern = regex::Regex::new(kind.name.pattern).unwrap();
        let body = kind.name.pattern.trim_start_matches("(?i)");
        assert!(body.starts_with('^') && body.ends_with('$'), "{}: {pattern}", kind.noun);
        assert!(kind.name.length.0 <= kind.name.length.1 && !kind.name.words.is_empty(), "{}", kind.noun);
    }
}

#[test]
fn writers_name_ids_of_the_body() {
    for kind in ALL.iter() {
        for writer in kind.writers {
            if let Writer::At(path) | Writer::NetworkOf(path) = writer {
                let row = kind.tree().property(path).unwrap_or_else(|| panic!("{}: {path}", kind.noun));
                assert_eq!(row.shape, Shape::Id, "{}: {path}", kind.noun);
            }
        }
    }
}

#[test]
fn an_embedded_child_has_a_shared_list_or_a_map_in_its_parent() {
    for child in ALL.iter().filter(|kind| kind.embedded.is_some()) {
        let (of, _) = child.resource_type.rsplit_once('/').unwrap();
        let parent = kinds::find(of).unwrap();
        let path = child.embedded.unwrap();
        match parent.tree().property(path) {
            Some(list) => assert_eq!(list.shape, Shape::Shared("name"), "{}", child.noun),
            None => assert!(parent.tree().property(&format!("{path}{{}}.type")).is_some(), "{}", child.noun),
        }
    }
}

#[test]
fn statuses_fit_how_the_end_is_announced() {
    for kind in ALL.iter() {
        let put = [kind.put.created, kind.put.updated];
        match kind.put.style {
            Style::AsyncOperationOnly => assert_eq!(put, [202, 202], "{}", kind.noun),
            Style::Location => assert_eq!(put[0], 202, "{}", kind.noun),
            Style::AsyncOperation | Style::Sync | Style::ProvisioningState => {
                assert!(put.iter().all(|status| [200, 201].contains(status)), "{}", kind.noun);
            }
        }
        assert_eq!(
            [200, 204].contains(&kind.delete.status),
            kind.delete.style == Style::Sync,
            "{}",
            kind.noun
        );
    }
}

#[test]
fn tag_limits_are_those_of_arm() {
    for kind in ALL.iter() {
        let dns = kind.resource_type.starts_with("Microsoft.Network/privateDnsZones");
        match kind.tags {
            Tags::None | Tags::InProperties => {}
            Tags::AtMost(most) => assert_eq!(most, if dns { 15 } else { 50 }, "{}", kind.noun),
        }
    }
}

/// A path of the tables as [`kinds::Tree::at`] takes it.
fn steps(path: &str) -> Vec<&str> {
    path.split('.')
        .flat_map(|part| match part.find(['[', '{']) {
            Some(at) => vec![&part[..at], &part[at..]],
            None => vec![part],
        })
        .collect()
}
