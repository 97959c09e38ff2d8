//! The server's side of the auth-key exchange, as a state machine without I/O.
//!
//! Everything here comes from strangers. Each step checks that it follows the one before, that both nonces are the ones agreed, and
//! that every number is in range; whatever does not fit ends the exchange with a [`HandshakeFault`] and the connection with it.

use grammers_tl_types::{Cursor, Deserializable, Identifiable, Serializable, enums, functions, types};
use rand::CryptoRng;
use zeroize::Zeroizing;

use crate::mtproto::auth_key::{AuthKey, Verdict};
use crate::mtproto::exchange::{self, TemporaryKey};
use crate::mtproto::power::{NUMBER_LEN, Number};
use crate::mtproto::pq;
use crate::mtproto::rsa::PrivateKey;

use crate::secret::exchange::KNOWN_PRIME;

/// 3 generates the subgroup of prime order for the known prime.
const GENERATOR: u8 = 3;

/// Why an exchange was broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeFault {
    #[error("the client sent an unencrypted message that is no part of the key exchange")]
    Unknown,
    #[error("a message of the key exchange is malformed")]
    Malformed,
    #[error("a message of the key exchange came out of order")]
    Order,
    #[error("the nonces do not fit the exchange")]
    Nonce,
    #[error("the client did not factorise pq")]
    Factors,
    #[error("the client trusts another RSA key than this server's; give it this server's public key")]
    Fingerprint,
    #[error("the client's data is not encrypted for this server's RSA key")]
    Rsa,
    #[error("the client wants a temporary key that has expired before it is made")]
    Lifetime,
    #[error("the client's Diffie-Hellman message is not encrypted with the key of this exchange")]
    Answer,
}

/// What follows from a message of the client.
pub enum Reply {
    /// Send this and expect the next step.
    Continue(Vec<u8>),
    /// Both sides have the key: if its id is free, keep it and send `ok`; else send `retry`.
    Agreed(Box<Agreement>),
}

/// A key that both sides have computed.
pub struct Agreement {
    pub key: AuthKey,
    /// When a temporary key ends, in unix seconds; `None` for a permanent one.
    pub expires_at: Option<i32>,
    pub first_salt: i64,
    pub ok: Vec<u8>,
    pub retry: Vec<u8>,
}

/// Where the exchange of one connection stands.
#[derive(Default)]
pub struct Handshake {
    stage: Stage,
}

#[derive(Default)]
enum Stage {
    #[default]
    Idle,
    /// pq is sent.
    Offered { nonces: Nonces, p: u32, q: u32 },
    /// Our half of Diffie-Hellman is sent.
    Half { nonces: Nonces, secret: Secret, exponent: Box<Zeroizing<Number>> },
}

/// What the client has sealed for us.
struct Secret {
    new_nonce: Zeroizing<[u8; 32]>,
    /// As in [`Agreement`].
    expires_at: Option<i32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Nonces {
    client: [u8; 16],
    server: [u8; 16],
}

impl Handshake {
    /// Takes the body of one unencrypted message. `now` is in seconds since 1970. Takes some milliseconds of computing. After an
    /// error the exchange is over.
    pub fn step(
        &mut self,
        body: &[u8],
        rsa: &PrivateKey,
        now: i32,
        rng: &mut dyn CryptoRng,
    ) -> Result<Reply, HandshakeFault> {
        let mut cursor = Cursor::from_slice(body);
        let id = u32::deserialize(&mut cursor).map_err(malformed)?;
        let stage = std::mem::take(&mut self.stage);
        match (id, stage) {
            (functions::ReqPq::CONSTRUCTOR_ID | functions::ReqPqMulti::CONSTRUCTOR_ID, _) => {
                let request = functions::ReqPqMulti::deserialize(&mut cursor).map_err(malformed)?;
                Ok(self.offer(request.nonce, rsa, rng))
            }
            (functions::ReqDhParams::CONSTRUCTOR_ID, Stage::Offered { nonces, p, q }) => {
                let request = functions::ReqDhParams::deserialize(&mut cursor).map_err(malformed)?;
                let secret = open_inner_data(&request, nonces, (p, q), rsa, now)?;
                self.send_half(nonces, secret, now, rng)
            }
            (functions::SetClientDhParams::CONSTRUCTOR_ID, Stage::Half { nonces, secret, exponent }) => {
                let request = functions::SetClientDhParams::deserialize(&mut cursor).map_err(malformed)?;
                self.finish(&request, nonces, secret, exponent)
            }
            (functions::ReqDhParams::CONSTRUCTOR_ID | functions::SetClientDhParams::CONSTRUCTOR_ID, _) => {
                Err(HandshakeFault::Order)
            }
            _ => Err(HandshakeFault::Unknown),
        }
    }

