//! Reads an object of our own layer and writes it as another layer has it.
//!
//! A constructor that changed is written with those of its fields that the other layer knows by the same name and type, and its flags
//! are made anew; what that layer has besides is always optional, and left out. All else is copied, for something inside may have
//! changed. The objects come from this server, none of them can contain itself, so the depth needs no bound.

use super::schema::{Definition, Field, Kind, Schema};
use crate::server::reader::Reader;

pub(super) const VECTOR: u32 = 0x1cb5_c415;

/// Why an object cannot be written for another layer: always this program's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayerFault {
    #[error(
        "the constructor {id:#x} is not among those that are known to be sent; it belongs into constructors.tl"
    )]
    Unknown { id: u32 },
    #[error("an object ends too early, or too late")]
    Length,
    #[error("{constructor} has no {field}, which the other layer wants")]
    Lacks { constructor: &'static str, field: &'static str },
}

/// Writes objects for one layer.
pub(super) struct Walk {
    pub schema: &'static Schema,
    pub layer: i32,
}

/// A field that is there, as the other layer has it.
struct Held<'a> {
    field: &'a Field,
    bytes: Vec<u8>,
}

impl Walk {
    /// A whole object: nothing may follow it.
    pub fn whole(&self, object: &[u8], is_vector: bool) -> Result<Vec<u8>, LayerFault> {
        let mut from = Reader::new(object);
        let mut to = Vec::with_capacity(object.len());
        if is_vector {
            self.vector(&mut from, &Kind::Boxed("Object"), &mut to)?;
        } else {
            self.object(&mut from, &mut to)?;
        }
        if from.rest().is_empty() { Ok(to) } else { Err(LayerFault::Length) }
    }

    fn object(&self, from: &mut Reader<'_>, to: &mut Vec<u8>) -> Result<(), LayerFault> {
        let id = from.u32().ok_or(LayerFault::Length)?;
        let present = self.schema.present(id).ok_or(LayerFault::Unknown { id })?;
        let held = self.fields(present, from)?;
        write(self.schema.in_layer(present, self.layer), &held, to)
    }

    fn fields<'a>(
        &self,
        definition: &'a Definition,
        from: &mut Reader<'_>,
    ) -> Result<Vec<Held<'a>>, LayerFault> {
        let mut flags = Vec::new();
        let mut held = Vec::new();
        for field in &definition.fields {
            let is_set = |(name, bit): (&str, u32)| {
                flags.iter().any(|(flags, value): &(&str, u32)| *flags == name && value >> bit & 1 == 1)
            };
            if field.kind == Kind::Flags {
                flags.push((field.name, from.u32().ok_or(LayerFault::Length)?));
            } else if field.condition.is_none_or(is_set) {
                let mut bytes = Vec::new();
                self.value(from, &field.kind, &mut bytes)?;
                held.push(Held { field, bytes });
            }
        }
        Ok(held)
    }

    fn value(&self, from: &mut Reader<'_>, kind: &Kind, to: &mut Vec<u8>) -> Result<(), LayerFault> {
        match kind {
            Kind::Mark => Ok(()),
            Kind::Flags | Kind::Int => copy(from, to, |from| from.u32().map(drop)),
            Kind::Long | Kind::Double => copy(from, to, |from| from.i64().map(drop)),
            Kind::Bytes => copy(from, to, |from| from.bytes().map(drop)),
            Kind::Boxed(_) => self.object(from, to),
            Kind::Vector(inner) => self.vector(from, inner, to),
        }
    }

    fn vector(&self, from: &mut Reader<'_>, inner: &Kind, to: &mut Vec<u8>) -> Result<(), LayerFault> {
        let count = Reader::new(from.rest()).vector(usize::MAX).ok_or(LayerFault::Length)?;
        copy(from, to, |from| from.i64().map(drop))?;
        (0..count).try_for_each(|_| self.value(from, inner, to))
    }
}

/// Copies what `read` takes.
fn copy(
    from: &mut Reader<'_>,
    to: &mut Vec<u8>,
    read: impl FnOnce(&mut Reader<'_>) -> Option<()>,
) -> Result<(), LayerFault> {
    let before = from.rest();
    read(from).ok_or(LayerFault::Length)?;
    let len = before.len() - from.rest().len();
    to.extend(before.iter().take(len));
    Ok(())
}

fn write(wanted: &Definition, held: &[Held<'_>], to: &mut Vec<u8>) -> Result<(), LayerFault> {
    let find = |wanted: &Field| {
        held.iter().find(|held| held.field.name == wanted.name && held.field.kind == wanted.kind)
    };
    to.extend(wanted.id.to_le_bytes());
    for field in &wanted.fields {
        if field.kind == Kind::Flags {
            let set = wanted.fields.iter().filter(|other| find(other).is_some());
            let bits = set.filter_map(|other| other.condition).filter(|(flags, _)| *flags == field.name);
            let value: u32 = bits.fold(0, |value, (_, bit)| value | 1 << bit);
            to.extend(value.to_le_bytes());
        } else if let Some(found) = find(field) {
            to.extend(&found.bytes);
        } else if field.condition.is_none() {
            return Err(LayerFault::Lacks { constructor: wanted.name, field: field.name });
        }
    }
    Ok(())
}
