//! What goes wrong in a seed, drawn beforehand: when, to whom, and what.

use rand::RngExt;
use rand::rngs::StdRng;

use crate::device::Death;
use crate::server::Mischief;

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process of this device dies, so many steps from now.
    Crash(usize, u32, Death),
    /// The connection of this device breaks; what was under way has an unknown outcome.
    Disconnect(usize),
    /// To the next message that is sent.
    Network(Mischief),
    /// To the next call that is served.
    Call(CallFault),
    /// A wall clock jumps by so many milliseconds.
    Clock(usize, i64),
    /// Both want another key at once.
    BothRekey,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFault {
    /// It never reaches the server.
    LostBefore,
    /// It is carried out and its answer is lost.
    LostAfter,
    Flood(u32),
    ServerError,
    WaitFailed,
    /// A user's message is refused for good.
    Refused,
}

impl Fault {
    pub fn draw(rng: &mut StdRng) -> Fault {
        let who = rng.random_range(0..2);
        match rng.random_range(0..20) {
            0..=4 => Fault::Crash(who, rng.random_range(0..12), death(rng)),
            5..=6 => Fault::Disconnect(who),
            7..=13 => Fault::Network(mischief(rng)),
            14..=16 => Fault::Call(call_fault(rng)),
            17 => Fault::Clock(who, rng.random_range(-7_200_000..7_200_000)),
            _ => Fault::BothRekey,
        }
    }
}

fn death(rng: &mut StdRng) -> Death {
    match rng.random_range(0..4) {
        0 => Death::BeforeCommit,
        1 => Death::AfterCommit,
        _ => Death::AfterEffects(rng.random_range(0..4)),
    }
}

fn mischief(rng: &mut StdRng) -> Mischief {
    match rng.random_range(0..10) {
        0 | 1 => Mischief::Drop,
        2 => Mischief::Damage(rng.random()),
        3 => Mischief::Truncate,
        4 => Mischief::Twice,
        5 => Mischief::Swap,
        6 => Mischief::Delay(rng.random_range(1..6)),
        7 => Mischief::Reflect,
        8 => Mischief::Replay(rng.random()),
        _ => Mischief::Forge,
    }
}

fn call_fault(rng: &mut StdRng) -> CallFault {
    match rng.random_range(0..8) {
        0 | 1 => CallFault::LostBefore,
        2 | 3 => CallFault::LostAfter,
        4 => CallFault::Flood(rng.random_range(1..40)),
        5 => CallFault::ServerError,
        6 => CallFault::WaitFailed,
        _ => CallFault::Refused,
    }
}
