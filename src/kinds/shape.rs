//! What a shape says of a JSON value: whether it has that shape, and whether
//! two values are spellings of one.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::Shape;

/// Whether `a` and `b` are one value to Azure, read as `shape`.
///
/// Azure answers a value that was never set with nothing, `null`, `""`, `[]`
/// or `{}`, as it likes; these are all one. A [`Shape::Secret`] is never
/// compared: any two are equal. The elements of arrays compare to the letter
/// here; [`super::Node::equal`] knows their own shapes.
#[must_use]
pub fn equal(shape: Shape, a: &Json, b: &Json) -> bool {
    if is_nothing(a) || is_nothing(b) {
        return is_nothing(a) && is_nothing(b);
    }
    match shape {
        Shape::Secret => true,
        Shape::Bool | Shape::Text | Shape::List => a == b,
        Shape::Any => a == b || matches!((number(a), number(b)), (Some(a), Some(b)) if a == b),
        Shape::Int(..) => a == b || matches!((whole(a), whole(b)), (Some(a), Some(b)) if a == b),
        Shape::Word | Shape::OneOf(_) | Shape::Id | Shape::Location | Shape::Duration | Shape::Words => {
            match (a.as_str(), b.as_str()) {
                (Some(a), Some(b)) => normal(shape, a) == normal(shape, b),
                _ => a == b,
            }
        }
        Shape::Set => equal_as_sets(a, b, Json::eq),
        Shape::Keyed(field) | Shape::Shared(field) => equal_as_sets(a, b, |a, b| {
            let key = |element: &Json| element.get(field).and_then(Json::as_str).map(str::to_ascii_lowercase);
            a == b
                || (key(a).is_some()
                    && key(a) == key(b)
                    && without(a, field).is_some_and(|a| Some(a) == without(b, field)))
        }),
        Shape::Map => equal_maps(a, b, |a, b| a == b),
        Shape::IdMap => equal_maps(a, b, |_, _| true),
    }
}

/// Whether a text, in any casing, or a flag says `word`.
#[must_use]
pub fn is_word(said: &Json, word: &str) -> bool {
    match said {
        Json::String(text) => text.eq_ignore_ascii_case(word),
        Json::Bool(flag) => flag.to_string().eq_ignore_ascii_case(word),
        _ => false,
    }
}

/// The one spelling that stands for `text` and all others equal to it.
pub(super) fn normal(shape: Shape, text: &str) -> String {
    match shape {
        Shape::Word | Shape::OneOf(_) => text.to_ascii_lowercase(),
        Shape::Id => text.trim_end_matches('/').to_ascii_lowercase(),
        Shape::Location => text.split_whitespace().collect::<String>().to_ascii_lowercase(),
        Shape::Duration => {
            duration(text).map_or_else(|| text.to_owned(), |(months, millis)| format!("{months}m{millis}ms"))
        }
        Shape::Words => words(text)
            .map(str::to_ascii_lowercase)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
            .join(","),
        _ => text.to_owned(),
    }
}

impl Shape {
    /// Whether `value` has this shape. `null` has every shape: ARM reads it as
    /// "not set". The elements of arrays and maps are not looked into.
    #[must_use]
    pub fn admits(&self, value: &Json) -> bool {
        if value.is_null() {
            return true;
        }
        match self {
            Self::Any => true,
            Self::Bool => value.is_boolean(),
            Self::Int(least, greatest) => {
                whole(value).is_some_and(|n| (i128::from(*least)..=i128::from(*greatest)).contains(&n))
            }
            Self::OneOf(words) => {
                value.as_str().is_some_and(|text| words.iter().any(|word| word.eq_ignore_ascii_case(text)))
            }
            Self::Duration => value.as_str().is_some_and(|text| duration(text).is_some()),
            // An empty text is how an id is taken back.
            Self::Id => value.as_str().is_some_and(|text| text.is_empty() || text.starts_with('/')),
            Self::Text | Self::Word | Self::Location | Self::Words | Self::Secret => value.is_string(),
            Self::Set | Self::Keyed(_) | Self::Shared(_) | Self::List => value.is_array(),
            Self::Map => value.as_object().is_some_and(|map| map.values().all(Json::is_string)),
            Self::IdMap => value.is_object(),
        }
    }

