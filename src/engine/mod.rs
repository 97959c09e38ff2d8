//! Stub.

pub use crate::secret::picture::{KeyPicture, PALETTE};
