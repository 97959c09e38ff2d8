//! A thread that has a profile open, and never outlives who owns it.
//!
//! SQLCipher clears its memory when the process ends. A thread that is still closing its database at that moment is torn out of it:
//! the process would end by a signal, and leave an image of its memory where that is the custom. So the owner waits, whether it
//! comes to its end by a word, an error or a panic.

use std::fmt;
use std::io;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::runtime::Runtime;

/// How long the end may be held up by work that only blocks, as a name that the system looks up for half a minute. None of it touches
/// the profile, which is closed by then.
const LAST_BREATH: Duration = Duration::from_secs(2);

/// Runs a future to its end on a runtime that is then over.
pub(super) fn run<T>(runtime: Runtime, work: impl Future<Output = T>) -> T {
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_BREATH);
    outcome
}

/// The thread; dropping this tells it to end and waits until it has.
pub struct Thread<T> {
    tell: Box<dyn Fn() + Send + Sync>,
    thread: Option<JoinHandle<T>>,
}

impl<T: Send + 'static> Thread<T> {
    /// Starts the thread. `tell` makes it end soon, and must not keep it going by being there.
    pub(super) fn start(
        name: &str,
        tell: impl Fn() + Send + Sync + 'static,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<Thread<T>> {
        let thread = Builder::new().name(name.to_owned()).spawn(work)?;
        Ok(Thread { tell: Box::new(tell), thread: Some(thread) })
    }
}

impl<T> Thread<T> {
    /// Waits until it has ended of its own accord.
    ///
    /// # Errors
    /// It panicked.
    pub fn join(mut self) -> std::thread::Result<T> {
        match self.thread.take() {
            Some(thread) => thread.join(),
            None => Err(Box::new("the thread was waited for already")),
        }
    }
}

impl<T> Drop for Thread<T> {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            (self.tell)();
            // A panic in there was kept by the panic hook.
            drop(thread.join());
        }
    }
}

impl<T> fmt::Debug for Thread<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").finish_non_exhaustive()
    }
}
