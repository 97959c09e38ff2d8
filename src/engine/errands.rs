//! Errands: what takes time and runs beside the actor, and what is done when it comes back.
//!
//! Calls and the test of a prime run as tasks; each ends as a [`Done`] in the actor's queue. An errand that an earlier
//! connection lost says nothing: the machine was told of that connection's end already.

use std::future::Future;

use grammers_tl_types::enums;

use super::account::AccountNews;
use super::actor::Actor;
use super::people;
use super::transfers::{self, SendFile};
use crate::cloud::calls::Repeat;
use crate::cloud::fault::CloudError;
use crate::cloud::link::Link;
use crate::cloud::{account, calls};
use crate::secret::exchange::is_safe_prime;
use crate::secret::file::Source;
use crate::secret::message::Attachment;
use crate::secret::record::PrimeVerdict;
use crate::secret::step::{Answer, Call, CallError, CallKey, Input};
use crate::vault::VaultError;

/// An errand that has come back.
#[derive(Debug)]
pub(super) enum Done {
    Answer { generation: u64, to: CallKey, outcome: Result<Answer, CallError> },
    Difference { generation: u64, outcome: Box<Result<enums::updates::Difference, CallError>> },
    State { generation: u64, outcome: Result<enums::updates::State, CallError> },
    Prime(PrimeVerdict),
    People(people::News),
    Inspected { wish: SendFile, outcome: Box<Result<(Attachment, Source), String>> },
    Transfer { key: transfers::Key, news: transfers::News },
    Account(AccountNews),
}

impl Actor {
    /// Runs something beside the actor; its outcome comes back through [`errand_done`](Self::errand_done).
    pub(super) fn errand(&self, work: impl Future<Output = Done> + Send + 'static) {
        let done = self.done.clone();
        tokio::spawn(async move {
            // The actor may have stopped meanwhile.
            let _ = done.send(work.await);
        });
    }

    pub(super) fn invoke(&self, call: Call) {
        let link = self.link.clone();
        if calls::repeat(&call) == Repeat::Never {
            // Nothing follows from its outcome.
            tokio::spawn(async move { calls::perform(&link, call).await });
            return;
        }
        let (generation, to) = (self.generation, call.key());
        self.errand(
            async move { Done::Answer { generation, to, outcome: calls::perform(&link, call).await } },
        );
    }

    pub(super) fn acknowledge(&self, qts: i32) {
        let (link, generation, to) = (self.link.clone(), self.generation, CallKey::Queue(qts));
        self.errand(async move {
            let outcome = calls::acknowledge(&link, qts).await.map(|()| Answer::Done);
            Done::Answer { generation, to, outcome }
        });
    }

    pub(super) fn check_prime(&self, p: Vec<u8>) {
        let done = self.done.clone();
        tokio::task::spawn_blocking(move || {
            let good = is_safe_prime(&p, &mut rand::rng());
            let _ = done.send(Done::Prime(PrimeVerdict { p, good }));
        });
    }

    /// Says whether somebody is here. Nothing follows from its outcome; a new connection says it again.
    pub(super) fn tell_presence(&self) {
        if self.sync == super::sync::Sync::Online {
            let (link, active) = (self.link.clone(), self.active);
            tokio::spawn(async move { account::set_online(&link, active).await });
        }
    }

    /// An errand has come back.
    pub(super) fn errand_done(&mut self, done: Done) -> Result<(), VaultError> {
        match done {
            Done::Answer { generation, outcome: Err(CallError::Lost), .. }
                if generation != self.generation =>
            {
                Ok(())
            }
            Done::Answer { outcome: Err(fault), .. } if ends_authorization(&fault) => self.signed_out(&fault),
            Done::Answer { to, outcome, .. } => {
                self.step(Input::Answer { to, outcome })?;
                self.go_on_leaving();
                Ok(())
            }
            Done::Difference { generation, outcome } if generation == self.generation => {
                self.difference_came(*outcome)
            }
            Done::State { generation, outcome } if generation == self.generation => self.state_came(outcome),
            Done::Difference { .. } | Done::State { .. } => Ok(()),
            Done::Prime(verdict) => self.step(Input::Prime(verdict)),
            Done::Inspected { wish, outcome } => self.inspected(wish, *outcome),
            Done::Transfer { key, news } => self.transfer_news(key, news),
            Done::Account(news) => self.account_news(news),
            Done::People(news) => {
                self.people_came(news);
                Ok(())
            }
        }
    }
}

/// Whether an error says that this device is no longer signed in. Other 401s are about a call, not about the device.
pub(super) fn ends_authorization(fault: &CallError) -> bool {
    const NAMES: [(i32, &str); 6] = [
        (401, "AUTH_KEY_UNREGISTERED"),
        (401, "SESSION_REVOKED"),
        (401, "SESSION_EXPIRED"),
        (401, "USER_DEACTIVATED"),
        (401, "USER_DEACTIVATED_BAN"),
        // The key was seen in two places at once: the server has given it up.
        (406, "AUTH_KEY_DUPLICATED"),
    ];
    matches!(fault, CallError::Rpc { code, name, .. } if NAMES.contains(&(*code, name.as_str())))
}

/// Waits for a connection that is being made. Why there is none is told by the connection's own state.
pub(super) async fn connected(link: &Link) -> Result<(), CloudError> {
    link.online().await.map_err(|_| CloudError::Offline)
}
