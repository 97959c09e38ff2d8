//! The Diffie-Hellman exchange that consumes its own state: `Params -> Offer -> SharedKey`.
//!
//! Every value that comes from the network is checked here and nowhere else: the prime, the generator, both public values.
//! What has passed is a type ([`Params`]), so that nothing unchecked can be used. Both sides do the same: draw an [`Offer`], send
//! its public value, and finish it with the other one. Exponentiation with a secret exponent runs in constant time;
//! everything secret wipes itself.

mod power;
mod prime;

use crypto_bigint::modular::BoxedMontyParams;
use crypto_bigint::{BoxedUint, Odd};
use num_bigint::BigUint;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::key::SharedKey;
use super::record::PrimeVerdict;

pub use power::{ConstantTime, Exponentiation};
pub use prime::{KNOWN_PRIME, is_safe_prime};

/// Length of p and of every public value on the wire, bytes.
pub const PRIME_LEN: usize = 256;

const PRIME_BITS: u32 = 2048;

/// Public values keep this far from 0 and from p (2^1984): what lies closer is a sign of a forged, guessable value.
const MARGIN_BITS: u32 = PRIME_BITS - 64;

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

/// Checks g and p of `messages.getDhConfig`; `verdicts` are the remembered outcomes of earlier tests.
///
/// The generator is checked on every use, whatever is known of the prime.
pub fn vet(g: i32, p: &[u8], verdicts: &[PrimeVerdict]) -> Result<Vetting, ConfigFault> {
    if !has_prime_length(p) {
        return Err(ConfigFault::PrimeLength);
    }
    if !generates(g, p) {
        return Err(ConfigFault::Generator(g));
    }
    let params = Params::from_stored(g, p).ok_or(ConfigFault::NotSafePrime)?;
    match known(p, verdicts) {
        Some(true) => Ok(Vetting::Good(params)),
        Some(false) => Err(ConfigFault::NotSafePrime),
        None => Ok(Vetting::UnknownPrime),
    }
}

/// What is known of a prime without computing.
fn known(p: &[u8], verdicts: &[PrimeVerdict]) -> Option<bool> {
    if p == KNOWN_PRIME {
        return Some(true);
    }
    verdicts.iter().find(|verdict| verdict.p == p).map(|verdict| verdict.good)
}

/// Exactly 2048 bits, without leading zeros.
fn has_prime_length(p: &[u8]) -> bool {
    p.len() == PRIME_LEN && p.first().is_some_and(|&first| first >= 0x80)
}

/// Whether g is a quadratic residue modulo the safe prime p, and so generates the subgroup of order (p-1)/2.
fn generates(g: i32, p: &[u8]) -> bool {
    let p_mod = |modulus: u32| p.iter().fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % modulus);
    match g {
        2 => p_mod(8) == 7,
        3 => p_mod(3) == 2,
        4 => true,
        5 => matches!(p_mod(5), 1 | 4),
        6 => matches!(p_mod(24), 19 | 23),
        7 => matches!(p_mod(7), 3 | 5 | 6),
        _ => false,
    }
}

/// A checked group: p a safe prime of 2048 bits, g a generator of the subgroup of order (p-1)/2.
#[derive(Clone, PartialEq, Eq)]
pub struct Params {
    g: u8,
    p: Box<[u8; PRIME_LEN]>,
    /// The same p, prepared for exponentiation.
    modulus: BoxedMontyParams,
}

impl Params {
    /// Parameters of a stored chat, which were checked before they were stored; `None` if their form does not fit (g is no
    /// small positive number, or p is not an odd number of 2048 bits).
    pub fn from_stored(g: i32, p: &[u8]) -> Option<Params> {
        if !has_prime_length(p) {
            return None;
        }
        let modulus = Odd::new(BoxedUint::from_be_slice_truncated(p, PRIME_BITS)).into_option()?;
        Some(Params {
            g: u8::try_from(g).ok()?,
            p: Box::new(p.try_into().ok()?),
            modulus: BoxedMontyParams::new_vartime(modulus),
        })
    }

