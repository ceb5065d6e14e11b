//! A body against the rows of its kind.

use serde_json::{Map, Value};

use super::answer::{Outcome, Refusal};
use super::body::location;
use crate::kinds::{Access, Kind, Node, ResourceId, Shape, Tags};

/// The largest body that ARM takes, in bytes (4 MB, resource provider contract).
const MAX_BODY: usize = 4 * 1024 * 1024;

/// The longest tag value (tag-resources of the documentation).
const TAG_VALUE: usize = 256;

/// The longest tag name, and that of a storage account's.
const TAG_NAME: usize = 512;
const TAG_NAME_STORAGE: usize = 128;

/// What no tag name may hold.
const TAG_FORBIDDEN: &[char] = &['<', '>', '%', '&', '\\', '?', '/'];

/// A body in two parts.
#[derive(Debug, Default)]
pub(super) struct Cleaned {
    /// What is kept and answered.
    pub(super) written: Value,
    /// What is only sent: in the same places as it was.
    pub(super) sent_only: Value,
}

/// Reads a request's body as a JSON object.
pub(super) fn object(bytes: &[u8]) -> Outcome<Value> {
    if bytes.len() > MAX_BODY {
        return Err(Refusal::new(
            413,
            "RequestEntityTooLarge",
            format!("The request content size exceeds the maximum size of '{MAX_BODY}' bytes."),
        )
        .into());
    }
    let fail = |why: String| {
        Refusal::new(
            400,
            "InvalidRequestContent",
            format!("The request content was invalid and could not be deserialized: '{why}'."),
        )
        .gateway()
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(fail("The request body is empty".to_owned()).into());
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => Err(fail("An object is expected at the root".to_owned()).into()),
        Err(error) => Err(fail(error.to_string()).into()),
    }
}

/// Refuses a name that the kind's rule excludes.
pub(super) fn name(kind: &Kind, id: &ResourceId) -> Outcome<()> {
    if kind.name.admits(id.name()) {
        return Ok(());
    }
    let (code, message) = match kind.resource_type {
        "Microsoft.Storage/storageAccounts" => (
            "AccountNameInvalid",
            format!(
                "{} is not a valid storage account name. Storage account name must be between 3 and 24 characters \
                 in length and use numbers and lower-case letters only.",
                id.name()
            ),
        ),
        "Microsoft.KeyVault/vaults" => {
            ("VaultNameNotValid", format!("The vault name '{}' is invalid: {}.", id.name(), kind.name.words))
        }
        _ => (
            "InvalidResourceName",
            format!("Resource name {} is invalid. The name must be {}.", id.name(), kind.name.words),
        ),
    };
    Err(Refusal::new(400, code, message).target(id.name()).into())
}

/// Checks a body and splits it. `strict` refuses what the kind does not know
/// and what clients cannot write; otherwise both are dropped.
pub(super) fn clean(kind: &'static Kind, id: &ResourceId, mut body: Value, strict: bool) -> Outcome<Cleaned> {
    let root = kind.tree().root();
    if let Some(map) = body.as_object_mut() {
        envelope(id, map)?;
        // Where ARM can do without, the rows below still say what is demanded.
        let properties = root.field("properties");
        if properties.is_some_and(|node| node.property().is_none_or(|row| !row.required))
            && map.get("properties").is_none_or(Value::is_null)
        {
            map.insert("properties".to_owned(), Value::Object(Map::new()));
        }
        carried_tags(kind, map, strict)?;
    }
    let tags = body.as_object_mut().and_then(|map| map.shift_remove("tags"));
    let mut walk = Walk { strict, sent_only: Value::Object(Map::new()) };
    let mut written = walk.value(root, body, "")?.unwrap_or_else(|| Value::Object(Map::new()));
    if let (Some(tags), Some(map)) = (tags.filter(|tags| !tags.is_null()), written.as_object_mut()) {
        map.insert("tags".to_owned(), tags);
    }
    Ok(Cleaned { written, sent_only: walk.sent_only })
}

/// `id`, `name` and `type` may be sent if they agree with the url.
fn envelope(id: &ResourceId, map: &mut Map<String, Value>) -> Outcome<()> {
    let mismatch = |what: &str, given: &str| {
        Refusal::new(
            400,
            "InvalidRequestContent",
            format!("The {what} '{given}' in the request body does not match the resource '{id}' of the request url."),
        )
        .target(what)
    };
    for what in ["id", "name", "type"] {
        match map.shift_remove(what) {
            None | Some(Value::Null) => {}
            Some(Value::String(given)) => {
                let agrees = match what {
                    "id" => given.eq_ignore_ascii_case(id.as_str()),
                    "name" => given.eq_ignore_ascii_case(id.name()),
                    _ => given.eq_ignore_ascii_case(&id.resource_type()),
                };
                if !agrees {
                    return Err(mismatch(what, &given).into());
                }
            }
            Some(_) => return Err(wrong_type(what, "a text")),
        }
    }
    Ok(())
}

