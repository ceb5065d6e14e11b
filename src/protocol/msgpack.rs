//! Values in MessagePack, by type, as Terraform sends them.
//!
//! Source: Terraform, docs/plugin-protocol/object-wire-format.md, and go-cty,
//! cty/msgpack. Terraform's numbers have any precision: one that is not a
//! whole `i64` travels as decimal text, of which every digit is kept.

use std::collections::{BTreeMap, HashSet};

use bigdecimal::{BigDecimal, ToPrimitive};
use rmp::Marker;
use rmp::decode as read;
use rmp::encode as write;

use crate::schema::{Path, Step, Type, Value, number};

/// How deep values may nest. A dynamic value brings its own type, so the
/// schema does not bound it, and the stack is finite. Terraform's JSON parser
/// on our side stops at 128 too.
const MAX_DEPTH: usize = 128;

/// How many elements are given room before they are read: a hostile length
/// must not reserve memory that no element will fill.
const MAX_RESERVED: usize = 1024;

/// The encoding of a value that is not known: extension 0 with one byte 0,
/// which is what Terraform itself writes.
const UNKNOWN: [u8; 3] = [0xd4, 0, 0];

/// Where and why bytes are not a value of the type, or a value has no bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// Where, from the root.
    pub path: Path,
    /// What was wanted there, as a sentence that names the path.
    pub message: String,
}

/// Reads a value of type `ty`. Any extension is an unknown value: what is
/// promised about it (a refinement) is not kept.
pub(super) fn decode(ty: &Type, bytes: &[u8]) -> Result<Value, Error> {
    let mut decoder = Decoder { rest: bytes, path: Path::root(), depth: 0 };
    let value = decoder.value(ty)?;
    if decoder.rest.is_empty() { Ok(value) } else { Err(decoder.wrong("bytes after the value")) }
}

/// Writes a value of type `ty`.
pub(super) fn encode(ty: &Type, value: &Value) -> Result<Vec<u8>, Error> {
    let mut encoder = Encoder { out: Vec::new(), path: Path::root() };
    encoder.value(ty, value)?;
    Ok(encoder.out)
}

fn error(path: &Path, message: &str) -> Error {
    let at = if path.0.is_empty() { String::new() } else { format!("{path}: ") };
    Error { path: path.clone(), message: format!("{at}{message}") }
}

struct Decoder<'a> {
    rest: &'a [u8],
    path: Path,
    depth: usize,
}

impl<'a> Decoder<'a> {
    fn wrong(&self, message: &str) -> Error {
        error(&self.path, message)
    }

    fn cut_off<E>(&self) -> impl Fn(E) -> Error + use<E> {
        let error = self.wrong("the value ends too early, or is no MessagePack");
        move |_| error.clone()
    }

    fn take(&mut self, length: u32) -> Result<&'a [u8], Error> {
        let length = usize::try_from(length).map_err(self.cut_off())?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(()).map_err(self.cut_off())?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads what stands one step further down.
    fn within(&mut self, step: Step, ty: &Type) -> Result<Value, Error> {
        self.path.0.push(step);
        let value = self.value(ty)?;
        self.path.0.pop();
        Ok(value)
    }

    fn value(&mut self, ty: &Type) -> Result<Value, Error> {
        if self.depth == MAX_DEPTH {
            return Err(self.wrong("the value is nested too deep"));
        }
        self.depth += 1;
        let value = self.any(ty);
        self.depth -= 1;
        value
    }

