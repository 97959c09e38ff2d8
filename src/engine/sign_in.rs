//! Signing a profile in: a conversation of a few steps before there is an engine.
//!
//! It uses the same link as the engine and ends by storing account, key and the place in the update streams in one transaction.
//! Until then the profile has no account, and a sign-in that was broken off is simply begun again.

use tokio::sync::mpsc;

use super::server::{ServerProfile, keep_session};
use crate::cloud::fault::CloudError;
use crate::cloud::link::{EVENT_CAPACITY, Link, LinkEvent};
use crate::cloud::sign_in::{self, Application, CodeSent, Outcome, SignedIn};
use crate::secret::machine::Machine;
use crate::secret::record::{Moment, Person};
use crate::secret::step::Input;
use crate::vault::{Account, Vault, VaultError};

/// What can go wrong while signing in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(
        "this profile is signed in already, as +{0}: go on with it, or take another profile name; if the server does not know \
         this device any more, add --again, which ends the secret chats of this profile"
    )]
    Already(String),
    #[error("this profile belongs to +{0}: take another profile name for another account")]
    OtherAccount(String),
}

/// A sign-in under way: connected, a code was sent.
pub struct SignIn {
    vault: Vault,
    account: Account,
    link: Link,
    link_events: mpsc::Receiver<LinkEvent>,
    sent: CodeSent,
}

/// What the person has to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeWanted {
    /// Half a sentence: where the code was sent.
    pub by: &'static str,
    /// Its number of digits, where the server says so.
    pub length: Option<i32>,
}

/// What came of a code or a name.
pub enum SignInStep {
    /// The code was wrong; it can be tried again.
    WrongCode(SignIn),
    /// The number has no account here: a name makes one.
    NameWanted(SignIn),
    /// Signed in and stored.
    Done(Box<Person>),
}

impl SignIn {
    /// Connects and asks the server to send a code.
    ///
    /// # Errors
    /// [`SignInError::Already`] if the profile is signed in, unless `again` replaces that; [`SignInError::OtherAccount`] if it
    /// belongs to another number; otherwise what the server or the vault says.
    pub async fn begin(
        vault: Vault,
        server: ServerProfile,
        phone: &str,
        again: bool,
    ) -> Result<SignIn, SignInError> {
        if let Some(account) = vault.account()?.filter(|account| account.me.is_some()) {
            if account.phone != phone {
                return Err(SignInError::OtherAccount(account.phone));
            }
            if account.signed_in && !again {
                return Err(SignInError::Already(account.phone));
            }
        }
        let (told, link_events) = mpsc::channel(EVENT_CAPACITY);
        let link = Link::start(server.link_config()?, told);
        link.online().await?;
        let application = Application { api_id: server.api_id, api_hash: server.api_hash };
        let sent = sign_in::send_code(&link, &application, phone).await?;
        let account = Account {
            server: server.address,
            rsa_key: server.key,
            auth_key: None,
            salt: 0,
            time_offset: 0,
            phone: phone.into(),
            api_id: server.api_id,
            me: None,
            signed_in: false,
        };
        Ok(SignIn { vault, account, link, link_events, sent })
    }

    /// How the code travels.
    pub fn code(&self) -> CodeWanted {
        CodeWanted { by: self.sent.by, length: self.sent.length }
    }

    /// Tries a code.
    ///
    /// # Errors
    /// What the server or the vault says; a wrong code is not an error but [`SignInStep::WrongCode`].
    pub async fn try_code(self, code: &str) -> Result<SignInStep, SignInError> {
        match sign_in::sign_in(&self.link, &self.sent, code).await {
            Ok(Outcome::SignedIn(signed_in)) => self.finish(signed_in),
            Ok(Outcome::SignUpRequired) => Ok(SignInStep::NameWanted(self)),
            Err(CloudError::BadCode) => Ok(SignInStep::WrongCode(self)),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Makes an account under this name, after the right code for a number that has none.
    ///
    /// # Errors
    /// What the server or the vault says.
    pub async fn sign_up(self, first_name: &str, last_name: &str) -> Result<SignInStep, SignInError> {
        let signed_in = sign_in::sign_up(&self.link, &self.sent, first_name, last_name).await?;
        self.finish(signed_in)
    }

    fn finish(mut self, signed_in: SignedIn) -> Result<SignInStep, SignInError> {
        while let Ok(event) = self.link_events.try_recv() {
            if let LinkEvent::Session(session) = event {
                keep_session(&mut self.account, &session);
            }
        }
        self.end_former_chats()?;
        self.account.signed_in = true;
        self.account.me = Some(signed_in.me.clone());
        self.vault.sign_in(&self.account, signed_in.marks)?;
        Ok(SignInStep::Done(Box::new(signed_in.me)))
    }

    /// The chats of a former authorization are dead: they were bound to it, and its keys go with them. Their history stays.
    fn end_former_chats(&mut self) -> Result<(), VaultError> {
        let Some(me) = self.vault.account()?.and_then(|account| account.me) else { return Ok(()) };
        let mut machine = Machine::restore(me.id, self.vault.load()?);
        let now = Moment { unix_ms: 0, mono_ms: 0 };
        let step = machine.handle(Input::SignedOut, now, &mut rand::rng());
        step.commit.map_or(Ok(()), |commit| self.vault.commit(&commit))
    }
}
