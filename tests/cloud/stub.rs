//! A server that does what a test tells it, wrong things above all: each test writes both sides of the conversation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::OnceLock;

use grammers_tl_types::{Cursor, Deserializable, Identifiable, Serializable, enums, functions, types};
use subrosa::cloud::server_keys::ServerKeys;
use subrosa::mtproto::auth_key::{AuthKey, Verdict};
use subrosa::mtproto::cipher::{self, Direction, Message};
use subrosa::mtproto::exchange::{self, TemporaryKey};
use subrosa::mtproto::framing::{Decoder, Encoder, End, Frame, Framing};
use subrosa::mtproto::plain;
use subrosa::mtproto::rsa::PrivateKey;
use subrosa::secret::exchange::{KNOWN_PRIME, Params};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const MSG_CONTAINER: u32 = 0x73f1_f8dc;
const RPC_RESULT: u32 = 0xf35c_6d01;
pub const SALT: i64 = 0x5a17;

/// One RSA key for all tests of the process: making it takes a while.
pub fn rsa() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate(&mut rand::rng()))
}

pub fn keys() -> ServerKeys {
    ServerKeys::from_pem("stub.pem", &rsa().public().to_pem().unwrap()).unwrap()
}

/// What the stub does wrong in the key exchange.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flaw {
    None,
    Nonce,
    ServerNonce,
    InnerNonce,
    AnswerHash,
    Prime,
    Generator,
    PublicValue,
    OtherKey,
    Retry,
    Fail,
    HardNumber,
    Unreadable,
}

pub struct Stub {
    listener: TcpListener,
    /// Its clock is so many seconds ahead of ours.
    pub ahead: i64,
}

impl Stub {
    pub async fn start() -> Stub {
        Stub { listener: TcpListener::bind("127.0.0.1:0").await.unwrap(), ahead: 0 }
    }

    pub fn address(&self) -> String {
        self.listener.local_addr().unwrap().to_string()
    }

    pub async fn accept(&self) -> Peer {
        let (stream, _) = self.listener.accept().await.unwrap();
        Peer {
            stream,
            encoder: Encoder::new(Framing::Full),
            decoder: Decoder::new(Framing::Full, End::Server),
            key: None,
            session_id: 0,
            salt: SALT,
            last_id: (now() + self.ahead) << 32,
            ahead: self.ahead,
            waiting: Vec::new(),
        }
    }

    /// A connection that has made its key and been greeted.
    pub async fn accept_online(&self) -> Peer {
        let mut peer = self.accept().await;
        peer.make_key(Flaw::None).await.unwrap();
        peer.greet().await;
        peer
    }
}

pub struct Peer {
    stream: TcpStream,
    encoder: Encoder,
    decoder: Decoder,
    pub key: Option<AuthKey>,
    session_id: i64,
    pub salt: i64,
    last_id: i64,
    ahead: i64,
    waiting: Vec<Call>,
}

/// A message of the client.
pub struct Call {
    pub msg_id: i64,
    pub body: Vec<u8>,
}

impl Call {
    pub fn id(&self) -> u32 {
        u32::from_le_bytes(self.body[..4].try_into().unwrap())
    }

    pub fn is<F: Identifiable>(&self) -> bool {
        self.id() == F::CONSTRUCTOR_ID
    }
}

impl Peer {
    /// The next frame; `None` when the client hangs up.
    pub async fn frame(&mut self) -> Option<Vec<u8>> {
        let mut bytes = [0; 4096];
        loop {
            if let Some(Frame::Packet(packet)) = self.decoder.next_frame().unwrap() {
                return Some(packet);
            }
            match self.stream.read(&mut bytes).await {
                Ok(0) | Err(_) => return None,
                Ok(read) => self.decoder.feed(&bytes[..read]),
            }
        }
    }