    fn any(&mut self, ty: &Type) -> Result<Value, Error> {
        let Some(&first) = self.rest.first() else { return Err(self.cut_off()(())) };
        let marker = Marker::from_u8(first);
        match marker {
            Marker::Null => {
                read::read_nil(&mut self.rest).map_err(self.cut_off())?;
                return Ok(Value::Null);
            }
            Marker::FixExt1
            | Marker::FixExt2
            | Marker::FixExt4
            | Marker::FixExt8
            | Marker::FixExt16
            | Marker::Ext8
            | Marker::Ext16
            | Marker::Ext32 => {
                let extension = read::read_ext_meta(&mut self.rest).map_err(self.cut_off())?;
                self.take(extension.size)?;
                return Ok(Value::Unknown);
            }
            _ => {}
        }
        match ty {
            Type::Bool => match marker {
                Marker::True | Marker::False => {
                    read::read_bool(&mut self.rest).map(Value::Bool).map_err(self.cut_off())
                }
                _ => Err(self.wrong("bool is required")),
            },
            Type::Number => self.number(marker).map(Value::Number),
            Type::String => self.text("string is required").map(|text| Value::String(text.to_owned())),
            Type::List(element) | Type::Set(element) => {
                let length = self.array()?;
                let mut elements = Vec::with_capacity(length.min(MAX_RESERVED));
                for index in 0..length {
                    elements.push(self.within(Step::Index(index), element)?);
                }
                Ok(Value::List(elements))
            }
            Type::Tuple(types) => {
                if self.array()? != types.len() {
                    return Err(self.wrong(&format!("a tuple of {} is required", types.len())));
                }
                let mut elements = Vec::with_capacity(types.len());
                for (index, ty) in types.iter().enumerate() {
                    elements.push(self.within(Step::Index(index), ty)?);
                }
                Ok(Value::List(elements))
            }
            Type::Map(element) => {
                let mut members = BTreeMap::new();
                for _ in 0..self.map()? {
                    let key = self.text("a map has strings for keys")?.to_owned();
                    let value = self.within(Step::Key(key.clone()), element)?;
                    members.insert(key, value);
                }
                Ok(Value::Map(members))
            }
            Type::Object(attributes) => self.object(attributes),
            Type::Dynamic => self.dynamic(),
        }
    }

    fn object(&mut self, attributes: &BTreeMap<String, Type>) -> Result<Value, Error> {
        if self.map()? != attributes.len() {
            return Err(self.wrong(&format!("an object with {} attributes is required", attributes.len())));
        }
        let mut members = BTreeMap::new();
        for _ in 0..attributes.len() {
            let name = self.text("an object has strings for names")?;
            let Some(ty) = attributes.get(name) else {
                return Err(self.wrong(&format!("unsupported attribute {name:?}")));
            };
            let value = self.within(Step::Attribute(name.to_owned()), ty)?;
            if members.insert(name.to_owned(), value).is_some() {
                return Err(self.wrong(&format!("attribute {name:?} stands there twice")));
            }
        }
        Ok(Value::Map(members))
    }

    fn dynamic(&mut self) -> Result<Value, Error> {
        if self.array()? != 2 {
            return Err(self.wrong("a dynamic value is a pair of type and value"));
        }
        let json = match self.rest.first().map(|first| Marker::from_u8(*first)) {
            Some(Marker::Bin8 | Marker::Bin16 | Marker::Bin32) => {
                let length = read::read_bin_len(&mut self.rest).map_err(self.cut_off())?;
                self.take(length)?
            }
            _ => self.text("a dynamic value has its type first")?.as_bytes(),
        };
        let ty = Type::from_json(json).map_err(|error| self.wrong(&error.to_string()))?;
        let value = self.value(&ty)?;
        Ok(match ty {
            // A null or unknown value without a type of its own.
            Type::Dynamic => value,
            ty => Value::Dynamic(Box::new((ty, value))),
        })
    }

    fn number(&mut self, marker: Marker) -> Result<BigDecimal, Error> {
        const REQUIRED: &str = "number is required";
        let number = match marker {
            Marker::FixPos(_)
            | Marker::FixNeg(_)
            | Marker::U8
            | Marker::U16
            | Marker::U32
            | Marker::U64
            | Marker::I8
            | Marker::I16
            | Marker::I32
            | Marker::I64 => {
                Some(BigDecimal::from(read::read_int::<i128, _>(&mut self.rest).map_err(self.cut_off())?))
            }
            // Terraform sends a binary fraction only where it is exact.
            Marker::F64 => BigDecimal::try_from(read::read_f64(&mut self.rest).map_err(self.cut_off())?).ok(),
            Marker::F32 => BigDecimal::try_from(read::read_f32(&mut self.rest).map_err(self.cut_off())?).ok(),
            _ => number::parse(self.text(REQUIRED)?),
        };
        number.ok_or_else(|| self.wrong("the number is infinite or has too many digits"))
    }

