//! A small raw client: framing, key exchange step by step, sealed messages with numbers of the test's choice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::VecDeque;
use std::io::Read;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flate2::read::GzDecoder;
use grammers_tl_types::{Cursor, Deserializable, RemoteCall, Serializable, enums, functions, types};
use sha1::{Digest, Sha1};
use subrosa::mtproto::auth_key::AuthKey;
use subrosa::mtproto::cipher::{self, Direction, Message};
use subrosa::mtproto::exchange::{self, TemporaryKey};
use subrosa::mtproto::framing::{Decoder, Encoder, End, Frame, Framing};
use subrosa::mtproto::obfuscated::{self, Hidden};
use subrosa::mtproto::rsa::PublicKey;
use subrosa::mtproto::{plain, pq};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::stage::Stage;

/// Longer than anything here takes; a test that reaches it has failed.
const PATIENCE: Duration = Duration::from_secs(20);

pub const RPC_RESULT: u32 = 0xf35c_6d01;
const MSG_CONTAINER: u32 = 0x73f1_f8dc;
const GZIP_PACKED: u32 = 0x3072_cfa1;

/// How the inner data of the exchange is wrapped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Padding {
    RsaPad,
    Older,
}

/// How a client talks: in a framing as it is, or in one that is hidden.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    Plain(Framing),
    Hidden(Hidden),
}

impl Form {
    pub const ALL: [Form; 7] = [
        Form::Plain(Framing::Full),
        Form::Plain(Framing::Abridged),
        Form::Plain(Framing::Intermediate),
        Form::Plain(Framing::PaddedIntermediate),
        Form::Hidden(Hidden::Abridged),
        Form::Hidden(Hidden::Intermediate),
        Form::Hidden(Hidden::PaddedIntermediate),
    ];

    /// What is sent first, and the client's end of the rest.
    fn open(self) -> (Vec<u8>, Encoder, Decoder) {
        match self {
            Form::Plain(framing) => {
                let encoder = Encoder::new(framing);
                (encoder.tag().to_vec(), encoder, Decoder::new(framing, End::Client))
            }
            Form::Hidden(hidden) => {
                let proposed = obfuscated::propose(hidden, 2, None, &mut rand::rng());
                (proposed.header.to_vec(), proposed.encoder, proposed.decoder)
            }
        }
    }
}

impl From<Framing> for Form {
    fn from(framing: Framing) -> Form {
        Form::Plain(framing)
    }
}

/// One message from the server, out of its container.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    pub msg_id: i64,
    pub seq_no: i32,
    pub body: Vec<u8>,
}

impl Received {
    pub fn id(&self) -> u32 {
        u32::from_le_bytes(self.body[..4].try_into().unwrap())
    }

    pub fn read<T: Deserializable>(&self) -> T {
        read(&self.body)
    }

    /// The request that this result belongs to.
    pub fn request(&self) -> Option<i64> {
        (self.id() == RPC_RESULT).then(|| i64::from_le_bytes(self.body[4..12].try_into().unwrap()))
    }
}

/// The whole of `bytes` as one object.
pub fn read<T: Deserializable>(bytes: &[u8]) -> T {
    let mut cursor = Cursor::from_slice(bytes);
    let value = T::deserialize(&mut cursor).unwrap();
    assert_eq!(cursor.pos(), bytes.len(), "bytes behind the object");
    value
}

/// What a connection yields.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    Packet(Vec<u8>),
    TransportError(i32),
    Closed,
}

pub struct Client {
    pub stream: TcpStream,
    pub form: Form,
    encoder: Encoder,
    decoder: Decoder,
    /// What the first bytes to be sent are preceded by.
    opening: Vec<u8>,
    pub key: Option<AuthKey>,
    pub salt: i64,
    pub session_id: i64,
    last_id: i64,
    sequence: i32,
    inbox: VecDeque<Received>,
}

impl Client {
    pub async fn connect(address: SocketAddr, form: impl Into<Form>) -> Client {
        let form = form.into();
        let (opening, encoder, decoder) = form.open();
        Client {
            stream: TcpStream::connect(address).await.unwrap(),
            form,
            encoder,
            decoder,
            opening,
            key: None,
            salt: 0,
            session_id: rand::random(),
            last_id: 0,
            sequence: 0,
            inbox: VecDeque::new(),
        }
    }

    /// Connected, with a key agreed.
    pub async fn introduced(stage: &Stage) -> Client {
        let mut client = Client::connect(stage.address(), Framing::Intermediate).await;
        client.agree_key(&stage.public_key(), Padding::RsaPad).await;
        client
    }

