//! The life of one connection: dial, make a key if there is none, greet, then calls out and answers and updates in.
//!
//! Messages are packed and read by `grammers_mtproto` and nothing else of that family: what it leaves open is closed here.
//! Every request has its place in a table until it is answered or the connection ends; a server that stops answering is
//! noticed by its missing pong; a server that answers in circles (salts, clock) is left after a few rounds.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;

use grammers_crypto::DequeBuffer;
use grammers_mtproto::MsgId;
use grammers_mtproto::mtp::{BadMessage, Deserialization, Encrypted, Mtp};
use grammers_tl_types::{LAYER, Serializable, enums, functions};
use rand::RngExt;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep_until, timeout};
use zeroize::Zeroizing;

use super::authorize::authorize;
use super::clock::unix_now;
use super::fault::{CloudError, rpc_error};
use super::inspector::{Inspector, Seen};
use super::link::{Job, LinkEvent, OwnerGone, Request, Shared};
use super::nesting;
use super::pulse::Pulse;
use super::session::Session;
use super::wire::{Way, Wire};
use crate::secret::step::CallError;

/// How often one request is packed anew because the server did not like salt or clock.
const MAX_TRIES: u8 = 5;

/// Rounds in a row in which only salts are asked for; a server that never gives enough of them would go on for ever.
const MAX_BARREN: u8 = 4;

/// A clock that drifts less than this is not stored again, seconds.
const CLOCK_SLACK: i32 = 5;

/// `bad_msg_notification`: the identifier lies in the future.
const ID_TOO_HIGH: i32 = 17;

/// Room for a usual packet and its headers, bytes.
const PACKET: usize = 4096;
const HEADERS: usize = 128;

/// What the server is told of this device: nothing that tells one user of the program from another.
const DEVICE_MODEL: &str = "subrosa";
const SYSTEM_VERSION: &str = std::env::consts::OS;
const LANGUAGE: &str = "en";

/// Runs until the connection ends, and says why.
pub(super) async fn run(
    shared: Arc<Shared>,
    jobs: mpsc::Sender<Job>,
    taken: mpsc::Receiver<Job>,
) -> Result<CloudError, OwnerGone> {
    match life(&shared, jobs, taken).await {
        Ok(never) => match never {},
        Err(End::Fault(fault)) => Ok(fault),
        Err(End::OwnerGone) => Err(OwnerGone),
    }
}

enum End {
    Fault(CloudError),
    OwnerGone,
}

impl From<CloudError> for End {
    fn from(fault: CloudError) -> Self {
        End::Fault(fault)
    }
}

impl From<OwnerGone> for End {
    fn from(_: OwnerGone) -> Self {
        End::OwnerGone
    }
}

async fn life(
    shared: &Shared,
    jobs: mpsc::Sender<Job>,
    taken: mpsc::Receiver<Job>,
) -> Result<Infallible, End> {
    let config = &shared.config;
    let stored = shared.session();
    let way = Way {
        address: &config.address,
        dc_id: config.dc_id,
        proxy: config.proxy.as_ref(),
        time_offset: stored.as_ref().map_or(0, |session| session.time_offset),
    };
    let mut wire = Wire::dial(way, config.timing.dial).await?;
    let session = match stored {
        Some(session) => session,
        None => {
            let limit = config.timing.exchange;
            let made = timeout(limit, authorize(&mut wire, &config.keys, config.dc_id)).await;
            let session = made.map_err(|_| wire.silent("during the key exchange", limit))??;
            shared.learn(session.clone()).await?;
            session
        }
    };
    let mut connection = Connection::new(shared, wire, session);
    let ended = connection.live(jobs, taken).await;
    if matches!(ended, Err(End::Fault(CloudError::Clock { .. }))) {
        // The next connection begins with the right one.
        connection.remember().await?;
    }
    ended
}

/// A request that the server has not answered.
struct Pending {
    request: Request,
    tries: u8,
    /// The container it went in, or itself: refusals may name either.
    carrier: MsgId,
}

struct Connection<'a> {
    shared: &'a Shared,
    wire: Wire,
    mtp: Encrypted,
    inspector: Inspector,
    /// As stored; `seen` is what the server says now.
    session: Session,
    seen: Option<Seen>,
    queue: VecDeque<(Request, u8)>,
    pending: HashMap<MsgId, Pending>,
    pulse: Pulse,
    pong: Option<oneshot::Receiver<Result<Vec<u8>, CallError>>>,
    barren: u8,
    online: bool,
}

