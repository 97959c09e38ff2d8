//! Two-step verification: proving knowledge of a password without sending it (SRP, as Telegram does it).
//!
//! The server keeps `v = g^x mod p`, where x is stretched from the password, and shows `B = k*v + g^b`. The client answers with
//! `A = g^a` and a hash M1 that only somebody who knows x can make; both sides have then computed the same secret. The client's half
//! is here, the server's in [`server`]. Pure: the random exponents are arguments. Everything made from the password wipes itself, and
//! every power with a secret exponent takes the same time whatever the exponent.
//!
//! The one algorithm: `passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow`.

mod group;
pub mod server;
#[cfg(test)]
mod tests;

use pbkdf2::pbkdf2_hmac;
use sha2::{Digest, Sha256, Sha512};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::power::{NUMBER_LEN, Number, pad};
use group::Group;

/// Random bytes that a client adds to the first salt of `new_algo` before it sets a password. Telegram refuses fewer than 8.
pub const FRESH_SALT_LEN: usize = 32;

/// Rounds of PBKDF2, as the algorithm's name says.
const ROUNDS: u32 = 100_000;

/// A SHA-256 of something secret.
type Hash = Zeroizing<[u8; 32]>;

/// The parameters of the algorithm as `account.password` carries them in `current_algo` and `new_algo`.
///
/// Whether p is a safe prime and g fits it is for the caller to find out before a password is used with them; here only what the
/// arithmetic needs is checked (p odd, exactly 2048 bits; g in `2..=7`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Algo {
    /// Any length.
    pub salt1: Vec<u8>,
    /// Any length.
    pub salt2: Vec<u8>,
    pub g: i32,
    /// Big-endian, 256 bytes.
    pub p: Vec<u8>,
}

impl Algo {
    /// `new_algo` made one's own: the first salt with random bytes added, as Telegram demands for every new password.
    pub fn with_fresh_salt(&self, random: &[u8; FRESH_SALT_LEN]) -> Algo {
        Algo { salt1: [&self.salt1[..], random].concat(), ..self.clone() }
    }
}

/// Why numbers of two-step verification cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SrpFault {
    #[error("the server's prime for two-step verification is not an odd number of 2048 bits")]
    Prime,
    #[error("the server's generator {0} for two-step verification is not in 2..=7")]
    Generator(i32),
    /// B is not in `1..p`, is longer than 256 bytes, or leaves nothing to compute with (`B - k*v` near 0 or p, or u = 0).
    #[error("the server's value for two-step verification cannot be used; ask the server again")]
    ServerValue,
    /// A is not within `2^1984 ..= p - 2^1984` or is longer than 256 bytes.
    #[error("the client's value for two-step verification is out of range")]
    ClientValue,
    /// A verifier is not in `1..p` or is longer than 256 bytes.
    #[error("the stored verifier of the password is out of range")]
    Verifier,
    /// The random exponent handed in gives a public value out of range, which a working generator makes happen once in 2^63 times.
    #[error("the random number does not fit; draw another one")]
    Exponent,
}

/// `v = g^x mod p`: what the server keeps instead of a password. Somebody who has it can guess passwords offline.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Verifier(Box<Number>);

impl Verifier {
    /// What a client sends as `new_password_hash`. About 100,000 rounds of a hash: not for a task that must answer at once.
    pub fn of_password(password: &[u8], algo: &Algo) -> Result<Verifier, SrpFault> {
        let group = Group::new(algo)?;
        Ok(Verifier::of_x(&x(password, algo), &group))
    }

    /// A verifier that came from a client or from a database: big-endian, 1 to 256 bytes, in `1..p`.
    pub fn from_bytes(bytes: &[u8], algo: &Algo) -> Result<Verifier, SrpFault> {
        let number = Zeroizing::new(pad(bytes).ok_or(SrpFault::Verifier)?);
        if bytes.len() > NUMBER_LEN || !Group::new(algo)?.contains(&number) {
            return Err(SrpFault::Verifier);
        }
        Ok(Verifier(Box::new(*number)))
    }