    pub fn g(&self) -> i32 {
        self.g.into()
    }

    /// Big-endian.
    pub fn p(&self) -> &[u8; PRIME_LEN] {
        &self.p
    }

    /// Checks a public value (big-endian, leading zeros optional).
    pub fn check_public(&self, value: &[u8]) -> Result<(), PublicValueFault> {
        if value.is_empty() || value.len() > PRIME_LEN {
            return Err(PublicValueFault);
        }
        let value = BigUint::from_bytes_be(value);
        let lowest = BigUint::from(1u8) << MARGIN_BITS;
        let highest = BigUint::from_bytes_be(self.p()) - &lowest;
        if (lowest..=highest).contains(&value) { Ok(()) } else { Err(PublicValueFault) }
    }

    /// Draws a secret exponent and computes our half. `server_random` is mixed in by XOR, never used alone.
    ///
    /// Draws again while our own public value is out of range, which a working generator makes happen once in 2^63 times.
    pub fn offer(&self, server_random: &[u8], rng: &mut dyn CryptoRng) -> Offer {
        self.offer_by(&ConstantTime, server_random, rng)
    }

    /// The same with the given arithmetic.
    pub fn offer_by(
        &self,
        arithmetic: &dyn Exponentiation,
        server_random: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Offer {
        loop {
            let mut secret = Exponent(Box::new([0; PRIME_LEN]));
            rng.fill_bytes(&mut *secret.0);
            for (byte, more) in secret.0.iter_mut().zip(server_random) {
                *byte ^= more;
            }
            let public = arithmetic.power(self, &[self.g], &secret.0);
            if self.check_public(&*public).is_ok() {
                return Offer { params: self.clone(), secret, public: Box::new(*public) };
            }
        }
    }
}

impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [first, second, ..] = *self.p;
        write!(f, "Params {{ g: {}, p: {first:02x}{second:02x}.. }}", self.g)
    }
}

/// A secret exponent, big-endian.
#[derive(Clone, PartialEq, Zeroize, ZeroizeOnDrop)]
struct Exponent(Box<[u8; PRIME_LEN]>);

/// Our half of an exchange: the secret exponent and `g^a mod p`.
#[derive(Clone, PartialEq)]
pub struct Offer {
    params: Params,
    secret: Exponent,
    public: Box<[u8; PRIME_LEN]>,
}

impl Offer {
    /// From the vault; `None` unless both the secret and the public value have 256 bytes.
    pub fn from_stored(params: Params, secret: &[u8], public: &[u8]) -> Option<Offer> {
        let mut own = Exponent(Box::new([0; PRIME_LEN]));
        if secret.len() != PRIME_LEN {
            return None;
        }
        own.0.copy_from_slice(secret);
        Some(Offer { params, secret: own, public: Box::new(public.try_into().ok()?) })
    }

    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Our public value, 256 bytes big-endian.
    pub fn public(&self) -> &[u8; PRIME_LEN] {
        &self.public
    }

    /// The secret exponent, for the vault only.
    pub fn expose_secret(&self) -> &[u8; PRIME_LEN] {
        &self.secret.0
    }

    /// Checks the other half and makes the key; the exponent is wiped with the offer.
    pub fn finish(self, peer_public: &[u8]) -> Result<SharedKey, PublicValueFault> {
        self.finish_by(&ConstantTime, peer_public)
    }

    /// The same with the given arithmetic.
    pub fn finish_by(
        self,
        arithmetic: &dyn Exponentiation,
        peer_public: &[u8],
    ) -> Result<SharedKey, PublicValueFault> {
        self.params.check_public(peer_public)?;
        Ok(SharedKey::new(&arithmetic.power(&self.params, peer_public, &self.secret.0)))
    }
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Offer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params() -> Params {
        match vet(3, &KNOWN_PRIME, &[]) {
            Ok(Vetting::Good(params)) => params,
            other => panic!("the known prime was not accepted: {other:?}"),
        }
    }