    /// A text, also where it comes as bytes.
    fn text(&mut self, required: &str) -> Result<&'a str, Error> {
        let length = match self.rest.first().map(|first| Marker::from_u8(*first)) {
            Some(Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32) => {
                read::read_str_len(&mut self.rest).map_err(self.cut_off())?
            }
            Some(Marker::Bin8 | Marker::Bin16 | Marker::Bin32) => {
                read::read_bin_len(&mut self.rest).map_err(self.cut_off())?
            }
            _ => return Err(self.wrong(required)),
        };
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| self.wrong("the text is not UTF-8"))
    }

    fn array(&mut self) -> Result<usize, Error> {
        match self.rest.first().map(|first| Marker::from_u8(*first)) {
            Some(Marker::FixArray(_) | Marker::Array16 | Marker::Array32) => {
                let length = read::read_array_len(&mut self.rest).map_err(self.cut_off())?;
                usize::try_from(length).map_err(self.cut_off())
            }
            _ => Err(self.wrong("an array is required")),
        }
    }

    fn map(&mut self) -> Result<usize, Error> {
        match self.rest.first().map(|first| Marker::from_u8(*first)) {
            Some(Marker::FixMap(_) | Marker::Map16 | Marker::Map32) => {
                let length = read::read_map_len(&mut self.rest).map_err(self.cut_off())?;
                usize::try_from(length).map_err(self.cut_off())
            }
            _ => Err(self.wrong("a map is required")),
        }
    }
}

struct Encoder {
    out: Vec<u8>,
    path: Path,
}

impl Encoder {
    fn wrong(&self, message: &str) -> Error {
        error(&self.path, message)
    }

    fn within(&mut self, step: Step, ty: &Type, value: &Value) -> Result<(), Error> {
        self.path.0.push(step);
        self.value(ty, value)?;
        self.path.0.pop();
        Ok(())
    }

    fn value(&mut self, ty: &Type, value: &Value) -> Result<(), Error> {
        if self.path.0.len() > MAX_DEPTH {
            return Err(self.wrong("the value is nested too deep"));
        }
        match (ty, value) {
            (_, Value::Null) => self.out.push(Marker::Null.to_u8()),
            (_, Value::Unknown) => self.out.extend_from_slice(&UNKNOWN),
            (Type::Bool, Value::Bool(truth)) => {
                self.out.push(if *truth { Marker::True } else { Marker::False }.to_u8());
            }
            (Type::Number, Value::Number(number)) => self.number(number)?,
            (Type::String, Value::String(text)) => self.text(text)?,
            (Type::List(element), Value::List(elements)) => {
                self.array(elements.len())?;
                for (index, value) in elements.iter().enumerate() {
                    self.within(Step::Index(index), element, value)?;
                }
            }
            (Type::Set(element), Value::List(elements)) => self.set(element, elements)?,
            (Type::Tuple(types), Value::List(elements)) => {
                if types.len() != elements.len() {
                    return Err(self.wrong(&format!("a tuple of {} is required", types.len())));
                }
                self.array(elements.len())?;
                for (index, (ty, value)) in types.iter().zip(elements).enumerate() {
                    self.within(Step::Index(index), ty, value)?;
                }
            }
            (Type::Map(element), Value::Map(members)) => {
                self.map(members.len())?;
                for (key, value) in members {
                    self.text(key)?;
                    self.within(Step::Key(key.clone()), element, value)?;
                }
            }
            (Type::Object(attributes), Value::Map(members)) => {
                if let Some(name) = members.keys().find(|name| !attributes.contains_key(*name)) {
                    return Err(self.wrong(&format!("unsupported attribute {name:?}")));
                }
                self.map(attributes.len())?;
                for (name, ty) in attributes {
                    let Some(value) = members.get(name) else {
                        return Err(self.wrong(&format!("attribute {name:?} is missing")));
                    };
                    self.text(name)?;
                    self.within(Step::Attribute(name.clone()), ty, value)?;
                }
            }
            (Type::Dynamic, Value::Dynamic(typed)) if typed.0 != Type::Dynamic => {
                self.array(2)?;
                self.bytes(typed.0.to_json().to_string().as_bytes())?;
                self.value(&typed.0, &typed.1)?;
            }
            _ => return Err(self.wrong(&format!("{ty} is required"))),
        }
        Ok(())
    }

