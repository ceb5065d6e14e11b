//! Typed configuration: one declaration gives a block's attribute table, its
//! documentation and a struct to read it into.
//!
//! ```ignore
//! block! {
//!     /// A block of subnets.
//!     pub struct Subnet {
//!         /// Its name.
//!         pub name: Field<String> = required(),
//!         /// Whether Azure may hand out public addresses.
//!         pub default_outbound_access_enabled: Field<bool> = default(false),
//!     }
//! }
//! ```

use std::collections::BTreeMap;

use bigdecimal::ToPrimitive as _;

use super::{Attribute, Block, Check, NestedBlock, Nesting, Path, Type, Value};

/// A value of the configuration, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Field<T> {
    /// Where it stands.
    pub path: Path,
    /// What is known of it.
    pub state: State<T>,
}

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum State<T> {
    /// It is not set.
    Null,
    /// It will be known at apply.
    Unknown,
    /// It is this.
    Known(T),
}

impl<T> Field<T> {
    /// The value, where it is set and known.
    pub fn known(&self) -> Option<&T> {
        match &self.state {
            State::Known(value) => Some(value),
            State::Null | State::Unknown => None,
        }
    }

    /// Whether it is certainly not set.
    pub fn is_null(&self) -> bool {
        matches!(self.state, State::Null)
    }

    /// Whether it is or will be set.
    pub fn is_set(&self) -> bool {
        !self.is_null()
    }

    /// Whether it will be known only at apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self.state, State::Unknown)
    }
}

impl Field<bool> {
    /// Whether it is certainly true.
    pub fn is_true(&self) -> bool {
        self.known() == Some(&true)
    }
}

impl Field<String> {
    /// The text, where it is set and known.
    pub fn text(&self) -> Option<&str> {
        self.known().map(String::as_str)
    }
}

impl<T> Field<Vec<Field<T>>> {
    /// The elements that are known; none where the list itself is not.
    pub fn elements(&self) -> impl Iterator<Item = &Field<T>> {
        self.known().into_iter().flatten()
    }

    /// Whether the list and all its elements are known (or it is not set).
    pub fn is_whole(&self) -> bool {
        !self.is_unknown() && self.elements().all(|element| !element.is_unknown())
    }
}

/// A type that an attribute can have.
pub trait Typed: Sized {
    /// Terraform's name for it.
    fn ty() -> Type;
    /// Reads a known value; `None` where it is not of the type.
    fn read(value: &Value, path: &Path) -> Option<Self>;
}

impl<T: Typed> Field<T> {
    /// Reads a value that may be null or unknown.
    pub fn read(value: &Value, path: Path) -> Self {
        let state = match value {
            Value::Unknown => State::Unknown,
            Value::Null => State::Null,
            known => T::read(known, &path).map_or(State::Null, State::Known),
        };
        Self { path, state }
    }
}