    pub async fn raw(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    pub async fn packet(&mut self, packet: &[u8]) {
        let frame = self.encoder.encode(packet, &mut rand::rng());
        self.raw(&frame).await;
    }

    /// The server's side of the exchange; `None` when the client hangs up.
    pub async fn make_key(&mut self, flaw: Flaw) -> Option<()> {
        let first: functions::ReqPqMulti = self.question().await?;
        let server_nonce = [7; 16];
        let changed = [8; 16];
        let pq: u64 = if flaw == Flaw::HardNumber { (1 << 61) - 1 } else { 2_147_483_629 * 2_147_483_647 };
        let fingerprint = rsa().public().fingerprint();
        self.plain(&enums::ResPq::Pq(types::ResPq {
            nonce: if flaw == Flaw::Nonce { changed } else { first.nonce },
            server_nonce,
            pq: pq.to_be_bytes().to_vec(),
            server_public_key_fingerprints: vec![1, fingerprint],
        }))
        .await;

        let second: functions::ReqDhParams = self.question().await?;
        assert_eq!(second.public_key_fingerprint, fingerprint);
        let hashed = rsa().decrypt_padded(second.encrypted_data.as_slice().try_into().unwrap()).unwrap();
        let enums::PQInnerData::Dc(inner) = enums::PQInnerData::from_bytes(hashed.data()).unwrap() else {
            panic!("other inner data")
        };
        assert_eq!((inner.nonce, inner.server_nonce), (first.nonce, server_nonce));
        let params = Params::from_stored(3, &KNOWN_PRIME).unwrap();
        let ours = params.offer(&[], &mut rand::rng());
        let temporary = TemporaryKey::derive(&server_nonce, &inner.new_nonce);
        let answer = enums::ServerDhInnerData::Data(types::ServerDhInnerData {
            nonce: if flaw == Flaw::InnerNonce { changed } else { first.nonce },
            server_nonce,
            g: if flaw == Flaw::Generator { 2 } else { 3 },
            dh_prime: if flaw == Flaw::Prime { vec![0xff; 256] } else { KNOWN_PRIME.to_vec() },
            g_a: if flaw == Flaw::PublicValue { vec![1] } else { ours.public().to_vec() },
            server_time: (now() + self.ahead) as i32,
        });
        let mut sealed = temporary.seal(&answer.to_bytes(), &mut rand::rng());
        if flaw == Flaw::AnswerHash {
            sealed[100] ^= 1;
        }
        if flaw == Flaw::Unreadable {
            let packet = plain::write(self.next_id(1), &[1; 8]);
            self.packet(&packet).await;
            return self.frame().await.map(|_| ());
        }
        self.plain(&enums::ServerDhParams::Ok(types::ServerDhParamsOk {
            nonce: first.nonce,
            server_nonce: if flaw == Flaw::ServerNonce { changed } else { server_nonce },
            encrypted_answer: sealed,
        }))
        .await;

        let third: functions::SetClientDhParams = self.question().await?;
        let hashed = temporary.open(&third.encrypted_data).unwrap();
        let mut cursor = Cursor::from_slice(hashed.data());
        let enums::ClientDhInnerData::Data(theirs) =
            enums::ClientDhInnerData::deserialize(&mut cursor).unwrap();
        assert!(hashed.confirm(cursor.pos()));
        let key = AuthKey::new(ours.finish(&theirs.g_b).unwrap().expose());
        let hash_of = if flaw == Flaw::OtherKey { AuthKey::new(&[1; 256]) } else { key.clone() };
        let nonce = first.nonce;
        let hash = |verdict| hash_of.new_nonce_hash(&inner.new_nonce, verdict);
        let verdict = match flaw {
            Flaw::Retry => {
                types::DhGenRetry { nonce, server_nonce, new_nonce_hash2: hash(Verdict::Retry) }.into()
            }
            Flaw::Fail => {
                types::DhGenFail { nonce, server_nonce, new_nonce_hash3: hash(Verdict::Fail) }.into()
            }
            _ => enums::SetClientDhParamsAnswer::DhGenOk(types::DhGenOk {
                nonce,
                server_nonce,
                new_nonce_hash1: hash(Verdict::Ok),
            }),
        };
        self.plain(&verdict).await;
        self.salt = exchange::first_salt(&server_nonce, &inner.new_nonce);
        self.key = Some(key);
        Some(())
    }

    async fn question<R: Deserializable>(&mut self) -> Option<R> {
        let frame = self.frame().await?;
        let question = plain::read(&frame).unwrap();
        Some(R::from_bytes(&question.body[4..]).unwrap())
    }

    async fn plain(&mut self, answer: &impl Serializable) {
        let packet = plain::write(self.next_id(1), &answer.to_bytes());
        self.packet(&packet).await;
    }

    /// The next call that is no acknowledgement; salts are given when asked for. `None` when the client hangs up.
    pub async fn call(&mut self) -> Option<Call> {
        loop {
            if !self.waiting.is_empty() {
                let call = self.waiting.remove(0);
                if call.is::<functions::GetFutureSalts>() {
                    self.salts(call.msg_id, 3).await;
                } else if !call.is::<types::MsgsAck>() {
                    return Some(call);
                }
                continue;
            }
            self.read().await?;
        }
    }

    /// Like [`Peer::call`], but salts are the test's business, too.
    pub async fn any_call(&mut self) -> Option<Call> {
        while self.waiting.is_empty() {
            self.read().await?;
        }
        Some(self.waiting.remove(0))
    }

    async fn read(&mut self) -> Option<()> {
        let frame = self.frame().await?;
        let key = self.key.clone().expect("a key");
        let message = cipher::open(&key, Direction::ToServer, &frame).unwrap();
        self.session_id = message.session_id;
        if message.body[..4] != MSG_CONTAINER.to_le_bytes() {
            self.waiting.push(Call { msg_id: message.msg_id, body: message.body });
            return Some(());
        }
        let mut rest = &message.body[8..];
        while let Some((head, tail)) = rest.split_first_chunk::<16>() {
            let length = u32::from_le_bytes(head[12..].try_into().unwrap()) as usize;
            let msg_id = i64::from_le_bytes(head[..8].try_into().unwrap());
            self.waiting.push(Call { msg_id, body: tail[..length].to_vec() });
            rest = &tail[length..];
        }
        Some(())
    }

    /// Answers the greeting, whatever it asks.
    pub async fn greet(&mut self) {
        let call = self.call().await.expect("a greeting");
        assert_eq!(call.id(), 0xda9b_0d0d, "invokeWithLayer");
        self.answer(call.msg_id, &[0; 4]).await;
    }

    pub async fn answer(&mut self, msg_id: i64, result: &[u8]) {
        let body = [&RPC_RESULT.to_le_bytes()[..], &msg_id.to_le_bytes(), result].concat();
        self.message(1, &body).await;
    }

    pub async fn refuse(&mut self, msg_id: i64, error_code: i32, error_message: &str) {
        let error = types::RpcError { error_code, error_message: error_message.into() };
        self.answer(msg_id, &enums::RpcError::Error(error).to_bytes()).await;
    }

    pub async fn pong(&mut self, call: &Call) {
        let ping_id = i64::from_le_bytes(call.body[4..12].try_into().unwrap());
        let pong = enums::Pong::Pong(types::Pong { msg_id: call.msg_id, ping_id });
        self.message(1, &pong.to_bytes()).await;
    }

    pub async fn salts(&mut self, req_msg_id: i64, count: i32) {
        let now = now() as i32;
        let salts = (0..count).map(|n| types::FutureSalt {
            valid_since: now + n * 1800,
            valid_until: now + n * 1800 + 3600,
            salt: self.salt + i64::from(n),
        });
        let salts = types::FutureSalts {
            req_msg_id,
            now,
            salts: grammers_tl_types::RawVec(salts.map(enums::FutureSalt::Salt).map(bare).collect()),
        };
        self.message(1, &enums::FutureSalts::Salts(salts).to_bytes()).await;
    }

    /// From now on the server's clock is so many seconds ahead of ours.
    pub fn set_ahead(&mut self, ahead: i64) {
        self.ahead = ahead;
        self.last_id = (now() + ahead) << 32;
    }

    pub async fn bad_msg(&mut self, bad_msg_id: i64, error_code: i32) {
        let refusal = types::BadMsgNotification { bad_msg_id, bad_msg_seqno: 1, error_code };
        self.message(1, &enums::BadMsgNotification::Notification(refusal).to_bytes()).await;
    }

    pub async fn bad_salt(&mut self, bad_msg_id: i64, new_server_salt: i64) {
        let refusal = types::BadServerSalt { bad_msg_id, bad_msg_seqno: 1, error_code: 48, new_server_salt };
        self.message(1, &enums::BadMsgNotification::BadServerSalt(refusal).to_bytes()).await;
    }

    pub async fn push(&mut self, updates: enums::Updates) {
        self.message(3, &updates.to_bytes()).await;
    }

    pub async fn message(&mut self, low_bits: i64, body: &[u8]) {
        let packet = self.sealed(low_bits, body);
        self.packet(&packet).await;
    }

    pub fn sealed(&mut self, low_bits: i64, body: &[u8]) -> Vec<u8> {
        let msg_id = self.next_id(low_bits);
        let message =
            Message { salt: self.salt, session_id: self.session_id, msg_id, seq_no: 1, body: body.to_vec() };
        cipher::seal(self.key.as_ref().unwrap(), Direction::ToClient, &message, &mut rand::rng())
    }

    fn next_id(&mut self, low_bits: i64) -> i64 {
        self.last_id = (self.last_id & !3) + 4 + low_bits;
        self.last_id
    }
}

fn bare(salt: enums::FutureSalt) -> types::FutureSalt {
    let enums::FutureSalt::Salt(salt) = salt;
    salt
}

pub fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}