    /// Another connection with the same key, salt and session.
    pub async fn reconnected(&self, address: SocketAddr) -> Client {
        let mut client = Client::connect(address, self.form).await;
        client.key = self.key.clone();
        client.salt = self.salt;
        client.session_id = self.session_id;
        client.last_id = self.last_id;
        client.sequence = self.sequence;
        client
    }

    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub async fn send_packet(&mut self, packet: &[u8]) {
        let wire = self.wire(packet);
        self.send_bytes(&wire).await;
    }

    /// A packet as it goes over the wire, behind what has to come first.
    pub fn wire(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut wire = std::mem::take(&mut self.opening);
        wire.extend(self.encoder.encode(packet, &mut rand::rng()));
        wire
    }

    pub async fn receive(&mut self) -> Incoming {
        loop {
            match self.decoder.next_frame().unwrap() {
                Some(Frame::Packet(packet)) => return Incoming::Packet(packet),
                Some(Frame::TransportError(code)) => return Incoming::TransportError(code),
                None => {}
            }
            let mut chunk = [0; 4096];
            match timeout(PATIENCE, self.stream.read(&mut chunk)).await.expect("the server is silent") {
                Ok(0) | Err(_) => return Incoming::Closed,
                Ok(len) => self.decoder.feed(&chunk[..len]),
            }
        }
    }

    async fn receive_packet(&mut self) -> Vec<u8> {
        match self.receive().await {
            Incoming::Packet(packet) => packet,
            other => panic!("a packet was due, not {other:?}"),
        }
    }

    // The key exchange, step by step.

    pub async fn send_plain(&mut self, body: &[u8]) {
        let msg_id = self.next_msg_id();
        self.send_packet(&plain::write(msg_id, body)).await;
    }

    pub async fn plain<R: RemoteCall>(&mut self, request: &R) -> R::Return {
        self.send_plain(&request.to_bytes()).await;
        let packet = self.receive_packet().await;
        let message = plain::read(&packet).unwrap();
        assert_eq!(message.msg_id & 3, 1);
        read(message.body)
    }

    pub async fn ask_pq(&mut self, nonce: [u8; 16]) -> types::ResPq {
        let enums::ResPq::Pq(answer) = self.plain(&functions::ReqPqMulti { nonce }).await;
        assert_eq!(answer.nonce, nonce);
        answer
    }

    /// The whole exchange, as an honest client does it.
    pub async fn agree_key(&mut self, public: &PublicKey, padding: Padding) {
        let (nonce, new_nonce): ([u8; 16], [u8; 32]) = (rand::random(), rand::random());
        let offer = self.ask_pq(nonce).await;
        assert_eq!(offer.server_public_key_fingerprints, [public.fingerprint()]);
        let request = dh_request(&offer, new_nonce, public, padding);
        let enums::ServerDhParams::Ok(params) = self.plain(&request).await else { panic!("params refused") };
        let (request, key) = half(&offer, new_nonce, &params, None);
        let enums::SetClientDhParamsAnswer::DhGenOk(ok) = self.plain(&request).await else {
            panic!("the key is refused")
        };
        let key = key.unwrap();
        let hash = key.new_nonce_hash(&new_nonce, subrosa::mtproto::auth_key::Verdict::Ok);
        assert_eq!(ok.new_nonce_hash1, hash);
        self.salt = exchange::first_salt(&offer.server_nonce, &new_nonce);
        self.key = Some(key);
    }

    // Encrypted messages.

    pub fn next_msg_id(&mut self) -> i64 {
        self.last_id = msg_id_at(0).max(self.last_id + 4);
        self.last_id
    }

    /// Numbers on from where another connection of the same session is.
    pub fn number_after(&mut self, other: &Client) {
        (self.last_id, self.sequence) = (other.last_id, other.sequence);
    }

    pub fn next_seq_no(&mut self, content: bool) -> i32 {
        self.sequence += 2 * i32::from(content);
        self.sequence - i32::from(content)
    }

    /// Sends a message with these numbers and the current salt.
    pub async fn send_numbered(&mut self, msg_id: i64, seq_no: i32, body: &[u8]) {
        let packet = self.sealed(msg_id, seq_no, body);
        self.send_packet(&packet).await;
    }