fn carried_tags(kind: &Kind, map: &Map<String, Value>, strict: bool) -> Outcome<()> {
    let Some(sent) = map.get("tags").filter(|tags| !tags.is_null()) else { return Ok(()) };
    let Some(sent) = sent.as_object() else { return Err(wrong_type("tags", "an object")) };
    match kind.tags {
        Tags::AtMost(_) => tags(kind, sent),
        Tags::None | Tags::InProperties if strict => Err(unknown("tags", "tags")),
        Tags::None | Tags::InProperties => Ok(()),
    }
}

/// Holds tags to the limits of the kind that carries them.
pub(super) fn tags(kind: &Kind, tags: &Map<String, Value>) -> Outcome<()> {
    let Tags::AtMost(limit) = kind.tags else { return Ok(()) };
    let refused = |code: &str, text: String| Err(Refusal::new(400, code, text).target("tags").into());
    if tags.len() > limit {
        let text =
            format!("The resource has {} tags. A {} can have at most {limit} tags.", tags.len(), kind.noun);
        return refused("InvalidTagCount", text);
    }
    let longest =
        if kind.resource_type == "Microsoft.Storage/storageAccounts" { TAG_NAME_STORAGE } else { TAG_NAME };
    let dns = kind.resource_type.starts_with("Microsoft.Network/privateDnsZones");
    for (at, (name, value)) in tags.iter().enumerate() {
        if name.is_empty() || name.contains(TAG_FORBIDDEN) {
            let text =
                format!("The tag names '{name}' have reserved characters '<,>,%,&,\\,?,/' or are empty.");
            return refused("InvalidTagNameCharacters", text);
        }
        if dns && (name.contains(' ') || name.starts_with(|letter: char| letter.is_ascii_digit())) {
            let text = format!("The tag name '{name}' of a {} begins with a digit or has blanks.", kind.noun);
            return refused("InvalidTagNameCharacters", text);
        }
        if name.chars().count() > longest {
            let text = format!("Tag name too large. The tag name '{name}' exceeds {longest} characters.");
            return refused("InvalidTagNameLength", text);
        }
        if tags.keys().take(at).any(|other| other.eq_ignore_ascii_case(name)) {
            let text =
                format!("The tag name '{name}' is used more than once: names are compared without case.");
            return refused("DuplicateTagNames", text);
        }
        match value.as_str() {
            Some(value) if value.chars().count() <= TAG_VALUE => {}
            Some(_) => {
                let text = format!(
                    "Tag value too large. The value of the tag '{name}' exceeds {TAG_VALUE} characters."
                );
                return refused("InvalidTagValueLength", text);
            }
            None => return Err(wrong_type(&format!("tags.{name}"), "a text")),
        }
    }
    Ok(())
}

struct Walk {
    strict: bool,
    sent_only: Value,
}

impl Walk {
    /// The part of `value` that is kept; `None` where nothing is.
    fn value(&mut self, node: &Node, value: Value, path: &str) -> Outcome<Option<Value>> {
        if value.is_null() {
            return Ok(None);
        }
        if let Some(row) = node.property() {
            match row.access {
                Access::ReadOnly if self.strict => return Err(read_only(path)),
                Access::ReadOnly => return Ok(None),
                Access::WriteOnly => {
                    let value = fitting(row.shape, value, path)?;
                    super::body::set(&mut self.sent_only, path, value);
                    return Ok(None);
                }
                Access::ReadWrite | Access::ByAction => {}
            }
        }
        let value = match node.property() {
            Some(row) => fitting(row.shape, value, path)?,
            None => value,
        };
        if node.shape() == Some(Shape::Any) && is_leaf(node) {
            return Ok(Some(value));
        }
        match value {
            Value::Array(items) => match node.items() {
                None => Err(wrong_type(path, "an object")),
                Some(inner) => {
                    let mut kept = Vec::with_capacity(items.len());
                    for (at, item) in items.into_iter().enumerate() {
                        kept.extend(self.value(inner, item, &format!("{path}[{at}]"))?);
                    }
                    Ok(Some(Value::Array(kept)))
                }
            },
            Value::Object(map) => self.object(node, map, path).map(Some),
            // What rows below describe is an object.
            scalar if node.shape().is_some_and(|shape| shape != Shape::Any) => Ok(Some(scalar)),
            _ => Err(wrong_type(path, "an object")),
        }
    }

