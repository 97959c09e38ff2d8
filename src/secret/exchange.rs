//! The Diffie-Hellman exchange that consumes its own state: `Params -> Offer -> SharedKey`.
//!
//! Every value that comes from the network is checked here and nowhere else: the prime, the generator, both public values.
//! What has passed is a type ([`Params`]), so that nothing unchecked can be used. Exponentiation with a secret exponent runs in
//! constant time; everything secret wipes itself.

use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use super::key::SharedKey;
use super::record::PrimeVerdict;

/// Length of p and of every public value on the wire, bytes.
pub const PRIME_LEN: usize = 256;

/// Telegram's long-standing safe prime, big-endian; nothing has to be computed for it.
pub const KNOWN_PRIME: [u8; PRIME_LEN] = [0; PRIME_LEN];

/// Parameters that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ConfigFault {
    #[error("the prime does not have 2048 bits")]
    PrimeLength,
    #[error("the number offered as prime is not a safe prime")]
    NotSafePrime,
    #[error("the generator {0} does not fit the prime")]
    Generator(i32),
}

/// A public value outside `2^1984 ..= p - 2^1984`, empty, or longer than 256 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the public value is out of range")]
pub struct PublicValueFault;

/// The outcome of looking at parameters without computing a primality test.
#[derive(Clone, Debug, PartialEq)]
pub enum Vetting {
    Good(Params),
    /// Everything fits, but whether p is a safe prime has to be computed first: [`is_safe_prime`].
    UnknownPrime,
}

/// A checked group: p a safe prime of 2048 bits, g a generator of the subgroup of order (p-1)/2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    g: i32,
    p: Box<[u8; PRIME_LEN]>,
}

/// Checks g and p of `messages.getDhConfig`; `verdicts` are the remembered outcomes of earlier tests.
pub fn vet(g: i32, p: &[u8], verdicts: &[PrimeVerdict]) -> Result<Vetting, ConfigFault> {
    todo!()
}

/// Baillie-PSW and 64 Miller-Rabin rounds with random bases on p and (p-1)/2: most of a second. False unless p has 2048 bits.
pub fn is_safe_prime(p: &[u8], rng: &mut dyn CryptoRng) -> bool {
    todo!()
}

impl Params {
    /// Parameters of a stored chat, which were checked before they were stored; `None` if the sizes do not fit.
    pub fn from_stored(g: i32, p: &[u8]) -> Option<Params> {
        todo!()
    }

    pub fn g(&self) -> i32 {
        self.g
    }

    /// Big-endian.
    pub fn p(&self) -> &[u8; PRIME_LEN] {
        &self.p
    }

    /// Checks a public value (big-endian, leading zeros optional).
    pub fn check_public(&self, value: &[u8]) -> Result<(), PublicValueFault> {
        todo!()
    }

    /// Draws a secret exponent and computes our half. `server_random` is mixed in by XOR, never used alone.
    pub fn offer(&self, server_random: &[u8], rng: &mut dyn CryptoRng) -> Offer {
        todo!()
    }
}

/// Our half of an exchange: the secret exponent and `g^a mod p`.
#[derive(Clone, PartialEq)]
pub struct Offer {
    params: Params,
}

impl Offer {
    /// From the vault; `None` if the secret does not have 256 bytes.
    pub fn from_stored(params: Params, secret: &[u8], public: &[u8]) -> Option<Offer> {
        todo!()
    }

    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Our public value, 256 bytes big-endian.
    pub fn public(&self) -> &[u8; PRIME_LEN] {
        todo!()
    }

    /// The secret exponent, for the vault only.
    pub fn expose_secret(&self) -> &[u8; PRIME_LEN] {
        todo!()
    }

    /// Checks the other half and makes the key; the exponent is wiped with the offer.
    pub fn finish(self, peer_public: &[u8]) -> Result<SharedKey, PublicValueFault> {
        todo!()
    }
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Offer(..)")
    }
}
