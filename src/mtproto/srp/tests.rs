//! The arithmetic against an independent implementation, against itself, and against hostile numbers.

use grammers_crypto::two_factor_auth::calculate_2fa;
use num_bigint::BigUint;
use proptest::prelude::*;

use super::server::Challenge;
use super::*;
use crate::secret::exchange::KNOWN_PRIME;

fn algo() -> Algo {
    Algo { salt1: vec![0x5f; 40], salt2: vec![0xb6; 16], g: 3, p: KNOWN_PRIME.to_vec() }
}

fn group() -> Group {
    Group::new(&algo()).unwrap()
}

fn below_p(number: &BigUint) -> Vec<u8> {
    (BigUint::from_bytes_be(&KNOWN_PRIME) - number).to_bytes_be()
}

/// The proof of somebody whose stretched password is `x`, without the stretching.
fn proof_of(x: [u8; 32], b: &Number, a: &Number) -> Result<Proof, SrpFault> {
    prove(&Zeroizing::new(x), &algo(), &group(), b, a)
}

#[test]
fn agrees_with_an_independent_implementation() {
    for (g, seed) in [(3, 1u8), (4, 2), (7, 3)] {
        let algo = Algo { g, salt1: vec![seed; 8 * usize::from(seed)], ..algo() };
        let (b, a) = ([0x21 + seed; 256], [0x90 + seed; 256]);
        let password = [b'p', seed, 0, 0xff];
        let ours = client_proof(&password, &algo, &b, &a).unwrap();
        let (m1, public) =
            calculate_2fa(&algo.salt1, &algo.salt2, &algo.p, &g, b.to_vec(), a.to_vec(), password);
        assert_eq!((ours.m1, ours.a), (m1, public));
    }
}

#[test]
fn the_independent_client_passes_our_server() {
    let (algo, b, a) = (algo(), [0x77; 256], [0x13; 256]);
    let verifier = Verifier::of_password(b"correct horse", &algo).unwrap();
    let challenge = Challenge::new(&verifier, &algo, &b).unwrap();
    let answer = |password: &[u8]| {
        let public = challenge.public().to_vec();
        calculate_2fa(&algo.salt1, &algo.salt2, &algo.p, &3, public, a.to_vec(), password)
    };
    let (m1, public) = answer(b"correct horse");
    assert_eq!(challenge.check(&verifier, &algo, &public, &m1), Ok(true));
    let (m1, public) = answer(b"correct horsf");
    assert_eq!(challenge.check(&verifier, &algo, &public, &m1), Ok(false));
}

#[test]
fn a_number_out_of_range_is_a_fault_and_no_panic() {
    let (zero, one) = (BigUint::ZERO, BigUint::from(1u8));
    let (long, empty) = (vec![1; 257], Vec::new());
    let padded_too_far = [vec![0], vec![0x21; 256]].concat();
    for b in [empty, vec![0; 256], below_p(&zero), vec![0xff; 256], long, padded_too_far] {
        assert_eq!(client_proof(b"x", &algo(), &b, &[9; 256]), Err(SrpFault::ServerValue), "{b:02x?}");
        assert_eq!(Verifier::from_bytes(&b, &algo()), Err(SrpFault::Verifier));
        let verifier = Verifier::from_bytes(&[4], &algo()).unwrap();
        let challenge = Challenge::new(&verifier, &algo(), &[5; 256]).unwrap();
        assert_eq!(challenge.check(&verifier, &algo(), &b, &[0; 32]), Err(SrpFault::ClientValue));
    }
    let verifier = Verifier::from_bytes(&below_p(&one), &algo()).unwrap();
    let challenge = Challenge::new(&verifier, &algo(), &[5; 256]).unwrap();
    for narrow in [vec![1], below_p(&one), vec![0xff; 248], below_p(&(BigUint::from(1u8) << 1983))] {
        assert_eq!(challenge.check(&verifier, &algo(), &narrow, &[0; 32]), Err(SrpFault::ClientValue));
    }
    assert_eq!(challenge.check(&verifier, &algo(), &[0x55; 256], &[]), Ok(false));
}

