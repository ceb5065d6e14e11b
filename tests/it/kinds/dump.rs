//! The tables as JSON, for `.ci/kinds_against_types.py`, which compares them
//! with Microsoft's type definitions where those are at hand.

use amlsecure::kinds::{ALL, Access, Shape, previews};
use serde_json::{Value as Json, json};

/// Writes the tables to the file that `AMLSECURE_KINDS_JSON` names. Without the
/// variable it only proves that they can be written.
#[test]
fn the_tables_can_be_written_down() {
    let kinds: Vec<Json> = ALL
        .iter()
        .chain(previews())
        .map(|kind| {
            let rows: Vec<Json> = kind
                .tree()
                .nodes()
                .filter_map(|node| node.property().map(|property| (node, property)))
                .filter(|(_, property)| !property.preview || kind.is_preview(kind.api_version))
                .map(|(node, property)| {
                    json!({
                        "path": node.path(),
                        "required": property.required,
                        "readOnly": property.access == Access::ReadOnly,
                        "writeOnly": property.access == Access::WriteOnly,
                        "shape": name(property.shape),
                        "values": if let Shape::OneOf(values) = property.shape { json!(values) } else { Json::Null },
                    })
                })
                .collect();
            json!({ "type": kind.resource_type, "apiVersion": kind.api_version, "rows": rows })
        })
        .collect();
    assert_eq!(kinds.len(), ALL.len() + previews().len());
    let text = serde_json::to_string_pretty(&kinds).unwrap();
    #[allow(clippy::disallowed_methods, reason = "a test's process starts here")]
    if let Ok(file) = std::env::var("AMLSECURE_KINDS_JSON") {
        std::fs::write(file, text).unwrap();
    }
}

fn name(shape: Shape) -> String {
    let text = format!("{shape:?}");
    text.split('(').next().unwrap_or_default().to_owned()
}
