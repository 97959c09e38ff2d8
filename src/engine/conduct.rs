//! The durability rule: commit, then effects, and what happens when a commit fails.
//!
//! This is the one function through which inputs reach the machine. When the disk refuses, the machine in memory knows more than
//! the disk does; it is thrown away, restored from the vault, and the connection starts over, so that whatever the lost step had
//! taken in is delivered again.

use std::time::Duration;

use super::actor::Actor;
use super::event::Event;
use super::fate::Edge;
use crate::cloud::updates::Gate;
use crate::secret::machine::Machine;
use crate::secret::step::{Effect, Input};
use crate::vault::VaultError;

/// The pause after a commit that failed, doubled each time: a full disk does not empty itself faster by being tried.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl Actor {
    /// Lets the machine handle an input and carries out what follows, durable before visible.
    ///
    /// # Errors
    /// Only if after a failed commit the vault cannot be read either: then there is nothing to go on with.
    pub fn step(&mut self, input: Input) -> Result<(), VaultError> {
        let now = self.now();
        let step = self.machine.handle(input, now, &mut rand::rng());
        let mut ending = Vec::new();
        if let Some(commit) = &step.commit {
            ending = self.uploads_ending_with(commit)?;
            self.fate.meet(Edge::Before);
            if let Err(fault) = self.vault.commit(commit) {
                return self.recover(&fault);
            }
            self.failed_commits = 0;
            self.fate.meet(Edge::After);
            self.gate.committed(self.machine.marks());
        }
        for effect in step.effects {
            self.carry_out(effect);
        }
        self.tell_ended(&ending);
        if let Some(commit) = &step.commit {
            self.follow_transfers(commit)?;
        }
        self.plan_difference();
        Ok(())
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Invoke(call) => self.invoke(call),
            Effect::Acknowledge { qts } => self.acknowledge(qts),
            Effect::CheckPrime { p } => self.check_prime(p),
            Effect::Event(event) => self.tell(Event::Chat(event)),
            Effect::WakeAt { unix_ms } => self.wake_by(unix_ms),
        }
    }

    /// Turned into a moment of the clock that only rises: a wall clock set back must not put it off.
    fn wake_by(&mut self, unix_ms: i64) {
        let left = u64::try_from(unix_ms.saturating_sub(self.now().unix_ms)).unwrap_or(0);
        let at = tokio::time::Instant::now() + Duration::from_millis(left);
        self.wake_at = Some(self.wake_at.map_or(at, |earlier| earlier.min(at)));
    }

    /// Memory is never ahead of the disk: back to what is stored.
    fn recover(&mut self, fault: &VaultError) -> Result<(), VaultError> {
        tracing::error!(%fault, "a commit failed");
        if self.failed_commits == 0 {
            self.tell(Event::Refused(format!("nothing of this was stored: {fault}")));
        }
        let clock = self.machine.clock();
        self.machine = Machine::restore(self.me.id, self.vault.load()?).with_clock(clock);
        self.gate = Gate::new(self.machine.marks());
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failed_commits.min(6)).min(LONGEST_PAUSE);
        // What should have been destroyed is tried again even without a connection.
        self.wake_at = Some(tokio::time::Instant::now() + pause);
        self.failed_commits += 1;
        self.dial_anew(pause);
        Ok(())
    }
}
