//! Comparing bodies by their kind's shapes, over bodies that nobody thought of.

use amlsecure::kinds::{ALL, Node, Shape, equal};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

/// Any JSON that is not too deep.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        "[A-Za-z ,/0-9PTMS]{0,8}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec(("[a-cA-C]{1,2}", inner), 0..4)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_shape() -> impl Strategy<Value = Shape> {
    prop::sample::select(vec![
        Shape::Bool,
        Shape::Int(-5, 5),
        Shape::Text,
        Shape::Word,
        Shape::OneOf(&["Allow", "Deny"]),
        Shape::Id,
        Shape::Location,
        Shape::Duration,
        Shape::Words,
        Shape::Secret,
        Shape::Any,
        Shape::Set,
        Shape::Keyed("a"),
        Shape::Shared("a"),
        Shape::List,
        Shape::Map,
        Shape::IdMap,
    ])
}

/// A value at `node` as ARM would answer it, spelt in one way or in the other.
fn spelt(node: &Node, other: bool) -> Json {
    let text = |one: &str, two: &str| json!(if other { two } else { one });
    if node.fields().next().is_some() {
        return Json::Object(fields(node, other));
    }
    match node.shape() {
        Some(Shape::Bool) => json!(true),
        Some(Shape::Int(least, _)) => json!(least.max(0)),
        Some(Shape::Word) => text("word", "Word"),
        Some(Shape::OneOf(words)) => text(words[0], &words[0].to_uppercase()),
        Some(Shape::Id) => text("/subscriptions/s/x/y", "/Subscriptions/S/X/y"),
        Some(Shape::Location) => text("eastus", "East US"),
        Some(Shape::Duration) => text("PT2M", "PT120S"),
        Some(Shape::Words) => text("A,b", "b, a"),
        Some(Shape::Secret) => text("one", "two"),
        Some(Shape::Text) => json!("text"),
        Some(Shape::Any) => json!({"x": [1]}),
        Some(Shape::Map) => json!({ if other { "Env" } else { "env" }: "x" }),
        Some(Shape::IdMap) => json!({ if other { "/A" } else { "/a" }: {} }),
        Some(Shape::Set | Shape::Keyed(_) | Shape::Shared(_) | Shape::List) => {
            json!([node.items().map_or(Json::Null, |items| spelt(items, other))])
        }
        None => json!({}),
    }
}

fn fields(node: &Node, other: bool) -> Map<String, Json> {
    node.fields().map(|(name, field)| (name.to_owned(), spelt(field, other))).collect()
}

#[test]
fn two_spellings_of_a_whole_body_are_one_for_every_kind() {
    for kind in ALL.iter() {
        let root = kind.tree().root();
        let (one, two) = (spelt(root, false), spelt(root, true));
        assert!(root.equal(&one, &two) && root.equal(&two, &one), "{}", kind.noun);
    }
}

#[test]
fn a_change_in_any_property_that_can_be_read_and_written_is_seen() {
    for kind in ALL.iter() {
        let root = kind.tree().root();
        for row in kind.properties {
            let readable = row.access == amlsecure::kinds::Access::ReadWrite;
            if !readable || row.shape == Shape::Bool || row.path.contains(['[', '{']) {
                continue;
            }
            let mut body = spelt(root, false);
            let pointer = format!("/{}", row.path.replace('.', "/"));
            *body.pointer_mut(&pointer).unwrap() = json!("quite another");
            assert!(!root.equal(&spelt(root, false), &body), "{}: {}", kind.noun, row.path);
        }
    }
}

proptest! {
    #[test]
    fn a_value_equals_itself(shape in any_shape(), value in any_json()) {
        prop_assert!(equal(shape, &value, &value));
    }

    #[test]
    fn equality_has_no_direction(shape in any_shape(), a in any_json(), b in any_json()) {
        prop_assert_eq!(equal(shape, &a, &b), equal(shape, &b, &a));
    }

    #[test]
    fn a_body_of_anything_is_compared_without_a_panic(a in any_json(), b in any_json()) {
        for kind in ALL.iter() {
            let root = kind.tree().root();
            prop_assert!(root.equal(&a, &a));
            prop_assert_eq!(root.equal(&a, &b), root.equal(&b, &a));
        }
    }

    #[test]
    fn names_of_anything_are_judged_without_a_panic(name in ".{0,300}") {
        for kind in ALL.iter() {
            let allowed = kind.name.admits(&name);
            prop_assert!(!allowed || name.chars().count() <= kind.name.length.1);
        }
    }
}