    /// What an error says is expected: `true or false`, `one of Allow, Deny`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Any => "any value".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Int(least, greatest) => format!("a whole number from {least} to {greatest}"),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::Duration => "an ISO 8601 duration such as PT15M".to_owned(),
            Self::Id => "a resource id".to_owned(),
            Self::Location => "a region".to_owned(),
            Self::Text | Self::Word | Self::Words | Self::Secret => "a text".to_owned(),
            Self::Set | Self::Keyed(_) | Self::Shared(_) | Self::List => "an array".to_owned(),
            Self::Map => "a map of texts".to_owned(),
            Self::IdMap => "a map of resource ids".to_owned(),
        }
    }
}

/// Whether Azure takes `value` for one that is not set.
pub(super) fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

/// Whether each element of either array has its equal in the other.
pub(super) fn equal_as_sets(a: &Json, b: &Json, same: impl Fn(&Json, &Json) -> bool) -> bool {
    let (Some(a), Some(b)) = (a.as_array(), b.as_array()) else { return a == b };
    let mut left: Vec<&Json> = b.iter().collect();
    a.len() == b.len()
        && a.iter().all(|one| {
            left.iter().position(|other| same(one, other)).map(|found| left.swap_remove(found)).is_some()
        })
}

/// Whether two maps agree, their keys compared without regard to case.
pub(super) fn equal_maps(a: &Json, b: &Json, same: impl Fn(&Json, &Json) -> bool) -> bool {
    let (Some(a), Some(b)) = (a.as_object(), b.as_object()) else { return a == b };
    let mut left: Vec<(&String, &Json)> = b.iter().collect();
    a.len() == b.len()
        && a.iter().all(|(key, one)| {
            left.iter()
                .position(|(other, value)| key.eq_ignore_ascii_case(other) && same(one, value))
                .map(|found| left.swap_remove(found))
                .is_some()
        })
}

fn without(element: &Json, field: &str) -> Option<Map<String, Json>> {
    let mut fields = element.as_object()?.clone();
    fields.remove(field);
    Some(fields)
}

/// The whole number in `value`, also where it is spelt `4.0`.
fn whole(value: &Json) -> Option<i128> {
    let text = value.as_number()?.to_string();
    let text = text.split_once('.').map_or(text.as_str(), |(whole, rest)| {
        if rest.bytes().all(|digit| digit == b'0') { whole } else { "" }
    });
    text.parse().ok()
}