#[test]
fn a_value_that_hides_no_password_is_refused() {
    let x = [7; 32];
    let verifier = BigUint::from_bytes_be(Verifier::of_x(&Zeroizing::new(x), &group()).expose());
    let p = BigUint::from_bytes_be(&KNOWN_PRIME);
    let masked = BigUint::from_bytes_be(&group().multiplier()[..]) * verifier % &p;
    for rest in [BigUint::ZERO, BigUint::from(1u8), &p - BigUint::from(1u8)] {
        let b = pad(&((&masked + rest) % &p).to_bytes_be()).unwrap();
        assert_eq!(proof_of(x, &b, &[9; 256]), Err(SrpFault::ServerValue));
    }
    assert_eq!(proof_of(x, &[0x21; 256], &[0; 256]), Err(SrpFault::Exponent));
    let nothing = Challenge::new(&Verifier::from_bytes(&[4], &algo()).unwrap(), &algo(), &[0; 256]);
    assert_eq!(nothing.err(), Some(SrpFault::Exponent));
}

#[test]
fn parameters_that_do_not_compute_are_faults() {
    let with = |g, p: &[u8]| client_proof(b"x", &Algo { g, p: p.to_vec(), ..algo() }, &[2; 256], &[9; 256]);
    for g in [i32::MIN, -1, 0, 1, 8, 259, i32::MAX] {
        assert_eq!(with(g, &KNOWN_PRIME), Err(SrpFault::Generator(g)));
    }
    let mut even = KNOWN_PRIME;
    even[255] &= 0xfe;
    let mut small = KNOWN_PRIME;
    small[0] &= 0x7f;
    for p in [&even[..], &small, &KNOWN_PRIME[1..], &[], &[0xff; 257]] {
        assert_eq!(with(3, p), Err(SrpFault::Prime));
    }
}

#[test]
fn a_fresh_salt_keeps_the_servers_part() {
    let fresh = algo().with_fresh_salt(&[1; FRESH_SALT_LEN]);
    assert_eq!(fresh.salt1, [vec![0x5f; 40], vec![1; 32]].concat());
    assert_eq!((&fresh.salt2, fresh.g, &fresh.p), (&algo().salt2, 3, &algo().p));
}

#[test]
fn debug_prints_no_secret() {
    let verifier = Verifier::from_bytes(&[4], &algo()).unwrap();
    assert_eq!(format!("{verifier:?}"), "Verifier(..)");
    assert_eq!(format!("{:?}", Challenge::new(&verifier, &algo(), &[5; 256]).unwrap()), "Challenge(..)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_right_secret_passes_and_no_other(
        x: [u8; 32],
        flip in 0usize..256,
        a in proptest::collection::vec(any::<u8>(), 256),
        b in proptest::collection::vec(any::<u8>(), 256),
    ) {
        let (a, b) = (a.try_into().unwrap(), b.try_into().unwrap());
        let verifier = Verifier::of_x(&Zeroizing::new(x), &group());
        let challenge = Challenge::new(&verifier, &algo(), &b).unwrap();
        let check = |proof: &Proof| challenge.check(&verifier, &algo(), &proof.a, &proof.m1).unwrap();
        let good = proof_of(x, challenge.public(), &a).unwrap();
        prop_assert!(check(&good));
        let mut forged = good.clone();
        forged.m1[flip / 8] ^= 1 << (flip % 8);
        prop_assert!(!check(&forged));
        let mut guess = x;
        guess[flip / 8] ^= 1 << (flip % 8);
        prop_assert!(!check(&proof_of(guess, challenge.public(), &a).unwrap()));
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        salt in proptest::collection::vec(any::<u8>(), 0..64),
        b in proptest::collection::vec(any::<u8>(), 0..300),
        p in proptest::collection::vec(any::<u8>(), 250..260),
        m1 in proptest::collection::vec(any::<u8>(), 0..64),
        g: i32,
    ) {
        let hostile = Algo { salt1: salt.clone(), salt2: salt, g, p };
        let _ = Verifier::from_bytes(&b, &hostile);
        let odd = Algo { g: 3, p: KNOWN_PRIME.to_vec(), ..hostile };
        let verifier = Verifier::from_bytes(&[9], &odd).unwrap();
        let challenge = Challenge::new(&verifier, &odd, &[5; 256]).unwrap();
        prop_assert_ne!(challenge.check(&verifier, &odd, &b, &m1), Ok(true));
    }
}
