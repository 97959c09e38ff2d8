//! What is done off the screen's thread, one after the other, and waited for at the end.
//!
//! A passphrase is stretched for a second and a profile has to be let go of before another takes it: neither may hold up a key. But
//! a thread that has a profile open must not be there any more when the process ends, so whoever sends one waits for it.

use std::thread::JoinHandle;

/// The last thread that was sent; each waits for the one before it. Dropped, all of them have ended.
#[derive(Debug, Default)]
pub struct Errands(Option<JoinHandle<()>>);

impl Errands {
    /// Does this on a thread, after everything before.
    pub fn then(&mut self, work: impl FnOnce() + Send + 'static) {
        let former = Errands(self.0.take());
        self.0 = Some(std::thread::spawn(move || {
            drop(former);
            work();
        }));
    }
}

impl Drop for Errands {
    fn drop(&mut self) {
        // A panic in there was kept by the panic hook.
        drop(self.0.take().map(JoinHandle::join));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::mpsc;

    use super::Errands;

    #[test]
    fn they_are_done_in_their_order_before_the_end() {
        let (told, heard) = mpsc::channel();
        let mut errands = Errands::default();
        for number in 0..10 {
            let told = told.clone();
            errands.then(move || told.send(number).unwrap());
        }
        drop((errands, told));
        assert_eq!(heard.try_iter().collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn one_that_fails_does_not_hold_up_the_next() {
        let (told, heard) = mpsc::channel();
        let mut errands = Errands::default();
        errands.then(|| std::panic::resume_unwind(Box::new(())));
        errands.then(move || told.send(()).unwrap());
        drop(errands);
        assert_eq!(heard.try_recv(), Ok(()));
    }
}