    /// The elements without repetition; an unknown one equals none.
    fn set(&mut self, element: &Type, elements: &[Value]) -> Result<(), Error> {
        let mut seen = HashSet::new();
        let mut distinct = Vec::with_capacity(elements.len());
        for (index, value) in elements.iter().enumerate() {
            let mut one = Self { out: Vec::new(), path: self.path.clone() };
            one.within(Step::Index(index), element, value)?;
            if !value.is_wholly_known() || seen.insert(one.out.clone()) {
                distinct.push(one.out);
            }
        }
        self.array(distinct.len())?;
        self.out.extend(distinct.into_iter().flatten());
        Ok(())
    }

    fn number(&mut self, number: &BigDecimal) -> Result<(), Error> {
        let whole = if number.is_integer() { number.to_i64() } else { None };
        match whole {
            Some(whole) => {
                write::write_sint(&mut self.out, whole).map_err(|error| self.wrong(&error.to_string()))?;
                Ok(())
            }
            None => self.text(&number::text(number)),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Error> {
        let length = self.length(text.len())?;
        write::write_str_len(&mut self.out, length).map_err(|error| self.wrong(&error.to_string()))?;
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let length = self.length(bytes.len())?;
        write::write_bin_len(&mut self.out, length).map_err(|error| self.wrong(&error.to_string()))?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn array(&mut self, length: usize) -> Result<(), Error> {
        let length = self.length(length)?;
        write::write_array_len(&mut self.out, length).map_err(|error| self.wrong(&error.to_string()))?;
        Ok(())
    }

    fn map(&mut self, length: usize) -> Result<(), Error> {
        let length = self.length(length)?;
        write::write_map_len(&mut self.out, length).map_err(|error| self.wrong(&error.to_string()))?;
        Ok(())
    }

    fn length(&self, length: usize) -> Result<u32, Error> {
        u32::try_from(length).map_err(|_| self.wrong("the value is too large"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Value {
        Value::Number(crate::schema::number::parse(text).unwrap())
    }

    /// The bytes that go-cty writes for a text of less than 32 bytes.
    fn short(text: &str) -> Vec<u8> {
        let mut bytes = vec![0xa0 | u8::try_from(text.len()).unwrap()];
        bytes.extend_from_slice(text.as_bytes());
        bytes
    }

    #[test]
    fn numbers_have_the_bytes_that_terraform_writes() {
        let golden: [(&str, Vec<u8>); 8] = [
            ("0", vec![0x00]),
            ("127", vec![0x7f]),
            ("-1", vec![0xff]),
            ("9223372036854775807", vec![0xcf, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            ("-9223372036854775808", vec![0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0]),
            ("18446744073709551615", short("18446744073709551615")),
            ("0.1", short("0.1")),
            ("-1.5", short("-1.5")),
        ];
        for (text, bytes) in golden {
            assert_eq!(encode(&Type::Number, &number(text)), Ok(bytes.clone()), "{text}");
            assert_eq!(decode(&Type::Number, &bytes), Ok(number(text)), "{text}");
        }
    }

    #[test]
    fn a_number_of_150_digits_keeps_them() {
        let digits = format!("0.{}", "123456789".repeat(17)).chars().take(152).collect::<String>();
        let bytes = encode(&Type::Number, &number(&digits)).unwrap();
        assert_eq!(&bytes[..2], [0xd9, 152]);
        assert_eq!(&bytes[2..], digits.as_bytes());
        assert_eq!(decode(&Type::Number, &bytes), Ok(number(&digits)));
    }

    #[test]
    fn numbers_come_in_any_size_and_as_floats() {
        for (bytes, text) in [
            (vec![0xcc, 0xff], "255"),
            (vec![0xd0, 0x80], "-128"),
            (vec![0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "18446744073709551615"),
            (vec![0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0], "0.5"),
            (vec![0xca, 0x3f, 0x00, 0, 0], "0.5"),
        ] {
            assert_eq!(decode(&Type::Number, &bytes), Ok(number(text)), "{text}");
        }
        let infinite = [0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0];
        assert!(decode(&Type::Number, &infinite).is_err());
        assert!(decode(&Type::Number, &short("1e999999999")).is_err());
    }

    #[test]
    fn any_extension_is_unknown() {
        let refined = [0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2];
        for bytes in [&[0xd4, 0, 0][..], &[0xd5, 7, 1, 2], &[0xc7, 0, 0], &refined, &[0xc8, 0, 1, 99, 0]] {
            assert_eq!(decode(&Type::String, bytes), Ok(Value::Unknown));
        }
        assert_eq!(encode(&Type::String, &Value::Unknown), Ok(vec![0xd4, 0, 0]));
        assert!(decode(&Type::String, &[0xc9, 0xff, 0xff, 0xff, 0xff, 0]).is_err());
    }

    #[test]
    fn a_dynamic_value_travels_with_its_type() {
        let value = Value::Dynamic(Box::new((Type::list(Type::Bool), Value::list([true]))));
        let mut bytes = vec![0x92, 0xc4, 15];
        bytes.extend_from_slice(br#"["list","bool"]"#);
        bytes.extend_from_slice(&[0x91, 0xc3]);
        assert_eq!(encode(&Type::Dynamic, &value), Ok(bytes.clone()));
        assert_eq!(decode(&Type::Dynamic, &bytes), Ok(value));
        assert_eq!(decode(&Type::Dynamic, &[0xc0]), Ok(Value::Null));
        assert_eq!(decode(&Type::Dynamic, &[0xd4, 0, 0]), Ok(Value::Unknown));
    }

    #[test]
    fn text_may_come_as_bytes_and_is_left_as_it_is() {
        let decomposed = "e\u{301}";
        let bytes = short(decomposed);
        assert_eq!(decode(&Type::String, &bytes), Ok(Value::from(decomposed)));
        assert_eq!(decode(&Type::String, &[0xc4, 1, b'a']), Ok(Value::from("a")));
        assert!(decode(&Type::String, &[0xa1, 0xff]).is_err());
    }

    #[test]
    fn a_set_is_written_without_repetition() {
        let set = Value::List(vec![Value::from("a"), Value::Unknown, Value::from("a"), Value::Unknown]);
        let bytes = encode(&Type::set(Type::String), &set).unwrap();
        let once = Value::List(vec![Value::from("a"), Value::Unknown, Value::Unknown]);
        assert_eq!(decode(&Type::set(Type::String), &bytes), Ok(once));
    }

    #[test]
    fn an_object_has_exactly_its_attributes() {
        let ty = Type::object([("a", Type::Bool), ("b", Type::Bool)]);
        let mut short_of_one = vec![0x81];
        short_of_one.extend(short("a"));
        short_of_one.push(0xc0);
        assert_eq!(
            decode(&ty, &short_of_one).unwrap_err().message,
            "an object with 2 attributes is required"
        );
        let missing = Value::object([("a", Value::Null)]);
        assert_eq!(encode(&ty, &missing).unwrap_err().message, "attribute \"b\" is missing");
        let wrong = Value::object([("a", Value::Null), ("b", Value::from("x"))]);
        assert_eq!(encode(&ty, &wrong).unwrap_err().message, "b: bool is required");
    }

    #[test]
    fn hostile_bytes_are_an_error_and_no_crash() {
        let list = Type::list(Type::String);
        // A length that nothing follows.
        assert!(decode(&list, &[0xdd, 0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(decode(&Type::map(Type::Bool), &[0xdf, 0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(decode(&Type::String, &[0xdb, 0xff, 0xff, 0xff, 0xff]).is_err());
        // Dynamic in dynamic, without end.
        let mut deep = Vec::new();
        for _ in 0..100_000 {
            deep.extend_from_slice(&[0x92, 0xc4, 18]);
            deep.extend_from_slice(br#"["list","dynamic"]"#);
            deep.push(0x91);
        }
        let error = decode(&Type::Dynamic, &deep).unwrap_err();
        assert!(error.message.ends_with("nested too deep"), "{error}");
        assert!(decode(&Type::Bool, &[0xc3, 0xc3]).is_err());
        assert!(decode(&Type::Bool, &[]).is_err());
    }

    fn ty() -> impl Strategy<Value = Type> {
        let leaf = prop_oneof![Just(Type::String), Just(Type::Number), Just(Type::Bool), Just(Type::Dynamic)];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                inner.clone().prop_map(Type::list),
                inner.clone().prop_map(Type::map),
                prop::collection::vec(inner.clone(), 0..3).prop_map(Type::Tuple),
                prop::collection::btree_map("[a-z]{1,3}", inner, 0..4).prop_map(Type::Object),
            ]
        })
    }

    fn value(ty: &Type) -> BoxedStrategy<Value> {
        let known = match ty {
            Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
            Type::String => any::<String>().prop_map(Value::from).boxed(),
            Type::Number => prop_oneof![
                any::<i64>().prop_map(Value::from),
                (any::<i128>(), -40..40_i64)
                    .prop_map(|(digits, scale)| Value::Number(BigDecimal::new(digits.into(), scale))),
            ]
            .boxed(),
            Type::Dynamic => (Just(Type::list(Type::Bool)), prop::collection::vec(any::<bool>(), 0..3))
                .prop_map(|(ty, elements)| Value::Dynamic(Box::new((ty, Value::list(elements)))))
                .boxed(),
            Type::List(element) | Type::Set(element) => {
                prop::collection::vec(value(element), 0..4).prop_map(Value::List).boxed()
            }
            Type::Map(element) => prop::collection::btree_map(any::<String>(), value(element), 0..4)
                .prop_map(Value::Map)
                .boxed(),
            Type::Tuple(types) => types.iter().map(value).collect::<Vec<_>>().prop_map(Value::List).boxed(),
            Type::Object(attributes) => {
                let names: Vec<String> = attributes.keys().cloned().collect();
                let values: Vec<_> = attributes.values().map(value).collect();
                values.prop_map(move |values| Value::object(names.iter().cloned().zip(values))).boxed()
            }
        };
        prop_oneof![1 => Just(Value::Null), 1 => Just(Value::Unknown), 6 => known].boxed()
    }

    proptest! {
        #[test]
        fn every_value_survives_the_wire((ty, value) in ty().prop_flat_map(|ty| {
            let value = value(&ty);
            (Just(ty), value)
        })) {
            let bytes = encode(&ty, &value).unwrap();
            prop_assert_eq!(decode(&ty, &bytes), Ok(value));
        }

        #[test]
        fn damaged_bytes_are_a_value_or_an_error(
            (ty, value) in ty().prop_flat_map(|ty| {
                let value = value(&ty);
                (Just(ty), value)
            }),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            end in any::<prop::sample::Index>(),
        ) {
            let mut bytes = encode(&ty, &value).unwrap();
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let _ = decode(&ty, &bytes);
            bytes.truncate(end.index(bytes.len()));
            let _ = decode(&ty, &bytes);
        }

        #[test]
        fn any_bytes_are_a_value_or_an_error(ty in ty(), bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode(&ty, &bytes);
        }
    }
}
