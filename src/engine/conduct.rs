//! The durability rule: commit, then effects, and what happens when a commit fails.
//!
//! This is the one function through which inputs reach the machine. When the disk refuses, the machine in memory knows more than
//! the disk does; it is thrown away, restored from the vault, and the connection starts over, so that whatever the lost step had
//! taken in is delivered again.

use super::actor::Actor;
use super::event::Event;
use super::fate::Edge;
use crate::cloud::updates::Gate;
use crate::secret::machine::Machine;
use crate::secret::step::{Effect, Input};
use crate::vault::VaultError;

impl Actor {
    /// Lets the machine handle an input and carries out what follows, durable before visible.
    ///
    /// # Errors
    /// Only if after a failed commit the vault cannot be read either: then there is nothing to go on with.
    pub fn step(&mut self, input: Input) -> Result<(), VaultError> {
        let now = self.now();
        let step = self.machine.handle(input, now, &mut rand::rng());
        if let Some(commit) = &step.commit {
            self.fate.meet(Edge::Before);
            if let Err(fault) = self.vault.commit(commit) {
                return self.recover(&fault);
            }
            self.fate.meet(Edge::After);
            self.gate.committed(self.machine.marks());
        }
        for effect in step.effects {
            self.carry_out(effect);
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
            Effect::WakeAt { unix_ms } => {
                self.wake_at = Some(self.wake_at.map_or(unix_ms, |earlier| earlier.min(unix_ms)));
            }
        }
    }

    /// Memory is never ahead of the disk: back to what is stored.
    fn recover(&mut self, fault: &VaultError) -> Result<(), VaultError> {
        tracing::error!(%fault, "a commit failed");
        self.tell(Event::Refused(format!("nothing of this was stored: {fault}")));
        self.machine = Machine::restore(self.me.id, self.vault.load()?);
        self.gate = Gate::new(self.machine.marks());
        self.wake_at = None;
        self.dial_anew();
        self.tell_chats()
    }
}