impl Typed for String {
    fn ty() -> Type {
        Type::String
    }
    fn read(value: &Value, _: &Path) -> Option<Self> {
        match value {
            Value::String(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl Typed for bool {
    fn ty() -> Type {
        Type::Bool
    }
    fn read(value: &Value, _: &Path) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }
}

impl Typed for i64 {
    fn ty() -> Type {
        Type::Number
    }
    fn read(value: &Value, _: &Path) -> Option<Self> {
        match value {
            Value::Number(number) if number.is_integer() => number.to_i64(),
            _ => None,
        }
    }
}

impl<T: Typed> Typed for Vec<Field<T>> {
    fn ty() -> Type {
        Type::List(Box::new(T::ty()))
    }
    fn read(value: &Value, path: &Path) -> Option<Self> {
        match value {
            Value::List(items) => {
                Some(items.iter().enumerate().map(|(at, item)| Field::read(item, path.index(at))).collect())
            }
            _ => None,
        }
    }
}

/// A set of texts: order means nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct SetOf(pub Vec<Field<String>>);

impl Typed for SetOf {
    fn ty() -> Type {
        Type::Set(Box::new(Type::String))
    }
    fn read(value: &Value, path: &Path) -> Option<Self> {
        match value {
            // Nothing on the wire points into a set: its elements share its path.
            Value::List(items) => {
                Some(Self(items.iter().map(|item| Field::read(item, path.clone())).collect()))
            }
            _ => None,
        }
    }
}

impl Field<SetOf> {
    /// The elements that are known, sorted.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts: Vec<&str> =
            self.known().into_iter().flat_map(|set| set.0.iter().filter_map(Field::text)).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    /// Whether the set and all its elements are known (or it is not set).
    pub fn is_whole(&self) -> bool {
        !self.is_unknown() && self.known().is_none_or(|set| set.0.iter().all(|item| !item.is_unknown()))
    }
}

impl<T: Typed> Typed for BTreeMap<String, Field<T>> {
    fn ty() -> Type {
        Type::Map(Box::new(T::ty()))
    }
    fn read(value: &Value, path: &Path) -> Option<Self> {
        match value {
            Value::Map(members) => Some(
                members
                    .iter()
                    .map(|(key, member)| (key.clone(), Field::read(member, path.key(key))))
                    .collect(),
            ),
            _ => None,
        }
    }
}

/// A block that can be declared with [`block!`](crate::block).
pub trait Declared: Sized {
    /// Its attribute table.
    fn block() -> Block;
    /// Reads an object of the block's type. What is missing reads as null.
    fn read(value: &Value, path: &Path) -> Self;
}

/// What a declaration says of an attribute or block besides its type.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are Terraform's own flags")]
pub struct Options {
    required: bool,
    optional: bool,
    computed: bool,
    sensitive: bool,
    write_only: bool,
    replace: bool,
    default: Option<Value>,
    checks: Vec<Check>,
    min: i64,
    max: i64,
}

/// The user must set it.
pub fn required() -> Options {
    Options { required: true, min: 1, ..Options::default() }
}

/// The user may set it.
pub fn optional() -> Options {
    Options { optional: true, ..Options::default() }
}

/// Only the provider sets it.
pub fn computed() -> Options {
    Options { computed: true, ..Options::default() }
}

/// The user may set it; where they do not, it is this.
pub fn default(value: impl Into<Value>) -> Options {
    Options { default: Some(value.into()), ..optional().or_computed() }
}

impl Options {
    /// The provider sets it where the user does not.
    pub fn or_computed(self) -> Self {
        Self { computed: true, ..self }
    }
    /// Another value means another resource.
    pub fn replaces(self) -> Self {
        Self { replace: true, ..self }
    }
    /// Terraform hides it.
    pub fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }
    /// It is sent and never stored.
    pub fn write_only(self) -> Self {
        Self { write_only: true, ..self }
    }
    /// What a known value must satisfy.
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }
    /// At most this many blocks.
    pub fn at_most(self, max: i64) -> Self {
        Self { max, ..self }
    }

    fn attribute(self, name: &str, description: String, ty: Type) -> Attribute {
        Attribute {
            name: name.to_owned(),
            ty,
            description,
            required: self.required,
            optional: self.optional,
            computed: self.computed,
            sensitive: self.sensitive,
            write_only: self.write_only,
            deprecated: None,
            default: self.default,
            replace: self.replace,
            checks: self.checks,
        }
    }
}

/// Something that can stand in a block: an attribute or a nested block.
pub trait Member: Sized {
    /// Adds its row to the table.
    fn declare(block: &mut Block, name: &str, description: String, options: Options);
    /// Reads it from the block's object.
    fn read(value: &Value, path: Path) -> Self;
}

impl<T: Typed> Member for Field<T> {
    fn declare(block: &mut Block, name: &str, description: String, options: Options) {
        block.attributes.push(options.attribute(name, description, T::ty()));
    }
    fn read(value: &Value, path: Path) -> Self {
        Self::read(value, path)
    }
}

/// An attribute that only the provider sets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Computed<T>(std::marker::PhantomData<T>);

impl<T: Typed> Member for Computed<T> {
    fn declare(block: &mut Block, name: &str, description: String, options: Options) {
        block.attributes.push(options.attribute(name, description, T::ty()));
    }
    fn read(_: &Value, _: Path) -> Self {
        Self(std::marker::PhantomData)
    }
}

/// A block that stands there once or not at all.
impl<B: Declared> Member for Option<B> {
    fn declare(block: &mut Block, name: &str, description: String, options: Options) {
        block.blocks.push(NestedBlock {
            name: name.to_owned(),
            nesting: Nesting::Single { required: options.required },
            block: Block { description, ..B::block() },
            replace: options.replace,
        });
    }
    fn read(value: &Value, path: Path) -> Self {
        match value {
            Value::Null => None,
            other => Some(B::read(other, &path)),
        }
    }
}

/// A block that may be repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocks<B> {
    /// The blocks that are known to stand there.
    pub items: Vec<B>,
    /// Whether there may be more or fewer, as their number is not known.
    pub unknown: bool,
}

