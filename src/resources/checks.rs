//! What single attributes must satisfy. Each check says what is wrong in one
//! sentence and what would be right in the next.

use ipnet::Ipv4Net;

use crate::kinds::{Kind, ResourceId, Shape};
use crate::schema::config::Field;
use crate::schema::{Diagnostics, Path, Value};

/// The name of an Azure resource.
pub fn name(kind: &Kind, value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && !kind.name.admits(text)
    {
        problems.error(
            path.clone(),
            format!("{text:?} cannot name a {}", kind.noun),
            format!("Azure takes {}.", kind.name.words),
        );
    }
}

/// The id of an Azure resource of one kind.
pub fn id_of(kind: &Kind, value: &Value, path: &Path, problems: &mut Diagnostics) {
    let Value::String(text) = value else { return };
    match ResourceId::parse(text) {
        Err(error) => problems.error(
            path.clone(),
            format!("This is not the id of a {}", kind.noun),
            format!("{error}. An id of a {} looks like {}.", kind.noun, example(kind)),
        ),
        Ok(id) if !id.is(kind) => problems.error(
            path.clone(),
            format!("This is not the id of a {}", kind.noun),
            format!(
                "{text} is the id of a {}. An id of a {} looks like {}.",
                id.resource_type(),
                kind.noun,
                example(kind)
            ),
        ),
        Ok(_) => {}
    }
}

fn example(kind: &Kind) -> String {
    let mut text = String::from("/subscriptions/<GUID>/resourceGroups/<name>/providers/");
    let mut segments = kind.resource_type.split('/');
    text.push_str(segments.next().unwrap_or_default());
    for segment in segments {
        text.push('/');
        text.push_str(segment);
        text.push_str("/<name>");
    }
    text
}

/// One of some words.
pub fn one_of(words: &[&str], value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && !words.contains(&text.as_str())
    {
        problems.error(
            path.clone(),
            format!("{text:?} is not one of the values that {path} takes"),
            format!("It takes {}.", listed(words)),
        );
    }
}

/// `"a", "b" or "c"`.
pub fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// Every element of a list or set satisfies a check.
pub fn each(
    check: fn(&Value, &Path, &mut Diagnostics),
    value: &Value,
    path: &Path,
    problems: &mut Diagnostics,
) {
    if let Value::List(items) = value {
        for item in items {
            check(item, path, problems);
        }
    }
}

/// A list with something in it.
pub fn not_empty(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if matches!(value, Value::List(items) if items.is_empty()) {
        problems.error(path.clone(), format!("{path} is empty"), "It takes at least one element.");
    }
}

/// A whole number from 0.
pub fn not_negative(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::Number(number) = value
        && (!number.is_integer() || number.sign() == bigdecimal::num_bigint::Sign::Minus)
    {
        problems.error(
            path.clone(),
            format!("{number} is not a whole number from 0"),
            format!("{path} counts something."),
        );
    }
}

/// A whole number from 1.
pub fn positive(value: &Value, path: &Path, problems: &mut Diagnostics) {
    whole_number(1, i64::from(i32::MAX), value, path, problems);
}

/// A whole number within bounds.
pub fn whole_number(low: i64, high: i64, value: &Value, path: &Path, problems: &mut Diagnostics) {
    use bigdecimal::ToPrimitive as _;
    if let Value::Number(number) = value
        && !(number.is_integer() && number.to_i64().is_some_and(|n| (low..=high).contains(&n)))
    {
        problems.error(
            path.clone(),
            format!("{number} is not a number that {path} takes"),
            format!("It takes whole numbers from {low} to {high}."),
        );
    }
}

/// A GUID.
pub fn guid(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && (text.len() != uuid::fmt::Hyphenated::LENGTH || uuid::Uuid::try_parse(text).is_err())
    {
        problems.error(
            path.clone(),
            format!("{text:?} is not a GUID"),
            "Entra's ids are written like \"00000000-0000-0000-0000-000000000000\".",
        );
    }
}

/// The public half of an SSH key. What is not one may be the private half, and
/// is not repeated.
pub fn public_key(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && !(text.starts_with("ssh-") || text.starts_with("ecdsa-"))
    {
        problems.error(
            path.clone(),
            "This is not a public SSH key",
            "It is one line, such as \"ssh-rsa AAAA...\": the file whose name ends in .pub.",
        );
    }
}

/// An Azure region.
pub fn location(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && (text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' '))
    {
        problems.error(
            path.clone(),
            format!("{text:?} is not an Azure region"),
            "A region is written like \"eastasia\" or \"East Asia\".",
        );
    }
}

/// An ISO 8601 duration of hours, minutes and seconds, such as `PT30S`.
pub fn iso_duration(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && !Shape::Duration.admits(&text.as_str().into())
    {
        problems.error(
            path.clone(),
            format!("{text:?} is not a duration"),
            "Azure takes ISO 8601 durations: \"PT30S\" is 30 seconds, \"PT15M\" 15 minutes, \"PT2H\" 2 hours.",
        );
    }
}