    /// `req_pq(_multi)` begins anew at any time.
    fn offer(&mut self, client: [u8; 16], rsa: &PrivateKey, rng: &mut dyn CryptoRng) -> Reply {
        let mut server = [0; 16];
        rng.fill_bytes(&mut server);
        let (p, q) = pq::generate(rng);
        self.stage = Stage::Offered { nonces: Nonces { client, server }, p, q };
        let answer = enums::ResPq::Pq(types::ResPq {
            nonce: client,
            server_nonce: server,
            pq: product(p, q).to_be_bytes().to_vec(),
            server_public_key_fingerprints: vec![rsa.public().fingerprint()],
        });
        Reply::Continue(answer.to_bytes())
    }

    fn send_half(
        &mut self,
        nonces: Nonces,
        secret: Secret,
        now: i32,
        rng: &mut dyn CryptoRng,
    ) -> Result<Reply, HandshakeFault> {
        let (exponent, g_a) = loop {
            let mut exponent = Box::new(Zeroizing::new([0; NUMBER_LEN]));
            rng.fill_bytes(exponent.as_mut_slice());
            let g_a = exchange::public_value(GENERATOR, &exponent, &KNOWN_PRIME)
                .ok_or(HandshakeFault::Malformed)?;
            if exchange::check_public(&g_a, &KNOWN_PRIME).is_some() {
                break (exponent, g_a);
            }
        };
        let inner = enums::ServerDhInnerData::Data(types::ServerDhInnerData {
            nonce: nonces.client,
            server_nonce: nonces.server,
            g: i32::from(GENERATOR),
            dh_prime: KNOWN_PRIME.to_vec(),
            g_a: g_a.to_vec(),
            server_time: now,
        });
        let encrypted_answer =
            TemporaryKey::derive(&nonces.server, &secret.new_nonce).seal(&inner.to_bytes(), rng);
        self.stage = Stage::Half { nonces, secret, exponent };
        let answer = enums::ServerDhParams::Ok(types::ServerDhParamsOk {
            nonce: nonces.client,
            server_nonce: nonces.server,
            encrypted_answer,
        });
        Ok(Reply::Continue(answer.to_bytes()))
    }

    fn finish(
        &mut self,
        request: &functions::SetClientDhParams,
        nonces: Nonces,
        secret: Secret,
        exponent: Box<Zeroizing<Number>>,
    ) -> Result<Reply, HandshakeFault> {
        if (request.nonce, request.server_nonce) != (nonces.client, nonces.server) {
            return Err(HandshakeFault::Nonce);
        }
        let new_nonce = &secret.new_nonce;
        let opened = TemporaryKey::derive(&nonces.server, new_nonce)
            .open(&request.encrypted_data)
            .ok_or(HandshakeFault::Answer)?;
        let mut cursor = Cursor::from_slice(opened.data());
        let inner = enums::ClientDhInnerData::deserialize(&mut cursor).map_err(|_| HandshakeFault::Answer)?;
        if !opened.confirm(cursor.pos()) {
            return Err(HandshakeFault::Answer);
        }
        let enums::ClientDhInnerData::Data(inner) = inner;
        if (inner.nonce, inner.server_nonce) != (nonces.client, nonces.server) {
            return Err(HandshakeFault::Nonce);
        }
        let Some(g_b) = exchange::check_public(&inner.g_b, &KNOWN_PRIME) else {
            return Ok(Reply::Continue(refusal(nonces, new_nonce)));
        };
        let key = exchange::shared_key(&g_b, &exponent, &KNOWN_PRIME).ok_or(HandshakeFault::Malformed)?;
        let agreement = Agreement {
            first_salt: exchange::first_salt(&nonces.server, new_nonce),
            expires_at: secret.expires_at,
            ok: verdict(nonces, new_nonce, &key, Verdict::Ok),
            retry: verdict(nonces, new_nonce, &key, Verdict::Retry),
            key,
        };
        // A retry comes back with another half for the same exchange.
        self.stage = Stage::Half { nonces, secret, exponent };
        Ok(Reply::Agreed(Box::new(agreement)))
    }

