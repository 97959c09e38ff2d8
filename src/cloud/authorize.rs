//! The auth-key exchange: the one way in which this device and a server come to share a key.
//!
//! The same path serves Telegram and every other server; they differ only in the RSA keys they are known by. Nothing the server
//! says is believed before it is checked: nonces, hashes, the prime (known, or proven to be safe), the generator, the range
//! of its public value, and at the end that it holds the same key. The order of messages is here; the arithmetic is shared
//! with the server's side in [`crate::mtproto`], and the group's checks with the secret chats in [`crate::secret::exchange`].

use std::time::{SystemTime, UNIX_EPOCH};

use grammers_tl_types::{Cursor, Deserializable, RemoteCall, Serializable, enums, functions, types};
use rand::Rng;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::clock::unix_now;
use super::fault::CloudError;
use super::server_keys::ServerKeys;
use super::session::{AuthKey, Session};
use super::wire::Wire;
use crate::mtproto::auth_key::Verdict;
use crate::mtproto::exchange::{self, TemporaryKey};
use crate::mtproto::{plain, pq};
use crate::secret::exchange::{Params, Vetting, is_safe_prime, vet};

/// `dh_gen_retry` asks for another public value; a server that asks this often does not want a key.
const ATTEMPTS: usize = 4;

/// Makes a key with the server at the other end of the wire. The caller sets a deadline.
pub(super) async fn authorize(wire: &mut Wire, keys: &ServerKeys, dc_id: i32) -> Result<Session, CloudError> {
    for _ in 0..ATTEMPTS {
        if let Some(session) = attempt(wire, keys, dc_id).await? {
            return Ok(session);
        }
    }
    Err(CloudError::ExchangeRefused { address: wire.address().into() })
}

/// One exchange; `None` when the server asks for another.
async fn attempt(wire: &mut Wire, keys: &ServerKeys, dc: i32) -> Result<Option<Session>, CloudError> {
    let nonce = random();
    let enums::ResPq::Pq(offer) = ask(wire, &functions::ReqPqMulti { nonce }).await?;
    if offer.nonce != nonce {
        return Err(unsafe_by(wire, "the nonce came back changed"));
    }
    let nonces = Nonces { client: nonce, server: offer.server_nonce, new: Zeroizing::new(random()) };

    let answer = ask(wire, &request_params(wire, keys, dc, &offer, &nonces).await?).await?;
    let temporary = TemporaryKey::derive(&nonces.server, &nonces.new);
    let inner = open_params(answer, &nonces, &temporary).map_err(|reason| reason.at(wire))?;
    let time_offset = inner.server_time.saturating_sub(unix_now());
    let params = vetted(inner.g, inner.dh_prime).await.map_err(|check| unsafe_by(wire, check))?;

    let ours = params.offer(&[], &mut rand::rng());
    let request = set_params(&nonces, &temporary, ours.public().to_vec());
    let shared = ours.finish(&inner.g_a);
    let shared = shared.map_err(|_| unsafe_by(wire, "the server's public value is out of range"))?;
    let auth_key = AuthKey::new(shared.expose());

    let answer = ask(wire, &request).await?;
    let verdict = check_verdict(answer, &nonces, &auth_key).map_err(|check| unsafe_by(wire, check))?;
    match verdict {
        Verdict::Ok => {
            let first_salt = exchange::first_salt(&nonces.server, &nonces.new);
            Ok(Some(Session { auth_key, first_salt, time_offset }))
        }
        Verdict::Retry => Ok(None),
        Verdict::Fail => Err(CloudError::ExchangeRefused { address: wire.address().into() }),
    }
}

/// The random numbers that hold one exchange together; `new` is known to the two ends only.
struct Nonces {
    client: [u8; 16],
    server: [u8; 16],
    new: Zeroizing<[u8; 32]>,
}

impl Nonces {
    fn match_(&self, client: &[u8; 16], server: &[u8; 16]) -> Result<(), &'static str> {
        if self.client == *client && self.server == *server {
            Ok(())
        } else {
            Err("a nonce came back changed")
        }
    }
}

/// Why the second answer was not taken.
enum Refusal {
    Check(&'static str),
    /// `server_DH_params_fail`.
    Server,
}

impl From<&'static str> for Refusal {
    fn from(check: &'static str) -> Self {
        Refusal::Check(check)
    }
}

impl Refusal {
    fn at(self, wire: &Wire) -> CloudError {
        match self {
            Refusal::Check(check) => unsafe_by(wire, check),
            Refusal::Server => CloudError::ExchangeRefused { address: wire.address().into() },
        }
    }
}

