//! The server's half: one challenge per `account.getPassword`, and the check of the answer to it.
//!
//! A challenge is good for one try. The server that lets a client try the same B twice gives nothing away, but it must count the
//! tries, and a try is what a challenge is.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::group::Group;
use super::{Algo, SrpFault, Verifier, evidence, scrambler};
use crate::mtproto::power::{NUMBER_LEN, Number, pad};

/// `B = k*v + g^b mod p`, and the b that it was made with.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Challenge {
    secret: Box<Number>,
    public: Box<Number>,
}

impl Challenge {
    /// `b`: 256 secret random bytes for this one challenge; [`SrpFault::Exponent`] asks for others.
    pub fn new(verifier: &Verifier, algo: &Algo, b: &Number) -> Result<Challenge, SrpFault> {
        let group = Group::new(algo)?;
        let masked =
            group.multiply(&group.residue(&group.multiplier()[..]), &group.residue(verifier.expose()));
        let power = group.power(&group.generator(), b);
        let public = group.bytes(&masked.add(&power));
        if !group.is_wide(&group.bytes(&power)) || !group.is_wide(&public) {
            return Err(SrpFault::Exponent);
        }
        Ok(Challenge { secret: Box::new(*b), public: Box::new(*public) })
    }

    /// `srp_B`, 256 bytes big-endian.
    pub fn public(&self) -> &Number {
        &self.public
    }

    /// Whether A and M1 were made with the password behind the verifier. `algo` must be the one of [`Challenge::new`].
    pub fn check(&self, verifier: &Verifier, algo: &Algo, a: &[u8], m1: &[u8]) -> Result<bool, SrpFault> {
        let group = Group::new(algo)?;
        let number = pad(a).ok_or(SrpFault::ClientValue)?;
        if a.len() > NUMBER_LEN || !group.is_wide(&number) {
            return Err(SrpFault::ClientValue);
        }
        let u = scrambler(&number, &self.public).ok_or(SrpFault::ClientValue)?;
        let scrambled = group.power(&group.residue(verifier.expose()), &u[..]);
        let base = group.multiply(&group.residue(&number), &scrambled);
        let shared = group.bytes(&group.power(&base, &self.secret[..]));
        let expected = evidence(algo, &group, &number, &self.public, &shared);
        Ok(bool::from(expected[..].ct_eq(m1)))
    }
}

impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Challenge(..)")
    }
}
