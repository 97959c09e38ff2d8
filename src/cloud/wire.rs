//! Frames on a TCP socket, in Telegram's *full* framing.
//!
//! The connection and the key exchange both speak through this type, one after the other on the same socket. Everything that
//! arrives here is unauthenticated: a frame has a greatest length, a status instead of a frame is recognised in both ways that
//! servers send it, and waiting for the other side always has an end.

use std::time::Duration;

use grammers_crypto::DequeBuffer;
use grammers_mtproto::transport::{Error, Full, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::fault::CloudError;

/// Longest frame taken, bytes: the most a server packs into one container, and room for its headers.
const MAX_FRAME: usize = 1_056_768;

/// What is read from the socket at once, bytes.
const READ_SIZE: usize = 16 * 1024;

/// A peer that takes no bytes for this long is gone.
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// A connected socket with its framing.
pub struct Wire {
    address: String,
    stream: TcpStream,
    framing: Full,
    incoming: Vec<u8>,
}

impl Wire {
    /// Dials `address` (`host:port`); every address the name resolves to is tried within `limit`.
    pub async fn dial(address: &str, limit: Duration) -> Result<Wire, CloudError> {
        let refused = |reason: String| CloudError::NoServer { address: address.to_owned(), reason };
        let stream = match timeout(limit, TcpStream::connect(address)).await {
            Err(_) => return Err(refused(format!("no answer in {} s", limit.as_secs()))),
            Ok(Err(error)) => return Err(refused(error.to_string())),
            Ok(Ok(stream)) => stream,
        };
        // Without it a short request waits for the answer to the one before; a socket that cannot is still good.
        let _ = stream.set_nodelay(true);
        Ok(Wire { address: address.to_owned(), stream, framing: Full::new(), incoming: Vec::new() })
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// The next frame's payload. Cancel-safe: what was read stays.
    pub async fn frame(&mut self) -> Result<Vec<u8>, CloudError> {
        loop {
            if let Some(payload) = self.unpack()? {
                return Ok(payload);
            }
            self.incoming.reserve(READ_SIZE);
            match self.stream.read_buf(&mut self.incoming).await {
                Ok(0) | Err(_) => return Err(CloudError::Disconnected { address: self.address.clone() }),
                Ok(_) => {}
            }
        }
    }

    /// Sends one payload, whose length is a multiple of 4.
    pub async fn send(&mut self, mut payload: DequeBuffer<u8>) -> Result<(), CloudError> {
        self.framing.pack(&mut payload);
        match timeout(WRITE_LIMIT, self.stream.write_all(payload.as_ref())).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(CloudError::Disconnected { address: self.address.clone() }),
        }
    }

    /// That what came does not follow the protocol.
    pub fn garbled(&self, detail: impl Into<String>) -> CloudError {
        CloudError::NotTelegram { address: self.address.clone(), detail: detail.into() }
    }

    fn unpack(&mut self) -> Result<Option<Vec<u8>>, CloudError> {
        if let Some(length) = self.incoming.first_chunk() {
            let length = i32::from_le_bytes(*length);
            if length < 0 {
                return Err(self.status(length));
            }
            if usize::try_from(length).is_ok_and(|length| length > MAX_FRAME) {
                return Err(self.garbled("a frame is too long"));
            }
        }
        let place = match self.framing.unpack(&mut self.incoming) {
            Ok(place) => place,
            Err(Error::MissingBytes) => return Ok(None),
            Err(error) => return Err(self.garbled(error.to_string())),
        };
        let payload = self.incoming.get(place.data_range).map(<[u8]>::to_vec).unwrap_or_default();
        self.incoming.drain(..place.next_offset.min(self.incoming.len()));
        match payload.as_array() {
            Some(status) => Err(self.status(i32::from_le_bytes(*status))),
            None => Ok(Some(payload)),
        }
    }

    /// A negative number where a message should be, bare or in a frame of its own.
    fn status(&self, status: i32) -> CloudError {
        let address = self.address.clone();
        match status {
            -404 => CloudError::UnknownDevice { address },
            -429 => CloudError::TooManyConnections { address },
            other => self.garbled(format!("status {other}")),
        }
    }
}
