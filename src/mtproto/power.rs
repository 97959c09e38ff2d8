//! Exponentiation modulo a 2048-bit number in constant time.
//!
//! RSA's private operation and both halves of Diffie-Hellman raise a public number to a secret power. Variable-time arithmetic would
//! let the clock tell the exponent, so every such power of the transport is taken here.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};

/// Length of a number of this transport on the wire, bytes: 2048 bits.
pub const NUMBER_LEN: usize = 256;

/// A big-endian number of 2048 bits, with leading zeros.
pub type Number = [u8; NUMBER_LEN];

/// `base ^ exponent mod modulus`, all big-endian; `None` if the modulus is even.
pub fn power(base: &Number, exponent: &Number, modulus: &Number) -> Option<Number> {
    let modulus = Option::<Odd<U2048>>::from(Odd::new(U2048::from_be_slice(modulus)))?;
    let params = FixedMontyParams::new_vartime(modulus);
    let base = FixedMontyForm::new(&U2048::from_be_slice(base), &params);
    let result = base.pow(&U2048::from_be_slice(exponent)).retrieve();
    let mut bytes = [0; NUMBER_LEN];
    bytes.copy_from_slice(result.to_be_bytes().as_slice());
    Some(bytes)
}

/// Left-pads a big-endian number with zeros; `None` if it has more than 2048 bits.
pub fn pad(number: &[u8]) -> Option<Number> {
    let significant = number.iter().position(|&byte| byte != 0).map_or(&[][..], |at| &number[at..]);
    let start = NUMBER_LEN.checked_sub(significant.len())?;
    let mut bytes = [0; NUMBER_LEN];
    bytes[start..].copy_from_slice(significant);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;

    #[test]
    fn agrees_with_plain_arithmetic() {
        let base = [0x5a; NUMBER_LEN];
        let exponent = [0xc3; NUMBER_LEN];
        let mut modulus = [0xe1; NUMBER_LEN];
        modulus[255] |= 1;
        let expected = BigUint::from_bytes_be(&base)
            .modpow(&BigUint::from_bytes_be(&exponent), &BigUint::from_bytes_be(&modulus));
        assert_eq!(BigUint::from_bytes_be(&power(&base, &exponent, &modulus).unwrap()), expected);
        modulus[255] &= 0xfe;
        assert!(power(&base, &exponent, &modulus).is_none());
    }

    #[test]
    fn pads_to_the_left() {
        let padded = pad(&[0, 0, 1, 2]).unwrap();
        assert_eq!(padded[254..], [1, 2]);
        assert!(padded[..254].iter().all(|&byte| byte == 0));
        assert!(pad(&[1; 257]).is_none());
        assert!(pad(&[&[0][..], &[1; 256]].concat()).is_some());
        assert_eq!(pad(&[]), Some([0; NUMBER_LEN]));
    }
}
