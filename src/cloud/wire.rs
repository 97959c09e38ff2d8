//! Frames on a TCP socket, in Telegram's *full* framing.
//!
//! The connection and the key exchange both speak through this type, one after the other on the same socket. Everything that
//! arrives here is unauthenticated, so what does not fit ends the connection, and a status in a frame's place is named for what
//! it claims, no more. Sending always has an end; how long to wait for a frame is the caller's to say.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::fault::CloudError;
use crate::mtproto::framing::{AUTH_KEY_NOT_FOUND, Decoder, Encoder, End, Frame, Framing};

/// "Too many connections from here."
const TOO_MANY_CONNECTIONS: i32 = -429;

/// What is read from the socket at once, bytes.
const READ_SIZE: usize = 16 * 1024;

/// A peer that takes no bytes for this long is gone.
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// A connected socket with its framing.
pub struct Wire {
    address: String,
    stream: TcpStream,
    encoder: Encoder,
    decoder: Decoder,
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
        Ok(Wire {
            address: address.to_owned(),
            stream,
            encoder: Encoder::new(Framing::Full),
            decoder: Decoder::new(Framing::Full, End::Client),
        })
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// The next frame's payload. Cancel-safe: what was read stays.
    pub async fn frame(&mut self) -> Result<Vec<u8>, CloudError> {
        let mut bytes = [0; READ_SIZE];
        loop {
            match self.decoder.next_frame().map_err(|fault| self.garbled(fault.to_string()))? {
                Some(Frame::Packet(packet)) => return Ok(packet),
                Some(Frame::TransportError(status)) => return Err(self.status(status)),
                None => {}
            }
            match self.stream.read(&mut bytes).await {
                Ok(0) | Err(_) => return Err(CloudError::Disconnected { address: self.address.clone() }),
                Ok(read) => self.decoder.feed(bytes.get(..read).unwrap_or_default()),
            }
        }
    }

    /// Sends one payload, whose length is a multiple of 4.
    pub async fn send(&mut self, payload: &[u8]) -> Result<(), CloudError> {
        let frame = self.encoder.encode(payload);
        match timeout(WRITE_LIMIT, self.stream.write_all(&frame)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(CloudError::Disconnected { address: self.address.clone() }),
        }
    }

    /// That what came does not follow the protocol.
    pub fn garbled(&self, detail: impl Into<String>) -> CloudError {
        CloudError::NotTelegram { address: self.address.clone(), detail: detail.into() }
    }

    /// A negative number where a message should be.
    fn status(&self, status: i32) -> CloudError {
        let address = self.address.clone();
        match status {
            AUTH_KEY_NOT_FOUND => CloudError::UnknownDevice { address },
            TOO_MANY_CONNECTIONS => CloudError::TooManyConnections { address },
            other => self.garbled(format!("status {other}")),
        }
    }
}
