//! Devices whose exponents are few and whose powers are remembered, so that many conversations cost little.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use subrosa::secret::exchange::{ConstantTime, Exponentiation, PRIME_LEN, Params};
use subrosa::secret::machine::Machine;
use subrosa::secret::record::Snapshot;
use subrosa::secret::step::*;
use zeroize::Zeroizing;

use crate::world::{BOB, Device, World};

type Powers = HashMap<(Vec<u8>, u8), [u8; PRIME_LEN]>;

/// Sixteen exponents stand for all, and each power of one is computed once; everything around them is real.
#[derive(Debug, Default)]
struct Pool(Mutex<Powers>);

static POOL: LazyLock<Arc<Pool>> = LazyLock::new(Arc::default);

impl Exponentiation for Pool {
    fn power(&self, params: &Params, base: &[u8], exponent: &[u8; PRIME_LEN]) -> Zeroizing<[u8; PRIME_LEN]> {
        let which = exponent[0] % 16 + 1;
        let real =
            || *ConstantTime.power(params, base, &std::array::from_fn(|n| which.wrapping_mul(n as u8 | 1)));
        let mut powers = self.0.lock().unwrap();
        Zeroizing::new(*powers.entry((base.to_vec(), which)).or_insert_with(real))
    }
}

/// To be repeated after every crash.
pub fn draw_from_the_pool(device: &mut Device) {
    let machine = std::mem::replace(&mut device.machine, Machine::restore(device.me, Snapshot::default()));
    device.machine = machine.with_exponentiation(POOL.clone());
}

/// A chat that Alice started and Bob accepted.
pub fn ready_world() -> World {
    let mut world = World::connected();
    draw_from_the_pool(&mut world.alice);
    draw_from_the_pool(&mut world.bob);
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    world.settle();
    let chat = world.bob.only_chat();
    world.bob.command(Command::Accept(chat));
    world.settle();
    world
}
