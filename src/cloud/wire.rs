//! Frames on a TCP socket, straight to the server or through a proxy.
//!
//! The connection and the key exchange both speak through this type, one after the other on the same socket. Everything that
//! arrives here is unauthenticated, so what does not fit ends the connection, and a status in a frame's place is named for what
//! it claims, no more. Sending always has an end; how long to wait for a frame is the caller's to say. Which of the two, the proxy or the
//! server, is at fault is decided here, as far as it can be known.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use super::clock::unix_now;
use super::dial::{dial, split_address};
use super::fault::CloudError;
use super::proxy::mtproxy::{self, Disguise, Shut};
use super::proxy::socks::{self, Refusal};
use super::proxy::{Login, Proxy, Secret};
use crate::mtproto::framing::{AUTH_KEY_NOT_FOUND, Decoder, Encoder, End, Frame, Framing};

/// "Too many connections from here."
const TOO_MANY_CONNECTIONS: i32 = -429;

/// What is read from the socket at once, bytes.
const READ_SIZE: usize = 16 * 1024;

/// A peer that takes no bytes for this long is gone.
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// Where a wire leads, and how.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// `host:port`; an MTProxy does not need it.
    pub address: &'a str,
    pub dc_id: i32,
    pub proxy: Option<&'a Proxy>,
    /// The server's clock minus ours, seconds, as far as it is known: a disguised proxy lets nobody in from another time.
    pub time_offset: i32,
}

/// A connected socket with its framing.
pub struct Wire {
    /// The server's, as it is named in sentences.
    address: String,
    /// Of an MTProxy, whose failures look like the server's.
    mtproxy: Option<String>,
    stream: TcpStream,
    /// What goes before the first packet.
    opening: Vec<u8>,
    encoder: Encoder,
    decoder: Decoder,
    disguise: Option<Disguise>,
    /// Whether a frame has come.
    heard: bool,
}

impl Wire {
    /// Connects within `limit`, whatever stands on the way.
    pub async fn dial(way: Way<'_>, limit: Duration) -> Result<Wire, CloudError> {
        let deadline = Instant::now() + limit;
        match way.proxy {
            None => {
                let address = way.address.to_owned();
                let stream = dial(way.address, deadline).await;
                let stream = stream.map_err(|reason| CloudError::NoServer { address, reason })?;
                Ok(Wire::straight(way, stream))
            }
            Some(Proxy::Socks5 { login, .. }) => {
                let stream = through_socks(way, login.as_ref(), deadline).await?;
                Ok(Wire::straight(way, stream))
            }
            Some(Proxy::Mtproto { secret, .. }) => into_mtproxy(way, secret, deadline).await,
        }
    }

