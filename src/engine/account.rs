//! The account's devices, signing out, and the way to the server: what the user does about the account rather than a chat.
//!
//! Signing out is the one thing here that takes several steps: the chats are closed so that nobody goes on writing to a device that is
//! gone, then the server is told, and only then is the key destroyed here. Without the server it is not done at all, for a device that
//! cannot be asked any more would stay on the account's list.

use std::future::ready;
use std::time::Duration;

use super::actor::Actor;
use super::command::Command;
use super::errands::{Done, connected};
use super::event::{Connection, Device, Event};
use super::server::on_the_way;
use super::sync::Sync;
use crate::cloud::fault::CloudError;
use crate::cloud::link::Link;
use crate::cloud::proxy::Proxy;
use crate::cloud::{authorizations, sign_in};
use crate::secret::record::ChatId;
use crate::secret::step::{self, ChatState, Input};
use crate::vault::VaultError;

/// Chats that the server has not discarded within this time are left to it: it ends them with the authorization.
const DISCARD_LIMIT: Duration = Duration::from_secs(10);

const NOT_OFFLINE: &str = "the server cannot be told now, and would keep this device on the account's list: \
    sign out when there is a connection, or end this device from another one";

const LEAVING: &str = "this device is being signed out already";

/// What is left here after signing out.
const LEFT: &str = "this device is signed out. Its secret chats are over, their history stays; sign in again with \
    `subrosa sign-in`";

/// How far signing out has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    /// Chats wait to be discarded.
    Discarding,
    LoggingOut,
}

/// What came of an errand about the account.
#[derive(Debug)]
pub(super) enum AccountNews {
    Devices(Result<Vec<Device>, CloudError>),
    /// Chats have been waited for long enough.
    PatienceOver,
    LoggedOut(Result<(), CloudError>),
}

impl Actor {
    /// Carries out what concerns the account.
    pub(super) fn account_command(&mut self, command: Command) -> Result<(), VaultError> {
        match command {
            Command::Devices => self.about_devices(|_| ready(Ok(()))),
            Command::Receive { device, receive } => {
                self.about_devices(move |link| async move {
                    authorizations::receive(&link, device, receive).await
                });
            }
            Command::EndDevice(device) => {
                self.about_devices(move |link| async move { authorizations::end(&link, device).await });
            }
            Command::SignOut { discard } => return self.sign_out(discard),
            Command::SetProxy(link) => self.set_proxy(link.expose()),
            _ => {}
        }
        Ok(())
    }

    /// Changes something about the devices and lists them as they are then.
    fn about_devices<F>(&self, change: impl FnOnce(Link) -> F + Send + 'static)
    where
        F: Future<Output = Result<(), CloudError>> + Send,
    {
        let link = self.link.clone();
        self.errand(async move {
            let outcome = async {
                connected(&link).await?;
                change(link.clone()).await?;
                authorizations::list(&link).await
            };
            Done::Account(AccountNews::Devices(outcome.await))
        });
    }

    pub(super) fn account_news(&mut self, news: AccountNews) -> Result<(), VaultError> {
        match news {
            AccountNews::Devices(Ok(devices)) => self.tell(Event::Devices(devices)),
            AccountNews::Devices(Err(fault)) => {
                // Whoever is not signed in learns why from the difference.
                if fault == CloudError::NotSignedIn {
                    self.differ();
                }
                self.tell(Event::Refused(fault.to_string()));
            }
            AccountNews::PatienceOver if self.leaving == Some(Leaving::Discarding) => self.log_out(),
            AccountNews::PatienceOver => {}
            AccountNews::LoggedOut(Ok(())) => {
                return self.end_authorization(Connection::Offline, LEFT.into());
            }
            AccountNews::LoggedOut(Err(fault)) => {
                self.leaving = None;
                self.tell(Event::Refused(format!("this device was not signed out: {fault}")));
            }
        }
        Ok(())
    }

    fn sign_out(&mut self, discard: bool) -> Result<(), VaultError> {
        if self.sync == Sync::Offline {
            self.tell(Event::Refused(NOT_OFFLINE.into()));
            return Ok(());
        }
        if self.leaving.is_some() {
            self.tell(Event::Refused(LEAVING.into()));
            return Ok(());
        }
        self.leaving = Some(Leaving::Discarding);
        if discard {
            for chat in self.bound_chats() {
                let close = step::Command::Close { chat, delete_history: false };
                self.step(Input::Command(close))?;
            }
            self.errand(async {
                tokio::time::sleep(DISCARD_LIMIT).await;
                Done::Account(AccountNews::PatienceOver)
            });
            self.go_on_leaving();
        } else {
            self.log_out();
        }
        Ok(())
    }

    /// The chats that die with this device. What others ask for may still be accepted on another one.
    fn bound_chats(&self) -> Vec<ChatId> {
        let bound = |state: &ChatState| !matches!(state, ChatState::Closed(_) | ChatState::Requested { .. });
        self.machine.views().filter(|view| bound(&view.state)).map(|view| view.id).collect()
    }

    /// Logs out once the chats are discarded.
    pub(super) fn go_on_leaving(&mut self) {
        if self.leaving == Some(Leaving::Discarding) && self.machine.discards_pending() == 0 {
            self.log_out();
        }
    }

    fn log_out(&mut self) {
        self.leaving = Some(Leaving::LoggingOut);
        let link = self.link.clone();
        self.errand(async move { Done::Account(AccountNews::LoggedOut(sign_in::log_out(&link).await)) });
    }

    /// The authorization is over, by whose will ever: its key is destroyed, its chats are dead, their history stays.
    pub(super) fn end_authorization(
        &mut self,
        connection: Connection,
        sentence: String,
    ) -> Result<(), VaultError> {
        if !std::mem::replace(&mut self.account.signed_in, false) {
            return Ok(());
        }
        self.leaving = None;
        self.account.auth_key = None;
        self.account.salt = 0;
        self.link_config.session = None;
        let stored = self.vault.put_account(&self.account);
        self.stored(stored);
        self.differ_at = None;
        self.dial_anew(Duration::ZERO);
        self.step(Input::SignedOut)?;
        self.tell(Event::Connection(connection));
        self.tell(Event::SignedOut(sentence));
        Ok(())
    }

    /// Goes another way to the server from now on.
    fn set_proxy(&mut self, link: &str) {
        let (own, way) = match self.way_by(link) {
            Ok(found) => found,
            Err(fault) => return self.tell(Event::Refused(fault.to_string())),
        };
        self.account.proxy = own.as_ref().map(Proxy::to_link);
        let stored = self.vault.put_account(&self.account);
        self.stored(stored);
        self.link_config.proxy = way;
        self.tell_proxy();
        self.dial_anew(Duration::ZERO);
    }

    /// The profile's own proxy by this link, and what is on the way with it: the same as after the next start.
    fn way_by(&self, link: &str) -> Result<(Option<Proxy>, Option<Proxy>), CloudError> {
        let own = Some(link.trim()).filter(|link| !link.is_empty()).map(Proxy::from_link).transpose();
        let own = own.map_err(CloudError::Proxy)?;
        let way = on_the_way(own.as_ref(), &self.account.server)?;
        Ok((own, way))
    }

    /// The proxy as it may be shown.
    pub(super) fn tell_proxy(&self) {
        self.tell(Event::Proxy(self.link_config.proxy.as_ref().map(Proxy::to_string)));
    }
}