    pub fn sealed(&self, msg_id: i64, seq_no: i32, body: &[u8]) -> Vec<u8> {
        let message =
            Message { salt: self.salt, session_id: self.session_id, msg_id, seq_no, body: body.to_vec() };
        cipher::seal(self.key.as_ref().unwrap(), Direction::ToServer, &message, &mut rand::rng())
    }

    /// As [`Client::send`], to a server that may have closed the connection.
    pub async fn try_send(&mut self, body: &[u8]) -> std::io::Result<()> {
        let (msg_id, seq_no) = (self.next_msg_id(), self.next_seq_no(true));
        let packet = self.sealed(msg_id, seq_no, body);
        let wire = self.wire(&packet);
        self.stream.write_all(&wire).await
    }

    /// Sends a message that wants an acknowledgement; yields its id.
    pub async fn send(&mut self, body: &[u8]) -> i64 {
        let (msg_id, seq_no) = (self.next_msg_id(), self.next_seq_no(true));
        self.send_numbered(msg_id, seq_no, body).await;
        msg_id
    }

    /// The next message from the server, whatever it is.
    pub async fn next(&mut self) -> Received {
        if let Some(received) = self.inbox.pop_front() {
            return received;
        }
        let packet = self.receive_packet().await;
        self.inbox.extend(self.open(&packet));
        self.inbox.pop_front().unwrap()
    }

    /// The messages in a packet from the server, out of their container.
    pub fn open(&self, packet: &[u8]) -> Vec<Received> {
        let key = self.key.as_ref().unwrap();
        let message = cipher::open(key, Direction::ToClient, packet).unwrap();
        assert_eq!(message.session_id, self.session_id);
        assert!(message.msg_id & 3 == 1 || message.msg_id & 3 == 3);
        let outer = Received { msg_id: message.msg_id, seq_no: message.seq_no, body: message.body };
        if outer.id() != MSG_CONTAINER {
            return vec![outer];
        }
        assert_eq!(outer.seq_no & 1, 0);
        let count = i32::from_le_bytes(outer.body[4..8].try_into().unwrap());
        let mut inner = Vec::new();
        let mut at = 8;
        for _ in 0..count {
            let msg_id = i64::from_le_bytes(outer.body[at..at + 8].try_into().unwrap());
            let seq_no = i32::from_le_bytes(outer.body[at + 8..at + 12].try_into().unwrap());
            let len = i32::from_le_bytes(outer.body[at + 12..at + 16].try_into().unwrap()) as usize;
            assert!(msg_id < outer.msg_id || msg_id & 3 == 1);
            inner.push(Received { msg_id, seq_no, body: outer.body[at + 16..at + 16 + len].to_vec() });
            at += 16 + len;
        }
        assert_eq!(at, outer.body.len());
        inner
    }

    /// The next message that fits; others are dropped.
    pub async fn next_that(&mut self, fits: impl Fn(&Received) -> bool) -> Received {
        loop {
            let received = self.next().await;
            if fits(&received) {
                return received;
            }
        }
    }

    /// The result of a request, unpacked: its bytes, or `code NAME`.
    pub async fn result_of(&mut self, msg_id: i64) -> Result<Vec<u8>, String> {
        let received = self.next_that(|received| received.request() == Some(msg_id)).await;
        assert_eq!((received.msg_id & 3, received.seq_no & 1), (1, 1));
        unpack(&received.body[12..])
    }

    pub async fn call_raw(&mut self, body: &[u8]) -> Result<Vec<u8>, String> {
        let msg_id = self.send(body).await;
        self.result_of(msg_id).await
    }

    pub async fn call<R: RemoteCall>(&mut self, request: &R) -> Result<R::Return, String> {
        self.call_raw(&request.to_bytes()).await.map(|body| read(&body))
    }

    /// Pings, and takes everything that comes before the pong.
    pub async fn ping(&mut self) -> Vec<Received> {
        let ping_id = rand::random();
        let msg_id = self.send(&functions::Ping { ping_id }.to_bytes()).await;
        let mut before = Vec::new();
        loop {
            let received = self.next().await;
            if received.id() == 0x3477_73c5 {
                let enums::Pong::Pong(pong) = received.read();
                assert_eq!((pong.msg_id, pong.ping_id), (msg_id, ping_id));
                return before;
            }
            before.push(received);
        }
    }
}

