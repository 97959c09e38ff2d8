//! What client and server share of MTProto 2.0: framing, envelopes, ciphers and the arithmetic of the auth-key exchange.
//!
//! Everything here is pure: bytes in, bytes out, randomness as an argument. Both ends of a connection use the same code, each in
//! its own direction, so that a layout is written down once and a test can play either side.

pub mod auth_key;
pub mod cipher;
pub mod exchange;
pub mod fake_tls;
pub mod framing;
pub mod obfuscated;
pub mod padding;
pub mod plain;
pub mod power;
pub mod pq;
pub mod rsa;
pub mod srp;
