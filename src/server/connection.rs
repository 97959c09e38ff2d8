//! One TCP connection: finds out its framing, then brings each packet to the key exchange or to its session.
//!
//! Whatever a client does wrong ends here, as a [`Departure`] that says why: the fault is logged with the client's address, the
//! connection is closed, and nobody else notices.

use std::cmp::Ordering;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::clock;
use super::desk::{Desk, DeskFault, FoundKey};
use super::handshake::{Agreement, Handshake, HandshakeFault, Reply};
use super::hub::Hub;
use super::live::Keyring;
use super::lobby::Guest;
use super::outbox::{Outbox, outbox};
use super::session::numbers::{Kind, Numbers};
use super::session::salts::Salts;
use super::temporary::Identity;
use crate::mtproto::cipher::{self, CipherFault, Direction};
use crate::mtproto::framing::{
    self, AUTH_KEY_NOT_FOUND, Decoder, Detection, Encoder, Frame, FramingFault, Opening,
};
use crate::mtproto::plain::{self, PlainFault};
use crate::mtproto::rsa::PrivateKey;

/// From the first byte to the first message of a known key.
const INTRODUCTION_LIMIT: Duration = Duration::from_secs(60);
/// Silence after which a connection is taken for dead. Clients ping every minute or so.
const SILENCE_LIMIT: Duration = Duration::from_secs(15 * 60);
/// Messages of the key exchange per connection; each costs computing.
const MAX_PLAIN_MESSAGES: u32 = 32;
/// How often a connection may go over from one key to another; each costs work for the desk. Clients do so when a temporary key is new.
const MAX_KEY_CHANGES: u32 = 256;
const READ_CHUNK: usize = 16 * 1024;
/// Faults logged per connection; a client must not be able to fill the disk with them.
const MAX_LOGGED_FAULTS: u32 = 100;
/// How long a refused client may take to read why. Closing with unread input would discard what was sent.
const LINGER: Duration = Duration::from_secs(1);