    /// The agreed key is kept: nothing may follow but a new exchange.
    pub fn close(&mut self) {
        self.stage = Stage::Idle;
    }
}

/// Opens and checks what only a holder of our public key could have sealed: the new nonce, and how long the key is to last.
fn open_inner_data(
    request: &functions::ReqDhParams,
    nonces: Nonces,
    (p, q): (u32, u32),
    rsa: &PrivateKey,
    now: i32,
) -> Result<Secret, HandshakeFault> {
    if (request.nonce, request.server_nonce) != (nonces.client, nonces.server) {
        return Err(HandshakeFault::Nonce);
    }
    let factors = (number(&request.p), number(&request.q));
    if factors != (Some(p.into()), Some(q.into())) {
        return Err(HandshakeFault::Factors);
    }
    if request.public_key_fingerprint != rsa.public().fingerprint() {
        return Err(HandshakeFault::Fingerprint);
    }
    let cipher = <&Number>::try_from(request.encrypted_data.as_slice()).map_err(|_| HandshakeFault::Rsa)?;
    let opened = rsa.decrypt_padded(cipher).ok_or(HandshakeFault::Rsa)?;
    let mut cursor = Cursor::from_slice(opened.data());
    let inner = enums::PQInnerData::deserialize(&mut cursor).map_err(|_| HandshakeFault::Rsa)?;
    if !opened.confirm(cursor.pos()) {
        return Err(HandshakeFault::Rsa);
    }
    // Whatever data centre the client believes in, it is this server.
    let (inner_pq, inner_p, inner_q, nonce, server_nonce, new_nonce, lifetime) = match inner {
        enums::PQInnerData::Data(x) => (x.pq, x.p, x.q, x.nonce, x.server_nonce, x.new_nonce, None),
        enums::PQInnerData::Dc(x) => (x.pq, x.p, x.q, x.nonce, x.server_nonce, x.new_nonce, None),
        enums::PQInnerData::Temp(x) => {
            (x.pq, x.p, x.q, x.nonce, x.server_nonce, x.new_nonce, Some(x.expires_in))
        }
        enums::PQInnerData::TempDc(x) => {
            (x.pq, x.p, x.q, x.nonce, x.server_nonce, x.new_nonce, Some(x.expires_in))
        }
    };
    let new_nonce = Zeroizing::new(new_nonce);
    if (nonce, server_nonce) != (nonces.client, nonces.server) {
        return Err(HandshakeFault::Nonce);
    }
    let numbers = (number(&inner_pq), number(&inner_p), number(&inner_q));
    if numbers != (Some(product(p, q)), Some(p.into()), Some(q.into())) {
        return Err(HandshakeFault::Factors);
    }
    if lifetime.is_some_and(|seconds| seconds <= 0) {
        return Err(HandshakeFault::Lifetime);
    }
    Ok(Secret { new_nonce, expires_at: lifetime.map(|seconds| now.saturating_add(seconds)) })
}

fn verdict(nonces: Nonces, new_nonce: &[u8; 32], key: &AuthKey, verdict: Verdict) -> Vec<u8> {
    let (nonce, server_nonce) = (nonces.client, nonces.server);
    let hash = key.new_nonce_hash(new_nonce, verdict);
    let answer = match verdict {
        Verdict::Ok => enums::SetClientDhParamsAnswer::DhGenOk(types::DhGenOk {
            nonce,
            server_nonce,
            new_nonce_hash1: hash,
        }),
        Verdict::Retry => enums::SetClientDhParamsAnswer::DhGenRetry(types::DhGenRetry {
            nonce,
            server_nonce,
            new_nonce_hash2: hash,
        }),
        Verdict::Fail => enums::SetClientDhParamsAnswer::DhGenFail(types::DhGenFail {
            nonce,
            server_nonce,
            new_nonce_hash3: hash,
        }),
    };
    answer.to_bytes()
}

/// `dh_gen_fail` for a public value out of range. No key exists then; its place in the hash is taken by zeros.
fn refusal(nonces: Nonces, new_nonce: &[u8; 32]) -> Vec<u8> {
    verdict(nonces, new_nonce, &AuthKey::new(&[0; NUMBER_LEN]), Verdict::Fail)
}

fn product(p: u32, q: u32) -> u64 {
    u64::from(p) * u64::from(q)
}

/// A big-endian number of at most eight bytes.
fn number(bytes: &[u8]) -> Option<u64> {
    if bytes.len() > 8 {
        return None;
    }
    Some(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

fn malformed(_: grammers_tl_types::deserialize::Error) -> HandshakeFault {
    HandshakeFault::Malformed
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    const NEW_NONCE: [u8; 32] = [5; 32];
    const NOW: i32 = 1_800_000_000;

    /// The client's half with this exponent, and the key it leads to.
    fn half(offer: &types::ResPq, params: &types::ServerDhParamsOk, b: Number) -> (Vec<u8>, AuthKey) {
        let temporary = TemporaryKey::derive(&offer.server_nonce, &NEW_NONCE);
        let opened = temporary.open(&params.encrypted_answer).unwrap();
        let mut cursor = Cursor::from_slice(opened.data());
        let enums::ServerDhInnerData::Data(inner) =
            enums::ServerDhInnerData::deserialize(&mut cursor).unwrap();
        assert!(opened.confirm(cursor.pos()));
        assert_eq!((inner.server_time, inner.dh_prime.as_slice()), (NOW, KNOWN_PRIME.as_slice()));
        let g_a = exchange::check_public(&inner.g_a, &KNOWN_PRIME).unwrap();
        let answer = enums::ClientDhInnerData::Data(types::ClientDhInnerData {
            nonce: offer.nonce,
            server_nonce: offer.server_nonce,
            retry_id: 0,
            g_b: exchange::public_value(3, &b, &KNOWN_PRIME).unwrap().to_vec(),
        });
        let request = functions::SetClientDhParams {
            nonce: offer.nonce,
            server_nonce: offer.server_nonce,
            encrypted_data: temporary.seal(&answer.to_bytes(), &mut StdRng::seed_from_u64(2)),
        };
        (request.to_bytes(), exchange::shared_key(&g_a, &b, &KNOWN_PRIME).unwrap())
    }

    fn agreed(reply: Reply) -> Agreement {
        match reply {
            Reply::Agreed(agreement) => *agreement,
            Reply::Continue(_) => panic!("no agreement"),
        }
    }

    fn sent<T: Deserializable>(reply: Reply) -> T {
        match reply {
            Reply::Continue(body) => T::from_bytes(&body).unwrap(),
            Reply::Agreed(_) => panic!("an early agreement"),
        }
    }

    #[test]
    fn a_retry_leads_to_another_key_of_the_same_exchange() {
        let mut rng = StdRng::seed_from_u64(1);
        let rsa = PrivateKey::generate(&mut rng);
        let mut handshake = Handshake::default();
        let mut step = |body: &[u8]| handshake.step(body, &rsa, NOW, &mut rng);

        let enums::ResPq::Pq(offer) =
            sent(step(&functions::ReqPqMulti { nonce: [1; 16] }.to_bytes()).unwrap());
        let (p, q) = pq::factorize(number(&offer.pq).unwrap()).unwrap();
        let inner = enums::PQInnerData::Data(types::PQInnerData {
            pq: offer.pq.clone(),
            p: p.to_be_bytes().to_vec(),
            q: q.to_be_bytes().to_vec(),
            nonce: offer.nonce,
            server_nonce: offer.server_nonce,
            new_nonce: NEW_NONCE,
        });
        let mut client_rng = StdRng::seed_from_u64(3);
        let request = functions::ReqDhParams {
            nonce: offer.nonce,
            server_nonce: offer.server_nonce,
            p: p.to_be_bytes().to_vec(),
            q: q.to_be_bytes().to_vec(),
            public_key_fingerprint: rsa.public().fingerprint(),
            encrypted_data: rsa.public().encrypt_padded(&inner.to_bytes(), &mut client_rng).unwrap().to_vec(),
        };
        let enums::ServerDhParams::Ok(params) = sent(step(&request.to_bytes()).unwrap()) else {
            panic!("refused")
        };

        let (first_half, first_key) = half(&offer, &params, [0x21; NUMBER_LEN]);
        let first = agreed(step(&first_half).unwrap());
        assert_eq!(first.key.expose(), first_key.expose());
        let enums::SetClientDhParamsAnswer::DhGenRetry(retry) =
            enums::SetClientDhParamsAnswer::from_bytes(&first.retry).unwrap()
        else {
            panic!("no retry")
        };
        assert_eq!(retry.new_nonce_hash2, first_key.new_nonce_hash(&NEW_NONCE, Verdict::Retry));

        let (second_half, second_key) = half(&offer, &params, [0x22; NUMBER_LEN]);
        let second = agreed(step(&second_half).unwrap());
        assert_eq!(second.key.expose(), second_key.expose());
        assert_ne!(second.key.id(), first.key.id());
        assert_eq!(second.first_salt, exchange::first_salt(&offer.server_nonce, &NEW_NONCE));
        handshake.close();
        let after = handshake.step(&second_half, &rsa, NOW, &mut client_rng);
        assert_eq!(after.err(), Some(HandshakeFault::Order));
    }
}
