//! What outlives a connection: the auth key, the salt and the clock.

pub use crate::mtproto::auth_key::AuthKey;

/// What a connection needs of the ones before it. Storing it spares the next one the key exchange and a round trip or two.
#[derive(Clone, Debug)]
pub struct Session {
    pub auth_key: AuthKey,
    /// The server's salt when we last heard of one; 0 is none.
    pub first_salt: i64,
    /// The server's clock minus ours, seconds.
    pub time_offset: i32,
}
