//! Layers: what this server says, in the constructors that a client of an older layer knows.
//!
//! Everything is made in our own layer, the newest this program knows. A client names its layer with `invokeWithLayer`; one of the same
//! or a newer layer is answered with what was made, for an older one it is rewritten on its way out. That is done to the bytes, by the
//! schema: so no handler has to know of it, and updates, which are bytes for several devices of different layers, go the same way.
//!
//! Among what is sent from here, three constructors differ between layer 198 (the oldest that clients in use today speak) and 230:
//! `user` (198..199, 200..216, 217..227, 228..), `userFull` (198..199, 200, 201..209, 210, 211..212, 213, 214..215, 216..223, 224..) and
//! `peerSettings` (198..199, 200..). A client of a layer before 198 gets what 198 has. Of requests, three differ, and are understood in
//! both forms (`rpc::wire`): `contacts.addContact` (since 215 or 216), `inputPhoneContact` (217 or 218) and `contacts.search`
//! (226 or 227).

mod schema;
mod walk;

#[cfg(test)]
mod tests;

use self::schema::Schema;
use self::walk::{VECTOR, Walk};
use super::reader::Reader;

pub use self::walk::LayerFault;

/// A serialised boxed object or vector of our own layer, as `layer` has it.
///
/// # Errors
/// Something inside is not in the table of what is sent. An object that holds nothing of what is in the table passes as it is.
pub fn rewrite(layer: i32, object: Vec<u8>) -> Result<Vec<u8>, LayerFault> {
    let schema = Schema::get();
    if layer > schema.newest_change() {
        return Ok(object);
    }
    let mut head = Reader::new(&object);
    let mut first = head.u32();
    let is_vector = first == Some(VECTOR);
    if is_vector {
        first = head.u32().and_then(|_| head.u32());
    }
    if first.and_then(|id| schema.present(id)).is_none() {
        return Ok(object);
    }
    Walk { schema, layer }.whole(&object, is_vector)
}