/// What all connections share.
pub struct Shared {
    pub hub: Arc<Hub>,
    pub desk: Desk,
    pub rsa: Arc<PrivateKey>,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum Departure {
    #[error("the client has closed the connection")]
    Closed,
    #[error("the server stops")]
    Stopped,
    #[error("the connection failed: {0}")]
    Io(#[from] std::io::Error),
    #[error("the first bytes belong to no framing, plain or obfuscated")]
    UnknownFraming,
    #[error(transparent)]
    Framing(#[from] FramingFault),
    #[error(transparent)]
    Plain(#[from] PlainFault),
    #[error(transparent)]
    Handshake(#[from] HandshakeFault),
    #[error(transparent)]
    Cipher(#[from] CipherFault),
    #[error("the authorization key {0:#018x} is not known here")]
    UnknownKey(i64),
    #[error("the client sent more than {MAX_PLAIN_MESSAGES} messages of the key exchange")]
    TooManyExchanges,
    #[error("the client changed its key more than {MAX_KEY_CHANGES} times")]
    TooManyKeyChanges,
    #[error("the client has too many sessions in use")]
    TooManySessions,
    #[error("the client has too many connections")]
    TooManyConnections,
    #[error("the new key could not be stored")]
    Store,
    #[error(transparent)]
    Desk(#[from] DeskFault),
    #[error("the client does not read what it is sent")]
    Overflow,
    #[error("the client had not introduced itself, and others need the room")]
    Crowded,
    #[error("nothing came in time")]
    Silence,
}

impl Departure {
    /// Whether the client is told that it has no usable key.
    fn deserves_not_found(&self) -> bool {
        matches!(self, Departure::UnknownKey(_) | Departure::Handshake(_) | Departure::TooManyExchanges)
    }

    fn is_ordinary(&self) -> bool {
        matches!(self, Departure::Closed | Departure::Stopped | Departure::Crowded)
    }
}

/// Serves a client until it or the server ends.
pub async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    guest: Arc<Guest>,
    shared: Arc<Shared>,
    stop: watch::Receiver<bool>,
) {
    let departure = run(stream, peer, &guest, &shared, stop).await;
    if departure.is_ordinary() {
        tracing::info!(%peer, "disconnected: {departure}");
    } else {
        tracing::warn!(%peer, "disconnected: {departure}");
    }
}

async fn run(
    stream: TcpStream,
    peer: SocketAddr,
    guest: &Guest,
    shared: &Shared,
    mut stop: watch::Receiver<bool>,
) -> Departure {
    if let Err(error) = stream.set_nodelay(true) {
        return error.into();
    }
    let (mut reader, writer) = stream.into_split();
    let introduction = Instant::now() + INTRODUCTION_LIMIT;
    let detected = tokio::select! {
        detected = detect(&mut reader) => detected,
        () = sleep_until(introduction) => Err(Departure::Silence),
        departure = dismissed(guest, &mut stop) => Err(departure),
    };
    let (opening, first_bytes) = match detected {
        Ok(detected) => detected,
        Err(departure) => return departure,
    };
    let (outbox, writing) = start_writer(guest.number, opening.encoder, writer);
    let mut connection = Connection {
        peer,
        guest,
        shared,
        outbox,
        decoder: opening.decoder,
        handshake: Handshake::default(),
        plain_numbers: Numbers::default(),
        plain_messages: 0,
        key_changes: 0,
        logged_faults: 0,
        keyring: None,
        silent_at: introduction,
        deadline: introduction,
        hang_up: None,
    };
    connection.decoder.feed(&first_bytes);
    let departure = tokio::select! {
        departure = connection.read_all(&mut reader) => departure,
        departure = dismissed(guest, &mut stop) => departure,
    };
    connection.leave();
    if departure.deserves_not_found() {
        connection.outbox.send_error(AUTH_KEY_NOT_FOUND);
    }
    drop(connection);
    if matches!(departure, Departure::Overflow | Departure::Stopped | Departure::Crowded) {
        writing.abort();
    }
    // The writer ends once the last outbox is gone; an error means that it was aborted.
    let _ = writing.await;
    if departure.deserves_not_found() {
        // Whether the client closes or only falls silent makes no difference.
        let _ = timeout(LINGER, discard(&mut reader)).await;
    }
    departure
}

/// Completes when the connection has to end through no fault of its client.
async fn dismissed(guest: &Guest, stop: &mut watch::Receiver<bool>) -> Departure {
    tokio::select! {
        () = guest.sent_away() => Departure::Crowded,
        _ = stop.wait_for(|&stop| stop) => Departure::Stopped,
    }
}

/// Reads until the client closes.
async fn discard(reader: &mut OwnedReadHalf) {
    let mut chunk = vec![0; READ_CHUNK];
    while matches!(reader.read(&mut chunk).await, Ok(len) if len > 0) {}
}

fn start_writer(
    number: u64,
    encoder: Encoder,
    socket: impl AsyncWrite + Unpin + Send + 'static,
) -> (Outbox, tokio::task::JoinHandle<()>) {
    let (outbox, writer) = outbox(number, encoder);
    (outbox, tokio::spawn(writer.run(socket)))
}

/// Reads until the framing is known; yields what came behind its tag or header.
async fn detect(reader: &mut OwnedReadHalf) -> Result<(Box<Opening>, Vec<u8>), Departure> {
    let mut bytes = Vec::with_capacity(READ_CHUNK);
    loop {
        match framing::detect(&bytes) {
            Detection::Found(opening) => {
                let behind = bytes.split_off(opening.len);
                return Ok((opening, behind));
            }
            Detection::Unknown => return Err(Departure::UnknownFraming),
            Detection::NeedMore => {}
        }
        if reader.read_buf(&mut bytes).await? == 0 {
            return Err(Departure::Closed);
        }
    }
}

struct Connection<'a> {
    peer: SocketAddr,
    guest: &'a Guest,
    shared: &'a Shared,
    outbox: Outbox,
    decoder: Decoder,
    handshake: Handshake,
    plain_numbers: Numbers,
    plain_messages: u32,
    key_changes: u32,
    logged_faults: u32,
    /// The key that this connection uses now, and is counted for.
    keyring: Option<Arc<Keyring>>,
    /// When it has been silent for too long.
    silent_at: Instant,
    deadline: Instant,
    /// When the client wants to be disconnected, unless it asks again before.
    hang_up: Option<Instant>,
}

impl Connection<'_> {
    async fn read_all(&mut self, reader: &mut OwnedReadHalf) -> Departure {
        let mut chunk = vec![0; READ_CHUNK];
        loop {
            if let Err(departure) = self.take_frames().await {
                return departure;
            }
            let read = tokio::select! {
                read = reader.read(&mut chunk) => read,
                () = self.outbox.overflown() => return Departure::Overflow,
                () = sleep_until(self.deadline) => return Departure::Silence,
            };
            match read {
                Ok(0) => return Departure::Closed,
                Ok(len) => self.decoder.feed(chunk.get(..len).unwrap_or_default()),
                Err(error) => return error.into(),
            }
        }
    }

    async fn take_frames(&mut self) -> Result<(), Departure> {
        while let Some(frame) = self.decoder.next_frame()? {
            if let Frame::Packet(packet) = frame {
                self.take_packet(&packet).await?;
            }
        }
        Ok(())
    }

    async fn take_packet(&mut self, packet: &[u8]) -> Result<(), Departure> {
        match plain::key_id(packet) {
            None => Err(PlainFault::Short.into()),
            Some(0) => self.take_plain(packet).await,
            Some(key_id) => self.take_encrypted(key_id, packet).await,
        }
    }

    async fn take_plain(&mut self, packet: &[u8]) -> Result<(), Departure> {
        self.plain_messages += 1;
        if self.plain_messages > MAX_PLAIN_MESSAGES {
            return Err(Departure::TooManyExchanges);
        }
        let body = plain::read(packet)?.body.to_vec();
        match self.compute_step(body).await? {
            Reply::Continue(answer) => self.answer_plain(&answer),
            Reply::Agreed(agreement) => {
                let Agreement { key, expires_at, first_salt, .. } = *agreement;
                if key.id() == 0 || self.find_keyring(key.id()).await?.is_some() {
                    self.answer_plain(&agreement.retry);
                    return Ok(());
                }
                let temporary = match expires_at {
                    Some(at) => Some(self.shared.hub.temporary.add(key.clone(), at, clock::unix_seconds())),
                    None if self.shared.desk.keep_key(key.clone()).await => None,
                    None => return Err(Departure::Store),
                };
                self.handshake.close();
                let salts = Salts::of_new_key(&key, first_salt, clock::now());
                let keyring = Keyring::new(key, salts, self.shared.hub.allowance(false), temporary);
                self.leave();
                self.keyring = Some(self.shared.hub.enter_with(keyring));
                self.answer_plain(&agreement.ok);
                tracing::info!(peer = %self.peer, "a new authorization key is agreed");
            }
        }
        Ok(())
    }

    /// Milliseconds of arithmetic, off this thread.
    async fn compute_step(&mut self, body: Vec<u8>) -> Result<Reply, Departure> {
        let mut handshake = std::mem::take(&mut self.handshake);
        let rsa = self.shared.rsa.clone();
        let step = tokio::task::spawn_blocking(move || {
            let reply = handshake.step(&body, &rsa, clock::unix_seconds(), &mut rand::rng());
            (handshake, reply)
        });
        let (handshake, reply) = step.await.map_err(std::io::Error::other)?;
        self.handshake = handshake;
        Ok(reply?)
    }

    fn answer_plain(&mut self, body: &[u8]) {
        let msg_id = self.plain_numbers.msg_id(Kind::Answer, clock::now());
        self.outbox.send(plain::write(msg_id, body), None);
    }

    async fn take_encrypted(&mut self, key_id: i64, packet: &[u8]) -> Result<(), Departure> {
        let keyring = self.keyring(key_id).await?;
        let message = cipher::open(&keyring.key, Direction::ToServer, packet)?;
        let session_id = message.session_id;
        let session = self.shared.hub.session(key_id, session_id).ok_or(Departure::TooManySessions)?;
        let followup = session.receive(message, self.peer.ip(), &self.outbox, &self.shared.desk);
        let now = Instant::now();
        self.hang_up = followup.disconnect_after.map(|delay| now + delay).or(self.hang_up);
        if followup.leads {
            // Only what is new shows that the client itself is there, and not somebody with a copy of what it once said.
            self.guest.introduce();
            self.silent_at = now + SILENCE_LIMIT;
        }
        self.deadline = self.hang_up.map_or(self.silent_at, |at| at.min(self.silent_at));
        followup.faults.iter().for_each(|fault| self.log_fault(fault));
        for other in followup.destroy {
            let existed = other != session_id && self.shared.hub.destroy(keyring.authorization(), other);
            session.destroyed(other, existed);
        }
        if followup.destroy_key {
            session.key_destroyed(self.destroy_key(&keyring).await);
        }
        Ok(())
    }

    /// Destroys the key that this connection uses; whether it was there, or `None` if that cannot be told.
    async fn destroy_key(&self, keyring: &Keyring) -> Option<bool> {
        let existed = match keyring.identity() {
            Identity::Temporary(_) => self.shared.hub.temporary.remove(keyring.id),
            Identity::Permanent(id) => match self.shared.desk.destroy_key(id).await {
                Ok(existed) => existed,
                Err(error) => {
                    tracing::error!("an authorization key cannot be destroyed: {error}");
                    return None;
                }
            },
        };
        keyring.note_destroyed();
        Some(existed)
    }

    /// The key that a packet names, which this connection then uses.
    async fn keyring(&mut self, key_id: i64) -> Result<Arc<Keyring>, Departure> {
        let keyring = match self.keyring.as_ref().filter(|keyring| keyring.id == key_id) {
            Some(keyring) => keyring.clone(),
            None => self.enter(key_id).await?,
        };
        if keyring.is_void(clock::unix_seconds()) {
            return Err(Departure::UnknownKey(key_id));
        }
        Ok(keyring)
    }

    /// Leaves the key that was used so far for another.
    async fn enter(&mut self, key_id: i64) -> Result<Arc<Keyring>, Departure> {
        self.key_changes += 1;
        if self.key_changes > MAX_KEY_CHANGES {
            return Err(Departure::TooManyKeyChanges);
        }
        self.leave();
        let keyring = match self.shared.hub.enter(key_id) {
            Some(keyring) => keyring,
            None => {
                let found = self.find_keyring(key_id).await?;
                self.shared.hub.enter_with(found.ok_or(Departure::UnknownKey(key_id))?)
            }
        };
        self.keyring = Some(keyring.clone());
        if self.shared.hub.is_crowded(key_id) {
            return Err(Departure::TooManyConnections);
        }
        Ok(keyring)
    }

    /// A key that a client made here before, for a while or for good.
    async fn find_keyring(&self, key_id: i64) -> Result<Option<Keyring>, Departure> {
        let hub = &self.shared.hub;
        if let Some(temporary) = hub.temporary.find(key_id, clock::unix_seconds()) {
            let key = temporary.key().clone();
            let (salts, allowance) = (Salts::new(&key), hub.allowance(false));
            return Ok(Some(Keyring::new(key, salts, allowance, Some(temporary))));
        }
        let found = self.shared.desk.find_key(key_id).await?;
        Ok(found.map(|FoundKey { key, member }| {
            let (salts, allowance) = (Salts::new(&key), hub.allowance(member));
            Keyring::new(key, salts, allowance, None)
        }))
    }

    fn log_fault(&mut self, fault: &str) {
        self.logged_faults = self.logged_faults.saturating_add(1);
        match self.logged_faults.cmp(&MAX_LOGGED_FAULTS) {
            Ordering::Less => tracing::warn!(peer = %self.peer, "{fault}"),
            Ordering::Equal => {
                tracing::warn!(peer = %self.peer, "{fault}; more of this client is not logged")
            }
            Ordering::Greater => {}
        }
    }

    /// Stops being counted for a key.
    fn leave(&mut self) {
        if let Some(keyring) = self.keyring.take()
            && let Some(authorization) = self.shared.hub.leave(keyring.id, self.guest.number)
        {
            self.shared.desk.offline(authorization);
        }
    }
}
