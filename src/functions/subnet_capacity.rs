//! `provider::amlsecure::subnet_capacity(cidr)`.

use super::{Answer, ProviderFunction};
use crate::schema::{Function, Parameter, Type, Value};

/// Addresses that Azure keeps of every subnet: the network's, the gateway's,
/// two for DNS, and the last ("virtual-networks-faq").
const KEPT: u64 = 5;
/// The smallest subnet that Azure takes.
const LONGEST_PREFIX: u8 = 29;

pub(super) const FUNCTION: ProviderFunction = ProviderFunction { name: "subnet_capacity", signature, call };

fn signature() -> Function {
    Function {
        summary: "How many addresses Azure leaves usable in a subnet".to_owned(),
        description: "Given the IPv4 range of a subnet, returns how many addresses are left for machines and \
                      endpoints: Azure keeps 5 of each subnet. `10.0.1.0/24` gives 251. A node of a cluster takes \
                      one, an endpoint one, a workspace's endpoint three."
            .to_owned(),
        parameters: vec![Parameter {
            name: "cidr".to_owned(),
            ty: Type::String,
            description: "The range of the subnet, such as `10.0.1.0/24`. Azure takes no subnet smaller than `/29`."
                .to_owned(),
            allow_null: false,
            allow_unknown: false,
        }],
        variadic: None,
        returns: Type::Number,
        deprecated: None,
    }
}

fn call(arguments: &[Value]) -> Answer {
    let text = arguments.first().and_then(Value::as_str).unwrap_or_default();
    let refuse = |reason: String| (0, reason);
    if text.contains(':') {
        return Err(refuse(format!("{text:?} is IPv6; Azure Machine Learning's subnets are IPv4.")));
    }
    let range: ipnet::Ipv4Net = text
        .parse()
        .map_err(|_| refuse(format!("{text:?} is not an IPv4 range such as \"10.0.1.0/24\".")))?;
    if range.addr() != range.network() {
        return Err(refuse(format!(
            "The host bits of {text:?} are not zero: did you mean \"{}\"?",
            range.trunc()
        )));
    }
    if range.prefix_len() > LONGEST_PREFIX {
        return Err(refuse(format!(
            "{text:?} is smaller than /{LONGEST_PREFIX}, the smallest subnet that Azure takes."
        )));
    }
    let size = 1_u64 << (32 - range.prefix_len());
    Ok(Value::Number((size - KEPT).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capacity(text: &str) -> Answer {
        call(&[Value::from(text)])
    }

    #[test]
    fn azure_keeps_five_addresses_of_every_subnet() {
        assert_eq!(capacity("10.0.1.0/24"), Ok(Value::from(251)));
        assert_eq!(capacity("10.0.0.0/29"), Ok(Value::from(3)));
        assert_eq!(capacity("10.0.0.0/8"), Ok(Value::from((1 << 24) - 5)));
    }

    #[test]
    fn what_cannot_be_a_subnet_is_an_error_at_the_argument() {
        for text in ["10.0.0.0/30", "fd00::/64", "10.0.0.0", "ten", "", "10.0.0.1/24", "10.0.0.0/33"] {
            assert!(matches!(capacity(text), Err((0, _))), "{text:?}");
        }
    }
}