/// The one spelling of a number: without the zeros that it ends with.
fn number(value: &Json) -> Option<String> {
    let text = value.as_number()?.to_string();
    let shortest = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    Some(shortest.to_owned())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

/// An ISO 8601 duration as months and milliseconds, which have no fixed ratio.
fn duration(text: &str) -> Option<(u64, u64)> {
    const SECOND: u64 = 1000;
    let rest = text.strip_prefix(['P', 'p'])?;
    if rest.is_empty() || rest.ends_with(['T', 't']) {
        return None;
    }
    let (mut months, mut millis, mut in_time) = (0_u64, 0_u64, false);
    let mut number = String::new();
    for letter in rest.chars() {
        if letter.is_ascii_digit() || letter == '.' {
            number.push(letter);
            continue;
        }
        let letter = letter.to_ascii_uppercase();
        if letter == 'T' {
            if in_time || !number.is_empty() {
                return None;
            }
            in_time = true;
            continue;
        }
        let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
        let whole: u64 = whole.parse().ok()?;
        if !fraction.is_empty() && letter != 'S' {
            return None;
        }
        let seconds = match (letter, in_time) {
            ('Y', false) => {
                months = months.checked_add(whole.checked_mul(12)?)?;
                0
            }
            ('M', false) => {
                months = months.checked_add(whole)?;
                0
            }
            ('W', false) => whole.checked_mul(7 * 86_400)?,
            ('D', false) => whole.checked_mul(86_400)?,
            ('H', true) => whole.checked_mul(3_600)?,
            ('M', true) => whole.checked_mul(60)?,
            ('S', true) => whole,
            _ => return None,
        };
        let fraction: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        millis = millis.checked_add(seconds.checked_mul(SECOND)?)?.checked_add(fraction)?;
        number.clear();
    }
    number.is_empty().then_some((months, millis))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_and_words_compare_without_regard_to_case() {
        assert!(equal(Shape::Id, &json!("/subscriptions/a/X"), &json!("/Subscriptions/A/x/")));
        assert!(equal(Shape::OneOf(&["Allow"]), &json!("allow"), &json!("Allow")));
        assert!(equal(Shape::Word, &json!("STANDARD_DS3_V2"), &json!("Standard_DS3_v2")));
        assert!(!equal(Shape::Text, &json!("a"), &json!("A")));
    }

    #[test]
    fn a_region_has_many_spellings() {
        assert!(equal(Shape::Location, &json!("East US"), &json!("eastus")));
        assert!(!equal(Shape::Location, &json!("East US 2"), &json!("eastus")));
    }

    #[test]
    fn durations_compare_by_length() {
        for (a, b) in
            [("PT2M", "PT120S"), ("PT24H", "P1D"), ("P1W", "P7D"), ("PT1.50S", "PT1.5S"), ("P1Y", "P12M")]
        {
            assert!(equal(Shape::Duration, &json!(a), &json!(b)), "{a} {b}");
        }
        for (a, b) in [("PT2M", "P2M"), ("PT15M", "PT16M"), ("P1M", "P30D"), ("soon", "later")] {
            assert!(!equal(Shape::Duration, &json!(a), &json!(b)), "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "15M",
            "PT15",
            "PT1H2",
            "P1H",
            "PTT1S",
            "PT1.5M",
            "PT99999999999999999999S",
            "PTS",
        ] {
            assert!(!Shape::Duration.admits(&json!(text)), "{text:?}");
        }
        assert!(Shape::Duration.admits(&json!("P1DT12H30M5.25S")));
    }

    #[test]
    fn words_in_a_row_compare_as_a_set() {
        assert!(equal(Shape::Words, &json!("Logging, AzureServices"), &json!("azureservices,Logging")));
        assert!(!equal(Shape::Words, &json!("Logging"), &json!("Logging,Metrics")));
    }

    #[test]
    fn sets_compare_without_order_and_lists_with_it() {
        assert!(equal(Shape::Set, &json!(["a", "b", "b"]), &json!(["b", "a", "b"])));
        assert!(!equal(Shape::Set, &json!(["a", "a", "b"]), &json!(["b", "a", "b"])));
        assert!(!equal(Shape::List, &json!(["a", "b"]), &json!(["b", "a"])));
    }

    #[test]
    fn keyed_elements_find_each_other_by_their_key() {
        let shape = Shape::Keyed("name");
        assert!(equal(
            shape,
            &json!([{"name": "A", "x": 1}, {"name": "b", "x": 2}]),
            &json!([{"name": "B", "x": 2}, {"name": "a", "x": 1}]),
        ));
        assert!(!equal(shape, &json!([{"name": "a", "x": 1}]), &json!([{"name": "a", "x": 2}])));
    }

    #[test]
    fn tag_names_have_no_case_and_tag_values_have() {
        assert!(equal(Shape::Map, &json!({"Env": "Prod"}), &json!({"env": "Prod"})));
        assert!(!equal(Shape::Map, &json!({"env": "prod"}), &json!({"env": "Prod"})));
    }

    #[test]
    fn identities_compare_by_their_ids_alone() {
        assert!(equal(Shape::IdMap, &json!({"/A/b": {}}), &json!({"/a/B": {"principalId": "x"}})));
        assert!(!equal(Shape::IdMap, &json!({"/a/b": {}}), &json!({"/a/c": {}})));
    }

    #[test]
    fn all_spellings_of_nothing_are_one() {
        for nothing in [json!(null), json!(""), json!([]), json!({})] {
            assert!(equal(Shape::Text, &nothing, &json!("")), "{nothing}");
        }
        assert!(!equal(Shape::Bool, &json!(null), &json!(false)));
    }

    #[test]
    fn a_secret_is_never_compared() {
        assert!(equal(Shape::Secret, &json!("a"), &json!("b")));
    }

    #[test]
    fn a_number_is_one_however_many_zeros_it_ends_with() {
        let read = |text: &str| serde_json::from_str::<Json>(text).unwrap();
        assert!(
            equal(Shape::Any, &read("1"), &read("1.0")) && equal(Shape::Any, &read("0.50"), &read("0.5"))
        );
        assert!(!equal(Shape::Any, &read("1"), &read("10")) && !equal(Shape::Any, &read("1"), &json!("1")));
    }

    #[test]
    fn whole_numbers_keep_within_their_bounds() {
        let shape = Shape::Int(100, 4096);
        assert!(shape.admits(&json!(100)) && shape.admits(&json!(4096)));
        assert!(!shape.admits(&json!(99)) && !shape.admits(&json!("100")) && !shape.admits(&json!(100.5)));
        assert!(equal(shape, &json!(100), &serde_json::from_str("100.0").unwrap()));
    }
}