    #[test]
    fn both_sides_make_the_same_key() {
        let (ours, theirs) =
            (params().offer(&[7; 256], &mut rand::rng()), params().offer(&[], &mut rand::rng()));
        let (g_a, g_b) = (*ours.public(), *theirs.public());
        assert_eq!(ours.finish(&g_b), theirs.finish(&g_a));
    }

    #[test]
    fn other_arithmetic_changes_the_powers_and_none_of_the_checks() {
        #[derive(Debug)]
        struct OneExponent;
        impl Exponentiation for OneExponent {
            fn power(&self, params: &Params, base: &[u8], _: &[u8; 256]) -> zeroize::Zeroizing<[u8; 256]> {
                ConstantTime.power(params, base, &[5; 256])
            }
        }
        let one = params().offer_by(&OneExponent, &[], &mut rand::rng());
        let other = params().offer_by(&OneExponent, &[], &mut rand::rng());
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert_eq!(one.public(), other.public());
        let key = one.clone().finish_by(&OneExponent, other.public());
        assert_eq!(key, other.finish_by(&OneExponent, one.public()));
        assert_eq!(one.finish_by(&OneExponent, &[1]), Err(PublicValueFault));
    }

    #[test]
    fn a_public_value_has_at_most_256_bytes_whatever_it_is_worth() {
        let fits = [0x55; 256];
        assert_eq!(params().check_public(&fits), Ok(()));
        assert_eq!(params().check_public(&[&[0][..], &fits].concat()), Err(PublicValueFault));
        assert_eq!(params().check_public(&[]), Err(PublicValueFault));
    }

    #[test]
    fn a_stored_offer_is_the_same_offer() {
        let offer = params().offer(&[], &mut rand::rng());
        let again = Offer::from_stored(offer.params().clone(), offer.expose_secret(), offer.public());
        assert_eq!(again, Some(offer));
        assert_eq!(Offer::from_stored(params(), &[1; 255], &[1; 256]), None);
        assert_eq!(Offer::from_stored(params(), &[1; 256], &[1; 257]), None);
    }

    #[test]
    fn the_server_only_adds_to_our_randomness() {
        struct Counting(u8);
        impl rand::rand_core::TryRng for Counting {
            type Error = std::convert::Infallible;
            fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
                Ok(0)
            }
            fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
                Ok(0)
            }
            fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
                for byte in to {
                    self.0 = self.0.wrapping_add(1);
                    *byte = self.0;
                }
                Ok(())
            }
        }
        impl rand::rand_core::TryCryptoRng for Counting {}
        let offer = params().offer(&[0xff; 2], &mut Counting(0));
        assert_eq!(offer.expose_secret()[..4], [0xfe, 0xfd, 3, 4]);
    }

    #[test]
    fn remembered_verdicts_decide_and_unknown_primes_wait() {
        let mut p = KNOWN_PRIME;
        p[0] = 0xff;
        let verdict = |good| [PrimeVerdict { p: p.to_vec(), good }];
        assert_eq!(vet(4, &p, &[]), Ok(Vetting::UnknownPrime));
        assert!(matches!(vet(4, &p, &verdict(true)), Ok(Vetting::Good(_))));
        assert_eq!(vet(4, &p, &verdict(false)), Err(ConfigFault::NotSafePrime));
        assert_eq!(vet(9, &p, &verdict(true)), Err(ConfigFault::Generator(9)));
        for g in [2, -1, 0, 1, 8, 259, i32::MIN, i32::MAX] {
            assert_eq!(vet(g, &KNOWN_PRIME, &[]), Err(ConfigFault::Generator(g)));
        }
        assert_eq!(vet(4, &p[1..], &[]), Err(ConfigFault::PrimeLength));
        p[255] &= 0xfe;
        assert_eq!(vet(4, &p, &[]), Err(ConfigFault::NotSafePrime));
    }

    #[test]
    fn debug_prints_no_secret() {
        assert_eq!(format!("{:?}", params().offer(&[], &mut rand::rng())), "Offer(..)");
        assert_eq!(format!("{:?}", params()), "Params { g: 3, p: c71c.. }");
    }
}
