//! The disguise of an MTProxy: a connection that looks like TLS with some other host, as a client begins and goes on with it.
//!
//! Nothing here is encrypted by TLS. The hello proves with the proxy's secret, in the place of its random bytes, that we may come in;
//! whoever cannot prove it is passed on to the real host of that name. The answer proves in the same place that a proxy with our
//! secret gave it. Behind both there are records that look like encrypted ones and carry an [obfuscated](super::obfuscated) stream.

mod hello;
mod point;
mod records;

pub use hello::{ClientHello, MAX_DOMAIN_LEN};
pub use records::{RecordReader, RecordWriter};

/// Content types of TLS records.
const CHANGE_CIPHER_SPEC: u8 = 0x14;
const ALERT: u8 = 0x15;
const HANDSHAKE: u8 = 0x16;
const APPLICATION_DATA: u8 = 0x17;
/// TLS 1.2, as version 1.3 calls itself on the wire.
const VERSION: [u8; 2] = [3, 3];
/// Type, version and length of a record, bytes.
const RECORD_HEADER: usize = 5;

/// Why what answers is not the proxy that we look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    #[error("the answer does not look like TLS")]
    NotTls,
    #[error("the answer is TLS, but without the proof of the secret")]
    WrongProof,
    #[error("the connection was ended by an alert")]
    Alert,
}
