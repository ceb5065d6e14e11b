//! Whether a result keeps what was planned. Source: Terraform,
//! internal/plans/objchange/compatible.go.

use amlsecure::schema::{Block, Nesting, Path, Type, Value};

/// Where `actual` breaks the promises of `planned`; nothing if it keeps them.
pub(crate) fn errors(block: &Block, planned: &Value, actual: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    object(block, planned, actual, &Path::root(), &mut errors);
    errors
}

fn object(block: &Block, planned: &Value, actual: &Value, at: &Path, errors: &mut Vec<String>) {
    match (planned.is_null(), actual.is_null()) {
        (true, false) => return errors.push(format!("{at}: was absent, but now present")),
        (false, true) => return errors.push(format!("{at}: Root object was present, but now absent")),
        (true, true) => return,
        (false, false) => {}
    }
    if planned.is_unknown() {
        return;
    }
    for attribute in &block.attributes {
        let at = at.attribute(&attribute.name);
        let mut found = Vec::new();
        let of = |object: &Value| object.attribute(&attribute.name).clone();
        value(&attribute.ty, &of(planned), &of(actual), &at, &mut found);
        if attribute.sensitive && !found.is_empty() {
            errors.push(format!("{at}: inconsistent values for sensitive attribute"));
        } else {
            errors.extend(found);
        }
    }
    for nested in &block.blocks {
        let at = at.attribute(&nested.name);
        let (planned, actual) = (planned.attribute(&nested.name), actual.attribute(&nested.name));
        match nested.nesting {
            Nesting::Single { .. } => object(&nested.block, planned, actual, &at, errors),
            Nesting::List { .. } => {
                let (Some(planned), Some(actual)) = (planned.as_list(), actual.as_list()) else { continue };
                if planned.len() != actual.len() {
                    errors.push(format!(
                        "{at}: block count changed from {} to {}",
                        planned.len(),
                        actual.len()
                    ));
                    continue;
                }
                for (index, (planned, actual)) in planned.iter().zip(actual).enumerate() {
                    object(&nested.block, planned, actual, &at.index(index), errors);
                }
            }
        }
    }
}

fn value(ty: &Type, planned: &Value, actual: &Value, at: &Path, errors: &mut Vec<String>) {
    match (planned, actual) {
        (Value::Unknown, _) | (Value::Null, Value::Null) => {}
        (Value::Null, _) => errors.push(format!("{at}: was null, but now {actual:?}")),
        (_, Value::Null) => errors.push(format!("{at}: was {planned:?}, but now null")),
        (_, Value::Unknown) => errors.push(format!("{at}: was known, but now unknown")),
        (Value::List(before), Value::List(after)) => {
            if let Type::Set(element) = ty {
                return set(element, before, after, at, errors);
            }
            let element = |index: usize| match ty {
                Type::Tuple(types) => types.get(index).cloned().unwrap_or(Type::Dynamic),
                Type::List(element) => (**element).clone(),
                _ => Type::Dynamic,
            };
            for index in 0..before.len().max(after.len()) {
                match (before.get(index), after.get(index)) {
                    (Some(before), Some(after)) => {
                        value(&element(index), before, after, &at.index(index), errors);
                    }
                    (Some(_), None) => errors.push(format!("{}: element has vanished", at.index(index))),
                    (None, _) => errors.push(format!("{}: new element has appeared", at.index(index))),
                }
            }
        }
        (Value::Map(before), Value::Map(after)) => {
            let inner = |key: &str| match ty {
                Type::Object(attributes) => attributes.get(key).cloned().unwrap_or(Type::Dynamic),
                Type::Map(element) => (**element).clone(),
                _ => Type::Dynamic,
            };
            for (key, before) in before {
                match after.get(key) {
                    Some(after) => value(&inner(key), before, after, &at.key(key), errors),
                    None => errors.push(format!("{}: element {key:?} has vanished", at.key(key))),
                }
            }
            for key in after.keys().filter(|key| !before.contains_key(*key)) {
                errors.push(format!("{}: new element {key:?} has appeared", at.key(key)));
            }
        }
        (Value::Dynamic(before), Value::Dynamic(after)) => {
            if before.0 == after.0 {
                value(&before.0, &before.1, &after.1, at, errors);
            } else {
                errors.push(format!("{at}: wrong final value type"));
            }
        }
        _ if planned.same(actual, ty) => {}
        _ => errors.push(format!("{at}: was {planned:?}, but now {actual:?}")),
    }
}

/// A set may lose elements that turned out equal, but gains none, and each that
/// was promised must be there.
fn set(ty: &Type, planned: &[Value], actual: &[Value], at: &Path, errors: &mut Vec<String>) {
    let fits = |planned: &Value, actual: &Value| {
        let mut found = Vec::new();
        value(ty, planned, actual, at, &mut found);
        found.is_empty()
    };
    for planned in planned {
        if !actual.iter().any(|actual| fits(planned, actual)) {
            errors.push(format!(
                "{at}: planned set element {planned:?} does not correlate with any element in actual"
            ));
        }
    }
    for actual in actual {
        if !planned.iter().any(|planned| fits(planned, actual)) {
            errors.push(format!("{at}: actual set element {actual:?} does not correlate with any in plan"));
        }
    }
    if actual.len() > planned.len() {
        errors.push(format!("{at}: length changed from {} to {}", planned.len(), actual.len()));
    }
}