impl<'a> Connection<'a> {
    fn new(shared: &'a Shared, wire: Wire, session: Session) -> Self {
        let timing = &shared.config.timing;
        let mtp = Encrypted::build()
            .time_offset(session.time_offset)
            .first_salt(session.first_salt)
            // Nearly all that is sent is ciphertext, which does not compress.
            .compression_threshold(None)
            .finish(*session.auth_key.expose());
        Connection {
            shared,
            wire,
            mtp,
            inspector: Inspector::new(session.auth_key.clone()),
            session,
            seen: None,
            queue: VecDeque::new(),
            pending: HashMap::new(),
            pulse: Pulse::new(timing.ping_every, timing.pong_within),
            pong: None,
            barren: 0,
            online: false,
        }
    }

    async fn live(&mut self, jobs: mpsc::Sender<Job>, taken: mpsc::Receiver<Job>) -> Result<Infallible, End> {
        let limit = self.shared.config.timing.greeting;
        let greeted = timeout(limit, self.greet()).await;
        greeted.map_err(|_| self.wire.silent("after the first call", limit))??;
        self.remember().await?;
        self.shared.online(jobs).await?;
        self.online = true;
        self.serve(taken).await
    }

    /// The first call: names layer and application. Its answer shows that the server knows the key.
    async fn greet(&mut self) -> Result<(), End> {
        let greeting = functions::InvokeWithLayer {
            layer: LAYER,
            query: functions::InitConnection {
                api_id: self.shared.config.api_id,
                device_model: DEVICE_MODEL.into(),
                system_version: SYSTEM_VERSION.into(),
                app_version: env!("CARGO_PKG_VERSION").into(),
                system_lang_code: LANGUAGE.into(),
                lang_pack: String::new(),
                lang_code: LANGUAGE.into(),
                proxy: None,
                params: None,
                query: functions::help::GetConfig {},
            },
        };
        let mut answer = self.enqueue(greeting.to_bytes());
        loop {
            self.flush().await?;
            let frame = self.wire.frame().await?;
            self.take(frame)?;
            match answer.try_recv() {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(CallError::Rpc { code, name, .. })) => {
                    let address = self.wire.address().into();
                    return Err(CloudError::Refused { address, code, name }.into());
                }
                Ok(Err(CallError::Lost)) | Err(oneshot::error::TryRecvError::Closed) => {
                    return Err(self.wire.garbled("the first call was not answered").into());
                }
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
        }
    }

    async fn serve(&mut self, mut jobs: mpsc::Receiver<Job>) -> Result<Infallible, End> {
        self.pulse.ponged();
        loop {
            self.flush().await?;
            tokio::select! {
                frame = self.wire.frame() => {
                    self.take(frame?)?;
                    self.look_for_pong().await?;
                }
                job = jobs.recv() => match job {
                    Some(Job::Call(request)) => self.queue.push_back((request, 0)),
                    Some(Job::Ping) => self.ping(),
                    None => return Err(End::OwnerGone),
                },
                () = sleep_until(self.pulse.due()) => self.beat()?,
            }
            if self.pulse.woke() {
                self.ping();
                self.gap()?;
            }
        }
    }

    /// A ping is due, or its pong overdue.
    fn beat(&mut self) -> Result<(), CloudError> {
        if self.pulse.overdue() {
            let limit = self.shared.config.timing.pong_within;
            return Err(self.wire.silent("after it was asked whether it is there", limit));
        }
        // Callers that gave up leave their places behind.
        self.pending.retain(|_, pending| !pending.request.reply.is_closed());
        self.ping();
        Ok(())
    }

    fn ping(&mut self) {
        if self.pong.is_none() {
            let ping_id = rand::rng().random();
            self.pong = Some(self.enqueue(functions::Ping { ping_id }.to_bytes()));
            self.pulse.pinged();
        }
    }

    async fn look_for_pong(&mut self) -> Result<(), End> {
        let Some(pong) = &mut self.pong else { return Ok(()) };
        match pong.try_recv() {
            Err(oneshot::error::TryRecvError::Empty) => return Ok(()),
            Ok(Ok(_)) => self.pulse.ponged(),
            _ => return Err(self.wire.garbled("a ping was refused").into()),
        }
        self.pong = None;
        Ok(self.remember().await?)
    }

    /// Has salt and clock stored when they are other than before.
    async fn remember(&mut self) -> Result<(), OwnerGone> {
        let Some(seen) = self.seen else { return Ok(()) };
        let offset = seen.server_time.saturating_sub(unix_now());
        let drifted = offset.saturating_sub(self.session.time_offset).saturating_abs() > CLOCK_SLACK;
        let resalted = seen.salt != 0 && seen.salt != self.session.first_salt;
        if drifted {
            self.session.time_offset = offset;
        }
        if resalted {
            self.session.first_salt = seen.salt;
        }
        if drifted || resalted { self.shared.learn(self.session.clone()).await } else { Ok(()) }
    }

    /// Identifiers never shrink, so one session cannot go back in time: it takes another one to follow a clock that was ahead.
    fn clock(&self) -> CloudError {
        CloudError::Clock { address: self.wire.address().into() }
    }

