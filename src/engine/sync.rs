//! The way from a connection to being up to date, and what arrives on it.
//!
//! After every connect, and whenever something may have been missed, the difference is fetched from what is committed; calls go
//! out only when it is in. The gate decides what a push is; here its verdicts are carried out and the next difference is planned.

use std::time::Duration;

use grammers_tl_types::{enums, functions};

use super::actor::Actor;
use super::errands::{Done, ends_authorization};
use super::event::{Connection, Event};
use crate::cloud::fault::CloudError;
use crate::cloud::link::{CALL_LIMIT, DIFFERENCE_LIMIT, LinkEvent, LinkState};
use crate::cloud::updates::{Change, Fetched, Inbound, Next, Verdict};
use crate::secret::step::{CallError, Input};
use crate::vault::VaultError;

/// Without any occasion the difference is asked for this often, as the protocol wants.
const DIFFER_EVERY: Duration = Duration::from_secs(15 * 60);

/// While a handshake is pending: a lost `updateEncryption` leaves no gap by which it would be noticed.
const DIFFER_EAGERLY: Duration = Duration::from_secs(30);

/// How often that is done before the slow rhythm is enough again: ten minutes of waiting.
pub(super) const EAGER_TIMES: u32 = 20;

/// A difference that failed while connected is asked for again after this.
const DIFFER_AGAIN: Duration = Duration::from_secs(5);

/// What is left of a device whose authorization is gone.
pub(super) const SIGNED_OUT: &str = "this device was signed out. Its secret chats cannot go on, their history stays; sign in \
    again with `subrosa sign-in`";

/// How far the connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sync {
    /// No connection, or none on which a difference has succeeded.
    Offline,
    /// A difference is on its way for the first time on this connection.
    CatchingUp,
    /// Caught up, and a further difference is on its way.
    Checking,
    /// Up to date.
    Online,
}

impl Actor {
    /// The link has something to tell.
    pub(super) fn link_told(&mut self, event: LinkEvent) -> Result<(), VaultError> {
        if !self.account.signed_in {
            return Ok(());
        }
        match event {
            LinkEvent::State(LinkState::Online) => {
                self.disconnected()?;
                self.tell(Event::Connection(Connection::Syncing));
                self.differ();
                Ok(())
            }
            // Said under the key that both hold, so it is the server's word.
            LinkEvent::State(LinkState::Refused(CloudError::Refused { code, name, .. }))
                if ends_authorization(&rpc(code, &name)) =>
            {
                self.signed_out(&rpc(code, &name))
            }
            LinkEvent::State(state) => {
                self.disconnected()?;
                self.tell(Event::Connection(in_words(state)));
                Ok(())
            }
            LinkEvent::Updates(updates) => self.updates_came(*updates),
            LinkEvent::Gap => {
                self.gate.doubt();
                self.differ();
                Ok(())
            }
            LinkEvent::Session(session) => {
                super::server::keep_session(&mut self.account, &session);
                self.link_config.session = Some(session);
                let stored = self.vault.put_account(&self.account);
                self.stored(stored);
                Ok(())
            }
        }
    }

    /// Whatever was in flight is lost. Idempotent.
    fn disconnected(&mut self) -> Result<(), VaultError> {
        self.generation += 1;
        self.differ_at = None;
        self.sync = Sync::Offline;
        self.gate.failed();
        self.step(Input::Offline)
    }

    /// Asks for the difference to what is committed, unless that is being done.
    pub(super) fn differ(&mut self) {
        self.differ_at = None;
        self.sync = match self.sync {
            Sync::Offline => Sync::CatchingUp,
            Sync::Online => Sync::Checking,
            Sync::CatchingUp | Sync::Checking => return,
        };
        self.fetch_difference();
    }

    fn fetch_difference(&mut self) {
        let call = self.gate.ask();
        let (link, generation) = (self.link.clone(), self.generation);
        self.errand(async move {
            let outcome = Box::new(link.invoke(&call, DIFFERENCE_LIMIT).await);
            Done::Difference { generation, outcome }
        });
    }

    pub(super) fn difference_came(
        &mut self,
        outcome: Result<enums::updates::Difference, CallError>,
    ) -> Result<(), VaultError> {
        match outcome {
            Ok(difference) => {
                let generation = self.generation;
                let Fetched { inbound, next } = self.gate.difference(difference);
                self.take_in(inbound)?;
                if generation != self.generation {
                    return Ok(());
                }
                match next {
                    Next::Again => self.fetch_difference(),
                    Next::State => self.fetch_state(),
                    Next::Done => return self.caught_up(),
                }
            }
            Err(fault) if ends_authorization(&fault) => return self.signed_out(&fault),
            Err(fault) => self.difference_failed(&fault),
        }
        Ok(())
    }

    fn difference_failed(&mut self, fault: &CallError) {
        tracing::warn!(%fault, "the difference could not be fetched");
        self.gate.failed();
        self.sync = match self.sync {
            Sync::Checking => Sync::Online,
            _ => Sync::Offline,
        };
        self.differ_at = Some(tokio::time::Instant::now() + DIFFER_AGAIN);
    }