async fn request_params(
    wire: &Wire,
    keys: &ServerKeys,
    dc: i32,
    offer: &types::ResPq,
    nonces: &Nonces,
) -> Result<functions::ReqDhParams, CloudError> {
    let (key, fingerprint) =
        keys.choose(&offer.server_public_key_fingerprints).ok_or_else(|| CloudError::WrongKey {
            address: wire.address().into(),
            source_name: keys.source_name().into(),
            offered: hex_list(&offer.server_public_key_fingerprints),
        })?;
    let number = match offer.pq.as_slice() {
        short if short.len() <= 8 => short.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)),
        _ => return Err(unsafe_by(wire, "the number to take apart is too long")),
    };
    let factors = spawn_blocking(move || pq::factorize(number)).await.ok().flatten();
    let (p, q) =
        factors.ok_or_else(|| unsafe_by(wire, "the number to take apart has no two prime factors"))?;
    let (p, q) = (shortest(p), shortest(q));
    let inner = enums::PQInnerData::Dc(types::PQInnerDataDc {
        pq: offer.pq.clone(),
        p: p.clone(),
        q: q.clone(),
        nonce: nonces.client,
        server_nonce: nonces.server,
        new_nonce: *nonces.new,
        dc,
    });
    let inner = Zeroizing::new(inner.to_bytes());
    let sealed = key.encrypt_padded(&inner, &mut rand::rng());
    Ok(functions::ReqDhParams {
        nonce: nonces.client,
        server_nonce: nonces.server,
        p,
        q,
        public_key_fingerprint: fingerprint,
        encrypted_data: sealed.ok_or_else(|| unsafe_by(wire, "the request does not fit the key"))?.to_vec(),
    })
}

/// Opens `server_DH_params_ok` and checks that it belongs to this exchange.
fn open_params(
    answer: enums::ServerDhParams,
    nonces: &Nonces,
    temporary: &TemporaryKey,
) -> Result<types::ServerDhInnerData, Refusal> {
    let answer = match answer {
        enums::ServerDhParams::Ok(answer) => answer,
        enums::ServerDhParams::Fail(fail) => {
            nonces.match_(&fail.nonce, &fail.server_nonce)?;
            let expected = exchange::params_fail_hash(&nonces.new);
            return Err(if fail.new_nonce_hash == expected {
                Refusal::Server
            } else {
                Refusal::Check("a refusal without proof")
            });
        }
    };
    nonces.match_(&answer.nonce, &answer.server_nonce)?;
    let hashed =
        temporary.open(&answer.encrypted_answer).ok_or("the sealed answer has an impossible length")?;
    let mut cursor = Cursor::from_slice(hashed.data());
    let parsed = enums::ServerDhInnerData::deserialize(&mut cursor);
    if !hashed.confirm(cursor.pos()) {
        return Err(Refusal::Check("the sealed answer's hash does not fit"));
    }
    let enums::ServerDhInnerData::Data(inner) = parsed.map_err(|_| "the sealed answer cannot be read")?;
    nonces.match_(&inner.nonce, &inner.server_nonce)?;
    Ok(inner)
}

/// A group that is safe to use; a prime that is not the known one is tested, which takes most of a second.
pub(super) async fn vetted(g: i32, p: Vec<u8>) -> Result<Params, &'static str> {
    match vet(g, &p, &[]) {
        Ok(Vetting::Good(params)) => return Ok(params),
        Ok(Vetting::UnknownPrime) => {}
        Err(_) => return Err("the group is not safe"),
    }
    spawn_blocking(move || is_safe_prime(&p, &mut rand::rng()).then(|| Params::from_stored(g, &p)).flatten())
        .await
        .ok()
        .flatten()
        .ok_or("the number offered as prime is not a safe prime")
}

fn set_params(nonces: &Nonces, temporary: &TemporaryKey, g_b: Vec<u8>) -> functions::SetClientDhParams {
    let inner = enums::ClientDhInnerData::Data(types::ClientDhInnerData {
        nonce: nonces.client,
        server_nonce: nonces.server,
        // Every attempt is a new exchange, so no attempt refers to one before.
        retry_id: 0,
        g_b,
    });
    functions::SetClientDhParams {
        nonce: nonces.client,
        server_nonce: nonces.server,
        encrypted_data: temporary.seal(&inner.to_bytes(), &mut rand::rng()),
    }
}

/// What the server decided, once it has proved that it holds the same key.
fn check_verdict(
    answer: enums::SetClientDhParamsAnswer,
    nonces: &Nonces,
    key: &AuthKey,
) -> Result<Verdict, &'static str> {
    use enums::SetClientDhParamsAnswer as Answer;
    let (client, server, hash, verdict) = match answer {
        Answer::DhGenOk(x) => (x.nonce, x.server_nonce, x.new_nonce_hash1, Verdict::Ok),
        Answer::DhGenRetry(x) => (x.nonce, x.server_nonce, x.new_nonce_hash2, Verdict::Retry),
        Answer::DhGenFail(x) => (x.nonce, x.server_nonce, x.new_nonce_hash3, Verdict::Fail),
    };
    nonces.match_(&client, &server)?;
    if key.new_nonce_hash(&nonces.new, verdict) != hash {
        return Err("the server does not hold the same key");
    }
    Ok(verdict)
}