impl<B: Declared> Member for Blocks<B> {
    fn declare(block: &mut Block, name: &str, description: String, options: Options) {
        block.blocks.push(NestedBlock {
            name: name.to_owned(),
            nesting: Nesting::List { min: options.min, max: options.max },
            block: Block { description, ..B::block() },
            replace: options.replace,
        });
    }
    fn read(value: &Value, path: Path) -> Self {
        match value {
            Value::List(items) => Self {
                items: items.iter().enumerate().map(|(at, item)| B::read(item, &path.index(at))).collect(),
                unknown: false,
            },
            Value::Unknown => Self { items: Vec::new(), unknown: true },
            _ => Self { items: Vec::new(), unknown: false },
        }
    }
}

/// The member `name` of a block's object. An unknown block has unknown members.
pub fn member<'a>(value: &'a Value, name: &str) -> &'a Value {
    match value {
        Value::Map(members) => members.get(name).unwrap_or(&Value::Null),
        Value::Unknown => &Value::Unknown,
        _ => &Value::Null,
    }
}

/// A field's name as Terraform knows it: `r#type` is `type`.
pub fn plain(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// A doc comment as one text: lines joined, paragraphs kept.
pub fn description(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        if line.is_empty() {
            text.push_str("\n\n");
        } else {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(if line.starts_with("- ") { '\n' } else { ' ' });
            }
            text.push_str(line);
        }
    }
    text
}

impl<const N: usize> From<[&str; N]> for Value {
    fn from(texts: [&str; N]) -> Self {
        Self::List(texts.into_iter().map(Self::from).collect())
    }
}

/// Declares a block: attribute table, documentation and typed reader in one.
#[macro_export]
macro_rules! block {
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident {
            $( $(#[doc = $doc:literal])* pub $field:ident : $ty:ty = $options:expr ),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq)]
        #[allow(unreachable_pub, reason = "a table reads the same wherever it stands")]
        #[allow(clippy::struct_field_names, reason = "the names are HCL's")]
        pub struct $name { $( $(#[doc = $doc])* pub $field: $ty, )* }

        impl $crate::schema::config::Declared for $name {
            fn block() -> $crate::schema::Block {
                #[allow(unused_imports)]
                use $crate::schema::config::{computed, default, optional, required};
                let mut block = $crate::schema::Block {
                    description: $crate::schema::config::description(&[$($about),*]),
                    ..Default::default()
                };
                $(
                    <$ty as $crate::schema::config::Member>::declare(
                        &mut block,
                        $crate::schema::config::plain(stringify!($field)),
                        $crate::schema::config::description(&[$($doc),*]),
                        $options,
                    );
                )*
                block
            }
            fn read(value: &$crate::schema::Value, path: &$crate::schema::Path) -> Self {
                Self { $(
                    $field: <$ty as $crate::schema::config::Member>::read(
                        $crate::schema::config::member(value, $crate::schema::config::plain(stringify!($field))),
                        path.attribute($crate::schema::config::plain(stringify!($field))),
                    ),
                )* }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    block! {
        /// An inner block.
        pub struct Inner {
            /// Its name.
            pub name: Field<String> = required(),
        }
    }
    block! {
        /// An outer block.
        pub struct Outer {
            /// A flag that is
            /// usually on.
            pub flag: Field<bool> = default(true),
            /// Inner ones.
            pub inner: Blocks<Inner> = optional(),
            /// An answer.
            pub id: Computed<String> = computed(),
        }
    }

    #[test]
    fn a_declaration_gives_the_table_and_the_reader() {
        let block = Outer::block();
        assert_eq!(block.attributes[0].description, "A flag that is usually on.");
        assert!(block.attributes[0].optional && block.attributes[0].computed);
        assert_eq!(block.blocks[0].nesting, Nesting::List { min: 0, max: 0 });
        assert!(block.attributes[1].computed && !block.attributes[1].optional);

        let inner = Value::Map([("name".to_owned(), Value::Unknown)].into());
        let value = Value::Map([("inner".to_owned(), Value::List(vec![inner]))].into());
        let outer = Outer::read(&value, &Path::root());
        assert!(outer.flag.is_null());
        assert!(outer.inner.items[0].name.is_unknown());
        assert_eq!(outer.inner.items[0].name.path.to_string(), "inner[0].name");
    }
}