    /// The server does not come to the end of its differences: its own statement of where it stands is taken instead.
    fn fetch_state(&self) {
        let (link, generation) = (self.link.clone(), self.generation);
        self.errand(async move {
            let outcome = link.invoke(&functions::updates::GetState {}, CALL_LIMIT).await;
            Done::State { generation, outcome }
        });
    }

    pub(super) fn state_came(
        &mut self,
        outcome: Result<enums::updates::State, CallError>,
    ) -> Result<(), VaultError> {
        match outcome {
            Ok(state) => {
                let generation = self.generation;
                let inbound = self.gate.state(state);
                self.take_in(inbound)?;
                if generation != self.generation {
                    return Ok(());
                }
                // Messages may wait behind the stored qts: one more difference, unless the server goes round in circles.
                if std::mem::replace(&mut self.stated, true) {
                    return self.caught_up();
                }
                self.fetch_difference();
                Ok(())
            }
            Err(fault) if ends_authorization(&fault) => self.signed_out(&fault),
            Err(fault) => {
                self.difference_failed(&fault);
                Ok(())
            }
        }
    }

    /// The difference is in; on a new connection the calls that the state wants go out now.
    fn caught_up(&mut self) -> Result<(), VaultError> {
        self.stated = false;
        let before = std::mem::replace(&mut self.sync, Sync::Online);
        if before == Sync::CatchingUp {
            self.step(Input::Online)?;
            if self.sync == Sync::Online {
                self.tell(Event::Connection(Connection::Online));
                self.get_acquainted();
                if self.active {
                    self.tell_presence();
                }
                self.mend_transfers()?;
                self.pump_transfers()?;
            }
        }
        self.plan_difference();
        Ok(())
    }

    fn updates_came(&mut self, updates: enums::Updates) -> Result<(), VaultError> {
        // Connected, but no difference has succeeded yet: the next one brings what this would.
        if self.sync == Sync::Offline {
            return Ok(());
        }
        match self.gate.offer(updates) {
            Verdict::Batch(inbound) => self.take_in(*inbound)?,
            Verdict::Nothing => {}
            Verdict::Difference => self.differ(),
        }
        Ok(())
    }

    /// People first, so that whoever asks for a chat has a name when the chat is told.
    fn take_in(&mut self, inbound: Inbound) -> Result<(), VaultError> {
        let Inbound { mut batch, people, changes, contacts_reset, logins } = inbound;
        // Self-destruct clocks count from here, by the clock of this machine rather than the server's.
        for read in &mut batch.reads {
            read.date = read.date.saturating_sub(self.account.time_offset);
        }
        self.meet(people);
        for (user, change) in &changes {
            if let Change::Blocked(blocked) = change {
                self.blocks.learn(*user, *blocked);
            }
        }
        self.change_people(changes);
        if contacts_reset {
            self.fetch_contacts();
        }
        for login in logins {
            self.tell(Event::NewLogin { device: login.device, location: login.location });
        }
        self.step(Input::Batch(batch))
    }

    /// Plans the next unprompted difference: soon while a handshake is pending, else seldom.
    pub(super) fn plan_difference(&mut self) {
        if self.sync != Sync::Online {
            return;
        }
        let now = tokio::time::Instant::now();
        let pending = self.machine.handshakes_pending();
        if pending > self.handshakes {
            self.eager_left = EAGER_TIMES;
        }
        self.handshakes = pending;
        if pending == 0 {
            self.eager_left = EAGER_TIMES;
        } else if self.eager_left > 0 && self.differ_at.is_none_or(|at| at > now + DIFFER_EAGERLY) {
            self.eager_left -= 1;
            self.differ_at = Some(now + DIFFER_EAGERLY);
        }
        self.differ_at.get_or_insert(now + DIFFER_EVERY);
    }

    /// The authorization is gone: another device ended it, or the server lost it. The chats are dead, their history stays, and
    /// the profile may be signed in again.
    pub(super) fn signed_out(&mut self, fault: &CallError) -> Result<(), VaultError> {
        let sentence = format!("{fault}: {SIGNED_OUT}");
        self.end_authorization(Connection::Refused(sentence.clone()), sentence)
    }

    /// At start, of a profile that was signed out before. That its chats ended with it may not have been stored.
    pub(super) fn still_signed_out(&mut self) -> Result<(), VaultError> {
        if self.account.signed_in {
            return Ok(());
        }
        self.step(Input::SignedOut)?;
        self.tell(Event::Connection(Connection::Refused(SIGNED_OUT.into())));
        self.tell(Event::SignedOut(SIGNED_OUT.into()));
        Ok(())
    }
}

fn rpc(code: i32, name: &str) -> CallError {
    CallError::Rpc { code, name: name.into(), value: None }
}

pub(super) fn in_words(state: LinkState) -> Connection {
    match state {
        LinkState::Offline => Connection::Offline,
        LinkState::Connecting => Connection::Connecting,
        LinkState::Online => Connection::Syncing,
        LinkState::Waiting { until_unix_ms, why } => {
            Connection::Waiting { until_unix_ms, reason: why.to_string() }
        }
        LinkState::Refused(why) => Connection::Refused(why.to_string()),
    }
}
