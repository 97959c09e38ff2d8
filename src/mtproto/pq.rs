//! The number `pq` of the auth-key exchange: made by the server, taken apart by the client.
//!
//! It is a small proof of work. A hostile server may send a number that has no two prime factors of 31 bits, so factorising refuses
//! what cannot be a `pq` and gives up after a fixed number of steps.

use rand::CryptoRng;

/// No server sends less than this; below it, tiny factors make the cycle search degenerate.
const MIN_PQ: u64 = 1 << 40;
/// Numbers above 63 bits are not in the protocol.
const MAX_PQ: u64 = i64::MAX as u64;
/// Steps of the cycle search in all. A factor of 32 bits needs about 2^16; this leaves room for bad luck.
const MAX_STEPS: u32 = 1 << 21;
/// Differences multiplied together before one greatest common divisor is taken.
const BATCH: u32 = 64;
/// The starting polynomials tried.
const OFFSETS: [u64; 4] = [1, 3, 5, 11];

/// The two prime factors, smaller first; `None` if `pq` is no product of two different odd primes in range, or the search took too long.
///
/// Takes milliseconds for an honest number and about a second at most: run it where blocking is allowed.
pub fn factorize(pq: u64) -> Option<(u32, u32)> {
    if !(MIN_PQ..=MAX_PQ).contains(&pq) || pq.is_multiple_of(2) {
        return None;
    }
    let mut steps = 0;
    let factor = OFFSETS.iter().find_map(|&offset| find_factor(pq, offset, &mut steps))?;
    let (p, q) = (factor.min(pq / factor), factor.max(pq / factor));
    let (p, q) = (u32::try_from(p).ok()?, u32::try_from(q).ok()?);
    (p < q && is_prime(p) && is_prime(q)).then_some((p, q))
}

/// Pollard's rho with Brent's cycle search over `x^2 + offset`.
fn find_factor(n: u64, offset: u64, steps: &mut u32) -> Option<u64> {
    let next = |x: u64| add(multiply(x, x, n), offset, n);
    let mut y = 2;
    let mut length = 1;
    loop {
        let x = y;
        for _ in 0..length {
            y = next(y);
        }
        let mut done = 0;
        while done < length {
            let batch_start = y;
            let batch = BATCH.min(length - done);
            let mut product = 1;
            for _ in 0..batch {
                y = next(y);
                product = multiply(product, x.abs_diff(y), n);
            }
            let divisor = gcd(product, n);
            if divisor != 1 {
                return walk_back(n, x, batch_start, batch, next);
            }
            done += batch;
            *steps += batch;
            if *steps > MAX_STEPS {
                return None;
            }
        }
        length *= 2;
    }
}

/// A batch held a factor: repeats it one step at a time. `None` if the whole cycle fell into one step.
fn walk_back(n: u64, x: u64, mut y: u64, batch: u32, next: impl Fn(u64) -> u64) -> Option<u64> {
    for _ in 0..batch {
        y = next(y);
        let divisor = gcd(x.abs_diff(y), n);
        if divisor != 1 {
            return (divisor != n).then_some(divisor);
        }
    }
    None
}

/// Two different random primes of 31 bits, smaller first. Their product has at most 62 bits.
pub fn generate(rng: &mut dyn CryptoRng) -> (u32, u32) {
    let first = random_prime(rng);
    loop {
        let second = random_prime(rng);
        if first != second {
            return (first.min(second), first.max(second));
        }
    }
}

fn random_prime(rng: &mut dyn CryptoRng) -> u32 {
    loop {
        let candidate = (rng.next_u32() >> 1) | (1 << 30) | 1;
        if is_prime(candidate) {
            return candidate;
        }
    }
}

/// Miller-Rabin with the bases 2, 3, 5 and 7, which is exact below 3,215,031,751; 11 covers the rest of 32 bits.
fn is_prime(n: u32) -> bool {
    const BASES: [u64; 5] = [2, 3, 5, 7, 11];
    let n = u64::from(n);
    if n < 2 {
        return false;
    }
    if let Some(base) = BASES.iter().find(|&&base| n.is_multiple_of(base)) {
        return n == *base;
    }
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    BASES.iter().all(|&base| {
        let mut x = raise(base, odd, n);
        if x == 1 || x == n - 1 {
            return true;
        }
        for _ in 1..twos {
            x = multiply(x, x, n);
            if x == n - 1 {
                return true;
            }
        }
        false
    })
}

fn raise(base: u64, mut exponent: u64, n: u64) -> u64 {
    let (mut result, mut base) = (1, base % n);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, base, n);
        }
        base = multiply(base, base, n);
        exponent >>= 1;
    }
    result
}

fn multiply(a: u64, b: u64, n: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(n)) as u64
}

fn add(a: u64, b: u64, n: u64) -> u64 {
    ((u128::from(a) + u128::from(b)) % u128::from(n)) as u64
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn factorises_the_published_example() {
        assert_eq!(factorize(0x17ED_4894_1A08_F981), Some((0x494C_553B, 0x5391_1073)));
    }

    #[test]
    fn factorises_what_it_generates() {
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..32 {
            let (p, q) = generate(&mut rng);
            assert!(p < q && is_prime(p) && is_prime(q));
            assert_eq!(factorize(u64::from(p) * u64::from(q)), Some((p, q)));
        }
    }

    #[test]
    fn refuses_what_is_no_pq() {
        let prime_near_2_63 = 9_223_372_036_854_775_783;
        let square = 2_147_483_647u64 * 2_147_483_647;
        for number in [0, 1, 15, 1 << 50, u64::MAX, (1 << 40) - 1, prime_near_2_63, square] {
            assert_eq!(factorize(number), None, "{number}");
        }
        let three_factors = 10_007 * 10_009 * 100_003;
        assert_eq!(factorize(three_factors), None);
    }
}