/// Whole minutes of an ISO 8601 duration of days, hours and minutes.
pub fn minutes(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut digits = String::new();
    let mut in_time = false;
    for letter in text.strip_prefix('P')?.chars() {
        let unit = match letter {
            'T' if !in_time && digits.is_empty() => {
                in_time = true;
                continue;
            }
            'D' if !in_time => 24 * 60,
            'H' if in_time => 60,
            'M' if in_time => 1,
            digit if digit.is_ascii_digit() => {
                digits.push(digit);
                continue;
            }
            _ => return None,
        };
        total = total.checked_add(digits.parse::<u64>().ok()?.checked_mul(unit)?)?;
        digits.clear();
    }
    digits.is_empty().then_some(total)
}

/// A duration as Terraform's `timeouts` take it, such as `1h30m`.
pub fn go_duration(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && parse_go_duration(text).is_none()
    {
        problems.error(
            path.clone(),
            format!("{text:?} is not a duration"),
            "A timeout is written like \"30m\", \"90s\" or \"1h30m\".",
        );
    }
}

/// Seconds of a duration such as `1h30m`.
pub fn parse_go_duration(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|at| *at > 0)?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total += number
            * match &rest[..unit] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    (!text.is_empty() && total > 0.0).then_some(total)
}

/// An IPv4 range whose host bits are zero.
pub fn cidr(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && let Err(reason) = parse_cidr(text)
    {
        problems.error(path.clone(), format!("{text:?} is not an IPv4 range"), reason);
    }
}

/// Reads an IPv4 range such as `10.1.0.0/16`.
pub fn parse_cidr(text: &str) -> Result<Ipv4Net, String> {
    let net: Ipv4Net = text.parse().map_err(|_| "It is written like \"10.1.0.0/16\".".to_owned())?;
    if net.addr() == net.network() {
        Ok(net)
    } else {
        Err(format!("Its host bits are not zero: did you mean {:?}?", net.trunc().to_string()))
    }
}

/// An IPv4 address.
pub fn ip_address(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && text.parse::<std::net::Ipv4Addr>().is_err()
    {
        problems.error(
            path.clone(),
            format!("{text:?} is not an IPv4 address"),
            "It is written like \"10.1.0.4\".",
        );
    }
}

/// Whether a tag of this name is the provider's to write.
pub fn is_of_provider(tag: &str) -> bool {
    tag.to_ascii_lowercase().starts_with("amlsecure-")
}

/// Tags: Azure's limits, and the names that are ours.
pub fn tags(value: &Value, path: &Path, problems: &mut Diagnostics) {
    /// Azure Resource Manager's limits of a tag's name and value ("tag-resources").
    const NAME: usize = 512;
    const VALUE: usize = 256;
    let Value::Map(tags) = value else { return };
    for (name, value) in tags {
        let at = path.key(name);
        if is_of_provider(name) {
            problems.error(
                at,
                format!("The tag {name:?} belongs to the provider"),
                "Names that begin with \"amlsecure-\" mark which resources are whose. Choose another name.",
            );
        } else if name.is_empty()
            || name.chars().count() > NAME
            || name.contains(['<', '>', '%', '&', '\\', '?', '/'])
        {
            problems.error(
                at,
                format!("{name:?} cannot name a tag"),
                format!("Azure takes 1 to {NAME} characters without < > % & \\ ? /."),
            );
        } else if let Value::String(text) = value
            && text.chars().count() > VALUE
        {
            problems.error(
                at,
                format!("The tag {name:?} is too long"),
                format!("Azure takes up to {VALUE} characters."),
            );
        }
    }
}

/// Nodes without public addresses stand in a subnet of the user's or in a network that Azure manages. Whether the
/// workspace has one of these is not for their configuration to say, so that this is a warning.
pub(super) fn closed_nodes(
    what: &str,
    public: &Field<bool>,
    subnet: &Field<String>,
    problems: &mut Diagnostics,
) {
    if public.known() == Some(&false) && subnet.is_null() {
        problems.warning(
            public.path.clone(),
            format!("Azure refuses this {what} unless its workspace has a managed network"),
            "Without public addresses it needs subnet_resource_id, or a workspace with a managed network.",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_terraform_writes_them() {
        assert_eq!(parse_go_duration("1h30m"), Some(5400.0));
        assert_eq!(parse_go_duration("90s"), Some(90.0));
        for text in ["", "5", "PT30S", "m", "-5m", "5 m", "0s"] {
            assert_eq!(parse_go_duration(text), None, "{text:?}");
        }
    }

    #[test]
    fn minutes_are_counted_over_days_and_hours() {
        assert_eq!(minutes("P1DT2H3M"), Some(24 * 60 + 123));
        assert_eq!(minutes("PT15M"), Some(15));
        for text in ["15M", "PT15", "P15M", "PT1.5H", "PT90S", "PTT1M"] {
            assert_eq!(minutes(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_range_with_host_bits_is_told_its_network() {
        assert!(parse_cidr("10.0.1.7/24").unwrap_err().contains("10.0.1.0/24"));
        assert!(parse_cidr("10.0.0.0/33").is_err());
    }

    #[test]
    fn a_tag_of_ours_is_refused_in_any_case() {
        let mut problems = Diagnostics::default();
        let tags_value = Value::Map([("AMLsecure-Owner".to_owned(), Value::from("x"))].into());
        tags(&tags_value, &Path::root().attribute("tags"), &mut problems);
        assert_eq!(problems.0[0].path.to_string(), "tags[\"AMLsecure-Owner\"]");
    }
}
