//! Reads selected members of a JSON object and skips the others without storing them. Unlike a derived
//! `Deserialize`, it does not accept an array for an object, and of members with the same name the
//! last one counts, as in JavaScript.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// The selected members of an object.
pub trait Members<'de>: Default {
    /// Reads the value of `name` from `map` and returns true, or returns false without reading it.
    fn read<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error>;
}

/// Defines structs of optional members, each with its name in JSON.
macro_rules! members {
    ($($(#[$doc:meta])* $object:ident<$de:lifetime> {
        $($name:literal => $member:ident: $type:ty,)+
    })+) => {$(
        $(#[$doc])*
        #[derive(Default)]
        struct $object<$de> {
            $($member: Option<$type>,)+
        }

        impl<$de> Members<$de> for $object<$de> {
            fn read<A: MapAccess<$de>>(
                &mut self,
                name: &str,
                map: &mut A,
            ) -> Result<bool, A::Error> {
                match name {
                    $($name => self.$member = map.next_value()?,)+
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }
    )+};
}

pub(crate) use members;

/// A JSON object from which the members of `T` are read.
pub struct Object<T>(pub T);

impl<'de, T: Members<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Members<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<T>, A::Error> {
        let mut members = T::default();
        while let Some(Text(name)) = map.next_key()? {
            if !members.read(&name, &mut map)? {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Object(members))
    }
}

/// A string, borrowed if the JSON has no escapes in it. (serde's own `Cow` always copies.)
pub struct Text<'de>(pub Cow<'de, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}