    fn object(&mut self, node: &Node, map: Map<String, Value>, path: &str) -> Outcome<Value> {
        if is_leaf(node) {
            return Ok(Value::Object(map));
        }
        let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        for (name, inner) in node.fields() {
            if let Some(row) = inner.property()
                && row.required
                && row.access != Access::ReadOnly
                && map.get(name).is_none_or(Value::is_null)
            {
                return Err(missing(&at(name)));
            }
        }
        let mut kept = Map::with_capacity(map.len());
        for (name, value) in map {
            let path = at(&name);
            if let Some(inner) = node.field(&name) {
                if let Some(value) = self.value(inner, value, &path)? {
                    kept.insert(name, value);
                }
            } else if let Some(inner) = node.values() {
                // The entry of a map counts even where nothing in it is kept.
                let value = self.value(inner, value, &path)?;
                kept.insert(name, value.unwrap_or_else(|| Value::Object(Map::new())));
            } else if self.strict {
                return Err(unknown(&name, &path));
            }
        }
        Ok(Value::Object(kept))
    }
}

fn is_leaf(node: &Node) -> bool {
    node.fields().next().is_none() && node.items().is_none() && node.values().is_none()
}

/// The value, normalised, where it fits the shape.
fn fitting(shape: Shape, value: Value, path: &str) -> Outcome<Value> {
    match shape {
        Shape::Any => Ok(value),
        Shape::Bool if value.is_boolean() => Ok(value),
        Shape::Bool => Err(wrong_type(path, "true or false")),
        Shape::Int(low, high) => match value.as_i64() {
            Some(number) if (low..=high).contains(&number) => Ok(value),
            Some(_) => Err(out_of_range(path, &value, &format!("between {low} and {high}"))),
            None => Err(wrong_type(path, "a whole number")),
        },
        Shape::OneOf(words) => match value.as_str() {
            Some(text) => match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
                Some(word) => Ok(Value::String((*word).to_owned())),
                None => Err(out_of_range(path, &value, &format!("one of '{}'", words.join(", ")))),
            },
            None => Err(wrong_type(path, "a text")),
        },
        Shape::Location => match value.as_str() {
            Some(text) => Ok(Value::String(location(text))),
            None => Err(wrong_type(path, "a text")),
        },
        Shape::Duration if shape.admits(&value) => Ok(value),
        Shape::Duration => Err(out_of_range(path, &value, "an ISO 8601 duration")),
        Shape::Text | Shape::Word | Shape::Id | Shape::Words | Shape::Secret => {
            if value.is_string() {
                Ok(value)
            } else {
                Err(wrong_type(path, "a text"))
            }
        }
        Shape::Set | Shape::Keyed(_) | Shape::Shared(_) | Shape::List => {
            let Some(items) = value.as_array() else { return Err(wrong_type(path, "an array")) };
            if let Shape::Keyed(key) | Shape::Shared(key) = shape {
                let keys: Vec<String> =
                    items.iter().filter_map(|item| item[key].as_str().map(str::to_ascii_lowercase)).collect();
                if let Some(twice) = keys.iter().enumerate().find(|(at, k)| keys[..*at].contains(k)) {
                    return Err(Refusal::new(
                        400,
                        "InvalidRequestFormat",
                        format!(
                            "Cannot parse the request. The {key} '{}' is used more than once in '{path}'.",
                            twice.1
                        ),
                    )
                    .target(path)
                    .into());
                }
            }
            Ok(value)
        }
        Shape::Map | Shape::IdMap if value.is_object() => Ok(value),
        Shape::Map | Shape::IdMap => Err(wrong_type(path, "an object")),
    }
}

pub(super) fn unknown(name: &str, path: &str) -> super::answer::Stop {
    Refusal::new(
        400,
        "InvalidRequestContent",
        format!(
            "The request content was invalid and could not be deserialized: 'Could not find member '{name}' on \
             object of type 'ResourceDefinition'. Path '{path}'.'."
        ),
    )
    .target(path)
    .into()
}

fn read_only(path: &str) -> super::answer::Stop {
    Refusal::new(
        400,
        "InvalidRequestContent",
        format!("The property '{path}' is read-only and cannot be part of the request."),
    )
    .target(path)
    .into()
}

fn missing(path: &str) -> super::answer::Stop {
    if path == "location" {
        return Refusal::new(
            400,
            "LocationRequired",
            "The location property is required for this definition.".to_owned(),
        )
        .into();
    }
    Refusal::new(400, "InvalidParameter", format!("Required parameter '{path}' is missing (null)."))
        .target(path)
        .into()
}

fn wrong_type(path: &str, expected: &str) -> super::answer::Stop {
    Refusal::new(
        400,
        "InvalidRequestContent",
        format!(
            "The request content was invalid and could not be deserialized: 'Error converting the value at path \
             '{path}': {expected} is expected.'."
        ),
    )
    .target(path)
    .into()
}

fn out_of_range(path: &str, value: &Value, expected: &str) -> super::answer::Stop {
    Refusal::new(
        400,
        "InvalidParameter",
        format!("The value {value} of parameter '{path}' is not valid. The value must be {expected}."),
    )
    .target(path)
    .into()
}