/// The body of an `rpc_result`, inflated if it is packed.
pub fn unpack(result: &[u8]) -> Result<Vec<u8>, String> {
    match u32::from_le_bytes(result[..4].try_into().unwrap()) {
        GZIP_PACKED => {
            let packed: Vec<u8> = read(&result[4..]);
            let mut plain = Vec::new();
            GzDecoder::new(packed.as_slice()).read_to_end(&mut plain).unwrap();
            Ok(plain)
        }
        0x2144_ca19 => {
            let enums::RpcError::Error(error) = read(result);
            Err(format!("{} {}", error.error_code, error.error_message))
        }
        _ => Ok(result.to_vec()),
    }
}

/// A message id this many seconds from now.
pub fn msg_id_at(seconds: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    ((now.as_secs() as i64 + seconds) << 32) | (i64::from(now.subsec_nanos()) << 2)
}

/// `req_DH_params` with everything as it should be.
pub fn dh_request(
    offer: &types::ResPq,
    new_nonce: [u8; 32],
    public: &PublicKey,
    padding: Padding,
) -> functions::ReqDhParams {
    let (p, q) = pq::factorize(u64::from_be_bytes(offer.pq.as_slice().try_into().unwrap())).unwrap();
    let (p, q) = (p.to_be_bytes().to_vec(), q.to_be_bytes().to_vec());
    let (nonce, server_nonce, pq) = (offer.nonce, offer.server_nonce, offer.pq.clone());
    let inner = match padding {
        Padding::RsaPad => enums::PQInnerData::Dc(types::PQInnerDataDc {
            pq,
            p: p.clone(),
            q: q.clone(),
            nonce,
            server_nonce,
            new_nonce,
            dc: 2,
        }),
        Padding::Older => enums::PQInnerData::Data(types::PQInnerData {
            pq,
            p: p.clone(),
            q: q.clone(),
            nonce,
            server_nonce,
            new_nonce,
        }),
    };
    let encrypted_data = match padding {
        Padding::RsaPad => public.encrypt_padded(&inner.to_bytes(), &mut rand::rng()).unwrap().to_vec(),
        Padding::Older => encrypt_older(&inner.to_bytes(), public),
    };
    let public_key_fingerprint = public.fingerprint();
    functions::ReqDhParams { nonce, server_nonce, p, q, public_key_fingerprint, encrypted_data }
}

/// SHA-1, data and random bytes, 255 in all, as clients did before `RSA_PAD`.
fn encrypt_older(data: &[u8], public: &PublicKey) -> Vec<u8> {
    let mut block: [u8; 256] = rand::random();
    block[0] = 0;
    block[1..21].copy_from_slice(&Sha1::digest(data));
    block[21..21 + data.len()].copy_from_slice(data);
    public.raw_encrypt(&block).unwrap().to_vec()
}

/// `set_client_DH_params`, with a public value of the test's choice or an honest one; and the key, for an honest one.
pub fn half(
    offer: &types::ResPq,
    new_nonce: [u8; 32],
    params: &types::ServerDhParamsOk,
    g_b: Option<Vec<u8>>,
) -> (functions::SetClientDhParams, Option<AuthKey>) {
    let temporary = TemporaryKey::derive(&offer.server_nonce, &new_nonce);
    let opened = temporary.open(&params.encrypted_answer).unwrap();
    let mut cursor = Cursor::from_slice(opened.data());
    let enums::ServerDhInnerData::Data(inner) = enums::ServerDhInnerData::deserialize(&mut cursor).unwrap();
    assert!(opened.confirm(cursor.pos()));
    assert_eq!((inner.nonce, inner.server_nonce, inner.g), (offer.nonce, offer.server_nonce, 3));
    assert!((i64::from(inner.server_time) - (msg_id_at(0) >> 32)).abs() < 30);
    let prime: [u8; 256] = inner.dh_prime.as_slice().try_into().unwrap();
    let g_a = exchange::check_public(&inner.g_a, &prime).unwrap();
    let b: [u8; 256] = rand::random();
    let honest = g_b.is_none();
    let g_b = g_b.unwrap_or_else(|| exchange::public_value(3, &b, &prime).unwrap().to_vec());
    let answer = enums::ClientDhInnerData::Data(types::ClientDhInnerData {
        nonce: offer.nonce,
        server_nonce: offer.server_nonce,
        retry_id: 0,
        g_b,
    });
    let request = functions::SetClientDhParams {
        nonce: offer.nonce,
        server_nonce: offer.server_nonce,
        encrypted_data: temporary.seal(&answer.to_bytes(), &mut rand::rng()),
    };
    (request, honest.then(|| exchange::shared_key(&g_a, &b, &prime).unwrap()))
}
