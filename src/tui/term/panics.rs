//! A panic while the screen is up: the terminal first, then the words.
//!
//! A panic on the thread that paints ends the program, so the terminal is given back before whoever was in charge of panics says
//! where it was. A panic on another thread ends something smaller (a connection, the engine), which is seen on the screen in its own
//! way; printing over the screen would help nobody, so its place is kept and can be said at the end.

use std::panic::PanicHookInfo;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use super::guard;

/// How many places are kept; the first ones tell the most.
const MAX_PLACES: usize = 16;

static PLACES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Puts this room before the panic hook that is there. Doing it again does nothing.
pub(super) fn stand_by() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| match guard::holder() {
            None => previous(panic),
            Some(holder) if holder == std::thread::current().id() => {
                guard::give_back_for_good();
                previous(panic);
            }
            Some(_) => keep(panic),
        }));
    });
}

/// Where other threads panicked while the screen was up (`file:line`), each told once.
pub fn contained() -> Vec<String> {
    std::mem::take(&mut *places())
}

fn keep(panic: &PanicHookInfo<'_>) {
    let place =
        panic.location().map_or_else(|| "unknown".into(), |at| format!("{}:{}", at.file(), at.line()));
    tracing::error!(place, "a fault in this program");
    let mut places = places();
    if places.len() < MAX_PLACES {
        places.push(place);
    }
}

fn places() -> MutexGuard<'static, Vec<String>> {
    PLACES.lock().unwrap_or_else(PoisonError::into_inner)
}
