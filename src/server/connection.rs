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
use super::handshake::{Handshake, HandshakeFault, Reply};
use super::hub::Hub;
use super::live::Keyring;
use super::lobby::Guest;
use super::outbox::{Outbox, outbox};
use super::session::numbers::{Kind, Numbers};
use super::session::salts::Salts;
use crate::mtproto::cipher::{self, CipherFault, Direction};
use crate::mtproto::framing::{
    self, AUTH_KEY_NOT_FOUND, Decoder, Detection, End, Frame, Framing, FramingFault,
};
use crate::mtproto::plain::{self, PlainFault};
use crate::mtproto::rsa::PrivateKey;

/// From the first byte to the first message of a known key.
const INTRODUCTION_LIMIT: Duration = Duration::from_secs(60);
/// Silence after which a connection is taken for dead. Clients ping every minute or so.
const SILENCE_LIMIT: Duration = Duration::from_secs(15 * 60);
/// Messages of the key exchange per connection; each costs computing.
const MAX_PLAIN_MESSAGES: u32 = 32;
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
    #[error("the first bytes belong to none of the framings full, abridged and intermediate")]
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
    let (framing, first_bytes) = match detected {
        Ok(detected) => detected,
        Err(departure) => return departure,
    };
    let (outbox, writing) = start_writer(guest.number, framing, writer);
    let mut connection = Connection {
        peer,
        guest,
        shared,
        outbox,
        decoder: Decoder::new(framing, End::Server),
        handshake: Handshake::default(),
        plain_numbers: Numbers::default(),
        plain_messages: 0,
        logged_faults: 0,
        keyring: None,
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
    framing: Framing,
    socket: impl AsyncWrite + Unpin + Send + 'static,
) -> (Outbox, tokio::task::JoinHandle<()>) {
    let (outbox, writer) = outbox(number, framing);
    (outbox, tokio::spawn(writer.run(socket)))
}

/// Reads until the framing is known; yields what came behind its tag.
async fn detect(reader: &mut OwnedReadHalf) -> Result<(Framing, Vec<u8>), Departure> {
    let mut bytes = Vec::with_capacity(READ_CHUNK);
    loop {
        match framing::detect(&bytes) {
            Detection::Found { framing, tag_len } => return Ok((framing, bytes.split_off(tag_len))),
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
    logged_faults: u32,
    /// The key that this connection uses now, and is counted for.
    keyring: Option<Arc<Keyring>>,
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
                let taken = self.shared.desk.find_key(agreement.key.id()).await?.is_some();
                if taken || agreement.key.id() == 0 {
                    self.answer_plain(&agreement.retry);
                    return Ok(());
                }
                if !self.shared.desk.keep_key(agreement.key.clone()).await {
                    return Err(Departure::Store);
                }
                self.handshake.close();
                let salts = Salts::of_new_key(&agreement.key, agreement.first_salt, clock::now());
                let allowance = self.shared.hub.allowance(false);
                let keyring = Keyring { id: agreement.key.id(), salts, key: agreement.key, allowance };
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
        self.guest.introduce();
        let session_id = message.session_id;
        let session = self.shared.hub.session(key_id, session_id).ok_or(Departure::TooManySessions)?;
        let followup = session.receive(message, &self.outbox, &self.shared.desk);
        let now = Instant::now();
        self.hang_up = followup.disconnect_after.map(|delay| now + delay).or(self.hang_up);
        self.deadline = self.hang_up.map_or(now + SILENCE_LIMIT, |at| at.min(now + SILENCE_LIMIT));
        followup.faults.iter().for_each(|fault| self.log_fault(fault));
        for other in followup.destroy {
            let existed = other != session_id && self.shared.hub.destroy(key_id, other);
            session.destroyed(other, existed);
        }
        Ok(())
    }

    /// The key that a packet names, which this connection then uses.
    async fn keyring(&mut self, key_id: i64) -> Result<Arc<Keyring>, Departure> {
        if let Some(keyring) = self.keyring.as_ref().filter(|keyring| keyring.id == key_id) {
            return Ok(keyring.clone());
        }
        self.leave();
        let keyring = match self.shared.hub.enter(key_id) {
            Some(keyring) => keyring,
            None => {
                let found = self.shared.desk.find_key(key_id).await?;
                let FoundKey { key, member } = found.ok_or(Departure::UnknownKey(key_id))?;
                let (salts, allowance) = (Salts::new(&key), self.shared.hub.allowance(member));
                self.shared.hub.enter_with(Keyring { id: key_id, salts, key, allowance })
            }
        };
        self.keyring = Some(keyring.clone());
        if self.shared.hub.is_crowded(key_id) {
            return Err(Departure::TooManyConnections);
        }
        Ok(keyring)
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
            && self.shared.hub.leave(keyring.id, self.guest.number)
        {
            self.shared.desk.offline(keyring.id);
        }
    }
}