    fn of_x(x: &Hash, group: &Group) -> Verifier {
        Verifier(Box::new(*group.bytes(&group.power(&group.generator(), &x[..]))))
    }

    /// Big-endian, with leading zeros. For the wire and the database only.
    pub fn expose(&self) -> &Number {
        &self.0
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier(..)")
    }
}

/// What a client sends in `inputCheckPasswordSRP` beside the `srp_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// `A = g^a mod p`, 256 bytes big-endian.
    pub a: Number,
    pub m1: [u8; 32],
}

/// Proves knowledge of the password. `srp_b` is the server's B as it came, `a` 256 secret random bytes for this one proof.
///
/// [`SrpFault::Exponent`] asks for another `a`; every other fault is the server's. About 100,000 rounds of a hash and four powers: not
/// for a task that must answer at once.
pub fn client_proof(password: &[u8], algo: &Algo, srp_b: &[u8], a: &Number) -> Result<Proof, SrpFault> {
    let group = Group::new(algo)?;
    let b = server_value(srp_b, &group)?;
    prove(&x(password, algo), algo, &group, &b, a)
}

/// The proof once x is known.
fn prove(x: &Hash, algo: &Algo, group: &Group, b: &Number, a: &Number) -> Result<Proof, SrpFault> {
    let public = group.bytes(&group.power(&group.generator(), a));
    if !group.is_wide(&public) {
        return Err(SrpFault::Exponent);
    }
    let v = group.power(&group.generator(), &x[..]);
    let base =
        Zeroizing::new(group.residue(b).sub(&group.multiply(&group.residue(&group.multiplier()[..]), &v)));
    let u = scrambler(&public, b).ok_or(SrpFault::ServerValue)?;
    if !group.is_wide(&group.bytes(&base)) {
        return Err(SrpFault::ServerValue);
    }
    // base ^ (a + u * x), without a number wider than p.
    let shared = group.multiply(&group.power(&base, a), &group.power(&group.power(&base, &u[..]), &x[..]));
    Ok(Proof { a: *public, m1: evidence(algo, group, &public, b, &group.bytes(&shared)) })
}

/// B as 256 bytes, if it is in `1..p`.
fn server_value(srp_b: &[u8], group: &Group) -> Result<Number, SrpFault> {
    let number = pad(srp_b).ok_or(SrpFault::ServerValue)?;
    if srp_b.len() > NUMBER_LEN || !group.contains(&number) {
        return Err(SrpFault::ServerValue);
    }
    Ok(number)
}

/// `u = H(A | B)`; `None` if it is zero, which would take the password out of the secret.
fn scrambler(a: &Number, b: &Number) -> Option<Hash> {
    let u = hash(&[a, b]);
    u.iter().any(|&byte| byte != 0).then_some(u)
}

/// `M1 = H(H(p) xor H(g) | H(salt1) | H(salt2) | A | B | H(S))`.
fn evidence(algo: &Algo, group: &Group, a: &Number, b: &Number, shared: &Number) -> [u8; 32] {
    let mut mixed = hash(&[group.p()]);
    for (byte, more) in mixed.iter_mut().zip(hash(&[&group.padded_g()]).iter()) {
        *byte ^= more;
    }
    *hash(&[&mixed[..], &hash(&[&algo.salt1])[..], &hash(&[&algo.salt2])[..], a, b, &hash(&[shared])[..]])
}

/// The password stretched: `PH2 = SH(PBKDF2(PH1, salt1), salt2)` with `PH1 = SH(SH(password, salt1), salt2)`.
fn x(password: &[u8], algo: &Algo) -> Hash {
    let first = salted(&salted(password, &algo.salt1)[..], &algo.salt2);
    let mut stretched = Zeroizing::new([0; 64]);
    pbkdf2_hmac::<Sha512>(&first[..], &algo.salt1, ROUNDS, &mut stretched[..]);
    salted(&stretched[..], &algo.salt2)
}

/// `SH(data, salt) = H(salt | data | salt)`.
fn salted(data: &[u8], salt: &[u8]) -> Hash {
    hash(&[salt, data, salt])
}

fn hash(parts: &[&[u8]]) -> Hash {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    Zeroizing::new(digest.finalize().into())
}