    fn straight(way: Way<'_>, stream: TcpStream) -> Wire {
        Wire {
            address: way.name(),
            mtproxy: None,
            stream,
            opening: Vec::new(),
            encoder: Encoder::new(Framing::Full),
            decoder: Decoder::new(Framing::Full, End::Client),
            disguise: None,
            heard: false,
        }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// The next frame's payload. Cancel-safe: what was read stays.
    pub async fn frame(&mut self) -> Result<Vec<u8>, CloudError> {
        let mut bytes = [0; READ_SIZE];
        loop {
            match self.decoder.next_frame().map_err(|fault| self.garbled(fault.to_string()))? {
                Some(Frame::Packet(packet)) => {
                    self.heard = true;
                    return Ok(packet);
                }
                Some(Frame::TransportError(status)) => return Err(self.status(status)),
                None => {}
            }
            match self.stream.read(&mut bytes).await {
                Ok(0) | Err(_) => return Err(self.lost()),
                Ok(read) => self.feed(bytes.get(..read).unwrap_or_default())?,
            }
        }
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), CloudError> {
        let Some(disguise) = &mut self.disguise else {
            self.decoder.feed(bytes);
            return Ok(());
        };
        let mut stream = Vec::with_capacity(bytes.len());
        let unwrapped = disguise.reader.unwrap_into(bytes, &mut stream);
        self.decoder.feed(&stream);
        unwrapped.map_err(|fault| self.garbled(fault.to_string()))
    }

    /// Sends one payload, whose length is a multiple of 4.
    pub async fn send(&mut self, payload: &[u8]) -> Result<(), CloudError> {
        let mut bytes = std::mem::take(&mut self.opening);
        bytes.extend(self.encoder.encode(payload, &mut rand::rng()));
        if let Some(disguise) = &mut self.disguise {
            bytes = disguise.writer.wrap(&bytes);
        }
        match timeout(WRITE_LIMIT, self.stream.write_all(&bytes)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(self.lost()),
        }
    }

    /// That what came does not follow the protocol.
    pub fn garbled(&self, detail: impl Into<String>) -> CloudError {
        let detail = detail.into();
        match &self.mtproxy {
            Some(proxy) if !self.heard => CloudError::ProxySecret { proxy: proxy.clone(), detail },
            _ => CloudError::NotTelegram { address: self.address.clone(), detail },
        }
    }

    /// That nothing came for so long.
    pub fn silent(&self, during: &'static str, limit: Duration) -> CloudError {
        let seconds = limit.as_secs();
        if self.heard {
            return CloudError::TimedOut { address: self.address.clone(), during, seconds };
        }
        self.mute(format!("said nothing for {seconds} s"))
    }

    fn lost(&self) -> CloudError {
        if self.heard {
            return CloudError::Disconnected { address: self.address.clone() };
        }
        self.mute("closed the connection without a word".into())
    }

    fn mute(&self, behaviour: String) -> CloudError {
        match &self.mtproxy {
            Some(proxy) => CloudError::ProxyMute { proxy: proxy.clone(), behaviour },
            None => CloudError::Mute { address: self.address.clone(), behaviour },
        }
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

impl Way<'_> {
    /// The server as it is named in sentences.
    fn name(&self) -> String {
        match self.proxy {
            None => self.address.to_owned(),
            Some(proxy) => format!("{} (through {proxy})", self.address),
        }
    }
}

async fn to_proxy(proxy: &str, deadline: Instant) -> Result<TcpStream, CloudError> {
    let unreachable = |reason| CloudError::NoProxy { proxy: proxy.to_owned(), reason };
    dial(proxy, deadline).await.map_err(unreachable)
}

async fn through_socks(
    way: Way<'_>,
    login: Option<&Login>,
    deadline: Instant,
) -> Result<TcpStream, CloudError> {
    let proxy = way.proxy.map(Proxy::address).unwrap_or_default();
    let address = way.address.to_owned();
    let beyond = |reason: &str| CloudError::BeyondProxy {
        proxy: proxy.clone(),
        address: address.clone(),
        reason: reason.to_owned(),
    };
    let refused = |refusal| match refusal {
        Refusal::NotSocks(detail) => CloudError::NotAProxy { proxy: proxy.clone(), detail },
        Refusal::LoginWanted => CloudError::ProxyLoginWanted { proxy: proxy.clone() },
        Refusal::LoginRefused => CloudError::ProxyLoginRefused { proxy: proxy.clone() },
        Refusal::Target(reason) => beyond(reason),
    };
    let (host, port) = split_address(way.address).ok_or_else(|| beyond("the address is not host:port"))?;
    let mut stream = to_proxy(&proxy, deadline).await?;
    match timeout_at(deadline, socks::enter(&mut stream, login)).await {
        Ok(entered) => entered.map_err(refused)?,
        Err(_) => return Err(refused(Refusal::NotSocks("it says nothing"))),
    }
    match timeout_at(deadline, socks::connect(&mut stream, host, port)).await {
        Ok(connected) => connected.map_err(refused)?,
        Err(_) => return Err(beyond("no answer in time")),
    }
    Ok(stream)
}

async fn into_mtproxy(way: Way<'_>, secret: &Secret, deadline: Instant) -> Result<Wire, CloudError> {
    let proxy = way.proxy.map(Proxy::address).unwrap_or_default();
    let mut stream = to_proxy(&proxy, deadline).await?;
    let now = u32::try_from(unix_now().saturating_add(way.time_offset)).unwrap_or_default();
    let entered = match timeout_at(deadline, mtproxy::enter(&mut stream, secret, way.dc_id, now)).await {
        Ok(Ok(entered)) => entered,
        Ok(Err(Shut::Fault(fault))) => {
            return Err(CloudError::ProxySecret { proxy, detail: fault.to_string() });
        }
        Ok(Err(Shut::Closed)) => {
            return Err(CloudError::ProxyMute {
                proxy,
                behaviour: "closed the connection without a word".into(),
            });
        }
        Err(_) => return Err(CloudError::ProxyMute { proxy, behaviour: "said nothing to our hello".into() }),
    };
    Ok(Wire {
        address: way.name(),
        mtproxy: Some(proxy),
        stream,
        opening: entered.header.to_vec(),
        encoder: entered.encoder,
        decoder: entered.decoder,
        disguise: entered.disguise,
        heard: false,
    })
}
