//! A public key of Curve25519 that nobody has the private half of.
//!
//! A key share of random bytes is a point of the curve only half of the time, and in the group that real keys lie in only one time in
//! sixteen: who looks at a few hellos would know. So a random point is taken and brought into the group by doubling it three times.

use num_bigint::BigUint;
use rand::Rng;

/// The curve is `y^2 = x^3 + A x^2 + x`.
const A: u32 = 486_662;

/// The `x` of a random point of the prime-order group, little-endian.
pub fn random_share(rng: &mut impl Rng) -> [u8; 32] {
    let field = Field::new();
    loop {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        bytes[31] &= 0x7f;
        let x = BigUint::from_bytes_le(&bytes) % &field.p;
        if !field.is_square(&field.right_side(&x)) {
            continue;
        }
        let x = (0..3).fold(x, |x, _| field.double(&x));
        let mut share = [0; 32];
        share.iter_mut().zip(x.to_bytes_le()).for_each(|(byte, digit)| *byte = digit);
        // The point at infinity, with a chance of 2^-250.
        if share != [0; 32] {
            return share;
        }
    }
}

/// Arithmetic modulo `2^255 - 19`.
struct Field {
    p: BigUint,
}

impl Field {
    fn new() -> Field {
        Field { p: (BigUint::from(1_u8) << 255_u32) - 19_u8 }
    }

    /// `x^3 + A x^2 + x`.
    fn right_side(&self, x: &BigUint) -> BigUint {
        (((x + A) * x + 1_u8) * x) % &self.p
    }

    /// By Euler's criterion.
    fn is_square(&self, number: &BigUint) -> bool {
        number.modpow(&((&self.p - 1_u8) >> 1_u32), &self.p) == BigUint::from(1_u8)
    }

    /// `x` of twice the point: `(x^2 - 1)^2 / 4 (x^3 + A x^2 + x)`.
    fn double(&self, x: &BigUint) -> BigUint {
        let difference = (x * x + &self.p - 1_u8) % &self.p;
        let below = (self.right_side(x) * 4_u8) % &self.p;
        (&difference * &difference * below.modpow(&(&self.p - 2_u8), &self.p)) % &self.p
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubling_agrees_with_the_standard() {
        // RFC 7748: the base point is x = 9; its double as computed by another implementation.
        let field = Field::new();
        let doubled = field.double(&BigUint::from(9_u8));
        let expected = "20d342d51873f1b7d9750c687d1571148f3f5ced1e350b5c5cae469cdd684efb";
        assert_eq!(doubled.to_str_radix(16), expected);
    }

    #[test]
    fn shares_are_points_of_the_curve_and_differ() {
        let field = Field::new();
        let one = random_share(&mut rand::rng());
        for _ in 0..20 {
            let share = random_share(&mut rand::rng());
            assert!(field.is_square(&field.right_side(&BigUint::from_bytes_le(&share))));
            assert!(share[31] & 0x80 == 0 && share != one);
        }
    }
}
