//! Exponentiation as a port: the one costly operation of an exchange, apart from the checks around it.
//!
//! A simulation of many thousand conversations cannot afford milliseconds for each half of a key. It may put its own arithmetic
//! here, which remembers real powers of a few exponents; the range checks, the primes and the order of the steps stay the real
//! ones. Everything else uses [`ConstantTime`].

use std::fmt::Debug;

use crypto_bigint::BoxedUint;
use crypto_bigint::modular::BoxedMontyForm;
use zeroize::Zeroizing;

use super::{PRIME_BITS, PRIME_LEN, Params};

/// How powers with a secret exponent are computed.
pub trait Exponentiation: Debug + Send + Sync {
    /// `base ^ exponent mod p`, left-padded with zeros. All numbers are big-endian; `base` has at most 256 bytes.
    fn power(&self, params: &Params, base: &[u8], exponent: &[u8; PRIME_LEN]) -> Zeroizing<[u8; PRIME_LEN]>;
}

/// The real one: how long it takes does not depend on the exponent.
#[derive(Clone, Copy, Debug)]
pub struct ConstantTime;

impl Exponentiation for ConstantTime {
    /// The boxed numbers keep the arithmetic inside its own crate, which is optimised in debug builds too.
    fn power(&self, params: &Params, base: &[u8], exponent: &[u8; PRIME_LEN]) -> Zeroizing<[u8; PRIME_LEN]> {
        let number = |bytes| BoxedUint::from_be_slice_truncated(bytes, PRIME_BITS);
        let exponent = Zeroizing::new(number(&exponent[..]));
        let power = Zeroizing::new(BoxedMontyForm::new(number(base), &params.modulus).pow(&exponent));
        let bytes = Zeroizing::new(Zeroizing::new(power.retrieve()).to_be_bytes());
        let mut padded = Zeroizing::new([0; PRIME_LEN]);
        for (to, from) in padded.iter_mut().rev().zip(bytes.iter().rev()) {
            *to = *from;
        }
        padded
    }
}
