//! Numbers of any precision, as text and back, within bounds.

use std::str::FromStr;

use bigdecimal::{BigDecimal, Zero};

/// The most digits before or after the point. Terraform computes with 512 bits
/// (155 digits); arithmetic and text of a number like `1e999999999` would take
/// all memory.
pub const MAX_DIGITS: i64 = 10_000;

/// Reads a decimal number; `None` where `text` is none, or has more than
/// [`MAX_DIGITS`] digits on either side of the point.
#[must_use]
pub fn parse(text: &str) -> Option<BigDecimal> {
    let bound = usize::try_from(MAX_DIGITS).ok()?;
    if text.len() > 2 * bound {
        return None;
    }
    let number = BigDecimal::from_str(text).ok()?;
    within_bounds(&number).then_some(number)
}

/// The shortest text of a number, without an exponent: `1.5`, `-20`.
#[must_use]
pub fn text(number: &BigDecimal) -> String {
    if !within_bounds(number) {
        return number.to_scientific_notation();
    }
    if number.is_zero() { "0".to_owned() } else { number.normalized().to_plain_string() }
}

/// Whether writing the number in full takes no more than `MAX_DIGITS` digits
/// on either side of the point.
fn within_bounds(number: &BigDecimal) -> bool {
    let scale = number.fractional_digit_count();
    let digits = i64::try_from(number.digits()).unwrap_or(i64::MAX);
    scale <= MAX_DIGITS && digits.saturating_sub(scale) <= MAX_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_kept() {
        let digits = format!("0.{}", "123456789".repeat(20));
        assert_eq!(text(&parse(&digits).unwrap()), digits);
        assert_eq!(text(&parse("18446744073709551615").unwrap()), "18446744073709551615");
        assert_eq!(text(&parse("1.50").unwrap()), "1.5");
        assert_eq!(text(&parse("1e3").unwrap()), "1000");
        assert_eq!(text(&parse("-0.0").unwrap()), "0");
    }

    #[test]
    fn a_number_that_would_fill_the_memory_is_none() {
        for hostile in ["1e999999999", "1e-999999999", "1e9223372036854775807", "", "abc", "NaN", "inf"] {
            assert_eq!(parse(hostile), None, "{hostile}");
        }
        assert_eq!(parse(&"9".repeat(30_000)), None);
    }
}
