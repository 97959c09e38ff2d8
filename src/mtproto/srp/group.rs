//! Arithmetic modulo the prime of two-step verification, with secrets in it.
//!
//! The boxed numbers keep the arithmetic inside its own crate, which is optimised in debug builds too; every value that a password
//! went into is wiped when it is dropped.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use zeroize::Zeroizing;

use super::{Algo, Hash, SrpFault, hash};
use crate::mtproto::power::{NUMBER_LEN, Number};

const PRIME_BITS: u32 = 2048;
/// A public value nearer than `2^1984` to 0 or to p is refused: its first 64 bits, or those of its negative, are zero.
const MARGIN_LEN: usize = 8;
/// More is no small generator, and the rules that say which g fits a prime end here.
const GENERATORS: std::ops::RangeInclusive<i32> = 2..=7;

/// A number modulo p.
pub(super) type Residue = Zeroizing<BoxedMontyForm>;

/// p and g, ready for arithmetic.
pub(super) struct Group {
    g: u8,
    p: Box<Number>,
    modulus: BoxedMontyParams,
}

impl Group {
    pub(super) fn new(algo: &Algo) -> Result<Group, SrpFault> {
        let p: Number = algo.p.as_slice().try_into().map_err(|_| SrpFault::Prime)?;
        if p[0] < 0x80 {
            return Err(SrpFault::Prime);
        }
        let odd = Odd::new(number(&p)).into_option().ok_or(SrpFault::Prime)?;
        let g = u8::try_from(algo.g).ok().filter(|_| GENERATORS.contains(&algo.g));
        Ok(Group {
            g: g.ok_or(SrpFault::Generator(algo.g))?,
            p: Box::new(p),
            modulus: BoxedMontyParams::new_vartime(odd),
        })
    }

    pub(super) fn p(&self) -> &Number {
        &self.p
    }

    /// g as it is hashed: 256 bytes.
    pub(super) fn padded_g(&self) -> Number {
        let mut bytes = [0; NUMBER_LEN];
        bytes[NUMBER_LEN - 1] = self.g;
        bytes
    }

    pub(super) fn generator(&self) -> Residue {
        self.residue(&[self.g])
    }

    /// `k = H(p | g)`.
    pub(super) fn multiplier(&self) -> Hash {
        hash(&[self.p(), &self.padded_g()])
    }

    /// A big-endian number of at most 256 bytes, modulo p.
    pub(super) fn residue(&self, bytes: &[u8]) -> Residue {
        Zeroizing::new(BoxedMontyForm::new(number(bytes), &self.modulus))
    }

    pub(super) fn multiply(&self, one: &BoxedMontyForm, other: &BoxedMontyForm) -> Residue {
        Zeroizing::new(one.mul(other))
    }

    /// The time depends on the exponent's length alone.
    pub(super) fn power(&self, base: &BoxedMontyForm, exponent: &[u8]) -> Residue {
        let bits = u32::try_from(exponent.len().min(NUMBER_LEN)).unwrap_or(0) * 8;
        let exponent = Zeroizing::new(BoxedUint::from_be_slice_truncated(exponent, bits));
        Zeroizing::new(base.pow(&exponent))
    }

    /// Big-endian, with leading zeros.
    pub(super) fn bytes(&self, value: &BoxedMontyForm) -> Zeroizing<Number> {
        let bytes = Zeroizing::new(Zeroizing::new(value.retrieve()).to_be_bytes());
        let mut padded = Zeroizing::new([0; NUMBER_LEN]);
        for (to, from) in padded.iter_mut().rev().zip(bytes.iter().rev()) {
            *to = *from;
        }
        padded
    }

    /// Whether a number lies in `1..p`.
    pub(super) fn contains(&self, value: &Number) -> bool {
        value.iter().any(|&byte| byte != 0) && value < self.p()
    }

    /// Whether a number lies within `2^1984 ..= p - 2^1984`.
    pub(super) fn is_wide(&self, value: &Number) -> bool {
        let far_from_zero = |bytes: &Number| bytes.iter().take(MARGIN_LEN).any(|&byte| byte != 0);
        self.contains(value)
            && far_from_zero(value)
            && far_from_zero(&self.bytes(&Zeroizing::new(self.residue(value).neg())))
    }
}

fn number(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_truncated(bytes, PRIME_BITS)
}