    /// Whether the clock that this connection began with is ahead of the server's.
    fn is_ahead(&self) -> bool {
        let ours = unix_now().saturating_add(self.session.time_offset);
        self.seen.is_some_and(|seen| ours.saturating_sub(seen.server_time) > CLOCK_SLACK)
    }

    fn enqueue(&mut self, body: Vec<u8>) -> oneshot::Receiver<Result<Vec<u8>, CallError>> {
        let (reply, answer) = oneshot::channel();
        self.queue.push_back((Request { body: Zeroizing::new(body), reply }, 0));
        answer
    }

    /// Sends whatever may be sent now.
    async fn flush(&mut self) -> Result<(), CloudError> {
        loop {
            let mut packet = DequeBuffer::with_capacity(PACKET, HEADERS);
            let mut placed = Vec::new();
            while let Some((request, tries)) = self.queue.pop_front() {
                if request.reply.is_closed() {
                    continue;
                }
                match self.mtp.push(&mut packet, &request.body) {
                    Some(id) => placed.push((id, request, tries)),
                    None => {
                        self.queue.push_front((request, tries));
                        break;
                    }
                }
            }
            let Some(carrier) = self.mtp.finalize(&mut packet) else { return Ok(()) };
            let barren = placed.is_empty();
            self.barren = if barren { self.barren + 1 } else { 0 };
            if self.barren > MAX_BARREN {
                // What the server thinks of a question for salts is not told; in the future it answers none.
                return Err(if self.is_ahead() {
                    self.clock()
                } else {
                    self.wire.garbled("the server gives no usable salt")
                });
            }
            for (id, request, tries) in placed {
                self.pending.insert(id, Pending { request, tries, carrier });
            }
            self.wire.send(packet.as_ref()).await?;
            if barren || self.queue.is_empty() {
                return Ok(());
            }
        }
    }

    /// One frame: what it says of itself first, then what it carries.
    fn take(&mut self, mut frame: Vec<u8>) -> Result<(), CloudError> {
        let seen = self.inspector.look(&frame).map_err(|forged| self.wire.garbled(forged.to_string()))?;
        let Some(seen) = seen else { return Ok(()) };
        self.seen = Some(seen);
        let carried =
            self.mtp.deserialize(&mut frame).map_err(|error| self.wire.garbled(error.to_string()))?;
        for item in carried {
            self.take_item(item)?;
        }
        if seen.new_session { self.gap() } else { Ok(()) }
    }

    fn take_item(&mut self, item: Deserialization) -> Result<(), CloudError> {
        match item {
            Deserialization::RpcResult(result) => self.answer(result.msg_id, Ok(result.body)),
            Deserialization::RpcError(refusal) => {
                let error = rpc_error(refusal.error.error_code, &refusal.error.error_message);
                self.answer(refusal.msg_id, Err(error));
            }
            Deserialization::Failure(failure) => self.answer(failure.msg_id, Err(CallError::Lost)),
            Deserialization::BadMessage(refusal) => self.repeat(refusal)?,
            Deserialization::Update(update) | Deserialization::OwnUpdate { update, .. } => {
                self.pass_on(&update)?
            }
        }
        Ok(())
    }

    fn answer(&mut self, id: MsgId, answer: Result<Vec<u8>, CallError>) {
        if let Some(pending) = self.pending.remove(&id) {
            // A caller that gave up does not hear it.
            let _ = pending.request.reply.send(answer);
        }
    }

    /// The server did not take a message, alone or with its whole container: salt and clock are corrected by now.
    fn repeat(&mut self, refusal: BadMessage) -> Result<(), CloudError> {
        if refusal.code == ID_TOO_HIGH {
            return Err(self.clock());
        }
        if !refusal.retryable() {
            return Err(self.wire.garbled(refusal.description()));
        }
        let named =
            |id: &MsgId, pending: &Pending| *id == refusal.msg_id || pending.carrier == refusal.msg_id;
        let refused: Vec<Pending> =
            self.pending.extract_if(|id, pending| named(id, pending)).map(|(_, pending)| pending).collect();
        for Pending { request, tries, .. } in refused {
            if tries == MAX_TRIES {
                return Err(self.wire.garbled(refusal.description()));
            }
            self.queue.push_back((request, tries + 1));
        }
        Ok(())
    }

    /// Before the link is online nothing is passed on: the difference that everybody fetches then has it.
    fn pass_on(&self, update: &[u8]) -> Result<(), CloudError> {
        if !self.online {
            return Ok(());
        }
        match nesting::read::<enums::Updates>(update) {
            Ok(updates) => self.shared.pass_on(LinkEvent::Updates(Box::new(updates))),
            Err(_) => self.gap(),
        }
    }

    fn gap(&self) -> Result<(), CloudError> {
        if self.online { self.shared.pass_on(LinkEvent::Gap) } else { Ok(()) }
    }
}
