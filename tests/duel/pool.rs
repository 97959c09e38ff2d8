//! Sixteen real exponents, and every power of them computed once.
//!
//! What the machines draw as a secret exponent picks one of the sixteen; its powers are real, of 2048 bits, made by the real
//! arithmetic, and pass all checks. So a seed costs no exponentiation, and now and then two exchanges end in the same key.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use subrosa::secret::chat::{Chat, Ready, Stage};
use subrosa::secret::exchange::{ConstantTime, Exponentiation, PRIME_LEN, Params};
use subrosa::secret::machine::Machine;
use subrosa::secret::record::{Snapshot, UserId};
use subrosa::secret::rekey::Phase;
use zeroize::Zeroizing;

const EXPONENTS: usize = 16;

/// The base and which of the exponents.
type Name = (Vec<u8>, usize);

#[derive(Debug)]
struct Pool {
    exponents: [[u8; PRIME_LEN]; EXPONENTS],
    powers: RwLock<HashMap<Name, [u8; PRIME_LEN]>>,
}

static POOL: LazyLock<Arc<Pool>> = LazyLock::new(|| {
    let mut rng = StdRng::seed_from_u64(16);
    let mut exponents = [[0; PRIME_LEN]; EXPONENTS];
    exponents.iter_mut().for_each(|exponent| rng.fill_bytes(exponent));
    Arc::new(Pool { exponents, powers: RwLock::default() })
});

impl Exponentiation for Pool {
    fn power(&self, params: &Params, base: &[u8], exponent: &[u8; PRIME_LEN]) -> Zeroizing<[u8; PRIME_LEN]> {
        let which = usize::from(exponent[0]) % EXPONENTS;
        let name = (base.to_vec(), which);
        if let Some(power) = self.powers.read().unwrap().get(&name) {
            return Zeroizing::new(*power);
        }
        let power = ConstantTime.power(params, base, &self.exponents[which]);
        self.powers.write().unwrap().insert(name, *power);
        power
    }
}

/// A machine that draws its exponents from the pool.
pub fn machine(me: UserId, snapshot: Snapshot) -> Machine {
    Machine::restore(me, snapshot).with_exponentiation(POOL.clone())
}

/// Fingerprints of all keys that a stored chat holds.
pub fn keys_of(chat: &Chat) -> Vec<[u8; 8]> {
    match &chat.stage {
        Stage::Accepting(accepting) => vec![accepting.key.fingerprint().0],
        Stage::Ready(ready) => {
            let second = match &ready.keys.phase {
                Phase::Accepted { pending: key, .. } | Phase::Switched { previous: key, .. } => Some(key),
                Phase::Settled | Phase::Requested { .. } => None,
            };
            [Some(&ready.keys.current), second].into_iter().flatten().map(|key| key.fingerprint().0).collect()
        }
        _ => Vec::new(),
    }
}

/// No change of the key is under way, and only one key is held.
pub fn settled(ready: &Ready) -> bool {
    ready.keys.phase == Phase::Settled
}

/// The two seal under the same key.
pub fn same_keys(ours: &Ready, theirs: &Ready) -> Result<(), String> {
    if ours.keys.current == theirs.keys.current { Ok(()) } else { Err("the keys differ at rest".into()) }
}
