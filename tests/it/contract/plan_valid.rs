//! Whether a plan keeps to the configuration. Source: Terraform,
//! internal/plans/objchange/plan_valid.go.

use amlsecure::schema::{Attribute, Block, Nesting, Path, Value};

/// What is wrong with the planned state of a block; nothing if it is valid.
pub(crate) fn errors(block: &Block, prior: &Value, config: &Value, planned: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    valid(block, prior, config, planned, &Path::root(), &mut errors);
    errors
}

fn valid(block: &Block, prior: &Value, config: &Value, planned: &Value, at: &Path, errors: &mut Vec<String>) {
    match (config.is_null(), planned.is_null()) {
        (false, true) => return errors.push(format!("{at}: planned for absence but config wants existence")),
        (true, false) => return errors.push(format!("{at}: planned for existence but config wants absence")),
        (true, true) => return,
        (false, false) => {}
    }
    if config.is_unknown() {
        return;
    }
    for attribute in &block.attributes {
        let at = at.attribute(&attribute.name);
        let of = |value: &Value| value.attribute(&attribute.name).clone();
        attribute_valid(attribute, &of(prior), &of(config), &of(planned), &at, errors);
    }
    for nested in &block.blocks {
        let at = at.attribute(&nested.name);
        let (before, configured, planned) =
            (prior.attribute(&nested.name), config.attribute(&nested.name), planned.attribute(&nested.name));
        match nested.nesting {
            Nesting::Single { .. } => valid(&nested.block, before, configured, planned, &at, errors),
            Nesting::List { .. } if configured.is_unknown() => {
                if !planned.is_unknown() {
                    errors.push(format!("{at}: planned value {planned:?} for unknown dynamic block"));
                }
            }
            Nesting::List { .. } => {
                let (Some(configured), Some(planned)) = (configured.as_list(), planned.as_list()) else {
                    errors.push(format!(
                        "{at}: attribute representing a list of nested blocks must be empty to indicate no \
                         blocks, not null"
                    ));
                    continue;
                };
                if configured.len() != planned.len() {
                    errors.push(format!(
                        "{at}: block count in plan ({}) disagrees with count in config ({})",
                        planned.len(),
                        configured.len()
                    ));
                    continue;
                }
                for (index, (configured, planned)) in configured.iter().zip(planned).enumerate() {
                    let at = at.index(index);
                    if planned.is_unknown() && !configured.is_unknown() {
                        errors.push(format!(
                            "{at}: element representing nested block must not be unknown itself; set nested \
                             attribute values to unknown instead"
                        ));
                    } else {
                        valid(&nested.block, before.element(index), configured, planned, &at, errors);
                    }
                }
            }
        }
    }
}

fn attribute_valid(
    attribute: &Attribute,
    prior: &Value,
    config: &Value,
    planned: &Value,
    at: &Path,
    errors: &mut Vec<String>,
) {
    let shown =
        |value: &Value| if attribute.sensitive { "(sensitive)".to_owned() } else { format!("{value:?}") };
    if attribute.write_only {
        if !planned.is_null() {
            errors.push(format!("{at}: planned value for write-only attribute is not null"));
        }
        return;
    }
    let as_configured = planned.same(config, &attribute.ty);
    let as_before = !prior.is_null() && !config.is_null() && planned.same(prior, &attribute.ty);
    let providers_choice = attribute.computed && (config.is_null() || !attribute.optional);
    if as_configured || as_before || providers_choice {
        return;
    }
    if config.is_null() {
        errors.push(format!("{at}: planned value {} for a non-computed attribute", shown(planned)));
    } else {
        let nor = if prior.is_null() { String::new() } else { format!(" nor prior value {}", shown(prior)) };
        errors.push(format!(
            "{at}: planned value {} does not match config value {}{nor}",
            shown(planned),
            shown(config)
        ));
    }
}