/// One question and its answer, unencrypted.
async fn ask<R: RemoteCall>(wire: &mut Wire, request: &R) -> Result<R::Return, CloudError> {
    wire.send(&plain::write(message_id(), &request.to_bytes())).await?;
    let frame = match wire.frame().await {
        // There is no key yet that could be unknown: the server did not like the question.
        Err(CloudError::UnknownDevice { address }) => return Err(CloudError::ExchangeRefused { address }),
        frame => frame?,
    };
    let answer = plain::read(&frame).map_err(|fault| wire.garbled(fault.to_string()))?;
    R::Return::from_bytes(answer.body)
        .map_err(|_| wire.garbled("an answer of the key exchange cannot be read"))
}

fn unsafe_by(wire: &Wire, check: &'static str) -> CloudError {
    CloudError::UnsafeExchange { address: wire.address().into(), check }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// Big-endian without leading zeros.
fn shortest(number: u32) -> Vec<u8> {
    number.to_be_bytes().into_iter().skip_while(|&byte| byte == 0).collect()
}

fn hex_list(fingerprints: &[i64]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = fingerprints.iter().take(SHOWN).map(|print| format!("{print:016x}")).collect();
    if shown.is_empty() { "none".into() } else { shown.join(", ") }
}

/// Seconds in the upper half, a multiple of 4: a client's message.
fn message_id() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_secs() as i64) << 32 | i64::from(since.subsec_nanos() & !3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonces() -> Nonces {
        Nonces { client: [1; 16], server: [2; 16], new: Zeroizing::new([3; 32]) }
    }

    fn inner(nonce: [u8; 16]) -> Vec<u8> {
        enums::ServerDhInnerData::Data(types::ServerDhInnerData {
            nonce,
            server_nonce: [2; 16],
            g: 3,
            dh_prime: vec![4; 256],
            g_a: vec![5; 256],
            server_time: 6,
        })
        .to_bytes()
    }

    fn answer(sealed: Vec<u8>) -> enums::ServerDhParams {
        let (nonce, server_nonce) = ([1; 16], [2; 16]);
        enums::ServerDhParams::Ok(types::ServerDhParamsOk { nonce, server_nonce, encrypted_answer: sealed })
    }

    #[test]
    fn the_sealed_answer_is_checked() {
        let temporary = TemporaryKey::derive(&[2; 16], &[3; 32]);
        let good = temporary.seal(&inner([1; 16]), &mut rand::rng());
        let opened = open_params(answer(good.clone()), &nonces(), &temporary);
        assert!(opened.is_ok_and(|inner| inner.server_time == 6));

        let mut changed = good.clone();
        changed[40] ^= 1;
        let foreign = temporary.seal(&inner([9; 16]), &mut rand::rng());
        for bad in [changed, foreign, good[..64].to_vec(), good[..15].to_vec(), vec![]] {
            assert!(matches!(open_params(answer(bad), &nonces(), &temporary), Err(Refusal::Check(_))));
        }
    }

    #[test]
    fn a_refusal_needs_its_proof() {
        let temporary = TemporaryKey::derive(&[2; 16], &[3; 32]);
        let fail = |new_nonce_hash| {
            let (nonce, server_nonce) = ([1; 16], [2; 16]);
            enums::ServerDhParams::Fail(types::ServerDhParamsFail { nonce, server_nonce, new_nonce_hash })
        };
        let proven = fail(exchange::params_fail_hash(&[3; 32]));
        assert!(matches!(open_params(proven, &nonces(), &temporary), Err(Refusal::Server)));
        assert!(matches!(open_params(fail([0; 16]), &nonces(), &temporary), Err(Refusal::Check(_))));
    }

    #[test]
    fn the_verdict_needs_the_key() {
        let key = AuthKey::new(&[7; 256]);
        let retry = |new_nonce_hash2| {
            let (nonce, server_nonce) = ([1; 16], [2; 16]);
            let retry = types::DhGenRetry { nonce, server_nonce, new_nonce_hash2 };
            enums::SetClientDhParamsAnswer::DhGenRetry(retry)
        };
        let proof = key.new_nonce_hash(&[3; 32], Verdict::Retry);
        assert_eq!(check_verdict(retry(proof), &nonces(), &key), Ok(Verdict::Retry));
        let wrong = key.new_nonce_hash(&[3; 32], Verdict::Ok);
        assert!(check_verdict(retry(wrong), &nonces(), &key).is_err());
    }

    #[tokio::test]
    async fn an_unsafe_group_is_refused() {
        assert!(vetted(3, vec![0xff; 256]).await.is_err());
        assert!(vetted(2, vec![0xff; 255]).await.is_err());
        assert!(vetted(-1, crate::secret::exchange::KNOWN_PRIME.to_vec()).await.is_err());
        assert!(vetted(3, crate::secret::exchange::KNOWN_PRIME.to_vec()).await.is_ok());
    }

    #[test]
    fn numbers_travel_short() {
        assert_eq!(shortest(0x0001_0203), [1, 2, 3]);
        assert_eq!(shortest(0xff00_0000), [0xff, 0, 0, 0]);
    }
}
