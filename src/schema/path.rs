//! Where in a configuration something stands.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

/// A way from the root of a block to a value in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An attribute or nested block.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list.
    Index(usize),
}

impl Path {
    /// The block itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// This path, and then an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Self {
        self.with(Step::Attribute(name.to_owned()))
    }

    /// This path, and then an element of a map.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    /// This path, and then an element of a list.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// Reads what [`Path`]'s `Display` writes. The names of attributes are
    /// identifiers: letters, digits, `_` and `-`.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut rest = text.chars().peekable();
        let mut steps = Vec::new();
        let wrong = || PathError(text.to_owned());
        while let Some(&next) = rest.peek() {
            let step = match next {
                '[' => {
                    rest.next();
                    let step = bracketed(&mut rest).ok_or_else(wrong)?;
                    if rest.next() != Some(']') {
                        return Err(wrong());
                    }
                    step
                }
                '.' if steps.is_empty() => return Err(wrong()),
                '.' => {
                    rest.next();
                    Step::Attribute(identifier(&mut rest).ok_or_else(wrong)?)
                }
                _ if steps.is_empty() => Step::Attribute(identifier(&mut rest).ok_or_else(wrong)?),
                _ => return Err(wrong()),
            };
            steps.push(step);
        }
        Ok(Self(steps))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

/// A text that is not a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a path: {0:?}")]
pub struct PathError(String);

fn identifier(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut name = String::new();
    while let Some(letter) = rest.next_if(|it| it.is_alphanumeric() || matches!(it, '_' | '-')) {
        name.push(letter);
    }
    (!name.is_empty()).then_some(name)
}

/// What stands between brackets: an index or a quoted key.
fn bracketed(rest: &mut Peekable<Chars<'_>>) -> Option<Step> {
    if rest.next_if_eq(&'"').is_some() {
        return quoted(rest).map(Step::Key);
    }
    let mut digits = String::new();
    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    digits.parse().ok().map(Step::Index)
}

/// A key after its opening quote, up to and with the closing one, escaped as
/// Rust's `Debug` escapes a string.
fn quoted(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut key = String::new();
    loop {
        match rest.next()? {
            '"' => return Some(key),
            '\\' => key.push(match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '0' => '\0',
                'u' => code_point(rest)?,
                quoted @ ('\\' | '"' | '\'') => quoted,
                _ => return None,
            }),
            plain => key.push(plain),
        }
    }
}

/// `{1f600}`, after `\u`.
fn code_point(rest: &mut Peekable<Chars<'_>>) -> Option<char> {
    rest.next_if_eq(&'{')?;
    let mut digits = String::new();
    while let Some(digit) = rest.next_if(char::is_ascii_hexdigit) {
        digits.push(digit);
    }
    rest.next_if_eq(&'}')?;
    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
}

/// As Terraform writes it: `subnet[0].purpose`, `tags["env"]`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if at == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            "[a-z_][a-z0-9_]{0,8}".prop_map(Step::Attribute),
            any::<String>().prop_map(Step::Key),
            any::<usize>().prop_map(Step::Index),
        ]
    }

    proptest! {
        #[test]
        fn a_path_survives_its_text(steps in prop::collection::vec(step(), 0..6)) {
            // An attribute that is not first is told by its dot.
            let path = Path(steps);
            prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
        }

        #[test]
        fn any_text_is_a_path_or_is_refused(text in any::<String>()) {
            if let Ok(path) = Path::parse(&text) {
                prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
            }
        }
    }

    #[test]
    fn paths_read_as_terraform_writes_them() {
        let path = Path::root().attribute("subnet").index(0).attribute("tags").key("a \"b\"");
        assert_eq!(path.to_string(), r#"subnet[0].tags["a \"b\""]"#);
        for text in [".a", "a.", "a..b", "a[", "a[x]", "a[1", "a[\"b]", "a b", "[99999999999999999999999]"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
