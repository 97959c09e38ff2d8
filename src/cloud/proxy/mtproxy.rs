//! Into an MTProxy: an obfuscated stream made with its secret, inside a disguise if the secret asks for one.
//!
//! The proxy is not told an address but the number of a data centre. It has no way of saying that a secret is wrong; it falls silent,
//! hangs up, or shows us the host that it pretends to be, and only the last can be told from everything else.

use rand::Rng;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Secret;
use crate::mtproto::fake_tls::{ClientHello, RecordReader, RecordWriter, TlsFault};
use crate::mtproto::framing::{Decoder, Encoder};
use crate::mtproto::obfuscated::{self, HEADER_LEN, Hidden};

/// What is read at once of the answer to a hello, bytes.
const READ_SIZE: usize = 4096;

/// The stream behind the door.
#[derive(Debug)]
pub struct Entered {
    /// Goes before the first packet.
    pub header: [u8; HEADER_LEN],
    pub encoder: Encoder,
    pub decoder: Decoder,
    pub disguise: Option<Disguise>,
}

/// Both directions of a disguised stream.
#[derive(Debug, Default)]
pub struct Disguise {
    pub reader: RecordReader,
    pub writer: RecordWriter,
}

/// Why the disguised door stays shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    Closed,
    Fault(TlsFault),
}

/// A stream to this data centre. `unix_seconds` is in the proof: proxies refuse one from another time.
pub async fn enter<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    secret: &Secret,
    dc_id: i32,
    unix_seconds: u32,
) -> Result<Entered, Shut> {
    let disguise = match secret {
        Secret::Plain(_) | Secret::Padded(_) => None,
        Secret::Tls { secret, domain } => {
            let hello = ClientHello::new(domain, secret, unix_seconds, &mut rand::rng());
            Some(knock(stream, &hello).await?)
        }
    };
    let (header, encoder, decoder) = begin(secret, dc_id, &mut rand::rng());
    Ok(Entered { header, encoder, decoder, disguise })
}

fn begin(secret: &Secret, dc_id: i32, rng: &mut impl Rng) -> ([u8; HEADER_LEN], Encoder, Decoder) {
    // The header has two bytes for it; what does not fit is no data centre.
    let dc_id = i16::try_from(dc_id).unwrap_or_default();
    let proposed = obfuscated::propose(Hidden::PaddedIntermediate, dc_id, Some(secret.key()), rng);
    (proposed.header, proposed.encoder, proposed.decoder)
}

/// Says the hello, and waits for an answer with the proof.
async fn knock<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    hello: &ClientHello,
) -> Result<Disguise, Shut> {
    stream.write_all(hello.bytes()).await.map_err(|_| Shut::Closed)?;
    let mut received = Vec::with_capacity(READ_SIZE);
    loop {
        if let Some(len) = hello.check(&received).map_err(Shut::Fault)? {
            let mut disguise = Disguise::default();
            // Before we have said anything there is nothing to answer.
            let behind = received.get(len..).unwrap_or_default();
            disguise.reader.unwrap_into(behind, &mut Vec::new()).map_err(Shut::Fault)?;
            return Ok(disguise);
        }
        match stream.read_buf(&mut received).await {
            Ok(0) | Err(_) => return Err(Shut::Closed),
            Ok(_) => {}
        }
    }
}
