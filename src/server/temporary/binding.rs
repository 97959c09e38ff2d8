//! The message with which a client proves that it holds both keys: the one of `auth.bindTempAuthKey`.
//!
//! It is encrypted with the permanent key in the manner of MTProto 1.0, the last place where that is used: the message key is taken from
//! SHA-1 of what is encrypted, and the derivation of the cipher's key from SHA-1 too. Its length is fixed, so nothing about it is
//! negotiated: whatever does not fit to the last byte is refused, with one answer for all reasons.

use grammers_crypto::aes::ige_decrypt;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::super::reader::Reader;
use crate::mtproto::auth_key::AuthKey;

/// Random bytes in the place of salt and session.
const RANDOM_LEN: usize = 16;
/// Those, id, sequence number and length, bytes.
const HEADER_LEN: usize = RANDOM_LEN + 16;
/// `bind_auth_key_inner`, bytes.
const INNER_LEN: usize = 40;
/// What the message key covers; the rest pads to whole AES blocks.
const COVERED_LEN: usize = HEADER_LEN + INNER_LEN;
const PADDED_LEN: usize = COVERED_LEN.next_multiple_of(16);
const BIND_AUTH_KEY_INNER: u32 = 0x75a3_f765;

/// The arguments of `auth.bindTempAuthKey`.
pub struct Request<'a> {
    pub perm_auth_key_id: i64,
    pub nonce: i64,
    /// Unix seconds.
    pub expires_at: i32,
    encrypted_message: &'a [u8],
}

/// What the binding message has to name besides what the request names.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    pub temp_auth_key_id: i64,
    /// Of the request.
    pub session_id: i64,
    pub msg_id: i64,
}

impl<'a> Request<'a> {
    /// Reads the bare method, its constructor included; `None` if it is malformed.
    pub fn read(method: &'a [u8]) -> Option<Request<'a>> {
        let mut reader = Reader::new(method);
        reader.u32()?;
        let request = Request {
            perm_auth_key_id: reader.i64()?,
            nonce: reader.i64()?,
            expires_at: reader.i32()?,
            encrypted_message: reader.bytes()?,
        };
        reader.rest().is_empty().then_some(request)
    }

    /// Whether the holder of the permanent key wrote the message for exactly this request.
    pub fn is_proven(&self, permanent: &AuthKey, circumstances: Circumstances) -> bool {
        let Some(opened) = open(permanent, self.encrypted_message) else { return false };
        let mut expected = Vec::with_capacity(COVERED_LEN - RANDOM_LEN);
        expected.extend(circumstances.msg_id.to_le_bytes());
        expected.extend(0i32.to_le_bytes());
        expected.extend((INNER_LEN as i32).to_le_bytes());
        expected.extend(BIND_AUTH_KEY_INNER.to_le_bytes());
        expected.extend(self.nonce.to_le_bytes());
        expected.extend(circumstances.temp_auth_key_id.to_le_bytes());
        expected.extend(self.perm_auth_key_id.to_le_bytes());
        expected.extend(circumstances.session_id.to_le_bytes());
        expected.extend(self.expires_at.to_le_bytes());
        opened.get(RANDOM_LEN..COVERED_LEN).is_some_and(|named| named.ct_eq(&expected).into())
    }
}

/// Decrypts the message; `None` if its length, key or message key is wrong.
fn open(key: &AuthKey, packet: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (key_id, rest) = packet.split_first_chunk::<8>()?;
    let (msg_key, cipher) = rest.split_first_chunk::<16>()?;
    if i64::from_le_bytes(*key_id) != key.id() || cipher.len() != PADDED_LEN {
        return None;
    }
    let (aes_key, aes_iv) = aes_parameters(key, msg_key);
    let mut inner = Zeroizing::new(cipher.to_vec());
    ige_decrypt(&mut inner, &aes_key, &aes_iv);
    let digest: [u8; 20] = Sha1::digest(inner.get(..COVERED_LEN)?).into();
    bool::from(digest[4..].ct_eq(msg_key)).then_some(inner)
}

type AesParameters = (Zeroizing<[u8; 32]>, Zeroizing<[u8; 32]>);

/// The derivation of MTProto 1.0, for what a client sends.
fn aes_parameters(key: &AuthKey, msg_key: &[u8; 16]) -> AesParameters {
    let part = |from: usize, to: usize| &key.expose()[from..to];
    let a: [u8; 20] = Sha1::new().chain_update(msg_key).chain_update(part(0, 32)).finalize().into();
    let b: [u8; 20] = Sha1::new()
        .chain_update(part(32, 48))
        .chain_update(msg_key)
        .chain_update(part(48, 64))
        .finalize()
        .into();
    let c: [u8; 20] = Sha1::new().chain_update(part(64, 96)).chain_update(msg_key).finalize().into();
    let d: [u8; 20] = Sha1::new().chain_update(msg_key).chain_update(part(96, 128)).finalize().into();
    (join(&[&a[..8], &b[8..20], &c[4..16]]), join(&[&a[8..20], &b[..8], &c[16..20], &d[..8]]))
}

fn join(parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut joined = Zeroizing::new([0; 32]);
    let bytes = parts.iter().flat_map(|part| part.iter());
    joined.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    joined
}
